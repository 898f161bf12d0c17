//! `cadence account`: the people who sign in.
//!
//! The password is checked and hashed here, so that what goes to the server is a hash.

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use serde_json::Value;

use super::data::{Needs, perform};
use super::{Out, member, read_secret};
use crate::access::accounts;
use crate::app::App;
use crate::config::{Config, Flags};
use crate::control;
use crate::secrets::Secret;
use crate::secrets::password::{self, Cost};
use crate::values::Email;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an account with its workspace; the first one owns the server
    Create {
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// What the account and its workspace are called
        #[arg(long)]
        name: String,
        /// The plan [default: studio]
        #[arg(long)]
        plan: Option<String>,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// List accounts and their workspaces
    List,
    /// Set a new password
    ResetPassword {
        /// The address of the account
        #[arg(long)]
        email: String,
        /// Read the new password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

pub(super) fn run(flags: Flags, command: Command, out: Out) -> anyhow::Result<ExitCode> {
    let config = Config::load(flags)?;
    match command {
        Command::Create {
            email,
            name,
            plan,
            password_stdin: _,
        } => {
            let command = control::Command::AccountCreate {
                password_hash: read_password(&email)?,
                email,
                name,
                plan,
            };
            let made = perform(config, &command, Needs::Nothing)?.value;
            out.print(&made, created)?;
        }
        Command::List => {
            let accounts =
                perform(config, &control::Command::AccountList {}, Needs::Database)?.value;
            out.print(&accounts, listed)?;
        }
        Command::ResetPassword {
            email,
            password_stdin: _,
        } => {
            let command = control::Command::AccountResetPassword {
                password_hash: read_password(&email)?,
                email,
            };
            let account = perform(config, &command, Needs::Database)?.value;
            out.print(&account, |account| {
                format!("{} has a new password", member(account, "email"))
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a password from standard input, checks it and returns its hash.
fn read_password(email: &str) -> anyhow::Result<String> {
    hashed(email, &read_secret("password")?)
}

fn hashed(email: &str, password: &Secret) -> anyhow::Result<String> {
    let email = Email::parse(email)?;
    password::check(password, Some(&email))?;
    Ok(password::hash(password, Cost::default())?)
}

/// Makes the owner that the configuration names, on a server that has no account yet.
///
/// Later starts leave the account alone: a password that was changed since stays changed.
pub(super) fn make_owner(app: &App) -> anyhow::Result<Option<Value>> {
    let (Some(email), Some(password)) = (&app.config.owner_email, &app.config.owner_password)
    else {
        return Ok(None);
    };
    if app.db.read_now(accounts::store::exist)? {
        return Ok(None);
    }
    let command = control::Command::AccountCreate {
        password_hash: hashed(email, password).context("config: `owner`")?,
        name: email.split('@').next().unwrap_or(email).to_owned(),
        email: email.clone(),
        plan: None,
    };
    Ok(Some(control::execute(app, command)?))
}

fn created(account: &Value) -> String {
    let workspace = member(account, "workspace_id");
    format!(
        "account {}, workspace {workspace}, signs in as {}\n\
         next: cadence key create --workspace {workspace} --mode test --name first",
        member(account, "account_id"),
        member(account, "email"),
    )
}

fn listed(accounts: &Value) -> String {
    let accounts = accounts["accounts"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if accounts.is_empty() {
        return "no accounts".to_owned();
    }
    let mut lines = Vec::new();
    for account in accounts {
        lines.push(format!(
            "{}  {}  {}, plan {}, {}",
            member(account, "account_id"),
            member(account, "email"),
            member(account, "role"),
            member(account, "plan"),
            member(account, "status"),
        ));
        let workspaces = account["workspaces"].as_array().into_iter().flatten();
        lines.extend(workspaces.map(|workspace| {
            format!(
                "    workspace {}  {}",
                member(workspace, "workspace_id"),
                member(workspace, "name")
            )
        }));
    }
    lines.join("\n")
}
