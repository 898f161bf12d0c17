//! `cadence doctor`: looks at everything that has to be right, changes nothing, and says what to do.
//!
//! It connects to the mail server and signs in there; a mail it sends only where it is told to whom.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use super::data::{Claim, claim, require_database};
use super::{Out, logging, sentence};
use crate::clock::{Clock, DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use crate::config::Config;
use crate::control::{Command, socket};
use crate::db::inspect::{Inspection, free_bytes, inspect_file};
use crate::mailing::letters;
use crate::outside::mail::Mailer;
use crate::secrets::SealingKey;
use crate::server::{DATABASE, SEALING_KEY};

const MIB: u64 = 1024 * 1024;
/// Below this the disk is nearly full.
const FREE_WARN_BYTES: u64 = 1024 * MIB;
/// Below this writes fail soon.
const FREE_FAIL_BYTES: u64 = 64 * MIB;
/// A log above this was not written back for long.
const WAL_WARN_BYTES: u64 = 512 * MIB;
/// A backup older than this is no backup of today's work.
const BACKUP_WARN_MS: i64 = 2 * DAY_MS;
/// Events later than the clock by this much: the clock went back.
const DRIFT_WARN_MS: i64 = 5 * MINUTE_MS;

/// What to do about a database that is damaged.
const RESTORE: &str =
    "see to the rest first; if nothing helps, stop the server and restore the last backup";

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Default)]
struct Report(Vec<Check>);

impl Report {
    fn add(&mut self, name: &'static str, verdict: Verdict, found: String, fix: &str) {
        let fix = (verdict != Verdict::Ok && !fix.is_empty()).then(|| fix.to_owned());
        self.0.push(Check {
            name,
            verdict,
            found,
            fix,
        });
    }
}

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Send a test mail to this address, and say what happened
    #[arg(long, value_name = "ADDRESS")]
    mail_to: Option<String>,
}

