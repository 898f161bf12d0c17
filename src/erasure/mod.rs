//! Erasing a client for good, and wherever the client left a trace.
//!
//! # What goes
//!
//! In one transaction: the profile, messages, programs, workout logs and records, check-ins,
//! measurements, schedules, photos with their pictures, devices, consents, mails with their sealed
//! values and the jobs that were to send them. What tells of the client elsewhere is emptied: the
//! data of events, bodies, paths and queries of the request log, answers that are kept under
//! idempotency keys, what receivers of webhooks answered, what the test inbox received, notices,
//! details of the audit log.
//!
//! # What stays
//!
//! Payments keep amount, currency, dates and the id of the client, without words. Events keep id,
//! type and sequence, so that a reader of the feed sees no hole. And the id of who was erased stays,
//! by which a backup that is restored is made to forget again ([`again`]).
//!
//! # How traces are found
//!
//! A text tells of a client if it holds an id of the client or of anything that was the client's, or
//! the address, telephone number, external id or whole name ([`Traces`]). Long tables are searched
//! before the transaction, by a reader; the transaction looks at what came since.
//!
//! Invariant: what is deleted is overwritten in the file (`secure_delete`), and the log of writes is
//! written back and emptied before the answer leaves, unless somebody reads the whole file just then:
//! in that case it follows once they are done.

pub mod actions;
pub mod again;
pub mod body;
pub mod routes;
pub mod store;

use std::collections::HashSet;

/// The shortest word that is looked for, in characters: shorter ones are in every text.
const WORD_MIN: usize = 3;
/// Characters of an id behind its prefix.
const ID_CHARACTERS: usize = 26;

/// By what texts about a client are known.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    ids: HashSet<String>,
    words: Vec<String>,
}

impl Traces {
    /// Of these ids and words.
    pub fn of(ids: impl IntoIterator<Item = String>, words: &[&str]) -> Self {
        let mut found: Vec<String> = Vec::new();
        for word in words.iter().map(|word| word.trim().to_lowercase()) {
            if word.chars().count() < WORD_MIN {
                continue;
            }
            // As it stands in JSON.
            let escaped = serde_json::Value::from(word.as_str()).to_string();
            for form in [escaped.trim_matches('"').to_owned(), word] {
                if !found.contains(&form) {
                    found.push(form);
                }
            }
        }
        Self {
            ids: ids.into_iter().collect(),
            words: found,
        }
    }

    /// Whether a text tells of the client.
    pub fn are_in(&self, text: &str) -> bool {
        if text.is_empty() {
            return false;
        }
        if ids_in(text).any(|id| self.ids.contains(id)) {
            return true;
        }
        let lower = text.to_lowercase();
        self.words.iter().any(|word| lower.contains(word))
    }

    /// The same of a path or a query.
    pub fn are_in_address(&self, text: &str) -> bool {
        let spaced = text.replace('+', " ");
        let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy();
        self.are_in(&decoded) || self.are_in(text)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_by_ids_and_words() {
        let id = "cl_01jzkd6v8q9xw2m4n6p8r0t2v4".to_owned();
        let traces = Traces::of(
            [id.clone()],
            &["Zoë \"Z\" Quill", "zoe@example.com", "", "Z"],
        );

        for text in [
            &format!("/v1/clients/{id}/messages"),
            &format!("{{\"client_id\":\"{id}\"}}"),
            "{\"name\":\"ZOË \\\"Z\\\" Quill\"}",
            "to Zoe@Example.com.",
        ] {
            assert!(traces.are_in(text), "{text}");
        }
        assert!(traces.are_in_address("q=zo%C3%AB+%22z%22+quill"));
        assert!(traces.are_in_address("email=zoe%40example.com"));
        for text in [
            "",
            "z",
            "cl_01jzkd6v8q9xw2m4n6p8r0t2v5",
            "_",
            "é_01",
            "Quill",
        ] {
            assert!(!traces.are_in(text), "{text}");
        }
    }
}
