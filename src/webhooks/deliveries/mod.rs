//! Deliveries: one event on its way to one webhook, and how each try went.
//!
//! `pending` → `delivered`, or `failed` after its last try; `cancelled` where its webhook was disabled
//! first. A retry or a replay makes it `pending` again, with its schedule from the start; its number
//! and the event's id stay, so a receiver knows it again.
//!
//! `endpoint_sequence` is dense per webhook: a receiver that saw 7 and 9 has missed 8. The events'
//! own `sequence` cannot tell, since a webhook is told of some only.

pub mod store;
pub mod body;
pub mod actions;
pub mod routes;

use crate::clock::Timestamp;
use crate::ids::{DeliveryId, EventId, WebhookId};

/// So much of an answer's body is kept.
pub const ANSWER_MAX_BYTES: usize = 4 * 1024;

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It waits, or is under way.
    Pending,
    /// The receiver took it.
    Delivered,
    /// It was tried for the last time.
    Failed,
    /// Its webhook was disabled.
    Cancelled,
}

impl Status {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("pending", Self::Pending),
        ("delivered", Self::Delivered),
        ("failed", Self::Failed),
        ("cancelled", Self::Cancelled),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        let found = Self::CHOICES.iter().find(|(name, _)| *name == text);
        found.map(|(_, status)| *status)
    }
}

/// A delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The id.
    pub id: DeliveryId,
    /// Where it goes.
    pub webhook_id: WebhookId,
    /// Its number among the webhook's.
    pub endpoint_sequence: i64,
    /// The event's number in the log.
    pub event_sequence: i64,
    /// The event.
    pub event_id: EventId,
    /// The event's type.
    pub event_type: String,
    /// How it stands.
    pub status: Status,
    /// Tries that were made.
    pub attempts: u32,
    /// Tries that count: a probe before its time does not.
    pub tries: u32,
    /// When it is tried next.
    pub next_try_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered 2xx.
    Delivered,
    /// It answered something else.
    Refused,
    /// It did not answer in time.
    Timeout,
    /// Its name has no address.
    Unresolved,
    /// Nobody took the connection.
    Unreachable,
    /// No encrypted connection came about.
    Tls,
    /// The connection broke off.
    Broken,
    /// The address may not be called.
    Blocked,
    /// The event is no longer kept.
    Gone,
}

impl Outcome {
    /// The names on the wire.
    pub const ALL: &[(&'static str, Self)] = &[
        ("delivered", Self::Delivered),
        ("refused", Self::Refused),
        ("timeout", Self::Timeout),
        ("unresolved", Self::Unresolved),
        ("unreachable", Self::Unreachable),
        ("tls", Self::Tls),
        ("broken", Self::Broken),
        ("blocked", Self::Blocked),
        ("gone", Self::Gone),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, outcome)| *outcome == self);
        found.map_or("", |(name, _)| name)
    }
}

/// One try.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When it began, by the tenant's clock.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// Why there was none.
    pub detail: Option<String>,
    /// How the answer's body began, where that may be shown.
    pub answer: Option<String>,
    /// True if there was more of it.
    pub answer_truncated: bool,
    /// How long the receiver asks us to wait.
    pub retry_after_ms: Option<i64>,
}

impl Attempt {
    /// True if the failure was the receiver's, whatever it was sent.
    pub fn is_unreached(&self) -> bool {
        match self.outcome {
            Outcome::Unresolved | Outcome::Unreachable | Outcome::Tls | Outcome::Blocked => true,
            Outcome::Refused => matches!(self.status, Some(429 | 502 | 503 | 504)),
            Outcome::Delivered | Outcome::Timeout | Outcome::Broken | Outcome::Gone => false,
        }
    }
}

/// A try of a delivery, with what is decided before it is written.
#[derive(Debug)]
pub struct Tried {
    /// The delivery as it was when it was taken.
    pub delivery: Delivery,
    /// How it went.
    pub attempt: Attempt,
    /// Decides where in its fifth the next gap lies.
    pub jitter: u8,
}
