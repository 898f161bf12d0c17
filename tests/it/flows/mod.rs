//! What holds across resources.

mod bad_input;
mod disk_full;
mod escalation;
mod exactly_once;
mod revocation;
mod seed_curls;
