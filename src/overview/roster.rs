//! `GET /v1/clients`: the list of clients, and with `expand=standing` how each of a page stands.

use serde::Serialize;
use utoipa::ToSchema;

use super::adherence;
use crate::api::choices::words;
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, Parameter, Query};
use crate::api::route::{Cx, Route};
use crate::attention;
use crate::caller::{ClientsRead, Scope, Scopes, Tenant};
use crate::check_ins;
use crate::clients::Status;
use crate::clients::body::ClientBody;
use crate::clients::store::{self, Filter, Position, Sort};
use crate::clock::Timestamp;
use crate::db::Reader;
use crate::error::Result;
use crate::idempotency::Answer;
use crate::ids::{ClientId, ProgramId};
use crate::programs::{self, day_in};
use crate::values::{Date, TAG_MAX};

/// Adherence of a list is that of so many days.
const DAYS: i64 = 30;

/// What can be asked for beside the clients themselves.
const EXPAND: &[(&str, bool)] = &[("standing", true)];

/// A client of the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedClientBody<'c> {
    #[serde(flatten)]
    client: ClientBody<'c>,
    /// How the client stands; left out unless `expand=standing` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = StandingBody, required = false)]
    standing: Option<StandingBody>,
}

/// How a client stands: what a coach looks for in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingBody {
    /// The program that the client follows; null if there is none, or without `programs:read`.
    program: Option<StandingProgramBody>,
    /// Of the sessions that were due in the last 30 days so much was done, in percent, as in
    /// `/v1/clients/{client_id}/adherence`; null if none was due, or without `programs:read`.
    adherence_30: Option<u32>,
    /// When the last check-in was submitted; null if none was, or without `checkins:read`.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_checkin_at: Option<Timestamp>,
    /// The first reason why the client needs the coach, such as `checkin_overdue`, as in `/v1/today`;
    /// null if there is none that the credential may read.
    reason: Option<&'static str>,
}

/// Where a client is in a program.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingProgramBody {
    /// The program's id.
    #[schema(value_type = String)]
    id: ProgramId,
    /// What it is called.
    name: String,
    /// The week that it is today, from 1; null before the start and after the end.
    week: Option<u32>,
    /// How many weeks it has.
    weeks: u32,
}

/// What the list of clients understands.
#[derive(Debug)]
pub struct ClientQuery {
    page: PageQuery,
    filter: Filter,
    sort: Sort,
    standing: bool,
}

impl FromQuery for ClientQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("status", "`invited`, `active`, `paused` or `archived`. Without it: the roster, which is all but the archived.").one_of(|| words(Status::CHOICES)),
        Parameter::new("q", "Text that name, email, phone or external id hold."),
        Parameter::new("tag", "Only clients with this tag."),
        Parameter::new("email", "Only the client with this address, whatever its capitals."),
        Parameter::new("external_id", "Only clients with this id in another system."),
        Parameter::new("sort", "`-created_at` (the default), `created_at`, `name`, `-name`, `updated_at` or `-updated_at`.").one_of(|| words(Sort::CHOICES)),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
        Parameter::new("expand", "`standing` adds to each client how he or she stands; without it that is left out.").one_of(|| words(EXPAND)),
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let status = query.optional("status", query::one_of(Status::CHOICES));
        let q = query.optional("q", query::word(200));
        let tag = query.optional("tag", query::trimmed(TAG_MAX));
        let email = query.optional("email", query::word(254));
        let external_id = query.optional("external_id", query::trimmed(200));
        let sort = query.optional("sort", query::one_of(Sort::CHOICES));
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        let standing = query.optional("expand", query::one_of(EXPAND));
        let filter = Filter {
            status: status?,
            q: q?.map(|text| text.to_lowercase()),
            tag: tag?,
            email_key: email?.map(|text| text.to_lowercase()),
            external_id: external_id?,
            created_after: created_after?,
            created_before: created_before?,
            updated_after: updated_after?,
        };
        Some(Self {
            page: page?,
            filter,
            sort: sort?.unwrap_or(Sort::Newest),
            standing: standing?.unwrap_or(false),
        })
    }
}

impl ClientQuery {
    /// A page that reads only the rows it gives can be read on the worker's own thread.
    fn is_short(&self) -> bool {
        let Filter {
            q,
            tag,
            created_after,
            created_before,
            updated_after,
            ..
        } = &self.filter;
        let by_age = matches!(self.sort, Sort::Newest | Sort::Oldest);
        by_age
            && q.is_none()
            && tag.is_none()
            && created_after.is_none()
            && created_before.is_none()
            && updated_after.is_none()
    }
}

