//! What happens to deliveries: they are made, tried, released, given up and swept.

use super::store;
use super::{Delivery, Outcome, Status, Tried};
use crate::caller::{Origin, Permit, Tenant, WebhooksWrite};
use crate::clock::Timestamp;
use crate::db::{Topic, Tx};
use crate::error::{Code, Error, Result};
use crate::events::store::Mark;
use crate::events::{self, EventType};
use crate::ids::{DeliveryId, RequestId, WebhookId};
use crate::notices::{self, NoticeKind};
use crate::outbox::actions::{Sealed, enqueue};
use crate::webhooks::actions::told;
use crate::webhooks::body::WebhookBody;
use crate::webhooks::store as webhooks;
use crate::webhooks::{
    self as hooks, DISABLED_AFTER_MS, Failure, Health, MAIL_AFTER_MS, NOTICE_AFTER_MS, Told,
    Webhook, next_try,
};

/// What may have to be told to a webhook's owner, made ready before the write: notices, and mails
/// where the tenant is one that sends any.
#[derive(Debug, Default)]
pub struct News {
    /// It takes nothing.
    pub failing: (Option<notices::Told>, Option<Sealed>),
    /// It was disabled for that.
    pub disabled: (Option<notices::Told>, Option<Sealed>),
    /// Its receiver says that it is gone.
    pub gone: (Option<notices::Told>, Option<Sealed>),
    /// It takes everything again.
    pub recovered: Option<Sealed>,
}

/// Events that are handed out in one write.
const EVENTS_AT_ONCE: u32 = 200;
/// Deliveries that are cancelled or removed in one write.
pub const ROWS_AT_ONCE: u32 = 500;

/// What handing events out did.
#[derive(Debug, Default)]
pub struct HandedOut {
    /// Webhooks that have something to be told.
    pub webhooks: Vec<WebhookId>,
    /// True if there are more events.
    pub more: bool,
}

/// Hands the tenant's next events to its webhooks, and moves the cursor past them: both or neither.
pub fn hand_out(tx: &Tx<'_>, tenant: Tenant, now: Timestamp) -> Result<HandedOut> {
    hand_out_to(tx, tenant, now, |_| true)
}

/// The same, to some webhooks alone: for the others it has not happened.
pub fn hand_out_to(
    tx: &Tx<'_>,
    tenant: Tenant,
    now: Timestamp,
    chosen: impl Fn(WebhookId) -> bool,
) -> Result<HandedOut> {
    let mut done = HandedOut::default();
    let Some((handed, happened)) = webhooks::cursor(tx, tenant)? else {
        return Ok(done);
    };
    let marks = events::store::marks(tx, tenant, handed, EVENTS_AT_ONCE)?;
    // Events that retention removed before they were handed out are passed over.
    let reached = match marks.last() {
        Some(last) if marks.len() == EVENTS_AT_ONCE as usize => last.sequence,
        _ => happened,
    };
    for webhook in webhooks::all(tx, tenant)? {
        if webhook.status == hooks::Status::Disabled || !chosen(webhook.id) {
            continue;
        }
        let types = told(tx, tenant, &webhook)?;
        let mut last = webhook.last_sequence;
        for mark in marks
            .iter()
            .filter(|mark| mark.sequence > webhook.first_sequence)
        {
            if types.iter().any(|kind| kind.name() == mark.kind) {
                last += 1;
                store::insert(tx, tenant, &fresh(webhook.id, last, mark, now))?;
            }
        }
        if last > webhook.last_sequence {
            webhooks::set_last_sequence(tx, tenant, webhook.id, last)?;
            done.webhooks.push(webhook.id);
        }
    }
    webhooks::set_cursor(tx, tenant, Some(reached))?;
    done.more = reached < happened;
    Ok(done)
}

