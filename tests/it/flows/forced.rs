//! Errors that a test request asks for, to see how its caller takes them.

use cadence::error::{Code, Kind};
use serde_json::json;

use crate::support::{Answer, Caller, Server};

fn force(caller: &Caller, code: &str) -> Answer {
    caller.get_with("/v1/clients", &[("Cadence-Force", code)])
}

#[test]
fn every_code_comes_with_its_status_headers_and_body() {
    let server = Server::start();
    let caller = server.key(server.coach("coach@example.com"), &[]);

    for code in Code::ALL {
        let answer = force(&caller, code.name());

        let name = code.name();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (code.status(), name)
        );
        let error = &answer.json()["error"];
        assert_eq!(error["type"], code.kind().name(), "{name}");
        let id = answer.header("x-request-id").expect("a request id");
        assert_eq!(error["request_id"], id, "{name}");
        assert!(error["message"].is_string(), "{name}");
        let has = |header: &str| answer.header(header).is_some();
        assert!(has("x-ratelimit-limit"), "{name}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
        let unavailable = code.kind() == Kind::Unavailable;
        let waits = unavailable || [Code::RateLimited, Code::IdempotencyInProgress].contains(code);
        assert_eq!(answer.header("retry-after"), waits.then_some("1"), "{name}");
        let should_retry = match code.status() {
            409 | 429 | 500.. => Some(if waits { "true" } else { "false" }),
            _ => None,
        };
        assert_eq!(answer.header("x-should-retry"), should_retry, "{name}");
        assert_eq!(has("allow"), *code == Code::MethodNotAllowed, "{name}");
        let challenges = code.kind() == Kind::Authentication || *code == Code::InsufficientScope;
        assert_eq!(has("www-authenticate"), challenges, "{name}");
        let problem = [
            ("Cadence-Force", name),
            ("Accept", "application/problem+json"),
        ];
        let problem = caller.get_with("/v1/clients", &problem);
        assert_eq!(
            problem.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(problem.json()["code"], name);
    }
    let limited = force(&caller, "rate_limited").json();
    assert_eq!(limited["error"]["policy"], "hour");
    assert_eq!(limited["error"]["limit"], 2_500);
}

#[test]
fn a_forced_error_does_nothing_and_leaves_the_idempotency_key_free() {
    let server = Server::start();
    let caller = server.key(server.coach("coach@example.com"), &[]);
    let new = json!({ "name": "Ana", "email": "ana@example.com" }).to_string();
    let send = |headers: &[(&str, &str)]| caller.send("POST", "/v1/clients", headers, Some(&new));
    let before = server.all_rows();

    for code in ["state_conflict", "overloaded", "already_exists"] {
        let answer = send(&[("Idempotency-Key", "one"), ("Cadence-Force", code)]);
        assert_eq!(answer.code(), code);
    }

    assert_eq!(server.all_rows(), before);
    let created = send(&[("Idempotency-Key", "one")]).expect(201);
    assert_eq!(created.header("idempotent-replayed"), None);
    let logged = caller.get("/v1/requests?status=503").expect(200).json();
    assert_eq!(logged["data"][0]["code"], "overloaded");
}

#[test]
fn what_is_no_code_is_refused_and_so_is_the_header_in_live_mode() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (test, live) = (server.key(coach, &[]), server.live_key(coach));

    for wrong in [
        "",
        "no_such_code",
        "404",
        "not_found, internal",
        "NOT_FOUND",
    ] {
        force(&test, wrong).refused(400, "invalid_parameter");
    }
    let twice = [
        ("Cadence-Force", "not_found"),
        ("Cadence-Force", "not_found"),
    ];
    let twice = test.get_with("/v1/clients", &twice);
    twice.refused(400, "invalid_parameter");
    let refused = force(&live, "not_found").refused(400, "invalid_parameter");
    let fault = &refused.json()["error"]["errors"][0];
    assert_eq!(fault["parameter"], "Cadence-Force");
    force(&server.anyone(), "not_found").refused(401, "auth_missing");
    let open = server
        .anyone()
        .get_with("/health", &[("Cadence-Force", "not_found")]);
    open.expect(200);
}
