//! The authorization endpoint: what an app asks a coach for, and her answer.
//!
//! # Order
//!
//! 1. Who asks and where the answer goes. Whatever is wrong with that is told to the person, on a
//!    page, and never sent anywhere: an address that was not registered gets nothing.
//! 2. Who is signed in. Nobody: sign in first, then back to the same request.
//! 3. Whether the request is sound. What is wrong with it is sent to the app, but only now: to
//!    strangers this server is no way to be led to an app's address.
//! 4. The person decides, every time. There is no answer without a page and a button.
//!
//! The page carries a **ticket**: it is bound to the session and to the request to the byte, works
//! for ten minutes and once. Nothing is written before the button is pressed.

pub mod page;
pub mod routes;
pub mod sign_in;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::apps::OAuthApp;
use super::codes::{Ticket, is_challenge};
use super::error::{OAuthCode, Refusal};
use super::form::Form;
use super::{granted, redirect, resource_of};
use crate::caller::Scopes;
use crate::clock::{MINUTE_MS, Timestamp};
use crate::error::Result;
use crate::ids::SessionId;
use crate::secrets::{SealingKey, digest_parts};

/// How long a consent page can be answered.
pub const TICKET_MS: i64 = 10 * MINUTE_MS;

/// What an app asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    /// The scopes.
    pub scopes: Scopes,
    /// The S256 challenge.
    pub challenge: String,
    /// The audience.
    pub resource: Option<String>,
}

/// A request of a known app to an address that it registered.
#[derive(Debug)]
pub struct Request {
    /// The app.
    pub app: OAuthApp,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// What the app wants back.
    pub state: Option<String>,
    /// What it asks for, or what is wrong with that.
    pub asked: Result<Asked, Refusal>,
}

/// Why a request is answered with a page and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dead {
    /// It is no well-formed query.
    Malformed,
    /// There is no such app.
    UnknownApp,
    /// The address is not one that the app registered.
    UnknownRedirect,
}

impl Dead {
    /// What the person reads.
    pub fn words(self) -> &'static str {
        match self {
            Self::Malformed => "The link that led you here is damaged.",
            Self::UnknownApp => "The app that led you here is not registered on this server.",
            Self::UnknownRedirect => {
                "The app that led you here wants its answer at an address that it did not register. \
                Nothing was sent there."
            }
        }
    }
}

/// The client identifier of a query, if it is there once.
pub fn client_id(form: &Form) -> Option<&str> {
    form.get("client_id").filter(|_| !form.repeats("client_id"))
}

/// Reads the request of an app that is known.
pub fn read(form: &Form, app: OAuthApp, resource: &str) -> Result<Request, Dead> {
    let redirect_uri = form
        .get("redirect_uri")
        .filter(|_| !form.repeats("redirect_uri"))
        .filter(|asked| {
            let mut registered = app.redirect_uris.iter();
            registered.any(|uri| redirect::matches(uri, asked))
        })
        .ok_or(Dead::UnknownRedirect)?
        .to_owned();
    let state = form.get("state").filter(|_| !form.repeats("state"));
    Ok(Request {
        redirect_uri,
        state: state.map(str::to_owned),
        asked: asked(form, app.scopes, resource),
        app,
    })
}

