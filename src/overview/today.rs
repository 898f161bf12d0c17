//! `GET /v1/today`: who needs the coach, and why.

use std::sync::OnceLock;

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Entry};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{Fields, FromBody, one_of};
use crate::api::page::{CURSOR, LIMIT, PageQuery};
use crate::api::query::{FromQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::app::{App, ClientCounts};
use crate::attention::{self, KINDS, Kept, Reason, ReasonKind};
use crate::caller::{ClientsRead, ClientsWrite, Scopes, Tenant};
use crate::clock::Timestamp;
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::ClientId;
use crate::values::{Date, TimeZone};

/// Who needs the coach, and why.
/// A report and no object: it has neither an id nor a `created_at`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TodayBody {
    /// Always `today`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// The day that it is in the workspace.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// The clients, whoever needs the coach most first.
    data: Vec<EntryBody>,
    /// True if there are more.
    has_more: bool,
    /// The cursor of the next page.
    next_cursor: Option<String>,
    /// How many clients there are of each sort.
    counts: CountsBody,
    /// Active clients without a reason; null if the credential may not read every kind of reason.
    quiet: Option<i64>,
    /// What a new coach has done already.
    checklist: ChecklistBody,
}

/// A client who needs the coach.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryBody {
    /// Always `today_entry`.
    object: &'static str,
    /// The client.
    client: NamedClient,
    /// The place in the list, from 1; null if the credential may not read every kind of reason, since
    /// the places between would tell of the others.
    rank: Option<i64>,
    /// Why, the first that counts first.
    reasons: Vec<ReasonBody>,
}

/// A client by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedClient {
    /// The client's id.
    #[schema(value_type = String)]
    id: ClientId,
    /// The client's name.
    name: String,
    /// `invited`, `active` or `paused`.
    status: String,
}

/// Why a client needs the coach.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonBody {
    /// Such as `message_waiting`.
    kind: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// The same for people.
    words: String,
    /// The id of what it is about.
    object_id: Option<String>,
}

impl ReasonBody {
    fn of(reason: Reason, now: Timestamp, today: Date) -> Self {
        Self {
            kind: reason.kind.name(),
            since: reason.since,
            words: reason.words(now, today),
            object_id: reason.object_id,
        }
    }
}

/// A reason that was put aside.
/// It has no id: a client has one of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct DismissedBody {
    /// Always `today_reason`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// The client.
    #[schema(value_type = String)]
    client_id: ClientId,
    #[serde(flatten)]
    reason: ReasonBody,
    /// True: it is put aside.
    dismissed: bool,
}

/// How many clients there are of each sort.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountsBody {
    /// In the roster: invited, active and paused.
    clients: i64,
    /// With any reason; null if the credential may not read every kind of reason.
    needing_attention: Option<i64>,
    /// With a check-in that waits for its review; null without `checkins:read`.
    checkins_unreviewed: Option<i64>,
    /// With a check-in that is past its time; null without `checkins:read`.
    checkins_overdue: Option<i64>,
    /// Who wrote last; null without `messages:read`.
    messages_waiting: Option<i64>,
    /// With a payment that failed; null without `payments:read`.
    payments_failed: Option<i64>,
}

/// What a new coach has done already.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a step of its own, done or not"
)]
pub struct ChecklistBody {
    /// A client was added.
    client: bool,
    /// A program was made.
    program: bool,
    /// A client was invited.
    invited: bool,
    /// A client has a schedule of check-ins.
    check_in_schedule: bool,
}

/// What the list understands.
#[derive(Debug)]
pub struct TodayQuery {
    page: PageQuery,
}

impl FromQuery for TodayQuery {
    const PARAMETERS: &'static [Parameter] = &[LIMIT, CURSOR];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        Some(Self { page: page? })
    }
}

/// Where a page ends: how many stood before, and the first reason of the last of them.
struct Position {
    count: i64,
    rank: i64,
    since: Timestamp,
    client: String,
}

