//! Streams that are open, per tenant, and exports that are made or handed out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::caller::Tenant;
use crate::error::{Code, Error, Result};

/// Streams that one tenant may have open.
pub const STREAMS_PER_TENANT: u32 = 20;
/// Streams that may be open in all.
const STREAMS_IN_ALL: u32 = 1_000;
/// When to ask again.
const RETRY_AFTER_S: u32 = 5;

/// Exports that one tenant may be given at a time: each is a file on the disk until it is fetched.
pub const EXPORTS_PER_TENANT: u32 = 2;
/// Exports that may be given at a time in all.
const EXPORTS_IN_ALL: u32 = 8;

/// How many are open of what may be open so often.
#[derive(Clone, Debug)]
pub struct Streams {
    /// What they are called.
    name: &'static str,
    per_tenant: u32,
    in_all: u32,
    open: Arc<Mutex<HashMap<i64, u32>>>,
}

/// The place of an open stream, until it is dropped.
#[derive(Debug)]
pub struct StreamPlace {
    streams: Streams,
    tenant: i64,
}

impl Streams {
    fn new(name: &'static str, per_tenant: u32, in_all: u32) -> Self {
        let open = Arc::default();
        Self {
            name,
            per_tenant,
            in_all,
            open,
        }
    }

    /// Streams of events.
    pub fn of_events() -> Self {
        Self::new("streams", STREAMS_PER_TENANT, STREAMS_IN_ALL)
    }

    /// Exports.
    pub fn of_exports() -> Self {
        Self::new("exports", EXPORTS_PER_TENANT, EXPORTS_IN_ALL)
    }

    /// Takes a place, if there is one.
    pub fn open(&self, tenant: Tenant) -> Result<StreamPlace> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.get(&tenant.number()).copied().unwrap_or(0);
        if own >= self.per_tenant {
            let message = format!(
                "At most {} {} may be open at a time.",
                self.per_tenant, self.name
            );
            let refusal = Error::with(Code::RateLimited, message).retry_after(RETRY_AFTER_S);
            return Err(refusal.extra("policy", self.name));
        }
        if open.values().sum::<u32>() >= self.in_all {
            return Err(Error::new(Code::Overloaded).retry_after(RETRY_AFTER_S));
        }
        open.insert(tenant.number(), own + 1);
        drop(open);
        Ok(StreamPlace {
            streams: self.clone(),
            tenant: tenant.number(),
        })
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut open = self
            .streams
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.tenant) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(open.remove(&self.tenant)),
        }
    }
}
