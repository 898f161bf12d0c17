//! Connecting to somebody else's server, and asking it something.
//!
//! A call has its time in all: resolving, connecting, TLS, the answer's head. What follows the head is
//! read for a few seconds more at most, up to 64 KiB, as it comes: nothing is decompressed. The answer's
//! status is what counts; a body that breaks off does not change it.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::guard::{Guard, Right};
use super::target::{Host, Target};
use crate::caller::Mode;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::values::Invalid;

/// How long a call may take in all.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the body of an answer is read behind its head.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one of several addresses is tried before the next.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a name is asked for when an address is registered.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);
/// So much of an answer's body is read.
pub const BODY_LIMIT_BYTES: usize = 64 * 1024;
/// The largest head of an answer.
const HEAD_LIMIT_BYTES: usize = 64 * 1024;
/// Names that are resolved at the same time: each holds a thread.
const LOOKUPS_AT_ONCE: usize = 32;
/// Addresses of a name that are tried.
const ADDRESSES_TRIED: usize = 4;

/// What we call ourselves.
const AGENT: &str = concat!("Cadence/", env!("CARGO_PKG_VERSION"));

/// The addresses of a name, in time.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Asks for the addresses of a name.
pub trait Resolve: Send + Sync {
    /// Its addresses, in the order in which to try them.
    fn resolve(&self, name: &str) -> Resolving;
}

/// The machine's own resolver.
struct System;

impl Resolve for System {
    fn resolve(&self, name: &str) -> Resolving {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The client for addresses that came from a caller.
pub struct Client {
    guard: Guard,
    tls: TlsConnector,
    resolver: RwLock<Arc<dyn Resolve>>,
    lookups: Semaphore,
}

/// One call.
pub struct Call<'c> {
    /// Whom it is for.
    pub target: &'c Target,
    /// On whose behalf.
    pub mode: Mode,
    /// Headers beside those that every call has.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON.
    pub body: Bytes,
}

/// A request, whoever it is for.
pub(super) struct Question<'q> {
    pub(super) method: Method,
    pub(super) target: &'q Target,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
}

/// What became of a call.
#[derive(Debug)]
pub struct Reply {
    /// By which right the address was reached, if one was.
    pub right: Option<Right>,
    /// How long it took.
    pub duration_ms: i64,
    /// The answer, or why there is none.
    pub outcome: std::result::Result<Received, Failure>,
}

/// An answer.
#[derive(Debug)]
pub struct Received {
    /// Its status.
    pub status: u16,
    /// `Retry-After`, as sent.
    pub retry_after: Option<String>,
    /// The body, up to [`BODY_LIMIT_BYTES`].
    pub body: Vec<u8>,
    /// False if there was more, or it broke off.
    pub complete: bool,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// The address may not be called.
    Blocked,
    /// The name has no address.
    Resolving,
    /// Nobody takes the connection.
    Connecting,
    /// No encrypted connection came about.
    Tls,
    /// The time was over.
    Timeout,
    /// The connection broke off, or what came was no HTTP.
    Broken,
}

/// A call without an answer.
#[derive(Debug)]
pub struct Failure {
    /// Why.
    pub kind: Failing,
    /// The same in words.
    pub words: String,
}

impl Failure {
    fn new(kind: Failing, words: impl fmt::Display) -> Self {
        let words = words.to_string();
        Self { kind, words }
    }
}

/// A connection that can be used again.
pub struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: tokio::task::JoinHandle<()>,
    address: IpAddr,
    tls: bool,
    port: u16,
    host: Host,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connection {
    /// Opens a connection to the first of these addresses that takes it.
    pub(super) async fn open(
        addresses: &[IpAddr],
        target: &Target,
        tls: &TlsConnector,
    ) -> std::result::Result<Self, Failure> {
        let (stream, address) = connect(addresses, target.port).await?;
        // Small messages that are waited for: none is held back for a larger one.
        drop(stream.set_nodelay(true));
        let (sender, driver) = if target.tls {
            let stream = tls.connect(server_name(&target.host)?, stream).await;
            let stream = stream.map_err(|error| Failure::new(Failing::Tls, error))?;
            shake_hands(TokioIo::new(stream)).await?
        } else {
            shake_hands(TokioIo::new(stream)).await?
        };
        Ok(Self {
            sender,
            driver,
            address,
            tls: target.tls,
            port: target.port,
            host: target.host.clone(),
        })
    }

    /// Whether it leads there and is still open.
    fn serves(&self, target: &Target) -> bool {
        (self.tls, self.port, &self.host) == (target.tls, target.port, &target.host)
            && !self.sender.is_closed()
    }

    /// Asks, and waits for the head of the answer.
    pub(super) async fn ask_for(
        &mut self,
        question: Question<'_>,
    ) -> std::result::Result<Response<Incoming>, Failure> {
        let request = request(question)?;
        let broken = |error: hyper::Error| Failure::new(Failing::Broken, chain(&error));
        self.sender.ready().await.map_err(broken)?;
        self.sender.send_request(request).await.map_err(broken)
    }
}

