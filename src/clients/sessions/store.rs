//! SQL of client sessions and consents.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{ClientSession, Consent, Home};
use crate::caller::{Mode, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{ClientId, ClientSessionId};
use crate::limits::block_text;
use crate::secrets::Digest;

fn from_row(row: &Row<'_>) -> rusqlite::Result<ClientSession> {
    Ok(ClientSession {
        id: row.get("id")?,
        client_id: row.get("client_id")?,
        address: row.get("address")?,
        user_agent: row.get("user_agent")?,
        last_seen_at: row.get("last_seen_at")?,
        revoked_at: row.get("revoked_at")?,
        created_at: row.get("created_at")?,
    })
}

/// Number and mode of a tenant, name and time zone of its workspace.
pub(super) type HomeRow = (i64, String, String, String);

pub(super) fn home(row: &Row<'_>) -> rusqlite::Result<HomeRow> {
    Ok((
        row.get("number")?,
        row.get("mode")?,
        row.get("workspace")?,
        row.get("timezone")?,
    ))
}

pub(super) fn home_of((number, mode, workspace, timezone): HomeRow) -> Result<Home> {
    let mode = Mode::parse(&mode).ok_or_else(|| Error::bug("a tenant has no known mode"))?;
    Ok(Home {
        tenant: Tenant::new(number, mode),
        workspace,
        timezone,
    })
}

/// The tenant of a number, as an install link names it.
pub fn find_home(conn: &Connection, number: i64) -> Result<Option<Home>> {
    let found = conn
        .prepare_cached(
            "SELECT t.id AS number, t.mode, w.name AS workspace, w.timezone
            FROM tenants t JOIN workspaces w ON w.id = t.workspace_id
            WHERE t.id = :tenant_id",
        )?
        .query_row(named_params! { ":tenant_id": number }, home)
        .optional()?;
    found.map(home_of).transpose()
}

/// A session by what its cookie holds, and where it belongs.
pub fn find_by_digest(conn: &Connection, digest: &Digest) -> Result<Option<(Home, ClientSession)>> {
    let found = conn
        .prepare_cached(
            "SELECT
                s.id, s.client_id, s.address, s.user_agent, s.last_seen_at, s.revoked_at,
                s.created_at, t.id AS number, t.mode, w.name AS workspace,
                w.timezone
            FROM client_sessions s
            JOIN tenants t ON t.id = s.tenant_id
            JOIN workspaces w ON w.id = t.workspace_id
            WHERE s.digest = :digest",
        )?
        .query_row(
            named_params! { ":digest": digest.as_bytes().as_slice() },
            |row| Ok((home(row)?, from_row(row)?)),
        )
        .optional()?;
    found
        .map(|(home, session)| Ok((home_of(home)?, session)))
        .transpose()
}

/// The sessions of a client that were not ended, newest first.
pub fn of_client(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
) -> Result<Vec<ClientSession>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, client_id, address, user_agent, last_seen_at, revoked_at, created_at
        FROM client_sessions
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND revoked_at IS NULL
        ORDER BY id DESC",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    let rows = statement.query_map(parameters, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Where a client has been signed in, as blocks of addresses, as far as that is kept.
pub fn places(conn: &Connection, tenant: Tenant, client: ClientId) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached(
        "SELECT address FROM client_sessions
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND address IS NOT NULL",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    let rows = statement.query_map(parameters, |row| row.get::<_, String>("address"))?;
    let mut places = Vec::new();
    for row in rows {
        let place = row?.parse().ok().map(|address| block_text(Some(address)));
        places.extend(place.filter(|place| !places.contains(place)));
    }
    Ok(places)
}

/// One session of a client, ended or not.
pub fn find(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    id: ClientSessionId,
) -> Result<Option<ClientSession>> {
    let found = conn
        .prepare_cached(
            "SELECT id, client_id, address, user_agent, last_seen_at, revoked_at, created_at
            FROM client_sessions
            WHERE tenant_id = :tenant_id AND client_id = :client_id AND id = :id",
        )?
        .query_row(
            named_params! { ":tenant_id": tenant.number(), ":client_id": client, ":id": id },
            from_row,
        )
        .optional()?;
    Ok(found)
}

pub(super) fn insert(
    tx: &Tx<'_>,
    tenant: Tenant,
    session: &ClientSession,
    digest: &Digest,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO client_sessions (
            tenant_id, client_id, id, digest, address, user_agent, last_seen_at, created_at
        ) VALUES (
            :tenant_id, :client_id, :id, :digest, :address, :user_agent, :last_seen_at, :created_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": session.client_id,
        ":id": session.id,
        ":digest": digest.as_bytes().as_slice(),
        ":address": session.address,
        ":user_agent": session.user_agent,
        ":last_seen_at": session.last_seen_at,
        ":created_at": session.created_at,
    })?;
    Ok(())
}

