//! What can be done with reasons: they begin, they end, they are put aside.

use super::{Kept, LOOK_AGAIN, Reason, ReasonKind, Whom, store};
use crate::caller::{ClientsWrite, Permit, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::ClientId;
use crate::jobs::{self, NewJob, queue};

fn shown(rows: &[Kept]) -> impl Iterator<Item = &Kept> {
    rows.iter().filter(|kept| !kept.dismissed)
}

/// Under which names a client is counted who has these reasons.
fn counted(rows: &[Kept]) -> Vec<&'static str> {
    let mut names: Vec<&str> = shown(rows).map(|kept| kept.reason.kind.name()).collect();
    if let Some(first) = shown(rows).next() {
        names.push(store::ALL);
        if first.active {
            names.push(store::ACTIVE);
        }
    }
    names
}

/// Changes the reasons of a client, and keeps the leader and the numbers right.
fn change(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: ClientId,
    change: impl FnOnce(&mut Vec<Kept>),
) -> Result<()> {
    let before = store::of_client(tx, tenant, client)?;
    let mut after = before.clone();
    change(&mut after);
    after.sort_by_key(|kept| kept.reason.kind);
    let first = shown(&after).next().map(|kept| kept.reason.kind);
    for kept in &mut after {
        kept.leads = first == Some(kept.reason.kind);
    }
    if after == before {
        return Ok(());
    }
    for gone in &before {
        let kind = gone.reason.kind;
        if !after.iter().any(|kept| kept.reason.kind == kind) {
            store::delete(tx, tenant, client, kind)?;
        }
    }
    for kept in after.iter().filter(|kept| !before.contains(kept)) {
        store::put(tx, tenant, client, kept)?;
    }
    let (was, is) = (counted(&before), counted(&after));
    for name in was.iter().filter(|name| !is.contains(name)) {
        store::count(tx, tenant, name, -1)?;
    }
    for name in is.iter().filter(|name| !was.contains(name)) {
        store::count(tx, tenant, name, 1)?;
    }
    Ok(())
}

/// A client needs the coach. One that stood there already is renewed; put aside, it stays aside as
/// long as it is about the same thing.
pub fn tell(tx: &Tx<'_>, tenant: Tenant, whom: Whom, reason: Reason) -> Result<()> {
    let ranked = reason.kind.ranked();
    change(tx, tenant, whom.client, |rows| {
        let former = rows.iter().position(|kept| kept.reason.kind == reason.kind);
        let former = former.map(|place| rows.remove(place));
        let mut reason = reason;
        if let Some(former) = &former
            && ranked.keeps_since
        {
            reason.since = former.reason.since;
        }
        let same = |former: &Kept| former.reason.object_id == reason.object_id;
        rows.push(Kept {
            until: ranked.lasts_ms.map(|ms| reason.since.plus_ms(ms)),
            dismissed: former.is_some_and(|former| former.dismissed && same(&former)),
            leads: false,
            active: whom.active,
            reason,
        });
    })
}

/// A reason has ended.
pub fn end(tx: &Tx<'_>, tenant: Tenant, client: ClientId, kind: ReasonKind) -> Result<()> {
    change(tx, tenant, client, |rows| {
        rows.retain(|kept| kept.reason.kind != kind);
    })
}

/// A planned session was logged: if the client's adherence is down, it is looked at anew, once for all
/// that is logged meanwhile.
pub fn look_again(tx: &Tx<'_>, tenant: Tenant, client: ClientId, now: Timestamp) -> Result<()> {
    let rows = store::of_client(tx, tenant, client)?;
    let is_down = |kept: &Kept| kept.reason.kind == ReasonKind::AdherenceDown;
    if !rows.iter().any(is_down) {
        return Ok(());
    }
    let about = client.to_string();
    jobs::actions::withdraw(tx, &LOOK_AGAIN, tenant, &about)?;
    let server_now = now.plus_ms(-queue::offset_ms(tx, tenant)?);
    let job = NewJob {
        tenant: Some(tenant),
        about: Some(about),
        due_at: now,
        ..NewJob::now(server_now, &jobs::actions::lane(Some(tenant)))
    };
    jobs::actions::enqueue(tx, &LOOK_AGAIN, &job, server_now)
}

/// The client has become active, or is no longer.
pub fn client_is(tx: &Tx<'_>, tenant: Tenant, whom: Whom) -> Result<()> {
    change(tx, tenant, whom.client, |rows| {
        for kept in rows {
            kept.active = whom.active;
        }
    })
}

/// The client is not coached any more: nothing of him or her is told.
pub fn forget(tx: &Tx<'_>, tenant: Tenant, client: ClientId) -> Result<()> {
    change(tx, tenant, client, Vec::clear)
}

/// Puts a reason aside until it ends or something new happens.
pub fn dismiss(
    tx: &Tx<'_>,
    permit: &Permit<ClientsWrite>,
    client: ClientId,
    kind: ReasonKind,
) -> Result<Kept> {
    let tenant = permit.tenant();
    let mut rows = store::of_client(tx, tenant, client)?.into_iter();
    let found = rows.find(|kept| kept.reason.kind == kind);
    let aside = Kept {
        dismissed: true,
        leads: false,
        ..found.ok_or_else(Error::not_found)?
    };
    change(tx, tenant, client, |rows| {
        for kept in rows.iter_mut().filter(|kept| kept.reason.kind == kind) {
            kept.dismissed = true;
        }
    })?;
    Ok(aside)
}

/// Ends reasons whose time is over, so many at most; gives how many that were.
pub fn end_old(tx: &Tx<'_>, tenant: Tenant, now: Timestamp, limit: u32) -> Result<usize> {
    let ended = store::ended(tx, tenant, now, limit)?;
    for (client, kind) in &ended {
        end(tx, tenant, *client, *kind)?;
    }
    Ok(ended.len())
}

/// Counts anew, after rows were removed together with their clients.
pub fn recount(tx: &Tx<'_>, tenant: Tenant) -> Result<()> {
    store::recount(tx, tenant)
}
