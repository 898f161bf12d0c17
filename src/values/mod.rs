//! Values that are valid once they exist: an address, a telephone number, money, a date.
//!
//! Each has one door, `parse`, which takes what a caller sent and answers the value or an
//! [`Invalid`]: what is wrong and what to do about it, without saying where, since the value does
//! not know in which field it stood. Past the door nobody checks again.
//!
//! Invariant: what `Display` prints, `parse` reads back as an equal value.

use std::borrow::Cow;
use std::fmt;

use crate::error::{FieldError, Place};

pub mod dates;
pub mod decimal;
pub mod email;
pub mod ip;
pub mod money;
pub mod phone;
pub mod text;

pub use dates::{Date, TimeZone};
pub use decimal::Decimal;
pub use email::Email;
pub use ip::AddressRange;
pub use money::{Currency, Money};
pub use phone::Phone;
pub use text::{
    METADATA_KEY_MAX, METADATA_PAIRS_MAX, METADATA_VALUE_MAX, TAG_MAX, TAGS_MAX, line,
    metadata_pair, paragraphs, tag,
};

/// The systems of units.
pub const UNITS: &[(&str, &str)] = &[("metric", "metric"), ("imperial", "imperial")];

/// Why a text is not the value it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// A stable name such as `required` or `invalid_email`.
    pub code: &'static str,
    /// What is wrong, as a sentence.
    pub message: Cow<'static, str>,
    /// What to do about it, as a sentence.
    pub fix: Option<Cow<'static, str>>,
}

impl Invalid {
    /// What is wrong, without advice.
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            fix: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Cow<'static, str>>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// The same, with the place in the request where it was found.
    pub fn at(self, place: Place) -> FieldError {
        FieldError {
            place,
            code: self.code,
            message: self.message.into_owned(),
            fix: self.fix.map(Cow::into_owned),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.fix {
            Some(fix) => write!(f, " {fix}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Invalid {}

/// On the wire these values are their text.
macro_rules! serialize_as_text {
    ($($name:ident)*) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )*};
}

serialize_as_text! { AddressRange Currency Date Email Phone TimeZone }
