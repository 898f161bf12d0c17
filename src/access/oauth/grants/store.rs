//! SQL of grants and families.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Bearer, Family, Listed};
use crate::app::Standing;
use crate::caller::{Caller, Credential, Mode, Principal, Scopes, Tenant, WorkspaceSettings};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{AccountId, AppId, FamilyId, GrantId};

fn scopes(row: &Row<'_>, column: &str) -> rusqlite::Result<Scopes> {
    Ok(Scopes::from_text(&row.get::<_, String>(column)?))
}

/// One family of a tenant.
pub fn find_family(conn: &Connection, tenant: Tenant, id: FamilyId) -> Result<Option<Family>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, grant_id, scopes, resource, expires_at, revoked_at
        FROM oauth_families WHERE tenant_id = :tenant_id AND id = :id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    let found = statement.query_row(parameters, |row| {
        Ok(Family {
            id: row.get("id")?,
            grant_id: row.get("grant_id")?,
            scopes: scopes(row, "scopes")?,
            resource: row.get("resource")?,
            expires_at: row.get("expires_at")?,
            revoked_at: row.get("revoked_at")?,
        })
    });
    Ok(found.optional()?)
}

/// Who an app is on a grant, and whether everything still stands that the grant stands on: the app
/// and the account that registered it, the coach and her membership, the account that pays.
pub fn find_bearer(conn: &Connection, tenant: Tenant, id: GrantId) -> Result<Option<Bearer>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            g.account_id, g.scopes, p.id AS app_id, p.name AS app_name, p.scopes AS app_scopes,
            g.revoked_at IS NOT NULL OR p.deleted_at IS NOT NULL OR NOT EXISTS (
                SELECT 1 FROM memberships m
                WHERE m.workspace_id = t.workspace_id AND m.account_id = g.account_id
            ) AS revoked,
            a.status <> 'active' OR c.status <> 'active' OR r.status <> 'active' AS disabled,
            t.workspace_id, w.name AS workspace_name, w.timezone, w.units,
            c.plan,
            (
                SELECT s.id FROM tenants s
                WHERE s.workspace_id = t.workspace_id AND s.mode = 'test'
            ) AS test_tenant_id
        FROM oauth_grants g
        JOIN oauth_apps p ON p.id = g.app_id
        JOIN tenants t ON t.id = g.tenant_id
        JOIN workspaces w ON w.id = t.workspace_id
        JOIN accounts a ON a.id = w.account_id
        JOIN accounts c ON c.id = g.account_id
        JOIN tenants pt ON pt.id = p.tenant_id
        JOIN workspaces pw ON pw.id = pt.workspace_id
        JOIN accounts r ON r.id = pw.account_id
        WHERE g.tenant_id = :tenant_id AND g.id = :id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    let found = statement.query_row(parameters, |row| {
        let app_id: AppId = row.get("app_id")?;
        let caller = Caller {
            account_id: row.get("account_id")?,
            workspace_id: row.get("workspace_id")?,
            workspace: WorkspaceSettings {
                name: row.get("workspace_name")?,
                timezone: row.get("timezone")?,
                units: row.get("units")?,
            },
            tenant,
            test_tenant: Tenant::new(row.get("test_tenant_id")?, Mode::Test),
            principal: Principal::App(app_id),
            credential: Credential::AppToken {
                app_id,
                name: row.get("app_name")?,
                grant_id: Some(id),
            },
            scopes: scopes(row, "scopes")?.within(scopes(row, "app_scopes")?),
            allowed_ips: None,
            expires_at: None,
            plan: row.get("plan")?,
        };
        let standing = Standing {
            revoked: row.get("revoked")?,
            disabled: row.get("disabled")?,
            ..Standing::default()
        };
        Ok(Bearer {
            caller,
            standing,
            app_id,
            account_id: row.get("account_id")?,
        })
    });
    Ok(found.optional()?)
}

/// The grants that a coach gave in a tenant and that still hold, newest first.
pub fn living(
    conn: &Connection,
    tenant: Tenant,
    account: AccountId,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Listed>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            g.id, g.scopes, g.last_used_at, g.created_at, g.updated_at, p.id AS app_id,
            p.name AS app_name, p.client_type, p.client_uri, p.scopes AS app_scopes
        FROM oauth_grants g JOIN oauth_apps p ON p.id = g.app_id
        WHERE g.tenant_id = :tenant_id AND g.account_id = :account_id AND g.revoked_at IS NULL
            AND p.deleted_at IS NULL
            AND EXISTS (
                SELECT 1 FROM oauth_families f
                WHERE f.tenant_id = :tenant_id AND f.grant_id = g.id AND f.revoked_at IS NULL
                    AND f.expires_at > :now
            )
        ORDER BY g.id DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":account_id": account,
            ":now": now,
            ":limit": limit,
        },
        |row| {
            Ok(Listed {
                id: row.get("id")?,
                app_id: row.get("app_id")?,
                app_name: row.get("app_name")?,
                client_type: row.get("client_type")?,
                client_uri: row.get("client_uri")?,
                scopes: scopes(row, "scopes")?.within(scopes(row, "app_scopes")?),
                last_used_at: row.get("last_used_at")?,
                created_at: row.get("created_at")?,
                updated_at: row.get("updated_at")?,
            })
        },
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The grant of a coach to an app in a tenant, with its scopes and whether any family of it lives.
pub fn find_of(
    conn: &Connection,
    tenant: Tenant,
    account: AccountId,
    app: AppId,
    now: Timestamp,
) -> Result<Option<(GrantId, Scopes, bool)>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            g.id, g.scopes,
            EXISTS (
                SELECT 1 FROM oauth_families f
                WHERE f.tenant_id = :tenant_id AND f.grant_id = g.id AND f.revoked_at IS NULL
                    AND f.expires_at > :now
            ) AS lives
        FROM oauth_grants g
        WHERE g.tenant_id = :tenant_id AND g.account_id = :account_id AND g.app_id = :app_id
            AND g.revoked_at IS NULL",
    )?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":account_id": account,
        ":app_id": app,
        ":now": now,
    };
    let found = statement.query_row(parameters, |row| {
        Ok((row.get("id")?, scopes(row, "scopes")?, row.get("lives")?))
    });
    Ok(found.optional()?)
}

