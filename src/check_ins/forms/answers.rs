//! Answers, and whether they fit the questions.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Question, QuestionType};
use crate::error::{FieldError, Place};
use crate::ids::PhotoId;
use crate::values::Decimal;

/// A value as it was entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AnswerValue {
    /// A number.
    Number(Decimal),
    /// Words, a choice, or the id of a photo.
    Text(String),
}

/// An answer as it is sent.
#[derive(Debug, ToSchema)]
pub struct NewAnswer {
    /// With a form: the question by its id or in its words. Without one: the question, 1 to 300
    /// characters.
    #[schema(min_length = 1, max_length = 300)]
    pub question: String,
    /// `text`, `number`, `scale`, `photo` or `choice`; the question's if there is a form, otherwise
    /// `number` of a number and `text` of words.
    #[schema(rename = "type", value_type = Option<String>)]
    pub kind: Option<QuestionType>,
    /// Words (up to 10,000 characters), a number, one of the choices, or the id of a photo.
    #[schema(value_type = Object)]
    pub value: AnswerValue,
}

/// An answer as it is kept: with the question in its words of that day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// The id of the question in the form; null without a form.
    #[serde(default)]
    pub question_id: Option<String>,
    /// The question in its words.
    pub question: String,
    /// `text`, `number`, `scale`, `photo` or `choice`.
    #[serde(rename = "type")]
    #[schema(rename = "type", value_type = String)]
    pub kind: QuestionType,
    /// What was answered: words or a number.
    #[schema(value_type = Object)]
    pub value: AnswerValue,
}

fn fault(pointer: String, code: &'static str, message: impl Into<String>) -> FieldError {
    FieldError {
        place: Place::Pointer(pointer),
        code,
        message: message.into(),
        fix: None,
    }
}

/// Why a value does not fit its type; `None` if it does.
fn misfit(kind: QuestionType, value: &AnswerValue) -> Option<(&'static str, &'static str)> {
    match (kind, value) {
        (QuestionType::Text | QuestionType::Choice, AnswerValue::Text(_))
        | (QuestionType::Number, AnswerValue::Number(_)) => None,
        (QuestionType::Scale, AnswerValue::Number(number)) => {
            let whole = number.thousandths() % 1_000 == 0;
            (!whole).then_some(("out_of_range", "A scale has whole numbers."))
        }
        (QuestionType::Photo, AnswerValue::Text(text)) => PhotoId::parse(text)
            .is_none()
            .then_some(("invalid_id", "This must be the id of a photo.")),
        (QuestionType::Number | QuestionType::Scale, AnswerValue::Text(_)) => {
            Some(("invalid_type", "This must be a number."))
        }
        (
            QuestionType::Text | QuestionType::Choice | QuestionType::Photo,
            AnswerValue::Number(_),
        ) => Some(("invalid_type", "This must be a string.")),
    }
}

/// Answers to no form: each is held against its own type alone.
pub fn free(answers: Vec<NewAnswer>) -> Result<Vec<Answer>, Vec<FieldError>> {
    let mut faults = Vec::new();
    let mut kept = Vec::with_capacity(answers.len());
    for (at, new) in answers.into_iter().enumerate() {
        let kind = new.kind.unwrap_or(match &new.value {
            AnswerValue::Number(_) => QuestionType::Number,
            AnswerValue::Text(_) => QuestionType::Text,
        });
        if let Some((code, message)) = misfit(kind, &new.value) {
            faults.push(fault(format!("/answers/{at}/value"), code, message));
        }
        kept.push(Answer {
            question_id: None,
            question: new.question,
            kind,
            value: new.value,
        });
    }
    if faults.is_empty() {
        Ok(kept)
    } else {
        Err(faults)
    }
}

