//! Reading a JSON body so that every invalid field is reported at once.
//!
//! A body becomes a tree that keeps duplicate members visible; a [`FromBody`] type then takes its
//! fields out of it one by one through [`Fields`], which remembers what was wrong and what nobody
//! asked for. `serde` alone would stop at the first fault and accept a duplicate.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::choices::{Vocabulary, closest, words};
use super::faults::refuse;
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::values::Invalid;

/// A JSON value as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object with its members in the order sent, duplicates included.
    Object(Vec<(String, Json)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Number(value.into()))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Number(value.into()))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Json, E> {
                Number::from_f64(value)
                    .map(Json::Number)
                    .ok_or_else(|| E::custom("number out of range"))
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Json, E> {
                Ok(Json::Text(value.to_owned()))
            }

            fn visit_string<E: de::Error>(self, value: String) -> Result<Json, E> {
                Ok(Json::Text(value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Json::Array(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Json::Object(members))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// A type that a JSON object can be read into.
pub trait FromBody: Sized + 'static {
    /// The fields that are limited to a vocabulary, or whose items are.
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[];

    /// Takes the fields out; `None` if one that it needs is invalid, which the fields remember.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// Reads a body. An empty one equals `{}`.
pub fn read_body<T: FromBody>(bytes: &[u8]) -> Result<T> {
    let tree = if bytes.is_empty() {
        Json::Object(Vec::new())
    } else {
        parse(bytes)?
    };
    read_tree(tree, Vec::new())
}

/// Reads a body that was taken apart already, with what was found wrong before.
pub(super) fn read_tree<T: FromBody>(tree: Json, mut errors: Vec<FieldError>) -> Result<T> {
    inspect(&tree, "", &mut errors);
    let Json::Object(members) = tree else {
        errors.push(FieldError {
            place: Place::Pointer(String::new()),
            code: "invalid_type",
            message: "The body must be a JSON object.".to_owned(),
            fix: None,
        });
        return Err(Error::invalid(errors));
    };
    let value = read_members(members, &mut At::root(&mut errors), T::read);
    match value {
        Some(value) if errors.is_empty() => Ok(value),
        _ if errors.is_empty() => Err(Error::bug("a body was refused without a reason")),
        _ => Err(refuse(errors)),
    }
}

pub(super) fn parse(bytes: &[u8]) -> Result<Json> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(Error::with(
            Code::MalformedJson,
            "The body is not valid UTF-8.",
        ));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let message = format!("The body is not valid JSON: {error}.");
        Error::with(Code::MalformedJson, message)
    })
}

/// Finds duplicate members and control characters anywhere, read or not.
pub(super) fn inspect(value: &Json, pointer: &str, errors: &mut Vec<FieldError>) {
    let mut fault = |pointer: String, code, message: &str| {
        let place = Place::Pointer(pointer);
        errors.push(FieldError {
            place,
            code,
            message: message.to_owned(),
            fix: None,
        });
    };
    match value {
        Json::Text(text) if has_control(text) => {
            fault(
                pointer.to_owned(),
                "control_character",
                "Control characters are not allowed.",
            );
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                inspect(item, &format!("{pointer}/{index}"), errors);
            }
        }
        Json::Object(members) => {
            let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
                fault(
                    child(pointer, pair[0]),
                    "duplicate_field",
                    "The field is sent twice.",
                );
            }
            for name in names.into_iter().filter(|name| has_control(name)) {
                fault(
                    child(pointer, name),
                    "control_character",
                    "A field's name has a control character.",
                );
            }
            for (name, item) in members {
                inspect(item, &child(pointer, name), errors);
            }
        }
        Json::Text(_) | Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn has_control(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// A JSON pointer one step further down (RFC 6901).
fn child(pointer: &str, name: &str) -> String {
    let mut path = String::with_capacity(pointer.len() + name.len() + 1);
    path.push_str(pointer);
    path.push('/');
    for c in name.chars().take(100) {
        match c {
            '~' => path.push_str("~0"),
            '/' => path.push_str("~1"),
            c => path.push(c),
        }
    }
    path
}

/// Where a reader stands, and what was found wrong so far.
#[derive(Debug)]
pub struct At<'e> {
    pointer: String,
    errors: &'e mut Vec<FieldError>,
}

impl<'e> At<'e> {
    /// At the whole of a body.
    pub(super) fn root(errors: &'e mut Vec<FieldError>) -> Self {
        let pointer = String::new();
        Self { pointer, errors }
    }

    /// Remembers that the value here is invalid.
    pub fn refuse(&mut self, code: &'static str, message: impl Into<String>) {
        self.refuse_with(code, message.into(), None);
    }

    fn refuse_with(&mut self, code: &'static str, message: String, fix: Option<String>) {
        let place = Place::Pointer(self.pointer.clone());
        self.errors.push(FieldError {
            place,
            code,
            message,
            fix,
        });
    }

    /// Remembers what a value's own check said.
    pub fn refuse_value(&mut self, invalid: Invalid) {
        let fix = invalid.fix.map(std::borrow::Cow::into_owned);
        self.refuse_with(invalid.code, invalid.message.into_owned(), fix);
    }

    fn step<T>(&mut self, name: &str, read: impl FnOnce(&mut At<'_>) -> T) -> T {
        let mut at = At {
            pointer: child(&self.pointer, name),
            errors: self.errors,
        };
        read(&mut at)
    }
}

/// The members of one object, taken out one by one.
#[derive(Debug)]
pub struct Fields<'e> {
    at: At<'e>,
    members: Vec<(String, Json)>,
    known: Vec<&'static str>,
}

/// What a PATCH says of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Nothing: the field stays.
    #[default]
    Keep,
    /// `null`: the field is emptied.
    Clear,
    /// A new value.
    Set(T),
}

