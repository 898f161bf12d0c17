//! A file's rows, read and judged one by one.

use std::collections::HashMap;

use super::columns::{Field, assign};
use super::csv::{self, Fault};
use super::{File, Format, MAX_ROWS, Options, Row, Verdict};
use crate::api::items;
use crate::api::json::Json;
use crate::clients::NewClient;
use crate::error::{Error, FieldError, Place, Result};
use crate::values::Phone;

/// What is shown of a row's name and address, in characters.
const SHOWN: usize = 254;

/// Reads a file. What makes all of it unreadable is the error; what is wrong with a row is in it.
pub fn read(bytes: &[u8], format: Format, options: &Options) -> Result<File> {
    let text = text(bytes)?;
    let mut file = match format {
        Format::Csv => of_table(text, options)?,
        Format::Json => of_array(text)?,
        Format::JsonLines => of_lines(text)?,
    };
    if file.rows.is_empty() {
        return Err(refused("required", "The file has no rows.", None));
    }
    find_repeated(&mut file.rows);
    Ok(file)
}

/// The text of a file, without its byte order mark.
fn text(bytes: &[u8]) -> Result<&str> {
    const ENCODING: &str = "invalid_encoding";
    const SAVE: &str =
        "Save it as UTF-8; spreadsheets call that \"CSV UTF-8\" when they save or export.";
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(refused(ENCODING, "The file is UTF-16.", Some(SAVE)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        let message = format!("Line {line} of the file is not UTF-8.");
        refused(ENCODING, message, Some(SAVE)).caused_by(error)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn refused(code: &'static str, message: impl Into<String>, fix: Option<&str>) -> Error {
    let message = message.into();
    let fault = FieldError {
        place: Place::Pointer(String::new()),
        code,
        message: message.clone(),
        fix: fix.map(str::to_owned),
    };
    Error::invalid(vec![fault]).reword(message)
}

fn too_many() -> Error {
    let message = format!("The file has more than {MAX_ROWS} rows.");
    refused("too_many", message, Some("Divide it into several files."))
}

fn of_array(text: &str) -> Result<File> {
    let items = items::array(text.as_bytes())?.ok_or_else(|| {
        refused(
            "invalid_type",
            "The body must be a JSON array of clients.",
            None,
        )
    })?;
    if items.len() > MAX_ROWS {
        return Err(too_many());
    }
    let rows = items.into_iter().map(|item| of_item(None, item)).collect();
    Ok(File {
        columns: Vec::new(),
        rows,
    })
}

fn of_lines(text: &str) -> Result<File> {
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        if rows.len() == MAX_ROWS {
            return Err(too_many());
        }
        rows.push(match items::line(line.as_bytes()) {
            Ok(item) => of_item(Some(number), item),
            Err(error) => Row {
                line: Some(number),
                name: None,
                email: None,
                verdict: Verdict::Bad(vec![FieldError {
                    place: Place::Pointer(String::new()),
                    code: error.code().name(),
                    message: error.message().to_owned(),
                    fix: None,
                }]),
            },
        });
    }
    Ok(File {
        columns: Vec::new(),
        rows,
    })
}

fn of_item(line: Option<u64>, item: Json) -> Row {
    let shown = |field: &str| {
        let Json::Object(members) = &item else {
            return None;
        };
        members.iter().find_map(|(name, value)| {
            if let Json::Text(text) = value
                && name == field
            {
                return Some(short(text));
            }
            None
        })
    };
    let (name, email) = (shown("name"), shown("email"));
    let verdict = match items::read_item::<NewClient>(item) {
        Ok(new) => Verdict::Good(Box::new(new)),
        Err(faults) => Verdict::Bad(faults),
    };
    Row {
        line,
        name,
        email,
        verdict,
    }
}

fn short(text: &str) -> String {
    text.trim().chars().take(SHOWN).collect()
}

fn of_table(text: &str, options: &Options) -> Result<File> {
    let delimiter = csv::delimiter(text);
    let records = csv::read(text, delimiter, MAX_ROWS + 1).map_err(|fault| match fault {
        Fault::TooMany => too_many(),
        Fault::Unclosed(line) => refused(
            "unclosed_quote",
            format!("A quote that begins a cell on line {line} is never closed."),
            Some("Close it, or write a quote inside a cell twice."),
        ),
    })?;
    let mut records = records.into_iter();
    let Some((_, headers)) = records.next() else {
        return Err(refused("required", "The file has no rows.", None));
    };
    let columns = assign(&headers, &options.columns);
    check_columns(&columns, options)?;
    let fields: Vec<Option<Field>> = columns.iter().map(|(_, field)| *field).collect();
    let rows = records.map(|(line, cells)| of_record(line, &cells, &fields, options));
    Ok(File {
        rows: rows.collect(),
        columns,
    })
}

/// A table must have a column of addresses and one of names, and what was chosen must be there.
fn check_columns(columns: &[(String, Option<Field>)], options: &Options) -> Result<()> {
    let is_there = |name: &str| {
        let numbered = name
            .parse()
            .is_ok_and(|number: usize| (1..=columns.len()).contains(&number));
        numbered || columns.iter().any(|(header, _)| header == name.trim())
    };
    if let Some((name, _)) = options.columns.iter().find(|(name, _)| !is_there(name)) {
        let message = format!("The file has no column `{}`.", short(name));
        return Err(Error::parameter(
            crate::error::Code::InvalidParameter,
            "columns",
            message,
        ));
    }
    let has = |field| columns.iter().any(|(_, found)| *found == Some(field));
    let named = has(Field::Name) || has(Field::FirstName) || has(Field::LastName);
    let missing = match (has(Field::Email), named) {
        (true, true) => return Ok(()),
        (false, true) => "email addresses",
        (true, false) => "names",
        (false, false) => "email addresses, and none of names",
    };
    let headers: Vec<String> = columns
        .iter()
        .take(20)
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let message = format!(
        "No column of {missing} was recognised. The first line must name the columns; it has {}.",
        headers.join(", ")
    );
    let fix = "Name the columns `name` and `email`, or say which is which with `columns`.";
    Err(refused("missing_column", message, Some(fix)))
}

fn of_record(line: u64, cells: &[String], fields: &[Option<Field>], options: &Options) -> Row {
    let cell = |wanted: Field| {
        let at = fields.iter().position(|field| *field == Some(wanted))?;
        let text = cells.get(at)?.trim();
        (!text.is_empty()).then_some(text)
    };
    let name = cell(Field::Name).map(one_line).or_else(|| {
        let parts = [cell(Field::FirstName), cell(Field::LastName)];
        let parts: Vec<String> = parts.into_iter().flatten().map(one_line).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    });
    let email = cell(Field::Email).map(|text| text.trim_start_matches("mailto:").to_owned());
    let shown = (name.as_deref().map(short), email.as_deref().map(short));
    let extra = cells
        .iter()
        .skip(fields.len())
        .any(|cell| !cell.trim().is_empty());
    let verdict = if extra {
        Verdict::Bad(vec![FieldError {
            place: Place::Pointer(String::new()),
            code: "too_many_cells",
            message: format!(
                "The row has {} cells; there are {} columns.",
                cells.len(),
                fields.len()
            ),
            fix: Some("Put a cell that holds the separator into quotes.".to_owned()),
        }])
    } else {
        let mut members = Vec::new();
        members.extend(name.map(|name| ("name".to_owned(), Json::Text(name))));
        members.extend(email.map(|email| ("email".to_owned(), Json::Text(email))));
        for field in fields.iter().flatten() {
            if let Some(text) = cell(*field)
                && let Some(value) = value(*field, text, options)
            {
                members.push((field.name().to_owned(), value));
            }
        }
        match items::read_item::<NewClient>(Json::Object(members)) {
            Ok(new) => Verdict::Good(Box::new(new)),
            Err(faults) => Verdict::Bad(faults),
        }
    };
    Row {
        line: Some(line),
        name: shown.0,
        email: shown.1,
        verdict,
    }
}

/// The text with its line breaks as spaces: a cell may have been broken to fit.
fn one_line(text: &str) -> String {
    text.split(['\r', '\n', '\t'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A cell as the value that its field has in JSON; none for the parts of a name and an address.
fn value(field: Field, text: &str, options: &Options) -> Option<Json> {
    let lower = || text.to_lowercase();
    Some(match field {
        Field::Name | Field::FirstName | Field::LastName | Field::Email => return None,
        Field::Phone => Json::Text(phone(text, options.calling_code.as_deref())),
        Field::Goal => Json::Text(one_line(text)),
        Field::Timezone | Field::CoachNotes | Field::ExternalId => Json::Text(text.to_owned()),
        Field::Units => Json::Text(match lower().as_str() {
            "kg" | "kgs" | "cm" | "kg/cm" | "si" => "metric".to_owned(),
            "lb" | "lbs" | "pounds" | "us" => "imperial".to_owned(),
            other => other.to_owned(),
        }),
        Field::Experience => Json::Text(lower()),
        Field::CheckInDay => Json::Text(weekday(&lower())),
        Field::DaysPerWeek | Field::SessionMinutes => match text.parse::<i64>() {
            Ok(number) => Json::Number(number.into()),
            Err(_) => Json::Text(text.to_owned()),
        },
        Field::Tags | Field::Equipment => Json::Array(words(text).map(Json::Text).collect()),
        Field::Limitations => {
            let folded = words(text).map(|word| word.to_lowercase().replace([' ', '-'], "_"));
            Json::Array(folded.map(Json::Text).collect())
        }
    })
}

/// The words of a cell that holds several.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split([',', ';', '|', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned)
}

/// A weekday by its first three letters at least.
fn weekday(lower: &str) -> String {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let found = DAYS
        .iter()
        .find(|day| lower.len() >= 3 && day.starts_with(lower.trim_end_matches('.')));
    found.map_or_else(|| lower.to_owned(), |day| (*day).to_owned())
}

/// A telephone number as people write it, in the form E.164 where that can be told.
///
/// Spaces, brackets, dots, hyphens and strokes are taken out; a leading `00` is a plus sign. A number
/// without a country gets the calling code, if one was given, in the place of its leading zero.
fn phone(text: &str, calling_code: Option<&str>) -> String {
    let bare: String = text
        .replace("(0)", "")
        .chars()
        .filter(|c| {
            !matches!(
                c,
                ' ' | '\u{a0}' | '(' | ')' | '.' | '-' | '/' | '\u{2010}' | '\u{2011}'
            )
        })
        .collect();
    let international = if let Some(rest) = bare.strip_prefix("00") {
        format!("+{rest}")
    } else if !bare.starts_with('+')
        && let Some(code) = calling_code
    {
        format!("+{code}{}", bare.strip_prefix('0').unwrap_or(&bare))
    } else {
        bare
    };
    // What is still no number is told about as it was written.
    if Phone::parse(&international).is_ok() {
        international
    } else {
        text.to_owned()
    }
}

/// Marks good rows whose address an earlier good row has.
fn find_repeated(rows: &mut [Row]) {
    let mut first: HashMap<String, usize> = HashMap::new();
    for (at, row) in rows.iter_mut().enumerate() {
        let Verdict::Good(new) = &row.verdict else {
            continue;
        };
        match first.entry(new.email.key()) {
            std::collections::hash_map::Entry::Occupied(earlier) => {
                row.verdict = Verdict::Repeats(*earlier.get() + 1);
            }
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(text: &str) -> Vec<Row> {
        read(text.as_bytes(), Format::Csv, &Options::default())
            .expect("a file")
            .rows
    }

    fn good(row: &Row) -> &NewClient {
        match &row.verdict {
            Verdict::Good(new) => new,
            other @ (Verdict::Repeats(_) | Verdict::Bad(_)) => panic!("not good: {other:?}"),
        }
    }

    fn faults(row: &Row) -> Vec<&'static str> {
        match &row.verdict {
            Verdict::Bad(faults) => faults.iter().map(|fault| fault.code).collect(),
            other @ (Verdict::Good(_) | Verdict::Repeats(_)) => panic!("not bad: {other:?}"),
        }
    }

    #[test]
    fn cells_become_the_values_of_their_fields() {
        let rows = csv(
            "First;Last;Email;Phone;Days per week;Tags;Check-in day;Units;Injuries;Notes\n\
             Ana;Prado;ana@example.com;+351 912 345-678;3;\"vip, online\";Mon;kg;Low back;\"one\ntwo\"\n",
        );
        let new = good(&rows[0]);
        assert_eq!(new.name, "Ana Prado");
        assert_eq!(new.phone.as_ref().map(Phone::as_str), Some("+351912345678"));
        assert_eq!(new.days_per_week, Some(3));
        assert_eq!(
            new.tags.as_deref(),
            Some(&["vip".to_owned(), "online".to_owned()][..])
        );
        assert_eq!(new.check_in_day, Some("monday"));
        assert_eq!(new.units, Some("metric"));
        assert_eq!(new.limitations.as_deref(), Some(&["low_back"][..]));
        assert_eq!(new.coach_notes.as_deref(), Some("one\ntwo"));
    }

    #[test]
    fn numbers_of_one_country_need_its_calling_code() {
        assert_eq!(phone("0912 345 678", None), "0912 345 678");
        assert_eq!(phone("0912 345 678", Some("351")), "+351912345678");
        assert_eq!(phone("(415) 555-0123", Some("1")), "+14155550123");
        assert_eq!(phone("0044 (0)20 7946 0000", Some("1")), "+442079460000");
    }

    #[test]
    fn a_bad_row_says_all_that_is_wrong_with_it() {
        let rows = csv("Name,Email,Days per week\n,nobody,often\nAna,ana@example.com,2,x\n");
        assert_eq!(
            faults(&rows[0]),
            ["required", "invalid_email", "invalid_type"]
        );
        assert_eq!(faults(&rows[1]), ["too_many_cells"]);
        assert_eq!(rows[1].line, Some(3));
    }

    #[test]
    fn of_two_rows_with_one_address_the_first_good_one_counts() {
        let rows =
            csv("name,email\n,ana@example.com\nAna,ANA@example.com\nAna P,ana@example.com\n");
        assert!(matches!(rows[0].verdict, Verdict::Bad(_)));
        assert_eq!(good(&rows[1]).name, "Ana");
        assert!(matches!(rows[2].verdict, Verdict::Repeats(2)));
    }

    #[test]
    fn what_makes_all_of_a_file_unreadable_says_what_to_do() {
        let refusal = |bytes: &[u8]| {
            let error = read(bytes, Format::Csv, &Options::default()).expect_err("refused");
            (error.fields()[0].code, error.message().to_owned())
        };
        assert_eq!(
            refusal(b"name,email\nJos\xe9,j@b.co\n").0,
            "invalid_encoding"
        );
        assert!(
            refusal(b"name,email\nJos\xe9,j@b.co\n")
                .1
                .contains("Line 2")
        );
        assert_eq!(refusal(b"\xff\xfen\0").0, "invalid_encoding");
        assert_eq!(
            refusal(b"name,email\n\"Ana,ana@example.com\n").0,
            "unclosed_quote"
        );
        assert_eq!(refusal(b"Ana,ana@example.com\n").0, "missing_column");
        assert_eq!(refusal(b"").0, "required");
        assert_eq!(refusal(b"name,email\n").0, "required");
    }
}
