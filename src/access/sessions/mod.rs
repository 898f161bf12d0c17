//! Sessions: people who are signed in.
//!
//! A session begins with a password, a set-up link or (demo and sandbox only) a sign-in link, and is
//! a cookie of 256 random bits of which only a digest is kept. It ends after 7 days of silence, 30
//! days after it began, by signing out, by being revoked from another device, or with the password:
//! a new password ends every session of its account. One that ended is refused at the next request;
//! its row stays until 30 days after its beginning, so that the refusal can say why.
//!
//! A session acts as its account in one of the account's workspaces and modes, which each request
//! names, and holds every scope. It neither counts against the account's limit nor is refused by it.
//! What is sensitive needs a password entry of the last five minutes, which gives the session a new
//! id: the old one ends.
//!
//! Invariant: an id that was sent before signing in never becomes a session; each sign-in draws one.

pub mod actions;
pub mod body;
pub mod origin;
pub mod routes;
pub mod store;

use crate::clock::{DAY_MS, MINUTE_MS, Timestamp};
use crate::ids::{AccountId, SessionId};

/// A session ends when it was silent for so long.
pub const IDLE_MS: i64 = 7 * DAY_MS;
/// A session ends so long after it began, whatever happens.
pub const ABSOLUTE_MS: i64 = 30 * DAY_MS;
/// How long the link of a set-up, a sign-in or a reset works.
pub const LINK_MS: i64 = 30 * MINUTE_MS;
/// Sessions that an account may have; one more ends the one that was silent longest.
pub const MAX_SESSIONS: u32 = 100;
/// Uses are written down no closer than this.
pub const SEEN_EVERY_MS: i64 = MINUTE_MS;
/// Characters of a `User-Agent` that are kept.
pub const USER_AGENT_MAX: usize = 300;

/// The cookie's name where the browser used https.
pub const SECURE_COOKIE: &str = "__Host-cadence";
/// The cookie's name on plain http, where browsers drop the other.
pub const PLAIN_COOKIE: &str = "cadence";

/// A session as it is kept.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id; no secret.
    pub id: SessionId,
    /// Who is signed in.
    pub account_id: AccountId,
    /// Where it signed in.
    pub address: Option<String>,
    /// What it signed in with.
    pub user_agent: Option<String>,
    /// The last entry of the password.
    pub authenticated_at: Timestamp,
    /// Its last use, as far as it is written.
    pub last_seen_at: Timestamp,
    /// When it was ended before its time.
    pub revoked_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
}

impl Session {
    /// When it ends if nobody uses it again.
    pub fn expires_at(&self) -> Timestamp {
        expires_at(self.created_at, self.last_seen_at)
    }
}

/// When a session ends if nobody uses it again.
pub fn expires_at(created_at: Timestamp, last_seen_at: Timestamp) -> Timestamp {
    let absolute = created_at.plus_ms(ABSOLUTE_MS);
    absolute.min(last_seen_at.plus_ms(IDLE_MS))
}

/// The name of the cookie by the scheme that the browser used.
pub fn cookie_name(https: bool) -> &'static str {
    if https { SECURE_COOKIE } else { PLAIN_COOKIE }
}

/// The header that hands the browser a session.
pub fn set_cookie(value: &str, https: bool) -> String {
    let seconds = ABSOLUTE_MS / 1_000;
    cookie(value, https, seconds)
}

/// The header that takes it away.
pub fn clear_cookie(https: bool) -> String {
    cookie("", https, 0)
}

fn cookie(value: &str, https: bool, seconds: i64) -> String {
    let name = cookie_name(https);
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// Where and with what somebody signs in.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// The address.
    pub address: Option<std::net::IpAddr>,
    /// What calls itself so.
    pub user_agent: Option<String>,
}

/// Why a one-time link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dead {
    /// Nobody knows it: it never was, was used, or was replaced by a newer one.
    Unknown,
    /// Its time is over.
    Expired,
}

/// What a one-time link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To make the owner of a fresh server.
    SetUp,
    /// To sign in to the demo or the sandbox.
    SignIn,
}

impl Purpose {
    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::SignIn => "sign_in",
        }
    }
}
