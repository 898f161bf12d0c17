//! What the operator of a server can ask of it: commands as data, and carrying them out.
//!
//! The command line makes a [`Command`]. Beside a running server it goes through that server's
//! [`socket`], and so through the one writer, and whatever the server remembers of a credential is
//! out of date with the answer. Without a server the command line takes the data directory and
//! calls [`execute`] itself. Either way it is the same code.
//!
//! The operator owns the files, so nothing here asks for a permission; each act is written to the
//! audit log as one of the command line.
//!
//! Invariant: no password comes here. It is checked and hashed where it was typed. The passphrase of
//! a backup does: the server seals with it, and forgets it.

pub mod import;
pub mod socket;

use std::fmt;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::access::api_keys::body::KeyBody;
use crate::access::api_keys::routes::{NewKeyBody, draft, refuse_past};
use crate::access::api_keys::{self, MAX_KEYS, NewKey};
use crate::access::{accounts, sessions, workspaces};
use crate::api::etag::IfMatch;
use crate::api::json::read_body;
use crate::app::App;
use crate::backup;
use crate::caller::{
    Access, Caller, Credential, KeysWrite, Mode, Origin, Permit, Principal, Scopes,
    WorkspaceSettings,
};
use crate::clock::Timestamp;
use crate::config::DEFAULT_PLAN;
use crate::db::{self, Topic};
use crate::error::{Code, Error, Place, Result};
use crate::ids::{KeyId, RequestId, WorkspaceId};
use crate::jobs::queue;
use crate::outbox;
use crate::secrets::Secret;
use crate::values::{Email, Invalid, line};
use crate::{webhooks, workers};

/// Mails that are named of those that would leave.
const MAILS_SHOWN: u32 = 20;

/// Something that the operator asks for.
#[derive(Clone, Deserialize, Serialize)]
#[serde(
    tag = "command",
    rename_all = "snake_case",
    rename_all_fields = "snake_case",
    deny_unknown_fields
)]
pub enum Command {
    /// Makes an account with its workspace.
    AccountCreate {
        /// The address that it signs in with.
        email: String,
        /// What it is called.
        name: String,
        /// The name of its plan; the default plan if left out.
        plan: Option<String>,
        /// The argon2id hash of its password.
        password_hash: String,
    },
    /// Lists all accounts with their workspaces.
    AccountList {},
    /// Sets an account's password.
    AccountResetPassword {
        /// The address that it signs in with.
        email: String,
        /// The argon2id hash of the new password.
        password_hash: String,
    },
    /// Makes a new set-up link; those before it end.
    SetupLink {},
    /// Makes an API key.
    KeyCreate {
        /// The workspace.
        workspace: String,
        /// The body that the API's own call takes; `mode` has to be in it.
        key: Value,
    },
    /// Lists API keys.
    KeyList {
        /// One workspace; all of them if left out.
        workspace: Option<String>,
    },
    /// Backs everything up.
    Backup {
        /// Where to; a dated file in the data directory if left out.
        path: Option<PathBuf>,
        /// What to seal it with.
        passphrase: Option<String>,
    },
    /// Lets a restored server speak.
    Resume {
        /// Only says what would leave.
        dry_run: bool,
    },
    /// Looks at the database.
    Inspect {},
    /// Revokes an API key.
    KeyRevoke {
        /// The key's id.
        id: String,
    },
    /// Imports clients from a file.
    Import(import::Request),
}

/// Where a running server can be reached, as it publishes it in the lock of its data directory.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Holder {
    /// The address that it listens on.
    pub url: String,
    /// The address that links are made from.
    pub public_url: String,
    /// The number of its process.
    pub pid: u32,
    /// Its control socket.
    pub socket: PathBuf,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.url, self.pid)
    }
}

