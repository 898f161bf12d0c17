//! `/v1/clients/{client_id}/programs` and `/v1/programs`.

use std::collections::HashSet;

use serde_json::json;

use super::actions::{self, Prepared};
use super::body::{ListedProgramBody, ProgramBody, ProgramSummaryBody};
use super::generator::policy::{Goal, Limitation};
use super::generator::{self, History, Plan};
use super::list;
use super::model::Block;
use super::read::{PROGRAM_LIMIT_BYTES, blocks, exercise, faults, id};
use super::store;
use super::templates;
use super::{
    Activation, Duplication, NewProgram, Program, ProgramPatch, Status, WholeProgram, wish,
};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{
    At, Fields, FromBody, Json, boolean, integer, list, one_of, text, text_map,
};
use crate::api::query::NoQuery;
use crate::api::route::{Cx, Route, Work, work};
use crate::app::App;
use crate::caller::{Permit, ProgramsRead, ProgramsWrite, Tenant};
use crate::clients::{self, Client};
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::exercises::catalogue::{Catalogue, Level};
use crate::idempotency::Answer;
use crate::ids::{ClientId, ProgramId, TemplateId};
use crate::values::{Date, Invalid, METADATA_PAIRS_MAX, line, metadata_pair, paragraphs, tag};

const WEEKDAYS: &[(&str, u8)] = &[
    ("monday", 0),
    ("tuesday", 1),
    ("wednesday", 2),
    ("thursday", 3),
    ("friday", 4),
    ("saturday", 5),
    ("sunday", 6),
];

/// Most exercises that are locked or excluded.
const EXERCISES_MAX: usize = 100;

pub(super) fn name(value: &str) -> Result<String, Invalid> {
    line(value, 1, 200)
}

pub(super) fn notes(value: &str) -> Result<String, Invalid> {
    paragraphs(value, 0, 10_000)
}

fn pair(name: &str, value: &str) -> Result<(String, String), Invalid> {
    metadata_pair(name, value).map(|()| (name.to_owned(), value.to_owned()))
}

fn small(bounds: std::ops::RangeInclusive<i64>) -> impl Fn(Json, &mut At<'_>) -> Option<u32> {
    move |value, at| {
        integer(bounds.clone())(value, at).and_then(|number| u32::try_from(number).ok())
    }
}

fn short(bounds: std::ops::RangeInclusive<i64>) -> impl Fn(Json, &mut At<'_>) -> Option<u16> {
    move |value, at| {
        integer(bounds.clone())(value, at).and_then(|number| u16::try_from(number).ok())
    }
}

/// One word, or a list of them.
fn one_or_some(value: Json, at: &mut At<'_>) -> Option<Vec<String>> {
    match value {
        Json::Text(_) => text(tag)(value, at).map(|word| vec![word]),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            list(50, text(tag))(value, at)
        }
    }
}

impl FromBody for NewProgram {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[
        ("goal", || words(Goal::CHOICES)),
        ("experience", || words(Level::CHOICES)),
        ("limitations", || words(Limitation::CHOICES)),
        ("preferred_days", || words(WEEKDAYS)),
    ];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.optional("name", text(name));
        let notes = fields.optional("notes", text(notes));
        let start_date = fields.optional("start_date", text(Date::parse));
        let metadata = fields.optional("metadata", text_map(METADATA_PAIRS_MAX, pair));
        let blocks = fields.optional("blocks", blocks);
        let template_id = fields.optional("template_id", text(id::<TemplateId>));
        let ai_generate = fields.optional("ai_generate", boolean());
        let wish = Wish::read(fields);
        let (blocks, template_id, ai_generate) = (blocks?, template_id?, ai_generate?);
        let (name, wish) = (name?, wish?);
        let generates = ai_generate == Some(true);
        let ways = [blocks.is_some(), template_id.is_some(), generates];
        let way = ways.iter().filter(|way| **way).count();
        if way != 1 {
            let message = "Send exactly one of `blocks`, `template_id` and `ai_generate: true`.";
            let code = if way == 0 { "required" } else { "not_allowed" };
            fields.refuse("blocks", code, message);
            return None;
        }
        if blocks.is_some() && name.is_none() {
            fields.refuse("name", "required", "This field is required.");
            return None;
        }
        if !generates && let Some(field) = wish.given() {
            let message = format!("`{field}` is for `ai_generate: true` alone.");
            fields.refuse("ai_generate", "required", &message);
            return None;
        }
        Some(Self {
            name,
            notes: notes?,
            start_date: start_date?,
            metadata: metadata?,
            blocks,
            template_id,
            ai_generate,
            ..wish.0
        })
    }
}

