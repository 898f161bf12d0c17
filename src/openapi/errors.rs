//! What an operation can fail with, and how failures look.

use serde_json::{Value, json};

use super::quoted;
use crate::api::error_body::{self, Form};
use crate::api::route::{Method, Route};
use crate::api::samples;
use crate::caller::Need;
use crate::error::{Code, Error};
use crate::ids::RequestId;

/// The codes that every operation can answer, whatever it does.
const EVERYWHERE: &[Code] = &[
    Code::HostNotAllowed,
    Code::UriTooLong,
    Code::HeadersTooLarge,
    Code::InternalError,
    Code::Overloaded,
];

/// Operations with a caller; each refuses query parameters that it does not know.
const WITH_CALLER: &[Code] = &[
    Code::AuthMissing,
    Code::AuthInvalid,
    Code::AuthRevoked,
    Code::AuthRotating,
    Code::AmbiguousCredentials,
    Code::PlanRequired,
    Code::IpNotAllowed,
    Code::RateLimited,
    Code::InvalidParameter,
];

/// Routes of signing in; each refuses two cookies of one name, and parameters.
const IN_A_BROWSER: &[Code] = &[Code::AmbiguousCredentials, Code::InvalidParameter];

const WITH_BODY: &[Code] = &[
    Code::MalformedJson,
    Code::ValidationFailed,
    Code::UnknownField,
    Code::BodyTooLarge,
    Code::UnsupportedMediaType,
    Code::RequestTimeout,
];

const WITH_IDEMPOTENCY_KEY: &[Code] = &[
    Code::InvalidIdempotencyKey,
    Code::IdempotencyKeyReused,
    Code::IdempotencyInProgress,
];

/// The codes that a route can answer, in the order of the table of codes.
pub(super) fn codes(route: &Route) -> Vec<Code> {
    let has_workspace = route.path_parameters().any(|name| name == "workspace_id");
    // Another's workspace is forbidden, whether it exists or not; any other id may lead nowhere.
    let has_id = route.path_parameters().any(|name| name != "workspace_id");
    let needs_scope = matches!(route.need, Need::Scope(_));
    let groups: &[(bool, &[Code])] = &[
        (true, EVERYWHERE),
        (route.is_auth(), IN_A_BROWSER),
        (
            route.is_auth() && route.method != Method::GET,
            &[Code::CrossOriginRefused],
        ),
        (
            route.is_auth() && route.method != Method::GET,
            &[Code::WriteNotSaved],
        ),
        (
            route.is_authenticated() && route.method != Method::GET,
            &[Code::CrossOriginRefused],
        ),
        (route.is_authenticated(), WITH_CALLER),
        (needs_scope, &[Code::InsufficientScope]),
        (
            // A session names its workspace in any call.
            has_workspace || route.is_authenticated(),
            &[Code::AuthForbidden],
        ),
        (has_id, &[Code::NotFound]),
        (route.is_paged(), &[Code::InvalidCursor]),
        (route.reads_body(), WITH_BODY),
        (route.is_post(), WITH_IDEMPOTENCY_KEY),
        (route.is_write(), &[Code::WriteNotSaved]),
        (route.heeds_if_match(), &[Code::EtagMismatch]),
        (true, route.doc.codes),
    ];
    let possible = |code: &Code| {
        groups
            .iter()
            .any(|(applies, codes)| *applies && codes.contains(code))
    };
    Code::ALL.iter().copied().filter(possible).collect()
}

/// An example of every code, rendered by the very code that renders errors.
pub(super) fn examples() -> Vec<(String, Value)> {
    let example = |code: &Code| {
        let body = rendered(&samples::error(*code));
        let example = json!({ "summary": code.sentence(), "value": body });
        (code.name().to_owned(), example)
    };
    Code::ALL.iter().map(example).collect()
}

