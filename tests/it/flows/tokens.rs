//! Client credentials: an API key as an OAuth client, and the tokens that it obtains.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cadence::caller::Mode;
use cadence::clock::{DAY_MS, MINUTE_MS, SECOND_MS};
use serde_json::json;

use crate::support::{Answer, Caller, Coach, Server, exchange_kept, logs};

const FORM: &str = "application/x-www-form-urlencoded";
const GRANT: &str = "grant_type=client_credentials";
/// The refusal of the seed, without the spaces between its members.
const FAILED: &str = r#"{"error":"invalid_client","error_description":"Client authentication failed","message":"Client authentication failed"}"#;

struct Fixture {
    server: Server,
    coach: Coach,
    id: String,
    secret: String,
}

impl Fixture {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(scopes: &[&str]) -> Self {
        let server = Server::start();
        let coach = server.coach("coach@example.com");
        let (id, secret) = server.new_key(coach, Mode::Test, scopes);
        Self {
            server,
            coach,
            id,
            secret,
        }
    }

    fn credentials(&self) -> String {
        format!("client_id={}&client_secret={}", self.id, self.secret)
    }

    fn form(&self, body: &str) -> Answer {
        form(&self.server, "/oauth/token", body)
    }

    /// A request of this client with further parameters.
    fn ask(&self, more: &str) -> Answer {
        self.form(&format!("{GRANT}&{}{more}", self.credentials()))
    }

    /// A token of this client with all its scopes.
    fn token(&self) -> Caller {
        let answer = self.ask("").expect(200);
        self.server.bearer(&answer.member("access_token"))
    }

    fn basic(&self, user: &str, password: &str, body: &str) -> Answer {
        let media = [("Content-Type", FORM)];
        let caller = self.server.basic(user, password);
        caller.send("POST", "/oauth/token", &media, Some(body))
    }

    fn boss(&self) -> Caller {
        self.server.key(self.coach, &[])
    }

    fn path(&self) -> String {
        format!("{}/{}", self.coach.keys_path(), self.id)
    }
}

fn form(server: &Server, path: &str, body: &str) -> Answer {
    let media = [("Content-Type", FORM)];
    server.anyone().send("POST", path, &media, Some(body))
}

/// Asserts an error in OAuth's own form.
#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json()["error"], error, "{}", answer.text());
    is_nobody_elses(answer);
}

#[track_caller]
fn is_nobody_elses(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[track_caller]
fn is_the_seeds_refusal(answer: &Answer) {
    assert_eq!((answer.status, answer.text().as_str()), (401, FAILED));
    is_nobody_elses(answer);
}

fn scopes(token: &Caller) -> Vec<String> {
    let body = token.get("/v1/whoami").expect(200).json();
    let scopes = body["scopes"].as_array().expect("scopes");
    let text = |scope: &serde_json::Value| scope.as_str().unwrap_or_default().to_owned();
    scopes.iter().map(text).collect()
}

#[test]
fn the_request_of_the_seed_is_answered_as_the_seed_shows() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (id, secret) = server.new_key(coach, Mode::Live, &[]);
    for path in ["/oauth/token", "/oauth2/token"] {
        let body = format!(
            "grant_type=client_credentials&client_id={id}&client_secret={secret}&scope=public"
        );
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\
            Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            server.address,
            body.len()
        );

        let answer = exchange_kept(server.address, request.as_bytes()).expect(200);

        is_nobody_elses(&answer);
        let body = answer.json();
        let members: Vec<&String> = body.as_object().expect("an object").keys().collect();
        assert_eq!(
            members,
            ["token_type", "expires_in", "access_token", "scope"]
        );
        let begin = r#"{"token_type":"Bearer","expires_in":43200,"access_token":"cdnat_"#;
        assert!(answer.text().starts_with(begin), "{}", answer.text());
        let token = server.bearer(&answer.member("access_token"));
        token.get("/v1/clients").expect(200);
        token
            .get(&coach.keys_path())
            .refused(403, "insufficient_scope");
    }
}

