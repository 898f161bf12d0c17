//! What a client's history says to the generator: check-ins, pain, bests, the coach's own exercises.
//!
//! Plain values, read before: the rules here are as pure as the rest. What decides is the input, and
//! so in its hash; a program keeps how much of it there was and what came of it, never an answer.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::policy::{self, Limitation};
use super::{Input, Warning, hexadecimal};
use crate::exercises::catalogue::{Catalogue, Exercise, LoadType, Pattern};
use crate::programs::model::WeightUnit;
use crate::values::{Date, Decimal};

/// What one check-in says of recovery, in numbers; what it does not say is none. All in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Signs {
    /// How hard the sessions were, 1 to 10.
    pub rpe: Option<i64>,
    /// 1 to 5.
    pub energy: Option<i64>,
    /// 1 to 5, where it was asked for so.
    pub sleep: Option<i64>,
    /// Hours a night, where it was asked for so.
    pub sleep_hours: Option<i64>,
    /// 1 to 5.
    pub soreness: Option<i64>,
    /// True if a third of the training or more was missed.
    pub missed: bool,
}

impl Signs {
    /// What in it tells of strain.
    fn strain(self) -> impl Iterator<Item = &'static str> {
        let most = |value: Option<i64>, most: i64| value.is_some_and(|value| value <= most);
        let least = |value: Option<i64>, least: i64| value.is_some_and(|value| value >= least);
        let few = self
            .sleep_hours
            .is_some_and(|hours| hours < policy::STRAIN_SLEEP_HOURS);
        let signs = [
            ("hard sessions", least(self.rpe, policy::STRAIN_RPE)),
            ("little energy", most(self.energy, policy::STRAIN_ENERGY)),
            (
                "little sleep",
                few || most(self.sleep, policy::STRAIN_SLEEP),
            ),
            (
                "much soreness",
                least(self.soreness, policy::STRAIN_SORENESS),
            ),
            ("missed training", self.missed),
        ];
        let there = signs.into_iter().filter(|(_, there)| *there);
        there.map(|(name, _)| name)
    }

    fn is_strained(self) -> bool {
        self.strain().next().is_some()
    }
}

/// Who told of pain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PainSource {
    /// An answer of a check-in.
    CheckIn,
    /// A set of a log.
    WorkoutLog,
}

/// Pain that was told of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct ReportedPain {
    /// On which day, the client's.
    #[schema(value_type = String, format = Date)]
    pub reported_on: Date,
    /// `check_in` or `workout_log`.
    pub source: PainSource,
    /// What is gone easy on for it; null where no place was named.
    #[schema(value_type = Option<String>)]
    pub limitation: Option<Limitation>,
    /// The exercise that hurt; null of a check-in.
    pub exercise: Option<String>,
}

/// A one-repetition maximum that is known: lifted, or estimated of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Maximum {
    /// Thousandths of the client's unit.
    pub value: i64,
    /// On which day, the client's.
    pub achieved_on: Date,
}

/// What is known of a client beyond the profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct History {
    /// The last check-ins, newest first; see [`policy::CHECK_INS`].
    pub check_ins: Vec<Signs>,
    /// True if they were left out, since who asks may not read them.
    pub check_ins_unread: bool,
    /// Pain that is to be heeded; empty where the request says itself what to go easy on.
    pub pain: Vec<ReportedPain>,
    /// Known maxima, by slug.
    pub maxima: BTreeMap<String, Maximum>,
    /// The coach's own exercises, in the order of their slugs.
    pub own: Vec<Exercise>,
}

/// What of a client's history a plan was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GenerationHistory {
    /// The version of the rules for it.
    pub rules_version: String,
    /// How many of the last check-ins were looked at; null if they may not be read.
    pub check_ins: Option<u32>,
    /// How many of those told of strain.
    pub strained_check_ins: u32,
    /// True if the first week begins a set lower for it.
    pub lighter_start: bool,
    /// Pain that was heeded.
    pub pain: Vec<ReportedPain>,
    /// Bests that loads were made of.
    pub records: Vec<KnownMaximum>,
    /// How many exercises of the coach's own were candidates.
    pub own_exercises: u32,
}

/// A best that loads were made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KnownMaximum {
    /// The slug of the exercise.
    pub exercise: String,
    /// The estimated one-repetition maximum.
    #[schema(value_type = f64)]
    pub estimated_maximum: Decimal,
    /// `kg` or `lb`.
    #[schema(value_type = String)]
    pub unit: WeightUnit,
    /// On which day it was lifted.
    #[schema(value_type = String, format = Date)]
    pub achieved_on: Date,
}

