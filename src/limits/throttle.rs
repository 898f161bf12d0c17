//! Wrong passwords: who has to wait, and who need not because of them.
//!
//! Three counters stand in the way of a guesser. A **place** is one account seen from one address (an
//! IPv6 address counts by its /64): five wrong passwords are free, then each one doubles the wait,
//! from one second to a quarter of an hour. An **address** counts over all accounts, twenty free. An
//! **account** counts over all addresses, fifty free: many machines together get no further.
//!
//! The last two would let a stranger lock an owner out, so they do not bind a **known** device: one
//! that brings a cookie of a session of the account, or comes from an address where the account has
//! signed in within 30 days. It answers for its own wrong passwords alone. And whoever proves to read
//! the account's mail, or to own the machine, sets the password anew and with that every counter of
//! the account to nought. So a stranger can slow a sign-in down from where its owner never was, and
//! never end it for good.
//!
//! Mails that anybody can ask for are few as well: links of a forgotten password, and codes by which
//! clients come back. Of the codes a **known** place has an allowance of its own, which no stranger
//! can use up.
//!
//! An account that does not exist is counted like any other. Counters are in memory: a restart
//! forgives. They end 24 hours after the last failure.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use super::address::block;
use crate::clock::{DAY_MS, MINUTE_MS, SECOND_MS, Timestamp};
use crate::error::{Code, Error, Result};
use crate::secrets::{Digest, digest_parts};

/// Counters kept in memory.
const KEPT: u64 = 200_000;
/// A counter that nobody asked for in so long is forgotten, in real time.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(48);
/// Attempts of one counter that are verified at once while it has free failures.
const AT_ONCE: u32 = 16;
/// The longest wait.
const LONGEST_MS: i64 = 15 * MINUTE_MS;

const FREE_OF_PLACE: u32 = 5;
const FREE_OF_ADDRESS: u32 = 20;
const FREE_OF_ACCOUNT: u32 = 50;

/// Reset mails to one account in [`RESETS_WITHIN_MS`], asked for by one address: a stranger who asks
/// leaves some to its owner.
const RESETS_OF_PLACE: usize = 3;
/// The same, by all addresses together.
const RESETS_OF_ACCOUNT: usize = 9;
/// The same asked for by one address, for whomever.
const RESETS_OF_ADDRESS: usize = 20;
const RESETS_WITHIN_MS: i64 = 60 * MINUTE_MS;

/// Codes to one address in [`CODES_WITHIN_MS`], asked for from one place.
const CODES_OF_PLACE: usize = 3;
/// The same from all unknown places together: so many mails a stranger can cause.
const CODES_OF_CLIENT: usize = 5;
/// The same from one unknown place, to whomever.
const CODES_OF_ADDRESS: usize = 20;
/// The same from all unknown places, to whomever.
const CODES_IN_ALL: usize = 600;
const CODES_WITHIN_MS: i64 = 60 * MINUTE_MS;

/// Failures of one counter.
#[derive(Debug, Default)]
struct Counter {
    failures: u32,
    /// Attempts that are being verified.
    running: u32,
    last: Timestamp,
}

impl Counter {
    /// Milliseconds to wait before the next attempt.
    fn wait_ms(&self, free: u32, now: Timestamp) -> i64 {
        if self.failures < free {
            let full = self.running >= AT_ONCE;
            return if full { SECOND_MS } else { 0 };
        }
        let doublings = (self.failures - free).min(20);
        let delay_ms = (SECOND_MS << doublings).min(LONGEST_MS);
        let waited_ms = now.since_ms(self.last).max(0);
        let left_ms = delay_ms - waited_ms;
        if left_ms > 0 {
            return left_ms;
        }
        // One at a time from here on: what runs may be about to fail.
        if self.running > 0 { SECOND_MS } else { 0 }
    }

    fn forget_old(&mut self, now: Timestamp) {
        if now.since_ms(self.last) >= DAY_MS {
            self.failures = 0;
        }
    }
}

type Counters = Cache<Digest, Arc<Mutex<Counter>>>;

/// The guard of the sign-in.
pub struct SignInGuard {
    counters: Counters,
    /// How often an account was forgiven: what was counted of it before is of another number.
    forgiven: Cache<Digest, u64>,
    mails: Cache<Digest, Arc<Mutex<VecDeque<Timestamp>>>>,
}

/// How a device is known to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Device {
    /// Not at all.
    Unknown,
    /// It comes from where the account has signed in.
    Address,
    /// It brought the cookie of a session of the account: the session's id.
    Session(String),
}

