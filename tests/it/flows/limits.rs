//! How much an account and an address may call, held to the headers that say so.

use std::sync::atomic::{AtomicUsize, Ordering};

use cadence::caller::Mode;
use cadence::clock::{HOUR_MS, MINUTE_MS, SECOND_MS};
use cadence::config::Config;
use cadence::db::{Options, Topic};
use cadence::values::AddressRange;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::process::{Directory, Running, program};
use crate::support::{Answer, Caller, Coach, Server, until};

/// The Unix time at which every test's clock begins.
const START_S: i64 = 1_780_488_000;
const HEADERS: &[&str] = &[
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-retry-after",
    "ratelimit-policy",
    "ratelimit",
];

/// Ten requests an hour, and a burst of two: the eighth is told of.
fn small(config: &mut Config) {
    plan(config, 10);
}

fn plan(config: &mut Config, requests_per_hour: u32) {
    let studio = config.plans.get_mut("studio").expect("a plan");
    studio.requests_per_hour = requests_per_hour;
    studio.burst_percent = 20;
}

struct Fixture {
    server: Server,
    coach: Coach,
}

impl Fixture {
    fn new() -> Self {
        let server = Server::start_with(small, Options::default());
        let coach = server.coach("coach@example.com");
        Self { server, coach }
    }

    fn test_key(&self) -> Caller {
        self.server.key(self.coach, &[])
    }

    fn live_key(&self) -> Caller {
        self.server.live_key(self.coach)
    }

    fn count(&self, sql: &str) -> i64 {
        self.server
            .app
            .db
            .read_now(|conn| Ok(conn.query_row(sql, [], |row| row.get(0))?))
            .expect("a count")
    }

    fn mails(&self) -> i64 {
        self.count("SELECT count(*) FROM outbox WHERE template = 'rate_limit'")
    }

    fn warnings(&self, mode: &str) -> i64 {
        self.count(&format!(
            "SELECT count(*) FROM events e JOIN tenants t ON t.id = e.tenant_id
            WHERE e.type = 'rate_limit.warning' AND t.mode = '{mode}'"
        ))
    }
}

fn number(answer: &Answer, header: &str) -> i64 {
    let value = answer.header(header);
    let value = value.unwrap_or_else(|| panic!("no {header}: {answer:?}"));
    value
        .parse()
        .unwrap_or_else(|_| panic!("{header}: {value}"))
}

fn remaining(answer: &Answer) -> i64 {
    number(answer, "x-ratelimit-remaining")
}

#[track_caller]
fn spend(key: &Caller, times: usize) -> Answer {
    let mut last = None;
    for _ in 0..times {
        last = Some(key.get("/v1/whoami").expect(200));
    }
    last.expect("at least one request")
}

#[track_caller]
fn has_no_rate_headers(answer: &Answer) {
    for name in HEADERS {
        assert_eq!(answer.header(name), None, "{answer:?}");
    }
}

