//! The generator: a draft of a program by rules.
//!
//! Pure and deterministic: no chance, no clock, no network, no database. Equal inputs give equal
//! plans, byte for byte. Every number is in `policy`; a plan names the policy, the catalogue and
//! the input that it was made of, and gives a reason for every exercise. What could not be done is
//! said in `gaps`, what was bent in `warnings`; what is contradictory is refused, never bent.
//!
//! What a client's check-ins, logs and bests say, and the coach's own exercises, are plain values of the
//! input too (`history`, `load`).
//!
//! The steps: the week's sessions (`split`), an exercise for each slot (`pick`), sets by weekly
//! volume (`volume`), the time (`fit`), the weeks (`write`).
//!
//! A model as another provider would make a [`Plan`] too, and be held to the same tests; there is
//! none so far.

pub mod policy;

mod around;
mod fit;
mod history;
mod load;
mod pick;
mod plan;
mod preference;
mod split;
mod tell;
mod volume;
mod weeks;
mod write;

use sha2::{Digest, Sha256};

pub use self::history::{
    GenerationHistory, History, KnownMaximum, Maximum, PainSource, ReportedPain, Signs,
};
use self::pick::{Choice, Chooser, Wish};
pub use self::plan::{Cardio, Gap, Generation, Inputs, Plan, PolicyBody, Reason, Volume, Warning};
use self::policy::{Goal, Group, Limitation, Role};
use self::split::{Focus, Template};
use crate::exercises::catalogue::{Catalogue, Item, Level, LoadType};

/// Volume is counted in half sets.
const UNITS_OF_A_SET: u32 = 2;

/// What a plan is made from, complete and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// What training is for.
    pub goal: Goal,
    /// How much training lies behind.
    pub level: Level,
    /// 1 to 6.
    pub days_per_week: u32,
    /// 20 to 120.
    pub session_minutes: u32,
    /// What there is, as a set of items.
    pub items: u64,
    /// How the request named it: a profile, or items.
    pub equipment: Vec<String>,
    /// What to go easy on.
    pub limitations: Vec<Limitation>,
    /// Days of the week that are preferred, from day 1 of the cycle, as a set of bits.
    pub preferred_days: u8,
    /// Slugs of exercises that must be in it.
    pub locked: Vec<String>,
    /// Slugs of exercises that must not.
    pub excluded: Vec<String>,
    /// Kilograms, not pounds.
    pub metric: bool,
    /// What is known of the client beyond the profile.
    pub history: History,
}

impl Input {
    /// The default of everything but the goal.
    pub fn new(goal: Goal) -> Self {
        Self {
            goal,
            level: Level::Intermediate,
            days_per_week: 3,
            session_minutes: 60,
            items: policy::Profile::FullGym.items(),
            equipment: vec![policy::Profile::FullGym.name().to_owned()],
            limitations: Vec::new(),
            preferred_days: 0,
            locked: Vec::new(),
            excluded: Vec::new(),
            metric: true,
            history: History::default(),
        }
    }

    /// True if a physician has to agree first: little is asked for.
    fn is_easy(&self) -> bool {
        self.limitations.contains(&Limitation::NeedsClearance)
    }

    /// The hardest exercises that are taken.
    fn exercise_level(&self) -> Level {
        if self.is_easy() {
            Level::Beginner
        } else {
            self.level
        }
    }

    /// What stands in a program of it, and is hashed.
    fn inputs(&self) -> Inputs {
        let weekdays = (1..=7_u16).filter(|day| self.preferred_days & (1 << (day - 1)) != 0);
        Inputs {
            goal: self.goal,
            experience: self.level,
            days_per_week: self.days_per_week,
            session_minutes: self.session_minutes,
            equipment: self.equipment.clone(),
            limitations: self.limitations.clone(),
            preferred_days: weekdays.collect(),
            locked_exercises: self.locked.clone(),
            excluded_exercises: self.excluded.clone(),
            units: if self.metric { "metric" } else { "imperial" }.to_owned(),
            known_maxima: self.history.maxima.keys().cloned().collect(),
            history: None,
        }
    }
}

