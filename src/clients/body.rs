//! How a client is shown: the one shape that answers and events share.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::{Client, Invite};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ids::ClientId;

/// A client.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientBody<'c> {
    /// The client's id.
    #[schema(value_type = String, example = "cl_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: ClientId,
    /// Always `client`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// `invited`, `active`, `paused` or `archived`.
    status: &'static str,
    /// The name.
    name: &'c str,
    /// The email address.
    email: &'c str,
    /// The phone number, E.164.
    phone: Option<&'c str>,
    /// The time zone, an IANA name.
    timezone: Option<&'c str>,
    /// `metric` or `imperial`.
    units: &'c str,
    /// What the client wants.
    goal: Option<&'c str>,
    /// `beginner`, `intermediate` or `advanced`.
    experience: Option<&'c str>,
    /// Training days a week.
    days_per_week: Option<i64>,
    /// Minutes a session.
    session_minutes: Option<i64>,
    /// What there is to train with.
    equipment: &'c [String],
    /// What has to be gone easy on.
    limitations: &'c [String],
    /// Words to find the client by.
    tags: &'c [String],
    /// The weekday of the check-in.
    check_in_day: Option<&'c str>,
    /// Never shown to the client.
    coach_notes: Option<&'c str>,
    /// `unknown`, `opted_in` or `opted_out`.
    sms_consent: &'c str,
    /// The id in another system.
    external_id: Option<&'c str>,
    /// Pairs of text of the integrator's own.
    #[schema(value_type = HashMap<String, String>)]
    metadata: Pairs<'c>,
    /// A payment is late.
    past_due: bool,
    /// The last invite.
    invite: Option<InviteBody<'c>>,
    /// When the client joined the app.
    #[schema(value_type = Option<String>, format = DateTime)]
    joined_at: Option<Timestamp>,
    /// When the client was archived.
    #[schema(value_type = Option<String>, format = DateTime)]
    archived_at: Option<Timestamp>,
    /// When the client was added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When the client was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// What became of an invite.
#[derive(Debug, Serialize, ToSchema)]
pub struct InviteBody<'c> {
    /// `queued`, `sent`, `held`, `off` or `bounced`.
    status: &'c str,
    /// Why, if that is not plain.
    reason: Option<&'c str>,
    /// When the install link ends; null where there is none.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// Pairs of text as a JSON object.
#[derive(Debug)]
pub struct Pairs<'c>(&'c [(String, String)]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'c> ClientBody<'c> {
    /// The client as it is shown.
    pub fn of(tenant: Tenant, client: &'c Client) -> Self {
        let profile = &client.profile;
        Self {
            id: client.id,
            object: "client",
            livemode: tenant.mode().is_live(),
            status: client.status.name(),
            name: &profile.name,
            email: &profile.email,
            phone: profile.phone.as_deref(),
            timezone: profile.timezone.as_deref(),
            units: &profile.units,
            goal: profile.goal.as_deref(),
            experience: profile.experience.as_deref(),
            days_per_week: profile.days_per_week,
            session_minutes: profile.session_minutes,
            equipment: &profile.equipment,
            limitations: &profile.limitations,
            tags: &profile.tags,
            check_in_day: profile.check_in_day.as_deref(),
            coach_notes: profile.coach_notes.as_deref(),
            sms_consent: &profile.sms_consent,
            external_id: profile.external_id.as_deref(),
            metadata: Pairs(&profile.metadata),
            past_due: client.past_due,
            invite: client.invite.as_ref().map(InviteBody::of),
            joined_at: client.joined_at,
            archived_at: client.archived_at,
            created_at: client.created_at,
            updated_at: client.updated_at,
        }
    }
}

impl<'c> InviteBody<'c> {
    fn of(invite: &'c Invite) -> Self {
        Self {
            status: &invite.status,
            reason: invite.reason.as_deref(),
            expires_at: invite.expires_at,
        }
    }
}
