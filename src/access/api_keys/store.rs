//! SQL of API keys.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::ApiKey;
use crate::app::{Rotated, Standing, Use};
use crate::caller::{Caller, Credential, Mode, Principal, Scopes, Tenant, WorkspaceSettings};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{KeyId, WorkspaceId};
use crate::secrets::Digest;
use crate::values::AddressRange;

fn scopes(text: Option<String>) -> Option<Scopes> {
    text.map(|text| Scopes::from_text(&text))
}

/// An unreadable entry is an error, never "anywhere".
fn addresses(row: &Row<'_>) -> rusqlite::Result<Option<Vec<AddressRange>>> {
    let Some(text) = row.get::<_, Option<String>>("allowed_ips")? else {
        return Ok(None);
    };
    let ranges = text.split_ascii_whitespace().map(|range| {
        AddressRange::parse(range).map_err(|invalid| {
            rusqlite::Error::FromSqlConversionFailure(0, Type::Text, invalid.message.into())
        })
    });
    ranges.collect::<rusqlite::Result<_>>().map(Some)
}

fn addresses_text(ranges: Option<&Vec<AddressRange>>) -> Option<String> {
    ranges.map(|ranges| {
        ranges
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    })
}

fn from_row(tenant: Tenant, row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: row.get("id")?,
        tenant,
        hint: row.get("hint")?,
        name: row.get("name")?,
        description: row.get("description")?,
        scopes: scopes(row.get("scopes")?),
        allowed_ips: addresses(row)?,
        expires_at: row.get("expires_at")?,
        disabled_at: row.get("disabled_at")?,
        revoked_at: row.get("revoked_at")?,
        rotated_at: row.get("rotated_at")?,
        works_until: row.get("works_until")?,
        rotated_from: row.get("rotated_from")?,
        last_used_at: row.get("last_used_at")?,
        last_used_ip: row.get("last_used_ip")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// One key of a tenant.
pub fn find(conn: &Connection, tenant: Tenant, id: KeyId) -> Result<Option<ApiKey>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, hint, name, description, scopes, allowed_ips, expires_at, disabled_at, revoked_at,
            rotated_at, works_until, rotated_from, last_used_at, last_used_ip, version, created_at,
            updated_at
        FROM api_keys WHERE tenant_id = :tenant_id AND id = :id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement
        .query_row(parameters, |row| from_row(tenant, row))
        .optional()?)
}

/// Keys of a tenant: those in use, then the newest of those that ended.
pub fn newest(conn: &Connection, tenant: Tenant, limit: u32) -> Result<Vec<ApiKey>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, hint, name, description, scopes, allowed_ips, expires_at, disabled_at, revoked_at,
            rotated_at, works_until, rotated_from, last_used_at, last_used_ip, version, created_at,
            updated_at
        FROM api_keys WHERE tenant_id = :tenant_id
        ORDER BY revoked_at IS NOT NULL OR rotated_at IS NOT NULL, id DESC LIMIT :limit",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":limit": limit };
    let rows = statement.query_map(parameters, |row| from_row(tenant, row))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many keys of a tenant are neither revoked nor replaced.
pub fn count_usable(conn: &Connection, tenant: Tenant) -> Result<u32> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) FROM api_keys
        WHERE tenant_id = :tenant_id AND revoked_at IS NULL AND rotated_at IS NULL",
    )?;
    Ok(
        statement.query_row(named_params! { ":tenant_id": tenant.number() }, |row| {
            row.get(0)
        })?,
    )
}

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT
                k.id, k.name, k.scopes, k.allowed_ips, k.expires_at, k.disabled_at, k.revoked_at,
                k.rotated_at, k.works_until, k.rotated_by = k.id AS by_itself, k.tenant_id, t.mode,
                t.workspace_id, w.name AS workspace_name, w.timezone, w.units, a.id AS account_id,
                a.plan, a.status AS account_status,
                (
                    SELECT s.id FROM tenants s
                    WHERE s.workspace_id = t.workspace_id AND s.mode = 'test'
                ) AS test_tenant_id,
                EXISTS (
                    SELECT 1 FROM api_keys o
                    WHERE o.tenant_id = k.tenant_id AND o.id = k.rotated_from
                        AND o.successor_grace_ms IS NOT NULL
                ) AS first_use_awaited
            FROM api_keys k
            JOIN tenants t ON t.id = k.tenant_id
            JOIN workspaces w ON w.id = t.workspace_id
            JOIN accounts a ON a.id = w.account_id ",
            $which
        )
    };
}

