//! Facts about the file itself, by name.

use rusqlite::{Connection, OptionalExtension, named_params};

use crate::db::Tx;
use crate::error::Result;

/// Which sealing key the values in this file were sealed under.
pub const SEALING_KEY: &str = "sealing_key_id";
/// When this copy was restored, if nobody has said since that it is the only one.
pub const QUIET_SINCE: &str = "quiet_since";
/// Told apart with each restore: sequence numbers of another epoch mean nothing here.
pub const EPOCH: &str = "epoch";
/// When the last backup was made and checked, by the server's time.
pub const LAST_BACKUP_AT: &str = "last_backup_at";
/// When the last nightly backup was made.
pub const LAST_NIGHTLY_AT: &str = "last_nightly_at";
/// When the owner was last told that a nightly backup was not made.
pub const NIGHTLY_FAILURE_TOLD_AT: &str = "nightly_failure_told_at";

/// Who has to be erased again, a line each, in a backup that was restored.
pub const ERASE_AGAIN: &str = "erase_again";

/// The value of a fact.
pub fn get(conn: &Connection, key: &str) -> Result<Option<String>> {
    let mut statement = conn.prepare_cached("SELECT value FROM meta WHERE key = :key")?;
    let found = statement.query_row(named_params! { ":key": key }, |row| row.get(0));
    Ok(found.optional()?)
}

/// Sets a fact.
pub fn set(tx: &Tx<'_>, key: &str, value: &str) -> Result<()> {
    put(tx, key, value)
}

/// The same in a file that nobody else has open.
pub(super) fn put(conn: &Connection, key: &str, value: &str) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (:key, :value)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute(named_params! { ":key": key, ":value": value })?;
    Ok(())
}

/// Removes a fact.
pub fn remove(tx: &Tx<'_>, key: &str) -> Result<()> {
    tx.prepare_cached("DELETE FROM meta WHERE key = :key")?
        .execute(named_params! { ":key": key })?;
    Ok(())
}
