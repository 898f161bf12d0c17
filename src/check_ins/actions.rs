//! What can be done with check-ins.

use serde_json::Value;

use super::body::SharedCheckinBody;
use super::forms::{self, Answer, AnswerValue, Form, NewAnswer, QuestionType};
use super::measurements;
use super::measurements::actions::Occasion;
use super::{
    Checkin, Content, FormRef, NewCheckin, NewCheckinPhoto, Period, Review, Status, Submitter,
    Whole, store, zone_of,
};
use crate::access::workspaces;
use crate::attention::{self, Reason, ReasonKind, Whom};
use crate::caller::{CheckinsWrite, Origin, Permit, Tenant};
use crate::clients;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::events::{self, EventType};
use crate::files::{self, Photo, Pose};
use crate::ids::{CheckinId, ClientId, PhotoId};
use crate::values::Date;

fn fault(pointer: &str, code: &'static str, message: &str) -> Error {
    Error::invalid(vec![FieldError {
        place: Place::Pointer(pointer.to_owned()),
        code,
        message: message.to_owned(),
        fix: None,
    }])
}

fn wrong_state(checkin: &Checkin) -> Error {
    let message = format!("The check-in is {}.", checkin.status.name());
    Error::with(Code::StateConflict, message).extra("current_status", checkin.status.name())
}

/// The scheduled check-in that a submission is for, if it is for one.
fn asked(
    tx: &Tx<'_>,
    submitter: &Submitter<'_>,
    client: ClientId,
    named: Option<CheckinId>,
) -> Result<Option<Checkin>> {
    let tenant = submitter.tenant();
    let Some(id) = named else {
        return store::open(tx, tenant, client, submitter.origin().at);
    };
    let found = store::find(tx, tenant, id)?.filter(|checkin| checkin.client_id == client);
    let found = found.ok_or_else(|| {
        let message = "There is no check-in of this id with the client.";
        fault("/checkin_id", "unknown_checkin", message)
    })?;
    if found.submitted_at.is_some() {
        return Err(wrong_state(&found));
    }
    Ok(Some(found))
}

/// The form that answers are held against.
fn form_of(
    tx: &Tx<'_>,
    tenant: Tenant,
    new: &NewCheckin,
    asked: Option<&Checkin>,
) -> Result<Option<Form>> {
    let Some(id) = new.form_id else {
        return Ok(None);
    };
    let asked = asked
        .and_then(|checkin| checkin.form)
        .filter(|form| form.id == id);
    let version = new.form_version.or(asked.map(|form| form.version));
    let (found, field) = match version {
        None => (forms::store::find(tx, tenant, id)?, "/form_id"),
        Some(version) => (
            forms::store::find_version(tx, tenant, id, version)?,
            if new.form_version.is_some() && forms::store::find(tx, tenant, id)?.is_some() {
                "/form_version"
            } else {
                "/form_id"
            },
        ),
    };
    let message = "There is no such form.";
    let found = found.ok_or_else(|| fault(field, "unknown_form", message))?;
    Ok(Some(found))
}

/// Measurements as they are to be kept: what a client sends is the client's own, whatever it says.
fn said_by(
    submitter: &Submitter<'_>,
    mut measured: Vec<measurements::NewMeasurement>,
) -> Vec<measurements::NewMeasurement> {
    if submitter.is_client() {
        for one in &mut measured {
            one.source = None;
        }
    }
    measured
}

/// A client who is still coached.
fn coached(tx: &Tx<'_>, tenant: Tenant, id: ClientId) -> Result<clients::Client> {
    let client = clients::store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    if client.status == clients::Status::Archived {
        let message = "The client is archived.";
        return Err(Error::with(Code::StateConflict, message).extra("current_status", "archived"));
    }
    Ok(client)
}

