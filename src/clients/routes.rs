//! `/v1/clients`.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::actions::{self, Draft, Invitation, Step};
use super::body::ClientBody;
use super::store::{self, Filter, Position, Sort};
use super::{Client, ClientPatch, LIMITATIONS, NewClient, Status};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{
    At, Fields, FromBody, Json, boolean, integer, list, one_of, text, text_map,
};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{ClientsRead, ClientsWrite, Tenant};
use crate::clock::Timestamp;
use crate::db::{Reader, Tx};
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::values::{
    Email, Invalid, METADATA_PAIRS_MAX, Phone, TAG_MAX, TAGS_MAX, TimeZone, UNITS, line,
    metadata_pair, paragraphs, tag,
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

/// What the list of clients understands.
#[derive(Debug)]
pub struct ClientQuery {
    page: PageQuery,
    filter: Filter,
    sort: Sort,
}

impl FromQuery for ClientQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("status", "`invited`, `active`, `paused` or `archived`. Without it: the roster, which is all but the archived.").one_of(|| words(Status::CHOICES)),
        Parameter::new("q", "Text that name, email, phone or external id hold."),
        Parameter::new("tag", "Only clients with this tag."),
        Parameter::new("email", "Only the client with this address, whatever its capitals."),
        Parameter::new("external_id", "Only clients with this id in another system."),
        Parameter::new("sort", "`-created_at` (the default), `created_at`, `name`, `-name`, `updated_at` or `-updated_at`.").one_of(|| words(Sort::CHOICES)),
        CREATED_AFTER,
        CREATED_BEFORE,
        UPDATED_AFTER,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let status = query.optional("status", query::one_of(Status::CHOICES));
        let q = query.optional("q", query::word(200));
        let tag = query.optional("tag", query::trimmed(TAG_MAX));
        let email = query.optional("email", query::word(254));
        let external_id = query.optional("external_id", query::trimmed(200));
        let sort = query.optional("sort", query::one_of(Sort::CHOICES));
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        let filter = Filter {
            status: status?,
            q: q?.map(|text| text.to_lowercase()),
            tag: tag?,
            email_key: email?.map(|text| text.to_lowercase()),
            external_id: external_id?,
            created_after: created_after?,
            created_before: created_before?,
            updated_after: updated_after?,
        };
        Some(Self {
            page: page?,
            filter,
            sort: sort?.unwrap_or(Sort::Newest),
        })
    }
}

impl ClientQuery {
    /// A page that reads only the rows it gives can be read on the worker's own thread.
    fn is_short(&self) -> bool {
        let Filter {
            q,
            tag,
            created_after,
            created_before,
            updated_after,
            ..
        } = &self.filter;
        let by_age = matches!(self.sort, Sort::Newest | Sort::Oldest);
        by_age
            && q.is_none()
            && tag.is_none()
            && created_after.is_none()
            && created_before.is_none()
            && updated_after.is_none()
    }
}

fn read_position(text: String) -> Position {
    match text.split_once('\n') {
        None => Position {
            id: text,
            sorted_by: None,
        },
        Some((id, sorted_by)) => Position {
            id: id.to_owned(),
            sorted_by: Some(sorted_by.to_owned()),
        },
    }
}

async fn list_clients(cx: Cx<ClientsRead>, query: ClientQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let last = query.page.position(tenant, &path)?.map(read_position);
    let (short, target) = (query.is_short(), cx.target());
    let read = move |conn: &Reader| {
        let mut page = query.page.begin();
        let (which, rows) = ((&query.filter, query.sort), query.page.rows());
        store::page(conn, tenant, which, last.as_ref(), rows, |columns| {
            let body = ClientBody::of_row(tenant, columns)?;
            page.push(&body, || body.position(query.sort))
        })?;
        query.page.end(tenant, &path, page)
    };
    if short {
        let db = &cx.app.db;
        cx.app.pages.get(db, tenant, target, || db.read_now(read))
    } else {
        cx.app.db.read(read).await
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
        Route::get("/v1/clients", list_clients)
            .named("Clients", "list_clients", "List clients")
            .describe("Newest first. Without `status`: the roster, which is invited, active and paused.")
            .lists::<ClientBody<'_>>(),
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
