//! One request, from its head to its answer.
//!
//! The order of checks is the order of [`Edge::serve`] and [`Edge::call`]: host and head;
//! credential; an error that is asked for; route and method; plan, address, scope; media type, size,
//! idempotency key; body and query; then the operation. Whatever happens, a panic included, the answer has a body that says
//! what went wrong and a request id that names it in the log.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::{Arc, Weak};

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::FutureExt;

use super::asking;
use super::body;
use super::claim::{asks_for_own_rotation, fingerprint, idempotency_key};
use super::cors;
use super::flow::{self, Following};
use super::force;
use super::head::{self, Hosts, Scheme, head_of, takes_body, text};
use super::idle::Watched;
use super::log::{Outcome, Seen, log_failure};
use super::respond::respond;
use super::table::{Found, Table, routes};
use super::{client, long};
use crate::access::extract::{self, Accepted, Refused};
use crate::access::oauth;
use crate::api::error_body::{self, Form};
use crate::api::route::{Head, Incoming, Route, Run, Work};
use crate::app::{App, CachedSession, PublicAddress, Rotated};
use crate::caller::{Caller, Credential, Origin, meets};
use crate::config::RunKind;
use crate::error::{Code, Error, Kind, Result};
use crate::idempotency::{self, Answer, Claim};
use crate::ids::RequestId;
use crate::limits::Standing;
use crate::secrets::{digest, masked};
use crate::{client_app, dashboard, docs};

/// The largest body of a request that signs in.
const AUTH_LIMIT_BYTES: usize = 16 * 1024;

/// What every request needs.
pub(super) struct Edge {
    pub(super) app: App,
    table: Table,
    hosts: Hosts,
    /// For streams, which ask again who they are for after the request is answered.
    pub(super) me: Weak<Edge>,
    failures: force::Failures,
}

/// What is known of a request before anything was decided.
pub(super) struct Arrival {
    pub(super) id: RequestId,
    form: Form,
    pub(super) address: Option<IpAddr>,
    seen: Seen,
    pub(super) public: Arc<PublicAddress>,
    pub(super) scheme: Scheme,
}

/// What the headers of an answer depend on, beside the answer.
#[derive(Default)]
pub(super) struct Known {
    pub(super) caller: Option<Arc<Caller>>,
    pub(super) deprecated: Option<Rotated>,
    pub(super) standing: Option<Standing>,
    /// The origin of an app, which may read the answer.
    pub(super) registered_origin: Option<String>,
    /// The answer depends on the cookie, or on where the request comes from.
    pub(super) by_origin: bool,
    /// What goes on after the head of the answer.
    flow: Option<Following>,
}

/// Who asks.
pub(super) enum Identity {
    /// A credential in the head. A key that rotated itself may come back for that one answer: then it
    /// is let in to replay, and to nothing else.
    Caller(Arc<Caller>, ReplayOnly),
    /// A person who signed in; which workspace is known once the route is.
    Session(Arc<CachedSession>),
}

pub(super) type ReplayOnly = bool;

impl Edge {
    pub(super) fn new(app: App, listening: SocketAddr) -> anyhow::Result<Arc<Self>> {
        let hosts = Hosts::of(&app.config, listening);
        let table = Table::new(routes())?;
        Ok(Arc::new_cyclic(|me| Self {
            app,
            table,
            hosts,
            failures: force::Failures::default(),
            me: Weak::clone(me),
        }))
    }
}

impl Arrival {
    pub(super) fn of(app: &App, request: &HttpRequest) -> Self {
        let public = app.public_address();
        Self {
            id: RequestId::new(app.clock.now()),
            seen: Seen::begin(),
            form: head::form_of(request.headers()),
            address: head::address_of(&app.config, request),
            scheme: head::scheme_of(&app.config, &public.url, request),
            public,
        }
    }
}

