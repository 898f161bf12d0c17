//! `/auth`: setting a server up, signing in and out, sessions, forgotten passwords.
//!
//! These routes have no caller: what a browser may do here depends on the cookie that it brings, if
//! any. Every unsafe one has passed the cross-origin check, and its body came as JSON.

pub mod requests;
pub mod reset;

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use self::requests::{PasswordReset, PasswordResetConfirmation, Reauthentication, SetUp, SignIn};
use self::reset::PasswordResetBody;
use crate::access::accounts::actions::{Proved, wrong_password};
use crate::access::accounts::mail::{self, Notice};
use crate::access::accounts::{self, Account, NewAccount};
use crate::access::extract;
use crate::access::sessions::actions::{self, Draft};
use crate::access::sessions::body::{CurrentSessionBody, SessionBody};
use crate::access::sessions::{
    Dead, Device, Purpose, Session, clear_cookie, expires_at, set_cookie, store,
};
use crate::api::json::read_body;
use crate::api::query::{NoQuery, read_query};
use crate::api::route::{Incoming, Method, Route};
use crate::app::{App, CachedSession};
use crate::caller::{Credential, Origin, WorkspaceSettings};
use crate::config::DEFAULT_PLAN;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::SessionId;
use crate::limits;
use crate::secrets::{Digest, Secret, TokenKind, digest, password};
use crate::values::Email;

/// What somebody who is not signed in may know of this server.
/// A report and no object: it has neither an id nor a `created_at`.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of the answer"
)]
pub struct AuthStatusBody {
    /// Always `auth_status`.
    object: &'static str,
    /// False until the first account was made.
    set_up: bool,
    /// Whether the cookie that was sent is a session's.
    signed_in: bool,
    /// Whether a mail server is set up: without one nobody can be sent a new password.
    mail: bool,
    /// False where somebody on the way could read along: plain http from another computer.
    encrypted: bool,
    /// `serve`, `demo` or `dev`.
    kind: &'static str,
    /// Where people and apps reach the server.
    public_url: String,
    /// Fewest characters of a password.
    password_min_length: usize,
}

fn device(incoming: &Incoming) -> Device {
    Device {
        address: incoming.origin.address,
        user_agent: incoming.head.user_agent.clone(),
    }
}

fn draft(incoming: &Incoming) -> Result<Draft> {
    actions::draft(device(incoming), incoming.origin.at)
}

/// The digest of the cookie that was brought, whatever it is worth.
fn brought(incoming: &Incoming) -> Option<Digest> {
    incoming.head.cookie.as_deref().map(digest)
}

/// The session that asks.
fn current(incoming: &Incoming) -> Result<Arc<CachedSession>> {
    let cookie = incoming.head.cookie.as_deref();
    let cookie = cookie.ok_or_else(|| Error::new(Code::AuthMissing))?;
    extract::session(&incoming.app, cookie)
}

fn nothing_else(incoming: &Incoming) -> Result<()> {
    read_query::<NoQuery>(incoming.head.query.as_deref()).map(drop)
}

/// The answer that hands the browser its new session.
fn signed_in(incoming: &Incoming, status: u16, session: &Session, draft: &Draft) -> Result<Answer> {
    let app = &incoming.app;
    let body = app
        .db
        .read_now(|conn| CurrentSessionBody::of(app, conn, session))?;
    let mut answer = Answer::ok(&body)?;
    answer.status = status;
    if status == 201 {
        answer.location = Some(format!("/auth/sessions/{}", session.id));
    }
    let cookie = set_cookie(draft.cookie.reveal(), incoming.head.https);
    answer.headers.push(("Set-Cookie", cookie));
    Ok(answer)
}

async fn status(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let app = &incoming.app;
    Answer::ok(&AuthStatusBody {
        object: "auth_status",
        set_up: app.db.read_now(accounts::store::exist)?,
        signed_in: current(&incoming).is_ok(),
        mail: app.config.smtp_url.is_some(),
        encrypted: incoming.head.encrypted,
        kind: app.config.kind.name(),
        public_url: app.public_address().url.to_string(),
        password_min_length: password::MIN_CHARACTERS,
    })
}

