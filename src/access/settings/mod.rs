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
use crate::db::{Reader, meta};
use crate::error::Result;

/// Where the public address is kept.
const PUBLIC_URL: &str = "public_url";
/// Where the bounds of the request log are kept.
const REQUEST_LOG_DAYS: &str = "request_log_days";
const REQUEST_LOG_ROWS: &str = "request_log_rows";

/// How much of the request log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLog {
    /// Days after which an entry goes.
    pub days: u32,
    /// Entries past which the oldest go.
    pub rows: u32,
}

impl Default for RequestLog {
    fn default() -> Self {
        Self {
            days: 7,
            rows: 100_000,
        }
    }
}

/// Fewest and most days.
pub const LOG_DAYS: std::ops::RangeInclusive<i64> = 1..=90;
/// Fewest and most entries.
pub const LOG_ROWS: std::ops::RangeInclusive<i64> = 1_000..=1_000_000;

/// How much of the request log is kept.
pub fn request_log(conn: &Reader) -> Result<RequestLog> {
    let number = |key| -> Result<Option<u32>> {
        Ok(meta::get(conn, key)?.and_then(|text| text.parse().ok()))
    };
    let default = RequestLog::default();
    Ok(RequestLog {
        days: number(REQUEST_LOG_DAYS)?.unwrap_or(default.days),
        rows: number(REQUEST_LOG_ROWS)?.unwrap_or(default.rows),
    })
}

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
