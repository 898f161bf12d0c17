//! SQL of erasing: it knows every table that tells of clients.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde_json::json;

use super::traces::{Traces, Who};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::idempotency;
use crate::ids::{AuditId, ClientId, MailId, RequestId};
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
    "DELETE FROM client_code_tries WHERE browser IN (
        SELECT browser FROM client_codes WHERE tenant_id = :tenant_id AND client_id = :client_id
    )",
    "DELETE FROM client_codes WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM client_consents WHERE tenant_id = :tenant_id AND client_id = :client_id",
    "DELETE FROM sample_objects
    WHERE tenant_id = :tenant_id AND kind = 'client' AND id = :client_id",
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
        "SELECT name, email, phone, external_id FROM clients
        WHERE tenant_id = :tenant_id AND id = :client_id",
    )?;
    let who = statement.query_row(of_client, |row| {
        Ok(Who {
            name: text(row, "name")?,
            email: text(row, "email")?,
            phone: text(row, "phone")?,
            external_id: text(row, "external_id")?,
        })
    });
    let Some(who) = who.optional()? else {
        return Ok(None);
    };
    let mut ids = vec![id.to_string()];
    for sql in OWNED {
        let mut statement = conn.prepare_cached(sql)?;
        let rows = statement.query_map(of_client, |row| row.get(0))?;
        ids.extend(rows.collect::<rusqlite::Result<Vec<String>>>()?);
    }
    Ok(Some(Traces::of(ids, &who)))
}

/// What was found about a client in long tables, and how far it was looked.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Numbers of requests.
    pub requests: BTreeSet<i64>,
    /// Ids of mails to the client.
    pub mails: BTreeSet<String>,
    /// Ids of entries of the audit log.
    pub audited: BTreeSet<String>,
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
        "SELECT sequence, data FROM events
        WHERE tenant_id = :tenant_id AND sequence > :after ORDER BY sequence",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":after": found.events_to };
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        found.events_to = row.get("sequence")?;
        if traces.are_in_data(&text(row, "data")?) {
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
        let texts = [
            text(row, "idempotency_key")?,
            text(row, "request_body")?,
            text(row, "answer_body")?,
        ];
        let texts = texts.each_ref().map(String::as_str);
        let tells = text(row, "route")? == "/v1/clients/import"
            || traces.are_in_request(&text(row, "path")?, &text(row, "query")?, &texts);
        if tells {
            found.requests.insert(row.get("number")?);
        }
    }
    Ok(())
}

/// Mails to a client behind an id, with which the client's traces are known by their ids, too.
pub fn find_mails(
    conn: &Connection,
    tenant: Tenant,
    id: ClientId,
    after: Option<MailId>,
    found: &mut Found,
) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM outbox
        WHERE tenant_id = :tenant_id AND id > :after AND client_id = :client_id",
    )?;
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let mut rows = statement.query(named_params! {
        ":tenant_id": tenant.number(),
        ":after": after,
        ":client_id": id,
    })?;
    while let Some(row) = rows.next()? {
        found.mails.insert(row.get("id")?);
    }
    Ok(())
}

/// Entries of the audit log behind an id whose details tell of a client.
pub fn find_audited(
    conn: &Connection,
    tenant: Tenant,
    traces: &Traces,
    after: Option<AuditId>,
    found: &mut Found,
) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT id, detail FROM audit_log
        WHERE tenant_id = :tenant_id AND id > :after AND detail IS NOT NULL",
    )?;
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let parameters = named_params! { ":tenant_id": tenant.number(), ":after": after };
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        if traces.are_in_words(&text(row, "detail")?) {
            found.audited.insert(row.get("id")?);
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
        if traces.are_in_data(&body) || traces.are_in_ids(&text(row, "location")?) {
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

/// Empties requests that tell of a client.
pub(super) fn empty_requests(
    tx: &Tx<'_>,
    tenant: Tenant,
    numbers: impl IntoIterator<Item = i64>,
) -> Result<()> {
    for number in numbers {
        tx.prepare_cached(
            "UPDATE requests SET path = coalesce(route, ''), query = NULL, idempotency_key = NULL,
                request_body = NULL, answer_body = NULL, bodies = 'not_kept'
            WHERE tenant_id = :tenant_id AND number = :number",
        )?
        .execute(named_params! { ":tenant_id": tenant.number(), ":number": number })?;
    }
    Ok(())
}

/// Empties what was found in long tables, and what follows from it.
pub(super) fn empty(tx: &Tx<'_>, tenant: Tenant, found: &Found) -> Result<()> {
    empty_requests(tx, tenant, found.requests.iter().copied())?;
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
    for id in &found.audited {
        tx.prepare_cached(
            "UPDATE audit_log SET detail = NULL WHERE tenant_id = :tenant_id AND id = :id",
        )?
        .execute(named_params! { ":tenant_id": tenant.number(), ":id": id })?;
    }
    let mails = json!(found.mails).to_string();
    for sql in [
        "DELETE FROM jobs
        WHERE for_tenant = :tenant_id AND about IN (SELECT value FROM json_each(:mails))",
        "DELETE FROM outbox
        WHERE tenant_id = :tenant_id AND id IN (SELECT value FROM json_each(:mails))",
    ] {
        tx.prepare_cached(sql)?
            .execute(named_params! { ":tenant_id": tenant.number(), ":mails": mails })?;
    }
    empty_events(tx, tenant, found)
}

/// Empties events and what came of them. The inbox has no index by event: it is read once.
fn empty_events(tx: &Tx<'_>, tenant: Tenant, found: &Found) -> Result<()> {
    let sequences = json!(found.events).to_string();
    tx.prepare_cached(
        "DELETE FROM inbox_messages WHERE tenant_id = :tenant_id AND event_id IN (
            SELECT id FROM events WHERE tenant_id = :tenant_id AND sequence IN (
                SELECT value FROM json_each(:sequences)
            )
        )",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":sequences": sequences })?;
    for sequence in &found.events {
        let of_event = named_params! { ":tenant_id": tenant.number(), ":sequence": sequence };
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
            if traces.are_in_words(&text(row, "words")?) {
                found.push(row.get("id")?);
            }
        }
        Ok(found)
    };
    let noticed = told(
        "SELECT id, title || ' ' || message || ' ' || subject || ' ' || coalesce(action_href, '')
            AS words
        FROM notices WHERE tenant_id = :tenant_id",
    )?;
    for id in noticed {
        tx.prepare_cached("DELETE FROM notices WHERE tenant_id = :tenant_id AND id = :id")?
            .execute(named_params! { ":tenant_id": tenant.number(), ":id": id })?;
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
