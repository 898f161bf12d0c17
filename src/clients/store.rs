//! SQL of clients.

use rusqlite::types::{FromSql, FromSqlResult, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, ToSql, named_params};

use super::{Client, Invite, Profile, Status};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::row::Columns;
use crate::db::{Tx, execute_in_order};
use crate::error::{Error, Result};
use crate::ids::ClientId;
use crate::secrets::Digest;

macro_rules! select {
    ($($rest:literal)*) => {
        concat!(
            "SELECT
                id, status, resume_status, name, email, email_key, phone, timezone, units, goal,
                experience, days_per_week, session_minutes, equipment, limitations, tags,
                check_in_day, coach_notes, sms_consent, external_id, metadata, past_due,
                invite_digest, invite_expires_at, invite_status, invite_reason, joined_at,
                archived_at, version, created_at, updated_at
            FROM clients WHERE tenant_id = :tenant_id ",
            $($rest),*
        )
    };
}

/// A page of a status or of the roster. `low` and `high` bound the ids; what is sorted by something
/// else goes through the tenant's clients.
macro_rules! page {
    ($who:literal $beyond:literal $order:literal) => {
        select!(
            $who
            " AND id >= :low AND id <= :high AND id <> :last
            AND (:q IS NULL OR instr(search_key, :q) > 0)
            AND (:tag IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value = :tag))
            AND (:email_key IS NULL OR email_key = :email_key)
            AND (:external_id IS NULL OR external_id = :external_id)
            AND (:created_after IS NULL OR created_at > :created_after)
            AND (:created_before IS NULL OR created_at < :created_before)
            AND (:updated_after IS NULL OR updated_at > :updated_after) "
            $beyond
            " ORDER BY "
            $order
            " LIMIT :limit"
        )
    };
}

macro_rules! pages {
    ($who:literal) => {
        [
            page!($who "AND :sort_last IS NULL" "id DESC"),
            page!($who "AND :sort_last IS NULL" "id"),
            page!($who "AND (:sort_last IS NULL OR (search_key, id) > (:sort_last, :last))" "search_key, id"),
            page!($who "AND (:sort_last IS NULL OR (search_key, id) < (:sort_last, :last))" "search_key DESC, id DESC"),
            page!($who "AND (:sort_last IS NULL OR (updated_at, id) > (CAST(:sort_last AS INTEGER), :last))" "updated_at, id"),
            page!($who "AND (:sort_last IS NULL OR (updated_at, id) < (CAST(:sort_last AS INTEGER), :last))" "updated_at DESC, id DESC"),
        ]
    };
}

/// By [`Sort`]: the roster.
pub const ROSTER_PAGES: [&str; 6] =
    pages!("AND archived_at IS NULL AND (:status IS NULL OR status = :status)");
/// By [`Sort`]: one status.
pub const STATUS_PAGES: [&str; 6] = pages!("AND status = :status");

/// How a list of clients is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    Newest,
    /// Oldest first.
    Oldest,
    /// By name.
    Name,
    /// By name, backward.
    NameBackward,
    /// The longest unchanged first.
    Unchanged,
    /// The last changed first.
    Changed,
}

impl Sort {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[
        ("-created_at", Self::Newest),
        ("created_at", Self::Oldest),
        ("name", Self::Name),
        ("-name", Self::NameBackward),
        ("updated_at", Self::Unchanged),
        ("-updated_at", Self::Changed),
    ];
}

/// What a list of clients is asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// One status; without it, the roster.
    pub status: Option<Status>,
    /// Text, case-folded, that name, address, phone or external id hold.
    pub q: Option<String>,
    /// A tag.
    pub tag: Option<String>,
    /// An address, case-folded.
    pub email_key: Option<String>,
    /// An id in another system.
    pub external_id: Option<String>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those that changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// Where the last page ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The id of its last client.
    pub id: String,
    /// What that was sorted by, if not by age.
    pub sorted_by: Option<String>,
}

