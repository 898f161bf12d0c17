//! The embedded catalogue: its words, its exercises, and its version.
//!
//! Pure data: the database knows nothing of it. Every closed vocabulary of training stands here,
//! once, for the catalogue, the coach's own exercises and the generator.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// Makes an enum whose variants have names on the wire.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident $word:literal)* }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        pub enum $name { $($(#[$each])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// The names on the wire.
            pub const CHOICES: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)*];

            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads the name on the wire.
            pub fn parse(text: &str) -> Option<Self> {
                Self::CHOICES.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
            }

            /// Its place in a set of bits.
            pub const fn bit(self) -> u64 {
                1 << (self as u64)
            }
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// How a body moves.
    Pattern {
        #[doc = "Knees bend under a load."] Squat "squat"
        #[doc = "Hips bend, knees hardly."] Hinge "hinge"
        #[doc = "One leg in front of, or above, the other."] Lunge "lunge"
        #[doc = "Away from the chest."] PushHorizontal "push_horizontal"
        #[doc = "Up past the head."] PushVertical "push_vertical"
        #[doc = "To the chest."] PullHorizontal "pull_horizontal"
        #[doc = "Down from above the head."] PullVertical "pull_vertical"
        #[doc = "Arms close before the chest."] Fly "fly"
        #[doc = "Shoulders alone."] Delt "delt"
        #[doc = "Elbows bend."] ArmFlexion "arm_flexion"
        #[doc = "Elbows stretch."] ArmExtension "arm_extension"
        #[doc = "One muscle of the legs."] LegIsolation "leg_isolation"
        #[doc = "Ankles stretch."] Calf "calf"
        #[doc = "The trunk does not arch."] CoreAntiExtension "core_anti_extension"
        #[doc = "The trunk does not turn."] CoreAntiRotation "core_anti_rotation"
        #[doc = "The trunk bends."] CoreFlexion "core_flexion"
        #[doc = "Walking or crawling under a load."] Carry "carry"
        #[doc = "As fast as possible."] Power "power"
        #[doc = "Heart and lungs."] Cardio "cardio"
        #[doc = "Getting ready."] Mobility "mobility"
    }
}

vocabulary! {
    /// What an exercise trains.
    Muscle {
        #[doc = "Chest."] Chest "chest"
        #[doc = "Lats."] Lats "lats"
        #[doc = "Between the shoulder blades."] UpperBack "upper_back"
        #[doc = "Trapezius."] Traps "traps"
        #[doc = "Front of the shoulder."] FrontDelts "front_delts"
        #[doc = "Side of the shoulder."] SideDelts "side_delts"
        #[doc = "Back of the shoulder."] RearDelts "rear_delts"
        #[doc = "Biceps."] Biceps "biceps"
        #[doc = "Triceps."] Triceps "triceps"
        #[doc = "Forearms and grip."] Forearms "forearms"
        #[doc = "Front of the thigh."] Quads "quads"
        #[doc = "Back of the thigh."] Hamstrings "hamstrings"
        #[doc = "Glutes."] Glutes "glutes"
        #[doc = "Inner thigh."] Adductors "adductors"
        #[doc = "Outer hip."] Abductors "abductors"
        #[doc = "Calves."] Calves "calves"
        #[doc = "Front of the trunk."] Abs "abs"
        #[doc = "Sides of the trunk."] Obliques "obliques"
        #[doc = "Lower back."] LowerBack "lower_back"
    }
}

