//! Measurements: a value of a metric, in the unit in which it was entered.
//!
//! A value reads back as it was entered, with its form in SI units beside it and, where the client
//! thinks in others, in the client's units. Metrics are built in, or a coach's own: a name, what kind
//! of quantity it is, and the units that it is measured in.
//!
//! Rates are told by the minute, which goes with SI units. What no unit of the table measures (quantity
//! `other`) has no SI form.

pub mod actions;
pub mod body;
pub mod routes;
pub mod store;

use std::sync::LazyLock;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::exercises::catalogue::vocabulary;
use crate::ids::{CheckinId, ClientId, MeasurementId, MetricId};
use crate::values::{Date, Decimal};

/// Most metrics of a coach's own.
pub const METRICS_MAX: usize = 200;
/// Most units of a metric.
pub const UNITS_MAX: usize = 10;

vocabulary! {
    /// What kind of thing a metric measures.
    Quantity {
        #[doc = "How heavy something is; SI unit kg."] Mass "mass"
        #[doc = "How long something is; SI unit m."] Length "length"
        #[doc = "A part of a whole; SI unit 1."] Ratio "ratio"
        #[doc = "SI unit Pa."] Pressure "pressure"
        #[doc = "How often something happens; by the minute."] Rate "rate"
        #[doc = "How long something takes; SI unit s."] Time "time"
        #[doc = "How many; SI unit 1."] Count "count"
        #[doc = "Anything else; without an SI form."] Other "other"
    }
}

impl Quantity {
    /// The SI unit.
    pub fn si_unit(self) -> Option<&'static str> {
        match self {
            Self::Mass => Some("kg"),
            Self::Length => Some("m"),
            Self::Ratio | Self::Count => Some("1"),
            Self::Pressure => Some("Pa"),
            Self::Rate => Some("1/min"),
            Self::Time => Some("s"),
            Self::Other => None,
        }
    }
}

/// A unit: a thousandth of it is `num / den` millionths of the SI unit.
#[derive(Debug)]
pub struct Unit {
    /// Its name.
    pub name: &'static str,
    /// What it measures.
    pub quantity: Quantity,
    num: i128,
    den: i128,
}

const fn unit(name: &'static str, quantity: Quantity, num: i128, den: i128) -> Unit {
    Unit {
        name,
        quantity,
        num,
        den,
    }
}

/// Every unit that is understood.
pub const UNITS: &[Unit] = &[
    unit("kg", Quantity::Mass, 1_000, 1),
    unit("g", Quantity::Mass, 1, 1),
    unit("lb", Quantity::Mass, 45_359_237, 100_000),
    unit("st", Quantity::Mass, 635_029_318, 100_000),
    unit("cm", Quantity::Length, 10, 1),
    unit("m", Quantity::Length, 1_000, 1),
    unit("mm", Quantity::Length, 1, 1),
    unit("in", Quantity::Length, 254, 10),
    unit("ft", Quantity::Length, 3_048, 10),
    unit("percent", Quantity::Ratio, 10, 1),
    unit("%", Quantity::Ratio, 10, 1),
    unit("fraction", Quantity::Ratio, 1_000, 1),
    unit("mmHg", Quantity::Pressure, 133_322_387_415, 1_000_000),
    unit("kPa", Quantity::Pressure, 1_000_000, 1),
    unit("bpm", Quantity::Rate, 1_000, 1),
    unit("1/min", Quantity::Rate, 1_000, 1),
    unit("s", Quantity::Time, 1_000, 1),
    unit("ms", Quantity::Time, 1, 1),
    unit("min", Quantity::Time, 60_000, 1),
    unit("h", Quantity::Time, 3_600_000, 1),
    unit("count", Quantity::Count, 1_000, 1),
];

impl Unit {
    /// The unit of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        UNITS.iter().find(|unit| unit.name == name)
    }

    /// A value of it in millionths of the SI unit.
    pub fn to_si(&self, value: Decimal) -> i64 {
        scaled(i128::from(value.thousandths()), self.num, self.den)
    }

    /// Millionths of the SI unit in this one, to a tenth of it.
    pub fn of_si(&self, si: i64) -> Decimal {
        let tenths = scaled(i128::from(si), self.den, self.num * 100);
        Decimal::from_thousandths(tenths.saturating_mul(100))
    }
}

/// A product, divided and rounded.
fn scaled(value: i128, num: i128, den: i128) -> i64 {
    let product = value * num;
    let half = if product < 0 { -den / 2 } else { den / 2 };
    i64::try_from((product + half) / den).unwrap_or(i64::MAX)
}

