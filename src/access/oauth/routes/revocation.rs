//! `/oauth/revoke` (RFC 7009) and `/oauth/introspect` (RFC 7662).
//!
//! A client ends its own tokens and looks at its own tokens. Somebody else's, and what is none, are
//! answered alike: revoking them succeeds and does nothing, looking at them finds nothing.

use utoipa::ToSchema;

use super::clients::{self, Client};
use super::{FORM_LIMIT_BYTES, issuer_of, read_form, refuse};
use crate::access::oauth::actions::{revoke_access, revoke_refresh};
use crate::access::oauth::body::IntrospectionBody;
use crate::access::oauth::error::{OAuthCode, Refusal, no_store, not_shared};
use crate::access::oauth::form::{Form, Media};
use crate::access::oauth::lookup::{self, Found};
use crate::access::oauth::{Holder, grants, refresh};
use crate::api::route::{Incoming, Route};
use crate::caller::{Credential, Origin};
use crate::clock::SECOND_MS;
use crate::error::Result;
use crate::idempotency::Answer;
use crate::ids::AppId;
use crate::secrets::{Digest, TokenKind, digest, recognise};

/// A request about a token.
#[derive(Debug, ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form; `Form` reads it, whatever order it comes in"
)]
pub(crate) struct TokenQuestion {
    /// The access token or refresh token.
    token: String,
    /// `access_token` or `refresh_token`; not needed, and a wrong one does no harm.
    token_type_hint: Option<String>,
    /// The client; may be sent as the user of HTTP Basic instead.
    client_id: Option<String>,
    /// Its secret; may be sent as the password of HTTP Basic instead.
    client_secret: Option<String>,
}

/// The client and the token that it asks about, unless it is refused.
async fn read(incoming: &Incoming) -> Result<Result<(Client, String), (Form, Refusal)>> {
    let form = match read_form(incoming, Media::Form) {
        Ok(form) => form,
        Err(refusal) => return Ok(Err((Form::default(), refusal))),
    };
    let shown = match form.client(&incoming.head) {
        Ok(shown) => shown,
        Err(refusal) => return Ok(Err((form, refusal))),
    };
    let client = match clients::authenticate(incoming, shown).await? {
        Ok(client) => client,
        Err(refusal) => return Ok(Err((form, refusal))),
    };
    let Some(token) = form.get("token").map(str::to_owned) else {
        let refusal = Refusal::new(OAuthCode::InvalidRequest, "token is missing.");
        return Ok(Err((form, refusal)));
    };
    Ok(Ok((client, token)))
}

/// Whether the client is the one that obtained the token.
fn is_own(client: &Client, found: &Found) -> bool {
    match (client, found.token.holder) {
        (Client::Key(caller), Holder::Key(id)) => caller.credential.key_id() == Some(id),
        (Client::App(app, _), Holder::App { id, .. }) => app.id == id,
        (Client::App(app, _), Holder::Family(_)) => {
            matches!(found.caller.credential, Credential::AppToken { app_id, .. } if app_id == app.id)
        }
        (Client::Key(_), Holder::App { .. } | Holder::Family(_))
        | (Client::App(..), Holder::Key(_)) => false,
    }
}

fn find_own(incoming: &Incoming, client: &Client, token: &Digest) -> Result<Option<Found>> {
    let app = &incoming.app;
    let here = app.public_address();
    let found = app
        .db
        .read_now(|conn| lookup::find(conn, token, &here.url))?;
    Ok(found.filter(|found| is_own(client, found)))
}

fn done() -> Answer {
    no_store(Answer {
        content_type: None,
        ..Answer::bytes(200, crate::api::respond::JSON, Vec::new())
    })
}

async fn revoke(incoming: Incoming) -> Result<Answer> {
    let (client, token) = match read(&incoming).await? {
        Ok(read) => read,
        Err((form, refusal)) => {
            return Ok(refuse(
                &incoming,
                named(&incoming, &form).as_deref(),
                &refusal,
            ));
        }
    };
    let kind = recognise(&token);
    let token = digest(&token);
    match (kind, &client) {
        (Ok(TokenKind::Access), _) => {
            if let Some(found) = find_own(&incoming, &client, &token)? {
                let origin = at(&incoming, &found);
                let caller = found.caller;
                incoming
                    .app
                    .db
                    .write(move |tx| revoke_access(tx, &caller, &origin, &token))
                    .await?;
            }
        }
        (Ok(TokenKind::Refresh), Client::App(app, _)) => {
            refresh_revoked(&incoming, app.id, token).await?;
        }
        (Ok(TokenKind::KeyTest | TokenKind::KeyLive | TokenKind::AppSecret), _) => {
            let words = "API keys and secrets are no tokens: revoke them where they are managed.";
            return Ok(Refusal::new(OAuthCode::UnsupportedTokenType, words).answer());
        }
        _ => {}
    }
    Ok(done())
}

async fn refresh_revoked(incoming: &Incoming, app_id: AppId, token: Digest) -> Result<()> {
    let app = &incoming.app;
    let found = app.db.read_now(|conn| refresh::store::find(conn, &token))?;
    let Some(found) = found else {
        return Ok(());
    };
    let origin = Origin {
        at: app.clock.now_of(&found.tenant),
        ..(*incoming.origin).clone()
    };
    app.db
        .write(move |tx| revoke_refresh(tx, &origin, app_id, &token))
        .await
}

