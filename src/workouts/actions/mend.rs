//! Mistakes that are mended: a log is changed or removed, and what stood on it follows.
//!
//! Records are worked out again for the exercises of which another set counts now, by going through
//! all logs of them in the order in which they were logged, as if each had come in anew. What others
//! were told stays told: an event is not taken back, `workout.updated` and `workout.deleted` tell of
//! the change.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    Logged, announce, fault, refuse_archived, refuse_unknown, settle, tell, tell_pain, told_of,
};
use crate::api::etag::IfMatch;
use crate::api::json::Patch;
use crate::api::route::ClientCaller;
use crate::app::App;
use crate::attention::{self, Reason, ReasonKind};
use crate::caller::{Origin, Permit, ProgramsWrite, Tenant};
use crate::clients::{self, Client};
use crate::clock::{DAY_MS, Timestamp};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::events::{self, EventType};
use crate::ids::{ClientId, WorkoutLogId};
use crate::workouts::body::WorkoutLogBody;
use crate::workouts::records::{self, Key, Record};
use crate::workouts::{LogStatus, WorkoutLog, WorkoutLogPatch, store};

/// A record a repetition and the estimate: an exercise has fewer than this.
const RECORDS_OF_EXERCISE: u32 = 100;
/// For so long Today tells of pain and of records.
const TOLD_MS: i64 = 7 * DAY_MS;

/// A change whose exercises are known.
#[derive(Debug)]
pub struct Change(WorkoutLogPatch);

/// Looks at a change before the write: exercises that neither the catalogue nor the coach has are
/// refused.
pub fn draft(app: &App, tenant: Tenant, patch: WorkoutLogPatch) -> Result<Change> {
    refuse_unknown(app, tenant, patch.exercises.as_deref().unwrap_or_default())?;
    Ok(Change(patch))
}

/// Changes a log of a client's, with its event and those of the records that it sets now.
pub fn amend(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    log: (ClientId, WorkoutLogId),
    if_match: &IfMatch,
    change: Change,
) -> Result<Logged> {
    let former = find(tx, permit.tenant(), log)?;
    if_match.check(former.version)?;
    change_to(tx, permit.tenant(), permit.origin(), former, change)
}

/// The same of a client's own log, in the app.
pub fn amend_own(
    tx: &Tx<'_>,
    client: &ClientCaller,
    origin: &Origin,
    id: WorkoutLogId,
    change: Change,
) -> Result<Logged> {
    let former = find(tx, client.tenant, (client.client_id, id))?;
    change_to(tx, client.tenant, origin, former, change)
}

/// Removes a log of a client's, with its event.
pub fn remove(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    log: (ClientId, WorkoutLogId),
    if_match: &IfMatch,
) -> Result<()> {
    let former = find(tx, permit.tenant(), log)?;
    if_match.check(former.version)?;
    take_away(tx, permit.tenant(), permit.origin(), &former)
}

/// The same of a client's own log, in the app.
pub fn remove_own(
    tx: &Tx<'_>,
    client: &ClientCaller,
    origin: &Origin,
    id: WorkoutLogId,
) -> Result<()> {
    let former = find(tx, client.tenant, (client.client_id, id))?;
    take_away(tx, client.tenant, origin, &former)
}

fn find(tx: &Tx<'_>, tenant: Tenant, (client, id): (ClientId, WorkoutLogId)) -> Result<WorkoutLog> {
    store::find(tx, tenant, client, id)?.ok_or_else(Error::not_found)
}

fn owner(tx: &Tx<'_>, tenant: Tenant, log: &WorkoutLog) -> Result<Client> {
    let client = clients::store::find(tx, tenant, log.client_id)?;
    let client = client.ok_or_else(Error::not_found)?;
    refuse_archived(&client)?;
    Ok(client)
}

fn patched(former: &WorkoutLog, patch: WorkoutLogPatch) -> WorkoutLog {
    let mut log = former.clone();
    log.performed_on = patch.performed_on.unwrap_or(log.performed_on);
    log.status = patch.status.unwrap_or(log.status);
    if matches!(patch.program_id, Patch::Clear) {
        log.place = None;
    }
    log.program_id = patch.program_id.apply(log.program_id);
    log.place = patch.session.apply(log.place);
    let content = &mut log.content;
    content.name = patch.name.apply(content.name.take());
    content.duration_min = patch.duration_min.apply(content.duration_min);
    content.session_rpe = patch.session_rpe.apply(content.session_rpe);
    content.notes = patch.notes.apply(content.notes.take());
    content.skipped_reason = patch.skipped_reason.apply(content.skipped_reason.take());
    if let Some(exercises) = patch.exercises {
        content.exercises = exercises;
    }
    log
}

