//! What of a request and of its answer may be kept to be looked at.
//!
//! Bodies are read as JSON from front to back, without being taken apart: one that is malformed or
//! cut short is treated with the same care. Two things come of it: the body without secrets
//! ([`Keep::AllButSecrets`], in test mode), or its structure alone, each value replaced by its type
//! and length ([`Keep::Structure`], in live mode).
//!
//! A secret is known by the name of its field ([`is_secret`]) or by its own prefix
//! ([`crate::secrets::masked`]).

use std::borrow::Cow;

use crate::secrets::masked;

/// Bytes of a body that are kept.
pub const KEPT_BYTES: usize = 16 * 1024;
/// Bytes of a path, a query, a user agent that are kept.
pub const LINE_BYTES: usize = 1024;
/// Characters of a field's name that are kept where its value is not.
const NAME_CHARACTERS: usize = 64;

/// What stands in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Fields and parameters whose names hold one of these words hold secrets.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passphrase",
    "secret",
    "token",
    "plaintext",
    "install_link",
    "authorization",
    "cookie",
    "api_key",
    "apikey",
    "access_key",
    "private_key",
];

/// Members of an error body that name places and codes, never a value that somebody sent.
const PLAIN_IN_ERRORS: &[&str] = &[
    "type",
    "code",
    "pointer",
    "parameter",
    "request_id",
    "doc_url",
    "status",
    "title",
];

/// How much of a body is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Everything but secrets.
    AllButSecrets,
    /// Names and structure; of each value its type and length.
    Structure,
    /// The same, but for what an error body says of the request's form.
    StructureOfError,
}

/// A body as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The text.
    pub text: String,
    /// True if there was more of it.
    pub truncated: bool,
}

/// Whether a field or parameter of this name holds a secret.
pub fn is_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase().replace('-', "_");
    SECRET_WORDS.iter().any(|word| lower.contains(word))
}

/// A body as it may be kept.
pub fn body(bytes: &[u8], keep: Keep) -> Kept {
    let text = String::from_utf8_lossy(bytes);
    let mut scan = Scan {
        rest: &text,
        out: String::with_capacity(text.len().min(KEPT_BYTES)),
        keep,
        within: Vec::new(),
        name: None,
        last: None,
    };
    scan.run();
    let Scan { mut out, rest, .. } = scan;
    let truncated = !rest.is_empty() || out.len() > KEPT_BYTES;
    cut(&mut out, KEPT_BYTES);
    Kept {
        text: owned(out),
        truncated,
    }
}

/// A line of a head without credentials, and not longer than is kept.
pub fn line(text: &str) -> String {
    // A credential must not hide behind `%5F` either.
    let mut kept = match masked(&decoded(text)) {
        Cow::Borrowed(_) => text.to_owned(),
        Cow::Owned(masked) => masked,
    };
    cut(&mut kept, LINE_BYTES);
    kept
}

/// A query string without secrets.
pub fn query(text: &str) -> String {
    let pairs: Vec<Cow<'_, str>> = text
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(&decoded(name)) => format!("{name}={REDACTED}").into(),
            _ => Cow::Borrowed(pair),
        })
        .collect();
    line(&pairs.join("&"))
}

fn decoded(name: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(name).decode_utf8_lossy()
}

fn owned(text: String) -> String {
    match masked(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(masked) => masked,
    }
}

/// Cuts a text at a character's end.
fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        let end = (0..=most).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
    }
}

/// What a scan stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// An object, before a name.
    Names,
    /// An object, before a value.
    Value,
    Array,
}

struct Scan<'t> {
    rest: &'t str,
    out: String,
    keep: Keep,
    within: Vec<Within>,
    /// The name of the field whose value comes next.
    name: Option<Cow<'t, str>>,
    /// The last name or value, as it is written: before a colon it was a name, whatever it seemed.
    last: Option<&'t str>,
}

