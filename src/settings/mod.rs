//! Settings: what a person who signed in can change of the account, a workspace and the server.
//!
//! An address or password is changed after a password entry of the last five minutes; it ends the
//! account's other sessions and is told by mail to the address from before. The server's part is the
//! owner's alone.
//!
//! The **public address** comes from the first of: `--public-url`, `CADENCE_PUBLIC_URL`,
//! `cadence.toml`, these settings, `http://localhost:PORT`. Where it stands outside of the database
//! the settings do not change it: 409 `state_conflict` says where it stands. A change is in force with
//! its answer: links, accepted hosts, cookies and headers go by it at once.

pub mod actions;
pub mod routes;

use crate::app::{App, PublicAddress};
use crate::config::{PublicUrl, UrlSource};
use crate::db::meta;
use crate::error::Result;

/// Where the public address is kept.
const PUBLIC_URL: &str = "public_url";
/// Fewest and most days of the request log.
pub const LOG_DAYS: std::ops::RangeInclusive<i64> = 1..=90;
/// Fewest and most requests that are kept; 0 keeps none.
pub const LOG_ROWS: std::ops::RangeInclusive<i64> = 0..=1_000_000;

/// Puts the public address of the settings in force, when the server starts.
pub fn apply(app: &App) -> Result<()> {
    if !app.config.public_url_source.gives_way() {
        return Ok(());
    }
    let kept = app.db.read_now(|conn| meta::get(conn, PUBLIC_URL))?;
    // What this program would not take any more does not keep it from starting.
    if let Some(url) = kept.and_then(|text| PublicUrl::parse(&text).ok()) {
        app.set_public_address(PublicAddress {
            url,
            source: UrlSource::Settings,
        });
    }
    Ok(())
}
