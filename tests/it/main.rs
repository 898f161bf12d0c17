//! The tests of the whole program, over real sockets.

mod openapi;
