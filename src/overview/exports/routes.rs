//! `/v1/exports`: all of a tenant as a file.

use super::body::ExportBody;
use super::store::{self, Filter};
use super::{Export, Status, actions, files};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Download, Route, Work, work};
use crate::caller::SessionOnly;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::{ExportId, JobId};
use crate::jobs::NewJob;
use crate::overview::export::routes::pieces;

/// What the list of exports understands.
#[derive(Debug)]
pub struct ExportsQuery {
    page: PageQuery,
    filter: Filter,
}

impl FromQuery for ExportsQuery {
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

async fn create(cx: Cx<SessionOnly>) -> Result<Work> {
    cx.recently_authenticated()?;
    let (permit, now) = (cx.permit, cx.app.clock.now());
    let tenant = permit.tenant();
    let id = ExportId::new(now);
    let job = NewJob {
        id: JobId::new(now),
        tenant: Some(tenant),
        about: Some(id.to_string()),
        due_at: permit.now(),
        // A lane of its own: the tenant's schedules go on meanwhile.
        ..NewJob::now(now, &format!("export:{}", tenant.number()))
    };
    work(move |tx| {
        let export = actions::create(tx, &permit, id, &job, now)?;
        let location = format!("/v1/exports/{id}");
        Answer::created(location, &ExportBody::of(tenant, export, now))
    })
}

async fn list(cx: Cx<SessionOnly>, query: ExportsQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    let now = cx.app.clock.now();
    cx.app
        .db
        .read(move |conn| {
            let rows = query.page.rows();
            let exports = store::page(conn, tenant, &query.filter, before.as_deref(), rows)?;
            let show = |export: Export| Ok(ExportBody::of(tenant, export, now));
            query
                .page
                .answer(tenant, &path, exports, show, |export| export.id.to_string())
        })
        .await
}

/// The export that the path names.
fn named(cx: &Cx<SessionOnly>) -> Result<Export> {
    let (id, tenant) = (cx.id("export_id")?, cx.tenant());
    let found = cx.app.db.read_now(|conn| store::find(conn, tenant, id))?;
    found.ok_or_else(Error::not_found)
}

async fn get(cx: Cx<SessionOnly>, _: NoQuery) -> Result<Answer> {
    let export = named(&cx)?;
    Answer::ok(&ExportBody::of(cx.tenant(), export, cx.app.clock.now()))
}

async fn file(cx: Cx<SessionOnly>, _: NoQuery) -> Result<Download> {
    let export = named(&cx)?;
    let (id, tenant) = (export.id, cx.tenant());
    if export.status_at(cx.app.clock.now()) != Status::Ready {
        return Err(Error::not_found());
    }
    let place = cx.app.exports.open(tenant)?;
    let data = cx.app.config.data.clone();
    // On a thread that may wait, as every other read of a disk.
    let found = cx.app.db.read(move |_| files::open(&data, id)).await?;
    let (file, size) = found.ok_or_else(Error::not_found)?;
    let permit = cx.permit;
    cx.app
        .db
        .write(move |tx| actions::downloaded(tx, &permit, id))
        .await?;
    let day: String = export.created_at.to_string().chars().take(10).collect();
    Ok(Download {
        media_type: "application/zip",
        name: format!("workspace-{day}-{}.zip", tenant.mode().name()),
        size,
        pieces: pieces(file, place),
    })
}

async fn delete(cx: Cx<SessionOnly>) -> Result<Work> {
    let id = cx.id("export_id")?;
    let (app, permit) = (cx.app, cx.permit);
    work(move |tx| {
        actions::delete(tx, &app, &permit, id)?;
        Ok(Answer::no_content())
    })
}

/// The routes of exports.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/exports", list)
            .named("Exports", "list_exports", "List the exports of a workspace")
            .describe("Newest first. One that ended is listed for 30 days at least.")
            .lists::<ExportBody>(),
        Route::action("/v1/exports", create)
            .named("Exports", "create_export", "Take along all of a workspace")
            .describe(include_str!("exports.md"))
            .creates::<ExportBody>()
            .codes(&[Code::ReauthRequired, Code::StateConflict]),
        Route::get("/v1/exports/{export_id}", get)
            .named("Exports", "get_export", "Read how far an export is")
            .answers::<ExportBody>(),
        Route::download("/v1/exports/{export_id}/file", file)
            .named("Exports", "download_export", "Fetch the file of an export")
            .describe(
                "404 unless the export is `ready`. Two files are handed out at a time in each \
                 workspace and mode; a third is `rate_limited`. The audit log has an entry of it.",
            )
            .answers_with("application/zip"),
        Route::delete("/v1/exports/{export_id}", delete)
            .named("Exports", "delete_export", "Delete an export and its file")
            .describe("One that is being made is given up."),
    ]
}
