//! What the client app is answered: Ana's day.

use serde_json::{Value, json};

use super::super::training;
use super::with;

fn summary() -> Value {
    json!({
        "id": training::PROGRAM_ID,
        "object": "program",
        "name": "Base strength",
        "status": "active",
        "start_date": "2026-06-01",
        "end_date": "2026-06-28",
        "week": 1,
        "weeks": 4,
    })
}

fn planned() -> Value {
    json!({
        "id": "1.1.1",
        "place": { "block": 1, "week": 1, "session": 1 },
        "week": 1,
        "name": "Lower body",
        "scheduled_on": "2026-06-03",
        "status": "due",
        "minutes": 60,
        "deload": false,
        "workout_log_id": null,
    })
}

pub(super) fn session() -> Value {
    let own = json!({
        "object": "app_session",
        "livemode": true,
        "program_id": training::PROGRAM_ID,
        "notes": null,
        "groups": [{
            "kind": "straight",
            "rounds": null,
            "interval_s": null,
            "time_cap_s": null,
            "rest_s": null,
            "notes": null,
            "exercises": [{
                "exercise": "back-squat",
                "name": "Back squat",
                "cue": "Brace first, then sit between your feet and drive the floor away.",
                "sets": [{
                    "kind": "working",
                    "count": 3,
                    "reps": { "min": 6, "max": 8 },
                    "load": { "kind": "rir", "value": 2 },
                }],
                "tempo": "3-1-1-0",
                "rest_s": 150,
                "unilateral": false,
                "notes": null,
                "alternates": [{ "exercise": "goblet-squat", "name": "Goblet squat" }],
                "last": {
                    "performed_on": "2026-05-29",
                    "workout_log_id": "wl_01jwtq3xg0m1n2p3q4r5s6t7v8",
                    "sets": [{ "reps": 6, "load": { "value": 100, "unit": "kg" }, "rpe": 8 }],
                },
            }],
        }],
    });
    with(planned(), own)
}

pub(super) fn today() -> Value {
    let next = json!({ "id": "1.1.2", "place": { "block": 1, "week": 1, "session": 2 }, "name": "Upper body", "scheduled_on": "2026-06-05", "status": "planned" });
    json!({
        "object": "app_today",
        "livemode": true,
        "date": "2026-06-03",
        "program": summary(),
        "session": session(),
        "log": null,
        "checkin": null,
        "open": [],
        "next": with(planned(), next),
        "unread_messages": 1,
    })
}

pub(super) fn program() -> Value {
    json!({
        "object": "app_program",
        "livemode": true,
        "date": "2026-06-03",
        "program": summary(),
        "notes": null,
        "weeks": [{
            "week": 1,
            "block_name": "Base",
            "block_kind": "accumulation",
            "from": "2026-06-01",
            "to": "2026-06-07",
            "sessions": [planned()],
        }],
    })
}

pub(super) fn messages_read() -> Value {
    json!({ "object": "messages_read", "livemode": true, "read": 1 })
}
