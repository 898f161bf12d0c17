//! What went wrong for others: one test a class, named by it.
//!
//! The identifiers are of the public lists; each test does what the class is about, from outside.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use cadence::caller::Mode;
use cadence::clock::MINUTE_MS;
use serde_json::json;

use super::{
    FORM, OTHER_VERIFIER, REDIRECT, SCOPES, Tokens, VERIFIER, World, at_once, form, parameter,
    query, refused,
};
use crate::support::{PASSWORD, exchange};

/// CVE-2023-6291, CVE-2024-1132, CVE-2024-8883, CVE-2022-3782, CVE-2026-3872, CVE-2024-52289,
/// CVE-2020-15234, CVE-2020-15233
#[test]
fn class_redirect_matching() {
    let world = World::new();
    let uris = json!({ "redirect_uris": ["https://a.example/app/cb", "http://127.0.0.1/cb"] });
    let app = World::register_with(&world.server, world.coach, Mode::Test, &uris);
    for uri in [
        "https://a.example/app/..;/evil",
        "https://a.example/app/cb/../../evil",
        "https://a.example/app/cb%2f..%2f..%2fevil",
        "https://a.example%2f@evil.example/app/cb",
        "https://a.example@evil.example/app/cb",
        "https://aXexample/app/cb",
        "https://A.EXAMPLE/app/cb",
        "https://a.example/app/CB",
        "https://a.example/app/cb?x",
        "http://127.0.0.1:80@evil.example/cb",
        "http://evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
    ] {
        let answer = world.page(&world.browser(), &query(&app, &[("redirect_uri", uri)]));
        assert_eq!(
            (answer.status, answer.header("location")),
            (400, None),
            "{uri}"
        );
    }
}

/// CVE-2026-67333, CVE-2020-26938, CVE-2024-21637
#[test]
fn class_scriptable_redirect() {
    let world = World::new();
    let boss = world.boss();
    for uri in [
        "javascript:fetch('/')",
        "JAVASCRIPT:x",
        "\u{b}javascript:x",
        "javascript\t:x",
        "data:text/html;base64,x",
        "vbscript:x",
        "view-source:https://a.example",
        "intent://a#Intent;end",
        "https://a.example/\"><script>",
    ] {
        let new = json!({ "name": "x", "client_type": "public", "redirect_uris": [uri] });
        boss.post("/v1/oauth/apps", &new)
            .refused(400, "validation_failed");
        let asked = query(&world.app, &[("redirect_uri", uri)]);
        let answer = world.page(&world.browser(), &asked);
        assert_eq!(
            (answer.status, answer.header("location")),
            (400, None),
            "{uri}"
        );
    }
}

/// CVE-2023-48228, CVE-2024-23647, CVE-2024-22258, CVE-2025-4144, GHSA-jhm7-29pj-4xvf
#[test]
fn class_pkce_skip_and_downgrade() {
    let world = World::new();
    for app in [&world.app, &world.confidential] {
        for changes in [
            [("code_challenge", ""), ("code_challenge_method", "")],
            [
                ("code_challenge_method", "plain"),
                ("code_challenge", VERIFIER),
            ],
            [
                ("code_challenge_method", "none"),
                ("code_challenge", VERIFIER),
            ],
        ] {
            let told = world.page(&world.browser(), &query(app, &changes));
            assert_eq!(parameter(&told, "error"), "invalid_request");
        }
        let code = world.code(app);
        refused(&world.redeem_with(app, &code, &[]), 400, "invalid_request");
        for _ in 0..5 {
            let wrong = [("code_verifier", OTHER_VERIFIER)];
            refused(&world.redeem_with(app, &code, &wrong), 400, "invalid_grant");
        }
        refused(&world.redeem(app, &code), 400, "invalid_grant");
    }
}

