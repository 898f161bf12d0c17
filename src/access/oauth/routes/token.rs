//! `/oauth/token`, and `/oauth2/token` for clients of the seed.

use std::sync::Arc;

use utoipa::ToSchema;

use super::clients::{self, Client};
use super::{FORM_LIMIT_BYTES, issuer_of, read_form, refuse};
use crate::access::accounts;
use crate::access::accounts::mail::{self, Notice};
use crate::access::oauth::actions::{self, Draft, Drafts, Terms};
use crate::access::oauth::apps;
use crate::access::oauth::body::TokenBody;
use crate::access::oauth::codes::actions::{Redemption, redeem};
use crate::access::oauth::error::{OAuthCode, Refusal, no_store};
use crate::access::oauth::form::{Form, Media};
use crate::access::oauth::refresh::actions::{Outcome, Rotation, rotate};
use crate::access::oauth::{AccessToken, CLIENT_TOKEN_S, Holder, codes, granted, grants, refresh};
use crate::api::respond::JSON;
use crate::api::route::{Incoming, Route};
use crate::caller::{Caller, Credential, Origin, Tenant};
use crate::clock::SECOND_MS;
use crate::error::{Error, Result};
use crate::idempotency::Answer;
use crate::ids::FamilyId;
use crate::outbox::account::actions::Sealed;
use crate::secrets::{Digest, TokenKind, digest, generate};

/// A request for an access token.
#[derive(Debug, ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form; `Form` reads it, whatever order it comes in"
)]
pub(crate) struct TokenRequest {
    /// `authorization_code`, `refresh_token` or `client_credentials`.
    grant_type: String,
    /// The id of an app, `app_…`, or of an API key, `key_…`; may be sent as the user of HTTP Basic
    /// instead.
    client_id: Option<String>,
    /// The app's secret, or the key's plaintext; may be sent as the password of HTTP Basic instead.
    /// A public app has none.
    client_secret: Option<String>,
    /// Of `authorization_code`: the code.
    code: Option<String>,
    /// Of `authorization_code`: the verifier of PKCE, 43 to 128 characters.
    code_verifier: Option<String>,
    /// Of `authorization_code`: if sent, the one that the code was sent to.
    redirect_uri: Option<String>,
    /// Of `refresh_token`: the token.
    refresh_token: Option<String>,
    /// Space-separated scopes, or `public`; all that may be had if left out.
    scope: Option<String>,
    /// The address of this server, if sent (RFC 8707).
    resource: Option<String>,
}

/// The grants that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GrantType {
    Code,
    Refresh,
    Client,
}

impl GrantType {
    const ALL: &[(&'static str, Self)] = &[
        ("authorization_code", Self::Code),
        ("refresh_token", Self::Refresh),
        ("client_credentials", Self::Client),
    ];

    fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, kind)| *kind == self);
        found.map_or("", |(name, _)| *name)
    }

    fn read(form: &Form) -> Result<Self, Refusal> {
        let Some(name) = form.get("grant_type") else {
            return Err(Refusal::new(
                OAuthCode::InvalidRequest,
                "grant_type is missing.",
            ));
        };
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, kind)| *kind).ok_or_else(|| {
            let words = "Use authorization_code, refresh_token or client_credentials.";
            Refusal::new(OAuthCode::UnsupportedGrantType, words)
        })
    }

    fn is_allowed(self, client: &Client) -> bool {
        match client {
            Client::Key(_) => self == Self::Client,
            Client::App(app, _) => app.client_type.grant_types().contains(&self.name()),
        }
    }
}

/// What a grant gives: the body of the answer, or why there is none.
type Given = Result<Result<Vec<u8>, Refusal>>;

fn missing(words: &'static str) -> Refusal {
    Refusal::new(OAuthCode::InvalidRequest, words)
}

async fn strict(incoming: Incoming) -> Result<Answer> {
    token(incoming, Media::Form).await
}

async fn lenient(incoming: Incoming) -> Result<Answer> {
    token(incoming, Media::FormOrJson).await
}

async fn token(incoming: Incoming, media: Media) -> Result<Answer> {
    let form = match read_form(&incoming, media) {
        Ok(form) => form,
        Err(refusal) => return Ok(refusal.answer()),
    };
    let client_id = form.client(&incoming.head).ok().map(|shown| shown.id);
    Ok(match give(&incoming, &form).await? {
        Ok(body) => no_store(Answer::bytes(200, JSON, body).with_secret()),
        Err(refusal) => refuse(&incoming, client_id.as_deref(), &refusal),
    })
}

