//! `cadence backup` and `cadence restore`: one file that holds everything, and the way back.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::Value;

use super::data::{Needs, claim_alone, perform, require_own};
use super::{Out, logging, member, read_secret};
use crate::backup::{self, Place};
use crate::clock::Clock;
use crate::config::Config;
use crate::control::Command;
use crate::server;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Where the backup goes [default: a dated file in the data directory's `backups`]
    path: Option<PathBuf>,
    /// Read a passphrase from standard input, and seal the backup with it
    #[arg(long)]
    passphrase_stdin: bool,
}

#[derive(clap::Args)]
pub(super) struct RestoreArguments {
    /// The backup
    path: PathBuf,
    /// Read the backup's passphrase from standard input
    #[arg(long)]
    passphrase_stdin: bool,
}

pub(super) fn run(config: Config, arguments: Arguments, out: Out) -> anyhow::Result<ExitCode> {
    let path = arguments.path.map(std::path::absolute).transpose()?;
    let passphrase = if arguments.passphrase_stdin {
        Some(read_secret("passphrase")?.reveal().to_owned())
    } else {
        None
    };
    let command = Command::Backup { path, passphrase };
    let made = perform(config, &command, Needs::Database)?.value;
    out.print(&made, |made| {
        format!(
            "{}: {} bytes, opened and checked. It holds the sealing key: keep it as secret as the \
             server itself.",
            member(made, "path"),
            made["bytes"]
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(
    config: &Config,
    arguments: RestoreArguments,
    out: Out,
) -> anyhow::Result<ExitCode> {
    let passphrase = if arguments.passphrase_stdin {
        Some(read_secret("passphrase")?)
    } else {
        None
    };
    let path = std::path::absolute(&arguments.path).context("the backup's path")?;
    if config.data.exists() {
        require_own(&config.data)?;
    }
    let lock = claim_alone(&config.data)?;
    logging::start_quietly(config)?;
    let now = Clock::system().now();
    let restored = backup::restore(&path, place(&config.data), passphrase.as_ref(), now)?;
    drop(lock);
    let restored = serde_json::to_value(&restored)?;
    out.print(&restored, |restored| described(restored, &config.data))?;
    Ok(ExitCode::SUCCESS)
}

/// Where a backup's parts stand in a data directory.
fn place(directory: &Path) -> Place<'_> {
    Place {
        directory,
        database: server::DATABASE,
        sealing_key: server::SEALING_KEY,
    }
}

fn described(restored: &Value, directory: &Path) -> String {
    let kept = match restored["kept"].as_str() {
        Some(kept) => format!("\nwhat was there before is kept in {kept}"),
        None => String::new(),
    };
    format!(
        "{}: restored from {} ({}){kept}\nthe server starts quiet: once this is the only copy, run \
         `cadence resume`",
        directory.display(),
        member(restored, "created_at"),
        member(restored, "made_by"),
    )
}

/// What would leave, or leaves now: how much of each kind, and the first mails by name.
fn waiting(resumed: &Value) -> String {
    let queued = resumed["queued_mails"].as_u64().unwrap_or(0);
    let mut parts = vec![format!("{queued} mails wait to leave")];
    let jobs = resumed["jobs"].as_object().into_iter().flatten();
    let others = jobs.filter(|(kind, _)| *kind != "mail.send");
    parts.extend(others.map(|(kind, count)| format!(", {count} × {kind}")));
    let deliveries = resumed["deliveries"].as_u64().unwrap_or(0);
    parts.extend((deliveries > 0).then(|| format!(", {deliveries} × webhook delivery")));
    let mails = resumed["mails"].as_array().cloned().unwrap_or_default();
    parts.extend(mails.iter().map(|mail| {
        let (template, to) = (member(mail, "template"), member(mail, "to"));
        format!(
            "\n    {template} to {to}, of {}",
            member(mail, "created_at")
        )
    }));
    let more = queued.saturating_sub(mails.len() as u64);
    if more > 0 {
        parts.push(format!("\n    and {more} more"));
    }
    parts.concat()
}

/// `cadence resume`: lets a restored copy speak.
pub(super) fn resume(config: Config, dry_run: bool, out: Out) -> anyhow::Result<ExitCode> {
    let command = Command::Resume { dry_run };
    let resumed = perform(config, &command, Needs::Database)?.value;
    out.print(&resumed, |resumed| {
        let Some(since) = resumed["quiet_since"].as_str() else {
            return "the server is not quiet; there is nothing to resume".to_owned();
        };
        let waiting = waiting(resumed);
        match resumed["resumed"].as_bool() {
            Some(true) => format!("quiet since {since}; {waiting}\nresumed"),
            _ => format!("quiet since {since}; {waiting}\nnothing was changed"),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
