//! `/v1/webhooks/{webhook_id}/deliveries` and `/v1/deliveries`.

use serde_json::Value;

use super::body::{DeliveryBody, WholeDeliveryBody, payload};
use super::store::{self, Filter};
use super::{Delivery, Status, actions};
use crate::api::choices::words;
use crate::api::etag;
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query, one_of};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{Tenant, WebhooksRead, WebhooksWrite};
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::events::{self, EventType};
use crate::idempotency::Answer;
use crate::ids::EventId;
use crate::webhooks::store as webhooks;

/// Tries that are shown of a delivery.
const ATTEMPTS_SHOWN: u32 = 50;

/// What a list of deliveries understands.
#[derive(Debug)]
pub struct DeliveryQuery {
    page: PageQuery,
    filter: Filter,
}

impl FromQuery for DeliveryQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("status", "Only deliveries that stand so.")
            .one_of(|| words(Status::CHOICES)),
        Parameter::new("event_id", "Only deliveries of this event."),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let status = query.optional("status", one_of(Status::CHOICES));
        let event = query.optional("event_id", |text| {
            EventId::parse(text).ok_or_else(|| "Not the id of an event.".to_owned())
        });
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        let filter = Filter {
            status: status?.map(Status::name),
            event: event?,
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

async fn list(cx: Cx<WebhooksRead>, query: DeliveryQuery) -> Result<Answer> {
    let (webhook, tenant, path) = (cx.id("webhook_id")?, cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    let before = before
        .and_then(|text| text.parse().ok())
        .unwrap_or(i64::MAX);
    cx.app
        .db
        .read(move |conn| {
            webhooks::find(conn, tenant, webhook)?.ok_or_else(Error::not_found)?;
            let span = (before, query.page.rows());
            let found = store::page(conn, tenant, webhook, &query.filter, span)?;
            let show = |delivery: Delivery| Ok(DeliveryBody::of(tenant, &delivery));
            query.page.answer(tenant, &path, found, show, |delivery| {
                delivery.endpoint_sequence.to_string()
            })
        })
        .await
}

async fn get(cx: Cx<WebhooksRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant) = (cx.id("delivery_id")?, cx.tenant());
    let scopes = cx.permit.caller().scopes;
    let body = cx.app.db.read_now(|conn| {
        let delivery = store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
        // One of a webhook that was deleted is gone as well.
        webhooks::find(conn, tenant, delivery.webhook_id)?.ok_or_else(Error::not_found)?;
        let readable = EventType::readable(scopes).any(|kind| kind.name() == delivery.event_type);
        let event = if readable {
            events::store::at(conn, tenant, delivery.event_sequence)?
        } else {
            None
        };
        let sent = event.map(|event| payload(tenant, &event, delivery.endpoint_sequence));
        let attempts = store::attempts(conn, tenant, id, ATTEMPTS_SHOWN)?;
        Ok(WholeDeliveryBody::of(
            tenant,
            &delivery,
            sent.transpose()?,
            attempts,
        ))
    })?;
    let mut answer = Answer::ok(&body)?;
    answer.etag = Some(etag::of_whole(1, &answer.body));
    Ok(cx.unless_known(answer))
}

/// The deliveries of events, by their sequence numbers: what the log of requests shows of them.
pub fn of_events(conn: &Reader, tenant: Tenant, sequences: &[i64]) -> Result<Vec<Value>> {
    let mut bodies = Vec::new();
    for sequence in sequences {
        for delivery in store::of_event(conn, tenant, *sequence)? {
            let body = DeliveryBody::of(tenant, &delivery);
            bodies.push(serde_json::to_value(&body).map_err(Error::internal)?);
        }
    }
    Ok(bodies)
}

async fn retry(cx: Cx<WebhooksWrite>) -> Result<Work> {
    let (id, tenant, permit) = (cx.id("delivery_id")?, cx.tenant(), cx.permit);
    work(move |tx| {
        let delivery = actions::retry(tx, &permit, id)?;
        Answer::accepted(&DeliveryBody::of(tenant, &delivery))
    })
}

/// The routes of deliveries.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/webhooks/{webhook_id}/deliveries", list)
            .named(
                "Webhooks",
                "list_deliveries",
                "List what a webhook was sent",
            )
            .describe("The latest first.")
            .lists::<DeliveryBody>(),
        Route::get("/v1/deliveries/{delivery_id}", get)
            .named(
                "Webhooks",
                "get_delivery",
                "Read one delivery with its tries",
            )
            .answers::<WholeDeliveryBody>()
            .tagged(),
        Route::action("/v1/deliveries/{delivery_id}/retry", retry)
            .named("Webhooks", "retry_delivery", "Try a delivery again at once")
            .describe("Whatever became of it: its schedule begins anew.")
            .begins::<DeliveryBody>()
            .codes(&[Code::StateConflict]),
    ]
}
