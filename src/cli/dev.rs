//! `cadence dev`: a sandbox for whoever writes a program that calls this one.
//!
//! It is reached from this computer alone and opens no connection to another, knows test mode only,
//! and keeps what is made in it. Its key is fixed and documented, so that what is pasted works.

use std::net::TcpListener;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::json;

use super::data::claim_alone;
use super::serve::serve;
use super::{Out, line, logging};
use crate::access::api_keys::SANDBOX_KEY;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Flags, Hindrance, RunKind};
use crate::db::Options;
use crate::demo::home::{self, Home};
use crate::request_log::Line;
use crate::secrets::password::Cost;
use crate::server;

/// Where the sandbox is kept where nothing else is said.
const DIRECTORY: &str = "cadence-dev-data";
/// The longest that a request can be made to wait.
const MAX_LATENCY_MS: u32 = 60_000;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The address and port to listen on, of this computer; port 0 takes a free one [default:
    /// 127.0.0.1:4780]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Have each request wait so many milliseconds, up to 60000
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u32,
    /// Have so many of a hundred requests fail, with 503 and 500 in turn
    #[arg(long, value_name = "PCT", default_value_t = 0)]
    fail_rate: u32,
}

pub(super) fn run(mut flags: Flags, arguments: Arguments, out: Out) -> anyhow::Result<ExitCode> {
    if arguments.latency > MAX_LATENCY_MS {
        bail!(
            "--latency is {}; set 0 to {MAX_LATENCY_MS}",
            arguments.latency
        );
    }
    if arguments.fail_rate > 100 {
        bail!("--fail-rate is {}; set 0 to 100", arguments.fail_rate);
    }
    // What the environment names is the directory of a real server.
    flags.data.get_or_insert_with(|| DIRECTORY.into());
    flags.listen = arguments.listen;
    let mut config = Config::load(flags)?;
    config.kind = RunKind::Dev;
    config.hindrance = Hindrance {
        latency_ms: arguments.latency,
        fail_percent: arguments.fail_rate,
    };
    config.keep_to_this_computer()?;
    logging::start_quietly(&config)?;
    let lock = claim_alone(&config.data)?;
    let listener = TcpListener::bind(config.listen)
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    config.listen.set_port(listener.local_addr()?.port());
    config.keep_to_this_computer()?;
    let app = server::open(
        config,
        Clock::system(),
        &Options::default(),
        Cost::default(),
    )?;
    let home = home::sandbox(&app)?;
    let lines = app.request_log.watch();
    let printing = std::thread::spawn(move || {
        for told in lines {
            // A closed pipe is no reason to stop serving.
            drop(line(&shown(&told, out)));
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(serve(app, listener, lock, |app, _| greet(app, home, out)));
    runtime.shutdown_background();
    // It ends with the process; what it has not printed by now nobody waits for.
    drop(printing);
    outcome
}

/// All that somebody needs to begin.
fn greet(app: &App, home: Home, out: Out) -> anyhow::Result<()> {
    let url = app.config.public_url.as_str();
    let curl = format!("curl -H 'Authorization: Bearer {SANDBOX_KEY}' {url}/v1/whoami");
    if out.json {
        let told = json!({
            "listening": url,
            "data": app.config.data,
            "docs": format!("{url}/docs"),
            "openapi": format!("{url}/openapi.json"),
            "key": SANDBOX_KEY,
            "curl": curl,
            "sign_in": home::sign_in_link(app, home)?.reveal(),
        });
        return Ok(line(&told.to_string())?);
    }
    let hindrance = app.config.hindrance;
    line(&format!(
        "Cadence sandbox: this computer only, test mode only\n\n  API      {url}/v1"
    ))?;
    line(&format!("  docs     {url}/docs"))?;
    line(&format!("  OpenAPI  {url}/openapi.json"))?;
    line(&format!("  key      {SANDBOX_KEY}"))?;
    let link = home::sign_in_link(app, home)?;
    line(&format!("  sign in  {}", link.reveal()))?;
    line(&format!("  data     {}", app.config.data.display()))?;
    if hindrance != Hindrance::default() {
        let (latency, fail) = (hindrance.latency_ms, hindrance.fail_percent);
        line(&format!("  hinders  {latency} ms each, {fail} of 100 fail"))?;
    }
    line(&format!("\ntry it:\n  {curl}\n"))?;
    Ok(())
}

/// A request as a line.
fn shown(told: &Line, out: Out) -> String {
    if out.json {
        return serde_json::to_string(told).unwrap_or_default();
    }
    let mut text = format!(
        "{} {} {} {} ms",
        told.status,
        told.method,
        told.path,
        // Rounded to the nearest.
        (told.duration_us + 500) / 1_000
    );
    match (told.caller, &told.name) {
        (Some("api_key" | "access_token"), Some(name)) => text.extend([" key=", name]),
        (Some(kind), _) => text.extend([" as=", kind]),
        (None, _) => {}
    }
    if let Some(code) = told.code {
        text.extend([" ", code]);
    }
    // Names and paths come from outside: none of them may move the cursor.
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
