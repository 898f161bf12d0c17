//! `/v1/oauth/apps`.

use serde_json::json;
use utoipa::ToSchema;

use super::actions::{self, Draft};
use super::body::{AppBody, NewAppBody};
use super::{
    AppPatch, ClientType, MAX_APPS, MAX_GRACE_S, MAX_REDIRECTS, NewApp, default_scopes, store,
};
use crate::access::oauth::redirect;
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{At, Fields, FromBody, Json, integer, list, one_of, text};
use crate::api::query::NoQuery;
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{Scope, Scopes, WorkspaceWrite};
use crate::error::{Code, Result};
use crate::idempotency::Answer;
use crate::ids::AppId;
use crate::secrets::{TokenKind, generate};
use crate::values::{Invalid, line};

const MAX_URI: usize = 1_000;

fn scope_names() -> Vec<String> {
    let all = Scope::ALL.iter();
    all.map(|scope| scope.name().to_owned()).collect()
}

fn scopes(value: Json, at: &mut At<'_>) -> Option<Scopes> {
    let name = text(|name| {
        Scope::parse(name)
            .ok_or_else(|| Invalid::new("invalid_scope", format!("There is no scope `{name}`.")))
    });
    let scopes = list(Scope::ALL.len(), name)(value, at)?;
    if scopes.is_empty() {
        at.refuse("required", "Name at least one scope.");
        return None;
    }
    Some(scopes.into_iter().collect())
}

fn redirects(value: Json, at: &mut At<'_>) -> Option<Vec<String>> {
    let uris = list(MAX_REDIRECTS, text(redirect::check))(value, at)?;
    if uris.is_empty() {
        at.refuse("required", "Name at least one redirect URI.");
        return None;
    }
    let mut unique = Vec::with_capacity(uris.len());
    for uri in uris {
        if !unique.contains(&uri) {
            unique.push(uri);
        }
    }
    Some(unique)
}

/// An address that people may follow: nothing but `https` and `http`.
fn client_uri(value: &str) -> Result<String, Invalid> {
    let value = line(value, 1, MAX_URI)?;
    let rest = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"));
    let plain = |rest: &str| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // What stands before an `@` is taken for the host by whoever reads it.
        !host.is_empty()
            && !host.contains('@')
            && !rest.contains('\\')
            && rest.bytes().all(|b| b.is_ascii_graphic())
    };
    if rest.is_some_and(plain) {
        return Ok(value);
    }
    Err(Invalid::new("invalid_uri", "Not an address of a page.").fix("Use https://app.example."))
}

impl FromBody for NewApp {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[
        ("client_type", || words(ClientType::CHOICES)),
        ("scopes", scope_names),
    ];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", text(|value| line(value, 1, 100)));
        let client_type = fields.required("client_type", one_of(ClientType::CHOICES));
        let redirect_uris = fields.required("redirect_uris", redirects);
        let scopes = fields.optional("scopes", scopes);
        let client_uri = fields.optional("client_uri", text(client_uri));
        Some(Self {
            name: name?,
            client_type: client_type?,
            redirect_uris: redirect_uris?,
            scopes: scopes?,
            client_uri: client_uri?,
        })
    }
}

impl FromBody for AppPatch {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[("scopes", scope_names)];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.replace("name", text(|value| line(value, 1, 100)));
        let redirect_uris = fields.replace("redirect_uris", redirects);
        let scopes = fields.replace("scopes", scopes);
        let client_uri = fields.patch("client_uri", text(client_uri));
        Some(Self {
            name: name?,
            redirect_uris: redirect_uris?,
            scopes: scopes?,
            client_uri: client_uri?,
        })
    }
}

/// How the replaced secret ends.
#[derive(Debug, ToSchema)]
pub struct SecretRotation {
    /// 0 to 604,800 seconds for which the replaced secret goes on working; 0 if left out.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 604_800)]
    grace_seconds: i64,
}

impl FromBody for SecretRotation {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let grace = fields.optional("grace_seconds", integer(0..=MAX_GRACE_S))?;
        Some(Self {
            grace_seconds: grace.unwrap_or(0),
        })
    }
}

async fn create(cx: Cx<WorkspaceWrite>, new: NewApp) -> Result<Work> {
    cx.recently_authenticated()?;
    let caller = cx.permit.caller();
    let scopes = new.scopes.unwrap_or_else(|| default_scopes(caller.scopes));
    actions::refuse_more(caller, scopes)?;
    let secret = match new.client_type {
        ClientType::Public => None,
        ClientType::Confidential => Some(generate(TokenKind::AppSecret)?),
    };
    let draft = Draft {
        id: AppId::new(cx.permit.now()),
        secret,
    };
    let permit = cx.permit;
    work(move |tx| {
        let app = actions::create(tx, &permit, &new, &draft)?;
        let secret = draft.secret.as_ref().map(crate::secrets::Secret::reveal);
        let body = NewAppBody::of(&app, permit.now(), secret);
        let answer = Answer::created(format!("/v1/oauth/apps/{}", app.id), &body)?;
        Ok(answer.version(app.version).with_secret())
    })
}

