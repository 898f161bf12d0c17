//! Work that is done after a commit: one durable queue.
//!
//! A job is a row that is written with the change that it follows from, so there is none for what
//! was rolled back and none is missing for what was committed. The runner ([`runner`]) wakes after
//! the commit, takes what is ready, carries it out, and writes down what came of it in one
//! transaction with whatever the job itself has to record.
//!
//! # Life
//!
//! `queued` → `running` → `succeeded`, or back to `queued` after a pause if it may succeed later, or
//! `failed` once its attempts are used up. The lease of a running job is its status: one process owns
//! the database, so whatever is `running` when that starts was cut off. A repeatable job is then
//! queued again, [`CUT_OFFS_MAX`] times in turn at most; one that must not run twice ends as
//! `interrupted` and is shown.
//!
//! A schedule is one row too (`recurring`): when it ends, well or badly, it is queued for its next
//! time. It is never `succeeded`; `ended_at` and `error` tell of the last time.
//!
//! # Time and order
//!
//! `due_at` is the tenant's time, `ready_at` the same moment by the server's clock. Advancing a test
//! tenant's clock makes its jobs ready; they see their own due time as the present ([`Job::at`]), so
//! a year that passes in a second leaves the events that the year would have left. Jobs of one
//! destination start in the order of `ready_at`, then kind, then id; where a destination takes one at
//! a time, that is the order in which they are carried out.
//!
//! Invariant: nothing leaves the process from a job while the server is quiet ([`Kind::leaves`]).

pub mod actions;
pub mod queue;
pub mod runner;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::caller::Tenant;
use crate::clock::{Clock, DAY_MS, MINUTE_MS, SECOND_MS, Timestamp};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::JobId;

/// How long ended jobs are kept to be looked at.
pub const KEPT_MS: i64 = 7 * DAY_MS;

/// A job during which the process ended so often in turn is given up: it may be what ends it, and a
/// server that ends at each start serves nobody.
pub const CUT_OFFS_MAX: u32 = 10;

/// What all jobs of a kind have in common.
#[derive(Debug)]
pub struct Kind {
    /// Its name in the queue.
    pub name: &'static str,
    /// True if it speaks to somebody outside: it waits while the server is quiet.
    pub leaves: bool,
    /// False if it must not run again where it was cut off.
    pub repeatable: bool,
    /// How many may run at a time for one destination.
    pub at_once: usize,
    /// How many may run at a time for all destinations together.
    pub at_once_in_all: usize,
    /// Longer than this an attempt does not take.
    pub timeout: Duration,
    /// The pauses between attempts, each ±20 %. After the last of them it has failed.
    pub pauses_ms: &'static [i64],
    /// For a schedule: when it comes again.
    pub every: Option<Every>,
    /// For a schedule: the lane in which it is carried out, where that is not its owner's.
    pub lane: Option<&'static str>,
}

/// What a schedule or a job is where nothing else is said: it stays inside, may be repeated, runs
/// alone, and is tried for an hour.
pub const PLAIN: Kind = Kind {
    name: "",
    leaves: false,
    repeatable: true,
    at_once: 1,
    at_once_in_all: 4,
    timeout: Duration::from_mins(2),
    pauses_ms: &[5 * SECOND_MS, MINUTE_MS, 10 * MINUTE_MS, 50 * MINUTE_MS],
    every: None,
    lane: None,
};

/// When a schedule comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// After so many milliseconds.
    Ms(i64),
    /// Each day at so many milliseconds after midnight UTC.
    DayAt(i64),
}

impl Every {
    /// The first time after `time`.
    pub fn after(self, time: Timestamp) -> Timestamp {
        let (period, phase) = match self {
            Self::Ms(period) => (period.max(SECOND_MS), 0),
            Self::DayAt(phase) => (DAY_MS, phase.rem_euclid(DAY_MS)),
        };
        let past = (time.as_ms() - phase).rem_euclid(period);
        time.plus_ms(period - past)
    }
}

impl Kind {
    /// The pause after an attempt that failed, or none if that was the last.
    ///
    /// The jitter is made of the job and the attempt: it keeps jobs that failed together from
    /// coming back together, and needs no randomness for it.
    pub fn pause_ms(&self, id: JobId, attempt: u32) -> Option<i64> {
        let place = usize::try_from(attempt).ok()?.checked_sub(1)?;
        let pause = *self.pauses_ms.get(place)?;
        let seed = i64::from(crc32fast::hash(format!("{id} {attempt}").as_bytes()) % 401);
        Some(pause + pause * (seed - 200) / 1_000)
    }

