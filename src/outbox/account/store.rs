//! SQL of mail to accounts.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::AccountMail;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{AccountId, MailId};

fn from_row(row: &Row<'_>) -> rusqlite::Result<AccountMail> {
    Ok(AccountMail {
        account_id: row.get("account_id")?,
        id: row.get("id")?,
        template: row.get("template")?,
        recipient: row.get("recipient")?,
        fill: row.get("fill")?,
        status: row.get("status")?,
        reason: row.get("reason")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// One mail of an account.
pub fn find(conn: &Connection, account: AccountId, id: MailId) -> Result<Option<AccountMail>> {
    let mut statement = conn.prepare_cached(
        "SELECT account_id, id, template, recipient, fill, status, reason, created_at, expires_at
        FROM account_outbox WHERE account_id = :account_id AND id = :id",
    )?;
    let parameters = named_params! { ":account_id": account, ":id": id };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// The newest mails of an account; for tests and for whoever sends.
pub fn newest(conn: &Connection, account: AccountId, limit: u32) -> Result<Vec<AccountMail>> {
    let mut statement = conn.prepare_cached(
        "SELECT account_id, id, template, recipient, fill, status, reason, created_at, expires_at
        FROM account_outbox WHERE account_id = :account_id ORDER BY id DESC LIMIT :limit",
    )?;
    let parameters = named_params! { ":account_id": account, ":limit": limit };
    let rows = statement.query_map(parameters, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn insert(tx: &Tx<'_>, mail: &AccountMail) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO account_outbox (
            account_id, id, template, recipient, fill, status, reason, created_at, updated_at,
            expires_at
        ) VALUES (
            :account_id, :id, :template, :recipient, :fill, :status, :reason, :now, :now,
            :expires_at
        )",
    )?
    .execute(named_params! {
        ":account_id": mail.account_id,
        ":id": mail.id,
        ":template": mail.template,
        ":recipient": mail.recipient,
        ":fill": mail.fill,
        ":status": mail.status,
        ":reason": mail.reason,
        ":now": mail.created_at,
        ":expires_at": mail.expires_at,
    })?;
    Ok(())
}

/// Sets what became of a mail; where it will never be rendered again, its values go.
pub(super) fn set_status(
    tx: &Tx<'_>,
    account: AccountId,
    id: MailId,
    (status, reason): (&str, Option<&str>),
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE account_outbox
        SET status = :status, reason = :reason, updated_at = :now,
            fill = CASE WHEN :status IN ('queued', 'held') THEN fill ELSE x'' END
        WHERE account_id = :account_id AND id = :id",
    )?
    .execute(named_params! {
        ":account_id": account,
        ":id": id,
        ":status": status,
        ":reason": reason,
        ":now": now,
    })?;
    Ok(())
}

/// Drops what is pointless to send by now, with its values.
pub(super) fn drop_ended(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    Ok(tx
        .prepare_cached(
            "UPDATE account_outbox
            SET status = 'dropped', reason = 'Its time was over.', updated_at = :now, fill = x''
            WHERE (account_id, id) IN (
                SELECT account_id, id FROM account_outbox INDEXED BY account_outbox_expiry
                WHERE expires_at IS NOT NULL AND status IN ('queued', 'held')
                    AND expires_at <= :now
                ORDER BY expires_at LIMIT :limit
            )",
        )?
        .execute(named_params! { ":now": now, ":limit": limit })?)
}
