//! What holds for every grant (T-T), and client credentials of apps (T-K1, T-K2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cadence::caller::Mode;
use cadence::clock::{MINUTE_MS, SECOND_MS};
use serde_json::json;

use super::{FORM, Tokens, VERIFIER, World, form, refused};
use crate::support::{Answer, Caller};

const FAILED: &str = r#"{"error":"invalid_client","error_description":"Client authentication failed","message":"Client authentication failed"}"#;

fn basic(world: &World, id: &str, secret: &str, pairs: &[(&str, &str)]) -> Answer {
    let caller = world.server.basic(id, secret);
    caller.send(
        "POST",
        "/oauth/token",
        &[("Content-Type", FORM)],
        Some(&form(pairs)),
    )
}

const CLIENT: &[(&str, &str)] = &[("grant_type", "client_credentials")];

/// T-T1
#[test]
fn only_a_posted_form_is_taken() {
    let world = World::new();
    let anyone = world.server.anyone();
    for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect"] {
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            let answer = anyone.send(method, path, &[], None);
            assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
        }
        let json = anyone.post(
            path,
            &json!({ "token": "x", "grant_type": "refresh_token" }),
        );
        refused(&json, 400, "invalid_request");
        for name in [
            "client_id",
            "client_secret",
            "code",
            "code_verifier",
            "refresh_token",
            "token",
        ] {
            let mut pairs = World::shown(&world.confidential);
            pairs.extend([("grant_type", "client_credentials"), ("token", "x")]);
            let answer = world.send_form(&format!("{path}?{name}=x"), &pairs);
            refused(&answer, 400, "invalid_request");
        }
    }
}

/// T-T2
#[test]
fn an_app_shows_itself_in_the_body_or_by_basic_plain_or_encoded() {
    let world = World::new();
    let app = &world.confidential;
    let secret = app.secret.as_deref().expect("a secret");
    assert!(secret.contains('_') && app.id.contains('_'));
    let encode = |text: &str| text.replace('_', "%5F").replace('-', "%2D");
    for (id, secret) in [
        (app.id.clone(), secret.to_owned()),
        (encode(&app.id), encode(secret)),
    ] {
        basic(&world, &id, &secret, CLIENT).expect(200);
    }
    let mut pairs = World::shown(app);
    pairs.extend(CLIENT);
    world.token(&pairs).expect(200);
    // A public app has no secret; Basic with an empty one says as much.
    let code = world.code(&world.app);
    let code = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    basic(&world, &world.app.id, "", &code).expect(200);
}

/// T-T3
#[test]
fn two_ways_to_show_an_app_are_one_too_many() {
    let world = World::new();
    let app = &world.confidential;
    let secret = app.secret.as_deref().expect("a secret");
    let mut both = World::shown(app);
    both.extend(CLIENT);
    refused(
        &basic(&world, &app.id, secret, &both),
        400,
        "invalid_request",
    );
    let mut differs = CLIENT.to_vec();
    differs.push(("client_id", &world.app.id));
    refused(
        &basic(&world, &app.id, secret, &differs),
        400,
        "invalid_request",
    );
    let caller = world.server.basic(&app.id, secret);
    let header = caller.authorization.clone().unwrap_or_default();
    let headers = [("Content-Type", FORM), ("Authorization", header.as_str())];
    let twice = caller.send("POST", "/oauth/token", &headers, Some(&form(CLIENT)));
    refused(&twice, 400, "invalid_request");
}

