//! What the answers about apps and their tokens look like.

use serde_json::{Value, json};

use super::{ACCOUNT_ID, NOW};
use crate::caller::Scopes;

const APP_ID: &str = "app_01jwtq3xg0e1f2g3h4j5k6m7n8";

pub(super) fn app() -> Value {
    json!({
        "id": APP_ID,
        "object": "oauth_app",
        "livemode": true,
        "client_id": APP_ID,
        "name": "Runner's diary",
        "client_type": "public",
        "client_uri": "https://diary.example",
        "redirect_uris": ["https://diary.example/callback"],
        "scopes": ["clients:read", "checkins:read"],
        "grant_types": ["authorization_code", "refresh_token"],
        "client_secret_hint": null,
        "previous_secret_works_until": null,
        "created_at": NOW,
        "updated_at": NOW,
    })
}

pub(super) fn grant() -> Value {
    json!({
        "id": "gra_01jwtq3xg0f1g2h3j4k5m6n7p8",
        "object": "oauth_grant",
        "livemode": true,
        "app": {
            "id": APP_ID,
            "name": "Runner's diary",
            "client_type": "public",
            "client_uri": "https://diary.example",
        },
        "scopes": ["clients:read", "checkins:read"],
        "allows": ["See clients and their details", "See check-ins"],
        "last_used_at": NOW,
        "created_at": NOW,
        "updated_at": NOW,
    })
}

pub(super) fn introspection() -> Value {
    json!({
            "active": true,
            "scope": "clients:read checkins:read",
            "client_id": APP_ID,
            "token_type": "Bearer",
            "exp": 1_780_491_600,
            "iat": 1_780_488_000,
            "sub": ACCOUNT_ID,
            "aud": "https://coach.example",
            "iss": "https://coach.example",
    })
}

pub(super) fn server_metadata() -> Value {
    let secrets = json!(["client_secret_basic", "client_secret_post"]);
    let methods = json!(["client_secret_basic", "client_secret_post", "none"]);
    json!({
        "issuer": "https://coach.example",
        "authorization_endpoint": "https://coach.example/oauth/authorize",
        "token_endpoint": "https://coach.example/oauth/token",
        "revocation_endpoint": "https://coach.example/oauth/revoke",
        "introspection_endpoint": "https://coach.example/oauth/introspect",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": secrets,
        "scopes_supported": Scopes::all().names(),
        "authorization_response_iss_parameter_supported": true,
        "service_documentation": "https://coach.example/docs/guides/oauth",
    })
}

pub(super) fn resource_metadata() -> Value {
    json!({
        "resource": "https://coach.example",
        "authorization_servers": ["https://coach.example"],
        "scopes_supported": Scopes::all().names(),
        "bearer_methods_supported": ["header"],
        "resource_name": "Cadence",
        "resource_documentation": "https://coach.example/docs",
    })
}
