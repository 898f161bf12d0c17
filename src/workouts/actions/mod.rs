//! What can be done with workout logs: log one, and mend what was logged ([`mend`]).

pub mod mend;

use std::collections::{BTreeSet, HashSet};

use serde_json::{Value, json};

use super::body::{PersonalRecordBody, WorkoutLogBody};
use super::records::Record;
use super::{Content, LogStatus, LoggedExercise, NewWorkoutLog, WorkoutLog, records, store};
use crate::api::route::ClientCaller;
use crate::app::App;
use crate::attention::{self, Reason, ReasonKind};
use crate::caller::{Origin, Permit, ProgramsWrite, Tenant};
use crate::clients::{self, Client};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::events::{self, EventType};
use crate::exercises::catalogue::Catalogue;
use crate::ids::WorkoutLogId;
use crate::programs;
use crate::programs::model::{Outline, WeightUnit};

/// The unit that a client's records are shown in.
pub fn unit_of(client: &Client) -> WeightUnit {
    if client.profile.units == "imperial" {
        WeightUnit::Lb
    } else {
        WeightUnit::Kg
    }
}

fn fault(pointer: &str, code: &'static str, message: &str) -> Error {
    Error::invalid(vec![FieldError {
        place: Place::Pointer(pointer.to_owned()),
        code,
        message: message.to_owned(),
        fix: None,
    }])
}

/// Finds the planned session that a log is of: the program must be the client's, and have the place.
fn settle(tx: &Tx<'_>, tenant: Tenant, log: &mut WorkoutLog) -> Result<()> {
    let program = match (log.program_id, log.place) {
        (None, None) => return Ok(()),
        (Some(id), _) => programs::store::find(tx, tenant, id)?
            .filter(|whole| whole.program.client_id == log.client_id)
            .ok_or_else(|| {
                let message = "There is no program of this id with the client.";
                fault("/program_id", "unknown_program", message)
            })?,
        (None, Some(_)) => {
            programs::store::find_active(tx, tenant, log.client_id)?.ok_or_else(|| {
                let message = "The client follows no program: send its `program_id`.";
                fault("/program_id", "required", message)
            })?
        }
    };
    log.program_id = Some(program.program.id);
    let Some(place) = log.place else {
        return Ok(());
    };
    let blocks: Vec<Outline> = serde_json::from_str(&program.blocks).map_err(Error::internal)?;
    let block = usize::from(place.block).checked_sub(1);
    let block = block.and_then(|at| blocks.get(at));
    let session = block.and_then(|block| block.session(place.week, place.session));
    let Some(name) = session else {
        return Err(fault(
            "/session",
            "unknown_session",
            "The program has no such session.",
        ));
    };
    if log.content.name.is_none() {
        log.content.name = name.map(str::to_owned);
    }
    Ok(())
}

/// Refuses exercises that neither the catalogue nor the coach has.
fn refuse_unknown(app: &App, tenant: Tenant, exercises: &[LoggedExercise]) -> Result<()> {
    let named = exercises.iter().enumerate().flat_map(|(at, logged)| {
        let own = (
            format!("/exercises/{at}/exercise"),
            logged.exercise.as_str(),
        );
        let planned = logged.substituted_for.as_deref();
        let planned = planned.map(|slug| (format!("/exercises/{at}/substituted_for"), slug));
        std::iter::once(own).chain(planned)
    });
    let strange: Vec<(String, &str)> = named
        .filter(|(_, slug)| Catalogue::embedded().get(slug).is_none())
        .collect();
    if strange.is_empty() {
        return Ok(());
    }
    let own: HashSet<String> = app.db.read_now(|conn| {
        let own = crate::exercises::store::all(conn, tenant)?;
        Ok(own.into_iter().map(|own| own.exercise.slug).collect())
    })?;
    let faults = strange.into_iter().filter(|(_, slug)| !own.contains(*slug));
    let faults: Vec<FieldError> = faults
        .map(|(pointer, _)| FieldError {
            place: Place::Pointer(pointer),
            code: "unknown_exercise",
            message: "There is no exercise of this slug.".to_owned(),
            fix: None,
        })
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}

/// Refuses to take anything in for a client who is not coached any more.
fn refuse_archived(client: &Client) -> Result<()> {
    if client.status != clients::Status::Archived {
        return Ok(());
    }
    let message = "The client is archived.";
    Err(Error::with(Code::StateConflict, message).extra("current_status", "archived"))
}

/// A log with the records that it set.
pub type Logged = (WorkoutLog, Vec<PersonalRecordBody>);

/// Makes a log of what was sent, on the client's own day if none is named. Exercises that neither the
/// catalogue nor the coach has are refused.
pub fn draft(
    app: &App,
    tenant: Tenant,
    (client, zone): (&Client, &str),
    now: Timestamp,
    new: NewWorkoutLog,
) -> Result<WorkoutLog> {
    let exercises = new.exercises.unwrap_or_default();
    refuse_unknown(app, tenant, &exercises)?;
    Ok(WorkoutLog {
        id: WorkoutLogId::new(now),
        client_id: client.id,
        performed_on: new
            .performed_on
            .unwrap_or_else(|| programs::today_of(client, zone, now)),
        status: new.status.unwrap_or(LogStatus::Done),
        program_id: new.program_id,
        place: new.session,
        content: Content {
            name: new.name,
            duration_min: new.duration_min,
            session_rpe: new.session_rpe,
            notes: new.notes,
            skipped_reason: new.skipped_reason,
            exercises,
        },
        version: 1,
        created_at: now,
        updated_at: now,
    })
}

