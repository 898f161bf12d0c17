//! From a request's head to a caller.
//!
//! A credential is looked at only in `Authorization`: as Bearer, or as Basic with the key's id as
//! user and the key as password. A wrong checksum is refused without a read; a right one is looked
//! up by digest, in memory first. What may end a credential at any moment (time, address, grace)
//! is checked against the clock at every use; what somebody did to it moves the epoch of the
//! credentials, which makes every older entry a miss.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{api_keys, oauth};
use crate::app::{App, CachedCredential, Rotated, Use};
use crate::caller::{Caller, Credential};
use crate::clock::Timestamp;
use crate::db::Topic;
use crate::error::{Code, Error, Result};
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
    let found = app.db.read_now(|conn| {
        if kind == TokenKind::Access {
            let found = oauth::lookup::find(conn, digest, &app.config.public_url)?;
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
