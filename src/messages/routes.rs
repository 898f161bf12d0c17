//! `/v1/clients/{client_id}/messages`.

use serde_json::json;

use super::body::MessageBody;
use super::store::{self, Filter};
use super::{BODY_MAX, Channel, Message, NewMessage, actions};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{Fields, FromBody, one_of, text};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{MessagesRead, MessagesWrite};
use crate::clients;
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::MessageId;
use crate::values::paragraphs;

const CHANNELS: &[(&str, Channel)] = &[
    ("app", Channel::App),
    ("sms", Channel::Sms),
    ("email", Channel::Email),
];

impl FromBody for NewMessage {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[("channel", || words(CHANNELS))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let body = fields.required("body", text(|value| paragraphs(value, 1, BODY_MAX)));
        let channel = fields.optional("channel", one_of(CHANNELS));
        Some(Self {
            body: body?,
            channel: channel?,
        })
    }
}

/// What a thread understands.
#[derive(Debug)]
pub struct MessageQuery {
    /// Which page.
    pub page: PageQuery,
    /// Which messages.
    pub filter: Filter,
}

impl FromQuery for MessageQuery {
    const PARAMETERS: &'static [Parameter] =
        &[LIMIT, CURSOR, CREATED_AFTER, CREATED_BEFORE, UPDATED_AFTER];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        let filter = Filter {
            created_after: created_after?,
            created_before: created_before?,
            updated_after: updated_after?,
        };
        Some(Self {
            page: page?,
            filter,
        })
    }
}

async fn list(cx: Cx<MessagesRead>, query: MessageQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.id("client_id")?, cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
            let rows = query.page.rows();
            let messages = store::page(conn, tenant, id, &query.filter, before.as_deref(), rows)?;
            let show = |message: Message| Ok(MessageBody::of(tenant, &message));
            query.page.answer(tenant, &path, messages, show, |message| {
                message.id.to_string()
            })
        })
        .await
}

async fn get(cx: Cx<MessagesRead>, _: NoQuery) -> Result<Answer> {
    let (client_id, id) = (cx.id("client_id")?, cx.id("message_id")?);
    let tenant = cx.tenant();
    let find = |conn: &Reader| store::find(conn, tenant, client_id, id);
    let message = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    let answer = Answer::ok(&MessageBody::of(tenant, &message))?.version(message.version);
    Ok(cx.unless_known(answer))
}

async fn send(cx: Cx<MessagesWrite>, new: NewMessage) -> Result<Work> {
    let client_id = cx.id("client_id")?;
    let id = MessageId::new(cx.permit.now());
    let permit = cx.permit;
    work(move |tx| {
        let message = actions::send(tx, &permit, client_id, id, new)?;
        let location = format!("/v1/clients/{client_id}/messages/{id}");
        let body = MessageBody::of(permit.tenant(), &message);
        Ok(Answer::created(location, &body)?.version(message.version))
    })
}

/// The routes of messages.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/clients/{client_id}/messages", list)
            .named("Messages", "list_messages", "List the messages of a client")
            .lists::<MessageBody>(),
        Route::post("/v1/clients/{client_id}/messages", send)
            .named("Messages", "send_message", "Send a message to a client")
            .describe("Delivered to the inbox of the client's app.")
            .creates::<MessageBody>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "body": "Great week. Same again?" })),
        Route::get("/v1/clients/{client_id}/messages/{message_id}", get)
            .named("Messages", "get_message", "Read one message")
            .answers::<MessageBody>()
            .tagged(),
    ]
}
