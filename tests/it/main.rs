//! The tests of the whole program, over real sockets.

mod support;

mod openapi;
mod routes;
