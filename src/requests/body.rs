//! Requests and usage as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Logged, LoggedBody, LoggedDetail, Recent};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::ids::EventId;
use crate::request_log::Counts;

/// Who asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestCallerBody {
    /// `api_key`, `access_token` or `session`.
    kind: String,
    /// The id of the key, of the key that obtained the token, or of the session.
    id: Option<String>,
    /// Its name at that time.
    name: Option<String>,
}

/// A request and how it was answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestBody {
    /// The request's id, the same as its `X-Request-Id`.
    #[schema(example = "req_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: String,
    /// Always `request`.
    object: &'static str,
    /// True if it was made in live mode.
    livemode: bool,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The method.
    method: String,
    /// The path as sent. Credentials in it are masked.
    path: String,
    /// The path of its route, parameters in braces; null where there is no such path or method.
    route: Option<String>,
    /// The status of the answer.
    status: u16,
    /// How long it took in milliseconds, with the microseconds behind the point.
    duration_ms: f64,
    /// The code of what went wrong.
    code: Option<String>,
    /// Who asked.
    caller: Option<RequestCallerBody>,
    /// The address that it came from.
    address: Option<String>,
    /// True if the answer was a saved one, given again for its `Idempotency-Key`.
    replayed: bool,
}

impl RequestBody {
    /// A request of the log.
    pub fn of(tenant: Tenant, logged: Logged) -> Self {
        let us = logged.duration_us;
        Self {
            id: logged.id,
            object: "request",
            livemode: tenant.mode().is_live(),
            created_at: logged.created_at,
            method: logged.method,
            path: logged.path,
            route: logged.route,
            status: logged.status,
            duration_ms: format!("{}.{:03}", us / 1_000, us % 1_000)
                .parse()
                .unwrap_or_default(),
            code: logged.code,
            caller: Some(RequestCallerBody {
                kind: logged.caller_kind,
                id: logged.caller_id,
                name: logged.caller_name,
            }),
            address: logged.address,
            replayed: logged.replayed,
        }
    }
}

/// What was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentBody {
    /// The query string; the values of secret parameters are taken out.
    query: Option<String>,
    /// The media type of the body.
    content_type: Option<String>,
    /// The `Idempotency-Key`.
    idempotency_key: Option<String>,
    /// What the caller calls itself.
    user_agent: Option<String>,
    /// The body, as far as it is kept.
    body: Option<String>,
    /// True if the body was longer than the 16 kB that are kept.
    truncated: bool,
}

/// What was answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnsweredBody {
    /// The media type of the body.
    content_type: Option<String>,
    /// The body, as far as it is kept.
    body: Option<String>,
    /// True if the body was longer than the 16 kB that are kept.
    truncated: bool,
}

/// Where the account's limit stood after the request.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestLimitBody {
    /// Requests of a window.
    limit: u32,
    /// Requests left before the burst began.
    remaining: u32,
    /// When the window ended.
    #[schema(value_type = String, format = DateTime)]
    reset_at: Timestamp,
}

/// An event that a request caused.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestEventBody {
    /// The event.
    #[schema(value_type = String, example = "evt_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    pub id: EventId,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its place in the tenant's log.
    pub sequence: i64,
}

/// How the last calls of the same route by the same caller went, this one included.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentBody {
    /// How many there were, at most ten.
    calls: u32,
    /// How many of them failed.
    failed: u32,
}

/// A request with all that is kept of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeRequestBody {
    /// The request.
    #[serde(flatten)]
    line: RequestBody,
    /// What was sent.
    request: SentBody,
    /// What was answered.
    answer: AnsweredBody,
    /// `kept`: both bodies without secrets (test mode). `masked`: of each value its type and length
    /// (failures in live mode). `not_kept`: neither.
    bodies: String,
    /// Where the account's limit stood; null where there is none.
    rate_limit: Option<RequestLimitBody>,
    /// The events that it caused.
    events: Vec<RequestEventBody>,
    /// The deliveries of these events to webhooks.
    #[schema(value_type = Vec<Object>)]
    deliveries: Vec<serde_json::Value>,
    /// How the last calls of the same route by the same caller went.
    recent: RecentBody,
}

impl WholeRequestBody {
    /// A request of the log with what belongs to it.
    pub fn of(
        tenant: Tenant,
        logged: Logged,
        detail: LoggedDetail,
        (events, deliveries): (Vec<RequestEventBody>, Vec<serde_json::Value>),
        recent: Recent,
    ) -> Self {
        let LoggedBody {
            content_type,
            text,
            truncated,
        } = detail.answer;
        Self {
            line: RequestBody::of(tenant, logged),
            request: SentBody {
                query: detail.query,
                content_type: detail.request.content_type,
                idempotency_key: detail.idempotency_key,
                user_agent: detail.user_agent,
                body: detail.request.text,
                truncated: detail.request.truncated,
            },
            answer: AnsweredBody {
                content_type,
                body: text,
                truncated,
            },
            bodies: detail.bodies,
            rate_limit: detail
                .limit
                .map(|(limit, remaining, reset_at)| RequestLimitBody {
                    limit,
                    remaining,
                    reset_at,
                }),
            events,
            deliveries,
            recent: RecentBody {
                calls: recent.calls,
                failed: recent.failed,
            },
        }
    }
}

/// The account's limit, as it stands now.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageLimitBody {
    /// The name of the policy.
    pub policy: &'static str,
    /// Requests of a window.
    pub requests_per_hour: u32,
    /// What is served above it, in percent of it.
    pub burst_percent: u32,
    /// Requests served in this window.
    pub used: u32,
    /// Requests left before the burst begins.
    pub remaining: u32,
    /// When the window ends.
    #[schema(value_type = String, format = DateTime)]
    pub reset_at: Timestamp,
    /// At so many requests of a window the account is told that it nears its limit.
    pub warn_at: u32,
}

/// What was asked in one hour or day.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageBucketBody {
    /// When it begins, in UTC.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// How the requests ended.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What a group asked in one hour or day.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupBucketBody {
    /// When it begins, in UTC.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Requests.
    pub requests: u64,
}

/// What one key asked, or what was asked of one route.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageGroupBody {
    /// With `group=key` the key's id; null for a person at the dashboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub key: Option<Option<String>>,
    /// With `group=route` method and path; null where there is no such route.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub route: Option<Option<String>>,
    /// What people call it.
    pub name: String,
    /// How the requests ended.
    #[serde(flatten)]
    pub counts: Counts,
    /// The same buckets as those of the whole.
    pub buckets: Vec<GroupBucketBody>,
}

/// How much was asked of the API, and how it ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageBody {
    /// Always `usage`.
    pub object: &'static str,
    /// True for live mode.
    pub livemode: bool,
    /// The start of the first bucket.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The end of the last bucket.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// `hour` or `day`.
    pub by: &'static str,
    /// `key`, `route`, or null.
    pub group: Option<&'static str>,
    /// The account's limit; null where it is switched off.
    pub limit: Option<UsageLimitBody>,
    /// All buckets together.
    pub total: Counts,
    /// One for each hour or day, those without a request too.
    pub buckets: Vec<UsageBucketBody>,
    /// The groups, the busiest first, at most 50; empty without `group`.
    pub groups: Vec<UsageGroupBody>,
}
