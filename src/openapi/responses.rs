//! What an operation answers: the success, its headers, and the failures by status.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{errors, examples, quoted, reference};
use crate::api::respond::{JSON, PROBLEM_JSON};
use crate::api::route::Route;
use crate::error::{Code, Kind};

const ON_EVERYTHING: &[&str] = &["X-Request-Id", "X-WX-Trace"];

/// On every answer to an accepted credential.
const WITH_CALLER: &[&str] = &[
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Retry-After",
    "RateLimit-Policy",
    "RateLimit",
    "Deprecation",
    "Sunset",
];

/// The headers of answers: name, type, an example, what they say.
const HEADERS: &[(&str, &str, &str, &str)] = &[
    (
        "X-Request-Id",
        "string",
        "req_01jwtq3xg0e8k9c3v5r7t9w1y5",
        "Names the request in the server's log.",
    ),
    (
        "X-WX-Trace",
        "string",
        "req_01jwtq3xg0e8k9c3v5r7t9w1y5",
        "The same as `X-Request-Id`.",
    ),
    (
        "X-RateLimit-Limit",
        "integer",
        "2500",
        "Requests allowed per window. Absent where no limit is set, like the other rate headers.",
    ),
    (
        "X-RateLimit-Remaining",
        "integer",
        "2417",
        "Requests left in the window, never negative.",
    ),
    (
        "X-RateLimit-Retry-After",
        "integer",
        "1780491600",
        "Unix time at which the window resets.",
    ),
    (
        "RateLimit-Policy",
        "string",
        "\"hour\";q=2500;w=3600",
        "The limit: `q` requests per window of `w` seconds.",
    ),
    (
        "RateLimit",
        "string",
        "\"hour\";r=2417;t=1800",
        "What is left of it: `r` requests for `t` seconds.",
    ),
    (
        "Deprecation",
        "string",
        "@1780488000",
        "The credential was rotated at this Unix time and works only for a while longer (RFC 9745).",
    ),
    (
        "Sunset",
        "string",
        "Wed, 03 Jun 2026 13:00:00 GMT",
        "When a rotated credential ends (RFC 8594).",
    ),
    (
        "Cache-Control",
        "string",
        "no-store",
        "Nothing between server and caller may keep the answer.",
    ),
    (
        "ETag",
        "string",
        "\"3\"",
        "The object's version, for `If-Match` and `If-None-Match`.",
    ),
    (
        "Location",
        "string",
        "/v1/clients/cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "Where the new object is found.",
    ),
    (
        "Idempotent-Replayed",
        "string",
        "true",
        "`true` on an answer that was saved for this `Idempotency-Key`; absent on the first.",
    ),
    (
        "Link",
        "string",
        "</v1/clients?limit=50&cursor=b2xkZXI>; rel=\"next\"",
        "The next page; absent on the last.",
    ),
    (
        "WWW-Authenticate",
        "string",
        "Bearer realm=\"cadence\"",
        "The challenge of RFC 6750.",
    ),
    (
        "Retry-After",
        "integer",
        "1",
        "Seconds after which the same request can be sent again.",
    ),
    (
        "X-Should-Retry",
        "string",
        "true",
        "Whether sending the same request again can help.",
    ),
    (
        "Allow",
        "string",
        "GET, POST, HEAD",
        "The methods that the path has.",
    ),
];

/// The headers that answers point at.
pub(super) fn header_components() -> Vec<(String, Value)> {
    let component = |(name, kind, example, words): &(&str, &str, &str, &str)| {
        let example = match *kind {
            "integer" => serde_json::from_str(example).unwrap_or_default(),
            _ => Value::from(*example),
        };
        let header =
            json!({ "description": words, "schema": { "type": kind }, "example": example });
        ((*name).to_owned(), header)
    };
    HEADERS.iter().map(component).collect()
}

/// The failures of all operations. Most are the same everywhere: each stands here once, and the
/// operations point at it.
pub(super) struct Failures(Vec<(String, Value)>);

impl Failures {
    /// Begins with the answers to requests that no operation takes.
    pub(super) fn new() -> Self {
        let mut failures = Self(Vec::new());
        failures.share(404, failure(None, 404, &[Code::RouteNotFound]));
        failures.share(405, failure(None, 405, &[Code::MethodNotAllowed]));
        failures
    }

    /// A pointer to this failure. Where a status fails in several ways, they are counted.
    fn share(&mut self, status: u16, failure: Value) -> Value {
        if let Some((name, _)) = self.0.iter().find(|(_, known)| *known == failure) {
            return reference("responses", name);
        }
        let first = format!("Error{status}");
        let others = self.0.iter().filter(|(name, _)| name.starts_with(&first));
        let name = match others.count() {
            0 => first,
            before => format!("{first}_{}", before + 1),
        };
        let pointer = reference("responses", &name);
        self.0.push((name, failure));
        pointer
    }

    /// All of them by name.
    pub(super) fn into_components(mut self) -> Vec<(String, Value)> {
        self.0.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.0
    }
}

