//! What the database promises, kept with a held writer instead of sleeps.

use std::fs;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::error::Code;

/// A database of its own with a table of names.
struct Fixture {
    db: Db,
    directory: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // Jobs that queue behind a held writer join its batch however long it was held.
        let options = Options {
            batch_time_ms: 3_600_000,
            readers: 2,
            ..options
        };
        let db = Db::open(&directory.path().join("data/cadence.db"), &options).unwrap();
        db.write_blocking(|tx| {
            tx.execute_batch("CREATE TABLE names(name TEXT PRIMARY KEY, filler BLOB) STRICT")?;
            Ok(())
        })
        .unwrap();
        Self { db, directory }
    }

    /// The names that are committed, in the order of their insertion.
    fn names(&self) -> Vec<String> {
        names(&self.db)
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Started<T> {
        let db = self.db.clone();
        start(async move { db.write(work).await })
    }

    fn write_background<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Started<T> {
        let db = self.db.clone();
        start(async move { db.write_background(work).await })
    }
}

fn names(db: &Db) -> Vec<String> {
    db.read_now(|conn| {
        let mut all = conn.prepare("SELECT name FROM names ORDER BY rowid")?;
        Ok(all
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?)
    })
    .unwrap()
}

type Started<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// Polls a write once, which queues it: what is started first is queued first.
fn start<T: 'static>(write: impl Future<Output = Result<T>> + 'static) -> Started<T> {
    let mut write: Started<T> = Box::pin(write);
    match write.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Pending => write,
        Poll::Ready(outcome) => Box::pin(std::future::ready(outcome)),
    }
}

/// Keeps the writer inside a job until it is dropped.
struct Hold {
    _release: mpsc::Sender<()>,
}

impl Hold {
    fn new(db: &Db) -> Self {
        let (running, is_running) = mpsc::channel();
        let (release, released) = mpsc::channel();
        let db = db.clone();
        drop(start(async move {
            db.write(move |_| {
                running.send(()).unwrap();
                // Ends with an error once the other end is dropped.
                assert!(released.recv().is_err());
                Ok(())
            })
            .await
        }));
        is_running.recv().unwrap();
        Self { _release: release }
    }
}

fn insert(name: &'static str) -> impl FnOnce(&Tx<'_>) -> Result<()> + Send + 'static {
    move |tx| {
        tx.execute("INSERT INTO names(name) VALUES (?1)", [name])?;
        Ok(())
    }
}

fn code<T>(outcome: Result<T>) -> Option<Code> {
    outcome.err().map(|error| error.code())
}

#[tokio::test]
async fn neighbours_of_a_failing_and_of_a_panicking_job_are_committed() {
    let fixture = Fixture::new();
    let hold = Hold::new(&fixture.db);
    let before = fixture.write(insert("before"));
    let failing = fixture.write(|tx| {
        insert("failing")(tx)?;
        Err::<(), _>(Error::new(Code::AlreadyExists))
    });
    let between = fixture.write(insert("between"));
    let panicking = fixture.write(|tx| {
        insert("panicking")(tx)?;
        if tx.is_autocommit() {
            Ok(())
        } else {
            panic!("on purpose")
        }
    });
    let after = fixture.write(insert("after"));
    drop(hold);

    before.await.unwrap();
    assert_eq!(code(failing.await), Some(Code::AlreadyExists));
    between.await.unwrap();
    assert_eq!(code(panicking.await), Some(Code::InternalError));
    after.await.unwrap();
    assert_eq!(fixture.names(), ["before", "between", "after"]);
}

#[tokio::test]
async fn a_lost_transaction_is_answered_as_not_saved_to_all_who_ran_in_it_and_to_no_other() {
    let fixture = Fixture::new();
    let hold = Hold::new(&fixture.db);
    let before = fixture.write(|tx| {
        tx.changed(Topic::Events);
        insert("before")(tx)
    });
    let refused = fixture.write(|_| Err::<(), _>(Error::new(Code::StateConflict)));
    let ending = fixture.write(|tx| {
        insert("ending")(tx)?;
        Ok(tx.execute_batch("ROLLBACK")?)
    });
    let after = fixture.write(insert("after"));
    drop(hold);

    assert_eq!(code(before.await), Some(Code::WriteNotSaved));
    assert_eq!(code(refused.await), Some(Code::WriteNotSaved));
    assert_eq!(code(ending.await), Some(Code::WriteNotSaved));
    after.await.unwrap();
    assert_eq!(fixture.names(), ["after"]);
    assert_eq!(fixture.db.epoch(Topic::Events), 0);
}

