//! Every number and every preference of the generator, in one place.
//!
//! The rest of the generator is mechanism. Whoever changes anything here changes [`VERSION`], or
//! [`HISTORY_VERSION`] where it is about a client's history: a program names what it was made by. Sources of the numbers: reviews of resistance
//! training (about ten weekly sets a muscle for growth, heavy loads and repeated practice for
//! strength, two sessions a muscle and week, diminishing returns of more), guidelines on aerobic
//! activity (150 to 300 minutes a week), surveys of coaches on deloads. Fractional sets: an exercise
//! counts one set for its primary and half a set for its secondary muscles.

pub use super::preference::{preferred, staples};
use crate::exercises::catalogue::{Item, LoadType, Muscle, Pattern, Tag, vocabulary};

/// The name of this policy.
pub const ID: &str = "cadence-rules";
/// Changes with every change below.
pub const VERSION: &str = "1.0.0";

vocabulary! {
    /// What training is for.
    Goal {
        #[doc = "Larger muscles."] Hypertrophy "hypertrophy"
        #[doc = "Heavier lifts."] Strength "strength"
        #[doc = "Less fat, muscle kept."] FatLoss "fat_loss"
        #[doc = "Lasting longer."] Endurance "endurance"
        #[doc = "Fit for everyday life."] General "general"
    }
}

vocabulary! {
    /// What to go easy on.
    Limitation {
        #[doc = "Knees."] Knee "knee"
        #[doc = "Lower back."] LowBack "low_back"
        #[doc = "Shoulders."] Shoulder "shoulder"
        #[doc = "Wrists."] Wrist "wrist"
        #[doc = "Elbows."] Elbow "elbow"
        #[doc = "Hips."] Hip "hip"
        #[doc = "Ankles."] Ankle "ankle"
        #[doc = "Neck."] Neck "neck"
        #[doc = "No hard landings."] NoImpact "no_impact"
        #[doc = "A physician has to agree first."] NeedsClearance "needs_clearance"
    }
}

vocabulary! {
    /// What there usually is in a place.
    Profile {
        #[doc = "A commercial gym."] FullGym "full_gym"
        #[doc = "Barbell, rack, bench, dumbbells, bands, bar."] HomeGym "home_gym"
        #[doc = "Dumbbells and a bench."] Dumbbells "dumbbells"
        #[doc = "Bands with a door anchor."] Bands "bands"
        #[doc = "Kettlebells."] Kettlebells "kettlebells"
        #[doc = "A body and a floor."] Bodyweight "bodyweight"
    }
}

impl Profile {
    /// The items of the profile.
    pub fn items(self) -> u64 {
        use Item::{Bands, Barbell, Bench, Box, Dumbbells, JumpRope, Kettlebells, PullUpBar, Rack};
        let items: &[Item] = match self {
            Self::FullGym => return u64::MAX,
            Self::HomeGym => &[
                Barbell, Rack, Bench, Dumbbells, Bands, PullUpBar, Box, JumpRope,
            ],
            Self::Dumbbells => &[Dumbbells, Bench],
            Self::Bands => &[Bands],
            Self::Kettlebells => &[Kettlebells],
            Self::Bodyweight => &[],
        };
        items.iter().fold(0, |set, item| set | item.bit())
    }
}

vocabulary! {
    /// Muscles as volume is counted.
    Group {
        #[doc = "Chest."] Chest "chest"
        #[doc = "Lats and upper back."] Back "back"
        #[doc = "Shoulders."] Shoulders "shoulders"
        #[doc = "Quads."] Quads "quads"
        #[doc = "Hamstrings."] Hamstrings "hamstrings"
        #[doc = "Glutes."] Glutes "glutes"
        #[doc = "Biceps."] Biceps "biceps"
        #[doc = "Triceps."] Triceps "triceps"
        #[doc = "Calves."] Calves "calves"
        #[doc = "Abs and obliques."] Core "core"
    }
}

/// How many groups there are.
pub const GROUPS: usize = Group::CHOICES.len();

/// Those that are trained at least twice a week from two days on.
pub const MAJOR: [Group; 8] = [
    Group::Chest,
    Group::Back,
    Group::Shoulders,
    Group::Quads,
    Group::Hamstrings,
    Group::Glutes,
    Group::Biceps,
    Group::Triceps,
];