/// The answers of a route by status.
pub(super) fn of(route: &Route, failures: &mut Failures) -> BTreeMap<String, Value> {
    let mut responses = BTreeMap::new();
    responses.insert(route.doc.status.to_string(), success(route));
    if route.heeds_if_none_match() {
        let known = json!({
            "description": "The caller has this version already.",
            "headers": headers(success_headers(route)),
        });
        responses.insert("304".to_owned(), known);
    }
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in errors::codes(route) {
        by_status.entry(code.status()).or_default().push(code);
    }
    for (status, codes) in by_status {
        let failure = failure(Some(route), status, &codes);
        responses.insert(status.to_string(), failures.share(status, failure));
    }
    responses
}

fn success(route: &Route) -> Value {
    let mut response = json!({
        "description": success_words(route),
        "headers": headers(success_headers(route)),
    });
    if route.doc.status != 204 {
        response["content"] = match route.doc.media_type {
            Some(media_type) => json!({ media_type: { "schema": { "type": "string" } } }),
            None => json!({ JSON: content(route) }),
        };
    }
    if route.is_stream() {
        let example =
            "id: 42\nevent: client.created\ndata: {\"id\":\"evt_01jwtq3xg0e8k9c3v5r7t9w1y3\"}\n\n";
        response["content"] = json!({
            "text/event-stream": { "schema": { "type": "string" }, "example": example },
        });
    }
    response
}

fn success_words(route: &Route) -> &'static str {
    match route.doc.status {
        201 => "Created.",
        202 => "Begun.",
        204 => "Done; there is no body.",
        _ if route.doc.listed => "One page of the list.",
        _ => "The answer.",
    }
}

fn success_headers(route: &Route) -> Vec<&'static str> {
    let mut names = ON_EVERYTHING.to_vec();
    if route.is_authenticated() {
        names.extend(WITH_CALLER);
        names.push("Cache-Control");
    } else if route.is_auth() {
        names.push("Cache-Control");
    }
    let further = [
        ("ETag", route.doc.tagged),
        ("Location", route.doc.status == 201),
        ("Idempotent-Replayed", route.is_post()),
        ("Link", route.is_paged()),
    ];
    let present = further.iter().filter(|(_, present)| *present);
    names.extend(present.map(|(name, _)| *name));
    names
}

fn content(route: &Route) -> Value {
    let Some((name, _)) = &route.doc.response else {
        return json!({ "schema": { "type": "object" } });
    };
    let one = reference("schemas", name);
    let example = examples::of(name);
    if !route.doc.listed {
        return with_example(one, example);
    }
    let schema = json!({
        "type": "object",
        "required": ["object", "data", "has_more", "next_cursor", "url"],
        "properties": {
            "object": { "type": "string", "const": "list" },
            "data": { "type": "array", "items": one },
            "has_more": { "type": "boolean", "description": "There is a next page." },
            "next_cursor": {
                "type": ["string", "null"],
                "description": "The `cursor` of the next page; null on the last.",
            },
            "url": { "type": "string", "description": "The path of the list." },
        },
    });
    let page = example.map(|example| {
        json!({
            "object": "list",
            "data": [example],
            "has_more": false,
            "next_cursor": null,
            "url": route.path.replace("{client_id}", examples::CLIENT_ID),
        })
    });
    with_example(schema, page)
}

fn with_example(schema: Value, example: Option<Value>) -> Value {
    let mut content = json!({ "schema": schema });
    if let Some(example) = example {
        content["example"] = example;
    }
    content
}

/// The failures of one status. Without a route: of a request that found none.
fn failure(route: Option<&Route>, status: u16, codes: &[Code]) -> Value {
    let meanings: Vec<String> = codes
        .iter()
        .map(|code| format!("- {}: {}", quoted(code.name()), code.sentence()))
        .collect();
    let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
    let samples: Map<String, Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), reference("examples", name)))
        .collect();
    json!({
        "description": meanings.join("\n"),
        "x-codes": names,
        "headers": headers(failure_headers(route, status, codes)),
        "content": {
            JSON: { "schema": reference("schemas", "Error"), "examples": samples },
            PROBLEM_JSON: { "schema": reference("schemas", "Problem") },
        },
    })
}

fn failure_headers(route: Option<&Route>, status: u16, codes: &[Code]) -> Vec<&'static str> {
    // What is refused before a credential was accepted belongs to no account.
    let before_caller = [401, 414, 421, 431].contains(&status);
    let has_caller = !before_caller && route.is_none_or(Route::is_authenticated);
    let mut names = ON_EVERYTHING.to_vec();
    if has_caller {
        names.extend(WITH_CALLER);
    }
    names.push("Cache-Control");
    let has = |kind: Kind| codes.iter().any(|code| code.kind() == kind);
    let is_saved = codes.iter().any(|code| code.is_decision());
    let further = [
        (
            "WWW-Authenticate",
            has(Kind::Authentication) || codes.contains(&Code::InsufficientScope),
        ),
        (
            "Retry-After",
            codes.contains(&Code::IdempotencyInProgress) || [429, 503].contains(&status),
        ),
        ("X-Should-Retry", [409, 429, 500, 503].contains(&status)),
        ("Allow", status == 405),
        (
            "Idempotent-Replayed",
            is_saved && route.is_some_and(Route::is_post),
        ),
    ];
    let present = further.iter().filter(|(_, present)| *present);
    names.extend(present.map(|(name, _)| *name));
    names
}

fn headers(names: Vec<&str>) -> Map<String, Value> {
    let pointed = names
        .into_iter()
        .map(|name| (name.to_owned(), reference("headers", name)));
    pointed.collect()
}
