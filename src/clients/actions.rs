//! What can be done to clients.

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use super::body::ClientBody;
use super::{Client, ClientPatch, INVITE_MS, Invite, NewClient, Profile, Status, sessions, store};
use crate::api::etag::IfMatch;
use crate::api::route::ClientCaller;
use crate::app::App;
use crate::attention;
use crate::caller::{ClientsWrite, Origin, Permit, Tenant};
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::events::{self, EventType};
use crate::ids::ClientId;
use crate::outbox::actions::{Envelope, Sealed, enqueue, seal};
use crate::outbox::templates::Fill;
use crate::outbox::{Fate, MailStatus};
use crate::secrets::{Digest, TokenKind, digest, generate};

/// A new install link, with the mail that carries it.
#[derive(Debug)]
pub struct Invitation {
    /// The link, shown to the coach and mailed to the client.
    pub link: String,
    /// What the client's row keeps of it.
    pub invite: Invite,
    mail: Sealed,
}

/// A client that is not written yet: everything that takes time is done.
#[derive(Debug)]
pub struct Draft {
    /// The client.
    pub client: Client,
    /// The install link, if one was asked for.
    pub invitation: Option<Invitation>,
    /// The client as the event shows it.
    shown: Box<RawValue>,
}

/// Draws an install link and seals its mail.
pub fn invite(
    app: &App,
    permit: &Permit<ClientsWrite>,
    id: ClientId,
    profile: &Profile,
) -> Result<Invitation> {
    let (tenant, now) = (permit.tenant(), permit.now());
    let secret = generate(TokenKind::Invite)?;
    let link = link(&app.public_address().url, tenant, id, secret.reveal());
    let expires_at = now.plus_ms(INVITE_MS);
    let fate = Fate::of_link(app, tenant.mode().is_live());
    let fill = Fill::Invite {
        workspace: permit.caller().workspace.name.clone(),
        client: profile.name.clone(),
        link: link.clone(),
        last_day: expires_at
            .to_string()
            .chars()
            .take("YYYY-MM-DD".len())
            .collect(),
    };
    let to = Envelope {
        recipient: profile.email.clone(),
        client_id: Some(id.to_string()),
        expires_at: Some(expires_at),
    };
    let mail = seal(&app.sealing, tenant, now, to, &fill, &fate)?;
    let invite = Invite {
        status: fate.status.name().to_owned(),
        reason: fate.reason.map(str::to_owned),
        expires_at: Some(expires_at),
        digest: Some(digest(secret.reveal())),
    };
    Ok(Invitation { link, invite, mail })
}

/// The secret stands in the fragment: browsers do not send that, so no log on the way keeps it.
fn link(public_url: &PublicUrl, tenant: Tenant, id: ClientId, secret: &str) -> String {
    format!("{public_url}/app/join#{}.{id}.{secret}", tenant.number())
}

