//! Joining by an install link, `/v1/app/me`, and a client's devices.

use cadence::caller::Mode;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server};

const JOIN: &str = "/auth/client-sessions";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

fn invited(key: &Caller, email: &str) -> (String, String) {
    let new = json!({
        "name": "Ana Prado", "email": email, "coach_notes": "a private note", "tags": ["vip"],
    });
    let made = key.post("/v1/clients", &new).expect(201);
    (made.member("id"), token(&made.member("install_link")))
}

/// What stands behind the `#` of a link.
fn token(link: &str) -> String {
    link.split_once('#').unwrap().1.to_owned()
}

fn agreed(token: &str) -> Value {
    json!({ "token": token, "consents": { "terms": true, "health_data": true, "messages": false } })
}

fn join(server: &Server, token: &str) -> Answer {
    server.anyone().post(JOIN, &agreed(token))
}

/// The cookie that an answer hands out, as a browser sends it back.
fn cookie(answer: &Answer) -> String {
    let header = answer.header("set-cookie").expect("a cookie");
    header.split(';').next().unwrap().to_owned()
}

fn with(server: &Server, method: &str, path: &str, cookie: &str) -> Answer {
    let headers = [("Cookie", cookie), ("Sec-Fetch-Site", "same-origin")];
    server.anyone().send(method, path, &headers, None)
}

fn me(server: &Server, cookie: &str) -> Answer {
    with(server, "GET", "/v1/app/me", cookie)
}

#[test]
fn an_install_link_lets_a_client_in_once() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let (id, token) = invited(&key, "ana@example.com");

    let joined = join(&server, &token).expect(201);
    let again = join(&server, &token);

    let body = joined.json();
    assert_eq!(body["object"], "client_session");
    assert_eq!(body["client"], json!({ "id": id, "name": "Ana Prado" }));
    assert_eq!(body["workspace"]["name"], "North Street Strength");
    assert_eq!(joined.header("cache-control"), Some("no-store"));
    let header = joined.header("set-cookie").unwrap();
    assert!(header.starts_with("cadence-client=cdnca_"), "{header}");
    for part in ["HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=15552000"] {
        assert!(header.contains(part), "{header}");
    }
    assert!(!joined.text().contains("cdnca_"));
    again.refused(401, "auth_invalid");
    let client = key.get(&format!("/v1/clients/{id}")).expect(200).json();
    assert_eq!(client["status"], "active");
    assert_eq!(client["joined_at"], "2026-06-03T12:00:00.000Z");
    assert_eq!(client["invite"]["expires_at"], Value::Null);
    let events = key.get("/v1/events?type=client.joined").expect(200).json();
    assert_eq!(events["data"].as_array().unwrap().len(), 1);
    assert_eq!(events["data"][0]["data"]["object"]["id"], id);
    assert_eq!(events["data"][0]["data"]["previous"]["status"], "invited");
    let consents = key.get(&format!("/v1/clients/{id}/consents")).expect(200);
    assert_eq!(consents.column("kind"), ["health_data", "terms"]);
    assert_eq!(consents.json()["data"][0]["text_version"], "2026-06");
}

#[test]
fn a_client_sees_the_own_profile_and_nothing_that_the_coach_keeps_apart() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let (id, token) = invited(&key, "ana@example.com");
    let cookie = cookie(&join(&server, &token).expect(201));

    let profile = me(&server, &cookie).expect(200);

    assert_eq!(profile.member("id"), id);
    assert_eq!(profile.json()["workspace"]["name"], "North Street Strength");
    for kept_apart in [
        "private note",
        "coach_notes",
        "vip",
        "metadata",
        "invite",
        "past_due",
    ] {
        assert!(!profile.text().contains(kept_apart), "{kept_apart}");
    }
    assert_eq!(profile.header("cache-control"), Some("no-store"));
    // Nowhere else, and no other credential here.
    for path in ["/v1/clients", "/v1/whoami", "/v1/app", "/v1/nope"] {
        with(&server, "GET", path, &cookie).refused(401, "auth_missing");
    }
    with(&server, "GET", "/v1/app/nope", &cookie).refused(404, "route_not_found");
    with(&server, "POST", "/v1/app/me", &cookie).refused(405, "method_not_allowed");
    key.get("/v1/app/me").refused(403, "auth_forbidden");
    server
        .anyone()
        .get("/v1/app/me")
        .refused(401, "auth_missing");
    let both = [
        ("Cookie", cookie.as_str()),
        ("Authorization", "Bearer nonsense"),
    ];
    let both = server.anyone().get_with("/v1/app/me", &both);
    both.refused(401, "auth_invalid");
    let twice = format!("{cookie}; {cookie}");
    me(&server, &twice).refused(400, "ambiguous_credentials");
}

