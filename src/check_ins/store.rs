//! SQL of check-ins.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::wearables::HrvMethod;
use super::{Checkin, Content, FormRef, Period, Status, Whole, measurements};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::files;
use crate::ids::{CheckinId, ClientId};
use crate::values::Date;

macro_rules! select {
    ($($rest:literal)*) => {
        concat!(
            "SELECT id, client_id, status, scheduled, due_at, closes_at, at, local_date,
                period_from, period_to, form_id, form_version, source, submitted_at, reviewed_at,
                reply, private_notes, version, created_at, updated_at, content
            FROM checkins WHERE tenant_id = :tenant_id ",
            $($rest),*
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<(Checkin, String)> {
    let status: String = row.get("status")?;
    let form = (row.get("form_id")?, row.get("form_version")?);
    let (form, version): (Option<_>, Option<_>) = form;
    let checkin = Checkin {
        id: row.get("id")?,
        client_id: row.get("client_id")?,
        // The column is checked by the table.
        status: Status::parse(&status).unwrap_or(Status::Submitted),
        scheduled: row.get("scheduled")?,
        due_at: row.get("due_at")?,
        closes_at: row.get("closes_at")?,
        at: row.get("at")?,
        local_date: row.get("local_date")?,
        period: Period {
            from: row.get("period_from")?,
            to: row.get("period_to")?,
        },
        form: form
            .zip(version)
            .map(|(id, version)| FormRef { id, version }),
        content: Content::default(),
        source: row.get("source")?,
        submitted_at: row.get("submitted_at")?,
        reviewed_at: row.get("reviewed_at")?,
        reply: row.get("reply")?,
        private_notes: row.get("private_notes")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    };
    Ok((checkin, row.get("content")?))
}

fn read((checkin, content): (Checkin, String)) -> Result<Checkin> {
    let content = serde_json::from_str(&content).map_err(Error::internal)?;
    Ok(Checkin { content, ..checkin })
}

fn read_all(
    rows: impl Iterator<Item = rusqlite::Result<(Checkin, String)>>,
) -> Result<Vec<Checkin>> {
    rows.map(|row| read(row?)).collect()
}

/// One check-in.
pub fn find(conn: &Connection, tenant: Tenant, id: CheckinId) -> Result<Option<Checkin>> {
    let mut statement = conn.prepare_cached(select!("AND id = :id"))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    let found = statement.query_row(parameters, from_row).optional()?;
    found.map(read).transpose()
}

/// A check-in with what has tables of its own.
pub fn whole(conn: &Connection, tenant: Tenant, checkin: Checkin) -> Result<Whole> {
    let place = (checkin.client_id, checkin.id);
    Ok(Whole {
        measured: measurements::store::of_checkin(conn, tenant, place)?,
        photos: files::store::of_checkin(conn, tenant, place)?,
        checkin,
    })
}

/// What a list is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// One status; without it, what was submitted.
    pub status: Option<Status>,
    /// The first day, the client's.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those that changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// A day, or an end of all days.
fn text(day: Option<Date>, end: &str) -> String {
    day.map_or_else(|| end.to_owned(), |day| day.to_string())
}

/// Check-ins of a client, the last day first, after the day and id of `last`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    (filter, last): (&Filter, Option<&(Date, String)>),
    limit: u32,
) -> Result<Vec<Checkin>> {
    let mut statement = conn.prepare_cached(select!(
        "AND client_id = :client_id
            AND local_date >= :from AND local_date <= :to
            AND (local_date, id) < (:last_date, :last_id)
            AND (CASE WHEN :status IS NULL THEN submitted_at IS NOT NULL ELSE status = :status END)
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after)
        ORDER BY local_date DESC, id DESC LIMIT :limit"
    ))?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":from": text(filter.from, ""),
            ":to": text(filter.to, "~"),
            ":last_date": text(last.map(|(date, _)| *date), "~"),
            ":last_id": last.map_or("~", |(_, id)| id.as_str()),
            ":status": filter.status.map(Status::name),
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    read_all(rows)
}

/// Check-ins of a client that have a wearable summary, the last day first.
pub fn wearables(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    (filter, method, last): (&Filter, Option<HrvMethod>, Option<&(Date, String)>),
    limit: u32,
) -> Result<Vec<Checkin>> {
    let mut statement = conn.prepare_cached(select!(
        "AND client_id = :client_id
            AND local_date >= :from AND local_date <= :to
            AND (local_date, id) < (:last_date, :last_id)
            AND json_type(content, '$.wearable_summary') = 'object'
            AND (:method IS NULL
                OR json_extract(content, '$.wearable_summary.hrv_method') = :method)
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after)
        ORDER BY local_date DESC, id DESC LIMIT :limit"
    ))?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": client,
            ":from": text(filter.from, ""),
            ":to": text(filter.to, "~"),
            ":last_date": text(last.map(|(date, _)| *date), "~"),
            ":last_id": last.map_or("~", |(_, id)| id.as_str()),
            ":method": method.map(HrvMethod::name),
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    read_all(rows)
}

