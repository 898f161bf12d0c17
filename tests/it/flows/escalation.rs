//! A key cannot work its way to more than it has.

use cadence::caller::Mode;
use cadence::clock::{HOUR_MS, MINUTE_MS};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Coach, Server};

struct Scene {
    server: Server,
    coach: Coach,
    boss: Caller,
    keys: String,
}

fn scene() -> Scene {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    Scene {
        boss: server.key(coach, &[]),
        keys: coach.keys_path(),
        server,
        coach,
    }
}

impl Scene {
    /// A key made by the boss: its path and its caller.
    fn make(&self, body: &Value) -> (String, Caller) {
        let made = self.boss.post(&self.keys, body).expect(201);
        let path = format!("{}/{}", self.keys, made.member("id"));
        (path, self.server.bearer(&made.member("plaintext")))
    }
}

#[track_caller]
fn lacks(answer: Answer, scopes: &[&str]) {
    let refused = answer.refused(403, "insufficient_scope");
    assert_eq!(refused.json()["error"]["scopes"], json!(scopes));
}

#[test]
fn a_key_cannot_make_one_with_more_scopes() {
    let scene = scene();
    let (path, thief) = scene.make(&json!({ "name": "t", "scopes": ["keys:write"] }));
    let (other, _) = scene.make(&json!({ "name": "o", "scopes": ["clients:read"] }));
    let before = scene.server.all_rows();

    let all = thief.post(&scene.keys, &json!({ "name": "x" }));
    let all = all.refused(403, "insufficient_scope").json();
    assert_eq!(all["error"]["scopes"].as_array().map(Vec::len), Some(22));
    let more = json!({ "name": "x", "scopes": ["keys:write", "clients:read"] });
    lacks(thief.post(&scene.keys, &more), &["clients:read"]);
    for path in [&path, &other] {
        let more = json!({ "scopes": ["clients:write", "keys:read"] });
        lacks(thief.patch(path, &more), &["clients:write"]);
        thief
            .patch(path, &json!({ "scopes": null }))
            .refused(403, "insufficient_scope");
    }
    lacks(
        thief.patch(&other, &json!({ "name": "x" })),
        &["clients:read"],
    );
    lacks(thief.act(&format!("{other}/rotate")), &["clients:read"]);

    assert_eq!(scene.server.all_rows(), before);
    let equal = json!({ "name": "x", "scopes": ["keys:write", "keys:read"] });
    thief.post(&scene.keys, &equal).expect(201);
    thief.act(&format!("{path}/rotate")).expect(200);
}

#[test]
fn a_key_cannot_make_one_that_lives_longer() {
    let scene = scene();
    let end = "2026-06-03T13:00:00.000Z";
    let (path, thief) = scene.make(&json!({ "name": "t", "expires_at": end }));
    let (forever, _) = scene.make(&json!({ "name": "o" }));
    let before = scene.server.all_rows();
    for later in [Value::Null, "2026-06-03T13:00:00.001Z".into()] {
        let body = json!({ "name": "x", "expires_at": later });
        thief
            .post(&scene.keys, &body)
            .refused(403, "auth_forbidden");
        for path in [&path, &forever] {
            thief
                .patch(path, &json!({ "expires_at": later }))
                .refused(403, "auth_forbidden");
        }
    }
    thief
        .act(&format!("{forever}/rotate"))
        .refused(403, "auth_forbidden");
    assert_eq!(scene.server.all_rows(), before);

    let body = json!({ "name": "x", "expires_at": end });
    thief.post(&scene.keys, &body).expect(201);
    let rotated = thief.act(&format!("{path}/rotate")).expect(200);
    assert_eq!(rotated.json()["expires_at"], end);
    let successor = scene.server.bearer(&rotated.member("plaintext"));
    scene.server.advance_ms(HOUR_MS);
    successor.get("/v1/whoami").refused(401, "auth_invalid");
}