#[test]
fn every_authenticated_answer_says_where_the_account_stands() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let narrow = server.key(coach, &["events:read"]);
    let ana = json!({ "name": "Ana", "email": "ana@example.com" });
    let bob = json!({ "name": "Bob", "email": "bob@example.com" });
    let text = [("Content-Type", "text/plain")];
    let twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")];
    let answers = [
        (key.get("/v1/whoami"), 200),
        (key.get("/v1/nothing/here"), 404),
        (key.get("/v1"), 404),
        (key.get("/api/v1/nothing"), 404),
        (key.delete("/v1/whoami"), 405),
        (key.get("/v1/clients/cl_01jzkd6v8q9xw2m4n6p8r0t2v4"), 404),
        (key.get("/v1/clients?limit=0"), 400),
        (key.post("/v1/clients", &json!({})), 400),
        (key.send("POST", "/v1/clients", &[], Some("{")), 400),
        (key.send("POST", "/v1/clients", &text, Some("x")), 415),
        (key.send("POST", "/v1/clients", &twice, Some("{}")), 400),
        (narrow.get("/v1/clients"), 403),
        (key.get("/v1/workspaces/ws_other/api-keys"), 403),
        (key.post_once("/v1/clients", "once", &ana), 201),
        (key.post_once("/v1/clients", "once", &ana), 201),
        (key.post_once("/v1/clients", "once", &bob), 409),
        (key.post("/v1/clients", &ana), 409),
        (key.send("HEAD", "/v1/whoami", &[], None), 200),
    ];
    let mut expected = 2_500;
    for (answer, status) in answers {
        expected -= 1;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.header("x-ratelimit-limit"), Some("2500"));
        assert_eq!(remaining(&answer), expected, "{answer:?}");
        assert_eq!(
            number(&answer, "x-ratelimit-retry-after"),
            START_S + 3_600,
            "{answer:?}"
        );
        let policy = answer.header("ratelimit-policy");
        assert_eq!(policy, Some("\"hour\";q=2500;w=3600"));
        let fields = format!("\"hour\";r={expected};t=3600");
        assert_eq!(answer.header("ratelimit"), Some(fields.as_str()));
        for name in HEADERS {
            let times = answer.headers.iter().filter(|(other, _)| other == name);
            assert_eq!(times.count(), 1, "{name}");
        }
    }
    server.advance_ms(1_500);
    let later = key.get("/v1/whoami").expect(200);
    assert_eq!(
        later.header("ratelimit"),
        Some(format!("\"hour\";r={};t=3599", expected - 1).as_str())
    );
}

#[test]
fn strangers_and_open_pages_are_told_nothing_of_any_account() {
    let fixture = Fixture::new();
    spend(&fixture.test_key(), 3);
    let anyone = fixture.server.anyone();
    for path in ["/health", "/ready", "/openapi.json", "/v1/whoami", "/x"] {
        has_no_rate_headers(&anyone.get(path));
    }
}

#[test]
fn with_the_limit_off_the_headers_are_absent() {
    let server = Server::start_with(|config| plan(config, 0), Options::default());
    let key = server.key(server.coach("coach@example.com"), &[]);
    for path in ["/v1/whoami", "/v1/nothing", "/v1/rate-limit"] {
        has_no_rate_headers(&key.get(path));
    }
    let body = key.get("/v1/rate-limit").expect(200).json();
    assert_eq!(body["enabled"], false);
    for name in ["limit", "burst", "used", "remaining", "reset_at"] {
        assert_eq!(body[name], Value::Null, "{body}");
    }
    assert_eq!(server.rows("rate_windows"), 0);
}

#[test]
fn one_setting_of_the_environment_replaces_the_limit_of_every_plan() {
    let directory = Directory::new();
    let key = directory.key(&directory.account("ann@example.com"));
    let key = key["plaintext"].as_str().expect("a key");
    let off = directory.serve();
    let answer = off.connect(key).get("/v1/whoami");
    assert_eq!(answer.header("x-ratelimit-limit"), None);
    drop(off);

    let seven = serve(&directory, "7");

    let answer = seven.connect(key).get("/v1/whoami");
    assert_eq!(answer.header("x-ratelimit-limit"), Some("7"));
}

#[test]
fn limit_and_burst_are_served_exactly_and_then_the_refusal_says_why() {
    let fixture = Fixture::new();
    let (id, token) = fixture.server.new_key(fixture.coach, Mode::Live, &[]);
    let key = fixture.server.bearer(&token);
    for left in (0..10).rev() {
        assert_eq!(remaining(&spend(&key, 1)), left);
    }
    for _ in 0..2 {
        assert_eq!(remaining(&spend(&key, 1)), 0, "the burst");
    }

    let refused = key.get("/v1/whoami").refused(429, "rate_limited");

    let error = &refused.json()["error"];
    assert_eq!(error["type"], "rate_limit");
    assert_eq!(error["policy"], "hour");
    assert_eq!(error["limit"], 10);
    assert_eq!(error["burst"], 2);
    assert_eq!(error["reset_at"], "2026-06-03T13:00:00.000Z");
    assert_eq!(error["top_keys"], json!([{ "key_id": id, "requests": 12 }]));
    assert_eq!(refused.header("retry-after"), Some("3600"));
    assert_eq!(refused.header("x-should-retry"), Some("true"));
    assert_eq!(remaining(&refused), 0);
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    // The limit is asked before the route: what does not exist is refused alike.
    key.get("/v1/nothing").refused(429, "rate_limited");
    let problem = [("Accept", "application/problem+json")];
    let problem = key.get_with("/v1/whoami", &problem).expect(429);
    assert_eq!(problem.json()["policy"], "hour");
}