/// The fields of a program that are for generating alone.
struct Wish(NewProgram);

impl Wish {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let goal = fields.optional("goal", one_of(Goal::CHOICES));
        let experience = fields.optional("experience", one_of(Level::CHOICES));
        let days_per_week = fields.optional("days_per_week", small(1..=6));
        let session_minutes = fields.optional("session_minutes", small(20..=120));
        let equipment = fields.optional("equipment", one_or_some);
        let limitations = list(Limitation::CHOICES.len(), one_of(Limitation::CHOICES));
        let limitations = fields.optional("limitations", limitations);
        let preferred_days = fields.optional("preferred_days", list(7, one_of(WEEKDAYS)));
        let locked = fields.optional("locked_exercises", list(EXERCISES_MAX, text(exercise)));
        let excluded = fields.optional("excluded_exercises", list(EXERCISES_MAX, text(exercise)));
        Some(Self(NewProgram {
            goal: goal?,
            experience: experience?,
            days_per_week: days_per_week?,
            session_minutes: session_minutes?,
            equipment: equipment?,
            limitations: limitations?,
            preferred_days: preferred_days?,
            locked_exercises: locked?,
            excluded_exercises: excluded?,
            ..NewProgram::default()
        }))
    }

    /// The first field that was sent.
    fn given(&self) -> Option<&'static str> {
        let wish = &self.0;
        let fields = [
            ("goal", wish.goal.is_some()),
            ("experience", wish.experience.is_some()),
            ("days_per_week", wish.days_per_week.is_some()),
            ("session_minutes", wish.session_minutes.is_some()),
            ("equipment", wish.equipment.is_some()),
            ("limitations", wish.limitations.is_some()),
            ("preferred_days", wish.preferred_days.is_some()),
            ("locked_exercises", wish.locked_exercises.is_some()),
            ("excluded_exercises", wish.excluded_exercises.is_some()),
        ];
        fields
            .into_iter()
            .find(|(_, given)| *given)
            .map(|(field, _)| field)
    }
}

impl FromBody for ProgramPatch {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.replace("name", text(name));
        let notes = fields.patch("notes", text(notes));
        let start_date = fields.patch("start_date", text(Date::parse));
        let metadata = fields.patch("metadata", text_map(METADATA_PAIRS_MAX, pair));
        let blocks = fields.replace("blocks", blocks);
        Some(Self {
            name: name?,
            notes: notes?,
            start_date: start_date?,
            metadata: metadata?,
            blocks: blocks?,
        })
    }
}

impl FromBody for Activation {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let start_date = fields.optional("start_date", text(Date::parse));
        let acknowledge_warnings = fields.optional("acknowledge_warnings", boolean());
        Some(Self {
            start_date: start_date?,
            acknowledge_warnings: acknowledge_warnings?,
        })
    }
}

impl FromBody for Duplication {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let block = fields.optional("block", short(1..=24));
        let week = fields.optional("week", short(1..=52));
        let times = fields.optional("times", short(1..=12));
        let progress = fields.optional("progress", boolean());
        Some(Self {
            block: block?,
            week: week?,
            times: times?,
            progress: progress?,
        })
    }
}

/// Refuses blocks with sessions outside their block, and exercises that neither the catalogue nor
/// the coach has; those of `former` blocks may stay.
pub(super) fn refuse_faults(
    app: &App,
    tenant: Tenant,
    blocks: &[Block],
    former: &HashSet<String>,
) -> Result<()> {
    let catalogue = Catalogue::embedded();
    let own: HashSet<String> = app.db.read_now(|conn| {
        let own = crate::exercises::store::all(conn, tenant)?;
        Ok(own.into_iter().map(|own| own.exercise.slug).collect())
    })?;
    let knows =
        |slug: &str| catalogue.get(slug).is_some() || own.contains(slug) || former.contains(slug);
    let faults = faults(blocks, knows);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}

