//! What can be done with programs.

use serde_json::{Value, json};

use super::body::ProgramSummaryBody;
use super::model::{Block, Cycles};
use super::read::{PROGRAM_LIMIT_BYTES, SESSIONS_MAX};
use super::{
    Activation, Duplication, Program, ProgramPatch, Status, WholeProgram, progress, store, today_of,
};
use crate::api::etag::IfMatch;
use crate::api::json::Patch;
use crate::attention::{self, Reason, ReasonKind};
use crate::caller::{Permit, ProgramsWrite};
use crate::clients::{self, Client};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::events::{self, EventType};
use crate::ids::{ClientId, ProgramId};
use crate::values::Date;

/// Blocks as they are kept, with what is asked of them often.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// JSON.
    pub json: String,
    /// How long they are.
    pub cycles: Cycles,
}

impl Prepared {
    /// Blocks made ready to be written.
    pub fn of(blocks: &[Block]) -> Result<Self> {
        Ok(Self {
            json: serde_json::to_string(blocks).map_err(Error::internal)?,
            cycles: Cycles::of(blocks),
        })
    }
}

fn coached(tx: &Tx<'_>, permit: &Permit<ProgramsWrite>, id: ClientId) -> Result<Client> {
    let client = clients::store::find(tx, permit.tenant(), id)?.ok_or_else(Error::not_found)?;
    if client.status == clients::Status::Archived {
        let message = "The client is archived.";
        return Err(Error::with(Code::StateConflict, message).extra("current_status", "archived"));
    }
    Ok(client)
}

fn find(tx: &Tx<'_>, permit: &Permit<ProgramsWrite>, id: ProgramId) -> Result<WholeProgram> {
    store::find(tx, permit.tenant(), id)?.ok_or_else(Error::not_found)
}

/// Adds a draft, with its event.
pub fn create(tx: &Tx<'_>, permit: &Permit<ProgramsWrite>, whole: &WholeProgram) -> Result<()> {
    let tenant = permit.tenant();
    coached(tx, permit, whole.program.client_id)?;
    store::insert(tx, tenant, whole)?;
    let body = ProgramSummaryBody::of(tenant, &whole.program);
    events::record(
        tx,
        tenant,
        permit.origin(),
        EventType::ProgramCreated,
        &body,
    )?;
    Ok(())
}

fn wrong_state(program: &Program) -> Error {
    let message = format!("The program is {}.", program.status.name());
    Error::with(Code::StateConflict, message).extra("current_status", program.status.name())
}

fn refuse_ended(program: &Program) -> Result<()> {
    match program.status {
        Status::Draft | Status::Active => Ok(()),
        Status::Completed | Status::Archived => Err(wrong_state(program)),
    }
}

/// Changes a program. A patch that changes nothing leaves its version alone.
pub fn update(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    id: ProgramId,
    if_match: &IfMatch,
    (patch, blocks): (ProgramPatch, Option<Prepared>),
) -> Result<WholeProgram> {
    let former = find(tx, permit, id)?;
    if_match.check(former.program.version)?;
    if blocks.is_some() || patch.start_date != Patch::Keep {
        refuse_ended(&former.program)?;
    }
    let mut whole = former.clone();
    let program = &mut whole.program;
    program.name = patch.name.unwrap_or_else(|| program.name.clone());
    program.notes = patch.notes.apply(program.notes.take());
    program.start_date = patch.start_date.apply(program.start_date);
    let metadata = std::mem::take(&mut program.metadata);
    program.metadata = patch.metadata.apply(Some(metadata)).unwrap_or_default();
    if let Some(blocks) = blocks {
        program.cycles = blocks.cycles;
        whole.blocks = blocks.json;
    }
    if whole == former {
        return Ok(former);
    }
    save(tx, permit, &former, &mut whole)?;
    Ok(whole)
}

