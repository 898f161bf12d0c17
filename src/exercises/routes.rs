//! `/v1/exercises`.

use serde_json::json;

use super::body::ExerciseBody;
use super::catalogue::{Catalogue, Exercise, Item, Joint, Level, LoadType, Muscle, Pattern, Tag};
use super::{ExercisePatch, NewExercise, OwnExercise, actions, is_slug, slug_of, store};
use crate::api::choices::{Vocabulary, words};
use crate::api::etag;
use crate::api::json::{At, Fields, FromBody, Json, boolean, integer, list, one_of, text};
use crate::api::page::{CURSOR, LIMIT, PageQuery};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{ProgramsRead, ProgramsWrite};
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::values::{Invalid, line};

fn slug(value: &str) -> Result<String, Invalid> {
    if is_slug(value) {
        return Ok(value.to_owned());
    }
    let message = "Not a slug of 1 to 60 lower-case letters, digits and hyphens.";
    Err(Invalid::new("invalid_slug", message).fix("Use a form such as zercher-squat."))
}

fn name(value: &str) -> Result<String, Invalid> {
    line(value, 1, 200)
}

fn cue(value: &str) -> Result<String, Invalid> {
    line(value, 1, 500)
}

/// Some words of a vocabulary, each once.
fn some_of<T: Copy + PartialEq + 'static>(
    choices: &'static [(&'static str, T)],
) -> impl Fn(Json, &mut At<'_>) -> Option<Vec<T>> {
    move |value, at| {
        let mut words = list(choices.len(), one_of(choices))(value, at)?;
        let mut seen: Vec<T> = Vec::new();
        words.retain(|word| {
            !seen.contains(word) && {
                seen.push(*word);
                true
            }
        });
        Some(words)
    }
}

/// How much an exercise stresses each joint.
fn stress(value: Json, at: &mut At<'_>) -> Option<Vec<(Joint, u8)>> {
    crate::api::json::object(|fields| {
        let mut found = Vec::new();
        for (name, joint) in Joint::CHOICES {
            let stress = fields.optional(name, integer(1..=3))?;
            let stress = stress.and_then(|stress| u8::try_from(stress).ok());
            found.extend(stress.map(|stress| (*joint, stress)));
        }
        Some(found)
    })(value, at)
}

const WORDS: &[(&str, Vocabulary)] = &[
    ("pattern", || words(Pattern::CHOICES)),
    ("primary", || words(Muscle::CHOICES)),
    ("secondary", || words(Muscle::CHOICES)),
    ("equipment", || words(Item::CHOICES)),
    ("level", || words(Level::CHOICES)),
    ("load_type", || words(LoadType::CHOICES)),
    ("tags", || words(Tag::CHOICES)),
];

impl FromBody for NewExercise {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = WORDS;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let own_slug = fields.optional("slug", text(slug));
        let name = fields.required("name", text(name));
        let aliases = fields.optional("aliases", list(20, text(self::name)));
        let pattern = fields.required("pattern", one_of(Pattern::CHOICES));
        let primary = fields.required("primary", some_of(Muscle::CHOICES));
        let secondary = fields.optional("secondary", some_of(Muscle::CHOICES));
        let equipment = fields.optional("equipment", some_of(Item::CHOICES));
        let level = fields.optional("level", one_of(Level::CHOICES));
        let unilateral = fields.optional("unilateral", boolean());
        let load_type = fields.optional("load_type", one_of(LoadType::CHOICES));
        let tags = fields.optional("tags", some_of(Tag::CHOICES));
        let joint_stress = fields.optional("joint_stress", stress);
        let regression = fields.optional("regression", text(slug));
        let progression = fields.optional("progression", text(slug));
        let cue = fields.optional("cue", text(cue));
        let (own_slug, name) = (own_slug?, name?);
        if own_slug.is_none() && slug_of(&name).is_empty() {
            let message = "The name has no letter that a slug can be made of: send one.";
            fields.refuse("slug", "required", message);
            return None;
        }
        Some(Self {
            slug: own_slug,
            name,
            aliases: aliases?,
            pattern: pattern?,
            primary: primary?,
            secondary: secondary?,
            equipment: equipment?,
            level: level?,
            unilateral: unilateral?,
            load_type: load_type?,
            tags: tags?,
            joint_stress: joint_stress?,
            regression: regression?,
            progression: progression?,
            cue: cue?,
        })
    }
}

