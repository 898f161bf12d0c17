//! The OpenAPI document, made of the routes.
//!
//! What a route says of itself (`api::route::Doc`, its need, its method and path) decides all that
//! is written of it here: parameters, headers, answers and the codes it can fail with. Nothing is
//! listed by hand twice, so the document cannot lag behind the server.
//!
//! Invariant: the same routes give the same bytes.

mod errors;
mod check_ins;
mod examples;
mod training;
mod operation;
mod parameters;
mod responses;
mod schemas;
mod upkeep_examples;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::api::route::Route;
use crate::caller::Scope;
use crate::error::Code;
use operation::Operation;
use responses::Failures;
use schemas::Component;

/// The parts of the API, in reading order.
const TAGS: &[(&str, &str)] = &[
    (
        "Server",
        "What is answered without a credential: whether the server is well, and this document.",
    ),
    (
        "Signing in",
        "Setting a server up, sessions and forgotten passwords: what the pages of this server call.",
    ),
    (
        "Workspace",
        "Who is asking, the workspace that everything belongs to, and its audit log.",
    ),
    (
        "API keys",
        "Keys from creation to revocation. The same calls answer under `/api/v1/maas`.",
    ),
    (
        "Clients",
        "The people who are coached, from the invite to the archive.",
    ),
    (
        "Client app",
        "What a client's own device asks: joining by the install link, and the client's own data.",
    ),
    (
        "Today",
        "Who needs the coach, and why: one list in the order of what matters most.",
    ),
    ("Messages", "What a coach and a client write to each other."),
    (
        "Exercises",
        "The embedded catalogue, and the coach's own exercises.",
    ),
    (
        "Programs",
        "What a client trains: by hand, of a template, or a draft by rules.",
    ),
    (
        "Workouts",
        "What a client did, the most that was lifted, and how well the plan is followed.",
    ),
    (
        "Photos",
        "Private pictures of a client: small, stripped of all data but the picture, and shown by \
         addresses that are good for five minutes.",
    ),
    (
        "Payments",
        "What clients pay: recorded by hand or, in test mode, taken by a simulated processor.",
    ),
    (
        "Check-ins",
        "What a client tells the coach again and again, the forms of it, and what the coach answers.",
    ),
    (
        "Measurements",
        "What is measured of a client, in any unit, and what can be measured.",
    ),
    (
        "Events",
        "The feed of everything that happened, in order and without gaps.",
    ),
    (
        "Webhooks",
        "What happened, told to your servers: signed, tried until it is taken, and logged.",
    ),
    (
        "Outbox",
        "Outgoing mail as it was, or in test mode would have been, sent.",
    ),
    (
        "Notices",
        "What needs somebody: each says what is the matter and what to do.",
    ),
    (
        "Logs",
        "What was asked of the API, how it was answered, and how much of it there was.",
    ),
    (
        "OAuth",
        "Access tokens for API keys, by client credentials. Errors come in RFC 6749's form.",
    ),
    (
        "Test mode",
        "What only a test tenant can do: move its clock, and begin anew.",
    ),
    (
        "Exports",
        "All of a workspace in one mode as a file, for whoever is signed in: what a coach keeps is hers to take along.",
    ),
    (
        "Upkeep",
        "Jobs, backups and test mail, for the owner of the server.",
    ),
];

/// A JSON object whose members keep the order they were given in: people read this document.
struct InOrder<T>(Vec<(String, T)>);

impl<T: Serialize> Serialize for InOrder<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<T> InOrder<T> {
    /// The member of this name, made if it is not there.
    fn entry(&mut self, name: &str, make: impl FnOnce() -> T) -> &mut T {
        let known = self.0.iter().position(|(other, _)| other == name);
        let index = known.unwrap_or_else(|| {
            self.0.push((name.to_owned(), make()));
            self.0.len() - 1
        });
        &mut self.0[index].1
    }
}

#[derive(Serialize)]
struct Document {
    openapi: &'static str,
    info: Info,
    servers: Value,
    tags: Vec<Tag>,
    paths: InOrder<InOrder<Operation>>,
    components: Components,
}

#[derive(Serialize)]
struct Info {
    title: &'static str,
    version: &'static str,
    description: &'static str,
    license: Value,
}

