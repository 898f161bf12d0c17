//! What can be done to grants and families.

use serde_json::json;

use super::{Bearer, Family, consented, store};
use crate::access::audit::{self, Act};
use crate::access::oauth::apps::actions::refuse_apps;
use crate::caller::{Caller, Origin, Permit, Scopes, Tenant, WorkspaceWrite};
use crate::clock::{DAY_MS, Timestamp};
use crate::db::{Topic, Tx};
use crate::error::{Error, Result};
use crate::ids::{AccountId, AppId, GrantId};

/// What a coach decided about an app.
#[derive(Debug)]
pub struct Consent {
    /// The id that a new grant gets.
    pub id: GrantId,
    /// The coach.
    pub account_id: AccountId,
    /// The app.
    pub app_id: AppId,
    /// What it asked for.
    pub asked: Scopes,
    /// What she let it have.
    pub allowed: Scopes,
}

/// Notes a consent in the workspace that she chose: a new grant, or the one that there is.
pub fn consent(tx: &Tx<'_>, coach: &Caller, origin: &Origin, consent: &Consent) -> Result<GrantId> {
    let (tenant, now) = (coach.tenant, origin.at);
    let there = store::find_of(tx, tenant, consent.account_id, consent.app_id, now)?;
    let id = if let Some((id, former, lives)) = there {
        let former = Some(former).filter(|_| lives);
        let scopes = consented(former, consent.asked, consent.allowed);
        store::set_scopes(tx, tenant, id, scopes, now)?;
        tx.changed(Topic::Credentials);
        id
    } else {
        let pair = (consent.account_id, consent.app_id);
        store::insert(tx, tenant, consent.id, pair, consent.allowed, now)?;
        consent.id
    };
    let act = Act {
        action: "oauth_grant.given",
        target: id.to_string(),
        detail: Some(json!({
            "app_id": consent.app_id.to_string(),
            "scope": consent.allowed.to_text(),
        })),
    };
    audit::record(tx, tenant, coach, origin, &act)?;
    Ok(id)
}

/// Notes that a coach let an app have nothing.
pub fn denied(tx: &Tx<'_>, coach: &Caller, origin: &Origin, app: AppId) -> Result<()> {
    let act = Act {
        action: "oauth_grant.denied",
        target: app.to_string(),
        detail: None,
    };
    audit::record(tx, coach.tenant, coach, origin, &act)
}

/// Takes a grant back: its tokens are refused from the next request on.
pub fn revoke(tx: &Tx<'_>, permit: &Permit<WorkspaceWrite>, id: GrantId) -> Result<()> {
    let (caller, tenant) = (permit.caller(), permit.tenant());
    refuse_apps(caller)?;
    if !store::is_of(tx, tenant, caller.account_id, id)? {
        return Err(Error::not_found());
    }
    store::set_revoked(tx, tenant, id, permit.now())?;
    tx.changed(Topic::Credentials);
    let act = Act {
        action: "oauth_grant.revoked",
        target: id.to_string(),
        detail: None,
    };
    audit::record(tx, tenant, caller, permit.origin(), &act)
}

/// Takes back all that an account granted in a tenant; gives the number of grants that ended.
pub fn revoke_all_of(
    tx: &Tx<'_>,
    tenant: Tenant,
    account: AccountId,
    now: Timestamp,
) -> Result<usize> {
    tx.changed(Topic::Credentials);
    store::revoke_all(tx, tenant, account, now)
}

/// Begins a family.
pub fn begin_family(tx: &Tx<'_>, tenant: Tenant, family: &Family, now: Timestamp) -> Result<()> {
    store::insert_family(tx, tenant, family, now)
}

/// Ends a family, for a reason that the audit log keeps; false if it had ended before.
pub fn end_family(
    tx: &Tx<'_>,
    bearer: &Bearer,
    family: &Family,
    origin: &Origin,
    action: &'static str,
) -> Result<bool> {
    let tenant = bearer.caller.tenant;
    let ended = store::revoke_family(tx, tenant, family.id, origin.at)?;
    tx.changed(Topic::Credentials);
    let act = Act {
        action,
        target: family.id.to_string(),
        detail: Some(json!({ "grant_id": family.grant_id.to_string(), "ended": ended })),
    };
    audit::record(tx, tenant, &bearer.caller, origin, &act)?;
    Ok(ended)
}

/// Writes gathered uses. They are no change to a credential: no epoch moves.
pub fn write_uses(tx: &Tx<'_>, uses: &[(Tenant, GrantId, Timestamp)]) -> Result<()> {
    uses.iter()
        .try_for_each(|(tenant, id, at)| store::set_used(tx, *tenant, *id, *at))
}

/// Removes families that ended, a few at a time.
pub fn sweep_families(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep_families(tx, now.plus_ms(-2 * DAY_MS), limit)
}