impl<'t> Scan<'t> {
    fn run(&mut self) {
        // A little more than is kept, so that what is cut off is cut off in one place.
        while self.out.len() <= KEPT_BYTES {
            let Some(first) = self.rest.chars().next() else {
                return;
            };
            match first {
                '{' | '[' => self.open(first),
                '}' | ']' => self.close(),
                ',' => self.comma(),
                ':' => {
                    self.copy(1);
                    self.name = self.last.take().map(unescaped).or(self.name.take());
                    if let Some(within @ Within::Names) = self.within.last_mut() {
                        *within = Within::Value;
                    }
                }
                // No JSON has the second, but what people write for JSON does.
                '"' | '\'' => {
                    let (raw, terminated) = self.take_string(first);
                    self.word(raw, true, terminated);
                }
                _ if first.is_whitespace() => self.copy(first.len_utf8()),
                _ => {
                    let raw = self.take_bare();
                    self.word(raw, false, true);
                }
            }
        }
    }

    fn copy(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at(bytes);
        self.out.push_str(taken);
        self.rest = rest;
    }

    fn open(&mut self, bracket: char) {
        if self.hides() {
            self.out.push('"');
            self.out.push_str(REDACTED);
            self.out.push('"');
            self.skip_container();
            self.forget();
            return;
        }
        self.copy(1);
        self.forget();
        self.within.push(if bracket == '{' {
            Within::Names
        } else {
            Within::Array
        });
    }

    fn close(&mut self) {
        self.copy(1);
        self.within.pop();
        self.forget();
    }

    fn forget(&mut self) {
        (self.name, self.last) = (None, None);
    }

    fn comma(&mut self) {
        self.copy(1);
        self.forget();
        if let Some(within @ Within::Value) = self.within.last_mut() {
            *within = Within::Names;
        }
    }

    /// Whether the value that comes next belongs to a secret field.
    fn hides(&self) -> bool {
        self.keep == Keep::AllButSecrets && self.name.as_deref().is_some_and(is_secret)
    }

    /// A name or a scalar value.
    fn word(&mut self, raw: &'t str, quoted: bool, terminated: bool) {
        self.last = Some(raw);
        // A second word without a colon before it is the value of the first.
        if self.within.last() == Some(&Within::Names) && self.name.is_none() {
            let name = unescaped(raw);
            self.push_name(&name, quoted, terminated);
            self.name = Some(name);
            return;
        }
        let plain = self.keep == Keep::StructureOfError
            && self
                .name
                .as_deref()
                .is_some_and(|name| PLAIN_IN_ERRORS.contains(&name));
        if self.hides() {
            self.out.push('"');
            self.out.push_str(REDACTED);
            self.out.push('"');
        } else if self.keep == Keep::AllButSecrets || plain {
            let text = unescaped(raw);
            self.quote(&text, quoted, terminated);
        } else if quoted {
            let characters = unescaped(raw).chars().count();
            let characters = characters.to_string();
            self.out
                .extend(["\"(text, ", characters.as_str(), " characters)\""]);
        } else {
            self.out.push_str(match raw {
                "null" => "null",
                "true" | "false" => "\"(boolean)\"",
                _ if raw.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => "\"(number)\"",
                _ => "\"(not JSON)\"",
            });
        }
    }

    fn push_name(&mut self, name: &str, quoted: bool, terminated: bool) {
        if self.keep == Keep::AllButSecrets {
            self.quote(name, quoted, terminated);
        } else {
            let short: String = name.chars().take(NAME_CHARACTERS).collect();
            self.quote(&short, true, true);
        }
    }

    fn quote(&mut self, text: &str, quoted: bool, terminated: bool) {
        if quoted {
            self.out.push('"');
        }
        self.out.push_str(text);
        if quoted && terminated {
            self.out.push('"');
        }
    }

