//! A server in this process, on its own directory, socket, clock and threads.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, Once, PoisonError, mpsc};
use std::thread::JoinHandle;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cadence::access::{accounts, api_keys, sessions, workspaces};
use cadence::api::etag::IfMatch;
use cadence::app::App;
use cadence::caller::{
    Caller as Operator, Credential, KeysWrite, Mode, Origin, Permit, Principal, Scopes,
    WorkspaceSettings,
};
use cadence::clock::{Clock, Timestamp};
use cadence::config::Config;
use cadence::db::Options;
use cadence::ids::{AccountId, FamilyId, GrantId, KeyId, RequestId, WorkspaceId};
use cadence::outside::http::{Resolve, Resolving};
use cadence::secrets::Secret;
use cadence::secrets::password::Cost;
use cadence::server;
use cadence::values::Email;
use cadence::webhooks::dispatch::Dispatcher;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::http::{Caller, Session};

/// Noon of 3 June 2026: where every test's clock begins.
const START: Timestamp = Timestamp::from_ms(1_780_488_000_000);

/// Panics on threads that are no test's own: none is ever allowed.
static FOREIGN_PANICS: AtomicUsize = AtomicUsize::new(0);

/// Everything that any server of this process logged, at the finest level.
static LOGS: LazyLock<Mutex<Vec<u8>>> = LazyLock::new(Mutex::default);

/// What was logged so far.
pub(crate) fn logs() -> String {
    let logs = LOGS.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&logs).into_owned()
}

struct ToLogs;

impl io::Write for ToLogs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGS.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn watch_process() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        let filter = tracing_subscriber::EnvFilter::new("cadence=trace,actix_web=trace");
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(|| ToLogs)
            .init();
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let name = std::thread::current().name().unwrap_or("").to_owned();
            if name.starts_with("actix") || name.starts_with("cadence") || name == "server" {
                FOREIGN_PANICS.fetch_add(1, Ordering::AcqRel);
            }
            report(panic);
        }));
    });
}

/// The password of every coach.
pub(crate) const PASSWORD: &str = "an olive tractor drives home";

static PASSWORD_HASH: LazyLock<String> = LazyLock::new(|| {
    let password = Secret::new(PASSWORD.to_owned());
    cadence::secrets::password::hash(&password, Cost::cheap()).expect("a hash")
});

/// A data directory with an empty database of the current schema, made once and copied.
static TEMPLATE: LazyLock<[(&'static str, Vec<u8>); 2]> = LazyLock::new(|| {
    let root = tempfile::tempdir().expect("a directory");
    let data = root.path().join("data");
    cadence::db::prepare_directory(&data).expect("a private directory");
    let app = open(data.clone(), &Options::default());
    app.db.shutdown();
    [server::DATABASE, server::SEALING_KEY]
        .map(|name| (name, std::fs::read(data.join(name)).expect("a file")))
});

fn open(data: PathBuf, options: &Options) -> App {
    let mut config = Config::for_directory(data).expect("a configuration");
    config.workers = 2;
    let clock = Clock::by_hand(START);
    server::open(config, clock, options, Cost::cheap()).expect("the server opens")
}

fn copy_template(data: &std::path::Path) {
    cadence::db::prepare_directory(data).expect("a private directory");
    for (name, bytes) in TEMPLATE.iter() {
        let path = data.join(name);
        std::fs::write(&path, bytes).expect("a copy");
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, private).expect("a private file");
    }
}

/// A server that a test has to itself.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) app: App,
    root: TempDir,
    running: Option<Running>,
}

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// An account with its workspace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coach {
    pub(crate) account: AccountId,
    pub(crate) workspace: WorkspaceId,
}

impl Coach {
    /// Where the keys of the workspace are.
    pub(crate) fn keys_path(&self) -> String {
        format!("/v1/workspaces/{}/api-keys", self.workspace)
    }
}

