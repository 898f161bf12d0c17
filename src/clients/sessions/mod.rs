//! Client sessions: the devices on which a client uses the app.
//!
//! A session begins with an install link and the consents that joining asks for, or later with a code
//! by mail ([`codes`]), and is a cookie of 256 random bits of which only a digest is kept. It ends after 180 days of silence, by signing
//! out, by the coach, and when the client is archived. A client has up to three; one more ends the
//! one that was silent longest. It ends at the next request, since nothing of it is cached.
//!
//! A session acts as its one client, under `/v1/app/` alone.
//!
//! # Consents
//!
//! What was agreed to is kept with the version of its words and the time, and never overwritten:
//! words that change are a new version, which is asked for again at the next joining. What was taken
//! back and is given again is another row.
//!
//! Invariant: an install link lets in once. What it was used for and the session that it began are
//! in one transaction.

pub mod actions;
pub mod body;
pub mod codes;
pub mod extract;
pub mod routes;
pub mod store;

use crate::access::extract::CLIENT_COOKIES;
use crate::caller::Tenant;
use crate::clock::{DAY_MS, Timestamp};
use crate::ids::{ClientId, ClientSessionId};

/// A session ends when it was silent for so long.
pub const IDLE_MS: i64 = 180 * DAY_MS;
/// Uses are written down no closer than this.
pub const SEEN_EVERY_MS: i64 = DAY_MS;
/// Devices of one client.
pub const MAX_SESSIONS: usize = 3;
/// Characters of a `User-Agent` that are kept.
pub const USER_AGENT_MAX: usize = 300;

/// A session as it is kept.
#[derive(Clone, Debug)]
pub struct ClientSession {
    /// Its id; no secret.
    pub id: ClientSessionId,
    /// Whose it is.
    pub client_id: ClientId,
    /// Where it began.
    pub address: Option<String>,
    /// What it began with.
    pub user_agent: Option<String>,
    /// Its last use, to the day.
    pub last_seen_at: Timestamp,
    /// When it was ended before its time.
    pub revoked_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
}

impl ClientSession {
    /// When it ends if nobody uses it again.
    pub fn expires_at(&self) -> Timestamp {
        self.last_seen_at.plus_ms(IDLE_MS)
    }

    /// Whether it lets anybody in, by the server's time.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at()
    }
}

/// Where a client may go: the tenant, and what the app shows of its workspace.
#[derive(Clone, Debug)]
pub struct Home {
    /// The tenant.
    pub tenant: Tenant,
    /// What the workspace is called.
    pub workspace: String,
    /// Where the workspace is.
    pub timezone: String,
}

/// What joining asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentText {
    /// The name on the wire.
    pub kind: &'static str,
    /// Nobody joins without it.
    pub required: bool,
    /// Changes with the words.
    pub version: &'static str,
    /// What is agreed to, in the words that the page of joining shows.
    pub words: &'static str,
}

/// Everything that joining asks for, in its order.
pub const CONSENTS: &[ConsentText] = &[
    ConsentText {
        kind: "terms",
        required: true,
        version: "2026-06",
        words: "I want to be coached through this app, and I agree that my coach keeps my name, \
                my contact details and what I enter here for that.",
    },
    ConsentText {
        kind: "health_data",
        required: true,
        version: "2026-06",
        words: "I agree that my coach uses what I share about my health, such as weight, \
                injuries, photos and training, to coach me. I can take this back at any time.",
    },
    ConsentText {
        kind: "messages",
        required: false,
        version: "2026-06",
        words: "My coach may also write to me by mail about my training. I can take this back \
                at any time.",
    },
];

impl ConsentText {
    /// The one of a name on the wire.
    pub fn of(kind: &str) -> Option<&'static Self> {
        CONSENTS.iter().find(|text| text.kind == kind)
    }

    /// The consent to it, given at a time.
    pub fn given(&self, at: Timestamp) -> Consent {
        Consent {
            kind: self.kind.to_owned(),
            text_version: self.version.to_owned(),
            given_at: at,
            withdrawn_at: None,
        }
    }
}

/// Whether a kind of consent stands: it was given, and not taken back since.
pub fn stands(consents: &[Consent], kind: &str) -> bool {
    let mut given = consents.iter().filter(|consent| consent.kind == kind);
    given.any(|consent| consent.withdrawn_at.is_none())
}

/// A consent that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The name on the wire.
    pub kind: String,
    /// The version of the words.
    pub text_version: String,
    /// When it was given.
    pub given_at: Timestamp,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
}

/// The header that hands a browser a session.
pub fn set_cookie(value: &str, https: bool) -> String {
    cookie(value, https, IDLE_MS / 1_000)
}

/// The header that takes it away.
pub fn clear_cookie(https: bool) -> String {
    cookie("", https, 0)
}

fn cookie(value: &str, https: bool, seconds: i64) -> String {
    let name = CLIENT_COOKIES[usize::from(!https)];
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}