fn texts(json: &str) -> Vec<String> {
    // Most are empty. The column is written by this file alone; an unreadable one is shown empty,
    // not as a failure.
    if json == "[]" {
        return Vec::new();
    }
    serde_json::from_str(json).unwrap_or_default()
}

fn pairs(json: &str) -> Vec<(String, String)> {
    if json == "{}" {
        return Vec::new();
    }
    let map: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(json).unwrap_or_default();
    map.into_iter()
        .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
        .collect()
}

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        // The column is checked by the table.
        Ok(Self::parse(value.as_str()?).unwrap_or(Self::Active))
    }
}

fn profile(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Profile> {
    Ok(Profile {
        name: columns.take("name")?,
        email: columns.take("email")?,
        email_key: columns.take("email_key")?,
        phone: columns.take("phone")?,
        timezone: columns.take("timezone")?,
        units: columns.take("units")?,
        goal: columns.take("goal")?,
        experience: columns.take("experience")?,
        days_per_week: columns.take("days_per_week")?,
        session_minutes: columns.take("session_minutes")?,
        equipment: texts(&columns.take::<String>("equipment")?),
        limitations: texts(&columns.take::<String>("limitations")?),
        tags: texts(&columns.take::<String>("tags")?),
        check_in_day: columns.take("check_in_day")?,
        coach_notes: columns.take("coach_notes")?,
        sms_consent: columns.take("sms_consent")?,
        external_id: columns.take("external_id")?,
        metadata: pairs(&columns.take::<String>("metadata")?),
    })
}

fn invite(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Option<Invite>> {
    let digest: Option<[u8; 32]> = columns.take("invite_digest")?;
    let expires_at = columns.take("invite_expires_at")?;
    let status: Option<String> = columns.take("invite_status")?;
    let reason = columns.take("invite_reason")?;
    Ok(status.map(|status| Invite {
        status,
        reason,
        expires_at,
        digest: digest.map(Digest::from_bytes),
    }))
}

/// In the order of `select!`.
fn from_row(row: &Row<'_>) -> rusqlite::Result<Client> {
    let columns = &mut Columns::of(row);
    Ok(Client {
        id: columns.take("id")?,
        status: columns.take("status")?,
        resume_status: columns.take("resume_status")?,
        profile: profile(columns)?,
        past_due: columns.take("past_due")?,
        invite: invite(columns)?,
        joined_at: columns.take("joined_at")?,
        archived_at: columns.take("archived_at")?,
        version: columns.take("version")?,
        created_at: columns.take("created_at")?,
        updated_at: columns.take("updated_at")?,
    })
}

/// How many clients are on the rosters of all tenants together.
///
/// For the operator only, to say what a data directory holds; it names nobody.
pub fn count_of_all_tenants(conn: &Connection) -> Result<u32> {
    let mut statement = conn.prepare_cached(
        "SELECT count(*)
        FROM tenants t CROSS JOIN clients c ON c.tenant_id = t.id AND c.archived_at IS NULL",
    )?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// One client of a tenant.
pub fn find(conn: &Connection, tenant: Tenant, id: ClientId) -> Result<Option<Client>> {
    let mut statement = conn.prepare_cached(select!("AND id = :id"))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    Ok(statement.query_row(parameters, from_row).optional()?)
}

/// The id of the client with this address.
pub fn find_id_by_email(
    conn: &Connection,
    tenant: Tenant,
    email_key: &str,
) -> Result<Option<ClientId>> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM clients WHERE tenant_id = :tenant_id AND email_key = :email_key",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":email_key": email_key };
    Ok(statement
        .query_row(parameters, |row| row.get(0))
        .optional()?)
}

/// The first and the last id among those that an exact filter leaves, so that the page is a range
/// of a few rows; `None` if it leaves none.
fn bounds(conn: &Connection, tenant: Tenant, filter: &Filter) -> Result<Option<(String, String)>> {
    if let Some(email_key) = &filter.email_key {
        let id = find_id_by_email(conn, tenant, email_key)?;
        return Ok(id.map(|id| (id.to_string(), id.to_string())));
    }
    if let Some(external_id) = &filter.external_id {
        let mut statement = conn.prepare_cached(
            "SELECT min(id), max(id) FROM clients
            WHERE tenant_id = :tenant_id AND external_id = :external_id",
        )?;
        let parameters =
            named_params! { ":tenant_id": tenant.number(), ":external_id": external_id };
        let (low, high): (Option<String>, Option<String>) =
            statement.query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?;
        return Ok(low.zip(high));
    }
    Ok(Some((String::new(), "~".to_owned())))
}

/// Shows each client of a page after `last`, as its row has it.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    (filter, sort): (&Filter, Sort),
    last: Option<&Position>,
    limit: u32,
    mut see: impl FnMut(&mut Columns<'_, '_>) -> Result<()>,
) -> Result<()> {
    let Some((mut low, mut high)) = bounds(conn, tenant, filter)? else {
        return Ok(());
    };
    if let Some(last) = last {
        match sort {
            Sort::Newest => high = high.min(last.id.clone()),
            Sort::Oldest => low = low.max(last.id.clone()),
            Sort::Name | Sort::NameBackward | Sort::Unchanged | Sort::Changed => {}
        }
    }
    let pages = match filter.status {
        None => ROSTER_PAGES,
        Some(_) => STATUS_PAGES,
    };
    let mut statement = conn.prepare_cached(pages[sort as usize])?;
    let mut rows = statement.query(named_params! {
        ":tenant_id": tenant.number(),
        ":status": filter.status.map(Status::name),
        ":low": low,
        ":high": high,
        ":last": last.map_or("", |last| &last.id),
        ":sort_last": last.and_then(|last| last.sorted_by.as_deref()),
        ":q": filter.q,
        ":tag": filter.tag,
        ":email_key": filter.email_key,
        ":external_id": filter.external_id,
        ":created_after": filter.created_after,
        ":created_before": filter.created_before,
        ":updated_after": filter.updated_after,
        ":limit": limit,
    })?;
    while let Some(row) = rows.next()? {
        see(&mut Columns::of(row))?;
    }
    Ok(())
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn metadata_json(pairs: &[(String, String)]) -> String {
    let map: serde_json::Map<String, serde_json::Value> = pairs
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    serde_json::Value::Object(map).to_string()
}

/// Inserts a client; false if the address belongs to another one.
pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, client: &Client) -> Result<bool> {
    let statement = tx.prepare_cached(
        "INSERT INTO clients (
            tenant_id, id, status, resume_status, name, email, email_key, search_key, phone,
            timezone, units, goal, experience, days_per_week, session_minutes, equipment,
            limitations, tags, check_in_day, coach_notes, sms_consent, external_id, metadata,
            past_due, invite_digest, invite_expires_at, invite_status, invite_reason, joined_at,
            archived_at, version, created_at, updated_at
        ) VALUES (
            :tenant_id, :id, :status, :resume_status, :name, :email, :email_key, :search_key,
            :phone, :timezone, :units, :goal, :experience, :days_per_week, :session_minutes,
            :equipment, :limitations, :tags, :check_in_day, :coach_notes, :sms_consent,
            :external_id, :metadata, :past_due, :invite_digest, :invite_expires_at, :invite_status,
            :invite_reason, :joined_at, :archived_at, :version, :created_at, :updated_at
        ) ON CONFLICT (tenant_id, email_key) DO NOTHING",
    )?;
    tx.touched(tenant);
    Ok(save(statement, tenant, client, execute_in_order)? == 1)
}

