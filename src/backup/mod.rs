//! Backups: one file that holds the database and the sealing key, checked before anybody relies
//! on it.
//!
//! # Making one
//!
//! The database is copied within one read transaction, so no write waits, and the copy is checked
//! whole. Copy and key go into one container (see `container.rs`), which is synced, read back and
//! compared with what was copied; only then does it get its name. With a passphrase the contents
//! are sealed under a key made of it.
//!
//! # Restoring one
//!
//! No server may run. The container's digest is checked, the database in it opened and checked
//! whole, before anything in the directory is touched. What was there is kept beside it. The
//! restored server is **quiet**: nothing leaves the process until somebody says that this is the
//! only copy.
//!
//! Invariant: a file under a backup's name was opened and checked after it was written.

mod container;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::clock::Timestamp;
use crate::db::{self, Db, Reader, Tx, meta};
use crate::error::{Code, Error, Result};
use crate::ids::RequestId;
use crate::secrets::{SealingKey, Secret};

/// The folder in the data directory where backups go that are given no path.
pub const FOLDER: &str = "backups";
/// What a backup's name ends with.
pub const EXTENSION: &str = "backup";

/// Who was erased, beside the database so that a lost one takes no erasure back: a line each of
/// workspace, mode, the id of the client, and when.
pub const ERASED: &str = "erased-clients.txt";

/// What is known of a backup that was made.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// True if a passphrase is needed to restore it.
    pub encrypted: bool,
}

/// What is known of a backup that was restored.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    /// When the backup was begun.
    pub created_at: String,
    /// The program that made it.
    pub made_by: String,
    /// The number of its schema.
    pub schema: u32,
    /// Where that is kept which was in the directory before; none if there was nothing.
    pub kept: Option<PathBuf>,
}

/// The files that a backup is of.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    /// The data directory.
    pub directory: &'p Path,
    /// The name of the database in it.
    pub database: &'p str,
    /// The name of the sealing key in it.
    pub sealing_key: &'p str,
}

/// As far behind other threads as the system can put one.
#[cfg(target_os = "linux")]
const LEAST_URGENT: i32 = 19;

fn fault(path: &Path, what: &str, error: impl Into<anyhow::Error>) -> Error {
    let error = error.into();
    let message = format!("{} {what}: {error:#}", path.display());
    Error::with(Code::InternalError, message).caused_by(error)
}

fn refuse(message: String) -> Error {
    Error::with(Code::InternalError, message)
}

/// The default path of a backup that is begun now.
pub fn default_path(directory: &Path, now: Timestamp) -> PathBuf {
    let compact: String = now
        .to_string()
        .chars()
        .filter(|c| !"-:".contains(*c))
        .collect();
    let seconds = compact.split('.').next().unwrap_or(&compact);
    directory
        .join(FOLDER)
        .join(format!("cadence-{seconds}Z.{EXTENSION}"))
}

/// Backs a running database up, and notes that it was. Blocks as long as the file is large.
pub fn make(
    db: &Db,
    sealing: &SealingKey,
    path: &Path,
    passphrase: Option<&Secret>,
    now: Timestamp,
) -> Result<Made> {
    // A connection of its own: the pool's are for requests, and this one is held long.
    let copy = || db.with_own_reader(|conn| write(conn, sealing, path, passphrase, now));
    let made = behind_requests(copy)?;
    db.write_blocking(move |tx| meta::set(tx, meta::LAST_BACKUP_AT, &now.as_ms().to_string()))?;
    Ok(made)
}

/// Runs long work on a thread of its own, which the system runs when no other thread wants a core:
/// a backup keeps one busy for as long as it takes, and nobody waits for it.
fn behind_requests<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("backup".to_owned());
        let thread = thread.spawn_scoped(scope, || {
            // Elsewhere the whole process would step back.
            #[cfg(target_os = "linux")]
            if let Err(error) = rustix::process::nice(LEAST_URGENT) {
                tracing::debug!(%error, "a backup runs as urgently as requests do");
            }
            work()
        });
        let joined = thread.map_err(Error::internal)?.join();
        joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Backs up what a migration is about to change, into the data directory's folder.
pub fn before_migration(
    conn: &Reader,
    schema: u32,
    directory: &Path,
    sealing: &SealingKey,
    now: Timestamp,
) -> Result<Made> {
    let name = format!("before-schema-{}-{}.{EXTENSION}", schema + 1, now.as_ms());
    let path = directory.join(FOLDER).join(name);
    write(conn, sealing, &path, None, now)
}

