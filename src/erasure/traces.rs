//! By what texts about a client are known.

use std::borrow::Cow;
use std::collections::HashSet;

/// The shortest word that is looked for, in characters: shorter ones say nothing.
const WORD_MIN: usize = 3;
/// Characters of an id behind its prefix.
const ID_CHARACTERS: usize = 26;
/// How the id of a client begins.
const CLIENT: &str = "cl_";
/// Where a request is about clients, and a name that stands alone is a client's.
const CLIENTS: &str = "/v1/clients";
/// Parameters and members that hold a name, a number or an external id, and nothing else.
const NAMING: &[&str] = &["q", "name", "external_id", "phone"];

/// What is known of a client by which a text about the client can be told.
#[derive(Clone, Debug, Default)]
pub struct Who {
    /// The whole name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The telephone number.
    pub phone: String,
    /// The id in another system.
    pub external_id: String,
}

/// By what texts about a client are known.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    ids: HashSet<String>,
    name: String,
    email: String,
    /// Name, telephone number and external id: what may be anybody's, and anything.
    words: Vec<String>,
}

impl Traces {
    /// Of these ids and of who it is.
    pub fn of(ids: impl IntoIterator<Item = String>, who: &Who) -> Self {
        let [name, email, phone, external_id] =
            [&who.name, &who.email, &who.phone, &who.external_id]
                .map(|word| word.trim().to_lowercase());
        let mut words = vec![name.clone(), phone, external_id];
        words.retain(|word| word.chars().count() >= WORD_MIN);
        Self {
            ids: ids.into_iter().collect(),
            name,
            email,
            words,
        }
    }

    /// Knows these ids, too.
    pub fn add(&mut self, ids: impl IntoIterator<Item = String>) {
        self.ids.extend(ids);
    }

    /// Whether a text names the client, or what was the client's, by id.
    pub fn are_in_ids(&self, text: &str) -> bool {
        ids_in(text).any(|id| self.ids.contains(id))
    }

    /// Whether a text names other clients by id: it is about them.
    fn others_in(&self, text: &str) -> bool {
        ids_in(text).any(|id| id.starts_with(CLIENT) && !self.ids.contains(id))
    }

    /// Whether JSON that the server made tells of the client: events and answers carry ids. Without
    /// any client's id the address as a whole value tells.
    pub fn are_in_data(&self, text: &str) -> bool {
        if self.are_in_ids(text) {
            return true;
        }
        let may_hold = text.contains('@') && !self.email.is_empty();
        may_hold
            && strings(text).any(|(_, value)| value.to_lowercase() == self.email)
            && !self.others_in(text)
    }

    /// Whether words tell of the client: by an id, the address, or a name of more than one word.
    pub fn are_in_words(&self, text: &str) -> bool {
        if self.are_in_ids(text) {
            return true;
        }
        let lower = text.to_lowercase();
        self.is_addressed(&lower)
            || self.name.contains(char::is_whitespace)
                && stands_in(&lower, &self.name, char::is_alphanumeric)
                && !self.others_in(text)
    }

    /// Whether a request tells of the client. A name, telephone number or external id does only as
    /// the whole value of a parameter or member that holds one, where clients are asked for or
    /// made, and only if the request names no other client by id.
    pub fn are_in_request(&self, path: &str, query: &str, texts: &[&str]) -> bool {
        let [path, asked] = [path, query].map(decoded);
        let all = || [&*path, &*asked].into_iter().chain(texts.iter().copied());
        if all().any(|text| self.are_in_ids(text) || self.is_addressed(&text.to_lowercase())) {
            return true;
        }
        if !path.starts_with(CLIENTS) {
            return false;
        }
        let is_one = |name: &str, value: &str| {
            NAMING.contains(&name) && self.words.contains(&value.trim().to_lowercase())
        };
        let asked_for = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .any(|(name, value)| is_one(name, &decoded(value)));
        let given = || {
            let mut values = texts.iter().flat_map(|text| strings(text));
            values.any(|(name, value)| is_one(name, &value))
        };
        (asked_for || given()) && !all().any(|text| self.others_in(text))
    }

    /// Whether the address stands in a text in lower case, and not in a longer one.
    fn is_addressed(&self, lower: &str) -> bool {
        let in_address = |it: char| it.is_alphanumeric() || "._%+-@'".contains(it);
        // A full stop or an apostrophe behind it ends a sentence or a quotation.
        !self.email.is_empty()
            && lower.match_indices(&self.email).any(|(at, found)| {
                let (before, behind) = (&lower[..at], &lower[at + found.len()..]);
                let goes_on = behind.trim_start_matches(['.', '\'']);
                let in_longer = goes_on.starts_with(|it: char| it.is_alphanumeric())
                    || behind.starts_with(['-', '_', '@']);
                !in_longer && !before.trim_end_matches('\'').ends_with(in_address)
            })
    }
}

/// Whether a part stands in a text with nothing of `inner` right before and behind it.
fn stands_in(text: &str, part: &str, inner: impl Fn(char) -> bool + Copy) -> bool {
    text.match_indices(part).any(|(at, found)| {
        !text[..at].ends_with(inner) && !text[at + found.len()..].starts_with(inner)
    })
}

