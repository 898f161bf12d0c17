//! Answers that go on until one side ends them.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::Stream;

use super::route::Boxed;
use crate::caller::Caller;
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
