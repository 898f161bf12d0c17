//! The one thread that writes.
//!
//! SQLite has one writer at a time whatever we do, and a commit costs a sync of the disk. So writes
//! queue for a thread that owns the only writing connection and commits together whatever has
//! queued: one sync for all. There is no timer: a lone write is not delayed, and under load the
//! batches grow by themselves.
//!
//! Invariant: nobody is answered before COMMIT, nor before the epochs of the batch have moved.
//! Invariant: a failing or panicking job takes back its own work only. If the transaction itself is
//! lost (a full disk, an I/O error, a failed COMMIT), every job that ran in it is answered
//! `write_not_saved`, and those that had not run yet are still in the queue.
//! Invariant: no foreign key is DEFERRED. One violated at COMMIT would take the neighbours with it.

use std::any::{Any, type_name};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use rusqlite::Connection;

use crate::db::epochs::{Epochs, Topics};
use crate::db::open;
use crate::db::queue::{Job, Lane, Queue, Taken};
use crate::db::tx::{Effects, Tx, run};
use crate::error::{Code, Error, Result};

/// A job that holds up its neighbours for longer is named in the log.
const SLOW: Duration = Duration::from_millis(5);

/// Pages in the log, not written back yet, at which that is done when nothing waits and when something
/// does. More often would sync more; less often makes the pause and the log longer.
const CHECKPOINT_IDLE: i64 = 1_000;
const CHECKPOINT_BUSY: i64 = 8_000;

/// How long the log's readers are waited for where it has to be emptied.
const EMPTYING: Duration = Duration::from_millis(500);

struct Call<T, W, A> {
    work: Option<W>,
    outcome: Option<Result<T>>,
    answer: A,
}

impl<T, W, A> Job for Call<T, W, A>
where
    T: Send,
    W: FnOnce(&Tx<'_>) -> Result<T> + Send,
    A: FnOnce(Result<T>) + Send,
{
    fn run(&mut self, tx: &Tx<'_>) {
        if let Some(work) = self.work.take() {
            self.outcome = Some(work(tx));
        }
    }

    fn failure(&self) -> Option<&Error> {
        self.outcome.as_ref()?.as_ref().err()
    }

    fn refuse(&mut self, error: Error) {
        self.outcome = Some(Err(error));
    }

    fn answer(self: Box<Self>) {
        let unrun = || Err(Error::bug("a write was answered before it ran"));
        (self.answer)(self.outcome.unwrap_or_else(unrun));
    }

    fn name(&self) -> &'static str {
        type_name::<W>()
    }
}

/// How much is put into one transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchLimits {
    /// Jobs.
    pub(super) jobs: usize,
    /// After this no further job joins, so that slow jobs do not add up to a long wait.
    pub(super) time: Duration,
}

