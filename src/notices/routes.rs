//! `/v1/notices`

use serde::Serialize;
use utoipa::ToSchema;

use super::{Notice, actions, derived};
use crate::api::query::NoQuery;
use crate::api::respond::JSON;
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{AnyCaller, SessionOnly};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::idempotency::Answer;
use crate::ids::NoticeId;

/// Something to know and to do something about.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeBody {
    /// The notice's id. News of the same matter has another one.
    #[schema(value_type = String, example = "ntc_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: NoticeId,
    /// Always `notice`.
    object: &'static str,
    /// True or false for one of a tenant, null for one of the server.
    livemode: Option<bool>,
    /// `limit_near`, `mail_held`, `mail_bounced`, `backup_old`, `backup_failed`, `key_expiring`,
    /// `disk_low`, `restored_quiet`, `webhook_failing` or `plan_request`.
    kind: String,
    /// `info`, `warning` or `critical`.
    severity: String,
    /// What is the matter, in a few words.
    title: String,
    /// What is the matter and what to do, in a sentence or two.
    message: String,
    /// Where to do it.
    action: Option<NoticeActionBody>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// Where something is done about a notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeActionBody {
    /// What the button says.
    label: String,
    /// A path of the dashboard.
    href: String,
}

impl NoticeBody {
    fn of(notice: Notice) -> Self {
        Self {
            id: notice.id,
            object: "notice",
            livemode: notice.livemode,
            kind: notice.kind,
            severity: notice.severity,
            title: notice.title,
            message: notice.message,
            action: notice
                .action
                .map(|(label, href)| NoticeActionBody { label, href }),
            created_at: notice.created_at,
        }
    }
}

/// Notices are few: they come as one page.
#[derive(Serialize)]
struct NoticeList<'a> {
    object: &'static str,
    data: Vec<NoticeBody>,
    has_more: bool,
    next_cursor: Option<String>,
    url: &'a str,
}

async fn list(cx: Cx<AnyCaller>, _: NoQuery) -> Result<Answer> {
    let (app, permit) = (cx.app.clone(), cx.permit.clone());
    let notices = cx
        .app
        .db
        .read(move |conn| derived::all(&app, conn, permit.caller(), permit.now()))
        .await?;
    let list = NoticeList {
        object: "list",
        data: notices.into_iter().map(NoticeBody::of).collect(),
        has_more: false,
        next_cursor: None,
        url: cx.path(),
    };
    let body = serde_json::to_vec(&list).map_err(Error::internal)?;
    Ok(Answer::bytes(200, JSON, body))
}

async fn dismiss(cx: Cx<SessionOnly>) -> Result<Work> {
    let id = cx.id("notice_id")?;
    let (app, permit) = (cx.app, cx.permit);
    let now = app.clock.now();
    work(move |tx| {
        let notices = derived::all(&app, tx, permit.caller(), permit.now())?;
        let notice = notices.into_iter().find(|notice| notice.id == id);
        let notice = notice.ok_or_else(Error::not_found)?;
        actions::dismiss(tx, permit.caller().account_id, id, now)?;
        Answer::ok(&NoticeBody::of(notice))
    })
}

/// The routes of notices.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/notices", list)
            .named("Notices", "list_notices", "List what needs somebody")
            .describe("All of them on one page, what matters most first. Those of the server (backups, disk, a restored copy) are shown to its owner alone.")
            .lists::<NoticeBody>(),
        Route::action("/v1/notices/{notice_id}/dismiss", dismiss)
            .named("Notices", "dismiss_notice", "Put a notice aside")
            .describe("It comes back when there is news of the matter.")
            .answers::<NoticeBody>(),
    ]
}
