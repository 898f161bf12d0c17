//! Streams that are open, per tenant.

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

/// How many streams are open.
#[derive(Clone, Debug, Default)]
pub struct Streams(Arc<Mutex<HashMap<i64, u32>>>);

/// The place of an open stream, until it is dropped.
#[derive(Debug)]
pub struct StreamPlace {
    streams: Streams,
    tenant: i64,
}

impl Streams {
    /// Takes a place, if there is one.
    pub fn open(&self, tenant: Tenant) -> Result<StreamPlace> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.get(&tenant.number()).copied().unwrap_or(0);
        if own >= STREAMS_PER_TENANT {
            let message = format!("At most {STREAMS_PER_TENANT} streams may be open at a time.");
            let refusal = Error::with(Code::RateLimited, message).retry_after(RETRY_AFTER_S);
            return Err(refusal.extra("policy", "streams"));
        }
        if open.values().sum::<u32>() >= STREAMS_IN_ALL {
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
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.tenant) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(open.remove(&self.tenant)),
        }
    }
}