/// The group that a muscle counts for; the small ones that get their share by the way have none.
pub fn group_of(muscle: Muscle) -> Option<Group> {
    Some(match muscle {
        Muscle::Chest => Group::Chest,
        Muscle::Lats | Muscle::UpperBack => Group::Back,
        Muscle::FrontDelts | Muscle::SideDelts | Muscle::RearDelts => Group::Shoulders,
        Muscle::Biceps => Group::Biceps,
        Muscle::Triceps => Group::Triceps,
        Muscle::Quads => Group::Quads,
        Muscle::Hamstrings => Group::Hamstrings,
        Muscle::Glutes => Group::Glutes,
        Muscle::Calves => Group::Calves,
        Muscle::Abs | Muscle::Obliques => Group::Core,
        Muscle::Traps
        | Muscle::Forearms
        | Muscle::Adductors
        | Muscle::Abductors
        | Muscle::LowerBack => return None,
    })
}

/// Most sets of a group in a week.
pub const WEEK_CAP: u32 = 20;
/// Most sets of a group in a session.
pub const SESSION_CAP: u32 = 10;
/// Most exercises of a session, warm-up and conditioning left out.
pub const EXERCISES_MAX: usize = 9;

/// Weekly sets of a major group in the first and in the hardest week, by goal and level.
pub fn weekly_sets(goal: Goal, level: usize) -> (u32, u32) {
    match goal {
        Goal::Hypertrophy => [(6, 9), (10, 14), (12, 18)][level],
        Goal::Strength => [(4, 6), (4, 8), (6, 10)][level],
        Goal::FatLoss => [(6, 8), (8, 12), (10, 14)][level],
        Goal::Endurance => [(4, 6), (5, 8), (6, 8)][level],
        Goal::General => [(5, 7), (6, 9), (8, 10)][level],
    }
}

/// Calves and core get this share of a major group's sets, in percent.
pub const MINOR_PERCENT: u32 = 50;
/// Glutes, arms: they work in nearly everything else, so less is asked for directly, in percent.
pub const HELPER_PERCENT: u32 = 75;

/// Repetitions in reserve in the first and in the last week before a deload.
pub fn rir(goal: Goal, level: usize) -> (u32, u32) {
    match (goal, level) {
        (_, 0) => (4, 2),
        (Goal::Hypertrophy | Goal::Strength, _) => (3, 1),
        (Goal::FatLoss | Goal::Endurance | Goal::General, _) => (3, 2),
    }
}

/// Repetitions in reserve where a physician has to agree first, and in a deload: never fewer.
pub const EASY_RIR: u32 = 4;

/// What an exercise is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Fast, first.
    Power,
    /// The lift that the session is built on.
    Main,
    /// Another lift over several joints.
    Second,
    /// One more over several joints.
    Accessory,
    /// One muscle.
    Isolation,
    /// The trunk.
    Core,
}

impl Role {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::Main => "main lift",
            Self::Second => "second lift",
            Self::Accessory => "accessory",
            Self::Isolation => "isolation",
            Self::Core => "core",
        }
    }

    /// The first two weeks' sets, before volume is shared out.
    pub fn sets(self, goal: Goal) -> u32 {
        match (self, goal) {
            (Self::Main, _) | (Self::Power | Self::Second, Goal::Strength) => 3,
            (Self::Power | Self::Second | Self::Accessory | Self::Isolation | Self::Core, _) => 2,
        }
    }

    /// Most sets of one exercise.
    pub fn sets_max(self) -> u32 {
        match self {
            Self::Power | Self::Core => 3,
            Self::Main => 5,
            Self::Second | Self::Accessory | Self::Isolation => 4,
        }
    }
}

/// Heavy, medium and light days of the strength goal: repetitions of the main lift.
pub const WAVES: [(&str, u32, u32); 3] = [("heavy", 3, 5), ("volume", 6, 8), ("light", 8, 12)];

/// Repetitions by goal and role.
pub fn reps(goal: Goal, role: Role, pattern: Pattern, wave: usize) -> (u32, u32) {
    if role == Role::Power {
        return (3, 5);
    }
    let small = matches!(pattern, Pattern::Calf | Pattern::Delt);
    match goal {
        Goal::Hypertrophy => match role {
            Role::Power | Role::Main | Role::Second | Role::Accessory => (6, 10),
            Role::Isolation | Role::Core if small => (12, 20),
            Role::Isolation | Role::Core => (10, 15),
        },
        Goal::Strength => match role {
            Role::Power | Role::Main => (WAVES[wave].1, WAVES[wave].2),
            Role::Second => (6, 10),
            Role::Accessory | Role::Isolation | Role::Core => (8, 12),
        },
        Goal::FatLoss | Goal::General => match role {
            Role::Isolation | Role::Core if small => (10, 15),
            Role::Power
            | Role::Main
            | Role::Second
            | Role::Accessory
            | Role::Isolation
            | Role::Core => (6, 12),
        },
        Goal::Endurance => (12, 20),
    }
}

