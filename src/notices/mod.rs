//! Notices: what a coach should know and do something about.
//!
//! Most are made of the state of things when they are asked for, so they end by themselves: mail that
//! is held or bounced, the hourly limit, the age of the backup, room on the disk, a restored copy
//! that is quiet. The others are told by a feature ([`actions::tell`]) and kept; one subject has one
//! notice, and the same stage of it is told once.
//!
//! A notice of a tenant is shown to whoever may call for that tenant; one of the server to the owner
//! alone. Each says what to do. Whoever dismisses one does not see it again; when there is news (a
//! further mail is held, a key is a stage nearer to its end) that is another notice.

pub mod actions;
pub mod derived;
pub mod jobs;
pub mod routes;
pub mod store;

use crate::clock::Timestamp;
use crate::ids::NoticeId;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// The account used 80 % of its hourly limit.
    LimitNear,
    /// Mail waits for somebody to send or drop it.
    MailHeld,
    /// Mail was refused for good.
    MailBounced,
    /// The last backup is old, or there is none.
    BackupOld,
    /// The last nightly backup failed.
    BackupFailed,
    /// An API key ends soon.
    KeyExpiring,
    /// The disk is nearly full.
    DiskLow,
    /// This copy was restored, and nothing leaves it.
    RestoredQuiet,
    /// A webhook endpoint does not answer.
    WebhookFailing,
    /// A client took back a consent.
    ConsentWithdrawn,
    /// A coach asks for a plan with API access.
    PlanRequest,
}

impl NoticeKind {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("limit_near", Self::LimitNear),
        ("mail_held", Self::MailHeld),
        ("mail_bounced", Self::MailBounced),
        ("backup_old", Self::BackupOld),
        ("backup_failed", Self::BackupFailed),
        ("key_expiring", Self::KeyExpiring),
        ("disk_low", Self::DiskLow),
        ("restored_quiet", Self::RestoredQuiet),
        ("webhook_failing", Self::WebhookFailing),
        ("consent_withdrawn", Self::ConsentWithdrawn),
        ("plan_request", Self::PlanRequest),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        let found = Self::CHOICES.iter().find(|(_, kind)| *kind == self);
        found.map_or("", |(name, _)| name)
    }
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something will go wrong.
    Warning,
    /// Something goes wrong.
    Critical,
}

impl Severity {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("info", Self::Info),
        ("warning", Self::Warning),
        ("critical", Self::Critical),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// A notice as it is shown.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// Whose it is: of the live or the test tenant, or none for the server's.
    pub livemode: Option<bool>,
    /// What it is about.
    pub kind: String,
    /// How much it matters.
    pub severity: String,
    /// What is the matter, in a few words.
    pub title: String,
    /// What is the matter and what to do, in a sentence or two.
    pub message: String,
    /// Where to do it: what the button says, and where it leads.
    pub action: Option<(String, String)>,
    /// Since when.
    pub created_at: Timestamp,
}

/// A notice that a feature tells.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its id, drawn before the write.
    pub id: NoticeId,
    /// What it is about.
    pub kind: NoticeKind,
    /// What exactly, such as the id of a key.
    pub subject: String,
    /// How far that is: the same stage is told once.
    pub stage: String,
    /// How much it matters.
    pub severity: Severity,
    /// What is the matter, in a few words.
    pub title: String,
    /// What is the matter and what to do.
    pub message: String,
    /// Where to do it.
    pub action: Option<(String, String)>,
    /// The tenant's time.
    pub created_at: Timestamp,
}