#[test]
fn a_key_cannot_make_one_for_more_addresses() {
    let scene = scene();
    let own = json!(["127.0.0.0/24", "10.1.0.0/16"]);
    let (path, thief) = scene.make(&json!({ "name": "t", "allowed_ips": own }));
    let (anywhere, _) = scene.make(&json!({ "name": "o" }));
    let before = scene.server.all_rows();
    for wider in [
        Value::Null,
        json!(["127.0.0.0/23"]),
        json!(["0.0.0.0/0"]),
        json!(["127.0.0.1", "192.0.2.1"]),
        json!(["::/0"]),
    ] {
        let body = json!({ "name": "x", "allowed_ips": wider });
        thief
            .post(&scene.keys, &body)
            .refused(403, "auth_forbidden");
        for path in [&path, &anywhere] {
            thief
                .patch(path, &json!({ "allowed_ips": wider }))
                .refused(403, "auth_forbidden");
        }
    }
    thief
        .act(&format!("{anywhere}/rotate"))
        .refused(403, "auth_forbidden");
    assert_eq!(scene.server.all_rows(), before);

    let narrower = json!({ "name": "x", "allowed_ips": ["127.0.0.1", "10.1.2.0/24"] });
    thief.post(&scene.keys, &narrower).expect(201);
    let rotated = thief.act(&format!("{path}/rotate")).expect(200);
    assert_eq!(rotated.json()["allowed_ips"], own);
}

#[test]
fn a_key_cannot_replay_the_making_of_a_mightier_one() {
    let scene = scene();
    let made = scene
        .boss
        .post_once(&scene.keys, "deploy-1", &json!({ "name": "production" }))
        .expect(201);
    let rotate = format!("{}/{}/rotate", scene.keys, made.member("id"));
    let rotated = scene
        .boss
        .post_once(&rotate, "deploy-2", &json!({}))
        .expect(200);
    let scopes = &["keys:write", "events:read"];
    let thief = scene.server.key(scene.coach, scopes);
    // The feed tells the thief both keys, and the rest is easily guessed.
    let told = thief.get("/v1/events?type=api_key.*").expect(200).text();
    assert!(told.contains("deploy-1") && told.contains("deploy-2"));

    let body = json!({ "name": "production" });
    let create = thief.post_once(&scene.keys, "deploy-1", &body);
    let rotate = thief.post_once(&rotate, "deploy-2", &json!({}));

    for (answer, secret) in [(create, made), (rotate, rotated)] {
        assert!(!answer.text().contains(&secret.member("plaintext")));
        answer.refused(403, "insufficient_scope");
    }
}

#[test]
fn a_key_cannot_replay_the_making_of_one_that_lives_longer() {
    let scene = scene();
    let body = json!({ "name": "production" });
    scene
        .boss
        .post_once(&scene.keys, "deploy", &body)
        .expect(201);
    let end = "2026-06-03T13:00:00Z";
    let (_, brief) = scene.make(&json!({ "name": "brief", "expires_at": end }));

    let replay = brief.post_once(&scene.keys, "deploy", &body);

    replay.refused(403, "auth_forbidden");
}

#[test]
fn a_test_key_cannot_reach_the_live_tenant() {
    let scene = scene();
    let live = scene.server.new_key(scene.coach, Mode::Live, &[]).0;
    let path = format!("{}/{live}", scene.keys);
    let mode = json!({ "name": "x", "mode": "live" });
    scene
        .boss
        .post(&scene.keys, &mode)
        .refused(403, "auth_forbidden");
    scene
        .boss
        .act(&format!("{path}/rotate"))
        .refused(404, "not_found");
}

#[test]
fn a_rotated_key_keeps_no_more_than_its_settings() {
    let scene = scene();
    let body = json!({ "name": "t", "scopes": ["keys:write", "clients:read"] });
    let (path, key) = scene.make(&body);
    let rotate = json!({ "retire": "after", "grace_seconds": 60 });
    let rotated = key.post(&format!("{path}/rotate"), &rotate).expect(200);
    let successor = scene.server.bearer(&rotated.member("plaintext"));
    for caller in [&key, &successor] {
        caller.get("/v1/clients").expect(200);
        caller.get("/v1/outbox").refused(403, "insufficient_scope");
        caller
            .patch(&path, &json!({ "scopes": null }))
            .refused(403, "insufficient_scope");
    }
    scene.server.advance_ms(MINUTE_MS);
    key.get("/v1/clients").refused(401, "auth_rotating");
}
