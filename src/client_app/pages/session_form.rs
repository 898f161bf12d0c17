//! The sheet on which a training is logged: a row for each set, filled with what was prescribed and
//! what was done last time, and ticked when it is done.
//!
//! Fields are named by the place of the exercise and of the set: `e2.s0.reps`. What was sent becomes
//! the body that the API takes, so that both are judged alike; [`Sheet::field`] leads back from a
//! fault of the body to the field.

use maud::{Markup, html};
use serde_json::{Map, Number, Value, json};

use super::form::{Faults, Form};
use super::layout::{described, fault, performed, prescribed, short_day};
use crate::client_app::body::{AppExerciseBody, AppGroupBody, AppSessionBody};
use crate::programs::model::{Amount, Load, LoadKind, SetEntry, SetKind, WeightUnit};
use crate::workouts::records::{grams, weight};
use crate::workouts::{LoggedSet, Weight};

/// Most rows of an exercise: as many as a log takes.
const ROWS_MAX: usize = 49;

/// A set of the prescription, on its own.
struct Row<'s> {
    entry: &'s SetEntry,
    /// Its number among the sets of its kind, from 0.
    number: usize,
}

fn rows(exercise: &AppExerciseBody) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for entry in &exercise.sets {
        for _ in 0..entry.count() {
            let alike = rows
                .iter()
                .filter(|row| row.entry.is_work() == entry.is_work());
            let number = alike.count();
            rows.push(Row { entry, number });
        }
    }
    rows.truncate(ROWS_MAX);
    rows
}

/// The exercises of a session in their order, across its groups.
fn exercises(session: &AppSessionBody) -> impl Iterator<Item = (usize, &AppExerciseBody)> {
    let all = session.groups.iter().flat_map(|group| &group.exercises);
    all.enumerate()
}

/// What was sent.
pub(super) struct Sheet {
    /// The body that the API would take.
    pub(super) json: Value,
    /// The field of each set, by the places in the body of its exercise and of itself.
    pub(super) sets: Vec<(usize, Vec<String>)>,
}

/// A number as the body has it; what is none stays text, so that it is refused by its place.
pub(super) fn number(typed: &str) -> Value {
    // Phones in half of the world write a comma.
    let plain = typed.replace(',', ".");
    plain
        .parse::<Number>()
        .map_or_else(|_| Value::String(typed.to_owned()), Value::Number)
}

impl Sheet {
    /// Reads a sheet of a session. The fault is one of the whole.
    pub(super) fn read(
        form: &Form,
        session: &AppSessionBody,
        unit: WeightUnit,
    ) -> Result<Self, Faults> {
        let planned = &session.planned;
        let mut body = Map::new();
        body.insert("session".to_owned(), json!(planned.place));
        body.insert("program_id".to_owned(), json!(session.program_id));
        if let Some(status) = form.get("status") {
            body.insert("status".to_owned(), json!(status));
            let reason = form.get("skipped_reason");
            body.extend(reason.map(|reason| ("skipped_reason".to_owned(), json!(reason))));
            return Ok(Self {
                json: Value::Object(body),
                sets: Vec::new(),
            });
        }
        let (mut logged, mut sets, mut all_done) = (Vec::new(), Vec::new(), true);
        for (at, exercise) in exercises(session) {
            let (done, fields, whole) = done(form, at, exercise, unit);
            all_done &= whole;
            if done.is_empty() {
                continue;
            }
            logged.push(logged_exercise(form, at, exercise, done));
            sets.push((at, fields));
        }
        if logged.is_empty() {
            let message = "Tick the sets that you did, then save.";
            return Err(Faults::whole(message));
        }
        let status = if all_done { "done" } else { "partial" };
        body.insert("status".to_owned(), json!(status));
        body.insert("exercises".to_owned(), Value::Array(logged));
        for name in ["duration_min", "session_rpe"] {
            body.extend(form.get(name).map(|typed| (name.to_owned(), number(typed))));
        }
        body.extend(
            form.get("notes")
                .map(|typed| ("notes".to_owned(), json!(typed))),
        );
        Ok(Self {
            json: Value::Object(body),
            sets,
        })
    }

