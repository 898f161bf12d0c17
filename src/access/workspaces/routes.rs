//! `/v1/workspaces`, `/v1/whoami`, and the health check of the key seed.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Workspace, WorkspacePatch, actions, store};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{Fields, FromBody, one_of, text};
use crate::api::query::NoQuery;
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{AnyCaller, SessionOnly, WorkspaceRead, WorkspaceSettings, WorkspaceWrite};
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::{AccountId, WorkspaceId};
use crate::values::{TimeZone, UNITS, line};

/// A workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkspaceBody {
    /// The workspace's id.
    #[schema(value_type = String, example = "ws_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: WorkspaceId,
    /// Always `workspace`.
    object: &'static str,
    /// Always null: a workspace spans both modes.
    livemode: Option<bool>,
    /// What it is called; mails to clients carry it.
    name: String,
    /// The coach's own time zone, an IANA name.
    timezone: String,
    /// `metric` or `imperial`: what new clients begin with.
    units: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

fn body(workspace: &Workspace) -> WorkspaceBody {
    WorkspaceBody {
        id: workspace.id,
        object: "workspace",
        livemode: None,
        name: workspace.name.clone(),
        timezone: workspace.timezone.clone(),
        units: workspace.units.clone(),
        created_at: workspace.created_at,
        updated_at: workspace.updated_at,
    }
}

impl FromBody for WorkspacePatch {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[("units", || words(UNITS))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.replace("name", text(|value| line(value, 1, 200)));
        let timezone = fields.replace("timezone", text(TimeZone::parse));
        let units = fields.replace("units", one_of(UNITS));
        Some(Self {
            name: name?,
            timezone: timezone?,
            units: units?,
        })
    }
}

/// What a workspace is made of.
#[derive(Debug, ToSchema)]
pub struct NewWorkspace {
    /// 1 to 200 characters.
    name: String,
    /// An IANA time zone; UTC if left out.
    #[schema(value_type = Option<String>)]
    timezone: Option<TimeZone>,
    /// `metric` (the default) or `imperial`.
    #[schema(value_type = Option<String>)]
    units: Option<&'static str>,
}

impl FromBody for NewWorkspace {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[("units", || words(UNITS))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", text(|value| line(value, 1, 200)));
        let timezone = fields.optional("timezone", text(TimeZone::parse));
        let units = fields.optional("units", one_of(UNITS));
        Some(Self {
            name: name?,
            timezone: timezone?,
            units: units?,
        })
    }
}

async fn list(cx: Cx<WorkspaceRead>, _: NoQuery) -> Result<Answer> {
    let caller = cx.permit.caller();
    let own = cx.app.db.read_now(|conn| {
        if caller.credential.is_session() {
            return store::of_account(conn, caller.account_id);
        }
        Ok(store::find(conn, caller.workspace_id)?
            .into_iter()
            .collect())
    })?;
    let data: Vec<WorkspaceBody> = own.iter().map(body).collect();
    Answer::ok(&json!({
        "object": "list",
        "data": data,
        "has_more": false,
        "next_cursor": null,
        "url": cx.path(),
    }))
}

async fn get(cx: Cx<WorkspaceRead>, _: NoQuery) -> Result<Answer> {
    let id = cx.permit.caller().workspace_id;
    let own = cx
        .app
        .db
        .read_now(|conn| store::find(conn, id))?
        .ok_or_else(Error::not_found)?;
    Ok(cx.unless_known(Answer::ok(&body(&own))?.version(own.version)))
}

async fn create(cx: Cx<SessionOnly>, new: NewWorkspace) -> Result<Work> {
    let permit = cx.permit;
    let settings = WorkspaceSettings {
        name: new.name,
        timezone: new
            .timezone
            .map_or_else(|| "UTC".to_owned(), |zone| zone.as_str().to_owned()),
        units: new.units.unwrap_or("metric").to_owned(),
    };
    work(move |tx| {
        let account = permit.caller().account_id;
        let id = actions::create(tx, permit.origin(), account, &settings)?;
        let workspace = store::find(tx, id)?.ok_or_else(Error::not_found)?;
        let answer = Answer::created(format!("/v1/workspaces/{id}"), &body(&workspace))?;
        Ok(answer.version(workspace.version))
    })
}

