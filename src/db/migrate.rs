//! From any older schema to the one that this program knows.
//!
//! Each migration is an embedded file and runs in a transaction of its own together with the number
//! under which SQLite remembers it (`user_version`), so a crash leaves the file at one schema or the
//! next, never between. There is no way back: the caller copies the file first, and an older program
//! refuses a newer file rather than guess at columns it does not know.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::db::open::{self, APPLICATION_ID, Synchronous};
use crate::error::{Error, Result};

/// The cache of a connection that reads one number.
const CACHE_KIB: u32 = 256;

/// A number, a name and the statements.
pub type Migration = (u32, &'static str, &'static str);

/// Every migration since the first, numbered from 1 without gaps. Never remove or edit an entry: a
/// file somewhere has run it.
pub const MIGRATIONS: &[Migration] = &[
    (1, "start", include_str!("migrations/0001_start.sql")),
    (2, "requests", include_str!("migrations/0002_requests.sql")),
    (3, "sessions", include_str!("migrations/0003_sessions.sql")),
    (
        4,
        "import and join",
        include_str!("migrations/0004_import_and_join.sql"),
    ),
    (5, "samples", include_str!("migrations/0005_samples.sql")),
    (6, "jobs", include_str!("migrations/0006_jobs.sql")),
    (7, "oauth", include_str!("migrations/0007_oauth.sql")),
    (8, "programs", include_str!("migrations/0008_programs.sql")),
    (9, "webhooks", include_str!("migrations/0009_webhooks.sql")),
    (10, "photos", include_str!("migrations/0010_photos.sql")),
    (11, "payments", include_str!("migrations/0011_payments.sql")),
    (
        12,
        "check-ins",
        include_str!("migrations/0012_check_ins.sql"),
    ),
    (
        13,
        "sample webhooks",
        include_str!("migrations/0013_sample_webhooks.sql"),
    ),
    (
        14,
        "attention",
        include_str!("migrations/0014_attention.sql"),
    ),
    (
        15,
        "more samples",
        include_str!("migrations/0015_more_samples.sql"),
    ),
    (16, "erasure", include_str!("migrations/0016_erasure.sql")),
    (
        17,
        "by client",
        include_str!("migrations/0017_by_client.sql"),
    ),
    (18, "cut-offs", include_str!("migrations/0018_cut_offs.sql")),
    (
        19,
        "client codes",
        include_str!("migrations/0019_client_codes.sql"),
    ),
    (20, "exports", include_str!("migrations/0020_exports.sql")),
];

/// The migrations that this database has yet to run; a database of a newer program is refused.
pub fn pending(conn: &Connection) -> Result<&'static [Migration]> {
    pending_of(MIGRATIONS, conn)
}

/// The schema number of a file, without changing it. The caller holds the directory's lock.
pub fn schema_of(file: &Path) -> Result<u32> {
    let conn = open::writer(file, Synchronous::Full, CACHE_KIB, None)?;
    Ok(open::schema_version(&conn)?)
}

/// Runs what is pending and returns how many that were.
///
/// `before` is called once, with the schema number of the file, if there is something to run and
/// the file is not a fresh one: the place to copy it. Its failure leaves the file as it was.
pub fn apply(
    conn: &mut Connection,
    before: impl FnOnce(&Connection, u32) -> Result<()>,
) -> Result<usize> {
    apply_of(MIGRATIONS, conn, before)
}

fn pending_of<'a>(known: &'a [Migration], conn: &Connection) -> Result<&'a [Migration]> {
    let version = open::schema_version(conn)?;
    let newest = known.last().map_or(0, |(number, _, _)| *number);
    if version > newest {
        return Err(open::refusal(format!(
            "this database was written by a newer Cadence (schema {version}; this program knows \
             {newest}): start the newer program, or restore a backup made before the upgrade"
        )));
    }
    let done = known.partition_point(|(number, _, _)| *number <= version);
    Ok(&known[done..])
}

