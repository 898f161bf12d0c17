//! `/v1/app/…` and the pages under `/app/`: a client's own data, and nobody else's.

use cadence::caller::{Mode, Need};
use cadence::server::table::routes;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// What a coach keeps apart, planted wherever there is a place for it.
const KEPT_APART: &str = "kept apart by the coach";

/// A client who has joined the app.
struct InApp {
    id: String,
    cookie: String,
    caller: Caller,
}

impl InApp {
    fn send(&self, method: &str, path: &str, more: &[(&str, &str)], body: Option<&str>) -> Answer {
        let own = [
            ("Cookie", self.cookie.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        let headers: Vec<(&str, &str)> = own.iter().chain(more).copied().collect();
        self.caller.send(method, path, &headers, body)
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], Some(&body.to_string()))
    }

    fn act(&self, path: &str) -> Answer {
        self.send("POST", path, &[], None)
    }

    /// Sends a form as a browser does; `fields` are written as they stand in the body.
    fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.caller.send_form(path, &self.cookie, fields)
    }
}

/// A client with a note that is not for the client's eyes.
fn in_app(server: &Server, key: &Caller, email: &str) -> InApp {
    let new = json!({
        "name": "Ana Prado", "email": email, "coach_notes": KEPT_APART, "tags": [KEPT_APART],
        "metadata": { "note": KEPT_APART }, "timezone": "UTC",
    });
    let made = key.post("/v1/clients", &new).expect(201);
    let link = made.member("install_link");
    let token = link.split_once('#').unwrap().1;
    let join = json!({ "token": token, "consents": { "terms": true, "health_data": true } });
    let caller = server.anyone();
    let joined = caller.post("/auth/client-sessions", &join).expect(201);
    let cookie = joined.header("set-cookie").unwrap();
    InApp {
        id: made.member("id"),
        cookie: cookie.split(';').next().unwrap().to_owned(),
        caller,
    }
}

/// A program that is followed from today on (a Wednesday): squats on days 1 and 3, for two weeks.
fn follows(key: &Caller, client: &str) -> String {
    let session = |day: u32, name: &str| {
        json!({ "day": day, "name": name, "minutes": 45, "groups": [{ "prescriptions": [{
            "exercise": "back-squat",
            "sets": [
                { "kind": "warmup", "reps": 5, "load": { "kind": "absolute", "value": 40, "unit": "kg" } },
                { "count": 2, "reps": { "min": 5, "max": 8 }, "load": { "kind": "rir", "value": 2 } },
            ],
            "rest_s": 120, "alternates": ["goblet-squat"],
        }] }] })
    };
    let program = json!({
        "name": "Base", "notes": "Sleep well", "start_date": "2026-06-03",
        "blocks": [{ "weeks": 2, "sessions": [session(1, "Lower"), session(3, "Lower again")] }],
        "metadata": { "note": KEPT_APART },
    });
    let path = format!("/v1/clients/{client}/programs");
    let id = key.post(&path, &program).expect(201).member("id");
    key.act(&format!("/v1/programs/{id}/activate")).expect(200);
    id
}

fn squats(reps: u32, kg: u32) -> Value {
    json!({
        "session": { "block": 1, "week": 1, "session": 1 },
        "exercises": [{ "exercise": "back-squat", "sets": [
            { "reps": reps, "load": { "value": kg, "unit": "kg" }, "rpe": 8 },
        ] }],
    })
}

fn coach(server: &Server) -> Caller {
    server.key(server.coach("coach@example.com"), &[])
}

#[test]
fn today_is_the_session_of_the_clients_own_day_with_names_and_what_was_done_last_time() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    let nothing = ana.get("/v1/app/today").expect(200).json();
    assert_eq!(nothing["program"], Value::Null);
    assert_eq!(nothing["session"], Value::Null);
    follows(&key, &ana.id);

    let today = ana.get("/v1/app/today").expect(200).json();

    assert_eq!(today["date"], "2026-06-03");
    assert_eq!(today["program"]["week"], 1);
    assert_eq!(today["session"]["name"], "Lower");
    assert_eq!(today["session"]["status"], "due");
    let exercise = &today["session"]["groups"][0]["exercises"][0];
    assert_eq!(exercise["name"], "Back squat");
    assert!(exercise["cue"].as_str().unwrap().contains("Brace"));
    assert_eq!(exercise["alternates"][0]["name"], "Goblet squat");
    assert_eq!(exercise["last"], Value::Null);
    assert_eq!(today["next"]["scheduled_on"], "2026-06-05");

    let logged = ana
        .post("/v1/app/workout-logs", &squats(6, 100))
        .expect(201);
    assert_eq!(
        logged.json()["personal_records"][0]["kind"],
        "estimated_1rm"
    );
    assert_eq!(logged.json()["client_id"], ana.id);
    let at = logged.header("location").unwrap();
    assert_eq!(ana.get(at).expect(200).member("id"), logged.member("id"));
    let today = ana.get("/v1/app/today").expect(200).json();
    assert_eq!(today["session"]["status"], "done");
    assert_eq!(today["log"]["id"], logged.json()["id"]);
    let next = ana.get("/v1/app/sessions/1.1.2").expect(200).json();
    let last = &next["groups"][0]["exercises"][0]["last"];
    assert_eq!(last["performed_on"], "2026-06-03");
    assert_eq!(last["sets"][0]["load"]["value"], 100);
    // What was logged of this very session is no last time of it.
    let same = ana.get("/v1/app/sessions/1.1.1").expect(200).json();
    assert_eq!(same["groups"][0]["exercises"][0]["last"], Value::Null);

    server.advance_ms(3 * DAY_MS);
    let later = ana.get("/v1/app/today").expect(200).json();
    assert_eq!(later["date"], "2026-06-06");
    assert_eq!(later["session"], Value::Null);
    assert_eq!(later["open"][0]["id"], "1.1.2");
    let events = key.get("/v1/events?type=workout.logged").expect(200);
    assert_eq!(events.column("id").len(), 1);
}

