//! What clients discover: the authorization server (RFC 8414) and the resource (RFC 9728).
//!
//! Everything comes from the configured public address, never from the request. What is off is not
//! named, and an empty list is left out.

use serde::Serialize;
use utoipa::ToSchema;

use crate::access::oauth::error::shared;
use crate::access::oauth::{NO_ISSUER, issuer};
use crate::api::route::Route;
use crate::app::App;
use crate::caller::Scope;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;

/// How clients may show who they are.
const METHODS: &[&str] = &["client_secret_basic", "client_secret_post", "none"];

/// The authorization server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServerMetadata {
    /// The public address.
    issuer: String,
    /// Where coaches are sent to.
    authorization_endpoint: String,
    /// Where tokens are obtained.
    token_endpoint: String,
    /// Where tokens are revoked.
    revocation_endpoint: String,
    /// Where tokens are asked about.
    introspection_endpoint: String,
    /// Always `code`.
    response_types_supported: &'static [&'static str],
    /// Always `query`.
    response_modes_supported: &'static [&'static str],
    /// The grants.
    grant_types_supported: &'static [&'static str],
    /// Always `S256`.
    code_challenge_methods_supported: &'static [&'static str],
    /// How clients show who they are.
    token_endpoint_auth_methods_supported: &'static [&'static str],
    /// The same at the revocation endpoint.
    revocation_endpoint_auth_methods_supported: &'static [&'static str],
    /// The same at the introspection endpoint, where a secret is needed.
    introspection_endpoint_auth_methods_supported: &'static [&'static str],
    /// Every scope.
    scopes_supported: Vec<&'static str>,
    /// Always true: answers name their issuer (RFC 9207).
    authorization_response_iss_parameter_supported: bool,
    /// The guide.
    service_documentation: String,
}

/// The resource that tokens are for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceMetadata {
    /// The public address.
    resource: String,
    /// Who issues tokens for it: this server.
    authorization_servers: Vec<String>,
    /// Every scope.
    scopes_supported: Vec<&'static str>,
    /// Always `header`.
    bearer_methods_supported: &'static [&'static str],
    /// What it is called.
    resource_name: &'static str,
    /// The guide.
    resource_documentation: String,
}

fn here(app: &App) -> Result<String> {
    let issuer = issuer(&app.public_address().url).map(str::to_owned);
    issuer.ok_or_else(|| Error::with(Code::RouteNotFound, NO_ISSUER))
}

fn scopes() -> Vec<&'static str> {
    let public = std::iter::once(crate::access::oauth::PUBLIC);
    let all = Scope::ALL.iter().map(|scope| scope.name());
    all.chain(public).collect()
}

async fn server(app: App) -> Result<Answer> {
    let here = here(&app)?;
    let at = |path: &str| format!("{here}{path}");
    let metadata = ServerMetadata {
        authorization_endpoint: at("/oauth/authorize"),
        token_endpoint: at("/oauth/token"),
        revocation_endpoint: at("/oauth/revoke"),
        introspection_endpoint: at("/oauth/introspect"),
        response_types_supported: &["code"],
        response_modes_supported: &["query"],
        grant_types_supported: &["authorization_code", "refresh_token", "client_credentials"],
        code_challenge_methods_supported: &["S256"],
        token_endpoint_auth_methods_supported: METHODS,
        revocation_endpoint_auth_methods_supported: METHODS,
        introspection_endpoint_auth_methods_supported: &METHODS[..2],
        scopes_supported: scopes(),
        authorization_response_iss_parameter_supported: true,
        service_documentation: at("/docs/guides/oauth"),
        issuer: here.clone(),
    };
    Ok(shared(Answer::ok(&metadata)?))
}

async fn resource(app: App) -> Result<Answer> {
    let here = here(&app)?;
    let metadata = ResourceMetadata {
        authorization_servers: vec![here.clone()],
        scopes_supported: scopes(),
        bearer_methods_supported: &["header"],
        resource_name: "Cadence",
        resource_documentation: format!("{here}/docs"),
        resource: here,
    };
    Ok(shared(Answer::ok(&metadata)?))
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::open("/.well-known/oauth-authorization-server", server)
            .named("OAuth", "get_authorization_server", "What the authorization server offers")
            .describe("RFC 8414. Made of the public address. 404 where that is plain http and not this computer: OAuth is off there.")
            .answers::<ServerMetadata>(),
        Route::open("/.well-known/oauth-protected-resource", resource)
            .named("OAuth", "get_protected_resource", "Which authorization server the API trusts")
            .describe("RFC 9728. 404 where OAuth is off.")
            .answers::<ResourceMetadata>(),
    ]
}
