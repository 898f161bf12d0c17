//! Putting sample data into a tenant: many short writes, which are all carried out or all taken back.

use std::sync::Arc;

use super::actions;
use super::seed::{self, Plan};
use crate::app::App;
use crate::caller::{Caller, Tenant};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ids::RequestId;

/// So many steps are one write: it holds up its neighbours for some tens of milliseconds, and all of
/// them together cost few syncs of the disk.
const STEPS_AT_ONCE: usize = 40;

/// What was put there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Clients.
    pub clients: usize,
    /// API keys.
    pub keys: usize,
    /// Programs.
    pub programs: usize,
    /// Trainings that were logged.
    pub workout_logs: usize,
}

/// Puts sample data into the caller's test tenant, which has none yet. Blocks for a second or so, and
/// goes on whoever waits for it.
pub fn fill(app: &App, caller: Arc<Caller>, now: Timestamp) -> Result<Filled> {
    let tenant = caller.tenant;
    let Plan {
        steps,
        marks,
        filled,
    } = seed::plan(app, caller, now)?;
    let run = RequestId::new(app.clock.now()).to_string();
    let name = run.clone();
    app.db
        .write_blocking(move |tx| actions::begin(tx, tenant, &name, &marks))?;
    let done = carry_out(app, (tenant, now), &run, steps);
    if done.is_err() {
        app.db
            .write_blocking(move |tx| actions::take_back(tx, tenant, &run))?;
    }
    done.map(|()| filled)
}

fn carry_out(
    app: &App,
    (tenant, now): (Tenant, Timestamp),
    run: &str,
    steps: Vec<seed::Step>,
) -> Result<()> {
    let mut steps = steps.into_iter().peekable();
    while steps.peek().is_some() {
        let some: Vec<_> = steps.by_ref().take(STEPS_AT_ONCE).collect();
        let name = run.to_owned();
        app.db
            .write_blocking(move |tx| actions::go_on(tx, tenant, &name, (some, now)))?;
    }
    let name = run.to_owned();
    app.db
        .write_blocking(move |tx| actions::end(tx, tenant, &name))
}
