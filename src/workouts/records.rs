//! Personal records: the best that a client has lifted.
//!
//! Two kinds. The **estimated maximum** by Epley's formula, load × (1 + repetitions / 30), of sets of
//! up to ten repetitions; a single is its own estimate. The **repetition maximum**: the heaviest load
//! of a set of so many repetitions, if none of as many or more was heavier. Warm-ups and sets without
//! a weight are no records. Everything is compared in grams, whatever it was entered in.

use std::collections::BTreeMap;

use super::{Content, LoggedSet, Weight};
use crate::programs::model::{SetKind, WeightUnit};
use crate::values::Decimal;

/// The most repetitions of a set that says something of the maximum.
pub const REPS_MAX: u32 = 10;

/// A pound in tens of nanograms.
const POUND: i64 = 45_359_237;

/// A weight in grams, rounded.
pub fn grams(weight: Weight) -> i64 {
    let thousandths = weight.value.thousandths();
    match weight.unit {
        WeightUnit::Kg => thousandths,
        WeightUnit::Lb => (thousandths * POUND + 50_000_000) / 100_000_000,
    }
}

/// Grams in a unit, rounded to a tenth of a pound; kilograms are exact.
pub fn weight(grams: i64, unit: WeightUnit) -> Weight {
    let thousandths = match unit {
        WeightUnit::Kg => grams,
        WeightUnit::Lb => (grams * 1_000_000 + POUND / 2) / POUND * 100,
    };
    let value = Decimal::from_thousandths(thousandths);
    Weight { value, unit }
}

/// An estimate in a unit, to a tenth of it.
pub fn estimated(grams: i64, unit: WeightUnit) -> Weight {
    match unit {
        WeightUnit::Kg => weight((grams + 50) / 100 * 100, unit),
        WeightUnit::Lb => weight(grams, unit),
    }
}

/// The estimated maximum in grams.
pub fn estimate(grams: i64, reps: u32) -> i64 {
    if reps == 1 {
        return grams;
    }
    grams * i64::from(30 + reps) / 30
}

/// What a record is of: no repetitions for the estimated maximum.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The exercise.
    pub exercise: String,
    /// Repetitions; 0 for the estimated maximum.
    pub reps: u32,
}

/// A new best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is of.
    pub key: Key,
    /// How much.
    pub grams: i64,
    /// How much it was before.
    pub previous: Option<i64>,
}

fn counts(set: &LoggedSet) -> Option<(u32, i64)> {
    let reps = set.reps.filter(|reps| (1..=REPS_MAX).contains(reps))?;
    let grams = grams(set.load?);
    let work = set.kind != Some(SetKind::Warmup) && set.skipped_reason.is_none();
    (work && grams > 0).then_some((reps, grams))
}

/// What of a log counts for the records of each of its exercises.
pub fn lifts(content: &Content) -> BTreeMap<&str, Vec<(u32, i64)>> {
    let mut lifts: BTreeMap<&str, Vec<(u32, i64)>> = BTreeMap::new();
    for exercise in &content.exercises {
        let counted = exercise.sets.iter().filter_map(counts);
        lifts
            .entry(exercise.exercise.as_str())
            .or_default()
            .extend(counted);
    }
    lifts
}

/// What of a log is better than what was best until now.
pub fn broken(content: &Content, best: &BTreeMap<Key, i64>) -> Vec<Record> {
    let mut now: BTreeMap<Key, i64> = BTreeMap::new();
    for exercise in &content.exercises {
        for (reps, grams) in exercise.sets.iter().filter_map(counts) {
            let key = |reps| Key {
                exercise: exercise.exercise.clone(),
                reps,
            };
            for (key, grams) in [(key(0), estimate(grams, reps)), (key(reps), grams)] {
                let most = now.entry(key).or_insert(0);
                *most = grams.max(*most);
            }
        }
    }
    let is_heaviest = |key: &Key, grams: i64| {
        // A set of more repetitions with as much or more says that this is no maximum.
        let others = |all: &BTreeMap<Key, i64>| {
            let mut all = all.iter();
            all.any(|(other, most)| {
                other.exercise == key.exercise && other.reps > key.reps && *most >= grams
            })
        };
        key.reps == 0 || !(others(best) || others(&now))
    };
    now.iter()
        .filter(|(key, grams)| best.get(key).is_none_or(|most| most < grams))
        .filter(|(key, grams)| is_heaviest(key, **grams))
        .map(|(key, grams)| Record {
            key: key.clone(),
            grams: *grams,
            previous: best.get(key).copied(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::LoggedExercise;
    use super::*;

    fn set(reps: u32, kg: i64) -> LoggedSet {
        let load = Some(Weight {
            value: Decimal::whole(kg),
            unit: WeightUnit::Kg,
        });
        LoggedSet {
            reps: Some(reps),
            load,
            ..LoggedSet::default()
        }
    }

    fn content(sets: Vec<LoggedSet>) -> Content {
        let exercise = LoggedExercise {
            exercise: "back-squat".to_owned(),
            sets,
            substituted_for: None,
            skipped_reason: None,
            note: None,
        };
        Content {
            exercises: vec![exercise],
            ..Content::default()
        }
    }

    fn found(sets: Vec<LoggedSet>, best: &[(u32, i64)]) -> Vec<(u32, i64)> {
        let key = |reps| Key {
            exercise: "back-squat".to_owned(),
            reps,
        };
        let best = best
            .iter()
            .map(|(reps, grams)| (key(*reps), *grams))
            .collect();
        broken(&content(sets), &best)
            .into_iter()
            .map(|r| (r.key.reps, r.grams))
            .collect()
    }

    #[test]
    fn the_estimate_is_epleys_and_a_single_is_its_own() {
        assert_eq!(estimate(100_000, 1), 100_000);
        assert_eq!(estimate(100_000, 5), 116_666);
        assert_eq!(estimate(100_000, 10), 133_333);
    }

    #[test]
    fn pounds_and_kilograms_are_compared_by_what_they_weigh() {
        let pounds = Weight {
            value: Decimal::whole(225),
            unit: WeightUnit::Lb,
        };

        assert_eq!(grams(pounds), 102_058);
        assert_eq!(weight(102_058, WeightUnit::Lb), pounds);
        assert_eq!(
            weight(102_058, WeightUnit::Kg).value,
            Decimal::from_thousandths(102_058)
        );
    }

    #[test]
    fn only_work_with_a_weight_and_few_repetitions_sets_records() {
        let warmup = LoggedSet {
            kind: Some(SetKind::Warmup),
            ..set(5, 200)
        };
        let bodyweight = LoggedSet {
            load: None,
            ..set(5, 1)
        };
        let skipped = LoggedSet {
            skipped_reason: Some("knee".to_owned()),
            ..set(5, 200)
        };

        assert_eq!(
            found(
                vec![warmup, bodyweight, skipped, set(11, 200), set(0, 300)],
                &[]
            ),
            []
        );
    }

    #[test]
    fn a_lighter_set_is_no_record_where_one_of_more_repetitions_was_as_heavy() {
        assert_eq!(
            found(vec![set(3, 100), set(5, 100)], &[]),
            [(0, 116_666), (5, 100_000)]
        );
        assert_eq!(found(vec![set(3, 100)], &[(0, 116_666), (5, 100_000)]), []);
        assert_eq!(
            found(vec![set(3, 102)], &[(0, 116_666), (5, 100_000)]),
            [(3, 102_000)]
        );
        assert_eq!(found(vec![set(5, 100)], &[(0, 116_666), (5, 100_000)]), []);
    }
}
