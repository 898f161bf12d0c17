//! `/v1/clients/{client_id}/messages`

use serde_json::{Value, json};

use crate::support::{Caller, Server};

fn client(key: &Caller, email: &str) -> String {
    let body = json!({ "name": "Ana", "email": email, "send_invite": false });
    let id = key.post("/v1/clients", &body).expect(201).member("id");
    format!("/v1/clients/{id}")
}

#[test]
fn send_message_then_read_the_thread() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let path = client(&key, "ana@example.com");
    let thread = format!("{path}/messages");

    let sent = key
        .post(&thread, &json!({ "body": "Great week.\nSame again?" }))
        .expect(201);

    let body = sent.json();
    let location = format!("{thread}/{}", sent.member("id"));
    assert_eq!(sent.header("location"), Some(location.as_str()));
    assert_eq!(sent.header("etag"), Some("\"1\""));
    assert_eq!(body["object"], "message");
    assert_eq!(body["livemode"], false);
    assert_eq!(body["direction"], "to_client");
    assert_eq!(body["channel"], "app");
    assert_eq!(body["status"], "sent");
    assert_eq!(body["body"], "Great week.\nSame again?");
    assert_eq!(body["read_at"], Value::Null);
    assert_eq!(body["created_at"], "2026-06-03T12:00:00.000Z");
    assert_eq!(body["updated_at"], body["created_at"]);
    let list = key.get(&thread).expect(200).json();
    assert_eq!(list["data"], json!([body]));
    assert_eq!(list["url"], thread);
    let event = &key.get("/v1/events?type=message.*").json()["data"][0];
    assert_eq!(event["type"], "message.sent");
    assert_eq!(event["data"]["object"], body);
}

#[test]
fn get_message_by_its_location() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let ana = format!("{}/messages", client(&key, "ana@example.com"));
    let bo = format!("{}/messages", client(&key, "bo@example.com"));
    let sent = key.post(&ana, &json!({ "body": "Hello" })).expect(201);
    let location = sent.header("location").expect("a location");

    let read = key.get(location).expect(200);

    assert_eq!(read.json(), sent.json());
    assert_eq!(read.header("etag"), Some("\"1\""));
    let known = key.send("GET", location, &[("If-None-Match", "\"1\"")], None);
    assert_eq!((known.status, known.body.len()), (304, 0));
    let elsewhere = format!("{bo}/{}", sent.member("id"));
    key.get(&elsewhere).refused(404, "not_found");
    let writer = server.key(coach, &["clients:write"]);
    writer.get(location).refused(403, "insufficient_scope");
}

#[test]
fn send_message_by_a_channel_that_cannot_carry_it() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let path = client(&key, "ana@example.com");
    let thread = format!("{path}/messages");
    key.patch(&path, &json!({ "sms_consent": "opted_out" }))
        .expect(200);
    let before = server.all_rows();

    for channel in ["sms", "email"] {
        let body = json!({ "body": "Hello", "channel": channel });
        key.post(&thread, &body).refused(409, "state_conflict");
    }
    let body = json!({ "body": "Hello", "channel": "pigeon" });
    let refused = key.post(&thread, &body).refused(400, "validation_failed");

    assert_eq!(refused.faults()[0].0, "/channel");
    assert_eq!(server.all_rows(), before);
    let body = json!({ "body": "Hello", "channel": "app" });
    key.post(&thread, &body).expect(201);
}

#[test]
fn send_message_to_an_archived_client() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let path = client(&key, "ana@example.com");
    key.act(&format!("{path}/archive")).expect(200);

    let refused = key.post(&format!("{path}/messages"), &json!({ "body": "Hello" }));

    refused.refused(409, "state_conflict");
    key.get(&format!("{path}/messages")).expect(200);
}

#[test]
fn send_message_of_the_greatest_length() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let thread = format!("{}/messages", client(&key, "ana@example.com"));
    let send = |length: usize| key.post(&thread, &json!({ "body": "é".repeat(length) }));

    send(10_000).expect(201);

    for (length, code) in [(10_001, "too_long"), (0, "required")] {
        let refused = send(length).refused(400, "validation_failed");
        assert_eq!(refused.faults(), [("/body".to_owned(), code.to_owned())]);
    }
}

#[test]
fn a_thread_is_paged_newest_first() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let thread = format!("{}/messages", client(&key, "ana@example.com"));
    let other = format!("{}/messages", client(&key, "bo@example.com"));
    for number in 0..5 {
        for thread in [&thread, &other] {
            let body = json!({ "body": format!("{number}") });
            key.post(thread, &body).expect(201);
        }
        server.advance_ms(1_000);
    }
    let first = key.get(&format!("{thread}?limit=2")).expect(200);
    assert_eq!(first.column("body"), ["4", "3"]);
    let cursor = first.next_cursor().expect("a second page");
    key.post(&thread, &json!({ "body": "5" })).expect(201);

    let second = key.get(&format!("{thread}?limit=3&cursor={cursor}"));

    assert_eq!(second.expect(200).column("body"), ["2", "1", "0"]);
    key.get(&format!("{other}?cursor={cursor}"))
        .refused(400, "invalid_cursor");
    let late = key.get(&format!("{thread}?created_after=2026-06-03T12:00:03Z"));
    assert_eq!(late.expect(200).column("body"), ["5", "4"]);
    let early = key.get(&format!("{thread}?created_before=2026-06-03T12:00:01Z"));
    assert_eq!(early.expect(200).column("body"), ["0"]);
    let changed = key.get(&format!("{thread}?updated_after=2026-06-03T12:00:03Z"));
    assert_eq!(changed.expect(200).column("body"), ["5", "4"]);
}

#[test]
fn messages_need_their_scopes() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let thread = format!(
        "{}/messages",
        client(&server.key(coach, &[]), "ana@example.com")
    );
    let body = json!({ "body": "Hello" });
    let reader = server.key(coach, &["messages:read"]);
    reader.get(&thread).expect(200);
    reader
        .post(&thread, &body)
        .refused(403, "insufficient_scope");
    let writer = server.key(coach, &["messages:write"]);
    writer.post(&thread, &body).expect(201);
    let stranger = server.key(coach, &["clients:write"]);
    stranger.get(&thread).refused(403, "insufficient_scope");
}