/// Names of the units of a quantity.
pub fn units_of(quantity: Quantity) -> impl Iterator<Item = &'static str> {
    let units = UNITS.iter().filter(move |unit| unit.quantity == quantity);
    units.map(|unit| unit.name)
}

/// A number of millionths, as JSON shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Millionths(pub i64);

impl Serialize for Millionths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (whole, part) = (self.0 / 1_000_000, (self.0 % 1_000_000).unsigned_abs());
        if part == 0 {
            return serializer.serialize_i64(whole);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        // The shortest text of a number this short reads back as itself.
        let text = format!("{sign}{}.{part:06}", whole.unsigned_abs());
        let number: f64 = text.parse().map_err(serde::ser::Error::custom)?;
        serializer.serialize_f64(number)
    }
}

/// What can be measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// The id of one of the coach's own.
    pub id: Option<MetricId>,
    /// What measurements name it by.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What kind of thing it is.
    pub quantity: Quantity,
    /// What it may be entered in, the usual one first.
    pub units: Vec<String>,
    /// The least and the most that is believed, in millionths of the SI unit.
    pub range: Option<(i64, i64)>,
    /// When it was made, if it is the coach's own.
    pub created_at: Option<Timestamp>,
}

/// Name, title, quantity, and what is believed, in thousandths of the SI unit.
const BUILT_IN: &[(&str, &str, Quantity, i64, i64)] = &[
    ("weight", "Weight", Quantity::Mass, 500, 700_000),
    ("body_fat", "Body fat", Quantity::Ratio, 0, 1_000),
    ("lean_mass", "Lean mass", Quantity::Mass, 500, 700_000),
    ("height", "Height", Quantity::Length, 300, 3_000),
    ("neck", "Neck", Quantity::Length, 10, 3_000),
    ("shoulders", "Shoulders", Quantity::Length, 10, 5_000),
    ("chest", "Chest", Quantity::Length, 10, 5_000),
    ("waist", "Waist", Quantity::Length, 10, 5_000),
    ("hips", "Hips", Quantity::Length, 10, 5_000),
    ("arm", "Arm", Quantity::Length, 10, 3_000),
    ("forearm", "Forearm", Quantity::Length, 10, 3_000),
    ("thigh", "Thigh", Quantity::Length, 10, 3_000),
    ("calf", "Calf", Quantity::Length, 10, 3_000),
    (
        "blood_pressure_systolic",
        "Blood pressure, systolic",
        Quantity::Pressure,
        4_000_000,
        45_000_000,
    ),
    (
        "blood_pressure_diastolic",
        "Blood pressure, diastolic",
        Quantity::Pressure,
        1_000_000,
        35_000_000,
    ),
    (
        "resting_hr",
        "Resting heart rate",
        Quantity::Rate,
        20_000,
        250_000,
    ),
];

static METRICS: LazyLock<Vec<Metric>> = LazyLock::new(|| {
    let metric = |name: &str, title: &str, quantity, units: Vec<String>, range| Metric {
        id: None,
        name: name.to_owned(),
        title: title.to_owned(),
        quantity,
        units,
        range,
        created_at: None,
    };
    let mut metrics: Vec<Metric> = BUILT_IN
        .iter()
        .map(|(name, title, quantity, least, most)| {
            let units = units_of(*quantity).map(str::to_owned).collect();
            let range = Some((least * 1_000, most * 1_000));
            metric(name, title, *quantity, units, range)
        })
        .collect();
    let units = vec!["ml/kg/min".to_owned()];
    metrics.push(metric("vo2max", "VO₂max", Quantity::Other, units, None));
    metrics
});

/// The metrics that everybody has.
pub fn built_in() -> &'static [Metric] {
    &METRICS
}

impl Metric {
    /// Why it is not measured so; `None` if it is.
    pub fn refuses(&self, value: Decimal, unit: &str) -> Option<(&'static str, String)> {
        if !self.units.iter().any(|known| known == unit) {
            let message = format!("{} is measured in {}.", self.title, self.units.join(", "));
            return Some(("unit", message));
        }
        if self.quantity != Quantity::Other && value.thousandths() < 0 {
            return Some(("value", "This must not be negative.".to_owned()));
        }
        let (least, most) = self.range?;
        let unit = Unit::named(unit)?;
        let si = unit.to_si(value);
        let message = || {
            let (least, most) = (unit.of_si(least), unit.of_si(most));
            format!("{} is {least} to {most} {}.", self.title, unit.name)
        };
        (!(least..=most).contains(&si)).then(|| ("value", message()))
    }
}