/// Seconds of a timed exercise in the first week, and what is added from week to week.
pub const HOLD_S: (u32, u32) = (20, 5);
/// Metres of a carry.
pub const CARRY_M: u32 = 30;
/// Seconds that a carry of that length takes.
pub const CARRY_S: u32 = 30;

/// Seconds down, at the bottom, up, at the top.
pub fn tempo(goal: Goal, role: Role) -> &'static str {
    match (goal, role) {
        (_, Role::Power) => "1-0-X-0",
        (Goal::Strength, Role::Main) => "2-1-1-0",
        (Goal::Endurance, _) => "2-0-1-0",
        _ => "3-0-1-0",
    }
}

/// Seconds that one repetition takes at that tempo; as fast as possible counts as one.
pub fn rep_s(tempo: &str) -> u32 {
    let part = |text: &str| text.parse().unwrap_or(1);
    tempo.split('-').map(part).sum()
}

/// Seconds of rest after a set of a lift over several joints, and of an isolation.
pub fn rest_s(goal: Goal, role: Role) -> u32 {
    let (compound, isolation) = match goal {
        Goal::Hypertrophy => (120, 75),
        Goal::Strength => (180, 90),
        Goal::FatLoss | Goal::General => (90, 60),
        Goal::Endurance => (60, 45),
    };
    match role {
        Role::Power | Role::Main | Role::Second | Role::Accessory => compound,
        Role::Isolation | Role::Core => isolation,
    }
}

/// Seconds of warm-up in every session: five minutes easy and one of mobility.
pub const WARM_UP_S: u32 = 360;
/// Seconds of the easy part.
pub const WARM_UP_CARDIO_S: u32 = 300;
/// Seconds of the mobility part.
pub const WARM_UP_MOBILITY_S: u32 = 60;
/// Seconds to set an exercise up; ramping up to its load is in it.
pub const SET_UP_S: u32 = 90;
/// Seconds from one exercise of a superset or circuit to the next.
pub const CHANGE_S: u32 = 15;
/// Most exercises of a circuit.
pub const CIRCUIT_MAX: usize = 4;

/// Weeks before the deload, and of the deload.
pub fn weeks(goal: Goal, level: usize) -> (u16, u16) {
    match (level, goal) {
        (0, _) => (8, 0),
        (1, _) => (4, 1),
        (_, Goal::Strength) => (3, 1),
        (_, _) => (5, 1),
    }
}

/// Most lifting days a week of a beginner; the other days are easy.
pub const BEGINNER_LIFTING_DAYS: u32 = 4;
/// Minutes of an easy day.
pub const EASY_DAY_MINUTES: u32 = 40;

/// Percent of the one-repetition maximum of the main lift in the first and in the hardest week,
/// where the maximum is known.
pub fn percent_1rm(level: usize) -> (u32, u32) {
    [(70, 80), (75, 85), (80, 90)][level]
}

/// Load added to a lift of the upper and of the lower body, in thousandths of the unit.
pub fn increment(metric: bool, lower: bool) -> i64 {
    match (metric, lower) {
        (true, false) => 2_500,
        (true, true) | (false, false) => 5_000,
        (false, true) => 10_000,
    }
}

/// Minutes of cardio a week, first and last week before a deload.
pub fn cardio_minutes(goal: Goal) -> (u32, u32) {
    match goal {
        Goal::FatLoss => (150, 250),
        Goal::Endurance => (150, 240),
        Goal::General => (90, 150),
        Goal::Hypertrophy | Goal::Strength => (60, 90),
    }
}

/// The share of a session that is kept for conditioning, in percent.
pub fn conditioning_percent(goal: Goal) -> u32 {
    match goal {
        Goal::Endurance => 35,
        Goal::FatLoss => 15,
        Goal::General | Goal::Hypertrophy | Goal::Strength => 0,
    }
}

/// Whether what is left of a session's time goes to conditioning.
pub fn fills_with_conditioning(goal: Goal) -> bool {
    matches!(goal, Goal::Endurance | Goal::FatLoss | Goal::General)
}

/// The shortest and the longest conditioning in a session, in minutes.
pub const CONDITIONING_MINUTES: (u32, u32) = (5, 30);

