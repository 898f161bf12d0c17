//! Writing what was gathered: every second, at the end, and before it is read.

use super::actions;
use crate::app::App;
use crate::error::Result;

/// Requests written in one go, so that no other write waits long behind them.
const WRITTEN_AT_ONCE: usize = 200;
/// So many goes write all that can be gathered; what comes in meanwhile is written the next time.
const MOST_GOES: u32 = 12;

/// Who waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// Nobody: it goes behind the requests.
    Nobody,
    /// A reader, which finds all that was answered before it asked.
    Reader,
}

/// Writes all requests and counts that were gathered. What cannot be written is lost, and logged: a
/// log must not fill the memory of a server whose disk is full.
pub async fn flush(app: &App, whom: For) {
    let left_out = app.request_log.take_left_out();
    if left_out > 0 {
        tracing::info!(
            left_out,
            "requests came faster than the request log takes them; usage counts them all"
        );
    }
    if whom == For::Nobody && app.request_log.is_empty() {
        return;
    }
    for _ in 0..MOST_GOES {
        match write_some(app, whom).await {
            Ok(written) if written == WRITTEN_AT_ONCE => {}
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(?error, "a part of the request log was not written");
                return;
            }
        }
    }
}

async fn write_some(app: &App, whom: For) -> Result<usize> {
    let from = app.clone();
    // Taken out on the writer's own thread: what another flush took before this is committed before
    // this is answered.
    let write = move |tx: &crate::db::Tx<'_>| {
        let batch = from.request_log.take(WRITTEN_AT_ONCE);
        actions::write(tx, &batch)?;
        actions::record_refusals(tx, &from.request_log, &batch)?;
        Ok(batch.entries.len())
    };
    match whom {
        For::Nobody => app.db.write_background(write).await,
        For::Reader => app.db.write(write).await,
    }
}
