//! The one job table: every kind of job and every schedule, and what else runs beside the requests.
//!
//! To add a job: a [`Kind`] in the feature that queues it, an async function that
//! does it, a line in [`JOBS`]. To add a schedule: the same with [`Kind::every`](crate::jobs::Kind),
//! and a line in `SCHEDULES`, or in [`sandbox::SCHEDULES`] if each tenant has one that goes by its
//! clock.
//!
//! What is gathered in memory (requests, uses of keys, rate windows) is written by a plain timer: were it in
//! the queue, it would be written to say that there is something to write.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::access::{api_keys, heads_up, oauth, sessions};
use crate::app::App;
use crate::clients;
use crate::clock::{MINUTE_MS, Timestamp};
use crate::db::Tx;
use crate::error::Result;
use crate::jobs::runner::{Entry, Runner};
use crate::jobs::{Done, Every, Job, JobError, Kind, PLAIN, actions, queue};
use crate::requests::flush::{For, flush};
use crate::webhooks::dispatch::Dispatcher;
use crate::{
    attention, check_ins, idempotency, limits, mailing, notices, outbox, overview, payments,
    requests, sandbox, upkeep, webhooks,
};

/// Every kind of job, and what its jobs do.
pub const JOBS: &[Entry] = &[
    Entry {
        kind: &outbox::SEND,
        run: |app, job| Box::pin(mailing::jobs::send(app, job)),
        given_up: Some(mailing::jobs::given_up),
    },
    Entry {
        kind: &outbox::account::SEND,
        run: |app, job| Box::pin(mailing::jobs::send_to_account(app, job)),
        given_up: Some(mailing::jobs::given_up_to_account),
    },
    Entry {
        kind: &mailing::jobs::EXPIRE,
        run: |app, job| Box::pin(mailing::jobs::expire(app, job)),
        given_up: None,
    },
    Entry {
        kind: &notices::jobs::KEYS_EXPIRING,
        run: |app, job| Box::pin(notices::jobs::keys_expiring(app, job)),
        given_up: None,
    },
    Entry {
        kind: &upkeep::NIGHTLY,
        run: |app, job| Box::pin(upkeep::jobs::nightly(app, job)),
        given_up: None,
    },
    Entry {
        kind: &upkeep::BACKUP,
        run: |app, job| Box::pin(upkeep::jobs::make_one(app, job)),
        given_up: None,
    },
    Entry {
        kind: &upkeep::SWEEP,
        run: |app, job| Box::pin(upkeep::jobs::sweep(app, job)),
        given_up: None,
    },
    Entry {
        kind: &upkeep::CHECK_DISK,
        run: |app, job| Box::pin(upkeep::jobs::check_disk(app, job)),
        given_up: None,
    },
    Entry {
        kind: &payments::SETTLE,
        run: |app, job| Box::pin(payments::jobs::settle(app, job)),
        given_up: None,
    },
    Entry {
        kind: &check_ins::schedules::actions::DUE,
        run: |app, job| Box::pin(check_ins::schedules::jobs::due(app, job)),
        given_up: None,
    },
    Entry {
        kind: &attention::LOOK_AGAIN,
        run: |app, job| Box::pin(overview::jobs::look_again(app, job)),
        given_up: None,
    },
    Entry {
        kind: &overview::jobs::LOOK,
        run: |app, job| Box::pin(overview::jobs::look(app, job)),
        given_up: None,
    },
    Entry {
        kind: &overview::exports::EXPORT,
        run: |app, job| Box::pin(overview::exports::jobs::make(app, job)),
        given_up: Some(overview::exports::jobs::given_up),
    },
    Entry {
        kind: &ARM,
        run: |app, job| Box::pin(arm(app, job)),
        given_up: None,
    },
    Entry {
        kind: &webhooks::SWEEP,
        run: |app, job| Box::pin(webhooks::jobs::sweep(app, job)),
        given_up: None,
    },
    Entry {
        kind: &upkeep::OPTIMIZE,
        run: |app, job| Box::pin(upkeep::jobs::optimize(app, job)),
        given_up: None,
    },
];