impl Position {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (count, rank, since) = (number()?, number()?, number()?);
        Some(Self {
            count,
            rank,
            since: Timestamp::from_ms(since),
            client: parts.next()?.to_owned(),
        })
    }

    fn of(count: i64, entry: &Entry) -> String {
        let since = entry.since.as_ms();
        format!("{count} {} {since} {}", entry.rank, entry.client_id)
    }
}

/// How many clients there are, from memory as long as none was written.
fn client_counts(app: &App, conn: &Reader, tenant: Tenant) -> Result<ClientCounts> {
    let epoch = app.db.tenant_epoch(tenant);
    if let Some((at, counts)) = app.client_counts.get(&tenant)
        && at == epoch
    {
        return Ok(counts);
    }
    let counts = store::client_counts(conn, tenant)?;
    app.client_counts.insert(tenant, (epoch, counts));
    Ok(counts)
}

/// Whether a credential may read every kind of reason. What is told of all of them together would
/// otherwise tell of those that it may not read.
fn reads_all(scopes: Scopes) -> bool {
    KINDS.iter().all(|kind| scopes.allow(kind.scope))
}

fn entry(
    conn: &Reader,
    tenant: Tenant,
    (entry, rank): (Entry, i64),
    (now, today, scopes): (Timestamp, Date, Scopes),
) -> Result<Option<EntryBody>> {
    let reasons = attention::store::of_client(conn, tenant, entry.client_id)?;
    let told = |kept: &Kept| !kept.dismissed && scopes.allow(kept.reason.kind.ranked().scope);
    let reasons: Vec<Kept> = reasons.into_iter().filter(told).collect();
    if reasons.is_empty() {
        return Ok(None);
    }
    let reasons = reasons.into_iter();
    let reasons = reasons.map(|kept| ReasonBody::of(kept.reason, now, today));
    Ok(Some(EntryBody {
        object: "today_entry",
        client: NamedClient {
            id: entry.client_id,
            name: entry.name,
            status: entry.status,
        },
        rank: reads_all(scopes).then_some(rank),
        reasons: reasons.collect(),
    }))
}

/// The day that it is in the workspace.
fn day_of(zone: &str, now: Timestamp) -> Date {
    let zone = TimeZone::parse(zone).unwrap_or_else(|_| TimeZone::utc());
    Date::at(now, &zone)
}

async fn today(cx: Cx<ClientsRead>, query: TodayQuery) -> Result<Answer> {
    let (tenant, path, now) = (cx.tenant(), cx.path().to_owned(), cx.permit.now());
    let today = day_of(&cx.permit.caller().workspace.timezone, now);
    let scopes = cx.permit.caller().scopes;
    let after = query.page.position(tenant, &path)?;
    let after = after.as_deref().and_then(Position::read);
    let app = cx.app.clone();
    let read = move |conn: &Reader| {
        let position = after.as_ref();
        let behind = position.map(|at| (at.rank, at.since, at.client.as_str()));
        let before = position.map_or(0, |at| at.count);
        let limit = query.page.limit as usize;
        let mut found = store::leaders(conn, tenant, behind, query.page.rows())?;
        let has_more = found.len() > limit;
        found.truncate(limit);
        let shown = i64::try_from(found.len()).unwrap_or(0);
        let last = found.last().map(|last| Position::of(before + shown, last));
        let cursor = |last: String| query.page.cursor(tenant, &path, &last);
        let mut data = Vec::with_capacity(found.len());
        for (rank, found) in (before + 1..).zip(found) {
            data.extend(entry(conn, tenant, (found, rank), (now, today, scopes))?);
        }
        let counts = attention::store::counts(conn, tenant)?;
        let count = |name: &str| {
            let found = counts.iter().find(|(kind, _)| kind == name);
            found.map_or(0, |(_, clients)| *clients)
        };
        let of = |kind: ReasonKind| {
            let may = scopes.allow(kind.ranked().scope);
            may.then(|| count(kind.name()))
        };
        let (clients, all) = (client_counts(&app, conn, tenant)?, reads_all(scopes));
        let done = store::done(conn, tenant)?;
        Answer::ok(&TodayBody {
            object: "today",
            livemode: tenant.mode().is_live(),
            date: today,
            data,
            has_more,
            next_cursor: last.filter(|_| has_more).map(cursor),
            counts: CountsBody {
                clients: clients.roster,
                needing_attention: all.then(|| count(attention::store::ALL)),
                checkins_unreviewed: of(ReasonKind::CheckinUnreviewed),
                checkins_overdue: of(ReasonKind::CheckinOverdue),
                messages_waiting: of(ReasonKind::MessageWaiting),
                payments_failed: of(ReasonKind::PaymentFailed),
            },
            quiet: all.then(|| (clients.active - count(attention::store::ACTIVE)).max(0)),
            checklist: ChecklistBody {
                client: done.client,
                program: done.program,
                invited: done.invited,
                check_in_schedule: done.check_in_schedule,
            },
        })
    };
    cx.app.db.read(read).await
}

