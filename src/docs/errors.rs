//! `/docs/errors`: every code, when it comes and what to do about it.

use maud::html;

use super::markdown::inline;
use super::{Draft, code};
use crate::error::{Code, Kind};
use crate::openapi;

/// The kinds in the order of the page.
const KINDS: &[Kind] = &[
    Kind::InvalidRequest,
    Kind::Authentication,
    Kind::Permission,
    Kind::NotFound,
    Kind::Conflict,
    Kind::Precondition,
    Kind::Unprocessable,
    Kind::RateLimit,
    Kind::Internal,
    Kind::Unavailable,
];

/// When a code comes, and what to do about it.
#[expect(clippy::too_many_lines, reason = "a table: one entry a code")]
fn words(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::MalformedJson => (
            "The body cannot be read as JSON, or is not UTF-8.",
            "Send what a JSON library makes of your data, never a text put together by hand.",
        ),
        Code::ValidationFailed => (
            "One or more fields have a value that is not allowed. All of them are in `errors`, each with its `pointer` into the body.",
            "Put right what each entry's `message` says; `fix` says how, where that is known.",
        ),
        Code::UnknownField => (
            "The body has a field that this call does not know. A typing error would otherwise be lost in silence.",
            "Leave the field out, or spell it as `fix` proposes.",
        ),
        Code::InvalidParameter => (
            "A query parameter is unknown, is sent twice, or has a value that is not allowed. `errors[].parameter` names it.",
            "Compare it with the call's parameters in the reference.",
        ),
        Code::InvalidCursor => (
            "The cursor is of another list, of other filters or of another workspace.",
            "Begin at the first page again, and send `next_cursor` with the same filters.",
        ),
        Code::InvalidIdempotencyKey => (
            "The `Idempotency-Key` is empty, too long, not printable ASCII, or was sent twice.",
            "Send one key of 1 to 255 characters; a random UUID will do.",
        ),
        Code::AmbiguousCredentials => (
            "The request has two `Authorization` headers.",
            "Send one. Look whether a proxy on the way adds its own.",
        ),
        Code::AuthMissing => (
            "No credential was sent. One in the query string does not count.",
            "Send `Authorization: Bearer cdnsk_…`.",
        ),
        Code::AuthInvalid => (
            "The credential is not accepted. `reason` says why: `checksum` (mistyped or cut off), `unknown`, `expired`, `disabled`. `credential` says what kind was seen.",
            "`checksum`: copy it again, whole. Otherwise make a new key, or enable it.",
        ),
        Code::AuthRevoked => (
            "The API key was revoked. That is final.",
            "Use another key, and look into the audit log for who revoked it.",
        ),
        Code::AuthRotating => (
            "The API key was replaced by a new one, and its time of grace is over.",
            "Use the new key.",
        ),
        Code::AuthForbidden => (
            "The path names another workspace than the credential's own, or the call is for a person at the dashboard.",
            "Use a key of that workspace. `GET /v1/whoami` says which is yours.",
        ),
        Code::InsufficientScope => (
            "The credential lacks a scope that the call needs. `scopes` names it.",
            "Make a key that has the scope; a key cannot give itself more.",
        ),
        Code::PlanRequired => (
            "The account's plan has no API access.",
            "Ask the owner of the server for a plan that has it.",
        ),
        Code::IpNotAllowed => (
            "The key is limited to other addresses than the one that the request came from.",
            "Send it from an allowed address, or change the key's `allowed_ips`.",
        ),
        Code::CrossOriginRefused => (
            "A browser sent the request from a page of another site, with a cookie.",
            "Call the API with a key, from your own server.",
        ),
        Code::ReauthRequired => (
            "The act is sensitive, and the last password entry of this session is more than five minutes ago.",
            "`POST /auth/sessions/current/reauthenticate` with the password, then send the request again. Keys are exempt.",
        ),
        Code::NotFound => (
            "There is no such object, or it belongs to another workspace or mode: the two cannot be told apart.",
            "Look at the id, and whether the key is of the right mode: test objects are invisible to live keys.",
        ),
        Code::RouteNotFound => (
            "There is no such path.",
            "Compare the path with the reference; segments are lower case.",
        ),
        Code::MethodNotAllowed => (
            "The path exists, but not with this method.",
            "Use one of the methods that the `Allow` header lists.",
        ),
        Code::RequestTimeout => (
            "The request did not arrive whole in time.",
            "Send it again; look for a slow line or a wrong `Content-Length`.",
        ),
        Code::CursorExpired => (
            "The events after that number are no longer kept.",
            "Read the objects themselves once, then go on from the newest event.",
        ),
        Code::BodyTooLarge => (
            "The body is larger than the call takes. `limit_bytes` says what it takes.",
            "Divide it. Many clients go through `POST /v1/clients/import`.",
        ),
        Code::UriTooLong => (
            "Path and query are longer than 8 KiB.",
            "Send fewer or shorter parameters.",
        ),
        Code::UnsupportedMediaType => (
            "The body's `Content-Type` is not one that the call takes, or it was sent with a `Content-Encoding`.",
            "Send `Content-Type: application/json` and the plain bytes.",
        ),
        Code::HostNotAllowed => (
            "The `Host` of the request is not one of the server's names. This keeps other sites from reaching it through a browser.",
            "Use the public address, or have the operator add the name to `http.hosts`.",
        ),
        Code::HeadersTooLarge => (
            "The headers are larger than 32 KiB.",
            "Look for cookies or tokens that pile up.",
        ),
        Code::IdempotencyKeyReused => (
            "The `Idempotency-Key` was used for another request in the last 24 hours: another path, body or content type, to the byte.",
            "Use a new key for a new request, and the very same bytes for a retry.",
        ),
        Code::IdempotencyInProgress => (
            "A request with this `Idempotency-Key` is still being carried out.",
            "Send the same request again after `Retry-After` seconds.",
        ),
        Code::AlreadyExists => (
            "Another object has the value that must be unique. `existing_id` names it.",
            "Use that object, or change it.",
        ),
        Code::StateConflict => (
            "The object is in a state that does not allow the act. `current_status` names it.",
            "Read the object and decide again.",
        ),
        Code::BookingOverlap => (
            "The space is taken for part of that time.",
            "Ask for the availability and choose another time or space.",
        ),
        Code::EtagMismatch => (
            "The object has changed since the version in `If-Match`.",
            "Read it again, put your change onto the new version, and send that version's `ETag`.",
        ),
        Code::ProgramUnsatisfiable => (
            "No program meets all the constraints. The error names the one that cannot be met.",
            "Loosen that constraint: more days, more time, other equipment.",
        ),
        Code::RateLimited => (
            "The account used its limit and the burst, or an address sent too many requests without an accepted credential.",
            "Wait for as long as `Retry-After` says: then it succeeds. Refused requests do not count.",
        ),
        Code::InternalError => (
            "Something is wrong in the server. The request id names it in the server's log.",
            "Send the request again with its `Idempotency-Key`; if it stays, give the operator the request id.",
        ),
        Code::Overloaded => (
            "More writes wait than the server takes, or it is stopping.",
            "Send the same request again after `Retry-After` seconds.",
        ),
        Code::InjectedError | Code::InjectedUnavailable => (
            "`cadence dev` was started with `--fail-rate`, and this request is one of those that fail. Nothing was done.",
            "See that your program takes it well: it may send a 503 again after `Retry-After` seconds, and should not a 500.",
        ),
        Code::WriteNotSaved => (
            "The disk did not take the change, and nothing of it was done.",
            "Send the same request again. If it stays, the operator looks at the disk: `cadence doctor`.",
        ),
    }
}

