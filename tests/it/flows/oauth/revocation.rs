//! Revoking and asking about tokens (T-K7 to T-K9).

use cadence::caller::Mode;
use cadence::clock::SECOND_MS;
use cadence::db::Options;
use serde_json::json;

use super::{FORM, ISSUER, Tokens, World, form, refused};

/// T-K7
#[test]
fn a_client_revokes_its_own_tokens_and_the_next_request_is_refused() {
    let world = World::new();
    for app in [&world.app, &world.confidential] {
        let tokens = world.tokens(app);
        assert!(world.works(&tokens.access));
        let answer = world.revoke(app, &tokens.access).expect(200);
        assert_eq!(answer.body, b"");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let bearer = world.server.bearer(&tokens.access);
        bearer.get("/v1/clients").refused(401, "auth_revoked");
        // The refresh token goes on: an app may want a fresh access token.
        let next = Tokens::of(&world.refresh(app, &tokens.refresh));
        world.revoke(app, &next.refresh).expect(200);
        assert!(!world.works(&next.access));
        refused(&world.refresh(app, &next.refresh), 400, "invalid_grant");
        refused(&world.refresh(app, &tokens.refresh), 400, "invalid_grant");
        world.revoke(app, &next.refresh).expect(200);
    }
    assert!(world.boss().get("/v1/oauth/grants").column("id").is_empty());
    assert_eq!(world.audit("refresh_token.revoked"), 2);
    assert_eq!(world.audit("refresh_token.reused"), 0);
}

/// T-K7: for public apps, too, a token is its own app's.
#[test]
fn nobody_revokes_a_token_of_somebody_else() {
    let world = World::new();
    let other = World::register(&world.server, world.coach, Mode::Test, "public");
    let tokens = world.tokens(&world.app);
    let own = world.client_token();
    let (key, secret) = world.server.new_key(world.coach, Mode::Test, &[]);
    let by_key = [
        ("grant_type", "client_credentials"),
        ("client_id", key.as_str()),
        ("client_secret", secret.as_str()),
    ];
    let of_key = world.token(&by_key).expect(200).member("access_token");
    for thief in [&other, &world.confidential] {
        for token in [&tokens.access, &tokens.refresh, &of_key] {
            let answer = world.revoke(thief, token).expect(200);
            assert_eq!(answer.body, b"");
        }
    }
    world.revoke(&world.app, &own).expect(200);
    let as_key = [
        ("client_id", key.as_str()),
        ("client_secret", secret.as_str()),
        ("token", tokens.access.as_str()),
    ];
    world.send_form("/oauth/revoke", &as_key).expect(200);
    for token in [&tokens.access, &own, &of_key] {
        assert!(world.works(token));
    }
    Tokens::of(&world.refresh(&world.app, &tokens.refresh));
    // A key revokes what it obtained.
    let as_key = [
        ("client_id", key.as_str()),
        ("client_secret", secret.as_str()),
        ("token", of_key.as_str()),
    ];
    world.send_form("/oauth/revoke", &as_key).expect(200);
    assert!(!world.works(&of_key));
    for nothing in ["", "cdnat_x", "cdnrt_x", "nonsense", "%00"] {
        let answer = world.revoke(&world.app, nothing);
        let expected = if nothing.is_empty() { 400 } else { 200 };
        assert_eq!(answer.status, expected, "{nothing}: {}", answer.text());
    }
}

#[test]
fn a_client_that_is_not_known_revokes_nothing() {
    let world = World::new();
    let tokens = world.tokens(&world.confidential);
    let mut wrong = world.confidential.clone();
    for secret in [None, Some("wrong".to_owned())] {
        wrong.secret = secret;
        refused(&world.revoke(&wrong, &tokens.access), 401, "invalid_client");
        refused(
            &world.introspect(&wrong, &tokens.access),
            401,
            "invalid_client",
        );
    }
    let answer = world.send_form("/oauth/revoke", &[("token", tokens.access.as_str())]);
    refused(&answer, 401, "invalid_client");
    assert!(world.works(&tokens.access));
}

/// T-K7
#[test]
fn a_wrong_hint_does_no_harm_and_a_key_is_no_token() {
    let world = World::new();
    for hint in ["access_token", "refresh_token", "nonsense", ""] {
        for which in 0..2 {
            let tokens = world.tokens(&world.app);
            let token = if which == 0 {
                &tokens.access
            } else {
                &tokens.refresh
            };
            let mut pairs = World::shown(&world.app);
            pairs.extend([("token", token.as_str()), ("token_type_hint", hint)]);
            world.send_form("/oauth/revoke", &pairs).expect(200);
            assert!(!world.works(&tokens.access), "{hint}");
        }
    }
    let (_, secret) = world.server.new_key(world.coach, Mode::Test, &[]);
    let own = world.confidential.secret.clone().expect("a secret");
    for other in [&secret, &own] {
        refused(
            &world.revoke(&world.app, other),
            400,
            "unsupported_token_type",
        );
    }
    world.server.bearer(&secret).get("/v1/whoami").expect(200);
}

