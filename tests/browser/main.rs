//! The dashboard and the client's pages in a real Chromium.
//!
//! Where Chromium or chromedriver is not installed these tests say that they did not run; in CI
//! that is a failure.

#![expect(
    clippy::disallowed_methods,
    reason = "a browser is asked until it is there, and CI says by the environment what it has"
)]
#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::expect_used, reason = "a test fails where it stands")]
#![expect(clippy::panic, reason = "a test fails where it stands")]

mod chromium;
#[expect(dead_code, reason = "shared with the other tests, which use all of it")]
#[path = "../it/process.rs"]
mod process;

mod looking;
mod parts;
mod place;
mod wire;

mod client_app;
mod coach;
mod first_screen;
mod join;
mod journeys;
mod pages;
mod pictures;
mod programs;
mod saving;
mod signing_in;
mod oauth;
mod webhooks;
mod whole_loop;