/// Writes and checks a backup of what a connection sees.
pub fn write(
    conn: &Reader,
    sealing: &SealingKey,
    path: &Path,
    passphrase: Option<&Secret>,
    now: Timestamp,
) -> Result<Made> {
    if path.exists() {
        return Err(refuse(format!(
            "{}: there is a file of this name",
            path.display()
        )));
    }
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.exists() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| fault(folder, "cannot be made", error))?;
    }
    let (copy, draft) = (db::beside(path, ".copy"), db::beside(path, ".draft"));
    let written = db::backup::copy_to(conn, &copy).and_then(|()| {
        let contents = container::Contents {
            database: &copy,
            sealing,
        };
        container::write(&draft, &contents, passphrase, now)?;
        container::compare(&draft, &contents, passphrase)?;
        fs::rename(&draft, path).map_err(|error| fault(path, "cannot be named", error))?;
        sync_directory(folder)
    });
    // Neither may stay behind: both hold everything, and a draft was not checked.
    for leftover in [&copy, &draft] {
        match fs::remove_file(leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(fault(leftover, "cannot be removed", error));
            }
            _ => {}
        }
    }
    written?;
    let bytes = fs::metadata(path)
        .map_err(|error| fault(path, "cannot be read", error))?
        .len();
    let path = path.to_owned();
    Ok(Made {
        path,
        bytes,
        created_at: now,
        encrypted: passphrase.is_some(),
    })
}

fn sync_directory(directory: &Path) -> Result<()> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| fault(directory, "cannot be synced", error))
}

/// Puts a backup in the place of what is in a directory. The caller holds the directory's lock.
pub fn restore(
    from: &Path,
    place: Place<'_>,
    passphrase: Option<&Secret>,
    now: Timestamp,
) -> Result<Restored> {
    let database = place.directory.join(place.database);
    let draft = place.directory.join("restore.draft");
    let header = container::check(from)?;
    let key = container::extract(from, passphrase, &draft)?;
    let epoch = RequestId::new(now).to_string();
    // From its next start on it is quiet: two copies of one server must not both speak. Its events
    // begin a new epoch, since what followed the backup elsewhere is not in it. And the backup that
    // it came from is the last one that it knows.
    let made_at = Timestamp::parse(&header.created_at).unwrap_or(now);
    let (quiet_since, backed_up) = (now.as_ms().to_string(), made_at.as_ms().to_string());
    let erased = erased(place, &database);
    let mut facts = vec![
        (meta::QUIET_SINCE, quiet_since.as_str()),
        (meta::EPOCH, &epoch),
        (meta::LAST_BACKUP_AT, &backed_up),
    ];
    if !erased.is_empty() {
        facts.push((meta::ERASE_AGAIN, &erased));
    }
    let adopted = db::backup::adopt(&draft, &facts);
    let facts = match adopted {
        Ok(facts) => facts,
        Err(error) => {
            drop(fs::remove_file(&draft));
            return Err(error);
        }
    };
    let kept = keep_old(place, now)?;
    // The key first: a key without its database opens nothing, and the next start says so, while
    // the database alone would look whole and not be.
    write_key(&place.directory.join(place.sealing_key), &key)?;
    fs::rename(&draft, &database).map_err(|error| fault(&database, "cannot be replaced", error))?;
    sync_directory(place.directory)?;
    Ok(Restored {
        created_at: header.created_at,
        made_by: format!("cadence {}", header.cadence),
        schema: facts.schema,
        kept,
    })
}

/// Who was erased here, by the file that says so and by the database that is about to be replaced,
/// which may be older, newer, damaged or not there.
fn erased(place: Place<'_>, database: &Path) -> String {
    let mut lines = fs::read_to_string(place.directory.join(ERASED)).unwrap_or_default();
    if database.exists() {
        match db::backup::erased(database) {
            Ok(more) => {
                for line in more {
                    lines.push_str(&line);
                    lines.push('\n');
                }
            }
            Err(error) => {
                tracing::warn!(?error, "what is here does not say who was erased");
            }
        }
    }
    lines
}

