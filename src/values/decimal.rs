//! Decimal numbers as people write them on a training log: 62.5 kg, RPE 8.5.
//!
//! Kept as thousandths, so that what is written is what is read: no arithmetic with binary
//! fractions, and two equal numbers have one form.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

/// A number with up to three decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i64);

/// The largest number that is taken: a million, either way.
const MOST: i64 = 1_000_000_000;

impl Decimal {
    /// From thousandths.
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// A whole number.
    pub const fn whole(number: i64) -> Self {
        Self(number * 1_000)
    }

    /// In thousandths.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// True for 7 and 7.5, false for 7.2.
    pub const fn is_half(self) -> bool {
        self.0 % 500 == 0
    }

    /// Reads a JSON number; `None` if it is too large or has more than three decimals.
    pub fn of_number(number: &serde_json::Number) -> Option<Self> {
        number.to_string().parse().ok()
    }
}

impl FromStr for Decimal {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let part = part.trim_end_matches('0');
        if whole.is_empty() || whole.len() > 9 || part.len() > 3 || !digits(whole) || !digits(part)
        {
            return Err(());
        }
        let number = |text: &str| text.parse::<i64>().ok().ok_or(());
        let (whole, part) = (number(whole)?, number(&format!("{part:0<3}"))?);
        let value = whole * 1_000 + part;
        if value > MOST {
            return Err(());
        }
        Ok(Self(sign * value))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, value) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, part) = (value / 1_000, value % 1_000);
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        let part = format!("{part:03}");
        write!(f, "{sign}{whole}.{}", part.trim_end_matches('0'))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1_000 == 0 {
            return serializer.serialize_i64(self.0 / 1_000);
        }
        // The shortest text of a number this short reads back as itself.
        let number: f64 = self.to_string().parse().map_err(S::Error::custom)?;
        serializer.serialize_f64(number)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        Self::of_number(&number)
            .ok_or_else(|| D::Error::custom("not a number of up to three decimals"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_reads_back_as_it_was_written() {
        for text in ["0", "62.5", "-1.25", "8", "0.001", "1000000", "102.375"] {
            let value: Decimal = text.parse().unwrap();
            let json = serde_json::to_string(&value).unwrap();

            assert_eq!(value.to_string(), text);
            assert_eq!(json, text);
            assert_eq!(serde_json::from_str::<Decimal>(&json).unwrap(), value);
        }
    }

    #[test]
    fn two_forms_of_a_number_are_one_and_what_cannot_be_kept_is_refused() {
        assert_eq!("62.500".parse(), Ok(Decimal::from_thousandths(62_500)));
        assert_eq!(
            serde_json::from_str::<Decimal>("60.0").unwrap(),
            Decimal::whole(60)
        );
        for text in [
            "1.0005",
            "1e3",
            "",
            ".5",
            "-",
            "1000000.1",
            "9999999999999999999",
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(()), "{text}");
        }
    }
}
