//! How a program is shown: the shapes that answers and events share.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::generator::Generation;
use super::model::Block;
use super::{Program, WholeProgram};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::ids::{ClientId, ProgramId, TemplateId};
use crate::values::Date;

/// A program without what it is made of: how lists and events show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgramSummaryBody<'p> {
    /// The program's id.
    #[schema(value_type = String, example = "prg_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: ProgramId,
    /// Always `program`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// Whose it is.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// What it is called.
    name: &'p str,
    /// `draft`, `active`, `completed` or `archived`.
    status: &'static str,
    /// What the client should know.
    notes: Option<&'p str>,
    /// What training is for.
    goal: Option<&'p str>,
    /// Day 1.
    #[schema(value_type = Option<String>, format = Date)]
    start_date: Option<Date>,
    /// The last day.
    #[schema(value_type = Option<String>, format = Date)]
    end_date: Option<Date>,
    /// Cycles of all blocks together.
    weeks: u32,
    /// Days of all blocks together.
    days: u32,
    /// True if it was generated.
    generated: bool,
    /// The template that it was made from.
    #[schema(value_type = Option<String>)]
    template_id: Option<TemplateId>,
    /// Pairs of text of the integrator's own.
    metadata: BTreeMap<&'p str, &'p str>,
    /// When it was activated.
    #[schema(value_type = Option<String>, format = DateTime)]
    activated_at: Option<Timestamp>,
    /// When it was completed.
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Timestamp>,
    /// When it was archived.
    #[schema(value_type = Option<String>, format = DateTime)]
    archived_at: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A program.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgramBody<'p> {
    #[serde(flatten)]
    summary: ProgramSummaryBody<'p>,
    /// How a generated one came about; null for others.
    #[schema(value_type = Option<Generation>)]
    generation: Option<&'p RawValue>,
    /// What it is made of, as it was written.
    #[schema(value_type = Vec<Block>)]
    blocks: &'p RawValue,
}

impl<'p> ProgramSummaryBody<'p> {
    /// The program as it is shown.
    pub fn of(tenant: Tenant, program: &'p Program) -> Self {
        let metadata = program.metadata.iter();
        Self {
            id: program.id,
            object: "program",
            livemode: tenant.mode().is_live(),
            client_id: program.client_id,
            name: &program.name,
            status: program.status.name(),
            notes: program.notes.as_deref(),
            goal: program.goal.as_deref(),
            start_date: program.start_date,
            end_date: program.end_date(),
            weeks: program.cycles.weeks(),
            days: program.cycles.days(),
            generated: program.generated,
            template_id: program.template_id,
            metadata: metadata
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect(),
            activated_at: program.activated_at,
            completed_at: program.completed_at,
            archived_at: program.archived_at,
            created_at: program.created_at,
            updated_at: program.updated_at,
        }
    }
}

/// A program in the list over all clients.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedProgramBody<'p> {
    #[serde(flatten)]
    summary: ProgramSummaryBody<'p>,
    /// Whose it is.
    client: ProgramClientBody<'p>,
}

/// A client, where a program is listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgramClientBody<'p> {
    /// The client's id.
    #[schema(value_type = String)]
    id: ClientId,
    /// What the client is called.
    name: &'p str,
}

impl<'p> ListedProgramBody<'p> {
    /// The program as it is shown, with the name of its client.
    pub fn of(tenant: Tenant, program: &'p Program, client: &'p str) -> Self {
        Self {
            summary: ProgramSummaryBody::of(tenant, program),
            client: ProgramClientBody {
                id: program.client_id,
                name: client,
            },
        }
    }
}

/// JSON of a column.
pub(crate) fn raw(text: &str) -> Result<&RawValue> {
    serde_json::from_str(text).map_err(Error::internal)
}

impl<'p> ProgramBody<'p> {
    /// The program as it is shown.
    pub fn of(tenant: Tenant, whole: &'p WholeProgram) -> Result<Self> {
        Ok(Self {
            summary: ProgramSummaryBody::of(tenant, &whole.program),
            generation: whole.generation.as_deref().map(raw).transpose()?,
            blocks: raw(&whole.blocks)?,
        })
    }
}

/// The program that a client follows, in a client seen whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurrentProgramBody {
    /// The program's id.
    #[schema(value_type = String)]
    id: ProgramId,
    /// Always `program`.
    object: &'static str,
    /// What it is called.
    name: String,
    /// Always `active`.
    status: &'static str,
    /// Day 1.
    #[schema(value_type = Option<String>, format = Date)]
    start_date: Option<Date>,
    /// The last day.
    #[schema(value_type = Option<String>, format = Date)]
    end_date: Option<Date>,
    /// The week that it is today, from 1; null before the start and after the end.
    week: Option<u32>,
    /// How many weeks it has.
    weeks: u32,
}

impl CurrentProgramBody {
    /// The program as it stands on a day.
    pub fn of(program: &Program, today: Date) -> Self {
        Self {
            id: program.id,
            object: "program",
            name: program.name.clone(),
            status: program.status.name(),
            start_date: program.start_date,
            end_date: program.end_date(),
            week: program.week_of(today),
            weeks: program.cycles.weeks(),
        }
    }
}
