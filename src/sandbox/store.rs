//! SQL of the sandbox.

use rusqlite::named_params;

use crate::caller::Tenant;
use crate::db::Tx;
use crate::error::Result;

/// Everything of a test tenant that a reset removes, children before parents.
const RESET: &[&str] = &[
    "DELETE FROM inbox_messages WHERE tenant_id = :tenant_id",
    "DELETE FROM delivery_attempts WHERE tenant_id = :tenant_id",
    "DELETE FROM deliveries WHERE tenant_id = :tenant_id",
    "DELETE FROM webhooks WHERE tenant_id = :tenant_id",
    "DELETE FROM attention WHERE tenant_id = :tenant_id",
    "DELETE FROM attention_counts WHERE tenant_id = :tenant_id",
    "DELETE FROM photo_pictures WHERE tenant_id = :tenant_id",
    "DELETE FROM photos WHERE tenant_id = :tenant_id",
    "DELETE FROM refunds WHERE tenant_id = :tenant_id",
    "DELETE FROM payments WHERE tenant_id = :tenant_id",
    "DELETE FROM measurements WHERE tenant_id = :tenant_id",
    "DELETE FROM metrics WHERE tenant_id = :tenant_id",
    "DELETE FROM checkins WHERE tenant_id = :tenant_id",
    "DELETE FROM checkin_schedules WHERE tenant_id = :tenant_id",
    "DELETE FROM checkin_form_versions WHERE tenant_id = :tenant_id",
    "DELETE FROM checkin_forms WHERE tenant_id = :tenant_id",
    "DELETE FROM personal_records WHERE tenant_id = :tenant_id",
    "DELETE FROM workout_logs WHERE tenant_id = :tenant_id",
    "DELETE FROM programs WHERE tenant_id = :tenant_id",
    "DELETE FROM program_templates WHERE tenant_id = :tenant_id",
    "DELETE FROM exercises WHERE tenant_id = :tenant_id",
    "DELETE FROM messages WHERE tenant_id = :tenant_id",
    "DELETE FROM client_sessions WHERE tenant_id = :tenant_id",
    "DELETE FROM client_codes WHERE tenant_id = :tenant_id",
    "DELETE FROM client_consents WHERE tenant_id = :tenant_id",
    "DELETE FROM clients WHERE tenant_id = :tenant_id",
    "DELETE FROM exports WHERE tenant_id = :tenant_id",
    // Sample keys stay, like all keys, and stay known as such.
    "DELETE FROM sample_objects WHERE tenant_id = :tenant_id AND kind <> 'api_key'",
    "DELETE FROM outbox WHERE tenant_id = :tenant_id",
    "DELETE FROM notices WHERE tenant_id = :tenant_id",
    "DELETE FROM events WHERE tenant_id = :tenant_id",
    "DELETE FROM saved_answers WHERE id IN (
        SELECT answer_id FROM idempotency_keys WHERE tenant_id = :tenant_id
    )",
    "DELETE FROM saved_steps WHERE tenant_id = :tenant_id",
    "DELETE FROM idempotency_keys WHERE tenant_id = :tenant_id",
    "DELETE FROM access_tokens WHERE tenant_id = :tenant_id",
    "DELETE FROM refresh_tokens WHERE tenant_id = :tenant_id",
    "DELETE FROM authorization_codes WHERE tenant_id = :tenant_id",
    "DELETE FROM oauth_families WHERE tenant_id = :tenant_id",
    "DELETE FROM oauth_grants WHERE tenant_id = :tenant_id",
    "UPDATE tenants SET event_sequence = 0, webhook_sequence = NULL, inbox_answer = 'ok'
    WHERE id = :tenant_id",
];

/// Removes everything of a tenant but its keys, its apps, its audit log and its request log; gives
/// the number of rows.
pub(super) fn empty(tx: &Tx<'_>, tenant: Tenant) -> Result<usize> {
    let mut removed = 0;
    tx.touched(tenant);
    for sql in RESET {
        let parameters = named_params! { ":tenant_id": tenant.number() };
        removed += tx.prepare_cached(sql)?.execute(parameters)?;
    }
    // The last statement changes the tenant's own row.
    Ok(removed - 1)
}

pub(super) fn offset_ms(tx: &Tx<'_>, tenant: Tenant) -> Result<i64> {
    let offset_ms = tx
        .prepare_cached("SELECT clock_offset_ms FROM tenants WHERE id = :tenant_id")?
        .query_row(named_params! { ":tenant_id": tenant.number() }, |row| {
            row.get(0)
        })?;
    Ok(offset_ms)
}

pub(super) fn set_offset(tx: &Tx<'_>, tenant: Tenant, offset_ms: i64) -> Result<()> {
    tx.prepare_cached("UPDATE tenants SET clock_offset_ms = :offset_ms WHERE id = :tenant_id")?
        .execute(named_params! { ":tenant_id": tenant.number(), ":offset_ms": offset_ms })?;
    Ok(())
}