/// T-T4, T-T5 and T-W2
#[test]
fn whatever_is_wrong_with_an_app_reads_the_same() {
    let world = World::new();
    let boss = world.boss();
    let deleted = World::register(&world.server, world.coach, Mode::Test, "confidential");
    boss.delete(&format!("/v1/oauth/apps/{}", deleted.id))
        .expect(204);
    let other = World::register(&world.server, world.coach, Mode::Test, "confidential");
    let secret = world.confidential.secret.clone().expect("a secret");
    let mistyped = format!("{}x", &secret[..secret.len() - 1]);
    let unknown = "app_01jzkd6v8q9xw2m4n6p8r0t2v4".to_owned();
    let public = world.app.id.clone();
    let own = world.confidential.id.clone();
    let cases: Vec<(String, Option<String>)> = vec![
        (unknown.clone(), Some(secret.clone())),
        (unknown, None),
        (own.clone(), Some(mistyped)),
        (own.clone(), Some("secret".to_owned())),
        (own.clone(), other.secret),
        (own.to_uppercase(), Some(secret.clone())),
        // A confidential app without its secret, and with an empty one.
        (own.clone(), None),
        (own, Some(String::new())),
        // A public app that sends one.
        (public.clone(), Some(secret)),
        (public, Some("x".to_owned())),
        (deleted.id.clone(), deleted.secret.clone()),
    ];
    let code = world.code(&world.confidential);
    for (id, secret) in cases {
        for grant in [
            vec![("grant_type", "client_credentials")],
            vec![
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("code_verifier", VERIFIER),
            ],
            vec![
                ("grant_type", "refresh_token"),
                ("refresh_token", "cdnrt_x"),
            ],
        ] {
            world.server.advance_ms(MINUTE_MS / 30);
            let mut pairs = grant;
            pairs.push(("client_id", id.as_str()));
            pairs.extend(secret.as_deref().map(|secret| ("client_secret", secret)));
            let answer = world.token(&pairs);
            let is_public = id == world.app.id && secret.as_deref().is_none_or(str::is_empty);
            assert!(!is_public);
            assert_eq!(
                (answer.status, answer.text().as_str()),
                (401, FAILED),
                "{id}"
            );
            assert_eq!(answer.header("www-authenticate"), None);
        }
        world.server.advance_ms(MINUTE_MS);
    }
    let wrong = basic(&world, &world.confidential.id, "wrong", CLIENT);
    assert_eq!((wrong.status, wrong.text().as_str()), (401, FAILED));
    let challenge = wrong.header("www-authenticate").unwrap_or_default();
    assert!(challenge.starts_with("Basic "), "{challenge}");
}

/// T-T6
#[test]
fn grant_types_are_told_apart() {
    let world = World::new();
    let shown = World::shown(&world.confidential);
    let ask = |grant: &[(&str, &str)]| {
        let mut pairs = shown.clone();
        pairs.extend(grant);
        world.token(&pairs)
    };
    refused(&ask(&[]), 400, "invalid_request");
    for unknown in [
        "password",
        "implicit",
        "AUTHORIZATION_CODE",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ] {
        refused(
            &ask(&[("grant_type", unknown)]),
            400,
            "unsupported_grant_type",
        );
    }
    let mut public = World::shown(&world.app);
    public.extend(CLIENT);
    refused(&world.token(&public), 400, "unauthorized_client");
    let (id, secret) = world.server.new_key(world.coach, Mode::Test, &[]);
    for grant in ["authorization_code", "refresh_token"] {
        let pairs = [
            ("grant_type", grant),
            ("client_id", id.as_str()),
            ("client_secret", secret.as_str()),
        ];
        refused(&world.token(&pairs), 400, "unauthorized_client");
    }
    for (grant, missing) in [
        ("authorization_code", "code"),
        ("refresh_token", "refresh_token"),
    ] {
        let answer = ask(&[("grant_type", grant), (missing, "")]);
        refused(&answer, 400, "invalid_request");
    }
}

/// T-T7
#[test]
fn guessing_a_secret_is_held_up_by_address_and_by_app() {
    let world = World::new();
    let wrong = |number: usize| {
        let guess = format!("guess{number}");
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", world.confidential.id.as_str()),
            ("client_secret", guess.as_str()),
        ];
        world.token(&pairs)
    };
    for number in 0..20 {
        assert_eq!(wrong(number).status, 401);
    }
    let limited = wrong(20);
    refused(&limited, 429, "temporarily_unavailable");
    assert_eq!(limited.header("retry-after"), Some("60"));
    assert!(
        !world.client_token().is_empty(),
        "who knows the secret is served"
    );
    let guard = &world.server.app.client_failures;
    let id = cadence::secrets::digest(&world.confidential.id);
    let refusal = guard.fail(id, world.server.app.clock.now());
    assert!(
        refusal.is_err(),
        "the app itself is counted, wherever they come from"
    );
    world.server.advance_ms(MINUTE_MS);
    assert_eq!(wrong(21).status, 401);
}

/// T-T8
#[test]
fn no_grant_outlives_an_account_that_was_disabled() {
    for whose in ["coach", "registrar"] {
        let world = World::new();
        let other = world.server.coach("other@example.com");
        let app = World::register(&world.server, other, Mode::Test, "confidential");
        let tokens = world.tokens(&app);
        let code = world.code(&app);
        let account = if whose == "coach" { world.coach } else { other };
        disable(&world, account);

        assert!(!world.works(&tokens.access), "{whose}");
        let (status, error) = if whose == "coach" {
            (400, "invalid_grant")
        } else {
            (401, "invalid_client")
        };
        refused(&world.refresh(&app, &tokens.refresh), status, error);
        refused(&world.redeem(&app, &code), status, error);
        let mut pairs = World::shown(&app);
        pairs.extend(CLIENT);
        let own = world.token(&pairs);
        assert_eq!(own.status, if whose == "coach" { 200 } else { 401 });
    }
}

