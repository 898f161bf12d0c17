//! Filling in a check-in: the questions of its form, a weight, and photos, in one plain form.

use std::sync::Arc;

use maud::{Markup, html};
use serde_json::{Map, Number, Value, json};

use super::check_ins::side;
use super::form::{Faults, Form, ONCE, fresh, once_with};
use super::frame;
use super::layout::{self, Tab, described, fault, faults, see_other, time};
use crate::api::form::{self as upload_form, FORM_DATA};
use crate::api::json::read_body;
use crate::api::route::{ClientCx, Piece, work};
use crate::check_ins::forms::{self, Form as Questions, Question, QuestionType};
use crate::check_ins::measurements::{Quantity, preferred};
use crate::check_ins::{NewCheckin, Whole};
use crate::client_app::actions::{self, OwnCheckin};
use crate::client_app::view::{self, Own};
use crate::error::{Code, Error, Result};
use crate::files::actions::Draft;
use crate::files::upload::prepare;
use crate::files::{FILE_MAX_BYTES, Pose};
use crate::idempotency::Answer;
use crate::ids::{CheckinId, FormId};
use crate::messages;
use crate::secrets::digest_parts;

const PATH: &str = "/app/check-in";
/// The largest form: four photos as large as they may be.
pub(super) const FORM_LIMIT_BYTES: usize = 4 * FILE_MAX_BYTES + 256 * 1024;
/// Fields for photos that a form asks for, and for those that can be sent in any case.
const PHOTOS: [&str; 13] = [
    "photo.0",
    "photo.1",
    "photo.2",
    "photo.3",
    "photo.4",
    "photo.5",
    "photo.6",
    "photo.7",
    "photo.8",
    "photo.9",
    "photo.front",
    "photo.side",
    "photo.back",
];
/// Photos that can be sent where the form does not ask for them.
const FURTHER: [(&str, Pose); 3] = [
    ("photo.front", Pose::Front),
    ("photo.side", Pose::Side),
    ("photo.back", Pose::Back),
];

struct Page {
    own: Own,
    asked: Option<Whole>,
    form: Questions,
    unread: u32,
}

/// A form in a version of it, as a hidden field names it.
type Named = Option<(FormId, i64)>;

async fn read(cx: &ClientCx, named: Named) -> Result<Page> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let read = cx.app.db.read(move |conn| {
        let tenant = caller.tenant;
        let asked = view::asked(conn, &caller, now)?;
        let shown = match named {
            Some((id, version)) => forms::store::find_version(conn, tenant, id, version)?,
            None => None,
        };
        let form = match shown {
            Some(form) => form,
            None => view::form(conn, &caller, asked.as_ref())?,
        };
        Ok(Page {
            own: view::own(conn, &caller, now)?,
            asked,
            form,
            unread: messages::store::unread(conn, tenant, caller.client_id)?,
        })
    });
    read.await
}

/// The field of each question. Those for photos are numbered, since files are told by their names.
fn fields(questions: &[Question]) -> Vec<(String, &Question)> {
    let mut photos = 0;
    let named = questions.iter().filter_map(|question| {
        if question.kind != QuestionType::Photo {
            return Some((format!("q.{}", question.id), question));
        }
        let name = PHOTOS.get(photos).filter(|_| photos < 10)?;
        photos += 1;
        Some(((*name).to_owned(), question))
    });
    named.collect()
}

pub(super) async fn show(cx: &ClientCx) -> Result<Answer> {
    let page = read(cx, None).await?;
    let (form, right) = (Form::default(), Faults::default());
    Ok(shown(cx, 200, &page, (&form, &right)))
}

