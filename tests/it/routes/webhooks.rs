//! `/v1/webhooks`, `/v1/deliveries`, `/v1/test/inbox`.

use serde_json::json;

use crate::support::{Behaviour, Caller, Coach, Receiver, Server};

fn test_coach(server: &Server) -> (Coach, Caller) {
    let coach = server.coach("coach@example.com");
    (coach, server.key(coach, &[]))
}

/// Registers a webhook for all events; its id and secret.
fn register(caller: &Caller, url: &str) -> (String, String) {
    let new = json!({ "url": url, "events": ["*"] });
    let made = caller.post("/v1/webhooks", &new).expect(201);
    (made.member("id"), made.member("secret"))
}

fn add_client(caller: &Caller, name: &str) -> String {
    let new = json!({ "name": name, "email": format!("{name}@example.com") });
    caller.post("/v1/clients", &new).expect(201).member("id")
}

#[test]
fn a_secret_is_shown_once_and_sealed_in_the_file() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);

    let (id, secret) = register(&caller, "https://example.com/hooks");

    assert!(secret.starts_with("whsec_") && secret.len() == 38);
    let path = format!("/v1/webhooks/{id}");
    assert!(!caller.get(&path).expect(200).text().contains(&secret));
    assert!(
        !caller
            .get("/v1/webhooks")
            .expect(200)
            .text()
            .contains(&secret)
    );
    let bytes = std::fs::read(server.data().join("cadence.db-wal")).expect("the log");
    let part = secret.trim_start_matches("whsec_").as_bytes();
    assert!(!bytes.windows(part.len()).any(|window| window == part));
}

#[test]
fn a_registration_is_told_of_what_happens_from_then_on_and_of_nothing_before() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let receiver = Receiver::start();
    add_client(&caller, "before");

    register(&caller, &receiver.url());
    server.deliver();
    assert!(
        receiver.seen().is_empty(),
        "nothing is sent on registration"
    );
    add_client(&caller, "after");
    server.deliver();

    let seen = receiver.seen();
    assert_eq!(seen.len(), 1);
    let body = seen[0].json();
    assert_eq!(body["type"], "client.created");
    assert_eq!(body["data"]["object"]["name"], "after");
    assert_eq!(body["timestamp"], body["created_at"]);
    assert_eq!(body["endpoint_sequence"], 1);
    assert_eq!(
        seen[0].header("webhook-id"),
        body["id"].as_str().expect("an id")
    );
    assert_eq!(seen[0].header("content-type"), "application/json");
}

#[test]
fn a_pattern_takes_its_kind_and_nothing_else() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let receiver = Receiver::start();
    let new = json!({ "url": receiver.url(), "events": ["message.*", "client.archived"] });
    caller.post("/v1/webhooks", &new).expect(201);

    let client = add_client(&caller, "ana");
    let thread = format!("/v1/clients/{client}/messages");
    caller
        .post(&thread, &json!({ "body": "Hello" }))
        .expect(201);
    caller
        .act(&format!("/v1/clients/{client}/archive"))
        .expect(200);
    server.deliver();

    let kinds: Vec<_> = receiver
        .seen()
        .iter()
        .map(|seen| seen.json()["type"].clone())
        .collect();
    assert_eq!(kinds, ["message.sent", "client.archived"]);
    assert_eq!(receiver.numbers(), [1, 2], "dense over what it is told");
}

#[test]
fn a_star_is_all_that_its_maker_may_read() {
    let server = Server::start();
    let (coach, caller) = test_coach(&server);
    let narrow = server.key(coach, &["webhooks:write", "clients:read"]);
    let receiver = Receiver::start();
    register(&narrow, &receiver.url());

    let client = add_client(&caller, "ana");
    let thread = format!("/v1/clients/{client}/messages");
    caller
        .post(&thread, &json!({ "body": "Hello" }))
        .expect(201);
    server.deliver();

    let kinds: Vec<_> = receiver
        .seen()
        .iter()
        .map(|seen| seen.json()["type"].clone())
        .collect();
    assert_eq!(kinds, ["client.created"]);
    let asked = json!({ "url": receiver.url(), "events": ["message.sent"] });
    let refused = narrow
        .post("/v1/webhooks", &asked)
        .refused(403, "insufficient_scope");
    assert_eq!(refused.json()["error"]["scopes"], json!(["messages:read"]));
    let nothing = server.key(coach, &["webhooks:write", "spaces:read"]);
    let asked = json!({ "url": receiver.url(), "events": ["client.*"] });
    nothing
        .post("/v1/webhooks", &asked)
        .refused(403, "insufficient_scope");
}

