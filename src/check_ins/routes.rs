//! `/v1/clients/{client_id}/checkins`, `/v1/checkins` and `/v1/clients/{client_id}/wearables`

use serde_json::{Value, json};

use super::actions;
use super::body::{CheckinBody, Links, WearableDayBody};
use super::read::day;
use super::store::{self, Filter, Part, Sort};
use super::wearables::HrvMethod;
use super::{NewCheckin, Review, Status, Submitter, Whole};
use crate::api::choices::words;
use crate::api::etag;
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{CheckinsRead, CheckinsWrite, Tenant};
use crate::clients;
use crate::clock::{DAY_MS, HOUR_MS, Timestamp};
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::files::link::LinkKey;
use crate::idempotency::Answer;
use crate::ids::{CheckinId, ClientId};
use crate::values::{Date, TimeZone};

/// No place's clocks are further from UTC.
const FURTHEST_OFFSET_MS: i64 = 15 * HOUR_MS;

const FROM: Parameter = Parameter::new("from", "Only from this day on, in the client's calendar.");
const TO: Parameter = Parameter::new("to", "Only up to this day, in the client's calendar.");
const STATUS: Parameter = Parameter::new(
    "status",
    "`pending`, `overdue`, `submitted` or `reviewed`; those that were submitted, reviewed or not, \
     if left out.",
)
.one_of(|| words(Status::CHOICES));

fn filter(query: &mut Query) -> Option<Filter> {
    let status = query.optional(STATUS.name, query::one_of(Status::CHOICES));
    let from = query.optional(FROM.name, day);
    let to = query.optional(TO.name, day);
    let created_after = query.optional(CREATED_AFTER.name, query::time);
    let created_before = query.optional(CREATED_BEFORE.name, query::time);
    let updated_after = query.optional(UPDATED_AFTER.name, query::time);
    Some(Filter {
        status: status?,
        from: from?,
        to: to?,
        created_after: created_after?,
        created_before: created_before?,
        updated_after: updated_after?,
    })
}

/// What the list of a client's check-ins understands.
#[derive(Debug)]
pub struct CheckinQuery {
    /// Which page.
    pub page: PageQuery,
    /// Which check-ins.
    pub filter: Filter,
}

impl FromQuery for CheckinQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        FROM,
        TO,
        STATUS,
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let filter = filter(query);
        Some(Self {
            page: page?,
            filter: filter?,
        })
    }
}

/// What the list of all check-ins understands.
#[derive(Debug)]
pub struct QueueQuery {
    page: PageQuery,
    filter: Filter,
    sort: Sort,
}

impl FromQuery for QueueQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new(
            "sort",
            "`submitted_at`, oldest first, or `-submitted_at`; the latter if left out. What is not \
             submitted is sorted by when it is due.",
        )
        .one_of(|| words(Sort::CHOICES)),
        FROM,
        TO,
        STATUS,
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let sort = query.optional("sort", query::one_of(Sort::CHOICES));
        let filter = filter(query);
        Some(Self {
            page: page?,
            filter: filter?,
            sort: sort?.unwrap_or(Sort::Newest),
        })
    }
}

impl QueueQuery {
    /// The times at which it is, somewhere, a day of the filter.
    fn bounds(&self) -> (Timestamp, Timestamp) {
        let midnight = |day: Date| TimeZone::utc().instant(day, 0);
        let low = self.filter.from.map(midnight);
        let high = self.filter.to.map(midnight);
        (
            low.map_or(Timestamp::from_ms(0), |low| {
                low.plus_ms(-FURTHEST_OFFSET_MS)
            }),
            high.map_or(Timestamp::from_ms(i64::MAX), |high| {
                high.plus_ms(DAY_MS + FURTHEST_OFFSET_MS)
            }),
        )
    }
}

/// Reads where a page of a client's check-ins ended.
pub fn day_and_id(text: &str) -> Option<(Date, String)> {
    let (day, id) = text.split_once('\n')?;
    Some((Date::parse(day).ok()?, id.to_owned()))
}

fn time_and_id(text: &str) -> Option<(i64, String)> {
    let (at, id) = text.split_once('\n')?;
    Some((at.parse().ok()?, id.to_owned()))
}

