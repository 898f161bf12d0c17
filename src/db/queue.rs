//! Writes that wait: two lanes, each bounded.
//!
//! Requests go before background work, since a person waits for them. Background work is let in
//! between them now and then, or a busy server would never send a mail. A full lane refuses at once:
//! a caller that is told to come back is better off than one that waits in a growing queue.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::db::tx::Tx;
use crate::error::Error;

/// So many requests may pass a waiting background job before it has its turn.
const REQUESTS_PER_BACKGROUND: u32 = 32;

/// A batch that requests wait for takes no more background work than this.
const BACKGROUND_PER_BATCH: u32 = 8;

/// A queued write: what to do and whom to tell.
pub(super) trait Job: Send {
    /// Does the work and keeps its outcome.
    fn run(&mut self, tx: &Tx<'_>);
    /// What went wrong in it, if anything did.
    fn failure(&self) -> Option<&Error>;
    /// Puts another outcome in place of its own.
    fn refuse(&mut self, error: Error);
    /// Tells the caller, who may have gone.
    fn answer(self: Box<Self>);
    /// Where in the program it comes from, for the log.
    fn name(&self) -> &'static str;
}

/// Who waits for a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// A caller.
    Requests,
    /// Nobody.
    Background,
}

/// What a batch has taken so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    requests: u32,
    background: u32,
}

#[derive(Default)]
struct Waiting {
    requests: VecDeque<Box<dyn Job>>,
    background: VecDeque<Box<dyn Job>>,
    /// Requests taken while a background job waited.
    passed: u32,
    closed: bool,
    /// The writer sleeps: only then is there anybody to wake.
    asleep: bool,
}

pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    limit: usize,
}

impl Queue {
    /// `limit` is that of each lane, so that one cannot fill the other.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            arrived: Condvar::new(),
            limit: limit.max(1),
        }
    }

    /// False if the lane is full or the queue closed.
    pub(super) fn push(&self, lane: Lane, job: Box<dyn Job>) -> bool {
        let mut waiting = self.lock();
        if waiting.closed {
            return false;
        }
        let jobs = match lane {
            Lane::Requests => &mut waiting.requests,
            Lane::Background => &mut waiting.background,
        };
        if jobs.len() >= self.limit {
            return false;
        }
        jobs.push_back(job);
        if waiting.asleep {
            waiting.asleep = false;
            self.arrived.notify_one();
        }
        true
    }

    /// The first job of a batch, waited for; none once the queue is closed and empty.
    pub(super) fn wait(&self, taken: &mut Taken) -> Option<Box<dyn Job>> {
        let mut waiting = self.lock();
        loop {
            if let Some(job) = waiting.take(taken) {
                return Some(job);
            }
            if waiting.closed {
                return None;
            }
            waiting.asleep = true;
            waiting = self
                .arrived
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
            waiting.asleep = false;
        }
    }

    /// A further job of the batch, if one waits that may still join it.
    pub(super) fn next(&self, taken: &mut Taken) -> Option<Box<dyn Job>> {
        self.lock().take(taken)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        let waiting = self.lock();
        waiting.requests.len() + waiting.background.len()
    }

    /// Refuses further jobs; those that wait are still handed out.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Whether further jobs are refused for good.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Drops what waits, unanswered.
    pub(super) fn discard(&self) {
        let mut waiting = self.lock();
        let dropped = (
            std::mem::take(&mut waiting.requests),
            std::mem::take(&mut waiting.background),
        );
        // What a job holds may itself come back to this queue.
        drop(waiting);
        drop(dropped);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self, taken: &mut Taken) -> Option<Box<dyn Job>> {
        let background_waits = !self.background.is_empty();
        let overdue = background_waits && self.passed >= REQUESTS_PER_BACKGROUND;
        if !overdue && let Some(job) = self.requests.pop_front() {
            self.passed = if background_waits { self.passed + 1 } else { 0 };
            taken.requests += 1;
            return Some(job);
        }
        if taken.requests > 0 && taken.background >= BACKGROUND_PER_BATCH {
            // Only requests may still join; an overdue background job begins the next batch.
            return self.requests.pop_front();
        }
        let job = self.background.pop_front()?;
        self.passed = 0;
        taken.background += 1;
        Some(job)
    }
}