#[test]
fn a_draft_is_not_shown_and_the_program_is_told_week_by_week() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    let draft = json!({ "name": "Secret draft", "blocks": [{ "sessions": [{ "groups": [] }] }] });
    let path = format!("/v1/clients/{}/programs", ana.id);
    key.post(&path, &draft).expect(201);
    for path in ["/v1/app/program", "/v1/app/today", "/app/", "/app/program"] {
        let answer = ana.get(path).expect(200);
        assert!(!answer.text().contains("Secret draft"), "{path}");
    }
    ana.get("/v1/app/sessions/1.1.1").refused(404, "not_found");
    follows(&key, &ana.id);

    let program = ana.get("/v1/app/program").expect(200).json();

    assert_eq!(program["program"]["name"], "Base");
    assert_eq!(program["notes"], "Sleep well");
    assert_eq!(program["weeks"].as_array().unwrap().len(), 2);
    let second = &program["weeks"][1];
    assert_eq!(
        (&second["from"], &second["to"]),
        (&json!("2026-06-10"), &json!("2026-06-16"))
    );
    assert_eq!(second["sessions"][1]["id"], "1.2.2");
    assert_eq!(second["sessions"][1]["scheduled_on"], "2026-06-12");
    for path in ["1.3.1", "1.1.3", "2.1.1", "0.0.0", "nope", "1.1"] {
        ana.get(&format!("/v1/app/sessions/{path}"))
            .refused(404, "not_found");
    }
}

#[test]
fn messages_go_both_ways_and_are_read_when_the_client_says_so() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    let thread = format!("/v1/clients/{}/messages", ana.id);
    let first = key
        .post(&thread, &json!({ "body": "Hello" }))
        .expect(201)
        .member("id");
    key.post(&thread, &json!({ "body": "Still there?" }))
        .expect(201);
    let unread = || ana.get("/v1/app/today").expect(200).json()["unread_messages"].clone();
    assert_eq!(unread(), 2);
    ana.get("/v1/app/messages").expect(200);
    ana.get("/app/messages").expect(200);
    assert_eq!(unread(), 2, "looking changes nothing");

    let read = ana
        .post("/v1/app/messages/read", &json!({ "message_id": first }))
        .expect(200);
    assert_eq!(read.json()["read"], 1);
    assert_eq!(unread(), 1);
    let told = key.get(&format!("{thread}/{first}")).expect(200).json();
    assert_ne!(told["read_at"], Value::Null);

    let sent = ana
        .post("/v1/app/messages", &json!({ "body": "Here I am" }))
        .expect(201);
    assert_eq!(sent.json()["direction"], "to_coach");
    let thread = key.get(&thread).expect(200);
    assert_eq!(
        thread.column("body"),
        ["Here I am", "Still there?", "Hello"]
    );
    let events = key
        .get("/v1/events?type=message.received")
        .expect(200)
        .json();
    assert_eq!(events["data"][0]["data"]["object"]["id"], sent.json()["id"]);
    for (body, code) in [("", "required"), ("\u{0}", "control_character")] {
        let refused = ana.post("/v1/app/messages", &json!({ "body": body }));
        assert_eq!(refused.faults()[0].1, code);
    }
    let strange = json!({ "body": "x", "client_id": "cl_01jzkd6v8q9xw2m4n6p8r0t2v4" });
    ana.post("/v1/app/messages", &strange)
        .refused(400, "unknown_field");
}