vocabulary! {
    /// What an exercise needs beyond a body and a floor.
    Item {
        #[doc = "Barbell and plates."] Barbell "barbell"
        #[doc = "Rack with safeties."] Rack "rack"
        #[doc = "Bench, flat to inclined."] Bench "bench"
        #[doc = "Angled bar."] EzBar "ez_bar"
        #[doc = "Hexagonal bar."] TrapBar "trap_bar"
        #[doc = "Cambered bar with pads."] SafetyBar "safety_bar"
        #[doc = "Pivot for the end of a barbell."] Landmine "landmine"
        #[doc = "Dumbbells."] Dumbbells "dumbbells"
        #[doc = "Kettlebells."] Kettlebells "kettlebells"
        #[doc = "Elastic bands with a door anchor."] Bands "bands"
        #[doc = "Cable machine."] CableMachine "cable_machine"
        #[doc = "Bar to hang from."] PullUpBar "pull_up_bar"
        #[doc = "Parallel bars."] DipBars "dip_bars"
        #[doc = "Belt for added load."] DipBelt "dip_belt"
        #[doc = "Rings or straps."] SuspensionTrainer "suspension_trainer"
        #[doc = "Sturdy box."] Box "box"
        #[doc = "Leg press."] LegPress "leg_press"
        #[doc = "Hack squat."] HackSquat "hack_squat"
        #[doc = "Belt squat."] BeltSquat "belt_squat"
        #[doc = "Leg extension."] LegExtension "leg_extension"
        #[doc = "Leg curl."] LegCurl "leg_curl"
        #[doc = "Guided barbell."] SmithMachine "smith_machine"
        #[doc = "Chest press."] ChestPressMachine "chest_press_machine"
        #[doc = "Shoulder press."] ShoulderPressMachine "shoulder_press_machine"
        #[doc = "Supported row."] RowMachine "row_machine"
        #[doc = "Pulldown."] LatPulldown "lat_pulldown"
        #[doc = "Pull-ups with a counterweight."] AssistedPullUpMachine "assisted_pull_up_machine"
        #[doc = "Chest and rear-delt fly."] PecDeck "pec_deck"
        #[doc = "Side raise."] LateralRaiseMachine "lateral_raise_machine"
        #[doc = "Triceps extension."] TricepsMachine "triceps_machine"
        #[doc = "Standing calf raise."] CalfMachine "calf_machine"
        #[doc = "Seated calf raise."] SeatedCalfMachine "seated_calf_machine"
        #[doc = "Hip abduction and adduction."] HipMachine "hip_machine"
        #[doc = "Hip thrust."] HipThrustMachine "hip_thrust_machine"
        #[doc = "Back extension."] BackExtensionBench "back_extension_bench"
        #[doc = "Glute-ham bench."] GluteHamDeveloper "glute_ham_developer"
        #[doc = "Sled."] Sled "sled"
        #[doc = "Medicine ball."] MedicineBall "medicine_ball"
        #[doc = "Large soft ball."] StabilityBall "stability_ball"
        #[doc = "Ab wheel."] AbWheel "ab_wheel"
        #[doc = "Treadmill."] Treadmill "treadmill"
        #[doc = "Bike."] Bike "bike"
        #[doc = "Rowing machine."] Rower "rower"
        #[doc = "Cross trainer."] Elliptical "elliptical"
        #[doc = "Ski machine."] SkiErg "ski_erg"
        #[doc = "Jump rope."] JumpRope "jump_rope"
    }
}

vocabulary! {
    /// How much training lies behind a person, or how much an exercise asks for.
    Level {
        #[doc = "Under about half a year."] Beginner "beginner"
        #[doc = "Up to some years."] Intermediate "intermediate"
        #[doc = "Years of steady training."] Advanced "advanced"
    }
}

vocabulary! {
    /// What makes an exercise heavier.
    LoadType {
        #[doc = "Free weight."] Weight "weight"
        #[doc = "The pin of a machine or cable."] Stack "stack"
        #[doc = "A stronger band."] Band "band"
        #[doc = "Repetitions, then a harder variation."] Bodyweight "bodyweight"
        #[doc = "Seconds."] Time "time"
        #[doc = "Metres."] Distance "distance"
    }
}

vocabulary! {
    /// What somebody with a limitation may have to keep away from, or look for.
    Tag {
        #[doc = "The spine carries the load."] AxialLoad "axial_load"
        #[doc = "Bent over without support."] UnsupportedHinge "unsupported_hinge"
        #[doc = "The spine bends under load."] LoadedFlexion "loaded_flexion"
        #[doc = "Knees below a right angle under load."] DeepKneeFlexion "deep_knee_flexion"
        #[doc = "Knees bend against a load."] LoadedKneeFlexion "loaded_knee_flexion"
        #[doc = "A lunge to the full depth."] DeepLunge "deep_lunge"
        #[doc = "Hips bend far under load."] DeepHipFlexion "deep_hip_flexion"
        #[doc = "Both feet leave the floor."] Jump "jump"
        #[doc = "Running."] Run "run"
        #[doc = "Hard landings or steps."] HighImpact "high_impact"
        #[doc = "Work above the head."] Overhead "overhead"
        #[doc = "A dip."] Dip "dip"
        #[doc = "Elbows rise beside the body."] UprightRow "upright_row"
        #[doc = "Behind the head."] BehindNeck "behind_neck"
        #[doc = "Weight on a bent-back wrist."] LoadedExtension "loaded_extension"
        #[doc = "A curl with a straight bar."] StraightBarCurl "straight_bar_curl"
        #[doc = "Elbow extension from behind the head, lying."] Skullcrusher "skullcrusher"
        #[doc = "The neck works or carries."] NeckLoad "neck_load"
        #[doc = "A shrug under much load."] HeavyShrug "heavy_shrug"
        #[doc = "Head below the hips."] Inverted "inverted"
        #[doc = "The arms carry the whole body."] Hanging "hanging"
        #[doc = "Fast on purpose."] Ballistic "ballistic"
        #[doc = "Hard efforts with rests."] Interval "interval"
        #[doc = "Palms face each other."] NeutralGrip "neutral_grip"
        #[doc = "The trunk rests on something."] Supported "supported"
        #[doc = "Sitting."] Seated "seated"
        #[doc = "A bridge: lying, hips up."] Bridge "bridge"
    }
}

