//! The plan in the words of a program: weeks, sessions, groups, sets; and what is said about it.

use super::pick::Chooser;
use super::policy::{self, Goal, Limitation, Role};
use super::{
    Cardio, Conditioning, Day, Gap, Generation, Input, Measure, Pick, Plan, PolicyBody, Reason,
    Stage, Warning, fit, input_hash, tell,
};
use crate::exercises::catalogue::{Exercise, LoadType, Pattern};
use crate::programs::model::{
    Amount, Block, BlockKind, Group as SetGroup, GroupKind, Load, LoadKind, Prescription,
    Progression, ProgressionKind, Session, SetEntry, SetKind, WeightUnit,
};
use crate::values::Decimal;

/// From `first` to `last` in equal steps: the value of week `week` of `weeks`.
fn between(first: u32, last: u32, week: u32, weeks: u32) -> u32 {
    if weeks < 2 {
        return first;
    }
    let share = |distance: u32| (distance * (week - 1) + (weeks - 1) / 2) / (weeks - 1);
    if last >= first {
        first + share(last - first)
    } else {
        first - share(first - last)
    }
}

/// A week of the plan.
#[derive(Clone, Copy)]
struct Week {
    /// Its number in the program.
    number: u32,
    /// Its number in the block.
    of_block: u32,
    /// How many weeks there are before the deload.
    weeks: u32,
    deload: bool,
    rir: u32,
}

impl Week {
    fn sets(self, pick: &Pick) -> u32 {
        if self.deload {
            return pick.start.div_ceil(2).min(pick.peak);
        }
        between(pick.start, pick.peak, self.of_block, self.weeks)
    }
}

fn weeks(input: &Input) -> Vec<Week> {
    let (load, deload) = policy::weeks(input.goal, input.level as usize);
    let (load, deload) = (u32::from(load), u32::from(deload));
    let (first, last) = policy::rir(input.goal, input.level as usize);
    let rir = |week| match between(first, last, week, load) {
        _ if input.is_easy() => policy::EASY_RIR,
        rir => rir,
    };
    let of_load = (1..=load).map(|week| Week {
        number: week,
        of_block: week,
        weeks: load,
        deload: false,
        rir: rir(week),
    });
    let of_deload = (1..=deload).map(|week| Week {
        number: load + week,
        of_block: week,
        weeks: load,
        deload: true,
        rir: policy::EASY_RIR,
    });
    of_load.chain(of_deload).collect()
}

fn whole(kind: LoadKind, value: u32) -> Load {
    Load {
        kind,
        value: Decimal::whole(i64::from(value)),
        unit: None,
    }
}

/// Writes the sessions.
struct Writer<'w> {
    chooser: &'w Chooser,
    input: &'w Input,
}

