//! Registering and managing apps.

use cadence::caller::Mode;
use cadence::clock::MINUTE_MS;
use serde_json::{Value, json};

use super::{REDIRECT, World};

fn new(more: &Value) -> Value {
    let mut new = json!({
        "name": "Diary", "client_type": "confidential", "redirect_uris": [REDIRECT],
    });
    for (name, value) in more.as_object().expect("an object") {
        new[name] = value.clone();
    }
    new
}

#[test]
fn an_app_is_registered_shown_changed_and_deleted() {
    let world = World::new();
    for (caller, livemode) in [
        (world.boss(), false),
        (world.server.live_key(world.coach), true),
        (world.browser(), false),
    ] {
        let made = caller.post("/v1/oauth/apps", &new(&json!({}))).expect(201);
        assert_eq!(made.header("cache-control"), Some("no-store"));
        let body = made.json();
        let id = body["id"].as_str().expect("an id");
        assert!(id.starts_with("app_"));
        assert_eq!(
            (&body["client_id"], &body["object"]),
            (&body["id"], &json!("oauth_app"))
        );
        assert_eq!(body["livemode"], livemode);
        let secret = body["client_secret"].as_str().expect("a secret").to_owned();
        assert!(secret.starts_with("cdncs_"));
        let path = format!("/v1/oauth/apps/{id}");
        assert_eq!(made.header("location"), Some(path.as_str()));

        let shown = caller.get(&path).expect(200);
        assert_eq!(shown.json().get("client_secret"), None);
        let hint = shown.member("client_secret_hint");
        assert!(secret.ends_with(hint.trim_start_matches('…')));
        let list = caller.get("/v1/oauth/apps").expect(200);
        assert!(list.column("id").contains(&id.to_owned()));
        assert!(!list.text().contains(&secret[6..36]));
        // Without scopes: what `public` means.
        let scopes = shown.json()["scopes"].to_string();
        assert!(scopes.contains("clients:write") && !scopes.contains("keys:"));
        let tag = shown.header("etag").expect("a tag").to_owned();
        let patch = json!({ "name": "Other", "client_uri": "https://diary.example" });
        let changed = caller.patch(&path, &patch).expect(200).json();
        assert_eq!(
            (&changed["name"], &changed["client_uri"]),
            (&json!("Other"), &json!("https://diary.example"))
        );
        let stale = caller.send("DELETE", &path, &[("If-Match", &tag)], None);
        stale.refused(412, "etag_mismatch");
        caller
            .patch(&path, &json!({ "client_uri": null }))
            .expect(200);
        caller.delete(&path).expect(204);
        caller.get(&path).refused(404, "not_found");
        caller.delete(&path).refused(404, "not_found");
    }
    for action in ["created", "updated", "deleted"] {
        assert!(world.audit(&format!("oauth_app.{action}")) >= 2, "{action}");
    }
}

/// T-A2 over the wire; the table of what is refused stands beside the code.
#[test]
fn a_redirect_uri_that_is_not_plain_is_not_registered() {
    let world = World::new();
    let boss = world.boss();
    for uri in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "\tjavascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "blob:https://a.example/x",
        "file:///etc/passwd",
        "http://diary.example/cb",
        "https://diary.example/cb#x",
        "myapp:/cb",
        "https://*.example/cb",
        "",
    ] {
        let refused = boss.post("/v1/oauth/apps", &new(&json!({ "redirect_uris": [uri] })));
        let refused = refused.refused(400, "validation_failed");
        assert_eq!(refused.faults()[0].0, "/redirect_uris/0", "{uri}");
        assert_eq!(refused.faults()[0].1, "invalid_redirect_uri", "{uri}");
    }
    for uris in [json!([]), json!(vec![REDIRECT; 21]), json!("x"), json!([1])] {
        boss.post("/v1/oauth/apps", &new(&json!({ "redirect_uris": uris })))
            .refused(400, "validation_failed");
    }
}

