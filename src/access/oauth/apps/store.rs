//! SQL of apps.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{AppSecret, ClientType, OAuthApp};
use crate::access::oauth::redirect;
use crate::app::Standing;
use crate::caller::{Caller, Credential, Mode, Principal, Scopes, Tenant, WorkspaceSettings};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::AppId;
use crate::secrets::Digest;

fn from_row(tenant: Tenant, row: &Row<'_>) -> rusqlite::Result<OAuthApp> {
    let digest: Option<[u8; 32]> = row.get("secret_digest")?;
    let former: Option<[u8; 32]> = row.get("former_digest")?;
    let works_until: Option<Timestamp> = row.get("former_works_until")?;
    let number = row.get("secret_number")?;
    let hint: Option<String> = row.get("secret_hint")?;
    let kind: String = row.get("client_type")?;
    let redirects: String = row.get("redirect_uris")?;
    let redirect_uris = serde_json::from_str(&redirects)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))?;
    Ok(OAuthApp {
        id: row.get("id")?,
        tenant,
        name: row.get("name")?,
        // What cannot be read is taken for what needs a secret, and has none.
        client_type: if kind == ClientType::Public.name() {
            ClientType::Public
        } else {
            ClientType::Confidential
        },
        client_uri: row.get("client_uri")?,
        redirect_uris,
        scopes: Scopes::from_text(&row.get::<_, String>("scopes")?),
        secret: digest.map(|digest| AppSecret {
            number,
            digest: Digest::from_bytes(digest),
            hint: hint.unwrap_or_default(),
            former: former.map(Digest::from_bytes).zip(works_until),
        }),
        deleted_at: row.get("deleted_at")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// One app of a tenant that is not deleted.
pub fn find(conn: &Connection, tenant: Tenant, id: AppId) -> Result<Option<OAuthApp>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, name, client_type, client_uri, redirect_uris, scopes, secret_number, secret_digest,
            secret_hint, former_digest, former_works_until, deleted_at, version, created_at,
            updated_at
        FROM oauth_apps WHERE tenant_id = :tenant_id AND id = :id AND deleted_at IS NULL",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement
        .query_row(parameters, |row| from_row(tenant, row))
        .optional()?)
}

/// The app that a client identifier names, if it is not deleted and its workspace's account is not
/// disabled. The tenant is what comes out: it is not known before.
pub fn find_client(conn: &Connection, id: AppId) -> Result<Option<OAuthApp>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            p.tenant_id, t.mode, p.id, p.name, p.client_type, p.client_uri, p.redirect_uris,
            p.scopes, p.secret_number, p.secret_digest, p.secret_hint, p.former_digest,
            p.former_works_until, p.deleted_at, p.version, p.created_at, p.updated_at
        FROM oauth_apps p
        JOIN tenants t ON t.id = p.tenant_id
        JOIN workspaces w ON w.id = t.workspace_id
        JOIN accounts a ON a.id = w.account_id
        WHERE p.id = :id AND p.deleted_at IS NULL AND a.status = 'active'",
    )?;
    let found = statement.query_row(named_params! { ":id": id }, |row| {
        let mode: String = row.get("mode")?;
        let mode = Mode::parse(&mode).unwrap_or(Mode::Test);
        from_row(Tenant::new(row.get("tenant_id")?, mode), row)
    });
    Ok(found.optional()?)
}

/// An app as the caller that it is for itself, deleted or not.
pub fn find_itself(
    conn: &Connection,
    tenant: Tenant,
    id: AppId,
) -> Result<Option<(OAuthApp, Caller, Standing)>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            p.id, p.name, p.client_type, p.client_uri, p.redirect_uris, p.scopes,
            p.secret_number, p.secret_digest, p.secret_hint, p.former_digest,
            p.former_works_until, p.deleted_at, p.version, p.created_at, p.updated_at,
            t.workspace_id, w.name AS workspace_name, w.timezone, w.units, a.id AS account_id,
            a.plan, a.status AS account_status,
            (
                SELECT s.id FROM tenants s
                WHERE s.workspace_id = t.workspace_id AND s.mode = 'test'
            ) AS test_tenant_id
        FROM oauth_apps p
        JOIN tenants t ON t.id = p.tenant_id
        JOIN workspaces w ON w.id = t.workspace_id
        JOIN accounts a ON a.id = w.account_id
        WHERE p.tenant_id = :tenant_id AND p.id = :id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    let found = statement.query_row(parameters, |row| {
        let app = from_row(tenant, row)?;
        let status: String = row.get("account_status")?;
        let standing = Standing {
            revoked: app.deleted_at.is_some(),
            disabled: status != "active",
            ..Standing::default()
        };
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
            principal: Principal::App(app.id),
            credential: Credential::AppToken {
                app_id: app.id,
                name: app.name.clone(),
                grant_id: None,
            },
            scopes: app.scopes,
            allowed_ips: None,
            expires_at: None,
            plan: row.get("plan")?,
        };
        Ok((app, caller, standing))
    });
    Ok(found.optional()?)
}

