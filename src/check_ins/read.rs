//! Reading what a check-in is submitted with, so that every invalid part is named by its place.

use super::forms::{AnswerValue, NewAnswer, QuestionType};
use super::measurements::NewMeasurement;
use super::{NewCheckin, NewCheckinPhoto, PERIOD_DAYS_MAX, Period, Review, wearables};
use crate::api::json::{At, Fields, FromBody, Json, integer, list, object, one_of, text};
use crate::clock::Timestamp;
use crate::files::Pose;
use crate::ids::{CheckinId, FormId, PhotoId};
use crate::programs::read::{decimal, id};
use crate::values::{Date, Decimal, Invalid, line, paragraphs};

/// Most answers, and most measurements.
const ITEMS_MAX: usize = 100;
/// Most photos.
const PHOTOS_MAX: usize = 20;
/// The ends of numbers, in thousandths.
const NUMBERS: (i64, i64) = (-1_000_000_000, 1_000_000_000);

/// A day in a query string.
pub fn day(text: &str) -> Result<Date, String> {
    Date::parse(text).map_err(|invalid| invalid.to_string())
}

fn note(value: &str) -> Result<String, Invalid> {
    paragraphs(value, 1, 10_000)
}

fn time(value: &str) -> Result<Timestamp, Invalid> {
    Timestamp::parse(value).ok_or_else(|| {
        Invalid::new("invalid_time", "Not a time.").fix("Use the form 2026-06-03T12:00:00Z.")
    })
}

/// A number of 1 to 10, in halves.
fn rpe(value: Json, at: &mut At<'_>) -> Option<Decimal> {
    let number = decimal(1_000, 10_000)(value, at)?;
    if !number.is_half() {
        at.refuse("out_of_range", "Use whole numbers and halves.");
        return None;
    }
    Some(number)
}

fn period(fields: &mut Fields<'_>) -> Option<Period> {
    let from = fields.required("from", text(Date::parse));
    let to = fields.required("to", text(Date::parse));
    let (from, to) = (from?, to?);
    if !(0..PERIOD_DAYS_MAX).contains(&from.days_until(to)) {
        let message = "The last day is not before the first, nor 366 days or more after it.";
        fields.refuse("to", "out_of_range", message);
        return None;
    }
    Some(Period { from, to })
}

fn value(value: Json, at: &mut At<'_>) -> Option<AnswerValue> {
    match value {
        Json::Text(_) => text(note)(value, at).map(AnswerValue::Text),
        Json::Number(_) => decimal(NUMBERS.0, NUMBERS.1)(value, at).map(AnswerValue::Number),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => {
            at.refuse("invalid_type", "This must be a string or a number.");
            None
        }
    }
}

fn answer(fields: &mut Fields<'_>) -> Option<NewAnswer> {
    let question = fields.required("question", text(|value| line(value, 1, 300)));
    let kind = fields.optional("type", one_of(QuestionType::CHOICES));
    let value = fields.required("value", value);
    Some(NewAnswer {
        question: question?,
        kind: kind?,
        value: value?,
    })
}

/// Reads a measurement.
pub fn measurement(fields: &mut Fields<'_>) -> Option<NewMeasurement> {
    let short = |most| move |value: &str| line(value, 1, most);
    let metric = fields.required("metric", text(short(60)));
    let value = fields.required("value", decimal(NUMBERS.0, NUMBERS.1));
    let unit = fields.required("unit", text(short(20)));
    let site = fields.optional("site", text(short(40)));
    let measured_at = fields.optional("measured_at", text(time));
    let source = fields.optional("source", text(short(60)));
    Some(NewMeasurement {
        metric: metric?,
        value: value?,
        unit: unit?,
        site: site?,
        measured_at: measured_at?,
        source: source?,
    })
}

fn photo(fields: &mut Fields<'_>) -> Option<NewCheckinPhoto> {
    let id = fields.required("id", text(id::<PhotoId>));
    let pose = fields.optional("pose", one_of(Pose::CHOICES));
    Some(NewCheckinPhoto {
        id: id?,
        pose: pose?,
    })
}

impl FromBody for NewCheckin {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let checkin_id = fields.optional("checkin_id", text(id::<CheckinId>));
        let period = fields.optional("period", object(period));
        let form_id = fields.optional("form_id", text(id::<FormId>));
        let form_version = fields.optional("form_version", integer(1..=1_000_000));
        let answers = fields.optional("answers", list(ITEMS_MAX, object(answer)));
        let measurements = fields.optional("measurements", list(ITEMS_MAX, object(measurement)));
        let photos = fields.optional("photos", list(PHOTOS_MAX, object(photo)));
        let notes = fields.optional("notes", text(note));
        let rpe = fields.optional("rpe", rpe);
        let wearable_summary = fields.optional("wearable_summary", object(wearables::summary));
        let (form_id, form_version) = (form_id?, form_version?);
        if form_id.is_none() && form_version.is_some() {
            fields.refuse("form_id", "required", "Name the form of the version.");
            return None;
        }
        Some(Self {
            checkin_id: checkin_id?,
            period: period?,
            form_id,
            form_version,
            answers: answers?,
            measurements: measurements?,
            photos: photos?,
            notes: notes?,
            rpe: rpe?,
            wearable_summary: wearable_summary?,
        })
    }
}

impl FromBody for Review {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let reply = fields.patch("reply", text(note));
        let private_notes = fields.patch("private_notes", text(note));
        Some(Self {
            reply: reply?,
            private_notes: private_notes?,
        })
    }
}
