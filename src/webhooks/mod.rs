//! Webhooks: what happened, told to the servers that a coach names.
//!
//! A webhook has an address, a list of event types, and a secret that signs what it is sent (Standard
//! Webhooks). Every event that it asks for becomes a delivery, which is tried until it is taken.
//!
//! - **What it is told.** A type is told if one of the webhook's patterns means it and the scopes that
//!   its maker held when `events` was last set allow reading it. So `*` is all that the maker could
//!   read, later types of the same scopes included. Deliveries of a webhook outlive the key that made
//!   it: it belongs to the workspace. A webhook that an app made is told only what the app and the
//!   consent that it stood on allow at the time, and nothing once either has ended.
//! - **Who may change it.** Whoever changes the address, the events or the secret, or switches it on,
//!   must be able to read all that it is told: otherwise a narrow key could lead a wide webhook to
//!   itself.
//!
//! # Life
//!
//! `enabled` ⇄ `paused`: a paused webhook's deliveries wait. `disabled` after three days of nothing
//! but failure, or at once when the receiver answers 410: what waits is cancelled, and what happens
//! meanwhile is not kept for it; `replay_since` says from where a replay makes up for that.
//!
//! # When it fails
//!
//! A delivery is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, each ±20 %
//! ([`GAPS_MS`]), and later if the receiver says so. That is the schedule of one delivery whose receiver
//! is otherwise well. A receiver that fails as a whole is left alone but for one delivery in each five
//! minutes ([`Health`]); the rest wait, and the first that is taken releases all, in order. The probe is
//! the oldest that waits; where the receiver answers and refuses, the next oldest takes its turn, so
//! that one event which it chokes on does not hold up the others.
//!
//! Invariant: nothing about a try that is under way is stored. What is `pending` and due is tried, so a
//! delivery that a crash cut off is tried at once at the next start, and a receiver may see it twice.
//!
//! The deliveries have a dispatcher of their own ([`dispatch`]) and are no jobs of the queue: they are
//! made by the thousand from a cursor, are tried in the order of their webhook, and one tells whether
//! the others may follow. A job knows only of itself.

pub mod store;
pub mod body;
pub mod actions;
pub mod routes;
pub mod deliveries;
pub mod inbox;
pub mod dispatch;
pub mod jobs;
mod lane;
pub mod news;

use utoipa::ToSchema;

use crate::caller::Scopes;
use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use crate::events::{EventType, matching};
use crate::ids::{AppId, GrantId, WebhookId};
use crate::jobs::{Every, Kind, PLAIN};

/// Webhooks of a tenant, deleted ones not counted.
pub const WEBHOOKS_MAX: u32 = 50;
/// Patterns of a webhook.
pub const EVENTS_MAX: usize = 50;
/// The longest description, in characters.
pub const DESCRIPTION_MAX: usize = 500;
/// How long the former secret signs as well where nothing else is asked for.
pub const GRACE_S: i64 = DAY_MS / SECOND_MS;
/// The longest that it may.
pub const GRACE_MAX_S: i64 = 7 * DAY_MS / SECOND_MS;
/// Bytes of a secret.
pub const SECRET_BYTES: usize = 24;
/// What a secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";

/// The pauses between the tries of a delivery.
pub const GAPS_MS: [i64; 9] = [
    5 * SECOND_MS,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    24 * HOUR_MS,
];
/// How often a receiver that fails is probed.
pub const PROBE_EVERY_MS: i64 = 5 * MINUTE_MS;
/// How long a receiver is left alone after a first failure: as long as the shortest first gap.
const FIRST_HOLD_MS: i64 = 4 * SECOND_MS;
/// The longest that a receiver may ask us to wait.
pub const RETRY_AFTER_MAX_MS: i64 = DAY_MS;
/// From here on it is in the notices.
pub const NOTICE_AFTER_MS: i64 = 15 * MINUTE_MS;
/// From here on it is worth a mail.
pub const MAIL_AFTER_MS: i64 = HOUR_MS;
/// After this long without a success a webhook is disabled.
pub const DISABLED_AFTER_MS: i64 = 3 * DAY_MS;
/// A delivery that was tried so often lets others probe before it.
pub const PATIENCE_TRIES: u32 = 7;

/// Removes what is no longer kept.
pub const SWEEP: Kind = Kind {
    name: "webhooks.sweep",
    every: Some(Every::Ms(10 * MINUTE_MS)),
    ..PLAIN
};

/// Whether a webhook is told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is told.
    Enabled,
    /// Somebody paused it: deliveries wait.
    Paused,
    /// It failed for too long, or its receiver is gone.
    Disabled,
}

impl Status {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("enabled", Self::Enabled),
        ("paused", Self::Paused),
        ("disabled", Self::Disabled),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }

    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        let found = Self::CHOICES.iter().find(|(name, _)| *name == text);
        found.map(|(_, status)| *status)
    }
}

