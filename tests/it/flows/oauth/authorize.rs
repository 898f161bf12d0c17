//! The authorization endpoint (T-A).

use serde_json::json;

use super::{ISSUER, OTHER_VERIFIER, REDIRECT, World, form, parameter, query, refused, sent_back};
use crate::support::Answer;
use cadence::access::oauth::codes::challenge_of;
use cadence::caller::Mode;

/// Asserts a page that leads nowhere.
#[track_caller]
fn dead_end(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.header("location"), None);
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(!answer.text().contains("evil.example"), "{}", answer.text());
}

/// T-A1
#[test]
fn a_redirect_uri_is_matched_to_the_byte() {
    let world = World::new();
    let browser = world.browser();
    for uri in [
        "https://diary.example/Callback",
        "https://DIARY.example/callback",
        "HTTPS://diary.example/callback",
        "https://diary.example/callback/",
        "https://diary.example/callback?x=1",
        "https://diary.example/callback#x",
        "https://diary.example/callback#",
        "https://diary.example/callback/..;/x",
        "https://diary.example/a/../callback",
        "https://diary.example/callback%2F..",
        "https://diary.example/callback%252f",
        "https://diary.example/%63allback",
        "https://diary.example@evil.example/callback",
        "https://diary.example:443/callback",
        "https://user@diary.example/callback",
        "https://diary.example\\@evil.example/callback",
        "https://diary.example/callback\t",
        "https://diary.example\t/callback",
        "https://diary.example.evil.example/callback",
        "https://evil.example/callback",
        "https://evil.example/https://diary.example/callback",
        "//diary.example/callback",
        "http://diary.example/callback",
        "http://127.0.0.1/callback",
        "http://localhost/callback",
        "javascript:alert(1)",
    ] {
        dead_end(&world.page(&browser, &query(&world.app, &[("redirect_uri", uri)])));
        let anyone = world.server.anyone();
        let query = query(&world.app, &[("redirect_uri", uri)]);
        dead_end(&anyone.get(&format!("/oauth/authorize?{query}")));
    }
    world.page(&browser, &query(&world.app, &[])).expect(200);
}

/// T-A1, RFC 8252
#[test]
fn the_port_of_a_loopback_redirect_is_free_and_of_a_name_it_is_not() {
    let world = World::new();
    let browser = world.browser();
    let uris = json!({ "redirect_uris": [
        "http://127.0.0.1:7000/cb", "http://[::1]/cb", "http://localhost:3000/cb",
        "com.example.diary:/cb",
    ] });
    let app = World::register_with(&world.server, world.coach, Mode::Test, &uris);
    let page = |uri: &str| world.page(&browser, &query(&app, &[("redirect_uri", uri)]));
    for uri in [
        "http://127.0.0.1:7000/cb",
        "http://127.0.0.1:51234/cb",
        "http://127.0.0.1/cb",
        "http://[::1]:51234/cb",
        "http://localhost:3000/cb",
        "com.example.diary:/cb",
    ] {
        page(uri).expect(200);
    }
    for uri in [
        "http://127.0.0.1:51234/cb/",
        "http://127.0.0.1:51234@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://localhost:3001/cb",
        "http://localhost/cb",
        "https://127.0.0.1:7000/cb",
        "com.example.diary:/cb/x",
        "com.example.diary://cb",
    ] {
        dead_end(&page(uri));
    }
    // The whole way, to a port that nobody registered.
    let uri = [("redirect_uri", "http://127.0.0.1:51234/cb")];
    let back = world.allow(&app, &uri);
    let location = back.header("location").expect("a location");
    assert!(
        location.starts_with("http://127.0.0.1:51234/cb?code=cdnac_"),
        "{location}"
    );
}

/// T-A3
#[test]
fn an_unknown_app_or_address_is_told_on_a_page_and_sent_nowhere() {
    let world = World::new();
    let (browser, anyone) = (world.browser(), world.server.anyone());
    let unknown = "app_01jzkd6v8q9xw2m4n6p8r0t2v4";
    let mut cases = vec![
        query(&world.app, &[("client_id", "")]),
        query(&world.app, &[("client_id", unknown)]),
        query(&world.app, &[("client_id", "nonsense")]),
        query(&world.app, &[("redirect_uri", "")]),
        String::new(),
        "client_id=%ff".to_owned(),
        "%".to_owned(),
    ];
    let usual = query(&world.app, &[]);
    // Which of two would it be?
    cases.push(format!("{usual}&client_id={}", world.app.id));
    cases.push(format!("{usual}&redirect_uri={REDIRECT}"));
    let key = world.server.new_key(world.coach, Mode::Test, &[]).0;
    cases.push(query(&world.app, &[("client_id", &key)]));
    for case in cases {
        dead_end(&world.page(&browser, &case));
        dead_end(&anyone.get(&format!("/oauth/authorize?{case}")));
    }
}