/// An attempt that is being verified. Dropped without a verdict it counts as failed: whoever hangs up
/// before the answer has still made the server work.
pub struct Attempt {
    bound: Vec<Arc<Mutex<Counter>>>,
    now: Timestamp,
    judged: bool,
}

impl SignInGuard {
    /// A guard that has counted nothing.
    pub fn new() -> Self {
        Self {
            counters: Cache::builder()
                .max_capacity(KEPT)
                .time_to_idle(FORGOTTEN_AFTER)
                .build(),
            forgiven: Cache::new(KEPT),
            mails: Cache::new(KEPT),
        }
    }

    /// An account as its counters know it: forgiving it makes it another.
    fn account(&self, email_key: &str) -> Vec<u8> {
        let key = digest_parts(&[b"forgiven", email_key.as_bytes()]);
        let times = self.forgiven.get(&key).unwrap_or(0);
        [&times.to_be_bytes()[..], email_key.as_bytes()].concat()
    }

    /// Begins an attempt at an account, by the key of its address; refused while it has to wait.
    pub fn begin(
        &self,
        email_key: &str,
        from: Option<IpAddr>,
        device: &Device,
        now: Timestamp,
    ) -> Result<Attempt> {
        let from = block_text(from);
        let account = &self.account(email_key)[..];
        let mut bound = Vec::new();
        match device {
            Device::Session(id) => {
                let key = digest_parts(&[b"device", account, id.as_bytes()]);
                bound.push((FREE_OF_PLACE, key));
            }
            Device::Address | Device::Unknown => {
                let key = digest_parts(&[b"place", account, from.as_bytes()]);
                bound.push((FREE_OF_PLACE, key));
            }
        }
        if *device == Device::Unknown {
            let address = digest_parts(&[b"address", from.as_bytes()]);
            bound.push((FREE_OF_ADDRESS, address));
            bound.push((FREE_OF_ACCOUNT, digest_parts(&[b"account", account])));
        }
        let mut wait_ms = 0;
        for (free, key) in &bound {
            // Whoever has to wait makes no further counters: they would push out those of others.
            if let Some(counter) = self.counters.get(key) {
                wait_ms = wait_ms.max(counted(&counter, *free, now));
            }
        }
        if wait_ms > 0 {
            return Err(refusal(wait_ms));
        }
        let bound: Vec<_> = bound
            .into_iter()
            .map(|(free, key)| (free, self.counters.get_with(key, Arc::default)))
            .collect();
        for (free, counter) in &bound {
            wait_ms = wait_ms.max(counted(counter, *free, now));
        }
        if wait_ms > 0 {
            return Err(refusal(wait_ms));
        }
        let bound: Vec<_> = bound.into_iter().map(|(_, counter)| counter).collect();
        for counter in &bound {
            let mut counter = counter.lock().unwrap_or_else(PoisonError::into_inner);
            counter.running += 1;
        }
        Ok(Attempt {
            bound,
            now,
            judged: false,
        })
    }

    /// Forgets what was counted of an account, wherever it came from, and of an address: whoever
    /// could set the password anew is the owner.
    pub fn forgive(&self, email_key: &str, from: Option<IpAddr>) {
        let key = digest_parts(&[b"forgiven", email_key.as_bytes()]);
        let times = self.forgiven.get(&key).unwrap_or(0);
        self.forgiven.insert(key, times + 1);
        if from.is_some() {
            let from = block_text(from);
            let address = digest_parts(&[b"address", from.as_bytes()]);
            self.counters.invalidate(&address);
        }
    }

    /// Whether a reset mail may be sent, which counts it.
    pub fn admit_reset(&self, email_key: &str, from: Option<IpAddr>, now: Timestamp) -> bool {
        let from = block_text(from);
        let address = digest_parts(&[b"reset address", from.as_bytes()]);
        let account = digest_parts(&[b"reset account", email_key.as_bytes()]);
        let place = digest_parts(&[b"reset place", email_key.as_bytes(), from.as_bytes()]);
        let admit = |key, most| self.admit(key, (most, RESETS_WITHIN_MS), now);
        admit(address, RESETS_OF_ADDRESS)
            && admit(place, RESETS_OF_PLACE)
            && admit(account, RESETS_OF_ACCOUNT)
    }

