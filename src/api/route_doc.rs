//! The documentation of a route.

use utoipa::openapi::{RefOr, Schema};

use super::choices::Vocabulary;
use super::query::Parameter;
use crate::error::Code;

/// Collects the schemas that a type names.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// The documentation of an operation.
#[derive(Default)]
pub struct Doc {
    /// The operation's id: verb and noun, in snake case.
    pub id: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// What else to know.
    pub description: &'static str,
    /// The part of the API it belongs to.
    pub tag: &'static str,
    /// Query parameters.
    pub query: &'static [Parameter],
    /// The name of the request's schema, and what it brings along.
    pub request: Option<(String, Schemas)>,
    /// The fields of the request that are limited to a vocabulary.
    pub vocabularies: &'static [(&'static str, Vocabulary)],
    /// True if the request may be left out.
    pub request_optional: bool,
    /// Status of the success.
    pub status: u16,
    /// The name of the answer's schema, and what it brings along.
    pub response: Option<(String, Schemas)>,
    /// The media type of the answer, where that is not JSON.
    pub media_type: Option<&'static str>,
    /// True if the answer is a list of the schema.
    pub listed: bool,
    /// True if the answer has an `ETag`.
    pub tagged: bool,
    /// A sample of the request.
    pub request_example: Option<serde_json::Value>,
    /// Codes beyond those that every operation of its kind can answer.
    pub codes: &'static [Code],
}
