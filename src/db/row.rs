//! How values stand in a column, and what an SQLite error means to a caller.
//!
//! Times are integer milliseconds and ids the text that users see, so the file reads well in any
//! SQLite tool. The text of an SQLite error never reaches a caller: it is the source of ours.

use rusqlite::ffi;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, ErrorCode, Row};

use crate::clock::Timestamp;
use crate::error::{Code, Error};
use crate::ids::{
    AccountId, AppId, AuditId, CheckinId, ClientId, ClientSessionId, DeliveryId, EventId,
    ExerciseId, ExportId, FamilyId, FormId, GrantId, InboxMessageId, JobId, KeyId, MailId,
    MeasurementId, MessageId, MetricId, NoticeId, PaymentId, PhotoId, ProgramId, RefundId,
    RequestId, SessionId, TemplateId, WebhookId, WorkoutLogId, WorkspaceId,
};

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_ms()))
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_ms)
    }
}

/// The columns of a row, taken in the order of the SELECT.
///
/// Asked for by name, each column costs a comparison with all the names before it: in a wide row
/// that is more than reading it. The names stand here all the same; debug builds hold them against
/// the statement.
pub struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> Columns<'r, 's> {
    /// All columns of a row.
    pub fn of(row: &'r Row<'s>) -> Self {
        Self { row, next: 0 }
    }

    fn step(&mut self, name: &str) -> usize {
        debug_assert_eq!(self.row.as_ref().column_name(self.next), Ok(name));
        self.next += 1;
        self.next - 1
    }

    /// The next column, which has this name.
    pub fn take<T: FromSql>(&mut self, name: &str) -> rusqlite::Result<T> {
        let place = self.step(name);
        self.row.get(place)
    }

    /// The next column, a text that stays where it is.
    pub fn text(&mut self, name: &str) -> rusqlite::Result<&'r str> {
        Ok(self.text_or_null(name)?.unwrap_or_default())
    }

    /// The next column, a text that stays where it is, or null.
    pub fn text_or_null(&mut self, name: &str) -> rusqlite::Result<Option<&'r str>> {
        let place = self.step(name);
        let value = self.row.get_ref(place)?;
        value.as_str_or_null().map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(place, value.data_type(), error.into())
        })
    }

    /// Leaves the next column out.
    pub fn skip(&mut self, name: &str) {
        self.step(name);
    }
}

macro_rules! id_columns {
    ($($name:ident)*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.to_string()))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let malformed = || {
                    FromSqlError::Other(concat!("not the id of a ", stringify!($name)).into())
                };
                Self::parse(value.as_str()?).ok_or_else(malformed)
            }
        }
    )*};
}

id_columns! {
    AccountId WorkspaceId KeyId AppId GrantId FamilyId ClientId ClientSessionId MessageId ExerciseId
    ProgramId TemplateId WorkoutLogId EventId MailId JobId NoticeId AuditId RequestId SessionId
    WebhookId DeliveryId InboxMessageId PhotoId CheckinId PaymentId RefundId FormId MeasurementId
    MetricId ExportId
}

/// A machine that cannot write now is a passing state; anything else is a fault of ours.
impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let passing = error.sqlite_error_code().is_some_and(|code| {
            matches!(
                code,
                ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::ReadOnly
                    | ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::OutOfMemory
            )
        });
        if passing {
            Self::new(Code::WriteNotSaved).caused_by(error)
        } else {
            Self::internal(error)
        }
    }
}

/// The columns of a violated UNIQUE or PRIMARY KEY, such as `clients.tenant_id, clients.email_key`.
///
/// For the caller to name a domain outcome by; for an index on an expression it is `index 'name'`.
pub fn unique_violation(error: &rusqlite::Error) -> Option<&str> {
    let rusqlite::Error::SqliteFailure(failure, Some(text)) = error else {
        return None;
    };
    let unique = [
        ffi::SQLITE_CONSTRAINT_UNIQUE,
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
        ffi::SQLITE_CONSTRAINT_ROWID,
    ];
    if !unique.contains(&failure.extended_code) {
        return None;
    }
    text.strip_prefix("UNIQUE constraint failed: ")
}

/// Runs a statement with its values bound in the order in which it first names them.
///
/// Binding by name compares each name with all before it, which on a row of thirty columns costs as
/// much as the insert. The names stay for the reader, and are checked where assertions are on.
pub fn execute_in_order(
    mut statement: CachedStatement<'_>,
    parameters: &[(&str, &dyn ToSql)],
) -> rusqlite::Result<usize> {
    for (place, (name, value)) in (1..).zip(parameters) {
        debug_assert_eq!(
            statement.parameter_index(name).ok().flatten(),
            Some(place),
            "{name} is not the next that the statement names"
        );
        statement.raw_bind_parameter(place, value)?;
    }
    statement.raw_execute()
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn times_and_ids_read_back_and_malformed_ids_are_refused() {
        let conn = Connection::open_in_memory().unwrap();
        let at = Timestamp::from_ms(1_780_488_000_007);
        let id = ClientId::new(at);

        let back: (Timestamp, ClientId, String) = conn
            .query_row(
                "SELECT ?1, ?2, typeof(?1) || ' ' || typeof(?2)",
                (at, id),
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .unwrap();
        let foreign = conn.query_row("SELECT ?1", [KeyId::new(at)], |row| {
            row.get::<_, ClientId>(0)
        });

        assert_eq!(back, (at, id, "integer text".to_owned()));
        assert!(foreign.is_err());
    }

    #[test]
    fn a_unique_violation_names_its_columns_and_other_failures_name_none() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE TABLE c(t INTEGER, id TEXT, mail TEXT NOT NULL, PRIMARY KEY (t, id), UNIQUE (t, mail))
                STRICT, WITHOUT ROWID;
             INSERT INTO c VALUES (1, 'a', 'm');",
        )
        .unwrap();
        let failure = |sql: &str| conn.execute(sql, []).unwrap_err();

        let mail = failure("INSERT INTO c VALUES (1, 'b', 'm')");
        let key = failure("INSERT INTO c VALUES (1, 'a', 'n')");
        let null = failure("INSERT INTO c VALUES (1, 'b', NULL)");

        assert_eq!(unique_violation(&mail), Some("c.t, c.mail"));
        assert_eq!(unique_violation(&key), Some("c.t, c.id"));
        assert_eq!(unique_violation(&null), None);
        assert_eq!(Error::from(null).code(), Code::InternalError);
    }
}
