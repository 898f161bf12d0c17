//! SQL of the request log and of usage.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{DAYS, Logged, LoggedBody, LoggedDetail, ROWS, Recent, Retention};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::{Tx, execute_in_order, meta};
use crate::error::Result;
use crate::ids::RequestId;
use crate::request_log::{Counted, Counts, Entry, who};

/// How long requests are kept: what was set, or the default.
pub fn retention(conn: &Connection) -> Result<Retention> {
    let number = |key: &str| -> Result<Option<u32>> {
        Ok(meta::get(conn, key)?.and_then(|text| text.parse().ok()))
    };
    let default = Retention::default();
    Ok(Retention {
        days: number(DAYS)?.unwrap_or(default.days),
        rows: number(ROWS)?.unwrap_or(default.rows),
    })
}

pub(super) fn insert(tx: &Tx<'_>, entry: &Entry) -> Result<()> {
    let (caller_kind, caller_id, caller_name) = who(&entry.caller.credential);
    let (request, answer) = (entry.body.as_ref(), entry.answer.as_ref());
    let statement = tx.prepare_cached(
        "INSERT INTO requests (
            tenant_id, id, received_at, created_at, method, path, route, status, duration_us, code,
            caller_kind, caller_id, caller_name, address, replayed, limit_requests,
            limit_remaining, limit_reset_at, query, user_agent, idempotency_key, bodies,
            request_type, answer_type, request_truncated, answer_truncated, request_body,
            answer_body
        ) VALUES (
            :tenant_id, :id, :received_at, :created_at, :method, :path, :route, :status,
            :duration_us, :code, :caller_kind, :caller_id, :caller_name, :address, :replayed,
            :limit_requests, :limit_remaining, :limit_reset_at, :query, :user_agent,
            :idempotency_key, :bodies, :request_type, :answer_type, :request_truncated,
            :answer_truncated, :request_body, :answer_body
        )",
    )?;
    execute_in_order(
        statement,
        named_params! {
            ":tenant_id": entry.caller.tenant.number(),
            ":id": entry.id,
            ":received_at": entry.received_at,
            ":created_at": entry.created_at,
            ":method": entry.method,
            ":path": entry.path,
            ":route": entry.route,
            ":status": entry.status,
            ":duration_us": i64::try_from(entry.duration_us).unwrap_or(i64::MAX),
            ":code": entry.code,
            ":caller_kind": caller_kind,
            ":caller_id": caller_id,
            ":caller_name": caller_name,
            ":address": entry.address.map(|address| address.to_string()),
            ":replayed": entry.replayed,
            ":limit_requests": entry.limit.map(|limit| limit.limit),
            ":limit_remaining": entry.limit.map(|limit| limit.remaining),
            ":limit_reset_at": entry.limit.map(|limit| limit.reset_at),
            ":query": entry.query,
            ":user_agent": entry.user_agent,
            ":idempotency_key": entry.idempotency_key,
            ":bodies": entry.bodies.name(),
            ":request_type": entry.content_type,
            ":answer_type": entry.answer_type,
            ":request_truncated": request.is_some_and(|body| body.truncated),
            ":answer_truncated": answer.is_some_and(|body| body.truncated),
            ":request_body": request.map(|body| &body.text),
            ":answer_body": answer.map(|body| &body.text),
        },
    )?;
    Ok(())
}

pub(super) fn add_usage(tx: &Tx<'_>, counted: &Counted, counts: &Counts) -> Result<()> {
    let route = match (counted.method, counted.route) {
        (Some(method), Some(path)) => format!("{method} {path}"),
        _ => String::new(),
    };
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "INSERT INTO usage_hours (
            tenant_id, hour, key_id, route, requests, succeeded, client_errors, server_errors,
            rate_limited
        ) VALUES (
            :tenant_id, :hour, :key_id, :route, :requests, :succeeded, :client_errors,
            :server_errors, :rate_limited
        )
        ON CONFLICT (tenant_id, hour, key_id, route) DO UPDATE
        SET requests = requests + excluded.requests,
            succeeded = succeeded + excluded.succeeded,
            client_errors = client_errors + excluded.client_errors,
            server_errors = server_errors + excluded.server_errors,
            rate_limited = rate_limited + excluded.rate_limited",
    )?
    .execute(named_params! {
        ":tenant_id": counted.tenant.number(),
        ":hour": counted.hour,
        ":key_id": counted.key.map(|key| key.to_string()).unwrap_or_default(),
        ":route": route,
        ":requests": number(counts.requests),
        ":succeeded": number(counts.succeeded),
        ":client_errors": number(counts.client_errors),
        ":server_errors": number(counts.server_errors),
        ":rate_limited": number(counts.rate_limited),
    })?;
    Ok(())
}

