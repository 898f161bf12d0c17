//! A route: what it answers to, what it asks of its caller, what it does, and how it is documented.
//!
//! Features hand out [`Route`]s; the server routes by them and the OpenAPI document is made of
//! them, so the two cannot differ. The kind of a route is in the type of its handler:
//!
//! - a **read** gives an [`Answer`];
//! - a **write** gives [`Work`], a closure that the edge runs inside one transaction of the writer.
//!   A POST's work always runs under [`crate::idempotency::once`]: no handler can forget it;
//! - an **open** route has no caller.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

pub use actix_web::http::Method;
use utoipa::ToSchema;

pub use super::app_route::{ClientCaller, ClientCx};
use super::asking::Asking;
use super::etag::{self, IfMatch};
pub use super::flow::{Download, Flow, Live, Piece, Pieces};
use super::json::{FromBody, read_body};
use super::query::{FromQuery, read_query};
pub use super::route_doc::{Doc, Schemas};
use crate::app::App;
use crate::caller::{Access, Caller, Need, Origin, Permit, Tenant};
use crate::config::RunKind;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::Id;

/// The size of a JSON body where a route does not say otherwise.
pub const JSON_LIMIT_BYTES: usize = 256 * 1024;

/// What a write does, in one transaction.
pub type Work = Box<dyn FnOnce(&Tx<'_>) -> Result<Answer> + Send>;

/// Makes [`Work`] of a closure.
pub fn work(run: impl FnOnce(&Tx<'_>) -> Result<Answer> + Send + 'static) -> Result<Work> {
    Ok(Box::new(run))
}

/// What one step of a long write does, in a transaction of its own; what it gives is kept under an
/// idempotency key.
pub type Step = Box<dyn FnOnce(&Tx<'_>) -> Result<Vec<u8>> + Send>;

/// A write that is too long for one transaction: others would wait for it.
///
/// Under an idempotency key each step is carried out once, whoever retries and wherever it was cut
/// off; the answer is made of what the steps gave, and saved.
pub struct Steps {
    /// How many there are.
    pub count: u32,
    /// Makes a step ready, just before it is carried out.
    pub prepare: Box<dyn FnMut(u32) -> Result<Step>>,
    /// The answer, made of what each step gave.
    pub answer: Box<dyn FnOnce(Vec<Vec<u8>>) -> Result<Answer>>,
}

/// A file that a route takes in the place of a JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Upload {
    /// Its size at most.
    pub limit_bytes: usize,
    /// What it may be.
    pub media_types: &'static [&'static str],
}

/// What a handler gives, in time.
pub type Boxed<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// A request that has passed every check that does not need its body.
pub struct Incoming {
    /// The program.
    pub app: App,
    /// Who asks; none on open routes.
    pub caller: Option<Arc<Caller>>,
    /// The client who asks, on routes of the client app.
    pub client: Option<Arc<ClientCaller>>,
    /// When and from where.
    pub origin: Arc<Origin>,
    /// The rest of the head.
    pub head: Rc<Head>,
    /// The body.
    pub body: actix_web::web::Bytes,
}

/// What handlers see of a request's head.
#[derive(Default)]
pub struct Head {
    /// The path as sent.
    pub path: String,
    /// Values of the path's parameters.
    pub parameters: Vec<(String, String)>,
    /// The query string as sent.
    pub query: Option<String>,
    /// `If-Match`
    pub if_match: Option<String>,
    /// `If-None-Match`
    pub if_none_match: Option<String>,
    /// `Last-Event-ID`
    pub last_event_id: Option<String>,
    /// `Authorization`, each line of it; for routes that authenticate clients themselves.
    pub authorization: Vec<String>,
    /// `Content-Type`, for routes that take more than JSON.
    pub content_type: Option<String>,
    /// True if a browser sent it from another origin, for routes that authenticate clients.
    pub cross_origin: bool,
    /// What the browser's cookie holds, for routes under `/auth`.
    pub cookie: Option<String>,
    /// What the cookie of a client holds, for routes under `/auth`.
    pub client_cookie: Option<String>,
    /// What the cookie of a browser holds that asked for a code by mail, there too.
    pub code_cookie: Option<String>,
    /// True if the browser used https, for routes under `/auth` and of the client app.
    pub https: bool,
    /// True if nobody on the way could read along: https, or this very computer.
    pub encrypted: bool,
    /// `User-Agent`, for routes under `/auth`.
    pub user_agent: Option<String>,
}

impl Head {
    /// The answer, or 304 if the caller has this version.
    pub fn unless_known(&self, answer: Answer) -> Answer {
        let known = match (&self.if_none_match, &answer.etag) {
            (Some(header), Some(tag)) => etag::none_match(header, tag),
            _ => false,
        };
        if !known {
            return answer;
        }
        Answer {
            status: 304,
            content_type: None,
            body: Vec::new(),
            ..answer
        }
    }
}

/// How a route runs.
pub enum Run {
    /// Without a caller.
    Open(Box<dyn Fn(Incoming) -> Boxed<Answer> + Send + Sync>),
    /// Without a caller, with a body of up to so many bytes; errors in the form of OAuth.
    OpenForm(usize, Box<dyn Fn(Incoming) -> Boxed<Answer> + Send + Sync>),
    /// A page with a form, which reads the cookie by itself; its form is of our own pages alone.
    Page(Box<dyn Fn(Incoming) -> Boxed<Answer> + Send + Sync>),
    /// Of signing in, without a caller: JSON from our own pages alone, who may bring a cookie.
    Auth(Box<dyn Fn(Incoming) -> Boxed<Answer> + Send + Sync>),
    /// A read of the client app, by a client.
    App(Box<dyn Fn(Incoming) -> Boxed<Answer> + Send + Sync>),
    /// A write of the client app, by a client.
    AppWrite(Box<dyn Fn(Incoming) -> Boxed<Work> + Send + Sync>),
    /// A read by a caller.
    Read(Box<dyn Fn(Incoming) -> Boxed<Answer> + Send + Sync>),
    /// A read by a caller that goes on until one side ends it.
    Stream(Box<dyn Fn(Incoming, Live) -> Boxed<Flow> + Send + Sync>),
    /// A read by a caller that gives a file which is too large to be held in memory.
    Download(Box<dyn Fn(Incoming) -> Boxed<Download> + Send + Sync>),
    /// A write by a caller.
    Write(Box<dyn Fn(Incoming) -> Boxed<Work> + Send + Sync>),
    /// A write by a caller that asks somebody outside.
    Ask(Box<dyn Fn(Incoming) -> Boxed<Asking> + Send + Sync>),
    /// A long write by a caller who sends a file.
    Import(Upload, Box<dyn Fn(Incoming) -> Boxed<Steps> + Send + Sync>),
}

/// One operation of the API.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, parameters in braces.
    pub path: &'static str,
    /// Further paths that answer alike, documented as aliases.
    pub aliases: &'static [&'static str],
    /// What it asks of its caller.
    pub need: Need,
    /// True if a session need not name a workspace and a mode: it is taken to be in its first one.
    pub in_any_workspace: bool,
    /// The size of its JSON body at most.
    pub body_limit_bytes: usize,
    /// The form with files that it takes in the place of a JSON body.
    pub form: Option<Upload>,
    /// How it runs.
    pub run: Run,
    /// How it is documented.
    pub doc: Doc,
}

