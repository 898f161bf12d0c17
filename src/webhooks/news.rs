//! What a webhook's owner is told: notices for whoever looks, and mails in live mode.
//!
//! All of it is made ready before the write that finds out what is new, since sealing a mail is nothing
//! to do under the writer.

use super::Webhook;
use super::deliveries::actions::News;
use crate::access::{accounts, workspaces};
use crate::app::App;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Reader;
use crate::error::Result;
use crate::ids::{NoticeId, WebhookId};
use crate::notices::{NoticeKind, Severity, Told};
use crate::outbox::Fate;
use crate::outbox::actions::{Envelope, Sealed, seal};
use crate::outbox::templates::Fill;

/// Everything that there may be to tell of a webhook that fails or has failed.
pub(super) fn of(app: &App, tenant: Tenant, webhook: &Webhook, now: Timestamp) -> Result<News> {
    let since = webhook.health.failing_since.unwrap_or(now);
    let about = (webhook.id, webhook.url.as_str());
    let told = |stage: &str, severity, title: &str, message: &str| Told {
        severity,
        title: title.to_owned(),
        ..notice(tenant, about, (stage, message), (since, now))
    };
    let mail = |news: &str| mail(app, tenant, webhook, (news, since, now));
    Ok(News {
        failing: (Some(failing(tenant, about, since, now)), mail("failing")?),
        disabled: (
            Some(told(
                "disabled",
                Severity::Critical,
                "A webhook was disabled",
                "it failed for three days. Enable it once it is well, and replay what it missed.",
            )),
            mail("disabled")?,
        ),
        gone: (
            Some(told(
                "disabled",
                Severity::Warning,
                "A webhook was disabled",
                "it answered 410, that it is gone.",
            )),
            mail("gone")?,
        ),
        recovered: mail("recovered")?,
    })
}

/// The dashboard's page of a webhook, below `/dashboard`: it names the mode, since a reader comes from
/// either.
fn page(tenant: Tenant, webhook: WebhookId) -> String {
    format!("/{}/webhooks/{webhook}", tenant.mode().name())
}

/// A warning about a webhook, by its id and its address.
fn notice(
    tenant: Tenant,
    (id, url): (WebhookId, &str),
    (stage, message): (&str, &str),
    (since, now): (Timestamp, Timestamp),
) -> Told {
    Told {
        id: NoticeId::new(now),
        kind: NoticeKind::WebhookFailing,
        subject: id.to_string(),
        // One that fails again later is news again.
        stage: format!("{stage} {since}"),
        severity: Severity::Warning,
        title: "A webhook takes no deliveries".to_owned(),
        message: format!("{url}: {message}"),
        action: Some((
            "Look at its log".to_owned(),
            format!("/dashboard{}", page(tenant, id)),
        )),
        created_at: now,
    }
}

/// That a webhook takes nothing.
pub fn failing(tenant: Tenant, about: (WebhookId, &str), since: Timestamp, now: Timestamp) -> Told {
    let message = "it is tried every five minutes, and everything waits for it.";
    notice(tenant, about, ("failing", message), (since, now))
}

/// A mail to whose the workspace is. Test mode tells in the notices alone.
fn mail(
    app: &App,
    tenant: Tenant,
    webhook: &Webhook,
    (news, since, now): (&str, Timestamp, Timestamp),
) -> Result<Option<Sealed>> {
    if !tenant.mode().is_live() {
        return Ok(None);
    }
    let find = |conn: &Reader| {
        let Some(workspace) = workspaces::store::of_tenant(conn, tenant)? else {
            return Ok(None);
        };
        let account = accounts::store::find(conn, workspace.account_id)?;
        Ok(account.map(|account| (workspace, account)))
    };
    let Some((workspace, account)) = app.db.read_now(find)? else {
        return Ok(None);
    };
    let fill = Fill::Webhook {
        name: account.name,
        workspace: workspace.name,
        mode: tenant.mode().name().to_owned(),
        news: news.to_owned(),
        url: webhook.url.clone(),
        since: since.to_string(),
        link: format!(
            "{}/dashboard{}",
            app.public_address().url,
            page(tenant, webhook.id)
        ),
    };
    let to = Envelope {
        recipient: account.email,
        client_id: None,
        expires_at: None,
    };
    let fate = Fate::of_notice(&app.config, true);
    seal(&app.sealing, tenant, now, to, &fill, &fate).map(Some)
}
