//! `/v1/program-templates`.

use std::collections::HashSet;

use serde_json::json;

use super::body::{TemplateBody, TemplateSummaryBody};
use super::store::{self, Filter};
use super::{NewTemplate, Template, TemplatePatch, actions};
use crate::api::json::{Fields, FromBody, text};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{ProgramsRead, ProgramsWrite, Tenant};
use crate::db::Reader;
use crate::error::{Error, FieldError, Place, Result};
use crate::idempotency::Answer;
use crate::ids::{ProgramId, TemplateId};
use crate::programs;
use crate::programs::actions::Prepared;
use crate::programs::read::{PROGRAM_LIMIT_BYTES, blocks, id};
use crate::programs::routes::{example, name, notes, refuse_faults, slugs};

impl FromBody for NewTemplate {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.optional("name", text(name));
        let notes = fields.optional("notes", text(notes));
        let blocks = fields.optional("blocks", blocks);
        let program_id = fields.optional("program_id", text(id::<ProgramId>));
        let (name, blocks, program_id) = (name?, blocks?, program_id?);
        if blocks.is_some() == program_id.is_some() {
            let code = if blocks.is_some() {
                "not_allowed"
            } else {
                "required"
            };
            fields.refuse(
                "blocks",
                code,
                "Send exactly one of `blocks` and `program_id`.",
            );
            return None;
        }
        if blocks.is_some() && name.is_none() {
            fields.refuse("name", "required", "This field is required.");
            return None;
        }
        Some(Self {
            name,
            notes: notes?,
            blocks,
            program_id,
        })
    }
}

impl FromBody for TemplatePatch {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.replace("name", text(name));
        let notes = fields.patch("notes", text(notes));
        let blocks = fields.replace("blocks", blocks);
        Some(Self {
            name: name?,
            notes: notes?,
            blocks: blocks?,
        })
    }
}

/// What the list of templates understands.
#[derive(Debug)]
pub struct TemplateQuery {
    page: PageQuery,
    filter: Filter,
}

impl FromQuery for TemplateQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("q", "Text that the name holds."),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let q = query.optional("q", query::word(200));
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        let filter = Filter {
            q: q?.map(|text| text.to_lowercase()),
            created_after: created_after?,
            created_before: created_before?,
            updated_after: updated_after?,
        };
        Some(Self {
            page: page?,
            filter,
        })
    }
}

async fn list_templates(cx: Cx<ProgramsRead>, query: TemplateQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            let rows = query.page.rows();
            let templates = store::page(conn, tenant, &query.filter, before.as_deref(), rows)?;
            let mut page = query.page.begin();
            for template in &templates {
                let body = TemplateSummaryBody::of(tenant, template);
                page.push(&body, || template.id.to_string())?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

fn shown(tenant: Tenant, template: &Template) -> Result<Answer> {
    Ok(Answer::ok(&TemplateBody::of(tenant, template)?)?.version(template.version))
}

async fn get(cx: Cx<ProgramsRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant): (TemplateId, _) = (cx.id("template_id")?, cx.tenant());
    let find = |conn: &Reader| store::find(conn, tenant, id);
    let template = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    Ok(cx.unless_known(shown(tenant, &template)?))
}

async fn create(cx: Cx<ProgramsWrite>, new: NewTemplate) -> Result<Work> {
    let tenant = cx.tenant();
    let (blocks, goal, named) = match (&new.blocks, new.program_id) {
        (Some(blocks), _) => {
            refuse_faults(&cx.app, tenant, blocks, &HashSet::new())?;
            (Prepared::of(blocks)?, None, None)
        }
        (None, Some(id)) => {
            let find = |conn: &Reader| programs::store::find(conn, tenant, id);
            let program = cx.app.db.read_now(find)?.ok_or_else(unknown_program)?;
            let blocks = Prepared {
                json: program.blocks,
                cycles: program.program.cycles,
            };
            (blocks, program.program.goal, Some(program.program.name))
        }
        (None, None) => return Err(Error::bug("a template is made of nothing")),
    };
    let permit = cx.permit;
    let now = permit.now();
    let template = Template {
        id: TemplateId::new(now),
        name: new.name.or(named).unwrap_or_default(),
        notes: new.notes,
        goal,
        cycles: blocks.cycles,
        version: 1,
        created_at: now,
        updated_at: now,
        blocks: blocks.json,
    };
    let location = format!("/v1/program-templates/{}", template.id);
    let answer = Answer::created(location, &TemplateBody::of(tenant, &template)?)?.version(1);
    work(move |tx| {
        actions::create(tx, &permit, &template)?;
        Ok(answer)
    })
}

fn unknown_program() -> Error {
    Error::invalid(vec![FieldError {
        place: Place::Pointer("/program_id".to_owned()),
        code: "unknown_program",
        message: "There is no program of this id.".to_owned(),
        fix: None,
    }])
}

async fn update(cx: Cx<ProgramsWrite>, mut patch: TemplatePatch) -> Result<Work> {
    let (id, if_match): (TemplateId, _) = (cx.id("template_id")?, cx.if_match());
    let tenant = cx.tenant();
    let blocks = match patch.blocks.take() {
        None => None,
        Some(blocks) => {
            let find = |conn: &Reader| store::find(conn, tenant, id);
            let former = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
            refuse_faults(&cx.app, tenant, &blocks, &slugs(&former.blocks)?)?;
            Some(Prepared::of(&blocks)?)
        }
    };
    let permit = cx.permit;
    work(move |tx| {
        let template = actions::update(tx, &permit, id, &if_match, (patch, blocks))?;
        shown(permit.tenant(), &template)
    })
}

async fn delete(cx: Cx<ProgramsWrite>) -> Result<Work> {
    let (id, if_match) = (cx.id("template_id")?, cx.if_match());
    let permit = cx.permit;
    work(move |tx| {
        actions::delete(tx, &permit, id, &if_match)?;
        Ok(Answer::no_content())
    })
}

/// The routes of templates.
pub fn routes() -> Vec<Route> {
    const TAG: &str = "Programs";
    vec![
        Route::get("/v1/program-templates", list_templates)
            .named(TAG, "list_program_templates", "List the templates")
            .describe("Newest first, without their blocks.")
            .lists::<TemplateSummaryBody<'_>>(),
        Route::post("/v1/program-templates", create)
            .named(TAG, "create_program_template", "Make a template")
            .describe("By hand (`blocks`), or of a program (`program_id`). Bodies of up to 2 MiB.")
            .body_limit(PROGRAM_LIMIT_BYTES)
            .creates::<TemplateBody<'_>>()
            .tagged()
            .example(json!({ "name": "Base strength", "blocks": example() })),
        Route::get("/v1/program-templates/{template_id}", get)
            .named(TAG, "get_program_template", "Read one template")
            .answers::<TemplateBody<'_>>()
            .tagged(),
        Route::patch("/v1/program-templates/{template_id}", update)
            .named(TAG, "update_program_template", "Change a template")
            .describe("`blocks` replaces them all. Bodies of up to 2 MiB.")
            .body_limit(PROGRAM_LIMIT_BYTES)
            .answers::<TemplateBody<'_>>()
            .tagged()
            .example(json!({ "name": "Base strength, four weeks" })),
        Route::delete("/v1/program-templates/{template_id}", delete)
            .named(TAG, "delete_program_template", "Remove a template")
            .describe("Programs that were made of it stay."),
    ]
}
