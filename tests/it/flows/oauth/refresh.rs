//! Refresh tokens (T-R).

use std::sync::atomic::{AtomicBool, Ordering};

use cadence::access::accounts;
use cadence::clock::{DAY_MS, HOUR_MS, SECOND_MS};
use cadence::db::Options;
use cadence::outbox::templates::Fill;
use serde_json::json;

use super::{Tokens, World, at_once, refused};
use crate::support::until;

/// T-R1
#[test]
fn every_use_rotates_and_a_narrow_token_narrows_only_itself() {
    let world = World::new();
    for app in [&world.app, &world.confidential] {
        let first = world.tokens(app);
        let second = Tokens::of(&world.refresh(app, &first.refresh));
        assert_ne!(first.refresh, second.refresh);
        assert_ne!(first.access, second.access);
        assert_eq!(first.scope, second.scope);
        assert!(world.works(&first.access) && world.works(&second.access));
        let narrow = world.refresh_with(app, &second.refresh, &[("scope", "clients:read")]);
        let narrow = Tokens::of(&narrow);
        assert_eq!(narrow.scope, "clients:read");
        let bearer = world.server.bearer(&narrow.access);
        let ana = json!({ "name": "Ana", "email": "ana@example.com" });
        bearer
            .post("/v1/clients", &ana)
            .refused(403, "insufficient_scope");
        for wider in ["keys:read", "clients:write events:read", "nonsense"] {
            let answer = world.refresh_with(app, &narrow.refresh, &[("scope", wider)]);
            refused(&answer, 400, "invalid_scope");
        }
        let all = Tokens::of(&world.refresh(app, &narrow.refresh));
        assert_eq!(all.scope, first.scope);
    }
}

/// T-R2
#[test]
fn reuse_of_a_spent_token_ends_its_family_and_tells_the_coach() {
    let world = World::new();
    let first = world.tokens(&world.app);
    let elsewhere = world.tokens(&world.app);
    let second = Tokens::of(&world.refresh(&world.app, &first.refresh));
    world.server.advance_ms(30 * SECOND_MS);

    refused(
        &world.refresh(&world.app, &first.refresh),
        400,
        "invalid_grant",
    );

    refused(
        &world.refresh(&world.app, &second.refresh),
        400,
        "invalid_grant",
    );
    for token in [&first.access, &second.access] {
        let answer = world.server.bearer(token).get("/v1/clients");
        answer.refused(401, "auth_revoked");
    }
    assert!(world.works(&elsewhere.access), "another device goes on");
    Tokens::of(&world.refresh(&world.app, &elsewhere.refresh));
    assert_eq!(world.audit("refresh_token.reused"), 1);
    let mails = mails(&world);
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].contains("Runner's <diary>"), "{}", mails[0]);
    assert!(mails[0].contains("North Street Strength"), "{}", mails[0]);
    // Told once, however often it is tried.
    world.refresh(&world.app, &first.refresh);
    assert_eq!(
        (
            world.audit("refresh_token.reused"),
            self::mails(&world).len()
        ),
        (1, 1)
    );
}

/// The mails to accounts, as text.
fn mails(world: &World) -> Vec<String> {
    let app = &world.server.app;
    let account = world.coach.account;
    let rows = app.db.read_now(|conn| {
        accounts::store::find(conn, account)?;
        let sql = "SELECT id, fill FROM account_outbox WHERE template = 'token_reuse'";
        let mut statement = conn.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<Vec<(String, Vec<u8>)>, _>>()?)
    });
    let rows = rows.expect("a read").into_iter();
    rows.map(|(id, fill)| {
        let context = format!("account_outbox:{account}:{id}");
        let fill = app.sealing.open(&context, &fill).expect("it opens");
        Fill::from_json(&fill).expect("a fill").render().text
    })
    .collect()
}

/// T-R3
#[test]
fn fifty_refreshes_at_once_are_one_rotation_with_one_answer() {
    let world = World::new();
    for app in [&world.app, &world.confidential] {
        let first = world.tokens(app);
        let before = world.server.rows("refresh_tokens");
        let answers = at_once(50, |_| world.refresh(app, &first.refresh));
        for answer in &answers {
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.body, answers[0].body);
        }
        assert_eq!(world.server.rows("refresh_tokens"), before + 1);
        let second = Tokens::of(&answers[0]);
        assert!(world.works(&second.access));
        Tokens::of(&world.refresh(app, &second.refresh));
    }
}