/// Writes a client back; false if the address belongs to another one.
pub(super) fn update(tx: &Tx<'_>, tenant: Tenant, client: &Client) -> Result<bool> {
    let statement = tx.prepare_cached(
        "UPDATE OR IGNORE clients
        SET status = :status, resume_status = :resume_status, name = :name, email = :email,
            email_key = :email_key, search_key = :search_key, phone = :phone,
            timezone = :timezone, units = :units, goal = :goal, experience = :experience,
            days_per_week = :days_per_week, session_minutes = :session_minutes,
            equipment = :equipment, limitations = :limitations, tags = :tags,
            check_in_day = :check_in_day, coach_notes = :coach_notes, sms_consent = :sms_consent,
            external_id = :external_id, metadata = :metadata, past_due = :past_due,
            invite_digest = :invite_digest, invite_expires_at = :invite_expires_at,
            invite_status = :invite_status, invite_reason = :invite_reason,
            joined_at = :joined_at, archived_at = :archived_at, version = :version,
            created_at = :created_at, updated_at = :updated_at
        WHERE tenant_id = :tenant_id AND id = :id",
    )?;
    tx.touched(tenant);
    let by_name = |mut statement: CachedStatement<'_>, parameters: &[(&str, &dyn ToSql)]| {
        statement.execute(parameters)
    };
    Ok(save(statement, tenant, client, by_name)? == 1)
}

