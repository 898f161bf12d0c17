//! Sending mail, and seeing to what was not sent in time.

use std::sync::Arc;

use crate::app::App;
use crate::caller::{Origin, Tenant};
use crate::clients;
use crate::clock::{HOUR_MS, Timestamp};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{AccountId, ClientId, MailId, RequestId};
use crate::jobs::{self, Done, Every, Job, JobError, Kind, PLAIN, Record};
use crate::mailing::{actions, letters};
use crate::outbox::{self, Mail, MailStatus, SEND};
use crate::outside::mail::Trouble;

/// Once a day in each tenant: install links that ended, and mail that nobody needs any more.
pub const EXPIRE: Kind = Kind {
    name: "invites.expire",
    every: Some(Every::DayAt(4 * HOUR_MS)),
    ..PLAIN
};

/// Why an older invite is not sent.
const REPLACED: &str = "A newer invite took its place.";
/// Why a code is not sent.
const ENDED: &str =
    "The code has ended: a newer one was asked for, or it may not be used any more.";

/// Sends one mail of a tenant.
pub async fn send(app: App, job: Job) -> Result<Done, JobError> {
    let tenant = job.owner()?;
    let now = job.at(&app.clock);
    let id = job.about.as_deref().and_then(MailId::parse);
    let id = id.ok_or_else(|| JobError::for_good("The job names no mail."))?;
    let found = app.db.read_now(|conn| {
        let Some(mail) = outbox::store::find(conn, tenant, id)? else {
            return Ok(None);
        };
        let replaced = is_replaced(conn, tenant, &mail)?;
        Ok(Some((mail, replaced)))
    })?;
    let Some((mail, replaced)) = found else {
        return Ok(Done::plain());
    };
    if mail.status != MailStatus::Queued.name() {
        return Ok(Done::plain());
    }
    let settled = |mail: Mail, status: MailStatus, reason: Option<String>| {
        Done::with(move |tx| actions::settle(tx, tenant, &mail, (status, reason.as_deref()), now))
    };
    if let Some(reason) = replaced {
        return Ok(Done::with(move |tx| {
            let outcome = (MailStatus::Dropped, Some(reason));
            outbox::actions::mark(tx, tenant, mail.id, outcome, now)
        }));
    }
    if mail.expires_at.is_some_and(|end| end <= now) {
        let reason = "Its time was over before it could be sent.".to_owned();
        return Ok(settled(mail, MailStatus::Dropped, Some(reason)));
    }
    let Some(mailer) = &app.outside.mail else {
        let reason = "There is no mail server any more.".to_owned();
        return Ok(settled(mail, MailStatus::Held, Some(reason)));
    };
    let letter = letters::of(&app, tenant, &mail)?;
    match mailer.send(&letter).await {
        Ok(reply) => {
            tracing::debug!(mail.id = %mail.id, reply, "a mail left");
            Ok(settled(mail, MailStatus::Sent, None))
        }
        Err(Trouble::Final(why)) => Err(bounced(tenant, mail, why, now)),
        Err(Trouble::Passing(why)) if job.is_last_attempt(&SEND) => {
            let why = format!("It was tried for two days. {why}");
            Err(bounced(tenant, mail, why, now))
        }
        Err(Trouble::Passing(why)) => Err(JobError::later(why)),
    }
}

fn bounced(tenant: Tenant, mail: Mail, why: String, now: Timestamp) -> JobError {
    JobError::for_good(why.clone()).with(move |tx| {
        let outcome = (MailStatus::Bounced, Some(why.as_str()));
        actions::settle(tx, tenant, &mail, outcome, now)
    })
}

/// What becomes of a mail whose job is given up for a reason that is not the mail's: it bounced, says
/// why, and can be sent again by hand.
pub fn given_up(job: &Job, why: &str, now: Timestamp) -> Option<Record> {
    let tenant = job.tenant?;
    let id = job.about.as_deref().and_then(MailId::parse)?;
    let why = given_up_because(why);
    Some(Arc::new(move |tx| {
        let queued = |mail: &Mail| mail.status == MailStatus::Queued.name();
        match outbox::store::find(tx, tenant, id)?.filter(queued) {
            Some(mail) => {
                let outcome = (MailStatus::Bounced, Some(why.as_str()));
                actions::settle(tx, tenant, &mail, outcome, now)
            }
            None => Ok(()),
        }
    }))
}

/// The same of a mail to an account.
pub fn given_up_to_account(job: &Job, why: &str, now: Timestamp) -> Option<Record> {
    let payload: serde_json::Value = serde_json::from_str(&job.payload).ok()?;
    let account = payload["account_id"].as_str().and_then(AccountId::parse)?;
    let id = job.about.as_deref().and_then(MailId::parse)?;
    let why = given_up_because(why);
    Some(Arc::new(move |tx| {
        let mail = outbox::account::store::find(tx, account, id)?;
        if mail.is_none_or(|mail| mail.status != MailStatus::Queued.name()) {
            return Ok(());
        }
        let bounced = MailStatus::Bounced;
        outbox::account::actions::mark(tx, account, id, bounced, Some(why.as_str()), now)
    }))
}

