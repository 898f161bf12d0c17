//! What can be done with messages.

use serde_json::Value;

use super::body::MessageBody;
use super::{Channel, Message, NewMessage, store};
use crate::api::route::ClientCaller;
use crate::attention::{self, Reason, ReasonKind};
use crate::caller::{MessagesWrite, Origin, Permit, Tenant};
use crate::clients::{self, Status};
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::events::{self, EventType};
use crate::ids::{ClientId, MessageId};

/// Sends a message of the coach into a client's thread.
pub fn send(
    tx: &Tx<'_>,
    permit: &Permit<MessagesWrite>,
    client_id: ClientId,
    id: MessageId,
    new: NewMessage,
) -> Result<Message> {
    let tenant = permit.tenant();
    let client = clients::store::find(tx, tenant, client_id)?.ok_or_else(Error::not_found)?;
    if client.status == Status::Archived {
        let message = "The client is archived.";
        return Err(Error::with(Code::StateConflict, message).extra("current_status", "archived"));
    }
    refuse_channel(new.channel.unwrap_or(Channel::App), &client)?;
    let now = permit.now();
    let message = Message {
        id,
        client_id,
        direction: "to_client".to_owned(),
        channel: "app".to_owned(),
        body: new.body,
        status: "sent".to_owned(),
        reason: None,
        read_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, tenant, &message)?;
    attention::actions::end(tx, tenant, client_id, ReasonKind::MessageWaiting)?;
    let body = MessageBody::of(tenant, &message);
    events::record(tx, tenant, permit.origin(), EventType::MessageSent, &body)?;
    Ok(message)
}

/// Takes in a message that a client wrote.
pub fn receive(
    tx: &Tx<'_>,
    tenant: Tenant,
    origin: &Origin,
    client_id: ClientId,
    body: &str,
) -> Result<Message> {
    let client = clients::store::find(tx, tenant, client_id)?.ok_or_else(Error::not_found)?;
    if client.status == Status::Archived {
        let message = "The client is archived.";
        return Err(Error::with(Code::StateConflict, message).extra("current_status", "archived"));
    }
    let message = Message {
        id: MessageId::new(origin.at),
        client_id,
        direction: "to_coach".to_owned(),
        channel: "app".to_owned(),
        body: body.to_owned(),
        status: "sent".to_owned(),
        reason: None,
        read_at: None,
        version: 1,
        created_at: origin.at,
        updated_at: origin.at,
    };
    store::insert(tx, tenant, &message)?;
    let waiting = Reason {
        kind: ReasonKind::MessageWaiting,
        since: origin.at,
        object_id: Some(message.id.to_string()),
        detail: Value::Null,
    };
    attention::actions::tell(tx, tenant, client.whom(), waiting)?;
    let shown = MessageBody::of(tenant, &message);
    events::record(tx, tenant, origin, EventType::MessageReceived, &shown)?;
    Ok(message)
}

/// A client has read what the coach wrote, up to a message; gives how many messages that were.
pub fn read(tx: &Tx<'_>, client: &ClientCaller, origin: &Origin, last: MessageId) -> Result<u32> {
    store::set_read(tx, client.tenant, client.client_id, last, origin.at)
}

/// A channel that cannot carry the message is refused, so that nobody believes it was sent.
fn refuse_channel(channel: Channel, client: &clients::Client) -> Result<()> {
    let message = match channel {
        Channel::App => return Ok(()),
        Channel::Sms if client.profile.sms_consent == "opted_out" => {
            "The client has opted out of text messages."
        }
        Channel::Sms => "No provider of text messages is set up; use the channel `app`.",
        Channel::Email => "Messages by mail are not set up; use the channel `app`.",
    };
    Err(Error::with(Code::StateConflict, message))
}
