//! `/v1/oauth/grants`: the apps that a coach let in.

use serde_json::json;

use super::body::GrantBody;
use super::{MAX_LISTED, actions, store};
use crate::access::oauth::apps::actions::refuse_apps;
use crate::api::query::NoQuery;
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::WorkspaceWrite;
use crate::error::Result;
use crate::idempotency::Answer;

async fn list_grants(cx: Cx<WorkspaceWrite>, _: NoQuery) -> Result<Answer> {
    let caller = cx.permit.caller();
    refuse_apps(caller)?;
    let (tenant, account, now) = (cx.tenant(), caller.account_id, cx.permit.now());
    let grants = cx
        .app
        .db
        .read_now(|conn| store::living(conn, tenant, account, now, MAX_LISTED))?;
    let live = tenant.mode().is_live();
    let data: Vec<GrantBody> = grants
        .into_iter()
        .map(|mut grant| {
            let pending = cx.app.grant_uses.pending(tenant, grant.id);
            grant.last_used_at = pending.or(grant.last_used_at);
            GrantBody::of(grant, live)
        })
        .collect();
    Answer::ok(&json!({
        "object": "list",
        "data": data,
        "has_more": false,
        "next_cursor": null,
        "url": cx.path(),
    }))
}

async fn revoke(cx: Cx<WorkspaceWrite>) -> Result<Work> {
    let id = cx.id("grant_id")?;
    let permit = cx.permit;
    work(move |tx| {
        actions::revoke(tx, &permit, id)?;
        Ok(Answer::no_content())
    })
}

/// The routes of grants.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/oauth/grants", list_grants)
            .named("OAuth", "list_oauth_grants", "List the apps that were let in")
            .describe("The grants of the coach in this workspace and mode that still hold, newest first, not paged. Not for apps themselves.")
            .lists::<GrantBody>(),
        Route::delete("/v1/oauth/grants/{grant_id}", revoke)
            .named("OAuth", "revoke_oauth_grant", "Take back what an app may do")
            .describe("Its access tokens and refresh tokens are refused from the next request on."),
    ]
}
