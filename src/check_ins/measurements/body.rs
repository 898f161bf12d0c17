//! How measurements and metrics are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Measurement, Metric, Millionths, Quantity, Unit, preferred};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::ids::{CheckinId, ClientId, MeasurementId};
use crate::values::Decimal;

/// A value in its SI unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiBody {
    /// The number, to six decimals.
    #[schema(value_type = f64)]
    value: Millionths,
    /// The SI unit; of a rate, `1/min`.
    unit: &'static str,
}

/// A value in the client's units.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShownBody {
    /// The number, to a tenth where it was converted.
    #[schema(value_type = f64)]
    value: Decimal,
    /// The unit.
    unit: String,
}

/// What was measured with a check-in.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckinMeasurementBody {
    /// The measurement's id.
    #[schema(value_type = String)]
    id: MeasurementId,
    /// The name of the metric.
    metric: String,
    /// As entered.
    #[schema(value_type = f64)]
    value: Decimal,
    /// As entered.
    unit: String,
    /// The same in its SI unit; null where there is none.
    si: Option<SiBody>,
    /// Where on the body.
    site: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    measured_at: Timestamp,
    /// What measured it.
    source: String,
}

/// Something that was measured of a client.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeasurementBody {
    /// The measurement's id.
    #[schema(value_type = String, example = "mea_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: MeasurementId,
    /// Always `measurement`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// Of whom.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// The check-in that it came with.
    #[schema(value_type = Option<String>)]
    checkin_id: Option<CheckinId>,
    /// The name of the metric.
    metric: String,
    /// As entered.
    #[schema(value_type = f64)]
    value: Decimal,
    /// As entered.
    unit: String,
    /// The same in its SI unit; null where there is none.
    si: Option<SiBody>,
    /// The same in the client's units.
    shown: ShownBody,
    /// Where on the body.
    site: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    measured_at: Timestamp,
    /// What measured it.
    source: String,
    /// When it was entered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

fn si(measurement: &Measurement) -> Option<SiBody> {
    let unit = Unit::named(&measurement.unit)?.quantity.si_unit()?;
    let value = Millionths(measurement.si?);
    Some(SiBody { value, unit })
}

fn shown(measurement: &Measurement, imperial: bool) -> ShownBody {
    let converted = Unit::named(&measurement.unit)
        .and_then(|unit| preferred(unit.quantity, imperial))
        .filter(|unit| unit.name != measurement.unit)
        .zip(measurement.si);
    match converted {
        Some((unit, si)) => ShownBody {
            value: unit.of_si(si),
            unit: unit.name.to_owned(),
        },
        None => ShownBody {
            value: measurement.value,
            unit: measurement.unit.clone(),
        },
    }
}

impl CheckinMeasurementBody {
    /// The measurement as its check-in shows it.
    pub fn of(measurement: &Measurement) -> Self {
        Self {
            id: measurement.id,
            metric: measurement.metric.clone(),
            value: measurement.value,
            unit: measurement.unit.clone(),
            si: si(measurement),
            site: measurement.site.clone(),
            measured_at: measurement.measured_at,
            source: measurement.source.clone(),
        }
    }
}

impl MeasurementBody {
    /// The measurement as it is shown to somebody who thinks in these units.
    pub fn of(tenant: Tenant, measurement: &Measurement, imperial: bool) -> Self {
        Self {
            id: measurement.id,
            object: "measurement",
            livemode: tenant.mode().is_live(),
            client_id: measurement.client_id,
            checkin_id: measurement.checkin_id,
            metric: measurement.metric.clone(),
            value: measurement.value,
            unit: measurement.unit.clone(),
            si: si(measurement),
            shown: shown(measurement, imperial),
            site: measurement.site.clone(),
            measured_at: measurement.measured_at,
            source: measurement.source.clone(),
            created_at: measurement.created_at,
        }
    }
}

/// What can be measured.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricBody<'m> {
    /// The id of one of the coach's own (`met_…`), the name of a built-in one.
    id: String,
    /// Always `metric`.
    object: &'static str,
    /// True if it belongs to the live tenant; null of a built-in one.
    livemode: Option<bool>,
    /// What measurements name it by.
    name: &'m str,
    /// What people call it.
    title: &'m str,
    /// What kind of thing it is.
    #[schema(value_type = String)]
    quantity: Quantity,
    /// What it may be entered in, the usual one first.
    units: &'m [String],
    /// True if everybody has it.
    built_in: bool,
    /// When it was made; null of a built-in one.
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
}

impl<'m> MetricBody<'m> {
    /// The metric as it is shown.
    pub fn of(tenant: Tenant, metric: &'m Metric) -> Self {
        let own = metric.id;
        Self {
            id: own.map_or_else(|| metric.name.clone(), |id| id.to_string()),
            object: "metric",
            livemode: own.map(|_| tenant.mode().is_live()),
            name: &metric.name,
            title: &metric.title,
            quantity: metric.quantity,
            units: &metric.units,
            built_in: own.is_none(),
            created_at: metric.created_at,
        }
    }
}
