//! What happened: an append-only log per tenant, and the catalogue of event types.
//!
//! An event is recorded in the transaction of the change that it tells of, so there is none for
//! what was rolled back and none is missing for what was committed. `sequence` is dense per tenant,
//! in commit order: a reader who asks for what comes after a number sees no gap and no repeat.
//!
//! Each type belongs to a read scope; a reader sees the types whose scope it holds.

pub mod body;
pub mod routes;
pub mod samples;
pub mod store;
mod stream;

use serde::Serialize;

use crate::caller::{Origin, Scope, Scopes, Tenant};
use crate::clock::Timestamp;
use crate::db::{Topic, Tx};
use crate::error::{Error, Result};
use crate::ids::EventId;

macro_rules! types {
    ($($variant:ident $name:literal $scope:ident $words:literal)*) => {
        /// A kind of thing that happens.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventType { $(#[doc = $words] $variant,)* }

        impl EventType {
            /// Every type, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The scope that reading it needs.
            pub fn scope(self) -> Scope {
                match self { $(Self::$variant => Scope::$scope,)* }
            }

            /// When it is recorded, in a sentence.
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)* }
            }
        }
    };
}

types! {
    ClientCreated "client.created" ClientsRead "A client was added."
    ClientUpdated "client.updated" ClientsRead "A client's profile was changed, or the client came back from the archive."
    ClientInvited "client.invited" ClientsRead "A client was sent a new install link."
    ClientJoined "client.joined" ClientsRead "A client joined by the install link, and agreed to what joining asks for."
    ClientPaused "client.paused" ClientsRead "A client was paused."
    ClientResumed "client.resumed" ClientsRead "A paused client is active again."
    ClientConsentGiven "client.consent_given" ClientsRead "A client gave a consent again, in the app."
    ClientConsentWithdrawn "client.consent_withdrawn" ClientsRead "A client took a consent back, in the app."
    ClientArchived "client.archived" ClientsRead "A client was archived."
    ClientErased "client.erased" ClientsRead "A client was erased; all that is left to say is that it was so."
    ProgramCreated "program.created" ProgramsRead "A program was made for a client."
    ProgramActivated "program.activated" ProgramsRead "A program became the one that the client follows."
    ProgramCompleted "program.completed" ProgramsRead "A program was completed, or another took its place."
    ProgramArchived "program.archived" ProgramsRead "A program was archived."
    WorkoutLogged "workout.logged" ProgramsRead "A training was logged."
    WorkoutUpdated "workout.updated" ProgramsRead "A logged training was changed."
    WorkoutDeleted "workout.deleted" ProgramsRead "A logged training was removed; the object is what it was."
    PersonalRecordSet "personal_record.set" ProgramsRead "A client lifted more than ever before."
    PaymentSucceeded "payment.succeeded" PaymentsRead "A client paid."
    PaymentFailed "payment.failed" PaymentsRead "A payment was declined or failed; `failure_code` says why."
    PaymentRefunded "payment.refunded" PaymentsRead "A payment was refunded, in whole or in part."
    CheckinSubmitted "checkin.submitted" CheckinsRead "A check-in was submitted, by the client, the coach or the API."
    CheckinReviewed "checkin.reviewed" CheckinsRead "A coach reviewed a check-in, or changed the review."
    CheckinOverdue "checkin.overdue" CheckinsRead "A scheduled check-in was not submitted by the time it was due."
    MessageSent "message.sent" MessagesRead "A message was delivered to a client."
    MessageReceived "message.received" MessagesRead "A client wrote a message."
    ApiKeyCreated "api_key.created" KeysRead "An API key was created."
    ApiKeyRotated "api_key.rotated" KeysRead "An API key was replaced by a new one."
    ApiKeyRevoked "api_key.revoked" KeysRead "An API key was revoked."
    WebhookDisabled "webhook.disabled" WebhooksRead "A webhook was disabled: its receiver failed for three days, or said that it is gone."
    Ping "ping" WebhooksRead "A test of a webhook; only that webhook is sent it."
    RateLimitWarning "rate_limit.warning" WorkspaceRead "The account used 80 % of its hourly limit."
}

impl EventType {
    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == text)
    }

    /// The types that a set of scopes may read.
    pub fn readable(scopes: Scopes) -> impl Iterator<Item = Self> {
        Self::ALL
            .iter()
            .copied()
            .filter(move |kind| scopes.allow(kind.scope()))
    }
}

/// The names of types, and what means several of them.
pub fn patterns() -> Vec<String> {
    let mut patterns = vec!["*".to_owned()];
    for kind in EventType::ALL {
        let all = kind
            .name()
            .split_once('.')
            .map(|(noun, _)| format!("{noun}.*"));
        patterns.extend(all.filter(|all| !patterns.contains(all)));
        patterns.push(kind.name().to_owned());
    }
    patterns
}

/// The types that a name or a pattern such as `client.*` means.
pub fn matching(pattern: &str) -> Vec<EventType> {
    let fits = |kind: &EventType| match pattern.strip_suffix('*') {
        Some("") => true,
        Some(prefix) => prefix.ends_with('.') && kind.name().starts_with(prefix),
        None => kind.name() == pattern,
    };
    EventType::ALL.iter().copied().filter(fits).collect()
}

/// An event as the log keeps it.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id; a webhook delivery carries the same.
    pub id: EventId,
    /// Its place in the tenant's log.
    pub sequence: i64,
    /// The name of its type.
    pub kind: String,
    /// The tenant's time.
    pub created_at: Timestamp,
    /// The request that caused it.
    pub request_id: String,
    /// The idempotency key of that request.
    pub idempotency_key: Option<String>,
    /// JSON: `{"object": …, "previous": …}`.
    pub data: String,
}

#[derive(Serialize)]
struct Data<'a, T, P> {
    object: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<&'a P>,
}

/// Records that something happened to `object`, in the transaction of the change.
pub fn record(
    tx: &Tx<'_>,
    tenant: Tenant,
    origin: &Origin,
    kind: EventType,
    object: &impl Serialize,
) -> Result<EventId> {
    append(
        tx,
        tenant,
        origin,
        kind,
        &Data {
            object,
            previous: None::<&()>,
        },
    )
}

/// The same, with the former values of what changed.
pub fn record_change(
    tx: &Tx<'_>,
    tenant: Tenant,
    origin: &Origin,
    kind: EventType,
    change: (&impl Serialize, &impl Serialize),
) -> Result<EventId> {
    append(
        tx,
        tenant,
        origin,
        kind,
        &Data {
            object: change.0,
            previous: Some(change.1),
        },
    )
}

/// Removes some events that are no longer kept; gives how many.
pub fn sweep(tx: &Tx<'_>, tenant: Tenant, before: i64, limit: u32) -> Result<usize> {
    store::remove(tx, tenant, before, limit)
}

fn append(
    tx: &Tx<'_>,
    tenant: Tenant,
    origin: &Origin,
    kind: EventType,
    data: &impl Serialize,
) -> Result<EventId> {
    let data = serde_json::to_string(data).map_err(Error::internal)?;
    let id = EventId::new(origin.at);
    store::append(tx, tenant, id, kind, origin, &data)?;
    tx.changed(Topic::Events);
    Ok(id)
}
