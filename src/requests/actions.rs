//! What can be done to the request log: write what was gathered, sweep, set how long it is kept.

use super::{DAYS, ROWS, Retention, store, usage_until};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::{Tx, meta};
use crate::error::Result;
use crate::request_log::Batch;

/// Writes what was gathered.
pub fn write(tx: &Tx<'_>, batch: &Batch) -> Result<()> {
    for entry in &batch.entries {
        store::insert(tx, entry)?;
    }
    for (counted, counts) in &batch.counts {
        store::add_usage(tx, counted, counts)?;
    }
    Ok(())
}

/// Removes requests that are no longer kept, up to so many; gives the number of those removed.
pub fn sweep(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    let retention = store::retention(tx)?;
    store::sweep(tx, retention.until(now), retention.rows, limit)
}

/// Removes usage that is no longer kept, up to so many rows; gives the number of those removed.
pub fn sweep_usage(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep_usage(tx, usage_until(now), limit)
}

/// Sets how long requests are kept; what is too old already is swept within a minute.
pub fn set_retention(tx: &Tx<'_>, app: &App, retention: Retention) -> Result<()> {
    meta::set(tx, DAYS, &retention.days.to_string())?;
    meta::set(tx, ROWS, &retention.rows.to_string())?;
    let app = app.clone();
    tx.after_commit(move || app.request_log.keep_entries(retention.rows > 0));
    Ok(())
}
