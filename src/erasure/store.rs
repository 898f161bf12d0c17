//! SQL of erasing: it knows every table that tells of clients.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::Traces;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::idempotency;
use crate::ids::{ClientId, RequestId};
use crate::secrets::SealingKey;

/// What stands where something was erased.
const ERASED: &str = r#"{"erased":true}"#;

/// The ids of everything that is a client's.
const OWNED: &[&str] = &[
    "SELECT id FROM messages WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "SELECT id FROM programs WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "SELECT id FROM workout_logs WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "SELECT id FROM photos WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "SELECT id FROM checkins WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "SELECT id FROM measurements WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "SELECT id FROM payments WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "SELECT id FROM client_sessions WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "SELECT id FROM outbox WHERE tenant_id = :tenant_id AND client_id = :client_id",
];

/// Everything of a client that goes, children before parents.
const DELETE: &[&str] = &[
    "DELETE FROM photo_pictures WHERE tenant_id = :tenant_id AND photo_id IN (
        SELECT id FROM photos WHERE tenant_id = :tenant_id AND client_id = :client_id
    )",
    "DELETE FROM photos WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM measurements WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM checkins WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM checkin_schedules WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM personal_records WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM workout_logs WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM programs WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM messages WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM client_sessions WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM client_consents WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM jobs WHERE for_tenant = :tenant_id AND about IN (
        SELECT id FROM outbox WHERE tenant_id = :tenant_id AND client_id = :client_id
    )",
    "DELETE FROM outbox WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "UPDATE refunds SET reason = NULL WHERE tenant_id = :tenant_id AND payment_id IN (
        SELECT id FROM payments WHERE tenant_id = :tenant_id AND client_id = :client_id
    )",
    "UPDATE payments SET description = NULL, failure_message = NULL, metadata = '{}'
    WHERE tenant_id = :tenant_id AND client_id = :client_id",
];

/// By what texts about a client are known; none if there is no such client.
pub fn traces(conn: &Connection, tenant: Tenant, id: ClientId) -> Result<Option<Traces>> {
    let of_client = named_params! { ":tenant_id": tenant.number(), ":client_id": id };
    let mut statement = conn.prepare_cached(
        "SELECT name, email, email_key, phone, external_id FROM clients
        WHERE tenant_id = :tenant_id AND id = :client_id",
    )?;
    let words = statement.query_row(of_client, |row| {
        let word = |at: usize| {
            row.get::<_, Option<String>>(at)
                .map(Option::unwrap_or_default)
        };
        Ok([word(0)?, word(1)?, word(2)?, word(3)?, word(4)?])
    });
    let Some(words) = words.optional()? else {
        return Ok(None);
    };
    let mut ids = vec![id.to_string()];
    for sql in OWNED {
        let mut statement = conn.prepare_cached(sql)?;
        let rows = statement.query_map(of_client, |row| row.get(0))?;
        ids.extend(rows.collect::<rusqlite::Result<Vec<String>>>()?);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok(Some(Traces::of(ids, &words)))
}

/// What was found about a client in long tables, and how far it was looked.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Numbers of requests.
    pub requests: Vec<i64>,
    /// Sequences of events.
    pub events: Vec<i64>,
    /// Events up to this one were looked at.
    pub events_to: i64,
    /// Numbers of saved answers.
    pub answers: Vec<i64>,
    /// Saved answers up to this one were looked at.
    pub answers_to: i64,
}

fn text(row: &Row<'_>, name: &str) -> rusqlite::Result<String> {
    row.get::<_, Option<String>>(name)
        .map(Option::unwrap_or_default)
}

/// Events behind a sequence that tell of a client.
pub fn find_events(
    conn: &Connection,
    tenant: Tenant,
    traces: &Traces,
    found: &mut Found,
) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT sequence, idempotency_key, data FROM events
        WHERE tenant_id = :tenant_id AND sequence > :after ORDER BY sequence",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":after": found.events_to };
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        found.events_to = row.get("sequence")?;
        if traces.are_in(&text(row, "data")?) || traces.are_in(&text(row, "idempotency_key")?) {
            found.events.push(found.events_to);
        }
    }
    Ok(())
}

