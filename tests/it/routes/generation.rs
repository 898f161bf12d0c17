//! What a client's check-ins, logs and bests, and the coach's own exercises, say to a generated draft.

use cadence::clock::DAY_MS;
use serde_json::{Value, json};

use crate::support::{Caller, Coach, Server};

struct Desk {
    server: Server,
    coach: Coach,
    key: Caller,
    client: String,
}

impl Desk {
    fn open() -> Self {
        let server = Server::start();
        let coach = server.coach("coach@example.com");
        let key = server.key(coach, &[]);
        let new = json!({ "name": "Ana", "email": "ana@example.com", "send_invite": false });
        let client = key.post("/v1/clients", &new).expect(201).member("id");
        Self {
            server,
            coach,
            key,
            client,
        }
    }

    fn path(&self, of: &str) -> String {
        format!("/v1/clients/{}/{of}", self.client)
    }

    fn check_in(&self, body: &Value) {
        self.key.post(&self.path("checkins"), body).expect(201);
    }

    /// The default form, filled in; `rest` says what is not as usual.
    fn fill_in(&self, rest: &[(&str, Value)]) {
        let usual = [
            ("energy", json!(4)),
            ("sleep", json!(7.5)),
            ("stress", json!(2)),
            ("training", json!("All of it")),
            ("nutrition", json!(4)),
            ("pain", json!("No")),
        ];
        let answers = usual.map(|(question, value)| {
            let other = rest.iter().find(|(other, _)| *other == question);
            let value = other.map_or(value, |(_, value)| value.clone());
            json!({ "question": question, "value": value })
        });
        let forms = self.key.get("/v1/checkin-forms").expect(200).json();
        let form = &forms["data"][0]["id"];
        self.check_in(&json!({ "form_id": form, "answers": answers }));
    }

    fn log(&self, exercise: &str, sets: &Value) {
        let body = json!({ "exercises": [{ "exercise": exercise, "sets": sets }] });
        self.key.post(&self.path("workout-logs"), &body).expect(201);
    }

    fn generate_by(&self, key: &Caller, wish: &Value) -> Value {
        let mut body = json!({ "ai_generate": true, "goal": "hypertrophy" });
        for (name, value) in wish.as_object().expect("a wish") {
            body[name] = value.clone();
        }
        let made = key.post(&self.path("programs"), &body).expect(201).json();
        made["generation"].clone()
    }

    fn generate(&self, wish: &Value) -> Value {
        self.generate_by(&self.key, wish)
    }

    fn days(&self, days: i64) {
        self.server.advance_ms(days * DAY_MS);
    }
}

/// The codes of the warnings, but for those of sessions that were too long.
fn warnings(generation: &Value) -> Vec<&str> {
    let warnings = generation["warnings"].as_array().expect("warnings").iter();
    let codes = warnings.map(|warning| warning["code"].as_str().expect("a code"));
    codes.filter(|code| !code.starts_with("time_")).collect()
}

#[test]
fn a_client_without_a_history_has_none_in_her_draft() {
    let desk = Desk::open();

    let generation = desk.generate(&json!({}));

    assert_eq!(generation["inputs"].get("history"), None);
    assert_eq!(generation["inputs"]["known_maxima"], json!([]));
    assert!(
        !warnings(&generation)
            .iter()
            .any(|code| code.starts_with("check_ins"))
    );
}

#[test]
fn the_last_four_check_ins_make_the_first_week_lighter_for_eight_weeks() {
    let desk = Desk::open();
    let usual = desk.generate(&json!({}));
    desk.fill_in(&[("energy", json!(2))]);
    desk.days(1);
    desk.check_in(&json!({ "rpe": 9 }));
    desk.days(1);

    let generation = desk.generate(&json!({}));

    assert_eq!(warnings(&generation), ["check_ins_strained"]);
    let history = &generation["inputs"]["history"];
    let told = json!([
        history["check_ins"],
        history["strained_check_ins"],
        history["lighter_start"]
    ]);
    assert_eq!(told, json!([2, 2, true]));
    assert_ne!(generation["input_hash"], usual["input_hash"]);
    // Answers are told to nobody: the program is read by whoever reads programs.
    assert!(
        !generation.to_string().contains("energy\":"),
        "{generation}"
    );
    assert_eq!(desk.generate(&json!({})), generation, "equal inputs");

    // Those are not among the last four any more.
    for _ in 0..3 {
        desk.fill_in(&[]);
        desk.days(1);
    }
    let generation = desk.generate(&json!({}));
    assert_eq!(generation["inputs"]["history"]["check_ins"], 4);
    assert_eq!(generation["inputs"]["history"]["strained_check_ins"], 1);
    assert_eq!(warnings(&generation), [""; 0]);
    desk.fill_in(&[("sleep", json!(5))]);
    desk.fill_in(&[("training", json!("None"))]);
    assert_eq!(warnings(&desk.generate(&json!({}))), ["check_ins_strained"]);

    desk.days(56);
    assert_eq!(warnings(&desk.generate(&json!({}))), ["check_ins_strained"]);
    desk.days(1);
    let later = desk.generate(&json!({}));
    assert_eq!(later, usual, "eight weeks later they say nothing");
}

