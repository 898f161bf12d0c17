//! The tests of the whole program, over real sockets.

mod support;

mod routes;
mod openapi;