/// The check-in with its version; its photos are not part of that, and may be deleted.
fn shown(tenant: Tenant, whole: &Whole, links: Links<'_>) -> Result<Answer> {
    let mut answer = Answer::ok(&CheckinBody::of(tenant, whole, Some(links)))?;
    answer.etag = Some(tag(whole));
    Ok(answer)
}

fn tag(whole: &Whole) -> String {
    let version = whole.checkin.version;
    if whole.photos.is_empty() {
        return etag::of_version(version);
    }
    let ids: Vec<String> = whole
        .photos
        .iter()
        .map(|photo| photo.id.to_string())
        .collect();
    etag::of_whole(version, ids.join(" ").as_bytes())
}

async fn list_checkins(cx: Cx<CheckinsRead>, query: CheckinQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.id("client_id")?, cx.tenant(), cx.path().to_owned());
    let last = query.page.position(tenant, &path)?;
    let last = last.as_deref().and_then(day_and_id);
    let (key, now) = (LinkKey::of(&cx.app.sealing), cx.permit.now());
    cx.app
        .db
        .read(move |conn| {
            clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
            let (which, rows) = ((&query.filter, last.as_ref()), query.page.rows());
            let mut page = query.page.begin();
            for checkin in store::page(conn, tenant, id, which, rows)? {
                let position = format!("{}\n{}", checkin.local_date, checkin.id);
                let whole = store::whole(conn, tenant, checkin)?;
                let body = CheckinBody::of(tenant, &whole, Some((&key, now)));
                page.push(&body, || position)?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

async fn list_queue(cx: Cx<CheckinsRead>, query: QueueQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let last = query.page.position(tenant, &path)?;
    let last = last.as_deref().and_then(time_and_id);
    let (key, now) = (LinkKey::of(&cx.app.sealing), cx.permit.now());
    cx.app
        .db
        .read(move |conn| {
            let (low, high) = query.bounds();
            let part = Part {
                filter: &query.filter,
                sort: query.sort,
                low,
                high,
                last,
            };
            let mut page = query.page.begin();
            for checkin in store::queue(conn, tenant, &part, query.page.rows())? {
                let position = format!("{}\n{}", checkin.at.as_ms(), checkin.id);
                let whole = store::whole(conn, tenant, checkin)?;
                let body = CheckinBody::of(tenant, &whole, Some((&key, now)));
                page.push(&body, || position)?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

async fn get(cx: Cx<CheckinsRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant): (CheckinId, _) = (cx.id("checkin_id")?, cx.tenant());
    let read = |conn: &Reader| {
        let checkin = store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
        store::whole(conn, tenant, checkin)
    };
    let whole = cx.app.db.read_now(read)?;
    let key = LinkKey::of(&cx.app.sealing);
    Ok(cx.unless_known(shown(tenant, &whole, (&key, cx.permit.now()))?))
}

async fn submit(cx: Cx<CheckinsWrite>, new: NewCheckin) -> Result<Work> {
    let (client_id, key): (ClientId, _) = (cx.id("client_id")?, LinkKey::of(&cx.app.sealing));
    let permit = cx.permit;
    let id = CheckinId::new(permit.now());
    work(move |tx| {
        let submitter = Submitter::Coach(&permit);
        let whole = actions::submit(tx, &submitter, client_id, id, new)?;
        let location = format!("/v1/checkins/{}", whole.checkin.id);
        let body = CheckinBody::of(permit.tenant(), &whole, Some((&key, permit.now())));
        let mut answer = Answer::created(location, &body)?;
        answer.etag = Some(tag(&whole));
        Ok(answer)
    })
}

async fn review(cx: Cx<CheckinsWrite>, review: Review) -> Result<Work> {
    let (id, key): (CheckinId, _) = (cx.id("checkin_id")?, LinkKey::of(&cx.app.sealing));
    let permit = cx.permit;
    work(move |tx| {
        let whole = actions::review(tx, &permit, id, review)?;
        shown(permit.tenant(), &whole, (&key, permit.now()))
    })
}

/// What the list of wearable summaries understands.
#[derive(Debug)]
pub struct WearableQuery {
    page: PageQuery,
    from: Option<Date>,
    to: Option<Date>,
    hrv_method: Option<HrvMethod>,
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
    updated_after: Option<Timestamp>,
}

impl FromQuery for WearableQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        FROM,
        TO,
        Parameter::new(
            "hrv_method",
            "`sdnn` or `rmssd`: only those with heart rate variability of this method.",
        )
        .one_of(|| words(HrvMethod::CHOICES)),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let from = query.optional(FROM.name, day);
        let to = query.optional(TO.name, day);
        let hrv_method = query.optional("hrv_method", query::one_of(HrvMethod::CHOICES));
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        Some(Self {
            page: page?,
            from: from?,
            to: to?,
            hrv_method: hrv_method?,
            created_after: created_after?,
            created_before: created_before?,
            updated_after: updated_after?,
        })
    }
}

async fn list_wearables(cx: Cx<CheckinsRead>, query: WearableQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.id("client_id")?, cx.tenant(), cx.path().to_owned());
    let last = query.page.position(tenant, &path)?;
    let last = last.as_deref().and_then(day_and_id);
    cx.app
        .db
        .read(move |conn| {
            clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
            let filter = Filter {
                status: None,
                from: query.from,
                to: query.to,
                created_after: query.created_after,
                created_before: query.created_before,
                updated_after: query.updated_after,
            };
            let which = (&filter, query.hrv_method, last.as_ref());
            let mut page = query.page.begin();
            for checkin in store::wearables(conn, tenant, id, which, query.page.rows())? {
                if let Some(body) = WearableDayBody::of(tenant, &checkin) {
                    page.push(&body, || format!("{}\n{}", checkin.local_date, checkin.id))?;
                }
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

fn example() -> Value {
    json!({
        "answers": [
            { "question": "How was your energy?", "type": "scale", "value": 4 },
            { "question": "What was hard?", "value": "Two nights with little sleep." },
        ],
        "measurements": [
            { "metric": "weight", "value": 82.5, "unit": "kg" },
            { "metric": "waist", "value": 34.5, "unit": "in" },
        ],
        "notes": "Travelling next week.",
        "rpe": 7.5,
        "wearable_summary": {
            "steps": 9_120,
            "resting_hr": 54,
            "hrv_ms": 62.5,
            "hrv_method": "rmssd",
            "sleep": { "total_min": 431, "deep_min": 74 },
            "source": "watch",
            "completeness": 0.95,
        },
    })
}

/// The routes of check-ins.
pub fn routes() -> Vec<Route> {
    const TAG: &str = "Check-ins";
    vec![
        Route::get("/v1/clients/{client_id}/checkins", list_checkins)
            .named(TAG, "list_checkins", "List the check-ins of a client")
            .describe(
                "Those that were submitted, the last day first. `from` and `to` are days of the \
                 client's own calendar, both included.",
            )
            .lists::<CheckinBody<'_>>(),
        Route::post("/v1/clients/{client_id}/checkins", submit)
            .named(TAG, "submit_checkin", "Submit a check-in")
            .describe(
                "Everything is optional. A check-in that the client's schedule asks for now, pending \
                 or overdue, is fulfilled by it; otherwise it is a new one. With `form_id` the \
                 answers are held against the form: each names its question by id or in its words.",
            )
            .creates::<CheckinBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(example()),
        Route::get("/v1/checkins", list_queue)
            .named(TAG, "list_all_checkins", "List the check-ins of all clients")
            .describe("With `status=submitted&sort=submitted_at` it is what waits for a review.")
            .lists::<CheckinBody<'_>>(),
        Route::get("/v1/checkins/{checkin_id}", get)
            .named(TAG, "get_checkin", "Read one check-in")
            .answers::<CheckinBody<'_>>()
            .tagged(),
        Route::post("/v1/checkins/{checkin_id}/review", review)
            .named(TAG, "review_checkin", "Review a check-in")
            .describe(
                "The client reads `reply`; `private_notes` are never shown to the client and are in no \
                 event. Sent again, it changes the review: what is left out stays, `null` empties. One \
                 that is not submitted is 409 `state_conflict`.",
            )
            .answers::<CheckinBody<'_>>()
            .body_optional()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "reply": "Good week. Keep the steps up.", "private_notes": null })),
        Route::get("/v1/clients/{client_id}/wearables", list_wearables)
            .named(TAG, "list_wearables", "List what a client's wearables counted")
            .describe(
                "By the day of the check-in, the last first. Heart rate variability stands under its \
                 method in `hrv`: SDNN and RMSSD cannot be compared, and never share a series.",
            )
            .lists::<WearableDayBody<'_>>(),
    ]
}