impl Writer<'_> {
    fn exercise(&self, place: usize) -> &'static Exercise {
        &self.chooser.pool.catalogue.exercises[place]
    }

    fn slug(&self, place: usize) -> String {
        self.exercise(place).slug.clone()
    }

    fn unit(&self) -> WeightUnit {
        if self.input.metric {
            WeightUnit::Kg
        } else {
            WeightUnit::Lb
        }
    }

    fn progression(&self, pick: &Pick) -> Option<Progression> {
        if self.input.is_easy() {
            return None;
        }
        let exercise = self.exercise(pick.place);
        let lower = matches!(
            exercise.pattern,
            Pattern::Squat | Pattern::Hinge | Pattern::Lunge
        );
        let plate = Decimal::from_thousandths(policy::increment(self.input.metric, lower));
        let small = Decimal::from_thousandths(policy::increment(self.input.metric, false));
        let loaded = |kind, increment, note: &str| Progression {
            kind,
            increment: Some(increment),
            unit: Some(self.unit()),
            note: Some(note.to_owned()),
        };
        let beginner = self.input.level == crate::exercises::catalogue::Level::Beginner;
        Some(match exercise.load_type {
            LoadType::Weight | LoadType::Stack => match (self.input.goal, pick.role) {
                _ if beginner => loaded(
                    ProgressionKind::Linear,
                    plate,
                    "After all repetitions add this much; after two misses take 10 % off.",
                ),
                (Goal::Strength, Role::Main) => loaded(
                    ProgressionKind::Undulating,
                    plate,
                    "Add when the top set leaves more in reserve than planned; back-offs are 10 % lighter.",
                ),
                _ => loaded(
                    ProgressionKind::Double,
                    small,
                    "All sets at the top of the range: add this much and begin at its bottom.",
                ),
            },
            LoadType::Band | LoadType::Bodyweight => Progression {
                kind: ProgressionKind::Bodyweight,
                increment: None,
                unit: None,
                note: exercise
                    .progression
                    .as_ref()
                    .map(|next| format!("At the top of the range go on to {next}.")),
            },
            LoadType::Time => Progression {
                kind: ProgressionKind::Timed,
                increment: Some(Decimal::whole(i64::from(policy::HOLD_S.1))),
                unit: None,
                note: None,
            },
            LoadType::Distance => loaded(
                ProgressionKind::Double,
                small,
                "Walk the whole way without a stop, then add this much.",
            ),
        })
    }

    fn sets(&self, pick: &Pick, week: Week) -> Vec<SetEntry> {
        let count = week.sets(pick);
        let exercise = self.exercise(pick.place);
        let reps = Amount::Range {
            min: pick.reps.0,
            max: pick.reps.1,
        };
        let rir = whole(LoadKind::Rir, week.rir);
        let entry = |kind, count: u32, load| SetEntry {
            kind: Some(kind),
            count: u16::try_from(count).ok(),
            reps: Some(reps),
            load,
            ..SetEntry::default()
        };
        match pick.measure {
            Measure::Seconds => {
                let weeks = if week.deload { 0 } else { week.of_block - 1 };
                let seconds = Amount::Exact(policy::HOLD_S.0 + policy::HOLD_S.1 * weeks);
                return vec![SetEntry {
                    reps: None,
                    seconds: Some(seconds),
                    ..entry(SetKind::Working, count, None)
                }];
            }
            Measure::Metres => {
                let metres = Some(Amount::Exact(policy::CARRY_M));
                return vec![SetEntry {
                    reps: None,
                    metres,
                    ..entry(SetKind::Working, count, Some(rir))
                }];
            }
            Measure::Reps => {}
        }
        let heavy = self.input.goal == Goal::Strength
            && pick.role == Role::Main
            && exercise.load_type == LoadType::Weight
            && !self.input.is_easy()
            && !week.deload;
        if !heavy {
            return vec![entry(SetKind::Working, count, Some(rir))];
        }
        let (top, backoff) = if self.input.maxima.contains_key(&exercise.slug) {
            let (first, last) = policy::percent_1rm(self.input.level as usize);
            let percent = between(first, last, week.of_block, week.weeks);
            let backoff = i64::from(percent) * 900;
            let value = Decimal::from_thousandths(backoff);
            (
                whole(LoadKind::Percent1rm, percent),
                Load {
                    kind: LoadKind::Percent1rm,
                    value,
                    unit: None,
                },
            )
        } else {
            (rir, whole(LoadKind::Rir, week.rir + 2))
        };
        let mut sets = vec![entry(SetKind::Top, 1, Some(top))];
        if count > 1 {
            sets.push(entry(SetKind::Backoff, count - 1, Some(backoff)));
        }
        sets
    }

    fn notes(&self, pick: &Pick, week: Week) -> Option<String> {
        let exercise = self.exercise(pick.place);
        let weighted = matches!(
            exercise.load_type,
            LoadType::Weight | LoadType::Stack | LoadType::Distance
        );
        let mut notes: Vec<&str> = Vec::new();
        if week.deload {
            if weighted {
                notes.push("Take 10 % off the load of the last week.");
            }
        } else if week.number == 1 && weighted && !self.input.maxima.contains_key(&exercise.slug) {
            notes.push(if self.input.is_easy() {
                "No maximum is known: begin light and find a load for RPE 6 at most."
            } else if week.rir > 3 {
                "No maximum is known: find a load for RPE 7, then take a little less."
            } else {
                "No maximum is known: find a load for RPE 7."
            });
        }
        if matches!(pick.role, Role::Main) && weighted && !week.deload {
            notes.push("Ramp up in two or three lighter sets first.");
        }
        (!notes.is_empty()).then(|| notes.join(" "))
    }

    fn prescription(&self, pick: &Pick, week: Week) -> Prescription {
        let alternates: Vec<String> = pick
            .alternates
            .iter()
            .map(|place| self.slug(*place))
            .collect();
        Prescription {
            exercise: self.slug(pick.place),
            sets: self.sets(pick, week),
            tempo: (pick.measure == Measure::Reps).then(|| pick.tempo.to_owned()),
            rest_s: u16::try_from(pick.rest_s).ok(),
            unilateral: pick.unilateral.then_some(true),
            notes: self.notes(pick, week),
            alternates: (!alternates.is_empty()).then_some(alternates),
            progression: if week.deload {
                None
            } else {
                self.progression(pick)
            },
        }
    }

    fn timed(
        &self,
        place: usize,
        kind: SetKind,
        seconds: u32,
        rpe: u32,
        notes: &str,
    ) -> Prescription {
        let set = SetEntry {
            kind: Some(kind),
            seconds: Some(Amount::Exact(seconds)),
            load: Some(whole(LoadKind::Rpe, rpe)),
            ..SetEntry::default()
        };
        Prescription {
            exercise: self.slug(place),
            sets: vec![set],
            unilateral: self.exercise(place).unilateral.then_some(true),
            notes: (!notes.is_empty()).then(|| notes.to_owned()),
            ..Prescription::default()
        }
    }

    fn warm_up(&self, day: &Day) -> Option<SetGroup> {
        let cardio = day.warm_up.map(|place| {
            self.timed(
                place,
                SetKind::Warmup,
                policy::WARM_UP_CARDIO_S,
                3,
                "Easy, until you are warm.",
            )
        });
        let seconds = if day.is_easy() {
            2 * policy::WARM_UP_MOBILITY_S
        } else {
            policy::WARM_UP_MOBILITY_S
        };
        let drills = day.mobility.iter();
        let drills = drills.map(|place| self.timed(*place, SetKind::Warmup, seconds, 2, ""));
        let prescriptions: Vec<Prescription> = cardio.into_iter().chain(drills).collect();
        let kind = Some(GroupKind::Straight);
        (!prescriptions.is_empty()).then(|| SetGroup {
            kind,
            prescriptions,
            ..SetGroup::default()
        })
    }

    fn conditioning(&self, conditioning: Conditioning, week: Week) -> SetGroup {
        let minutes = if week.deload {
            conditioning.minutes.div_ceil(2)
        } else {
            conditioning.minutes
        };
        let (rpe, notes) = match (conditioning.intervals && !week.deload, self.input.is_easy()) {
            (true, _) => (8, "One minute hard, two minutes easy, in turn."),
            (false, true) => (3, "Easy: you can speak in whole sentences."),
            (false, false) => (4, "Steady: you can speak in whole sentences."),
        };
        let prescription = self.timed(
            conditioning.place,
            SetKind::Working,
            minutes * 60,
            rpe,
            notes,
        );
        let kind = Some(GroupKind::Straight);
        SetGroup {
            kind,
            prescriptions: vec![prescription],
            ..SetGroup::default()
        }
    }

    fn session(&self, day: &Day, week: Week) -> Session {
        let mut groups: Vec<SetGroup> = self.warm_up(day).into_iter().collect();
        for places in &day.groups {
            let kind = match places.len() {
                1 => GroupKind::Straight,
                2 => GroupKind::Superset,
                _ => GroupKind::Circuit,
            };
            let prescriptions = places
                .iter()
                .map(|place| self.prescription(&day.picks[*place], week));
            let kind = Some(kind);
            groups.push(SetGroup {
                kind,
                prescriptions: prescriptions.collect(),
                ..SetGroup::default()
            });
        }
        groups.extend(
            day.conditioning
                .map(|conditioning| self.conditioning(conditioning, week)),
        );
        Session {
            week: u16::try_from(week.of_block).ok(),
            day: Some(day.place),
            name: Some(day.template.name.clone()),
            minutes: u16::try_from(Self::minutes(day, week)).ok(),
            notes: None,
            groups,
        }
    }

    /// Minutes that a session takes, rounded up.
    fn minutes(day: &Day, week: Week) -> u32 {
        let conditioning = day.conditioning.map_or(0, |c| {
            if week.deload {
                c.minutes.div_ceil(2)
            } else {
                c.minutes
            }
        });
        if day.is_easy() {
            let drills = u32::try_from(day.mobility.len()).unwrap_or(0);
            return conditioning + drills * 2 * policy::WARM_UP_MOBILITY_S / 60;
        }
        let mut this = day.clone();
        for pick in &mut this.picks {
            pick.peak = week.sets(pick);
        }
        let set_up = if conditioning > 0 {
            policy::SET_UP_S
        } else {
            0
        };
        let seconds = fit::seconds(&this, week.of_block, Stage::Peak) + set_up;
        seconds.div_ceil(60) + conditioning
    }

    fn blocks(&self, days: &[Day]) -> Vec<Block> {
        let weeks = weeks(self.input);
        let kind = match self.input.goal {
            _ if self.input.is_easy() => BlockKind::Accumulation,
            Goal::Strength => BlockKind::Intensification,
            Goal::Hypertrophy | Goal::FatLoss | Goal::Endurance | Goal::General => {
                BlockKind::Accumulation
            }
        };
        let block = |name: &str, kind, deload: bool| {
            let own: Vec<&Week> = weeks.iter().filter(|week| week.deload == deload).collect();
            let sessions = own
                .iter()
                .flat_map(|week| days.iter().map(|day| self.session(day, **week)));
            let sessions: Vec<Session> = sessions.collect();
            (!sessions.is_empty()).then(|| Block {
                name: Some(name.to_owned()),
                kind: Some(kind),
                weeks: u16::try_from(own.len()).ok(),
                sessions,
                ..Block::default()
            })
        };
        let name = match kind {
            BlockKind::Intensification => "Intensification",
            BlockKind::Accumulation | BlockKind::Realization | BlockKind::Deload => "Accumulation",
        };
        let load = block(name, kind, false);
        load.into_iter()
            .chain(block("Deload", BlockKind::Deload, true))
            .collect()
    }

    fn cardio(&self, days: &[Day]) -> Vec<Cardio> {
        let (first, last) = policy::cardio_minutes(self.input.goal);
        let planned: u32 = days
            .iter()
            .filter_map(|day| day.conditioning)
            .map(|c| c.minutes)
            .sum();
        let weeks = weeks(self.input).into_iter().filter(|week| !week.deload);
        let weeks = weeks.map(|week| Cardio {
            week: week.number,
            target_minutes: between(first, last, week.of_block, week.weeks),
            planned_minutes: planned,
        });
        weeks.collect()
    }
}

