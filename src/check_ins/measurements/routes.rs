//! `/v1/clients/{client_id}/measurements` and `/v1/metrics`

use serde_json::json;

use super::body::{MeasurementBody, MetricBody};
use super::store::{self, Filter, Position};
use super::{Metric, NewMeasurement, NewMetric, Quantity, UNITS_MAX, actions, built_in, units_of};
use crate::access::workspaces;
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{Fields, FromBody, list, one_of, text};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{CheckinsRead, CheckinsWrite};
use crate::check_ins::read::{day, measurement};
use crate::check_ins::zone_of;
use crate::clients;
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::{ClientId, MetricId};
use crate::values::{Invalid, line};

impl FromBody for NewMeasurement {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        measurement(fields)
    }
}

fn name(value: &str) -> Result<String, Invalid> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if (1..=40).contains(&value.len()) && value.chars().all(plain) {
        return Ok(value.to_owned());
    }
    let message = "Not the name of a metric.";
    Err(Invalid::new("invalid_slug", message)
        .fix("Use up to 40 lower-case letters, digits and underscores, such as vertical_jump."))
}

impl FromBody for NewMetric {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] =
        &[("quantity", || words(Quantity::CHOICES))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", text(name));
        let title = fields.required("title", text(|value| line(value, 1, 100)));
        let quantity = fields.required("quantity", one_of(Quantity::CHOICES));
        let units = list(UNITS_MAX, text(|value| line(value, 1, 20)));
        let units = fields.optional("units", units);
        let (quantity, units) = (quantity?, units?);
        let known: Vec<&str> = units_of(quantity).collect();
        let given = units.iter().flatten();
        let strange = given.filter(|unit| !known.contains(&unit.as_str()));
        if quantity != Quantity::Other && strange.count() > 0 {
            let message = format!("The units of this quantity are {}.", known.join(", "));
            fields.refuse("units", "invalid_unit", &message);
            return None;
        }
        if quantity == Quantity::Other && units.iter().flatten().count() == 0 {
            fields.refuse("units", "required", "Name the unit that it is measured in.");
            return None;
        }
        Some(Self {
            name: name?,
            title: title?,
            quantity,
            units: units.filter(|units| !units.is_empty()),
        })
    }
}

/// What the list of measurements understands.
#[derive(Debug)]
pub struct MeasurementQuery {
    page: PageQuery,
    filter: Filter,
}

impl FromQuery for MeasurementQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("metric", "Only those of this metric, by its name."),
        Parameter::new("from", "Only from this day on, in the client's calendar."),
        Parameter::new("to", "Only up to this day, in the client's calendar."),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let metric = query.optional("metric", query::word(60));
        let from = query.optional("from", day);
        let to = query.optional("to", day);
        let created_after = query::created_or_updated_after(query);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let filter = Filter {
            metric: metric?,
            from: from?,
            to: to?,
            created_after: created_after?,
            created_before: created_before?,
        };
        Some(Self {
            page: page?,
            filter,
        })
    }
}

fn read_position(text: &str) -> Option<Position> {
    let (at, id) = text.split_once('\n')?;
    Some((at.parse().ok()?, id.to_owned()))
}

