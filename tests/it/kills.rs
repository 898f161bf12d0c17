//! Told at least once, whatever happens: the server is killed under load at random moments, and every
//! event that was committed comes to a real receiver, with a signature that the published library
//! accepts; none comes that was not committed.
//!
//! `CADENCE_TEST_CRASH_ROUNDS` sets the number of rounds; 20 where nothing else is asked for.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::process::{Connection, Directory, Running, client};
use crate::support::{Receiver, until};

const CALLERS: usize = 2;
/// The latest moment of a kill after the first answer.
const LATEST_MS: u64 = 120;
const ROUNDS: usize = 20;

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

fn send_until_killed(caller: &mut Connection, name: &str, first: &mpsc::Sender<()>) {
    for count in 0.. {
        let once = format!("{name}n{count}");
        let body = client(&format!("{once}@example.com"));
        if caller.post("/v1/clients", &once, &body).is_err() || first.send(()).is_err() {
            break;
        }
    }
}

fn load_and_kill(server: Running, key: &str, round: usize) {
    let (first, answered) = mpsc::channel();
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let (mut caller, first) = (server.connect(key), first.clone());
            let name = format!("r{round}c{number}");
            std::thread::spawn(move || send_until_killed(&mut caller, &name, &first))
        })
        .collect();
    drop(first);
    answered.recv().expect("a request is answered");
    let until = Instant::now() + moment(round);
    let mut left = until.saturating_duration_since(Instant::now());
    while !left.is_zero() && answered.recv_timeout(left).is_ok() {
        left = until.saturating_duration_since(Instant::now());
    }
    server.kill();
    for caller in callers {
        caller.join().unwrap();
    }
}

/// The ids of all events of clients.
fn committed(caller: &mut Connection) -> BTreeSet<String> {
    let (mut ids, mut after) = (BTreeSet::new(), 0);
    loop {
        let path = format!("/v1/events?limit=100&type=client.created&after={after}");
        let page = caller.get(&path).json();
        let events = page["data"].as_array().unwrap();
        for event in events {
            ids.insert(event["id"].as_str().unwrap().to_owned());
            after = event["sequence"].as_i64().unwrap();
        }
        if events.len() < 100 {
            return ids;
        }
    }
}

#[test]
fn every_event_is_told_at_least_once_through_kills_at_any_moment() {
    let directory = Directory::new();
    let key = directory.key(&directory.account("ann@example.com"));
    let key = key["plaintext"].as_str().unwrap();
    let receiver = Receiver::start();
    let server = directory.serve();
    let new = json!({ "url": receiver.url(), "events": ["client.*"] });
    let made = server
        .connect(key)
        .post("/v1/webhooks", "once", &new.to_string());
    let secret = made.unwrap().json()["secret"].as_str().unwrap().to_owned();
    drop(server);

    for round in 0..rounds() {
        load_and_kill(directory.serve(), key, round);
    }

    let server = directory.serve();
    let mut caller = server.connect(key);
    let committed = committed(&mut caller);
    assert!(committed.len() >= rounds(), "{} events", committed.len());
    // Hundreds of kills leave a long queue: it is waited for as long as it gets shorter.
    let mut told = receiver.ids();
    while !told.is_superset(&committed) {
        let before = told.len();
        until("a further event is told", || {
            told = receiver.ids();
            told.len() > before
        });
    }
    assert_eq!(told, committed, "what was rolled back is told to nobody");
    let seen = receiver.seen();
    for seen in &seen {
        assert!(seen.verifies(&secret), "{seen:?}");
    }
    let numbers: BTreeSet<i64> = receiver.numbers().into_iter().collect();
    let last = i64::try_from(committed.len()).unwrap();
    assert!(numbers.into_iter().eq(1..=last), "the numbers are dense");
}
