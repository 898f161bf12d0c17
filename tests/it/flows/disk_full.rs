//! A full disk: changes are refused as a whole, reads go on.

use cadence::db::Options;
use serde_json::json;

use crate::support::{Answer, Caller, Server};

/// Adds clients until one is refused; gives the refusal and how many were added.
fn fill(key: &Caller) -> (Answer, usize) {
    for number in 0..2_000 {
        let body = json!({
            "name": "Ana",
            "email": format!("client{number}@example.com"),
            "coach_notes": "n".repeat(9_000),
        });
        let answer = key.post_once("/v1/clients", &format!("fill-{number}"), &body);
        if answer.status != 201 {
            return (answer, number);
        }
    }
    panic!("the disk does not fill");
}

#[test]
fn changes_are_refused_whole_and_reads_go_on() {
    let options = Options {
        max_page_count: Some(200),
        ..Options::default()
    };
    let server = Server::start_with(|_| {}, options);
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let fresh = server.key(coach, &[]);

    let (refused, added) = fill(&key);

    let refused = refused.refused(503, "write_not_saved");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.header("x-should-retry"), Some("true"));
    let added = i64::try_from(added).expect("a count");
    assert!(added > 0);
    assert_eq!(server.rows("clients"), added);
    assert_eq!(server.rows("outbox"), added);
    assert_eq!(server.rows("saved_answers"), added);
    assert_eq!(server.rows("idempotency_keys"), added);
    for caller in [&key, &fresh] {
        caller.get("/v1/whoami").expect(200);
        let list = caller.get("/v1/clients?limit=1").expect(200);
        assert_eq!(list.column("name"), ["Ana"]);
    }
    server.anyone().get("/ready").expect(200);
    // What was refused was not remembered, and what was answered still replays.
    let again = json!({
        "name": "Ana", "email": "client0@example.com", "coach_notes": "n".repeat(9_000),
    });
    let replay = key.post_once("/v1/clients", "fill-0", &again).expect(201);
    assert_eq!(replay.header("idempotent-replayed"), Some("true"));
}

#[test]
fn a_revocation_that_could_not_be_saved_says_so() {
    let options = Options {
        max_page_count: Some(200),
        ..Options::default()
    };
    let server = Server::start_with(|_| {}, options);
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    fill(&key);
    let body = json!({ "name": "x", "description": "d".repeat(1_000) });
    let mut made = Vec::new();
    let refused = loop {
        let answer = key.post(&coach.keys_path(), &body);
        if answer.status != 201 {
            break answer;
        }
        made.push(answer);
    };

    refused.refused(503, "write_not_saved");
    for made in made {
        let key = server.bearer(&made.member("plaintext"));
        key.get("/v1/whoami").expect(200);
    }
}
