//! What a program is made of: blocks, sessions, groups, prescriptions, sets.
//!
//! What was not written is left out when it is read, so that reading a program back gives exactly
//! what was written. Nothing in here has an id: a part is named by its place.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::exercises::catalogue::vocabulary;
use crate::values::Decimal;

vocabulary! {
    /// What a block is for.
    BlockKind {
        #[doc = "More and more work."] Accumulation "accumulation"
        #[doc = "Heavier and heavier."] Intensification "intensification"
        #[doc = "Showing what was built."] Realization "realization"
        #[doc = "Less work, to recover."] Deload "deload"
    }
}

vocabulary! {
    /// How the exercises of a group follow each other.
    GroupKind {
        #[doc = "All sets of one, then of the next."] Straight "straight"
        #[doc = "Two in turn."] Superset "superset"
        #[doc = "Three or more in turn, for one region."] Giant "giant"
        #[doc = "Several in turn, round after round."] Circuit "circuit"
        #[doc = "A start at each interval."] Emom "emom"
        #[doc = "As many rounds as possible within a time."] Amrap "amrap"
    }
}

vocabulary! {
    /// What a set is for.
    SetKind {
        #[doc = "Getting ready; counts as no work."] Warmup "warmup"
        #[doc = "Work."] Working "working"
        #[doc = "The heaviest of the day."] Top "top"
        #[doc = "Lighter, after the top set."] Backoff "backoff"
        #[doc = "Lighter, without a rest before."] Drop "drop"
        #[doc = "As many repetitions as possible."] Amrap "amrap"
    }
}

vocabulary! {
    /// How a load is given.
    LoadKind {
        #[doc = "A weight."] Absolute "absolute"
        #[doc = "Percent of the one-repetition maximum."] Percent1rm "percent_1rm"
        #[doc = "Rate of perceived exertion, 1 to 10 in halves."] Rpe "rpe"
        #[doc = "Repetitions in reserve, 0 to 10 in halves."] Rir "rir"
        #[doc = "The last load and so much more."] LastPlusIncrement "last_plus_increment"
    }
}

vocabulary! {
    /// A unit of weight.
    WeightUnit {
        #[doc = "Kilograms."] Kg "kg"
        #[doc = "Pounds."] Lb "lb"
    }
}

vocabulary! {
    /// How an exercise becomes harder from time to time.
    ProgressionKind {
        #[doc = "More load after each success."] Linear "linear"
        #[doc = "More repetitions, then more load."] Double "double"
        #[doc = "Heavy, medium and light days in turn."] Undulating "undulating"
        #[doc = "More repetitions, then a harder variation, then load."] Bodyweight "bodyweight"
        #[doc = "Longer."] Timed "timed"
    }
}

/// Some weeks for one purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Block {
    /// 1 to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// `accumulation`, `intensification`, `realization` or `deload`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub kind: Option<BlockKind>,
    /// How often the cycle is run: 1 to 52; 1 if left out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 1, maximum = 52)]
    pub weeks: Option<u16>,
    /// How many days a cycle ("week") has: 1 to 28; 7 if left out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 1, maximum = 28)]
    pub cycle_days: Option<u16>,
    /// Up to 4,000 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notes: Option<String>,
    /// Up to 400 sessions.
    pub sessions: Vec<Session>,
}

/// A block without what its sessions are made of: enough to find a session, and read faster.
#[derive(Debug, Deserialize)]
pub struct Outline {
    #[serde(default)]
    weeks: Option<u16>,
    sessions: Vec<OutlinedSession>,
}

#[derive(Debug, Deserialize)]
struct OutlinedSession {
    #[serde(default)]
    week: Option<u16>,
    #[serde(default)]
    day: Option<u16>,
    #[serde(default)]
    name: Option<String>,
}