/// Carries out something of which no webhook is told, unless it sees to that itself; what happened
/// before is handed out first.
pub fn untold(
    tx: &Tx<'_>,
    tenant: Tenant,
    now: Timestamp,
    run: impl FnOnce() -> Result<()>,
) -> Result<()> {
    loop {
        let handed = hand_out(tx, tenant, now)?;
        if !handed.webhooks.is_empty() {
            tx.changed(Topic::Webhooks);
        }
        if !handed.more {
            break;
        }
    }
    run()?;
    if let Some((_, happened)) = webhooks::cursor(tx, tenant)? {
        webhooks::set_cursor(tx, tenant, Some(happened))?;
    }
    Ok(())
}

fn fresh(webhook: WebhookId, number: i64, mark: &Mark, now: Timestamp) -> Delivery {
    Delivery {
        id: DeliveryId::new(now),
        webhook_id: webhook,
        endpoint_sequence: number,
        event_sequence: mark.sequence,
        event_id: mark.id,
        event_type: mark.kind.clone(),
        status: Status::Pending,
        attempts: 0,
        tries: 0,
        next_try_at: Some(now),
        created_at: now,
        updated_at: now,
    }
}

/// Makes the delivery of one event, whatever the webhook asks for.
pub fn add(
    tx: &Tx<'_>,
    tenant: Tenant,
    webhook: &Webhook,
    mark: &Mark,
    now: Timestamp,
) -> Result<Delivery> {
    let number = webhook.last_sequence + 1;
    let delivery = fresh(webhook.id, number, mark, now);
    store::insert(tx, tenant, &delivery)?;
    webhooks::set_last_sequence(tx, tenant, webhook.id, number)?;
    tx.changed(Topic::Webhooks);
    Ok(delivery)
}

/// Writes down how tries of one webhook went, and what follows for it: also what its owner is told.
pub fn settle(
    tx: &Tx<'_>,
    tenant: Tenant,
    webhook: WebhookId,
    tried: &[Tried],
    telling: (Timestamp, &News),
) -> Result<()> {
    let (now, _) = telling;
    let Some(mut webhook) = webhooks::find(tx, tenant, webhook)? else {
        return Ok(());
    };
    let before = webhook.clone();
    for tried in tried {
        settle_one(tx, tenant, &mut webhook, tried, now)?;
    }
    if webhook.status == hooks::Status::Disabled && before.status != hooks::Status::Disabled {
        store::cancel(tx, tenant, webhook.id, now, ROWS_AT_ONCE)?;
    }
    tell(tx, tenant, &mut webhook, &before, telling)?;
    let is_told = (webhook.health.failing_since, webhook.status)
        != (before.health.failing_since, before.status);
    if webhook.health != before.health || webhook.told != before.told || is_told {
        if is_told {
            webhook.version += 1;
            webhook.updated_at = now;
        }
        webhooks::update(tx, tenant, &webhook)?;
    }
    if webhook.status != before.status {
        let origin = Origin {
            request_id: RequestId::new(now),
            idempotency_key: None,
            address: None,
            at: now,
        };
        let body = WebhookBody::of(tenant, &webhook);
        events::record(tx, tenant, &origin, EventType::WebhookDisabled, &body)?;
    }
    Ok(())
}

/// Tells the owner what is new: a notice after a quarter of an hour of failure, a mail after an hour,
/// another of each when it is disabled, and the end of it when it recovers.
fn tell(
    tx: &Tx<'_>,
    tenant: Tenant,
    webhook: &mut Webhook,
    before: &Webhook,
    (now, news): (Timestamp, &News),
) -> Result<()> {
    let subject = webhook.id.to_string();
    let disabled = webhook.status == hooks::Status::Disabled;
    if disabled && before.status != hooks::Status::Disabled {
        let gone = webhook.disabled_reason.as_deref() == Some("gone");
        let (notice, mail) = if gone { &news.gone } else { &news.disabled };
        return send(tx, tenant, notice.as_ref(), mail.as_ref());
    }
    let Some(since) = webhook.health.failing_since else {
        if before.told.is_some() {
            notices::actions::end(tx, tenant, NoticeKind::WebhookFailing, &subject, now)?;
            let mail = news
                .recovered
                .as_ref()
                .filter(|_| before.told == Some(Told::Mail));
            send(tx, tenant, None, mail)?;
        }
        webhook.told = None;
        return Ok(());
    };
    let failing_ms = now.since_ms(since);
    let (notice, mail) = &news.failing;
    if webhook.told.is_none() && failing_ms >= NOTICE_AFTER_MS {
        webhook.told = Some(Told::Notice);
        send(tx, tenant, notice.as_ref(), None)?;
    }
    if webhook.told == Some(Told::Notice) && failing_ms >= MAIL_AFTER_MS {
        webhook.told = Some(Told::Mail);
        send(tx, tenant, None, mail.as_ref())?;
    }
    Ok(())
}