#[test]
fn whatever_is_wrong_with_a_client_it_reads_the_same() {
    let fixture = Fixture::new();
    let (server, boss) = (&fixture.server, fixture.boss());
    let keys = fixture.coach.keys_path();
    let end = |how: &str| {
        let (id, secret) = server.new_key(fixture.coach, Mode::Test, &[]);
        let path = format!("{keys}/{id}");
        match how {
            "revoke" => boss.delete(&path).expect(204),
            "rotate" => boss.act(&format!("{path}/rotate")).expect(200),
            "disable" => boss.act(&format!("{path}/disable")).expect(200),
            "elsewhere" => {
                let body = json!({ "allowed_ips": ["198.51.100.7"] });
                boss.patch(&path, &body).expect(200)
            }
            _ => {
                let body = json!({ "expires_at": "2026-06-03T12:00:01Z" });
                let answer = boss.patch(&path, &body).expect(200);
                server.advance_ms(SECOND_MS);
                answer
            }
        };
        (id, secret)
    };
    let (id, secret) = (fixture.id.clone(), fixture.secret.clone());
    let other = server.new_key(fixture.coach, Mode::Test, &[]);
    let mistyped = format!("{}x", &secret[..secret.len() - 1]);
    let token = fixture.ask("").expect(200).member("access_token");
    let unknown = "key_01jzkd6v8q9xw2m4n6p8r0t2v4";
    let cases = [
        (unknown.to_owned(), secret.clone()),
        (id.clone(), mistyped),
        (id.clone(), "secret".to_owned()),
        (id.clone(), "\u{e9}%".to_owned()),
        ("x".to_owned(), secret.clone()),
        (other.0.clone(), secret.clone()),
        (id.clone(), other.1.clone()),
        (id.clone(), token),
        (id.to_uppercase(), secret.clone()),
        end("revoke"),
        end("rotate"),
        end("disable"),
        end("elsewhere"),
        end("expire"),
    ];
    for (id, secret) in cases {
        let secret = secret.replace('%', "%25");
        let body = format!("{GRANT}&client_id={id}&client_secret={secret}");
        let answer = fixture.form(&body);
        is_the_seeds_refusal(&answer);
        assert_eq!(answer.header("www-authenticate"), None, "{body}");
    }
    for body in [
        GRANT.to_owned(),
        format!("{GRANT}&client_id={id}"),
        format!("{GRANT}&client_secret={secret}"),
        format!("{GRANT}&client_id={id}&client_secret="),
    ] {
        is_the_seeds_refusal(&fixture.form(&body));
    }
    fixture.ask("").expect(200);
}

#[test]
fn a_client_may_show_itself_by_basic_plain_and_percent_encoded() {
    let fixture = Fixture::new();
    let (id, secret) = (&fixture.id, &fixture.secret);
    let encode = |text: &str| text.replace('_', "%5F");
    for (user, password) in [
        (id.clone(), secret.clone()),
        (encode(id), encode(secret)),
        (id.clone(), secret.replace('_', "%5f")),
    ] {
        let answer = fixture.basic(&user, &password, GRANT).expect(200);
        let token = fixture.server.bearer(&answer.member("access_token"));
        token.get("/v1/whoami").expect(200);
    }
    let again = format!("{GRANT}&client_id={id}");
    fixture.basic(id, secret, &again).expect(200);
    let pair = STANDARD.encode(format!("{id}:{secret}"));
    let caller = Caller {
        address: fixture.server.address,
        authorization: Some(format!("bAsIc {pair}")),
        session: None,
    };
    let media = [("Content-Type", FORM)];
    caller
        .send("POST", "/oauth/token", &media, Some(GRANT))
        .expect(200);
}

#[test]
fn a_failed_basic_is_challenged_for_basic() {
    let fixture = Fixture::new();
    let wrong = fixture.basic(&fixture.id, "wrong", GRANT);
    let mut answers = vec![wrong];
    for authorization in ["Basic", "Basic !!!", "Basic eA==", "Bearer x", "Digest x"] {
        let caller = Caller {
            address: fixture.server.address,
            authorization: Some(authorization.to_owned()),
            session: None,
        };
        let media = [("Content-Type", FORM)];
        answers.push(caller.send("POST", "/oauth/token", &media, Some(GRANT)));
    }
    for answer in answers {
        is_the_seeds_refusal(&answer);
        let challenge = answer.header("www-authenticate").expect("a challenge");
        assert!(challenge.starts_with("Basic "), "{challenge}");
    }
}