/// The callers' end of the thread.
pub(super) struct Writer {
    queue: Arc<Queue>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(
        conn: Connection,
        file: &Path,
        epochs: Arc<Epochs>,
        limits: BatchLimits,
        queue_limit: usize,
    ) -> Result<Self> {
        let queue = Arc::new(Queue::new(queue_limit));
        let data_version = data_version(&conn)?;
        let worker = Worker {
            conn,
            queue: Arc::clone(&queue),
            epochs,
            limits,
            data_version,
            log_to_empty: false,
            file: file.display().to_string(),
        };
        let thread = thread::Builder::new()
            .name("db-writer".to_owned())
            .spawn(move || worker.work())
            .map_err(Error::internal)?;
        Ok(Self {
            queue,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Queues a write, or refuses it at once if the queue is full or closed.
    pub(super) fn submit<T, W, A>(&self, lane: Lane, work: W, answer: A) -> Result<()>
    where
        T: Send + 'static,
        W: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
        A: FnOnce(Result<T>) + Send + 'static,
    {
        let job = Call {
            work: Some(work),
            outcome: None,
            answer,
        };
        if self.queue.push(lane, Box::new(job)) {
            Ok(())
        } else {
            Err(Error::new(Code::Overloaded))
        }
    }

    /// How many writes wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Refuses further writes; what is queued is still done.
    pub(super) fn close(&self) {
        self.queue.close();
    }

    /// Whether further writes are refused for good.
    pub(super) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Waits until all is done.
    pub(super) fn join(&self) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Err(_)) = thread.take().map(JoinHandle::join) {
            tracing::error!("the writer had panicked");
        }
    }
}

/// The thread's end.
struct Worker {
    conn: Connection,
    queue: Arc<Queue>,
    epochs: Arc<Epochs>,
    limits: BatchLimits,
    data_version: i64,
    /// The log holds what was erased: it is to be emptied as soon as nobody reads from it.
    log_to_empty: bool,
    file: String,
}

/// Should the thread ever die, callers must get an error and not wait for ever.
struct CloseAtEnd(Arc<Queue>);

impl Drop for CloseAtEnd {
    fn drop(&mut self) {
        self.0.close();
        self.0.discard();
    }
}

impl Worker {
    fn work(mut self) {
        let _close = CloseAtEnd(Arc::clone(&self.queue));
        let mut ran = Vec::with_capacity(self.limits.jobs);
        let mut taken = Taken::default();
        while let Some(first) = self.queue.wait(&mut taken) {
            self.batch(first, &mut taken, &mut ran);
            taken = Taken::default();
            self.checkpoint_if_due();
        }
        // The file alone is then the whole data, and the next start has nothing to recover.
        self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// One transaction from BEGIN to the answers.
    fn batch(&mut self, first: Box<dyn Job>, taken: &mut Taken, ran: &mut Vec<Box<dyn Job>>) {
        match self.transaction(first, taken, ran) {
            Ok(effects) => {
                self.epochs.bump(effects.topics);
                self.epochs.bump_tenants(effects.shards);
                for run in effects.after {
                    if catch_unwind(AssertUnwindSafe(run)).is_err() {
                        tracing::error!("what follows a commit panicked");
                    }
                }
                if effects.empties_log || self.log_to_empty {
                    self.empty_log(effects.empties_log);
                }
            }
            Err(lost) => {
                tracing::error!(error = %lost, jobs = ran.len(), "a batch of writes was not saved");
                self.end_transaction();
                for job in ran.iter_mut() {
                    let cause = anyhow!("the transaction was lost: {lost}");
                    job.refuse(Error::new(Code::WriteNotSaved).caused_by(cause));
                }
            }
        }
        ran.drain(..).for_each(Job::answer);
    }

    /// Runs and commits; an error means that nothing of it was saved.
    fn transaction(
        &mut self,
        first: Box<dyn Job>,
        taken: &mut Taken,
        ran: &mut Vec<Box<dyn Job>>,
    ) -> anyhow::Result<Effects> {
        if let Err(error) = self.begin() {
            // Each attempt may have waited for a lock: those behind must not wait in turn.
            ran.push(first);
            while ran.len() < self.limits.jobs
                && let Some(job) = self.queue.next(taken)
            {
                ran.push(job);
            }
            return Err(error.into());
        }
        let started = Instant::now();
        let mut effects = Effects::default();
        let mut next = Some(first);
        while let Some(mut job) = next.take() {
            let outcome = self.job(&mut *job);
            ran.push(job);
            effects.add(outcome?);
            if ran.len() < self.limits.jobs && started.elapsed() < self.limits.time {
                next = self.queue.next(taken);
            }
        }
        run(&self.conn, "COMMIT")?;
        Ok(effects)
    }

    fn begin(&mut self) -> rusqlite::Result<()> {
        run(&self.conn, "BEGIN IMMEDIATE")?;
        let data_version = data_version(&self.conn)?;
        if data_version != self.data_version {
            self.data_version = data_version;
            tracing::warn!(
                file = self.file,
                "somebody else wrote to the database: caches dropped"
            );
            self.epochs.bump(Topics::all());
            self.epochs.bump_tenants(u64::MAX);
        }
        Ok(())
    }

    /// One job in its savepoint; an error means that the transaction is lost.
    fn job(&self, job: &mut dyn Job) -> anyhow::Result<Effects> {
        run(&self.conn, "SAVEPOINT job")?;
        let tx = Tx::new(&self.conn);
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| job.run(&tx)));
        let elapsed = started.elapsed();
        if elapsed > SLOW {
            let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(
                job = job.name(),
                elapsed_ms,
                "a slow write held up the others"
            );
        }
        if let Err(panic) = outcome {
            tracing::error!(
                job = job.name(),
                panic = text_of(&*panic),
                "a write panicked"
            );
            job.refuse(Error::bug("a write panicked"));
        }
        if self.conn.is_autocommit() {
            // SQLite has rolled all of it back; or the job ended the transaction, against the rule.
            return Err(anyhow!(
                "it ended inside {}: {:?}",
                job.name(),
                job.failure()
            ));
        }
        if job.failure().is_none() {
            run(&self.conn, "RELEASE job")?;
            return Ok(tx.effects());
        }
        run(&self.conn, "ROLLBACK TO job")?;
        run(&self.conn, "RELEASE job")?;
        Ok(Effects::default())
    }

    fn end_transaction(&self) {
        if !self.conn.is_autocommit()
            && let Err(error) = run(&self.conn, "ROLLBACK")
        {
            tracing::error!(%error, "cannot roll back a lost transaction");
        }
    }

    /// Writes the log back into the file, after the answers so that no batch waits for it.
    fn checkpoint_if_due(&self) {
        let limit = if self.queue.len() == 0 {
            CHECKPOINT_IDLE
        } else {
            CHECKPOINT_BUSY
        };
        let unwritten = self
            .conn
            .prepare_cached("PRAGMA wal_checkpoint(NOOP)")
            .and_then(|mut noop| {
                noop.query_row([], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?))
            });
        if unwritten.is_ok_and(|pages| pages >= limit) {
            self.checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
        }
    }

    /// Writes the log back and empties it. It waits a moment for those who read from it, if somebody
    /// waits for the outcome; a backup reads for longer, and then a later batch does it.
    fn empty_log(&mut self, waits: bool) {
        let patience = if waits { EMPTYING } else { Duration::ZERO };
        let emptied = self.conn.busy_timeout(patience).and_then(|()| {
            let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
            self.conn.query_row(sql, [], |row| row.get::<_, bool>(0))
        });
        if let Err(error) = self.conn.busy_timeout(open::BUSY) {
            tracing::error!(%error, "the writer's patience cannot be set");
        }
        self.log_to_empty = match emptied {
            Ok(busy) => busy,
            Err(error) => {
                tracing::warn!(%error, "cannot empty the write-ahead log");
                true
            }
        };
    }

    fn checkpoint(&self, sql: &str) {
        let outcome = self.conn.query_row(sql, [], |row| row.get::<_, bool>(0));
        match outcome {
            Ok(false) => {}
            Ok(true) => tracing::debug!("a reader kept the log from being written back"),
            Err(error) => tracing::error!(%error, "cannot write the log back into the database"),
        }
    }
}

/// Moves when another connection has committed, and not for our own commits.
fn data_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("PRAGMA data_version")?
        .query_row([], |row| row.get(0))
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&'static str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
