//! `cadence serve`: the server, from the lock of its data directory to the last write.

use std::net::TcpListener;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::account::make_owner;
use super::data::claim_alone;
use super::{Out, line, logging, member, note, setup};
use crate::access::accounts;
use crate::app::App;
use crate::backup;
use crate::clients;
use crate::clock::{Clock, HOUR_MS};
use crate::config::Config;
use crate::control::{self, Holder, socket};
use crate::db::lock::DataLock;
use crate::db::{Options, Synchronous};
use crate::secrets::password::Cost;
use crate::{server, workers};

/// How long the end may take, in all. Supervisors lose patience after ten seconds.
const STOP_TIMEOUT: Duration = Duration::from_millis(9_500);

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The address and port to listen on; port 0 takes a free one [default: 127.0.0.1:4780]
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
    /// Where people and apps reach the server [default: http://localhost:PORT]
    #[arg(long, value_name = "URL")]
    pub(super) public_url: Option<String>,
    /// Serve sample data that nobody keeps, on this computer only
    #[arg(long)]
    pub(super) demo: bool,
    /// Open the browser, signed in
    #[arg(long, requires = "demo")]
    pub(super) open: bool,
}

/// As many open files as the system lets a process have, within reason. A connection takes two of
/// them, and the usual limit of 1,024 would be reached by the connections of one address.
fn allow_connections() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    const ENOUGH: u64 = 65_536;
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(ENOUGH).min(ENOUGH);
    if limit.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let raised = Rlimit {
        current: Some(wanted),
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

pub(super) fn run(mut config: Config, out: Out) -> anyhow::Result<ExitCode> {
    logging::start(&config)?;
    allow_connections();
    let lock = claim_alone(&config.data)?;
    let listener = TcpListener::bind(config.listen)
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let port = listener.local_addr()?.port();
    config.listen.set_port(port);
    config.public_url = config.public_url.on_port(port);
    let is_new = !config.data.join(server::DATABASE).exists();
    let mut options = Options::default();
    if !config.synced {
        tracing::warn!("storage.synchronous: answered writes can be lost; this is for tests");
        options.synchronous = Synchronous::Normal;
    }
    let app = server::open(config, Clock::system(), &options, Cost::default())?;
    if !out.json {
        let holds = if is_new {
            "new".to_owned()
        } else {
            contents(&app)?
        };
        line(&format!("{}: {holds}", app.config.data.display()))?;
    }
    // Requests run on the HTTP library's own threads; here are only signals, timers and commands.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(serve(app, listener, lock, greet(out)));
    // Whatever still blocks a thread would hold up the end; there is nothing left to save.
    runtime.shutdown_background();
    outcome
}

/// Serves until a signal comes; `greet` is told the address once requests are taken.
pub(super) async fn serve(
    app: App,
    listener: TcpListener,
    mut lock: DataLock,
    greet: impl FnOnce(&App, &str) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new()?;
    let running = server::start(app.clone(), listener)?;
    let commands = socket::listen(&app)?;
    let beside = workers::start(&app);
    let url = format!("http://{}", running.address);
    let holder = Holder {
        url: url.clone(),
        public_url: app.config.public_url.to_string(),
        pid: std::process::id(),
        socket: commands.path().to_owned(),
    };
    lock.publish(&serde_json::to_string(&holder)?)
        .context("the lock of the data directory cannot be written")?;
    greet(&app, &url)?;
    let name = signals.next().await;
    tracing::info!(signal = name, "stopping");
    tokio::spawn(async move {
        signals.next().await;
        tracing::warn!("stopped at once, by a second signal");
        std::process::exit(1);
    });
    let stopping = async {
        beside.stop().await;
        commands.close().await;
        running.stop().await
    };
    match tokio::time::timeout(STOP_TIMEOUT, stopping).await {
        Ok(outcome) => outcome?,
        // What was answered is on the disk; the rest was never promised.
        Err(_) => bail!("the server did not stop in time; what was answered is saved"),
    }
    drop(lock);
    Ok(ExitCode::SUCCESS)
}

/// Says where the server listens, and what there is to do.
fn greet(out: Out) -> impl FnOnce(&App, &str) -> anyhow::Result<()> {
    move |app, url| {
        if out.json {
            line(&json!({ "listening": url, "data": app.config.data }).to_string())?;
        } else {
            line(&format!("listening on {url}"))?;
        }
        if let Some(owner) = make_owner(app)? {
            note(&format!(
                "made the owner {}, workspace {}",
                member(&owner, "email"),
                member(&owner, "workspace_id")
            ));
        }
        if let Some(since) = app.db.read_now(backup::quiet_since)? {
            note(&format!(
                "quiet: this copy was restored at {since}, and nothing leaves it; once it is the only \
                 one, run `cadence resume`"
            ));
        }
        if !app.db.read_now(accounts::store::exist)? {
            // Last, so that it is seen.
            note(&setup::invitation(&control::execute(
                app,
                control::Command::SetupLink {},
            )?));
        }
        Ok(())
    }
}

/// What is in the database, in words.
fn contents(app: &App) -> anyhow::Result<String> {
    let (accounts, clients, backed_up_at) = app.db.read_now(|conn| {
        let accounts = accounts::store::count(conn)?;
        let clients = clients::store::count_of_all_tenants(conn)?;
        Ok((accounts, clients, backup::last_backup_at(conn)?))
    })?;
    let counted = |count: u32, noun: &str| match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    };
    let backup = match backed_up_at {
        None => "no backup yet".to_owned(),
        Some(at) => match app.clock.now().since_ms(at) / HOUR_MS {
            0 => "last backup within the hour".to_owned(),
            hours @ 1..48 => format!("last backup {hours} h ago"),
            hours => format!("last backup {} days ago", hours / 24),
        },
    };
    Ok(format!(
        "{}, {}, {backup}",
        counted(accounts, "account"),
        counted(clients, "client")
    ))
}

/// The signals that end the server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
