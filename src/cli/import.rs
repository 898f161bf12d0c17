//! `cadence import`: clients from a file.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde_json::Value;

use super::data::{Needs, perform};
use super::key::Mode;
use super::{Out, member, note};
use crate::config::Config;
use crate::control;

/// Rows that were left out and are shown; `--json` shows all.
const SHOWN: usize = 20;

#[derive(Args)]
pub(super) struct Arguments {
    /// A .csv, .tsv, .json or .jsonl file of up to 5 MB and 50,000 rows
    file: PathBuf,
    /// The workspace that gets the clients
    #[arg(long, value_name = "ID")]
    workspace: String,
    /// Whether they are test or live data
    #[arg(long)]
    mode: Mode,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Invite every client who is added
    #[arg(long)]
    send_invite: bool,
    /// Which column is which field, such as Kontakt:email,3:phone,Coach:-
    #[arg(long, value_name = "PAIRS")]
    columns: Option<String>,
    /// The country of telephone numbers that do not say it, such as 351
    #[arg(long, value_name = "CODE")]
    calling_code: Option<String>,
}

pub(super) fn run(config: Config, arguments: Arguments, out: Out) -> anyhow::Result<ExitCode> {
    let file = &arguments.file;
    let path = file
        .canonicalize()
        .with_context(|| format!("{}: cannot be read", file.display()))?;
    note(&format!("reading {}", path.display()));
    let request = control::import::Request {
        path,
        workspace: arguments.workspace,
        mode: arguments.mode.name().to_owned(),
        dry_run: arguments.dry_run,
        send_invite: arguments.send_invite,
        columns: arguments.columns,
        calling_code: arguments.calling_code,
    };
    let report = perform(config, &control::Command::Import(request), Needs::Database)?.value;
    out.print(&report, told)?;
    Ok(ExitCode::SUCCESS)
}

fn told(report: &Value) -> String {
    let verb = if report["dry_run"] == true {
        "would be added"
    } else {
        "added"
    };
    let mut lines: Vec<String> = Vec::new();
    for column in report["columns"].as_array().into_iter().flatten() {
        let field = column["field"].as_str().unwrap_or("left out");
        lines.push(format!("column {}: {field}", member(column, "column")));
    }
    let rows = report["rows"].as_array().into_iter().flatten();
    let left_out: Vec<&Value> = rows
        .filter(|row| {
            row["errors"]
                .as_array()
                .is_some_and(|errors| !errors.is_empty())
        })
        .collect();
    for row in left_out.iter().take(SHOWN) {
        let errors = row["errors"].as_array().into_iter().flatten();
        let errors: Vec<String> = errors
            .map(|error| format!("{} {}", member(error, "pointer"), member(error, "message")))
            .collect();
        lines.push(format!(
            "row {} {}: {} {}",
            row["row"],
            member(row, "status"),
            member(row, "email"),
            errors.join(" "),
        ));
    }
    if left_out.len() > SHOWN {
        lines.push(format!(
            "and {} more; --json shows all",
            left_out.len() - SHOWN
        ));
    }
    lines.push(format!(
        "{} rows: {} {verb}, {} duplicates, {} invalid",
        report["total"], report["created"], report["duplicates"], report["invalid"],
    ));
    // A file is somebody else's: what it says must not steer the terminal.
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let lines: Vec<String> = lines
        .iter()
        .map(|line| line.chars().map(shown).collect())
        .collect();
    lines.join("\n")
}