    /// Whether a code may be sent to an address, which counts it. `known` says that a client of this
    /// address has used the app from there: then nobody else's asking stands in the way.
    pub fn admit_code(
        &self,
        email_key: &str,
        from: Option<IpAddr>,
        known: bool,
        now: Timestamp,
    ) -> bool {
        let from = block_text(from);
        let admit = |key, most| self.admit(key, (most, CODES_WITHIN_MS), now);
        let place = digest_parts(&[b"code place", email_key.as_bytes(), from.as_bytes()]);
        if known {
            return admit(place, CODES_OF_PLACE);
        }
        let address = digest_parts(&[b"code address", from.as_bytes()]);
        let client = digest_parts(&[b"code client", email_key.as_bytes()]);
        // In this order: what is refused takes nothing away from the allowances behind it.
        admit(address, CODES_OF_ADDRESS)
            && admit(place, CODES_OF_PLACE)
            && admit(client, CODES_OF_CLIENT)
            && admit(digest_parts(&[b"codes in all"]), CODES_IN_ALL)
    }

    fn admit(&self, key: Digest, (most, within_ms): (usize, i64), now: Timestamp) -> bool {
        let times = self.mails.get_with(key, Arc::default);
        let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
        times.retain(|at| now.since_ms(*at) < within_ms);
        if times.len() >= most {
            return false;
        }
        times.push_back(now);
        true
    }
}

impl Default for SignInGuard {
    fn default() -> Self {
        Self::new()
    }
}

impl Attempt {
    /// The password was wrong.
    pub fn failed(self) {
        drop(self);
    }

    /// The server did not get to look at the password.
    pub fn taken_back(mut self) {
        self.judged = true;
    }

    /// The password was right: the place, which is the first, begins anew.
    pub fn succeeded(mut self) {
        self.judged = true;
        if let Some(place) = self.bound.first() {
            let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
            place.failures = 0;
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        for counter in &self.bound {
            let mut counter = counter.lock().unwrap_or_else(PoisonError::into_inner);
            counter.running = counter.running.saturating_sub(1);
            if !self.judged {
                counter.failures = counter.failures.saturating_add(1);
                counter.last = counter.last.max(self.now);
            }
        }
    }
}

/// How long a counter has its next attempt wait.
fn counted(counter: &Mutex<Counter>, free: u32, now: Timestamp) -> i64 {
    let mut counter = counter.lock().unwrap_or_else(PoisonError::into_inner);
    counter.forget_old(now);
    counter.wait_ms(free, now)
}

/// An address as it is counted by.
pub fn block_text(address: Option<IpAddr>) -> String {
    address.map_or_else(String::new, |address| block(address).to_string())
}

fn refusal(wait_ms: i64) -> Error {
    let seconds = u32::try_from((wait_ms + SECOND_MS - 1) / SECOND_MS).unwrap_or(1);
    let message = "Too many attempts to sign in. Wait for as long as Retry-After says.";
    Error::with(Code::RateLimited, message)
        .extra("policy", "sign_in")
        .retry_after(seconds.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(1_780_488_000_000 + ms)
    }

    fn address(number: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from(0xc633_6400 + number))
    }

    fn fail(guard: &SignInGuard, from: u32, device: &Device, now: Timestamp) -> Result<()> {
        let attempt = guard.begin("ana@example.com", Some(address(from)), device, now)?;
        attempt.failed();
        Ok(())
    }