pub(super) fn run(config: &Config, arguments: &Arguments, out: Out) -> anyhow::Result<ExitCode> {
    require_database(&config.data)?;
    logging::start_quietly(config)?;
    let mut report = Report::default();
    let now = Clock::system().now();
    modes(&mut report, &config.data);
    disk(&mut report, &config.data);
    match inspection(&config.data) {
        Ok((found, server)) => {
            report.add("server", Verdict::Ok, server, "");
            database(&mut report, &found);
            key(&mut report, &config.data, found.sealing_key.as_deref());
            times(&mut report, &found, now);
        }
        Err(error) => {
            report.add("database", Verdict::Fail, sentence(&error), RESTORE);
            key(&mut report, &config.data, None);
        }
    }
    settings(&mut report, config);
    mail(&mut report, config, arguments.mail_to.as_deref(), now)?;
    let worst = report
        .0
        .iter()
        .map(|check| check.verdict)
        .max()
        .unwrap_or(Verdict::Ok);
    let data = serde_json::json!({ "verdict": worst, "checks": report.0 });
    out.print(&data, |_| text(&report.0))?;
    Ok(if worst == Verdict::Fail {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn text(checks: &[Check]) -> String {
    let line = |check: &Check| {
        let mark = match check.verdict {
            Verdict::Ok => "ok  ",
            Verdict::Warn => "WARN",
            Verdict::Fail => "FAIL",
        };
        let fix = check
            .fix
            .as_ref()
            .map(|fix| format!("\n      {fix}"))
            .unwrap_or_default();
        format!("{mark}  {}: {}{fix}", check.name, check.found)
    };
    checks.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What the database says: asked of the running server, or read here if none runs.
fn inspection(directory: &Path) -> anyhow::Result<(Inspection, String)> {
    match claim(directory)? {
        Claim::Running(holder) => {
            let value =
                socket::ask(&holder.socket, &Command::Inspect {}).map_err(|unanswered| {
                    match unanswered {
                        socket::Unanswered::Failed(error) => error,
                        socket::Unanswered::NobodyThere => {
                            anyhow::anyhow!("the server at {holder} does not answer commands")
                        }
                    }
                })?;
            Ok((serde_json::from_value(value)?, format!("runs at {holder}")))
        }
        Claim::Ours(lock) => {
            let found = inspect_file(&directory.join(DATABASE))?;
            drop(lock);
            Ok((found, "does not run".to_owned()))
        }
    }
}

fn modes(report: &mut Report, directory: &Path) {
    let mut wide = Vec::new();
    let mut look = |path: &Path, allowed: u32| {
        if let Ok(metadata) = fs::metadata(path) {
            let mode = metadata.permissions().mode() & 0o777;
            if mode & !allowed != 0 {
                wide.push(format!(
                    "chmod {allowed:o} {} (it is {mode:o})",
                    path.display()
                ));
            }
        }
    };
    look(directory, 0o700);
    for name in [
        DATABASE,
        SEALING_KEY,
        "cadence.db-wal",
        "cadence.db-shm",
        "cadence.lock",
    ] {
        look(&directory.join(name), 0o600);
    }
    let verdict = if wide.is_empty() {
        Verdict::Ok
    } else {
        Verdict::Fail
    };
    let found = match wide.len() {
        0 => format!("{}: its owner's alone", directory.display()),
        n => format!("{}: {n} can be read by others", directory.display()),
    };
    report.add("files", verdict, found, &wide.join("\n      "));
}

fn disk(report: &mut Report, directory: &Path) {
    let Some(free) = free_bytes(directory) else {
        report.add(
            "disk",
            Verdict::Warn,
            "free space cannot be read".to_owned(),
            "",
        );
        return;
    };
    let verdict = match free {
        0..FREE_FAIL_BYTES => Verdict::Fail,
        FREE_FAIL_BYTES..FREE_WARN_BYTES => Verdict::Warn,
        _ => Verdict::Ok,
    };
    let found = format!("{} MiB free", free / MIB);
    report.add(
        "disk",
        verdict,
        found,
        "make room: a full disk refuses every write",
    );
}

fn database(report: &mut Report, found: &Inspection) {
    let sound = found.integrity == "ok";
    let verdict = if sound { Verdict::Ok } else { Verdict::Fail };
    let text = format!(
        "{} MiB, schema {}, SQLite {}, quick check: {}",
        found.bytes / MIB,
        found.schema,
        found.sqlite,
        found.integrity
    );
    report.add("database", verdict, text, RESTORE);
    if found.pending > 0 {
        let text = format!("{} to run at the next start", found.pending);
        let fix = "the next `cadence serve` or `cadence migrate` runs them, after a backup";
        report.add("migrations", Verdict::Warn, text, fix);
    }
    let verdict = if found.wal_bytes > WAL_WARN_BYTES {
        Verdict::Warn
    } else {
        Verdict::Ok
    };
    let text = format!("{} MiB", found.wal_bytes / MIB);
    let fix = "something holds a long read; a restart of the server writes the log back";
    report.add("write-ahead log", verdict, text, fix);
}

fn key(report: &mut Report, directory: &Path, sealed_under: Option<&str>) {
    let (verdict, text) = match SealingKey::load(&directory.join(SEALING_KEY)) {
        Err(error) => (Verdict::Fail, error.message().to_owned()),
        Ok(key) => {
            let id = format!("{:08x}", u32::from_be_bytes(key.id()));
            match sealed_under {
                Some(known) if known != id => (
                    Verdict::Fail,
                    format!("is {id}, but the database was sealed under {known}"),
                ),
                _ => (Verdict::Ok, format!("{id}, part of every backup")),
            }
        }
    };
    report.add(
        "sealing key",
        verdict,
        text,
        "put the secret.key back that belongs here, or restore a backup",
    );
}

fn times(report: &mut Report, found: &Inspection, now: Timestamp) {
    let ahead = found
        .newest_ms
        .map_or(0, |newest| Timestamp::from_ms(newest).since_ms(now));
    let (verdict, text) = if ahead > DRIFT_WARN_MS {
        let text = format!(
            "{now}, but the newest event is {} minutes later",
            ahead / MINUTE_MS
        );
        (Verdict::Warn, text)
    } else {
        (Verdict::Ok, now.to_string())
    };
    report.add(
        "clock",
        verdict,
        text,
        "set the machine's clock, by NTP if there is a network",
    );
    let age = found
        .last_backup_ms
        .map(|at| now.since_ms(Timestamp::from_ms(at)));
    let (verdict, text) = match age {
        None => (Verdict::Warn, "none yet".to_owned()),
        Some(age) if age > BACKUP_WARN_MS => (
            Verdict::Warn,
            format!("the last one is {} days old", age / DAY_MS),
        ),
        Some(age) => (
            Verdict::Ok,
            format!("the last one is {} hours old", age / HOUR_MS),
        ),
    };
    report.add("backup", verdict, text, "cadence backup");
    if let Some(since) = found.quiet_since_ms {
        let text = format!("restored at {}; nothing leaves", Timestamp::from_ms(since));
        report.add(
            "quiet",
            Verdict::Warn,
            text,
            "once this is the only copy: cadence resume",
        );
    }
}

fn settings(report: &mut Report, config: &Config) {
    let loopback = config.public_url.is_loopback();
    let verdict = if loopback { Verdict::Warn } else { Verdict::Ok };
    let fix = "links to clients are held; set CADENCE_PUBLIC_URL to the address they can open";
    report.add(
        "public address",
        verdict,
        config.public_url.to_string(),
        fix,
    );
    if !config.allow_private.is_empty() {
        let allowed: Vec<String> = config
            .allow_private
            .iter()
            .map(ToString::to_string)
            .collect();
        report.add(
            "webhooks",
            Verdict::Warn,
            format!(
                "may be sent to {}, which the operator lists",
                allowed.join(", ")
            ),
            "take what is no longer needed out of `webhooks.allow_private` in cadence.toml",
        );
    }
    for setting in config
        .settings
        .iter()
        .filter(|setting| setting.origin != "default")
    {
        report.add(
            "setting",
            Verdict::Ok,
            format!("{} from {}", setting.name, setting.origin),
            "",
        );
    }
}

/// Whether the mail server takes us; with an address, whether it takes a mail.
fn mail(
    report: &mut Report,
    config: &Config,
    to: Option<&str>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let Some(mailer) = Mailer::of(config)? else {
        let text = "no mail server: mail stays in the outbox".to_owned();
        let verdict = if to.is_some() {
            Verdict::Fail
        } else {
            Verdict::Warn
        };
        report.add("mail", verdict, text, "set CADENCE_MAIL_SMTP_URL");
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let fix = "see to CADENCE_MAIL_SMTP_URL, then to the mail server's own log";
    let outcome = match to {
        None => runtime.block_on(mailer.check()).map(|()| {
            format!(
                "{} took us; mail is from {}",
                mailer.server(),
                mailer.sender()
            )
        }),
        Some(to) => {
            let letter = letters::test(config.public_url.as_str(), &mailer, to.to_owned(), now);
            let sent = runtime.block_on(mailer.send(&letter));
            sent.map(|reply| format!("{} took a mail to {to}: {reply}", mailer.server()))
        }
    };
    match outcome {
        Ok(text) => report.add("mail", Verdict::Ok, text, ""),
        Err(trouble) => report.add("mail", Verdict::Fail, trouble.sentence().to_owned(), fix),
    }
    Ok(())
}