async fn connect(
    addresses: &[IpAddr],
    port: u16,
) -> std::result::Result<(TcpStream, IpAddr), Failure> {
    let mut last = Failure::new(Failing::Resolving, "the name has no address");
    for address in addresses.iter().take(ADDRESSES_TRIED) {
        let connecting = TcpStream::connect(SocketAddr::new(*address, port));
        match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(Ok(stream)) => return Ok((stream, *address)),
            Ok(Err(error)) => last = Failure::new(Failing::Connecting, error),
            Err(_) => last = Failure::new(Failing::Connecting, "nobody answered in time"),
        }
    }
    Err(last)
}

fn server_name(host: &Host) -> std::result::Result<ServerName<'static>, Failure> {
    match host {
        Host::Name(name) => {
            ServerName::try_from(name.clone()).map_err(|error| Failure::new(Failing::Tls, error))
        }
        Host::Address(address) => Ok(ServerName::IpAddress((*address).into())),
    }
}

type Shaken = (http1::SendRequest<Full<Bytes>>, tokio::task::JoinHandle<()>);

async fn shake_hands<T>(stream: TokioIo<T>) -> std::result::Result<Shaken, Failure>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_LIMIT_BYTES)
        .max_headers(100)
        .handshake(stream)
        .await
        .map_err(|error| Failure::new(Failing::Broken, chain(&error)))?;
    // How it ends is seen by whoever waits for an answer on it.
    let driver = tokio::spawn(async move { drop(connection.await) });
    Ok((sender, driver))
}

/// What an error says, with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words.extend([": ", &inner.to_string()]);
        cause = inner.source();
    }
    words
}

