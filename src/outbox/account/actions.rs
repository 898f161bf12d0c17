//! What can be done to mail to accounts.

use super::{AccountMail, SEND, context, store};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{AccountId, JobId, MailId};
use crate::jobs::{self, NewJob};
use crate::outbox::templates::Fill;
use crate::outbox::{Fate, MailStatus, destination};
use crate::secrets::SealingKey;

/// A mail, sealed before the write that it goes with.
#[derive(Clone, Debug)]
pub struct Sealed(AccountMail);

/// Whom a mail is to, and until when.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The account.
    pub account_id: AccountId,
    /// The address.
    pub recipient: String,
    /// It is pointless to send from here on.
    pub expires_at: Option<Timestamp>,
}

/// Seals a mail, so that the writer only has to insert it.
pub fn seal(
    sealing: &SealingKey,
    now: Timestamp,
    to: Envelope,
    fill: &Fill,
    fate: &Fate,
) -> Result<Sealed> {
    let id = MailId::new(now);
    let json = serde_json::to_vec(fill).map_err(Error::internal)?;
    Ok(Sealed(AccountMail {
        account_id: to.account_id,
        id,
        template: fill.template().to_owned(),
        recipient: to.recipient,
        fill: sealing.seal(&context(to.account_id, id), &json)?,
        status: fate.status.name().to_owned(),
        reason: fate.reason.map(str::to_owned),
        created_at: now,
        expires_at: to.expires_at,
    }))
}

/// Puts a mail into the outbox, in the transaction of the change that it tells of.
pub fn enqueue(tx: &Tx<'_>, sealed: &Sealed) -> Result<()> {
    store::insert(tx, &sealed.0)?;
    let mail = &sealed.0;
    if mail.status != MailStatus::Queued.name() {
        return Ok(());
    }
    let job = NewJob {
        id: JobId::named(mail.created_at, &mail.id.to_string()),
        about: Some(mail.id.to_string()),
        payload: serde_json::json!({ "account_id": mail.account_id }),
        ..NewJob::now(mail.created_at, &destination(&mail.recipient))
    };
    jobs::actions::enqueue(tx, &SEND, &job, mail.created_at)
}

/// Says what became of a mail. Once it was sent, bounced or dropped its values are gone.
pub fn mark(
    tx: &Tx<'_>,
    account: AccountId,
    id: MailId,
    status: MailStatus,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    store::set_status(tx, account, id, (status.name(), reason), now)
}

/// Drops what is pointless to send by now; gives the number of mails.
pub fn drop_ended(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::drop_ended(tx, now, limit)
}
