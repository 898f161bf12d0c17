//! The processor of test mode: it moves no money, and does what the amount says.
//!
//! It is a function of the payment and the time alone, so asking it twice about a payment is asking
//! once, as with a processor that takes an idempotency key.

use std::time::Duration;

use super::{Failure, Outcome, Payment};
use crate::clock::{HOUR_MS, Timestamp};

/// What an amount makes the processor do.
#[derive(Clone, Copy, Debug)]
pub struct Forced {
    /// The last two digits of the amount.
    pub ending: i64,
    /// What comes of it.
    pub effect: Effect,
    /// The same in a sentence, for the documentation.
    pub words: &'static str,
}

/// What the processor does with a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It fails at once.
    Fails(Failure),
    /// It stays pending for so many milliseconds of the tenant's time, then it succeeds.
    Waits(i64),
    /// The processor takes so long to answer, then it succeeds.
    Dawdles(Duration),
}

/// The amounts that force an outcome, by their last two digits. Any other amount succeeds at once.
pub const FORCED: &[Forced] = &[
    Forced {
        ending: 1,
        effect: Effect::Fails(Failure {
            code: "card_declined",
            message: "The card was declined.",
        }),
        words: "The card is declined.",
    },
    Forced {
        ending: 2,
        effect: Effect::Fails(Failure {
            code: "insufficient_funds",
            message: "There is not enough money on the account.",
        }),
        words: "There is not enough money.",
    },
    Forced {
        ending: 3,
        effect: Effect::Fails(Failure {
            code: "authentication_required",
            message: "The client has to confirm the payment with the bank.",
        }),
        words: "The client has to act: the bank wants a confirmation.",
    },
    Forced {
        ending: 4,
        effect: Effect::Fails(Failure {
            code: "processing_error",
            message: "The processor could not carry out the payment.",
        }),
        words: "The processor fails.",
    },
    Forced {
        ending: 5,
        effect: Effect::Waits(HOUR_MS),
        words: "The payment stays pending for an hour of the test clock, then it succeeds.",
    },
    Forced {
        ending: 6,
        effect: Effect::Dawdles(Duration::from_secs(2)),
        words: "The processor takes two seconds to answer, then the payment succeeds. Meanwhile \
                another request with the same idempotency key is answered 409 \
                `idempotency_in_progress`.",
    },
];

impl Forced {
    /// How a payment of this amount looks once the request is answered.
    pub fn status(&self) -> &'static str {
        match self.effect {
            Effect::Fails(_) => "failed",
            Effect::Waits(_) => "pending",
            Effect::Dawdles(_) => "succeeded",
        }
    }

    /// The `failure_code` of a payment that fails.
    pub fn failure_code(&self) -> Option<&'static str> {
        match self.effect {
            Effect::Fails(failure) => Some(failure.code),
            Effect::Waits(_) | Effect::Dawdles(_) => None,
        }
    }
}

fn effect(amount: i64) -> Option<Effect> {
    let found = FORCED.iter().find(|forced| forced.ending == amount % 100);
    found.map(|forced| forced.effect)
}

/// How long the processor takes to answer.
pub fn delay(amount: i64) -> Option<Duration> {
    match effect(amount)? {
        Effect::Dawdles(delay) => Some(delay),
        Effect::Fails(_) | Effect::Waits(_) => None,
    }
}

/// What the processor says of a payment at a time.
pub fn outcome(payment: &Payment, now: Timestamp) -> Outcome {
    match effect(payment.amount) {
        Some(Effect::Fails(failure)) => Outcome::Failed(failure),
        Some(Effect::Waits(ms)) if now.since_ms(payment.created_at) < ms => {
            Outcome::Pending(payment.created_at.plus_ms(ms))
        }
        Some(Effect::Waits(_) | Effect::Dawdles(_)) | None => Outcome::Succeeded,
    }
}
