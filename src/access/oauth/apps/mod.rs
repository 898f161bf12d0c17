//! Apps: programs of others that act for coaches.
//!
//! # Life
//!
//! An app is registered in a workspace and a mode, and has that mode for good: a test app never
//! obtains a live token. It is changed, its secret is replaced, and it is deleted, which ends every
//! token that it holds on the next request. Deleting it leaves its row, so that what it did can
//! still be named; to everybody else it is gone.
//!
//! # Who may do what
//!
//! Sessions, and API keys with `workspace:write`; never an app. Whoever registers or changes an app
//! must hold every scope of it and must not be bound in time or to addresses, since an app is not.
//!
//! A **confidential** app has a secret, which is shown once and kept as a digest; it may also use
//! client credentials, for the workspace that registered it. A **public** app cannot keep a secret
//! and has none.

pub mod actions;
pub mod body;
pub mod routes;
pub mod store;

use utoipa::ToSchema;

use crate::api::json::Patch;
use crate::caller::{Scope, Scopes, Tenant};
use crate::clock::Timestamp;
use crate::ids::AppId;
use crate::secrets::Digest;

/// The most apps of a workspace in a mode.
pub const MAX_APPS: u32 = 100;
/// The most redirect URIs of an app.
pub const MAX_REDIRECTS: usize = 20;
/// The longest that a replaced secret goes on working, in seconds: seven days.
pub const MAX_GRACE_S: i64 = 604_800;

/// Whether an app can keep a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientType {
    /// It runs where its user can read it: a browser, a phone, a command line.
    Public,
    /// It runs on a server.
    Confidential,
}

impl ClientType {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("public", Self::Public),
        ("confidential", Self::Confidential),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Confidential => "confidential",
        }
    }

    /// The grants that such an app may use.
    pub fn grant_types(self) -> &'static [&'static str] {
        match self {
            Self::Public => &["authorization_code", "refresh_token"],
            Self::Confidential => &["authorization_code", "refresh_token", "client_credentials"],
        }
    }
}

/// The secret of a confidential app, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppSecret {
    /// Which of the app's secrets it is, beginning with 1.
    pub number: i64,
    /// What it is known by.
    pub digest: Digest,
    /// `…` and the last four characters.
    pub hint: String,
    /// The secret before it, and until when that works.
    pub former: Option<(Digest, Timestamp)>,
}

/// An app as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthApp {
    /// Its id, which is its client identifier.
    pub id: AppId,
    /// The workspace that registered it, in the app's mode.
    pub tenant: Tenant,
    /// What it is called.
    pub name: String,
    /// Whether it can keep a secret.
    pub client_type: ClientType,
    /// Its home page.
    pub client_uri: Option<String>,
    /// Where coaches may be sent back to.
    pub redirect_uris: Vec<String>,
    /// The most that it may ask for.
    pub scopes: Scopes,
    /// Of a confidential app.
    pub secret: Option<AppSecret>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// How often it was changed, beginning with 1.
    pub version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl OAuthApp {
    /// Which of its secrets has this digest, if it works at this time.
    pub fn secret_number(&self, shown: &Digest, now: Timestamp) -> Option<i64> {
        let secret = self.secret.as_ref()?;
        // Both are compared, whatever the first finds.
        let is_current = secret.digest.ct_eq(shown);
        let is_former = secret
            .former
            .as_ref()
            .is_some_and(|(digest, works_until)| digest.ct_eq(shown) && *works_until > now);
        if is_current {
            Some(secret.number)
        } else {
            is_former.then_some(secret.number - 1)
        }
    }
}

impl OAuthApp {
    /// When the secret of a number ends: never, at a time, or it has.
    pub fn secret_ends(&self, number: i64) -> Option<Option<Timestamp>> {
        let secret = self.secret.as_ref()?;
        if number == secret.number {
            return Some(None);
        }
        let former = secret.former.as_ref();
        let former = former.filter(|_| number + 1 == secret.number);
        former.map(|(_, works_until)| Some(*works_until))
    }
}

/// The scopes of an app that names none.
pub fn default_scopes(own: Scopes) -> Scopes {
    Scope::ALL
        .iter()
        .copied()
        .filter(|scope| scope.is_public() && own.allow(*scope))
        .collect()
}

/// What an app is made of.
#[derive(Clone, Debug, ToSchema)]
pub struct NewApp {
    /// 1 to 100 characters; coaches read it when they consent.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// `public` or `confidential`.
    #[schema(value_type = String)]
    pub client_type: ClientType,
    /// 1 to 20 addresses; what is asked for must be one of them to the byte, but for the port of a
    /// loopback address.
    #[schema(min_items = 1, max_items = 20)]
    pub redirect_uris: Vec<String>,
    /// The most that it may ask for; what `public` means for the caller if left out.
    #[schema(value_type = Option<Vec<String>>, min_items = 1)]
    pub scopes: Option<Scopes>,
    /// Its home page, `https://…`.
    pub client_uri: Option<String>,
}

/// What a PATCH changes of an app; what is left out stays, `null` empties.
#[derive(Clone, Debug, ToSchema)]
pub struct AppPatch {
    /// 1 to 100 characters.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// 1 to 20 addresses.
    #[schema(value_type = Vec<String>, required = false, min_items = 1, max_items = 20)]
    pub redirect_uris: Option<Vec<String>>,
    /// The most that it may ask for; tokens that have more lose it on the next request.
    #[schema(value_type = Vec<String>, required = false, min_items = 1)]
    pub scopes: Option<Scopes>,
    /// Its home page.
    #[schema(value_type = Option<String>)]
    pub client_uri: Patch<String>,
}
