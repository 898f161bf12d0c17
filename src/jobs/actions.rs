//! What can be done to jobs.

use super::queue::{self, After};
use super::{Done, Job, JobError, JobStatus, KEPT_MS, Kind, NewJob};
use serde_json::Value;

use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::{Topic, Tx};
use crate::error::{Code, Error, Result};
use crate::ids::JobId;

/// Puts a job into the queue, in the transaction of the change that it follows from.
pub fn enqueue(tx: &Tx<'_>, kind: &Kind, job: &NewJob, now: Timestamp) -> Result<()> {
    queue::insert(tx, job, kind, now)?;
    tx.changed(Topic::Jobs);
    Ok(())
}

/// Makes sure that a schedule stands, of a tenant or of the server. `at` is the time of its clock,
/// which is `offset_ms` ahead of the server's.
pub fn arm(
    tx: &Tx<'_>,
    kind: &Kind,
    tenant: Option<Tenant>,
    at: Timestamp,
    offset_ms: i64,
) -> Result<()> {
    let every = kind
        .every
        .ok_or_else(|| Error::bug("a schedule without a time"))?;
    let due_at = every.after(at);
    let server_now = at.plus_ms(-offset_ms);
    let job = NewJob {
        tenant,
        // A tenant's schedules are carried out one by one, in order.
        destination: kind.lane.map_or_else(|| lane(tenant), str::to_owned),
        due_at,
        ready_at: due_at.plus_ms(-offset_ms),
        ..NewJob::now(server_now, "")
    };
    if queue::insert_schedule(tx, &job, kind, server_now)? {
        tx.changed(Topic::Jobs);
    }
    Ok(())
}

/// The destination of what a tenant, or the server, does for itself.
pub fn lane(tenant: Option<Tenant>) -> String {
    tenant.map_or_else(
        || "server".to_owned(),
        |tenant| format!("tenant:{}", tenant.number()),
    )
}

/// Takes these jobs, in their order; gives those that were still to be had.
pub fn claim(tx: &Tx<'_>, wanted: &[JobId], now: Timestamp) -> Result<Vec<Job>> {
    let mut taken = Vec::with_capacity(wanted.len());
    for id in wanted {
        if queue::claim(tx, *id, now)? {
            taken.extend(queue::find(tx, *id)?);
        }
    }
    Ok(taken)
}

/// Writes down what came of an attempt, together with what the job itself records.
pub fn finish(
    tx: &Tx<'_>,
    kind: &Kind,
    job: &Job,
    outcome: Result<Done, JobError>,
    now: Timestamp,
) -> Result<JobStatus> {
    let (record, failure) = match outcome {
        Ok(done) => (done.record, None),
        Err(error) => (error.record, Some((error.why, error.again))),
    };
    if let Some(record) = record {
        record(tx)?;
    }
    let again = failure
        .as_ref()
        .filter(|(_, again)| *again)
        .and_then(|_| kind.pause_ms(job.id, job.attempts));
    let error = failure.map(|(why, _)| why);
    let after = match (again, kind.every) {
        (Some(pause_ms), _) => After {
            status: JobStatus::Queued,
            // A schedule keeps its time: what it does is done as of then.
            due_at: if job.recurring {
                job.due_at
            } else {
                job.due_at.plus_ms(now.since_ms(job.ready_at) + pause_ms)
            },
            ready_at: now.plus_ms(pause_ms),
            attempts: job.attempts,
            error,
            ended_at: None,
        },
        (None, Some(every)) if job.recurring => {
            let next = next(tx, job, every, now)?;
            After {
                status: JobStatus::Queued,
                attempts: 0,
                error,
                ended_at: Some(now),
                ..next
            }
        }
        (None, _) => After {
            status: if error.is_some() {
                JobStatus::Failed
            } else {
                JobStatus::Succeeded
            },
            due_at: job.due_at,
            ready_at: job.ready_at,
            attempts: job.attempts,
            error,
            ended_at: Some(now),
        },
    };
    queue::settle(tx, job.id, &after, now)?;
    tx.changed(Topic::Jobs);
    Ok(after.status)
}

/// The next time of a schedule. A test tenant's takes each of its times, however far its clock was
/// moved; any other leaves out those that passed while the server was down.
fn next(tx: &Tx<'_>, job: &Job, every: super::Every, now: Timestamp) -> Result<After> {
    let tests = job.tenant.filter(|tenant| !tenant.mode().is_live());
    let (due_at, ready_at) = if let Some(tenant) = tests {
        // The clock may have been moved while it ran.
        let offset_ms = queue::offset_ms(tx, tenant)?;
        let due_at = every.after(job.due_at.min(now.plus_ms(offset_ms)));
        (due_at, due_at.plus_ms(-offset_ms))
    } else {
        let due_at = every.after(now);
        (due_at, due_at)
    };
    Ok(After {
        status: JobStatus::Queued,
        due_at,
        ready_at,
        attempts: 0,
        error: None,
        ended_at: None,
    })
}

/// Notes how far a job is.
pub fn note_progress(tx: &Tx<'_>, id: JobId, progress: &str, now: Timestamp) -> Result<()> {
    queue::set_progress(tx, id, progress, now)
}

/// Replaces what a job has to know, such as how far a schedule came.
pub fn remember(tx: &Tx<'_>, id: JobId, payload: &Value) -> Result<()> {
    queue::set_payload(tx, id, payload)
}

/// Takes back what was running when the last process ended; gives how many that were.
pub fn recover(tx: &Tx<'_>, now: Timestamp) -> Result<usize> {
    let recovered = queue::recover(tx, now)?;
    tx.changed(Topic::Jobs);
    Ok(recovered)
}

/// Makes a job run now: one that waits, failed, or was interrupted.
pub fn run_now(tx: &Tx<'_>, id: JobId, now: Timestamp) -> Result<Job> {
    let job = queue::find(tx, id)?.ok_or_else(Error::not_found)?;
    if !queue::run_now(tx, id, now)? {
        let message = format!("The job is {}.", job.status);
        return Err(Error::with(Code::StateConflict, message).extra("current_status", job.status));
    }
    tx.changed(Topic::Jobs);
    queue::find(tx, id)?.ok_or_else(Error::not_found)
}

/// Puts the waiting jobs of a test tenant where its moved clock says.
pub fn move_clock(tx: &Tx<'_>, tenant: Tenant, offset_ms: i64) -> Result<()> {
    queue::move_clock(tx, tenant, offset_ms)?;
    tx.changed(Topic::Jobs);
    Ok(())
}

/// Takes a job out of the queue that nobody needs any more; one that runs is left to end.
pub fn withdraw(tx: &Tx<'_>, kind: &Kind, tenant: Tenant, about: &str) -> Result<()> {
    queue::withdraw(tx, kind.name, tenant, about)
}

/// Removes every job of a tenant.
pub fn forget(tx: &Tx<'_>, tenant: Tenant) -> Result<usize> {
    queue::delete_of(tx, tenant)
}

/// Removes ended jobs after their time, so many at most.
pub fn sweep(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    queue::sweep(tx, now.plus_ms(-KEPT_MS), limit)
}
