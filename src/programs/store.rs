//! SQL of programs.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::model::Cycles;
use super::{Program, Status, WholeProgram};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{ClientId, ProgramId};
use crate::values::Date;

impl ToSql for Date {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.to_string()))
    }
}

impl FromSql for Date {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).map_err(|invalid| FromSqlError::Other(invalid.into()))
    }
}

impl ToSql for Cycles {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let json = serde_json::to_string(self);
        let json = json.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(ToSqlOutput::from(json))
    }
}

impl FromSql for Cycles {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let read = serde_json::from_str(value.as_str()?);
        read.map_err(|error| FromSqlError::Other(error.into()))
    }
}

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        // The column is checked by the table.
        Ok(Self::parse(value.as_str()?).unwrap_or(Self::Draft))
    }
}

macro_rules! select {
    ($($rest:literal)*) => {
        concat!(
            "SELECT id, client_id, status, name, notes, goal, start_date, cycles, template_id,
                metadata, generation IS NOT NULL AS generated, activated_at, completed_at,
                archived_at, version, created_at, updated_at, generation, blocks
            FROM programs WHERE tenant_id = :tenant_id ",
            $($rest),*
        )
    };
}

fn pairs(json: &str) -> Vec<(String, String)> {
    let map: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(json).unwrap_or_default();
    let pairs = map.into_iter();
    pairs
        .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
        .collect()
}