fn rendered(error: &Error) -> Value {
    let Some(request_id) = RequestId::parse("req_01jwtq3xg0e8k9c3v5r7t9w1y5") else {
        return Value::Null;
    };
    let answer = error_body::render(error, Form::Envelope, request_id);
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn kinds() -> Vec<&'static str> {
    let mut kinds: Vec<&'static str> = Vec::new();
    for code in Code::ALL {
        if !kinds.contains(&code.kind().name()) {
            kinds.push(code.kind().name());
        }
    }
    kinds
}

/// The schemas of errors, which no handler answers with itself.
pub(super) fn schemas() -> [(&'static str, Value); 4] {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    let meanings: Vec<String> = Code::ALL
        .iter()
        .map(|code| {
            let name = quoted(code.name());
            format!("- {name} ({}): {}", code.status(), code.sentence())
        })
        .collect();
    let code = json!({
        "type": "string",
        "description": format!("A stable name for what went wrong.\n\n{}", meanings.join("\n")),
        "enum": codes,
    });
    [
        ("Error", envelope_schema()),
        ("ErrorCode", code),
        ("FieldError", field_schema()),
        ("Problem", problem_schema()),
    ]
}

fn envelope_schema() -> Value {
    let mut members = shared_members();
    members["type"] = json!({
        "type": "string",
        "description": "The family of the code: what a caller can do about it.",
        "enum": kinds(),
    });
    members["message"] = json!({
        "type": "string",
        "description": "What went wrong, for people. It may change.",
    });
    json!({
        "type": "object",
        "description": "Every answer that is not a success.",
        "required": ["error"],
        "properties": { "error": {
            "type": "object",
            "required": ["type", "code", "message", "request_id", "doc_url"],
            "properties": members,
        } },
    })
}

fn problem_schema() -> Value {
    let mut members = shared_members();
    members["type"] = json!({ "type": "string", "format": "uri-reference", "description": "The same as `doc_url`." });
    members["title"] = json!({ "type": "string", "description": "The code's general sentence." });
    members["status"] = json!({ "type": "integer", "description": "The HTTP status." });
    members["detail"] =
        json!({ "type": "string", "description": "What went wrong, for people. It may change." });
    json!({
        "type": "object",
        "description": "The same error in the form of RFC 9457, for `Accept: application/problem+json`.",
        "required": ["type", "title", "status", "detail", "code", "request_id", "doc_url"],
        "properties": members,
    })
}

fn shared_members() -> Value {
    let text = |words: &str| json!({ "type": "string", "description": words });
    json!({
        "code": super::reference("schemas", "ErrorCode"),
        "request_id": text("Names the request in the server's log."),
        "doc_url": text("Where the code is explained."),
        "errors": {
            "type": "array",
            "description": "All that is invalid, at once.",
            "items": super::reference("schemas", "FieldError"),
        },
        "reason": text("With `auth_invalid`: `unknown`, `checksum`, `expired` or `disabled`."),
        "credential": text("With `auth_invalid`: the kind of credential that was seen."),
        "scopes": {
            "type": "array",
            "description": "With `insufficient_scope`: the missing scopes.",
            "items": { "type": "string" },
        },
        "plan": text("With `plan_required`: the account's plan."),
        "allowed": text("With `method_not_allowed`: the methods that the path has."),
        "existing_id": text("With `already_exists`, and with `state_conflict` of an export: the object that is in the way."),
        "status": text("With `state_conflict`: the state that the object is in."),
        "limit_bytes": {
            "type": "integer",
            "description": "With `body_too_large`: the most that the call takes.",
        },
        "oldest_sequence": {
            "type": "integer",
            "description": "With `cursor_expired`: the oldest event that is kept.",
        },
    })
}

fn field_schema() -> Value {
    json!({
        "type": "object",
        "description": "One invalid field, query parameter or header.",
        "required": ["code", "message"],
        "properties": {
            "pointer": { "type": "string", "description": "Of a body: a JSON pointer to the field." },
            "parameter": { "type": "string", "description": "Otherwise: the name of the parameter or header." },
            "code": { "type": "string", "description": "A stable name such as `required` or `invalid_email`." },
            "message": { "type": "string", "description": "What is wrong." },
            "fix": { "type": "string", "description": "What to do about it." },
        },
    })
}
