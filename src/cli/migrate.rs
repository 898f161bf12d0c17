//! `cadence migrate`: brings the database to the schema of this program, which `serve` does too.

use std::process::ExitCode;

use serde_json::json;

use super::data::{claim_alone, require_database, require_own};
use super::{Out, logging};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Options, migrate};
use crate::secrets::password::Cost;
use crate::server;

pub(super) fn run(config: Config, out: Out) -> anyhow::Result<ExitCode> {
    require_database(&config.data)?;
    require_own(&config.data)?;
    let lock = claim_alone(&config.data)?;
    logging::start_quietly(&config)?;
    let file = config.data.join(server::DATABASE);
    let from = migrate::schema_of(&file)?;
    let app = server::open(
        config,
        Clock::system(),
        &Options::default(),
        Cost::default(),
    )?;
    app.db.shutdown();
    drop(app);
    let to = migrate::schema_of(&file)?;
    drop(lock);
    let data = json!({ "database": file, "from": from, "to": to });
    out.print(&data, |_| {
        if from == to {
            format!("{}: already at schema {to}", file.display())
        } else {
            format!("{}: from schema {from} to {to}", file.display())
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
