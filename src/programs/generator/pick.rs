//! Which exercise fills a slot: all candidates are sorted by a published tuple, the first is taken.
//!
//! The tuple, in order: locked by the request; preferred with a limitation; covers the largest
//! deficit; spares the limited joints; not used this week; the coach's own; a staple of its pattern;
//! can be loaded further; stresses joints least; name. There is no chance in it.
//!
//! A coach who added an exercise wants it, so it stands before what the catalogue prefers, and behind
//! what is about the client's body.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::LazyLock;

use super::policy::{self, GROUPS, Goal, Group, Limitation, Role};
use super::{Input, UNITS_OF_A_SET, history};
use crate::exercises::catalogue::{Catalogue, Exercise, Joint, Level, Pattern, Tag};

/// What selection needs of an exercise, worked out once.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) pattern: Pattern,
    pub(super) level: Level,
    items: u64,
    tags: u64,
    /// Half sets that one set counts for each group.
    pub(super) credits: [u32; GROUPS],
    /// Limitations that it is preferred with.
    preferred: u64,
    /// True of the coach's own.
    own: bool,
    staple: u32,
    load: u32,
    stress: u32,
    /// By joint, to be summed over the limited ones.
    joints: [u32; Joint::CHOICES.len()],
    by_name: usize,
}

/// The catalogue and the coach's own exercises behind it, with the facts of each.
#[derive(Clone, Debug)]
pub(super) struct Pool<'p> {
    pub(super) exercises: Vec<&'p Exercise>,
    pub(super) facts: Vec<Facts>,
    /// Which catalogue, and which exercises of the coach's own.
    pub(super) version: String,
}

static POOL: LazyLock<Pool<'static>> = LazyLock::new(|| {
    let catalogue = Catalogue::embedded();
    let mut names: Vec<&str> = catalogue
        .exercises
        .iter()
        .map(|e| e.slug.as_str())
        .collect();
    names.sort_unstable();
    let facts = catalogue
        .exercises
        .iter()
        .map(|exercise| Facts::of(exercise, &names));
    Pool {
        facts: facts.collect(),
        exercises: catalogue.exercises.iter().collect(),
        version: catalogue.version.clone(),
    }
});

impl<'p> Pool<'p> {
    /// The catalogue, with what of the coach's own there is for an input.
    fn of(input: &'p Input) -> Cow<'p, Self> {
        let own = history::candidates(input);
        if own.is_empty() {
            return Cow::Borrowed(&*POOL);
        }
        let mut pool: Pool<'p> = POOL.clone();
        pool.version = history::catalogue_version(&own);
        // In the order of their slugs, which is that of names among them.
        let names: Vec<&str> = own.iter().map(|own| own.slug.as_str()).collect();
        for exercise in own {
            pool.facts.push(Facts {
                own: true,
                ..Facts::of(exercise, &names)
            });
            pool.exercises.push(exercise);
        }
        Cow::Owned(pool)
    }

    /// Where an exercise stands.
    pub(super) fn place(&self, slug: &str) -> Option<usize> {
        let catalogue = Catalogue::embedded();
        let own = || {
            let own = self.exercises.iter().skip(catalogue.exercises.len());
            let place = own.map(|own| own.slug.as_str()).position(|own| own == slug);
            place.map(|place| catalogue.exercises.len() + place)
        };
        catalogue.place(slug).or_else(own)
    }

    /// How many exercises of the coach's own there are.
    pub(super) fn own(&self) -> usize {
        self.facts.iter().filter(|facts| facts.own).count()
    }
}

impl Facts {
    fn of(exercise: &Exercise, names: &[&str]) -> Self {
        let mut credits = [0; GROUPS];
        for (muscles, credit) in [
            (&exercise.secondary, 1),
            (&exercise.primary, UNITS_OF_A_SET),
        ] {
            for group in muscles.iter().copied().filter_map(policy::group_of) {
                credits[group as usize] = credit;
            }
        }
        let place = |list: &[&str]| list.iter().position(|slug| *slug == exercise.slug);
        let preferred = Limitation::CHOICES
            .iter()
            .filter(|(_, limitation)| place(policy::preferred(*limitation)).is_some())
            .fold(0, |set, (_, limitation)| set | limitation.bit());
        let staple = place(policy::staples(exercise.pattern)).unwrap_or(usize::from(u8::MAX));
        let mut joints = [0; Joint::CHOICES.len()];
        for (joint, stress) in &exercise.joint_stress {
            joints[*joint as usize] = u32::from(*stress);
        }
        Self {
            pattern: exercise.pattern,
            level: exercise.level,
            items: exercise.item_bits(),
            tags: exercise.tag_bits(),
            credits,
            preferred,
            own: false,
            staple: u32::try_from(staple).unwrap_or(u32::MAX),
            load: policy::load_rank(exercise.load_type),
            stress: joints.iter().sum(),
            joints,
            by_name: names
                .binary_search(&exercise.slug.as_str())
                .unwrap_or(usize::MAX),
        }
    }

