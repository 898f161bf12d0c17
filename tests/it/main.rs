//! The tests of the whole program, over real sockets.

#![expect(
    clippy::expect_used,
    reason = "a test ends where a step fails; the lint knows tests by their attribute alone"
)]

mod support;

mod flows;
mod routes;
