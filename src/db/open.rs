//! The one place that opens connections: file modes, pragmas and their reasons.
//!
//! A file that is not ours is refused before anything in it is touched, and so is one that other
//! users of the machine could read: the database holds the personal data of a coach's clients.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Code, Error, Result};

/// Marks a file as ours: "CDNC".
pub(super) const APPLICATION_ID: i32 = 0x4344_4E43;

/// Before this, a checkpoint that met a commit at the wrong moment could corrupt a WAL database.
const OLDEST_SQLITE: (i32, &str) = (3_051_003, "3.51.3");

/// How long to wait for a lock that somebody else holds. Nobody does in normal running: this is for
/// a person with an SQLite shell beside the server.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// Statements that stay prepared on a connection: more than there are in the whole program.
const STATEMENTS: usize = 256;

/// How safe a commit is when it is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// On the disk.
    #[default]
    Full,
    /// With the operating system. Not offered to users; the durability test shows what it loses.
    Normal,
}

/// Makes the file and its directory if they are missing and returns the writing connection.
pub(super) fn writer(
    file: &Path,
    synchronous: Synchronous,
    cache_kib: u32,
    max_page_count: Option<u32>,
) -> Result<Connection> {
    check_library()?;
    prepare_directory(directory_of(file))?;
    prepare_file(file)?;
    let conn = connect(file)?;
    check_ours(&conn, file)?;
    let set = || -> rusqlite::Result<String> {
        // Readers see the last commit while the next is being written; a commit is one append.
        let mode = conn
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
        common(&conn, cache_kib)?;
        // FULL: an answered write is on the disk. The writer shares one sync among a batch, so this
        // costs a lone caller the time of a sync and a busy server little.
        let level = match synchronous {
            Synchronous::Full => "FULL",
            Synchronous::Normal => "NORMAL",
        };
        conn.pragma_update(None, "synchronous", level)?;
        // Where fsync does not reach the platter (macOS), ask for the call that does.
        conn.pragma_update(None, "fullfsync", true)?;
        conn.pragma_update(None, "checkpoint_fullfsync", true)?;
        // An automatic checkpoint runs inside COMMIT, before the batch is answered. The writer does
        // it itself after the answers (writer.rs); at 256 MiB this is the belt should that fail.
        conn.pragma_update(None, "wal_autocheckpoint", 65_536)?;
        // A burst, or a long read that held the log back, must not leave a huge file for good.
        conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
        // What is deleted is overwritten: a client who was erased must not be found in the file, nor
        // what a profile said before it was changed. Creating frees no page, so it costs nothing there.
        conn.pragma_update(None, "secure_delete", "ON")?;
        if let Some(pages) = max_page_count {
            conn.pragma_update(None, "max_page_count", pages)?;
        }
        Ok(mode)
    };
    let mode = set().map_err(|error| cannot_open(file, error))?;
    if mode != "wal" {
        return Err(refusal(format!(
            "{}: this file system does not support SQLite's write-ahead log (journal mode is \
             {mode}): keep the data on a local disk",
            file.display()
        )));
    }
    Ok(conn)
}

/// How a pooled reader is opened: writable as far as the system is concerned, since reading a WAL
/// means marking in shared memory how far one has read; `query_only` then refuses writes.
pub(super) fn reader_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Makes a fresh connection a reader.
pub(super) fn prepare_reader(conn: &Connection, cache_kib: u32) -> rusqlite::Result<()> {
    common(conn, cache_kib)?;
    // A second writer would bring back the lock errors that the single writer spares us.
    conn.pragma_update(None, "query_only", true)
}

/// Opens the file that a backup goes to: it must not exist yet.
pub(super) fn copy(file: &Path) -> Result<Connection> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .map_err(|error| cannot_use(file, "cannot be created", error))?;
    connect(file)
}

/// A database file that exists and that no process has open, as it is.
pub(super) fn alone(file: &Path) -> Result<Connection> {
    check_library()?;
    let conn = connect(file)?;
    check_ours(&conn, file)?;
    Ok(conn)
}

/// The directory that a file stands in.
pub(super) fn directory_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The number of the last migration that this file has run.
pub(super) fn schema_version(conn: &Connection) -> rusqlite::Result<u32> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// A start-up error whose sentence says what to do.
pub(super) fn refusal(sentence: String) -> Error {
    Error::with(Code::InternalError, sentence)
}

/// A start-up error about a file.
pub(super) fn cannot_use(file: &Path, what: &str, error: io::Error) -> Error {
    refusal(format!("{}: {what}: {error}", file.display())).caused_by(error)
}

/// Makes the data directory 0700, or checks that it is.
pub fn prepare_directory(directory: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| cannot_use(directory, "cannot be created", error))?;
    check_mode(directory, "700")
}

fn prepare_file(file: &Path) -> Result<()> {
    // An empty file is an empty database. SQLite gives its log and shared memory the same mode.
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    match made {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(cannot_use(file, "cannot be created", error)),
    }
    check_mode(file, "600")?;
    for suffix in ["-wal", "-shm"] {
        let beside = beside(file, suffix);
        if beside.exists() {
            check_mode(&beside, "600")?;
        }
    }
    Ok(())
}

