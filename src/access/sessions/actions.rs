//! What can be done to sessions: begin one, end one or all, and the links that lead to one.

use super::{Dead, Device, LINK_MS, MAX_SESSIONS, Purpose, Session, USER_AGENT_MAX, store};
use crate::access::audit;
use crate::access::oauth::grants;
use crate::app::App;
use crate::caller::Origin;
use crate::clock::{DAY_MS, Timestamp};
use crate::db::{Topic, Tx};
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, SessionId};
use crate::limits::block_text;
use crate::secrets::{Digest, Secret, TokenKind, digest, generate, recognise};

/// The secret half of a new session, drawn before the write.
pub struct Draft {
    /// The id.
    pub id: SessionId,
    /// What the cookie will hold.
    pub cookie: Secret,
    device: Device,
    now: Timestamp,
}

/// Draws a session.
pub fn draft(device: Device, now: Timestamp) -> Result<Draft> {
    Ok(Draft {
        id: SessionId::new(now),
        cookie: generate(TokenKind::Session)?,
        device,
        now,
    })
}

/// Begins a session. A session that the same browser brought ends: no id survives a sign-in.
pub fn begin(
    tx: &Tx<'_>,
    account: AccountId,
    draft: &Draft,
    brought: Option<&Digest>,
) -> Result<Session> {
    if let Some(brought) = brought
        && let Some(old) = store::find_by_digest(tx, brought)?
        && store::revoke(tx, old.id, draft.now)?
    {
        // Only what ends makes memory stale: nobody remembers a session that is just beginning.
        tx.changed(Topic::Credentials);
    }
    let mut others = store::of_account(tx, account)?;
    others.sort_by_key(|other| std::cmp::Reverse(other.last_seen_at));
    for silent in others.iter().skip(MAX_SESSIONS as usize - 1) {
        store::revoke(tx, silent.id, draft.now)?;
        tx.changed(Topic::Credentials);
    }
    let user_agent = draft.device.user_agent.as_deref();
    let session = Session {
        id: draft.id,
        account_id: account,
        address: draft.device.address.map(|address| address.to_string()),
        user_agent: user_agent.map(|text| text.chars().take(USER_AGENT_MAX).collect()),
        authenticated_at: draft.now,
        last_seen_at: draft.now,
        revoked_at: None,
        created_at: draft.now,
    };
    let block = draft
        .device
        .address
        .map(|address| block_text(Some(address)));
    let digest = digest(draft.cookie.reveal());
    store::insert(tx, &session, &digest, block.as_deref())?;
    Ok(session)
}

/// Ends a session of an account. One that has ended already is no fault.
pub fn end(
    tx: &Tx<'_>,
    origin: &Origin,
    account: AccountId,
    id: SessionId,
    action: &'static str,
) -> Result<()> {
    if store::find(tx, account, id)?.is_none() {
        return Err(Error::not_found());
    }
    if store::revoke(tx, id, origin.at)? {
        audit::record_for_account(tx, account, origin, action)?;
        tx.changed(Topic::Credentials);
    }
    Ok(())
}

/// Ends every session of an account but one, every reset that was asked for, and all that it let
/// apps do: whoever changes a password may have lost more than that.
pub fn end_all(
    tx: &Tx<'_>,
    account: AccountId,
    except: Option<SessionId>,
    now: Timestamp,
) -> Result<()> {
    store::revoke_all(tx, account, except, now)?;
    store::delete_resets(tx, account)?;
    for place in store::places(tx, account)? {
        for tenant in [place.test, place.live] {
            grants::actions::revoke_all_of(tx, tenant, account, now)?;
        }
    }
    tx.changed(Topic::Credentials);
    Ok(())
}

/// Writes the last uses of sessions.
pub fn write_uses(tx: &Tx<'_>, uses: &[(SessionId, Timestamp)]) -> Result<()> {
    for (id, at) in uses {
        store::set_seen(tx, *id, *at)?;
    }
    Ok(())
}

/// Removes sessions past their longest life; gives their number.
pub fn sweep(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep(tx, now, limit)
}

/// Removes links and resets that ended a day ago: until then they are told apart from unknown ones.
pub fn sweep_links(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    let until = now.plus_ms(-DAY_MS);
    for purpose in [Purpose::SetUp, Purpose::SignIn] {
        store::delete_links(tx, purpose, until)?;
    }
    store::sweep_resets(tx, until, limit)
}