    /// The field that a pointer into the body is of.
    pub(super) fn field(&self, pointer: &str) -> Option<String> {
        let parts: Vec<&str> = pointer.trim_start_matches('/').split('/').collect();
        match parts.as_slice() {
            ["exercises", exercise, "sets", set, rest @ ..] => {
                let (_, fields) = self.sets.get(exercise.parse::<usize>().ok()?)?;
                let set = fields.get(set.parse::<usize>().ok()?)?;
                let name = rest.first().copied().unwrap_or("reps");
                Some(format!("{set}.{name}"))
            }
            ["exercises", exercise, name, ..] => {
                let (at, _) = self.sets.get(exercise.parse::<usize>().ok()?)?;
                Some(format!("e{at}.{name}"))
            }
            [name @ ("duration_min" | "session_rpe" | "notes" | "skipped_reason")] => {
                Some((*name).to_owned())
            }
            _ => None,
        }
    }
}

/// The sets of an exercise that were ticked, the field of each, and whether that is all of the work.
fn done(
    form: &Form,
    at: usize,
    exercise: &AppExerciseBody,
    unit: WeightUnit,
) -> (Vec<Value>, Vec<String>, bool) {
    let rows = rows(exercise);
    let pain = form.has(&format!("e{at}.pain"));
    let (mut sets, mut fields, mut whole) = (Vec::new(), Vec::new(), true);
    // One row more than was prescribed: a further set.
    for row in 0..=rows.len() {
        let field = format!("e{at}.s{row}");
        let entry = rows.get(row).map(|row| row.entry);
        if !form.has(&format!("{field}.done")) {
            whole &= entry.is_none_or(|entry| !entry.is_work());
            continue;
        }
        let mut set = typed_set(form, &field, entry, unit);
        if pain {
            set["pain"] = json!(true);
        }
        sets.push(set);
        fields.push(field);
    }
    (sets, fields, whole)
}

/// A set as it was typed.
pub(super) fn typed_set(
    form: &Form,
    field: &str,
    entry: Option<&SetEntry>,
    unit: WeightUnit,
) -> Value {
    let mut set = Map::new();
    let kind = entry.and_then(|entry| entry.kind);
    set.extend(kind.map(|kind| ("kind".to_owned(), json!(kind))));
    for name in ["reps", "seconds", "metres", "rpe"] {
        let typed = form.get(&format!("{field}.{name}"));
        set.extend(typed.map(|typed| (name.to_owned(), number(typed))));
    }
    if let Some(typed) = form.get(&format!("{field}.load")) {
        let load = json!({ "value": number(typed), "unit": unit });
        set.insert("load".to_owned(), load);
    }
    Value::Object(set)
}

/// An exercise of which something was ticked, with the field of each set; none if nothing was.
pub(super) fn newly_done(
    form: &Form,
    at: usize,
    exercise: &AppExerciseBody,
    unit: WeightUnit,
) -> Option<(Value, Vec<String>)> {
    let (done, fields, _) = done(form, at, exercise, unit);
    (!done.is_empty()).then(|| (logged_exercise(form, at, exercise, done), fields))
}

/// How many rows an exercise has, without the further one.
pub(super) fn row_count(exercise: &AppExerciseBody) -> usize {
    rows(exercise).len()
}

/// The fields of exercises, filled with what they begin with; nothing is ticked.
pub(super) fn filled_in(exercises: &[AppExerciseBody], unit: WeightUnit) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for (at, exercise) in exercises.iter().enumerate() {
        for (row, of_row) in rows(exercise).iter().enumerate() {
            let filled = filled(of_row, exercise, unit);
            for (name, value) in [
                ("reps", filled.reps),
                ("seconds", filled.seconds),
                ("metres", filled.metres),
                ("load", filled.load),
            ] {
                fields.extend(value.map(|value| (format!("e{at}.s{row}.{name}"), value)));
            }
        }
    }
    fields
}

