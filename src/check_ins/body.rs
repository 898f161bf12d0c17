//! How check-ins are shown: to the coach whole, to the client and in events without private notes.

use serde::Serialize;
use utoipa::ToSchema;

use super::forms::Answer;
use super::measurements::body::CheckinMeasurementBody;
use super::wearables::{HrvMethod, WearableSummary};
use super::{Checkin, FormRef, Period, Status, Whole};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::files::body::CheckinPhotoBody;
use crate::files::link::LinkKey;
use crate::files::{Photo, Pose};
use crate::ids::{CheckinId, ClientId, PhotoId};
use crate::values::{Date, Decimal};

/// A photo: with an address for whoever asks, without one for events.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum PhotoShown {
    Linked(CheckinPhotoBody),
    Named { id: PhotoId, pose: Pose },
}

/// What addresses of photos are signed with, and from when on they are good.
pub type Links<'k> = (&'k LinkKey, Timestamp);

/// What a client sees of a check-in, and an event tells.
#[derive(Debug, Serialize, ToSchema)]
pub struct SharedCheckinBody<'c> {
    /// The check-in's id.
    #[schema(value_type = String, example = "chk_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: CheckinId,
    /// Always `checkin`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// Whose it is.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// `pending`, `overdue`, `submitted` or `reviewed`.
    #[schema(value_type = String)]
    status: Status,
    /// True if a schedule asked for it.
    scheduled: bool,
    /// Until when a schedule asks for it.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// The client's day of its submission, and until then of the time it is due.
    #[schema(value_type = String, format = Date)]
    local_date: Date,
    /// The days that it is about.
    period: Period,
    /// The form that it is answered with; null if the answers are free.
    form: Option<FormRef>,
    /// What was answered.
    answers: &'c [Answer],
    /// What was measured.
    measurements: Vec<CheckinMeasurementBody>,
    /// Its photos; without `url` in events.
    #[schema(value_type = Vec<CheckinPhotoBody>)]
    photos: Vec<PhotoShown>,
    /// What else there is to say.
    notes: Option<&'c str>,
    /// How hard the sessions were, 1 to 10 in halves.
    #[schema(value_type = Option<f64>)]
    rpe: Option<Decimal>,
    /// What a wearable counted.
    wearable_summary: Option<&'c WearableSummary>,
    /// `client`, `coach` (at the dashboard) or `api`; null until it is submitted.
    source: Option<&'c str>,
    /// When it was submitted.
    #[schema(value_type = Option<String>, format = DateTime)]
    submitted_at: Option<Timestamp>,
    /// When it was first reviewed.
    #[schema(value_type = Option<String>, format = DateTime)]
    reviewed_at: Option<Timestamp>,
    /// What the coach answered; the client reads it.
    reply: Option<&'c str>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A check-in.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckinBody<'c> {
    #[serde(flatten)]
    shared: SharedCheckinBody<'c>,
    /// What nobody but the coach sees.
    private_notes: Option<&'c str>,
}

impl<'c> SharedCheckinBody<'c> {
    /// The check-in without what only the coach sees.
    pub fn of(tenant: Tenant, whole: &'c Whole, links: Option<Links<'_>>) -> Self {
        let checkin = &whole.checkin;
        let content = &checkin.content;
        let photo = |photo: &Photo| match links {
            Some((key, now)) => PhotoShown::Linked(CheckinPhotoBody::of(key, tenant, photo, now)),
            None => PhotoShown::Named {
                id: photo.id,
                pose: photo.pose,
            },
        };
        Self {
            id: checkin.id,
            object: "checkin",
            livemode: tenant.mode().is_live(),
            client_id: checkin.client_id,
            status: checkin.status,
            scheduled: checkin.scheduled,
            due_at: checkin.due_at,
            local_date: checkin.local_date,
            period: checkin.period,
            form: checkin.form,
            answers: &content.answers,
            measurements: whole
                .measured
                .iter()
                .map(CheckinMeasurementBody::of)
                .collect(),
            photos: whole.photos.iter().map(photo).collect(),
            notes: content.notes.as_deref(),
            rpe: content.rpe,
            wearable_summary: content.wearable_summary.as_ref(),
            source: checkin.source.as_deref(),
            submitted_at: checkin.submitted_at,
            reviewed_at: checkin.reviewed_at,
            reply: checkin.reply.as_deref(),
            created_at: checkin.created_at,
            updated_at: checkin.updated_at,
        }
    }
}

impl<'c> CheckinBody<'c> {
    /// The check-in as a coach sees it.
    pub fn of(tenant: Tenant, whole: &'c Whole, links: Option<Links<'_>>) -> Self {
        Self {
            shared: SharedCheckinBody::of(tenant, whole, links),
            private_notes: whole.checkin.private_notes.as_deref(),
        }
    }
}

/// Heart rate variability by its method: the two are never one series.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct HrvBody {
    /// As SDNN.
    #[schema(value_type = Option<f64>)]
    sdnn_ms: Option<Decimal>,
    /// As RMSSD.
    #[schema(value_type = Option<f64>)]
    rmssd_ms: Option<Decimal>,
}

/// What a wearable counted, by the day of its check-in.
#[derive(Debug, Serialize, ToSchema)]
pub struct WearableDayBody<'c> {
    /// Always `wearable_day`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// The client's day of the check-in.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// The days that it is about.
    period: Period,
    /// The check-in.
    #[schema(value_type = String)]
    checkin_id: CheckinId,
    /// What was counted, as it was sent.
    summary: &'c WearableSummary,
    /// Its heart rate variability, under its method.
    hrv: HrvBody,
    /// When the check-in was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl<'c> WearableDayBody<'c> {
    /// The summary of a check-in, if it has one.
    pub fn of(tenant: Tenant, checkin: &'c Checkin) -> Option<Self> {
        let summary = checkin.content.wearable_summary.as_ref()?;
        let by = |method: HrvMethod| {
            summary
                .hrv_ms
                .filter(|_| summary.hrv_method == Some(method))
        };
        Some(Self {
            object: "wearable_day",
            livemode: tenant.mode().is_live(),
            date: checkin.local_date,
            period: checkin.period,
            checkin_id: checkin.id,
            summary,
            hrv: HrvBody {
                sdnn_ms: by(HrvMethod::Sdnn),
                rmssd_ms: by(HrvMethod::Rmssd),
            },
            created_at: checkin.created_at,
        })
    }
}
