//! `/auth`: setting up, signing in and out, sessions, forgotten passwords.

use serde_json::{Value, json};

use cadence::access::sessions;
use cadence::clock::{DAY_MS, MINUTE_MS};
use cadence::config::{PublicUrl, RunKind};
use cadence::db::Options;
use cadence::secrets::Secret;

use crate::support::{Answer, Caller, Coach, PASSWORD, Server, until};

/// What the browser is handed, without its attributes.
fn cookie_of(answer: &Answer) -> String {
    let header = answer.header("set-cookie").expect("a cookie");
    let (pair, _) = header.split_once(';').expect("attributes");
    pair.to_owned()
}

fn sign_in(server: &Server, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    server.anyone().post("/auth/sessions", &body)
}

fn with_cookie(server: &Server, cookie: &str, coach: Coach) -> Caller {
    let mut caller = server.browser("", coach, "test");
    if let Some(session) = &mut caller.session {
        cookie.clone_into(&mut session.cookie);
    }
    caller
}

fn set_up_token(server: &Server) -> Secret {
    let link = sessions::actions::mint_set_up_link(&server.app).expect("a write");
    link.expect("a fresh server").token
}

fn set_up_body(token: &str) -> Value {
    json!({
        "token": token,
        "name": "North Street Strength",
        "email": "owner@example.com",
        "password": PASSWORD,
        "timezone": "Europe/Lisbon",
        "units": "imperial",
    })
}

#[test]
fn a_fresh_server_is_set_up_by_its_link_and_signs_the_owner_in() {
    let server = Server::start();
    let anyone = server.anyone();
    let before = anyone.get("/auth/status").expect(200).json();
    assert_eq!(
        before,
        json!({
            "object": "auth_status", "set_up": false, "signed_in": false, "mail": false,
            "encrypted": true, "kind": "serve",
            "public_url": server.app.public_address().url.as_str(), "password_min_length": 15,
        })
    );

    let token = set_up_token(&server);
    let answer = anyone
        .post("/auth/setup", &set_up_body(token.reveal()))
        .expect(201);

    let body = answer.json();
    assert_eq!(body["account"]["role"], "owner");
    assert_eq!(body["account"]["plan"], "studio");
    assert_eq!(body["workspaces"][0]["timezone"], "Europe/Lisbon");
    assert_eq!(body["workspaces"][0]["units"], "imperial");
    assert_eq!(body["current"], true);
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(cookie.starts_with("cadence=cdnss_"), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let pair = cookie_of(&answer);
    let status = anyone
        .get_with("/auth/status", &[("Cookie", &pair)])
        .expect(200)
        .json();
    assert_eq!(
        (&status["set_up"], &status["signed_in"]),
        (&json!(true), &json!(true))
    );
    let again = anyone.post("/auth/setup", &set_up_body(token.reveal()));
    again.refused(404, "route_not_found");
}

#[test]
fn a_set_up_link_that_is_wrong_expired_or_replaced_makes_nobody() {
    let server = Server::start();
    let anyone = server.anyone();
    let refused = |token: &str, reason: &str| {
        let answer = anyone
            .post("/auth/setup", &set_up_body(token))
            .refused(401, "auth_invalid");
        assert_eq!(answer.json()["error"]["reason"], reason, "{token}");
        assert_eq!(answer.header("set-cookie"), None);
    };
    refused("nonsense", "unknown");
    let never = cadence::secrets::generate(cadence::secrets::TokenKind::SetUp).expect("a token");
    refused(never.reveal(), "unknown");
    refused(&never.reveal().replace("cdnsu_", "cdnsi_"), "unknown");
    let mut mistyped = never.reveal().to_owned();
    let last = if mistyped.ends_with('a') { "b" } else { "a" };
    mistyped.replace_range(mistyped.len() - 1.., last);
    refused(&mistyped, "checksum");
    let replaced = set_up_token(&server);
    let expired = set_up_token(&server);
    refused(replaced.reveal(), "unknown");
    server.advance_ms(30 * MINUTE_MS);
    refused(expired.reveal(), "expired");
    let good = set_up_token(&server);
    let mut body = set_up_body(good.reveal());
    body["password"] = json!("owner@example.com");
    body["email"] = json!("no address");
    let faults = anyone
        .post("/auth/setup", &body)
        .refused(400, "validation_failed")
        .faults();
    assert_eq!(faults[0].0, "/email");
    assert_eq!(server.rows("accounts"), 0);
    assert_eq!(server.rows("sessions"), 0);

    anyone
        .post("/auth/setup", &set_up_body(good.reveal()))
        .expect(201);
}

#[test]
fn of_two_who_set_up_at_once_one_becomes_the_owner() {
    let server = Server::start();
    let token = set_up_token(&server);
    let body = set_up_body(token.reveal());

    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|number| {
                let mut body = body.clone();
                body["email"] = json!(format!("owner{number}@example.com"));
                let anyone = server.anyone();
                scope.spawn(move || anyone.post("/auth/setup", &body).status)
            })
            .collect();
        tries
            .into_iter()
            .map(|one| one.join().expect("an answer"))
            .collect()
    });

    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert!(
        statuses[1..].iter().all(|status| *status == 404),
        "{statuses:?}"
    );
    assert_eq!((server.rows("accounts"), server.rows("sessions")), (1, 1));
}