fn change_to(
    tx: &Tx<'_>,
    tenant: Tenant,
    origin: &Origin,
    former: WorkoutLog,
    Change(patch): Change,
) -> Result<Logged> {
    let client = owner(tx, tenant, &former)?;
    let mut log = patched(&former, patch);
    let skipped = matches!(log.status, LogStatus::Missed | LogStatus::Excused);
    if log.content.exercises.is_empty() && !skipped {
        return Err(fault("/exercises", "required", "Say what was done."));
    }
    // A program that has gone since is no fault of the log.
    if (log.program_id, log.place) != (former.program_id, former.place) {
        settle(tx, tenant, &mut log)?;
    }
    if log == former {
        return Ok((former, Vec::new()));
    }
    log.version = former.version + 1;
    log.updated_at = origin.at;
    let body = serde_json::to_string(&log.content).map_err(Error::internal)?;
    store::update(tx, tenant, &log, &body)?;
    let shown = WorkoutLogBody::of(tenant, &log);
    let previous = differing(&WorkoutLogBody::of(tenant, &former), &shown)?;
    let kind = EventType::WorkoutUpdated;
    events::record_change(tx, tenant, origin, kind, (&shown, &previous))?;
    if log.place.is_some() || former.place.is_some() {
        attention::actions::look_again(tx, tenant, client.id, origin.at)?;
    }
    let affected = affected(&former, Some(&log));
    let worked_out = work_out(tx, tenant, (log.client_id, &affected), origin.at)?;
    let set = worked_out.set_by(log.id);
    let (shown, _) = announce(tx, tenant, origin, (&client, &log), &set)?;
    mend_pain(tx, tenant, &client, (&former, Some(&log)), origin.at)?;
    mend_record(
        tx,
        tenant,
        (&client, &log),
        &Told {
            affected: &affected,
            set: told_of(tenant, (&client, &log), &set)?,
            held: told_of(tenant, (&client, &log), &worked_out.held_by(log.id))?,
            now: origin.at,
        },
    )?;
    Ok((log, shown))
}

fn take_away(tx: &Tx<'_>, tenant: Tenant, origin: &Origin, former: &WorkoutLog) -> Result<()> {
    let client = owner(tx, tenant, former)?;
    store::delete(tx, tenant, former.client_id, former.id)?;
    let shown = WorkoutLogBody::of(tenant, former);
    events::record(tx, tenant, origin, EventType::WorkoutDeleted, &shown)?;
    if former.place.is_some() {
        attention::actions::look_again(tx, tenant, client.id, origin.at)?;
    }
    let affected = affected(former, None);
    work_out(tx, tenant, (former.client_id, &affected), origin.at)?;
    mend_pain(tx, tenant, &client, (former, None), origin.at)?;
    mend_record(
        tx,
        tenant,
        (&client, former),
        &Told {
            affected: &affected,
            set: None,
            held: None,
            now: origin.at,
        },
    )
}

/// The members of `before` that are others in `after`.
fn differing(
    before: &WorkoutLogBody<'_>,
    after: &WorkoutLogBody<'_>,
) -> Result<Map<String, Value>> {
    let members = |body: &WorkoutLogBody<'_>| match serde_json::to_value(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Error::bug("a log is no JSON object")),
        Err(error) => Err(Error::internal(error)),
    };
    let (before, after) = (members(before)?, members(after)?);
    let changed = before
        .into_iter()
        .filter(|(name, value)| name != "updated_at" && after.get(name) != Some(value));
    Ok(changed.collect())
}

/// The exercises of which another set counts for the records, or on another day.
fn affected(former: &WorkoutLog, now: Option<&WorkoutLog>) -> BTreeSet<String> {
    let before = records::lifts(&former.content);
    let after = now.map_or_else(BTreeMap::new, |log| records::lifts(&log.content));
    let same_day = now.is_some_and(|log| log.performed_on == former.performed_on);
    let slugs = before.keys().chain(after.keys());
    let changed = slugs.filter(|slug| {
        let none = Vec::new();
        let of = |lifts: &BTreeMap<&str, Vec<(u32, i64)>>| {
            let mut of = lifts.get(*slug).unwrap_or(&none).clone();
            of.sort_unstable();
            of
        };
        let (before, after) = (of(&before), of(&after));
        before != after || (!same_day && !after.is_empty())
    });
    changed.map(|slug| (*slug).to_owned()).collect()
}

/// What was worked out: the records that stand now, each with the log that it is from, and how much
/// there was before the change.
struct WorkedOut {
    now: BTreeMap<Key, (WorkoutLogId, Record)>,
    before: BTreeMap<Key, i64>,
}

impl WorkedOut {
    /// The records that a log holds.
    fn held_by(&self, id: WorkoutLogId) -> Vec<Record> {
        let held = self.now.values().filter(|(log, _)| *log == id);
        held.map(|(_, record)| record.clone()).collect()
    }

    /// Those among them that are more than there was: a mistake that was mended downward sets none.
    fn set_by(&self, id: WorkoutLogId) -> Vec<Record> {
        let is_more = |record: &Record| {
            let before = self.before.get(&record.key);
            before.is_none_or(|before| *before < record.grams)
        };
        let mut held = self.held_by(id);
        held.retain(is_more);
        held
    }
}

