//! `/v1/workspaces/{workspace_id}/api-keys`

use cadence::caller::Mode;
use cadence::clock::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Coach, Server, logs};

/// A coach with a key that may do everything in test mode.
struct Desk {
    server: Server,
    coach: Coach,
    keys: String,
    boss: Caller,
}

fn desk() -> Desk {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let boss = server.key(coach, &[]);
    Desk {
        keys: coach.keys_path(),
        server,
        coach,
        boss,
    }
}

impl Desk {
    /// Makes a key over HTTP: its path and a caller that uses it.
    fn make(&self, body: &Value) -> (String, Caller) {
        let made = self.boss.post(&self.keys, body).expect(201);
        let path = format!("{}/{}", self.keys, made.member("id"));
        (path, self.server.bearer(&made.member("plaintext")))
    }

    fn rotate(&self, path: &str, body: &Value) -> (Answer, Caller) {
        let rotated = self.boss.post(&format!("{path}/rotate"), body).expect(200);
        let successor = self.server.bearer(&rotated.member("plaintext"));
        (rotated, successor)
    }

    fn status(&self, path: &str) -> String {
        self.boss.get(path).expect(200).member("status")
    }
}

fn whoami(caller: &Caller) -> Answer {
    caller.get("/v1/whoami")
}

#[track_caller]
fn works(caller: &Caller) {
    whoami(caller).expect(200);
}

#[track_caller]
fn is_refused(caller: &Caller, code: &str) -> Answer {
    let refused = whoami(caller).refused(401, code);
    let challenge = refused.header("www-authenticate").unwrap_or_default();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    refused
}

#[track_caller]
fn is_invalid(caller: &Caller, reason: &str) {
    let refused = is_refused(caller, "auth_invalid").json();
    assert_eq!(refused["error"]["reason"], reason);
}

#[test]
fn create_key_shows_the_plaintext_once() {
    let desk = desk();

    let made = desk.boss.post(&desk.keys, &json!({ "name": "production" }));

    let made = made.expect(201);
    let id = made.member("id");
    let path = format!("{}/{id}", desk.keys);
    assert_eq!(made.header("location"), Some(path.as_str()));
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let plaintext = made.member("plaintext");
    assert!(plaintext.starts_with("cdnsk_test_") && plaintext.len() == 11 + 36);
    let body = made.json();
    assert_eq!(body["object"], "api_key");
    assert_eq!(body["key_prefix"], "cdnsk_test_");
    assert_eq!(body["name"], "production");
    assert_eq!(body["description"], Value::Null);
    assert_eq!(body["mode"], "test");
    assert_eq!(body["livemode"], false);
    assert_eq!(body["client_id"], id);
    assert_eq!(body["hint"], format!("…{}", &plaintext[43..]));
    assert_eq!(body["scopes"].as_array().map(Vec::len), Some(24));
    assert_eq!(body["expires_at"], Value::Null);
    assert_eq!(body["created_at"], "2026-06-03T12:00:00.000Z");
    works(&desk.server.bearer(&plaintext));
    let shown = desk.boss.get(&path).expect(200);
    assert!(!shown.text().contains(&plaintext));
    assert!(!desk.boss.get(&desk.keys).text().contains(&plaintext));
    assert!(!desk.boss.get("/v1/events").text().contains(&plaintext));
    assert!(!desk.boss.get("/v1/audit-log").text().contains(&plaintext));
    assert!(!logs().contains(&plaintext));
}

#[test]
fn create_key_with_every_field() {
    let desk = desk();
    let body = json!({
        "name": "nightly",
        "description": "Copies clients\nto the warehouse.",
        "mode": "test",
        "scopes": ["clients:read", "events:read"],
        "expires_at": "2026-07-01T02:00:00+02:00",
        "allowed_ips": ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"],
    });

    let (path, key) = desk.make(&body);

    let shown = desk.boss.get(&path).expect(200).json();
    assert_eq!(shown["description"], body["description"]);
    assert_eq!(shown["scopes"], body["scopes"]);
    assert_eq!(shown["expires_at"], "2026-07-01T00:00:00.000Z");
    assert_eq!(shown["allowed_ips"], body["allowed_ips"]);
    let who = whoami(&key).expect(200).json();
    assert_eq!(who["scopes"], body["scopes"]);
    assert_eq!(who["credential"]["name"], "nightly");
}

