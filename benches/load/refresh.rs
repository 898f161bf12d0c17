//! Refresh tokens to be used once each, written into the file before the server opens it.

use std::path::Path;

use anyhow::{Context, Result};
use cadence::clock::{DAY_MS, Timestamp};
use cadence::ids::{AppId, FamilyId, GrantId};
use cadence::secrets::{TokenKind, digest, generate};
use rusqlite::Connection;

use super::requests::post;

/// More than a run refreshes: from the second use on a token gets its answer again.
const TOKENS: usize = 60_000;

/// Makes an app, a grant, and a family with its first refresh token for each request.
pub(crate) fn requests(data: &Path) -> Result<Vec<Vec<u8>>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "no server runs, and nothing is measured yet"
    )]
    let mut conn = Connection::open(data.join("cadence.db"))?;
    let transaction = conn.transaction()?;
    let (tenant, account): (i64, String) = transaction.query_row(
        "SELECT t.id, w.account_id FROM tenants t JOIN workspaces w ON w.id = t.workspace_id
        WHERE t.mode = 'live'",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let now = Timestamp::from_ms(i64::try_from(
        std::time::UNIX_EPOCH
            .elapsed()
            .context("the clock stands before 1970")?
            .as_millis(),
    )?);
    let (app, grant) = (AppId::new(now).to_string(), GrantId::new(now).to_string());
    let (at, end) = (now.as_ms(), now.plus_ms(DAY_MS).as_ms());
    transaction.execute(
        "INSERT INTO oauth_apps
            (tenant_id, id, name, client_type, redirect_uris, scopes, created_at, updated_at)
        VALUES (?1, ?2, 'load', 'public', '[\"https://load.example/\"]', 'clients:read', ?3, ?3)",
        (tenant, &app, at),
    )?;
    transaction.execute(
        "INSERT INTO oauth_grants
            (tenant_id, id, account_id, app_id, scopes, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, 'clients:read', ?5, ?5)",
        (tenant, &grant, &account, &app, at),
    )?;
    let mut requests = Vec::with_capacity(TOKENS);
    for _ in 0..TOKENS {
        let (family, token) = (
            FamilyId::new(now).to_string(),
            generate(TokenKind::Refresh)?,
        );
        transaction
            .prepare_cached(
                "INSERT INTO oauth_families
                    (tenant_id, id, grant_id, scopes, expires_at, created_at)
                VALUES (?1, ?2, ?3, 'clients:read', ?4, ?5)",
            )?
            .execute((tenant, &family, &grant, end, at))?;
        transaction
            .prepare_cached(
                "INSERT INTO refresh_tokens
                    (tenant_id, digest, family_id, generation, idle_expires_at, kept_until,
                    created_at)
                VALUES (?1, ?2, ?3, 1, ?4, ?4, ?5)",
            )?
            .execute((
                tenant,
                digest(token.reveal()).as_bytes().as_slice(),
                &family,
                end,
                at,
            ))?;
        let body = format!(
            "grant_type=refresh_token&client_id={app}&refresh_token={}",
            token.reveal()
        );
        let media = "application/x-www-form-urlencoded";
        requests.push(post("/oauth/token", None, media, &body));
    }
    transaction.commit()?;
    Ok(requests)
}
