//! An event of each type, as a reader of the documentation sees it.

use serde_json::{Value, json};

use super::EventType;

const NOW: &str = "2026-06-03T12:00:00.000Z";

/// A sample of a type: the whole event.
pub fn sample(kind: EventType) -> Value {
    json!({
        "id": "evt_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "object": "event",
        "type": kind.name(),
        "livemode": false,
        "created_at": NOW,
        "sequence": 42,
        "data": data(kind),
        "request": { "id": "req_01jwtq3xg0e8k9c3v5r7t9w1y5", "idempotency_key": null },
    })
}

/// What the sample of a type tells: the object, and what it was before.
pub fn data(kind: EventType) -> Value {
    let mut data = json!({ "object": object(kind) });
    if kind == EventType::ClientUpdated {
        data["previous"] = json!({ "goal": "First push-up" });
    }
    if kind == EventType::WorkoutUpdated {
        data["previous"] = json!({ "status": "partial" });
    }
    data
}

fn object(kind: EventType) -> Value {
    match kind {
        EventType::ClientCreated | EventType::ClientUpdated | EventType::ClientInvited => {
            client("invited")
        }
        EventType::ClientPaused => client("paused"),
        EventType::ClientJoined | EventType::ClientResumed => client("active"),
        EventType::ClientArchived => client("archived"),
        EventType::ClientErased => json!({
            "id": "cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
            "object": "client",
            "livemode": false,
            "erased": true,
            "erased_at": NOW,
        }),
        EventType::ClientConsentGiven => consent(Value::Null),
        EventType::ClientConsentWithdrawn => consent(NOW.into()),
        EventType::MessageSent => message("to_client"),
        EventType::MessageReceived => message("to_coach"),
        EventType::ApiKeyCreated | EventType::ApiKeyRotated => api_key("active"),
        EventType::ApiKeyRevoked => api_key("revoked"),
        EventType::WebhookDisabled => webhook("disabled"),
        EventType::Ping => webhook("enabled"),
        EventType::ProgramCreated => program("draft"),
        EventType::ProgramActivated => program("active"),
        EventType::ProgramCompleted => program("completed"),
        EventType::ProgramArchived => program("archived"),
        EventType::WorkoutLogged | EventType::WorkoutUpdated | EventType::WorkoutDeleted => {
            workout_log()
        }
        EventType::PersonalRecordSet => personal_record(),
        EventType::PaymentSucceeded => payment("succeeded"),
        EventType::PaymentFailed => payment("failed"),
        EventType::PaymentRefunded => payment("partially_refunded"),
        EventType::CheckinSubmitted => checkin("submitted"),
        EventType::CheckinReviewed => checkin("reviewed"),
        EventType::CheckinOverdue => checkin("overdue"),
        EventType::RateLimitWarning => rate_limit(),
    }
}

fn consent(withdrawn_at: Value) -> Value {
    json!({
        "object": "consent",
        "livemode": false,
        "client_id": "cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "kind": "messages",
        "text_version": "2026-06",
        "given_at": NOW,
        "withdrawn_at": withdrawn_at,
    })
}

