//! The audit log: who did what to keys, accounts and settings, when and from where.
//!
//! Written in the transaction of the act, only ever appended to, and free of secrets. What a credential
//! may not do and tried (`access.refused`) is written with the request log, once an hour. A tenant
//! reads its own part; what happens to an account belongs to no tenant and is kept apart.

use rusqlite::{Connection, Row, named_params};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, Parameter, Query};
use crate::api::route::{Cx, Route};
use crate::caller::{Caller, Credential, Origin, SessionOnly, Tenant, WorkspaceRead};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::idempotency::Answer;
use crate::ids::{AccountId, AuditId};

/// What was done.
#[derive(Debug)]
pub struct Act {
    /// Such as `api_key.revoked`.
    pub action: &'static str,
    /// The id of what was acted on.
    pub target: String,
    /// What changed, if that is worth keeping.
    pub detail: Option<Value>,
}

fn actor(caller: &Caller) -> String {
    let mut actor = json!({
        "type": caller.credential.kind(),
        "account_id": caller.account_id.to_string(),
    });
    let (id, name) = caller.credential.named();
    if let Some(id) = id {
        actor["id"] = id.into();
    }
    if let Some(name) = name {
        actor["name"] = name.into();
    }
    if let Credential::AppToken {
        grant_id: Some(id), ..
    } = &caller.credential
    {
        actor["grant_id"] = id.to_string().into();
    }
    actor.to_string()
}

/// Records an act on something of a tenant.
pub fn record(
    tx: &Tx<'_>,
    tenant: Tenant,
    caller: &Caller,
    origin: &Origin,
    act: &Act,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO audit_log (
            tenant_id, id, at, action, actor, target, detail, address, request_id
        ) VALUES (
            :tenant_id, :id, :at, :action, :actor, :target, :detail, :address, :request_id
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": AuditId::new(origin.at),
        ":at": origin.at,
        ":action": act.action,
        ":actor": actor(caller),
        ":target": act.target,
        ":detail": act.detail.as_ref().map(Value::to_string),
        ":address": origin.address.map(|address| address.to_string()),
        ":request_id": origin.request_id,
    })?;
    Ok(())
}

/// Records an act on an account: done at the command line if it came from nowhere, and otherwise by
/// whoever signs in, or tries to.
pub fn record_for_account(
    tx: &Tx<'_>,
    account: AccountId,
    origin: &Origin,
    action: &'static str,
) -> Result<()> {
    let actor = match origin.address {
        None => Credential::CommandLine.kind(),
        Some(_) => "browser",
    };
    tx.prepare_cached(
        "INSERT INTO account_audit_log (account_id, id, at, action, actor, address, request_id)
        VALUES (:account_id, :id, :at, :action, :actor, :address, :request_id)",
    )?
    .execute(named_params! {
        ":account_id": account,
        ":id": AuditId::new(origin.at),
        ":at": origin.at,
        ":action": action,
        ":actor": json!({ "type": actor }).to_string(),
        ":address": origin.address.map(|address| address.to_string()),
        ":request_id": origin.request_id,
    })?;
    Ok(())
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntryBody {
    /// The entry's id.
    #[schema(value_type = String, example = "aud_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: AuditId,
    /// Always `audit_entry`.
    object: &'static str,
    /// True if it belongs to the live tenant; null of what was done to the account.
    livemode: Option<bool>,
    /// When it was done.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// What was done, such as `api_key.revoked`.
    action: String,
    /// Who did it: the kind of credential, and which one.
    #[schema(value_type = Object)]
    actor: Value,
    /// The id of what was acted on; of `access.refused`, the call.
    target: Option<String>,
    /// What changed.
    #[schema(value_type = Option<Object>)]
    detail: Option<Value>,
    /// The address that the request came from.
    ip: Option<String>,
    /// The request.
    request_id: String,
}

fn from_row(livemode: Option<bool>, row: &Row<'_>) -> rusqlite::Result<AuditEntryBody> {
    let json = |text: String| serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(AuditEntryBody {
        id: row.get("id")?,
        object: "audit_entry",
        livemode,
        created_at: row.get("at")?,
        action: row.get("action")?,
        actor: json(row.get("actor")?),
        target: row.get("target")?,
        detail: row.get::<_, Option<String>>("detail")?.map(json),
        ip: row.get("address")?,
        request_id: row.get("request_id")?,
    })
}

/// What the list of entries understands.
#[derive(Debug)]
pub struct AuditQuery {
    page: PageQuery,
    action: Option<String>,
    target: Option<String>,
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
}

impl FromQuery for AuditQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new(
            "action",
            "Only acts of this kind, such as `api_key.revoked`.",
        ),
        Parameter::new("target", "Only acts on the object with this id."),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let action = query.optional("action", query::word(100));
        let target = query.optional("target", query::word(100));
        let created_after = query::created_or_updated_after(query);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        Some(Self {
            page: page?,
            action: action?,
            target: target?,
            created_after: created_after?,
            created_before: created_before?,
        })
    }
}

