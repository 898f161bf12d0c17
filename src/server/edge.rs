//! One request, from its head to its answer.
//!
//! The order of checks is the order of [`Edge::serve`] and [`Edge::call`]: host and head;
//! credential; an error that is asked for; route and method; plan, address, scope; media type, size,
//! idempotency key; body and query; then the operation. Whatever happens, a panic included, the answer has a body that says
//! what went wrong and a request id that names it in the log.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::FutureExt;

use super::body;
use super::force;
use super::head::{self, Hosts};
use super::idle::Watched;
use super::log::{Outcome, Seen};
use super::replay::{IDEMPOTENCY_KEY, fingerprint, idempotency_key};
use super::table::{Found, Table, routes};
use crate::access::extract::{self, Accepted, Refused};
use crate::access::{heads_up, oauth};
use crate::api::error_body::{self, Form};
use crate::api::route::{Head, Incoming, JSON_LIMIT_BYTES, Route, Run, Work};
use crate::app::{App, Rotated};
use crate::caller::{Caller, Origin, meets};
use crate::clock::{SECOND_MS, Timestamp};
use crate::config::RunKind;
use crate::error::{Code, Error, Kind, Result};
use crate::idempotency::{self, Answer, Claim};
use crate::ids::RequestId;
use crate::limits::{POLICY, Standing, WINDOW_MS};
use crate::secrets::{digest, masked};

/// The one path under `/v1` that does not count.
const RATE_LIMIT_PATH: &str = "/v1/rate-limit";

/// What every request needs.
pub(super) struct Edge {
    app: App,
    table: Table,
    hosts: Hosts,
    secure: bool,
    trustworthy: bool,
    failures: force::Failures,
}

/// What is known of a request before anything was decided.
struct Arrival {
    id: RequestId,
    form: Form,
    address: Option<IpAddr>,
    seen: Seen,
}

/// What the headers of an answer depend on, beside the answer.
#[derive(Default)]
struct Known {
    caller: Option<Arc<Caller>>,
    deprecated: Option<Rotated>,
    standing: Option<Standing>,
}

impl Edge {
    pub(super) fn new(app: App, listening: SocketAddr) -> anyhow::Result<Self> {
        let hosts = Hosts::of(&app.config, listening);
        let secure = app.config.public_url.is_https();
        let trustworthy = secure || app.config.public_url.is_loopback();
        Ok(Self {
            app,
            table: Table::new(routes())?,
            hosts,
            secure,
            trustworthy,
            failures: force::Failures::default(),
        })
    }
}

