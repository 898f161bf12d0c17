//! Errors as RFC 6749 writes them: `error` is a string.

use serde::Serialize;

use crate::api::error_body::retry_headers;
use crate::api::respond::JSON;
use crate::error::{Code, Error, Kind};
use crate::idempotency::Answer;

/// What the token endpoint can refuse with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthCode {
    /// The request is malformed.
    InvalidRequest,
    /// The client is not authenticated.
    InvalidClient,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// There is no such grant here.
    UnsupportedGrantType,
    /// The code or the refresh token is not accepted.
    InvalidGrant,
    /// The scope is unknown or more than the client holds.
    InvalidScope,
    /// The resource is not one of this server.
    InvalidTarget,
    /// The coach, or this server, said no.
    AccessDenied,
    /// There is no such response type here.
    UnsupportedResponseType,
    /// Request objects are not taken.
    RequestNotSupported,
    /// Request objects by reference are not taken.
    InvalidRequestUri,
    /// Tokens of this kind are revoked elsewhere.
    UnsupportedTokenType,
    /// Too many failures, or a passing fault of ours.
    TemporarilyUnavailable,
    /// A fault of ours.
    ServerError,
}

impl OAuthCode {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::RequestNotSupported => "request_not_supported",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }
}

/// The members in the order in which the seed shows them.
#[derive(Serialize)]
struct Body {
    error: &'static str,
    error_description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

/// A refusal of an OAuth endpoint.
#[derive(Debug)]
pub struct Refusal {
    code: OAuthCode,
    description: &'static str,
    basic: bool,
    status: u16,
    retry_after_s: Option<u32>,
    allow: Option<String>,
}

impl Refusal {
    /// A refusal with what to do about it. Descriptions hold no quotes and no backslashes
    /// (RFC 6749, section 5.2), so they are ours alone.
    pub fn new(code: OAuthCode, description: &'static str) -> Self {
        let status = if code == OAuthCode::InvalidClient {
            401
        } else {
            400
        };
        Self {
            code,
            description,
            basic: false,
            status,
            retry_after_s: None,
            allow: None,
        }
    }

    /// The seed's refusal of a client, whatever was wrong with it.
    pub fn client(basic: bool) -> Self {
        let refusal = Self::new(OAuthCode::InvalidClient, "Client authentication failed");
        Self { basic, ..refusal }
    }

    /// What it is called on the wire.
    pub fn code(&self) -> OAuthCode {
        self.code
    }

    /// What to do about it.
    pub fn description(&self) -> &'static str {
        self.description
    }

    /// Whether the client was not authenticated.
    pub fn is_invalid_client(&self) -> bool {
        self.code == OAuthCode::InvalidClient
    }

    /// The answer. Clients ignore members that they do not know; the seed's clients know `message`.
    pub fn answer(&self) -> Answer {
        let body = Body {
            error: self.code.name(),
            error_description: self.description,
            message: self.is_invalid_client().then_some(self.description),
        };
        // A struct of three texts always has a form in JSON.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut answer = Answer::bytes(self.status, JSON, body);
        answer.headers = retry_headers(self.status, false);
        if self.basic {
            answer
                .headers
                .push(("WWW-Authenticate", "Basic realm=\"cadence\"".to_owned()));
        }
        if let Some(seconds) = self.retry_after_s {
            answer.headers.push(("Retry-After", seconds.to_string()));
        }
        if let Some(methods) = &self.allow {
            answer.headers.push(("Allow", methods.clone()));
        }
        no_store(answer)
    }
}

/// Every answer of the token endpoint is nobody else's to keep.
pub fn no_store(mut answer: Answer) -> Answer {
    answer
        .headers
        .push(("Cache-Control", "no-store".to_owned()));
    answer.headers.push(("Pragma", "no-cache".to_owned()));
    answer
        .headers
        .push(("Access-Control-Allow-Origin", "*".to_owned()));
    answer
}

/// Whether the endpoint at a path answers every failure in this form.
pub fn is_spoken_at(path: &str) -> bool {
    let paths = [
        "/oauth/token",
        "/oauth2/token",
        "/oauth/revoke",
        "/oauth/introspect",
    ];
    paths.contains(&path)
}

/// What goes wrong before an endpoint of OAuth is asked, in its form.
pub fn before(path: &str, error: &Error) -> Answer {
    let answer = Refusal::from(error).answer();
    if path == "/oauth/introspect" {
        return not_shared(answer);
    }
    answer
}

/// An answer that browsers of other origins must not read.
pub fn not_shared(mut answer: Answer) -> Answer {
    answer
        .headers
        .retain(|(name, _)| *name != "Access-Control-Allow-Origin");
    answer
}

/// An answer that is the same for everybody: it may be kept a while, and read from any origin.
pub fn shared(mut answer: Answer) -> Answer {
    let cached = "public, max-age=300".to_owned();
    answer.headers.push(("Cache-Control", cached));
    answer
        .headers
        .push(("Access-Control-Allow-Origin", "*".to_owned()));
    answer
}

/// Sentences for what goes wrong before the endpoint itself is asked.
const WORDS: &[(Code, &str)] = &[
    (Code::MethodNotAllowed, "Use POST."),
    (Code::BodyTooLarge, "The body is larger than 16 KiB."),
    (Code::RequestTimeout, "The body did not arrive in time."),
    (
        Code::HostNotAllowed,
        "The Host is not one of this server's names.",
    ),
];

/// What goes wrong before or beside OAuth, in its form and with its own status.
impl From<&Error> for Refusal {
    fn from(error: &Error) -> Self {
        let (code, description) = match error.code().kind() {
            Kind::Internal => (OAuthCode::ServerError, "Something went wrong here."),
            Kind::Unavailable | Kind::RateLimit => (
                OAuthCode::TemporarilyUnavailable,
                "Wait for as long as Retry-After says.",
            ),
            Kind::InvalidRequest
            | Kind::Authentication
            | Kind::Permission
            | Kind::NotFound
            | Kind::Conflict
            | Kind::Precondition
            | Kind::Unprocessable => (
                OAuthCode::InvalidRequest,
                WORDS
                    .iter()
                    .find(|(code, _)| *code == error.code())
                    .map_or("The request is malformed.", |(_, words)| words),
            ),
        };
        let status = error.code().status();
        let retry_after_s = error.retry_after_s();
        let allow = error
            .extra_value("allowed")
            .and_then(|methods| methods.as_str());
        Self {
            code,
            description,
            basic: false,
            status,
            retry_after_s,
            allow: allow.map(str::to_owned),
        }
    }
}
