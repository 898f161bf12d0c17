//! Takes what is ready, carries it out, and writes down what came of it.
//!
//! It sleeps until a commit says that there is work, a job ends, the next one becomes ready, or a
//! clock is moved. What is ready is looked up by a reader and taken in the background lane of the
//! writer, several at a time; each end is written there too, and shares its commit with others.
//!
//! A destination has a bounded number of places, so one that hangs keeps those and nobody else's.
//! An attempt that takes too long is given up. A panic, of the job itself or of what it records, is
//! the failure of that attempt and of nothing else.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::queue::Take;
use super::{CUT_OFFS_MAX, Done, Job, JobError, Kind, Record, actions, queue};
use crate::app::App;
use crate::backup;
use crate::clock::Timestamp;
use crate::db::Topic;
use crate::error::{self, Result};
use crate::ids::JobId;

/// What a job does.
pub type Run = fn(App, Job) -> Running;
/// A job under way.
pub type Running = Pin<Box<dyn Future<Output = Result<Done, JobError>> + Send>>;

/// What is recorded of a job that is given up, and why.
pub type GivenUp = fn(&Job, &str, Timestamp) -> Option<Record>;

/// A kind, and what its jobs do.
pub struct Entry {
    /// The kind.
    pub kind: &'static Kind,
    /// What its jobs do.
    pub run: Run,
    /// What is written with the end of a job that is given up for a reason which is not its own: it
    /// panicked, it took too long, something of ours was broken. What it was about must not wait on.
    pub given_up: Option<GivenUp>,
}

/// Jobs that run at a time.
const AT_ONCE: usize = 32;
/// Jobs that are taken in one write.
const CLAIM: usize = 32;
/// The longest sleep: the machine's clock may be set meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// After a failed look at the queue.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// The one that runs jobs.
pub struct Runner {
    app: App,
    table: &'static [Entry],
    places: Arc<Places>,
}