fn pairs_json(pairs: &[(String, String)]) -> String {
    let map: serde_json::Map<String, serde_json::Value> = pairs
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    serde_json::Value::Object(map).to_string()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Program> {
    Ok(Program {
        id: row.get("id")?,
        client_id: row.get("client_id")?,
        status: row.get("status")?,
        name: row.get("name")?,
        notes: row.get("notes")?,
        goal: row.get("goal")?,
        start_date: row.get("start_date")?,
        cycles: row.get("cycles")?,
        template_id: row.get("template_id")?,
        metadata: pairs(&row.get::<_, String>("metadata")?),
        generated: row.get("generated")?,
        activated_at: row.get("activated_at")?,
        completed_at: row.get("completed_at")?,
        archived_at: row.get("archived_at")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn whole_from_row(row: &Row<'_>) -> rusqlite::Result<WholeProgram> {
    Ok(WholeProgram {
        program: from_row(row)?,
        generation: row.get("generation")?,
        blocks: row.get("blocks")?,
    })
}

/// One program with what it is made of.
pub fn find(conn: &Connection, tenant: Tenant, id: ProgramId) -> Result<Option<WholeProgram>> {
    let mut statement = conn.prepare_cached(select!("AND id = :id"))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement.query_row(parameters, whole_from_row).optional()?)
}

/// The program that a client follows, without what it is made of.
pub fn find_current(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
) -> Result<Option<Program>> {
    let mut statement =
        conn.prepare_cached("SELECT id, client_id, status, name, notes, goal, start_date, cycles, template_id,
            metadata, generation IS NOT NULL AS generated, activated_at, completed_at, archived_at,
            version, created_at, updated_at
        FROM programs WHERE tenant_id = :tenant_id AND client_id = :client_id AND status = 'active'")?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// The program that a client follows, with what it is made of.
pub fn find_active(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
) -> Result<Option<WholeProgram>> {
    let mut statement =
        conn.prepare_cached(select!("AND client_id = :client_id AND status = 'active'"))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    Ok(statement.query_row(parameters, whole_from_row).optional()?)
}

/// Programs that are followed, by client, behind the client `after`.
pub fn active(conn: &Connection, tenant: Tenant, after: &str, limit: u32) -> Result<Vec<Program>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, client_id, status, name, notes, goal, start_date, cycles, template_id,
            metadata, generation IS NOT NULL AS generated, activated_at, completed_at, archived_at,
            version, created_at, updated_at
        FROM programs
        WHERE tenant_id = :tenant_id AND status = 'active' AND client_id > :after
        ORDER BY client_id LIMIT :limit",
    )?;
    let parameters =
        named_params! { ":tenant_id": tenant.number(), ":after": after, ":limit": limit };
    let rows = statement.query_map(parameters, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The most programs of a client that are read at once: more than anybody follows in three months.
const FOLLOWED_MAX: u32 = 20;

/// The programs that a client follows or has followed since a time, with what they are made of; the
/// latest where they are many.
pub fn followed(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    since: Timestamp,
) -> Result<Vec<WholeProgram>> {
    let mut statement = conn.prepare_cached(select!(
        "AND client_id = :client_id AND activated_at IS NOT NULL
            AND coalesce(completed_at, archived_at, :since) >= :since
        ORDER BY id DESC LIMIT :limit"
    ))?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": client,
        ":since": since,
        ":limit": FOLLOWED_MAX,
    };
    let rows = statement.query_map(parameters, whole_from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a list of programs is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// One status.
    pub status: Option<Status>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those that changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// Programs of a client, newest first, below the id `before`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Program>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, client_id, status, name, notes, goal, start_date, cycles, template_id,
            metadata, generation IS NOT NULL AS generated, activated_at, completed_at, archived_at,
            version, created_at, updated_at
        FROM programs WHERE tenant_id = :tenant_id AND client_id = :client_id AND id < :before
            AND (:status IS NULL OR status = :status)
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after)
        ORDER BY id DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":before": before.unwrap_or("~"),
            ":status": filter.status.map(Status::name),
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Programs of all clients with the names of these, newest first, below the id `before`.
pub fn page_of_all(
    conn: &Connection,
    tenant: Tenant,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<(Program, String)>> {
    let mut statement = conn.prepare_cached(
        "SELECT programs.id, client_id, programs.status, programs.name, programs.notes,
            programs.goal, start_date, cycles, template_id, programs.metadata,
            generation IS NOT NULL AS generated, activated_at, completed_at, programs.archived_at,
            programs.version, programs.created_at, programs.updated_at, clients.name AS client_name
        FROM programs
        JOIN clients ON clients.tenant_id = programs.tenant_id AND clients.id = client_id
        WHERE programs.tenant_id = :tenant_id AND programs.id < :before
            AND (:status IS NULL OR programs.status = :status)
            AND (:created_after IS NULL OR programs.created_at > :created_after)
            AND (:created_before IS NULL OR programs.created_at < :created_before)
            AND (:updated_after IS NULL OR programs.updated_at > :updated_after)
        ORDER BY programs.id DESC LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":before": before.unwrap_or("~"),
            ":status": filter.status.map(Status::name),
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        |row| Ok((from_row(row)?, row.get("client_name")?)),
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, whole: &WholeProgram) -> Result<()> {
    let program = &whole.program;
    tx.prepare_cached(
        "INSERT INTO programs (
            tenant_id, id, client_id, status, name, notes, goal, start_date, cycles,
            template_id, metadata, activated_at, completed_at, archived_at, version, created_at,
            updated_at, generation, blocks
        ) VALUES (
            :tenant_id, :id, :client_id, :status, :name, :notes, :goal, :start_date, :cycles,
            :template_id, :metadata, :activated_at, :completed_at, :archived_at, :version,
            :created_at, :updated_at, :generation, :blocks
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": program.id,
        ":client_id": program.client_id,
        ":status": program.status.name(),
        ":name": program.name,
        ":notes": program.notes,
        ":goal": program.goal,
        ":start_date": program.start_date,
        ":cycles": program.cycles,
        ":template_id": program.template_id,
        ":metadata": pairs_json(&program.metadata),
        ":activated_at": program.activated_at,
        ":completed_at": program.completed_at,
        ":archived_at": program.archived_at,
        ":version": program.version,
        ":created_at": program.created_at,
        ":updated_at": program.updated_at,
        ":generation": whole.generation,
        ":blocks": whole.blocks,
    })?;
    Ok(())
}

/// Writes a program back, without what it is made of.
pub(super) fn update(tx: &Tx<'_>, tenant: Tenant, program: &Program) -> Result<()> {
    tx.prepare_cached(
        "UPDATE programs
        SET status = :status, name = :name, notes = :notes, start_date = :start_date,
            cycles = :cycles, metadata = :metadata, activated_at = :activated_at,
            completed_at = :completed_at, archived_at = :archived_at, version = :version,
            updated_at = :updated_at
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": program.id,
        ":status": program.status.name(),
        ":name": program.name,
        ":notes": program.notes,
        ":start_date": program.start_date,
        ":cycles": program.cycles,
        ":metadata": pairs_json(&program.metadata),
        ":activated_at": program.activated_at,
        ":completed_at": program.completed_at,
        ":archived_at": program.archived_at,
        ":version": program.version,
        ":updated_at": program.updated_at,
    })?;
    Ok(())
}

pub(super) fn set_blocks(tx: &Tx<'_>, tenant: Tenant, id: ProgramId, blocks: &str) -> Result<()> {
    tx.prepare_cached(
        "UPDATE programs SET blocks = :blocks WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":id": id, ":blocks": blocks })?;
    Ok(())
}
