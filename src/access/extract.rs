//! From a request's head to a caller.
//!
//! A credential is looked at only in `Authorization`: as Bearer, or as Basic with the key's id as
//! user and the key as password. A wrong checksum is refused without a read; a right one is looked
//! up by digest, in memory first. What may end a credential at any moment (time, address, grace)
//! is checked against the clock at every use; what somebody did to it moves the epoch of the
//! credentials, which makes every older entry a miss.
//!
//! Where there is no `Authorization` header a session counts: the cookie that fits the scheme that the
//! browser used. It is looked up by digest as well, kept under the same epoch, and judged by the
//! server's clock. A session is its account in one of the account's workspaces and modes, which the
//! request names: see [`place`].

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, COOKIE, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::sessions::{self, SEEN_EVERY_MS, Session, store::Place};
use super::{accounts, api_keys, oauth};
use crate::app::{App, CachedCredential, CachedSession, Rotated, Use};
use crate::caller::{Caller, Credential, Mode, Principal, Scopes};
use crate::clock::Timestamp;
use crate::config::RunKind;
use crate::db::{Reader, Topic};
use crate::error::{Code, Error, Result};
use crate::ids::WorkspaceId;
use crate::secrets::{Digest, TokenKind, Unrecognised, digest, recognise};

/// An accepted credential.
#[derive(Debug)]
pub struct Accepted {
    /// Who it is.
    pub caller: Arc<Caller>,
    /// Set if the credential has a successor and works for a while yet.
    pub deprecated: Option<Rotated>,
}

/// A credential that was not accepted.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub error: Error,
    /// Set if the key rotated itself within the last minutes: it may ask for that one answer again.
    pub rotated_itself: Option<Arc<Caller>>,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self {
            error,
            rotated_itself: None,
        }
    }
}

/// What a request shows to get in.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    token: String,
    /// Basic also names the key.
    user: Option<String>,
}

impl Shown {
    /// What a client of the token endpoint shows: a key by its id and its plaintext.
    pub fn client(id: String, secret: String) -> Self {
        Self {
            token: secret,
            user: Some(id),
        }
    }
}

/// Reads the credential out of a head; none if none was sent.
pub fn shown(headers: &HeaderMap) -> Result<Option<Shown>> {
    let mut values = headers.get_all(AUTHORIZATION);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Error::new(Code::AmbiguousCredentials));
    }
    let text = value
        .to_str()
        .ok()
        .ok_or_else(|| invalid("unknown", None))?
        .trim();
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim_start();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Some(Shown {
            token: rest.to_owned(),
            user: None,
        }));
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = STANDARD
            .decode(rest)
            .ok()
            .ok_or_else(|| invalid("unknown", None))?;
        let decoded = String::from_utf8(decoded)
            .ok()
            .ok_or_else(|| invalid("unknown", None))?;
        let (user, password) = decoded
            .split_once(':')
            .ok_or_else(|| invalid("unknown", None))?;
        let (token, user) = (password.to_owned(), Some(user.to_owned()));
        return Ok(Some(Shown { token, user }));
    }
    Err(invalid("unknown", None))
}

