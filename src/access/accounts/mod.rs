//! Accounts: people who sign in.
//!
//! The first account of a server is its **owner** (jobs, configuration, accounts); later ones are
//! **coaches**. An owner sees no other coach's data. An account comes with a workspace, in which it
//! is a member, and that with two tenants: test and live.
//!
//! Invariant: there is no default password, and none is stored but as an argon2id hash.

pub mod actions;
pub mod mail;
pub mod store;

use crate::clock::Timestamp;
use crate::ids::AccountId;
use crate::values::Email;

/// An account.
#[derive(Debug)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The address that it signs in with.
    pub email: String,
    /// What it is called.
    pub name: String,
    /// `owner` or `coach`.
    pub role: String,
    /// The name of its plan.
    pub plan: String,
    /// `active` or `disabled`.
    pub status: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What an account is made of.
#[derive(Debug)]
pub struct NewAccount {
    /// The address that it signs in with.
    pub email: Email,
    /// What it is called.
    pub name: String,
    /// The argon2id hash of its password.
    pub password_hash: String,
    /// The name of its plan.
    pub plan: String,
}
