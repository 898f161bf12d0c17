//! Counting a request against the limit of its account.

use std::sync::Arc;

use actix_web::HttpRequest;

use super::edge::{Arrival, Edge, Known};
use crate::access::heads_up;
use crate::caller::{Caller, Origin};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::limits::Standing;

/// The one path under `/v1` that does not count.
const RATE_LIMIT_PATH: &str = "/v1/rate-limit";

impl Edge {
    /// Counts the request against the account's limit; asking for the limit itself is free.
    pub(super) fn count(
        &self,
        request: &HttpRequest,
        caller: &Arc<Caller>,
        arrival: &Arrival,
        known: &mut Known,
    ) -> Result<()> {
        let Some(plan) = self.app.plan_of(caller) else {
            return Ok(());
        };
        let now = self.app.clock.now_of(&caller.tenant);
        if request.path() == RATE_LIMIT_PATH {
            known.standing = self.app.limits.peek(caller, plan, now);
            return Ok(());
        }
        let Some(counted) = self.app.limits.count(caller, plan, now) else {
            return Ok(());
        };
        if let Some(opened_at) = counted.crossed {
            self.warn(caller, arrival, opened_at, &counted.standing);
        }
        let refusal = (!counted.allowed).then(|| counted.standing.refusal());
        known.standing = Some(counted.standing);
        refusal.map_or(Ok(()), Err)
    }

    /// Tells the account beside the request, which does not wait for it.
    fn warn(
        &self,
        caller: &Arc<Caller>,
        arrival: &Arrival,
        opened_at: Timestamp,
        standing: &Standing,
    ) {
        let origin = Origin {
            request_id: arrival.id,
            idempotency_key: None,
            address: arrival.address,
            at: self.app.clock.now_of(&caller.tenant),
        };
        let (app, caller, standing) = (self.app.clone(), Arc::clone(caller), standing.clone());
        let warning = heads_up::warn(app, caller, origin, opened_at, standing);
        actix_web::rt::spawn(async move {
            if let Err(error) = warning.await {
                tracing::warn!(?error, "an account was not told that it nears its limit");
            }
        });
    }
}
