//! What can be done with payments.

use serde_json::json;

use super::body::PaymentBody;
use super::{
    Method, NewRefund, Outcome, Payment, PaymentPatch, REFUNDS_MAX, Refund, SETTLE,
    SETTLE_AFTER_MS, Status, store,
};
use crate::api::etag::IfMatch;
use crate::attention::{self, Reason, ReasonKind};
use crate::caller::{Origin, PaymentsWrite, Permit, Tenant};
use crate::clients;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::events::{self, EventType};
use crate::idempotency::{Answer, Claim};
use crate::ids::{JobId, PaymentId, RefundId};
use crate::jobs::{self, NewJob};

/// The job that settles a payment should nobody else; with the claim of the request that began it,
/// whose answer it then saves.
fn settling(
    tenant: Tenant,
    id: PaymentId,
    claim: Option<&Claim>,
    (due_at, ready_at): (Timestamp, Timestamp),
) -> NewJob {
    NewJob {
        id: JobId::new(ready_at),
        tenant: Some(tenant),
        about: Some(id.to_string()),
        payload: json!({ "claim": claim.map(Claim::to_json) }),
        due_at,
        ready_at,
        ..NewJob::now(ready_at, &format!("payments:{}", tenant.number()))
    }
}

fn record(tx: &Tx<'_>, tenant: Tenant, origin: &Origin, payment: &Payment) -> Result<()> {
    let kind = match payment.status {
        Status::Pending => return Ok(()),
        Status::Succeeded => EventType::PaymentSucceeded,
        Status::Failed => EventType::PaymentFailed,
        Status::Refunded | Status::PartiallyRefunded => EventType::PaymentRefunded,
    };
    events::record(tx, tenant, origin, kind, &PaymentBody::of(tenant, payment)).map(drop)
}

/// Begins a payment: one by hand is done with it, any other waits for its processor. `server_now` is
/// the server's time, `claim` that of the request.
pub fn begin(
    tx: &Tx<'_>,
    permit: &Permit<PaymentsWrite>,
    payment: &Payment,
    claim: Option<&Claim>,
    server_now: Timestamp,
) -> Result<()> {
    let tenant = permit.tenant();
    let client = clients::store::find(tx, tenant, payment.client_id)?;
    let client = client.ok_or_else(Error::not_found)?;
    if client.status == clients::Status::Archived {
        let message = "The client is archived.";
        return Err(Error::with(Code::StateConflict, message).extra("current_status", "archived"));
    }
    store::insert(tx, tenant, payment)?;
    match payment.method {
        Method::Manual => {
            attention::actions::end(tx, tenant, payment.client_id, ReasonKind::PaymentFailed)?;
            record(tx, tenant, permit.origin(), payment)
        }
        Method::Simulated => {
            let due = permit.now().plus_ms(SETTLE_AFTER_MS);
            let at = (due, server_now.plus_ms(SETTLE_AFTER_MS));
            let job = settling(tenant, payment.id, claim, at);
            jobs::actions::enqueue(tx, &SETTLE, &job, server_now)
        }
    }
}

/// What a request that began a payment is answered.
pub(super) fn answer(tenant: Tenant, payment: &Payment) -> Result<Answer> {
    let location = format!("/v1/payments/{}", payment.id);
    Ok(Answer::created(location, &PaymentBody::of(tenant, payment))?.version(payment.version))
}

/// When and by whose request an outcome is recorded.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'o> {
    /// Where the event comes from; its time is the tenant's.
    pub origin: &'o Origin,
    /// The server's time.
    pub server_now: Timestamp,
}

fn tell_failed(tx: &Tx<'_>, tenant: Tenant, payment: &Payment, now: Timestamp) -> Result<()> {
    let client = clients::store::find(tx, tenant, payment.client_id)?;
    let Some(client) = client.filter(|client| client.status != clients::Status::Archived) else {
        return Ok(());
    };
    let reason = Reason {
        kind: ReasonKind::PaymentFailed,
        since: now,
        object_id: Some(payment.id.to_string()),
        detail: json!({
            "amount": payment.amount,
            "currency": payment.currency,
            "message": payment.failure_message,
        }),
    };
    attention::actions::tell(tx, tenant, client.whom(), reason)
}