/// The slugs that blocks name.
pub(super) fn slugs(json: &str) -> Result<HashSet<String>> {
    let blocks: Vec<Block> = serde_json::from_str(json).map_err(Error::internal)?;
    let sessions = blocks.into_iter().flat_map(|block| block.sessions);
    let groups = sessions.flat_map(|session| session.groups);
    let prescriptions = groups.flat_map(|group| group.prescriptions);
    let slugs = prescriptions.flat_map(|prescription| {
        let alternates = prescription.alternates.unwrap_or_default();
        std::iter::once(prescription.exercise).chain(alternates)
    });
    Ok(slugs.collect())
}

fn found(cx: &Cx<ProgramsRead>, id: ProgramId) -> Result<WholeProgram> {
    let tenant = cx.tenant();
    let found = cx.app.db.read_now(|conn| store::find(conn, tenant, id))?;
    found.ok_or_else(Error::not_found)
}

fn shown(tenant: Tenant, whole: &WholeProgram) -> Result<Answer> {
    Ok(Answer::ok(&ProgramBody::of(tenant, whole)?)?.version(whole.program.version))
}

async fn get(cx: Cx<ProgramsRead>, _: NoQuery) -> Result<Answer> {
    let whole = found(&cx, cx.id("program_id")?)?;
    Ok(cx.unless_known(shown(cx.tenant(), &whole)?))
}

/// What a new program is made of, whichever way.
struct Made {
    name: String,
    notes: Option<String>,
    goal: Option<String>,
    blocks: Prepared,
    generation: Option<String>,
}

fn of_plan(plan: Plan, new: &mut NewProgram) -> Result<Made> {
    Ok(Made {
        name: new.name.take().unwrap_or(plan.name),
        notes: Some(new.notes.take().unwrap_or(plan.notes)),
        goal: Some(plan.generation.inputs.goal.name().to_owned()),
        blocks: Prepared::of(&plan.blocks)?,
        generation: Some(serde_json::to_string(&plan.generation).map_err(Error::internal)?),
    })
}

fn of_template(cx: &Cx<ProgramsWrite>, id: TemplateId, new: &mut NewProgram) -> Result<Made> {
    let tenant = cx.tenant();
    let find = |conn: &Reader| templates::store::find(conn, tenant, id);
    let template = cx.app.db.read_now(find)?.ok_or_else(|| {
        Error::invalid(vec![crate::error::FieldError {
            place: crate::error::Place::Pointer("/template_id".to_owned()),
            code: "unknown_template",
            message: "There is no template of this id.".to_owned(),
            fix: None,
        }])
    })?;
    Ok(Made {
        name: new.name.take().unwrap_or(template.name),
        notes: new.notes.take().or(template.notes),
        goal: template.goal,
        blocks: Prepared {
            json: template.blocks,
            cycles: template.cycles,
        },
        generation: None,
    })
}

/// Reads what is known of a client beyond the profile, for the generator; the last says whether pain is
/// heeded. The features that keep it stand behind this one, so the table of routes hands it in.
pub type ReadHistory = fn(&Reader, &Permit<ProgramsWrite>, &Client, bool) -> Result<History>;

fn made(
    cx: &Cx<ProgramsWrite>,
    client: &Client,
    new: &mut NewProgram,
    history: ReadHistory,
) -> Result<Made> {
    if let Some(blocks) = new.blocks.take() {
        refuse_faults(&cx.app, cx.tenant(), &blocks, &HashSet::new())?;
        return Ok(Made {
            name: new.name.take().unwrap_or_default(),
            notes: new.notes.take(),
            goal: None,
            blocks: Prepared::of(&blocks)?,
            generation: None,
        });
    }
    if let Some(id) = new.template_id {
        return of_template(cx, id, new);
    }
    // What the request says to go easy on goes before what hurt.
    let heeds_pain = new.limitations.is_none();
    let read = |conn: &Reader| history(conn, &cx.permit, client, heeds_pain);
    let history = cx.app.db.read_now(read)?;
    let input = wish::input(new, client, new.start_date, history)?;
    of_plan(generator::generate(&input).map_err(wish::refusal)?, new)
}

