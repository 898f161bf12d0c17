//! Connections that say nothing are closed once they have been silent for too long.
//!
//! The HTTP library times the first head of a connection and a connection that is kept open without
//! a byte. A later head that stops half-way, and an answer that nobody reads, have no end there: a
//! few thousand of them would hold every place. So each connection is watched from beside: while
//! it is not being served, it has the time of `http.keep_alive_seconds` to begin the next request.

use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use socket2::Socket;

/// How often connections are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The connections of a server.
pub(super) struct Watch {
    limit: Duration,
    started: Instant,
    connections: Mutex<Vec<Weak<Watched>>>,
}

/// A connection that is watched.
pub(super) struct Watched {
    /// The same socket under a number of its own, to close it from beside.
    socket: Socket,
    serving: AtomicU32,
    silent_since_ms: AtomicU64,
    started: Instant,
}

/// A request of a connection under way, until it is dropped.
pub(super) struct Serving(Arc<Watched>);

fn now_ms(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl Watch {
    pub(super) fn new(limit: Duration) -> Arc<Self> {
        Arc::new(Self {
            limit,
            started: Instant::now(),
            connections: Mutex::default(),
        })
    }

    /// Watches a connection as long as what is returned lives; none if there is no number left to
    /// hold it by, which the next connection will find out by itself.
    pub(super) fn begin(&self, stream: &TcpStream) -> Option<Arc<Watched>> {
        let socket = Socket::from(stream.as_fd().try_clone_to_owned().ok()?);
        let watched = Arc::new(Watched {
            socket,
            serving: AtomicU32::new(0),
            silent_since_ms: AtomicU64::new(now_ms(self.started)),
            started: self.started,
        });
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connections.push(Arc::downgrade(&watched));
        Some(watched)
    }

    /// Looks at the connections again and again.
    pub(super) async fn run(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            self.close_silent();
        }
    }

    fn close_silent(&self) {
        let now = now_ms(self.started);
        let limit = u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX);
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connections.retain(|connection| {
            let Some(connection) = connection.upgrade() else {
                return false;
            };
            let silent = now.saturating_sub(connection.silent_since_ms.load(Ordering::Acquire));
            if connection.serving.load(Ordering::Acquire) > 0 || silent <= limit {
                return true;
            }
            // Whoever reads or writes at it finds it ended; one that is gone already is fine too.
            drop(connection.socket.shutdown(std::net::Shutdown::Both));
            false
        });
    }
}

impl Watched {
    /// True if the other side has ended the connection.
    pub(super) fn is_gone(&self) -> bool {
        let mut byte = [MaybeUninit::uninit()];
        // It does not wait: the socket is the HTTP library's.
        matches!(self.socket.peek(&mut byte), Ok(0))
    }

    /// Says that a request is being served.
    pub(super) fn serve(self: &Arc<Self>) -> Serving {
        self.serving.fetch_add(1, Ordering::AcqRel);
        Serving(Arc::clone(self))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let Watched {
            silent_since_ms,
            started,
            serving,
            ..
        } = &*self.0;
        silent_since_ms.store(now_ms(*started), Ordering::Release);
        serving.fetch_sub(1, Ordering::AcqRel);
    }
}
