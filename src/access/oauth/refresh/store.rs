//! SQL of refresh tokens.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::RefreshToken;
use crate::access::oauth::grants::Family;
use crate::caller::{Mode, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::FamilyId;
use crate::secrets::Digest;

/// The token that a digest stands for. The tenant is what comes out: it is not known before.
pub fn find(conn: &Connection, digest: &Digest) -> Result<Option<RefreshToken>> {
    let mut statement = conn.prepare_cached(
        "SELECT
            r.tenant_id, t.mode, r.family_id, r.generation, r.idle_expires_at, r.spent_at,
            r.answer, r.answer_until, r.created_at
        FROM refresh_tokens r JOIN tenants t ON t.id = r.tenant_id
        WHERE r.digest = :digest",
    )?;
    let parameters = named_params! { ":digest": digest.as_bytes().as_slice() };
    let found = statement.query_row(parameters, |row| {
        let mode: String = row.get("mode")?;
        let mode = Mode::parse(&mode).unwrap_or(Mode::Test);
        Ok(RefreshToken {
            tenant: Tenant::new(row.get("tenant_id")?, mode),
            family_id: row.get("family_id")?,
            generation: row.get("generation")?,
            idle_expires_at: row.get("idle_expires_at")?,
            spent_at: row.get("spent_at")?,
            answer: row.get("answer")?,
            answer_until: row.get("answer_until")?,
            created_at: row.get("created_at")?,
        })
    });
    Ok(found.optional()?)
}

/// The newest generation of a family.
pub fn newest(conn: &Connection, tenant: Tenant, family: FamilyId) -> Result<i64> {
    let mut statement = conn.prepare_cached(
        "SELECT coalesce(max(generation), 0) FROM refresh_tokens
        WHERE tenant_id = :tenant_id AND family_id = :family_id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":family_id": family };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

pub(super) fn insert(
    tx: &Tx<'_>,
    tenant: Tenant,
    (family, generation): (&Family, i64),
    digest: &Digest,
    idle_expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO refresh_tokens (
            tenant_id, digest, family_id, generation, idle_expires_at, kept_until, created_at
        ) VALUES (
            :tenant_id, :digest, :family_id, :generation, :idle_expires_at, :kept_until,
            :created_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":digest": digest.as_bytes().as_slice(),
        ":family_id": family.id,
        ":generation": generation,
        ":idle_expires_at": idle_expires_at,
        ":kept_until": family.expires_at,
        ":created_at": now,
    })?;
    Ok(())
}

/// Spends a token with what it was answered with; false if it was spent before.
pub(super) fn set_spent(
    tx: &Tx<'_>,
    tenant: Tenant,
    digest: &Digest,
    answer: &[u8],
    (now, until): (Timestamp, Timestamp),
) -> Result<bool> {
    let spent = tx
        .prepare_cached(
            "UPDATE refresh_tokens
            SET spent_at = :now, answer = :answer, answer_until = :until
            WHERE tenant_id = :tenant_id AND digest = :digest AND spent_at IS NULL",
        )?
        .execute(named_params! {
            ":tenant_id": tenant.number(),
            ":digest": digest.as_bytes().as_slice(),
            ":answer": answer,
            ":now": now,
            ":until": until,
        })?;
    Ok(spent == 1)
}

/// Removes tokens whose family ended, a few at a time.
pub(super) fn sweep(tx: &Tx<'_>, ended_before: Timestamp, limit: u32) -> Result<usize> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM refresh_tokens WHERE (tenant_id, digest) IN (
                SELECT tenant_id, digest FROM refresh_tokens
                WHERE kept_until < :ended_before LIMIT :limit
            )",
        )?
        .execute(named_params! { ":ended_before": ended_before, ":limit": limit })?;
    Ok(removed)
}

/// Overwrites answers that may no longer be given again, a few at a time.
pub(super) fn wipe(tx: &Tx<'_>, ended_before: Timestamp, limit: u32) -> Result<usize> {
    let wiped = tx
        .prepare_cached(
            "UPDATE refresh_tokens SET answer = NULL WHERE (tenant_id, digest) IN (
                SELECT tenant_id, digest FROM refresh_tokens
                WHERE answer IS NOT NULL AND answer_until < :ended_before LIMIT :limit
            )",
        )?
        .execute(named_params! { ":ended_before": ended_before, ":limit": limit })?;
    Ok(wiped)
}
