//! The tests of the whole program, over real sockets.

mod source;
mod support;

mod architecture;
mod schema;
mod coverage;
mod secrets;

mod routes;
