//! Workspaces: what a coach's data belongs to.
//!
//! A workspace in a mode is a tenant. Its account pays for it: plan and limits are the account's.
//! Memberships say who else may work in it; the screens for that come later.

pub mod actions;
pub mod routes;
pub mod store;

use utoipa::ToSchema;

use crate::caller::{Mode, Tenant};
use crate::clock::Timestamp;
use crate::ids::{AccountId, WorkspaceId};
use crate::values::TimeZone;

/// Workspaces that an account may have.
pub const MAX_WORKSPACES: u32 = 100;

/// A workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// The account whose plan and limits count.
    pub account_id: AccountId,
    /// What it is called; mails to clients carry it.
    pub name: String,
    /// The coach's own time zone.
    pub timezone: String,
    /// `metric` or `imperial`: what new clients begin with.
    pub units: String,
    /// How often it was changed, beginning with 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The two tenants of a workspace.
#[derive(Clone, Copy, Debug)]
pub struct Tenants {
    /// The workspace in test mode.
    pub test: Tenant,
    /// The workspace in live mode.
    pub live: Tenant,
}

impl Tenants {
    /// The tenant of a mode.
    pub fn of(self, mode: Mode) -> Tenant {
        match mode {
            Mode::Test => self.test,
            Mode::Live => self.live,
        }
    }
}

/// What a PATCH changes; what is left out stays.
#[derive(Debug, ToSchema)]
pub struct WorkspacePatch {
    /// 1 to 200 characters.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// An IANA time zone.
    #[schema(value_type = String, required = false)]
    pub timezone: Option<TimeZone>,
    /// `metric` or `imperial`.
    #[schema(value_type = String, required = false)]
    pub units: Option<&'static str>,
}
