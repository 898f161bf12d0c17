//! The plan in the words of a program: weeks, sessions, groups, sets; and what is said about it.

use std::collections::BTreeMap;

use super::pick::Chooser;
use super::policy::{self, Goal, Limitation, Role};
use super::weeks::{Week, between};
use super::{
    Cardio, Conditioning, Day, Gap, Generation, Input, Inputs, KnownMaximum, Maximum, Measure,
    Pick, Plan, PolicyBody, Reason, Stage, Warning, fit, history, load, tell, weeks,
};
use crate::exercises::catalogue::{Exercise, LoadType, Pattern};
use crate::programs::model::{
    Amount, Block, BlockKind, Group as SetGroup, GroupKind, Load, LoadKind, Prescription,
    Progression, ProgressionKind, Session, SetEntry, SetKind,
};
use crate::values::Decimal;

fn whole(kind: LoadKind, value: u32) -> Load {
    Load {
        kind,
        value: Decimal::whole(i64::from(value)),
        unit: None,
    }
}

/// Writes the sessions.
struct Writer<'w, 'p> {
    chooser: &'w Chooser<'p>,
    input: &'w Input,
}

impl Writer<'_, '_> {
    fn exercise(&self, place: usize) -> &Exercise {
        self.chooser.pool.exercises[place]
    }

    fn slug(&self, place: usize) -> String {
        self.exercise(place).slug.clone()
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
            unit: Some(load::unit(self.input)),
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
        if !self.is_heavy(pick) || week.deload {
            let begins = || load::begins_with(self.input, pick, (self.known(pick)?, week.rir));
            let load = if week.number == 1 { begins() } else { None };
            return vec![entry(SetKind::Working, count, Some(load.unwrap_or(rir)))];
        }
        let (top, backoff) = if let Some(percent) = self.percent(pick, week) {
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

    /// True of a lift that has a top set and lighter ones behind it.
    fn is_heavy(&self, pick: &Pick) -> bool {
        self.input.goal == Goal::Strength
            && pick.role == Role::Main
            && self.exercise(pick.place).load_type == LoadType::Weight
            && !self.input.is_easy()
    }

    fn known(&self, pick: &Pick) -> Option<Maximum> {
        load::known(self.chooser, self.input, pick)
    }

    /// The percent of the maximum of a heavy lift's top set, if that is known.
    fn percent(&self, pick: &Pick, week: Week) -> Option<u32> {
        self.known(pick)?;
        let (first, last) = policy::percent_1rm(self.input.level as usize);
        let planned = between(first, last, week.of_block, week.weeks);
        load::percent(pick, planned, week.rir)
    }

    /// What is said of a load that was made of a best, if there is one.
    fn note_of_load(&self, pick: &Pick, week: Week) -> Option<String> {
        let maximum = self.known(pick)?;
        if self.is_heavy(pick) {
            let percent = self.percent(pick, week)?;
            return Some(load::of_percent(self.input, maximum, percent));
        }
        load::begins_with(self.input, pick, (maximum, week.rir)).filter(|_| week.number == 1)?;
        Some(load::of_first(self.input, maximum, week.rir))
    }

    /// Why a lift is there, and what its load was made of.
    fn reason(&self, pick: &Pick) -> String {
        let mut reason = pick.reason.clone();
        if let Some(maximum) = self.known(pick) {
            let rir = weeks::first_rir(self.input);
            let heavy = self.is_heavy(pick);
            reason += &load::reason(self.input, pick, maximum, rir, heavy);
        }
        reason
    }

    /// The bests that loads were made of.
    fn records(&self, days: &[Day]) -> Vec<KnownMaximum> {
        let picks = days.iter().flat_map(|day| &day.picks);
        let first = weeks::weeks(self.input).into_iter().next();
        let used = picks.filter_map(|pick| {
            self.note_of_load(pick, first?)?;
            let maximum = self.known(pick)?;
            let slug = self.exercise(pick.place).slug.as_str();
            Some((slug, maximum))
        });
        let used: BTreeMap<&str, Maximum> = used.collect();
        let used = used.into_iter();
        used.map(|(slug, maximum)| load::record(self.input, slug, maximum))
            .collect()
    }

    fn notes(&self, pick: &Pick, week: Week) -> Option<String> {
        let exercise = self.exercise(pick.place);
        let weighted = matches!(
            exercise.load_type,
            LoadType::Weight | LoadType::Stack | LoadType::Distance
        );
        let mut notes: Vec<String> = Vec::new();
        if week.deload {
            if weighted {
                notes.push("Take 10 % off the load of the last week.".to_owned());
            }
        } else if let Some(note) = self.note_of_load(pick, week) {
            notes.push(note);
        } else if week.number == 1 && weighted {
            // A best that no load is made of says nothing here: it is as if none were known.
            notes.push(
                if self.input.is_easy() {
                    "No maximum is known: begin light and find a load for RPE 6 at most."
                } else if week.rir > 3 {
                    "No maximum is known: find a load for RPE 7, then take a little less."
                } else {
                    "No maximum is known: find a load for RPE 7."
                }
                .to_owned(),
            );
        }
        if matches!(pick.role, Role::Main) && weighted && !week.deload {
            notes.push("Ramp up in two or three lighter sets first.".to_owned());
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
        let weeks = weeks::weeks(self.input);
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
        let weeks = weeks::weeks(self.input)
            .into_iter()
            .filter(|week| !week.deload);
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
    chooser: &Chooser<'_>,
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
            reason: writer.reason(pick),
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
        catalogue_version: chooser.pool.version.clone(),
        // That of what was asked for, which is known where all began.
        input_hash: String::new(),
        inputs: Inputs {
            history: history::body(input, writer.records(days), chooser.pool.own()),
            ..input.inputs()
        },
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

impl Writer<'_, '_> {
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
