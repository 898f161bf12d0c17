//! Guides: how something is done from beginning to end.

mod coaching;
mod oauth;
mod payments;
mod webhooks;

pub(super) use coaching::page as coaching;
pub use oauth::EXAMPLE as OAUTH_EXAMPLE;
pub(super) use oauth::page as oauth;
pub(super) use payments::page as payments;
pub(super) use webhooks::page as webhooks;