impl Outline {
    /// The name of a session, by its week and its place in that, each from 1; none if there is no
    /// such session.
    pub fn session(&self, week: u16, session: u16) -> Option<Option<&str>> {
        if !(1..=self.weeks.unwrap_or(1)).contains(&week) {
            return None;
        }
        let sessions = self
            .sessions
            .iter()
            .map(|session| (session.week, session.day));
        let week = week_of(sessions, week);
        let (_, index) = *week.get(usize::from(session).checked_sub(1)?)?;
        self.sessions
            .get(index)
            .map(|session| session.name.as_deref())
    }
}

/// One training of the cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// The week of the block that it belongs to, from 1; every week if left out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 1, maximum = 52)]
    pub week: Option<u16>,
    /// The day of the cycle, from 1; the place in the list if left out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 1, maximum = 28)]
    pub day: Option<u16>,
    /// 1 to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// How long it is meant to take, in minutes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 1, maximum = 600)]
    pub minutes: Option<u16>,
    /// Up to 4,000 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notes: Option<String>,
    /// Up to 40 groups.
    pub groups: Vec<Group>,
}

/// Exercises that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    /// `straight` (if left out), `superset`, `giant`, `circuit`, `emom` or `amrap`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub kind: Option<GroupKind>,
    /// How often the exercises are gone through, where their sets do not say it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 1, maximum = 100)]
    pub rounds: Option<u16>,
    /// Of an `emom`: seconds from start to start.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 1, maximum = 3600)]
    pub interval_s: Option<u16>,
    /// Of an `amrap`: seconds in all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 1, maximum = 14400)]
    pub time_cap_s: Option<u16>,
    /// Seconds of rest after each round.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 3600)]
    pub rest_s: Option<u16>,
    /// Up to 4,000 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notes: Option<String>,
    /// 1 to 20 prescriptions.
    pub prescriptions: Vec<Prescription>,
}

/// An exercise and how much of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Prescription {
    /// The slug of an exercise of the catalogue or of the coach's own.
    pub exercise: String,
    /// Up to 30 entries.
    pub sets: Vec<SetEntry>,
    /// Seconds down, at the bottom, up, at the top: `3-1-1-0`; `X` is as fast as possible.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tempo: Option<String>,
    /// Seconds of rest after each set.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 3600)]
    pub rest_s: Option<u16>,
    /// One side at a time: repetitions count for each side.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unilateral: Option<bool>,
    /// Up to 4,000 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notes: Option<String>,
    /// Slugs of up to 10 exercises to do instead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alternates: Option<Vec<String>>,
    /// How it becomes harder.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub progression: Option<Progression>,
}

/// One set, or several alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetEntry {
    /// `working` (if left out), `warmup`, `top`, `backoff`, `drop` or `amrap`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub kind: Option<SetKind>,
    /// How many alike: 1 to 50; 1 if left out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 1, maximum = 50)]
    pub count: Option<u16>,
    /// Repetitions: a number, or `min` and `max`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reps: Option<Amount>,
    /// Seconds: a number, or `min` and `max`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seconds: Option<Amount>,
    /// Metres: a number, or `min` and `max`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub metres: Option<Amount>,
    /// How heavy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub load: Option<Load>,
    /// Up to 1,000 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

/// How many: one number, or from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Amount {
    /// So many.
    Exact(u32),
    /// From `min` to `max`.
    Range {
        /// At least.
        min: u32,
        /// At most.
        max: u32,
    },
}

impl Amount {
    /// The least.
    pub fn min(self) -> u32 {
        match self {
            Self::Exact(number) => number,
            Self::Range { min, .. } => min,
        }
    }

    /// The most.
    pub fn max(self) -> u32 {
        match self {
            Self::Exact(number) => number,
            Self::Range { max, .. } => max,
        }
    }
}

/// How heavy a set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Load {
    /// `absolute`, `percent_1rm`, `rpe`, `rir` or `last_plus_increment`.
    #[schema(value_type = String)]
    pub kind: LoadKind,
    /// The number, with up to three decimals.
    #[schema(value_type = f64)]
    pub value: Decimal,
    /// `kg` or `lb`, of `absolute` and `last_plus_increment`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub unit: Option<WeightUnit>,
}

