//! Answers that go on until one side ends them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::Stream;

use super::query::{FromQuery, read_query};
use super::route::{Boxed, Cx, Method, Route, Run};
use crate::caller::{Access, Caller};
use crate::error::Result;

/// A piece of an answer that goes on.
pub type Piece = actix_web::web::Bytes;

/// The pieces of an answer that goes on.
pub type Flow = Pin<Box<dyn Stream<Item = Piece>>>;

/// Asks again who the caller of an open stream is, as if the request came now.
pub struct Live(Box<dyn Fn() -> Boxed<Arc<Caller>>>);

impl Live {
    /// Asks by this.
    pub fn new(ask: impl Fn() -> Boxed<Arc<Caller>> + 'static) -> Self {
        Self(Box::new(ask))
    }

    /// The caller, if the request would still be allowed.
    pub async fn caller(&self) -> Result<Arc<Caller>> {
        (self.0)().await
    }
}

impl Route {
    /// A read of a caller that meets the need `A`, which goes on until one side ends it.
    pub fn stream<A, Q, F, R>(path: &'static str, handler: F) -> Self
    where
        A: Access,
        Q: FromQuery,
        F: Fn(Cx<A>, Q, Live) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Flow>> + 'static,
    {
        let run = Run::Stream(Box::new(move |incoming, live| {
            Box::pin(async move {
                let query = read_query(incoming.head.query.as_deref())?;
                handler(Cx::of(&incoming)?, query, live).await
            })
        }));
        let mut route = Self::new(Method::GET, path, A::NEED, run);
        route.doc.query = Q::PARAMETERS;
        route
    }
}