/// A link that was drawn, to be shown once.
pub struct Link {
    /// What stands in the fragment.
    pub token: Secret,
    /// When it ends.
    pub expires_at: Timestamp,
}

fn draw(kind: TokenKind, now: Timestamp) -> Result<Link> {
    Ok(Link {
        token: generate(kind)?,
        expires_at: now.plus_ms(LINK_MS),
    })
}

/// Makes the link by which the owner of a fresh server is made; those before it end. None once
/// there is an account. Blocks.
pub fn mint_set_up_link(app: &App) -> Result<Option<Link>> {
    let now = app.clock.now();
    let link = draw(TokenKind::SetUp, now)?;
    let (digest, expires_at) = (digest(link.token.reveal()), link.expires_at);
    let made = app.db.write_blocking(move |tx| {
        if crate::access::accounts::store::exist(tx)? {
            return Ok(false);
        }
        store::delete_links(tx, Purpose::SetUp, now)?;
        store::insert_link(tx, &digest, (Purpose::SetUp, None), now, expires_at)?;
        Ok(true)
    })?;
    Ok(made.then_some(link))
}

/// Makes a link that signs an account in, once; for the demo and the sandbox. Blocks.
pub fn mint_sign_in_link(app: &App, account: AccountId) -> Result<Link> {
    if !app.config.allows_sign_in_links() {
        let message = "Sign-in links are for the demo and the sandbox.";
        return Err(Error::with(Code::StateConflict, message));
    }
    let now = app.clock.now();
    let link = draw(TokenKind::SignIn, now)?;
    let (digest, expires_at) = (digest(link.token.reveal()), link.expires_at);
    app.db.write_blocking(move |tx| {
        let whom = (Purpose::SignIn, Some(account));
        store::insert_link(tx, &digest, whom, now, expires_at)
    })?;
    Ok(link)
}

/// Uses a one-time link up: the account that it is for, none for the set-up.
pub fn use_link(
    tx: &Tx<'_>,
    token: &Digest,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<AccountId>> {
    let found = store::find_link(tx, token, purpose, now)?;
    let account = found.map_err(|dead| dead.refusal(purpose.kind()))?;
    store::delete_link(tx, token)?;
    Ok(account)
}

/// Draws the link of a forgotten password.
pub fn draw_reset(now: Timestamp) -> Result<Link> {
    draw(TokenKind::Reset, now)
}

/// Keeps a reset.
pub fn keep_reset(tx: &Tx<'_>, account: AccountId, link: &Link, now: Timestamp) -> Result<()> {
    let digest = digest(link.token.reveal());
    store::insert_reset(tx, &digest, account, now, link.expires_at)
}

/// The account of a reset that still works.
pub fn reset_account(tx: &Tx<'_>, token: &Digest, now: Timestamp) -> Result<AccountId> {
    let found = store::find_reset(tx, token, now)?;
    found.map_err(|dead| dead.refusal(TokenKind::Reset))
}

/// The digest of a one-time token that has the right form.
pub fn one_time(token: &Secret, wanted: TokenKind) -> Result<Digest> {
    use crate::secrets::Unrecognised;
    match recognise(token.reveal()) {
        Ok(kind) if kind == wanted => Ok(digest(token.reveal())),
        Err(Unrecognised::Checksum(kind)) if kind == wanted => Err(refusal("checksum", wanted)),
        Ok(_) | Err(_) => Err(refusal("unknown", wanted)),
    }
}

impl Dead {
    /// The refusal of a link that opens nothing.
    pub fn refusal(self, kind: TokenKind) -> Error {
        refusal(
            match self {
                Self::Unknown => "unknown",
                Self::Expired => "expired",
            },
            kind,
        )
    }
}

impl Purpose {
    /// The kind of its token.
    pub fn kind(self) -> TokenKind {
        match self {
            Self::SetUp => TokenKind::SetUp,
            Self::SignIn => TokenKind::SignIn,
        }
    }
}

fn refusal(reason: &'static str, kind: TokenKind) -> Error {
    let words = kind.words();
    let message = match reason {
        "checksum" => format!("The {words} is not whole: open it again where you got it."),
        "expired" => format!("The {words} has expired. Ask for a new one."),
        _ => format!("The {words} is not known here: it was used, or replaced by a newer one."),
    };
    Error::with(Code::AuthInvalid, message)
        .extra("reason", reason)
        .extra("credential", kind.name())
}
