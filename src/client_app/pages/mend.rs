//! A training that was logged, to be changed or removed by whoever trained.
//!
//! The sheet is made of the log itself, as it stands: a row for each set, ticked, with what was
//! entered; below it what the plan asked for and was not logged. What the sheet does not show (a note
//! on a set, repetitions in reserve, the reason why a set was skipped, a weight in another unit that
//! nobody touched) stays as it was.

use std::sync::Arc;

use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::form::{Faults, Form, ONCE, fresh, once};
use super::frame;
use super::layout::{self, Tab, faults, relative, see_other};
use super::session;
use super::session_form::{self as sheet, Sheet};
use crate::api::json::read_body;
use crate::api::route::{ClientCx, work};
use crate::client_app::actions::{self, MEND_DAYS, can_mend};
use crate::client_app::body::{AppExerciseBody, AppGroupBody};
use crate::client_app::view::{self, Names, Own};
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::WorkoutLogId;
use crate::messages;
use crate::programs::model::{Amount, Load, LoadKind, SetEntry, WeightUnit};
use crate::workouts::actions::{mend, unit_of};
use crate::workouts::{self, LogStatus, LoggedExercise, LoggedSet, WorkoutLog, WorkoutLogPatch};

/// Where a log is changed.
pub(super) fn path(id: WorkoutLogId) -> String {
    format!("/app/training/{id}/edit")
}

struct Mending {
    own: Own,
    log: WorkoutLog,
    /// What was logged, and behind it what of the plan was not.
    exercises: Vec<AppExerciseBody>,
    unread: u32,
}

impl Mending {
    fn unit(&self) -> WeightUnit {
        unit_of(&self.own.client)
    }

    fn trained(&self) -> bool {
        matches!(self.log.status, LogStatus::Done | LogStatus::Partial)
    }

    /// What was logged at a place of the sheet; none of what only the plan has.
    fn logged(&self, at: usize) -> Option<&LoggedExercise> {
        self.log.content.exercises.get(at)
    }
}

async fn read(cx: &ClientCx, id: WorkoutLogId) -> Result<Mending> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let read = cx.app.db.read(move |conn| {
        let (tenant, client) = (caller.tenant, caller.client_id);
        let log = workouts::store::find(conn, tenant, client, id)?.ok_or_else(Error::not_found)?;
        let own = view::own(conn, &caller, now)?;
        let logged = &log.content.exercises;
        let slugs = logged.iter().map(|logged| logged.exercise.as_str());
        let names = Names::read(conn, &caller, slugs)?;
        let mut exercises: Vec<_> = logged.iter().map(|one| as_planned(one, &names)).collect();
        let followed = view::followed(conn, &caller)?;
        let followed = followed.filter(|followed| Some(followed.program.id) == log.program_id);
        if let Some((followed, place)) = followed.zip(log.place) {
            let session = view::session(conn, &caller, &followed, place, own.today)?;
            let planned = session.into_iter().flat_map(|session| session.groups);
            let planned = planned.flat_map(|group| group.exercises);
            exercises.extend(planned.filter(|planned| {
                !logged.iter().any(|logged| {
                    logged.exercise == planned.exercise
                        || logged.substituted_for.as_ref() == Some(&planned.exercise)
                })
            }));
        }
        Ok(Mending {
            exercises,
            unread: messages::store::unread(conn, tenant, client)?,
            own,
            log,
        })
    });
    let mending = read.await?;
    if can_mend(&mending.log, mending.own.today) {
        Ok(mending)
    } else {
        Err(Error::with(
            Code::StateConflict,
            format!(
                "A training can be changed for {MEND_DAYS} days. Write to your coach, who can change it at any time."
            ),
        ))
    }
}

