//! The server: the one route table, the order of checks, starting and stopping.

mod asking;
mod body;
mod claim;
mod client;
mod cors;
mod count;
mod edge;
mod flow;
mod force;
mod head;
mod idle;
mod log;
mod long;
pub mod open;
mod respond;
pub mod table;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{HttpServer, web};
use anyhow::Context;

use crate::access::workspaces;
use crate::app::App;
use crate::backup;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, Options};
use crate::demo;
use crate::erasure;
use crate::requests;
use crate::secrets::password::Cost;
use crate::secrets::{Hasher, SealingKey};
use crate::settings;
use edge::Edge;
use head::LocalAddress;
use idle::Watch;

/// How long a request's head may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long requests under way are waited for at the end.
const SHUTDOWN_TIMEOUT_S: u64 = 8;

/// The OpenAPI document of this server, as JSON.
pub fn openapi_document() -> String {
    crate::openapi::document(&table::routes())
}

/// A server that takes requests.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    app: App,
    handle: ServerHandle,
    running: tokio::task::JoinHandle<std::io::Result<()>>,
    watching: tokio::task::JoinHandle<()>,
}

/// Connections that one address may have open.
const CONNECTIONS_PER_ADDRESS: u32 = 512;

/// The name of the database in the data directory.
pub const DATABASE: &str = "cadence.db";
/// The name of the sealing key in the data directory.
pub const SEALING_KEY: &str = "secret.key";

/// Opens what a data directory holds, or makes it: the database, the sealing key.
///
/// The caller holds the directory's lock. Blocks: nobody is served yet.
pub fn open(config: Config, clock: Clock, options: &Options, cost: Cost) -> anyhow::Result<App> {
    let database = config.data.join(DATABASE);
    let key_file = config.data.join(SEALING_KEY);
    // A new key beside an old database could open nothing that is sealed in it.
    let sealing = if database.exists() {
        SealingKey::load(&key_file)?
    } else {
        SealingKey::load_or_create(&key_file)?
    };
    let now = clock.now();
    let db = Db::open_with(&database, options, |conn, schema| {
        let made = backup::before_migration(conn, schema, &config.data, &sealing, now)?;
        tracing::info!(path = %made.path.display(), "backed the database up before migrating it");
        Ok(())
    })?;
    let sealing = Arc::new(sealing);
    let checking = Arc::clone(&sealing);
    db.write_blocking(move |tx| backup::check_key(tx, &checking))?;
    db.write_blocking(move |tx| demo::actions::mend(tx, now))?;
    for (tenant, offset_ms) in db.read_now(workspaces::store::clock_offsets)? {
        clock.set_offset(&tenant, offset_ms);
    }
    let hasher = Hasher::new(cost)?;
    let kept = db.read_now(requests::store::retention)?;
    let app = App::new(config, clock, db, sealing, hasher)?;
    app.request_log.keep_entries(kept.rows > 0);
    settings::apply(&app)?;
    erasure::again::apply(&app)?;
    Ok(app)
}

/// Starts serving on a listener.
pub fn start(app: App, listener: TcpListener) -> anyhow::Result<Server> {
    let address = listener
        .local_addr()
        .context("the listening socket has no address")?;
    app.outside.http.guard().listens_at(address);
    let edge = Edge::new(app.clone(), address)?;
    let workers = app.config.workers;
    let connecting = app.clone();
    let keep_alive = app.config.keep_alive;
    let watch = Watch::new(keep_alive);
    let watching = tokio::spawn(Arc::clone(&watch).run());
    let server = HttpServer::new(move || {
        let edge = Arc::clone(&edge);
        let handler = move |request, payload| edge::handle(Arc::clone(&edge), request, payload);
        actix_web::App::new().default_service(web::to(handler))
    })
    .on_connect(move |connection, extensions| {
        if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() {
            extensions.insert(LocalAddress(
                stream.local_addr().ok().map(|local| local.ip()),
            ));
            if let Some(watched) = watch.begin(stream) {
                extensions.insert(watched);
            }
            admit(&connecting, stream, extensions);
        }
    })
    .workers(workers)
    .client_request_timeout(HEAD_TIMEOUT)
    .keep_alive(keep_alive)
    .shutdown_timeout(SHUTDOWN_TIMEOUT_S)
    .disable_signals()
    .listen(listener)
    .context("the server cannot listen")?
    .run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    Ok(Server {
        address,
        app,
        handle,
        running,
        watching,
    })
}

/// Counts a connection for its address; one too many is closed before it is listened to.
///
/// Loopback and trusted proxies stand for many people and are exempt.
fn admit(
    app: &App,
    stream: &actix_web::rt::net::TcpStream,
    extensions: &mut actix_web::dev::Extensions,
) {
    let Ok(peer) = stream.peer_addr() else {
        return;
    };
    let address = peer.ip().to_canonical();
    let trusted = &app.config.trusted_proxies;
    if address.is_loopback() || trusted.iter().any(|range| range.contains(address)) {
        return;
    }
    if let Some(admitted) = app.connections.admit(address, CONNECTIONS_PER_ADDRESS) {
        extensions.insert(admitted);
    } else {
        let closed = socket2::SockRef::from(stream).shutdown(std::net::Shutdown::Both);
        tracing::debug!(?closed, "an address has too many connections");
    }
}

impl Server {
    /// Answers what is under way, writes what is queued, and puts everything into the one file.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.app.close();
        self.watching.abort();
        self.handle.stop(true).await;
        self.running
            .await
            .context("the server's task ended badly")??;
        crate::workers::write_gathered(&self.app).await;
        let db = self.app.db.clone();
        tokio::task::spawn_blocking(move || db.shutdown())
            .await
            .context("the writer ended badly")
    }
}
