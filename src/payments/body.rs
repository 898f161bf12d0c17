//! How payments are shown: the one shape that answers and events share.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Payment, Refund};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::ids::{ClientId, PaymentId, RefundId};

/// A payment of a client.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentBody<'p> {
    /// The payment's id.
    #[schema(value_type = String, example = "pay_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: PaymentId,
    /// Always `payment`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// Who pays.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// In the minor unit of the currency: 12000 of `eur` are 120.00 euros.
    amount: i64,
    /// ISO 4217, in lower case.
    currency: &'p str,
    /// What was given back, in minor units.
    amount_refunded: i64,
    /// `pending`, `succeeded`, `failed`, `refunded` or `partially_refunded`.
    status: &'static str,
    /// `manual` or `simulated`.
    method: &'static str,
    /// What for.
    description: Option<&'p str>,
    /// Why it failed: a stable name.
    failure_code: Option<&'p str>,
    /// Why it failed, in a sentence.
    failure_message: Option<&'p str>,
    /// Pairs of text of your own.
    metadata: BTreeMap<&'p str, &'p str>,
    /// What was given back, oldest first.
    refunds: Vec<RefundBody<'p>>,
    /// When it was paid.
    #[schema(value_type = Option<String>, format = DateTime)]
    succeeded_at: Option<Timestamp>,
    /// When it failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    failed_at: Option<Timestamp>,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// What was given back of a payment.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefundBody<'p> {
    /// The refund's id.
    #[schema(value_type = String, example = "rfd_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: RefundId,
    /// Always `refund`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// In the minor unit of the payment's currency.
    amount: i64,
    /// Why.
    reason: Option<&'p str>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl<'p> PaymentBody<'p> {
    /// The payment as it is shown.
    pub fn of(tenant: Tenant, payment: &'p Payment) -> Self {
        let livemode = tenant.mode().is_live();
        let metadata = payment.metadata.iter();
        let refunds = payment.refunds.iter();
        Self {
            id: payment.id,
            object: "payment",
            livemode,
            client_id: payment.client_id,
            amount: payment.amount,
            currency: &payment.currency,
            amount_refunded: payment.amount_refunded,
            status: payment.status.name(),
            method: payment.method.name(),
            description: payment.description.as_deref(),
            failure_code: payment.failure_code.as_deref(),
            failure_message: payment.failure_message.as_deref(),
            metadata: metadata
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect(),
            refunds: refunds
                .map(|refund| RefundBody::of(livemode, refund))
                .collect(),
            succeeded_at: payment.succeeded_at,
            failed_at: payment.failed_at,
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        }
    }
}

impl<'p> RefundBody<'p> {
    fn of(livemode: bool, refund: &'p Refund) -> Self {
        Self {
            id: refund.id,
            object: "refund",
            livemode,
            amount: refund.amount,
            reason: refund.reason.as_deref(),
            created_at: refund.created_at,
        }
    }
}
