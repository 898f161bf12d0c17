//! The reference: every operation of the OpenAPI document, a page for each part of the API.

use maud::{Markup, html};
use serde_json::Value;

use super::markdown::{inline, render};
use super::samples::{Body, Call};
use super::schema::{limits, list, resolved, type_of};
use super::{Draft, Part, code, pretty};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// One operation of the document.
struct Operation<'d> {
    method: String,
    path: &'d str,
    value: &'d Value,
}

impl<'d> Operation<'d> {
    fn text(&self, name: &str) -> &'d str {
        self.value[name].as_str().unwrap_or_default()
    }

    fn id(&self) -> &'d str {
        self.text("operationId")
    }

    fn parameters(&self, document: &'d Value) -> Vec<&'d Value> {
        let listed = self.value["parameters"].as_array().into_iter().flatten();
        listed
            .map(|parameter| resolved(document, parameter))
            .collect()
    }

    /// Media type and content of the request; the first is the usual one.
    fn contents(&self) -> Vec<(&'d str, &'d Value)> {
        let content = self.value["requestBody"]["content"].as_object();
        let content = content.into_iter().flatten();
        content
            .map(|(name, value)| (name.as_str(), value))
            .collect()
    }

    /// The path with the documented examples in it.
    fn sample_path(&self, document: &Value) -> String {
        let mut path = self.path.to_owned();
        for parameter in self.parameters(document) {
            let name = parameter["name"].as_str().unwrap_or_default();
            let example = parameter["schema"]["example"].as_str();
            if let Some(example) = example.filter(|_| parameter["in"] == "path") {
                path = path.replace(&format!("{{{name}}}"), example);
            }
        }
        path
    }

    fn call<'c>(&'c self, path: &'c str) -> Call<'c> {
        let contents = self.contents();
        let of = |media_type| contents.iter().find(|(name, _)| *name == media_type);
        let body = match (of(JSON), of(FORM)) {
            (Some((_, content)), _) => content.get("example").map(Body::Json),
            (None, Some((_, content))) => content.get("example").map(Body::Form),
            (None, None) => None,
        };
        let security = self.value["security"].as_array();
        Call {
            method: &self.method,
            path,
            body,
            authenticated: security.is_some_and(|schemes| !schemes.is_empty()),
        }
    }
}

/// The operations of a part, aliases left out.
fn operations<'d>(document: &'d Value, tag: &str) -> Vec<Operation<'d>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, value)| Operation {
            method: method.to_uppercase(),
            path: path.as_str(),
            value,
        })
    });
    all.filter(|operation| operation.value["tags"][0] == tag && !is_alias(operation.value))
        .collect()
}

/// An alias is the one that says whether it is deprecated.
fn is_alias(operation: &Value) -> bool {
    operation.get("deprecated").is_some()
}

fn aliases<'d>(document: &'d Value, id: &str) -> Vec<&'d str> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let same = |operation: &Value| {
        let own = operation["operationId"].as_str().unwrap_or_default();
        is_alias(operation)
            && own
                .strip_prefix(id)
                .is_some_and(|rest| rest.starts_with("_alias"))
    };
    paths
        .filter(|(_, item)| {
            item.as_object()
                .into_iter()
                .flatten()
                .any(|(_, operation)| same(operation))
        })
        .map(|(path, _)| path.as_str())
        .collect()
}

fn tags(document: &Value) -> Vec<(&str, &str)> {
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.filter_map(|tag| Some((tag["name"].as_str()?, tag["description"].as_str()?)))
        .collect()
}

fn path_of(tag: &str) -> String {
    format!("/docs/api/{}", tag.to_lowercase().replace(' ', "-"))
}

/// The parts of the reference with their operations.
pub(super) fn contents(document: &Value) -> Vec<Part> {
    let parts = tags(document).into_iter().map(|(tag, _)| Part {
        path: path_of(tag),
        title: tag.to_owned(),
        operations: operations(document, tag)
            .iter()
            .map(|operation| {
                let id = operation.id().to_owned();
                (
                    id,
                    operation.method.clone(),
                    operation.text("summary").to_owned(),
                )
            })
            .collect(),
    });
    parts.collect()
}