impl Server {
    /// A server with nothing in it.
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {}, Options::default())
    }

    /// The same with another configuration.
    pub(crate) fn start_with(change: impl FnOnce(&mut Config), options: Options) -> Self {
        watch_process();
        let root = tempfile::tempdir().expect("a directory");
        let data = root.path().join("data");
        copy_template(&data);
        let mut config = Config::for_directory(data).expect("a configuration");
        config.workers = 2;
        change(&mut config);
        let app = server::open(config, Clock::by_hand(START), &options, Cost::cheap())
            .expect("the server opens");
        app.outside.http.resolve_by(Arc::new(Nowhere));
        let (address, running) = run(app.clone());
        Self {
            address,
            app,
            root,
            running: Some(running),
        }
    }

    /// Stops the server and starts it again on the same directory, at the same time of its clock.
    pub(crate) fn restart(&mut self) {
        self.restart_with(|_| {});
    }

    /// The same with another configuration.
    pub(crate) fn restart_with(&mut self, change: impl FnOnce(&mut Config)) {
        self.stop();
        let data = self.root.path().join("data");
        let mut config = Config::for_directory(data).expect("a configuration");
        config.workers = 2;
        change(&mut config);
        let clock = Clock::by_hand(self.app.clock.now());
        self.app = server::open(config, clock, &Options::default(), Cost::cheap())
            .expect("the server opens again");
        self.app.outside.http.resolve_by(Arc::new(Nowhere));
        let (address, running) = run(self.app.clone());
        self.address = address;
        self.running = Some(running);
    }

    /// Stops the server as SIGTERM does.
    pub(crate) fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ignored = running.stop.send(());
            running.thread.join().expect("the server stops well");
        }
    }

    /// The directory that holds everything.
    pub(crate) fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    /// Moves everybody's time.
    pub(crate) fn advance_ms(&self, ms: i64) {
        self.app.clock.advance(ms);
    }

    /// How many rows a table has.
    pub(crate) fn rows(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.app
            .db
            .read_now(|conn| Ok(conn.query_row(&sql, [], |row| row.get(0))?))
            .expect("a count")
    }

    /// How many rows each table that requests write to has: equal before and after means that
    /// nothing was written.
    pub(crate) fn all_rows(&self) -> Vec<(&'static str, i64)> {
        let tables = [
            "clients",
            "messages",
            "photos",
            "photo_pictures",
            "events",
            "outbox",
            "api_keys",
            "audit_log",
            "idempotency_keys",
            "saved_answers",
            "saved_steps",
        ];
        tables
            .into_iter()
            .map(|table| (table, self.rows(table)))
            .collect()
    }

    /// Removes a row behind the program's back.
    pub(crate) fn delete_client(&self, id: &str) {
        let id = id.to_owned();
        let deleted = self.app.db.write_blocking(move |tx| {
            let sql = "DELETE FROM clients WHERE id = ?1";
            Ok(tx.prepare_cached(sql)?.execute([&id])?)
        });
        assert_eq!(deleted.expect("a write"), 1);
    }

    /// Makes a coach an owner behind the program's back.
    pub(crate) fn make_owner(&self, coach: Coach) {
        let made = self.app.db.write_blocking(move |tx| {
            let sql = "UPDATE accounts SET role = 'owner' WHERE id = ?1";
            Ok(tx.prepare_cached(sql)?.execute([coach.account])?)
        });
        assert_eq!(made.expect("a write"), 1);
    }

    /// Runs one sweep of ended answers, as the background does every minute.
    pub(crate) fn sweep_answers(&self) {
        actix_web::rt::System::new().block_on(cadence::workers::sweep_answers(&self.app));
    }

    /// Runs jobs in the background until this is dropped, which cuts them off as a kill does.
    pub(crate) fn work(&self) -> Working {
        let (stop, stopped) = oneshot::channel::<()>();
        let app = self.app.clone();
        let body = move || {
            actix_web::rt::System::new().block_on(async move {
                let workers = cadence::workers::start(&app);
                drop(stopped.await);
                drop(workers);
            });
        };
        let thread = std::thread::Builder::new().name("server".to_owned());
        Working {
            stop: Some(stop),
            thread: Some(thread.spawn(body).expect("a thread")),
        }
    }

    /// Does what is ready, as the background does; gives the number of jobs.
    pub(crate) fn run_jobs(&self) -> usize {
        actix_web::rt::System::new().block_on(async {
            let runner = cadence::workers::runner(&self.app).await;
            let runner = runner.expect("a runner");
            runner.drain().await.expect("jobs run")
        })
    }

    /// Runs one sweep of requests and usage that are no longer kept.
    pub(crate) fn sweep_requests(&self) {
        actix_web::rt::System::new().block_on(cadence::workers::sweep_requests(&self.app));
    }

    /// Runs one sweep of steps that nobody came back for.
    pub(crate) fn sweep_steps(&self) {
        actix_web::rt::System::new().block_on(cadence::workers::sweep_steps(&self.app));
    }

    /// Runs one sweep of sessions, codes and one-time links that ended.
    pub(crate) fn sweep_sessions(&self) {
        actix_web::rt::System::new().block_on(cadence::workers::sweep_sessions(&self.app));
    }

    /// Writes the gathered requests and uses of keys, as the background does every few seconds.
    pub(crate) fn write_uses(&self) {
        actix_web::rt::System::new().block_on(cadence::workers::write_gathered(&self.app));
    }

    /// Tells webhooks all that is due by now, as the background does.
    pub(crate) fn deliver(&self) {
        let mut dispatcher = Dispatcher::new(self.app.clone());
        let delivered = actix_web::rt::System::new().block_on(dispatcher.run_until_idle());
        delivered.expect("webhooks are told");
    }

    /// Removes what is no longer kept of events and webhooks.
    pub(crate) fn sweep_events(&self) {
        let swept = cadence::webhooks::jobs::sweep_all(&self.app);
        actix_web::rt::System::new()
            .block_on(swept)
            .expect("events are swept");
    }

    /// Revokes a key as the command line does: by the action itself, without a request.
    pub(crate) fn revoke_as_operator(&self, coach: Coach, key: &str) {
        let permit = self.operator(coach);
        let (id, now) = (KeyId::parse(key).expect("a key's id"), self.app.clock.now());
        let any = IfMatch::default();
        let revoked = self
            .app
            .db
            .write_blocking(move |tx| api_keys::actions::revoke(tx, &permit, id, &any, now));
        revoked.expect("a revoked key");
    }

    /// An account with its workspace.
    pub(crate) fn coach(&self, email: &str) -> Coach {
        self.coach_on("studio", email)
    }

    /// The same on a plan.
    pub(crate) fn coach_on(&self, plan: &str, email: &str) -> Coach {
        let origin = self.origin();
        let new = accounts::NewAccount {
            email: Email::parse(email).expect("an address"),
            name: "North Street Strength".to_owned(),
            password_hash: PASSWORD_HASH.clone(),
            plan: plan.to_owned(),
        };
        let made = self
            .app
            .db
            .write_blocking(move |tx| accounts::actions::create(tx, &origin, &new));
        let (account, workspace) = made.expect("an account");
        Coach { account, workspace }
    }

    /// What a coach lets an app do, without the pages on which it is decided.
    pub(crate) fn grant(&self, coach: Coach, app: &str, live: bool) -> String {
        let permit = self.operator(coach);
        let mode = if live { Mode::Live } else { Mode::Test };
        let tenant = permit.caller().managed_tenant(mode).expect("both modes");
        let now = self.app.clock.now();
        let (id, family) = (
            GrantId::new(now).to_string(),
            FamilyId::new(now).to_string(),
        );
        let (grant, app, account) = (id.clone(), app.to_owned(), coach.account.to_string());
        let made = self.app.db.write_blocking(move |tx| {
            let (tenant, now) = (tenant.number(), now.as_ms());
            let sql = "INSERT INTO oauth_grants
                (tenant_id, id, account_id, app_id, scopes, created_at, updated_at)
                VALUES (?1, ?2, ?3, ?4, 'clients:read', ?5, ?5)";
            tx.execute(sql, (tenant, &grant, &account, &app, now))?;
            let sql = "INSERT INTO oauth_families
                (tenant_id, id, grant_id, scopes, expires_at, created_at)
                VALUES (?1, ?2, ?3, 'clients:read', ?4 + 1000000, ?4)";
            Ok(tx.execute(sql, (tenant, &family, &grant, now))?)
        });
        assert_eq!(made.expect("a write"), 1);
        id
    }

    fn origin(&self) -> Origin {
        let at = self.app.clock.now();
        Origin {
            request_id: RequestId::new(at),
            idempotency_key: None,
            address: None,
            at,
        }
    }

    /// A caller without a credential.
    pub(crate) fn anyone(&self) -> Caller {
        Caller {
            address: self.address,
            authorization: None,
            session: None,
        }
    }

    /// A caller with a credential of any kind.
    pub(crate) fn bearer(&self, token: &str) -> Caller {
        Caller {
            address: self.address,
            authorization: Some(format!("Bearer {token}")),
            session: None,
        }
    }

    /// A caller that uses Basic, with a key's id as user.
    pub(crate) fn basic(&self, user: &str, token: &str) -> Caller {
        let pair = STANDARD.encode(format!("{user}:{token}"));
        Caller {
            address: self.address,
            authorization: Some(format!("Basic {pair}")),
            session: None,
        }
    }

    /// A coach who has just signed in, in test mode.
    pub(crate) fn session(&self, coach: Coach) -> Caller {
        self.session_in(coach, "test")
    }

    /// The same in a mode.
    pub(crate) fn session_in(&self, coach: Coach, mode: &'static str) -> Caller {
        let device = sessions::Device::default();
        let draft = sessions::actions::draft(device, self.app.clock.now()).expect("a draft");
        let cookie = draft.cookie.reveal().to_owned();
        let begun = self
            .app
            .db
            .write_blocking(move |tx| sessions::actions::begin(tx, coach.account, &draft, None));
        begun.expect("a session");
        self.browser(&cookie, coach, mode)
    }

    /// A browser with this cookie.
    pub(crate) fn browser(&self, cookie: &str, coach: Coach, mode: &'static str) -> Caller {
        Caller {
            session: Some(Session {
                cookie: format!("cadence={cookie}"),
                workspace: coach.workspace.to_string(),
                mode,
            }),
            ..self.anyone()
        }
    }

    /// A test key of a coach; no scopes means all.
    pub(crate) fn key(&self, coach: Coach, scopes: &[&str]) -> Caller {
        self.bearer(&self.new_key(coach, Mode::Test, scopes).1)
    }

    /// A live key of a coach with every scope.
    pub(crate) fn live_key(&self, coach: Coach) -> Caller {
        self.bearer(&self.new_key(coach, Mode::Live, &[]).1)
    }

    /// A key of a mode: its id and its plaintext.
    pub(crate) fn new_key(&self, coach: Coach, mode: Mode, scopes: &[&str]) -> (String, String) {
        let permit = self.operator(coach);
        let tenant = permit.caller().managed_tenant(mode).expect("both modes");
        let draft = api_keys::routes::draft(&self.app, tenant).expect("a draft");
        let new = api_keys::NewKey {
            name: "test".to_owned(),
            description: None,
            mode: Some(mode),
            scopes: (!scopes.is_empty()).then(|| Scopes::from_text(&scopes.join(" "))),
            expires_at: None,
            allowed_ips: None,
        };
        self.app
            .db
            .write_blocking(move |tx| {
                let key = api_keys::actions::create(tx, &permit, &new, &draft)?;
                Ok((key.id.to_string(), draft.plaintext.reveal().to_owned()))
            })
            .expect("a key")
    }

    /// What the edge knows of a caller with this key.
    pub(crate) fn caller(&self, coach: Coach, mode: Mode, key: &str) -> Operator {
        let operator = self.operator(coach);
        let operator = operator.caller();
        Operator {
            account_id: coach.account,
            workspace_id: coach.workspace,
            workspace: operator.workspace.clone(),
            tenant: operator.managed_tenant(mode).expect("both modes"),
            test_tenant: operator.test_tenant,
            principal: Principal::Coach,
            credential: Credential::ApiKey {
                id: KeyId::parse(key).expect("a key's id"),
                name: "test".to_owned(),
            },
            scopes: Scopes::all(),
            allowed_ips: None,
            expires_at: None,
            plan: "studio".to_owned(),
        }
    }

    fn operator(&self, coach: Coach) -> Permit<KeysWrite> {
        let tenants = self
            .app
            .db
            .read_now(|conn| workspaces::store::tenants(conn, coach.workspace))
            .expect("a read")
            .expect("a workspace");
        let caller = Operator {
            account_id: coach.account,
            workspace_id: coach.workspace,
            workspace: WorkspaceSettings {
                name: "North Street Strength".to_owned(),
                timezone: "UTC".to_owned(),
                units: "metric".to_owned(),
            },
            tenant: tenants.live,
            test_tenant: tenants.test,
            principal: Principal::Coach,
            credential: Credential::CommandLine,
            scopes: Scopes::all(),
            allowed_ips: None,
            expires_at: None,
            plan: "studio".to_owned(),
        };
        Permit::check(Arc::new(caller), Arc::new(self.origin())).expect("the operator may")
    }
}

