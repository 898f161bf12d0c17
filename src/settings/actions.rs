//! What can be done to the server's settings.

use serde_json::json;

use super::PUBLIC_URL;
use crate::access::accounts;
use crate::access::audit::{self, Act};
use crate::api::json::Patch;
use crate::app::{App, PublicAddress};
use crate::caller::{Permit, SessionOnly};
use crate::config::{PublicUrl, UrlSource};
use crate::db::{Topic, Tx, meta};
use crate::error::{Code, Error, Result};
use crate::requests::{self, Retention};

/// What changes of the server.
#[derive(Debug, Default)]
pub struct ServerChange {
    /// Where it is reached; emptied, the default.
    pub public_url: Patch<PublicUrl>,
    /// Days of the request log.
    pub log_days: Option<u32>,
    /// Rows of the request log.
    pub log_rows: Option<u32>,
}

impl ServerChange {
    /// True if nothing changes.
    pub fn is_empty(&self) -> bool {
        self.public_url == Patch::Keep && self.log_days.is_none() && self.log_rows.is_none()
    }
}

/// Changes the server's settings; its owner's alone.
pub fn change_server(
    tx: &Tx<'_>,
    app: &App,
    permit: &Permit<SessionOnly>,
    change: &ServerChange,
) -> Result<()> {
    if change.is_empty() {
        return Ok(());
    }
    let account = accounts::store::find(tx, permit.caller().account_id)?;
    if account.is_none_or(|account| account.role != "owner") {
        let message = "The server's settings are for its owner.";
        return Err(Error::with(Code::AuthForbidden, message));
    }
    let mut detail = json!({});
    if change.public_url != Patch::Keep {
        let url = set_public_url(tx, app, &change.public_url)?;
        detail["public_url"] = url.as_str().into();
    }
    if change.log_days.is_some() || change.log_rows.is_some() {
        let kept = requests::store::retention(tx)?;
        let kept = Retention {
            days: change.log_days.unwrap_or(kept.days),
            rows: change.log_rows.unwrap_or(kept.rows),
        };
        requests::actions::set_retention(tx, app, kept)?;
        detail["request_log"] = json!({ "days": kept.days, "rows": kept.rows });
    }
    let act = Act {
        action: "settings.updated",
        target: "server".to_owned(),
        detail: Some(detail),
    };
    audit::record(tx, permit.tenant(), permit.caller(), permit.origin(), &act)
}

fn set_public_url(tx: &Tx<'_>, app: &App, change: &Patch<PublicUrl>) -> Result<PublicUrl> {
    let source = app.config.public_url_source;
    if !source.gives_way() {
        let place = match source {
            UrlSource::Flag => "the flag --public-url",
            UrlSource::Environment => "the environment variable CADENCE_PUBLIC_URL",
            UrlSource::File | UrlSource::Settings | UrlSource::Default => "cadence.toml",
        };
        let message = format!("The public address is set by {place}. Change it there.");
        return Err(Error::with(Code::StateConflict, message));
    }
    let address = match change {
        Patch::Set(url) => {
            meta::set(tx, PUBLIC_URL, url.as_str())?;
            PublicAddress {
                url: url.clone(),
                source: UrlSource::Settings,
            }
        }
        Patch::Clear | Patch::Keep => {
            meta::remove(tx, PUBLIC_URL)?;
            PublicAddress {
                url: app.config.public_url.clone(),
                source,
            }
        }
    };
    let url = address.url.clone();
    let app = app.clone();
    // Access tokens are for one address: what is kept of them was found for the former one.
    tx.changed(Topic::Credentials);
    tx.after_commit(move || app.set_public_address(address));
    Ok(url)
}