/// Carries out a command. Blocks until it is on the disk.
pub fn execute(app: &App, command: Command) -> Result<Value> {
    match command {
        Command::AccountCreate {
            email,
            name,
            plan,
            password_hash,
        } => create_account(app, &email, &name, plan, password_hash),
        Command::AccountList {} => list_accounts(app),
        Command::AccountResetPassword {
            email,
            password_hash,
        } => reset_password(app, &email, password_hash),
        Command::SetupLink {} => setup_link(app),
        Command::KeyCreate { workspace, key } => create_key(app, &workspace, &key),
        Command::KeyList { workspace } => list_keys(app, workspace.as_deref()),
        Command::KeyRevoke { id } => revoke_key(app, &id),
        Command::Backup { path, passphrase } => back_up(app, path, passphrase),
        Command::Resume { dry_run } => resume(app, dry_run),
        Command::Inspect {} => inspect(app),
        Command::Import(request) => import::run(app, &request),
    }
}

fn create_account(
    app: &App,
    email: &str,
    name: &str,
    plan: Option<String>,
    password_hash: String,
) -> Result<Value> {
    let email = Email::parse(email).map_err(|invalid| refused("email", invalid))?;
    let name = line(name, 1, 200).map_err(|invalid| refused("name", invalid))?;
    let plan = plan.unwrap_or_else(|| DEFAULT_PLAN.to_owned());
    if !app.config.plans.contains_key(&plan) {
        let known: Vec<&str> = app.config.plans.keys().map(String::as_str).collect();
        let message = format!("There is no plan `{plan}`; there are {}.", known.join(", "));
        return Err(refused("plan", Invalid::new("unknown_plan", message)));
    }
    let origin = origin(app.clock.now());
    let address = email.to_string();
    let new = accounts::NewAccount {
        email,
        name,
        password_hash,
        plan,
    };
    let (account_id, workspace_id) = app
        .db
        .write_blocking(move |tx| accounts::actions::create(tx, &origin, &new))?;
    Ok(json!({ "account_id": account_id, "workspace_id": workspace_id, "email": address }))
}

fn list_accounts(app: &App) -> Result<Value> {
    let (accounts, workspaces) = app.db.read_now(|conn| {
        let accounts = accounts::store::all(conn)?;
        Ok((accounts, workspaces::store::all(conn)?))
    })?;
    let accounts: Vec<Value> = accounts
        .iter()
        .map(|account| {
            let own = workspaces
                .iter()
                .filter(|workspace| workspace.account_id == account.id);
            let own: Vec<Value> = own
                .map(|workspace| json!({ "workspace_id": workspace.id, "name": workspace.name }))
                .collect();
            json!({
                "account_id": account.id,
                "email": account.email,
                "name": account.name,
                "role": account.role,
                "plan": account.plan,
                "status": account.status,
                "created_at": account.created_at,
                "workspaces": own,
            })
        })
        .collect();
    Ok(json!({ "count": accounts.len(), "accounts": accounts }))
}

fn reset_password(app: &App, email: &str, password_hash: String) -> Result<Value> {
    let email = Email::parse(email).map_err(|invalid| refused("email", invalid))?;
    let origin = origin(app.clock.now());
    let email_key = email.key();
    let account = app.db.write_blocking(move |tx| {
        accounts::actions::reset_password(tx, &origin, &email, &password_hash)
    })?;
    // Whoever owns the machine is not kept out by what a stranger tried.
    app.sign_ins.forgive(&email_key, None);
    Ok(json!({ "account_id": account.id, "email": account.email }))
}

fn setup_link(app: &App) -> Result<Value> {
    let Some(link) = sessions::actions::mint_set_up_link(app)? else {
        let message = "There is an account already; `cadence account list` shows it.";
        return Err(Error::with(Code::StateConflict, message));
    };
    let mut addresses = vec![app.public_address().url.to_string()];
    addresses.extend(network_address(app.config.listen).map(|address| format!("http://{address}")));
    let token = link.token.reveal();
    let links: Vec<String> = addresses
        .iter()
        .map(|address| format!("{address}/dashboard/set-up#{token}"))
        .collect();
    Ok(json!({ "links": links, "expires_at": link.expires_at }))
}

/// Where other computers of the network find this one, if it listens for them.
///
/// Which address is the machine's own is asked of its routing table: a datagram socket that is
/// connected sends nothing.
fn network_address(listen: SocketAddr) -> Option<SocketAddr> {
    if listen.ip().is_loopback() {
        return None;
    }
    if !listen.ip().is_unspecified() {
        return Some(listen);
    }
    // An address that is reserved for documentation: it is nobody's.
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_unspecified() && !own.is_loopback()).then(|| SocketAddr::new(own, listen.port()))
}