fn page(
    conn: &Connection,
    tenant: Tenant,
    query: &AuditQuery,
    before: Option<&str>,
) -> Result<Vec<AuditEntryBody>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, at, action, actor, target, detail, address, request_id
        FROM audit_log
        WHERE tenant_id = :tenant_id AND id < :before
            AND (:action IS NULL OR action = :action)
            AND (:target IS NULL OR target = :target)
            AND (:created_after IS NULL OR at > :created_after)
            AND (:created_before IS NULL OR at < :created_before)
        ORDER BY id DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":before": before.unwrap_or("~"),
            ":action": query.action,
            ":target": query.target,
            ":created_after": query.created_after,
            ":created_before": query.created_before,
            ":limit": query.page.rows(),
        },
        |row| from_row(Some(tenant.mode().is_live()), row),
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

async fn list(cx: Cx<WorkspaceRead>, query: AuditQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            let rows = page(conn, tenant, &query, before.as_deref())?;
            query
                .page
                .answer(tenant, &path, rows, Ok, |entry| entry.id.to_string())
        })
        .await
}

/// What the list of acts on an account understands.
#[derive(Debug)]
pub struct AccountAuditQuery {
    page: PageQuery,
    action: Option<String>,
}

impl FromQuery for AccountAuditQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new(
            "action",
            "Only acts of this kind, such as `session.refused`.",
        ),
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let action = query.optional("action", query::word(100));
        Some(Self {
            page: page?,
            action: action?,
        })
    }
}

fn page_of_account(
    conn: &Connection,
    account: AccountId,
    query: &AccountAuditQuery,
    before: Option<&str>,
) -> Result<Vec<AuditEntryBody>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, at, action, actor, account_id AS target, NULL AS detail, address, request_id
        FROM account_audit_log
        WHERE account_id = :account_id AND id < :before
            AND (:action IS NULL OR action = :action)
        ORDER BY id DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":account_id": account,
            ":before": before.unwrap_or("~"),
            ":action": query.action,
            ":limit": query.page.rows(),
        },
        |row| from_row(None, row),
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

async fn list_of_account(cx: Cx<SessionOnly>, query: AccountAuditQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let account = cx.permit.caller().account_id;
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            let rows = page_of_account(conn, account, &query, before.as_deref())?;
            query
                .page
                .answer(tenant, &path, rows, Ok, |entry| entry.id.to_string())
        })
        .await
}

/// The routes of the audit log.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/audit-log", list)
            .named(
                "Workspace",
                "list_audit_log",
                "List what was done to keys and settings",
            )
            .lists::<AuditEntryBody>(),
        Route::get("/v1/account/audit-log", list_of_account)
            .named(
                "Workspace",
                "list_account_audit_log",
                "List what was done to your account",
            )
            .describe(
                "Sign-ins, refused ones too, resets and changes of the account, newest first.",
            )
            .lists::<AuditEntryBody>(),
    ]
}
