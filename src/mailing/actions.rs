//! What can be done to a mail, and what follows for whom it is about.

use crate::app::App;
use crate::caller::{ClientsWrite, Permit, Tenant};
use crate::clients;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::ids::{ClientId, JobId, MailId};
use crate::outbox::{self, Fate, Mail, MailStatus};

fn about(mail: &Mail) -> Option<ClientId> {
    mail.client_id.as_deref().and_then(ClientId::parse)
}

/// Says what became of a mail, to the outbox and to the client that it invites.
pub fn settle(
    tx: &Tx<'_>,
    tenant: Tenant,
    mail: &Mail,
    (status, reason): (MailStatus, Option<&str>),
    now: Timestamp,
) -> Result<()> {
    outbox::actions::mark(tx, tenant, mail.id, (status, reason), now)?;
    settle_client(tx, tenant, mail, (status, reason))
}

fn find(tx: &Tx<'_>, tenant: Tenant, id: MailId) -> Result<Mail> {
    outbox::store::find(tx, tenant, id)?.ok_or_else(Error::not_found)
}

fn conflict(message: impl Into<String>, mail: &Mail) -> Error {
    Error::with(Code::StateConflict, message.into()).extra("current_status", mail.status.clone())
}

/// Lets a mail go that was held or that bounced. In test mode it stays where it is.
pub fn send(
    tx: &Tx<'_>,
    app: &App,
    permit: &Permit<ClientsWrite>,
    id: MailId,
    job: JobId,
) -> Result<Mail> {
    let (tenant, now) = (permit.tenant(), permit.now());
    let mail = find(tx, tenant, id)?;
    let waits = [MailStatus::Held, MailStatus::Bounced].map(MailStatus::name);
    if !tenant.mode().is_live() || mail.status == MailStatus::Queued.name() {
        return Ok(mail);
    }
    if !waits.contains(&mail.status.as_str()) {
        return Err(conflict(format!("The mail is {}.", mail.status), &mail));
    }
    if mail.expires_at.is_some_and(|end| end <= now) {
        let message = if mail.template == "invite" {
            "The link in this mail has ended. Invite again."
        } else {
            "What this mail carries has ended."
        };
        return Err(conflict(message, &mail));
    }
    let fate = if mail.template == "invite" {
        Fate::of_link(app, true)
    } else {
        Fate::of_notice(&app.config, true)
    };
    if fate.status != MailStatus::Queued {
        return Err(conflict(
            fate.reason.unwrap_or("The mail cannot leave."),
            &mail,
        ));
    }
    outbox::actions::requeue(tx, tenant, &mail, job, now)?;
    settle_client(tx, tenant, &mail, (MailStatus::Queued, None))?;
    find(tx, tenant, id)
}

fn settle_client(
    tx: &Tx<'_>,
    tenant: Tenant,
    mail: &Mail,
    outcome: (MailStatus, Option<&str>),
) -> Result<()> {
    match (about(mail), mail.template.as_str()) {
        (Some(client), "invite") => {
            clients::actions::invite_mailed(tx, tenant, client, mail.expires_at, outcome)
        }
        _ => Ok(()),
    }
}

/// Drops a mail that did not leave.
pub fn drop_mail(tx: &Tx<'_>, permit: &Permit<ClientsWrite>, id: MailId) -> Result<Mail> {
    let (tenant, now) = (permit.tenant(), permit.now());
    let mail = find(tx, tenant, id)?;
    if mail.status == MailStatus::Sent.name() {
        return Err(conflict("The mail has left.", &mail));
    }
    if mail.status != MailStatus::Dropped.name() {
        let outcome = (MailStatus::Dropped, Some("Somebody dropped it."));
        outbox::actions::mark(tx, tenant, id, outcome, now)?;
        settle_client(tx, tenant, &mail, (MailStatus::Dropped, None))?;
    }
    find(tx, tenant, id)
}

/// Drops held and queued mail that is pointless to send by now.
pub fn drop_expired(tx: &Tx<'_>, tenant: Tenant, ids: &[MailId], now: Timestamp) -> Result<()> {
    for id in ids {
        if let Some(mail) = outbox::store::find(tx, tenant, *id)? {
            let outcome = (MailStatus::Dropped, Some("Its time was over."));
            outbox::actions::mark(tx, tenant, mail.id, outcome, now)?;
        }
    }
    Ok(())
}
