//! How much an account may call: windows per account and mode, and a guard per address.
//!
//! # The account limit
//!
//! A fixed window of an hour opens with the account's first request; all keys, tokens and
//! workspaces of the account count together, test and live apart. Above the limit the burst is
//! still served, since the limit is advisory; past both a request is refused, and refusals cost
//! nothing. A test window follows its tenant's clock.
//!
//! Windows are in memory and written every few seconds and at shutdown, so a restart hands out no
//! free window. One that was evicted is read back. A clock that steps backward opens a new window
//! rather than lock anybody out; a database that cannot be read lets the request through.
//!
//! # The address guard
//!
//! An address that sends 600 requests a minute without an accepted credential is refused with 429.
//!
//! # Sessions
//!
//! A session neither counts nor is refused by the account limit; it has 1,200 requests a minute of
//! its own. Wrong passwords are held up by [`SignInGuard`].

pub mod actions;
pub mod store;
mod address;
mod streams;
mod throttle;
mod windows;

use std::collections::HashMap;

pub use address::{AddressGuard, Connections, FailureGuard, SessionGuard};
pub use streams::{EXPORTS_PER_TENANT, STREAMS_PER_TENANT, StreamPlace, Streams};
pub use throttle::{Attempt, Device, SignInGuard, block_text};
pub use windows::Limits;

use crate::caller::{Mode, Plan};
use crate::clock::{HOUR_MS, SECOND_MS, Timestamp};
use crate::error::{Code, Error};
use crate::ids::{AccountId, KeyId};

/// The name of the policy, as the headers give it.
pub const POLICY: &str = "hour";
/// The length of a window.
pub const WINDOW_MS: i64 = HOUR_MS;
/// Keys named in a refusal.
const TOP_KEYS: usize = 3;

/// The part of the limit at which the account is told, in percent.
const WARN_PERCENT: u64 = 80;

/// At so many requests the account is told.
fn warn_at(limit: u32) -> u64 {
    (u64::from(limit) * WARN_PERCENT).div_ceil(100)
}

/// Whose window it is.
pub type Owner = (AccountId, Mode);

/// A window as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// When its first request came.
    pub opened_at: Timestamp,
    /// Requests served in it.
    pub used: u32,
    /// Whether the account was told that it nears its limit.
    pub warned: bool,
    /// Requests by key; not written.
    by_key: HashMap<KeyId, u32>,
    dirty: bool,
}

impl Window {
    fn open(at: Timestamp) -> Self {
        Self {
            opened_at: at,
            used: 0,
            warned: false,
            by_key: HashMap::new(),
            dirty: false,
        }
    }

    /// A window as it was written.
    pub(crate) fn kept(opened_at: Timestamp, used: u32, warned: bool) -> Self {
        Self {
            used,
            warned,
            ..Self::open(opened_at)
        }
    }

    /// Where it stands under a plan; none where the plan has no limit.
    pub fn standing(&self, plan: &Plan, now: Timestamp) -> Option<Standing> {
        windows::allowance(plan).map(|allowance| standing(self, allowance, now, true))
    }

    fn covers(&self, now: Timestamp) -> bool {
        (0..WINDOW_MS).contains(&now.since_ms(self.opened_at))
    }

    fn top_keys(&self) -> Vec<(KeyId, u32)> {
        let mut keys: Vec<(KeyId, u32)> = self.by_key.iter().map(|(k, n)| (*k, *n)).collect();
        keys.sort_by_key(|(key, used)| (std::cmp::Reverse(*used), *key));
        keys.truncate(TOP_KEYS);
        keys
    }
}

/// Where an account stands: what the headers tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Requests of a window.
    pub limit: u32,
    /// What is served above it.
    pub burst: u32,
    /// Requests served in this window.
    pub used: u32,
    /// When the window ends; from then on the next request opens a new one.
    pub reset_at: Timestamp,
    /// Milliseconds until then.
    pub reset_in_ms: i64,
    /// The keys that used most.
    pub top_keys: Vec<(KeyId, u32)>,
}

impl Standing {
    /// Whether so much is used that the account is told.
    pub fn is_near(&self) -> bool {
        u64::from(self.used) >= warn_at(self.limit)
    }

    /// Requests left before the burst begins.
    pub fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    /// At so many requests of a window the account is told that it nears its limit.
    pub fn warn_at(&self) -> u32 {
        u32::try_from(warn_at(self.limit)).unwrap_or(u32::MAX)
    }

    /// Whole seconds until the window ends, rounded up: waiting so long is enough.
    pub fn reset_in_s(&self) -> i64 {
        self.reset_in_ms.max(0).saturating_add(SECOND_MS - 1) / SECOND_MS
    }

    /// The Unix time at which the window has ended, in whole seconds, rounded up.
    pub fn reset_at_s(&self) -> i64 {
        self.reset_at.plus_ms(SECOND_MS - 1).as_seconds()
    }

    /// The refusal of a request past limit and burst.
    pub fn refusal(&self) -> Error {
        let message = format!(
            "The account's limit of {} requests an hour and the burst of {} are used up. The window ends at {}.",
            self.limit, self.burst, self.reset_at
        );
        let keys: Vec<serde_json::Value> = self
            .top_keys
            .iter()
            .map(|(key, used)| serde_json::json!({ "key_id": key.to_string(), "requests": used }))
            .collect();
        let seconds = u32::try_from(self.reset_in_s().max(1)).unwrap_or(u32::MAX);
        Error::with(Code::RateLimited, message)
            .extra("policy", POLICY)
            .extra("limit", self.limit)
            .extra("burst", self.burst)
            .extra("reset_at", self.reset_at.to_string())
            .extra("top_keys", keys)
            .retry_after(seconds)
    }
}

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub struct Counted {
    /// Where the account stands now.
    pub standing: Standing,
    /// False: past limit and burst.
    pub allowed: bool,
    /// True for the one request that took the account to 80 %: when this window opened.
    pub crossed: Option<Timestamp>,
}

fn standing(window: &Window, (limit, burst): (u32, u32), now: Timestamp, top: bool) -> Standing {
    let reset_at = window.opened_at.plus_ms(WINDOW_MS);
    Standing {
        limit,
        burst,
        used: window.used,
        reset_at,
        reset_in_ms: reset_at.since_ms(now),
        top_keys: if top { window.top_keys() } else { Vec::new() },
    }
}