/// Logs a training for a client, with its event and those of the records that it set.
pub fn log(tx: &Tx<'_>, permit: &Permit<ProgramsWrite>, log: WorkoutLog) -> Result<Logged> {
    keep(tx, permit.tenant(), permit.origin(), log)
}

/// The same of a client's own training, in the app.
pub fn log_own(
    tx: &Tx<'_>,
    client: &ClientCaller,
    origin: &Origin,
    log: WorkoutLog,
) -> Result<Logged> {
    let client_id = client.client_id;
    keep(tx, client.tenant, origin, WorkoutLog { client_id, ..log })
}

/// Tells the coach of what a log says.
fn tell(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: &Client,
    log: &WorkoutLog,
    (kind, detail): (ReasonKind, Value),
) -> Result<()> {
    let reason = Reason {
        kind,
        since: log.created_at,
        object_id: Some(log.id.to_string()),
        detail,
    };
    attention::actions::tell(tx, tenant, client.whom(), reason)
}

fn tell_pain(tx: &Tx<'_>, tenant: Tenant, client: &Client, log: &WorkoutLog) -> Result<()> {
    let mut exercises = log.content.exercises.iter();
    let hurt = exercises.find(|exercise| exercise.sets.iter().any(|set| set.pain == Some(true)));
    let Some(hurt) = hurt else {
        return Ok(());
    };
    let detail = json!({ "exercise": hurt.exercise });
    tell(tx, tenant, client, log, (ReasonKind::PainReported, detail))
}

fn keep(tx: &Tx<'_>, tenant: Tenant, origin: &Origin, mut log: WorkoutLog) -> Result<Logged> {
    let client = clients::store::find(tx, tenant, log.client_id)?.ok_or_else(Error::not_found)?;
    refuse_archived(&client)?;
    settle(tx, tenant, &mut log)?;
    let body = serde_json::to_string(&log.content).map_err(Error::internal)?;
    store::insert(tx, tenant, &log, &body)?;
    let shown = WorkoutLogBody::of(tenant, &log);
    events::record(tx, tenant, origin, EventType::WorkoutLogged, &shown)?;
    tell_pain(tx, tenant, &client, &log)?;
    if log.place.is_some() {
        attention::actions::look_again(tx, tenant, client.id, log.created_at)?;
    }
    let slugs: BTreeSet<&str> = log
        .content
        .exercises
        .iter()
        .map(|exercise| exercise.exercise.as_str())
        .collect();
    let mut best = std::collections::BTreeMap::new();
    for slug in slugs {
        best.extend(store::best(tx, tenant, log.client_id, slug)?);
    }
    let broken = records::broken(&log.content, &best);
    for record in &broken {
        store::keep(tx, tenant, &log, (record, log.created_at))?;
    }
    let (set, beaten) = announce(tx, tenant, origin, (&client, &log), &broken)?;
    if let Some(detail) = beaten {
        let reason = (ReasonKind::PersonalRecord, detail);
        tell(tx, tenant, &client, &log, reason)?;
    }
    Ok((log, set))
}

/// Records the events of records that a log set; gives them as they are shown, and what Today tells of
/// the best of them.
fn announce(
    tx: &Tx<'_>,
    tenant: Tenant,
    origin: &Origin,
    (client, log): (&Client, &WorkoutLog),
    broken: &[Record],
) -> Result<(Vec<PersonalRecordBody>, Option<Value>)> {
    let mut set = Vec::new();
    for record in broken {
        let body = PersonalRecordBody::of_new(tenant, log, unit_of(client), record);
        events::record(tx, tenant, origin, EventType::PersonalRecordSet, &body)?;
        set.push(body);
    }
    Ok((set, told_of(tenant, (client, log), broken)?))
}

/// What Today tells of records. The first weight of an exercise is a record too, but nothing to be
/// told of. What was lifted says more than an estimate.
fn told_of(
    tenant: Tenant,
    (client, log): (&Client, &WorkoutLog),
    broken: &[Record],
) -> Result<Option<Value>> {
    let mut beaten: Option<&Record> = None;
    for record in broken.iter().filter(|record| record.previous.is_some()) {
        if beaten.is_none() || record.key.reps > 0 {
            beaten = Some(record);
        }
    }
    let Some(record) = beaten else {
        return Ok(None);
    };
    let body = PersonalRecordBody::of_new(tenant, log, unit_of(client), record);
    let body = serde_json::to_value(&body).map_err(Error::internal)?;
    Ok(Some(json!({
        "exercise": body["exercise"], "reps": body["reps"], "load": body["load"],
    })))
}
