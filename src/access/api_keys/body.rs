//! How an API key is shown: the one shape that answers and events share.

use serde::Serialize;
use utoipa::ToSchema;

use super::ApiKey;
use crate::app::App;
use crate::clock::Timestamp;
use crate::ids::{KeyId, WorkspaceId};
use crate::values::AddressRange;

/// An API key. Its plaintext is in the answers of create and rotate alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyBody {
    /// The key's id; also its client identifier at the token endpoint.
    #[schema(value_type = String, example = "key_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: KeyId,
    /// Always `api_key`.
    object: &'static str,
    /// True for a live key.
    livemode: bool,
    /// The workspace that it belongs to.
    #[schema(value_type = String)]
    workspace_id: WorkspaceId,
    /// What the key begins with: `cdnsk_test_` or `cdnsk_live_`.
    key_prefix: &'static str,
    /// What it is called.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// `test` or `live`.
    mode: &'static str,
    /// What it may do.
    scopes: Vec<&'static str>,
    /// Addresses and blocks that it may be used from; null is anywhere.
    #[schema(value_type = Option<Vec<String>>)]
    allowed_ips: Option<Vec<AddressRange>>,
    /// The last four characters, to tell keys apart.
    #[schema(example = "…a1b2")]
    hint: String,
    /// The same as `id`.
    #[schema(value_type = String)]
    client_id: KeyId,
    /// `active`, `rotating`, `disabled`, `expired` or `revoked`.
    pub(super) status: &'static str,
    /// Of a rotating key: until when it still works; null once it is refused.
    #[schema(value_type = Option<String>, format = DateTime)]
    works_until: Option<Timestamp>,
    /// The key that it replaced.
    #[schema(value_type = Option<String>)]
    rotated_from: Option<KeyId>,
    /// When it was last used, to within a few seconds.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// From where it was last used.
    last_used_ip: Option<String>,
    /// When it ends by itself; null is never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl KeyBody {
    /// The key as it is shown at a time of its tenant.
    pub fn of(key: &ApiKey, workspace_id: WorkspaceId, now: Timestamp) -> Self {
        Self {
            id: key.id,
            object: "api_key",
            livemode: key.tenant.mode().is_live(),
            workspace_id,
            key_prefix: key.tenant.mode().key_prefix(),
            name: key.name.clone(),
            description: key.description.clone(),
            mode: key.tenant.mode().name(),
            scopes: key.effective_scopes().names(),
            allowed_ips: key.allowed_ips.clone(),
            hint: key.hint.clone(),
            client_id: key.id,
            status: key.status(now).name(),
            works_until: key.works_until.filter(|end| *end > now),
            rotated_from: key.rotated_from,
            last_used_at: key.last_used_at,
            last_used_ip: key.last_used_ip.clone(),
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }

    /// The same with the last use that is not written yet.
    pub fn current(app: &App, mut key: ApiKey, workspace_id: WorkspaceId) -> Self {
        if let Some(used) = app.uses.pending(key.tenant, key.id) {
            key.last_used_at = Some(used.at);
            key.last_used_ip = used.address.map(|address| address.to_string());
        }
        Self::of(&key, workspace_id, app.clock.now_of(&key.tenant))
    }
}
