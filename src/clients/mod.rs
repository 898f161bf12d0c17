//! Clients: the people whom a coach trains.
//!
//! # Life
//!
//! `invited` → `active` (joined through the install link) → `paused` ⇄ `active`; from anywhere →
//! `archived` → back to where it was. A coach may also add a client without an invite: `active` at
//! once, without access to the app. `past_due` is a flag, not a state.
//!
//! # The install link
//!
//! It works for 14 days and once; a new one ends the old. It carries the client's own address
//! (tenant and id), so it is found without an index of secrets, and a secret of which only the
//! digest is kept. Opening it changes nothing; joining does.
//!
//! Invariant: an address belongs to one client of a tenant, whatever its capitals.

pub mod actions;
pub mod body;
pub mod import;
pub mod routes;
pub mod sessions;
pub mod store;

use utoipa::ToSchema;

use crate::api::json::Patch;
use crate::attention::Whom;
use crate::clock::{DAY_MS, Timestamp};
use crate::ids::ClientId;
use crate::secrets::Digest;
use crate::values::{Email, Phone, TimeZone};

/// How long an install link works.
pub const INVITE_MS: i64 = 14 * DAY_MS;

/// Where a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Asked to join, not there yet.
    Invited,
    /// Being coached.
    Active,
    /// On hold.
    Paused,
    /// No longer coached; kept.
    Archived,
}

impl Status {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("invited", Self::Invited),
        ("active", Self::Active),
        ("paused", Self::Paused),
        ("archived", Self::Archived),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Archived => "archived",
        }
    }

    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Self::CHOICES
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, status)| *status)
    }
}

/// What is known of a client's person and training.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The name.
    pub name: String,
    /// The address, as written.
    pub email: String,
    /// The address case-folded.
    pub email_key: String,
    /// The phone number, E.164.
    pub phone: Option<String>,
    /// The time zone, an IANA name.
    pub timezone: Option<String>,
    /// `metric` or `imperial`.
    pub units: String,
    /// What the client wants.
    pub goal: Option<String>,
    /// `beginner`, `intermediate` or `advanced`.
    pub experience: Option<String>,
    /// Training days a week.
    pub days_per_week: Option<i64>,
    /// Minutes a session.
    pub session_minutes: Option<i64>,
    /// What there is to train with.
    pub equipment: Vec<String>,
    /// What has to be gone easy on.
    pub limitations: Vec<String>,
    /// Words to find the client by.
    pub tags: Vec<String>,
    /// The weekday of the check-in.
    pub check_in_day: Option<String>,
    /// Never shown to the client.
    pub coach_notes: Option<String>,
    /// `unknown`, `opted_in` or `opted_out`.
    pub sms_consent: String,
    /// The id in another system.
    pub external_id: Option<String>,
    /// Pairs of text of the integrator's own.
    pub metadata: Vec<(String, String)>,
}

impl Profile {
    /// What a search looks in; it begins with the name, so it also sorts by name.
    pub fn search_key(&self) -> String {
        let (phone, external_id) = (self.phone.as_deref(), self.external_id.as_deref());
        search_key(&self.name, &self.email, phone, external_id)
    }
}

fn search_key(name: &str, email: &str, phone: Option<&str>, external_id: Option<&str>) -> String {
    let parts = [Some(name), Some(email), phone, external_id];
    parts
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n")
        .to_lowercase()
}

/// The last invite of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// What became of its mail.
    pub status: String,
    /// Why, if that is not plain.
    pub reason: Option<String>,
    /// When its link ends; none where there is no link.
    pub expires_at: Option<Timestamp>,
    /// The digest of the link's secret; none once it was used or ended.
    pub digest: Option<Digest>,
}

/// A client of a coach.
#[derive(Clone, Debug)]
pub struct Client {
    /// The id.
    pub id: ClientId,
    /// Where the client stands.
    pub status: Status,
    /// Where the client stood before being archived.
    pub resume_status: Option<Status>,
    /// Person and training.
    pub profile: Profile,
    /// A payment is late.
    pub past_due: bool,
    /// The last invite.
    pub invite: Option<Invite>,
    /// When the client joined the app.
    pub joined_at: Option<Timestamp>,
    /// When the client was archived.
    pub archived_at: Option<Timestamp>,
    /// How often the client was changed, beginning with 1.
    pub version: i64,
    /// When the client was added.
    pub created_at: Timestamp,
    /// When the client was last changed.
    pub updated_at: Timestamp,
}

impl Client {
    /// The client as reasons for the coach's attention name one.
    pub fn whom(&self) -> Whom {
        Whom {
            client: self.id,
            active: self.status == Status::Active,
        }
    }
}