vocabulary! {
    /// A joint that an exercise stresses.
    Joint {
        #[doc = "Knee."] Knee "knee"
        #[doc = "Lower back."] LowBack "low_back"
        #[doc = "Shoulder."] Shoulder "shoulder"
        #[doc = "Wrist."] Wrist "wrist"
        #[doc = "Elbow."] Elbow "elbow"
        #[doc = "Hip."] Hip "hip"
        #[doc = "Ankle."] Ankle "ankle"
        #[doc = "Neck."] Neck "neck"
    }
}

/// A set of words of one vocabulary.
pub fn bits<T: Copy>(words: &[T], bit: impl Fn(T) -> u64) -> u64 {
    words.iter().fold(0, |set, word| set | bit(*word))
}

/// An exercise, of the catalogue or of the coach's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// What programs and logs name it by.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// What else they call it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How the body moves.
    pub pattern: Pattern,
    /// A set of it counts as a whole set of these.
    pub primary: Vec<Muscle>,
    /// A set of it counts as half a set of these.
    #[serde(default)]
    pub secondary: Vec<Muscle>,
    /// All that is needed.
    #[serde(default)]
    pub equipment: Vec<Item>,
    /// The least experience that it suits.
    pub level: Level,
    /// One side at a time.
    #[serde(default)]
    pub unilateral: bool,
    /// What makes it heavier.
    pub load_type: LoadType,
    /// What to know of it.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// 1 (little) to 3 (much), by joint.
    #[serde(default)]
    pub joint_stress: BTreeMap<Joint, u8>,
    /// The next easier exercise.
    #[serde(default)]
    pub regression: Option<String>,
    /// The next harder exercise.
    #[serde(default)]
    pub progression: Option<String>,
    /// One line to remember.
    #[serde(default)]
    pub cue: Option<String>,
}

impl Exercise {
    /// Whether a search for this text, case-folded, finds it.
    pub fn is_called(&self, text: &str) -> bool {
        let names = std::iter::once(&self.name).chain(&self.aliases);
        let mut names = names.map(|name| name.to_lowercase());
        let plain = text.replace('-', " ");
        names.any(|name| name.contains(text) || name.replace('-', " ").contains(&plain))
            || self.slug.contains(text)
    }

    /// Its tags as a set.
    pub fn tag_bits(&self) -> u64 {
        bits(&self.tags, Tag::bit)
    }

    /// Its equipment as a set.
    pub fn item_bits(&self) -> u64 {
        bits(&self.equipment, Item::bit)
    }
}

/// The whole catalogue.
#[derive(Debug)]
pub struct Catalogue {
    /// Changes whenever an exercise does.
    pub version: String,
    /// In the order of the file.
    pub exercises: Vec<Exercise>,
    places: HashMap<String, usize>,
}

#[derive(Deserialize)]
struct File {
    version: String,
    exercise: Vec<Exercise>,
}

const TEXT: &str = include_str!("catalogue.toml");

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| match Catalogue::read(TEXT) {
    Ok(catalogue) => catalogue,
    // A test reads the embedded file: it cannot be built without failing there.
    Err(error) => {
        tracing::error!(%error, "the embedded catalogue of exercises cannot be read");
        Catalogue::of(String::new(), Vec::new())
    }
});

impl Catalogue {
    /// The embedded one.
    pub fn embedded() -> &'static Self {
        &CATALOGUE
    }

    fn read(text: &str) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let version = format!("{}-{:08x}", file.version, crc32fast::hash(text.as_bytes()));
        Ok(Self::of(version, file.exercise))
    }

    fn of(version: String, exercises: Vec<Exercise>) -> Self {
        let places = exercises.iter().map(|exercise| exercise.slug.clone());
        let places = places.enumerate().map(|(place, slug)| (slug, place));
        Self {
            version,
            places: places.collect(),
            exercises,
        }
    }

    /// Where an exercise stands in the file.
    pub fn place(&self, slug: &str) -> Option<usize> {
        self.places.get(slug).copied()
    }

    /// The exercise of this name.
    pub fn get(&self, slug: &str) -> Option<&Exercise> {
        self.place(slug).map(|place| &self.exercises[place])
    }
}
