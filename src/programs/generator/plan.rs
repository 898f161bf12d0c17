//! A plan, and what it says of how it came about.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::history::GenerationHistory;
use super::policy::{Goal, Limitation};
use crate::exercises::catalogue::Level;
use crate::programs::model::Block;

/// What a plan was made from, as it says itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Inputs {
    /// `hypertrophy`, `strength`, `fat_loss`, `endurance` or `general`.
    #[schema(value_type = String)]
    pub goal: Goal,
    /// `beginner`, `intermediate` or `advanced`.
    #[schema(value_type = String)]
    pub experience: Level,
    /// 1 to 6.
    pub days_per_week: u32,
    /// 20 to 120.
    pub session_minutes: u32,
    /// A profile, or items.
    pub equipment: Vec<String>,
    /// What to go easy on: as asked for, or of the profile and what hurt lately.
    #[schema(value_type = Vec<String>)]
    pub limitations: Vec<Limitation>,
    /// Days of the cycle, from 1.
    pub preferred_days: Vec<u16>,
    /// Exercises that must be in it.
    pub locked_exercises: Vec<String>,
    /// Exercises that must not.
    pub excluded_exercises: Vec<String>,
    /// `metric` or `imperial`.
    pub units: String,
    /// Exercises whose one-repetition maximum was known.
    pub known_maxima: Vec<String>,
    /// What of the client's check-ins, logs and bests, and of the coach's own exercises, had a part in
    /// it; left out where there was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub history: Option<GenerationHistory>,
}

/// Which rules made a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyBody {
    /// The name of the policy.
    pub id: String,
    /// Its version.
    pub version: String,
}

/// Why an exercise is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The session.
    pub session: String,
    /// The exercise.
    pub exercise: String,
    /// The slot that it fills.
    pub slot: String,
    /// Why it, in a sentence.
    pub reason: String,
}

/// What could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// `slot_unfilled`, `frequency`, `volume` or `cardio`.
    pub kind: String,
    /// The session, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<String>,
    /// The muscle group, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub muscle: Option<String>,
    /// What is missing, in a sentence.
    pub message: String,
}

/// What a coach should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Warning {
    /// A stable name: `needs_clearance` and `limitations` of what is gone easy on; `lifting_days` of a
    /// beginner; `time_supersets`, `time_isolations`, `time_sets` and `time_lifts` of a session that was
    /// too long; `check_ins_strained` (a lighter first week) and `check_ins_unread` (they had no part);
    /// `pain_reported`, `pain_without_place` and `pain_unheeded`; `own_exercises_limit`.
    pub code: String,
    /// True if the program must not be activated before it is settled.
    pub blocking: bool,
    /// The session, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<String>,
    /// What to look at, in a sentence.
    pub message: String,
}

impl Warning {
    pub(super) fn about(code: &str, session: &str, message: String) -> Self {
        let session = Some(session.to_owned());
        Self {
            code: code.to_owned(),
            blocking: false,
            session,
            message,
        }
    }

    pub(super) fn of_all(code: &str, blocking: bool, message: &str) -> Self {
        let message = message.to_owned();
        Self {
            code: code.to_owned(),
            blocking,
            session: None,
            message,
        }
    }
}

/// Weekly sets of a muscle group: an exercise counts one for its primary, half for its secondary
/// muscles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Volume {
    /// The muscle group.
    pub muscle: String,
    /// Sets that are aimed at in the first and in the hardest week.
    pub target: [u32; 2],
    /// Sets that are planned in the first and in the hardest week.
    #[schema(value_type = [f64; 2])]
    pub planned: [crate::values::Decimal; 2],
}

/// Cardio of a week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cardio {
    /// The week of the program, from 1.
    pub week: u32,
    /// Minutes that are aimed at.
    pub target_minutes: u32,
    /// Minutes that stand in the sessions.
    pub planned_minutes: u32,
}

/// How a plan came about.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Generation {
    /// `rules`: no model had a hand in it.
    pub source: String,
    /// `generated` or `generated_with_gaps`.
    pub status: String,
    /// Which rules made it.
    pub policy: PolicyBody,
    /// Which catalogue it was made from; `+own-…` is a digest of the coach's own exercises that were
    /// candidates.
    pub catalogue_version: String,
    /// SHA-256 of the inputs, the policy and the catalogue, in hexadecimal digits.
    pub input_hash: String,
    /// What it was made from.
    pub inputs: Inputs,
    /// Why each exercise is there.
    pub reasons: Vec<Reason>,
    /// What could not be done.
    pub gaps: Vec<Gap>,
    /// What to look at before it is activated.
    pub warnings: Vec<Warning>,
    /// Weekly sets.
    pub volume: Vec<Volume>,
    /// Weekly cardio.
    pub cardio: Vec<Cardio>,
}

/// A program that is not anybody's yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What it is called.
    pub name: String,
    /// What the client should know.
    pub notes: String,
    /// What it is made of.
    pub blocks: Vec<Block>,
    /// How it came about.
    pub generation: Generation,
}
