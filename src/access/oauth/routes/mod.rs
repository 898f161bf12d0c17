//! The OAuth endpoints: tokens, revocation, introspection, metadata.

mod clients;
mod metadata;
mod revocation;
mod token;

use super::error::Refusal;
use super::form::{self, Form, Media};
use super::{NO_ISSUER, issuer};
use crate::access::oauth::error::OAuthCode;
use crate::api::route::{Incoming, Route};
use crate::app::App;
use crate::idempotency::Answer;

/// The largest body of a form.
pub const FORM_LIMIT_BYTES: usize = 16 * 1024;

/// The names that must not stand in an address: it is logged and kept by whoever sees it.
const SECRET_NAMES: &[&str] = &[
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "refresh_token",
    "token",
];

/// Reads the form of a POST whose address holds no credential.
fn read_form(incoming: &Incoming, media: Media) -> Result<Form, Refusal> {
    let query = incoming.head.query.as_deref().unwrap_or("");
    if form::names(query).any(|name| SECRET_NAMES.contains(&name.as_str())) {
        let words = "Credentials belong into the body or the header.";
        return Err(Refusal::new(OAuthCode::InvalidRequest, words));
    }
    Form::read(&incoming.head, &incoming.body, media)
}

/// Refuses what would send a coach's tokens over a plain connection.
fn issuer_of(app: &App) -> Result<String, Refusal> {
    let issuer = issuer(&app.public_address().url).map(str::to_owned);
    issuer.ok_or_else(|| Refusal::new(OAuthCode::InvalidRequest, NO_ISSUER))
}

/// A refusal as the answer; failures of clients are counted, and past the limit they are told to
/// wait.
fn refuse(incoming: &Incoming, client_id: Option<&str>, refusal: &Refusal) -> Answer {
    if !refusal.is_invalid_client() {
        return refusal.answer();
    }
    match clients::count_failure(incoming, client_id) {
        Ok(()) => refusal.answer(),
        Err(limited) => Refusal::from(&limited).answer(),
    }
}

/// The routes of OAuth.
pub fn routes() -> Vec<Route> {
    [
        token::routes(),
        revocation::routes(),
        metadata::routes(),
        super::authorize::routes::routes(),
        super::apps::routes::routes(),
        super::grants::routes::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
