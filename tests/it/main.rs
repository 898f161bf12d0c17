//! The tests of the whole program, over real sockets.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test says what it needs, and fails where it is not so"
)]
#![expect(
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "a test tells one story, from its beginning to its end"
)]

mod process;
mod source;
mod support;
mod vocabularies;

mod architecture;
mod schema;
mod coverage;
mod openapi;
mod secrets;
mod catalogue;
mod generator;

mod flows;
mod routes;

mod cli;
mod cli_import;
mod crash;
mod crash_payments;
mod crash_refresh;
mod demo;
mod dev;
mod durable;
mod aiosmtpd;
mod mail_crash;
mod kills;
