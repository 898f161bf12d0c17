//! Templates: programs that are nobody's yet.
//!
//! A template belongs to the tenant. Assigning it to a client makes a draft that is a copy: what is
//! changed later in one leaves the other alone.

pub mod actions;
pub mod body;
pub mod routes;
pub mod store;

use utoipa::ToSchema;

use crate::api::json::Patch;
use crate::clock::Timestamp;
use crate::ids::{ProgramId, TemplateId};
use crate::programs::model::{Block, Cycles};

/// A program that is nobody's yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// The id.
    pub id: TemplateId,
    /// What it is called.
    pub name: String,
    /// What to know of it.
    pub notes: Option<String>,
    /// What training is for.
    pub goal: Option<String>,
    /// How long its blocks are.
    pub cycles: Cycles,
    /// How often it was changed, beginning with 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// JSON: the blocks.
    pub blocks: String,
}

/// What a template is made of: its blocks, or those of a program.
#[derive(Debug, ToSchema)]
pub struct NewTemplate {
    /// 1 to 200 characters; the program's name if left out.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Up to 10,000 characters.
    #[schema(max_length = 10_000)]
    pub notes: Option<String>,
    /// By hand: up to 24 blocks.
    pub blocks: Option<Vec<Block>>,
    /// The program to copy.
    #[schema(value_type = Option<String>)]
    pub program_id: Option<ProgramId>,
}

/// What can be changed of a template.
#[derive(Debug, ToSchema)]
pub struct TemplatePatch {
    /// 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Up to 10,000 characters; `null` empties it.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    pub notes: Patch<String>,
    /// Replaces the blocks.
    pub blocks: Option<Vec<Block>>,
}