#[test]
fn another_clients_objects_do_not_exist_and_no_other_credential_gets_in() {
    let server = Server::start();
    let owner = server.coach("coach@example.com");
    let key = server.key(owner, &[]);
    let ana = in_app(&server, &key, "ana@example.com");
    let rui = in_app(&server, &key, "rui@example.com");
    follows(&key, &rui.id);
    let log = rui
        .post("/v1/app/workout-logs", &squats(5, 80))
        .expect(201)
        .member("id");
    let message = rui
        .post("/v1/app/messages", &json!({ "body": "mine" }))
        .expect(201)
        .member("id");
    let device = rui.get("/auth/client-sessions").expect(200).column("id")[0].clone();
    let from_coach = format!("/v1/clients/{}/messages", rui.id);
    let from_coach = key
        .post(&from_coach, &json!({ "body": "psst" }))
        .expect(201)
        .member("id");
    let before = server.all_rows();

    for path in [
        format!("/v1/app/workout-logs/{log}"),
        format!("/v1/app/messages/{message}"),
        "/v1/app/sessions/1.1.1".to_owned(),
    ] {
        ana.get(&path).refused(404, "not_found");
    }
    for path in [
        format!("/app/training/{log}"),
        "/app/sessions/1/1/1".to_owned(),
        format!("/v1/app/workout-logs?program_id={log}"),
    ] {
        assert!([400, 404].contains(&ana.get(&path).status), "{path}");
    }
    for path in [
        "/v1/app/today",
        "/v1/app/program",
        "/v1/app/workout-logs",
        "/v1/app/messages",
        "/v1/app/consents",
        "/v1/app/me",
        "/app/",
        "/app/program",
        "/app/messages",
        "/app/me",
    ] {
        let shown = ana.get(path).expect(200).text();
        for foreign in [&rui.id, &log, &message, &device, &from_coach] {
            assert!(!shown.contains(foreign.as_str()), "{path} shows {foreign}");
        }
    }
    let device = format!("/app/me/devices/{device}");
    assert_eq!(ana.submit(&device, &[]).status, 404);
    let read = ana
        .post(
            "/v1/app/messages/read",
            &json!({ "message_id": from_coach }),
        )
        .expect(200);
    assert_eq!(read.json()["read"], 0);
    // A session of a coach, a key, and nobody.
    let session = server.session(owner);
    for route in routes().iter().filter(|route| route.need == Need::Client) {
        let path = route
            .path
            .replace("{place}", "1.1.1")
            .replace("{consent}", "messages");
        let path = path
            .replace("{workout_log_id}", &log)
            .replace("{message_id}", &message);
        let method = route.method.as_str();
        let body = route.doc.request_example.as_ref().map(Value::to_string);
        key.send(method, &path, &[], body.as_deref())
            .refused(403, "auth_forbidden");
        let own = session.session.as_ref().unwrap().cookie.clone();
        let cookie = [("Cookie", own.as_str()), ("Sec-Fetch-Site", "same-origin")];
        let refused = server
            .anyone()
            .send(method, &path, &cookie, body.as_deref());
        refused.refused(401, "auth_missing");
        // Of the client, but from another origin.
        if method != "GET" {
            let foreign = [
                ("Cookie", rui.cookie.as_str()),
                ("Sec-Fetch-Site", "cross-site"),
            ];
            let refused = server
                .anyone()
                .send(method, &path, &foreign, body.as_deref());
            refused.refused(403, "cross_origin_refused");
        }
    }
    // The three rows that may differ: that somebody was seen.
    assert_eq!(server.all_rows(), before);
}

#[test]
fn a_post_of_a_client_is_carried_out_once_and_keys_are_the_clients_own() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    let rui = in_app(&server, &key, "rui@example.com");
    follows(&key, &ana.id);
    let posts: Vec<_> = routes()
        .into_iter()
        .filter(|route| route.need == Need::Client && route.method.as_str() == "POST")
        .collect();
    assert!(posts.len() > 3);

    // A form with a file is looked at by a test of its own.
    let plain = posts.iter().filter(|route| route.upload().is_none());
    for (number, route) in plain.enumerate() {
        let path = route.path.replace("{consent}", "messages");
        let body = route.doc.request_example.as_ref().map(Value::to_string);
        let name = format!("key {number}");
        let once = [("Idempotency-Key", name.as_str())];
        let first = ana.send("POST", &path, &once, body.as_deref());
        let rows = server.all_rows();
        let second = ana.send("POST", &path, &once, body.as_deref());

        let reached = first.status == route.doc.status || first.status == 404;
        assert!(reached, "{path}: {}", first.text());
        if first.status == 404 {
            continue; // Nothing to withdraw: the consent was not given.
        }
        assert_eq!(second.header("idempotent-replayed"), Some("true"), "{path}");
        assert_eq!(first.body, second.body, "{path}");
        assert_eq!(server.all_rows(), rows, "{path}");
        let other = body.map_or_else(|| "{}".to_owned(), |body| body + " ");
        let other = ana.send("POST", &path, &once, Some(&other));
        other.refused(409, "idempotency_key_reused");
    }
    let body = json!({ "body": "hello" }).to_string();
    let once = [("Idempotency-Key", "one")];
    let of_ana = ana
        .send("POST", "/v1/app/messages", &once, Some(&body))
        .expect(201);
    let of_rui = rui
        .send("POST", "/v1/app/messages", &once, Some(&body))
        .expect(201);
    assert_eq!(of_rui.header("idempotent-replayed"), None);
    assert_ne!(of_ana.member("id"), of_rui.member("id"));
}

