//! How an event is shown: in answers, in the stream, and in the deliveries of webhooks.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Event;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::ids::EventId;

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventBody {
    /// The event's id; a webhook delivery carries the same.
    #[schema(value_type = String, example = "evt_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: EventId,
    /// Always `event`.
    object: &'static str,
    /// The type, such as `client.created`.
    #[serde(rename = "type")]
    kind: String,
    /// True if it happened in live mode.
    livemode: bool,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Its place in the tenant's log: dense, in commit order.
    sequence: i64,
    /// `object`: what it happened to; `previous`: former values of what changed.
    #[schema(value_type = Object)]
    data: Box<RawValue>,
    /// The call that caused it.
    request: EventRequestBody,
}

/// The call that caused an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventRequestBody {
    /// The request's id.
    id: String,
    /// The idempotency key that it carried.
    idempotency_key: Option<String>,
}

impl EventBody {
    /// The event of a tenant.
    pub fn of(tenant: Tenant, event: &Event) -> Result<Self> {
        Ok(Self {
            id: event.id,
            object: "event",
            kind: event.kind.clone(),
            livemode: tenant.mode().is_live(),
            created_at: event.created_at,
            sequence: event.sequence,
            data: RawValue::from_string(event.data.clone()).map_err(Error::internal)?,
            request: EventRequestBody {
                id: event.request_id.clone(),
                idempotency_key: event.idempotency_key.clone(),
            },
        })
    }
}