/// Names that are asked for in tests: this machine, and for every other one a public address, which
/// is never called.
struct Nowhere;

impl Resolve for Nowhere {
    fn resolve(&self, name: &str) -> Resolving {
        let address = match name {
            "localhost" => Ipv4Addr::LOCALHOST,
            _ => Ipv4Addr::new(93, 184, 216, 34),
        };
        Box::pin(async move { Ok(vec![address.into()]) })
    }
}

/// Jobs that are run in the background.
pub(crate) struct Working {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Working {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the jobs end well");
        }
    }
}

fn run(app: App) -> (SocketAddr, Running) {
    let (started, address) = mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    let body = move || {
        actix_web::rt::System::new().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let server = server::start(app, listener).expect("the server starts");
            started.send(server.address).expect("the test waits");
            drop(stopped.await);
            server.stop().await.expect("the server stops");
        });
    };
    let thread = std::thread::Builder::new()
        .name("server".to_owned())
        .spawn(body);
    let address = address.recv().expect("an address");
    (
        address,
        Running {
            stop,
            thread: thread.expect("a thread"),
        },
    )
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        if !std::thread::panicking() {
            assert_eq!(
                FOREIGN_PANICS.load(Ordering::Acquire),
                0,
                "a thread of a server panicked"
            );
        }
    }
}
