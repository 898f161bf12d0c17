//! All of a tenant as one ZIP file: a coach can leave with everything.
//!
//! # Life
//!
//! `queued` → `running` → `ready` → `expired` after [`KEPT_MS`], or `failed`. One at a time is made of
//! a tenant. A job writes it ([`jobs`], [`archive`]): page by page, kind by kind, without a transaction
//! that is held and behind every other write. A job that the end of the process cut off begins anew.
//!
//! # The file
//!
//! It lies in the folder [`files::FOLDER`] of the data directory, under the id of its export; until it
//! is whole it has another ending. The row decides: a file whose row is gone or ended is removed by the
//! sweep, at each start and every few minutes. The times of an export are the server's, since it is
//! the server's disk that the file lies on.
//!
//! Invariant: who was erased is in no file. Erasing a client, emptying a test tenant and removing sample
//! data remove the tenant's files after the commit and before the answer ([`actions::withdraw`]); one
//! that is being made ends as `failed`, whose file is never handed out.

pub mod actions;
pub mod archive;
pub mod body;
pub mod files;
pub mod jobs;
pub mod routes;
pub mod store;

use std::time::Duration;

use crate::clock::{DAY_MS, Timestamp};
use crate::ids::ExportId;
use crate::jobs::{Kind, PLAIN};

/// The job that makes a file.
pub const EXPORT: Kind = Kind {
    name: "export",
    // One that failed says why; whoever asked decides.
    pauses_ms: &[],
    timeout: Duration::from_hours(6),
    // It reads for long: two would take twice as much from everybody.
    at_once_in_all: 1,
    ..PLAIN
};

/// How long a file is kept.
pub const KEPT_MS: i64 = DAY_MS;
/// How long it is known that there was one.
pub const REMEMBERED_MS: i64 = 30 * DAY_MS;

/// Where an export stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It waits for its turn.
    Queued,
    /// The file is being written.
    Running,
    /// The file can be fetched.
    Ready,
    /// There is no file; `error` says why.
    Failed,
    /// The file was removed.
    Expired,
}

impl Status {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("queued", Self::Queued),
        ("running", Self::Running),
        ("ready", Self::Ready),
        ("failed", Self::Failed),
        ("expired", Self::Expired),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        let found = Self::CHOICES.iter().find(|(known, _)| *known == name);
        found.map(|(_, status)| *status)
    }

    /// Whether it is still to be made.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// An export as it is kept.
#[derive(Clone, Debug)]
pub struct Export {
    /// Its id.
    pub id: ExportId,
    /// Where it stands.
    pub status: Status,
    /// How far it is, in words, while it runs.
    pub progress: Option<String>,
    /// Clients that are in the file.
    pub clients: Option<i64>,
    /// The size of the file.
    pub bytes: Option<i64>,
    /// Why there is no file.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When the file was whole.
    pub ready_at: Option<Timestamp>,
    /// When the file is removed.
    pub expires_at: Option<Timestamp>,
}

impl Export {
    /// One that was just asked for.
    pub fn new(id: ExportId, now: Timestamp) -> Self {
        Self {
            id,
            status: Status::Queued,
            progress: None,
            clients: None,
            bytes: None,
            error: None,
            created_at: now,
            updated_at: now,
            ready_at: None,
            expires_at: None,
        }
    }

    /// Where it stands at a time: a file that ended is not handed out, swept or not.
    pub fn status_at(&self, now: Timestamp) -> Status {
        let ended = self.expires_at.is_some_and(|at| at <= now);
        if self.status == Status::Ready && ended {
            Status::Expired
        } else {
            self.status
        }
    }
}

/// A file that was written.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// Clients that are in it.
    pub clients: usize,
    /// Its size.
    pub bytes: u64,
}
