//! Redeeming codes (T-G).

use cadence::caller::Mode;
use cadence::clock::{MINUTE_MS, SECOND_MS};
use cadence::secrets::{TokenKind, recognise};

use super::{
    OTHER_VERIFIER, REDIRECT, Tokens, VERIFIER, World, at_once, parameter, query, refused,
};

/// T-G1
#[test]
fn a_code_is_random_kept_as_a_digest_and_over_after_a_minute() {
    let world = World::new();
    let code = world.code(&world.app);
    assert_eq!(recognise(&code), Ok(TokenKind::Code));
    let held = world.server.app.db.read_now(|conn| {
        let sql = "SELECT count(*) FROM authorization_codes
            WHERE instr(CAST(digest AS TEXT), ?1) OR length(digest) <> 32";
        Ok(conn.query_row(sql, [&code], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(held.expect("a read"), 0);
    world.server.advance_ms(MINUTE_MS - 1);
    Tokens::of(&world.redeem(&world.app, &code));
    let late = world.code(&world.app);
    world.server.advance_ms(MINUTE_MS);
    refused(&world.redeem(&world.app, &late), 400, "invalid_grant");
}

/// T-G2
#[test]
fn a_code_is_good_for_its_own_app_alone() {
    let world = World::new();
    let other = World::register(&world.server, world.coach, Mode::Test, "public");
    let code = world.code(&world.app);
    for thief in [&other, &world.confidential] {
        refused(&world.redeem(thief, &code), 400, "invalid_grant");
    }
    Tokens::of(&world.redeem(&world.app, &code));
    let code = world.code(&world.confidential);
    refused(&world.redeem(&world.app, &code), 400, "invalid_grant");
    Tokens::of(&world.redeem(&world.confidential, &code));
}

/// T-G3
#[test]
fn a_verifier_must_fit_and_five_wrong_ones_burn_the_code() {
    let world = World::new();
    let code = world.code(&world.app);
    let long = "x".repeat(129);
    for malformed in ["", "short", &VERIFIER[1..], long.as_str(), &"+".repeat(43)] {
        let answer = world.redeem_with(&world.app, &code, &[("code_verifier", malformed)]);
        refused(&answer, 400, "invalid_request");
    }
    // Of the right form and wrong: these count.
    for _ in 0..4 {
        let answer = world.redeem_with(&world.app, &code, &[("code_verifier", OTHER_VERIFIER)]);
        refused(&answer, 400, "invalid_grant");
    }
    Tokens::of(&world.redeem(&world.app, &code));
    let code = world.code(&world.app);
    for _ in 0..5 {
        world.redeem_with(&world.app, &code, &[("code_verifier", OTHER_VERIFIER)]);
    }
    refused(&world.redeem(&world.app, &code), 400, "invalid_grant");
}

/// T-G4: there is no code without a challenge, so none can be redeemed as if it had none.
#[test]
fn pkce_cannot_be_left_out_halfway() {
    let world = World::new();
    for app in [&world.app, &world.confidential] {
        for changes in [
            [("code_challenge", ""), ("code_challenge_method", "")],
            [("code_challenge", ""), ("code_challenge_method", "S256")],
        ] {
            let told = world.page(&world.browser(), &query(app, &changes));
            assert_eq!(parameter(&told, "error"), "invalid_request");
        }
        let code = world.code(app);
        refused(&world.redeem_with(app, &code, &[]), 400, "invalid_request");
    }
    let without = world.server.app.db.read_now(|conn| {
        let sql = "SELECT count(*) FROM authorization_codes WHERE length(challenge) <> 43";
        Ok(conn.query_row(sql, [], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(without.expect("a read"), 0);
}

/// T-G5
#[test]
fn a_redirect_uri_need_not_be_sent_and_must_be_the_same_if_it_is() {
    let world = World::new();
    let code = world.code(&world.app);
    let redeem = |uri: &str| {
        let more = [("code_verifier", VERIFIER), ("redirect_uri", uri)];
        world.redeem_with(&world.app, &code, &more)
    };
    for other in [
        "https://diary.example/callback/",
        "https://evil.example/",
        "x",
    ] {
        refused(&redeem(other), 400, "invalid_grant");
    }
    Tokens::of(&redeem(REDIRECT));
    let code = world.code(&world.app);
    Tokens::of(&world.redeem(&world.app, &code));
}

/// T-G6
#[test]
fn a_second_redemption_ends_all_tokens_and_a_failed_one_ends_none() {
    let world = World::new();
    let code = world.code(&world.confidential);
    let tokens = Tokens::of(&world.redeem(&world.confidential, &code));
    let mut thief = world.confidential.clone();
    thief.secret = Some("wrong".to_owned());
    refused(&world.redeem(&thief, &code), 401, "invalid_client");
    refused(&world.redeem(&world.app, &code), 400, "invalid_grant");
    let wrong = [("code_verifier", OTHER_VERIFIER)];
    refused(
        &world.redeem_with(&world.confidential, &code, &wrong),
        400,
        "invalid_grant",
    );
    assert!(world.works(&tokens.access));

    refused(
        &world.redeem(&world.confidential, &code),
        400,
        "invalid_grant",
    );

    assert!(!world.works(&tokens.access));
    refused(
        &world.refresh(&world.confidential, &tokens.refresh),
        400,
        "invalid_grant",
    );
    assert_eq!(world.audit("authorization_code.replayed"), 1);
    // A code that is long over is still known to have been redeemed.
    let code = world.code(&world.app);
    let tokens = Tokens::of(&world.redeem(&world.app, &code));
    world.server.advance_ms(5 * MINUTE_MS);
    world.redeem(&world.app, &code);
    assert!(!world.works(&tokens.access));
}

/// T-G7
#[test]
fn fifty_redemptions_at_once_have_one_winner() {
    let world = World::new();
    for app in [&world.app, &world.confidential] {
        let code = world.code(app);
        let answers = at_once(50, |_| world.redeem(app, &code));
        let won: Vec<_> = answers
            .iter()
            .filter(|answer| answer.status == 200)
            .collect();
        assert_eq!(won.len(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            refused(answer, 400, "invalid_grant");
        }
        // The others held everything that the app should hold alone.
        assert!(!world.works(&Tokens::of(won[0]).access));
    }
    assert_eq!(world.server.rows("oauth_families"), 2);
    assert_eq!(world.server.rows("refresh_tokens"), 2);
    assert_eq!(world.server.rows("access_tokens"), 2);
}

/// T-G8
#[test]
fn nothing_else_passes_for_a_code_and_a_code_for_nothing_else() {
    let world = World::new();
    let tokens = world.tokens(&world.app);
    let reset = cadence::secrets::generate(TokenKind::Reset).expect("a token");
    let secret = world.confidential.secret.clone().expect("a secret");
    for other in [&tokens.access, &tokens.refresh, &secret, reset.reveal()] {
        refused(&world.redeem(&world.app, other), 400, "invalid_grant");
    }
    let code = world.code(&world.app);
    refused(&world.refresh(&world.app, &code), 400, "invalid_grant");
    assert_eq!(
        world.introspect(&world.confidential, &code).text(),
        "{\"active\":false}"
    );
    world.revoke(&world.app, &code).expect(200);
    let confirm = serde_json::json!({ "token": code, "password": "a password of many words" });
    let answer = world
        .server
        .anyone()
        .post("/auth/password-resets/confirm", &confirm);
    assert!(matches!(answer.status, 400 | 401), "{}", answer.text());
    Tokens::of(&world.redeem(&world.app, &code));
}

/// T-M5
#[test]
fn a_resource_of_the_token_request_must_be_granted() {
    let world = World::new();
    let code = world.code(&world.app);
    for resource in ["https://other.example", "https://coach.example/v1", "x"] {
        let more = [("code_verifier", VERIFIER), ("resource", resource)];
        refused(
            &world.redeem_with(&world.app, &code, &more),
            400,
            "invalid_target",
        );
    }
    let more = [
        ("code_verifier", VERIFIER),
        ("resource", "https://coach.example/"),
    ];
    let tokens = Tokens::of(&world.redeem_with(&world.app, &code, &more));
    let more = [("resource", "https://other.example")];
    refused(
        &world.refresh_with(&world.app, &tokens.refresh, &more),
        400,
        "invalid_target",
    );
    let more = [("resource", "https://coach.example")];
    Tokens::of(&world.refresh_with(&world.app, &tokens.refresh, &more));
}

#[test]
fn a_redemption_may_ask_for_less_and_not_for_more() {
    let world = World::new();
    let code = world.code(&world.app);
    let ask = |code: &str, scope: &str| {
        let more = [("code_verifier", VERIFIER), ("scope", scope)];
        world.redeem_with(&world.app, code, &more)
    };
    refused(&ask(&code, "keys:write"), 400, "invalid_scope");
    let tokens = Tokens::of(&ask(&code, "clients:read"));
    assert_eq!(tokens.scope, "clients:read");
    // The refresh token has all that was consented to.
    let all = Tokens::of(&world.refresh(&world.app, &tokens.refresh));
    assert_eq!(all.scope, "clients:write checkins:read messages:read");
}

#[test]
fn an_access_token_lives_for_an_hour_or_as_long_as_is_set() {
    let world = World::new();
    let code = world.code(&world.app);
    let answer = world.redeem(&world.app, &code);
    assert_eq!(answer.json()["expires_in"], 3_600);
    let tokens = Tokens::of(&answer);
    world.server.advance_ms(3_600 * SECOND_MS - 1);
    assert!(world.works(&tokens.access));
    world.server.advance_ms(1);
    assert!(!world.works(&tokens.access));
    let short = World::with(|config| config.access_token_s = 60);
    let code = short.code(&short.app);
    assert_eq!(short.redeem(&short.app, &code).json()["expires_in"], 60);
}