/// Who runs, by kind and destination.
#[derive(Default)]
struct Places {
    taken: Mutex<HashMap<(&'static str, String), usize>>,
    freed: Notify,
}

impl Places {
    fn with<T>(&self, run: impl FnOnce(&mut HashMap<(&'static str, String), usize>) -> T) -> T {
        run(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a place, if there is one.
    fn take(&self, kind: &'static Kind, destination: &str) -> bool {
        self.with(|taken| {
            let of_kind = taken.iter().filter(|((name, _), _)| *name == kind.name);
            let in_all: usize = of_kind.map(|(_, count)| count).sum();
            // Work of one lane is one at a time, whatever its kind: its order is the point of it.
            let lane: usize = if kind.at_once == 1 {
                let same = taken.iter().filter(|((_, other), _)| other == destination);
                same.map(|(_, count)| count).sum()
            } else {
                0
            };
            let key = (kind.name, destination.to_owned());
            let here = taken.get(&key).copied().unwrap_or(0);
            let free = lane == 0 && here < kind.at_once && in_all < kind.at_once_in_all;
            if free {
                taken.insert(key, here + 1);
            }
            free
        })
    }

    fn free(&self, kind: &'static Kind, destination: &str) {
        self.with(|taken| {
            let key = (kind.name, destination.to_owned());
            match taken.get_mut(&key) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(taken.remove(&key)),
            }
        });
        self.freed.notify_one();
    }

    fn count(&self) -> usize {
        self.with(|taken| taken.values().sum())
    }
}

impl Runner {
    /// A runner of these kinds. What was running when the last process ended is taken back.
    pub async fn start(app: App, table: &'static [Entry]) -> Result<Self> {
        let now = app.clock.now();
        let recovered = app
            .db
            .write_background(move |tx| actions::recover(tx, now))
            .await?;
        if recovered > 0 {
            tracing::info!(
                recovered,
                "jobs had been cut off by the end of the last process"
            );
        }
        Ok(Self {
            app,
            table,
            places: Arc::default(),
        })
    }

    /// Runs jobs until `stop` is told, then waits for those that run; whoever aborts it cuts them
    /// off.
    pub async fn run(self, stop: Arc<Notify>) {
        let mut running = JoinSet::new();
        let mut changed = self.app.db.changed(Topic::Jobs);
        let mut moved = self.app.clock.moved();
        loop {
            changed.mark_unchanged();
            moved.mark_unchanged();
            let sleep = match self.begin(&mut running).await {
                Ok(sleep) => sleep,
                Err(error) => {
                    tracing::warn!(?error, "the queue of jobs could not be read");
                    AFTER_FAILURE
                }
            };
            while running.try_join_next().is_some() {}
            tokio::select! {
                _ = changed.changed() => {}
                _ = moved.changed() => {}
                () = self.places.freed.notified() => {}
                () = tokio::time::sleep(sleep) => {}
                () = stop.notified() => break,
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Runs what is ready until nothing is; for tests and for commands.
    pub async fn drain(&self) -> Result<usize> {
        let mut running = JoinSet::new();
        let mut done = 0;
        loop {
            let before = running.len();
            self.begin(&mut running).await?;
            if running.is_empty() {
                return Ok(done);
            }
            if running.len() == before || self.places.count() >= AT_ONCE {
                running.join_next().await;
                done += 1;
            }
            while running.try_join_next().is_some() {
                done += 1;
            }
        }
    }

    /// Begins what is ready and has a place; gives how long there is nothing to do by the clock.
    async fn begin(&self, running: &mut JoinSet<()>) -> Result<Duration> {
        let now = self.app.clock.now();
        loop {
            let wanted = self.look(now)?;
            if wanted.is_empty() {
                break;
            }
            let ids: Vec<JobId> = wanted.iter().map(|wanted| wanted.id).collect();
            let claimed = self
                .app
                .db
                .write_background(move |tx| actions::claim(tx, &ids, now))
                .await;
            let mut claimed = match claimed {
                Ok(claimed) => claimed,
                Err(error) => {
                    self.free_all(&wanted);
                    return Err(error);
                }
            };
            for wanted in wanted {
                let found = claimed.iter().position(|job| job.id == wanted.id);
                match found {
                    Some(place) => self.spawn(running, wanted.entry, claimed.swap_remove(place)),
                    None => self.free(&wanted),
                }
            }
        }
        let next = self
            .app
            .db
            .read_now(|conn| queue::next_ready_at(conn, now))?;
        let sleep_ms = next.map_or(i64::MAX, |next| next.since_ms(now).max(1));
        let sleep = Duration::from_millis(u64::try_from(sleep_ms).unwrap_or(u64::MAX));
        Ok(sleep.min(LONGEST_SLEEP))
    }

    fn free_all(&self, wanted: &[Wanted]) {
        for wanted in wanted {
            self.free(wanted);
        }
    }

    fn free(&self, wanted: &Wanted) {
        self.places.free(wanted.entry.kind, &wanted.destination);
    }

    /// What is ready and has a place, with its place taken.
    fn look(&self, now: Timestamp) -> Result<Vec<Wanted>> {
        let room = AT_ONCE.saturating_sub(self.places.count()).min(CLAIM);
        let mut wanted: Vec<Wanted> = Vec::new();
        if room == 0 {
            return Ok(wanted);
        }
        let looked = self.app.db.read_now(|conn| {
            let quiet = backup::quiet_since(conn)?.is_some();
            queue::ready(conn, now, |kind, destination, id| {
                let entry = self.table.iter().find(|entry| entry.kind.name == kind);
                // A kind of a newer program waits for that program.
                if let Some(entry) = entry
                    && !(quiet && entry.kind.leaves)
                    && self.places.take(entry.kind, destination)
                {
                    wanted.push(Wanted {
                        id,
                        entry,
                        destination: destination.to_owned(),
                    });
                }
                if wanted.len() < room {
                    Take::GoOn
                } else {
                    Take::Enough
                }
            })
        });
        if let Err(error) = looked {
            self.free_all(&wanted);
            return Err(error);
        }
        Ok(wanted)
    }

    fn spawn(&self, running: &mut JoinSet<()>, entry: &'static Entry, job: Job) {
        let (app, places) = (self.app.clone(), Arc::clone(&self.places));
        running.spawn(async move {
            let destination = job.destination.clone();
            attempt(&app, entry, job).await;
            places.free(entry.kind, &destination);
        });
    }
}

struct Wanted {
    id: JobId,
    entry: &'static Entry,
    destination: String,
}

/// One attempt, from the job's first step to the commit of its end.
async fn attempt(app: &App, entry: &'static Entry, job: Job) {
    let kind = entry.kind;
    let run = {
        let (app, job) = (app.clone(), job.clone());
        // Inside, so that a panic before the first step is caught as well.
        async move {
            if job.cut_offs >= CUT_OFFS_MAX {
                let why = format!("The server ended {} times while it ran.", job.cut_offs);
                return Err(JobError::for_good(why));
            }
            (entry.run)(app, job).await
        }
    };
    let caught = AssertUnwindSafe(run).catch_unwind();
    let outcome = match tokio::time::timeout(kind.timeout, caught).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => {
            let text = text_of(&*panic).to_owned();
            tracing::error!(job.id = %job.id, job.kind = kind.name, panic = text, "a job panicked");
            Err(JobError::later(format!("It panicked: {text}")))
        }
        Err(_) => Err(JobError::later(format!(
            "It took longer than {} seconds.",
            kind.timeout.as_secs()
        ))),
    };
    if let Err(error) = &outcome {
        tracing::warn!(job.id = %job.id, job.kind = kind.name, why = error.why, "a job failed");
    }
    let mut outcome = outcome;
    // What was done outside cannot be undone: its end is written down, however long that takes.
    while let Err(failed) = write_end(app, entry, &job, outcome.clone()).await {
        tracing::error!(job.id = %job.id, error = ?failed, "the end of a job could not be written");
        if app.db.is_closed() {
            return;
        }
        tokio::time::sleep(AFTER_FAILURE).await;
        // A database that is full or busy takes the same end later; a record that cannot be
        // written never is.
        if failed.code().kind() != error::Kind::Unavailable {
            outcome = Err(JobError::later(format!(
                "Its end was not written: {failed:?}"
            )));
        }
    }
}

async fn write_end(
    app: &App,
    entry: &'static Entry,
    job: &Job,
    mut outcome: Result<Done, JobError>,
) -> Result<()> {
    let (kind, now) = (entry.kind, app.clock.now());
    if let (Err(error), Some(given_up)) = (&mut outcome, entry.given_up)
        && error.record.is_none()
        && (!error.again || job.is_last_attempt(kind))
    {
        error.record = given_up(job, &error.why, job.at(&app.clock));
    }
    let job = job.clone();
    app.db
        .write_background(move |tx| actions::finish(tx, kind, &job, outcome, now).map(drop))
        .await
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&'static str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