/// Answers a request.
pub(super) async fn handle(
    edge: Arc<Edge>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let _serving = request.conn_data::<Arc<Watched>>().map(Watched::serve);
    let arrival = Arrival::of(&edge.app, &request);
    if head::is_forwarded(request.headers()) {
        edge.app.outside.http.guard().saw_proxy();
    }
    let mut known = Known::default();
    let serving = AssertUnwindSafe(edge.serve(&request, payload, &arrival, &mut known));
    let outcome = serving.catch_unwind().await.unwrap_or_else(|_| {
        // The panic's own message is in the log by the panic hook.
        Err(Error::bug("a handler panicked"))
    });
    let code = outcome.as_ref().err().map(Error::code);
    let mut answer = outcome.unwrap_or_else(|error| {
        log_failure(&error, &request, arrival.id);
        if oauth::error::is_spoken_at(request.path()) {
            return oauth::error::before(request.path(), &error);
        }
        error_body::render(&error, arrival.form, arrival.id)
    });
    tracing::debug!(
        request.id = %arrival.id,
        request.method = %masked(request.method().as_str()),
        request.path = %masked(request.path()),
        response.status = answer.status,
        trace.parent = head::trace_parent(request.headers()),
        "request"
    );
    cors::challenge(&mut answer, &arrival.public.url);
    if let Some(origin) = &known.registered_origin {
        cors::open_to(&mut answer, origin);
    }
    let outcome = Outcome {
        id: arrival.id,
        address: arrival.address,
        caller: known.caller.as_ref(),
        standing: known.standing.as_ref(),
        answer: &answer,
        code,
    };
    arrival.seen.record(&edge.app, &request, &outcome);
    let response = respond(answer, &arrival, &known);
    match known.flow {
        Some(flow) => flow::carry(response, flow, request.conn_data().cloned()),
        None => response,
    }
}

/// A page or a file that the program carries, which is the same for everybody.
fn carried(request: &HttpRequest) -> Option<Result<Answer>> {
    let path = request.path();
    let own = client_app::join::page(path).or_else(|| docs::page(path, routes));
    let page = own.map(|found| found.answer(request));
    page.or_else(|| dashboard::answer(request))
}

