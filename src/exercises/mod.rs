//! Exercises: the embedded catalogue, and what a coach adds to it.
//!
//! A program and a log name an exercise by its slug. The catalogue is data of ours, the same for
//! everybody and changed by a release alone; the coach's own exercises belong to the tenant. Together
//! they are one list, found by name, alias, muscle, equipment and pattern.
//!
//! Invariant: a slug is one exercise of a tenant. What the catalogue calls something, a coach cannot
//! call something else.

pub mod catalogue;

pub mod actions;
pub mod body;
pub mod routes;
pub mod store;

use utoipa::ToSchema;

use self::catalogue::Exercise;
use crate::clock::Timestamp;
use crate::ids::ExerciseId;

/// How many exercises of her own a coach has at most.
pub const OWN_MAX: u32 = 1_000;
/// The longest slug, in characters.
pub const SLUG_MAX: usize = 60;

/// An exercise of the coach's own.
#[derive(Clone, Debug)]
pub struct OwnExercise {
    /// The id.
    pub id: ExerciseId,
    /// What it is.
    pub exercise: Exercise,
    /// How often it was changed, beginning with 1.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What an exercise of the coach's own is made of.
#[derive(Debug, ToSchema)]
pub struct NewExercise {
    /// Lower-case letters, digits and hyphens; made of the name if left out.
    #[schema(max_length = 60)]
    pub slug: Option<String>,
    /// 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Up to 20 other names.
    pub aliases: Option<Vec<String>>,
    /// How the body moves.
    #[schema(value_type = String)]
    pub pattern: catalogue::Pattern,
    /// What a set of it counts for as a whole set.
    #[schema(value_type = Vec<String>)]
    pub primary: Vec<catalogue::Muscle>,
    /// What a set of it counts for as half a set.
    #[schema(value_type = Option<Vec<String>>)]
    pub secondary: Option<Vec<catalogue::Muscle>>,
    /// All that is needed; nothing if left out.
    #[schema(value_type = Option<Vec<String>>)]
    pub equipment: Option<Vec<catalogue::Item>>,
    /// The least experience that it suits; `beginner` if left out.
    #[schema(value_type = Option<String>)]
    pub level: Option<catalogue::Level>,
    /// One side at a time.
    pub unilateral: Option<bool>,
    /// What makes it heavier; `weight` if left out.
    #[schema(value_type = Option<String>)]
    pub load_type: Option<catalogue::LoadType>,
    /// What to know of it.
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Option<Vec<catalogue::Tag>>,
    /// 1 (little) to 3 (much), by joint.
    #[schema(value_type = Option<std::collections::BTreeMap<String, u8>>)]
    pub joint_stress: Option<Vec<(catalogue::Joint, u8)>>,
    /// The slug of the next easier exercise.
    pub regression: Option<String>,
    /// The slug of the next harder exercise.
    pub progression: Option<String>,
    /// One line to remember, up to 500 characters.
    #[schema(max_length = 500)]
    pub cue: Option<String>,
}

/// What can be changed of an exercise of the coach's own: all but its slug.
#[derive(Debug, ToSchema)]
pub struct ExercisePatch {
    /// 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Up to 20 other names.
    pub aliases: Option<Vec<String>>,
    /// How the body moves.
    #[schema(value_type = Option<String>)]
    pub pattern: Option<catalogue::Pattern>,
    /// What a set of it counts for as a whole set.
    #[schema(value_type = Option<Vec<String>>)]
    pub primary: Option<Vec<catalogue::Muscle>>,
    /// What a set of it counts for as half a set.
    #[schema(value_type = Option<Vec<String>>)]
    pub secondary: Option<Vec<catalogue::Muscle>>,
    /// All that is needed.
    #[schema(value_type = Option<Vec<String>>)]
    pub equipment: Option<Vec<catalogue::Item>>,
    /// The least experience that it suits.
    #[schema(value_type = Option<String>)]
    pub level: Option<catalogue::Level>,
    /// One side at a time.
    pub unilateral: Option<bool>,
    /// What makes it heavier.
    #[schema(value_type = Option<String>)]
    pub load_type: Option<catalogue::LoadType>,
    /// What to know of it.
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Option<Vec<catalogue::Tag>>,
    /// 1 (little) to 3 (much), by joint.
    #[schema(value_type = Option<std::collections::BTreeMap<String, u8>>)]
    pub joint_stress: Option<Vec<(catalogue::Joint, u8)>>,
    /// The slug of the next easier exercise; `null` empties it.
    #[schema(value_type = Option<String>)]
    pub regression: crate::api::json::Patch<String>,
    /// The slug of the next harder exercise; `null` empties it.
    #[schema(value_type = Option<String>)]
    pub progression: crate::api::json::Patch<String>,
    /// One line to remember, up to 500 characters; `null` empties it.
    #[schema(value_type = Option<String>, max_length = 500)]
    pub cue: crate::api::json::Patch<String>,
}

/// The slug that a name gives: its letters and digits in lower case, joined by hyphens.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') && c != '\'' {
            slug.push('-');
        }
        if slug.len() == SLUG_MAX {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Whether a text has the form of a slug.
pub fn is_slug(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=SLUG_MAX).contains(&text.len())
        && text.bytes().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_a_slug() {
        for (name, slug) in [
            ("Zercher Squat (heels up)", "zercher-squat-heels-up"),
            ("World's best  row", "worlds-best-row"),
            ("—", ""),
            ("90/90", "90-90"),
        ] {
            assert_eq!(slug_of(name), slug);
            assert!(slug.is_empty() || is_slug(slug));
        }
        assert!(!is_slug("-a") && !is_slug("A") && !is_slug("") && !is_slug(&"a".repeat(61)));
    }
}