/// Makes a client ready to be written.
pub fn draft(app: &App, permit: &Permit<ClientsWrite>, new: NewClient) -> Result<Draft> {
    let now = permit.now();
    let id = ClientId::new(now);
    let wants_invite = new.send_invite.unwrap_or(true);
    let profile = profile(permit, new);
    let invitation = if wants_invite {
        Some(invite(app, permit, id, &profile)?)
    } else {
        None
    };
    let not_asked = Invite {
        status: MailStatus::Off.name().to_owned(),
        reason: Some("The client was added without an invite.".to_owned()),
        expires_at: None,
        digest: None,
    };
    let client = Client {
        id,
        status: if wants_invite {
            Status::Invited
        } else {
            Status::Active
        },
        resume_status: None,
        profile,
        past_due: false,
        invite: Some(invitation.as_ref().map_or(not_asked, |i| i.invite.clone())),
        joined_at: None,
        archived_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let shown = to_raw_value(&ClientBody::of(permit.tenant(), &client)).map_err(Error::internal)?;
    Ok(Draft {
        client,
        invitation,
        shown,
    })
}

fn profile(permit: &Permit<ClientsWrite>, new: NewClient) -> Profile {
    let workspace = &permit.caller().workspace;
    let owned = |text: &str| text.to_owned();
    Profile {
        name: new.name,
        email_key: new.email.key(),
        email: owned(new.email.as_str()),
        phone: new.phone.map(|phone| owned(phone.as_str())),
        timezone: new
            .timezone
            .map(|zone| owned(zone.as_str()))
            .or_else(|| Some(workspace.timezone.clone())),
        units: new.units.map_or_else(|| workspace.units.clone(), owned),
        goal: new.goal,
        experience: new.experience.map(owned),
        days_per_week: new.days_per_week,
        session_minutes: new.session_minutes,
        equipment: new.equipment.unwrap_or_default(),
        limitations: new
            .limitations
            .unwrap_or_default()
            .into_iter()
            .map(owned)
            .collect(),
        tags: new.tags.unwrap_or_default(),
        check_in_day: new.check_in_day.map(owned),
        coach_notes: new.coach_notes,
        sms_consent: owned("unknown"),
        external_id: new.external_id,
        metadata: new.metadata.unwrap_or_default(),
    }
}

/// Adds a client, with its event and its mail.
pub fn create(tx: &Tx<'_>, permit: &Permit<ClientsWrite>, draft: &Draft) -> Result<()> {
    add(tx, permit, draft)?.map_or(Ok(()), |existing| Err(taken(existing)))
}

/// The same, or the id of the client that has the address already.
pub fn add(tx: &Tx<'_>, permit: &Permit<ClientsWrite>, draft: &Draft) -> Result<Option<ClientId>> {
    let (tenant, client) = (permit.tenant(), &draft.client);
    if !store::insert(tx, tenant, client)? {
        return owner(tx, tenant, &client.profile.email_key).map(Some);
    }
    events::record(
        tx,
        tenant,
        permit.origin(),
        EventType::ClientCreated,
        &draft.shown,
    )?;
    if let Some(invitation) = &draft.invitation {
        enqueue(tx, tenant, &invitation.mail)?;
    }
    Ok(None)
}

/// The client that has an address which is taken.
fn owner(tx: &Tx<'_>, tenant: Tenant, email_key: &str) -> Result<ClientId> {
    let other = store::find_id_by_email(tx, tenant, email_key)?;
    other.ok_or_else(|| Error::bug("an address is taken by nobody"))
}

fn taken(existing: ClientId) -> Error {
    let message = "A client with this email address exists already.";
    Error::with(Code::AlreadyExists, message).extra("existing_id", existing.to_string())
}

fn find(tx: &Tx<'_>, permit: &Permit<ClientsWrite>, id: ClientId) -> Result<Client> {
    store::find(tx, permit.tenant(), id)?.ok_or_else(Error::not_found)
}

/// For which tenant something is done, and how it came to that.
fn by(permit: &Permit<ClientsWrite>) -> (Tenant, &Origin) {
    (permit.tenant(), permit.origin())
}

/// Writes a changed client back, with an event that holds the former values of what changed.
fn save(
    tx: &Tx<'_>,
    (tenant, origin): (Tenant, &Origin),
    former: &Client,
    mut client: Client,
    kind: EventType,
) -> Result<Client> {
    client.version = former.version + 1;
    client.updated_at = origin.at;
    if !store::update(tx, tenant, &client)? {
        return Err(taken(owner(tx, tenant, &client.profile.email_key)?));
    }
    if client.status == Status::Archived {
        attention::actions::forget(tx, tenant, client.id)?;
    } else if client.status != former.status {
        attention::actions::client_is(tx, tenant, client.whom())?;
    }
    let (body, before) = (
        ClientBody::of(tenant, &client),
        ClientBody::of(tenant, former),
    );
    let previous = differing(&before, &body)?;
    events::record_change(tx, tenant, origin, kind, (&body, &previous))?;
    Ok(client)
}

/// The members of `before` that are others in `after`.
fn differing(before: &ClientBody<'_>, after: &ClientBody<'_>) -> Result<Map<String, Value>> {
    let object = |body: &ClientBody<'_>| match serde_json::to_value(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Error::bug("a client is no JSON object")),
        Err(error) => Err(Error::internal(error)),
    };
    let (before, after) = (object(before)?, object(after)?);
    let kept = |name: &String| name != "updated_at";
    let changed = before
        .into_iter()
        .filter(|(name, value)| kept(name) && after.get(name) != Some(value));
    Ok(changed.collect())
}

/// Changes a client's profile. A patch that changes nothing leaves version and events alone.
pub fn update(
    tx: &Tx<'_>,
    permit: &Permit<ClientsWrite>,
    id: ClientId,
    if_match: &IfMatch,
    patch: ClientPatch,
) -> Result<Client> {
    let former = find(tx, permit, id)?;
    if_match.check(former.version)?;
    let profile = patched(former.profile.clone(), patch);
    if profile == former.profile {
        return Ok(former);
    }
    if profile.email_key != former.profile.email_key {
        // A code is on its way to the other address.
        sessions::codes::actions::end_all(tx, permit.tenant(), id)?;
    }
    let client = Client {
        profile,
        ..former.clone()
    };
    save(tx, by(permit), &former, client, EventType::ClientUpdated)
}

