//! What can be done to apps.

use super::{AppPatch, AppSecret, ClientType, MAX_APPS, NewApp, OAuthApp, default_scopes, store};
use crate::access::audit::{self, Act};
use crate::api::etag::IfMatch;
use crate::caller::{
    Caller, Credential, Permit, Scope, Scopes, WorkspaceWrite, insufficient_scope,
};
use crate::clock::SECOND_MS;
use crate::db::{Reader, Topic, Tx};
use crate::error::{Code, Error, Result};
use crate::ids::AppId;
use crate::secrets::{Secret, digest, hint};

/// What is drawn of a new app before the write.
#[derive(Debug)]
pub struct Draft {
    /// The id.
    pub id: AppId,
    /// The secret, shown once; none for a public app.
    pub secret: Option<Secret>,
}

/// An app of the caller's tenant; any other does not exist.
pub fn find(conn: &Reader, caller: &Caller, id: AppId) -> Result<OAuthApp> {
    store::find(conn, caller.tenant, id)?.ok_or_else(Error::not_found)
}

/// Refuses callers that may not manage apps, or not one with these scopes.
///
/// An app is bound neither in time nor to addresses, so whoever is must not make one.
pub fn refuse_more(caller: &Caller, wanted: Scopes) -> Result<()> {
    refuse_apps(caller)?;
    if !caller.scopes.cover(wanted) {
        let missing: Vec<Scope> = wanted
            .iter()
            .filter(|scope| !caller.scopes.allow(*scope))
            .collect();
        return Err(insufficient_scope(&missing));
    }
    if caller.allowed_ips.is_some() {
        let message =
            "The app could be used from more addresses than the credential that asks for it.";
        return Err(Error::with(Code::AuthForbidden, message));
    }
    let is_key = matches!(
        caller.credential,
        Credential::ApiKey { .. } | Credential::AccessToken { .. }
    );
    if is_key && caller.expires_at.is_some() {
        let message = "The app would outlive the credential that asks for it.";
        return Err(Error::with(Code::AuthForbidden, message));
    }
    Ok(())
}

/// Refuses apps: what one coach lets in must not let in others.
pub fn refuse_apps(caller: &Caller) -> Result<()> {
    if matches!(caller.credential, Credential::AppToken { .. }) {
        let message = "This call is for a person signed in or an API key, not for an app.";
        return Err(Error::with(Code::AuthForbidden, message));
    }
    Ok(())
}

/// Registers an app.
pub fn create(
    tx: &Tx<'_>,
    permit: &Permit<WorkspaceWrite>,
    new: &NewApp,
    draft: &Draft,
) -> Result<OAuthApp> {
    let (tenant, now) = (permit.tenant(), permit.now());
    let scopes = new
        .scopes
        .unwrap_or_else(|| default_scopes(permit.caller().scopes));
    refuse_more(permit.caller(), scopes)?;
    if store::count(tx, tenant)? >= MAX_APPS {
        let message = format!("A workspace has at most {MAX_APPS} apps a mode; delete one first.");
        return Err(Error::with(Code::StateConflict, message));
    }
    let secret = draft.secret.as_ref().map(|secret| AppSecret {
        number: 1,
        digest: digest(secret.reveal()),
        hint: hint(secret.reveal()),
        former: None,
    });
    let app = OAuthApp {
        id: draft.id,
        tenant,
        name: new.name.clone(),
        client_type: new.client_type,
        client_uri: new.client_uri.clone(),
        redirect_uris: new.redirect_uris.clone(),
        scopes,
        secret,
        deleted_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, &app)?;
    told(tx, permit, &app, "oauth_app.created")?;
    Ok(app)
}

/// Changes an app.
pub fn update(
    tx: &Tx<'_>,
    permit: &Permit<WorkspaceWrite>,
    id: AppId,
    if_match: &IfMatch,
    patch: AppPatch,
) -> Result<OAuthApp> {
    let former = find(tx, permit.caller(), id)?;
    if_match.check(former.version)?;
    let mut app = former.clone();
    app.name = patch.name.unwrap_or(app.name);
    app.redirect_uris = patch.redirect_uris.unwrap_or(app.redirect_uris);
    app.scopes = patch.scopes.unwrap_or(app.scopes);
    app.client_uri = patch.client_uri.apply(app.client_uri);
    refuse_more(permit.caller(), app.scopes)?;
    if app != former {
        save(tx, permit, &mut app, "oauth_app.updated")?;
    }
    Ok(app)
}

/// Replaces the secret; the one before it goes on working for so long.
pub fn rotate_secret(
    tx: &Tx<'_>,
    permit: &Permit<WorkspaceWrite>,
    id: AppId,
    grace_s: i64,
    plaintext: &Secret,
) -> Result<OAuthApp> {
    let mut app = find(tx, permit.caller(), id)?;
    refuse_more(permit.caller(), app.scopes)?;
    let Some(old) = app
        .secret
        .filter(|_| app.client_type == ClientType::Confidential)
    else {
        let message = "A public app has no secret.";
        return Err(Error::with(Code::StateConflict, message));
    };
    let works_until = permit.now().plus_ms(grace_s * SECOND_MS);
    app.secret = Some(AppSecret {
        number: old.number + 1,
        digest: digest(plaintext.reveal()),
        hint: hint(plaintext.reveal()),
        former: (grace_s > 0).then_some((old.digest, works_until)),
    });
    save(tx, permit, &mut app, "oauth_app.secret_rotated")?;
    Ok(app)
}

/// Deletes an app: its tokens, and those of the coaches who let it in, end at once.
pub fn delete(
    tx: &Tx<'_>,
    permit: &Permit<WorkspaceWrite>,
    id: AppId,
    if_match: &IfMatch,
) -> Result<()> {
    refuse_apps(permit.caller())?;
    let mut app = find(tx, permit.caller(), id)?;
    if_match.check(app.version)?;
    app.deleted_at = Some(permit.now());
    save(tx, permit, &mut app, "oauth_app.deleted")
}

fn save(
    tx: &Tx<'_>,
    permit: &Permit<WorkspaceWrite>,
    app: &mut OAuthApp,
    action: &'static str,
) -> Result<()> {
    app.version += 1;
    app.updated_at = permit.now();
    store::update(tx, app)?;
    tx.changed(Topic::Credentials);
    told(tx, permit, app, action)
}

fn told(
    tx: &Tx<'_>,
    permit: &Permit<WorkspaceWrite>,
    app: &OAuthApp,
    action: &'static str,
) -> Result<()> {
    let act = Act {
        action,
        target: app.id.to_string(),
        detail: Some(serde_json::json!({ "name": app.name, "scope": app.scopes.to_text() })),
    };
    audit::record(tx, app.tenant, permit.caller(), permit.origin(), &act)
}