impl<T> Patch<T> {
    /// The value after the patch.
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl Fields<'_> {
    fn take(&mut self, name: &'static str) -> Option<Json> {
        self.known.push(name);
        let place = self.members.iter().position(|(member, _)| member == name)?;
        Some(self.members.swap_remove(place).1)
    }

    /// True if the field was sent and not taken yet.
    pub fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(member, _)| member == name)
    }

    /// A field that must be there.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Json, &mut At<'_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(name);
        self.at.step(name, |at| match value {
            None | Some(Json::Null) => {
                at.refuse("required", "This field is required.");
                None
            }
            Some(value) => read(value, at),
        })
    }

    /// A field that may be left out or `null`; the outer `None` means invalid.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Json, &mut At<'_>) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.take(name) {
            None | Some(Json::Null) => Some(None),
            Some(value) => self.at.step(name, |at| read(value, at)).map(Some),
        }
    }

    /// A field of a PATCH that `null` empties.
    pub fn patch<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Json, &mut At<'_>) -> Option<T>,
    ) -> Option<Patch<T>> {
        match self.take(name) {
            None => Some(Patch::Keep),
            Some(Json::Null) => Some(Patch::Clear),
            Some(value) => self.at.step(name, |at| read(value, at)).map(Patch::Set),
        }
    }

    /// A field of a PATCH that cannot be emptied.
    pub fn replace<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Json, &mut At<'_>) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.take(name) {
            None => Some(None),
            Some(Json::Null) => self.at.step(name, |at| {
                at.refuse("required", "This field cannot be emptied.");
                None
            }),
            Some(value) => self.at.step(name, |at| read(value, at)).map(Some),
        }
    }

    /// Remembers that a field is invalid for a reason that only the whole body shows.
    pub fn refuse(&mut self, name: &str, code: &'static str, message: &str) {
        self.at.step(name, |at| at.refuse(code, message));
    }

    fn refuse_unknown(&mut self) {
        let known = std::mem::take(&mut self.known);
        for (name, _) in std::mem::take(&mut self.members) {
            let fix = closest(&name, &known).map(|near| format!("Did you mean `{near}`?"));
            self.at.step(&name, |at| {
                let message = "This field does not exist here.".to_owned();
                at.refuse_with(Code::UnknownField.name(), message, fix);
            });
        }
    }
}

pub(super) fn read_members<T>(
    members: Vec<(String, Json)>,
    at: &mut At<'_>,
    read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
) -> Option<T> {
    let at = At {
        pointer: at.pointer.clone(),
        errors: at.errors,
    };
    let mut fields = Fields {
        at,
        members,
        known: Vec::new(),
    };
    let value = read(&mut fields);
    fields.refuse_unknown();
    value
}

/// A string that passes a check.
pub fn text<T>(
    check: impl Fn(&str) -> Result<T, Invalid>,
) -> impl Fn(Json, &mut At<'_>) -> Option<T> {
    move |value, at| {
        let Json::Text(text) = value else {
            at.refuse("invalid_type", "This must be a string.");
            return None;
        };
        check(&text)
            .map_err(|invalid| at.refuse_value(invalid))
            .ok()
    }
}

/// One of a few words.
pub fn one_of<T: Copy + 'static>(
    choices: &'static [(&'static str, T)],
) -> impl Fn(Json, &mut At<'_>) -> Option<T> {
    move |value, at| {
        let found = match &value {
            Json::Text(text) => choices.iter().find(|(word, _)| word == text),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
        };
        if found.is_none() {
            let message = format!("This must be one of: {}.", words(choices).join(", "));
            at.refuse("invalid_choice", message);
        }
        found.map(|(_, choice)| *choice)
    }
}

/// A whole number within bounds.
pub fn integer(bounds: std::ops::RangeInclusive<i64>) -> impl Fn(Json, &mut At<'_>) -> Option<i64> {
    move |value, at| {
        let number = match &value {
            Json::Number(number) => number.as_i64(),
            Json::Null | Json::Bool(_) | Json::Text(_) | Json::Array(_) | Json::Object(_) => None,
        };
        let Some(number) = number else {
            at.refuse("invalid_type", "This must be a whole number.");
            return None;
        };
        if !bounds.contains(&number) {
            let message = format!("This must be {} to {}.", bounds.start(), bounds.end());
            at.refuse("out_of_range", message);
            return None;
        }
        Some(number)
    }
}

