//! What client sessions and consents look like from outside.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ClientSession, Consent, Home};
use crate::api::route::ClientCaller;
use crate::caller::Tenant;
use crate::clients::Client;
use crate::clock::Timestamp;
use crate::ids::{ClientId, ClientSessionId};

/// A device on which a client uses the app.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientSessionBody<'s> {
    /// The session's id; it is no secret.
    #[schema(value_type = String)]
    id: ClientSessionId,
    /// Always `client_session`.
    object: &'static str,
    /// True if the client belongs to the live tenant.
    livemode: bool,
    /// The client.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// True for the device that asks; false wherever a coach asks.
    current: bool,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Its last use, to the day.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// When it ends if nobody uses it again.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Where it began.
    address: Option<&'s str>,
    /// What it began with.
    user_agent: Option<&'s str>,
}

impl<'s> ClientSessionBody<'s> {
    /// A session as it stands; `asking` is the device that asks.
    pub fn of(livemode: bool, session: &'s ClientSession, asking: Option<ClientSessionId>) -> Self {
        Self {
            id: session.id,
            object: "client_session",
            livemode,
            client_id: session.client_id,
            current: asking == Some(session.id),
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at(),
            address: session.address.as_deref(),
            user_agent: session.user_agent.as_deref(),
        }
    }
}

/// Something that a client agreed to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentBody<'c> {
    /// Always `consent`.
    object: &'static str,
    /// True if the client belongs to the live tenant.
    livemode: bool,
    /// Who agreed.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// `terms`, `health_data` or `messages`.
    kind: &'c str,
    /// The version of the words.
    text_version: &'c str,
    /// When it was given.
    #[schema(value_type = String, format = DateTime)]
    given_at: Timestamp,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    withdrawn_at: Option<Timestamp>,
}

impl<'c> ConsentBody<'c> {
    /// A consent as it is kept.
    pub fn of(tenant: Tenant, client_id: ClientId, consent: &'c Consent) -> Self {
        Self {
            object: "consent",
            livemode: tenant.mode().is_live(),
            client_id,
            kind: &consent.kind,
            text_version: &consent.text_version,
            given_at: consent.given_at,
            withdrawn_at: consent.withdrawn_at,
        }
    }
}

/// Somebody who joined, in the app's own view.
#[derive(Debug, Serialize, ToSchema)]
pub struct JoinedBody<'j> {
    /// The session's id; it is no secret.
    #[schema(value_type = String)]
    id: ClientSessionId,
    /// Always `client_session`.
    object: &'static str,
    /// True if the client belongs to the live tenant.
    livemode: bool,
    /// Who joined.
    client: JoinedClientBody<'j>,
    /// Whose app it is.
    workspace: JoinedWorkspaceBody<'j>,
    /// When the session began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends if nobody uses it again.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Who joined.
#[derive(Debug, Serialize, ToSchema)]
pub struct JoinedClientBody<'j> {
    /// The client.
    #[schema(value_type = String)]
    id: ClientId,
    /// The name.
    name: &'j str,
}

/// Whose app it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct JoinedWorkspaceBody<'j> {
    /// What the workspace is called.
    name: &'j str,
}

impl<'j> JoinedBody<'j> {
    /// A client on a device.
    pub fn of(home: &'j Home, client: &'j Client, session: &ClientSession) -> Self {
        Self {
            id: session.id,
            object: "client_session",
            livemode: home.tenant.mode().is_live(),
            client: JoinedClientBody {
                id: client.id,
                name: &client.profile.name,
            },
            workspace: JoinedWorkspaceBody {
                name: &home.workspace,
            },
            created_at: session.created_at,
            expires_at: session.expires_at(),
        }
    }
}

/// A client as the client sees it: nothing that the coach keeps apart.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnProfileBody<'c> {
    /// The client's id.
    #[schema(value_type = String)]
    id: ClientId,
    /// Always `client`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// `active` or `paused`.
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
    /// The weekday of the check-in.
    check_in_day: Option<&'c str>,
    /// What was agreed to.
    consents: Vec<ConsentBody<'c>>,
    /// Whose app it is.
    workspace: JoinedWorkspaceBody<'c>,
    /// When the client joined the app.
    #[schema(value_type = Option<String>, format = DateTime)]
    joined_at: Option<Timestamp>,
    /// When the client was added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When the client was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl<'c> OwnProfileBody<'c> {
    /// A client's own profile.
    pub fn of(caller: &'c ClientCaller, client: &'c Client, consents: &'c [Consent]) -> Self {
        let profile = &client.profile;
        Self {
            id: client.id,
            object: "client",
            livemode: caller.tenant.mode().is_live(),
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
            check_in_day: profile.check_in_day.as_deref(),
            consents: consents
                .iter()
                .map(|consent| ConsentBody::of(caller.tenant, client.id, consent))
                .collect(),
            workspace: JoinedWorkspaceBody {
                name: &caller.workspace,
            },
            joined_at: client.joined_at,
            created_at: client.created_at,
            updated_at: client.updated_at,
        }
    }
}
