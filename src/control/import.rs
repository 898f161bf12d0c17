//! `cadence import`: clients from a file, as `POST /v1/clients/import` takes them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{operator, refused, workspace_id};
use crate::app::App;
use crate::caller::{ClientsWrite, Mode, Permit};
use crate::clients::import::actions::{self, Import};
use crate::clients::import::columns::choices;
use crate::clients::import::{Format, MAX_BYTES, Options, calling_code, file};
use crate::error::{Code, Error, Result};
use crate::values::Invalid;

/// What is asked for.
#[derive(Clone, Deserialize, Serialize)]
pub struct Request {
    /// The file, by its whole path: the server reads it, if one runs.
    pub path: PathBuf,
    /// The workspace that gets the clients.
    pub workspace: String,
    /// `test` or `live`.
    pub mode: String,
    /// Only says what would happen.
    pub dry_run: bool,
    /// Invites every client who is added.
    pub send_invite: bool,
    /// Which column is which field, over the guess.
    pub columns: Option<String>,
    /// The country of telephone numbers that do not say it.
    pub calling_code: Option<String>,
}

/// Imports a file; gives what the API would answer. Blocks until it is on the disk.
pub fn run(app: &App, request: &Request) -> Result<Value> {
    let mode = Mode::parse(&request.mode).ok_or_else(|| {
        let invalid = Invalid::new("invalid_choice", "Use test or live.");
        refused("mode", invalid)
    })?;
    let permit: Permit<ClientsWrite> = operator(app, workspace_id(&request.workspace)?, mode)?;
    let (bytes, format) = read(&request.path)?;
    let unclear = |flag, message| refused(flag, Invalid::new("invalid_parameter", message));
    let columns = request.columns.as_deref().map(choices).transpose();
    let columns = columns.map_err(|message| unclear("columns", message))?;
    let calling_code = request.calling_code.as_deref().map(calling_code);
    let calling_code = calling_code
        .transpose()
        .map_err(|message| unclear("calling-code", message))?;
    let options = Options {
        dry_run: request.dry_run,
        send_invite: request.send_invite,
        columns: columns.unwrap_or_default(),
        calling_code,
    };
    let import = Import::new(file::read(&bytes, format, &options)?, options);
    let mut outcomes = Vec::new();
    if request.dry_run {
        outcomes = app
            .db
            .with_own_reader(|conn| import.foresee(conn, &permit))?;
    }
    for step in 0..import.steps() {
        let (drafts, permit) = (import.drafts(app, &permit, step)?, permit.clone());
        let written = app
            .db
            .write_blocking(move |tx| actions::write(tx, &permit, &drafts))?;
        outcomes.extend(written);
    }
    serde_json::to_value(import.report(&permit, outcomes)).map_err(Error::internal)
}

/// The bytes of the file, and the form that its name tells.
fn read(path: &Path) -> Result<(Vec<u8>, Format)> {
    let cannot = |why: String| {
        let message = format!("{}: {why}", path.display());
        Error::with(Code::ValidationFailed, message)
    };
    let name = path.file_name().and_then(|name| name.to_str());
    let format = name.and_then(Format::of_file_name).ok_or_else(|| {
        cannot("the name must end with .csv, .tsv, .json, .jsonl or .ndjson".to_owned())
    })?;
    let is_file = path.metadata().map(|metadata| metadata.is_file());
    match is_file {
        Ok(true) => {}
        Ok(false) => return Err(cannot("this is not a file".to_owned())),
        Err(error) => return Err(cannot(error.to_string())),
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| cannot(error.to_string()))?;
    if bytes.len() > MAX_BYTES {
        return Err(cannot("the file is larger than 5 MB; divide it".to_owned()));
    }
    Ok((bytes, format))
}
