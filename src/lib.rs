//! Cadence: the open API platform of a coaching business in one file.
//!
//! The modules stand in dependency order: each uses only those above it.

// Ground: values and rules that know nothing of a server.
pub mod clock;
pub mod ids;
pub mod error;
pub mod bounded;
pub mod values;
pub mod secrets;
pub mod caller;
pub mod config;

// Storage and machinery.
pub mod db;
pub mod backup;
pub mod idempotency;
pub mod limits;
pub mod outside;
pub mod request_log;
pub mod app;
pub mod api;
pub mod events;
pub mod jobs;
pub mod outbox;

// Access: who is calling and what they may do.
pub mod access;
pub mod requests;
pub mod settings;

// Coaching: the product.
pub mod attention;
pub mod clients;
pub mod messages;
pub mod exercises;
pub mod programs;
pub mod workouts;
pub mod files;
pub mod check_ins;
pub mod payments;
pub mod overview;
pub mod mailing;
pub mod upkeep;
pub mod notices;
pub mod webhooks;
pub mod erasure;
pub mod sandbox;
pub mod demo;

// Edge and program.
pub mod openapi;
pub mod workers;
pub mod dashboard;
pub mod docs;
pub mod client_app;
pub mod server;
pub mod control;
pub mod cli;
