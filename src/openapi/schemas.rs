//! The schemas that routes name, made to say what is really sent and refused.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Object, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::errors;
use crate::api::choices::Vocabulary;
use crate::api::route::{Route, Schemas};

/// A schema of the document.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Component {
    /// Derived from a type.
    Derived(Box<RefOr<Schema>>),
    /// Written down.
    Written(Value),
}

/// Every schema by name.
pub(super) fn components(routes: &[Route]) -> BTreeMap<String, Component> {
    let mut components = BTreeMap::new();
    for (name, schema) in errors::schemas() {
        components.insert(name.to_owned(), Component::Written(schema));
    }
    let requests = collect(routes, |route| route.doc.request.as_ref());
    for (name, mut schema) in requests {
        each_object(&mut schema, &refuse_others);
        for (field, vocabulary) in vocabularies(routes, &name) {
            each_object(&mut schema, &|object| {
                if let Some(property) = object.properties.get_mut(*field) {
                    limit(property, &vocabulary());
                }
            });
        }
        components.insert(name, Component::Derived(Box::new(schema)));
    }
    let answers = collect(routes, |route| route.doc.response.as_ref());
    for (name, mut schema) in answers {
        each_object(&mut schema, &require_nullable);
        components.insert(name, Component::Derived(Box::new(schema)));
    }
    components
}

fn collect<'r>(
    routes: &'r [Route],
    part: impl Fn(&'r Route) -> Option<&'r (String, Schemas)>,
) -> BTreeMap<String, RefOr<Schema>> {
    let named = routes.iter().filter_map(part);
    named
        .flat_map(|(_, schemas)| schemas.iter().cloned())
        .collect()
}

fn vocabularies<'r>(
    routes: &'r [Route],
    schema: &'r str,
) -> impl Iterator<Item = &'r (&'static str, Vocabulary)> {
    let named = routes.iter().map(|route| &route.doc);
    let named =
        named.filter(move |doc| doc.request.as_ref().is_some_and(|(name, _)| name == schema));
    named.flat_map(|doc| doc.vocabularies)
}

/// Limits a field, or the items of a field, to these words. Where null may stand it is one of them.
fn limit(schema: &mut RefOr<Schema>, words: &[String]) {
    let null = is_nullable(schema).then_some(Value::Null);
    let RefOr::T(schema) = schema else {
        return;
    };
    if let Schema::Object(object) = schema {
        let words = words.iter().map(|word| Value::from(word.as_str()));
        object.enum_values = Some(words.chain(null).collect());
    } else if let Schema::Array(array) = schema
        && let ArrayItems::RefOrSchema(items) = &mut array.items
    {
        limit(items, words);
    }
}

fn each_object(schema: &mut RefOr<Schema>, change: &impl Fn(&mut Object)) {
    let RefOr::T(schema) = schema else {
        return;
    };
    if let Schema::Object(object) = schema {
        change(object);
    } else if let Schema::AllOf(parts) = schema {
        for part in &mut parts.items {
            each_object(part, change);
        }
    }
}

/// A request with a field that does not exist is refused.
fn refuse_others(object: &mut Object) {
    object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
}

/// What an answer has no value for is null and not left out: such members are always there.
/// An object of which nothing is required is made of parts that the caller chooses.
fn require_nullable(object: &mut Object) {
    if object.required.is_empty() {
        return;
    }
    let mut required: BTreeSet<String> = object.required.drain(..).collect();
    for (name, schema) in &object.properties {
        if is_nullable(schema) {
            required.insert(name.clone());
        }
    }
    let names = object.properties.keys();
    object.required = names
        .filter(|name| required.contains(*name))
        .cloned()
        .collect();
}

fn is_nullable(schema: &RefOr<Schema>) -> bool {
    let RefOr::T(schema) = schema else {
        return false;
    };
    let allows_null = |types: &SchemaType| match types {
        SchemaType::Type(only) => *only == Type::Null,
        SchemaType::Array(types) => types.contains(&Type::Null),
        SchemaType::AnyValue => true,
    };
    if let Schema::Object(object) = schema {
        allows_null(&object.schema_type)
    } else if let Schema::Array(array) = schema {
        allows_null(&array.schema_type)
    } else if let Schema::OneOf(one_of) = schema {
        one_of.items.iter().any(is_nullable)
    } else {
        false
    }
}
