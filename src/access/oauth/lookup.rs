//! From an access token to the caller that it is.
//!
//! What a token may do is worked out anew whenever it is read: its own scopes within those of all
//! that it stands on. What ends any of that ends the token.

use super::{AccessToken, Holder, apps, grants, is_for, store};
use crate::access::api_keys;
use crate::app::Standing;
use crate::caller::{Caller, Credential, Scopes};
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::db::Reader;
use crate::error::{Error, Result};
use crate::secrets::Digest;

/// A token with the caller that it is.
#[derive(Debug)]
pub struct Found {
    /// The token.
    pub token: AccessToken,
    /// Who it is, with what it may do and until when.
    pub caller: Caller,
    /// What can be said against it.
    pub standing: Standing,
}

/// What a token stands on.
struct Base {
    caller: Caller,
    standing: Standing,
    scopes: Scopes,
    ends_at: Option<Timestamp>,
}

/// The token that a digest stands for, whosever it is; none if there is none or it is for another
/// server.
pub fn find(conn: &Reader, digest: &Digest, here: &PublicUrl) -> Result<Option<Found>> {
    let Some(token) = store::find(conn, digest)? else {
        return Ok(None);
    };
    let base = match token.holder {
        Holder::Key(_) => of_key(conn, &token)?,
        Holder::App { .. } => of_app(conn, &token)?,
        Holder::Family(_) => of_family(conn, &token, here)?,
    };
    Ok(base.map(|base| {
        let ends = [base.ends_at, base.caller.expires_at];
        let ends = ends
            .into_iter()
            .flatten()
            .fold(token.expires_at, Timestamp::min);
        let caller = Caller {
            scopes: token.scopes.within(base.scopes),
            expires_at: Some(ends),
            ..base.caller
        };
        let standing = Standing {
            revoked: base.standing.revoked || token.revoked_at.is_some(),
            ..base.standing
        };
        Found {
            token,
            caller,
            standing,
        }
    }))
}

fn of_key(conn: &Reader, token: &AccessToken) -> Result<Option<Base>> {
    let Holder::Key(key_id) = token.holder else {
        return Ok(None);
    };
    let found = api_keys::store::find_credential_by_id(conn, token.tenant, key_id)?;
    let Some((key, standing)) = found else {
        return Ok(None);
    };
    let Credential::ApiKey { id, name } = key.credential else {
        return Err(Error::bug("a token was not obtained by a key"));
    };
    let scopes = key.scopes;
    let caller = Caller {
        credential: Credential::AccessToken { key_id: id, name },
        ..key
    };
    Ok(Some(Base {
        caller,
        standing,
        scopes,
        ends_at: None,
    }))
}

fn of_app(conn: &Reader, token: &AccessToken) -> Result<Option<Base>> {
    let Holder::App { id, secret_number } = token.holder else {
        return Ok(None);
    };
    let Some((app, caller, mut standing)) = apps::store::find_itself(conn, token.tenant, id)?
    else {
        return Ok(None);
    };
    let ends = app.secret_ends(secret_number);
    standing.revoked |= ends.is_none();
    let scopes = caller.scopes;
    Ok(Some(Base {
        caller,
        standing,
        scopes,
        ends_at: ends.flatten(),
    }))
}

fn of_family(conn: &Reader, token: &AccessToken, here: &PublicUrl) -> Result<Option<Base>> {
    let Holder::Family(id) = token.holder else {
        return Ok(None);
    };
    let Some(family) = grants::store::find_family(conn, token.tenant, id)? else {
        return Ok(None);
    };
    if !is_for(family.resource.as_deref(), here) {
        return Ok(None);
    }
    let bearer = grants::store::find_bearer(conn, token.tenant, family.grant_id)?;
    Ok(bearer.map(|bearer| Base {
        scopes: family.scopes.within(bearer.caller.scopes),
        standing: Standing {
            revoked: bearer.standing.revoked || family.revoked_at.is_some(),
            ..bearer.standing
        },
        caller: bearer.caller,
        ends_at: Some(family.expires_at),
    }))
}
