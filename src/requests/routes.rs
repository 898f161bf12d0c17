//! `/v1/requests` and `/v1/usage`.

use serde_json::Value;

use super::body::{RequestBody, RequestEventBody, UsageBody, UsageLimitBody, WholeRequestBody};
use super::flush::{For, flush};
use super::store::{self, Filter, Group};
use super::usage::{self, By};
use crate::access::api_keys;
use crate::api::choices::words;
use crate::api::etag;
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route};
use crate::caller::{LogsRead, Tenant};
use crate::clock::Timestamp;
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::events;
use crate::idempotency::Answer;
use crate::ids::{EventId, KeyId, RequestId};
use crate::limits::POLICY;

/// A request is never changed, but what belongs to it can grow.
const ONLY_VERSION: i64 = 1;
/// Milliseconds within which an event's id can lie outside its request's time.
const SLACK_MS: i64 = 10;

/// What the list of requests understands.
#[derive(Debug)]
pub struct RequestQuery {
    page: PageQuery,
    filter: Filter,
}

const METHODS: &[(&str, &str)] = &[
    ("GET", "GET"),
    ("POST", "POST"),
    ("PATCH", "PATCH"),
    ("PUT", "PUT"),
    ("DELETE", "DELETE"),
    ("HEAD", "HEAD"),
];

impl FromQuery for RequestQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new(
            "status",
            "Only answers of this status, such as `404`, or of this class: `2xx`, `3xx`, `4xx`, `5xx`.",
        ),
        Parameter::new("method", "Only requests of this method.").one_of(|| words(METHODS)),
        Parameter::new("path", "Only requests whose path has this in it."),
        Parameter::new("key", "Only requests of this API key and of its tokens."),
        Parameter::new("request_id", "Only this request."),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let status = query.optional("status", status);
        let method = query.optional("method", query::one_of(METHODS));
        let path = query.optional("path", query::word(1_000));
        let key = query.optional("key", query::word(64));
        let request_id = query.optional("request_id", query::word(64));
        let created_after = query::created_or_updated_after(query);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let filter = Filter {
            status: status?,
            method: method?.map(str::to_owned),
            path: path?,
            key: key?,
            request_id: request_id?,
            created_after: created_after?,
            created_before: created_before?,
        };
        Some(Self {
            page: page?,
            filter,
        })
    }
}

/// A status or a class of them, as the lowest and the highest.
fn status(text: &str) -> std::result::Result<(u16, u16), String> {
    let of_class = |class: &str| match class {
        "2" => Some((200, 299)),
        "3" => Some((300, 399)),
        "4" => Some((400, 499)),
        "5" => Some((500, 599)),
        _ => None,
    };
    let bounds = match text.strip_suffix("xx") {
        Some(class) => of_class(class),
        None => text
            .parse()
            .ok()
            .filter(|status| (100..600).contains(status) && text.len() == 3)
            .map(|status| (status, status)),
    };
    bounds.ok_or_else(|| "Use a status such as 404, or 2xx, 3xx, 4xx, 5xx.".to_owned())
}

async fn list(cx: Cx<LogsRead>, query: RequestQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    flush(&cx.app, For::Reader).await;
    cx.app
        .db
        .read(move |conn| {
            let rows = query.page.rows();
            let found = store::page(conn, tenant, &query.filter, before.as_deref(), rows)?;
            let show = |logged| Ok(RequestBody::of(tenant, logged));
            query
                .page
                .answer(tenant, &path, found, show, |logged| logged.id.clone())
        })
        .await
}

/// Gives the deliveries of events, by their sequence numbers. Webhooks are a feature above this one:
/// whoever puts the routes together hands it in.
pub type DeliveriesOf = fn(&Reader, Tenant, &[i64]) -> Result<Vec<Value>>;

async fn get(cx: Cx<LogsRead>, deliveries_of: DeliveriesOf) -> Result<Answer> {
    let id: RequestId = cx.id("request_id")?;
    let tenant = cx.tenant();
    flush(&cx.app, For::Reader).await;
    let read = move |conn: &Reader| {
        let (logged, detail) = store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
        // An event's id has the time of its request, by the same clock.
        let until_ms = logged.duration_us / 1_000 + SLACK_MS;
        let from = EventId::first_at(logged.created_at.plus_ms(-SLACK_MS));
        let to = EventId::first_at(logged.created_at.plus_ms(until_ms));
        let caused = events::store::of_request(conn, tenant, id, from..to)?;
        let sequences: Vec<i64> = caused.iter().map(|(.., sequence)| *sequence).collect();
        let deliveries = deliveries_of(conn, tenant, &sequences)?;
        let caused = caused
            .into_iter()
            .map(|(id, kind, sequence)| RequestEventBody { id, kind, sequence });
        let told = (caused.collect(), deliveries);
        let recent = store::recent(conn, tenant, &logged)?;
        let body = WholeRequestBody::of(tenant, logged, detail, told, recent);
        Answer::ok(&body)
    };
    let mut answer = cx.app.db.read(read).await?;
    answer.etag = Some(etag::of_whole(ONLY_VERSION, &answer.body));
    Ok(cx.unless_known(answer))
}