/// Gives what is in the directory a second name in a folder of its own, so that nothing is lost
/// whenever this is cut off.
fn keep_old(place: Place<'_>, now: Timestamp) -> Result<Option<PathBuf>> {
    let database = place.directory.join(place.database);
    let logs = ["-wal", "-shm"].map(|suffix| db::beside(&database, suffix));
    let key = place.directory.join(place.sealing_key);
    if ![&database, &key, &logs[0]].iter().any(|file| file.exists()) {
        return Ok(None);
    }
    if database.exists()
        && let Err(error) = db::backup::settle(&database)
    {
        // A damaged database is why one restores: it is kept as it is, with its log.
        tracing::warn!(?error, "what is here cannot be opened; it is kept as it is");
    }
    let folder = place
        .directory
        .join(format!("before-restore-{}", now.as_ms()));
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .map_err(|error| fault(&folder, "cannot be made", error))?;
    for old in [&database, &key].into_iter().chain(&logs) {
        if let Some(name) = old.file_name().filter(|_| old.exists()) {
            let kept = folder.join(name);
            fs::hard_link(old, &kept).map_err(|error| fault(&kept, "cannot be made", error))?;
        }
    }
    sync_directory(&folder)?;
    // A log that is left would be applied to the database that comes.
    for log in logs.iter().filter(|log| log.exists()) {
        fs::remove_file(log).map_err(|error| fault(log, "cannot be removed", error))?;
    }
    sync_directory(place.directory)?;
    Ok(Some(folder))
}

fn write_key(path: &Path, key: &SealingKey) -> Result<()> {
    let draft = path.with_extension("draft");
    let write = || -> io::Result<()> {
        fs::write(&draft, "")?;
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o600))?;
        fs::write(&draft, key.line().reveal())?;
        File::open(&draft)?.sync_all()?;
        fs::rename(&draft, path)
    };
    write().map_err(|error| fault(path, "cannot be written", error))
}

/// Notes under which key values are sealed, or refuses a database of another key.
pub fn check_key(tx: &Tx<'_>, sealing: &SealingKey) -> Result<()> {
    let id = u32::from_be_bytes(sealing.id());
    let id = format!("{id:08x}");
    match meta::get(tx, meta::SEALING_KEY)? {
        None => meta::set(tx, meta::SEALING_KEY, &id),
        Some(known) if known == id => Ok(()),
        Some(known) => Err(refuse(format!(
            "the sealing key here is {id}, but the database was sealed under {known}: put the \
             secret.key back that belongs to it, or restore a backup, which holds both"
        ))),
    }
}

/// Since when the server is quiet, if it is.
pub fn quiet_since(conn: &Reader) -> Result<Option<Timestamp>> {
    let since = meta::get(conn, meta::QUIET_SINCE)?;
    Ok(since.and_then(|ms| ms.parse().ok()).map(Timestamp::from_ms))
}

/// Says that this is the only copy: it may speak again.
pub fn resume(tx: &Tx<'_>) -> Result<()> {
    meta::remove(tx, meta::QUIET_SINCE)
}

/// When the last backup was made, if one was.
pub fn last_backup_at(conn: &Reader) -> Result<Option<Timestamp>> {
    let at = meta::get(conn, meta::LAST_BACKUP_AT)?;
    Ok(at.and_then(|ms| ms.parse().ok()).map(Timestamp::from_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Options;

    fn names(db: &Db) -> Vec<String> {
        db.read_now(|conn| {
            let mut statement = conn.prepare("SELECT value FROM meta WHERE key = 'name'")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .unwrap()
    }

    #[test]
    fn what_is_written_before_a_migration_can_be_restored_over_what_came_of_it() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("data");
        let file = directory.join("cadence.db");
        let key_file = directory.join("secret.key");
        let options = Options::default();
        let db = Db::open(&file, &options).unwrap();
        let sealing = SealingKey::load_or_create(&key_file).unwrap();
        db.write_blocking(|tx| meta::set(tx, "name", "before"))
            .unwrap();
        let now = Timestamp::from_ms(1_780_488_000_000);

        let made =
            db.with_own_reader(|conn| before_migration(conn, 998, &directory, &sealing, now));

        let made = made.unwrap();
        let expected = "backups/before-schema-999-1780488000000.backup";
        assert_eq!(made.path, directory.join(expected));
        let permissions = fs::metadata(&made.path).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
        // The migration went wrong in a way that nobody noticed at once.
        db.write_blocking(|tx| {
            meta::set(tx, "name", "after")?;
            tx.execute_batch("DROP TABLE messages; PRAGMA user_version = 999")?;
            Ok(())
        })
        .unwrap();
        db.shutdown();
        drop(db);
        assert!(Db::open(&file, &options).is_err(), "a newer schema");
        let place = Place {
            directory: &directory,
            database: "cadence.db",
            sealing_key: "secret.key",
        };
        let restored = restore(&made.path, place, None, now).unwrap();
        let newest = db::migrate::MIGRATIONS.last().unwrap().0;
        assert_eq!(restored.schema, newest);
        let db = Db::open(&file, &options).unwrap();
        assert_eq!(names(&db), ["before"]);
        assert_eq!(SealingKey::load(&key_file).unwrap().id(), sealing.id());
        db.shutdown();
    }
}
