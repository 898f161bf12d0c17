//! Import: many clients from one file.
//!
//! # What is taken
//!
//! CSV, a JSON array of what `POST /v1/clients` takes, or JSON Lines of the same. Up to 5 MB and
//! 50,000 rows. CSV is UTF-8, with or without a byte order mark; cells are separated by commas,
//! semicolons, tabs or bars, whichever the first line has most of; a cell in quotes may hold line
//! breaks. Columns are recognised by their names in several languages and in the spellings of other
//! programs' exports ([`columns`]); what is not recognised is said and left out.
//!
//! A cell is text. Nothing evaluates it, so a formula is kept as the text that it is.
//!
//! # What comes of a row
//!
//! A row is judged by itself, by the rules of `POST /v1/clients`: a bad one is reported and left
//! out, the good ones are imported. A row whose address a client of the tenant or an earlier good
//! row has is a duplicate, and left out too, so a second import of the same file adds nothing.
//! Only what makes all of a file unreadable refuses it whole, and then nothing is imported: no UTF-8,
//! a quote that is never closed, no column of addresses or names, too many rows.
//!
//! # How it is written
//!
//! Invariant: an import never holds the writer for longer than [`STEP_ROWS`] rows take. Everything
//! is read, checked and sealed before; then each step of so many rows is a transaction of its own:
//! its clients, their events, their mails, and under an idempotency key what came of each row. A
//! retry with the same key finds the steps that were done, does the others, and tells of all rows
//! as if it had never been interrupted. A retry without a key finds those clients as duplicates.

pub mod actions;
pub mod body;
pub mod columns;
pub mod csv;
pub mod file;
pub mod routes;

use super::NewClient;
use crate::error::FieldError;

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// The most rows of a file.
pub const MAX_ROWS: usize = 50_000;
/// So many clients are written in one transaction: some five milliseconds of the writer's time.
pub const STEP_ROWS: usize = 100;
/// So many rows the answer tells of; beyond, those that were left out come first.
pub const ROWS_TOLD: usize = 10_000;

/// The forms of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a line of headers.
    Csv,
    /// A JSON array of objects.
    Json,
    /// One JSON object a line.
    JsonLines,
}

/// The media types of each form, the usual one first.
pub const MEDIA_TYPES: &[(&str, Format)] = &[
    ("text/csv", Format::Csv),
    ("application/json", Format::Json),
    ("application/x-ndjson", Format::JsonLines),
    ("application/jsonl", Format::JsonLines),
    ("text/tab-separated-values", Format::Csv),
];

impl Format {
    /// The form that a media type stands for, whatever parameters it has.
    pub fn of_media_type(text: &str) -> Option<Self> {
        let essence = text.split(';').next().unwrap_or_default().trim();
        let known = MEDIA_TYPES
            .iter()
            .find(|(name, _)| essence.eq_ignore_ascii_case(name));
        known.map(|(_, format)| *format)
    }

    /// The form that a file's name tells.
    pub fn of_file_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// What is asked of an import beside the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Only says what would happen.
    pub dry_run: bool,
    /// Invites every client whose row does not say otherwise.
    pub send_invite: bool,
    /// Columns and the field that each is; over the guess.
    pub columns: Vec<(String, Option<columns::Field>)>,
    /// The country of telephone numbers that do not say it, such as `351`.
    pub calling_code: Option<String>,
}

/// Reads the calling code of a country, with or without its plus sign.
pub fn calling_code(text: &str) -> Result<String, String> {
    let code = text.trim_start_matches('+');
    let is_code = (1..=3).contains(&code.len())
        && !code.starts_with('0')
        && code.bytes().all(|byte| byte.is_ascii_digit());
    if is_code {
        Ok(code.to_owned())
    } else {
        Err("Use the one to three digits of a country, such as 351.".to_owned())
    }
}

/// A file, read and judged.
#[derive(Debug)]
pub struct File {
    /// The columns of a CSV as it names them, and the field that each was taken for.
    pub columns: Vec<(String, Option<columns::Field>)>,
    /// Its rows, blank ones left out.
    pub rows: Vec<Row>,
}

/// A row of a file.
#[derive(Debug)]
pub struct Row {
    /// The line on which it begins; none in a JSON array.
    pub line: Option<u64>,
    /// The name as the file has it.
    pub name: Option<String>,
    /// The address as the file has it.
    pub email: Option<String>,
    /// What can be done with it.
    pub verdict: Verdict,
}

/// What can be done with a row, as far as the file alone says it.
#[derive(Debug)]
pub enum Verdict {
    /// It is a client to add.
    Good(Box<NewClient>),
    /// An earlier row, by its number, has the same address.
    Repeats(usize),
    /// It is no client.
    Bad(Vec<FieldError>),
}

/// What became of a good row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client was added.
    Created(crate::ids::ClientId),
    /// A client has this address already.
    Exists(crate::ids::ClientId),
    /// Nothing, since this is a dry run: the client would be added.
    WouldCreate,
}
