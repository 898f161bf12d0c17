//! `cadence serve --demo`: a server full of sample data, on this computer only, that keeps nothing.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, bail};
use serde_json::json;

use super::data::claim_alone;
use super::serve::{self, serve};
use super::{Out, line, logging, note};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Flags, RunKind, temporary_directory};
use crate::db::{Options, prepare_directory};
use crate::demo::home::{self, Home};
use crate::ids::RequestId;
use crate::secrets::password::Cost;
use crate::server;

/// What opens an address in the browser.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

/// A directory that is gone when this is dropped.
struct Throwaway(PathBuf);

impl Throwaway {
    fn make(clock: &Clock) -> anyhow::Result<Self> {
        // An id has enough chance in it that nobody can lie in wait at the name.
        let name = format!("cadence-demo-{}", RequestId::new(clock.now()));
        let directory = Self(temporary_directory().join(name));
        prepare_directory(&directory.0)?;
        Ok(directory)
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            note(&format!("{} was not removed: {error}", self.0.display()));
        }
    }
}

pub(super) fn run(
    mut flags: Flags,
    arguments: serve::Arguments,
    out: Out,
) -> anyhow::Result<ExitCode> {
    if flags.data.is_some() {
        bail!("a demo keeps nothing: leave --data out");
    }
    if arguments.public_url.is_some() {
        bail!("a demo is for this computer alone: leave --public-url out");
    }
    let clock = Clock::system();
    let directory = Throwaway::make(&clock)?;
    flags.data = Some(directory.0.clone());
    flags.listen = arguments.listen;
    let mut config = Config::load(flags)?;
    config.kind = RunKind::Demo;
    config.keep_to_this_computer()?;
    logging::start_quietly(&config)?;
    let lock = claim_alone(&config.data)?;
    let listener = TcpListener::bind(config.listen)
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    config.listen.set_port(listener.local_addr()?.port());
    config.keep_to_this_computer()?;
    let app = server::open(config, clock, &Options::default(), Cost::default())?;
    let home = home::demo(&app)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let greeting = |app: &App, _: &str| greet(app, home, arguments.open, out);
    let outcome = runtime.block_on(serve(app, listener, lock, greeting));
    runtime.shutdown_background();
    drop(directory);
    outcome
}

fn greet(app: &App, home: Home, open: bool, out: Out) -> anyhow::Result<()> {
    let url = app.config.public_url.as_str();
    let link = home::sign_in_link(app, home)?;
    if out.json {
        let told = json!({
            "listening": url,
            "data": app.config.data,
            "sign_in": link.reveal(),
        });
        line(&told.to_string())?;
    } else {
        line("Cadence demo: nothing is kept, nothing leaves this computer\n")?;
        line(&format!("  sign in  {}", link.reveal()))?;
        line(&format!("  API      {url}/v1\n"))?;
    }
    if open && let Err(error) = open_browser(&app.config.data, link.reveal()) {
        note(&format!("the browser was not opened: {error:#}"));
    }
    Ok(())
}

/// Opens the browser at a link that others must not see: in the arguments of a program they could.
/// So it is written into a page of our own directory, and the page leads on.
fn open_browser(directory: &Path, link: &str) -> anyhow::Result<()> {
    let page = directory.join("open.html");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&page)?;
    // The link is of our own making: it holds nothing that HTML would take for its own.
    write!(
        file,
        "<!DOCTYPE html><meta charset=\"utf-8\"><title>Cadence</title>\
        <meta http-equiv=\"refresh\" content=\"0; url={link}\"><a href=\"{link}\">Open the demo</a>"
    )?;
    Command::new(OPENER)
        .arg(&page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{OPENER} cannot be started"))?;
    Ok(())
}