/// How TLS is spoken: with the roots of the web, which are compiled in.
pub(super) fn tls() -> Result<TlsConnector> {
    let provider = Arc::new(crypto::ring::default_provider());
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

impl Client {
    /// The client of a server with this configuration.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(Self {
            guard: Guard::of(config),
            tls: tls()?,
            resolver: RwLock::new(Arc::new(System)),
            lookups: Semaphore::new(LOOKUPS_AT_ONCE),
        })
    }

    /// Who may reach what.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Asks somebody else for the addresses of names.
    pub fn resolve_by(&self, resolver: Arc<dyn Resolve>) {
        *self
            .resolver
            .write()
            .unwrap_or_else(PoisonError::into_inner) = resolver;
    }

    async fn addresses(&self, host: &Host) -> std::result::Result<Vec<IpAddr>, Failure> {
        let name = match host {
            Host::Address(address) => return Ok(vec![*address]),
            Host::Name(name) => name,
        };
        let failed = |words: String| Failure::new(Failing::Resolving, words);
        let turn = self.lookups.acquire().await;
        let resolver = Arc::clone(&self.resolver.read().unwrap_or_else(PoisonError::into_inner));
        let found = resolver.resolve(name).await;
        drop(turn);
        let found = found.map_err(|error| failed(error.to_string()))?;
        if found.is_empty() {
            return Err(failed("the name has no address".to_owned()));
        }
        Ok(found)
    }

    /// Whether this address may be registered to be called later.
    ///
    /// A name that does not resolve now is taken: the call will tell.
    pub async fn check(&self, target: &Target, mode: Mode) -> std::result::Result<(), Invalid> {
        self.guard.check_target(target, mode)?;
        let looking = self.addresses(&target.host);
        let Ok(Ok(addresses)) = tokio::time::timeout(CHECK_TIMEOUT, looking).await else {
            return Ok(());
        };
        for address in addresses {
            self.guard.check(address, target, mode)?;
        }
        Ok(())
    }

    /// Carries out a POST, on a kept connection if that still leads there, and keeps the connection
    /// if it can be used again.
    pub async fn post(&self, kept: &mut Option<Connection>, call: &Call<'_>) -> Reply {
        let started = Instant::now();
        let deadline = started + CALL_TIMEOUT;
        let mut right = None;
        let outcome =
            match tokio::time::timeout_at(deadline, self.head(kept, call, &mut right)).await {
                Ok(Ok((connection, response))) => {
                    Ok(receive(kept, connection, response, deadline).await)
                }
                Ok(Err(failure)) => Err(failure),
                Err(_) => Err(Failure::new(
                    Failing::Timeout,
                    format!("no answer within {} seconds", CALL_TIMEOUT.as_secs()),
                )),
            };
        let duration_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Reply {
            right,
            duration_ms,
            outcome,
        }
    }

    /// Connects, or takes the kept connection, and asks.
    async fn head(
        &self,
        kept: &mut Option<Connection>,
        call: &Call<'_>,
        right: &mut Option<Right>,
    ) -> std::result::Result<(Connection, Response<Incoming>), Failure> {
        let blocked = |invalid: Invalid| Failure::new(Failing::Blocked, invalid.message);
        let guard = &self.guard;
        guard
            .check_target(call.target, call.mode)
            .map_err(blocked)?;
        if let Some(mut connection) = kept.take().filter(|kept| kept.serves(call.target)) {
            // The rules may have changed since it was opened.
            let checked = guard.check(connection.address, call.target, call.mode);
            *right = Some(checked.map_err(blocked)?);
            // The other side may just have closed it: then nothing was taken, and a new one is opened.
            if let Ok(response) = connection.ask_for(call.question()).await {
                return Ok((connection, response));
            }
        }
        let addresses = self.addresses(&call.target.host).await?;
        // One address that may not be called spoils the name: it is not ours to choose among them.
        for address in &addresses {
            let checked = guard.check(*address, call.target, call.mode);
            *right = Some(checked.map_err(blocked)?);
        }
        let mut connection = Connection::open(&addresses, call.target, &self.tls).await?;
        let checked = guard.check(connection.address, call.target, call.mode);
        *right = Some(checked.map_err(blocked)?);
        let response = connection.ask_for(call.question()).await?;
        Ok((connection, response))
    }
}

impl<'c> Call<'c> {
    fn question(&self) -> Question<'c> {
        Question {
            method: Method::POST,
            target: self.target,
            headers: self.headers.clone(),
            body: self.body.clone(),
        }
    }
}

fn request(question: Question<'_>) -> std::result::Result<Request<Full<Bytes>>, Failure> {
    let fault = |error: &dyn fmt::Display| Failure::new(Failing::Broken, error);
    let mut request = Request::builder()
        .method(question.method)
        .uri(&question.target.path)
        .body(Full::new(question.body.clone()))
        .map_err(|error| fault(&error))?;
    let headers = request.headers_mut();
    let host = HeaderValue::try_from(question.target.authority());
    headers.insert(HOST, host.map_err(|error| fault(&error))?);
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if !question.body.is_empty() {
        headers.insert("content-type", HeaderValue::from_static("application/json"));
    }
    for (name, value) in &question.headers {
        let value = HeaderValue::try_from(value).map_err(|error| fault(&error))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(request)
}

/// Takes in an answer; its connection is kept if the answer came whole.
async fn receive(
    kept: &mut Option<Connection>,
    connection: Connection,
    response: Response<Incoming>,
    deadline: Instant,
) -> Received {
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok().map(str::to_owned));
    let mut received = Received {
        status,
        retry_after,
        body: Vec::new(),
        complete: false,
    };
    let until = deadline.min(Instant::now() + BODY_TIMEOUT);
    let mut body = response.into_body();
    while let Ok(next) = tokio::time::timeout_at(until, body.frame()).await {
        match next {
            None => {
                received.complete = true;
                break;
            }
            Some(Err(_)) => break,
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    let room = BODY_LIMIT_BYTES - received.body.len();
                    received
                        .body
                        .extend_from_slice(&data[..data.len().min(room)]);
                    if data.len() >= room {
                        break;
                    }
                }
            }
        }
    }
    if received.complete {
        *kept = Some(connection);
    }
    received
}
