//! Telling of API keys that end soon.

use super::{NoticeKind, Severity, Told, actions, store};
use crate::access::api_keys::{self, ApiKey, MAX_KEYS, Status};
use crate::access::{accounts, workspaces};
use crate::app::App;
use crate::caller::Tenant;
use crate::clock::{DAY_MS, HOUR_MS, Timestamp};
use crate::error::Result;
use crate::ids::NoticeId;
use crate::jobs::{Done, Every, Job, JobError, Kind, PLAIN};
use crate::outbox::Fate;
use crate::outbox::actions::{Envelope, Sealed, enqueue, seal};
use crate::outbox::templates::Fill;

/// Once a day in each tenant.
pub const KEYS_EXPIRING: Kind = Kind {
    name: "keys.expiring",
    every: Some(Every::DayAt(8 * HOUR_MS)),
    ..PLAIN
};

/// Days before its end at which a key is told of, the nearest first.
const STAGES: [i64; 3] = [1, 7, 30];

/// The stage that a key is at: so many days are left at most. A key that was made for a shorter time
/// than that is not told of at that stage.
fn stage(key: &ApiKey, now: Timestamp) -> Option<(i64, Timestamp)> {
    let end = key
        .expires_at
        .filter(|_| key.status(now) == Status::Active)?;
    let left_ms = end.since_ms(now);
    let days = STAGES.into_iter().find(|days| left_ms <= days * DAY_MS)?;
    (end.since_ms(key.created_at) > days * DAY_MS).then_some((days, end))
}

/// Tells, by notice and mail, of each key that came nearer to its end by a stage.
pub async fn keys_expiring(app: App, job: Job) -> Result<Done, JobError> {
    let tenant = job.owner()?;
    let now = job.at(&app.clock);
    let reading = app.clone();
    let told = app
        .db
        .read(move |conn| {
            let mut told = Vec::new();
            for key in api_keys::store::newest(conn, tenant, MAX_KEYS)? {
                let Some((days, end)) = stage(&key, now) else {
                    continue;
                };
                let notice = notice(tenant, &key, days, end, now);
                let kind = notice.kind.name();
                let before = store::stage(conn, tenant, kind, &notice.subject)?;
                if before.as_deref() == Some(&notice.stage) {
                    continue;
                }
                let mail = mail(&reading, conn, tenant, &key, (end, now))?;
                told.push((notice, mail));
            }
            Ok(told)
        })
        .await?;
    Ok(Done::with(move |tx| {
        for (notice, mail) in &told {
            if actions::tell(tx, tenant, notice)?
                && let Some(mail) = mail
            {
                enqueue(tx, tenant, mail)?;
            }
        }
        Ok(())
    }))
}

/// Whole days until a time, rounded up.
fn days_until(end: Timestamp, now: Timestamp) -> i64 {
    (end.since_ms(now) + DAY_MS - 1) / DAY_MS
}

fn notice(tenant: Tenant, key: &ApiKey, stage: i64, end: Timestamp, now: Timestamp) -> Told {
    let when = match days_until(end, now) {
        1 => "tomorrow".to_owned(),
        days => format!("in {days} days"),
    };
    Told {
        id: NoticeId::new(now),
        kind: NoticeKind::KeyExpiring,
        subject: key.id.to_string(),
        // A key whose end is put off begins anew.
        stage: format!("{stage} {end}"),
        severity: if stage == 1 {
            Severity::Critical
        } else {
            Severity::Warning
        },
        title: format!("The API key “{}” ends {when}", key.name),
        message: format!(
            "From {end} on, requests with the {} key {} are refused. Rotate it and give the new \
             one to the apps that use it.",
            tenant.mode(),
            key.hint
        ),
        action: Some(("Open API keys".to_owned(), "/dashboard/api-keys".to_owned())),
        created_at: now,
    }
}

fn mail(
    app: &App,
    conn: &crate::db::Reader,
    tenant: Tenant,
    key: &ApiKey,
    (end, now): (Timestamp, Timestamp),
) -> Result<Option<Sealed>> {
    let Some(workspace) = workspaces::store::of_tenant(conn, tenant)? else {
        return Ok(None);
    };
    let Some(account) = accounts::store::find(conn, workspace.account_id)? else {
        return Ok(None);
    };
    let fill = Fill::KeyExpiring {
        name: account.name,
        workspace: workspace.name,
        key: key.name.clone(),
        hint: key.hint.clone(),
        mode: tenant.mode().name().to_owned(),
        expires_at: end.to_string(),
        days: days_until(end, now),
        link: format!("{}/dashboard/api-keys", app.public_address().url),
    };
    let to = Envelope {
        recipient: account.email,
        client_id: None,
        expires_at: Some(end),
    };
    let fate = Fate::of_notice(&app.config, tenant.mode().is_live());
    seal(&app.sealing, tenant, now, to, &fill, &fate).map(Some)
}
