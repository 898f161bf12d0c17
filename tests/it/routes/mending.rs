//! Mistakes in a workout log that are mended: by the API, and by the client's own pages.

use cadence::clock::DAY_MS;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server};

struct Gym {
    server: Server,
    key: Caller,
    client: String,
    /// The cookie of the client's device.
    cookie: String,
}

fn set(kg: u32, reps: u32) -> Value {
    json!({ "reps": reps, "load": { "value": kg, "unit": "kg" } })
}

fn squats(sets: &[Value]) -> Value {
    json!([{ "exercise": "back-squat", "sets": sets }])
}

impl Gym {
    fn open() -> Self {
        let server = Server::start();
        let key = server.key(server.coach("coach@example.com"), &[]);
        let new = json!({ "name": "Ana Prado", "email": "ana@example.com", "timezone": "UTC" });
        let made = key.post("/v1/clients", &new).expect(201);
        let link = made.member("install_link");
        let token = link.split_once('#').expect("a fragment").1;
        let join = json!({ "token": token, "consents": { "terms": true, "health_data": true } });
        let joined = server
            .anyone()
            .post("/auth/client-sessions", &join)
            .expect(201);
        let cookie = joined.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        Self {
            client: made.member("id"),
            server,
            key,
            cookie,
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/clients/{}{rest}", self.client)
    }

    fn log(&self, exercises: &Value) -> Answer {
        let body = json!({ "exercises": exercises });
        self.key
            .post(&self.path("/workout-logs"), &body)
            .expect(201)
    }

    /// Logs squats; gives where the log is.
    fn squat(&self, sets: &[Value]) -> String {
        let made = self.log(&squats(sets));
        made.header("location").expect("a location").to_owned()
    }

    /// The records: exercise and repetitions, grams, and the log.
    fn records(&self) -> Vec<(String, i64, String)> {
        let list = self.key.get(&self.path("/personal-records?limit=100"));
        let list = list.expect(200).json();
        let all = list["data"].as_array().expect("records").iter();
        let all = all.map(|record| {
            let text = |name: &str| record[name].as_str().expect("a text").to_owned();
            let grams = record["grams"].as_i64().expect("grams");
            (text("id"), grams, text("workout_log_id"))
        });
        all.collect()
    }

    /// What is told of the client today, and about which log.
    fn told(&self) -> Vec<(String, Value)> {
        let today = self.key.get("/v1/today").expect(200).json();
        let rows = today["data"].as_array().expect("rows").iter();
        let reasons = rows.flat_map(|row| row["reasons"].as_array().cloned().unwrap_or_default());
        let reasons = reasons.map(|reason| {
            let kind = reason["kind"].as_str().expect("a kind").to_owned();
            (kind, reason["object_id"].clone())
        });
        reasons.collect()
    }

    fn events(&self, kind: &str) -> Vec<Value> {
        let list = self.key.get(&format!("/v1/events?limit=100&type={kind}"));
        let list = list.expect(200).json();
        list["data"].as_array().expect("events").clone()
    }

    fn page(&self, path: &str) -> Answer {
        let headers = [
            ("Cookie", self.cookie.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        self.server.anyone().send("GET", path, &headers, None)
    }

    fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.server.anyone().send_form(path, &self.cookie, fields)
    }

    fn app(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let headers = [
            ("Cookie", self.cookie.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        let body = body.map(Value::to_string);
        self.server
            .anyone()
            .send(method, path, &headers, body.as_deref())
    }

    /// A program that begins today: two sets of squats after a warm-up, and planks.
    fn follow(&self) {
        let program = json!({ "name": "Base", "blocks": [{ "weeks": 2, "sessions": [
            { "day": 1, "name": "Lower", "groups": [{ "prescriptions": [
                { "exercise": "back-squat", "sets": [
                    { "kind": "warmup", "reps": 5, "load": { "kind": "absolute", "value": 40, "unit": "kg" } },
                    { "count": 2, "reps": { "min": 5, "max": 8 }, "load": { "kind": "rir", "value": 2 } },
                ] },
                { "exercise": "plank", "sets": [{ "count": 2, "seconds": 30 }] },
            ] }] },
        ] }] });
        let id = self
            .key
            .post(&self.path("/programs"), &program)
            .expect(201)
            .member("id");
        self.key
            .act(&format!("/v1/programs/{id}/activate"))
            .expect(200);
    }
}

fn id_of(path: &str) -> String {
    path.rsplit('/').next().expect("an id").to_owned()
}

#[test]
fn a_log_is_changed_field_by_field_and_the_change_is_told_with_what_was() {
    let gym = Gym::open();
    let at = gym.squat(&[set(100, 5)]);
    let before = gym.key.get(&at).expect(200);

    let patch = json!({
        "status": "partial", "performed_on": "2026-06-02", "session_rpe": 7.5, "notes": "Cut short",
        "name": "Evening", "duration_min": 40,
    });
    let after = gym.key.patch(&at, &patch).expect(200);

    for (name, value) in patch.as_object().expect("members") {
        assert_eq!(&after.json()[name], value, "{name}");
    }
    assert_eq!(after.json()["exercises"], before.json()["exercises"]);
    assert_eq!(after.json()["personal_records"], json!([]));
    assert_ne!(after.header("etag"), before.header("etag"));
    let cleared = json!({ "notes": null, "session_rpe": null, "name": null, "duration_min": null });
    let cleared = gym.key.patch(&at, &cleared).expect(200).json();
    for name in ["notes", "session_rpe", "name", "duration_min"] {
        assert_eq!(cleared[name], Value::Null, "{name}");
    }
    let told = gym.events("workout.updated");
    assert_eq!(told.len(), 2);
    let first = &told[1]["data"];
    assert_eq!(first["object"]["status"], "partial");
    assert_eq!(
        first["previous"],
        json!({
            "status": "done", "performed_on": "2026-06-03", "session_rpe": null, "notes": null,
            "name": null, "duration_min": null,
        })
    );
    // The record goes with the day of its log.
    let records = gym
        .key
        .get(&gym.path("/personal-records"))
        .expect(200)
        .json();
    assert_eq!(records["data"][0]["achieved_on"], "2026-06-02");
}

#[test]
fn a_change_is_refused_where_the_version_is_another_and_where_it_is_wrong() {
    let gym = Gym::open();
    let at = gym.squat(&[set(100, 5)]);
    let tag = gym
        .key
        .get(&at)
        .expect(200)
        .header("etag")
        .expect("a tag")
        .to_owned();
    let send = |tag: &str, body: Value| {
        let headers = [("If-Match", tag)];
        gym.key
            .send("PATCH", &at, &headers, Some(&body.to_string()))
    };

    send(&tag, json!({ "notes": "One" })).expect(200);
    send(&tag, json!({ "notes": "Two" })).refused(412, "etag_mismatch");
    let stale = [("If-Match", tag.as_str())];
    gym.key
        .send("DELETE", &at, &stale, None)
        .refused(412, "etag_mismatch");

    let rows = gym.server.all_rows();
    for (patch, place) in [
        (json!({ "exercises": [] }), "/exercises"),
        (json!({ "exercises": null }), "/exercises"),
        (json!({ "status": "lost" }), "/status"),
        (
            json!({ "exercises": [{ "exercise": "no-such", "sets": [] }] }),
            "/exercises/0/exercise",
        ),
        (
            json!({ "exercises": squats(&[json!({})]) }),
            "/exercises/0/sets/0/reps",
        ),
        (
            json!({ "session": { "block": 1, "week": 1, "session": 1 } }),
            "/program_id",
        ),
        (
            json!({ "program_id": "prg_01jzkd6v8q9xw2m4n6p8r0t2v4" }),
            "/program_id",
        ),
    ] {
        let refused = gym.key.patch(&at, &patch).refused(400, "validation_failed");
        assert_eq!(refused.faults()[0].0, place, "{patch}");
    }
    gym.key.patch(&at, &json!({})).expect(200);
    gym.key.patch(&at, &json!({ "notes": "One" })).expect(200);
    assert_eq!(
        gym.server.all_rows(),
        rows,
        "what changes nothing is no change"
    );
    gym.key.act(&gym.path("/archive")).expect(200);
    gym.key
        .patch(&at, &json!({ "notes": "x" }))
        .refused(409, "state_conflict");
    gym.key.delete(&at).refused(409, "state_conflict");
    gym.key.act(&gym.path("/unarchive")).expect(200);
    gym.key
        .patch(&at, &json!({ "status": "missed", "exercises": [] }))
        .expect(200);
    gym.key.delete(&at).expect(204);
    gym.key.delete(&at).refused(404, "not_found");
}

#[test]
fn records_are_worked_out_again_when_the_log_that_held_one_is_changed_or_removed() {
    let gym = Gym::open();
    let first = gym.squat(&[set(90, 5)]);
    let second = gym.squat(&[set(100, 5)]);
    // A slip of the finger, and what came after it was no record any more.
    let slip = gym.squat(&[set(1_100, 5)]);
    let later = gym.squat(&[set(110, 5), set(112, 3)]);
    let of = |path: &str| id_of(path);
    assert_eq!(
        gym.records(),
        [
            ("back-squat:0".to_owned(), 1_283_333, of(&slip)),
            ("back-squat:5".to_owned(), 1_100_000, of(&slip)),
        ]
    );

    let mended = gym
        .key
        .patch(&slip, &json!({ "exercises": squats(&[set(105, 5)]) }));

    // It is less than what was there: nothing new was lifted.
    assert_eq!(mended.expect(200).json()["personal_records"], json!([]));
    assert_eq!(
        gym.records(),
        [
            ("back-squat:0".to_owned(), 128_333, of(&later)),
            ("back-squat:3".to_owned(), 112_000, of(&later)),
            ("back-squat:5".to_owned(), 110_000, of(&later)),
        ]
    );
    let set_before = gym.events("personal_record.set").len();
    let upward = json!({ "exercises": squats(&[set(120, 5)]) });
    let upward = gym.key.patch(&second, &upward).expect(200).json();
    let new: Vec<(&str, &Value)> = upward["personal_records"]
        .as_array()
        .expect("records")
        .iter()
        .map(|record| {
            (
                record["id"].as_str().expect("an id"),
                &record["previous"]["value"],
            )
        })
        .collect();
    assert_eq!(
        new,
        [("back-squat:0", &json!(105)), ("back-squat:5", &json!(90))]
    );
    assert_eq!(gym.events("personal_record.set").len(), set_before + 2);
    // Three repetitions with less than what was lifted five times before are no record.
    assert_eq!(gym.records().len(), 2);

    gym.key.delete(&second).expect(204);
    gym.key.delete(&later).expect(204);
    assert_eq!(
        gym.records()[1],
        ("back-squat:5".to_owned(), 105_000, of(&slip))
    );
    gym.key.delete(&slip).expect(204);
    assert_eq!(
        gym.records()[1],
        ("back-squat:5".to_owned(), 90_000, of(&first))
    );
    gym.key.delete(&first).expect(204);
    assert!(gym.records().is_empty());
    let told = gym.events("workout.deleted");
    assert_eq!(told.len(), 4);
    assert_eq!(told[0]["data"]["object"]["id"], of(&first).as_str());
    assert_eq!(
        told[0]["data"]["object"]["exercises"],
        squats(&[set(90, 5)])
    );
    assert!(
        gym.key
            .get(&gym.path("/workout-logs"))
            .expect(200)
            .column("id")
            .is_empty()
    );
}

#[test]
fn records_after_changes_are_those_of_logs_that_were_right_at_once() {
    // The same trainings twice: once with mistakes that are mended, once without.
    let (mended, right) = (Gym::open(), Gym::open());
    let sets = [
        [set(80, 8), set(100, 3)],
        [set(85, 8), set(95, 5)],
        [set(90, 6), set(102, 3)],
        [set(88, 8), set(104, 2)],
        [set(92, 5), set(101, 4)],
    ];
    let wrong = [set(400, 1), set(3, 9)];
    let mut paths = Vec::new();
    for (at, sets) in sets.iter().enumerate() {
        right.squat(sets);
        let slip = at % 2 == 0;
        paths.push(mended.squat(if slip { &wrong } else { sets }));
        if at == 3 {
            paths.push(mended.squat(&[set(500, 5)]));
        }
    }
    mended.key.delete(&paths.remove(4)).expect(204);
    for at in [4, 0, 2] {
        let patch = json!({ "exercises": squats(&sets[at]) });
        mended.key.patch(&paths[at], &patch).expect(200);
    }
    let of = |gym: &Gym| -> Vec<(String, i64)> {
        let records = gym.records().into_iter();
        records.map(|(id, grams, _)| (id, grams)).collect()
    };

    assert_eq!(of(&mended), of(&right));
    assert!(of(&right).len() > 4, "{:?}", of(&right));
}

#[test]
fn today_follows_what_a_log_says() {
    let gym = Gym::open();
    let hurts = |kg: u32| {
        let mut set = set(kg, 5);
        set["pain"] = json!(true);
        squats(&[set])
    };
    let told = |kind: &str| {
        let told = gym.told().into_iter().find(|(other, _)| other == kind);
        told.map(|(_, about)| about)
    };
    let first = gym
        .log(&hurts(60))
        .header("location")
        .expect("a location")
        .to_owned();
    gym.server.advance_ms(1_000);
    let second = gym
        .log(&hurts(70))
        .header("location")
        .expect("a location")
        .to_owned();
    assert_eq!(told("pain_reported"), Some(json!(id_of(&second))));
    assert_eq!(told("personal_record"), Some(json!(id_of(&second))));

    // It did not hurt: the one before it is told again.
    let no_pain = json!({ "exercises": squats(&[set(70, 5)]) });
    gym.key.patch(&second, &no_pain).expect(200);
    assert_eq!(told("pain_reported"), Some(json!(id_of(&first))));
    assert_eq!(
        told("personal_record"),
        Some(json!(id_of(&second))),
        "it stands"
    );
    // It was no best either.
    gym.key
        .patch(&second, &json!({ "exercises": squats(&[set(50, 5)]) }))
        .expect(200);
    assert_eq!(told("personal_record"), None);
    // It was, after all.
    gym.key
        .patch(&second, &json!({ "exercises": squats(&[set(75, 5)]) }))
        .expect(200);
    assert_eq!(told("personal_record"), Some(json!(id_of(&second))));
    gym.key.delete(&second).expect(204);
    assert_eq!(told("personal_record"), None);
    assert_eq!(told("pain_reported"), Some(json!(id_of(&first))));
    gym.key.delete(&first).expect(204);
    assert!(gym.told().is_empty(), "{:?}", gym.told());

    // What the coach has put aside stays aside as long as it is about the same log.
    let third = gym
        .log(&hurts(60))
        .header("location")
        .expect("a location")
        .to_owned();
    let dismiss = format!("/v1/today/{}/dismiss", gym.client);
    gym.key
        .post(&dismiss, &json!({ "kind": "pain_reported" }))
        .expect(200);
    gym.key
        .patch(&third, &json!({ "notes": "Left knee" }))
        .expect(200);
    assert!(gym.told().is_empty(), "{:?}", gym.told());
    // A log of the week before last begins nothing anew.
    let old = gym.squat(&[set(60, 5)]);
    gym.server.advance_ms(8 * DAY_MS);
    gym.key
        .patch(&old, &json!({ "exercises": hurts(60) }))
        .expect(200);
    assert_eq!(told("pain_reported"), None);
}

#[test]
fn adherence_follows_and_a_removed_session_waits_again() {
    let gym = Gym::open();
    gym.follow();
    let body = json!({
        "session": { "block": 1, "week": 1, "session": 1 },
        "exercises": [{ "exercise": "plank", "sets": [{ "seconds": 30 }] }],
    });
    let made = gym.key.post(&gym.path("/workout-logs"), &body).expect(201);
    let at = made.header("location").expect("a location").to_owned();
    let percent = || {
        let body = gym.key.get(&gym.path("/adherence")).expect(200).json();
        body["windows"][0]["percent"].clone()
    };
    assert_eq!(percent(), json!(100));

    gym.key
        .patch(&at, &json!({ "status": "partial" }))
        .expect(200);
    assert_eq!(percent(), json!(50));
    let missing = json!({ "session": { "block": 1, "week": 3, "session": 1 } });
    gym.key
        .patch(&at, &missing)
        .refused(400, "validation_failed");
    let elsewhere = json!({ "session": { "block": 1, "week": 2, "session": 1 } });
    assert_eq!(
        gym.key.patch(&at, &elsewhere).expect(200).json()["session"]["week"],
        2
    );
    let none = gym
        .key
        .patch(&at, &json!({ "program_id": null }))
        .expect(200)
        .json();
    assert_eq!(
        (&none["program_id"], &none["session"]),
        (&Value::Null, &Value::Null)
    );
    gym.key.patch(&at, &body).expect(200);
    gym.key.delete(&at).expect(204);
    let session = gym
        .app("GET", "/v1/app/sessions/1.1.1", None)
        .expect(200)
        .json();
    assert_eq!(
        (&session["status"], &session["workout_log_id"]),
        (&json!("due"), &Value::Null)
    );
}

/// The value of a field of a form on a page.
fn value(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\""))?;
    let tag = rest.split('>').next()?;
    let (_, rest) = tag.split_once("value=\"")?;
    rest.split('"').next().map(str::to_owned)
}

fn is_checked(page: &str, name: &str, with: &str) -> bool {
    page.contains(&format!("name=\"{name}\" value=\"{with}\" checked"))
}

/// The hidden key of the form that is sent to a path.
fn once(page: &str, action: &str) -> String {
    let (_, form) = page
        .split_once(&format!("action=\"{action}\""))
        .expect("a form");
    value(form, "once").expect("a key")
}

#[test]
fn a_client_changes_a_training_by_a_plain_form_and_what_the_form_does_not_show_stays() {
    let gym = Gym::open();
    gym.follow();
    // Logged by an app of the coach's, with more than the form has.
    let body = json!({
        "session": { "block": 1, "week": 1, "session": 1 }, "status": "partial", "notes": "Fine",
        "exercises": [{ "exercise": "back-squat", "note": "Belt", "sets": [
            { "kind": "warmup", "reps": 5, "load": { "value": 40, "unit": "kg" } },
            { "reps": 6, "load": { "value": 135, "unit": "lb" }, "rir": 2, "note": "Deep" },
            { "skipped_reason": "Rack taken" },
            { "reps": 6, "load": { "value": 600, "unit": "kg" }, "rpe": 8, "pain": true },
        ] }],
    });
    let made = gym.key.post(&gym.path("/workout-logs"), &body).expect(201);
    let id = made.member("id");
    let (edit, shown) = (
        format!("/app/training/{id}/edit"),
        format!("/app/training/{id}"),
    );
    let session = gym.page("/app/sessions/1/1/1").expect(200).text();
    assert!(session.contains(&edit), "{session}");
    assert!(gym.page(&shown).expect(200).text().contains(&edit));

    let page = gym.page(&edit).expect(200).text();
    assert!(is_checked(&page, "status", "partial"), "{page}");
    assert_eq!(value(&page, "e0.s1.load").as_deref(), Some("61.235"));
    assert_eq!(value(&page, "e0.s3.load").as_deref(), Some("600"));
    assert_eq!(value(&page, "e0.s3.rpe").as_deref(), Some("8"));
    assert!(is_checked(&page, "e0.s0.done", "1") && !is_checked(&page, "e0.s2.done", "1"));
    assert!(is_checked(&page, "e0.pain", "1"));
    assert!(page.contains("Not logged.") && page.contains("Plank"));
    assert_eq!(value(&page, "e1.s0.seconds").as_deref(), Some("30"));
    let key = once(&page, &edit);
    let fields = [
        ("once", key.as_str()),
        ("status", "done"),
        ("e0.s0.done", "1"),
        ("e0.s0.reps", "5"),
        ("e0.s0.load", "40"),
        ("e0.s1.done", "1"),
        ("e0.s1.reps", "7"),
        ("e0.s1.load", "61.235"),
        ("e0.s3.done", "1"),
        ("e0.s3.reps", "6"),
        ("e0.s3.load", "60"),
        ("e0.s3.rpe", "8,5"),
        ("e0.pain", "1"),
        ("e0.note", "Belt"),
        ("e1.s0.done", "1"),
        ("e1.s0.seconds", "45"),
        ("notes", "Finer"),
    ];
    let saved = gym.submit(&edit, &fields).expect(303);
    let again = gym.submit(&edit, &fields).expect(303);

    assert_eq!(saved.header("location"), Some(shown.as_str()));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let log = gym
        .app("GET", &format!("/v1/app/workout-logs/{id}"), None)
        .expect(200)
        .json();
    assert_eq!(
        log["exercises"],
        json!([
            { "exercise": "back-squat", "note": "Belt", "sets": [
                { "kind": "warmup", "reps": 5, "load": { "value": 40, "unit": "kg" } },
                { "reps": 7, "load": { "value": 135, "unit": "lb" }, "rir": 2, "note": "Deep" },
                { "skipped_reason": "Rack taken" },
                { "reps": 6, "load": { "value": 60, "unit": "kg" }, "rpe": 8.5, "pain": true },
            ] },
            { "exercise": "plank", "sets": [{ "seconds": 45 }] },
        ])
    );
    assert_eq!(
        (&log["status"], &log["notes"]),
        (&json!("done"), &json!("Finer"))
    );
    assert_eq!(gym.events("workout.updated").len(), 1);
    let best = gym.records().into_iter().map(|(id, grams, _)| (id, grams));
    let best: Vec<(String, i64)> = best.collect();
    // 135 lb seven times: more than 60 kg six times.
    assert_eq!(best[1], ("back-squat:7".to_owned(), 61_235));
    assert_eq!(best.len(), 2);

    // What is wrong is said at its field, and nothing is taken away unseen.
    let fresh = once(&gym.page(&edit).expect(200).text(), &edit);
    let wrong = [
        ("once", fresh.as_str()),
        ("e0.s0.done", "1"),
        ("e0.s0.reps", "lots"),
    ];
    let page = gym.submit(&edit, &wrong).expect(400).text();
    assert!(page.contains("This must be a whole number") && page.contains("value=\"lots\""));
    let empty = gym.submit(&edit, &[("once", fresh.as_str())]);
    let kept = gym
        .app("GET", &format!("/v1/app/workout-logs/{id}"), None)
        .expect(200)
        .json();
    // The skipped set alone is left: that is what was said.
    assert_eq!(empty.status, 303);
    assert_eq!(
        kept["exercises"],
        json!([{ "exercise": "back-squat", "sets": [{ "skipped_reason": "Rack taken" }] }])
    );
}

#[test]
fn a_client_removes_a_training_and_says_why_one_was_missed() {
    let gym = Gym::open();
    gym.follow();
    let path = "/app/sessions/1/1/1";
    let key = once(&gym.page(path).expect(200).text(), path);
    let missed = gym
        .submit(path, &[("once", &key), ("status", "missed")])
        .expect(303);
    let shown = missed.header("location").expect("a location").to_owned();
    let edit = format!("{shown}/edit");

    let page = gym.page(&edit).expect(200).text();
    assert!(is_checked(&page, "status", "missed") && !page.contains("e0.s0.done"));
    let key = once(&page, &edit);
    let fields = [
        ("once", key.as_str()),
        ("status", "excused"),
        ("skipped_reason", "Flu"),
    ];
    gym.submit(&edit, &fields).expect(303);
    let log = gym.key.get(&gym.path("/workout-logs")).expect(200).json()["data"][0].clone();
    assert_eq!(
        (&log["status"], &log["skipped_reason"]),
        (&json!("excused"), &json!("Flu"))
    );

    let delete = format!("{shown}/delete");
    let key = once(&gym.page(&edit).expect(200).text(), &delete);
    let gone = gym.submit(&delete, &[("once", &key)]).expect(303);
    let again = gym.submit(&delete, &[("once", &key)]).expect(303);
    assert_eq!(gone.header("location"), Some("/app/program"));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(gym.page(&shown).status, 404);
    assert_eq!(gym.page(&edit).status, 404);
    assert_eq!(gym.page(&delete).status, 405);
    assert_eq!(gym.server.rows("workout_logs"), 0);
}

#[test]
fn a_client_mends_for_seven_days_and_only_the_own_trainings() {
    let gym = Gym::open();
    let at = gym.squat(&[set(60, 5)]);
    let id = id_of(&at);
    let (own, edit) = (
        format!("/v1/app/workout-logs/{id}"),
        format!("/app/training/{id}/edit"),
    );
    let notes = json!({ "notes": "Mine" });
    gym.app("PATCH", &own, Some(&notes)).expect(200);
    let other = json!({ "name": "Rui", "email": "rui@example.com", "send_invite": false });
    let other = gym.key.post("/v1/clients", &other).expect(201).member("id");
    let logs = format!("/v1/clients/{other}/workout-logs");
    let theirs = json!({ "exercises": squats(&[set(90, 5)]) });
    let theirs = gym.key.post(&logs, &theirs).expect(201).member("id");
    for (method, path) in [
        ("PATCH", format!("/v1/app/workout-logs/{theirs}")),
        ("DELETE", format!("/v1/app/workout-logs/{theirs}")),
    ] {
        gym.app(method, &path, Some(&notes))
            .refused(404, "not_found");
    }
    assert_eq!(
        gym.page(&format!("/app/training/{theirs}/edit")).status,
        404
    );
    let delete = format!("/app/training/{theirs}/delete");
    assert_eq!(gym.submit(&delete, &[("once", "1")]).status, 404);

    // Without the consent nothing is taken in, and what is there can still be taken away.
    let second = id_of(&gym.squat(&[set(70, 5)]));
    gym.app("POST", "/v1/app/consents/health_data/withdraw", None)
        .expect(200);
    gym.app("PATCH", &own, Some(&notes))
        .refused(409, "state_conflict");
    gym.app("DELETE", &format!("/v1/app/workout-logs/{second}"), None)
        .expect(204);
    gym.app("POST", "/v1/app/consents/health_data/give", None)
        .expect(200);
    gym.server.advance_ms(7 * DAY_MS);
    gym.app("PATCH", &own, Some(&json!({ "notes": "The last day" })))
        .expect(200);
    assert_eq!(gym.page(&edit).status, 200);
    gym.server.advance_ms(DAY_MS);
    gym.app("PATCH", &own, Some(&notes))
        .refused(409, "state_conflict");
    gym.app("DELETE", &own, None).refused(409, "state_conflict");
    assert_eq!(gym.page(&edit).status, 409);
    let shown = gym.page(&format!("/app/training/{id}")).expect(200).text();
    assert!(!shown.contains(&edit), "{shown}");
    // The coach still can.
    gym.key.patch(&at, &notes).expect(200);
    gym.key.delete(&at).expect(204);
}
