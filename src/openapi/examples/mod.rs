//! What answers look like: one story of a coach, her client Ana and her keys, told in JSON.

mod access;
mod app;
mod oauth;
mod payments;
mod today;
mod webhooks;

use serde_json::{Value, json};

use super::{check_ins, training, upkeep_examples};
use access::{auth_status, key, new_key, session, settings, signed_in, whoami, workspace};

const ACCOUNT_ID: &str = "acct_01jwtq3xg0a1b2c3d4e5f6g7h8";
const WORKSPACE_ID: &str = "ws_01jwtq3xg0b1c2d3e4f5g6h7j8";
const KEY_ID: &str = "key_01jwtq3xg0c1d2e3f4g5h6j7k8";
/// The client of all examples.
pub(super) const CLIENT_ID: &str = "cl_01jwtq3xg0e8k9c3v5r7t9w1y3";
const REQUEST_ID: &str = "req_01jwtq3xg0e8k9c3v5r7t9w1y5";
pub(super) const NOW: &str = "2026-06-03T12:00:00.000Z";
const LINK: &str = "https://coach.example/app/join#cdnit_3kT9vQ2mXb7Lr5WzH8sYd4NcPf6GjA0e1UiO2w";

/// An example of the answer that a schema describes.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn of(schema: &str) -> Option<Value> {
    Some(match schema {
        "AppBody" => oauth::app(),
        "AppProgramBody" => app::program(),
        "AppSessionBody" => app::session(),
        "AppTodayBody" => app::today(),
        "MessagesReadBody" => app::messages_read(),
        "AdherenceBody" => training::adherence(),
        "AuditEntryBody" => audit_entry(),
        "AuthStatusBody" => auth_status(),
        "ClientBody" => client(),
        "ClientImportBody" => client_import(),
        "ClientSessionBody" => client_session(),
        "ConsentBody" => consent(),
        "JoinedBody" => joined(),
        "OwnProfileBody" => own_profile(),
        "ErasedClientBody" => json!({
            "id": CLIENT_ID,
            "object": "client",
            "livemode": true,
            "erased": true,
            "erased_at": NOW,
        }),
        "CurrentSessionBody" => with(session(), signed_in()),
        "ClientCodeBody" => json!({ "object": "client_code", "status": "accepted" }),
        "ExerciseBody" => training::exercise(),
        "EventBody" => event(),
        "EventTypeBody" => event_type(),
        "GrantBody" => oauth::grant(),
        "HealthBody" => json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }),
        "InvitedClientBody" => with(client(), json!({ "install_link": LINK })),
        "KeyBody" => key(),
        "KeyListBody" => json!({ "keys": [key()], "count": 1 }),
        "ListedClientBody" => listed_client(),
        "MailBody" => mail(),
        "MessageBody" => message(),
        "IntrospectionBody" => oauth::introspection(),
        "NewAppBody" => with(oauth::app(), json!({ "client_secret": null })),
        "NewKeyBody" => new_key(),
        "NewWorkoutLogBody" => with(
            training::workout_log(),
            json!({ "personal_records": [training::personal_record()] }),
        ),
        "PaymentBody" => payments::payment(),
        "PasswordResetBody" => json!({ "object": "password_reset", "status": "accepted" }),
        "PersonalRecordBody" => training::personal_record(),
        "PhotoBody" => training::photo(),
        "ProgramBody" => with(
            training::program(),
            json!({ "generation": null, "blocks": training::blocks() }),
        ),
        "ProgramSummaryBody" => training::program(),
        "ListedProgramBody" => with(
            training::program(),
            json!({ "client": { "id": CLIENT_ID, "name": "Ana Prado" } }),
        ),
        "RateLimitBody" => rate_limit(),
        "HappeningBody" => json!({
            "object": "happening",
            "livemode": false,
            "name": "client-message",
            "description": "A client writes a message.",
            "result_id": "msg_01jwtq3xg0f1g2h3j4k5m6n7p8",
        }),
        "SampleDataBody" => json!({
            "object": "sample_data",
            "livemode": false,
            "clients": 14,
            "api_keys": 7,
            "webhooks": 2,
            "programs": 35,
            "workout_logs": 497,
            "checkins": 168,
            "photos": 27,
            "payments": 50,
        }),
        "RequestBody" => request(),
        "UsageBody" => usage(),
        "WholeRequestBody" => whole_request(),
        "ResourceMetadata" => oauth::resource_metadata(),
        "ServerMetadata" => oauth::server_metadata(),
        "SessionBody" => session(),
        "SettingsBody" => settings(),
        "StatusBody" => json!({ "status": "ok" }),
        "TemplateBody" => with(
            training::template(),
            json!({ "blocks": training::blocks() }),
        ),
        "TemplateSummaryBody" => training::template(),
        "TodayBody" => today::today(),
        "DismissedBody" => today::dismissed(),
        "TestClockBody" => json!({
            "object": "test_clock",
            "livemode": false,
            "now": "2027-01-01T00:00:00.000Z",
            "offset_ms": 18_273_600_000_i64,
            "pending_jobs": 424,
        }),
        "TestResetBody" => json!({
            "object": "test_reset",
            "livemode": false,
            "removed": 1_204,
            "now": "2026-06-03T12:00:00.000Z",
        }),
        "TokenBody" => json!({
            "token_type": "Bearer",
            "expires_in": 43_200,
            "access_token": "cdnat_EXAMPLE",
            "refresh_token": "cdnrt_EXAMPLE",
            "scope": "clients:read clients:write",
        }),
        "WhoamiBody" => whoami(),
        "WholeClientBody" => whole_client(),
        "WorkoutLogBody" => training::workout_log(),
        "WorkspaceBody" => workspace(),
        other => {
            return check_ins::of(other)
                .or_else(|| webhooks::of(other))
                .or_else(|| upkeep_examples::of(other));
        }
    })
}

