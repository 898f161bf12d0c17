//! Reading what a program is made of, so that every invalid part is named by its place.

use super::model::{
    Amount, Block, BlockKind, Group, GroupKind, Load, LoadKind, Prescription, Progression,
    ProgressionKind, Session, SetEntry, SetKind, WeightUnit,
};
use crate::api::json::{At, Fields, Json, boolean, integer, list, object, one_of, text};
use crate::error::{FieldError, Place};
use crate::exercises::is_slug;
use crate::values::{Decimal, Invalid, line, paragraphs};

/// Most blocks of a program.
pub const BLOCKS_MAX: usize = 24;
/// Most sessions of a block.
pub const SESSIONS_MAX: usize = 400;
/// Most groups of a session.
pub const GROUPS_MAX: usize = 40;
/// Most prescriptions of a group.
pub const PRESCRIPTIONS_MAX: usize = 20;
/// Most entries of a prescription's sets.
pub const SETS_MAX: usize = 30;
/// Most alternates of a prescription.
const ALTERNATES_MAX: usize = 10;
/// The largest body of a program, in bytes.
pub const PROGRAM_LIMIT_BYTES: usize = 2 * 1024 * 1024;

fn name(value: &str) -> Result<String, Invalid> {
    line(value, 1, 200)
}

fn notes(value: &str) -> Result<String, Invalid> {
    paragraphs(value, 1, 4_000)
}

fn note(value: &str) -> Result<String, Invalid> {
    paragraphs(value, 1, 1_000)
}

/// The slug of an exercise; whether there is one is looked up later.
pub fn exercise(value: &str) -> Result<String, Invalid> {
    if is_slug(value) {
        return Ok(value.to_owned());
    }
    let message = "Not the slug of an exercise.";
    Err(Invalid::new("invalid_slug", message).fix("Use a form such as back-squat."))
}

fn tempo(value: &str) -> Result<String, Invalid> {
    let is_part = |part: &str| {
        part == "X"
            || (part.len() <= 2 && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    let parts: Vec<&str> = value.split('-').collect();
    if parts.len() == 4 && parts.into_iter().all(is_part) {
        return Ok(value.to_owned());
    }
    let message = "Not a tempo of four parts.";
    Err(Invalid::new("invalid_tempo", message)
        .fix("Use seconds down, at the bottom, up, at the top: 3-1-1-0; X is as fast as possible."))
}

fn number(bounds: std::ops::RangeInclusive<i64>) -> impl Fn(Json, &mut At<'_>) -> Option<u16> {
    move |value, at| {
        integer(bounds.clone())(value, at).and_then(|number| u16::try_from(number).ok())
    }
}

/// An id of another kind of object.
pub fn id<T: crate::ids::Id>(value: &str) -> Result<T, Invalid> {
    T::parse(value).ok_or_else(|| Invalid::new("invalid_id", "Not the id of such an object."))
}

/// A number with decimals, between two bounds in thousandths.
pub fn decimal(least: i64, most: i64) -> impl Fn(Json, &mut At<'_>) -> Option<Decimal> {
    move |value, at| {
        let Json::Number(number) = &value else {
            at.refuse("invalid_type", "This must be a number.");
            return None;
        };
        let found = Decimal::of_number(number);
        let Some(found) = found.filter(|found| (least..=most).contains(&found.thousandths()))
        else {
            let (least, most) = (
                Decimal::from_thousandths(least),
                Decimal::from_thousandths(most),
            );
            let message = format!("This must be {least} to {most}, with up to three decimals.");
            at.refuse("out_of_range", message);
            return None;
        };
        Some(found)
    }
}

/// A number, or `min` and `max`.
fn amount(most: i64) -> impl Fn(Json, &mut At<'_>) -> Option<Amount> {
    move |value, at| {
        let whole = move |value: Json, at: &mut At<'_>| {
            integer(0..=most)(value, at).and_then(|number| u32::try_from(number).ok())
        };
        if !matches!(value, Json::Object(_)) {
            return whole(value, at).map(Amount::Exact);
        }
        object(move |fields: &mut Fields<'_>| {
            let min = fields.required("min", whole);
            let max = fields.required("max", whole);
            let (min, max) = (min?, max?);
            if min > max {
                fields.refuse("max", "out_of_range", "This must not be less than `min`.");
                return None;
            }
            Some(Amount::Range { min, max })
        })(value, at)
    }
}

