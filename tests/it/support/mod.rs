//! What the tests stand on: a real server on a real socket, with a clock that is moved by hand.

mod form;
mod http;
mod receiver;
mod server;
mod smtp;

use std::sync::mpsc;
use std::time::{Duration, Instant};

pub(crate) use form::{drawn, encoded, form, form_type, jpeg};
pub(crate) use http::{Answer, Caller, exchange, exchange_kept};
pub(crate) use receiver::{Behaviour, Receiver};
pub(crate) use server::{Coach, PASSWORD, Server, logs};
pub(crate) use smtp::{MailServer, Manner};

/// What is waited for comes sooner by far.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits for what happens beside the requests.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let (_open, never) = mpsc::channel::<()>();
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}: it does not come");
        let waited = never.recv_timeout(Duration::from_millis(5));
        assert!(waited.is_err(), "nobody sends");
    }
}
