//! SQL of reasons and of the numbers of clients who have them.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, Row, named_params};

use super::{KINDS, Kept, Reason, ReasonKind};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::ClientId;

impl FromSql for ReasonKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// Of clients with any reason, beside those of each kind.
pub const ALL: &str = "all";
/// Of active clients with any reason.
pub const ACTIVE: &str = "active";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let detail: String = row.get("detail")?;
    Ok(Kept {
        reason: Reason {
            kind: row.get("kind")?,
            since: row.get("since")?,
            object_id: row.get("object_id")?,
            detail: serde_json::from_str(&detail).unwrap_or_default(),
        },
        until: row.get("until")?,
        dismissed: row.get("dismissed")?,
        leads: row.get("leads")?,
        active: row.get("active")?,
    })
}

/// The reasons of a client, also those put aside.
pub fn of_client(conn: &Connection, tenant: Tenant, client: ClientId) -> Result<Vec<Kept>> {
    let mut statement = conn.prepare_cached(
        "SELECT kind, since, until, object_id, detail, dismissed, leads, active FROM attention
        WHERE tenant_id = :tenant_id AND client_id = :client_id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    let rows = statement.query_map(parameters, from_row)?;
    let mut kept: Vec<Kept> = rows.collect::<rusqlite::Result<_>>()?;
    kept.sort_by_key(|kept| kept.reason.kind);
    Ok(kept)
}

/// Clients who have a reason of a kind, behind the id `after`.
pub fn with_kind(
    conn: &Connection,
    tenant: Tenant,
    kind: ReasonKind,
    after: &str,
    limit: u32,
) -> Result<Vec<ClientId>> {
    let mut statement = conn.prepare_cached(
        "SELECT client_id FROM attention
        WHERE tenant_id = :tenant_id AND kind = :kind AND client_id > :after
        ORDER BY client_id LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":kind": kind.name(),
            ":after": after,
            ":limit": limit,
        },
        |row| row.get(0),
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Reasons whose time is over.
pub fn ended(
    conn: &Connection,
    tenant: Tenant,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(ClientId, ReasonKind)>> {
    let mut statement = conn.prepare_cached(
        "SELECT client_id, kind FROM attention
        WHERE tenant_id = :tenant_id AND until <= :now LIMIT :limit",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":now": now, ":limit": limit };
    let rows = statement.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many clients have a reason: of a kind, by its name; of any, under [`ALL`] and [`ACTIVE`].
pub fn counts(conn: &Connection, tenant: Tenant) -> Result<Vec<(String, i64)>> {
    let mut statement = conn.prepare_cached(
        "SELECT kind, clients FROM attention_counts WHERE tenant_id = :tenant_id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    let rows = statement.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn put(tx: &Tx<'_>, tenant: Tenant, client: ClientId, kept: &Kept) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO attention (
            tenant_id, client_id, kind, rank, since, until, object_id, detail, dismissed, leads,
            active
        ) VALUES (
            :tenant_id, :client_id, :kind, :rank, :since, :until, :object_id, :detail, :dismissed,
            :leads, :active
        ) ON CONFLICT (tenant_id, client_id, kind) DO UPDATE
        SET since = :since, until = :until, object_id = :object_id, detail = :detail,
            dismissed = :dismissed, leads = :leads, active = :active",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": client,
        ":kind": kept.reason.kind.name(),
        ":rank": kept.reason.kind.rank(),
        ":since": kept.reason.since,
        ":until": kept.until,
        ":object_id": kept.reason.object_id,
        ":detail": kept.reason.detail.to_string(),
        ":dismissed": kept.dismissed,
        ":leads": kept.leads,
        ":active": kept.active,
    })?;
    Ok(())
}

pub(super) fn delete(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: ClientId,
    kind: ReasonKind,
) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM attention
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND kind = :kind",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": client,
        ":kind": kind.name(),
    })?;
    Ok(())
}

pub(super) fn count(tx: &Tx<'_>, tenant: Tenant, kind: &str, more: i64) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO attention_counts (tenant_id, kind, clients) VALUES (:tenant_id, :kind, :more)
        ON CONFLICT (tenant_id, kind) DO UPDATE SET clients = clients + :more",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":kind": kind, ":more": more })?;
    Ok(())
}

/// Counts anew, after rows were removed some other way.
pub(super) fn recount(tx: &Tx<'_>, tenant: Tenant) -> Result<()> {
    let parameters = named_params! { ":tenant_id": tenant.number() };
    tx.prepare_cached("DELETE FROM attention_counts WHERE tenant_id = :tenant_id")?
        .execute(parameters)?;
    for ranked in KINDS {
        let clients = tx
            .prepare_cached(
                "SELECT count(*) FROM attention
                WHERE tenant_id = :tenant_id AND kind = :kind AND dismissed = 0",
            )?
            .query_row(
                named_params! { ":tenant_id": tenant.number(), ":kind": ranked.name },
                |row| row.get(0),
            )?;
        count(tx, tenant, ranked.name, clients)?;
    }
    let (all, active) = tx
        .prepare_cached(
            "SELECT count(*), coalesce(sum(active), 0) FROM attention
            WHERE tenant_id = :tenant_id AND leads = 1",
        )?
        .query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?;
    count(tx, tenant, ALL, all)?;
    count(tx, tenant, ACTIVE, active)
}
