//! Notices that are made of the state of things, each time they are asked for.
//!
//! Its id is made of what it is about and of the time of the last news of it, so it is the same as
//! long as there is none, and can be put aside.

use super::store::Kept;
use super::{Notice, NoticeKind, Severity, store};
use crate::access::accounts::{self, Account};
use crate::access::api_keys;
use crate::app::App;
use crate::backup;
use crate::caller::{Caller, Tenant};
use crate::clock::{DAY_MS, HOUR_MS, Timestamp};
use crate::db::{Reader, inspect};
use crate::error::Result;
use crate::ids::{KeyId, NoticeId};
use crate::jobs::queue;
use crate::limits::WINDOW_MS;
use crate::outbox::{self, MailStatus};
use crate::upkeep;

/// A backup older than this is no backup of today's work.
const BACKUP_OLD_MS: i64 = 2 * DAY_MS;
/// Below this the disk is nearly full.
const DISK_LOW_BYTES: u64 = 1024 * 1024 * 1024;
/// Below this writes fail soon.
const DISK_CRITICAL_BYTES: u64 = 64 * 1024 * 1024;

/// What a derived notice says.
struct Found {
    kind: NoticeKind,
    severity: Severity,
    title: String,
    message: String,
    action: Option<(&'static str, String)>,
    /// The time of the last news of it.
    at: Timestamp,
}

impl Found {
    fn notice(self, whose: &str, livemode: Option<bool>) -> Notice {
        let name = format!("{whose} {}", self.kind.name());
        Notice {
            id: NoticeId::named(self.at, &name),
            livemode,
            kind: self.kind.name().to_owned(),
            severity: self.severity.name().to_owned(),
            title: self.title,
            message: self.message,
            action: self.action.map(|(label, href)| (label.to_owned(), href)),
            created_at: self.at,
        }
    }
}

/// Every notice that a caller may see and has not put aside, what matters most first.
pub fn all(app: &App, conn: &Reader, caller: &Caller, now: Timestamp) -> Result<Vec<Notice>> {
    let tenant = caller.tenant;
    let live = tenant.mode().is_live();
    let mut notices: Vec<Notice> = of_tenant(app, conn, caller, now)?
        .into_iter()
        .map(|found| found.notice(&format!("tenant {}", tenant.number()), Some(live)))
        .collect();
    for kept in store::kept(conn, tenant)? {
        if still_true(conn, tenant, &kept, now)? {
            notices.push(kept.notice);
        }
    }
    let account = accounts::store::find(conn, caller.account_id)?;
    if let Some(owner) = account.filter(|account| account.role == "owner") {
        let of_server = of_server(app, conn, &owner)?;
        notices.extend(
            of_server
                .into_iter()
                .map(|found| found.notice("server", None)),
        );
    }
    let dismissed = store::dismissed(conn, caller.account_id)?;
    notices.retain(|notice| !dismissed.contains(&notice.id));
    notices.sort_by_key(|notice| {
        let rank = Severity::CHOICES
            .iter()
            .position(|(name, _)| *name == notice.severity);
        std::cmp::Reverse((rank, notice.id))
    });
    Ok(notices)
}

fn of_tenant(app: &App, conn: &Reader, caller: &Caller, now: Timestamp) -> Result<Vec<Found>> {
    let tenant = caller.tenant;
    let outbox = format!("/dashboard/{}/outbox", tenant.mode());
    let mut found = Vec::new();
    let plan = app.plan_of(caller);
    let standing = plan.and_then(|plan| app.limits.peek(caller, plan, now));
    if let Some(standing) = standing.filter(crate::limits::Standing::is_near) {
        let refused = standing.used >= standing.limit.saturating_add(standing.burst);
        found.push(Found {
            kind: NoticeKind::LimitNear,
            severity: if refused {
                Severity::Critical
            } else {
                Severity::Warning
            },
            title: format!("{} of {} requests used", standing.used, standing.limit),
            message: format!(
                "The hourly limit is nearly used up; it begins anew at {}. See which key uses most.",
                standing.reset_at
            ),
            action: Some(("See usage", format!("/dashboard/{}/usage", tenant.mode()))),
            at: standing.reset_at.plus_ms(-WINDOW_MS),
        });
    }
    let (held, _, at) = outbox::store::open_of(conn, tenant, MailStatus::Held.name())?;
    if let Some(at) = at {
        found.push(Found {
            kind: NoticeKind::MailHeld,
            severity: Severity::Warning,
            title: format!("{} held: send or drop", counted(held, "mail")),
            message:
                "Held mail never leaves by itself. Send it, or drop it if the link was passed \
                      on by hand."
                    .to_owned(),
            action: Some(("Open the outbox", format!("{outbox}?status=held"))),
            at,
        });
    }
    let (bounced, _, at) = outbox::store::open_of(conn, tenant, MailStatus::Bounced.name())?;
    if let Some(at) = at {
        found.push(Found {
            kind: NoticeKind::MailBounced,
            severity: Severity::Warning,
            title: format!("{} bounced", counted(bounced, "mail")),
            message: "A mail server refused it for good. See to the address, then invite again or \
                      drop it."
                .to_owned(),
            action: Some(("Open the outbox", format!("{outbox}?status=bounced"))),
            at,
        });
    }
    Ok(found)
}

/// What was told is shown for as long as it is so.
fn still_true(conn: &Reader, tenant: Tenant, kept: &Kept, now: Timestamp) -> Result<bool> {
    if kept.notice.kind != NoticeKind::KeyExpiring.name() {
        return Ok(true);
    }
    let Some(id) = KeyId::parse(&kept.subject) else {
        return Ok(false);
    };
    let key = api_keys::store::find(conn, tenant, id)?;
    Ok(key.is_some_and(|key| {
        let ends = key.expires_at.map(|end| end.to_string());
        key.status(now) == api_keys::Status::Active
            && ends.is_some_and(|end| kept.stage.ends_with(&end))
    }))
}

fn of_server(app: &App, conn: &Reader, owner: &Account) -> Result<Vec<Found>> {
    let now = app.clock.now();
    let settings = || "/dashboard/settings".to_owned();
    let mut found = Vec::new();
    if let Some(since) = backup::quiet_since(conn)? {
        found.push(Found {
            kind: NoticeKind::RestoredQuiet,
            severity: Severity::Critical,
            title: "Restored and quiet".to_owned(),
            message: "This copy was restored from a backup, and no mail leaves it. Once it is the \
                      only copy, run `cadence resume` on the server; `--dry-run` shows what would \
                      leave."
                .to_owned(),
            action: Some(("See what waits", "/dashboard/jobs".to_owned())),
            at: since,
        });
    }
    found.extend(disk(app, now));
    let nightly = queue::schedule(conn, upkeep::NIGHTLY.name, None)?;
    let failed = nightly.filter(|job| job.error.is_some());
    if let Some(job) = failed {
        found.push(Found {
            kind: NoticeKind::BackupFailed,
            severity: Severity::Critical,
            title: "The last nightly backup failed".to_owned(),
            message: format!(
                "{} See to the cause, then make one by hand.",
                job.error.unwrap_or_default()
            ),
            action: Some(("Make a backup", settings())),
            at: job.started_at.unwrap_or(job.updated_at),
        });
    }
    let last = backup::last_backup_at(conn)?;
    let since = last.unwrap_or(owner.created_at);
    if now.since_ms(since) > BACKUP_OLD_MS {
        found.push(Found {
            kind: NoticeKind::BackupOld,
            severity: Severity::Warning,
            title: match last {
                Some(at) => format!("The last backup is {} days old", now.since_ms(at) / DAY_MS),
                None => "There is no backup yet".to_owned(),
            },
            message:
                "What was done since is on this disk alone. Make a backup, and keep a copy of \
                      it on another machine."
                    .to_owned(),
            action: Some(("Make a backup", settings())),
            at: since.plus_ms(BACKUP_OLD_MS),
        });
    }
    Ok(found)
}

fn disk(app: &App, now: Timestamp) -> Option<Found> {
    let free = inspect::free_bytes(&app.config.data)?;
    let severity = match free {
        0..DISK_CRITICAL_BYTES => Severity::Critical,
        DISK_CRITICAL_BYTES..DISK_LOW_BYTES => Severity::Warning,
        _ => return None,
    };
    // It is news again each hour: the notice that was put aside comes back.
    let hour = now.as_ms() - now.as_ms().rem_euclid(HOUR_MS);
    Some(Found {
        kind: NoticeKind::DiskLow,
        severity,
        title: format!("{} MB left on the disk", free / 1_000_000),
        message: "A full disk refuses every write. Make room; old backups are a place to begin."
            .to_owned(),
        action: None,
        at: Timestamp::from_ms(hour),
    })
}

fn counted(count: u32, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