#[test]
fn a_narrow_key_cannot_lead_a_wide_webhook_to_itself() {
    let server = Server::start();
    let (coach, caller) = test_coach(&server);
    let narrow = server.key(coach, &["webhooks:write", "clients:read"]);
    let (id, _) = register(&caller, "https://example.com/hooks");
    let path = format!("/v1/webhooks/{id}");

    let elsewhere = json!({ "url": "https://elsewhere.example/hooks" });
    narrow
        .patch(&path, &elsewhere)
        .refused(403, "insufficient_scope");
    let rotate = format!("{path}/rotate-secret");
    narrow.act(&rotate).refused(403, "insufficient_scope");

    // What it makes of it is its own: then it may.
    narrow
        .patch(&path, &json!({ "events": ["client.*"] }))
        .expect(200);
    narrow.patch(&path, &elsewhere).expect(200);
}

#[test]
fn a_body_is_shown_to_those_alone_who_may_read_the_event() {
    let server = Server::start();
    let (coach, caller) = test_coach(&server);
    let inbox = caller.get("/v1/test/inbox").expect(200).member("url");
    let (id, _) = register(&caller, &inbox);
    add_client(&caller, "ana");
    server.deliver();
    let blind = server.key(coach, &["webhooks:read"]);

    let list = caller
        .get(&format!("/v1/webhooks/{id}/deliveries"))
        .expect(200);
    let delivery = &list.column("id")[0];
    let path = format!("/v1/deliveries/{delivery}");
    assert!(
        caller
            .get(&path)
            .expect(200)
            .member("payload")
            .contains("ana@example.com")
    );
    assert!(blind.get(&path).expect(200).json()["payload"].is_null());
    assert!(
        !blind
            .get("/v1/test/inbox/messages")
            .expect(200)
            .text()
            .contains("ana@")
    );
}

#[test]
fn an_address_that_is_not_public_is_refused_at_the_field() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let live = server.live_key(coach);

    for (url, code) in [
        ("http://example.com/hooks", "insecure_url"),
        ("https://user:pass@example.com/", "invalid_url"),
        ("https://example.com/#x", "invalid_url"),
        ("https://127.0.0.1/", "blocked_address"),
        ("https://localhost/", "blocked_address"),
        ("https://10.0.0.1/", "blocked_address"),
        (
            "https://169.254.169.254/latest/meta-data",
            "blocked_address",
        ),
        ("https://[::1]/", "blocked_address"),
        ("https://2130706433/", "invalid_url"),
    ] {
        let new = json!({ "url": url, "events": ["*"] });
        let refused = live
            .post("/v1/webhooks", &new)
            .refused(400, "validation_failed");
        assert_eq!(
            refused.faults(),
            [("/url".to_owned(), code.to_owned())],
            "{url}"
        );
    }
    // A test one may be this machine, but never this server.
    let test = server.key(coach, &[]);
    let own = format!("http://127.0.0.1:{}/v1/clients", server.address.port());
    let new = json!({ "url": own, "events": ["*"] });
    test.post("/v1/webhooks", &new)
        .refused(400, "validation_failed");
}

#[test]
fn a_paused_webhook_waits_and_is_told_once_it_is_enabled() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let receiver = Receiver::start();
    let (id, _) = register(&caller, &receiver.url());
    let path = format!("/v1/webhooks/{id}");

    caller
        .patch(&path, &json!({ "status": "paused" }))
        .expect(200);
    add_client(&caller, "ana");
    server.deliver();
    assert!(receiver.seen().is_empty());
    caller
        .act(&format!("{path}/test"))
        .refused(409, "state_conflict");
    caller
        .patch(&path, &json!({ "status": "enabled" }))
        .expect(200);
    server.deliver();

    assert_eq!(receiver.numbers(), [1]);
}

