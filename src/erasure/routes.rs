//! `POST /v1/clients/{client_id}/erase`

use std::sync::Arc;

use super::actions;
use super::body::ErasedClientBody;
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::ClientsErase;
use crate::error::{Error, Result};
use crate::idempotency::Answer;
use crate::ids::ClientId;
use crate::requests::flush::{For, flush};

async fn erase(cx: Cx<ClientsErase>) -> Result<Work> {
    cx.recently_authenticated()?;
    let (id, tenant): (ClientId, _) = (cx.id("client_id")?, cx.tenant());
    // What waits to be written of the request log would come after the erasure.
    flush(&cx.app, For::Reader).await;
    let sealing = Arc::clone(&cx.app.sealing);
    let look = move |conn: &crate::db::Reader| actions::prepare(conn, tenant, &sealing, id);
    let mut found = cx.app.db.read(look).await?;
    while let Some(some) = found.as_mut().and_then(actions::take_requests) {
        let empty = move |tx: &crate::db::Tx<'_>| actions::empty_requests(tx, tenant, some);
        cx.app.db.write(empty).await?;
    }
    let (app, permit) = (cx.app, cx.permit);
    work(move |tx| {
        // Not before: a retry finds its answer although the client is gone.
        let found = found.ok_or_else(Error::not_found)?;
        Answer::ok(&actions::erase(tx, &app, &permit, id, found)?)
    })
}

/// The route of erasing.
pub fn routes() -> Vec<Route> {
    vec![
        Route::action("/v1/clients/{client_id}/erase", erase)
            .named("Clients", "erase_client", "Erase a client for good")
            .describe(include_str!("erase.md"))
            .answers::<ErasedClientBody>(),
    ]
}
