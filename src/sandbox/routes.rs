//! `/v1/test/…`

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{FURTHEST_MS, actions};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{At, Fields, FromBody, Json, text};
use crate::api::query::{self, FromQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::WorkspaceWrite;
use crate::clock::Timestamp;
use crate::db::Topic;
use crate::error::{Code, Error, Result};
use crate::events::EventType;
use crate::events::body::EventBody;
use crate::idempotency::Answer;
use crate::jobs::queue;
use crate::values::Invalid;

/// What to move the clock to.
#[derive(Debug, ToSchema)]
pub struct Advance {
    /// A time after the tenant's own, at most ten years after the server's.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
}

impl FromBody for Advance {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let to = fields.required(
            "to",
            text(|value| {
                Timestamp::parse(value).ok_or_else(|| {
                    Invalid::new("invalid_time", "Not a time.")
                        .fix("Use the form 2026-06-03T12:00:00Z.")
                })
            }),
        );
        Some(Self { to: to? })
    }
}

/// The clock of a test tenant.
/// A report and no object: it has neither an id nor a `created_at`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestClockBody {
    /// Always `test_clock`.
    object: &'static str,
    /// Always false.
    livemode: bool,
    /// The tenant's time.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
    /// Milliseconds by which it runs ahead of the server's.
    offset_ms: i64,
    /// Jobs of this tenant that are due and not done yet.
    pending_jobs: u32,
}

fn body(now: Timestamp, offset_ms: i64, pending_jobs: u32) -> TestClockBody {
    TestClockBody {
        object: "test_clock",
        livemode: false,
        now,
        offset_ms,
        pending_jobs,
    }
}

/// What the clock is asked with.
#[derive(Debug)]
pub struct ClockQuery {
    wait: bool,
}

impl FromQuery for ClockQuery {
    const PARAMETERS: &'static [Parameter] = &[Parameter::new(
        "wait",
        "`true`: answer when no job of this tenant is due any more, after 30 seconds in any case.",
    )
    .one_of(|| words(WAIT))];

    fn read(query: &mut Query) -> Option<Self> {
        let wait = query.optional("wait", query::one_of(WAIT));
        Some(Self {
            wait: wait?.unwrap_or(false),
        })
    }
}

const WAIT: &[(&str, bool)] = &[("true", true), ("false", false)];
/// The longest that an answer waits for jobs.
const PATIENCE: Duration = Duration::from_secs(30);

async fn clock(cx: Cx<WorkspaceWrite>, query: ClockQuery) -> Result<Answer> {
    let tenant = actions::test_tenant(&cx.permit)?;
    let app = cx.app;
    let mut changed = app.db.changed(Topic::Jobs);
    let pending = || {
        let now = app.clock.now();
        app.db.read_now(|conn| queue::pending_of(conn, tenant, now))
    };
    if query.wait {
        let done = async {
            // Marked before the look: what changes after it wakes.
            changed.mark_unchanged();
            while pending()? > 0 && changed.changed().await.is_ok() {}
            Ok::<_, Error>(())
        };
        if let Ok(outcome) = tokio::time::timeout(PATIENCE, done).await {
            outcome?;
        }
    }
    let offset_ms = app.db.read_now(|conn| queue::offset_ms(conn, tenant))?;
    Answer::ok(&body(app.clock.now_of(&tenant), offset_ms, pending()?))
}

async fn advance(cx: Cx<WorkspaceWrite>, to: Advance) -> Result<Work> {
    actions::test_tenant(&cx.permit)?;
    let (app, permit, to) = (cx.app, cx.permit, to.to);
    let offset_ms = to.since_ms(app.clock.now());
    if to < permit.now() || offset_ms > FURTHEST_MS {
        return Err(actions::out_of_range(permit.now()));
    }
    work(move |tx| {
        actions::advance(tx, &app, &permit, to, offset_ms)?;
        let server_now = to.plus_ms(-offset_ms);
        let pending = queue::pending_of(tx, permit.tenant(), server_now)?;
        let mut answer = Answer::ok(&body(to, offset_ms, pending))?;
        answer.answered_at = Some(to);
        Ok(answer)
    })
}

