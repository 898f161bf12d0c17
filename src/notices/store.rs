//! SQL of notices.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Notice, Told};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{AccountId, NoticeId};

/// A notice that was told, with what it is about.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The notice.
    pub notice: Notice,
    /// What exactly it is about.
    pub subject: String,
    /// How far that is.
    pub stage: String,
}

fn from_row(tenant: Tenant, row: &Row<'_>) -> rusqlite::Result<Kept> {
    let label: Option<String> = row.get("action_label")?;
    let href: Option<String> = row.get("action_href")?;
    let notice = Notice {
        id: row.get("id")?,
        livemode: Some(tenant.mode().is_live()),
        kind: row.get("kind")?,
        severity: row.get("severity")?,
        title: row.get("title")?,
        message: row.get("message")?,
        action: label.zip(href),
        created_at: row.get("created_at")?,
    };
    Ok(Kept {
        notice,
        subject: row.get("subject")?,
        stage: row.get("stage")?,
    })
}

/// The notices of a tenant that were told and have not ended, newest first.
pub fn kept(conn: &Connection, tenant: Tenant) -> Result<Vec<Kept>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, kind, subject, stage, severity, title, message, action_label, action_href,
            created_at
        FROM notices WHERE tenant_id = :tenant_id AND ended_at IS NULL
        ORDER BY id DESC LIMIT 100",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    let rows = statement.query_map(parameters, |row| from_row(tenant, row))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The stage that was last told of a subject.
pub fn stage(
    conn: &Connection,
    tenant: Tenant,
    kind: &str,
    subject: &str,
) -> Result<Option<String>> {
    let mut statement = conn.prepare_cached(
        "SELECT stage FROM notices
        WHERE tenant_id = :tenant_id AND kind = :kind AND subject = :subject",
    )?;
    let parameters =
        named_params! { ":tenant_id": tenant.number(), ":kind": kind, ":subject": subject };
    let found = statement.query_row(parameters, |row| row.get("stage"));
    Ok(found.optional()?)
}

/// The notices that an account has put aside.
pub fn dismissed(conn: &Connection, account: AccountId) -> Result<HashSet<NoticeId>> {
    let mut statement =
        conn.prepare_cached("SELECT notice_id FROM dismissals WHERE account_id = :account_id")?;
    let rows = statement.query_map(named_params! { ":account_id": account }, |row| {
        row.get("notice_id")
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Tells a stage of a subject; false if it was told before.
pub(super) fn tell(tx: &Tx<'_>, tenant: Tenant, told: &Told) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "INSERT INTO notices (
                tenant_id, id, kind, subject, stage, severity, title, message, action_label,
                action_href, created_at
            ) VALUES (
                :tenant_id, :id, :kind, :subject, :stage, :severity, :title, :message,
                :action_label, :action_href, :created_at
            ) ON CONFLICT (tenant_id, kind, subject) DO UPDATE
            SET id = excluded.id, stage = excluded.stage, severity = excluded.severity,
                title = excluded.title, message = excluded.message,
                action_label = excluded.action_label, action_href = excluded.action_href,
                created_at = excluded.created_at, ended_at = NULL
            WHERE stage <> excluded.stage",
        )?
        .execute(named_params! {
            ":tenant_id": tenant.number(),
            ":id": told.id,
            ":kind": told.kind.name(),
            ":subject": told.subject,
            ":stage": told.stage,
            ":severity": told.severity.name(),
            ":title": told.title,
            ":message": told.message,
            ":action_label": told.action.as_ref().map(|(label, _)| label),
            ":action_href": told.action.as_ref().map(|(_, href)| href),
            ":created_at": told.created_at,
        })?;
    Ok(changed == 1)
}

/// Ends what was told of a subject.
pub(super) fn end(
    tx: &Tx<'_>,
    tenant: Tenant,
    kind: &str,
    subject: &str,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE notices SET ended_at = :now
        WHERE tenant_id = :tenant_id AND kind = :kind AND subject = :subject
            AND ended_at IS NULL",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":kind": kind,
        ":subject": subject,
        ":now": now,
    })?;
    Ok(())
}

/// Notes that an account has put a notice aside.
pub(super) fn dismiss(tx: &Tx<'_>, account: AccountId, id: NoticeId, now: Timestamp) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO dismissals (account_id, notice_id, dismissed_at)
        VALUES (:account_id, :id, :now) ON CONFLICT DO NOTHING",
    )?
    .execute(named_params! { ":account_id": account, ":id": id, ":now": now })?;
    Ok(())
}
