//! `/v1/clients`, but for what reads across features: the list and one client whole, which are of
//! `overview`.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::actions::{self, Draft, Invitation, Step};
use super::body::ClientBody;
use super::store;
use super::{Client, ClientPatch, LIMITATIONS, NewClient};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{
    At, Fields, FromBody, Json, boolean, integer, list, one_of, text, text_map,
};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{ClientsWrite, Tenant};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::values::{
    Email, Invalid, METADATA_PAIRS_MAX, Phone, TAGS_MAX, TimeZone, UNITS, line, metadata_pair,
    paragraphs, tag,
};

const EQUIPMENT_MAX: usize = 50;

/// A client with the install link: the only time that it is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitedClientBody<'c> {
    #[serde(flatten)]
    client: ClientBody<'c>,
    /// The link into the client app; null if the client was added without an invite.
    #[schema(required = true)]
    install_link: Option<&'c str>,
}

fn choice(
    words: &'static [(&'static str, &'static str)],
) -> impl Fn(Json, &mut At<'_>) -> Option<&'static str> {
    one_of(words)
}

const LEVELS: &[(&str, &str)] = &[
    ("beginner", "beginner"),
    ("intermediate", "intermediate"),
    ("advanced", "advanced"),
];
const CONSENTS: &[(&str, &str)] = &[
    ("unknown", "unknown"),
    ("opted_in", "opted_in"),
    ("opted_out", "opted_out"),
];
const WEEKDAYS: &[(&str, &str)] = &[
    ("monday", "monday"),
    ("tuesday", "tuesday"),
    ("wednesday", "wednesday"),
    ("thursday", "thursday"),
    ("friday", "friday"),
    ("saturday", "saturday"),
    ("sunday", "sunday"),
];

/// The first of each.
fn tags(value: Json, at: &mut At<'_>) -> Option<Vec<String>> {
    let tags = list(TAGS_MAX, text(tag))(value, at)?;
    let mut seen = HashSet::new();
    let kept = tags.into_iter().filter(|tag| seen.insert(tag.clone()));
    Some(kept.collect())
}

fn name(value: &str) -> Result<String, Invalid> {
    line(value, 1, 200)
}

fn goal(value: &str) -> Result<String, Invalid> {
    line(value, 1, 500)
}

fn notes(value: &str) -> Result<String, Invalid> {
    paragraphs(value, 0, 10_000)
}

fn pair(name: &str, value: &str) -> Result<(String, String), Invalid> {
    metadata_pair(name, value).map(|()| (name.to_owned(), value.to_owned()))
}

impl FromBody for NewClient {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[
        ("units", || words(UNITS)),
        ("experience", || words(LEVELS)),
        ("limitations", || words(LIMITATIONS)),
        ("check_in_day", || words(WEEKDAYS)),
    ];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", text(name));
        let email = fields.required("email", text(Email::parse));
        let phone = fields.optional("phone", text(Phone::parse));
        let timezone = fields.optional("timezone", text(TimeZone::parse));
        let units = fields.optional("units", choice(UNITS));
        let goal = fields.optional("goal", text(goal));
        let experience = fields.optional("experience", choice(LEVELS));
        let days_per_week = fields.optional("days_per_week", integer(1..=6));
        let session_minutes = fields.optional("session_minutes", integer(20..=120));
        let equipment = fields.optional("equipment", list(EQUIPMENT_MAX, text(tag)));
        let limitations =
            fields.optional("limitations", list(LIMITATIONS.len(), choice(LIMITATIONS)));
        let tags = fields.optional("tags", tags);
        let check_in_day = fields.optional("check_in_day", choice(WEEKDAYS));
        let coach_notes = fields.optional("coach_notes", text(notes));
        let external_id = fields.optional("external_id", text(|value| line(value, 1, 200)));
        let metadata = fields.optional("metadata", text_map(METADATA_PAIRS_MAX, pair));
        let send_invite = fields.optional("send_invite", boolean());
        Some(Self {
            name: name?,
            email: email?,
            phone: phone?,
            timezone: timezone?,
            units: units?,
            goal: goal?,
            experience: experience?,
            days_per_week: days_per_week?,
            session_minutes: session_minutes?,
            equipment: equipment?,
            limitations: limitations?,
            tags: tags?,
            check_in_day: check_in_day?,
            coach_notes: coach_notes?,
            external_id: external_id?,
            metadata: metadata?,
            send_invite: send_invite?,
        })
    }
}

impl FromBody for ClientPatch {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[
        ("units", || words(UNITS)),
        ("experience", || words(LEVELS)),
        ("limitations", || words(LIMITATIONS)),
        ("check_in_day", || words(WEEKDAYS)),
        ("sms_consent", || words(CONSENTS)),
    ];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.replace("name", text(name));
        let email = fields.replace("email", text(Email::parse));
        let phone = fields.patch("phone", text(Phone::parse));
        let timezone = fields.patch("timezone", text(TimeZone::parse));
        let units = fields.replace("units", choice(UNITS));
        let goal = fields.patch("goal", text(goal));
        let experience = fields.patch("experience", choice(LEVELS));
        let days_per_week = fields.patch("days_per_week", integer(1..=6));
        let session_minutes = fields.patch("session_minutes", integer(20..=120));
        let equipment = fields.patch("equipment", list(EQUIPMENT_MAX, text(tag)));
        let limitations = fields.patch("limitations", list(LIMITATIONS.len(), choice(LIMITATIONS)));
        let tags = fields.patch("tags", tags);
        let check_in_day = fields.patch("check_in_day", choice(WEEKDAYS));
        let coach_notes = fields.patch("coach_notes", text(notes));
        let sms_consent = fields.replace("sms_consent", choice(CONSENTS));
        let external_id = fields.patch("external_id", text(|value| line(value, 1, 200)));
        let metadata = fields.patch("metadata", text_map(METADATA_PAIRS_MAX, pair));
        Some(Self {
            name: name?,
            email: email?,
            phone: phone?,
            timezone: timezone?,
            units: units?,
            goal: goal?,
            experience: experience?,
            days_per_week: days_per_week?,
            session_minutes: session_minutes?,
            equipment: equipment?,
            limitations: limitations?,
            tags: tags?,
            check_in_day: check_in_day?,
            coach_notes: coach_notes?,
            sms_consent: sms_consent?,
            external_id: external_id?,
            metadata: metadata?,
        })
    }
}