fn load(fields: &mut Fields<'_>) -> Option<Load> {
    let kind = fields.required("kind", one_of(LoadKind::CHOICES));
    let (least, most) = match kind {
        Some(LoadKind::Rpe) => (1_000, 10_000),
        Some(LoadKind::Rir) => (0, 10_000),
        Some(LoadKind::Percent1rm) => (1_000, 150_000),
        Some(LoadKind::LastPlusIncrement) => (-1_000_000, 1_000_000),
        Some(LoadKind::Absolute) | None => (0, 2_000_000),
    };
    let value = fields.required("value", decimal(least, most));
    let unit = fields.optional("unit", one_of(WeightUnit::CHOICES));
    let (kind, value, unit) = (kind?, value?, unit?);
    let weighs = matches!(kind, LoadKind::Absolute | LoadKind::LastPlusIncrement);
    if weighs && unit.is_none() {
        fields.refuse("unit", "required", "A weight needs its unit: kg or lb.");
        return None;
    }
    if !weighs && unit.is_some() {
        fields.refuse("unit", "not_allowed", "Only a weight has a unit.");
        return None;
    }
    if matches!(kind, LoadKind::Rpe | LoadKind::Rir) && !value.is_half() {
        fields.refuse("value", "out_of_range", "Use whole numbers and halves.");
        return None;
    }
    Some(Load { kind, value, unit })
}

fn set(fields: &mut Fields<'_>) -> Option<SetEntry> {
    let kind = fields.optional("kind", one_of(SetKind::CHOICES));
    let count = fields.optional("count", number(1..=50));
    let reps = fields.optional("reps", amount(1_000));
    let seconds = fields.optional("seconds", amount(86_400));
    let metres = fields.optional("metres", amount(1_000_000));
    let load = fields.optional("load", object(load));
    let note = fields.optional("note", text(note));
    let set = SetEntry {
        kind: kind?,
        count: count?,
        reps: reps?,
        seconds: seconds?,
        metres: metres?,
        load: load?,
        note: note?,
    };
    let measures = [set.reps, set.seconds, set.metres];
    match measures.iter().flatten().count() {
        1 => Some(set),
        0 if set.kind == Some(SetKind::Amrap) => Some(set),
        0 => {
            fields.refuse(
                "reps",
                "required",
                "A set needs `reps`, `seconds` or `metres`.",
            );
            None
        }
        _ => {
            let message = "A set has one of `reps`, `seconds` and `metres`.";
            fields.refuse("reps", "not_allowed", message);
            None
        }
    }
}

fn progression(fields: &mut Fields<'_>) -> Option<Progression> {
    let kind = fields.required("kind", one_of(ProgressionKind::CHOICES));
    let increment = fields.optional("increment", decimal(0, 1_000_000));
    let unit = fields.optional("unit", one_of(WeightUnit::CHOICES));
    let note = fields.optional("note", text(note));
    Some(Progression {
        kind: kind?,
        increment: increment?,
        unit: unit?,
        note: note?,
    })
}

fn prescription(fields: &mut Fields<'_>) -> Option<Prescription> {
    let name = fields.required("exercise", text(exercise));
    let sets = fields.required("sets", list(SETS_MAX, object(set)));
    let tempo = fields.optional("tempo", text(tempo));
    let rest_s = fields.optional("rest_s", number(0..=3_600));
    let unilateral = fields.optional("unilateral", boolean());
    let notes = fields.optional("notes", text(notes));
    let alternates = fields.optional("alternates", list(ALTERNATES_MAX, text(exercise)));
    let progression = fields.optional("progression", object(progression));
    Some(Prescription {
        exercise: name?,
        sets: sets?,
        tempo: tempo?,
        rest_s: rest_s?,
        unilateral: unilateral?,
        notes: notes?,
        alternates: alternates?,
        progression: progression?,
    })
}