#[test]
fn a_session_calls_the_api_in_the_workspace_that_it_names() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let other = server.coach("other@example.com");
    let signed_in = sign_in(&server, "coach@example.com", PASSWORD).expect(201);
    let caller = with_cookie(&server, &cookie_of(&signed_in), coach);

    let whoami = caller.get("/v1/whoami").expect(200).json();
    assert_eq!(whoami["credential"]["type"], "session");
    assert_eq!(whoami["credential"]["id"], signed_in.json()["id"]);
    assert_eq!(
        (&whoami["mode"], &whoami["livemode"]),
        (&json!("test"), &json!(false))
    );
    let new = json!({ "name": "Ana", "email": "ana@example.com" });
    let made = caller.post("/v1/clients", &new).expect(201);
    assert_eq!(made.header("vary"), Some("Sec-Fetch-Site, Origin"));
    assert_eq!(made.header("x-ratelimit-limit"), None);
    let workspace = coach.workspace.to_string();
    let in_query = |query: &str| {
        let mut caller = caller.clone();
        if let Some(session) = &mut caller.session {
            session.workspace = String::new();
        }
        let cookie = caller
            .session
            .as_ref()
            .map(|session| session.cookie.clone());
        let cookie = cookie.expect("a session");
        let headers = [("Cookie", cookie.as_str())];
        server
            .anyone()
            .get_with(&format!("/v1/clients{query}"), &headers)
    };
    let listed = in_query(&format!("?limit=1&workspace={workspace}&mode=test")).expect(200);
    assert_eq!(listed.column("name"), ["Ana"]);
    assert_eq!(
        in_query(&format!("?workspace={workspace}&mode=live"))
            .expect(200)
            .column("name")
            .len(),
        0
    );
    let missing = in_query("?mode=test").refused(400, "invalid_parameter");
    assert_eq!(missing.faults()[0].0, "Cadence-Workspace");
    let missing = in_query(&format!("?workspace={workspace}")).refused(400, "invalid_parameter");
    assert_eq!(missing.faults()[0].0, "Cadence-Mode");
    in_query(&format!("?workspace={workspace}&mode=none")).refused(400, "invalid_parameter");
    let foreign = other.workspace;
    in_query(&format!("?workspace={foreign}&mode=test")).refused(403, "auth_forbidden");
    in_query("?workspace=nonsense&mode=test").refused(403, "auth_forbidden");
    in_query("").refused(400, "invalid_parameter");
}

#[test]
fn an_authorization_header_wins_over_a_cookie() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);
    let key = server.key(coach, &["clients:read"]);
    let both = Caller {
        session: session.session.clone(),
        ..key
    };

    let whoami = both.get("/v1/whoami").expect(200).json();
    assert_eq!(whoami["credential"]["type"], "api_key");
    both.post("/v1/clients", &json!({}))
        .refused(403, "insufficient_scope");
    let wrong = Caller {
        authorization: Some("Bearer nonsense".to_owned()),
        ..both
    };
    wrong.get("/v1/whoami").refused(401, "auth_invalid");
}

