//! `/v1/webhooks`.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::actions::{self, Address};
use super::body::{SecretWebhookBody, SeenWebhookBody, WebhookBody};
use super::store::{self, Filter};
use super::{
    DESCRIPTION_MAX, EVENTS_MAX, GRACE_MAX_S, GRACE_S, NewWebhook, Status, Webhook, WebhookPatch,
    deliveries, inbox,
};
use crate::api::choices::{Vocabulary, words};
use crate::api::etag;
use crate::api::json::{At, Fields, FromBody, Json, boolean, integer, list as items, one_of, text};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::app::App;
use crate::caller::{Mode, WebhooksRead, WebhooksWrite};
use crate::clock::{DAY_MS, Timestamp};
use crate::error::{Code, Error, Place, Result};
use crate::events::patterns;
use crate::idempotency::Answer;
use crate::ids::WebhookId;
use crate::outside::target::Target;
use crate::values::{Invalid, line};

/// What `events` may hold: a ping is asked for by nobody.
fn askable() -> Vec<String> {
    let mut patterns = patterns();
    patterns.retain(|pattern| pattern != "ping");
    patterns
}

fn pattern(value: Json, at: &mut At<'_>) -> Option<String> {
    let askable = askable();
    if let Json::Text(text) = &value
        && askable.contains(text)
    {
        return Some(text.clone());
    }
    let message = format!("This must be one of: {}.", askable.join(", "));
    at.refuse("invalid_choice", message);
    None
}

/// At least one pattern, each once.
fn asked(value: Json, at: &mut At<'_>) -> Option<Vec<String>> {
    let mut asked: Vec<String> = Vec::new();
    for pattern in items(EVENTS_MAX, pattern)(value, at)? {
        if !asked.contains(&pattern) {
            asked.push(pattern);
        }
    }
    if asked.is_empty() {
        at.refuse("required", "Name at least one type; `*` is all.");
        return None;
    }
    Some(asked)
}

/// The text of an address; what it may be depends on the mode and is looked at later.
fn address(value: &str) -> Result<String, Invalid> {
    line(value, 1, crate::outside::target::URL_MAX)
}

fn description(value: &str) -> Result<String, Invalid> {
    line(value, 1, DESCRIPTION_MAX)
}

impl FromBody for NewWebhook {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[("events", askable)];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let url = fields.required("url", text(address));
        let events = fields.required("events", asked);
        let description = fields.optional("description", text(description));
        Some(Self {
            url: url?,
            events: events?,
            description: description?,
        })
    }
}

const SWITCH: &[(&str, Status)] = &[("enabled", Status::Enabled), ("paused", Status::Paused)];

impl FromBody for WebhookPatch {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] =
        &[("events", askable), ("status", || words(SWITCH))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let url = fields.replace("url", text(address));
        let events = fields.replace("events", asked);
        let description = fields.patch("description", text(description));
        let status = fields.replace("status", one_of(SWITCH));
        Some(Self {
            url: url?,
            events: events?,
            description: description?,
            status: status?,
        })
    }
}

/// How a secret is replaced.
#[derive(Debug, ToSchema)]
pub struct WebhookSecretRotation {
    /// For how long the former secret signs as well, in seconds: 0 to 604800 (7 days); a day if left
    /// out.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 604_800)]
    grace_seconds: i64,
}

impl FromBody for WebhookSecretRotation {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let grace = fields.optional("grace_seconds", integer(0..=GRACE_MAX_S));
        Some(Self {
            grace_seconds: grace?.unwrap_or(GRACE_S),
        })
    }
}

/// From when on everything is sent again.
#[derive(Debug, ToSchema)]
pub struct ReplaySince {
    /// Events of this time and later.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// False leaves out what the receiver took already; true if left out.
    #[schema(value_type = Option<bool>)]
    delivered: bool,
}

impl FromBody for ReplaySince {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let since = fields.required(
            "since",
            text(|value| {
                Timestamp::parse(value).ok_or_else(|| {
                    Invalid::new("invalid_time", "Not a time.")
                        .fix("Use the form 2026-06-03T12:00:00Z.")
                })
            }),
        );
        let delivered = fields.optional("delivered", boolean());
        Some(Self {
            since: since?,
            delivered: delivered?.unwrap_or(true),
        })
    }
}

