//! Requests of browsers from other origins.
//!
//! - Tokens, revocation and metadata are open to any origin: whoever calls them shows what it knows,
//!   and no cookie counts there.
//! - `/v1` is open to the origins of registered redirect URIs, for access tokens in the head, never
//!   for cookies.
//! - An API key is refused from another origin: in a browser it would be everybody's.
//! - Nothing else is open, the authorization endpoint least of all.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName, ORIGIN};

use super::head;
use crate::access::extract::Cookies;
use crate::access::oauth::{apps, issuer};
use crate::app::App;
use crate::config::PublicUrl;
use crate::error::Result;
use crate::idempotency::Answer;

/// Paths that any origin may call.
const OPEN: &[(&str, &str)] = &[
    ("/oauth/token", "POST"),
    ("/oauth2/token", "POST"),
    ("/oauth/revoke", "POST"),
    ("/.well-known/oauth-authorization-server", "GET, HEAD"),
    ("/.well-known/oauth-protected-resource", "GET, HEAD"),
];

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
/// What a script may send.
const SENT: &str = "Authorization, Content-Type, Accept, Idempotency-Key, If-Match, If-None-Match, \
    Last-Event-ID, traceparent";
/// What a script may read.
const READ: &str = "X-Request-Id, X-WX-Trace, X-RateLimit-Limit, X-RateLimit-Remaining, \
    X-RateLimit-Retry-After, RateLimit-Policy, RateLimit, Retry-After, X-Should-Retry, ETag, Link, \
    Location, Idempotent-Replayed, Deprecation, Sunset, WWW-Authenticate";
/// For so many seconds a browser need not ask again.
const KEPT_S: &str = "600";

fn one<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Option<&'r str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The origin that a request of the API names, if an app registered it.
pub(super) fn registered(app: &App, request: &HttpRequest) -> Result<Option<String>> {
    let Some(origin) = one(request.headers(), &ORIGIN) else {
        return Ok(None);
    };
    let known = app
        .db
        .read_now(|conn| apps::store::knows_origin(conn, origin))?;
    Ok(known.then(|| origin.to_owned()))
}

fn allows(answer: &mut Answer, origin: &str) {
    let headers = &mut answer.headers;
    headers.push(("Access-Control-Allow-Origin", origin.to_owned()));
    if origin != "*" {
        headers.push(("Vary", "Sec-Fetch-Site, Origin".to_owned()));
    }
}

/// Lets a registered origin read an answer of the API.
pub(super) fn open_to(answer: &mut Answer, origin: &str) {
    allows(answer, origin);
    let read = READ.to_owned();
    answer.headers.push(("Access-Control-Expose-Headers", read));
}

/// The answer to a browser that asks before it sends; none if this is no such question, or nothing
/// is open to it.
pub(super) fn preflight(app: &App, request: &HttpRequest, is_api: bool) -> Result<Option<Answer>> {
    let asks = request.method().as_str() == "OPTIONS"
        && request
            .headers()
            .contains_key("access-control-request-method");
    if !asks {
        return Ok(None);
    }
    let open = OPEN.iter().find(|(path, _)| *path == request.path());
    let (origin, methods) = match (open, is_api) {
        (Some((_, methods)), _) if one(request.headers(), &ORIGIN).is_some() => {
            ("*".to_owned(), *methods)
        }
        (None, true) => match registered(app, request)? {
            Some(origin) => (origin, METHODS),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let mut answer = Answer::no_content();
    allows(&mut answer, &origin);
    let further = [
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", SENT),
        ("Access-Control-Max-Age", KEPT_S),
    ];
    let further = further.map(|(name, value)| (name, value.to_owned()));
    answer.headers.extend(further);
    Ok(Some(answer))
}

/// Whether a browser sent a request from another origin, whatever the method.
pub(super) fn is_foreign(request: &HttpRequest, public: &PublicUrl, scheme: head::Scheme) -> bool {
    !head::is_own_origin(request, &Cookies::default(), public, scheme)
}

/// Says in the challenges of an answer where to learn about tokens (RFC 9728), and what to ask for.
pub(super) fn challenge(answer: &mut Answer, public: &PublicUrl) {
    const REALM: &str = "Bearer realm=\"cadence\"";
    let Some(issuer) = issuer(public) else {
        return;
    };
    for (name, value) in &mut answer.headers {
        let Some(rest) = value
            .strip_prefix(REALM)
            .filter(|_| *name == "WWW-Authenticate")
        else {
            continue;
        };
        let wanted = if answer.status == 401 {
            ", scope=\"public\""
        } else {
            ""
        };
        *value = format!(
            "{REALM}, resource_metadata=\"{issuer}/.well-known/oauth-protected-resource\"{rest}{wanted}"
        );
    }
}