/// There is no program for this input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsatisfiable {
    /// The field of the request that cannot be met.
    pub constraint: &'static str,
    /// Why, in a sentence.
    pub message: String,
}

/// The first week, or the hardest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    First,
    Peak,
}

/// What is counted of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Reps,
    Seconds,
    Metres,
}

/// An exercise in a session.
#[derive(Clone, Debug)]
struct Pick {
    place: usize,
    role: Role,
    slot: String,
    reason: String,
    alternates: Vec<usize>,
    reps: (u32, u32),
    measure: Measure,
    unilateral: bool,
    tempo: &'static str,
    rest_s: u32,
    /// Sets in the first week.
    start: u32,
    /// Sets in the hardest week.
    peak: u32,
    /// Sets that come off in the first week.
    eased: u32,
}

impl Pick {
    fn new(input: &Input, chooser: &Chooser<'_>, role: Role, choice: Choice, slot: String) -> Self {
        let exercise = chooser.pool.exercises[choice.place];
        let sets = if input.is_easy() {
            role.sets(input.goal).min(2)
        } else {
            role.sets(input.goal)
        };
        let reason = match choice.candidates {
            1 => format!("The only candidate for the slot `{slot}`."),
            n => format!(
                "First of {n} candidates for the slot `{slot}`: {}.",
                choice.because
            ),
        };
        let measure = match exercise.load_type {
            LoadType::Time => Measure::Seconds,
            LoadType::Distance => Measure::Metres,
            LoadType::Weight | LoadType::Stack | LoadType::Band | LoadType::Bodyweight => {
                Measure::Reps
            }
        };
        Self {
            place: choice.place,
            role,
            slot,
            reason,
            alternates: choice.alternates,
            reps: policy::reps(input.goal, role, exercise.pattern, 0),
            measure,
            unilateral: exercise.unilateral,
            tempo: policy::tempo(input.goal, role),
            rest_s: policy::rest_s(input.goal, role),
            start: sets,
            peak: sets,
            eased: 0,
        }
    }

    /// At most so many sets.
    fn limit(&mut self, sets: u32) {
        self.start = self.start.min(sets);
        self.peak = self.peak.min(sets);
    }

    fn sets(&self, stage: Stage) -> u32 {
        match stage {
            Stage::First => self.start - self.eased,
            Stage::Peak => self.peak,
        }
    }

    /// One set more: in the first week it is there in the hardest too.
    fn add_set(&mut self, stage: Stage) {
        if stage == Stage::First {
            self.start += 1;
        }
        self.peak = self.start.max(self.peak + u32::from(stage == Stage::Peak));
    }
}

/// A session of the week.
#[derive(Clone, Debug)]
struct Day {
    template: Template,
    /// The day of the cycle, from 1.
    place: u16,
    picks: Vec<Pick>,
    /// Places of picks that are done in turn.
    groups: Vec<Vec<usize>>,
    warm_up: Option<usize>,
    mobility: Vec<usize>,
    conditioning: Option<Conditioning>,
}

#[derive(Clone, Copy, Debug)]
struct Conditioning {
    place: usize,
    minutes: u32,
    intervals: bool,
}

impl Day {
    fn is_easy(&self) -> bool {
        self.template.focus == Focus::Easy
    }
}

/// Makes a plan, or says which constraint cannot be met.
///
/// What hurt is heeded by default, and a default makes nothing impossible: where no plan can heed it,
/// there is one that does not, with a warning that blocks it.
pub fn generate(input: &Input) -> Result<Plan, Unsatisfiable> {
    let mut plan = match make(&history::heeding(input), &input.limitations) {
        Err(refused) if !input.history.pain.is_empty() => {
            let mut plan = make(&history::unheeding(input), &input.limitations)?;
            let warning = history::unheeded(&refused.message);
            plan.generation.warnings.insert(0, warning);
            plan
        }
        made => made?,
    };
    plan.generation.input_hash = input_hash(input);
    Ok(plan)
}

