//! One file a resource; the tree mirrors the URLs.

mod api_keys;
mod audit_log;
mod auth;
mod clients;
mod events;
mod messages;
mod open;
mod outbox;
mod pages;
mod requests;
mod workspaces;
mod webhooks;
