//! What answers about training look like: Ana's program, and her first squat of the day.

use serde_json::{Value, json};

use super::examples::{CLIENT_ID, NOW};

/// The program of all examples.
pub(super) const PROGRAM_ID: &str = "prg_01jwtq3xg0k1m2n3p4q5r6s7t8";
const WORKOUT_LOG_ID: &str = "wl_01jwtq3xg0m1n2p3q4r5s6t7v8";

pub(super) fn exercise() -> Value {
    json!({
        "id": "back-squat",
        "object": "exercise",
        "livemode": null,
        "source": "catalogue",
        "slug": "back-squat",
        "name": "Back squat",
        "aliases": ["Barbell back squat", "High-bar squat", "Low-bar squat"],
        "pattern": "squat",
        "primary": ["quads"],
        "secondary": ["glutes", "hamstrings", "lower_back", "adductors"],
        "equipment": ["barbell", "rack"],
        "level": "intermediate",
        "unilateral": false,
        "load_type": "weight",
        "tags": ["axial_load", "deep_knee_flexion", "deep_hip_flexion", "neck_load"],
        "joint_stress": { "knee": 2, "low_back": 2, "hip": 2 },
        "regression": "goblet-squat",
        "progression": "pause-back-squat",
        "cue": "Brace first, then sit between your feet and drive the floor away.",
        "created_at": null,
        "updated_at": null,
    })
}

pub(super) fn program() -> Value {
    json!({
        "id": PROGRAM_ID,
        "object": "program",
        "livemode": true,
        "client_id": CLIENT_ID,
        "name": "Base strength",
        "status": "active",
        "notes": null,
        "goal": null,
        "start_date": "2026-06-01",
        "end_date": "2026-06-28",
        "weeks": 4,
        "days": 28,
        "generated": false,
        "template_id": null,
        "metadata": {},
        "activated_at": NOW,
        "completed_at": null,
        "archived_at": null,
        "created_at": NOW,
        "updated_at": NOW,
    })
}

pub(super) fn template() -> Value {
    json!({
        "id": "tpl_01jwtq3xg0n1p2q3r4s5t6v7w8",
        "object": "program_template",
        "livemode": true,
        "name": "Base strength",
        "notes": null,
        "goal": null,
        "weeks": 4,
        "days": 28,
        "created_at": NOW,
        "updated_at": NOW,
    })
}

pub(super) fn blocks() -> Value {
    json!([{
        "name": "Base",
        "kind": "accumulation",
        "weeks": 4,
        "sessions": [{
            "day": 1,
            "name": "Lower body",
            "groups": [{
                "kind": "straight",
                "prescriptions": [{
                    "exercise": "back-squat",
                    "sets": [{
                        "kind": "working",
                        "count": 3,
                        "reps": { "min": 6, "max": 8 },
                        "load": { "kind": "rir", "value": 2 },
                    }],
                    "tempo": "3-1-1-0",
                    "rest_s": 150,
                }],
            }],
        }],
    }])
}

pub(super) fn workout_log() -> Value {
    json!({
        "id": WORKOUT_LOG_ID,
        "object": "workout_log",
        "livemode": true,
        "client_id": CLIENT_ID,
        "performed_on": "2026-06-03",
        "status": "done",
        "program_id": PROGRAM_ID,
        "session": { "block": 1, "week": 1, "session": 1 },
        "name": "Lower body",
        "duration_min": 55,
        "session_rpe": 8,
        "notes": null,
        "skipped_reason": null,
        "pain": false,
        "exercises": [{
            "exercise": "back-squat",
            "sets": [{ "reps": 5, "load": { "value": 102.5, "unit": "kg" }, "rpe": 8.5 }],
        }],
        "created_at": NOW,
        "updated_at": NOW,
    })
}

pub(super) fn personal_record() -> Value {
    json!({
        "id": "back-squat:5",
        "object": "personal_record",
        "livemode": true,
        "client_id": CLIENT_ID,
        "exercise": "back-squat",
        "kind": "rep_max",
        "reps": 5,
        "load": { "value": 102.5, "unit": "kg" },
        "grams": 102_500,
        "previous": { "value": 100, "unit": "kg" },
        "achieved_on": "2026-06-03",
        "workout_log_id": WORKOUT_LOG_ID,
        "created_at": NOW,
    })
}

pub(super) fn adherence() -> Value {
    let window = |days: u32, from: &str, due: u32, done: u32, percent: u32| {
        json!({
            "days": days,
            "from": from,
            "to": "2026-06-03",
            "due": due,
            "done": done,
            "partial": 0,
            "missed": due - done,
            "excused": 0,
            "percent": percent,
        })
    };
    json!({
        "object": "adherence",
        "livemode": true,
        "client_id": CLIENT_ID,
        "as_of": "2026-06-03",
        "windows": [
            window(7, "2026-05-28", 3, 3, 100),
            window(30, "2026-05-05", 12, 11, 92),
            window(90, "2026-03-06", 36, 31, 86),
        ],
    })
}

pub(super) fn photo() -> Value {
    let id = "pho_01jwtq3xg0p1q2r3s4t5v6w7x8";
    json!({
        "id": id,
        "object": "photo",
        "livemode": true,
        "client_id": CLIENT_ID,
        "checkin_id": null,
        "pose": "front",
        "taken_on": "2026-06-03",
        "width": 1_200,
        "height": 1_600,
        "bytes": 248_113,
        "url": format!("/files/{id}?exp=1780488300&sig=l1.EXAMPLE"),
        "url_expires_at": "2026-06-03T12:05:00.000Z",
        "created_at": NOW,
    })
}