impl FromBody for ExercisePatch {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = WORDS;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.replace("name", text(name));
        let aliases = fields.replace("aliases", list(20, text(self::name)));
        let pattern = fields.replace("pattern", one_of(Pattern::CHOICES));
        let primary = fields.replace("primary", some_of(Muscle::CHOICES));
        let secondary = fields.replace("secondary", some_of(Muscle::CHOICES));
        let equipment = fields.replace("equipment", some_of(Item::CHOICES));
        let level = fields.replace("level", one_of(Level::CHOICES));
        let unilateral = fields.replace("unilateral", boolean());
        let load_type = fields.replace("load_type", one_of(LoadType::CHOICES));
        let tags = fields.replace("tags", some_of(Tag::CHOICES));
        let joint_stress = fields.replace("joint_stress", stress);
        let regression = fields.patch("regression", text(slug));
        let progression = fields.patch("progression", text(slug));
        let cue = fields.patch("cue", text(cue));
        Some(Self {
            name: name?,
            aliases: aliases?,
            pattern: pattern?,
            primary: primary?,
            secondary: secondary?,
            equipment: equipment?,
            level: level?,
            unilateral: unilateral?,
            load_type: load_type?,
            tags: tags?,
            joint_stress: joint_stress?,
            regression: regression?,
            progression: progression?,
            cue: cue?,
        })
    }
}

const SOURCES: &[(&str, bool)] = &[("catalogue", false), ("own", true)];

/// What the list of exercises understands.
#[derive(Debug)]
pub struct ExerciseQuery {
    page: PageQuery,
    q: Option<String>,
    muscle: Option<Muscle>,
    equipment: Option<u64>,
    pattern: Option<Pattern>,
    level: Option<Level>,
    own: Option<bool>,
}

impl FromQuery for ExerciseQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("q", "Text that the name, an alias or the slug holds."),
        Parameter::new("muscle", "Only what trains this muscle, primarily or by the way.")
            .one_of(|| words(Muscle::CHOICES)),
        Parameter::new("equipment", "Only what can be done with these items, separated by commas; `none` is a body and a floor.")
            .some_of(|| std::iter::once("none".to_owned()).chain(words(Item::CHOICES)).collect()),
        Parameter::new("pattern", "Only this pattern of movement.").one_of(|| words(Pattern::CHOICES)),
        Parameter::new("level", "Only what suits this experience.").one_of(|| words(Level::CHOICES)),
        Parameter::new("source", "Only `catalogue` or only `own`.").one_of(|| words(SOURCES)),
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let q = query.optional("q", query::word(200));
        let muscle = query.optional("muscle", query::one_of(Muscle::CHOICES));
        let equipment = query.optional("equipment", |text| {
            let mut items = 0;
            for word in text.split(',').filter(|word| *word != "none") {
                let item = Item::parse(word);
                let item = item.ok_or_else(|| {
                    format!("Use none, or some of: {}.", words(Item::CHOICES).join(", "))
                })?;
                items |= item.bit();
            }
            Ok(items)
        });
        let pattern = query.optional("pattern", query::one_of(Pattern::CHOICES));
        let level = query.optional("level", query::one_of(Level::CHOICES));
        let own = query.optional("source", query::one_of(SOURCES));
        Some(Self {
            page: page?,
            q: q?.map(|text| text.to_lowercase()),
            muscle: muscle?,
            equipment: equipment?,
            pattern: pattern?,
            level: level?,
            own: own?,
        })
    }
}

impl ExerciseQuery {
    fn finds(&self, exercise: &Exercise) -> bool {
        let trains = |muscle: &Muscle| {
            exercise.primary.contains(muscle) || exercise.secondary.contains(muscle)
        };
        self.q
            .as_deref()
            .is_none_or(|text| exercise.is_called(text))
            && self.muscle.as_ref().is_none_or(trains)
            && self
                .equipment
                .is_none_or(|items| exercise.item_bits() & !items == 0)
            && self
                .pattern
                .is_none_or(|pattern| exercise.pattern == pattern)
            && self.level.is_none_or(|level| exercise.level <= level)
    }
}