pub(super) fn page() -> Draft {
    let of = |kind: Kind| {
        Code::ALL
            .iter()
            .copied()
            .filter(move |code| code.kind() == kind)
    };
    Draft {
        path: "/docs/errors".to_owned(),
        title: "Errors".to_owned(),
        content: html! {
            h1 { "Errors" }
            p.lead { "Every answer that is not a success has the same body. Program against " code { "code" } ", which never changes; " code { "message" } " is for people. " code { "doc_url" } " leads to the code's place on this page." }
            p { "In test mode any code can be forced, with its true status, headers and body: send " code { "Cadence-Force" } " with its name. Nothing is changed. The commands below need " code { "CADENCE_BASE_URL" } " and a test key in " code { "CADENCE_API_KEY" } "." }
            ul.jump {
                @for code in Code::ALL { li { a href={ "#" (code.name()) } { (code.name()) } } }
            }
            @for kind in KINDS {
                h2 id={ "type-" (kind.name()) } { code { (kind.name()) } }
                @for error in of(*kind) {
                    @let (when, todo) = words(error);
                    section.error id=(error.name()) aria-labelledby={ (error.name()) "-title" } {
                        h3 id={ (error.name()) "-title" } {
                            a.anchor href={ "#" (error.name()) } { (error.name()) }
                            " " span.status { (error.status()) }
                        }
                        p.sentence { (inline(error.sentence())) }
                        dl {
                            dt { "When" } dd { (inline(when)) }
                            dt { "What to do" } dd { (inline(todo)) }
                        }
                        (code("Force it", "curl", &forced(error)))
                        @if let Some(sample) = openapi::error_sample(error) {
                            details { summary { "Body" } (code("Body", "answer", &super::pretty(&sample))) }
                        }
                    }
                }
            }
        },
    }
}

fn forced(code: Code) -> String {
    format!(
        "curl -i \"$CADENCE_BASE_URL/v1/whoami\" \\\n  -H \"Authorization: Bearer $CADENCE_API_KEY\" \\\n  -H \"Cadence-Force: {}\"",
        code.name()
    )
}