#[test]
fn a_consent_that_is_taken_back_is_heeded_and_told() {
    let server = Server::start();
    let owner = server.coach("coach@example.com");
    let key = server.bearer(&server.new_key(owner, Mode::Live, &[]).1);
    let ana = in_app(&server, &key, "ana@example.com");
    follows(&key, &ana.id);
    let notices = || key.get("/v1/notices").expect(200);
    let told = || {
        notices()
            .column("kind")
            .iter()
            .any(|kind| kind == "consent_withdrawn")
    };

    let withdrawn = ana.act("/v1/app/consents/health_data/withdraw").expect(200);
    ana.act("/v1/app/consents/health_data/withdraw").expect(200);

    assert_ne!(withdrawn.json()["withdrawn_at"], Value::Null);
    let events = key
        .get("/v1/events?type=client.consent_withdrawn")
        .expect(200)
        .json();
    assert_eq!(events["data"].as_array().unwrap().len(), 1);
    assert_eq!(events["data"][0]["data"]["object"]["client_id"], ana.id);
    assert!(told());
    let refused = ana.post("/v1/app/workout-logs", &squats(5, 80));
    let refused = refused.refused(409, "state_conflict");
    assert_eq!(refused.json()["error"]["consent"], "health_data");
    assert_eq!(server.rows("workout_logs"), 0);
    server.advance_ms(1_000);
    ana.get("/v1/app/program").expect(200);
    ana.post("/v1/app/messages", &json!({ "body": "still here" }))
        .expect(201);

    let given = ana.act("/v1/app/consents/health_data/give").expect(200);
    assert_eq!(given.json()["withdrawn_at"], Value::Null);
    assert!(!told());
    ana.post("/v1/app/workout-logs", &squats(5, 80)).expect(201);
    let kinds = ana.get("/v1/app/consents").expect(200).column("kind");
    assert_eq!(kinds, ["health_data", "terms", "health_data"]);
    for kind in ["nope", "TERMS"] {
        ana.act(&format!("/v1/app/consents/{kind}/withdraw"))
            .refused(404, "not_found");
    }
    ana.act("/v1/app/consents/messages/withdraw")
        .refused(404, "not_found");

    ana.act("/v1/app/consents/terms/withdraw").expect(200);
    ana.get("/v1/app/me").refused(401, "auth_revoked");
    assert_eq!(ana.get("/app/").header("location"), Some("/app/sign-in"));
    let devices = key
        .get(&format!("/v1/clients/{}/sessions", ana.id))
        .expect(200);
    assert!(devices.column("id").is_empty());
}

#[test]
fn a_client_sets_the_own_units_and_nothing_else() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    let patch = |body: Value| ana.send("PATCH", "/v1/app/me", &[], Some(&body.to_string()));

    let changed = patch(json!({ "units": "imperial" })).expect(200);

    assert_eq!(changed.member("units"), "imperial");
    let seen = key
        .get(&format!("/v1/clients/{}", ana.id))
        .expect(200)
        .json();
    assert_eq!(seen["units"], "imperial");
    patch(json!({})).expect(200);
    patch(json!({ "units": "stone" })).refused(400, "validation_failed");
    patch(json!({ "name": "Eve" })).refused(400, "unknown_field");
    let events = key.get("/v1/events?type=client.updated").expect(200);
    assert_eq!(events.column("id").len(), 1);
}

