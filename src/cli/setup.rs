//! `cadence setup-link`: the one-time link by which a fresh server gets its owner.

use std::process::ExitCode;

use serde_json::Value;

use super::data::{Needs, perform};
use super::{Out, member};
use crate::config::Config;
use crate::control;

pub(super) fn run(config: Config, out: Out) -> anyhow::Result<ExitCode> {
    let made = perform(config, &control::Command::SetupLink {}, Needs::Database)?.value;
    out.print(&made, |made| lines(made).join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn lines(made: &Value) -> Vec<&str> {
    let links = made["links"].as_array().into_iter().flatten();
    links.filter_map(Value::as_str).collect()
}

/// What is said when a server starts that nobody owns.
pub(super) fn invitation(made: &Value) -> String {
    let links = lines(made).join("\n    ");
    format!(
        "there is no account yet; open this once, until {}:\n    {links}\n\
         later: `cadence setup-link` prints a new one; without a browser:\n    \
         cadence account create --email you@example.com --name 'Your name' --password-stdin",
        member(made, "expires_at"),
    )
}
