//! What can be done to client sessions: join, be seen, end.

use std::net::IpAddr;

use super::body::ConsentBody;
use super::{
    ClientSession, Consent, ConsentText, IDLE_MS, MAX_SESSIONS, USER_AGENT_MAX, codes, store,
};
use crate::access::audit::{self, Act};
use crate::api::route::ClientCaller;
use crate::caller::{ClientsWrite, Origin, Permit, Tenant};
use crate::clients::{self, Client};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::events::{self, EventType};
use crate::ids::{ClientId, ClientSessionId};
use crate::secrets::{Digest, Secret, TokenKind, Unrecognised, digest, generate, recognise};

/// What an install link's fragment says: whose it is, and the proof.
#[derive(Debug)]
pub struct Token {
    /// The number of the tenant.
    pub tenant: i64,
    /// The client.
    pub client: ClientId,
    /// The digest of the secret.
    pub secret: Digest,
}

impl Token {
    /// Reads `1.cl_….cdnin_…`.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parts = text.splitn(3, '.');
        let tenant = parts.next().and_then(|number| number.parse().ok());
        let client = parts.next().and_then(ClientId::parse);
        let secret = parts.next().unwrap_or_default();
        match recognise(secret) {
            Ok(TokenKind::Invite) => {}
            Err(Unrecognised::Checksum(TokenKind::Invite)) => return Err(refusal("checksum")),
            Ok(_) | Err(_) => return Err(refusal("unknown")),
        }
        match (tenant, client) {
            (Some(tenant), Some(client)) => Ok(Self {
                tenant,
                client,
                secret: digest(secret),
            }),
            _ => Err(refusal("checksum")),
        }
    }
}

/// The refusal of an install link; the same for a client that is not there.
pub fn refusal(reason: &'static str) -> Error {
    let message = match reason {
        "checksum" => "The link is not whole. Open it again where you got it.",
        "expired" => "The link has expired. Ask your coach for a new one.",
        _ => "The link was used already, or your coach sent a newer one. Ask for a new link.",
    };
    Error::with(Code::AuthInvalid, message)
        .extra("reason", reason)
        .extra("credential", TokenKind::Invite.name())
}

/// A session that is not written yet.
pub struct Draft {
    /// What the cookie will hold.
    pub cookie: Secret,
    session: ClientSession,
}

impl Draft {
    /// Whose it will be.
    pub fn client_id(&self) -> ClientId {
        self.session.client_id
    }
}

/// Draws a session for a client on a device.
pub fn draft(
    client: ClientId,
    (address, user_agent): (Option<IpAddr>, Option<&str>),
    now: Timestamp,
) -> Result<Draft> {
    let session = ClientSession {
        id: ClientSessionId::new(now),
        client_id: client,
        address: address.map(|address| address.to_string()),
        user_agent: user_agent.map(|text| text.chars().take(USER_AGENT_MAX).collect()),
        last_seen_at: now,
        revoked_at: None,
        created_at: now,
    };
    Ok(Draft {
        cookie: generate(TokenKind::ClientSession)?,
        session,
    })
}

/// Begins a session of a client who was let in; past the most devices the one that was silent longest
/// ends.
pub(super) fn begin(tx: &Tx<'_>, tenant: Tenant, draft: &Draft) -> Result<ClientSession> {
    let session = &draft.session;
    let mut others = store::of_client(tx, tenant, session.client_id)?;
    others.sort_by_key(|other| std::cmp::Reverse(other.last_seen_at));
    for silent in others.iter().skip(MAX_SESSIONS - 1) {
        store::revoke(tx, tenant, session.client_id, silent.id, session.created_at)?;
    }
    let digest = digest(draft.cookie.reveal());
    store::insert(tx, tenant, session, &digest)?;
    Ok(session.clone())
}

/// Uses an install link up: the client is in, and so is this device.
pub fn join(
    tx: &Tx<'_>,
    tenant: Tenant,
    origin: &Origin,
    (token, agreed): (&Token, &[&ConsentText]),
    draft: &Draft,
) -> Result<(Client, ClientSession)> {
    let client = clients::actions::join(tx, tenant, origin, token.client, &token.secret)?;
    let client = client.map_err(refusal)?;
    let given = store::consents(tx, tenant, client.id)?;
    let is_known = |text: &ConsentText| {
        given.iter().any(|old| {
            old.kind == text.kind && old.text_version == text.version && old.withdrawn_at.is_none()
        })
    };
    for text in agreed.iter().filter(|text| !is_known(text)) {
        store::insert_consent(tx, tenant, client.id, &text.given(origin.at))?;
    }
    let session = begin(tx, tenant, draft)?;
    Ok((client, session))
}

