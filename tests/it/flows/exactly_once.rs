//! An idempotency key makes a POST happen once, whatever happens to its answers.

use std::collections::HashSet;
use std::sync::Barrier;

use cadence::clock::{DAY_MS, HOUR_MS, SECOND_MS};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server};

const KEY: &str = "6f1c3c1e-order-7";

fn ana() -> Value {
    json!({ "name": "Ana", "email": "ana@example.com" })
}

fn create(key: &Caller) -> Answer {
    key.post_once("/v1/clients", KEY, &ana())
}

#[track_caller]
fn is_replay_of(answer: &Answer, first: &Answer) {
    assert_eq!(answer.status, first.status, "{}", answer.text());
    assert_eq!(answer.body, first.body);
    for name in ["content-type", "location", "etag"] {
        assert_eq!(answer.header(name), first.header(name), "{name}");
    }
    assert_eq!(answer.header("idempotent-replayed"), Some("true"));
    assert_ne!(answer.header("x-request-id"), first.header("x-request-id"));
}

#[test]
fn fifty_equal_requests_at_once_happen_once() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let events = server.rows("events");
    let start = Barrier::new(50);

    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let send = || {
            start.wait();
            create(&key)
        };
        let threads: Vec<_> = (0..50).map(|_| scope.spawn(send)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("an answer"))
            .collect()
    });

    let replayed = |answer: &&Answer| answer.header("idempotent-replayed").is_some();
    assert_eq!(answers.iter().filter(replayed).count(), 49);
    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(answer.body, answers[0].body);
        assert_eq!(answer.header("location"), answers[0].header("location"));
    }
    let ids: HashSet<_> = answers
        .iter()
        .map(|answer| answer.header("x-request-id"))
        .collect();
    assert_eq!(ids.len(), 50);
    assert_eq!(server.rows("clients"), 1);
    assert_eq!(server.rows("events"), events + 1);
    assert_eq!(server.rows("outbox"), 1);
    assert_eq!(server.rows("saved_answers"), 1);
    assert_eq!(server.rows("idempotency_keys"), 1);
}

#[test]
fn a_key_used_with_another_request() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    create(&key).expect(201);
    let before = server.all_rows();
    let text = ana().to_string();
    let send = |path: &str, media: &str, body: &str| {
        let headers = [("Idempotency-Key", KEY), ("Content-Type", media)];
        key.send("POST", path, &headers, Some(body))
    };
    let spaced = text.replace("\":", "\": ");
    let id = "/v1/clients/cl_01jzkd6v8q9xw2m4n6p8r0t2v4/messages";
    for answer in [
        send(
            "/v1/clients",
            "application/json",
            r#"{"name":"B","email":"b@example.com"}"#,
        ),
        send("/v1/clients", "application/json", &spaced),
        send("/v1/clients", "application/json; charset=utf-8", &text),
        send(id, "application/json", r#"{"body":"Hello"}"#),
    ] {
        let refused = answer.refused(409, "idempotency_key_reused");
        assert_eq!(refused.header("x-should-retry"), Some("false"));
    }
    assert_eq!(server.all_rows(), before);
    create(&key).expect(201);
}

#[test]
fn a_quoted_key_is_the_bare_key() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let first = key.post_once("/v1/clients", "abc", &ana()).expect(201);
    let quoted = key.post_once("/v1/clients", "\"abc\"", &ana());
    is_replay_of(&quoted, &first);
    let spaced = key.post_once("/v1/clients", "  abc  ", &ana());
    is_replay_of(&spaced, &first);
    let half = json!({ "name": "B", "email": "b@example.com" });
    key.post_once("/v1/clients", "\"abc", &half).expect(201);
    assert_eq!(server.rows("saved_answers"), 2);
}

