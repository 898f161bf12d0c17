//! `/v1/clients/{client_id}/payments` and `/v1/payments`.

use serde_json::json;

use super::actions::{self, Occasion, answer};
use super::body::PaymentBody;
use super::store::{self, Filter};
use super::{
    AMOUNT_MAX, Method, NewPayment, NewRefund, Payment, PaymentPatch, Status, TEXT_MAX, processor,
};
use crate::api::asking::Asking;
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{At, Fields, FromBody, Json, integer, one_of, text, text_map};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{PaymentsRead, PaymentsWrite, Tenant};
use crate::clients;
use crate::db::Reader;
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::idempotency::{Answer, Intent};
use crate::ids::{ClientId, PaymentId, RefundId};
use crate::values::{Currency, Invalid, METADATA_PAIRS_MAX, line, metadata_pair};

fn pair(name: &str, value: &str) -> Result<(String, String), Invalid> {
    metadata_pair(name, value).map(|()| (name.to_owned(), value.to_owned()))
}

fn words_of(value: &str) -> Result<String, Invalid> {
    line(value, 1, TEXT_MAX)
}

const UNAVAILABLE: &str = "method_unavailable";

/// The method; one that may come later is refused with what there is instead.
fn method(value: Json, at: &mut At<'_>) -> Option<Method> {
    if matches!(&value, Json::Text(text) if text == "stripe") {
        let message = "This server is not connected to Stripe. Record what was paid with `manual`.";
        at.refuse(UNAVAILABLE, message);
        return None;
    }
    one_of(Method::CHOICES)(value, at)
}

impl FromBody for NewPayment {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] =
        &[("method", || words(Method::CHOICES))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let amount = fields.required("amount", integer(1..=AMOUNT_MAX));
        let currency = fields.required("currency", text(Currency::parse));
        let description = fields.optional("description", text(words_of));
        let method = fields.optional("method", method);
        let metadata = fields.optional("metadata", text_map(METADATA_PAIRS_MAX, pair));
        Some(Self {
            amount: amount?,
            currency: currency?.code().to_owned(),
            description: description?,
            method: method?,
            metadata: metadata?,
        })
    }
}

impl FromBody for PaymentPatch {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let description = fields.patch("description", text(words_of));
        let metadata = fields.patch("metadata", text_map(METADATA_PAIRS_MAX, pair));
        Some(Self {
            description: description?,
            metadata: metadata?,
        })
    }
}

impl FromBody for NewRefund {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let amount = fields.optional("amount", integer(1..=AMOUNT_MAX));
        let reason = fields.optional("reason", text(words_of));
        Some(Self {
            amount: amount?,
            reason: reason?,
        })
    }
}

const STATUS: Parameter =
    Parameter::new("status", "Only those that stand so.").one_of(|| words(Status::CHOICES));

/// What the payments of a client are asked with.
#[derive(Debug)]
pub struct HistoryQuery {
    page: PageQuery,
    filter: Filter,
}

impl FromQuery for HistoryQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
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

/// What the list of all payments understands.
#[derive(Debug)]
pub struct PaymentQuery(HistoryQuery);

impl FromQuery for PaymentQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        STATUS,
        Parameter::new("client_id", "Only those of this client."),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let client_id = query.optional("client_id", |text| {
            ClientId::parse(text).ok_or_else(|| "This is not the id of a client.".to_owned())
        });
        let mut filter = filter(query);
        if let (Some(filter), Some(client_id)) = (&mut filter, client_id) {
            filter.client_id = client_id;
        }
        client_id?;
        Some(Self(HistoryQuery {
            page: page?,
            filter: filter?,
        }))
    }
}

fn filter(query: &mut Query) -> Option<Filter> {
    let status = query.optional("status", query::one_of(Status::CHOICES));
    let created_after = query.optional(CREATED_AFTER.name, query::time);
    let created_before = query.optional(CREATED_BEFORE.name, query::time);
    let updated_after = query.optional(UPDATED_AFTER.name, query::time);
    Some(Filter {
        client_id: None,
        status: status?,
        created_after: created_after?,
        created_before: created_before?,
        updated_after: updated_after?,
    })
}

fn listed(
    conn: &Reader,
    tenant: Tenant,
    path: &str,
    query: &HistoryQuery,
    before: Option<&str>,
) -> Result<Answer> {
    let payments = store::page(conn, tenant, &query.filter, before, query.page.rows())?;
    let mut page = query.page.begin();
    for payment in &payments {
        page.push(&PaymentBody::of(tenant, payment), || payment.id.to_string())?;
    }
    query.page.end(tenant, path, page)
}

async fn list_of_client(cx: Cx<PaymentsRead>, mut query: HistoryQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.id("client_id")?, cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    query.filter.client_id = Some(id);
    cx.app
        .db
        .read(move |conn| {
            clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
            listed(conn, tenant, &path, &query, before.as_deref())
        })
        .await
}

async fn list(cx: Cx<PaymentsRead>, PaymentQuery(query): PaymentQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| listed(conn, tenant, &path, &query, before.as_deref()))
        .await
}

fn shown(tenant: Tenant, payment: &Payment) -> Result<Answer> {
    Ok(Answer::ok(&PaymentBody::of(tenant, payment))?.version(payment.version))
}

async fn get(cx: Cx<PaymentsRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant): (PaymentId, _) = (cx.id("payment_id")?, cx.tenant());
    let find = |conn: &Reader| store::find(conn, tenant, id);
    let payment = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    Ok(cx.unless_known(shown(tenant, &payment)?))
}

