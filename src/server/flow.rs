//! Answers that go on: their bytes, and whether they are read.
//!
//! While we have nothing to say, the connection is being served, however long that takes. Once we have
//! said something, its reader has as long as any other connection may be silent: the next piece is
//! asked for only when there is room for it, so a reader that does not read is found and cut off.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::BodyStream;
use actix_web::web::Bytes;
use futures_util::stream::Stream;

use super::idle::{Serving, Watched};
use crate::api::route::Flow;

/// A flow whose connection is watched.
struct Watching {
    flow: Flow,
    watched: Option<Arc<Watched>>,
    serving: Option<Serving>,
}

impl Stream for Watching {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.serving.is_none() {
            self.serving = self.watched.as_ref().map(Watched::serve);
        }
        let polled = self.flow.as_mut().poll_next(context);
        if polled.is_ready() {
            self.serving = None;
        }
        polled.map(|piece| piece.map(Ok))
    }
}

/// Puts a flow into the place of a response's body.
pub(super) fn carry(
    response: HttpResponse,
    flow: Flow,
    watched: Option<Arc<Watched>>,
) -> HttpResponse {
    let watching = Watching {
        flow,
        watched,
        serving: None,
    };
    response
        .set_body(BodyStream::new(watching))
        .map_into_boxed_body()
}
