//! From the answer to a revocation on, the key opens nothing, whatever is cached or under way.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use cadence::access::extract::{load, remember};
use cadence::caller::Mode;
use cadence::secrets::{TokenKind, digest};
use serde_json::json;

use crate::support::{Caller, Coach, Server};

const THREADS: usize = 32;

/// One request: when it was begun, and how it was answered.
struct Tried {
    begun: Instant,
    status: u16,
    code: String,
}

fn hammer(key: &Caller, accepted: &AtomicUsize, stop: &AtomicBool) -> Vec<Tried> {
    let mut tried = Vec::new();
    let mut more = 3;
    while more > 0 {
        if stop.load(Ordering::Acquire) {
            more -= 1;
        }
        let begun = Instant::now();
        let answer = key.get("/v1/whoami");
        let code = match answer.status {
            200 => {
                accepted.fetch_add(1, Ordering::AcqRel);
                String::new()
            }
            _ => answer.code(),
        };
        tried.push(Tried {
            begun,
            status: answer.status,
            code,
        });
    }
    tried
}

/// Revokes a key while it is used by many; nothing that begins after the answer is let in.
fn revoke_under_fire(revoke: impl FnOnce(&Server, Coach, &str)) {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (id, token) = server.new_key(coach, Mode::Test, &[]);
    let key = server.bearer(&token);
    let (accepted, stop) = (AtomicUsize::new(0), AtomicBool::new(false));

    let (revoked, tried) = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| hammer(&key, &accepted, &stop)))
            .collect();
        while accepted.load(Ordering::Acquire) < 4 * THREADS {
            std::thread::yield_now();
        }
        revoke(&server, coach, &id);
        let revoked = Instant::now();
        stop.store(true, Ordering::Release);
        let tried: Vec<Tried> = threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a list"))
            .collect();
        (revoked, tried)
    });

    let late: Vec<&Tried> = tried.iter().filter(|one| one.begun > revoked).collect();
    assert!(late.len() >= 2 * THREADS, "{} late requests", late.len());
    for one in late {
        assert_eq!((one.status, one.code.as_str()), (401, "auth_revoked"));
    }
    assert!(tried.iter().all(|one| matches!(one.status, 200 | 401)));
}

#[test]
fn a_key_revoked_over_http_opens_nothing_from_the_answer_on() {
    revoke_under_fire(|server, coach, id| {
        let boss = server.key(coach, &[]);
        let path = format!("{}/{id}", coach.keys_path());
        boss.delete(&path).expect(204);
    });
}

#[test]
fn a_key_revoked_by_the_operator_opens_nothing_from_the_return_on() {
    revoke_under_fire(Server::revoke_as_operator);
}

#[test]
fn a_load_that_is_older_than_the_revocation_opens_nothing() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let boss = server.key(coach, &[]);
    let (id, token) = server.new_key(coach, Mode::Test, &[]);
    let key = server.bearer(&token);
    let loaded = load(&server.app, TokenKind::KeyTest, &digest(&token)).expect("a read");
    let loaded = loaded.expect("a key");
    let path = format!("{}/{id}", coach.keys_path());
    boss.delete(&path).expect(204);

    remember(&server.app, digest(&token), loaded);

    key.get("/v1/whoami").refused(401, "auth_revoked");
}

#[test]
fn a_load_that_is_older_than_a_change_allows_nothing_that_was_taken() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let boss = server.key(coach, &[]);
    let (id, token) = server.new_key(coach, Mode::Test, &[]);
    let key = server.bearer(&token);
    let path = format!("{}/{id}", coach.keys_path());
    let stale = || {
        let loaded = load(&server.app, TokenKind::KeyTest, &digest(&token)).expect("a read");
        loaded.expect("a key")
    };

    let loaded = stale();
    let narrow = json!({ "scopes": ["events:read"] });
    boss.patch(&path, &narrow).expect(200);
    remember(&server.app, digest(&token), loaded);
    key.get("/v1/clients").refused(403, "insufficient_scope");

    let loaded = stale();
    boss.act(&format!("{path}/disable")).expect(200);
    remember(&server.app, digest(&token), loaded);
    key.get("/v1/events").refused(401, "auth_invalid");

    boss.act(&format!("{path}/enable")).expect(200);
    let loaded = stale();
    boss.act(&format!("{path}/rotate")).expect(200);
    remember(&server.app, digest(&token), loaded);
    key.get("/v1/events").refused(401, "auth_rotating");
}

#[test]
fn a_revoked_key_stays_revoked_after_a_restart() {
    let mut server = Server::start();
    let coach = server.coach("coach@example.com");
    let (id, token) = server.new_key(coach, Mode::Test, &[]);
    server.bearer(&token).get("/v1/whoami").expect(200);
    server.revoke_as_operator(coach, &id);
    server.restart();
    server
        .bearer(&token)
        .get("/v1/whoami")
        .refused(401, "auth_revoked");
}