/// Takes a check-in in: the open one that a schedule asked for, or else a new one under `id`.
pub fn submit(
    tx: &Tx<'_>,
    submitter: &Submitter<'_>,
    client_id: ClientId,
    id: CheckinId,
    new: NewCheckin,
) -> Result<Whole> {
    let (tenant, now) = (submitter.tenant(), submitter.origin().at);
    if !submitter.is_for(client_id) {
        return Err(Error::not_found());
    }
    let client = coached(tx, tenant, client_id)?;
    let asked = asked(tx, submitter, client_id, new.checkin_id)?;
    let form = form_of(tx, tenant, &new, asked.as_ref())?;
    let measurements = said_by(submitter, new.measurements.unwrap_or_default());
    let base = |at| format!("/measurements/{at}");
    let faults = measurements::actions::check(tx, tenant, &measurements, base, now)?;
    let sent = (new.answers.unwrap_or_default(), attached(new.photos));
    let owner = (tenant, client_id);
    let (answers, photos) = held(tx, owner, form.as_ref(), sent, faults)?;
    let zone = zone_of(&client, workspaces::store::of_tenant(tx, tenant)?.as_ref());
    let today = Date::at(now, &zone);
    let content = Content {
        answers,
        notes: new.notes,
        rpe: new.rpe,
        wearable_summary: new.wearable_summary,
    };
    let is_new = asked.is_none();
    let former = asked.unwrap_or_else(|| fresh(id, client_id, today, now));
    let checkin = Checkin {
        status: Status::Submitted,
        at: now,
        local_date: today,
        period: new.period.unwrap_or(former.period),
        form: form.map(|form| FormRef {
            id: form.id,
            version: form.version,
        }),
        content,
        source: Some(submitter.source().to_owned()),
        submitted_at: Some(now),
        version: former.version + i64::from(!is_new),
        updated_at: now,
        ..former
    };
    if is_new {
        store::insert(tx, tenant, &checkin)?;
    } else {
        store::update(tx, tenant, &checkin)?;
    }
    let occasion = Occasion {
        tenant,
        client_id,
        zone: &zone,
        checkin_id: Some(checkin.id),
        source: submitter.measurement_source(),
        now,
    };
    measurements::actions::keep(tx, occasion, measurements)?;
    files::actions::attach(tx, tenant, client_id, checkin.id, &photos)?;
    attention::actions::end(tx, tenant, client_id, ReasonKind::CheckinOverdue)?;
    tell_waiting(tx, tenant, client.whom())?;
    if checkin.content.hurt() {
        let reason = reason(ReasonKind::PainReported, &checkin, now);
        attention::actions::tell(tx, tenant, client.whom(), reason)?;
    }
    let whole = store::whole(tx, tenant, checkin)?;
    tell(
        tx,
        tenant,
        submitter.origin(),
        EventType::CheckinSubmitted,
        &whole,
    )?;
    Ok(whole)
}

/// Holds answers against their form, and finds the photos among them; refuses everything that is wrong
/// at once, with the `faults` that were found before.
fn held(
    tx: &Tx<'_>,
    owner: (Tenant, ClientId),
    form: Option<&Form>,
    (answers, mut photos): (Vec<NewAnswer>, Attached),
    mut faults: Vec<FieldError>,
) -> Result<(Vec<Answer>, Attached)> {
    let answers = match form {
        Some(form) => forms::answers::to_form(&form.questions, answers),
        None => forms::answers::free(answers),
    };
    let answers = answers.unwrap_or_else(|found| {
        faults.extend(found);
        Vec::new()
    });
    faults.extend(answering(tx, owner, &answers, form, &mut photos)?);
    if faults.is_empty() {
        Ok((answers, photos))
    } else {
        Err(Error::invalid(faults))
    }
}

/// Photos that are to become part of a check-in, each with its pose.
type Attached = Vec<(PhotoId, Option<Pose>)>;

/// The photos that a check-in names, each once.
fn attached(named: Option<Vec<NewCheckinPhoto>>) -> Attached {
    let named = named.into_iter().flatten();
    named.map(|photo| (photo.id, photo.pose)).collect()
}

