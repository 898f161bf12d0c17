//! `/v1/workspaces/{workspace_id}/api-keys`, also under the key seed's own prefix.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::actions::{self, Draft, Switch};
use super::body::KeyBody;
use super::{
    ApiKey, DEFAULT_AFTER_GRACE_S, DEFAULT_FIRST_USE_GRACE_S, KeyPatch, MAX_GRACE_S, MAX_KEYS,
    NewKey, Retire, Status, store,
};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{At, Fields, FromBody, Json, integer, list, one_of, text};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::app::App;
use crate::caller::{KeysRead, KeysWrite, Mode, Scope, Scopes, Tenant};
use crate::clock::{SECOND_MS, Timestamp};
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::{KeyId, WorkspaceId};
use crate::secrets::{Secret, TokenKind, Unrecognised, generate, recognise};
use crate::values::{AddressRange, Invalid, line, paragraphs};

const MAX_ADDRESSES: usize = 50;

/// A key with its plaintext: this is the only time that it is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewKeyBody {
    #[serde(flatten)]
    key: KeyBody,
    /// The key itself.
    plaintext: String,
    /// Of a rotation: until when the replaced key works; null where it is refused already.
    #[schema(value_type = Option<String>, format = DateTime)]
    previous_works_until: Option<Timestamp>,
}

impl NewKeyBody {
    /// The answer to a create.
    pub fn of(key: &ApiKey, workspace_id: WorkspaceId, draft: &Draft) -> Self {
        let plaintext = draft.plaintext.reveal().to_owned();
        let key = KeyBody::of(key, workspace_id, draft.now);
        Self {
            key,
            plaintext,
            previous_works_until: None,
        }
    }
}

/// The keys of a workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyListBody {
    /// The keys, newest first.
    keys: Vec<KeyBody>,
    /// How many are shown.
    count: usize,
}

fn scope_names() -> Vec<String> {
    Scope::ALL
        .iter()
        .map(|scope| scope.name().to_owned())
        .collect()
}

/// The scopes of a body: an array of names.
fn scopes(value: Json, at: &mut At<'_>) -> Option<Scopes> {
    let name = text(|name| {
        Scope::parse(name)
            .ok_or_else(|| Invalid::new("invalid_scope", format!("There is no scope `{name}`.")))
    });
    let scopes = list(Scope::ALL.len(), name)(value, at)?;
    if scopes.is_empty() {
        at.refuse(
            "required",
            "Name at least one scope, or leave the field out for all.",
        );
        return None;
    }
    Some(scopes.into_iter().collect())
}

fn addresses(value: Json, at: &mut At<'_>) -> Option<Vec<AddressRange>> {
    let ranges = list(MAX_ADDRESSES, text(AddressRange::parse))(value, at)?;
    if ranges.is_empty() {
        at.refuse(
            "required",
            "Name at least one address, or leave the field out for any.",
        );
        return None;
    }
    Some(ranges)
}

fn time(text: &str) -> Result<Timestamp, Invalid> {
    Timestamp::parse(text).ok_or_else(|| {
        Invalid::new("invalid_time", "Not a time.").fix("Use the form 2026-06-03T12:00:00Z.")
    })
}

impl FromBody for NewKey {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[
        ("mode", || words(Mode::CHOICES)),
        ("scopes", || scope_names()),
    ];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", text(|value| line(value, 1, 200)));
        let description = fields.optional("description", text(|value| paragraphs(value, 0, 1_000)));
        let mode = fields.optional("mode", one_of(Mode::CHOICES));
        let scopes = fields.optional("scopes", scopes);
        let expires_at = fields.optional("expires_at", text(time));
        let allowed_ips = fields.optional("allowed_ips", addresses);
        Some(Self {
            name: name?,
            description: description?,
            mode: mode?,
            scopes: scopes?,
            expires_at: expires_at?,
            allowed_ips: allowed_ips?,
        })
    }
}

impl FromBody for KeyPatch {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[("scopes", || scope_names())];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.replace("name", text(|value| line(value, 1, 200)));
        let description = fields.patch("description", text(|value| paragraphs(value, 0, 1_000)));
        let scopes = fields.patch("scopes", scopes);
        let expires_at = fields.patch("expires_at", text(time));
        let allowed_ips = fields.patch("allowed_ips", addresses);
        Some(Self {
            name: name?,
            description: description?,
            scopes: scopes?,
            expires_at: expires_at?,
            allowed_ips: allowed_ips?,
        })
    }
}

/// A key that somebody found.
#[derive(Debug, ToSchema)]
pub struct FoundKey {
    /// The key's text, as it was shown once.
    #[schema(value_type = String)]
    plaintext: Secret,
}