fn read_position(text: String) -> Position {
    match text.split_once('\n') {
        None => Position {
            id: text,
            sorted_by: None,
        },
        Some((id, sorted_by)) => Position {
            id: id.to_owned(),
            sorted_by: Some(sorted_by.to_owned()),
        },
    }
}

/// Who looks at clients, and when.
struct Look {
    tenant: Tenant,
    scopes: Scopes,
    /// The time zone of clients who have none of their own.
    zone: String,
    now: Timestamp,
}

impl Look {
    /// How a client stands: a few rows by index, however much there is of the client.
    fn at(&self, conn: &Reader, client: &ClientBody<'_>) -> Result<StandingBody> {
        let id = client.id();
        let zone = client.timezone().unwrap_or(&self.zone);
        let trains = self.scopes.allow(Scope::ProgramsRead);
        let training = trains.then(|| self.training(conn, id, zone)).transpose()?;
        let (program, adherence_30) = training.unwrap_or_default();
        let checks_in = self.scopes.allow(Scope::CheckinsRead);
        let last = || check_ins::store::last_submitted_at(conn, self.tenant, id);
        let reasons = attention::store::of_client(conn, self.tenant, id)?;
        let mut told = reasons.iter().filter(|kept| !kept.dismissed);
        let first = told.find(|kept| self.scopes.allow(kept.reason.kind.ranked().scope));
        Ok(StandingBody {
            program,
            adherence_30,
            last_checkin_at: checks_in.then(last).transpose()?.flatten(),
            reason: first.map(|kept| kept.reason.kind.name()),
        })
    }

    /// The program that a client follows, and how well.
    fn training(
        &self,
        conn: &Reader,
        client: ClientId,
        zone: &str,
    ) -> Result<(Option<StandingProgramBody>, Option<u32>)> {
        let today: Date = day_in(zone, self.now);
        let from = today.plus_days(1 - DAYS);
        let followed = adherence::followed(conn, self.tenant, client, from)?;
        let whose = (client, zone);
        let course = adherence::Course::read(conn, self.tenant, whose, &followed, (from, today))?;
        let mut programs = followed.iter().map(|whole| &whole.program);
        let current = programs.find(|program| program.status == programs::Status::Active);
        let current = current.map(|program| StandingProgramBody {
            id: program.id,
            name: program.name.clone(),
            week: program.week_of(today),
            weeks: program.cycles.weeks(),
        });
        Ok((current, course.window(DAYS, today).percent))
    }
}

async fn list_clients(cx: Cx<ClientsRead>, query: ClientQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let last = query.page.position(tenant, &path)?.map(read_position);
    if query.standing {
        return list_standings(cx, query, last).await;
    }
    let (short, target) = (query.is_short(), cx.target());
    let read = move |conn: &Reader| {
        let mut page = query.page.begin();
        let (which, rows) = ((&query.filter, query.sort), query.page.rows());
        store::page(conn, tenant, which, last.as_ref(), rows, |columns| {
            let body = ClientBody::of_row(tenant, columns)?;
            page.push(&body, || body.position(query.sort))
        })?;
        query.page.end(tenant, &path, page)
    };
    if short {
        let db = &cx.app.db;
        cx.app.pages.get(db, tenant, target, || db.read_now(read))
    } else {
        cx.app.db.read(read).await
    }
}

/// The same with how each client stands. Such a page is not kept in memory: the writes that change it
/// are those of many features, and the day does too.
async fn list_standings(
    cx: Cx<ClientsRead>,
    query: ClientQuery,
    last: Option<Position>,
) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let look = Look {
        tenant,
        scopes: cx.permit.caller().scopes,
        zone: cx.permit.caller().workspace.timezone.clone(),
        now: cx.permit.now(),
    };
    let read = move |conn: &Reader| {
        let mut page = query.page.begin();
        let (which, rows) = ((&query.filter, query.sort), query.page.rows());
        store::page(conn, tenant, which, last.as_ref(), rows, |columns| {
            let client = ClientBody::of_row(tenant, columns)?;
            let standing = Some(look.at(conn, &client)?);
            let listed = ListedClientBody { client, standing };
            page.push(&listed, || listed.client.position(query.sort))
        })?;
        query.page.end(tenant, &path, page)
    };
    cx.app.db.read(read).await
}

/// The route of the list.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/clients", list_clients)
            .named("Clients", "list_clients", "List clients")
            .describe(
                "Newest first. Without `status`: the roster, which is invited, active and paused. \
                 With `expand=standing` each client has `standing`: the week of the program, adherence, \
                 the last check-in and why the client needs the coach. What the credential has no \
                 scope to read of it is null.",
            )
            .lists::<ListedClientBody<'_>>(),
    ]
}
