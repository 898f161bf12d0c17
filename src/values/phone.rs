//! Telephone numbers.

use std::fmt;

use super::Invalid;

/// An international telephone number in the form of ITU-T E.164: `+` and 8 to 15 digits.
///
/// No spaces, brackets or hyphens: there is one way to write a number, so two equal numbers have
/// equal texts. Whether anybody answers is not known here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Reads a number; nothing is trimmed.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("required", "This is required."));
        }
        let digits = text.strip_prefix('+').unwrap_or_default().as_bytes();
        let is_number = (8..=15).contains(&digits.len())
            && digits[0] != b'0'
            && digits.iter().all(u8::is_ascii_digit);
        if is_number {
            Ok(Self(text.to_owned()))
        } else {
            Err(
                Invalid::new("invalid_phone", "Not a phone number in the E.164 form.")
                    .fix("Use a plus sign, the country code and the number, such as +14155550123."),
            )
        }
    }

    /// The number with its plus sign.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_sign_and_8_to_15_digits_are_a_number() {
        for text in ["+14155550123", "+49301234", "+123456789012345"] {
            assert_eq!(
                Phone::parse(text).map(|phone| phone.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "+",
            "14155550123",
            "+1234567",
            "+1234567890123456",
            "+04155550123",
            "+1 415 555 0123",
            "+1-415-555-0123",
            "++4155550123",
            "+1415555012٣",
            "+14155550123\n",
        ] {
            let code = Phone::parse(text).map_err(|invalid| invalid.code);
            assert_eq!(code, Err("invalid_phone"), "{text:?}");
        }
    }
}