impl FromBody for FoundKey {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let plaintext = fields.required("plaintext", text(key_text));
        Some(Self {
            plaintext: plaintext?,
        })
    }
}

/// A text that can be a key's. What is wrong with it is said without repeating it.
fn key_text(text: &str) -> Result<Secret, Invalid> {
    match recognise(text) {
        Ok(TokenKind::KeyTest | TokenKind::KeyLive) => Ok(Secret::new(text.to_owned())),
        Err(Unrecognised::Checksum(TokenKind::KeyTest | TokenKind::KeyLive)) => Err(Invalid::new(
            "checksum",
            "This looks like an API key, but a character in it is wrong or missing.",
        )),
        Ok(_) | Err(_) => Err(Invalid::new("invalid_key", "Not the text of an API key.")
            .fix("It begins with cdnsk_live_ or cdnsk_test_.")),
    }
}

async fn identify(cx: Cx<KeysRead>, found: FoundKey) -> Result<Work> {
    let (app, permit) = (cx.app, cx.permit);
    let caller = permit.caller();
    let key = app
        .db
        .read_now(|conn| actions::find_by_text(conn, caller, &found.plaintext))?;
    let answer = shown(&app, key, caller.workspace_id)?;
    work(move |_| Ok(answer))
}

/// How a rotated key ends.
#[derive(Debug, ToSchema)]
pub struct Rotation {
    /// `now` (the default), `after` or `on_first_use`.
    #[schema(value_type = Option<String>, example = "on_first_use")]
    retire: Retire,
    /// 0 to 604,800 seconds. For `after` a day if left out, for `on_first_use` an hour.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 604_800)]
    #[expect(
        dead_code,
        reason = "part of `retire` once it is read; here for the documentation"
    )]
    grace_seconds: (),
}

#[derive(Clone, Copy)]
enum RetireWord {
    Now,
    After,
    OnFirstUse,
}

const RETIRE_WORDS: &[(&str, RetireWord)] = &[
    ("now", RetireWord::Now),
    ("after", RetireWord::After),
    ("on_first_use", RetireWord::OnFirstUse),
];

impl FromBody for Rotation {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] =
        &[("retire", || words(RETIRE_WORDS))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let word = fields.optional("retire", one_of(RETIRE_WORDS));
        let grace = fields.optional("grace_seconds", integer(0..=MAX_GRACE_S));
        let grace_ms = |grace: Option<i64>, default| grace.unwrap_or(default) * SECOND_MS;
        let retire = match (word?.unwrap_or(RetireWord::Now), grace?) {
            (RetireWord::Now, Some(1..)) => {
                let message = "A grace goes with `after` or `on_first_use`.";
                fields.refuse("grace_seconds", "not_allowed", message);
                return None;
            }
            (RetireWord::Now, _) => Retire::Now,
            (RetireWord::After, grace) => Retire::After(grace_ms(grace, DEFAULT_AFTER_GRACE_S)),
            (RetireWord::OnFirstUse, grace) => {
                Retire::OnFirstUse(grace_ms(grace, DEFAULT_FIRST_USE_GRACE_S))
            }
        };
        Some(Self {
            retire,
            grace_seconds: (),
        })
    }
}

/// What the list of keys understands.
#[derive(Debug)]
pub struct KeyQuery {
    status: Option<Status>,
}

impl FromQuery for KeyQuery {
    const PARAMETERS: &'static [Parameter] = &[Parameter::new(
        "status",
        "Only keys that are `active`, `rotating`, `disabled`, `expired` or `revoked`.",
    )
    .one_of(|| words(Status::CHOICES))];

    fn read(query: &mut Query) -> Option<Self> {
        Some(Self {
            status: query.optional("status", query::one_of(Status::CHOICES))?,
        })
    }
}

/// Draws what is secret of a new key, before the write.
pub fn draft(app: &App, tenant: Tenant) -> Result<Draft> {
    let now = app.clock.now_of(&tenant);
    Ok(Draft {
        id: KeyId::new(now),
        plaintext: plaintext(tenant.mode())?,
        now,
    })
}

fn plaintext(mode: Mode) -> Result<Secret> {
    generate(match mode {
        Mode::Test => TokenKind::KeyTest,
        Mode::Live => TokenKind::KeyLive,
    })
}

fn location(key: &ApiKey, workspace_id: WorkspaceId) -> String {
    format!("/v1/workspaces/{workspace_id}/api-keys/{}", key.id)
}

/// Refuses a key that would have ended before it began.
pub fn refuse_past(expires_at: Option<Timestamp>, now: Timestamp) -> Result<()> {
    if expires_at.is_some_and(|end| end <= now) {
        let invalid = Invalid::new("in_the_past", "This must be a time to come.");
        let place = crate::error::Place::Pointer("/expires_at".to_owned());
        return Err(Error::invalid(vec![invalid.at(place)]));
    }
    Ok(())
}

