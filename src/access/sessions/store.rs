//! SQL of sessions and of the links that lead to one.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{ABSOLUTE_MS, Dead, Purpose, Session};
use crate::caller::{Mode, Tenant, WorkspaceSettings};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{AccountId, SessionId, WorkspaceId};
use crate::secrets::Digest;

fn from_row(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.get("id")?,
        account_id: row.get("account_id")?,
        address: row.get("address")?,
        user_agent: row.get("user_agent")?,
        authenticated_at: row.get("authenticated_at")?,
        last_seen_at: row.get("last_seen_at")?,
        revoked_at: row.get("revoked_at")?,
        created_at: row.get("created_at")?,
    })
}

/// The session of a cookie, whether it has ended or not. The account is what comes out.
pub fn find_by_digest(conn: &Connection, digest: &Digest) -> Result<Option<Session>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, account_id, address, user_agent, authenticated_at, last_seen_at, revoked_at,
            created_at
        FROM sessions WHERE digest = :digest",
    )?;
    let parameters = named_params! { ":digest": digest.as_bytes().as_slice() };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// A session of an account.
pub fn find(conn: &Connection, account: AccountId, id: SessionId) -> Result<Option<Session>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, account_id, address, user_agent, authenticated_at, last_seen_at, revoked_at,
            created_at
        FROM sessions WHERE id = :id AND account_id = :account_id",
    )?;
    let parameters = named_params! { ":id": id, ":account_id": account };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// The sessions of an account that nobody ended, newest first; some may be over by their time.
pub fn of_account(conn: &Connection, account: AccountId) -> Result<Vec<Session>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, account_id, address, user_agent, authenticated_at, last_seen_at, revoked_at,
            created_at
        FROM sessions WHERE account_id = :account_id AND revoked_at IS NULL ORDER BY id DESC",
    )?;
    let rows = statement.query_map(named_params! { ":account_id": account }, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether an account has signed in from an address within the life of a session.
pub fn has_been_at(conn: &Connection, account: AccountId, block: &str) -> Result<bool> {
    let mut statement = conn.prepare_cached(
        "SELECT EXISTS (
            SELECT 1 FROM sessions WHERE account_id = :account_id AND address_block = :block
        )",
    )?;
    let parameters = named_params! { ":account_id": account, ":block": block };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

/// Whether an account has signed in at all within the life of a session.
pub fn has_any(conn: &Connection, account: AccountId) -> Result<bool> {
    let mut statement = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM sessions WHERE account_id = :account_id)")?;
    Ok(statement.query_row(named_params! { ":account_id": account }, |row| row.get(0))?)
}

/// A workspace in which an account may work, with its tenants.
#[derive(Debug)]
pub struct Place {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// What it sets.
    pub settings: WorkspaceSettings,
    /// In test mode.
    pub test: Tenant,
    /// In live mode.
    pub live: Tenant,
}

