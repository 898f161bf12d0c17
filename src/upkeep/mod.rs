//! What the server does to keep itself well: nightly backups, sweeping, a look at the disk.
//!
//! The nightly backup is looked at each hour and made once the hour of the configuration has come,
//! so that a laptop that sleeps at night has it made when it wakes. So many are kept; those made by
//! hand or before a migration are never removed. A backup that somebody asked for runs once: cut off
//! by a crash it is shown as interrupted, and whoever asked decides.

pub mod jobs;
pub mod routes;

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::backup::{EXTENSION, FOLDER};
use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use crate::error::{Error, Result};
use crate::jobs::{Every, Kind, PLAIN};

/// The nightly backup.
pub const NIGHTLY: Kind = Kind {
    name: "backup.nightly",
    every: Some(Every::Ms(HOUR_MS)),
    timeout: BACKUP_TIMEOUT,
    pauses_ms: &[MINUTE_MS, 10 * MINUTE_MS],
    // A large one takes minutes, in which the server's other schedules go on.
    lane: Some("backup"),
    ..PLAIN
};

/// A backup that somebody asked for.
pub const BACKUP: Kind = Kind {
    name: "backup.make",
    repeatable: false,
    timeout: BACKUP_TIMEOUT,
    pauses_ms: &[],
    ..PLAIN
};

/// Removing what ended.
pub const SWEEP: Kind = Kind {
    name: "sweep",
    every: Some(Every::Ms(5 * MINUTE_MS)),
    ..PLAIN
};

/// A look at the room on the disk.
pub const CHECK_DISK: Kind = Kind {
    name: "disk.check",
    every: Some(Every::Ms(HOUR_MS)),
    ..PLAIN
};

/// What SQLite learns about its tables, so that it goes on choosing the right index.
pub const OPTIMIZE: Kind = Kind {
    name: "database.optimize",
    every: Some(Every::DayAt(5 * HOUR_MS)),
    ..PLAIN
};

/// The largest database takes minutes.
const BACKUP_TIMEOUT: Duration = Duration::from_hours(2);
/// What the names of nightly backups begin with.
const NIGHTLY_NAME: &str = "nightly-";

/// A backup in the data directory's folder.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// The name of its file.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When its file was written.
    pub written_at: Timestamp,
}

impl Found {
    /// `nightly`, `asked` or `before_migration`, as its name says.
    pub fn origin(&self) -> &'static str {
        if self.name.starts_with(NIGHTLY_NAME) {
            "nightly"
        } else if self.name.starts_with("before-schema-") {
            "before_migration"
        } else {
            "asked"
        }
    }
}

/// The backups in a data directory's folder, newest first. Blocks for as long as a folder is read.
pub fn backups(data: &Path) -> Result<Vec<Found>> {
    let folder = match std::fs::read_dir(data.join(FOLDER)) {
        Ok(folder) => folder,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::internal(error)),
    };
    let mut found = Vec::new();
    for entry in folder {
        let entry = entry.map_err(Error::internal)?;
        let path = entry.path();
        if path
            .extension()
            .is_none_or(|extension| extension != EXTENSION)
        {
            continue;
        }
        let metadata = entry.metadata().map_err(Error::internal)?;
        let written = metadata.modified().map_err(Error::internal)?;
        let since = written.duration_since(UNIX_EPOCH).unwrap_or_default();
        found.push(Found {
            name: entry.file_name().to_string_lossy().into_owned(),
            bytes: metadata.len(),
            written_at: Timestamp::from_ms(i64::try_from(since.as_millis()).unwrap_or(0)),
            path,
        });
    }
    found.sort_by(|a, b| (b.written_at, &b.name).cmp(&(a.written_at, &a.name)));
    Ok(found)
}

/// The last time at or before `now` at which a nightly backup was due.
fn due_by(now: Timestamp, hour: u32) -> Timestamp {
    let phase = i64::from(hour) * HOUR_MS;
    now.plus_ms(-(now.as_ms() - phase).rem_euclid(DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nightly_backup_is_due_from_its_hour_on() {
        let noon = Timestamp::from_ms(1_780_488_000_000);

        assert_eq!(due_by(noon, 3).to_string(), "2026-06-03T03:00:00.000Z");
        assert_eq!(due_by(noon, 13).to_string(), "2026-06-02T13:00:00.000Z");
        assert_eq!(due_by(noon, 12), noon);
    }
}
