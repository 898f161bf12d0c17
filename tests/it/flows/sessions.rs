//! Sessions under attack and under load.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use cadence::clock::MINUTE_MS;
use cadence::db::Options;
use cadence::values::AddressRange;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Server, until};

/// What a browser may say of the site, and whether that is let in.
const SITES: [(Option<&str>, Option<bool>); 5] = [
    (None, None),
    (Some("same-origin"), Some(true)),
    (Some("none"), Some(true)),
    (Some("same-site"), Some(false)),
    (Some("cross-site"), Some(false)),
];

/// What it may say of the origin.
const ORIGINS: [(Option<&str>, Option<bool>); 4] = [
    (None, None),
    (Some("http://localhost"), Some(true)),
    (Some("https://evil.example"), Some(false)),
    (Some("null"), Some(false)),
];

#[test]
fn what_a_browser_says_of_its_origin_decides_for_every_method() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach).session.expect("a session");
    let workspace = coach.workspace.to_string();
    let sign_in = json!({ "email": "coach@example.com", "password": PASSWORD }).to_string();
    let mut checked = 0;
    for (site, by_site) in SITES {
        for (origin, by_origin) in ORIGINS {
            for with_cookie in [false, true] {
                let mut headers = vec![
                    ("Cadence-Workspace", workspace.as_str()),
                    ("Cadence-Mode", "test"),
                ];
                headers.extend(site.map(|site| ("Sec-Fetch-Site", site)));
                headers.extend(origin.map(|origin| ("Origin", origin)));
                if with_cookie {
                    headers.push(("Cookie", &session.cookie));
                }
                let send = |method: &str, path: &str, body: Option<&str>| {
                    server.anyone().send(method, path, &headers, body)
                };
                let let_in = by_site.or(by_origin).unwrap_or(!with_cookie);
                let what = format!("{site:?} {origin:?} {with_cookie}");
                // Signing in and out, too: whether there is a cookie or not.
                let fresh = send(
                    "POST",
                    "/auth/password-resets",
                    Some("{\"email\":\"a@b.co\"}"),
                );
                assert_eq!(fresh.status, if let_in { 202 } else { 403 }, "{what}");
                if !with_cookie {
                    let answer = send("POST", "/auth/sessions", Some(&sign_in));
                    assert_eq!(answer.status, if let_in { 201 } else { 403 }, "{what}");
                    assert_eq!(answer.header("set-cookie").is_some(), let_in, "{what}");
                    continue;
                }
                for (method, path, body) in [
                    ("POST", "/v1/clients", Some("{}")),
                    ("PATCH", "/v1/settings", Some("{}")),
                    ("DELETE", "/v1/clients/nope", None),
                    ("PUT", "/v1/clients", Some("{}")),
                    ("DELETE", "/auth/sessions/nope", None),
                ] {
                    let answer = send(method, path, body);
                    let refused = answer.code_or_none() == "cross_origin_refused";
                    assert_eq!(
                        refused,
                        !let_in,
                        "{method} {path} {what}: {}",
                        answer.text()
                    );
                    assert_eq!(
                        answer.header("vary"),
                        Some("Sec-Fetch-Site, Origin"),
                        "{what}"
                    );
                }
                for method in ["GET", "HEAD"] {
                    assert_eq!(send(method, "/v1/clients", None).status, 200, "{what}");
                }
                checked += 1;
            }
        }
    }
    assert_eq!(checked, SITES.len() * ORIGINS.len());
}

/// A server that believes loopback what it says of where requests come from.
fn behind_a_proxy() -> Server {
    Server::start_with(
        |config| {
            let proxy = AddressRange::parse("127.0.0.1").expect("an address");
            config.trusted_proxies = vec![proxy];
        },
        Options::default(),
    )
}

fn try_from(server: &Server, address: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password }).to_string();
    let headers = [("X-Forwarded-For", address)];
    server
        .anyone()
        .send("POST", "/auth/sessions", &headers, Some(&body))
}