#[test]
fn a_session_ends_after_seven_silent_days_and_after_thirty_in_any_case() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let silent = server.session(coach);
    let busy = server.session(coach);
    for _ in 0..4 {
        server.advance_ms(7 * DAY_MS - 1);
        busy.get("/v1/whoami").expect(200);
        server.write_uses();
    }
    let answer = silent.get("/v1/whoami").refused(401, "auth_invalid");
    assert_eq!(answer.json()["error"]["reason"], "expired");
    assert_eq!(answer.json()["error"]["credential"], "session");
    server.advance_ms(2 * DAY_MS);
    busy.get("/v1/whoami").expect(200);
    server.advance_ms(4);
    busy.get("/v1/whoami").refused(401, "auth_invalid");
}

#[test]
fn the_last_use_of_a_session_outlives_a_restart() {
    let mut server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.session(coach);
    server.advance_ms(6 * DAY_MS);
    caller.get("/v1/whoami").expect(200);
    server.restart();
    server.advance_ms(6 * DAY_MS);

    let caller = Caller {
        address: server.address,
        ..caller
    };
    caller.get("/v1/whoami").expect(200);
}

#[test]
fn a_session_that_was_ended_is_refused_at_the_next_request() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (one, two) = (server.session(coach), server.session(coach));
    let id = two.get("/auth/sessions/current").expect(200).member("id");
    two.get("/v1/whoami").expect(200);

    let listed = one.get("/auth/sessions").expect(200);
    assert_eq!(listed.column("id").len(), 2);
    one.delete(&format!("/auth/sessions/{id}")).expect(204);

    two.get("/v1/whoami").refused(401, "auth_revoked");
    two.get("/auth/sessions/current")
        .refused(401, "auth_revoked");
    assert_eq!(one.get("/auth/sessions").expect(200).column("id").len(), 1);
    one.delete(&format!("/auth/sessions/{id}")).expect(204);
    let foreign = server.session(server.coach("other@example.com"));
    let own = one.get("/auth/sessions/current").expect(200).member("id");
    foreign
        .delete(&format!("/auth/sessions/{own}"))
        .refused(404, "not_found");
    let out = one.delete("/auth/sessions/current").expect(204);
    assert_eq!(
        out.header("clear-site-data"),
        Some("\"cookies\", \"storage\"")
    );
    let gone = out.header("set-cookie").expect("a cookie");
    assert!(gone.starts_with("cadence=; Path=/; Max-Age=0"), "{gone}");
    one.get("/v1/whoami").refused(401, "auth_revoked");
    one.delete("/auth/sessions/current").expect(204);
    let stranger = server.browser("nonsense", coach, "test");
    let unknown = stranger.get("/v1/whoami").refused(401, "auth_invalid");
    assert_eq!(unknown.json()["error"]["reason"], "unknown");
}

