//! SQL of deliveries and their tries.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Attempt, Delivery, Outcome, Status};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::{Tx, execute_in_order};
use crate::error::Result;
use crate::ids::{DeliveryId, EventId, WebhookId};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT
                id, webhook_id, endpoint_sequence, event_sequence, event_id, event_type, status,
                attempts, tries, next_try_at, created_at, updated_at
            FROM deliveries ",
            $rest
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let status: String = row.get("status")?;
    Ok(Delivery {
        id: row.get("id")?,
        webhook_id: row.get("webhook_id")?,
        endpoint_sequence: row.get("endpoint_sequence")?,
        event_sequence: row.get("event_sequence")?,
        event_id: row.get("event_id")?,
        event_type: row.get("event_type")?,
        status: Status::parse(&status).unwrap_or(Status::Failed),
        attempts: row.get("attempts")?,
        tries: row.get("tries")?,
        next_try_at: row.get("next_try_at")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// One delivery.
pub fn find(conn: &Connection, tenant: Tenant, id: DeliveryId) -> Result<Option<Delivery>> {
    let mut statement =
        conn.prepare_cached(select!("WHERE tenant_id = :tenant_id AND id = :id"))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// What a list of deliveries is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only those that stand so.
    pub status: Option<&'static str>,
    /// Only those of this event.
    pub event: Option<EventId>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those that changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// Deliveries of a webhook, the highest number first, below the number `before`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    webhook: WebhookId,
    filter: &Filter,
    span: (i64, u32),
) -> Result<Vec<Delivery>> {
    let mut statement = conn.prepare_cached(select!(
        "WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id AND endpoint_sequence < :before
            AND (:status IS NULL OR status = :status)
            AND (:event_id IS NULL OR event_id = :event_id)
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after)
        ORDER BY endpoint_sequence DESC LIMIT :limit"
    ))?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":webhook_id": webhook,
            ":before": span.0,
            ":status": filter.status,
            ":event_id": filter.event,
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": span.1,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How the last hundred deliveries of a webhook stand, and how their tries went.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// Taken by the receiver.
    pub delivered: u32,
    /// Given up or cancelled.
    pub failed: u32,
    /// Waiting or under way.
    pub pending: u32,
    /// When one was last tried.
    pub last_try_at: Option<Timestamp>,
    /// Of their tries, those since a time: when each was made, how it ended, how long it took.
    pub tries: Vec<Try>,
}

/// How one try went, as far as a summary needs it.
#[derive(Debug, PartialEq, Eq)]
pub struct Try {
    /// True if the receiver took it.
    pub delivered: bool,
    /// How long it took.
    pub duration_ms: i64,
}

/// How the last hundred deliveries of a webhook stand, and how their tries since a time went.
pub fn recent(
    conn: &Connection,
    tenant: Tenant,
    webhook: WebhookId,
    since: Timestamp,
) -> Result<Recent> {
    let mut statement = conn.prepare_cached(
        "SELECT
            coalesce(sum(status = 'delivered'), 0),
            coalesce(sum(status IN ('failed', 'cancelled')), 0),
            coalesce(sum(status = 'pending'), 0)
        FROM (
            SELECT status FROM deliveries
            WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id
            ORDER BY endpoint_sequence DESC LIMIT 100
        )",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":webhook_id": webhook };
    let mut recent = statement.query_row(parameters, |row| {
        Ok(Recent {
            delivered: row.get(0)?,
            failed: row.get(1)?,
            pending: row.get(2)?,
            ..Recent::default()
        })
    })?;
    let mut statement = conn.prepare_cached(
        "SELECT at, outcome, duration_ms FROM delivery_attempts
        WHERE tenant_id = :tenant_id AND delivery_id IN (
            SELECT id FROM deliveries
            WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id
            ORDER BY endpoint_sequence DESC LIMIT 100
        )",
    )?;
    let rows = statement.query_map(parameters, |row| {
        Ok((
            row.get::<_, Timestamp>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, i64>(2)?,
        ))
    })?;
    for row in rows {
        let (at, outcome, duration_ms) = row?;
        recent.last_try_at = recent.last_try_at.max(Some(at));
        if at >= since {
            let delivered = outcome == Outcome::Delivered.name();
            recent.tries.push(Try {
                delivered,
                duration_ms,
            });
        }
    }
    Ok(recent)
}

/// Deliveries of an event.
pub fn of_event(conn: &Connection, tenant: Tenant, event_sequence: i64) -> Result<Vec<Delivery>> {
    let mut statement = conn.prepare_cached(select!(
        "WHERE tenant_id = :tenant_id AND event_sequence = :event_sequence ORDER BY webhook_id"
    ))?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":event_sequence": event_sequence,
    };
    let rows = statement.query_map(parameters, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Those of a webhook that are due, in order.
pub fn due(
    conn: &Connection,
    tenant: Tenant,
    webhook: WebhookId,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Delivery>> {
    let mut statement = conn.prepare_cached(select!(
        "WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id AND status = 'pending'
            AND next_try_at <= :now
        ORDER BY endpoint_sequence LIMIT :limit"
    ))?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":webhook_id": webhook,
            ":now": now,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The oldest that waits and was tried less often than `tries`, due or not.
pub fn oldest(
    conn: &Connection,
    tenant: Tenant,
    webhook: WebhookId,
    tries: u32,
) -> Result<Option<Delivery>> {
    let mut statement = conn.prepare_cached(select!(
        "WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id AND status = 'pending'
            AND tries < :tries
        ORDER BY endpoint_sequence LIMIT 1"
    ))?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":webhook_id": webhook,
        ":tries": tries,
    };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// The due one that was tried least often, the oldest of those.
pub fn freshest_due(
    conn: &Connection,
    tenant: Tenant,
    webhook: WebhookId,
    now: Timestamp,
) -> Result<Option<Delivery>> {
    let mut statement = conn.prepare_cached(select!(
        "WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id AND status = 'pending'
            AND next_try_at <= :now
        ORDER BY tries, endpoint_sequence LIMIT 1"
    ))?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":webhook_id": webhook,
        ":now": now,
    };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// Whether more than one waits.
pub fn several_wait(conn: &Connection, tenant: Tenant, webhook: WebhookId) -> Result<bool> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) > 1 FROM (
            SELECT 1 FROM deliveries
            WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id AND status = 'pending' LIMIT 2
        )",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":webhook_id": webhook };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

/// When the next of those that wait is due.
pub fn next_due(
    conn: &Connection,
    tenant: Tenant,
    webhook: WebhookId,
) -> Result<Option<Timestamp>> {
    let mut statement = conn.prepare_cached(
        "SELECT min(next_try_at) FROM deliveries
        WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id AND status = 'pending'",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":webhook_id": webhook };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

/// How many wait, of all tenants: what would leave a restored server.
pub fn waiting_of_all_tenants(conn: &Connection) -> Result<u32> {
    let mut statement =
        conn.prepare_cached("SELECT count(*) FROM deliveries WHERE status = 'pending'")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Adds one.
pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, delivery: &Delivery) -> Result<()> {
    let statement = tx.prepare_cached(
        "INSERT INTO deliveries (
            tenant_id, webhook_id, endpoint_sequence, id, event_sequence, event_id, event_type,
            status, next_try_at, created_at, updated_at
        ) VALUES (
            :tenant_id, :webhook_id, :endpoint_sequence, :id, :event_sequence, :event_id,
            :event_type, :status, :next_try_at, :created_at, :updated_at
        )",
    )?;
    execute_in_order(
        statement,
        named_params! {
            ":tenant_id": tenant.number(),
            ":webhook_id": delivery.webhook_id,
            ":endpoint_sequence": delivery.endpoint_sequence,
            ":id": delivery.id,
            ":event_sequence": delivery.event_sequence,
            ":event_id": delivery.event_id,
            ":event_type": delivery.event_type,
            ":status": delivery.status.name(),
            ":next_try_at": delivery.next_try_at,
            ":created_at": delivery.created_at,
            ":updated_at": delivery.updated_at,
        },
    )?;
    Ok(())
}

/// Writes how one stands; false if it is gone.
pub(super) fn update(tx: &Tx<'_>, tenant: Tenant, delivery: &Delivery) -> Result<bool> {
    let statement = tx.prepare_cached(
        "UPDATE deliveries SET
            status = :status, attempts = :attempts, tries = :tries, next_try_at = :next_try_at,
            updated_at = :updated_at
        WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id
            AND endpoint_sequence = :endpoint_sequence",
    )?;
    let changed = execute_in_order(
        statement,
        named_params! {
            ":status": delivery.status.name(),
            ":attempts": delivery.attempts,
            ":tries": delivery.tries,
            ":next_try_at": delivery.next_try_at,
            ":updated_at": delivery.updated_at,
            ":tenant_id": tenant.number(),
            ":webhook_id": delivery.webhook_id,
            ":endpoint_sequence": delivery.endpoint_sequence,
        },
    )?;
    Ok(changed == 1)
}

/// Makes all that wait due.
pub(super) fn release(
    tx: &Tx<'_>,
    tenant: Tenant,
    webhook: WebhookId,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE deliveries SET next_try_at = :now
        WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id AND status = 'pending'
            AND next_try_at > :now",
    )?
    .execute(named_params! {
        ":now": now,
        ":tenant_id": tenant.number(),
        ":webhook_id": webhook,
    })?;
    Ok(())
}

/// Cancels some of those that wait; gives how many.
pub(super) fn cancel(
    tx: &Tx<'_>,
    tenant: Tenant,
    webhook: WebhookId,
    now: Timestamp,
    limit: u32,
) -> Result<usize> {
    let cancelled = tx
        .prepare_cached(
            "UPDATE deliveries SET status = 'cancelled', next_try_at = NULL, updated_at = :now
            WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id AND endpoint_sequence IN (
                SELECT endpoint_sequence FROM deliveries
                WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id AND status = 'pending'
                LIMIT :limit
            )",
        )?
        .execute(named_params! {
            ":now": now,
            ":tenant_id": tenant.number(),
            ":webhook_id": webhook,
            ":limit": limit,
        })?;
    Ok(cancelled)
}

/// Appends a try under the delivery's number of tries.
pub(super) fn insert_attempt(
    tx: &Tx<'_>,
    tenant: Tenant,
    delivery: &Delivery,
    attempt: &Attempt,
) -> Result<()> {
    let statement = tx.prepare_cached(
        "INSERT INTO delivery_attempts (
            tenant_id, delivery_id, number, at, duration_ms, outcome, status, detail, answer,
            answer_truncated
        ) VALUES (
            :tenant_id, :delivery_id, :number, :at, :duration_ms, :outcome, :status, :detail,
            :answer, :answer_truncated
        )",
    )?;
    execute_in_order(
        statement,
        named_params! {
            ":tenant_id": tenant.number(),
            ":delivery_id": delivery.id,
            ":number": delivery.attempts,
            ":at": attempt.at,
            ":duration_ms": attempt.duration_ms,
            ":outcome": attempt.outcome.name(),
            ":status": attempt.status,
            ":detail": attempt.detail,
            ":answer": attempt.answer,
            ":answer_truncated": attempt.answer_truncated,
        },
    )?;
    Ok(())
}

/// A try as it is shown.
#[derive(Debug)]
pub struct AttemptRow {
    /// Which one it was, beginning with 1.
    pub number: u32,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: i64,
    /// How it ended.
    pub outcome: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub detail: Option<String>,
    /// How the answer's body began.
    pub answer: Option<String>,
    /// True if there was more of it.
    pub answer_truncated: bool,
}

/// The last tries of a delivery, newest first.
pub fn attempts(
    conn: &Connection,
    tenant: Tenant,
    id: DeliveryId,
    limit: u32,
) -> Result<Vec<AttemptRow>> {
    let mut statement = conn.prepare_cached(
        "SELECT number, at, duration_ms, outcome, status, detail, answer, answer_truncated
        FROM delivery_attempts
        WHERE tenant_id = :tenant_id AND delivery_id = :delivery_id
        ORDER BY number DESC LIMIT :limit",
    )?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":delivery_id": id,
        ":limit": limit,
    };
    let rows = statement.query_map(parameters, |row| {
        Ok(AttemptRow {
            number: row.get("number")?,
            at: row.get("at")?,
            duration_ms: row.get("duration_ms")?,
            outcome: row.get("outcome")?,
            status: row.get("status")?,
            detail: row.get("detail")?,
            answer: row.get("answer")?,
            answer_truncated: row.get("answer_truncated")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Removes some deliveries of a webhook, oldest first, with their tries; gives how many.
pub(super) fn remove(
    tx: &Tx<'_>,
    tenant: Tenant,
    webhook: WebhookId,
    before_event: i64,
    limit: u32,
) -> Result<usize> {
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":webhook_id": webhook,
        ":before_event": before_event,
        ":limit": limit,
    };
    tx.prepare_cached(
        "DELETE FROM delivery_attempts WHERE tenant_id = :tenant_id AND delivery_id IN (
            SELECT id FROM (
                SELECT id, event_sequence FROM deliveries
                WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id
                ORDER BY endpoint_sequence LIMIT :limit
            ) WHERE event_sequence < :before_event
        )",
    )?
    .execute(parameters)?;
    let removed = tx
        .prepare_cached(
            "DELETE FROM deliveries
            WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id AND endpoint_sequence IN (
                SELECT endpoint_sequence FROM (
                    SELECT endpoint_sequence, event_sequence FROM deliveries
                    WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id
                    ORDER BY endpoint_sequence LIMIT :limit
                ) WHERE event_sequence < :before_event
            )",
        )?
        .execute(parameters)?;
    Ok(removed)
}
