//! What is measured.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cadence::secrets::{TokenKind, generate};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::http::{Connection, Fill, Load, Measured, drive};
use super::refresh;
use super::requests::{Order, creates, get, in_turn, post, same};
use super::server::{EMAIL, Key, PASSWORD, Server, data_in, make_account, make_key};

/// Clients that the reads go to.
const SEEDED: u64 = 1_000;
/// Creates, and refused requests, that arrive each second beside the reads.
const BESIDE_PER_SECOND: u32 = 5_000;
/// Sign-ins under way at any time.
const SIGN_INS: usize = 8;
const SLOW_CONNECTIONS: usize = 200;
const SLOW_BYTE_EVERY: Duration = Duration::from_millis(500);

/// A server with something in it.
pub(crate) struct Bench {
    pub(crate) server: Server,
    /// Of the tenant that is read.
    pub(crate) reader: Key,
    /// Of the tenant that is written to.
    pub(crate) writer: Key,
    ids: Vec<String>,
    refreshes: Vec<Vec<u8>>,
    series: u64,
    /// Processor time that the server has used for a case, and for how many requests.
    pub(crate) ticks: u64,
    pub(crate) requests: f64,
}

/// How a case is measured.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Against the bare handler.
    Load(fn(&mut Bench) -> (Fill, &'static [u16])),
    /// Reads of one client with something going on beside, against the same reads alone.
    Beside(Beside),
}

/// What goes on beside reads.
#[derive(Clone, Copy)]
pub(crate) enum Beside {
    Creates,
    Slow,
    Strangers,
    SignIns,
}

/// One line of the table.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) goal: &'static str,
    pub(crate) kind: Kind,
}

/// All of them.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "one",
        what: "GET /v1/clients/{id}?expand=none",
        goal: "≥ 0.45",
        kind: Kind::Load(|bench| (bench.reads("?expand=none"), &[200])),
    },
    Case {
        name: "whole",
        what: "GET /v1/clients/{id}",
        goal: "≥ 0.20",
        kind: Kind::Load(|bench| (bench.reads(""), &[200])),
    },
    Case {
        name: "list",
        what: "GET /v1/clients (50 rows)",
        goal: "≥ 0.22",
        kind: Kind::Load(|bench| (same(get("/v1/clients", Some(&bench.reader))), &[200])),
    },
    Case {
        name: "whoami",
        what: "GET /v1/whoami",
        goal: "",
        kind: Kind::Load(|bench| (same(get("/v1/whoami", Some(&bench.reader))), &[200])),
    },
    Case {
        name: "create",
        what: "POST /v1/clients, sequential keys",
        goal: "≥ 0.20",
        kind: Kind::Load(|bench| (bench.creates(Order::Sequential), &[201])),
    },
    Case {
        name: "create-random",
        what: "POST /v1/clients, random keys",
        goal: "≥ 0.08",
        kind: Kind::Load(|bench| (bench.creates(Order::Random), &[201])),
    },
    Case {
        name: "token",
        what: "POST /oauth/token",
        goal: "",
        kind: Kind::Load(|bench| (same(token_request(&bench.writer)), &[200])),
    },
    Case {
        name: "refresh",
        what: "POST /oauth/token, each refresh token once",
        goal: "",
        kind: Kind::Load(|bench| (in_turn(bench.refreshes.clone()), &[200])),
    },
    Case {
        name: "beside-creates",
        what: "reads beside 5,000 creates/s",
        goal: "p99 ≤ 3 ×",
        kind: Kind::Beside(Beside::Creates),
    },
    Case {
        name: "beside-slow",
        what: "reads beside 200 slow connections",
        goal: "p99 ≤ 3 ×",
        kind: Kind::Beside(Beside::Slow),
    },
    Case {
        name: "beside-401s",
        what: "reads beside 5,000 refusals/s",
        goal: "p99 ≤ 3 ×",
        kind: Kind::Beside(Beside::Strangers),
    },
    Case {
        name: "beside-sign-ins",
        what: "reads beside 8 continuous sign-ins",
        goal: "p99 ≤ 3 ×",
        kind: Kind::Beside(Beside::SignIns),
    },
];

fn sign_in() -> Vec<u8> {
    let body = format!(r#"{{"email":"{EMAIL}","password":"{PASSWORD}"}}"#);
    post("/auth/sessions", None, "application/json", &body)
}

fn token_request(key: &Key) -> Vec<u8> {
    let body = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        key.id, key.plaintext
    );
    post(
        "/oauth/token",
        None,
        "application/x-www-form-urlencoded",
        &body,
    )
}

