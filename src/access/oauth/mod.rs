//! OAuth 2.0: access tokens, and how they are obtained.
//!
//! Tokens are opaque and looked up by digest, like keys: what happens to the credential that
//! obtained one happens to it, on its next use. With `grant_type=client_credentials` an API key is
//! the client: its id the client identifier, its plaintext the secret. The token's scopes are, at
//! each use, its own within its key's; it ends with its key.
//!
//! The endpoints answer in RFC 6749's own form, never in the API's envelope. `/oauth/token` is
//! strict; `/oauth2/token` also takes the same members as a JSON body, since clients of the seed
//! send it so.
//!
//! Invariant: no refresh token is ever issued for client credentials.

pub mod actions;
pub mod error;
pub mod form;
pub mod routes;
pub mod store;

use crate::caller::{Scope, Scopes, Tenant};
use crate::clock::Timestamp;
use crate::ids::KeyId;

/// How long a token of client credentials lives, in seconds.
pub const CLIENT_TOKEN_S: i64 = 43_200;
/// The collective scope of everything that is not about keys, workspace, erasing or logs.
pub const PUBLIC: &str = "public";

/// An access token as it is kept.
#[derive(Debug)]
pub struct AccessToken {
    /// The tenant that it acts for.
    pub tenant: Tenant,
    /// The API key that obtained it.
    pub key_id: KeyId,
    /// What was granted.
    pub scopes: Scopes,
    /// When it ends.
    pub expires_at: Timestamp,
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
