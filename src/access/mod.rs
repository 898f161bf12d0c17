//! Who is calling, and what they may do: accounts, workspaces, keys, the audit log.

pub mod accounts;
pub mod api_keys;
pub mod audit;
pub mod extract;
pub mod heads_up;
pub mod oauth;
pub mod sessions;
pub mod workspaces;
