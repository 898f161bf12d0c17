//! What is read across features: one client seen whole, and how well a plan is followed.
//!
//! It only reads. What belongs to one feature is asked of that feature's store; nothing here has a
//! table of its own, and nothing depends on what is here.

pub mod adherence;
pub mod routes;
