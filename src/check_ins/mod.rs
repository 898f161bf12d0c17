//! Check-ins: what a client tells the coach again and again, and what the coach answers.
//!
//! # Life
//!
//! A check-in that a schedule asks for is `pending` from three days before it is due, `overdue` once
//! that time is past, then `submitted` → `reviewed`. One that nobody asked for begins as `submitted`.
//! A pending or overdue one takes the next submission of its client, until the next of its schedule is
//! there: a late check-in is late, and no second one. A review may be changed; it has a reply, which
//! the client reads, and private notes, which nobody but the coach ever sees and no event carries.
//!
//! # What it is made of
//!
//! Everything is optional: answers, measurements, photos, notes, the RPE of the sessions, a summary of
//! a wearable. Answers are held against a form ([`forms`]) where one is named, and are free otherwise;
//! a check-in keeps the version of the form that it was answered with, and the words of each question.
//! Measurements ([`measurements`]) are kept in the unit that was entered and read back in it.
//!
//! The day of a check-in is the client's: of its submission, and until then of the time it is due.
//!
//! Invariant: `at` is when it was submitted, or else when it is due, and `local_date` is its day.

pub mod actions;
pub mod body;
pub mod forms;
pub mod measurements;
pub mod read;
pub mod routes;
pub mod schedules;
pub mod store;
pub mod wearables;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::forms::{Answer, AnswerValue, NewAnswer};
use self::measurements::{Measurement, NewMeasurement};
use self::wearables::WearableSummary;
use crate::access::workspaces::Workspace;
use crate::api::json::Patch;
use crate::caller::{CheckinsWrite, Credential, Origin, Permit, Tenant};
use crate::clients::Client;
use crate::clock::Timestamp;
use crate::exercises::catalogue::vocabulary;
use crate::files::{Photo, Pose};
use crate::ids::{CheckinId, ClientId, FormId, PhotoId};
use crate::values::{Date, Decimal, TimeZone};

vocabulary! {
    /// Where a check-in stands.
    Status {
        #[doc = "Asked for, and not due yet."] Pending "pending"
        #[doc = "Asked for, and late."] Overdue "overdue"
        #[doc = "There, and not reviewed."] Submitted "submitted"
        #[doc = "Reviewed by the coach."] Reviewed "reviewed"
    }
}

/// Days from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Period {
    /// The first day, in the client's calendar.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
}

/// The most days of a period.
pub const PERIOD_DAYS_MAX: i64 = 366;

impl Period {
    /// The weeks that end with a day.
    pub fn of_weeks(weeks: i64, to: Date) -> Self {
        let from = to.plus_days(1 - 7 * weeks);
        Self { from, to }
    }
}

/// A form in one of its versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FormRef {
    /// The form.
    #[schema(value_type = String)]
    pub id: FormId,
    /// The version.
    pub version: i64,
}

/// What of a check-in is kept as one document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What was answered.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// What else there is to say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notes: Option<String>,
    /// How hard the sessions were, 1 to 10 in halves.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rpe: Option<Decimal>,
    /// What a wearable counted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wearable_summary: Option<WearableSummary>,
}

/// The question of the default form, and of any other that has one of this id, which says that
/// something hurt.
pub const PAIN: &str = "pain";
/// Answers to it that say that nothing did.
const NO_PAIN: [&str; 3] = ["no", "none", "nothing"];

impl Content {
    /// True if something hurt: the question `pain` has another answer than no or 0.
    pub fn hurt(&self) -> bool {
        self.answers.iter().any(|answer| {
            let question = answer.question_id.as_deref().unwrap_or(&answer.question);
            question.eq_ignore_ascii_case(PAIN)
                && match &answer.value {
                    AnswerValue::Number(number) => *number > Decimal::whole(0),
                    AnswerValue::Text(words) => {
                        let words = words.trim().to_lowercase();
                        !words.is_empty() && !NO_PAIN.contains(&words.as_str())
                    }
                }
        })
    }
}

/// A check-in, without what has tables of its own: measurements and photos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkin {
    /// The id.
    pub id: CheckinId,
    /// Whose it is.
    pub client_id: ClientId,
    /// Where it stands.
    pub status: Status,
    /// True if a schedule asked for it.
    pub scheduled: bool,
    /// Until when it is asked for.
    pub due_at: Option<Timestamp>,
    /// From when on it is too late for it.
    pub closes_at: Option<Timestamp>,
    /// When it was submitted, or else when it is due.
    pub at: Timestamp,
    /// The client's day of that.
    pub local_date: Date,
    /// The days that it is about.
    pub period: Period,
    /// The form that it is answered with.
    pub form: Option<FormRef>,
    /// What was entered.
    pub content: Content,
    /// Who submitted it: `client`, `coach` or `api`.
    pub source: Option<String>,
    /// When it was submitted.
    pub submitted_at: Option<Timestamp>,
    /// When it was first reviewed.
    pub reviewed_at: Option<Timestamp>,
    /// What the coach answered.
    pub reply: Option<String>,
    /// What the coach keeps to herself.
    pub private_notes: Option<String>,
    /// How often it was changed, beginning with 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What a check-in is submitted with.