/// CVE-2026-16089, CVE-2026-55672, CVE-2026-53512
#[test]
fn class_code_and_refresh_token_bound_to_their_client() {
    let world = World::new();
    let code = world.code(&world.confidential);
    refused(&world.redeem(&world.app, &code), 400, "invalid_grant");
    let tokens = Tokens::of(&world.redeem(&world.confidential, &code));
    refused(
        &world.refresh(&world.app, &tokens.refresh),
        400,
        "invalid_grant",
    );
    let mut bare = world.confidential.clone();
    bare.secret = None;
    refused(
        &world.refresh(&bare, &tokens.refresh),
        401,
        "invalid_client",
    );
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &tokens.refresh),
    ];
    refused(&world.token(&pairs), 401, "invalid_client");
}

/// CVE-2026-1035, CVE-2026-53517
#[test]
fn class_single_use_races() {
    let world = World::new();
    let code = world.code(&world.app);
    let statuses = at_once(50, |_| world.redeem(&world.app, &code).status);
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    let tokens = world.tokens(&world.app);
    let answers = at_once(50, |_| world.refresh(&world.app, &tokens.refresh));
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    let next = Tokens::of(&answers[0]);
    Tokens::of(&world.refresh(&world.app, &next.refresh));
}

/// CVE-2026-4282, CVE-2026-4325, CVE-2026-37982
#[test]
fn class_shared_untyped_token_store() {
    let world = World::new();
    let tokens = world.tokens(&world.app);
    let code = world.code(&world.app);
    for other in [&tokens.access, &tokens.refresh] {
        refused(&world.redeem(&world.app, other), 400, "invalid_grant");
    }
    refused(&world.refresh(&world.app, &code), 400, "invalid_grant");
    refused(
        &world.refresh(&world.app, &tokens.access),
        400,
        "invalid_grant",
    );
    let confirm = json!({ "token": code, "password": PASSWORD });
    let answer = world
        .server
        .anyone()
        .post("/auth/password-resets/confirm", &confirm);
    assert_eq!(answer.status, 401, "{}", answer.text());
    let session = json!({ "token": code });
    let answer = world.server.anyone().post("/auth/sessions", &session);
    assert_eq!(answer.status, 401, "{}", answer.text());
}

/// CVE-2026-115472, CVE-2018-1000211, CVE-2016-6582, CVE-2020-15223
#[test]
fn class_revocation_authority() {
    let world = World::new();
    let tokens = world.tokens(&world.app);
    let thief = World::register(&world.server, world.coach, Mode::Test, "public");
    world.revoke(&thief, &tokens.access).expect(200);
    world.revoke(&thief, &tokens.refresh).expect(200);
    assert!(world.works(&tokens.access));
    let nobody = world.send_form("/oauth/revoke", &[("token", tokens.access.as_str())]);
    refused(&nobody, 401, "invalid_client");
    // A public app can revoke its own, and a success has no fault in it.
    let answer = world.revoke(&world.app, &tokens.refresh).expect(200);
    assert_eq!(answer.body, b"");
    assert!(!world.works(&tokens.access));
}

/// CVE-2023-34246, CVE-2026-27124
#[test]
fn class_consent_skipped_or_not_bound_to_the_browser() {
    let world = World::new();
    world.tokens(&world.app);
    let asked = format!("{}&prompt=none", query(&world.app, &[]));
    let (browser, other) = (world.browser(), world.browser());
    let page = world.page(&browser, &asked).expect(200);
    let elsewhere = world.answer(&other, &asked, &page, ("allow", SCOPES));
    assert_eq!(
        (elsewhere.status, elsewhere.header("location")),
        (400, None)
    );
    let stranger = world.server.anyone();
    let led = world.answer(&stranger, &asked, &page, ("allow", SCOPES));
    assert!(
        led.header("location")
            .is_some_and(|at| at.starts_with("/oauth/sign-in?"))
    );
}

