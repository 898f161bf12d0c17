//! What can be done with sample data: put it there, and take it away.

use super::seed::Plan;
use super::store::{self, Kind};
use crate::api::etag::IfMatch;
use crate::caller::{Permit, Tenant, WebhooksWrite};
use crate::db::{Topic, Tx};
use crate::error::{Code, Error, Result};
use crate::ids::WebhookId;
use crate::webhooks;

/// What was put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Clients.
    pub clients: usize,
    /// API keys.
    pub keys: usize,
    /// Webhooks.
    pub webhooks: usize,
}

/// Puts sample data into a test tenant that has none.
pub fn fill(tx: &Tx<'_>, tenant: Tenant, plan: Plan) -> Result<Filled> {
    if !store::marked(tx, tenant, Kind::Client)?.is_empty() {
        let message = "The sample data is there already.";
        return Err(Error::with(Code::StateConflict, message));
    }
    let filled = Filled {
        clients: plan.clients.len(),
        keys: plan.keys.len(),
        webhooks: plan.webhooks.len(),
    };
    for step in plan.steps {
        (step.run)(tx)?;
    }
    for id in plan.clients {
        store::mark(tx, tenant, Kind::Client, &id.to_string())?;
    }
    for id in plan.keys {
        store::mark(tx, tenant, Kind::ApiKey, &id.to_string())?;
    }
    for id in plan.webhooks {
        store::mark(tx, tenant, Kind::Webhook, &id.to_string())?;
    }
    Ok(filled)
}

/// Takes away what was put there, and what belongs to it; gives the number of rows.
pub fn empty(tx: &Tx<'_>, permit: &Permit<WebhooksWrite>) -> Result<usize> {
    let tenant = permit.tenant();
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
    tx.changed(Topic::Credentials);
    Ok(removed)
}