fn shown(tenant: Tenant, client: &Client) -> Result<Answer> {
    Ok(Answer::ok(&ClientBody::of(tenant, client))?.version(client.version))
}

async fn create(cx: Cx<ClientsWrite>, new: NewClient) -> Result<Work> {
    let permit = cx.permit;
    let draft: Draft = actions::draft(&cx.app, &permit, new)?;
    let body = InvitedClientBody {
        client: ClientBody::of(permit.tenant(), &draft.client),
        install_link: draft
            .invitation
            .as_ref()
            .map(|invitation| invitation.link.as_str()),
    };
    let location = format!("/v1/clients/{}", draft.client.id);
    let answer = Answer::created(location, &body)?
        .version(draft.client.version)
        .with_secret();
    work(move |tx| actions::create(tx, &permit, &draft).map(|()| answer))
}

/// What else has to follow when a client's profile or state was changed, in the same transaction.
pub type Changed = fn(&Tx<'_>, Tenant, &Client, Timestamp) -> Result<()>;

async fn update(cx: Cx<ClientsWrite>, patch: ClientPatch, changed: Changed) -> Result<Work> {
    let id = cx.id("client_id")?;
    let (if_match, permit) = (cx.if_match(), cx.permit);
    work(move |tx| {
        let client = actions::update(tx, &permit, id, &if_match, patch)?;
        changed(tx, permit.tenant(), &client, permit.now())?;
        shown(permit.tenant(), &client)
    })
}

fn step(cx: Cx<ClientsWrite>, step: Step, changed: Changed) -> Result<Work> {
    let (id, server_now) = (cx.id("client_id")?, cx.app.clock.now());
    let permit = cx.permit;
    work(move |tx| {
        let client = actions::step(tx, &permit, id, step, server_now)?;
        changed(tx, permit.tenant(), &client, permit.now())?;
        shown(permit.tenant(), &client)
    })
}

async fn invite(cx: Cx<ClientsWrite>) -> Result<Work> {
    let (id, tenant) = (cx.id("client_id")?, cx.tenant());
    let client = cx.app.db.read_now(|conn| store::find(conn, tenant, id))?;
    let client = client.ok_or_else(Error::not_found)?;
    let permit = cx.permit;
    let invitation: Invitation = actions::invite(&cx.app, &permit, id, &client.profile)?;
    work(move |tx| {
        let client = actions::reinvite(tx, &permit, id, &invitation)?;
        let body = InvitedClientBody {
            client: ClientBody::of(tenant, &client),
            install_link: Some(&invitation.link),
        };
        Ok(Answer::ok(&body)?.version(client.version).with_secret())
    })
}

/// The routes of clients; `changed` is what follows a change of a client.
pub fn routes(changed: Changed) -> Vec<Route> {
    const CHANGE: &[Code] = &[Code::AlreadyExists];
    const STEP: &[Code] = &[Code::StateConflict];
    let act = |to: Step| move |cx: Cx<ClientsWrite>| async move { step(cx, to, changed) };
    let update = move |cx, patch| update(cx, patch, changed);
    vec![
        Route::post("/v1/clients", create)
            .named("Clients", "create_client", "Add a client")
            .describe("Queues the invite mail, unless `send_invite` is false. `install_link` leads into the client app; `invite` says what becomes of the mail, and why.")
            .creates::<InvitedClientBody<'_>>()
            .tagged()
            .codes(CHANGE)
            .example(json!({ "name": "Ana Prado", "email": "ana@example.com", "tags": ["online"] })),
        Route::patch("/v1/clients/{client_id}", update)
            .named("Clients", "update_client", "Change a client")
            .answers::<ClientBody<'_>>()
            .tagged()
            .codes(CHANGE)
            .example(json!({ "goal": "hypertrophy", "phone": null })),
        Route::action("/v1/clients/{client_id}/archive", act(Step::Archive))
            .named("Clients", "archive_client", "Archive a client")
            .answers::<ClientBody<'_>>()
            .tagged()
            .codes(STEP),
        Route::action("/v1/clients/{client_id}/unarchive", act(Step::Unarchive))
            .named("Clients", "unarchive_client", "Take a client back from the archive")
            .answers::<ClientBody<'_>>()
            .tagged()
            .codes(STEP),
        Route::action("/v1/clients/{client_id}/pause", act(Step::Pause))
            .named("Clients", "pause_client", "Put a client on hold")
            .answers::<ClientBody<'_>>()
            .tagged()
            .codes(STEP),
        Route::action("/v1/clients/{client_id}/resume", act(Step::Resume))
            .named("Clients", "resume_client", "Take a client off hold")
            .answers::<ClientBody<'_>>()
            .tagged()
            .codes(STEP),
        Route::action("/v1/clients/{client_id}/invite", invite)
            .named("Clients", "invite_client", "Send a new install link")
            .describe("The link before it ends at once.")
            .answers::<InvitedClientBody<'_>>()
            .tagged()
            .codes(STEP),
    ]
}
