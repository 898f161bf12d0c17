//! How heavy sample clients lift: believable numbers, growing week by week.

use crate::exercises::catalogue::{Exercise, Item, LoadType, Pattern};
use crate::programs::model::WeightUnit;
use crate::values::Decimal;
use crate::workouts::Weight;
use crate::workouts::records::grams;

/// What a man of 80 kg with a year of training lifts for ten repetitions, in kilograms.
fn reference_kg(exercise: &Exercise) -> i64 {
    let named = match exercise.slug.as_str() {
        "back-squat" => 84,
        "front-squat" | "barbell-bench-press" | "barbell-row" => 66,
        "conventional-deadlift" | "trap-bar-deadlift" | "sumo-deadlift" => 105,
        "romanian-deadlift" | "stiff-leg-deadlift" => 80,
        "barbell-hip-thrust" | "machine-hip-thrust" => 95,
        "leg-press" | "hack-squat" | "high-foot-leg-press" | "leg-press-calf-raise" => 140,
        "barbell-overhead-press" | "push-press" => 42,
        "landmine-press" | "half-kneeling-landmine-press" => 26,
        "barbell-curl" | "ez-bar-curl" | "skullcrusher" => 28,
        _ => 0,
    };
    if named > 0 {
        return named;
    }
    let small = [Item::Dumbbells, Item::Kettlebells]
        .iter()
        .any(|item| exercise.equipment.contains(item));
    let stack = exercise.load_type == LoadType::Stack;
    let (light, small_kg, other_kg) = of_pattern(exercise.pattern, small, stack);
    if light { small_kg } else { other_kg }
}

/// The same by movement: which of two weights it is, the first and the second.
fn of_pattern(pattern: Pattern, small: bool, stack: bool) -> (bool, i64, i64) {
    match pattern {
        Pattern::Squat => (small, 26, 80),
        Pattern::Hinge => (small, 28, 70),
        Pattern::Lunge => (small, 16, 45),
        Pattern::PushHorizontal => (small, 24, 55),
        Pattern::PushVertical => (small, 16, 40),
        Pattern::PullHorizontal => (small, 26, 58),
        Pattern::PullVertical => (stack, 55, 12),
        Pattern::Fly => (stack, 40, 12),
        Pattern::Delt => (stack, 20, 8),
        Pattern::ArmFlexion | Pattern::ArmExtension => (small, 11, 28),
        Pattern::LegIsolation => (false, 0, 42),
        Pattern::Calf => (small, 24, 80),
        Pattern::Carry => (false, 0, 28),
        Pattern::CoreAntiExtension | Pattern::CoreAntiRotation | Pattern::CoreFlexion => {
            (false, 0, 15)
        }
        Pattern::Power => (small, 18, 6),
        Pattern::Cardio | Pattern::Mobility => (false, 0, 0),
    }
}

/// The steps that the weights of an exercise come in, in thousandths of the unit.
fn step(exercise: &Exercise, unit: WeightUnit) -> i64 {
    let has = |item| exercise.equipment.contains(&item);
    match unit {
        WeightUnit::Lb => {
            if exercise.load_type == LoadType::Stack {
                10_000
            } else {
                5_000
            }
        }
        WeightUnit::Kg if exercise.load_type == LoadType::Stack => 5_000,
        WeightUnit::Kg if has(Item::Kettlebells) => 4_000,
        WeightUnit::Kg if has(Item::Dumbbells) => 2_000,
        WeightUnit::Kg => 2_500,
    }
}

/// How a client lifts at some point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strength {
    /// Percent of the reference.
    pub(super) percent: i64,
    /// How much more than in the beginning, in thousandths.
    pub(super) gained: i64,
    /// How hard the set is meant to be, in percent of what is possible for its repetitions.
    pub(super) share: i64,
}

/// What is on the bar in a set of so many repetitions; nothing where the exercise has no weight.
pub(super) fn load(
    exercise: &Exercise,
    strength: Strength,
    reps: u32,
    unit: WeightUnit,
) -> Option<Weight> {
    if !matches!(exercise.load_type, LoadType::Weight | LoadType::Stack) {
        return None;
    }
    let ten = reference_kg(exercise) * 1_000 * strength.percent / 100;
    // Epley's formula, from ten repetitions to these.
    let most = ten * 40 / (30 + i64::from(reps.clamp(1, 20)));
    let most = most * (1_000 + strength.gained) / 1_000 * strength.share / 100;
    let one = grams(Weight {
        value: Decimal::whole(1_000),
        unit,
    });
    let step = step(exercise, unit);
    let steps = (most * 1_000_000 / one + step / 2) / step;
    let value = Decimal::from_thousandths(steps.max(1) * step);
    Some(Weight { value, unit })
}