/// Who registers an app must hold what the app will hold.
#[test]
fn no_credential_works_its_way_to_more_by_an_app() {
    let world = World::new();
    let server = &world.server;
    let narrow = server.key(world.coach, &["workspace:write", "clients:read"]);
    for scopes in [
        json!(["keys:write"]),
        json!(["clients:write"]),
        json!(["clients:read", "logs:read"]),
    ] {
        let answer = narrow.post("/v1/oauth/apps", &new(&json!({ "scopes": scopes })));
        answer.refused(403, "insufficient_scope");
    }
    let own = narrow
        .post("/v1/oauth/apps", &new(&json!({})))
        .expect(201)
        .json();
    assert_eq!(own["scopes"], json!(["clients:read"]));
    // Nor by changing or re-keying one that is there.
    let there = format!("/v1/oauth/apps/{}", world.confidential.id);
    narrow
        .patch(&there, &json!({ "name": "mine" }))
        .refused(403, "insufficient_scope");
    narrow
        .act(&format!("{there}/rotate-secret"))
        .refused(403, "insufficient_scope");
    let keys = world.coach.keys_path();
    let boss = world.boss();
    for bound in [
        json!({ "name": "k", "expires_at": "2026-06-04T00:00:00Z" }),
        json!({ "name": "k", "allowed_ips": ["127.0.0.1"] }),
    ] {
        let key = boss.post(&keys, &bound).expect(201).member("plaintext");
        let answer = server.bearer(&key).post("/v1/oauth/apps", &new(&json!({})));
        answer.refused(403, "auth_forbidden");
    }
    let test = server.new_key(world.coach, Mode::Test, &[]).1;
    let live = server.live_key(world.coach);
    let app = live
        .post("/v1/oauth/apps", &new(&json!({})))
        .expect(201)
        .member("id");
    let hidden = server.bearer(&test).get(&format!("/v1/oauth/apps/{app}"));
    hidden.refused(404, "not_found");
}

/// W-15
#[test]
fn a_session_enters_its_password_again_for_an_app_or_a_secret() {
    let world = World::new();
    let browser = world.browser();
    world.server.advance_ms(5 * MINUTE_MS + 1);
    let create = browser.post("/v1/oauth/apps", &new(&json!({})));
    create.refused(403, "reauth_required");
    let path = format!("/v1/oauth/apps/{}", world.confidential.id);
    let rotate = browser.act(&format!("{path}/rotate-secret"));
    rotate.refused(403, "reauth_required");
    browser.get(&path).expect(200);
    browser
        .patch(&path, &json!({ "name": "Other" }))
        .expect(200);
    world
        .boss()
        .post("/v1/oauth/apps", &new(&json!({})))
        .expect(201);
}

#[test]
fn a_public_app_has_no_secret_and_a_workspace_a_hundred_apps() {
    let world = World::new();
    let boss = world.boss();
    assert_eq!(world.app.secret, None);
    let path = format!("/v1/oauth/apps/{}", world.app.id);
    boss.act(&format!("{path}/rotate-secret"))
        .refused(409, "state_conflict");
    assert_eq!(
        boss.get(&path).json()["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    for _ in 2..100 {
        boss.post("/v1/oauth/apps", &new(&json!({}))).expect(201);
    }
    boss.post("/v1/oauth/apps", &new(&json!({})))
        .refused(409, "state_conflict");
    boss.delete(&path).expect(204);
    boss.post("/v1/oauth/apps", &new(&json!({}))).expect(201);
}

/// The test clock and the reset: apps stay, what they were given goes.
#[test]
fn a_reset_of_the_sandbox_ends_grants_and_keeps_apps() {
    let world = World::new();
    let tokens = world.tokens(&world.confidential);
    let refreshed = super::Tokens::of(&world.refresh(&world.confidential, &tokens.refresh));
    world.boss().post("/v1/test/reset", &json!({})).expect(200);
    assert!(!world.works(&refreshed.access));
    for table in [
        "oauth_grants",
        "oauth_families",
        "refresh_tokens",
        "authorization_codes",
    ] {
        assert_eq!(world.server.rows(table), 0, "{table}");
    }
    super::Tokens::of(&world.redeem(&world.confidential, &world.code(&world.confidential)));
}
