//! Removing what is no longer kept: events with their deliveries, and what is left of webhooks.

use super::deliveries::actions;
use super::store;
use crate::app::App;
use crate::clock::DAY_MS;
use crate::db::{Reader, Tx};
use crate::error::Result;
use crate::events;
use crate::jobs::{Done, Job, JobError};

/// Events removed in one write.
const SWEEP_ROWS: u32 = 500;

/// The job.
pub async fn sweep(app: App, _: Job) -> Result<Done, JobError> {
    sweep_all(&app)
        .await
        .map_err(|error| JobError::later(format!("events were not swept: {error:?}")))?;
    Ok(Done::plain())
}

/// Removes what is left of deleted webhooks, and events that are no longer kept with their deliveries.
pub async fn sweep_all(app: &App) -> Result<()> {
    for (tenant, webhook) in app.db.read(store::deleted).await? {
        let step = move |tx: &Tx<'_>| actions::sweep_deleted(tx, tenant, webhook);
        while app.db.write_background(step).await? {}
    }
    let kept_ms = i64::from(app.config.events_keep_days) * DAY_MS;
    for tenant in app.db.read(store::with_events).await? {
        let until = app.clock.now_of(&tenant).plus_ms(-kept_ms);
        let find = move |conn: &Reader| {
            let (oldest, _) = events::store::bounds(conn, tenant)?;
            Ok((oldest, events::store::sequence_of(conn, tenant, until)?))
        };
        let (oldest, before) = app.db.read(find).await?;
        if before <= oldest {
            continue;
        }
        let all = move |conn: &Reader| store::all(conn, tenant);
        for webhook in app.db.read(all).await? {
            let id = webhook.id;
            let step = move |tx: &Tx<'_>| actions::sweep(tx, tenant, id, before);
            while app.db.write_background(step).await? {}
        }
        let step = move |tx: &Tx<'_>| events::sweep(tx, tenant, before, SWEEP_ROWS);
        while app.db.write_background(step).await? == SWEEP_ROWS as usize {}
    }
    Ok(())
}
