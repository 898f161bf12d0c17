//! The OpenAPI document, held against the routes and codes that it is made of.

#![expect(
    clippy::expect_used,
    reason = "the helpers belong to tests, where a failed expectation is a failed test"
)]

use std::collections::BTreeSet;

use cadence::error::Code;
use cadence::server::openapi_document;
use cadence::server::table::routes;
use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&openapi_document()).expect("the document is JSON")
}

/// Method, path and operation of every call.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            let operations = item.as_object().expect("a path item").iter();
            operations.map(|(method, operation)| (method.as_str(), path.as_str(), operation))
        })
        .collect()
}

/// What a reference leads to, or the value itself.
fn resolve<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str() {
        Some(reference) => document
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{reference} leads nowhere")),
        None => value,
    }
}

#[test]
fn the_document_changes_only_on_purpose() {
    insta::assert_snapshot!(openapi_document());
}

#[test]
fn the_document_is_the_same_each_time() {
    assert_eq!(openapi_document(), openapi_document());
}

#[test]
fn every_route_is_documented_and_nothing_else() {
    let document = document();
    let documented: BTreeSet<(String, String)> = operations(&document)
        .into_iter()
        .map(|(method, path, _)| (method.to_uppercase(), path.to_owned()))
        .collect();

    let served: BTreeSet<(String, String)> = routes()
        .iter()
        .flat_map(|route| {
            let paths = std::iter::once(&route.path).chain(route.aliases);
            paths.map(|path| (route.method.to_string(), (*path).to_owned()))
        })
        .collect();

    assert_eq!(documented, served);
}

#[test]
fn operation_ids_are_unique() {
    let document = document();
    let operations = operations(&document);

    let ids: BTreeSet<&str> = operations
        .iter()
        .map(|(.., operation)| operation["operationId"].as_str().expect("an id"))
        .collect();

    assert_eq!(ids.len(), operations.len());
}

#[test]
fn every_operation_has_a_summary_and_a_known_tag() {
    let document = document();
    let tags: BTreeSet<&str> = document["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .filter_map(|tag| tag["name"].as_str())
        .collect();

    for (method, path, operation) in operations(&document) {
        let tag = operation["tags"][0].as_str().expect("a tag");
        let summary = operation["summary"].as_str().expect("a summary");
        assert!(tags.contains(tag), "{method} {path}: {tag}");
        assert!(!summary.is_empty(), "{method} {path}");
    }
}

#[test]
fn every_code_is_in_the_enum_and_every_listed_code_exists() {
    let document = document();
    let known: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();

    let schema = &document["components"]["schemas"]["ErrorCode"]["enum"];
    assert_eq!(schema, &serde_json::json!(known));

    for (method, path, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let response = resolve(&document, response);
            let codes = response["x-codes"].as_array().into_iter().flatten();
            for code in codes.filter_map(Value::as_str) {
                let found = Code::ALL.iter().find(|known| known.name() == code);
                let found = found.unwrap_or_else(|| panic!("{method} {path}: {code}"));
                assert_eq!(
                    &found.status().to_string(),
                    status,
                    "{method} {path}: {code}"
                );
                let sample = &response["content"]["application/json"]["examples"][code];
                assert!(sample.is_object(), "{method} {path}: {code} has no example");
            }
        }
    }
}

#[test]
fn every_operation_under_v1_refuses_strangers() {
    let document = document();

    for (method, path, operation) in operations(&document) {
        let is_open = operation["security"]
            .as_array()
            .expect("security")
            .is_empty();
        let refuses = operation["responses"].get("401").is_some();
        assert_eq!(is_open, !path.contains("/v1/"), "{method} {path}");
        // What signs people in has no caller and refuses wrong passwords all the same.
        if !path.starts_with("/auth/") {
            assert_eq!(refuses, !is_open, "{method} {path}");
        }
    }
}

#[test]
fn every_post_of_a_caller_takes_an_idempotency_key() {
    let document = document();
    let key = "#/components/parameters/Idempotency-Key";

    for (method, path, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().expect("parameters");
        let takes = parameters.iter().any(|parameter| parameter["$ref"] == key);
        let is_calls = method == "post" && path.contains("/v1/");
        assert_eq!(takes, is_calls, "{method} {path}");
    }
}
