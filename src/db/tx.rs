//! The right to write: what a job of the writer is given.
//!
//! A [`Tx`] derefs to [`Connection`], so a read such as `find(conn, …)` serves inside a write too,
//! while `insert(tx, …)` cannot be called with a reader's connection: the wrong thread is a compile
//! error. Only the writer makes one.
//!
//! Invariant: a job never begins, commits or rolls back by itself; [`Tx::savepoint`] is the way to
//! take back a part. Should it do so all the same, its whole batch is answered as not saved.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use rusqlite::Connection;

use crate::caller::Tenant;
use crate::db::epochs::{self, Topic, Topics};
use crate::error::{Code, Error, Result};

/// The open transaction, as one job sees it.
pub struct Tx<'a> {
    conn: &'a Connection,
    changed: Cell<Topics>,
    shards: Cell<u64>,
    after: RefCell<Vec<AfterCommit>>,
    empties_log: Cell<bool>,
    /// Rows that the connection had changed when the job began, inside its own savepoint.
    changes_before: u64,
}

/// What has to happen in memory once the transaction is on the disk.
pub(super) type AfterCommit = Box<dyn FnOnce() + Send>;

impl<'a> Tx<'a> {
    pub(super) fn new(conn: &'a Connection) -> Self {
        Self {
            conn,
            changed: Cell::default(),
            shards: Cell::default(),
            after: RefCell::default(),
            empties_log: Cell::default(),
            changes_before: conn.total_changes(),
        }
    }

    /// Says that the epoch of this topic has to move once the transaction is committed.
    pub fn changed(&self, topic: Topic) {
        self.changed.set(self.changed.get().with(topic));
    }

    /// Says that what is cached of this tenant is out of date once the transaction is committed.
    pub fn touched(&self, tenant: Tenant) {
        self.shards
            .set(self.shards.get() | epochs::shard_bit(tenant));
    }

    /// Runs something in memory after COMMIT and before the answer; never for what is taken back.
    ///
    /// It runs on the writer's thread, so it must be short and must not ask the database.
    pub fn after_commit(&self, run: impl FnOnce() + Send + 'static) {
        self.after.borrow_mut().push(Box::new(run));
    }

    /// Says that the write-ahead log has to be written back and emptied after COMMIT and before the
    /// answer: nothing that this deletes may be found in it any more.
    pub fn empty_log(&self) {
        self.empties_log.set(true);
    }

    /// Runs a part that is taken back on its own if it fails or panics, with the topics it named.
    ///
    /// Where the job has written nothing before it, the job's own savepoint marks the same state, and
    /// a second one would only have SQLite copy each page once more.
    pub fn savepoint<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let changed_before = self.changed.get();
        let after_before = self.after.borrow().len();
        let savepoint = if self.conn.total_changes() == self.changes_before {
            Savepoint::Job
        } else {
            run(self.conn, "SAVEPOINT part")?;
            Savepoint::Part
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| work(self)));
        if self.conn.is_autocommit() {
            // There is no savepoint any more to go back to; the writer will see the same and
            // answer the whole batch as not saved.
            return Err(Error::new(Code::WriteNotSaved));
        }
        let failure = match outcome {
            Ok(Ok(value)) => match savepoint.keep(self.conn) {
                Ok(()) => return Ok(value),
                Err(error) => Ok(error.into()),
            },
            Ok(Err(error)) => Ok(error),
            Err(panic) => Err(panic),
        };
        self.changed.set(changed_before);
        self.after.borrow_mut().truncate(after_before);
        let undone = savepoint.undo(self.conn);
        match failure {
            Ok(error) => undone.map_err(Error::from).and(Err(error)),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// What follows from the commit of this job.
    pub(super) fn effects(self) -> Effects {
        Effects {
            topics: self.changed.get(),
            shards: self.shards.get(),
            after: self.after.into_inner(),
            empties_log: self.empties_log.get(),
        }
    }
}

/// What follows from a commit.
#[derive(Default)]
pub(super) struct Effects {
    pub(super) topics: Topics,
    pub(super) shards: u64,
    pub(super) after: Vec<AfterCommit>,
    pub(super) empties_log: bool,
}

impl Effects {
    /// Adds what follows from another job of the same transaction.
    pub(super) fn add(&mut self, other: Self) {
        self.topics = self.topics.union(other.topics);
        self.shards |= other.shards;
        self.after.extend(other.after);
        self.empties_log |= other.empties_log;
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

/// What a part of a job goes back to.
#[derive(Clone, Copy)]
enum Savepoint {
    /// The beginning of the job, whose savepoint the writer opened and will close.
    Job,
    /// A savepoint of its own.
    Part,
}

impl Savepoint {
    fn keep(self, conn: &Connection) -> rusqlite::Result<()> {
        match self {
            Self::Job => Ok(()),
            Self::Part => run(conn, "RELEASE part"),
        }
    }

    fn undo(self, conn: &Connection) -> rusqlite::Result<()> {
        // ROLLBACK TO leaves the savepoint itself open.
        match self {
            Self::Job => run(conn, "ROLLBACK TO job"),
            Self::Part => {
                run(conn, "ROLLBACK TO part")?;
                run(conn, "RELEASE part")
            }
        }
    }
}

/// Runs a statement that every batch needs, prepared once.
pub(super) fn run(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute([]).map(drop)
}