/// Looks at an address before it is registered: whom it names, and where that is.
async fn check(app: &App, mode: Mode, text: &str) -> Result<Address> {
    if mode == Mode::Test && inbox::is_inbox(app, text) {
        return Ok(Address {
            url: inbox::url(app),
            inbox: true,
        });
    }
    let refused = |invalid: Invalid| {
        let place = Place::Pointer("/url".to_owned());
        Error::invalid(vec![invalid.at(place)])
    };
    let target = Target::parse(text).map_err(refused)?;
    app.outside
        .http
        .check(&target, mode)
        .await
        .map_err(refused)?;
    Ok(Address {
        url: target.to_string(),
        inbox: false,
    })
}

/// What a list of webhooks understands.
#[derive(Debug)]
pub struct WebhookQuery {
    page: PageQuery,
    filter: Filter,
}

impl FromQuery for WebhookQuery {
    const PARAMETERS: &'static [Parameter] =
        &[LIMIT, CURSOR, CREATED_AFTER, CREATED_BEFORE, UPDATED_AFTER];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        let filter = Filter {
            created_after: created_after?,
            created_before: created_before?,
            updated_after: updated_after?,
        };
        Some(Self {
            page: page?,
            filter,
        })
    }
}

async fn list(cx: Cx<WebhooksRead>, query: WebhookQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    let since = cx.permit.now().plus_ms(-DAY_MS);
    cx.app
        .db
        .read(move |conn| {
            let rows = query.page.rows();
            let found = store::page(conn, tenant, &query.filter, before.as_deref(), rows)?;
            let show = |webhook: Webhook| {
                let recent = deliveries::store::recent(conn, tenant, webhook.id, since)?;
                Ok(SeenWebhookBody::of(tenant, &webhook, &recent))
            };
            query
                .page
                .answer(tenant, &path, found, show, |webhook| webhook.id.to_string())
        })
        .await
}

async fn get(cx: Cx<WebhooksRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant) = (cx.id("webhook_id")?, cx.tenant());
    let since = cx.permit.now().plus_ms(-DAY_MS);
    let (webhook, recent) = cx.app.db.read_now(|conn| {
        let webhook = store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
        let recent = deliveries::store::recent(conn, tenant, id, since)?;
        Ok((webhook, recent))
    })?;
    let mut answer = Answer::ok(&SeenWebhookBody::of(tenant, &webhook, &recent))?;
    answer.etag = Some(etag::of_whole(webhook.version, &answer.body));
    Ok(cx.unless_known(answer))
}

async fn register(cx: Cx<WebhooksWrite>, new: NewWebhook) -> Result<Work> {
    let tenant = cx.tenant();
    let address = check(&cx.app, tenant.mode(), &new.url).await?;
    let id = WebhookId::new(cx.permit.now());
    let draft = actions::draft(&cx.app.sealing, tenant, id)?;
    let permit = cx.permit;
    work(move |tx| {
        let webhook = actions::register(tx, &permit, new, address, &draft)?;
        let body = SecretWebhookBody::of(tenant, &webhook, draft.plaintext.reveal());
        let answer = Answer::created(format!("/v1/webhooks/{id}"), &body)?;
        Ok(answer.version(webhook.version).with_secret())
    })
}

async fn update(cx: Cx<WebhooksWrite>, patch: WebhookPatch) -> Result<Work> {
    let (id, tenant, if_match) = (cx.id("webhook_id")?, cx.tenant(), cx.if_match());
    let address = match &patch.url {
        // A missing webhook is 404 whatever it is to be changed to.
        Some(url) => {
            let find = cx.app.db.read_now(|conn| store::find(conn, tenant, id))?;
            find.ok_or_else(Error::not_found)?;
            Some(check(&cx.app, tenant.mode(), url).await?)
        }
        None => None,
    };
    let permit = cx.permit;
    work(move |tx| {
        let webhook = actions::patch(tx, &permit, id, &if_match, (patch, address))?;
        let body = WebhookBody::of(tenant, &webhook);
        Ok(Answer::ok(&body)?.version(webhook.version))
    })
}

async fn delete(cx: Cx<WebhooksWrite>) -> Result<Work> {
    let (id, if_match, permit) = (cx.id("webhook_id")?, cx.if_match(), cx.permit);
    work(move |tx| {
        actions::delete(tx, &permit, id, &if_match)?;
        Ok(Answer::no_content())
    })
}

async fn rotate_secret(cx: Cx<WebhooksWrite>, rotation: WebhookSecretRotation) -> Result<Work> {
    let (id, tenant) = (cx.id("webhook_id")?, cx.tenant());
    let draft = actions::draft(&cx.app.sealing, tenant, id)?;
    let permit = cx.permit;
    work(move |tx| {
        let webhook = actions::rotate_secret(tx, &permit, &draft, rotation.grace_seconds)?;
        let body = SecretWebhookBody::of(tenant, &webhook, draft.plaintext.reveal());
        Ok(Answer::ok(&body)?.version(webhook.version).with_secret())
    })
}