/// What the server does again and again.
const SCHEDULES: &[&Kind] = &[
    &ARM,
    &upkeep::NIGHTLY,
    &upkeep::SWEEP,
    &upkeep::CHECK_DISK,
    &upkeep::OPTIMIZE,
    &webhooks::SWEEP,
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
/// How often the request log is written.
const REQUESTS_EVERY: Duration = Duration::from_secs(1);
/// How long jobs that run are waited for at the end.
const PATIENCE: Duration = Duration::from_secs(3);

/// The tasks that run beside the requests. Dropped, they are cut off as by a kill; [`Workers::stop`]
/// lets them end.
pub struct Workers {
    uses: JoinHandle<()>,
    requests: JoinHandle<()>,
    jobs: JoinHandle<()>,
    webhooks: JoinHandle<()>,
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
    let requests = tokio::spawn({
        let app = app.clone();
        async move {
            loop {
                tokio::time::sleep(REQUESTS_EVERY).await;
                flush(&app, For::Nobody).await;
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
    // Deliveries have a dispatcher of their own; `webhooks` says why.
    let webhooks = tokio::spawn(Dispatcher::new(app.clone()).run());
    Workers {
        uses,
        requests,
        jobs,
        webhooks,
        stop,
    }
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
    check_ins::schedules::jobs::mend(app).await?;
    overview::exports::jobs::sweep_at_start(app).await;
    Runner::start(app.clone(), JOBS).await
}

async fn arm(app: App, _: Job) -> Result<Done, JobError> {
    arm_tenants(&app).await?;
    check_ins::schedules::jobs::mend(&app).await?;
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
        if tokio::time::timeout(PATIENCE, &mut self.jobs)
            .await
            .is_err()
        {
            tracing::warn!("jobs are cut off by the end of the server");
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.uses.abort();
        self.requests.abort();
        self.jobs.abort();
        self.webhooks.abort();
    }
}

/// Writes what is gathered in memory: requests, the last uses of keys, grants and sessions, the rate
/// windows.
pub async fn write_gathered(app: &App) {
    flush(app, For::Nobody).await;
    let (uses, windows) = (app.uses.take(), app.limits.take_dirty());
    let (grants, seen) = (app.grant_uses.take(), app.session_uses.take());
    let uses_none = uses.is_empty() && grants.is_empty() && seen.is_empty();
    if uses_none && windows.is_empty() {
        return;
    }
    let counted = windows.clone();
    let telling = app.clone();
    let written = app.db.write_background(move |tx| {
        api_keys::actions::write_uses(tx, &uses)?;
        oauth::grants::actions::write_uses(tx, &grants)?;
        sessions::actions::write_uses(tx, &seen)?;
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
    sweep(app, "saved answers", idempotency::sweep).await;
}

/// Removes steps of long writes that nobody came back for.
pub async fn sweep_steps(app: &App) {
    sweep(app, "saved steps", idempotency::sweep_steps).await;
}

/// Removes tokens, codes and what else of OAuth ended: children before their families.
pub async fn sweep_tokens(app: &App) {
    for (what, remove) in oauth::actions::SWEEPS {
        sweep(app, what, *remove).await;
    }
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
    let codes = clients::sessions::codes::actions::sweep;
    sweep(app, "codes of clients", codes).await;
    let tries = clients::sessions::codes::actions::sweep_tries;
    sweep(app, "tries of codes", tries).await;
    let drop_mail = outbox::account::actions::drop_ended;
    sweep(app, "mail to accounts", drop_mail).await;
}

/// One of the sweeps alone.
async fn sweep(
    app: &App,
    what: &'static str,
    remove: fn(&Tx<'_>, Timestamp, u32) -> Result<usize>,
) {
    if let Err(error) = upkeep::jobs::sweep_one(app, remove).await {
        tracing::warn!(?error, what, "what ended was not swept");
    }
}
