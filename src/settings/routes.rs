//! `/v1/settings`

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::actions::{self, ServerChange};
use super::{LOG_DAYS, LOG_ROWS};
use crate::access::accounts::actions::Change;
use crate::access::accounts::mail::{self, Notice};
use crate::access::accounts::{self, Account};
use crate::access::workspaces::{self, WorkspacePatch};
use crate::api::etag::IfMatch;
use crate::api::json::{At, Fields, FromBody, Json, Patch, integer, object, text};
use crate::api::query::NoQuery;
use crate::api::route::{Cx, Route, Work, work};
use crate::app::App;
use crate::caller::{Caller, Credential, Origin, SessionOnly};
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::db::Reader;
use crate::error::{Code, Error, Place, Result};
use crate::idempotency::Answer;
use crate::ids::{AccountId, WorkspaceId};
use crate::outbox::account::actions::Sealed;
use crate::requests;
use crate::secrets::{Secret, password};
use crate::values::{Email, Invalid, line};

/// What a person who signed in can change.
/// A report and no object: it has neither an id nor a `created_at`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsBody {
    /// Always `settings`.
    object: &'static str,
    /// Always null: settings span both modes.
    livemode: Option<bool>,
    /// Who is signed in.
    account: AccountSettings,
    /// The workspace that the request names, or the account's first.
    workspace: SettingsWorkspace,
    /// What the account's plan allows.
    plan: PlanSettings,
    /// The server; null for everybody but its owner.
    server: Option<ServerSettings>,
}

/// The account that is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountSettings {
    /// The account.
    #[schema(value_type = String)]
    id: AccountId,
    /// What it is called.
    name: String,
    /// The address that it signs in with.
    email: String,
    /// `owner` or `coach`.
    role: String,
    /// The name of its plan.
    plan: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// A workspace, as the settings show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsWorkspace {
    /// The workspace.
    #[schema(value_type = String)]
    id: WorkspaceId,
    /// What it is called; mails to clients carry it.
    name: String,
    /// The coach's own time zone, an IANA name.
    timezone: String,
    /// `metric` or `imperial`: what new clients begin with.
    units: String,
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanSettings {
    /// Its name.
    name: String,
    /// Requests of an hour; 0 is without limit.
    requests_per_hour: u32,
    /// What is served above it, in percent.
    burst_percent: u32,
    /// Whether keys of the account may call the API.
    api_access: bool,
}

/// The server, for its owner.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerSettings {
    /// Where people and apps reach it.
    public_url: String,
    /// Who said so: `flag`, `environment`, `file`, `settings` or `default`.
    public_url_source: &'static str,
    /// Outgoing mail.
    mail: MailSettings,
    /// How much of the request log is kept.
    request_log: LogSettings,
    /// The version of the program.
    version: &'static str,
}

/// Outgoing mail.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailSettings {
    /// Whether a mail server is set up.
    configured: bool,
    /// Whom mail is from.
    from: Option<String>,
}

/// How much of the request log is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogSettings {
    /// Days after which an entry goes.
    days: u32,
    /// Entries past which the oldest go.
    rows: u32,
}

fn body(app: &App, conn: &Reader, caller: &Caller) -> Result<SettingsBody> {
    let account = accounts::store::find(conn, caller.account_id)?.ok_or_else(Error::not_found)?;
    let workspace =
        workspaces::store::find(conn, caller.workspace_id)?.ok_or_else(Error::not_found)?;
    let plan = app.config.plan(&account.plan);
    let plan = plan.ok_or_else(|| Error::bug("there is no default plan"))?;
    let server = if account.role == "owner" {
        let log = requests::store::retention(conn)?;
        let address = app.public_address();
        Some(ServerSettings {
            public_url: address.url.to_string(),
            public_url_source: address.source.name(),
            mail: MailSettings {
                configured: app.config.smtp_url.is_some(),
                from: app.config.mail_from.clone(),
            },
            request_log: LogSettings {
                days: log.days,
                rows: log.rows,
            },
            version: env!("CARGO_PKG_VERSION"),
        })
    } else {
        None
    };
    Ok(SettingsBody {
        object: "settings",
        livemode: None,
        account: AccountSettings {
            id: account.id,
            name: account.name,
            email: account.email,
            role: account.role,
            plan: account.plan,
            created_at: account.created_at,
        },
        workspace: SettingsWorkspace {
            id: workspace.id,
            name: workspace.name,
            timezone: workspace.timezone,
            units: workspace.units,
        },
        plan: PlanSettings {
            name: plan.name.clone(),
            requests_per_hour: plan.requests_per_hour,
            burst_percent: plan.burst_percent,
            api_access: plan.api_access,
        },
        server,
    })
}

