//! What can be done with the test inbox.

use super::{InboxMessage, MESSAGES_KEPT, Mood, store};
use crate::caller::{Mode, Permit, Tenant, WebhooksWrite};
use crate::db::Tx;
use crate::error::{Code, Error, Result};

/// The caller's tenant, if it is a test tenant.
pub fn test_tenant(tenant: Tenant) -> Result<Tenant> {
    if tenant.mode() == Mode::Live {
        let message = "Only a test credential has an inbox: live webhooks go to real receivers.";
        return Err(Error::with(Code::AuthForbidden, message));
    }
    Ok(tenant)
}

/// Sets what it answers.
pub fn set_mood(tx: &Tx<'_>, permit: &Permit<WebhooksWrite>, mood: Mood) -> Result<()> {
    store::set_mood(tx, test_tenant(permit.tenant())?, mood)
}

/// Removes all that it received.
pub fn empty(tx: &Tx<'_>, permit: &Permit<WebhooksWrite>) -> Result<()> {
    store::empty(tx, test_tenant(permit.tenant())?)
}

/// Takes something in; the oldest make room.
pub fn receive(tx: &Tx<'_>, tenant: Tenant, message: &InboxMessage) -> Result<()> {
    store::insert(tx, test_tenant(tenant)?, message)?;
    store::trim(tx, tenant, MESSAGES_KEPT)
}