#[test]
fn two_ways_to_show_a_client_are_one_too_many() {
    let fixture = Fixture::new();
    let (id, secret) = (&fixture.id, &fixture.secret);
    let both = format!("{GRANT}&{}", fixture.credentials());
    refused(&fixture.basic(id, secret, &both), 400, "invalid_request");
    let half = format!("{GRANT}&client_secret={secret}");
    refused(&fixture.basic(id, secret, &half), 400, "invalid_request");
    let (other, _) = fixture.server.new_key(fixture.coach, Mode::Test, &[]);
    let differs = format!("{GRANT}&client_id={other}");
    refused(&fixture.basic(id, secret, &differs), 400, "invalid_request");
    let caller = fixture.server.basic(id, secret);
    let twice = caller.authorization.clone().expect("a header");
    let headers = [("Content-Type", FORM), ("Authorization", twice.as_str())];
    let answer = caller.send("POST", "/oauth/token", &headers, Some(GRANT));
    refused(&answer, 400, "invalid_request");
    assert_eq!(fixture.server.rows("access_tokens"), 0);
}

#[test]
fn json_is_taken_at_the_path_of_the_seeds_clients_alone() {
    let fixture = Fixture::new();
    let body = json!({
        "grant_type": "client_credentials",
        "client_id": fixture.id,
        "client_secret": fixture.secret,
        "scope": "public",
    });
    let anyone = fixture.server.anyone();
    let strict = anyone.post("/oauth/token", &body);
    refused(&strict, 400, "invalid_request");
    let lenient = anyone.post("/oauth2/token", &body).expect(200);
    is_nobody_elses(&lenient);
    let token = fixture.server.bearer(&lenient.member("access_token"));
    token.get("/v1/clients").expect(200);
    for body in [
        "[]",
        "{",
        "",
        "null",
        r#"{"grant_type":1}"#,
        r#"{"grant_type":"client_credentials","grant_type":"x"}"#,
    ] {
        let answer = anyone.send("POST", "/oauth2/token", &[], Some(body));
        refused(&answer, 400, "invalid_request");
    }
    for media in ["text/plain", "multipart/form-data", ""] {
        for path in ["/oauth/token", "/oauth2/token"] {
            let headers = [("Content-Type", media)];
            let body = format!("{GRANT}&{}", fixture.credentials());
            let answer = anyone.send("POST", path, &headers, Some(&body));
            refused(&answer, 400, "invalid_request");
        }
    }
    let charset = [(
        "Content-Type",
        "application/x-www-form-urlencoded; charset=UTF-8",
    )];
    let body = format!("{GRANT}&{}", fixture.credentials());
    anyone
        .send("POST", "/oauth/token", &charset, Some(&body))
        .expect(200);
}

#[test]
fn only_post_is_answered_and_nothing_in_the_address_counts() {
    let fixture = Fixture::new();
    let anyone = fixture.server.anyone();
    let query = format!("{GRANT}&{}", fixture.credentials());
    for path in ["/oauth/token", "/oauth2/token"] {
        for target in [path.to_owned(), format!("{path}?{query}")] {
            for method in ["GET", "PUT", "DELETE", "PATCH"] {
                let answer = anyone.send(method, &target, &[], None);
                refused(&answer, 405, "invalid_request");
                assert_eq!(answer.header("allow"), Some("POST"));
            }
        }
        let in_address = form(&fixture.server, &format!("{path}?{query}"), GRANT);
        refused(&in_address, 400, "invalid_request");
        let id = format!("{path}?client_id={}", fixture.id);
        refused(&form(&fixture.server, &id, &query), 400, "invalid_request");
        let secret = format!("{path}?client%5Fsecret={}", fixture.secret);
        let encoded = form(&fixture.server, &secret, &query);
        refused(&encoded, 400, "invalid_request");
    }
    assert_eq!(fixture.server.rows("access_tokens"), 0);
}

