//! SQL of the outbox.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::Mail;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::{Tx, execute_in_order};
use crate::error::Result;
use crate::ids::MailId;

fn from_row(row: &Row<'_>) -> rusqlite::Result<Mail> {
    Ok(Mail {
        id: row.get("id")?,
        template: row.get("template")?,
        recipient: row.get("recipient")?,
        fill: row.get("fill")?,
        status: row.get("status")?,
        reason: row.get("reason")?,
        client_id: row.get("client_id")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// One mail of a tenant.
pub fn find(conn: &Connection, tenant: Tenant, id: MailId) -> Result<Option<Mail>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, template, recipient, fill, status, reason, client_id, created_at, updated_at,
            expires_at
        FROM outbox WHERE tenant_id = :tenant_id AND id = :id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// What a page of mails is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only mails of this status.
    pub status: Option<&'static str>,
    /// Only mails about this client.
    pub client_id: Option<String>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those whose status changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// Mails of a tenant, newest first, below the id `before`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Mail>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, template, recipient, fill, status, reason, client_id, created_at, updated_at,
            expires_at
        FROM outbox
        WHERE tenant_id = :tenant_id AND id < :before
            AND (:status IS NULL OR status = :status)
            AND (:client_id IS NULL OR client_id = :client_id)
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after)
        ORDER BY id DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":before": before.unwrap_or("~"),
            ":status": filter.status,
            ":client_id": filter.client_id,
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many mails of all tenants are about to leave; for the operator of a restored server.
pub fn count_queued_of_all_tenants(conn: &Connection) -> Result<u32> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*)
            FROM tenants t CROSS JOIN outbox o ON o.tenant_id = t.id AND o.status = 'queued'",
        )?
        .query_row([], |row| row.get(0))?)
}

/// The mails of a status that need somebody or something: how many, and the newest of them.
pub fn open_of(
    conn: &Connection,
    tenant: Tenant,
    status: &str,
) -> Result<(u32, Option<MailId>, Option<Timestamp>)> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) AS count, max(id) AS newest, max(updated_at) AS at FROM outbox
        WHERE tenant_id = :tenant_id AND status = :status
            AND status IN ('queued', 'held', 'bounced')",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":status": status };
    Ok(statement.query_row(parameters, |row| {
        Ok((row.get("count")?, row.get("newest")?, row.get("at")?))
    })?)
}

/// Mails of a status that are pointless to send by now.
pub fn expired(
    conn: &Connection,
    tenant: Tenant,
    status: &str,
    now: Timestamp,
) -> Result<Vec<MailId>> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM outbox
        WHERE tenant_id = :tenant_id AND status = :status
            AND status IN ('queued', 'held', 'bounced') AND expires_at <= :now
        ORDER BY id LIMIT 500",
    )?;
    let parameters =
        named_params! { ":tenant_id": tenant.number(), ":status": status, ":now": now };
    let rows = statement.query_map(parameters, |row| row.get("id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The mail of an invite that has ended: its id, whom it was about, and when its link ended.
pub type EndedInvite = (MailId, Option<String>, Option<Timestamp>);

/// Invites behind `after`, oldest first, that have ended: the mails, and whom they were about.
pub fn ended_invites(
    conn: &Connection,
    tenant: Tenant,
    after: &str,
    now: Timestamp,
) -> Result<Vec<EndedInvite>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, client_id, expires_at FROM outbox
        WHERE tenant_id = :tenant_id AND id > :after AND template = 'invite'
            AND expires_at <= :now
        ORDER BY id LIMIT 500",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":after": after, ":now": now };
    let rows = statement.query_map(parameters, |row| {
        Ok((
            row.get("id")?,
            row.get("client_id")?,
            row.get("expires_at")?,
        ))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The mails of all tenants that are about to leave, for the operator of a restored server: tenant
/// by tenant, the oldest first.
pub fn queued_of_all_tenants(
    conn: &Connection,
    limit: u32,
) -> Result<Vec<(String, String, Timestamp)>> {
    let mut statement = conn.prepare_cached(
        "SELECT o.recipient, o.template, o.created_at
        FROM tenants t CROSS JOIN outbox o ON o.tenant_id = t.id AND o.status = 'queued'
        ORDER BY o.id LIMIT :limit",
    )?;
    let rows = statement.query_map(named_params! { ":limit": limit }, |row| {
        Ok((
            row.get("recipient")?,
            row.get("template")?,
            row.get("created_at")?,
        ))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn set_status(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: MailId,
    (status, reason): (&str, Option<&str>),
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE outbox SET status = :status, reason = :reason, updated_at = :now
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": id,
        ":status": status,
        ":reason": reason,
        ":now": now,
    })?;
    Ok(())
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, mail: &Mail) -> Result<()> {
    let statement = tx.prepare_cached(
        "INSERT INTO outbox (
            tenant_id, id, template, recipient, fill, status, reason, client_id, created_at,
            updated_at, expires_at
        ) VALUES (
            :tenant_id, :id, :template, :recipient, :fill, :status, :reason, :client_id,
            :created_at, :updated_at, :expires_at
        )",
    )?;
    execute_in_order(
        statement,
        named_params! {
            ":tenant_id": tenant.number(),
            ":id": mail.id,
            ":template": mail.template,
            ":recipient": mail.recipient,
            ":fill": mail.fill,
            ":status": mail.status,
            ":reason": mail.reason,
            ":client_id": mail.client_id,
            ":created_at": mail.created_at,
            ":updated_at": mail.updated_at,
            ":expires_at": mail.expires_at,
        },
    )?;
    Ok(())
}