/// The workspaces of an account, oldest first.
pub fn places(conn: &Connection, account: AccountId) -> Result<Vec<Place>> {
    let mut statement = conn.prepare_cached(
        "SELECT w.id, w.name, w.timezone, w.units, t.id AS test_id, l.id AS live_id
        FROM workspaces w
        JOIN tenants t ON t.workspace_id = w.id AND t.mode = 'test'
        JOIN tenants l ON l.workspace_id = w.id AND l.mode = 'live'
        WHERE w.account_id = :account_id ORDER BY w.id",
    )?;
    let rows = statement.query_map(named_params! { ":account_id": account }, |row| {
        Ok(Place {
            workspace_id: row.get("id")?,
            settings: WorkspaceSettings {
                name: row.get("name")?,
                timezone: row.get("timezone")?,
                units: row.get("units")?,
            },
            test: Tenant::new(row.get("test_id")?, Mode::Test),
            live: Tenant::new(row.get("live_id")?, Mode::Live),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn insert(
    tx: &Tx<'_>,
    session: &Session,
    digest: &Digest,
    block: Option<&str>,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO sessions (
            id, account_id, digest, address, address_block, user_agent, authenticated_at,
            last_seen_at, created_at
        ) VALUES (
            :id, :account_id, :digest, :address, :block, :user_agent, :authenticated_at,
            :last_seen_at, :created_at
        )",
    )?
    .execute(named_params! {
        ":id": session.id,
        ":account_id": session.account_id,
        ":digest": digest.as_bytes().as_slice(),
        ":address": session.address,
        ":block": block,
        ":user_agent": session.user_agent,
        ":authenticated_at": session.authenticated_at,
        ":last_seen_at": session.last_seen_at,
        ":created_at": session.created_at,
    })?;
    Ok(())
}

/// Ends a session; false if it has ended before.
pub(super) fn revoke(tx: &Tx<'_>, id: SessionId, now: Timestamp) -> Result<bool> {
    let ended = tx
        .prepare_cached(
            "UPDATE sessions SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL",
        )?
        .execute(named_params! { ":id": id, ":now": now })?;
    Ok(ended == 1)
}

/// Ends the sessions of an account, but for one.
pub(super) fn revoke_all(
    tx: &Tx<'_>,
    account: AccountId,
    except: Option<SessionId>,
    now: Timestamp,
) -> Result<usize> {
    Ok(tx
        .prepare_cached(
            "UPDATE sessions SET revoked_at = :now
            WHERE account_id = :account_id AND revoked_at IS NULL
                AND (:except IS NULL OR id <> :except)",
        )?
        .execute(named_params! { ":account_id": account, ":except": except, ":now": now })?)
}

pub(super) fn set_seen(tx: &Tx<'_>, id: SessionId, at: Timestamp) -> Result<()> {
    tx.prepare_cached(
        "UPDATE sessions SET last_seen_at = :at WHERE id = :id AND last_seen_at < :at",
    )?
    .execute(named_params! { ":id": id, ":at": at })?;
    Ok(())
}

/// Removes sessions past their longest life.
pub(super) fn sweep(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    Ok(tx
        .prepare_cached(
            "DELETE FROM sessions WHERE id IN (
                SELECT id FROM sessions WHERE created_at <= :until ORDER BY created_at LIMIT :limit
            )",
        )?
        .execute(named_params! { ":until": now.plus_ms(-ABSOLUTE_MS), ":limit": limit })?)
}

/// The account that a one-time link is for (none for the set-up), or why it opens nothing.
pub fn find_link(
    conn: &Connection,
    digest: &Digest,
    purpose: Purpose,
    now: Timestamp,
) -> Result<std::result::Result<Option<AccountId>, Dead>> {
    let mut statement = conn.prepare_cached(
        "SELECT account_id, expires_at FROM one_time_links
        WHERE digest = :digest AND purpose = :purpose",
    )?;
    let parameters =
        named_params! { ":digest": digest.as_bytes().as_slice(), ":purpose": purpose.name() };
    let found: Option<(Option<AccountId>, Timestamp)> = statement
        .query_row(parameters, |row| {
            Ok((row.get("account_id")?, row.get("expires_at")?))
        })
        .optional()?;
    Ok(match found {
        None => Err(Dead::Unknown),
        Some((_, expires_at)) if expires_at <= now => Err(Dead::Expired),
        Some((account, _)) => Ok(account),
    })
}

pub(super) fn insert_link(
    tx: &Tx<'_>,
    digest: &Digest,
    (purpose, account): (Purpose, Option<AccountId>),
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO one_time_links (digest, purpose, account_id, expires_at, created_at)
        VALUES (:digest, :purpose, :account_id, :expires_at, :now)",
    )?
    .execute(named_params! {
        ":digest": digest.as_bytes().as_slice(),
        ":purpose": purpose.name(),
        ":account_id": account,
        ":expires_at": expires_at,
        ":now": now,
    })?;
    Ok(())
}

pub(super) fn delete_link(tx: &Tx<'_>, digest: &Digest) -> Result<()> {
    tx.prepare_cached("DELETE FROM one_time_links WHERE digest = :digest")?
        .execute(named_params! { ":digest": digest.as_bytes().as_slice() })?;
    Ok(())
}

/// Removes the links of a purpose that were made until a time.
pub(super) fn delete_links(tx: &Tx<'_>, purpose: Purpose, until: Timestamp) -> Result<usize> {
    Ok(tx
        .prepare_cached(
            "DELETE FROM one_time_links WHERE purpose = :purpose AND created_at <= :until",
        )?
        .execute(named_params! { ":purpose": purpose.name(), ":until": until })?)
}

/// The account whose forgotten password a link is for, or why it opens nothing.
pub fn find_reset(
    conn: &Connection,
    digest: &Digest,
    now: Timestamp,
) -> Result<std::result::Result<AccountId, Dead>> {
    let mut statement = conn.prepare_cached(
        "SELECT account_id, expires_at FROM password_resets WHERE digest = :digest",
    )?;
    let found: Option<(AccountId, Timestamp)> = statement
        .query_row(
            named_params! { ":digest": digest.as_bytes().as_slice() },
            |row| Ok((row.get("account_id")?, row.get("expires_at")?)),
        )
        .optional()?;
    Ok(match found {
        None => Err(Dead::Unknown),
        Some((_, expires_at)) if expires_at <= now => Err(Dead::Expired),
        Some((account, _)) => Ok(account),
    })
}

pub(super) fn insert_reset(
    tx: &Tx<'_>,
    digest: &Digest,
    account: AccountId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO password_resets (digest, account_id, expires_at, created_at)
        VALUES (:digest, :account_id, :expires_at, :now)",
    )?
    .execute(named_params! {
        ":digest": digest.as_bytes().as_slice(),
        ":account_id": account,
        ":expires_at": expires_at,
        ":now": now,
    })?;
    Ok(())
}

/// Removes the resets of an account.
pub(super) fn delete_resets(tx: &Tx<'_>, account: AccountId) -> Result<()> {
    tx.prepare_cached("DELETE FROM password_resets WHERE account_id = :account_id")?
        .execute(named_params! { ":account_id": account })?;
    Ok(())
}

/// Removes resets that ended before a time.
pub(super) fn sweep_resets(tx: &Tx<'_>, until: Timestamp, limit: u32) -> Result<usize> {
    Ok(tx
        .prepare_cached(
            "DELETE FROM password_resets WHERE digest IN (
                SELECT digest FROM password_resets WHERE expires_at <= :until
                ORDER BY expires_at LIMIT :limit
            )",
        )?
        .execute(named_params! { ":until": until, ":limit": limit })?)
}