#[test]
fn after_a_rotation_both_secrets_sign_until_the_grace_is_over() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let since = jiff::Timestamp::now().as_millisecond() - server.app.clock.now().as_ms();
    server.advance_ms(since);
    let receiver = Receiver::start();
    let (id, former) = register(&caller, &receiver.url());
    let path = format!("/v1/webhooks/{id}/rotate-secret");

    let rotated = caller
        .post(&path, &json!({ "grace_seconds": 60 }))
        .expect(200);
    let latter = rotated.member("secret");
    add_client(&caller, "within");
    server.deliver();
    server.advance_ms(61_000);
    add_client(&caller, "after");
    server.deliver();

    let seen = receiver.seen();
    assert_ne!(former, latter);
    assert!(seen[0].verifies(&former) && seen[0].verifies(&latter));
    assert!(!seen[1].verifies(&former) && seen[1].verifies(&latter));
}

#[test]
fn what_was_tampered_with_does_not_verify() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let since = jiff::Timestamp::now().as_millisecond() - server.app.clock.now().as_ms();
    server.advance_ms(since);
    let receiver = Receiver::start();
    let (_, secret) = register(&caller, &receiver.url());
    add_client(&caller, "ana");
    server.deliver();

    let sent = receiver.seen().remove(0);
    assert!(sent.verifies(&secret));
    let with = |name: &str, value: String| {
        let mut changed = sent.clone();
        let header = changed.headers.iter_mut().find(|(other, _)| other == name);
        header.expect("the header").1 = value;
        changed
    };
    let id = sent.header("webhook-id");
    assert!(!with("webhook-id", id.replace("evt_", "evt-")).verifies(&secret));
    let at: i64 = sent.header("webhook-timestamp").parse().expect("seconds");
    for seconds in [1, 301, -301] {
        assert!(!with("webhook-timestamp", (at + seconds).to_string()).verifies(&secret));
    }
    let signature = sent.header("webhook-signature").replace("v1,", "v1,A");
    assert!(!with("webhook-signature", signature).verifies(&secret));
    let mut body = sent.clone();
    body.body = body.body.replace("ana", "eve");
    assert!(!body.verifies(&secret));
    assert!(!sent.verifies("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
}

#[test]
fn a_ping_goes_to_the_webhook_that_is_tested_and_to_no_other() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let (tested, other) = (Receiver::start(), Receiver::start());
    let (id, _) = register(&caller, &tested.url());
    register(&caller, &other.url());

    let begun = caller.act(&format!("/v1/webhooks/{id}/test")).expect(202);
    server.deliver();

    assert_eq!(tested.seen()[0].json()["type"], "ping");
    assert!(other.seen().is_empty());
    let delivery = caller
        .get(&format!("/v1/deliveries/{}", begun.member("id")))
        .expect(200)
        .json();
    assert_eq!(delivery["status"], "delivered");
    assert_eq!(delivery["attempts"][0]["status"], 200);
    assert_eq!(delivery["attempts"][0]["answer"]["body"], "ok");
}

#[test]
fn a_deleted_webhook_is_told_nothing_more_and_its_log_goes() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let receiver = Receiver::of(Behaviour::status(500));
    let (id, _) = register(&caller, &receiver.url());
    add_client(&caller, "ana");
    server.deliver();
    let tried = receiver.seen().len();

    caller.delete(&format!("/v1/webhooks/{id}")).expect(204);
    server.advance_ms(3_600_000);
    server.deliver();
    server.sweep_events();

    assert_eq!(receiver.seen().len(), tried);
    caller
        .get(&format!("/v1/webhooks/{id}"))
        .refused(404, "not_found");
    for table in ["webhooks", "deliveries", "delivery_attempts"] {
        assert_eq!(server.rows(table), 0, "{table}");
    }
}

