//! A receiver of webhooks on a socket of its own, which behaves as it is told.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use http::{HeaderMap, HeaderName};
use standardwebhooks::Webhook;

/// How a receiver behaves.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    /// It answers so: status, further head lines, body.
    Answers(u16, String, Vec<u8>),
    /// It says that the body is this long, sends the first byte of it, and then one in a second.
    Drips,
    /// It sends a body without end.
    Endless,
    /// It answers 200 and resets the connection within the body.
    Resets,
    /// It says nothing.
    Silent,
    /// It is no HTTP server: it speaks first, and plainly.
    Gibberish,
    /// It answers each type of event with a status of its own, others with 200.
    ByType(&'static str, u16),
}

impl Behaviour {
    /// An answer without a body worth mentioning.
    pub(crate) fn status(status: u16) -> Self {
        Self::Answers(status, String::new(), b"ok".to_vec())
    }
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// The number of the delivery.
    pub(crate) fn number(&self) -> i64 {
        self.json()["endpoint_sequence"].as_i64().expect("a number")
    }

    /// Whether the published library accepts it; it holds the time against the machine's clock.
    pub(crate) fn verifies(&self, secret: &str) -> bool {
        let mut headers = HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            let value = self.header(name).parse().expect("a value");
            headers.insert(HeaderName::from_static(name), value);
        }
        let judge = Webhook::new(secret).expect("a secret");
        judge.verify(self.body.as_bytes(), &headers).is_ok()
    }
}

#[derive(Default)]
struct Shared {
    seen: Vec<Seen>,
    open: Vec<TcpStream>,
}

/// A receiver.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    behaviour: Arc<Mutex<Behaviour>>,
    shared: Arc<Mutex<Shared>>,
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Receiver {
    /// A receiver that answers 200.
    pub(crate) fn start() -> Self {
        Self::of(Behaviour::status(200))
    }

    /// A receiver that behaves so.
    pub(crate) fn of(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut receiver = Self {
            address,
            behaviour: Arc::new(Mutex::new(behaviour)),
            shared: Arc::default(),
            running: None,
        };
        receiver.listen(listener);
        receiver
    }

    /// Where webhooks are sent.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }

    /// Makes it behave otherwise.
    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self
            .behaviour
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// What came so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.seen.clone()
    }

    /// The ids of the events that came so far, each once.
    pub(crate) fn ids(&self) -> BTreeSet<String> {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let ids = shared
            .seen
            .iter()
            .map(|seen| seen.header("webhook-id").to_owned());
        ids.collect()
    }

    /// The numbers of the deliveries that came so far.
    pub(crate) fn numbers(&self) -> Vec<i64> {
        self.seen().iter().map(Seen::number).collect()
    }

    /// Stops listening: connections are refused.
    pub(crate) fn close(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            thread.join().expect("the receiver ends");
        }
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in shared.open.drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    /// Listens again at the same address.
    pub(crate) fn reopen(&mut self) {
        let listener = TcpListener::bind(self.address).expect("the same port");
        self.listen(listener);
    }

    fn listen(&mut self, listener: TcpListener) {
        listener.set_nonblocking(true).expect("a mode");
        let (stop, stopped) = mpsc::channel::<()>();
        let (behaviour, shared) = (Arc::clone(&self.behaviour), Arc::clone(&self.shared));
        let thread = std::thread::spawn(move || {
            let waiting = || stopped.recv_timeout(Duration::from_millis(2));
            while waiting() == Err(mpsc::RecvTimeoutError::Timeout) {
                while let Ok((stream, _)) = listener.accept() {
                    stream.set_nonblocking(false).expect("a mode");
                    let kept = stream.try_clone().expect("a handle");
                    shared
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .open
                        .push(kept);
                    let (behaviour, shared) = (Arc::clone(&behaviour), Arc::clone(&shared));
                    std::thread::spawn(move || converse(stream, &behaviour, &shared));
                }
            }
        });
        self.running = Some((stop, thread));
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.close();
    }
}

/// Takes requests on one connection until it ends.
fn converse(stream: TcpStream, behaviour: &Mutex<Behaviour>, shared: &Mutex<Shared>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a handle"));
    let mut stream = stream;
    let speaks_first = matches!(
        *behaviour.lock().unwrap_or_else(PoisonError::into_inner),
        Behaviour::Gibberish
    );
    if speaks_first {
        drop(stream.write_all(b"220 mail.example.com ESMTP\r\n"));
    }
    while let Some(seen) = read(&mut reader) {
        let kind = seen.json()["type"].as_str().unwrap_or_default().to_owned();
        shared
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .seen
            .push(seen);
        let behaviour = behaviour
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if answer(&mut stream, &behaviour, &kind).is_err() {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Seen> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Seen {
        headers,
        body: String::from_utf8(body).expect("text"),
    })
}

fn answer(stream: &mut TcpStream, behaviour: &Behaviour, kind: &str) -> std::io::Result<()> {
    let (_never, silence) = mpsc::channel::<()>();
    let wait = |time| assert!(silence.recv_timeout(time).is_err(), "nobody speaks");
    match behaviour {
        Behaviour::Answers(status, head, body) => respond(stream, *status, head, body),
        Behaviour::ByType(refused, status) => {
            let status = if *refused == kind { *status } else { 200 };
            respond(stream, status, "", b"ok")
        }
        Behaviour::Drips => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")?;
            loop {
                stream.write_all(b"x")?;
                wait(Duration::from_secs(1));
            }
        }
        Behaviour::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            let chunk = [&b"1000\r\n"[..], &[b'x'; 0x1000], &b"\r\n"[..]].concat();
            loop {
                stream.write_all(&chunk)?;
            }
        }
        Behaviour::Resets => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")?;
            // Closed on what was not read: the other side is told by a reset.
            socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO))?;
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
        Behaviour::Silent => {
            wait(Duration::from_secs(40));
            Ok(())
        }
        Behaviour::Gibberish => Ok(()),
    }
}

fn respond(stream: &mut TcpStream, status: u16, head: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Some\r\nContent-Length: {length}\r\n{head}\r\n");
    stream.write_all(&[head.as_bytes(), body].concat())
}
