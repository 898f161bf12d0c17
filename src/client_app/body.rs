//! What a client's own data looks like in the app.

use serde::Serialize;
use utoipa::ToSchema;

use super::plan::{Planned, Week};
use crate::caller::Tenant;
use crate::check_ins::body::SharedCheckinBody;
use crate::check_ins::forms::body::FormBody;
use crate::ids::{ProgramId, WorkoutLogId};
use crate::programs::body::CurrentProgramBody;
use crate::programs::model::{BlockKind, Group, Prescription, SetEntry};
use crate::values::Date;
use crate::workouts::body::WorkoutLogBody;
use crate::workouts::{LoggedSet, Place};

/// What there is to do today.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppTodayBody<'t> {
    /// Always `app_today`.
    pub object: &'static str,
    /// True if the client belongs to the live tenant.
    pub livemode: bool,
    /// The day that it is for the client.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The program that the client follows; null if there is none.
    pub program: Option<CurrentProgramBody>,
    /// The session of the day; null on a day without one.
    pub session: Option<&'t AppSessionBody>,
    /// What was logged of that session; null if nothing was.
    pub log: Option<WorkoutLogBody<'t>>,
    /// Sessions of this week whose day has passed, and that are not logged.
    pub open: Vec<PlannedSessionBody>,
    /// The next session after today.
    pub next: Option<PlannedSessionBody>,
    /// The check-in that a schedule asks for now; null if there is none.
    pub checkin: Option<SharedCheckinBody<'t>>,
    /// Messages of the coach that were not read.
    pub unread_messages: u32,
}

/// The program that a client follows, week by week.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppProgramBody<'p> {
    /// Always `app_program`.
    pub object: &'static str,
    /// True if the client belongs to the live tenant.
    pub livemode: bool,
    /// The day that it is for the client.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The program; null if the client follows none.
    pub program: Option<CurrentProgramBody>,
    /// What the client should know of it.
    pub notes: Option<&'p str>,
    /// Its weeks.
    pub weeks: Vec<AppWeekBody>,
}

/// One run of a program's cycle.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppWeekBody {
    /// Its number in the program, from 1.
    pub week: u32,
    /// What its block is called.
    pub block_name: Option<String>,
    /// What its block is for.
    #[schema(value_type = Option<String>)]
    pub block_kind: Option<BlockKind>,
    /// Its first day; null if the program has no start.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
    /// Its last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
    /// Its sessions, in the order of the days.
    pub sessions: Vec<PlannedSessionBody>,
}

impl AppWeekBody {
    /// A week as it stands on a day.
    pub fn of(week: &Week, today: Date) -> Self {
        let sessions = week.sessions.iter();
        Self {
            week: week.number,
            block_name: week.block_name.clone(),
            block_kind: week.block_kind,
            from: week.days.map(|(first, _)| first),
            to: week.days.map(|(_, last)| last),
            sessions: sessions
                .map(|planned| PlannedSessionBody::of(planned, today))
                .collect(),
        }
    }
}

/// A session in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlannedSessionBody {
    /// Its place in the program, as a path names it: `1.2.3`.
    pub id: String,
    /// Its place in the program.
    pub place: Place,
    /// The number of its week in the program, from 1.
    pub week: u32,
    /// What it is called.
    pub name: String,
    /// The day that it is meant for.
    #[schema(value_type = Option<String>, format = Date)]
    pub scheduled_on: Option<Date>,
    /// `done`, `partial`, `missed` or `excused` if it was logged, else `due` (today), `open` (its day
    /// has passed) or `planned`.
    pub status: &'static str,
    /// How long it is meant to take.
    pub minutes: Option<u16>,
    /// True in a deload: little is asked for on purpose.
    pub deload: bool,
    /// The last log of it.
    #[schema(value_type = Option<String>)]
    pub workout_log_id: Option<WorkoutLogId>,
}

impl PlannedSessionBody {
    /// A session as it stands on a day.
    pub fn of(planned: &Planned, today: Date) -> Self {
        Self {
            id: planned.place.to_text(),
            place: planned.place,
            week: planned.week,
            name: planned.name.clone(),
            scheduled_on: planned.scheduled_on,
            status: planned.standing(today),
            minutes: planned.minutes,
            deload: planned.deload,
            workout_log_id: planned.log.map(|(id, _)| id),
        }
    }
}