/// Finds out who shows a credential, and whether it is accepted now and from here.
pub async fn authenticate(
    app: &App,
    shown: &Shown,
    address: Option<IpAddr>,
) -> Result<Accepted, Refused> {
    let kind = recognise(&shown.token).map_err(|unrecognised| match unrecognised {
        Unrecognised::Unknown => invalid("unknown", None),
        Unrecognised::Checksum(kind) => invalid("checksum", Some(kind)),
    })?;
    let is_credential = matches!(
        kind,
        TokenKind::KeyTest | TokenKind::KeyLive | TokenKind::Access
    );
    if !is_credential {
        return Err(invalid("unknown", Some(kind)).into());
    }
    if kind == TokenKind::Access && shown.user.is_some() {
        // Basic is for keys: a token has no id of its own to go with.
        return Err(invalid("unknown", Some(kind)).into());
    }
    if shown.token == api_keys::SANDBOX_KEY && app.config.kind != RunKind::Dev {
        // Everybody knows it: not even a database that holds its digest may let it in.
        return Err(invalid("unknown", Some(kind)).into());
    }
    let digest = digest(&shown.token);
    let cached = if let Some(cached) = recall(app, &digest) {
        cached
    } else {
        let loaded = load(app, kind, &digest)?.ok_or_else(|| invalid("unknown", Some(kind)))?;
        remember(app, digest, loaded)
    };
    let caller = Arc::clone(&cached.caller);
    if shown
        .user
        .as_ref()
        .is_some_and(|user| !names(user, &caller.credential))
    {
        return Err(invalid("unknown", Some(kind)).into());
    }
    let now = app.clock.now_of(&caller.tenant);
    judge(&cached, kind, now)?;
    let here = address.is_none_or(|address| caller.allows_address(address));
    // What is refused for its address is no use: it must not end the key that waits for one.
    if let Some(id) = caller.credential.key_id().filter(|_| here) {
        if cached.standing.first_use_awaited {
            let tenant = caller.tenant;
            app.db
                .write(move |tx| api_keys::actions::note_first_use(tx, tenant, id, now))
                .await?;
        }
        app.uses.note(Use {
            tenant: caller.tenant,
            key: id,
            at: now,
            address,
        });
    }
    if let Credential::AppToken {
        grant_id: Some(id), ..
    } = caller.credential
    {
        app.grant_uses.note(caller.tenant, id, now);
    }
    Ok(Accepted {
        caller,
        deprecated: cached.standing.rotated,
    })
}

/// The entry in memory, if no credential was changed since it was read.
fn recall(app: &App, digest: &Digest) -> Option<Arc<CachedCredential>> {
    let epoch = app.db.epoch(Topic::Credentials);
    app.credentials
        .get(digest)
        .filter(|cached| cached.epoch == epoch)
}

/// Reads a credential. The epoch is read first: a change that commits meanwhile outdates the entry.
pub fn load(app: &App, kind: TokenKind, digest: &Digest) -> Result<Option<CachedCredential>> {
    let epoch = app.db.epoch(Topic::Credentials);
    let here = app.public_address();
    let found = app.db.read_now(|conn| {
        if kind == TokenKind::Access {
            let found = oauth::lookup::find(conn, digest, &here.url)?;
            Ok(found.map(|found| (found.caller, found.standing)))
        } else {
            api_keys::store::find_credential(conn, digest)
        }
    })?;
    Ok(found.map(|(caller, standing)| CachedCredential {
        epoch,
        caller: Arc::new(caller),
        standing,
    }))
}

/// Keeps a credential in memory.
pub fn remember(app: &App, digest: Digest, loaded: CachedCredential) -> Arc<CachedCredential> {
    let loaded = Arc::new(loaded);
    app.credentials.insert(digest, Arc::clone(&loaded));
    loaded
}

fn names(user: &str, credential: &Credential) -> bool {
    credential.key_id().is_some_and(|id| id.to_string() == user)
}

fn judge(cached: &CachedCredential, kind: TokenKind, now: Timestamp) -> Result<(), Refused> {
    let standing = &cached.standing;
    if standing.revoked {
        return Err(revoked(kind).into());
    }
    if let Some(rotated) = standing.rotated
        && rotated.works_until <= now
    {
        let recent = now.since_ms(rotated.at) <= api_keys::SELF_ROTATION_REPLAY_MS;
        // The key itself alone: a token that it obtained may be over by its own time, and would
        // be given the plaintext of the new key.
        let itself = kind != TokenKind::Access && rotated.by_itself;
        let rotated_itself =
            (itself && recent && !standing.disabled).then(|| Arc::clone(&cached.caller));
        return Err(Refused {
            error: Error::new(Code::AuthRotating),
            rotated_itself,
        });
    }
    if standing.disabled {
        return Err(invalid("disabled", Some(kind)).into());
    }
    if cached.caller.expires_at.is_some_and(|end| end <= now) {
        return Err(invalid("expired", Some(kind)).into());
    }
    Ok(())
}

fn revoked(kind: TokenKind) -> Error {
    if kind == TokenKind::Access {
        let message = "The access token, or what it stands on, has been revoked.";
        return Error::with(Code::AuthRevoked, message);
    }
    Error::new(Code::AuthRevoked)
}

