//! What can be done to the outbox.

use super::templates::Fill;
use super::{Fate, Mail, store};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::{Topic, Tx};
use crate::error::{Error, Result};
use crate::ids::MailId;
use crate::secrets::SealingKey;

/// A mail, sealed before the write that it goes with.
#[derive(Debug)]
pub struct Sealed {
    mail: Mail,
}

/// Binds sealed values to their row.
pub(super) fn context(tenant: Tenant, id: MailId) -> String {
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

/// Puts a mail into the outbox, in the transaction of the change that it tells of.
pub fn enqueue(tx: &Tx<'_>, tenant: Tenant, sealed: &Sealed) -> Result<()> {
    store::insert(tx, tenant, &sealed.mail)?;
    tx.changed(Topic::Jobs);
    Ok(())
}
