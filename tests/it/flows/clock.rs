//! The clock of a test tenant: moved forward on request, followed by all that goes by time, set
//! back by a reset alone.

use std::collections::BTreeSet;

use cadence::caller::Mode;
use cadence::clock::{DAY_MS, HOUR_MS, SECOND_MS, Timestamp};
use cadence::db::Options;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Coach, Server};

const ADVANCE: &str = "/v1/test/clock/advance";
const RESET: &str = "/v1/test/reset";
const START: &str = "2026-06-03T12:00:00.000Z";

struct Fixture {
    server: Server,
    coach: Coach,
    key: Caller,
}

impl Fixture {
    fn new() -> Self {
        let server = Server::start();
        let coach = server.coach("coach@example.com");
        let key = server.key(coach, &[]);
        Self { server, coach, key }
    }

    /// Moves the clock of the test tenant.
    fn advance(&self, ms: i64) -> Answer {
        let to = at(ms);
        advance(&self.key, &to).expect(200)
    }
}

fn at(ms: i64) -> String {
    let start = Timestamp::parse(START).expect("a time");
    start.plus_ms(ms).to_string()
}

fn advance(key: &Caller, to: &str) -> Answer {
    key.post(ADVANCE, &json!({ "to": to }))
}

fn client(key: &Caller, email: &str) -> Value {
    let body = json!({ "name": "Ana", "email": email });
    key.post("/v1/clients", &body).expect(201).json()
}

#[test]
fn the_clock_moves_forward_to_the_very_time() {
    let fixture = Fixture::new();
    let body = fixture.advance(DAY_MS + 7).json();
    assert_eq!(
        body,
        json!({
            "object": "test_clock",
            "livemode": false,
            "now": "2026-06-04T12:00:00.007Z",
            "offset_ms": DAY_MS + 7,
            "pending_jobs": 3,
        })
    );
    let ana = client(&fixture.key, "ana@example.com");
    assert_eq!(ana["created_at"], "2026-06-04T12:00:00.007Z");
    // It runs on with the server's.
    fixture.server.advance_ms(SECOND_MS);
    let bob = client(&fixture.key, "bob@example.com");
    assert_eq!(bob["created_at"], "2026-06-04T12:00:01.007Z");
    let offset = advance(&fixture.key, "2026-06-04T14:00:01.007+02:00");
    assert_eq!(offset.expect(200).json()["offset_ms"], DAY_MS + 7);
    let audit = fixture.key.get("/v1/audit-log").expect(200).text();
    assert!(audit.contains("test_clock.advanced"), "{audit}");
}

#[test]
fn the_clock_moves_neither_back_nor_further_than_ten_years() {
    let fixture = Fixture::new();
    fixture.advance(HOUR_MS);
    let furthest = 3_653 * DAY_MS;
    for ms in [HOUR_MS - 1, 0, -DAY_MS, furthest + 1, 100 * furthest] {
        let refused = advance(&fixture.key, &at(ms)).refused(400, "validation_failed");
        assert_eq!(
            refused.faults(),
            [("/to".to_owned(), "out_of_range".to_owned())]
        );
    }
    assert_eq!(
        client(&fixture.key, "a@example.com")["created_at"],
        at(HOUR_MS)
    );
    fixture.advance(furthest);
    advance(&fixture.key, &at(furthest + 1)).refused(400, "validation_failed");
}

#[test]
fn what_is_no_time_moves_nothing() {
    let fixture = Fixture::new();
    let fault = |body: &Value| fixture.key.post(ADVANCE, body).expect(400).faults();
    let to = |code: &str| vec![("/to".to_owned(), code.to_owned())];
    assert_eq!(fault(&json!({})), to("required"));
    for text in ["", "tomorrow", "2027-01-01", "2027-13-01T00:00:00Z", "+1d"] {
        assert_eq!(fault(&json!({ "to": text })), to("invalid_time"), "{text}");
    }
    for value in [json!(null), json!(1_800_000_000), json!(["x"])] {
        fixture
            .key
            .post(ADVANCE, &json!({ "to": value }))
            .refused(400, "validation_failed");
    }
    let unknown = json!({ "to": at(DAY_MS), "by": 1 });
    fixture.key.post(ADVANCE, &unknown).expect(400);
    fixture.key.act(ADVANCE).expect(400);
    fixture.key.get(ADVANCE).refused(405, "method_not_allowed");
    assert_eq!(client(&fixture.key, "a@example.com")["created_at"], START);
}

