//! `/v1/clients/{client_id}/checkins`, `/v1/checkins`, `/v1/checkin-forms`, `…/measurements`,
//! `/v1/metrics` and `…/wearables`

use cadence::clock::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Coach, Server, form, form_type, jpeg};

struct Studio {
    server: Server,
    coach: Coach,
    key: Caller,
    client: String,
}

impl Studio {
    fn open() -> Self {
        Self::of(&json!({}))
    }

    fn of(profile: &Value) -> Self {
        let server = Server::start();
        let coach = server.coach("coach@example.com");
        let key = server.key(coach, &[]);
        let mut new = json!({ "name": "Ana", "email": "ana@example.com", "send_invite": false });
        for (name, value) in profile.as_object().expect("members") {
            new[name] = value.clone();
        }
        let client = key.post("/v1/clients", &new).expect(201).member("id");
        Self {
            server,
            coach,
            key,
            client: format!("/v1/clients/{client}"),
        }
    }

    fn path(&self) -> String {
        format!("{}/checkins", self.client)
    }

    fn submit(&self, body: &Value) -> Answer {
        self.key.post(&self.path(), body)
    }

    fn ids(&self, query: &str) -> Vec<String> {
        let path = format!("{}?{query}", self.path());
        self.key.get(&path).expect(200).column("id")
    }

    fn refused(&self, body: &Value) -> Vec<(String, String)> {
        self.submit(body).refused(400, "validation_failed").faults()
    }

    fn events(&self, kind: &str) -> Vec<Value> {
        let path = format!("/v1/events?type={kind}&limit=100");
        let list = self.key.get(&path).expect(200).json();
        let events = list["data"].as_array().expect("events").iter();
        events
            .map(|event| event["data"]["object"].clone())
            .collect()
    }

    fn default_form(&self) -> Value {
        let forms = self.key.get("/v1/checkin-forms").expect(200).json();
        let forms = forms["data"].as_array().expect("forms");
        forms.last().expect("the default form").clone()
    }
}

fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

fn whole_week() -> Value {
    json!({
        "period": { "from": "2026-05-28", "to": "2026-06-03" },
        "answers": [
            { "question": "How was your energy?", "type": "scale", "value": 4 },
            { "question": "Hours of sleep", "value": 7.25 },
            { "question": "What was hard?", "value": "Two nights.\nToo short." },
        ],
        "measurements": [
            { "metric": "weight", "value": 143.5, "unit": "lb", "source": "scale" },
            { "metric": "arm", "value": 33, "unit": "cm", "site": "left", "measured_at": "2026-06-02T07:00:00+02:00" },
        ],
        "notes": "Travelling next week.",
        "rpe": 7.5,
        "wearable_summary": {
            "steps": 9_120, "active_energy_kcal": 480, "distance_m": 6_700, "resting_hr": 54,
            "hrv_ms": 62.5, "hrv_method": "rmssd",
            "sleep": { "total_min": 431, "deep_min": 74, "rem_min": 98, "light_min": 259, "awake_min": 21 },
            "workouts": [{ "type": "running", "duration_min": 32, "energy_kcal": 310, "distance_m": 5_100, "average_hr": 148 }],
            "source": "watch", "completeness": 0.95,
        },
    })
}

#[test]
fn a_whole_check_in_reads_back_as_it_was_sent() {
    let studio = Studio::open();
    let sent = whole_week();

    let made = studio.submit(&sent).expect(201);

    let location = made.header("location").expect("a location").to_owned();
    assert_eq!(location, format!("/v1/checkins/{}", made.member("id")));
    let read = studio.key.get(&location).expect(200).json();
    assert_eq!(read, made.json());
    for field in ["period", "notes", "rpe", "wearable_summary"] {
        assert_eq!(read[field], sent[field], "{field}");
    }
    let answers: Vec<Value> = read["answers"].as_array().expect("answers").clone();
    let kinds: Vec<&Value> = answers.iter().map(|answer| &answer["type"]).collect();
    assert_eq!(kinds, ["scale", "number", "text"]);
    for (answer, sent) in answers
        .iter()
        .zip(sent["answers"].as_array().expect("answers"))
    {
        assert_eq!(
            (&answer["question"], &answer["value"]),
            (&sent["question"], &sent["value"])
        );
    }
    let measured = &read["measurements"];
    assert_eq!(measured[0]["value"], 143.5);
    assert_eq!(measured[0]["unit"], "lb");
    assert_eq!(
        measured[0]["si"],
        json!({ "value": 65.090_505, "unit": "kg" })
    );
    assert_eq!(measured[0]["source"], "scale");
    assert_eq!(measured[0]["measured_at"], read["submitted_at"]);
    assert_eq!(measured[1]["si"], json!({ "value": 0.33, "unit": "m" }));
    assert_eq!(measured[1]["site"], "left");
    assert_eq!(measured[1]["source"], "coach");
    assert_eq!(measured[1]["measured_at"], "2026-06-02T05:00:00.000Z");
    for (field, value) in [
        ("object", json!("checkin")),
        ("livemode", json!(false)),
        ("status", json!("submitted")),
        ("scheduled", json!(false)),
        ("due_at", Value::Null),
        ("local_date", json!("2026-06-03")),
        ("form", Value::Null),
        ("photos", json!([])),
        ("source", json!("api")),
        ("submitted_at", json!("2026-06-03T12:00:00.000Z")),
        ("reviewed_at", Value::Null),
        ("reply", Value::Null),
        ("private_notes", Value::Null),
    ] {
        assert_eq!(read[field], value, "{field}");
    }
}

