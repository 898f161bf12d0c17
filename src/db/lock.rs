//! One process owns the data directory.
//!
//! Two servers on one file would each answer from caches that the other does not empty. The system
//! releases the lock when its holder ends, however it ends, so there is no stale lock to remove. The
//! holder writes into the file where it can be reached, for commands that would rather ask it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::db::open;
use crate::error::Error;

/// The right to use the data directory, until it is dropped.
#[derive(Debug)]
pub struct DataLock {
    file: File,
}

/// Why there is no lock to be had.
#[derive(Debug)]
pub enum Held {
    /// Another process has it; this is what it published, empty while it is starting.
    By(String),
    /// The directory or the file cannot be used; the sentence says why.
    Unusable(Error),
}

impl DataLock {
    /// The name of the file in the data directory.
    pub const NAME: &str = "cadence.lock";

    /// Takes the lock at once or says who has it.
    pub fn acquire(directory: &Path) -> Result<Self, Held> {
        open::prepare_directory(directory).map_err(Held::Unusable)?;
        let path = directory.join(Self::NAME);
        let unusable = |error| Held::Unusable(open::cannot_use(&path, "cannot be locked", error));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {
                // What a former holder wrote is true no longer.
                file.set_len(0).map_err(unusable)?;
                Ok(Self { file })
            }
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                file.read_to_string(&mut text).map_err(unusable)?;
                Err(Held::By(text))
            }
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// Writes what others should know of the holder, in place of what stood there.
    pub fn publish(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_of_the_first_until_it_goes() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("data");

        let mut first = DataLock::acquire(&directory).unwrap();
        first
            .publish(r#"{"url":"http://127.0.0.1:8080","pid":123456}"#)
            .unwrap();
        first.publish(r#"{"pid":1}"#).unwrap();
        let second = DataLock::acquire(&directory);
        drop(first);
        let third = DataLock::acquire(&directory);

        assert!(matches!(second, Err(Held::By(text)) if text == r#"{"pid":1}"#));
        assert!(third.is_ok());
        assert_eq!(
            std::fs::read_to_string(directory.join(DataLock::NAME)).unwrap(),
            ""
        );
    }
}
