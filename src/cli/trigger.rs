//! `cadence trigger`: an event of a type, in test mode, to see what a receiver makes of it.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::{Out, call, member, remote};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The type, such as client.created
    #[arg(value_name = "EVENT")]
    kind: String,
}

pub(super) fn run(arguments: Arguments, out: Out) -> anyhow::Result<ExitCode> {
    let api = remote()?;
    let body = json!({ "type": arguments.kind });
    let event = call(async move { api.post("/v1/test/events", &body).await })?;
    out.print(&event, |event: &Value| {
        format!(
            "{} {} {}",
            event["sequence"],
            member(event, "type"),
            member(event, "id")
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
