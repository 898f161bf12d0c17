//! Closed vocabularies: what the document lists is what the parsers take, no more and no less.

#![expect(
    clippy::expect_used,
    reason = "the helpers belong to tests, where a failed expectation is a failed test"
)]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use cadence::api::route::Route;
use cadence::caller::{Need, Scope};
use cadence::server::openapi_document;
use cadence::server::table::routes;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Coach, Server, until};

/// What is in no vocabulary.
const NONSENSE: &str = "no-such-word";

/// Every field and parameter that has a vocabulary.
const KNOWN: &[&str] = &[
    "/ answer",
    "/ channel",
    "/ check_in_day",
    "/ client_type",
    "/ equipment",
    "/ events",
    "/ experience",
    "/ goal",
    "/ kind",
    "/ level",
    "/ limitations",
    "/ load_type",
    "/ method",
    "/ mode",
    "/ pattern",
    "/ preferred_days",
    "/ primary",
    "/ quantity",
    "/ retire",
    "/ scopes",
    "/ secondary",
    "/ sms_consent",
    "/ status",
    "/ tags",
    "/ type",
    "/ units",
    "/ weekday",
    "? by",
    "? dry_run",
    "? equipment",
    "? expand",
    "? group",
    "? hrv_method",
    "? level",
    "? method",
    "? muscle",
    "? pattern",
    "? pose",
    "? send_invite",
    "? sort",
    "? source",
    "? status",
    "? type",
    "? wait",
];