/// Requests behind an id that tell of a client. One that brought a file of clients may tell of any.
pub fn find_requests(
    conn: &Connection,
    tenant: Tenant,
    traces: &Traces,
    after: Option<RequestId>,
    found: &mut Found,
) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT number, route, path, query, idempotency_key, request_body, answer_body
        FROM requests WHERE tenant_id = :tenant_id AND id > :after",
    )?;
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let parameters = named_params! { ":tenant_id": tenant.number(), ":after": after };
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        let tells = text(row, "route")? == "/v1/clients/import"
            || traces.are_in_address(&text(row, "path")?)
            || traces.are_in_address(&text(row, "query")?)
            || traces.are_in(&text(row, "idempotency_key")?)
            || traces.are_in(&text(row, "request_body")?)
            || traces.are_in(&text(row, "answer_body")?);
        let number: i64 = row.get("number")?;
        if tells && !found.requests.contains(&number) {
            found.requests.push(number);
        }
    }
    Ok(())
}

/// Saved answers behind a number that tell of a client; sealed ones are opened for it.
pub fn find_answers(
    conn: &Connection,
    tenant: Tenant,
    sealing: &SealingKey,
    traces: &Traces,
    found: &mut Found,
) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT a.id, a.key_digest, a.location, a.sealed, a.body
        FROM idempotency_keys k JOIN saved_answers a ON a.id = k.answer_id
        WHERE k.tenant_id = :tenant_id AND a.id > :after",
    )?;
    let after = found.answers_to;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":after": after };
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get("id")?;
        found.answers_to = found.answers_to.max(id);
        let mut body: Vec<u8> = row.get("body")?;
        if row.get("sealed")? {
            let context = idempotency::context_of(tenant, row.get("key_digest")?);
            body = sealing.open(&context, &body)?.to_vec();
        }
        let body = String::from_utf8_lossy(&body);
        if traces.are_in(&body) || traces.are_in(&text(row, "location")?) {
            found.answers.push(id);
        }
    }
    Ok(())
}

/// Removes what is the client's, and the client.
pub(super) fn delete(tx: &Tx<'_>, tenant: Tenant, id: ClientId) -> Result<()> {
    let of_client = named_params! { ":tenant_id": tenant.number(), ":client_id": id };
    for sql in DELETE {
        tx.prepare_cached(sql)?.execute(of_client)?;
    }
    tx.touched(tenant);
    tx.prepare_cached("DELETE FROM clients WHERE tenant_id = :tenant_id AND id = :client_id")?
        .execute(of_client)?;
    Ok(())
}

/// Empties what was found in long tables, and what follows from it.
pub(super) fn empty(tx: &Tx<'_>, tenant: Tenant, found: &Found) -> Result<()> {
    for number in &found.requests {
        tx.prepare_cached(
            "UPDATE requests SET path = coalesce(route, ''), query = NULL, idempotency_key = NULL,
                request_body = NULL, answer_body = NULL, bodies = 'not_kept'
            WHERE tenant_id = :tenant_id AND number = :number",
        )?
        .execute(named_params! { ":tenant_id": tenant.number(), ":number": number })?;
    }
    for id in &found.answers {
        tx.prepare_cached(
            "UPDATE saved_answers SET body = :erased, sealed = 0, etag = NULL
            WHERE tenant_id = :tenant_id AND id = :id",
        )?
        .execute(named_params! {
            ":tenant_id": tenant.number(),
            ":id": id,
            ":erased": ERASED.as_bytes(),
        })?;
    }
    for sequence in &found.events {
        let of_event = named_params! { ":tenant_id": tenant.number(), ":sequence": sequence };
        tx.prepare_cached(
            "DELETE FROM inbox_messages WHERE tenant_id = :tenant_id AND event_id IN (
                SELECT id FROM events WHERE tenant_id = :tenant_id AND sequence = :sequence
            )",
        )?
        .execute(of_event)?;
        tx.prepare_cached(
            "UPDATE delivery_attempts SET answer = NULL, detail = NULL
            WHERE tenant_id = :tenant_id AND delivery_id IN (
                SELECT id FROM deliveries INDEXED BY deliveries_event
                WHERE tenant_id = :tenant_id AND event_sequence = :sequence
            )",
        )?
        .execute(of_event)?;
        tx.prepare_cached(
            "UPDATE events SET data = :erased, idempotency_key = NULL
            WHERE tenant_id = :tenant_id AND sequence = :sequence",
        )?
        .execute(named_params! {
            ":tenant_id": tenant.number(),
            ":sequence": sequence,
            ":erased": ERASED,
        })?;
    }
    Ok(())
}

