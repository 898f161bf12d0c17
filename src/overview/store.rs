//! SQL that reads across features.

use rusqlite::{Connection, named_params};

use crate::app::ClientCounts;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ids::ClientId;

/// A client of the list of today.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The client.
    pub client_id: ClientId,
    /// The client's name.
    pub name: String,
    /// Where the client stands.
    pub status: String,
    /// The rank of the first reason.
    pub rank: i64,
    /// Since when that is.
    pub since: Timestamp,
}

/// Clients who need the coach, in the order of their first reasons, behind `after`.
pub fn leaders(
    conn: &Connection,
    tenant: Tenant,
    after: Option<(i64, Timestamp, &str)>,
    limit: u32,
) -> Result<Vec<Entry>> {
    let (rank, since, client_id) = after.unwrap_or((-1, Timestamp::default(), ""));
    let mut statement = conn.prepare_cached(
        "SELECT a.client_id, c.name, c.status, a.rank, a.since
        FROM attention a JOIN clients c ON c.tenant_id = a.tenant_id AND c.id = a.client_id
        WHERE a.tenant_id = :tenant_id AND a.leads = 1
            AND (a.rank, a.since, a.client_id) > (:rank, :since, :client_id)
        ORDER BY a.rank, a.since, a.client_id LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":rank": rank,
            ":since": since,
            ":client_id": client_id,
            ":limit": limit,
        },
        |row| {
            Ok(Entry {
                client_id: row.get("client_id")?,
                name: row.get("name")?,
                status: row.get("status")?,
                rank: row.get("rank")?,
                since: row.get("since")?,
            })
        },
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many clients a tenant has. It goes through all of them; the caller keeps it.
pub fn client_counts(conn: &Connection, tenant: Tenant) -> Result<ClientCounts> {
    let parameters = named_params! { ":tenant_id": tenant.number() };
    let roster = conn
        .prepare_cached(
            "SELECT count(*) FROM clients WHERE tenant_id = :tenant_id AND archived_at IS NULL",
        )?
        .query_row(parameters, |row| row.get(0))?;
    let active = conn
        .prepare_cached(
            "SELECT count(*) FROM clients WHERE tenant_id = :tenant_id AND status = 'active'",
        )?
        .query_row(parameters, |row| row.get(0))?;
    Ok(ClientCounts { roster, active })
}

/// What a coach has done for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a step of its own, done or not"
)]
pub struct Done {
    /// There is a client.
    pub client: bool,
    /// There is a program.
    pub program: bool,
    /// A client was invited.
    pub invited: bool,
    /// A client has a schedule of check-ins.
    pub check_in_schedule: bool,
}

/// What a coach has done already.
pub fn done(conn: &Connection, tenant: Tenant) -> Result<Done> {
    let mut statement = conn.prepare_cached(
        "SELECT
            EXISTS (SELECT 1 FROM clients WHERE tenant_id = :tenant_id) AS client,
            EXISTS (SELECT 1 FROM programs WHERE tenant_id = :tenant_id) AS program,
            EXISTS (SELECT 1 FROM clients WHERE tenant_id = :tenant_id AND status = 'invited')
                OR EXISTS (SELECT 1 FROM client_consents WHERE tenant_id = :tenant_id)
                AS invited,
            EXISTS (
                SELECT 1 FROM checkin_schedules
                WHERE tenant_id = :tenant_id AND wake_at IS NOT NULL
            ) AS check_in_schedule",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    let done = statement.query_row(parameters, |row| {
        Ok(Done {
            client: row.get("client")?,
            program: row.get("program")?,
            invited: row.get("invited")?,
            check_in_schedule: row.get("check_in_schedule")?,
        })
    })?;
    Ok(done)
}
