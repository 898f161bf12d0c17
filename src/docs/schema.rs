//! A schema of the OpenAPI document as a list of fields.

use maud::{Markup, html};
use serde_json::Value;

use super::markdown::inline;

/// Fields inside fields are shown to this depth.
const DEPTH: usize = 4;

/// A value of the document, with its reference followed.
pub(super) fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let Some(pointer) = value["$ref"].as_str() else {
        return value;
    };
    let found = pointer
        .strip_prefix('#')
        .and_then(|path| document.pointer(path));
    found.unwrap_or(value)
}

/// Name, schema and whether it is required, of each field of a schema and its parts.
fn fields<'d>(document: &'d Value, schema: &'d Value) -> Vec<(&'d str, &'d Value, bool)> {
    let schema = object_of(document, schema);
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let mut all: Vec<_> = parts.flat_map(|part| fields(document, part)).collect();
    let own = schema["properties"].as_object().into_iter().flatten();
    all.extend(own.map(|(name, field)| (name.as_str(), field, required.contains(&name.as_str()))));
    all
}

/// The object inside a reference, an array or a choice with null.
fn object_of<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let schema = resolved(document, schema);
    if schema.get("items").is_some_and(Value::is_object) {
        return object_of(document, &schema["items"]);
    }
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let other = choices
        .map(|choice| resolved(document, choice))
        .find(|choice| choice["type"] != "null");
    match other {
        Some(other) => object_of(document, other),
        None => schema,
    }
}

/// The type in words: `string or null`, `array of strings`.
pub(super) fn type_of(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let words: Vec<String> = choices
            .iter()
            .map(|choice| type_of(document, choice))
            .collect();
        return words.join(" or ");
    }
    let one = |name: &str| match (name, &schema["items"]) {
        ("array", items @ Value::Object(_)) => format!("array of {}s", type_of(document, items)),
        (other, _) => match schema["format"].as_str() {
            Some("date-time") => "time".to_owned(),
            Some("email") => "email".to_owned(),
            _ => other.to_owned(),
        },
    };
    match &schema["type"] {
        Value::String(name) => one(name),
        Value::Array(names) => {
            let words: Vec<String> = names.iter().filter_map(Value::as_str).map(one).collect();
            words.join(" or ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "object".to_owned(),
    }
}

/// What a value is limited to, in words.
pub(super) fn limits(schema: &Value) -> Vec<String> {
    let mut words = Vec::new();
    let listed = schema["enum"]
        .as_array()
        .or_else(|| schema["items"]["enum"].as_array());
    if let Some(listed) = listed {
        let listed: Vec<&str> = listed.iter().filter_map(Value::as_str).collect();
        words.push(format!("one of {}", listed.join(", ")));
    }
    for (name, text) in [
        ("minimum", "at least"),
        ("maximum", "at most"),
        ("minLength", "characters, at least"),
        ("maxLength", "characters, at most"),
        ("maxItems", "items, at most"),
        ("default", "default"),
    ] {
        if let Some(value) = schema.get(name).filter(|value| !value.is_object()) {
            words.push(format!(
                "{text} {}",
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            ));
        }
    }
    words
}

/// The fields of a schema as a list; nothing for a schema without fields.
pub(super) fn list(document: &Value, schema: &Value, is_request: bool) -> Markup {
    inner(document, schema, is_request, 0)
}

fn inner(document: &Value, schema: &Value, is_request: bool, depth: usize) -> Markup {
    let fields = fields(document, schema);
    html! {
        @if !fields.is_empty() && depth < DEPTH {
            ul.fields {
                @for (name, field, required) in fields {
                    li {
                        div.field-head {
                            code.field-name { (name) }
                            " " span.field-type { (type_of(document, field)) }
                            @if is_request && required { " " span.required { "required" } }
                            @if !is_request && !required { " " span.field-type { "not always there" } }
                        }
                        @if let Some(words) = description(document, field) { p { (inline(words)) } }
                        @let limits = limits(resolved(document, field));
                        @if !limits.is_empty() { p.field-limits { (limits.join(" · ")) } }
                        (inner(document, field, is_request, depth + 1))
                    }
                }
            }
        }
    }
}

fn description<'d>(document: &'d Value, field: &'d Value) -> Option<&'d str> {
    let own = field["description"].as_str();
    own.or_else(|| resolved(document, field)["description"].as_str())
}
