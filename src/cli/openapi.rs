//! `cadence openapi`: the OpenAPI document, without a server.

use std::process::ExitCode;

use super::Out;
use crate::openapi;

pub(super) fn run(out: Out) -> anyhow::Result<ExitCode> {
    out.line(openapi::document().trim_end())?;
    Ok(ExitCode::SUCCESS)
}