#[test]
fn grant_types_and_repeated_parameters_are_refused_by_name() {
    let fixture = Fixture::new();
    let client = fixture.credentials();
    for (body, error) in [
        (client.clone(), "invalid_request"),
        (format!("grant_type=&{client}"), "invalid_request"),
        (String::new(), "invalid_request"),
        (
            format!("grant_type=password&{client}"),
            "unsupported_grant_type",
        ),
        (
            format!("grant_type=authorization_code&code=x&{client}"),
            "unauthorized_client",
        ),
        (
            format!("grant_type=refresh_token&refresh_token=x&{client}"),
            "unauthorized_client",
        ),
        (
            format!("grant_type=CLIENT_CREDENTIALS&{client}"),
            "unsupported_grant_type",
        ),
        (format!("{GRANT}&{GRANT}&{client}"), "invalid_request"),
        (format!("{GRANT}&{client}&{client}"), "invalid_request"),
        (
            format!("{GRANT}&{client}&scope=public&scope=public"),
            "invalid_request",
        ),
    ] {
        refused(&fixture.form(&body), 400, error);
    }
    // What is not known is ignored, and an empty value is none.
    fixture.ask("&audience=x&foo=bar&scope=").expect(200);
}

#[test]
fn a_token_has_the_scopes_that_were_asked_for_within_the_clients_own() {
    let fixture = Fixture::with(&["clients:write", "keys:read"]);
    let scope = |more: &str| fixture.ask(more).expect(200).member("scope");
    assert_eq!(scope(""), "clients:write keys:read");
    assert_eq!(scope("&scope=public"), "clients:write");
    assert_eq!(scope("&scope=clients:read"), "clients:read");
    assert_eq!(
        scope("&scope=public%20keys:read"),
        "clients:write keys:read"
    );
    assert_eq!(
        scope("&scope=public+clients:read"),
        "clients:read clients:write"
    );
    for asked in [
        "events:read",
        "clients:read+events:read",
        "openid",
        "public+openid",
        "clients:everything",
        "+",
        "CLIENTS:READ",
        "clients:read,keys:read",
        "offline_access",
        "*",
    ] {
        let answer = fixture.ask(&format!("&scope={asked}"));
        refused(&answer, 400, "invalid_scope");
    }
    let keys = Fixture::with(&["keys:write"]);
    refused(&keys.ask("&scope=public"), 400, "invalid_scope");
}

#[test]
fn no_parameter_breaks_the_answer_or_its_headers() {
    let fixture = Fixture::new();
    let long = "x".repeat(1024 * 1024);
    let values = [
        "%22%27%5C",
        "%0d%0aX-Evil:%20yes%0d%0a%0d%0a{}",
        "%0aSet-Cookie:%20a=b",
        "%e2%82%ac%f0%9f%92%aa",
        "%ff%fe",
        "%zz",
        "%",
        "%00",
        "\u{7f}\u{1b}[31m",
        "<script>alert(1)</script>",
        "';DROP TABLE api_keys;--",
        "%F0%80%80%80",
        long.as_str(),
    ];
    let names = [
        "grant_type",
        "scope",
        "client_id",
        "client_secret",
        "%0d%0a",
    ];
    for path in ["/oauth/token", "/oauth2/token"] {
        for name in names {
            for value in values {
                fixture.server.advance_ms(MINUTE_MS);
                let rest = [
                    ("grant_type", "client_credentials"),
                    ("client_id", &fixture.id),
                    ("client_secret", &fixture.secret),
                ];
                let mut body = format!("{name}={value}");
                for (other, value) in rest.iter().filter(|(other, _)| *other != name) {
                    body = format!("{body}&{other}={value}");
                }
                holds_the_character_set(&form(&fixture.server, path, &body), name);
            }
        }
    }
}

