//! Carrying deliveries out.
//!
//! One task looks at what there is to do: it hands new events out, goes on with replays, and starts a
//! lane for each webhook that has something due. A lane belongs to one webhook and goes through its
//! deliveries in order, one after the other on one connection; only a backlog that would take it
//! longer than half a minute is gone through several at a time. So a webhook whose receiver is dead or
//! slow holds up nobody but itself.
//!
//! Nothing is polled for. The task sleeps until a commit says that something happened or that a webhook
//! changed, until a lane ends, or until the next delivery is due.
//!
//! Invariant: the lanes are all that knows which deliveries are under way, and each webhook has one at
//! most; so there is no lease that could be left behind.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::deliveries::actions::{self, HandedOut, News};
use super::deliveries::{Delivery, Outcome, Tried};
use super::lane::{self, Ended};
use super::{Webhook, news, store};
use crate::app::App;
use crate::backup;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Topic;
use crate::error::Result;
use crate::ids::WebhookId;

/// Calls under way at a time, of all tenants together.
const CALLS_AT_ONCE: usize = 512;
/// Lanes of one tenant at a time: nobody takes all places.
const LANES_PER_TENANT: usize = 16;
/// How long after a failure of our own the work is looked at again.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest sleep: a clock that was set may make things due.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// A webhook of a tenant.
pub(super) type Key = (Tenant, WebhookId);

/// What is known of a webhook that has something to be told.
enum Lane {
    /// It is being told.
    Running {
        /// True if there is more since.
        again: bool,
    },
    /// It is told again at this time of its tenant, or now.
    Waiting(Option<Timestamp>),
}

/// The dispatcher.
pub struct Dispatcher {
    app: App,
    lanes: HashMap<Key, Lane>,
    running: JoinSet<(Key, Result<Ended>)>,
    places: Arc<Semaphore>,
}

/// What one look found.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// There is more to do at once.
    More,
    /// There is nothing more for now.
    Nothing,
}

impl Dispatcher {
    /// A dispatcher that has not looked at anything yet.
    pub fn new(app: App) -> Self {
        Self {
            app,
            lanes: HashMap::new(),
            running: JoinSet::new(),
            places: Arc::new(Semaphore::new(CALLS_AT_ONCE)),
        }
    }

