//! Erasing a client.

use super::body::ErasedClientBody;
use super::store::{self, Found};
use super::{Traces, again};
use crate::app::App;
use crate::attention;
use crate::caller::{ClientsErase, Origin, Permit, Tenant};
use crate::clock::MINUTE_MS;
use crate::db::{Reader, Topic, Tx};
use crate::error::{Error, Result};
use crate::events::{self, EventType};
use crate::ids::{AuditId, ClientId, MailId, RequestId, WorkspaceId};
use crate::overview::exports;
use crate::secrets::SealingKey;

/// What arrives so long before an erasure may still be on its way into the request log.
const LOOKED_AT_AGAIN_MS: i64 = 2 * MINUTE_MS;
/// What an export says whose file is removed because the client may be in it.
const EXPORT_ENDED: &str = "A client was erased: ask for a new export.";
/// Requests that are emptied in one write, so that no other write waits long behind it.
const EMPTIED_AT_ONCE: usize = 1_000;

/// Looks a client's traces up in the long tables; none if there is no such client.
pub fn prepare(
    conn: &Reader,
    tenant: Tenant,
    sealing: &SealingKey,
    id: ClientId,
) -> Result<Option<Found>> {
    let Some(mut traces) = store::traces(conn, tenant, id)? else {
        return Ok(None);
    };
    let mut found = Found::default();
    store::find_mails(conn, tenant, id, None, &mut found)?;
    traces.add(found.mails.iter().cloned());
    store::find_audited(conn, tenant, &traces, None, &mut found)?;
    store::find_events(conn, tenant, &traces, &mut found)?;
    store::find_answers(conn, tenant, sealing, &traces, &mut found)?;
    store::find_requests(conn, tenant, &traces, None, &mut found)?;
    Ok(Some(found))
}

/// Takes a part of the requests that were found, to be emptied in a write of its own; none once all
/// were taken. The request log is no part of the client's state: it may go first.
pub fn take_requests(found: &mut Found) -> Option<Vec<i64>> {
    let rest: Vec<i64> = std::mem::take(&mut found.requests).into_iter().collect();
    let (some, rest) = rest.split_at(rest.len().min(EMPTIED_AT_ONCE));
    found.requests.extend(rest);
    (!some.is_empty()).then(|| some.to_vec())
}

/// Empties requests that were found.
pub fn empty_requests(tx: &Tx<'_>, tenant: Tenant, numbers: Vec<i64>) -> Result<()> {
    store::empty_requests(tx, tenant, numbers)
}

/// Erases a client, with what was found before; gives what is left to say.
pub fn erase(
    tx: &Tx<'_>,
    app: &App,
    permit: &Permit<ClientsErase>,
    id: ClientId,
    found: Found,
) -> Result<ErasedClientBody> {
    let place = (permit.tenant(), permit.caller().workspace_id);
    erase_in(tx, app, place, permit.origin(), (id, found))
}

/// The same without a caller: for a restored backup that knows the client again.
pub(super) fn erase_in(
    tx: &Tx<'_>,
    app: &App,
    (tenant, workspace): (Tenant, WorkspaceId),
    origin: &Origin,
    (id, mut found): (ClientId, Found),
) -> Result<ErasedClientBody> {
    // Whatever came since it was looked: the transaction is the last to look.
    let mut traces = store::traces(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    let [server, now] =
        [app.clock.now(), app.clock.now_of(&tenant)].map(|now| now.plus_ms(-LOOKED_AT_AGAIN_MS));
    store::find_mails(tx, tenant, id, Some(MailId::first_at(now)), &mut found)?;
    traces.add(found.mails.iter().cloned());
    let recent = AuditId::first_at(now);
    store::find_audited(tx, tenant, &traces, Some(recent), &mut found)?;
    store::find_events(tx, tenant, &traces, &mut found)?;
    store::find_answers(tx, tenant, &app.sealing, &traces, &mut found)?;
    let recent = RequestId::first_at(server);
    store::find_requests(tx, tenant, &traces, Some(recent), &mut found)?;
    store::empty(tx, tenant, &found)?;
    store::empty_short(tx, tenant, &traces)?;
    attention::actions::forget(tx, tenant, id)?;
    exports::actions::withdraw(tx, app, tenant, EXPORT_ENDED)?;
    store::delete(tx, tenant, id)?;
    store::remember(tx, tenant, id, origin.at)?;
    let body = ErasedClientBody::of(tenant, id, origin.at);
    events::record(tx, tenant, origin, EventType::ClientErased, &body)?;
    tx.changed(Topic::Credentials);
    tx.empty_log();
    // Not after the commit: what another write of the same commit takes out would not be seen. Should
    // this one fail yet, some lines of the log say less than they could.
    forget(app, tenant, origin.request_id, traces);
    let (app, at) = (app.clone(), origin.at);
    tx.after_commit(move || {
        again::note(&app.config.data, workspace, tenant.mode(), id, at);
    });
    Ok(body)
}

/// Forgets what was gathered in memory about a client, and what is gathered late: the answer to a
/// request that read the client before.
fn forget(app: &App, tenant: Tenant, by: RequestId, traces: Traces) {
    let at = (app.clock.now(), by);
    app.request_log
        .forget(tenant, at, move |path, query, texts| {
            traces.are_in_request(path, query, texts)
        });
}