/// An object with the members of another added or put in place.
fn with(mut object: Value, others: Value) -> Value {
    if let (Value::Object(object), Value::Object(others)) = (&mut object, others) {
        object.extend(others);
    }
    object
}

fn rate_limit() -> Value {
    json!({
        "object": "rate_limit",
        "livemode": false,
        "policy": "hour",
        "enabled": true,
        "limit": 2_500,
        "burst": 250,
        "used": 37,
        "remaining": 2_463,
        "window_seconds": 3_600,
        "reset_at": "2026-06-03T13:00:00.000Z",
    })
}

fn client_session() -> Value {
    json!({
        "id": "cls_01jwtq3xg0k1m2n3p4q5r6s7t8",
        "object": "client_session",
        "livemode": true,
        "client_id": CLIENT_ID,
        "current": true,
        "created_at": "2026-06-03T12:00:00.000Z",
        "last_seen_at": "2026-06-03T12:00:00.000Z",
        "expires_at": "2026-11-30T12:00:00.000Z",
        "address": "203.0.113.7",
        "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)",
    })
}

fn consent() -> Value {
    json!({
        "object": "consent",
        "livemode": true,
        "client_id": CLIENT_ID,
        "kind": "health_data",
        "text_version": "2026-06",
        "given_at": NOW,
        "withdrawn_at": null,
    })
}

fn joined() -> Value {
    json!({
        "id": "cls_01jwtq3xg0k1m2n3p4q5r6s7t8",
        "object": "client_session",
        "livemode": true,
        "client": { "id": CLIENT_ID, "name": "Ana Prado" },
        "workspace": { "name": "North Street Strength" },
        "created_at": NOW,
        "expires_at": "2026-11-30T12:00:00.000Z",
    })
}

fn own_profile() -> Value {
    let mut profile = with(
        client(),
        json!({
            "status": "active",
            "consents": [consent()],
            "workspace": { "name": "North Street Strength" },
            "joined_at": NOW,
        }),
    );
    if let Value::Object(members) = &mut profile {
        for kept_apart in [
            "tags",
            "coach_notes",
            "sms_consent",
            "external_id",
            "metadata",
            "past_due",
            "invite",
            "archived_at",
        ] {
            members.remove(kept_apart);
        }
    }
    profile
}

fn client_import() -> Value {
    json!({
        "object": "client_import",
        "livemode": false,
        "dry_run": false,
        "total": 2,
        "created": 1,
        "duplicates": 0,
        "invalid": 1,
        "columns": [
            { "column": "First Name", "field": "first_name" },
            { "column": "E-mail", "field": "email" },
            { "column": "Coach", "field": null },
        ],
        "rows": [
            {
                "row": 1,
                "line": 2,
                "status": "invalid",
                "client_id": null,
                "name": "Rui",
                "email": "rui.example.com",
                "errors": [{
                    "pointer": "/email",
                    "code": "invalid_email",
                    "message": "Not an email address.",
                    "fix": "Use the form name@example.com.",
                }],
            },
            {
                "row": 2,
                "line": 3,
                "status": "created",
                "client_id": CLIENT_ID,
                "name": "Ana",
                "email": "ana@example.com",
                "errors": [],
            },
        ],
        "rows_truncated": false,
    })
}

