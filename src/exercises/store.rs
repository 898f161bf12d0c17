//! SQL of the coach's own exercises.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::OwnExercise;
use super::catalogue::Exercise;
use crate::caller::Tenant;
use crate::db::Tx;
use crate::error::{Error, Result};

type Stored = (
    crate::ids::ExerciseId,
    String,
    i64,
    crate::clock::Timestamp,
    crate::clock::Timestamp,
);

fn from_row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((
        row.get("id")?,
        row.get("body")?,
        row.get("version")?,
        row.get("created_at")?,
        row.get("updated_at")?,
    ))
}

fn read(stored: Stored) -> Result<OwnExercise> {
    let (id, body, version, created_at, updated_at) = stored;
    let exercise: Exercise = serde_json::from_str(&body).map_err(Error::internal)?;
    Ok(OwnExercise {
        id,
        exercise,
        version,
        created_at,
        updated_at,
    })
}

/// One of the coach's own exercises, by its slug or its id.
pub fn find(conn: &Connection, tenant: Tenant, name: &str) -> Result<Option<OwnExercise>> {
    let by_slug = "SELECT id, body, version, created_at, updated_at
        FROM exercises WHERE tenant_id = :tenant_id AND slug = :name";
    let by_id = "SELECT id, body, version, created_at, updated_at
        FROM exercises WHERE tenant_id = :tenant_id AND id = :name";
    for sql in [by_slug, by_id] {
        let mut statement = conn.prepare_cached(sql)?;
        let parameters = named_params! { ":tenant_id": tenant.number(), ":name": name };
        let found = statement.query_row(parameters, from_row).optional()?;
        if let Some(stored) = found {
            return read(stored).map(Some);
        }
    }
    Ok(None)
}

/// All of the coach's own exercises, in the order of their slugs.
pub fn all(conn: &Connection, tenant: Tenant) -> Result<Vec<OwnExercise>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, body, version, created_at, updated_at
        FROM exercises WHERE tenant_id = :tenant_id ORDER BY slug",
    )?;
    let rows = statement.query_map(named_params! { ":tenant_id": tenant.number() }, from_row)?;
    rows.map(|row| read(row?)).collect()
}

/// How many exercises of her own a coach has.
pub fn count(conn: &Connection, tenant: Tenant) -> Result<u32> {
    let mut statement =
        conn.prepare_cached("SELECT count(*) FROM exercises WHERE tenant_id = :tenant_id")?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

fn json(exercise: &Exercise) -> Result<String> {
    serde_json::to_string(exercise).map_err(Error::internal)
}

/// Inserts an exercise; false if its slug is taken.
pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, own: &OwnExercise) -> Result<bool> {
    let inserted = tx
        .prepare_cached(
            "INSERT INTO exercises (tenant_id, slug, id, body, version, created_at, updated_at)
            VALUES (:tenant_id, :slug, :id, :body, :version, :created_at, :updated_at)
            ON CONFLICT (tenant_id, slug) DO NOTHING",
        )?
        .execute(named_params! {
            ":tenant_id": tenant.number(),
            ":slug": own.exercise.slug,
            ":id": own.id,
            ":body": json(&own.exercise)?,
            ":version": own.version,
            ":created_at": own.created_at,
            ":updated_at": own.updated_at,
        })?;
    Ok(inserted == 1)
}

pub(super) fn update(tx: &Tx<'_>, tenant: Tenant, own: &OwnExercise) -> Result<()> {
    tx.prepare_cached(
        "UPDATE exercises SET body = :body, version = :version, updated_at = :updated_at
        WHERE tenant_id = :tenant_id AND slug = :slug",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":slug": own.exercise.slug,
        ":body": json(&own.exercise)?,
        ":version": own.version,
        ":updated_at": own.updated_at,
    })?;
    Ok(())
}

pub(super) fn delete(tx: &Tx<'_>, tenant: Tenant, slug: &str) -> Result<()> {
    tx.prepare_cached("DELETE FROM exercises WHERE tenant_id = :tenant_id AND slug = :slug")?
        .execute(named_params! { ":tenant_id": tenant.number(), ":slug": slug })?;
    Ok(())
}