    /// Works until it is dropped.
    pub async fn run(mut self) {
        let mut events = self.app.db.changed(Topic::Events);
        let mut webhooks = self.app.db.changed(Topic::Webhooks);
        let mut look_at_all = true;
        loop {
            let looked = self.look(look_at_all).await;
            look_at_all = false;
            let sleep = match looked {
                Ok(Found::More) => Duration::ZERO,
                Ok(Found::Nothing) => self.until_due(),
                Err(error) => {
                    tracing::warn!(?error, "webhooks were not looked after");
                    look_at_all = true;
                    PAUSE
                }
            };
            tokio::select! {
                biased;
                Some(ended) = self.running.join_next() => self.ended(ended),
                changed = webhooks.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    look_at_all = true;
                }
                changed = events.changed() => {
                    if changed.is_err() {
                        return;
                    }
                }
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Does everything that is due by now, and what becomes due by that; for tests.
    pub async fn run_until_idle(&mut self) -> Result<()> {
        let mut look_at_all = true;
        loop {
            let found = self.look(look_at_all).await?;
            look_at_all = false;
            if let Some(ended) = self.running.join_next().await {
                self.ended(ended);
            } else if found == Found::Nothing {
                return Ok(());
            }
        }
    }

    /// Hands out what happened, goes on with replays, and starts the lanes that have something to do.
    async fn look(&mut self, at_all: bool) -> Result<Found> {
        if at_all {
            for key in self.app.db.read(store::busy).await? {
                self.wake(key);
            }
        }
        let mut more = false;
        // Queued together, they share a commit.
        let handing = self
            .app
            .db
            .read_now(store::behind)?
            .into_iter()
            .map(|tenant| {
                let now = self.app.clock.now_of(&tenant);
                let handed = self
                    .app
                    .db
                    .write_background(move |tx| actions::hand_out(tx, tenant, now));
                async move { handed.await.map(|handed| (tenant, handed)) }
            });
        for handed in join_all(handing).await {
            let (
                tenant,
                HandedOut {
                    webhooks,
                    more: rest,
                },
            ) = handed?;
            more |= rest;
            for webhook in webhooks {
                self.wake((tenant, webhook));
            }
        }
        self.start();
        Ok(if more { Found::More } else { Found::Nothing })
    }

    /// Says that a webhook has something to be told.
    fn wake(&mut self, key: Key) {
        match self.lanes.get_mut(&key) {
            Some(Lane::Running { again }) => *again = true,
            Some(Lane::Waiting(until)) => *until = None,
            None => drop(self.lanes.insert(key, Lane::Waiting(None))),
        }
    }

    /// Starts the lanes whose time has come.
    fn start(&mut self) {
        let mut of_tenant: HashMap<i64, usize> = HashMap::new();
        for ((tenant, _), lane) in &self.lanes {
            if matches!(lane, Lane::Running { .. }) {
                *of_tenant.entry(tenant.number()).or_default() += 1;
            }
        }
        for (key, lane) in &mut self.lanes {
            let Lane::Waiting(until) = lane else {
                continue;
            };
            if until.is_some_and(|until| until > self.app.clock.now_of(&key.0)) {
                continue;
            }
            let running = of_tenant.entry(key.0.number()).or_default();
            if *running >= LANES_PER_TENANT {
                continue;
            }
            *running += 1;
            *lane = Lane::Running { again: false };
            let (app, key, places) = (self.app.clone(), *key, Arc::clone(&self.places));
            self.running
                .spawn(async move { (key, lane::run(&app, key, &places).await) });
        }
    }

    /// Takes in how a lane ended.
    fn ended(&mut self, ended: std::result::Result<(Key, Result<Ended>), tokio::task::JoinError>) {
        let (key, outcome) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                // Its panic is in the log. Which one it was is not known: all of them are looked at.
                tracing::error!(%error, "a lane of webhooks ended badly");
                self.lanes.clear();
                return;
            }
        };
        let again = matches!(self.lanes.get(&key), Some(Lane::Running { again: true }));
        let until = match outcome {
            Ok(Ended::Nothing) if !again => {
                self.lanes.remove(&key);
                return;
            }
            Ok(Ended::Until(until)) if !again => Some(until),
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(?error, webhook = %key.1, "a webhook was not told");
                let pause = i64::try_from(PAUSE.as_millis()).unwrap_or(0);
                Some(self.app.clock.now_of(&key.0).plus_ms(pause))
            }
        };
        self.lanes.insert(key, Lane::Waiting(until));
    }

    /// How long until the next lane is due.
    fn until_due(&self) -> Duration {
        let mut shortest = LONGEST_SLEEP;
        for ((tenant, _), lane) in &self.lanes {
            if let Lane::Waiting(Some(until)) = lane {
                let left = until.since_ms(self.app.clock.now_of(tenant)).max(0);
                shortest = shortest.min(Duration::from_millis(left.unsigned_abs()));
            }
        }
        shortest
    }
}

/// True if nothing may leave the process.
pub(super) fn is_quiet(app: &App) -> Result<bool> {
    Ok(app.db.read_now(backup::quiet_since)?.is_some())
}

/// Writes down how tries went.
pub(super) async fn settle(app: &App, of: (Key, &Webhook), tried: Vec<Tried>) -> Result<()> {
    let ((tenant, id), webhook) = of;
    let now = app.clock.now_of(&tenant);
    let failed = |tried: &Tried| tried.attempt.outcome != Outcome::Delivered;
    // Most of the time there is no news, and none is made ready.
    let news = if webhook.health.failing_since.is_some() || tried.iter().any(failed) {
        news::of(app, tenant, webhook, now)?
    } else {
        News::default()
    };
    app.db
        .write_background(move |tx| actions::settle(tx, tenant, id, &tried, (now, &news)))
        .await
}

/// Deliveries of a lane, as it takes them.
pub(super) type Batch = Vec<Delivery>;