/// What a client is made of.
#[derive(Clone, Debug, ToSchema)]
pub struct NewClient {
    /// 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// One client an address and tenant.
    #[schema(value_type = String, format = "email")]
    pub email: Email,
    /// E.164, such as `+351912345678`.
    #[schema(value_type = Option<String>)]
    pub phone: Option<Phone>,
    /// An IANA time zone; the workspace's if left out.
    #[schema(value_type = Option<String>)]
    pub timezone: Option<TimeZone>,
    /// `metric` or `imperial`; the workspace's if left out.
    pub units: Option<&'static str>,
    /// Up to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub goal: Option<String>,
    /// `beginner`, `intermediate` or `advanced`.
    pub experience: Option<&'static str>,
    /// 1 to 6.
    #[schema(minimum = 1, maximum = 6)]
    pub days_per_week: Option<i64>,
    /// 20 to 120.
    #[schema(minimum = 20, maximum = 120)]
    pub session_minutes: Option<i64>,
    /// Up to 50 items.
    #[schema(max_items = 50)]
    pub equipment: Option<Vec<String>>,
    /// Of: knee, `low_back`, shoulder, wrist, elbow, hip, ankle, neck, `no_impact`, `needs_clearance`.
    pub limitations: Option<Vec<&'static str>>,
    /// Up to 50 tags of up to 40 characters; of equal ones the first is kept.
    #[schema(max_items = 50)]
    pub tags: Option<Vec<String>>,
    /// A weekday, such as `monday`.
    pub check_in_day: Option<&'static str>,
    /// Never shown to the client; up to 10,000 characters.
    #[schema(max_length = 10_000)]
    pub coach_notes: Option<String>,
    /// The id in another system; up to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// Up to 50 pairs of text.
    #[schema(value_type = Option<HashMap<String, String>>)]
    pub metadata: Option<Vec<(String, String)>>,
    /// False adds the client without an invite: `active` at once, without access to the app.
    #[schema(default = true)]
    pub send_invite: Option<bool>,
}

/// What a PATCH changes of a client; what is left out stays, `null` empties.
#[derive(Debug, Default, ToSchema)]
pub struct ClientPatch {
    /// 1 to 200 characters.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// One client an address and tenant.
    #[schema(value_type = String, required = false, format = "email")]
    pub email: Option<Email>,
    /// E.164.
    #[schema(value_type = Option<String>)]
    pub phone: Patch<Phone>,
    /// An IANA time zone.
    #[schema(value_type = Option<String>)]
    pub timezone: Patch<TimeZone>,
    /// `metric` or `imperial`.
    #[schema(value_type = String, required = false)]
    pub units: Option<&'static str>,
    /// Up to 500 characters.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub goal: Patch<String>,
    /// `beginner`, `intermediate` or `advanced`.
    #[schema(value_type = Option<String>)]
    pub experience: Patch<&'static str>,
    /// 1 to 6.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 6)]
    pub days_per_week: Patch<i64>,
    /// 20 to 120.
    #[schema(value_type = Option<i64>, minimum = 20, maximum = 120)]
    pub session_minutes: Patch<i64>,
    /// Up to 50 items.
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    pub equipment: Patch<Vec<String>>,
    /// As when a client is added.
    #[schema(value_type = Option<Vec<String>>)]
    pub limitations: Patch<Vec<&'static str>>,
    /// Up to 50 tags of up to 40 characters; replaces all.
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    pub tags: Patch<Vec<String>>,
    /// A weekday.
    #[schema(value_type = Option<String>)]
    pub check_in_day: Patch<&'static str>,
    /// Never shown to the client; up to 10,000 characters.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    pub coach_notes: Patch<String>,
    /// `unknown`, `opted_in` or `opted_out`.
    #[schema(value_type = String, required = false)]
    pub sms_consent: Option<&'static str>,
    /// The id in another system.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub external_id: Patch<String>,
    /// Up to 50 pairs of text; replaces all.
    #[schema(value_type = Option<HashMap<String, String>>)]
    pub metadata: Patch<Vec<(String, String)>>,
}

/// What has to be gone easy on.
pub const LIMITATIONS: &[(&str, &str)] = &[
    ("knee", "knee"),
    ("low_back", "low_back"),
    ("shoulder", "shoulder"),
    ("wrist", "wrist"),
    ("elbow", "elbow"),
    ("hip", "hip"),
    ("ankle", "ankle"),
    ("neck", "neck"),
    ("no_impact", "no_impact"),
    ("needs_clearance", "needs_clearance"),
];