fn disable(world: &World, coach: crate::support::Coach) {
    let id = coach.account;
    let changed = world.server.app.db.write_blocking(move |tx| {
        tx.changed(cadence::db::Topic::Credentials);
        let sql = "UPDATE accounts SET status = 'disabled' WHERE id = ?1";
        Ok(tx.prepare_cached(sql)?.execute([id.to_string()])?)
    });
    assert_eq!(changed.expect("a write"), 1);
}

/// T-K1 and T-R8
#[test]
fn a_confidential_app_acts_for_itself_within_its_scopes() {
    let world = World::new();
    let ask = |scope: &str| {
        let mut pairs = World::shown(&world.confidential);
        pairs.extend(CLIENT);
        pairs.push(("scope", scope));
        world.token(&pairs)
    };
    let all = ask("").expect(200).json();
    let members: Vec<&String> = all.as_object().expect("an object").keys().collect();
    assert_eq!(
        members,
        ["token_type", "expires_in", "access_token", "scope"]
    );
    assert_eq!(
        (&all["token_type"], &all["expires_in"]),
        (&json!("Bearer"), &json!(43_200))
    );
    assert_eq!(ask("clients:read").member("scope"), "clients:read");
    assert_eq!(ask("public").expect(200).member("scope"), all["scope"]);
    for scope in [
        "keys:write",
        "clients:read events:read",
        "openid",
        "workspace:write",
    ] {
        refused(&ask(scope), 400, "invalid_scope");
    }
    let token = world.server.bearer(&ask("").member("access_token"));
    let who = token.get("/v1/whoami").expect(200).json();
    assert_eq!(who["credential"]["id"], world.confidential.id);
    assert_eq!(who["workspace_id"], world.coach.workspace.to_string());
    assert_eq!(who["livemode"], false);
    world.server.advance_ms(43_200 * SECOND_MS - 1);
    token.get("/v1/clients").expect(200);
    world.server.advance_ms(1);
    token.get("/v1/clients").refused(401, "auth_invalid");
}

/// T-K2: its subject is the app; and what it did under an idempotency key is nobody else's.
#[test]
fn an_app_for_itself_is_no_coach() {
    let world = World::new();
    let own = world.client_token();
    let coach = Tokens::of(&world.redeem(&world.confidential, &world.code(&world.confidential)));
    let subject = |token: &str| world.introspect(&world.confidential, token).member("sub");
    assert_eq!(subject(&own), world.confidential.id);
    assert_eq!(subject(&coach.access), world.coach.account.to_string());
    let ana = json!({ "name": "Ana", "email": "ana@example.com" });
    let app = world.server.bearer(&own);
    let first = app.post_once("/v1/clients", "same", &ana).expect(201);
    let again = app.post_once("/v1/clients", "same", &ana).expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.body, again.body);
    let rui = json!({ "name": "Rui", "email": "rui@example.com" });
    let key = world
        .boss()
        .post_once("/v1/clients", "same", &rui)
        .expect(201);
    assert_eq!(key.header("idempotent-replayed"), None);
}