fn patched(current: Profile, patch: ClientPatch) -> Profile {
    use crate::api::json::Patch;
    fn text(patch: Patch<&'static str>, current: Option<String>) -> Option<String> {
        match patch {
            Patch::Keep => current,
            Patch::Clear => None,
            Patch::Set(word) => Some(word.to_owned()),
        }
    }
    let (email, email_key) = match patch.email {
        Some(email) => (email.as_str().to_owned(), email.key()),
        None => (current.email, current.email_key),
    };
    let limitations = match patch.limitations {
        Patch::Keep => current.limitations,
        Patch::Clear => Vec::new(),
        Patch::Set(words) => words.into_iter().map(str::to_owned).collect(),
    };
    let phone = match patch.phone {
        Patch::Keep => current.phone,
        Patch::Clear => None,
        Patch::Set(phone) => Some(phone.as_str().to_owned()),
    };
    let timezone = match patch.timezone {
        Patch::Keep => current.timezone,
        Patch::Clear => None,
        Patch::Set(zone) => Some(zone.as_str().to_owned()),
    };
    Profile {
        name: patch.name.unwrap_or(current.name),
        email,
        email_key,
        phone,
        timezone,
        units: patch.units.map_or(current.units, str::to_owned),
        goal: patch.goal.apply(current.goal),
        experience: text(patch.experience, current.experience),
        days_per_week: patch.days_per_week.apply(current.days_per_week),
        session_minutes: patch.session_minutes.apply(current.session_minutes),
        equipment: patch
            .equipment
            .apply(Some(current.equipment))
            .unwrap_or_default(),
        limitations,
        tags: patch.tags.apply(Some(current.tags)).unwrap_or_default(),
        check_in_day: text(patch.check_in_day, current.check_in_day),
        coach_notes: patch.coach_notes.apply(current.coach_notes),
        sms_consent: patch.sms_consent.map_or(current.sms_consent, str::to_owned),
        external_id: patch.external_id.apply(current.external_id),
        metadata: patch
            .metadata
            .apply(Some(current.metadata))
            .unwrap_or_default(),
    }
}

/// Sets the units that a client wants to read and write in, by the client.
pub fn set_own_units(
    tx: &Tx<'_>,
    client: &ClientCaller,
    origin: &Origin,
    units: &'static str,
) -> Result<Client> {
    let tenant = client.tenant;
    let former = store::find(tx, tenant, client.client_id)?.ok_or_else(Error::not_found)?;
    if former.profile.units == units {
        return Ok(former);
    }
    let mut changed = former.clone();
    units.clone_into(&mut changed.profile.units);
    let kind = EventType::ClientUpdated;
    save(tx, (tenant, origin), &former, changed, kind)
}

/// A step from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// No longer coached.
    Archive,
    /// Back to where the client was.
    Unarchive,
    /// On hold.
    Pause,
    /// Off hold.
    Resume,
}

impl Step {
    fn from(self, status: Status, resume: Option<Status>) -> Option<(Status, EventType)> {
        match (self, status) {
            (Self::Archive, Status::Invited | Status::Active | Status::Paused) => {
                Some((Status::Archived, EventType::ClientArchived))
            }
            (Self::Unarchive, Status::Archived) => {
                Some((resume.unwrap_or(Status::Active), EventType::ClientUpdated))
            }
            (Self::Pause, Status::Active) => Some((Status::Paused, EventType::ClientPaused)),
            (Self::Resume, Status::Paused) => Some((Status::Active, EventType::ClientResumed)),
            (Self::Archive | Self::Unarchive | Self::Pause | Self::Resume, _) => None,
        }
    }
}

/// Takes a client from one state to another.
pub fn step(
    tx: &Tx<'_>,
    permit: &Permit<ClientsWrite>,
    id: ClientId,
    step: Step,
    server_now: Timestamp,
) -> Result<Client> {
    let former = find(tx, permit, id)?;
    let Some((status, kind)) = step.from(former.status, former.resume_status) else {
        return Err(wrong_state(&former));
    };
    let archived = status == Status::Archived;
    let client = Client {
        status,
        resume_status: archived.then_some(former.status),
        archived_at: archived.then_some(permit.now()),
        ..former.clone()
    };
    if archived {
        // Not even a link that is still on its way lets in: it was for somebody who is coached.
        sessions::actions::end_all(tx, permit.tenant(), id, server_now)?;
    }
    save(tx, by(permit), &former, client, kind)
}

