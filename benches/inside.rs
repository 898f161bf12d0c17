//! The program without its sockets, for what is measured in this process.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use cadence::access::{accounts, workspaces};
use cadence::api::error_body::{self, Form};
use cadence::api::json::read_body;
use cadence::app::App;
use cadence::caller::{
    Caller, ClientsWrite, Credential, Origin, Permit, Principal, Scopes, WorkspaceSettings,
};
use cadence::clients::{self, NewClient};
use cadence::clock::Clock;
use cadence::config::Config;
use cadence::db::{Options, Tx};
use cadence::error::Error;
use cadence::idempotency::{self, Answer, Claim};
use cadence::ids::RequestId;
use cadence::secrets::digest;
use cadence::secrets::password::Cost;
use cadence::server;
use cadence::values::Email;

/// An open database with an account, and who may do everything in it.
pub(crate) struct Inside {
    pub(crate) app: App,
    pub(crate) caller: Arc<Caller>,
}

impl Inside {
    /// On a fresh directory.
    pub(crate) fn new(data: &Path, options: &Options) -> Result<Self> {
        cadence::db::prepare_directory(data)?;
        let config = Config::for_directory(data.to_owned())?;
        let app = server::open(config, Clock::system(), options, Cost::cheap())?;
        let new = accounts::NewAccount {
            email: Email::parse("owner@load.example")?,
            name: "Load".to_owned(),
            password_hash: "no password".to_owned(),
            plan: "studio".to_owned(),
        };
        let origin = origin(&app, None);
        let made = app
            .db
            .write_blocking(move |tx| accounts::actions::create(tx, &origin, &new));
        let (account_id, workspace_id) = made?;
        let tenants = app
            .db
            .read_now(|conn| workspaces::store::tenants(conn, workspace_id))?
            .context("no workspace")?;
        let caller = Caller {
            account_id,
            workspace_id,
            workspace: WorkspaceSettings {
                name: "Load".to_owned(),
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
        let caller = Arc::new(caller);
        Ok(Self { app, caller })
    }

    /// A create of a client under an idempotency key, ready for the writer: what the server does
    /// for `POST /v1/clients` between the body and the queue.
    pub(crate) fn create(
        &self,
        unique: &str,
    ) -> Result<impl FnOnce(&Tx<'_>) -> Result<Answer, Error> + Send + use<>> {
        let body = format!(r#"{{"name":"Client {unique}","email":"{unique}@load.example"}}"#);
        let new: NewClient = read_body(body.as_bytes())?;
        let origin = Arc::new(origin(&self.app, Some(unique.to_owned())));
        let claim = self.claim(unique, &body);
        let permit = Permit::<ClientsWrite>::check(Arc::clone(&self.caller), origin)?;
        let draft = clients::actions::draft(&self.app, &permit, new)?;
        let answer = Answer::bytes(201, "application/json", body.into_bytes()).with_secret();
        let app = self.app.clone();
        Ok(move |tx: &Tx<'_>| {
            let render = |error: &Error| {
                error_body::render(error, Form::Envelope, permit.origin().request_id)
            };
            let create =
                |tx: &Tx<'_>| clients::actions::create(tx, &permit, &draft).map(|()| answer);
            idempotency::once(tx, &claim, &app.sealing, create, render)
        })
    }

    /// The claim of an idempotency key.
    pub(crate) fn claim(&self, key: &str, body: &str) -> Claim {
        let now = self.app.clock.now();
        Claim {
            tenant: self.caller.tenant,
            principal: self.caller.principal,
            key: digest(key),
            fingerprint: digest(body),
            now,
            server_now: now,
            replay_only: false,
        }
    }
}

/// A request that begins now.
pub(crate) fn origin(app: &App, idempotency_key: Option<String>) -> Origin {
    let at = app.clock.now();
    Origin {
        request_id: RequestId::new(at),
        idempotency_key,
        address: None,
        at,
    }
}
