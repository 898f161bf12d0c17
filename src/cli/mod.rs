//! The command line: what it understands, and one file a sub-command.
//!
//! What a command has to say goes to standard output, as text or with `--json` as data; what went
//! wrong goes to standard error. The exit code is 0, 1 for a failure and 2 for a command line that
//! is not understood. A secret is read from standard input, never from an argument, which other
//! users of the machine could see. No colours of our own; those of the help obey `NO_COLOR`.

mod account;
mod backup;
mod configuration;
mod data;
mod demo;
mod dev;
mod doctor;
mod import;
mod key;
mod listen;
mod logging;
mod migrate;
mod openapi;
mod serve;
mod setup;
mod tail;
mod trigger;

use std::future::Future;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::config::{Config, Flags, Remote};
use crate::control;
use crate::error::Error;
use crate::outside::api::Api;
use crate::secrets::Secret;

/// The longest secret that is read from standard input.
const SECRET_LIMIT_BYTES: u64 = 4 * 1024;

/// The open API platform of a coaching business in one file.
#[derive(Parser)]
#[command(name = "cadence", version, about, disable_help_subcommand = true)]
struct Arguments {
    /// The data directory [default: ./cadence-data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print data as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Arguments),
    /// Run a sandbox for a developer: this computer only, test mode only, one fixed key
    Dev(dev::Arguments),
    /// Make and look after accounts
    #[command(subcommand)]
    Account(account::Command),
    /// Print a new link to set a fresh server up with; the one before it ends
    SetupLink,
    /// Make and look after API keys
    #[command(subcommand)]
    Key(key::Command),
    /// Bring the database to the schema of this program
    Migrate,
    /// Back everything up into one file, opened and checked after it is written
    Backup(backup::Arguments),
    /// Put a backup in the place of what is here; what was here is kept
    Restore(backup::RestoreArguments),
    /// Let a restored server speak: this is the only copy
    Resume {
        /// Say what would leave, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Add clients from a file
    Import(import::Arguments),
    /// Look at everything that has to be right, and say what to do
    Doctor(doctor::Arguments),
    /// Send what happens in a workspace on to a program on this machine
    Listen(listen::Arguments),
    /// Make an event of a type happen, in test mode
    Trigger(trigger::Arguments),
    /// What happens in a workspace
    #[command(subcommand)]
    Events(tail::Events),
    /// The requests of a workspace
    #[command(subcommand)]
    Logs(tail::Logs),
    /// Show every setting and where it comes from
    Config,
    /// Print the OpenAPI document
    Openapi,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let out = Out {
        json: arguments.json,
    };
    match run(arguments, out) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments, out: Out) -> anyhow::Result<ExitCode> {
    let mut flags = Flags {
        data: arguments.data,
        ..Flags::default()
    };
    match arguments.command {
        Command::Serve(serve) if serve.demo => demo::run(flags, serve, out),
        Command::Serve(serve) => {
            flags.listen = serve.listen;
            flags.public_url = serve.public_url;
            serve::run(Config::load(flags)?, out)
        }
        Command::Dev(dev) => dev::run(flags, dev, out),
        Command::Account(command) => account::run(flags, command, out),
        Command::SetupLink => setup::run(Config::load(flags)?, out),
        Command::Key(command) => key::run(flags, command, out),
        Command::Migrate => migrate::run(Config::load(flags)?, out),
        Command::Backup(arguments) => backup::run(Config::load(flags)?, arguments, out),
        Command::Restore(arguments) => backup::restore(&Config::load(flags)?, arguments, out),
        Command::Resume { dry_run } => backup::resume(Config::load(flags)?, dry_run, out),
        Command::Import(arguments) => import::run(Config::load(flags)?, arguments, out),
        Command::Doctor(arguments) => doctor::run(&Config::load(flags)?, &arguments, out),
        Command::Listen(arguments) => listen::run(arguments, out),
        Command::Trigger(arguments) => trigger::run(arguments, out),
        Command::Events(tail::Events::Tail(arguments)) => tail::events(arguments, out),
        Command::Logs(tail::Logs::Tail) => tail::logs(out),
        Command::Config => configuration::run(&Config::load(flags)?, out),
        Command::Openapi => openapi::run(),
    }
}

/// Standard output.
#[derive(Clone, Copy)]
struct Out {
    json: bool,
}

impl Out {
    /// Prints data as JSON, or what `text` makes of it.
    fn print<T: Serialize>(self, data: &T, text: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
        let text = if self.json {
            serde_json::to_string_pretty(data)?
        } else {
            text(data)
        };
        Ok(line(&text)?)
    }
}

/// Prints a line on standard output at once.
fn line(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Runs a command that calls a server.
fn call<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(work);
    // A name that is still being asked for would hold up the end.
    runtime.shutdown_background();
    outcome
}

/// The server that `CADENCE_BASE_URL` and `CADENCE_API_KEY` name.
fn remote() -> anyhow::Result<Api> {
    let remote = Remote::load()?;
    Api::new(&remote.base_url, remote.key)
}

/// Prints a line for people on standard error; nobody is told if that is closed.
fn note(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}

/// Prints why it failed, as one chain.
fn complain(error: &anyhow::Error) {
    note(&format!("cadence: {}", sentence(error)));
}

/// Why something failed, from the outside in.
fn sentence(error: &anyhow::Error) -> String {
    let mut causes: Vec<String> = error
        .chain()
        .map(|cause| match cause.downcast_ref::<Error>() {
            Some(error) => control::sentence(error),
            None => cause.to_string(),
        })
        .collect();
    // Some libraries say the same at each level.
    causes.dedup();
    causes.join(": ")
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// Reads a secret from standard input: all of it, without the line's end.
fn read_secret(what: &str) -> anyhow::Result<Secret> {
    // The room is exact: a text that grew would leave a copy behind.
    let limit = usize::try_from(SECRET_LIMIT_BYTES).unwrap_or(0);
    let mut text = Zeroizing::new(String::with_capacity(limit + 1));
    io::stdin()
        .take(SECRET_LIMIT_BYTES + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("the {what} on standard input cannot be read"))?;
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    if secret.len() > limit {
        bail!("the {what} on standard input is longer than {SECRET_LIMIT_BYTES} bytes");
    }
    if secret.is_empty() {
        bail!("there is no {what} on standard input: pipe it in, or redirect a file that holds it");
    }
    Ok(Secret::new(secret.to_owned()))
}

/// A member of a command's result as text.
fn member<'v>(value: &'v serde_json::Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or("-")
}