fn given_up_because(why: &str) -> String {
    format!("It could not be sent for a reason of this server's own. {why}")
}

/// Why a mail to a client is not worth sending any more: what it carries has been replaced, or ended.
fn is_replaced(
    conn: &crate::db::Reader,
    tenant: Tenant,
    mail: &Mail,
) -> Result<Option<&'static str>> {
    let Some(client) = mail.client_id.as_deref().and_then(ClientId::parse) else {
        return Ok(None);
    };
    match mail.template.as_str() {
        "invite" => {
            let client = clients::store::find(conn, tenant, client)?;
            let current = client.and_then(|client| client.invite);
            let replaced = current.is_none_or(|invite| invite.expires_at != mail.expires_at);
            Ok(replaced.then_some(REPLACED))
        }
        "client_code" => {
            let codes = clients::sessions::codes::store::is_carried_by;
            let works = codes(conn, tenant, client, mail.id)?;
            Ok((!works).then_some(ENDED))
        }
        _ => Ok(None),
    }
}

/// Sends one mail to an account. What it was filled with is wiped once it left or never will.
pub async fn send_to_account(app: App, job: Job) -> Result<Done, JobError> {
    let now = app.clock.now();
    let payload: serde_json::Value = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let account = payload["account_id"].as_str().and_then(AccountId::parse);
    let id = job.about.as_deref().and_then(MailId::parse);
    let (Some(account), Some(id)) = (account, id) else {
        return Err(JobError::for_good("The job names no mail."));
    };
    let found = app
        .db
        .read_now(|conn| outbox::account::store::find(conn, account, id))?;
    let Some(mail) = found.filter(|mail| mail.status == MailStatus::Queued.name()) else {
        return Ok(Done::plain());
    };
    let marked = |status: MailStatus, reason: Option<String>| {
        move |tx: &Tx<'_>| {
            outbox::account::actions::mark(tx, account, id, status, reason.as_deref(), now)
        }
    };
    if mail.expires_at.is_some_and(|end| end <= now) {
        let reason = "Its time was over before it could be sent.".to_owned();
        return Ok(Done::with(marked(MailStatus::Dropped, Some(reason))));
    }
    let Some(mailer) = &app.outside.mail else {
        let reason = "There is no mail server any more.".to_owned();
        return Ok(Done::with(marked(MailStatus::Held, Some(reason))));
    };
    let letter = letters::to_account(&app, &mail)?;
    match mailer.send(&letter).await {
        Ok(_) => Ok(Done::with(marked(MailStatus::Sent, None))),
        Err(Trouble::Passing(why)) if !job.is_last_attempt(&outbox::account::SEND) => {
            Err(JobError::later(why))
        }
        Err(trouble) => {
            let why = trouble.sentence().to_owned();
            let bounced = marked(MailStatus::Bounced, Some(why.clone()));
            Err(JobError::for_good(why).with(bounced))
        }
    }
}

/// Ends install links after their time, and drops mail that is pointless to send by now.
pub async fn expire(app: App, job: Job) -> Result<Done, JobError> {
    let tenant = job.owner()?;
    let now = job.at(&app.clock);
    for status in [MailStatus::Queued, MailStatus::Held] {
        loop {
            let ids = app
                .db
                .read(move |conn| outbox::store::expired(conn, tenant, status.name(), now))
                .await?;
            if ids.is_empty() {
                break;
            }
            app.db
                .write_background(move |tx| actions::drop_expired(tx, tenant, &ids, now))
                .await?;
        }
    }
    end_invites(&app, tenant, &job, now).await?;
    Ok(Done::plain())
}

/// The mails of the outbox are in order of time and so are the ends of their links: what was looked
/// at once need not be again. The job remembers how far it came.
async fn end_invites(app: &App, tenant: Tenant, job: &Job, now: Timestamp) -> Result<()> {
    let payload: serde_json::Value = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let mut after = payload["after"].as_str().unwrap_or_default().to_owned();
    loop {
        let from = after.clone();
        let ended = app
            .db
            .read(move |conn| outbox::store::ended_invites(conn, tenant, &from, now))
            .await?;
        let Some((last, ..)) = ended.last() else {
            return Ok(());
        };
        after = last.to_string();
        let (id, seen) = (job.id, serde_json::json!({ "after": after }));
        let origin = origin(now);
        app.db
            .write_background(move |tx| {
                for (_, client, expires_at) in &ended {
                    let client = client.as_deref().and_then(ClientId::parse);
                    if let (Some(client), Some(expires_at)) = (client, expires_at) {
                        clients::actions::end_invite(tx, tenant, &origin, client, *expires_at)?;
                    }
                }
                jobs::actions::remember(tx, id, &seen)
            })
            .await?;
    }
}

/// Where an event comes from that no request caused.
fn origin(at: Timestamp) -> Origin {
    Origin {
        request_id: RequestId::new(at),
        idempotency_key: None,
        address: None,
        at,
    }
}