#[test]
fn a_thousand_wrong_passwords_from_everywhere_do_not_keep_the_owner_out() {
    let server = behind_a_proxy();
    server.coach("coach@example.com");
    let home = "198.51.100.7";
    try_from(&server, home, "coach@example.com", PASSWORD).expect(201);

    let mut verified = 0;
    for number in 0..1_000_u32 {
        let address = format!("203.0.{}.{}", number / 200, number % 200);
        let answer = try_from(
            &server,
            &address,
            "coach@example.com",
            "a guess of a stranger",
        );
        match answer.status {
            401 => verified += 1,
            429 => {
                let wait = answer.header("retry-after").expect("a time");
                assert!(wait.parse::<u32>().expect("seconds") >= 1);
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }

    assert_eq!(verified, 50, "the account's ceiling");
    // A stranger is held up even with the right password, and nobody learns that it was right.
    let stranger = try_from(&server, "192.0.2.1", "coach@example.com", PASSWORD);
    stranger.refused(429, "rate_limited");
    let nobody = try_from(&server, "192.0.2.1", "nobody@example.com", "a guess");
    nobody.refused(401, "auth_invalid");
    // The owner signs in at once: from where she was before, or with her own browser elsewhere.
    let answer = try_from(&server, home, "coach@example.com", PASSWORD).expect(201);
    let cookie = answer.header("set-cookie").expect("a cookie");
    let cookie = cookie.split(';').next().expect("a pair");
    let body = json!({ "email": "coach@example.com", "password": PASSWORD }).to_string();
    let headers = [
        ("X-Forwarded-For", "192.0.2.9"),
        ("Cookie", cookie),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    let elsewhere = server
        .anyone()
        .send("POST", "/auth/sessions", &headers, Some(&body));
    elsewhere.expect(201);
    // And from anywhere once the strangers have stopped for the longest wait.
    server.advance_ms(15 * MINUTE_MS);
    try_from(&server, "192.0.2.1", "coach@example.com", PASSWORD).expect(201);
}

#[test]
fn an_address_nobody_has_is_throttled_like_any_other() {
    let server = behind_a_proxy();
    server.coach("coach@example.com");
    let statuses = |email: &str, address: &str| -> Vec<(u16, Option<String>)> {
        (0..8)
            .map(|_| {
                let answer = try_from(&server, address, email, "a guess of a stranger");
                let wait = answer.header("retry-after").map(str::to_owned);
                (answer.status, wait)
            })
            .collect()
    };

    let known = statuses("coach@example.com", "203.0.113.1");
    let unknown = statuses("nobody@example.com", "203.0.113.2");

    assert_eq!(known, unknown);
    assert_eq!(known[4].0, 401);
    assert_eq!(known[5], (429, Some("1".to_owned())));
}

#[test]
fn a_new_password_lets_its_owner_in_whatever_strangers_have_done() {
    let server = behind_a_proxy();
    let coach = server.coach("coach@example.com");
    for number in 0..60 {
        let address = format!("203.0.113.{number}");
        try_from(
            &server,
            &address,
            "coach@example.com",
            "a guess of a stranger",
        );
    }
    try_from(&server, "192.0.2.1", "coach@example.com", PASSWORD).refused(429, "rate_limited");
    let link = {
        let now = server.app.clock.now();
        let link = cadence::access::sessions::actions::draw_reset(now).expect("a link");
        let token = link.token.reveal().to_owned();
        let kept = server.app.db.write_blocking(move |tx| {
            cadence::access::sessions::actions::keep_reset(tx, coach.account, &link, now)
        });
        kept.expect("a reset");
        token
    };
    let new = "nine blue umbrellas in the rain";
    let body = json!({ "token": link, "password": new }).to_string();
    let headers = [("X-Forwarded-For", "192.0.2.1")];
    let confirmed = server.anyone().send(
        "POST",
        "/auth/password-resets/confirm",
        &headers,
        Some(&body),
    );
    confirmed.expect(200);

    try_from(&server, "192.0.2.1", "coach@example.com", new).expect(201);
}

#[test]
fn the_owner_is_told_of_a_sign_in_from_elsewhere() {
    let server = behind_a_proxy();
    server.coach("coach@example.com");
    try_from(&server, "198.51.100.7", "coach@example.com", PASSWORD).expect(201);
    try_from(&server, "198.51.100.7", "coach@example.com", PASSWORD).expect(201);
    assert_eq!(server.rows("account_outbox"), 0);

    try_from(&server, "203.0.113.9", "coach@example.com", PASSWORD).expect(201);

    assert_eq!(server.rows("account_outbox"), 1);
}

#[test]
fn a_session_that_is_ended_under_load_answers_no_later_request() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (victim, other) = (server.session(coach), server.session(coach));
    let id = victim
        .get("/auth/sessions/current")
        .expect(200)
        .member("id");
    let ended = AtomicBool::new(false);
    let answered_late = AtomicBool::new(false);
    let answers = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let was_ended = ended.load(Ordering::Acquire);
                    let status = victim.get("/v1/whoami").status;
                    answers.fetch_add(1, Ordering::AcqRel);
                    if was_ended {
                        answered_late.fetch_or(status != 401, Ordering::AcqRel);
                        break;
                    }
                    // A session has a limit of its own, which a fast machine reaches.
                    assert!([200, 401, 429].contains(&status), "{status}");
                }
            });
        }
        until("it is used", || answers.load(Ordering::Acquire) > 20);
        other.delete(&format!("/auth/sessions/{id}")).expect(204);
        ended.store(true, Ordering::Release);
    });

    assert!(!answered_late.load(Ordering::Acquire));
}