async fn create(cx: Cx<KeysWrite>, new: NewKey) -> Result<Work> {
    cx.recently_authenticated()?;
    let tenant = actions::tenant_for(cx.permit.caller(), new.mode)?;
    let draft = draft(&cx.app, tenant)?;
    actions::refuse_more(cx.permit.caller(), cx.permit.now(), &new.reach())?;
    let permit = cx.permit;
    work(move |tx| {
        // Not before: a replay may come when the expiry is past.
        refuse_past(new.expires_at, draft.now)?;
        let key = actions::create(tx, &permit, &new, &draft)?;
        let workspace_id = permit.caller().workspace_id;
        let body = NewKeyBody::of(&key, workspace_id, &draft);
        let answer = Answer::created(location(&key, workspace_id), &body)?;
        Ok(answer.version(key.version).with_secret())
    })
}

async fn list_keys(cx: Cx<KeysRead>, query: KeyQuery) -> Result<Answer> {
    let caller = cx.permit.caller();
    let mut keys = cx.app.db.read_now(|conn| {
        let mut keys = Vec::new();
        for tenant in caller.managed_tenants() {
            keys.extend(store::newest(conn, tenant, MAX_KEYS)?);
        }
        Ok(keys)
    })?;
    keys.sort_by_key(|key| std::cmp::Reverse(key.id));
    let wanted = |body: &KeyBody| {
        query
            .status
            .is_none_or(|status| body.status == status.name())
    };
    let keys: Vec<KeyBody> = keys
        .into_iter()
        .map(|key| KeyBody::current(&cx.app, key, caller.workspace_id))
        .filter(wanted)
        .collect();
    Answer::ok(&KeyListBody {
        count: keys.len(),
        keys,
    })
}

async fn get(cx: Cx<KeysRead>, _: NoQuery) -> Result<Answer> {
    let id = cx.id("key_id")?;
    let caller = cx.permit.caller();
    let key = cx
        .app
        .db
        .read_now(|conn| actions::find_managed(conn, caller, id))?;
    let version = key.version;
    let body = KeyBody::current(&cx.app, key, caller.workspace_id);
    Ok(cx.unless_known(Answer::ok(&body)?.version(version)))
}

fn shown(app: &App, key: ApiKey, workspace_id: WorkspaceId) -> Result<Answer> {
    let version = key.version;
    Ok(Answer::ok(&KeyBody::current(app, key, workspace_id))?.version(version))
}

/// The time of a key's tenant, which is not the caller's if a live caller manages a test key.
fn now_of(cx: &Cx<KeysWrite>, id: KeyId) -> Result<Timestamp> {
    let caller = cx.permit.caller();
    let key = cx
        .app
        .db
        .read_now(|conn| actions::find_managed(conn, caller, id))?;
    Ok(cx.app.clock.now_of(&key.tenant))
}

async fn update(cx: Cx<KeysWrite>, patch: KeyPatch) -> Result<Work> {
    let id = cx.id("key_id")?;
    let now = now_of(&cx, id)?;
    if let crate::api::json::Patch::Set(end) = patch.expires_at {
        refuse_past(Some(end), now)?;
    }
    let (if_match, app, permit) = (cx.if_match(), cx.app, cx.permit);
    work(move |tx| {
        let key = actions::update(tx, &permit, id, &if_match, patch, now)?;
        shown(&app, key, permit.caller().workspace_id)
    })
}

async fn rotate(cx: Cx<KeysWrite>, rotation: Rotation) -> Result<Work> {
    cx.recently_authenticated()?;
    let id = cx.id("key_id")?;
    let caller = cx.permit.caller();
    let old = cx
        .app
        .db
        .read_now(|conn| actions::find_managed(conn, caller, id))?;
    actions::refuse_more(caller, cx.permit.now(), &old.reach())?;
    let draft = draft(&cx.app, old.tenant)?;
    let permit = cx.permit;
    work(move |tx| {
        let (key, works_until) = actions::rotate(tx, &permit, id, rotation.retire, &draft)?;
        let mut body = NewKeyBody::of(&key, permit.caller().workspace_id, &draft);
        body.previous_works_until = (works_until > draft.now).then_some(works_until);
        Ok(Answer::ok(&body)?.version(key.version).with_secret())
    })
}

async fn disable(cx: Cx<KeysWrite>) -> Result<Work> {
    switch(cx, Switch::Off)
}

async fn enable(cx: Cx<KeysWrite>) -> Result<Work> {
    switch(cx, Switch::On)
}

