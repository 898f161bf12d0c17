//! What can be written of windows.

use super::{Owner, Window, store};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;

/// Writes the windows that changed.
pub fn save(tx: &Tx<'_>, windows: &[(Owner, Window)]) -> Result<()> {
    windows
        .iter()
        .try_for_each(|(owner, window)| store::save(tx, *owner, window))
}

/// Notes that the account is told, and how much it used by then; true only the first time in a
/// window, across restarts.
pub fn claim_warning(tx: &Tx<'_>, owner: Owner, opened_at: Timestamp, used: u32) -> Result<bool> {
    store::claim_warning(tx, owner, opened_at, used)
}

/// Removes the window of an account and mode.
pub fn forget(tx: &Tx<'_>, owner: Owner) -> Result<()> {
    store::delete(tx, owner)
}
