//! SQL of workout logs and personal records.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::records::{Key, Record};
use super::{Content, LogStatus, Place, WorkoutLog};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{ClientId, ProgramId, WorkoutLogId};
use crate::values::Date;

macro_rules! select {
    ($($rest:literal)*) => {
        concat!(
            "SELECT id, client_id, performed_on, status, program_id, place, body, version,
                created_at, updated_at
            FROM workout_logs WHERE tenant_id = :tenant_id AND client_id = :client_id ",
            $($rest),*
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<(WorkoutLog, String)> {
    let status: String = row.get("status")?;
    let place: Option<String> = row.get("place")?;
    let log = WorkoutLog {
        id: row.get("id")?,
        client_id: row.get("client_id")?,
        performed_on: row.get("performed_on")?,
        // The column is checked by the table.
        status: LogStatus::parse(&status).unwrap_or(LogStatus::Done),
        program_id: row.get("program_id")?,
        place: place.as_deref().and_then(Place::parse),
        content: Content::default(),
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    };
    Ok((log, row.get("body")?))
}

fn read((log, body): (WorkoutLog, String)) -> Result<WorkoutLog> {
    let content = serde_json::from_str(&body).map_err(Error::internal)?;
    Ok(WorkoutLog { content, ..log })
}

/// One log of a client.
pub fn find(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    id: WorkoutLogId,
) -> Result<Option<WorkoutLog>> {
    let mut statement = conn.prepare_cached(select!("AND id = :id"))?;
    let parameters =
        named_params! { ":tenant_id": tenant.number(), ":client_id": client, ":id": id };
    statement
        .query_row(parameters, from_row)
        .optional()?
        .map(read)
        .transpose()
}

/// What a history is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// One status.
    pub status: Option<LogStatus>,
    /// Those of a program.
    pub program_id: Option<ProgramId>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those that changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// Logs of a client, the last logged first, below the id `before`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<WorkoutLog>> {
    let mut statement = conn.prepare_cached(select!(
        "AND id < :before
            AND (:from IS NULL OR performed_on >= :from)
            AND (:to IS NULL OR performed_on <= :to)
            AND (:status IS NULL OR status = :status)
            AND (:program_id IS NULL OR program_id = :program_id)
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after)
        ORDER BY id DESC LIMIT :limit"
    ))?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":before": before.unwrap_or("~"),
            ":from": filter.from,
            ":to": filter.to,
            ":status": filter.status.map(LogStatus::name),
            ":program_id": filter.program_id,
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    rows.map(|row| read(row?)).collect()
}

/// What became of each planned session that a client did on a day or later; the last log of a session
/// counts.
pub fn planned(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    from: Date,
) -> Result<Vec<((ProgramId, Place), LogStatus)>> {
    let mut statement = conn.prepare_cached(
        "SELECT program_id, place, status, id FROM workout_logs
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND performed_on >= :from
            AND program_id IS NOT NULL AND place IS NOT NULL",
    )?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": client,
        ":from": from.to_string(),
    };
    let rows = statement.query_map(parameters, |row| {
        Ok((
            row.get::<_, String>("id")?,
            row.get("program_id")?,
            row.get::<_, String>("place")?,
            row.get::<_, String>("status")?,
        ))
    })?;
    let mut rows: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
    // Sorted here: asked of the database, it would go through all that the client ever logged.
    rows.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    let mut found = Vec::new();
    for (_, program, place, status) in rows {
        let read = Place::parse(&place).zip(LogStatus::parse(&status));
        found.extend(read.map(|(place, status)| ((program, place), status)));
    }
    Ok(found)
}

/// What was logged of the planned sessions of a program, oldest first.
pub fn of_program(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    program: ProgramId,
) -> Result<Vec<(Place, WorkoutLogId, LogStatus)>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, place, status FROM workout_logs
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND program_id = :program_id
            AND place IS NOT NULL
        ORDER BY id",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":program_id": program,
        },
        |row| {
            let (place, status): (String, String) = (row.get("place")?, row.get("status")?);
            Ok((row.get("id")?, place, status))
        },
    )?;
    let mut found = Vec::new();
    for row in rows {
        let (id, place, status) = row?;
        let read = Place::parse(&place).zip(LogStatus::parse(&status));
        found.extend(read.map(|(place, status)| (place, id, status)));
    }
    Ok(found)
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, log: &WorkoutLog, body: &str) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO workout_logs (
            tenant_id, client_id, id, performed_on, status, program_id, place, pain, body, version,
            created_at, updated_at
        ) VALUES (
            :tenant_id, :client_id, :id, :performed_on, :status, :program_id, :place, :pain, :body,
            :version, :created_at, :updated_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": log.client_id,
        ":id": log.id,
        ":performed_on": log.performed_on,
        ":status": log.status.name(),
        ":program_id": log.program_id,
        ":place": log.place.map(Place::to_text),
        ":pain": log.content.hurt(),
        ":body": body,
        ":version": log.version,
        ":created_at": log.created_at,
        ":updated_at": log.updated_at,
    })?;
    Ok(())
}

/// Writes a log back.
pub(super) fn update(tx: &Tx<'_>, tenant: Tenant, log: &WorkoutLog, body: &str) -> Result<()> {
    tx.prepare_cached(
        "UPDATE workout_logs
        SET performed_on = :performed_on, status = :status, program_id = :program_id,
            place = :place, pain = :pain, body = :body, version = :version,
            updated_at = :updated_at
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": log.client_id,
        ":id": log.id,
        ":performed_on": log.performed_on,
        ":status": log.status.name(),
        ":program_id": log.program_id,
        ":place": log.place.map(Place::to_text),
        ":pain": log.content.hurt(),
        ":body": body,
        ":version": log.version,
        ":updated_at": log.updated_at,
    })?;
    Ok(())
}

