//! What a database says of itself, for `doctor`: read, never changed.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::db::{Tx, meta, migrate, open};
use crate::error::Result;

/// What was found.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Inspection {
    /// The version of SQLite in this program.
    pub sqlite: String,
    /// The number of the file's schema.
    pub schema: u32,
    /// Migrations that the next start runs.
    pub pending: usize,
    /// `ok`, or the first fault that a quick check found.
    pub integrity: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of the write-ahead log.
    pub wal_bytes: u64,
    /// The latest time that an event or audit entry carries, in milliseconds.
    pub newest_ms: Option<i64>,
    /// When the last backup was made, in milliseconds.
    pub last_backup_ms: Option<i64>,
    /// Since when the server is quiet, in milliseconds.
    pub quiet_since_ms: Option<i64>,
    /// The id of the sealing key that values were sealed under.
    pub sealing_key: Option<String>,
}

/// Has SQLite look again at tables that changed much, at a bounded number of their rows.
pub fn optimize(tx: &Tx<'_>) -> Result<()> {
    // Both answer with rows at times, which nobody needs.
    for pragma in ["PRAGMA analysis_limit = 400", "PRAGMA optimize"] {
        let mut statement = tx.prepare(pragma)?;
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
    }
    Ok(())
}

/// How much room the disk has that holds a directory; none if the system does not say.
pub fn free_bytes(directory: &Path) -> Option<u64> {
    let volume = rustix::fs::statvfs(directory).ok()?;
    Some(volume.f_bavail.saturating_mul(volume.f_frsize))
}

/// Looks at an open database.
pub fn inspect(conn: &Connection, file: &Path) -> Result<Inspection> {
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let number = |key| -> Result<Option<i64>> {
        Ok(meta::get(conn, key)?.and_then(|text| text.parse().ok()))
    };
    // Live tenants alone: the clock of a test tenant may be years ahead.
    let newest_ms = conn.query_row(
        "SELECT max((SELECT created_at FROM events WHERE tenant_id = t.id ORDER BY sequence DESC LIMIT 1))
        FROM tenants t WHERE t.mode = 'live'",
        [],
        |row| row.get(0),
    )?;
    Ok(Inspection {
        sqlite: rusqlite::version().to_owned(),
        schema: open::schema_version(conn)?,
        pending: migrate::pending(conn)?.len(),
        integrity: conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?,
        bytes: size(file),
        wal_bytes: size(&open::beside(file, "-wal")),
        newest_ms,
        last_backup_ms: number(meta::LAST_BACKUP_AT)?,
        quiet_since_ms: number(meta::QUIET_SINCE)?,
        sealing_key: meta::get(conn, meta::SEALING_KEY)?,
    })
}

/// Looks at a file that no process has open.
pub fn inspect_file(file: &Path) -> Result<Inspection> {
    inspect(&open::alone(file)?, file)
}