/// Answers to a form, in the order of its questions: each is to a question of it, fits that, and
/// what has to be answered is.
pub fn to_form(
    questions: &[Question],
    answers: Vec<NewAnswer>,
) -> Result<Vec<Answer>, Vec<FieldError>> {
    let mut faults = Vec::new();
    let mut kept: Vec<(usize, Answer)> = Vec::with_capacity(answers.len());
    let mut answered = HashSet::new();
    for (at, new) in answers.into_iter().enumerate() {
        let place = questions
            .iter()
            .position(|question| question.id == new.question)
            .or_else(|| {
                questions
                    .iter()
                    .position(|question| question.question == new.question)
            });
        let Some(place) = place else {
            let message = "The form has no such question.";
            let pointer = format!("/answers/{at}/question");
            faults.push(fault(pointer, "unknown_question", message));
            continue;
        };
        let question = &questions[place];
        if !answered.insert(place) {
            let message = "This question is answered twice.";
            let pointer = format!("/answers/{at}/question");
            faults.push(fault(pointer, "duplicate", message));
        }
        if new.kind.is_some_and(|kind| kind != question.kind) {
            let message = format!("The question is of the type {}.", question.kind.name());
            faults.push(fault(
                format!("/answers/{at}/type"),
                "invalid_choice",
                message,
            ));
        }
        if let Some((code, message)) = wrong(question, &new.value) {
            faults.push(fault(format!("/answers/{at}/value"), code, message));
        }
        kept.push((
            place,
            Answer {
                question_id: Some(question.id.clone()),
                question: question.question.clone(),
                kind: question.kind,
                value: new.value,
            },
        ));
    }
    for (place, question) in questions.iter().enumerate() {
        if question.required && !answered.contains(&place) {
            let message = format!("The form needs an answer to `{}`.", question.id);
            faults.push(fault("/answers".to_owned(), "required", message));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    kept.sort_by_key(|(place, _)| *place);
    Ok(kept.into_iter().map(|(_, answer)| answer).collect())
}

/// Why a value is no answer to a question.
fn wrong(question: &Question, value: &AnswerValue) -> Option<(&'static str, String)> {
    if let Some((code, message)) = misfit(question.kind, value) {
        return Some((code, message.to_owned()));
    }
    match value {
        AnswerValue::Number(number) => {
            let low = question.min.is_some_and(|least| *number < least);
            let high = question.max.is_some_and(|most| *number > most);
            let end = |end: Option<Decimal>| end.map_or("any".to_owned(), |end| end.to_string());
            let message = || {
                format!(
                    "This must be {} to {}.",
                    end(question.min),
                    end(question.max)
                )
            };
            (low || high).then(|| ("out_of_range", message()))
        }
        AnswerValue::Text(text) => {
            let choices = question.choices.as_ref()?;
            let message = || format!("This must be one of: {}.", choices.join(", "));
            (!choices.contains(text)).then(|| ("invalid_choice", message()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_ins::forms::default_questions;

    fn answer(question: &str, value: AnswerValue) -> NewAnswer {
        NewAnswer {
            question: question.to_owned(),
            kind: None,
            value,
        }
    }

    fn text(text: &str) -> AnswerValue {
        AnswerValue::Text(text.to_owned())
    }

    #[test]
    fn a_question_is_named_by_its_id_or_in_its_words() {
        let mut questions = default_questions();
        questions.retain(|question| ["energy", "pain"].contains(&question.id.as_str()));
        let answers = vec![
            answer("Did anything hurt?", text("A little")),
            answer("energy", AnswerValue::Number(Decimal::whole(4))),
        ];

        let kept = to_form(&questions, answers).expect("answers");

        let ids: Vec<Option<&str>> = kept.iter().map(|a| a.question_id.as_deref()).collect();
        assert_eq!(ids, [Some("energy"), Some("pain")]);
        assert_eq!(kept[0].question, "How was your energy this week?");
    }

    #[test]
    fn a_value_reads_back_as_a_number_or_as_words() {
        for value in [
            AnswerValue::Number(Decimal::from_thousandths(7_500)),
            AnswerValue::Number(Decimal::whole(4)),
            text("4"),
        ] {
            let json = serde_json::to_string(&value).expect("JSON");
            assert_eq!(
                serde_json::from_str::<AnswerValue>(&json).expect("a value"),
                value
            );
        }
    }

    #[test]
    fn a_photo_is_named_by_its_id() {
        let photo = |text: &str| misfit(QuestionType::Photo, &AnswerValue::Text(text.to_owned()));

        assert_eq!(photo("pho_01jzkd6v8q9xw2m4n6p8r0t2v4"), None);
        assert!(photo("pho_1").is_some() && photo("IMG_4711.JPG").is_some());
    }
}