#[test]
fn an_id_from_before_signing_in_never_becomes_a_session() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let fixed = cadence::secrets::generate(cadence::secrets::TokenKind::Session).expect("an id");
    let fixed = format!("cadence={}", fixed.reveal());
    let body = json!({ "email": "coach@example.com", "password": PASSWORD });
    let headers = [
        ("Cookie", fixed.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
    ];

    let first = server
        .anyone()
        .send("POST", "/auth/sessions", &headers, Some(&body.to_string()))
        .expect(201);
    let cookie = cookie_of(&first);
    assert_ne!(cookie, fixed);
    with_cookie(&server, &fixed, coach)
        .get("/v1/whoami")
        .refused(401, "auth_invalid");
    // Nor does an earlier session go on beside the new one.
    let headers = [
        ("Cookie", cookie.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    let second = server
        .anyone()
        .send("POST", "/auth/sessions", &headers, Some(&body.to_string()))
        .expect(201);
    with_cookie(&server, &cookie, coach)
        .get("/v1/whoami")
        .refused(401, "auth_revoked");
    with_cookie(&server, &cookie_of(&second), coach)
        .get("/v1/whoami")
        .expect(200);
}

#[test]
fn the_password_is_asked_again_for_what_is_sensitive() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.session(coach);
    let new = json!({ "name": "made in time" });
    let key = caller
        .post(&coach.keys_path(), &new)
        .expect(201)
        .member("id");
    let rotate = format!("{}/{key}/rotate", coach.keys_path());
    server.advance_ms(5 * MINUTE_MS + 1);

    caller
        .post(&coach.keys_path(), &new)
        .refused(403, "reauth_required");
    caller.act(&rotate).refused(403, "reauth_required");
    caller
        .delete("/auth/sessions/ses_01jzkd6v8q9xw2m4n6p8r0t2v4")
        .refused(403, "reauth_required");
    let again = "/auth/sessions/current/reauthenticate";
    let wrong = caller.post(again, &json!({ "password": "a wrong password, long" }));
    assert_eq!(
        wrong.refused(401, "auth_invalid").header("set-cookie"),
        None
    );
    let answer = caller
        .post(again, &json!({ "password": PASSWORD }))
        .expect(200);
    let fresh = with_cookie(&server, &cookie_of(&answer), coach);
    fresh.act(&rotate).expect(200);
    caller.get("/v1/whoami").refused(401, "auth_revoked");
    server
        .key(coach, &[])
        .post(&coach.keys_path(), &new)
        .expect(201);
}

/// The token in the newest mail to an account.
fn mailed(server: &Server, coach: Coach) -> (String, String) {
    let app = &server.app;
    let mails = app
        .db
        .read_now(|conn| cadence::outbox::account::store::newest(conn, coach.account, 1));
    let mails = mails.expect("a read");
    let mail = mails.first().expect("a mail");
    let fill = cadence::outbox::account::open(&app.sealing, mail).expect("opens");
    let text = fill.render().text;
    let token = text.split('#').nth(1).unwrap_or_default();
    let token: String = token.chars().take_while(|c| !c.is_whitespace()).collect();
    (mail.template.clone(), token)
}

#[test]
fn a_forgotten_password_is_set_anew_by_the_link_in_the_mail_once() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);
    let anyone = server.anyone();
    let ask = |email: &str| {
        let answer = anyone.post("/auth/password-resets", &json!({ "email": email }));
        assert_eq!(
            answer.expect(202).json(),
            json!({ "object": "password_reset", "status": "accepted" })
        );
    };
    let confirm = |token: &str, password: &str| {
        let body = json!({ "token": token, "password": password });
        anyone.post("/auth/password-resets/confirm", &body)
    };
    ask("nobody@example.com");
    ask("COACH@example.com");
    until("the first reset", || server.rows("account_outbox") == 1);
    let (template, first) = mailed(&server, coach);
    assert_eq!(template, "password_reset");
    ask("coach@example.com");
    until("the second reset", || server.rows("account_outbox") == 2);
    let (_, second) = mailed(&server, coach);
    assert_eq!(server.rows("password_resets"), 2);

    confirm("nonsense", PASSWORD).refused(401, "auth_invalid");
    let faults = confirm(&first, "coach@example.com").refused(400, "validation_failed");
    assert_eq!(
        faults.faults(),
        [("/password".to_owned(), "password_too_common".to_owned())]
    );
    let new = "nine blue umbrellas in the rain";
    let done = confirm(&first, new).expect(200);
    assert_eq!(
        done.json(),
        json!({ "object": "password_reset", "status": "done" })
    );
    assert_eq!(done.header("set-cookie"), None);

    session.get("/v1/whoami").refused(401, "auth_revoked");
    confirm(&first, new).refused(401, "auth_invalid");
    confirm(&second, new).refused(401, "auth_invalid");
    sign_in(&server, "coach@example.com", PASSWORD).refused(401, "auth_invalid");
    sign_in(&server, "coach@example.com", new).expect(201);
    assert_eq!(server.rows("password_resets"), 0);
    server.advance_ms(60 * MINUTE_MS);
    ask("coach@example.com");
    until("the third reset", || server.rows("password_resets") == 1);
    let (_, late) = mailed(&server, coach);
    server.advance_ms(30 * MINUTE_MS);
    let expired = confirm(&late, new).refused(401, "auth_invalid");
    assert_eq!(expired.json()["error"]["reason"], "expired");
}