#[test]
fn create_key_with_invalid_fields_names_them_all() {
    let desk = desk();
    let before = desk.server.all_rows();

    let refused = desk.boss.post(
        &desk.keys,
        &json!({
            "name": " ", "mode": "prod", "scopes": ["clients:read", "clients:fly"],
            "expires_at": "tomorrow", "allowed_ips": [],
        }),
    );

    let places: Vec<String> = refused
        .refused(400, "validation_failed")
        .faults()
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    assert_eq!(
        places,
        ["/name", "/mode", "/scopes/1", "/expires_at", "/allowed_ips"]
    );
    let past = json!({ "name": "x", "expires_at": "2026-06-03T12:00:00Z" });
    let past = desk.boss.post(&desk.keys, &past);
    let past = past.refused(400, "validation_failed").faults();
    assert_eq!(past, [("/expires_at".to_owned(), "in_the_past".to_owned())]);
    assert_eq!(desk.server.all_rows(), before);
}

#[test]
fn list_keys_newest_first_with_a_count_and_filters_by_status() {
    let desk = desk();
    let make = |name: &str| desk.make(&json!({ "name": name })).0;
    let (rotating, disabled, revoked) = (make("rotating"), make("disabled"), make("revoked"));
    let expires = json!({ "name": "expired", "expires_at": "2026-06-03T12:00:01Z" });
    desk.make(&expires);
    desk.rotate(&rotating, &json!({}));
    desk.boss.act(&format!("{disabled}/disable")).expect(200);
    desk.boss.delete(&revoked).expect(204);
    desk.server.advance_ms(SECOND_MS);

    let list = desk.boss.get(&desk.keys).expect(200).json();

    let names = |list: &Value| -> Vec<String> {
        let keys = list["keys"].as_array().expect("keys");
        assert_eq!(list["count"], keys.len());
        keys.iter()
            .map(|key| key["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(
        names(&list),
        [
            "rotating", "expired", "revoked", "disabled", "rotating", "test"
        ]
    );
    let members = list.as_object().expect("an object");
    assert_eq!(members.len(), 2, "keys and count");
    for key in list["keys"].as_array().expect("keys") {
        assert!(key.get("plaintext").is_none());
        for name in ["id", "key_prefix", "hint", "status", "mode", "scopes"] {
            assert!(!key[name].is_null(), "{name}");
        }
        for name in ["last_used_at", "last_used_ip", "expires_at", "created_at"] {
            assert!(key.get(name).is_some(), "{name}");
        }
    }
    for (status, expected) in [
        ("active", vec!["rotating", "test"]),
        ("rotating", vec!["rotating"]),
        ("disabled", vec!["disabled"]),
        ("expired", vec!["expired"]),
        ("revoked", vec!["revoked"]),
    ] {
        let filtered = desk.boss.get(&format!("{}?status={status}", desk.keys));
        assert_eq!(names(&filtered.expect(200).json()), expected, "{status}");
    }
    let unknown = desk.boss.get(&format!("{}?status=lost", desk.keys));
    unknown.refused(400, "invalid_parameter");
}

#[test]
fn rotate_key_at_once() {
    let desk = desk();
    let (path, old) = desk.make(&json!({
        "name": "production", "description": "d", "scopes": ["clients:read"],
        "allowed_ips": ["127.0.0.0/8"], "expires_at": "2027-01-01T00:00:00Z",
    }));
    works(&old);

    let rotated = desk.boss.act(&format!("{path}/rotate")).expect(200);

    is_refused(&old, "auth_rotating");
    let new = desk.server.bearer(&rotated.member("plaintext"));
    works(&new);
    assert!(whoami(&new).header("deprecation").is_none());
    let body = rotated.json();
    assert_eq!(
        body["rotated_from"],
        path.rsplit('/').next().expect("an id")
    );
    assert_eq!(body["key_prefix"], "cdnsk_test_");
    assert_eq!(body["previous_works_until"], Value::Null);
    assert!(body.get("previous_works_until").is_some());
    let before = desk.boss.get(&path).expect(200).json();
    for name in ["name", "description", "scopes", "allowed_ips", "expires_at"] {
        assert_eq!(body[name], before[name], "{name} is copied");
    }
    assert_eq!(before["status"], "rotating");
    assert_eq!(before["works_until"], Value::Null);
}

#[test]
fn rotate_key_after_a_grace() {
    let desk = desk();
    let (path, old) = desk.make(&json!({ "name": "production" }));

    let (rotated, new) = desk.rotate(&path, &json!({ "retire": "after", "grace_seconds": 60 }));

    let until = "2026-06-03T12:01:00.000Z";
    assert_eq!(rotated.json()["previous_works_until"], until);
    let answer = whoami(&old).expect(200);
    assert_eq!(answer.header("deprecation"), Some("@1780488000"));
    assert_eq!(
        answer.header("sunset"),
        Some("Wed, 03 Jun 2026 12:01:00 GMT")
    );
    let failing = old.get("/v1/nothing").refused(404, "route_not_found");
    assert_eq!(failing.header("deprecation"), Some("@1780488000"));
    assert!(whoami(&new).expect(200).header("sunset").is_none());
    assert_eq!(desk.boss.get(&path).json()["works_until"], until);
    desk.server.advance_ms(MINUTE_MS - 1);
    works(&old);
    desk.server.advance_ms(1);
    is_refused(&old, "auth_rotating");
    works(&new);
    desk.server.advance_ms(400 * DAY_MS);
    is_refused(&old, "auth_rotating");
    assert_eq!(desk.status(&path), "rotating", "for good");
}

#[test]
fn rotate_key_with_a_grace_of_a_day_where_none_is_named() {
    let desk = desk();
    let (path, old) = desk.make(&json!({ "name": "production" }));
    desk.rotate(&path, &json!({ "retire": "after" }));
    desk.server.advance_ms(DAY_MS - 1);
    works(&old);
    desk.server.advance_ms(1);
    is_refused(&old, "auth_rotating");
}

#[test]
fn rotate_key_on_the_first_use_of_its_successor() {
    let desk = desk();
    let (path, old) = desk.make(&json!({ "name": "production" }));
    let retire = json!({ "retire": "on_first_use", "grace_seconds": 600 });

    let (rotated, new) = desk.rotate(&path, &retire);

    let week = "2026-06-10T12:00:00.000Z";
    assert_eq!(rotated.json()["previous_works_until"], week);
    desk.server.advance_ms(6 * DAY_MS);
    let waiting = whoami(&old).expect(200);
    assert_eq!(
        waiting.header("sunset"),
        Some("Wed, 10 Jun 2026 12:00:00 GMT")
    );
    works(&new);
    works(&new);
    let ending = whoami(&old).expect(200);
    assert_eq!(
        ending.header("sunset"),
        Some("Tue, 09 Jun 2026 12:10:00 GMT")
    );
    desk.server.advance_ms(10 * MINUTE_MS - 1);
    works(&old);
    works(&new);
    desk.server.advance_ms(1);
    is_refused(&old, "auth_rotating");
    works(&new);
}

#[test]
fn rotate_key_on_a_first_use_that_never_comes_ends_after_seven_days() {
    let desk = desk();
    let (path, old) = desk.make(&json!({ "name": "production" }));
    let (_, new) = desk.rotate(&path, &json!({ "retire": "on_first_use" }));
    desk.server.advance_ms(7 * DAY_MS - 1);
    works(&old);
    works(&new);
    works(&old);
    desk.server.advance_ms(1);
    is_refused(&old, "auth_rotating");
    works(&new);
}

#[test]
fn rotate_key_with_a_grace_out_of_range() {
    let desk = desk();
    let (path, old) = desk.make(&json!({ "name": "production" }));
    for body in [
        json!({ "retire": "after", "grace_seconds": 604_801 }),
        json!({ "retire": "after", "grace_seconds": -1 }),
        json!({ "retire": "after", "grace_seconds": 1.5 }),
        json!({ "retire": "after", "grace_seconds": "60" }),
        json!({ "retire": "now", "grace_seconds": 60 }),
        json!({ "grace_seconds": 60 }),
    ] {
        let refused = desk.boss.post(&format!("{path}/rotate"), &body);
        let faults = refused.refused(400, "validation_failed").faults();
        assert_eq!(faults[0].0, "/grace_seconds", "{body}");
    }
    let refused = desk
        .boss
        .post(&format!("{path}/rotate"), &json!({ "retire": "later" }));
    assert_eq!(
        refused.refused(400, "validation_failed").faults()[0].0,
        "/retire"
    );
    works(&old);
}

#[test]
fn a_key_that_rotated_itself_may_ask_for_that_answer_again() {
    let desk = desk();
    let (path, old) = desk.make(&json!({ "name": "production" }));
    let rotate = format!("{path}/rotate");
    let again = |caller: &Caller, key: &str| {
        caller.send("POST", &rotate, &[("Idempotency-Key", key)], None)
    };
    let first = again(&old, "lost").expect(200);
    assert_eq!(first.header("idempotent-replayed"), None);

    let second = again(&old, "lost").expect(200);

    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(second.body, first.body);
    assert_ne!(second.header("x-request-id"), first.header("x-request-id"));
    is_refused(&old, "auth_rotating");
    again(&old, "another").refused(401, "auth_rotating");
    old.act(&rotate).refused(401, "auth_rotating");
    old.post_once(&rotate, "lost", &json!({ "retire": "after" }))
        .refused(409, "idempotency_key_reused");
    let new = desk.server.bearer(&first.member("plaintext"));
    assert_eq!(again(&new, "lost").expect(200).body, first.body);
    assert_eq!(desk.server.rows("api_keys"), 3);
    desk.server.advance_ms(10 * MINUTE_MS);
    again(&old, "lost").expect(200);
    desk.server.advance_ms(1);
    again(&old, "lost").refused(401, "auth_rotating");
    assert_eq!(again(&new, "lost").expect(200).body, first.body);
}

#[test]
fn a_key_that_another_one_rotated_may_not_ask_for_the_answer() {
    let desk = desk();
    let (path, old) = desk.make(&json!({ "name": "production" }));
    let rotate = format!("{path}/rotate");
    let headers = [("Idempotency-Key", "theirs")];
    desk.boss.send("POST", &rotate, &headers, None).expect(200);

    let replay = old.send("POST", &rotate, &headers, None);

    replay.refused(401, "auth_rotating");
}

#[test]
fn a_key_that_rotated_itself_and_was_revoked_gets_nothing() {
    let desk = desk();
    let (path, old) = desk.make(&json!({ "name": "production" }));
    let rotate = format!("{path}/rotate");
    let headers = [("Idempotency-Key", "lost")];
    old.send("POST", &rotate, &headers, None).expect(200);
    desk.boss.delete(&path).expect(204);

    let replay = old.send("POST", &rotate, &headers, None);

    replay.refused(401, "auth_revoked");
}

#[test]
fn rotate_a_key_that_is_not_active() {
    let desk = desk();
    let soon = json!({ "name": "expired", "expires_at": "2026-06-03T12:00:01Z" });
    let (expired, _) = desk.make(&soon);
    let [rotating, disabled, revoked] =
        ["a", "b", "c"].map(|name| desk.make(&json!({ "name": name })).0);
    desk.rotate(&rotating, &json!({ "retire": "after" }));
    desk.boss.act(&format!("{disabled}/disable")).expect(200);
    desk.boss.delete(&revoked).expect(204);
    desk.server.advance_ms(SECOND_MS);
    let before = desk.server.all_rows();

    for (path, status) in [
        (expired, "expired"),
        (rotating, "rotating"),
        (disabled, "disabled"),
        (revoked, "revoked"),
    ] {
        let refused = desk.boss.act(&format!("{path}/rotate"));
        let refused = refused.refused(409, "state_conflict");
        assert_eq!(refused.json()["error"]["current_status"], status);
    }
    assert_eq!(desk.server.all_rows(), before);
}

#[test]
fn disable_key_then_enable_it() {
    let desk = desk();
    let (path, key) = desk.make(&json!({ "name": "production" }));
    works(&key);

    let disabled = desk.boss.act(&format!("{path}/disable")).expect(200);

    assert_eq!(disabled.member("status"), "disabled");
    is_invalid(&key, "disabled");
    let twice = desk.boss.act(&format!("{path}/disable")).expect(200);
    assert_eq!(twice.header("etag"), disabled.header("etag"));
    let enabled = desk.boss.act(&format!("{path}/enable")).expect(200);
    assert_eq!(enabled.member("status"), "active");
    works(&key);
}

#[test]
fn switch_a_key_that_is_revoked_or_replaced() {
    let desk = desk();
    let [revoked, rotating] = ["a", "b"].map(|name| desk.make(&json!({ "name": name })).0);
    desk.boss.delete(&revoked).expect(204);
    desk.rotate(&rotating, &json!({}));
    for path in [revoked, rotating] {
        for act in ["disable", "enable"] {
            desk.boss
                .act(&format!("{path}/{act}"))
                .refused(409, "state_conflict");
        }
    }
}

#[test]
fn a_key_ends_at_its_expiry() {
    let desk = desk();
    let expires = json!({ "name": "x", "expires_at": "2026-06-03T13:00:00Z" });
    let (path, key) = desk.make(&expires);
    desk.server.advance_ms(HOUR_MS - 1);
    works(&key);
    desk.server.advance_ms(1);
    is_invalid(&key, "expired");
    assert_eq!(desk.status(&path), "expired");
    desk.boss
        .patch(&path, &json!({ "expires_at": "2026-06-04T00:00:00Z" }))
        .expect(200);
    works(&key);
}

#[test]
fn a_key_works_from_its_addresses_only() {
    let desk = desk();
    let here = json!({ "name": "here", "allowed_ips": ["127.0.0.0/8"] });
    let (path, here) = desk.make(&here);
    let (_, elsewhere) = desk.make(&json!({ "name": "x", "allowed_ips": ["203.0.113.7"] }));
    works(&here);
    whoami(&elsewhere).refused(403, "ip_not_allowed");
    elsewhere
        .get_with("/v1/whoami", &[("X-Forwarded-For", "203.0.113.7")])
        .refused(403, "ip_not_allowed");
    elsewhere.get("/v1/nothing").refused(404, "route_not_found");
    desk.boss
        .patch(&path, &json!({ "allowed_ips": ["203.0.113.7"] }))
        .expect(200);
    whoami(&here).refused(403, "ip_not_allowed");
    desk.boss
        .patch(&path, &json!({ "allowed_ips": null }))
        .expect(200);
    works(&here);
}

#[test]
fn patch_key_changes_what_is_sent_only() {
    let desk = desk();
    let (path, key) = desk.make(&json!({ "name": "old", "description": "d" }));

    let patched = desk.boss.patch(
        &path,
        &json!({ "name": "new", "description": null, "scopes": ["clients:read"] }),
    );

    let patched = patched.expect(200);
    assert_eq!(patched.header("etag"), Some("\"2\""));
    let body = patched.json();
    assert_eq!(body["name"], "new");
    assert_eq!(body["description"], Value::Null);
    assert_eq!(body["scopes"], json!(["clients:read"]));
    key.get("/v1/clients").expect(200);
    key.get("/v1/events").refused(403, "insufficient_scope");
    desk.boss
        .patch(&path, &json!({ "scopes": null }))
        .expect(200);
    key.get("/v1/events").expect(200);
    let stale = [("If-Match", "\"2\"")];
    let body = json!({ "name": "x" }).to_string();
    desk.boss
        .send("PATCH", &path, &stale, Some(&body))
        .refused(412, "etag_mismatch");
    desk.boss
        .send("DELETE", &path, &stale, None)
        .refused(412, "etag_mismatch");
    for body in [
        json!({ "mode": "live" }),
        json!({ "plaintext": "x" }),
        json!({ "status": "active" }),
    ] {
        desk.boss.patch(&path, &body).refused(400, "unknown_field");
    }
    works(&key);
    desk.boss.delete(&path).expect(204);
    desk.boss
        .patch(&path, &json!({ "name": "x" }))
        .refused(409, "state_conflict");
}

#[test]
fn basic_takes_the_id_as_user_and_the_key_as_password() {
    let desk = desk();
    let (id, plaintext) = desk.server.new_key(desk.coach, Mode::Test, &[]);
    works(&desk.server.basic(&id, &plaintext));
    is_invalid(&desk.server.basic("key_01", &plaintext), "unknown");
    is_invalid(&desk.server.basic("", &plaintext), "unknown");
    is_invalid(&desk.server.basic(&id, "wrong"), "unknown");
    let other = desk.server.new_key(desk.coach, Mode::Test, &[]).0;
    is_invalid(&desk.server.basic(&other, &plaintext), "unknown");
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={plaintext}");
    let media_type = [("Content-Type", "application/x-www-form-urlencoded")];
    let anyone = desk.server.anyone();
    let granted = anyone.send("POST", "/oauth/token", &media_type, Some(&form));
    let token = granted.expect(200).member("access_token");
    works(&desk.server.bearer(&token));
    is_invalid(&desk.server.basic(&id, &token), "unknown");
    let caller = |authorization: &str| Caller {
        address: desk.server.address,
        authorization: Some(authorization.to_owned()),
        session: None,
    };
    works(&caller(&format!("bEARER {plaintext}")));
    works(&caller(&format!("bearer   {plaintext}")));
    for authorization in [
        "Basic !!!",
        "Basic",
        "Bearer",
        "Digest x",
        &plaintext,
        "Bearer é",
    ] {
        is_invalid(&caller(authorization), "unknown");
    }
}

#[test]
fn a_mistyped_key_is_told_from_an_unknown_one() {
    let desk = desk();
    let (_, plaintext) = desk.server.new_key(desk.coach, Mode::Test, &[]);
    let last = if plaintext.ends_with('x') { "y" } else { "x" };
    let typo = format!("{}{last}", &plaintext[..46]);

    let refused = is_refused(&desk.server.bearer(&typo), "auth_invalid").json();

    assert_eq!(refused["error"]["reason"], "checksum");
    assert_eq!(refused["error"]["credential"], "test_api_key");
    let unknown = desk
        .server
        .bearer("cdnsk_test_0123456789ABCDEFGHIJKLMNOPQRST1jLvVz");
    let refused = is_refused(&unknown, "auth_invalid").json();
    assert_eq!(refused["error"]["reason"], "unknown");
    assert_eq!(refused["error"]["credential"], "test_api_key");
    let token = desk
        .server
        .bearer("cdnat_0123456789ABCDEFGHIJKLMNOPQRST3kIjKi");
    let refused = is_refused(&token, "auth_invalid").json();
    assert_eq!(refused["error"]["credential"], "access_token");
    is_invalid(&desk.server.bearer("hunter2"), "unknown");
}

#[test]
fn a_missing_credential_is_challenged_without_an_error() {
    let desk = desk();
    for path in ["/v1/whoami", "/v1/nothing", "/v1", "/api/v1/cadreen/health"] {
        let refused = desk.server.anyone().get(path).refused(401, "auth_missing");
        let challenge = refused.header("www-authenticate").unwrap_or_default();
        assert!(challenge.starts_with("Bearer realm=\"cadence\""), "{path}");
        assert!(!challenge.contains("error"), "{path}: {challenge}");
    }
    let query = desk.server.new_key(desk.coach, Mode::Test, &[]).1;
    for name in ["access_token", "api_key", "token"] {
        let path = format!("/v1/whoami?{name}={query}");
        desk.server.anyone().get(&path).refused(401, "auth_missing");
    }
}

#[test]
fn revoke_key_twice() {
    let desk = desk();
    let (path, key) = desk.make(&json!({ "name": "production" }));
    works(&key);

    let revoked = desk.boss.delete(&path).expect(204);

    assert!(revoked.body.is_empty());
    is_refused(&key, "auth_revoked");
    let before = desk.server.all_rows();
    desk.boss.delete(&path).expect(204);
    assert_eq!(desk.server.all_rows(), before);
    let shown = desk.boss.get(&path).expect(200).json();
    assert_eq!(shown["status"], "revoked");
    assert_eq!(shown["revoked_at"], "2026-06-03T12:00:00.000Z");
}

#[test]
fn a_key_may_revoke_itself() {
    let desk = desk();
    let (path, key) = desk.make(&json!({ "name": "production" }));
    key.delete(&path).expect(204);
    is_refused(&key, "auth_revoked");
}

#[test]
fn the_last_use_appears() {
    let desk = desk();
    let (path, key) = desk.make(&json!({ "name": "production" }));
    assert_eq!(desk.boss.get(&path).json()["last_used_at"], Value::Null);
    desk.server.advance_ms(MINUTE_MS);
    key.get_with("/v1/whoami", &[("X-Forwarded-For", "203.0.113.9")])
        .expect(200);
    let used = |note: &str| {
        let shown = desk.boss.get(&path).expect(200);
        let body = shown.json();
        assert_eq!(body["last_used_at"], "2026-06-03T12:01:00.000Z", "{note}");
        assert_eq!(body["last_used_ip"], "127.0.0.1", "{note}");
        assert_eq!(shown.header("etag"), Some("\"1\""), "a use is no change");
    };
    used("gathered");
    desk.server.write_uses();
    used("written");
}

#[test]
fn the_last_use_survives_a_restart() {
    let mut desk = desk();
    let (path, key) = desk.make(&json!({ "name": "production" }));
    works(&key);
    desk.server.restart();
    let boss = Caller {
        address: desk.server.address,
        ..desk.boss
    };
    assert_eq!(
        boss.get(&path).json()["last_used_at"],
        "2026-06-03T12:00:00.000Z"
    );
}

#[test]
fn a_test_key_neither_sees_nor_makes_live_keys() {
    let desk = desk();
    let (live, _) = desk.server.new_key(desk.coach, Mode::Live, &[]);
    let path = format!("{}/{live}", desk.keys);

    let made = desk
        .boss
        .post(&desk.keys, &json!({ "name": "x", "mode": "live" }));

    made.refused(403, "auth_forbidden");
    desk.boss.get(&path).refused(404, "not_found");
    desk.boss
        .patch(&path, &json!({ "name": "x" }))
        .refused(404, "not_found");
    desk.boss.delete(&path).refused(404, "not_found");
    for act in ["rotate", "disable", "enable"] {
        desk.boss
            .act(&format!("{path}/{act}"))
            .refused(404, "not_found");
    }
    let list = desk.boss.get(&desk.keys).expect(200);
    assert!(!list.text().contains(&live));
    assert_eq!(list.json()["count"], 1);
}

#[test]
fn a_live_key_manages_both_modes() {
    let desk = desk();
    let live = desk.server.live_key(desk.coach);
    let made = live.post(&desk.keys, &json!({ "name": "l" })).expect(201);
    assert_eq!(made.json()["mode"], "live");
    assert!(made.member("plaintext").starts_with("cdnsk_live_"));
    let made = live
        .post(&desk.keys, &json!({ "name": "t", "mode": "test" }))
        .expect(201);
    assert!(made.member("plaintext").starts_with("cdnsk_test_"));
    let path = format!("{}/{}", desk.keys, made.member("id"));
    let rotated = live.act(&format!("{path}/rotate")).expect(200);
    assert_eq!(rotated.json()["mode"], "test");
    works(&desk.server.bearer(&rotated.member("plaintext")));
    let list = live.get(&desk.keys).expect(200).json();
    assert_eq!(list["count"], 5);
    let new = format!("{}/{}", desk.keys, rotated.member("id"));
    for (act, status) in [("disable", "disabled"), ("enable", "active")] {
        let body = live.act(&format!("{new}/{act}")).expect(200).json();
        assert_eq!(body["status"], status);
    }
    live.patch(&new, &json!({ "name": "n" })).expect(200);
    live.delete(&new).expect(204);
    assert_eq!(desk.boss.get(&new).json()["status"], "revoked");
    // What happens to a test key is told in the test tenant.
    let told = desk.boss.get("/v1/events?type=api_key.revoked");
    assert_eq!(told.json()["data"][0]["data"]["object"]["name"], "n");
    let told = live.get("/v1/events?type=api_key.revoked");
    assert_eq!(told.column("id"), [""; 0]);
}

#[test]
fn keys_of_another_workspace_are_forbidden_whether_it_exists_or_not() {
    let desk = desk();
    let other = desk.server.coach("other@example.com");
    let foreign = desk.server.new_key(other, Mode::Test, &[]).0;
    let refused = |answer: Answer| {
        let mut body = answer.refused(403, "auth_forbidden").json();
        body["error"]["request_id"].take();
        body
    };
    let missing = "/v1/workspaces/ws_01jzkd6v8q9xw2m4n6p8r0t2v4/api-keys";
    let expected = refused(desk.boss.get(missing));
    for keys in [
        other.keys_path(),
        missing.to_owned(),
        "/v1/workspaces/x/api-keys".to_owned(),
    ] {
        assert_eq!(refused(desk.boss.get(&keys)), expected);
        assert_eq!(
            refused(desk.boss.post(&keys, &json!({ "name": "x" }))),
            expected
        );
        let path = format!("{keys}/{foreign}");
        assert_eq!(refused(desk.boss.get(&path)), expected);
        assert_eq!(refused(desk.boss.delete(&path)), expected);
        assert_eq!(refused(desk.boss.act(&format!("{path}/rotate"))), expected);
    }
    desk.boss
        .get(&format!("{}/{foreign}", desk.keys))
        .refused(404, "not_found");
}

#[test]
fn keys_need_their_scopes() {
    let desk = desk();
    let (_, reader) = desk.make(&json!({ "name": "r", "scopes": ["keys:read"] }));
    let (path, stranger) = desk.make(&json!({ "name": "s", "scopes": ["clients:write"] }));
    reader.get(&desk.keys).expect(200);
    reader.get(&path).expect(200);
    reader
        .post(&desk.keys, &json!({ "name": "x" }))
        .refused(403, "insufficient_scope");
    reader.delete(&path).refused(403, "insufficient_scope");
    reader
        .act(&format!("{path}/rotate"))
        .refused(403, "insufficient_scope");
    stranger.get(&desk.keys).refused(403, "insufficient_scope");
}

#[test]
fn the_prefix_of_the_key_seed_answers_alike() {
    let desk = desk();
    let keys = format!("/api{}", desk.keys).replace("/v1/", "/v1/maas/");
    let made = desk.boss.post(&keys, &json!({ "name": "x" })).expect(201);
    let path = format!("{keys}/{}", made.member("id"));
    let key = desk.server.bearer(&made.member("plaintext"));
    let health = key.get("/api/v1/cadreen/health").expect(200);
    assert_eq!(health.json(), json!({ "status": "ok" }));
    assert_eq!(desk.boss.get(&keys).expect(200).json()["count"], 2);
    desk.boss.get(&path).expect(200);
    desk.boss.patch(&path, &json!({ "name": "y" })).expect(200);
    desk.boss.act(&format!("{path}/disable")).expect(200);
    desk.boss.act(&format!("{path}/enable")).expect(200);
    desk.boss.act(&format!("{path}/rotate")).expect(200);
    desk.boss.delete(&path).expect(204);
    is_refused(&key, "auth_revoked");
    desk.server.anyone().get(&keys).refused(401, "auth_missing");
}

#[test]
fn what_happens_to_keys_is_told_in_events() {
    let desk = desk();
    let (path, _) = desk.make(&json!({ "name": "production" }));
    let (rotated, _) = desk.rotate(&path, &json!({}));
    desk.boss.delete(&path).expect(204);

    let events = desk.boss.get("/v1/events?type=api_key.*").expect(200);

    assert_eq!(
        events.column("type")[..3],
        ["api_key.revoked", "api_key.rotated", "api_key.created"]
    );
    let told = &events.json()["data"][1]["data"]["object"];
    assert_eq!(told["id"], rotated.json()["id"]);
    assert!(told.get("plaintext").is_none());
}

#[test]
fn a_live_caller_changes_a_test_key_at_the_test_keys_time() {
    let desk = desk();
    let live = desk.server.live_key(desk.coach);
    let to = json!({ "to": "2026-07-01T00:00:00Z" });
    desk.boss.post("/v1/test/clock/advance", &to).expect(200);
    let (path, _) = desk.make(&json!({ "name": "ahead" }));

    let past = json!({ "expires_at": "2026-06-20T00:00:00Z" });
    live.patch(&path, &past).refused(400, "validation_failed");
    let mut acts = vec![
        live.patch(&path, &json!({ "name": "still ahead" }))
            .expect(200),
        live.act(&format!("{path}/disable")).expect(200),
        live.act(&format!("{path}/enable")).expect(200),
    ];
    live.delete(&path).expect(204);
    acts.push(live.get(&path).expect(200));

    for act in &acts {
        let (made, changed) = (act.member("created_at"), act.member("updated_at"));
        assert!(made <= changed, "{made} {changed}");
    }
    let log = desk.boss.get("/v1/audit-log?limit=5").expect(200);
    let times = log.column("created_at");
    assert!(
        times.iter().all(|time| time.starts_with("2026-07-01")),
        "{times:?}"
    );
    let events = desk.boss.get("/v1/events?type=api_key.revoked").expect(200);
    assert!(events.column("created_at")[0].starts_with("2026-07-01"));
}

#[test]
fn a_found_key_is_told_by_its_text() {
    let desk = desk();
    let made = desk
        .boss
        .post(&desk.keys, &json!({ "name": "lost" }))
        .expect(201);
    let text = made.member("plaintext");
    let path = format!("{}/identify", desk.keys);
    let ask = |caller: &Caller, text: &str| caller.post(&path, &json!({ "plaintext": text }));

    let found = ask(&desk.boss, &text).expect(200);

    assert_eq!(found.member("id"), made.member("id"));
    assert_eq!(found.member("status"), "active");
    assert!(!found.text().contains(&text), "it is not said again");

    desk.boss
        .delete(&format!("{}/{}", desk.keys, made.member("id")))
        .expect(204);
    assert_eq!(
        ask(&desk.boss, &text).expect(200).member("status"),
        "revoked"
    );
}

#[test]
fn a_key_of_somebody_else_is_not_found_by_its_text() {
    let desk = desk();
    let path = format!("{}/identify", desk.keys);
    let other = desk.server.coach("other@example.com");
    let (_, foreign) = desk.server.new_key(other, Mode::Test, &[]);
    let (_, live) = desk.server.new_key(desk.coach, Mode::Live, &[]);
    let never = format!("{}0", &foreign[..foreign.len() - 1]);
    for text in [&foreign, &live] {
        // A live key does not exist for a test caller.
        let answer = desk.boss.post(&path, &json!({ "plaintext": text }));
        answer.refused(404, "not_found");
    }
    for (text, code) in [
        (never.as_str(), "checksum"),
        ("hunter2", "invalid_key"),
        ("", "required"),
    ] {
        let answer = desk
            .boss
            .post(&path, &json!({ "plaintext": text }))
            .expect(400);
        let faults = answer.faults();
        assert!(faults[0].1 == code || text.is_empty(), "{text}: {faults:?}");
        assert!(
            text.is_empty() || !answer.text().contains(text),
            "it is not repeated"
        );
    }
    let boss = desk.server.bearer(&live);
    boss.post(&path, &json!({ "plaintext": live })).expect(200);
}
