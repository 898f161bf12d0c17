//! SQL of the event log.

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Event, EventType};
use crate::caller::{Origin, Tenant};
use crate::clock::Timestamp;
use crate::db::{Tx, execute_in_order};
use crate::error::Result;
use crate::ids::{EventId, RequestId};

fn from_row(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: row.get("id")?,
        sequence: row.get("sequence")?,
        kind: row.get("type")?,
        created_at: row.get("created_at")?,
        request_id: row.get("request_id")?,
        idempotency_key: row.get("idempotency_key")?,
        data: row.get("data")?,
    })
}

/// Appends an event under the tenant's next number.
pub(super) fn append(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: EventId,
    kind: EventType,
    origin: &Origin,
    data: &str,
) -> Result<()> {
    // Two statements: RETURNING would open a temporary table for its one row each time.
    tx.prepare_cached(
        "UPDATE tenants SET event_sequence = event_sequence + 1 WHERE id = :tenant_id",
    )?
    .execute(named_params! { ":tenant_id": tenant.number() })?;
    let sequence: i64 = tx
        .prepare_cached("SELECT event_sequence FROM tenants WHERE id = :tenant_id")?
        .query_row(named_params! { ":tenant_id": tenant.number() }, |row| {
            row.get(0)
        })?;
    let statement = tx.prepare_cached(
        "INSERT INTO events (
            tenant_id, sequence, id, type, created_at, request_id, idempotency_key, data
        ) VALUES (
            :tenant_id, :sequence, :id, :type, :created_at, :request_id, :idempotency_key, :data
        )",
    )?;
    execute_in_order(
        statement,
        named_params! {
            ":tenant_id": tenant.number(),
            ":sequence": sequence,
            ":id": id,
            ":type": kind.name(),
            ":created_at": origin.at,
            ":request_id": origin.request_id,
            ":idempotency_key": origin.idempotency_key,
            ":data": data,
        },
    )?;
    Ok(())
}

/// One event, if its type is among those the reader may see.
pub fn find(
    conn: &Connection,
    tenant: Tenant,
    id: EventId,
    readable: &[EventType],
) -> Result<Option<Event>> {
    let found = conn
        .prepare_cached(
            "SELECT id, sequence, type, created_at, request_id, idempotency_key, data
            FROM events WHERE tenant_id = :tenant_id AND id = :id",
        )?
        .query_row(
            named_params! { ":tenant_id": tenant.number(), ":id": id },
            from_row,
        )
        .optional()?;
    Ok(found.filter(|event| readable.iter().any(|kind| kind.name() == event.kind)))
}

/// What a request caused: each event's id, type and number. The span of ids bounds the search.
pub fn of_request(
    conn: &Connection,
    tenant: Tenant,
    request: RequestId,
    ids: Range<EventId>,
) -> Result<Vec<(EventId, String, i64)>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, type, sequence FROM events
        WHERE tenant_id = :tenant_id AND id >= :from AND id < :to AND request_id = :request_id
        ORDER BY id LIMIT 100",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":from": ids.start,
            ":to": ids.end,
            ":request_id": request,
        },
        |row| Ok((row.get("id")?, row.get("type")?, row.get("sequence")?)),
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What is known of an event without what it tells.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Its place in the tenant's log.
    pub sequence: i64,
    /// Its id.
    pub id: EventId,
    /// The name of its type.
    pub kind: String,
    /// The tenant's time.
    pub created_at: Timestamp,
}