/// The hidden key of the first form on a page that is sent to a path.
fn once(page: &Answer, action: &str) -> String {
    let text = page.text();
    let (_, form) = text
        .split_once(&format!("action=\"{action}\""))
        .expect("a form");
    let (_, rest) = form.split_once("name=\"once\" value=\"").expect("a key");
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn a_training_is_logged_by_a_plain_form_and_sent_twice_it_is_logged_once() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    follows(&key, &ana.id);
    let path = "/app/sessions/1/1/1";
    let page = ana.get(path).expect(200);
    let text = page.text();
    assert!(
        text.contains("Back squat") && text.contains("Warm-up: 1 × 5, 40 kg"),
        "{text}"
    );
    // Filled: the warm-up's load, the least of the range.
    assert!(
        text.contains(
            "name=\"e0.s0.load\" inputmode=\"decimal\" autocomplete=\"off\" value=\"40\""
        )
    );
    assert!(
        text.contains("name=\"e0.s1.reps\" inputmode=\"numeric\" autocomplete=\"off\" value=\"5\"")
    );
    let once = once(&page, path);
    let fields = [
        ("once", once.as_str()),
        ("e0.s0.done", "1"),
        ("e0.s0.reps", "5"),
        ("e0.s0.load", "40"),
        ("e0.s1.done", "1"),
        ("e0.s1.reps", "6"),
        ("e0.s1.load", "62,5"),
        ("e0.s1.rpe", "8"),
        ("e0.s2.reps", "6"),
        ("e0.note", "Felt heavy"),
        ("session_rpe", "7"),
        ("notes", "Tired"),
    ];

    let saved = ana.submit(path, &fields).expect(303);
    let again = ana.submit(path, &fields).expect(303);

    assert_eq!(saved.header("location"), again.header("location"));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(server.rows("workout_logs"), 1);
    let log = &ana.get("/v1/app/workout-logs").expect(200).json()["data"][0];
    assert_eq!(log["status"], "partial", "one set of work was left out");
    assert_eq!(
        log["exercises"][0]["sets"][1],
        json!({ "reps": 6, "load": { "value": 62.5, "unit": "kg" }, "rpe": 8, "kind": null })
            .as_object()
            .map(|set| {
                let mut set = set.clone();
                set.remove("kind");
                Value::Object(set)
            })
            .unwrap()
    );
    assert_eq!(log["exercises"][0]["note"], "Felt heavy");
    assert_eq!(log["session_rpe"], 7);
    let shown = ana
        .get(saved.header("location").unwrap())
        .expect(200)
        .text();
    assert!(
        shown.contains("New bests") && shown.contains("6 × 62.5 kg"),
        "{shown}"
    );

    // Something else under the same key is not lost silently.
    let mut other = fields.to_vec();
    other.push(("e0.s2.done", "1"));
    let told = ana.submit(path, &other).expect(400).text();
    assert!(told.contains("This page was sent before"), "{told}");
    assert_eq!(server.rows("workout_logs"), 1);
}

#[test]
fn a_form_that_is_wrong_says_so_at_the_field_and_keeps_what_was_typed() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    follows(&key, &ana.id);
    let path = "/app/sessions/1/1/1";
    let key_of = || once(&ana.get(path).expect(200), path);
    let send = |fields: &[(&str, &str)]| {
        let key = key_of();
        let fields: Vec<_> = [("once", key.as_str())]
            .into_iter()
            .chain(fields.iter().copied())
            .collect();
        ana.submit(path, &fields)
    };

    let wrong = send(&[
        ("e0.s1.done", "1"),
        ("e0.s1.reps", "many"),
        ("e0.s1.load", "60"),
        ("e0.s1.rpe", "8.3"),
        ("e0.s2.done", "1"),
        ("notes", "<b>Tired</b>"),
        ("session_rpe", "11"),
    ])
    .expect(400)
    .text();

    for said in [
        "id=\"fault-e0-s1-reps\"",
        "id=\"fault-e0-s1-rpe\"",
        "id=\"fault-e0-s2-reps\"",
        "id=\"fault-session_rpe\"",
        "value=\"many\"",
        "value=\"8.3\"",
        "&lt;b&gt;Tired&lt;/b&gt;",
        "aria-describedby=\"fault-e0-s1-reps\"",
    ] {
        assert!(wrong.contains(said), "{said}\n{wrong}");
    }
    let none = send(&[("e0.s1.reps", "5")]).expect(400).text();
    assert!(none.contains("Tick the sets that you did"), "{none}");
    let strange = send(&[
        ("e0.s1.done", "1"),
        ("e0.s1.reps", "5"),
        ("e0.exercise", "no-such-thing"),
    ]);
    assert!(
        strange
            .expect(400)
            .text()
            .contains("There is no exercise of this slug")
    );
    assert_eq!(
        ana.submit(path, &[("e0.s1.done", "1"), ("e0.s1.reps", "5")])
            .status,
        400,
        "no key"
    );
    assert_eq!(server.rows("workout_logs"), 0);

    let key = key_of();
    let missed = [
        ("once", key.as_str()),
        ("status", "excused"),
        ("skipped_reason", "A cold"),
    ];
    let saved = ana.submit(path, &missed).expect(303);
    let shown = ana
        .get(saved.header("location").unwrap())
        .expect(200)
        .text();
    assert!(shown.contains("Excused") && shown.contains("A cold"));

    let page = ana.get("/app/messages").expect(200);
    let key = once(&page, "/app/messages");
    let empty = ana
        .submit("/app/messages", &[("once", &key), ("body", "  ")])
        .expect(400);
    assert!(empty.text().contains("Write something first"));
    let sent = ana
        .submit(
            "/app/messages",
            &[("once", &key), ("body", "Hi + \u{1F44B} & more")],
        )
        .expect(303);
    assert!(
        sent.header("location")
            .unwrap()
            .starts_with("/app/messages#msg_")
    );
    assert!(
        ana.get("/app/messages")
            .text()
            .contains("Hi + \u{1F44B} &amp; more")
    );
}