    #[test]
    fn five_wrong_passwords_are_free_and_then_the_wait_doubles() {
        let guard = SignInGuard::new();
        for _ in 0..5 {
            fail(&guard, 1, &Device::Unknown, at(0)).unwrap();
        }

        let mut now = 0;
        for expected in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            let refused = fail(&guard, 1, &Device::Unknown, at(now)).unwrap_err();
            assert_eq!(refused.retry_after_s(), Some(expected));
            now += i64::from(expected) * SECOND_MS;
            fail(&guard, 1, &Device::Unknown, at(now)).unwrap();
        }
        assert!(fail(&guard, 2, &Device::Unknown, at(now)).is_ok());
    }

    #[test]
    fn many_addresses_together_get_no_further_and_a_known_device_is_not_held_up() {
        let guard = SignInGuard::new();
        let let_through = (10..1_010)
            .filter(|number| fail(&guard, *number, &Device::Unknown, at(0)).is_ok())
            .count();

        assert_eq!(let_through, 50);
        assert!(fail(&guard, 2_000, &Device::Unknown, at(0)).is_err());
        assert!(fail(&guard, 1, &Device::Address, at(0)).is_ok());
        assert!(fail(&guard, 2_000, &Device::Session("ses_1".to_owned()), at(0)).is_ok());
        guard.forgive("ana@example.com", None);
        assert!(fail(&guard, 2_000, &Device::Unknown, at(0)).is_ok());
    }

    #[test]
    fn attempts_at_once_cannot_outrun_the_count() {
        let guard = SignInGuard::new();
        let begin = || guard.begin("ana@example.com", Some(address(1)), &Device::Unknown, at(0));
        let running: Vec<Attempt> = (0..AT_ONCE).map(|_| begin().unwrap()).collect();

        assert!(begin().is_err());
        running.into_iter().for_each(Attempt::taken_back);
        begin().unwrap().taken_back();
        for _ in 0..5 {
            begin().unwrap().failed();
        }
        assert!(begin().is_err());
    }

    #[test]
    fn an_attempt_that_nobody_waits_for_counts_as_failed() {
        let guard = SignInGuard::new();
        let begin = || guard.begin("ana@example.com", Some(address(1)), &Device::Unknown, at(0));
        for _ in 0..5 {
            drop(begin().unwrap());
        }

        assert!(begin().is_err());
    }

    #[test]
    fn whoever_has_to_wait_makes_no_further_counters() {
        let guard = SignInGuard::new();
        let ask = |number: u32| {
            let email = format!("{number}@example.com");
            let begun = guard.begin(&email, Some(address(1)), &Device::Unknown, at(0));
            begun.map(Attempt::failed).is_ok()
        };

        assert_eq!((0..10_000).filter(|number| ask(*number)).count(), 20);
        guard.counters.run_pending_tasks();
        assert_eq!(guard.counters.entry_count(), 1 + 2 * 20);
    }

    #[test]
    fn a_day_without_failures_forgets_them() {
        let guard = SignInGuard::new();
        for _ in 0..5 {
            fail(&guard, 1, &Device::Unknown, at(0)).unwrap();
        }

        assert!(fail(&guard, 1, &Device::Unknown, at(0)).is_err());
        for _ in 0..5 {
            fail(&guard, 1, &Device::Unknown, at(DAY_MS)).unwrap();
        }
    }

    #[test]
    fn reset_mails_are_few_and_of_one_account_fewer() {
        let guard = SignInGuard::new();
        let asked = |email: &str, ms| guard.admit_reset(email, Some(address(1)), at(ms));

        assert!((0..3).all(|_| asked("ana@example.com", 0)));
        assert!(!asked("ana@example.com", 0));
        let owner = guard.admit_reset("ana@example.com", Some(address(2)), at(0));
        assert!(owner, "a stranger took the owner's");
        assert!(asked("ana@example.com", RESETS_WITHIN_MS));
        let others = (0..30).filter(|n| asked(&format!("{n}@example.com"), RESETS_WITHIN_MS));
        assert_eq!(others.count(), RESETS_OF_ADDRESS - 1);
    }

    #[test]
    fn codes_are_few_and_strangers_leave_those_of_a_known_place_alone() {
        let guard = SignInGuard::new();
        let asked = |email: &str, from, known, ms| {
            guard.admit_code(email, Some(address(from)), known, at(ms))
        };
        let of =
            |email: &str, from, known| (0..20).filter(|_| asked(email, from, known, 0)).count();

        assert_eq!(of("ana@example.com", 1, false), 3);
        assert_eq!(of("ana@example.com", 2, false), 2, "five from strangers");
        assert_eq!(of("ana@example.com", 3, false), 0);
        assert_eq!(of("ana@example.com", 4, true), 3, "her own place");
        assert!(asked("rui@example.com", 5, false, 0), "another address");
        assert!(asked("ana@example.com", 3, false, CODES_WITHIN_MS));
        let many = (0..40).filter(|n| asked(&format!("{n}@example.com"), 6, false, 0));
        assert_eq!(many.count(), CODES_OF_ADDRESS);
    }

    #[test]
    fn all_strangers_together_cause_so_many_codes_and_a_known_place_gets_its_own() {
        let guard = SignInGuard::new();
        let asked = |from: u32, known| {
            let email = format!("{from}@example.com");
            guard.admit_code(&email, Some(address(from)), known, at(0))
        };

        let strangers = (0..2_000).filter(|from| asked(*from, false)).count();

        assert_eq!(strangers, CODES_IN_ALL);
        assert!(asked(1_999, true));
    }
}