    /// How often it is tried.
    pub fn attempts(&self) -> u32 {
        u32::try_from(self.pauses_ms.len() + 1).unwrap_or(u32::MAX)
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// It waits for its time or its turn.
    Queued,
    /// It is being carried out.
    Running,
    /// It is done.
    Succeeded,
    /// It was given up.
    Failed,
    /// The server ended while it ran, and it must not run twice.
    Interrupted,
}

impl JobStatus {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("queued", Self::Queued),
        ("running", Self::Running),
        ("succeeded", Self::Succeeded),
        ("failed", Self::Failed),
        ("interrupted", Self::Interrupted),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A job as it is kept.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The name of its kind.
    pub kind: String,
    /// Whose clock it goes by; none for the server's own.
    pub tenant: Option<Tenant>,
    /// With whom it speaks.
    pub destination: String,
    /// The id of what it is about.
    pub about: Option<String>,
    /// JSON: what else it has to know.
    pub payload: String,
    /// Where it stands.
    pub status: String,
    /// Whether it may run again where it was cut off.
    pub repeatable: bool,
    /// Whether it is a schedule.
    pub recurring: bool,
    /// When it is to run, by the tenant's clock.
    pub due_at: Timestamp,
    /// The same by the server's clock.
    pub ready_at: Timestamp,
    /// Attempts so far, this one included.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// How far it is, in words.
    pub progress: Option<String>,
    /// When the last attempt began.
    pub started_at: Option<Timestamp>,
    /// When it ended; of a schedule, the last time.
    pub ended_at: Option<Timestamp>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When its status last changed.
    pub updated_at: Timestamp,
    /// How often in turn the process ended while it ran.
    pub cut_offs: u32,
}

impl Job {
    /// The present, as the job has to see it: a test tenant's job runs at its due time, whenever
    /// that was reached; any other at the server's.
    pub fn at(&self, clock: &Clock) -> Timestamp {
        match self.tenant {
            Some(tenant) if !tenant.mode().is_live() => self.due_at.min(clock.now_of(&tenant)),
            Some(_) | None => clock.now(),
        }
    }

    /// The tenant of a job that has one.
    pub fn owner(&self) -> Result<Tenant> {
        self.tenant
            .ok_or_else(|| Error::bug("a tenant's job has no tenant"))
    }

    /// Whether this attempt is the last.
    pub fn is_last_attempt(&self, kind: &Kind) -> bool {
        self.attempts >= kind.attempts()
    }
}

/// A job that is not written yet.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Its id, drawn before the write.
    pub id: JobId,
    /// Whose clock it goes by.
    pub tenant: Option<Tenant>,
    /// With whom it speaks.
    pub destination: String,
    /// The id of what it is about.
    pub about: Option<String>,
    /// What else it has to know; never a secret.
    pub payload: Value,
    /// When it is to run, by the tenant's clock.
    pub due_at: Timestamp,
    /// The same by the server's clock.
    pub ready_at: Timestamp,
}

impl NewJob {
    /// A job of the server's own, to run at once.
    pub fn now(at: Timestamp, destination: &str) -> Self {
        Self {
            id: JobId::new(at),
            tenant: None,
            destination: destination.to_owned(),
            about: None,
            payload: Value::Object(serde_json::Map::new()),
            due_at: at,
            ready_at: at,
        }
    }
}

/// What a job records together with its own end. It can be written again: a write that was not
/// saved for want of room must not lose what was done outside.
pub type Record = Arc<dyn Fn(&Tx<'_>) -> Result<()> + Send + Sync>;

/// A job that is done.
#[derive(Clone, Default)]
pub struct Done {
    pub(super) record: Option<Record>,
}

impl Done {
    /// Done, with nothing to record.
    pub fn plain() -> Self {
        Self::default()
    }

    /// Done; `record` is written in the transaction that ends the job.
    pub fn with(record: impl Fn(&Tx<'_>) -> Result<()> + Send + Sync + 'static) -> Self {
        Self {
            record: Some(Arc::new(record)),
        }
    }
}

/// Why a job was not done.
#[derive(Clone)]
pub struct JobError {
    pub(super) why: String,
    pub(super) again: bool,
    pub(super) record: Option<Record>,
}

impl JobError {
    /// It may succeed later.
    pub fn later(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            again: true,
            record: None,
        }
    }

    /// It never succeeds.
    pub fn for_good(why: impl Into<String>) -> Self {
        Self {
            again: false,
            ..Self::later(why)
        }
    }

    /// Writes `record` in the transaction that notes the failure.
    #[must_use]
    pub fn with(mut self, record: impl Fn(&Tx<'_>) -> Result<()> + Send + Sync + 'static) -> Self {
        self.record = Some(Arc::new(record));
        self
    }
}

/// A failure of ours may pass: it is tried again.
impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        Self::later(format!("{error:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::HOUR_MS;

    #[test]
    fn a_schedule_comes_at_its_next_time_and_never_at_the_present() {
        let noon = Timestamp::from_ms(1_780_488_000_000);
        let at_three = Every::DayAt(3 * HOUR_MS);

        assert_eq!(at_three.after(noon).to_string(), "2026-06-04T03:00:00.000Z");
        let three = at_three.after(noon);
        assert_eq!(at_three.after(three), three.plus_ms(DAY_MS));
        assert_eq!(at_three.after(three.plus_ms(-1)), three);
        assert_eq!(Every::Ms(HOUR_MS).after(noon), noon.plus_ms(HOUR_MS));
    }

    #[test]
    fn pauses_differ_by_a_fifth_at_most_and_end() {
        let ids: Vec<JobId> = (0..100)
            .map(|ms| JobId::new(Timestamp::from_ms(ms)))
            .collect();
        let pauses: Vec<i64> = ids.iter().filter_map(|id| PLAIN.pause_ms(*id, 2)).collect();

        assert_eq!(pauses.len(), 100);
        assert!(pauses.iter().all(|pause| (48_000..=72_000).contains(pause)));
        assert!(pauses.iter().any(|pause| *pause != pauses[0]));
        assert_eq!(PLAIN.pause_ms(ids[0], PLAIN.attempts()), None);
    }
}
