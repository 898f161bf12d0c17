//! A week that is copied, one step harder.
//!
//! A weight grows by the increment of the prescription's progression, in its own unit. Double
//! progression adds a repetition first, and weight once the least is the most. Without a weight the
//! effort grows: one repetition less in reserve, half a point of RPE, 2.5 % of the maximum; it stops
//! at 0, 10 and 100. Warm-ups stay as they are.

use super::model::{
    Amount, Block, Load, LoadKind, Prescription, Progression, ProgressionKind, SetEntry,
};
use crate::values::Decimal;

/// What half a point of RPE, one repetition in reserve and 2.5 % are, in thousandths.
const RPE_STEP: i64 = 500;
const RIR_STEP: i64 = 1_000;
const PERCENT_STEP: i64 = 2_500;

/// Puts `times` copies of a week behind it, the later weeks after them; false if there is no such
/// week.
pub fn duplicate(block: &mut Block, week: u16, times: u16, progress: bool) -> bool {
    let weeks = block.weeks();
    if week == 0 || week > weeks {
        return false;
    }
    let own = |week: u16| {
        block
            .week(week)
            .into_iter()
            .map(|(_, place)| place)
            .collect::<Vec<_>>()
    };
    // A session of every week becomes one of each, so that the copies can differ from it.
    let mut sessions = Vec::new();
    for former in 1..=weeks {
        for place in own(former) {
            let mut session = block.sessions[place].clone();
            let shifted = if former > week {
                former + times
            } else {
                former
            };
            session.week = Some(shifted);
            sessions.push((shifted, session));
        }
    }
    let source: Vec<_> = sessions
        .iter()
        .filter(|(at, _)| *at == week)
        .map(|(_, session)| session.clone())
        .collect();
    let mut last = source;
    for copy in 1..=times {
        for session in &mut last {
            session.week = Some(week + copy);
            let prescriptions = session.groups.iter_mut().flat_map(|g| &mut g.prescriptions);
            if progress {
                prescriptions.for_each(harder);
            }
        }
        sessions.extend(last.iter().map(|session| (week + copy, session.clone())));
    }
    sessions.sort_by_key(|(week, _)| *week);
    block.sessions = sessions.into_iter().map(|(_, session)| session).collect();
    block.weeks = Some(weeks + times);
    true
}

fn harder(prescription: &mut Prescription) {
    let progression = prescription.progression.clone();
    for set in prescription.sets.iter_mut().filter(|set| set.is_work()) {
        harder_set(set, progression.as_ref());
    }
}

fn plus(amount: Amount, more: u32) -> Amount {
    match amount {
        Amount::Exact(number) => Amount::Exact(number + more),
        Amount::Range { min, max } => Amount::Range {
            min: min + more,
            max: max + more,
        },
    }
}

fn harder_set(set: &mut SetEntry, progression: Option<&Progression>) {
    let kind = progression.map(|progression| progression.kind);
    match kind {
        Some(ProgressionKind::Timed) => {
            let increment = progression
                .and_then(|p| p.increment)
                .unwrap_or(Decimal::whole(5));
            let more = u32::try_from(increment.thousandths() / 1_000).unwrap_or(0);
            set.seconds = set.seconds.map(|seconds| plus(seconds, more));
            return;
        }
        Some(ProgressionKind::Bodyweight) => {
            set.reps = set.reps.map(|reps| plus(reps, 1));
            return;
        }
        Some(ProgressionKind::Double) if add_repetition(set) => return,
        Some(ProgressionKind::Double | ProgressionKind::Linear | ProgressionKind::Undulating)
        | None => {}
    }
    set.load = set.load.map(|load| heavier(load, progression));
}

/// The first half of double progression: from 6–10 to 7–10, while there is a weight to keep.
fn add_repetition(set: &mut SetEntry) -> bool {
    let weighs = set.load.is_some_and(|load| load.kind == LoadKind::Absolute);
    match set.reps {
        Some(Amount::Range { min, max }) if weighs && min < max => {
            set.reps = Some(Amount::Range { min: min + 1, max });
            true
        }
        _ => false,
    }
}

