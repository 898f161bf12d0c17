//! What can be done with refresh tokens.

use super::{GRACE_MS, IDLE_MS, RefreshToken, store};
use crate::access::accounts::mail::mail;
use crate::access::oauth::actions::{Drafts, Terms, issue_pair};
use crate::access::oauth::error::{OAuthCode, Refusal};
use crate::access::oauth::grants::actions::end_family;
use crate::access::oauth::grants::{self, Bearer, Family};
use crate::access::oauth::{granted as narrowed, resource_of};
use crate::caller::{Origin, Scopes, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::AppId;
use crate::outbox::account::actions::Sealed;
use crate::secrets::{Digest, SealingKey};

/// A request to refresh, by a client that is authenticated.
#[derive(Debug)]
pub struct Rotation {
    /// The client.
    pub app_id: AppId,
    /// The digest of the token.
    pub digest: Digest,
    /// The scope, if it was sent.
    pub scope: Option<String>,
    /// The audiences that were asked for.
    pub resources: Vec<String>,
}

/// What became of a refresh.
#[derive(Debug)]
pub enum Outcome {
    /// The tokens.
    Answered(Vec<u8>),
    /// Nothing happened.
    Refused(Refusal),
    /// A spent token was used again: its family has ended.
    Reused,
    /// The same, but the mail about it was not written yet: nothing happened, ask again with it.
    WantsNotice,
}

fn unknown() -> Outcome {
    let words = "The refresh token is unknown, spent or over.";
    Outcome::Refused(Refusal::new(OAuthCode::InvalidGrant, words))
}

/// The refusal of a spent token; it reads like any other.
pub fn refusal() -> Refusal {
    Refusal::new(
        OAuthCode::InvalidGrant,
        "The refresh token is unknown, spent or over.",
    )
}

/// Binds a sealed answer to its row.
fn context(tenant: Tenant, digest: &Digest) -> String {
    let mut half = [0; 16];
    half.copy_from_slice(&digest.as_bytes()[..16]);
    let row = u128::from_be_bytes(half);
    format!("refresh_tokens:{}:{row:032x}", tenant.number())
}

/// Rotates a refresh token: the answer holds its successor and an access token.
pub fn rotate(
    tx: &Tx<'_>,
    terms: &Terms,
    origin: &Origin,
    sealing: &SealingKey,
    (asked, notice): (&Rotation, Option<&Sealed>),
    drafts: &Drafts,
) -> Result<Outcome> {
    let Some(token) = store::find(tx, &asked.digest)? else {
        return Ok(unknown());
    };
    let Some(family) = grants::store::find_family(tx, token.tenant, token.family_id)? else {
        return Ok(unknown());
    };
    let Some(bearer) = grants::store::find_bearer(tx, token.tenant, family.grant_id)? else {
        return Ok(unknown());
    };
    if bearer.app_id != asked.app_id {
        // Whoever steals a token of another app can do nothing with it, not even end it.
        return Ok(unknown());
    }
    let now = origin.at;
    let over = family.revoked_at.is_some() || family.expires_at <= now || !bearer.is_alive();
    if over {
        return Ok(unknown());
    }
    if token.spent_at.is_some() {
        return again(
            tx,
            origin,
            sealing,
            &token,
            (&family, &bearer),
            (asked, notice),
        );
    }
    if token.idle_expires_at <= now {
        return Ok(unknown());
    }
    let resource = family.resource.as_deref();
    if let Err(refusal) = resource_of(&asked.resources, &terms.resource, resource) {
        return Ok(Outcome::Refused(refusal));
    }
    let scopes = family.scopes.within(bearer.caller.scopes);
    let granted = match narrowed(asked.scope.as_deref(), scopes) {
        Some(granted) if granted != Scopes::default() => granted,
        _ => {
            let words = "The scope is unknown or more than was granted.";
            let refusal = Refusal::new(OAuthCode::InvalidScope, words);
            return Ok(Outcome::Refused(refusal));
        }
    };
    let generation = token.generation + 1;
    let body = issue_pair(
        tx,
        terms,
        origin,
        (&bearer, &family),
        (granted, generation),
        drafts,
    )?;
    let sealed = sealing.seal(&context(token.tenant, &asked.digest), &body)?;
    let until = now.plus_ms(GRACE_MS);
    store::set_spent(tx, token.tenant, &asked.digest, &sealed, (now, until))?;
    Ok(Outcome::Answered(body))
}

/// A spent token: its answer again, if that may have been lost, and otherwise the end of its family.
fn again(
    tx: &Tx<'_>,
    origin: &Origin,
    sealing: &SealingKey,
    token: &RefreshToken,
    (family, bearer): (&Family, &Bearer),
    (asked, notice): (&Rotation, Option<&Sealed>),
) -> Result<Outcome> {
    let newest = store::newest(tx, token.tenant, token.family_id)?;
    let is_before = token.generation + 1 == newest;
    let in_time = token.answer_until.is_some_and(|until| until > origin.at);
    if let Some(answer) = token.answer.as_ref().filter(|_| is_before && in_time) {
        let body = sealing.open(&context(token.tenant, &asked.digest), answer)?;
        return Ok(Outcome::Answered(body.to_vec()));
    }
    let Some(notice) = notice else {
        return Ok(Outcome::WantsNotice);
    };
    end_family(tx, bearer, family, origin, "refresh_token.reused")?;
    mail(tx, notice)?;
    Ok(Outcome::Reused)
}

/// Writes a refresh token of a family.
pub fn issue(
    tx: &Tx<'_>,
    tenant: Tenant,
    (family, generation): (&Family, i64),
    digest: &Digest,
    now: Timestamp,
) -> Result<()> {
    let idle = now.plus_ms(IDLE_MS).min(family.expires_at);
    store::insert(tx, tenant, (family, generation), digest, idle, now)
}

/// Removes tokens that ended, a few at a time.
pub fn sweep(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep(tx, now, limit)
}

/// Overwrites answers that may no longer be given again, a few at a time.
pub fn wipe(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::wipe(tx, now, limit)
}
