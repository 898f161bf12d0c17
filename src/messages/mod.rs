//! Messages between a coach and a client, in the client's app.
//!
//! A message of the coach is `sent` as soon as it is committed: the app's inbox is the database.
//! SMS and mail are ways out of the process and come with what sends them; until then asking for
//! them is refused, never silently turned into something else.

pub mod actions;
pub mod body;
pub mod routes;
pub mod store;

use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::ids::{ClientId, MessageId};

/// The longest message, in characters.
pub const BODY_MAX: usize = 10_000;

/// A message.
#[derive(Debug)]
pub struct Message {
    /// The id.
    pub id: MessageId,
    /// The client whose thread it is in.
    pub client_id: ClientId,
    /// `to_client` or `to_coach`.
    pub direction: String,
    /// `app`, `sms` or `email`.
    pub channel: String,
    /// The text.
    pub body: String,
    /// `queued`, `sent`, `failed`, `held` or `off`.
    pub status: String,
    /// Why, if that is not plain.
    pub reason: Option<String>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// How often the message was changed, beginning with 1.
    pub version: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its status last changed, or it was read.
    pub updated_at: Timestamp,
}

/// How a message reaches the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The inbox of the app.
    App,
    /// A text message.
    Sms,
    /// A mail.
    Email,
}

/// What a message is made of.
#[derive(Debug, ToSchema)]
pub struct NewMessage {
    /// 1 to 10,000 characters.
    #[schema(min_length = 1, max_length = 10_000)]
    pub body: String,
    /// `app` (the default), `sms` or `email`.
    #[schema(value_type = Option<String>)]
    pub channel: Option<Channel>,
}