#[test]
fn the_inbox_keeps_what_it_is_sent_and_answers_as_it_is_told() {
    let server = Server::start();
    let (coach, caller) = test_coach(&server);
    let inbox = caller.get("/v1/test/inbox").expect(200).member("url");
    let (id, _) = register(&caller, &inbox);
    add_client(&caller, "ana");
    server.deliver();

    let messages = caller.get("/v1/test/inbox/messages").expect(200).json();
    assert_eq!(messages["data"][0]["signature"], "valid");
    assert_eq!(messages["data"][0]["event_type"], "client.created");
    assert!(messages["data"][0]["headers"]["webhook-signature"].is_string());

    caller
        .patch("/v1/test/inbox", &json!({ "answer": "error" }))
        .expect(200);
    add_client(&caller, "bea");
    server.deliver();
    let path = format!("/v1/webhooks/{id}");
    let deliveries = caller
        .get(&format!("{path}/deliveries?status=pending"))
        .expect(200);
    assert_eq!(deliveries.column("id").len(), 1);

    caller
        .patch("/v1/test/inbox", &json!({ "answer": "gone" }))
        .expect(200);
    server.advance_ms(3_600_000);
    server.deliver();
    let webhook = caller.get(&path).expect(200).json();
    assert_eq!(
        (&webhook["status"], &webhook["disabled_reason"]),
        (&json!("disabled"), &json!("gone"))
    );

    caller.delete("/v1/test/inbox").expect(204);
    assert_eq!(caller.get("/v1/test/inbox").expect(200).json()["count"], 0);
    server
        .live_key(coach)
        .get("/v1/test/inbox")
        .refused(403, "auth_forbidden");
}

#[test]
fn a_retry_is_made_at_once_whatever_became_of_the_delivery() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let receiver = Receiver::of(Behaviour::status(500));
    let (id, _) = register(&caller, &receiver.url());
    add_client(&caller, "ana");
    server.deliver();
    receiver.behave(Behaviour::status(204));

    let list = caller
        .get(&format!("/v1/webhooks/{id}/deliveries"))
        .expect(200);
    let delivery = &list.column("id")[0];
    caller
        .act(&format!("/v1/deliveries/{delivery}/retry"))
        .expect(202);
    server.deliver();

    let after = caller
        .get(&format!("/v1/deliveries/{delivery}"))
        .expect(200)
        .json();
    assert_eq!(
        (&after["status"], &after["attempt_count"]),
        (&json!("delivered"), &json!(2))
    );
    let ids: Vec<_> = receiver
        .seen()
        .iter()
        .map(|seen| seen.header("webhook-id").to_owned())
        .collect();
    assert_eq!(ids[0], ids[1], "each try has the event's id");
}

#[test]
fn a_replay_sends_what_happened_since_with_the_same_ids_and_numbers() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let receiver = Receiver::start();
    let (id, _) = register(&caller, &receiver.url());
    add_client(&caller, "ana");
    server.advance_ms(3_600_000);
    let since = server.app.clock.now();
    for name in ["bea", "cia"] {
        add_client(&caller, name);
    }
    server.deliver();

    let path = format!("/v1/webhooks/{id}/replay");
    let begun = caller
        .post(&path, &json!({ "since": since.to_string() }))
        .expect(202)
        .json();
    server.deliver();
    let none = json!({ "since": since.to_string(), "delivered": false });
    caller.post(&path, &none).expect(202);
    server.deliver();

    assert_eq!(receiver.numbers(), [1, 2, 3, 2, 3]);
    let seen = receiver.seen();
    assert_eq!(seen[1].header("webhook-id"), seen[3].header("webhook-id"));
    // The key's own event is the first in the log.
    assert_eq!(begun["to_sequence"], 4);
}

#[test]
fn events_and_their_deliveries_are_kept_for_ninety_days() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let receiver = Receiver::start();
    register(&caller, &receiver.url());
    add_client(&caller, "ana");
    server.deliver();
    server.advance_ms(89 * 86_400_000);
    add_client(&caller, "bea");
    server.deliver();

    server.sweep_events();
    // The key's own event is the first in the log.
    assert_eq!((server.rows("events"), server.rows("deliveries")), (3, 2));
    server.advance_ms(2 * 86_400_000);
    server.sweep_events();

    assert_eq!((server.rows("events"), server.rows("deliveries")), (1, 1));
    caller
        .get("/v1/events?after=0")
        .refused(410, "cursor_expired");
    caller
        .get("/v1/events?after=1")
        .refused(410, "cursor_expired");
    caller.get("/v1/events?after=2").expect(200);
}

