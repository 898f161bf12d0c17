//! `cadence openapi`: the OpenAPI document, without a server.

use std::process::ExitCode;

use super::line;
use crate::openapi;

pub(super) fn run() -> anyhow::Result<ExitCode> {
    line(openapi::document().trim_end())?;
    Ok(ExitCode::SUCCESS)
}
