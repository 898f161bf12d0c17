//! Forms with files: `multipart/form-data` (RFC 7578).
//!
//! The parts that are texts are read like the fields of a JSON object, so that all faults are told
//! at once and in the same words; those that are files are handed over as they came. What a part
//! says of itself, its file name and its media type, is what somebody claims: nobody here reads it.

use std::future::Future;

use actix_web::web::Bytes;
use futures_util::stream;
use utoipa::ToSchema;

use super::json::{FromBody, Json, read_tree};
use super::query::{NoQuery, Parameter, read_query};
use super::route::{Cx, Incoming, Method, Route, Run, Upload, Work};
use crate::caller::{Access, Need};
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::idempotency::Answer;

/// The media type.
pub const FORM_DATA: &str = "multipart/form-data";
/// Most parts of a form.
const PARTS_MAX: usize = 100;
/// The largest part that is a text, in bytes.
const TEXT_MAX_BYTES: usize = 64 * 1024;

/// A form that was taken apart.
#[derive(Debug, Default)]
pub struct Form {
    texts: Vec<(String, Json)>,
    /// Files by the names of their fields, in the order sent.
    pub files: Vec<(String, Bytes)>,
}

fn malformed(why: impl std::fmt::Display) -> Error {
    Error::invalid(vec![FieldError {
        place: Place::Pointer(String::new()),
        code: "malformed_form",
        message: format!("The body is not a form of the type {FORM_DATA}: {why}."),
        fix: Some(
            "Let the HTTP library make the form, and its Content-Type with the boundary."
                .to_owned(),
        ),
    }])
}

impl Form {
    /// Takes a form apart. Parts of these names are files, all others texts; an empty body is an
    /// empty form.
    pub async fn read(media_type: &str, body: Bytes, files: &[&str]) -> Result<Self> {
        let mut form = Self::default();
        if body.is_empty() {
            return Ok(form);
        }
        let boundary = multer::parse_boundary(media_type);
        let boundary = boundary.map_err(malformed)?;
        let whole = stream::iter([Ok::<Bytes, std::convert::Infallible>(body)]);
        let mut parts = multer::Multipart::new(whole, boundary);
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(malformed)? {
            count += 1;
            if count > PARTS_MAX {
                return Err(malformed(format_args!(
                    "it has more than {PARTS_MAX} parts"
                )));
            }
            let name = part.name().unwrap_or_default().to_owned();
            if name.is_empty() {
                return Err(malformed("a part has no name"));
            }
            let bytes = part.bytes().await.map_err(malformed)?;
            if files.contains(&name.as_str()) {
                form.files.push((name, bytes));
                continue;
            }
            if bytes.len() > TEXT_MAX_BYTES {
                return Err(malformed(format_args!(
                    "the part {name:?} is no file and too long"
                )));
            }
            let text = std::str::from_utf8(&bytes)
                .map_err(|error| malformed(format_args!("the part {name:?}: {error}")))?;
            form.texts.push((name, Json::Text(text.to_owned())));
        }
        Ok(form)
    }

    /// The texts by the names of their fields, in the order sent.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().filter_map(|(name, value)| match value {
            Json::Text(text) => Some((name.as_str(), text.as_str())),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
        })
    }

    /// The one file of a field, and the texts. A text that is empty counts as not sent: a browser
    /// sends every field of a form.
    pub fn with_file<T: FromBody>(self, field: &str) -> Result<(Bytes, T)> {
        let mut files = self.files.into_iter().filter(|(name, _)| name == field);
        let fault = |code, message: &str| FieldError {
            place: Place::Pointer(format!("/{field}")),
            code,
            message: message.to_owned(),
            fix: None,
        };
        let file = files.next();
        let mut faults = Vec::new();
        if file.as_ref().is_none_or(|(_, bytes)| bytes.is_empty()) {
            faults.push(fault("required", "The file is missing or empty."));
        }
        if files.next().is_some() {
            faults.push(fault("duplicate_field", "The field is sent twice."));
        }
        let texts = self.texts.into_iter();
        let texts = texts.filter(|(_, text)| *text != Json::Text(String::new()));
        let refused = !faults.is_empty();
        match (read_tree(Json::Object(texts.collect()), faults), file) {
            (Ok(fields), Some((_, bytes))) if !refused => Ok((bytes, fields)),
            (Err(error), _) => Err(error),
            (Ok(_), _) => Err(Error::new(Code::ValidationFailed)),
        }
    }
}