/// Ends a session; false if it had ended already.
pub(super) fn revoke(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: ClientId,
    id: ClientSessionId,
    now: Timestamp,
) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "UPDATE client_sessions SET revoked_at = :now
            WHERE tenant_id = :tenant_id AND client_id = :client_id AND id = :id
                AND revoked_at IS NULL",
        )?
        .execute(named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":id": id,
            ":now": now,
        })?;
    Ok(changed == 1)
}

/// Ends every session of a client.
pub(super) fn revoke_all(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: ClientId,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE client_sessions SET revoked_at = :now
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND revoked_at IS NULL",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": client,
        ":now": now,
    })?;
    Ok(())
}

pub(super) fn set_seen(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: ClientId,
    id: ClientSessionId,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE client_sessions SET last_seen_at = :now
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND id = :id
            AND last_seen_at < :now",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": client,
        ":id": id,
        ":now": now,
    })?;
    Ok(())
}

/// Removes sessions that nobody used since; gives the number of those removed.
pub(super) fn sweep(tx: &Tx<'_>, seen_until: Timestamp, limit: u32) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM client_sessions WHERE (tenant_id, client_id, id) IN (
                SELECT tenant_id, client_id, id
                FROM client_sessions WHERE last_seen_at <= :seen_until LIMIT :limit
            )",
        )?
        .execute(named_params! { ":seen_until": seen_until, ":limit": limit })?;
    Ok(removed)
}

/// What a client agreed to, oldest first.
pub fn consents(conn: &Connection, tenant: Tenant, client: ClientId) -> Result<Vec<Consent>> {
    let mut statement = conn.prepare_cached(
        "SELECT kind, text_version, given_at, withdrawn_at
        FROM client_consents
        WHERE tenant_id = :tenant_id AND client_id = :client_id
        ORDER BY given_at, kind",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    let rows = statement.query_map(parameters, |row| {
        Ok(Consent {
            kind: row.get("kind")?,
            text_version: row.get("text_version")?,
            given_at: row.get("given_at")?,
            withdrawn_at: row.get("withdrawn_at")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes a consent back; false if it does not stand.
pub(super) fn withdraw_consent(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: ClientId,
    kind: &str,
    now: Timestamp,
) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "UPDATE client_consents SET withdrawn_at = :now
            WHERE tenant_id = :tenant_id AND client_id = :client_id AND kind = :kind
                AND withdrawn_at IS NULL",
        )?
        .execute(named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":kind": kind,
            ":now": now,
        })?;
    Ok(changed > 0)
}

pub(super) fn insert_consent(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: ClientId,
    consent: &Consent,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO client_consents (
            tenant_id, client_id, kind, text_version, given_at
        ) VALUES (:tenant_id, :client_id, :kind, :text_version, :given_at)
        ON CONFLICT (tenant_id, client_id, kind, given_at) DO UPDATE
        SET text_version = :text_version, withdrawn_at = NULL",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": client,
        ":kind": consent.kind,
        ":text_version": consent.text_version,
        ":given_at": consent.given_at,
    })?;
    Ok(())
}
