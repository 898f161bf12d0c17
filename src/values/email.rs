//! Mail addresses.

use std::fmt;

use super::Invalid;

/// Longest address in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MAX_BYTES: usize = 254;
/// Longest part before the `@` in bytes (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;
/// Longest domain label in bytes (RFC 1035, section 2.3.4).
const MAX_LABEL_BYTES: usize = 63;

/// A mail address of at most 254 bytes: the part of RFC 5321 that is in use.
///
/// The local part is a dot-atom (RFC 5322, section 3.2.3), the domain has at least two labels, and
/// both may have letters beyond ASCII (RFC 6531). Quoted local parts, comments and address literals
/// are refused: nobody has them, and they smuggle.
///
/// Mail goes to [`as_str`](Self::as_str) as it was stored, never to what somebody typed to find it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Reads an address; nothing is trimmed.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("required", "This is required."));
        }
        if is_address(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("invalid_email", "Not an email address.")
                .fix("Use the form name@example.com."))
        }
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The lower-case form. Two addresses with one key are one person's.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_address(text: &str) -> bool {
    if text.len() > MAX_BYTES {
        return false;
    }
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    is_local_part(local) && is_domain(domain)
}

fn is_local_part(local: &str) -> bool {
    local.len() <= MAX_LOCAL_BYTES
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(|c| is_atom_mark(c) || is_letter(c)))
}

fn is_domain(domain: &str) -> bool {
    let mut labels = 0;
    let mut last = "";
    for label in domain.split('.') {
        if !is_label(label) {
            return false;
        }
        labels += 1;
        last = label;
    }
    // A top-level domain is never a number: `1.2.3.4` is an address of another kind.
    labels >= 2 && !last.bytes().all(|b| b.is_ascii_digit())
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL_BYTES).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c == '-' || is_letter(c))
}

/// The marks of `atext` (RFC 5322, section 3.2.3).
fn is_atom_mark(c: char) -> bool {
    c.is_ascii() && b"!#$%&'*+-/=?^_`{|}~".contains(&(c as u8))
}

/// A letter or digit whose case folds there and back.
///
/// The Kelvin sign is lower-cased to a plain `k`: were it let in, the key of one address would be
/// another person's.
fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    if !c.is_alphanumeric() {
        return false;
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(small), None) => small == c || small.to_uppercase().eq([c]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_use_are_read_as_they_are() {
        for text in [
            "jane@example.com",
            "Jane.Doe+gym@Example.co.uk",
            "o'neil@example.com",
            "a@b.co",
            "jürgen@müller.de",
            "用户@例子.广告",
            "x@xn--mller-kva.de",
            "1234567890@example.com",
            "user@1and1.com",
        ] {
            assert_eq!(
                Email::parse(text).map(|email| email.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_form_to_use() {
        for text in [
            "jane",
            "@example.com",
            "jane@",
            "jane@example",
            "jane@@example.com",
            "a@b@example.com",
            "jane doe@example.com",
            " jane@example.com",
            "jane@example.com\n",
            "jane@example.com\0",
            "jane@exam\u{202e}ple.com",
            ".jane@example.com",
            "jane.@example.com",
            "ja..ne@example.com",
            "jane@.com",
            "jane@example.com.",
            "jane@-example.com",
            "jane@example-.com",
            "jane@exa_mple.com",
            "jane@[127.0.0.1]",
            "jane@127.0.0.1",
            "\"jane\"@example.com",
            "<jane@example.com>",
            "jane@example.com,joe@example.com",
        ] {
            let invalid = Email::parse(text).expect_err(text);
            assert_eq!(invalid.code, "invalid_email", "{text:?}");
            assert_eq!(
                invalid.fix.as_deref(),
                Some("Use the form name@example.com.")
            );
        }
    }

    #[test]
    fn lengths_end_at_254_and_64_bytes() {
        let domain = format!("{0}.{0}.{0}.com", "d".repeat(60));
        let fits = format!("{}@{domain}", "l".repeat(64));
        assert_eq!(fits.len(), 251);

        assert!(Email::parse(&fits).is_ok());
        assert!(Email::parse(&format!("l{fits}")).is_err());
        assert!(Email::parse(&format!("{}abcd", &fits)).is_err());
        assert!(Email::parse(&format!("a@{}.com", "d".repeat(64))).is_err());
    }

    #[test]
    fn the_key_ignores_case_and_belongs_to_one_address_only() {
        let key = |text| Email::parse(text).map(|email| email.key());

        assert_eq!(key("JANE@Example.COM"), key("jane@example.com"));
        assert_eq!(key("JÜRGEN@example.com"), key("jürgen@example.com"));
        assert!(
            key("mi\u{212a}e@example.com").is_err(),
            "the Kelvin sign folds to k"
        );
        assert!(
            key("\u{130}da@example.com").is_err(),
            "a dotted capital I folds to two characters"
        );
    }

    #[test]
    fn an_empty_address_is_missing() {
        assert_eq!(
            Email::parse("").map_err(|invalid| invalid.code),
            Err("required")
        );
    }
}
