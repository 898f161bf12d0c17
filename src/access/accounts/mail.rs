//! The mail that goes to an account itself.

use super::Account;
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::outbox::Fate;
use crate::outbox::account::actions::{self, Envelope, Sealed};
use crate::outbox::templates::Fill;

/// What an account is told.
#[derive(Clone, Debug)]
pub enum Notice {
    /// The link under which a new password is set.
    PasswordReset {
        /// The link.
        link: String,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// A refresh token of an app was used twice, and what follows from it was ended.
    TokenReuse {
        /// The app.
        app: String,
        /// The workspace.
        workspace: String,
        /// The address of the second use.
        address: Option<std::net::IpAddr>,
        /// Whether the app is a live one; test mode sends no mail.
        live: bool,
    },
    /// Something that its owner should know of: what, from where, with which program.
    Security {
        /// Such as `The password was changed`.
        what: &'static str,
        /// The address.
        address: Option<std::net::IpAddr>,
        /// What called itself so.
        user_agent: Option<String>,
    },
}

/// Seals a mail to an account, before the write that it goes with.
pub fn draft(app: &App, account: &Account, notice: Notice, now: Timestamp) -> Result<Sealed> {
    let name = account.name.clone();
    let live = !matches!(notice, Notice::TokenReuse { live: false, .. });
    let (fill, expires_at) = match notice {
        Notice::PasswordReset { link, expires_at } => {
            let minutes = expires_at.since_ms(now) / crate::clock::MINUTE_MS;
            let fill = Fill::PasswordReset {
                name,
                link,
                minutes,
            };
            (fill, Some(expires_at))
        }
        Notice::TokenReuse {
            app,
            workspace,
            address,
            live: _,
        } => {
            let fill = Fill::TokenReuse {
                name,
                app,
                workspace,
                at: now.to_string(),
                address: address.map(|address| address.to_string()),
            };
            (fill, None)
        }
        Notice::Security {
            what,
            address,
            user_agent,
        } => {
            let fill = Fill::Security {
                name,
                what: what.to_owned(),
                at: now.to_string(),
                address: address.map(|address| address.to_string()),
                user_agent,
            };
            (fill, None)
        }
    };
    let to = Envelope {
        account_id: account.id,
        recipient: account.email.clone(),
        expires_at,
    };
    let fate = Fate::of_notice(&app.config, live);
    actions::seal(&app.sealing, now, to, &fill, &fate)
}

/// Puts a mail to an account into its outbox, in the transaction of the change that it tells of.
pub fn mail(tx: &Tx<'_>, sealed: &Sealed) -> Result<()> {
    actions::enqueue(tx, sealed)
}
