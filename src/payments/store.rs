//! SQL of payments and refunds.

use rusqlite::types::{FromSql, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Method, Payment, Refund, Status};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{ClientId, PaymentId};

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        // The column is checked by the table.
        Ok(Self::parse(value.as_str()?).unwrap_or(Self::Failed))
    }
}

impl FromSql for Method {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        // The column is checked by the table.
        Ok(Self::parse(value.as_str()?).unwrap_or(Self::Manual))
    }
}

fn pairs(json: &str) -> Vec<(String, String)> {
    let map: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(json).unwrap_or_default();
    let pairs = map.into_iter();
    pairs
        .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
        .collect()
}

fn pairs_json(pairs: &[(String, String)]) -> String {
    let pairs = pairs.iter();
    let map: serde_json::Map<String, serde_json::Value> = pairs
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    serde_json::Value::Object(map).to_string()
}

macro_rules! select {
    ($($rest:literal)*) => {
        concat!(
            "SELECT id, client_id, amount, currency, amount_refunded, status, method, description,
                failure_code, failure_message, metadata, succeeded_at, failed_at, version,
                created_at, updated_at
            FROM payments WHERE tenant_id = :tenant_id ",
            $($rest),*
        )
    };
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Payment> {
    Ok(Payment {
        id: row.get("id")?,
        client_id: row.get("client_id")?,
        amount: row.get("amount")?,
        currency: row.get("currency")?,
        amount_refunded: row.get("amount_refunded")?,
        status: row.get("status")?,
        method: row.get("method")?,
        description: row.get("description")?,
        failure_code: row.get("failure_code")?,
        failure_message: row.get("failure_message")?,
        metadata: pairs(&row.get::<_, String>("metadata")?),
        refunds: Vec::new(),
        succeeded_at: row.get("succeeded_at")?,
        failed_at: row.get("failed_at")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// A payment with what was given back of it, oldest first.
fn whole(conn: &Connection, tenant: Tenant, mut payment: Payment) -> Result<Payment> {
    if payment.amount_refunded == 0 {
        return Ok(payment);
    }
    let mut statement = conn.prepare_cached(
        "SELECT id, amount, reason, created_at FROM refunds
        WHERE tenant_id = :tenant_id AND payment_id = :payment_id ORDER BY id",
    )?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":payment_id": payment.id };
    let rows = statement.query_map(parameters, |row| {
        Ok(Refund {
            id: row.get("id")?,
            amount: row.get("amount")?,
            reason: row.get("reason")?,
            created_at: row.get("created_at")?,
        })
    })?;
    payment.refunds = rows.collect::<rusqlite::Result<_>>()?;
    Ok(payment)
}

/// One payment.
pub fn find(conn: &Connection, tenant: Tenant, id: PaymentId) -> Result<Option<Payment>> {
    let mut statement = conn.prepare_cached(select!("AND id = :id"))?;
    let parameters = named_params! { ":tenant_id": tenant.number(), ":id": id };
    let found = statement.query_row(parameters, from_row).optional()?;
    found
        .map(|payment| whole(conn, tenant, payment))
        .transpose()
}

/// What a list of payments is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Those of a client.
    pub client_id: Option<ClientId>,
    /// Those that stand so.
    pub status: Option<Status>,
    /// Only later ones than this time.
    pub created_after: Option<Timestamp>,
    /// Only earlier ones than this time.
    pub created_before: Option<Timestamp>,
    /// Only those that changed after this time.
    pub updated_after: Option<Timestamp>,
}

/// Payments, newest first, below the id `before`.
pub fn page(
    conn: &Connection,
    tenant: Tenant,
    filter: &Filter,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Payment>> {
    // Each way goes down its own index from the newest; no list is sorted.
    let sql = match (filter.client_id, filter.status) {
        (Some(_), _) => select!(
            "AND client_id = :client_id AND id < :before
                AND (:status IS NULL OR status = :status)
                AND (:created_after IS NULL OR created_at > :created_after)
                AND (:created_before IS NULL OR created_at < :created_before)
                AND (:updated_after IS NULL OR updated_at > :updated_after)
            ORDER BY id DESC LIMIT :limit"
        ),
        (None, Some(_)) => select!(
            "AND status = :status AND id < :before
                AND (:client_id IS NULL OR client_id = :client_id)
                AND (:created_after IS NULL OR created_at > :created_after)
                AND (:created_before IS NULL OR created_at < :created_before)
                AND (:updated_after IS NULL OR updated_at > :updated_after)
            ORDER BY id DESC LIMIT :limit"
        ),
        (None, None) => select!(
            "AND id < :before
                AND (:client_id IS NULL OR client_id = :client_id)
                AND (:status IS NULL OR status = :status)
                AND (:created_after IS NULL OR created_at > :created_after)
                AND (:created_before IS NULL OR created_at < :created_before)
                AND (:updated_after IS NULL OR updated_at > :updated_after)
            ORDER BY id DESC LIMIT :limit"
        ),
    };
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(
        named_params! {
            ":tenant_id": tenant.number(),
            ":client_id": filter.client_id,
            ":status": filter.status.map(Status::name),
            ":before": before.unwrap_or("~"),
            ":created_after": filter.created_after,
            ":created_before": filter.created_before,
            ":updated_after": filter.updated_after,
            ":limit": limit,
        },
        from_row,
    )?;
    rows.map(|row| whole(conn, tenant, row?)).collect()
}

/// The newest payments of a client.
pub fn latest(
    conn: &Connection,
    tenant: Tenant,
    client: ClientId,
    limit: u32,
) -> Result<Vec<Payment>> {
    let filter = Filter {
        client_id: Some(client),
        ..Filter::default()
    };
    page(conn, tenant, &filter, None, limit)
}

pub(super) fn insert(tx: &Tx<'_>, tenant: Tenant, payment: &Payment) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO payments (
            tenant_id, id, client_id, amount, currency, amount_refunded, status, method,
            description, failure_code, failure_message, metadata, succeeded_at, failed_at, version,
            created_at, updated_at
        ) VALUES (
            :tenant_id, :id, :client_id, :amount, :currency, :amount_refunded, :status, :method,
            :description, :failure_code, :failure_message, :metadata, :succeeded_at, :failed_at,
            :version, :created_at, :updated_at
        )",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": payment.id,
        ":client_id": payment.client_id,
        ":amount": payment.amount,
        ":currency": payment.currency,
        ":amount_refunded": payment.amount_refunded,
        ":status": payment.status.name(),
        ":method": payment.method.name(),
        ":description": payment.description,
        ":failure_code": payment.failure_code,
        ":failure_message": payment.failure_message,
        ":metadata": pairs_json(&payment.metadata),
        ":succeeded_at": payment.succeeded_at,
        ":failed_at": payment.failed_at,
        ":version": payment.version,
        ":created_at": payment.created_at,
        ":updated_at": payment.updated_at,
    })?;
    Ok(())
}

