//! The consent page (T-C) and signing in before it.

use cadence::caller::Mode;
use cadence::clock::{MINUTE_MS, SECOND_MS};
use serde_json::json;

use super::{REDIRECT, SCOPES, Tokens, World, form, hidden, parameter, query};
use crate::support::{Caller, PASSWORD};

/// T-C1
#[test]
fn the_page_says_who_asks_for_what_and_where_it_goes() {
    let world = World::new();
    let page = world
        .page(&world.browser(), &query(&world.app, &[]))
        .expect(200);
    let html = page.text();
    for text in [
        "Runner's &lt;diary&gt;",
        "<strong class=\"host\">diary.example</strong>",
        "North Street Strength",
        "coach@example.com",
        "test data",
        "Add and change clients",
        "See check-ins",
        "Read messages",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    // Deny is a button of the same form and the same look, and comes first.
    let deny = html.find("value=\"deny\">Deny</button>").expect("a button");
    let allow = html
        .find("value=\"allow\">Allow</button>")
        .expect("a button");
    assert!(deny < allow);
    let looks = |value: &str| {
        let end = html.find(&format!(" value=\"{value}\"")).expect("a button");
        let start = html[..end].rfind('<').expect("a tag");
        html[start..end].to_owned()
    };
    assert_eq!(looks("deny"), looks("allow"));
    assert!(!html.contains("<script") && !html.contains("style="));
    assert!(!html.contains("only if you started that program"));
    let uris = json!({ "redirect_uris": ["http://127.0.0.1/cb"] });
    let local = World::register_with(&world.server, world.coach, Mode::Test, &uris);
    let page = world
        .page(&world.browser(), &query(&local, &[]))
        .expect(200);
    assert!(page.text().contains("only if you started that program"));
}

/// T-C2
#[test]
fn a_ticket_is_for_its_request_and_its_session_and_counts_once() {
    let world = World::new();
    let (browser, asked) = (world.browser(), query(&world.app, &[]));
    let page = world.page(&browser, &asked).expect(200);
    let other = World::register(&world.server, world.coach, Mode::Test, "public");
    for changed in [
        query(&other, &[]),
        query(&world.app, &[("state", "other")]),
        query(&world.app, &[("scope", "clients:write")]),
        query(&world.app, &[("resource", "https://coach.example")]),
        query(&world.app, &[("code_challenge", "A".repeat(43).leak())]),
        format!("{asked}&x=1"),
    ] {
        let refused = world.answer(&browser, &changed, &page, ("allow", SCOPES));
        assert_eq!(refused.status, 400, "{}", refused.text());
    }
    let elsewhere = world.answer(&world.browser(), &asked, &page, ("allow", SCOPES));
    assert_eq!(elsewhere.status, 400);
    let stranger = world
        .server
        .session(world.server.coach("other@example.com"));
    assert_eq!(
        world
            .answer(&stranger, &asked, &page, ("allow", SCOPES))
            .status,
        400
    );
    for forged in ["", "x", "AAAA"] {
        let pairs = [
            ("ticket", forged),
            ("decision", "allow"),
            ("scope", "clients:write"),
        ];
        let path = format!("/oauth/authorize?{asked}");
        let refused = world.post_page(&browser, &path, &form(&pairs));
        assert_eq!(refused.status, 400);
    }
    assert_eq!(world.server.rows("authorization_codes"), 0);

    let allowed = world.answer(&browser, &asked, &page, ("allow", SCOPES));
    parameter(&allowed, "code");
    for decision in ["allow", "deny"] {
        let again = world.answer(&browser, &asked, &page, (decision, SCOPES));
        assert_eq!(again.status, 400, "{}", again.text());
        assert_eq!(again.header("location"), None);
    }
    let old = world.page(&browser, &asked).expect(200);
    world.server.advance_ms(10 * MINUTE_MS);
    assert_eq!(
        world
            .answer(&browser, &asked, &old, ("allow", SCOPES))
            .status,
        400
    );
}

/// T-C2: fifty presses of one button are one consent.
#[test]
fn fifty_answers_to_one_page_are_one_code() {
    let world = World::new();
    let (browser, asked) = (world.browser(), query(&world.app, &[]));
    let page = world.page(&browser, &asked).expect(200);
    let answers = super::at_once(50, |_| {
        world
            .answer(&browser, &asked, &page, ("allow", SCOPES))
            .status
    });
    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1);
    assert_eq!(answers.iter().filter(|status| **status == 400).count(), 49);
    assert_eq!(world.server.rows("authorization_codes"), 1);
}

