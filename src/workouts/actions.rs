//! What can be done with workout logs.

use std::collections::BTreeSet;

use super::body::{PersonalRecordBody, WorkoutLogBody};
use super::{WorkoutLog, records, store};
use crate::caller::{Permit, ProgramsWrite};
use crate::clients::{self, Client};
use crate::db::Tx;
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::events::{self, EventType};
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
fn settle(tx: &Tx<'_>, permit: &Permit<ProgramsWrite>, log: &mut WorkoutLog) -> Result<()> {
    let tenant = permit.tenant();
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

/// Logs a training, with its event and those of the records that it set.
pub fn log(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    mut log: WorkoutLog,
) -> Result<(WorkoutLog, Vec<PersonalRecordBody>)> {
    let tenant = permit.tenant();
    let client = clients::store::find(tx, tenant, log.client_id)?.ok_or_else(Error::not_found)?;
    if client.status == clients::Status::Archived {
        let message = "The client is archived.";
        return Err(Error::with(Code::StateConflict, message).extra("current_status", "archived"));
    }
    settle(tx, permit, &mut log)?;
    let body = serde_json::to_string(&log.content).map_err(Error::internal)?;
    store::insert(tx, tenant, &log, &body)?;
    let shown = WorkoutLogBody::of(tenant, &log);
    events::record(
        tx,
        tenant,
        permit.origin(),
        EventType::WorkoutLogged,
        &shown,
    )?;
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
    let mut set = Vec::new();
    for record in records::broken(&log.content, &best) {
        store::keep(tx, tenant, &log, &record)?;
        let body = PersonalRecordBody::of_new(tenant, &log, unit_of(&client), &record);
        events::record(
            tx,
            tenant,
            permit.origin(),
            EventType::PersonalRecordSet,
            &body,
        )?;
        set.push(body);
    }
    Ok((log, set))
}