#[test]
fn pages_show_nothing_that_is_kept_apart_and_say_so_in_test_mode() {
    let server = Server::start();
    let owner = server.coach("coach@example.com");
    let live = server.bearer(&server.new_key(owner, Mode::Live, &[]).1);
    for (key, test) in [(server.key(owner, &[]), true), (live, false)] {
        let ana = in_app(&server, &key, "ana@example.com");
        follows(&key, &ana.id);
        for path in [
            "/app/",
            "/app/program",
            "/app/sessions/1/1/1",
            "/app/messages",
            "/app/me",
            "/v1/app/me",
            "/v1/app/today",
            "/v1/app/program",
            "/v1/app/sessions/1.1.1",
            "/v1/app/messages",
            "/v1/app/workout-logs",
            "/v1/app/consents",
        ] {
            let answer = ana.get(path).expect(200);
            assert!(!answer.text().contains(KEPT_APART), "{path}");
            assert!(!answer.text().contains("private_notes"), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
            if path.starts_with("/app") {
                assert_eq!(answer.text().contains("TEST DATA"), test, "{path}");
                let policy = answer.header("content-security-policy").unwrap();
                assert!(
                    policy.starts_with("default-src 'none'; script-src 'self';"),
                    "{policy}"
                );
                assert!(!answer.text().contains(" style=") && !answer.text().contains("onclick"));
                let head = ana.send("HEAD", path, &[], None).expect(200);
                assert!(head.body.is_empty());
            }
        }
    }
}

#[test]
fn who_is_not_signed_in_is_told_what_to_do_and_loses_nothing_that_was_written() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    let anyone = server.anyone();
    for path in [
        "/app/",
        "/app/program",
        "/app/messages",
        "/app/me",
        "/app/sessions/1/1/1",
    ] {
        let answer = anyone.get(path).expect(303);
        assert_eq!(answer.header("location"), Some("/app/sign-in"), "{path}");
    }
    assert!(
        anyone
            .get("/app/sign-in")
            .expect(200)
            .text()
            .contains("not signed in here")
    );
    assert_eq!(ana.get("/app/sign-in").header("location"), Some("/app/"));
    anyone.get("/app/nope").refused(404, "route_not_found");
    assert_eq!(ana.get("/app/training/nope").status, 404);
    assert_eq!(ana.get("/app/sessions/9/9/9").status, 404);
    let refused = ana.send("DELETE", "/app/messages", &[], None);
    assert_eq!(refused.header("allow"), Some("GET, HEAD, POST"));
    refused.refused(405, "method_not_allowed");
    let foreign = [
        ("Cookie", ana.cookie.as_str()),
        ("Sec-Fetch-Site", "cross-site"),
    ];
    let foreign = anyone.send("POST", "/app/messages", &foreign, Some("body=hi"));
    assert_eq!(foreign.status, 403);
    assert_eq!(server.rows("messages"), 0);

    // The coach ends the device: the next page is signed out, and a form keeps what was typed.
    let page = ana.get("/app/messages").expect(200);
    let key_of = once(&page, "/app/messages");
    let devices = format!("/v1/clients/{}/sessions", ana.id);
    let device = key.get(&devices).expect(200).column("id")[0].clone();
    key.delete(&format!("{devices}/{device}")).expect(204);
    assert_eq!(ana.get("/app/").header("location"), Some("/app/sign-in"));
    let lost = ana.submit(
        "/app/messages",
        &[("once", &key_of), ("body", "A long <letter>")],
    );
    let lost = lost.expect(401).text();
    assert!(lost.contains("was not sent") && lost.contains("A long &lt;letter&gt;"));

    let rui = in_app(&server, &key, "rui@example.com");
    key.act(&format!("/v1/clients/{}/archive", rui.id))
        .expect(200);
    assert_eq!(rui.get("/app/").header("location"), Some("/app/sign-in"));

    let eva = in_app(&server, &key, "eva@example.com");
    let left = eva.submit("/app/sign-out", &[]).expect(303);
    assert!(
        left.header("set-cookie")
            .unwrap()
            .starts_with("cadence-client=;")
    );
    eva.get("/v1/app/me").refused(401, "auth_revoked");
}

/// The default form, answered.
fn answered(once: &str, form: &str) -> Vec<(String, Vec<u8>)> {
    let fields = [
        ("once", once),
        ("form_id", form),
        ("form_version", "1"),
        ("q.energy", "4"),
        ("q.sleep", "7,5"),
        ("q.stress", "2"),
        ("q.training", "Most of it"),
        ("q.nutrition", "3"),
        ("q.pain", "A little"),
        ("q.week", "A long week & <b>more</b>"),
        ("weight", "82.4"),
    ];
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
    fields.iter().map(text).collect()
}

