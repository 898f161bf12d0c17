//! A copy of the database that was looked at before anybody relies on it.
//!
//! All pages are copied within one read transaction of a reading connection. In WAL mode that does
//! not hold up the writer, whose commits go to the log meanwhile, and it never starts over: a copy
//! that lets go of its snapshot between steps does so at every commit, and under load for ever. The
//! price is that the log grows while the copy runs. `VACUUM INTO` would do as well but rebuilds every
//! table, which is many times the work.

use std::fs::{self, File};
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::db::{meta, migrate, open};
use crate::error::{Error, Result};

/// Pages in one step: small enough that the memory in use stays small.
const PAGES: i32 = 256;

/// Copies the database behind `source` to `dest`, mode 0600, and verifies the copy.
///
/// `dest` appears under its name only once it is verified; a file of that name is replaced. The copy
/// is a file of its own without a log beside it. Takes as long as the file is large: never call it
/// on an async worker or inside a write.
pub fn copy_to(source: &Connection, dest: &Path) -> Result<()> {
    if open::beside(dest, "-wal").exists() {
        // Its log would be applied to the copy.
        return Err(open::refusal(format!(
            "{}: this database is in use",
            dest.display()
        )));
    }
    let partial = open::beside(dest, ".partial");
    // A leftover of an attempt that was cut off.
    if partial.exists() {
        fs::remove_file(&partial)
            .map_err(|e| open::cannot_use(&partial, "cannot be removed", e))?;
    }
    let copied = copy_and_verify(source, &partial).and_then(|()| publish(&partial, dest));
    if copied.is_err() && partial.exists() {
        fs::remove_file(&partial)
            .map_err(|e| open::cannot_use(&partial, "cannot be removed", e))?;
    }
    copied
}

fn copy_and_verify(source: &Connection, partial: &Path) -> Result<()> {
    let mut target = open::copy(partial)?;
    copy_pages(source, &mut target)?;
    verify(source, &target)?;
    // The header says WAL, as the source's does; a copy should be one file that stands alone.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    target.close().map_err(|(_, error)| error)?;
    File::open(partial)
        .and_then(|file| file.sync_all())
        .map_err(|error| open::cannot_use(partial, "cannot be synced", error))
}

fn copy_pages(source: &Connection, target: &mut Connection) -> Result<()> {
    // A read by way of the pool is in a transaction already.
    let _snapshot = if source.is_autocommit() {
        Some(source.unchecked_transaction()?)
    } else {
        None
    };
    // A transaction takes its snapshot at its first read and not before.
    source.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let backup = Backup::new(source, target)?;
    loop {
        match backup.step(PAGES)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            StepResult::Busy | StepResult::Locked | _ => {
                return Err(Error::bug(
                    "somebody else uses the copy while it is being made",
                ));
            }
        }
    }
}

fn verify(source: &Connection, target: &Connection) -> Result<()> {
    let verdict: String = target.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(open::refusal(format!(
            "the copy of the database is damaged: {verdict}"
        )));
    }
    if open::schema_version(source)? != open::schema_version(target)? {
        return Err(Error::bug("the copy of the database has another schema"));
    }
    Ok(())
}

/// What is known of a database file that nobody has open.
#[derive(Debug)]
pub struct Facts {
    /// The number of its schema.
    pub schema: u32,
}

/// Opens a database file that is not in use, checks it whole, and notes facts of it (see [`meta`]).
pub fn adopt(file: &Path, facts: &[(&str, &str)]) -> Result<Facts> {
    let conn = open::alone(file)?;
    let verdict: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(open::refusal(format!(
            "the database in the backup is damaged, and nothing was changed: {}",
            verdict.replace('\n', " ")
        )));
    }
    migrate::pending(&conn)?;
    let schema = open::schema_version(&conn)?;
    for (key, value) in facts {
        meta::put(&conn, key, value)?;
    }
    conn.close().map_err(|(_, error)| error)?;
    File::open(file)
        .and_then(|file| file.sync_all())
        .map_err(|error| open::cannot_use(file, "cannot be synced", error))?;
    Ok(Facts { schema })
}

/// Who was erased, as a database that is not in use knows it: a line each of workspace, mode, the id
/// of the client, and when in milliseconds.
pub fn erased(file: &Path) -> Result<Vec<String>> {
    let conn = open::alone(file)?;
    let mut statement = conn.prepare(
        "SELECT t.workspace_id || ' ' || t.mode || ' ' || e.client_id || ' ' || e.erased_at
        FROM erased_clients e JOIN tenants t ON t.id = e.tenant_id",
    )?;
    let lines = statement.query_map([], |row| row.get(0))?;
    Ok(lines.collect::<rusqlite::Result<_>>()?)
}

/// Writes the log of a database that is not in use back into its file, so that the file is all.
pub fn settle(file: &Path) -> Result<()> {
    let conn = open::alone(file)?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    conn.close().map_err(|(_, error)| error.into())
}

fn publish(partial: &Path, dest: &Path) -> Result<()> {
    fs::rename(partial, dest)
        // The new name is durable once the directory is.
        .and_then(|()| File::open(open::directory_of(dest)))
        .and_then(|directory| directory.sync_all())
        .map_err(|error| open::cannot_use(dest, "cannot be written", error))
}