/// The refusal of a credential, with the reason and the kind of credential that was seen.
fn invalid(reason: &'static str, kind: Option<TokenKind>) -> Error {
    let seen = kind.map_or("unknown", TokenKind::name);
    let message = match reason {
        "checksum" => "The credential is mistyped: its checksum is wrong.",
        "expired" => "The credential has expired.",
        "disabled" => "The credential is disabled.",
        _ => "The credential is not known here.",
    };
    Error::with(Code::AuthInvalid, message)
        .extra("reason", reason)
        .extra("credential", seen)
}

/// The names of a client's cookie, by the scheme: where the browser used https, and on plain http,
/// where browsers drop the first.
pub const CLIENT_COOKIES: [&str; 2] = ["__Host-cadence-client", "cadence-client"];

/// The names of the cookie of a browser that asked for a code by mail, by the scheme as above.
pub const CODE_COOKIES: [&str; 2] = ["__Host-cadence-code", "cadence-code"];

/// The cookies of a head that have one of our names: whether there is any, and the value of the one
/// that fits the scheme that the browser used.
#[derive(Debug, Default)]
pub struct Cookies {
    /// Whether there is any of ours.
    pub any: bool,
    /// The value of the one of a coach's session that counts.
    pub session: Option<String>,
    /// The same of a client's.
    pub client: Option<String>,
    /// The same of a browser that asked for a code by mail.
    pub code: Option<String>,
}

/// Reads the cookies. Two of the one that counts are refused: a neighbouring host may have set one.
pub fn cookies(headers: &HeaderMap, https: bool) -> Result<Cookies> {
    let mut found = Cookies::default();
    for line in headers.get_all(COOKIE) {
        // What is no text is none of ours.
        let Ok(line) = line.to_str() else { continue };
        for pair in line.split(';') {
            let Some((name, value)) = pair.trim().split_once('=') else {
                continue;
            };
            let (wanted, place) = if CLIENT_COOKIES.contains(&name) {
                (CLIENT_COOKIES[usize::from(!https)], &mut found.client)
            } else if CODE_COOKIES.contains(&name) {
                (CODE_COOKIES[usize::from(!https)], &mut found.code)
            } else if [sessions::SECURE_COOKIE, sessions::PLAIN_COOKIE].contains(&name) {
                (sessions::cookie_name(https), &mut found.session)
            } else {
                continue;
            };
            found.any = true;
            if name != wanted || value.is_empty() {
                continue;
            }
            if place.replace(value.to_owned()).is_some() {
                return Err(Error::new(Code::AmbiguousCredentials));
            }
        }
    }
    Ok(found)
}

/// Finds out whose session a cookie is, and whether it may be used now.
pub fn session(app: &App, cookie: &str) -> Result<Arc<CachedSession>> {
    let kind = recognise(cookie).map_err(|unrecognised| match unrecognised {
        Unrecognised::Unknown => invalid("unknown", Some(TokenKind::Session)),
        Unrecognised::Checksum(_) => invalid("checksum", Some(TokenKind::Session)),
    })?;
    if kind != TokenKind::Session {
        return Err(invalid("unknown", Some(kind)));
    }
    let digest = digest(cookie);
    let epoch = app.db.epoch(Topic::Credentials);
    let known = app.sessions.get(&digest);
    let cached = if let Some(cached) = known.filter(|cached| cached.epoch == epoch) {
        cached
    } else {
        let loaded = app
            .db
            .read_now(|conn| load_session(app, conn, &digest, epoch))?;
        let loaded = Arc::new(loaded.ok_or_else(|| invalid("unknown", Some(kind)))?);
        app.sessions.insert(digest, Arc::clone(&loaded));
        loaded
    };
    if cached.revoked {
        let message = "The session was ended. Sign in again.";
        return Err(Error::with(Code::AuthRevoked, message));
    }
    let (now, seen) = (app.clock.now(), cached.last_seen_at());
    if sessions::expires_at(cached.created_at, seen) <= now {
        return Err(invalid("expired", Some(kind)));
    }
    if now.since_ms(seen) >= SEEN_EVERY_MS {
        let ms = now.as_ms();
        cached
            .last_seen_ms
            .fetch_max(ms, std::sync::atomic::Ordering::AcqRel);
        app.session_uses.note(cached.id, now);
    }
    Ok(cached)
}

