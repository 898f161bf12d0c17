//! Workout logs: what a client did in a training.
//!
//! A log is of a planned session (its program and its place) or of none. It keeps the sets as they
//! were entered: repetitions, load in the unit of the day, RPE or RIR and never one made of the
//! other, whether it hurt, why something was skipped, and what was done instead of what.
//!
//! A log is `done`, `partial`, `missed` or `excused`; the last says that the plan was not meant for
//! that day. Each set of work is held against the client's personal records ([`records`]): a new
//! best is kept, told in the answer, and is an event.
//!
//! A mistake can be mended: a log is changed or removed by whoever may log. What stands on it follows,
//! in the same transaction: the records are worked out again from all logs of the exercise, and what
//! Today says of the log (that it hurt, that a best was beaten) is taken back if it is not so.
//! Adherence is worked out whenever it is asked for.
//!
//! Invariant: a log is never changed by what happens to its program later.

pub mod actions;
pub mod body;
pub mod records;
pub mod routes;
pub mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::json::Patch;
use crate::clock::Timestamp;
use crate::exercises::catalogue::vocabulary;
use crate::ids::{ClientId, ProgramId, WorkoutLogId};
use crate::programs::model::{Block, Session, SetKind, WeightUnit};
use crate::values::{Date, Decimal};

vocabulary! {
    /// What became of a training.
    LogStatus {
        #[doc = "As planned, or more."] Done "done"
        #[doc = "Some of it."] Partial "partial"
        #[doc = "Not at all."] Missed "missed"
        #[doc = "Not at all, for a reason that counts."] Excused "excused"
    }
}

/// The place of a session in a program, each number from 1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
pub struct Place {
    /// The block.
    pub block: u16,
    /// The week of the block.
    pub week: u16,
    /// The session of the week, in the order of the days.
    pub session: u16,
}

impl Place {
    /// The session at this place of a program's blocks.
    pub fn within(self, blocks: &[Block]) -> Option<&Session> {
        let block = blocks.get(usize::from(self.block).checked_sub(1)?)?;
        let in_block = (1..=block.weeks()).contains(&self.week);
        let week = in_block.then(|| block.week(self.week))?;
        let (_, index) = *week.get(usize::from(self.session).checked_sub(1)?)?;
        block.sessions.get(index)
    }

    /// As a column keeps it: `1.2.3`.
    pub fn to_text(self) -> String {
        format!("{}.{}.{}", self.block, self.week, self.session)
    }

    /// Reads what a column keeps.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| part.parse().ok());
        let mut next = || parts.next().flatten();
        Some(Self {
            block: next()?,
            week: next()?,
            session: next()?,
        })
    }
}

/// A weight as it was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Weight {
    /// The number, with up to three decimals.
    #[schema(value_type = f64)]
    pub value: Decimal,
    /// `kg` or `lb`.
    #[schema(value_type = String)]
    pub unit: WeightUnit,
}

/// A set as it was performed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoggedSet {
    /// `working` (if left out), `warmup`, `top`, `backoff`, `drop` or `amrap`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub kind: Option<SetKind>,
    /// Repetitions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 1000)]
    pub reps: Option<u32>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 86400)]
    pub seconds: Option<u32>,
    /// Metres.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub metres: Option<u32>,
    /// The load.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub load: Option<Weight>,
    /// Rate of perceived exertion, 1 to 10 in halves, as entered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<f64>, minimum = 1, maximum = 10)]
    pub rpe: Option<Decimal>,
    /// Repetitions in reserve, 0 to 10 in halves, as entered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 10)]
    pub rir: Option<Decimal>,
    /// True if it hurt.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pain: Option<bool>,
    /// Up to 1,000 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
    /// Why it was skipped; a skipped set has no repetitions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub skipped_reason: Option<String>,
}

/// An exercise as it was performed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoggedExercise {
    /// The slug of the exercise.
    pub exercise: String,
    /// Up to 50 sets.
    pub sets: Vec<LoggedSet>,
    /// The slug of the exercise that was planned, if it was another.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub substituted_for: Option<String>,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub skipped_reason: Option<String>,
    /// Up to 1,000 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