/// How an exercise becomes harder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progression {
    /// `linear`, `double`, `undulating`, `bodyweight` or `timed`.
    #[schema(value_type = String)]
    pub kind: ProgressionKind,
    /// By how much: kilograms or pounds, or seconds of a `timed` one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<f64>)]
    pub increment: Option<Decimal>,
    /// `kg` or `lb`; none of a `timed` or `bodyweight` one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub unit: Option<WeightUnit>,
    /// Up to 1,000 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

/// Days of a cycle where a block does not say it.
pub const CYCLE_DAYS: u16 = 7;

impl Block {
    /// How often the cycle is run.
    pub fn weeks(&self) -> u16 {
        self.weeks.unwrap_or(1)
    }

    /// How many days a cycle has.
    pub fn cycle_days(&self) -> u16 {
        self.cycle_days.unwrap_or(CYCLE_DAYS)
    }

    /// True if little is asked for on purpose.
    pub fn is_deload(&self) -> bool {
        self.kind == Some(BlockKind::Deload)
    }

    /// The sessions of a week of the block, with the day of each, in the order of the days.
    pub fn week(&self, week: u16) -> Vec<(u16, usize)> {
        let sessions = self.sessions.iter();
        week_of(sessions.map(|session| (session.week, session.day)), week)
    }
}

/// Of sessions by week and day those of one week: the day and the place in the list of each.
fn week_of(
    sessions: impl Iterator<Item = (Option<u16>, Option<u16>)>,
    week: u16,
) -> Vec<(u16, usize)> {
    let mut place = 0;
    let mut found: Vec<(u16, usize)> = Vec::new();
    for (index, (own, day)) in sessions.enumerate() {
        if own.is_none_or(|own| own == week) {
            place += 1;
            found.push((day.unwrap_or(place), index));
        }
    }
    found.sort_by_key(|(day, _)| *day);
    found
}

impl SetEntry {
    /// How many sets it stands for.
    pub fn count(&self) -> u32 {
        u32::from(self.count.unwrap_or(1))
    }

    /// True if it is work.
    pub fn is_work(&self) -> bool {
        self.kind != Some(SetKind::Warmup)
    }
}

/// How long the blocks of a program are: of each the days of a cycle, and how often it is run.
///
/// It is kept beside the blocks, so that the week that it is today is told without reading them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cycles(Vec<(u16, u16)>);

impl Cycles {
    /// Those of some blocks.
    pub fn of(blocks: &[Block]) -> Self {
        let cycles = blocks
            .iter()
            .map(|block| (block.cycle_days(), block.weeks()));
        Self(cycles.collect())
    }

    /// How many weeks (runs of a cycle) there are together.
    pub fn weeks(&self) -> u32 {
        self.0.iter().map(|(_, weeks)| u32::from(*weeks)).sum()
    }

    /// How many days there are together.
    pub fn days(&self) -> u32 {
        self.0
            .iter()
            .map(|(days, weeks)| u32::from(*days) * u32::from(*weeks))
            .sum()
    }

    /// The week, from 1, that a day is in; days are counted from 0. None before and after.
    pub fn week_of(&self, day: i64) -> Option<u32> {
        let (mut left, mut week) = (u32::try_from(day).ok()?, 0);
        for (days, weeks) in &self.0 {
            let (days, weeks) = (u32::from(*days), u32::from(*weeks));
            if left < days * weeks {
                return Some(week + left / days + 1);
            }
            left -= days * weeks;
            week += weeks;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_week_is_told_over_blocks_of_different_cycles() {
        let block = |cycle_days, weeks| Block {
            weeks,
            cycle_days,
            ..Block::default()
        };
        let cycles = Cycles::of(&[
            block(None, Some(2)),
            block(Some(10), Some(2)),
            block(None, None),
        ]);

        assert_eq!((cycles.weeks(), cycles.days()), (5, 41));
        let weeks = [-1, 0, 6, 7, 13, 14, 23, 24, 33, 34, 40, 41].map(|day| cycles.week_of(day));
        let expected = [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 0].map(|week| (week > 0).then_some(week));
        assert_eq!(weeks, expected);
    }
}