fn create_key(app: &App, workspace: &str, key: &Value) -> Result<Value> {
    let new: NewKey = read_body(key.to_string().as_bytes())?;
    let Some(mode) = new.mode else {
        let invalid = Invalid::new("required", "Say whether it is a test or a live key.");
        return Err(refused("mode", invalid));
    };
    let permit: Permit<KeysWrite> = operator(app, workspace_id(workspace)?, mode)?;
    let draft = draft(app, permit.tenant())?;
    refuse_past(new.expires_at, draft.now)?;
    let body = app.db.write_blocking(move |tx| {
        let key = api_keys::actions::create(tx, &permit, &new, &draft)?;
        let body = NewKeyBody::of(&key, permit.caller().workspace_id, &draft);
        serde_json::to_value(&body).map_err(Error::internal)
    })?;
    Ok(body)
}

fn list_keys(app: &App, workspace: Option<&str>) -> Result<Value> {
    let only = workspace.map(workspace_id).transpose()?;
    let keys = app.db.read_now(|conn| {
        let mut keys = Vec::new();
        let wanted = match only {
            Some(id) => vec![workspaces::store::find(conn, id)?.ok_or_else(|| no_workspace(id))?],
            None => workspaces::store::all(conn)?,
        };
        for workspace in wanted {
            let Some(tenants) = workspaces::store::tenants(conn, workspace.id)? else {
                continue;
            };
            for tenant in [tenants.live, tenants.test] {
                let newest = api_keys::store::newest(conn, tenant, MAX_KEYS)?;
                keys.extend(newest.into_iter().map(|key| (workspace.id, key)));
            }
        }
        Ok(keys)
    })?;
    let keys: Vec<KeyBody> = keys
        .into_iter()
        .map(|(workspace, key)| KeyBody::current(app, key, workspace))
        .collect();
    Ok(json!({ "count": keys.len(), "keys": keys }))
}

fn revoke_key(app: &App, id: &str) -> Result<Value> {
    let unknown = || {
        Error::with(
            Code::NotFound,
            "There is no such key; `cadence key list` shows them.",
        )
    };
    let id = KeyId::parse(id).ok_or_else(unknown)?;
    let found = app
        .db
        .read_now(|conn| api_keys::store::find_tenant_of(conn, id))?;
    let (workspace, tenant) = found.ok_or_else(unknown)?;
    let permit: Permit<KeysWrite> = operator(app, workspace, tenant.mode())?;
    let body = app.db.write_blocking(move |tx| {
        let now = permit.now();
        let key = api_keys::actions::revoke(tx, &permit, id, &IfMatch::default(), now)?;
        serde_json::to_value(KeyBody::of(&key, workspace, now)).map_err(Error::internal)
    })?;
    Ok(body)
}

fn back_up(app: &App, path: Option<PathBuf>, passphrase: Option<String>) -> Result<Value> {
    let now = app.clock.now();
    let path = path.unwrap_or_else(|| backup::default_path(&app.config.data, now));
    let passphrase = passphrase.map(Secret::new);
    let made = backup::make(&app.db, &app.sealing, &path, passphrase.as_ref(), now)?;
    serde_json::to_value(&made).map_err(Error::internal)
}

