//! One webhook's deliveries, one after the other.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::deliveries::body::payload;
use super::deliveries::{ANSWER_MAX_BYTES, Attempt, Delivery, Outcome, Tried, actions, store};
use super::dispatch::{Batch, Key, is_quiet, settle};
use super::inbox::{self, InboxMessage, Mood};
use super::{PATIENCE_TRIES, RETRY_AFTER_MAX_MS, Status, Webhook, store as webhooks};
use crate::app::App;
use crate::clock::{SECOND_MS, Timestamp};
use crate::db::{Reader, Topic, Tx};
use crate::error::{Error, Result};
use crate::events;
use crate::ids::InboxMessageId;
use crate::outside::guard::Right;
use crate::outside::http::{CALL_TIMEOUT, Call, Connection, Failing, Reply};
use crate::outside::target::Target;
use crate::secrets::{random, signature};

/// Deliveries that are taken at a time.
const BATCH: u32 = 64;
/// The most that go out at a time.
const MOST_AT_ONCE: usize = 8;
/// A backlog that takes longer than this one by one is gone through several at a time.
const PATIENCE_MS: i64 = 30 * SECOND_MS;
/// Milliseconds over which what went well is gathered before it is written down.
const GATHERED_MS: i64 = 250;

/// Why a lane ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// Nothing waits for this webhook, or it may not be told.
    Nothing,
    /// Something waits until then.
    Until(Timestamp),
    /// There is more to do at once.
    More,
}

/// What a lane keeps from one delivery to the next.
struct Kept {
    connections: Vec<Option<Connection>>,
    /// How long a delivery took lately.
    each_ms: i64,
}

/// Tells one webhook what is due, until there is nothing more.
pub(super) async fn run(app: &App, key: Key, places: &Arc<Semaphore>) -> Result<Ended> {
    let (tenant, id) = key;
    let mut kept = Kept {
        connections: Vec::new(),
        each_ms: 0,
    };
    loop {
        let epoch = app.db.epoch(Topic::Webhooks);
        let now = app.clock.now_of(&tenant);
        let Some(webhook) = app.db.read_now(|conn| webhooks::find(conn, tenant, id))? else {
            return Ok(Ended::Nothing);
        };
        if webhook.status == Status::Disabled {
            let cancelling = move |tx: &Tx<'_>| actions::cancel(tx, tenant, id, now);
            while app.db.write_background(cancelling).await? {}
            return Ok(Ended::Nothing);
        }
        if webhook.status == Status::Paused || (!webhook.inbox && is_quiet(app)?) {
            return Ok(Ended::Nothing);
        }
        if webhook.replay.is_some() {
            let step = move |tx: &Tx<'_>| actions::replay_step(tx, tenant, id, now);
            app.db.write_background(step).await?;
        }
        if let Some(until) = webhook.health.hold_until.filter(|until| *until > now) {
            // A replay is made ready meanwhile.
            let replays = webhook.replay.is_some();
            return Ok(if replays {
                Ended::More
            } else {
                Ended::Until(until)
            });
        }
        let take = |conn: &Reader| next(conn, key, &webhook, now);
        let batch = app.db.read_now(take)?;
        if batch.is_empty() {
            if webhook.replay.is_some() {
                continue;
            }
            let due = app.db.read_now(|conn| store::next_due(conn, tenant, id))?;
            return Ok(due.map_or(Ended::Nothing, Ended::Until));
        }
        tell(app, (key, &webhook), batch, &mut kept, (places, epoch)).await?;
    }
}

/// What is tried next: everything that is due, or one probe of a receiver that fails.
fn next(conn: &Reader, key: Key, webhook: &Webhook, now: Timestamp) -> Result<Batch> {
    let (tenant, id) = key;
    let health = &webhook.health;
    if health.failures == 0 {
        return store::due(conn, tenant, id, now, BATCH);
    }
    let several = store::several_wait(conn, tenant, id)?;
    let due = store::freshest_due(conn, tenant, id, now)?;
    let probe = if !several || (due.is_some() && !health.unreached) {
        due
    } else if health.is_out() || health.unreached {
        // The oldest, due or not: the others wait for it. One that was refused for most of a day lets
        // others go before it.
        match store::oldest(conn, tenant, id, PATIENCE_TRIES)? {
            Some(oldest) => Some(oldest),
            None => store::oldest(conn, tenant, id, u32::MAX)?,
        }
    } else {
        due
    };
    Ok(probe.into_iter().collect())
}

/// What a webhook signs with: its secret and, after a rotation, the former one.
type Secrets = Vec<Zeroizing<Vec<u8>>>;