fn save(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    former: &WholeProgram,
    whole: &mut WholeProgram,
) -> Result<()> {
    let tenant = permit.tenant();
    whole.program.version = former.program.version + 1;
    whole.program.updated_at = permit.now();
    store::update(tx, tenant, &whole.program)?;
    if whole.blocks != former.blocks {
        store::set_blocks(tx, tenant, whole.program.id, &whole.blocks)?;
    }
    if Status::Active == former.program.status || Status::Active == whole.program.status {
        tell_ending(tx, permit, &whole.program)?;
    }
    Ok(())
}

/// The days before its end from which on a program is said to end.
pub const ENDING_DAYS: i64 = 7;

/// Why a coach has to see to the next program, as things stand after one was followed; none if that
/// is followed for some time yet.
pub fn ending(program: &Program, today: Date, now: Timestamp) -> Option<Reason> {
    let end = program.end_date();
    let soon = || end.is_some_and(|end| today.days_until(end) <= ENDING_DAYS);
    if program.status == Status::Active && !soon() {
        return None;
    }
    // One that was ended early has no day to be told.
    let end = end.filter(|end| program.status == Status::Active || *end <= today);
    Some(Reason {
        kind: ReasonKind::ProgramEnding,
        since: now,
        object_id: Some(program.id.to_string()),
        detail: json!({ "name": program.name, "ends_on": end.map(|end| end.to_string()) }),
    })
}

/// Tells the coach where the program ends that a client follows or has followed until now, or ends
/// telling.
fn tell_ending(tx: &Tx<'_>, permit: &Permit<ProgramsWrite>, program: &Program) -> Result<()> {
    let tenant = permit.tenant();
    let Some(client) = clients::store::find(tx, tenant, program.client_id)? else {
        return Ok(());
    };
    let today = today_of(&client, &permit.caller().workspace.timezone, permit.now());
    let reason = ending(program, today, permit.now());
    let reason = reason.filter(|_| client.status != clients::Status::Archived);
    let (whom, kind) = (client.whom(), ReasonKind::ProgramEnding);
    match reason {
        Some(reason) => attention::actions::tell(tx, tenant, whom, reason),
        None => attention::actions::end(tx, tenant, whom.client, kind),
    }
}

/// Takes a program to another state, with an event that holds the former one.
fn step(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    former: WholeProgram,
    status: Status,
    change: impl FnOnce(&mut Program),
) -> Result<WholeProgram> {
    let tenant = permit.tenant();
    let mut whole = former.clone();
    whole.program.status = status;
    let now = Some(permit.now());
    let kind = match status {
        Status::Active => {
            whole.program.activated_at = now;
            EventType::ProgramActivated
        }
        Status::Completed => {
            whole.program.completed_at = now;
            EventType::ProgramCompleted
        }
        Status::Archived => {
            whole.program.archived_at = now;
            EventType::ProgramArchived
        }
        Status::Draft => return Err(Error::bug("a program became a draft again")),
    };
    change(&mut whole.program);
    save(tx, permit, &former, &mut whole)?;
    let body = ProgramSummaryBody::of(tenant, &whole.program);
    let previous = json!({ "status": former.program.status.name() });
    events::record_change(tx, tenant, permit.origin(), kind, (&body, &previous))?;
    Ok(whole)
}

/// What the rules said of a generated program.
fn said<'v>(generation: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    generation[name].as_array().into_iter().flatten()
}