    /// True if a set of it is a whole set of the group.
    pub(super) fn trains(&self, group: Group) -> bool {
        self.credits[group as usize] == UNITS_OF_A_SET
    }
}

/// The joint that a limitation is about.
pub(super) fn joint(limitation: Limitation) -> Option<Joint> {
    Some(match limitation {
        Limitation::Knee => Joint::Knee,
        Limitation::LowBack => Joint::LowBack,
        Limitation::Shoulder => Joint::Shoulder,
        Limitation::Wrist => Joint::Wrist,
        Limitation::Elbow => Joint::Elbow,
        Limitation::Hip => Joint::Hip,
        Limitation::Ankle => Joint::Ankle,
        Limitation::Neck => Joint::Neck,
        Limitation::NoImpact | Limitation::NeedsClearance => return None,
    })
}

/// Why the first candidate came before the second.
const CRITERIA: [&str; 10] = [
    "locked by the request",
    "preferred with the limitation",
    "covers the largest deficit",
    "spares the limited joint",
    "not used yet this week",
    "the coach's own",
    "the first staple of its pattern",
    "can be loaded further",
    "stresses the joints least",
    "first by name",
];

type Key = [u32; 10];

/// What is asked of a slot's candidates.
pub(super) struct Wish<'w> {
    pub(super) role: Role,
    pub(super) pattern: Pattern,
    /// What is still missing of each group, in half sets.
    pub(super) deficits: &'w [u32; GROUPS],
    /// Only what trains this group.
    pub(super) group: Option<Group>,
    /// How often each exercise is used this week.
    pub(super) used: &'w [u32],
    /// What the session holds already.
    pub(super) taken: &'w dyn Fn(usize) -> bool,
}

/// The exercise of a slot.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) place: usize,
    pub(super) alternates: Vec<usize>,
    pub(super) candidates: usize,
    pub(super) because: &'static str,
}

/// Who may choose what.
pub(super) struct Chooser<'p> {
    pub(super) pool: Cow<'p, Pool<'p>>,
    goal: Goal,
    allowed: Vec<bool>,
    locked: Vec<bool>,
    limitations: u64,
    joints: Vec<Joint>,
}

impl<'p> Chooser<'p> {
    pub(super) fn new(input: &'p Input) -> Self {
        let pool = Pool::of(input);
        let limitations = input.limitations.iter().fold(0, |set, l| set | l.bit());
        let avoided = input.limitations.iter().flat_map(|l| policy::avoided(*l));
        let avoided = avoided.fold(0, |set, tag| set | tag.bit());
        let level = input.exercise_level();
        let is_in = |list: &[String], place: usize| list.contains(&pool.exercises[place].slug);
        let allowed = pool.facts.iter().enumerate().map(|(place, facts)| {
            let locked = is_in(&input.locked, place);
            facts.items & !input.items == 0
                && facts.tags & avoided == 0
                && (facts.level <= level || locked)
                && !is_in(&input.excluded, place)
                && (locked || !input.history.hurt(&pool.exercises[place].slug))
        });
        let allowed = allowed.collect();
        let locked = (0..pool.facts.len()).map(|place| is_in(&input.locked, place));
        let locked = locked.collect();
        Self {
            pool,
            goal: input.goal,
            allowed,
            locked,
            limitations,
            joints: input
                .limitations
                .iter()
                .copied()
                .filter_map(joint)
                .collect(),
        }
    }

