//! SQL of authorization codes and of the tickets that lead to them.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::Code;
use crate::caller::{Mode, Scopes, Tenant};
use crate::clock::Timestamp;
use crate::db::{Tx, unique_violation};
use crate::error::Result;
use crate::ids::{FamilyId, SessionId};
use crate::secrets::Digest;

/// The code that a digest stands for. The tenant is what comes out: it is not known before.
pub fn find(conn: &Connection, digest: &Digest) -> Result<Option<Code>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            k.tenant_id, t.mode, k.grant_id, g.app_id, k.redirect_uri, k.challenge, k.scopes,
            k.resource, k.failures, k.family_id, k.expires_at
        FROM authorization_codes k
        JOIN tenants t ON t.id = k.tenant_id
        JOIN oauth_grants g ON g.tenant_id = k.tenant_id AND g.id = k.grant_id
        WHERE k.digest = :digest",
    )?;
    let parameters = named_params! { ":digest": digest.as_bytes().as_slice() };
    let found = statement.query_row(parameters, |row| {
        let mode: String = row.get("mode")?;
        let mode = Mode::parse(&mode).unwrap_or(Mode::Test);
        Ok(Code {
            tenant: Tenant::new(row.get("tenant_id")?, mode),
            grant_id: row.get("grant_id")?,
            app_id: row.get("app_id")?,
            redirect_uri: row.get("redirect_uri")?,
            challenge: row.get("challenge")?,
            scopes: Scopes::from_text(&row.get::<_, String>("scopes")?),
            resource: row.get("resource")?,
            failures: row.get("failures")?,
            family_id: row.get("family_id")?,
            expires_at: row.get("expires_at")?,
        })
    });
    Ok(found.optional()?)
}

pub(super) fn insert(
    tx: &Tx<'_>,
    code: &Code,
    digest: &Digest,
    session: SessionId,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO authorization_codes (
            tenant_id, digest, grant_id, session_id, redirect_uri, challenge, scopes, resource,
            expires_at, created_at
        ) VALUES (
            :tenant_id, :digest, :grant_id, :session_id, :redirect_uri, :challenge, :scopes,
            :resource, :expires_at, :created_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": code.tenant.number(),
        ":digest": digest.as_bytes().as_slice(),
        ":grant_id": code.grant_id,
        ":session_id": session,
        ":redirect_uri": code.redirect_uri,
        ":challenge": code.challenge,
        ":scopes": code.scopes.to_text(),
        ":resource": code.resource,
        ":expires_at": code.expires_at,
        ":created_at": now,
    })?;
    Ok(())
}

pub(super) fn count_failure(tx: &Tx<'_>, tenant: Tenant, digest: &Digest) -> Result<()> {
    tx.prepare_cached(
        "UPDATE authorization_codes SET failures = failures + 1
        WHERE tenant_id = :tenant_id AND digest = :digest",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":digest": digest.as_bytes().as_slice(),
    })?;
    Ok(())
}

/// Redeems a code; false if it was redeemed before.
pub(super) fn set_redeemed(
    tx: &Tx<'_>,
    tenant: Tenant,
    digest: &Digest,
    family: FamilyId,
) -> Result<bool> {
    let redeemed = tx
        .prepare_cached(
            "UPDATE authorization_codes SET family_id = :family_id
            WHERE tenant_id = :tenant_id AND digest = :digest AND family_id IS NULL",
        )?
        .execute(named_params! {
            ":tenant_id": tenant.number(),
            ":digest": digest.as_bytes().as_slice(),
            ":family_id": family,
        })?;
    Ok(redeemed == 1)
}

/// Spends a consent ticket; false if it was spent before.
pub(super) fn spend_ticket(tx: &Tx<'_>, digest: &Digest, expires_at: Timestamp) -> Result<bool> {
    let spent = tx
        .prepare_cached(
            "INSERT INTO spent_tickets (digest, expires_at) VALUES (:digest, :expires_at)",
        )?
        .execute(named_params! {
            ":digest": digest.as_bytes().as_slice(),
            ":expires_at": expires_at,
        });
    match spent {
        Ok(_) => Ok(true),
        Err(error) if unique_violation(&error).is_some() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Removes codes that ended a while ago, a few at a time.
pub(super) fn sweep(tx: &Tx<'_>, ended_before: Timestamp, limit: u32) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM authorization_codes WHERE (tenant_id, digest) IN (
                SELECT tenant_id, digest FROM authorization_codes
                WHERE expires_at < :ended_before LIMIT :limit
            )",
        )?
        .execute(named_params! { ":ended_before": ended_before, ":limit": limit })?;
    Ok(removed)
}

/// Removes spent tickets that would be refused for their age.
pub(super) fn sweep_tickets(tx: &Tx<'_>, ended_before: Timestamp, limit: u32) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM spent_tickets WHERE digest IN (
                SELECT digest FROM spent_tickets WHERE expires_at < :ended_before LIMIT :limit
            )",
        )?
        .execute(named_params! { ":ended_before": ended_before, ":limit": limit })?;
    Ok(removed)
}
