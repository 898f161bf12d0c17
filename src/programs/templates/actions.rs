//! What can be done with templates.

use super::{Template, TemplatePatch, store};
use crate::api::etag::IfMatch;
use crate::caller::{Permit, ProgramsWrite};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::TemplateId;
use crate::programs::actions::Prepared;

/// Adds a template.
pub fn create(tx: &Tx<'_>, permit: &Permit<ProgramsWrite>, template: &Template) -> Result<()> {
    store::insert(tx, permit.tenant(), template)
}

/// Changes a template. A patch that changes nothing leaves its version alone.
pub fn update(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    id: TemplateId,
    if_match: &IfMatch,
    (patch, blocks): (TemplatePatch, Option<Prepared>),
) -> Result<Template> {
    let tenant = permit.tenant();
    let former = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    if_match.check(former.version)?;
    let mut template = former.clone();
    template.name = patch.name.unwrap_or(template.name);
    template.notes = patch.notes.apply(template.notes);
    if let Some(blocks) = blocks {
        template.cycles = blocks.cycles;
        template.blocks = blocks.json;
    }
    if template == former {
        return Ok(former);
    }
    template.version += 1;
    template.updated_at = permit.now();
    store::update(tx, tenant, &template)?;
    Ok(template)
}

/// Removes a template. Programs that were made of it stay.
pub fn delete(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    id: TemplateId,
    if_match: &IfMatch,
) -> Result<()> {
    let former = store::find(tx, permit.tenant(), id)?.ok_or_else(Error::not_found)?;
    if_match.check(former.version)?;
    store::delete(tx, permit.tenant(), id)
}