#[tokio::test]
async fn a_failed_commit_is_answered_as_not_saved_and_the_writer_lives_on() {
    let fixture = Fixture::new();
    fixture
        .write(|tx| {
            let sql = "CREATE TABLE late(name TEXT REFERENCES names DEFERRABLE INITIALLY DEFERRED)";
            Ok(tx.execute_batch(sql)?)
        })
        .await
        .unwrap();
    let hold = Hold::new(&fixture.db);
    let neighbour = fixture.write(insert("neighbour"));
    let dangling = fixture.write(|tx| {
        tx.changed(Topic::Jobs);
        Ok(tx.execute_batch("INSERT INTO late VALUES ('nobody')")?)
    });
    drop(hold);

    assert_eq!(code(neighbour.await), Some(Code::WriteNotSaved));
    assert_eq!(code(dangling.await), Some(Code::WriteNotSaved));
    fixture.write(insert("next")).await.unwrap();
    assert_eq!(fixture.names(), ["next"]);
    assert_eq!(fixture.db.epoch(Topic::Jobs), 0);
}

#[tokio::test]
async fn answers_and_epochs_come_only_after_the_commit() {
    let fixture = Fixture::new();
    let db = fixture.db.clone();
    let (seen, at_answer) = mpsc::channel();
    let early = fixture.write(|tx| {
        tx.changed(Topic::Credentials);
        insert("early")(tx)
    });
    early.await.unwrap();
    // Runs in the writer's thread at the moment of the answer.
    let outside = fixture.db.clone();
    let answer = move |outcome: Result<()>| {
        outcome.unwrap();
        seen.send((names(&outside), outside.epoch(Topic::Credentials)))
            .unwrap();
    };
    let inside = fixture.db.clone();
    let work = move |tx: &Tx<'_>| {
        tx.changed(Topic::Credentials);
        insert("late")(tx)?;
        assert_eq!(
            (names(&inside).len(), inside.epoch(Topic::Credentials)),
            (1, 1)
        );
        Ok(())
    };
    db.0.writer.submit(Lane::Requests, work, answer).unwrap();

    let at_answer = at_answer.recv().unwrap();

    assert_eq!(at_answer, (vec!["early".to_owned(), "late".to_owned()], 2));
}

#[tokio::test]
async fn a_full_lane_refuses_and_leaves_the_other_open() {
    let fixture = Fixture::with(Options {
        queue_limit: 2,
        ..Options::default()
    });
    let hold = Hold::new(&fixture.db);
    let first = fixture.write(insert("first"));
    let second = fixture.write(insert("second"));
    let third = fixture.write(insert("third")).await;
    let background = fixture.write_background(insert("background"));

    assert_eq!(code(third), Some(Code::Overloaded));
    assert_eq!(fixture.db.waiting_writes(), 3);
    drop(hold);
    first.await.unwrap();
    second.await.unwrap();
    background.await.unwrap();
    assert_eq!(fixture.names(), ["first", "second", "background"]);
}

#[tokio::test]
async fn requests_go_before_background_work() {
    let fixture = Fixture::new();
    let hold = Hold::new(&fixture.db);
    let background = fixture.write_background(insert("background"));
    let request = fixture.write(insert("request"));
    drop(hold);

    background.await.unwrap();
    request.await.unwrap();
    assert_eq!(fixture.names(), ["request", "background"]);
}

#[tokio::test]
async fn background_work_has_its_turn_among_requests_without_end() {
    let fixture = Fixture::new();
    let hold = Hold::new(&fixture.db);
    let background = fixture.write_background(insert("background"));
    let requests: Vec<_> = (0..100)
        .map(|n| {
            fixture.write(move |tx| {
                tx.execute(
                    "INSERT INTO names(name) VALUES (?1)",
                    [format!("request {n}")],
                )?;
                Ok(())
            })
        })
        .collect();
    drop(hold);

    background.await.unwrap();
    for request in requests {
        request.await.unwrap();
    }
    let place = fixture.names().iter().position(|name| name == "background");
    assert_eq!(place, Some(32));
}