/// Takes a consent back. One that does not stand is left as it is; then there is no event.
pub fn withdraw(
    tx: &Tx<'_>,
    caller: &ClientCaller,
    origin: &Origin,
    text: &ConsentText,
) -> Result<(Consent, bool)> {
    let (tenant, client) = (caller.tenant, caller.client_id);
    let changed = store::withdraw_consent(tx, tenant, client, text.kind, origin.at)?;
    let consent = last(tx, caller, text)?.ok_or_else(Error::not_found)?;
    if changed {
        let body = ConsentBody::of(tenant, client, &consent);
        events::record(tx, tenant, origin, EventType::ClientConsentWithdrawn, &body)?;
    }
    Ok((consent, changed))
}

/// Gives a consent, in the words of now. One that stands is left as it is; then there is no event.
pub fn give(
    tx: &Tx<'_>,
    caller: &ClientCaller,
    origin: &Origin,
    text: &ConsentText,
) -> Result<(Consent, bool)> {
    let (tenant, client) = (caller.tenant, caller.client_id);
    if let Some(consent) = last(tx, caller, text)?
        && consent.withdrawn_at.is_none()
    {
        return Ok((consent, false));
    }
    let consent = text.given(origin.at);
    store::insert_consent(tx, tenant, client, &consent)?;
    let body = ConsentBody::of(tenant, client, &consent);
    events::record(tx, tenant, origin, EventType::ClientConsentGiven, &body)?;
    Ok((consent, true))
}

/// What was last said of a kind of consent.
fn last(tx: &Tx<'_>, caller: &ClientCaller, text: &ConsentText) -> Result<Option<Consent>> {
    let consents = store::consents(tx, caller.tenant, caller.client_id)?;
    let mut of_kind = consents.into_iter().rev();
    Ok(of_kind.find(|consent| consent.kind == text.kind))
}

/// Writes that a session was used.
pub fn seen(tx: &Tx<'_>, caller: &ClientCaller, now: Timestamp) -> Result<()> {
    store::set_seen(tx, caller.tenant, caller.client_id, caller.session_id, now)
}

/// Ends a session at its own wish.
pub fn sign_out(tx: &Tx<'_>, caller: &ClientCaller, now: Timestamp) -> Result<()> {
    store::revoke(tx, caller.tenant, caller.client_id, caller.session_id, now).map(drop)
}

/// Ends another device of the client's own, and codes that are on their way. One that has ended
/// already is no fault.
pub fn end_own(
    tx: &Tx<'_>,
    caller: &ClientCaller,
    id: ClientSessionId,
    now: Timestamp,
) -> Result<()> {
    let (tenant, client) = (caller.tenant, caller.client_id);
    if store::find(tx, tenant, client, id)?.is_none() {
        return Err(Error::not_found());
    }
    codes::actions::end_all(tx, tenant, client)?;
    store::revoke(tx, tenant, client, id, now).map(drop)
}

/// Ends every session and every code of a client.
pub fn end_all(tx: &Tx<'_>, tenant: Tenant, client: ClientId, now: Timestamp) -> Result<()> {
    codes::actions::end_all(tx, tenant, client)?;
    store::revoke_all(tx, tenant, client, now)
}

/// Ends a session at the coach's wish, and codes that are on their way. One that has ended already is
/// no fault.
pub fn end(
    tx: &Tx<'_>,
    permit: &Permit<ClientsWrite>,
    client: ClientId,
    id: ClientSessionId,
    now: Timestamp,
) -> Result<()> {
    let tenant = permit.tenant();
    if store::find(tx, tenant, client, id)?.is_none() {
        return Err(Error::not_found());
    }
    codes::actions::end_all(tx, tenant, client)?;
    if store::revoke(tx, tenant, client, id, now)? {
        let act = Act {
            action: "client_session.ended",
            target: client.to_string(),
            detail: None,
        };
        audit::record(tx, tenant, permit.caller(), permit.origin(), &act)?;
    }
    Ok(())
}

/// Removes sessions that were silent for so long that they ended; gives their number.
pub fn sweep(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep(tx, now.plus_ms(-IDLE_MS), limit)
}
