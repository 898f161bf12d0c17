//! Asking a processor: the second of the three steps, outside any transaction.
//!
//! Whoever adds a processor adds it here. It must take a payment's id as the key under which it does
//! a thing once, since after a crash it is asked again.

use super::{Method, Outcome, Payment, simulated};
use crate::clock::Timestamp;
use crate::error::Result;

/// Asks what becomes of a payment; a processor that has not heard of it yet takes it.
pub async fn ask(payment: &Payment, now: Timestamp) -> Result<Outcome> {
    match payment.method {
        // Nobody is asked about what was recorded by hand.
        Method::Manual => Ok(Outcome::Succeeded),
        Method::Simulated => {
            if let Some(delay) = simulated::delay(payment.amount) {
                tokio::time::sleep(delay).await;
            }
            Ok(simulated::outcome(payment, now))
        }
    }
}
