//! Answers that come in pieces: their bytes, and whether they are read.
//!
//! While we have nothing to say, the connection is being served, however long that takes. Once we have
//! said something, its reader has as long as any other connection may be silent: the next piece is
//! asked for only when there is room for it, so a reader that does not read is found and cut off.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodyStream, SizedStream};
use actix_web::http::Method;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::{Stream, StreamExt, empty};
use tokio::time::Interval;

use super::edge::{Arrival, Edge, Identity, Known};
use super::head;
use super::idle::{Serving, Watched};
use crate::access::extract;
use crate::api::route::{Download, Flow, Live, Pieces};
use crate::caller::Caller;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;

/// The media type of what goes on.
const EVENT_STREAM: &str = "text/event-stream";
/// How often it is looked whether the reader is still there: nothing is written to one that is not
/// until there is something to say.
const LOOK_EVERY: Duration = Duration::from_secs(1);

impl Edge {
    /// Asks again who the caller of this request is, for a stream.
    pub(super) fn live(&self, request: &HttpRequest) -> Live {
        let (edge, request) = (Weak::clone(&self.me), request.clone());
        Live::new(move || {
            let (edge, request) = (edge.upgrade(), request.clone());
            Box::pin(async move {
                let edge = edge.ok_or_else(|| Error::new(Code::Overloaded))?;
                edge.caller_of(&request).await
            })
        })
    }

    /// The caller of a request that was answered before, if it would be let in now.
    async fn caller_of(&self, request: &HttpRequest) -> Result<Arc<Caller>> {
        let arrival = Arrival::of(&self.app, request);
        let (route, parameters) = self.route(request)?;
        let caller = match self
            .identify(request, &arrival, &mut Known::default())
            .await?
        {
            Identity::Caller(caller, false) => caller,
            Identity::Caller(_, true) => return Err(Error::new(Code::AuthRotating)),
            Identity::Session(session) => {
                let (named, _) = head::named(request)?;
                extract::place(&session, &named, route.in_any_workspace)?
            }
        };
        self.permit(route, &parameters, &caller, &arrival)?;
        Ok(caller)
    }
}

/// What follows the head of an answer.
pub(super) struct Following {
    pieces: Pieces,
    /// How many bytes that is, where it is known.
    size: Option<u64>,
}

/// Pieces whose connection is watched.
struct Watching {
    pieces: Pieces,
    watched: Option<Arc<Watched>>,
    serving: Option<Serving>,
    looks: Interval,
}

impl Stream for Watching {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.serving.is_none() {
            self.serving = self.watched.as_ref().map(Watched::serve);
        }
        while self.looks.poll_tick(context).is_ready() {
            if self
                .watched
                .as_ref()
                .is_some_and(|watched| watched.is_gone())
            {
                return Poll::Ready(None);
            }
        }
        let polled = self.pieces.as_mut().poll_next(context);
        if polled.is_ready() {
            self.serving = None;
        }
        polled
    }
}

/// The head of the answer that a flow follows.
pub(super) fn begin(method: &Method, flow: Flow, place: &mut Option<Following>) -> Answer {
    *place = Some(following(method, Box::pin(flow.map(Ok)), None));
    let mut answer = Answer::bytes(200, EVENT_STREAM, Vec::new());
    // A proxy that gathers an answer before it passes it on would keep the events.
    answer.headers.push(("x-accel-buffering", "no".to_owned()));
    answer
}

/// The head of the answer that a file follows.
pub(super) fn hand_out(
    method: &Method,
    download: Download,
    place: &mut Option<Following>,
) -> Answer {
    *place = Some(following(method, download.pieces, Some(download.size)));
    let mut answer = Answer::bytes(200, download.media_type, Vec::new());
    let disposition = format!("attachment; filename=\"{}\"", download.name);
    answer.headers.push(("content-disposition", disposition));
    answer
}

/// A HEAD has the headers of the GET and nothing of what follows.
fn following(method: &Method, pieces: Pieces, size: Option<u64>) -> Following {
    let pieces = if *method == Method::HEAD {
        Box::pin(empty())
    } else {
        pieces
    };
    Following { pieces, size }
}

/// Puts what follows into the place of a response's body.
pub(super) fn carry(
    response: HttpResponse,
    Following { pieces, size }: Following,
    watched: Option<Arc<Watched>>,
) -> HttpResponse {
    let watching = Watching {
        pieces,
        watched,
        serving: None,
        looks: tokio::time::interval(LOOK_EVERY),
    };
    match size {
        // Whoever gets less than was said knows that it is not whole.
        Some(size) => response
            .set_body(SizedStream::new(size, watching))
            .map_into_boxed_body(),
        None => response
            .set_body(BodyStream::new(watching))
            .map_into_boxed_body(),
    }
}