/// Which reason is put aside.
#[derive(Debug, ToSchema)]
pub struct Dismissal {
    /// The kind of the reason.
    #[schema(value_type = String)]
    kind: ReasonKind,
}

impl FromBody for Dismissal {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] =
        &[("kind", || words(ReasonKind::CHOICES))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.required("kind", one_of(ReasonKind::CHOICES));
        Some(Self { kind: kind? })
    }
}

async fn dismiss(cx: Cx<ClientsWrite>, dismissal: Dismissal) -> Result<Work> {
    let client: ClientId = cx.id("client_id")?;
    let permit = cx.permit;
    let today = day_of(&permit.caller().workspace.timezone, permit.now());
    if !permit.caller().scopes.allow(dismissal.kind.ranked().scope) {
        // For whoever may not read it, it is not there.
        return Err(Error::not_found());
    }
    work(move |tx| {
        let known = crate::clients::store::find(tx, permit.tenant(), client)?;
        known.ok_or_else(Error::not_found)?;
        let aside = attention::actions::dismiss(tx, &permit, client, dismissal.kind)?;
        Answer::ok(&DismissedBody {
            object: "today_reason",
            livemode: permit.tenant().mode().is_live(),
            client_id: client,
            reason: ReasonBody::of(aside.reason, permit.now(), today),
            dismissed: aside.dismissed,
        })
    })
}

/// What the list is, with the table of kinds in the order of rank.
fn description() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let mut text = "One list of the clients who need the coach, each with all reasons in \
             `reasons`. A client stands at the first of them in this order; among those of one \
             kind, whoever has waited longest stands first. Clients without a reason are only \
             counted, in `quiet`. What a credential has no scope to read is left out for it: a page \
             can then be shorter than `limit`.\n\n"
            .to_owned();
        for (place, ranked) in (1..).zip(KINDS) {
            let scope = ranked.scope.name();
            let line = format!("{place}. `{}` (`{scope}`): {}\n", ranked.name, ranked.words);
            text.push_str(&line);
        }
        text
    })
}

/// The routes of the list.
pub fn routes() -> Vec<Route> {
    const TAG: &str = "Today";
    vec![
        Route::get("/v1/today", today)
            .named(TAG, "get_today", "Read who needs the coach, and why")
            .describe(description())
            .answers::<TodayBody>()
            .codes(&[Code::InvalidCursor]),
        Route::post("/v1/today/{client_id}/dismiss", dismiss)
            .named(TAG, "dismiss_today_reason", "Put a reason aside")
            .describe(
                "It stays away until it ends or something new happens: another message, another \
                 check-in, another failed payment. A reason that the client does not have is 404.",
            )
            .answers::<DismissedBody>()
            .example(serde_json::json!({ "kind": "payment_failed" })),
    ]
}
