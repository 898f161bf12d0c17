//! Cadence: the open API platform of a coaching business in one file.
//!
//! The modules stand in dependency order: each uses only those above it.

// Ground: values and rules that know nothing of a server.
pub mod clock;
pub mod ids;
pub mod error;
pub mod db;
