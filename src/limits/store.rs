//! SQL of rate windows.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::{Owner, Window};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;

/// The window of an account and mode as it was last written.
pub fn find(conn: &Connection, (account, mode): Owner) -> Result<Option<Window>> {
    let mut statement = conn.prepare_cached(
        "SELECT opened_at, used, warned FROM rate_windows
        WHERE account_id = :account_id AND mode = :mode",
    )?;
    let parameters = named_params! { ":account_id": account, ":mode": mode.name() };
    let window = statement.query_row(parameters, |row| {
        Ok(Window::kept(
            row.get("opened_at")?,
            row.get("used")?,
            row.get("warned")?,
        ))
    });
    Ok(window.optional()?)
}

/// Writes a window, unless what is there is newer: a warning is never taken back.
pub(super) fn save(tx: &Tx<'_>, (account, mode): Owner, window: &Window) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO rate_windows (account_id, mode, opened_at, used, warned)
        VALUES (:account_id, :mode, :opened_at, :used, 0)
        ON CONFLICT (account_id, mode) DO UPDATE
        SET used = excluded.used,
            warned = CASE WHEN opened_at = excluded.opened_at THEN warned ELSE 0 END,
            opened_at = excluded.opened_at",
    )?
    .execute(named_params! {
        ":account_id": account,
        ":mode": mode.name(),
        ":opened_at": window.opened_at,
        ":used": window.used,
    })?;
    Ok(())
}

/// Notes that the account is told, and how much it used by then; true only the first time in a
/// window, across restarts.
///
/// The row may still be the last window's, so its count is replaced together with its time.
pub(super) fn claim_warning(
    tx: &Tx<'_>,
    (account, mode): Owner,
    opened_at: Timestamp,
    used: u32,
) -> Result<bool> {
    let first = tx
        .prepare_cached(
            "INSERT INTO rate_windows (account_id, mode, opened_at, used, warned)
            VALUES (:account_id, :mode, :opened_at, :used, 1)
            ON CONFLICT (account_id, mode) DO UPDATE
            SET warned = 1, used = excluded.used, opened_at = excluded.opened_at
            WHERE warned = 0 OR opened_at <> excluded.opened_at",
        )?
        .execute(named_params! {
            ":account_id": account,
            ":mode": mode.name(),
            ":opened_at": opened_at,
            ":used": used,
        })?;
    Ok(first == 1)
}

/// Removes the window of an account and mode.
pub(super) fn delete(tx: &Tx<'_>, (account, mode): Owner) -> Result<()> {
    tx.prepare_cached("DELETE FROM rate_windows WHERE account_id = :account_id AND mode = :mode")?
        .execute(named_params! { ":account_id": account, ":mode": mode.name() })?;
    Ok(())
}