fn resume(app: &App, dry_run: bool) -> Result<Value> {
    let deliveries = app
        .db
        .read_now(webhooks::deliveries::store::waiting_of_all_tenants)?;
    let (quiet_since, queued_mails, mails, jobs) = app.db.read_now(|conn| {
        let queued = outbox::store::count_queued_of_all_tenants(conn)?;
        let mails = outbox::store::queued_of_all_tenants(conn, MAILS_SHOWN)?;
        let jobs = queue::waiting_by_kind(conn)?;
        Ok((backup::quiet_since(conn)?, queued, mails, jobs))
    })?;
    let resumed = quiet_since.is_some() && !dry_run;
    if resumed {
        app.db.write_blocking(|tx| {
            // What waited for this is ready.
            tx.changed(Topic::Jobs);
            tx.changed(Topic::Webhooks);
            backup::resume(tx)
        })?;
    }
    let mails: Vec<Value> = mails
        .iter()
        .map(|(to, template, at)| json!({ "to": to, "template": template, "created_at": at }))
        .collect();
    let leaves = |kind: &str| {
        let mut entries = workers::JOBS.iter();
        entries.any(|entry| entry.kind.name == kind && entry.kind.leaves)
    };
    let jobs: serde_json::Map<String, Value> = jobs
        .into_iter()
        .filter(|(kind, _)| leaves(kind))
        .map(|(kind, waiting)| (kind, waiting.into()))
        .collect();
    Ok(json!({
        "quiet_since": quiet_since,
        "queued_mails": queued_mails,
        "mails": mails,
        "jobs": jobs,
        "deliveries": deliveries,
        "resumed": resumed,
    }))
}

fn inspect(app: &App) -> Result<Value> {
    let file = app.db.file().to_owned();
    let found = app
        .db
        .with_own_reader(|conn| db::inspect::inspect(conn, &file))?;
    serde_json::to_value(&found).map_err(Error::internal)
}

/// The operator's right to what is in a workspace.
fn operator<A: Access>(app: &App, id: WorkspaceId, mode: Mode) -> Result<Permit<A>> {
    let (workspace, tenants, account) = app.db.read_now(|conn| {
        let workspace = workspaces::store::find(conn, id)?.ok_or_else(|| no_workspace(id))?;
        let tenants = workspaces::store::tenants(conn, id)?
            .ok_or_else(|| Error::bug("a workspace has no tenants"))?;
        let account = accounts::store::find(conn, workspace.account_id)?
            .ok_or_else(|| Error::bug("a workspace has no account"))?;
        Ok((workspace, tenants, account))
    })?;
    let tenant = tenants.of(mode);
    let caller = Caller {
        account_id: account.id,
        workspace_id: workspace.id,
        workspace: WorkspaceSettings {
            name: workspace.name,
            timezone: workspace.timezone,
            units: workspace.units,
        },
        tenant,
        test_tenant: tenants.test,
        principal: Principal::Coach,
        credential: Credential::CommandLine,
        scopes: Scopes::all(),
        allowed_ips: None,
        expires_at: None,
        plan: account.plan,
    };
    let origin = origin(app.clock.now_of(&tenant));
    Permit::check(Arc::new(caller), Arc::new(origin))
}

fn origin(at: Timestamp) -> Origin {
    Origin {
        request_id: RequestId::new(at),
        idempotency_key: None,
        address: None,
        at,
    }
}

fn workspace_id(text: &str) -> Result<WorkspaceId> {
    WorkspaceId::parse(text).ok_or_else(|| {
        let message = "Not the id of a workspace; `cadence account list` shows them.";
        refused("workspace", Invalid::new("invalid_id", message))
    })
}

fn no_workspace(id: WorkspaceId) -> Error {
    let message = format!("There is no workspace {id}; `cadence account list` shows them.");
    Error::with(Code::NotFound, message)
}

fn refused(flag: &str, invalid: Invalid) -> Error {
    Error::invalid(vec![invalid.at(Place::Pointer(format!("/{flag}")))])
}

/// The whole of a failure as one sentence or a few, for a person at a terminal.
///
/// A fault of ours shows its cause, since there is no request id that would name it in a log.
pub fn sentence(error: &Error) -> String {
    let fields: Vec<String> = error
        .fields()
        .iter()
        .map(|field| {
            let place = match &field.place {
                Place::Pointer(pointer) => pointer.trim_start_matches('/').to_owned(),
                Place::Parameter(name) => name.clone(),
            };
            let fix = field.fix.as_deref().unwrap_or_default();
            format!("{place}: {} {fix}", field.message)
                .trim_end()
                .to_owned()
        })
        .collect();
    if !fields.is_empty() {
        return fields.join("\n");
    }
    match error.source() {
        Some(source) if error.message() == error.code().sentence() => format!("{source:#}"),
        _ => error.message().to_owned(),
    }
}
