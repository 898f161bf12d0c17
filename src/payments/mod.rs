//! Payments of clients: recorded by hand, or taken by a processor.
//!
//! # Life
//!
//! A `manual` payment, cash or a transfer, has `succeeded` once it is recorded. One that a processor
//! takes is `pending` until that has said what became of it: `succeeded` or `failed`. What succeeded
//! can be given back, at once or piece by piece: `partially_refunded`, then `refunded`.
//!
//! # The three steps
//!
//! A processor is outside, and is never asked within a transaction. [`actions::begin`] writes the
//! payment as `pending`, with the job that settles it should nobody else; [`processor`] is asked;
//! [`actions::settle`] writes the outcome. A crash in between leaves a pending payment that the same
//! request, sent again, or the job asks about once more: the payment's id is what the processor takes
//! it by, so it is taken once.
//!
//! The only processor so far is `simulated`, for test tenants: it goes the same three steps and moves
//! no money. The last two digits of the amount choose what it does ([`simulated::FORCED`]).
//!
//! Invariant: never more is refunded than was paid; the table checks it too.

pub mod actions;
pub mod body;
pub mod jobs;
pub mod processor;
pub mod routes;
pub mod simulated;
pub mod store;

use utoipa::ToSchema;

use crate::api::json::Patch;
use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use crate::ids::{ClientId, PaymentId, RefundId};
use crate::jobs::{Kind, PLAIN};

/// The most that one payment is, in minor units: 999,999.99 dollars.
pub const AMOUNT_MAX: i64 = 99_999_999;
/// The most refunds of one payment.
pub const REFUNDS_MAX: usize = 50;
/// The longest description or reason, in characters.
pub const TEXT_MAX: usize = 500;
/// So long after a payment began it is asked about again, if nobody has heard of the outcome.
pub const SETTLE_AFTER_MS: i64 = MINUTE_MS;

/// Asks what became of a pending payment, and records it.
pub const SETTLE: Kind = Kind {
    name: "payments.settle",
    pauses_ms: &[MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS],
    ..PLAIN
};

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The processor has not said yet.
    Pending,
    /// It is paid.
    Succeeded,
    /// It is not, and never will be.
    Failed,
    /// All of it was given back.
    Refunded,
    /// Some of it was given back.
    PartiallyRefunded,
}

impl Status {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("pending", Self::Pending),
        ("succeeded", Self::Succeeded),
        ("failed", Self::Failed),
        ("refunded", Self::Refunded),
        ("partially_refunded", Self::PartiallyRefunded),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Refunded => "refunded",
            Self::PartiallyRefunded => "partially_refunded",
        }
    }

    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        let found = Self::CHOICES.iter().find(|(name, _)| *name == text);
        found.map(|(_, status)| *status)
    }
}

/// How a payment is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By hand: cash, a transfer. It is recorded, and nobody is asked.
    Manual,
    /// By a processor that only pretends, in test mode.
    Simulated,
}

impl Method {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] =
        &[("manual", Self::Manual), ("simulated", Self::Simulated)];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Simulated => "simulated",
        }
    }

    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        let found = Self::CHOICES.iter().find(|(name, _)| *name == text);
        found.map(|(_, method)| *method)
    }
}

/// What a processor says of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is paid.
    Succeeded,
    /// It failed.
    Failed(Failure),
    /// It will be known then.
    Pending(Timestamp),
}

/// Why a payment failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A stable name.
    pub code: &'static str,
    /// The same in a sentence for the coach.
    pub message: &'static str,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its id; also the key under which a processor takes it once.
    pub id: PaymentId,
    /// Who pays.
    pub client_id: ClientId,
    /// In minor units.
    pub amount: i64,
    /// ISO 4217, in lower case.
    pub currency: String,
    /// What was given back, in minor units.
    pub amount_refunded: i64,
    /// Where it stands.
    pub status: Status,
    /// How it is made.
    pub method: Method,
    /// What for.
    pub description: Option<String>,
    /// Why it failed, as a stable name.
    pub failure_code: Option<String>,
    /// Why it failed, in a sentence.
    pub failure_message: Option<String>,
    /// Pairs of text of the caller's own.
    pub metadata: Vec<(String, String)>,
    /// What was given back, in order.
    pub refunds: Vec<Refund>,
    /// When it was paid.
    pub succeeded_at: Option<Timestamp>,
    /// When it failed.
    pub failed_at: Option<Timestamp>,
    /// How often it was changed, beginning with 1.
    pub version: i64,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What was given back of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// In minor units of the payment's currency.
    pub amount: i64,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// What a payment is made of.
#[derive(Debug, ToSchema)]
pub struct NewPayment {
    /// In the minor unit of the currency (cents; whole yen): 1 to 99,999,999.
    #[schema(minimum = 1, maximum = 99_999_999)]
    pub amount: i64,
    /// A code of ISO 4217 in any case; shown in lower case.
    #[schema(value_type = String, min_length = 3, max_length = 3)]
    pub currency: String,
    /// What for: 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub description: Option<String>,
    /// `manual`, or in test mode `simulated`. The default is `simulated` in test mode, `manual` in
    /// live mode.
    #[schema(value_type = Option<String>)]
    pub method: Option<Method>,
    /// Up to 50 pairs of text: names up to 40 characters, values up to 500.
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    pub metadata: Option<Vec<(String, String)>>,
}

/// What can be changed of a payment.
#[derive(Debug, ToSchema)]
pub struct PaymentPatch {
    /// What for: 1 to 500 characters; `null` empties it.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub description: Patch<String>,
    /// Replaces the pairs of text; `null` empties them.
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    pub metadata: Patch<Vec<(String, String)>>,
}

/// What is given back.
#[derive(Debug, ToSchema)]
pub struct NewRefund {
    /// In minor units; all that is left if it is left out.
    #[schema(minimum = 1, maximum = 99_999_999)]
    pub amount: Option<i64>,
    /// Why: 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
}
