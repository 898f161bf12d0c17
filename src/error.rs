//! What can go wrong, named once.
//!
//! One [`Error`] serves every feature and knows no HTTP library. Its [`Code`] is a stable name that
//! clients program against; the code's [`Kind`] says what a caller can do about it. Codes, statuses
//! and sentences stand in one table below, from which the OpenAPI enum and the errors page come.
//!
//! Invariant: `Display` is the public sentence. The source is for the log, once, at the edge.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

/// The result of nearly everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The family of a code: the `type` member of the error body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request has to be changed.
    InvalidRequest,
    /// The credential is absent or not accepted.
    Authentication,
    /// The credential is accepted but may not do this.
    Permission,
    /// There is no such thing, or none that the caller may see.
    NotFound,
    /// The state of things contradicts the request.
    Conflict,
    /// The caller's copy is stale.
    Precondition,
    /// The request is well formed but cannot be carried out.
    Unprocessable,
    /// Too many requests.
    RateLimit,
    /// A fault of this server.
    Internal,
    /// A passing state of this server: the same request may be sent again.
    Unavailable,
}

impl Kind {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Precondition => "precondition",
            Self::Unprocessable => "unprocessable",
            Self::RateLimit => "rate_limit",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }
}

macro_rules! codes {
    ($($variant:ident $name:literal $status:literal $kind:ident $sentence:literal)*) => {
        /// A stable name for what went wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $sentence] $variant,)* }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name on the wire; it never changes.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// What a caller can do about it.
            pub fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)* }
            }

            /// The general sentence, used where no better one is at hand.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }
        }
    };
}

codes! {
    MalformedJson "malformed_json" 400 InvalidRequest "The body is not valid JSON."
    ValidationFailed "validation_failed" 400 InvalidRequest "One or more fields are invalid."
    UnknownField "unknown_field" 400 InvalidRequest "The body has a field that does not exist here."
    InvalidParameter "invalid_parameter" 400 InvalidRequest "A query parameter is invalid."
    InvalidCursor "invalid_cursor" 400 InvalidRequest "The cursor does not belong to this list."
    InvalidIdempotencyKey "invalid_idempotency_key" 400 InvalidRequest "The Idempotency-Key must be 1 to 255 printable ASCII characters, sent once."
    AmbiguousCredentials "ambiguous_credentials" 400 InvalidRequest "The request carries more than one credential."
    AuthMissing "auth_missing" 401 Authentication "No credential was sent. Send an API key as `Authorization: Bearer cdnsk_…`."
    AuthInvalid "auth_invalid" 401 Authentication "The credential is not accepted."
    AuthRevoked "auth_revoked" 401 Authentication "The API key has been revoked."
    AuthRotating "auth_rotating" 401 Authentication "The API key was rotated. Use the new key."
    AuthForbidden "auth_forbidden" 403 Permission "The credential does not have access to this workspace resource."
    InsufficientScope "insufficient_scope" 403 Permission "The credential lacks a scope that this call needs."
    PlanRequired "plan_required" 403 Permission "The account's plan has no API access."
    IpNotAllowed "ip_not_allowed" 403 Permission "The credential may not be used from this address."
    CrossOriginRefused "cross_origin_refused" 403 Permission "A browser sent this request from another origin."
    ReauthRequired "reauth_required" 403 Permission "Sign in again to do this: the last password entry is more than five minutes ago."
    NotFound "not_found" 404 NotFound "There is no such object."
    RouteNotFound "route_not_found" 404 NotFound "There is no such path."
    MethodNotAllowed "method_not_allowed" 405 InvalidRequest "The path exists, but not with this method."
    RequestTimeout "request_timeout" 408 InvalidRequest "The request did not arrive in time."
    CursorExpired "cursor_expired" 410 InvalidRequest "The cursor points at what is no longer kept."
    BodyTooLarge "body_too_large" 413 InvalidRequest "The body is larger than this call takes."
    UriTooLong "uri_too_long" 414 InvalidRequest "The path and query are longer than 8 KiB."
    UnsupportedMediaType "unsupported_media_type" 415 InvalidRequest "The body must be sent as application/json, without a Content-Encoding."
    HostNotAllowed "host_not_allowed" 421 InvalidRequest "The Host of this request is not one of this server's names."
    HeadersTooLarge "headers_too_large" 431 InvalidRequest "The headers are larger than 32 KiB."
    IdempotencyKeyReused "idempotency_key_reused" 409 Conflict "This Idempotency-Key was used with another request."
    IdempotencyInProgress "idempotency_in_progress" 409 Conflict "A request with this Idempotency-Key is still running."
    AlreadyExists "already_exists" 409 Conflict "An object with this value exists already."
    StateConflict "state_conflict" 409 Conflict "The object's state does not allow this."
    BookingOverlap "booking_overlap" 409 Conflict "The space is taken for part of that time."
    EtagMismatch "etag_mismatch" 412 Precondition "The object has changed since it was read."
    ProgramUnsatisfiable "program_unsatisfiable" 422 Unprocessable "No program meets these constraints."
    RateLimited "rate_limited" 429 RateLimit "Too many requests. Wait for as long as Retry-After says."
    InternalError "internal" 500 Internal "Something went wrong here. The request id names it in the server's log."
    Overloaded "overloaded" 503 Unavailable "The server is busy. Send the same request again."
    InjectedError "injected_error" 500 Internal "This failure was put in the way by `cadence dev --fail-rate`. Nothing was done."
    InjectedUnavailable "injected_unavailable" 503 Unavailable "This failure was put in the way by `cadence dev --fail-rate`. Nothing was done. Send the same request again."
    WriteNotSaved "write_not_saved" 503 Unavailable "The change could not be saved, and nothing of it was. Send the same request again."
}