/// Adds the photos that answer a question, in its pose; tells those that there are not.
fn answering(
    tx: &Tx<'_>,
    (tenant, client): (Tenant, ClientId),
    answers: &[Answer],
    form: Option<&Form>,
    photos: &mut Attached,
) -> Result<Vec<FieldError>> {
    let mut faults = Vec::new();
    for answer in answers
        .iter()
        .filter(|answer| answer.kind == QuestionType::Photo)
    {
        let AnswerValue::Text(text) = &answer.value else {
            continue;
        };
        let Some(id) = PhotoId::parse(text) else {
            continue;
        };
        if photos.iter().any(|(known, _)| *known == id) {
            continue;
        }
        let found = files::store::find(tx, tenant, id)?;
        let free = |photo: &Photo| photo.client_id == client && photo.checkin_id.is_none();
        if !found.as_ref().is_some_and(free) {
            faults.push(FieldError {
                place: Place::Pointer("/answers".to_owned()),
                code: "unknown_photo",
                message: format!("The client has no photo {id} that is part of no check-in."),
                fix: None,
            });
            continue;
        }
        let asked = form.into_iter().flat_map(|form| &form.questions);
        let mut asked = asked.filter(|asked| Some(&asked.id) == answer.question_id.as_ref());
        photos.push((id, asked.next().and_then(|asked| asked.pose)));
    }
    Ok(faults)
}