async fn create(cx: Cx<ProgramsWrite>, mut new: NewProgram, history: ReadHistory) -> Result<Work> {
    let (client_id, tenant): (ClientId, Tenant) = (cx.id("client_id")?, cx.tenant());
    let find = |conn: &Reader| clients::store::find(conn, tenant, client_id);
    let client = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    let made = match made(&cx, &client, &mut new, history) {
        Ok(made) => made,
        // A decision: saved under an idempotency key like any other.
        Err(error) if error.code().is_decision() => return work(move |_| Err(error)),
        Err(error) => return Err(error),
    };
    let permit = cx.permit;
    let now = permit.now();
    let whole = WholeProgram {
        program: Program {
            id: ProgramId::new(now),
            client_id,
            status: Status::Draft,
            name: made.name,
            notes: made.notes,
            goal: made.goal,
            start_date: new.start_date,
            cycles: made.blocks.cycles,
            template_id: new.template_id,
            metadata: new.metadata.unwrap_or_default(),
            generated: made.generation.is_some(),
            activated_at: None,
            completed_at: None,
            archived_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        },
        generation: made.generation,
        blocks: made.blocks.json,
    };
    let location = format!("/v1/programs/{}", whole.program.id);
    let body = ProgramBody::of(tenant, &whole)?;
    let answer = Answer::created(location, &body)?.version(1);
    work(move |tx| {
        actions::create(tx, &permit, &whole)?;
        Ok(answer)
    })
}

async fn update(cx: Cx<ProgramsWrite>, mut patch: ProgramPatch) -> Result<Work> {
    let (id, if_match, tenant): (ProgramId, _, _) =
        (cx.id("program_id")?, cx.if_match(), cx.tenant());
    let blocks = match patch.blocks.take() {
        None => None,
        Some(blocks) => {
            let find = |conn: &Reader| store::find(conn, tenant, id);
            let former = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
            refuse_faults(&cx.app, tenant, &blocks, &slugs(&former.blocks)?)?;
            Some(Prepared::of(&blocks)?)
        }
    };
    let permit = cx.permit;
    work(move |tx| {
        let whole = actions::update(tx, &permit, id, &if_match, (patch, blocks))?;
        shown(permit.tenant(), &whole)
    })
}

async fn activate(cx: Cx<ProgramsWrite>, activation: Activation) -> Result<Work> {
    let id = cx.id("program_id")?;
    let permit = cx.permit;
    work(move |tx| {
        let whole = actions::activate(tx, &permit, id, &activation)?;
        shown(permit.tenant(), &whole)
    })
}

async fn complete(cx: Cx<ProgramsWrite>) -> Result<Work> {
    let id = cx.id("program_id")?;
    let permit = cx.permit;
    work(move |tx| shown(permit.tenant(), &actions::complete(tx, &permit, id)?))
}

async fn archive(cx: Cx<ProgramsWrite>) -> Result<Work> {
    let id = cx.id("program_id")?;
    let permit = cx.permit;
    work(move |tx| shown(permit.tenant(), &actions::archive(tx, &permit, id)?))
}

async fn duplicate_week(cx: Cx<ProgramsWrite>, how: Duplication) -> Result<Work> {
    let (id, tenant): (ProgramId, _) = (cx.id("program_id")?, cx.tenant());
    let find = |conn: &Reader| store::find(conn, tenant, id);
    let seen = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    let (version, prepared) = (seen.program.version, actions::duplicated(&seen, &how)?);
    let permit = cx.permit;
    work(move |tx| {
        let whole = actions::duplicate_week(tx, &permit, id, (&how, version, prepared))?;
        shown(permit.tenant(), &whole)
    })
}

