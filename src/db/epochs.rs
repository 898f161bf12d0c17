//! Counters that tell caches and workers that something was committed.
//!
//! A cache notes the epoch that it read before it read a row; an entry of an older epoch is a miss.
//! Removing entries after a write is not enough: a load that began before the write can finish after
//! the removal and put the old row back.
//!
//! Invariant: an epoch moves after COMMIT and before the write is answered, so whoever has the
//! answer also finds the caches stale.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

use crate::caller::Tenant;

/// A part of the data that is cached or waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Keys, sessions and tokens: what a caller is recognised by.
    Credentials,
    /// The log of what happened.
    Events,
    /// Work that waits to be done.
    Jobs,
    /// Webhooks, and what is to be delivered to them.
    Webhooks,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 4] = [Self::Credentials, Self::Events, Self::Jobs, Self::Webhooks];

    fn index(self) -> usize {
        self as usize
    }
}

/// A set of topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Topics(u8);

impl Topics {
    /// All of them.
    pub(super) fn all() -> Self {
        Topic::ALL.into_iter().fold(Self::default(), Self::with)
    }

    /// This set and one more.
    pub(super) fn with(self, topic: Topic) -> Self {
        Self(self.0 | 1 << topic.index())
    }

    /// What is in either.
    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn contains(self, topic: Topic) -> bool {
        self.0 & 1 << topic.index() != 0
    }
}

/// The counter of each topic.
#[derive(Debug)]
pub(super) struct Epochs {
    topics: [Epoch; Topic::ALL.len()],
    shards: [AtomicU64; SHARDS],
}

/// Tenants share so many counters: a write makes stale what is cached of a sixty-fourth of them.
const SHARDS: usize = 64;

fn shard(tenant: Tenant) -> usize {
    // The low byte is enough: the counters are a power of two, and fewer than 256.
    usize::from(tenant.number().to_le_bytes()[0]) % SHARDS
}

/// The bit of a tenant's counter among those of a batch.
pub(super) fn shard_bit(tenant: Tenant) -> u64 {
    1 << shard(tenant)
}

/// The number stands twice: an atomic for the caches, which ask at every request, and a channel for
/// the workers, which sleep on it.
#[derive(Debug)]
struct Epoch {
    now: AtomicU64,
    changed: watch::Sender<u64>,
}

impl Epochs {
    /// All at zero.
    pub(super) fn new() -> Self {
        Self {
            topics: Topic::ALL.map(|_| Epoch {
                now: AtomicU64::new(0),
                changed: watch::Sender::new(0),
            }),
            shards: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }

    /// How often this topic has changed.
    pub(super) fn get(&self, topic: Topic) -> u64 {
        self.topics[topic.index()].now.load(Ordering::Acquire)
    }

    /// Wakes when this topic changes.
    pub(super) fn subscribe(&self, topic: Topic) -> watch::Receiver<u64> {
        self.topics[topic.index()].changed.subscribe()
    }

    /// How often a tenant, or one that shares its counter, was touched.
    pub(super) fn of_tenant(&self, tenant: Tenant) -> u64 {
        self.shards[shard(tenant)].load(Ordering::Acquire)
    }

    /// Moves the tenants of a committed batch on.
    pub(super) fn bump_tenants(&self, shards: u64) {
        for (index, epoch) in self.shards.iter().enumerate() {
            if shards & (1 << index) != 0 {
                epoch.fetch_add(1, Ordering::AcqRel);
            }
        }
    }

    /// Moves the topics of a committed batch on.
    pub(super) fn bump(&self, topics: Topics) {
        for topic in Topic::ALL
            .into_iter()
            .filter(|topic| topics.contains(*topic))
        {
            let epoch = &self.topics[topic.index()];
            let now = epoch.now.fetch_add(1, Ordering::AcqRel) + 1;
            epoch.changed.send_replace(now);
        }
    }
}
