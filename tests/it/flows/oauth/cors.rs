//! Browsers of other origins (T-T9, T-A12).

use cadence::caller::Mode;
use serde_json::json;

use super::{FORM, World, form};
use crate::support::{Answer, Caller};

const REGISTERED: &str = "https://diary.example";

fn allowed(answer: &Answer) -> Option<&str> {
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    answer.header("access-control-allow-origin")
}

fn preflight(caller: &Caller, path: &str, origin: &str, method: &str) -> Answer {
    let headers = [
        ("Origin", origin),
        ("Access-Control-Request-Method", method),
        (
            "Access-Control-Request-Headers",
            "authorization, content-type",
        ),
    ];
    caller.send("OPTIONS", path, &headers, None)
}

#[test]
fn tokens_revocation_and_metadata_are_open_to_any_origin() {
    let world = World::new();
    let anyone = world.server.anyone();
    let origin = ("Origin", "https://anywhere.example");
    for path in ["/oauth/token", "/oauth2/token", "/oauth/revoke"] {
        let asked = preflight(&anyone, path, origin.1, "POST").expect(204);
        assert_eq!(allowed(&asked), Some("*"));
        assert_eq!(asked.header("access-control-allow-methods"), Some("POST"));
        let headers = [("Content-Type", FORM), origin];
        let mut pairs = World::shown(&world.confidential);
        pairs.extend([("grant_type", "client_credentials"), ("token", "x")]);
        let answer = anyone.send("POST", path, &headers, Some(&form(&pairs)));
        assert_eq!((answer.status, allowed(&answer)), (200, Some("*")));
        let wrong = anyone.send("POST", path, &headers, Some("a=b"));
        assert_eq!(allowed(&wrong), Some("*"), "an error can be read, too");
    }
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-protected-resource",
    ] {
        let answer = anyone.get_with(path, &[origin]).expect(200);
        assert_eq!(allowed(&answer), Some("*"));
        let asked = preflight(&anyone, path, origin.1, "GET").expect(204);
        assert_eq!(allowed(&asked), Some("*"));
    }
}

#[test]
fn the_api_is_open_to_origins_of_registered_redirects_without_cookies() {
    let world = World::new();
    let tokens = world.tokens(&world.app);
    let anyone = world.server.anyone();
    let bearer = world.server.bearer(&tokens.access);
    let asked = preflight(&anyone, "/v1/clients", REGISTERED, "POST").expect(204);
    assert_eq!(allowed(&asked), Some(REGISTERED));
    let sent = asked
        .header("access-control-allow-headers")
        .unwrap_or_default();
    assert!(sent.contains("Authorization") && sent.contains("Idempotency-Key"));
    let vary = asked.header("vary").unwrap_or_default();
    assert!(vary.contains("Origin"), "{vary}");

    let origin = [("Origin", REGISTERED), ("Sec-Fetch-Site", "cross-site")];
    for answer in [
        bearer.get_with("/v1/clients", &origin).expect(200),
        bearer.get_with("/v1/events", &origin).expect(403),
        anyone.get_with("/v1/clients", &origin).expect(401),
    ] {
        assert_eq!(allowed(&answer), Some(REGISTERED));
        let read = answer
            .header("access-control-expose-headers")
            .unwrap_or_default();
        for name in [
            "RateLimit",
            "X-WX-Trace",
            "ETag",
            "Retry-After",
            "X-Request-Id",
        ] {
            assert!(
                read.split(", ").any(|other| other == name),
                "{name}: {read}"
            );
        }
        assert!(answer.header("vary").unwrap_or_default().contains("Origin"));
    }
    // A cookie is nothing there: the session of a page that another origin made is refused.
    let ana = json!({ "name": "Ana", "email": "ana@example.com" }).to_string();
    let refused = world
        .browser()
        .send("POST", "/v1/clients", &origin, Some(&ana));
    refused.refused(403, "cross_origin_refused");
}

#[test]
fn other_origins_get_no_leave() {
    let world = World::new();
    let tokens = world.tokens(&world.app);
    let bearer = world.server.bearer(&tokens.access);
    let anyone = world.server.anyone();
    for origin in [
        "https://evil.example",
        "https://diary.example.evil.example",
        "https://diary.example:444",
        "http://diary.example",
        "https://diary.example/",
        "https://DIARY.example",
        "null",
        "*",
        "",
    ] {
        let answer = bearer.get_with("/v1/clients", &[("Origin", origin)]);
        assert_eq!(allowed(&answer), None, "{origin}");
        let asked = preflight(&anyone, "/v1/clients", origin, "GET");
        assert_eq!((asked.status, allowed(&asked)), (401, None), "{origin}");
    }
    let twice = [("Origin", REGISTERED), ("Origin", "https://evil.example")];
    assert_eq!(allowed(&bearer.get_with("/v1/clients", &twice)), None);
    for path in [
        "/oauth/authorize",
        "/oauth/sign-in",
        "/oauth/introspect",
        "/auth/status",
        "/auth/sessions",
        "/health",
        "/openapi.json",
    ] {
        for answer in [
            anyone.get_with(path, &[("Origin", REGISTERED)]),
            preflight(&anyone, path, REGISTERED, "POST"),
        ] {
            assert_eq!(allowed(&answer), None, "{path}");
        }
    }
}

#[test]
fn an_origin_goes_with_its_app() {
    let world = World::new();
    let boss = world.boss();
    let uris = json!({ "redirect_uris": ["https://other.example:8443/cb", "http://127.0.0.1/cb"] });
    let app = World::register_with(&world.server, world.coach, Mode::Test, &uris);
    let anyone = world.server.anyone();
    let is_open = |origin: &str| preflight(&anyone, "/v1/clients", origin, "GET").status == 204;
    assert!(is_open("https://other.example:8443"));
    // The port of a loopback address is free, as it is for the redirect.
    assert!(is_open("http://127.0.0.1:51234") && is_open("http://127.0.0.1"));
    assert!(!is_open("https://other.example") && !is_open("http://localhost:51234"));
    let path = format!("/v1/oauth/apps/{}", app.id);
    let moved = json!({ "redirect_uris": ["https://moved.example/cb"] });
    boss.patch(&path, &moved).expect(200);
    assert!(is_open("https://moved.example") && !is_open("https://other.example:8443"));
    boss.delete(&path).expect(204);
    assert!(!is_open("https://moved.example") && is_open(REGISTERED));
}

#[test]
fn an_api_key_in_a_browser_of_another_origin_is_refused() {
    let world = World::new();
    let key = world.boss();
    let (id, secret) = world.server.new_key(world.coach, Mode::Test, &[]);
    let by_basic = world.server.basic(&id, &secret);
    for foreign in [
        ("Origin", REGISTERED),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        for caller in [&key, &by_basic] {
            let answer = caller.get_with("/v1/clients", &[foreign]);
            let answer = answer.refused(403, "cross_origin_refused");
            let open = allowed(&answer).is_some();
            assert_eq!(open, foreign == ("Origin", REGISTERED));
        }
    }
    for own in [
        ("Origin", "https://coach.example"),
        ("Origin", "http://localhost"),
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Site", "none"),
    ] {
        key.get_with("/v1/clients", &[own]).expect(200);
    }
    key.get("/v1/clients").expect(200);
}
