//! The load generator: keep-alive connections on one thread, requests made of ready bytes.
//!
//! It shares the machine with the server, so it parses no more of an answer than its status and its
//! length. All of it runs on one current-thread runtime.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// However fast a server is, a load ends here.
const COUNT_LIMIT: u64 = 5_000_000;
/// How long after its time a load may take to finish the requests under way.
const PATIENCE: Duration = Duration::from_secs(20);
const BUFFER_BYTES: usize = 64 * 1024;

/// Writes the bytes of the next request.
pub(crate) type Fill = Rc<dyn Fn(&mut Vec<u8>)>;

/// Requests to send, and for how long.
#[derive(Clone)]
pub(crate) struct Load {
    /// Where to.
    pub(crate) address: SocketAddr,
    /// Connections, each with one request under way.
    pub(crate) connections: usize,
    /// For how long.
    pub(crate) time: Duration,
    /// Requests in all.
    pub(crate) count: u64,
    /// Requests a second; without it each connection sends as soon as it was answered.
    pub(crate) pace: Option<u32>,
    /// The statuses that are right.
    pub(crate) expect: &'static [u16],
    /// What is sent.
    pub(crate) fill: Fill,
}

impl Load {
    /// A load of reads as fast as they are answered.
    pub(crate) fn new(address: SocketAddr, fill: Fill) -> Self {
        Self {
            address,
            connections: 64,
            time: Duration::from_secs(2),
            count: COUNT_LIMIT,
            pace: None,
            expect: &[200],
            fill,
        }
    }
}

/// What came of a load.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// Requests answered in a second.
    pub(crate) per_second: f64,
    /// How long each took, in microseconds, sorted.
    pub(crate) took_us: Vec<u32>,
}

impl Measured {
    /// The time that this part of the requests was answered in, in milliseconds.
    pub(crate) fn percentile_ms(&self, part: f64) -> f64 {
        let last = self.took_us.len().saturating_sub(1);
        let place = (part * last as f64).round() as usize;
        self.took_us
            .get(place)
            .map_or(0.0, |us| f64::from(*us) / 1_000.0)
    }
}

/// What the connections of one load share.
struct Shared {
    load: Load,
    begun: Instant,
    sent: Cell<u64>,
    took_us: RefCell<Vec<u32>>,
}

impl Shared {
    /// When the next request is due; none once the load is over.
    fn next(&self) -> Option<Instant> {
        let number = self.sent.get();
        let now = Instant::now();
        let due = match self.load.pace {
            Some(pace) => {
                self.begun + Duration::from_secs_f64(number as f64 / f64::from(pace.max(1)))
            }
            None => now,
        };
        let over = due.max(now).duration_since(self.begun) >= self.load.time;
        if over || number >= self.load.count {
            return None;
        }
        self.sent.set(number + 1);
        Some(due)
    }
}

/// Sends a load. Inside a `LocalSet`.
pub(crate) async fn drive(load: Load) -> Result<Measured> {
    let mut connections = Vec::with_capacity(load.connections);
    for _ in 0..load.connections {
        connections.push(Connection::open(load.address).await?);
    }
    let patience = load.time + PATIENCE;
    let shared = Rc::new(Shared {
        load,
        begun: Instant::now(),
        sent: Cell::new(0),
        took_us: RefCell::default(),
    });
    let mut tasks = JoinSet::new();
    for connection in connections {
        tasks.spawn_local(keep_asking(connection, Rc::clone(&shared)));
    }
    let all = async {
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(patience, all)
        .await
        .context("the server did not answer in time")??;
    let seconds = shared.begun.elapsed().as_secs_f64();
    let mut took_us = shared.took_us.take();
    took_us.sort_unstable();
    Ok(Measured {
        per_second: took_us.len() as f64 / seconds,
        took_us,
    })
}

async fn keep_asking(mut connection: Connection, shared: Rc<Shared>) -> Result<()> {
    let mut request = Vec::with_capacity(1024);
    while let Some(due) = shared.next() {
        // A request that is sent late since no connection was free counts from when it was due; the
        // coarse timer of the runtime is not the server's.
        let mut started = due;
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
            started = Instant::now();
        }
        request.clear();
        (shared.load.fill)(&mut request);
        let status = connection.exchange(&request).await?;
        ensure!(
            shared.load.expect.contains(&status),
            "answered {status}: {}",
            connection.text()
        );
        let took_us = u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX);
        shared.took_us.borrow_mut().push(took_us);
    }
    Ok(())
}

/// One keep-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)
            .await
            .context("the server does not listen")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; BUFFER_BYTES],
            filled: 0,
        })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await?;
        self.filled = 0;
        let mut known = None;
        loop {
            let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
            if read == 0 {
                bail!("the server closed a connection: {}", self.text());
            }
            self.filled += read;
            known = known.or_else(|| measure(&self.buffer[..self.filled]));
            match known {
                Some((status, length)) if self.filled >= length => return Ok(status),
                Some((_, length)) if length > self.buffer.len() => self.buffer.resize(length, 0),
                _ if self.filled == self.buffer.len() => bail!("an answer without an end"),
                _ => {}
            }
        }
    }

    /// The last answer, as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.buffer[..self.filled]).into_owned()
    }

    /// The body of the last answer, as JSON.
    pub(crate) fn json(&self) -> Result<serde_json::Value> {
        let answer = &self.buffer[..self.filled];
        let head = head_length(answer).context("no head")?;
        Ok(serde_json::from_slice(&answer[head..])?)
    }
}

fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map(|at| at + 4)
}

/// Status and whole length of an answer, once its head is there.
fn measure(bytes: &[u8]) -> Option<(u16, usize)> {
    let end = head_length(bytes)?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let length = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let named = name.eq_ignore_ascii_case("content-length");
        named.then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    Some((status, end + length.unwrap_or(0)))
}