async fn update(
    cx: Cx<WorkspaceWrite>,
    patch: WorkspacePatch,
    moved: actions::Moved,
) -> Result<Work> {
    let (if_match, permit, now) = (cx.if_match(), cx.permit, cx.app.clock.now());
    work(move |tx| {
        let workspace = actions::update(tx, &permit, &if_match, patch, (now, moved))?;
        Ok(Answer::ok(&body(&workspace))?.version(workspace.version))
    })
}

/// Who is asking.
/// A report and no object: it has neither an id nor a `created_at`.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhoamiBody {
    /// Always `whoami`.
    object: &'static str,
    /// True for a live credential.
    livemode: bool,
    /// The account.
    #[schema(value_type = String)]
    account_id: AccountId,
    /// The workspace.
    #[schema(value_type = String)]
    workspace_id: WorkspaceId,
    /// `test` or `live`.
    mode: &'static str,
    /// What was shown to get in.
    credential: CredentialBody,
    /// What it may do.
    scopes: Vec<&'static str>,
    /// The account's plan.
    plan: String,
}

/// What was shown to get in.
#[derive(Debug, Serialize, ToSchema)]
pub struct CredentialBody {
    /// The kind, such as `api_key`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Its id.
    id: Option<String>,
    /// Its name.
    name: Option<String>,
}

async fn whoami(cx: Cx<AnyCaller>, _: NoQuery) -> Result<Answer> {
    let caller = cx.permit.caller();
    let (id, name) = caller.credential.named();
    Answer::ok(&WhoamiBody {
        object: "whoami",
        livemode: caller.tenant.mode().is_live(),
        account_id: caller.account_id,
        workspace_id: caller.workspace_id,
        mode: caller.tenant.mode().name(),
        credential: CredentialBody {
            kind: caller.credential.kind(),
            id,
            name: name.map(str::to_owned),
        },
        scopes: caller.scopes.names(),
        plan: caller.plan.clone(),
    })
}

/// That the credential works.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusBody {
    /// Always `ok`.
    status: &'static str,
}

async fn health(_: Cx<AnyCaller>, _: NoQuery) -> Result<Answer> {
    Answer::ok(&StatusBody { status: "ok" })
}

/// The routes of workspaces.
/// `moved`: what follows a workspace that moved to another time zone.
pub fn routes(moved: actions::Moved) -> Vec<Route> {
    let update = move |cx, patch| update(cx, patch, moved);
    vec![
        Route::get("/v1/whoami", whoami)
            .named("Workspace", "whoami", "Who is asking")
            .in_any_workspace()
            .answers::<WhoamiBody>(),
        Route::get("/v1/workspaces", list)
            .named(
                "Workspace",
                "list_workspaces",
                "List the workspaces of the caller",
            )
            .describe("A key sees its own workspace, a session all of its account's.")
            .in_any_workspace()
            .lists::<WorkspaceBody>(),
        Route::post("/v1/workspaces", create)
            .named("Workspace", "create_workspace", "Create a workspace")
            .describe("For a person signed in to the dashboard; a key gets 403 `auth_forbidden`. An account has at most 100.")
            .in_any_workspace()
            .codes(&[Code::StateConflict])
            .creates::<WorkspaceBody>()
            .tagged()
            .example(json!({ "name": "North Street Strength" })),
        Route::get("/v1/workspaces/{workspace_id}", get)
            .named("Workspace", "get_workspace", "Read the workspace")
            .answers::<WorkspaceBody>()
            .tagged(),
        Route::patch("/v1/workspaces/{workspace_id}", update)
            .named("Workspace", "update_workspace", "Change the workspace")
            .answers::<WorkspaceBody>()
            .tagged()
            .example(json!({ "name": "North Street Strength", "timezone": "Europe/Lisbon" })),
        Route::get("/api/v1/cadreen/health", health)
            .named("Workspace", "check_key", "Check that a key works")
            .answers::<StatusBody>(),
    ]
}
