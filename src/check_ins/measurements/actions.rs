//! What can be done with measurements and metrics.

use super::{METRICS_MAX, Measurement, Metric, NewMeasurement, Unit, built_in, store};
use crate::caller::{CheckinsWrite, Permit, Tenant};
use crate::clients::{self, Status};
use crate::clock::{DAY_MS, Timestamp};
use crate::db::Tx;
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::ids::{CheckinId, ClientId, MeasurementId};
use crate::values::{Date, TimeZone};

/// Of whom, with what and when something is measured.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The tenant.
    pub tenant: Tenant,
    /// Of whom.
    pub client_id: ClientId,
    /// Where the client is.
    pub zone: &'a TimeZone,
    /// The check-in that it comes with.
    pub checkin_id: Option<CheckinId>,
    /// The source where none is named.
    pub source: &'static str,
    /// The present.
    pub now: Timestamp,
}

fn fault(pointer: String, code: &'static str, message: String) -> FieldError {
    FieldError {
        place: Place::Pointer(pointer),
        code,
        message,
        fix: None,
    }
}

/// Why a measurement cannot be taken; `base` is where it stands.
fn faults(known: &[Metric], new: &NewMeasurement, base: &str, now: Timestamp) -> Vec<FieldError> {
    let mut found = Vec::new();
    let mut metrics = built_in().iter().chain(known);
    match metrics.find(|metric| metric.name == new.metric) {
        None => {
            let message = "There is no metric of this name.".to_owned();
            found.push(fault(format!("{base}/metric"), "unknown_metric", message));
        }
        Some(metric) => {
            if let Some((field, message)) = metric.refuses(new.value, &new.unit) {
                let code = if field == "unit" {
                    "invalid_unit"
                } else {
                    "out_of_range"
                };
                found.push(fault(format!("{base}/{field}"), code, message));
            }
        }
    }
    if new.measured_at.is_some_and(|at| at > now.plus_ms(DAY_MS)) {
        let message = "This lies ahead.".to_owned();
        found.push(fault(
            format!("{base}/measured_at"),
            "out_of_range",
            message,
        ));
    }
    found
}

/// Refuses measurements that cannot be taken; `base` gives where each stands.
pub fn check(
    tx: &Tx<'_>,
    tenant: Tenant,
    new: &[NewMeasurement],
    base: impl Fn(usize) -> String,
    now: Timestamp,
) -> Result<Vec<FieldError>> {
    let own = |metric: &NewMeasurement| built_in().iter().all(|known| known.name != metric.metric);
    let known = if new.iter().any(own) {
        store::own_metrics(tx, tenant)?
    } else {
        Vec::new()
    };
    let each = new.iter().enumerate();
    Ok(each
        .flat_map(|(at, new)| faults(&known, new, &base(at), now))
        .collect())
}

/// Keeps measurements that were checked.
pub fn keep(
    tx: &Tx<'_>,
    occasion: Occasion<'_>,
    new: Vec<NewMeasurement>,
) -> Result<Vec<Measurement>> {
    let mut kept = Vec::with_capacity(new.len());
    for new in new {
        let measured_at = new.measured_at.unwrap_or(occasion.now);
        let measurement = Measurement {
            id: MeasurementId::new(occasion.now),
            client_id: occasion.client_id,
            checkin_id: occasion.checkin_id,
            metric: new.metric,
            value: new.value,
            si: Unit::named(&new.unit).map(|unit| unit.to_si(new.value)),
            unit: new.unit,
            site: new.site,
            measured_at,
            local_date: Date::at(measured_at, occasion.zone),
            source: new.source.unwrap_or_else(|| occasion.source.to_owned()),
            created_at: occasion.now,
        };
        store::insert(tx, occasion.tenant, &measurement)?;
        kept.push(measurement);
    }
    Ok(kept)
}

/// Keeps one measurement that comes with no check-in.
pub fn measure(
    tx: &Tx<'_>,
    permit: &Permit<CheckinsWrite>,
    (client_id, zone): (ClientId, &TimeZone),
    new: NewMeasurement,
) -> Result<Measurement> {
    let (tenant, now) = (permit.tenant(), permit.now());
    let client = clients::store::find(tx, tenant, client_id)?.ok_or_else(Error::not_found)?;
    if client.status == Status::Archived {
        let message = "The client is archived.";
        return Err(Error::with(Code::StateConflict, message).extra("current_status", "archived"));
    }
    let faults = check(
        tx,
        tenant,
        std::slice::from_ref(&new),
        |_| String::new(),
        now,
    )?;
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let occasion = Occasion {
        tenant,
        client_id,
        zone,
        checkin_id: None,
        source: "coach",
        now,
    };
    let mut kept = keep(tx, occasion, vec![new])?;
    kept.pop().ok_or_else(|| Error::bug("nothing was kept"))
}

/// Adds a metric of the coach's own.
pub fn define(tx: &Tx<'_>, permit: &Permit<CheckinsWrite>, metric: &Metric) -> Result<()> {
    let tenant = permit.tenant();
    let own = store::own_metrics(tx, tenant)?;
    let mut names = built_in().iter().chain(&own).map(|known| &known.name);
    if names.any(|name| *name == metric.name) {
        let message = "There is a metric of this name already.";
        return Err(Error::with(Code::AlreadyExists, message));
    }
    if own.len() >= METRICS_MAX {
        let message = format!("There are {METRICS_MAX} metrics already, which is the most.");
        return Err(Error::with(Code::StateConflict, message));
    }
    store::insert_metric(tx, tenant, metric)
}