fn named<T: ToSchema>() -> (String, Schemas) {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    (T::name().into_owned(), schemas)
}

/// The call as a handler of the need `A` sees it.
pub struct Cx<A> {
    /// The program.
    pub app: App,
    /// The proof that the caller meets the need.
    pub permit: Permit<A>,
    head: Rc<Head>,
}

impl<A: Access> Cx<A> {
    pub(super) fn of(incoming: &Incoming) -> Result<Self> {
        let caller = incoming
            .caller
            .clone()
            .ok_or_else(|| Error::new(Code::AuthMissing))?;
        Ok(Self {
            app: incoming.app.clone(),
            permit: Permit::check(caller, Arc::clone(&incoming.origin))?,
            head: Rc::clone(&incoming.head),
        })
    }

    /// The tenant.
    pub fn tenant(&self) -> Tenant {
        self.permit.tenant()
    }

    /// Refuses a person whose last password entry is more than five minutes ago; keys are exempt.
    pub fn recently_authenticated(&self) -> Result<()> {
        // The accounts of a demo and of the sandbox have no password that could be asked for.
        if self.app.config.kind != RunKind::Serve {
            return Ok(());
        }
        let credential = &self.permit.caller().credential;
        credential.recently_authenticated(self.app.clock.now())
    }

    /// The path as sent.
    pub fn path(&self) -> &str {
        &self.head.path
    }

    /// Path and query as sent.
    pub fn target(&self) -> String {
        match &self.head.query {
            Some(query) => format!("{}?{query}", self.head.path),
            None => self.head.path.clone(),
        }
    }

    /// A word in the path; empty where there is none of this name.
    pub fn parameter(&self, name: &str) -> &str {
        let found = self.head.parameters.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }

    /// An id in the path. What is no id cannot exist: it is answered like a missing object.
    pub fn id<T: Id>(&self, name: &str) -> Result<T> {
        let found = self.head.parameters.iter().find(|(other, _)| other == name);
        found
            .and_then(|(_, value)| T::parse(value))
            .ok_or_else(Error::not_found)
    }

