//! The client app: what a client sees and does on the own phone.
//!
//! Two faces of one thing. The API under `/v1/app/` ([`routes`]) and the pages under `/app/`
//! ([`pages`]) read by the same functions ([`view`]) and write by the same [`actions`]. The pages are
//! made on the server and work without a script: reading, logging sets, writing to the coach. A
//! script only adds to them.
//!
//! # Whose data
//!
//! Both are for a client who is signed in on a device. Whose data it is comes from the session and
//! from nothing else: no path, form or body names a client. A program that is not active is not
//! shown (a coach approves it first), and nothing is shown that a coach keeps apart.
//!
//! # Consents
//!
//! Whoever takes back the consent to the use of health data can read on and write messages, but
//! nothing about health is taken in any more (training, check-ins, photos), until it is given again.
//! Whoever takes back the consent to be coached here is signed out everywhere. The coach is told of
//! either by an event and a notice. What was shared before stays with the coach until it is erased.
//!
//! [`join`] is the way in: the page behind the install link. Whoever was in before comes back by a
//! code, at `/app/sign-in` ([`pages`]).

pub mod actions;
pub mod body;
pub mod join;
pub mod pages;
pub mod plan;
pub mod routes;
pub mod view;
