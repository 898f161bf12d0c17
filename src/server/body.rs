//! Taking in a request's body: its media type, its size, its time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;

use crate::api::respond::JSON;
use crate::error::{Code, Error, Result};

/// The slowest that a body may come in, beyond the time that every body has.
const MIN_BYTES_PER_S: u64 = 1024;
/// So much of a refused body is still read, so that the caller can finish sending and see why.
const DRAIN_LIMIT_BYTES: usize = 16 * 1024 * 1024;
/// The most that bodies which are still coming in may hold, all together: past it the next is refused,
/// so that nobody fills the memory with bodies that never end.
const ARRIVING_MAX_BYTES: usize = 512 * 1024 * 1024;

/// What a body may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    /// Its size.
    pub(super) bytes: usize,
    /// How long it may take to come in, whatever its size.
    pub(super) time: Duration,
}

/// The JSON body of a request, within the limit.
pub(super) async fn read_json(
    request: &HttpRequest,
    payload: Payload,
    allowed: Allowed,
) -> Result<Bytes> {
    read_typed(request, payload, allowed, &[JSON]).await
}

/// The body of a request that is of one of these media types, in UTF-8, within the limit.
pub(super) async fn read_typed(
    request: &HttpRequest,
    payload: Payload,
    allowed: Allowed,
    accepted: &[&str],
) -> Result<Bytes> {
    let headers = request.headers();
    let encoded = headers
        .get_all(CONTENT_ENCODING)
        .any(|coding| coding != "identity");
    let mut media_types = headers
        .get_all(CONTENT_TYPE)
        .map(|value| value.to_str().unwrap_or("?"));
    let media_type = media_types.next();
    // Of two types, either may be the one that somebody on the way looked at.
    let known = media_type.is_none_or(|media_type| is_one_of(media_type, accepted))
        && media_types.next().is_none();
    let announced = announced(request);
    if encoded || (!known && announced > 0) {
        drain(payload, announced, allowed.time).await;
        return Err(unsupported(accepted));
    }
    let body = read(payload, allowed, request).await?;
    if !body.is_empty() && (media_type.is_none() || !known) {
        return Err(unsupported(accepted));
    }
    Ok(body)
}

fn announced(request: &HttpRequest) -> u64 {
    let length = request.headers().get(CONTENT_LENGTH);
    length
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0)
}

/// A body of any media type, within the limit and in time.
///
/// The time grows with what has come in, so that a slow line can send a large body, but nobody
/// holds a connection open with a byte now and then.
pub(super) async fn read(
    payload: Payload,
    allowed: Allowed,
    request: &HttpRequest,
) -> Result<Bytes> {
    collect(payload, allowed, announced(request)).await
}

fn unsupported(accepted: &[&str]) -> Error {
    if accepted == [JSON] {
        return Error::new(Code::UnsupportedMediaType);
    }
    let message = format!(
        "The body must be sent as one of {}, in UTF-8 and without a Content-Encoding.",
        accepted.join(", ")
    );
    Error::with(Code::UnsupportedMediaType, message)
}

fn is_one_of(media_type: &str, accepted: &[&str]) -> bool {
    let mut parts = media_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or("");
    accepted
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

async fn collect(mut payload: Payload, allowed: Allowed, announced: u64) -> Result<Bytes> {
    let limit_bytes = allowed.bytes;
    if announced > limit_bytes as u64 {
        drain(payload, announced, allowed.time).await;
        return Err(too_large(limit_bytes));
    }
    let started = tokio::time::Instant::now();
    let mut body = BytesMut::new();
    let mut held = Held(0);
    loop {
        let earned = Duration::from_secs(body.len() as u64 / MIN_BYTES_PER_S);
        let next = tokio::time::timeout_at(started + allowed.time + earned, payload.next());
        let Some(chunk) = next
            .await
            .ok()
            .ok_or_else(|| Error::new(Code::RequestTimeout))?
        else {
            return Ok(body.freeze());
        };
        let chunk = chunk.map_err(|error| {
            Error::with(Code::MalformedJson, "The body did not arrive whole.")
                .caused_by(anyhow::anyhow!("{error}"))
        })?;
        if body.len() + chunk.len() > limit_bytes {
            drain(payload, u64::MAX, allowed.time).await;
            return Err(too_large(limit_bytes));
        }
        held.grow(chunk.len())?;
        body.extend_from_slice(&chunk);
    }
}

/// Bytes of all bodies that have begun to come in and are not whole.
static ARRIVING: AtomicUsize = AtomicUsize::new(0);

/// The part of one body in [`ARRIVING`].
struct Held(usize);

impl Held {
    fn grow(&mut self, bytes: usize) -> Result<()> {
        self.0 += bytes;
        let before = ARRIVING.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > ARRIVING_MAX_BYTES {
            return Err(Error::new(Code::Overloaded));
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        ARRIVING.fetch_sub(self.0, Ordering::Relaxed);
    }
}

fn too_large(limit_bytes: usize) -> Error {
    let message = format!("The body is larger than {} KiB.", limit_bytes / 1024);
    Error::with(Code::BodyTooLarge, message).extra("limit_bytes", limit_bytes as u64)
}

/// Reads on for a while without keeping anything: a connection that is closed on unread bytes is
/// reset, and the caller would never see the refusal.
async fn drain(mut payload: Payload, announced: u64, time: Duration) {
    if announced > DRAIN_LIMIT_BYTES as u64 && announced != u64::MAX {
        return;
    }
    let reading = async {
        let mut read = 0;
        while let Some(Ok(chunk)) = payload.next().await {
            read += chunk.len();
            if read > DRAIN_LIMIT_BYTES {
                break;
            }
        }
    };
    drop(tokio::time::timeout(time, reading).await);
}