/// A session of the program, with all that is needed to train it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppSessionBody {
    /// Always `app_session`.
    pub object: &'static str,
    /// True if the client belongs to the live tenant.
    pub livemode: bool,
    /// The program.
    #[schema(value_type = String)]
    pub program_id: ProgramId,
    /// Where it stands.
    #[serde(flatten)]
    pub planned: PlannedSessionBody,
    /// What the client should know of it.
    pub notes: Option<String>,
    /// Its exercises, in groups.
    pub groups: Vec<AppGroupBody>,
}

/// Exercises that belong together.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppGroupBody {
    /// `straight`, `superset`, `giant`, `circuit`, `emom` or `amrap`.
    pub kind: &'static str,
    /// How often the exercises are gone through, where their sets do not say it.
    pub rounds: Option<u16>,
    /// Of an `emom`: seconds from start to start.
    pub interval_s: Option<u16>,
    /// Of an `amrap`: seconds in all.
    pub time_cap_s: Option<u16>,
    /// Seconds of rest after each round.
    pub rest_s: Option<u16>,
    /// What the client should know of it.
    pub notes: Option<String>,
    /// The exercises.
    pub exercises: Vec<AppExerciseBody>,
}

impl AppGroupBody {
    /// A group with its exercises.
    pub fn of(group: &Group, exercises: Vec<AppExerciseBody>) -> Self {
        Self {
            kind: group.kind.map_or("straight", |kind| kind.name()),
            rounds: group.rounds,
            interval_s: group.interval_s,
            time_cap_s: group.time_cap_s,
            rest_s: group.rest_s,
            notes: group.notes.clone(),
            exercises,
        }
    }
}

/// An exercise, how much of it, and what was done of it last time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AppExerciseBody {
    /// Its slug.
    pub exercise: String,
    /// What it is called.
    pub name: String,
    /// One line to remember.
    pub cue: Option<String>,
    /// The sets, as they were prescribed.
    pub sets: Vec<SetEntry>,
    /// Seconds down, at the bottom, up, at the top.
    pub tempo: Option<String>,
    /// Seconds of rest after each set.
    pub rest_s: Option<u16>,
    /// One side at a time: repetitions count for each side.
    pub unilateral: bool,
    /// What the client should know of it.
    pub notes: Option<String>,
    /// What can be done instead.
    pub alternates: Vec<NamedExerciseBody>,
    /// What was done of it last time; null if it never was.
    pub last: Option<LastTimeBody>,
}

impl AppExerciseBody {
    /// A prescription with what is known of its exercise.
    pub fn of(
        written: &Prescription,
        (name, cue): (String, Option<String>),
        alternates: Vec<NamedExerciseBody>,
        last: Option<LastTimeBody>,
    ) -> Self {
        Self {
            exercise: written.exercise.clone(),
            name,
            cue,
            sets: written.sets.clone(),
            tempo: written.tempo.clone(),
            rest_s: written.rest_s,
            unilateral: written.unilateral.unwrap_or(false),
            notes: written.notes.clone(),
            alternates,
            last,
        }
    }
}

/// An exercise by name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NamedExerciseBody {
    /// Its slug.
    pub exercise: String,
    /// What it is called.
    pub name: String,
}

/// What was done of an exercise last time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LastTimeBody {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub performed_on: Date,
    /// The log.
    #[schema(value_type = String)]
    pub workout_log_id: WorkoutLogId,
    /// The sets that were done, as entered.
    pub sets: Vec<LoggedSet>,
}

/// What a check-in asks now.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppCheckinFormBody<'f> {
    /// Always `app_checkin_form`.
    pub object: &'static str,
    /// True if the client belongs to the live tenant.
    pub livemode: bool,
    /// The check-in that a schedule asks for now; null if a further one would be free.
    pub checkin: Option<SharedCheckinBody<'f>>,
    /// The form to answer.
    pub form: FormBody<'f>,
}

/// Messages that were marked as read.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagesReadBody {
    /// Always `messages_read`.
    pub object: &'static str,
    /// True if the client belongs to the live tenant.
    pub livemode: bool,
    /// How many messages that were.
    pub read: u32,
}

impl MessagesReadBody {
    /// So many were read.
    pub fn of(tenant: Tenant, read: u32) -> Self {
        Self {
            object: "messages_read",
            livemode: tenant.mode().is_live(),
            read,
        }
    }
}