impl History {
    fn strained(&self) -> usize {
        let strained = self.check_ins.iter().filter(|signs| signs.is_strained());
        strained.count()
    }

    /// True if an exercise hurt.
    pub(super) fn hurt(&self, slug: &str) -> bool {
        let mut pain = self.pain.iter();
        pain.any(|pain| pain.exercise.as_deref() == Some(slug))
    }
}

/// Why an exercise of the coach's own cannot be chosen at all.
fn lacks(exercise: &Exercise) -> Option<&'static str> {
    let needs_nothing = matches!(exercise.load_type, LoadType::Bodyweight | LoadType::Time);
    if matches!(exercise.pattern, Pattern::Cardio | Pattern::Mobility) {
        // Hard and easy is told by the catalogue's tags, and what is known to be easy warms up.
        return Some("cardio and mobility are of the catalogue alone");
    }
    if exercise.primary.is_empty() {
        return Some("its primary muscles are not known");
    }
    (exercise.equipment.is_empty() && !needs_nothing).then_some("its equipment is not known")
}

/// Why an exercise of the coach's own cannot be chosen with limitations. What nobody wrote down is not
/// known, and is not taken for harmless.
fn lacks_with(exercise: &Exercise, limitations: &[Limitation]) -> Option<&'static str> {
    let a_joint = |limitation: &Limitation| super::pick::joint(*limitation).is_some();
    if !limitations.is_empty() && exercise.tags.is_empty() {
        return Some("its tags are not known, and something is to be gone easy on");
    }
    let joints = limitations.iter().any(a_joint);
    (joints && exercise.joint_stress.is_empty())
        .then_some("its joint stress is not known, and a joint is to be gone easy on")
}

/// Why an exercise of the coach's own cannot be chosen for an input.
pub(super) fn lacking(input: &Input, slug: &str) -> Option<&'static str> {
    let own = input.history.own.iter().find(|own| own.slug == slug)?;
    lacks(own).or_else(|| lacks_with(own, &input.limitations))
}

/// The exercises of the coach's own of which enough is known. What the catalogue calls the same is the
/// catalogue's: a release may have added it.
fn fitting(input: &Input) -> impl Iterator<Item = &Exercise> {
    input.history.own.iter().filter(|own| {
        lacks(own).is_none()
            && lacks_with(own, &input.limitations).is_none()
            && Catalogue::embedded().get(&own.slug).is_none()
    })
}

/// The exercises of the coach's own that are candidates: what is locked, and then by slug.
pub(super) fn candidates(input: &Input) -> Vec<&Exercise> {
    let mut own: Vec<&Exercise> = fitting(input).collect();
    own.sort_by_key(|own| (!input.locked.contains(&own.slug), own.slug.as_str()));
    own.truncate(policy::OWN_EXERCISES);
    own.sort_by_key(|own| own.slug.as_str());
    own
}

/// The catalogue's version, with a digest of the coach's own exercises that were candidates.
pub(super) fn catalogue_version(own: &[&Exercise]) -> String {
    let version = &Catalogue::embedded().version;
    if own.is_empty() {
        return version.clone();
    }
    let json = serde_json::to_vec(own).unwrap_or_default();
    let digest = hexadecimal(&Sha256::digest(&json));
    format!("{version}+own-{}", digest.get(..8).unwrap_or_default())
}

/// The input with what hurt added to what is gone easy on.
pub(super) fn heeding(input: &Input) -> Cow<'_, Input> {
    let sites = input.history.pain.iter().filter_map(|pain| pain.limitation);
    let new: BTreeSet<Limitation> = sites
        .filter(|site| !input.limitations.contains(site))
        .collect();
    if new.is_empty() {
        return Cow::Borrowed(input);
    }
    let mut input = input.clone();
    input.limitations.extend(new);
    input.limitations.sort_unstable();
    Cow::Owned(input)
}

/// The input without its pain, where no plan can heed it.
pub(super) fn unheeding(input: &Input) -> Input {
    let mut input = input.clone();
    input.history.pain.clear();
    input
}

/// True if the first week begins a set lower. Who needs a physician's consent is kept easy anyway.
pub(super) fn begins_lighter(input: &Input) -> bool {
    input.history.strained() >= policy::STRAINED_CHECK_INS && !input.is_easy()
}