/// T-C3 and T-C7
#[test]
fn the_coach_is_asked_every_time() {
    let world = World::new();
    for app in [&world.app, &world.confidential] {
        world.tokens(app);
        for more in ["", "&prompt=none", "&approval_prompt=auto"] {
            let asked = format!("{}{more}", query(app, &[]));
            let page = world.page(&world.browser(), &asked).expect(200);
            hidden(&page, "ticket");
        }
    }
}

/// T-C4
#[test]
fn what_an_app_says_of_itself_is_text() {
    let world = World::new();
    let evil = json!({
        "name": "<img src=x onerror=alert(1)>\"'&",
        "client_uri": "https://diary.example/\"onmouseover=alert(1)",
    });
    let app = World::register_with(&world.server, world.coach, Mode::Test, &evil);
    let page = world.page(&world.browser(), &query(&app, &[])).expect(200);
    let html = page.text();
    assert!(
        html.contains("&lt;img src=x onerror=alert(1)&gt;&quot;"),
        "{html}"
    );
    assert!(!html.contains("<img") && !html.contains("\"onmouseover"));
    let boss = world.boss();
    for uri in [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://diary.example",
        "//diary.example",
        "https://",
        "https://a b",
        "",
    ] {
        let patch = json!({ "client_uri": uri });
        boss.patch(&format!("/v1/oauth/apps/{}", app.id), &patch)
            .refused(400, "validation_failed");
    }
}

/// T-C5
#[test]
fn the_coach_may_allow_less_and_never_more() {
    let world = World::new();
    let back = world.allow_some(
        &world.app,
        &[],
        &["checkins:read", "keys:write", "nonsense"],
    );
    let answer = world.redeem(&world.app, &parameter(&back, "code"));
    let tokens = Tokens::of(&answer);
    assert_eq!(tokens.scope, "checkins:read");
    let bearer = world.server.bearer(&tokens.access);
    bearer.get("/v1/clients").refused(403, "insufficient_scope");

    let (browser, asked) = (world.browser(), query(&world.app, &[]));
    let page = world.page(&browser, &asked).expect(200);
    let nothing = world.answer(&browser, &asked, &page, ("allow", &[]));
    assert_eq!(nothing.status, 400);
    assert!(nothing.text().contains("at least one"));
    // That spent nothing: the page that came back is answered.
    let allowed = world.answer(&browser, &asked, &nothing, ("allow", &["checkins:read"]));
    parameter(&allowed, "code");
}

/// Consenting again: what is unticked is taken from the tokens that there are, too.
#[test]
fn a_later_consent_takes_away_what_it_leaves_out() {
    let world = World::new();
    let first = world.tokens(&world.app);
    let bearer = world.server.bearer(&first.access);
    bearer.get("/v1/clients").expect(200);
    let back = world.allow_some(&world.app, &[], &["checkins:read", "messages:read"]);
    parameter(&back, "code");

    bearer.get("/v1/clients").refused(403, "insufficient_scope");

    let refreshed = Tokens::of(&world.refresh(&world.app, &first.refresh));
    assert_eq!(refreshed.scope, "checkins:read messages:read");
    // What was not asked for this time stays.
    let back = world.allow_some(
        &world.app,
        &[("scope", "clients:write")],
        &["clients:write"],
    );
    parameter(&back, "code");
    bearer.get("/v1/clients").expect(200);
}

/// T-C6
#[test]
fn granted_apps_are_listed_and_taken_back_with_one_call() {
    let world = World::new();
    let tokens = world.tokens(&world.app);
    let again = world.tokens(&world.app);
    let (boss, coach) = (world.boss(), world.browser());
    assert!(world.works(&tokens.access));
    world.server.advance_ms(5 * SECOND_MS);
    assert!(world.works(&tokens.access));
    for caller in [&boss, &coach] {
        let list = caller.get("/v1/oauth/grants").expect(200).json();
        assert_eq!(list["data"].as_array().map(Vec::len), Some(1), "{list}");
        let grant = &list["data"][0];
        assert_eq!(grant["app"]["id"], world.app.id);
        assert_eq!(grant["app"]["name"], "Runner's <diary>");
        assert_eq!(grant["last_used_at"], "2026-06-03T12:00:05.000Z");
        assert_eq!(grant["livemode"], false);
        assert_eq!(grant["scopes"].as_array().map(Vec::len), Some(3));
    }
    let id = boss.get("/v1/oauth/grants").column("id")[0].clone();

    coach.delete(&format!("/v1/oauth/grants/{id}")).expect(204);

    for tokens in [&tokens, &again] {
        let refused = world.server.bearer(&tokens.access).get("/v1/clients");
        refused.refused(401, "auth_revoked");
        super::refused(
            &world.refresh(&world.app, &tokens.refresh),
            400,
            "invalid_grant",
        );
    }
    assert!(boss.get("/v1/oauth/grants").column("id").is_empty());
    coach
        .delete(&format!("/v1/oauth/grants/{id}"))
        .refused(404, "not_found");
    assert_eq!(world.audit("oauth_grant.revoked"), 1);
    // A new consent is a new grant, and the old tokens stay dead.
    let fresh = world.tokens(&world.app);
    assert!(world.works(&fresh.access) && !world.works(&tokens.access));
}