fn holds_the_character_set(answer: &Answer, name: &str) {
    assert!(
        matches!(answer.status, 200 | 400 | 401 | 413),
        "{} {}",
        answer.status,
        answer.text()
    );
    if answer.status == 200 {
        // A parameter that is not known is ignored.
        assert_eq!(name, "%0d%0a", "{}", answer.text());
        return;
    }
    let body = answer.json();
    for member in ["error", "error_description"] {
        let text = body[member].as_str().expect("a text");
        let allowed = |c: char| matches!(c, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e');
        assert!(text.chars().all(allowed), "{text}");
    }
    assert_eq!(answer.header("x-evil"), None);
    assert_eq!(answer.header("set-cookie"), None);
    is_nobody_elses(answer);
}

#[test]
fn a_token_says_who_it_is() {
    let fixture = Fixture::with(&["clients:read", "events:read"]);
    let token = fixture.ask("&scope=clients:read").expect(200);
    let token = fixture.server.bearer(&token.member("access_token"));

    let body = token.get("/v1/whoami").expect(200).json();

    assert_eq!(body["credential"]["type"], "access_token");
    assert_eq!(body["credential"]["id"], fixture.id);
    assert_eq!(body["scopes"], json!(["clients:read"]));
    assert_eq!(body["livemode"], false);
    assert_eq!(body["mode"], "test");
    let key = fixture.server.bearer(&fixture.secret);
    let own = key.get("/v1/whoami").expect(200).json();
    assert_eq!(body["account_id"], own["account_id"]);
    assert_eq!(body["workspace_id"], own["workspace_id"]);
    token.get("/v1/clients").expect(200);
    let refused = token.get("/v1/events").refused(403, "insufficient_scope");
    let challenge = refused.header("www-authenticate").expect("a challenge");
    assert!(challenge.contains("events:read"), "{challenge}");
    let shouted = token.authorization.as_deref().unwrap_or_default();
    let shouted = shouted.replace("Bearer", "bEaReR");
    let caller = Caller {
        address: token.address,
        authorization: Some(shouted),
        session: None,
    };
    caller.get("/v1/whoami").expect(200);
}

#[test]
fn a_narrowed_key_narrows_its_tokens_at_once_and_widening_gives_only_what_was_granted() {
    let fixture = Fixture::with(&["clients:write", "events:read", "messages:read"]);
    let (boss, token) = (fixture.boss(), fixture.token());
    let asked = fixture.ask("&scope=clients:read").expect(200);
    let reader = fixture.server.bearer(&asked.member("access_token"));
    assert_eq!(scopes(&reader), ["clients:read"]);

    let narrow = json!({ "scopes": ["clients:read", "events:read"] });
    boss.patch(&fixture.path(), &narrow).expect(200);
    assert_eq!(scopes(&token), ["clients:read", "events:read"]);
    let ana = json!({ "name": "Ana", "email": "ana@example.com" });
    token
        .post("/v1/clients", &ana)
        .refused(403, "insufficient_scope");
    let narrow = json!({ "scopes": ["events:read"] });
    boss.patch(&fixture.path(), &narrow).expect(200);
    assert_eq!(scopes(&token), ["events:read"]);
    assert!(scopes(&reader).is_empty());
    reader.get("/v1/clients").refused(403, "insufficient_scope");
    let wide = json!({ "scopes": ["clients:write", "events:read", "keys:write"] });
    boss.patch(&fixture.path(), &wide).expect(200);
    assert!(!scopes(&token).contains(&"keys:write".to_owned()));
    assert_eq!(scopes(&reader), ["clients:read"]);
    token.post("/v1/clients", &ana).expect(201);
}

#[test]
fn what_ends_a_key_ends_its_tokens_on_the_next_request() {
    type End = fn(&Fixture);
    let ends: [(End, &str); 5] = [
        (
            |fixture| drop(fixture.boss().delete(&fixture.path()).expect(204)),
            "auth_revoked",
        ),
        (
            |fixture| {
                let path = format!("{}/disable", fixture.path());
                fixture.boss().act(&path).expect(200);
            },
            "auth_invalid",
        ),
        (
            |fixture| {
                let path = format!("{}/rotate", fixture.path());
                fixture.boss().act(&path).expect(200);
            },
            "auth_rotating",
        ),
        (
            |fixture| {
                let body = json!({ "expires_at": "2026-06-03T12:00:05Z" });
                fixture.boss().patch(&fixture.path(), &body).expect(200);
                fixture.server.advance_ms(5 * SECOND_MS);
            },
            "auth_invalid",
        ),
        (
            |fixture| {
                fixture
                    .server
                    .revoke_as_operator(fixture.coach, &fixture.id);
            },
            "auth_revoked",
        ),
    ];
    for (end, code) in ends {
        let fixture = Fixture::new();
        let token = fixture.token();
        token.get("/v1/whoami").expect(200);

        end(&fixture);

        let refused = token.get("/v1/whoami").refused(401, code);
        let challenge = refused.header("www-authenticate").expect("a challenge");
        assert!(challenge.starts_with("Bearer "), "{challenge}");
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        token.get("/v1/nothing").refused(401, code);
    }
}

#[test]
fn a_disabled_key_that_is_enabled_again_gives_its_tokens_back() {
    let fixture = Fixture::new();
    let (boss, token) = (fixture.boss(), fixture.token());
    boss.act(&format!("{}/disable", fixture.path())).expect(200);
    let refused = token.get("/v1/whoami").refused(401, "auth_invalid");
    assert_eq!(refused.json()["error"]["reason"], "disabled");
    boss.act(&format!("{}/enable", fixture.path())).expect(200);
    token.get("/v1/whoami").expect(200);
}

#[test]
fn a_key_that_rotates_with_a_grace_takes_its_tokens_along_until_its_end() {
    let fixture = Fixture::new();
    let token = fixture.token();
    let body = json!({ "retire": "after", "grace_seconds": 60 });
    let path = format!("{}/rotate", fixture.path());
    fixture.boss().post(&path, &body).expect(200);
    let answer = token.get("/v1/whoami").expect(200);
    assert!(answer.header("sunset").is_some());
    fixture.server.advance_ms(MINUTE_MS);
    token.get("/v1/whoami").refused(401, "auth_rotating");
}

#[test]
fn the_address_list_of_a_key_binds_its_tokens() {
    let fixture = Fixture::new();
    let (boss, token) = (fixture.boss(), fixture.token());
    let elsewhere = json!({ "allowed_ips": ["198.51.100.0/24"] });
    boss.patch(&fixture.path(), &elsewhere).expect(200);
    token.get("/v1/whoami").refused(403, "ip_not_allowed");
    let here = json!({ "allowed_ips": ["127.0.0.1"] });
    boss.patch(&fixture.path(), &here).expect(200);
    token.get("/v1/whoami").expect(200);
}

#[test]
fn a_token_lives_twelve_hours_and_never_longer_than_its_key() {
    let fixture = Fixture::new();
    let token = fixture.token();
    fixture.server.advance_ms(43_200 * SECOND_MS - 1);
    token.get("/v1/whoami").expect(200);
    fixture.server.advance_ms(1);
    let refused = token.get("/v1/whoami").refused(401, "auth_invalid");
    assert_eq!(refused.json()["error"]["reason"], "expired");

    let body = json!({ "expires_at": "2026-06-04T01:00:00Z" });
    fixture.boss().patch(&fixture.path(), &body).expect(200);
    let answer = fixture.ask("").expect(200);
    assert_eq!(answer.json()["expires_in"], 3_600);
    let token = fixture.server.bearer(&answer.member("access_token"));
    fixture.server.advance_ms(3_600 * SECOND_MS - 1);
    token.get("/v1/whoami").expect(200);
    fixture.server.advance_ms(1);
    token.get("/v1/whoami").refused(401, "auth_invalid");
}

#[test]
fn tokens_of_a_test_key_stay_in_the_test_world_and_tokens_survive_a_restart() {
    let mut fixture = Fixture::new();
    let (live_id, live_secret) = fixture.server.new_key(fixture.coach, Mode::Live, &[]);
    let live = form(
        &fixture.server,
        "/oauth/token",
        &format!("{GRANT}&client_id={live_id}&client_secret={live_secret}"),
    );
    let live = live.expect(200).member("access_token");
    let test = fixture.ask("").expect(200).member("access_token");
    fixture.server.restart();
    let (live, test) = (fixture.server.bearer(&live), fixture.server.bearer(&test));
    let ana = json!({ "name": "Ana", "email": "ana@example.com" });
    let made = test.post("/v1/clients", &ana).expect(201);
    assert_eq!(made.json()["livemode"], false);
    let path = format!("/v1/clients/{}", made.member("id"));
    live.get(&path).refused(404, "not_found");
    assert_eq!(live.get("/v1/whoami").expect(200).json()["livemode"], true);
    let live_key = format!("{}/{live_id}", fixture.coach.keys_path());
    test.get(&live_key).refused(404, "not_found");
}

#[test]
fn a_token_mints_no_key_that_outlives_or_outreaches_it() {
    let fixture = Fixture::with(&["keys:write", "clients:read", "events:read"]);
    let asked = fixture.ask("&scope=keys:write+clients:read").expect(200);
    let token = fixture.server.bearer(&asked.member("access_token"));
    let keys = fixture.coach.keys_path();
    let end = "2026-06-04T00:00:00Z";
    let narrow = json!({ "name": "n", "scopes": ["clients:read"], "expires_at": end });
    let made = token.post(&keys, &narrow).expect(201);
    for body in [
        json!({ "name": "no end", "scopes": ["clients:read"] }),
        json!({ "name": "later", "scopes": ["clients:read"], "expires_at": "2026-06-04T00:00:01Z" }),
        json!({ "name": "wider", "scopes": ["events:read"], "expires_at": end }),
        json!({ "name": "all", "expires_at": end }),
    ] {
        let answer = token.post(&keys, &body);
        assert_eq!(answer.status, 403, "{body} {}", answer.text());
    }
    let made = format!("{keys}/{}", made.member("id"));
    for body in [
        json!({ "expires_at": null }),
        json!({ "expires_at": "2027-01-01T00:00:00Z" }),
        json!({ "scopes": ["clients:write"] }),
    ] {
        let answer = token.patch(&made, &body);
        assert_eq!(answer.status, 403, "{body} {}", answer.text());
    }
    // The key that obtained it reaches further, so its token may not rotate it.
    let rotated = token.act(&format!("{}/rotate", fixture.path()));
    assert_eq!(rotated.status, 403, "{}", rotated.text());
    let token = token.authorization.unwrap_or_default();
    let token = token.trim_start_matches("Bearer ");
    let body = format!("{GRANT}&client_id={}&client_secret={token}", fixture.id);
    is_the_seeds_refusal(&fixture.form(&body));
}

#[test]
fn no_refresh_token_is_ever_issued() {
    let fixture = Fixture::new();
    for more in ["", "&scope=public", "&access_type=offline"] {
        let body = fixture.ask(more).expect(200).json();
        assert_eq!(body.get("refresh_token"), None);
        assert!(!body.to_string().contains("cdnrt_"));
    }
}

#[test]
fn twenty_failures_a_minute_and_then_wait_while_a_valid_client_is_served() {
    let fixture = Fixture::new();
    let wrong = format!("{GRANT}&client_id={}&client_secret=wrong", fixture.id);
    for _ in 0..20 {
        is_the_seeds_refusal(&fixture.form(&wrong));
    }
    let limited = fixture.form(&wrong);
    refused(&limited, 429, "temporarily_unavailable");
    assert_eq!(limited.header("retry-after"), Some("60"));
    assert_eq!(limited.header("x-should-retry"), Some("true"));
    fixture.ask("").expect(200);
    // Faults of the request are no failures of a client.
    refused(&fixture.form("grant_type=x"), 400, "unsupported_grant_type");
    let lenient = form(&fixture.server, "/oauth2/token", &wrong);
    refused(&lenient, 429, "temporarily_unavailable");
    fixture.server.advance_ms(MINUTE_MS);
    is_the_seeds_refusal(&fixture.form(&wrong));
}

#[test]
fn a_token_in_the_address_or_a_body_opens_nothing() {
    let fixture = Fixture::new();
    let token = fixture.ask("").expect(200).member("access_token");
    let anyone = fixture.server.anyone();
    for name in ["access_token", "token", "api_key"] {
        let path = format!("/v1/whoami?{name}={token}");
        anyone.get(&path).refused(401, "auth_missing");
    }
    let media = [("Content-Type", FORM)];
    let body = format!("access_token={token}");
    anyone
        .send("POST", "/v1/clients", &media, Some(&body))
        .refused(401, "auth_missing");
}

#[test]
fn an_unknown_oauth_path_is_a_json_404() {
    let fixture = Fixture::new();
    for path in [
        "/oauth",
        "/oauth/",
        "/oauth/tokens",
        "/oauth/token/",
        "/oauth/device_authorization",
        "/oauth2/authorize",
        "/.well-known/openid-configuration",
    ] {
        for answer in [
            fixture.server.anyone().get(path),
            form(&fixture.server, path, GRANT),
        ] {
            let answer = answer.refused(404, "route_not_found");
            assert_eq!(answer.header("content-type"), Some("application/json"));
        }
    }
}

#[test]
fn a_plan_without_api_access_obtains_no_token() {
    let server = Server::start();
    let coach = server.coach_on("coach", "coach@example.com");
    let (id, secret) = server.new_key(coach, Mode::Test, &[]);
    let body = format!("{GRANT}&client_id={id}&client_secret={secret}");
    let answer = form(&server, "/oauth/token", &body);
    refused(&answer, 400, "unauthorized_client");
}

#[test]
fn ended_tokens_are_swept_and_the_others_kept() {
    let fixture = Fixture::new();
    fixture.ask("").expect(200);
    fixture.server.advance_ms(DAY_MS / 4);
    let token = fixture.token();
    fixture.server.advance_ms(DAY_MS / 4 + 1);
    let app = &fixture.server.app;
    actix_web::rt::System::new().block_on(cadence::workers::sweep_tokens(app));
    assert_eq!(fixture.server.rows("access_tokens"), 1);
    token.get("/v1/whoami").expect(200);
}

fn is_in_no_file(directory: &Path, canary: &str) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            is_in_no_file(&path, canary);
        } else if let Ok(bytes) = fs::read(&path) {
            let found = bytes.windows(canary.len()).any(|w| w == canary.as_bytes());
            assert!(!found, "{} holds it", path.display());
        }
    }
}