/// CVE-2026-15015, CVE-2026-44476, GHSA-xr8f-h2gw-9xh6
#[test]
fn class_open_registration() {
    let world = World::new();
    let anyone = world.server.anyone();
    let new = json!({ "client_name": "x", "redirect_uris": [REDIRECT] });
    for path in ["/oauth/register", "/register", "/connect/register"] {
        anyone.post(path, &new).refused(404, "route_not_found");
    }
    anyone
        .post("/v1/oauth/apps", &new)
        .refused(401, "auth_missing");
    let reader = world
        .server
        .key(world.coach, &["workspace:read", "clients:write"]);
    reader
        .post("/v1/oauth/apps", &new)
        .refused(403, "insufficient_scope");
    let metadata = anyone.get("/.well-known/oauth-authorization-server").text();
    assert!(!metadata.contains("registration_endpoint"));
    let mut blank = world.confidential.clone();
    blank.secret = Some(String::new());
    let code = world.code(&world.confidential);
    refused(&world.redeem(&blank, &code), 401, "invalid_client");
}

/// CVE-2025-69196, CVE-2026-67332
#[test]
fn class_audience_ignored() {
    let mut world = World::new();
    let bound = [("resource", "https://coach.example")];
    let told = world.page(
        &world.browser(),
        &query(&world.app, &[("resource", "https://other.example")]),
    );
    assert_eq!(parameter(&told, "error"), "invalid_target");
    let back = world.allow(&world.app, &bound);
    let tokens = Tokens::of(&world.redeem(&world.app, &parameter(&back, "code")));
    assert!(world.works(&tokens.access));
    world.server.restart_with(|config| {
        let other = cadence::config::PublicUrl::parse("https://other.example");
        config.public_url = other.expect("an address");
    });
    assert!(!world.works(&tokens.access));
}

/// CVE-2024-52287, CVE-2024-38371, CVE-2025-64521, CVE-2026-9798, CVE-2026-16103
#[test]
fn class_scope_and_policy_bypass_in_side_grants() {
    let world = World::new();
    let mut pairs = World::shown(&world.confidential);
    pairs.extend([
        ("grant_type", "client_credentials"),
        ("scope", "keys:write"),
    ]);
    refused(&world.token(&pairs), 400, "invalid_scope");
    let tokens = world.tokens(&world.app);
    let wide = world.refresh_with(&world.app, &tokens.refresh, &[("scope", "keys:write")]);
    refused(&wide, 400, "invalid_scope");
    // What was taken away does not come back by refreshing.
    let path = format!("/v1/oauth/apps/{}", world.app.id);
    world
        .boss()
        .patch(&path, &json!({ "scopes": ["clients:read"] }))
        .expect(200);
    let next = Tokens::of(&world.refresh(&world.app, &tokens.refresh));
    assert_eq!(next.scope, "clients:read");
    let id = world.coach.account.to_string();
    let disabled = world.server.app.db.write_blocking(move |tx| {
        tx.changed(cadence::db::Topic::Credentials);
        Ok(tx.execute(
            "UPDATE accounts SET status = 'disabled' WHERE id = ?1",
            [id],
        )?)
    });
    assert_eq!(disabled.expect("a write"), 1);
    refused(
        &world.refresh(&world.app, &next.refresh),
        401,
        "invalid_client",
    );
    refused(
        &world.token(&World::client_pairs(&world.confidential)),
        401,
        "invalid_client",
    );
    assert!(!world.works(&next.access));
}

/// CVE-2024-7341, CVE-2023-6787
#[test]
fn class_session_fixation() {
    let world = World::new();
    let asked = query(&world.app, &[]);
    let planted = cadence::secrets::generate(cadence::secrets::TokenKind::Session);
    let planted = planted.expect("a token");
    let victim = world.server.browser(planted.reveal(), world.coach, "test");
    let body = form(&[("email", "coach@example.com"), ("password", PASSWORD)]);
    let signed_in = world.post_page(&victim, &format!("/oauth/sign-in?{asked}"), &body);
    assert_eq!(signed_in.status, 303, "{}", signed_in.text());
    let cookie = signed_in.header("set-cookie").expect("a cookie");
    assert!(!cookie.contains(planted.reveal()));
    let led = world.page(&victim, &asked);
    assert!(
        led.header("location")
            .is_some_and(|at| at.starts_with("/oauth/sign-in?"))
    );
    // A session that was there before ends with the sign-in.
    let before = world.browser();
    world.post_page(&before, &format!("/oauth/sign-in?{asked}"), &body);
    before.get("/v1/whoami").refused(401, "auth_revoked");
}