/// Removes what is no longer kept, from the oldest end.
pub(super) fn sweep(
    tx: &Tx<'_>,
    received_until: Timestamp,
    rows: u32,
    limit: u32,
) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM requests WHERE number IN (
                SELECT number FROM (
                    SELECT number, received_at FROM requests ORDER BY number LIMIT :limit
                )
                WHERE received_at <= :received_until
                    OR number <= (SELECT max(number) FROM requests) - :rows
            )",
        )?
        .execute(named_params! {
            ":limit": limit,
            ":received_until": received_until,
            ":rows": rows,
        })?;
    Ok(removed)
}

/// Removes usage that is no longer kept.
pub(super) fn sweep_usage(tx: &Tx<'_>, until_hour: i64, limit: u32) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM usage_hours WHERE (tenant_id, hour, key_id, route) IN (
                SELECT tenant_id, hour, key_id, route FROM usage_hours
                WHERE hour < :until_hour LIMIT :limit
            )",
        )?
        .execute(named_params! { ":until_hour": until_hour, ":limit": limit })?;
    Ok(removed)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Logged> {
    Ok(Logged {
        id: row.get("id")?,
        created_at: row.get("created_at")?,
        method: row.get("method")?,
        path: row.get("path")?,
        route: row.get("route")?,
        status: row.get("status")?,
        duration_us: row.get("duration_us")?,
        code: row.get("code")?,
        caller_kind: row.get("caller_kind")?,
        caller_id: row.get("caller_id")?,
        caller_name: row.get("caller_name")?,
        address: row.get("address")?,
        replayed: row.get("replayed")?,
    })
}

/// What a page of the log is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// The lowest and the highest status.
    pub status: Option<(u16, u16)>,
    /// The method.
    pub method: Option<String>,
    /// A part of the path.
    pub path: Option<String>,
    /// The key that was used, or that obtained the token that was.
    pub key: Option<String>,
    /// One request alone.
    pub request_id: Option<String>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
}

/// Requests of a tenant, newest first, from below an id.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Logged>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, created_at, method, path, route, status, duration_us, code, caller_kind, caller_id,
            caller_name, address, replayed
        FROM requests
        WHERE tenant_id = :tenant_id AND id < :before
            AND (:status_from IS NULL OR status BETWEEN :status_from AND :status_to)
            AND (:method IS NULL OR method = :method)
            AND (:path IS NULL OR instr(path, :path) > 0)
            AND (:key IS NULL OR caller_id = :key)
            AND (:request_id IS NULL OR id = :request_id)
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
        ORDER BY id DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":before": before.unwrap_or("~"),
            ":status_from": filter.status.map(|(from, _)| from),
            ":status_to": filter.status.map(|(_, to)| to),
            ":method": filter.method,
            ":path": filter.path,
            ":key": filter.key,
            ":request_id": filter.request_id,
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One request with all that is kept of it.
pub fn find(
    conn: &Connection,
    tenant: Tenant,
    id: RequestId,
) -> Result<Option<(Logged, LoggedDetail)>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            id, created_at, method, path, route, status, duration_us, code, caller_kind, caller_id,
            caller_name, address, replayed, limit_requests, limit_remaining, limit_reset_at, query,
            user_agent, idempotency_key, bodies, request_type, answer_type, request_truncated,
            answer_truncated, request_body, answer_body
        FROM requests WHERE tenant_id = :tenant_id AND id = :id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    let found = statement.query_row(parameters, |row| Ok((from_row(row)?, detail(row)?)));
    Ok(found.optional()?)
}

fn detail(row: &Row<'_>) -> rusqlite::Result<LoggedDetail> {
    let limit: Option<u32> = row.get("limit_requests")?;
    let limit = match limit {
        Some(limit) => Some((
            limit,
            row.get("limit_remaining")?,
            row.get("limit_reset_at")?,
        )),
        None => None,
    };
    Ok(LoggedDetail {
        limit,
        query: row.get("query")?,
        user_agent: row.get("user_agent")?,
        idempotency_key: row.get("idempotency_key")?,
        bodies: row.get("bodies")?,
        request: LoggedBody {
            content_type: row.get("request_type")?,
            text: row.get("request_body")?,
            truncated: row.get("request_truncated")?,
        },
        answer: LoggedBody {
            content_type: row.get("answer_type")?,
            text: row.get("answer_body")?,
            truncated: row.get("answer_truncated")?,
        },
    })
}

