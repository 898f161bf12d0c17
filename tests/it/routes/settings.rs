//! `/v1/settings`

use serde_json::json;

use cadence::clock::MINUTE_MS;
use cadence::config::{PublicUrl, UrlSource};
use cadence::db::Options;

use crate::support::{PASSWORD, Server};

#[test]
fn the_owner_reads_and_changes_account_workspace_and_server() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.session(coach);

    let before = caller.get("/v1/settings").expect(200).json();
    assert_eq!(before["account"]["email"], "coach@example.com");
    assert_eq!(before["server"]["public_url_source"], "default");
    assert_eq!(
        before["server"]["request_log"],
        json!({ "days": 7, "rows": 100_000 })
    );
    assert_eq!(before["plan"]["requests_per_hour"], 2_500);
    let patch = json!({
        "account": { "name": "Jo Prado" },
        "workspace": { "name": "South Street", "units": "imperial" },
        "server": { "request_log": { "days": 14 } },
    });
    let changed = caller.patch("/v1/settings", &patch).expect(200).json();

    assert_eq!(changed["account"]["name"], "Jo Prado");
    assert_eq!(changed["workspace"]["name"], "South Street");
    assert_eq!(
        changed["server"]["request_log"],
        json!({ "days": 14, "rows": 100_000 })
    );
    assert_eq!(caller.get("/v1/settings").expect(200).json(), changed);
    let log = caller
        .get("/v1/audit-log?action=settings.updated")
        .expect(200);
    assert_eq!(log.json()["data"][0]["actor"]["type"], "session");
}

#[test]
fn wrong_settings_are_all_named_and_nothing_changes() {
    let server = Server::start();
    let caller = server.session(server.coach("coach@example.com"));
    let before = caller.get("/v1/settings").expect(200).text();
    let patch = json!({
        "account": { "email": "none", "password": "short", "role": "owner" },
        "workspace": { "units": "furlongs", "timezone": "Mars/Olympus" },
        "server": {
            "public_url": "https://coach.example/path",
            "request_log": { "days": 0, "rows": 10_000_000 },
        },
    });

    let mut faults = caller
        .patch("/v1/settings", &patch)
        .refused(400, "validation_failed")
        .faults();

    faults.sort();
    let places: Vec<&str> = faults.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(
        places,
        [
            "/account/email",
            "/account/password",
            "/account/role",
            "/server/public_url",
            "/server/request_log/days",
            "/server/request_log/rows",
            "/workspace/timezone",
            "/workspace/units",
        ]
    );
    assert_eq!(caller.get("/v1/settings").expect(200).text(), before);
}

#[test]
fn the_server_is_the_owners() {
    let server = Server::start();
    server.coach("owner@example.com");
    let caller = server.session(server.coach("coach@example.com"));

    assert_eq!(
        caller.get("/v1/settings").expect(200).json()["server"],
        json!(null)
    );
    let patch = json!({ "server": { "public_url": "https://evil.example" } });
    caller
        .patch("/v1/settings", &patch)
        .refused(403, "auth_forbidden");
    caller
        .patch("/v1/settings", &json!({ "account": { "name": "Me" } }))
        .expect(200);
    let taken = json!({ "account": { "email": "OWNER@example.com" } });
    caller
        .patch("/v1/settings", &taken)
        .refused(409, "already_exists");
}

#[test]
fn a_new_public_address_is_in_force_with_the_answer_and_after_a_restart() {
    let mut server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.session(coach);
    let health = |server: &Server| {
        server
            .anyone()
            .get_with("/health", &[("Host", "coach.example")])
    };
    health(&server).refused(421, "host_not_allowed");
    let patch = json!({ "server": { "public_url": "https://coach.example:443/" } });
    let changed = caller.patch("/v1/settings", &patch).expect(200).json();

    assert_eq!(changed["server"]["public_url"], "https://coach.example");
    assert_eq!(changed["server"]["public_url_source"], "settings");
    let answer = health(&server).expect(200);
    assert!(answer.header("strict-transport-security").is_some());
    let new = json!({ "name": "Ana", "email": "ana@example.com" });
    let link = caller
        .post("/v1/clients", &new)
        .expect(201)
        .member("install_link");
    assert!(
        link.starts_with("https://coach.example/app/join#"),
        "{link}"
    );
    // A page of the new address may sign in, one of another may not.
    let body = json!({ "email": "coach@example.com", "password": PASSWORD }).to_string();
    let sign_in = |origin: &str| {
        let headers = [("Host", "coach.example"), ("Origin", origin)];
        server
            .anyone()
            .send("POST", "/auth/sessions", &headers, Some(&body))
    };
    let cookie = sign_in("https://coach.example").expect(201);
    assert!(
        cookie
            .header("set-cookie")
            .expect("a cookie")
            .starts_with("__Host-")
    );
    sign_in("http://coach.example").refused(403, "cross_origin_refused");
    server.restart();
    health(&server).expect(200);
    let caller = crate::support::Caller {
        address: server.address,
        ..caller
    };
    let patch = json!({ "server": { "public_url": null } });
    let changed = caller.patch("/v1/settings", &patch).expect(200).json();
    assert_eq!(changed["server"]["public_url_source"], "default");
    health(&server).refused(421, "host_not_allowed");
}

#[test]
fn an_address_that_the_operator_has_set_is_not_changed_here() {
    let public = |config: &mut cadence::config::Config| {
        config.public_url = PublicUrl::parse("http://coach.lan:4780").expect("an address");
        config.public_url_source = UrlSource::Environment;
    };
    let server = Server::start_with(public, Options::default());
    let caller = server.session(server.coach("coach@example.com"));
    let patch = json!({ "server": { "public_url": "https://coach.example" } });

    let answer = caller
        .patch("/v1/settings", &patch)
        .refused(409, "state_conflict");

    assert!(answer.text().contains("CADENCE_PUBLIC_URL"));
    let shown = caller.get("/v1/settings").expect(200).json();
    assert_eq!(shown["server"]["public_url_source"], "environment");
}

#[test]
fn a_new_password_or_address_is_asked_for_ends_other_sessions_and_is_told() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (caller, other) = (server.session(coach), server.session(coach));
    server.advance_ms(5 * MINUTE_MS + 1);
    let new = "nine blue umbrellas in the rain";
    for patch in [
        json!({ "password": new }),
        json!({ "email": "jo@example.com" }),
    ] {
        let patch = json!({ "account": patch });
        caller
            .patch("/v1/settings", &patch)
            .refused(403, "reauth_required");
    }
    let caller = server.session(coach);
    let common =
        json!({ "account": { "email": "jane.doerty@example.com", "password": "jane.doerty2026" } });
    let refused = caller
        .patch("/v1/settings", &common)
        .refused(400, "validation_failed");
    assert_eq!(refused.faults()[0].1, "password_too_common");

    let patch = json!({ "account": { "email": "jo@example.com", "password": new } });
    caller.patch("/v1/settings", &patch).expect(200);

    caller.get("/v1/settings").expect(200);
    other.get("/v1/settings").refused(401, "auth_revoked");
    assert_eq!(server.rows("account_outbox"), 2);
    let sign_in = |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        server.anyone().post("/auth/sessions", &body)
    };
    sign_in("coach@example.com", new).refused(401, "auth_invalid");
    sign_in("jo@example.com", PASSWORD).refused(401, "auth_invalid");
    sign_in("jo@example.com", new).expect(201);
}
