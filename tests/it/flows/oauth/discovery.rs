//! Metadata, challenges and audiences (T-M, T-K4 to T-K6).

use std::collections::BTreeSet;

use cadence::caller::{Mode, Scope};
use serde_json::{Value, json};

use super::{ISSUER, Tokens, VERIFIER, World, parameter};
use crate::support::Caller;

const SERVER: &str = "/.well-known/oauth-authorization-server";
const RESOURCE: &str = "/.well-known/oauth-protected-resource";

fn texts(value: &Value) -> Vec<&str> {
    let list = value.as_array().expect("a list").iter();
    list.filter_map(Value::as_str).collect()
}

/// T-M1
#[test]
fn the_metadata_names_what_is_there_and_all_of_it_answers() {
    let world = World::new();
    let answer = world.server.anyone().get(SERVER).expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let body = answer.json();
    assert_eq!(body["issuer"], ISSUER);
    assert_eq!(texts(&body["response_types_supported"]), ["code"]);
    assert_eq!(texts(&body["code_challenge_methods_supported"]), ["S256"]);
    assert_eq!(
        texts(&body["grant_types_supported"]),
        ["authorization_code", "refresh_token", "client_credentials"]
    );
    assert_eq!(
        texts(&body["introspection_endpoint_auth_methods_supported"]),
        ["client_secret_basic", "client_secret_post"]
    );
    assert_eq!(body["authorization_response_iss_parameter_supported"], true);
    let scopes: BTreeSet<&str> = texts(&body["scopes_supported"]).into_iter().collect();
    let mut known: BTreeSet<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    known.insert("public");
    assert_eq!(scopes, known);
    for absent in [
        "registration_endpoint",
        "pushed_authorization_request_endpoint",
        "device_authorization_endpoint",
        "jwks_uri",
        "dpop_signing_alg_values_supported",
        "client_id_metadata_document_supported",
    ] {
        assert_eq!(body.get(absent), None, "{absent}");
    }
    for (name, value) in body.as_object().expect("an object") {
        assert!(
            value.as_array().is_none_or(|list| !list.is_empty()),
            "{name}"
        );
        let Some(path) = value.as_str().and_then(|url| url.strip_prefix(ISSUER)) else {
            continue;
        };
        if !name.ends_with("_endpoint") {
            continue;
        }
        let answer = world.server.anyone().get(path);
        assert!(
            matches!(answer.status, 400 | 405),
            "{path}: {}",
            answer.status
        );
    }
}

/// T-M2
#[test]
fn the_issuer_comes_from_the_configuration_alone() {
    let world = World::new();
    for headers in [
        [("Host", "localhost"), ("X-Forwarded-Host", "evil.example")],
        [("Host", "127.0.0.1"), ("X-Forwarded-Proto", "http")],
        [
            ("Host", "coach.example"),
            ("Forwarded", "host=evil.example"),
        ],
    ] {
        for path in [SERVER, RESOURCE] {
            let answer = world.server.anyone().get_with(path, &headers).expect(200);
            assert!(!answer.text().contains("evil.example"));
            assert!(answer.text().contains(&format!("\"{ISSUER}\"")));
        }
    }
    let evil = world
        .server
        .anyone()
        .get_with(SERVER, &[("Host", "evil.example")]);
    evil.refused(421, "host_not_allowed");
}

/// T-M3
#[test]
fn the_resource_names_its_one_authorization_server() {
    let world = World::new();
    let body = world.server.anyone().get(RESOURCE).expect(200).json();
    assert_eq!(body["resource"], ISSUER);
    assert_eq!(body["authorization_servers"], json!([ISSUER]));
    assert_eq!(body["bearer_methods_supported"], json!(["header"]));
    assert!(!texts(&body["scopes_supported"]).contains(&"offline_access"));
}

