//! SQL of the queue.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Job, JobStatus, NewJob};
use crate::caller::{Mode, Tenant};
use crate::clock::Timestamp;
use crate::db::{Tx, execute_in_order};
use crate::error::{Error, Result};
use crate::ids::JobId;

macro_rules! select {
    ($($rest:literal)*) => {
        concat!(
            "SELECT
                j.id, j.kind, j.for_tenant, t.mode, j.destination, j.about, j.payload, j.status,
                j.repeatable, j.recurring, j.due_at, j.ready_at, j.attempts, j.error, j.progress,
                j.started_at, j.ended_at, j.created_at, j.updated_at, j.cut_offs
            FROM jobs j LEFT JOIN tenants t ON t.id = j.for_tenant ",
            $($rest),*
        )
    };
}

fn tenant(row: &Row<'_>) -> rusqlite::Result<Option<Tenant>> {
    let number: Option<i64> = row.get("for_tenant")?;
    let mode: Option<String> = row.get("mode")?;
    Ok(number.map(|number| {
        let mode = mode.as_deref().and_then(Mode::parse);
        Tenant::new(number, mode.unwrap_or(Mode::Live))
    }))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Job> {
    Ok(Job {
        id: row.get("id")?,
        kind: row.get("kind")?,
        tenant: tenant(row)?,
        destination: row.get("destination")?,
        about: row.get("about")?,
        payload: row.get("payload")?,
        status: row.get("status")?,
        repeatable: row.get("repeatable")?,
        recurring: row.get("recurring")?,
        due_at: row.get("due_at")?,
        ready_at: row.get("ready_at")?,
        attempts: row.get("attempts")?,
        error: row.get("error")?,
        progress: row.get("progress")?,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        cut_offs: row.get("cut_offs")?,
    })
}

/// One job.
pub fn find(conn: &Connection, id: JobId) -> Result<Option<Job>> {
    let mut statement = conn.prepare_cached(select!("WHERE j.id = :id"))?;
    let parameters = named_params! { ":id": id };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// The schedule of a kind, of a tenant or of the server.
pub fn schedule(conn: &Connection, kind: &str, tenant: Option<Tenant>) -> Result<Option<Job>> {
    let mut statement = conn.prepare_cached(select!(
        "WHERE j.recurring = 1 AND j.kind = :kind AND coalesce(j.for_tenant, 0) = :for_tenant"
    ))?;
    let parameters = named_params! {
        ":kind": kind,
        ":for_tenant": tenant.map_or(0, Tenant::number),
    };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// What a page of jobs is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only jobs of this status.
    pub status: Option<&'static str>,
    /// Only jobs of this kind.
    pub kind: Option<String>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those that changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// Jobs, newest first, below the id `before`.
pub fn page(
    conn: &Connection,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Job>> {
    let mut statement = conn.prepare_cached(select!(
        "WHERE j.id < :before
            AND (:status IS NULL OR j.status = :status)
            AND (:kind IS NULL OR j.kind = :kind)
            AND (:created_after IS NULL OR j.created_at > :created_after)
            AND (:created_before IS NULL OR j.created_at < :created_before)
            AND (:updated_after IS NULL OR j.updated_at > :updated_after)
        ORDER BY j.id DESC LIMIT :limit"
    ))?;
    let rows = statement.query_map(
        named_params! {
            ":before": before.unwrap_or("~"),
            ":status": filter.status,
            ":kind": filter.kind,
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What is ready, in its order, for as long as `take` wants more.
///
/// Jobs whose destination is busy are passed over one by one: the index holds what is needed to
/// tell, so ten thousand of them take milliseconds, and the wait is not under the writer.
pub fn ready(
    conn: &Connection,
    now: Timestamp,
    mut take: impl FnMut(&str, &str, JobId) -> Take,
) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT kind, destination, id FROM jobs
        WHERE status = 'queued' AND ready_at <= :now
        ORDER BY ready_at, kind, id",
    )?;
    let mut rows = statement.query(named_params! { ":now": now })?;
    while let Some(row) = rows.next()? {
        let (kind, destination) = (row.get_ref("kind")?, row.get_ref("destination")?);
        let text = |value: rusqlite::types::ValueRef<'_>| {
            value.as_str().map(str::to_owned).map_err(Error::internal)
        };
        match take(&text(kind)?, &text(destination)?, row.get("id")?) {
            Take::GoOn => {}
            Take::Enough => break,
        }
    }
    Ok(())
}

/// Whether more ready jobs are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// There is room.
    GoOn,
    /// There is none.
    Enough,
}

/// When the next job becomes ready that is not ready yet.
pub fn next_ready_at(conn: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let mut statement = conn.prepare_cached(
        "SELECT ready_at FROM jobs
        WHERE status = 'queued' AND ready_at > :now ORDER BY ready_at LIMIT 1",
    )?;
    let parameters = named_params! { ":now": now };
    Ok(statement
        .query_row(parameters, |row| row.get(0))
        .optional()?)
}

/// Tenants that a schedule does not stand for yet, each with how far its clock runs ahead.
pub fn tenants_without(conn: &Connection, kind: &str, limit: u32) -> Result<Vec<(Tenant, i64)>> {
    let mut statement = conn.prepare_cached(
        "SELECT t.id, t.mode, t.clock_offset_ms FROM tenants t
        WHERE NOT EXISTS (
            SELECT 1 FROM jobs j
            WHERE j.recurring = 1 AND j.kind = :kind AND coalesce(j.for_tenant, 0) = t.id
        ) LIMIT :limit",
    )?;
    let rows = statement.query_map(named_params! { ":kind": kind, ":limit": limit }, |row| {
        let mode: String = row.get("mode")?;
        let mode = Mode::parse(&mode).unwrap_or(Mode::Live);
        Ok((
            Tenant::new(row.get("id")?, mode),
            row.get("clock_offset_ms")?,
        ))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many jobs of a tenant are ready or running.
pub fn pending_of(conn: &Connection, tenant: Tenant, now: Timestamp) -> Result<u32> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) FROM jobs
        WHERE for_tenant = :for_tenant AND status IN ('queued', 'running') AND ready_at <= :now",
    )?;
    let parameters = named_params! { ":for_tenant": tenant.number(), ":now": now };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

/// How many jobs of each of some kinds wait; for the operator of a restored server.
pub fn waiting_by_kind(conn: &Connection) -> Result<Vec<(String, u32)>> {
    let mut statement = conn.prepare_cached(
        "SELECT kind, count(*) AS waiting FROM jobs
        WHERE status = 'queued' AND recurring = 0 GROUP BY kind ORDER BY kind",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get("kind")?, row.get("waiting")?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn insert(tx: &Tx<'_>, job: &NewJob, kind: &super::Kind, now: Timestamp) -> Result<()> {
    let statement = tx.prepare_cached(
        "INSERT INTO jobs (
            id, kind, for_tenant, destination, about, payload, status, repeatable, due_at, ready_at,
            created_at, updated_at
        ) VALUES (
            :id, :kind, :for_tenant, :destination, :about, :payload, 'queued', :repeatable, :due_at,
            :ready_at, :now, :now
        )",
    )?;
    execute_in_order(
        statement,
        named_params! {
            ":id": job.id,
            ":kind": kind.name,
            ":for_tenant": job.tenant.map(Tenant::number),
            ":destination": job.destination,
            ":about": job.about,
            ":payload": job.payload.to_string(),
            ":repeatable": kind.repeatable,
            ":due_at": job.due_at,
            ":ready_at": job.ready_at,
            ":now": now,
        },
    )?;
    Ok(())
}

/// Makes a schedule, unless there is one.
pub(super) fn insert_schedule(
    tx: &Tx<'_>,
    job: &NewJob,
    kind: &super::Kind,
    now: Timestamp,
) -> Result<bool> {
    let made = tx
        .prepare_cached(
            "INSERT INTO jobs (
                id, kind, for_tenant, destination, status, repeatable, recurring, due_at, ready_at,
                created_at, updated_at
            ) VALUES (
                :id, :kind, :for_tenant, :destination, 'queued', 1, 1, :due_at, :ready_at, :now, :now
            ) ON CONFLICT DO NOTHING",
        )?
        .execute(named_params! {
            ":id": job.id,
            ":kind": kind.name,
            ":for_tenant": job.tenant.map(Tenant::number),
            ":destination": job.destination,
            ":due_at": job.due_at,
            ":ready_at": job.ready_at,
            ":now": now,
        })?;
    Ok(made == 1)
}

/// Takes a job, if it is still to be had.
pub(super) fn claim(tx: &Tx<'_>, id: JobId, now: Timestamp) -> Result<bool> {
    let taken = tx
        .prepare_cached(
            "UPDATE jobs
            SET status = 'running', attempts = attempts + 1, progress = NULL, started_at = :now,
                updated_at = :now
            WHERE id = :id AND status = 'queued'",
        )?
        .execute(named_params! { ":id": id, ":now": now })?;
    Ok(taken == 1)
}

/// What becomes of a job after an attempt.
#[derive(Debug)]
pub(super) struct After {
    pub(super) status: JobStatus,
    pub(super) due_at: Timestamp,
    pub(super) ready_at: Timestamp,
    pub(super) attempts: u32,
    pub(super) error: Option<String>,
    pub(super) ended_at: Option<Timestamp>,
}

pub(super) fn settle(tx: &Tx<'_>, id: JobId, after: &After, now: Timestamp) -> Result<()> {
    tx.prepare_cached(
        "UPDATE jobs
        SET status = :status, due_at = :due_at, ready_at = :ready_at, attempts = :attempts,
            error = :error, progress = NULL, ended_at = coalesce(:ended_at, ended_at),
            updated_at = :now, cut_offs = 0
        WHERE id = :id AND status = 'running'",
    )?
    .execute(named_params! {
        ":id": id,
        ":status": after.status.name(),
        ":due_at": after.due_at,
        ":ready_at": after.ready_at,
        ":attempts": after.attempts,
        ":error": after.error,
        ":ended_at": after.ended_at,
        ":now": now,
    })?;
    Ok(())
}

/// Notes how far a job is.
pub(super) fn set_progress(tx: &Tx<'_>, id: JobId, progress: &str, now: Timestamp) -> Result<()> {
    tx.prepare_cached(
        "UPDATE jobs SET progress = :progress, updated_at = :now
        WHERE id = :id AND status = 'running'",
    )?
    .execute(named_params! { ":id": id, ":progress": progress, ":now": now })?;
    Ok(())
}

/// Replaces what a job has to know.
pub(super) fn set_payload(tx: &Tx<'_>, id: JobId, payload: &serde_json::Value) -> Result<()> {
    tx.prepare_cached("UPDATE jobs SET payload = :payload WHERE id = :id")?
        .execute(named_params! { ":id": id, ":payload": payload.to_string() })?;
    Ok(())
}

/// What was running when the last process ended: queued again, or interrupted. The attempt that was
/// cut off does not count against the job's attempts, but the runner gives up what was cut off too
/// often.
pub(super) fn recover(tx: &Tx<'_>, now: Timestamp) -> Result<usize> {
    let recovered = tx
        .prepare_cached(
            "UPDATE jobs
            SET status = CASE repeatable WHEN 1 THEN 'queued' ELSE 'interrupted' END,
                ended_at = CASE repeatable WHEN 1 THEN ended_at ELSE :now END,
                attempts = attempts - repeatable, cut_offs = cut_offs + 1,
                error = 'The server ended while it ran.', updated_at = :now
            WHERE status = 'running' AND id > ''",
        )?
        .execute(named_params! { ":now": now })?;
    Ok(recovered)
}

/// Makes a job ready at once, from the start.
pub(super) fn run_now(tx: &Tx<'_>, id: JobId, now: Timestamp) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "UPDATE jobs
            SET status = 'queued', ready_at = :now, attempts = 0, cut_offs = 0,
                ended_at = CASE recurring WHEN 1 THEN ended_at ELSE NULL END, updated_at = :now
            WHERE id = :id AND status IN ('queued', 'failed', 'interrupted')",
        )?
        .execute(named_params! { ":id": id, ":now": now })?;
    Ok(changed == 1)
}

/// Puts the waiting jobs of a tenant where its moved clock says.
pub(super) fn move_clock(tx: &Tx<'_>, tenant: Tenant, offset_ms: i64) -> Result<()> {
    tx.prepare_cached(
        "UPDATE jobs SET ready_at = due_at - :offset_ms
        WHERE for_tenant = :for_tenant AND status = 'queued'",
    )?
    .execute(named_params! { ":for_tenant": tenant.number(), ":offset_ms": offset_ms })?;
    Ok(())
}

/// Takes a job out of the queue that nobody needs any more.
pub(super) fn withdraw(tx: &Tx<'_>, kind: &str, tenant: Tenant, about: &str) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM jobs
        WHERE for_tenant = :for_tenant AND status = 'queued' AND kind = :kind AND about = :about",
    )?
    .execute(named_params! { ":for_tenant": tenant.number(), ":kind": kind, ":about": about })?;
    Ok(())
}

/// Removes every job of a tenant.
pub(super) fn delete_of(tx: &Tx<'_>, tenant: Tenant) -> Result<usize> {
    let removed = tx
        .prepare_cached("DELETE FROM jobs WHERE for_tenant = :for_tenant")?
        .execute(named_params! { ":for_tenant": tenant.number() })?;
    Ok(removed)
}

/// Removes ended jobs that nobody needs to look at any more, so many at most.
pub(super) fn sweep(tx: &Tx<'_>, ended_before: Timestamp, limit: u32) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM jobs WHERE id IN (
                SELECT id FROM jobs
                WHERE recurring = 0 AND ended_at IS NOT NULL AND ended_at < :ended_before
                ORDER BY ended_at LIMIT :limit
            )",
        )?
        .execute(named_params! { ":ended_before": ended_before, ":limit": limit })?;
    Ok(removed)
}

/// How far a test tenant's clock runs ahead.
pub fn offset_ms(conn: &Connection, tenant: Tenant) -> Result<i64> {
    let mut statement =
        conn.prepare_cached("SELECT clock_offset_ms FROM tenants WHERE id = :tenant_id")?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}
