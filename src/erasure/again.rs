//! Erased clients and restored backups: who was erased since the backup is erased again.
//!
//! Each erasure is noted in a file beside the database, [`FILE`]: workspace, mode, the id that the
//! client had, and when; nothing else of the client. The file survives a database that is lost. A
//! restore takes its lines and those of the database that it replaces along into the restored one,
//! and the next start carries them out before anybody is served.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::actions;
use crate::access::workspaces;
use crate::app::App;
use crate::backup::ERASED as FILE;
use crate::caller::{Mode, Origin, Tenant};
use crate::clock::Timestamp;
use crate::db::meta;
use crate::error::Result;
use crate::ids::{ClientId, RequestId, WorkspaceId};

fn line(workspace: WorkspaceId, mode: Mode, id: ClientId, at: Timestamp) -> String {
    format!("{workspace} {mode} {id} {at}\n")
}

fn read(line: &str) -> Option<(WorkspaceId, Mode, ClientId)> {
    let mut words = line.split(' ');
    Some((
        WorkspaceId::parse(words.next()?)?,
        Mode::parse(words.next()?)?,
        ClientId::parse(words.next()?)?,
    ))
}

/// Notes an erasure beside the database. Should that fail, the database knows it all the same.
pub(super) fn note(data: &Path, workspace: WorkspaceId, mode: Mode, id: ClientId, at: Timestamp) {
    let write = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        let mut file = options.open(data.join(FILE))?;
        file.write_all(line(workspace, mode, id, at).as_bytes())?;
        file.sync_all()
    };
    if let Err(error) = write() {
        tracing::error!(%error, "an erasure was not noted beside the database");
    }
}

/// Erases again whom a restored backup knows again; gives the number of clients.
pub fn apply(app: &App) -> Result<usize> {
    let Some(lines) = app.db.read_now(|conn| meta::get(conn, meta::ERASE_AGAIN))? else {
        return Ok(0);
    };
    let mut erased = 0;
    for (workspace, mode, id) in lines.lines().filter_map(read) {
        let tenants = app
            .db
            .read_now(|conn| workspaces::store::tenants(conn, workspace))?;
        let Some(tenants) = tenants else {
            continue;
        };
        let tenant = match mode {
            Mode::Live => tenants.live,
            Mode::Test => tenants.test,
        };
        erased += usize::from(erase(app, (tenant, workspace), id)?);
    }
    app.db
        .write_blocking(|tx| meta::remove(tx, meta::ERASE_AGAIN))?;
    if erased > 0 {
        tracing::info!(
            erased,
            "clients who were erased since the backup are erased again"
        );
    }
    Ok(erased)
}

fn erase(app: &App, place: (Tenant, WorkspaceId), id: ClientId) -> Result<bool> {
    let look = |conn: &crate::db::Reader| actions::prepare(conn, place.0, &app.sealing, id);
    let Some(mut found) = app.db.read_now(look)? else {
        return Ok(false);
    };
    while let Some(some) = actions::take_requests(&mut found) {
        let empty = move |tx: &crate::db::Tx<'_>| actions::empty_requests(tx, place.0, some);
        app.db.write_blocking(empty)?;
    }
    let now = app.clock.now_of(&place.0);
    let origin = Origin {
        request_id: RequestId::new(now),
        idempotency_key: None,
        address: None,
        at: now,
    };
    let writing = app.clone();
    app.db.write_blocking(move |tx| {
        actions::erase_in(tx, &writing, place, &origin, (id, found)).map(drop)
    })?;
    Ok(true)
}
