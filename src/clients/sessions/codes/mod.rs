//! Codes by mail: how a client comes back who is signed out.
//!
//! Whoever asks says an address. Each tenant in which a client of that address has joined sends that
//! client a code, in its own name and through its own outbox: somebody who is coached twice gets two
//! mails, each naming its workspace, and the code itself says which of the two is entered. No tenant
//! learns of another.
//!
//! # A code
//!
//! Eight characters, 40 bits. It works for ten minutes, once, and only in the browser that asked: that
//! was handed a random cookie, and what is kept is the digest of both together. So a code that is read
//! over somebody's shoulder, asked for on the telephone or guessed elsewhere opens nothing, and
//! neither does a copy of the database. A new one ends the older one of the same browser; the one that
//! is used ends all of its client.
//!
//! After five wrong tries a browser gets nowhere until it asks again. Tries are counted of every
//! browser that brings our cookie, also where there is no code for it.
//!
//! # Who may come back
//!
//! Who has joined, is active or paused, and has not taken back the consent to be coached here. Whoever
//! was only invited uses the invite; whoever was archived or erased is not let in. A code ends with
//! the address it was sent to, with the archive, and when the coach or the client ends a device.
//!
//! # What a stranger learns
//!
//! Nothing: every address gets the same answer at once, and looking for clients, counting and sending
//! come after it. A wrong code, one that ended, one of another browser and none at all are one
//! refusal. How many mails anybody can cause is bounded (`limits`), and what strangers ask for takes
//! nothing away from a client who asks from where the app was used before.
//!
//! A live tenant sends codes only where mail can leave: without a mail server, and on a restored server
//! that is quiet, none is made. In test mode the mail stays in the outbox, where the coach reads it.

pub mod actions;
pub mod routes;
pub mod store;

use super::{Consent, Home, stands};
use crate::access::extract::CODE_COOKIES;
use crate::clients::{Client, Status};
use crate::clock::{MINUTE_MS, Timestamp};
use crate::ids::{ClientId, MailId};
use crate::secrets::code::digest_of;
use crate::secrets::{Digest, Secret, digest};

/// How long a code works.
pub const CODE_MS: i64 = 10 * MINUTE_MS;
/// Tries of one browser with one code.
pub const TRIES_MAX: i64 = 5;

/// The consent without which nobody is let in.
const TERMS: &str = "terms";

/// Whether a client who joined may come back by a code.
pub fn may_come_back(client: &Client, consents: &[Consent]) -> bool {
    client.joined_at.is_some()
        && matches!(client.status, Status::Active | Status::Paused)
        && stands(consents, TERMS)
}

/// A code as it is kept.
#[derive(Clone, Debug)]
pub struct Code {
    /// Whom it lets in.
    pub client_id: ClientId,
    /// What of it is kept.
    pub proof: Proof,
    /// The mail that carries it.
    pub mail_id: MailId,
    /// When it ends, by the server's time.
    pub expires_at: Timestamp,
}

/// What a browser proves with a code: which one it is, and that it was given this code.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The digest of what the browser holds.
    pub browser: Digest,
    /// The digest of that and the code together.
    pub digest: Digest,
}

impl Proof {
    /// Of what the browser holds, and of a code.
    pub fn of(browser: &Secret, code: &Secret) -> Self {
        Self {
            browser: digest(browser.reveal()),
            digest: digest_of(code, browser),
        }
    }
}

/// A client who may come back, and where.
#[derive(Clone, Debug)]
pub struct Returning {
    /// The tenant, and what its workspace is called.
    pub home: Home,
    /// The client.
    pub client: Client,
    /// Where the client has been signed in, as far as that is kept.
    pub places: Vec<String>,
}

/// The header that hands a browser what it must bring with the code.
pub fn set_cookie(value: &Secret, https: bool) -> String {
    cookie(value.reveal(), https, CODE_MS / 1_000)
}

/// The header that takes it away.
pub fn clear_cookie(https: bool) -> String {
    cookie("", https, 0)
}

fn cookie(value: &str, https: bool, seconds: i64) -> String {
    let name = CODE_COOKIES[usize::from(!https)];
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}
