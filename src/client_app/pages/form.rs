//! Forms: what was sent, carried out once, and what was wrong with it beside each field.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use crate::api::error_body::{self, Form as ErrorForm};
use crate::api::route::{ClientCx, Work};
use crate::caller::Principal;
use crate::error::{Code, Error, Place, Result};
use crate::idempotency::{self, Answer, Claim};
use crate::ids::RequestId;
use crate::secrets::{digest, digest_parts};

/// The hidden field that makes sending a form twice the same as sending it once.
pub const ONCE: &str = "once";
/// The longest value of it.
const ONCE_MAX: usize = 100;

/// The most fields of a form; the longest session has a few hundred.
const FIELDS_MAX: usize = 2_000;

/// The fields of a form that was sent.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a form that is sent as browsers do without files.
    pub fn read(body: &[u8]) -> Result<Self> {
        let malformed = || Error::with(Code::MalformedJson, "The form did not arrive whole.");
        let text = std::str::from_utf8(body).ok().ok_or_else(malformed)?;
        if text.bytes().filter(|byte| *byte == b'&').count() >= FIELDS_MAX {
            return Err(malformed());
        }
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let fields = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            decode(name).zip(decode(value)).ok_or_else(malformed)
        });
        Ok(Self(fields.collect::<Result<_>>()?))
    }

    /// Of fields that were read already.
    pub fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// A field as it was typed, without the space around it; none if it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Whether a field was sent, empty or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    /// What identifies the form's content: every field but the key, with `more` of what came along.
    fn fingerprint(&self, path: &str, more: &[u8]) -> crate::secrets::Digest {
        let fields = self.0.iter().filter(|(name, _)| name != ONCE);
        let parts = fields.flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        let parts: Vec<&[u8]> = [b"form", path.as_bytes(), more]
            .into_iter()
            .chain(parts)
            .collect();
        digest_parts(&parts)
    }
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', "%20");
    Some(percent_decode_str(&spaced).decode_utf8().ok()?.into_owned())
}

/// A new value of the hidden field. It is no secret: it counts for its client alone.
pub fn fresh(cx: &ClientCx) -> String {
    RequestId::new(cx.now()).to_string()
}

/// Carries out what a form asks for, once for its hidden key: sent again, the answer is the same.
///
/// What the operation decided against is an error here, also when the form is sent again.
pub async fn once(cx: &ClientCx, form: &Form, work: Work) -> Result<Answer> {
    once_with(cx, form, &[], work).await
}

/// The same of a form that came with files, of which `more` is a digest.
pub async fn once_with(cx: &ClientCx, form: &Form, more: &[u8], work: Work) -> Result<Answer> {
    let key = form.get(ONCE).filter(|key| key.len() <= ONCE_MAX);
    let Some(key) = key else {
        let message = "The form was sent without its key. Load the page again and send it anew.";
        return Err(Error::with(Code::InvalidIdempotencyKey, message));
    };
    let claim = Claim {
        tenant: cx.tenant(),
        principal: Principal::Client(cx.client_id()),
        key: digest(&format!("form {key}")),
        fingerprint: form.fingerprint(cx.path(), more),
        now: cx.now(),
        server_now: cx.app.clock.now(),
        replay_only: false,
    };
    let (app, id) = (cx.app.clone(), cx.origin.request_id);
    let written = cx.app.db.write(move |tx| {
        let render = |error: &Error| error_body::render(error, ErrorForm::Envelope, id);
        idempotency::once(tx, &claim, &app.sealing, work, render)
    });
    let answer = written.await?;
    if answer.status < 400 {
        return Ok(answer);
    }
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let message = body["error"]["message"].as_str().map(str::to_owned);
    Err(match message {
        Some(message) => Error::with(Code::StateConflict, message),
        None => Error::new(Code::StateConflict),
    })
}

/// What was wrong with a form: of each field, and of the whole.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    fields: HashMap<String, String>,
    /// Of the whole.
    pub whole: Option<String>,
}

impl Faults {
    /// A fault of one field.
    pub fn of(field: &str, message: impl Into<String>) -> Self {
        Self {
            fields: HashMap::from([(field.to_owned(), message.into())]),
            whole: None,
        }
    }

    /// Adds a fault of a field, unless that has one already.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        let faults = self.fields.entry(field.to_owned());
        faults.or_insert_with(|| message.into());
    }

    /// A fault of the whole.
    pub fn whole(message: impl Into<String>) -> Self {
        Self {
            whole: Some(message.into()),
            ..Self::default()
        }
    }

    /// What an error says of a form; `field` gives the field that a pointer is of. An error that no
    /// other form would mend is given back.
    pub fn read(error: Error, field: impl Fn(&str) -> Option<String>) -> Result<Self> {
        if error.code() == Code::IdempotencyKeyReused {
            return Ok(Self::whole(
                "This page was sent before with something else in it, and that is kept. Send it \
                again if this is meant to be kept too.",
            ));
        }
        if error.code() == Code::StateConflict {
            return Ok(Self::whole(error.message()));
        }
        if error.fields().is_empty() {
            return Err(error);
        }
        let mut faults = Self::default();
        for fault in error.fields() {
            let pointer = match &fault.place {
                Place::Pointer(pointer) => pointer,
                Place::Parameter(name) => name,
            };
            let message = fault.message.replace('`', "");
            match field(pointer) {
                Some(field) => {
                    faults.fields.entry(field).or_insert(message);
                }
                None => faults.whole = Some(message),
            }
        }
        Ok(faults)
    }

    /// What is wrong with a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    /// Whether anything is wrong.
    pub fn any(&self) -> bool {
        self.whole.is_some() || !self.fields.is_empty()
    }

    /// How many fields are wrong.
    pub fn count(&self) -> usize {
        self.fields.len()
    }
}