/// A check-in that nobody asked for, before anything is in it.
fn fresh(id: CheckinId, client_id: ClientId, today: Date, now: Timestamp) -> Checkin {
    Checkin {
        id,
        client_id,
        status: Status::Submitted,
        scheduled: false,
        due_at: None,
        closes_at: None,
        at: now,
        local_date: today,
        period: Period::of_weeks(1, today),
        form: None,
        content: Content::default(),
        source: None,
        submitted_at: None,
        reviewed_at: None,
        reply: None,
        private_notes: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// What a schedule asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Until when.
    pub due_at: Timestamp,
    /// From when on it is too late for it.
    pub closes_at: Timestamp,
    /// The client's day of that.
    pub on: Date,
    /// The days that it is about.
    pub period: Period,
    /// The form to answer with.
    pub form: Option<FormRef>,
}

/// Asks a client for a check-in: it is pending.
pub(super) fn ask(
    tx: &Tx<'_>,
    (tenant, client_id): (Tenant, ClientId),
    id: CheckinId,
    asked: Asked,
    now: Timestamp,
) -> Result<()> {
    let checkin = Checkin {
        status: Status::Pending,
        scheduled: true,
        due_at: Some(asked.due_at),
        closes_at: Some(asked.closes_at),
        at: asked.due_at,
        period: asked.period,
        form: asked.form,
        ..fresh(id, client_id, asked.on, now)
    };
    store::insert(tx, tenant, &checkin)
}

/// The check-in that a client was asked for last, if it is pending.
fn pending(tx: &Tx<'_>, (tenant, client): (Tenant, ClientId)) -> Result<Option<Checkin>> {
    let last = store::last_scheduled(tx, tenant, client)?;
    Ok(last.filter(|checkin| checkin.status == Status::Pending))
}

/// Takes back what a client was asked for, if it is pending.
pub(super) fn withdraw(tx: &Tx<'_>, owner: (Tenant, ClientId)) -> Result<()> {
    pending(tx, owner)?.map_or(Ok(()), |checkin| store::remove(tx, owner.0, checkin.id))
}

/// Says that a check-in is overdue, once: if it is still pending at the time it is due.
pub(super) fn be_late(tx: &Tx<'_>, owner: (Tenant, ClientId), origin: &Origin) -> Result<()> {
    let Some(former) = pending(tx, owner)? else {
        return Ok(());
    };
    let checkin = Checkin {
        status: Status::Overdue,
        version: former.version + 1,
        updated_at: origin.at,
        ..former
    };
    store::update(tx, owner.0, &checkin)?;
    if let Some(client) = clients::store::find(tx, owner.0, owner.1)? {
        let reason = reason(ReasonKind::CheckinOverdue, &checkin, checkin.at);
        attention::actions::tell(tx, owner.0, client.whom(), reason)?;
    }
    let whole = store::whole(tx, owner.0, checkin)?;
    tell(tx, owner.0, origin, EventType::CheckinOverdue, &whole)
}

fn reason(kind: ReasonKind, checkin: &Checkin, since: Timestamp) -> Reason {
    Reason {
        kind,
        since,
        object_id: Some(checkin.id.to_string()),
        detail: Value::Null,
    }
}

/// Tells the coach of what waits for a review: since the oldest of it, and about the newest, so that
/// another one is something new. Nothing waits: ends telling.
fn tell_waiting(tx: &Tx<'_>, tenant: Tenant, whom: Whom) -> Result<()> {
    const KIND: ReasonKind = ReasonKind::CheckinUnreviewed;
    match store::waiting(tx, tenant, whom.client)? {
        None => attention::actions::end(tx, tenant, whom.client, KIND),
        Some((since, newest)) => {
            let reason = Reason {
                kind: KIND,
                since,
                object_id: Some(newest.to_string()),
                detail: Value::Null,
            };
            attention::actions::tell(tx, tenant, whom, reason)
        }
    }
}

/// Moves a pending check-in to another instant, and asks it with this form.
pub(super) fn put_off(
    tx: &Tx<'_>,
    tenant: Tenant,
    former: Checkin,
    (due, closes, form): (Timestamp, Timestamp, Option<FormRef>),
    now: Timestamp,
) -> Result<()> {
    let moved = Checkin {
        due_at: Some(due),
        closes_at: Some(closes),
        at: due,
        form,
        ..former.clone()
    };
    if moved == former {
        return Ok(());
    }
    let moved = Checkin {
        version: former.version + 1,
        updated_at: now,
        ..moved
    };
    store::update(tx, tenant, &moved)
}

/// Records what happened to a check-in, without its private notes.
fn tell(
    tx: &Tx<'_>,
    tenant: Tenant,
    origin: &Origin,
    kind: EventType,
    whole: &Whole,
) -> Result<()> {
    let body = SharedCheckinBody::of(tenant, whole, None);
    events::record(tx, tenant, origin, kind, &body).map(drop)
}

/// Reviews a check-in, or changes its review. A review that changes nothing of it leaves version and
/// events alone.
pub fn review(
    tx: &Tx<'_>,
    permit: &Permit<CheckinsWrite>,
    id: CheckinId,
    review: Review,
) -> Result<Whole> {
    let (tenant, now) = (permit.tenant(), permit.now());
    let former = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    if former.submitted_at.is_none() {
        return Err(wrong_state(&former));
    }
    let mut checkin = former.clone();
    checkin.status = Status::Reviewed;
    checkin.reviewed_at = former.reviewed_at.or(Some(now));
    checkin.reply = review.reply.apply(checkin.reply);
    checkin.private_notes = review.private_notes.apply(checkin.private_notes);
    if checkin == former {
        return store::whole(tx, tenant, former);
    }
    let told = (former.status, &former.reply) != (checkin.status, &checkin.reply);
    checkin.version += 1;
    checkin.updated_at = now;
    store::update(tx, tenant, &checkin)?;
    let client = clients::store::find(tx, tenant, checkin.client_id)?;
    if let Some(client) = client.filter(|client| client.status != clients::Status::Archived) {
        tell_waiting(tx, tenant, client.whom())?;
    }
    let whole = store::whole(tx, tenant, checkin)?;
    // Notes that only the coach sees are nobody else's news.
    if told {
        tell(
            tx,
            tenant,
            permit.origin(),
            EventType::CheckinReviewed,
            &whole,
        )?;
    }
    Ok(whole)
}
