//! From an answer to a response: the headers of every answer, and those that depend on who asks.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE};

use super::edge::{Arrival, Known};
use crate::api::error_body;
use crate::clock::SECOND_MS;
use crate::idempotency::Answer;
use crate::limits::{POLICY, Standing, WINDOW_MS};

/// The response that carries an answer.
pub(super) fn respond(answer: Answer, arrival: &Arrival, known: &Known) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
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
    if arrival.scheme.encrypted {
        set("cross-origin-opener-policy", "same-origin");
    }
    if arrival.scheme.https {
        set(
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        );
    }
    if known.caller.is_some() || known.by_origin || answer.status >= 400 {
        set("cache-control", "no-store");
    }
    if known.by_origin {
        set("vary", "Sec-Fetch-Site, Origin");
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
        // Browsers take it over a secure connection only, and complain about it elsewhere.
        if *name == "Clear-Site-Data" && !arrival.scheme.encrypted {
            continue;
        }
        // Of these there may be several; of any other header the last one counts.
        if *name == "Set-Cookie" {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(SET_COOKIE, value);
            }
            continue;
        }
        set_named(headers, name, value);
    }
    let Some(content_type) = answer.content_type else {
        return response;
    };
    set_named(headers, "content-type", content_type);
    response.set_body(actix_web::body::BoxBody::new(answer.body))
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

/// Sets a header whose name is known at run time only.
fn set_named(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}
