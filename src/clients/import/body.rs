//! What is told of an import.

use serde::Serialize;
use utoipa::ToSchema;

use super::{File, Outcome, ROWS_TOLD, Row, Verdict};
use crate::error::{FieldError, Place};
use crate::ids::ClientId;

/// What became of a file of clients.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientImportBody {
    /// Always `client_import`.
    object: &'static str,
    /// True if it went into the live tenant.
    livemode: bool,
    /// True if nothing was changed.
    dry_run: bool,
    /// Rows that the file has, blank ones left out.
    total: usize,
    /// Clients that were added, or in a dry run would be.
    created: usize,
    /// Rows left out because a client or an earlier row has the same address.
    duplicates: usize,
    /// Rows left out because they are no clients.
    invalid: usize,
    /// The columns of a CSV, and what each was taken for; empty for JSON.
    columns: Vec<ColumnBody>,
    /// Each row in the order of the file: all of up to 10,000. Of more, 10,000, those that were
    /// left out before those that were not.
    rows: Vec<RowBody>,
    /// True if `rows` lacks some.
    rows_truncated: bool,
}

/// A column of a CSV.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnBody {
    /// Its name in the file.
    column: String,
    /// The field that it was taken for; null if it was left out.
    field: Option<&'static str>,
}

/// What became of a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowBody {
    /// Its number among the rows, beginning with 1; headers and blank rows do not count.
    row: usize,
    /// The line of the file on which it begins; null in a JSON array.
    line: Option<u64>,
    /// `created`, `would_create`, `duplicate` or `invalid`.
    status: &'static str,
    /// The client that was added, or that has the address already.
    #[schema(value_type = Option<String>)]
    client_id: Option<ClientId>,
    /// The name as the file has it.
    name: Option<String>,
    /// The address as the file has it.
    email: Option<String>,
    /// Why it was left out.
    errors: Vec<RowErrorBody>,
}

/// Why a row was left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowErrorBody {
    /// A JSON pointer into the row as `POST /v1/clients` would take it; empty for the whole row.
    pointer: String,
    /// A stable name such as `required` or `invalid_email`.
    code: &'static str,
    /// What is wrong.
    message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    fix: Option<String>,
}

impl RowErrorBody {
    fn of(fault: &FieldError) -> Self {
        let pointer = match &fault.place {
            Place::Pointer(pointer) | Place::Parameter(pointer) => pointer.clone(),
        };
        Self {
            pointer,
            code: fault.code,
            message: fault.message.clone(),
            fix: fault.fix.clone(),
        }
    }

    fn taken(message: String) -> Self {
        Self {
            pointer: "/email".to_owned(),
            code: "already_exists",
            message,
            fix: None,
        }
    }
}

impl RowBody {
    fn of(number: usize, row: &Row, outcome: Option<Outcome>) -> Self {
        let (status, client_id, errors) = match (&row.verdict, outcome) {
            (Verdict::Bad(faults), _) => {
                let errors = faults.iter().map(RowErrorBody::of).collect();
                ("invalid", None, errors)
            }
            (Verdict::Repeats(earlier), _) => {
                let message = format!("Row {earlier} has the same address.");
                ("duplicate", None, vec![RowErrorBody::taken(message)])
            }
            (Verdict::Good(_), Some(Outcome::Exists(id))) => {
                let message = "A client with this email address exists already.".to_owned();
                ("duplicate", Some(id), vec![RowErrorBody::taken(message)])
            }
            (Verdict::Good(_), Some(Outcome::Created(id))) => ("created", Some(id), Vec::new()),
            (Verdict::Good(_), Some(Outcome::WouldCreate) | None) => {
                ("would_create", None, Vec::new())
            }
        };
        Self {
            row: number,
            line: row.line,
            status,
            client_id,
            name: row.name.clone(),
            email: row.email.clone(),
            errors,
        }
    }

    fn is_left_out(&self) -> bool {
        !self.errors.is_empty()
    }
}

impl ClientImportBody {
    /// What became of a file whose good rows, in their order, came to this.
    pub fn of(file: &File, livemode: bool, dry_run: bool, outcomes: Vec<Outcome>) -> Self {
        let mut outcomes = outcomes.into_iter();
        let rows = file.rows.iter().zip(1..).map(|(row, number)| {
            let outcome = match &row.verdict {
                Verdict::Good(_) => outcomes.next(),
                Verdict::Repeats(_) | Verdict::Bad(_) => None,
            };
            RowBody::of(number, row, outcome)
        });
        let rows: Vec<RowBody> = rows.collect();
        let count = |status: &str| rows.iter().filter(|row| row.status == status).count();
        let columns = file.columns.iter().map(|(column, field)| ColumnBody {
            column: column.clone(),
            field: field.map(super::columns::Field::name),
        });
        Self {
            object: "client_import",
            livemode,
            dry_run,
            total: rows.len(),
            created: count("created") + count("would_create"),
            duplicates: count("duplicate"),
            invalid: count("invalid"),
            columns: columns.collect(),
            rows_truncated: rows.len() > ROWS_TOLD,
            rows: told(rows),
        }
    }
}

/// So many rows as are told, in the order of the file.
fn told(rows: Vec<RowBody>) -> Vec<RowBody> {
    let left_out = rows.iter().filter(|row| row.is_left_out()).count();
    let (mut bad, mut good) = (ROWS_TOLD, ROWS_TOLD.saturating_sub(left_out));
    let mut take = |row: &RowBody| {
        let room = if row.is_left_out() {
            &mut bad
        } else {
            &mut good
        };
        let taken = *room > 0;
        *room = room.saturating_sub(1);
        taken
    };
    rows.into_iter().filter(|row| take(row)).collect()
}
