//! The bytes that are sent.

use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;

use super::http::Fill;
use super::server::Key;

/// A GET with a key, or without one.
pub(crate) fn get(path: &str, key: Option<&Key>) -> Vec<u8> {
    let authorization = authorization(key);
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}\r\n").into_bytes()
}

/// A POST of a body.
pub(crate) fn post(path: &str, key: Option<&Key>, media_type: &str, body: &str) -> Vec<u8> {
    let authorization = authorization(key);
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}\
         Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn authorization(key: Option<&Key>) -> String {
    key.map_or_else(String::new, |key| {
        format!("Authorization: Bearer {}\r\n", key.plaintext)
    })
}

/// The same request again and again.
pub(crate) fn same(request: Vec<u8>) -> Fill {
    Rc::new(move |bytes| bytes.extend_from_slice(&request))
}

/// These requests in turn.
pub(crate) fn in_turn(requests: Vec<Vec<u8>>) -> Fill {
    let next = Cell::new(0);
    Rc::new(move |bytes| {
        bytes.extend_from_slice(&requests[next.get() % requests.len()]);
        next.set(next.get() + 1);
    })
}

/// In what order keys and addresses come.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    /// One after the other, as from a counter.
    Sequential,
    /// As from random UUIDs: each lands on a page of its own.
    Random,
}

/// Numbers that look random; the same in every run.
pub(crate) struct Scatter(Cell<u64>);

impl Scatter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    /// The next number (splitmix64).
    pub(crate) fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn uuid(&self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFF,
            0x8000 | (low >> 50),
            low & 0xFFFF_FFFF_FFFF
        )
    }
}

/// Creates of clients, each under a key and an address of its own. `series` keeps those of several
/// loads apart.
pub(crate) fn creates(key: &Key, order: Order, series: u64) -> Fill {
    let head = format!(
        "POST /v1/clients HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nIdempotency-Key: ",
        key.plaintext
    );
    let number = Cell::new(0_u64);
    let scatter = Scatter::new(series << 32);
    Rc::new(move |bytes| {
        number.set(number.get() + 1);
        let unique = match order {
            Order::Sequential => format!("{series:04}-{:012}", number.get()),
            Order::Random => scatter.uuid(),
        };
        let body = format!(r#"{{"name":"Client {unique}","email":"{unique}@load.example"}}"#);
        let length = body.len();
        bytes.extend_from_slice(head.as_bytes());
        // Writing into memory does not fail.
        drop(write!(
            bytes,
            "{unique}\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
    })
}
