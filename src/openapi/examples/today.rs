//! What the list of today looks like: Ana wrote, and one payment failed.

use serde_json::{Value, json};

use super::{CLIENT_ID, NOW};

pub(super) fn today() -> Value {
    json!({
        "object": "today",
        "livemode": true,
        "date": "2026-06-03",
        "data": [{
            "object": "today_entry",
            "client": { "id": CLIENT_ID, "name": "Ana Prado", "status": "active" },
            "rank": 1,
            "reasons": [
                {
                    "kind": "message_waiting",
                    "since": "2026-06-03T10:00:00.000Z",
                    "words": "Wrote 2 hours ago",
                    "object_id": "msg_01jwtq3xg0f1g2h3j4k5m6n7p8",
                },
                {
                    "kind": "payment_failed",
                    "since": "2026-06-02T12:00:00.000Z",
                    "words": "Payment of 120.00 EUR failed. The card was declined.",
                    "object_id": "pay_01jwtq3xg0p1q2r3s4t5v6w7x8",
                },
            ],
        }],
        "has_more": false,
        "next_cursor": null,
        "counts": {
            "clients": 14,
            "needing_attention": 1,
            "checkins_unreviewed": 0,
            "checkins_overdue": 0,
            "messages_waiting": 1,
            "payments_failed": 1,
        },
        "quiet": 12,
        "checklist": {
            "client": true,
            "program": true,
            "invited": true,
            "check_in_schedule": false,
        },
    })
}

pub(super) fn dismissed() -> Value {
    json!({
        "object": "today_reason",
        "livemode": true,
        "client_id": CLIENT_ID,
        "kind": "message_waiting",
        "since": NOW,
        "words": "Wrote just now",
        "object_id": "msg_01jwtq3xg0f1g2h3j4k5m6n7p8",
        "dismissed": true,
    })
}