#[test]
fn grants_are_their_coachs_alone_and_no_apps() {
    let world = World::new();
    let scopes = json!({ "scopes": ["workspace:write", "clients:write"] });
    let app = World::register_with(&world.server, world.coach, Mode::Test, &scopes);
    let back = world.allow_some(&app, &[], &["workspace:write", "clients:write"]);
    let answer = world.redeem(&app, &parameter(&back, "code"));
    let bearer = world.server.bearer(&Tokens::of(&answer).access);
    let id = world.boss().get("/v1/oauth/grants").column("id")[0].clone();
    let other = world
        .server
        .key(world.server.coach("other@example.com"), &[]);
    let live = world.server.live_key(world.coach);
    for caller in [&other, &live] {
        assert!(caller.get("/v1/oauth/grants").column("id").is_empty());
        caller
            .delete(&format!("/v1/oauth/grants/{id}"))
            .refused(404, "not_found");
    }
    for path in ["/v1/oauth/grants", "/v1/oauth/apps"] {
        bearer.get(path).refused(403, "auth_forbidden");
    }
    bearer
        .delete(&format!("/v1/oauth/grants/{id}"))
        .refused(403, "auth_forbidden");
    bearer
        .delete(&format!("/v1/oauth/apps/{}", app.id))
        .refused(403, "auth_forbidden");
    let new = json!({ "name": "x", "client_type": "public", "redirect_uris": [REDIRECT] });
    bearer
        .post("/v1/oauth/apps", &new)
        .refused(403, "auth_forbidden");
}

/// T-C7
#[test]
fn a_session_that_ended_meanwhile_signs_in_and_is_asked_again() {
    let world = World::new();
    let (browser, asked) = (world.browser(), query(&world.app, &[]));
    let page = world.page(&browser, &asked).expect(200);
    browser.delete("/auth/sessions/current").expect(204);

    let led = world.answer(&browser, &asked, &page, ("allow", SCOPES));

    assert_eq!(led.status, 303);
    let location = led.header("location").expect("a location").to_owned();
    assert_eq!(location, format!("/oauth/sign-in?{asked}"));
    assert_eq!(world.server.rows("authorization_codes"), 0);
    let signed_in = sign_in(&world, &location, "coach@example.com", PASSWORD);
    assert_eq!(signed_in.status, 303, "{}", signed_in.text());
    assert_eq!(
        signed_in.header("location"),
        Some(format!("/oauth/authorize?{asked}").as_str())
    );
    let browser = with_cookie(&world, &signed_in);
    let page = world.page(&browser, &asked).expect(200);
    let allowed = world.answer(&browser, &asked, &page, ("allow", SCOPES));
    Tokens::of(&world.redeem(&world.app, &parameter(&allowed, "code")));
}

fn sign_in(world: &World, path: &str, email: &str, password: &str) -> crate::support::Answer {
    let body = form(&[("email", email), ("password", password)]);
    world.post_page(&world.server.anyone(), path, &body)
}

fn with_cookie(world: &World, signed_in: &crate::support::Answer) -> Caller {
    let cookie = signed_in.header("set-cookie").expect("a cookie");
    let pair = cookie.split(';').next().unwrap_or_default();
    let value = pair.split_once('=').map_or("", |(_, value)| value);
    world.server.browser(value, world.coach, "test")
}

