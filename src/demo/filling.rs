//! Putting sample data into a tenant: many short writes, which are all carried out or all taken back.

use std::sync::Arc;

use super::seed::{self, Plan, Step};
use super::{actions, home};
use crate::app::App;
use crate::caller::{Caller, Tenant};
use crate::clock::{DAY_MS, Timestamp};
use crate::error::Result;
use crate::ids::RequestId;

/// So many steps are one write beside others: it holds them up for some tens of milliseconds, and all
/// of the writes together cost few syncs of the disk.
pub const BESIDE_OTHERS: usize = 100;
/// Where nobody waits all of it is one write.
pub const ALONE: usize = usize::MAX;

/// What was put there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Clients.
    pub clients: usize,
    /// API keys.
    pub keys: usize,
    /// Webhooks.
    pub webhooks: usize,
    /// Programs.
    pub programs: usize,
    /// Trainings that were logged.
    pub workout_logs: usize,
    /// Check-ins that were submitted.
    pub checkins: usize,
    /// Photos.
    pub photos: usize,
    /// Payments.
    pub payments: usize,
}

/// Puts sample data into the caller's test tenant, which has none yet, `at_once` steps in a
/// write. Blocks for a second or so, and goes on whoever waits for it.
pub fn fill(app: &App, caller: Arc<Caller>, now: Timestamp, at_once: usize) -> Result<Filled> {
    let (tenant, coach) = (caller.tenant, Arc::clone(&caller));
    let Plan {
        steps,
        marks,
        filled,
    } = seed::plan(app, caller, now)?;
    let run = RequestId::new(app.clock.now()).to_string();
    let name = run.clone();
    app.db
        .write_blocking(move |tx| actions::begin(tx, tenant, &name, &marks))?;
    let steps = writes(steps, now.plus_ms(-DAY_MS), at_once);
    let done = carry_out(app, (tenant, now), &run, steps);
    if done.is_err() {
        let permit = home::permit(&coach, now)?;
        app.db
            .write_blocking(move |tx| actions::take_back(tx, &permit, &run))?;
    }
    done.map(|()| filled)
}

fn carry_out(
    app: &App,
    (tenant, now): (Tenant, Timestamp),
    run: &str,
    steps: Vec<Vec<Step>>,
) -> Result<()> {
    for some in steps {
        let name = run.to_owned();
        app.db
            .write_blocking(move |tx| actions::go_on(tx, tenant, &name, (some, now)))?;
    }
    let name = run.to_owned();
    app.db
        .write_blocking(move |tx| actions::end(tx, tenant, &name, now))
}

/// Steps as they are written together. What happens at one moment is not torn apart: a webhook is
/// told in the write of what it is told of. What happens from `last` on is one write: whatever of it
/// is still to be tried again lies in the future when others see it.
fn writes(steps: Vec<Step>, last: Timestamp, at_once: usize) -> Vec<Vec<Step>> {
    let mut writes: Vec<Vec<Step>> = vec![Vec::new()];
    let mut before = None;
    for step in steps {
        let goes_on = before == Some(step.at) || before.is_some_and(|before| before >= last);
        before = Some(step.at);
        match writes.last_mut() {
            Some(write) if goes_on || write.len() < at_once => write.push(step),
            _ => writes.push(vec![step]),
        }
    }
    writes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_tears_no_moment_apart_and_the_last_day_is_one() {
        let step = |ms| Step {
            at: Timestamp::from_ms(ms),
            run: Box::new(|_| Ok(())),
        };
        let mut times = vec![1; 13];
        times.extend(2..50);
        times.extend(1_000..1_100);
        let steps = times.iter().map(|ms| step(*ms)).collect();

        let writes = writes(steps, Timestamp::from_ms(1_000), 10);

        let found: Vec<Vec<i64>> = writes
            .iter()
            .map(|write| write.iter().map(|step| step.at.as_ms()).collect())
            .collect();
        assert_eq!(found.concat(), times);
        assert_eq!(found[0].len(), 13);
        assert_eq!(found[1].len(), 10);
        assert!(
            found
                .last()
                .is_some_and(|last| last.contains(&1_000) && last.contains(&1_099))
        );
        for (former, next) in found.iter().zip(&found[1..]) {
            assert_ne!(former.last(), next.first());
        }
    }
}
