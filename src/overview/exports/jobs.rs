//! Making the files, and removing those that ended.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::files::{self, State};
use super::{Status, actions, archive, store};
use crate::app::App;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::ids::ExportId;
use crate::jobs::{Done, Job, JobError, Record};

/// The export that a job makes.
fn of(job: &Job) -> Result<(Tenant, ExportId)> {
    let id = job.about.as_deref().and_then(ExportId::parse);
    let id = id.ok_or_else(|| Error::bug("an export's job names none"))?;
    Ok((job.owner()?, id))
}

/// Makes the file of an export, from the beginning.
pub async fn make(app: App, job: Job) -> Result<Done, JobError> {
    let (tenant, id) = of(&job)?;
    let found = app.db.read_now(|conn| store::find(conn, tenant, id))?;
    let Some(export) = found.filter(|export| export.status.is_open()) else {
        return Ok(Done::plain());
    };
    let (making, runtime) = (app.clone(), Handle::current());
    let made = tokio::task::spawn_blocking(move || {
        let writing = making.clone();
        let mut note = move |progress: String| {
            let now = writing.clock.now();
            let write = writing
                .db
                .write_background(move |tx| actions::note(tx, tenant, id, progress, now));
            runtime.block_on(write)
        };
        archive::make(&making, tenant, &export, &mut note)
    });
    let made = made.await.map_err(Error::internal).and_then(|made| made);
    let now = app.clock.now();
    match made {
        Ok(Some(made)) => Ok(Done::with(move |tx| {
            actions::ready(tx, &app, tenant, id, (made, now))
        })),
        Ok(None) => Ok(Done::plain()),
        Err(error) => {
            tracing::error!(?error, export = %id, "an export was not made");
            let why = if error.code() == Code::InternalError {
                "It could not be written; the server's log says why."
            } else {
                error.message()
            };
            let why = why.to_owned();
            let failure = JobError::for_good(why.clone());
            Err(failure.with(move |tx| actions::fail(tx, tenant, id, &why, now)))
        }
    }
}

/// What is recorded of an export whose job took too long, or was cut off again and again.
pub fn given_up(job: &Job, why: &str, now: Timestamp) -> Option<Record> {
    let (tenant, id) = of(job).ok()?;
    let why = why.to_owned();
    Some(Arc::new(move |tx| actions::fail(tx, tenant, id, &why, now)))
}

/// Removes files that ended or belong to nothing, and says so of exports whose file is gone.
pub async fn sweep(app: &App) -> Result<()> {
    let data = app.config.data.clone();
    // The files first: each has a row before it is there.
    let (lying, standing) = app
        .db
        .read(move |conn| Ok((files::all(&data)?, store::standing_of_all(conn)?)))
        .await?;
    let now = app.clock.now();
    for (tenant, export) in &standing {
        let (tenant, id) = (*tenant, export.id);
        let path = files::path(&app.config.data, id, State::Whole);
        let gone = export.status == Status::Ready && !path.exists();
        if gone || export.status_at(now) == Status::Expired {
            app.db
                .write_background(move |tx| actions::expire(tx, tenant, id, now))
                .await?;
        }
    }
    for (id, state) in lying {
        let row = standing.iter().find(|(_, export)| export.id == id);
        let status = row.map(|(_, export)| export.status_at(now));
        let kept = match (status, state) {
            (Some(status), _) if status.is_open() => true,
            (Some(Status::Ready), State::Whole) => true,
            _ => false,
        };
        if !kept {
            files::remove(&app.config.data, id);
        }
    }
    Ok(())
}

/// The sweep as the one at each start: what it cannot do waits for the next.
pub async fn sweep_at_start(app: &App) {
    if let Err(error) = sweep(app).await
        && error.code() != Code::Overloaded
    {
        tracing::warn!(?error, "the files of exports were not swept");
    }
}
