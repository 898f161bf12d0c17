//! SQL of access tokens.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{AccessToken, Holder};
use crate::caller::{Mode, Scopes, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{AppId, FamilyId, KeyId};
use crate::secrets::Digest;

fn holder(row: &Row<'_>) -> rusqlite::Result<Holder> {
    let key: Option<KeyId> = row.get("key_id")?;
    let app: Option<AppId> = row.get("app_id")?;
    if let Some(key) = key {
        return Ok(Holder::Key(key));
    }
    if let Some(id) = app {
        let secret_number = row.get("secret_number")?;
        return Ok(Holder::App { id, secret_number });
    }
    row.get::<_, FamilyId>("family_id").map(Holder::Family)
}

/// The token that a digest stands for. The tenant is what comes out: it is not known before.
pub fn find(conn: &Connection, digest: &Digest) -> Result<Option<AccessToken>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            o.tenant_id, t.mode, o.key_id, o.app_id, o.secret_number, o.family_id, o.scopes,
            o.expires_at, o.revoked_at, o.created_at
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
            holder: holder(row)?,
            scopes: Scopes::from_text(&row.get::<_, String>("scopes")?),
            expires_at: row.get("expires_at")?,
            revoked_at: row.get("revoked_at")?,
            created_at: row.get("created_at")?,
        })
    });
    Ok(found.optional()?)
}

pub(super) fn insert(tx: &Tx<'_>, token: &AccessToken, digest: &Digest) -> Result<()> {
    let (mut key_id, mut app_id, mut secret_number, mut family_id) = (None, None, None, None);
    match token.holder {
        Holder::Key(id) => key_id = Some(id),
        Holder::App {
            id,
            secret_number: number,
        } => {
            app_id = Some(id);
            secret_number = Some(number);
        }
        Holder::Family(id) => family_id = Some(id),
    }
    tx.prepare_cached(
        "INSERT INTO access_tokens (
            tenant_id, digest, key_id, app_id, secret_number, family_id, scopes, expires_at,
            created_at
        ) VALUES (
            :tenant_id, :digest, :key_id, :app_id, :secret_number, :family_id, :scopes,
            :expires_at, :created_at
        )",
    )?
    .execute(named_params! {
        ":digest": digest.as_bytes().as_slice(),
        ":tenant_id": token.tenant.number(),
        ":key_id": key_id,
        ":app_id": app_id,
        ":secret_number": secret_number,
        ":family_id": family_id,
        ":scopes": token.scopes.to_text(),
        ":expires_at": token.expires_at,
        ":created_at": token.created_at,
    })?;
    Ok(())
}

pub(super) fn set_revoked(
    tx: &Tx<'_>,
    tenant: Tenant,
    digest: &Digest,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE access_tokens SET revoked_at = coalesce(revoked_at, :now)
        WHERE tenant_id = :tenant_id AND digest = :digest",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":digest": digest.as_bytes().as_slice(),
        ":now": now,
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