impl Code {
    /// True for a failure that `cadence dev` was asked to put in the way.
    pub fn is_injected(self) -> bool {
        matches!(self, Self::InjectedError | Self::InjectedUnavailable)
    }

    /// True for what an operation itself decided: such an answer is saved under an idempotency key.
    pub fn is_decision(self) -> bool {
        matches!(
            self,
            Self::AlreadyExists
                | Self::StateConflict
                | Self::BookingOverlap
                | Self::ProgramUnsatisfiable
        )
    }
}

/// Where in the request a field error was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A JSON pointer into the body.
    Pointer(String),
    /// The name of a query parameter or header.
    Parameter(String),
}

/// One invalid field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Where it stands.
    pub place: Place,
    /// A stable name such as `required` or `invalid_email`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
}

/// Field errors that one answer tells.
const MAX_FIELDS: usize = 100;

/// A failure with a stable code and a public sentence.
pub struct Error(Box<Inner>);

struct Inner {
    code: Code,
    message: Cow<'static, str>,
    fields: Vec<FieldError>,
    extra: Vec<(&'static str, Value)>,
    retry_after_s: Option<u32>,
    source: Option<anyhow::Error>,
}

impl Error {
    /// The code with its general sentence.
    pub fn new(code: Code) -> Self {
        Self::with(code, code.sentence())
    }

    /// The code with a sentence that fits the case.
    pub fn with(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        let retry_after_s = (code.kind() == Kind::Unavailable).then_some(1);
        Self(Box::new(Inner {
            code,
            message: message.into(),
            fields: Vec::new(),
            extra: Vec::new(),
            retry_after_s,
            source: None,
        }))
    }

    /// All invalid fields of a body at once.
    ///
    /// The first hundred are told; the sentence counts them all.
    pub fn invalid(mut fields: Vec<FieldError>) -> Self {
        let message = match fields.len() {
            1 => Cow::Borrowed("One field is invalid."),
            2 => Cow::Borrowed("Two fields are invalid."),
            n => Cow::Owned(format!("{n} fields are invalid.")),
        };
        fields.truncate(MAX_FIELDS);
        let mut error = Self::with(Code::ValidationFailed, message);
        error.0.fields = fields;
        error
    }

    /// One invalid query parameter or header.
    pub fn parameter(code: Code, name: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut error = Self::with(code, message.clone());
        error.0.fields.push(FieldError {
            place: Place::Parameter(name.to_owned()),
            code: code.name(),
            message,
            fix: None,
        });
        error
    }

    /// There is no such object, or it is another tenant's: the two must not be told apart.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// A fault of ours; the source goes to the log and never to the caller.
    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        let mut error = Self::new(Code::InternalError);
        error.0.source = Some(source.into());
        error
    }

    /// A fault of ours that has no underlying error.
    pub fn bug(what: &'static str) -> Self {
        Self::internal(anyhow::anyhow!(what))
    }

    /// The same failure under a narrower code.
    #[must_use]
    pub fn recode(mut self, code: Code) -> Self {
        self.0.code = code;
        self
    }

    /// The same failure with another sentence.
    #[must_use]
    pub fn reword(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Adds a further member to the error body.
    #[must_use]
    pub fn extra(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.extra.push((name, value.into()));
        self
    }

    /// Says after how many seconds the same request can be sent again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// Keeps what caused it, for the log.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The public sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The invalid fields, if that is what went wrong.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// Further members of the error body.
    pub fn extras(&self) -> &[(&'static str, Value)] {
        &self.0.extra
    }

    /// One further member of the error body.
    pub fn extra_value(&self, name: &str) -> Option<&Value> {
        self.0
            .extra
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// Seconds after which the same request can be sent again.
    pub fn retry_after_s(&self) -> Option<u32> {
        self.0.retry_after_s
    }

    /// The cause, for the log.
    pub fn source(&self) -> Option<&anyhow::Error> {
        self.0.source.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.name(), self.0.message)?;
        if let Some(source) = &self.0.source {
            write!(f, ": {source:#}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_names_are_unique_and_statuses_are_errors() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();

        assert_eq!(names.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| code.status() >= 400));
    }
}