impl InApp {
    /// Sends a form with files as a browser does: names of fields that begin with `photo.` are files.
    fn submit_parts(&self, path: &str, boundary: &str, parts: &[(String, Vec<u8>)]) -> Answer {
        let mut body = Vec::new();
        for (name, content) in parts {
            let file = if name.starts_with("photo.") || name == "file" {
                "; filename=\"IMG_1.jpg\"\r\nContent-Type: image/jpeg"
            } else {
                ""
            };
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let media_type = format!("multipart/form-data; boundary={boundary}");
        let headers = [
            ("Cookie", self.cookie.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", media_type.as_str()),
        ];
        self.caller.send_bytes("POST", path, &headers, Some(&body))
    }
}

/// A picture of one colour.
fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([180, 140, 120]));
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    picture.write_with_encoder(encoder).unwrap();
    bytes
}

/// The value of a hidden field of a page.
fn hidden(page: &Answer, name: &str) -> String {
    let text = page.text();
    let mark = format!("name=\"{name}\" value=\"");
    let (_, rest) = text.split_once(&mark).expect(name);
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn a_check_in_with_a_photo_is_sent_by_a_plain_form_and_the_reply_is_read() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    assert!(
        ana.get("/app/check-ins")
            .expect(200)
            .text()
            .contains("not checked in yet")
    );
    let page = ana.get("/app/check-in").expect(200);
    assert!(page.text().contains("How was your energy this week?"));
    let (once, form) = (hidden(&page, "once"), hidden(&page, "form_id"));
    let mut parts = answered(&once, &form);
    parts.push(("photo.0".to_owned(), jpeg(40, 60)));
    parts.push(("photo.side".to_owned(), jpeg(40, 60)));
    // No photo was chosen here.
    parts.push(("photo.back".to_owned(), Vec::new()));

    let sent = ana.submit_parts("/app/check-in", "one", &parts).expect(303);
    let again = ana.submit_parts("/app/check-in", "two", &parts).expect(303);

    let at = sent.header("location").unwrap().to_owned();
    assert_eq!(again.header("location"), Some(at.as_str()));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(server.rows("checkins"), 1);
    assert_eq!(server.rows("photos"), 2);
    let id = at.rsplit('/').next().unwrap().to_owned();
    let seen = key.get(&format!("/v1/checkins/{id}")).expect(200).json();
    assert_eq!(seen["source"], "client");
    assert_eq!(seen["client_id"], ana.id);
    assert_eq!(seen["form"]["version"], 1);
    assert_eq!(seen["answers"][1]["value"], 7.5);
    assert_eq!(seen["measurements"][0]["unit"], "kg");
    let mut poses = vec![
        seen["photos"][0]["pose"].clone(),
        seen["photos"][1]["pose"].clone(),
    ];
    poses.sort_by_key(Value::to_string);
    assert_eq!(poses, ["front", "side"]);
    let review = json!({ "reply": "Well done, <i>rest</i> now", "private_notes": KEPT_APART });
    key.post(&format!("/v1/checkins/{id}/review"), &review)
        .expect(200);

    let page = ana.get(&at).expect(200);
    let text = page.text();
    assert!(text.contains("Well done, &lt;i&gt;rest&lt;/i&gt; now") && text.contains("82.4 kg"));
    assert!(text.contains("A long week &amp; &lt;b&gt;more&lt;/b&gt;"));
    let (_, rest) = text.split_once("<img src=\"").expect("a photo");
    let url = rest.split('"').next().unwrap().replace("&amp;", "&");
    let picture = server.anyone().get(&url).expect(200);
    assert_eq!(picture.header("content-type"), Some("image/jpeg"));
    for path in [
        "/app/",
        "/app/check-ins",
        at.as_str(),
        "/v1/app/checkins",
        "/v1/app/today",
        &format!("/v1/app/checkins/{id}"),
    ] {
        let shown = ana.get(path).expect(200).text();
        assert!(
            !shown.contains(KEPT_APART) && !shown.contains("private_notes"),
            "{path}"
        );
    }
    assert!(
        ana.get("/app/")
            .text()
            .contains("Your coach replied to your check-in")
    );
    let rui = in_app(&server, &key, "rui@example.com");
    rui.get(&format!("/v1/app/checkins/{id}"))
        .refused(404, "not_found");
    assert_eq!(rui.get(&at).status, 404);
    assert!(
        rui.get("/v1/app/checkins")
            .expect(200)
            .column("id")
            .is_empty()
    );
}

