//! What can be done to workspaces.

use super::{MAX_WORKSPACES, Workspace, WorkspacePatch, store};
use crate::access::audit::{self, Act};
use crate::api::etag::IfMatch;
use crate::caller::{Origin, Permit, Tenant, WorkspaceSettings, WorkspaceWrite};
use crate::clock::Timestamp;
use crate::db::{Topic, Tx};
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, WorkspaceId};

/// Makes a workspace with its two tenants, and its account a member.
pub fn create(
    tx: &Tx<'_>,
    origin: &Origin,
    account: AccountId,
    settings: &WorkspaceSettings,
) -> Result<WorkspaceId> {
    if store::count_of(tx, account)? >= MAX_WORKSPACES {
        let message = format!("An account has at most {MAX_WORKSPACES} workspaces.");
        return Err(Error::with(Code::StateConflict, message));
    }
    let workspace = Workspace {
        id: WorkspaceId::new(origin.at),
        account_id: account,
        name: settings.name.clone(),
        timezone: settings.timezone.clone(),
        units: settings.units.clone(),
        version: 1,
        created_at: origin.at,
        updated_at: origin.at,
    };
    store::insert(tx, &workspace)?;
    store::insert_membership(tx, workspace.id, account, origin.at)?;
    // Sessions in memory know the workspaces of their account.
    tx.changed(Topic::Credentials);
    Ok(workspace.id)
}

/// What else has to follow when a workspace moved to another time zone, in the same transaction: called
/// for each of its tenants, with the server's time.
pub type Moved = fn(&Tx<'_>, Tenant, Timestamp) -> Result<()>;

/// Changes the caller's own workspace, at the server's time: it spans both modes.
pub fn update(
    tx: &Tx<'_>,
    permit: &Permit<WorkspaceWrite>,
    if_match: &IfMatch,
    patch: WorkspacePatch,
    (now, moved): (Timestamp, Moved),
) -> Result<Workspace> {
    let caller = permit.caller();
    let former = store::find(tx, caller.workspace_id)?.ok_or_else(Error::not_found)?;
    if_match.check(former.version)?;
    let mut workspace = former.clone();
    workspace.name = patch.name.unwrap_or(workspace.name);
    workspace.timezone = patch
        .timezone
        .map_or(workspace.timezone, |zone| zone.as_str().to_owned());
    workspace.units = patch.units.map_or(workspace.units, str::to_owned);
    if workspace == former {
        return Ok(former);
    }
    workspace.version += 1;
    workspace.updated_at = now;
    store::update(tx, &workspace)?;
    if workspace.timezone != former.timezone
        && let Some(tenants) = store::tenants(tx, workspace.id)?
    {
        moved(tx, tenants.test, now)?;
        moved(tx, tenants.live, now)?;
    }
    // Callers in memory carry the workspace's settings.
    tx.changed(Topic::Credentials);
    let act = Act {
        action: "workspace.updated",
        target: workspace.id.to_string(),
        detail: None,
    };
    audit::record(tx, permit.tenant(), caller, permit.origin(), &act)?;
    Ok(workspace)
}