#[test]
fn live_time_is_real_and_a_key_needs_the_scope() {
    let fixture = Fixture::new();
    let live = fixture.server.live_key(fixture.coach);
    let narrow = ["clients:write", "workspace:read"];
    let narrow = fixture.server.key(fixture.coach, &narrow);
    let before = fixture.server.all_rows();
    advance(&live, &at(DAY_MS)).refused(403, "auth_forbidden");
    live.act(RESET).refused(403, "auth_forbidden");
    advance(&narrow, &at(DAY_MS)).refused(403, "insufficient_scope");
    narrow.act(RESET).refused(403, "insufficient_scope");
    assert_eq!(fixture.server.all_rows(), before);
    assert_eq!(client(&live, "a@example.com")["created_at"], START);
}

#[test]
fn keys_and_tokens_expire_by_the_tenants_clock() {
    let fixture = Fixture::new();
    let keys = fixture.coach.keys_path();
    let body = json!({ "name": "short", "expires_at": at(DAY_MS) });
    let made = fixture.key.post(&keys, &body).expect(201);
    let short = fixture.server.bearer(&made.member("plaintext"));
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        made.member("id"),
        made.member("plaintext")
    );
    let media = [("Content-Type", "application/x-www-form-urlencoded")];
    let anyone = fixture.server.anyone();
    let token = anyone.send("POST", "/oauth/token", &media, Some(&form));
    let token = token.expect(200).member("access_token");
    let token = fixture.server.bearer(&token);

    fixture.advance(43_200 * SECOND_MS - 1);
    token.get("/v1/whoami").expect(200);
    fixture.advance(43_200 * SECOND_MS);
    let ended = token.get("/v1/whoami").refused(401, "auth_invalid");
    assert_eq!(ended.json()["error"]["reason"], "expired");
    fixture.advance(DAY_MS - 1);
    short.get("/v1/whoami").expect(200);
    fixture.advance(DAY_MS);
    short.get("/v1/whoami").refused(401, "auth_invalid");
    let shown = fixture.key.get(&format!("{keys}/{}", made.member("id")));
    assert_eq!(shown.member("status"), "expired");
    let refused = anyone.send("POST", "/oauth/token", &media, Some(&form));
    assert_eq!(refused.status, 401);
    let past = json!({ "name": "past", "expires_at": at(DAY_MS) });
    fixture
        .key
        .post(&keys, &past)
        .refused(400, "validation_failed");
}

#[test]
fn an_idempotency_key_is_new_after_a_day_of_the_tenants_time() {
    let fixture = Fixture::new();
    let body = json!({ "name": "Ana", "email": "ana@example.com" });
    let send = || fixture.key.post_once("/v1/clients", "once", &body);
    let first = send().expect(201);
    fixture.advance(DAY_MS - 1);
    let replay = send().expect(201);
    assert_eq!(replay.header("idempotent-replayed"), Some("true"));
    assert_eq!(replay.body, first.body);
    fixture.advance(DAY_MS);
    let fresh = send().refused(409, "already_exists");
    assert_eq!(fresh.header("idempotent-replayed"), None);
}

