//! OAuth 2.0: access tokens, and how they are obtained.
//!
//! Tokens are opaque and looked up by digest, like keys: what happens to the credential that
//! obtained one happens to it, on its next use. There are two kinds of client:
//!
//! - an **API key**, with `grant_type=client_credentials` alone: its id is the client identifier,
//!   its plaintext the secret. The token's scopes are, at each use, its own within its key's; it
//!   ends with its key;
//! - an **app** ([`apps`]), on behalf of a coach who consented ([`grants`], [`codes`], [`refresh`]),
//!   and, if it can keep a secret, for itself.
//!
//! The endpoints answer in RFC 6749's own form, never in the API's envelope. `/oauth/token` is
//! strict; `/oauth2/token` also takes the same members as a JSON body, since clients of the seed
//! send it so.
//!
//! Invariant: no refresh token is ever issued for client credentials.

pub mod actions;
pub mod apps;
pub mod authorize;
pub mod body;
pub mod codes;
pub mod error;
pub mod form;
pub mod grants;
pub mod lookup;
pub mod redirect;
pub mod refresh;
pub mod routes;
pub mod store;

use crate::caller::{Scope, Scopes, Tenant};
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::ids::{AppId, FamilyId, KeyId};
use error::{OAuthCode, Refusal};

/// How long a token of client credentials lives, in seconds.
pub const CLIENT_TOKEN_S: i64 = 43_200;
/// The collective scope of everything that is not about keys, workspace, erasing or logs.
pub const PUBLIC: &str = "public";

/// Who obtained an access token: what ends them ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// An API key, by client credentials.
    Key(KeyId),
    /// An app for itself, by client credentials.
    App {
        /// The app.
        id: AppId,
        /// Which of its secrets it showed.
        secret_number: i64,
    },
    /// An app on behalf of a coach.
    Family(FamilyId),
}

/// An access token as it is kept.
#[derive(Debug)]
pub struct AccessToken {
    /// The tenant that it acts for.
    pub tenant: Tenant,
    /// Who obtained it.
    pub holder: Holder,
    /// What was granted.
    pub scopes: Scopes,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was issued.
    pub created_at: Timestamp,
}

/// The issuer: the public address, where tokens may be sent there at all.
///
/// Over plain http anybody on the way could take them, so there it is off but on this computer.
pub fn issuer(public_url: &PublicUrl) -> Option<&str> {
    let safe = public_url.is_https() || public_url.is_loopback();
    safe.then(|| public_url.as_str())
}

/// Why there is no issuer.
pub const NO_ISSUER: &str = "OAuth is off: the public address of this server is plain http. Set public_url to an https address.";

/// A resource indicator as it is compared: scheme and host in lower case, no lone slash at the end.
fn canonical(resource: &str) -> Option<String> {
    let (scheme, rest) = resource.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = if path == "/" { "" } else { path };
    let sound = !authority.is_empty() && !resource.contains('#');
    sound.then(|| {
        let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
        format!("{scheme}://{authority}{path}")
    })
}

/// The audience of a token: of what is asked for, what is known and was granted (RFC 8707).
pub fn resource_of(
    asked: &[String],
    known: &str,
    granted: Option<&str>,
) -> Result<Option<String>, Refusal> {
    let known = canonical(known);
    let sound = asked.iter().all(|resource| {
        let resource = canonical(resource);
        let is_granted = granted.is_none_or(|granted| resource.as_deref() == Some(granted));
        resource.is_some() && resource == known && is_granted
    });
    if !sound {
        let words = "The resource is not one of this server, or not one that was granted.";
        return Err(Refusal::new(OAuthCode::InvalidTarget, words));
    }
    if asked.is_empty() {
        return Ok(granted.map(str::to_owned));
    }
    Ok(known)
}

/// Whether a token for this audience may be used here.
pub fn is_for(resource: Option<&str>, public_url: &PublicUrl) -> bool {
    resource.is_none_or(|resource| canonical(public_url.as_str()).as_deref() == Some(resource))
}

/// What a scope parameter asks for of a client that holds `own`; `None` if that is refused.
pub fn granted(asked: Option<&str>, own: Scopes) -> Option<Scopes> {
    let Some(asked) = asked else {
        return Some(own);
    };
    let mut granted = Vec::new();
    for name in asked.split(' ').filter(|name| !name.is_empty()) {
        if name == PUBLIC {
            granted.extend(own.iter().filter(|scope| scope.is_public()));
        } else {
            granted.push(Scope::parse(name).filter(|scope| own.allow(*scope))?);
        }
    }
    (!granted.is_empty()).then(|| granted.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_compared_with_scheme_and_host_in_lower_case() {
        let known = "https://coach.example";
        let of = |asked: &str| resource_of(&[asked.to_owned()], known, None);
        for same in [
            "https://coach.example",
            "https://coach.example/",
            "HTTPS://Coach.Example/",
        ] {
            assert_eq!(of(same).ok().flatten().as_deref(), Some(known), "{same}");
        }
        for other in [
            "coach.example",
            "https://coach.example/v1",
            "https://coach.example//",
            "https://coach.example#x",
            "http://coach.example",
            "https://coach.example.evil.example",
            "https://",
        ] {
            assert!(of(other).is_err(), "{other}");
        }
        let both = [known.to_owned(), "https://other.example".to_owned()];
        assert!(resource_of(&both, known, None).is_err());
        assert!(resource_of(&[known.to_owned()], known, Some("https://old.example")).is_err());
        assert_eq!(
            resource_of(&[], known, Some(known))
                .ok()
                .flatten()
                .as_deref(),
            Some(known)
        );
    }

    #[test]
    fn public_means_the_clients_own_scopes_within_the_public_set() {
        let own = Scopes::from_text("clients:read keys:write");

        let public = granted(Some("public"), own).map(Scopes::to_text);
        assert_eq!(public.as_deref(), Some("clients:read"));
        assert_eq!(granted(None, own), Some(own));
        assert_eq!(
            granted(Some("keys:read"), own)
                .map(Scopes::to_text)
                .as_deref(),
            Some("keys:read")
        );
        assert_eq!(granted(Some("clients:write"), own), None);
        assert_eq!(granted(Some("openid"), own), None);
        assert_eq!(
            granted(Some("public"), Scopes::from_text("keys:write")),
            None
        );
        assert_eq!(granted(Some("  "), own), None);
    }
}
