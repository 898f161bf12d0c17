//! Joining by the install link, and the devices of a client.

use serde::Serialize;
use serde_json::json;

use super::body::{ClientSessionBody, ConsentBody};
use super::{actions, store};
use crate::api::query::NoQuery;
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{ClientsRead, ClientsWrite};
use crate::clients;
use crate::error::{Error, Result};
use crate::idempotency::Answer;
use crate::ids::ClientId;

/// A whole list: it is short.
fn whole_list(cx_path: &str, data: Vec<impl Serialize>) -> Result<Answer> {
    Answer::ok(&json!({
        "object": "list",
        "data": data,
        "has_more": false,
        "next_cursor": null,
        "url": cx_path,
    }))
}

async fn list(cx: Cx<ClientsRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant) = (cx.id::<ClientId>("client_id")?, cx.tenant());
    let sessions = cx.app.db.read_now(|conn| {
        clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
        store::of_client(conn, tenant, id)
    })?;
    let now = cx.app.clock.now();
    let live = sessions.iter().filter(|session| session.is_live(now));
    let bodies = live.map(|session| ClientSessionBody::of(tenant.mode().is_live(), session));
    whole_list(cx.path(), bodies.collect())
}

async fn end(cx: Cx<ClientsWrite>) -> Result<Work> {
    let (client, session) = (cx.id("client_id")?, cx.id("client_session_id")?);
    let (permit, now) = (cx.permit, cx.app.clock.now());
    work(move |tx| {
        actions::end(tx, &permit, client, session, now)?;
        Ok(Answer::no_content())
    })
}

async fn list_consents(cx: Cx<ClientsRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant) = (cx.id::<ClientId>("client_id")?, cx.tenant());
    let consents = cx.app.db.read_now(|conn| {
        clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
        store::consents(conn, tenant, id)
    })?;
    whole_list(cx.path(), consents.iter().map(ConsentBody::of).collect())
}

/// The routes of client sessions.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/clients/{client_id}/sessions", list)
            .named("Clients", "list_client_sessions", "List a client's devices")
            .describe("Those on which the client is in the app now, newest first: at most three.")
            .lists::<ClientSessionBody<'_>>(),
        Route::delete("/v1/clients/{client_id}/sessions/{client_session_id}", end)
            .named(
                "Clients",
                "end_client_session",
                "Sign a client's device out",
            )
            .describe("The device is out at its next request. Deleting it again changes nothing."),
        Route::get("/v1/clients/{client_id}/consents", list_consents)
            .named(
                "Clients",
                "list_client_consents",
                "List what a client agreed to",
            )
            .describe("Oldest first, with the version of the words that were agreed to.")
            .lists::<ConsentBody<'_>>(),
    ]
}
