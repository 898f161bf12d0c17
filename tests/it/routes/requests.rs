//! The request log and usage, as their readers see them.

use cadence::caller::Mode;
use cadence::clock::{DAY_MS, HOUR_MS, MINUTE_MS};
use cadence::requests::{Retention, actions};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server};

const ANA: &str = "ana@example.com";

fn new_client(email: &str) -> Value {
    json!({ "name": "Ana Prado", "email": email })
}

/// The request that an answer was given to, as the log has it.
fn logged(caller: &Caller, answer: &Answer) -> Value {
    let id = answer.header("x-request-id").expect("a request id");
    caller.get(&format!("/v1/requests/{id}")).expect(200).json()
}

fn data(answer: &Answer) -> Vec<Value> {
    answer.json()["data"].as_array().expect("a list").clone()
}

#[test]
fn a_request_is_found_the_moment_it_was_answered() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (key, plaintext) = server.new_key(coach, Mode::Test, &[]);
    let caller = server.bearer(&plaintext);

    let created = caller
        .send(
            "POST",
            "/v1/clients",
            &[("Idempotency-Key", "one"), ("User-Agent", "it/1")],
            Some(&new_client(ANA).to_string()),
        )
        .expect(201);
    let list = caller.get("/v1/requests").expect(200);
    let whole = logged(&caller, &created);

    let line = &data(&list)[0];
    assert_eq!(line["id"], created.header("x-request-id").expect("an id"));
    for (name, value) in [
        ("object", json!("request")),
        ("livemode", json!(false)),
        ("created_at", json!("2026-06-03T12:00:00.000Z")),
        ("method", json!("POST")),
        ("path", json!("/v1/clients")),
        ("route", json!("/v1/clients")),
        ("status", json!(201)),
        ("code", Value::Null),
        (
            "caller",
            json!({ "kind": "api_key", "id": key, "name": "test" }),
        ),
        ("address", json!("127.0.0.1")),
        ("replayed", json!(false)),
    ] {
        assert_eq!(line[name], value, "{name}");
        assert_eq!(whole[name], value, "{name}");
    }
    assert!(line["duration_ms"].as_f64().expect("a number") > 0.0);
    let sent = &whole["request"];
    assert_eq!(sent["content_type"], "application/json");
    assert_eq!(sent["idempotency_key"], "one");
    assert_eq!(sent["user_agent"], "it/1");
    assert_eq!(sent["body"], new_client(ANA).to_string());
    assert_eq!(whole["bodies"], "kept");
    assert_eq!(whole["rate_limit"]["limit"], 2_500);
    assert_eq!(whole["rate_limit"]["remaining"], 2_499);
    assert_eq!(whole["rate_limit"]["reset_at"], "2026-06-03T13:00:00.000Z");
    assert_eq!(whole["events"][0]["type"], "client.created");
    let event = caller.get("/v1/events?type=client.created").expect(200);
    assert_eq!(whole["events"][0]["id"], data(&event)[0]["id"]);
    assert_eq!(whole["deliveries"], json!([]));
    assert_eq!(whole["recent"], json!({ "calls": 1, "failed": 0 }));
}

#[test]
fn refusals_are_kept_with_their_code_and_how_often_they_came() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.key(coach, &[]);
    caller.post("/v1/clients", &new_client(ANA)).expect(201);
    caller.post("/v1/clients", &json!({})).expect(400);
    // An answer that was saved under a key tells its code by its body alone.
    let conflict = caller.post_once("/v1/clients", "twice", &new_client(ANA));
    let conflict = logged(&caller, &conflict.expect(409));
    let replay = caller.post_once("/v1/clients", "twice", &new_client(ANA));
    let replay = logged(&caller, &replay.expect(409));
    let missing = caller.get("/v1/no/such/path").expect(404);
    let missing = logged(&caller, &missing);
    let method = caller.delete("/v1/clients").expect(405);
    let method = logged(&caller, &method);

    assert_eq!(conflict["code"], "already_exists");
    assert_eq!(conflict["recent"], json!({ "calls": 3, "failed": 2 }));
    assert_eq!(
        (&replay["code"], &replay["replayed"]),
        (&json!("already_exists"), &json!(true))
    );
    assert_eq!(
        (&missing["code"], &missing["route"]),
        (&json!("route_not_found"), &Value::Null)
    );
    assert_eq!(
        (&method["code"], &method["route"]),
        (&json!("method_not_allowed"), &Value::Null)
    );
    for (query, statuses) in [
        ("status=4xx&path=clients", vec![405, 409, 409, 400]),
        ("status=409", vec![409, 409]),
        ("status=2xx&method=POST", vec![201]),
        ("status=5xx", vec![]),
        ("path=/no/such", vec![404]),
    ] {
        let found = caller.get(&format!("/v1/requests?{query}")).expect(200);
        let found: Vec<u64> = data(&found)
            .iter()
            .map(|line| line["status"].as_u64().expect("a status"))
            .collect();
        assert_eq!(found, statuses, "{query}");
    }
    for query in [
        "status=9xx",
        "status=99",
        "status=4x",
        "status=600",
        "method=get",
    ] {
        caller
            .get(&format!("/v1/requests?{query}"))
            .refused(400, "invalid_parameter");
    }
}