#[test]
fn a_check_in_that_is_wrong_says_so_at_each_field_and_keeps_nothing() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    let page = ana.get("/app/check-in").expect(200);
    let (once, form) = (hidden(&page, "once"), hidden(&page, "form_id"));
    let with = |name: &str, value: &[u8]| {
        let mut parts = answered(&once, &form);
        parts.retain(|(other, _)| other != name);
        parts.push((name.to_owned(), value.to_vec()));
        ana.submit_parts("/app/check-in", "x", &parts)
            .expect(400)
            .text()
    };

    for (name, value, said) in [
        ("q.energy", &b""[..], "Choose one."),
        ("q.energy", b"9", "This must be 1 to 5."),
        ("q.sleep", b"many", "This must be a number."),
        ("q.sleep", b"99", "This must be 0 to 24."),
        ("q.training", b"Other", "This must be one of"),
        ("weight", b"9000", "Weight is"),
        (
            "photo.0",
            b"<html>no picture</html>",
            "Neither a JPEG nor a PNG",
        ),
        (
            "photo.back",
            b"\xff\xd8\xff\xe0cut",
            "The picture is cut off or damaged",
        ),
    ] {
        let text = with(name, value);
        let place = format!("id=\"fault-{}\">", name.replace('.', "-"));
        let (_, rest) = text
            .split_once(&place)
            .unwrap_or_else(|| panic!("{name}: {text}"));
        assert!(rest.starts_with(said), "{name}: {rest:.200}");
        assert!(
            text.contains("A long week &amp; &lt;b&gt;more&lt;/b&gt;"),
            "what was typed"
        );
        assert!(name == "q.energy" || text.contains("value=\"4\" checked"));
    }
    assert_eq!(server.rows("checkins"), 0);
    assert_eq!(server.rows("photos"), 0);
    ana.act("/v1/app/consents/health_data/withdraw").expect(200);
    let parts = answered(&once, &form);
    let refused = ana
        .submit_parts("/app/check-in", "x", &parts)
        .expect(400)
        .text();
    assert!(refused.contains("You took back your consent"), "{refused}");
    let photo = [("file".to_owned(), jpeg(10, 10))];
    let refused = ana.submit_parts("/v1/app/photos", "x", &photo);
    refused.refused(409, "state_conflict");
    ana.post("/v1/app/checkins", &json!({}))
        .refused(409, "state_conflict");
    assert_eq!(server.rows("photos"), 0);
}

#[test]
fn a_check_in_by_the_api_names_photos_that_were_sent_before_and_only_ones_own() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    let rui = in_app(&server, &key, "rui@example.com");
    let form = ana.get("/v1/app/checkin-form").expect(200).json();
    assert_eq!(form["checkin"], Value::Null);
    assert_eq!(form["form"]["questions"].as_array().unwrap().len(), 8);
    let photo = |whose: &InApp| {
        let parts = [
            ("file".to_owned(), jpeg(30, 30)),
            ("pose".to_owned(), b"back".to_vec()),
        ];
        whose
            .submit_parts("/v1/app/photos", "b", &parts)
            .expect(201)
            .member("id")
    };
    let (own, foreign) = (photo(&ana), photo(&rui));

    let stolen = ana.post(
        "/v1/app/checkins",
        &json!({ "photos": [{ "id": foreign }] }),
    );
    assert_eq!(stolen.status, 400, "{}", stolen.text());
    let sent = ana.post(
        "/v1/app/checkins",
        &json!({ "photos": [{ "id": own }], "notes": "hi" }),
    );
    let sent = sent.expect(201);

    assert_eq!(sent.json()["photos"][0]["pose"], "back");
    assert_eq!(sent.json()["source"], "client");
    let at = sent.header("location").unwrap();
    assert_eq!(ana.get(at).expect(200).member("notes"), "hi");
    let events = key
        .get("/v1/events?type=checkin.submitted")
        .expect(200)
        .json();
    assert_eq!(events["data"].as_array().unwrap().len(), 1);
    assert!(!events.to_string().contains("sig="));
}

#[test]
fn a_check_in_that_is_asked_for_is_told_and_filled() {
    let server = Server::start();
    let key = coach(&server);
    let ana = in_app(&server, &key, "ana@example.com");
    let schedule = json!({ "weekday": "friday", "time": "18:00" });
    let put = format!("/v1/clients/{}/checkin-schedule", ana.id);
    key.send("PUT", &put, &[], Some(&schedule.to_string()))
        .expect(200);
    server.run_jobs();
    let today = ana.get("/v1/app/today").expect(200).json();
    assert_eq!(today["checkin"]["status"], "pending");
    assert_eq!(today["checkin"]["due_at"], "2026-06-05T18:00:00.000Z");
    assert!(ana.get("/app/").text().contains("Check-in"));

    server.advance_ms(3 * DAY_MS);
    server.run_jobs();
    let page = ana.get("/app/").expect(200).text();
    assert!(
        page.contains("Late") && page.contains("It was due"),
        "{page}"
    );
    let page = ana.get("/app/check-in").expect(200);
    let mut parts = answered(&hidden(&page, "once"), &hidden(&page, "form_id"));
    parts.push((
        "checkin_id".to_owned(),
        hidden(&page, "checkin_id").into_bytes(),
    ));
    let sent = ana.submit_parts("/app/check-in", "x", &parts).expect(303);

    let id = hidden(&page, "checkin_id");
    assert_eq!(
        sent.header("location"),
        Some(format!("/app/check-ins/{id}").as_str())
    );
    let today = ana.get("/v1/app/today").expect(200).json();
    assert_eq!(today["checkin"], Value::Null);
}