fn logged_exercise(form: &Form, at: usize, exercise: &AppExerciseBody, sets: Vec<Value>) -> Value {
    let mut logged = Map::new();
    let chosen = form.get(&format!("e{at}.exercise"));
    let chosen = chosen.filter(|slug| *slug != exercise.exercise);
    logged.insert(
        "exercise".to_owned(),
        json!(chosen.unwrap_or(&exercise.exercise)),
    );
    logged.insert("sets".to_owned(), Value::Array(sets));
    if chosen.is_some() {
        let planned = json!(exercise.exercise);
        logged.insert("substituted_for".to_owned(), planned);
    }
    let note = form.get(&format!("e{at}.note"));
    logged.extend(note.map(|note| ("note".to_owned(), json!(note))));
    Value::Object(logged)
}

/// What a row is filled with.
#[derive(Default)]
struct Filled {
    reps: Option<String>,
    seconds: Option<String>,
    metres: Option<String>,
    load: Option<String>,
}

/// So many as last time, as far as the prescription allows it, and its least without a last time.
fn fill(wanted: Option<Amount>, last: Option<u32>) -> Option<String> {
    let wanted = wanted?;
    let number = last.map_or(wanted.min(), |last| last.clamp(wanted.min(), wanted.max()));
    Some(number.to_string())
}

/// A weight as it is typed in a unit.
pub(super) fn in_unit(load: Weight, unit: WeightUnit) -> String {
    if load.unit == unit {
        return load.value.to_string();
    }
    weight(grams(load), unit).value.to_string()
}

/// The load to begin with: what is prescribed, else what was lifted last time. None is invented.
fn load_of(wanted: Option<Load>, last: Option<Weight>, unit: WeightUnit) -> Option<String> {
    let written = |load: Load| Weight {
        value: load.value,
        unit: load.unit.unwrap_or(WeightUnit::Kg),
    };
    match wanted {
        Some(load) if load.kind == LoadKind::Absolute => Some(in_unit(written(load), unit)),
        Some(load) if load.kind == LoadKind::LastPlusIncrement => {
            let sum = grams(last?) + grams(written(load));
            Some(weight(sum, unit).value.to_string())
        }
        _ => last.map(|last| in_unit(last, unit)),
    }
}

fn filled(row: &Row<'_>, exercise: &AppExerciseBody, unit: WeightUnit) -> Filled {
    let last = exercise.last.iter().flat_map(|last| &last.sets);
    let alike = |set: &&LoggedSet| (set.kind != Some(SetKind::Warmup)) == row.entry.is_work();
    let alike: Vec<&LoggedSet> = last.filter(alike).collect();
    let last = alike.get(row.number).or(alike.last()).copied();
    Filled {
        reps: fill(row.entry.reps, last.and_then(|set| set.reps)),
        seconds: fill(row.entry.seconds, last.and_then(|set| set.seconds)),
        metres: fill(row.entry.metres, last.and_then(|set| set.metres)),
        load: load_of(row.entry.load, last.and_then(|set| set.load), unit),
    }
}

/// What is common to all rows of a sheet.
struct Pen<'p> {
    typed: &'p Form,
    wrong: &'p Faults,
    unit: WeightUnit,
    /// True if the sheet comes back: then what was typed stands in it, and nothing else.
    again: bool,
}

/// The sheet of a session.
pub(super) fn sheet(
    session: &AppSessionBody,
    unit: WeightUnit,
    typed: &Form,
    wrong: &Faults,
) -> Markup {
    let pen = Pen {
        typed,
        wrong,
        unit,
        again: wrong.any(),
    };
    drawn(&session.groups, &pen)
}

/// A sheet that comes back, with what was typed or logged in it.
pub(super) fn sheet_again(
    groups: &[AppGroupBody],
    unit: WeightUnit,
    (typed, wrong): (&Form, &Faults),
) -> Markup {
    let again = true;
    let pen = Pen {
        typed,
        wrong,
        unit,
        again,
    };
    drawn(groups, &pen)
}

