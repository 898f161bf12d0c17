//! From a client's cookie to the client.

use std::sync::Arc;

use super::store;
use crate::api::route::ClientCaller;
use crate::app::App;
use crate::clients::{self, Status};
use crate::error::{Code, Error, Result};
use crate::secrets::{TokenKind, Unrecognised, digest, recognise};

fn refused(reason: &'static str) -> Error {
    let message =
        "You are signed out here. Come back by a code by mail, or by a new link of your coach's.";
    Error::with(Code::AuthInvalid, message)
        .extra("reason", reason)
        .extra("credential", TokenKind::ClientSession.name())
}

/// Whose cookie it is, if it lets anybody in now: read anew at each request, so that what ended has
/// ended.
pub fn client(app: &App, cookie: &str) -> Result<Arc<ClientCaller>> {
    match recognise(cookie) {
        Ok(TokenKind::ClientSession) => {}
        Err(Unrecognised::Checksum(TokenKind::ClientSession)) => return Err(refused("checksum")),
        Ok(_) | Err(_) => return Err(refused("unknown")),
    }
    let digest = digest(cookie);
    let found = app.db.read_now(|conn| {
        let Some((home, session)) = store::find_by_digest(conn, &digest)? else {
            return Ok(None);
        };
        let client = clients::store::find(conn, home.tenant, session.client_id)?;
        Ok(client.map(|client| (home, session, client)))
    })?;
    let (home, session, client) = found.ok_or_else(|| refused("unknown"))?;
    if session.revoked_at.is_some() || client.status == Status::Archived {
        let message = "Your coach or another device signed you out here.";
        return Err(Error::with(Code::AuthRevoked, message));
    }
    if !session.is_live(app.clock.now()) {
        return Err(refused("expired"));
    }
    Ok(Arc::new(ClientCaller {
        tenant: home.tenant,
        workspace: home.workspace,
        timezone: home.timezone,
        client_id: client.id,
        session_id: session.id,
        last_seen_at: session.last_seen_at,
    }))
}
