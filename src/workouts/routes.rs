//! `/v1/clients/{client_id}/workout-logs` and `/v1/clients/{client_id}/personal-records`.

use serde_json::json;

use super::actions::{self, mend, unit_of};
use super::body::{NewWorkoutLogBody, PersonalRecordBody, WorkoutLogBody};
use super::records::Key;
use super::store::{self, Filter};
use super::{LogStatus, LoggedExercise, LoggedSet, NewWorkoutLog, Place, Weight, WorkoutLogPatch};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{At, Fields, FromBody, Json, boolean, integer, list, object, one_of, text};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{ProgramsRead, ProgramsWrite};
use crate::clients;
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::{ClientId, ProgramId, WorkoutLogId};
use crate::programs::model::{SetKind, WeightUnit};
use crate::programs::read::{decimal, exercise, id};
use crate::values::{Date, Decimal, Invalid, line, paragraphs};

/// Most exercises of a log.
const EXERCISES_MAX: usize = 60;
/// Most sets of an exercise.
const SETS_MAX: usize = 50;

fn note(value: &str) -> Result<String, Invalid> {
    paragraphs(value, 1, 1_000)
}

fn whole(bounds: std::ops::RangeInclusive<i64>) -> impl Fn(Json, &mut At<'_>) -> Option<u32> {
    move |value, at| {
        integer(bounds.clone())(value, at).and_then(|number| u32::try_from(number).ok())
    }
}

/// A number in halves.
fn halves(least: i64, most: i64) -> impl Fn(Json, &mut At<'_>) -> Option<Decimal> {
    move |value, at| {
        let number = decimal(least, most)(value, at)?;
        if !number.is_half() {
            at.refuse("out_of_range", "Use whole numbers and halves.");
            return None;
        }
        Some(number)
    }
}

fn weight(fields: &mut Fields<'_>) -> Option<Weight> {
    let value = fields.required("value", decimal(0, 2_000_000));
    let unit = fields.required("unit", one_of(WeightUnit::CHOICES));
    Some(Weight {
        value: value?,
        unit: unit?,
    })
}

fn set(fields: &mut Fields<'_>) -> Option<LoggedSet> {
    let kind = fields.optional("kind", one_of(SetKind::CHOICES));
    let reps = fields.optional("reps", whole(0..=1_000));
    let seconds = fields.optional("seconds", whole(0..=86_400));
    let metres = fields.optional("metres", whole(0..=1_000_000));
    let load = fields.optional("load", object(weight));
    let rpe = fields.optional("rpe", halves(1_000, 10_000));
    let rir = fields.optional("rir", halves(0, 10_000));
    let pain = fields.optional("pain", boolean());
    let own_note = fields.optional("note", text(note));
    let skipped_reason = fields.optional("skipped_reason", text(note));
    let set = LoggedSet {
        kind: kind?,
        reps: reps?,
        seconds: seconds?,
        metres: metres?,
        load: load?,
        rpe: rpe?,
        rir: rir?,
        pain: pain?,
        note: own_note?,
        skipped_reason: skipped_reason?,
    };
    let done = set.reps.is_some() || set.seconds.is_some() || set.metres.is_some();
    if done == set.skipped_reason.is_some() {
        let message = "A set has `reps`, `seconds` or `metres`, or a `skipped_reason`.";
        fields.refuse(
            "reps",
            if done { "not_allowed" } else { "required" },
            message,
        );
        return None;
    }
    if set.rpe.is_some() && set.rir.is_some() {
        fields.refuse(
            "rir",
            "not_allowed",
            "A set has an RPE or an RIR, not both.",
        );
        return None;
    }
    Some(set)
}

fn logged(fields: &mut Fields<'_>) -> Option<LoggedExercise> {
    let name = fields.required("exercise", text(exercise));
    let sets = fields.required("sets", list(SETS_MAX, object(set)));
    let substituted_for = fields.optional("substituted_for", text(exercise));
    let skipped_reason = fields.optional("skipped_reason", text(note));
    let own_note = fields.optional("note", text(note));
    Some(LoggedExercise {
        exercise: name?,
        sets: sets?,
        substituted_for: substituted_for?,
        skipped_reason: skipped_reason?,
        note: own_note?,
    })
}

fn place(fields: &mut Fields<'_>) -> Option<Place> {
    let number = |most| {
        move |value: Json, at: &mut At<'_>| {
            integer(1..=most)(value, at).and_then(|number| u16::try_from(number).ok())
        }
    };
    let block = fields.required("block", number(24));
    let week = fields.required("week", number(52));
    let session = fields.required("session", number(400));
    Some(Place {
        block: block?,
        week: week?,
        session: session?,
    })
}