fn heavier(load: Load, progression: Option<&Progression>) -> Load {
    let value = load.value.thousandths();
    let value = match load.kind {
        LoadKind::Absolute => {
            let same_unit = progression.filter(|p| p.unit.is_none() || p.unit == load.unit);
            let more = same_unit
                .and_then(|p| p.increment)
                .map_or(0, Decimal::thousandths);
            (value + more).min(2_000_000)
        }
        LoadKind::Percent1rm => (value + PERCENT_STEP).min(value.max(100_000)),
        LoadKind::Rpe => (value + RPE_STEP).min(10_000),
        LoadKind::Rir => (value - RIR_STEP).max(0),
        // It says by itself that it grows.
        LoadKind::LastPlusIncrement => value,
    };
    Load {
        value: Decimal::from_thousandths(value),
        ..load
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{Group, Session, SetKind, WeightUnit};
    use super::*;

    fn set(reps: Amount, kind: LoadKind, thousandths: i64) -> SetEntry {
        let unit = (kind == LoadKind::Absolute).then_some(WeightUnit::Kg);
        let load = Load {
            kind,
            value: Decimal::from_thousandths(thousandths),
            unit,
        };
        SetEntry {
            reps: Some(reps),
            load: Some(load),
            ..SetEntry::default()
        }
    }

    fn progression(kind: ProgressionKind, thousandths: i64) -> Progression {
        let increment = Some(Decimal::from_thousandths(thousandths));
        Progression {
            kind,
            increment,
            unit: Some(WeightUnit::Kg),
            note: None,
        }
    }

    #[test]
    fn each_kind_of_load_grows_in_its_own_way_and_stops() {
        let linear = progression(ProgressionKind::Linear, 2_500);
        for (kind, from, to) in [
            (LoadKind::Absolute, 60_000, 62_500),
            (LoadKind::Percent1rm, 98_000, 100_000),
            (LoadKind::Percent1rm, 105_000, 105_000),
            (LoadKind::Rpe, 8_000, 8_500),
            (LoadKind::Rpe, 10_000, 10_000),
            (LoadKind::Rir, 3_000, 2_000),
            (LoadKind::Rir, 500, 0),
            (LoadKind::LastPlusIncrement, 2_500, 2_500),
        ] {
            let mut set = set(Amount::Exact(5), kind, from);
            harder_set(&mut set, Some(&linear));
            assert_eq!(
                set.load.map(|load| load.value.thousandths()),
                Some(to),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn double_progression_adds_repetitions_and_then_weight() {
        let double = progression(ProgressionKind::Double, 2_500);
        let mut set = set(
            Amount::Range { min: 9, max: 10 },
            LoadKind::Absolute,
            40_000,
        );

        harder_set(&mut set, Some(&double));
        assert_eq!(set.reps, Some(Amount::Range { min: 10, max: 10 }));
        harder_set(&mut set, Some(&double));

        assert_eq!(
            set.load.map(|load| load.value),
            Some(Decimal::from_thousandths(42_500))
        );
    }

    #[test]
    fn a_duplicated_week_stands_behind_its_source_and_the_rest_moves_on() {
        let prescription = Prescription {
            exercise: "back-squat".to_owned(),
            sets: vec![
                SetEntry {
                    kind: Some(SetKind::Warmup),
                    ..set(Amount::Exact(5), LoadKind::Rir, 5_000)
                },
                set(Amount::Exact(5), LoadKind::Rir, 3_000),
            ],
            ..Prescription::default()
        };
        let session = |week, name: &str| Session {
            week,
            name: Some(name.to_owned()),
            groups: vec![Group {
                prescriptions: vec![prescription.clone()],
                ..Group::default()
            }],
            ..Session::default()
        };
        let mut block = Block {
            weeks: Some(2),
            sessions: vec![session(None, "each"), session(Some(2), "second")],
            ..Block::default()
        };

        assert!(!duplicate(&mut block, 3, 1, true));
        assert!(duplicate(&mut block, 1, 2, true));

        let weeks: Vec<(Option<u16>, &str)> = block
            .sessions
            .iter()
            .map(|session| (session.week, session.name.as_deref().unwrap_or("")))
            .collect();
        assert_eq!(
            weeks,
            [
                (Some(1), "each"),
                (Some(2), "each"),
                (Some(3), "each"),
                (Some(4), "each"),
                (Some(4), "second")
            ]
        );
        let rir = |place: usize, set: usize| {
            let sets = &block.sessions[place].groups[0].prescriptions[0].sets;
            sets[set].load.map(|load| load.value.thousandths())
        };
        assert_eq!(
            [rir(0, 1), rir(1, 1), rir(2, 1), rir(3, 1)],
            [3_000, 2_000, 1_000, 3_000].map(Some)
        );
        assert_eq!(rir(2, 0), Some(5_000));
        assert_eq!(block.weeks(), 4);
    }
}
