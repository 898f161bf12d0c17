//! What is exported of a client: each kind, where it is read and which scope that needs.

use serde::Serialize;
use serde_json::{Value, json};

use super::table::Table;
use crate::caller::Tenant;
use crate::check_ins::body::CheckinBody;
use crate::check_ins::measurements::body::MeasurementBody;
use crate::check_ins::schedules::body::ScheduleBody;
use crate::check_ins::{self, measurements, schedules};
use crate::clients::Client;
use crate::clients::sessions;
use crate::clients::sessions::body::{ClientSessionBody, ConsentBody};
use crate::clock::Timestamp;
use crate::db::{Db, Reader};
use crate::error::{Error, Result};
use crate::messages;
use crate::messages::body::MessageBody;
use crate::payments;
use crate::payments::body::PaymentBody;
use crate::programs;
use crate::programs::body::ProgramBody;
use crate::values::Date;
use crate::workouts;
use crate::workouts::actions::unit_of;
use crate::workouts::body::{PersonalRecordBody, WorkoutLogBody};
use crate::workouts::records::Key;

/// Rows that are read at a time.
const ROWS: u32 = 50;

/// Whose export it is.
pub struct Subject {
    /// The tenant.
    pub tenant: Tenant,
    /// The client.
    pub client: Client,
    /// The server's time: devices that are no longer in use are left out.
    pub now: Timestamp,
    /// The scopes that the credential has of those that some kinds need.
    pub scopes: Vec<&'static str>,
}

/// Some objects of a kind.
pub struct Page {
    /// Each as JSON, on one line.
    pub rows: Vec<String>,
    /// Where the next page begins; none if this is the last.
    pub next: Option<String>,
}

/// Reads the page of a kind that begins after a place.
type Read = fn(&Subject, &Reader, Option<&str>) -> Result<Page>;

/// One kind of objects.
pub struct Kind {
    /// What its file is called, without the ending.
    pub name: &'static str,
    /// What else than the scopes of the call it needs.
    pub scope: Option<&'static str>,
    /// What it is, for whoever opens the file.
    pub words: &'static str,
    /// Reads it.
    pub read: Read,
    /// The table that is made of it as well.
    pub table: Option<Table>,
}

impl Kind {
    const fn new(name: &'static str, words: &'static str, read: Read) -> Self {
        Self {
            name,
            scope: None,
            words,
            read,
            table: None,
        }
    }

    const fn needs(self, scope: &'static str) -> Self {
        Self {
            scope: Some(scope),
            ..self
        }
    }
}

/// The scope of what is trained.
pub const PROGRAMS: &str = "programs:read";
/// The scope of what was written.
pub const MESSAGES: &str = "messages:read";
/// The scope of what was paid.
pub const PAYMENTS: &str = "payments:read";

/// Every kind, in the order of the file.
pub fn kinds() -> Vec<Kind> {
    vec![
        Kind::new("consents", "what the client agreed to", consents),
        Kind::new("devices", "devices that use the client app", devices),
        Kind::new(
            "checkins",
            "check-ins that were submitted, with the coach's private notes",
            checkins,
        )
        .with_table("checkin_answers", ANSWERS, answers),
        Kind::new("checkin_schedule", "when check-ins are asked for", schedule),
        Kind::new("measurements", "measurements", measured).with_table(
            "measurements",
            MEASURED,
            itself,
        ),
        Kind::new("programs", "programs, whole", programs).needs(PROGRAMS),
        Kind::new("workout_logs", "what was trained", workout_logs)
            .needs(PROGRAMS)
            .with_table("workout_sets", SETS, sets),
        Kind::new("personal_records", "personal records", personal_records).needs(PROGRAMS),
        Kind::new("messages", "messages", messages)
            .needs(MESSAGES)
            .with_table("messages", WRITTEN, itself),
        Kind::new("payments", "payments and refunds", payments)
            .needs(PAYMENTS)
            .with_table("payments", PAID, itself),
    ]
}

type Columns = &'static [(&'static str, &'static str)];

impl Kind {
    fn with_table(
        self,
        name: &'static str,
        columns: Columns,
        rows: fn(&Value) -> Vec<Value>,
    ) -> Self {
        let table = Table {
            name,
            columns,
            rows,
        };
        Self {
            table: Some(table),
            ..self
        }
    }
}