#[test]
fn a_key_lasts_twenty_four_hours_and_no_longer() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let first = create(&key).expect(201);
    server.advance_ms(DAY_MS - SECOND_MS);
    is_replay_of(&create(&key), &first);
    // A replay does not make it last longer.
    server.advance_ms(2 * SECOND_MS);

    let new = create(&key).refused(409, "already_exists");

    assert_eq!(new.header("idempotent-replayed"), None);
    server.advance_ms(HOUR_MS);
    is_replay_of(&create(&key), &new);
    assert_eq!(server.rows("saved_answers"), 1);
}

#[test]
fn a_key_survives_a_restart() {
    let mut server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let first = create(&key).expect(201);
    server.restart();
    let address = server.address;
    let key = Caller { address, ..key };
    is_replay_of(&create(&key), &first);
    assert_eq!(server.rows("clients"), 1);
}

#[test]
fn a_retry_with_the_rotated_key_replays() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let boss = server.key(coach, &[]);
    let made = boss.post(&coach.keys_path(), &json!({ "name": "x" }));
    let made = made.expect(201);
    let old = server.bearer(&made.member("plaintext"));
    let first = create(&old).expect(201);
    let rotate = format!("{}/{}/rotate", coach.keys_path(), made.member("id"));
    let new = boss.act(&rotate).expect(200).member("plaintext");

    create(&old).refused(401, "auth_rotating");
    is_replay_of(&create(&server.bearer(&new)), &first);
}

#[test]
fn the_making_of_a_key_that_has_expired_meanwhile_replays() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let body = json!({ "name": "brief", "expires_at": "2026-06-03T13:00:00Z" });
    let made = key.post_once(&coach.keys_path(), KEY, &body).expect(201);
    server.advance_ms(2 * HOUR_MS);
    is_replay_of(&key.post_once(&coach.keys_path(), KEY, &body), &made);
    key.post_once(&coach.keys_path(), "new", &body)
        .refused(400, "validation_failed");
    assert_eq!(server.rows("saved_answers"), 1);
}

#[test]
fn tenants_do_not_share_keys() {
    let server = Server::start();
    let coach = server.coach("one@example.com");
    for key in [
        server.key(coach, &[]),
        server.live_key(coach),
        server.key(server.coach("two@example.com"), &[]),
    ] {
        let created = create(&key).expect(201);
        assert_eq!(created.header("idempotent-replayed"), None);
    }
    assert_eq!(server.rows("clients"), 3);
}

#[test]
fn a_replay_needs_the_scope_of_the_call() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    create(&server.key(coach, &[])).expect(201);
    let narrow = server.key(coach, &["clients:read"]);
    create(&narrow).refused(403, "insufficient_scope");
}

#[test]
fn what_the_operation_decided_is_saved_and_replayed() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let id = key.post("/v1/clients", &ana()).expect(201).member("id");
    let exists = create(&key).refused(409, "already_exists");
    let resume = format!("/v1/clients/{id}/resume");
    let headers = [("Idempotency-Key", "resume")];
    let conflict = key.send("POST", &resume, &headers, None);
    let conflict = conflict.refused(409, "state_conflict");
    // The reasons for both refusals go away; the answers stay.
    let other = json!({ "email": "other@example.com" });
    key.patch(&format!("/v1/clients/{id}"), &other).expect(200);

    let replay = create(&key);

    is_replay_of(&replay, &exists);
    assert_eq!(replay.header("x-should-retry"), Some("false"));
    is_replay_of(&key.send("POST", &resume, &headers, None), &conflict);
    assert_eq!(server.rows("clients"), 1);
}

