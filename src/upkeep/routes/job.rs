//! `/v1/jobs`: what is done beside the requests, for the owner of the server.

use serde::Serialize;
use utoipa::ToSchema;

use super::require_owner;
use crate::api::choices::words;
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::SessionOnly;
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::JobId;
use crate::jobs::queue::{self, Filter};
use crate::jobs::{Job, JobStatus, actions};

/// Something that is done beside the requests.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobBody {
    /// The job's id.
    #[schema(value_type = String, example = "job_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: JobId,
    /// Always `job`.
    object: &'static str,
    /// Whose data it is about: true for a live tenant, null for the server itself.
    livemode: Option<bool>,
    /// What it does, such as `mail.send`.
    kind: String,
    /// `queued`, `running`, `succeeded`, `failed` or `interrupted`: the server ended while it ran,
    /// and it must not run twice.
    status: String,
    /// True for a schedule: it is queued again for its next time.
    recurring: bool,
    /// The id of what it is about, such as a mail.
    about: Option<String>,
    /// With whom it speaks: each destination gets so many jobs at a time.
    destination: String,
    /// When it is to run, by the clock of its tenant.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// When the next attempt is made, by the server's clock.
    #[schema(value_type = String, format = DateTime)]
    ready_at: Timestamp,
    /// Attempts so far.
    attempts: u32,
    /// Why the last attempt failed.
    error: Option<String>,
    /// How far it is, in words, while it runs.
    progress: Option<String>,
    /// When the last attempt began.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it ended; of a schedule, the last time.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// When it was queued.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl JobBody {
    /// A job as it is shown.
    pub fn of(job: Job) -> Self {
        Self {
            id: job.id,
            object: "job",
            livemode: job.tenant.map(|tenant| tenant.mode().is_live()),
            kind: job.kind,
            status: job.status,
            recurring: job.recurring,
            about: job.about,
            destination: job.destination,
            due_at: job.due_at,
            ready_at: job.ready_at,
            attempts: job.attempts,
            error: job.error,
            progress: job.progress,
            started_at: job.started_at,
            ended_at: job.ended_at,
            created_at: job.created_at,
            updated_at: job.updated_at,
        }
    }
}

/// What the list of jobs understands.
#[derive(Debug)]
pub struct JobsQuery {
    page: PageQuery,
    filter: Filter,
}

impl FromQuery for JobsQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("status", "Only jobs of this status.").one_of(|| words(JobStatus::CHOICES)),
        Parameter::new("kind", "Only jobs of this kind, such as `mail.send`."),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let status = query.optional("status", query::one_of(JobStatus::CHOICES));
        let kind = query.optional("kind", query::word(64));
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        let filter = Filter {
            status: status?.map(JobStatus::name),
            kind: kind?,
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

async fn list(cx: Cx<SessionOnly>, query: JobsQuery) -> Result<Answer> {
    require_owner(&cx)?;
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            let rows = query.page.rows();
            let jobs = queue::page(conn, &query.filter, before.as_deref(), rows)?;
            let show = |job: Job| Ok(JobBody::of(job));
            query
                .page
                .answer(tenant, &path, jobs, show, |job| job.id.to_string())
        })
        .await
}

async fn get(cx: Cx<SessionOnly>, _: NoQuery) -> Result<Answer> {
    require_owner(&cx)?;
    let id = cx.id("job_id")?;
    let job = cx.app.db.read_now(|conn| queue::find(conn, id))?;
    Answer::ok(&JobBody::of(job.ok_or_else(Error::not_found)?))
}

async fn run(cx: Cx<SessionOnly>) -> Result<Work> {
    require_owner(&cx)?;
    let id = cx.id("job_id")?;
    let now = cx.app.clock.now();
    work(move |tx| Answer::ok(&JobBody::of(actions::run_now(tx, id, now)?)))
}

/// The routes of jobs.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/jobs", list)
            .named("Upkeep", "list_jobs", "List jobs")
            .describe("Mail, schedules, backups: what is done beside the requests. For the owner of the server. Ended jobs are kept for seven days.")
            .lists::<JobBody>()
            .codes(&[Code::AuthForbidden]),
        Route::get("/v1/jobs/{job_id}", get)
            .named("Upkeep", "get_job", "Read one job")
            .describe("For the owner of the server.")
            .answers::<JobBody>()
            .codes(&[Code::AuthForbidden]),
        Route::action("/v1/jobs/{job_id}/run", run)
            .named("Upkeep", "run_job", "Run a job now")
            .describe("One that waits for its time, or one that failed or was interrupted; one that runs or succeeded is 409 `state_conflict`. For the owner of the server.")
            .answers::<JobBody>()
            .codes(&[Code::AuthForbidden, Code::StateConflict]),
    ]
}