const WRITTEN: Columns = &[
    ("id", "/id"),
    ("created_at", "/created_at"),
    ("direction", "/direction"),
    ("channel", "/channel"),
    ("status", "/status"),
    ("read_at", "/read_at"),
    ("body", "/body"),
];
const PAID: Columns = &[
    ("id", "/id"),
    ("created_at", "/created_at"),
    ("status", "/status"),
    ("method", "/method"),
    ("amount", "/amount"),
    ("amount_refunded", "/amount_refunded"),
    ("currency", "/currency"),
    ("description", "/description"),
    ("succeeded_at", "/succeeded_at"),
    ("failed_at", "/failed_at"),
    ("failure_code", "/failure_code"),
];
const MEASURED: Columns = &[
    ("id", "/id"),
    ("measured_at", "/measured_at"),
    ("metric", "/metric"),
    ("value", "/value"),
    ("unit", "/unit"),
    ("si_value", "/si/value"),
    ("si_unit", "/si/unit"),
    ("site", "/site"),
    ("source", "/source"),
    ("checkin_id", "/checkin_id"),
];
const SETS: Columns = &[
    ("workout_log_id", "/log/id"),
    ("performed_on", "/log/performed_on"),
    ("status", "/log/status"),
    ("workout", "/log/name"),
    ("exercise", "/exercise/exercise"),
    ("substituted_for", "/exercise/substituted_for"),
    ("set", "/number"),
    ("kind", "/set/kind"),
    ("reps", "/set/reps"),
    ("load", "/set/load/value"),
    ("load_unit", "/set/load/unit"),
    ("seconds", "/set/seconds"),
    ("metres", "/set/metres"),
    ("rpe", "/set/rpe"),
    ("rir", "/set/rir"),
    ("pain", "/set/pain"),
    ("note", "/set/note"),
    ("skipped_reason", "/set/skipped_reason"),
];
const ANSWERS: Columns = &[
    ("checkin_id", "/checkin/id"),
    ("local_date", "/checkin/local_date"),
    ("submitted_at", "/checkin/submitted_at"),
    ("question", "/answer/question"),
    ("type", "/answer/type"),
    ("value", "/answer/value"),
];

fn itself(object: &Value) -> Vec<Value> {
    vec![object.clone()]
}

/// The elements of a list in an object.
fn elements<'v>(object: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    object[name].as_array().into_iter().flatten()
}

fn sets(log: &Value) -> Vec<Value> {
    let mut rows = Vec::new();
    for exercise in elements(log, "exercises") {
        for (number, set) in (1..).zip(elements(exercise, "sets")) {
            let number: u32 = number;
            rows.push(json!({ "log": log, "exercise": exercise, "number": number, "set": set }));
        }
    }
    rows
}

fn answers(checkin: &Value) -> Vec<Value> {
    let answers = elements(checkin, "answers");
    answers
        .map(|answer| json!({ "checkin": checkin, "answer": answer }))
        .collect()
}

