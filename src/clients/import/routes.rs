//! `POST /v1/clients/import`.

use std::sync::Arc;

use actix_web::web::Bytes;
use serde_json::json;

use super::actions::{self, Import};
use super::body::ClientImportBody;
use super::columns::choices;
use super::{Format, MAX_BYTES, Options, calling_code, file};
use crate::api::query::{FromQuery, Parameter, Query, one_of};
use crate::api::route::{Cx, Route, Steps, Upload};
use crate::caller::ClientsWrite;
use crate::clients::NewClient;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;

const UPLOAD: Upload = Upload {
    limit_bytes: MAX_BYTES,
    media_types: &[
        "text/csv",
        "application/json",
        "application/x-ndjson",
        "application/jsonl",
        "text/tab-separated-values",
    ],
};

const YES_NO: &[(&str, bool)] = &[("true", true), ("false", false)];

fn yes_or_no() -> Vec<String> {
    crate::api::choices::words(YES_NO)
}

impl FromQuery for Options {
    const PARAMETERS: &'static [Parameter] = &[
        Parameter::new("dry_run", "`true` says what would happen and changes nothing.").one_of(yes_or_no),
        Parameter::new("send_invite", "`true` invites every client who is added, unless a JSON row's own `send_invite` says otherwise. The default is `false`: the clients are `active` at once, nobody is written to, and `POST /v1/clients/{client_id}/invite` invites them one by one.").one_of(yes_or_no),
        Parameter::new("columns", "Of a CSV, which column is which field, over the guess: `Kontakt:email,3:phone,Coach:-`. A column is named by its header or its number, beginning with 1; `-` leaves it out."),
        Parameter::new("calling_code", "The country of telephone numbers in a CSV that do not begin with `+` or `00`, such as `351`."),
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let dry_run = query.optional("dry_run", one_of(YES_NO));
        let send_invite = query.optional("send_invite", one_of(YES_NO));
        let columns = query.optional("columns", choices);
        let calling_code = query.optional("calling_code", calling_code);
        Some(Self {
            dry_run: dry_run?.unwrap_or(false),
            send_invite: send_invite?.unwrap_or(false),
            columns: columns?.unwrap_or_default(),
            calling_code: calling_code?,
        })
    }
}

/// Runs what takes a while where it holds up nobody.
async fn aside<T: Send + 'static>(run: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(run).await;
    done.map_err(Error::internal)?
}

async fn import(
    cx: Cx<ClientsWrite>,
    options: Options,
    (media_type, bytes): (String, Bytes),
) -> Result<Steps> {
    let format = Format::of_media_type(&media_type);
    let format = format.ok_or_else(|| Error::new(Code::UnsupportedMediaType));
    let format = if bytes.is_empty() {
        Format::Json
    } else {
        format?
    };
    let dry_run = options.dry_run;
    let import = aside(move || {
        let file = file::read(&bytes, format, &options)?;
        Ok(Import::new(file, options))
    });
    let (import, permit) = (Arc::new(import.await?), cx.permit.clone());
    let foreseen = if dry_run {
        let (import, permit) = (Arc::clone(&import), permit.clone());
        let foresee = cx.app.db.read(move |conn| import.foresee(conn, &permit));
        foresee.await?
    } else {
        Vec::new()
    };
    let (count, app) = (import.steps(), cx.app);
    let (drafting, writing) = (Arc::clone(&import), permit.clone());
    Ok(Steps {
        count,
        prepare: Box::new(move |step| {
            let drafts = drafting.drafts(&app, &writing, step)?;
            let permit = writing.clone();
            Ok(Box::new(move |tx| {
                let outcomes = actions::write(tx, &permit, &drafts)?;
                Ok(actions::keep(&outcomes))
            }))
        }),
        answer: Box::new(move |steps| {
            let mut outcomes = foreseen;
            for step in &steps {
                outcomes.extend(actions::kept(step)?);
            }
            Answer::ok(&Import::report(&import, &permit, outcomes))
        }),
    })
}

/// The route of imports.
pub fn routes() -> Vec<Route> {
    let example = json!([
        { "name": "Ana Prado", "email": "ana@example.com", "tags": ["online"] },
        { "name": "Rui Costa", "email": "rui@example.com", "phone": "+351912345678" }
    ]);
    vec![
        Route::import::<ClientsWrite, NewClient, Options, _, _>(
            "/v1/clients/import",
            UPLOAD,
            import,
        )
        .named("Clients", "import_clients", "Import clients from a file")
        .describe(include_str!("import.md"))
        .answers::<ClientImportBody>()
        .example(example),
    ]
}