fn secrets(app: &App, key: Key, webhook: &Webhook, now: Timestamp) -> Result<Secrets> {
    let context = super::actions::context(key.0, key.1);
    let former = webhook.former.as_ref().filter(|(_, until)| *until > now);
    let sealed = std::iter::once(&webhook.secret).chain(former.map(|(secret, _)| secret));
    sealed
        .map(|sealed| app.sealing.open(&context, sealed))
        .collect()
}

/// Goes through some deliveries in order, and ends at the first that fails.
async fn tell(
    app: &App,
    of: (Key, &Webhook),
    batch: Batch,
    kept: &mut Kept,
    lane: (&Arc<Semaphore>, u64),
) -> Result<()> {
    let (key, webhook) = of;
    let (places, epoch) = lane;
    let secrets = secrets(app, key, webhook, app.clock.now_of(&key.0))?;
    // Of one that an app made: the app may have less to read than when this was handed out.
    let told = match webhook.app {
        None => None,
        Some(_) => Some(
            app.db
                .read_now(|conn| super::actions::told(conn, key.0, webhook))?,
        ),
    };
    let backlog = webhook.last_sequence - batch.first().map_or(0, |first| first.endpoint_sequence);
    let at_once = usize::try_from(backlog * kept.each_ms / PATIENCE_MS).unwrap_or(0);
    let at_once = at_once.clamp(1, MOST_AT_ONCE);
    kept.connections.resize_with(at_once, || None);
    let mut gathered: Vec<Tried> = Vec::new();
    let mut gathering_since = app.clock.now();
    for (number, wave) in batch.chunks(at_once).enumerate() {
        // Whoever changed the webhook meanwhile is heeded before the next is sent.
        if number > 0 && app.db.epoch(Topic::Webhooks) != epoch {
            break;
        }
        let sending = wave
            .iter()
            .zip(&mut kept.connections)
            .map(|(delivery, connection)| async {
                let place = places.acquire().await.map_err(Error::internal)?;
                let kind = delivery.event_type.as_str();
                let ended = told.as_ref().is_some_and(|told| {
                    told.is_empty()
                        || (kind != "ping" && !told.iter().any(|own| own.name() == kind))
                });
                let sent = if ended {
                    let words = "the app that made this webhook may no longer read it";
                    let at = app.clock.now_of(&key.0);
                    Ok(attempt(at, 0, Outcome::Gone, Some(words.to_owned())))
                } else {
                    send(app, (key, webhook), delivery, &secrets, connection).await
                };
                drop(place);
                sent
            });
        let mut well = true;
        for (delivery, sent) in wave.iter().zip(join_all(sending).await) {
            let attempt = sent?;
            well &= matches!(attempt.outcome, Outcome::Delivered | Outcome::Gone);
            kept.each_ms = attempt.duration_ms;
            let [jitter] = random::bytes::<1>()?;
            gathered.push(Tried {
                delivery: delivery.clone(),
                attempt,
                jitter,
            });
        }
        if !well {
            break;
        }
        if app.clock.now().since_ms(gathering_since) >= GATHERED_MS {
            settle(app, of, std::mem::take(&mut gathered)).await?;
            gathering_since = app.clock.now();
        }
    }
    if !gathered.is_empty() {
        settle(app, of, gathered).await?;
    }
    Ok(())
}

/// Sends one delivery once.
async fn send(
    app: &App,
    of: (Key, &Webhook),
    delivery: &Delivery,
    secrets: &Secrets,
    connection: &mut Option<Connection>,
) -> Result<Attempt> {
    let ((tenant, _), webhook) = of;
    let at = app.clock.now_of(&tenant);
    let find = |conn: &Reader| events::store::at(conn, tenant, delivery.event_sequence);
    let Some(event) = app.db.read_now(find)? else {
        return Ok(attempt(at, 0, Outcome::Gone, None));
    };
    let body = payload(tenant, &event, delivery.endpoint_sequence)?;
    // The receiver holds this against its own clock, which no test tenant moves.
    let timestamp = app.clock.now().as_seconds();
    let id = event.id.to_string();
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| signature::webhook(secret, &id, timestamp, body.as_bytes()))
        .collect();
    let headers = vec![
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ];
    if webhook.inbox {
        return into_inbox(app, of, delivery, (headers, body), secrets).await;
    }
    let target = match Target::parse(&webhook.url) {
        Ok(target) => target,
        Err(invalid) => {
            let words = invalid.message.into_owned();
            return Ok(attempt(at, 0, Outcome::Blocked, Some(words)));
        }
    };
    let call = Call {
        target: &target,
        mode: tenant.mode(),
        headers,
        body: body.into(),
    };
    let reply = app.outside.http.post(connection, &call).await;
    Ok(judge(at, reply))
}

