//! The part of the sample data that tells of webhooks: one that is well and goes to the test inbox,
//! and one whose receiver has broken, with the log of its tries.
//!
//! Nothing is sent for it. The deliveries are made and settled by the features' own actions, at the
//! times at which they would have been; only how each try went is made up.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::seed::Seed;
use crate::caller::{Tenant, WebhooksWrite};
use crate::clock::{DAY_MS, HOUR_MS, Timestamp};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::events;
use crate::ids::{InboxMessageId, WebhookId};
use crate::secrets::signature;
use crate::webhooks::actions::{Address, Draft, draft, register};
use crate::webhooks::deliveries::actions::{News, hand_out_to, settle};
use crate::webhooks::deliveries::body::payload;
use crate::webhooks::deliveries::{Attempt, Delivery, Outcome, Tried, store as deliveries};
use crate::webhooks::inbox::{self, InboxMessage};
use crate::webhooks::{NewWebhook, SECRET_PREFIX, news};

/// Since when the workspace has webhooks.
const REGISTERED_DAYS_AGO: i64 = 40;
/// Since when the receiver of the failing one is broken.
const BROKEN_HOURS_AGO: i64 = 21;
/// For so long what came is in the inbox.
const IN_INBOX_MS: i64 = 21 * DAY_MS;
/// Nobody listens at this port of this machine, and nothing that is sent there leaves it.
const NOBODY: &str = "http://127.0.0.1:9/security-log";
/// Deliveries that are told at a time.
const AT_ONCE: u32 = 64;

/// How the tries of the failing one went, one after the other; the last goes on.
const BROKEN: &[(Outcome, Option<u16>, i64, &str)] = &[
    (
        Outcome::Refused,
        Some(500),
        212,
        r#"{"error":"database disk image is malformed"}"#,
    ),
    (
        Outcome::Refused,
        Some(500),
        187,
        r#"{"error":"database disk image is malformed"}"#,
    ),
    (
        Outcome::Refused,
        Some(503),
        41,
        "<h1>Service Unavailable</h1>",
    ),
    (
        Outcome::Timeout,
        None,
        15_000,
        "no answer within 15 seconds",
    ),
    (
        Outcome::Unreachable,
        None,
        1,
        "Connection refused (os error 111)",
    ),
];

/// What tells of both.
#[derive(Clone)]
struct Teller {
    tenant: Tenant,
    well: WebhookId,
    broken: WebhookId,
    /// What the healthy one signs with.
    secret: Vec<u8>,
    broken_since: Timestamp,
    inbox_since: Timestamp,
}

/// Two webhooks, told of all that happens since they are there.
pub(super) fn webhooks(seed: &mut Seed<'_>) -> Result<()> {
    let since = seed.ago(REGISTERED_DAYS_AGO, 0);
    let inbox = Address {
        url: inbox::url(seed.app),
        inbox: true,
    };
    let nobody = Address {
        url: NOBODY.to_owned(),
        inbox: false,
    };
    let (well, secret) = add(seed, since, inbox, ("Member site", "*"))?;
    let at = since.plus_ms(HOUR_MS);
    let (broken, _) = add(seed, at, nobody, ("Security log", "api_key.*"))?;
    let teller = Teller {
        tenant: seed.caller.tenant,
        well,
        broken,
        secret,
        broken_since: seed.now.plus_ms(-BROKEN_HOURS_AGO * HOUR_MS),
        inbox_since: seed.now.plus_ms(-IN_INBOX_MS),
    };
    let moments = seed.moments();
    for at in moments.into_iter().filter(|at| *at > since) {
        let teller = teller.clone();
        // Right behind what happens at that moment.
        seed.at(at, move |tx| teller.tell(tx, at));
    }
    let now = seed.now;
    seed.at(now, move |tx| teller.try_broken(tx, now));
    Ok(())
}

/// Registers one; its id and its secret.
fn add(
    seed: &mut Seed<'_>,
    at: Timestamp,
    address: Address,
    (description, events): (&str, &str),
) -> Result<(WebhookId, Vec<u8>)> {
    let permit = seed.permit::<WebhooksWrite>(at)?;
    let new = NewWebhook {
        url: address.url.clone(),
        events: vec![events.to_owned()],
        description: Some(description.to_owned()),
    };
    let made = draft(&seed.app.sealing, seed.caller.tenant, WebhookId::new(at))?;
    let (id, secret) = (made.id, secret_of(&made)?);
    seed.webhooks.push(id);
    seed.at(at, move |tx| {
        register(tx, &permit, new, address, &made).map(drop)
    });
    Ok((id, secret))
}