/// T-R3 with everybody else writing too: no family forks, and none ends.
#[test]
fn no_family_forks_under_load() {
    let world = World::with(|config| config.requests_per_hour = Some(0));
    let first = world.tokens(&world.app);
    let key = world.boss();
    let done = AtomicBool::new(false);
    let end = std::thread::scope(|scope| {
        for writer in 0..4 {
            let (key, done) = (key.clone(), &done);
            scope.spawn(move || {
                for count in 0.. {
                    if done.load(Ordering::Acquire) {
                        break;
                    }
                    let email = format!("w{writer}n{count}@example.com");
                    let new = json!({ "name": "Ana", "email": email, "send_invite": false });
                    key.post("/v1/clients", &new).expect(201);
                }
            });
        }
        let mut tokens = first.clone();
        for _ in 0..10 {
            let answers = at_once(10, |_| world.refresh(&world.app, &tokens.refresh));
            for answer in &answers {
                assert_eq!(answer.body, answers[0].body, "{}", answer.text());
            }
            tokens = Tokens::of(&answers[0]);
        }
        done.store(true, Ordering::Release);
        tokens
    });
    assert!(world.works(&end.access));
    assert_eq!(world.server.rows("refresh_tokens"), 11);
    assert_eq!(world.server.rows("oauth_families"), 1);
}

/// T-R4
#[test]
fn a_lost_answer_is_given_again_for_thirty_seconds_and_only_of_the_last_rotation() {
    let world = World::new();
    let first = world.tokens(&world.app);
    let answer = world.refresh(&world.app, &first.refresh).expect(200);
    world.server.advance_ms(30 * SECOND_MS - 1);
    let again = world.refresh(&world.app, &first.refresh).expect(200);
    assert_eq!(again.body, answer.body);
    assert_eq!(again.header("cache-control"), Some("no-store"));
    assert_eq!(world.server.rows("refresh_tokens"), 2);
    let second = Tokens::of(&answer);
    let third = Tokens::of(&world.refresh(&world.app, &second.refresh));
    // The one before the last is no lost answer any more, however soon it comes.
    refused(
        &world.refresh(&world.app, &first.refresh),
        400,
        "invalid_grant",
    );
    assert!(!world.works(&third.access));
    assert_eq!(world.audit("refresh_token.reused"), 1);
}

/// T-R4: what is kept for that is sealed, and wiped.
#[test]
fn a_kept_answer_is_sealed_and_wiped_after_its_time() {
    let world = World::new();
    let first = world.tokens(&world.app);
    let second = Tokens::of(&world.refresh(&world.app, &first.refresh));
    let kept = |world: &World| {
        let read = world.server.app.db.read_now(|conn| {
            let sql = "SELECT answer FROM refresh_tokens WHERE answer IS NOT NULL";
            let mut statement = conn.prepare(sql)?;
            let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        });
        read.expect("a read")
    };
    let sealed = kept(&world);
    assert_eq!(sealed.len(), 1);
    for canary in [&second.access, &second.refresh] {
        let core = &canary.as_bytes()[6..30];
        assert!(!sealed[0].windows(core.len()).any(|window| window == core));
    }
    let sweep = |world: &World| {
        let sweeping = cadence::workers::sweep_tokens(&world.server.app);
        actix_web::rt::System::new().block_on(sweeping);
    };
    sweep(&world);
    assert_eq!(kept(&world).len(), 1);
    world.server.advance_ms(30 * SECOND_MS + 1);
    sweep(&world);
    assert!(kept(&world).is_empty());
    // It is known all the same that the token was spent.
    refused(
        &world.refresh(&world.app, &first.refresh),
        400,
        "invalid_grant",
    );
    assert!(!world.works(&second.access));
}

/// T-R5
#[test]
fn a_refresh_token_is_good_for_its_own_app_with_its_secret() {
    let world = World::new();
    let tokens = world.tokens(&world.confidential);
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
    bare.secret = Some("wrong".to_owned());
    refused(
        &world.refresh(&bare, &tokens.refresh),
        401,
        "invalid_client",
    );
    let next = Tokens::of(&world.refresh(&world.confidential, &tokens.refresh));
    // Nor can a stranger end what is not his by using a spent one.
    world.server.advance_ms(HOUR_MS / 2);
    refused(
        &world.refresh(&world.app, &tokens.refresh),
        400,
        "invalid_grant",
    );
    assert!(world.works(&next.access));
}