#[test]
fn a_token_is_in_the_answer_that_made_it_and_nowhere_else() {
    let mut fixture = Fixture::new();
    let answer = fixture.ask("").expect(200);
    let token = answer.member("access_token");
    let caller = fixture.server.bearer(&token);
    caller.get("/v1/whoami").expect(200);
    caller.get(&format!("/v1/whoami?access_token={token}"));
    fixture.server.anyone().get(&format!("/v1/{token}"));
    let ana = json!({ "name": token, "email": "ana@example.com", token.as_str(): 1 });
    let refused = caller.post("/v1/clients", &ana);
    assert!(!refused.text().contains(&token), "{}", refused.text());
    let audit = fixture.boss().get("/v1/audit-log").expect(200).text();
    assert!(audit.contains("access_token.issued"), "{audit}");
    assert!(!audit.contains(&token));
    let core = &token[6..token.len() - 6];
    let logs = logs();
    assert!(!logs.contains(core) && !logs.contains(&fixture.secret[11..41]));
    is_in_no_file(&fixture.server.data(), core);
    fixture.server.stop();
    is_in_no_file(&fixture.server.data(), core);
}

#[test]
fn a_token_of_a_key_that_rotated_itself_does_not_get_that_answer_again() {
    let fixture = Fixture::new();
    let key = fixture.server.bearer(&fixture.secret);
    let token = fixture.token();
    let path = format!("{}/rotate", fixture.path());
    let once = [("Idempotency-Key", "rotate once")];
    let rotated = key.send("POST", &path, &once, None).expect(200);

    token
        .send("POST", &path, &once, None)
        .refused(401, "auth_rotating");
    let again = key.send("POST", &path, &once, None).expect(200);

    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.body, rotated.body);
}

#[test]
fn a_sweep_removes_all_tokens_that_ended_however_many_there_are() {
    let fixture = Fixture::new();
    let app = fixture.server.app.clone();
    let live = fixture.token();
    let key_id = fixture.id.clone();
    let made = app.db.write_blocking(move |tx| {
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1700)
            INSERT INTO access_tokens (tenant_id, digest, key_id, scopes, expires_at, created_at)
            SELECT k.tenant_id, randomblob(32), k.id, 'clients:read', 1, 0
            FROM n JOIN api_keys k ON k.id = ?1";
        Ok(tx.execute(sql, [key_id])?)
    });
    assert_eq!(made.expect("a write"), 1_700);

    actix_web::rt::System::new().block_on(cadence::workers::sweep_tokens(&app));

    let left = app.db.read_now(|conn| {
        let sql = "SELECT count(*) FROM access_tokens";
        Ok(conn.query_row(sql, [], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(left.expect("a read"), 1);
    live.get("/v1/clients").expect(200);
}