/// W-9 and W-10 hold for this form, too: it is the same sign-in.
#[test]
fn the_sign_in_form_refuses_alike_and_holds_guessing_up() {
    let world = World::new();
    let path = format!("/oauth/sign-in?{}", query(&world.app, &[]));
    let shown = world.server.anyone().get(&path).expect(200);
    assert!(shown.text().contains("name=\"email\"") && shown.text().contains("name=\"password\""));
    let wrong = sign_in(&world, &path, "coach@example.com", "not the password");
    let unknown = sign_in(&world, &path, "nobody@example.com", "not the password");
    let malformed = sign_in(&world, &path, "nonsense", "");
    for answer in [&wrong, &unknown, &malformed] {
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert_eq!(answer.header("set-cookie"), None);
        assert!(answer.text().contains("do not go together"));
    }
    let same = |answer: &crate::support::Answer, email: &str| answer.text().replace(email, "");
    assert_eq!(
        same(&wrong, "coach@example.com"),
        same(&unknown, "nobody@example.com")
    );
    for _ in 0..30 {
        sign_in(&world, &path, "coach@example.com", "not the password");
    }
    let limited = sign_in(&world, &path, "coach@example.com", PASSWORD);
    assert_eq!(limited.status, 429);
    assert!(limited.header("retry-after").is_some());
    assert!(limited.text().contains("Too many attempts"));
    // Without a request to go back to there is no form.
    assert_eq!(world.server.anyone().get("/oauth/sign-in").status, 400);
}

/// W-5
#[test]
fn forms_of_other_origins_are_refused() {
    let world = World::new();
    let (browser, asked) = (world.browser(), query(&world.app, &[]));
    let page = world.page(&browser, &asked).expect(200);
    let ticket = hidden(&page, "ticket");
    let workspace = world.coach.workspace.to_string();
    let body = form(&[
        ("ticket", ticket.as_str()),
        ("workspace", workspace.as_str()),
        ("decision", "allow"),
        ("scope", "clients:write"),
    ]);
    for path in ["/oauth/authorize", "/oauth/sign-in"] {
        let path = format!("{path}?{asked}");
        for foreign in [
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
        ] {
            let headers = [("Content-Type", super::FORM), foreign];
            browser
                .send("POST", &path, &headers, Some(&body))
                .refused(403, "cross_origin_refused");
        }
    }
    assert_eq!(world.server.rows("authorization_codes"), 0);
}

/// The token's tenant is the workspace that the coach chose, in the app's mode; any account of the
/// server may consent.
#[test]
fn another_coach_consents_for_her_own_workspace() {
    let world = World::new();
    let other = world.server.coach("other@example.com");
    let live = World::register(&world.server, world.coach, Mode::Live, "public");
    for (app, livemode) in [(&world.app, false), (&live, true)] {
        let (browser, asked) = (world.server.session(other), query(app, &[]));
        let page = world.page(&browser, &asked).expect(200);
        assert_eq!(page.text().contains("live data"), livemode);
        // The registrar's workspace is not hers to give.
        let theirs = world.answer(&browser, &asked, &page, ("allow", SCOPES));
        assert_eq!(theirs.status, 400, "{}", theirs.text());
        let ticket = hidden(&theirs, "ticket");
        let own = other.workspace.to_string();
        let body = form(&[
            ("ticket", ticket.as_str()),
            ("workspace", own.as_str()),
            ("decision", "allow"),
            ("scope", "clients:write"),
        ]);
        let path = format!("/oauth/authorize?{asked}");
        let back = world.post_page(&browser, &path, &body);
        let answer = world.redeem(app, &parameter(&back, "code"));
        let bearer = world.server.bearer(&Tokens::of(&answer).access);
        let who = bearer.get("/v1/whoami").expect(200).json();
        assert_eq!(who["workspace_id"], own);
        assert_eq!(who["account_id"], other.account.to_string());
        assert_eq!(who["livemode"], livemode);
        assert_eq!(who["credential"]["type"], "access_token");
        assert_eq!(who["credential"]["id"], app.id);
    }
}

#[test]
fn denying_tells_the_app_and_gives_nothing() {
    let world = World::new();
    let (browser, asked) = (world.browser(), query(&world.app, &[]));
    let page = world.page(&browser, &asked).expect(200);
    let denied = world.answer(&browser, &asked, &page, ("deny", &[]));
    assert_eq!(parameter(&denied, "error"), "access_denied");
    assert_eq!(parameter(&denied, "state"), "xyz");
    assert_eq!(parameter(&denied, "iss"), super::ISSUER);
    for table in ["oauth_grants", "authorization_codes"] {
        assert_eq!(world.server.rows(table), 0);
    }
    assert_eq!(world.audit("oauth_grant.denied"), 1);
}

#[test]
fn a_plan_without_api_access_has_nothing_to_allow() {
    let world = World::new();
    let poor = world.server.coach_on("coach", "poor@example.com");
    let browser = world.server.session(poor);
    let page = world.page(&browser, &query(&world.app, &[]));
    assert_eq!(page.status, 403);
    assert!(page.text().contains("no API access"), "{}", page.text());
}
