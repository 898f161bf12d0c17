//! Backups, sweeping, optimizing, and a look at the disk.

use std::path::PathBuf;

use super::{Found, NIGHTLY, NIGHTLY_NAME, backups, due_by};
use crate::access::{accounts, oauth, sessions};
use crate::app::App;
use crate::backup::{self, FOLDER, Made};
use crate::clock::Timestamp;
use crate::db::{Tx, inspect, meta};
use crate::error::{Error, Result};
use crate::jobs::{self, Done, Job, JobError};
use crate::outbox::Fate;
use crate::outbox::account::actions::{Envelope, Sealed, enqueue, seal};
use crate::outbox::templates::Fill;
use crate::overview::exports;
use crate::{clients, idempotency, outbox, requests};

/// Rows removed in one write, so that no request waits long behind it.
const SWEEP_ROWS: u32 = 500;
/// Below this the log says so.
const DISK_LOW_BYTES: u64 = 1024 * 1024 * 1024;

/// Makes the nightly backup if its hour has come, and removes the oldest beyond those that are kept.
pub async fn nightly(app: App, job: Job) -> Result<Done, JobError> {
    let now = job.at(&app.clock);
    let (keep, hour) = (app.config.backups_kept, app.config.backup_hour);
    let (anybody, last) = app.db.read_now(|conn| {
        let last = meta::get(conn, meta::LAST_NIGHTLY_AT)?;
        Ok((accounts::store::exist(conn)?, last))
    })?;
    let last = last.and_then(|ms| ms.parse().ok()).map(Timestamp::from_ms);
    let made_since = last.is_some_and(|at| at >= due_by(now, hour));
    if keep == 0 || !anybody || made_since {
        return Ok(Done::plain());
    }
    let name = backup::default_path(&app.config.data, now);
    let name = name.file_name().and_then(|name| name.to_str());
    let stamp = name.and_then(|name| name.strip_prefix("cadence-"));
    let name = format!("{NIGHTLY_NAME}{}", stamp.unwrap_or("unnamed.backup"));
    let path = app.config.data.join(FOLDER).join(name);
    match make(&app, &job, path, now).await {
        Ok(made) => {
            tracing::info!(path = %made.path.display(), bytes = made.bytes, "made the nightly backup");
        }
        Err(error) => return Err(failed(&app, &job, &error, now)),
    }
    retire(&app, keep).await?;
    Ok(Done::with(move |tx| {
        meta::set(tx, meta::LAST_NIGHTLY_AT, &now.as_ms().to_string())
    }))
}

/// The failure of a nightly backup; of the last attempt the owner is told.
fn failed(app: &App, job: &Job, error: &Error, now: Timestamp) -> JobError {
    tracing::error!(?error, "the nightly backup was not made");
    let why = error.message().to_owned();
    let failure = JobError::later(why.clone());
    if !job.is_last_attempt(&NIGHTLY) {
        return failure;
    }
    let app = app.clone();
    // It is tried every hour, and told once a night.
    let told = app
        .db
        .read_now(|conn| meta::get(conn, meta::NIGHTLY_FAILURE_TOLD_AT))
        .ok()
        .flatten()
        .and_then(|ms| ms.parse().ok())
        .map(Timestamp::from_ms);
    if told.is_some_and(|at| at >= due_by(now, app.config.backup_hour)) {
        return failure;
    }
    match owners_mail(&app, &why, now) {
        Ok(Some(mail)) => failure.with(move |tx| {
            meta::set(tx, meta::NIGHTLY_FAILURE_TOLD_AT, &now.as_ms().to_string())?;
            enqueue(tx, &mail)
        }),
        Ok(None) => failure,
        Err(error) => {
            tracing::error!(?error, "the owner was not told of it by mail");
            failure
        }
    }
}

/// The mail that tells the owner.
fn owners_mail(app: &App, why: &str, now: Timestamp) -> Result<Option<Sealed>> {
    let (owner, last) = app.db.read_now(|conn| {
        let accounts = accounts::store::all(conn)?;
        let owner = accounts.into_iter().find(|account| account.role == "owner");
        Ok((owner, backup::last_backup_at(conn)?))
    })?;
    let Some(owner) = owner else {
        return Ok(None);
    };
    let fill = Fill::BackupFailed {
        name: owner.name,
        server: app.public_address().url.to_string(),
        why: why.to_owned(),
        last_backup_at: last.map(|at| at.to_string()),
    };
    let to = Envelope {
        account_id: owner.id,
        recipient: owner.email,
        expires_at: None,
    };
    let fate = Fate::of_notice(&app.config, true);
    seal(&app.sealing, now, to, &fill, &fate).map(Some)
}

