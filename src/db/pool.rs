//! Reading connections, as many as the pool has and all of them `query_only`.
//!
//! A read that may take long leaves the async worker for a thread where waiting is harmless; it may
//! occupy half of the pool only, so that point reads always find a connection at once.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use r2d2::{Pool, PooledConnection};
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::db::open;
use crate::error::{Code, Error, Result};

/// How long a read waits for its turn before the server calls itself overloaded.
pub(super) const WAIT: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub(super) struct Readers {
    pool: Pool<SqliteConnectionManager>,
    long: Arc<Semaphore>,
    wait: Duration,
}

impl Readers {
    pub(super) fn open(file: &Path, count: u32, cache_kib: u32, wait: Duration) -> Result<Self> {
        let count = count.max(1);
        let manager = SqliteConnectionManager::file(file)
            .with_flags(open::reader_flags())
            .with_init(move |conn| open::prepare_reader(conn, cache_kib));
        // A local file neither times out nor goes away: no test at each use, no age limit.
        let pool = Pool::builder()
            .max_size(count)
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .connection_timeout(wait)
            .build(manager)
            .map_err(Error::internal)?;
        let long = Arc::new(Semaphore::new((count as usize / 2).max(1)));
        Ok(Self { pool, long, wait })
    }

    /// Reads on the calling thread.
    pub(super) fn now<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let reader = self.get()?;
        work(&reader).map_err(as_a_read)
    }

    /// Reads on a thread that may wait, all of it from one snapshot.
    pub(super) async fn long<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = tokio::time::timeout(self.wait, Arc::clone(&self.long).acquire_owned())
            .await
            .map_err(|late| Error::new(Code::Overloaded).caused_by(late))?
            .map_err(Error::internal)?;
        let readers = self.clone();
        let read = move || {
            // Held to the end of the read, which goes on even if the caller has gone.
            let _turn = turn;
            let reader = readers.get()?;
            // Several statements of one answer must not see a commit in between.
            let snapshot = reader.unchecked_transaction()?;
            work(&snapshot).map_err(as_a_read)
        };
        tokio::task::spawn_blocking(read)
            .await
            .map_err(Error::internal)?
    }

    fn get(&self) -> Result<Reader> {
        let conn = self
            .pool
            .get()
            .map_err(|error| Error::new(Code::Overloaded).caused_by(error))?;
        Ok(Reader(conn))
    }
}

/// A borrowed connection that goes back without an open transaction: one left behind would show the
/// next borrower the past, and keep the log from ever being reused.
struct Reader(PooledConnection<SqliteConnectionManager>);

impl Deref for Reader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            tracing::warn!("a read left its transaction open");
            if let Err(error) = self.0.execute_batch("ROLLBACK") {
                tracing::error!(%error, "cannot end the transaction of a read");
            }
        }
    }
}

/// A disk that fails a read has lost no change, so the sentence about writes would be wrong.
fn as_a_read(error: Error) -> Error {
    if error.code() == Code::WriteNotSaved {
        // The text holds the whole chain, which cannot be moved out of an error.
        return Error::internal(anyhow::anyhow!("while reading: {error:?}"));
    }
    error
}