/// Reads a session. The epoch was read first: a change that commits meanwhile outdates the entry.
fn load_session(
    app: &App,
    conn: &Reader,
    digest: &Digest,
    epoch: u64,
) -> Result<Option<CachedSession>> {
    let Some(session) = sessions::store::find_by_digest(conn, digest)? else {
        return Ok(None);
    };
    let Some(account) = accounts::store::find(conn, session.account_id)? else {
        return Ok(None);
    };
    let places = sessions::store::places(conn, account.id)?;
    let callers = places
        .iter()
        .map(|place| {
            let of = |mode| Arc::new(session_caller(&session, &account, place, mode));
            (place.workspace_id, of(Mode::Test), of(Mode::Live))
        })
        .collect();
    // A use that is not written yet counts.
    let pending = app.session_uses.pending(session.id);
    let seen = pending.map_or(session.last_seen_at, |at| at.max(session.last_seen_at));
    Ok(Some(CachedSession {
        epoch,
        id: session.id,
        account_id: account.id,
        created_at: session.created_at,
        last_seen_ms: seen.as_ms().into(),
        revoked: session.revoked_at.is_some() || account.status != "active",
        callers,
    }))
}

fn session_caller(
    session: &Session,
    account: &accounts::Account,
    place: &Place,
    mode: Mode,
) -> Caller {
    Caller {
        account_id: account.id,
        workspace_id: place.workspace_id,
        workspace: place.settings.clone(),
        tenant: match mode {
            Mode::Test => place.test,
            Mode::Live => place.live,
        },
        test_tenant: place.test,
        principal: Principal::Coach,
        credential: Credential::Session {
            id: session.id,
            authenticated_at: session.authenticated_at,
        },
        scopes: Scopes::all(),
        allowed_ips: None,
        // What it makes may outlive it: it is a person, and not a grant.
        expires_at: None,
        plan: account.plan.clone(),
    }
}

/// The header that names a session's workspace.
pub const WORKSPACE_HEADER: &str = "Cadence-Workspace";
/// The header that names its mode.
pub const MODE_HEADER: &str = "Cadence-Mode";

/// The workspace and mode that a request of a session names, as sent.
#[derive(Debug, Default)]
pub struct Named {
    /// `Cadence-Workspace`, or `workspace` of a GET's query.
    pub workspace: Option<String>,
    /// `Cadence-Mode`, or `mode` of a GET's query.
    pub mode: Option<String>,
}

/// The caller that a session is in the place that its request names.
///
/// Where the route does not care, what is not named is the account's first workspace in live mode.
pub fn place(session: &CachedSession, named: &Named, optional: bool) -> Result<Arc<Caller>> {
    let missing =
        |name: &str, words: &str| Error::parameter(Code::InvalidParameter, name, words.to_owned());
    let found = match &named.workspace {
        Some(text) => {
            let id = WorkspaceId::parse(text);
            let found = session
                .callers
                .iter()
                .find(|(other, ..)| Some(*other) == id);
            found.ok_or_else(|| Error::new(Code::AuthForbidden))?
        }
        None if optional => session
            .callers
            .first()
            .ok_or_else(|| Error::new(Code::AuthForbidden))?,
        None => {
            let words = "A session names its workspace in the header Cadence-Workspace, or on a GET as `?workspace=`.";
            return Err(missing(WORKSPACE_HEADER, words));
        }
    };
    let mode = match named.mode.as_deref() {
        Some(text) => Mode::parse(text)
            .ok_or_else(|| missing(MODE_HEADER, "The mode is `test` or `live`."))?,
        None if optional => Mode::Live,
        None => {
            let words = "A session names its mode, `test` or `live`, in the header Cadence-Mode, or on a GET as `?mode=`.";
            return Err(missing(MODE_HEADER, words));
        }
    };
    let (_, test, live) = found;
    Ok(Arc::clone(match mode {
        Mode::Test => test,
        Mode::Live => live,
    }))
}
