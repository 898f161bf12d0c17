//! `/v1/workspaces` and `/v1/whoami`

use cadence::caller::Mode;
use serde_json::{Value, json};

use crate::support::Server;

#[test]
fn whoami_tells_what_the_credential_is() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (id, token) = server.new_key(coach, Mode::Live, &["clients:write", "events:read"]);

    let who = server.bearer(&token).get("/v1/whoami").expect(200).json();

    let expected = json!({
        "object": "whoami",
        "livemode": true,
        "account_id": coach.account.to_string(),
        "workspace_id": coach.workspace.to_string(),
        "mode": "live",
        "credential": { "type": "api_key", "id": id, "name": "test" },
        "scopes": ["clients:write", "events:read"],
        "plan": "studio",
    });
    assert_eq!(who, expected);
}

#[test]
fn headers_of_a_session_do_not_move_a_key() {
    let server = Server::start();
    let coach = server.coach("one@example.com");
    let other = server.coach("two@example.com");
    let key = server.key(coach, &[]);
    let foreign = other.workspace.to_string();
    let headers = [
        ("Cadence-Workspace", foreign.as_str()),
        ("Cadence-Mode", "live"),
    ];

    let who = key.get_with("/v1/whoami", &headers).expect(200).json();

    assert_eq!(who["workspace_id"], coach.workspace.to_string());
    assert_eq!(who["mode"], "test");
}

#[test]
fn list_workspaces_shows_the_keys_own() {
    let server = Server::start();
    let coach = server.coach("one@example.com");
    server.coach("two@example.com");
    let key = server.key(coach, &[]);

    let list = key.get("/v1/workspaces").expect(200).json();

    let path = format!("/v1/workspaces/{}", coach.workspace);
    let own = key.get(&path).expect(200);
    assert_eq!(own.header("etag"), Some("\"1\""));
    assert_eq!(list["data"], json!([own.json()]));
    assert_eq!(list["has_more"], false);
    assert_eq!(own.json()["livemode"], Value::Null);
    assert_eq!(own.json()["timezone"], "UTC");
    key.get_with(&path, &[("If-None-Match", "\"1\"")])
        .expect(304);
}

#[test]
fn create_workspace_with_a_key() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);

    let refused = key.post("/v1/workspaces", &json!({ "name": "Second" }));

    refused.refused(403, "auth_forbidden");
    assert_eq!(server.rows("workspaces"), 1);
}

#[test]
fn patch_workspace_sets_what_new_clients_begin_with() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let path = format!("/v1/workspaces/{}", coach.workspace);
    server.advance_ms(1_000);
    let body = json!({ "name": "North", "timezone": "Europe/Lisbon", "units": "imperial" });

    let patched = key.patch(&path, &body).expect(200);

    assert_eq!(patched.header("etag"), Some("\"2\""));
    for (name, value) in body.as_object().expect("an object") {
        assert_eq!(&patched.json()[name], value);
    }
    assert_eq!(patched.json()["updated_at"], "2026-06-03T12:00:01.000Z");
    let client = json!({ "name": "Ana", "email": "ana@example.com" });
    let client = key.post("/v1/clients", &client).expect(201).json();
    assert_eq!(client["timezone"], "Europe/Lisbon");
    assert_eq!(client["units"], "imperial");
    let mail = key.get("/v1/outbox").expect(200).json();
    let subject = mail["data"][0]["subject"].as_str().expect("a subject");
    assert!(subject.contains("North"), "{subject}");
    let stale = [("If-Match", "\"1\"")];
    let body = json!({ "name": "South" }).to_string();
    key.send("PATCH", &path, &stale, Some(&body))
        .refused(412, "etag_mismatch");
    for (name, value) in [
        ("name", Value::Null),
        ("timezone", "Mars/Base".into()),
        ("units", "stones".into()),
    ] {
        let refused = key.patch(&path, &json!({ name: value }));
        let faults = refused.refused(400, "validation_failed").faults();
        assert_eq!(faults[0].0, format!("/{name}"));
    }
}

#[test]
fn another_workspace_is_forbidden_whether_it_exists_or_not() {
    let server = Server::start();
    let key = server.key(server.coach("one@example.com"), &[]);
    let other = server.coach("two@example.com").workspace.to_string();
    for id in [other.as_str(), "ws_01jzkd6v8q9xw2m4n6p8r0t2v4", "x"] {
        let path = format!("/v1/workspaces/{id}");
        key.get(&path).refused(403, "auth_forbidden");
        key.patch(&path, &json!({ "name": "Mine" }))
            .refused(403, "auth_forbidden");
    }
}

#[test]
fn the_workspace_needs_its_scopes() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let path = format!("/v1/workspaces/{}", coach.workspace);
    let reader = server.key(coach, &["workspace:read"]);
    reader.get(&path).expect(200);
    reader
        .patch(&path, &json!({ "name": "x" }))
        .refused(403, "insufficient_scope");
    let stranger = server.key(coach, &["clients:write"]);
    for path in [path.as_str(), "/v1/workspaces", "/v1/audit-log"] {
        stranger.get(path).refused(403, "insufficient_scope");
    }
    stranger.get("/v1/whoami").expect(200);
}

#[test]
fn an_account_whose_plan_has_no_api_is_refused() {
    let server = Server::start();
    let coach = server.coach_on("coach", "coach@example.com");
    let key = server.key(coach, &[]);
    let before = server.all_rows();
    let client = json!({ "name": "Ana", "email": "ana@example.com" });
    for answer in [
        key.get("/v1/whoami"),
        key.get("/api/v1/cadreen/health"),
        key.post("/v1/clients", &client),
        key.post("/v1/clients", &json!({})),
    ] {
        let refused = answer.refused(403, "plan_required");
        assert_eq!(refused.json()["error"]["plan"], "coach");
    }
    key.get("/v1/nothing").refused(404, "route_not_found");
    assert_eq!(server.all_rows(), before);
}

#[test]
fn a_test_clock_does_not_date_what_spans_both_modes() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let to = json!({ "to": "2026-07-01T00:00:00Z" });
    key.post("/v1/test/clock/advance", &to).expect(200);
    let path = format!("/v1/workspaces/{}", coach.workspace);

    let changed = key
        .patch(&path, &json!({ "name": "North Street" }))
        .expect(200);

    assert_eq!(changed.member("updated_at"), "2026-06-03T12:00:00.000Z");
}