/// What somebody with a limitation keeps away from.
pub fn avoided(limitation: Limitation) -> &'static [Tag] {
    match limitation {
        Limitation::Knee => &[Tag::DeepKneeFlexion, Tag::Jump, Tag::DeepLunge],
        Limitation::LowBack => &[Tag::AxialLoad, Tag::UnsupportedHinge, Tag::LoadedFlexion],
        Limitation::Shoulder => &[Tag::Overhead, Tag::Dip, Tag::UprightRow, Tag::BehindNeck],
        Limitation::Wrist => &[Tag::LoadedExtension, Tag::StraightBarCurl],
        Limitation::Elbow => &[Tag::StraightBarCurl, Tag::Skullcrusher],
        Limitation::Hip => &[Tag::DeepHipFlexion],
        Limitation::Ankle => &[Tag::Jump, Tag::Run],
        Limitation::Neck => &[Tag::NeckLoad, Tag::HeavyShrug, Tag::Inverted],
        Limitation::NoImpact => &[Tag::Jump, Tag::Run, Tag::HighImpact],
        Limitation::NeedsClearance => &[
            Tag::Jump,
            Tag::Run,
            Tag::HighImpact,
            Tag::Interval,
            Tag::Ballistic,
            Tag::Inverted,
        ],
    }
}

/// What is taken to raise the pulse before a session.
pub const WARM_UPS: &[&str] = &["skipping", "easy-run", "brisk-walk"];

/// What is taken of a pattern where no staple fits: what can be loaded further comes first.
pub fn load_rank(load_type: LoadType) -> u32 {
    match load_type {
        LoadType::Weight => 0,
        LoadType::Stack => 1,
        LoadType::Band => 2,
        LoadType::Bodyweight | LoadType::Distance => 3,
        LoadType::Time => 4,
    }
}

/// What a slot falls back to where its own pattern has no candidate.
pub fn fallback(pattern: Pattern) -> &'static [Pattern] {
    match pattern {
        Pattern::Squat => &[Pattern::Lunge],
        Pattern::Lunge => &[Pattern::Squat],
        Pattern::Hinge => &[Pattern::LegIsolation],
        Pattern::PushVertical => &[Pattern::PushHorizontal, Pattern::Delt],
        Pattern::PushHorizontal => &[Pattern::PushVertical, Pattern::Fly],
        Pattern::PullVertical => &[Pattern::PullHorizontal],
        Pattern::PullHorizontal => &[Pattern::PullVertical],
        Pattern::Fly
        | Pattern::Delt
        | Pattern::ArmFlexion
        | Pattern::ArmExtension
        | Pattern::LegIsolation
        | Pattern::Calf
        | Pattern::CoreAntiExtension
        | Pattern::CoreAntiRotation
        | Pattern::CoreFlexion
        | Pattern::Carry
        | Pattern::Power
        | Pattern::Cardio
        | Pattern::Mobility => &[],
    }
}

/// Patterns in which a group is trained alone.
pub fn isolations(group: Group) -> &'static [Pattern] {
    match group {
        Group::Chest => &[Pattern::Fly],
        Group::Back => &[Pattern::PullVertical, Pattern::PullHorizontal],
        Group::Shoulders => &[Pattern::Delt],
        Group::Quads | Group::Hamstrings => &[Pattern::LegIsolation],
        Group::Glutes => &[Pattern::Hinge, Pattern::LegIsolation],
        Group::Biceps => &[Pattern::ArmFlexion],
        Group::Triceps => &[Pattern::ArmExtension],
        Group::Calves => &[Pattern::Calf],
        Group::Core => &[
            Pattern::CoreAntiExtension,
            Pattern::CoreAntiRotation,
            Pattern::CoreFlexion,
        ],
    }
}

/// Patterns that rest each other: what is paired into supersets first.
pub const ANTAGONISTS: [(Pattern, Pattern); 5] = [
    (Pattern::PushHorizontal, Pattern::PullHorizontal),
    (Pattern::PushVertical, Pattern::PullVertical),
    (Pattern::ArmFlexion, Pattern::ArmExtension),
    (Pattern::Fly, Pattern::Delt),
    (Pattern::Calf, Pattern::LegIsolation),
];

// What a client's history changes. Nothing below has a part in a plan for somebody without one.

/// The version of the rules below, which a program names beside the policy where they had a part in
/// it. It changes with every change of them.
pub const HISTORY_VERSION: &str = "1.0.0";

