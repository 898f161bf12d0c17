//! Errors on demand: `Cadence-Force: <code>` in test mode, and what `cadence dev` puts in the way.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;

use super::edge::Known;
use crate::api::samples;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Code, Error, Result};
use crate::limits::Standing;

/// The header that asks for an error.
const HEADER: &str = "Cadence-Force";

/// The error that a test request asks for, if it asks for one.
///
/// In live mode the header is refused rather than ignored: one that was left behind in a program
/// must be seen before it is relied upon.
fn forced(
    headers: &HeaderMap,
    caller: &Caller,
    standing: Option<&Standing>,
) -> Result<Option<Error>> {
    let mut lines = headers.get_all(HEADER);
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    let refused = |message: &str| Error::parameter(Code::InvalidParameter, HEADER, message);
    if caller.tenant.mode().is_live() {
        return Err(refused("`Cadence-Force` works in test mode only."));
    }
    let known = |name: &str| Code::ALL.iter().find(|code| code.name() == name);
    let code = line.to_str().ok().and_then(|text| known(text.trim()));
    match (code, lines.next()) {
        (Some(code), None) => {
            let why = anyhow::anyhow!("the request asked for it by {HEADER}");
            Ok(Some(error(*code, standing).caused_by(why)))
        }
        _ => Err(refused(
            "Send one code of the list at /docs/errors, such as `rate_limited`.",
        )),
    }
}

/// The error as it is when it is real.
fn error(code: Code, standing: Option<&Standing>) -> Error {
    match (code, standing) {
        // One second, so that a client that waits for as long as it is told can be tested.
        (Code::RateLimited, Some(standing)) => standing.refusal().retry_after(1),
        (Code::RateLimited, None) => Error::new(code).retry_after(1),
        _ => samples::error(code),
    }
}

/// Failures put in the way of a part of all requests.
#[derive(Debug, Default)]
pub(super) struct Failures(AtomicU32);

impl Failures {
    /// The error that a test request asks for, and what `cadence dev` puts in the way of each.
    pub(super) async fn hinder(
        &self,
        app: &App,
        request: &HttpRequest,
        caller: &Caller,
        known: &Known,
    ) -> Result<()> {
        if let Some(error) = forced(request.headers(), caller, known.standing.as_ref())? {
            return Err(error);
        }
        let hindrance = app.config.hindrance;
        if hindrance.latency_ms > 0 {
            tokio::time::sleep(Duration::from_millis(hindrance.latency_ms.into())).await;
        }
        self.next(hindrance.fail_percent).map_or(Ok(()), Err)
    }

    /// The failure of this request, for so many of a hundred.
    ///
    /// Of each hundred in a row exactly so many fail, spread out, and in the same order in each run:
    /// what fails once under it fails again.
    fn next(&self, percent: u32) -> Option<Error> {
        if percent == 0 {
            return None;
        }
        let number = self.0.fetch_add(1, Ordering::Relaxed) % 100;
        // 61 and 100 have no factor in common, so each place comes once.
        let place = number * 61 % 100;
        let code = if number.is_multiple_of(2) {
            Code::InjectedUnavailable
        } else {
            Code::InjectedError
        };
        (place < percent).then(|| Error::new(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_hundred_so_many_fail_in_both_ways() {
        for percent in [0, 1, 20, 50, 99, 100] {
            let failures = Failures::default();
            for _ in 0..3 {
                let failed: Vec<Error> = (0..100).filter_map(|_| failures.next(percent)).collect();

                assert_eq!(failed.len(), percent as usize);
                if percent >= 20 {
                    let statuses = |status| {
                        let of = |error: &&Error| error.code().status() == status;
                        failed.iter().filter(of).count()
                    };
                    assert!(statuses(500) > 0 && statuses(503) > 0);
                }
            }
        }
    }
}