#[test]
fn without_an_accepted_credential_nothing_is_kept() {
    let server = Server::start();
    let caller = server.key(server.coach("coach@example.com"), &[]);

    server.anyone().get("/v1/clients").expect(401);
    server.anyone().get("/health").expect(200);
    caller.get("/openapi.json").expect(200);
    caller.get("/api/v1/cadreen/health").expect(200);

    let lines = data(&caller.get("/v1/requests").expect(200));
    let paths: Vec<&Value> = lines.iter().map(|line| &line["path"]).collect();
    assert_eq!(paths, ["/api/v1/cadreen/health"]);
}

#[test]
fn requests_are_found_by_key_and_by_id_and_page_after_page() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (key, plaintext) = server.new_key(coach, Mode::Test, &[]);
    let (other, reader) = server.new_key(coach, Mode::Test, &[]);
    let (caller, reader) = (server.bearer(&plaintext), server.bearer(&reader));
    let mut ids: Vec<String> = (0..5)
        .map(|_| caller.get("/v1/whoami").expect(200))
        .map(|answer| answer.header("x-request-id").expect("an id").to_owned())
        .collect();
    ids.reverse();
    reader.get("/v1/clients").expect(200);

    let mut path = format!("/v1/requests?key={key}&limit=2");
    let mut seen = Vec::new();
    loop {
        let page = reader.get(&path).expect(200);
        seen.extend(page.column("id"));
        match page.next_cursor() {
            Some(cursor) => path = format!("/v1/requests?key={key}&limit=2&cursor={cursor}"),
            None => break,
        }
    }
    let one = reader.get(&format!("/v1/requests?request_id={}", ids[2]));
    let own = reader.get(&format!("/v1/requests?key={other}&path=clients"));

    assert_eq!(seen, ids);
    assert_eq!(one.expect(200).column("id"), [ids[2].clone()]);
    assert_eq!(data(&own.expect(200)).len(), 1);
}

