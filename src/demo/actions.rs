//! What can be done with sample data: put it there bit by bit, and take it away.
//!
//! Sample data is thousands of rows, too many for one transaction: others would wait for it. So
//! [`begin`] notes what will be there and that it is being put there, [`go_on`] carries some steps
//! out, [`end`] takes the note away. Whoever asks gets all of it or nothing all the same: a run that
//! fails takes back what it made, and what the end of the process has cut off is taken away at the
//! next start ([`mend`]).

use super::home::{self, Home};
use super::seed::Step;
use super::store::{self, Kind};
use crate::access::workspaces;
use crate::api::etag::IfMatch;
use crate::attention;
use crate::caller::{Mode, Permit, Tenant, WebhooksWrite};
use crate::check_ins::schedules;
use crate::clock::Timestamp;
use crate::db::{Topic, Tx};
use crate::error::{Code, Error, Result};
use crate::ids::{ClientId, WebhookId};
use crate::overview;
use crate::webhooks;

/// Objects with their kinds.
pub type Marks = Vec<(Kind, String)>;

/// Begins to put sample data into a test tenant that has none; `run` names this attempt.
pub fn begin(tx: &Tx<'_>, tenant: Tenant, run: &str, marks: &Marks) -> Result<()> {
    if !store::marked(tx, tenant, Kind::Run)?.is_empty() {
        let message = "The sample data is being put there right now.";
        return Err(Error::with(Code::Overloaded, message));
    }
    if !store::marked(tx, tenant, Kind::Client)?.is_empty() {
        let message = "The sample data is there already.";
        return Err(Error::with(Code::StateConflict, message));
    }
    store::mark(tx, tenant, Kind::Run, run)?;
    for (kind, id) in marks {
        store::mark(tx, tenant, *kind, id)?;
    }
    Ok(())
}

fn runs(tx: &Tx<'_>, tenant: Tenant, run: &str) -> Result<bool> {
    Ok(store::marked(tx, tenant, Kind::Run)? == [run])
}

fn refuse_if_gone(tx: &Tx<'_>, tenant: Tenant, run: &str) -> Result<()> {
    if runs(tx, tenant, run)? {
        return Ok(());
    }
    let message = "The sample data was taken away while it was being put there.";
    Err(Error::with(Code::StateConflict, message))
}

/// Carries out some steps. The coach's own webhooks are not told of them: what is made up does not
/// leave. What happened before is told first.
pub fn go_on(
    tx: &Tx<'_>,
    tenant: Tenant,
    run: &str,
    (steps, now): (Vec<Step>, Timestamp),
) -> Result<()> {
    refuse_if_gone(tx, tenant, run)?;
    webhooks::deliveries::actions::untold(tx, tenant, now, || {
        steps.into_iter().try_for_each(|step| (step.run)(tx))
    })
}

/// Says that everything is there: what time alone decides is looked at, and from now on the
/// schedules of check-ins are the server's.
pub fn end(tx: &Tx<'_>, tenant: Tenant, run: &str, now: Timestamp) -> Result<()> {
    refuse_if_gone(tx, tenant, run)?;
    let clients = store::marked(tx, tenant, Kind::Client)?;
    let clients = clients.iter().filter_map(|id| ClientId::parse(id));
    let clients: Vec<_> = clients.collect();
    overview::jobs::look_at(tx, tenant, &clients, now)?;
    schedules::actions::wake(tx, tenant, now)?;
    store::unmark(tx, tenant, Kind::Run)
}

/// Takes back what a run that failed has made, unless somebody has taken it away already.
pub fn take_back(tx: &Tx<'_>, permit: &Permit<WebhooksWrite>, run: &str) -> Result<()> {
    if runs(tx, permit.tenant(), run)? {
        empty(tx, permit)?;
    }
    Ok(())
}

/// Takes away, in every test tenant, what a run has made that was cut off by the end of the process.
pub fn mend(tx: &Tx<'_>, now: Timestamp) -> Result<()> {
    for workspace in workspaces::store::all(tx)? {
        let home = Home {
            account_id: workspace.account_id,
            workspace_id: workspace.id,
        };
        let Some(tenants) = workspaces::store::tenants(tx, workspace.id)? else {
            continue;
        };
        if store::marked(tx, tenants.test, Kind::Run)?.is_empty() {
            continue;
        }
        let coach = home::caller(tx, home, Mode::Test)?;
        empty(tx, &home::permit(&coach, now)?)?;
    }
    Ok(())
}

/// Takes away what was put there, and what belongs to it; gives the number of rows.
pub fn empty(tx: &Tx<'_>, permit: &Permit<WebhooksWrite>) -> Result<usize> {
    let tenant = permit.tenant();
    if !store::is_any(tx, tenant)? {
        return Ok(0);
    }
    for id in store::marked(tx, tenant, Kind::Webhook)? {
        let Some(id) = WebhookId::parse(&id) else {
            continue;
        };
        // She may have deleted it herself.
        if webhooks::store::find(tx, tenant, id)?.is_some() {
            webhooks::actions::delete(tx, permit, id, &IfMatch::default())?;
        }
        while webhooks::deliveries::actions::sweep_deleted(tx, tenant, id)? {}
    }
    let removed = store::remove(tx, tenant)?;
    attention::actions::recount(tx, tenant)?;
    schedules::actions::wake(tx, tenant, permit.now())?;
    tx.changed(Topic::Credentials);
    Ok(removed)
}
