//! `/v1/events` and `/v1/event-types`.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::body::EventBody;
use super::samples::sample;
use super::store::{self, Filter, Span};
use super::{Event, EventType, matching, patterns, stream};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route};
use crate::caller::{AnyCaller, EventsRead, Tenant};
use crate::clock::Timestamp;
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;

/// An event is never changed.
const ONLY_VERSION: i64 = 1;

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
        let kind = kind(query);
        let after = after(query);
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

/// Reads `type`: a name or a pattern; the outer `None` means invalid.
pub fn kind(query: &mut Query) -> Option<Option<String>> {
    query.optional("type", |text| {
        if matching(text).is_empty() {
            return Err("There is no such event type; see /v1/event-types.".to_owned());
        }
        Ok(text.to_owned())
    })
}

/// Reads `after`: a sequence number; the outer `None` means invalid.
pub fn after(query: &mut Query) -> Option<Option<i64>> {
    query.optional("after", |text| {
        sequence(text).ok_or_else(|| "Use a sequence number, 0 or more.".to_owned())
    })
}

/// Reads `Last-Event-ID`.
pub(super) fn last_event_id(text: &str) -> Result<i64> {
    sequence(text.trim()).ok_or_else(|| {
        let message = "Use the id of an event of this stream, which is its sequence number.";
        Error::parameter(Code::InvalidParameter, "Last-Event-ID", message)
    })
}

fn sequence(text: &str) -> Option<i64> {
    text.parse().ok().filter(|sequence| *sequence >= 0)
}

/// Refuses to go on behind what is no longer kept.
pub(super) fn check_kept(conn: &Reader, tenant: Tenant, after: i64) -> Result<()> {
    let (oldest, newest) = store::bounds(conn, tenant)?;
    if after < oldest - 1 && newest > 0 {
        let message = "Events after that number are no longer kept.";
        return Err(Error::with(Code::CursorExpired, message).extra("oldest_sequence", oldest));
    }
    Ok(())
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
                check_kept(conn, tenant, after)?;
            }
            let events = store::page(conn, tenant, &filter, span, query.page.rows())?;
            let show = |event: Event| EventBody::of(tenant, &event);
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
    let body = EventBody::of(tenant, &event.ok_or_else(Error::not_found)?)?;
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
        Route::stream("/v1/events/stream", stream::open)
            .named("Events", "stream_events", "Follow what happens")
            .describe("Server-sent events (`text/event-stream`): `id` is the sequence number, `event` the type, `data` the event. Begins with what happens next, or behind `Last-Event-ID` or `after`. A comment comes every 15 seconds in which nothing else does. Ends when the credential does, and at a restart of the server with a hint when to come back. At most 20 of a workspace in each mode may be open.")
            .codes(&[Code::CursorExpired, Code::RateLimited]),
        Route::get("/v1/events/{event_id}", get)
            .named("Events", "get_event", "Read one event")
            .answers::<EventBody>()
            .tagged(),
        Route::get("/v1/event-types", list_types)
            .named("Events", "list_event_types", "List the types of events")
            .lists::<EventTypeBody>(),
    ]
}
