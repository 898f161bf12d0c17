//! How an app is shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::OAuthApp;
use crate::clock::Timestamp;
use crate::ids::AppId;

/// An app that can act for coaches. Its secret is in the answers of create and rotate alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppBody {
    /// The app's id.
    #[schema(value_type = String, example = "app_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: AppId,
    /// Always `oauth_app`.
    object: &'static str,
    /// True for an app that acts on live data.
    livemode: bool,
    /// The client identifier: the same as `id`.
    #[schema(value_type = String)]
    client_id: AppId,
    /// What it is called; coaches read it when they consent.
    name: String,
    /// `public` or `confidential`.
    client_type: &'static str,
    /// Its home page.
    client_uri: Option<String>,
    /// Where coaches may be sent back to.
    redirect_uris: Vec<String>,
    /// The most that it may ask for.
    scopes: Vec<&'static str>,
    /// The grants that it may use.
    grant_types: &'static [&'static str],
    /// The last four characters of its secret; null for a public app.
    #[schema(example = "…a1b2")]
    client_secret_hint: Option<String>,
    /// Until when the secret before it still works; null once it is refused.
    #[schema(value_type = Option<String>, format = DateTime)]
    previous_secret_works_until: Option<Timestamp>,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl AppBody {
    /// The app as it is shown at a time of its tenant.
    pub fn of(app: &OAuthApp, now: Timestamp) -> Self {
        let former = app
            .secret
            .as_ref()
            .and_then(|secret| secret.former.as_ref());
        Self {
            id: app.id,
            object: "oauth_app",
            livemode: app.tenant.mode().is_live(),
            client_id: app.id,
            name: app.name.clone(),
            client_type: app.client_type.name(),
            client_uri: app.client_uri.clone(),
            redirect_uris: app.redirect_uris.clone(),
            scopes: app.scopes.names(),
            grant_types: app.client_type.grant_types(),
            client_secret_hint: app.secret.as_ref().map(|secret| secret.hint.clone()),
            previous_secret_works_until: former
                .map(|(_, works_until)| *works_until)
                .filter(|works_until| *works_until > now),
            created_at: app.created_at,
            updated_at: app.updated_at,
        }
    }
}

/// An app with its secret: this is the only time that it is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewAppBody {
    #[serde(flatten)]
    app: AppBody,
    /// The secret; null for a public app.
    client_secret: Option<String>,
}

impl NewAppBody {
    /// The answer to a create or a rotation.
    pub fn of(app: &OAuthApp, now: Timestamp, secret: Option<&str>) -> Self {
        Self {
            app: AppBody::of(app, now),
            client_secret: secret.map(str::to_owned),
        }
    }
}
