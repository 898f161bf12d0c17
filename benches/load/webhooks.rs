//! How soon a healthy receiver is told, beside a dead and a slow one; and how many events a second.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::server::{Key, Server, data_in, make_account, make_key};

/// Events a second while delays are measured.
const PER_SECOND: u32 = 50;
/// Events that are told at once.
const MANY: usize = 10_000;
/// What a slow receiver takes for an answer.
const SLOW: Duration = Duration::from_secs(30);

/// What a receiver was told, and when.
type Seen = Arc<Mutex<Vec<(String, Instant)>>>;

/// Starts a receiver that answers after some time.
async fn receiver(after: Duration) -> Result<(SocketAddr, Seen)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream.set_nodelay(true));
            let seen = Arc::clone(&kept);
            tokio::task::spawn_local(async move { drop(take(stream, after, &seen).await) });
        }
    });
    Ok((address, seen))
}

async fn take(stream: TcpStream, after: Duration, seen: &Seen) -> Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            ensure!(stream.read_line(&mut line).await? > 0, "closed");
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let at = Instant::now();
        let event: Value = serde_json::from_slice(&body)?;
        let id = event["data"]["object"]["id"].as_str().unwrap_or_default();
        seen.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((id.to_owned(), at));
        if !after.is_zero() {
            tokio::time::sleep(after).await;
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        stream.get_mut().write_all(answer).await?;
    }
}

/// A keep-alive connection that asks one thing after the other.
struct Asking {
    stream: BufReader<TcpStream>,
    key: String,
}

impl Asking {
    async fn open(address: SocketAddr, key: &Key) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            key: key.plaintext.clone(),
        })
    }

    async fn ask(&mut self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let body = body.to_string();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        );
        self.stream.get_mut().write_all(head.as_bytes()).await?;
        let (mut status, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            ensure!(self.stream.read_line(&mut line).await? > 0, "closed");
            let line = line.trim_end().to_ascii_lowercase();
            if status.is_empty() {
                status.clone_from(&line);
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        ensure!(
            status.contains(" 20"),
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn add(&mut self, name: &str) -> Result<String> {
        let body =
            json!({ "name": name, "email": format!("{name}@load.example"), "send_invite": false });
        let made = self.ask("POST", "/v1/clients", &body).await?;
        Ok(made["id"].as_str().context("no id")?.to_owned())
    }

    async fn register(&mut self, to: SocketAddr) -> Result<String> {
        let body = json!({ "url": format!("http://{to}/hooks"), "events": ["client.*"] });
        let made = self.ask("POST", "/v1/webhooks", &body).await?;
        Ok(made["id"].as_str().context("no id")?.to_owned())
    }
}

/// Milliseconds from the answer to the request until the receiver was told, sorted.
async fn delays(asking: &mut Asking, seen: &Seen, name: &str, time: Duration) -> Result<Vec<f64>> {
    let mut answered = Vec::new();
    let mut turn = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
    let count = (time.as_secs_f64() * f64::from(PER_SECOND)) as usize;
    for number in 0..count {
        turn.tick().await;
        let id = asking.add(&format!("{name}-{number}")).await?;
        answered.push((id, Instant::now()));
    }
    until(seen, &answered.last().context("no event")?.0).await?;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let mut delays: Vec<f64> = answered
        .iter()
        .filter_map(|(id, at)| {
            let (_, told) = seen.iter().find(|(other, _)| other == id)?;
            Some(told.saturating_duration_since(*at).as_secs_f64() * 1_000.0)
        })
        .collect();
    ensure!(delays.len() == answered.len(), "not every event was told");
    delays.sort_by(f64::total_cmp);
    Ok(delays)
}

async fn until(seen: &Seen, id: &str) -> Result<()> {
    for _ in 0..6_000 {
        let told = seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .any(|(other, _)| other == id);
        if told {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    anyhow::bail!("an event was not told within a minute")
}

fn percentile(sorted: &[f64], part: f64) -> f64 {
    let place = ((sorted.len() as f64) * part) as usize;
    sorted
        .get(place.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}

/// Both measurements, and their table.
pub(crate) async fn run(binary: &Path, root: &Path, time: Duration, rounds: usize) -> Result<()> {
    let data = data_in(root, "webhooks")?;
    let workspace = make_account(binary, &data)?;
    let key = make_key(binary, &data, &workspace, "test")?;
    let server = Server::start(binary, &data)?;
    let mut asking = Asking::open(server.address, &key).await?;
    let (healthy, seen) = receiver(Duration::ZERO).await?;
    let webhook = asking.register(healthy).await?;
    let (slow, _) = receiver(SLOW).await?;
    let dead = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let others = [asking.register(dead).await?, asking.register(slow).await?];
    println!("| webhooks | p50 ms | p99 ms | |");
    println!("|---|---|---|---|");
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        for (status, delays_of) in [("paused", &mut alone), ("enabled", &mut beside)] {
            for other in &others {
                let path = format!("/v1/webhooks/{other}");
                asking
                    .ask("PATCH", &path, &json!({ "status": status }))
                    .await?;
            }
            let name = format!("{status}{round}");
            delays_of.extend(delays(&mut asking, &seen, &name, time).await?);
        }
    }
    alone.sort_by(f64::total_cmp);
    beside.sort_by(f64::total_cmp);
    let p99 = [percentile(&alone, 0.99), percentile(&beside, 0.99)];
    println!(
        "| a healthy receiver alone, {PER_SECOND} events/s | {:.1} | {:.1} | |",
        percentile(&alone, 0.5),
        p99[0]
    );
    println!(
        "| beside a dead and a slow one | {:.1} | {:.1} | p99 × {:.2}, goal ≤ 1.2 |",
        percentile(&beside, 0.5),
        p99[1],
        p99[1] / p99[0]
    );
    for other in &others {
        asking
            .ask("DELETE", &format!("/v1/webhooks/{other}"), &json!({}))
            .await?;
    }
    let path = format!("/v1/webhooks/{webhook}");
    asking
        .ask("PATCH", &path, &json!({ "status": "paused" }))
        .await?;
    let mut last = String::new();
    for number in 0..MANY {
        last = asking.add(&format!("many-{number}")).await?;
    }
    let begun = Instant::now();
    asking
        .ask("PATCH", &path, &json!({ "status": "enabled" }))
        .await?;
    until(&seen, &last).await?;
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "| {MANY} events that waited | | | {:.0} events/s |",
        MANY as f64 / seconds
    );
    Ok(())
}