#[derive(Serialize)]
struct Tag {
    name: &'static str,
    description: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Components {
    security_schemes: Value,
    parameters: InOrder<Value>,
    headers: InOrder<Value>,
    schemas: BTreeMap<String, Component>,
    responses: InOrder<Value>,
    examples: InOrder<Value>,
}

/// The document as JSON.
pub fn document(routes: &[Route]) -> String {
    let mut failures = Failures::new();
    let paths = paths(routes, &mut failures);
    let document = Document {
        openapi: "3.1.0",
        info: Info {
            title: "Cadence",
            version: env!("CARGO_PKG_VERSION"),
            description: include_str!("introduction.md"),
            license: json!({
                "name": env!("CARGO_PKG_LICENSE"),
                "identifier": env!("CARGO_PKG_LICENSE"),
            }),
        },
        servers: json!([{ "url": "/", "description": "This server." }]),
        tags: TAGS
            .iter()
            .map(|&(name, description)| Tag { name, description })
            .collect(),
        paths,
        components: Components {
            security_schemes: security_schemes(),
            parameters: InOrder(parameters::components()),
            headers: InOrder(responses::header_components()),
            schemas: schemas::components(routes),
            responses: InOrder(failures.into_components()),
            examples: InOrder(errors::examples()),
        },
    };
    // Strings, numbers and maps with names as keys: there is nothing in it that JSON cannot hold.
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

/// The example of the answer that a schema describes.
pub fn example(schema: &str) -> Option<Value> {
    examples::of(schema)
}

/// The body of an error with this code, as the document shows it.
pub fn error_sample(code: Code) -> Option<Value> {
    let all = errors::examples();
    let found = all.into_iter().find(|(name, _)| name == code.name());
    found.map(|(_, example)| example["value"].clone())
}

fn paths(routes: &[Route], failures: &mut Failures) -> InOrder<InOrder<Operation>> {
    let mut paths = InOrder(Vec::new());
    let mut add = |path: &str, route: &Route, operation| {
        let item: &mut InOrder<Operation> = paths.entry(path, || InOrder(Vec::new()));
        item.0
            .push((route.method.as_str().to_lowercase(), operation));
    };
    for route in routes {
        add(route.path, route, operation::of(route, failures));
    }
    // Aliases stand at the end: whoever reads from the top meets each call once.
    for route in routes {
        for (index, alias) in route.aliases.iter().enumerate() {
            add(alias, route, operation::of_alias(route, index, failures));
        }
    }
    paths
}

/// How a session calls the API.
const SESSION: &str = "A person who signed in (`POST /auth/sessions`). On plain http the cookie is \
    called `cadence`. The workspace and the mode are named by `Cadence-Workspace` and `Cadence-Mode`, \
    or on a GET by `?workspace=&mode=`; the calls that list or make workspaces, `whoami` and the \
    settings do without. A missing one is 400 `invalid_parameter`, another's workspace 403 \
    `auth_forbidden`. What is not a GET passes the cross-origin check. A session holds every scope, \
    does not count against the account's limit, and has 1,200 requests a minute of its own.";

fn security_schemes() -> Value {
    let scopes: Vec<String> = Scope::ALL
        .iter()
        .map(|scope| format!("- `{}`: {}.", scope.name(), scope.words()))
        .collect();
    let bearer = format!(
        "An API key, `cdnsk_test_…` or `cdnsk_live_…`. What it may do depends on its scopes:\n\n{}",
        scopes.join("\n")
    );
    json!({
        "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "cdnsk_…", "description": bearer },
        "basic": {
            "type": "http",
            "scheme": "basic",
            "description": "The key's id (`key_…`) as user, the key itself as password.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": crate::access::sessions::SECURE_COOKIE,
            "description": SESSION,
        },
        "client": {
            "type": "apiKey",
            "in": "cookie",
            "name": crate::access::extract::CLIENT_COOKIES[0],
            "description": "The cookie of a client who joined by an install link, or came back by a code: `POST /auth/client-sessions`. It is good for that client's own data under `/v1/app/` alone.",
        },
    })
}

/// Points at a part of the document that several places share.
fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// The text in quotes, as names stand in descriptions.
fn quoted(name: &str) -> String {
    format!("`{name}`")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::server::table::routes;

    fn whole() -> Value {
        serde_json::from_str(&document(&routes())).expect("the document is JSON")
    }

    fn each_value(value: &Value, visit: &mut impl FnMut(&Value)) {
        visit(value);
        let children: Vec<&Value> = match value {
            Value::Array(items) => items.iter().collect(),
            Value::Object(members) => members.values().collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        for child in children {
            each_value(child, visit);
        }
    }

    fn pointed<'d>(document: &'d Value, pointer: &str) -> Option<&'d Value> {
        document.pointer(pointer.strip_prefix('#')?)
    }

    /// The members that an answer's schema knows, those of its parts included.
    fn members<'d>(document: &'d Value, schema: &'d Value) -> BTreeMap<&'d str, &'d Value> {
        if let Some(pointer) = schema["$ref"].as_str() {
            return members(document, pointed(document, pointer).expect("a schema"));
        }
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let own = schema["properties"].as_object().into_iter().flatten();
        own.map(|(name, member)| (name.as_str(), member))
            .chain(parts.flat_map(|part| members(document, part)))
            .collect()
    }

