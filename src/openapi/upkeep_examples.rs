//! What answers look like of what the owner looks after: jobs, backups, exports, notices, the
//! test mail.

use serde_json::{Value, json};

/// When the story is told.
const NOW: &str = "2026-06-03T12:00:00.000Z";

/// An example of the answer that a schema describes.
pub(super) fn of(schema: &str) -> Option<Value> {
    Some(match schema {
        "BackupBody" => json!({
            "object": "backup",
            "livemode": null,
            "name": "nightly-20260603T030000Z.backup",
            "origin": "nightly",
            "bytes": 4_812_331,
            "created_at": "2026-06-03T03:00:02.000Z",
        }),
        "ExportBody" => json!({
            "id": "exp_01jwtq3xg0m1n2p3q4r5s6t7v8",
            "object": "export",
            "livemode": true,
            "status": "ready",
            "progress": null,
            "clients": 42,
            "bytes": 18_204_113,
            "error": null,
            "created_at": NOW,
            "updated_at": "2026-06-03T12:00:09.412Z",
            "ready_at": "2026-06-03T12:00:09.412Z",
            "expires_at": "2026-06-04T12:00:09.412Z",
        }),
        "JobBody" => job(),
        "NoticeBody" => notice(),
        "TestMailBody" => json!({
            "object": "test_mail",
            "livemode": null,
            "status": "sent",
            "to": "you@example.com",
            "from": "hello@coach.example",
            "server": "mail.example:587",
            "message": "250 2.0.0 Ok: queued as 4F9D2A",
        }),
        _ => return None,
    })
}

fn job() -> Value {
    json!({
        "id": "job_01jwtq3xg0j1k2m3n4p5q6r7s8",
        "object": "job",
        "livemode": true,
        "kind": "mail.send",
        "status": "queued",
        "recurring": false,
        "about": "mail_01jwtq3xg0g1h2j3k4m5n6p7q8",
        "destination": "mail:example.com",
        "due_at": NOW,
        "ready_at": "2026-06-03T12:00:11.204Z",
        "attempts": 1,
        "error": "The mail server did not take it: transient error (451): Try again later",
        "progress": null,
        "started_at": NOW,
        "ended_at": null,
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn notice() -> Value {
    json!({
        "id": "ntc_01jwtq3xg0k1m2n3p4q5r6s7t8",
        "object": "notice",
        "livemode": true,
        "kind": "mail_held",
        "severity": "warning",
        "title": "3 mails held: send or drop",
        "message": "Held mail never leaves by itself. Send it, or drop it if the link was passed on by hand.",
        "action": { "label": "Open the outbox", "href": "/dashboard/live/outbox?status=held" },
        "created_at": NOW,
    })
}