/// A program by hand, as the documentation shows it.
pub(super) fn example() -> serde_json::Value {
    json!([{
        "name": "Base",
        "kind": "accumulation",
        "weeks": 4,
        "sessions": [{
            "day": 1,
            "name": "Lower body",
            "groups": [{
                "kind": "straight",
                "prescriptions": [{
                    "exercise": "back-squat",
                    "sets": [
                        { "kind": "warmup", "count": 2, "reps": 5 },
                        { "kind": "working", "count": 3, "reps": { "min": 6, "max": 8 }, "load": { "kind": "rir", "value": 2 } },
                    ],
                    "tempo": "3-1-1-0",
                    "rest_s": 150,
                    "alternates": ["front-squat"],
                    "progression": { "kind": "double", "increment": 2.5, "unit": "kg" },
                }],
            }],
        }],
    }])
}

/// How a program is made, for the documentation.
const CREATE: &str = "By hand (`blocks`), of a template (`template_id`), or by rules (`ai_generate: true` \
     with a `goal`; what is left out is taken from the client's profile). Bodies of up to \
     2 MiB. A generated draft tells its reasons; equal inputs give equal drafts. Inputs are \
     also the last four check-ins (with `checkins:read`), what hurt in the last 28 days \
     (unless `limitations` is sent), estimated maxima of the last 180 days and up to 200 \
     exercises of your own: see `generation.inputs.history` and the warnings.";

/// What becomes of the copies of a week, for the documentation.
const DUPLICATE_WEEK: &str = "The copies stand behind the week, later weeks after them. A weight \
     grows by the increment of its progression; without one, one repetition less stays in reserve, \
     half a point of RPE or 2.5 % of the maximum is added.";

/// The routes of programs; `history` reads what the generator is told of a client.
pub fn routes(history: ReadHistory) -> Vec<Route> {
    const TAG: &str = "Programs";
    let create = move |cx, new| create(cx, new, history);
    let new = json!({ "name": "Base strength", "start_date": "2026-06-08", "blocks": example() });
    vec![
        Route::get("/v1/clients/{client_id}/programs", list::of_client)
            .named(TAG, "list_programs", "List the programs of a client")
            .describe("Current and former ones, newest first, without their blocks.")
            .lists::<ProgramSummaryBody<'_>>(),
        Route::post("/v1/clients/{client_id}/programs", create)
            .named(TAG, "create_program", "Make a draft of a program")
            .describe(CREATE)
            .body_limit(PROGRAM_LIMIT_BYTES)
            .creates::<ProgramBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict, Code::ProgramUnsatisfiable])
            .example(new),
        Route::get("/v1/programs", list::of_all)
            .named(TAG, "list_all_programs", "List the programs of all clients")
            .describe("Newest first, without their blocks.")
            .lists::<ListedProgramBody<'_>>(),
        Route::get("/v1/programs/{program_id}", get)
            .named(TAG, "get_program", "Read one program")
            .describe("Its blocks are exactly what was written.")
            .answers::<ProgramBody<'_>>()
            .tagged(),
        Route::patch("/v1/programs/{program_id}", update)
            .named(TAG, "update_program", "Change a program")
            .describe("`blocks` replaces them all. Bodies of up to 2 MiB.")
            .body_limit(PROGRAM_LIMIT_BYTES)
            .answers::<ProgramBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "notes": "Third week: film the last set." })),
        Route::post("/v1/programs/{program_id}/activate", activate)
            .named(
                TAG,
                "activate_program",
                "Make it the program that its client follows",
            )
            .describe("Another one that was is completed at the same moment.")
            .answers::<ProgramBody<'_>>()
            .body_optional()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "start_date": "2026-06-08" })),
        Route::action("/v1/programs/{program_id}/complete", complete)
            .named(TAG, "complete_program", "End an active program")
            .answers::<ProgramBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict]),
        Route::action("/v1/programs/{program_id}/archive", archive)
            .named(TAG, "archive_program", "Put a program away")
            .answers::<ProgramBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict]),
        Route::post("/v1/programs/{program_id}/duplicate-week", duplicate_week)
            .named(
                TAG,
                "duplicate_week",
                "Copy a week, each time a step harder",
            )
            .describe(DUPLICATE_WEEK)
            .answers::<ProgramBody<'_>>()
            .body_optional()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "block": 1, "week": 1, "times": 1, "progress": true })),
    ]
}
