//! `cadence listen`: what happens in a workspace, sent on to a program on this machine.
//!
//! No webhook is registered and no port is opened: the command follows the stream of events and posts
//! each as a webhook would be, signed with a secret that stays the same as long as the key does.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Out, call, line, note, remote};
use crate::clock::Clock;
use crate::outside::api::{self, Api, Message};
use crate::outside::target::Target;
use crate::secrets::signature;
use crate::webhooks::{SECRET_BYTES, SECRET_PREFIX};

/// How long after a stream ended it is opened again.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Where to post each event, such as localhost:3000/webhooks
    #[arg(long, value_name = "URL")]
    forward_to: String,
    /// Only events of this type; `client.*` takes all of a kind
    #[arg(long, value_name = "TYPE")]
    events: Option<String>,
}

/// The secret that goes with a key: the same in each run, and nobody's who has not the key.
fn secret(api: &Api) -> [u8; SECRET_BYTES] {
    let signed = signature::sign(api.key().reveal().as_bytes(), b"cadence listen");
    let mut secret = [0; SECRET_BYTES];
    secret.copy_from_slice(&signed[..SECRET_BYTES]);
    secret
}

pub(super) fn run(arguments: Arguments, out: Out) -> anyhow::Result<ExitCode> {
    let api = remote()?;
    let to = if arguments.forward_to.contains("://") {
        arguments.forward_to
    } else {
        format!("http://{}", arguments.forward_to)
    };
    let target = Target::parse(&to).with_context(|| format!("--forward-to is `{to}`"))?;
    let secret = secret(&api);
    let shown = format!("{SECRET_PREFIX}{}", STANDARD.encode(secret));
    if out.json {
        let ready = json!({ "listening": api.target().to_string(), "secret": shown });
        line(&ready.to_string())?;
    } else {
        line(&format!("events of {} go to {target}", api.target()))?;
        line(&format!("they are signed with {shown}"))?;
    }
    let query = arguments
        .events
        .map(|kind| format!("?type={kind}"))
        .unwrap_or_default();
    call(async move {
        let mut number = 0;
        follow(&api, &query, async |message: Message| {
            number += 1;
            let event: Value = serde_json::from_str(&message.data)?;
            let told = tell(&target, &secret, &event, number).await;
            show(&event, told, out)
        })
        .await
    })
}

/// Gives each event of the stream to `each`, and opens it again whenever it ends.
pub(super) async fn follow(
    api: &Api,
    query: &str,
    mut each: impl AsyncFnMut(Message) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let path = format!("/v1/events/stream{query}");
    let mut last: Option<String> = None;
    let mut messages = api.follow(&path, None).await?;
    loop {
        while let Some(message) = messages.next().await {
            let id = message.id.clone();
            each(message).await?;
            last = Some(id);
        }
        note("the stream ended; opening it again");
        messages = loop {
            tokio::time::sleep(PAUSE).await;
            match api.follow(&path, last.as_deref()).await {
                Ok(messages) => break messages,
                // A refusal stays one; a server that restarts comes back.
                Err(error) if error.to_string().starts_with("the server answered 4") => {
                    return Err(error);
                }
                Err(_) => {}
            }
        };
    }
}

/// Posts one event as a webhook would be.
async fn tell(
    target: &Target,
    secret: &[u8],
    event: &Value,
    number: u64,
) -> anyhow::Result<(u16, i64)> {
    let clock = Clock::system();
    let begun = clock.now();
    let body = json!({
        "type": event["type"],
        "timestamp": event["created_at"],
        "data": event["data"],
        "id": event["id"],
        "object": "event",
        "livemode": event["livemode"],
        "created_at": event["created_at"],
        "sequence": event["sequence"],
        "endpoint_sequence": number,
        "request": event["request"],
    });
    let body = body.to_string();
    let id = event["id"].as_str().unwrap_or_default().to_owned();
    let timestamp = begun.as_seconds();
    let signature = signature::webhook(secret, &id, timestamp, body.as_bytes());
    let headers = vec![
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ];
    let status = api::forward(target, headers, body).await?;
    Ok((status, clock.now().since_ms(begun)))
}

fn show(event: &Value, told: anyhow::Result<(u16, i64)>, out: Out) -> anyhow::Result<()> {
    let text = |name: &str| event[name].as_str().unwrap_or("-");
    let shown = match (&told, out.json) {
        (Ok((status, ms)), true) => {
            json!({ "id": event["id"], "type": event["type"], "status": status, "duration_ms": ms })
                .to_string()
        }
        (Err(error), true) => {
            json!({ "id": event["id"], "type": event["type"], "error": error.to_string() })
                .to_string()
        }
        (Ok((status, ms)), false) => {
            format!(
                "{} {} {}: {status} in {ms} ms",
                text("created_at"),
                text("type"),
                text("id")
            )
        }
        (Err(error), false) => {
            format!(
                "{} {} {}: {error:#}",
                text("created_at"),
                text("type"),
                text("id")
            )
        }
    };
    Ok(line(&shown)?)
}
