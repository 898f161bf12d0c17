//! Accounts, sessions, workspaces and keys.

use serde_json::{Value, json};

use super::{ACCOUNT_ID, KEY_ID, NOW, WORKSPACE_ID, with};

pub(super) fn auth_status() -> Value {
    json!({
        "object": "auth_status",
        "set_up": true,
        "signed_in": false,
        "mail": true,
        "encrypted": true,
        "kind": "serve",
        "public_url": "https://coach.example",
        "password_min_length": 15,
    })
}

pub(super) fn session() -> Value {
    json!({
        "id": "ses_01jwtq3xg0j1k2m3n4p5q6r7s8",
        "object": "session",
        "livemode": null,
        "current": true,
        "created_at": "2026-06-03T11:58:00.000Z",
        "last_seen_at": NOW,
        "authenticated_at": "2026-06-03T11:58:00.000Z",
        "expires_at": "2026-06-10T12:00:00.000Z",
        "address": "203.0.113.7",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    })
}

pub(super) fn signed_in() -> Value {
    json!({
        "account": {
            "id": ACCOUNT_ID,
            "name": "North Street Strength",
            "email": "coach@example.com",
            "role": "owner",
            "plan": "studio",
        },
        "workspaces": [{
            "id": WORKSPACE_ID,
            "name": "North Street Strength",
            "timezone": "Europe/Lisbon",
            "units": "metric",
        }],
    })
}

pub(super) fn settings() -> Value {
    json!({
        "object": "settings",
        "livemode": null,
        "account": {
            "id": ACCOUNT_ID,
            "name": "North Street Strength",
            "email": "coach@example.com",
            "role": "owner",
            "plan": "studio",
            "created_at": "2026-05-01T08:00:00.000Z",
        },
        "workspace": {
            "id": WORKSPACE_ID,
            "name": "North Street Strength",
            "timezone": "Europe/Lisbon",
            "units": "metric",
        },
        "plan": {
            "name": "studio",
            "requests_per_hour": 2_500,
            "burst_percent": 10,
            "api_access": true,
        },
        "server": {
            "public_url": "https://coach.example",
            "public_url_source": "settings",
            "mail": { "configured": true, "from": "North Street <coach@example.com>" },
            "request_log": { "days": 7, "rows": 100_000 },
            "version": env!("CARGO_PKG_VERSION"),
        },
    })
}

pub(super) fn workspace() -> Value {
    json!({
        "id": WORKSPACE_ID,
        "object": "workspace",
        "livemode": null,
        "name": "North Street Strength",
        "timezone": "Europe/Lisbon",
        "units": "metric",
        "created_at": "2026-05-01T08:00:00.000Z",
        "updated_at": "2026-05-04T09:30:00.000Z",
    })
}

pub(super) fn whoami() -> Value {
    json!({
        "object": "whoami",
        "livemode": true,
        "account_id": ACCOUNT_ID,
        "workspace_id": WORKSPACE_ID,
        "mode": "live",
        "credential": { "type": "api_key", "id": KEY_ID, "name": "production" },
        "scopes": ["clients:write", "messages:write", "events:read"],
        "plan": "studio",
    })
}

pub(super) fn key() -> Value {
    json!({
        "id": KEY_ID,
        "object": "api_key",
        "livemode": true,
        "workspace_id": WORKSPACE_ID,
        "key_prefix": "cdnsk_live_",
        "name": "production",
        "description": "The booking site.",
        "mode": "live",
        "scopes": ["clients:write", "messages:write", "events:read"],
        "allowed_ips": ["203.0.113.0/24"],
        "hint": "…a1b2",
        "client_id": KEY_ID,
        "status": "active",
        "works_until": null,
        "rotated_from": null,
        "last_used_at": NOW,
        "last_used_ip": "203.0.113.7",
        "expires_at": null,
        "revoked_at": null,
        "created_at": "2026-05-04T10:00:00.000Z",
        "updated_at": "2026-05-04T10:00:00.000Z",
    })
}

pub(super) fn new_key() -> Value {
    let key = json!({
        "plaintext": "cdnsk_live_0123456789abcdefghijABCDEFGHIJ00a1b2",
        "rotated_from": "key_01jwtq3xg0d1e2f3g4h5j6k7m8",
        "previous_works_until": "2026-06-03T13:00:00.000Z",
        "last_used_at": null,
        "last_used_ip": null,
        "created_at": NOW,
        "updated_at": NOW,
    });
    with(self::key(), key)
}
