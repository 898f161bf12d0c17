//! `GET /v1/events/stream`: what happens, as it happens (server-sent events).
//!
//! Each event's `id` is its sequence number; `Last-Event-ID` or `after` goes on behind it. Without
//! either, the stream begins with what happens next. A comment comes every 15 seconds in which
//! nothing else does. Before each event and each comment, and whenever a credential changed anywhere,
//! the caller is asked for again as a new request would: whoever may no longer read, or may read less,
//! gets no more, or less. At shutdown the stream ends with a hint when to come back.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use tokio::sync::watch;

use super::body::EventBody;
use super::store::{self, Filter, Span};
use super::{Event, EventType, matching};
use crate::api::query::{FromQuery, Parameter, Query};
use crate::api::route::{Cx, Flow, Live, Piece};
use crate::app::App;
use crate::caller::{Caller, EventsRead, Tenant};
use crate::db::Topic;
use crate::error::{Error, Result};
use crate::limits::StreamPlace;

/// How long nothing is said at most.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that are read at a time.
const PAGE: u32 = 50;
/// When to come back after a shutdown.
const COME_BACK: &str = "retry: 1000\n\n";

/// What a stream understands.
#[derive(Debug)]
pub(super) struct StreamQuery {
    kind: Option<String>,
    after: Option<i64>,
}

impl FromQuery for StreamQuery {
    const PARAMETERS: &'static [Parameter] = &[
        Parameter::new(
            "type",
            "Only events of this type; `client.*` takes all of a kind.",
        )
        .one_of(super::patterns),
        Parameter::new(
            "after",
            "Events after this sequence number; `Last-Event-ID` says the same and goes before it.",
        ),
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let kind = super::routes::kind(query);
        let after = super::routes::after(query);
        Some(Self {
            kind: kind?,
            after: after?,
        })
    }
}

/// An open stream.
struct State {
    app: App,
    tenant: Tenant,
    live: Live,
    kinds: Vec<EventType>,
    /// The last event that was looked at.
    cursor: i64,
    pending: VecDeque<Event>,
    events: watch::Receiver<u64>,
    credentials: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    begun: bool,
    ended: bool,
    /// Held until the stream ends.
    _place: StreamPlace,
}

/// Opens a stream.
pub(super) async fn open(cx: Cx<EventsRead>, query: StreamQuery, live: Live) -> Result<Flow> {
    let tenant = cx.tenant();
    let place = cx.app.streams.open(tenant)?;
    // Subscribed before the log is read: nothing falls between.
    let events = cx.app.db.changed(Topic::Events);
    let credentials = cx.app.db.changed(Topic::Credentials);
    let after = match cx.last_event_id() {
        Some(text) => Some(super::routes::last_event_id(text)?),
        None => query.after,
    };
    let cursor = cx.app.db.read_now(|conn| {
        if let Some(after) = after {
            super::routes::check_kept(conn, tenant, after)?;
            return Ok(after);
        }
        Ok(store::bounds(conn, tenant)?.1)
    })?;
    let state = State {
        tenant,
        live,
        kinds: matching(query.kind.as_deref().unwrap_or("*")),
        cursor,
        pending: VecDeque::new(),
        events,
        credentials,
        closing: cx.app.closing(),
        begun: false,
        ended: false,
        _place: place,
        app: cx.app,
    };
    Ok(Box::pin(stream::unfold(state, |mut state| async move {
        let piece = state.next().await?;
        Some((piece, state))
    })))
}

impl State {
    /// The next piece of the stream; none at its end.
    async fn next(&mut self) -> Option<Piece> {
        if !self.begun {
            self.begun = true;
            return Some(Piece::from_static(b": connected\n\n"));
        }
        loop {
            if self.ended {
                return None;
            }
            if *self.closing.borrow() {
                self.ended = true;
                return Some(Piece::from_static(COME_BACK.as_bytes()));
            }
            if let Some(event) = self.pending.pop_front() {
                self.cursor = event.sequence;
                let caller = self.live.caller().await.ok()?;
                if let Some(piece) = self.show(&event, &caller) {
                    return Some(piece);
                }
                continue;
            }
            match self.read() {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    // The reader comes back and goes on behind what it has.
                    tracing::warn!(?error, "a stream of events ended");
                    return None;
                }
            }
            tokio::select! {
                changed = self.events.changed() => changed.ok()?,
                changed = self.closing.changed() => changed.ok()?,
                changed = self.credentials.changed() => {
                    changed.ok()?;
                    self.live.caller().await.ok()?;
                }
                () = tokio::time::sleep(HEARTBEAT) => {
                    self.live.caller().await.ok()?;
                    return Some(Piece::from_static(b": heartbeat\n\n"));
                }
            }
        }
    }

    /// Reads what happened since; true if there is something.
    fn read(&mut self) -> Result<bool> {
        let filter = Filter {
            kinds: self.kinds.iter().map(|kind| kind.name()).collect(),
            created_after: None,
            created_before: None,
        };
        let (tenant, cursor) = (self.tenant, self.cursor);
        let (newest, events) = self.app.db.read_now(|conn| {
            let (_, newest) = store::bounds(conn, tenant)?;
            if newest == cursor {
                return Ok((newest, Vec::new()));
            }
            let page = store::page(conn, tenant, &filter, Span::After(cursor), PAGE)?;
            Ok((newest, page))
        })?;
        if events.is_empty() {
            // What is not asked for is not looked at again; a reset tenant begins anew.
            self.cursor = newest;
            return Ok(false);
        }
        self.pending = events.into();
        Ok(true)
    }

    fn show(&self, event: &Event, caller: &Arc<Caller>) -> Option<Piece> {
        let mut readable = EventType::readable(caller.scopes);
        if caller.tenant != self.tenant || !readable.any(|kind| kind.name() == event.kind) {
            return None;
        }
        let body = EventBody::of(self.tenant, event).ok()?;
        let data = serde_json::to_string(&body).map_err(Error::internal).ok()?;
        let Event { sequence, kind, .. } = event;
        Some(format!("id: {sequence}\nevent: {kind}\ndata: {data}\n\n").into())
    }
}
