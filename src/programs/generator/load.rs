//! Loads of known maxima: what a client's best allows, never more, and never without one.
//!
//! The main lift of the strength goal is given in percent of it, week by week. Any other lift is given
//! the load that it begins with; after the first week what was lifted says more than a best of months
//! ago, and the plan goes on by repetitions in reserve and progression.

use super::pick::Chooser;
use super::policy::{self, Role};
use super::{Input, KnownMaximum, Maximum, Pick};
use crate::exercises::catalogue::LoadType;
use crate::programs::model::{Load, LoadKind, WeightUnit};
use crate::values::Decimal;

pub(super) fn unit(input: &Input) -> WeightUnit {
    if input.metric {
        WeightUnit::Kg
    } else {
        WeightUnit::Lb
    }
}

/// Thousandths of a unit, in words.
fn words(input: &Input, thousandths: i64) -> String {
    let unit = unit(input).name();
    format!("{} {unit}", Decimal::from_thousandths(thousandths))
}

/// Rounded down to what can be put on a bar.
fn plates(input: &Input, thousandths: i64) -> i64 {
    let step = if input.metric {
        policy::PLATES.0
    } else {
        policy::PLATES.1
    };
    thousandths - thousandths.rem_euclid(step)
}

/// The best of an exercise, if a load may be made of it. A fast lift is light on purpose, a
/// limitation makes a best say nothing of what is good now, and who needs a physician's consent
/// begins light.
pub(super) fn known(chooser: &Chooser<'_>, input: &Input, pick: &Pick) -> Option<Maximum> {
    let exercise = chooser.pool.exercises[pick.place];
    let weighs = matches!(exercise.load_type, LoadType::Weight | LoadType::Stack);
    let free = chooser.asks_of_limited(pick.place) == 0;
    let plain = weighs && free && pick.role != Role::Power && !input.is_easy();
    let maximum = input.history.maxima.get(&exercise.slug)?;
    plain.then_some(*maximum)
}

/// The share of the maximum that the whole of the repetitions allows with so many in reserve, in
/// tenths of a percent.
fn share(pick: &Pick, rir: u32) -> Option<u32> {
    policy::share_of_maximum(pick.reps.1 + rir)
}

/// The weight of a share of a maximum in thousandths, rounded down; none if nothing is left of it.
fn weight(input: &Input, maximum: Maximum, tenths: u32) -> Option<i64> {
    let weight = plates(input, maximum.value * i64::from(tenths) / 1_000);
    (weight > 0).then_some(weight)
}

/// The weight that the first week begins with, in thousandths.
fn first(input: &Input, pick: &Pick, (maximum, rir): (Maximum, u32)) -> Option<i64> {
    weight(input, maximum, share(pick, rir)?)
}

/// The load that the first week begins with.
pub(super) fn begins_with(
    input: &Input,
    pick: &Pick,
    (maximum, rir): (Maximum, u32),
) -> Option<Load> {
    let weight = first(input, pick, (maximum, rir))?;
    Some(Load {
        kind: LoadKind::Absolute,
        value: Decimal::from_thousandths(weight),
        unit: Some(unit(input)),
    })
}

/// The percent of the maximum of a top set: what the week is planned with, and never more than its
/// repetitions and those in reserve allow.
pub(super) fn percent(pick: &Pick, planned: u32, rir: u32) -> Option<u32> {
    share(pick, rir).map(|tenths| planned.min(tenths / 10))
}

/// What is said of a load in percent.
pub(super) fn of_percent(input: &Input, maximum: Maximum, percent: u32) -> String {
    let of = words(input, maximum.value);
    match weight(input, maximum, percent * 10) {
        Some(weight) => format!(
            "{percent} % of an estimated maximum of {of} is {}.",
            words(input, weight)
        ),
        None => format!("{percent} % is of an estimated maximum of {of}."),
    }
}

/// What is said of a load that the first week begins with.
pub(super) fn of_first(input: &Input, maximum: Maximum, rir: u32) -> String {
    format!(
        "By an estimated maximum of {} this leaves {rir} in reserve: take less where it does not.",
        words(input, maximum.value)
    )
}

/// Why a load is what it is: the best that it was made of, and when that was.
pub(super) fn reason(
    input: &Input,
    pick: &Pick,
    maximum: Maximum,
    rir: u32,
    heavy: bool,
) -> String {
    let best = format!(
        "an estimated maximum of {}, lifted on {}",
        words(input, maximum.value),
        maximum.achieved_on
    );
    match (heavy, first(input, pick, (maximum, rir))) {
        (true, _) => format!(" Its loads are in percent of {best}."),
        (false, Some(weight)) => format!(
            " It begins with {}, which leaves {rir} in reserve by {best}.",
            words(input, weight)
        ),
        (false, None) => {
            format!(" No load is made of {best}: it says too little of so many repetitions.")
        }
    }
}

/// The best as a program tells it.
pub(super) fn record(input: &Input, slug: &str, maximum: Maximum) -> KnownMaximum {
    KnownMaximum {
        exercise: slug.to_owned(),
        estimated_maximum: Decimal::from_thousandths(maximum.value),
        unit: unit(input),
        achieved_on: maximum.achieved_on,
    }
}