/// Makes a plan; `asked` is what was gone easy on before pain was heeded.
fn make(input: &Input, asked: &[Limitation]) -> Result<Plan, Unsatisfiable> {
    let chooser = Chooser::new(input);
    check_locked(&chooser, input)?;
    let (mut gaps, mut warnings) = (Vec::new(), Vec::new());
    let mut used = vec![0; chooser.pool.facts.len()];
    let mut days = sessions(input);
    fill(&chooser, input, &mut days, &mut used, &mut gaps);
    place_locked(&chooser, input, &mut days, &mut used)?;
    volume::add_isolations(&chooser, input, &mut days, &mut used);
    volume::share_out(&chooser, input, &mut days, Stage::First);
    volume::share_out(&chooser, input, &mut days, Stage::Peak);
    for day in &mut days {
        make_fit(&chooser, input, day, &mut warnings)?;
    }
    if history::begins_lighter(input) {
        volume::ease(&chooser, &mut days);
    }
    around::prepare(&chooser, input, &mut days);
    history::warn(input, asked, &mut warnings);
    Ok(write::plan(&chooser, input, &days, gaps, warnings))
}

fn sessions(input: &Input) -> Vec<Day> {
    let templates = split::week(input.goal, input.level, input.days_per_week);
    let places = split::days(input.days_per_week, input.preferred_days);
    let days = templates
        .into_iter()
        .zip(places)
        .map(|(template, place)| Day {
            template,
            place,
            picks: Vec::new(),
            groups: Vec::new(),
            warm_up: None,
            mobility: Vec::new(),
            conditioning: None,
        });
    days.collect()
}

/// What is locked must be possible.
fn check_locked(chooser: &Chooser<'_>, input: &Input) -> Result<(), Unsatisfiable> {
    let refuse = |message| {
        Err(Unsatisfiable {
            constraint: "locked_exercises",
            message,
        })
    };
    for slug in &input.locked {
        if let Some(why) = history::lacking(input, slug) {
            return refuse(format!("`{slug}` cannot be chosen here: {why}."));
        }
        let Some(place) = chooser.pool.place(slug) else {
            return refuse(format!("There is no exercise `{slug}`."));
        };
        if input.excluded.contains(slug) {
            return refuse(format!("`{slug}` is both locked and excluded."));
        }
        if !chooser.is_allowed(place) {
            let exercise = chooser.pool.exercises[place];
            let missing = exercise
                .equipment
                .iter()
                .find(|item| input.items & Item::bit(**item) == 0);
            return refuse(match missing {
                Some(item) => format!(
                    "`{slug}` needs equipment that is not there: {}.",
                    item.name()
                ),
                None => format!("`{slug}` is to be avoided with the limitations."),
            });
        }
    }
    Ok(())
}

/// An exercise for each slot of each session.
fn fill(
    chooser: &Chooser<'_>,
    input: &Input,
    days: &mut [Day],
    used: &mut [u32],
    gaps: &mut Vec<Gap>,
) {
    let [target, _] = volume::targets(input);
    for place in 0..days.len() {
        let slots = days[place].template.slots.clone();
        for slot in slots {
            let missing = volume::deficits(&target, &volume::of_week(chooser, days, Stage::First));
            let day = &days[place];
            let taken = |exercise: usize| day.picks.iter().any(|pick| pick.place == exercise);
            let own = std::slice::from_ref(&slot.pattern).iter();
            let mut patterns = own.chain(policy::fallback(slot.pattern));
            let choice = patterns.find_map(|pattern| {
                let wish = Wish {
                    role: slot.role,
                    pattern: *pattern,
                    deficits: &missing,
                    group: None,
                    used,
                    taken: &taken,
                };
                chooser.choose(&wish)
            });
            let name = format!("{}: {}", slot.role.name(), slot.pattern.name());
            let Some(choice) = choice else {
                gaps.push(Gap {
                    kind: "slot_unfilled".to_owned(),
                    session: Some(day.template.name.clone()),
                    muscle: None,
                    message: format!("No exercise fits the slot `{name}`."),
                });
                continue;
            };
            let exercise = choice.place;
            let mut pick = Pick::new(input, chooser, slot.role, choice, name);
            let pattern = chooser.pool.facts[exercise].pattern;
            pick.reps = policy::reps(input.goal, slot.role, pattern, day.template.wave);
            let sets = volume::room(chooser, days, place, exercise, pick.start);
            // Where the caps leave no room, the muscles have had enough.
            if sets > 0 {
                pick.limit(sets);
                used[exercise] += 1;
                days[place].picks.push(pick);
            }
        }
    }
}

