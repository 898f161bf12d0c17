//! `/v1/outbox`: the tenant's own mail, as it was or would have been sent.

use serde::Serialize;
use utoipa::ToSchema;

use super::actions;
use super::store::{self, Filter};
use super::templates::Rendered;
use super::{Mail, MailStatus};
use crate::api::choices::words;
use crate::api::etag;
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route};
use crate::caller::{OutboxRead, Scope, Tenant};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::idempotency::Answer;
use crate::ids::MailId;
use crate::secrets::SealingKey;

/// The media type of a page.
const HTML: &str = "text/html; charset=utf-8";

/// A mail, as it was or would have been sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailBody {
    /// The mail's id.
    #[schema(value_type = String, example = "mail_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: MailId,
    /// Always `mail`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// The name of its template, such as `invite`.
    template: String,
    /// Whom it is to.
    to: String,
    /// The subject.
    subject: String,
    /// `queued`, `sent`, `held`, `off`, `bounced` or `dropped`.
    status: String,
    /// Why, if that is not plain.
    reason: Option<String>,
    /// The client that it is about.
    client_id: Option<String>,
    /// The plain text. Links are masked unless the caller may use them (`clients:write`).
    text: String,
    /// The HTML, with the same masking.
    html: String,
    /// It is pointless to send from here on.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When its status last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

fn rendered(sealing: &SealingKey, tenant: Tenant, mail: &Mail, links: Links) -> Result<Rendered> {
    let fill = actions::open(sealing, tenant, mail)?;
    Ok(match links {
        Links::Shown => fill.render(),
        Links::Masked => fill.masked().render(),
    })
}

/// A mail as it is shown.
fn body(sealing: &SealingKey, tenant: Tenant, mail: &Mail, links: Links) -> Result<MailBody> {
    let rendered = rendered(sealing, tenant, mail, links)?;
    Ok(MailBody {
        id: mail.id,
        object: "mail",
        livemode: tenant.mode().is_live(),
        template: mail.template.clone(),
        to: mail.recipient.clone(),
        subject: rendered.subject,
        status: mail.status.clone(),
        reason: mail.reason.clone(),
        client_id: mail.client_id.clone(),
        text: rendered.text,
        html: rendered.html,
        expires_at: mail.expires_at,
        created_at: mail.created_at,
        updated_at: mail.updated_at,
    })
}

/// A mail as the answer to whoever may write clients, and so see its links.
pub fn shown(sealing: &SealingKey, tenant: Tenant, mail: &Mail) -> Result<Answer> {
    Answer::ok(&body(sealing, tenant, mail, Links::Shown)?)
}

/// Whether links in a mail are shown: they let their holder act as the client.
#[derive(Clone, Copy)]
enum Links {
    Shown,
    Masked,
}

fn links(cx: &Cx<OutboxRead>) -> Links {
    if cx.permit.caller().scopes.allow(Scope::ClientsWrite) {
        Links::Shown
    } else {
        Links::Masked
    }
}

/// What the list of mails understands.
#[derive(Debug)]
pub struct OutboxQuery {
    page: PageQuery,
    filter: Filter,
}

impl FromQuery for OutboxQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("status", "Only mails of this status.")
            .one_of(|| words(MailStatus::CHOICES)),
        Parameter::new("client_id", "Only mails about this client."),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let status = query.optional("status", query::one_of(MailStatus::CHOICES));
        let client_id = query.optional("client_id", query::word(64));
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        let filter = Filter {
            status: status?.map(MailStatus::name),
            client_id: client_id?,
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

async fn list(cx: Cx<OutboxRead>, query: OutboxQuery) -> Result<Answer> {
    let (tenant, path, links) = (cx.tenant(), cx.path().to_owned(), links(&cx));
    let before = query.page.position(tenant, &path)?;
    let app = cx.app.clone();
    cx.app
        .db
        .read(move |conn| {
            let rows = query.page.rows();
            let mails = store::page(conn, tenant, &query.filter, before.as_deref(), rows)?;
            let show = |mail: Mail| body(&app.sealing, tenant, &mail, links);
            query
                .page
                .answer(tenant, &path, mails, show, |mail| mail.id.to_string())
        })
        .await
}

async fn get(cx: Cx<OutboxRead>, _: NoQuery) -> Result<Answer> {
    let id = cx.id("mail_id")?;
    let tenant = cx.tenant();
    let mail = cx.app.db.read_now(|conn| store::find(conn, tenant, id))?;
    let mail = mail.ok_or_else(Error::not_found)?;
    let mut answer = Answer::ok(&body(&cx.app.sealing, tenant, &mail, links(&cx))?)?;
    // The bytes of a mail are not the same for every reader: its links may be masked.
    answer.etag = Some(etag::of_whole(mail.updated_at.as_ms(), &answer.body));
    Ok(cx.unless_known(answer))
}

/// What a mail's HTML may do where it is shown: look as it does, and nothing else.
const PREVIEW_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'; form-action 'none'";

async fn preview(cx: Cx<OutboxRead>, _: NoQuery) -> Result<Answer> {
    let id = cx.id("mail_id")?;
    let tenant = cx.tenant();
    let mail = cx.app.db.read_now(|conn| store::find(conn, tenant, id))?;
    let mail = mail.ok_or_else(Error::not_found)?;
    let rendered = rendered(&cx.app.sealing, tenant, &mail, links(&cx))?;
    let mut answer = Answer::bytes(200, HTML, rendered.html.into_bytes());
    let policy = ("Content-Security-Policy", PREVIEW_POLICY.to_owned());
    answer.headers.push(policy);
    Ok(answer)
}

/// The routes of the outbox.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/outbox", list)
            .named("Outbox", "list_outbox", "List outgoing mail")
            .lists::<MailBody>(),
        Route::get("/v1/outbox/{mail_id}", get)
            .named("Outbox", "get_mail", "Read one mail")
            .answers::<MailBody>()
            .tagged(),
        Route::get("/v1/outbox/{mail_id}/preview", preview)
            .named("Outbox", "preview_mail", "See a mail as its reader sees it")
            .describe("The HTML of the mail as a page of its own, which runs nothing and loads nothing (`Content-Security-Policy: sandbox`). Links are masked as in the mail itself."),
    ]
}
