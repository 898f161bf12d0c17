//! SQL of workspaces and tenants.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Tenants, Workspace};
use crate::caller::{Mode, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{AccountId, WorkspaceId};

fn from_row(row: &Row<'_>) -> rusqlite::Result<Workspace> {
    Ok(Workspace {
        id: row.get("id")?,
        account_id: row.get("account_id")?,
        name: row.get("name")?,
        timezone: row.get("timezone")?,
        units: row.get("units")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// One workspace.
pub fn find(conn: &Connection, id: WorkspaceId) -> Result<Option<Workspace>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, account_id, name, timezone, units, version, created_at, updated_at
        FROM workspaces WHERE id = :id",
    )?;
    Ok(statement
        .query_row(named_params! { ":id": id }, from_row)
        .optional()?)
}

/// The workspaces of an account, oldest first.
pub fn of_account(conn: &Connection, account: AccountId) -> Result<Vec<Workspace>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, account_id, name, timezone, units, version, created_at, updated_at
        FROM workspaces WHERE account_id = :account_id ORDER BY id",
    )?;
    let rows = statement.query_map(named_params! { ":account_id": account }, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many workspaces an account has.
pub fn count_of(conn: &Connection, account: AccountId) -> Result<u32> {
    let mut statement =
        conn.prepare_cached("SELECT count(*) FROM workspaces WHERE account_id = :account_id")?;
    Ok(statement.query_row(named_params! { ":account_id": account }, |row| row.get(0))?)
}

/// Every workspace, oldest first.
pub fn all(conn: &Connection) -> Result<Vec<Workspace>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, account_id, name, timezone, units, version, created_at, updated_at
        FROM workspaces ORDER BY id",
    )?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The tenants of a workspace; both exist as long as it does.
pub fn tenants(conn: &Connection, id: WorkspaceId) -> Result<Option<Tenants>> {
    let number = |mode: Mode| -> Result<Option<Tenant>> {
        let mut statement = conn.prepare_cached(
            "SELECT id FROM tenants WHERE workspace_id = :workspace_id AND mode = :mode",
        )?;
        let parameters = named_params! { ":workspace_id": id, ":mode": mode.name() };
        let number = statement
            .query_row(parameters, |row| row.get(0))
            .optional()?;
        Ok(number.map(|number| Tenant::new(number, mode)))
    };
    let (Some(test), Some(live)) = (number(Mode::Test)?, number(Mode::Live)?) else {
        return Ok(None);
    };
    Ok(Some(Tenants { test, live }))
}

/// The workspace of a tenant.
pub fn of_tenant(conn: &Connection, tenant: Tenant) -> Result<Option<Workspace>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            w.id, w.account_id, w.name, w.timezone, w.units, w.version, w.created_at, w.updated_at
        FROM tenants t JOIN workspaces w ON w.id = t.workspace_id WHERE t.id = :tenant_id",
    )?;
    Ok(statement
        .query_row(named_params! { ":tenant_id": tenant.number() }, from_row)
        .optional()?)
}

/// The first workspace of an account.
pub fn first_of(conn: &Connection, account: AccountId) -> Result<Option<Workspace>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, account_id, name, timezone, units, version, created_at, updated_at
        FROM workspaces WHERE account_id = :account_id ORDER BY id LIMIT 1",
    )?;
    Ok(statement
        .query_row(named_params! { ":account_id": account }, from_row)
        .optional()?)
}

/// How far each test tenant runs ahead.
pub fn clock_offsets(conn: &Connection) -> Result<Vec<(Tenant, i64)>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, clock_offset_ms FROM tenants WHERE mode = 'test' AND clock_offset_ms <> 0",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((Tenant::new(row.get(0)?, Mode::Test), row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn insert(tx: &Tx<'_>, workspace: &Workspace) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO workspaces (id, account_id, name, timezone, units, created_at, updated_at)
        VALUES (:id, :account_id, :name, :timezone, :units, :created_at, :updated_at)",
    )?
    .execute(named_params! {
        ":id": workspace.id,
        ":account_id": workspace.account_id,
        ":name": workspace.name,
        ":timezone": workspace.timezone,
        ":units": workspace.units,
        ":created_at": workspace.created_at,
        ":updated_at": workspace.updated_at,
    })?;
    for mode in [Mode::Test, Mode::Live] {
        tx.prepare_cached(
            "INSERT INTO tenants (workspace_id, mode) VALUES (:workspace_id, :mode)",
        )?
        .execute(named_params! { ":workspace_id": workspace.id, ":mode": mode.name() })?;
    }
    Ok(())
}

pub(super) fn insert_membership(
    tx: &Tx<'_>,
    workspace: WorkspaceId,
    account: AccountId,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO memberships (workspace_id, account_id, role, created_at)
        VALUES (:workspace_id, :account_id, 'owner', :now)",
    )?
    .execute(named_params! { ":workspace_id": workspace, ":account_id": account, ":now": now })?;
    Ok(())
}

pub(super) fn update(tx: &Tx<'_>, workspace: &Workspace) -> Result<()> {
    let changed = tx
        .prepare_cached(
            "UPDATE workspaces
            SET name = :name, timezone = :timezone, units = :units, version = :version,
                updated_at = :updated_at
            WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": workspace.id,
            ":name": workspace.name,
            ":timezone": workspace.timezone,
            ":units": workspace.units,
            ":version": workspace.version,
            ":updated_at": workspace.updated_at,
        })?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}
