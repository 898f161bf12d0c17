//! Requests that were answered, gathered in memory until the background writes them.
//!
//! Two things are gathered. **Entries**: one for each authenticated request, with what of its bodies
//! may be kept ([`redact`]). **Counts**: how many requests each key made to each route in an hour,
//! and how they ended; these are complete even where entries are not.
//!
//! A request never waits for it. Each thread has a part of its own, so that two requests do not
//! wait for one another either; what is gathered is bounded, and where a server answers more in a
//! second than the bounds hold, entries are left out, failures last, and their number is logged.
//!
//! Nothing secret gets this far: bodies are redacted before they are gathered.

mod gather;
pub mod redact;

use std::net::IpAddr;
use std::sync::Arc;

pub use gather::{Batch, RequestLog};

use crate::caller::{Caller, Credential, Tenant};
use crate::clock::Timestamp;
use crate::error::Code;
use crate::idempotency::Answer;
use crate::ids::{KeyId, RequestId};
use crate::limits::Standing;
use redact::Kept;

/// Entries are kept for so many days where nothing else is set.
pub const DEFAULT_DAYS: u32 = 7;
/// So many entries are kept where nothing else is set.
pub const DEFAULT_ROWS: u32 = 100_000;

/// What names a credential: its kind, its id, its name.
pub fn who(credential: &Credential) -> (&'static str, Option<String>, Option<&str>) {
    let (id, name) = credential.named();
    (credential.kind(), id, name)
}

/// A request as it is told to who watches: any, of an accepted credential or not.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Line {
    /// The request.
    pub id: RequestId,
    /// The status of its answer.
    pub status: u16,
    /// The method.
    pub method: String,
    /// The path, without credentials.
    pub path: String,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// The kind of credential, if one was accepted.
    pub caller: Option<&'static str>,
    /// Its name.
    pub name: Option<String>,
    /// The code of what went wrong.
    pub code: Option<&'static str>,
}

/// What is counted of a request.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// Who asked.
    pub caller: &'a Arc<Caller>,
    /// The tenant's time at which it came.
    pub created_at: Timestamp,
    /// The method, if it is one that any route has.
    pub method: Option<&'static str>,
    /// The path of its route with parameters in braces; none where no route was found.
    pub route: Option<&'static str>,
    /// The status of its answer.
    pub status: u16,
}

/// What else is kept of it.
#[derive(Debug)]
pub struct Details<'a> {
    /// The request.
    pub id: RequestId,
    /// The server's time at which it came.
    pub received_at: Timestamp,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// The method as sent.
    pub method: &'a str,
    /// The path as sent.
    pub path: &'a str,
    /// The query string as sent.
    pub query: Option<&'a str>,
    /// The media type of its body.
    pub content_type: Option<&'a str>,
    /// What the caller calls itself.
    pub user_agent: Option<&'a str>,
    /// The idempotency key that it carried.
    pub idempotency_key: Option<&'a str>,
    /// The address that it came from.
    pub address: Option<IpAddr>,
    /// Its body, as far as it was read.
    pub body: &'a [u8],
    /// Where the account's limit stood.
    pub standing: Option<&'a Standing>,
    /// The answer.
    pub answer: &'a Answer,
    /// What went wrong, if that is known by a code.
    pub code: Option<Code>,
}

/// Which bodies of a request are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bodies {
    /// Both, without secrets.
    Kept,
    /// Both, but of each value its type and length alone.
    Masked,
    /// None.
    NotKept,
}

impl Bodies {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("kept", Self::Kept),
        ("masked", Self::Masked),
        ("not_kept", Self::NotKept),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Masked => "masked",
            Self::NotKept => "not_kept",
        }
    }
}

/// Where the account's limit stood at a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitState {
    /// Requests of a window.
    pub limit: u32,
    /// Requests left before the burst.
    pub remaining: u32,
    /// When the window ends.
    pub reset_at: Timestamp,
}

/// A request as it is kept.
#[derive(Debug)]
pub struct Entry {
    /// The request.
    pub id: RequestId,
    /// Who asked.
    pub caller: Arc<Caller>,
    /// The server's time at which it came.
    pub received_at: Timestamp,
    /// The tenant's.
    pub created_at: Timestamp,
    /// The method.
    pub method: String,
    /// The path, without credentials.
    pub path: String,
    /// The query, without secrets.
    pub query: Option<String>,
    /// The path of its route.
    pub route: Option<&'static str>,
    /// The status of its answer.
    pub status: u16,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// The code of what went wrong.
    pub code: Option<String>,
    /// The address that it came from.
    pub address: Option<IpAddr>,
    /// What the caller calls itself.
    pub user_agent: Option<String>,
    /// The idempotency key that it carried.
    pub idempotency_key: Option<String>,
    /// True if its answer was a saved one.
    pub replayed: bool,
    /// Where the account's limit stood.
    pub limit: Option<LimitState>,
    /// Which bodies are kept.
    pub bodies: Bodies,
    /// The media type of its body.
    pub content_type: Option<String>,
    /// Its body.
    pub body: Option<Kept>,
    /// The media type of its answer.
    pub answer_type: Option<&'static str>,
    /// The answer's body.
    pub answer: Option<Kept>,
}

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Counted {
    /// The tenant.
    pub tenant: Tenant,
    /// The key that was used; none for a person at the dashboard.
    pub key: Option<KeyId>,
    /// The hour, counted from 1970 by the tenant's clock.
    pub hour: i64,
    /// The method, if any route has it.
    pub method: Option<&'static str>,
    /// The path of the route, if there was one.
    pub route: Option<&'static str>,
}

/// How requests ended. Each is counted once in `requests` and once in one of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// All of them.
    pub requests: u64,
    /// Answered with a status below 400.
    pub succeeded: u64,
    /// Answered with 400 to 499, other than 429.
    pub client_errors: u64,
    /// Answered with 500 and above.
    pub server_errors: u64,
    /// Answered with 429.
    pub rate_limited: u64,
}

impl Counts {
    /// One request that ended with this status.
    pub fn one(status: u16) -> Self {
        let mut counts = Self {
            requests: 1,
            ..Self::default()
        };
        let of_its_kind = match status {
            ..400 => &mut counts.succeeded,
            429 => &mut counts.rate_limited,
            400..500 => &mut counts.client_errors,
            500.. => &mut counts.server_errors,
        };
        *of_its_kind = 1;
        counts
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.succeeded += other.succeeded;
        self.client_errors += other.client_errors;
        self.server_errors += other.server_errors;
        self.rate_limited += other.rate_limited;
    }
}