/// T-R6
#[test]
fn a_family_ends_by_silence_and_by_age() {
    let world = World::new();
    let silent = world.tokens(&world.app);
    world.server.advance_ms(30 * DAY_MS - 1);
    let kept = Tokens::of(&world.refresh(&world.app, &silent.refresh));
    world.server.advance_ms(30 * DAY_MS);
    refused(
        &world.refresh(&world.app, &kept.refresh),
        400,
        "invalid_grant",
    );

    let mut tokens = world.tokens(&world.app);
    for _ in 0..3 {
        world.server.advance_ms(29 * DAY_MS);
        tokens = Tokens::of(&world.refresh(&world.app, &tokens.refresh));
    }
    world.server.advance_ms(3 * DAY_MS - HOUR_MS / 2);
    let last = world.refresh(&world.app, &tokens.refresh).expect(200);
    assert_eq!(last.json()["expires_in"], 1_800, "never beyond its family");
    world.server.advance_ms(HOUR_MS / 2);
    let last = Tokens::of(&last);
    assert!(!world.works(&last.access));
    refused(
        &world.refresh(&world.app, &last.refresh),
        400,
        "invalid_grant",
    );
}

/// T-R6
#[test]
fn a_new_password_ends_what_apps_may_do_and_signing_out_does_not() {
    let world = World::new();
    let (browser, tokens) = (world.browser(), world.tokens(&world.app));
    browser.delete("/auth/sessions/current").expect(204);
    assert!(world.works(&tokens.access));
    let tokens = Tokens::of(&world.refresh(&world.app, &tokens.refresh));
    let body = json!({ "account": { "password": "another password of many words" } });
    world.browser().patch("/v1/settings", &body).expect(200);
    assert!(!world.works(&tokens.access));
    refused(
        &world.refresh(&world.app, &tokens.refresh),
        400,
        "invalid_grant",
    );
}

/// T-R7 without a kill: what could not be written did not happen.
#[test]
fn a_refresh_that_could_not_be_saved_changes_nothing() {
    let options = Options {
        max_page_count: Some(300),
        ..Options::default()
    };
    let world = World::on(|config| config.requests_per_hour = Some(0), options);
    let mut tokens = world.tokens(&world.app);
    let key = world.boss();
    for number in 0..2_000 {
        let email = format!("client{number}@example.com");
        let new = json!({ "name": "Ana", "email": email, "coach_notes": "n".repeat(9_000) });
        if key.post("/v1/clients", &new).status != 201 {
            break;
        }
    }
    let refusal = loop {
        let answer = world.refresh(&world.app, &tokens.refresh);
        if answer.status != 200 {
            break answer;
        }
        tokens = Tokens::of(&answer);
    };
    refused(&refusal, 503, "temporarily_unavailable");
    assert_eq!(refusal.header("retry-after"), Some("1"));
    let rows = ["refresh_tokens", "access_tokens", "audit_log"];
    let before = rows.map(|table| world.server.rows(table));
    for _ in 0..3 {
        world.refresh(&world.app, &tokens.refresh);
    }
    assert_eq!(rows.map(|table| world.server.rows(table)), before);
    assert!(world.works(&tokens.access));
    // T-K8: nor is a revocation said to be done.
    let refusal = world.revoke(&world.app, &tokens.refresh);
    if refusal.status == 200 {
        // There was room for this much: then it is done.
        assert!(!world.works(&tokens.access));
        return;
    }
    refused(&refusal, 503, "temporarily_unavailable");
    assert!(world.works(&tokens.access));
    let freed = world
        .server
        .app
        .db
        .write_blocking(|tx| Ok(tx.execute("DELETE FROM audit_log", [])?));
    assert!(freed.expect("a write") > 0);
    Tokens::of(&world.refresh(&world.app, &tokens.refresh));
}

/// S-10
#[test]
fn spent_tokens_are_kept_until_their_family_ends_and_then_all_goes() {
    let world = World::new();
    let first = world.tokens(&world.app);
    Tokens::of(&world.refresh(&world.app, &first.refresh));
    let sweep = || {
        let sweeping = cadence::workers::sweep_tokens(&world.server.app);
        actix_web::rt::System::new().block_on(sweeping);
    };
    world.server.advance_ms(89 * DAY_MS);
    sweep();
    assert_eq!(world.server.rows("refresh_tokens"), 2);
    assert_eq!(world.server.rows("authorization_codes"), 0);
    assert_eq!(world.server.rows("spent_tickets"), 0);
    assert_eq!(world.server.rows("access_tokens"), 0);
    world.server.advance_ms(4 * DAY_MS);
    sweep();
    assert_eq!(world.server.rows("refresh_tokens"), 0);
    assert_eq!(world.server.rows("oauth_families"), 0);
}

/// The use of a grant is written beside the requests.
#[test]
fn the_last_use_of_a_grant_is_written() {
    let mut world = World::new();
    let tokens = world.tokens(&world.app);
    assert!(world.works(&tokens.access));
    world.server.write_uses();
    world.server.restart();
    let list = world.boss().get("/v1/oauth/grants").expect(200).json();
    assert_eq!(list["data"][0]["last_used_at"], "2026-06-03T12:00:00.000Z");
    until("the token works after a restart", || {
        world.works(&tokens.access)
    });
}