fn attempt(at: Timestamp, duration_ms: i64, outcome: Outcome, detail: Option<String>) -> Attempt {
    Attempt {
        at,
        duration_ms,
        outcome,
        status: None,
        detail,
        answer: None,
        answer_truncated: false,
        retry_after_ms: None,
    }
}

/// What a reply says of the try.
fn judge(at: Timestamp, reply: Reply) -> Attempt {
    let received = match reply.outcome {
        Ok(received) => received,
        Err(failure) => {
            let outcome = match failure.kind {
                Failing::Blocked => Outcome::Blocked,
                Failing::Resolving => Outcome::Unresolved,
                Failing::Connecting => Outcome::Unreachable,
                Failing::Tls => Outcome::Tls,
                Failing::Timeout => Outcome::Timeout,
                Failing::Broken => Outcome::Broken,
            };
            return attempt(at, reply.duration_ms, outcome, Some(failure.words));
        }
    };
    let well = (200..300).contains(&received.status);
    let outcome = if well {
        Outcome::Delivered
    } else {
        Outcome::Refused
    };
    // What an address inside the operator's network says is not for whoever named it.
    let shown = reply.right != Some(Right::Operator);
    let begun = &received.body[..received.body.len().min(ANSWER_MAX_BYTES)];
    let truncated = received.body.len() > ANSWER_MAX_BYTES || !received.complete;
    let answer = shown.then(|| printable(&String::from_utf8_lossy(begun)));
    Attempt {
        status: Some(received.status),
        answer,
        answer_truncated: shown && truncated,
        retry_after_ms: received.retry_after.and_then(|text| retry_after(&text, at)),
        ..attempt(at, reply.duration_ms, outcome, None)
    }
}

/// The text without control characters, which would end a line or a terminal's patience.
fn printable(text: &str) -> String {
    let clean = |c: char| {
        if c.is_control() && !matches!(c, '\n' | '\r' | '\t') {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.chars().map(clean).collect()
}

/// `Retry-After` in seconds or as a date, at most a day.
fn retry_after(text: &str, now: Timestamp) -> Option<i64> {
    let seconds: Option<i64> = text.trim().parse().ok();
    let ms = match seconds {
        Some(seconds) => seconds.checked_mul(SECOND_MS)?,
        None => Timestamp::parse_http_date(text)?.since_ms(now),
    };
    (ms > 0).then(|| ms.min(RETRY_AFTER_MAX_MS))
}

/// Hands a delivery over to the test inbox, which answers as it was told.
async fn into_inbox(
    app: &App,
    of: (Key, &Webhook),
    delivery: &Delivery,
    sent: (Vec<(&'static str, String)>, String),
    secrets: &Secrets,
) -> Result<Attempt> {
    let ((tenant, webhook_id), _) = of;
    let (headers, body) = sent;
    let at = app.clock.now_of(&tenant);
    let mood = app.db.read_now(|conn| inbox::store::mood(conn, tenant))?;
    let message = InboxMessage {
        id: InboxMessageId::new(at),
        webhook_id,
        event_id: delivery.event_id,
        event_type: delivery.event_type.clone(),
        valid: is_valid(&headers, &body, secrets),
        headers: headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        body,
        answered: mood.status(),
        created_at: at,
    };
    app.db
        .write_background(move |tx| inbox::actions::receive(tx, tenant, &message))
        .await?;
    let answered = |outcome, status: u16| Attempt {
        status: Some(status),
        answer: Some(String::new()),
        ..attempt(at, 0, outcome, None)
    };
    Ok(match mood {
        Mood::Ok => answered(Outcome::Delivered, 200),
        Mood::Error => answered(Outcome::Refused, 500),
        Mood::Gone => answered(Outcome::Refused, 410),
        Mood::Slow => {
            let timeout_s = CALL_TIMEOUT.as_secs();
            tokio::time::sleep(CALL_TIMEOUT).await;
            let words = format!("no answer within {timeout_s} seconds");
            let ms = i64::try_from(Duration::from_secs(timeout_s).as_millis()).unwrap_or(0);
            attempt(at, ms, Outcome::Timeout, Some(words))
        }
    })
}

/// Verifies what the inbox received as any receiver would: by its headers and the webhook's secret.
fn is_valid(headers: &[(&'static str, String)], body: &str, secrets: &Secrets) -> bool {
    let value = |name: &str| {
        let found = headers.iter().find(|(other, _)| *other == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let timestamp = value("webhook-timestamp").parse().unwrap_or(0);
    let expected = secrets
        .first()
        .map(|secret| signature::webhook(secret, value("webhook-id"), timestamp, body.as_bytes()));
    let mut signatures = value("webhook-signature").split(' ');
    expected.is_some_and(|expected| signatures.any(|signature| signature == expected))
}
