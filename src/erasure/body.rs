//! How an erasure is answered and told.

use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::ids::ClientId;

/// A client who was erased.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasedClientBody {
    /// The client's id; it leads nowhere any more.
    #[schema(value_type = String)]
    id: ClientId,
    /// Always `client`.
    object: &'static str,
    /// True if the client belonged to the live tenant.
    livemode: bool,
    /// Always true.
    erased: bool,
    /// When that was.
    #[schema(value_type = String, format = DateTime)]
    erased_at: Timestamp,
}

impl ErasedClientBody {
    /// What is left to say.
    pub fn of(tenant: Tenant, id: ClientId, erased_at: Timestamp) -> Self {
        Self {
            id,
            object: "client",
            livemode: tenant.mode().is_live(),
            erased: true,
            erased_at,
        }
    }
}
