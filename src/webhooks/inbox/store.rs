//! SQL of the test inbox.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{InboxMessage, Mood};
use crate::caller::Tenant;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::InboxMessageId;

fn from_row(row: &Row<'_>) -> rusqlite::Result<InboxMessage> {
    let headers: String = row.get("headers")?;
    let signature: String = row.get("signature")?;
    Ok(InboxMessage {
        id: row.get("id")?,
        webhook_id: row.get("webhook_id")?,
        event_id: row.get("event_id")?,
        event_type: row.get("event_type")?,
        headers: serde_json::from_str(&headers).unwrap_or_default(),
        body: row.get("body")?,
        valid: signature == "valid",
        answered: row.get("answered")?,
        created_at: row.get("created_at")?,
    })
}

/// What the inbox answers, and how much it holds.
pub fn standing(conn: &Connection, tenant: Tenant) -> Result<(Mood, u32)> {
    let mood = mood(conn, tenant)?;
    let count = conn
        .prepare_cached("SELECT count(*) FROM inbox_messages WHERE tenant_id = :tenant_id")?
        .query_row(named_params! { ":tenant_id": tenant.number() }, |row| {
            row.get(0)
        })?;
    Ok((mood, count))
}

/// What the inbox answers.
pub fn mood(conn: &Connection, tenant: Tenant) -> Result<Mood> {
    let name: String = conn
        .prepare_cached("SELECT inbox_answer FROM tenants WHERE id = :tenant_id")?
        .query_row(named_params! { ":tenant_id": tenant.number() }, |row| {
            row.get(0)
        })?;
    Ok(Mood::parse(&name).unwrap_or(Mood::Ok))
}

/// What it received, newest first, below the id `before`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<InboxMessage>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, webhook_id, event_id, event_type, headers, body, signature, answered, created_at
        FROM inbox_messages WHERE tenant_id = :tenant_id AND id < :before
        ORDER BY id DESC LIMIT :limit",
    )?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":before": before.unwrap_or("~"),
        ":limit": limit,
    };
    let rows = statement.query_map(parameters, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One thing that it received.
pub fn find(conn: &Connection, tenant: Tenant, id: InboxMessageId) -> Result<Option<InboxMessage>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, webhook_id, event_id, event_type, headers, body, signature, answered, created_at
        FROM inbox_messages WHERE tenant_id = :tenant_id AND id = :id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

pub(super) fn set_mood(tx: &Tx<'_>, tenant: Tenant, mood: Mood) -> Result<()> {
    tx.prepare_cached("UPDATE tenants SET inbox_answer = :answer WHERE id = :tenant_id")?
        .execute(named_params! { ":tenant_id": tenant.number(), ":answer": mood.name() })?;
    Ok(())
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, message: &InboxMessage) -> Result<()> {
    let headers = serde_json::to_string(&message.headers).map_err(Error::internal)?;
    tx.prepare_cached(
        "INSERT INTO inbox_messages (
            tenant_id, id, webhook_id, event_id, event_type, headers, body, signature, answered,
            created_at
        ) VALUES (
            :tenant_id, :id, :webhook_id, :event_id, :event_type, :headers, :body, :signature,
            :answered, :created_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": message.id,
        ":webhook_id": message.webhook_id,
        ":event_id": message.event_id,
        ":event_type": message.event_type,
        ":headers": headers,
        ":body": message.body,
        ":signature": if message.valid { "valid" } else { "invalid" },
        ":answered": message.answered,
        ":created_at": message.created_at,
    })?;
    Ok(())
}

/// Removes the oldest beyond so many.
pub(super) fn trim(tx: &Tx<'_>, tenant: Tenant, keep: u32) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM inbox_messages WHERE tenant_id = :tenant_id AND id <= (
            SELECT id FROM inbox_messages WHERE tenant_id = :tenant_id
            ORDER BY id DESC LIMIT 1 OFFSET :keep
        )",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":keep": keep })?;
    Ok(())
}

/// Removes all.
pub(super) fn empty(tx: &Tx<'_>, tenant: Tenant) -> Result<()> {
    tx.prepare_cached("DELETE FROM inbox_messages WHERE tenant_id = :tenant_id")?
        .execute(named_params! { ":tenant_id": tenant.number() })?;
    Ok(())
}