/// What a reset did.
/// A report and no object: it has neither an id nor a `created_at`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestResetBody {
    /// Always `test_reset`.
    object: &'static str,
    /// Always false.
    livemode: bool,
    /// Rows removed.
    removed: usize,
    /// The tenant's time, which is the server's again.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
}

async fn reset(cx: Cx<WorkspaceWrite>) -> Result<Work> {
    actions::test_tenant(&cx.permit)?;
    let (app, permit) = (cx.app, cx.permit);
    let now = app.clock.now();
    work(move |tx| {
        let removed = actions::reset(tx, &app, &permit)?;
        let mut answer = Answer::ok(&TestResetBody {
            object: "test_reset",
            livemode: false,
            removed,
            now,
        })?;
        answer.answered_at = Some(now);
        Ok(answer)
    })
}

/// What is to happen.
#[derive(Debug, ToSchema)]
pub struct Triggered {
    /// The type of the event, such as `client.created`.
    #[schema(value_type = String, rename = "type")]
    kind: EventType,
}

/// The types that can be made to happen: a ping belongs to the webhook that it tests.
fn types() -> Vec<String> {
    let all = EventType::ALL
        .iter()
        .filter(|kind| **kind != EventType::Ping);
    all.map(|kind| kind.name().to_owned()).collect()
}

fn kind(value: Json, at: &mut At<'_>) -> Option<EventType> {
    let types = types();
    if let Json::Text(text) = &value
        && types.contains(text)
    {
        return EventType::parse(text);
    }
    let message = format!("This must be one of: {}.", types.join(", "));
    at.refuse("invalid_choice", message);
    None
}

impl FromBody for Triggered {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[("type", types)];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.required("type", kind);
        Some(Self { kind: kind? })
    }
}

async fn trigger(cx: Cx<WorkspaceWrite>, triggered: Triggered) -> Result<Work> {
    let tenant = actions::test_tenant(&cx.permit)?;
    let permit = cx.permit;
    work(move |tx| {
        let event = actions::trigger(tx, &permit, triggered.kind)?;
        let location = format!("/v1/events/{}", event.id);
        Ok(Answer::created(location, &EventBody::of(tenant, &event)?)?.version(1))
    })
}

/// The routes of the sandbox.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/test/clock", clock)
            .named("Test mode", "get_test_clock", "Where the test clock stands")
            .describe("With `wait=true` it answers when what the clock was moved over is done. For test credentials only.")
            .answers::<TestClockBody>()
            .codes(&[Code::AuthForbidden]),
        Route::post("/v1/test/clock/advance", advance)
            .named("Test mode", "advance_test_clock", "Move the test clock forward")
            .describe("Expiries, windows, idempotency and schedules of this test tenant follow: what is due up to the new time is done at once, in order, each job as of its due time. `GET /v1/test/clock?wait=true` answers when it is done. For test credentials only; a live one gets 403 `auth_forbidden`.")
            .answers::<TestClockBody>()
            .codes(&[Code::AuthForbidden])
            .example(json!({ "to": "2027-01-01T00:00:00Z" })),
        Route::post("/v1/test/events", trigger)
            .named("Test mode", "trigger_test_event", "Make an event happen")
            .describe("Records an event of the type with the sample that `/v1/event-types` shows: it goes into the feed, the stream and to webhooks like any other. What it tells of does not exist. For test credentials only.")
            .creates::<EventBody>()
            .tagged()
            .codes(&[Code::AuthForbidden])
            .example(json!({ "type": "client.created" })),
        Route::action("/v1/test/reset", reset)
            .named("Test mode", "reset_test_data", "Empty the test tenant")
            .describe("Removes everything but API keys and the audit log, and sets the clock to the server's. For test credentials only.")
            .answers::<TestResetBody>()
            .codes(&[Code::AuthForbidden]),
    ]
}
