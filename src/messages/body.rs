//! How a message is shown: the one shape that answers and events share.

use serde::Serialize;
use utoipa::ToSchema;

use super::Message;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::ids::{ClientId, MessageId};

/// A message between a coach and a client.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageBody {
    /// The message's id.
    #[schema(value_type = String, example = "msg_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: MessageId,
    /// Always `message`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// The client whose thread it is in.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// `to_client` or `to_coach`.
    direction: String,
    /// `app`, `sms` or `email`.
    channel: String,
    /// The text.
    body: String,
    /// `queued`, `sent`, `failed`, `held` or `off`.
    status: String,
    /// Why, if that is not plain.
    reason: Option<String>,
    /// When it was read.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When its status last changed, or it was read.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl MessageBody {
    /// The message as it is shown.
    pub fn of(tenant: Tenant, message: &Message) -> Self {
        Self {
            id: message.id,
            object: "message",
            livemode: tenant.mode().is_live(),
            client_id: message.client_id,
            direction: message.direction.clone(),
            channel: message.channel.clone(),
            body: message.body.clone(),
            status: message.status.clone(),
            reason: message.reason.clone(),
            read_at: message.read_at,
            created_at: message.created_at,
            updated_at: message.updated_at,
        }
    }
}
