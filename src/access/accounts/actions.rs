//! What can be done to accounts.

use super::{Account, NewAccount, store};
use crate::access::audit;
use crate::access::workspaces;
use crate::caller::Origin;
use crate::db::{Topic, Tx};
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, WorkspaceId};
use crate::values::Email;

/// Makes an account with its workspace. The first one becomes the owner of the server.
pub fn create(tx: &Tx<'_>, origin: &Origin, new: &NewAccount) -> Result<(AccountId, WorkspaceId)> {
    if let Some(other) = store::find_by_email(tx, &new.email)? {
        return Err(
            Error::with(Code::AlreadyExists, "An account with this address exists.")
                .extra("existing_id", other.id.to_string()),
        );
    }
    let role = if store::exist(tx)? { "coach" } else { "owner" };
    let id = AccountId::new(origin.at);
    store::insert(tx, id, new, role, origin.at)?;
    let workspace = workspaces::actions::create(tx, origin, id, &new.name)?;
    audit::record_for_account(tx, id, origin, "account.created")?;
    Ok((id, workspace))
}

/// Sets a new password.
pub fn reset_password(
    tx: &Tx<'_>,
    origin: &Origin,
    email: &Email,
    password_hash: &str,
) -> Result<Account> {
    let account = store::find_by_email(tx, email)?
        .ok_or_else(|| Error::with(Code::NotFound, "There is no account with this address."))?;
    store::set_password(tx, account.id, password_hash, origin.at)?;
    audit::record_for_account(tx, account.id, origin, "account.password_reset")?;
    tx.changed(Topic::Credentials);
    Ok(account)
}