    /// Takes a string; gives what is between its quotes as it is written, and whether it ended.
    fn take_string(&mut self, quote: char) -> (&'t str, bool) {
        let inner = &self.rest[quote.len_utf8()..];
        let mut escaped = false;
        for (at, byte) in inner.bytes().enumerate() {
            if escaped {
                escaped = false;
            } else if byte == b'\\' {
                escaped = true;
            } else if char::from(byte) == quote {
                self.rest = &inner[at + 1..];
                return (&inner[..at], true);
            }
        }
        self.rest = "";
        (inner, false)
    }

    /// Takes what is no string: a number, a literal, or what has no place in JSON.
    fn take_bare(&mut self) -> &'t str {
        let ends = |c: char| "{}[],:\"'".contains(c) || c.is_whitespace();
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        // Behind a secret name words stand together, as in `password: two words`.
        let end = if self.hides() {
            self.rest
                .find(['{', '}', '[', ']', ',', '"', '\n'])
                .unwrap_or(self.rest.len())
        } else {
            end
        };
        let (bare, rest) = self.rest.split_at(end);
        self.rest = rest;
        bare
    }

    /// Leaves out an object or array with all that is in it.
    fn skip_container(&mut self) {
        let mut depth = 0_usize;
        while let Some(first) = self.rest.chars().next() {
            match first {
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                '"' | '\'' => {
                    self.take_string(first);
                    continue;
                }
                _ => {}
            }
            self.rest = &self.rest[first.len_utf8()..];
            if depth == 0 {
                return;
            }
        }
    }
}

