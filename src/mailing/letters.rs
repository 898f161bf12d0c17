//! Mails as they are handed over.

use crate::app::App;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ids::MailId;
use crate::outbox::account::{self, AccountMail};
use crate::outbox::templates::Fill;
use crate::outbox::{self, Mail};
use crate::outside::mail::{Letter, Mailer};

/// A mail of a tenant.
pub fn of(app: &App, tenant: Tenant, mail: &Mail) -> Result<Letter> {
    let fill = outbox::actions::open(&app.sealing, tenant, mail)?;
    let rendered = fill.render();
    Ok(Letter {
        id: mail.id.to_string(),
        at: mail.created_at,
        to: mail.recipient.clone(),
        sender: fill.sender().map(str::to_owned),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    })
}

/// A mail to an account.
pub fn to_account(app: &App, mail: &AccountMail) -> Result<Letter> {
    let rendered = account::open(&app.sealing, mail)?.render();
    Ok(Letter {
        id: mail.id.to_string(),
        at: mail.created_at,
        to: mail.recipient.clone(),
        sender: None,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    })
}

/// A test mail of this server, which stands in no outbox.
pub fn test(public_url: &str, mailer: &Mailer, to: String, now: Timestamp) -> Letter {
    let fill = Fill::Test {
        server: public_url.to_owned(),
        mail_server: mailer.server(),
    };
    let rendered = fill.render();
    Letter {
        id: MailId::new(now).to_string(),
        at: now,
        to,
        sender: None,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    }
}
