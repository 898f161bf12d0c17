//! `cadence key`: API keys.

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::data::{Needs, perform};
use super::{Out, member, read_secret};
use crate::config::{Config, Flags};
use crate::control;
use crate::secrets::{Unrecognised, recognise};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a key and show it, this once
    Create {
        /// The workspace that it is for
        #[arg(long, value_name = "ID")]
        workspace: String,
        /// Whether it works on test or on live data
        #[arg(long)]
        mode: Mode,
        /// What it is called
        #[arg(long)]
        name: String,
        /// What it may do, separated by commas [default: everything]
        #[arg(long, value_delimiter = ',')]
        scopes: Option<Vec<String>>,
        /// When it ends by itself, such as 2027-01-31T12:00:00Z [default: never]
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
    },
    /// List keys, of all workspaces or of one
    List {
        /// Only keys of this workspace
        #[arg(long, value_name = "ID")]
        workspace: Option<String>,
    },
    /// Revoke a key for good
    Revoke {
        /// The key's id
        id: String,
    },
    /// Check the form of a key that is read from standard input, without a server
    Check,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Mode {
    Test,
    Live,
}

impl Mode {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }
}

pub(super) fn run(flags: Flags, command: Command, out: Out) -> anyhow::Result<ExitCode> {
    match command {
        Command::Create {
            workspace,
            mode,
            name,
            scopes,
            expires_at,
            description,
        } => {
            let mut key = json!({ "name": name, "mode": mode.name() });
            let optional = [
                ("scopes", scopes.map(Value::from)),
                ("expires_at", expires_at.map(Value::from)),
                ("description", description.map(Value::from)),
            ];
            for (name, value) in optional {
                if let Some(value) = value {
                    key[name] = value;
                }
            }
            let config = Config::load(flags)?;
            let command = control::Command::KeyCreate { workspace, key };
            let made = perform(config, &command, Needs::Database)?;
            out.print(&made.value, |key| created(key, &made.public_url))?;
        }
        Command::List { workspace } => {
            let command = control::Command::KeyList { workspace };
            let keys = perform(Config::load(flags)?, &command, Needs::Database)?.value;
            out.print(&keys, listed)?;
        }
        Command::Revoke { id } => {
            let command = control::Command::KeyRevoke { id };
            let key = perform(Config::load(flags)?, &command, Needs::Database)?.value;
            out.print(&key, |key| format!("{} is revoked", member(key, "id")))?;
        }
        Command::Check => return check(out),
    }
    Ok(ExitCode::SUCCESS)
}

fn created(key: &Value, url: &str) -> String {
    let plaintext = member(key, "plaintext");
    format!(
        "{plaintext}\n\n\
         This is {}, the {} key \"{}\". It is shown this once: keep it where secrets are kept.\n\
         try: curl -H 'Authorization: Bearer {plaintext}' {url}/v1/whoami",
        member(key, "id"),
        member(key, "mode"),
        member(key, "name"),
    )
}

fn listed(keys: &Value) -> String {
    let keys = keys["keys"].as_array().map_or(&[][..], Vec::as_slice);
    if keys.is_empty() {
        return "no keys".to_owned();
    }
    let line = |key: &Value| {
        format!(
            "{}  {}{}  {}  {}  last used {}  {}",
            member(key, "id"),
            member(key, "key_prefix"),
            member(key, "hint"),
            member(key, "status"),
            member(key, "workspace_id"),
            key["last_used_at"].as_str().unwrap_or("never"),
            member(key, "name"),
        )
    };
    keys.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn check(out: Out) -> anyhow::Result<ExitCode> {
    let key = read_secret("key")?;
    let (data, text, code) = match recognise(key.reveal().trim()) {
        Ok(kind) => (
            json!({ "ok": true, "kind": kind.name(), "prefix": kind.prefix() }),
            format!(
                "{}: well formed; whether it is accepted only its server knows",
                kind.words()
            ),
            ExitCode::SUCCESS,
        ),
        Err(Unrecognised::Checksum(kind)) => (
            json!({ "ok": false, "fault": "checksum", "kind": kind.name(), "prefix": kind.prefix() }),
            format!("{}: mistyped, its checksum is wrong", kind.words()),
            ExitCode::FAILURE,
        ),
        Err(Unrecognised::Unknown) => (
            json!({ "ok": false, "fault": "unknown" }),
            "unknown: this has not the form of a Cadence credential".to_owned(),
            ExitCode::FAILURE,
        ),
    };
    out.print(&data, |_| text)?;
    Ok(code)
}