#[tokio::test]
async fn epochs_move_for_committed_topics_and_not_for_what_was_taken_back() {
    let fixture = Fixture::new();
    let mut jobs = fixture.db.changed(Topic::Jobs);
    let epochs = |db: &Db| Topic::ALL.map(|topic| db.epoch(topic));

    let failed = fixture.write(|tx| {
        tx.changed(Topic::Credentials);
        Err::<(), _>(Error::not_found())
    });
    assert!(failed.await.is_err());
    assert_eq!(epochs(&fixture.db), [0; 4]);

    let partly = fixture.write(|tx| {
        tx.changed(Topic::Jobs);
        let part = tx.savepoint(|tx| {
            tx.changed(Topic::Events);
            Err::<(), _>(Error::not_found())
        });
        assert!(part.is_err());
        Ok(())
    });
    partly.await.unwrap();

    jobs.changed().await.unwrap();
    assert_eq!(*jobs.borrow(), 1);
    assert_eq!(epochs(&fixture.db), [0, 0, 1, 0]);
}

#[tokio::test]
async fn a_nested_savepoint_takes_back_its_own_part_if_it_fails_or_panics() {
    let fixture = Fixture::new();

    let write = fixture.write(|tx| {
        insert("outer")(tx)?;
        let failed = tx.savepoint(|tx| {
            insert("failed")(tx)?;
            tx.savepoint(insert("kept by what failed"))?;
            Err::<(), _>(Error::new(Code::StateConflict))
        });
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            tx.savepoint(|tx| -> Result<()> {
                insert("panicked")(tx)?;
                panic!("on purpose")
            })
        }));
        tx.savepoint(insert("inner"))?;
        Ok((code(failed), panicked.is_err()))
    });

    assert_eq!(write.await.unwrap(), (Some(Code::StateConflict), true));
    assert_eq!(fixture.names(), ["outer", "inner"]);
}

#[tokio::test]
async fn readers_cannot_write_and_come_back_without_a_transaction() {
    let fixture = Fixture::with(Options {
        readers: 2,
        ..Options::default()
    });
    let insert = "INSERT INTO names(name) VALUES ('reader')";

    let now = fixture.db.read_now(|conn| Ok(conn.execute(insert, [])?));
    let long = fixture.db.read(|conn| Ok(conn.execute(insert, [])?)).await;
    fixture
        .db
        .read_now(|conn| Ok(conn.execute_batch("BEGIN; SELECT * FROM names")?))
        .unwrap();
    fixture.write(self::insert("writer")).await.unwrap();

    assert!(now.is_err() && long.is_err());
    for _ in 0..4 {
        assert_eq!(fixture.names(), ["writer"]);
    }
}

#[tokio::test]
async fn a_long_read_sees_one_snapshot() {
    let fixture = Fixture::new();
    let db = fixture.db.clone();

    let counts = fixture.db.read(move |conn| {
        let count = || conn.query_row("SELECT count(*) FROM names", [], |row| row.get::<_, u32>(0));
        let before = count()?;
        db.write_blocking(insert("meanwhile"))?;
        Ok((before, count()?))
    });

    assert_eq!(counts.await.unwrap(), (0, 0));
    assert_eq!(fixture.names(), ["meanwhile"]);
}

#[test]
fn a_reader_that_does_not_come_free_in_time_is_an_overload() {
    let fixture = Fixture::new();
    let wait = Duration::from_millis(10);
    let readers = Readers::open(fixture.db.file(), 1, 1_024, wait).unwrap();

    let inner = readers.now(|_| Ok(readers.now(|_| Ok(())))).unwrap();

    assert_eq!(code(inner), Some(Code::Overloaded));
    assert!(readers.now(|_| Ok(())).is_ok());
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_ends_without_a_restart() {
    let fixture = Fixture::with(Options {
        max_page_count: Some(200),
        ..Options::default()
    });
    fixture.write(insert("kept")).await.unwrap();
    let large = |tx: &Tx<'_>| {
        tx.execute("INSERT INTO names VALUES ('large', zeroblob(900000))", [])?;
        Ok(())
    };
    let hold = Hold::new(&fixture.db);
    let neighbour = fixture.write(insert("neighbour"));
    let too_large = fixture.write(large);
    let next = fixture.write(insert("next"));
    drop(hold);

    assert_eq!(code(too_large.await), Some(Code::WriteNotSaved));
    // A full disk ends the whole transaction.
    assert_eq!(code(neighbour.await), Some(Code::WriteNotSaved));
    next.await.unwrap();
    assert_eq!(fixture.names(), ["kept", "next"]);

    fixture
        .write(|tx| Ok(tx.pragma_update(None, "max_page_count", 10_000)?))
        .await
        .unwrap();
    fixture.write(large).await.unwrap();
    assert_eq!(fixture.names().last().unwrap(), "large");
}

