//! Programs and logs read back exactly as they were written, whatever they are made of.

use serde_json::{Value, json};

use crate::support::Server;

const GOALS: [&str; 5] = [
    "hypertrophy",
    "strength",
    "fat_loss",
    "endurance",
    "general",
];
const EQUIPMENT: [&str; 6] = [
    "full_gym",
    "home_gym",
    "dumbbells",
    "bands",
    "kettlebells",
    "bodyweight",
];

/// Every exercise of a program, once, in its order.
fn exercises(blocks: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut parts = vec![blocks];
    while let Some(part) = parts.pop() {
        if let Some(slug) = part["exercise"].as_str()
            && !found.iter().any(|known| known == slug)
        {
            found.push(slug.to_owned());
        }
        parts.extend(part.as_array().into_iter().flatten());
        parts.extend(
            part.as_object()
                .into_iter()
                .flat_map(|object| object.values()),
        );
    }
    found
}

/// A log of some exercises, whose sets differ by their number.
fn log(exercises: &[String]) -> Value {
    let performed = exercises.iter().enumerate().map(|(at, slug)| {
        // Halves: a whole number may be written as 10 or as 10.0.
        let load: Value = serde_json::from_str(&format!("{}.5", 10 + at * 2)).expect("a number");
        let effort = if at % 2 == 0 { "rpe" } else { "rir" };
        let unit = if at % 3 == 0 { "lb" } else { "kg" };
        let mut heavy = json!({ "reps": at % 15 + 1, "load": { "value": load, "unit": unit }, "note": format!("Set {at}") });
        heavy[effort] = json!(at % 5 + 1);
        let mut held = json!({ "seconds": 30 + at });
        if at % 4 == 0 {
            held["pain"] = json!(true);
        }
        json!({ "exercise": slug, "sets": [heavy, held, { "skipped_reason": "Out of time" }] })
    });
    json!({ "performed_on": "2026-06-02", "exercises": performed.collect::<Vec<_>>() })
}

#[test]
fn generated_programs_and_logs_of_them_read_back_as_they_were_written() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let new = json!({ "name": "Ana", "email": "ana@example.com", "send_invite": false });
    let client = key.post("/v1/clients", &new).expect(201).member("id");
    let programs = format!("/v1/clients/{client}/programs");
    let logs = format!("/v1/clients/{client}/workout-logs");
    for (at, (goal, equipment)) in GOALS
        .iter()
        .flat_map(|goal| EQUIPMENT.iter().map(move |equipment| (goal, equipment)))
        .enumerate()
    {
        let wish = json!({ "ai_generate": true, "goal": goal, "equipment": equipment, "days_per_week": at % 6 + 1 });
        let generated = key.post(&programs, &wish).expect(201).json();
        let by_hand = json!({ "name": "By hand", "blocks": generated["blocks"] });
        let made = key.post(&programs, &by_hand).expect(201);

        let path = format!("/v1/programs/{}", made.member("id"));
        let read = key.get(&path).expect(200).json();
        assert_eq!(read["blocks"], generated["blocks"], "{goal}, {equipment}");

        let written = log(&exercises(&generated["blocks"]));
        let made = key.post(&logs, &written).expect(201);
        let read = key.get(made.header("location").expect("a location"));
        let read = read.expect(200).json();
        assert_eq!(
            read["exercises"], written["exercises"],
            "{goal}, {equipment}"
        );
    }
}
