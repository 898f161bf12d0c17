//! `GET /v1/clients/{client_id}/export`.

use std::fs::File;
use std::io::{self, Read};

use futures_util::stream;

use super::archive;
use super::kinds::{MESSAGES, PAYMENTS, PROGRAMS, Subject};
use crate::api::query::NoQuery;
use crate::api::route::{Cx, Download, Piece, Pieces, Route};
use crate::caller::{CheckinsRead, ClientsRead, MessagesRead, PaymentsRead, ProgramsRead};
use crate::clients;
use crate::error::{Error, Result};
use crate::ids::ClientId;
use crate::limits::StreamPlace;

/// Bytes that are read at a time.
const PIECE_BYTES: usize = 256 * 1024;

async fn export(cx: Cx<ClientsRead>, _: NoQuery) -> Result<Download> {
    let (id, tenant): (ClientId, _) = (cx.id("client_id")?, cx.tenant());
    let permit = cx.permit;
    permit.also::<CheckinsRead>()?;
    let client = cx
        .app
        .db
        .read_now(|conn| clients::store::find(conn, tenant, id))?
        .ok_or_else(Error::not_found)?;
    let place = cx.app.exports.open(tenant)?;
    let held = [
        (PROGRAMS, permit.also::<ProgramsRead>().is_ok()),
        (MESSAGES, permit.also::<MessagesRead>().is_ok()),
        (PAYMENTS, permit.also::<PaymentsRead>().is_ok()),
    ];
    let held = held.into_iter().filter(|(_, held)| *held);
    let of = Subject {
        tenant,
        client,
        now: cx.app.clock.now(),
        scopes: held.map(|(scope, _)| scope).collect(),
    };
    let (app, request) = (cx.app, permit.origin().request_id);
    let (file, size, place) = tokio::task::spawn_blocking(move || {
        let file = archive::unnamed(&app.config.data, &format!("export-{request}"))?;
        let (file, size) = archive::write(&app.db, &of, file)?;
        // The place goes along: whoever hangs up meanwhile does not get another.
        Ok::<_, Error>((file, size, place))
    })
    .await
    .map_err(Error::internal)??;
    Ok(Download {
        media_type: "application/zip",
        name: format!("client-{id}.zip"),
        size,
        pieces: pieces(file, place),
    })
}

/// A file piece by piece, each read on a thread that may wait.
pub fn pieces(file: File, place: StreamPlace) -> Pieces {
    Box::pin(stream::try_unfold(
        (file, place),
        |(mut file, place)| async move {
            let read = move || {
                let mut piece = vec![0; PIECE_BYTES];
                let length = file.read(&mut piece)?;
                piece.truncate(length);
                Ok::<_, io::Error>((file, piece))
            };
            let read = tokio::task::spawn_blocking(read).await;
            let (file, piece) = read.map_err(io::Error::other)??;
            let more = !piece.is_empty();
            Ok(more.then(|| (Piece::from(piece), (file, place))))
        },
    ))
}

/// The route of the export.
pub fn routes() -> Vec<Route> {
    vec![
        Route::download("/v1/clients/{client_id}/export", export)
            .named("Clients", "export_client", "Take along all of a client")
            .describe(include_str!("export.md"))
            .answers_with("application/zip"),
    ]
}