/// The page that says what holds for all calls, and lists them.
pub(super) fn overview(document: &Value) -> Draft {
    let introduction = document["info"]["description"].as_str().unwrap_or_default();
    Draft {
        path: "/docs/api".to_owned(),
        title: "API reference".to_owned(),
        content: html! {
            h1 { "API reference" }
            (render(introduction))
            h2 #calls { "All calls" }
            @for part in contents(document) {
                h3 { a href=(part.path) { (part.title) } }
                ul.calls {
                    @for (anchor, method, summary) in &part.operations {
                        li { a href={ (part.path) "#" (anchor) } { span.method data-method=(method) { (method) } " " (summary) } }
                    }
                }
            }
        },
    }
}

/// The page of each part.
pub(super) fn parts(document: &Value) -> Vec<Draft> {
    let pages = tags(document).into_iter().map(|(tag, words)| Draft {
        path: path_of(tag),
        title: tag.to_owned(),
        content: html! {
            h1 { (tag) }
            p.lead { (inline(words)) }
            @for operation in operations(document, tag) { (shown(document, &operation)) }
        },
    });
    pages.collect()
}

fn shown(document: &Value, operation: &Operation<'_>) -> Markup {
    let id = operation.id();
    let path = operation.sample_path(document);
    let call = operation.call(&path);
    let aliases = aliases(document, id);
    html! {
        section.operation id=(id) aria-labelledby={ (id) "-title" } {
            div.operation-words {
                h2 id={ (id) "-title" } { a.anchor href={ "#" (id) } { (operation.text("summary")) } }
                p.endpoint { span.method data-method=(operation.method) { (operation.method) } " " code { (operation.path) } }
                (render(operation.text("description")))
                @if !aliases.is_empty() {
                    p { "Also at " @for alias in &aliases { code { (alias) } " " } }
                }
                (parameters(document, operation))
                (request(document, operation))
                (answer(document, operation))
                (failures(document, operation))
            }
            div.operation-samples {
                @for (label, language, text) in call.samples() { (code(label, language, &text)) }
                (example(document, operation))
                (console(document, operation, call.authenticated))
            }
        }
    }
}

fn parameters(document: &Value, operation: &Operation<'_>) -> Markup {
    let all = operation.parameters(document);
    html! {
        @for (place, title) in [("path", "In the path"), ("query", "In the query"), ("header", "In the head")] {
            @let here: Vec<_> = all.iter().filter(|parameter| parameter["in"] == place).collect();
            @if !here.is_empty() {
                h3 { (title) }
                ul.fields {
                    @for parameter in here {
                        li {
                            div.field-head {
                                code.field-name { (parameter["name"].as_str().unwrap_or_default()) }
                                " " span.field-type { (type_of(document, &parameter["schema"])) }
                                @if parameter["required"] == true { " " span.required { "required" } }
                            }
                            p { (inline(parameter["description"].as_str().unwrap_or_default())) }
                            @let limits = limits(&parameter["schema"]);
                            @if !limits.is_empty() { p.field-limits { (limits.join(" · ")) } }
                        }
                    }
                }
            }
        }
    }
}

fn request(document: &Value, operation: &Operation<'_>) -> Markup {
    let contents = operation.contents();
    html! {
        @if let Some((_, content)) = contents.iter().find(|(name, _)| [JSON, FORM].contains(name)).or(contents.first()) {
            h3 { "Body" }
            p.field-limits {
                @for (at, (media_type, _)) in contents.iter().enumerate() { @if at > 0 { ", " } code { (media_type) } }
                @if operation.value["requestBody"]["required"] == false { " · may be left out" }
            }
            (list(document, &content["schema"], true))
        }
    }
}