/// What was logged of an exercise, in the form of a plan: the sheet is filled from it.
fn as_planned(logged: &LoggedExercise, names: &Names) -> AppExerciseBody {
    let sets = logged.sets.iter().map(|set| SetEntry {
        kind: set.kind,
        reps: set.reps.map(Amount::Exact),
        seconds: set.seconds.map(Amount::Exact),
        metres: set.metres.map(Amount::Exact),
        load: set.load.map(|load| Load {
            kind: LoadKind::Absolute,
            value: load.value,
            unit: Some(load.unit),
        }),
        ..SetEntry::default()
    });
    AppExerciseBody {
        exercise: logged.exercise.clone(),
        name: names.name(&logged.exercise),
        cue: None,
        sets: sets.collect(),
        tempo: None,
        rest_s: None,
        unilateral: false,
        notes: None,
        alternates: Vec::new(),
        last: None,
    }
}

fn was_done(set: &LoggedSet) -> bool {
    set.skipped_reason.is_none()
}

/// The form as it would have been sent to log what was logged.
fn as_typed(mending: &Mending) -> Form {
    let mut fields = sheet::filled_in(&mending.exercises, mending.unit());
    for (at, logged) in mending.log.content.exercises.iter().enumerate() {
        for (row, set) in logged.sets.iter().enumerate() {
            let field = format!("e{at}.s{row}");
            if was_done(set) {
                fields.push((format!("{field}.done"), "1".to_owned()));
            }
            fields.extend(set.rpe.map(|rpe| (format!("{field}.rpe"), rpe.to_string())));
        }
        if logged.sets.iter().any(|set| set.pain == Some(true)) {
            fields.push((format!("e{at}.pain"), "1".to_owned()));
        }
        let note = logged.note.clone();
        fields.extend(note.map(|note| (format!("e{at}.note"), note)));
    }
    let content = &mending.log.content;
    let minutes = content.duration_min.map(|minutes| minutes.to_string());
    let rpe = content.session_rpe.map(|rpe| rpe.to_string());
    for (name, value) in [
        ("duration_min", minutes),
        ("session_rpe", rpe),
        ("notes", content.notes.clone()),
        ("skipped_reason", content.skipped_reason.clone()),
        ("status", Some(mending.log.status.name().to_owned())),
    ] {
        fields.extend(value.map(|value| (name.to_owned(), value)));
    }
    Form::of(fields)
}

/// A set as it is after the change: what the sheet shows is as typed, the rest as it was.
fn changed(original: &LoggedSet, typed: Value, (unit, entry): (WeightUnit, &SetEntry)) -> Value {
    let mut set = match serde_json::to_value(original) {
        Ok(Value::Object(set)) => set,
        Ok(_) | Err(_) => Map::new(),
    };
    let Value::Object(mut typed) = typed else {
        return Value::Object(set);
    };
    // A weight that nobody touched keeps the unit that it was entered in.
    let untouched = original.load.is_some_and(|load| {
        typed.get("load").map(|load| &load["value"])
            == Some(&sheet::number(&sheet::in_unit(load, unit)))
    });
    if untouched {
        typed.remove("load");
    }
    for (name, _) in sheet::columns(Some(entry), unit) {
        if !(name == "load" && untouched) {
            set.remove(name);
        }
    }
    if typed.contains_key("rpe") {
        set.remove("rir");
    }
    set.remove("skipped_reason");
    typed.remove("pain");
    set.extend(typed);
    Value::Object(set)
}