fn secret_of(draft: &Draft) -> Result<Vec<u8>> {
    let text = draft.plaintext.reveal();
    let bytes = STANDARD.decode(text.trim_start_matches(SECRET_PREFIX));
    bytes.map_err(Error::internal)
}

impl Teller {
    /// Tells both webhooks what has happened by now.
    fn tell(&self, tx: &Tx<'_>, at: Timestamp) -> Result<()> {
        let both = |id| [self.well, self.broken].contains(&id);
        while hand_out_to(tx, self.tenant, at, both)?.more {}
        for delivery in deliveries::due(tx, self.tenant, self.well, at, AT_ONCE)? {
            self.take(tx, &delivery, at)?;
        }
        self.try_broken(tx, at)
    }

    /// Tries the failing one at each time at which something was due for it by now.
    fn try_broken(&self, tx: &Tx<'_>, now: Timestamp) -> Result<()> {
        loop {
            let due = deliveries::due(tx, self.tenant, self.broken, now, AT_ONCE)?;
            let next = due
                .into_iter()
                .filter_map(|delivery| Some((delivery.next_try_at?, delivery)))
                .min_by_key(|(at, _)| *at);
            let Some((at, delivery)) = next else {
                return Ok(());
            };
            if at < self.broken_since {
                let duration_ms = 60 + delivery.endpoint_sequence * 17 % 90;
                let taken = attempt(at, (Outcome::Delivered, Some(204), duration_ms, ""));
                self.settle(tx, delivery, taken)?;
            } else {
                self.fail(tx, delivery, at)?;
            }
        }
    }

    /// The inbox takes a delivery, and shows it if that is not long ago.
    fn take(&self, tx: &Tx<'_>, delivery: &Delivery, at: Timestamp) -> Result<()> {
        let event = events::store::at(tx, self.tenant, delivery.event_sequence)?;
        if let Some(event) = event.filter(|_| at >= self.inbox_since) {
            let body = payload(self.tenant, &event, delivery.endpoint_sequence)?;
            let id = event.id.to_string();
            let timestamp = at.as_seconds();
            let signed = signature::webhook(&self.secret, &id, timestamp, body.as_bytes());
            let headers = [
                ("webhook-id", id),
                ("webhook-timestamp", timestamp.to_string()),
                ("webhook-signature", signed),
            ];
            let message = InboxMessage {
                id: InboxMessageId::new(at),
                webhook_id: self.well,
                event_id: event.id,
                event_type: event.kind,
                headers: headers
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
                body,
                valid: true,
                answered: 200,
                created_at: at,
            };
            inbox::actions::receive(tx, self.tenant, &message)?;
        }
        let taken = attempt(at, (Outcome::Delivered, Some(200), 0, ""));
        self.settle(tx, delivery.clone(), taken)
    }

    fn fail(&self, tx: &Tx<'_>, delivery: Delivery, at: Timestamp) -> Result<()> {
        let tried = usize::try_from(delivery.attempts).unwrap_or(0);
        let how = BROKEN.get(tried).or(BROKEN.last());
        let how = how.ok_or_else(|| Error::bug("nothing is broken"))?;
        self.settle(tx, delivery, attempt(at, *how))
    }

    fn settle(&self, tx: &Tx<'_>, delivery: Delivery, attempt: Attempt) -> Result<()> {
        let (webhook, at) = (delivery.webhook_id, attempt.at);
        let since = self.broken_since;
        let failing = news::failing(self.tenant, (webhook, NOBODY), since, at);
        let news = News {
            failing: (Some(failing), None),
            ..News::default()
        };
        let tried = Tried {
            delivery,
            attempt,
            // In the middle of its fifth.
            jitter: 128,
        };
        settle(tx, self.tenant, webhook, &[tried], (at, &news))
    }
}

/// How a try went: outcome, status, duration, what was answered or why nothing was.
fn attempt(
    at: Timestamp,
    (outcome, status, duration_ms, words): (Outcome, Option<u16>, i64, &str),
) -> Attempt {
    Attempt {
        at,
        duration_ms,
        outcome,
        status,
        detail: status.is_none().then(|| words.to_owned()),
        answer: status.is_some().then(|| words.to_owned()),
        answer_truncated: false,
        retry_after_ms: None,
    }
}
