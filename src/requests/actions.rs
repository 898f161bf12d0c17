//! What can be done to the request log: write what was gathered, sweep, set how long it is kept.

use serde_json::json;

use super::{DAYS, ROWS, Retention, store, usage_until};
use crate::access::audit::{self, Act};
use crate::app::App;
use crate::caller::Origin;
use crate::clock::Timestamp;
use crate::db::{Tx, meta};
use crate::error::{Code, Result};
use crate::request_log::{Batch, Entry, RequestLog};

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

/// Puts what was refused into the audit log, the first time in an hour.
pub fn record_refusals(tx: &Tx<'_>, log: &RequestLog, batch: &Batch) -> Result<()> {
    let refusals = batch.entries.iter().filter(|entry| is_refusal(entry));
    let mut refusals: Vec<&Entry> = refusals.collect();
    // Each thread gathered its own: the first is the one that came first.
    refusals.sort_unstable_by_key(|entry| entry.id);
    for entry in refusals {
        if log.is_first_refusal(entry) {
            record_refusal(tx, entry)?;
        }
    }
    Ok(())
}

/// True of what its caller may not do at all. One who only has to say the password again is no stranger
/// to it.
fn is_refusal(entry: &Entry) -> bool {
    entry.status == 403 && entry.code.as_deref() != Some(Code::ReauthRequired.name())
}

fn record_refusal(tx: &Tx<'_>, entry: &Entry) -> Result<()> {
    let origin = Origin {
        request_id: entry.id,
        idempotency_key: None,
        address: entry.address,
        at: entry.created_at,
    };
    let act = Act {
        action: "access.refused",
        target: format!("{} {}", entry.method, entry.route.unwrap_or("of no route")),
        detail: Some(json!({ "code": entry.code })),
    };
    audit::record(tx, entry.caller.tenant, &entry.caller, &origin, &act)
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