fn drawn(groups: &[AppGroupBody], pen: &Pen<'_>) -> Markup {
    let (typed, wrong) = (pen.typed, pen.wrong);
    let mut at = 0;
    let groups: Vec<Markup> = groups
        .iter()
        .map(|group| {
            let first = at;
            at += group.exercises.len();
            self::group(group, first, pen)
        })
        .collect();
    html! {
        @for group in &groups { (group) }
        @if groups.is_empty() { p.muted { "This session has no exercises. Write to your coach if that is not meant so." } }
        fieldset {
            legend { "The whole training" }
            (whole_field(pen, "duration_min", "Minutes", "numeric"))
            (whole_field(pen, "session_rpe", "How hard it was, 1 to 10", "decimal"))
            div.field {
                label for="notes" { "Notes for your coach" }
                textarea.control #notes name="notes" rows="2" maxlength="10000" { (typed.get("notes").unwrap_or_default()) }
                (fault(wrong, "notes"))
            }
        }
    }
}

fn whole_field(pen: &Pen<'_>, name: &str, label: &str, keyboard: &str) -> Markup {
    html! {
        div.field.short {
            label for=(name) { (label) }
            input.control id=(name) name=(name) inputmode=(keyboard) autocomplete="off"
                value=[pen.typed.get(name)] aria-invalid=[pen.wrong.get(name).map(|_| "true")]
                aria-describedby=[described(pen.wrong, name)];
            (fault(pen.wrong, name))
        }
    }
}

fn group(group: &AppGroupBody, first: usize, pen: &Pen<'_>) -> Markup {
    let title = match group.kind {
        "superset" => Some("Superset: one set of each in turn"),
        "giant" => Some("Giant set: one set of each in turn"),
        "circuit" => Some("Circuit: one set of each, round after round"),
        "emom" => Some("A set at the start of each interval"),
        "amrap" => Some("As many rounds as you can"),
        _ => None,
    };
    html! {
        section.group.joined[title.is_some()] {
            @if let Some(title) = title {
                p.group-title {
                    (title)
                    @if let Some(rounds) = group.rounds { ", " (rounds) " rounds" }
                    @if let Some(seconds) = group.interval_s { ", every " (seconds) " s" }
                    @if let Some(seconds) = group.time_cap_s { ", " (seconds / 60) " min" }
                    @if let Some(seconds) = group.rest_s { ", rest " (seconds) " s after each round" }
                }
            }
            @if let Some(notes) = &group.notes { p.pre { (notes) } }
            @for (number, exercise) in group.exercises.iter().enumerate() {
                (self::exercise(exercise, first + number, pen))
            }
        }
    }
}

fn exercise(exercise: &AppExerciseBody, at: usize, pen: &Pen<'_>) -> Markup {
    let rows = rows(exercise);
    html! {
        section.exercise data-rest=[exercise.rest_s] {
            h2 { (exercise.name) }
            p {
                @for (number, set) in exercise.sets.iter().enumerate() {
                    @if number > 0 { br; }
                    @if !set.is_work() { "Warm-up: " }
                    (prescribed(set))
                    @if let Some(note) = &set.note { " (" (note) ")" }
                }
            }
            p.muted.small {
                @if exercise.unilateral { "Each side. " }
                @if let Some(tempo) = &exercise.tempo { "Tempo " (tempo) ". " }
                @if let Some(rest) = exercise.rest_s { "Rest " (rest) " s. " }
                @if let Some(cue) = &exercise.cue { (cue) }
            }
            @if let Some(notes) = &exercise.notes { p.pre { (notes) } }
            @if let Some(last) = &exercise.last {
                p.last-time.small {
                    strong { "Last time" } ", " (short_day(last.performed_on)) ": "
                    @for (number, set) in last.sets.iter().enumerate() { @if number > 0 { "; " } (performed(set)) }
                }
            }
            div.sets {
                @for (number, row) in rows.iter().enumerate() {
                    (self::row(exercise, at, number, Some(row), pen))
                }
            }
            (more(exercise, at, rows.len(), pen))
        }
    }
}