/// Answers a request.
pub(super) async fn handle(
    edge: Arc<Edge>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let _serving = request.conn_data::<Arc<Watched>>().map(Watched::serve);
    let arrival = Arrival {
        id: RequestId::new(edge.app.clock.now()),
        seen: Seen::begin(),
        form: head::form_of(request.headers()),
        address: head::address_of(&edge.app.config, &request),
    };
    let mut known = Known::default();
    let serving = AssertUnwindSafe(edge.serve(&request, payload, &arrival, &mut known));
    let outcome = serving.catch_unwind().await.unwrap_or_else(|_| {
        // The panic's own message is in the log by the panic hook.
        Err(Error::bug("a handler panicked"))
    });
    let code = outcome.as_ref().err().map(Error::code);
    let answer = outcome.unwrap_or_else(|error| {
        log_failure(&error, &request, &arrival);
        if edge.speaks_oauth(request.path()) {
            return oauth::error::Refusal::from(&error).answer();
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
    let outcome = Outcome {
        id: arrival.id,
        address: arrival.address,
        caller: known.caller.as_ref(),
        standing: known.standing.as_ref(),
        answer: &answer,
        code,
    };
    arrival.seen.record(&edge.app, &request, &outcome);
    edge.respond(answer, &arrival, &known)
}

/// A failure of ours is logged once, here, with its chain; what the caller did wrong is not.
fn log_failure(error: &Error, request: &HttpRequest, arrival: &Arrival) {
    if error.code().is_injected() {
        return;
    }
    let path = masked(request.path());
    let path = path.as_ref();
    let trace = head::trace_parent(request.headers());
    match error.code().kind() {
        Kind::Internal => {
            tracing::error!(request.id = %arrival.id, path, trace.parent = trace, ?error, "failed");
        }
        Kind::Unavailable => {
            tracing::warn!(request.id = %arrival.id, path, trace.parent = trace, ?error, "refused");
        }
        Kind::InvalidRequest
        | Kind::Authentication
        | Kind::Permission
        | Kind::NotFound
        | Kind::Conflict
        | Kind::Precondition
        | Kind::Unprocessable
        | Kind::RateLimit => {}
    }
}

/// Paths for which a credential is asked before anything else.
fn is_api(path: &str) -> bool {
    ["/v1", "/api/v1"].iter().any(|prefix| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

impl Edge {
    /// The OAuth endpoints answer every failure in RFC 6749's form; an unknown path is none.
    fn speaks_oauth(&self, path: &str) -> bool {
        path.starts_with("/oauth") && self.table.knows(path)
    }

    async fn serve(
        &self,
        request: &HttpRequest,
        payload: Payload,
        arrival: &Arrival,
        known: &mut Known,
    ) -> Result<Answer> {
        head::check_sizes(request)?;
        self.hosts.check(request)?;
        if !is_api(request.path()) {
            return self.serve_open(request, payload, arrival).await;
        }
        let (caller, replay_only) = self.identify(request, arrival, known).await?;
        known.caller = Some(Arc::clone(&caller));
        self.count(request, &caller, arrival, known)?;
        if let Some(error) = force::forced(request.headers(), &caller, known.standing.as_ref())? {
            return Err(error);
        }
        self.hinder().await?;
        let (route, parameters) = self.route(request)?;
        arrival.seen.route(route);
        self.permit(route, &parameters, &caller, arrival)?;
        self.call(
            request,
            payload,
            Call {
                arrival,
                route,
                parameters,
                caller,
                replay_only,
            },
        )
        .await
    }

    /// What a body of up to so many bytes may be.
    fn allowed(&self, bytes: usize) -> body::Allowed {
        let time = self.app.config.body_timeout;
        body::Allowed { bytes, time }
    }

    async fn serve_open(
        &self,
        request: &HttpRequest,
        payload: Payload,
        arrival: &Arrival,
    ) -> Result<Answer> {
        if let Some(page) = crate::dashboard::answer(request) {
            return page;
        }
        let (route, parameters) = self.route(request)?;
        let mut head = head_of(request, parameters);
        let (run, body) = match &route.run {
            Run::Open(run) => (run, Bytes::new()),
            Run::OpenForm(limit_bytes, run) => {
                head.authorization = request
                    .headers()
                    .get_all(AUTHORIZATION)
                    .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                    .collect();
                head.content_type = text(request, &CONTENT_TYPE);
                let allowed = self.allowed(*limit_bytes);
                (run, body::read(payload, allowed, request).await?)
            }
            Run::Read(_) | Run::Write(_) => {
                return Err(Error::bug("a route outside /v1 asks for a caller"));
            }
        };
        run(Incoming {
            app: self.app.clone(),
            caller: None,
            origin: Arc::new(Origin {
                request_id: arrival.id,
                idempotency_key: None,
                address: arrival.address,
                at: self.app.clock.now(),
            }),
            head: Rc::new(head),
            body,
        })
        .await
    }

    /// Who asks. A key that rotated itself may come back for that one answer: it is let in to
    /// replay, and to nothing else.
    async fn identify(
        &self,
        request: &HttpRequest,
        arrival: &Arrival,
        known: &mut Known,
    ) -> Result<(Arc<Caller>, bool)> {
        let shown = match extract::shown(request.headers()) {
            Ok(Some(shown)) => shown,
            Ok(None) => return Err(self.stranger(arrival, Error::new(Code::AuthMissing))),
            Err(error) => return Err(self.stranger(arrival, error)),
        };
        match extract::authenticate(&self.app, &shown, arrival.address).await {
            Ok(Accepted { caller, deprecated }) => {
                known.deprecated = deprecated;
                Ok((caller, false))
            }
            Err(Refused {
                error,
                rotated_itself,
            }) => match rotated_itself {
                Some(caller) if asks_for_own_rotation(request, &caller) => Ok((caller, true)),
                _ => Err(self.stranger(arrival, error)),
            },
        }
    }

    /// What `cadence dev` was asked to put in the way.
    async fn hinder(&self) -> Result<()> {
        let hindrance = self.app.config.hindrance;
        if hindrance.latency_ms > 0 {
            tokio::time::sleep(Duration::from_millis(hindrance.latency_ms.into())).await;
        }
        self.failures
            .next(hindrance.fail_percent)
            .map_or(Ok(()), Err)
    }

    /// The refusal of a request without an accepted credential: past the address's limit, that.
    fn stranger(&self, arrival: &Arrival, refusal: Error) -> Error {
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

    /// Counts the request against the account's limit; asking for the limit itself is free.
    fn count(
        &self,
        request: &HttpRequest,
        caller: &Arc<Caller>,
        arrival: &Arrival,
        known: &mut Known,
    ) -> Result<()> {
        let Some(plan) = self.app.plan_of(caller) else {
            return Ok(());
        };
        let now = self.app.clock.now_of(&caller.tenant);
        if request.path() == RATE_LIMIT_PATH {
            known.standing = self.app.limits.peek(caller, plan, now);
            return Ok(());
        }
        let Some(counted) = self.app.limits.count(caller, plan, now) else {
            return Ok(());
        };
        if let Some(opened_at) = counted.crossed {
            self.warn(caller, arrival, opened_at, &counted.standing);
        }
        let refusal = (!counted.allowed).then(|| counted.standing.refusal());
        known.standing = Some(counted.standing);
        refusal.map_or(Ok(()), Err)
    }

    /// Tells the account beside the request, which does not wait for it.
    fn warn(
        &self,
        caller: &Arc<Caller>,
        arrival: &Arrival,
        opened_at: Timestamp,
        standing: &Standing,
    ) {
        let origin = Origin {
            request_id: arrival.id,
            idempotency_key: None,
            address: arrival.address,
            at: self.app.clock.now_of(&caller.tenant),
        };
        let (app, caller, standing) = (self.app.clone(), Arc::clone(caller), standing.clone());
        let warning = heads_up::warn(app, caller, origin, opened_at, standing);
        actix_web::rt::spawn(async move {
            if let Err(error) = warning.await {
                tracing::warn!(?error, "an account was not told that it nears its limit");
            }
        });
    }

    fn route(&self, request: &HttpRequest) -> Result<(&Route, Vec<(String, String)>)> {
        match self.table.find(request.method(), request.path()) {
            Found::Route(route, parameters) => Ok((route, parameters)),
            Found::OtherMethods(allowed) => {
                Err(Error::new(Code::MethodNotAllowed).extra("allowed", allowed))
            }
            Found::Nothing => Err(Error::new(Code::RouteNotFound)),
        }
    }

    fn permit(
        &self,
        route: &Route,
        parameters: &[(String, String)],
        caller: &Caller,
        arrival: &Arrival,
    ) -> Result<()> {
        if self
            .app
            .plan_of(caller)
            .is_some_and(|plan| !plan.api_access)
        {
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

    async fn call(
        &self,
        request: &HttpRequest,
        payload: Payload,
        call: Call<'_>,
    ) -> Result<Answer> {
        let app = &self.app;
        let method = request.method();
        let has_body = matches!(*method, Method::POST | Method::PATCH | Method::PUT);
        let body = if has_body {
            body::read_json(request, payload, self.allowed(JSON_LIMIT_BYTES)).await?
        } else {
            Bytes::new()
        };
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
            origin: Arc::new(Origin {
                request_id: call.arrival.id,
                idempotency_key: key,
                address: call.arrival.address,
                at: now,
            }),
            head: Rc::new(head_of(request, call.parameters)),
            body,
        };
        match &call.route.run {
            Run::Open(run) | Run::OpenForm(_, run) | Run::Read(run) => run(incoming).await,
            Run::Write(prepare) => {
                let work = prepare(incoming).await?;
                self.write(work, claim, call.arrival).await
            }
        }
    }

    /// Carries out a write: once per idempotency key, if it has one.
    async fn write(&self, work: Work, claim: Option<Claim>, arrival: &Arrival) -> Result<Answer> {
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

    fn respond(&self, answer: Answer, arrival: &Arrival, known: &Known) -> HttpResponse {
        let status =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::new(status);
        let headers = response.headers_mut();
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        let id = arrival.id.to_string();
        set("x-request-id", &id);
        set("x-wx-trace", &id);
        set("x-content-type-options", "nosniff");
        set("referrer-policy", "no-referrer");
        set(
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        );
        set("cross-origin-resource-policy", "same-origin");
        if self.trustworthy {
            set("cross-origin-opener-policy", "same-origin");
        }
        if self.secure {
            set(
                "strict-transport-security",
                "max-age=31536000; includeSubDomains",
            );
        }
        if known.caller.is_some() || answer.status >= 400 {
            set("cache-control", "no-store");
        }
        if let Some(standing) = &known.standing {
            rate_headers(standing, &mut set);
        }
        if let Some(rotated) = known.deprecated {
            set("deprecation", &format!("@{}", rotated.at.as_seconds()));
            set("sunset", &rotated.works_until.http_date());
        }
        if let Some(location) = &answer.location {
            set("location", location);
        }
        if let Some(etag) = &answer.etag {
            set("etag", etag);
        }
        if answer.replayed {
            set("idempotent-replayed", "true");
            for (name, value) in error_body::retry_headers(answer.status, false) {
                set_named(headers, name, &value);
            }
        }
        for (name, value) in &answer.headers {
            set_named(headers, name, value);
        }
        let Some(content_type) = answer.content_type else {
            return response;
        };
        set_named(headers, "content-type", content_type);
        response.set_body(actix_web::body::BoxBody::new(answer.body))
    }
}

/// Where the account stands, in the seed's headers and in the IETF's fields.
fn rate_headers(standing: &Standing, set: &mut impl FnMut(&'static str, &str)) {
    let limit = standing.limit.to_string();
    let remaining = standing.remaining().to_string();
    set("x-ratelimit-limit", &limit);
    set("x-ratelimit-remaining", &remaining);
    set(
        "x-ratelimit-retry-after",
        &standing.reset_at_s().to_string(),
    );
    let window = WINDOW_MS / SECOND_MS;
    set(
        "ratelimit-policy",
        &format!("\"{POLICY}\";q={limit};w={window}"),
    );
    let reset = standing.reset_in_s();
    set(
        "ratelimit",
        &format!("\"{POLICY}\";r={remaining};t={reset}"),
    );
}

fn set_named(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

/// A call that is allowed, before its body was read.
struct Call<'c> {
    arrival: &'c Arrival,
    route: &'c Route,
    parameters: Vec<(String, String)>,
    caller: Arc<Caller>,
    replay_only: bool,
}

fn head_of(request: &HttpRequest, parameters: Vec<(String, String)>) -> Head {
    Head {
        path: request.path().to_owned(),
        parameters,
        query: request.uri().query().map(str::to_owned),
        if_match: head::joined(request.headers(), &IF_MATCH),
        if_none_match: head::joined(request.headers(), &IF_NONE_MATCH),
        authorization: Vec::new(),
        content_type: None,
    }
}

fn text(request: &HttpRequest, name: &HeaderName) -> Option<String> {
    let value = request.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}

fn asks_for_own_rotation(request: &HttpRequest, caller: &Caller) -> bool {
    let Some(id) = caller.credential.key_id() else {
        return false;
    };
    *request.method() == Method::POST
        && request.path().ends_with(&format!("/api-keys/{id}/rotate"))
        && request.headers().contains_key(IDEMPOTENCY_KEY)
}