/// What of a log is kept as it was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What it was called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duration_min: Option<u32>,
    /// How hard it was as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_rpe: Option<Decimal>,
    /// What else there is to say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notes: Option<String>,
    /// Why it was missed or excused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub skipped_reason: Option<String>,
    /// What was done.
    pub exercises: Vec<LoggedExercise>,
}

/// What a client did in a training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkoutLog {
    /// The id.
    pub id: WorkoutLogId,
    /// Who did it.
    pub client_id: ClientId,
    /// On which day, in the client's calendar.
    pub performed_on: Date,
    /// What became of it.
    pub status: LogStatus,
    /// The program, of a planned session.
    pub program_id: Option<ProgramId>,
    /// The place in it.
    pub place: Option<Place>,
    /// What was entered.
    pub content: Content,
    /// How often it was changed, beginning with 1.
    pub version: i64,
    /// When it was logged.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Content {
    /// True if some set hurt.
    pub fn hurt(&self) -> bool {
        let mut sets = self.exercises.iter().flat_map(|exercise| &exercise.sets);
        sets.any(|set| set.pain == Some(true))
    }
}

/// What a log is made of.
#[derive(Debug, ToSchema)]
pub struct NewWorkoutLog {
    /// The day, `YYYY-MM-DD`; today for the client if left out.
    #[schema(value_type = Option<String>, format = Date)]
    pub performed_on: Option<Date>,
    /// `done` (if left out), `partial`, `missed` or `excused`.
    #[schema(value_type = Option<String>)]
    pub status: Option<LogStatus>,
    /// The program of a planned session; the active one if only `session` is sent.
    #[schema(value_type = Option<String>)]
    pub program_id: Option<ProgramId>,
    /// The place of a planned session.
    pub session: Option<Place>,
    /// 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// 1 to 1,440.
    #[schema(minimum = 1, maximum = 1440)]
    pub duration_min: Option<u32>,
    /// How hard it was as a whole, 1 to 10 in halves.
    #[schema(value_type = Option<f64>, minimum = 1, maximum = 10)]
    pub session_rpe: Option<Decimal>,
    /// Up to 10,000 characters.
    #[schema(max_length = 10_000)]
    pub notes: Option<String>,
    /// Why it was missed or excused, up to 1,000 characters.
    #[schema(max_length = 1_000)]
    pub skipped_reason: Option<String>,
    /// Up to 60 exercises; may be empty if it was missed or excused.
    pub exercises: Option<Vec<LoggedExercise>>,
}

/// What is changed of a log; what is left out stays.
#[derive(Debug, Default, ToSchema)]
pub struct WorkoutLogPatch {
    /// The day, `YYYY-MM-DD`.
    #[schema(value_type = String, required = false, format = Date)]
    pub performed_on: Option<Date>,
    /// `done`, `partial`, `missed` or `excused`.
    #[schema(value_type = String, required = false)]
    pub status: Option<LogStatus>,
    /// The program of a planned session; null takes it out of its program, with its place.
    #[schema(value_type = Option<String>)]
    pub program_id: Patch<ProgramId>,
    /// The place of a planned session.
    #[schema(value_type = Option<Place>)]
    pub session: Patch<Place>,
    /// 1 to 200 characters.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub name: Patch<String>,
    /// 1 to 1,440.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1440)]
    pub duration_min: Patch<u32>,
    /// How hard it was as a whole, 1 to 10 in halves.
    #[schema(value_type = Option<f64>, minimum = 1, maximum = 10)]
    pub session_rpe: Patch<Decimal>,
    /// Up to 10,000 characters.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    pub notes: Patch<String>,
    /// Why it was missed or excused, up to 1,000 characters.
    #[schema(value_type = Option<String>, max_length = 1_000)]
    pub skipped_reason: Patch<String>,
    /// Up to 60 exercises, in the place of all that there were; may be empty if it was missed or
    /// excused.
    #[schema(value_type = Vec<LoggedExercise>, required = false)]
    pub exercises: Option<Vec<LoggedExercise>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back() {
        let place = Place {
            block: 1,
            week: 12,
            session: 3,
        };

        assert_eq!(Place::parse(&place.to_text()), Some(place));
        assert_eq!(Place::parse("1.2"), None);
    }
}