async fn test(cx: Cx<WebhooksWrite>) -> Result<Work> {
    let (id, tenant, permit) = (cx.id("webhook_id")?, cx.tenant(), cx.permit);
    work(move |tx| {
        let delivery = actions::test(tx, &permit, id)?;
        Answer::accepted(&deliveries::body::DeliveryBody::of(tenant, &delivery))
    })
}

/// A replay that has begun.
/// A report and no object: it has neither an id nor a `created_at`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayBody {
    /// Always `webhook_replay`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// The webhook.
    #[schema(value_type = String)]
    webhook_id: WebhookId,
    /// Events of this time and later are sent again.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// The number in the log where it begins to look.
    from_sequence: i64,
    /// The last event that it sends; later ones come as they happen.
    to_sequence: i64,
}

async fn replay(cx: Cx<WebhooksWrite>, replay: ReplaySince) -> Result<Work> {
    let (id, tenant, permit) = (cx.id("webhook_id")?, cx.tenant(), cx.permit);
    work(move |tx| {
        let begun = actions::replay(tx, &permit, id, replay.since, replay.delivered)?;
        Answer::accepted(&ReplayBody {
            object: "webhook_replay",
            livemode: tenant.mode().is_live(),
            webhook_id: id,
            since: replay.since,
            from_sequence: begun.from_sequence,
            to_sequence: begun.to_sequence,
        })
    })
}

/// The routes of webhooks.
pub fn routes() -> Vec<Route> {
    const LEAD: &[Code] = &[Code::InsufficientScope];
    const STATE: &[Code] = &[Code::StateConflict];
    vec![
        Route::get("/v1/webhooks", list)
            .named("Webhooks", "list_webhooks", "List webhooks")
            .lists::<SeenWebhookBody>(),
        Route::post("/v1/webhooks", register)
            .named("Webhooks", "create_webhook", "Register a webhook")
            .describe("The answer holds the secret, which is shown this once. Nothing is sent on registration. The address must be https and public; a name that does not resolve now is taken, and fails at delivery. At most 50 in each mode.")
            .creates::<SecretWebhookBody>()
            .tagged()
            .codes(&[Code::StateConflict, Code::InsufficientScope])
            .example(json!({ "url": "https://example.com/webhooks", "events": ["client.*"] })),
        Route::get("/v1/webhooks/{webhook_id}", get)
            .named("Webhooks", "get_webhook", "Read one webhook")
            .answers::<SeenWebhookBody>()
            .tagged(),
        Route::patch("/v1/webhooks/{webhook_id}", update)
            .named("Webhooks", "update_webhook", "Change a webhook")
            .describe("The caller must be able to read all that the webhook is told. Deliveries of a paused webhook wait. Enabling one that was disabled begins with what happens from then on; `replay_since` says from where a replay makes up for the rest.")
            .answers::<WebhookBody>()
            .tagged()
            .codes(LEAD)
            .example(json!({ "events": ["*"], "status": "enabled" })),
        Route::post("/v1/webhooks/{webhook_id}/rotate-secret", rotate_secret)
            .named("Webhooks", "rotate_webhook_secret", "Replace a webhook's secret")
            .describe("The answer holds the new secret, which is shown this once. For the grace, deliveries bear both signatures.")
            .answers::<SecretWebhookBody>()
            .tagged()
            .body_optional()
            .codes(LEAD)
            .example(json!({ "grace_seconds": 3600 })),
        Route::action("/v1/webhooks/{webhook_id}/test", test)
            .named("Webhooks", "test_webhook", "Send a webhook a ping")
            .describe("Records the event `ping` and sends it to this webhook alone. The answer is the delivery; look at it to see how it went.")
            .begins::<deliveries::body::DeliveryBody>()
            .codes(STATE),
        Route::post("/v1/webhooks/{webhook_id}/replay", replay)
            .named("Webhooks", "replay_webhook", "Send a webhook again what happened")
            .describe("Everything that it asks for since a time, with the same ids. What it was never sent gets a delivery; what waits already is left.")
            .begins::<ReplayBody>()
            .codes(STATE)
            .example(json!({ "since": "2026-06-03T12:00:00Z", "delivered": false })),
        Route::delete("/v1/webhooks/{webhook_id}", delete)
            .named("Webhooks", "delete_webhook", "Delete a webhook")
            .describe("What waits is not sent any more. Its log goes with it."),
    ]
}