impl FromBody for WorkoutLogPatch {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] =
        &[("status", || words(LogStatus::CHOICES))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let performed_on = fields.replace("performed_on", text(Date::parse));
        let status = fields.replace("status", one_of(LogStatus::CHOICES));
        let program_id = fields.patch("program_id", text(id));
        let session = fields.patch("session", object(place));
        let name = fields.patch("name", text(|value| line(value, 1, 200)));
        let duration_min = fields.patch("duration_min", whole(1..=1_440));
        let session_rpe = fields.patch("session_rpe", halves(1_000, 10_000));
        let notes = fields.patch("notes", text(|value| paragraphs(value, 1, 10_000)));
        let skipped_reason = fields.patch("skipped_reason", text(note));
        let exercises = fields.replace("exercises", list(EXERCISES_MAX, object(logged)));
        Some(Self {
            performed_on: performed_on?,
            status: status?,
            program_id: program_id?,
            session: session?,
            name: name?,
            duration_min: duration_min?,
            session_rpe: session_rpe?,
            notes: notes?,
            skipped_reason: skipped_reason?,
            exercises: exercises?,
        })
    }
}

impl FromBody for NewWorkoutLog {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] =
        &[("status", || words(LogStatus::CHOICES))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let performed_on = fields.optional("performed_on", text(Date::parse));
        let status = fields.optional("status", one_of(LogStatus::CHOICES));
        let program_id = fields.optional("program_id", text(id));
        let session = fields.optional("session", object(place));
        let name = fields.optional("name", text(|value| line(value, 1, 200)));
        let duration_min = fields.optional("duration_min", whole(1..=1_440));
        let session_rpe = fields.optional("session_rpe", halves(1_000, 10_000));
        let notes = fields.optional("notes", text(|value| paragraphs(value, 1, 10_000)));
        let skipped_reason = fields.optional("skipped_reason", text(note));
        let exercises = fields.optional("exercises", list(EXERCISES_MAX, object(logged)));
        let (status, exercises) = (status?, exercises?);
        let skipped = matches!(status, Some(LogStatus::Missed | LogStatus::Excused));
        let empty = exercises.as_ref().is_none_or(Vec::is_empty);
        if empty && !skipped {
            fields.refuse("exercises", "required", "Say what was done.");
            return None;
        }
        Some(Self {
            performed_on: performed_on?,
            status,
            program_id: program_id?,
            session: session?,
            name: name?,
            duration_min: duration_min?,
            session_rpe: session_rpe?,
            notes: notes?,
            skipped_reason: skipped_reason?,
            exercises,
        })
    }
}

/// What the history understands.
#[derive(Debug)]
pub struct LogQuery {
    /// Which page.
    pub page: PageQuery,
    /// Which logs.
    pub filter: Filter,
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).map_err(|invalid| invalid.to_string())
}

impl FromQuery for LogQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("from", "Only from this day on, in the client's calendar."),
        Parameter::new("to", "Only up to this day, in the client's calendar."),
        Parameter::new("status", "`done`, `partial`, `missed` or `excused`.")
            .one_of(|| words(LogStatus::CHOICES)),
        Parameter::new("program_id", "Only those of this program."),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let from = query.optional("from", date);
        let to = query.optional("to", date);
        let status = query.optional("status", query::one_of(LogStatus::CHOICES));
        let program_id = query.optional("program_id", |text| {
            ProgramId::parse(text).ok_or_else(|| "Not the id of a program.".to_owned())
        });
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        let filter = Filter {
            from: from?,
            to: to?,
            status: status?,
            program_id: program_id?,
            created_after: created_after?,
            created_before: created_before?,
            updated_after: updated_after?,
        };
        Some(Self {
            page: page?,
            filter,
        })
    }
}

async fn list_logs(cx: Cx<ProgramsRead>, query: LogQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.id("client_id")?, cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
            let rows = query.page.rows();
            let logs = store::page(conn, tenant, id, &query.filter, before.as_deref(), rows)?;
            let mut page = query.page.begin();
            for log in &logs {
                page.push(&WorkoutLogBody::of(tenant, log), || log.id.to_string())?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

async fn get(cx: Cx<ProgramsRead>, _: NoQuery) -> Result<Answer> {
    let (client_id, id) = (cx.id("client_id")?, cx.id("workout_log_id")?);
    let tenant = cx.tenant();
    let find = |conn: &Reader| store::find(conn, tenant, client_id, id);
    let log = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    let answer = Answer::ok(&WorkoutLogBody::of(tenant, &log))?.version(log.version);
    Ok(cx.unless_known(answer))
}

async fn create(cx: Cx<ProgramsWrite>, new: NewWorkoutLog) -> Result<Work> {
    let (client_id, tenant): (ClientId, _) = (cx.id("client_id")?, cx.tenant());
    let find = |conn: &Reader| clients::store::find(conn, tenant, client_id);
    let client = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    let permit = cx.permit;
    let zone = permit.caller().workspace.timezone.as_str();
    let log = actions::draft(&cx.app, tenant, (&client, zone), permit.now(), new)?;
    work(move |tx| {
        let (log, records) = actions::log(tx, &permit, log)?;
        let location = format!("/v1/clients/{client_id}/workout-logs/{}", log.id);
        let body = NewWorkoutLogBody::of(permit.tenant(), &log, records);
        Ok(Answer::created(location, &body)?.version(log.version))
    })
}

async fn amend(cx: Cx<ProgramsWrite>, patch: WorkoutLogPatch) -> Result<Work> {
    let (client_id, id): (ClientId, WorkoutLogId) = (cx.id("client_id")?, cx.id("workout_log_id")?);
    let if_match = cx.if_match();
    let change = mend::draft(&cx.app, cx.tenant(), patch)?;
    let permit = cx.permit;
    work(move |tx| {
        let (log, records) = mend::amend(tx, &permit, (client_id, id), &if_match, change)?;
        let body = NewWorkoutLogBody::of(permit.tenant(), &log, records);
        Ok(Answer::ok(&body)?.version(log.version))
    })
}

async fn remove(cx: Cx<ProgramsWrite>) -> Result<Work> {
    let (client_id, id) = (cx.id("client_id")?, cx.id("workout_log_id")?);
    let (if_match, permit) = (cx.if_match(), cx.permit);
    work(move |tx| {
        mend::remove(tx, &permit, (client_id, id), &if_match)?;
        Ok(Answer::no_content())
    })
}

/// What the list of records understands.
#[derive(Debug)]
pub struct RecordQuery {
    page: PageQuery,
    exercise: Option<String>,
}

impl FromQuery for RecordQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("exercise", "Only those of the exercise of this slug."),
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let exercise = query.optional("exercise", query::word(60));
        Some(Self {
            page: page?,
            exercise: exercise?,
        })
    }
}