    /// The event that a stream goes on behind.
    pub fn last_event_id(&self) -> Option<&str> {
        self.head.last_event_id.as_deref()
    }

    /// What the request requires of the object's version.
    pub fn if_match(&self) -> IfMatch {
        IfMatch::read(self.head.if_match.as_deref())
    }

    /// The answer, or 304 if the caller has this version.
    pub fn unless_known(&self, answer: Answer) -> Answer {
        self.head.unless_known(answer)
    }
}

impl Route {
    pub(super) fn new(method: Method, path: &'static str, need: Need, run: Run) -> Self {
        let status = if method == Method::DELETE { 204 } else { 200 };
        let doc = Doc {
            status,
            ..Doc::default()
        };
        Self {
            method,
            path,
            aliases: &[],
            need,
            in_any_workspace: false,
            body_limit_bytes: JSON_LIMIT_BYTES,
            form: None,
            run,
            doc,
        }
    }

    /// A read of a caller that meets the need `A`.
    pub fn get<A, Q, F, R>(path: &'static str, handler: F) -> Self
    where
        A: Access,
        Q: FromQuery,
        F: Fn(Cx<A>, Q) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Answer>> + 'static,
    {
        let run = Run::Read(Box::new(move |incoming| {
            Box::pin(async move {
                let query = read_query(incoming.head.query.as_deref())?;
                handler(Cx::of(&incoming)?, query).await
            })
        }));
        let mut route = Self::new(Method::GET, path, A::NEED, run);
        route.doc.query = Q::PARAMETERS;
        route
    }

    /// A change by a caller that meets the need `A`; as a POST it runs once per idempotency key.
    fn write<A, B, F, R>(method: Method, path: &'static str, handler: F) -> Self
    where
        A: Access,
        B: FromBody,
        F: Fn(Cx<A>, B) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        let run = Run::Write(Box::new(move |incoming| {
            Box::pin(async move {
                read_query::<super::query::NoQuery>(incoming.head.query.as_deref())?;
                let body = read_body(&incoming.body)?;
                handler(Cx::of(&incoming)?, body).await
            })
        }));
        Self::new(method, path, A::NEED, run)
    }

    /// A POST with a body.
    pub fn post<A, B, F, R>(path: &'static str, handler: F) -> Self
    where
        A: Access,
        B: FromBody + ToSchema,
        F: Fn(Cx<A>, B) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        let mut route = Self::write(Method::POST, path, handler);
        route.doc.request = Some(named::<B>());
        route.doc.vocabularies = B::VOCABULARIES;
        route
    }

    /// A POST of a file that holds many of `B`; its handler is given the media type and the bytes.
    pub fn import<A, B, Q, F, R>(path: &'static str, upload: Upload, handler: F) -> Self
    where
        A: Access,
        B: FromBody + ToSchema,
        Q: FromQuery,
        F: Fn(Cx<A>, Q, (String, actix_web::web::Bytes)) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Steps>> + 'static,
    {
        let run = Box::new(move |incoming: Incoming| -> Boxed<Steps> {
            Box::pin(async move {
                let query = read_query(incoming.head.query.as_deref())?;
                let media_type = incoming.head.content_type.clone().unwrap_or_default();
                let cx = Cx::of(&incoming)?;
                handler(cx, query, (media_type, incoming.body)).await
            })
        });
        let mut route = Self::new(Method::POST, path, A::NEED, Run::Import(upload, run));
        route.doc.query = Q::PARAMETERS;
        route.doc.request = Some(named::<B>());
        route.doc.vocabularies = B::VOCABULARIES;
        route
    }

    /// A PATCH.
    pub fn patch<A, B, F, R>(path: &'static str, handler: F) -> Self
    where
        A: Access,
        B: FromBody + ToSchema,
        F: Fn(Cx<A>, B) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        let mut route = Self::write(Method::PATCH, path, handler);
        route.doc.request = Some(named::<B>());
        route.doc.vocabularies = B::VOCABULARIES;
        route
    }

    /// A PUT.
    pub fn put<A, B, F, R>(path: &'static str, handler: F) -> Self
    where
        A: Access,
        B: FromBody + ToSchema,
        F: Fn(Cx<A>, B) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        let method = Method::PUT;
        Self {
            method,
            ..Self::patch(path, handler)
        }
    }

    /// A POST that acts on an object and takes no fields.
    pub fn action<A, F, R>(path: &'static str, handler: F) -> Self
    where
        A: Access,
        F: Fn(Cx<A>) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        Self::write(
            Method::POST,
            path,
            move |cx: Cx<A>, _: super::json::Nothing| handler(cx),
        )
    }

    /// A DELETE.
    pub fn delete<A, F, R>(path: &'static str, handler: F) -> Self
    where
        A: Access,
        F: Fn(Cx<A>) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        Self::write(
            Method::DELETE,
            path,
            move |cx: Cx<A>, _: super::json::Nothing| handler(cx),
        )
    }

    /// A read without a caller.
    pub fn open<F, R>(path: &'static str, handler: F) -> Self
    where
        F: Fn(App) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Answer>> + 'static,
    {
        let run = Run::Open(Box::new(move |incoming| Box::pin(handler(incoming.app))));
        Self::new(Method::GET, path, Need::Nothing, run)
    }

    /// A POST of a form without a caller.
    pub fn open_form<B, F, R>(path: &'static str, limit_bytes: usize, handler: F) -> Self
    where
        B: ToSchema,
        F: Fn(Incoming) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Answer>> + 'static,
    {
        let run = Box::new(move |incoming| -> Boxed<Answer> { Box::pin(handler(incoming)) });
        let run = Run::OpenForm(limit_bytes, run);
        let mut route = Self::new(Method::POST, path, Need::Nothing, run);
        route.doc.request = Some(named::<B>());
        route
    }

    /// A route of signing in, outside `/v1`.
    pub fn auth<F, R>(method: Method, path: &'static str, handler: F) -> Self
    where
        F: Fn(Incoming) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Answer>> + 'static,
    {
        let run = Run::Auth(Box::new(move |incoming| Box::pin(handler(incoming))));
        Self::new(method, path, Need::Nothing, run)
    }

    /// A page with a form, or what the form is sent to.
    pub fn page<F, R>(method: Method, path: &'static str, handler: F) -> Self
    where
        F: Fn(Incoming) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Answer>> + 'static,
    {
        let run = Run::Page(Box::new(move |incoming| Box::pin(handler(incoming))));
        Self::new(method, path, Need::Nothing, run)
    }

    /// Says that it takes this body, for handlers that read it themselves.
    #[must_use]
    pub fn takes<B: FromBody + ToSchema>(mut self) -> Self {
        self.doc.request = Some(named::<B>());
        self.doc.vocabularies = B::VOCABULARIES;
        self
    }

    /// Says that it begins something, and answers 202 with this type.
    #[must_use]
    pub fn begins<T: ToSchema>(mut self) -> Self {
        self.doc.status = 202;
        self.answers::<T>()
    }

    /// Lets a session call it without naming a workspace.
    #[must_use]
    pub fn in_any_workspace(mut self) -> Self {
        self.in_any_workspace = true;
        self
    }

    /// Names it in the documentation.
    #[must_use]
    pub fn named(mut self, tag: &'static str, id: &'static str, summary: &'static str) -> Self {
        self.doc.tag = tag;
        self.doc.id = id;
        self.doc.summary = summary;
        self
    }

    /// Adds what else to know.
    #[must_use]
    pub fn describe(mut self, description: &'static str) -> Self {
        self.doc.description = description;
        self
    }

    /// Says that it answers with this type.
    #[must_use]
    pub fn answers<T: ToSchema>(mut self) -> Self {
        self.doc.response = Some(named::<T>());
        self
    }

    /// Says that it answers with something else than JSON.
    #[must_use]
    pub fn answers_with(mut self, media_type: &'static str) -> Self {
        self.doc.media_type = Some(media_type);
        self
    }

    /// Says that it answers 201 with this type.
    #[must_use]
    pub fn creates<T: ToSchema>(mut self) -> Self {
        self.doc.status = 201;
        self.answers::<T>()
    }

    /// Says that it answers 202 with this type: what it starts goes on afterwards.
    #[must_use]
    pub fn starts<T: ToSchema>(mut self) -> Self {
        self.doc.status = 202;
        self.answers::<T>()
    }

    /// Says that it answers with a list of this type.
    #[must_use]
    pub fn lists<T: ToSchema>(mut self) -> Self {
        self.doc.listed = true;
        self.answers::<T>()
    }

    /// Says that the answer has an `ETag`.
    #[must_use]
    pub fn tagged(mut self) -> Self {
        self.doc.tagged = true;
        self
    }

    /// Takes JSON bodies of another size than others.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit_bytes = bytes;
        self
    }

    /// Says that the body may be left out.
    #[must_use]
    pub fn body_optional(mut self) -> Self {
        self.doc.request_optional = true;
        self
    }

    /// Gives a sample of the request.
    #[must_use]
    pub fn example(mut self, request: serde_json::Value) -> Self {
        self.doc.request_example = Some(request);
        self
    }

    /// Adds codes that it can answer beyond those of every operation of its kind.
    #[must_use]
    pub fn codes(mut self, codes: &'static [Code]) -> Self {
        self.doc.codes = codes;
        self
    }

    /// Makes further paths answer alike.
    #[must_use]
    pub fn also_at(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}