fn at(incoming: &Incoming, found: &Found) -> Origin {
    Origin {
        at: incoming.app.clock.now_of(&found.caller.tenant),
        ..(*incoming.origin).clone()
    }
}

async fn introspect(incoming: Incoming) -> Result<Answer> {
    let (client, token) = match read(&incoming).await? {
        Ok(read) => read,
        Err((form, refusal)) => {
            let answer = refuse(&incoming, named(&incoming, &form).as_deref(), &refusal);
            return Ok(not_shared(answer));
        }
    };
    if matches!(client, Client::App(_, None)) {
        // Anybody can say that they are a public app.
        let refusal = Refusal::client(false);
        return Ok(not_shared(refuse(&incoming, None, &refusal)));
    }
    let kind = recognise(&token);
    let token = digest(&token);
    let body = match kind {
        Ok(TokenKind::Access) => {
            let found = find_own(&incoming, &client, &token)?;
            found.and_then(|found| access(&incoming, &found))
        }
        Ok(TokenKind::Refresh) => refresh_of(&incoming, &client, &token)?,
        _ => None,
    };
    let answer = Answer::ok(&body.unwrap_or_default())?;
    Ok(not_shared(no_store(answer)))
}

/// What is true of an access token now: nothing of it comes from a cache.
fn access(incoming: &Incoming, found: &Found) -> Option<IntrospectionBody> {
    let now = incoming.app.clock.now_of(&found.caller.tenant);
    let (caller, standing) = (&found.caller, &found.standing);
    let expires_at = caller.expires_at?;
    let is_over = standing.revoked || standing.disabled || expires_at <= now;
    let is_replaced = standing
        .rotated
        .is_some_and(|rotated| rotated.works_until <= now);
    if is_over || is_replaced {
        return None;
    }
    let (client_id, _) = caller.credential.named();
    let for_itself = matches!(found.token.holder, Holder::Key(_) | Holder::App { .. });
    let subject = if for_itself {
        client_id.clone()
    } else {
        Some(caller.account_id.to_string())
    };
    let issuer = issuer_of(&incoming.app).ok();
    Some(IntrospectionBody {
        active: true,
        scope: Some(caller.scopes.to_text()),
        client_id,
        token_type: Some("Bearer"),
        exp: Some(expires_at.as_ms() / SECOND_MS),
        iat: Some(found.token.created_at.as_ms() / SECOND_MS),
        sub: subject,
        aud: issuer.clone(),
        iss: issuer,
    })
}

fn refresh_of(
    incoming: &Incoming,
    client: &Client,
    token: &Digest,
) -> Result<Option<IntrospectionBody>> {
    let Client::App(client, _) = client else {
        return Ok(None);
    };
    let app = &incoming.app;
    let found = app.db.read_now(|conn| {
        let Some(token) = refresh::store::find(conn, token)? else {
            return Ok(None);
        };
        let family = grants::store::find_family(conn, token.tenant, token.family_id)?;
        let Some(family) = family else {
            return Ok(None);
        };
        let bearer = grants::store::find_bearer(conn, token.tenant, family.grant_id)?;
        Ok(bearer.map(|bearer| (token, family, bearer)))
    })?;
    let Some((token, family, bearer)) = found else {
        return Ok(None);
    };
    let now = app.clock.now_of(&token.tenant);
    let ends = token.idle_expires_at.min(family.expires_at);
    let active = bearer.app_id == client.id
        && bearer.is_alive()
        && family.revoked_at.is_none()
        && token.spent_at.is_none()
        && ends > now;
    let issuer = issuer_of(app).ok();
    Ok(active.then(|| IntrospectionBody {
        active: true,
        scope: Some(family.scopes.within(bearer.caller.scopes).to_text()),
        client_id: Some(client.id.to_string()),
        token_type: None,
        exp: Some(ends.as_ms() / SECOND_MS),
        iat: Some(token.created_at.as_ms() / SECOND_MS),
        sub: Some(bearer.account_id.to_string()),
        aud: issuer.clone(),
        iss: issuer,
    }))
}

fn question() -> serde_json::Value {
    serde_json::json!({
        "token": "cdnat_EXAMPLE",
        "client_id": "app_01jzkd6v8q9xw2m4n6p8r0t2v4",
        "client_secret": "cdncs_EXAMPLE",
    })
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::open_form::<TokenQuestion, _, _>("/oauth/revoke", FORM_LIMIT_BYTES, revoke)
            .named("OAuth", "revoke_token", "Revoke a token")
            .describe("A client's own token is refused from the next request on; a refresh token takes its access tokens along. What is unknown or somebody else's is answered alike: 200 without a body.")
            .example(question()),
        Route::open_form::<TokenQuestion, _, _>("/oauth/introspect", FORM_LIMIT_BYTES, introspect)
            .named("OAuth", "introspect_token", "Ask what a token may do now")
            .describe("For clients that can keep a secret, about their own tokens; of any other: `{\"active\":false}`.")
            .answers::<IntrospectionBody>()
            .example(question()),
    ]
}

/// The client that a request names, in whichever way.
fn named(incoming: &Incoming, form: &Form) -> Option<String> {
    form.client(&incoming.head).ok().map(|shown| shown.id)
}