#[test]
fn waiting_exactly_retry_after_succeeds_and_one_millisecond_less_does_not() {
    for late_ms in [0, 1, 400, 999] {
        let fixture = Fixture::new();
        let key = fixture.test_key();
        fixture.server.advance_ms(late_ms);
        spend(&key, 12);
        fixture.server.advance_ms(90_001);
        let refused = key.get("/v1/whoami").refused(429, "rate_limited");
        let wait_s = number(&refused, "retry-after");
        let left_ms = HOUR_MS - 90_001;
        assert_eq!(wait_s, (left_ms + 999) / 1_000);

        fixture.server.advance_ms(left_ms - 1);
        let early = key.get("/v1/whoami").refused(429, "rate_limited");
        assert_eq!(early.header("retry-after"), Some("1"));
        fixture.server.advance_ms(wait_s * SECOND_MS - left_ms + 1);

        assert_eq!(remaining(&spend(&key, 1)), 9);
    }
}

#[test]
fn a_window_reopens_exactly_when_the_header_said() {
    for late_ms in [0, 1, 999] {
        let fixture = Fixture::new();
        let key = fixture.test_key();
        fixture.server.advance_ms(late_ms);
        let last = spend(&key, 12);
        let said_ms = number(&last, "x-ratelimit-retry-after") * SECOND_MS;
        let now_ms = fixture.server.app.clock.now().as_ms();
        fixture.server.advance_ms(now_ms + HOUR_MS - 1 - now_ms);
        key.get("/v1/whoami").refused(429, "rate_limited");
        let now_ms = fixture.server.app.clock.now().as_ms();
        assert!((1..=SECOND_MS).contains(&(said_ms - now_ms)), "{said_ms}");

        fixture.server.advance_ms(said_ms - now_ms);

        let first = spend(&key, 1);
        assert_eq!(remaining(&first), 9);
        // The window is fixed to its own first request, not to the end of the last.
        assert_eq!(
            number(&first, "x-ratelimit-retry-after") * SECOND_MS,
            said_ms + HOUR_MS
        );
    }
}

#[test]
fn keys_and_tokens_of_an_account_share_its_window_and_others_do_not() {
    let fixture = Fixture::new();
    let server = &fixture.server;
    let (id, secret) = server.new_key(fixture.coach, Mode::Test, &[]);
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let media = [("Content-Type", "application/x-www-form-urlencoded")];
    let token = server.anyone();
    let token = token.send("POST", "/oauth/token", &media, Some(&form));
    let token = server.bearer(&token.expect(200).member("access_token"));
    let (one, two) = (server.bearer(&secret), fixture.test_key());

    assert_eq!(remaining(&spend(&one, 2)), 8);
    assert_eq!(remaining(&spend(&two, 3)), 5);
    assert_eq!(remaining(&spend(&token, 7)), 0);
    for caller in [&one, &two, &token] {
        let refused = caller.get("/v1/whoami").refused(429, "rate_limited");
        let top = refused.json()["error"]["top_keys"].clone();
        // The token's requests count for the key that obtained it.
        assert_eq!(top[0], json!({ "key_id": id, "requests": 9 }));
        assert_eq!(top[1]["requests"], 3);
    }

    assert_eq!(remaining(&spend(&fixture.live_key(), 1)), 9, "live apart");
    let other = server.coach("other@example.com");
    assert_eq!(remaining(&spend(&server.key(other, &[]), 1)), 9);
}

