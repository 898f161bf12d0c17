//! What can be done with tokens.

use serde_json::json;

use super::body::TokenBody;
use super::grants::{Bearer, Family};
use super::{AccessToken, Holder, grants, refresh, store};
use crate::access::audit::{self, Act};
use crate::caller::{Caller, Origin, Scopes};
use crate::clock::{SECOND_MS, Timestamp};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::AppId;
use crate::secrets::{Digest, Secret, TokenKind, digest, generate};

/// A token that is drawn but not written.
#[derive(Debug)]
pub struct Draft {
    /// The token.
    pub token: AccessToken,
    /// Its plaintext, shown once.
    pub plaintext: Secret,
}

impl Draft {
    fn digest(&self) -> Digest {
        digest(self.plaintext.reveal())
    }
}

/// Issues a token to the client that `caller` is.
pub fn issue(tx: &Tx<'_>, caller: &Caller, origin: &Origin, draft: &Draft) -> Result<()> {
    store::insert(tx, &draft.token, &draft.digest())?;
    let (target, _) = caller.credential.named();
    let act = Act {
        action: "access_token.issued",
        target: target.ok_or_else(|| Error::bug("a client without an id"))?,
        detail: Some(json!({ "scope": draft.token.scopes.to_text() })),
    };
    audit::record(tx, caller.tenant, caller, origin, &act)
}

/// What holds for every token that is issued on behalf of a coach.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The one resource of this server.
    pub resource: String,
    /// How long an access token lives, in seconds.
    pub access_s: i64,
}

/// An access token and a refresh token, drawn before the write.
#[derive(Debug)]
pub struct Drafts {
    access: (Secret, Digest),
    refresh: (Secret, Digest),
}

impl Drafts {
    /// Draws both.
    pub fn draw() -> Result<Self> {
        let draw = |kind| -> Result<(Secret, Digest)> {
            let plaintext = generate(kind)?;
            let digest = digest(plaintext.reveal());
            Ok((plaintext, digest))
        };
        Ok(Self {
            access: draw(TokenKind::Access)?,
            refresh: draw(TokenKind::Refresh)?,
        })
    }
}

/// Issues an access token and the refresh token of a generation; the answer is what is told.
pub fn issue_pair(
    tx: &Tx<'_>,
    terms: &Terms,
    origin: &Origin,
    (bearer, family): (&Bearer, &Family),
    (scopes, generation): (Scopes, i64),
    drafts: &Drafts,
) -> Result<Vec<u8>> {
    let (tenant, now) = (bearer.caller.tenant, origin.at);
    let token = AccessToken {
        tenant,
        holder: Holder::Family(family.id),
        scopes,
        expires_at: now
            .plus_ms(terms.access_s * SECOND_MS)
            .min(family.expires_at),
        revoked_at: None,
        created_at: now,
    };
    store::insert(tx, &token, &drafts.access.1)?;
    refresh::actions::issue(tx, tenant, (family, generation), &drafts.refresh.1, now)?;
    let act = Act {
        action: "access_token.issued",
        target: bearer.app_id.to_string(),
        detail: Some(json!({
            "scope": scopes.to_text(),
            "grant_id": family.grant_id.to_string(),
            "family_id": family.id.to_string(),
            "generation": generation,
        })),
    };
    audit::record(tx, tenant, &bearer.caller, origin, &act)?;
    let body = TokenBody {
        token_type: "Bearer",
        expires_in: token.expires_at.since_ms(now) / SECOND_MS,
        access_token: drafts.access.0.reveal().to_owned(),
        refresh_token: Some(drafts.refresh.0.reveal().to_owned()),
        scope: scopes.to_text(),
    };
    serde_json::to_vec(&body).map_err(Error::internal)
}

/// Revokes an access token that a client holds. The caller found it to be the client's own.
pub fn revoke_access(tx: &Tx<'_>, caller: &Caller, origin: &Origin, token: &Digest) -> Result<()> {
    store::set_revoked(tx, caller.tenant, token, origin.at)?;
    tx.changed(crate::db::Topic::Credentials);
    let (target, _) = caller.credential.named();
    let act = Act {
        action: "access_token.revoked",
        target: target.unwrap_or_default(),
        detail: None,
    };
    audit::record(tx, caller.tenant, caller, origin, &act)
}

/// Revokes a refresh token of an app: its family ends. Anybody else's is left alone.
pub fn revoke_refresh(tx: &Tx<'_>, origin: &Origin, app: AppId, token: &Digest) -> Result<()> {
    let Some(token) = refresh::store::find(tx, token)? else {
        return Ok(());
    };
    let Some(family) = grants::store::find_family(tx, token.tenant, token.family_id)? else {
        return Ok(());
    };
    let bearer = grants::store::find_bearer(tx, token.tenant, family.grant_id)?;
    let Some(bearer) = bearer.filter(|bearer| bearer.app_id == app) else {
        return Ok(());
    };
    if family.revoked_at.is_none() {
        grants::actions::end_family(tx, &bearer, &family, origin, "refresh_token.revoked")?;
    }
    Ok(())
}

/// Removes tokens that ended, a few at a time.
pub fn sweep(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep(tx, now, limit)
}

/// Something that sweeps: what it sweeps, and how.
pub type Sweep = (&'static str, fn(&Tx<'_>, Timestamp, u32) -> Result<usize>);

/// What is swept of OAuth, children before their families.
pub const SWEEPS: &[Sweep] = &[
    ("access tokens", sweep),
    ("answers to refreshes", refresh::actions::wipe),
    ("refresh tokens", refresh::actions::sweep),
    ("authorization codes", super::codes::actions::sweep),
    ("consent tickets", super::codes::actions::sweep_tickets),
    ("token families", grants::actions::sweep_families),
];
