//! What can be done to notices.

use super::{NoticeKind, Told, store};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{AccountId, NoticeId};

/// Tells a stage of a subject, in the transaction of what it follows from; false if that stage was
/// told before, also before a restart. Mail goes with a true.
pub fn tell(tx: &Tx<'_>, tenant: Tenant, told: &Told) -> Result<bool> {
    store::tell(tx, tenant, told)
}

/// Ends what was told of a subject: it is no longer so.
pub fn end(
    tx: &Tx<'_>,
    tenant: Tenant,
    kind: NoticeKind,
    subject: &str,
    now: Timestamp,
) -> Result<()> {
    store::end(tx, tenant, kind.name(), subject, now)
}

/// Puts a notice aside for an account.
pub fn dismiss(tx: &Tx<'_>, account: AccountId, id: NoticeId, now: Timestamp) -> Result<()> {
    store::dismiss(tx, account, id, now)
}