/// How the last ten requests of the same route and caller went, up to this one, among the last
/// 2,000 of the tenant.
pub fn recent(conn: &Connection, tenant: Tenant, of: &Logged) -> Result<Recent> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) AS calls, coalesce(sum(status >= 400), 0) AS failed FROM (
            SELECT status FROM (
                SELECT id, status, method, route, caller_kind, caller_id FROM requests
                WHERE tenant_id = :tenant_id AND id <= :id ORDER BY id DESC LIMIT 2000
            )
            WHERE method = :method AND route IS :route
                AND caller_kind = :caller_kind AND caller_id IS :caller_id
            ORDER BY id DESC LIMIT 10
        )",
    )?;
    let recent = statement.query_row(
        named_params! {
            ":tenant_id": tenant.number(),
            ":id": of.id,
            ":method": of.method,
            ":route": of.route,
            ":caller_kind": of.caller_kind,
            ":caller_id": of.caller_id,
        },
        |row| {
            Ok(Recent {
                calls: row.get("calls")?,
                failed: row.get("failed")?,
            })
        },
    )?;
    Ok(recent)
}

/// The hours that usage is asked for, and how many of them are added up.
#[derive(Clone, Copy, Debug)]
pub struct Hours {
    /// The first.
    pub from: i64,
    /// The one after the last.
    pub to: i64,
    /// How many make a bucket; both bounds are multiples of it.
    pub width: i64,
}

/// What usage is told apart by, beside time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Nothing.
    None,
    /// The key.
    Key,
    /// The route.
    Route,
}

/// What one bucket of one group counts.
#[derive(Debug)]
pub struct Bucket {
    /// The key's id or the route; empty where there is none, or no groups.
    pub group: String,
    /// The number of the bucket since 1970.
    pub number: i64,
    /// What was counted.
    pub counts: Counts,
}

/// Usage of a tenant, by bucket and group; what is nought is left out.
pub fn usage(conn: &Connection, tenant: Tenant, hours: Hours, by: Group) -> Result<Vec<Bucket>> {
    let mut statement = conn.prepare_cached(match by {
        Group::None => {
            "SELECT
                '' AS of, hour / :width AS number, sum(requests) AS requests,
                sum(succeeded) AS succeeded, sum(client_errors) AS client_errors,
                sum(server_errors) AS server_errors, sum(rate_limited) AS rate_limited
            FROM usage_hours
            WHERE tenant_id = :tenant_id AND hour >= :from AND hour < :to
            GROUP BY hour / :width"
        }
        Group::Key => {
            "SELECT
                key_id AS of, hour / :width AS number, sum(requests) AS requests,
                sum(succeeded) AS succeeded, sum(client_errors) AS client_errors,
                sum(server_errors) AS server_errors, sum(rate_limited) AS rate_limited
            FROM usage_hours
            WHERE tenant_id = :tenant_id AND hour >= :from AND hour < :to
            GROUP BY key_id, hour / :width"
        }
        Group::Route => {
            "SELECT
                route AS of, hour / :width AS number, sum(requests) AS requests,
                sum(succeeded) AS succeeded, sum(client_errors) AS client_errors,
                sum(server_errors) AS server_errors, sum(rate_limited) AS rate_limited
            FROM usage_hours
            WHERE tenant_id = :tenant_id AND hour >= :from AND hour < :to
            GROUP BY route, hour / :width"
        }
    })?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":from": hours.from,
            ":to": hours.to,
            ":width": hours.width,
        },
        |row| {
            let count = |name: &str| {
                let count: i64 = row.get(name)?;
                Ok::<_, rusqlite::Error>(u64::try_from(count).unwrap_or(0))
            };
            Ok(Bucket {
                group: row.get("of")?,
                number: row.get("number")?,
                counts: Counts {
                    requests: count("requests")?,
                    succeeded: count("succeeded")?,
                    client_errors: count("client_errors")?,
                    server_errors: count("server_errors")?,
                    rate_limited: count("rate_limited")?,
                },
            })
        },
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
