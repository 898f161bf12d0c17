//! SQL of forms.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Form, built_in, default_id};
use crate::caller::Tenant;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::FormId;

fn from_row(row: &Row<'_>) -> rusqlite::Result<(Form, String)> {
    let form = Form {
        id: row.get("id")?,
        name: row.get("name")?,
        version: row.get("version")?,
        questions: Vec::new(),
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    };
    Ok((form, row.get("questions")?))
}

fn read((form, questions): (Form, String)) -> Result<Form> {
    let questions = serde_json::from_str(&questions).map_err(Error::internal)?;
    Ok(Form { questions, ..form })
}

/// One form in its latest version.
pub fn find(conn: &Connection, tenant: Tenant, id: FormId) -> Result<Option<Form>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, version, questions, created_at, updated_at FROM checkin_forms
        WHERE tenant_id = :tenant_id AND id = :id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    let found = statement.query_row(parameters, from_row).optional()?;
    let found = found.map(read).transpose()?;
    let is_default = id == default_id(tenant);
    Ok(found.or_else(|| is_default.then(|| built_in(tenant))))
}

/// One form in a version of it.
pub fn find_version(
    conn: &Connection,
    tenant: Tenant,
    id: FormId,
    version: i64,
) -> Result<Option<Form>> {
    let mut statement = conn.prepare_cached(
        "SELECT f.id, v.name, v.version, v.questions, f.created_at, v.created_at AS updated_at
        FROM checkin_form_versions v
        JOIN checkin_forms f ON f.tenant_id = v.tenant_id AND f.id = v.form_id
        WHERE v.tenant_id = :tenant_id AND v.form_id = :id AND v.version = :version",
    )?;
    let parameters =
        named_params! { ":tenant_id": tenant.number(), ":id": id, ":version": version };
    let found = statement.query_row(parameters, from_row).optional()?;
    let found = found.map(read).transpose()?;
    let is_built_in = id == default_id(tenant) && version == 1;
    Ok(found.or_else(|| is_built_in.then(|| built_in(tenant))))
}

/// Every form of a tenant, newest first; the default form is the oldest.
pub fn all(conn: &Connection, tenant: Tenant) -> Result<Vec<Form>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, version, questions, created_at, updated_at FROM checkin_forms
        WHERE tenant_id = :tenant_id ORDER BY id DESC",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number() };
    let rows = statement.query_map(parameters, from_row)?;
    let mut forms: Vec<Form> = rows.map(|row| read(row?)).collect::<Result<_>>()?;
    if forms.iter().all(|form| form.id != default_id(tenant)) {
        forms.push(built_in(tenant));
    }
    Ok(forms)
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, form: &Form, questions: &str) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO checkin_forms (
            tenant_id, id, name, version, questions, created_at, updated_at
        ) VALUES (:tenant_id, :id, :name, :version, :questions, :created_at, :updated_at)",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": form.id,
        ":name": form.name,
        ":version": form.version,
        ":questions": questions,
        ":created_at": form.created_at,
        ":updated_at": form.updated_at,
    })?;
    Ok(())
}

pub(super) fn insert_version(
    tx: &Tx<'_>,
    tenant: Tenant,
    form: &Form,
    questions: &str,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO checkin_form_versions (
            tenant_id, form_id, version, name, questions, created_at
        ) VALUES (:tenant_id, :form_id, :version, :name, :questions, :created_at)",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":form_id": form.id,
        ":version": form.version,
        ":name": form.name,
        ":questions": questions,
        ":created_at": form.updated_at,
    })?;
    Ok(())
}

pub(super) fn update(tx: &Tx<'_>, tenant: Tenant, form: &Form, questions: &str) -> Result<()> {
    tx.prepare_cached(
        "UPDATE checkin_forms
        SET name = :name, version = :version, questions = :questions, updated_at = :updated_at
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": form.id,
        ":name": form.name,
        ":version": form.version,
        ":questions": questions,
        ":updated_at": form.updated_at,
    })?;
    Ok(())
}
