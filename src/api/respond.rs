//! Answers, and how they leave.

use serde::Serialize;

use super::etag;
use crate::error::{Error, Result};
use crate::idempotency::Answer;

/// The media type of nearly every answer.
pub const JSON: &str = "application/json";
/// The media type of an RFC 9457 error.
pub const PROBLEM_JSON: &str = "application/problem+json";

impl Answer {
    fn json(status: u16, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(body).map_err(Error::internal)?;
        Ok(Self::bytes(status, JSON, body))
    }

    /// A body of any media type.
    pub fn bytes(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type: Some(content_type),
            body,
            location: None,
            etag: None,
            secret: false,
            headers: Vec::new(),
            replayed: false,
            answered_at: None,
        }
    }

    /// 200 with a body.
    pub fn ok(body: &impl Serialize) -> Result<Self> {
        Self::json(200, body)
    }

    /// 201 with the created object and where it is found.
    pub fn created(location: String, body: &impl Serialize) -> Result<Self> {
        let mut answer = Self::json(201, body)?;
        answer.location = Some(location);
        Ok(answer)
    }

    /// 202 with what was begun.
    pub fn accepted(body: &impl Serialize) -> Result<Self> {
        Self::json(202, body)
    }

    /// 202 with what was started and where it is found.
    pub fn started(location: String, body: &impl Serialize) -> Result<Self> {
        let mut answer = Self::json(202, body)?;
        answer.location = Some(location);
        Ok(answer)
    }

    /// 204 without a body.
    pub fn no_content() -> Self {
        Self {
            content_type: None,
            ..Self::bytes(204, JSON, Vec::new())
        }
    }

    /// Tags the answer with the object's version.
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        self.etag = Some(etag::of_version(version));
        self
    }

    /// Marks that the body holds a secret: it is sealed wherever it is kept.
    #[must_use]
    pub fn with_secret(mut self) -> Self {
        self.secret = true;
        self
    }
}