/// Makes a backup that somebody asked for.
pub async fn make_one(app: App, job: Job) -> Result<Done, JobError> {
    let now = app.clock.now();
    let path = backup::default_path(&app.config.data, job.created_at);
    let made = make(&app, &job, path, now).await;
    let made = made.map_err(|error| JobError::for_good(error.message().to_owned()))?;
    let file = made
        .path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let result = serde_json::json!({ "file": file, "bytes": made.bytes });
    let id = job.id;
    Ok(Done::with(move |tx| {
        jobs::actions::remember(tx, id, &result)
    }))
}

/// Copies, checks and names a backup on a thread that may block.
async fn make(app: &App, job: &Job, path: PathBuf, now: Timestamp) -> Result<Made> {
    note(app, job, "Copying, then checking the copy").await?;
    let app = app.clone();
    tokio::task::spawn_blocking(move || backup::make(&app.db, &app.sealing, &path, None, now))
        .await
        .map_err(Error::internal)?
}

async fn note(app: &App, job: &Job, progress: &'static str) -> Result<()> {
    let (id, now) = (job.id, app.clock.now());
    app.db
        .write_background(move |tx| jobs::actions::note_progress(tx, id, progress, now))
        .await
}

/// Removes the oldest nightly backups beyond those that are kept.
async fn retire(app: &App, keep: u32) -> Result<()> {
    let data = app.config.data.clone();
    tokio::task::spawn_blocking(move || {
        let nightly = backups(&data)?
            .into_iter()
            .filter(|found| found.origin() == "nightly");
        let kept = usize::try_from(keep).unwrap_or(usize::MAX);
        let beyond: Vec<Found> = nightly.skip(kept).collect();
        for old in beyond {
            std::fs::remove_file(&old.path).map_err(Error::internal)?;
            tracing::info!(path = %old.path.display(), "removed an old nightly backup");
        }
        Ok(())
    })
    .await
    .map_err(Error::internal)?
}

/// Something that sweeps: what it sweeps, and how.
type Sweep = (&'static str, fn(&Tx<'_>, Timestamp, u32) -> Result<usize>);

/// What is swept every few minutes, by the server's time.
const SWEEPS: &[Sweep] = &[
    ("saved answers", idempotency::sweep),
    ("saved steps", idempotency::sweep_steps),
    ("jobs", jobs::actions::sweep),
    ("requests", requests::actions::sweep),
    ("usage", requests::actions::sweep_usage),
    ("sessions", sessions::actions::sweep),
    ("one-time links", sessions::actions::sweep_links),
    ("client sessions", clients::sessions::actions::sweep),
    ("codes of clients", clients::sessions::codes::actions::sweep),
    (
        "tries of codes",
        clients::sessions::codes::actions::sweep_tries,
    ),
    ("mail to accounts", outbox::account::actions::drop_ended),
];

/// Removes what ended.
pub async fn sweep(app: App, _: Job) -> Result<Done, JobError> {
    // One that fails keeps none of the others from being swept.
    let mut failure = None;
    for (what, remove) in SWEEPS.iter().chain(oauth::actions::SWEEPS) {
        if let Err(error) = sweep_one(&app, *remove).await {
            failure.get_or_insert(format!("{what} were not swept: {error:?}"));
        }
    }
    if let Err(error) = exports::jobs::sweep(&app).await {
        failure.get_or_insert(format!("exports were not swept: {error:?}"));
    }
    failure.map_or_else(|| Ok(Done::plain()), |why| Err(JobError::later(why)))
}

/// Removes what ended of one kind, a few rows a write, until nothing is left that ended.
pub async fn sweep_one(
    app: &App,
    remove: fn(&Tx<'_>, Timestamp, u32) -> Result<usize>,
) -> Result<()> {
    loop {
        let now = app.clock.now();
        let removed = app
            .db
            .write_background(move |tx| remove(tx, now, SWEEP_ROWS))
            .await?;
        if removed < SWEEP_ROWS as usize {
            return Ok(());
        }
    }
}

/// Says in the log when the disk is nearly full; the notice is made when it is asked for.
pub async fn check_disk(app: App, _: Job) -> Result<Done, JobError> {
    if let Some(free) = inspect::free_bytes(&app.config.data)
        && free < DISK_LOW_BYTES
    {
        tracing::warn!(
            free_bytes = free,
            "the disk is nearly full: a full one refuses every write"
        );
    }
    Ok(Done::plain())
}

/// Has SQLite look at tables that changed much.
pub async fn optimize(_: App, _: Job) -> Result<Done, JobError> {
    Ok(Done::with(inspect::optimize))
}
