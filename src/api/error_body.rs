//! Errors as HTTP: the one place that gives a failure its body and headers.
//!
//! The envelope is `{"error": {…}}`; with `Accept: application/problem+json` the same failure comes
//! as RFC 9457, with the same status and code.

use serde_json::{Map, Value, json};

use super::respond::{JSON, PROBLEM_JSON};
use crate::caller::Scope;
use crate::error::{Code, Error, FieldError, Kind, Place};
use crate::idempotency::Answer;
use crate::ids::RequestId;
use crate::secrets::masked;

/// The two forms of an error body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `{"error": {…}}`
    Envelope,
    /// RFC 9457.
    Problem,
}

/// The answer that tells of a failure.
pub fn render(error: &Error, form: Form, request_id: RequestId) -> Answer {
    let code = error.code();
    let mut members = Map::new();
    let doc_url = format!("/docs/errors#{}", code.name());
    match form {
        Form::Envelope => {
            members.insert("type".to_owned(), code.kind().name().into());
            members.insert("code".to_owned(), code.name().into());
            members.insert("message".to_owned(), error.message().into());
        }
        Form::Problem => {
            members.insert("type".to_owned(), doc_url.as_str().into());
            members.insert("title".to_owned(), code.sentence().into());
            members.insert("status".to_owned(), code.status().into());
            members.insert("detail".to_owned(), error.message().into());
            members.insert("code".to_owned(), code.name().into());
        }
    }
    if !error.fields().is_empty() {
        let fields = error.fields().iter().map(field).collect();
        members.insert("errors".to_owned(), Value::Array(fields));
    }
    for (name, value) in error.extras() {
        members.insert((*name).to_owned(), value.clone());
    }
    members.insert("request_id".to_owned(), request_id.to_string().into());
    members.insert("doc_url".to_owned(), doc_url.into());
    let (content_type, body) = match form {
        Form::Envelope => (JSON, json!({ "error": members })),
        Form::Problem => (PROBLEM_JSON, Value::Object(members)),
    };
    // Names of unknown fields and parameters are sent back: one that is a key must not be.
    let body = masked(&body.to_string()).into_owned();
    let mut answer = Answer::bytes(code.status(), content_type, body.into_bytes());
    answer.headers = headers(error);
    answer
}

fn field(field: &FieldError) -> Value {
    let mut members = Map::new();
    match &field.place {
        Place::Pointer(pointer) => members.insert("pointer".to_owned(), pointer.as_str().into()),
        Place::Parameter(name) => members.insert("parameter".to_owned(), name.as_str().into()),
    };
    members.insert("code".to_owned(), field.code.into());
    members.insert("message".to_owned(), field.message.as_str().into());
    if let Some(fix) = &field.fix {
        members.insert("fix".to_owned(), fix.as_str().into());
    }
    Value::Object(members)
}

/// The headers that go with a failure, on first answers and on replays alike.
pub fn headers(error: &Error) -> Vec<(&'static str, String)> {
    let code = error.code();
    let mut headers = retry_headers(code.status(), code == Code::IdempotencyInProgress);
    if let Some(seconds) = error.retry_after_s() {
        headers.push(("Retry-After", seconds.to_string()));
    }
    if let (Code::MethodNotAllowed, Some(allowed)) = (code, error.extra_value("allowed")) {
        headers.push(("Allow", allowed.as_str().unwrap_or_default().to_owned()));
    }
    if code.kind() == Kind::Authentication {
        // RFC 6750, section 3.1: no error code where no credential was sent.
        let challenge = if code == Code::AuthMissing {
            "Bearer realm=\"cadence\"".to_owned()
        } else {
            let words = error.message().replace(['"', '\\'], "'");
            let words: String = words.chars().filter(char::is_ascii).collect();
            format!(
                "Bearer realm=\"cadence\", error=\"invalid_token\", \
                error_description=\"{words}\""
            )
        };
        headers.push(("WWW-Authenticate", challenge));
    }
    if code == Code::InsufficientScope {
        let names: Vec<&str> = match error.extra_value("scopes") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let scope = names.join(" ");
        headers.push((
            "WWW-Authenticate",
            format!("Bearer realm=\"cadence\", error=\"insufficient_scope\", scope=\"{scope}\""),
        ));
    }
    headers
}

/// SDKs retry every 409 and 5xx unless told not to.
pub fn retry_headers(status: u16, in_progress: bool) -> Vec<(&'static str, String)> {
    let retry = match status {
        409 => in_progress,
        429 | 503 => true,
        500..=599 => false,
        _ => return Vec::new(),
    };
    vec![("X-Should-Retry", retry.to_string())]
}

/// The refusal of a caller that lacks scopes, for callers that check several at once.
pub fn missing_scopes(held: crate::caller::Scopes, needed: &[Scope]) -> Option<Error> {
    let missing: Vec<Scope> = needed
        .iter()
        .copied()
        .filter(|scope| !held.allow(*scope))
        .collect();
    (!missing.is_empty()).then(|| crate::caller::insufficient_scope(&missing))
}