fn client(status: &str) -> Value {
    json!({
        "id": "cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "object": "client",
        "livemode": false,
        "status": status,
        "name": "Ana Prado",
        "email": "ana@example.com",
        "phone": null,
        "timezone": "Europe/Lisbon",
        "units": "metric",
        "goal": "First pull-up by autumn",
        "experience": "beginner",
        "days_per_week": 3,
        "session_minutes": 60,
        "equipment": ["dumbbells", "pull-up bar"],
        "limitations": ["shoulder"],
        "tags": ["online"],
        "check_in_day": "monday",
        "coach_notes": null,
        "sms_consent": "unknown",
        "external_id": null,
        "metadata": {},
        "past_due": false,
        "invite": { "status": "off", "reason": null, "expires_at": "2026-06-17T12:00:00.000Z" },
        "joined_at": null,
        "archived_at": if status == "archived" { NOW.into() } else { Value::Null },
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn message(direction: &str) -> Value {
    json!({
        "id": "msg_01jwtq3xg0f1g2h3j4k5m6n7p8",
        "object": "message",
        "livemode": false,
        "client_id": "cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "direction": direction,
        "channel": "app",
        "body": "Great week. Same again?",
        "status": "sent",
        "reason": null,
        "read_at": null,
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn api_key(status: &str) -> Value {
    json!({
        "id": "key_01jwtq3xg0c1d2e3f4g5h6j7k8",
        "object": "api_key",
        "livemode": false,
        "workspace_id": "ws_01jwtq3xg0b1c2d3e4f5g6h7j8",
        "key_prefix": "cdnsk_test_",
        "name": "staging",
        "description": null,
        "mode": "test",
        "scopes": ["clients:write", "events:read"],
        "allowed_ips": null,
        "hint": "…a1b2",
        "client_id": "key_01jwtq3xg0c1d2e3f4g5h6j7k8",
        "status": status,
        "works_until": null,
        "rotated_from": null,
        "last_used_at": null,
        "last_used_ip": null,
        "expires_at": null,
        "revoked_at": if status == "revoked" { NOW.into() } else { Value::Null },
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn webhook(status: &str) -> Value {
    let disabled = status == "disabled";
    json!({
        "id": "wh_01jwtq3xg0j1k2m3n4p5q6r7s8",
        "object": "webhook",
        "livemode": false,
        "url": "https://example.com/webhooks",
        "description": null,
        "events": ["client.*"],
        "app_id": null,
        "status": status,
        "disabled_reason": if disabled { "failing".into() } else { Value::Null },
        "failing_since": null,
        "next_try_at": null,
        "replay_since": if disabled { "2026-05-31T12:00:00.000Z".into() } else { Value::Null },
        "former_secret_until": null,
        "created_at": NOW,
        "updated_at": NOW,
    })
}

/// A program as lists and events show it: without what it is made of.
fn program(status: &str) -> Value {
    let since = |statuses: &[&str]| {
        if statuses.contains(&status) {
            NOW.into()
        } else {
            Value::Null
        }
    };
    json!({
        "id": "prg_01jwtq3xg0k1m2n3p4q5r6s7t8",
        "object": "program",
        "livemode": false,
        "client_id": "cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "name": "Base strength",
        "status": status,
        "notes": "Leave two in the tank in the first week.",
        "goal": null,
        "start_date": "2026-06-01",
        "end_date": "2026-06-28",
        "weeks": 4,
        "days": 28,
        "generated": false,
        "template_id": null,
        "metadata": {},
        "activated_at": since(&["active", "completed"]),
        "completed_at": since(&["completed"]),
        "archived_at": since(&["archived"]),
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn workout_log() -> Value {
    json!({
        "id": "wl_01jwtq3xg0m1n2p3q4r5s6t7v8",
        "object": "workout_log",
        "livemode": false,
        "client_id": "cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "performed_on": "2026-06-03",
        "status": "done",
        "program_id": "prg_01jwtq3xg0k1m2n3p4q5r6s7t8",
        "session": { "block": 1, "week": 1, "session": 1 },
        "name": "Lower body",
        "duration_min": 55,
        "session_rpe": 8,
        "notes": "Felt light.",
        "skipped_reason": null,
        "pain": false,
        "exercises": [
            {
                "exercise": "back-squat",
                "sets": [
                    { "reps": 5, "load": { "value": 100, "unit": "kg" }, "rpe": 8 },
                    { "reps": 5, "load": { "value": 102.5, "unit": "kg" }, "rpe": 8.5 },
                ],
            },
            { "exercise": "plank", "sets": [{ "seconds": 60 }] },
        ],
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn personal_record() -> Value {
    json!({
        "id": "back-squat:5",
        "object": "personal_record",
        "livemode": false,
        "client_id": "cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "exercise": "back-squat",
        "kind": "rep_max",
        "reps": 5,
        "load": { "value": 102.5, "unit": "kg" },
        "grams": 102_500,
        "previous": { "value": 100, "unit": "kg" },
        "achieved_on": "2026-06-03",
        "workout_log_id": "wl_01jwtq3xg0m1n2p3q4r5s6t7v8",
        "created_at": NOW,
    })
}

fn payment(status: &str) -> Value {
    let failed = status == "failed";
    let refunded = status == "partially_refunded";
    let refund = json!({
        "id": "rfd_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "object": "refund",
        "livemode": false,
        "amount": 6_000,
        "reason": "A session fell out",
        "created_at": NOW,
    });
    json!({
        "id": "pay_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "object": "payment",
        "livemode": false,
        "client_id": "cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "amount": if failed { 12_001 } else { 12_000 },
        "currency": "eur",
        "amount_refunded": if refunded { 6_000 } else { 0 },
        "status": status,
        "method": "simulated",
        "description": "June",
        "failure_code": if failed { "card_declined".into() } else { Value::Null },
        "failure_message": if failed { "The card was declined.".into() } else { Value::Null },
        "metadata": {},
        "refunds": if refunded { vec![refund] } else { Vec::new() },
        "succeeded_at": if failed { Value::Null } else { NOW.into() },
        "failed_at": if failed { NOW.into() } else { Value::Null },
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn checkin(status: &str) -> Value {
    let overdue = status == "overdue";
    let unless = |when: bool, value: Value| if when { Value::Null } else { value };
    let answers = json!([{
        "question_id": "energy",
        "question": "How was your energy this week?",
        "type": "scale",
        "value": 4,
    }]);
    let measurements = json!([{
        "id": "mea_01jwtq3xg0r1s2t3v4w5x6y7z8",
        "metric": "weight",
        "value": 64.5,
        "unit": "kg",
        "si": { "value": 64.5, "unit": "kg" },
        "site": null,
        "measured_at": NOW,
        "source": "client",
    }]);
    json!({
        "id": "chk_01jwtq3xg0p1q2r3s4t5v6w7x8",
        "object": "checkin",
        "livemode": false,
        "client_id": "cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "status": status,
        "scheduled": true,
        "due_at": NOW,
        "local_date": "2026-06-03",
        "period": { "from": "2026-05-28", "to": "2026-06-03" },
        "form": { "id": "frm_01jwtq3xg0q1r2s3t4v5w6x7y8", "version": 1 },
        "answers": if overdue { json!([]) } else { answers },
        "measurements": if overdue { json!([]) } else { measurements },
        "photos": [],
        "notes": unless(overdue, "Travelling next week.".into()),
        "rpe": unless(overdue, 7.5.into()),
        "wearable_summary": null,
        "source": unless(overdue, "client".into()),
        "submitted_at": unless(overdue, NOW.into()),
        "reviewed_at": unless(status != "reviewed", NOW.into()),
        "reply": unless(status != "reviewed", "Good week.".into()),
        "created_at": "2026-05-31T12:00:00.000Z",
        "updated_at": NOW,
    })
}

fn rate_limit() -> Value {
    json!({
        "object": "rate_limit",
        "livemode": false,
        "policy": "hour",
        "enabled": true,
        "limit": 2_500,
        "burst": 250,
        "used": 2_000,
        "remaining": 500,
        "window_seconds": 3_600,
        "reset_at": "2026-06-03T13:00:00.000Z",
    })
}
