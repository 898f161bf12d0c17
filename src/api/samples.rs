//! An error of every code, as it looks when it is real: for the documentation, and for who asks for it.

use super::route::JSON_LIMIT_BYTES;
use crate::caller::{Scope, insufficient_scope};
use crate::error::{Code, Error, FieldError, Place};

/// An error of this code.
pub fn error(code: Code) -> Error {
    let sample = samples().into_iter().find(|error| error.code() == code);
    sample.unwrap_or_else(|| Error::new(code))
}

/// Errors of the codes that say more than their sentence.
fn samples() -> Vec<Error> {
    let invalid_email = FieldError {
        place: Place::Pointer("/email".to_owned()),
        code: "invalid_email",
        message: "Not an email address.".to_owned(),
        fix: Some("Use the form name@example.com.".to_owned()),
    };
    let unknown = FieldError {
        place: Place::Pointer("/emial".to_owned()),
        code: Code::UnknownField.name(),
        message: "This field does not exist here.".to_owned(),
        fix: Some("Did you mean `email`?".to_owned()),
    };
    vec![
        Error::invalid(vec![invalid_email]),
        Error::invalid(vec![unknown]).recode(Code::UnknownField),
        Error::parameter(
            Code::InvalidParameter,
            "limit",
            "`limit` must be a whole number from 1 to 100.",
        ),
        Error::parameter(
            Code::InvalidCursor,
            "cursor",
            "The cursor does not belong to this list with these filters.",
        ),
        Error::parameter(
            Code::InvalidIdempotencyKey,
            "Idempotency-Key",
            Code::InvalidIdempotencyKey.sentence(),
        ),
        Error::with(Code::AuthInvalid, "The credential is disabled.")
            .extra("reason", "disabled")
            .extra("credential", "live_api_key"),
        insufficient_scope(&[Scope::ClientsWrite]),
        Error::new(Code::PlanRequired).extra("plan", "free"),
        Error::new(Code::MethodNotAllowed).extra("allowed", "GET, POST, HEAD"),
        Error::new(Code::CursorExpired).extra("oldest_sequence", 1_204),
        Error::new(Code::BodyTooLarge).extra("limit_bytes", JSON_LIMIT_BYTES as u64),
        Error::with(
            Code::AlreadyExists,
            "A client with this email address exists already.",
        )
        .extra("existing_id", "cl_01jwtq3xg0e8k9c3v5r7t9w1y3"),
        Error::new(Code::StateConflict).extra("current_status", "archived"),
        Error::new(Code::IdempotencyInProgress).retry_after(1),
    ]
}
