//! `cadence events tail` and `cadence logs tail`: what happens, and what is asked, as it comes.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;

use super::listen::follow;
use super::{Out, call, line, remote};
use crate::outside::api::Message;

/// How often the log of requests is asked for: often enough to watch, and a third of the hourly limit
/// at most.
const EVERY: Duration = Duration::from_secs(5);

#[derive(clap::Subcommand)]
pub(super) enum Events {
    /// Print what happens as it happens
    Tail(EventArguments),
}

#[derive(clap::Args)]
pub(super) struct EventArguments {
    /// Only events of this type; `client.*` takes all of a kind
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
}

#[derive(clap::Subcommand)]
pub(super) enum Logs {
    /// Print requests as they are answered
    Tail,
}

pub(super) fn events(arguments: EventArguments, out: Out) -> anyhow::Result<ExitCode> {
    let api = remote()?;
    let query = arguments
        .kind
        .map(|kind| format!("?type={kind}"))
        .unwrap_or_default();
    call(async move {
        follow(&api, &query, async |message: Message| {
            if out.json {
                return Ok(line(&message.data)?);
            }
            let event: Value = serde_json::from_str(&message.data)?;
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let shown = [
                text(&event["created_at"]),
                message.id,
                text(&event["type"]),
                text(&event["data"]["object"]["id"]),
            ];
            Ok(line(&shown.join(" "))?)
        })
        .await
    })
}

pub(super) fn logs(out: Out) -> anyhow::Result<ExitCode> {
    let api = remote()?;
    call(async move {
        let mut last: Option<String> = None;
        loop {
            let page = api.get("/v1/requests?limit=100").await?;
            let requests = page["data"].as_array().cloned().unwrap_or_default();
            let id = |request: &Value| request["id"].as_str().unwrap_or_default().to_owned();
            // The first look only finds out where to begin. Ids sort by time.
            let new = requests.iter().rev().filter(|request| {
                let ours = request["path"] == "/v1/requests";
                !ours && last.as_ref().is_some_and(|last| id(request) > *last)
            });
            for request in new {
                show(request, out)?;
            }
            last = requests.first().map(id).or(last).or(Some(String::new()));
            tokio::time::sleep(EVERY).await;
        }
    })
}

fn show(request: &Value, out: Out) -> anyhow::Result<()> {
    if out.json {
        return Ok(line(&request.to_string())?);
    }
    let text = |name: &str| request[name].as_str().unwrap_or("-");
    let shown = format!(
        "{} {} {} {} {} ms {} {}",
        text("created_at"),
        request["status"],
        text("method"),
        text("path"),
        request["duration_ms"],
        text("code"),
        text("id"),
    );
    Ok(line(&shown)?)
}
