//! SQL of sample data.

use rusqlite::{Connection, named_params};

use crate::caller::Tenant;
use crate::db::Tx;
use crate::error::Result;

/// What an object that was made as sample data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client.
    Client,
    /// An API key.
    ApiKey,
    /// A webhook.
    Webhook,
    /// A template of programs.
    Template,
    /// No object, but the run that is putting the others there.
    Run,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::ApiKey => "api_key",
            Self::Webhook => "webhook",
            Self::Template => "program_template",
            Self::Run => "run",
        }
    }
}

/// Remembers that an object is sample data.
pub(super) fn mark(tx: &Tx<'_>, tenant: Tenant, kind: Kind, id: &str) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO sample_objects (tenant_id, kind, id) VALUES (:tenant_id, :kind, :id)",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":kind": kind.name(),
        ":id": id,
    })?;
    Ok(())
}

/// Forgets all objects of a kind.
pub(super) fn unmark(tx: &Tx<'_>, tenant: Tenant, kind: Kind) -> Result<()> {
    tx.prepare_cached("DELETE FROM sample_objects WHERE tenant_id = :tenant_id AND kind = :kind")?
        .execute(named_params! { ":tenant_id": tenant.number(), ":kind": kind.name() })?;
    Ok(())
}

/// The ids of sample objects of a kind, oldest first.
pub fn marked(conn: &Connection, tenant: Tenant, kind: Kind) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = :kind ORDER BY id",
    )?;
    let ids = statement.query_map(
        named_params! { ":tenant_id": tenant.number(), ":kind": kind.name() },
        |row| row.get(0),
    )?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// Whether a tenant has any sample data.
pub fn is_any(conn: &Connection, tenant: Tenant) -> Result<bool> {
    let mut statement = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM sample_objects WHERE tenant_id = :tenant_id)",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

/// Everything of a tenant that is sample data or belongs to it, children before parents.
const REMOVE: &[&str] = &[
    "DELETE FROM attention WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM photo_pictures WHERE tenant_id = :tenant_id AND photo_id IN (
        SELECT p.id FROM photos p JOIN sample_objects s
            ON s.tenant_id = p.tenant_id AND s.kind = 'client' AND s.id = p.client_id
        WHERE p.tenant_id = :tenant_id
    )",
    "DELETE FROM photos WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM refunds WHERE tenant_id = :tenant_id AND payment_id IN (
        SELECT id FROM payments WHERE tenant_id = :tenant_id AND client_id IN (
            SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
        )
    )",
    "DELETE FROM payments WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM measurements WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM checkins WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM checkin_schedules WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM inbox_messages WHERE tenant_id = :tenant_id AND webhook_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'webhook'
    )",
    "DELETE FROM notices WHERE tenant_id = :tenant_id AND subject IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'webhook'
    )",
    "DELETE FROM personal_records WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM workout_logs WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM programs WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM program_templates WHERE tenant_id = :tenant_id AND id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'program_template'
    )",
    "DELETE FROM messages WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM client_sessions WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM client_codes WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM client_consents WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM outbox WHERE tenant_id = :tenant_id AND client_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
    )",
    "DELETE FROM requests WHERE tenant_id = :tenant_id AND caller_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'api_key'
    )",
    "DELETE FROM usage_hours WHERE tenant_id = :tenant_id AND key_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'api_key'
    )",
    "DELETE FROM access_tokens WHERE tenant_id = :tenant_id AND key_id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'api_key'
    )",
    "DELETE FROM api_keys WHERE tenant_id = :tenant_id AND id IN (
        SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'api_key'
    )",
];

/// Removes what was made as sample data, and what belongs to it; gives the number of rows.
pub(super) fn remove(tx: &Tx<'_>, tenant: Tenant) -> Result<usize> {
    let mut removed = 0;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    for sql in REMOVE {
        removed += tx.prepare_cached(sql)?.execute(parameters)?;
    }
    tx.touched(tenant);
    removed += tx
        .prepare_cached(
            "DELETE FROM clients WHERE tenant_id = :tenant_id AND id IN (
                SELECT id FROM sample_objects WHERE tenant_id = :tenant_id AND kind = 'client'
            )",
        )?
        .execute(parameters)?;
    tx.prepare_cached("DELETE FROM sample_objects WHERE tenant_id = :tenant_id")?
        .execute(parameters)?;
    Ok(removed)
}
