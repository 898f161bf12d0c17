//! Answers that come in pieces: those that go on until one side ends them, and large files.

use std::future::Future;
use std::io;
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

/// The pieces of a file; one that cannot be read cuts the answer off, so that nobody takes it for
/// whole.
pub type Pieces = Pin<Box<dyn Stream<Item = io::Result<Piece>>>>;

/// A file that is handed out piece by piece, to be saved.
pub struct Download {
    /// The media type.
    pub media_type: &'static str,
    /// What to save it as: letters, digits, `.`, `-` and `_`.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// What is in it.
    pub pieces: Pieces,
}

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

    /// A read of a caller that meets the need `A`, which gives a file to save.
    pub fn download<A, Q, F, R>(path: &'static str, handler: F) -> Self
    where
        A: Access,
        Q: FromQuery,
        F: Fn(Cx<A>, Q) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Download>> + 'static,
    {
        let run = Run::Download(Box::new(move |incoming| {
            Box::pin(async move {
                let query = read_query(incoming.head.query.as_deref())?;
                handler(Cx::of(&incoming)?, query).await
            })
        }));
        let mut route = Self::new(Method::GET, path, A::NEED, run);
        route.doc.query = Q::PARAMETERS;
        route
    }
}
