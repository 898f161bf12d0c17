//! The client of a Cadence server, for the commands that look at one from a developer's machine.
//!
//! It goes to the server that was configured, and to the address that its user names to forward to;
//! both are the user's own choice, so the guard has no part in it.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Response};
use serde_json::Value;

use super::http::{Connection, Question, tls};
use super::target::{Host, Target};
use crate::secrets::Secret;

/// How long an answer is waited for; the stream's own silence is broken every 15 seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// The largest answer that is read whole.
const ANSWER_LIMIT_BYTES: usize = 16 * 1024 * 1024;

/// A server that is called with a key.
pub struct Api {
    target: Target,
    key: Secret,
}

/// The messages of a stream, as they come.
pub struct Messages {
    _connection: Connection,
    body: Incoming,
    text: String,
}

/// One message of a stream.
#[derive(Debug, Default)]
pub struct Message {
    /// Its id: the sequence number.
    pub id: String,
    /// What it says.
    pub data: String,
}

/// Opens a connection to a target.
async fn connect(target: &Target) -> anyhow::Result<Connection> {
    let addresses: Vec<IpAddr> = match &target.host {
        Host::Address(address) => vec![*address],
        Host::Name(name) => tokio::net::lookup_host((name.as_str(), 0))
            .await
            .with_context(|| format!("{name} has no address"))?
            .map(|address| address.ip())
            .collect(),
    };
    let tls = tls()?;
    let opening = Connection::open(&addresses, target, &tls);
    match tokio::time::timeout(PATIENCE, opening).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(failure)) => bail!("{target} cannot be reached: {}", failure.words),
        Err(_) => bail!("{target} cannot be reached: nobody answered in time"),
    }
}

async fn ask(
    connection: &mut Connection,
    question: Question<'_>,
) -> anyhow::Result<Response<Incoming>> {
    let target = question.target;
    let asking = connection.ask_for(question);
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(failure)) => bail!("{target} did not answer: {}", failure.words),
        Err(_) => bail!("{target} did not answer in time"),
    }
}

async fn whole(body: Incoming) -> anyhow::Result<Bytes> {
    let limited = http_body_util::Limited::new(body, ANSWER_LIMIT_BYTES);
    let collected = limited.collect().await;
    match collected {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) => bail!("the answer did not arrive whole: {error}"),
    }
}

impl Api {
    /// The server at a base address, called with a key.
    pub fn new(base_url: &str, key: Secret) -> anyhow::Result<Self> {
        let target =
            Target::parse(base_url).with_context(|| format!("CADENCE_BASE_URL is `{base_url}`"))?;
        Ok(Self { target, key })
    }

    /// Where it is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The key that it is called with.
    pub fn key(&self) -> &Secret {
        &self.key
    }

    fn at(&self, path: &str) -> Target {
        Target {
            path: format!("{}{path}", self.target.path.trim_end_matches('/')),
            ..self.target.clone()
        }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("authorization", format!("Bearer {}", self.key.reveal()))]
    }

    /// Asks for something; a refusal is told in its own words.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None).await
    }

    /// Has something done.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let target = self.at(path);
        let mut connection = connect(&target).await?;
        let question = Question {
            method,
            target: &target,
            headers: self.headers(),
            body: body.map(Value::to_string).unwrap_or_default().into(),
        };
        let response = ask(&mut connection, question).await?;
        let status = response.status();
        let body = whole(response.into_body()).await?;
        let value: Value = serde_json::from_slice(&body).unwrap_or_default();
        if !status.is_success() {
            bail!("{}", refusal(status.as_u16(), &value));
        }
        Ok(value)
    }

    /// Opens the stream of events, behind the one with this id if there is one.
    pub async fn follow(&self, path: &str, after: Option<&str>) -> anyhow::Result<Messages> {
        let target = self.at(path);
        let mut connection = connect(&target).await?;
        let mut headers = self.headers();
        headers.extend(after.map(|id| ("last-event-id", id.to_owned())));
        let question = Question {
            method: Method::GET,
            target: &target,
            headers,
            body: Bytes::new(),
        };
        let response = ask(&mut connection, question).await?;
        let status = response.status();
        if !status.is_success() {
            let body = whole(response.into_body()).await?;
            let value: Value = serde_json::from_slice(&body).unwrap_or_default();
            bail!("{}", refusal(status.as_u16(), &value));
        }
        Ok(Messages {
            _connection: connection,
            body: response.into_body(),
            text: String::new(),
        })
    }
}

fn refusal(status: u16, body: &Value) -> String {
    let member = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
    format!(
        "the server answered {status} {}: {}",
        member("code"),
        member("message")
    )
}

impl Messages {
    /// The next message; none when the stream ended.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let message = read(&block);
                if !message.data.is_empty() {
                    return Some(message);
                }
                continue;
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await;
            let frame = frame.ok()??.ok()?;
            if let Some(data) = frame.data_ref() {
                self.text.push_str(&String::from_utf8_lossy(data));
            }
        }
    }
}

/// Reads one block of a stream; a comment has nothing in it.
fn read(block: &str) -> Message {
    let mut message = Message::default();
    for line in block.lines() {
        if let Some(id) = line.strip_prefix("id: ") {
            id.clone_into(&mut message.id);
        } else if let Some(data) = line.strip_prefix("data: ") {
            data.clone_into(&mut message.data);
        }
    }
    message
}

/// Sends a body on to the user's own address; gives the status of the answer.
pub async fn forward(
    target: &Target,
    headers: Vec<(&'static str, String)>,
    body: String,
) -> anyhow::Result<u16> {
    let mut connection = connect(target).await?;
    let question = Question {
        method: Method::POST,
        target,
        headers,
        body: body.into(),
    };
    let response = ask(&mut connection, question).await?;
    Ok(response.status().as_u16())
}