/// Records what the processor said of a payment. One that is settled already stays as it is.
pub fn settle(
    tx: &Tx<'_>,
    tenant: Tenant,
    occasion: Occasion<'_>,
    id: PaymentId,
    outcome: Outcome,
) -> Result<Payment> {
    let mut payment = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    if payment.status != Status::Pending {
        return Ok(payment);
    }
    let now = occasion.origin.at;
    jobs::actions::withdraw(tx, &SETTLE, tenant, &id.to_string())?;
    match outcome {
        Outcome::Pending(until) => {
            let wait_ms = until.since_ms(now).max(0);
            let at = (now.plus_ms(wait_ms), occasion.server_now.plus_ms(wait_ms));
            // Who began it is answered by now, and its answer saved.
            let job = settling(tenant, id, None, at);
            jobs::actions::enqueue(tx, &SETTLE, &job, occasion.server_now)?;
            return Ok(payment);
        }
        Outcome::Succeeded => {
            payment.status = Status::Succeeded;
            payment.succeeded_at = Some(now);
            attention::actions::end(tx, tenant, payment.client_id, ReasonKind::PaymentFailed)?;
        }
        Outcome::Failed(failure) => {
            payment.status = Status::Failed;
            payment.failed_at = Some(now);
            payment.failure_code = Some(failure.code.to_owned());
            payment.failure_message = Some(failure.message.to_owned());
            tell_failed(tx, tenant, &payment, now)?;
        }
    }
    payment.version += 1;
    payment.updated_at = now;
    store::update(tx, tenant, &payment)?;
    record(tx, tenant, occasion.origin, &payment)?;
    Ok(payment)
}

/// Changes what is said of a payment. A patch that changes nothing leaves its version alone.
pub fn update(
    tx: &Tx<'_>,
    permit: &Permit<PaymentsWrite>,
    id: PaymentId,
    if_match: &IfMatch,
    patch: PaymentPatch,
) -> Result<Payment> {
    let tenant = permit.tenant();
    let former = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    if_match.check(former.version)?;
    let mut payment = former.clone();
    payment.description = patch.description.apply(payment.description);
    let metadata = std::mem::take(&mut payment.metadata);
    payment.metadata = patch.metadata.apply(Some(metadata)).unwrap_or_default();
    if payment == former {
        return Ok(former);
    }
    payment.version += 1;
    payment.updated_at = permit.now();
    store::update(tx, tenant, &payment)?;
    Ok(payment)
}

fn refused(payment: &Payment, message: &'static str) -> Error {
    Error::with(Code::StateConflict, message)
        .extra("current_status", payment.status.name())
        .extra("amount", payment.amount)
        .extra("amount_refunded", payment.amount_refunded)
}

/// Gives back a payment, or a part of it; never more than is left.
pub fn refund(
    tx: &Tx<'_>,
    permit: &Permit<PaymentsWrite>,
    id: PaymentId,
    refund_id: RefundId,
    new: NewRefund,
) -> Result<Payment> {
    let tenant = permit.tenant();
    let mut payment = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    match payment.status {
        Status::Succeeded | Status::PartiallyRefunded => {}
        Status::Refunded => return Err(refused(&payment, "All of it was given back already.")),
        Status::Pending => return Err(refused(&payment, "It is not paid yet.")),
        Status::Failed => return Err(refused(&payment, "It failed: nothing was paid.")),
    }
    let left = payment.amount - payment.amount_refunded;
    let amount = new.amount.unwrap_or(left);
    if amount > left {
        return Err(refused(
            &payment,
            "More than is left of it cannot be given back.",
        ));
    }
    if payment.refunds.len() >= REFUNDS_MAX {
        return Err(refused(&payment, "A payment has 50 refunds at most."));
    }
    let now = permit.now();
    let refund = Refund {
        id: refund_id,
        amount,
        reason: new.reason,
        created_at: now,
    };
    store::insert_refund(tx, tenant, id, &refund)?;
    payment.refunds.push(refund);
    payment.amount_refunded += amount;
    payment.status = if payment.amount_refunded == payment.amount {
        Status::Refunded
    } else {
        Status::PartiallyRefunded
    };
    payment.version += 1;
    payment.updated_at = now;
    store::update(tx, tenant, &payment)?;
    record(tx, tenant, permit.origin(), &payment)?;
    Ok(payment)
}
