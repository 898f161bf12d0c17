//! `/oauth/token`, and `/oauth2/token` for clients of the seed.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::actions::{self, Draft};
use super::error::{OAuthCode, Refusal, no_store};
use super::form::{self, ClientSecret, Form, Media};
use super::{AccessToken, CLIENT_TOKEN_S, granted};
use crate::access::extract::{self, Shown};
use crate::api::route::{Incoming, Route};
use crate::app::App;
use crate::caller::{Caller, Credential, Origin};
use crate::clock::SECOND_MS;
use crate::error::{Error, Kind, Result};
use crate::idempotency::Answer;
use crate::secrets::{TokenKind, generate};

/// The largest body of a token request.
pub const FORM_LIMIT_BYTES: usize = 16 * 1024;

/// An access token.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenBody {
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until it ends.
    expires_in: i64,
    /// The token.
    access_token: String,
    /// What was granted.
    scope: String,
}

/// A request for an access token.
#[derive(Debug, ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form; `Form` reads it, whatever order it comes in"
)]
pub struct TokenRequest {
    /// Always `client_credentials`.
    grant_type: String,
    /// The id of an API key, `key_…`; may be sent as the user of HTTP Basic instead.
    client_id: Option<String>,
    /// The key's plaintext; may be sent as the password of HTTP Basic instead.
    client_secret: Option<String>,
    /// Space-separated scopes, or `public`; all of the key's if left out.
    scope: Option<String>,
}

async fn strict(incoming: Incoming) -> Result<Answer> {
    token(incoming, Media::Form).await
}

async fn lenient(incoming: Incoming) -> Result<Answer> {
    token(incoming, Media::FormOrJson).await
}

async fn token(incoming: Incoming, media: Media) -> Result<Answer> {
    let answer = match client_credentials(&incoming, media).await {
        Ok(Ok(body)) => no_store(Answer::ok(&body)?.with_secret()),
        Ok(Err(refusal)) if refusal.is_invalid_client() => failed(&incoming, &refusal),
        Ok(Err(refusal)) => refusal.answer(),
        Err(error) => return Err(error),
    };
    Ok(answer)
}

/// Failures of clients are counted per address; past the limit they are told to wait.
fn failed(incoming: &Incoming, refusal: &Refusal) -> Answer {
    let app = &incoming.app;
    let counted = match incoming.origin.address {
        Some(address) => app.token_failures.fail(address, app.clock.now()),
        None => Ok(()),
    };
    match counted {
        Ok(()) => refusal.answer(),
        Err(limited) => Refusal::from(&limited).answer(),
    }
}

async fn client_credentials(
    incoming: &Incoming,
    media: Media,
) -> Result<Result<TokenBody, Refusal>> {
    let request = match read(incoming, media) {
        Ok(request) => request,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let app = &incoming.app;
    let basic = request.client.basic;
    let Some(caller) = authenticate(incoming, request.client).await? else {
        return Ok(Err(Refusal::client(basic)));
    };
    if !app.plan_of(&caller).is_none_or(|plan| plan.api_access) {
        let words = "The plan of this account has no API access.";
        return Ok(Err(Refusal::new(OAuthCode::UnauthorizedClient, words)));
    }
    let Some(scopes) = granted(request.scope.as_deref(), caller.scopes) else {
        let words = "The scope is unknown or more than the client holds.";
        return Ok(Err(Refusal::new(OAuthCode::InvalidScope, words)));
    };
    let Credential::ApiKey { id: key_id, .. } = caller.credential else {
        return Err(Error::bug("a client is no API key"));
    };
    let now = app.clock.now_of(&caller.tenant);
    let full = now.plus_ms(CLIENT_TOKEN_S * SECOND_MS);
    let expires_at = caller.expires_at.map_or(full, |end| end.min(full));
    let token = AccessToken {
        tenant: caller.tenant,
        key_id,
        scopes,
        expires_at,
    };
    let draft = Draft {
        token,
        plaintext: generate(TokenKind::Access)?,
    };
    let body = TokenBody {
        token_type: "Bearer",
        expires_in: expires_at.since_ms(now) / SECOND_MS,
        access_token: draft.plaintext.reveal().to_owned(),
        scope: scopes.to_text(),
    };
    let origin = Origin {
        at: now,
        ..(*incoming.origin).clone()
    };
    app.db
        .write(move |tx| actions::issue(tx, &caller, &origin, &draft))
        .await?;
    Ok(Ok(body))
}

/// A well-formed request for client credentials.
struct Request {
    client: ClientSecret,
    scope: Option<String>,
}

fn read(incoming: &Incoming, media: Media) -> Result<Request, Refusal> {
    let refuse = |words| Refusal::new(OAuthCode::InvalidRequest, words);
    let query = incoming.head.query.as_deref().unwrap_or("");
    if form::names(query).any(|name| name == "client_id" || name == "client_secret") {
        return Err(refuse("Credentials belong into the body or the header."));
    }
    let form = Form::read(&incoming.head, &incoming.body, media)?;
    match form.get("grant_type") {
        None => return Err(refuse("grant_type is missing.")),
        Some("client_credentials") => {}
        Some(_) => {
            let words = "Use the grant type client_credentials.";
            return Err(Refusal::new(OAuthCode::UnsupportedGrantType, words));
        }
    }
    let client = form.client(&incoming.head)?;
    Ok(Request {
        client,
        scope: form.get("scope").map(str::to_owned),
    })
}

/// The caller that a client is; none for whatever is wrong with it, so that nothing is told apart.
async fn authenticate(incoming: &Incoming, client: ClientSecret) -> Result<Option<Arc<Caller>>> {
    let app: &App = &incoming.app;
    let address = incoming.origin.address;
    let shown = Shown::client(client.id, client.secret.reveal().to_owned());
    match extract::authenticate(app, &shown, address).await {
        Ok(accepted) => {
            let here = address.is_none_or(|address| accepted.caller.allows_address(address));
            let is_key = matches!(accepted.caller.credential, Credential::ApiKey { .. });
            Ok(Some(accepted.caller).filter(|_| here && is_key))
        }
        Err(refused) if refused.error.code().kind() == Kind::Authentication => Ok(None),
        Err(refused) => Err(refused.error),
    }
}

fn token_request() -> serde_json::Value {
    serde_json::json!({
        "grant_type": "client_credentials",
        "client_id": "key_01jzkd6v8q9xw2m4n6p8r0t2v4",
        "client_secret": "cdnsk_test_EXAMPLE",
        "scope": "public",
    })
}

/// The routes of OAuth.
pub fn routes() -> Vec<Route> {
    vec![
        Route::open_form::<TokenRequest, _, _>("/oauth/token", FORM_LIMIT_BYTES, strict)
            .named("OAuth", "create_token", "Obtain an access token")
            .describe("`grant_type=client_credentials` with an API key's id as `client_id` and its plaintext as `client_secret`, form-encoded, or as HTTP Basic. Errors come in the form of RFC 6749.")
            .answers::<TokenBody>()
            .example(token_request()),
        Route::open_form::<TokenRequest, _, _>("/oauth2/token", FORM_LIMIT_BYTES, lenient)
            .named("OAuth", "create_token_lenient", "Obtain an access token, also with a JSON body")
            .answers::<TokenBody>()
            .example(token_request()),
    ]
}
