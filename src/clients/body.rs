//! How a client is shown: the one shape that answers and events share.

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::store::Sort;
use super::{Client, Invite, Status, search_key};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::row::Columns;
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
    #[schema(value_type = Vec<String>)]
    equipment: Texts<'c>,
    /// What has to be gone easy on.
    #[schema(value_type = Vec<String>)]
    limitations: Texts<'c>,
    /// Words to find the client by.
    #[schema(value_type = Vec<String>)]
    tags: Texts<'c>,
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

/// Texts as a JSON array.
#[derive(Debug)]
pub enum Texts<'c> {
    /// As they were read.
    Read(&'c [String]),
    /// As the row has them.
    Kept(&'c str),
}

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Read(texts) => texts.serialize(serializer),
            Self::Kept("[]") => serializer.collect_seq([""; 0]),
            Self::Kept(json) => as_kept(json, serializer),
        }
    }
}

/// Writes JSON of the row's own as it is.
fn as_kept<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let value: &RawValue = serde_json::from_str(json).map_err(S::Error::custom)?;
    value.serialize(serializer)
}

/// Pairs of text as a JSON object.
#[derive(Debug)]
pub enum Pairs<'c> {
    /// As they were read.
    Read(&'c [(String, String)]),
    /// As the row has them.
    Kept(&'c str),
}

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = match self {
            Self::Read(pairs) => *pairs,
            Self::Kept("{}") => &[],
            Self::Kept(json) => return as_kept(json, serializer),
        };
        let mut map = serializer.serialize_map(Some(pairs.len()))?;
        for (name, value) in pairs {
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
            equipment: Texts::Read(&profile.equipment),
            limitations: Texts::Read(&profile.limitations),
            tags: Texts::Read(&profile.tags),
            check_in_day: profile.check_in_day.as_deref(),
            coach_notes: profile.coach_notes.as_deref(),
            sms_consent: &profile.sms_consent,
            external_id: profile.external_id.as_deref(),
            metadata: Pairs::Read(&profile.metadata),
            past_due: client.past_due,
            invite: client.invite.as_ref().map(InviteBody::of),
            joined_at: client.joined_at,
            archived_at: client.archived_at,
            created_at: client.created_at,
            updated_at: client.updated_at,
        }
    }
}

impl<'c> ClientBody<'c> {
    /// The client as a row of a list: nothing is copied out of the row.
    pub fn of_row(tenant: Tenant, columns: &mut Columns<'c, '_>) -> Result<Self> {
        let id = columns.take("id")?;
        let status: Status = columns.take("status")?;
        columns.skip("resume_status");
        let (name, email) = (columns.text("name")?, columns.text("email")?);
        columns.skip("email_key");
        Ok(Self {
            id,
            object: "client",
            livemode: tenant.mode().is_live(),
            status: status.name(),
            name,
            email,
            phone: columns.text_or_null("phone")?,
            timezone: columns.text_or_null("timezone")?,
            units: columns.text("units")?,
            goal: columns.text_or_null("goal")?,
            experience: columns.text_or_null("experience")?,
            days_per_week: columns.take("days_per_week")?,
            session_minutes: columns.take("session_minutes")?,
            equipment: Texts::Kept(columns.text("equipment")?),
            limitations: Texts::Kept(columns.text("limitations")?),
            tags: Texts::Kept(columns.text("tags")?),
            check_in_day: columns.text_or_null("check_in_day")?,
            coach_notes: columns.text_or_null("coach_notes")?,
            sms_consent: columns.text("sms_consent")?,
            external_id: columns.text_or_null("external_id")?,
            metadata: Pairs::Kept(columns.text("metadata")?),
            past_due: columns.take("past_due")?,
            invite: InviteBody::of_row(columns)?,
            joined_at: columns.take("joined_at")?,
            archived_at: columns.take("archived_at")?,
            created_at: {
                columns.skip("version");
                columns.take("created_at")?
            },
            updated_at: columns.take("updated_at")?,
        })
    }

    /// The id.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// The time zone of the client's own, an IANA name.
    pub fn timezone(&self) -> Option<&str> {
        self.timezone
    }

    /// Where this client stands in a list that is sorted so.
    pub fn position(&self, sort: Sort) -> String {
        let key = match sort {
            Sort::Newest | Sort::Oldest => return self.id.to_string(),
            Sort::Name | Sort::NameBackward => {
                search_key(self.name, self.email, self.phone, self.external_id)
            }
            Sort::Unchanged | Sort::Changed => self.updated_at.as_ms().to_string(),
        };
        format!("{}\n{key}", self.id)
    }
}

impl<'c> InviteBody<'c> {
    fn of_row(columns: &mut Columns<'c, '_>) -> Result<Option<Self>> {
        columns.skip("invite_digest");
        let expires_at = columns.take("invite_expires_at")?;
        let status = columns.text_or_null("invite_status")?;
        let reason = columns.text_or_null("invite_reason")?;
        Ok(status.map(|status| Self {
            status,
            reason,
            expires_at,
        }))
    }

    fn of(invite: &'c Invite) -> Self {
        Self {
            status: &invite.status,
            reason: invite.reason.as_deref(),
            expires_at: invite.expires_at,
        }
    }
}
