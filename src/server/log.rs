//! What the request log is told of a request: gathered on its way through the edge.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, USER_AGENT};
use actix_web::web::Bytes;

use super::head;
use crate::api::route::Route;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Code, Error, Kind};
use crate::idempotency::Answer;
use crate::ids::RequestId;
use crate::limits::Standing;
use crate::request_log::{Details, Ended, Line, redact, who};
use crate::secrets::masked;

/// What was seen of a request so far.
pub(super) struct Seen {
    began: Instant,
    route: Cell<Option<&'static str>>,
    body: OnceCell<Bytes>,
    idempotency_key: OnceCell<String>,
}

/// How a request ended.
pub(super) struct Outcome<'a> {
    pub(super) id: RequestId,
    pub(super) address: Option<std::net::IpAddr>,
    pub(super) caller: Option<&'a Arc<Caller>>,
    pub(super) standing: Option<&'a Standing>,
    pub(super) answer: &'a Answer,
    pub(super) code: Option<Code>,
}

impl Seen {
    /// A request whose head has come in.
    pub(super) fn begin() -> Self {
        Self {
            began: Instant::now(),
            route: Cell::new(None),
            body: OnceCell::new(),
            idempotency_key: OnceCell::new(),
        }
    }

    /// The route was found.
    pub(super) fn route(&self, route: &Route) {
        self.route.set(Some(route.path));
    }

    /// The body has come in. Its bytes are shared, not copied.
    pub(super) fn body(&self, body: &Bytes, idempotency_key: Option<&str>) {
        // Both are set once a request; a second time there is nothing new to say.
        drop(self.body.set(body.clone()));
        if let Some(key) = idempotency_key {
            drop(self.idempotency_key.set(key.to_owned()));
        }
    }

    fn duration_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn line(&self, request: &HttpRequest, outcome: &Outcome<'_>) -> Line {
        let who = outcome.caller.map(|caller| who(&caller.credential));
        Line {
            id: outcome.id,
            status: outcome.answer.status,
            method: redact::line(request.method().as_str()),
            path: redact::line(request.path()),
            duration_us: self.duration_us(),
            caller: who.as_ref().map(|(kind, ..)| *kind),
            name: who.and_then(|(.., name)| name.map(str::to_owned)),
            code: outcome.code.map(Code::name),
        }
    }

    /// Counts the request and keeps it, if it was one of an accepted credential.
    pub(super) fn record(&self, app: &App, request: &HttpRequest, outcome: &Outcome<'_>) {
        app.request_log.tell(|| self.line(request, outcome));
        let Some(caller) = outcome.caller else {
            return;
        };
        let received_at = outcome.id.at();
        let ended = Ended {
            caller,
            created_at: app.clock.at_of(&caller.tenant, received_at),
            method: known(request.method()),
            route: self.route.get(),
            status: outcome.answer.status,
        };
        app.request_log.record(ended, || Details {
            id: outcome.id,
            received_at,
            duration_us: self.duration_us(),
            method: request.method().as_str(),
            path: request.path(),
            query: request.uri().query(),
            content_type: header(request, &CONTENT_TYPE),
            user_agent: header(request, &USER_AGENT),
            idempotency_key: self.idempotency_key.get().map(String::as_str),
            address: outcome.address,
            body: self.body.get().map_or(&[], |body| body),
            standing: outcome.standing,
            answer: outcome.answer,
            code: outcome.code,
        });
    }
}

fn header<'r>(request: &'r HttpRequest, name: &HeaderName) -> Option<&'r str> {
    request.headers().get(name)?.to_str().ok()
}

/// The method, if it is one that a route has.
fn known(method: &Method) -> Option<&'static str> {
    Some(match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "PUT" => "PUT",
        "HEAD" => "HEAD",
        _ => return None,
    })
}

/// A failure of ours is logged once, at the edge, with its chain; what the caller did wrong is not.
pub(super) fn log_failure(error: &Error, request: &HttpRequest, id: RequestId) {
    if error.code().is_injected() {
        return;
    }
    let path = masked(request.path());
    let path = path.as_ref();
    let trace = head::trace_parent(request.headers());
    match error.code().kind() {
        Kind::Internal => {
            tracing::error!(request.id = %id, path, trace.parent = trace, ?error, "failed");
        }
        Kind::Unavailable => {
            tracing::warn!(request.id = %id, path, trace.parent = trace, ?error, "refused");
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
