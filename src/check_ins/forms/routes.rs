//! `/v1/checkin-forms`

use std::collections::HashSet;

use serde_json::json;

use super::body::FormBody;
use super::{
    CHOICES_MAX, Form, FormPatch, NewForm, QUESTIONS_MAX, Question, QuestionType, actions, store,
};
use crate::api::json::{At, Fields, FromBody, Json, boolean, list, object, one_of, text};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery, UPDATED_AFTER};
use crate::api::query::{self, FromQuery, Parameter, Query};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{CheckinsRead, CheckinsWrite, Tenant};
use crate::clock::Timestamp;
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::files::Pose;
use crate::idempotency::Answer;
use crate::ids::FormId;
use crate::programs::read::decimal;
use crate::values::{Decimal, Invalid, line};

/// Longest id of a question.
const ID_MAX: usize = 40;
/// The ends of numbers, in thousandths.
const NUMBERS: (i64, i64) = (-1_000_000_000, 1_000_000_000);

fn name(value: &str) -> Result<String, Invalid> {
    line(value, 1, 200)
}

fn question_id(value: &str) -> Result<String, Invalid> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if (1..=ID_MAX).contains(&value.len()) && value.chars().all(plain) {
        return Ok(value.to_owned());
    }
    let message = "Not the id of a question.";
    Err(Invalid::new("invalid_slug", message)
        .fix("Use up to 40 lower-case letters, digits and underscores, such as sleep_hours."))
}

/// An id made of a question's words.
fn id_of(question: &str) -> String {
    let lower = question.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut id: String = words.join("_").chars().take(ID_MAX).collect();
    if id.is_empty() {
        id.push_str("question");
    }
    id
}

/// What fits the type of a question, and what does not.
fn fits(fields: &mut Fields<'_>, question: &Question) -> Option<()> {
    let kind = question.kind;
    let counts = matches!(kind, QuestionType::Number | QuestionType::Scale);
    for (field, there, allowed) in [
        (
            "choices",
            question.choices.is_some(),
            kind == QuestionType::Choice,
        ),
        ("min", question.min.is_some(), counts),
        ("max", question.max.is_some(), counts),
        (
            "unit",
            question.unit.is_some(),
            kind == QuestionType::Number,
        ),
        ("pose", question.pose.is_some(), kind == QuestionType::Photo),
    ] {
        if there && !allowed {
            let message = format!("A question of the type {} has none.", kind.name());
            fields.refuse(field, "not_allowed", &message);
            return None;
        }
    }
    if kind == QuestionType::Choice {
        let choices = question.choices.as_deref().unwrap_or_default();
        let distinct: HashSet<&String> = choices.iter().collect();
        if choices.len() < 2 || distinct.len() < choices.len() {
            let message = "A choice is between two different ones at least.";
            fields.refuse("choices", "required", message);
            return None;
        }
    }
    if let (Some(min), Some(max)) = (question.min, question.max)
        && min >= max
    {
        fields.refuse("max", "out_of_range", "This must be more than `min`.");
        return None;
    }
    Some(())
}

fn question(fields: &mut Fields<'_>) -> Option<Question> {
    let id = fields.optional("id", text(question_id));
    let kind = fields.required("type", one_of(QuestionType::CHOICES));
    let words = fields.required("question", text(|value| line(value, 1, 300)));
    let help = fields.optional("help", text(|value| line(value, 1, 500)));
    let required = fields.optional("required", boolean());
    let choices = list(CHOICES_MAX, text(|value| line(value, 1, 200)));
    let choices = fields.optional("choices", choices);
    let min = fields.optional("min", decimal(NUMBERS.0, NUMBERS.1));
    let max = fields.optional("max", decimal(NUMBERS.0, NUMBERS.1));
    let unit = fields.optional("unit", text(|value| line(value, 1, 20)));
    let pose = fields.optional("pose", one_of(Pose::CHOICES));
    let (kind, words, min, max) = (kind?, words?, min?, max?);
    let scale = |end: Option<Decimal>, default: i64| {
        let default = (kind == QuestionType::Scale).then(|| Decimal::whole(default));
        end.or(default)
    };
    let question = Question {
        id: id?.unwrap_or_default(),
        kind,
        question: words,
        help: help?,
        required: required?.unwrap_or(false),
        choices: choices?,
        min: scale(min, 1),
        max: scale(max, 5),
        unit: unit?,
        pose: pose?,
    };
    fits(fields, &question)?;
    Some(question)
}

/// Reads questions; those without an id are given one.
fn questions(value: Json, at: &mut At<'_>) -> Option<Vec<Question>> {
    let mut questions = list(QUESTIONS_MAX, object(question))(value, at)?;
    if questions.is_empty() {
        at.refuse("required", "A form has one question at least.");
        return None;
    }
    let mut taken = HashSet::new();
    for question in questions.iter().filter(|question| !question.id.is_empty()) {
        if !taken.insert(question.id.clone()) {
            let message = format!("Two questions have the id `{}`.", question.id);
            at.refuse("duplicate", message);
            return None;
        }
    }
    for question in questions
        .iter_mut()
        .filter(|question| question.id.is_empty())
    {
        let base = id_of(&question.question);
        let mut id = base.clone();
        let mut number = 2;
        while !taken.insert(id.clone()) {
            let end = format!("_{number}");
            let room: String = base.chars().take(ID_MAX - end.len()).collect();
            id = room + &end;
            number += 1;
        }
        question.id = id;
    }
    Some(questions)
}

impl FromBody for NewForm {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", text(name));
        let questions = fields.required("questions", questions);
        Some(Self {
            name: name?,
            questions: questions?,
        })
    }
}