/// Works the records of some exercises out again, from all logs of them.
fn work_out(
    tx: &Tx<'_>,
    tenant: Tenant,
    (client, slugs): (ClientId, &BTreeSet<String>),
    now: Timestamp,
) -> Result<WorkedOut> {
    let mut worked_out = WorkedOut {
        now: BTreeMap::new(),
        before: BTreeMap::new(),
    };
    if slugs.is_empty() {
        return Ok(worked_out);
    }
    let logs = store::with_exercises(tx, tenant, client, slugs)?;
    let mut best: BTreeMap<Key, i64> = BTreeMap::new();
    let mut holders: BTreeMap<Key, &WorkoutLog> = BTreeMap::new();
    for log in &logs {
        for record in records::broken(&log.content, &best) {
            if !slugs.contains(&record.key.exercise) {
                continue;
            }
            best.insert(record.key.clone(), record.grams);
            holders.insert(record.key.clone(), log);
            worked_out.now.insert(record.key.clone(), (log.id, record));
        }
    }
    for slug in slugs {
        let wanted = (Some(slug.as_str()), None);
        for kept in store::records(tx, tenant, client, wanted, RECORDS_OF_EXERCISE)? {
            worked_out.before.insert(kept.key.clone(), kept.grams);
            if !best.contains_key(&kept.key) {
                store::forget(tx, tenant, client, &kept.key)?;
            }
        }
    }
    for (key, log) in holders {
        if let Some((_, record)) = worked_out.now.get(&key) {
            let same = worked_out.before.get(&key) == Some(&record.grams);
            let at = if same { log.created_at } else { now };
            store::keep(tx, tenant, log, (record, at))?;
        }
    }
    Ok(worked_out)
}

/// What Today says of a client, of one kind.
fn standing(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: &Client,
    kind: ReasonKind,
) -> Result<Option<Reason>> {
    let mut rows = attention::store::of_client(tx, tenant, client.id)?.into_iter();
    let found = rows.find(|kept| kept.reason.kind == kind);
    Ok(found.map(|kept| kept.reason))
}

/// Whether a reason is about a log.
fn is_about(reason: Option<&Reason>, log: &WorkoutLog) -> bool {
    let about = reason.and_then(|reason| reason.object_id.as_deref());
    about == Some(log.id.to_string().as_str())
}

/// Whether Today may tell of a log: it is of this week, and nothing newer is told.
fn may_tell(reason: Option<&Reason>, log: &WorkoutLog, now: Timestamp) -> bool {
    let recent = log.created_at.plus_ms(TOLD_MS) > now;
    recent && (is_about(reason, log) || reason.is_none_or(|told| told.since <= log.created_at))
}

fn mend_pain(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: &Client,
    (former, log): (&WorkoutLog, Option<&WorkoutLog>),
    now: Timestamp,
) -> Result<()> {
    let kind = ReasonKind::PainReported;
    let told = standing(tx, tenant, client, kind)?;
    if let Some(log) = log.filter(|log| log.content.hurt()) {
        // One that ended, since the coach saw it or its week was over, is not begun again.
        let news = !former.content.hurt() || is_about(told.as_ref(), log);
        if news && may_tell(told.as_ref(), log, now) {
            tell_pain(tx, tenant, client, log)?;
        }
        return Ok(());
    }
    if !is_about(told.as_ref(), former) {
        return Ok(());
    }
    attention::actions::end(tx, tenant, client.id, kind)?;
    // It stood in the place of an earlier one of this week.
    match store::last_hurt(tx, tenant, client.id, now.plus_ms(-TOLD_MS))? {
        Some(earlier) => tell_pain(tx, tenant, client, &earlier),
        None => Ok(()),
    }
}

/// What there is to tell of a log's records after a change.
struct Told<'t> {
    affected: &'t BTreeSet<String>,
    /// Of those that the change set.
    set: Option<Value>,
    /// Of those that it holds among the exercises that were worked out.
    held: Option<Value>,
    now: Timestamp,
}

fn mend_record(
    tx: &Tx<'_>,
    tenant: Tenant,
    (client, log): (&Client, &WorkoutLog),
    told: &Told<'_>,
) -> Result<()> {
    let kind = ReasonKind::PersonalRecord;
    let stands = standing(tx, tenant, client, kind)?;
    if let Some(detail) = &told.set {
        if may_tell(stands.as_ref(), log, told.now) {
            tell(tx, tenant, client, log, (kind, detail.clone()))?;
        }
        return Ok(());
    }
    let Some(stands) = stands.filter(|stands| is_about(Some(stands), log)) else {
        return Ok(());
    };
    let slug = stands.detail["exercise"].as_str().unwrap_or_default();
    match &told.held {
        _ if !told.affected.contains(slug) => Ok(()),
        Some(detail) => tell(tx, tenant, client, log, (kind, detail.clone())),
        None => attention::actions::end(tx, tenant, client.id, kind),
    }
}