pub(super) async fn submit(cx: &ClientCx, media_type: &str, body: Piece) -> Result<Answer> {
    let (typed, files) = taken_apart(media_type, body).await?;
    let id = typed.get("form_id").and_then(FormId::parse);
    let version = typed.get("form_version").and_then(|text| text.parse().ok());
    let page = read(cx, id.zip(version)).await?;
    let missing = missing(&page.form.questions, &typed, &files);
    if missing.any() {
        return Ok(shown(cx, 400, &page, (&typed, &missing)));
    }
    let answered: Vec<String> = answers(&page.form.questions, &typed)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    let error = match send(cx, &page, &typed, files).await {
        Ok(answer) => return Ok(answer),
        Err(Failed::Picture(field, error)) => {
            let message = match error.fields().first() {
                Some(fault) => fault.message.clone(),
                None if error.code() == Code::BodyTooLarge => error.message().to_owned(),
                None => return Err(error),
            };
            let faults = Faults::of(&field, message);
            return Ok(shown(cx, 400, &page, (&typed, &faults)));
        }
        Err(Failed::Otherwise(error)) => error,
    };
    let faults = Faults::read(error, |pointer| {
        let parts: Vec<&str> = pointer.trim_start_matches('/').split('/').collect();
        match parts.as_slice() {
            ["answers", at, ..] => answered.get(at.parse::<usize>().ok()?).cloned(),
            ["measurements", ..] => Some("weight".to_owned()),
            _ => None,
        }
    })?;
    Ok(shown(cx, 400, &page, (&typed, &faults)))
}

/// Pictures by their fields.
type Files = Vec<(String, Piece)>;

/// The fields and the pictures of a form.
async fn taken_apart(media_type: &str, body: Piece) -> Result<(Form, Files)> {
    if !media_type.to_ascii_lowercase().starts_with(FORM_DATA) {
        return Ok((Form::read(&body)?, Vec::new()));
    }
    let form = upload_form::Form::read(media_type, body, &PHOTOS).await?;
    let texts = form.texts();
    let texts = texts.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let typed = Form::of(texts.collect());
    // A browser sends every field for files, also those in which none was chosen.
    let mut chosen: Files = Vec::new();
    for (name, file) in form.files.into_iter().filter(|(_, file)| !file.is_empty()) {
        // Each is decoded, which costs; a browser sends a field once.
        if chosen.iter().any(|(other, _)| *other == name) {
            let message = "A field for a photo came twice. Reload the page and send it again.";
            return Err(Error::with(Code::MalformedJson, message));
        }
        chosen.push((name, file));
    }
    Ok((typed, chosen))
}

/// A number as it was typed; none if it is no number.
fn number(typed: &str) -> Option<Value> {
    let plain = typed.replace(',', ".");
    plain.parse::<Number>().ok().map(Value::Number)
}

/// What has to be answered and is not, and numbers that are none.
fn missing(questions: &[Question], typed: &Form, files: &Files) -> Faults {
    let mut faults = Faults::default();
    for (field, question) in fields(questions) {
        let sent = typed.get(&field);
        let there = match question.kind {
            QuestionType::Photo => files.iter().any(|(name, _)| *name == field),
            QuestionType::Text
            | QuestionType::Number
            | QuestionType::Scale
            | QuestionType::Choice => sent.is_some(),
        };
        if question.required && !there {
            let message = match question.kind {
                QuestionType::Photo => "Choose a photo.",
                QuestionType::Scale | QuestionType::Choice => "Choose one.",
                QuestionType::Text | QuestionType::Number => "Answer this, please.",
            };
            faults.add(&field, message);
        }
        let counts = [QuestionType::Number, QuestionType::Scale].contains(&question.kind);
        if counts && sent.is_some_and(|typed| number(typed).is_none()) {
            faults.add(&field, "This must be a number.");
        }
    }
    if typed
        .get("weight")
        .is_some_and(|typed| number(typed).is_none())
    {
        faults.add("weight", "This must be a number.");
    }
    faults
}

/// What was answered, with the field of each.
fn answers(questions: &[Question], typed: &Form) -> Vec<(String, Value)> {
    let answered = fields(questions)
        .into_iter()
        .filter_map(|(field, question)| {
            let text = typed.get(&field)?;
            let value = match question.kind {
                QuestionType::Number | QuestionType::Scale => number(text)?,
                QuestionType::Text | QuestionType::Choice => json!(text),
                QuestionType::Photo => return None,
            };
            let answer = json!({ "question": question.id, "value": value });
            Some((field, answer))
        });
    answered.collect()
}

/// What a form failed by: a picture, or anything else.
enum Failed {
    Picture(String, Error),
    Otherwise(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Otherwise(error)
    }
}

