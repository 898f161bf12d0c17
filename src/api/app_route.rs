//! Calls of the client app: by a client who is signed in, for that client's own data alone.
//!
//! Whose data it is comes with the session. A handler is given a [`ClientCx`], which has the id of
//! the client; no path and no body of these routes names one, so there is nothing to check.

use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

use utoipa::ToSchema;

use super::flow::Piece;
use super::json::{FromBody, Nothing, read_body};
use super::query::{FromQuery, NoQuery, read_query};
use super::route::{Head, Incoming, Method, Route, Run, Work};
use crate::app::App;
use crate::caller::{Need, Origin, Tenant};
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::{ClientId, ClientSessionId, Id};

/// A client who is signed in to the client app: one person, in one tenant, on one device.
#[derive(Clone, Debug)]
pub struct ClientCaller {
    /// The tenant.
    pub tenant: Tenant,
    /// What the workspace is called.
    pub workspace: String,
    /// The time zone of the workspace: that of a client who has none.
    pub timezone: String,
    /// The client.
    pub client_id: ClientId,
    /// The device.
    pub session_id: ClientSessionId,
    /// When the session was last seen, by the server's time.
    pub last_seen_at: Timestamp,
}

/// A call of the client app as its handler sees it.
pub struct ClientCx {
    /// The program.
    pub app: App,
    /// Who asks, and the proof of it.
    pub client: Arc<ClientCaller>,
    /// When and from where.
    pub origin: Arc<Origin>,
    head: Rc<Head>,
}

impl ClientCx {
    /// The call of a request.
    pub fn of(incoming: &Incoming) -> Result<Self> {
        let client = incoming.client.clone();
        Ok(Self {
            app: incoming.app.clone(),
            client: client.ok_or_else(|| Error::new(Code::AuthMissing))?,
            origin: Arc::clone(&incoming.origin),
            head: Rc::clone(&incoming.head),
        })
    }

    /// The tenant.
    pub fn tenant(&self) -> Tenant {
        self.client.tenant
    }

    /// Whose data it is.
    pub fn client_id(&self) -> ClientId {
        self.client.client_id
    }

    /// The tenant's time.
    pub fn now(&self) -> Timestamp {
        self.origin.at
    }

    /// The path as sent.
    pub fn path(&self) -> &str {
        &self.head.path
    }

    /// A word in the path; empty where there is none of this name.
    pub fn parameter(&self, name: &str) -> &str {
        let found = self.head.parameters.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }

    /// The answer, or 304 if the caller has this version.
    pub fn unless_known(&self, answer: Answer) -> Answer {
        self.head.unless_known(answer)
    }

    /// A parameter of the query that a page was asked with; the pages have few and plain ones.
    pub fn asked(&self, name: &str) -> Option<&str> {
        let query = self.head.query.as_deref()?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }

    /// An id in the path. What is no id cannot exist: it is answered like a missing object.
    pub fn id<T: Id>(&self, name: &str) -> Result<T> {
        T::parse(self.parameter(name)).ok_or_else(Error::not_found)
    }
}

impl Route {
    /// A read of the client app, under `/v1/app/`.
    pub fn app<Q, F, R>(path: &'static str, handler: F) -> Self
    where
        Q: FromQuery,
        F: Fn(ClientCx, Q) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Answer>> + 'static,
    {
        let run = Run::App(Box::new(move |incoming| {
            Box::pin(async move {
                let query = read_query(incoming.head.query.as_deref())?;
                handler(ClientCx::of(&incoming)?, query).await
            })
        }));
        let mut route = Self::new(Method::GET, path, Need::Client, run);
        route.doc.query = Q::PARAMETERS;
        route
    }

    fn app_write<B, F, R>(method: Method, path: &'static str, handler: F) -> Self
    where
        B: FromBody,
        F: Fn(ClientCx, B) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        let run = Run::AppWrite(Box::new(move |incoming| {
            Box::pin(async move {
                read_query::<NoQuery>(incoming.head.query.as_deref())?;
                let body = read_body(&incoming.body)?;
                handler(ClientCx::of(&incoming)?, body).await
            })
        }));
        Self::new(method, path, Need::Client, run)
    }

    /// A POST of the client app, carried out once per idempotency key of the client.
    pub fn app_post<B, F, R>(path: &'static str, handler: F) -> Self
    where
        B: FromBody + ToSchema,
        F: Fn(ClientCx, B) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        Self::app_write(Method::POST, path, handler).takes::<B>()
    }

    /// A POST of a form with a file by the client app, of the fields of `B`; its handler is given the
    /// media type and the bytes.
    pub fn app_form<B, F, R>(path: &'static str, limit_bytes: usize, handler: F) -> Self
    where
        B: FromBody + ToSchema,
        F: Fn(ClientCx, (String, Piece)) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        let run = Run::AppWrite(Box::new(move |incoming| {
            Box::pin(async move {
                read_query::<NoQuery>(incoming.head.query.as_deref())?;
                let media_type = incoming.head.content_type.clone().unwrap_or_default();
                handler(ClientCx::of(&incoming)?, (media_type, incoming.body)).await
            })
        }));
        Self::new(Method::POST, path, Need::Client, run).takes_form::<B>(limit_bytes)
    }

    /// A POST of the client app that takes no fields.
    pub fn app_action<F, R>(path: &'static str, handler: F) -> Self
    where
        F: Fn(ClientCx) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        Self::app_write(Method::POST, path, move |cx: ClientCx, _: Nothing| {
            handler(cx)
        })
    }

    /// A PATCH of the client app.
    pub fn app_patch<B, F, R>(path: &'static str, handler: F) -> Self
    where
        B: FromBody + ToSchema,
        F: Fn(ClientCx, B) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        Self::app_write(Method::PATCH, path, handler).takes::<B>()
    }

    /// A DELETE of the client app.
    pub fn app_delete<F, R>(path: &'static str, handler: F) -> Self
    where
        F: Fn(ClientCx) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        Self::app_write(Method::DELETE, path, move |cx: ClientCx, _: Nothing| {
            handler(cx)
        })
    }
}
