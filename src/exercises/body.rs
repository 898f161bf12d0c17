//! How an exercise is shown.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::OwnExercise;
use super::catalogue::{Exercise, Item, Joint, Level, LoadType, Muscle, Pattern, Tag};
use crate::caller::Tenant;
use crate::clock::Timestamp;

/// An exercise of the catalogue or of the coach's own.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExerciseBody<'e> {
    /// The id; of an exercise of the catalogue its slug.
    #[schema(example = "back-squat")]
    id: String,
    /// Always `exercise`.
    object: &'static str,
    /// Null for the catalogue, which both modes share.
    livemode: Option<bool>,
    /// `catalogue` or `own`.
    source: &'static str,
    /// What programs and logs name it by.
    slug: &'e str,
    /// What people call it.
    name: &'e str,
    /// What else they call it.
    aliases: &'e [String],
    /// How the body moves.
    #[schema(value_type = String)]
    pattern: Pattern,
    /// A set of it counts as a whole set of these.
    #[schema(value_type = Vec<String>)]
    primary: &'e [Muscle],
    /// A set of it counts as half a set of these.
    #[schema(value_type = Vec<String>)]
    secondary: &'e [Muscle],
    /// All that is needed beyond a body and a floor.
    #[schema(value_type = Vec<String>)]
    equipment: &'e [Item],
    /// The least experience that it suits.
    #[schema(value_type = String)]
    level: Level,
    /// One side at a time.
    unilateral: bool,
    /// What makes it heavier.
    #[schema(value_type = String)]
    load_type: LoadType,
    /// What somebody with a limitation may have to keep away from, or look for.
    #[schema(value_type = Vec<String>)]
    tags: &'e [Tag],
    /// 1 (little) to 3 (much), by joint.
    #[schema(value_type = BTreeMap<String, u8>)]
    joint_stress: &'e BTreeMap<Joint, u8>,
    /// The next easier exercise.
    regression: Option<&'e str>,
    /// The next harder exercise.
    progression: Option<&'e str>,
    /// One line to remember.
    cue: Option<&'e str>,
    /// When it was added; null for the catalogue.
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    /// When it was last changed; null for the catalogue.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
}

impl<'e> ExerciseBody<'e> {
    /// An exercise of the catalogue as it is shown.
    pub fn of_catalogue(exercise: &'e Exercise) -> Self {
        Self {
            id: exercise.slug.clone(),
            object: "exercise",
            livemode: None,
            source: "catalogue",
            slug: &exercise.slug,
            name: &exercise.name,
            aliases: &exercise.aliases,
            pattern: exercise.pattern,
            primary: &exercise.primary,
            secondary: &exercise.secondary,
            equipment: &exercise.equipment,
            level: exercise.level,
            unilateral: exercise.unilateral,
            load_type: exercise.load_type,
            tags: &exercise.tags,
            joint_stress: &exercise.joint_stress,
            regression: exercise.regression.as_deref(),
            progression: exercise.progression.as_deref(),
            cue: exercise.cue.as_deref(),
            created_at: None,
            updated_at: None,
        }
    }

    /// An exercise of the coach's own as it is shown.
    pub fn of_own(tenant: Tenant, own: &'e OwnExercise) -> Self {
        Self {
            id: own.id.to_string(),
            livemode: Some(tenant.mode().is_live()),
            source: "own",
            created_at: Some(own.created_at),
            updated_at: Some(own.updated_at),
            ..Self::of_catalogue(&own.exercise)
        }
    }

    /// Where it stands in a list.
    pub fn position(&self) -> String {
        self.slug.to_owned()
    }
}