/// What was submitted last of a client.
pub fn recent(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    limit: u32,
) -> Result<Vec<Checkin>> {
    page(conn, tenant, client, (&Filter::default(), None), limit)
}

/// When the last check-in of a client was submitted.
pub fn last_submitted_at(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
) -> Result<Option<Timestamp>> {
    let mut statement = conn.prepare_cached(
        "SELECT submitted_at FROM checkins
        WHERE tenant_id = :tenant_id AND client_id = :client_id AND submitted_at IS NOT NULL
        ORDER BY local_date DESC, id DESC LIMIT 1",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    let found = statement.query_row(parameters, |row| row.get("submitted_at"));
    Ok(found.optional()?)
}

/// How the list of all clients is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// The last submitted first; what is not submitted, by when it is due.
    Newest,
    /// The first submitted first.
    Oldest,
}

impl Sort {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("-submitted_at", Self::Newest),
        ("submitted_at", Self::Oldest),
    ];
}

/// Which part of the list of all clients: the filter, bounds of `at` and where the last page ended.
#[derive(Debug)]
pub struct Part<'a> {
    /// What it is asked for.
    pub filter: &'a Filter,
    /// How it is sorted.
    pub sort: Sort,
    /// The least time at which it is anywhere a day of the filter.
    pub low: Timestamp,
    /// The most.
    pub high: Timestamp,
    /// Time and id of the last one that was shown.
    pub last: Option<(i64, String)>,
}

macro_rules! queue {
    ($who:literal $beyond:literal $order:literal) => {
        select!(
            $who
            " AND at >= :low AND at <= :high AND (at, id) "
            $beyond
            " (:last_at, :last_id)
            AND (:from IS NULL OR local_date >= :from)
            AND (:to IS NULL OR local_date <= :to)
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after)
            ORDER BY "
            $order
            " LIMIT :limit"
        )
    };
}

/// By status or none of it, and by [`Sort`].
pub const QUEUES: [[&str; 2]; 2] = [
    [
        queue!("AND submitted_at IS NOT NULL AND :status IS NULL" "<" "at DESC, id DESC"),
        queue!("AND submitted_at IS NOT NULL AND :status IS NULL" ">" "at, id"),
    ],
    [
        queue!("AND status = :status" "<" "at DESC, id DESC"),
        queue!("AND status = :status" ">" "at, id"),
    ],
];

/// Check-ins of all clients.
pub fn queue(
    conn: &Connection,
    tenant: Tenant,
    part: &Part<'_>,
    limit: u32,
) -> Result<Vec<Checkin>> {
    let filter = part.filter;
    let sql = QUEUES[usize::from(filter.status.is_some())][part.sort as usize];
    let (end_at, end_id) = match part.sort {
        Sort::Newest => (i64::MAX, "~"),
        Sort::Oldest => (i64::MIN, ""),
    };
    let last = part.last.as_ref();
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":status": filter.status.map(Status::name),
            ":low": part.low,
            ":high": part.high,
            ":last_at": last.map_or(end_at, |(at, _)| *at),
            ":last_id": last.map_or(end_id, |(_, id)| id.as_str()),
            ":from": filter.from,
            ":to": filter.to,
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    read_all(rows)
}

/// The last check-in that a schedule asked a client for.
pub fn last_scheduled(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
) -> Result<Option<Checkin>> {
    let mut statement = conn.prepare_cached(select!(
        "AND client_id = :client_id AND scheduled = 1 ORDER BY due_at DESC LIMIT 1"
    ))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    let found = statement.query_row(parameters, from_row).optional()?;
    found.map(read).transpose()
}

