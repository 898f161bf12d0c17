//! `cadence openapi`: the OpenAPI document, without a server.

use std::process::ExitCode;

use super::line;
use crate::server;

pub(super) fn run() -> anyhow::Result<ExitCode> {
    line(server::openapi_document().trim_end())?;
    Ok(ExitCode::SUCCESS)
}
