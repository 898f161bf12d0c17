//! A write that has to ask somebody outside before it can answer, such as a charge: three steps.

use std::future::Future;

use utoipa::ToSchema;

use super::json::{FromBody, read_body};
use super::query::{NoQuery, read_query};
use super::route::{Boxed, Cx, Incoming, Method, Route, Run, Work};
use crate::caller::Access;
use crate::db::Tx;
use crate::error::Result;
use crate::idempotency::{Claim, Intent};

/// The first step: records what is intended, in one transaction.
pub type Intending = Box<dyn FnOnce(&Tx<'_>, Option<&Claim>) -> Result<Intent> + Send>;

/// A write in three steps: the intent is recorded, somebody outside is asked, the outcome is recorded.
///
/// Between them nothing is locked and no transaction is open. A process that ends in between leaves
/// the intent; whoever takes it up asks again about the same id, so asking must do no more the second
/// time than the first. The operation has a job that takes up what nobody comes back for.
pub struct Asking {
    /// Records the intent and queues the job; where nobody has to be asked, it answers at once.
    pub intend: Intending,
    /// Asks about the intent of this id; gives what is to be recorded of it.
    pub ask: Box<dyn FnOnce(String) -> Boxed<Work>>,
}

impl Route {
    /// A POST with a body that asks outside.
    pub fn asking<A, B, F, R>(path: &'static str, handler: F) -> Self
    where
        A: Access,
        B: FromBody + ToSchema,
        F: Fn(Cx<A>, B) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Asking>> + 'static,
    {
        let run = Box::new(move |incoming: Incoming| -> Boxed<Asking> {
            Box::pin(async move {
                read_query::<NoQuery>(incoming.head.query.as_deref())?;
                let body = read_body(&incoming.body)?;
                handler(Cx::of(&incoming)?, body).await
            })
        });
        Self::new(Method::POST, path, A::NEED, Run::Ask(run)).takes::<B>()
    }
}
