//! The tests of the whole program, over real sockets.

mod process;
mod source;
mod support;

mod architecture;
mod schema;
mod coverage;
mod openapi;
mod secrets;

mod routes;

mod cli;
mod crash;
