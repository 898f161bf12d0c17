//! SQL of messages.

use rusqlite::{Connection, Row, named_params};

use super::Message;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::ClientId;

fn from_row(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get("id")?,
        client_id: row.get("client_id")?,
        direction: row.get("direction")?,
        channel: row.get("channel")?,
        body: row.get("body")?,
        status: row.get("status")?,
        reason: row.get("reason")?,
        read_at: row.get("read_at")?,
        created_at: row.get("created_at")?,
    })
}

/// What a thread is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
}

/// Messages of a thread, newest first, below the id `before`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Message>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, client_id, direction, channel, body, status, reason, read_at, created_at
        FROM messages
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND id < :before
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
        ORDER BY id DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":before": before.unwrap_or("~"),
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, message: &Message) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO messages (
            tenant_id, client_id, id, direction, channel, body, status, reason, created_at
        ) VALUES (
            :tenant_id, :client_id, :id, :direction, :channel, :body, :status, :reason, :created_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": message.client_id,
        ":id": message.id,
        ":direction": message.direction,
        ":channel": message.channel,
        ":body": message.body,
        ":status": message.status,
        ":reason": message.reason,
        ":created_at": message.created_at,
    })?;
    Ok(())
}
