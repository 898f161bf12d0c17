//! What can be done with authorization codes.

use super::{CODE_MS, Code, KEPT_MS, MAX_FAILURES, Ticket, answers, store};
use crate::access::oauth::actions::{Drafts, Terms, issue_pair};
use crate::access::oauth::error::{OAuthCode, Refusal};
use crate::access::oauth::grants::actions::{Consent, begin_family, consent, denied, end_family};
use crate::access::oauth::grants::{self, FAMILY_MS, Family};
use crate::access::oauth::{granted as narrowed, resource_of};
use crate::caller::{Caller, Origin, Scopes};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{AppId, FamilyId, SessionId};
use crate::secrets::Digest;

/// What a coach let an app have, before it is written.
#[derive(Debug)]
pub struct NewCode {
    /// Her decision.
    pub consent: Consent,
    /// The digest of the code.
    pub digest: Digest,
    /// The session that decided.
    pub session: SessionId,
    /// Where the code goes.
    pub redirect_uri: String,
    /// The S256 challenge.
    pub challenge: String,
    /// The audience that was asked for.
    pub resource: Option<String>,
}

/// Writes a consent and its code; false if the page was answered before.
pub fn allow(
    tx: &Tx<'_>,
    coach: &Caller,
    origin: &Origin,
    ticket: Ticket,
    new: &NewCode,
) -> Result<bool> {
    if !store::spend_ticket(tx, &ticket.digest, ticket.expires_at)? {
        return Ok(false);
    }
    let grant_id = consent(tx, coach, origin, &new.consent)?;
    let code = Code {
        tenant: coach.tenant,
        grant_id,
        app_id: new.consent.app_id,
        redirect_uri: new.redirect_uri.clone(),
        challenge: new.challenge.clone(),
        scopes: new.consent.allowed,
        resource: new.resource.clone(),
        failures: 0,
        family_id: None,
        expires_at: origin.at.plus_ms(CODE_MS),
    };
    store::insert(tx, &code, &new.digest, new.session, origin.at)?;
    Ok(true)
}

/// Notes that a coach let an app have nothing; false if the page was answered before.
pub fn deny(
    tx: &Tx<'_>,
    coach: &Caller,
    origin: &Origin,
    ticket: Ticket,
    app: AppId,
) -> Result<bool> {
    if !store::spend_ticket(tx, &ticket.digest, ticket.expires_at)? {
        return Ok(false);
    }
    denied(tx, coach, origin, app)?;
    Ok(true)
}

/// A request to redeem a code, by a client that is authenticated.
#[derive(Debug)]
pub struct Redemption {
    /// The client.
    pub app_id: AppId,
    /// The digest of the code.
    pub digest: Digest,
    /// The challenge of the verifier that was sent.
    pub challenge: String,
    /// The redirect URI, if it was sent.
    pub redirect_uri: Option<String>,
    /// The audiences that were asked for.
    pub resources: Vec<String>,
    /// The scope, if it was sent.
    pub scope: Option<String>,
    /// The id that the family gets.
    pub family_id: FamilyId,
}

fn invalid(description: &'static str) -> Refusal {
    Refusal::new(OAuthCode::InvalidGrant, description)
}

/// Redeems a code for the first tokens of a family.
///
/// A refusal is no failure of the write: what it counted or ended stays.
pub fn redeem(
    tx: &Tx<'_>,
    terms: &Terms,
    origin: &Origin,
    asked: &Redemption,
    drafts: &Drafts,
) -> Result<Result<Vec<u8>, Refusal>> {
    // One sentence for everything that a thief could try.
    let unknown = || Ok(Err(invalid("The code is unknown, spent or over.")));
    let Some(code) = store::find(tx, &asked.digest)? else {
        return unknown();
    };
    if code.app_id != asked.app_id || code.failures >= MAX_FAILURES {
        return unknown();
    }
    if !answers(&asked.challenge, &code.challenge) {
        store::count_failure(tx, code.tenant, &asked.digest)?;
        return Ok(Err(invalid(
            "The code_verifier does not fit the code_challenge.",
        )));
    }
    let elsewhere = asked
        .redirect_uri
        .as_ref()
        .is_some_and(|uri| *uri != code.redirect_uri);
    if elsewhere {
        return Ok(Err(invalid(
            "The redirect_uri is not the one that the code was sent to.",
        )));
    }
    let Some(bearer) = grants::store::find_bearer(tx, code.tenant, code.grant_id)? else {
        return unknown();
    };
    if let Some(family_id) = code.family_id {
        // Somebody else has what only the app should have.
        if let Some(family) = grants::store::find_family(tx, code.tenant, family_id)? {
            end_family(tx, &bearer, &family, origin, "authorization_code.replayed")?;
        }
        return unknown();
    }
    if code.expires_at <= origin.at || !bearer.is_alive() {
        return unknown();
    }
    let resource = match resource_of(&asked.resources, &terms.resource, code.resource.as_deref()) {
        Ok(resource) => resource,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let scopes = code.scopes.within(bearer.caller.scopes);
    let granted = match narrowed(asked.scope.as_deref(), scopes) {
        Some(granted) if granted != Scopes::default() => granted,
        _ => {
            let words = "The scope is unknown or more than was granted.";
            return Ok(Err(Refusal::new(OAuthCode::InvalidScope, words)));
        }
    };
    let family = Family {
        id: asked.family_id,
        grant_id: code.grant_id,
        scopes: code.scopes,
        resource,
        expires_at: origin.at.plus_ms(FAMILY_MS),
        revoked_at: None,
    };
    begin_family(tx, code.tenant, &family, origin.at)?;
    if !store::set_redeemed(tx, code.tenant, &asked.digest, family.id)? {
        return unknown();
    }
    issue_pair(tx, terms, origin, (&bearer, &family), (granted, 1), drafts).map(Ok)
}

/// Removes codes that ended, a few at a time.
pub fn sweep(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep(tx, now.plus_ms(-KEPT_MS), limit)
}

/// Removes spent tickets that ended, a few at a time.
pub fn sweep_tickets(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep_tickets(tx, now, limit)
}
