//! SQL of exports.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Export, Status};
use crate::caller::{Mode, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{ClientId, ExportId};

impl ToSql for Status {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.name()))
    }
}

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Export> {
    Ok(Export {
        id: row.get("id")?,
        status: row.get("status")?,
        progress: row.get("progress")?,
        clients: row.get("clients")?,
        bytes: row.get("bytes")?,
        error: row.get("error")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        ready_at: row.get("ready_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// One export.
pub fn find(conn: &Connection, tenant: Tenant, id: ExportId) -> Result<Option<Export>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, status, progress, clients, bytes, error, created_at, updated_at, ready_at, expires_at
        FROM exports WHERE tenant_id = :tenant_id AND id = :id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// What a list of exports is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those that changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// Exports, newest first, below the id `before`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Export>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, status, progress, clients, bytes, error, created_at, updated_at, ready_at, expires_at
        FROM exports
        WHERE tenant_id = :tenant_id AND id < :before
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after)
        ORDER BY id DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":before": before.unwrap_or("~"),
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Those of a tenant that are to be made or have a file.
pub fn standing(conn: &Connection, tenant: Tenant) -> Result<Vec<Export>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, status, progress, clients, bytes, error, created_at, updated_at, ready_at, expires_at
        FROM exports
        WHERE tenant_id = :tenant_id AND status IN ('queued', 'running', 'ready')",
    )?;
    let rows = statement.query_map(named_params! { ":tenant_id": tenant.number() }, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Those of all tenants that are to be made or have a file; for the sweep.
pub fn standing_of_all(conn: &Connection) -> Result<Vec<(Tenant, Export)>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            t.id AS tenant, t.mode, e.id, e.status, e.progress, e.clients, e.bytes, e.error,
            e.created_at, e.updated_at, e.ready_at, e.expires_at
        FROM tenants t CROSS JOIN exports e ON e.tenant_id = t.id
        WHERE e.status IN ('queued', 'running', 'ready')",
    )?;
    let rows = statement.query_map([], |row| {
        let mode: String = row.get("mode")?;
        let mode = Mode::parse(&mode).unwrap_or(Mode::Live);
        Ok((Tenant::new(row.get("tenant")?, mode), from_row(row)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Ids of clients, archived ones too, in the order in which they were added.
pub fn clients(
    conn: &Connection,
    tenant: Tenant,
    after: &str,
    limit: u32,
) -> Result<Vec<ClientId>> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM clients WHERE tenant_id = :tenant_id AND id > :after
        ORDER BY id LIMIT :limit",
    )?;
    let parameters =
        named_params! { ":tenant_id": tenant.number(), ":after": after, ":limit": limit };
    let rows = statement.query_map(parameters, |row| row.get("id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, export: &Export) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO exports (tenant_id, id, status, created_at, updated_at)
        VALUES (:tenant_id, :id, :status, :created_at, :updated_at)",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": export.id,
        ":status": export.status,
        ":created_at": export.created_at,
        ":updated_at": export.updated_at,
    })?;
    Ok(())
}

pub(super) fn save(tx: &Tx<'_>, tenant: Tenant, export: &Export) -> Result<()> {
    tx.prepare_cached(
        "UPDATE exports
        SET status = :status, progress = :progress, clients = :clients, bytes = :bytes,
            error = :error, updated_at = :updated_at, ready_at = :ready_at,
            expires_at = :expires_at
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": export.id,
        ":status": export.status,
        ":progress": export.progress,
        ":clients": export.clients,
        ":bytes": export.bytes,
        ":error": export.error,
        ":updated_at": export.updated_at,
        ":ready_at": export.ready_at,
        ":expires_at": export.expires_at,
    })?;
    Ok(())
}

pub(super) fn delete(tx: &Tx<'_>, tenant: Tenant, id: ExportId) -> Result<()> {
    tx.prepare_cached("DELETE FROM exports WHERE tenant_id = :tenant_id AND id = :id")?
        .execute(named_params! { ":tenant_id": tenant.number(), ":id": id })?;
    Ok(())
}

/// Removes a tenant's that ended and were asked for before a time.
pub(super) fn forget(tx: &Tx<'_>, tenant: Tenant, before: Timestamp) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM exports
        WHERE tenant_id = :tenant_id AND status IN ('failed', 'expired') AND created_at < :before",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":before": before })?;
    Ok(())
}
