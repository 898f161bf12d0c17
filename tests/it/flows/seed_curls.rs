//! The commands of the key-lifecycle seed, byte for byte as curl sends them, with only host and key
//! changed.

use cadence::caller::Mode;
use serde_json::Value;

use crate::support::{Answer, Coach, Server, exchange_kept};

struct Seed {
    server: Server,
    coach: Coach,
    id: String,
    token: String,
}

fn seed() -> Seed {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (id, token) = server.new_key(coach, Mode::Live, &[]);
    Seed {
        server,
        coach,
        id,
        token,
    }
}

impl Seed {
    /// What curl sends for `curl -X {method} https://…{path} -H "Authorization: Bearer …"`, with
    /// `-H "Content-Type: application/json" -d {body}` where there is a body.
    fn curl(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        let path = path.replace("{workspace_id}", &self.coach.workspace.to_string());
        let content = body.map_or_else(
            || "\r\n".to_owned(),
            |body| {
                let length = body.len();
                format!("Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
            },
        );
        let request = format!(
            "{method} {path} HTTP/1.1\r\n\
            Host: {}\r\n\
            User-Agent: curl/8.5.0\r\n\
            Accept: */*\r\n\
            Authorization: Bearer {}\r\n\
            {content}",
            self.server.address, self.token
        );
        exchange_kept(self.server.address, request.as_bytes())
    }
}

const KEYS: &str = "/api/v1/maas/workspaces/{workspace_id}/api-keys";

#[track_caller]
fn has_texts(body: &Value, names: &[&str]) {
    for name in names {
        assert!(body[name].is_string(), "{name}: {body}");
    }
}

#[test]
fn create_a_key_as_the_seed_does() {
    let seed = seed();

    let made = seed.curl("POST", KEYS, Some(r#"{"name": "production"}"#));

    let body = made.expect(201).json();
    has_texts(
        &body,
        &["id", "key_prefix", "name", "plaintext", "created_at"],
    );
    assert_eq!(body["name"], "production");
    assert_eq!(body["key_prefix"], "cdnsk_live_");
    let plaintext = body["plaintext"].as_str().expect("a text");
    assert!(plaintext.starts_with("cdnsk_live_"));
}

#[test]
fn use_a_key_as_the_seed_does() {
    let seed = seed();
    let answer = seed.curl("GET", "/api/v1/cadreen/health", None).expect(200);
    assert_eq!(answer.json(), serde_json::json!({ "status": "ok" }));
}

#[test]
fn rotate_a_key_as_the_seed_does() {
    let seed = seed();
    let path = format!("{KEYS}/{}/rotate", seed.id);

    let body = seed.curl("POST", &path, None).expect(200).json();

    has_texts(
        &body,
        &["id", "key_prefix", "name", "plaintext", "rotated_from"],
    );
    assert_eq!(body["rotated_from"], seed.id);
    let old = seed.curl("GET", "/api/v1/cadreen/health", None);
    let old = old.refused(401, "auth_rotating");
    assert!(old.json()["error"]["message"].is_string());
}

#[test]
fn revoke_a_key_as_the_seed_does() {
    let seed = seed();
    let path = format!("{KEYS}/{}", seed.id);

    let revoked = seed.curl("DELETE", &path, None).expect(204);

    assert!(revoked.body.is_empty());
    seed.curl("GET", "/api/v1/cadreen/health", None)
        .refused(401, "auth_revoked");
}

#[test]
fn list_keys_as_the_seed_does() {
    let seed = seed();
    seed.curl("POST", KEYS, Some(r#"{"name": "staging"}"#))
        .expect(201);

    let body = seed.curl("GET", KEYS, None).expect(200).json();

    assert_eq!(body["count"], 2);
    let keys = body["keys"].as_array().expect("keys");
    assert_eq!(keys.len(), 2);
    for key in keys {
        has_texts(key, &["id", "name", "key_prefix", "created_at"]);
    }
    assert_eq!(keys[0]["name"], "staging");
}

#[test]
fn errors_have_the_members_of_the_seed() {
    let seed = seed();
    let path = KEYS.replace("{workspace_id}", "another");
    let refused = seed.curl("GET", &path, None).refused(403, "auth_forbidden");
    has_texts(&refused.json()["error"], &["code", "message"]);
    let anyone = seed.server.anyone().get("/api/v1/cadreen/health");
    anyone.refused(401, "auth_missing");
}
