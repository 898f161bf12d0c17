//! API keys: how a server calls the API for one workspace in one mode.
//!
//! # Life
//!
//! A key is `active` until it is `disabled` (reversibly), `revoked` (for good), past its expiry, or
//! rotated. A rotated key stays `rotating` for good: it works until `works_until`, then it is
//! refused with `auth_rotating`. Its successor is a key of its own that names it as `rotated_from`.
//!
//! # Who may do what
//!
//! Managing keys needs `keys:write`, and whoever makes, changes or rotates a key must hold every
//! scope of the resulting key, live no shorter and be usable from no fewer addresses: a key cannot
//! work its way to more. That is asked of a replay, too: the saved answer to somebody else's create or
//! rotate holds a plaintext, and the feed of events tells under which idempotency key it is found.
//! A test caller knows test keys only; a live caller manages both modes.
//!
//! Invariant: the plaintext exists in one answer. What is kept is its SHA-256 and its last four
//! characters.

pub mod actions;
pub mod body;
pub mod routes;
pub mod store;

use utoipa::ToSchema;

use crate::api::json::Patch;
use crate::caller::{Mode, Scopes, Tenant};
use crate::clock::{DAY_MS, Timestamp};
use crate::ids::KeyId;
use crate::values::AddressRange;

/// The one key of `cadence dev`: it is in the documentation, so that what is pasted works. Everything
/// else refuses it, whatever its database holds.
pub const SANDBOX_KEY: &str = "cdnsk_test_CadenceDevSandboxKeyNotASecret2RkUMg";

/// The most keys of a workspace that are neither revoked nor replaced.
pub const MAX_KEYS: u32 = 1_000;
/// The longest grace of a rotated key, in seconds: seven days.
pub const MAX_GRACE_S: i64 = 604_800;
/// The grace of `retire: "after"` where none is given, in seconds: a day.
pub const DEFAULT_AFTER_GRACE_S: i64 = 86_400;
/// The grace of `retire: "on_first_use"` where none is given, in seconds: an hour.
pub const DEFAULT_FIRST_USE_GRACE_S: i64 = 3_600;
/// A key that waits for its successor's first use is refused after so long in any case.
pub const FIRST_USE_LIMIT_MS: i64 = 7 * DAY_MS;
/// For so long a key that rotated itself may ask for that answer again.
pub const SELF_ROTATION_REPLAY_MS: i64 = 10 * crate::clock::MINUTE_MS;

/// An API key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// Its workspace in its mode.
    pub tenant: Tenant,
    /// `…` and the last four characters of its plaintext.
    pub hint: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it may do; none is everything, later scopes included.
    pub scopes: Option<Scopes>,
    /// The addresses it may be used from; none is anywhere.
    pub allowed_ips: Option<Vec<AddressRange>>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was switched off.
    pub disabled_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was replaced.
    pub rotated_at: Option<Timestamp>,
    /// Of a replaced key: it is refused from here on.
    pub works_until: Option<Timestamp>,
    /// The key that it replaces.
    pub rotated_from: Option<KeyId>,
    /// The last use that was written.
    pub last_used_at: Option<Timestamp>,
    /// From where that was.
    pub last_used_ip: Option<String>,
    /// How often it was changed, beginning with 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What can be said of a key at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It works.
    Active,
    /// It was replaced.
    Rotating,
    /// It was switched off.
    Disabled,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl Status {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("active", Self::Active),
        ("rotating", Self::Rotating),
        ("disabled", Self::Disabled),
        ("expired", Self::Expired),
        ("revoked", Self::Revoked),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Rotating => "rotating",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl ApiKey {
    /// The status at a time of the key's tenant.
    pub fn status(&self, now: Timestamp) -> Status {
        if self.revoked_at.is_some() {
            Status::Revoked
        } else if self.rotated_at.is_some() {
            Status::Rotating
        } else if self.disabled_at.is_some() {
            Status::Disabled
        } else if self.expires_at.is_some_and(|end| end <= now) {
            Status::Expired
        } else {
            Status::Active
        }
    }

    /// What it may do.
    pub fn effective_scopes(&self) -> Scopes {
        self.scopes.unwrap_or_else(Scopes::all)
    }

    /// What it may do, for how long and from where.
    pub fn reach(&self) -> Reach<'_> {
        Reach {
            scopes: self.effective_scopes(),
            expires_at: self.expires_at,
            allowed_ips: self.allowed_ips.as_deref(),
        }
    }
}

/// What a key may do, for how long and from where.
#[derive(Debug)]
pub struct Reach<'k> {
    scopes: Scopes,
    expires_at: Option<Timestamp>,
    allowed_ips: Option<&'k [AddressRange]>,
}

/// What a key is made of.
#[derive(Clone, Debug, ToSchema)]
pub struct NewKey {
    /// 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What it is for; up to 1,000 characters.
    #[schema(max_length = 1_000)]
    pub description: Option<String>,
    /// `test` or `live`; the caller's own mode if left out.
    #[schema(value_type = Option<String>)]
    pub mode: Option<Mode>,
    /// Names of scopes; every scope if left out.
    #[schema(value_type = Option<Vec<String>>, min_items = 1)]
    pub scopes: Option<Scopes>,
    /// When it ends by itself; never if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Up to 50 addresses and CIDR blocks that it may be used from; anywhere if left out.
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 50)]
    pub allowed_ips: Option<Vec<AddressRange>>,
}

impl NewKey {
    /// What it would be able to do.
    pub fn reach(&self) -> Reach<'_> {
        Reach {
            scopes: self.scopes.unwrap_or_else(Scopes::all),
            expires_at: self.expires_at,
            allowed_ips: self.allowed_ips.as_deref(),
        }
    }
}

/// What a PATCH changes of a key; what is left out stays, `null` empties.
#[derive(Clone, Debug, ToSchema)]
pub struct KeyPatch {
    /// 1 to 200 characters.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Up to 1,000 characters.
    #[schema(value_type = Option<String>, max_length = 1_000)]
    pub description: Patch<String>,
    /// Names of scopes; `null` is every scope.
    #[schema(value_type = Option<Vec<String>>, min_items = 1)]
    pub scopes: Patch<Scopes>,
    /// When it ends by itself; `null` is never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Patch<Timestamp>,
    /// Addresses and CIDR blocks; `null` is anywhere.
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 50)]
    pub allowed_ips: Patch<Vec<AddressRange>>,
}

/// When a replaced key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retire {
    /// At once.
    Now,
    /// After a grace, in milliseconds.
    After(i64),
    /// A grace after its successor's first use, in milliseconds; after seven days in any case.
    OnFirstUse(i64),
}
