//! SQL of accounts.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Account, NewAccount};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::AccountId;
use crate::values::Email;

fn from_row(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get("id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        role: row.get("role")?,
        plan: row.get("plan")?,
        status: row.get("status")?,
        created_at: row.get("created_at")?,
    })
}

/// Every account, oldest first.
pub fn all(conn: &Connection) -> Result<Vec<Account>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, email, name, role, plan, status, created_at FROM accounts ORDER BY id",
    )?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The account that signs in with this address.
pub fn find_by_email(conn: &Connection, email: &Email) -> Result<Option<Account>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, email, name, role, plan, status, created_at
        FROM accounts WHERE email_key = :email_key",
    )?;
    Ok(statement
        .query_row(named_params! { ":email_key": email.key() }, from_row)
        .optional()?)
}

/// What an account's password is verified with.
pub fn password_hash(conn: &Connection, id: AccountId) -> Result<Option<String>> {
    let mut statement = conn.prepare_cached("SELECT password_hash FROM accounts WHERE id = :id")?;
    Ok(statement
        .query_row(named_params! { ":id": id }, |row| row.get(0))
        .optional()?)
}

/// One account.
pub fn find(conn: &Connection, id: AccountId) -> Result<Option<Account>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, email, name, role, plan, status, created_at FROM accounts WHERE id = :id",
    )?;
    Ok(statement
        .query_row(named_params! { ":id": id }, from_row)
        .optional()?)
}

/// How many accounts there are.
pub fn count(conn: &Connection) -> Result<u32> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM accounts")?
        .query_row([], |row| row.get(0))?)
}

/// Whether anybody can sign in yet.
pub fn exist(conn: &Connection) -> Result<bool> {
    Ok(conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM accounts)")?
        .query_row([], |r| r.get(0))?)
}

pub(super) fn insert(
    tx: &Tx<'_>,
    id: AccountId,
    new: &NewAccount,
    role: &str,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO accounts (
            id, email, email_key, name, password_hash, role, plan, created_at, updated_at
        ) VALUES (:id, :email, :email_key, :name, :password_hash, :role, :plan, :now, :now)",
    )?
    .execute(named_params! {
        ":id": id,
        ":email": new.email.as_str(),
        ":email_key": new.email.key(),
        ":name": new.name,
        ":password_hash": new.password_hash,
        ":role": role,
        ":plan": new.plan,
        ":now": now,
    })?;
    Ok(())
}

pub(super) fn set_password(
    tx: &Tx<'_>,
    id: AccountId,
    password_hash: &str,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE accounts
        SET password_hash = :password_hash, version = version + 1, updated_at = :now
        WHERE id = :id",
    )?
    .execute(named_params! { ":id": id, ":password_hash": password_hash, ":now": now })?;
    Ok(())
}

/// Puts a stronger hash of the same password in the place of the one that was verified.
pub(super) fn strengthen_password(
    tx: &Tx<'_>,
    id: AccountId,
    former: &str,
    password_hash: &str,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE accounts SET password_hash = :password_hash
        WHERE id = :id AND password_hash = :former",
    )?
    .execute(named_params! { ":id": id, ":former": former, ":password_hash": password_hash })?;
    Ok(())
}

pub(super) fn set_identity(
    tx: &Tx<'_>,
    id: AccountId,
    name: &str,
    email: &Email,
    now: Timestamp,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE accounts
        SET name = :name, email = :email, email_key = :email_key, version = version + 1,
            updated_at = :now
        WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id,
        ":name": name,
        ":email": email.as_str(),
        ":email_key": email.key(),
        ":now": now,
    })?;
    Ok(())
}
