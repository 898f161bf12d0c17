//! What the token endpoint and its kin answer with.

use serde::Serialize;
use utoipa::ToSchema;

/// An access token.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenBody {
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until it ends.
    pub expires_in: i64,
    /// The token.
    pub access_token: String,
    /// What it is replaced with; not for client credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// What was granted.
    pub scope: String,
}

/// What a client may know of a token; of one that is not its own, only that it is not active.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct IntrospectionBody {
    /// Whether it would be accepted now.
    pub active: bool,
    /// What it may do now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Who obtained it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `Bearer`; absent for a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// Unix time at which it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Unix time at which it was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Whom it acts for: the coach's account, or the client itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Where it may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
}