#[test]
fn the_rate_window_follows_the_clock() {
    let small = |config: &mut cadence::config::Config| {
        let studio = config.plans.get_mut("studio").expect("a plan");
        (studio.requests_per_hour, studio.burst_percent) = (5, 0);
    };
    let server = Server::start_with(small, Options::default());
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let left = |answer: &Answer| answer.header("x-ratelimit-remaining").map(str::to_owned);
    for _ in 0..3 {
        key.get("/v1/whoami").expect(200);
    }
    advance(&key, &at(HOUR_MS - 1)).expect(200);
    let last = key.get("/v1/whoami").expect(200);
    assert_eq!(left(&last).as_deref(), Some("0"));
    assert_eq!(last.header("ratelimit"), Some("\"hour\";r=0;t=1"));
    key.get("/v1/whoami").refused(429, "rate_limited");
    server.advance_ms(1);
    let first = key.get("/v1/whoami").expect(200);
    assert_eq!(left(&first).as_deref(), Some("4"));
    let live = server.live_key(coach).get("/v1/whoami").expect(200);
    let reset = live.header("x-ratelimit-retry-after");
    assert_eq!(
        reset,
        Some("1780491601"),
        "live windows stay where they are"
    );
}

#[test]
fn invites_and_events_carry_the_tenants_time() {
    let fixture = Fixture::new();
    fixture.advance(30 * DAY_MS);
    let ana = client(&fixture.key, "ana@example.com");
    assert_eq!(ana["invite"]["expires_at"], at(44 * DAY_MS));
    let mail = &fixture.key.get("/v1/outbox").expect(200).json()["data"][0];
    assert_eq!(mail["created_at"], at(30 * DAY_MS));
    assert_eq!(mail["expires_at"], at(44 * DAY_MS));
    let event = &fixture.key.get("/v1/events").expect(200).json()["data"][0];
    assert_eq!(event["created_at"], at(30 * DAY_MS));
    let entry = &fixture.key.get("/v1/audit-log").expect(200).json()["data"][0];
    assert_eq!(entry["action"], "test_clock.advanced");
    let after = format!("/v1/clients?created_after={}", at(30 * DAY_MS - 1));
    assert_eq!(fixture.key.get(&after).column("name"), ["Ana"]);
}

#[test]
fn nobody_elses_time_moves() {
    let fixture = Fixture::new();
    let other = fixture.server.coach("other@example.com");
    let other = fixture.server.key(other, &[]);
    fixture.advance(400 * DAY_MS);
    let live = fixture.server.live_key(fixture.coach);
    for key in [&other, &live] {
        assert_eq!(client(key, "a@example.com")["created_at"], START);
        let limit = key.get("/v1/rate-limit").expect(200).json();
        assert_eq!(limit["reset_at"], "2026-06-03T13:00:00.000Z");
    }
    let forward = advance(&other, &at(DAY_MS)).expect(200).json();
    assert_eq!(forward["offset_ms"], DAY_MS);
}

#[test]
fn the_clock_stays_where_it_is_over_a_restart() {
    let mut fixture = Fixture::new();
    fixture.advance(40 * DAY_MS);
    fixture.server.restart();
    let key = fixture.server.key(fixture.coach, &[]);
    assert_eq!(client(&key, "a@example.com")["created_at"], at(40 * DAY_MS));
    advance(&key, &at(39 * DAY_MS)).refused(400, "validation_failed");
}

#[test]
fn of_many_moves_at_once_none_moves_the_clock_back() {
    let fixture = Fixture::new();
    let reached = std::sync::Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for thread in 0..16_i64 {
            let (fixture, reached) = (&fixture, &reached);
            scope.spawn(move || {
                for step in 0..4 {
                    let to = at(((thread * 7 + step * 5) % 64 + 1) * HOUR_MS);
                    let answer = advance(&fixture.key, &to);
                    match answer.status {
                        200 => drop(reached.lock().expect("a set").insert(to)),
                        _ => drop(answer.refused(400, "validation_failed")),
                    }
                }
            });
        }
    });
    let reached = reached.into_inner().expect("a set");
    let furthest = reached.last().expect("one move").clone();
    assert_eq!(
        client(&fixture.key, "a@example.com")["created_at"],
        furthest
    );
    // The audit log is appended to in the order of the moves: their targets only grow.
    let moves = fixture.server.app.db.read_now(|conn| {
        let sql = "SELECT target FROM audit_log WHERE action = 'test_clock.advanced'
            ORDER BY target";
        let mut statement = conn.prepare(sql)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    });
    let moves: BTreeSet<String> = moves.expect("moves").into_iter().collect();
    assert_eq!(moves, reached);
}