async fn send(cx: &ClientCx, page: &Page, typed: &Form, files: Files) -> Result<Answer, Failed> {
    let (client, today, now) = (&page.own.client, page.own.today, cx.now());
    let questions = fields(&page.form.questions);
    let mut body = Map::new();
    let named = |id: &str| typed.get(id).map(|text| (id.to_owned(), json!(text)));
    body.extend(named("checkin_id"));
    body.insert("form_id".to_owned(), json!(page.form.id));
    body.insert("form_version".to_owned(), json!(page.form.version));
    let answered = answers(&page.form.questions, typed).into_iter();
    let mut answered: Vec<Value> = answered.map(|(_, answer)| answer).collect();
    let (mut pictures, mut further): (Vec<Draft>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut digests = Vec::new();
    for (field, file) in files {
        digests.extend_from_slice(digest_parts(&[field.as_bytes(), &file]).as_bytes());
        let asked = questions.iter().find(|(name, _)| *name == field);
        let pose = match asked {
            Some((_, question)) => question.pose,
            None => FURTHER
                .iter()
                .find(|(name, _)| *name == field)
                .map(|(_, pose)| *pose),
        };
        let draft = prepare(&cx.app, client, file, (pose, today), now).await;
        let draft = draft.map_err(|error| Failed::Picture(field, error))?;
        let id = draft.photo.id;
        match asked {
            Some((_, question)) => answered.push(json!({ "question": question.id, "value": id })),
            None => further.push(json!({ "id": id })),
        }
        pictures.push(draft);
    }
    body.insert("answers".to_owned(), Value::Array(answered));
    body.insert("photos".to_owned(), Value::Array(further));
    if let Some(weight) = typed.get("weight").and_then(number) {
        let unit = weight_unit(&page.own);
        let measured = json!([{ "metric": "weight", "value": weight, "unit": unit }]);
        body.insert("measurements".to_owned(), measured);
    }
    let new: NewCheckin = read_body(Value::Object(body).to_string().as_bytes())?;
    let own = OwnCheckin {
        id: CheckinId::new(now),
        new,
        pictures,
    };
    let (caller, origin) = (Arc::clone(&cx.client), Arc::clone(&cx.origin));
    let work = work(move |tx| {
        let whole = actions::check_in(tx, &caller, &origin, own)?;
        Ok(see_other(format!("/app/check-ins/{}", whole.checkin.id)))
    })?;
    Ok(once_with(cx, typed, &digests, work).await?)
}

/// The unit in which the client weighs.
fn weight_unit(own: &Own) -> &'static str {
    let imperial = own.client.profile.units == "imperial";
    preferred(Quantity::Mass, imperial).map_or("kg", |unit| unit.name)
}

fn shown(cx: &ClientCx, status: u16, page: &Page, (typed, wrong): (&Form, &Faults)) -> Answer {
    let own = &page.own;
    let asked = page.asked.as_ref().map(|whole| &whole.checkin);
    let content = html! {
        p { a.back href="/app/check-ins" { "Check-ins" } }
        div.page-top {
            h1 { (page.form.name) }
            @match asked.and_then(|checkin| checkin.due_at) {
                Some(due) => p.muted { "Your coach asks for it until " (time(due, &own.zone, own.today)) "." },
                None => p.muted { "Your coach reads it and answers." },
            }
        }
        (faults(wrong))
        form method="post" action=(PATH) enctype=(FORM_DATA) data-keep novalidate {
            input type="hidden" name=(ONCE) value=(fresh(cx));
            @if let Some(checkin) = asked { input type="hidden" name="checkin_id" value=(checkin.id); }
            input type="hidden" name="form_id" value=(page.form.id);
            input type="hidden" name="form_version" value=(page.form.version);
            @for (field, question) in fields(&page.form.questions) { (self::question(&field, question, typed, wrong)) }
            div.field.short {
                label for="weight" { "Your weight (" (weight_unit(own)) ") " span.optional { "(optional)" } }
                (input("weight", typed, wrong))
                (fault(wrong, "weight"))
            }
            (further_photos(&page.form.questions, wrong))
            @if wrong.any() { p.muted { "Photos have to be chosen again: a browser does not keep them." } }
            button.button.primary.wide type="submit" { "Send the check-in" }
        }
    };
    let frame = frame(cx, Tab::CheckIns, "Check in", page.unread);
    layout::answer(status, &frame, &content)
}

fn input(field: &str, typed: &Form, wrong: &Faults) -> Markup {
    html! {
        input.control id=(field) name=(field) inputmode="decimal" autocomplete="off" value=[typed.get(field)]
            aria-invalid=[wrong.get(field).map(|_| "true")] aria-describedby=[described(wrong, field)];
    }
}