/// T-A4
#[test]
fn what_is_wrong_is_sent_to_the_app_only_after_signing_in() {
    let world = World::new();
    let anyone = world.server.anyone();
    for changes in [
        [("scope", "nonsense")],
        [("response_type", "token")],
        [("code_challenge", "short")],
        [("request", "x")],
    ] {
        let query = query(&world.app, &changes);
        let led = anyone.get(&format!("/oauth/authorize?{query}"));
        assert_eq!(led.status, 303);
        assert_eq!(
            led.header("location"),
            Some(format!("/oauth/sign-in?{query}").as_str())
        );
        let told = world.page(&world.browser(), &query);
        assert!(
            told.header("location")
                .is_some_and(|at| at.starts_with(REDIRECT)),
            "{told:?}"
        );
    }
}

/// T-A5, T-A6, T-A7, T-A14 and T-M4: each fault, and what the app reads.
#[test]
fn a_request_that_is_not_sound_comes_back_with_its_error() {
    let world = World::new();
    let browser = world.browser();
    let challenge = challenge_of(VERIFIER_OF_OTHERS);
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("response_type", "")], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (
            &[("response_type", "code token")],
            "unsupported_response_type",
        ),
        (&[("response_type", "CODE")], "unsupported_response_type"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("response_mode", "form_post")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "s256")], "invalid_request"),
        (&[("code_challenge", &challenge[1..])], "invalid_request"),
        (
            &[("code_challenge", "=".repeat(43).leak())],
            "invalid_request",
        ),
        (&[("scope", "openid")], "invalid_scope"),
        (&[("scope", "clients:read nonsense")], "invalid_scope"),
        (&[("scope", "keys:write")], "invalid_scope"),
        (&[("scope", " ")], "invalid_scope"),
        (&[("resource", "https://other.example")], "invalid_target"),
        (&[("resource", "nonsense")], "invalid_target"),
        (&[("resource", "https://coach.example#x")], "invalid_target"),
        (&[("request", "eyJ")], "request_not_supported"),
        (
            &[("request_uri", "https://evil.example/r")],
            "invalid_request_uri",
        ),
        (
            &[("request_uri", "http://169.254.169.254/")],
            "invalid_request_uri",
        ),
    ];
    for (changes, error) in cases {
        let told = world.page(&browser, &query(&world.app, changes));
        assert_eq!(parameter(&told, "error"), *error, "{changes:?}");
        assert_eq!(parameter(&told, "state"), "xyz");
        assert_eq!(parameter(&told, "iss"), ISSUER);
        assert!(!told.text().contains("code_challenge"));
        let location = told.header("location").unwrap_or_default();
        assert!(location.starts_with(&format!("{REDIRECT}?error=")));
    }
    for twice in [
        "scope=clients:read&scope=clients:read",
        "state=a",
        "code_challenge_method=S256",
    ] {
        let query = format!("{}&{twice}", query(&world.app, &[]));
        let told = world.page(&browser, &query);
        assert_eq!(parameter(&told, "error"), "invalid_request", "{twice}");
    }
}

const VERIFIER_OF_OTHERS: &str = OTHER_VERIFIER;

/// T-A5: a confidential app proves the possession of its verifier like any other.
#[test]
fn pkce_is_asked_of_confidential_apps_too() {
    let world = World::new();
    let query = query(
        &world.confidential,
        &[("code_challenge", ""), ("code_challenge_method", "")],
    );
    let told = world.page(&world.browser(), &query);
    assert_eq!(parameter(&told, "error"), "invalid_request");
}

/// T-A6
#[test]
fn unknown_and_empty_parameters_do_no_harm_and_a_resource_may_repeat() {
    let world = World::new();
    let browser = world.browser();
    let here = "resource=https%3A%2F%2Fcoach.example";
    for more in [
        "&nonsense=1&prompt=none&max_age=0",
        "&scope=&request=&response_mode=",
        "&response_mode=query",
        &format!("&{here}"),
        &format!("&{here}&{here}"),
        "&resource=HTTPS%3A%2F%2FCoach.example%2F",
    ] {
        let query = format!("{}{more}", query(&world.app, &[]));
        world.page(&browser, &query).expect(200);
    }
}