#[test]
fn a_restart_hands_out_no_free_window() {
    let mut fixture = Fixture::new();
    let key = fixture.test_key();
    let token = key.authorization.clone();
    let before = spend(&key, 5);
    fixture.server.advance_ms(MINUTE_MS);
    fixture.server.restart_with(small);
    let key = Caller {
        address: fixture.server.address,
        authorization: token.clone(),
        session: None,
    };
    let after = spend(&key, 1);
    assert_eq!(remaining(&after), 4);
    let reset = "x-ratelimit-retry-after";
    assert_eq!(number(&after, reset), number(&before, reset));
    spend(&key, 6);

    fixture.server.restart_with(small);

    let key = Caller {
        address: fixture.server.address,
        authorization: token,
        session: None,
    };
    key.get("/v1/whoami").refused(429, "rate_limited");
}

fn serve(directory: &Directory, limit: &str) -> Running {
    let mut command = program(&directory.path());
    command.env("CADENCE_LIMITS_REQUESTS_PER_HOUR", limit);
    Running::start(&mut command, &["--listen", "127.0.0.1:0"])
}

/// What is written of all windows, looked at from outside the server's process.
fn written(directory: &Directory) -> i64 {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = directory.file("cadence.db");
    let conn = Connection::open_with_flags(file, flags).expect("a database");
    let sql = "SELECT coalesce(sum(used), 0) FROM rate_windows";
    // The server may be writing: it is asked again.
    conn.query_row(sql, [], |row| row.get(0)).unwrap_or(0)
}

#[test]
fn after_a_kill_at_most_the_last_few_seconds_are_forgotten() {
    let directory = Directory::new();
    let key = directory.key(&directory.account("ann@example.com"));
    let key = key["plaintext"].as_str().expect("a key");
    let server = serve(&directory, "100");
    let mut caller = server.connect(key);
    for _ in 0..7 {
        assert_eq!(caller.get("/v1/whoami").status, 200);
    }
    until("the window is written within a few seconds", || {
        written(&directory) == 7
    });
    for _ in 0..3 {
        assert_eq!(caller.get("/v1/whoami").status, 200);
    }

    server.kill();

    let server = serve(&directory, "100");
    let answer = server.connect(key).get("/v1/whoami");
    let left: i64 = answer
        .header("x-ratelimit-remaining")
        .and_then(|left| left.parse().ok())
        .expect("a number");
    assert!((89..=92).contains(&left), "{left}");
}