#[test]
fn where_the_list_of_events_was_once_leads_to_where_it_is() {
    let server = Server::start();

    let moved = server.anyone().get("/cadence/integrations").expect(308);

    assert_eq!(moved.header("location"), Some("/docs/events"));
    let guide = server
        .anyone()
        .get("/docs/guides/webhooks")
        .expect(200)
        .text();
    for name in ["Python", "JavaScript", "Ruby", "Go"] {
        assert!(
            guide.contains(&format!("<figcaption>{name}</figcaption>")),
            "{name}"
        );
    }
}

#[test]
fn a_webhook_that_an_app_made_ends_with_the_app() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let receiver = Receiver::start();
    let app = json!({
        "name": "Diary", "client_type": "confidential",
        "redirect_uris": ["https://diary.example/callback"],
        "scopes": ["clients:read", "webhooks:write"],
    });
    let app = caller.post("/v1/oauth/apps", &app).expect(201);
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        app.member("client_id"),
        app.member("client_secret")
    );
    let media_type = [("Content-Type", "application/x-www-form-urlencoded")];
    let token = server
        .anyone()
        .send("POST", "/oauth/token", &media_type, Some(&form));
    let token = server.bearer(&token.expect(200).member("access_token"));
    let (id, _) = register(&token, &receiver.url());
    add_client(&caller, "ana");
    server.deliver();
    assert_eq!(receiver.seen().len(), 1, "it is told what the app may read");
    // What was handed out before the end is not sent after it either.
    caller
        .patch(
            &format!("/v1/webhooks/{id}"),
            &json!({ "status": "paused" }),
        )
        .expect(200);
    add_client(&caller, "bea");
    server.deliver();

    caller
        .delete(&format!("/v1/oauth/apps/{}", app.member("id")))
        .expect(204);
    caller
        .patch(
            &format!("/v1/webhooks/{id}"),
            &json!({ "status": "enabled" }),
        )
        .expect(200);
    add_client(&caller, "cia");
    server.deliver();

    assert_eq!(receiver.seen().len(), 1);
    let list = caller
        .get(&format!("/v1/webhooks/{id}/deliveries"))
        .expect(200);
    assert_eq!(list.column("status"), ["failed", "delivered"]);
}

#[test]
fn a_webhook_shows_how_its_last_deliveries_and_the_tries_of_a_day_went() {
    let server = Server::start();
    let (_, caller) = test_coach(&server);
    let receiver = Receiver::start();
    let (id, _) = register(&caller, &receiver.url());
    let recent = || {
        let path = format!("/v1/webhooks/{id}");
        let one = caller.get(&path).expect(200).json()["recent"].clone();
        let list = caller.get("/v1/webhooks").expect(200).json();
        assert_eq!(list["data"][0]["recent"], one, "the list says the same");
        one
    };
    let none = json!({ "tries": 0, "delivered": 0, "p95_ms": null });
    assert_eq!(recent()["last_day"], none);
    assert!(recent()["last_try_at"].is_null());

    add_client(&caller, "ana");
    server.deliver();
    receiver.behave(Behaviour::status(500));
    server.advance_ms(1_000);
    add_client(&caller, "bea");
    server.deliver();

    let seen = recent();
    assert_eq!(
        (&seen["delivered"], &seen["pending"]),
        (&json!(1), &json!(1))
    );
    let day = &seen["last_day"];
    assert_eq!((&day["tries"], &day["delivered"]), (&json!(2), &json!(1)));
    assert!(day["p95_ms"].is_i64(), "{day}");
    let last = seen["last_try_at"].clone();
    receiver.behave(Behaviour::status(200));
    server.advance_ms(25 * 60 * 60 * 1_000);
    assert_eq!(recent()["last_day"], none, "a day later");
    assert_eq!(recent()["last_try_at"], last);
    server.deliver();
    let day = recent()["last_day"].clone();
    assert_eq!((&day["tries"], &day["delivered"]), (&json!(1), &json!(1)));
}