/// The check-in that a client is asked for now: pending or overdue, and not too late for.
pub fn open(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    now: Timestamp,
) -> Result<Option<Checkin>> {
    let last = last_scheduled(conn, tenant, client)?;
    Ok(last.filter(|checkin| {
        checkin.submitted_at.is_none() && checkin.closes_at.is_none_or(|closes| now < closes)
    }))
}

/// Of what waits for a review: when the oldest was submitted, and the newest.
pub fn waiting(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
) -> Result<Option<(Timestamp, CheckinId)>> {
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    let oldest = conn
        .prepare_cached(
            "SELECT at FROM checkins
            WHERE tenant_id = :tenant_id AND client_id = :client_id AND status = 'submitted'
            ORDER BY at LIMIT 1",
        )?
        .query_row(parameters, |row| row.get(0))
        .optional()?;
    let newest = conn
        .prepare_cached(
            "SELECT id FROM checkins
            WHERE tenant_id = :tenant_id AND client_id = :client_id AND status = 'submitted'
            ORDER BY at DESC LIMIT 1",
        )?
        .query_row(parameters, |row| row.get(0))
        .optional()?;
    Ok(oldest.zip(newest))
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, checkin: &Checkin) -> Result<()> {
    let content = serde_json::to_string(&checkin.content).map_err(Error::internal)?;
    tx.prepare_cached(
        "INSERT INTO checkins (
            tenant_id, id, client_id, status, scheduled, due_at, closes_at, at, local_date,
            period_from, period_to, form_id, form_version, source, submitted_at, reviewed_at,
            reply, private_notes, version, created_at, updated_at, content
        ) VALUES (
            :tenant_id, :id, :client_id, :status, :scheduled, :due_at, :closes_at, :at,
            :local_date, :period_from, :period_to, :form_id, :form_version, :source,
            :submitted_at, :reviewed_at, :reply, :private_notes, :version, :created_at,
            :updated_at, :content
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": checkin.id,
        ":client_id": checkin.client_id,
        ":status": checkin.status.name(),
        ":scheduled": checkin.scheduled,
        ":due_at": checkin.due_at,
        ":closes_at": checkin.closes_at,
        ":at": checkin.at,
        ":local_date": checkin.local_date,
        ":period_from": checkin.period.from,
        ":period_to": checkin.period.to,
        ":form_id": checkin.form.map(|form| form.id),
        ":form_version": checkin.form.map(|form| form.version),
        ":source": checkin.source,
        ":submitted_at": checkin.submitted_at,
        ":reviewed_at": checkin.reviewed_at,
        ":reply": checkin.reply,
        ":private_notes": checkin.private_notes,
        ":version": checkin.version,
        ":created_at": checkin.created_at,
        ":updated_at": checkin.updated_at,
        ":content": content,
    })?;
    Ok(())
}

/// Writes a check-in back.
pub(super) fn update(tx: &Tx<'_>, tenant: Tenant, checkin: &Checkin) -> Result<()> {
    let content = serde_json::to_string(&checkin.content).map_err(Error::internal)?;
    tx.prepare_cached(
        "UPDATE checkins
        SET status = :status, due_at = :due_at, closes_at = :closes_at, at = :at,
            local_date = :local_date, period_from = :period_from, period_to = :period_to,
            form_id = :form_id, form_version = :form_version, source = :source,
            submitted_at = :submitted_at, reviewed_at = :reviewed_at, reply = :reply,
            private_notes = :private_notes, version = :version, updated_at = :updated_at,
            content = :content
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": checkin.id,
        ":status": checkin.status.name(),
        ":due_at": checkin.due_at,
        ":closes_at": checkin.closes_at,
        ":at": checkin.at,
        ":local_date": checkin.local_date,
        ":period_from": checkin.period.from,
        ":period_to": checkin.period.to,
        ":form_id": checkin.form.map(|form| form.id),
        ":form_version": checkin.form.map(|form| form.version),
        ":source": checkin.source,
        ":submitted_at": checkin.submitted_at,
        ":reviewed_at": checkin.reviewed_at,
        ":reply": checkin.reply,
        ":private_notes": checkin.private_notes,
        ":version": checkin.version,
        ":updated_at": checkin.updated_at,
        ":content": content,
    })?;
    Ok(())
}

/// Removes a check-in that was asked for and not submitted.
pub(super) fn remove(tx: &Tx<'_>, tenant: Tenant, id: CheckinId) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM checkins
        WHERE tenant_id = :tenant_id AND id = :id AND submitted_at IS NULL",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":id": id })?;
    Ok(())
}