/// The exercise after the change, with the field of each of its sets; none if nothing of it is left.
fn changed_exercise(
    form: &Form,
    (at, original): (usize, &LoggedExercise),
    planned: &AppExerciseBody,
    unit: WeightUnit,
) -> Option<(Value, Vec<String>)> {
    let pain = form.has(&format!("e{at}.pain"));
    let hurt = original.sets.iter().any(|set| set.pain == Some(true));
    let (mut sets, mut fields) = (Vec::new(), Vec::new());
    for row in 0..=sheet::row_count(planned) {
        let (field, former) = (format!("e{at}.s{row}"), original.sets.get(row));
        let ticked = form.has(&format!("{field}.done"));
        let mut set = match (former, planned.sets.get(row)) {
            (Some(former), Some(entry)) if ticked => changed(
                former,
                sheet::typed_set(form, &field, None, unit),
                (unit, entry),
            ),
            (Some(former), _) if !ticked && !was_done(former) => json!(former),
            _ if ticked => sheet::typed_set(form, &field, None, unit),
            _ => continue,
        };
        if pain && !hurt && ticked {
            set["pain"] = json!(true);
        } else if !pain && let Value::Object(set) = &mut set {
            set.remove("pain");
        }
        sets.push(set);
        fields.push(field);
    }
    // What was skipped as a whole stays skipped.
    let skipped = original.sets.is_empty() && original.skipped_reason.is_some();
    if sets.is_empty() && !skipped {
        return None;
    }
    let mut logged = Map::new();
    logged.insert("exercise".to_owned(), json!(original.exercise));
    let planned_one = original.substituted_for.as_ref();
    logged.extend(planned_one.map(|slug| ("substituted_for".to_owned(), json!(slug))));
    if sets.is_empty() {
        let reason = original.skipped_reason.as_ref();
        logged.extend(reason.map(|reason| ("skipped_reason".to_owned(), json!(reason))));
    }
    let note = form.get(&format!("e{at}.note"));
    logged.extend(note.map(|note| ("note".to_owned(), json!(note))));
    logged.insert("sets".to_owned(), Value::Array(sets));
    Some((Value::Object(logged), fields))
}

/// What was sent, as the body of a PATCH.
fn sent(form: &Form, mending: &Mending) -> Result<Sheet, Faults> {
    let mut body = Map::new();
    let statuses = if mending.trained() {
        ["done", "partial"]
    } else {
        ["missed", "excused"]
    };
    let status = form
        .get("status")
        .filter(|status| statuses.contains(status));
    body.extend(status.map(|status| ("status".to_owned(), json!(status))));
    if !mending.trained() {
        let reason = form.get("skipped_reason");
        body.insert("skipped_reason".to_owned(), json!(reason));
        return Ok(Sheet {
            json: Value::Object(body),
            sets: Vec::new(),
        });
    }
    let unit = mending.unit();
    let (mut logged, mut sets) = (Vec::new(), Vec::new());
    for (at, planned) in mending.exercises.iter().enumerate() {
        let exercise = match mending.logged(at) {
            Some(original) => changed_exercise(form, (at, original), planned, unit),
            None => sheet::newly_done(form, at, planned, unit),
        };
        if let Some((exercise, fields)) = exercise {
            logged.push(exercise);
            sets.push((at, fields));
        }
    }
    if logged.is_empty() {
        let message = "Nothing is ticked any more. Tick what you did, or remove the whole training \
            below.";
        return Err(Faults::whole(message));
    }
    body.insert("exercises".to_owned(), Value::Array(logged));
    for name in ["duration_min", "session_rpe"] {
        body.insert(
            name.to_owned(),
            form.get(name).map_or(Value::Null, sheet::number),
        );
    }
    body.insert("notes".to_owned(), json!(form.get("notes")));
    Ok(Sheet {
        json: Value::Object(body),
        sets,
    })
}

pub(super) async fn show(cx: &ClientCx, id: WorkoutLogId) -> Result<Answer> {
    let mending = read(cx, id).await?;
    let (typed, right) = (as_typed(&mending), Faults::default());
    Ok(page(cx, 200, &mending, (&typed, &right)))
}

