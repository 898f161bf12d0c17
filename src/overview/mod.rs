//! What is read across features: the list of clients, one client seen whole, how well a plan is followed,
//! and who needs the coach today.
//!
//! It reads, but for exports, which have a table; nothing that it reads depends on what is here. What
//! belongs to one feature is asked of that feature's store. The reasons of today are rows of [`crate::attention`], which the
//! features write; [`jobs`] tells it of those that only time and more than one feature decide.
//! [`export`] takes all of a client along, [`exports`] all of a tenant: a job with a file and a row of its
//! own. [`history`] is what the generator is told of a client.

pub mod adherence;
pub mod export;
pub mod exports;
pub mod history;
pub mod jobs;
pub mod roster;
pub mod routes;
pub mod store;
pub mod today;