/// How the receiver has been lately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Failures since the last success. A delivery that fails again and again while the receiver
    /// answers is one witness, however often it is tried.
    pub failures: u32,
    /// The delivery that failed last, by its number.
    pub last_failed: Option<i64>,
    /// True if the last failure was the receiver's, whatever it was sent.
    pub unreached: bool,
    /// The first failure since the last success.
    pub failing_since: Option<Timestamp>,
    /// Nothing is tried before.
    pub hold_until: Option<Timestamp>,
}

impl Health {
    /// True if it takes nothing at all, as far as is known.
    pub fn is_out(&self) -> bool {
        self.failures >= 2
    }

    /// True if nothing may be tried yet.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.hold_until.is_some_and(|until| until > now)
    }

    /// How it stands after a failure.
    #[must_use]
    pub fn after_failure(self, failure: &Failure) -> Self {
        let at = failure.at;
        let same_witness = self.last_failed == Some(failure.number) && !failure.unreached;
        let failures = if same_witness {
            self.failures.max(1)
        } else {
            self.failures.saturating_add(1)
        };
        let since = self.failing_since.unwrap_or(at);
        let hold = if failures < 2 {
            at.plus_ms(FIRST_HOLD_MS)
        } else {
            // One in each five minutes, counted from the first failure: probes stay on the minute.
            let slots = at.since_ms(since) / PROBE_EVERY_MS + 1;
            since.plus_ms(slots * PROBE_EVERY_MS)
        };
        let asked = failure.retry_after_ms.unwrap_or(0);
        Self {
            failures,
            last_failed: Some(failure.number),
            unreached: failure.unreached,
            failing_since: Some(since),
            hold_until: Some(hold.max(at.plus_ms(asked))),
        }
    }
}

/// What a failed try says.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// The delivery's number.
    pub number: i64,
    /// When it was tried.
    pub at: Timestamp,
    /// True if it was the receiver's failure, whatever it was sent: nobody there, or 429, 502, 503,
    /// 504.
    pub unreached: bool,
    /// How long the receiver asks us to wait.
    pub retry_after_ms: Option<i64>,
}

/// When a delivery that failed is tried again; none if that was its last try.
///
/// `tries` are those that count, this one included; `jitter` is a number from 0 to 255.
pub fn next_try(tries: u32, failure: &Failure, jitter: u8) -> Option<Timestamp> {
    let gap = *GAPS_MS.get(tries.saturating_sub(1) as usize)?;
    // From 80 % to 120 %.
    let varied = gap * 4 / 5 + gap * 2 / 5 * i64::from(jitter) / 255;
    let asked = failure.retry_after_ms.unwrap_or(0);
    Some(failure.at.plus_ms(varied.max(asked)))
}

/// What a webhook's owner was told of its failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// It is in the notices.
    Notice,
    /// They were sent a mail as well.
    Mail,
}

impl Told {
    /// The form in which the table keeps it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Mail => "mail",
        }
    }

    /// Reads it back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Notice, Self::Mail]
            .into_iter()
            .find(|told| told.name() == text)
    }
}

/// A replay that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The next event to look at.
    pub next: i64,
    /// The last one.
    pub last: i64,
    /// Events before this time are left out.
    pub from: Timestamp,
    /// True if what was delivered is sent again as well.
    pub all: bool,
}

/// A webhook as it is kept.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The id.
    pub id: WebhookId,
    /// Where it is told.
    pub url: String,
    /// True for the test inbox, which is in this process.
    pub inbox: bool,
    /// What its maker wrote of it.
    pub description: Option<String>,
    /// Types and patterns.
    pub events: Vec<String>,
    /// What bounds them; none is every scope.
    pub scopes: Option<Scopes>,
    /// The app that made it, if one did, and the consent that it stood on: the webhook is told only
    /// what those may read at the time.
    pub app: Option<(AppId, Option<GrantId>)>,
    /// The sealed secret.
    pub secret: Vec<u8>,
    /// The sealed former secret, and until when it signs as well.
    pub former: Option<(Vec<u8>, Timestamp)>,
    /// Whether it is told anything.
    pub status: Status,
    /// `failing` or `gone`, if it is disabled.
    pub disabled_reason: Option<String>,
    /// What happened up to this event is not for it.
    pub first_sequence: i64,
    /// The number that its last delivery has.
    pub last_sequence: i64,
    /// How the receiver has been lately.
    pub health: Health,
    /// What its owner was told of that.
    pub told: Option<Told>,
    /// Of one that was disabled: from where a replay makes up for it.
    pub replay_since: Option<Timestamp>,
    /// A replay under way.
    pub replay: Option<Replay>,
    /// How often it was changed, beginning with 1.
    pub version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Webhook {
    /// The types that it is told.
    pub fn types(&self) -> Vec<EventType> {
        types(&self.events, self.scopes)
    }

    /// Whether it is told of this type.
    pub fn takes(&self, kind: &str) -> bool {
        self.types().iter().any(|told| told.name() == kind)
    }
}