impl Route {
    /// A POST of a form with a file, of the fields of `B`; its handler is given the media type and
    /// the bytes.
    pub fn form<A, B, F, R>(path: &'static str, limit_bytes: usize, handler: F) -> Self
    where
        A: Access,
        B: FromBody + ToSchema,
        F: Fn(Cx<A>, (String, Bytes)) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Work>> + 'static,
    {
        let run = Run::Write(Box::new(move |incoming| {
            Box::pin(async move {
                read_query::<NoQuery>(incoming.head.query.as_deref())?;
                let media_type = incoming.head.content_type.clone().unwrap_or_default();
                handler(Cx::of(&incoming)?, (media_type, incoming.body)).await
            })
        }));
        Self::new(Method::POST, path, A::NEED, run).takes_form::<B>(limit_bytes)
    }

    /// Says that it takes a form with files of up to so many bytes in all.
    #[must_use]
    pub fn takes_form<B: FromBody + ToSchema>(mut self, limit_bytes: usize) -> Self {
        self.form = Some(Upload {
            limit_bytes,
            media_types: &[FORM_DATA],
        });
        self.takes::<B>()
    }

    /// What file it takes, if it takes one.
    pub fn upload(&self) -> Option<Upload> {
        if self.form.is_some() {
            return self.form;
        }
        match &self.run {
            Run::Import(upload, _) => Some(*upload),
            Run::Open(_)
            | Run::OpenForm(..)
            | Run::Page(_)
            | Run::Auth(_)
            | Run::App(_)
            | Run::AppWrite(_)
            | Run::Read(_)
            | Run::Stream(_)
            | Run::Download(_)
            | Run::Ask(_)
            | Run::Write(_) => None,
        }
    }

    /// A read without a caller, which looks at the request: a file, by its signed address.
    pub fn open_file<F, R>(path: &'static str, query: &'static [Parameter], handler: F) -> Self
    where
        F: Fn(Incoming) -> R + Send + Sync + Copy + 'static,
        R: Future<Output = Result<Answer>> + 'static,
    {
        let run = Run::Open(Box::new(move |incoming| Box::pin(handler(incoming))));
        let mut route = Self::new(Method::GET, path, Need::Nothing, run);
        route.doc.query = query;
        route
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::json::{Fields, text};
    use crate::values::line;

    #[derive(Debug, PartialEq)]
    struct Note(Option<String>);

    impl FromBody for Note {
        fn read(fields: &mut Fields<'_>) -> Option<Self> {
            fields
                .optional("note", text(|value| line(value, 1, 9)))
                .map(Self)
        }
    }

    async fn read(parts: &[(&str, &str)]) -> Result<(Bytes, Note)> {
        let parts = parts.iter().map(|(head, content)| {
            format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
        });
        let body = parts.collect::<String>() + "--x--\r\n";
        let form = Form::read("multipart/form-data; boundary=x", body.into(), &["file"]).await?;
        form.with_file("file")
    }

    fn faults(result: Result<(Bytes, Note)>) -> Vec<(String, &'static str)> {
        let error = result.unwrap_err();
        let fields = error.fields().iter().map(|fault| match &fault.place {
            Place::Pointer(at) | Place::Parameter(at) => (at.clone(), fault.code),
        });
        fields.collect()
    }

    #[tokio::test]
    async fn a_form_is_a_file_and_fields() {
        let file = ("name=\"file\"; filename=\"a.jpg\"", "bytes\r\n--y");

        let (bytes, note) = read(&[("name=\"note\"", "hello"), file]).await.unwrap();
        assert_eq!(
            (&bytes[..], note),
            (&b"bytes\r\n--y"[..], Note(Some("hello".to_owned())))
        );
        let (_, note) = read(&[file, ("name=\"note\"", "")]).await.unwrap();
        assert_eq!(note, Note(None));
    }

    #[tokio::test]
    async fn all_faults_are_told_at_once() {
        let told = faults(read(&[("name=\"note\"", "far too long"), ("name=\"x\"", "1")]).await);
        let told: Vec<_> = told.iter().map(|(at, code)| (at.as_str(), *code)).collect();
        assert_eq!(
            told,
            [
                ("/file", "required"),
                ("/note", "too_long"),
                ("/x", "unknown_field")
            ]
        );
        let file = ("name=\"file\"", "1");
        let told = faults(read(&[file, file]).await);
        assert_eq!(told, [("/file".to_owned(), "duplicate_field")]);
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused_as_a_whole() {
        for (media_type, body) in [
            ("multipart/form-data", "--x--"),
            ("multipart/form-data; boundary=y", "--x--\r\n"),
            (
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\ncut",
            ),
            (
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
            ),
        ] {
            let error = Form::read(media_type, body.into(), &["file"])
                .await
                .unwrap_err();
            assert_eq!(
                error.fields()[0].code,
                "malformed_form",
                "{media_type} {body}"
            );
        }
    }
}