#[test]
fn a_reset_empties_the_tenant_but_for_its_keys_and_its_audit_log() {
    let fixture = Fixture::new();
    let live = fixture.server.live_key(fixture.coach);
    let other = fixture.server.coach("other@example.com");
    let other = fixture.server.key(other, &[]);
    for key in [&fixture.key, &live, &other] {
        let ana = client(key, "ana@example.com");
        let path = format!("/v1/clients/{}/messages", ana["id"].as_str().unwrap_or(""));
        key.post_once(&path, "once", &json!({ "body": "Hello" }))
            .expect(201);
    }
    let (id, _) = fixture.server.new_key(fixture.coach, Mode::Test, &[]);
    let keys = fixture.coach.keys_path();
    fixture.advance(100 * DAY_MS);
    let count = |key: &Caller, path: &str| {
        let list = key.get(path).expect(200).json();
        list["data"].as_array().map_or(0, Vec::len)
    };
    let audited = count(&fixture.key, "/v1/audit-log?limit=100");

    let body = fixture.key.act(RESET).expect(200).json();

    assert_eq!(body["object"], "test_reset");
    assert_eq!(body["livemode"], false);
    assert_eq!(body["now"], START);
    assert!(body["removed"].as_i64() > Some(4), "{body}");
    for path in ["/v1/clients", "/v1/events", "/v1/outbox"] {
        assert_eq!(count(&fixture.key, path), 0, "{path}");
        for untouched in [&live, &other] {
            assert!(count(untouched, path) > 0, "{path}");
        }
    }
    fixture.key.get(&format!("{keys}/{id}")).expect(200);
    assert_eq!(count(&fixture.key, "/v1/audit-log?limit=100"), audited + 1);
    let again = client(&fixture.key, "ana@example.com");
    assert_eq!(again["created_at"], START);
    let event = &fixture.key.get("/v1/events").expect(200).json()["data"][0];
    assert_eq!(event["sequence"], 1);
    // A key that was used is new.
    let path = format!(
        "/v1/clients/{}/messages",
        again["id"].as_str().unwrap_or("")
    );
    let sent = fixture
        .key
        .post_once(&path, "once", &json!({ "body": "Hello" }))
        .expect(201);
    assert_eq!(sent.header("idempotent-replayed"), None);
}

#[test]
fn a_reset_ends_tokens_and_gives_a_full_window() {
    let fixture = Fixture::new();
    let (id, secret) = fixture.server.new_key(fixture.coach, Mode::Test, &[]);
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let media = [("Content-Type", "application/x-www-form-urlencoded")];
    let anyone = fixture.server.anyone();
    let token = anyone.send("POST", "/oauth/token", &media, Some(&form));
    let token = token.expect(200).member("access_token");
    let token = fixture.server.bearer(&token);
    token.get("/v1/whoami").expect(200);

    fixture.key.act(RESET).expect(200);

    token.get("/v1/whoami").refused(401, "auth_invalid");
    let limit = fixture.key.get("/v1/rate-limit").expect(200).json();
    assert_eq!(limit["used"], 0);
}

#[test]
fn a_reset_under_an_idempotency_key_is_kept_for_a_day_of_the_time_it_set() {
    let fixture = Fixture::new();
    fixture.advance(3_000 * DAY_MS);
    let reset = || {
        fixture
            .key
            .send("POST", RESET, &[("Idempotency-Key", "r")], None)
    };
    reset().expect(200);
    client(&fixture.key, "ana@example.com");
    let replay = reset().expect(200);
    assert_eq!(replay.header("idempotent-replayed"), Some("true"));
    assert_eq!(fixture.server.rows("clients"), 1);

    fixture.advance(DAY_MS);

    let fresh = reset().expect(200);
    assert_eq!(fresh.header("idempotent-replayed"), None);
    assert_eq!(fixture.server.rows("clients"), 0);
}