async fn set_up(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let app = &incoming.app;
    if app.db.read_now(accounts::store::exist)? {
        return Err(Error::new(Code::RouteNotFound));
    }
    let new: SetUp = read_body(&incoming.body)?;
    let link = actions::one_time(&new.token, TokenKind::SetUp)?;
    // Before the hash: a stranger must not have one computed.
    let now = incoming.origin.at;
    let found = app
        .db
        .read_now(|conn| store::find_link(conn, &link, Purpose::SetUp, now))?;
    found.map_err(|dead| dead.refusal(TokenKind::SetUp))?;
    let settings = WorkspaceSettings {
        name: new.name.clone(),
        timezone: new
            .timezone
            .map_or_else(|| "UTC".to_owned(), |zone| zone.as_str().to_owned()),
        units: new.units.unwrap_or("metric").to_owned(),
    };
    let account = NewAccount {
        email: new.email,
        name: new.name,
        password_hash: app.hasher.hash(new.password).await?,
        plan: DEFAULT_PLAN.to_owned(),
    };
    let (draft, origin) = (draft(&incoming)?, Arc::clone(&incoming.origin));
    let (session, draft) = app
        .db
        .write(move |tx| {
            let session =
                accounts::actions::set_up(tx, &origin, &link, &account, &settings, &draft)?;
            Ok((session, draft))
        })
        .await?;
    signed_in(&incoming, 201, &session, &draft)
}

/// What is known of whoever wants to sign in, before the password is looked at.
struct Candidate {
    account: Option<(Account, String)>,
    device: limits::Device,
    /// Known, but never seen from this address: its owner is told.
    is_new_place: bool,
}

/// Everything is read for an address that nobody has, too: the time must not tell.
fn candidate(incoming: &Incoming, email: &Email) -> Result<Candidate> {
    let block = limits::block_text(incoming.origin.address);
    let cookie = brought(incoming);
    incoming.app.db.read_now(|conn| {
        let account = accounts::store::find_by_email(conn, email)?;
        let id = account.as_ref().map_or_else(
            || crate::ids::AccountId::new(incoming.origin.at),
            |account| account.id,
        );
        let hash = accounts::store::password_hash(conn, id)?;
        let been_here = store::has_been_at(conn, id, &block)?;
        let been_anywhere = store::has_any(conn, id)?;
        let session = cookie
            .map(|cookie| store::find_by_digest(conn, &cookie))
            .transpose()?
            .flatten()
            .filter(|session| session.account_id == id);
        let device = match session {
            Some(session) => limits::Device::Session(session.id.to_string()),
            None if been_here => limits::Device::Address,
            None => limits::Device::Unknown,
        };
        Ok(Candidate {
            account: account.zip(hash),
            is_new_place: been_anywhere && device == limits::Device::Unknown,
            device,
        })
    })
}

/// Verifies a password, throttled; the refusal is the same whatever is wrong.
async fn prove(
    incoming: &Incoming,
    email: &Email,
    password: Secret,
) -> Result<(Proved, Candidate)> {
    let app = &incoming.app;
    let origin = &incoming.origin;
    let candidate = candidate(incoming, email)?;
    let attempt = app
        .sign_ins
        .begin(&email.key(), origin.address, &candidate.device, origin.at)?;
    let hash = candidate.account.as_ref().map(|(_, hash)| hash.clone());
    let again = Secret::new(password.reveal().to_owned());
    let right = match app.hasher.verify(password, hash.as_deref()).await {
        Ok(right) => right,
        Err(error) => {
            attempt.taken_back();
            return Err(error);
        }
    };
    let account = candidate
        .account
        .as_ref()
        .filter(|(account, _)| right && account.status == "active");
    let Some((account, hash)) = account else {
        attempt.failed();
        if let Some((account, _)) = &candidate.account {
            note_failure(app, origin, account);
        }
        return Err(wrong_password());
    };
    attempt.succeeded();
    let stronger = if app.hasher.needs_rehash(hash) {
        Some(app.hasher.hash(again).await?)
    } else {
        None
    };
    let proved = Proved {
        account: account.id,
        hash: hash.clone(),
        stronger,
    };
    Ok((proved, candidate))
}

/// Beside the answer: a write before it would tell by its time that the account exists.
fn note_failure(app: &App, origin: &Arc<Origin>, account: &Account) {
    let (app, origin, id) = (app.clone(), Arc::clone(origin), account.id);
    tokio::spawn(async move {
        let noted = app
            .db
            .write_background(move |tx| accounts::actions::note_failure(tx, &origin, id));
        if let Err(error) = noted.await {
            tracing::warn!(?error, "a refused sign-in was not written down");
        }
    });
}

async fn sign_in(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    sign_in_with(&incoming).await
}