/// T-A8
#[test]
fn without_a_scope_the_apps_own_are_asked_for_and_stated() {
    let world = World::new();
    let page = world
        .page(&world.browser(), &query(&world.app, &[]))
        .expect(200);
    for scope in super::SCOPES {
        assert!(page.text().contains(&format!("value=\"{scope}\"")));
    }
    let tokens = world.tokens(&world.app);
    let mut scope: Vec<&str> = tokens.scope.split(' ').collect();
    scope.sort_unstable();
    let mut own = super::SCOPES.to_vec();
    own.sort_unstable();
    assert_eq!(scope, own);
}

/// T-A9
#[test]
fn state_comes_back_to_the_byte_and_the_issuer_is_named_once() {
    let world = World::new();
    let long = "s".repeat(2_048);
    for state in [
        "+ % & = # ? / \\ \" ' < >",
        "%2B%20%26",
        "caf\u{e9} \u{1f4aa}",
        "a\r\nSet-Cookie: x=y",
        long.as_str(),
    ] {
        let back = world.allow(&world.app, &[("state", state)]);
        assert_eq!(parameter(&back, "state"), state);
        assert_eq!(parameter(&back, "iss"), ISSUER);
        let names: Vec<String> = sent_back(&back).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["code", "state", "iss"]);
        assert_eq!(back.header("set-cookie"), None);
    }
    let back = world.allow(&world.app, &[("state", "")]);
    let names: Vec<String> = sent_back(&back).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["code", "iss"]);
    let metadata = world
        .server
        .anyone()
        .get("/.well-known/oauth-authorization-server");
    assert_eq!(metadata.member("issuer"), parameter(&back, "iss"));
}

/// T-A10
#[test]
fn a_registered_query_is_kept() {
    let world = World::new();
    let uri = "https://diary.example/cb?tenant=7&x=%20";
    let uris = json!({ "redirect_uris": [uri] });
    let app = World::register_with(&world.server, world.coach, Mode::Test, &uris);
    let back = world.allow(&app, &[]);
    let location = back.header("location").expect("a location");
    assert!(location.starts_with(&format!("{uri}&code=")), "{location}");
}