#[test]
fn links_that_do_not_work_say_why_and_change_nothing() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let (id, first) = invited(&key, "ana@example.com");
    let invite = format!("/v1/clients/{id}/invite");
    let second = token(&key.act(&invite).expect(200).member("install_link"));
    let secret = second.rsplit('.').next().unwrap().to_owned();
    let (tenant, _) = second.split_once('.').unwrap();
    let before = server.all_rows();
    let reason = |token: &str| {
        let refused = join(&server, token).refused(401, "auth_invalid");
        assert!(refused.header("set-cookie").is_none());
        let body = refused.json();
        assert_eq!(body["error"]["credential"], "install_link");
        body["error"]["reason"].as_str().unwrap().to_owned()
    };

    assert_eq!(reason(&first), "unknown", "a newer one was sent");
    assert_eq!(reason(&second[..second.len() - 1]), "unknown");
    let mistyped = format!("{}x", &second[..second.len() - 1]);
    assert!(["checksum", "unknown"].contains(&reason(&mistyped).as_str()));
    assert_eq!(reason(&format!("999.{id}.{secret}")), "unknown");
    assert_eq!(reason(&format!("-1.{id}.{secret}")), "unknown");
    assert_eq!(reason(&format!("x.{id}.{secret}")), "checksum");
    let other = invited(&key, "rui@example.com").0;
    assert_eq!(reason(&format!("{tenant}.{other}.{secret}")), "unknown");
    server.advance_ms(14 * DAY_MS);
    assert_eq!(reason(&second), "expired");
    let archive = format!("/v1/clients/{id}/archive");
    let third = token(&key.act(&invite).expect(200).member("install_link"));
    key.act(&archive).expect(200);
    assert_eq!(reason(&third), "unknown", "archived");

    assert_eq!(server.rows("client_sessions"), 0);
    assert_eq!(server.rows("client_consents"), 0);
    assert_ne!(server.all_rows(), before, "only what the coach did");
}

#[test]
fn nobody_joins_without_the_consents_that_are_needed() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let (_, token) = invited(&key, "ana@example.com");
    let refused = |consents: Value, faults: &[(&str, &str)]| {
        let body = json!({ "token": token, "consents": consents });
        let answer = server.anyone().post(JOIN, &body);
        assert_eq!(answer.status, 400, "{}", answer.text());
        let found = answer.faults();
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(found, faults);
    };

    let needed = [
        ("/consents/terms", "consent_required"),
        ("/consents/health_data", "consent_required"),
    ];
    refused(json!({}), &needed);
    refused(
        json!({ "terms": false, "health_data": false, "messages": true }),
        &needed,
    );
    refused(
        json!({ "terms": true, "health_data": "yes" }),
        &[("/consents/health_data", "invalid_type")],
    );
    refused(
        json!({ "terms": true, "health_data": true, "photos": true }),
        &[("/consents/photos", "unknown_field")],
    );
    refused(Value::Null, &[("/consents", "required")]);

    assert_eq!(server.rows("client_sessions"), 0);
    let joined = server.anyone().post(
        JOIN,
        &json!({ "token": token, "consents": { "terms": true, "health_data": true, "messages": true } }),
    );
    joined.expect(201);
    assert_eq!(server.rows("client_consents"), 3);
}