async fn list_apps(cx: Cx<WorkspaceWrite>, _: NoQuery) -> Result<Answer> {
    actions::refuse_apps(cx.permit.caller())?;
    let (tenant, now) = (cx.tenant(), cx.permit.now());
    let apps = cx
        .app
        .db
        .read_now(|conn| store::newest(conn, tenant, MAX_APPS))?;
    let data: Vec<AppBody> = apps.iter().map(|app| AppBody::of(app, now)).collect();
    Answer::ok(&json!({
        "object": "list",
        "data": data,
        "has_more": false,
        "next_cursor": null,
        "url": cx.path(),
    }))
}

async fn get(cx: Cx<WorkspaceWrite>, _: NoQuery) -> Result<Answer> {
    actions::refuse_apps(cx.permit.caller())?;
    let id = cx.id("app_id")?;
    let caller = cx.permit.caller();
    let app = cx.app.db.read_now(|conn| actions::find(conn, caller, id))?;
    let answer = Answer::ok(&AppBody::of(&app, cx.permit.now()))?;
    Ok(cx.unless_known(answer.version(app.version)))
}

async fn update(cx: Cx<WorkspaceWrite>, patch: AppPatch) -> Result<Work> {
    // Where an app's answers go and what it may ask for is as good as a new app.
    if patch.redirect_uris.is_some() || patch.scopes.is_some() {
        cx.recently_authenticated()?;
    }
    let id = cx.id("app_id")?;
    let (if_match, permit) = (cx.if_match(), cx.permit);
    work(move |tx| {
        let app = actions::update(tx, &permit, id, &if_match, patch)?;
        Ok(Answer::ok(&AppBody::of(&app, permit.now()))?.version(app.version))
    })
}

async fn rotate_secret(cx: Cx<WorkspaceWrite>, rotation: SecretRotation) -> Result<Work> {
    cx.recently_authenticated()?;
    let id = cx.id("app_id")?;
    let caller = cx.permit.caller();
    let app = cx.app.db.read_now(|conn| actions::find(conn, caller, id))?;
    // Also of a replay: the saved answer holds a secret.
    actions::refuse_more(caller, app.scopes)?;
    let plaintext = generate(TokenKind::AppSecret)?;
    let permit = cx.permit;
    work(move |tx| {
        let grace = rotation.grace_seconds;
        let app = actions::rotate_secret(tx, &permit, id, grace, &plaintext)?;
        let body = NewAppBody::of(&app, permit.now(), Some(plaintext.reveal()));
        Ok(Answer::ok(&body)?.version(app.version).with_secret())
    })
}

async fn delete(cx: Cx<WorkspaceWrite>) -> Result<Work> {
    let id = cx.id("app_id")?;
    let (if_match, permit) = (cx.if_match(), cx.permit);
    work(move |tx| {
        actions::delete(tx, &permit, id, &if_match)?;
        Ok(Answer::no_content())
    })
}

/// The routes of apps.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/oauth/apps", create)
            .named("OAuth", "create_oauth_app", "Register an app")
            .describe("The app has the caller's mode. The secret of a confidential app is in this answer alone. The caller needs every scope of the app. Not for apps themselves.")
            .creates::<NewAppBody>()
            .tagged()
            .codes(&[Code::StateConflict, Code::ReauthRequired])
            .example(json!({
                "name": "Runner's diary",
                "client_type": "public",
                "redirect_uris": ["https://diary.example/callback"],
                "scopes": ["clients:read", "checkins:read"],
            })),
        Route::get("/v1/oauth/apps", list_apps)
            .named("OAuth", "list_oauth_apps", "List apps")
            .describe("Newest first, not paged: a workspace has at most 100 a mode.")
            .lists::<AppBody>(),
        Route::get("/v1/oauth/apps/{app_id}", get)
            .named("OAuth", "get_oauth_app", "Read an app")
            .answers::<AppBody>()
            .tagged(),
        Route::patch("/v1/oauth/apps/{app_id}", update)
            .named("OAuth", "update_oauth_app", "Change an app")
            .describe("A scope that is taken away is taken from every token of the app on the next request.")
            .answers::<AppBody>()
            .tagged()
            .example(json!({ "name": "Runner's diary 2" })),
        Route::post("/v1/oauth/apps/{app_id}/rotate-secret", rotate_secret)
            .named("OAuth", "rotate_oauth_app_secret", "Replace the secret of an app")
            .describe("The replaced secret is refused at once, or after `grace_seconds`; the tokens that it obtained by client credentials end with it.")
            .answers::<NewAppBody>()
            .body_optional()
            .tagged()
            .codes(&[Code::StateConflict, Code::ReauthRequired])
            .example(json!({ "grace_seconds": 3600 })),
        Route::delete("/v1/oauth/apps/{app_id}", delete)
            .named("OAuth", "delete_oauth_app", "Delete an app")
            .describe("Every token that it holds is refused from the next request on."),
    ]
}
