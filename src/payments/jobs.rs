//! Settling what nobody came back for: a payment that is pending after a crash, or by its nature.

use serde_json::Value;

use super::actions::{self, Occasion};
use super::{Status, processor, store};
use crate::api::error_body::{self, Form};
use crate::app::App;
use crate::caller::Origin;
use crate::db::Tx;
use crate::error::Error;
use crate::idempotency::{self, Claim};
use crate::ids::{PaymentId, RequestId};
use crate::jobs::{Done, Job, JobError};

/// Asks the processor about a pending payment and records what it says, with the answer of the
/// request that was cut off, if there was one.
pub async fn settle(app: App, job: Job) -> Result<Done, JobError> {
    let tenant = job.owner()?;
    let id = job.about.as_deref().and_then(PaymentId::parse);
    let id = id.ok_or_else(|| JobError::for_good("The job names no payment."))?;
    let (now, server_now) = (job.at(&app.clock), app.clock.now());
    let payload: Value = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let claim = Claim::from_json(&payload["claim"], tenant, now, server_now);
    // A request that is still at it settles the payment itself.
    let turn = claim.as_ref().map(|claim| app.in_progress.enter(claim));
    let Ok(turn) = turn.transpose() else {
        return Err(JobError::later("The request that began it still runs."));
    };
    let found = app.db.read_now(|conn| store::find(conn, tenant, id))?;
    let Some(payment) = found.filter(|payment| payment.status == Status::Pending) else {
        return Ok(Done::plain());
    };
    let outcome = processor::ask(&payment, now).await?;
    let origin = Origin {
        request_id: RequestId::new(now),
        idempotency_key: None,
        address: None,
        at: now,
    };
    let sealing = std::sync::Arc::clone(&app.sealing);
    let written = app.db.write_background(move |tx| {
        let _turn = turn;
        let occasion = Occasion {
            origin: &origin,
            server_now,
        };
        let settled = |tx: &Tx<'_>| {
            let payment = actions::settle(tx, tenant, occasion, id, outcome)?;
            actions::answer(tenant, &payment)
        };
        let Some(claim) = claim else {
            return settled(tx).map(drop);
        };
        let render = |error: &Error| error_body::render(error, Form::Envelope, origin.request_id);
        idempotency::conclude(tx, &claim, &sealing, settled, render).map(drop)
    });
    written.await?;
    Ok(Done::plain())
}