/// T-A11
#[test]
fn every_redirect_of_the_way_is_followed_with_a_get() {
    let world = World::new();
    let anyone = world.server.anyone();
    let asked = query(&world.app, &[]);
    let to_sign_in = anyone.get(&format!("/oauth/authorize?{asked}"));
    let wrong_scope = world.page(&world.browser(), &query(&world.app, &[("scope", "x")]));
    let denied = {
        let browser = world.browser();
        let page = world.page(&browser, &asked);
        world.answer(&browser, &asked, &page, ("deny", &[]))
    };
    for answer in [
        to_sign_in,
        wrong_scope,
        denied,
        world.allow(&world.app, &[]),
    ] {
        assert_eq!(answer.status, 303);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

/// T-A12, T-W6 and W-7
#[test]
fn pages_have_their_headers_and_are_closed_to_other_origins() {
    let world = World::new();
    let browser = world.browser();
    let asked = query(&world.app, &[]);
    let origin = ("Origin", "https://diary.example");
    for path in ["/oauth/authorize", "/oauth/sign-in"] {
        let path = format!("{path}?{asked}");
        let get = browser.get(&path).expect(200);
        let head = browser.send("HEAD", &path, &[], None);
        for name in [
            "content-security-policy",
            "referrer-policy",
            "cache-control",
            "x-content-type-options",
        ] {
            assert!(get.header(name).is_some(), "{name}");
            assert_eq!(get.header(name), head.header(name), "{name}");
        }
        assert_eq!(get.header("cache-control"), Some("no-store"));
        assert_eq!(get.header("referrer-policy"), Some("no-referrer"));
        let policy = get.header("content-security-policy").unwrap_or_default();
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "form-action 'self' https://diary.example",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"));
        let preflight = [origin, ("Access-Control-Request-Method", "POST")];
        for answer in [
            browser.get_with(&path, &[origin]),
            browser.send("OPTIONS", &path, &preflight, None),
            browser.send("PUT", &path, &[origin], None),
        ] {
            let shared = answer
                .headers
                .iter()
                .find(|(name, _)| name.to_ascii_lowercase().starts_with("access-control"));
            assert_eq!(shared, None);
        }
    }
    let style = world.server.anyone().get("/oauth/pages.css").expect(200);
    assert_eq!(
        style.header("content-type"),
        Some("text/css; charset=utf-8")
    );
}

/// T-A13
#[test]
fn looking_at_the_page_changes_nothing() {
    let world = World::new();
    let (browser, asked) = (world.browser(), query(&world.app, &[]));
    world.page(&browser, &asked).expect(200);
    let before = world.server.all_rows();
    for _ in 0..3 {
        world.page(&browser, &asked).expect(200);
        browser.get(&format!("/oauth/sign-in?{asked}")).expect(200);
    }
    assert_eq!(world.server.all_rows(), before);
    assert_eq!(world.server.rows("authorization_codes"), 0);
}

/// T-W5
#[test]
fn what_is_not_there_is_a_json_404_and_what_is_left_out_is_not_there() {
    let world = World::new();
    let anyone = world.server.anyone();
    for path in [
        "/oauth/par",
        "/oauth/register",
        "/oauth/device_authorization",
        "/oauth/authorize/",
        "/oauth/authorize/x",
        "/oauth/jwks",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server/x",
    ] {
        let posted = world.send_form(path, &[("a", "b")]);
        for answer in [anyone.get(path), posted] {
            answer.refused(404, "route_not_found");
        }
    }
}

/// Whatever is put into the parameters: no fault of ours, no header, no way elsewhere.
#[test]
fn fuzzed_parameters_break_nothing_and_lead_nowhere() {
    let world = World::new();
    let browser = world.browser();
    let long = "x".repeat(6_000);
    let values = [
        "%22%27%5C",
        "%0d%0aX-Evil:%20yes",
        "%0aLocation:%20https://evil.example",
        "%e2%82%ac",
        "%ff%fe",
        "%zz",
        "%",
        "%00",
        "%1b[31m",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "%F0%80%80%80",
        "https://evil.example",
        "//evil.example",
        "a&a=b",
        long.as_str(),
    ];
    let names = [
        "response_type",
        "client_id",
        "redirect_uri",
        "code_challenge",
        "code_challenge_method",
        "scope",
        "state",
        "resource",
        "request",
        "response_mode",
        "nonce",
        "ui_locales",
    ];
    for name in names {
        for value in values {
            let rest = query(&world.app, &[(name, "")]);
            let asked = format!("{rest}&{name}={value}");
            for answer in [
                world.page(&browser, &asked),
                world.post_page(
                    &browser,
                    &format!("/oauth/authorize?{asked}"),
                    "decision=allow",
                ),
                world.post_page(
                    &browser,
                    &format!("/oauth/sign-in?{asked}"),
                    "email=a&password=b",
                ),
            ] {
                assert!(
                    matches!(answer.status, 200 | 303 | 400 | 401 | 414 | 429),
                    "{name}={value}: {} {}",
                    answer.status,
                    answer.text()
                );
                assert_eq!(answer.header("x-evil"), None);
                let location = answer.header("location").unwrap_or("/oauth/");
                let safe = location.starts_with(&format!("{REDIRECT}?"))
                    || location.starts_with("/oauth/");
                assert!(safe, "{location}");
                assert!(!answer.text().contains("<script>"), "{}", answer.text());
            }
        }
    }
    let huge = form(&[("ticket", &"x".repeat(1024 * 1024)), ("decision", "allow")]);
    let asked = query(&world.app, &[]);
    let answer = world.post_page(&browser, &format!("/oauth/authorize?{asked}"), &huge);
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert_eq!(world.server.rows("authorization_codes"), 0);
}

/// Off where tokens would go over a plain connection; API keys go on.
#[test]
fn oauth_is_off_on_plain_http_with_a_reason() {
    let plain = cadence::config::PublicUrl::parse("http://coach.example").expect("an address");
    let world = World::with(|config| config.public_url = plain);
    let anyone = world.server.anyone();
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-protected-resource",
    ] {
        let answer = anyone.get(path).refused(404, "route_not_found");
        assert!(answer.text().contains("https"), "{}", answer.text());
    }
    let page = anyone.get(&format!("/oauth/authorize?{}", query(&world.app, &[])));
    dead_end(&page);
    assert!(page.text().contains("https"));
    for pairs in [
        [("grant_type", "client_credentials"), ("x", "y")],
        [
            ("grant_type", "refresh_token"),
            ("refresh_token", "cdnrt_x"),
        ],
        [("grant_type", "authorization_code"), ("code", "cdnac_x")],
    ] {
        let mut all = World::shown(&world.confidential);
        all.extend(pairs);
        let answer = world.token(&all);
        refused(&answer, 400, "invalid_request");
        assert!(answer.text().contains("https"), "{}", answer.text());
    }
    let (id, secret) = world.server.new_key(world.coach, Mode::Test, &[]);
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    world.token(&pairs).expect(200);
    let challenge = anyone.get("/v1/clients").expect(401);
    let challenge = challenge.header("www-authenticate").unwrap_or_default();
    assert!(!challenge.contains("resource_metadata"), "{challenge}");
}