/// What stands in a program of it; none without a history.
pub(super) fn body(
    input: &Input,
    records: Vec<KnownMaximum>,
    own: usize,
) -> Option<GenerationHistory> {
    let history = &input.history;
    let nothing = history.check_ins.is_empty()
        && !history.check_ins_unread
        && history.pain.is_empty()
        && history.maxima.is_empty()
        && own == 0;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (!nothing).then(|| GenerationHistory {
        rules_version: policy::HISTORY_VERSION.to_owned(),
        check_ins: (!history.check_ins_unread).then(|| count(history.check_ins.len())),
        strained_check_ins: count(history.strained()),
        lighter_start: begins_lighter(input),
        pain: history.pain.clone(),
        records,
        own_exercises: count(own),
    })
}

fn list<'t>(words: impl Iterator<Item = &'t str>) -> String {
    let words: BTreeSet<&str> = words.collect();
    let words: Vec<&str> = words.into_iter().collect();
    words.join(", ")
}

/// What a coach should know of it. `asked` is what was gone easy on before pain was heeded.
pub(super) fn warn(input: &Input, asked: &[Limitation], warnings: &mut Vec<Warning>) {
    let said = [
        of_check_ins(input),
        of_pain(input, asked),
        of_pain_without_place(input),
        of_own(input),
    ];
    let said = said.into_iter().flatten();
    warnings.extend(said.map(|(code, message)| Warning::of_all(code, false, &message)));
}

/// The code of a warning, and what it says.
type Said = Option<(&'static str, String)>;

fn of_check_ins(input: &Input) -> Said {
    let history = &input.history;
    if history.check_ins_unread {
        let message = "The last check-ins had no part in it: the credential lacks `checkins:read`."
            .to_owned();
        return Some(("check_ins_unread", message));
    }
    if !begins_lighter(input) {
        return None;
    }
    let (strained, of) = (history.strained(), history.check_ins.len());
    let signs = list(history.check_ins.iter().flat_map(|signs| signs.strain()));
    let message = format!(
        "{strained} of the last {of} check-ins tell of strain ({signs}): the first week has a set less for \
         each muscle group that has one to give. The weeks after it are as usual."
    );
    Some(("check_ins_strained", message))
}

fn of_pain(input: &Input, asked: &[Limitation]) -> Said {
    let pain = &input.history.pain;
    let last = pain.iter().map(|pain| pain.reported_on).max()?;
    let added = input.limitations.iter().filter(|l| !asked.contains(l));
    let added = list(added.map(|limitation| limitation.name()));
    let hurt = pain.iter().filter_map(|pain| pain.exercise.as_deref());
    let hurt = list(hurt.filter(|slug| !input.locked.iter().any(|locked| locked == slug)));
    let done = match (added.is_empty(), hurt.is_empty()) {
        (true, true) => return None,
        (false, true) => format!("it goes easy on {added}"),
        (true, false) => format!("what hurt is left out ({hurt})"),
        (false, false) => format!("it goes easy on {added}, and what hurt is left out ({hurt})"),
    };
    let message = format!(
        "Pain was reported, last on {last}: {done}. Ask about it; `limitations` in the request overrules this."
    );
    Some(("pain_reported", message))
}

fn of_pain_without_place(input: &Input) -> Said {
    let mut pain: Vec<&ReportedPain> = input.history.pain.iter().collect();
    pain.retain(|pain| pain.limitation.is_none() && pain.exercise.is_none());
    let last = pain.into_iter().map(|pain| pain.reported_on).max()?;
    let message = format!(
        "A check-in of {last} tells of pain and names no place that is understood: nothing is left out for \
         it. Ask, and say it in `limitations`."
    );
    Some(("pain_without_place", message))
}

fn of_own(input: &Input) -> Said {
    let (fitting, most) = (fitting(input).count(), policy::OWN_EXERCISES);
    let message = format!(
        "Of {fitting} exercises of your own that fit, the first {most} by slug were candidates, after those \
         that are locked."
    );
    (fitting > most).then_some(("own_exercises_limit", message))
}

/// What is said where a plan that heeds the pain is impossible, with why.
pub(super) fn unheeded(why: &str) -> Warning {
    let message = format!(
        "Pain was reported, and what is asked for leaves no way around it: nothing is left out for it. {why}"
    );
    Warning::of_all("pain_unheeded", true, &message)
}