#[test]
fn what_was_refused_before_the_operation_leaves_the_key_free() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let narrow = server.key(coach, &["clients:read"]);
    let send = |body: &str, media: &str| {
        let headers = [("Idempotency-Key", KEY), ("Content-Type", media)];
        key.send("POST", "/v1/clients", &headers, Some(body))
    };
    send("{}", "application/json").refused(400, "validation_failed");
    send("{", "application/json").refused(400, "malformed_json");
    send(r#"{"nom":1}"#, "application/json").expect(400);
    send("{}", "text/plain").refused(415, "unsupported_media_type");
    send(&" ".repeat(300_000), "application/json").refused(413, "body_too_large");
    create(&narrow).refused(403, "insufficient_scope");
    create(&server.anyone()).refused(401, "auth_missing");
    let missing = "/v1/clients/cl_01jzkd6v8q9xw2m4n6p8r0t2v4/archive";
    let headers = [("Idempotency-Key", KEY)];
    key.send("POST", missing, &headers, None)
        .refused(404, "not_found");
    assert_eq!(server.rows("saved_answers"), 0);

    let created = create(&key).expect(201);

    assert_eq!(created.header("idempotent-replayed"), None);
}

#[test]
fn keys_that_are_none() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let before = server.all_rows();
    let text = ana().to_string();
    let long = "k".repeat(256);
    for bad in ["", "\"\"", "   ", &long, "a\tb", "ключ", "café"] {
        let refused = key.post_once("/v1/clients", bad, &ana());
        let refused = refused.refused(400, "invalid_idempotency_key");
        assert_eq!(refused.faults()[0].0, "Idempotency-Key", "{bad:?}");
    }
    let twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "a")];
    key.send("POST", "/v1/clients", &twice, Some(&text))
        .refused(400, "invalid_idempotency_key");
    // A control character is refused with the head.
    key.post_once("/v1/clients", "a\u{1}b", &ana()).expect(400);
    assert_eq!(server.all_rows(), before);

    key.post_once("/v1/clients", &long[1..], &ana()).expect(201);
}

#[test]
fn a_key_means_nothing_but_on_a_post() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let id = create(&key).expect(201).member("id");
    let path = format!("/v1/clients/{id}");
    let headers = [("Idempotency-Key", KEY)];
    key.get_with(&path, &headers).expect(200);
    for goal in ["one", "two"] {
        let body = json!({ "goal": goal }).to_string();
        let patched = key.send("PATCH", &path, &headers, Some(&body));
        assert_eq!(patched.expect(200).json()["goal"], goal);
    }
    assert_eq!(server.rows("saved_answers"), 1);
}

#[test]
fn the_sweep_removes_ended_answers_only() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let send = |name: &str| {
        let body = json!({ "name": name, "email": format!("{name}@example.com") });
        key.post_once("/v1/clients", name, &body)
    };
    for number in 0..5 {
        send(&format!("early{number}")).expect(201);
    }
    server.advance_ms(SECOND_MS);
    let late = send("late").expect(201);
    server.advance_ms(DAY_MS - 2 * SECOND_MS);
    server.sweep_answers();
    assert_eq!(server.rows("saved_answers"), 6);
    server.advance_ms(SECOND_MS);

    server.sweep_answers();

    assert_eq!(server.rows("saved_answers"), 1);
    assert_eq!(server.rows("idempotency_keys"), 1);
    is_replay_of(&send("late"), &late);
    server.advance_ms(DAY_MS);
    server.sweep_answers();
    assert_eq!(server.rows("saved_answers"), 0);
    assert_eq!(server.rows("idempotency_keys"), 0);
}

#[test]
fn the_sweep_leaves_a_key_that_was_used_anew() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    create(&key).expect(201);
    server.advance_ms(DAY_MS);
    let new = create(&key).refused(409, "already_exists");
    server.sweep_answers();
    is_replay_of(&create(&key), &new);
}

#[test]
fn a_saved_secret_is_sealed() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let body = json!({ "name": "x" });
    let made = key.post_once(&coach.keys_path(), KEY, &body).expect(201);
    let again = key.post_once(&coach.keys_path(), KEY, &body);
    is_replay_of(&again, &made);
    let saved: Vec<u8> = server
        .app
        .db
        .read_now(|conn| {
            let sql = "SELECT body FROM saved_answers";
            Ok(conn.query_row(sql, [], |row| row.get(0))?)
        })
        .expect("a saved answer");
    assert!(!String::from_utf8_lossy(&saved).contains("cdnsk_"));
}