#[test]
fn a_session_ends_after_180_days_of_silence_and_not_while_it_is_used() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let first = cookie(&join(&server, &invited(&key, "ana@example.com").1).expect(201));
    let second = cookie(&join(&server, &invited(&key, "rui@example.com").1).expect(201));

    server.advance_ms(100 * DAY_MS);
    let used = me(&server, &first).expect(200);
    let used_again = me(&server, &first).expect(200);
    server.advance_ms(100 * DAY_MS);

    assert_eq!(cookie(&used), first, "the browser keeps it for longer too");
    assert_eq!(used_again.header("set-cookie"), None, "once a day");
    me(&server, &first).expect(200);
    let ended = me(&server, &second).refused(401, "auth_invalid");
    assert_eq!(ended.json()["error"]["reason"], "expired");
}

#[test]
fn a_session_ends_at_once_by_signing_out_by_the_coach_and_with_the_archive() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let in_app = |email: &str| {
        let (id, token) = invited(&key, email);
        let joined = join(&server, &token).expect(201);
        (id, joined.member("id"), cookie(&joined))
    };

    let (_, _, mine) = in_app("a@example.com");
    let left = with(&server, "DELETE", "/auth/client-sessions/current", &mine).expect(204);
    assert!(
        left.header("set-cookie")
            .unwrap()
            .starts_with("cadence-client=;")
    );
    me(&server, &mine).refused(401, "auth_revoked");
    with(&server, "DELETE", "/auth/client-sessions/current", &mine).expect(204);

    let (id, session, cookie) = in_app("b@example.com");
    let devices = format!("/v1/clients/{id}/sessions");
    assert_eq!(
        key.get(&devices).expect(200).column("id"),
        [session.as_str()]
    );
    key.delete(&format!("{devices}/{session}")).expect(204);
    key.delete(&format!("{devices}/{session}")).expect(204);
    me(&server, &cookie).refused(401, "auth_revoked");
    assert!(key.get(&devices).expect(200).column("id").is_empty());
    let audit = key.get("/v1/audit-log").expect(200).text();
    assert_eq!(audit.matches("client_session.ended").count(), 1);

    let (id, _, cookie) = in_app("c@example.com");
    key.act(&format!("/v1/clients/{id}/archive")).expect(200);
    me(&server, &cookie).refused(401, "auth_revoked");
    key.act(&format!("/v1/clients/{id}/unarchive")).expect(200);
    me(&server, &cookie).refused(401, "auth_revoked");
}

#[test]
fn a_client_has_three_devices_and_a_fourth_ends_the_one_that_was_silent_longest() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let (id, token_of_first) = invited(&key, "ana@example.com");
    let mut cookies = vec![cookie(&join(&server, &token_of_first).expect(201))];
    let invite = format!("/v1/clients/{id}/invite");
    let next = || {
        server.advance_ms(2 * DAY_MS);
        let link = key.act(&invite).expect(200).member("install_link");
        cookie(&join(&server, &token(&link)).expect(201))
    };
    cookies.extend([next(), next()]);
    server.advance_ms(2 * DAY_MS);
    me(&server, &cookies[0]).expect(200);

    cookies.push(next());

    let statuses: Vec<u16> = cookies
        .iter()
        .map(|cookie| me(&server, cookie).status)
        .collect();
    assert_eq!(statuses, [200, 401, 200, 200]);
    let joined = key.get("/v1/events?type=client.joined").expect(200);
    assert_eq!(
        joined.column("id").len(),
        1,
        "joined once, on several devices"
    );
    assert_eq!(server.rows("client_consents"), 2, "agreed to once");
}