/// GHSA-vmf9-6pcv-xr87, CVE-2026-23511
#[test]
fn class_enumeration() {
    let world = World::new();
    let path = format!("/oauth/sign-in?{}", query(&world.app, &[]));
    let try_as = |email: &str| {
        let body = form(&[("email", email), ("password", "not the password")]);
        let answer = world.post_page(&world.server.anyone(), &path, &body);
        (answer.status, answer.text().replace(email, ""))
    };
    assert_eq!(try_as("coach@example.com"), try_as("nobody@example.com"));
    let unknown = "app_01jzkd6v8q9xw2m4n6p8r0t2v4";
    let ask = |id: &str| {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", "x"),
        ];
        let answer = world.token(&pairs);
        (answer.status, answer.text())
    };
    assert_eq!(ask(unknown), ask(&world.confidential.id));
}

/// CVE-2026-77256
#[test]
fn class_files_of_secrets_open_to_others() {
    let world = World::new();
    world.tokens(&world.app);
    let mut seen = 0;
    let data = world.server.data();
    for entry in std::fs::read_dir(&data).expect("a directory") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{}", entry.path().display());
        seen += 1;
    }
    assert!(seen >= 3, "the database, its log and the key");
}

/// CVE-2026-73051, RUSTSEC-2021-0081
#[test]
fn class_request_smuggling() {
    let world = World::new();
    for head in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: +3",
    ] {
        let request = format!(
            "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
            Content-Type: {FORM}\r\n{head}\r\n\r\n0\r\n\r\nGET /v1/whoami HTTP/1.1\r\n\r\n"
        );
        assert_eq!(
            exchange(world.server.address, request.as_bytes()).status,
            400,
            "{head}"
        );
    }
}

/// CVE-2020-10770, and what was learned of webhooks: nothing that a request names is fetched.
#[test]
fn class_server_side_request_forgery() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let here = format!("http://{}", listener.local_addr().expect("an address"));
    let uris = json!({ "client_uri": here, "redirect_uris": [format!("{here}/cb")] });
    let app = World::register_with(&world.server, world.coach, Mode::Test, &uris);
    for changes in [
        [("request_uri", here.as_str())],
        [("client_id", here.as_str())],
        [("resource", here.as_str())],
        [("logo_uri", here.as_str())],
        [("state", here.as_str())],
    ] {
        world.page(&world.browser(), &query(&app, &changes));
    }
    parameter(&world.allow(&app, &[]), "code");
    let asked = listener.accept().expect_err("nobody connects");
    assert_eq!(asked.kind(), std::io::ErrorKind::WouldBlock);
}

/// The penetration test of a peer: comparison of secrets, a page size of nought, markup in fields.
#[test]
fn class_identity_provider_pentest() {
    let world = World::new();
    let boss = world.boss();
    for size in ["0", "-1", "1000000000", "x"] {
        let path = format!("/v1/audit-log?limit={size}");
        boss.get(&path).refused(400, "invalid_parameter");
    }
    let secret = world.confidential.secret.clone().expect("a secret");
    for at in 0..secret.len() {
        let mut guess = secret.clone().into_bytes();
        guess[at] = if guess[at] == b'a' { b'b' } else { b'a' };
        let guess = String::from_utf8(guess).expect("text");
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", world.confidential.id.as_str()),
            ("client_secret", guess.as_str()),
        ];
        refused(&world.token(&pairs), 401, "invalid_client");
        world.server.advance_ms(MINUTE_MS);
    }
}
