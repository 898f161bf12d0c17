//! What can be done to accounts.

use super::{Account, NewAccount, mail, store};
use crate::access::audit;
use crate::access::sessions::{self, Purpose, Session};
use crate::access::workspaces;
use crate::caller::{Origin, WorkspaceSettings};
use crate::db::{Topic, Tx};
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, SessionId, WorkspaceId};
use crate::outbox::account::actions::Sealed;
use crate::secrets::Digest;
use crate::values::Email;

/// Makes an account with its workspace. The first one becomes the owner of the server.
pub fn create(tx: &Tx<'_>, origin: &Origin, new: &NewAccount) -> Result<(AccountId, WorkspaceId)> {
    let settings = WorkspaceSettings {
        name: new.name.clone(),
        timezone: "UTC".to_owned(),
        units: "metric".to_owned(),
    };
    create_with(tx, origin, new, &settings)
}

/// The same with a workspace that is set up otherwise.
pub fn create_with(
    tx: &Tx<'_>,
    origin: &Origin,
    new: &NewAccount,
    settings: &WorkspaceSettings,
) -> Result<(AccountId, WorkspaceId)> {
    if let Some(other) = store::find_by_email(tx, &new.email)? {
        return Err(address_taken(other.id));
    }
    let role = if store::exist(tx)? { "coach" } else { "owner" };
    let id = AccountId::new(origin.at);
    store::insert(tx, id, new, role, origin.at)?;
    let workspace = workspaces::actions::create(tx, origin, id, settings)?;
    audit::record_for_account(tx, id, origin, "account.created")?;
    Ok((id, workspace))
}

fn address_taken(by: AccountId) -> Error {
    let message = "An account with this address exists.";
    Error::with(Code::AlreadyExists, message).extra("existing_id", by.to_string())
}

/// Makes the owner of a fresh server by the set-up link, and signs the owner in.
pub fn set_up(
    tx: &Tx<'_>,
    origin: &Origin,
    link: &Digest,
    new: &NewAccount,
    settings: &WorkspaceSettings,
    draft: &sessions::actions::Draft,
) -> Result<Session> {
    if store::exist(tx)? {
        return Err(Error::new(Code::RouteNotFound));
    }
    sessions::actions::use_link(tx, link, Purpose::SetUp, origin.at)?;
    let (id, _) = create_with(tx, origin, new, settings)?;
    audit::record_for_account(tx, id, origin, "session.created")?;
    sessions::actions::begin(tx, id, draft, None)
}

/// Somebody who entered the right password, as it stood when it was verified.
#[derive(Debug)]
pub struct Proved {
    /// Who it is.
    pub account: AccountId,
    /// The hash that was verified.
    pub hash: String,
    /// A stronger one to put in its place.
    pub stronger: Option<String>,
}

/// Signs somebody in who entered the right password.
pub fn sign_in(
    tx: &Tx<'_>,
    origin: &Origin,
    proved: &Proved,
    draft: &sessions::actions::Draft,
    brought: Option<&Digest>,
    notice: Option<&Sealed>,
) -> Result<Session> {
    let account = still_true(tx, proved)?;
    if let Some(stronger) = &proved.stronger {
        store::strengthen_password(tx, account.id, &proved.hash, stronger)?;
    }
    audit::record_for_account(tx, account.id, origin, "session.created")?;
    if let Some(notice) = notice {
        mail::mail(tx, notice)?;
    }
    sessions::actions::begin(tx, account.id, draft, brought)
}

/// Gives a session a new id after its password was entered again.
pub fn reauthenticate(
    tx: &Tx<'_>,
    origin: &Origin,
    proved: &Proved,
    draft: &sessions::actions::Draft,
    brought: &Digest,
) -> Result<Session> {
    let account = still_true(tx, proved)?;
    audit::record_for_account(tx, account.id, origin, "session.reauthenticated")?;
    sessions::actions::begin(tx, account.id, draft, Some(brought))
}

/// The account, if its password is still the one that was verified: it may have been changed while
/// the hash was computed.
fn still_true(tx: &Tx<'_>, proved: &Proved) -> Result<Account> {
    let hash = store::password_hash(tx, proved.account)?;
    let account = store::find(tx, proved.account)?;
    account
        .filter(|account| account.status == "active" && hash.as_ref() == Some(&proved.hash))
        .ok_or_else(wrong_password)
}

