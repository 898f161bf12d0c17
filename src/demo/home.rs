//! The one account of a sandbox or a demo, and the right to act for it.

use std::sync::Arc;

use super::filling;
use crate::access::api_keys::{self, NewKey, SANDBOX_KEY};
use crate::access::{accounts, sessions, workspaces};
use crate::app::App;
use crate::caller::{
    Access, Caller, Credential, Mode, Origin, Permit, Principal, Scopes, WorkspaceSettings,
};
use crate::clock::{DAY_MS, Timestamp};
use crate::config::DEFAULT_PLAN;
use crate::db::{Tx, meta};
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, KeyId, RequestId, WorkspaceId};
use crate::secrets::Secret;
use crate::values::Email;

/// The fact that says whose directory it is.
const KIND: &str = "kind";
const SANDBOX: &str = "dev";
/// No hash is like this: nobody signs in with a password.
const NO_PASSWORD: &str = "-";

/// An account with its workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// The account.
    pub account_id: AccountId,
    /// Its workspace.
    pub workspace_id: WorkspaceId,
}

/// When and by what a write of the program's own is done.
pub fn origin(at: Timestamp) -> Origin {
    Origin {
        request_id: RequestId::new(at),
        idempotency_key: None,
        address: None,
        at,
    }
}

/// Makes an account that nobody can sign in to with a password.
pub fn make(tx: &Tx<'_>, now: Timestamp, email: &str, name: &str) -> Result<Home> {
    let new = accounts::NewAccount {
        email: Email::parse(email)
            .ok()
            .ok_or_else(|| Error::bug("the address is none"))?,
        name: name.to_owned(),
        password_hash: NO_PASSWORD.to_owned(),
        plan: DEFAULT_PLAN.to_owned(),
    };
    let (account_id, workspace_id) = accounts::actions::create(tx, &origin(now), &new)?;
    Ok(Home {
        account_id,
        workspace_id,
    })
}

/// The account in a mode, as the command line acts for it.
pub fn caller(conn: &crate::db::Reader, home: Home, mode: Mode) -> Result<Arc<Caller>> {
    let workspace = workspaces::store::find(conn, home.workspace_id)?;
    let workspace = workspace.ok_or_else(|| Error::bug("a workspace is gone"))?;
    let tenants = workspaces::store::tenants(conn, home.workspace_id)?;
    let tenants = tenants.ok_or_else(|| Error::bug("a workspace has no tenants"))?;
    Ok(Arc::new(Caller {
        account_id: home.account_id,
        workspace_id: home.workspace_id,
        workspace: WorkspaceSettings {
            name: workspace.name,
            timezone: workspace.timezone,
            units: workspace.units,
        },
        tenant: tenants.of(mode),
        test_tenant: tenants.test,
        principal: Principal::Coach,
        credential: Credential::CommandLine,
        scopes: Scopes::all(),
        allowed_ips: None,
        expires_at: None,
        plan: DEFAULT_PLAN.to_owned(),
    }))
}

/// The caller's right to act, at a time of its tenant.
pub fn permit<A: Access>(caller: &Arc<Caller>, at: Timestamp) -> Result<Permit<A>> {
    Permit::check(Arc::clone(caller), Arc::new(origin(at)))
}

/// The account of the demo, with its sample data. Blocks.
pub fn demo(app: &App) -> Result<Home> {
    let now = app.clock.now();
    let begun = now.plus_ms(-140 * DAY_MS);
    let home = app
        .db
        .write_blocking(move |tx| make(tx, begun, "demo@example.com", "North Street Strength"))?;
    let caller = app.db.read_now(|conn| caller(conn, home, Mode::Test))?;
    filling::fill(app, caller, now, filling::ALONE)?;
    Ok(home)
}

/// The link that signs its account in, once. Blocks.
pub fn sign_in_link(app: &App, home: Home) -> Result<Secret> {
    let link = sessions::actions::mint_sign_in_link(app, home.account_id)?;
    let url = app.config.public_url.as_str();
    let text = format!("{url}/dashboard/sign-in#{}", link.token.reveal());
    Ok(Secret::new(text))
}

/// The sandbox of this directory, made if there is nothing yet. A directory that holds somebody's
/// own data is refused: everybody knows the sandbox's key.
pub fn sandbox(app: &App) -> Result<Home> {
    let now = app.clock.now();
    app.db.write_blocking(move |tx| {
        let kind = meta::get(tx, KIND)?;
        if kind.as_deref() == Some(SANDBOX) {
            return found(tx);
        }
        if accounts::store::exist(tx)? {
            let message = "this directory holds somebody's own data, and everybody knows the key \
                of a sandbox: give another with --data";
            return Err(Error::with(Code::StateConflict, message));
        }
        let home = make(tx, now, "developer@example.com", "Sandbox")?;
        let permit = permit(&caller(tx, home, Mode::Test)?, now)?;
        let new = NewKey {
            name: "sandbox".to_owned(),
            description: Some("The fixed key of `cadence dev`.".to_owned()),
            mode: Some(Mode::Test),
            scopes: None,
            expires_at: None,
            allowed_ips: None,
        };
        let draft = api_keys::actions::Draft {
            id: KeyId::new(now),
            plaintext: Secret::new(SANDBOX_KEY.to_owned()),
            now,
        };
        api_keys::actions::create(tx, &permit, &new, &draft)?;
        meta::set(tx, KIND, SANDBOX)?;
        Ok(home)
    })
}

/// The sandbox that was made before.
fn found(conn: &crate::db::Reader) -> Result<Home> {
    let workspace = workspaces::store::all(conn)?.into_iter().next();
    let workspace = workspace.ok_or_else(|| Error::bug("a sandbox has no workspace"))?;
    Ok(Home {
        account_id: workspace.account_id,
        workspace_id: workspace.id,
    })
}