/// Paths for which a credential is asked before anything else.
fn is_api(path: &str) -> bool {
    ["/v1", "/api/v1"].iter().any(|prefix| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

impl Edge {
    async fn serve(
        &self,
        request: &HttpRequest,
        payload: Payload,
        arrival: &Arrival,
        known: &mut Known,
    ) -> Result<Answer> {
        head::check_sizes(request)?;
        self.hosts.check(request, &arrival.public.url)?;
        let is_api = is_api(request.path());
        if let Some(answer) = cors::preflight(&self.app, request, is_api)? {
            return Ok(answer);
        }
        if let Some(at) = client_app::pages::at(request.path()) {
            return self.serve_page(at, request, payload, arrival, known).await;
        }
        if !is_api {
            return self.serve_open(request, payload, arrival, known).await;
        }
        known.registered_origin = cors::registered(&self.app, request)?;
        if client::asks(request) {
            return self.serve_app(request, payload, arrival, known).await;
        }
        let identity = self.identify(request, arrival, known).await?;
        let (caller, replay_only, route, parameters, query) = match identity {
            Identity::Caller(caller, replay_only) => {
                known.caller = Some(Arc::clone(&caller));
                self.count(request, &caller, arrival, known)?;
                self.failures
                    .hinder(&self.app, request, &caller, known)
                    .await?;
                let (route, parameters) = self.route(request)?;
                let query = request.uri().query().map(str::to_owned);
                (caller, replay_only, route, parameters, query)
            }
            Identity::Session(session) => {
                let now = self.app.clock.now();
                self.app.session_guard.count(session.id, now)?;
                let (route, parameters) = self.route(request)?;
                let (named, query) = head::named(request)?;
                let caller = extract::place(&session, &named, route.in_any_workspace)?;
                known.caller = Some(Arc::clone(&caller));
                self.failures
                    .hinder(&self.app, request, &caller, known)
                    .await?;
                (caller, false, route, parameters, query)
            }
        };
        arrival.seen.route(route);
        self.permit(route, &parameters, &caller, arrival)?;
        self.call(
            request,
            payload,
            Call {
                arrival,
                route,
                parameters,
                query,
                caller,
                replay_only,
            },
            known,
        )
        .await
    }

    /// What a body of up to so many bytes may be.
    pub(super) fn allowed(&self, bytes: usize) -> body::Allowed {
        let time = self.app.config.body_timeout;
        body::Allowed { bytes, time }
    }

    async fn serve_open(
        &self,
        request: &HttpRequest,
        payload: Payload,
        arrival: &Arrival,
        known: &mut Known,
    ) -> Result<Answer> {
        if let Some(page) = carried(request) {
            return page;
        }
        let (route, parameters) = self.route(request)?;
        let mut head = head_of(request, parameters);
        let (run, body) = match &route.run {
            Run::Auth(run) => {
                known.by_origin = true;
                let body = self.enter(request, payload, arrival, &mut head).await?;
                (run, body)
            }
            Run::Page(run) => {
                known.by_origin = true;
                Self::recognise(request, arrival, &mut head)?;
                let allowed = self.allowed(AUTH_LIMIT_BYTES);
                let body = if takes_body(request.method()) {
                    body::read(payload, allowed, request).await?
                } else {
                    Bytes::new()
                };
                (run, body)
            }
            Run::Open(run) => (run, Bytes::new()),
            Run::OpenForm(limit_bytes, run) => {
                head.authorization = request
                    .headers()
                    .get_all(AUTHORIZATION)
                    .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                    .collect();
                head.content_type = text(request, &CONTENT_TYPE);
                head.cross_origin = cors::is_foreign(request, &arrival.public.url, arrival.scheme);
                let allowed = self.allowed(*limit_bytes);
                (run, body::read(payload, allowed, request).await?)
            }
            Run::App(_)
            | Run::AppWrite(_)
            | Run::Read(_)
            | Run::Stream(_)
            | Run::Download(_)
            | Run::Write(_)
            | Run::Ask(_)
            | Run::Import(..) => {
                return Err(Error::bug("a route outside /v1 asks for a caller"));
            }
        };
        let outcome = run(Incoming {
            app: self.app.clone(),
            caller: None,
            client: None,
            origin: Arc::new(Origin {
                request_id: arrival.id,
                idempotency_key: None,
                address: arrival.address,
                at: self.app.clock.now(),
            }),
            head: Rc::new(head),
            body,
        })
        .await;
        if matches!(route.run, Run::Auth(_)) {
            return outcome.map_err(|refusal| self.stranger(arrival, refusal));
        }
        outcome
    }

    /// What pages and the routes of signing in are told of a request, if it is of our own pages.
    fn recognise(request: &HttpRequest, arrival: &Arrival, head: &mut Head) -> Result<()> {
        let cookies = extract::cookies(request.headers(), arrival.scheme.https)?;
        head::check_origin(request, &cookies, &arrival.public.url, arrival.scheme)?;
        head.cookie = cookies.session;
        head.client_cookie = cookies.client;
        head.code_cookie = cookies.code;
        head.https = arrival.scheme.https;
        head.encrypted = arrival.scheme.encrypted;
        head.user_agent = text(request, &USER_AGENT);
        Ok(())
    }

    /// What the routes of signing in are told of a request, and its body: JSON, of our own pages.
    async fn enter(
        &self,
        request: &HttpRequest,
        payload: Payload,
        arrival: &Arrival,
        head: &mut Head,
    ) -> Result<Bytes> {
        Self::recognise(request, arrival, head)?;
        if !takes_body(request.method()) {
            return Ok(Bytes::new());
        }
        body::read_json(request, payload, self.allowed(AUTH_LIMIT_BYTES)).await
    }

    /// Who asks: by the `Authorization` header, and only without one by the cookie.
    pub(super) async fn identify(
        &self,
        request: &HttpRequest,
        arrival: &Arrival,
        known: &mut Known,
    ) -> Result<Identity> {
        let shown = match extract::shown(request.headers()) {
            Ok(Some(shown)) => shown,
            Ok(None) => return self.identify_session(request, arrival, known),
            Err(error) => return Err(self.stranger(arrival, error)),
        };
        match extract::authenticate(&self.app, &shown, arrival.address).await {
            Ok(Accepted { caller, deprecated }) => {
                let is_key = matches!(caller.credential, Credential::ApiKey { .. });
                if is_key && cors::is_foreign(request, &arrival.public.url, arrival.scheme) {
                    return Err(Error::new(Code::CrossOriginRefused));
                }
                known.deprecated = deprecated;
                Ok(Identity::Caller(caller, false))
            }
            Err(Refused {
                error,
                rotated_itself,
            }) => match rotated_itself {
                Some(caller) if asks_for_own_rotation(request, &caller) => {
                    Ok(Identity::Caller(caller, true))
                }
                _ => Err(self.stranger(arrival, error)),
            },
        }
    }

    fn identify_session(
        &self,
        request: &HttpRequest,
        arrival: &Arrival,
        known: &mut Known,
    ) -> Result<Identity> {
        let cookies = extract::cookies(request.headers(), arrival.scheme.https)?;
        let Some(cookie) = cookies.session.as_deref() else {
            return Err(self.stranger(arrival, Error::new(Code::AuthMissing)));
        };
        known.by_origin = true;
        head::check_origin(request, &cookies, &arrival.public.url, arrival.scheme)?;
        extract::session(&self.app, cookie)
            .map(Identity::Session)
            .map_err(|refusal| self.stranger(arrival, refusal))
    }

    /// The refusal of a request without an accepted credential: past the address's limit, that.
    pub(super) fn stranger(&self, arrival: &Arrival, refusal: Error) -> Error {
        let Some(address) = arrival.address else {
            return refusal;
        };
        if !matches!(refusal.code().kind(), Kind::Authentication) {
            return refusal;
        }
        match self.app.strangers.fail(address, self.app.clock.now()) {
            Ok(()) => refusal,
            Err(limited) => limited,
        }
    }

    pub(super) fn route(&self, request: &HttpRequest) -> Result<(&Route, Vec<(String, String)>)> {
        match self.table.find(request.method(), request.path()) {
            Found::Route(route, parameters) => Ok((route, parameters)),
            Found::OtherMethods(allowed) => {
                Err(Error::new(Code::MethodNotAllowed).extra("allowed", allowed))
            }
            Found::Nothing => Err(Error::new(Code::RouteNotFound)),
        }
    }

    pub(super) fn permit(
        &self,
        route: &Route,
        parameters: &[(String, String)],
        caller: &Caller,
        arrival: &Arrival,
    ) -> Result<()> {
        let plan = self.app.plan_of(caller);
        // A plan without API access has no keys to call with; its coach has screens all the same.
        if !caller.credential.is_session() && plan.is_some_and(|plan| !plan.api_access) {
            return Err(Error::new(Code::PlanRequired).extra("plan", caller.plan.as_str()));
        }
        if !arrival
            .address
            .is_none_or(|address| caller.allows_address(address))
        {
            return Err(Error::new(Code::IpNotAllowed));
        }
        if self.app.config.kind == RunKind::Dev && caller.tenant.mode().is_live() {
            return Err(Error::with(
                Code::AuthForbidden,
                "`cadence dev` knows test mode only.",
            ));
        }
        meets(route.need, caller)?;
        let named = parameters.iter().find(|(name, _)| name == "workspace_id");
        if named.is_some_and(|(_, id)| *id != caller.workspace_id.to_string()) {
            return Err(Error::new(Code::AuthForbidden));
        }
        Ok(())
    }

    /// The body of a request, if its route takes one.
    pub(super) async fn take_in(
        &self,
        request: &HttpRequest,
        payload: Payload,
        route: &Route,
    ) -> Result<Bytes> {
        if let Some(upload) = route.upload() {
            let allowed = self.allowed(upload.limit_bytes);
            return body::read_typed(request, payload, allowed, upload.media_types).await;
        }
        if !takes_body(request.method()) {
            return Ok(Bytes::new());
        }
        let allowed = self.allowed(route.body_limit_bytes);
        body::read_json(request, payload, allowed).await
    }

    async fn call(
        &self,
        request: &HttpRequest,
        payload: Payload,
        call: Call<'_>,
        known: &mut Known,
    ) -> Result<Answer> {
        let app = &self.app;
        let method = request.method();
        let body = self.take_in(request, payload, call.route).await?;
        let key = if *method == Method::POST {
            idempotency_key(request.headers())?
        } else {
            None
        };
        call.arrival.seen.body(&body, key.as_deref());
        let now = app.clock.now_of(&call.caller.tenant);
        let claim = key.as_deref().map(|key| Claim {
            tenant: call.caller.tenant,
            principal: call.caller.principal,
            key: digest(key),
            fingerprint: fingerprint(request, &body),
            now,
            server_now: app.clock.now(),
            replay_only: call.replay_only,
        });
        let incoming = Incoming {
            app: app.clone(),
            caller: Some(call.caller),
            client: None,
            origin: Arc::new(Origin {
                request_id: call.arrival.id,
                idempotency_key: key,
                address: call.arrival.address,
                at: now,
            }),
            head: Rc::new(Head {
                content_type: text(request, &CONTENT_TYPE),
                query: call.query,
                ..head_of(request, call.parameters)
            }),
            body,
        };
        let (form, id) = (call.arrival.form, call.arrival.id);
        let render = move |error: &Error| error_body::render(error, form, id);
        match &call.route.run {
            Run::Open(run)
            | Run::OpenForm(_, run)
            | Run::Page(run)
            | Run::Auth(run)
            | Run::App(run)
            | Run::Read(run) => run(incoming).await,
            Run::Stream(run) => {
                let flow = run(incoming, self.live(request)).await?;
                Ok(flow::begin(method, flow, &mut known.flow))
            }
            Run::Download(run) => {
                let download = run(incoming).await?;
                Ok(flow::hand_out(method, download, &mut known.flow))
            }
            Run::Write(prepare) | Run::AppWrite(prepare) => {
                let work = prepare(incoming).await?;
                self.write(work, claim, call.arrival).await
            }
            Run::Ask(prepare) => {
                let asking = prepare(incoming).await?;
                asking::carry_out(app.clone(), asking, claim, render).await
            }
            Run::Import(_, prepare) => {
                let steps = prepare(incoming).await?;
                long::carry_out(app.clone(), steps, claim, render).await
            }
        }
    }

    /// Carries out a write: once per idempotency key, if it has one.
    pub(super) async fn write(
        &self,
        work: Work,
        claim: Option<Claim>,
        arrival: &Arrival,
    ) -> Result<Answer> {
        let Some(claim) = claim else {
            return self.app.db.write(work).await;
        };
        let app = self.app.clone();
        let (form, id) = (arrival.form, arrival.id);
        self.app
            .db
            .write(move |tx| {
                let render = |error: &Error| error_body::render(error, form, id);
                idempotency::once(tx, &claim, &app.sealing, work, render)
            })
            .await
    }
}

/// A call that is allowed, before its body was read.
struct Call<'c> {
    arrival: &'c Arrival,
    route: &'c Route,
    parameters: Vec<(String, String)>,
    query: Option<String>,
    caller: Arc<Caller>,
    replay_only: bool,
}
