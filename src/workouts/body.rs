//! How workout logs and personal records are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::records::{self, Key, Record};
use super::store::Kept;
use super::{LogStatus, LoggedExercise, Place, Weight, WorkoutLog};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::ids::{ClientId, ProgramId, WorkoutLogId};
use crate::programs::model::WeightUnit;
use crate::values::{Date, Decimal};

/// What a client did in a training.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkoutLogBody<'l> {
    /// The log's id.
    #[schema(value_type = String, example = "wl_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: WorkoutLogId,
    /// Always `workout_log`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// Who did it.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// The day, in the client's calendar.
    #[schema(value_type = String, format = Date)]
    performed_on: Date,
    /// `done`, `partial`, `missed` or `excused`.
    #[schema(value_type = String)]
    status: LogStatus,
    /// The program, of a planned session.
    #[schema(value_type = Option<String>)]
    program_id: Option<ProgramId>,
    /// The place in it, of a planned session.
    session: Option<Place>,
    /// What it was called.
    name: Option<&'l str>,
    /// How long it took.
    duration_min: Option<u32>,
    /// How hard it was as a whole.
    #[schema(value_type = Option<f64>)]
    session_rpe: Option<Decimal>,
    /// What else there is to say.
    notes: Option<&'l str>,
    /// Why it was missed or excused.
    skipped_reason: Option<&'l str>,
    /// True if some set hurt.
    pain: bool,
    /// What was done, as it was entered.
    exercises: &'l [LoggedExercise],
    /// When it was logged.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A log with the records that it set.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewWorkoutLogBody<'l> {
    #[serde(flatten)]
    log: WorkoutLogBody<'l>,
    /// The personal records that it set.
    personal_records: Vec<PersonalRecordBody>,
}

/// The most that a client has lifted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonalRecordBody {
    /// Exercise and repetitions, which name it among the client's.
    #[schema(example = "back-squat:5")]
    id: String,
    /// Always `personal_record`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// Who lifted it.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// The slug of the exercise.
    exercise: String,
    /// `estimated_1rm` (Epley, sets of up to 10 repetitions) or `rep_max`.
    kind: &'static str,
    /// Repetitions of a `rep_max`; null of the other kind.
    reps: Option<u32>,
    /// How much, in the client's unit.
    load: Weight,
    /// The same in grams.
    grams: i64,
    /// How much it was before, where it was just set; null if it is the first.
    #[serde(skip_serializing_if = "Before::is_not_told")]
    #[schema(value_type = Option<Weight>)]
    previous: Before,
    /// The day, in the client's calendar.
    #[schema(value_type = String, format = Date)]
    achieved_on: Date,
    /// The log that it is from.
    #[schema(value_type = String)]
    workout_log_id: WorkoutLogId,
    /// When it was logged.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// What a record was before.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
enum Before {
    /// It is not told: the record is not new.
    NotTold,
    /// There was none.
    Nothing,
    /// So much.
    Was(Weight),
}

impl Before {
    fn is_not_told(&self) -> bool {
        matches!(self, Self::NotTold)
    }
}

impl<'l> WorkoutLogBody<'l> {
    /// The log as it is shown.
    pub fn of(tenant: Tenant, log: &'l WorkoutLog) -> Self {
        let content = &log.content;
        Self {
            id: log.id,
            object: "workout_log",
            livemode: tenant.mode().is_live(),
            client_id: log.client_id,
            performed_on: log.performed_on,
            status: log.status,
            program_id: log.program_id,
            session: log.place,
            name: content.name.as_deref(),
            duration_min: content.duration_min,
            session_rpe: content.session_rpe,
            notes: content.notes.as_deref(),
            skipped_reason: content.skipped_reason.as_deref(),
            pain: content.hurt(),
            exercises: &content.exercises,
            created_at: log.created_at,
            updated_at: log.updated_at,
        }
    }
}

impl<'l> NewWorkoutLogBody<'l> {
    /// The log as it is shown when it is logged.
    pub fn of(tenant: Tenant, log: &'l WorkoutLog, records: Vec<PersonalRecordBody>) -> Self {
        Self {
            log: WorkoutLogBody::of(tenant, log),
            personal_records: records,
        }
    }
}

/// A weight as lists show it: an estimate is rounded, what was lifted is not.
fn shown(key: &Key, grams: i64, unit: WeightUnit) -> Weight {
    if key.reps == 0 {
        records::estimated(grams, unit)
    } else {
        records::weight(grams, unit)
    }
}

impl PersonalRecordBody {
    /// A record as it is shown.
    pub fn of(tenant: Tenant, client_id: ClientId, unit: WeightUnit, kept: &Kept) -> Self {
        let (exercise, reps) = (kept.key.exercise.clone(), kept.key.reps);
        Self {
            id: format!("{exercise}:{reps}"),
            object: "personal_record",
            livemode: tenant.mode().is_live(),
            client_id,
            exercise,
            kind: if reps == 0 {
                "estimated_1rm"
            } else {
                "rep_max"
            },
            reps: (reps > 0).then_some(reps),
            load: shown(&kept.key, kept.grams, unit),
            grams: kept.grams,
            previous: Before::NotTold,
            achieved_on: kept.achieved_on,
            workout_log_id: kept.log_id,
            created_at: kept.updated_at,
        }
    }

    /// A record that was just set.
    pub fn of_new(tenant: Tenant, log: &WorkoutLog, unit: WeightUnit, record: &Record) -> Self {
        let kept = Kept {
            key: record.key.clone(),
            grams: record.grams,
            achieved_on: log.performed_on,
            log_id: log.id,
            updated_at: log.created_at,
        };
        let previous = record.previous;
        let previous = previous.map(|grams| shown(&record.key, grams, unit));
        Self {
            previous: previous.map_or(Before::Nothing, Before::Was),
            ..Self::of(tenant, log.client_id, unit, &kept)
        }
    }
}
