//! Guides: how something is done from beginning to end.

mod oauth;

pub use oauth::EXAMPLE as OAUTH_EXAMPLE;
pub(super) use oauth::page as oauth;
