//! What runs beside the requests, in the background lane.

use std::time::Duration;

use crate::access::{api_keys, oauth, sessions};
use crate::app::App;
use crate::clients;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::requests::flush::{For, flush};
use crate::webhooks::dispatch::{self, Dispatcher};
use crate::{idempotency, limits, outbox, requests};

/// How often gathered uses of keys are written.
const USES_EVERY: Duration = Duration::from_secs(3);
/// How often the request log is written.
const REQUESTS_EVERY: Duration = Duration::from_secs(1);
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
    let requests = tokio::spawn({
        let app = app.clone();
        async move {
            loop {
                tokio::time::sleep(REQUESTS_EVERY).await;
                flush(&app, For::Nobody).await;
            }
        }
    });
    let sweep = tokio::spawn({
        let app = app.clone();
        async move {
            loop {
                tokio::time::sleep(SWEEP_EVERY).await;
                sweep_answers(&app).await;
                sweep_steps(&app).await;
                sweep_tokens(&app).await;
                sweep_requests(&app).await;
                sweep_sessions(&app).await;
                sweep_events(&app).await;
            }
        }
    });
    let webhooks = tokio::spawn(Dispatcher::new(app.clone()).run());
    Workers(vec![uses, requests, sweep, webhooks])
}

impl Drop for Workers {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

/// Writes what is gathered in memory: requests, the last uses of keys and sessions, the rate
/// windows.
pub async fn write_gathered(app: &App) {
    flush(app, For::Nobody).await;
    let (uses, windows) = (app.uses.take(), app.limits.take_dirty());
    let seen = app.session_uses.take();
    if uses.is_empty() && windows.is_empty() && seen.is_empty() {
        return;
    }
    let counted = windows.clone();
    let written = app.db.write_background(move |tx| {
        api_keys::actions::write_uses(tx, &uses)?;
        sessions::actions::write_uses(tx, &seen)?;
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

/// Removes saved answers that ended.
pub async fn sweep_answers(app: &App) {
    sweep(app, "saved answers", idempotency::sweep).await;
}

/// Removes steps of long writes that nobody came back for.
pub async fn sweep_steps(app: &App) {
    sweep(app, "saved steps", idempotency::sweep_steps).await;
}

/// Removes access tokens that ended.
pub async fn sweep_tokens(app: &App) {
    sweep(app, "access tokens", oauth::actions::sweep).await;
}

/// Removes requests and usage that are no longer kept.
pub async fn sweep_requests(app: &App) {
    sweep(app, "requests", requests::actions::sweep).await;
    sweep(app, "usage", requests::actions::sweep_usage).await;
}

/// Removes sessions and one-time links that ended, and drops mail to accounts that nobody needs.
pub async fn sweep_sessions(app: &App) {
    sweep(app, "sessions", sessions::actions::sweep).await;
    sweep(app, "one-time links", sessions::actions::sweep_links).await;
    sweep(app, "client sessions", clients::sessions::actions::sweep).await;
    let drop_mail = outbox::account::actions::drop_ended;
    sweep(app, "mail to accounts", drop_mail).await;
}

/// Removes what ended, a few rows a write, until nothing is left that ended.
async fn sweep(
    app: &App,
    what: &'static str,
    remove: fn(&Tx<'_>, Timestamp, u32) -> Result<usize>,
) {
    loop {
        let now = app.clock.now();
        let removed = app
            .db
            .write_background(move |tx| remove(tx, now, SWEEP_ROWS))
            .await;
        match removed {
            Ok(removed) if removed == SWEEP_ROWS as usize => {}
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(?error, what, "what ended was not swept");
                return;
            }
        }
    }
}

/// Removes events that are no longer kept with their deliveries, and what is left of webhooks that
/// were deleted.
pub async fn sweep_events(app: &App) {
    if let Err(error) = dispatch::sweep(app).await {
        tracing::warn!(?error, "events and deliveries were not swept");
    }
}
