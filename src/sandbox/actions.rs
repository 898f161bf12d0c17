//! What can be done to a test tenant.

use super::{SCHEDULES, store};
use crate::access::audit::{self, Act};
use crate::app::App;
use crate::caller::{Mode, Permit, Tenant, WorkspaceWrite};
use crate::clock::Timestamp;
use crate::db::{Topic, Tx};
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::events::{self, Event, EventType, samples};
use crate::overview::exports;
use crate::{jobs, limits};

/// The caller's tenant, if it is a test tenant.
pub fn test_tenant(permit: &Permit<WorkspaceWrite>) -> Result<Tenant> {
    let tenant = permit.tenant();
    if tenant.mode() == Mode::Live {
        let message = "Only a test credential can do this: live time and data are real.";
        return Err(Error::with(Code::AuthForbidden, message));
    }
    Ok(tenant)
}

/// The refusal of a time that the clock cannot be moved to.
pub fn out_of_range(now: Timestamp) -> Error {
    Error::invalid(vec![FieldError {
        place: Place::Pointer("/to".to_owned()),
        code: "out_of_range",
        message: format!(
            "The clock moves forward only, at most ten years ahead; it stands at {now}."
        ),
        fix: None,
    }])
}

fn set_offset(tx: &Tx<'_>, app: &App, tenant: Tenant, offset_ms: i64) -> Result<()> {
    store::set_offset(tx, tenant, offset_ms)?;
    let app = app.clone();
    tx.after_commit(move || app.clock.set_offset(&tenant, offset_ms));
    Ok(())
}

/// Moves the tenant's clock to a time, which is `offset_ms` ahead of the server's.
pub fn advance(
    tx: &Tx<'_>,
    app: &App,
    permit: &Permit<WorkspaceWrite>,
    to: Timestamp,
    offset_ms: i64,
) -> Result<()> {
    let tenant = test_tenant(permit)?;
    // Another request may have moved it since this one was looked at.
    let stands_ms = store::offset_ms(tx, tenant)?;
    if offset_ms < stands_ms {
        return Err(out_of_range(to.plus_ms(stands_ms - offset_ms)));
    }
    // A tenant that is new has its schedules from where its clock stands now.
    let at = to.plus_ms(stands_ms - offset_ms);
    for kind in SCHEDULES {
        jobs::actions::arm(tx, kind, Some(tenant), at, stands_ms)?;
    }
    set_offset(tx, app, tenant, offset_ms)?;
    jobs::actions::move_clock(tx, tenant, offset_ms)?;
    // What was to be tried again at a time that has come now.
    tx.changed(Topic::Webhooks);
    let act = Act {
        action: "test_clock.advanced",
        target: to.to_string(),
        detail: None,
    };
    audit::record(tx, tenant, permit.caller(), permit.origin(), &act)
}

/// Records an event of a type, with the sample of it.
pub fn trigger(tx: &Tx<'_>, permit: &Permit<WorkspaceWrite>, kind: EventType) -> Result<Event> {
    let tenant = test_tenant(permit)?;
    let data = samples::data(kind);
    let (object, previous) = (&data["object"], &data["previous"]);
    let id = if previous.is_null() {
        events::record(tx, tenant, permit.origin(), kind, object)?
    } else {
        events::record_change(tx, tenant, permit.origin(), kind, (object, previous))?
    };
    let event = events::store::find(tx, tenant, id, &[kind])?;
    event.ok_or_else(|| Error::bug("the event is not in the log"))
}

/// Empties the tenant and sets its clock to the server's; gives the number of rows removed.
pub fn reset(tx: &Tx<'_>, app: &App, permit: &Permit<WorkspaceWrite>) -> Result<usize> {
    let tenant = test_tenant(permit)?;
    exports::actions::withdraw(tx, app, tenant, "The test data was reset.")?;
    let removed = store::empty(tx, tenant)?;
    jobs::actions::forget(tx, tenant)?;
    let owner = (permit.caller().account_id, Mode::Test);
    limits::actions::forget(tx, owner)?;
    set_offset(tx, app, tenant, 0)?;
    let act = Act {
        action: "test.reset",
        target: permit.caller().workspace_id.to_string(),
        detail: None,
    };
    audit::record(tx, tenant, permit.caller(), permit.origin(), &act)?;
    tx.changed(Topic::Credentials);
    tx.changed(Topic::Webhooks);
    let app = app.clone();
    tx.after_commit(move || app.limits.forget(owner));
    Ok(removed)
}