#[test]
fn a_scale_of_another_length_is_not_misread() {
    let desk = Desk::open();
    let question =
        json!({ "id": "soreness", "question": "How sore?", "type": "scale", "min": 1, "max": 10 });
    let form = json!({ "name": "Short", "questions": [question] });
    let form = desk
        .key
        .post("/v1/checkin-forms", &form)
        .expect(201)
        .member("id");
    for _ in 0..2 {
        let answers = json!([{ "question": "soreness", "value": 4 }]);
        desk.check_in(&json!({ "form_id": form, "answers": answers }));
    }
    assert_eq!(warnings(&desk.generate(&json!({}))), [""; 0]);

    // Without a form a scale is 1 to 5.
    for _ in 0..2 {
        let answers = json!([{ "question": "soreness", "type": "scale", "value": 4 }]);
        desk.check_in(&json!({ "answers": answers }));
    }
    assert_eq!(warnings(&desk.generate(&json!({}))), ["check_ins_strained"]);
}

#[test]
fn a_key_that_may_not_read_check_ins_generates_without_them_and_is_told() {
    let desk = Desk::open();
    desk.check_in(&json!({ "rpe": 10 }));
    desk.check_in(
        &json!({ "rpe": 10, "answers": [{ "question": "pain", "value": "My left knee" }] }),
    );
    let blind = desk.server.key(desk.coach, &["programs:write"]);

    let generation = desk.generate_by(&blind, &json!({}));

    assert_eq!(warnings(&generation), ["check_ins_unread"]);
    assert_eq!(generation["inputs"]["history"]["check_ins"], Value::Null);
    assert_eq!(generation["inputs"]["limitations"], json!([]));
    let seeing = desk
        .server
        .key(desk.coach, &["programs:write", "checkins:read"]);
    let generation = desk.generate_by(&seeing, &json!({}));
    assert_eq!(
        warnings(&generation),
        ["limitations", "check_ins_strained", "pain_reported"]
    );
    assert_eq!(generation["inputs"]["limitations"], json!(["knee"]));
}

#[test]
fn pain_is_heeded_for_four_weeks_unless_the_request_says_what_to_go_easy_on() {
    let desk = Desk::open();
    let usual = desk.generate(&json!({}));
    let hurt = usual["reasons"][0]["exercise"]
        .as_str()
        .expect("a slug")
        .to_owned();
    desk.log(
        &hurt,
        &json!([{ "reps": 8, "pain": true, "note": "Left shoulder" }]),
    );
    desk.log(
        "plank",
        &json!([{ "seconds": 30, "note": "My knee was fine" }]),
    );

    let generation = desk.generate(&json!({}));

    let inputs = &generation["inputs"];
    assert_eq!(inputs["limitations"], json!(["shoulder"]));
    let pain = &inputs["history"]["pain"];
    assert_eq!(pain.as_array().map(Vec::len), Some(1), "{pain}");
    assert_eq!(
        (
            &pain[0]["source"],
            &pain[0]["exercise"],
            &pain[0]["limitation"]
        ),
        (&json!("workout_log"), &json!(hurt), &json!("shoulder"))
    );
    let reasons = generation["reasons"].as_array().expect("reasons");
    assert!(
        reasons
            .iter()
            .all(|reason| reason["exercise"] != json!(hurt))
    );
    assert!(warnings(&generation).contains(&"pain_reported"));

    // What the request names always wins, also if it names nothing.
    let named = desk.generate(&json!({ "limitations": [] }));
    assert_eq!(named["inputs"]["limitations"], json!([]));
    assert_eq!(warnings(&named), warnings(&usual));
    assert_eq!(named, usual);

    desk.days(28);
    assert!(warnings(&desk.generate(&json!({}))).contains(&"pain_reported"));
    desk.days(1);
    assert_eq!(desk.generate(&json!({})), usual);
}