/// What is locked and fits no slot is added where it belongs.
fn place_locked(
    chooser: &Chooser<'_>,
    input: &Input,
    days: &mut [Day],
    used: &mut [u32],
) -> Result<(), Unsatisfiable> {
    for slug in &input.locked {
        let Some(place) = chooser.pool.place(slug) else {
            continue;
        };
        if used[place] > 0 {
            continue;
        }
        let facts = &chooser.pool.facts[place];
        let takes = |day: &Day| {
            let mut groups = Group::CHOICES
                .iter()
                .filter(|(_, group)| facts.trains(*group));
            !day.is_easy() && groups.all(|(_, group)| day.template.focus.takes(*group))
        };
        let roomy =
            |at: &usize| takes(&days[*at]) && volume::room(chooser, days, *at, place, 1) > 0;
        let at = (0..days.len())
            .filter(roomy)
            .min_by_key(|at| days[*at].picks.len());
        let Some(at) = at else {
            let message = format!("No session has a place for `{slug}`.");
            return Err(Unsatisfiable {
                constraint: "locked_exercises",
                message,
            });
        };
        let choice = Choice {
            place,
            alternates: Vec::new(),
            candidates: 1,
            because: "locked by the request",
        };
        used[place] += 1;
        let slot = format!("locked: {}", facts.pattern.name());
        let mut pick = Pick::new(input, chooser, Role::Accessory, choice, slot);
        "Locked by the request.".clone_into(&mut pick.reason);
        pick.limit(volume::room(chooser, days, at, place, pick.start));
        days[at].picks.push(pick);
    }
    Ok(())
}

/// Fits a session into its time and gives what is left to conditioning.
fn make_fit(
    chooser: &Chooser<'_>,
    input: &Input,
    day: &mut Day,
    warnings: &mut Vec<Warning>,
) -> Result<(), Unsatisfiable> {
    if day.is_easy() {
        return Ok(());
    }
    if day.picks.len() < 2 {
        let message = format!(
            "Too few exercises are left for the session `{}`.",
            day.template.name
        );
        let constraint = if input.excluded.is_empty() {
            "equipment"
        } else {
            "excluded_exercises"
        };
        return Err(Unsatisfiable {
            constraint,
            message,
        });
    }
    let whole = input.session_minutes * 60;
    let (least, most) = policy::CONDITIONING_MINUTES;
    let kept = whole * policy::conditioning_percent(input.goal) / 100 / 60;
    let kept = if kept < least { 0 } else { kept.min(most) };
    fit::arrange(chooser, input, day);
    if !fit::fit(chooser, input, day, whole - kept * 60, warnings) {
        let message = "The locked exercises do not fit the session's time.".to_owned();
        return Err(Unsatisfiable {
            constraint: "session_minutes",
            message,
        });
    }
    Ok(())
}

/// SHA-256 of all that decides a plan. Without a history it is that of the rest alone.
fn input_hash(input: &Input) -> String {
    let inputs = serde_json::to_vec(&input.inputs()).unwrap_or_default();
    let maxima = serde_json::to_vec(&input.history.maxima).unwrap_or_default();
    let known = input.history != History::default();
    let own = history::candidates(input);
    let history = known.then(|| {
        let rest = (
            policy::HISTORY_VERSION,
            &input.history.check_ins,
            input.history.check_ins_unread,
            &input.history.pain,
            own,
        );
        serde_json::to_vec(&rest).unwrap_or_default()
    });
    let parts = [
        policy::ID.as_bytes(),
        policy::VERSION.as_bytes(),
        Catalogue::embedded().version.as_bytes(),
        &input.items.to_be_bytes(),
        &inputs,
        &maxima,
    ];
    let mut hash = Sha256::new();
    for part in parts.into_iter().chain(history.as_deref()) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hexadecimal(&hash.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}