/// `true` or `false`.
pub fn boolean() -> impl Fn(Json, &mut At<'_>) -> Option<bool> {
    |value, at| {
        if let Json::Bool(value) = value {
            return Some(value);
        }
        at.refuse("invalid_type", "This must be true or false.");
        None
    }
}

/// An array of at most `most` items.
pub fn list<T>(
    most: usize,
    item: impl Fn(Json, &mut At<'_>) -> Option<T>,
) -> impl Fn(Json, &mut At<'_>) -> Option<Vec<T>> {
    move |value, at| {
        let Json::Array(items) = value else {
            at.refuse("invalid_type", "This must be an array.");
            return None;
        };
        if items.len() > most {
            at.refuse("too_many", format!("At most {most} items are allowed."));
            return None;
        }
        // All are read before the first fault decides, so that every fault is reported.
        let read: Vec<Option<T>> = items
            .into_iter()
            .enumerate()
            .map(|(index, value)| at.step(&index.to_string(), |at| item(value, at)))
            .collect();
        read.into_iter().collect()
    }
}

/// An object of at most `most` members whose names and values are strings.
pub fn text_map(
    most: usize,
    check: impl Fn(&str, &str) -> Result<(String, String), Invalid>,
) -> impl Fn(Json, &mut At<'_>) -> Option<Vec<(String, String)>> {
    move |value, at| {
        let Json::Object(members) = value else {
            at.refuse("invalid_type", "This must be an object.");
            return None;
        };
        if members.len() > most {
            at.refuse("too_many", format!("At most {most} members are allowed."));
            return None;
        }
        let read: Vec<Option<(String, String)>> = members
            .into_iter()
            .map(|(name, value)| {
                at.step(&name.clone(), |at| {
                    text(|value| check(&name, value))(value, at)
                })
            })
            .collect();
        read.into_iter().collect()
    }
}

/// An object with fields of its own.
pub fn object<T>(
    read: impl Fn(&mut Fields<'_>) -> Option<T>,
) -> impl Fn(Json, &mut At<'_>) -> Option<T> {
    move |value, at| {
        let Json::Object(members) = value else {
            at.refuse("invalid_type", "This must be an object.");
            return None;
        };
        read_members(members, at, &read)
    }
}

/// A body without fields: what an action takes.
#[derive(Debug)]
pub struct Nothing;

impl FromBody for Nothing {
    fn read(_: &mut Fields<'_>) -> Option<Self> {
        Some(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Sample {
        name: String,
        count: Option<i64>,
    }

    impl FromBody for Sample {
        fn read(fields: &mut Fields<'_>) -> Option<Self> {
            let name = fields.required("name", text(|text| Ok(text.to_owned())));
            let count = fields.optional("count", integer(1..=3));
            Some(Self {
                name: name?,
                count: count?,
            })
        }
    }

    fn codes(body: &str) -> Vec<(String, &'static str)> {
        let error = read_body::<Sample>(body.as_bytes()).expect_err("refused");
        error
            .fields()
            .iter()
            .map(|field| match &field.place {
                Place::Pointer(pointer) => (pointer.clone(), field.code),
                Place::Parameter(name) => (name.clone(), field.code),
            })
            .collect()
    }

    #[test]
    fn every_fault_is_reported_at_once() {
        let found = codes(r#"{"count": 9, "nmae": "x"}"#);

        assert_eq!(
            found,
            [
                ("/name".to_owned(), "required"),
                ("/count".to_owned(), "out_of_range"),
                ("/nmae".to_owned(), "unknown_field")
            ]
        );
    }

    #[test]
    fn duplicates_and_control_characters_are_found_wherever_they_stand() {
        assert_eq!(
            codes(r#"{"name":"a","name":"b"}"#),
            [("/name".to_owned(), "duplicate_field")]
        );
        assert_eq!(
            codes(r#"{"name":"a","x":{"y":["\u0000"]}}"#)[0],
            ("/x/y/0".to_owned(), "control_character")
        );
    }

    #[test]
    fn an_unknown_field_alone_has_its_own_code_and_a_hint() {
        let error = read_body::<Sample>(br#"{"name":"a","cuont":1}"#).expect_err("refused");

        assert_eq!(error.code(), Code::UnknownField);
        assert_eq!(
            error.fields()[0].fix.as_deref(),
            Some("Did you mean `count`?")
        );
    }

    #[test]
    fn malformed_bodies_are_refused_without_a_panic() {
        let deep = "[".repeat(100_000);
        for body in ["{", "nul", "1e999", r#"{"name":"\ud800"}"#, deep.as_str()] {
            let error = read_body::<Sample>(body.as_bytes()).expect_err("refused");
            assert_eq!(error.code(), Code::MalformedJson, "{body:.20}");
        }
        assert!(read_body::<Sample>(b"\xff").is_err());
    }
}
