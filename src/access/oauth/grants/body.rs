//! How a grant is shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::Listed;
use crate::caller::Scope;
use crate::clock::Timestamp;
use crate::ids::{AppId, GrantId};

/// What a coach lets an app do.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantBody {
    /// The grant's id.
    #[schema(value_type = String, example = "gra_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: GrantId,
    /// Always `oauth_grant`.
    object: &'static str,
    /// True if it is for live data.
    livemode: bool,
    /// The app.
    app: GrantedAppBody,
    /// What it may do.
    scopes: Vec<&'static str>,
    /// The same in a coach's words.
    allows: Vec<&'static str>,
    /// When a token of it was last used, to within a few seconds.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// When it was first given.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last consented to.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// The app of a grant.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantedAppBody {
    /// The app's id.
    #[schema(value_type = String)]
    id: AppId,
    /// What it is called.
    name: String,
    /// `public` or `confidential`.
    client_type: String,
    /// Its home page.
    client_uri: Option<String>,
}

impl GrantBody {
    /// The grant as its coach sees it.
    pub fn of(grant: Listed, livemode: bool) -> Self {
        Self {
            id: grant.id,
            object: "oauth_grant",
            livemode,
            app: GrantedAppBody {
                id: grant.app_id,
                name: grant.app_name,
                client_type: grant.client_type,
                client_uri: grant.client_uri,
            },
            scopes: grant.scopes.names(),
            allows: grant.scopes.iter().map(Scope::words).collect(),
            last_used_at: grant.last_used_at,
            created_at: grant.created_at,
            updated_at: grant.updated_at,
        }
    }
}
