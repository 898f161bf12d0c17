//! What can be done to the outbox.

use super::templates::Fill;
use super::{Fate, Mail, MailStatus, SEND, destination, store};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{JobId, MailId};
use crate::jobs::{self, NewJob};
use crate::secrets::SealingKey;

/// A mail, sealed before the write that it goes with.
#[derive(Debug)]
pub struct Sealed {
    mail: Mail,
    /// Of the job that sends it, if it leaves.
    job: JobId,
}

impl Sealed {
    /// The id of the mail.
    pub fn id(&self) -> MailId {
        self.mail.id
    }
}

/// Binds sealed values to their row.
fn context(tenant: Tenant, id: MailId) -> String {
    format!("outbox:{}:{id}", tenant.number())
}

/// Whom a mail is to, and until when.
#[derive(Debug)]
pub struct Envelope {
    /// The address.
    pub recipient: String,
    /// The client that it is about.
    pub client_id: Option<String>,
    /// It is pointless to send from here on.
    pub expires_at: Option<Timestamp>,
}

/// Seals a mail, so that the writer only has to insert it.
pub fn seal(
    sealing: &SealingKey,
    tenant: Tenant,
    now: Timestamp,
    to: Envelope,
    fill: &Fill,
    fate: &Fate,
) -> Result<Sealed> {
    let id = MailId::new(now);
    let json = serde_json::to_vec(fill).map_err(Error::internal)?;
    Ok(Sealed {
        job: JobId::new(now),
        mail: Mail {
            id,
            template: fill.template().to_owned(),
            recipient: to.recipient,
            fill: sealing.seal(&context(tenant, id), &json)?,
            status: fate.status.name().to_owned(),
            reason: fate.reason.map(str::to_owned),
            client_id: to.client_id,
            created_at: now,
            updated_at: now,
            expires_at: to.expires_at,
        },
    })
}

/// What a mail is filled with, to be shown or sent.
pub fn open(sealing: &SealingKey, tenant: Tenant, mail: &Mail) -> Result<Fill> {
    Fill::from_json(&sealing.open(&context(tenant, mail.id), &mail.fill)?)
}

/// Puts a mail into the outbox, in the transaction of the change that it tells of.
pub fn enqueue(tx: &Tx<'_>, tenant: Tenant, sealed: &Sealed) -> Result<()> {
    let mail = &sealed.mail;
    store::insert(tx, tenant, mail)?;
    if mail.status != MailStatus::Queued.name() {
        return Ok(());
    }
    let job = sending(tenant, mail, sealed.job, mail.created_at);
    jobs::actions::enqueue(tx, &SEND, &job, mail.created_at)
}

/// The job that sends a mail.
///
/// Only live mail leaves, and a live tenant's clock is the server's.
fn sending(tenant: Tenant, mail: &Mail, id: JobId, now: Timestamp) -> NewJob {
    NewJob {
        id,
        tenant: Some(tenant),
        about: Some(mail.id.to_string()),
        ..NewJob::now(now, &destination(&mail.recipient))
    }
}

/// Queues a mail again that was held or bounced.
pub fn requeue(tx: &Tx<'_>, tenant: Tenant, mail: &Mail, job: JobId, now: Timestamp) -> Result<()> {
    store::set_status(tx, tenant, mail.id, (MailStatus::Queued.name(), None), now)?;
    let job = sending(tenant, mail, job, now);
    jobs::actions::enqueue(tx, &SEND, &job, now)
}

/// Says what became of a mail.
pub fn mark(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: MailId,
    (status, reason): (MailStatus, Option<&str>),
    now: Timestamp,
) -> Result<()> {
    if status != MailStatus::Queued {
        jobs::actions::withdraw(tx, &SEND, tenant, &id.to_string())?;
    }
    store::set_status(tx, tenant, id, (status.name(), reason), now)
}
