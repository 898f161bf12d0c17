//! Lists of programs: of one client, and of all.

use super::Status;
use super::body::{ListedProgramBody, ProgramSummaryBody};
use super::store::{self, Filter};
use crate::api::choices::words;
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, Parameter, Query};
use crate::api::route::Cx;
use crate::caller::ProgramsRead;
use crate::clients;
use crate::error::{Error, Result};
use crate::idempotency::Answer;

/// What the list of programs understands.
#[derive(Debug)]
pub(super) struct ProgramQuery {
    page: PageQuery,
    filter: Filter,
}

impl FromQuery for ProgramQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("status", "`draft`, `active`, `completed` or `archived`.")
            .one_of(|| words(Status::CHOICES)),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let status = query.optional("status", query::one_of(Status::CHOICES));
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        let filter = Filter {
            status: status?,
            created_after: created_after?,
            created_before: created_before?,
            updated_after: updated_after?,
        };
        Some(Self {
            page: page?,
            filter,
        })
    }
}

/// Those of one client.
pub(super) async fn of_client(cx: Cx<ProgramsRead>, query: ProgramQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.id("client_id")?, cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
            let rows = query.page.rows();
            let programs = store::page(conn, tenant, id, &query.filter, before.as_deref(), rows)?;
            let mut page = query.page.begin();
            for program in &programs {
                let body = ProgramSummaryBody::of(tenant, program);
                page.push(&body, || program.id.to_string())?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

/// Those of all clients.
pub(super) async fn of_all(cx: Cx<ProgramsRead>, query: ProgramQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            let rows = query.page.rows();
            let programs =
                store::page_of_all(conn, tenant, &query.filter, before.as_deref(), rows)?;
            let mut page = query.page.begin();
            for (program, client) in &programs {
                let body = ListedProgramBody::of(tenant, program, client);
                page.push(&body, || program.id.to_string())?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}