/// The workspace and tenant that a key belongs to, whoever's it is.
///
/// For the operator at the command line only: nothing that comes over the network may look a key up
/// by its id alone. The tenants are few and each is asked by the whole primary key.
pub fn find_tenant_of(conn: &Connection, id: KeyId) -> Result<Option<(WorkspaceId, Tenant)>> {
    let mut statement = conn.prepare_cached(
        "SELECT t.id, t.mode, t.workspace_id
        FROM tenants t CROSS JOIN api_keys k ON k.tenant_id = t.id AND k.id = :id",
    )?;
    let found = statement.query_row(named_params! { ":id": id }, |row| {
        let mode: String = row.get("mode")?;
        let mode = if mode == Mode::Live.name() {
            Mode::Live
        } else {
            Mode::Test
        };
        let tenant = Tenant::new(row.get("id")?, mode);
        Ok((row.get("workspace_id")?, tenant))
    });
    Ok(found.optional()?)
}

/// Who a digest stands for. The tenant is what comes out: it is not known before.
pub fn find_credential(conn: &Connection, digest: &Digest) -> Result<Option<(Caller, Standing)>> {
    let mut statement = conn.prepare_cached(select!("WHERE k.digest = :digest"))?;
    let parameters = named_params! { ":digest": digest.as_bytes().as_slice() };
    Ok(statement
        .query_row(parameters, credential_from_row)
        .optional()?)
}

/// Who a key is, for the tokens that it obtained.
pub fn find_credential_by_id(
    conn: &Connection,
    tenant: Tenant,
    id: KeyId,
) -> Result<Option<(Caller, Standing)>> {
    let mut statement =
        conn.prepare_cached(select!("WHERE k.tenant_id = :tenant_id AND k.id = :id"))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement
        .query_row(parameters, credential_from_row)
        .optional()?)
}

/// A replaced key ends with its grace: nothing that it makes meanwhile may outlive that.
fn ends(expires_at: Option<Timestamp>, rotated: Option<Rotated>) -> Option<Timestamp> {
    let grace = rotated.map(|rotated| rotated.works_until);
    match (expires_at, grace) {
        (Some(expiry), Some(grace)) => Some(expiry.min(grace)),
        (expiry, grace) => expiry.or(grace),
    }
}

fn credential_from_row(row: &Row<'_>) -> rusqlite::Result<(Caller, Standing)> {
    let mode: String = row.get("mode")?;
    let mode = if mode == Mode::Live.name() {
        Mode::Live
    } else {
        Mode::Test
    };
    let rotated_at: Option<Timestamp> = row.get("rotated_at")?;
    let works_until: Option<Timestamp> = row.get("works_until")?;
    let by_itself: Option<bool> = row.get("by_itself")?;
    let account_status: String = row.get("account_status")?;
    let standing = Standing {
        revoked: row.get::<_, Option<Timestamp>>("revoked_at")?.is_some(),
        disabled: row.get::<_, Option<Timestamp>>("disabled_at")?.is_some()
            || account_status != "active",
        rotated: rotated_at.map(|at| Rotated {
            at,
            works_until: works_until.unwrap_or(at),
            by_itself: by_itself.unwrap_or(false),
        }),
        first_use_awaited: row.get("first_use_awaited")?,
    };
    let caller = Caller {
        account_id: row.get("account_id")?,
        workspace_id: row.get("workspace_id")?,
        workspace: WorkspaceSettings {
            name: row.get("workspace_name")?,
            timezone: row.get("timezone")?,
            units: row.get("units")?,
        },
        tenant: Tenant::new(row.get("tenant_id")?, mode),
        test_tenant: Tenant::new(row.get("test_tenant_id")?, Mode::Test),
        principal: Principal::Coach,
        credential: Credential::ApiKey {
            id: row.get("id")?,
            name: row.get("name")?,
        },
        scopes: scopes(row.get("scopes")?).unwrap_or_else(Scopes::all),
        allowed_ips: addresses(row)?,
        expires_at: ends(row.get("expires_at")?, standing.rotated),
        plan: row.get("plan")?,
    };
    Ok((caller, standing))
}

