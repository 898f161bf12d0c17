//! Forms: the questions that a check-in asks.
//!
//! A form is changed by making its next version; a check-in keeps the version that it was answered
//! with. Every tenant has a default form of eight questions. It is built in and has no row until it is
//! changed for the first time, so its words must stay what they are: other ones would be another
//! version.
//!
//! Limits: 50 forms a tenant, 1 to 50 questions, 2 to 30 choices of up to 200 characters, names of up
//! to 200, questions of up to 300, help of up to 500.

pub mod actions;
pub mod answers;
pub mod body;
pub mod routes;
pub mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::answers::{Answer, AnswerValue, NewAnswer};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::exercises::catalogue::vocabulary;
use crate::files::Pose;
use crate::ids::FormId;
use crate::values::Decimal;

/// Most forms of a tenant.
pub const FORMS_MAX: usize = 50;
/// Most questions of a form.
pub const QUESTIONS_MAX: usize = 50;
/// Most choices of a question.
pub const CHOICES_MAX: usize = 30;

vocabulary! {
    /// What a question is answered with.
    QuestionType {
        #[doc = "Words, up to 10,000 characters."] Text "text"
        #[doc = "A number with up to three decimals."] Number "number"
        #[doc = "A whole number on a scale."] Scale "scale"
        #[doc = "The id of a photo."] Photo "photo"
        #[doc = "One of the choices."] Choice "choice"
    }
}

/// A question of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Question {
    /// What answers name it by: lower-case letters, digits and `_`, up to 40. Made of the question if
    /// left out.
    #[schema(required = false, max_length = 40)]
    pub id: String,
    /// `text`, `number`, `scale`, `photo` or `choice`.
    #[serde(rename = "type")]
    #[schema(rename = "type", value_type = String)]
    pub kind: QuestionType,
    /// The question, 1 to 300 characters.
    #[schema(min_length = 1, max_length = 300)]
    pub question: String,
    /// What stands below it, up to 500 characters.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub help: Option<String>,
    /// Whether a check-in by this form must answer it; false if left out.
    #[schema(required = false)]
    pub required: bool,
    /// Of a `choice`: 2 to 30 choices of up to 200 characters.
    #[serde(default)]
    pub choices: Option<Vec<String>>,
    /// Of a `number` or `scale`: the least.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    pub min: Option<Decimal>,
    /// Of a `number` or `scale`: the most. A scale is 1 to 5 where it says nothing else.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    pub max: Option<Decimal>,
    /// Of a `number`: the unit, up to 20 characters.
    #[serde(default)]
    #[schema(max_length = 20)]
    pub unit: Option<String>,
    /// Of a `photo`: `front`, `side`, `back` or `other`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub pose: Option<Pose>,
}

/// A form, in its latest version or in a former one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The id.
    pub id: FormId,
    /// What it is called.
    pub name: String,
    /// The version, from 1.
    pub version: i64,
    /// What it asks.
    pub questions: Vec<Question>,
    /// When it was made; none for the built-in one.
    pub created_at: Option<Timestamp>,
    /// When this version was made.
    pub updated_at: Option<Timestamp>,
}

/// What a form is made of.
#[derive(Debug, ToSchema)]
pub struct NewForm {
    /// 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// 1 to 50 questions.
    #[schema(min_items = 1, max_items = 50)]
    pub questions: Vec<Question>,
}

/// What can be changed of a form.
#[derive(Debug, ToSchema)]
pub struct FormPatch {
    /// 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Replaces the questions.
    #[schema(min_items = 1, max_items = 50)]
    pub questions: Option<Vec<Question>>,
}

/// The id of a tenant's default form.
pub fn default_id(tenant: Tenant) -> FormId {
    let name = format!("default form of tenant {}", tenant.number());
    FormId::named(Timestamp::from_ms(0), &name)
}

/// The default form as it is built in: its version 1.
pub fn built_in(tenant: Tenant) -> Form {
    Form {
        id: default_id(tenant),
        name: "Weekly check-in".to_owned(),
        version: 1,
        questions: default_questions(),
        created_at: None,
        updated_at: None,
    }
}

fn plain(id: &str, kind: QuestionType, question: &str, required: bool) -> Question {
    Question {
        id: id.to_owned(),
        kind,
        question: question.to_owned(),
        help: None,
        required,
        choices: None,
        min: None,
        max: None,
        unit: None,
        pose: None,
    }
}

fn scale(id: &str, question: &str, help: &str) -> Question {
    Question {
        help: Some(help.to_owned()),
        min: Some(Decimal::whole(1)),
        max: Some(Decimal::whole(5)),
        ..plain(id, QuestionType::Scale, question, true)
    }
}

fn choice(id: &str, question: &str, choices: &[&str]) -> Question {
    let choices = choices.iter().map(|choice| (*choice).to_owned());
    Question {
        choices: Some(choices.collect()),
        ..plain(id, QuestionType::Choice, question, true)
    }
}

fn default_questions() -> Vec<Question> {
    vec![
        scale(
            "energy",
            "How was your energy this week?",
            "1 is drained, 5 is full of it.",
        ),
        Question {
            help: Some("A night, on average.".to_owned()),
            min: Some(Decimal::whole(0)),
            max: Some(Decimal::whole(24)),
            unit: Some("h".to_owned()),
            ..plain(
                "sleep",
                QuestionType::Number,
                "How many hours did you sleep?",
                true,
            )
        },
        scale(
            "stress",
            "How stressful was your week?",
            "1 is calm, 5 is too much.",
        ),
        choice(
            "training",
            "How much of your training did you do?",
            &["All of it", "Most of it", "Some of it", "None"],
        ),
        scale(
            "nutrition",
            "How well did eating go?",
            "1 is not at all as planned, 5 is just as planned.",
        ),
        choice("pain", "Did anything hurt?", &["No", "A little", "Yes"]),
        plain(
            "week",
            QuestionType::Text,
            "What went well, what was hard, and what should your coach know?",
            false,
        ),
        Question {
            help: Some("Same place, same light, same time of the day.".to_owned()),
            pose: Some(Pose::Front),
            ..plain(
                "photo_front",
                QuestionType::Photo,
                "A photo from the front",
                false,
            )
        },
    ]
}
