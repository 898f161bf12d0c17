//! Reading a query string: every parameter known, each sent once, every fault named.

use percent_encoding::percent_decode_str;

use super::choices::{Choices, Vocabulary, closest, words};
use crate::clock::Timestamp;
use crate::error::{Code, Error, FieldError, Place, Result};

/// A parameter that a list understands, for the reader and for the documentation.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub words: &'static str,
    /// What it is limited to.
    pub choices: Choices,
}

impl Parameter {
    /// A parameter of no closed vocabulary.
    pub const fn new(name: &'static str, words: &'static str) -> Self {
        let choices = Choices::Any;
        Self {
            name,
            words,
            choices,
        }
    }

    /// Limits it to one word of a vocabulary.
    #[must_use]
    pub const fn one_of(mut self, vocabulary: Vocabulary) -> Self {
        self.choices = Choices::One(vocabulary);
        self
    }

    /// Limits it to some words of a vocabulary, separated by commas.
    #[must_use]
    pub const fn some_of(mut self, vocabulary: Vocabulary) -> Self {
        self.choices = Choices::Some(vocabulary);
        self
    }
}

/// A type that a query string can be read into.
pub trait FromQuery: Sized + 'static {
    /// The parameters that exist.
    const PARAMETERS: &'static [Parameter];

    /// Takes the parameters out; `None` if one is invalid, which the query remembers.
    fn read(query: &mut Query) -> Option<Self>;
}

/// A query string without parameters.
#[derive(Debug)]
pub struct NoQuery;

impl FromQuery for NoQuery {
    const PARAMETERS: &'static [Parameter] = &[];

    fn read(_: &mut Query) -> Option<Self> {
        Some(Self)
    }
}

/// The parameters of a request, taken out one by one.
#[derive(Debug, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

/// Reads the query string of a request.
pub fn read_query<T: FromQuery>(raw: Option<&str>) -> Result<T> {
    let mut query = Query::default();
    for pair in raw.unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
        query.add(pair, T::PARAMETERS);
    }
    let value = T::read(&mut query);
    match value {
        Some(value) if query.errors.is_empty() => Ok(value),
        _ => Err(refuse(query.errors)),
    }
}

fn refuse(errors: Vec<FieldError>) -> Error {
    let cursor = Code::InvalidCursor.name();
    let code = if errors.iter().all(|error| error.code == cursor) {
        Code::InvalidCursor
    } else {
        Code::InvalidParameter
    };
    let message = match errors.as_slice() {
        [only] => only.message.clone(),
        many => format!("{} query parameters are invalid.", many.len()),
    };
    Error::invalid(errors).recode(code).reword(message)
}

impl Query {
    fn add(&mut self, pair: &str, known: &[Parameter]) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (decode(name), decode(value)) else {
            self.refuse(
                pair,
                "The parameter is not valid UTF-8 without control characters.",
            );
            return;
        };
        let names: Vec<&str> = known.iter().map(|parameter| parameter.name).collect();
        if !names.contains(&name.as_str()) {
            let mut message = format!("There is no parameter `{name}` here.");
            if let Some(near) = closest(&name, &names) {
                message.extend([" Did you mean `", near, "`?"]);
            }
            self.refuse(&name, message);
        } else if self.pairs.iter().any(|(other, _)| *other == name) {
            self.refuse(&name, "The parameter is sent twice.");
        } else {
            self.pairs.push((name, value));
        }
    }

    /// Remembers that a parameter is invalid.
    pub fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.refuse_as(Code::InvalidParameter, name, message);
    }

    /// The same under a code of its own.
    pub fn refuse_as(&mut self, code: Code, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError {
            place: Place::Parameter(name.chars().take(100).collect()),
            code: code.name(),
            message: message.into(),
            fix: None,
        });
    }

    /// The raw value of a parameter; an empty one counts as absent.
    pub fn raw(&self, name: &str) -> Option<&str> {
        let (_, value) = self.pairs.iter().find(|(other, _)| other == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// A parameter that may be left out; the outer `None` means invalid.
    pub fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> std::result::Result<T, String>,
    ) -> Option<Option<T>> {
        let Some((_, value)) = self.pairs.iter().find(|(other, _)| other == name) else {
            return Some(None);
        };
        match read(value) {
            Ok(value) => Some(Some(value)),
            Err(message) => {
                self.refuse(name, message);
                None
            }
        }
    }
}

/// Percent-decodes; `+` is a space, as in a form.
fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', "%20");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    (!decoded.chars().any(char::is_control)).then(|| decoded.into_owned())
}

/// A time in RFC 3339.
pub fn time(text: &str) -> std::result::Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| {
        // In a query string a `+` is a space.
        let fix = if Timestamp::parse(&text.replace(' ', "+")).is_some() {
            "Write the `+` of an offset as %2B, or give the time in UTC with a Z."
        } else {
            "Use a time such as 2026-06-03T12:00:00Z."
        };
        fix.to_owned()
    })
}

/// The later of `created_after` and `updated_after`: what never changes was last changed when it
/// was made. The outer `None` means invalid.
pub fn created_or_updated_after(query: &mut Query) -> Option<Option<Timestamp>> {
    let created = query.optional("created_after", time);
    let updated = query.optional("updated_after", time);
    Some(created?.max(updated?))
}

/// One of a few words.
pub fn one_of<T: Copy>(
    choices: &[(&'static str, T)],
) -> impl Fn(&str) -> std::result::Result<T, String> {
    move |text| {
        let found = choices.iter().find(|(word, _)| *word == text);
        found
            .map(|(_, choice)| *choice)
            .ok_or_else(|| format!("Use one of: {}.", words(choices).join(", ")))
    }
}

/// The same without white space around it, as lines are stored.
pub fn trimmed(most: usize) -> impl Fn(&str) -> std::result::Result<String, String> {
    move |text| word(most)(text.trim())
}

/// A plain text of bounded length.
pub fn word(most: usize) -> impl Fn(&str) -> std::result::Result<String, String> {
    move |text| {
        if text.is_empty() || text.chars().count() > most {
            return Err(format!("Use 1 to {most} characters."));
        }
        Ok(text.to_owned())
    }
}
