//! How schedules are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::{MINUTES, Schedule, time_text, weekday_name};
use crate::caller::Tenant;
use crate::clients::Client;
use crate::clock::Timestamp;
use crate::ids::{ClientId, FormId};

/// When a client is asked to check in. It belongs to the client, and has no id of its own.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleBody {
    /// Always `checkin_schedule`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// Whose it is.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// Whether it asks; false where none was set.
    active: bool,
    /// The weekday; the client's `check_in_day`, which may be null, where none was set.
    weekday: Option<String>,
    /// Every how many weeks.
    every_weeks: u8,
    /// When it is due, by the client's clock.
    time: String,
    /// The place whose clock that is.
    timezone: String,
    /// The form that it asks with; null for the default form.
    #[schema(value_type = Option<String>)]
    form_id: Option<FormId>,
    /// When the next check-in is due; it is there three days before.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_due_at: Option<Timestamp>,
    /// When it was set; null where none was.
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    /// When it was last changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
}

impl ScheduleBody {
    /// The schedule as it is shown.
    pub fn of(tenant: Tenant, schedule: &Schedule) -> Self {
        Self {
            object: "checkin_schedule",
            livemode: tenant.mode().is_live(),
            client_id: schedule.client_id,
            active: schedule.active,
            weekday: Some(weekday_name(schedule.weekday).to_owned()),
            every_weeks: schedule.every_weeks,
            time: time_text(schedule.minutes),
            timezone: schedule.timezone.clone(),
            form_id: schedule.form_id,
            next_due_at: schedule.next_due_at,
            created_at: Some(schedule.created_at),
            updated_at: Some(schedule.updated_at),
        }
    }

    /// What is shown of a client who has none.
    pub fn none(tenant: Tenant, client: &Client, timezone: &str) -> Self {
        Self {
            object: "checkin_schedule",
            livemode: tenant.mode().is_live(),
            client_id: client.id,
            active: false,
            weekday: client.profile.check_in_day.clone(),
            every_weeks: 1,
            time: time_text(MINUTES),
            timezone: timezone.to_owned(),
            form_id: None,
            next_due_at: None,
            created_at: None,
            updated_at: None,
        }
    }
}