/// A path, a query or a part of one as it was meant.
fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8_lossy()
        .into_owned()
}

/// Whatever in a text has the form of an id.
fn ids_in(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('_').filter_map(|(at, _)| {
        let end = at + 1 + ID_CHARACTERS;
        text.get(at + 1..end)?;
        let before = text.as_bytes()[..at].iter().rev();
        let letters = before.take_while(|byte| byte.is_ascii_lowercase()).count();
        text.get(at - letters..end)
    })
}

/// The texts that are values in JSON, each with the name of its member. JSON that was cut short
/// gives those before the cut.
fn strings(text: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let mut rest = text;
    let mut name = "";
    std::iter::from_fn(move || {
        loop {
            let from = &rest[rest.find('"')?..];
            let end = end_of_string(from)?;
            let quoted = &from[..end];
            rest = &from[end..];
            let plain = &quoted[1..end - 1];
            if rest.trim_start().starts_with(':') {
                name = plain;
                continue;
            }
            let value = if plain.contains('\\') {
                serde_json::from_str(quoted).unwrap_or_default()
            } else {
                Cow::Borrowed(plain)
            };
            return Some((std::mem::take(&mut name), value));
        }
    })
}

/// Where a string that begins with a quotation mark has ended.
fn end_of_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    let ends = |byte: &u8| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    };
    let at = text.as_bytes()[1..].iter().position(ends)?;
    Some(at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "cl_01jzkd6v8q9xw2m4n6p8r0t2v4";
    const OTHER: &str = "cl_01jzkd6v8q9xw2m4n6p8r0t2v5";

    fn of(name: &str, email: &str, external_id: &str) -> Traces {
        let who = Who {
            name: name.to_owned(),
            email: email.to_owned(),
            phone: "+351912777001".to_owned(),
            external_id: external_id.to_owned(),
        };
        Traces::of([ID.to_owned()], &who)
    }

    #[test]
    fn data_is_known_by_ids_and_the_whole_address() {
        let traces = of("Lee", "ann@example.com", "100");

        for text in [
            format!("{{\"client_id\":\"{ID}\"}}"),
            "{\"email\":\"Ann@Example.com\"}".to_owned(),
            "{\"email\" : \"\\u0061nn\\u0040example.com\",\"at\":\"@\"}".to_owned(),
        ] {
            assert!(traces.are_in_data(&text), "{text}");
        }
        for text in [
            "",
            "{\"name\":\"Lee\",\"sleep\":\"lee\",\"external_id\":\"100\",\"amount\":100}",
            "{\"email\":\"joann@example.com\"}",
            "{\"body\":\"write to ann@example.com\"}",
            &format!("{{\"client_id\":\"{OTHER}\",\"email\":\"ann@example.com\"}}"),
            "{\"email\":\"ann@example.com",
        ] {
            assert!(!traces.are_in_data(text), "{text}");
        }
    }

    #[test]
    fn words_are_known_by_the_address_and_a_name_of_two_words() {
        let traces = of("Ann Lee", "ann@example.com", "100");

        for text in [
            "ANN LEE took back a consent",
            "to ann@example.com.",
            "'ann@example.com'",
            "<ann@example.com>: unknown",
        ] {
            assert!(traces.are_in_words(text), "{text}");
        }
        for text in [
            "Joann Lee",
            "Ann Leeds",
            "Ann",
            "joann@example.com",
            "jo.ann@example.com",
            "ann@example.com.br",
            "ann@example.community",
            &format!("{OTHER} Ann Lee"),
        ] {
            assert!(!traces.are_in_words(text), "{text}");
        }
        assert!(!of("Ann", "a@b.c", "").are_in_words("Ann sleeps"));
    }

    #[test]
    fn a_request_is_known_by_whole_values_where_it_is_about_clients() {
        let traces = of("Zoë \"Z\" Quill", "zoe@example.com", "100");
        let asked = |query: &str| traces.are_in_request("/v1/clients", query, &[]);
        let given = |text: &str| traces.are_in_request("/v1/clients", "", &[text]);

        for query in [
            "q=zo%C3%AB+%22z%22+quill",
            "email=zoe%40example.com",
            "external_id=100",
        ] {
            assert!(asked(query), "{query}");
        }
        for query in ["limit=100", "q=quill", "external_id=1000", ""] {
            assert!(!asked(query), "{query}");
        }
        for text in [
            "{\"name\":\"ZO\\u00cb \\\"Z\\\" Quill\"}",
            "{\"phone\": \"+351912777001\", \"cut",
            "name,email\nZ,zoe@example.com\n",
        ] {
            assert!(given(text), "{text}");
        }
        for text in [
            "{\"amount\":\"100\"}",
            "{\"object\":\"100\",\"amount\":100}",
            &format!("{{\"id\":\"{OTHER}\",\"external_id\":\"100\"}}"),
        ] {
            assert!(!given(text), "{text}");
        }
        let name = "{\"name\":\"Zoë \\\"Z\\\" Quill\"}";
        assert!(given(name) && !traces.are_in_request("/v1/exercises", "", &[name]));
        assert!(traces.are_in_request(&format!("/v1/clients/{ID}/messages"), "", &[]));
    }
}