/// How it is paid, where that is possible in this mode.
fn settled_method(tenant: Tenant, wanted: Option<Method>) -> Result<Method> {
    let live = tenant.mode().is_live();
    match wanted {
        None if live => Ok(Method::Manual),
        None => Ok(Method::Simulated),
        Some(Method::Simulated) if live => Err(Error::invalid(vec![FieldError {
            place: Place::Pointer("/method".to_owned()),
            code: UNAVAILABLE,
            message: "`simulated` is for test mode alone: it moves no money.".to_owned(),
            fix: Some("Record what was paid with `manual`.".to_owned()),
        }])),
        Some(method) => Ok(method),
    }
}

async fn create(cx: Cx<PaymentsWrite>, new: NewPayment) -> Result<Asking> {
    let (client_id, tenant) = (cx.id("client_id")?, cx.tenant());
    let method = settled_method(tenant, new.method)?;
    let (app, permit) = (cx.app, cx.permit);
    let now = permit.now();
    let by_hand = method == Method::Manual;
    let payment = Payment {
        id: PaymentId::new(now),
        client_id,
        amount: new.amount,
        currency: new.currency,
        amount_refunded: 0,
        status: if by_hand {
            Status::Succeeded
        } else {
            Status::Pending
        },
        method,
        description: new.description,
        failure_code: None,
        failure_message: None,
        metadata: new.metadata.unwrap_or_default(),
        refunds: Vec::new(),
        succeeded_at: by_hand.then_some(now),
        failed_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let (beginning, server_now) = (permit.clone(), app.clock.now());
    Ok(Asking {
        intend: Box::new(move |tx, claim| {
            actions::begin(tx, &beginning, &payment, claim, server_now)?;
            Ok(if by_hand {
                Intent::Answered(answer(tenant, &payment)?)
            } else {
                Intent::Ask(payment.id.to_string())
            })
        }),
        ask: Box::new(move |id| {
            Box::pin(async move {
                let id = PaymentId::parse(&id);
                let id = id.ok_or_else(|| Error::bug("an intent names no payment"))?;
                let found = app.db.read_now(|conn| store::find(conn, tenant, id))?;
                let payment = found.ok_or_else(Error::not_found)?;
                let outcome = processor::ask(&payment, app.clock.now_of(&tenant)).await?;
                let server_now = app.clock.now();
                work(move |tx| {
                    let occasion = Occasion {
                        origin: permit.origin(),
                        server_now,
                    };
                    let payment = actions::settle(tx, tenant, occasion, id, outcome)?;
                    answer(tenant, &payment)
                })
            })
        }),
    })
}

async fn update(cx: Cx<PaymentsWrite>, patch: PaymentPatch) -> Result<Work> {
    let (id, if_match) = (cx.id("payment_id")?, cx.if_match());
    let permit = cx.permit;
    work(move |tx| {
        let payment = actions::update(tx, &permit, id, &if_match, patch)?;
        shown(permit.tenant(), &payment)
    })
}

async fn refund(cx: Cx<PaymentsWrite>, new: NewRefund) -> Result<Work> {
    let id = cx.id("payment_id")?;
    let permit = cx.permit;
    let refund_id = RefundId::new(permit.now());
    work(move |tx| {
        let payment = actions::refund(tx, &permit, id, refund_id, new)?;
        shown(permit.tenant(), &payment)
    })
}

/// The routes of payments.
pub fn routes() -> Vec<Route> {
    const TAG: &str = "Payments";
    vec![
        Route::get("/v1/clients/{client_id}/payments", list_of_client)
            .named(TAG, "list_client_payments", "List the payments of a client")
            .describe("Newest first.")
            .lists::<PaymentBody<'_>>(),
        Route::asking("/v1/clients/{client_id}/payments", create)
            .named(TAG, "create_payment", "Take or record a payment")
            .describe(
                "`manual` records what was paid by cash or transfer; it has succeeded at once. In \
                 test mode `simulated` goes the way of a processor and moves no money: the last two \
                 digits of the amount choose the outcome (`/docs/guides/payments`). A decline is \
                 201 with `status: failed` and a `failure_code`. Nothing is taken twice under one \
                 `Idempotency-Key`, whatever ends in the middle.",
            )
            .creates::<PaymentBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "amount": 12_000, "currency": "eur", "description": "June" })),
        Route::get("/v1/payments", list)
            .named(TAG, "list_payments", "List the payments of all clients")
            .describe("Newest first.")
            .lists::<PaymentBody<'_>>(),
        Route::get("/v1/payments/{payment_id}", get)
            .named(TAG, "get_payment", "Read one payment")
            .answers::<PaymentBody<'_>>()
            .tagged(),
        Route::patch("/v1/payments/{payment_id}", update)
            .named(TAG, "update_payment", "Change what is said of a payment")
            .describe("Its description and metadata; what was paid never changes.")
            .answers::<PaymentBody<'_>>()
            .tagged()
            .example(json!({ "description": "June, two sessions" })),
        Route::post("/v1/payments/{payment_id}/refund", refund)
            .named(TAG, "refund_payment", "Give back a payment, or a part of it")
            .describe(
                "All that is left unless `amount` says less; up to 50 times. More than is left, or \
                 what is not paid, is 409 `state_conflict` and changes nothing. A payment by hand \
                 is given back by hand: this records it.",
            )
            .body_optional()
            .answers::<PaymentBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "amount": 6_000, "reason": "A session fell out" })),
    ]
}