/// Removes a log.
pub(super) fn delete(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: ClientId,
    id: WorkoutLogId,
) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM workout_logs
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND id = :id",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":client_id": client, ":id": id })?;
    Ok(())
}

/// The logs of a client in which one of these exercises was done, in the order in which they were
/// logged.
pub fn with_exercises(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    slugs: &BTreeSet<String>,
) -> Result<Vec<WorkoutLog>> {
    // As the body has it: only what may hold one is taken apart.
    let marks: Vec<String> = slugs
        .iter()
        .map(|slug| format!("\"exercise\":\"{slug}\""))
        .collect();
    let mut statement = conn.prepare_cached(select!("ORDER BY id"))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    let rows = statement.query_map(parameters, from_row)?;
    let mut found = Vec::new();
    for row in rows {
        let (log, body) = row?;
        if marks.iter().any(|mark| body.contains(mark)) {
            found.push(read((log, body))?);
        }
    }
    Ok(found)
}

/// The last log of a client since a time in which something hurt.
pub fn last_hurt(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    since: Timestamp,
) -> Result<Option<WorkoutLog>> {
    let mut statement = conn.prepare_cached(select!(
        "AND pain = 1 AND created_at > :since ORDER BY id DESC LIMIT 1"
    ))?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(), ":client_id": client, ":since": since,
    };
    statement
        .query_row(parameters, from_row)
        .optional()?
        .map(read)
        .transpose()
}

/// The best of a client in one exercise, in grams.
pub fn best(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    exercise: &str,
) -> Result<BTreeMap<Key, i64>> {
    let mut statement = conn.prepare_cached(
        "SELECT reps, grams FROM personal_records
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND exercise = :exercise",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":exercise": exercise,
        },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut best = BTreeMap::new();
    for row in rows {
        let (reps, grams) = row?;
        best.insert(
            Key {
                exercise: exercise.to_owned(),
                reps,
            },
            grams,
        );
    }
    Ok(best)
}

/// Logs of a client with a set that hurt, since a day, the last logged first.
pub fn painful(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    since: Date,
    limit: u32,
) -> Result<Vec<WorkoutLog>> {
    let mut statement = conn.prepare_cached(select!(
        "AND performed_on >= :since AND pain = 1 ORDER BY performed_on DESC, id DESC LIMIT :limit"
    ))?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":since": since,
            ":limit": limit,
        },
        from_row,
    )?;
    rows.map(|row| read(row?)).collect()
}

/// A record as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What it is of.
    pub key: Key,
    /// How much.
    pub grams: i64,
    /// When it was lifted.
    pub achieved_on: Date,
    /// The log that it is from.
    pub log_id: WorkoutLogId,
    /// When it was kept.
    pub updated_at: Timestamp,
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        key: Key {
            exercise: row.get("exercise")?,
            reps: row.get("reps")?,
        },
        grams: row.get("grams")?,
        achieved_on: row.get("achieved_on")?,
        log_id: row.get("log_id")?,
        updated_at: row.get("updated_at")?,
    })
}

/// The records of a client after one of them, by exercise and repetitions.
pub fn records(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    (exercise, after): (Option<&str>, Option<&Key>),
    limit: u32,
) -> Result<Vec<Kept>> {
    let mut statement = conn.prepare_cached(
        "SELECT exercise, reps, grams, achieved_on, log_id, updated_at FROM personal_records
        WHERE tenant_id = :tenant_id AND client_id = :client_id
            AND (exercise, reps) > (:after_exercise, :after_reps)
            AND (:exercise IS NULL OR exercise = :exercise)
        ORDER BY exercise, reps LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":exercise": exercise,
            ":after_exercise": after.map_or("", |key| key.exercise.as_str()),
            ":after_reps": after.map_or(0, |key| key.reps),
            ":limit": limit,
        },
        kept,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The estimated maxima of a client that were lifted since a day, by exercise.
pub fn maxima(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    since: Date,
    limit: u32,
) -> Result<Vec<Kept>> {
    let mut statement = conn.prepare_cached(
        "SELECT exercise, reps, grams, achieved_on, log_id, updated_at FROM personal_records
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND reps = 0
            AND achieved_on >= :since
        ORDER BY exercise LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":since": since,
            ":limit": limit,
        },
        kept,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Keeps a record of a log; `at` is when that was found.
pub(super) fn keep(
    tx: &Tx<'_>,
    tenant: Tenant,
    log: &WorkoutLog,
    (record, at): (&Record, Timestamp),
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO personal_records (
            tenant_id, client_id, exercise, reps, grams, achieved_on, log_id, updated_at
        ) VALUES (
            :tenant_id, :client_id, :exercise, :reps, :grams, :achieved_on, :log_id, :updated_at
        ) ON CONFLICT (tenant_id, client_id, exercise, reps) DO UPDATE
        SET grams = :grams, achieved_on = :achieved_on, log_id = :log_id, updated_at = :updated_at",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": log.client_id,
        ":exercise": record.key.exercise,
        ":reps": record.key.reps,
        ":grams": record.grams,
        ":achieved_on": log.performed_on,
        ":log_id": log.id,
        ":updated_at": at,
    })?;
    Ok(())
}

/// Removes a record that is none any more.
pub(super) fn forget(tx: &Tx<'_>, tenant: Tenant, client: ClientId, key: &Key) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM personal_records
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND exercise = :exercise
            AND reps = :reps",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": client,
        ":exercise": key.exercise,
        ":reps": key.reps,
    })?;
    Ok(())
}
