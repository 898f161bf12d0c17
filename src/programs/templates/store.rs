//! SQL of templates.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::Template;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::TemplateId;

fn from_row(row: &Row<'_>) -> rusqlite::Result<Template> {
    Ok(Template {
        id: row.get("id")?,
        name: row.get("name")?,
        notes: row.get("notes")?,
        goal: row.get("goal")?,
        cycles: row.get("cycles")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        blocks: row.get("blocks")?,
    })
}

/// One template.
pub fn find(conn: &Connection, tenant: Tenant, id: TemplateId) -> Result<Option<Template>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, notes, goal, cycles, version, created_at, updated_at, blocks
        FROM program_templates WHERE tenant_id = :tenant_id AND id = :id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// What a list of templates is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Text, case-folded, that the name holds.
    pub q: Option<String>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those that changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// Templates without their blocks, newest first, below the id `before`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Template>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, notes, goal, cycles, version, created_at, updated_at, '' AS blocks
        FROM program_templates
        WHERE tenant_id = :tenant_id AND id < :before
            AND (:q IS NULL OR instr(lower(name), :q) > 0)
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after)
        ORDER BY id DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":before": before.unwrap_or("~"),
            ":q": filter.q,
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, template: &Template) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO program_templates (
            tenant_id, id, name, notes, goal, cycles, version, created_at, updated_at, blocks
        ) VALUES (
            :tenant_id, :id, :name, :notes, :goal, :cycles, :version, :created_at,
            :updated_at, :blocks
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": template.id,
        ":name": template.name,
        ":notes": template.notes,
        ":goal": template.goal,
        ":cycles": template.cycles,
        ":version": template.version,
        ":created_at": template.created_at,
        ":updated_at": template.updated_at,
        ":blocks": template.blocks,
    })?;
    Ok(())
}

pub(super) fn update(tx: &Tx<'_>, tenant: Tenant, template: &Template) -> Result<()> {
    tx.prepare_cached(
        "UPDATE program_templates
        SET name = :name, notes = :notes, cycles = :cycles, version = :version,
            updated_at = :updated_at, blocks = :blocks
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": template.id,
        ":name": template.name,
        ":notes": template.notes,
        ":cycles": template.cycles,
        ":version": template.version,
        ":updated_at": template.updated_at,
        ":blocks": template.blocks,
    })?;
    Ok(())
}

pub(super) fn delete(tx: &Tx<'_>, tenant: Tenant, id: TemplateId) -> Result<()> {
    tx.prepare_cached("DELETE FROM program_templates WHERE tenant_id = :tenant_id AND id = :id")?
        .execute(named_params! { ":tenant_id": tenant.number(), ":id": id })?;
    Ok(())
}