#[test]
fn a_client_lists_the_own_devices_and_ends_another_but_nobody_elses() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let (id, token_of_first) = invited(&key, "ana@example.com");
    let first = join(&server, &token_of_first).expect(201);
    let link = key.act(&format!("/v1/clients/{id}/invite")).expect(200);
    let second = join(&server, &token(&link.member("install_link"))).expect(201);
    let stranger = join(&server, &invited(&key, "rui@example.com").1).expect(201);
    let (one, two) = (cookie(&first), cookie(&second));
    let end = |by: &str, which: &Answer| {
        with(
            &server,
            "DELETE",
            &format!("{JOIN}/{}", which.member("id")),
            by,
        )
    };

    let list = with(&server, "GET", JOIN, &two).expect(200).json();
    assert_eq!(list["data"][0]["id"], second.json()["id"]);
    assert_eq!(list["data"][0]["current"], true);
    assert_eq!(list["data"][1]["current"], false);
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
    assert!(
        server
            .anyone()
            .get(JOIN)
            .expect(200)
            .column("id")
            .is_empty()
    );
    end(&two, &stranger).refused(404, "not_found");
    end(&two, &first).expect(204);

    me(&server, &one).refused(401, "auth_revoked");
    me(&server, &two).expect(200);
    me(&server, &cookie(&stranger)).expect(200);
    end(&one, &second).refused(401, "auth_missing");
    end(&two, &second).expect(204);
    me(&server, &two).refused(401, "auth_revoked");
}

#[test]
fn a_link_of_one_mode_lets_into_that_mode_alone() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let live = server.bearer(&server.new_key(coach, Mode::Live, &[]).1);
    let test = server.key(coach, &[]);
    let (_, token) = invited(&live, "ana@example.com");

    let joined = join(&server, &token).expect(201);

    assert_eq!(joined.json()["livemode"], true);
    assert_eq!(
        me(&server, &cookie(&joined)).expect(200).json()["livemode"],
        true
    );
    assert!(test.get("/v1/clients").expect(200).column("id").is_empty());
}

#[test]
fn another_origin_can_neither_join_nor_sign_out() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let (_, token) = invited(&key, "ana@example.com");
    let body = agreed(&token).to_string();
    for foreign in [
        &[("Sec-Fetch-Site", "cross-site")][..],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
        &[("Cookie", "cadence-client=x")],
    ] {
        let refused = server.anyone().send("POST", JOIN, foreign, Some(&body));
        refused.refused(403, "cross_origin_refused");
    }
    let joined = cookie(&join(&server, &token).expect(201));
    let headers = [
        ("Cookie", joined.as_str()),
        ("Sec-Fetch-Site", "cross-site"),
    ];
    let out = server
        .anyone()
        .send("DELETE", "/auth/client-sessions/current", &headers, None);

    out.refused(403, "cross_origin_refused");
    me(&server, &joined).expect(200);
}

#[test]
fn guesses_are_slowed_down_per_address() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let (id, token) = invited(&key, "ana@example.com");
    let secret = "cdnin_000000000000000000000000000000000000";
    let guess = || join(&server, &format!("1.{id}.{secret}")).status;

    let statuses: Vec<u16> = (0..30).map(|_| guess()).collect();

    assert!(
        statuses[..20].iter().all(|status| *status == 401),
        "{statuses:?}"
    );
    assert!(
        statuses[20..].iter().all(|status| *status == 429),
        "{statuses:?}"
    );
    // Whoever has the link is not kept out by others behind the same address.
    join(&server, &token).expect(201);
}

#[test]
fn the_pages_of_the_app_hold_no_data_and_load_nothing_from_elsewhere() {
    let server = Server::start();
    for path in ["/app/join", "/app/sign-in"] {
        let page = server.anyone().get(path).expect(200);
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        let text = page.text();
        assert!(text.contains("name=\"referrer\""));
        assert!(!text.contains("://"), "{path} names another place");
        for file in text.split('"').filter(|part| part.starts_with("/assets/")) {
            server.anyone().get(file).expect(200);
        }
    }
    let join = server.anyone().get("/app/join").text();
    assert!(join.contains("<noscript>"));
    for consent in cadence::clients::sessions::CONSENTS {
        assert!(join.contains(consent.words), "{}", consent.kind);
    }
    assert_eq!(server.anyone().get("/app").status, 303);
    server
        .anyone()
        .send("POST", "/app/join", &[], None)
        .refused(405, "method_not_allowed");
}
