//! Asking clients to check in, when the time has come.

use super::{actions, store};
use crate::app::App;
use crate::clock::MINUTE_MS;
use crate::error::Result;
use crate::jobs::{Done, Job, JobError};

/// Longer than this nothing stays undone that a job waits for.
const PATIENCE_MS: i64 = 10 * MINUTE_MS;

/// Does what has come due in a tenant, and queues what comes next.
pub async fn due(app: App, job: Job) -> Result<Done, JobError> {
    let tenant = job.owner()?;
    let now = job.at(&app.clock);
    Ok(Done::with(move |tx| actions::carry_out(tx, tenant, now)))
}

/// Queues the job of each tenant that is behind, which none should be: one whose job was given up
/// goes on.
pub async fn mend(app: &App) -> Result<()> {
    let now = app.clock.now();
    let before = now.plus_ms(-PATIENCE_MS);
    let behind = app.db.read(move |conn| store::behind(conn, before)).await?;
    if behind.is_empty() {
        return Ok(());
    }
    app.db
        .write_background(move |tx| {
            for (tenant, offset_ms) in behind {
                actions::wake(tx, tenant, now.plus_ms(offset_ms))?;
            }
            Ok(())
        })
        .await
}