#[tokio::test]
async fn a_locked_database_is_answered_as_not_saved_to_all_who_wait() {
    let fixture = Fixture::new();
    fixture
        .write(|tx| Ok(tx.busy_timeout(Duration::ZERO)?))
        .await
        .unwrap();
    let other = Connection::open_with_flags(fixture.db.file(), open::reader_flags()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let locked = fixture.write(insert("locked")).await;
    other.execute_batch("ROLLBACK").unwrap();
    fixture.write(insert("free")).await.unwrap();

    assert_eq!(code(locked), Some(Code::WriteNotSaved));
    assert_eq!(fixture.names(), ["free"]);
}

#[tokio::test]
async fn a_write_by_somebody_else_moves_every_epoch_and_our_own_do_not() {
    let fixture = Fixture::new();
    fixture.write(insert("ours")).await.unwrap();
    let before = Topic::ALL.map(|topic| fixture.db.epoch(topic));
    let other = Connection::open_with_flags(fixture.db.file(), open::reader_flags()).unwrap();
    other
        .execute_batch("INSERT INTO names(name) VALUES ('theirs')")
        .unwrap();

    fixture.write(insert("ours again")).await.unwrap();

    assert_eq!(before, [0; 4]);
    assert_eq!(Topic::ALL.map(|topic| fixture.db.epoch(topic)), [1; 4]);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_its_write_and_its_neighbours_intact() {
    let fixture = Fixture::new();
    let hold = Hold::new(&fixture.db);
    drop(fixture.write(insert("gone")));
    let stays = fixture.write(insert("stays"));
    drop(hold);

    stays.await.unwrap();
    assert_eq!(fixture.names(), ["gone", "stays"]);
}

#[tokio::test]
async fn shutdown_does_what_is_queued_then_refuses_writes_and_leaves_one_file() {
    let fixture = Fixture::new();
    let hold = Hold::new(&fixture.db);
    let request = fixture.write(insert("request"));
    let background = fixture.write_background(insert("background"));
    fixture.db.0.writer.close();
    let late = fixture.write(insert("late")).await;
    drop(hold);
    fixture.db.shutdown();
    fixture.db.shutdown();

    request.await.unwrap();
    background.await.unwrap();
    assert_eq!(code(late), Some(Code::Overloaded));
    assert_eq!(fixture.names(), ["request", "background"]);
    let log = fs::metadata(beside(fixture.db.file(), "-wal")).unwrap();
    assert_eq!(log.len(), 0);
}

#[test]
fn the_last_handle_may_be_dropped_by_a_write() {
    let fixture = Fixture::new();
    let (sent, received) = mpsc::channel();
    let own = fixture.db.clone();
    let (release, released) = mpsc::channel::<()>();
    drop(fixture.write(move |_| {
        assert!(released.recv().is_err());
        drop(own);
        Ok(())
    }));
    drop(fixture.write(move |_| {
        sent.send(()).unwrap();
        Ok(())
    }));
    drop(fixture.db);
    drop(release);

    received.recv().unwrap();
    drop(fixture.directory);
}

#[tokio::test]
async fn a_copy_under_load_is_whole_private_and_stands_alone() {
    let fixture = Fixture::new();
    fixture.write(insert("one")).await.unwrap();
    let dest = fixture.directory.path().join("data/copy.db");
    let (db, to) = (fixture.db.clone(), dest.clone());

    let copied = fixture.db.read(move |conn| {
        conn.query_row("SELECT count(*) FROM names", [], |_| Ok(()))?;
        db.write_blocking(insert("meanwhile"))?;
        backup::copy_to(conn, &to)
    });
    copied.await.unwrap();
    let beside: Vec<_> = fs::read_dir(dest.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("copy"))
        .collect();
    let copy = Db::open(&dest, &Options::default()).unwrap();

    assert_eq!(beside, ["copy.db"]);
    assert_eq!(names(&copy), ["one"]);
    assert!(
        fixture
            .db
            .read_now(|conn| backup::copy_to(conn, &dest))
            .is_err(),
        "in use"
    );
}