/// T-K4, T-K6
#[test]
fn a_challenge_says_where_to_learn_more_and_what_to_ask_for() {
    let world = World::new();
    let anyone = world.server.anyone();
    let metadata = format!("resource_metadata=\"{ISSUER}{RESOURCE}\"");
    let none = anyone.get("/v1/clients").refused(401, "auth_missing");
    assert_eq!(
        none.header("www-authenticate"),
        Some(format!("Bearer realm=\"cadence\", {metadata}, scope=\"public\"").as_str())
    );
    let wrong = world.server.bearer("cdnat_x").get("/v1/clients");
    let challenge = wrong.header("www-authenticate").unwrap_or_default();
    assert!(challenge.contains(&metadata) && challenge.contains("error=\"invalid_token\""));
    let tokens = world.tokens(&world.app);
    let events = world.server.bearer(&tokens.access).get("/v1/events");
    let challenge = events.header("www-authenticate").unwrap_or_default();
    assert!(challenge.contains(&metadata), "{challenge}");
    let named = "error=\"insufficient_scope\", scope=\"events:read\"";
    assert!(challenge.ends_with(named), "{challenge}");
}

/// T-K5
#[test]
fn a_token_counts_in_the_header_alone() {
    let world = World::new();
    let tokens = world.tokens(&world.app);
    let anyone = world.server.anyone();
    for name in ["access_token", "token"] {
        let path = format!("/v1/clients?{name}={}", tokens.access);
        anyone.get(&path).refused(401, "auth_missing");
    }
    let bearer = world.server.bearer(&tokens.access);
    let twice = format!("Bearer {}", tokens.access);
    bearer
        .get_with("/v1/clients", &[("Authorization", &twice)])
        .refused(400, "ambiguous_credentials");
    // T-W4
    let shouted = Caller {
        authorization: Some(format!("bEaReR {}", tokens.access)),
        ..anyone
    };
    shouted.get("/v1/clients").expect(200);
}

/// T-M4
#[test]
fn a_token_for_another_audience_is_refused() {
    let mut world = World::new();
    let here = [("resource", "https://coach.example/")];
    let back = world.allow(&world.app, &here);
    let bound = Tokens::of(&world.redeem(&world.app, &parameter(&back, "code")));
    let more = [("code_verifier", VERIFIER), ("resource", ISSUER)];
    let code = world.code(&world.app);
    let late = Tokens::of(&world.redeem_with(&world.app, &code, &more));
    let free = world.tokens(&world.app);
    for tokens in [&bound, &late, &free] {
        assert!(world.works(&tokens.access));
    }

    world.server.restart_with(|config| {
        let other = "https://other.example";
        config.public_url = cadence::config::PublicUrl::parse(other).expect("an address");
    });

    assert!(!world.works(&bound.access) && !world.works(&late.access));
    assert!(world.works(&free.access));
}

/// T-M6
#[test]
fn a_broader_scope_brings_the_narrower_along() {
    let world = World::new();
    let tokens = world.tokens(&world.app);
    let bearer = world.server.bearer(&tokens.access);
    assert!(tokens.scope.contains("clients:write") && !tokens.scope.contains("clients:read"));
    bearer.get("/v1/clients").expect(200);
    let narrow = world.refresh_with(&world.app, &tokens.refresh, &[("scope", "clients:read")]);
    assert_eq!(Tokens::of(&narrow).scope, "clients:read");
}

/// A test app never obtains a live token, whoever consents.
#[test]
fn a_test_app_stays_in_the_test_world() {
    let world = World::new();
    let live = World::register(&world.server, world.coach, Mode::Live, "public");
    let ana = json!({ "name": "Ana", "email": "ana@example.com" });
    for (app, livemode) in [(&world.app, false), (&live, true)] {
        let tokens = world.tokens(app);
        let bearer = world.server.bearer(&tokens.access);
        let headers = [("Cadence-Mode", "live")];
        let made = bearer.send("POST", "/v1/clients", &headers, Some(&ana.to_string()));
        assert_eq!(made.expect(201).json()["livemode"], livemode);
    }
}