fn check_mode(path: &Path, wanted: &str) -> Result<()> {
    let metadata = fs::metadata(path).map_err(|error| cannot_use(path, "cannot be read", error))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode.trailing_zeros() >= 6 {
        return Ok(());
    }
    Err(refusal(format!(
        "{path}: other users of this machine can reach it (mode {mode:o}): run `chmod {wanted} {path}`",
        path = path.display()
    )))
}

/// A file of the same name with something behind it.
pub fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn check_library() -> Result<()> {
    if rusqlite::version_number() >= OLDEST_SQLITE.0 {
        return Ok(());
    }
    Err(refusal(format!(
        "this program was built with SQLite {}, which can lose data in WAL mode: build it with the \
         bundled SQLite, {} or newer",
        rusqlite::version(),
        OLDEST_SQLITE.1
    )))
}

fn connect(file: &Path) -> Result<Connection> {
    Connection::open_with_flags(file, reader_flags()).map_err(|error| cannot_open(file, error))
}

/// Refuses another program's database before any pragma changes it.
fn check_ours(conn: &Connection, file: &Path) -> Result<()> {
    let look = || -> rusqlite::Result<bool> {
        let application: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
        if application == APPLICATION_ID {
            return Ok(true);
        }
        let objects: u32 =
            conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok(application == 0 && objects == 0 && schema_version(conn)? == 0)
    };
    let ours = match look() {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => false,
        other => other.map_err(|error| cannot_open(file, error))?,
    };
    if ours {
        return Ok(());
    }
    Err(refusal(format!(
        "{}: this file is not a Cadence database: name another file or move this one away",
        file.display()
    )))
}

fn cannot_open(file: &Path, error: rusqlite::Error) -> Error {
    refusal(format!("{}: cannot be opened: {error}", file.display())).caused_by(error)
}

fn common(conn: &Connection, cache_kib: u32) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.busy_timeout(BUSY)?;
    // Off by default in SQLite, for the sake of databases of 2009.
    conn.pragma_update(None, "foreign_keys", true)?;
    // A savepoint's journal is a temporary file: in memory it costs no system calls.
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    // Negative means KiB.
    conn.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    // An I/O error on a mapped page kills the process; on a read it is an error like any other.
    conn.pragma_update(None, "mmap_size", 0)?;
    // The schema of a file that somebody tampered with may not call functions with side effects.
    conn.pragma_update(None, "trusted_schema", false)?;
    // A damaged page is an error where it is read instead of a wrong answer later.
    conn.pragma_update(None, "cell_size_check", true)?;
    // No statement may corrupt the file: no writing of the schema table, no journal switched off.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // A misspelt column in double quotes is an error and not a string.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // A plan is made of the statement alone. Else a bound value that the planner once looked at has
    // the statement parsed and planned anew each time that another is bound.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(file: &Path) -> Result<Connection> {
        writer(file, Synchronous::Full, 1_024, None)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn widen(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_is_made_belongs_to_its_owner_alone() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("data/cadence.db");

        let conn = open(&file).unwrap();
        conn.execute_batch("CREATE TABLE a(x INTEGER) STRICT")
            .unwrap();

        assert_eq!(mode(file.parent().unwrap()), 0o700);
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(&beside(&file, "-wal")), 0o600);
        assert_eq!(mode(&beside(&file, "-shm")), 0o600);
    }

    #[test]
    fn wider_modes_are_refused_with_the_command_that_narrows_them() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("data/cadence.db");
        drop(open(&file).unwrap());

        widen(&file, 0o640);
        let wide_file = open(&file).unwrap_err();
        widen(&file, 0o600);
        widen(file.parent().unwrap(), 0o755);
        let wide_directory = open(&file).unwrap_err();
        widen(file.parent().unwrap(), 0o700);

        assert!(
            wide_file
                .message()
                .contains(&format!("run `chmod 600 {}`", file.display()))
        );
        assert!(wide_directory.message().contains("run `chmod 700 "));
        assert!(open(&file).is_ok());
    }

    #[test]
    fn foreign_files_are_refused_and_left_as_they_were() {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("data");
        prepare_directory(&data).unwrap();
        let foreign = data.join("foreign.db");
        let text = data.join("notes.txt");
        copy(&foreign)
            .unwrap()
            .execute_batch("CREATE TABLE a(x INTEGER)")
            .unwrap();
        fs::write(
            &text,
            "not a database, but longer than the header of one".repeat(9),
        )
        .unwrap();
        widen(&text, 0o600);
        let before = fs::read(&foreign).unwrap();

        for file in [&foreign, &text] {
            let refused = open(file).unwrap_err();
            assert!(
                refused.message().contains("is not a Cadence database"),
                "{refused:?}"
            );
        }

        assert_eq!(fs::read(&foreign).unwrap(), before);
    }
}