    fn assert_shows_all(document: &Value, schema: &Value, example: &Value, place: &str) {
        let known = members(document, schema);
        // What a training is made of reads back exactly as it was written: what was left out is out.
        let as_written = ["/blocks", "/exercises"]
            .iter()
            .any(|part| place.contains(part));
        if known.is_empty() {
            return;
        }
        let shown: BTreeSet<&str> = example
            .as_object()
            .unwrap_or_else(|| panic!("{place}: no object"))
            .keys()
            .map(String::as_str)
            .collect();
        let all: BTreeSet<&str> = known.keys().copied().collect();
        assert!(shown.is_subset(&all), "{place}: {shown:?} of {all:?}");
        assert!(as_written || shown == all, "{place}: {shown:?} of {all:?}");
        for (name, member) in known.into_iter().filter(|(name, _)| shown.contains(name)) {
            let within = format!("{place}/{name}");
            let choices = member["oneOf"].as_array().into_iter().flatten();
            let schema = choices.last().unwrap_or(member);
            if let Some(first) = example[name].get(0) {
                assert_shows_all(document, &schema["items"], first, &within);
            } else if example[name].is_object() {
                assert_shows_all(document, schema, &example[name], &within);
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = whole();

        each_value(&document, &mut |value| {
            if let Some(pointer) = value["$ref"].as_str() {
                assert!(pointed(&document, pointer).is_some(), "{pointer}");
            }
        });
    }

    #[test]
    fn every_shared_part_is_used() {
        let text = document(&routes());
        let document = whole();

        for kind in ["parameters", "headers", "schemas", "responses", "examples"] {
            for name in document["components"][kind].as_object().expect(kind).keys() {
                let pointer = format!("\"#/components/{kind}/{name}\"");
                // These codes belong to what is not built yet, these answers to no operation.
                let ahead = [
                    "Error404",
                    "Error405",
                    "booking_overlap",
                    "program_unsatisfiable",
                    // Only `cadence dev` puts failures in the way.
                    "injected_error",
                    "injected_unavailable",
                ];
                assert!(
                    text.contains(&pointer) || ahead.contains(&name.as_str()),
                    "{pointer}"
                );
            }
        }
    }

    #[test]
    fn every_answer_has_an_example_that_shows_all_its_members() {
        let document = whole();

        for route in routes() {
            let Some((name, _)) = &route.doc.response else {
                continue;
            };
            let example = examples::of(name).unwrap_or_else(|| panic!("{name} has no example"));
            let schema = reference("schemas", name);
            assert_shows_all(&document, &schema, &example, name);
        }
    }

    #[test]
    fn every_request_has_an_example_of_known_fields_with_all_that_is_required() {
        let document = whole();

        for route in routes() {
            let Some((name, _)) = &route.doc.request else {
                continue;
            };
            let schema = &document["components"]["schemas"][name];
            let known = members(&document, schema);
            let example = route.doc.request_example.as_ref();
            // A file of many shows the first.
            let example = example.map(|example| example.get(0).unwrap_or(example));
            let example = example.and_then(Value::as_object);
            let example = example.unwrap_or_else(|| panic!("{name} has no example"));
            for field in example.keys() {
                assert!(known.contains_key(field.as_str()), "{name}: {field}");
            }
            for field in schema["required"].as_array().into_iter().flatten() {
                assert!(
                    example.contains_key(field.as_str().expect("a name")),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn ids_in_examples_are_ids() {
        each_value(&whole(), &mut |value| {
            let text = value.as_str().unwrap_or_default();
            let Some((prefix, rest)) = text.split_once('_') else {
                return;
            };
            if crate::ids::PREFIXES.contains(&prefix) && rest.starts_with("01") {
                let letters = |c: char| c.is_ascii_alphanumeric() && !"ilou".contains(c);
                assert!(rest.len() == 26 && rest.chars().all(letters), "{text}");
            }
        });
    }

    #[test]
    fn every_path_parameter_is_a_known_id() {
        let known = parameters::components();

        for route in routes() {
            for name in route.path_parameters() {
                assert!(known.iter().any(|(other, _)| other == name), "{name}");
            }
        }
    }
}