/// Signs somebody in by a link, where that is allowed at all.
pub fn sign_in_by_link(
    tx: &Tx<'_>,
    origin: &Origin,
    link: &Digest,
    draft: &sessions::actions::Draft,
    brought: Option<&Digest>,
) -> Result<Session> {
    let account = sessions::actions::use_link(tx, link, Purpose::SignIn, origin.at)?
        .ok_or_else(|| Error::bug("a sign-in link is nobody's"))?;
    audit::record_for_account(tx, account, origin, "session.created")?;
    sessions::actions::begin(tx, account, draft, brought)
}

/// Writes down that somebody entered a wrong password.
pub fn note_failure(tx: &Tx<'_>, origin: &Origin, account: AccountId) -> Result<()> {
    audit::record_for_account(tx, account, origin, "session.refused")
}

/// The refusal of an address and password that do not go together, whichever of them is wrong.
pub fn wrong_password() -> Error {
    let message = "The address and the password do not go together.";
    Error::with(Code::AuthInvalid, message)
        .extra("reason", "unknown")
        .extra("credential", "password")
}

/// Keeps the link of a forgotten password, with the mail that carries it.
pub fn ask_reset(
    tx: &Tx<'_>,
    origin: &Origin,
    account: AccountId,
    link: &sessions::actions::Link,
    notice: &Sealed,
) -> Result<()> {
    sessions::actions::keep_reset(tx, account, link, origin.at)?;
    audit::record_for_account(tx, account, origin, "account.password_reset_asked")?;
    mail::mail(tx, notice)
}

/// Sets a new password by a reset's link, which ends every session and every other link.
pub fn confirm_reset(
    tx: &Tx<'_>,
    origin: &Origin,
    link: &Digest,
    password_hash: &str,
    notice: &Sealed,
) -> Result<()> {
    let account = sessions::actions::reset_account(tx, link, origin.at)?;
    store::set_password(tx, account, password_hash, origin.at)?;
    sessions::actions::end_all(tx, account, None, origin.at)?;
    audit::record_for_account(tx, account, origin, "account.password_reset")?;
    mail::mail(tx, notice)
}

/// Sets a new password from the command line, which ends every session and every link.
pub fn reset_password(
    tx: &Tx<'_>,
    origin: &Origin,
    email: &Email,
    password_hash: &str,
) -> Result<Account> {
    let account = store::find_by_email(tx, email)?
        .ok_or_else(|| Error::with(Code::NotFound, "There is no account with this address."))?;
    store::set_password(tx, account.id, password_hash, origin.at)?;
    sessions::actions::end_all(tx, account.id, None, origin.at)?;
    audit::record_for_account(tx, account.id, origin, "account.password_reset")?;
    tx.changed(Topic::Credentials);
    Ok(account)
}

/// What changes of an account.
#[derive(Debug, Default)]
pub struct Change {
    /// What it is called.
    pub name: Option<String>,
    /// The address that it signs in with.
    pub email: Option<Email>,
    /// The hash of its password.
    pub password_hash: Option<String>,
    /// What its owner is told, at the address before the change.
    pub notices: Vec<Sealed>,
}

/// Changes an account. A new address or password ends its other sessions and every reset.
pub fn change(
    tx: &Tx<'_>,
    origin: &Origin,
    id: AccountId,
    session: Option<SessionId>,
    change: &Change,
) -> Result<()> {
    let account = store::find(tx, id)?.ok_or_else(Error::not_found)?;
    let former = Email::parse(&account.email).map_err(Error::internal)?;
    let name = change.name.as_ref().unwrap_or(&account.name);
    let email = change.email.as_ref().unwrap_or(&former);
    if let Some(other) = store::find_by_email(tx, email)?
        && other.id != id
    {
        return Err(address_taken(other.id));
    }
    if *name != account.name || *email != former {
        store::set_identity(tx, id, name, email, origin.at)?;
        audit::record_for_account(tx, id, origin, "account.updated")?;
    }
    if let Some(hash) = &change.password_hash {
        store::set_password(tx, id, hash, origin.at)?;
        audit::record_for_account(tx, id, origin, "account.password_changed")?;
    }
    if *email != former || change.password_hash.is_some() {
        sessions::actions::end_all(tx, id, session, origin.at)?;
    }
    for notice in &change.notices {
        mail::mail(tx, notice)?;
    }
    tx.changed(Topic::Credentials);
    Ok(())
}