/// Who registered an app: the workspace's name and its coach's.
pub fn registrar(conn: &Connection, tenant: Tenant) -> Result<Option<(String, String)>> {
    let mut statement = conn.prepare_cached(
        "SELECT w.name AS workspace, a.name AS account
        FROM tenants t
        JOIN workspaces w ON w.id = t.workspace_id
        JOIN accounts a ON a.id = w.account_id
        WHERE t.id = :tenant_id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    let found = statement.query_row(parameters, |row| {
        Ok((row.get("workspace")?, row.get("account")?))
    });
    Ok(found.optional()?)
}

/// The apps of a tenant, newest first.
pub fn newest(conn: &Connection, tenant: Tenant, limit: u32) -> Result<Vec<OAuthApp>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, name, client_type, client_uri, redirect_uris, scopes, secret_number, secret_digest,
            secret_hint, former_digest, former_works_until, deleted_at, version, created_at,
            updated_at
        FROM oauth_apps WHERE tenant_id = :tenant_id AND deleted_at IS NULL
        ORDER BY id DESC LIMIT :limit",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":limit": limit };
    let rows = statement.query_map(parameters, |row| from_row(tenant, row))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many apps a tenant has.
pub fn count(conn: &Connection, tenant: Tenant) -> Result<u32> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) FROM oauth_apps WHERE tenant_id = :tenant_id AND deleted_at IS NULL",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

/// Whether any app has a redirect URI at this origin.
pub fn knows_origin(conn: &Connection, origin: &str) -> Result<bool> {
    let mut statement =
        conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM oauth_origins WHERE origin = :origin)")?;
    let parameters = named_params! { ":origin": redirect::registered_origin(origin) };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

fn redirects(app: &OAuthApp) -> String {
    // A list of texts always has a form in JSON.
    serde_json::to_string(&app.redirect_uris).unwrap_or_default()
}

pub(super) fn insert(tx: &Tx<'_>, app: &OAuthApp) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO oauth_apps (
            tenant_id, id, name, client_type, client_uri, redirect_uris, scopes, secret_number,
            secret_digest, secret_hint, created_at, updated_at
        ) VALUES (
            :tenant_id, :id, :name, :client_type, :client_uri, :redirect_uris, :scopes,
            :secret_number, :secret_digest, :secret_hint, :created_at, :updated_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": app.tenant.number(),
        ":id": app.id,
        ":name": app.name,
        ":client_type": app.client_type.name(),
        ":client_uri": app.client_uri,
        ":redirect_uris": redirects(app),
        ":scopes": app.scopes.to_text(),
        ":secret_number": app.secret.as_ref().map_or(0, |secret| secret.number),
        ":secret_digest": app.secret.as_ref().map(|secret| *secret.digest.as_bytes()),
        ":secret_hint": app.secret.as_ref().map(|secret| secret.hint.as_str()),
        ":created_at": app.created_at,
        ":updated_at": app.updated_at,
    })?;
    insert_origins(tx, app)
}

/// Writes back what changes in an app's life.
pub(super) fn update(tx: &Tx<'_>, app: &OAuthApp) -> Result<()> {
    let former = app
        .secret
        .as_ref()
        .and_then(|secret| secret.former.as_ref());
    tx.prepare_cached(
        "UPDATE oauth_apps
        SET name = :name, client_uri = :client_uri, redirect_uris = :redirect_uris,
            scopes = :scopes, secret_number = :secret_number, secret_digest = :secret_digest,
            secret_hint = :secret_hint, former_digest = :former_digest,
            former_works_until = :former_works_until, deleted_at = :deleted_at,
            version = :version, updated_at = :updated_at
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": app.tenant.number(),
        ":id": app.id,
        ":name": app.name,
        ":client_uri": app.client_uri,
        ":redirect_uris": redirects(app),
        ":scopes": app.scopes.to_text(),
        ":secret_number": app.secret.as_ref().map_or(0, |secret| secret.number),
        ":secret_digest": app.secret.as_ref().map(|secret| *secret.digest.as_bytes()),
        ":secret_hint": app.secret.as_ref().map(|secret| secret.hint.as_str()),
        ":former_digest": former.map(|(digest, _)| *digest.as_bytes()),
        ":former_works_until": former.map(|(_, works_until)| *works_until),
        ":deleted_at": app.deleted_at,
        ":version": app.version,
        ":updated_at": app.updated_at,
    })?;
    tx.prepare_cached("DELETE FROM oauth_origins WHERE tenant_id = :tenant_id AND app_id = :id")?
        .execute(named_params! { ":tenant_id": app.tenant.number(), ":id": app.id })?;
    if app.deleted_at.is_none() {
        insert_origins(tx, app)?;
    }
    Ok(())
}

fn insert_origins(tx: &Tx<'_>, app: &OAuthApp) -> Result<()> {
    let mut origins: Vec<&str> = app
        .redirect_uris
        .iter()
        .filter_map(|uri| redirect::origin(uri).map(redirect::registered_origin))
        .collect();
    origins.sort_unstable();
    origins.dedup();
    let mut statement = tx.prepare_cached(
        "INSERT INTO oauth_origins (tenant_id, app_id, origin)
        VALUES (:tenant_id, :app_id, :origin)",
    )?;
    for origin in origins {
        statement.execute(named_params! {
            ":tenant_id": app.tenant.number(),
            ":app_id": app.id,
            ":origin": origin,
        })?;
    }
    Ok(())
}