/// The last check-ins that are looked at, and how many days old they may be: eight weeks, which is
/// about as long as coaches go from one deload to the next.
pub const CHECK_INS: usize = 4;
/// See [`CHECK_INS`].
pub const CHECK_INS_DAYS: i64 = 56;
/// Check-ins of those that have to tell of strain before anything changes.
///
/// Coaches ease the load when signs come together and not at one bad week; surveys of them agree on
/// that and on no threshold, so two flagged weeks are taken, the rule by which a beginner is given a
/// deload. What changes is small: where recovery is short fewer sets are the agreed first step, while
/// days and exercises stay; and volume is what makes muscles grow and is kept in a diet too, so it is a
/// set less in the first week and not a smaller plan. Heart-rate variability is left out: what devices
/// measure does not compare.
pub const STRAINED_CHECK_INS: usize = 2;
/// From this RPE of its sessions on a check-in tells of strain: one repetition in reserve or none,
/// all week, where a plan asks for one only in its last. In thousandths, as all that follow.
pub const STRAIN_RPE: i64 = 9_000;
/// Energy up to this, of 1 to 5.
pub const STRAIN_ENERGY: i64 = 2_000;
/// Sleep up to this, where it is asked for on a scale of 1 to 5.
pub const STRAIN_SLEEP: i64 = 2_000;
/// Fewer hours of sleep a night than this: guidance for adults is seven and more.
pub const STRAIN_SLEEP_HOURS: i64 = 6_000;
/// Soreness from this on, of 1 to 5.
pub const STRAIN_SORENESS: i64 = 4_000;
/// Answers to `training` by which a third or more of it was missed.
pub const STRAIN_TRAINING: [&str; 2] = ["some of it", "none"];
/// The most of a scale that these rules understand; another scale says nothing.
pub const STRAIN_SCALE_MAX: i64 = 5_000;
/// Sets that come off a muscle group in the first week.
pub const STRAIN_SETS: u32 = 1;

/// How many days pain is heeded for: as long as four weekly check-ins reach back.
pub const PAIN_DAYS: i64 = 28;
/// Logs with pain that are looked at.
pub const PAIN_LOGS: u32 = 20;

/// Words that name a place which hurts, and what is gone easy on for it.
///
/// They are of a text in lower case with single spaces. The painful movement is left out and trained around; a coach is no physician, so
/// it is a default which the coach is told of and may overrule.
pub const SITES: &[(&str, Limitation)] = &[
    ("knee", Limitation::Knee),
    ("knees", Limitation::Knee),
    ("kneecap", Limitation::Knee),
    ("lower back", Limitation::LowBack),
    ("low back", Limitation::LowBack),
    ("lumbar", Limitation::LowBack),
    ("back pain", Limitation::LowBack),
    ("my back", Limitation::LowBack),
    ("shoulder", Limitation::Shoulder),
    ("shoulders", Limitation::Shoulder),
    ("rotator cuff", Limitation::Shoulder),
    ("wrist", Limitation::Wrist),
    ("wrists", Limitation::Wrist),
    ("elbow", Limitation::Elbow),
    ("elbows", Limitation::Elbow),
    ("hip", Limitation::Hip),
    ("hips", Limitation::Hip),
    ("ankle", Limitation::Ankle),
    ("ankles", Limitation::Ankle),
    ("achilles", Limitation::Ankle),
    ("neck", Limitation::Neck),
];

/// Exercises of the coach's own that are looked at for one program.
pub const OWN_EXERCISES: usize = 200;

/// How many days a best says what somebody can lift.
pub const MAXIMUM_DAYS: i64 = 180;
/// Bests that are looked at.
pub const MAXIMA: u32 = 500;
/// The step that a load is rounded down to, in thousandths of a kilogram and of a pound: the smallest
/// pair of plates of most gyms.
pub const PLATES: (i64, i64) = (2_500, 5_000);

/// What a set that could go on to so many repetitions weighs at most, in tenths of a percent of the
/// one-repetition maximum; none where that says nothing.
///
/// Repetitions and those in reserve are added up: five with three in reserve are a set of eight.
/// The first twelve are the chart of percentages by RPE that lifters commonly use (5 at RPE 8 is
/// 81.1 %). Its values are averages, two to five points off for one person and best up to six
/// repetitions; beyond twelve each repetition takes as much off as the last step did, which is on the
/// low side. So a load of it is a beginning that is rounded down, and the note says what it should
/// leave in reserve.
pub fn share_of_maximum(repetitions: u32) -> Option<u32> {
    const SHARES: [u32; 16] = [
        1_000, 955, 922, 892, 863, 837, 811, 786, 762, 739, 707, 680, 653, 626, 599, 572,
    ];
    let place = usize::try_from(repetitions).ok()?.checked_sub(1)?;
    SHARES.get(place).copied()
}