#[test]
fn in_live_mode_bodies_are_those_of_failures_and_hold_no_value() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.live_key(coach);
    let created = caller.post("/v1/clients", &new_client(ANA)).expect(201);
    let created = logged(&caller, &created);
    let again = caller.post("/v1/clients", &new_client(ANA)).expect(409);
    let again = logged(&caller, &again);
    let malformed = caller.send("POST", "/v1/clients", &[], Some("{'name': Ana Prado"));
    let malformed = logged(&caller, &malformed.expect(400));

    assert_eq!(created["bodies"], "not_kept");
    assert_eq!(
        (&created["request"]["body"], &created["answer"]["body"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(again["bodies"], "masked");
    assert_eq!(
        again["request"]["body"],
        r#"{"name":"(text, 9 characters)","email":"(text, 15 characters)"}"#
    );
    let answer = again["answer"]["body"].as_str().expect("a body");
    assert!(answer.contains(r#""code":"already_exists""#), "{answer}");
    for logged in [&again, &malformed] {
        let bodies = format!("{}{}", logged["request"], logged["answer"]);
        assert!(
            !bodies.contains("Ana") && !bodies.contains("Prado"),
            "{bodies}"
        );
    }
    assert_eq!(malformed["code"], "malformed_json");
}

#[test]
fn a_long_body_is_kept_up_to_sixteen_kilobytes() {
    let server = Server::start();
    let caller = server.key(server.coach("coach@example.com"), &[]);
    let long = json!({ "name": "x".repeat(40_000), "email": ANA });

    let refused = caller.post("/v1/clients", &long).expect(400);
    let refused = logged(&caller, &refused);

    assert_eq!(refused["request"]["truncated"], true);
    let body = refused["request"]["body"].as_str().expect("a body");
    assert_eq!(body.len(), 16 * 1024);
    assert_eq!(refused["answer"]["truncated"], false);
}

#[test]
fn secrets_of_a_test_body_are_taken_out_and_the_rest_is_kept() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.key(coach, &[]);

    let key = caller
        .post(&coach.keys_path(), &json!({ "name": "crm" }))
        .expect(201);
    let key = logged(&caller, &key);
    let client = caller.post("/v1/clients?token=abc", &new_client(ANA));
    let client = logged(&caller, &client.expect(400));
    let invited = caller.post("/v1/clients", &new_client(ANA)).expect(201);
    let invited = logged(&caller, &invited);

    let answer = key["answer"]["body"].as_str().expect("a body");
    assert!(answer.contains(r#""plaintext":"[redacted]""#), "{answer}");
    assert!(answer.contains(r#""name":"crm""#), "{answer}");
    assert_eq!(client["request"]["query"], "token=[redacted]");
    let answer = invited["answer"]["body"].as_str().expect("a body");
    assert!(
        answer.contains(r#""install_link":"[redacted]""#),
        "{answer}"
    );
}

#[test]
fn another_tenants_request_does_not_exist() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (test, live) = (server.key(coach, &[]), server.live_key(coach));
    let asked = live.get("/v1/whoami").expect(200);
    let id = asked.header("x-request-id").expect("an id");
    live.get(&format!("/v1/requests/{id}")).expect(200);

    test.get(&format!("/v1/requests/{id}"))
        .refused(404, "not_found");
    let found = test.get(&format!("/v1/requests?request_id={id}"));
    assert_eq!(data(&found.expect(200)), Vec::<Value>::new());
    let usage = test.get("/v1/usage").expect(200).json();
    assert_eq!(usage["total"]["client_errors"], 1);
}

#[test]
fn usage_counts_each_request_once_by_key_route_and_outcome() {
    let server = Server::start_with(
        |config| config.requests_per_hour = Some(2_500),
        cadence::db::Options::default(),
    );
    let coach = server.coach("coach@example.com");
    let (key, plaintext) = server.new_key(coach, Mode::Test, &[]);
    let (caller, other) = (server.bearer(&plaintext), server.key(coach, &[]));
    for _ in 0..3 {
        caller.get("/v1/clients").expect(200);
    }
    caller.post("/v1/clients", &json!({})).expect(400);
    caller.get("/v1/nowhere").expect(404);
    server.advance_ms(HOUR_MS + 30 * MINUTE_MS);
    caller.get("/v1/clients").expect(200);
    other.get("/v1/clients").expect(200);

    let by_hour = caller.get("/v1/usage?by=hour&group=key").expect(200).json();
    let by_day = caller.get("/v1/usage?group=route").expect(200).json();

    // The first question is in the second answer.
    let counts = |requests: u64, succeeded: u64, client_errors: u64| {
        json!({
            "requests": requests,
            "succeeded": succeeded,
            "client_errors": client_errors,
            "server_errors": 0,
            "rate_limited": 0,
        })
    };
    assert_eq!(by_hour["total"], counts(7, 5, 2));
    assert_eq!(by_day["total"], counts(8, 6, 2));
    assert_eq!(
        (&by_hour["by"], &by_hour["group"]),
        (&json!("hour"), &json!("key"))
    );
    let buckets = by_hour["buckets"].as_array().expect("buckets");
    assert_eq!(buckets.len(), 24);
    assert_eq!(buckets[22]["start"], "2026-06-03T12:00:00.000Z");
    assert_eq!(buckets[22]["requests"], 5);
    assert_eq!(buckets[23]["succeeded"], 2);
    assert_eq!(by_hour["to"], "2026-06-03T14:00:00.000Z");
    let groups = by_hour["groups"].as_array().expect("groups");
    assert_eq!(groups.len(), 2);
    assert_eq!(
        (&groups[0]["key"], &groups[0]["name"]),
        (&json!(key), &json!("test"))
    );
    assert_eq!(groups[0]["requests"], 6);
    assert_eq!(groups[0]["buckets"][22]["requests"], 5);
    assert!(groups[0].get("route").is_none());

    assert_eq!(by_day["buckets"].as_array().expect("buckets").len(), 30);
    let groups = by_day["groups"].as_array().expect("groups");
    assert_eq!(groups[0]["route"], "GET /v1/clients");
    assert_eq!(groups[0]["requests"], 5);
    let unknown = groups.iter().find(|group| group["route"].is_null());
    assert_eq!(unknown.expect("a group")["name"], "No such route");
    let limit = &by_day["limit"];
    assert_eq!(limit["policy"], "hour");
    assert_eq!(
        (&limit["requests_per_hour"], &limit["warn_at"]),
        (&json!(2_500), &json!(2_000))
    );
    assert_eq!(
        (&limit["used"], &limit["remaining"]),
        (&json!(4), &json!(2_496))
    );
    for query in [
        "from=2026-06-03&to=2026-06-02",
        "by=hour&from=2026-05-01",
        "from=yesterday",
    ] {
        caller
            .get(&format!("/v1/usage?{query}"))
            .refused(400, "invalid_parameter");
    }
    let day = caller
        .get("/v1/usage?from=2026-06-03&to=2026-06-04")
        .expect(200);
    assert_eq!(day.json()["buckets"].as_array().expect("buckets").len(), 1);
}

#[test]
fn what_the_limit_refuses_is_counted_apart() {
    let server = Server::start_with(
        |config| {
            for plan in config.plans.values_mut() {
                plan.requests_per_hour = 2;
                plan.burst_percent = 0;
            }
        },
        cadence::db::Options::default(),
    );
    let coach = server.coach("coach@example.com");
    let (test, live) = (server.key(coach, &[]), server.live_key(coach));
    for status in [200, 200, 429, 429] {
        test.get("/v1/whoami").expect(status);
    }
    live.get("/v1/whoami").expect(200);
    server.advance_ms(HOUR_MS);

    let usage = test.get("/v1/usage").expect(200).json();
    let refused = test.get("/v1/requests?status=429").expect(200);

    assert_eq!(usage["total"]["rate_limited"], 2);
    assert_eq!(usage["total"]["client_errors"], 0);
    assert_eq!(usage["total"]["requests"], 4);
    assert_eq!(data(&refused)[0]["code"], "rate_limited");
}

#[test]
fn the_log_and_usage_survive_a_restart() {
    let mut server = Server::start();
    let caller = server.key(server.coach("coach@example.com"), &[]);
    let asked = caller.get("/v1/whoami").expect(200);

    server.restart();
    let caller = Caller {
        address: server.address,
        ..caller
    };

    assert_eq!(logged(&caller, &asked)["path"], "/v1/whoami");
    assert_eq!(
        caller.get("/v1/usage").expect(200).json()["total"]["requests"],
        2
    );
}

#[test]
fn the_oldest_requests_go_by_age_and_by_number() {
    let server = Server::start();
    let caller = server.key(server.coach("coach@example.com"), &[]);
    let ask = |times: u32| {
        for _ in 0..times {
            caller.get("/v1/whoami").expect(200);
        }
        server.write_uses();
    };
    ask(6);
    server.advance_ms(5 * DAY_MS);
    ask(5);
    server.advance_ms(2 * DAY_MS - 1);
    server.sweep_requests();
    assert_eq!(server.rows("requests"), 11);

    server.advance_ms(1);
    server.sweep_requests();
    assert_eq!(server.rows("requests"), 5);

    let app = server.app.clone();
    let kept = Retention { days: 7, rows: 2 };
    let set = server
        .app
        .db
        .write_blocking(move |tx| actions::set_retention(tx, &app, kept));
    set.expect("a write");
    ask(1);
    server.sweep_requests();
    assert_eq!(server.rows("requests"), 2);

    let app = server.app.clone();
    let none = Retention { days: 7, rows: 0 };
    let set = server
        .app
        .db
        .write_blocking(move |tx| actions::set_retention(tx, &app, none));
    set.expect("a write");
    ask(3);
    server.sweep_requests();
    assert_eq!(server.rows("requests"), 0);
    let usage = caller.get("/v1/usage").expect(200).json();
    assert_eq!(usage["total"]["requests"], 15);

    server.advance_ms(93 * DAY_MS);
    server.sweep_requests();
    assert_eq!(server.rows("usage_hours"), 0);
}

#[test]
fn more_requests_than_there_is_room_for_are_counted_and_left_out_without_an_error() {
    let server = Server::start();
    let caller = server.key(server.coach("coach@example.com"), &[]);
    // Ids of one millisecond have an order for some thousands only, in all tests together: this one
    // takes a millisecond of its own.
    server.advance_ms(17);
    let requests = "GET /v1/whoami HTTP/1.1\r\nHost: localhost\r\n".to_owned()
        + &format!(
            "Authorization: {}\r\n\r\n",
            caller.authorization.as_deref().expect("a key")
        );
    // Nobody writes meanwhile: in this process the background lane is called by hand.
    for _ in 0..2_000 {
        let answer = crate::support::exchange_kept(server.address, requests.as_bytes());
        answer.expect(200);
    }
    caller.get("/v1/nowhere").expect(404);

    server.write_uses();

    assert_eq!(
        server.rows("requests"),
        1_537,
        "successes fill three quarters"
    );
    let usage = caller.get("/v1/usage").expect(200).json();
    assert_eq!(usage["total"]["requests"], 2_001);
}