/// The tokens of an app that is narrowed, rotated or deleted follow on the next request.
#[test]
fn what_happens_to_an_app_happens_to_its_tokens() {
    let world = World::new();
    let boss = world.boss();
    let path = format!("/v1/oauth/apps/{}", world.confidential.id);
    let (own, coach) = (world.client_token(), world.tokens(&world.confidential));
    boss.patch(&path, &json!({ "scopes": ["checkins:read"] }))
        .expect(200);
    for token in [&own, &coach.access] {
        let bearer = world.server.bearer(token);
        bearer.get("/v1/clients").refused(403, "insufficient_scope");
    }
    boss.patch(&path, &json!({ "scopes": super::SCOPES }))
        .expect(200);
    assert!(world.works(&own) && world.works(&coach.access));

    let rotated = boss.post(
        &format!("{path}/rotate-secret"),
        &json!({ "grace_seconds": 60 }),
    );
    let rotated = rotated.expect(200);
    assert_eq!(
        rotated.json()["previous_secret_works_until"],
        "2026-06-03T12:01:00.000Z"
    );
    let mut fresh = world.confidential.clone();
    fresh.secret = Some(rotated.member("client_secret"));
    // Both secrets work for the grace, and the tokens of both.
    let by_old = world.client_token();
    let mut pairs = World::shown(&fresh);
    pairs.extend(CLIENT);
    let by_new = world.token(&pairs).expect(200).member("access_token");
    assert!(world.works(&by_old) && world.works(&by_new) && world.works(&own));
    world.server.advance_ms(MINUTE_MS);
    assert!(!world.works(&by_old) && !world.works(&own) && world.works(&by_new));
    let mut pairs = World::shown(&world.confidential);
    pairs.extend(CLIENT);
    refused(&world.token(&pairs), 401, "invalid_client");
    // What a coach granted does not hang on the secret.
    assert!(world.works(&coach.access));
    let refreshed = Tokens::of(&world.refresh(&fresh, &coach.refresh));
    boss.act(&format!("{path}/rotate-secret")).expect(200);
    assert!(!world.works(&by_new) && world.works(&refreshed.access));

    boss.delete(&path).expect(204);
    assert!(!world.works(&refreshed.access));
    refused(
        &world.refresh(&fresh, &refreshed.refresh),
        401,
        "invalid_client",
    );
    boss.get(&path).refused(404, "not_found");
    assert!(boss.get("/v1/oauth/grants").column("id").is_empty());
}

/// T-W3: quotes, line breaks, UTF-8, a megabyte and repeats.
#[test]
fn fuzzed_parameters_break_neither_answers_nor_headers() {
    let world = World::new();
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
        "a&a=b",
        "';DROP TABLE refresh_tokens;--",
        "%F0%80%80%80",
        long.as_str(),
    ];
    let names = [
        "grant_type",
        "scope",
        "client_id",
        "client_secret",
        "code",
        "code_verifier",
        "redirect_uri",
        "refresh_token",
        "resource",
        "token",
        "token_type_hint",
        "%0d%0a",
    ];
    let shown = form(&World::shown(&world.confidential));
    for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect"] {
        for name in names {
            for value in values {
                world.server.advance_ms(MINUTE_MS);
                for grant in ["refresh_token", "authorization_code"] {
                    let body = format!("{name}={value}&{shown}&grant_type={grant}");
                    let anyone = world.server.anyone();
                    let answer = anyone.send("POST", path, &[("Content-Type", FORM)], Some(&body));
                    assert!(
                        matches!(answer.status, 200 | 400 | 401 | 413),
                        "{path} {name}={value}: {} {}",
                        answer.status,
                        answer.text()
                    );
                    assert_eq!(answer.header("x-evil"), None);
                    assert_eq!(answer.header("set-cookie"), None);
                    if answer.status != 200 {
                        let text = answer.json()["error_description"].to_string();
                        let text = text.trim_matches('"');
                        let allowed = |c: char| matches!(c, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e');
                        assert!(text.chars().all(allowed), "{text}");
                    }
                }
            }
        }
    }
}

/// API keys in a browser of another origin are everybody's: no token for them.
#[test]
fn a_key_obtains_no_token_from_another_origin() {
    let world = World::new();
    let (id, secret) = world.server.new_key(world.coach, Mode::Test, &[]);
    let body = form(&[
        ("grant_type", "client_credentials"),
        ("client_id", &id),
        ("client_secret", &secret),
    ]);
    let ask = |more: &[(&str, &str)]| {
        let mut headers = vec![("Content-Type", FORM)];
        headers.extend(more);
        world
            .server
            .anyone()
            .send("POST", "/oauth/token", &headers, Some(&body))
    };
    ask(&[]).expect(200);
    refused(
        &ask(&[("Origin", "https://diary.example")]),
        400,
        "invalid_request",
    );
    refused(
        &ask(&[("Sec-Fetch-Site", "cross-site")]),
        400,
        "invalid_request",
    );
}

/// A token is told by its form before it is looked for, and shown in no log.
#[test]
fn a_bearer_in_other_clothes_is_none() {
    let world = World::new();
    let tokens = world.tokens(&world.app);
    let pair = STANDARD.encode(format!("{}:{}", world.app.id, tokens.access));
    for authorization in [
        format!("Bearer {}", tokens.refresh),
        format!(
            "Bearer {}",
            world.confidential.secret.clone().unwrap_or_default()
        ),
        format!("Basic {pair}"),
        format!("Bearer {}", world.code(&world.app)),
    ] {
        let caller = Caller {
            authorization: Some(authorization),
            ..world.server.anyone()
        };
        caller.get("/v1/clients").refused(401, "auth_invalid");
    }
}