#[test]
fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let server = Server::start();
    server.coach("coach@example.com");
    let known = sign_in(&server, "coach@example.com", "a wrong password, long");
    let unknown = sign_in(&server, "nobody@example.com", "a wrong password, long");

    let essence = |answer: Answer| {
        let answer = answer.refused(401, "auth_invalid");
        let mut body = answer.json();
        body["error"]["request_id"] = Value::Null;
        let mut names: Vec<String> = answer
            .headers
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        names.sort();
        (
            body,
            names,
            answer.header("www-authenticate").map(str::to_owned),
        )
    };
    assert_eq!(essence(known), essence(unknown));
    until("the failure is written down", || {
        server.rows("account_audit_log") == 2
    });
}

#[test]
fn a_sign_in_link_works_once_and_in_the_demo_alone() {
    let serve = Server::start();
    let coach = serve.coach("coach@example.com");
    assert!(sessions::actions::mint_sign_in_link(&serve.app, coach.account).is_err());

    let server = Server::start_with(|config| config.kind = RunKind::Demo, Options::default());
    let coach = server.coach("coach@example.com");
    let link = sessions::actions::mint_sign_in_link(&server.app, coach.account).expect("a link");
    let body = json!({ "token": link.token.reveal() });
    let anyone = server.anyone();
    assert_eq!(
        anyone.get("/auth/status").expect(200).json()["kind"],
        "demo"
    );

    let answer = anyone.post("/auth/sessions", &body).expect(201);
    with_cookie(&server, &cookie_of(&answer), coach)
        .get("/v1/whoami")
        .expect(200);
    anyone
        .post("/auth/sessions", &body)
        .refused(401, "auth_invalid");
    serve
        .anyone()
        .post("/auth/sessions", &body)
        .refused(401, "auth_invalid");
}

#[test]
fn over_https_the_cookie_is_bound_to_the_host_and_plain_ones_do_not_count() {
    let public = |config: &mut cadence::config::Config| {
        config.public_url = PublicUrl::parse("https://coach.example").expect("an address");
    };
    let server = Server::start_with(public, Options::default());
    let coach = server.coach("coach@example.com");
    let anyone = server.anyone();
    let body = json!({ "email": "coach@example.com", "password": PASSWORD }).to_string();
    let host = ("Host", "coach.example");
    let answer = anyone
        .send("POST", "/auth/sessions", &[host], Some(&body))
        .expect(201);

    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(cookie.starts_with("__Host-cadence=cdnss_"), "{cookie}");
    assert!(
        cookie.ends_with("; HttpOnly; SameSite=Lax; Secure"),
        "{cookie}"
    );
    let pair = cookie_of(&answer);
    let whoami = |cookie: &str, host: &str| {
        let headers = [("Cookie", cookie), ("Host", host)];
        anyone.get_with("/v1/whoami", &headers)
    };
    whoami(&pair, "coach.example").expect(200);
    let plain = pair.replace("__Host-", "");
    whoami(&plain, "coach.example").refused(401, "auth_missing");
    // The same server asked for directly is plain http, whatever anybody says.
    whoami(&plain, "localhost").expect(200);
    whoami(&pair, "localhost").refused(401, "auth_missing");
    whoami(&format!("{plain}; {plain}"), "localhost").refused(400, "ambiguous_credentials");
    let lie = [("X-Forwarded-Proto", "https"), ("Host", "localhost")];
    let direct = anyone
        .send("POST", "/auth/sessions", &lie, Some(&body))
        .expect(201);
    assert!(
        !direct
            .header("set-cookie")
            .expect("a cookie")
            .contains("Secure")
    );
    let _ = coach;
}

#[test]
fn json_alone_signs_in() {
    let server = Server::start();
    server.coach("coach@example.com");
    let form = "email=coach%40example.com&password=x";
    for media in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
    ] {
        let headers = [("Content-Type", media)];
        let answer = server
            .anyone()
            .send("POST", "/auth/sessions", &headers, Some(form));
        answer.refused(415, "unsupported_media_type");
    }
    let answer = server.anyone().get("/auth/sessions?x=1");
    answer.refused(400, "invalid_parameter");
}