fn send(
    tx: &Tx<'_>,
    tenant: Tenant,
    notice: Option<&notices::Told>,
    mail: Option<&Sealed>,
) -> Result<()> {
    if let Some(notice) = notice {
        notices::actions::tell(tx, tenant, notice)?;
    }
    if let Some(mail) = mail {
        enqueue(tx, tenant, mail)?;
    }
    Ok(())
}

fn settle_one(
    tx: &Tx<'_>,
    tenant: Tenant,
    webhook: &mut Webhook,
    tried: &Tried,
    now: Timestamp,
) -> Result<()> {
    let attempt = &tried.attempt;
    // It may have been retried, replayed or cancelled meanwhile.
    let Some(mut delivery) = store::find(tx, tenant, tried.delivery.id)? else {
        return Ok(());
    };
    delivery.attempts += 1;
    delivery.updated_at = now;
    store::insert_attempt(tx, tenant, &delivery, attempt)?;
    if attempt.outcome == Outcome::Delivered {
        delivery.status = Status::Delivered;
        delivery.next_try_at = None;
        store::update(tx, tenant, &delivery)?;
        if webhook.health.is_out() {
            store::release(tx, tenant, webhook.id, now)?;
        }
        webhook.health = Health::default();
        return Ok(());
    }
    if attempt.outcome == Outcome::Gone {
        delivery.status = Status::Failed;
        delivery.next_try_at = None;
        store::update(tx, tenant, &delivery)?;
        return Ok(());
    }
    let failure = Failure {
        number: delivery.endpoint_sequence,
        at: attempt.at,
        unreached: attempt.is_unreached(),
        retry_after_ms: attempt.retry_after_ms,
    };
    // A probe before the delivery's own time does not use up its schedule.
    if delivery.status == Status::Pending
        && delivery.next_try_at.is_some_and(|due| due <= attempt.at)
    {
        delivery.tries += 1;
        delivery.next_try_at = next_try(delivery.tries, &failure, tried.jitter);
        if delivery.next_try_at.is_none() {
            delivery.status = Status::Failed;
        }
    }
    store::update(tx, tenant, &delivery)?;
    webhook.health = webhook.health.after_failure(&failure);
    let reason = if attempt.status == Some(410) {
        Some("gone")
    } else {
        let since = webhook.health.failing_since.unwrap_or(attempt.at);
        (attempt.at.since_ms(since) >= DISABLED_AFTER_MS).then_some("failing")
    };
    if let Some(reason) = reason.filter(|_| webhook.status != hooks::Status::Disabled) {
        webhook.status = hooks::Status::Disabled;
        webhook.disabled_reason = Some(reason.to_owned());
        webhook.replay_since = Some(missed_since(tx, tenant, webhook, attempt.at)?);
        webhook.replay = None;
    }
    Ok(())
}

/// From when on a replay makes up for what a webhook misses: its first failure, or what waits from
/// before it. An event happens before it is told, so the first that failed is older than its failure.
fn missed_since(
    tx: &Tx<'_>,
    tenant: Tenant,
    webhook: &Webhook,
    at: Timestamp,
) -> Result<Timestamp> {
    let since = webhook.health.failing_since.unwrap_or(at);
    let Some(oldest) = store::oldest(tx, tenant, webhook.id, u32::MAX)? else {
        return Ok(since);
    };
    let event = events::store::at(tx, tenant, oldest.event_sequence)?;
    Ok(event.map_or(since, |event| event.created_at.min(since)))
}

