//! What a session looks like from outside.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Session, expires_at, store};
use crate::access::accounts;
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Reader;
use crate::error::{Error, Result};
use crate::ids::{AccountId, SessionId, WorkspaceId};

/// A session in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionBody {
    /// The session's id; it is no secret.
    #[schema(value_type = String)]
    id: SessionId,
    /// Always `session`.
    object: &'static str,
    /// Always null: a session spans both modes.
    livemode: Option<bool>,
    /// True for the session that asks.
    current: bool,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Its last use, to the minute.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// The last entry of the password.
    #[schema(value_type = String, format = DateTime)]
    authenticated_at: Timestamp,
    /// When it ends if nobody uses it again.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Where it signed in.
    address: Option<String>,
    /// What it signed in with.
    user_agent: Option<String>,
}

impl SessionBody {
    /// A session as it stands now: its last use may not be written yet.
    pub fn of(app: &App, session: &Session, current: Option<SessionId>) -> Self {
        let pending = app.session_uses.pending(session.id);
        let last_seen_at = pending.map_or(session.last_seen_at, |at| at.max(session.last_seen_at));
        Self {
            id: session.id,
            object: "session",
            livemode: None,
            current: current == Some(session.id),
            created_at: session.created_at,
            last_seen_at,
            authenticated_at: session.authenticated_at,
            expires_at: expires_at(session.created_at, last_seen_at),
            address: session.address.clone(),
            user_agent: session.user_agent.clone(),
        }
    }
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedInAccount {
    /// The account.
    #[schema(value_type = String)]
    id: AccountId,
    /// What it is called.
    name: String,
    /// The address that it signs in with.
    email: String,
    /// `owner` or `coach`.
    role: String,
    /// The name of its plan.
    plan: String,
}

/// A workspace that a session can name.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedInWorkspace {
    /// The workspace.
    #[schema(value_type = String)]
    id: WorkspaceId,
    /// What it is called.
    name: String,
    /// The coach's own time zone, an IANA name.
    timezone: String,
    /// `metric` or `imperial`.
    units: String,
}

/// A session, who is signed in and where they may work.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurrentSessionBody {
    #[serde(flatten)]
    session: SessionBody,
    /// Who is signed in.
    account: SignedInAccount,
    /// Their workspaces, oldest first.
    workspaces: Vec<SignedInWorkspace>,
}

impl CurrentSessionBody {
    /// The session that asks.
    pub fn of(app: &App, conn: &Reader, session: &Session) -> Result<Self> {
        let account = accounts::store::find(conn, session.account_id)?
            .ok_or_else(|| Error::bug("a session has no account"))?;
        let places = store::places(conn, account.id)?;
        let workspaces = places.into_iter().map(|place| SignedInWorkspace {
            id: place.workspace_id,
            name: place.settings.name,
            timezone: place.settings.timezone,
            units: place.settings.units,
        });
        Ok(Self {
            session: SessionBody::of(app, session, Some(session.id)),
            workspaces: workspaces.collect(),
            account: SignedInAccount {
                id: account.id,
                name: account.name,
                email: account.email,
                role: account.role,
                plan: account.plan,
            },
        })
    }
}