/// Shows every object of a kind, page by page.
pub fn each(
    db: &Db,
    of: &Subject,
    kind: &Kind,
    mut take: impl FnMut(&str) -> Result<()>,
) -> Result<()> {
    let mut after: Option<String> = None;
    loop {
        let read = |conn: &_| (kind.read)(of, conn, after.as_deref());
        let page = db.read_now(read)?;
        for row in &page.rows {
            take(row)?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

/// An object as it stands in a file of JSON Lines.
pub fn json_line(body: &impl Serialize) -> Result<String> {
    serde_json::to_string(body).map_err(Error::internal)
}

/// A page of what was read; one that is not full is the last.
fn page<T>(
    found: &[T],
    show: impl FnMut(&T) -> Result<String>,
    place: impl FnOnce(&T) -> String,
) -> Result<Page> {
    let is_full = found.len() >= ROWS as usize;
    Ok(Page {
        rows: found.iter().map(show).collect::<Result<_>>()?,
        next: found.last().filter(|_| is_full).map(place),
    })
}

/// All that there is, at once.
fn all<T>(found: &[T], show: impl FnMut(&T) -> Result<String>) -> Result<Page> {
    let rows = found.iter().map(show).collect::<Result<_>>()?;
    Ok(Page { rows, next: None })
}

fn consents(of: &Subject, conn: &Reader, _: Option<&str>) -> Result<Page> {
    let (tenant, client) = (of.tenant, of.client.id);
    let found = sessions::store::consents(conn, tenant, client)?;
    all(&found, |consent| {
        json_line(&ConsentBody::of(tenant, client, consent))
    })
}

fn devices(of: &Subject, conn: &Reader, _: Option<&str>) -> Result<Page> {
    let mut found = sessions::store::of_client(conn, of.tenant, of.client.id)?;
    found.retain(|session| session.is_live(of.now));
    let livemode = of.tenant.mode().is_live();
    all(&found, |session| {
        json_line(&ClientSessionBody::of(livemode, session, None))
    })
}

fn checkins(of: &Subject, conn: &Reader, after: Option<&str>) -> Result<Page> {
    let filter = check_ins::store::Filter::default();
    let after = after.and_then(|text| {
        let (date, id) = text.split_once('\n')?;
        Some((Date::parse(date).ok()?, id.to_owned()))
    });
    let wanted = (&filter, after.as_ref());
    let found = check_ins::store::page(conn, of.tenant, of.client.id, wanted, ROWS)?;
    let show = |checkin: &check_ins::Checkin| {
        let whole = check_ins::store::whole(conn, of.tenant, checkin.clone())?;
        // Addresses of photos end in minutes; the photos themselves are beside it.
        json_line(&CheckinBody::of(of.tenant, &whole, None))
    };
    page(&found, show, |last| {
        format!("{}\n{}", last.local_date, last.id)
    })
}

fn schedule(of: &Subject, conn: &Reader, _: Option<&str>) -> Result<Page> {
    let found = schedules::store::find(conn, of.tenant, of.client.id)?;
    all(found.as_slice(), |schedule| {
        json_line(&ScheduleBody::of(of.tenant, schedule))
    })
}

fn measured(of: &Subject, conn: &Reader, after: Option<&str>) -> Result<Page> {
    let filter = measurements::store::Filter::default();
    let after = after.and_then(|text| {
        let (at, id) = text.split_once('\n')?;
        Some((at.parse().ok()?, id.to_owned()))
    });
    let wanted = (&filter, after.as_ref());
    let found = measurements::store::page(conn, of.tenant, of.client.id, wanted, ROWS)?;
    let imperial = of.client.profile.units == "imperial";
    let show = |measurement: &_| json_line(&MeasurementBody::of(of.tenant, measurement, imperial));
    page(&found, show, |last| {
        format!("{}\n{}", last.measured_at.as_ms(), last.id)
    })
}

fn programs(of: &Subject, conn: &Reader, after: Option<&str>) -> Result<Page> {
    let filter = programs::store::Filter::default();
    let found = programs::store::page(conn, of.tenant, of.client.id, &filter, after, ROWS)?;
    let mut rows = Vec::new();
    for program in &found {
        // One that was deleted since the list was read is no longer there.
        if let Some(whole) = programs::store::find(conn, of.tenant, program.id)? {
            rows.push(json_line(&ProgramBody::of(of.tenant, &whole)?)?);
        }
    }
    let next = page(&found, |_| Ok(String::new()), |last| last.id.to_string())?.next;
    Ok(Page { rows, next })
}

fn workout_logs(of: &Subject, conn: &Reader, after: Option<&str>) -> Result<Page> {
    let filter = workouts::store::Filter::default();
    let found = workouts::store::page(conn, of.tenant, of.client.id, &filter, after, ROWS)?;
    let show = |log: &_| json_line(&WorkoutLogBody::of(of.tenant, log));
    page(&found, show, |last| last.id.to_string())
}

fn personal_records(of: &Subject, conn: &Reader, after: Option<&str>) -> Result<Page> {
    let after = after.and_then(|text| {
        let (exercise, reps) = text.split_once('\n')?;
        Some(Key {
            exercise: exercise.to_owned(),
            reps: reps.parse().ok()?,
        })
    });
    let (client, unit) = (of.client.id, unit_of(&of.client));
    let wanted = (None, after.as_ref());
    let found = workouts::store::records(conn, of.tenant, client, wanted, ROWS)?;
    let show = |kept: &_| json_line(&PersonalRecordBody::of(of.tenant, client, unit, kept));
    page(&found, show, |last| {
        format!("{}\n{}", last.key.exercise, last.key.reps)
    })
}

fn messages(of: &Subject, conn: &Reader, after: Option<&str>) -> Result<Page> {
    let filter = messages::store::Filter::default();
    let found = messages::store::page(conn, of.tenant, of.client.id, &filter, after, ROWS)?;
    let show = |message: &_| json_line(&MessageBody::of(of.tenant, message));
    page(&found, show, |last| last.id.to_string())
}

fn payments(of: &Subject, conn: &Reader, after: Option<&str>) -> Result<Page> {
    let filter = payments::store::Filter {
        client_id: Some(of.client.id),
        ..payments::store::Filter::default()
    };
    let found = payments::store::page(conn, of.tenant, &filter, after, ROWS)?;
    let show = |payment: &_| json_line(&PaymentBody::of(of.tenant, payment));
    page(&found, show, |last| last.id.to_string())
}