#[test]
fn an_empty_check_in_is_one_too_and_is_about_the_last_seven_days() {
    let studio = Studio::open();

    let made = studio.submit(&json!({})).expect(201).json();

    assert_eq!(made["answers"], json!([]));
    assert_eq!(made["wearable_summary"], Value::Null);
    assert_eq!(
        made["period"],
        json!({ "from": "2026-05-28", "to": "2026-06-03" })
    );
}

#[test]
fn every_wrong_part_of_a_check_in_is_named_by_its_place() {
    let studio = Studio::open();
    let wrong = json!({
        "period": { "from": "2026-06-03", "to": "2026-06-02" },
        "answers": [{ "question": "", "value": 1 }, { "question": "x", "value": true }],
        "measurements": [{ "metric": "weight", "value": 1.0005, "unit": "kg" }, { "value": 1 }],
        "rpe": 7.2,
        "wearable_summary": { "steps": -1, "hrv_ms": 300, "hrv_method": "sdnn", "sleep": { "total_min": 1_441 }, "completeness": 1.5 },
        "photo": [],
    });

    let faults = studio.refused(&wrong);

    let places: Vec<&str> = faults.iter().map(|(place, _)| place.as_str()).collect();
    for place in [
        "/period/to",
        "/answers/0/question",
        "/answers/1/value",
        "/measurements/0/value",
        "/measurements/1/metric",
        "/measurements/1/unit",
        "/rpe",
        "/wearable_summary/steps",
        "/wearable_summary/hrv_ms",
        "/wearable_summary/sleep/total_min",
        "/wearable_summary/completeness",
        "/photo",
    ] {
        assert!(places.contains(&place), "{place} of {places:?}");
    }
    for (rpe, taken) in [
        (0.5, false),
        (1.0, true),
        (9.5, true),
        (10.0, true),
        (10.5, false),
    ] {
        let answer = studio.submit(&json!({ "rpe": rpe }));
        assert_eq!(answer.status == 201, taken, "{rpe}");
    }
    let measured = |measurement: Value| studio.refused(&json!({ "measurements": [measurement] }));
    assert_eq!(
        measured(json!({ "metric": "wingspan", "value": 1, "unit": "m" })),
        one("/measurements/0/metric", "unknown_metric")
    );
    assert_eq!(
        measured(json!({ "metric": "weight", "value": 82, "unit": "cm" })),
        one("/measurements/0/unit", "invalid_unit")
    );
    assert_eq!(
        measured(json!({ "metric": "weight", "value": 8_250, "unit": "kg" })),
        one("/measurements/0/value", "out_of_range")
    );
    assert_eq!(
        measured(
            json!({ "metric": "weight", "value": 82, "unit": "kg", "measured_at": "2026-06-05T12:00:00Z" })
        ),
        one("/measurements/0/measured_at", "out_of_range")
    );
    assert_eq!(
        studio.refused(&json!({ "checkin_id": "chk_01jzkd6v8q9xw2m4n6p8r0t2v4" })),
        one("/checkin_id", "unknown_checkin")
    );
    assert_eq!(studio.events("checkin.submitted").len(), 3);
}

#[test]
fn heart_rate_variability_is_nothing_without_its_method() {
    let studio = Studio::open();
    let summary = |summary: Value| json!({ "wearable_summary": summary });

    let without = studio.refused(&summary(json!({ "hrv_ms": 62 })));
    let alone = studio.refused(&summary(json!({ "hrv_method": "sdnn" })));
    let strange = studio.refused(&summary(json!({ "hrv_ms": 62, "hrv_method": "mean" })));

    assert_eq!(without, one("/wearable_summary/hrv_method", "required"));
    assert_eq!(alone, one("/wearable_summary/hrv_ms", "required"));
    assert_eq!(
        strange,
        one("/wearable_summary/hrv_method", "invalid_choice")
    );
}

