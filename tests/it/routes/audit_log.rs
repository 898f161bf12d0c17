//! `/v1/audit-log`

use cadence::caller::Mode;
use serde_json::json;

use crate::support::Server;

#[test]
fn the_audit_log_tells_who_did_what_from_where() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (id, token) = server.new_key(coach, Mode::Test, &[]);
    let key = server.bearer(&token);
    let body = json!({ "name": "production" }).to_string();
    let spoofed = [
        ("X-Forwarded-For", "203.0.113.9"),
        ("Forwarded", "for=203.0.113.9"),
    ];
    let made = key
        .send("POST", &coach.keys_path(), &spoofed, Some(&body))
        .expect(201);

    let log = key.get("/v1/audit-log").expect(200).json();

    let entry = &log["data"][0];
    assert_eq!(entry["object"], "audit_entry");
    assert_eq!(entry["livemode"], false);
    assert_eq!(entry["action"], "api_key.created");
    assert_eq!(entry["target"], made.json()["id"]);
    assert_eq!(entry["ip"], "127.0.0.1");
    assert_eq!(entry["request_id"].as_str(), made.header("x-request-id"));
    assert_eq!(entry["created_at"], "2026-06-03T12:00:00.000Z");
    assert_eq!(
        entry["actor"],
        json!({
            "type": "api_key", "id": id, "name": "test",
            "account_id": coach.account.to_string(),
        })
    );
    assert_eq!(log["data"][1]["actor"]["type"], "command_line");
}

#[test]
fn every_act_on_a_key_and_a_workspace_is_logged() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let keys = coach.keys_path();
    let made = key.post(&keys, &json!({ "name": "x" })).expect(201);
    let path = format!("{keys}/{}", made.member("id"));
    key.patch(&path, &json!({ "name": "y" })).expect(200);
    key.act(&format!("{path}/disable")).expect(200);
    key.act(&format!("{path}/enable")).expect(200);
    let rotated = key.act(&format!("{path}/rotate")).expect(200);
    key.delete(&path).expect(204);
    let workspace = format!("/v1/workspaces/{}", coach.workspace);
    key.patch(&workspace, &json!({ "name": "z" })).expect(200);

    let log = key.get("/v1/audit-log").expect(200);

    assert_eq!(
        log.column("action"),
        [
            "workspace.updated",
            "api_key.revoked",
            "api_key.rotated",
            "api_key.enabled",
            "api_key.disabled",
            "api_key.updated",
            "api_key.created",
            "api_key.created",
        ]
    );
    let entry = &log.json()["data"][2];
    assert_eq!(entry["target"], rotated.json()["id"]);
    assert_eq!(entry["detail"]["rotated_from"], made.json()["id"]);
    let filtered = key.get(&format!("/v1/audit-log?target={}", made.member("id")));
    assert_eq!(filtered.expect(200).column("action").len(), 5);
    let filtered = key.get("/v1/audit-log?action=api_key.revoked");
    assert_eq!(filtered.expect(200).column("action").len(), 1);
}

#[test]
fn the_audit_log_is_paged_and_bound_to_its_tenant() {
    let server = Server::start();
    let coach = server.coach("one@example.com");
    let key = server.key(coach, &[]);
    for name in ["a", "b", "c"] {
        key.post(&coach.keys_path(), &json!({ "name": name }))
            .expect(201);
    }
    let first = key.get("/v1/audit-log?limit=3").expect(200);
    let cursor = first.next_cursor().expect("a second page");
    key.post(&coach.keys_path(), &json!({ "name": "d" }))
        .expect(201);
    let second = key.get(&format!("/v1/audit-log?limit=3&cursor={cursor}"));
    let second = second.expect(200).column("id");
    assert_eq!(second.len(), 1);
    assert!(first.column("id").iter().all(|id| *id > second[0]));
    for other in [
        server.live_key(coach),
        server.key(server.coach("two@example.com"), &[]),
    ] {
        let own = other.get("/v1/audit-log").expect(200);
        assert_eq!(own.column("action").len(), 1);
        other
            .get(&format!("/v1/audit-log?cursor={cursor}"))
            .refused(400, "invalid_cursor");
    }
}

#[test]
fn a_coach_reads_of_sign_ins_that_were_refused_and_a_key_does_not() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);
    let wrong = json!({ "email": "coach@example.com", "password": "not the right one at all" });
    server
        .anyone()
        .post("/auth/sessions", &wrong)
        .refused(401, "auth_invalid");

    // It is written beside the answer, which must not tell by its time that the account exists.
    crate::support::until("the entry", || {
        session
            .get("/v1/account/audit-log")
            .column("action")
            .contains(&"session.refused".to_owned())
    });

    let path = "/v1/account/audit-log";
    let entries = session.get(path).expect(200);
    let actions = entries.column("action");
    assert!(
        actions.contains(&"session.refused".to_owned()),
        "{actions:?}"
    );
    assert!(
        actions.contains(&"account.created".to_owned()),
        "{actions:?}"
    );
    assert_eq!(entries.json()["data"][0]["livemode"], json!(null));
    let refused = session.get(&format!("{path}?action=session.refused"));
    assert_eq!(refused.expect(200).column("action"), ["session.refused"]);

    let other = server.coach("other@example.com");
    let theirs = server.session(other).get(path).expect(200);
    assert!(
        !theirs
            .column("action")
            .contains(&"session.refused".to_owned())
    );
    server
        .key(coach, &[])
        .get(path)
        .refused(403, "auth_forbidden");
}

#[test]
fn what_a_key_may_not_do_and_tried_is_in_the_audit_log_once_an_hour() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (key, narrow) = (server.key(coach, &[]), server.key(coach, &["clients:read"]));
    let new = json!({ "name": "Ana", "email": "ana@example.com" });
    let refused = narrow.post("/v1/clients", &new);
    let request = refused.header("x-request-id").map(str::to_owned);
    refused.refused(403, "insufficient_scope");
    narrow.post("/v1/clients", &new);
    narrow.get("/v1/events").refused(403, "insufficient_scope");
    narrow
        .get("/v1/clients/cl_unknown")
        .refused(404, "not_found");
    let refusals = || {
        // Whoever reads the requests has them written first.
        key.get("/v1/requests").expect(200);
        let log = key.get("/v1/audit-log").expect(200).json();
        let mut all = log["data"].as_array().expect("entries").clone();
        all.retain(|entry| entry["action"] == "access.refused");
        all
    };

    let found = refusals();

    let calls: Vec<_> = found.iter().map(|entry| &entry["target"]).collect();
    assert_eq!(calls, ["GET /v1/events", "POST /v1/clients"]);
    assert_eq!(found[1]["detail"], json!({ "code": "insufficient_scope" }));
    assert_eq!(found[1]["request_id"].as_str(), request.as_deref());
    assert_eq!(found[1]["actor"]["type"], "api_key");
    server.advance_ms(3_600_000);
    narrow.post("/v1/clients", &new);
    assert_eq!(refusals().len(), 3);
}
