//! What can be done to exports.

use super::store;
use super::{EXPORT, Export, KEPT_MS, Made, REMEMBERED_MS, Status, files};
use crate::access::audit::{self, Act};
use crate::app::App;
use crate::caller::{Permit, SessionOnly, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::ids::ExportId;
use crate::jobs::{self, NewJob};

/// Asks for a file; one at a time is made of a tenant. `now` is the server's time.
pub fn create(
    tx: &Tx<'_>,
    permit: &Permit<SessionOnly>,
    id: ExportId,
    job: &NewJob,
    now: Timestamp,
) -> Result<Export> {
    let tenant = permit.tenant();
    let standing = store::standing(tx, tenant)?;
    if let Some(open) = standing.iter().find(|export| export.status.is_open()) {
        let message = "An export is being made already. Wait for it, or delete it first.";
        return Err(Error::with(Code::StateConflict, message)
            .extra("existing_id", open.id.to_string())
            .extra("current_status", open.status.name()));
    }
    let export = begin_anew(tx, tenant, id, now)?;
    jobs::actions::enqueue(tx, &EXPORT, job, now)?;
    record(tx, permit, "export.created", id)?;
    Ok(export)
}

/// Writes the row of an export that is to be made, and forgets those that ended long ago.
pub fn begin_anew(tx: &Tx<'_>, tenant: Tenant, id: ExportId, now: Timestamp) -> Result<Export> {
    store::forget(tx, tenant, now.plus_ms(-REMEMBERED_MS))?;
    let export = Export::new(id, now);
    store::insert(tx, tenant, &export)?;
    Ok(export)
}

fn record(
    tx: &Tx<'_>,
    permit: &Permit<SessionOnly>,
    action: &'static str,
    id: ExportId,
) -> Result<()> {
    let act = Act {
        action,
        target: id.to_string(),
        detail: None,
    };
    audit::record(tx, permit.tenant(), permit.caller(), permit.origin(), &act)
}

/// The export, if it is still to be made.
fn open(tx: &Tx<'_>, tenant: Tenant, id: ExportId) -> Result<Option<Export>> {
    let export = store::find(tx, tenant, id)?;
    Ok(export.filter(|export| export.status.is_open()))
}

/// Says that it is being made, and how far it is; false if nobody wants it any more.
pub fn note(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: ExportId,
    progress: String,
    now: Timestamp,
) -> Result<bool> {
    let Some(export) = open(tx, tenant, id)? else {
        return Ok(false);
    };
    let export = Export {
        status: Status::Running,
        progress: Some(progress),
        updated_at: now,
        ..export
    };
    store::save(tx, tenant, &export)?;
    Ok(true)
}

/// Says that the file is whole. If nobody wants it any more, the file goes.
pub fn ready(
    tx: &Tx<'_>,
    app: &App,
    tenant: Tenant,
    id: ExportId,
    (made, now): (Made, Timestamp),
) -> Result<()> {
    let Some(export) = open(tx, tenant, id)? else {
        remove_after(tx, app, id);
        return Ok(());
    };
    let export = Export {
        status: Status::Ready,
        progress: None,
        clients: i64::try_from(made.clients).ok(),
        bytes: i64::try_from(made.bytes).ok(),
        updated_at: now,
        ready_at: Some(now),
        expires_at: Some(now.plus_ms(KEPT_MS)),
        ..export
    };
    store::save(tx, tenant, &export)
}

/// Says why there is no file.
pub fn fail(tx: &Tx<'_>, tenant: Tenant, id: ExportId, why: &str, now: Timestamp) -> Result<()> {
    let Some(export) = open(tx, tenant, id)? else {
        return Ok(());
    };
    end(tx, tenant, export, (Status::Failed, Some(why)), now)
}

fn end(
    tx: &Tx<'_>,
    tenant: Tenant,
    export: Export,
    (status, why): (Status, Option<&str>),
    now: Timestamp,
) -> Result<()> {
    let export = Export {
        status,
        progress: None,
        error: why.map(str::to_owned),
        updated_at: now,
        ..export
    };
    store::save(tx, tenant, &export)
}

/// Says that the file is gone; the caller removes it after that.
pub fn expire(tx: &Tx<'_>, tenant: Tenant, id: ExportId, now: Timestamp) -> Result<()> {
    let export = store::find(tx, tenant, id)?;
    match export.filter(|export| export.status == Status::Ready) {
        Some(export) => end(tx, tenant, export, (Status::Expired, None), now),
        None => Ok(()),
    }
}

/// Notes that the file was fetched.
pub fn downloaded(tx: &Tx<'_>, permit: &Permit<SessionOnly>, id: ExportId) -> Result<()> {
    record(tx, permit, "export.downloaded", id)
}

/// Deletes an export with its file; one that is being made is given up.
pub fn delete(tx: &Tx<'_>, app: &App, permit: &Permit<SessionOnly>, id: ExportId) -> Result<()> {
    let tenant = permit.tenant();
    store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    store::delete(tx, tenant, id)?;
    jobs::actions::withdraw(tx, &EXPORT, tenant, &id.to_string())?;
    remove_after(tx, app, id);
    record(tx, permit, "export.deleted", id)
}

/// Removes every file of a tenant, before what follows from it is answered: what was removed from the
/// tenant must not live on in a file. One that is being made has failed.
pub fn withdraw(tx: &Tx<'_>, app: &App, tenant: Tenant, why: &str) -> Result<()> {
    let now = app.clock.now();
    for export in store::standing(tx, tenant)? {
        let id = export.id;
        let status = if export.status.is_open() {
            Status::Failed
        } else {
            Status::Expired
        };
        end(tx, tenant, export, (status, Some(why)), now)?;
        jobs::actions::withdraw(tx, &EXPORT, tenant, &id.to_string())?;
        remove_after(tx, app, id);
    }
    Ok(())
}

fn remove_after(tx: &Tx<'_>, app: &App, id: ExportId) {
    let app = app.clone();
    tx.after_commit(move || files::remove(&app.config.data, id));
}
