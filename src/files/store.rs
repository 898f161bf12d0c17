//! SQL of photos.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Photo, Pose};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{CheckinId, ClientId, PhotoId};
use crate::values::Date;

macro_rules! select {
    ($($rest:literal)*) => {
        concat!(
            "SELECT id, client_id, checkin_id, pose, taken_on, width, height, bytes, version,
                created_at
            FROM photos WHERE tenant_id = :tenant_id ",
            $($rest),*
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Photo> {
    let pose: String = row.get("pose")?;
    Ok(Photo {
        id: row.get("id")?,
        client_id: row.get("client_id")?,
        checkin_id: row.get("checkin_id")?,
        // The column is checked by the table.
        pose: Pose::parse(&pose).unwrap_or(Pose::Other),
        taken_on: row.get("taken_on")?,
        width: row.get("width")?,
        height: row.get("height")?,
        bytes: row.get("bytes")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
    })
}

/// One photo.
pub fn find(conn: &Connection, tenant: Tenant, id: PhotoId) -> Result<Option<Photo>> {
    let mut statement = conn.prepare_cached(select!("AND id = :id"))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// The photos of a client's check-in, in the order in which they came.
pub fn of_checkin(
    conn: &Connection,
    tenant: Tenant,
    (client, checkin): (ClientId, CheckinId),
) -> Result<Vec<Photo>> {
    let mut statement = conn.prepare_cached(select!(
        "AND client_id = :client_id AND checkin_id = :checkin_id ORDER BY id"
    ))?;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": client,
        ":checkin_id": checkin,
    };
    let rows = statement.query_map(parameters, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a list is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// From one side.
    pub pose: Option<Pose>,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
}

/// Photos of a client, the newest first, below the id `before`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Photo>> {
    let mut statement = conn.prepare_cached(select!(
        "AND client_id = :client_id AND id < :before
            AND (:pose IS NULL OR pose = :pose)
            AND (:from IS NULL OR taken_on >= :from)
            AND (:to IS NULL OR taken_on <= :to)
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
        ORDER BY id DESC LIMIT :limit"
    ))?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":before": before.unwrap_or("~"),
            ":pose": filter.pose.map(Pose::name),
            ":from": filter.from,
            ":to": filter.to,
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The picture of a photo.
pub fn picture(conn: &Connection, tenant: Tenant, id: PhotoId) -> Result<Option<Vec<u8>>> {
    let mut statement = conn.prepare_cached(
        "SELECT jpeg FROM photo_pictures WHERE tenant_id = :tenant_id AND photo_id = :id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    let jpeg = statement.query_row(parameters, |row| row.get(0));
    Ok(jpeg.optional()?)
}

/// How many photos a client has.
pub(super) fn count(conn: &Connection, tenant: Tenant, client: ClientId) -> Result<u32> {
    let count = conn
        .prepare_cached(
            "SELECT count(*) FROM photos WHERE tenant_id = :tenant_id AND client_id = :client_id",
        )?
        .query_row(
            named_params! { ":tenant_id": tenant.number(), ":client_id": client },
            |row| row.get(0),
        )?;
    Ok(count)
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, photo: &Photo, jpeg: &[u8]) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO photos (
            tenant_id, id, client_id, checkin_id, pose, taken_on, width, height, bytes, version,
            created_at
        ) VALUES (
            :tenant_id, :id, :client_id, :checkin_id, :pose, :taken_on, :width, :height, :bytes,
            :version, :created_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": photo.id,
        ":client_id": photo.client_id,
        ":checkin_id": photo.checkin_id,
        ":pose": photo.pose.name(),
        ":taken_on": photo.taken_on,
        ":width": photo.width,
        ":height": photo.height,
        ":bytes": photo.bytes,
        ":version": photo.version,
        ":created_at": photo.created_at,
    })?;
    tx.prepare_cached(
        "INSERT INTO photo_pictures (tenant_id, photo_id, jpeg) VALUES (:tenant_id, :id, :jpeg)",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": photo.id,
        ":jpeg": jpeg,
    })?;
    Ok(())
}

/// Makes a photo part of a check-in.
pub(super) fn attach(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: PhotoId,
    checkin: CheckinId,
    pose: Pose,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE photos SET checkin_id = :checkin_id, pose = :pose, version = version + 1
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": id,
        ":checkin_id": checkin,
        ":pose": pose.name(),
    })?;
    Ok(())
}

pub(super) fn delete(tx: &Tx<'_>, tenant: Tenant, id: PhotoId) -> Result<()> {
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    tx.prepare_cached(
        "DELETE FROM photo_pictures WHERE tenant_id = :tenant_id AND photo_id = :id",
    )?
    .execute(parameters)?;
    tx.prepare_cached("DELETE FROM photos WHERE tenant_id = :tenant_id AND id = :id")?
        .execute(parameters)?;
    Ok(())
}