#[test]
fn two_methods_of_heart_rate_variability_are_never_one_series() {
    let studio = Studio::open();
    let with = |ms: i64, method: &str| {
        let summary = json!({ "steps": 9_000, "hrv_ms": ms, "hrv_method": method });
        studio
            .submit(&json!({ "wearable_summary": summary }))
            .expect(201);
        studio.server.advance_ms(DAY_MS);
    };
    with(60, "rmssd");
    with(45, "sdnn");
    with(64, "rmssd");
    studio.submit(&json!({ "notes": "No watch" })).expect(201);
    let path = format!("{}/wearables", studio.client);

    let list = |query: &str| {
        studio
            .key
            .get(&format!("{path}?{query}"))
            .expect(200)
            .json()
    };
    let days = list("");
    let days = days["data"].as_array().expect("days");

    assert_eq!(days.len(), 3);
    assert_eq!(days[0]["date"], "2026-06-05");
    assert_eq!(days[0]["hrv"], json!({ "sdnn_ms": null, "rmssd_ms": 64 }));
    assert_eq!(days[1]["hrv"], json!({ "sdnn_ms": 45, "rmssd_ms": null }));
    let rmssd = list("hrv_method=rmssd");
    let rmssd = rmssd["data"].as_array().expect("days");
    let methods: Vec<&Value> = rmssd
        .iter()
        .map(|day| &day["summary"]["hrv_method"])
        .collect();
    assert_eq!(methods, ["rmssd", "rmssd"]);
    let first = list("from=2026-06-04&to=2026-06-04");
    assert_eq!(first["data"][0]["hrv"]["sdnn_ms"], 45);
    assert_eq!(first["data"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_default_form_asks_eight_questions_of_every_type() {
    let studio = Studio::open();

    let form = studio.default_form();

    assert_eq!(form["default"], true);
    assert_eq!(form["version"], 1);
    let questions = form["questions"].as_array().expect("questions");
    assert_eq!(questions.len(), 8);
    for kind in ["text", "number", "scale", "photo", "choice"] {
        assert!(
            questions.iter().any(|question| question["type"] == kind),
            "{kind}"
        );
    }
    let id = form["id"].as_str().expect("an id");
    let read = studio
        .key
        .get(&format!("/v1/checkin-forms/{id}"))
        .expect(200);
    assert_eq!(read.json(), form);
    let again = studio.key.get("/v1/checkin-forms").expect(200).json();
    assert_eq!(again["data"][0], form);
    assert_eq!(studio.server.rows("checkin_forms"), 0);
}

#[test]
fn answers_to_a_form_are_held_against_its_questions() {
    let studio = Studio::open();
    let form = studio.default_form()["id"].clone();
    let good = json!([
        { "question": "Did anything hurt?", "value": "A little" },
        { "question": "energy", "value": 4 },
        { "question": "sleep", "type": "number", "value": 7.5 },
        { "question": "stress", "value": 2 },
        { "question": "training", "value": "Most of it" },
        { "question": "nutrition", "value": 3 },
    ]);
    let send = |answers: &Value| studio.submit(&json!({ "form_id": form, "answers": answers }));

    let made = send(&good).expect(201).json();

    assert_eq!(made["form"], json!({ "id": form, "version": 1 }));
    let ids: Vec<&str> = made["answers"]
        .as_array()
        .expect("answers")
        .iter()
        .map(|answer| answer["question_id"].as_str().expect("an id"))
        .collect();
    assert_eq!(
        ids,
        ["energy", "sleep", "stress", "training", "nutrition", "pain"]
    );
    assert_eq!(
        made["answers"][0]["question"],
        "How was your energy this week?"
    );
    let wrong = json!([
        { "question": "energy", "value": 6 },
        { "question": "sleep", "value": "long" },
        { "question": "stress", "type": "text", "value": 2 },
        { "question": "training", "value": "Much" },
        { "question": "mood", "value": 3 },
        { "question": "photo_front", "value": "IMG_1.JPG" },
        { "question": "energy", "value": 3 },
    ]);
    let faults = send(&wrong).refused(400, "validation_failed").faults();
    for (place, code) in [
        ("/answers/0/value", "out_of_range"),
        ("/answers/1/value", "invalid_type"),
        ("/answers/2/type", "invalid_choice"),
        ("/answers/3/value", "invalid_choice"),
        ("/answers/4/question", "unknown_question"),
        ("/answers/5/value", "invalid_id"),
        ("/answers/6/question", "duplicate"),
        ("/answers", "required"),
    ] {
        assert!(
            faults.contains(&(place.to_owned(), code.to_owned())),
            "{place} of {faults:?}"
        );
    }
    let unknown = json!({ "form_id": "frm_01jzkd6v8q9xw2m4n6p8r0t2v4" });
    assert_eq!(studio.refused(&unknown), one("/form_id", "unknown_form"));
    let newer = json!({ "form_id": form, "form_version": 2, "answers": good });
    assert_eq!(studio.refused(&newer), one("/form_version", "unknown_form"));
    let nothing = json!({ "form_version": 1 });
    assert_eq!(studio.refused(&nothing), one("/form_id", "required"));
}

#[test]
fn a_changed_form_is_a_new_version_and_old_check_ins_keep_theirs() {
    let studio = Studio::open();
    let form = studio.default_form();
    let path = format!("/v1/checkin-forms/{}", form["id"].as_str().expect("an id"));
    let question = json!({ "type": "text", "question": "How was it?", "required": true });
    let answer = |value: &str| {
        let answers = json!([{ "question": "How was it?", "value": value }]);
        json!({ "form_id": form["id"], "answers": answers })
    };

    let second = studio
        .key
        .patch(&path, &json!({ "name": "Short", "questions": [question] }))
        .expect(200)
        .json();
    assert_eq!(
        (&second["version"], &second["name"]),
        (&json!(2), &json!("Short"))
    );
    assert_eq!(second["questions"][0]["id"], "how_was_it");
    assert_eq!(second["default"], true);
    let made = studio.submit(&answer("Fine")).expect(201);
    let mut other = question.clone();
    other["question"] = json!("How was your week?");
    let third = studio
        .key
        .patch(&path, &json!({ "questions": [other] }))
        .expect(200);
    assert_eq!(third.json()["version"], 3);

    let same = studio
        .key
        .patch(&path, &json!({ "name": "Short" }))
        .expect(200);
    assert_eq!(same.json()["version"], 3);
    let kept = studio
        .key
        .get(&format!("/v1/checkins/{}", made.member("id")))
        .expect(200)
        .json();
    assert_eq!(kept["form"]["version"], 2);
    assert_eq!(kept["answers"][0]["question"], "How was it?");
    for (version, count) in [(1, 8), (2, 1), (3, 1)] {
        let read = studio
            .key
            .get(&format!("{path}?version={version}"))
            .expect(200)
            .json();
        assert_eq!(read["version"], version);
        assert_eq!(read["questions"].as_array().map(Vec::len), Some(count));
    }
    let first = studio
        .key
        .get(&format!("{path}?version=1"))
        .expect(200)
        .json();
    assert_eq!(first["questions"], form["questions"]);
    studio
        .key
        .get(&format!("{path}?version=4"))
        .refused(404, "not_found");
    assert_eq!(studio.refused(&answer("Fine")).len(), 2);
    let mut former = answer("Fine");
    former["form_version"] = json!(2);
    studio.submit(&former).expect(201);
    let stale = studio.key.send(
        "PATCH",
        &path,
        &[("If-Match", "\"2\"")],
        Some("{\"name\":\"x\"}"),
    );
    stale.refused(412, "etag_mismatch");
}

#[test]
fn a_form_that_cannot_be_answered_is_refused() {
    let studio = Studio::open();
    let refused = |question: Value| {
        let form = json!({ "name": "F", "questions": [question] });
        studio
            .key
            .post("/v1/checkin-forms", &form)
            .refused(400, "validation_failed")
            .faults()
    };

    let place = |field: &str| format!("/questions/0/{field}");
    let ask = |kind: &str, field: &str, value: Value| {
        let mut question = json!({ "type": kind, "question": "Q" });
        question[field] = value;
        refused(question)
    };
    assert_eq!(
        ask("text", "choices", json!(["a", "b"])),
        one(&place("choices"), "not_allowed")
    );
    assert_eq!(
        ask("choice", "choices", json!(["a", "a"])),
        one(&place("choices"), "required")
    );
    assert_eq!(
        ask("choice", "min", json!(1)),
        one(&place("min"), "not_allowed")
    );
    assert_eq!(
        ask("scale", "min", json!(5)),
        one(&place("max"), "out_of_range")
    );
    assert_eq!(
        ask("number", "pose", json!("front")),
        one(&place("pose"), "not_allowed")
    );
    assert_eq!(
        ask("text", "id", json!("Energy level")),
        one(&place("id"), "invalid_slug")
    );
    let twice = json!({ "name": "F", "questions": [
        { "id": "a", "type": "text", "question": "One" },
        { "id": "a", "type": "text", "question": "Two" },
    ] });
    let twice = studio
        .key
        .post("/v1/checkin-forms", &twice)
        .refused(400, "validation_failed");
    assert_eq!(twice.faults(), one("/questions", "duplicate"));
    let none = studio.key.post(
        "/v1/checkin-forms",
        &json!({ "name": "F", "questions": [] }),
    );
    assert_eq!(none.faults(), one("/questions", "required"));
    for number in 0..49 {
        let question = json!({ "type": "text", "question": "Q" });
        let form = json!({ "name": format!("Form {number}"), "questions": [question, question] });
        let made = studio
            .key
            .post("/v1/checkin-forms", &form)
            .expect(201)
            .json();
        assert_eq!(made["questions"][1]["id"], "q_2");
    }
    let one_more = json!({ "name": "F", "questions": [{ "type": "text", "question": "Q" }] });
    studio
        .key
        .post("/v1/checkin-forms", &one_more)
        .refused(409, "state_conflict");
    let page = studio.key.get("/v1/checkin-forms?limit=49").expect(200);
    let next = format!(
        "/v1/checkin-forms?limit=49&cursor={}",
        page.next_cursor().expect("more")
    );
    let rest = studio.key.get(&next).expect(200);
    assert_eq!(rest.json()["data"][0]["default"], true);
    assert_eq!(rest.column("id").len(), 1);
}

#[test]
fn a_review_has_a_reply_and_notes_that_are_nobody_elses() {
    let studio = Studio::open();
    let made = studio.submit(&json!({ "notes": "Hi" })).expect(201);
    let path = format!("/v1/checkins/{}", made.member("id"));
    let review = |body: &Value| studio.key.post(&format!("{path}/review"), body).expect(200);

    let reviewed = review(&json!({ "reply": "Good.", "private_notes": "PRIVATE" })).json();

    assert_eq!(reviewed["status"], "reviewed");
    assert_eq!(reviewed["reviewed_at"], "2026-06-03T12:00:00.000Z");
    assert_eq!(
        (&reviewed["reply"], &reviewed["private_notes"]),
        (&json!("Good."), &json!("PRIVATE"))
    );
    studio.server.advance_ms(HOUR_MS);
    let kept = review(&json!({ "reply": "Better." })).json();
    assert_eq!(kept["private_notes"], "PRIVATE");
    assert_eq!(kept["reviewed_at"], reviewed["reviewed_at"]);
    let version = |answer: &Answer| answer.header("etag").map(str::to_owned);
    let before = studio.key.get(&path).expect(200);
    assert_eq!(version(&review(&json!({}))), version(&before));
    let emptied = review(&json!({ "private_notes": null })).json();
    assert_eq!(
        (&emptied["reply"], &emptied["private_notes"]),
        (&json!("Better."), &Value::Null)
    );
    let told = studio.events("checkin.reviewed");
    let replies: Vec<&Value> = told.iter().map(|event| &event["reply"]).collect();
    assert_eq!(replies, ["Better.", "Good."]);
    let all = studio.key.get("/v1/events?limit=100").expect(200).text();
    assert!(
        !all.contains("PRIVATE") && !all.contains("private_notes"),
        "{all}"
    );
    let bare = studio.submit(&json!({})).expect(201).member("id");
    let bare = studio
        .key
        .act(&format!("/v1/checkins/{bare}/review"))
        .expect(200);
    assert_eq!(bare.member("status"), "reviewed");
}

#[test]
fn a_list_is_of_the_clients_own_days_around_midnight_in_apia() {
    // UTC+13: noon of 3 June is one in the morning of the 4th.
    let studio = Studio::of(&json!({ "timezone": "Pacific/Apia" }));
    let submit = || studio.submit(&json!({})).expect(201);
    let first = submit();
    assert_eq!(first.member("local_date"), "2026-06-04");
    studio.server.advance_ms(23 * HOUR_MS - 1);
    let last_of_day = submit();
    studio.server.advance_ms(1);
    let next_day = submit();
    let id = |answer: &Answer| answer.member("id");

    assert_eq!(last_of_day.member("local_date"), "2026-06-04");
    assert_eq!(next_day.member("local_date"), "2026-06-05");
    assert_eq!(
        studio.ids("from=2026-06-04&to=2026-06-04"),
        [id(&last_of_day), id(&first)]
    );
    assert_eq!(studio.ids("from=2026-06-05"), [id(&next_day)]);
    assert_eq!(studio.ids("to=2026-06-03"), [""; 0]);
    assert_eq!(studio.ids("from=2026-06-04&to=2026-06-05").len(), 3);
    let queue = studio
        .key
        .get("/v1/checkins?from=2026-06-04&to=2026-06-04")
        .expect(200);
    assert_eq!(queue.column("id"), [id(&last_of_day), id(&first)]);
    studio
        .key
        .get(&format!("{}?from=06-04", studio.path()))
        .refused(400, "invalid_parameter");
}

#[test]
fn pages_skip_nothing_and_repeat_nothing() {
    let studio = Studio::open();
    let made: Vec<String> = (0..7)
        .map(|number| {
            if number % 2 == 1 {
                studio.server.advance_ms(DAY_MS);
            }
            studio.submit(&json!({})).expect(201).member("id")
        })
        .collect();
    let newest: Vec<String> = made.iter().rev().cloned().collect();

    for (list, expected) in [
        (studio.path(), &newest),
        ("/v1/checkins".to_owned(), &newest),
        ("/v1/checkins?sort=submitted_at".to_owned(), &made),
        (
            "/v1/checkins?status=submitted&sort=submitted_at".to_owned(),
            &made,
        ),
    ] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let mark = if list.contains('?') { '&' } else { '?' };
            let page = studio
                .key
                .get(&format!("{list}{mark}limit=2{cursor}"))
                .expect(200);
            seen.extend(page.column("id"));
            let Some(next) = page.next_cursor() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(&seen, expected, "{list}");
    }
}

#[test]
fn the_queue_shows_what_waits_of_all_clients() {
    let studio = Studio::open();
    let other = json!({ "name": "Bo", "email": "bo@example.com", "send_invite": false });
    let other = studio
        .key
        .post("/v1/clients", &other)
        .expect(201)
        .member("id");
    let first = studio.submit(&json!({})).expect(201).member("id");
    studio.server.advance_ms(HOUR_MS);
    let path = format!("/v1/clients/{other}/checkins");
    let second = studio.key.post(&path, &json!({})).expect(201).member("id");
    let ids = |query: &str| {
        studio
            .key
            .get(&format!("/v1/checkins?{query}"))
            .expect(200)
            .column("id")
    };

    assert_eq!(
        ids("status=submitted&sort=submitted_at"),
        [first.clone(), second.clone()]
    );
    studio
        .key
        .act(&format!("/v1/checkins/{first}/review"))
        .expect(200);

    assert_eq!(ids("status=submitted"), std::slice::from_ref(&second));
    assert_eq!(ids("status=reviewed"), std::slice::from_ref(&first));
    assert_eq!(ids(""), [second, first]);
    assert_eq!(ids("status=overdue"), [""; 0]);
}

#[test]
fn a_check_in_is_taken_in_once_per_idempotency_key() {
    let studio = Studio::open();
    let send = || {
        studio
            .key
            .post_once(&studio.path(), "week-23", &whole_week())
    };

    let first = send().expect(201);
    let again = send().expect(201);

    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.body, first.body);
    assert_eq!(studio.server.rows("checkins"), 1);
    assert_eq!(studio.server.rows("measurements"), 2);
    assert_eq!(studio.events("checkin.submitted").len(), 1);
}

#[test]
fn a_client_seen_whole_has_the_last_five_check_ins() {
    let studio = Studio::open();
    let made: Vec<String> = (0..6)
        .map(|_| studio.submit(&whole_week()).expect(201).member("id"))
        .collect();
    let tag = || {
        studio
            .key
            .get(&studio.client)
            .expect(200)
            .header("etag")
            .map(str::to_owned)
    };

    let whole = studio.key.get(&studio.client).expect(200).json();

    let recent = whole["recent_checkins"].as_array().expect("check-ins");
    let ids: Vec<&str> = recent
        .iter()
        .map(|entry| entry["id"].as_str().expect("an id"))
        .collect();
    let expected: Vec<&str> = made.iter().rev().take(5).map(String::as_str).collect();
    assert_eq!(ids, expected);
    let read = studio
        .key
        .get(&format!("/v1/checkins/{}", made[5]))
        .expect(200)
        .json();
    assert_eq!(recent[0], read);
    let before = tag();
    studio
        .key
        .act(&format!("/v1/checkins/{}/review", made[5]))
        .expect(200);
    assert_ne!(tag(), before);
    // Health data need their own scope.
    let narrow = studio.server.key(studio.coach, &["clients:read"]);
    let seen = narrow.get(&studio.client).expect(200).json();
    assert!(seen.get("recent_checkins").is_none() && seen.get("payment_history").is_none());
    let named = format!("{}?expand=recent_checkins", studio.client);
    narrow.get(&named).refused(403, "insufficient_scope");
}

#[test]
fn photos_become_part_of_a_check_in() {
    let studio = Studio::open();
    let send = |client: &str| {
        let body = form(&[("file", &jpeg())]);
        let headers = [("Content-Type", &*form_type())];
        let path = format!("{client}/photos");
        let sent = studio.key.send_bytes("POST", &path, &headers, Some(&body));
        sent.expect(201).member("id")
    };
    let (first, second, third) = (
        send(&studio.client),
        send(&studio.client),
        send(&studio.client),
    );
    let answer = json!({ "question": "Front", "type": "photo", "value": second });
    let body = json!({ "photos": [{ "id": first, "pose": "side" }], "answers": [answer] });

    let made = studio.submit(&body).expect(201).json();

    let photos = made["photos"].as_array().expect("photos");
    let shown: Vec<(&Value, &Value)> = photos.iter().map(|p| (&p["id"], &p["pose"])).collect();
    let (side, other) = (json!("side"), json!("other"));
    assert_eq!(shown, [(&json!(first), &side), (&json!(second), &other)]);
    let url = photos[0]["url"].as_str().expect("an address");
    assert_eq!(studio.server.anyone().get(url).status, 200);
    let path = format!("/v1/checkins/{}", made["id"].as_str().expect("an id"));
    let kept = studio
        .key
        .get(&format!("/v1/photos/{first}"))
        .expect(200)
        .json();
    assert_eq!((&kept["checkin_id"], &kept["pose"]), (&made["id"], &side));
    let told = &studio.events("checkin.submitted")[0]["photos"];
    assert_eq!(told[0], json!({ "id": first, "pose": "side" }));
    // The tag of what has photos does not change with their addresses, but with the photos.
    let tags = |path: &str| {
        let answer = studio.key.get(path).expect(200);
        answer.header("etag").expect("a tag").to_owned()
    };
    let before = [tags(&path), tags(&studio.client)];
    studio.server.advance_ms(HOUR_MS);
    assert_eq!([tags(&path), tags(&studio.client)], before);
    studio
        .key
        .delete(&format!("/v1/photos/{first}"))
        .expect(204);
    assert_ne!(tags(&path), before[0]);
    assert_ne!(tags(&studio.client), before[1]);

    let other = json!({ "name": "Bo", "email": "bo@example.com", "send_invite": false });
    let other = studio
        .key
        .post("/v1/clients", &other)
        .expect(201)
        .member("id");
    let foreign = send(&format!("/v1/clients/{other}"));
    let rows = studio.server.rows("checkins");
    for (body, place, code) in [
        (
            json!({ "photos": [{ "id": second }] }),
            "/photos/0/id",
            "photo_attached",
        ),
        (
            json!({ "photos": [{ "id": foreign }] }),
            "/photos/0/id",
            "unknown_photo",
        ),
        (
            json!({ "photos": [{ "id": third }, { "id": third }] }),
            "/photos/1/id",
            "photo_attached",
        ),
        (
            json!({ "photos": [{ "id": "x" }] }),
            "/photos/0/id",
            "invalid_id",
        ),
        (
            json!({ "photos": [{ "id": third, "pose": "up" }] }),
            "/photos/0/pose",
            "invalid_choice",
        ),
        (
            json!({ "answers": [{ "question": "Q", "type": "photo", "value": foreign }] }),
            "/answers",
            "unknown_photo",
        ),
    ] {
        assert_eq!(studio.refused(&body), one(place, code), "{body}");
    }
    assert_eq!(studio.server.rows("checkins"), rows);
    studio
        .submit(&json!({ "photos": [{ "id": third }] }))
        .expect(201);
}

#[test]
fn an_archived_client_checks_in_no_more() {
    let studio = Studio::open();
    studio
        .key
        .act(&format!("{}/archive", studio.client))
        .expect(200);

    studio.submit(&json!({})).refused(409, "state_conflict");
    let measured = json!({ "metric": "weight", "value": 82, "unit": "kg" });
    let path = format!("{}/measurements", studio.client);
    studio
        .key
        .post(&path, &measured)
        .refused(409, "state_conflict");
    assert_eq!(studio.server.rows("checkins"), 0);
}

#[test]
fn measurements_read_back_in_their_unit_and_are_shown_in_the_clients() {
    let studio = Studio::of(&json!({ "units": "imperial" }));
    let path = format!("{}/measurements", studio.client);
    let measure = |body: Value| studio.key.post(&path, &body).expect(201).json();

    let weight = measure(json!({ "metric": "weight", "value": 82.5, "unit": "kg" }));
    let waist =
        measure(json!({ "metric": "waist", "value": 34.25, "unit": "in", "site": "navel" }));
    let pressure =
        measure(json!({ "metric": "blood_pressure_systolic", "value": 120, "unit": "mmHg" }));
    let vo2max = measure(json!({ "metric": "vo2max", "value": 48.3, "unit": "ml/kg/min" }));
    studio.submit(&whole_week()).expect(201);

    assert_eq!(weight["si"], json!({ "value": 82.5, "unit": "kg" }));
    assert_eq!(weight["shown"], json!({ "value": 181.9, "unit": "lb" }));
    assert_eq!(
        (&weight["checkin_id"], &weight["source"]),
        (&Value::Null, &json!("coach"))
    );
    assert_eq!(waist["shown"], json!({ "value": 34.25, "unit": "in" }));
    assert_eq!(waist["si"], json!({ "value": 0.869_95, "unit": "m" }));
    assert_eq!(pressure["si"]["unit"], "Pa");
    assert_eq!(vo2max["si"], Value::Null);
    let list = |query: &str| studio.key.get(&format!("{path}?{query}")).expect(200);
    assert_eq!(list("").column("metric").len(), 6);
    let weights = list("metric=weight").json();
    assert_eq!(weights["data"][0]["value"], 143.5);
    assert!(weights["data"][0]["checkin_id"].is_string());
    assert_eq!(weights["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(list("to=2026-06-02").column("metric"), ["arm"]);
    let page = list("limit=4");
    let rest = list(&format!(
        "limit=4&cursor={}",
        page.next_cursor().expect("more")
    ));
    let seen = [page.column("id"), rest.column("id")].concat();
    assert_eq!(seen, list("").column("id"));
    let wrong = studio.key.post(
        &path,
        &json!({ "metric": "weight", "value": 1, "unit": "mile" }),
    );
    assert_eq!(
        wrong.refused(400, "validation_failed").faults(),
        one("/unit", "invalid_unit")
    );
}

#[test]
fn a_coach_measures_what_she_defined() {
    let studio = Studio::open();
    let jump = json!({ "name": "vertical_jump", "title": "Vertical jump", "quantity": "length" });
    let define = |body: &Value| studio.key.post("/v1/metrics", body);
    let made = define(&jump).expect(201).json();
    assert!(
        made["units"]
            .as_array()
            .expect("units")
            .contains(&json!("cm")),
        "{made}"
    );
    assert_eq!(made["built_in"], false);
    define(&jump).refused(409, "already_exists");
    let weight = json!({ "name": "weight", "title": "W", "quantity": "mass" });
    define(&weight).refused(409, "already_exists");
    let mood = json!({ "name": "mood", "title": "Mood", "quantity": "other", "units": ["points"] });
    define(&mood).expect(201);
    let wrong = json!({ "name": "x", "title": "X", "quantity": "mass", "units": ["cm"] });
    assert_eq!(define(&wrong).faults(), one("/units", "invalid_unit"));
    let none = json!({ "name": "x", "title": "X", "quantity": "other" });
    assert_eq!(define(&none).faults(), one("/units", "required"));

    let measurements = json!([
        { "metric": "vertical_jump", "value": 20, "unit": "in" },
        { "metric": "mood", "value": -2, "unit": "points" },
    ]);
    let made = studio
        .submit(&json!({ "measurements": measurements }))
        .expect(201)
        .json();

    assert_eq!(
        made["measurements"][0]["si"],
        json!({ "value": 0.508, "unit": "m" })
    );
    assert_eq!(made["measurements"][1]["value"], -2);
    assert_eq!(made["measurements"][1]["si"], Value::Null);
    let list = studio.key.get("/v1/metrics?limit=3").expect(200);
    assert_eq!(list.column("name"), ["mood", "vertical_jump", "weight"]);
    let next = format!(
        "/v1/metrics?limit=3&cursor={}",
        list.next_cursor().expect("more")
    );
    assert_eq!(studio.key.get(&next).column("name")[0], "body_fat");
}

#[test]
fn a_reset_and_the_end_of_sample_data_leave_nothing_of_check_ins() {
    let studio = Studio::open();
    studio.submit(&whole_week()).expect(201);
    let form = json!({ "name": "F", "questions": [{ "type": "text", "question": "Q" }] });
    studio.key.post("/v1/checkin-forms", &form).expect(201);
    let metric = json!({ "name": "mood", "title": "Mood", "quantity": "count" });
    studio.key.post("/v1/metrics", &metric).expect(201);
    let schedule = format!("{}/checkin-schedule", studio.client);
    let weekly = json!({ "weekday": "friday" }).to_string();
    studio
        .key
        .send("PUT", &schedule, &[], Some(&weekly))
        .expect(200);
    let tables = [
        "checkins",
        "measurements",
        "metrics",
        "checkin_forms",
        "checkin_schedules",
    ];
    assert!(tables.iter().all(|table| studio.server.rows(table) > 0));

    studio.key.act("/v1/test/reset").expect(200);

    for table in tables {
        assert_eq!(studio.server.rows(table), 0, "{table}");
    }
    assert_eq!(studio.server.rows("checkin_form_versions"), 0);
}