#[test]
fn many_at_the_edge_never_get_more_than_limit_and_burst() {
    let server = Server::start_with(|config| plan(config, 100), Options::default());
    let coach = server.coach("coach@example.com");
    let keys: Vec<Caller> = (0..4).map(|_| server.key(coach, &[])).collect();
    let (answered, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    for window in 1..=2 {
        std::thread::scope(|scope| {
            for thread in 0..32 {
                let key = &keys[thread % keys.len()];
                let (answered, refused) = (&answered, &refused);
                scope.spawn(move || {
                    for _ in 0..6 {
                        let answer = key.get("/v1/whoami");
                        assert!((0..=100).contains(&remaining(&answer)));
                        match answer.status {
                            200 => answered.fetch_add(1, Ordering::AcqRel),
                            429 => refused.fetch_add(1, Ordering::AcqRel),
                            other => panic!("{other}"),
                        };
                    }
                });
            }
        });
        assert_eq!(answered.load(Ordering::Acquire), window * 120);
        assert_eq!(refused.load(Ordering::Acquire), window * (32 * 6 - 120));
        server.advance_ms(HOUR_MS);
    }
}

#[test]
fn refusals_cost_nothing() {
    let fixture = Fixture::new();
    let key = fixture.test_key();
    let other = fixture.test_key();
    spend(&key, 12);
    for _ in 0..30 {
        other.get("/v1/whoami").refused(429, "rate_limited");
    }
    let body = key.get("/v1/rate-limit").expect(200).json();
    assert_eq!(body["used"], 12);
    let top = key.get("/v1/whoami").json()["error"]["top_keys"].clone();
    assert_eq!(top.as_array().map(Vec::len), Some(1), "{top}");
}

#[test]
fn asking_for_the_limit_is_free_and_says_what_the_headers_say() {
    let fixture = Fixture::new();
    let key = fixture.test_key();
    for used in [0, 4, 8] {
        if used > 0 {
            spend(&key, 4);
        }
        for _ in 0..3 {
            let answer = key.get("/v1/rate-limit").expect(200);
            let body = answer.json();
            assert_eq!(body["object"], "rate_limit");
            assert_eq!(body["livemode"], false);
            assert_eq!(body["policy"], "hour");
            assert_eq!(body["enabled"], true);
            assert_eq!(body["window_seconds"], 3_600);
            assert_eq!(body["burst"], 2);
            assert_eq!(body["used"], used);
            assert_eq!(body["limit"], number(&answer, "x-ratelimit-limit"));
            assert_eq!(body["remaining"], remaining(&answer));
            assert_eq!(body["reset_at"], "2026-06-03T13:00:00.000Z");
            let reset = number(&answer, "x-ratelimit-retry-after");
            assert_eq!(reset, START_S + 3_600);
        }
    }
    spend(&key, 4);
    key.get("/v1/whoami").refused(429, "rate_limited");
    let body = key.get("/v1/rate-limit").expect(200).json();
    assert_eq!(body["remaining"], 0);
}

#[test]
fn asking_for_the_limit_opens_no_window() {
    let fixture = Fixture::new();
    let key = fixture.test_key();
    key.get("/v1/rate-limit").expect(200);
    fixture.server.advance_ms(HOUR_MS / 2);

    let first = spend(&key, 1);

    let reset = number(&first, "x-ratelimit-retry-after");
    assert_eq!(reset, START_S + 1_800 + 3_600);
}

#[test]
fn a_clock_that_steps_backwards_locks_nobody_out() {
    let fixture = Fixture::new();
    let key = fixture.test_key();
    fixture.server.advance_ms(HOUR_MS);
    spend(&key, 12);
    key.get("/v1/whoami").refused(429, "rate_limited");

    fixture.server.advance_ms(-1);

    let first = spend(&key, 1);
    assert_eq!(remaining(&first), 9);
    let reset = number(&first, "x-ratelimit-retry-after");
    assert_eq!(reset, START_S + 2 * 3_600);
    fixture.server.advance_ms(-50 * HOUR_MS);
    assert_eq!(remaining(&spend(&key, 1)), 9);
}

#[test]
fn the_account_is_told_once_a_window_that_it_nears_its_limit() {
    let mut fixture = Fixture::new();
    let key = fixture.live_key();
    let token = key.authorization.clone();
    spend(&key, 7);
    assert_eq!((fixture.mails(), fixture.warnings("live")), (0, 0));
    spend(&key, 1);
    until("a mail at 80 %", || fixture.mails() == 1);
    assert_eq!(fixture.warnings("live"), 1);
    let (recipient, status): (String, String) = fixture
        .server
        .app
        .db
        .read_now(|conn| {
            let sql = "SELECT recipient, status FROM outbox";
            Ok(conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
        })
        .expect("a mail");
    assert_eq!(recipient, "coach@example.com");
    assert_eq!(status, "held", "there is no mail server");

    fixture.server.restart_with(small);
    let key = Caller {
        address: fixture.server.address,
        authorization: token,
        session: None,
    };
    spend(&key, 4);
    key.get("/v1/whoami").refused(429, "rate_limited");
    fixture.server.advance_ms(HOUR_MS);
    spend(&key, 7);
    assert_eq!((fixture.mails(), fixture.warnings("live")), (1, 1));
    spend(&fixture.live_key(), 3);
    until("a mail in the next window", || fixture.mails() == 2);
    let other = fixture.server.coach("other@example.com");
    spend(&fixture.server.live_key(other), 9);
    until("a mail to another account", || fixture.mails() == 3);
    assert_eq!(fixture.warnings("live"), 3);
    // In the test world nobody hears of it.
    assert_eq!(fixture.warnings("test"), 0);
}

#[test]
fn what_the_account_was_told_survives_before_the_window_itself_is_written() {
    let fixture = Fixture::new();
    let key = fixture.live_key();
    spend(&key, 12);
    until("a first mail", || fixture.mails() == 1);
    fixture.server.write_uses();
    let kept = || fixture.count("SELECT used FROM rate_windows");
    assert_eq!(kept(), 12);
    fixture.server.advance_ms(HOUR_MS);

    spend(&key, 8);
    until("a second mail", || fixture.mails() == 2);

    // Killed now, the account would find this window, and not the last one's count in it.
    assert_eq!(kept(), 8);
}

#[test]
fn a_warning_whose_own_write_was_lost_goes_with_the_window() {
    let mut fixture = Fixture::new();
    for (mode, mails) in [(Mode::Test, 0), (Mode::Live, 1)] {
        let (id, _) = fixture.server.new_key(fixture.coach, mode, &[]);
        let app = &fixture.server.app;
        // Counted as the edge counts, but nobody writes the warning: as where that write is refused.
        let caller = fixture.server.caller(fixture.coach, mode, &id);
        let plan = app.plan_of(&caller).expect("a plan").clone();
        let now = app.clock.now();
        let crossed = (0..9).filter_map(|_| app.limits.count(&caller, &plan, now)?.crossed);
        assert_eq!(crossed.count(), 1);
        assert_eq!(fixture.warnings(mode.name()), 0);

        fixture.server.write_uses();

        assert_eq!(fixture.warnings(mode.name()), 1);
        assert_eq!(fixture.mails(), mails);
        fixture.server.write_uses();
        assert_eq!(fixture.warnings(mode.name()), 1, "told once");
    }

    fixture.server.restart_with(small);
    spend(&fixture.live_key(), 2);
    spend(&fixture.test_key(), 2);
    fixture.server.write_uses();

    assert_eq!((fixture.mails(), fixture.warnings("live")), (1, 1));
    assert_eq!(fixture.warnings("test"), 1);
}

#[test]
fn test_traffic_is_told_of_by_an_event_and_by_no_mail() {
    let fixture = Fixture::new();
    let key = fixture.test_key();
    spend(&key, 12);
    until("an event", || fixture.warnings("test") == 1);
    assert_eq!(fixture.server.rows("outbox"), 0);
    assert_eq!(fixture.warnings("live"), 0);
    fixture.server.advance_ms(HOUR_MS);
    let list = key.get("/v1/events?type=rate_limit.warning").expect(200);
    let event = list.json()["data"][0].clone();
    assert_eq!(event["livemode"], false);
    assert_eq!(event["data"]["object"]["object"], "rate_limit");
    assert_eq!(event["data"]["object"]["used"], 8);
    assert_eq!(event["data"]["object"]["limit"], 10);
}

#[test]
fn another_plan_counts_from_the_next_request_on() {
    let mut fixture = Fixture::new();
    let key = fixture.test_key();
    let token = key.authorization.clone();
    spend(&key, 9);
    let again = |fixture: &Fixture| Caller {
        address: fixture.server.address,
        authorization: token.clone(),
        session: None,
    };

    fixture.server.restart_with(|config| plan(config, 5));
    let refused = again(&fixture).get("/v1/whoami");
    let refused = refused.refused(429, "rate_limited");
    assert_eq!(refused.header("x-ratelimit-limit"), Some("5"));
    assert_eq!(remaining(&refused), 0);
    fixture.server.restart_with(|config| plan(config, 50));
    assert_eq!(remaining(&spend(&again(&fixture), 1)), 40);

    let account = fixture.coach.account;
    let changed = fixture.server.app.db.write_blocking(move |tx| {
        let sql = "UPDATE accounts SET plan = 'coach' WHERE id = ?1";
        tx.changed(Topic::Credentials);
        Ok(tx.prepare_cached(sql)?.execute([account.to_string()])?)
    });
    assert_eq!(changed.expect("a change"), 1);
    let refused = again(&fixture).get("/v1/whoami");
    let refused = refused.refused(403, "plan_required");
    assert_eq!(refused.header("x-ratelimit-limit"), Some("2500"));
    assert_eq!(remaining(&refused), 2_489);
}

/// Sends requests without an accepted credential until the address is refused.
fn wear_out(caller: &Caller, headers: &[(&str, &str)]) -> Answer {
    for _ in 0..600 {
        caller.get_with("/v1/whoami", headers).expect(401);
    }
    caller
        .get_with("/v1/whoami", headers)
        .refused(429, "rate_limited")
}

#[test]
fn an_address_without_an_accepted_credential_is_refused_for_the_rest_of_its_minute() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let anyone = server.anyone();
    key.get("/v1/whoami").expect(200);

    let refused = wear_out(&anyone, &[]);

    let error = &refused.json()["error"];
    assert_eq!(error["policy"], "address");
    assert_eq!(error["limit"], 600);
    assert_eq!(refused.header("x-should-retry"), Some("true"));
    has_no_rate_headers(&refused);
    // Whatever its kind, a credential that is not accepted counts; one that is does not.
    server
        .bearer("cdnsk_test_mistyped")
        .get("/v1/clients")
        .refused(429, "rate_limited");
    key.get("/v1/whoami").expect(200);
    for path in ["/health", "/ready", "/openapi.json"] {
        anyone.get(path).expect(200);
    }
    let wait_s = number(&refused, "retry-after");
    assert_eq!(wait_s, 60);
    server.advance_ms(wait_s * SECOND_MS - 1);
    anyone.get("/v1/whoami").refused(429, "rate_limited");
    server.advance_ms(1);
    anyone.get("/v1/whoami").refused(401, "auth_missing");
}

#[test]
fn a_forwarding_header_that_nobody_vouches_for_moves_nothing() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (id, token) = server.new_key(coach, Mode::Test, &[]);
    let anyone = server.anyone();
    for number in 0..600 {
        let spoofed = format!("198.51.100.{}", number % 250);
        let headers = [
            ("X-Forwarded-For", spoofed.as_str()),
            ("X-Real-IP", spoofed.as_str()),
            ("Forwarded", "for=192.0.2.60"),
        ];
        anyone.get_with("/v1/whoami", &headers).expect(401);
    }
    let spoofed = [("X-Forwarded-For", "203.0.113.9")];
    anyone
        .get_with("/v1/whoami", &spoofed)
        .refused(429, "rate_limited");
    let key = server.bearer(&token);
    let path = format!("{}/{id}", coach.keys_path());
    let shown = key.get_with(&path, &spoofed).expect(200).json();
    assert_eq!(shown["last_used_ip"], "127.0.0.1");
}