/// Changes the log.
pub(super) async fn save(cx: &ClientCx, id: WorkoutLogId, form: Form) -> Result<Answer> {
    let mending = read(cx, id).await?;
    let sheet = match sent(&form, &mending) {
        Ok(sheet) => sheet,
        Err(faults) => return Ok(page(cx, 400, &mending, (&form, &faults))),
    };
    let error = match keep(cx, &mending, &form, &sheet).await {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    let faults = Faults::read(error, |pointer| sheet.field(pointer))?;
    Ok(page(cx, 400, &mending, (&form, &faults)))
}

async fn keep(cx: &ClientCx, mending: &Mending, form: &Form, sheet: &Sheet) -> Result<Answer> {
    let patch: WorkoutLogPatch = read_body(sheet.json.to_string().as_bytes())?;
    let change = mend::draft(&cx.app, cx.tenant(), patch)?;
    let (caller, origin) = (Arc::clone(&cx.client), Arc::clone(&cx.origin));
    let log = (mending.log.id, mending.own.today);
    let work = work(move |tx| {
        let (log, _) = actions::amend(tx, &caller, &origin, log, change)?;
        Ok(see_other(format!("/app/training/{}", log.id)))
    })?;
    once(cx, form, work).await
}

/// Removes the log; the session waits again.
pub(super) async fn remove(cx: &ClientCx, id: WorkoutLogId, form: Form) -> Result<Answer> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let read = cx.app.db.read(move |conn| view::own(conn, &caller, now));
    let log = (id, read.await?.today);
    let (caller, origin) = (Arc::clone(&cx.client), Arc::clone(&cx.origin));
    let work = work(move |tx| {
        actions::remove(tx, &caller, &origin, log)?;
        Ok(see_other("/app/program"))
    })?;
    once(cx, &form, work).await
}

fn page(cx: &ClientCx, status: u16, mending: &Mending, (typed, wrong): (&Form, &Faults)) -> Answer {
    let (log, today) = (&mending.log, mending.own.today);
    let name = log.content.name.as_deref().unwrap_or("Training");
    let title = format!("Change “{name}”");
    let content = html! {
        p { a.back href={ "/app/training/" (log.id) } { "What you logged" } }
        div.page-top {
            h1 { (title) }
            p.muted { "Logged for " (relative(log.performed_on, today)) }
        }
        (faults(wrong))
        form.training method="post" action=(path(log.id)) novalidate {
            input type="hidden" name=(ONCE) value=(fresh(cx));
            @if mending.trained() {
                (standing(typed, "How much of it you did", &[("done", "All of it"), ("partial", "Part of it")]))
                (groups(mending, typed, wrong))
            } @else {
                (standing(typed, "What happened", &[("missed", "I missed it"), ("excused", "I was ill, hurt or away")]))
                div.field {
                    label for="skipped_reason" { "Anything your coach should know" }
                    textarea.control #skipped_reason name="skipped_reason" rows="2" maxlength="1000" { (typed.get("skipped_reason").unwrap_or_default()) }
                }
            }
            button.button.primary.wide type="submit" { "Save the change" }
        }
        @if !mending.trained() && let Some(place) = log.place {
            p.muted.small { "You did train? " a href={ (session::path(place)) "?again=1" } { "Log it" } "; the last one counts." }
        }
        details {
            summary { "Remove this training" }
            form.stack.tight method="post" action={ "/app/training/" (log.id) "/delete" } {
                input type="hidden" name=(ONCE) value=(fresh(cx));
                p { "It is gone then, for your coach too, as if you had never logged it." }
                button.button.danger type="submit" { "Remove it" }
            }
        }
    };
    let frame = frame(cx, Tab::Program, &title, mending.unread);
    layout::answer(status, &frame, &content)
}

fn standing(typed: &Form, legend: &str, choices: &[(&str, &str)]) -> Markup {
    html! {
        fieldset {
            legend { (legend) }
            @for (value, words) in choices {
                label.pick { input type="radio" name="status" value=(value) checked[typed.get("status") == Some(value)]; span { (words) } }
            }
        }
    }
}

/// The sheet: one group of what was logged, one of what was not.
fn groups(mending: &Mending, typed: &Form, wrong: &Faults) -> Markup {
    let logged = mending.log.content.exercises.len();
    let (done, left) = mending
        .exercises
        .split_at(logged.min(mending.exercises.len()));
    let group = |exercises: &[AppExerciseBody], notes: Option<&str>| AppGroupBody {
        kind: "straight",
        rounds: None,
        interval_s: None,
        time_cap_s: None,
        rest_s: None,
        notes: notes.map(str::to_owned),
        exercises: exercises.to_vec(),
    };
    let mut groups = vec![group(done, None)];
    if !left.is_empty() {
        groups.push(group(
            left,
            Some("Not logged. Tick what you did all the same."),
        ));
    }
    sheet::sheet_again(&groups, mending.unit(), (typed, wrong))
}
