//! What answers about check-ins look like: Ana's week.

use serde_json::{Value, json};

use super::examples::{CLIENT_ID, NOW};

const CHECKIN_ID: &str = "chk_01jwtq3xg0p1q2r3s4t5v6w7x8";
const FORM_ID: &str = "frm_01jwtq3xg0q1r2s3t4v5w6x7y8";
const MEASUREMENT_ID: &str = "mea_01jwtq3xg0r1s2t3v4w5x6y7z8";

/// An example of the answer that a schema describes.
pub(super) fn of(schema: &str) -> Option<Value> {
    Some(match schema {
        "AppCheckinFormBody" => json!({
            "object": "app_checkin_form",
            "livemode": true,
            "checkin": null,
            "form": form(),
        }),
        "CheckinBody" => checkin(),
        "SharedCheckinBody" => shared(),
        "FormBody" => form(),
        "MeasurementBody" => measurement(),
        "MetricBody" => metric(),
        "ScheduleBody" => schedule(),
        "WearableDayBody" => wearable_day(),
        _ => return None,
    })
}

/// The same as the client sees it.
fn shared() -> Value {
    let mut checkin = checkin();
    if let Value::Object(members) = &mut checkin {
        members.remove("private_notes");
    }
    checkin
}

/// A check-in that was reviewed.
pub(super) fn checkin() -> Value {
    json!({
        "id": CHECKIN_ID,
        "object": "checkin",
        "livemode": true,
        "client_id": CLIENT_ID,
        "status": "reviewed",
        "scheduled": true,
        "due_at": "2026-06-03T18:00:00.000Z",
        "local_date": "2026-06-03",
        "period": { "from": "2026-05-28", "to": "2026-06-03" },
        "form": { "id": FORM_ID, "version": 1 },
        "answers": [{
            "question_id": "energy",
            "question": "How was your energy this week?",
            "type": "scale",
            "value": 4,
        }],
        "measurements": [{
            "id": MEASUREMENT_ID,
            "metric": "weight",
            "value": 143.5,
            "unit": "lb",
            "si": { "value": 65.090_505, "unit": "kg" },
            "site": null,
            "measured_at": NOW,
            "source": "client",
        }],
        "photos": [{ "id": "pho_01jwtq3xg0p1q2r3s4t5v6w7x8", "pose": "front", "url": "/files/pho_01jwtq3xg0p1q2r3s4t5v6w7x8?exp=1780488300&sig=EXAMPLE" }],
        "notes": "Travelling next week.",
        "rpe": 7.5,
        "wearable_summary": summary(),
        "source": "client",
        "submitted_at": NOW,
        "reviewed_at": NOW,
        "reply": "Good week. Keep the steps up.",
        "created_at": "2026-05-31T18:00:00.000Z",
        "updated_at": NOW,
        "private_notes": "Ask about the knee.",
    })
}

fn summary() -> Value {
    json!({
        "steps": 9_120,
        "active_energy_kcal": 480,
        "distance_m": 6_700,
        "resting_hr": 54,
        "hrv_ms": 62.5,
        "hrv_method": "rmssd",
        "sleep": {
            "total_min": 431,
            "deep_min": 74,
            "rem_min": 98,
            "light_min": 259,
            "awake_min": 21,
        },
        "workouts": [{
            "type": "running",
            "duration_min": 32,
            "energy_kcal": 310,
            "distance_m": 5_100,
            "average_hr": 148,
        }],
        "source": "watch",
        "completeness": 0.95,
    })
}

fn form() -> Value {
    json!({
        "id": FORM_ID,
        "object": "checkin_form",
        "livemode": true,
        "name": "Weekly check-in",
        "version": 1,
        "default": true,
        "questions": [{
            "id": "energy",
            "type": "scale",
            "question": "How was your energy this week?",
            "help": "1 is drained, 5 is full of it.",
            "required": true,
            "choices": null,
            "min": 1,
            "max": 5,
            "unit": null,
            "pose": null,
        }],
        "created_at": null,
        "updated_at": null,
    })
}

fn measurement() -> Value {
    json!({
        "id": MEASUREMENT_ID,
        "object": "measurement",
        "livemode": true,
        "client_id": CLIENT_ID,
        "checkin_id": CHECKIN_ID,
        "metric": "weight",
        "value": 143.5,
        "unit": "lb",
        "si": { "value": 65.090_505, "unit": "kg" },
        "shown": { "value": 65.1, "unit": "kg" },
        "site": null,
        "measured_at": NOW,
        "source": "client",
        "created_at": NOW,
    })
}

fn metric() -> Value {
    json!({
        "id": "met_01jwtq3xg0s1t2v3w4x5y6z7a8",
        "object": "metric",
        "livemode": true,
        "name": "vertical_jump",
        "title": "Vertical jump",
        "quantity": "length",
        "units": ["cm", "in"],
        "built_in": false,
        "created_at": NOW,
    })
}

fn schedule() -> Value {
    json!({
        "object": "checkin_schedule",
        "livemode": true,
        "client_id": CLIENT_ID,
        "active": true,
        "weekday": "sunday",
        "every_weeks": 1,
        "time": "18:00",
        "timezone": "Europe/Lisbon",
        "form_id": null,
        "next_due_at": "2026-06-07T17:00:00.000Z",
        "created_at": NOW,
        "updated_at": NOW,
    })
}

fn wearable_day() -> Value {
    json!({
        "object": "wearable_day",
        "livemode": true,
        "date": "2026-06-03",
        "period": { "from": "2026-05-28", "to": "2026-06-03" },
        "checkin_id": CHECKIN_ID,
        "summary": summary(),
        "hrv": { "sdnn_ms": null, "rmssd_ms": 62.5 },
        "created_at": "2026-05-31T18:00:00.000Z",
    })
}
