//! What answers of webhooks look like, told of the same coach and her client Ana.

use serde_json::{Value, json};

use super::{NOW, with};

const WEBHOOK_ID: &str = "wh_01jwtq3xg0j1k2m3n4p5q6r7s8";

/// An example of the answer that a schema describes.
pub(super) fn of(schema: &str) -> Option<Value> {
    Some(match schema {
        "DeliveryBody" => delivery(),
        "InboxBody" => json!({
            "object": "test_inbox",
            "livemode": false,
            "url": "http://localhost:4780/v1/test/inbox",
            "answer": "ok",
            "count": 3,
        }),
        "InboxMessageBody" => inbox_message(),
        "ReplayBody" => json!({
            "object": "webhook_replay",
            "livemode": true,
            "webhook_id": WEBHOOK_ID,
            "since": "2026-05-31T12:00:00.000Z",
            "from_sequence": 12,
            "to_sequence": 42,
        }),
        "SecretWebhookBody" => with(
            webhook(),
            json!({ "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }),
        ),
        "SeenWebhookBody" => with(
            webhook(),
            json!({ "recent": {
                "delivered": 97,
                "failed": 1,
                "pending": 2,
                "last_try_at": NOW,
                "last_day": { "tries": 104, "delivered": 97, "p95_ms": 180 },
            } }),
        ),
        "WebhookBody" => webhook(),
        "WholeDeliveryBody" => whole_delivery(),
        _ => return None,
    })
}

fn webhook() -> Value {
    json!({
        "id": WEBHOOK_ID,
        "object": "webhook",
        "livemode": true,
        "url": "https://example.com/webhooks",
        "description": null,
        "events": ["client.*"],
        "app_id": null,
        "status": "enabled",
        "disabled_reason": null,
        "failing_since": null,
        "next_try_at": null,
        "replay_since": null,
        "former_secret_until": null,
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn delivery() -> Value {
    json!({
        "id": "dlv_01jwtq3xg0k1m2n3p4q5r6s7t8",
        "object": "delivery",
        "livemode": true,
        "webhook_id": WEBHOOK_ID,
        "event": {
            "id": "evt_01jwtq3xg0e8k9c3v5r7t9w1y3",
            "type": "client.created",
            "sequence": 42,
        },
        "endpoint_sequence": 17,
        "status": "delivered",
        "attempt_count": 2,
        "next_try_at": null,
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn whole_delivery() -> Value {
    let rest = json!({
        "payload": "{\"type\":\"client.created\",\"timestamp\":\"2026-06-03T12:00:00.000Z\",\"data\":{}}",
        "attempts": [
            {
                "number": 2,
                "at": "2026-06-03T12:00:05.120Z",
                "duration_ms": 84,
                "outcome": "delivered",
                "status": 200,
                "detail": null,
                "answer": { "body": "ok", "truncated": false },
            },
            {
                "number": 1,
                "at": NOW,
                "duration_ms": 2,
                "outcome": "unreachable",
                "status": null,
                "detail": "Connection refused (os error 111)",
                "answer": null,
            },
        ],
    });
    with(delivery(), rest)
}

fn inbox_message() -> Value {
    json!({
        "id": "inb_01jwtq3xg0m1n2p3q4r5s6t7v8",
        "object": "inbox_message",
        "livemode": false,
        "webhook_id": WEBHOOK_ID,
        "event_id": "evt_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "event_type": "client.created",
        "headers": {
            "webhook-id": "evt_01jwtq3xg0e8k9c3v5r7t9w1y3",
            "webhook-timestamp": "1780488000",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        "body": "{\"type\":\"client.created\",\"timestamp\":\"2026-06-03T12:00:00.000Z\",\"data\":{}}",
        "signature": "valid",
        "answered": 200,
        "created_at": NOW,
    })
}
