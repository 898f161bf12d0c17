//! How a delivery is shown, and what is sent.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::store::AttemptRow;
use super::{Delivery, Status};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{DeliveryId, EventId, WebhookId};

/// The event that a delivery is of.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveredEventBody {
    /// The event's id: the `webhook-id` of each try.
    #[schema(value_type = String, example = "evt_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: EventId,
    /// The type, such as `client.created`.
    #[serde(rename = "type")]
    kind: String,
    /// Its place in the tenant's log.
    sequence: i64,
}

/// An event on its way to a webhook.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryBody {
    /// The delivery's id.
    #[schema(value_type = String, example = "dlv_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: DeliveryId,
    /// Always `delivery`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// Where it goes.
    #[schema(value_type = String)]
    webhook_id: WebhookId,
    /// What it tells.
    event: DeliveredEventBody,
    /// Its number among the webhook's: dense, so a receiver sees what it missed.
    endpoint_sequence: i64,
    /// `pending`, `delivered`, `failed` or `cancelled`.
    status: &'static str,
    /// How often it was tried.
    attempt_count: u32,
    /// When it is tried next; a webhook that fails may wait longer.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_try_at: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl DeliveryBody {
    /// The delivery of a tenant.
    pub fn of(tenant: Tenant, delivery: &Delivery) -> Self {
        Self {
            id: delivery.id,
            object: "delivery",
            livemode: tenant.mode().is_live(),
            webhook_id: delivery.webhook_id,
            event: DeliveredEventBody {
                id: delivery.event_id,
                kind: delivery.event_type.clone(),
                sequence: delivery.event_sequence,
            },
            endpoint_sequence: delivery.endpoint_sequence,
            status: delivery.status.name(),
            attempt_count: delivery.attempts,
            next_try_at: delivery
                .next_try_at
                .filter(|_| delivery.status == Status::Pending),
            created_at: delivery.created_at,
            updated_at: delivery.updated_at,
        }
    }
}

/// How an answer's body began.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptAnswerBody {
    /// The first 4 KiB, as text.
    body: String,
    /// True if there was more.
    truncated: bool,
}

/// One try of a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptBody {
    /// Which one it was, beginning with 1.
    number: u32,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// How long it took.
    duration_ms: i64,
    /// `delivered`, `refused` (another answer than 2xx), `timeout`, `unresolved` (the name has no
    /// address), `unreachable`, `tls`, `broken` (the connection broke off), `blocked` (the address
    /// may not be called) or `gone` (the event is no longer kept, or not for
    /// the app that made the webhook).
    outcome: String,
    /// The status of the answer.
    status: Option<u16>,
    /// Why there was none, in words.
    detail: Option<String>,
    /// The answer; null where there was none, and where it came from an address that is not public.
    answer: Option<AttemptAnswerBody>,
}

impl AttemptBody {
    fn of(row: AttemptRow) -> Self {
        let truncated = row.answer_truncated;
        Self {
            number: row.number,
            at: row.at,
            duration_ms: row.duration_ms,
            outcome: row.outcome,
            status: row.status,
            detail: row.detail,
            answer: row.answer.map(|body| AttemptAnswerBody { body, truncated }),
        }
    }
}

/// A delivery with its tries.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeDeliveryBody {
    /// The delivery.
    #[serde(flatten)]
    delivery: DeliveryBody,
    /// The body that is sent, as text; null where the caller may not read the event, or it is no
    /// longer kept.
    payload: Option<String>,
    /// The last fifty tries, newest first.
    attempts: Vec<AttemptBody>,
}

impl WholeDeliveryBody {
    /// The delivery of a tenant with its tries, and what is sent if that may be shown.
    pub fn of(
        tenant: Tenant,
        delivery: &Delivery,
        payload: Option<String>,
        attempts: Vec<AttemptRow>,
    ) -> Self {
        Self {
            delivery: DeliveryBody::of(tenant, delivery),
            payload,
            attempts: attempts.into_iter().map(AttemptBody::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct Payload<'e> {
    #[serde(rename = "type")]
    kind: &'e str,
    timestamp: Timestamp,
    data: &'e RawValue,
    id: EventId,
    object: &'static str,
    livemode: bool,
    created_at: Timestamp,
    sequence: i64,
    endpoint_sequence: i64,
    request: Request<'e>,
}

#[derive(Serialize)]
struct Request<'e> {
    id: &'e str,
    idempotency_key: Option<&'e str>,
}

/// The body that is sent: the same bytes at each try. Type, time and data come first, as the Standard
/// Webhooks specification has them; the event's other members follow.
pub fn payload(tenant: Tenant, event: &Event, endpoint_sequence: i64) -> Result<String> {
    let data: &RawValue = serde_json::from_str(&event.data).map_err(Error::internal)?;
    let payload = Payload {
        kind: &event.kind,
        timestamp: event.created_at,
        data,
        id: event.id,
        object: "event",
        livemode: tenant.mode().is_live(),
        created_at: event.created_at,
        sequence: event.sequence,
        endpoint_sequence,
        request: Request {
            id: &event.request_id,
            idempotency_key: event.idempotency_key.as_deref(),
        },
    };
    serde_json::to_string(&payload).map_err(Error::internal)
}
