//! What answers about payments look like: Ana's June, half of which went back.

use serde_json::{Value, json};

use super::{CLIENT_ID, NOW};

pub(super) fn payment() -> Value {
    json!({
        "id": "pay_01jwtq3xg0p1q2r3s4t5v6w7x8",
        "object": "payment",
        "livemode": true,
        "client_id": CLIENT_ID,
        "amount": 12_000,
        "currency": "eur",
        "amount_refunded": 6_000,
        "status": "partially_refunded",
        "method": "manual",
        "description": "June",
        "failure_code": null,
        "failure_message": null,
        "metadata": {},
        "refunds": [{
            "id": "rfd_01jwtq3xg0q1r2s3t4v5w6x7y8",
            "object": "refund",
            "livemode": true,
            "amount": 6_000,
            "reason": "A session fell out",
            "created_at": NOW,
        }],
        "succeeded_at": NOW,
        "failed_at": null,
        "created_at": NOW,
        "updated_at": NOW,
    })
}
