//! What the tests stand on: a real server on a real socket, with a clock that is moved by hand.

mod http;
mod server;

pub(crate) use http::{Answer, Caller, exchange, exchange_kept};
pub(crate) use server::{Coach, Server, logs};