fn position(key: &Key) -> String {
    format!("{}\n{}", key.exercise, key.reps)
}

fn read_position(text: &str) -> Option<Key> {
    let (exercise, reps) = text.split_once('\n')?;
    Some(Key {
        exercise: exercise.to_owned(),
        reps: reps.parse().ok()?,
    })
}

async fn list_records(cx: Cx<ProgramsRead>, query: RecordQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.id("client_id")?, cx.tenant(), cx.path().to_owned());
    let after = query
        .page
        .position(tenant, &path)?
        .and_then(|text| read_position(&text));
    cx.app
        .db
        .read(move |conn| {
            let client = clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
            let (wanted, rows) = (
                (query.exercise.as_deref(), after.as_ref()),
                query.page.rows(),
            );
            let mut page = query.page.begin();
            for kept in store::records(conn, tenant, id, wanted, rows)? {
                let body = PersonalRecordBody::of(tenant, id, unit_of(&client), &kept);
                page.push(&body, || position(&kept.key))?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

/// The routes of workout logs.
pub fn routes() -> Vec<Route> {
    const TAG: &str = "Workouts";
    let example = json!({
        "performed_on": "2026-06-03",
        "session_rpe": 8,
        "exercises": [{
            "exercise": "back-squat",
            "sets": [
                { "kind": "warmup", "reps": 5, "load": { "value": 60, "unit": "kg" } },
                { "reps": 5, "load": { "value": 102.5, "unit": "kg" }, "rpe": 8.5 },
                { "reps": 4, "load": { "value": 102.5, "unit": "kg" }, "rpe": 9.5, "pain": true, "note": "Left knee" },
            ],
        }],
    });
    vec![
        Route::get("/v1/clients/{client_id}/workout-logs", list_logs)
            .named(TAG, "list_workout_logs", "List what a client has trained")
            .describe("The last logged first.")
            .lists::<WorkoutLogBody<'_>>(),
        Route::post("/v1/clients/{client_id}/workout-logs", create)
            .named(TAG, "log_workout", "Log a training")
            .describe(
                "Sets are kept as they were entered: RPE or RIR, never one made of the other. \
                 `session` names a planned session by block, week and session. New bests are in \
                 `personal_records`, and are events; the first weight of an exercise is one, with \
                 `previous: null`.",
            )
            .creates::<NewWorkoutLogBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(example),
        Route::get("/v1/clients/{client_id}/workout-logs/{workout_log_id}", get)
            .named(TAG, "get_workout_log", "Read one log")
            .answers::<WorkoutLogBody<'_>>()
            .tagged(),
        Route::patch("/v1/clients/{client_id}/workout-logs/{workout_log_id}", amend)
            .named(TAG, "update_workout_log", "Change a log")
            .describe(
                "What is left out stays; `exercises` takes the place of all that there were. Records \
                 are worked out again, and what Today says of the log follows. New bests that came of \
                 the change are in `personal_records`. Events `workout.updated`, with the former \
                 values, and `personal_record.set`. `If-Match` is heeded.",
            )
            .answers::<NewWorkoutLogBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict, Code::EtagMismatch])
            .example(json!({ "session_rpe": 7.5, "notes": "Cut short" })),
        Route::delete("/v1/clients/{client_id}/workout-logs/{workout_log_id}", remove)
            .named(TAG, "delete_workout_log", "Remove a log")
            .describe(
                "As if it had never been logged: records are worked out again without it, and the \
                 planned session is open again. Event `workout.deleted`. `If-Match` is heeded.",
            )
            .codes(&[Code::StateConflict, Code::EtagMismatch]),
        Route::get("/v1/clients/{client_id}/personal-records", list_records)
            .named(
                TAG,
                "list_personal_records",
                "List the most that a client has lifted",
            )
            .describe("By exercise; the estimated maximum first, then by repetitions.")
            .lists::<PersonalRecordBody>(),
    ]
}