/// The success: its status, what it means, its content.
fn success<'d>(operation: &Operation<'d>) -> Option<(&'d str, &'d Value)> {
    let answers = operation.value["responses"]
        .as_object()
        .into_iter()
        .flatten();
    let mut answers = answers.filter(|(status, _)| status.starts_with('2'));
    answers
        .next()
        .map(|(status, answer)| (status.as_str(), answer))
}

fn answer(document: &Value, operation: &Operation<'_>) -> Markup {
    let Some((status, answer)) = success(operation) else {
        return html! {};
    };
    let schema = &answer["content"][JSON]["schema"];
    html! {
        h3 { "Answer " code { (status) } }
        p { (inline(answer["description"].as_str().unwrap_or_default())) }
        @if schema.is_object() {
            details.schema { summary { "Fields" } (list(document, schema, false)) }
        }
    }
}

fn example(document: &Value, operation: &Operation<'_>) -> Markup {
    let Some((status, answer)) = success(operation) else {
        return html! {};
    };
    let content = &resolved(document, answer)["content"][JSON];
    let named = content["examples"]
        .as_object()
        .and_then(|examples| examples.values().next());
    let shown = content
        .get("example")
        .or(named.map(|example| &example["value"]));
    html! {
        @if let Some(shown) = shown {
            (code(&format!("Answer {status}"), "answer", &pretty(shown)))
        }
    }
}

fn failures(document: &Value, operation: &Operation<'_>) -> Markup {
    let answers = operation.value["responses"]
        .as_object()
        .into_iter()
        .flatten();
    let failed: Vec<(&str, Vec<&str>)> = answers
        .filter(|(status, _)| !status.starts_with('2'))
        .map(|(status, answer)| {
            let codes = resolved(document, answer)["x-codes"].as_array();
            let codes = codes.into_iter().flatten().filter_map(Value::as_str);
            (status.as_str(), codes.collect())
        })
        .collect();
    html! {
        details.schema {
            summary { "Errors" }
            ul.failures {
                @for (status, codes) in failed {
                    li {
                        code { (status) }
                        @for name in codes { " " a href={ "/docs/errors#" (name) } { code { (name) } } }
                    }
                }
            }
        }
    }
}

/// What the script makes a console of; without it nothing is shown.
fn console(document: &Value, operation: &Operation<'_>, authenticated: bool) -> Markup {
    let all = operation.parameters(document);
    let contents = operation.contents();
    let media_type = contents
        .iter()
        .map(|(name, _)| *name)
        .find(|name| *name == JSON)
        .or(contents.first().map(|(name, _)| *name));
    let example = contents
        .iter()
        .find(|(name, _)| Some(*name) == media_type)
        .and_then(|(_, content)| content.get("example"));
    html! {
        form.console hidden data-method=(operation.method) data-path=(operation.path)
            data-media-type=[media_type] data-key=[authenticated.then_some("needed")]
            aria-label={ "Try: " (operation.text("summary")) } {
            h3 { "Try it" }
            @for parameter in all.iter().filter(|parameter| parameter["in"] != "header" || parameter["name"] == "Idempotency-Key") {
                @let name = parameter["name"].as_str().unwrap_or_default();
                @let field = format!("{}-{name}", operation.id());
                div.console-field {
                    label for=(field) { code { (name) } }
                    input.control id=(field) name=(name) data-in=[parameter["in"].as_str()] autocomplete="off" spellcheck="false" required[parameter["required"] == true];
                }
            }
            @if media_type.is_some() {
                @let field = format!("{}-body", operation.id());
                div.console-field {
                    label for=(field) { "Body" }
                    textarea.control id=(field) name="body" rows="6" spellcheck="false" autocomplete="off" {
                        (example.map(|example| if media_type == Some(FORM) { form_text(example) } else { pretty(example) }).unwrap_or_default())
                    }
                }
            }
            div.console-foot { button.button.primary type="submit" { "Send" } }
            div.console-answer role="status" {}
        }
    }
}

fn form_text(fields: &Value) -> String {
    let fields = fields.as_object().into_iter().flatten();
    let pairs =
        fields.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()));
    pairs.collect::<Vec<_>>().join("&")
}
