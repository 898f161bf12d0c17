//! SQL of schedules.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::Schedule;
use crate::caller::{Mode, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::ClientId;

macro_rules! select {
    ($($rest:literal)*) => {
        concat!(
            "SELECT client_id, active, weekday, every_weeks, minutes, form_id, timezone, next_on,
                next_due_at, opened, wake_at, version, created_at, updated_at
            FROM checkin_schedules WHERE tenant_id = :tenant_id ",
            $($rest),*
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Schedule> {
    Ok(Schedule {
        client_id: row.get("client_id")?,
        active: row.get("active")?,
        weekday: row.get("weekday")?,
        every_weeks: row.get("every_weeks")?,
        minutes: row.get("minutes")?,
        form_id: row.get("form_id")?,
        timezone: row.get("timezone")?,
        next_on: row.get("next_on")?,
        next_due_at: row.get("next_due_at")?,
        opened: row.get("opened")?,
        wake_at: row.get("wake_at")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// The schedule of a client.
pub fn find(conn: &Connection, tenant: Tenant, client: ClientId) -> Result<Option<Schedule>> {
    let mut statement = conn.prepare_cached(select!("AND client_id = :client_id"))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":client_id": client };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// Schedules for which something is to be done by now, the longest waiting first.
pub fn due(conn: &Connection, tenant: Tenant, now: Timestamp, limit: u32) -> Result<Vec<Schedule>> {
    let mut statement = conn.prepare_cached(select!(
        "AND wake_at IS NOT NULL AND wake_at <= :now ORDER BY wake_at, client_id LIMIT :limit"
    ))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":now": now, ":limit": limit };
    let rows = statement.query_map(parameters, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// When something is to be done first.
pub fn first_wake(conn: &Connection, tenant: Tenant) -> Result<Option<Timestamp>> {
    let mut statement = conn.prepare_cached(
        "SELECT wake_at FROM checkin_schedules
        WHERE tenant_id = :tenant_id AND wake_at IS NOT NULL ORDER BY wake_at LIMIT 1",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    Ok(statement
        .query_row(parameters, |row| row.get(0))
        .optional()?)
}

/// Tenants for which something was to be done before a time of theirs: `before` is the server's.
pub fn behind(conn: &Connection, before: Timestamp) -> Result<Vec<(Tenant, i64)>> {
    let mut statement = conn.prepare_cached(
        "SELECT t.id, t.mode, t.clock_offset_ms FROM tenants t
        WHERE EXISTS (
            SELECT 1 FROM checkin_schedules s
            WHERE s.tenant_id = t.id AND s.wake_at IS NOT NULL
                AND s.wake_at < :before + t.clock_offset_ms
        )",
    )?;
    let rows = statement.query_map(named_params! { ":before": before }, |row| {
        let mode: String = row.get("mode")?;
        let mode = Mode::parse(&mode).unwrap_or(Mode::Live);
        Ok((
            Tenant::new(row.get("id")?, mode),
            row.get("clock_offset_ms")?,
        ))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Has the schedules of clients without a time zone of their own be looked at now.
pub(super) fn look_again(tx: &Tx<'_>, tenant: Tenant, now: Timestamp) -> Result<()> {
    tx.prepare_cached(
        "UPDATE checkin_schedules SET wake_at = :now
        WHERE tenant_id = :tenant_id AND wake_at IS NOT NULL AND wake_at > :now AND EXISTS (
            SELECT 1 FROM clients c
            WHERE c.tenant_id = :tenant_id AND c.id = client_id AND c.timezone IS NULL
        )",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":now": now })?;
    Ok(())
}

pub(super) fn save(tx: &Tx<'_>, tenant: Tenant, schedule: &Schedule) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO checkin_schedules (
            tenant_id, client_id, active, weekday, every_weeks, minutes, form_id, timezone, next_on,
            next_due_at, opened, wake_at, version, created_at, updated_at
        ) VALUES (
            :tenant_id, :client_id, :active, :weekday, :every_weeks, :minutes, :form_id, :timezone,
            :next_on, :next_due_at, :opened, :wake_at, :version, :created_at, :updated_at
        ) ON CONFLICT (tenant_id, client_id) DO UPDATE
        SET active = :active, weekday = :weekday, every_weeks = :every_weeks, minutes = :minutes,
            form_id = :form_id, timezone = :timezone, next_on = :next_on,
            next_due_at = :next_due_at, opened = :opened, wake_at = :wake_at, version = :version,
            updated_at = :updated_at",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":client_id": schedule.client_id,
        ":active": schedule.active,
        ":weekday": schedule.weekday,
        ":every_weeks": schedule.every_weeks,
        ":minutes": schedule.minutes,
        ":form_id": schedule.form_id,
        ":timezone": schedule.timezone,
        ":next_on": schedule.next_on,
        ":next_due_at": schedule.next_due_at,
        ":opened": schedule.opened,
        ":wake_at": schedule.wake_at,
        ":version": schedule.version,
        ":created_at": schedule.created_at,
        ":updated_at": schedule.updated_at,
    })?;
    Ok(())
}