impl FromBody for FormPatch {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.replace("name", text(name));
        let questions = fields.replace("questions", questions);
        Some(Self {
            name: name?,
            questions: questions?,
        })
    }
}

/// What the list of forms understands.
#[derive(Debug)]
pub struct FormsQuery {
    page: PageQuery,
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
    updated_after: Option<Timestamp>,
}

impl FromQuery for FormsQuery {
    const PARAMETERS: &'static [Parameter] =
        &[LIMIT, CURSOR, CREATED_AFTER, CREATED_BEFORE, UPDATED_AFTER];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let updated_after = query.optional(UPDATED_AFTER.name, query::time);
        Some(Self {
            page: page?,
            created_after: created_after?,
            created_before: created_before?,
            updated_after: updated_after?,
        })
    }
}

impl FormsQuery {
    fn wants(&self, form: &Form) -> bool {
        let after = |time: Option<Timestamp>, bound: Option<Timestamp>| {
            bound.is_none_or(|bound| time.is_some_and(|time| time > bound))
        };
        after(form.created_at, self.created_after)
            && after(form.updated_at, self.updated_after)
            && self
                .created_before
                .is_none_or(|bound| form.created_at.is_none_or(|time| time < bound))
    }
}

async fn list_forms(cx: Cx<CheckinsRead>, query: FormsQuery) -> Result<Answer> {
    let (tenant, path) = (cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            let all = store::all(conn, tenant)?;
            let is_next = |form: &&Form| {
                before
                    .as_ref()
                    .is_none_or(|before| form.id.to_string() < *before)
            };
            let mut page = query.page.begin();
            let wanted = all.iter().filter(|form| query.wants(form)).filter(is_next);
            for form in wanted.take(query.page.rows() as usize) {
                page.push(&FormBody::of(tenant, form), || form.id.to_string())?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

/// Which version of a form is asked for.
#[derive(Debug)]
pub struct VersionQuery {
    version: Option<i64>,
}

impl FromQuery for VersionQuery {
    const PARAMETERS: &'static [Parameter] = &[Parameter::new(
        "version",
        "A former version, from 1; the latest if left out.",
    )];

    fn read(query: &mut Query) -> Option<Self> {
        let version = query.optional("version", |text| {
            let number = text.parse().ok().filter(|number| *number > 0);
            number.ok_or_else(|| "Use a whole number from 1.".to_owned())
        });
        Some(Self { version: version? })
    }
}

fn shown(tenant: Tenant, form: &Form) -> Result<Answer> {
    Ok(Answer::ok(&FormBody::of(tenant, form))?.version(form.version))
}

async fn get(cx: Cx<CheckinsRead>, query: VersionQuery) -> Result<Answer> {
    let (id, tenant): (FormId, _) = (cx.id("checkin_form_id")?, cx.tenant());
    let find = |conn: &Reader| match query.version {
        None => store::find(conn, tenant, id),
        Some(version) => store::find_version(conn, tenant, id, version),
    };
    let form = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    Ok(cx.unless_known(shown(tenant, &form)?))
}

async fn create(cx: Cx<CheckinsWrite>, new: NewForm) -> Result<Work> {
    let permit = cx.permit;
    let now = permit.now();
    let form = Form {
        id: FormId::new(now),
        name: new.name,
        version: 1,
        questions: new.questions,
        created_at: Some(now),
        updated_at: Some(now),
    };
    let location = format!("/v1/checkin-forms/{}", form.id);
    let answer = Answer::created(location, &FormBody::of(permit.tenant(), &form))?.version(1);
    work(move |tx| {
        actions::create(tx, &permit, &form)?;
        Ok(answer)
    })
}

async fn update(cx: Cx<CheckinsWrite>, patch: FormPatch) -> Result<Work> {
    let (id, if_match): (FormId, _) = (cx.id("checkin_form_id")?, cx.if_match());
    let permit = cx.permit;
    work(move |tx| {
        let form = actions::update(tx, &permit, id, &if_match, patch)?;
        shown(permit.tenant(), &form)
    })
}

/// The routes of forms.
pub fn routes() -> Vec<Route> {
    const TAG: &str = "Check-ins";
    let questions = json!([
        { "id": "energy", "type": "scale", "question": "How was your energy?", "required": true, "min": 1, "max": 10 },
        { "type": "choice", "question": "Did anything hurt?", "choices": ["No", "A little", "Yes"] },
        { "type": "photo", "question": "A photo from the side", "pose": "side" },
    ]);
    vec![
        Route::get("/v1/checkin-forms", list_forms)
            .named(TAG, "list_checkin_forms", "List the forms of check-ins")
            .describe(
                "Newest first, each in its latest version. The default form, of eight questions, is \
                 there from the beginning and stands last.",
            )
            .lists::<FormBody<'_>>(),
        Route::post("/v1/checkin-forms", create)
            .named(TAG, "create_checkin_form", "Make a form")
            .describe("Up to 50 forms, each of up to 50 questions.")
            .creates::<FormBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "name": "Every fourth week", "questions": questions })),
        Route::get("/v1/checkin-forms/{checkin_form_id}", get)
            .named(TAG, "get_checkin_form", "Read one form")
            .answers::<FormBody<'_>>()
            .tagged(),
        Route::patch("/v1/checkin-forms/{checkin_form_id}", update)
            .named(TAG, "update_checkin_form", "Make the next version of a form")
            .describe("Check-ins that were answered keep the version that they were answered with.")
            .answers::<FormBody<'_>>()
            .tagged()
            .example(json!({ "name": "Weekly", "questions": questions })),
    ]
}
