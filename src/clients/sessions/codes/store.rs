//! SQL of codes by mail.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::{Code, Proof, TRIES_MAX};
use crate::caller::Tenant;
use crate::clients::sessions::Home;
use crate::clients::sessions::store::{home, home_of};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{ClientId, MailId};
use crate::secrets::Digest;

/// Where there is a client of an address who has joined, in all tenants; nobody is told.
pub fn find_by_email(conn: &Connection, email_key: &str) -> Result<Vec<(Home, ClientId)>> {
    let mut statement = conn.prepare_cached(
        "SELECT t.id AS number, t.mode, w.name AS workspace, w.timezone, c.id AS client_id
        FROM tenants t
        CROSS JOIN clients c ON c.tenant_id = t.id AND c.email_key = :email_key
        JOIN workspaces w ON w.id = t.workspace_id
        WHERE c.joined_at IS NOT NULL",
    )?;
    let rows = statement.query_map(named_params! { ":email_key": email_key }, |row| {
        Ok((home(row)?, row.get("client_id")?))
    })?;
    let mut found = Vec::new();
    for row in rows {
        let (home, client) = row?;
        found.push((home_of(home)?, client));
    }
    Ok(found)
}

/// Where a code leads that has not ended, and whom it lets in.
pub fn find(conn: &Connection, proof: &Proof, now: Timestamp) -> Result<Option<(Home, ClientId)>> {
    let found = conn
        .prepare_cached(
            "SELECT k.client_id, t.id AS number, t.mode, w.name AS workspace, w.timezone
            FROM client_codes k
            JOIN tenants t ON t.id = k.tenant_id
            JOIN workspaces w ON w.id = t.workspace_id
            WHERE k.digest = :digest AND k.browser = :browser AND k.expires_at > :now",
        )?
        .query_row(
            named_params! {
                ":digest": proof.digest.as_bytes().as_slice(),
                ":browser": proof.browser.as_bytes().as_slice(),
                ":now": now,
            },
            |row| Ok((home(row)?, row.get("client_id")?)),
        )
        .optional()?;
    found
        .map(|(home, client)| Ok((home_of(home)?, client)))
        .transpose()
}

/// Whether the code that a mail carries still works.
pub fn is_carried_by(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    mail: MailId,
) -> Result<bool> {
    let found = conn
        .prepare_cached(
            "SELECT EXISTS (
                SELECT 1 FROM client_codes
                WHERE tenant_id = :tenant_id AND client_id = :client_id AND mail_id = :mail_id
            )",
        )?
        .query_row(
            named_params! {
                ":tenant_id": tenant.number(),
                ":client_id": client,
                ":mail_id": mail,
            },
            |row| row.get(0),
        )?;
    Ok(found)
}

/// Keeps a code, in the place of the one that the same browser asked for before.
pub(super) fn put(tx: &Tx<'_>, tenant: Tenant, code: &Code) -> Result<()> {
    // The count is never begun anew: who asks for a code of her own in between would learn by it whether
    // somebody else has one.
    let tries: i64 = tx
        .prepare_cached(
            "INSERT INTO client_code_tries (browser, tries, expires_at)
            VALUES (:browser, 0, :until)
            ON CONFLICT (browser) DO UPDATE SET expires_at = :until
            RETURNING tries",
        )?
        .query_row(
            named_params! {
                ":browser": code.proof.browser.as_bytes().as_slice(),
                ":until": code.expires_at,
            },
            |row| row.get(0),
        )?;
    tx.prepare_cached(
        "INSERT INTO client_codes (
            tenant_id, client_id, browser, digest, mail_id, tries_before, expires_at
        ) VALUES (
            :tenant_id, :client_id, :browser, :digest, :mail_id, :tries_before, :expires_at
        ) ON CONFLICT (tenant_id, client_id, browser) DO UPDATE
        SET digest = :digest, mail_id = :mail_id, tries_before = :tries_before,
            expires_at = :expires_at",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": code.client_id,
        ":browser": code.proof.browser.as_bytes().as_slice(),
        ":digest": code.proof.digest.as_bytes().as_slice(),
        ":mail_id": code.mail_id,
        ":tries_before": tries,
        ":expires_at": code.expires_at,
    })?;
    Ok(())
}

/// Whether a code lets this client in now, after so many tries of the browser.
pub(super) fn works(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: ClientId,
    proof: &Proof,
    (now, tries): (Timestamp, i64),
) -> Result<bool> {
    let found = tx
        .prepare_cached(
            "SELECT EXISTS (
                SELECT 1 FROM client_codes
                WHERE tenant_id = :tenant_id AND client_id = :client_id AND browser = :browser
                    AND digest = :digest AND expires_at > :now
                    AND :tries - tries_before <= :most
            )",
        )?
        .query_row(
            named_params! {
                ":tenant_id": tenant.number(),
                ":client_id": client,
                ":tries": tries,
                ":most": TRIES_MAX,
                ":browser": proof.browser.as_bytes().as_slice(),
                ":digest": proof.digest.as_bytes().as_slice(),
                ":now": now,
            },
            |row| row.get(0),
        )?;
    Ok(found)
}

/// Removes every code of a client.
pub(super) fn delete_of_client(tx: &Tx<'_>, tenant: Tenant, client: ClientId) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM client_codes WHERE tenant_id = :tenant_id AND client_id = :client_id",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":client_id": client })?;
    Ok(())
}

/// Counts a try of a browser; gives how many that are.
pub(super) fn count_try(tx: &Tx<'_>, browser: &Digest, until: Timestamp) -> Result<i64> {
    let tries = tx
        .prepare_cached(
            "INSERT INTO client_code_tries (browser, tries, expires_at)
            VALUES (:browser, 1, :until)
            ON CONFLICT (browser) DO UPDATE SET tries = tries + 1, expires_at = :until
            RETURNING tries",
        )?
        .query_row(
            named_params! { ":browser": browser.as_bytes().as_slice(), ":until": until },
            |row| row.get(0),
        )?;
    Ok(tries)
}

/// Removes codes that ended; gives the number of those removed.
pub(super) fn sweep(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM client_codes WHERE (tenant_id, client_id, browser) IN (
                SELECT tenant_id, client_id, browser
                FROM client_codes WHERE expires_at <= :now LIMIT :limit
            )",
        )?
        .execute(named_params! { ":now": now, ":limit": limit })?;
    Ok(removed)
}

/// Removes counts of tries that nobody needs any more; gives the number of those removed.
pub(super) fn sweep_tries(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM client_code_tries WHERE browser IN (
                SELECT browser FROM client_code_tries WHERE expires_at <= :now LIMIT :limit
            )",
        )?
        .execute(named_params! { ":now": now, ":limit": limit })?;
    Ok(removed)
}