fn save(
    statement: CachedStatement<'_>,
    tenant: Tenant,
    client: &Client,
    execute: impl FnOnce(CachedStatement<'_>, &[(&str, &dyn ToSql)]) -> rusqlite::Result<usize>,
) -> Result<usize> {
    let Client {
        profile, invite, ..
    } = client;
    let parameters = named_params! {
        ":tenant_id": tenant.number(),
        ":id": client.id,
        ":status": client.status.name(),
        ":resume_status": client.resume_status.map(Status::name),
        ":name": profile.name,
        ":email": profile.email,
        ":email_key": profile.email_key,
        ":search_key": profile.search_key(),
        ":phone": profile.phone,
        ":timezone": profile.timezone,
        ":units": profile.units,
        ":goal": profile.goal,
        ":experience": profile.experience,
        ":days_per_week": profile.days_per_week,
        ":session_minutes": profile.session_minutes,
        ":equipment": json(&profile.equipment)?,
        ":limitations": json(&profile.limitations)?,
        ":tags": json(&profile.tags)?,
        ":check_in_day": profile.check_in_day,
        ":coach_notes": profile.coach_notes,
        ":sms_consent": profile.sms_consent,
        ":external_id": profile.external_id,
        ":metadata": metadata_json(&profile.metadata),
        ":past_due": client.past_due,
        ":invite_digest": invite.as_ref().and_then(|i| i.digest).map(|d| d.as_bytes().to_vec()),
        ":invite_expires_at": invite.as_ref().and_then(|invite| invite.expires_at),
        ":invite_status": invite.as_ref().map(|invite| &invite.status),
        ":invite_reason": invite.as_ref().and_then(|invite| invite.reason.as_ref()),
        ":joined_at": client.joined_at,
        ":archived_at": client.archived_at,
        ":version": client.version,
        ":created_at": client.created_at,
        ":updated_at": client.updated_at,
    };
    Ok(execute(statement, parameters)?)
}

/// Sets what became of the mail of an install link, if that is still the client's.
pub(super) fn set_invite_status(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: ClientId,
    expires_at: Option<Timestamp>,
    (status, reason): (&str, Option<&str>),
) -> Result<()> {
    tx.touched(tenant);
    tx.prepare_cached(
        "UPDATE clients SET invite_status = :status, invite_reason = :reason
        WHERE tenant_id = :tenant_id AND id = :id AND invite_expires_at IS :expires_at
            AND joined_at IS NULL",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": id,
        ":expires_at": expires_at,
        ":status": status,
        ":reason": reason,
    })?;
    Ok(())
}