fn asked(form: &Form, own: Scopes, resource: &str) -> Result<Asked, Refusal> {
    let invalid = |words| Err(Refusal::new(OAuthCode::InvalidRequest, words));
    if form.repeats_any() {
        return invalid("A parameter is sent twice.");
    }
    if form.get("request").is_some() {
        let words = "Request objects are not taken.";
        return Err(Refusal::new(OAuthCode::RequestNotSupported, words));
    }
    if form.get("request_uri").is_some() {
        let words = "Request objects are not taken, by reference neither.";
        return Err(Refusal::new(OAuthCode::InvalidRequestUri, words));
    }
    match form.get("response_type") {
        Some("code") => {}
        None => return invalid("response_type is missing."),
        Some(_) => {
            let words = "The response_type must be code.";
            return Err(Refusal::new(OAuthCode::UnsupportedResponseType, words));
        }
    }
    if form
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return invalid("The response_mode must be query.");
    }
    if form.get("code_challenge_method") != Some("S256") {
        return invalid("The code_challenge_method must be S256.");
    }
    let Some(challenge) = form.get("code_challenge").filter(|text| is_challenge(text)) else {
        return invalid("The code_challenge must be a SHA-256 in 43 characters of base64url.");
    };
    let Some(scopes) = granted(form.get("scope"), own) else {
        let words = "The scope is unknown or more than the app is registered for.";
        return Err(Refusal::new(OAuthCode::InvalidScope, words));
    };
    Ok(Asked {
        scopes,
        challenge: challenge.to_owned(),
        resource: resource_of(&form.resources(), resource, None)?,
    })
}

impl Request {
    /// The address that tells the app what went wrong.
    pub fn refused(&self, refusal: &Refusal, issuer: &str) -> String {
        let mut parameters = vec![
            ("error", refusal.code().name()),
            ("error_description", refusal.description()),
        ];
        parameters.extend(self.state.as_deref().map(|state| ("state", state)));
        parameters.push(("iss", issuer));
        redirect::with_parameters(&self.redirect_uri, &parameters)
    }

    /// The address that hands the app its code.
    pub fn answered(&self, code: &str, issuer: &str) -> String {
        let mut parameters = vec![("code", code)];
        parameters.extend(self.state.as_deref().map(|state| ("state", state)));
        parameters.push(("iss", issuer));
        redirect::with_parameters(&self.redirect_uri, &parameters)
    }
}

fn context(session: SessionId) -> String {
    format!("consent:{session}")
}

fn sealed_query(query: &str) -> [u8; 32] {
    *digest_parts(&[query.as_bytes()]).as_bytes()
}

/// Makes the ticket of a page: for this session, this request, until then.
pub fn ticket(
    sealing: &SealingKey,
    session: SessionId,
    query: &str,
    now: Timestamp,
) -> Result<String> {
    let until = now.plus_ms(TICKET_MS).as_ms().to_be_bytes();
    let plain = [until.as_slice(), &sealed_query(query)].concat();
    let sealed = sealing.seal(&context(session), &plain)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// Opens a ticket; none if it is for another session or request, or over.
pub fn open_ticket(
    sealing: &SealingKey,
    session: SessionId,
    query: &str,
    text: &str,
    now: Timestamp,
) -> Option<Ticket> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let plain = sealing.open(&context(session), &sealed).ok()?;
    let (until, request) = plain.split_first_chunk()?;
    let expires_at = Timestamp::from_ms(i64::from_be_bytes(*until));
    let sound = request == sealed_query(query) && expires_at > now;
    sound.then(|| Ticket {
        digest: digest_parts(&[&sealed]),
        expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::SealingKey;

    #[test]
    fn a_ticket_is_for_one_session_and_one_request_and_ends() {
        let key = SealingKey::generate().unwrap();
        let now = Timestamp::from_ms(1_780_488_000_000);
        let (own, other) = (SessionId::new(now), SessionId::new(now));
        let text = ticket(&key, own, "client_id=a", now).unwrap();
        let open = |session, query, at| open_ticket(&key, session, query, &text, at);

        assert!(open(own, "client_id=a", now).is_some());
        assert!(open(other, "client_id=a", now).is_none());
        assert!(open(own, "client_id=b", now).is_none());
        assert!(open(own, "client_id=a&", now).is_none());
        assert!(open(own, "client_id=a", now.plus_ms(TICKET_MS)).is_none());
        assert!(open_ticket(&key, own, "client_id=a", "", now).is_none());
        assert!(open_ticket(&key, own, "client_id=a", &format!("{text}A"), now).is_none());
    }
}