/// The next events behind a sequence number, without what they tell.
pub fn marks(conn: &Connection, tenant: Tenant, after: i64, limit: u32) -> Result<Vec<Mark>> {
    let mut statement = conn.prepare_cached(
        "SELECT sequence, id, type, created_at FROM events
        WHERE tenant_id = :tenant_id AND sequence > :after ORDER BY sequence LIMIT :limit",
    )?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":after": after,
        ":limit": limit,
    };
    let rows = statement.query_map(parameters, |row| {
        Ok(Mark {
            sequence: row.get("sequence")?,
            id: row.get("id")?,
            kind: row.get("type")?,
            created_at: row.get("created_at")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The event under a sequence number.
pub fn at(conn: &Connection, tenant: Tenant, sequence: i64) -> Result<Option<Event>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, sequence, type, created_at, request_id, idempotency_key, data
        FROM events WHERE tenant_id = :tenant_id AND sequence = :sequence",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":sequence": sequence };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// A sequence number before which every event is older than this time.
///
/// Times hardly ever run against the numbers: an event bears the time at which its request came, and
/// requests that came within a moment may be committed in another order. So the search goes by a time
/// a minute earlier, and whoever reads on from there looks at each event's own time.
pub fn sequence_of(conn: &Connection, tenant: Tenant, time: Timestamp) -> Result<i64> {
    let (mut low, newest) = bounds(conn, tenant)?;
    let mut high = newest + 1;
    let before = time.plus_ms(-crate::clock::MINUTE_MS);
    while low < high {
        let middle = low + (high - low) / 2;
        match marks(conn, tenant, middle - 1, 1)?.first() {
            Some(mark) if mark.created_at < before => low = mark.sequence + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// Removes some events before a sequence number, the oldest first; gives how many.
pub(super) fn remove(tx: &Tx<'_>, tenant: Tenant, before: i64, limit: u32) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM events WHERE tenant_id = :tenant_id AND sequence IN (
                SELECT sequence FROM events
                WHERE tenant_id = :tenant_id AND sequence < :before ORDER BY sequence LIMIT :limit
            )",
        )?
        .execute(named_params! {
            ":tenant_id": tenant.number(),
            ":before": before,
            ":limit": limit,
        })?;
    Ok(removed)
}

/// What a page of events is asked for.
#[derive(Debug)]
pub struct Filter {
    /// Names of the types to give, none other.
    pub kinds: Vec<&'static str>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
}

/// Events with `sequence` above `after` in commit order, or below `before` newest first.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    filter: &Filter,
    span: Span,
    limit: u32,
) -> Result<Vec<Event>> {
    let kinds = serde_json::to_string(&filter.kinds).map_err(crate::error::Error::internal)?;
    let (sql, bound) = match span {
        Span::After(sequence) => (
            "SELECT id, sequence, type, created_at, request_id, idempotency_key, data
            FROM events
            WHERE tenant_id = :tenant_id AND sequence > :bound
                AND type IN (SELECT value FROM json_each(:kinds))
                AND (:created_after IS NULL OR created_at > :created_after)
                AND (:created_before IS NULL OR created_at < :created_before)
            ORDER BY sequence LIMIT :limit",
            sequence,
        ),
        Span::Before(sequence) => (
            "SELECT id, sequence, type, created_at, request_id, idempotency_key, data
            FROM events
            WHERE tenant_id = :tenant_id AND sequence < :bound
                AND type IN (SELECT value FROM json_each(:kinds))
                AND (:created_after IS NULL OR created_at > :created_after)
                AND (:created_before IS NULL OR created_at < :created_before)
            ORDER BY sequence DESC LIMIT :limit",
            sequence,
        ),
    };
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":bound": bound,
            ":kinds": kinds,
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Which way a page of events runs.
#[derive(Clone, Copy, Debug)]
pub enum Span {
    /// Forward from a sequence number, which is left out.
    After(i64),
    /// Backward from a sequence number, which is left out.
    Before(i64),
}

/// The oldest and the newest sequence number that are kept; the newest is 0 where nothing happened.
pub fn bounds(conn: &Connection, tenant: Tenant) -> Result<(i64, i64)> {
    let bounds = conn
        .prepare_cached(
            "SELECT
                coalesce(
                    (SELECT min(sequence) FROM events WHERE tenant_id = :tenant_id), event_sequence + 1
                ),
                event_sequence
            FROM tenants WHERE id = :tenant_id",
        )?
        .query_row(named_params! { ":tenant_id": tenant.number() }, |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(bounds)
}
