//! What a request that may be sent twice is known by: its idempotency key and its fingerprint.

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderValue};

use crate::caller::Caller;
use crate::error::{Code, Error, Result};
use crate::secrets::{Digest, digest_parts};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const IDEMPOTENCY_KEY_MAX: usize = 255;

/// Whether a key asks for its own rotation again.
pub(super) fn asks_for_own_rotation(request: &HttpRequest, caller: &Caller) -> bool {
    let Some(id) = caller.credential.key_id() else {
        return false;
    };
    *request.method() == Method::POST
        && request.path().ends_with(&format!("/api-keys/{id}/rotate"))
        && request.headers().contains_key(IDEMPOTENCY_KEY)
}

/// The idempotency key of a request: 1 to 255 printable ASCII characters, bare or quoted.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let refused = || {
        let code = Code::InvalidIdempotencyKey;
        Error::parameter(code, "Idempotency-Key", code.sentence())
    };
    if values.next().is_some() {
        return Err(refused());
    }
    let text = value
        .to_str()
        .ok()
        .ok_or_else(refused)?
        .trim_matches([' ', '\t']);
    let bare = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text);
    let printable = bare.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if bare.is_empty() || bare.len() > IDEMPOTENCY_KEY_MAX || !printable {
        return Err(refused());
    }
    Ok(Some(bare.to_owned()))
}

/// What a request asked for, to the byte.
pub(super) fn fingerprint(request: &HttpRequest, body: &[u8]) -> Digest {
    let target = request
        .uri()
        .path_and_query()
        .map_or("", |target| target.as_str());
    let media_type = request
        .headers()
        .get("content-type")
        .map_or(&b""[..], HeaderValue::as_bytes);
    digest_parts(&[
        request.method().as_str().as_bytes(),
        target.as_bytes(),
        media_type,
        body,
    ])
}
