//! What a wearable counted.
//!
//! Heart rate variability comes in two measures that cannot be compared: SDNN and RMSSD. A value never
//! stands without its method, and a series holds one method.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::json::{At, Fields, Json, integer, list, object, one_of, text};
use crate::exercises::catalogue::vocabulary;
use crate::programs::read::decimal;
use crate::values::{Decimal, Invalid, line};

vocabulary! {
    /// How heart rate variability was measured.
    HrvMethod {
        #[doc = "The standard deviation of beat intervals."] Sdnn "sdnn"
        #[doc = "The root mean square of successive differences."] Rmssd "rmssd"
    }
}

/// Sleep, in minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sleep {
    /// All of it; 0 to 1,440, like the stages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 1440)]
    pub total_min: Option<u32>,
    /// Deep sleep.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 1440)]
    pub deep_min: Option<u32>,
    /// REM sleep.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 1440)]
    pub rem_min: Option<u32>,
    /// Light sleep.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 1440)]
    pub light_min: Option<u32>,
    /// Awake in bed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 1440)]
    pub awake_min: Option<u32>,
}

/// A training that a wearable noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WearableWorkout {
    /// What it was, such as `running`; 1 to 60 characters.
    #[serde(rename = "type")]
    #[schema(rename = "type", min_length = 1, max_length = 60)]
    pub kind: String,
    /// 0 to 1,440.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1440)]
    pub duration_min: Option<u32>,
    /// 0 to 20,000.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 20_000)]
    pub energy_kcal: Option<u32>,
    /// 0 to 500,000.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 500_000)]
    pub distance_m: Option<u32>,
    /// Beats a minute, 20 to 250.
    #[serde(default)]
    #[schema(minimum = 20, maximum = 250)]
    pub average_hr: Option<u32>,
}

/// What a wearable counted, as a mean of the days of the check-in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WearableSummary {
    /// Steps a day, 0 to 200,000.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 200_000)]
    pub steps: Option<u32>,
    /// Active energy a day, 0 to 20,000.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 20_000)]
    pub active_energy_kcal: Option<u32>,
    /// Distance a day, 0 to 500,000.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 0, maximum = 500_000)]
    pub distance_m: Option<u32>,
    /// Beats a minute at rest, 20 to 250.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(minimum = 20, maximum = 250)]
    pub resting_hr: Option<u32>,
    /// Heart rate variability, 1 to 200; `hrv_method` says which.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<f64>, minimum = 1, maximum = 200)]
    pub hrv_ms: Option<Decimal>,
    /// `sdnn` or `rmssd`; there if and only if `hrv_ms` is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub hrv_method: Option<HrvMethod>,
    /// A night.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sleep: Option<Sleep>,
    /// Up to 50 trainings.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub workouts: Option<Vec<WearableWorkout>>,
    /// The device or service, 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(min_length = 1, max_length = 100)]
    pub source: Option<String>,
    /// How much of the time there are data for, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 1)]
    pub completeness: Option<Decimal>,
}

/// Most trainings of a summary.
const WORKOUTS_MAX: usize = 50;
/// Minutes of a day.
const DAY_MIN: i64 = 1_440;

fn whole(bounds: std::ops::RangeInclusive<i64>) -> impl Fn(Json, &mut At<'_>) -> Option<u32> {
    move |value, at| {
        integer(bounds.clone())(value, at).and_then(|number| u32::try_from(number).ok())
    }
}

fn short(most: usize) -> impl Fn(&str) -> Result<String, Invalid> {
    move |value| line(value, 1, most)
}

fn sleep(fields: &mut Fields<'_>) -> Option<Sleep> {
    let total_min = fields.optional("total_min", whole(0..=DAY_MIN));
    let deep_min = fields.optional("deep_min", whole(0..=DAY_MIN));
    let rem_min = fields.optional("rem_min", whole(0..=DAY_MIN));
    let light_min = fields.optional("light_min", whole(0..=DAY_MIN));
    let awake_min = fields.optional("awake_min", whole(0..=DAY_MIN));
    Some(Sleep {
        total_min: total_min?,
        deep_min: deep_min?,
        rem_min: rem_min?,
        light_min: light_min?,
        awake_min: awake_min?,
    })
}

fn workout(fields: &mut Fields<'_>) -> Option<WearableWorkout> {
    let kind = fields.required("type", text(short(60)));
    let duration_min = fields.optional("duration_min", whole(0..=DAY_MIN));
    let energy_kcal = fields.optional("energy_kcal", whole(0..=20_000));
    let distance_m = fields.optional("distance_m", whole(0..=500_000));
    let average_hr = fields.optional("average_hr", whole(20..=250));
    Some(WearableWorkout {
        kind: kind?,
        duration_min: duration_min?,
        energy_kcal: energy_kcal?,
        distance_m: distance_m?,
        average_hr: average_hr?,
    })
}

/// Reads a summary.
pub fn summary(fields: &mut Fields<'_>) -> Option<WearableSummary> {
    let steps = fields.optional("steps", whole(0..=200_000));
    let active_energy_kcal = fields.optional("active_energy_kcal", whole(0..=20_000));
    let distance_m = fields.optional("distance_m", whole(0..=500_000));
    let resting_hr = fields.optional("resting_hr", whole(20..=250));
    let hrv_ms = fields.optional("hrv_ms", decimal(1_000, 200_000));
    let hrv_method = fields.optional("hrv_method", one_of(HrvMethod::CHOICES));
    let sleep = fields.optional("sleep", object(sleep));
    let workouts = fields.optional("workouts", list(WORKOUTS_MAX, object(workout)));
    let source = fields.optional("source", text(short(100)));
    let completeness = fields.optional("completeness", decimal(0, 1_000));
    let (hrv_ms, hrv_method) = (hrv_ms?, hrv_method?);
    match (hrv_ms, hrv_method) {
        (Some(_), None) => {
            let message = "Say how it was measured: two methods cannot be compared.";
            fields.refuse("hrv_method", "required", message);
            return None;
        }
        (None, Some(_)) => {
            let message = "The method is nothing without `hrv_ms`.";
            fields.refuse("hrv_ms", "required", message);
            return None;
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    Some(WearableSummary {
        steps: steps?,
        active_energy_kcal: active_energy_kcal?,
        distance_m: distance_m?,
        resting_hr: resting_hr?,
        hrv_ms,
        hrv_method,
        sleep: sleep?,
        workouts: workouts?,
        source: source?,
        completeness: completeness?,
    })
}