impl Bench {
    /// Starts a server on a fresh directory with an account, two keys and some clients.
    pub(crate) async fn new(
        binary: &Path,
        root: &Path,
        name: &str,
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let data = data_in(root, name)?;
        let workspace = make_account(binary, &data)?;
        let reader = make_key(binary, &data, &workspace, "test")?;
        let writer = make_key(binary, &data, &workspace, "live")?;
        let refreshes = refresh::requests(&data)?;
        let server = Server::start_with(binary, &data, environment)?;
        let mut bench = Self {
            server,
            refreshes,
            reader,
            writer,
            ids: Vec::new(),
            series: 0,
            ticks: 0,
            requests: 0.0,
        };
        bench.seed().await?;
        Ok(bench)
    }

    async fn seed(&mut self) -> Result<()> {
        let mut connection = Connection::open(self.server.address).await?;
        for number in 0..SEEDED {
            let body = format!(
                r#"{{"name":"Ada Number {number}","email":"ada.{number}@example.com",
                "phone":"+14155550123","timezone":"Europe/Berlin","goal":"Run ten kilometres",
                "experience":"beginner","days_per_week":3,"session_minutes":45,
                "equipment":["dumbbells","bench"],"tags":["morning","online"],
                "external_id":"crm-{number}","metadata":{{"source":"referral"}}}}"#
            );
            let request = post("/v1/clients", Some(&self.reader), "application/json", &body);
            let status = connection.exchange(&request).await?;
            ensure!(status == 201, "answered {status}: {}", connection.text());
            let id = connection.json()?["id"]
                .as_str()
                .context("no id")?
                .to_owned();
            self.ids.push(id);
        }
        Ok(())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Reads of one client after the other.
    pub(crate) fn reads(&self, query: &str) -> Fill {
        let path = |id: &String| get(&format!("/v1/clients/{id}{query}"), Some(&self.reader));
        in_turn(self.ids.iter().map(path).collect())
    }

    /// Creates that were not sent before.
    pub(crate) fn creates(&mut self, order: Order) -> Fill {
        self.series += 1;
        creates(&self.writer, order, self.series)
    }

    /// Reads with something going on beside them.
    pub(crate) async fn beside(&mut self, beside: Beside, load: &Load) -> Result<Measured> {
        let mut other = Load::new(self.address(), self.creates(Order::Sequential));
        other.time = load.time;
        other.connections = 32;
        other.pace = Some(BESIDE_PER_SECOND);
        match beside {
            Beside::Creates => other.expect = &[201],
            Beside::Strangers => {
                other.fill = strangers()?;
                other.expect = &[401, 429];
            }
            Beside::SignIns => {
                other.fill = same(sign_in());
                other.connections = SIGN_INS;
                other.pace = None;
                other.expect = &[201];
            }
            Beside::Slow => return self.beside_slow(load).await,
        }
        let (reads, beside) = tokio::join!(drive(load.clone()), drive(other));
        beside.context("what went on beside")?;
        reads
    }

    async fn beside_slow(&self, load: &Load) -> Result<Measured> {
        let mut slow = JoinSet::new();
        for number in 0..SLOW_CONNECTIONS {
            let key = self.writer.clone();
            slow.spawn_local(keep_slow(self.address(), number, key));
        }
        // They are all connected and waited for before the reads begin.
        tokio::time::sleep(SLOW_BYTE_EVERY).await;
        let reads = drive(load.clone()).await;
        slow.abort_all();
        reads
    }
}

/// Well-formed keys that nobody made: each is looked up before it is refused.
fn strangers() -> Result<Fill> {
    let request = |_| {
        let plaintext = generate(TokenKind::KeyLive)?.reveal().to_owned();
        let id = String::new();
        Ok(get("/v1/whoami", Some(&Key { id, plaintext })))
    };
    Ok(in_turn((0..SEEDED).map(request).collect::<Result<_>>()?))
}

/// A connection that is slow at its head, at its body or at reading; again once it was closed.
async fn keep_slow(address: SocketAddr, number: usize, key: Key) {
    let request = match number % 3 {
        0 => b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".to_vec(),
        1 => {
            let mut whole = post(
                "/v1/clients",
                Some(&key),
                "application/json",
                &" ".repeat(1_000),
            );
            whole.truncate(whole.len() - 1_000);
            whole
        }
        _ => get("/openapi.json", None).repeat(50),
    };
    let reads_only = number % 3 == 2;
    loop {
        drop(be_slow(address, &request, reads_only).await);
        tokio::time::sleep(SLOW_BYTE_EVERY).await;
    }
}

async fn be_slow(address: SocketAddr, request: &[u8], reads_only: bool) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    if reads_only {
        // Not one byte of the answers is taken in.
        std::future::pending::<()>().await;
    }
    loop {
        tokio::time::sleep(SLOW_BYTE_EVERY).await;
        stream.write_all(b" ").await?;
    }
}
