//! SQL of webhooks.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Health, Replay, Status, Told, Webhook};
use crate::caller::{Mode, Scopes, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::{AppId, GrantId, WebhookId};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT
                id, url, inbox, description, events, scopes, app_id, grant_id, secret, former_secret, former_until,
                status, disabled_reason, first_sequence, last_sequence, failures, last_failed,
                unreached, failing_since, hold_until, told, replay_since, replay_next, replay_last,
                replay_from, replay_all, version, created_at, updated_at
            FROM webhooks ",
            $rest
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Webhook> {
    let events: String = row.get("events")?;
    let scopes: Option<String> = row.get("scopes")?;
    let status: String = row.get("status")?;
    let told: Option<String> = row.get("told")?;
    let app: Option<AppId> = row.get("app_id")?;
    let grant: Option<GrantId> = row.get("grant_id")?;
    let former: Option<Vec<u8>> = row.get("former_secret")?;
    let former_until: Option<Timestamp> = row.get("former_until")?;
    let replay = match row.get("replay_next")? {
        None => None,
        Some(next) => Some(Replay {
            next,
            last: row.get("replay_last")?,
            from: row.get("replay_from")?,
            all: row.get("replay_all")?,
        }),
    };
    Ok(Webhook {
        id: row.get("id")?,
        url: row.get("url")?,
        inbox: row.get("inbox")?,
        description: row.get("description")?,
        events: serde_json::from_str(&events).unwrap_or_default(),
        scopes: scopes.map(|text| Scopes::from_text(&text)),
        app: app.map(|app| (app, grant)),
        secret: row.get("secret")?,
        former: former.zip(former_until),
        status: Status::parse(&status).unwrap_or(Status::Disabled),
        disabled_reason: row.get("disabled_reason")?,
        first_sequence: row.get("first_sequence")?,
        last_sequence: row.get("last_sequence")?,
        health: Health {
            failures: row.get("failures")?,
            last_failed: row.get("last_failed")?,
            unreached: row.get("unreached")?,
            failing_since: row.get("failing_since")?,
            hold_until: row.get("hold_until")?,
        },
        told: told.and_then(|text| Told::parse(&text)),
        replay_since: row.get("replay_since")?,
        replay,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// One webhook that was not deleted.
pub fn find(conn: &Connection, tenant: Tenant, id: WebhookId) -> Result<Option<Webhook>> {
    let mut statement = conn.prepare_cached(select!(
        "WHERE tenant_id = :tenant_id AND id = :id AND deleted_at IS NULL"
    ))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// Webhooks of a tenant, newest first, below the id `before`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Webhook>> {
    let mut statement = conn.prepare_cached(select!(
        "WHERE tenant_id = :tenant_id AND id < :before AND deleted_at IS NULL
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after)
        ORDER BY id DESC LIMIT :limit"
    ))?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":before": before.unwrap_or("~"),
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a list of webhooks is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those that changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// Every webhook of a tenant that was not deleted.
pub fn all(conn: &Connection, tenant: Tenant) -> Result<Vec<Webhook>> {
    let mut statement = conn.prepare_cached(select!(
        "WHERE tenant_id = :tenant_id AND deleted_at IS NULL"
    ))?;
    let rows = statement.query_map(named_params! { ":tenant_id": tenant.number() }, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every webhook of the server for which something waits, or a replay is under way.
pub fn busy(conn: &Connection) -> Result<Vec<(Tenant, WebhookId)>> {
    let mut statement = conn.prepare_cached(
        "SELECT w.tenant_id, t.mode, w.id
        FROM webhooks w JOIN tenants t ON t.id = w.tenant_id
        WHERE w.deleted_at IS NULL AND w.status = 'enabled' AND (
            w.replay_next IS NOT NULL OR EXISTS (
                SELECT 1 FROM deliveries d
                WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id AND d.status = 'pending'
            )
        )",
    )?;
    let rows = statement.query_map([], |row| Ok((tenant_of(row)?, row.get("id")?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn tenant_of(row: &Row<'_>) -> rusqlite::Result<Tenant> {
    let mode: String = row.get("mode")?;
    // The table knows no third mode.
    let mode = Mode::parse(&mode).unwrap_or(Mode::Test);
    Ok(Tenant::new(row.get("tenant_id")?, mode))
}

/// Tenants whose webhooks were told of less than what happened.
pub fn behind(conn: &Connection) -> Result<Vec<Tenant>> {
    let mut statement = conn.prepare_cached(
        "SELECT id AS tenant_id, mode FROM tenants WHERE webhook_sequence < event_sequence",
    )?;
    let rows = statement.query_map([], tenant_of)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Tenants in which something happened.
pub fn with_events(conn: &Connection) -> Result<Vec<Tenant>> {
    let mut statement =
        conn.prepare_cached("SELECT id AS tenant_id, mode FROM tenants WHERE event_sequence > 0")?;
    let rows = statement.query_map([], tenant_of)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How far the tenant's events were handed out, and how many there are; none without webhooks.
pub(super) fn cursor(conn: &Connection, tenant: Tenant) -> Result<Option<(i64, i64)>> {
    let mut statement = conn.prepare_cached(
        "SELECT webhook_sequence, event_sequence FROM tenants WHERE id = :tenant_id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    let found: Option<(Option<i64>, i64)> = statement
        .query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.and_then(|(handed, happened)| Some((handed?, happened))))
}

/// The number of the tenant's last event.
pub(super) fn last_event(conn: &Connection, tenant: Tenant) -> Result<i64> {
    let mut statement =
        conn.prepare_cached("SELECT event_sequence FROM tenants WHERE id = :tenant_id")?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

pub(super) fn set_cursor(tx: &Tx<'_>, tenant: Tenant, handed: Option<i64>) -> Result<()> {
    tx.prepare_cached("UPDATE tenants SET webhook_sequence = :handed WHERE id = :tenant_id")?
        .execute(named_params! { ":tenant_id": tenant.number(), ":handed": handed })?;
    Ok(())
}

/// How many there are, deleted ones not counted.
pub(super) fn count(conn: &Connection, tenant: Tenant) -> Result<u32> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*) FROM webhooks WHERE tenant_id = :tenant_id AND deleted_at IS NULL",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

fn as_json(events: &[String]) -> Result<String> {
    serde_json::to_string(events).map_err(Error::internal)
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, webhook: &Webhook) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO webhooks (
            tenant_id, id, url, inbox, description, events, scopes, app_id, grant_id, secret, status, first_sequence,
            version, created_at, updated_at
        ) VALUES (
            :tenant_id, :id, :url, :inbox, :description, :events, :scopes, :app_id, :grant_id,
            :secret, :status,
            :first_sequence, :version, :created_at, :updated_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": webhook.id,
        ":url": webhook.url,
        ":inbox": webhook.inbox,
        ":description": webhook.description,
        ":events": as_json(&webhook.events)?,
        ":scopes": webhook.scopes.map(Scopes::to_text),
        ":app_id": webhook.app.map(|(app, _)| app),
        ":grant_id": webhook.app.and_then(|(_, grant)| grant),
        ":secret": webhook.secret,
        ":status": webhook.status.name(),
        ":first_sequence": webhook.first_sequence,
        ":version": webhook.version,
        ":created_at": webhook.created_at,
        ":updated_at": webhook.updated_at,
    })?;
    Ok(())
}

/// Writes all of a webhook that can change.
pub(super) fn update(tx: &Tx<'_>, tenant: Tenant, webhook: &Webhook) -> Result<()> {
    let health = &webhook.health;
    let replay = webhook.replay;
    tx.prepare_cached(
        "UPDATE webhooks SET
            url = :url, inbox = :inbox, description = :description, events = :events,
            scopes = :scopes, app_id = :app_id, grant_id = :grant_id, secret = :secret, former_secret = :former_secret,
            former_until = :former_until, status = :status, disabled_reason = :disabled_reason,
            first_sequence = :first_sequence, last_sequence = :last_sequence, failures = :failures,
            last_failed = :last_failed, unreached = :unreached, failing_since = :failing_since,
            hold_until = :hold_until, told = :told, replay_since = :replay_since,
            replay_next = :replay_next, replay_last = :replay_last, replay_from = :replay_from,
            replay_all = :replay_all, version = :version, updated_at = :updated_at
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": webhook.id,
        ":url": webhook.url,
        ":inbox": webhook.inbox,
        ":description": webhook.description,
        ":events": as_json(&webhook.events)?,
        ":scopes": webhook.scopes.map(Scopes::to_text),
        ":app_id": webhook.app.map(|(app, _)| app),
        ":grant_id": webhook.app.and_then(|(_, grant)| grant),
        ":secret": webhook.secret,
        ":former_secret": webhook.former.as_ref().map(|(secret, _)| secret),
        ":former_until": webhook.former.as_ref().map(|(_, until)| *until),
        ":status": webhook.status.name(),
        ":disabled_reason": webhook.disabled_reason,
        ":first_sequence": webhook.first_sequence,
        ":last_sequence": webhook.last_sequence,
        ":failures": health.failures,
        ":last_failed": health.last_failed,
        ":unreached": health.unreached,
        ":failing_since": health.failing_since,
        ":hold_until": health.hold_until,
        ":told": webhook.told.map(Told::name),
        ":replay_since": webhook.replay_since,
        ":replay_next": replay.map(|replay| replay.next),
        ":replay_last": replay.map(|replay| replay.last),
        ":replay_from": replay.map(|replay| replay.from),
        ":replay_all": replay.map(|replay| replay.all),
        ":version": webhook.version,
        ":updated_at": webhook.updated_at,
    })?;
    Ok(())
}

/// Remembers the number of the last delivery.
pub(super) fn set_last_sequence(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: WebhookId,
    last_sequence: i64,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE webhooks SET last_sequence = :last_sequence
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": id,
        ":last_sequence": last_sequence,
    })?;
    Ok(())
}

/// Marks a webhook as gone; its secrets are overwritten.
pub(super) fn delete(tx: &Tx<'_>, tenant: Tenant, id: WebhookId, at: Timestamp) -> Result<()> {
    tx.prepare_cached(
        "UPDATE webhooks SET
            deleted_at = :at, secret = x'', former_secret = NULL, former_until = NULL,
            replay_next = NULL
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":id": id, ":at": at })?;
    Ok(())
}

/// Webhooks that are gone and whose rows are not.
pub(super) fn deleted(conn: &Connection) -> Result<Vec<(Tenant, WebhookId)>> {
    let mut statement = conn.prepare_cached(
        "SELECT w.tenant_id, t.mode, w.id
        FROM webhooks w JOIN tenants t ON t.id = w.tenant_id WHERE w.deleted_at IS NOT NULL",
    )?;
    let rows = statement.query_map([], |row| Ok((tenant_of(row)?, row.get("id")?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Removes the row of one that is gone.
pub(super) fn remove(tx: &Tx<'_>, tenant: Tenant, id: WebhookId) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM webhooks
        WHERE tenant_id = :tenant_id AND id = :id AND deleted_at IS NOT NULL",
    )?
    .execute(named_params! { ":tenant_id": tenant.number(), ":id": id })?;
    Ok(())
}