/// The words of a schema or of its items; none if it is open.
fn vocabulary(schema: &Value) -> Option<Vec<String>> {
    let words = schema.get("enum").or_else(|| schema["items"].get("enum"))?;
    let words = words.as_array().expect("an enum").iter();
    Some(words.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The first fault at a place, as a sentence.
fn fault(answer: &Answer, place: &str) -> Option<String> {
    if answer.status != 400 {
        return None;
    }
    let body = answer.json();
    let faults = body["error"]["errors"].as_array().expect("faults");
    let found = faults.iter().find(|fault| {
        let at = fault.get("pointer").unwrap_or(&fault["parameter"]);
        at.as_str().expect("a place").starts_with(place)
    });
    found.map(|fault| fault["message"].as_str().expect("a sentence").to_owned())
}

/// The words that a refusal names, where it names any.
fn named(message: &str) -> Option<Vec<String>> {
    let (_, words) = message.split_once(" of: ")?;
    let words = words.trim_end_matches('.').split(", ");
    Some(words.map(str::to_owned).collect())
}

/// The device of a client who joins by a link, and its cookie.
fn joined(server: &Server, link: &str) -> (Caller, String) {
    let token = link.split_once('#').expect("a token").1;
    let join = json!({ "token": token, "consents": { "terms": true, "health_data": true } });
    let device = server.anyone();
    let joined = device.post("/auth/client-sessions", &join).expect(201);
    let cookie = joined.header("set-cookie").expect("a cookie");
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    (device, cookie)
}

struct World {
    caller: Caller,
    session: Caller,
    /// The client's own device, and its cookie.
    device: (Caller, String),
    coach: Coach,
    client: String,
    webhook: String,
}

impl World {
    fn of(server: &Server) -> Self {
        let coach = server.coach("coach@example.com");
        let caller = server.key(coach, &[]);
        let new = json!({ "name": "Ana", "email": "vocabulary@example.com" });
        let client = caller.post("/v1/clients", &new).expect(201);
        let device = joined(server, &client.member("install_link"));
        let client = client.member("id");
        let new = json!({ "url": "https://example.com/webhooks", "events": ["*"] });
        let webhook = caller.post("/v1/webhooks", &new).expect(201).member("id");
        Self {
            webhook,
            device,
            caller,
            session: server.session(coach),
            coach,
            client,
        }
    }

    /// Sends a request as somebody whom the route is for.
    fn send(&self, route: &Route, path: &str, body: Option<&str>) -> Answer {
        let method = route.method.as_str();
        match route.need {
            Need::Session => self.session.send(method, path, &[], body),
            Need::Client => {
                let (device, cookie) = &self.device;
                let headers = [
                    ("Cookie", cookie.as_str()),
                    ("Sec-Fetch-Site", "same-origin"),
                ];
                device.send(method, path, &headers, body)
            }
            Need::Nothing | Need::Credential | Need::Scope(_) => {
                self.caller.send(method, path, &[], body)
            }
        }
    }

    fn fill(&self, path: &str) -> String {
        let mut path = path.replace("{workspace_id}", &self.coach.workspace.to_string());
        path = path.replace("{client_id}", &self.client);
        if path.contains("{key_id}") {
            let key = self
                .caller
                .post(&self.coach.keys_path(), &json!({ "name": "k" }));
            path = path.replace("{key_id}", &key.expect(201).member("id"));
        }
        if path.contains("{webhook_id}") {
            path = path.replace("{webhook_id}", &self.webhook);
        }
        if path.contains("{app_id}") {
            let new = json!({
                "name": "a", "client_type": "confidential",
                "redirect_uris": ["https://a.example/cb"],
            });
            let app = self.caller.post("/v1/oauth/apps", &new);
            path = path.replace("{app_id}", &app.expect(201).member("id"));
        }
        let made = |at: &str, body: &Value| self.caller.post(at, body).expect(201).member("id");
        if path.contains("{checkin_id}") {
            let checkins = format!("/v1/clients/{}/checkins", self.client);
            path = path.replace("{checkin_id}", &made(&checkins, &json!({})));
        }
        if path.contains("{checkin_form_id}") {
            let question = json!({ "type": "text", "question": "How was it?" });
            let form = json!({ "name": "F", "questions": [question] });
            path = path.replace("{checkin_form_id}", &made("/v1/checkin-forms", &form));
        }
        let program = json!({ "name": "P", "blocks": [{ "sessions": [] }] });
        if path.contains("{program_id}") {
            let programs = format!("/v1/clients/{}/programs", self.client);
            path = path.replace("{program_id}", &made(&programs, &program));
        }
        if path.contains("{payment_id}") {
            let payments = format!("/v1/clients/{}/payments", self.client);
            let paid = json!({ "amount": 12_000, "currency": "eur" });
            path = path.replace("{payment_id}", &made(&payments, &paid));
        }
        if path.contains("{template_id}") {
            path = path.replace("{template_id}", &made("/v1/program-templates", &program));
        }
        if path.contains("{exercise_id}") {
            static MADE: AtomicUsize = AtomicUsize::new(0);
            let name = format!("Exercise {}", MADE.fetch_add(1, Ordering::Relaxed));
            let exercise = json!({ "name": name, "pattern": "squat", "primary": ["quads"] });
            path = path.replace("{exercise_id}", &made("/v1/exercises", &exercise));
        }
        path
    }
}

#[test]
fn a_listed_word_of_a_query_is_taken_and_no_other() {
    let server = Server::start();
    let world = World::of(&server);
    let document: Value = serde_json::from_str(&openapi_document()).expect("JSON");
    let mut seen = BTreeSet::new();

    for route in routes().iter().filter(|route| !route.doc.query.is_empty()) {
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        for parameter in operation["parameters"].as_array().expect("parameters") {
            let Some(name) = parameter["name"].as_str() else {
                continue;
            };
            let send = |word: &str| {
                let path = format!("{}?{name}={word}", world.fill(route.path));
                let body = route.doc.request_example.as_ref().map(Value::to_string);
                let send = || world.send(route, &path, body.as_deref());
                let mut answer = send();
                // A stream that was left is noticed after a moment, and until then has its place.
                until("a place", || {
                    if answer.status == 429 {
                        answer = send();
                    }
                    answer.status != 429
                });
                answer
            };
            let place = format!("{} ?{name}", route.path);
            let refused = fault(&send(NONSENSE), name);
            let Some(words) = vocabulary(&parameter["schema"]) else {
                let told = refused.and_then(|message| named(&message));
                assert_eq!(told, None, "{place} has a vocabulary");
                continue;
            };
            seen.insert(format!("? {name}"));
            for word in &words {
                assert_eq!(send(word).status, 200, "{place}={word}");
            }
            let refused = refused.unwrap_or_else(|| panic!("{place} takes anything"));
            if let Some(told) = named(&refused) {
                let words: Vec<String> = words.into_iter().filter(|word| word != "none").collect();
                assert_eq!(told, words, "{place}");
            }
        }
    }

    let known = KNOWN.iter().filter(|place| place.starts_with('?'));
    assert!(
        seen.iter().map(String::as_str).eq(known.copied()),
        "{seen:?}"
    );
}

#[test]
fn a_listed_word_of_a_body_is_taken_and_no_other() {
    let server = Server::start();
    let world = World::of(&server);
    let document: Value = serde_json::from_str(&openapi_document()).expect("JSON");
    let mut seen = BTreeSet::new();

    for route in routes()
        .iter()
        .filter(|route| route.path.starts_with("/v1/"))
    {
        let Some((schema, _)) = &route.doc.request else {
            continue;
        };
        if route.upload().is_some() {
            continue; // A file's rows are read by the same readers, and each is judged by itself.
        }
        let properties = &document["components"]["schemas"][schema]["properties"];
        for (field, property) in properties.as_object().expect("properties") {
            let is_list = property.get("items").is_some();
            let send = |word: &str| {
                let mut body = route.doc.request_example.clone().expect("an example");
                body[field] = if is_list { json!([word]) } else { json!(word) };
                let path = world.fill(route.path);
                world.send(route, &path, Some(&body.to_string()))
            };
            let (place, pointer) = (format!("{schema}.{field}"), format!("/{field}"));
            let refused = fault(&send(NONSENSE), &pointer);
            let Some(words) = vocabulary(property).or_else(|| {
                let told = refused.as_ref().and_then(|message| named(message));
                assert_eq!(told, None, "{place} has a vocabulary");
                None
            }) else {
                continue;
            };
            seen.insert(format!("/ {field}"));
            for word in &words {
                assert_eq!(fault(&send(word), &pointer), None, "{place}: {word}");
            }
            let refused = refused.unwrap_or_else(|| panic!("{place} takes anything"));
            match named(&refused) {
                Some(told) => assert_eq!(told, words, "{place}"),
                None => assert_eq!(field, "scopes", "{place}"),
            }
            if field == "scopes" {
                let all: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
                assert_eq!(words, all);
            }
        }
    }

    let known = KNOWN.iter().filter(|place| place.starts_with('/'));
    assert!(
        seen.iter().map(String::as_str).eq(known.copied()),
        "{seen:?}"
    );
}
