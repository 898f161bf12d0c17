//! The database: one file, many readers, one writer.
//!
//! A write is a closure that the writer's thread runs in a transaction shared with whatever else has
//! queued; it is answered once it is on the disk. A read takes a connection from the pool and sees
//! the last commit. The two never wait for each other.
//!
//! Invariant: one process owns the file ([`lock`]). Should another have written all the same, every
//! epoch moves and the caches start over.

mod epochs;
mod open;
mod pool;
mod queue;
mod tx;
mod writer;
pub mod backup;
pub mod inspect;
pub mod lock;
pub mod meta;
pub mod migrate;
pub mod row;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::caller::Tenant;
use crate::db::epochs::Epochs;
use crate::db::pool::Readers;
use crate::db::queue::Lane;
use crate::db::writer::{BatchLimits, Writer};
use crate::error::{Error, Result};

pub use self::epochs::Topic;
pub use self::open::{Synchronous, beside, prepare_directory};
pub use self::row::{execute_in_order, unique_violation};
pub use self::tx::Tx;

/// What a read is given: the name under which layers that know no SQL pass it on.
pub type Reader = Connection;

/// How a database is opened; the defaults are for a server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Reading connections.
    pub readers: u32,
    /// Writes that may wait in each lane; one more is refused.
    pub queue_limit: usize,
    /// Writes in one transaction.
    pub batch_limit: usize,
    /// Milliseconds after which no further write joins a transaction.
    pub batch_time_ms: u64,
    /// How safe an answered write is; for the durability test.
    pub synchronous: Synchronous,
    /// Pages that the file may have; to test a full disk.
    pub max_page_count: Option<u32>,
    /// Cache of each connection in KiB.
    pub cache_kib: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 8,
            queue_limit: 4_096,
            batch_limit: 128,
            batch_time_ms: 20,
            synchronous: Synchronous::Full,
            max_page_count: None,
            cache_kib: 16 * 1_024,
        }
    }
}

/// A handle to the open database; clones are the same database.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    file: PathBuf,
    epochs: Arc<Epochs>,
    readers: Readers,
    writer: Writer,
}

impl Db {
    /// Opens or makes the file, and brings it to the schema of this program.
    ///
    /// A file of an older schema is copied first, to `<file>.schema-<number>.backup`. Blocks: call
    /// it before there is anybody to serve.
    pub fn open(file: &Path, options: &Options) -> Result<Self> {
        Self::open_with(file, options, |conn, schema| {
            let copy = beside(file, &format!(".schema-{schema}.backup"));
            backup::copy_to(conn, &copy)?;
            tracing::info!(copy = %copy.display(), "copied the database before migrating it");
            Ok(())
        })
    }

    /// The same with a backup of the caller's own before a migration; its failure changes nothing.
    pub fn open_with(
        file: &Path,
        options: &Options,
        before_migrating: impl FnOnce(&Connection, u32) -> Result<()>,
    ) -> Result<Self> {
        let mut conn = open::writer(
            file,
            options.synchronous,
            options.cache_kib,
            options.max_page_count,
        )?;
        migrate::apply(&mut conn, before_migrating)?;
        let epochs = Arc::new(Epochs::new());
        let limits = BatchLimits {
            jobs: options.batch_limit.max(1),
            time: Duration::from_millis(options.batch_time_ms),
        };
        let readers = Readers::open(file, options.readers, options.cache_kib, pool::WAIT)?;
        let writer = Writer::start(conn, file, Arc::clone(&epochs), limits, options.queue_limit)?;
        Ok(Self(Arc::new(Inner {
            file: file.to_owned(),
            epochs,
            readers,
            writer,
        })))
    }

    /// Where the database is.
    pub fn file(&self) -> &Path {
        &self.0.file
    }

    /// Reads on a thread that may wait, all statements from one snapshot.
    ///
    /// For whatever may touch many rows. A caller that goes away does not stop the read.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.readers.long(work).await
    }

    /// Reads on the calling thread.
    ///
    /// Only for point reads and pages by index, which take microseconds: anything longer stops every
    /// other request of the same async worker. Each statement sees the last commit of its own moment.
    /// Never call it inside another read: the inner one could wait for the outer's connection.
    pub fn read_now<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.0.readers.now(work)
    }

    /// Reads on the calling thread by a connection of its own, which may be held long.
    ///
    /// For a backup: it would keep one of the pool's from the requests for minutes.
    pub fn with_own_reader<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        work(&open::alone(&self.0.file)?)
    }

    /// Writes for a caller that waits; answered once it is on the disk.
    ///
    /// An error of `work` takes back what it did and is the answer. Once queued the write is done
    /// even if the caller goes away.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.queued(Lane::Requests, work).await
    }

    /// Writes for nobody in particular: behind the requests.
    pub async fn write_background<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.queued(Lane::Background, work).await
    }

    /// Writes from a thread that has no async runtime, which it blocks.
    ///
    /// Never call it inside a write: the writer would wait for itself.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = mpsc::sync_channel(1);
        // A caller that has gone needs no answer.
        self.0.writer.submit(Lane::Requests, work, move |outcome| {
            drop(answer.send(outcome));
        })?;
        answered.recv().map_err(Error::internal)?
    }

    /// How often this topic has changed since the start.
    pub fn epoch(&self, topic: Topic) -> u64 {
        self.0.epochs.get(topic)
    }

    /// How often what is cached of a tenant went out of date; read it before the rows.
    pub fn tenant_epoch(&self, tenant: Tenant) -> u64 {
        self.0.epochs.of_tenant(tenant)
    }

    /// Wakes after a commit that changed this topic; the value is the epoch.
    pub fn changed(&self, topic: Topic) -> watch::Receiver<u64> {
        self.0.epochs.subscribe(topic)
    }

    /// How many writes wait for the writer.
    pub fn waiting_writes(&self) -> usize {
        self.0.writer.waiting()
    }

    /// Whether the writer has ended or is ending: no write will ever be taken again.
    pub fn is_closed(&self) -> bool {
        self.0.writer.is_closed()
    }

    /// Does and answers what is queued, writes the log back into the file and ends the writer.
    ///
    /// Later writes are refused as overloaded; reads go on. Blocks, and may be called twice. Never
    /// call it inside a write.
    pub fn shutdown(&self) {
        self.0.writer.close();
        self.0.writer.join();
    }

    async fn queued<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        // A caller that has gone needs no answer.
        self.0
            .writer
            .submit(lane, work, move |outcome| drop(answer.send(outcome)))?;
        answered.await.map_err(Error::internal)?
    }
}

impl Drop for Inner {
    /// The writer finishes what is queued by itself. Nobody waits for it here: the last handle may
    /// be dropped by a job, on the writer's own thread.
    fn drop(&mut self) {
        self.writer.close();
    }
}
