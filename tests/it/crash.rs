//! Exactly once, whatever happens: the server is killed under load at random moments.
//!
//! A round starts the server, has several callers add clients with idempotency keys, kills it,
//! starts it again on the same directory and repeats every request with the same keys, answered or
//! not. Every answer that was given is given again byte for byte, and each client is there once,
//! with one event and one mail.
//!
//! `CADENCE_TEST_CRASH_ROUNDS` sets the number of rounds.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::process::{Answer, Connection, Directory, Running, client};

const CALLERS: usize = 4;
/// The latest moment of the kill after the first answer.
const LATEST_MS: u64 = 250;
/// Rounds where nothing else is asked for.
const ROUNDS: usize = 3;

/// A request, and its answer if it came.
struct Sent {
    once: String,
    email: String,
    answer: Option<Answer>,
}

/// How far the log and the outbox were checked.
#[derive(Default)]
struct Checked {
    sequence: u64,
    mails: BTreeSet<String>,
    clients: usize,
}

#[test]
fn whatever_was_answered_is_there_once_after_a_kill_at_any_moment() {
    let directory = Directory::new();
    let key = directory.key(&directory.account("ann@example.com"));
    let key = key["plaintext"].as_str().unwrap();
    let mut checked = Checked::default();
    let mut answered = 0;

    for round in 0..rounds() {
        let server = directory.serve();
        let sent = load_and_kill(server, key, round);
        let server = directory.serve();
        let mut caller = server.connect(key);
        answered += sent.iter().filter(|sent| sent.answer.is_some()).count();
        let ids = repeat(&mut caller, &sent);
        check_log(&mut caller, &ids, &mut checked);
        check_outbox(&mut caller, &ids, &mut checked);
        checked.clients += ids.len();
    }

    let server = directory.serve();
    let mut caller = server.connect(key);
    assert_eq!(all_clients(&mut caller), checked.clients);
    assert!(answered > 0, "no request was answered before a kill");
}

#[expect(
    clippy::disallowed_methods,
    reason = "the number of rounds is a setting of the tests, not of the program"
)]
fn rounds() -> usize {
    let rounds = std::env::var("CADENCE_TEST_CRASH_ROUNDS");
    rounds.map_or(ROUNDS, |rounds| rounds.parse().unwrap())
}

/// A moment that differs from run to run and from round to round.
fn moment(round: usize) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one((round, Instant::now()));
    Duration::from_micros(random % (LATEST_MS * 1_000))
}

fn load_and_kill(server: Running, key: &str, round: usize) -> Vec<Sent> {
    let (first, answered) = mpsc::channel();
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let mut caller = server.connect(key);
            let first = first.clone();
            std::thread::spawn(move || send_until_killed(&mut caller, round, number, &first))
        })
        .collect();
    drop(first);
    answered.recv().expect("a request is answered");
    // Nothing is waited for here: this is the moment at which it is killed.
    let until = Instant::now() + moment(round);
    let mut left = until.saturating_duration_since(Instant::now());
    while !left.is_zero() && answered.recv_timeout(left).is_ok() {
        left = until.saturating_duration_since(Instant::now());
    }
    server.kill();
    callers
        .into_iter()
        .flat_map(|caller| caller.join().unwrap())
        .collect()
}

fn send_until_killed(
    caller: &mut Connection,
    round: usize,
    number: usize,
    first: &mpsc::Sender<()>,
) -> Vec<Sent> {
    let mut sent = Vec::new();
    for count in 0.. {
        let name = format!("r{round}c{number}n{count}");
        let email = format!("{name}@example.com");
        let answer = caller.post("/v1/clients", &name, &client(&email)).ok();
        let killed = answer.is_none() || first.send(()).is_err();
        sent.push(Sent {
            once: name,
            email,
            answer,
        });
        if killed {
            break;
        }
    }
    sent
}

/// Repeats every request and returns the ids of the clients.
fn repeat(caller: &mut Connection, sent: &[Sent]) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for request in sent {
        let body = client(&request.email);
        let again = caller.post("/v1/clients", &request.once, &body).unwrap();
        assert_eq!(again.status, 201, "{} {again:?}", request.once);
        if let Some(before) = &request.answer {
            assert_eq!(again.status, before.status);
            assert_eq!(again.body, before.body, "{}", request.once);
            for name in ["content-type", "location"] {
                assert_eq!(again.header(name), before.header(name), "{name}");
            }
            assert_eq!(again.header("idempotent-replayed"), Some("true"));
            assert_eq!(before.header("idempotent-replayed"), None);
        }
        let found = caller.get(&format!("/v1/clients?email={}", request.email));
        let found = found.json();
        let found = found["data"].as_array().unwrap();
        assert_eq!(found.len(), 1, "{}", request.email);
        let id = again.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(found[0]["id"], id.as_str());
        assert!(ids.insert(id), "two requests made one client");
    }
    ids
}

/// The log goes on without a hole and names each client once.
fn check_log(caller: &mut Connection, ids: &BTreeSet<String>, checked: &mut Checked) {
    let mut created: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        let path = format!("/v1/events?limit=100&after={}", checked.sequence);
        let page = caller.get(&path).json();
        let events = page["data"].as_array().unwrap();
        for event in events {
            checked.sequence += 1;
            assert_eq!(event["sequence"], checked.sequence);
            if event["type"] == "client.created" {
                let id = event["data"]["object"]["id"].as_str().unwrap();
                *created.entry(id.to_owned()).or_default() += 1;
            }
        }
        if events.len() < 100 {
            break;
        }
    }
    assert!(created.values().all(|count| *count == 1), "{created:?}");
    assert!(created.keys().eq(ids), "{created:?} {ids:?}");
}

/// Each client has one mail; the newest stand first.
fn check_outbox(caller: &mut Connection, ids: &BTreeSet<String>, checked: &mut Checked) {
    let mut to = BTreeMap::<String, usize>::new();
    walk(caller, "/v1/outbox?limit=100", |mail| {
        let id = mail["id"].as_str().unwrap();
        if !checked.mails.insert(id.to_owned()) {
            return false;
        }
        let client = mail["client_id"].as_str().unwrap();
        *to.entry(client.to_owned()).or_default() += 1;
        true
    });
    assert!(to.values().all(|count| *count == 1), "{to:?}");
    assert!(to.keys().eq(ids), "{to:?} {ids:?}");
}

fn all_clients(caller: &mut Connection) -> usize {
    let mut count = 0;
    walk(caller, "/v1/clients?limit=100", |_| {
        count += 1;
        true
    });
    count
}

/// Goes through a list page by page, for as long as `each` wants more.
fn walk(caller: &mut Connection, path: &str, mut each: impl FnMut(&serde_json::Value) -> bool) {
    let mut next = path.to_owned();
    loop {
        let page = caller.get(&next).json();
        let rows = page["data"].as_array().unwrap();
        if !rows.iter().all(&mut each) {
            return;
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("{path}&cursor={cursor}"),
            None => return,
        }
    }
}
