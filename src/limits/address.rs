//! Guards per address: requests without an accepted credential, and connections.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use moka::sync::Cache;

use crate::clock::{MINUTE_MS, SECOND_MS, Timestamp};
use crate::error::{Code, Error};
use crate::ids::SessionId;

/// Addresses kept in memory.
const ADDRESSES_KEPT: u64 = 100_000;

/// A provider hands out whole blocks of IPv6 addresses: one counts as one.
pub(super) fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Counts failures per address in fixed minutes.
pub struct AddressGuard(FailureGuard<IpAddr>);

impl AddressGuard {
    /// A guard that lets so many failures a minute through.
    pub fn new(limit: u32) -> Self {
        Self(FailureGuard::new(limit))
    }

    /// Counts a failure; past the limit it is the refusal to answer with instead.
    pub fn fail(&self, address: IpAddr, now: Timestamp) -> Result<(), Error> {
        self.0.fail(block(address), now)
    }
}

/// Counts failures of whatever fails, in fixed minutes.
pub struct FailureGuard<K> {
    limit: u32,
    counts: Cache<K, Arc<Mutex<(Timestamp, u32)>>>,
}

impl<K: Hash + Eq + Send + Sync + 'static> FailureGuard<K> {
    /// A guard that lets so many failures a minute through.
    pub fn new(limit: u32) -> Self {
        Self {
            limit,
            counts: Cache::new(ADDRESSES_KEPT),
        }
    }

    /// Counts a failure; past the limit it is the refusal to answer with instead.
    pub fn fail(&self, key: K, now: Timestamp) -> Result<(), Error> {
        let count = self.counts.get_with(key, || Arc::new(Mutex::new((now, 0))));
        let Some(seconds) = past(&count, self.limit, now) else {
            return Ok(());
        };
        let message = "Too many requests without an accepted credential from this address.";
        Err(Error::with(Code::RateLimited, message)
            .extra("policy", "address")
            .extra("limit", self.limit)
            .retry_after(seconds))
    }
}

/// Requests of a session in fixed minutes: its account's limit is not touched by a dashboard, and a
/// script that runs away in a tab stops here.
pub struct SessionGuard<K = SessionId> {
    limit: u32,
    counts: Cache<K, Arc<Mutex<(Timestamp, u32)>>>,
}

impl<K: Eq + Hash + Send + Sync + 'static> SessionGuard<K> {
    /// A guard that lets so many requests a minute through.
    pub fn new(limit: u32) -> Self {
        Self {
            limit,
            counts: Cache::new(ADDRESSES_KEPT),
        }
    }

    /// Counts a request; past the limit it is refused.
    pub fn count(&self, session: K, now: Timestamp) -> Result<(), Error> {
        let count = self
            .counts
            .get_with(session, || Arc::new(Mutex::new((now, 0))));
        let Some(seconds) = past(&count, self.limit, now) else {
            return Ok(());
        };
        Err(
            Error::with(Code::RateLimited, "Too many requests of this session.")
                .extra("policy", "session")
                .extra("limit", self.limit)
                .retry_after(seconds),
        )
    }
}

/// Counts one in the minute; past the limit, the seconds that are left of it.
fn past(count: &Mutex<(Timestamp, u32)>, limit: u32, now: Timestamp) -> Option<u32> {
    let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
    let age_ms = now.since_ms(count.0);
    if !(0..MINUTE_MS).contains(&age_ms) {
        *count = (now, 0);
    }
    count.1 = count.1.saturating_add(1);
    if count.1 <= limit {
        return None;
    }
    let left_ms = MINUTE_MS - now.since_ms(count.0);
    let seconds = u32::try_from((left_ms + SECOND_MS - 1) / SECOND_MS).unwrap_or(60);
    Some(seconds.max(1))
}

/// Open connections per address.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<HashMap<IpAddr, u32>>>);

impl Connections {
    /// Counts a connection until the guard is dropped; none if the address has too many.
    pub fn admit(&self, address: IpAddr, limit: u32) -> Option<Admitted> {
        let address = block(address);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_insert(0);
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(Admitted {
            address,
            all: self.clone(),
        })
    }
}

/// A connection that is counted.
pub struct Admitted {
    address: IpAddr,
    all: Connections,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut counts = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_so_many_connections_and_gets_them_back() {
        let connections = Connections::default();
        let here = address("198.51.100.7");
        let mut held: Vec<Admitted> = (0..3)
            .map(|_| connections.admit(here, 3).unwrap())
            .collect();

        assert!(connections.admit(here, 3).is_none());
        assert!(connections.admit(address("198.51.100.8"), 3).is_some());
        held.pop();
        let again = connections.admit(here, 3);
        assert!(again.is_some());
        assert!(connections.admit(here, 3).is_none());
        drop((again, held));
        assert!(connections.0.lock().unwrap().is_empty());
    }

    #[test]
    fn a_block_of_ipv6_is_one_address_and_a_mapped_one_is_ipv4() {
        let connections = Connections::default();
        let _one = connections.admit(address("2001:db8:1:2::1"), 1);
        assert!(
            connections
                .admit(address("2001:db8:1:2:ffff::9"), 1)
                .is_none()
        );
        assert!(connections.admit(address("2001:db8:1:3::1"), 1).is_some());
        let _four = connections.admit(address("198.51.100.7"), 1);
        assert!(
            connections
                .admit(address("::ffff:198.51.100.7"), 1)
                .is_none()
        );
    }

    #[test]
    fn failures_count_in_fixed_minutes_and_a_clock_that_steps_back_begins_anew() {
        let guard = AddressGuard::new(2);
        let here = address("198.51.100.7");
        let at = |ms| Timestamp::from_ms(1_000_000 + ms);
        assert!(guard.fail(here, at(0)).is_ok());
        assert!(guard.fail(here, at(1)).is_ok());
        let refused = guard.fail(here, at(30_001)).unwrap_err();
        assert_eq!(refused.retry_after_s(), Some(30));
        assert!(guard.fail(here, at(MINUTE_MS - 1)).is_err());
        assert!(guard.fail(here, at(MINUTE_MS)).is_ok());
        assert!(guard.fail(here, at(MINUTE_MS)).is_ok());
        assert!(guard.fail(here, at(MINUTE_MS)).is_err());
        assert!(guard.fail(here, at(-1)).is_ok());
    }
}