/// A string as it is written, but with plain characters in the place of their escapes: a credential
/// must not hide behind `\u005f`.
fn unescaped(raw: &str) -> Cow<'_, str> {
    if !raw.contains("\\u00") {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let plain = rest
            .strip_prefix("\\u00")
            .and_then(|digits| u8::from_str_radix(digits.get(..2)?, 16).ok())
            .filter(|byte| (0x20..0x7f).contains(byte) && ![b'"', b'\\'].contains(byte));
        let taken = match plain {
            Some(byte) => {
                out.push(char::from(byte));
                6
            }
            // The backslash and what it escapes.
            None => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        if plain.is_none() {
            out.push_str(&rest[..taken]);
        }
        rest = &rest[taken..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "cdnsk_test_0123456789ABCDEFGHIJKLMNOPQRST1jLvVz";

    fn test(text: &str) -> String {
        body(text.as_bytes(), Keep::AllButSecrets).text
    }

    fn live(text: &str) -> String {
        body(text.as_bytes(), Keep::Structure).text
    }

    #[test]
    fn a_body_without_secrets_is_kept_as_it_was_sent() {
        for text in [
            "",
            "{}",
            r#"{"name": "Ana \"the\" Prado", "tags": ["a", "b"], "n": -1.5e3, "x": null}"#,
            r#"[{"a": {"b": [1, {"c": true}]}}, "\\", "\u00e9"]"#,
            "not JSON at all, just words",
            "{\"name\": \"cut sho",
        ] {
            assert_eq!(test(text), text);
        }
    }

    #[test]
    fn secrets_are_taken_out_by_the_names_of_their_fields() {
        let secret = r#""[redacted]""#;
        for (sent, kept) in [
            (
                r#"{"password":"hunter2","a":1}"#,
                format!(r#"{{"password":{secret},"a":1}}"#),
            ),
            (
                r#"{"client_secret" : "x\"y", "b": 2}"#,
                format!(r#"{{"client_secret" : {secret}, "b": 2}}"#),
            ),
            (
                r#"{"newPassword":12345}"#,
                format!(r#"{{"newPassword":{secret}}}"#),
            ),
            (
                r#"{"token":{"a":["x","}"]},"b":2}"#,
                format!(r#"{{"token":{secret},"b":2}}"#),
            ),
            (
                r#"{"a":[{"install_link":"http://x/#y"}]}"#,
                format!(r#"{{"a":[{{"install_link":{secret}}}]}}"#),
            ),
            (
                r#"{"pass\u0077ord":"hunter2"}"#,
                format!(r#"{{"password":{secret}}}"#),
            ),
        ] {
            assert_eq!(test(sent), kept, "{sent}");
        }
        for malformed in [
            "{'password': 'hunter2'}",
            "{password: hunter2}",
            "{password: hunter2 hunter2, a: 1}",
            "{\"password\": \"hunter2",
            "{\"password\": hunter2",
            "{\"password\" \"hunter2\"}",
            "{\"a\": 1 \"password\": [\"hunter2\"",
        ] {
            assert!(!test(malformed).contains("hunter2"), "{}", test(malformed));
        }
    }

    #[test]
    fn credentials_are_taken_out_wherever_they_stand() {
        let escaped = KEY.replace('_', "\\u005f");
        for text in [
            format!("{{\"name\": \"{KEY}\"}}"),
            format!("{{\"{KEY}\": 1}}"),
            format!("{{\"name\": \"{escaped}\"}}"),
            format!("{KEY} {KEY}{KEY}"),
            KEY.to_owned(),
        ] {
            let core = &KEY[11..41];
            assert!(!test(&text).contains(core), "{}", test(&text));
            assert!(!live(&text).contains(core), "{}", live(&text));
        }
        for text in [
            KEY.to_owned(),
            KEY.replace('_', "%5f"),
            format!("a=b&c={KEY}{KEY}"),
        ] {
            let core = &KEY[11..41];
            assert!(!query(&text).contains(core) && !line(&text).contains(core));
        }
        assert_eq!(line("/v1/a%20b"), "/v1/a%20b");
        assert_eq!(query("a=b&reset_token=x&c"), "a=b&reset_token=[redacted]&c");
        assert_eq!(query("pass%77ord=x"), "pass%77ord=[redacted]");
    }

    #[test]
    fn of_a_live_body_only_the_structure_is_kept() {
        assert_eq!(
            live(r#"{"name":"Ana","tags":["one",2,true,null],"m":{"k":"é\n"}}"#),
            r#"{"name":"(text, 3 characters)","tags":["(text, 3 characters)","(number)","(boolean)",null],"m":{"k":"(text, 3 characters)"}}"#
        );
        assert_eq!(
            live("Ana Prado, 41"),
            "\"(not JSON)\" \"(not JSON)\", \"(number)\""
        );
        let error = r#"{"error":{"type":"conflict","code":"already_exists","message":"Ana","existing_id":"cl_1"}}"#;
        assert_eq!(
            body(error.as_bytes(), Keep::StructureOfError).text,
            r#"{"error":{"type":"conflict","code":"already_exists","message":"(text, 3 characters)","existing_id":"(text, 4 characters)"}}"#
        );
    }

    #[test]
    fn a_long_body_is_cut_at_a_characters_end_and_says_so() {
        let long = format!("[\"{}\"]", "é".repeat(KEPT_BYTES));
        let kept = body(long.as_bytes(), Keep::AllButSecrets);
        assert!(kept.truncated && kept.text.len() <= KEPT_BYTES);
        assert!(long.starts_with(&kept.text));

        let exact = "x".repeat(KEPT_BYTES);
        let kept = body(exact.as_bytes(), Keep::AllButSecrets);
        assert!(!kept.truncated && kept.text == exact);

        let deep = "[".repeat(KEPT_BYTES * 2);
        assert!(body(deep.as_bytes(), Keep::Structure).truncated);
    }

    #[test]
    fn any_bytes_are_read_to_the_end() {
        // Each prefix and each single changed byte of a body that has everything in it.
        let whole = br#"{"a":[1,{"token":"x\"y","b":[]}],'c':"\u00e9\\",d:-1.5,}"#;
        for end in 0..whole.len() {
            for byte in [b'"', b'\\', b'}', b']', b'{', b'\'', b':', 0xff, 0xc3] {
                let mut bytes = whole.to_vec();
                bytes[end] = byte;
                for keep in [Keep::AllButSecrets, Keep::Structure, Keep::StructureOfError] {
                    body(&bytes, keep);
                    body(&bytes[..end], keep);
                }
            }
        }
    }
}
