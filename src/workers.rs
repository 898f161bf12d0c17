//! The one job table: every kind of job and every schedule, and what else runs beside the requests.
//!
//! To add a job: a [`Kind`](crate::jobs::Kind) in the feature that queues it, an async function that
//! does it, a line in [`JOBS`]. To add a schedule: the same with [`Kind::every`](crate::jobs::Kind),
//! and a line in [`SCHEDULES`], or in [`sandbox::SCHEDULES`] if each tenant has one that goes by its
//! clock.
//!
//! What is gathered in memory (uses of keys, rate windows) is written by a plain timer: were it in
//! the queue, it would be written to say that there is something to write.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::access::{api_keys, heads_up, oauth};
use crate::app::App;
use crate::clock::MINUTE_MS;
use crate::error::Result;
use crate::jobs::runner::{Entry, Runner};
use crate::jobs::{Done, Every, Job, JobError, Kind, PLAIN, actions, queue};
use crate::{idempotency, limits, mailing, notices, outbox, sandbox, upkeep};

/// Every kind of job, and what its jobs do.
pub const JOBS: &[Entry] = &[
    Entry {
        kind: &outbox::SEND,
        run: |app, job| Box::pin(mailing::jobs::send(app, job)),
    },
    Entry {
        kind: &mailing::jobs::EXPIRE,
        run: |app, job| Box::pin(mailing::jobs::expire(app, job)),
    },
    Entry {
        kind: &notices::jobs::KEYS_EXPIRING,
        run: |app, job| Box::pin(notices::jobs::keys_expiring(app, job)),
    },
    Entry {
        kind: &upkeep::NIGHTLY,
        run: |app, job| Box::pin(upkeep::jobs::nightly(app, job)),
    },
    Entry {
        kind: &upkeep::BACKUP,
        run: |app, job| Box::pin(upkeep::jobs::make_one(app, job)),
    },
    Entry {
        kind: &upkeep::SWEEP,
        run: |app, job| Box::pin(upkeep::jobs::sweep(app, job)),
    },
    Entry {
        kind: &upkeep::CHECK_DISK,
        run: |app, job| Box::pin(upkeep::jobs::check_disk(app, job)),
    },
    Entry {
        kind: &ARM,
        run: |app, job| Box::pin(arm(app, job)),
    },
    Entry {
        kind: &upkeep::OPTIMIZE,
        run: |app, job| Box::pin(upkeep::jobs::optimize(app, job)),
    },
];

/// What the server does again and again.
const SCHEDULES: &[&Kind] = &[
    &ARM,
    &upkeep::NIGHTLY,
    &upkeep::SWEEP,
    &upkeep::CHECK_DISK,
    &upkeep::OPTIMIZE,
];

/// Puts the schedules of new tenants into the queue. They come once a day, so there is time; whoever
/// moves a test tenant's clock has them put there first.
const ARM: Kind = Kind {
    name: "schedules.arm",
    every: Some(Every::Ms(5 * MINUTE_MS)),
    ..PLAIN
};
/// Schedules that are put into the queue in one write.
const ARMED_AT_ONCE: u32 = 200;

/// How often gathered uses of keys are written.
const USES_EVERY: Duration = Duration::from_secs(3);
/// How long jobs that run are waited for at the end.
const PATIENCE: Duration = Duration::from_secs(3);

/// The tasks that run beside the requests. Dropped, they are cut off as by a kill; [`Workers::stop`]
/// lets them end.
pub struct Workers {
    uses: JoinHandle<()>,
    jobs: JoinHandle<()>,
    stop: Arc<Notify>,
}

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
    let stop = Arc::new(Notify::new());
    let jobs = tokio::spawn({
        let (app, stop) = (app.clone(), Arc::clone(&stop));
        async move {
            match runner(&app).await {
                Ok(runner) => runner.run(stop).await,
                Err(error) => tracing::error!(?error, "no job is run: the queue cannot be written"),
            }
        }
    });
    Workers { uses, jobs, stop }
}

/// A runner of all kinds, with every schedule in the queue.
pub async fn runner(app: &App) -> Result<Runner> {
    let now = app.clock.now();
    app.db
        .write_background(move |tx| {
            for kind in SCHEDULES {
                actions::arm(tx, kind, None, now, 0)?;
            }
            Ok(())
        })
        .await?;
    arm_tenants(app).await?;
    Runner::start(app.clone(), JOBS).await
}

async fn arm(app: App, _: Job) -> Result<Done, JobError> {
    arm_tenants(&app).await?;
    Ok(Done::plain())
}

/// Puts the schedules of tenants that have none into the queue.
async fn arm_tenants(app: &App) -> Result<()> {
    for kind in sandbox::SCHEDULES {
        loop {
            let tenants = app
                .db
                .read(|conn| queue::tenants_without(conn, kind.name, ARMED_AT_ONCE))
                .await?;
            if tenants.is_empty() {
                break;
            }
            let now = app.clock.now();
            app.db
                .write_background(move |tx| {
                    for (tenant, offset_ms) in tenants {
                        let at = now.plus_ms(offset_ms);
                        actions::arm(tx, kind, Some(tenant), at, offset_ms)?;
                    }
                    Ok(())
                })
                .await?;
        }
    }
    Ok(())
}

impl Workers {
    /// Begins no further job and gives those that run a few seconds.
    pub async fn stop(mut self) {
        self.stop.notify_one();
        if tokio::time::timeout(PATIENCE, &mut self.jobs).await.is_err() {
            tracing::warn!("jobs are cut off by the end of the server");
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.uses.abort();
        self.jobs.abort();
    }
}

/// Writes what is gathered in memory: the last uses of keys, the rate windows.
pub async fn write_gathered(app: &App) {
    let (uses, windows) = (app.uses.take(), app.limits.take_dirty());
    if uses.is_empty() && windows.is_empty() {
        return;
    }
    let counted = windows.clone();
    let telling = app.clone();
    let written = app.db.write_background(move |tx| {
        api_keys::actions::write_uses(tx, &uses)?;
        limits::actions::save(tx, &windows)?;
        heads_up::settle(tx, &telling, &windows)
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
    let swept = upkeep::jobs::sweep_one(app, idempotency::sweep).await;
    if let Err(error) = swept {
        tracing::warn!(?error, "saved answers were not swept");
    }
}

/// Removes access tokens that ended.
pub async fn sweep_tokens(app: &App) {
    let swept = upkeep::jobs::sweep_one(app, oauth::actions::sweep).await;
    if let Err(error) = swept {
        tracing::warn!(?error, "access tokens were not swept");
    }
}
