//! The test inbox: a receiver that every test tenant has, to look at deliveries in.
//!
//! Its address is one of this server's own. A test webhook may name it, and what is sent there never
//! leaves the process: the dispatcher hands it over. It keeps headers and body, says whether the
//! signature is valid, and answers as it is told: well, with an error, too slowly, or that it is gone.
//! Live tenants have none.

pub mod store;
pub mod actions;
pub mod routes;

use crate::app::App;
use crate::clock::Timestamp;
use crate::ids::{EventId, InboxMessageId, WebhookId};

/// Where it is, below the public address.
pub const PATH: &str = "/v1/test/inbox";
/// What it keeps of a tenant: the oldest make room.
pub const MESSAGES_KEPT: u32 = 500;

/// What it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// 200.
    Ok,
    /// 500.
    Error,
    /// Nothing, for longer than a delivery waits.
    Slow,
    /// 410: the webhook is disabled.
    Gone,
}

impl Mood {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("ok", Self::Ok),
        ("error", Self::Error),
        ("slow", Self::Slow),
        ("gone", Self::Gone),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Slow => "slow",
            Self::Gone => "gone",
        }
    }

    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        let found = Self::CHOICES.iter().find(|(name, _)| *name == text);
        found.map(|(_, mood)| *mood)
    }

    /// The status that it answers; 0 stands for none in time.
    pub fn status(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::Error => 500,
            Self::Slow => 0,
            Self::Gone => 410,
        }
    }
}

/// What it received.
#[derive(Clone, Debug)]
pub struct InboxMessage {
    /// The id.
    pub id: InboxMessageId,
    /// Who sent it.
    pub webhook_id: WebhookId,
    /// The event: its `webhook-id`.
    pub event_id: EventId,
    /// The event's type.
    pub event_type: String,
    /// The headers, in the order in which they were sent.
    pub headers: Vec<(String, String)>,
    /// The body as it was sent.
    pub body: String,
    /// True if one of the signatures is that of the webhook's secret.
    pub valid: bool,
    /// What it answered; 0 for nothing in time.
    pub answered: u16,
    /// When.
    pub created_at: Timestamp,
}

/// The address of the inbox.
pub fn url(app: &App) -> String {
    format!("{}{PATH}", app.public_address().url)
}

/// Whether an address means the inbox.
pub fn is_inbox(app: &App, text: &str) -> bool {
    text == url(app)
}