/// Cancels more of what waits for a disabled webhook; gives whether there may be more still.
pub fn cancel(tx: &Tx<'_>, tenant: Tenant, webhook: WebhookId, now: Timestamp) -> Result<bool> {
    let cancelled = store::cancel(tx, tenant, webhook, now, ROWS_AT_ONCE)?;
    Ok(cancelled == ROWS_AT_ONCE as usize)
}

/// Has a delivery tried again at once, with its schedule from the start.
pub fn retry(tx: &Tx<'_>, permit: &Permit<WebhooksWrite>, id: DeliveryId) -> Result<Delivery> {
    let (tenant, now) = (permit.tenant(), permit.now());
    let mut delivery = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    let webhook = webhooks::find(tx, tenant, delivery.webhook_id)?;
    let mut webhook = webhook.ok_or_else(Error::not_found)?;
    if webhook.status != hooks::Status::Enabled {
        let message = "The webhook is not enabled. Enable it first.";
        let error = Error::with(Code::StateConflict, message);
        return Err(error.extra("current_status", webhook.status.name()));
    }
    again(&mut delivery, now);
    store::update(tx, tenant, &delivery)?;
    // Somebody looks at it: it does not wait for the next probe.
    webhook.health.hold_until = None;
    webhooks::update(tx, tenant, &webhook)?;
    tx.changed(Topic::Webhooks);
    Ok(delivery)
}

fn again(delivery: &mut Delivery, now: Timestamp) {
    delivery.status = Status::Pending;
    delivery.tries = 0;
    delivery.next_try_at = Some(now);
    delivery.updated_at = now;
}

/// Goes a step further in the replay of a webhook; gives whether there is more.
pub fn replay_step(
    tx: &Tx<'_>,
    tenant: Tenant,
    webhook: WebhookId,
    now: Timestamp,
) -> Result<bool> {
    let Some(mut webhook) = webhooks::find(tx, tenant, webhook)? else {
        return Ok(false);
    };
    let Some(mut replay) = webhook.replay else {
        return Ok(false);
    };
    let types = told(tx, tenant, &webhook)?;
    let marks = events::store::marks(tx, tenant, replay.next - 1, EVENTS_AT_ONCE)?;
    let wanted = |mark: &&Mark| {
        mark.sequence <= replay.last
            && mark.created_at >= replay.from
            && types.iter().any(|kind| kind.name() == mark.kind)
    };
    for mark in marks.iter().filter(wanted) {
        let known = store::of_event(tx, tenant, mark.sequence)?;
        let known = known
            .into_iter()
            .find(|known| known.webhook_id == webhook.id);
        match known {
            None => {
                webhook.last_sequence += 1;
                store::insert(
                    tx,
                    tenant,
                    &fresh(webhook.id, webhook.last_sequence, mark, now),
                )?;
            }
            Some(delivery) if delivery.status == Status::Pending => {}
            Some(delivery) if delivery.status == Status::Delivered && !replay.all => {}
            Some(mut delivery) => {
                again(&mut delivery, now);
                store::update(tx, tenant, &delivery)?;
            }
        }
    }
    let reached = marks.last().map_or(replay.last, |mark| mark.sequence);
    replay.next = reached + 1;
    let more = replay.next <= replay.last && !marks.is_empty();
    webhook.replay = more.then_some(replay);
    webhooks::update(tx, tenant, &webhook)?;
    Ok(more)
}

/// Removes deliveries of events before this one; gives whether there may be more.
pub fn sweep(tx: &Tx<'_>, tenant: Tenant, webhook: WebhookId, before_event: i64) -> Result<bool> {
    let removed = store::remove(tx, tenant, webhook, before_event, ROWS_AT_ONCE)?;
    Ok(removed == ROWS_AT_ONCE as usize)
}

/// Removes what is left of a deleted webhook; gives whether there is more.
pub fn sweep_deleted(tx: &Tx<'_>, tenant: Tenant, webhook: WebhookId) -> Result<bool> {
    if sweep(tx, tenant, webhook, i64::MAX)? {
        return Ok(true);
    }
    webhooks::remove(tx, tenant, webhook)?;
    Ok(false)
}