fn group(fields: &mut Fields<'_>) -> Option<Group> {
    let kind = fields.optional("kind", one_of(GroupKind::CHOICES));
    let rounds = fields.optional("rounds", number(1..=100));
    let interval_s = fields.optional("interval_s", number(1..=3_600));
    let time_cap_s = fields.optional("time_cap_s", number(1..=14_400));
    let rest_s = fields.optional("rest_s", number(0..=3_600));
    let notes = fields.optional("notes", text(notes));
    let prescriptions = fields.required(
        "prescriptions",
        list(PRESCRIPTIONS_MAX, object(prescription)),
    );
    Some(Group {
        kind: kind?,
        rounds: rounds?,
        interval_s: interval_s?,
        time_cap_s: time_cap_s?,
        rest_s: rest_s?,
        notes: notes?,
        prescriptions: prescriptions?,
    })
}

fn session(fields: &mut Fields<'_>) -> Option<Session> {
    let week = fields.optional("week", number(1..=52));
    let day = fields.optional("day", number(1..=28));
    let name = fields.optional("name", text(name));
    let minutes = fields.optional("minutes", number(1..=600));
    let notes = fields.optional("notes", text(notes));
    let groups = fields.required("groups", list(GROUPS_MAX, object(group)));
    Some(Session {
        week: week?,
        day: day?,
        name: name?,
        minutes: minutes?,
        notes: notes?,
        groups: groups?,
    })
}

fn block(fields: &mut Fields<'_>) -> Option<Block> {
    let name = fields.optional("name", text(name));
    let kind = fields.optional("kind", one_of(BlockKind::CHOICES));
    let weeks = fields.optional("weeks", number(1..=52));
    let cycle_days = fields.optional("cycle_days", number(1..=28));
    let notes = fields.optional("notes", text(notes));
    let sessions = fields.required("sessions", list(SESSIONS_MAX, object(session)));
    Some(Block {
        name: name?,
        kind: kind?,
        weeks: weeks?,
        cycle_days: cycle_days?,
        notes: notes?,
        sessions: sessions?,
    })
}

/// The blocks of a program.
pub fn blocks(value: Json, at: &mut At<'_>) -> Option<Vec<Block>> {
    list(BLOCKS_MAX, object(block))(value, at)
}

/// What is wrong with blocks whose every part is right: sessions outside their block, and exercises
/// that nobody knows.
pub fn faults(blocks: &[Block], knows: impl Fn(&str) -> bool) -> Vec<FieldError> {
    let mut found = Vec::new();
    let mut fault = |pointer: String, code, message: String| {
        found.push(FieldError {
            place: Place::Pointer(pointer),
            code,
            message,
            fix: None,
        });
    };
    for (b, block) in blocks.iter().enumerate() {
        for (s, session) in block.sessions.iter().enumerate() {
            let at = format!("/blocks/{b}/sessions/{s}");
            if session.week.is_some_and(|week| week > block.weeks()) {
                let message = format!("The block has {} weeks.", block.weeks());
                fault(format!("{at}/week"), "out_of_range", message);
            }
            if session.day.is_some_and(|day| day > block.cycle_days()) {
                let message = format!("The cycle has {} days.", block.cycle_days());
                fault(format!("{at}/day"), "out_of_range", message);
            }
            for (g, group) in session.groups.iter().enumerate() {
                for (p, prescription) in group.prescriptions.iter().enumerate() {
                    let at = format!("{at}/groups/{g}/prescriptions/{p}");
                    let unknown = "There is no exercise of this slug.";
                    if !knows(&prescription.exercise) {
                        let pointer = format!("{at}/exercise");
                        fault(pointer, "unknown_exercise", unknown.to_owned());
                    }
                    let alternates = prescription.alternates.iter().flatten().enumerate();
                    for (a, _) in alternates.filter(|(_, slug)| !knows(slug)) {
                        let pointer = format!("{at}/alternates/{a}");
                        fault(pointer, "unknown_exercise", unknown.to_owned());
                    }
                }
            }
        }
    }
    found
}
