//! SQL of access tokens.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::AccessToken;
use crate::caller::{Mode, Scopes, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::secrets::Digest;

/// The token that a digest stands for. The tenant is what comes out: it is not known before.
pub fn find(conn: &Connection, digest: &Digest) -> Result<Option<AccessToken>> {
    let mut statement = conn.prepare_cached(
        "SELECT o.tenant_id, t.mode, o.key_id, o.scopes, o.expires_at
        FROM access_tokens o JOIN tenants t ON t.id = o.tenant_id
        WHERE o.digest = :digest",
    )?;
    let parameters = named_params! { ":digest": digest.as_bytes().as_slice() };
    let found = statement.query_row(parameters, |row| {
        let mode: String = row.get("mode")?;
        let mode = if mode == Mode::Live.name() {
            Mode::Live
        } else {
            Mode::Test
        };
        Ok(AccessToken {
            tenant: Tenant::new(row.get("tenant_id")?, mode),
            key_id: row.get("key_id")?,
            scopes: Scopes::from_text(&row.get::<_, String>("scopes")?),
            expires_at: row.get("expires_at")?,
        })
    });
    Ok(found.optional()?)
}

pub(super) fn insert(
    tx: &Tx<'_>,
    token: &AccessToken,
    digest: &Digest,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO access_tokens (tenant_id, digest, key_id, scopes, expires_at, created_at)
        VALUES (:tenant_id, :digest, :key_id, :scopes, :expires_at, :created_at)",
    )?
    .execute(named_params! {
        ":digest": digest.as_bytes().as_slice(),
        ":tenant_id": token.tenant.number(),
        ":key_id": token.key_id,
        ":scopes": token.scopes.to_text(),
        ":expires_at": token.expires_at,
        ":created_at": now,
    })?;
    Ok(())
}

/// Removes tokens that ended a while ago, a few at a time; gives the number of those removed.
///
/// A test tenant's time never runs behind the server's, so what ended for the server ended for all.
pub(super) fn sweep(tx: &Tx<'_>, ended_before: Timestamp, limit: u32) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM access_tokens WHERE (tenant_id, digest) IN (
                SELECT tenant_id, digest FROM access_tokens
                WHERE expires_at < :ended_before LIMIT :limit
            )",
        )?
        .execute(named_params! { ":ended_before": ended_before, ":limit": limit })?;
    Ok(removed)
}
