//! How a template is shown.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Template;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ids::TemplateId;
use crate::programs::body::raw;
use crate::programs::model::Block;

/// A template without its blocks: how lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateSummaryBody<'t> {
    /// The template's id.
    #[schema(value_type = String, example = "tpl_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: TemplateId,
    /// Always `program_template`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// What it is called.
    name: &'t str,
    /// What to know of it.
    notes: Option<&'t str>,
    /// What training is for.
    goal: Option<&'t str>,
    /// Cycles of all blocks together.
    weeks: u32,
    /// Days of all blocks together.
    days: u32,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateBody<'t> {
    #[serde(flatten)]
    summary: TemplateSummaryBody<'t>,
    /// What it is made of, as it was written.
    #[schema(value_type = Vec<Block>)]
    blocks: &'t RawValue,
}

impl<'t> TemplateSummaryBody<'t> {
    /// The template as it is shown.
    pub fn of(tenant: Tenant, template: &'t Template) -> Self {
        Self {
            id: template.id,
            object: "program_template",
            livemode: tenant.mode().is_live(),
            name: &template.name,
            notes: template.notes.as_deref(),
            goal: template.goal.as_deref(),
            weeks: template.cycles.weeks(),
            days: template.cycles.days(),
            created_at: template.created_at,
            updated_at: template.updated_at,
        }
    }
}

impl<'t> TemplateBody<'t> {
    /// The template as it is shown.
    pub fn of(tenant: Tenant, template: &'t Template) -> Result<Self> {
        Ok(Self {
            summary: TemplateSummaryBody::of(tenant, template),
            blocks: raw(&template.blocks)?,
        })
    }
}
