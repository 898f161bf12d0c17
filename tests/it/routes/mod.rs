//! One file a resource; the tree mirrors the URLs.

mod api_keys;
mod app;
mod audit_log;
mod auth;
mod client_import;
mod client_sessions;
mod docs;
mod checkins;
mod clients;
mod events;
mod exercises;
mod export;
mod messages;
mod open;
mod outbox;
mod pages;
mod photos;
mod payments;
mod programs;
mod requests;
mod settings;
mod today;
mod upkeep;
mod workouts;
mod workspaces;
mod webhooks;