#[test]
fn pain_without_a_place_is_asked_about() {
    let desk = Desk::open();
    desk.fill_in(&[("pain", json!("A little"))]);

    let generation = desk.generate(&json!({}));

    assert_eq!(warnings(&generation), ["pain_without_place"]);
    assert_eq!(generation["inputs"]["limitations"], json!([]));
}

#[test]
fn a_best_gives_a_load_for_half_a_year() {
    let desk = Desk::open();
    let usual = desk.generate(&json!({}));
    let slug = "barbell-bench-press";
    // By Epley's formula 75 kg × 10 are a maximum of 100 kg.
    let load = json!({ "value": 75, "unit": "kg" });
    desk.log(slug, &json!([{ "reps": 10, "load": load }]));
    let wish = json!({ "locked_exercises": [slug] });
    let without = desk.generate(&wish)["inputs"]["locked_exercises"].clone();
    assert_eq!(without, json!([slug]));

    let generation = desk.generate(&wish);

    assert_eq!(generation["inputs"]["known_maxima"], json!([slug]));
    let record = &generation["inputs"]["history"]["records"][0];
    assert_eq!(
        (
            &record["exercise"],
            &record["estimated_maximum"],
            &record["unit"]
        ),
        (&json!(slug), &json!(100), &json!("kg"))
    );
    let reasons = generation["reasons"].as_array().expect("reasons").iter();
    let mut reasons = reasons.filter(|reason| reason["exercise"] == slug);
    let reason = reasons
        .next()
        .and_then(|r| r["reason"].as_str())
        .expect("a reason");
    let day = record["achieved_on"].as_str().expect("a day");
    assert!(
        reason.contains("100 kg") && reason.contains(day),
        "{reason}"
    );

    desk.days(180);
    let later = desk.generate(&json!({}));
    assert_eq!(later["inputs"]["known_maxima"], json!([slug]));
    desk.days(1);
    assert_eq!(desk.generate(&json!({})), usual);
}

#[test]
fn a_coachs_own_exercise_is_chosen_and_may_be_locked() {
    let desk = Desk::open();
    let own = json!({
        "name": "Garage squat", "pattern": "squat", "primary": ["quads"], "equipment": ["barbell", "rack"],
        "tags": ["axial_load", "deep_knee_flexion"], "joint_stress": { "knee": 2, "low_back": 2 },
    });
    desk.key.post("/v1/exercises", &own).expect(201);
    let curl = json!({ "name": "Coach curl", "pattern": "arm_flexion", "primary": ["biceps"], "equipment": ["dumbbells"] });
    desk.key.post("/v1/exercises", &curl).expect(201);

    let generation = desk.generate(&json!({}));

    let has = |generation: &Value, slug: &str| {
        let mut reasons = generation["reasons"].as_array().expect("reasons").iter();
        reasons.any(|reason| reason["exercise"] == slug)
    };
    assert!(has(&generation, "garage-squat"));
    assert_eq!(generation["inputs"]["history"]["own_exercises"], 2);
    let version = generation["catalogue_version"].as_str().expect("a version");
    assert!(version.contains("+own-"), "{version}");
    let locked = desk.generate(&json!({ "locked_exercises": ["coach-curl"] }));
    assert!(has(&locked, "coach-curl"));
    let excluded = desk.generate(&json!({ "excluded_exercises": ["garage-squat"] }));
    assert!(!has(&excluded, "garage-squat"));
    let knee = json!({ "ai_generate": true, "goal": "general", "limitations": ["knee"], "locked_exercises": ["coach-curl"] });
    let refused = desk
        .key
        .post(&desk.path("programs"), &knee)
        .refused(422, "program_unsatisfiable");
    let message = refused.json()["error"]["message"].clone();
    assert!(
        message.as_str().is_some_and(|text| text.contains("tags")),
        "{message}"
    );
}
