//! `/v1/test/inbox`

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{InboxMessage, MESSAGES_KEPT, Mood, actions, store, url};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{Fields, FromBody, one_of};
use crate::api::page::{CURSOR, LIMIT, PageQuery};
use crate::api::query::{FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{Scopes, WebhooksRead, WebhooksWrite};
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::events::EventType;
use crate::idempotency::Answer;
use crate::ids::{EventId, InboxMessageId, WebhookId};

/// The test inbox.
/// A report and no object: a test tenant has exactly one, always.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxBody {
    /// Always `test_inbox`.
    object: &'static str,
    /// Always false.
    livemode: bool,
    /// What a test webhook names to be sent here.
    url: String,
    /// `ok` (200), `error` (500), `slow` (nothing in time) or `gone` (410).
    answer: &'static str,
    /// How much it holds, at most 500: the oldest make room.
    count: u32,
}

/// What the inbox received.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxMessageBody {
    /// The id.
    #[schema(value_type = String, example = "inb_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: InboxMessageId,
    /// Always `inbox_message`.
    object: &'static str,
    /// Always false.
    livemode: bool,
    /// The webhook that it was sent by.
    #[schema(value_type = String)]
    webhook_id: WebhookId,
    /// The event.
    #[schema(value_type = String)]
    event_id: EventId,
    /// The event's type.
    event_type: String,
    /// The headers as they were sent.
    #[schema(value_type = Object)]
    headers: Value,
    /// The body as it was sent; null where the caller may not read the event.
    body: Option<String>,
    /// Whether one of the signatures is valid.
    signature: &'static str,
    /// The status that it answered; null for nothing in time.
    answered: Option<u16>,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

fn body(message: InboxMessage, scopes: Scopes) -> InboxMessageBody {
    let readable = EventType::readable(scopes).any(|kind| kind.name() == message.event_type);
    let headers = message
        .headers
        .into_iter()
        .map(|(name, value)| (name, value.into()));
    InboxMessageBody {
        id: message.id,
        object: "inbox_message",
        livemode: false,
        webhook_id: message.webhook_id,
        event_id: message.event_id,
        event_type: message.event_type,
        headers: Value::Object(headers.collect()),
        body: readable.then_some(message.body),
        signature: if message.valid { "valid" } else { "invalid" },
        answered: Some(message.answered).filter(|status| *status > 0),
        created_at: message.created_at,
    }
}

/// What the inbox is to answer.
#[derive(Debug, ToSchema)]
pub struct InboxPatch {
    /// `ok`, `error`, `slow` or `gone`.
    #[schema(value_type = String)]
    answer: Mood,
}

impl FromBody for InboxPatch {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] =
        &[("answer", || words(Mood::CHOICES))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let answer = fields.required("answer", one_of(Mood::CHOICES));
        Some(Self { answer: answer? })
    }
}

/// What the list of what was received understands.
#[derive(Debug)]
pub struct InboxQuery {
    page: PageQuery,
}

impl FromQuery for InboxQuery {
    const PARAMETERS: &'static [Parameter] = &[LIMIT, CURSOR];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        Some(Self { page: page? })
    }
}

async fn get(cx: Cx<WebhooksRead>, _: NoQuery) -> Result<Answer> {
    let tenant = actions::test_tenant(cx.tenant())?;
    let (mood, count) = cx.app.db.read_now(|conn| store::standing(conn, tenant))?;
    Answer::ok(&InboxBody {
        object: "test_inbox",
        livemode: false,
        url: url(&cx.app),
        answer: mood.name(),
        count,
    })
}

async fn update(cx: Cx<WebhooksWrite>, patch: InboxPatch) -> Result<Work> {
    let tenant = actions::test_tenant(cx.tenant())?;
    let (url, permit) = (url(&cx.app), cx.permit);
    work(move |tx| {
        actions::set_mood(tx, &permit, patch.answer)?;
        let (mood, count) = store::standing(tx, tenant)?;
        Answer::ok(&InboxBody {
            object: "test_inbox",
            livemode: false,
            url,
            answer: mood.name(),
            count,
        })
    })
}

async fn empty(cx: Cx<WebhooksWrite>) -> Result<Work> {
    actions::test_tenant(cx.tenant())?;
    let permit = cx.permit;
    work(move |tx| {
        actions::empty(tx, &permit)?;
        Ok(Answer::no_content())
    })
}

async fn list(cx: Cx<WebhooksRead>, query: InboxQuery) -> Result<Answer> {
    let (tenant, path) = (actions::test_tenant(cx.tenant())?, cx.path().to_owned());
    let scopes = cx.permit.caller().scopes;
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            let found = store::page(conn, tenant, before.as_deref(), query.page.rows())?;
            let show = |message: InboxMessage| Ok(body(message, scopes));
            query
                .page
                .answer(tenant, &path, found, show, |message| message.id.to_string())
        })
        .await
}

async fn message(cx: Cx<WebhooksRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant) = (
        cx.id("inbox_message_id")?,
        actions::test_tenant(cx.tenant())?,
    );
    let scopes = cx.permit.caller().scopes;
    let found = cx.app.db.read_now(|conn| store::find(conn, tenant, id))?;
    Answer::ok(&body(found.ok_or_else(Error::not_found)?, scopes))
}

/// The routes of the test inbox.
pub fn routes() -> Vec<Route> {
    const TEST: &[Code] = &[Code::AuthForbidden];
    // The number is in the text, so that the text cannot lag behind.
    const { assert!(MESSAGES_KEPT == 500) };
    vec![
        Route::get("/v1/test/inbox", get)
            .named("Test mode", "get_test_inbox", "Look at the test inbox")
            .describe("A receiver that every test tenant has. A test webhook whose `url` is this one's is sent here, without leaving the server. For test credentials only; a live one gets 403 `auth_forbidden`.")
            .answers::<InboxBody>()
            .codes(TEST),
        Route::patch("/v1/test/inbox", update)
            .named("Test mode", "update_test_inbox", "Set what the test inbox answers")
            .answers::<InboxBody>()
            .codes(TEST)
            .example(json!({ "answer": "error" })),
        Route::get("/v1/test/inbox/messages", list)
            .named("Test mode", "list_inbox_messages", "List what the test inbox received")
            .describe("The newest first; at most 500 are kept.")
            .lists::<InboxMessageBody>()
            .codes(TEST),
        Route::get("/v1/test/inbox/messages/{inbox_message_id}", message)
            .named("Test mode", "get_inbox_message", "Read one thing that the test inbox received")
            .answers::<InboxMessageBody>()
            .codes(TEST),
        Route::delete("/v1/test/inbox", empty)
            .named("Test mode", "empty_test_inbox", "Empty the test inbox")
            .codes(TEST),
    ]
}
