//! SQL of messages.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::Message;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{ClientId, MessageId};

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
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// What a thread is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those that changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// One message of a thread.
pub fn find(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    id: MessageId,
) -> Result<Option<Message>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, client_id, direction, channel, body, status, reason, read_at, version, created_at,
            updated_at
        FROM messages WHERE tenant_id = :tenant_id AND client_id = :client_id AND id = :id",
    )?;
    let parameters =
        named_params! { ":tenant_id": tenant.number(), ":client_id": client, ":id": id };
    Ok(statement.query_row(parameters, from_row).optional()?)
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
        "SELECT
            id, client_id, direction, channel, body, status, reason, read_at, version, created_at,
            updated_at
        FROM messages
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND id < :before
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after)
        ORDER BY id DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":before": before.unwrap_or("~"),
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many messages of the coach a client has not read.
pub fn unread(conn: &Connection, tenant: Tenant, client: ClientId) -> Result<u32> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) FROM messages
        WHERE tenant_id = :tenant_id AND client_id = :client_id
            AND direction = 'to_client' AND read_at IS NULL",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

/// Writes that a client has read what the coach wrote, up to the message `last`.
pub(super) fn set_read(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: ClientId,
    last: MessageId,
    now: Timestamp,
) -> Result<u32> {
    let changed = tx
        .prepare_cached(
            "UPDATE messages SET read_at = :now, updated_at = :now, version = version + 1
            WHERE tenant_id = :tenant_id AND client_id = :client_id AND id <= :last
                AND direction = 'to_client' AND read_at IS NULL",
        )?
        .execute(named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":last": last,
            ":now": now,
        })?;
    Ok(u32::try_from(changed).unwrap_or(u32::MAX))
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, message: &Message) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO messages (
            tenant_id, client_id, id, direction, channel, body, status, reason, read_at, version,
            created_at, updated_at
        ) VALUES (
            :tenant_id, :client_id, :id, :direction, :channel, :body, :status, :reason, :read_at,
            :version, :created_at, :updated_at
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
        ":read_at": message.read_at,
        ":version": message.version,
        ":created_at": message.created_at,
        ":updated_at": message.updated_at,
    })?;
    Ok(())
}