/// Makes a program the one that its client follows; another one that was is completed.
pub fn activate(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    id: ProgramId,
    activation: &Activation,
) -> Result<WholeProgram> {
    let former = find(tx, permit, id)?;
    if former.program.status != Status::Draft {
        return Err(wrong_state(&former.program));
    }
    let client = coached(tx, permit, former.program.client_id)?;
    let generation = former
        .generation
        .as_deref()
        .map_or(Ok(Value::Null), serde_json::from_str);
    let generation: Value = generation.map_err(Error::internal)?;
    let blocking = said(&generation, "warnings").find(|warning| warning["blocking"] == true);
    if let Some(warning) = blocking
        && activation.acknowledge_warnings != Some(true)
    {
        let message = warning["message"].as_str().unwrap_or_default().to_owned();
        return Err(Error::with(Code::StateConflict, message)
            .extra("warning", warning["code"].clone())
            .extra(
                "fix",
                "Send `acknowledge_warnings: true` once it is settled.",
            ));
    }
    if let Some(other) = store::find_active(tx, permit.tenant(), client.id)? {
        step(tx, permit, other, Status::Completed, |_| ())?;
    }
    let workspace = &permit.caller().workspace.timezone;
    let today = today_of(&client, workspace, permit.now());
    // Weekdays were asked for, and counted from a Monday.
    let weekdays = said(&generation["inputs"], "preferred_days")
        .next()
        .is_some();
    let first = if weekdays { next_monday(today) } else { today };
    step(tx, permit, former, Status::Active, |program| {
        program.start_date = activation.start_date.or(program.start_date).or(Some(first));
    })
}

fn next_monday(today: Date) -> Date {
    today.plus_days(i64::from((7 - today.weekday()) % 7))
}

/// Ends the program that a client follows.
pub fn complete(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    id: ProgramId,
) -> Result<WholeProgram> {
    let former = find(tx, permit, id)?;
    if former.program.status != Status::Active {
        return Err(wrong_state(&former.program));
    }
    step(tx, permit, former, Status::Completed, |_| ())
}

/// Puts a program away.
pub fn archive(tx: &Tx<'_>, permit: &Permit<ProgramsWrite>, id: ProgramId) -> Result<WholeProgram> {
    let former = find(tx, permit, id)?;
    if former.program.status == Status::Archived {
        return Err(wrong_state(&former.program));
    }
    step(tx, permit, former, Status::Archived, |_| ())
}

fn fault(pointer: &str, message: String) -> Error {
    Error::invalid(vec![FieldError {
        place: Place::Pointer(pointer.to_owned()),
        code: "out_of_range",
        message,
        fix: None,
    }])
}

/// The blocks of a program with a week duplicated.
pub fn duplicated(whole: &WholeProgram, how: &Duplication) -> Result<Prepared> {
    let mut blocks: Vec<Block> = serde_json::from_str(&whole.blocks).map_err(Error::internal)?;
    let number = how.block.unwrap_or(1);
    let place = usize::from(number).checked_sub(1);
    let count = blocks.len();
    let Some(block) = place.and_then(|place| blocks.get_mut(place)) else {
        return Err(fault("/block", format!("The program has {count} blocks.")));
    };
    let (week, times) = (how.week.unwrap_or(block.weeks()), how.times.unwrap_or(1));
    if block.weeks() + times > 52 {
        return Err(fault("/times", "A block has 52 weeks at most.".to_owned()));
    }
    if !progress::duplicate(block, week, times, how.progress.unwrap_or(true)) {
        return Err(fault(
            "/week",
            format!("The block has {} weeks.", block.weeks()),
        ));
    }
    if block.sessions.len() > SESSIONS_MAX {
        let message = format!("A block has {SESSIONS_MAX} sessions at most.");
        return Err(fault("/times", message));
    }
    let prepared = Prepared::of(&blocks)?;
    if prepared.json.len() > PROGRAM_LIMIT_BYTES {
        return Err(fault(
            "/times",
            "The program would be larger than 2 MiB.".to_owned(),
        ));
    }
    Ok(prepared)
}

/// Duplicates a week; `seen` is the version that it was worked out for.
pub fn duplicate_week(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    id: ProgramId,
    (how, seen, prepared): (&Duplication, i64, Prepared),
) -> Result<WholeProgram> {
    let former = find(tx, permit, id)?;
    refuse_ended(&former.program)?;
    let prepared = if former.program.version == seen {
        prepared
    } else {
        duplicated(&former, how)?
    };
    let mut whole = former.clone();
    whole.program.cycles = prepared.cycles;
    whole.blocks = prepared.json;
    save(tx, permit, &former, &mut whole)?;
    Ok(whole)
}