async fn give(incoming: &Incoming, form: &Form) -> Given {
    let read = GrantType::read(form).and_then(|kind| Ok((kind, form.client(&incoming.head)?)));
    let (kind, shown) = match read {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let client = match clients::authenticate(incoming, shown).await? {
        Ok(client) => client,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !kind.is_allowed(&client) {
        let words = "This client may not use this grant type.";
        return Ok(Err(Refusal::new(OAuthCode::UnauthorizedClient, words)));
    }
    match (kind, client) {
        (GrantType::Client, client) => client_credentials(incoming, form, client).await,
        (GrantType::Code, Client::App(app, _)) => code(incoming, form, &app).await,
        (GrantType::Refresh, Client::App(app, _)) => refresh_token(incoming, form, &app).await,
        (GrantType::Code | GrantType::Refresh, Client::Key(_)) => Err(Error::bug(
            "a key was let through to a grant that it has not",
        )),
    }
}

/// The request at the time of the tenant that it is about.
fn origin(incoming: &Incoming, tenant: Tenant) -> Origin {
    Origin {
        at: incoming.app.clock.now_of(&tenant),
        ..(*incoming.origin).clone()
    }
}

async fn client_credentials(incoming: &Incoming, form: &Form, client: Client) -> Given {
    let app = &incoming.app;
    let (caller, holder) = match client {
        Client::Key(caller) => {
            let Credential::ApiKey { id, .. } = caller.credential else {
                return Err(Error::bug("a client is no API key"));
            };
            (caller, Holder::Key(id))
        }
        Client::App(own, number) => {
            if let Err(refusal) = issuer_of(app) {
                return Ok(Err(refusal));
            }
            let (tenant, id) = (own.tenant, own.id);
            let itself = app
                .db
                .read_now(|conn| apps::store::find_itself(conn, tenant, id))?;
            let (_, caller, _) = itself.ok_or_else(|| Error::bug("an app without a workspace"))?;
            let secret_number = number.ok_or_else(|| Error::bug("a public app"))?;
            let caller: Arc<Caller> = Arc::new(caller);
            (caller, Holder::App { id, secret_number })
        }
    };
    if !app.plan_of(&caller).is_none_or(|plan| plan.api_access) {
        let words = "The plan of this account has no API access.";
        return Ok(Err(Refusal::new(OAuthCode::UnauthorizedClient, words)));
    }
    let Some(scopes) = granted(form.get("scope"), caller.scopes) else {
        let words = "The scope is unknown or more than the client holds.";
        return Ok(Err(Refusal::new(OAuthCode::InvalidScope, words)));
    };
    let now = app.clock.now_of(&caller.tenant);
    let full = now.plus_ms(CLIENT_TOKEN_S * SECOND_MS);
    let expires_at = caller.expires_at.map_or(full, |end| end.min(full));
    let token = AccessToken {
        tenant: caller.tenant,
        holder,
        scopes,
        expires_at,
        revoked_at: None,
        created_at: now,
    };
    let draft = Draft {
        token,
        plaintext: generate(TokenKind::Access)?,
    };
    let body = TokenBody {
        token_type: "Bearer",
        expires_in: expires_at.since_ms(now) / SECOND_MS,
        access_token: draft.plaintext.reveal().to_owned(),
        refresh_token: None,
        scope: scopes.to_text(),
    };
    let body = serde_json::to_vec(&body).map_err(Error::internal)?;
    let origin = origin(incoming, caller.tenant);
    app.db
        .write(move |tx| actions::issue(tx, &caller, &origin, &draft))
        .await?;
    Ok(Ok(body))
}

fn terms(incoming: &Incoming) -> Result<Terms, Refusal> {
    let resource = issuer_of(&incoming.app)?;
    Ok(Terms {
        resource,
        access_s: incoming.app.config.access_token_s,
    })
}

/// What a redemption is made of, as far as the form alone can tell.
fn read_code(form: &Form) -> Result<(&str, &str), Refusal> {
    let code = form
        .get("code")
        .ok_or_else(|| missing("code is missing."))?;
    let verifier = form
        .get("code_verifier")
        .ok_or_else(|| missing("code_verifier is missing."))?;
    if !codes::is_verifier(verifier) {
        let words = "code_verifier is not 43 to 128 unreserved characters.";
        return Err(missing(words));
    }
    Ok((code, verifier))
}

async fn code(incoming: &Incoming, form: &Form, client: &apps::OAuthApp) -> Given {
    let app = &incoming.app;
    let read = terms(incoming).and_then(|terms| Ok((terms, read_code(form)?)));
    let (terms, (code, verifier)) = match read {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let digest = digest(code);
    let found = app.db.read_now(|conn| codes::store::find(conn, &digest))?;
    // Without a row there is no tenant; the write says what it says to any code that is unknown.
    let tenant = found.map_or(client.tenant, |code| code.tenant);
    let origin = origin(incoming, tenant);
    let asked = Redemption {
        app_id: client.id,
        digest,
        challenge: codes::challenge_of(verifier),
        redirect_uri: form.get("redirect_uri").map(str::to_owned),
        resources: form.resources(),
        scope: form.get("scope").map(str::to_owned),
        family_id: FamilyId::new(origin.at),
    };
    let drafts = Drafts::draw()?;
    app.db
        .write(move |tx| redeem(tx, &terms, &origin, &asked, &drafts))
        .await
}

async fn refresh_token(incoming: &Incoming, form: &Form, client: &apps::OAuthApp) -> Given {
    let app = &incoming.app;
    let token = form.get("refresh_token");
    let token = token.ok_or_else(|| missing("refresh_token is missing."));
    let read = terms(incoming).and_then(|terms| Ok((terms, token?)));
    let (terms, token) = match read {
        Ok(read) => read,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let digest = digest(token);
    let found = app
        .db
        .read_now(|conn| refresh::store::find(conn, &digest))?;
    let tenant = found.map_or(client.tenant, |token| token.tenant);
    let origin = origin(incoming, tenant);
    let asked = Arc::new(Rotation {
        app_id: client.id,
        digest,
        scope: form.get("scope").map(str::to_owned),
        resources: form.resources(),
    });
    // The mail about a theft is sealed before the write, and only where one is needed.
    for notice in [None, Some(())] {
        let notice = match notice {
            None => None,
            Some(()) => reuse_notice(incoming, &digest, &origin)?,
        };
        let (terms, origin, asked) = (terms.clone(), origin.clone(), Arc::clone(&asked));
        let (drafts, sealing) = (Drafts::draw()?, Arc::clone(&app.sealing));
        let outcome = app
            .db
            .write(move |tx| {
                let asked = (&*asked, notice.as_ref());
                rotate(tx, &terms, &origin, &sealing, asked, &drafts)
            })
            .await?;
        match outcome {
            Outcome::Answered(body) => return Ok(Ok(body)),
            Outcome::Refused(refusal) => return Ok(Err(refusal)),
            Outcome::Reused => break,
            Outcome::WantsNotice => {}
        }
    }
    Ok(Err(refresh::actions::refusal()))
}

/// The mail that tells a coach that a token of hers was used twice.
fn reuse_notice(incoming: &Incoming, token: &Digest, origin: &Origin) -> Result<Option<Sealed>> {
    let app = &incoming.app;
    let found = app.db.read_now(|conn| {
        let Some(token) = refresh::store::find(conn, token)? else {
            return Ok(None);
        };
        let family = grants::store::find_family(conn, token.tenant, token.family_id)?;
        let bearer = match family {
            Some(family) => grants::store::find_bearer(conn, token.tenant, family.grant_id)?,
            None => None,
        };
        let Some(bearer) = bearer else {
            return Ok(None);
        };
        let account = accounts::store::find(conn, bearer.account_id)?;
        Ok(account.map(|account| (bearer, account)))
    })?;
    let Some((bearer, account)) = found else {
        return Ok(None);
    };
    let (_, name) = bearer.caller.credential.named();
    let notice = Notice::TokenReuse {
        app: name.unwrap_or_default().to_owned(),
        workspace: bearer.caller.workspace.name.clone(),
        address: origin.address,
        live: bearer.caller.tenant.mode().is_live(),
    };
    mail::draft(app, &account, notice, app.clock.now()).map(Some)
}

fn token_request() -> serde_json::Value {
    serde_json::json!({
        "grant_type": "client_credentials",
        "client_id": "key_01jzkd6v8q9xw2m4n6p8r0t2v4",
        "client_secret": "cdnsk_test_EXAMPLE",
        "scope": "public",
    })
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::open_form::<TokenRequest, _, _>("/oauth/token", FORM_LIMIT_BYTES, strict)
            .named("OAuth", "create_token", "Obtain an access token")
            .describe("`grant_type=authorization_code` and `refresh_token` for apps; `client_credentials` for confidential apps, and with an API key's id as `client_id` and its plaintext as `client_secret`. Form-encoded; the client may also show itself by HTTP Basic. Errors come in the form of RFC 6749. A refresh token is used once; for 30 seconds a lost answer is given again to the same request.")
            .answers::<TokenBody>()
            .example(token_request()),
        Route::open_form::<TokenRequest, _, _>("/oauth2/token", FORM_LIMIT_BYTES, lenient)
            .named("OAuth", "create_token_lenient", "Obtain an access token, also with a JSON body")
            .answers::<TokenBody>()
            .example(token_request()),
    ]
}
