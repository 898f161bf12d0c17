//! `/v1/backups`

use serde::Serialize;
use utoipa::ToSchema;

use super::job::JobBody;
use super::require_owner;
use crate::api::query::NoQuery;
use crate::api::respond::JSON;
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::SessionOnly;
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::jobs::{NewJob, actions, queue};
use crate::upkeep::{BACKUP, Found, backups};

/// A backup in the data directory.
/// A file and no object: its name is its id.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackupBody {
    /// Always `backup`.
    object: &'static str,
    /// Always null: it holds everything.
    livemode: Option<bool>,
    /// The name of the file.
    name: String,
    /// `nightly`, `asked` or `before_migration`. Only nightly ones are removed by themselves.
    origin: &'static str,
    /// Bytes of the file.
    bytes: u64,
    /// When the file was written.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl BackupBody {
    fn of(found: &Found) -> Self {
        Self {
            object: "backup",
            livemode: None,
            name: found.name.clone(),
            origin: found.origin(),
            bytes: found.bytes,
            created_at: found.written_at,
        }
    }
}

/// Backups are few: they come as one page.
#[derive(Serialize)]
struct BackupList<'a> {
    object: &'static str,
    data: Vec<BackupBody>,
    has_more: bool,
    next_cursor: Option<String>,
    url: &'a str,
}

async fn list(cx: Cx<SessionOnly>, _: NoQuery) -> Result<Answer> {
    require_owner(&cx)?;
    let data = cx.app.config.data.clone();
    // On a thread that may wait, as every other read of a disk.
    let found = cx.app.db.read(move |_| backups(&data)).await?;
    let list = BackupList {
        object: "list",
        data: found.iter().map(BackupBody::of).collect(),
        has_more: false,
        next_cursor: None,
        url: cx.path(),
    };
    let body = serde_json::to_vec(&list).map_err(Error::internal)?;
    Ok(Answer::bytes(200, JSON, body))
}

async fn create(cx: Cx<SessionOnly>) -> Result<Work> {
    require_owner(&cx)?;
    let now = cx.app.clock.now();
    let job = NewJob::now(now, "backup");
    work(move |tx| {
        actions::enqueue(tx, &BACKUP, &job, now)?;
        let job = queue::find(tx, job.id)?.ok_or_else(Error::not_found)?;
        let location = format!("/v1/jobs/{}", job.id);
        Answer::started(location, &JobBody::of(job))
    })
}

/// The routes of backups.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/backups", list)
            .named("Upkeep", "list_backups", "List backups")
            .describe("Those in the data directory, newest first, all on one page. For the owner of the server.")
            .lists::<BackupBody>()
            .codes(&[Code::AuthForbidden]),
        Route::action("/v1/backups", create)
            .named("Upkeep", "create_backup", "Make a backup")
            .describe("Answers with the job that makes it; `progress` says how far it is. The file holds the database and the sealing key and is opened and checked after it is written. For the owner of the server.")
            .starts::<JobBody>()
            .codes(&[Code::AuthForbidden]),
    ]
}