/// The whole plan.
pub(super) fn plan(
    chooser: &Chooser,
    input: &Input,
    days: &[Day],
    mut found: Vec<Gap>,
    mut warnings: Vec<Warning>,
) -> Plan {
    let writer = Writer { chooser, input };
    let cardio = writer.cardio(days);
    tell::gaps(chooser, input, days, &cardio, &mut found);
    tell::warn(input, &mut warnings);
    let reasons = days.iter().flat_map(|day| {
        day.picks.iter().map(|pick| Reason {
            session: day.template.name.clone(),
            exercise: writer.slug(pick.place),
            slot: pick.slot.clone(),
            reason: pick.reason.clone(),
        })
    });
    let mut reasons: Vec<Reason> = reasons.collect();
    for day in days {
        reasons.extend(writer.reasons_around(day));
    }
    let status = if found.is_empty() {
        "generated"
    } else {
        "generated_with_gaps"
    };
    let generation = Generation {
        source: "rules".to_owned(),
        status: status.to_owned(),
        policy: PolicyBody {
            id: policy::ID.to_owned(),
            version: policy::VERSION.to_owned(),
        },
        catalogue_version: chooser.pool.catalogue.version.clone(),
        input_hash: input_hash(input, chooser.pool.catalogue),
        inputs: input.inputs(),
        reasons,
        gaps: found,
        warnings,
        volume: tell::volumes(chooser, input, days),
        cardio: cardio.clone(),
    };
    Plan {
        name: tell::name(input),
        notes: tell::notes(input, &cardio),
        blocks: writer.blocks(days),
        generation,
    }
}

impl Writer<'_> {
    /// Why warm-up, mobility and conditioning are what they are.
    fn reasons_around(&self, day: &Day) -> Vec<Reason> {
        let limited = self
            .input
            .limitations
            .iter()
            .any(|l| *l != Limitation::NeedsClearance);
        let because = if limited {
            "kind to what is limited, then the least used"
        } else {
            "the least used, staples first"
        };
        let reason = |place: usize, slot: &str| Reason {
            session: day.template.name.clone(),
            exercise: self.slug(place),
            slot: slot.to_owned(),
            reason: format!("Fills the slot `{slot}`: {because}."),
        };
        let warm_up = day.warm_up.map(|place| reason(place, "warm-up"));
        let mobility = day.mobility.iter().map(|place| reason(*place, "mobility"));
        let conditioning = day.conditioning.map(|c| reason(c.place, "conditioning"));
        warm_up
            .into_iter()
            .chain(mobility)
            .chain(conditioning)
            .collect()
    }
}
