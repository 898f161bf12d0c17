//! Outgoing mail: rows that are written with the change they tell of.
//!
//! A mail is a template and what it is filled with, sealed, since that may hold a link; it is
//! rendered when it is shown or sent. Nothing is sent from a transaction, and in test mode nothing
//! is ever sent at all: the outbox is where it can be read.
//!
//! Mail to an account rather than to a tenant's people is kept apart: see [`account`].
//!
//! `queued` → `sent` | `bounced`; `held` waits for a person ("send or drop"); `off` never leaves.

mod letter;
mod to_client;
pub mod account;
pub mod actions;
pub mod routes;
pub mod store;
pub mod templates;

use std::time::Duration;

use crate::app::App;
use crate::clock::{HOUR_MS, MINUTE_MS, Timestamp};
use crate::config::Config;
use crate::ids::MailId;
use crate::jobs::{Kind, PLAIN};

/// The job that sends a mail of a tenant. It is tried for about two days.
///
/// Its destination is the recipient's domain: a mail server that hangs on one keeps the places of
/// that one.
pub const SEND: Kind = Kind {
    name: "mail.send",
    leaves: true,
    at_once: 4,
    at_once_in_all: 16,
    timeout: Duration::from_mins(5),
    pauses_ms: &[
        10 * 1_000,
        MINUTE_MS,
        5 * MINUTE_MS,
        15 * MINUTE_MS,
        HOUR_MS,
        2 * HOUR_MS,
        4 * HOUR_MS,
        8 * HOUR_MS,
        12 * HOUR_MS,
        20 * HOUR_MS,
    ],
    ..PLAIN
};

/// With whom the job of a mail speaks: the domain of the address.
pub fn destination(recipient: &str) -> String {
    let domain = recipient.rsplit('@').next().unwrap_or_default();
    format!("mail:{}", domain.to_lowercase())
}

/// What becomes of a mail, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailStatus {
    /// It leaves as soon as the mail server takes it.
    Queued,
    /// It left.
    Sent,
    /// It waits until somebody sends or drops it.
    Held,
    /// It never leaves.
    Off,
    /// The mail server refused it for good.
    Bounced,
    /// Somebody dropped it, or its time was over.
    Dropped,
}

impl MailStatus {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("queued", Self::Queued),
        ("sent", Self::Sent),
        ("held", Self::Held),
        ("off", Self::Off),
        ("bounced", Self::Bounced),
        ("dropped", Self::Dropped),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Held => "held",
            Self::Off => "off",
            Self::Bounced => "bounced",
            Self::Dropped => "dropped",
        }
    }
}

/// A mail as it is kept.
#[derive(Debug)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// The name of its template.
    pub template: String,
    /// Whom it is to.
    pub recipient: String,
    /// Sealed JSON: what the template is filled with.
    pub fill: Vec<u8>,
    /// What becomes of it.
    pub status: String,
    /// Why, if that is not plain.
    pub reason: Option<String>,
    /// The client that it is about.
    pub client_id: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its status last changed.
    pub updated_at: Timestamp,
    /// It is pointless to send from here on.
    pub expires_at: Option<Timestamp>,
}

/// What happens to a new mail, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// The status it begins with.
    pub status: MailStatus,
    /// A sentence for the coach, if the mail does not simply leave.
    pub reason: Option<&'static str>,
}

impl Fate {
    /// What happens to a mail with a link in it.
    pub fn of_link(app: &App, live: bool) -> Self {
        let (status, reason) = if !live {
            (
                MailStatus::Off,
                "Test mode sends no mail. Read it in the outbox.",
            )
        } else if app.public_address().url.is_loopback() {
            (
                MailStatus::Held,
                "The link opens only on this computer. Set the public address first.",
            )
        } else if app.config.smtp_url.is_none() {
            (
                MailStatus::Held,
                "No mail server is set up. Pass the link on yourself.",
            )
        } else {
            return Self {
                status: MailStatus::Queued,
                reason: None,
            };
        };
        Self {
            status,
            reason: Some(reason),
        }
    }

    /// What happens to a mail that tells an account of something.
    pub fn of_notice(config: &Config, live: bool) -> Self {
        let (status, reason) = if !live {
            (
                MailStatus::Off,
                "Test mode sends no mail. Read it in the outbox.",
            )
        } else if config.smtp_url.is_none() {
            (MailStatus::Held, "No mail server is set up.")
        } else {
            return Self {
                status: MailStatus::Queued,
                reason: None,
            };
        };
        Self {
            status,
            reason: Some(reason),
        }
    }
}