/// T-K8
#[test]
fn a_revocation_that_could_not_be_saved_is_no_200() {
    let options = Options {
        max_page_count: Some(300),
        ..Options::default()
    };
    let world = World::on(|config| config.requests_per_hour = Some(0), options);
    let key = world.boss();
    for number in 0..2_000 {
        let email = format!("client{number}@example.com");
        let new = json!({ "name": "Ana", "email": email, "coach_notes": "n".repeat(9_000) });
        if key.post("/v1/clients", &new).status != 201 {
            break;
        }
    }
    let mut last = None;
    for _ in 0..2_000 {
        let mut pairs = World::shown(&world.confidential);
        pairs.push(("grant_type", "client_credentials"));
        let answer = world.token(&pairs);
        if answer.status != 200 {
            refused(&answer, 503, "temporarily_unavailable");
            break;
        }
        last = Some(answer.member("access_token"));
    }
    let token = last.expect("a token");
    let answer = (0..50)
        .map(|_| world.revoke(&world.confidential, &token))
        .find(|answer| answer.status != 200);
    // Every revocation writes down who did it, so one of them finds no room.
    refused(&answer.expect("a refusal"), 503, "temporarily_unavailable");
}

/// T-K9
#[test]
fn a_client_sees_its_own_tokens_and_of_others_nothing() {
    let world = World::new();
    let app = &world.confidential;
    let tokens = world.tokens(app);
    let body = world.introspect(app, &tokens.access).expect(200).json();
    assert_eq!(body["active"], true);
    assert_eq!(body["client_id"], app.id);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["sub"], world.coach.account.to_string());
    assert_eq!(body["scope"], "clients:write checkins:read messages:read");
    assert_eq!(
        (&body["iss"], &body["aud"]),
        (&json!(ISSUER), &json!(ISSUER))
    );
    assert_eq!(body["iat"], 1_780_488_000);
    assert_eq!(body["exp"], 1_780_488_000 + 3_600);
    let refresh = world.introspect(app, &tokens.refresh).expect(200).json();
    assert_eq!(
        (&refresh["active"], refresh.get("token_type")),
        (&json!(true), None)
    );

    let other = World::register(&world.server, world.coach, Mode::Test, "confidential");
    let (_, key) = world.server.new_key(world.coach, Mode::Test, &[]);
    let of_other = world.tokens(&world.app);
    for (client, token) in [
        (&other, &tokens.access),
        (&other, &tokens.refresh),
        (app, &of_other.access),
        (app, &of_other.refresh),
        (app, &key),
        (app, app.secret.as_ref().expect("a secret")),
        (app, &"nonsense".to_owned()),
        (app, &"cdnat_x".to_owned()),
    ] {
        let answer = world.introspect(client, token).expect(200);
        assert_eq!(answer.text(), "{\"active\":false}", "{token}");
    }
    // Anybody can say that they are a public app.
    refused(
        &world.introspect(&world.app, &of_other.access),
        401,
        "invalid_client",
    );
    let answer = world.introspect(app, &tokens.access);
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

/// T-K9: nothing of the answer is remembered.
#[test]
fn what_is_told_of_a_token_is_true_now() {
    let world = World::new();
    let app = &world.confidential;
    let tokens = world.tokens(app);
    let boss = world.boss();
    let scope = |token: &str| world.introspect(app, token).json()["scope"].clone();
    assert_eq!(
        scope(&tokens.access),
        "clients:write checkins:read messages:read"
    );
    let path = format!("/v1/oauth/apps/{}", app.id);
    boss.patch(&path, &json!({ "scopes": ["clients:read"] }))
        .expect(200);
    assert_eq!(scope(&tokens.access), "clients:read");
    let next = Tokens::of(&world.refresh(app, &tokens.refresh));
    assert_eq!(
        world.introspect(app, &tokens.refresh).text(),
        "{\"active\":false}"
    );
    world.revoke(app, &next.access).expect(200);
    assert_eq!(
        world.introspect(app, &next.access).text(),
        "{\"active\":false}"
    );
    let own = world.client_token();
    assert_eq!(world.introspect(app, &own).json()["active"], true);
    world.server.advance_ms(43_200 * SECOND_MS);
    assert_eq!(world.introspect(app, &own).text(), "{\"active\":false}");
    assert_eq!(
        world.introspect(app, &tokens.access).text(),
        "{\"active\":false}"
    );
}

/// A key asks about the tokens that it obtained.
#[test]
fn a_key_sees_the_tokens_that_it_obtained() {
    let world = World::new();
    let (id, secret) = world
        .server
        .new_key(world.coach, Mode::Test, &["clients:read"]);
    let shown = [
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    let mut pairs = shown.to_vec();
    pairs.push(("grant_type", "client_credentials"));
    let token = world.token(&pairs).expect(200).member("access_token");
    let mut pairs = shown.to_vec();
    pairs.push(("token", &token));
    let body = world
        .send_form("/oauth/introspect", &pairs)
        .expect(200)
        .json();
    assert_eq!((&body["active"], &body["sub"]), (&json!(true), &json!(id)));
    let caller = world.server.basic(&id, &secret);
    let body = form(&[("token", token.as_str())]);
    let by_basic = caller.send(
        "POST",
        "/oauth/introspect",
        &[("Content-Type", FORM)],
        Some(&body),
    );
    assert_eq!(by_basic.expect(200).json()["active"], true);
}