/// Empties what tells of a client in tables that are short.
pub(super) fn empty_short(tx: &Tx<'_>, tenant: Tenant, traces: &Traces) -> Result<()> {
    let told = |sql: &str| -> Result<Vec<String>> {
        let mut statement = tx.prepare_cached(sql)?;
        let mut rows = statement.query(named_params! { ":tenant_id": tenant.number() })?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if traces.are_in(&text(row, "words")?) {
                found.push(row.get("id")?);
            }
        }
        Ok(found)
    };
    let audited = told(
        "SELECT id, detail AS words FROM audit_log
        WHERE tenant_id = :tenant_id AND detail IS NOT NULL",
    )?;
    for id in audited {
        tx.prepare_cached(
            "UPDATE audit_log SET detail = NULL WHERE tenant_id = :tenant_id AND id = :id",
        )?
        .execute(named_params! { ":tenant_id": tenant.number(), ":id": id })?;
    }
    let noticed = told(
        "SELECT id, title || ' ' || message || ' ' || subject || ' ' || coalesce(action_href, '')
            AS words
        FROM notices WHERE tenant_id = :tenant_id",
    )?;
    for id in noticed {
        tx.prepare_cached("DELETE FROM notices WHERE tenant_id = :tenant_id AND id = :id")?
            .execute(named_params! { ":tenant_id": tenant.number(), ":id": id })?;
    }
    let mailed = told(
        "SELECT id, recipient || ' ' || coalesce(reason, '') AS words
        FROM outbox WHERE tenant_id = :tenant_id",
    )?;
    for id in mailed {
        let of_mail = named_params! { ":tenant_id": tenant.number(), ":id": id };
        tx.prepare_cached("DELETE FROM jobs WHERE for_tenant = :tenant_id AND about = :id")?
            .execute(of_mail)?;
        tx.prepare_cached("DELETE FROM outbox WHERE tenant_id = :tenant_id AND id = :id")?
            .execute(of_mail)?;
    }
    let jobs = told(
        "SELECT id, payload || ' ' || coalesce(about, '') || ' ' || coalesce(error, '') || ' '
            || coalesce(progress, '') AS words
        FROM jobs WHERE for_tenant = :tenant_id AND recurring = 0",
    )?;
    for id in jobs {
        tx.prepare_cached(
            "UPDATE jobs SET error = NULL, progress = NULL
            WHERE for_tenant = :tenant_id AND id = :id",
        )?
        .execute(named_params! { ":tenant_id": tenant.number(), ":id": id })?;
    }
    Ok(())
}

/// Remembers that a client was erased.
pub(super) fn remember(tx: &Tx<'_>, tenant: Tenant, id: ClientId, at: Timestamp) -> Result<()> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO erased_clients (tenant_id, client_id, erased_at)
        VALUES (:tenant_id, :client_id, :erased_at)",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": id,
        ":erased_at": at,
    })?;
    Ok(())
}