/// The types that patterns mean, within scopes. A ping goes to the webhook that it tests, and is
/// asked for by nobody.
pub fn types(patterns: &[String], scopes: Option<Scopes>) -> Vec<EventType> {
    let asked: Vec<EventType> = patterns
        .iter()
        .flat_map(|pattern| matching(pattern))
        .collect();
    let all = EventType::ALL.iter().copied();
    all.filter(|kind| *kind != EventType::Ping && asked.contains(kind))
        .filter(|kind| scopes.is_none_or(|scopes| scopes.allow(kind.scope())))
        .collect()
}

/// What a webhook is made of.
#[derive(Debug, ToSchema)]
pub struct NewWebhook {
    /// Where it is told: https. A test webhook may also be sent to the test inbox's address, and, on
    /// a server that only this machine reaches, to http on this machine.
    #[schema(max_length = 2048)]
    pub url: String,
    /// Types such as `client.created`, or `client.*`, or `*` for all that the caller may read.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 50)]
    pub events: Vec<String>,
    /// At most 500 characters.
    #[schema(max_length = 500)]
    pub description: Option<String>,
}

/// What is changed of a webhook.
#[derive(Debug, ToSchema)]
pub struct WebhookPatch {
    /// Where it is told.
    #[schema(max_length = 2048)]
    pub url: Option<String>,
    /// What it is told.
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 50)]
    pub events: Option<Vec<String>>,
    /// At most 500 characters; null empties it.
    #[schema(value_type = Option<String>, max_length = 500)]
    pub description: crate::api::json::Patch<String>,
    /// `enabled` or `paused`.
    #[schema(value_type = Option<String>)]
    pub status: Option<Status>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_ms(1_780_488_000_000);

    fn failure(number: i64, after_ms: i64, unreached: bool) -> Failure {
        Failure {
            number,
            at: START.plus_ms(after_ms),
            unreached,
            retry_after_ms: None,
        }
    }

    #[test]
    fn the_gaps_vary_by_a_fifth_and_the_tenth_failure_is_the_last() {
        let failed = failure(1, 0, false);

        for (tries, gap) in (1..).zip(GAPS_MS) {
            let least = next_try(tries, &failed, 0).unwrap().since_ms(START);
            let most = next_try(tries, &failed, 255).unwrap().since_ms(START);
            assert_eq!((least, most), (gap * 4 / 5, gap * 6 / 5));
        }
        assert_eq!(next_try(10, &failed, 0), None);
    }

    #[test]
    fn whoever_asks_to_be_left_alone_for_longer_is() {
        let asked = Failure {
            retry_after_ms: Some(HOUR_MS),
            ..failure(1, 0, true)
        };

        assert_eq!(next_try(1, &asked, 128), Some(START.plus_ms(HOUR_MS)));
        let held = Health::default().after_failure(&asked).hold_until;
        assert_eq!(held, Some(START.plus_ms(HOUR_MS)));
    }

    #[test]
    fn a_receiver_that_is_out_is_probed_once_in_each_five_minutes_from_its_first_failure() {
        let once = Health::default().after_failure(&failure(1, 0, true));
        let twice = once.after_failure(&failure(1, 5_000, true));
        let later = twice.after_failure(&failure(1, PROBE_EVERY_MS + 700, true));

        assert!(!once.is_out() && twice.is_out());
        assert_eq!(twice.hold_until, Some(START.plus_ms(PROBE_EVERY_MS)));
        assert_eq!(later.hold_until, Some(START.plus_ms(2 * PROBE_EVERY_MS)));
        assert_eq!(later.failing_since, Some(START));
    }

    #[test]
    fn one_event_that_is_refused_again_and_again_does_not_make_its_receiver_out() {
        let mut health = Health::default();
        for hours in 0..9 {
            health = health.after_failure(&failure(7, hours * HOUR_MS, false));
        }
        assert!(!health.is_out());

        assert!(
            health
                .after_failure(&failure(8, 9 * HOUR_MS, false))
                .is_out()
        );
    }

    #[test]
    fn a_star_is_all_that_its_scopes_allow_and_never_a_ping() {
        let all = vec!["*".to_owned()];
        let some = types(&all, Some(Scopes::from_text("clients:read")));

        assert!(some.iter().all(|kind| kind.name().starts_with("client.")));
        assert_eq!(types(&all, None).len(), EventType::ALL.len() - 1);
        assert!(types(&["ping".to_owned()], None).is_empty());
    }
}
