//! Cadence: the open API platform of a coaching business in one file.
//!
//! The modules stand in dependency order: each uses only those above it.

// Ground: values and rules that know nothing of a server.
pub mod error;
/// The one place that asks the machine for the time.
pub mod clock;
/// Prefixed, time-sortable ids.
pub mod ids;
/// Values that are valid once they exist.
pub mod values;
/// Passwords, tokens, sealing.
pub mod secrets;