/// Signs somebody in with what a body says, whatever page it came from.
pub(crate) async fn sign_in_with(incoming: &Incoming) -> Result<Answer> {
    let request: SignIn = read_body(&incoming.body)?;
    let (app, origin) = (incoming.app.clone(), Arc::clone(&incoming.origin));
    let (draft, brought) = (draft(incoming)?, brought(incoming));
    let (session, draft) = match request {
        SignIn {
            email: Some(email),
            password: Some(password),
            ..
        } => {
            let (proved, candidate) = prove(incoming, &email, password).await?;
            let notice = match &candidate.account {
                Some((account, _)) if candidate.is_new_place => {
                    let what = "A new device signed in";
                    Some(security(incoming, account, what)?)
                }
                Some(_) | None => None,
            };
            app.db
                .write(move |tx| {
                    let (brought, notice) = (brought.as_ref(), notice.as_ref());
                    let session =
                        accounts::actions::sign_in(tx, &origin, &proved, &draft, brought, notice)?;
                    Ok((session, draft))
                })
                .await?
        }
        SignIn { token, .. } => {
            let kind = TokenKind::SignIn;
            let token = token.filter(|_| app.config.allows_sign_in_links());
            let token = token.ok_or_else(|| Dead::Unknown.refusal(kind))?;
            let link = actions::one_time(&token, kind)?;
            app.db
                .write(move |tx| {
                    let brought = brought.as_ref();
                    let session =
                        accounts::actions::sign_in_by_link(tx, &origin, &link, &draft, brought)?;
                    Ok((session, draft))
                })
                .await?
        }
    };
    signed_in(incoming, 201, &session, &draft)
}

/// A mail to an account about what was done from this device.
fn security(
    incoming: &Incoming,
    account: &Account,
    what: &'static str,
) -> Result<crate::outbox::account::actions::Sealed> {
    let device = device(incoming);
    let notice = Notice::Security {
        what,
        address: device.address,
        user_agent: device.user_agent,
    };
    mail::draft(&incoming.app, account, notice, incoming.origin.at)
}

async fn list(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let current = current(&incoming)?;
    let (app, now) = (&incoming.app, incoming.origin.at);
    let sessions = app
        .db
        .read_now(|conn| store::of_account(conn, current.account_id))?;
    let live = sessions.iter().filter(|session| {
        let pending = app.session_uses.pending(session.id);
        let seen = pending.map_or(session.last_seen_at, |at| at.max(session.last_seen_at));
        expires_at(session.created_at, seen) > now
    });
    let data: Vec<SessionBody> = live
        .map(|session| SessionBody::of(app, session, Some(current.id)))
        .collect();
    Answer::ok(&json!({
        "object": "list",
        "data": data,
        "has_more": false,
        "next_cursor": null,
        "url": incoming.head.path,
    }))
}

async fn get_current(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let current = current(&incoming)?;
    let app = &incoming.app;
    app.db.read_now(|conn| {
        let session = store::find(conn, current.account_id, current.id)?;
        let session = session.ok_or_else(|| Error::new(Code::AuthRevoked))?;
        Answer::ok(&CurrentSessionBody::of(app, conn, &session)?)
    })
}

/// Signing out is possible with whatever is left of a session: it takes the cookie away in any case.
async fn end_current(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let (app, origin) = (&incoming.app, Arc::clone(&incoming.origin));
    if let Ok(current) = current(&incoming) {
        app.db
            .write(move |tx| {
                let (account, id) = (current.account_id, current.id);
                actions::end(tx, &origin, account, id, "session.ended")
            })
            .await?;
    }
    let mut answer = Answer::no_content();
    let gone = clear_cookie(incoming.head.https);
    answer.headers.push(("Set-Cookie", gone));
    let forget = "\"cookies\", \"storage\"".to_owned();
    answer.headers.push(("Clear-Site-Data", forget));
    Ok(answer)
}

async fn end_one(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let current = current(&incoming)?;
    let parameters = &incoming.head.parameters;
    let named = parameters.iter().find(|(name, _)| name == "session_id");
    let id = named
        .and_then(|(_, id)| SessionId::parse(id))
        .ok_or_else(Error::not_found)?;
    if id == current.id {
        return end_current(incoming).await;
    }
    recently(&current, &incoming)?;
    let (app, origin) = (&incoming.app, Arc::clone(&incoming.origin));
    app.db
        .write(move |tx| {
            let account = current.account_id;
            actions::end(tx, &origin, account, id, "session.revoked")
        })
        .await?;
    Ok(Answer::no_content())
}

/// Refuses who has not entered the password within the last five minutes.
fn recently(current: &CachedSession, incoming: &Incoming) -> Result<()> {
    let credential: Option<&Credential> =
        current.callers.first().map(|(_, test, _)| &test.credential);
    let credential = credential.ok_or_else(|| Error::bug("a session has no workspace"))?;
    credential.recently_authenticated(incoming.origin.at)
}

async fn reauthenticate(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let current = current(&incoming)?;
    let request: Reauthentication = read_body(&incoming.body)?;
    let app = &incoming.app;
    let account = app
        .db
        .read_now(|conn| accounts::store::find(conn, current.account_id))?;
    let account = account.ok_or_else(|| Error::new(Code::AuthRevoked))?;
    let email = Email::parse(&account.email).map_err(Error::internal)?;
    let (proved, _) = prove(&incoming, &email, request.password).await?;
    let (draft, origin) = (draft(&incoming)?, Arc::clone(&incoming.origin));
    let brought = brought(&incoming).ok_or_else(|| Error::new(Code::AuthMissing))?;
    let (session, draft) = app
        .db
        .write(move |tx| {
            let session =
                accounts::actions::reauthenticate(tx, &origin, &proved, &draft, &brought)?;
            Ok((session, draft))
        })
        .await?;
    signed_in(&incoming, 200, &session, &draft)
}