fn asked_as(question: &Question) -> Markup {
    html! {
        (question.question)
        @if let Some(unit) = &question.unit { " (" (unit) ")" }
        @if !question.required { " " span.optional { "(optional)" } }
    }
}

fn help(question: &Question) -> Markup {
    html! { @if let Some(help) = &question.help { p.hint { (help) } } }
}

fn question(field: &str, question: &Question, typed: &Form, wrong: &Faults) -> Markup {
    let sent = typed.get(field);
    let described = described(wrong, field);
    let invalid = wrong.get(field).map(|_| "true");
    match question.kind {
        QuestionType::Text => html! {
            div.field {
                label for=(field) { (asked_as(question)) }
                (help(question))
                textarea.control id=(field) name=(field) rows="4" maxlength="10000"
                    aria-invalid=[invalid] aria-describedby=[described] { (sent.unwrap_or_default()) }
                (fault(wrong, field))
            }
        },
        QuestionType::Number | QuestionType::Scale if !is_row(question) => html! {
            div.field {
                label for=(field) { (asked_as(question)) }
                (help(question))
                div.field.short { (input(field, typed, wrong)) }
                (fault(wrong, field))
            }
        },
        QuestionType::Number | QuestionType::Scale => html! {
            fieldset aria-describedby=[described] {
                legend { (asked_as(question)) }
                (help(question))
                div.scale {
                    @for number in steps(question) {
                        @let value = number.to_string();
                        label { input type="radio" name=(field) value=(value) checked[sent == Some(&value)]; span { (value) } }
                    }
                }
                (fault(wrong, field))
            }
        },
        QuestionType::Choice => html! {
            fieldset aria-describedby=[described] {
                legend { (asked_as(question)) }
                (help(question))
                @for choice in question.choices.iter().flatten() {
                    label.pick { input type="radio" name=(field) value=(choice) checked[sent == Some(choice)]; span { (choice) } }
                }
                (fault(wrong, field))
            }
        },
        QuestionType::Photo => html! {
            div.field {
                label for=(field) { (asked_as(question)) }
                (help(question))
                (file(field, wrong))
                (fault(wrong, field))
            }
        },
    }
}

/// The most steps of a scale that are shown in a row, to be tapped.
const ROW_MAX: i64 = 21;

/// Whether a question is answered by tapping one of a row of numbers; a longer scale is typed.
fn is_row(question: &Question) -> bool {
    let steps = steps(question);
    question.kind == QuestionType::Scale && steps.end() - steps.start() < ROW_MAX
}

/// The numbers of a scale.
fn steps(question: &Question) -> std::ops::RangeInclusive<i64> {
    let whole = |end: Option<crate::values::Decimal>, other| {
        end.map_or(other, |end| end.thousandths() / 1_000)
    };
    let least = whole(question.min, 1);
    least..=whole(question.max, 5)
}

fn file(field: &str, wrong: &Faults) -> Markup {
    html! {
        input.control type="file" id=(field) name=(field) accept="image/jpeg,image/png,image/webp"
            aria-invalid=[wrong.get(field).map(|_| "true")] aria-describedby=[described(wrong, field)];
    }
}

/// Photos that the form does not ask for.
fn further_photos(questions: &[Question], wrong: &Faults) -> Markup {
    let asked = |pose: Pose| {
        let mut photos = questions.iter();
        photos.any(|question| question.kind == QuestionType::Photo && question.pose == Some(pose))
    };
    let further: Vec<_> = FURTHER.iter().filter(|(_, pose)| !asked(*pose)).collect();
    let open = further.iter().any(|(field, _)| wrong.get(field).is_some());
    html! {
        @if !further.is_empty() {
            details open[open] {
                summary { "More photos" }
                div.stack.tight {
                    @for (name, pose) in further {
                        div.field {
                            label for=(name) { "A photo " (side(*pose)) }
                            (file(name, wrong))
                            (fault(wrong, name))
                        }
                    }
                }
            }
        }
        p.muted.small { "Photos are JPEG, PNG or WebP of up to 10 MB each and 40 MB together. They are made small, and where they were taken is removed from them. Only you and your coach see them." }
    }
}
