//! The account is told, once a window, that it nears its limit; and can ask where it stands.
//!
//! Noted, mailed and recorded in one transaction: a crash between them is not possible, and the
//! note keeps a restart from telling it again. Only live traffic is worth a mail.

use serde::Serialize;
use utoipa::ToSchema;

use super::{accounts, workspaces};
use crate::api::query::NoQuery;
use crate::api::route::{Cx, Route};
use crate::app::App;
use crate::caller::{AnyCaller, Caller, Mode, Origin, Tenant};
use crate::clock::Timestamp;
use crate::db::{Reader, Tx};
use crate::error::{Error, Result};
use crate::events::{self, EventType};
use crate::idempotency::Answer;
use crate::ids::{AccountId, RequestId};
use crate::limits::{self, Owner, POLICY, Standing, WINDOW_MS, Window};
use crate::outbox::Fate;
use crate::outbox::actions::{Envelope, enqueue, seal};
use crate::outbox::templates::Fill;

/// Where an account stands: the same as the headers of every answer say.
/// A report and no object: it has neither an id nor a `created_at`.
#[derive(Debug, Serialize, ToSchema)]
pub struct RateLimitBody {
    /// Always `rate_limit`.
    object: &'static str,
    /// True for the live window.
    livemode: bool,
    /// The name of the policy.
    policy: &'static str,
    /// False where the account's limit is switched off; the numbers are null then.
    enabled: bool,
    /// Requests of a window.
    limit: Option<u32>,
    /// What is served above it.
    burst: Option<u32>,
    /// Requests served in this window.
    used: Option<u32>,
    /// Requests left before the burst begins.
    remaining: Option<u32>,
    /// The length of a window in seconds.
    window_seconds: i64,
    /// When the window ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    reset_at: Option<Timestamp>,
}

fn body(livemode: bool, standing: Option<&Standing>) -> RateLimitBody {
    RateLimitBody {
        object: "rate_limit",
        livemode,
        policy: POLICY,
        enabled: standing.is_some(),
        limit: standing.map(|standing| standing.limit),
        burst: standing.map(|standing| standing.burst),
        used: standing.map(|standing| standing.used),
        remaining: standing.map(Standing::remaining),
        window_seconds: WINDOW_MS / 1_000,
        reset_at: standing.map(|standing| standing.reset_at),
    }
}

async fn rate_limit(cx: Cx<AnyCaller>, _: NoQuery) -> Result<Answer> {
    let caller = cx.permit.caller();
    let plan = cx.app.plan_of(caller);
    let standing = plan.and_then(|plan| cx.app.limits.peek(caller, plan, cx.permit.now()));
    Answer::ok(&body(caller.tenant.mode().is_live(), standing.as_ref()))
}

/// Tells the account that its window nears the limit, unless it was told before.
///
/// Whatever keeps this from being written, [`settle`] makes up for within seconds.
pub async fn warn(
    app: App,
    caller: std::sync::Arc<Caller>,
    origin: Origin,
    opened_at: Timestamp,
    standing: Standing,
) -> Result<()> {
    let db = app.db.clone();
    db.write_background(move |tx| {
        let owner = (caller.account_id, caller.tenant.mode());
        if !limits::actions::claim_warning(tx, owner, opened_at, standing.used)? {
            return Ok(());
        }
        let whose = (caller.tenant, caller.workspace.name.as_str());
        tell(tx, &app, (caller.account_id, whose), &origin, &standing)
    })
    .await
}

/// Tells those accounts that crossed the mark and were not told.
///
/// The write of [`warn`] may have been refused, or the process ended before it. This goes with the write of the windows themselves, so a
/// window that is on the disk above the mark is one that its account was told of.
pub fn settle(tx: &Tx<'_>, app: &App, windows: &[(Owner, Window)]) -> Result<()> {
    for ((account_id, mode), window) in windows.iter().filter(|(_, window)| window.warned) {
        let owner = (*account_id, *mode);
        if !limits::actions::claim_warning(tx, owner, window.opened_at, window.used)? {
            continue;
        }
        let Some(account) = accounts::store::find(tx, *account_id)? else {
            continue;
        };
        let (Some(plan), Some((tenant, name))) = (
            app.config.plan(&account.plan),
            workspace(tx, *account_id, *mode)?,
        ) else {
            continue;
        };
        let at = app.clock.now_of(&tenant);
        let Some(standing) = window.standing(plan, at) else {
            continue;
        };
        let origin = Origin {
            request_id: RequestId::new(at),
            idempotency_key: None,
            address: None,
            at,
        };
        tell(tx, app, (*account_id, (tenant, &name)), &origin, &standing)?;
    }
    Ok(())
}

/// The first workspace of an account, in a mode: the window is of all of them.
fn workspace(conn: &Reader, account: AccountId, mode: Mode) -> Result<Option<(Tenant, String)>> {
    let Some(workspace) = workspaces::store::first_of(conn, account)? else {
        return Ok(None);
    };
    let tenants = workspaces::store::tenants(conn, workspace.id)?;
    Ok(tenants.map(|tenants| (tenants.of(mode), workspace.name)))
}

fn tell(
    tx: &Tx<'_>,
    app: &App,
    (account_id, (tenant, workspace)): (AccountId, (Tenant, &str)),
    origin: &Origin,
    standing: &Standing,
) -> Result<()> {
    let live = tenant.mode().is_live();
    let object = body(live, Some(standing));
    events::record(tx, tenant, origin, EventType::RateLimitWarning, &object)?;
    if !live {
        return Ok(());
    }
    let account = accounts::store::find(tx, account_id)?;
    let account = account.ok_or_else(|| Error::bug("a caller without an account"))?;
    let fill = Fill::RateLimit {
        name: account.name,
        workspace: workspace.to_owned(),
        used: standing.used,
        limit: standing.limit,
        reset_at: standing.reset_at.to_string(),
        top_keys: standing
            .top_keys
            .iter()
            .map(|(key, used)| (key.to_string(), *used))
            .collect(),
    };
    let to = Envelope {
        recipient: account.email,
        client_id: None,
        expires_at: Some(standing.reset_at),
    };
    let fate = Fate::of_notice(&app.config, live);
    let mail = seal(&app.sealing, tenant, origin.at, to, &fill, &fate)?;
    enqueue(tx, tenant, &mail)
}

/// The routes of the limit.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/rate-limit", rate_limit)
            .named("Workspace", "get_rate_limit", "Where the account stands")
            .describe("Free: it does not count. Shows what the headers show.")
            .answers::<RateLimitBody>(),
    ]
}