#[test]
fn a_password_set_at_the_command_line_ends_every_session() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.session(coach);
    let command = cadence::control::Command::AccountResetPassword {
        email: "coach@example.com".to_owned(),
        password_hash: cadence::secrets::password::hash(
            &cadence::secrets::Secret::new("nine blue umbrellas in the rain".to_owned()),
            cadence::secrets::password::Cost::cheap(),
        )
        .expect("a hash"),
    };
    caller.get("/v1/whoami").expect(200);

    let reset: Value = cadence::control::execute(&server.app, command).expect("a new password");

    assert_eq!(reset["email"], "coach@example.com");
    caller.get("/v1/whoami").refused(401, "auth_revoked");
}

#[test]
fn a_password_whose_hash_became_too_cheap_is_hashed_anew_at_the_sign_in() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let hash = || {
        let read = server
            .app
            .db
            .read_now(|conn| cadence::access::accounts::store::password_hash(conn, coach.account));
        read.expect("a read").expect("a hash")
    };
    let dear_enough = hash();
    try_from(&server, "127.0.0.1", "coach@example.com", PASSWORD).expect(201);
    assert_eq!(hash(), dear_enough);
    // Another variant of the algorithm, as another program may have kept it.
    let params = Params::new(8, 1, 1, None).expect("parameters");
    let old = Argon2::new(Algorithm::Argon2i, Version::V0x13, params)
        .hash_password_with_salt(PASSWORD.as_bytes(), b"a salt of sixteen")
        .expect("a hash")
        .to_string();
    let set = server.app.db.write_blocking(move |tx| {
        let sql = "UPDATE accounts SET password_hash = ?1";
        Ok(tx.prepare_cached(sql)?.execute([&old])?)
    });
    assert_eq!(set.expect("a write"), 1);

    try_from(&server, "127.0.0.1", "coach@example.com", PASSWORD).expect(201);

    assert!(
        hash().starts_with("$argon2id$v=19$m=8,t=1,p=1$"),
        "{}",
        hash()
    );
    try_from(&server, "127.0.0.1", "coach@example.com", PASSWORD).expect(201);
}

#[test]
fn a_reset_by_the_owner_of_the_machine_ends_the_wait_that_strangers_caused() {
    let server = behind_a_proxy();
    server.coach("coach@example.com");
    for number in 0..60_u8 {
        let from = format!("198.51.100.{number}");
        drop(try_from(
            &server,
            &from,
            "coach@example.com",
            "not the right one at all",
        ));
    }
    try_from(&server, "203.0.113.77", "coach@example.com", PASSWORD).refused(429, "rate_limited");

    let new = "another river and nine lamps";
    let hash = cadence::secrets::password::hash(
        &cadence::secrets::Secret::new(new.to_owned()),
        cadence::secrets::password::Cost::cheap(),
    )
    .expect("a hash");
    let reset = cadence::control::Command::AccountResetPassword {
        email: "coach@example.com".to_owned(),
        password_hash: hash,
    };
    cadence::control::execute(&server.app, reset).expect("a reset");

    try_from(&server, "203.0.113.77", "coach@example.com", new).expect(201);
}
