//! What only time decides: looked at once a day in each tenant, a few clients at a time.

use std::time::Duration;

use serde_json::json;

use super::adherence;
use crate::access::workspaces;
use crate::app::App;
use crate::attention::{self, Reason, ReasonKind, Whom};
use crate::caller::Tenant;
use crate::clients::{self, Status};
use crate::clock::{HOUR_MS, Timestamp};
use crate::db::{Reader, Tx};
use crate::error::Result;
use crate::ids::ClientId;
use crate::jobs::{Done, Every, Job, JobError, Kind, PLAIN};
use crate::programs::actions::ending;
use crate::programs::{self, Program, today_of};

/// Once a day in each tenant: adherence that fell, programs that end, reasons that grew old.
pub const LOOK: Kind = Kind {
    name: "today.look",
    every: Some(Every::DayAt(2 * HOUR_MS)),
    // A tenant of a million clients takes many reads; each is short, and so is each write.
    timeout: Duration::from_hours(6),
    ..PLAIN
};

/// Clients who are looked at in one read and written of in one write.
const AT_ONCE: u32 = 100;
/// Adherence is down if so many percent points less was done in 7 days than in 30.
pub const DOWN_POINTS: u32 = 20;

/// What became of a client's reasons of one kind: told, or ended.
struct Finding {
    whom: Whom,
    kind: ReasonKind,
    reason: Option<Reason>,
}

/// Looks at all clients of a tenant who follow a program.
pub async fn look(app: App, job: Job) -> Result<Done, JobError> {
    let tenant = job.owner()?;
    let now = job.at(&app.clock);
    let end_old = move |tx: &Tx<'_>| attention::actions::end_old(tx, tenant, now, AT_ONCE);
    while app.db.write_background(end_old).await? > 0 {}
    end_of_others(&app, tenant).await?;
    let zone = app
        .db
        .read_now(|conn| workspaces::store::of_tenant(conn, tenant))?;
    let zone = zone.map(|workspace| workspace.timezone).unwrap_or_default();
    let mut after = String::new();
    loop {
        let (from, zone) = (after.clone(), zone.clone());
        let read = move |conn: &Reader| followers(conn, tenant, &zone, (&from, now));
        let (last, findings) = app.db.read(read).await?;
        tell(&app, tenant, findings).await?;
        let Some(last) = last else {
            break;
        };
        after = last.to_string();
    }
    Ok(Done::plain())
}

async fn tell(app: &App, tenant: Tenant, findings: Vec<Finding>) -> Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    app.db
        .write_background(move |tx| tell_all(tx, tenant, findings))
        .await
}

fn tell_all(tx: &Tx<'_>, tenant: Tenant, findings: Vec<Finding>) -> Result<()> {
    for finding in findings {
        if let Some(reason) = finding.reason {
            attention::actions::tell(tx, tenant, finding.whom, reason)?;
        } else {
            let client = finding.whom.client;
            attention::actions::end(tx, tenant, client, finding.kind)?;
        }
    }
    Ok(())
}

/// Looks at a few clients at once, and ends what grew old.
pub fn look_at(tx: &Tx<'_>, tenant: Tenant, clients: &[ClientId], now: Timestamp) -> Result<()> {
    while attention::actions::end_old(tx, tenant, now, AT_ONCE)? > 0 {}
    let zone = workspaces::store::of_tenant(tx, tenant)?;
    let zone = zone.map(|workspace| workspace.timezone).unwrap_or_default();
    for client in clients {
        if let Some(program) = programs::store::find_current(tx, tenant, *client)? {
            let findings = follower(tx, tenant, &zone, (&program, now))?;
            tell_all(tx, tenant, findings)?;
        }
    }
    Ok(())
}

/// Looks at one client anew, of whom a planned session was logged.
pub async fn look_again(app: App, job: Job) -> Result<Done, JobError> {
    let (tenant, now) = (job.owner()?, job.at(&app.clock));
    let Some(client) = job.about.as_deref().and_then(ClientId::parse) else {
        return Ok(Done::plain());
    };
    let read = move |conn: &Reader| {
        let zone = workspaces::store::of_tenant(conn, tenant)?;
        let zone = zone.map(|workspace| workspace.timezone).unwrap_or_default();
        match programs::store::find_current(conn, tenant, client)? {
            Some(program) => follower(conn, tenant, &zone, (&program, now)),
            // Who follows no program is seen to by night.
            None => Ok(Vec::new()),
        }
    };
    let findings = app.db.read(read).await?;
    tell(&app, tenant, findings).await?;
    Ok(Done::plain())
}

/// What is found of some clients who follow a program, and the last of them.
fn followers(
    conn: &Reader,
    tenant: Tenant,
    zone: &str,
    (after, now): (&str, Timestamp),
) -> Result<(Option<ClientId>, Vec<Finding>)> {
    let programs = programs::store::active(conn, tenant, after, AT_ONCE)?;
    let last = programs.last().map(|program| program.client_id);
    let mut findings = Vec::new();
    for program in programs {
        findings.extend(follower(conn, tenant, zone, (&program, now))?);
    }
    Ok((last, findings))
}

/// What is found of the client who follows a program.
fn follower(
    conn: &Reader,
    tenant: Tenant,
    zone: &str,
    (program, now): (&Program, Timestamp),
) -> Result<Vec<Finding>> {
    let client = clients::store::find(conn, tenant, program.client_id)?;
    let Some(client) = client.filter(|client| client.status != Status::Archived) else {
        return Ok(Vec::new());
    };
    let whom = client.whom();
    let today = today_of(&client, zone, now);
    let windows = adherence::of_client(conn, tenant, &client, zone, today)?;
    let percent = |days: i64| windows.iter().find(|window| window.days == days)?.percent;
    let down = percent(7).zip(percent(30));
    let down = down.filter(|(week, month)| week + DOWN_POINTS <= *month);
    let down = down.map(|(week, month)| Reason {
        kind: ReasonKind::AdherenceDown,
        since: now,
        object_id: None,
        detail: json!({ "week": week, "month": month }),
    });
    let found = [
        (ReasonKind::AdherenceDown, down),
        (ReasonKind::ProgramEnding, ending(program, today, now)),
    ];
    let found = found.into_iter();
    Ok(found
        .map(|(kind, reason)| Finding { whom, kind, reason })
        .collect())
}

/// Adherence is told of those alone who follow a program.
async fn end_of_others(app: &App, tenant: Tenant) -> Result<()> {
    const KIND: ReasonKind = ReasonKind::AdherenceDown;
    let mut after = String::new();
    loop {
        let from = after.clone();
        let read = move |conn: &Reader| {
            let clients = attention::store::with_kind(conn, tenant, KIND, &from, AT_ONCE)?;
            let last = clients.last().copied();
            let mut others = Vec::new();
            for client in clients {
                if programs::store::find_active(conn, tenant, client)?.is_none() {
                    others.push(client);
                }
            }
            Ok((last, others))
        };
        let (last, others) = app.db.read(read).await?;
        let Some(last) = last else {
            return Ok(());
        };
        after = last.to_string();
        app.db
            .write_background(move |tx| {
                for client in others {
                    attention::actions::end(tx, tenant, client, KIND)?;
                }
                Ok(())
            })
            .await?;
    }
}