fn switch(cx: Cx<KeysWrite>, to: Switch) -> Result<Work> {
    let id = cx.id("key_id")?;
    let now = now_of(&cx, id)?;
    let (app, permit) = (cx.app, cx.permit);
    work(move |tx| {
        let key = actions::set_disabled(tx, &permit, id, now, to)?;
        shown(&app, key, permit.caller().workspace_id)
    })
}

async fn revoke(cx: Cx<KeysWrite>) -> Result<Work> {
    let id = cx.id("key_id")?;
    let now = now_of(&cx, id)?;
    let (if_match, permit) = (cx.if_match(), cx.permit);
    work(move |tx| {
        actions::revoke(tx, &permit, id, &if_match, now)?;
        Ok(Answer::no_content())
    })
}

/// The routes of API keys.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/workspaces/{workspace_id}/api-keys", create)
            .also_at(&["/api/v1/maas/workspaces/{workspace_id}/api-keys"])
            .named("API keys", "create_api_key", "Create an API key")
            .describe("The plaintext is in this answer alone. The caller needs every scope of the new key; its expiry and addresses bound the new key's.")
            .creates::<NewKeyBody>()
            .tagged()
            .codes(&[Code::StateConflict, Code::ReauthRequired])
            .example(json!({ "name": "production" })),
        Route::get("/v1/workspaces/{workspace_id}/api-keys", list_keys)
            .also_at(&["/api/v1/maas/workspaces/{workspace_id}/api-keys"])
            .named("API keys", "list_api_keys", "List API keys")
            .describe("Newest first, all statuses, not paged. A test caller sees test keys only.")
            .answers::<KeyListBody>(),
        Route::post("/v1/workspaces/{workspace_id}/api-keys/identify", identify)
            .also_at(&["/api/v1/maas/workspaces/{workspace_id}/api-keys/identify"])
            .named("API keys", "identify_api_key", "Find an API key by its text")
            .describe("For a key that was found somewhere: which one it is, so that it can be ended. A key of another workspace is 404, as is one that never was. The text is kept nowhere.")
            .answers::<KeyBody>()
            .tagged()
            .example(json!({ "plaintext": "cdnsk_test_3kT9vQ2mXb7Lr5WzH8sYd4NcPf6GjA2EZc5f" })),
        Route::get("/v1/workspaces/{workspace_id}/api-keys/{key_id}", get)
            .also_at(&["/api/v1/maas/workspaces/{workspace_id}/api-keys/{key_id}"])
            .named("API keys", "get_api_key", "Read an API key")
            .answers::<KeyBody>()
            .tagged(),
        Route::patch("/v1/workspaces/{workspace_id}/api-keys/{key_id}", update)
            .also_at(&["/api/v1/maas/workspaces/{workspace_id}/api-keys/{key_id}"])
            .named("API keys", "update_api_key", "Change an API key")
            .answers::<KeyBody>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "scopes": ["clients:read"] })),
        Route::post("/v1/workspaces/{workspace_id}/api-keys/{key_id}/rotate", rotate)
            .also_at(&["/api/v1/maas/workspaces/{workspace_id}/api-keys/{key_id}/rotate"])
            .named("API keys", "rotate_api_key", "Replace an API key by a new one")
            .describe("Settings are copied. The old key is `rotating` for good: refused at once, after a grace, or a grace after the new key's first use; while it still works its answers carry `Deprecation` and `Sunset`. A key that rotated itself and lost the answer may repeat exactly that request with the same `Idempotency-Key` for 10 minutes.")
            .answers::<NewKeyBody>()
            .body_optional()
            .tagged()
            .codes(&[Code::StateConflict, Code::ReauthRequired])
            .example(json!({ "retire": "after", "grace_seconds": 3600 })),
        Route::action("/v1/workspaces/{workspace_id}/api-keys/{key_id}/disable", disable)
            .also_at(&["/api/v1/maas/workspaces/{workspace_id}/api-keys/{key_id}/disable"])
            .named("API keys", "disable_api_key", "Switch an API key off")
            .answers::<KeyBody>()
            .tagged()
            .codes(&[Code::StateConflict]),
        Route::action("/v1/workspaces/{workspace_id}/api-keys/{key_id}/enable", enable)
            .also_at(&["/api/v1/maas/workspaces/{workspace_id}/api-keys/{key_id}/enable"])
            .named("API keys", "enable_api_key", "Switch an API key on again")
            .answers::<KeyBody>()
            .tagged()
            .codes(&[Code::StateConflict]),
        Route::delete("/v1/workspaces/{workspace_id}/api-keys/{key_id}", revoke)
            .also_at(&["/api/v1/maas/workspaces/{workspace_id}/api-keys/{key_id}"])
            .named("API keys", "revoke_api_key", "Revoke an API key")
            .describe("The next request with it is refused. Revoking it again changes nothing."),
    ]
}