#[derive(Debug, Default, ToSchema)]
pub struct NewCheckin {
    /// The scheduled check-in that it is for; the open one if left out.
    #[schema(value_type = Option<String>)]
    pub checkin_id: Option<CheckinId>,
    /// The days that it is about, at most 366; the last seven if left out, or those of the schedule.
    pub period: Option<Period>,
    /// The form that the answers are held against; without it they are free.
    #[schema(value_type = Option<String>)]
    pub form_id: Option<FormId>,
    /// Its version; the one that was asked with, or else the latest, if left out.
    #[schema(minimum = 1)]
    pub form_version: Option<i64>,
    /// Up to 100.
    #[schema(max_items = 100)]
    pub answers: Option<Vec<NewAnswer>>,
    /// Up to 100.
    #[schema(max_items = 100)]
    pub measurements: Option<Vec<NewMeasurement>>,
    /// Up to 20, sent before by `POST /v1/clients/{client_id}/photos`. Those that answer a question
    /// need not stand here.
    #[schema(max_items = 20)]
    pub photos: Option<Vec<NewCheckinPhoto>>,
    /// Up to 10,000 characters.
    #[schema(max_length = 10_000)]
    pub notes: Option<String>,
    /// How hard the sessions were, 1 to 10 in halves.
    #[schema(value_type = Option<f64>, minimum = 1, maximum = 10)]
    pub rpe: Option<Decimal>,
    /// What a wearable counted.
    pub wearable_summary: Option<WearableSummary>,
}

/// A check-in with what has tables of its own.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The check-in.
    pub checkin: Checkin,
    /// What was measured.
    pub measured: Vec<Measurement>,
    /// Its photos.
    pub photos: Vec<Photo>,
}

/// A photo that becomes part of a check-in.
#[derive(Clone, Copy, Debug, ToSchema)]
pub struct NewCheckinPhoto {
    /// A photo of the client that is part of no check-in yet.
    #[schema(value_type = String)]
    pub id: PhotoId,
    /// `front`, `side`, `back` or `other`; what it has if left out.
    #[schema(value_type = Option<String>)]
    pub pose: Option<Pose>,
}

/// What a review says; what is left out stays, `null` empties.
#[derive(Debug, Default, ToSchema)]
pub struct Review {
    /// What the client reads; up to 10,000 characters.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    pub reply: Patch<String>,
    /// What nobody but the coach sees; up to 10,000 characters.
    #[schema(value_type = Option<String>, max_length = 10_000)]
    pub private_notes: Patch<String>,
}

/// Who submits a check-in, and in whose name.
#[derive(Clone, Copy, Debug)]
pub enum Submitter<'a> {
    /// A coach or a program, for any client.
    Coach(&'a Permit<CheckinsWrite>),
    /// A client who is signed in to the app, for nobody else.
    Client {
        /// The tenant of the client's session.
        tenant: Tenant,
        /// The client of the session.
        client_id: ClientId,
        /// The request.
        origin: &'a Origin,
    },
}

impl Submitter<'_> {
    /// The tenant that it is done in.
    pub fn tenant(&self) -> Tenant {
        match self {
            Self::Coach(permit) => permit.tenant(),
            Self::Client { tenant, .. } => *tenant,
        }
    }

    /// The request that it is done by.
    pub fn origin(&self) -> &Origin {
        match self {
            Self::Coach(permit) => permit.origin(),
            Self::Client { origin, .. } => origin,
        }
    }

    /// Whether it may speak for a client.
    pub fn is_for(&self, client: ClientId) -> bool {
        match self {
            Self::Coach(_) => true,
            Self::Client { client_id, .. } => *client_id == client,
        }
    }

    /// Whether it is the client.
    pub fn is_client(&self) -> bool {
        matches!(self, Self::Client { .. })
    }

    /// What a check-in keeps of it.
    pub fn source(&self) -> &'static str {
        match self {
            Self::Coach(permit) => match permit.caller().credential {
                Credential::Session { .. } | Credential::CommandLine => "coach",
                Credential::ApiKey { .. }
                | Credential::AccessToken { .. }
                | Credential::AppToken { .. } => "api",
            },
            Self::Client { .. } => "client",
        }
    }

    /// The source of measurements that name none.
    pub fn measurement_source(&self) -> &'static str {
        match self {
            Self::Coach(_) => "coach",
            Self::Client { .. } => "client",
        }
    }
}

/// The time zone of a client: the client's own, or else the workspace's.
pub fn zone_of(client: &Client, workspace: Option<&Workspace>) -> TimeZone {
    let own = client.profile.timezone.as_deref();
    let name = own.or(workspace.map(|workspace| workspace.timezone.as_str()));
    name.and_then(|name| TimeZone::parse(name).ok())
        .unwrap_or_else(TimeZone::utc)
}