/// A key as the answer to a rotation gives it: the old one works for an hour longer.
fn client() -> Value {
    json!({
        "id": CLIENT_ID,
        "object": "client",
        "livemode": true,
        "status": "invited",
        "name": "Ana Prado",
        "email": "ana@example.com",
        "phone": "+351912345678",
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
        "external_id": "crm-4711",
        "metadata": { "source": "website" },
        "past_due": false,
        "invite": { "status": "queued", "reason": null, "expires_at": "2026-06-17T12:00:00.000Z" },
        "joined_at": null,
        "archived_at": null,
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn listed_client() -> Value {
    let program =
        json!({ "id": training::PROGRAM_ID, "name": "Base strength", "week": 1, "weeks": 4 });
    let standing = json!({
        "program": program,
        "adherence_30": 88,
        "last_checkin_at": NOW,
        "reason": "checkin_unreviewed",
    });
    with(client(), json!({ "standing": standing }))
}

fn whole_client() -> Value {
    let program = json!({
        "id": training::PROGRAM_ID,
        "object": "program",
        "name": "Base strength",
        "status": "active",
        "start_date": "2026-06-01",
        "end_date": "2026-06-28",
        "week": 1,
        "weeks": 4,
    });
    let parts = json!({
        "current_program": program,
        "recent_checkins": [check_ins::checkin()],
        "payment_history": [payments::payment()],
    });
    with(client(), parts)
}

fn message() -> Value {
    json!({
        "id": "msg_01jwtq3xg0f1g2h3j4k5m6n7p8",
        "object": "message",
        "livemode": true,
        "client_id": CLIENT_ID,
        "direction": "to_client",
        "channel": "app",
        "body": "Great week. Same again?",
        "status": "sent",
        "reason": null,
        "read_at": null,
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn event() -> Value {
    json!({
        "id": "evt_01jwtq3xg0e8k9c3v5r7t9w1y3",
        "object": "event",
        "type": "client.created",
        "livemode": true,
        "created_at": NOW,
        "sequence": 42,
        "data": { "object": client() },
        "request": { "id": REQUEST_ID, "idempotency_key": "b7e3c1f0-2f5a-4a52-9c0e-6d1f0a7b9e55" },
    })
}

fn event_type() -> Value {
    json!({
        "type": "client.created",
        "object": "event_type",
        "livemode": null,
        "description": "A client was added.",
        "scope": "clients:read",
        "sample": event(),
    })
}

fn mail() -> Value {
    json!({
        "id": "mail_01jwtq3xg0g1h2j3k4m5n6p7q8",
        "object": "mail",
        "livemode": true,
        "template": "invite",
        "to": "ana@example.com",
        "subject": "North Street Strength invites you to your training app",
        "status": "queued",
        "reason": null,
        "client_id": CLIENT_ID,
        "text": "Hello Ana Prado,\n\nOpen this link on your phone to get in:\n\nhttps://coach.example/app/join#…\n",
        "html": "<!DOCTYPE html><html lang=\"en\"><body><p>Hello Ana Prado,</p></body></html>",
        "expires_at": "2026-06-17T12:00:00.000Z",
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn audit_entry() -> Value {
    json!({
        "id": "aud_01jwtq3xg0h1j2k3m4n5p6q7r8",
        "object": "audit_entry",
        "livemode": true,
        "created_at": NOW,
        "action": "api_key.rotated",
        "actor": { "type": "api_key", "account_id": ACCOUNT_ID, "id": KEY_ID, "name": "production" },
        "target": KEY_ID,
        "detail": { "rotated_from": "key_01jwtq3xg0d1e2f3g4h5j6k7m8" },
        "ip": "203.0.113.7",
        "request_id": REQUEST_ID,
    })
}

fn request() -> Value {
    json!({
        "id": REQUEST_ID,
        "object": "request",
        "livemode": true,
        "created_at": NOW,
        "method": "POST",
        "path": "/v1/clients",
        "route": "/v1/clients",
        "status": 409,
        "duration_ms": 1.314,
        "code": "already_exists",
        "caller": { "kind": "api_key", "id": KEY_ID, "name": "production" },
        "address": "203.0.113.7",
        "replayed": false,
    })
}

fn whole_request() -> Value {
    let rest = json!({
        "request": {
            "query": null,
            "content_type": "application/json",
            "idempotency_key": "b7e3c1f0-2f5a-4a52-9c0e-6d1f0a7b9e55",
            "user_agent": "curl/8.14.1",
            "body": "{\"name\":\"(text, 9 characters)\",\"email\":\"(text, 15 characters)\"}",
            "truncated": false,
        },
        "answer": {
            "content_type": "application/json",
            "body": "{\"error\":{\"type\":\"conflict\",\"code\":\"already_exists\",\"message\":\"(text, 44 characters)\"}}",
            "truncated": false,
        },
        "bodies": "masked",
        "rate_limit": { "limit": 2_500, "remaining": 2_463, "reset_at": "2026-06-03T13:00:00.000Z" },
        "events": [
            { "id": "evt_01jwtq3xg0e8k9c3v5r7t9w1y3", "type": "client.created", "sequence": 42 },
        ],
        "deliveries": [],
        "recent": { "calls": 10, "failed": 3 },
    });
    with(request(), rest)
}

fn usage() -> Value {
    let counts = json!({
        "requests": 42,
        "succeeded": 39,
        "client_errors": 2,
        "server_errors": 0,
        "rate_limited": 1,
    });
    let start = "2026-06-03T00:00:00.000Z";
    let group = json!({
        "key": KEY_ID,
        "route": "GET /v1/clients",
        "name": "production",
        "buckets": [{ "start": start, "requests": 42 }],
    });
    json!({
        "object": "usage",
        "livemode": true,
        "from": start,
        "to": "2026-06-04T00:00:00.000Z",
        "by": "day",
        "group": "key",
        "limit": {
            "policy": "hour",
            "requests_per_hour": 2_500,
            "burst_percent": 10,
            "used": 37,
            "remaining": 2_463,
            "reset_at": "2026-06-03T13:00:00.000Z",
            "warn_at": 2_000,
        },
        "total": counts,
        "buckets": [with(json!({ "start": start }), counts.clone())],
        "groups": [with(group, counts)],
    })
}