pub(super) fn insert(tx: &Tx<'_>, key: &ApiKey, digest: &Digest) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO api_keys (
            tenant_id, id, digest, hint, name, description, scopes, allowed_ips, expires_at,
            rotated_from, created_at, updated_at
        ) VALUES (
            :tenant_id, :id, :digest, :hint, :name, :description, :scopes, :allowed_ips,
            :expires_at, :rotated_from, :created_at, :updated_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": key.tenant.number(),
        ":id": key.id,
        ":digest": digest.as_bytes().as_slice(),
        ":hint": key.hint,
        ":name": key.name,
        ":description": key.description,
        ":scopes": key.scopes.map(Scopes::to_text),
        ":allowed_ips": addresses_text(key.allowed_ips.as_ref()),
        ":expires_at": key.expires_at,
        ":rotated_from": key.rotated_from,
        ":created_at": key.created_at,
        ":updated_at": key.updated_at,
    })?;
    Ok(())
}

/// Writes back what changes in a key's life.
pub(super) fn update(tx: &Tx<'_>, key: &ApiKey) -> Result<()> {
    tx.prepare_cached(
        "UPDATE api_keys
        SET name = :name, description = :description, scopes = :scopes,
            allowed_ips = :allowed_ips, expires_at = :expires_at, disabled_at = :disabled_at,
            revoked_at = :revoked_at, version = :version, updated_at = :updated_at
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": key.tenant.number(),
        ":id": key.id,
        ":name": key.name,
        ":description": key.description,
        ":scopes": key.scopes.map(Scopes::to_text),
        ":allowed_ips": addresses_text(key.allowed_ips.as_ref()),
        ":expires_at": key.expires_at,
        ":disabled_at": key.disabled_at,
        ":revoked_at": key.revoked_at,
        ":version": key.version,
        ":updated_at": key.updated_at,
    })?;
    Ok(())
}

/// How a key ends once it is replaced.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) rotated_at: Timestamp,
    pub(super) works_until: Timestamp,
    pub(super) successor_grace_ms: Option<i64>,
    pub(super) rotated_by: Option<KeyId>,
}

pub(super) fn set_rotated(tx: &Tx<'_>, tenant: Tenant, id: KeyId, ending: &Ending) -> Result<()> {
    tx.prepare_cached(
        "UPDATE api_keys
        SET rotated_at = :rotated_at, works_until = :works_until,
            successor_grace_ms = :successor_grace_ms, rotated_by = :rotated_by,
            version = version + 1, updated_at = :rotated_at
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": id,
        ":rotated_at": ending.rotated_at,
        ":works_until": ending.works_until,
        ":successor_grace_ms": ending.successor_grace_ms,
        ":rotated_by": ending.rotated_by,
    })?;
    Ok(())
}

/// The first use of a successor starts the grace of the key that it replaces.
pub(super) fn start_grace(
    tx: &Tx<'_>,
    tenant: Tenant,
    successor: KeyId,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE api_keys
        SET works_until = min(works_until, :now + successor_grace_ms), successor_grace_ms = NULL,
            version = version + 1, updated_at = :now
        WHERE tenant_id = :tenant_id AND successor_grace_ms IS NOT NULL AND id = (
            SELECT rotated_from FROM api_keys WHERE tenant_id = :tenant_id AND id = :successor
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":successor": successor,
        ":now": now,
    })?;
    Ok(())
}

/// Writes the last use of a key; this changes nothing that a cache holds.
pub(super) fn set_used(tx: &Tx<'_>, used: &Use) -> Result<()> {
    tx.prepare_cached(
        "UPDATE api_keys
        SET first_used_at = coalesce(first_used_at, :at), last_used_at = :at,
            last_used_ip = :address
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": used.tenant.number(),
        ":id": used.key,
        ":at": used.at,
        ":address": used.address.map(|address| address.to_string()),
    })?;
    Ok(())
}