/// What of a set can be entered: a column of the row.
pub(super) fn columns(
    entry: Option<&SetEntry>,
    unit: WeightUnit,
) -> Vec<(&'static str, &'static str)> {
    let mut columns = Vec::new();
    let timed = entry.is_some_and(|entry| entry.reps.is_none() && entry.seconds.is_some());
    let far = entry.is_some_and(|entry| entry.reps.is_none() && entry.metres.is_some());
    if timed {
        columns.push(("seconds", "Seconds"));
    }
    if far {
        columns.push(("metres", "Metres"));
    }
    if !timed && !far {
        columns.push(("reps", "Reps"));
    }
    columns.push(("load", unit.name()));
    columns.push(("rpe", "RPE"));
    columns
}

fn row(
    exercise: &AppExerciseBody,
    at: usize,
    number: usize,
    row: Option<&Row<'_>>,
    pen: &Pen<'_>,
) -> Markup {
    let field = format!("e{at}.s{number}");
    let filled = row.map_or_else(Filled::default, |row| filled(row, exercise, pen.unit));
    let warmup = row.is_some_and(|row| !row.entry.is_work());
    let ticked = pen.typed.has(&format!("{field}.done"));
    let columns = columns(row.map(|row| row.entry), pen.unit);
    let named = format!(
        "set {}{}",
        number + 1,
        if warmup { ", warm-up" } else { "" }
    );
    html! {
        fieldset.set {
            legend.unseen { (exercise.name) ", " (named) }
            div.set-row {
                label.tick {
                    input type="checkbox" name={ (field) ".done" } value="1" checked[ticked] data-tick;
                    span { @if warmup { "Warm-up" } @else { "Done" } }
                }
                @for (name, label) in &columns {
                    @let own = match *name {
                        "reps" => filled.reps.clone(),
                        "seconds" => filled.seconds.clone(),
                        "metres" => filled.metres.clone(),
                        "load" => filled.load.clone(),
                        _ => None,
                    };
                    @let full = format!("{field}.{name}");
                    @let typed = pen.typed.get(&full).map(str::to_owned);
                    label.cell {
                        span { (label) }
                        input.control name=(full) inputmode={ @if ["load", "rpe"].contains(name) { "decimal" } @else { "numeric" } }
                            autocomplete="off" value=[if pen.again { typed } else { own }]
                            aria-invalid=[pen.wrong.get(&full).map(|_| "true")]
                            aria-describedby=[described(pen.wrong, &full)];
                    }
                }
            }
            @for (name, _) in &columns { (fault(pen.wrong, &format!("{field}.{name}"))) }
        }
    }
}

/// What is needed now and then: a further set, another exercise, that it hurt, a note.
fn more(exercise: &AppExerciseBody, at: usize, rows: usize, pen: &Pen<'_>) -> Markup {
    let named = |name: &str| format!("e{at}.{name}");
    let chosen = pen.typed.get(&named("exercise"));
    let used = pen.again
        && (pen.typed.has(&named("pain"))
            || pen.typed.get(&named("note")).is_some()
            || pen.wrong.get(&named("exercise")).is_some()
            || pen.typed.has(&format!("e{at}.s{rows}.done")));
    html! {
        details.more open[used] {
            summary { "More" span.unseen { " about " (exercise.name) } }
            (row(exercise, at, rows, None, pen))
            @if !exercise.alternates.is_empty() {
                div.field {
                    label for=(named("exercise")) { "What you did" }
                    select.control id=(named("exercise")) name=(named("exercise")) {
                        option value=(exercise.exercise) { (exercise.name) }
                        @for other in &exercise.alternates {
                            option value=(other.exercise) selected[chosen == Some(&other.exercise)] { (other.name) }
                        }
                    }
                    (fault(pen.wrong, &named("exercise")))
                }
            }
            label.pick {
                input type="checkbox" name=(named("pain")) value="1" checked[pen.typed.has(&named("pain"))];
                span { "It hurt" }
            }
            div.field {
                label for=(named("note")) { "A note on this exercise" }
                textarea.control id=(named("note")) name=(named("note")) rows="2" maxlength="1000" { (pen.typed.get(&named("note")).unwrap_or_default()) }
                (fault(pen.wrong, &named("note")))
            }
        }
    }
}