pub(super) fn update(tx: &Tx<'_>, tenant: Tenant, payment: &Payment) -> Result<()> {
    tx.prepare_cached(
        "UPDATE payments
        SET amount_refunded = :amount_refunded, status = :status, description = :description,
            failure_code = :failure_code, failure_message = :failure_message,
            metadata = :metadata, succeeded_at = :succeeded_at, failed_at = :failed_at,
            version = :version, updated_at = :updated_at
        WHERE tenant_id = :tenant_id AND id = :id",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":id": payment.id,
        ":amount_refunded": payment.amount_refunded,
        ":status": payment.status.name(),
        ":description": payment.description,
        ":failure_code": payment.failure_code,
        ":failure_message": payment.failure_message,
        ":metadata": pairs_json(&payment.metadata),
        ":succeeded_at": payment.succeeded_at,
        ":failed_at": payment.failed_at,
        ":version": payment.version,
        ":updated_at": payment.updated_at,
    })?;
    Ok(())
}

pub(super) fn insert_refund(
    tx: &Tx<'_>,
    tenant: Tenant,
    payment: PaymentId,
    refund: &Refund,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO refunds (tenant_id, payment_id, id, amount, reason, created_at)
        VALUES (:tenant_id, :payment_id, :id, :amount, :reason, :created_at)",
    )?
    .execute(named_params! {
        ":tenant_id": tenant.number(),
        ":payment_id": payment,
        ":id": refund.id,
        ":amount": refund.amount,
        ":reason": refund.reason,
        ":created_at": refund.created_at,
    })?;
    Ok(())
}