/// The unit that a client thinks in; `None` where there is but one.
pub fn preferred(quantity: Quantity, imperial: bool) -> Option<&'static Unit> {
    let name = match (quantity, imperial) {
        (Quantity::Mass, false) => "kg",
        (Quantity::Mass, true) => "lb",
        (Quantity::Length, false) => "cm",
        (Quantity::Length, true) => "in",
        (
            Quantity::Ratio
            | Quantity::Pressure
            | Quantity::Rate
            | Quantity::Time
            | Quantity::Count
            | Quantity::Other,
            _,
        ) => return None,
    };
    Unit::named(name)
}

/// A measurement as it is sent with a check-in, or alone.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
pub struct NewMeasurement {
    /// The name of a metric, such as `weight`.
    #[schema(min_length = 1, max_length = 60)]
    pub metric: String,
    /// Up to three decimals.
    #[schema(value_type = f64)]
    pub value: Decimal,
    /// One of the metric's units, such as `kg`.
    #[schema(min_length = 1, max_length = 20)]
    pub unit: String,
    /// Where on the body, such as `left`; up to 40 characters.
    #[schema(min_length = 1, max_length = 40)]
    pub site: Option<String>,
    /// When; now if left out. At most a day ahead.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub measured_at: Option<Timestamp>,
    /// What measured it, such as `scale`; `coach` or `client` if left out. Up to 60 characters.
    #[schema(min_length = 1, max_length = 60)]
    pub source: Option<String>,
}

/// Something that was measured of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// The id.
    pub id: MeasurementId,
    /// Of whom.
    pub client_id: ClientId,
    /// The check-in that it came with.
    pub checkin_id: Option<CheckinId>,
    /// The name of the metric.
    pub metric: String,
    /// As entered.
    pub value: Decimal,
    /// As entered.
    pub unit: String,
    /// In millionths of the SI unit.
    pub si: Option<i64>,
    /// Where on the body.
    pub site: Option<String>,
    /// When.
    pub measured_at: Timestamp,
    /// The client's day of that.
    pub local_date: Date,
    /// What measured it.
    pub source: String,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// What a metric is made of.
#[derive(Debug, ToSchema)]
pub struct NewMetric {
    /// What measurements name it by: lower-case letters, digits and `_`, up to 40.
    #[schema(min_length = 1, max_length = 40)]
    pub name: String,
    /// What people call it; 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    pub title: String,
    /// What kind of thing it is.
    #[schema(value_type = String)]
    pub quantity: Quantity,
    /// Up to 10 units, the usual one first: of the quantity, all of which it has if left out; of
    /// `other`, any words of up to 20 characters.
    #[schema(max_items = 10)]
    pub units: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn si(value: &str, unit: &str) -> i64 {
        Unit::named(unit).unwrap().to_si(value.parse().unwrap())
    }

    #[test]
    fn units_are_turned_into_si_and_back() {
        assert_eq!(si("82.5", "kg"), 82_500_000);
        assert_eq!(si("180", "lb"), 81_646_627);
        assert_eq!(si("34", "in"), 863_600);
        assert_eq!(si("12.5", "percent"), 125_000);
        assert_eq!(si("120", "mmHg"), 15_998_686_490);
        assert_eq!(si("7.5", "h"), 27_000_000_000);
        let pound = Unit::named("lb").unwrap();
        for tenths in 0..5_000 {
            let value = Decimal::from_thousandths(tenths * 100);
            assert_eq!(pound.of_si(pound.to_si(value)), value);
        }
    }

    #[test]
    fn millionths_are_shown_as_numbers() {
        let shown = |si: i64| serde_json::to_string(&Millionths(si)).unwrap();

        assert_eq!(shown(81_646_627), "81.646627");
        assert_eq!(shown(82_000_000), "82");
        assert_eq!(shown(-500_000), "-0.5");
    }

    #[test]
    fn every_built_in_metric_has_units_and_a_name_of_its_own() {
        let names: std::collections::BTreeSet<&str> = built_in()
            .iter()
            .map(|metric| metric.name.as_str())
            .collect();

        assert_eq!(names.len(), built_in().len());
        assert!(built_in().iter().all(|metric| !metric.units.is_empty()));
        let weight = &built_in()[0];
        assert_eq!(weight.refuses(Decimal::whole(82), "kg"), None);
        assert_eq!(weight.refuses(Decimal::whole(82), "cm").unwrap().0, "unit");
        assert_eq!(
            weight.refuses(Decimal::whole(8_200), "kg").unwrap().0,
            "value"
        );
    }
}