/// What usage understands.
#[derive(Debug)]
pub struct UsageQuery {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    by: By,
    group: Group,
}

const GROUPS: &[(&str, Group)] = &[("key", Group::Key), ("route", Group::Route)];

impl FromQuery for UsageQuery {
    const PARAMETERS: &'static [Parameter] = &[
        Parameter::new(
            "from",
            "A time, or a date in UTC; the bucket that it lies in is the first. If left out, 30 days by day, 24 hours by hour.",
        ),
        Parameter::new(
            "to",
            "A time, or a date in UTC, up to which is counted; now if left out.",
        ),
        Parameter::new(
            "by",
            "The length of a bucket; `day` if left out. At most 7 days by hour and 93 by day.",
        )
        .one_of(|| words(By::CHOICES)),
        Parameter::new("group", "Also tells keys or routes apart, the 50 busiest.")
            .one_of(|| words(GROUPS)),
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let from = query.optional("from", usage::time);
        let to = query.optional("to", usage::time);
        let by = query.optional("by", query::one_of(By::CHOICES));
        let group = query.optional("group", query::one_of(GROUPS));
        Some(Self {
            from: from?,
            to: to?,
            by: by?.unwrap_or(By::Day),
            group: group?.unwrap_or(Group::None),
        })
    }
}

async fn usage(cx: Cx<LogsRead>, query: UsageQuery) -> Result<Answer> {
    let (tenant, now) = (cx.tenant(), cx.permit.now());
    let hours = usage::hours(query.by, query.from, query.to, now)
        .map_err(|(name, message)| Error::parameter(Code::InvalidParameter, name, message))?;
    let caller = cx.permit.caller();
    let plan = cx.app.plan_of(caller);
    let standing = plan.and_then(|plan| {
        let standing = cx.app.limits.peek(caller, plan, now)?;
        Some(UsageLimitBody {
            policy: POLICY,
            requests_per_hour: standing.limit,
            burst_percent: plan.burst_percent,
            used: standing.used,
            remaining: standing.remaining(),
            reset_at: standing.reset_at,
            warn_at: standing.warn_at(),
        })
    });
    flush(&cx.app, For::Reader).await;
    cx.app
        .db
        .read(move |conn| {
            let (buckets, total) =
                usage::whole(hours, &store::usage(conn, tenant, hours, Group::None)?);
            let grouped = match query.group {
                Group::None => Vec::new(),
                by @ (Group::Key | Group::Route) => store::usage(conn, tenant, hours, by)?,
            };
            let name_of = |id: &str| {
                let key = api_keys::store::find(conn, tenant, KeyId::parse(id)?);
                Some(key.ok()??.name)
            };
            let (from, to) = hours.bounds();
            let group = GROUPS.iter().find(|(_, group)| *group == query.group);
            Answer::ok(&UsageBody {
                object: "usage",
                livemode: tenant.mode().is_live(),
                from,
                to,
                by: query.by.name(),
                group: group.map(|(name, _)| *name),
                limit: standing,
                total,
                buckets,
                groups: usage::groups(hours, query.group, grouped, name_of),
            })
        })
        .await
}

/// The routes of the request log and of usage.
pub fn routes(deliveries_of: DeliveriesOf) -> Vec<Route> {
    vec![
        Route::get("/v1/requests", list)
            .named("Logs", "list_requests", "List requests")
            .describe("Newest first; a request that was answered a moment ago is there. Kept are 7 days or 100,000 requests of the whole server, whichever is less, unless its settings say otherwise; a server that answers more than some 2,000 a second keeps a part of them.")
            .lists::<RequestBody>(),
        Route::get("/v1/requests/{request_id}", move |cx, _: NoQuery| {
            get(cx, deliveries_of)
        })
            .named("Logs", "get_request", "Read one request")
            .describe("With its bodies in test mode, up to 16 kB each and without secrets; in live mode only those of failures, and of each value only its type and length.")
            .answers::<WholeRequestBody>()
            .tagged(),
        Route::get("/v1/usage", usage)
            .named("Logs", "get_usage", "How much was asked, and how it ended")
            .describe("Complete, also where the request log is not. Hours and days are those of UTC, by the tenant's clock. Kept for 92 days.")
            .answers::<UsageBody>(),
    ]
}
