//! `/v1/events` and `/v1/event-types`.

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::store::{self, Filter, Span};
use super::{Event, EventType};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route};
use crate::caller::{AnyCaller, EventsRead, Mode, Tenant};
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::EventId;

/// An event is never changed.
const ONLY_VERSION: i64 = 1;

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventBody {
    /// The event's id; a webhook delivery carries the same.
    #[schema(value_type = String, example = "evt_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: EventId,
    /// Always `event`.
    object: &'static str,
    /// The type, such as `client.created`.
    #[serde(rename = "type")]
    kind: String,
    /// True if it happened in live mode.
    livemode: bool,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Its place in the tenant's log: dense, in commit order.
    sequence: i64,
    /// `object`: what it happened to; `previous`: former values of what changed.
    #[schema(value_type = Object)]
    data: Box<RawValue>,
    /// The call that caused it.
    request: EventRequestBody,
}

/// The call that caused an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventRequestBody {
    /// The request's id.
    id: String,
    /// The idempotency key that it carried.
    idempotency_key: Option<String>,
}

fn body(tenant: Tenant, event: &Event) -> Result<EventBody> {
    Ok(EventBody {
        id: event.id,
        object: "event",
        kind: event.kind.clone(),
        livemode: tenant.mode().is_live(),
        created_at: event.created_at,
        sequence: event.sequence,
        data: RawValue::from_string(event.data.clone()).map_err(Error::internal)?,
        request: EventRequestBody {
            id: event.request_id.clone(),
            idempotency_key: event.idempotency_key.clone(),
        },
    })
}

/// What the feed of events understands.
#[derive(Debug)]
pub struct EventQuery {
    page: PageQuery,
    kind: Option<String>,
    after: Option<i64>,
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
}

impl FromQuery for EventQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new(
            "type",
            "Only events of this type; `client.*` takes all of a kind.",
        )
        .one_of(patterns),
        Parameter::new(
            "after",
            "Events after this sequence number, oldest first: the feed without gap or repeat.",
        ),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let kind = query.optional("type", |text| {
            if matching(text).is_empty() {
                return Err("There is no such event type; see /v1/event-types.".to_owned());
            }
            Ok(text.to_owned())
        });
        let after = query.optional("after", |text| {
            let sequence = text.parse().ok().filter(|sequence| *sequence >= 0);
            sequence.ok_or_else(|| "Use a sequence number, 0 or more.".to_owned())
        });
        let created_after = query::created_or_updated_after(query);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        Some(Self {
            page: page?,
            kind: kind?,
            after: after?,
            created_after: created_after?,
            created_before: created_before?,
        })
    }
}

/// The names of types, and what means several of them.
fn patterns() -> Vec<String> {
    let mut patterns = vec!["*".to_owned()];
    for kind in EventType::ALL {
        let (noun, _) = kind.name().split_once('.').unwrap_or((kind.name(), ""));
        let all = format!("{noun}.*");
        if !patterns.contains(&all) {
            patterns.push(all);
        }
        patterns.push(kind.name().to_owned());
    }
    patterns
}

/// The types that a name or a pattern such as `client.*` means.
pub fn matching(pattern: &str) -> Vec<EventType> {
    let fits = |kind: &EventType| match pattern.strip_suffix('*') {
        Some("") => true,
        Some(prefix) => prefix.ends_with('.') && kind.name().starts_with(prefix),
        None => kind.name() == pattern,
    };
    EventType::ALL.iter().copied().filter(fits).collect()
}

impl EventQuery {
    fn filter(&self, readable: &[EventType]) -> Filter {
        let asked = matching(self.kind.as_deref().unwrap_or("*"));
        Filter {
            kinds: asked
                .iter()
                .filter(|kind| readable.contains(kind))
                .map(|k| k.name())
                .collect(),
            created_after: self.created_after,
            created_before: self.created_before,
        }
    }

    fn span(&self, tenant: Tenant, path: &str) -> Result<Span> {
        let position = self.page.position(tenant, path)?;
        let position: Option<i64> = position.and_then(|text| text.parse().ok());
        Ok(match (self.after, position) {
            (Some(after), position) => Span::After(position.unwrap_or(after)),
            (None, position) => Span::Before(position.unwrap_or(i64::MAX)),
        })
    }
}

async fn list(cx: Cx<EventsRead>, query: EventQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let span = query.span(tenant, &path)?;
    let readable: Vec<_> = EventType::readable(cx.permit.caller().scopes).collect();
    let filter = query.filter(&readable);
    cx.app
        .db
        .read(move |conn| {
            if let Span::After(after) = span {
                let (oldest, newest) = store::bounds(conn, tenant)?;
                if after < oldest - 1 && newest > 0 {
                    let message = "Events after that number are no longer kept.";
                    return Err(
                        Error::with(Code::CursorExpired, message).extra("oldest_sequence", oldest)
                    );
                }
            }
            let events = store::page(conn, tenant, &filter, span, query.page.rows())?;
            let show = |event: Event| body(tenant, &event);
            query.page.answer(tenant, &path, events, show, |event| {
                event.sequence.to_string()
            })
        })
        .await
}

