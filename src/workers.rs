//! What runs beside the requests, in the background lane.

use std::time::Duration;

use crate::access::api_keys;
use crate::app::App;
use crate::idempotency;

/// How often gathered uses of keys are written.
const USES_EVERY: Duration = Duration::from_secs(3);
/// How often ended answers are swept.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Answers removed in one write, so that no request waits long behind it.
const SWEEP_ROWS: u32 = 500;

/// The tasks that run beside the requests; they end when this is dropped.
pub struct Workers(Vec<tokio::task::JoinHandle<()>>);

/// Starts them.
pub fn start(app: &App) -> Workers {
    let uses = tokio::spawn({
        let app = app.clone();
        async move {
            loop {
                tokio::time::sleep(USES_EVERY).await;
                write_uses(&app).await;
            }
        }
    });
    let sweep = tokio::spawn({
        let app = app.clone();
        async move {
            loop {
                tokio::time::sleep(SWEEP_EVERY).await;
                sweep_answers(&app).await;
            }
        }
    });
    Workers(vec![uses, sweep])
}

impl Drop for Workers {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

/// Writes the gathered uses of keys.
pub async fn write_uses(app: &App) {
    let uses = app.uses.take();
    if uses.is_empty() {
        return;
    }
    let written = app
        .db
        .write_background(move |tx| api_keys::actions::write_uses(tx, &uses))
        .await;
    if let Err(error) = written {
        // Losing the time of a use loses no promise: the next use is written again.
        tracing::warn!(?error, "the last uses of keys were not written");
    }
}

/// Removes saved answers that ended, a few at a time.
pub async fn sweep_answers(app: &App) {
    loop {
        let now = app.clock.now();
        let swept = app
            .db
            .write_background(move |tx| idempotency::sweep(tx, now, SWEEP_ROWS))
            .await;
        match swept {
            Ok(removed) if removed == SWEEP_ROWS as usize => {}
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(?error, "ended answers were not swept");
                return;
            }
        }
    }
}