fn apply_of(
    known: &[Migration],
    conn: &mut Connection,
    before: impl FnOnce(&Connection, u32) -> Result<()>,
) -> Result<usize> {
    let todo = pending_of(known, conn)?;
    if todo.is_empty() {
        return Ok(0);
    }
    let version = open::schema_version(conn)?;
    if version > 0 {
        before(conn, version)?;
    }
    // A migration that rebuilds a table drops the old one while others point at it. The switch has
    // no effect inside a transaction, so it is thrown here and each migration is checked instead.
    conn.pragma_update(None, "foreign_keys", false)?;
    let outcome = todo.iter().try_for_each(|migration| run(conn, migration));
    conn.pragma_update(None, "foreign_keys", true)?;
    outcome?;
    if version > 0 {
        tracing::info!(from = version, ran = todo.len(), "migrated the database");
    }
    Ok(todo.len())
}

fn run(conn: &mut Connection, (number, name, sql): &Migration) -> Result<()> {
    let failed = |error: rusqlite::Error| {
        open::refusal(format!(
            "migration {number} ({name}) failed and changed nothing"
        ))
        .caused_by(error)
    };
    let tx = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    tx.execute_batch(sql).map_err(failed)?;
    let dangling = tx
        .prepare("PRAGMA foreign_key_check")
        .and_then(|mut all| all.exists([]));
    if dangling.map_err(failed)? {
        return Err(
            Error::bug("a migration left rows that point at nothing").extra("migration", *number)
        );
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(failed)?;
    tx.pragma_update(None, "user_version", number)
        .map_err(failed)?;
    tx.commit().map_err(failed)?;
    tracing::debug!(schema = number, name, "ran a migration");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[Migration] = &[
        (1, "start", "CREATE TABLE a(id INTEGER PRIMARY KEY) STRICT;"),
        (
            2,
            "more",
            "ALTER TABLE a ADD COLUMN name TEXT; INSERT INTO a VALUES (1, 'x');",
        ),
    ];

    fn memory() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    #[test]
    fn migrations_are_numbered_from_one_without_gaps() {
        let numbers = MIGRATIONS.iter().map(|(number, _, _)| *number);

        assert!(numbers.eq(1..=u32::try_from(MIGRATIONS.len()).unwrap()));
    }

    #[test]
    fn a_fresh_file_runs_all_and_a_second_start_runs_none() {
        let mut conn = memory();

        let first = apply(&mut conn, |_, _| panic!("nothing to copy yet")).unwrap();
        let second = apply(&mut conn, |_, _| panic!("nothing to do")).unwrap();

        assert_eq!((first, second), (MIGRATIONS.len(), 0));
        assert!(pending(&conn).unwrap().is_empty());
    }

    #[test]
    fn an_older_file_is_offered_for_a_copy_once_and_runs_the_rest() {
        let mut conn = memory();
        apply_of(&TWO[..1], &mut conn, |_, _| Ok(())).unwrap();
        let mut offered = Vec::new();

        let refused = apply_of(TWO, &mut conn, |_, _| Err(Error::bug("no room for a copy")));
        let between = open::schema_version(&conn).unwrap();
        let ran = apply_of(TWO, &mut conn, |_, version| {
            offered.push(version);
            Ok(())
        });

        assert!(refused.is_err());
        assert_eq!(between, 1);
        assert_eq!((ran.unwrap(), offered), (1, vec![1]));
    }

    #[test]
    fn a_newer_file_is_refused_with_a_sentence() {
        let mut conn = memory();
        apply_of(TWO, &mut conn, |_, _| Ok(())).unwrap();

        let refused = apply_of(&TWO[..1], &mut conn, |_, _| Ok(())).unwrap_err();

        assert!(refused.message().starts_with(
            "this database was written by a newer Cadence (schema 2; this program knows 1)"
        ));
    }

    #[test]
    fn a_failing_migration_changes_nothing_and_leaves_foreign_keys_on() {
        let broken = [
            TWO[0],
            (
                2,
                "broken",
                "CREATE TABLE b(x INTEGER) STRICT; SELECT nothing;",
            ),
        ];
        let mut conn = memory();

        let failed = apply_of(&broken, &mut conn, |_, _| Ok(())).unwrap_err();
        let tables: u32 = conn
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap();
        let keys: bool = conn
            .pragma_query_value(None, "foreign_keys", |row| row.get(0))
            .unwrap();

        assert_eq!(
            failed.message(),
            "migration 2 (broken) failed and changed nothing"
        );
        assert_eq!(
            (tables, open::schema_version(&conn).unwrap(), keys),
            (1, 1, true)
        );
    }
}
