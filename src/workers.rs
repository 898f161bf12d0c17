//! What runs beside the requests, in the background lane.

use std::time::Duration;

use crate::access::{api_keys, oauth};
use crate::app::App;
use crate::{idempotency, limits};

/// How often gathered uses of keys are written.
const USES_EVERY: Duration = Duration::from_secs(3);
/// How often ended answers are swept.
const SWEEP_EVERY: Duration = Duration::from_mins(1);
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
                write_gathered(&app).await;
            }
        }
    });
    let sweep = tokio::spawn({
        let app = app.clone();
        async move {
            loop {
                tokio::time::sleep(SWEEP_EVERY).await;
                sweep_answers(&app).await;
                sweep_tokens(&app).await;
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

/// Writes what is gathered in memory: the last uses of keys, the rate windows.
pub async fn write_gathered(app: &App) {
    let (uses, windows) = (app.uses.take(), app.limits.take_dirty());
    if uses.is_empty() && windows.is_empty() {
        return;
    }
    let counted = windows.clone();
    let written = app.db.write_background(move |tx| {
        api_keys::actions::write_uses(tx, &uses)?;
        limits::actions::save(tx, &windows)
    });
    if let Err(error) = written.await {
        // The time of a use is lost until the next one; counts are not.
        app.limits.give_back(counted);
        tracing::warn!(
            ?error,
            "the last uses of keys and rate windows were not written"
        );
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

/// Removes access tokens that ended, a few at a time.
pub async fn sweep_tokens(app: &App) {
    let now = app.clock.now();
    let swept = app
        .db
        .write_background(move |tx| oauth::actions::sweep(tx, now, SWEEP_ROWS));
    if let Err(error) = swept.await {
        tracing::warn!(?error, "ended tokens were not swept");
    }
}
