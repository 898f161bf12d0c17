//! Refresh tokens: each is used once and answered with its successor.
//!
//! # Lost answers
//!
//! An app that never saw the answer asks again with the same token. For 30 seconds it gets the same
//! answer, byte for byte, kept sealed for that long; nothing is rotated twice. That holds for the
//! token immediately before the one that is in use and for none before it.
//!
//! # Reuse
//!
//! Any other use of a spent token means that two hold it, and nobody can tell who is the thief: the
//! whole family ends, the audit log says so, and the coach is told.
//!
//! All of it is decided by the one thread that writes, so fifty requests at once are one rotation.

pub mod actions;
pub mod store;

use crate::caller::Tenant;
use crate::clock::{DAY_MS, SECOND_MS, Timestamp};
use crate::ids::FamilyId;

/// A refresh token that is not used for so long ends.
pub const IDLE_MS: i64 = 30 * DAY_MS;
/// For so long a lost answer is given again.
pub const GRACE_MS: i64 = 30 * SECOND_MS;

/// A refresh token as it is kept.
#[derive(Debug)]
pub struct RefreshToken {
    /// The tenant that it acts for.
    pub tenant: Tenant,
    /// The family that it belongs to.
    pub family_id: FamilyId,
    /// Its place in the family, beginning with 1.
    pub generation: i64,
    /// It ends if it is not used until here.
    pub idle_expires_at: Timestamp,
    /// When it was used.
    pub spent_at: Option<Timestamp>,
    /// What it was answered with, sealed, for as long as that may be given again.
    pub answer: Option<Vec<u8>>,
    /// Until when the answer may be given again.
    pub answer_until: Option<Timestamp>,
    /// When it was issued.
    pub created_at: Timestamp,
}