#[test]
fn behind_a_trusted_proxy_the_rightmost_address_that_is_none_counts() {
    let trusting = |config: &mut Config| {
        config.trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
            .map(|text| AddressRange::parse(text).expect("a range"))
            .to_vec();
    };
    let server = Server::start_with(trusting, Options::default());
    let coach = server.coach("coach@example.com");
    let (id, token) = server.new_key(coach, Mode::Test, &[]);
    let anyone = server.anyone();

    wear_out(
        &anyone,
        &[("X-Forwarded-For", "198.51.100.7, 203.0.113.5, 10.1.2.3")],
    );

    let status = |chain: &str| {
        let headers = [("X-Forwarded-For", chain)];
        anyone.get_with("/v1/whoami", &headers).status
    };
    assert_eq!(status("203.0.113.5"), 429);
    assert_eq!(status("192.0.2.1, 203.0.113.5"), 429, "the left is theirs");
    assert_eq!(status("10.9.9.9,203.0.113.5 , 10.0.0.1,10.0.0.2"), 429);
    assert_eq!(status("203.0.113.5, 198.51.100.7"), 401);
    assert_eq!(status("198.51.100.7, 10.1.2.3"), 401);
    let lines = [
        ("X-Forwarded-For", "198.51.100.7"),
        ("X-Forwarded-For", "203.0.113.5"),
    ];
    assert_eq!(anyone.get_with("/v1/whoami", &lines).status, 429);
    // What is no address ends the chain: the last that was vouched for counts.
    assert_eq!(status("203.0.113.5, unknown, 10.1.2.3"), 401);
    assert_eq!(anyone.get("/v1/whoami").status, 401, "the proxy itself");
    let headers = [("X-Forwarded-For", "192.0.2.1, 203.0.113.77, 10.1.2.3")];
    let path = format!("{}/{id}", coach.keys_path());
    let shown = server.bearer(&token).get_with(&path, &headers);
    assert_eq!(shown.expect(200).json()["last_used_ip"], "203.0.113.77");
}