/// Codes of routes that need a session.
const WITH_SESSION: &[Code] = &[Code::AuthMissing, Code::AuthInvalid, Code::AuthRevoked];

/// The routes of signing in.
pub fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::auth(Method::GET, "/auth/status", status)
            .named("Signing in", "get_auth_status", "What somebody who is not signed in may know")
            .answers::<AuthStatusBody>(),
        Route::auth(Method::POST, "/auth/setup", set_up)
            .named("Signing in", "set_up", "Make the first account of a server")
            .describe("With the one-time link that `cadence serve` prints as long as there is no account (`cadence setup-link` prints a new one; the older ends). Signs in. Once an account exists: 404.")
            .takes::<SetUp>()
            .creates::<CurrentSessionBody>()
            .codes(&[Code::AuthInvalid, Code::RouteNotFound])
            .example(json!({
                "token": "cdnsu_EXAMPLE",
                "name": "North Street Strength",
                "email": "coach@example.com",
                "password": "an olive tractor drives home",
                "timezone": "Europe/Lisbon",
                "units": "metric",
            })),
        Route::auth(Method::POST, "/auth/sessions", sign_in)
            .named("Signing in", "sign_in", "Sign in")
            .describe("The cookie is `__Host-cadence` where the browser used https and `cadence` on plain http. A wrong password and an unknown address get the same answer, in the same time. Five wrong passwords are free for an account and address, then the wait doubles from 1 second to 15 minutes.")
            .takes::<SignIn>()
            .creates::<CurrentSessionBody>()
            .codes(&[Code::AuthInvalid, Code::RateLimited])
            .example(json!({ "email": "coach@example.com", "password": "an olive tractor drives home" })),
        Route::auth(Method::POST, "/auth/sessions/current/reauthenticate", reauthenticate)
            .named("Signing in", "reauthenticate", "Enter the password again")
            .describe("For what is sensitive, which is refused with 403 `reauth_required` more than five minutes after the last entry. The session gets a new id and cookie; the old one ends.")
            .takes::<Reauthentication>()
            .answers::<CurrentSessionBody>()
            .codes(&[Code::AuthMissing, Code::AuthInvalid, Code::AuthRevoked, Code::RateLimited])
            .example(json!({ "password": "an olive tractor drives home" })),
    ];
    routes.extend(session_routes());
    routes
}

fn session_routes() -> [Route; 6] {
    [
        Route::auth(Method::GET, "/auth/sessions", list)
            .named("Signing in", "list_sessions", "List the account's sessions")
            .lists::<SessionBody>()
            .codes(WITH_SESSION),
        Route::auth(Method::GET, "/auth/sessions/current", get_current)
            .named("Signing in", "get_session", "Who is signed in")
            .answers::<CurrentSessionBody>()
            .codes(WITH_SESSION),
        Route::auth(Method::DELETE, "/auth/sessions/current", end_current)
            .named("Signing in", "sign_out", "Sign out")
            .describe("Without a session too: the cookie and what the browser has stored go in any case."),
        Route::auth(Method::DELETE, "/auth/sessions/{session_id}", end_one)
            .named("Signing in", "revoke_session", "End a session")
            .describe("Its next request is refused with 401 `auth_revoked`. Another than the current one needs a password entry of the last five minutes.")
            .codes(&[Code::AuthMissing, Code::AuthInvalid, Code::AuthRevoked, Code::ReauthRequired]),
        Route::auth(Method::POST, "/auth/password-resets", reset::ask)
            .named("Signing in", "ask_password_reset", "Ask for the link of a forgotten password")
            .describe("The same answer for every address. The link goes by mail, works once and for 30 minutes. At most three an hour are sent to one account.")
            .takes::<PasswordReset>()
            .begins::<PasswordResetBody>()
            .example(json!({ "email": "coach@example.com" })),
        Route::auth(Method::POST, "/auth/password-resets/confirm", reset::confirm)
            .named("Signing in", "confirm_password_reset", "Set a new password by that link")
            .describe("Ends every session of the account and every other link; signs nobody in.")
            .takes::<PasswordResetConfirmation>()
            .answers::<PasswordResetBody>()
            .codes(&[Code::AuthInvalid])
            .example(json!({ "token": "cdnpr_EXAMPLE", "password": "an olive tractor drives home" })),
    ]
}
