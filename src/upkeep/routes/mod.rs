//! `/v1/jobs` and `/v1/backups`: for the owner of the server.

pub mod backup;
pub mod job;

use crate::access::accounts;
use crate::api::route::{Cx, Route};
use crate::caller::SessionOnly;
use crate::error::{Code, Error, Result};

/// Refuses everybody but the owner of the server.
fn require_owner(cx: &Cx<SessionOnly>) -> Result<()> {
    let id = cx.permit.caller().account_id;
    let account = cx.app.db.read_now(|conn| accounts::store::find(conn, id))?;
    if account.is_some_and(|account| account.role == "owner") {
        return Ok(());
    }
    Err(Error::with(
        Code::AuthForbidden,
        "This is for the owner of the server.",
    ))
}

/// The routes of upkeep.
pub fn routes() -> Vec<Route> {
    let mut routes = job::routes();
    routes.extend(backup::routes());
    routes
}
