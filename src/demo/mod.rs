//! Where there is nobody's own data, and what is put there: the sandbox of `cadence dev`, the demo
//! of `serve --demo`, sample data in a coach's test mode.
//!
//! **Sample data** is a coaching business of some months: clients with their stories, threads,
//! sixteen weeks of programs, trainings, check-ins, measurements and payments, drawn photos, keys in
//! every state, a month of calls, webhooks with their logs. It is made of [`seed::PARTS`], to which
//! each feature adds its own; the same seed gives the same data each time, with dates relative to
//! now. It goes into a test tenant and through the same actions as anything else, in many short
//! writes that are all carried out or all taken back ([`filling`]). What was made is remembered, so
//! that it can be taken away without touching what the coach made herself; the events that tell of
//! it stay, since the feed has no holes.
//!
//! **Happenings** ([`happenings::HAPPENINGS`]) make something happen in the demo, on a button.

pub mod actions;
pub mod filling;
pub mod happenings;
pub mod home;
pub mod routes;
pub mod seed;
pub mod store;
mod check_ins;
mod courses;
mod diaries;
mod hooks;
mod loads;
mod money;
mod parts;
mod performed;
mod pictures;
mod stories;
mod traffic;
mod training;