async fn list_exercises(cx: Cx<ProgramsRead>, query: ExerciseQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path());
    let after = query.page.position(tenant, path)?.unwrap_or_default();
    let own: Vec<OwnExercise> = match query.own {
        Some(false) => Vec::new(),
        Some(true) | None => cx.app.db.read_now(|conn| store::all(conn, tenant))?,
    };
    let catalogue: &[Exercise] = match query.own {
        Some(true) => &[],
        Some(false) | None => &Catalogue::embedded().exercises,
    };
    let mut found: Vec<ExerciseBody<'_>> = Vec::new();
    let listed = |exercise: &&Exercise| query.finds(exercise) && exercise.slug > after;
    found.extend(
        catalogue
            .iter()
            .filter(listed)
            .map(ExerciseBody::of_catalogue),
    );
    let own = own.iter().filter(|own| listed(&&own.exercise));
    found.extend(own.map(|own| ExerciseBody::of_own(tenant, own)));
    found.sort_by_key(ExerciseBody::position);
    found.truncate(query.page.rows() as usize);
    let mut answer = query
        .page
        .answer(tenant, path, found, Ok, ExerciseBody::position)?;
    // The list changes rarely: whoever has it may ask whether it is still the same.
    answer.etag = Some(etag::of_whole(0, &answer.body));
    Ok(cx.unless_known(answer))
}

async fn get(cx: Cx<ProgramsRead>, _: NoQuery) -> Result<Answer> {
    let (tenant, name) = (cx.tenant(), cx.parameter("exercise_id"));
    let catalogue = Catalogue::embedded();
    if let Some(exercise) = catalogue.get(name) {
        let mut answer = Answer::ok(&ExerciseBody::of_catalogue(exercise))?;
        answer.etag = Some(etag::of_whole(1, &answer.body));
        return Ok(cx.unless_known(answer));
    }
    let own = cx.app.db.read_now(|conn| store::find(conn, tenant, name))?;
    let own = own.ok_or_else(Error::not_found)?;
    let answer = Answer::ok(&ExerciseBody::of_own(tenant, &own))?.version(own.version);
    Ok(cx.unless_known(answer))
}

async fn create(cx: Cx<ProgramsWrite>, new: NewExercise) -> Result<Work> {
    let permit = cx.permit;
    let own = actions::draft(&permit, new);
    work(move |tx| {
        actions::create(tx, &permit, &own)?;
        let location = format!("/v1/exercises/{}", own.id);
        let body = ExerciseBody::of_own(permit.tenant(), &own);
        Ok(Answer::created(location, &body)?.version(own.version))
    })
}

async fn update(cx: Cx<ProgramsWrite>, patch: ExercisePatch) -> Result<Work> {
    let (name, if_match) = (cx.parameter("exercise_id").to_owned(), cx.if_match());
    let permit = cx.permit;
    work(move |tx| {
        let own = actions::update(tx, &permit, &name, &if_match, patch)?;
        let body = ExerciseBody::of_own(permit.tenant(), &own);
        Ok(Answer::ok(&body)?.version(own.version))
    })
}

async fn delete(cx: Cx<ProgramsWrite>) -> Result<Work> {
    let (name, if_match) = (cx.parameter("exercise_id").to_owned(), cx.if_match());
    let permit = cx.permit;
    work(move |tx| {
        actions::delete(tx, &permit, &name, &if_match)?;
        Ok(Answer::no_content())
    })
}

/// The routes of exercises.
pub fn routes() -> Vec<Route> {
    const TAG: &str = "Exercises";
    let example = json!({
        "name": "Zercher squat",
        "pattern": "squat",
        "primary": ["quads"],
        "secondary": ["glutes", "abs"],
        "equipment": ["barbell", "rack"],
        "level": "advanced",
        "tags": ["axial_load", "deep_knee_flexion"],
        "cue": "Hold the bar in the elbows and sit straight down.",
    });
    vec![
        Route::get("/v1/exercises", list_exercises)
            .named(TAG, "list_exercises", "List the exercises")
            .describe("The embedded catalogue and the coach's own, in the order of their slugs.")
            .tagged()
            .lists::<ExerciseBody<'_>>(),
        Route::post("/v1/exercises", create)
            .named(TAG, "create_exercise", "Add an exercise of your own")
            .creates::<ExerciseBody<'_>>()
            .tagged()
            .codes(&[Code::AlreadyExists, Code::StateConflict])
            .example(example),
        Route::get("/v1/exercises/{exercise_id}", get)
            .named(
                TAG,
                "get_exercise",
                "Read one exercise, by its id or its slug",
            )
            .answers::<ExerciseBody<'_>>()
            .tagged(),
        Route::patch("/v1/exercises/{exercise_id}", update)
            .named(TAG, "update_exercise", "Change an exercise of your own")
            .describe("Its slug stays. The exercises of the catalogue cannot be changed.")
            .answers::<ExerciseBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "cue": "Elbows up before you stand up." })),
        Route::delete("/v1/exercises/{exercise_id}", delete)
            .named(TAG, "delete_exercise", "Remove an exercise of your own")
            .describe("Programs and logs that name it keep its slug.")
            .codes(&[Code::StateConflict]),
    ]
}
