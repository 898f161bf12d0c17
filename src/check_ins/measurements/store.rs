//! SQL of measurements and metrics.

use rusqlite::{Connection, Row, named_params};

use super::{Measurement, Metric, Quantity};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{CheckinId, ClientId};
use crate::values::{Date, Decimal};

macro_rules! select {
    ($($rest:literal)*) => {
        concat!(
            "SELECT id, client_id, checkin_id, metric, value, unit, si, site, measured_at,
                local_date, source, created_at
            FROM measurements WHERE tenant_id = :tenant_id ",
            $($rest),*
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Measurement> {
    Ok(Measurement {
        id: row.get("id")?,
        client_id: row.get("client_id")?,
        checkin_id: row.get("checkin_id")?,
        metric: row.get("metric")?,
        value: Decimal::from_thousandths(row.get("value")?),
        unit: row.get("unit")?,
        si: row.get("si")?,
        site: row.get("site")?,
        measured_at: row.get("measured_at")?,
        local_date: row.get("local_date")?,
        source: row.get("source")?,
        created_at: row.get("created_at")?,
    })
}

/// The measurements of a client's check-in, in the order in which they were sent.
pub fn of_checkin(
    conn: &Connection,
    tenant: Tenant,
    (client, checkin): (ClientId, CheckinId),
) -> Result<Vec<Measurement>> {
    let mut statement = conn.prepare_cached(select!(
        "AND client_id = :client_id AND checkin_id = :checkin_id ORDER BY id"
    ))?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": client,
        ":checkin_id": checkin,
    };
    let rows = statement.query_map(parameters, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a list of measurements is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// One metric.
    pub metric: Option<String>,
    /// The first day, the client's.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
}

/// Where the last page ended: time and id of its last measurement.
pub type Position = (i64, String);

/// Measurements of a client, the last measured first, after `last`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    (filter, last): (&Filter, Option<&Position>),
    limit: u32,
) -> Result<Vec<Measurement>> {
    // Two statements, for two indexes.
    let sql = if filter.metric.is_some() {
        select!(
            "AND client_id = :client_id AND metric = :metric
                AND (measured_at, id) < (:last_at, :last_id)
                AND (:from IS NULL OR local_date >= :from)
                AND (:to IS NULL OR local_date <= :to)
                AND (:created_after IS NULL OR created_at > :created_after)
                AND (:created_before IS NULL OR created_at < :created_before)
            ORDER BY measured_at DESC, id DESC LIMIT :limit"
        )
    } else {
        select!(
            "AND client_id = :client_id AND :metric IS NULL
                AND (measured_at, id) < (:last_at, :last_id)
                AND (:from IS NULL OR local_date >= :from)
                AND (:to IS NULL OR local_date <= :to)
                AND (:created_after IS NULL OR created_at > :created_after)
                AND (:created_before IS NULL OR created_at < :created_before)
            ORDER BY measured_at DESC, id DESC LIMIT :limit"
        )
    };
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":metric": filter.metric,
            ":last_at": last.map_or(i64::MAX, |(at, _)| *at),
            ":last_id": last.map_or("~", |(_, id)| id.as_str()),
            ":from": filter.from,
            ":to": filter.to,
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, measurement: &Measurement) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO measurements (
            tenant_id, client_id, id, checkin_id, metric, value, unit, si, site, measured_at,
            local_date, source, created_at
        ) VALUES (
            :tenant_id, :client_id, :id, :checkin_id, :metric, :value, :unit, :si, :site,
            :measured_at, :local_date, :source, :created_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": measurement.client_id,
        ":id": measurement.id,
        ":checkin_id": measurement.checkin_id,
        ":metric": measurement.metric,
        ":value": measurement.value.thousandths(),
        ":unit": measurement.unit,
        ":si": measurement.si,
        ":site": measurement.site,
        ":measured_at": measurement.measured_at,
        ":local_date": measurement.local_date,
        ":source": measurement.source,
        ":created_at": measurement.created_at,
    })?;
    Ok(())
}

/// A coach's own metrics, newest first.
pub fn own_metrics(conn: &Connection, tenant: Tenant) -> Result<Vec<Metric>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, title, quantity, units, created_at FROM metrics
        WHERE tenant_id = :tenant_id ORDER BY id DESC",
    )?;
    let rows = statement.query_map(named_params! { ":tenant_id": tenant.number() }, |row| {
        let (quantity, units): (String, String) = (row.get("quantity")?, row.get("units")?);
        let metric = Metric {
            id: row.get("id")?,
            name: row.get("name")?,
            title: row.get("title")?,
            quantity: Quantity::parse(&quantity).unwrap_or(Quantity::Other),
            units: Vec::new(),
            range: None,
            created_at: row.get("created_at")?,
        };
        Ok((metric, units))
    })?;
    let read = |row: rusqlite::Result<(Metric, String)>| {
        let (metric, units) = row?;
        let units = serde_json::from_str(&units).map_err(Error::internal)?;
        Ok(Metric { units, ..metric })
    };
    rows.map(read).collect()
}

pub(super) fn insert_metric(tx: &Tx<'_>, tenant: Tenant, metric: &Metric) -> Result<()> {
    let units = serde_json::to_string(&metric.units).map_err(Error::internal)?;
    tx.prepare_cached(
        "INSERT INTO metrics (tenant_id, name, id, title, quantity, units, created_at)
        VALUES (:tenant_id, :name, :id, :title, :quantity, :units, :created_at)",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":name": metric.name,
        ":id": metric.id,
        ":title": metric.title,
        ":quantity": metric.quantity.name(),
        ":units": units,
        ":created_at": metric.created_at,
    })?;
    Ok(())
}
