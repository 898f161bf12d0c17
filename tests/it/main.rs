//! The tests of the whole program, over real sockets.

mod process;
mod support;

mod openapi;
mod routes;

mod cli;
mod crash;