async fn get(cx: Cx<EventsRead>, _: NoQuery) -> Result<Answer> {
    let id = cx.id("event_id")?;
    let tenant = cx.tenant();
    let readable: Vec<_> = EventType::readable(cx.permit.caller().scopes).collect();
    let event = cx
        .app
        .db
        .read_now(|conn| store::find(conn, tenant, id, &readable))?;
    let body = body(tenant, &event.ok_or_else(Error::not_found)?)?;
    Ok(cx.unless_known(Answer::ok(&body)?.version(ONLY_VERSION)))
}

/// A kind of event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventTypeBody {
    /// The name, such as `client.created`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Always `event_type`.
    object: &'static str,
    /// Always null: a type is the same in both modes.
    livemode: Option<bool>,
    /// When it is recorded.
    description: &'static str,
    /// The scope that reading it needs.
    scope: &'static str,
    /// An event of this type.
    #[schema(value_type = Object)]
    sample: serde_json::Value,
}

/// An event of a type, as a reader of the documentation sees it.
pub fn sample(kind: EventType) -> serde_json::Value {
    json!({
        "id": "evt_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "object": "event",
        "type": kind.name(),
        "livemode": false,
        "created_at": "2026-06-03T12:00:00.000Z",
        "sequence": 42,
        "data": { "object": sample_object(kind) },
        "request": { "id": "req_01jwtq3xg0e8k9c3v5r7t9w1y5", "idempotency_key": null },
    })
}

fn sample_object(kind: EventType) -> serde_json::Value {
    let (object, id) = match kind {
        EventType::ClientCreated
        | EventType::ClientUpdated
        | EventType::ClientInvited
        | EventType::ClientJoined
        | EventType::ClientPaused
        | EventType::ClientResumed
        | EventType::ClientArchived => ("client", "cl_01jwtq3xg0e8k9c3v5r7t9w1y3"),
        EventType::ProgramCreated
        | EventType::ProgramActivated
        | EventType::ProgramCompleted
        | EventType::ProgramArchived => ("program", "prg_01jwtq3xg0e8k9c3v5r7t9w1y3"),
        EventType::WorkoutLogged => ("workout_log", "wl_01jwtq3xg0e8k9c3v5r7t9w1y3"),
        EventType::PersonalRecordSet => {
            return json!({
                "object": "personal_record",
                "livemode": false,
                "client_id": "cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
                "exercise": "back-squat",
                "kind": "estimated_1rm",
                "reps": null,
                "load": { "value": 142.5, "unit": "kg" },
                "grams": 142_500,
                "previous": null,
            });
        }
        EventType::MessageSent | EventType::MessageReceived => {
            ("message", "msg_01jwtq3xg0e8k9c3v5r7t9w1y3")
        }
        EventType::ApiKeyCreated | EventType::ApiKeyRotated | EventType::ApiKeyRevoked => {
            ("api_key", "key_01jwtq3xg0e8k9c3v5r7t9w1y3")
        }
        EventType::RateLimitWarning => {
            return json!({ "object": "rate_limit", "livemode": false, "policy": "hour", "used": 2000 });
        }
    };
    json!({ "id": id, "object": object, "livemode": Mode::Test.is_live() })
}

async fn list_types(cx: Cx<AnyCaller>, _: NoQuery) -> Result<Answer> {
    let data: Vec<EventTypeBody> = EventType::ALL
        .iter()
        .map(|kind| EventTypeBody {
            kind: kind.name(),
            object: "event_type",
            livemode: None,
            description: kind.words(),
            scope: kind.scope().name(),
            sample: sample(*kind),
        })
        .collect();
    Answer::ok(&json!({
        "object": "list",
        "data": data,
        "has_more": false,
        "next_cursor": null,
        "url": cx.path(),
    }))
}

/// The routes of events.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/events", list)
            .named("Events", "list_events", "List what happened")
            .describe("Newest first; with `after`, oldest first from that sequence number. Only types whose scope the caller holds are given, so `sequence` can have gaps for a narrow caller.")
            .lists::<EventBody>()
            .codes(&[Code::CursorExpired]),
        Route::get("/v1/events/{event_id}", get)
            .named("Events", "get_event", "Read one event")
            .answers::<EventBody>()
            .tagged(),
        Route::get("/v1/event-types", list_types)
            .named("Events", "list_event_types", "List the types of events")
            .lists::<EventTypeBody>(),
    ]
}