/// Whether a coach gave this grant in this tenant and has not taken it back.
pub fn is_of(conn: &Connection, tenant: Tenant, account: AccountId, id: GrantId) -> Result<bool> {
    let mut statement = conn.prepare_cached(
        "SELECT EXISTS (
            SELECT 1 FROM oauth_grants
            WHERE tenant_id = :tenant_id AND id = :id AND account_id = :account_id
                AND revoked_at IS NULL
        )",
    )?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":id": id,
        ":account_id": account,
    };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

pub(super) fn insert(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: GrantId,
    (account, app): (AccountId, AppId),
    scopes: Scopes,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO oauth_grants (
            tenant_id, id, account_id, app_id, scopes, created_at, updated_at
        ) VALUES (:tenant_id, :id, :account_id, :app_id, :scopes, :now, :now)",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": id,
        ":account_id": account,
        ":app_id": app,
        ":scopes": scopes.to_text(),
        ":now": now,
    })?;
    Ok(())
}

pub(super) fn set_scopes(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: GrantId,
    scopes: Scopes,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE oauth_grants SET scopes = :scopes, updated_at = :now
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": id,
        ":scopes": scopes.to_text(),
        ":now": now,
    })?;
    Ok(())
}

pub(super) fn set_revoked(tx: &Tx<'_>, tenant: Tenant, id: GrantId, now: Timestamp) -> Result<()> {
    tx.prepare_cached(
        "UPDATE oauth_grants SET revoked_at = coalesce(revoked_at, :now)
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":id": id, ":now": now })?;
    Ok(())
}

/// Ends all grants that an account gave in a tenant; gives the number of those ended.
pub(super) fn revoke_all(
    tx: &Tx<'_>,
    tenant: Tenant,
    account: AccountId,
    now: Timestamp,
) -> Result<usize> {
    let ended = tx
        .prepare_cached(
            "UPDATE oauth_grants SET revoked_at = :now
            WHERE tenant_id = :tenant_id AND account_id = :account_id AND revoked_at IS NULL",
        )?
        .execute(named_params! {
            ":tenant_id": tenant.number(),
            ":account_id": account,
            ":now": now,
        })?;
    Ok(ended)
}

/// Writes the last use of a grant; this changes nothing that a cache holds.
pub(super) fn set_used(tx: &Tx<'_>, tenant: Tenant, id: GrantId, at: Timestamp) -> Result<()> {
    tx.prepare_cached(
        "UPDATE oauth_grants SET last_used_at = :at WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":id": id, ":at": at })?;
    Ok(())
}

pub(super) fn insert_family(
    tx: &Tx<'_>,
    tenant: Tenant,
    family: &Family,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO oauth_families (
            tenant_id, id, grant_id, scopes, resource, expires_at, created_at
        ) VALUES (:tenant_id, :id, :grant_id, :scopes, :resource, :expires_at, :created_at)",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": family.id,
        ":grant_id": family.grant_id,
        ":scopes": family.scopes.to_text(),
        ":resource": family.resource,
        ":expires_at": family.expires_at,
        ":created_at": now,
    })?;
    Ok(())
}

/// Ends a family; false if it had ended.
pub(super) fn revoke_family(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: FamilyId,
    now: Timestamp,
) -> Result<bool> {
    let ended = tx
        .prepare_cached(
            "UPDATE oauth_families SET revoked_at = :now
            WHERE tenant_id = :tenant_id AND id = :id AND revoked_at IS NULL",
        )?
        .execute(named_params! { ":tenant_id": tenant.number(), ":id": id, ":now": now })?;
    Ok(ended == 1)
}

/// Removes families that ended a day ago, a few at a time: their tokens are gone by then.
pub(super) fn sweep_families(tx: &Tx<'_>, ended_before: Timestamp, limit: u32) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM oauth_families WHERE (tenant_id, id) IN (
                SELECT tenant_id, id FROM oauth_families
                WHERE expires_at < :ended_before LIMIT :limit
            )",
        )?
        .execute(named_params! { ":ended_before": ended_before, ":limit": limit })?;
    Ok(removed)
}
