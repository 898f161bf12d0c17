//! The tests of the whole program, over real sockets.

mod process;
mod support;

mod routes;

mod cli;
mod crash;