fn wrong_state(client: &Client) -> Error {
    let message = format!("The client is {}.", client.status.name());
    Error::with(Code::StateConflict, message).extra("current_status", client.status.name())
}

/// Lets a client in by the install link, which ends; the refusal's reason if it does not work.
///
/// The link is the permission: nobody else stands behind the call.
pub fn join(
    tx: &Tx<'_>,
    tenant: Tenant,
    origin: &Origin,
    id: ClientId,
    secret: &Digest,
) -> Result<Result<Client, &'static str>> {
    let Some(former) = store::find(tx, tenant, id)? else {
        return Ok(Err("unknown"));
    };
    let link = former.invite.as_ref();
    let proved = link
        .and_then(|invite| invite.digest.as_ref())
        .is_some_and(|known| known.ct_eq(secret));
    if !proved || former.status == Status::Archived {
        return Ok(Err("unknown"));
    }
    if link
        .and_then(|invite| invite.expires_at)
        .is_none_or(|ends| ends <= origin.at)
    {
        return Ok(Err("expired"));
    }
    let kind = match former.joined_at {
        None => EventType::ClientJoined,
        Some(_) => EventType::ClientUpdated,
    };
    let used = |invite: Invite| Invite {
        digest: None,
        expires_at: None,
        ..invite
    };
    let client = Client {
        status: match former.status {
            Status::Invited => Status::Active,
            other @ (Status::Active | Status::Paused | Status::Archived) => other,
        },
        invite: former.invite.clone().map(used),
        joined_at: former.joined_at.or(Some(origin.at)),
        ..former.clone()
    };
    save(tx, (tenant, origin), &former, client, kind).map(Ok)
}

/// Gives a client a new install link; the old one ends.
pub fn reinvite(
    tx: &Tx<'_>,
    permit: &Permit<ClientsWrite>,
    id: ClientId,
    invitation: &Invitation,
) -> Result<Client> {
    let former = find(tx, permit, id)?;
    if former.status == Status::Archived {
        return Err(wrong_state(&former));
    }
    let client = Client {
        invite: Some(invitation.invite.clone()),
        ..former.clone()
    };
    let client = save(tx, by(permit), &former, client, EventType::ClientInvited)?;
    enqueue(tx, permit.tenant(), &invitation.mail)?;
    Ok(client)
}

/// Says what became of the mail that carries the present install link, which `expires_at` names.
///
/// Neither version nor event: whoever adds a client and changes it at once with `If-Match` must not
/// fail because the mail left meanwhile. The entity tag of the client changes all the same.
pub fn invite_mailed(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: ClientId,
    expires_at: Option<Timestamp>,
    (status, reason): (MailStatus, Option<&str>),
) -> Result<()> {
    // An invite has no word for a mail that somebody dropped: it goes by other ways.
    let (status, reason) = match status {
        MailStatus::Dropped => (
            MailStatus::Off,
            reason.or(Some("The mail was dropped. Pass the link on yourself.")),
        ),
        MailStatus::Queued
        | MailStatus::Sent
        | MailStatus::Held
        | MailStatus::Off
        | MailStatus::Bounced => (status, reason),
    };
    store::set_invite_status(tx, tenant, id, expires_at, (status.name(), reason))
}

/// Ends the install link that ended at `expires_at`, if that is still the client's: its digest is
/// wiped, and the client says so.
pub fn end_invite(
    tx: &Tx<'_>,
    tenant: Tenant,
    origin: &Origin,
    id: ClientId,
    expires_at: Timestamp,
) -> Result<()> {
    let Some(former) = store::find(tx, tenant, id)? else {
        return Ok(());
    };
    let Some(invite) = former.invite.clone() else {
        return Ok(());
    };
    if invite.digest.is_none() || invite.expires_at != Some(expires_at) {
        return Ok(());
    }
    let ended = Invite {
        status: MailStatus::Off.name().to_owned(),
        reason: Some("The install link has ended. Invite the client again.".to_owned()),
        digest: None,
        ..invite
    };
    let client = Client {
        invite: Some(ended),
        ..former.clone()
    };
    save(
        tx,
        (tenant, origin),
        &former,
        client,
        EventType::ClientUpdated,
    )
    .map(drop)
}
