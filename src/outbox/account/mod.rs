//! Mail to an account: resets of a password, and what its owner should know of.
//!
//! It belongs to no tenant and is readable through no API. What its template is filled with is
//! sealed, and emptied as soon as the mail left or never will ([`actions::mark`]). Its job ([`SEND`])
//! renders it by [`open`], hands it over, and says what became of it.

pub mod actions;
pub mod store;

use super::templates::Fill;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ids::{AccountId, MailId};
use crate::jobs::Kind;
use crate::secrets::SealingKey;

/// The job that sends a mail to an account.
pub const SEND: Kind = Kind {
    name: "mail.account",
    ..super::SEND
};

/// A mail to an account as it is kept.
#[derive(Clone, Debug)]
pub struct AccountMail {
    /// The account.
    pub account_id: AccountId,
    /// Its id.
    pub id: MailId,
    /// The name of its template.
    pub template: String,
    /// Whom it is to.
    pub recipient: String,
    /// Sealed JSON: what the template is filled with. Empty once nobody needs it.
    pub fill: Vec<u8>,
    /// What becomes of it.
    pub status: String,
    /// Why, if that is not plain.
    pub reason: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// It is pointless to send from here on.
    pub expires_at: Option<Timestamp>,
}

/// Binds sealed values to their row.
fn context(account: AccountId, id: MailId) -> String {
    format!("account_outbox:{account}:{id}")
}

/// What a mail is filled with, to be rendered and sent.
pub fn open(sealing: &SealingKey, mail: &AccountMail) -> Result<Fill> {
    Fill::from_json(&sealing.open(&context(mail.account_id, mail.id), &mail.fill)?)
}