/// What changes; what is left out stays.
#[derive(Debug, Default, ToSchema)]
pub struct SettingsPatch {
    /// `name`, `email` and `password` of the account; the last two need a recent password entry.
    #[schema(value_type = Object, required = false)]
    account: AccountPatch,
    /// `name`, `timezone` and `units` of the workspace.
    #[schema(value_type = Object, required = false)]
    workspace: Option<WorkspacePatch>,
    /// `public_url` (null for the default) and `request_log` with `days` (1 to 90) and `rows` (0 to
    /// 1,000,000; 0 keeps none); for the owner.
    #[schema(value_type = Object, required = false)]
    server: ServerChange,
}

#[derive(Debug, Default)]
struct AccountPatch {
    name: Option<String>,
    email: Option<Email>,
    password: Option<Secret>,
}

impl FromBody for SettingsPatch {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let account = fields.replace("account", object(account));
        let workspace = fields.replace("workspace", object(WorkspacePatch::read));
        let server = fields.replace("server", object(server));
        Some(Self {
            account: account?.unwrap_or_default(),
            workspace: workspace?,
            server: server?.unwrap_or_default(),
        })
    }
}

fn account(fields: &mut Fields<'_>) -> Option<AccountPatch> {
    let name = fields.replace("name", text(|value| line(value, 1, 200)));
    let email = fields.replace("email", text(Email::parse));
    let password = fields.replace(
        "password",
        text(|value| {
            let password = Secret::new(value.to_owned());
            password::check(&password, None).map(|()| password)
        }),
    );
    Some(AccountPatch {
        name: name?,
        email: email?,
        password: password?,
    })
}

fn server(fields: &mut Fields<'_>) -> Option<ServerChange> {
    let url = |value: &str| {
        PublicUrl::parse(value).ok().ok_or_else(|| {
            Invalid::new("invalid_url", "Not an address of a server.")
                .fix("Use the form https://coach.example.com, without a path.")
        })
    };
    let public_url = fields.patch("public_url", text(url));
    let log = fields.replace("request_log", object(request_log_patch));
    let (log_days, log_rows) = log?.unwrap_or_default();
    Some(ServerChange {
        public_url: public_url?,
        log_days,
        log_rows,
    })
}

fn request_log_patch(fields: &mut Fields<'_>) -> Option<(Option<u32>, Option<u32>)> {
    let number = |bounds| {
        move |value: Json, at: &mut At<'_>| {
            integer(bounds)(value, at).and_then(|number| u32::try_from(number).ok())
        }
    };
    let days = fields.replace("days", number(LOG_DAYS));
    let rows = fields.replace("rows", number(LOG_ROWS));
    Some((days?, rows?))
}

async fn get(cx: Cx<SessionOnly>, _: NoQuery) -> Result<Answer> {
    let app = &cx.app;
    app.db
        .read_now(|conn| Answer::ok(&body(app, conn, cx.permit.caller())?))
}