async fn list_measurements(cx: Cx<CheckinsRead>, query: MeasurementQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.id("client_id")?, cx.tenant(), cx.path().to_owned());
    let last = query.page.position(tenant, &path)?;
    let last = last.as_deref().and_then(read_position);
    cx.app
        .db
        .read(move |conn| {
            let client = clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
            let imperial = client.profile.units == "imperial";
            let (which, rows) = ((&query.filter, last.as_ref()), query.page.rows());
            let mut page = query.page.begin();
            for measured in store::page(conn, tenant, id, which, rows)? {
                let body = MeasurementBody::of(tenant, &measured, imperial);
                let position = || format!("{}\n{}", measured.measured_at.as_ms(), measured.id);
                page.push(&body, position)?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

async fn measure(cx: Cx<CheckinsWrite>, new: NewMeasurement) -> Result<Work> {
    let (id, permit): (ClientId, _) = (cx.id("client_id")?, cx.permit);
    work(move |tx| {
        let tenant = permit.tenant();
        let client = clients::store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
        let zone = zone_of(&client, workspaces::store::of_tenant(tx, tenant)?.as_ref());
        let measured = actions::measure(tx, &permit, (id, &zone), new)?;
        let imperial = client.profile.units == "imperial";
        let location = format!("/v1/clients/{id}/measurements");
        Answer::created(location, &MeasurementBody::of(tenant, &measured, imperial))
    })
}

/// What the list of metrics understands.
#[derive(Debug)]
pub struct MetricsQuery {
    page: PageQuery,
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
}

impl FromQuery for MetricsQuery {
    const PARAMETERS: &'static [Parameter] =
        &[LIMIT, CURSOR, CREATED_AFTER, CREATED_BEFORE, UPDATED_AFTER];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let created_after = query::created_or_updated_after(query);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        Some(Self {
            page: page?,
            created_after: created_after?,
            created_before: created_before?,
        })
    }
}

impl MetricsQuery {
    fn wants(&self, metric: &Metric) -> bool {
        let made = metric.created_at;
        self.created_after
            .is_none_or(|bound| made.is_some_and(|made| made > bound))
            && self
                .created_before
                .is_none_or(|bound| made.is_none_or(|made| made < bound))
    }
}

async fn list_metrics(cx: Cx<CheckinsRead>, query: MetricsQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let last = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            let own = store::own_metrics(conn, tenant)?;
            let all = own.iter().chain(built_in());
            let mut rest: Vec<&Metric> = all.filter(|metric| query.wants(metric)).collect();
            if let Some(last) = last {
                let place = rest.iter().position(|metric| metric.name == last);
                rest.drain(..place.map_or(0, |place| place + 1));
            }
            let mut page = query.page.begin();
            for metric in rest.into_iter().take(query.page.rows() as usize) {
                page.push(&MetricBody::of(tenant, metric), || metric.name.clone())?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

async fn define(cx: Cx<CheckinsWrite>, new: NewMetric) -> Result<Work> {
    let permit = cx.permit;
    let now = permit.now();
    let all = || units_of(new.quantity).map(str::to_owned).collect();
    let metric = Metric {
        id: Some(MetricId::new(now)),
        name: new.name,
        title: new.title,
        quantity: new.quantity,
        units: new.units.unwrap_or_else(all),
        range: None,
        created_at: Some(now),
    };
    let body = MetricBody::of(permit.tenant(), &metric);
    let answer = Answer::created("/v1/metrics".to_owned(), &body)?;
    work(move |tx| {
        actions::define(tx, &permit, &metric)?;
        Ok(answer)
    })
}

/// The routes of measurements and metrics.
pub fn routes() -> Vec<Route> {
    const TAG: &str = "Measurements";
    vec![
        Route::get("/v1/clients/{client_id}/measurements", list_measurements)
            .named(TAG, "list_measurements", "List what was measured of a client")
            .describe(
                "The last measured first, those that came with check-ins included. `shown` is in the \
                 client's units.",
            )
            .lists::<MeasurementBody>(),
        Route::post("/v1/clients/{client_id}/measurements", measure)
            .named(TAG, "create_measurement", "Keep a measurement")
            .describe("A value reads back in the unit in which it was entered, with its SI form beside it.")
            .creates::<MeasurementBody>()
            .codes(&[Code::StateConflict])
            .example(json!({ "metric": "weight", "value": 82.5, "unit": "kg" })),
        Route::get("/v1/metrics", list_metrics)
            .named(TAG, "list_metrics", "List what can be measured")
            .describe("Your own first, the newest of them at the top, then those that everybody has.")
            .lists::<MetricBody<'_>>(),
        Route::post("/v1/metrics", define)
            .named(TAG, "create_metric", "Define a metric of your own")
            .describe("Up to 200.")
            .creates::<MetricBody<'_>>()
            .codes(&[Code::AlreadyExists, Code::StateConflict])
            .example(json!({ "name": "vertical_jump", "title": "Vertical jump", "quantity": "length", "units": ["cm", "in"] })),
    ]
}
