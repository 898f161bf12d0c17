//! Work that takes a while, done beside the server's own: so much at once, so much waiting, and
//! beyond that a refusal.
//!
//! Hashing a password and decoding a picture cost cores and memory that requests need; a flood of
//! either must not take them all. What runs is not stopped by a caller that hangs up.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Code, Error, Result};

/// A place where so much can be done at once.
pub struct Bounded {
    /// One for each that runs or waits.
    places: Arc<Semaphore>,
    /// One for each that runs.
    running: Arc<Semaphore>,
}

impl Bounded {
    /// So many at once, and so many more waiting.
    pub fn new(running: usize, waiting: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(running + waiting)),
            running: Arc::new(Semaphore::new(running)),
        }
    }

    /// Runs it on a thread that may take its time; where too many wait it is
    /// [`Code::Overloaded`].
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(Error::new(Code::Overloaded));
        };
        let running = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        // The permits go along: a caller that hangs up does not stop what is running.
        let permits: [OwnedSemaphorePermit; 2] = [running, place];
        tokio::task::spawn_blocking(move || {
            let outcome = work();
            drop(permits);
            outcome
        })
        .await
        .map_err(Error::internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn those_beyond_the_queue_are_sent_away_and_those_in_it_are_served() {
        let bounded = Arc::new(Bounded::new(1, 2));
        let busy = Arc::clone(&bounded.running).acquire_owned().await.unwrap();
        let running = Arc::clone(&bounded.places).acquire_owned().await.unwrap();
        let waiting: Vec<_> = (0..2)
            .map(|number| {
                let bounded = Arc::clone(&bounded);
                tokio::spawn(async move { bounded.run(move || Ok(number)).await })
            })
            .collect();
        tokio::task::yield_now().await;

        let error = bounded.run(|| Ok(())).await.unwrap_err();
        assert_eq!(error.code(), Code::Overloaded);
        assert_eq!(error.retry_after_s(), Some(1));

        drop((busy, running));
        for (number, waited) in waiting.into_iter().enumerate() {
            assert_eq!(waited.await.unwrap().unwrap(), number);
        }
        assert!(bounded.run(|| Ok(())).await.is_ok());
    }

    #[tokio::test]
    async fn a_caller_that_stops_waiting_gives_its_place_back() {
        let bounded = Bounded::new(1, 0);
        let busy = Arc::clone(&bounded.running).acquire_owned().await.unwrap();

        tokio::select! {
            biased;
            _ = bounded.run(|| Ok(())) => unreachable!("nothing may run"),
            () = tokio::task::yield_now() => {}
        }
        drop(busy);

        assert!(bounded.run(|| Ok(())).await.is_ok());
    }
}
