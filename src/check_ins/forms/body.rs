//! How forms are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Form, Question, default_id};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::ids::FormId;

/// A form of check-ins.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormBody<'f> {
    /// The form's id.
    #[schema(value_type = String, example = "frm_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: FormId,
    /// Always `checkin_form`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// What it is called.
    name: &'f str,
    /// The version shown, from 1.
    version: i64,
    /// True of the one that is used where none is named.
    default: bool,
    /// What it asks, in order.
    questions: &'f [Question],
    /// When it was made; null of the built-in form until it is changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    /// When this version was made.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
}

impl<'f> FormBody<'f> {
    /// The form as it is shown.
    pub fn of(tenant: Tenant, form: &'f Form) -> Self {
        Self {
            id: form.id,
            object: "checkin_form",
            livemode: tenant.mode().is_live(),
            name: &form.name,
            version: form.version,
            default: form.id == default_id(tenant),
            questions: &form.questions,
            created_at: form.created_at,
            updated_at: form.updated_at,
        }
    }
}