async fn update(
    cx: Cx<SessionOnly>,
    patch: SettingsPatch,
    moved: workspaces::actions::Moved,
) -> Result<Work> {
    if patch.account.email.is_some() || patch.account.password.is_some() {
        cx.recently_authenticated()?;
    }
    let now = cx.app.clock.now();
    let change = account_change(&cx, patch.account, now).await?;
    let (app, permit) = (cx.app, cx.permit);
    let Credential::Session { id: session, .. } = permit.caller().credential else {
        return Err(Error::bug("a session's permit is somebody else's"));
    };
    let of_workspace = permit.also()?;
    // Accounts and sessions live by the server's time, whatever a test tenant's clock says.
    let origin = Origin {
        at: now,
        ..permit.origin().clone()
    };
    work(move |tx| {
        let caller = permit.caller();
        accounts::actions::change(tx, &origin, caller.account_id, Some(session), &change)?;
        if let Some(patch) = patch.workspace {
            let any = IfMatch::default();
            workspaces::actions::update(tx, &of_workspace, &any, patch, (now, moved))?;
        }
        actions::change_server(tx, &app, &permit, &patch.server)?;
        let mut body = body(&app, tx, caller)?;
        if let Some(server) = &mut body.server {
            patch
                .server
                .show(&app, &mut server.public_url, &mut server.public_url_source);
        }
        Answer::ok(&body)
    })
}

impl ServerChange {
    /// The address that is in force once this is committed.
    fn show(&self, app: &App, url: &mut String, source: &mut &'static str) {
        match &self.public_url {
            Patch::Keep => {}
            Patch::Clear => {
                *url = app.config.public_url.to_string();
                *source = app.config.public_url_source.name();
            }
            Patch::Set(new) => {
                *url = new.to_string();
                *source = crate::config::UrlSource::Settings.name();
            }
        }
    }
}

/// Hashes and seals what a change of the account needs, before the write.
async fn account_change(
    cx: &Cx<SessionOnly>,
    patch: AccountPatch,
    now: Timestamp,
) -> Result<Change> {
    let id = cx.permit.caller().account_id;
    let account = cx.app.db.read_now(|conn| accounts::store::find(conn, id))?;
    let account = account.ok_or_else(Error::not_found)?;
    let mut notices = Vec::new();
    if patch
        .email
        .as_ref()
        .is_some_and(|email| email.as_str() != account.email)
    {
        notices.push(notice(
            cx,
            &account,
            "The sign-in address was changed",
            now,
        )?);
    }
    let password_hash = match patch.password {
        None => None,
        Some(password) => {
            let email = match &patch.email {
                Some(email) => email.clone(),
                None => Email::parse(&account.email).map_err(Error::internal)?,
            };
            password::check(&password, Some(&email)).map_err(|invalid| {
                let place = Place::Pointer("/account/password".to_owned());
                Error::invalid(vec![invalid.at(place)])
            })?;
            notices.push(notice(cx, &account, "The password was changed", now)?);
            Some(cx.app.hasher.hash(password).await?)
        }
    };
    Ok(Change {
        name: patch.name,
        email: patch.email,
        password_hash,
        notices,
    })
}

fn notice(
    cx: &Cx<SessionOnly>,
    account: &Account,
    what: &'static str,
    now: Timestamp,
) -> Result<Sealed> {
    let notice = Notice::Security {
        what,
        address: cx.permit.origin().address,
        user_agent: None,
    };
    mail::draft(&cx.app, account, notice, now)
}

/// The routes of the settings. `moved`: what follows a workspace that moved to another time zone.
pub fn routes(moved: workspaces::actions::Moved) -> Vec<Route> {
    let update = move |cx, patch| update(cx, patch, moved);
    vec![
        Route::get("/v1/settings", get)
            .named("Workspace", "get_settings", "Read the settings")
            .in_any_workspace()
            .answers::<SettingsBody>(),
        Route::patch("/v1/settings", update)
            .named("Workspace", "update_settings", "Change the settings")
            .describe("A new address or password needs a password entry of the last five minutes, ends the account's other sessions and is told by mail. The public address is in force with the answer; where a flag, the environment or `cadence.toml` sets it, it cannot be changed here: 409.")
            .in_any_workspace()
            .answers::<SettingsBody>()
            .codes(&[Code::ReauthRequired, Code::AlreadyExists, Code::StateConflict])
            .example(json!({
                "account": { "name": "Jo Prado" },
                "workspace": { "timezone": "Europe/Lisbon" },
                "server": {
                    "public_url": "https://coach.example",
                    "request_log": { "days": 14 },
                },
            })),
    ]
}