    pub(super) fn is_allowed(&self, place: usize) -> bool {
        self.allowed[place]
    }

    pub(super) fn is_locked(&self, place: usize) -> bool {
        self.locked[place]
    }

    /// How much an exercise asks of the joints that are limited.
    pub(super) fn asks_of_limited(&self, place: usize) -> u32 {
        let joints = &self.pool.facts[place].joints;
        self.joints
            .iter()
            .map(|joint| joints[*joint as usize])
            .sum()
    }

    fn key(&self, place: usize, wish: &Wish<'_>) -> Key {
        let facts = &self.pool.facts[place];
        let covered = (0..GROUPS)
            .filter(|group| facts.credits[*group] == UNITS_OF_A_SET)
            .map(|group| wish.deficits[group])
            .max()
            .unwrap_or(0);
        // A lift that is practised for strength is repeated on purpose.
        let practised = self.goal == Goal::Strength && wish.role == Role::Main;
        [
            u32::from(!self.locked[place]),
            u32::from(facts.preferred & self.limitations == 0),
            u32::MAX - covered,
            self.asks_of_limited(place),
            if practised { 0 } else { wish.used[place] },
            u32::from(!facts.own),
            facts.staple,
            facts.load,
            facts.stress,
            u32::try_from(facts.by_name).unwrap_or(u32::MAX),
        ]
    }

    /// The first of all candidates of a pattern.
    pub(super) fn choose(&self, wish: &Wish<'_>) -> Option<Choice> {
        let fits = |place: &usize| {
            let facts = &self.pool.facts[*place];
            self.allowed[*place]
                && facts.pattern == wish.pattern
                && !(wish.taken)(*place)
                && wish.group.is_none_or(|group| facts.trains(group))
        };
        let places = (0..self.pool.facts.len()).filter(fits);
        let mut sorted: Vec<(Key, usize)> =
            places.map(|place| (self.key(place, wish), place)).collect();
        sorted.sort_unstable();
        let (first, place) = *sorted.first()?;
        let because = match sorted.get(1) {
            None => "the only candidate",
            Some((second, _)) => {
                let differs = (0..CRITERIA.len()).find(|at| first[*at] != second[*at]);
                CRITERIA[differs.unwrap_or(CRITERIA.len() - 1)]
            }
        };
        let alternates = sorted.iter().skip(1).take(3).map(|(_, place)| *place);
        Some(Choice {
            place,
            alternates: alternates.collect(),
            candidates: sorted.len(),
            because,
        })
    }

    /// The first of a list of cardio exercises, then of all of them; hard efforts only if asked for.
    pub(super) fn choose_cardio(
        &self,
        first: &[&str],
        intervals: bool,
        but: Option<usize>,
        used: &[u32],
    ) -> Option<usize> {
        let places = (0..self.pool.facts.len()).filter(|place| {
            let facts = &self.pool.facts[*place];
            let hard = facts.tags & Tag::Interval.bit() != 0;
            self.allowed[*place]
                && facts.pattern == Pattern::Cardio
                && hard == intervals
                && but != Some(*place)
        });
        places.min_by_key(|place| {
            let facts = &self.pool.facts[*place];
            let slug = &self.pool.exercises[*place].slug;
            let listed = first.iter().position(|name| name == slug);
            (
                !self.locked[*place],
                facts.preferred & self.limitations == 0,
                self.asks_of_limited(*place),
                used[*place],
                listed.unwrap_or(usize::MAX),
                Reverse(facts.items != 0),
                facts.staple,
                facts.by_name,
            )
        })
    }

    /// The mobility drill that is used least.
    pub(super) fn choose_mobility(&self, used: &[u32]) -> Option<usize> {
        let places = (0..self.pool.facts.len()).filter(|place| {
            self.allowed[*place] && self.pool.facts[*place].pattern == Pattern::Mobility
        });
        places.min_by_key(|place| {
            let facts = &self.pool.facts[*place];
            (used[*place], facts.staple, facts.by_name)
        })
    }
}
