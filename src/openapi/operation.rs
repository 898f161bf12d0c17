//! One call of the API: everything that is documented of a route at one of its paths.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::responses::{self, Failures};
use super::{parameters, quoted, reference};
use crate::api::page::CURSOR;
use crate::api::respond::JSON;
use crate::api::route::{Method, Route, Run, Upload};
use crate::caller::Need;

/// What is said of every route of signing in.
const IN_A_BROWSER: &str = "For pages of this server: what changes something is refused from another \
    origin, and goes by the cookie that the browser brings.";

/// An operation object of the document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "the names are those of the specification"
)]
pub(super) struct Operation {
    operation_id: String,
    summary: &'static str,
    description: String,
    tags: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<bool>,
    #[serde(rename = "x-scope", skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    security: Value,
    parameters: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_body: Option<Value>,
    responses: BTreeMap<String, Value>,
}

/// The operation at the route's own path.
pub(super) fn of(route: &Route, failures: &mut Failures) -> Operation {
    let doc = &route.doc;
    let mut description = doc.description.to_owned();
    if !description.is_empty() {
        description.push_str("\n\n");
    }
    if route.is_auth() {
        description.push_str(IN_A_BROWSER);
    } else {
        description.push_str(&need(route.need));
    }
    Operation {
        operation_id: doc.id.to_owned(),
        summary: doc.summary,
        description,
        tags: [doc.tag],
        deprecated: None,
        scope: scope(route.need),
        security: security(route.need),
        parameters: parameters::of(route),
        request_body: request_body(route),
        responses: responses::of(route, failures),
    }
}

/// The operation at one of the route's further paths.
pub(super) fn of_alias(route: &Route, index: usize, failures: &mut Failures) -> Operation {
    let suffix = match index {
        0 => "alias".to_owned(),
        more => format!("alias_{}", more + 1),
    };
    Operation {
        operation_id: format!("{}_{suffix}", route.doc.id),
        description: format!(
            "The same as `{} {}`.\n\n{}",
            route.method,
            route.path,
            need(route.need)
        ),
        deprecated: Some(false),
        ..of(route, failures)
    }
}

fn scope(need: Need) -> Option<&'static str> {
    match need {
        Need::Scope(scope) => Some(scope.name()),
        Need::Nothing | Need::Credential | Need::Session | Need::Client => None,
    }
}

fn need(need: Need) -> String {
    match need {
        Need::Nothing => "Needs no credential.".to_owned(),
        Need::Credential => "Needs any valid credential.".to_owned(),
        Need::Scope(scope) => format!("Needs the scope {}.", quoted(scope.name())),
        Need::Session => "Needs a person signed in to the dashboard.".to_owned(),
        Need::Client => "Needs a client signed in to the app, by the app's own cookie.".to_owned(),
    }
}

fn security(need: Need) -> Value {
    match need {
        Need::Nothing => json!([]),
        Need::Credential => json!([{ "bearer": [] }, { "basic": [] }, { "session": [] }]),
        Need::Session => json!([{ "session": [] }]),
        Need::Client => json!([{ "client": [] }]),
        Need::Scope(scope) => {
            json!([{ "bearer": [scope.name()] }, { "basic": [scope.name()] }, { "session": [] }])
        }
    }
}

fn request_body(route: &Route) -> Option<Value> {
    let (name, _) = route.doc.request.as_ref()?;
    let mut content = json!({ "schema": reference("schemas", name) });
    if let Some(example) = &route.doc.request_example {
        content["example"] = example.clone();
    }
    if let Some(form) = route.form {
        let forms = form.media_types.iter();
        let forms = forms.map(|media_type| ((*media_type).to_owned(), content.clone()));
        let content = Value::Object(forms.collect());
        return Some(json!({ "required": true, "content": content }));
    }
    if let Some(upload) = route.upload() {
        return Some(json!({ "required": true, "content": file_content(upload, content) }));
    }
    let media_type = match route.run {
        Run::OpenForm(..) => "application/x-www-form-urlencoded",
        Run::Open(_)
        | Run::Auth(_)
        | Run::Page(_)
        | Run::App(_)
        | Run::AppWrite(_)
        | Run::Read(_)
        | Run::Stream(_)
        | Run::Download(_)
        | Run::Write(_)
        | Run::Ask(_)
        | Run::Import(..) => JSON,
    };
    // An absent body equals `{}`, which a PATCH takes for "change nothing".
    let optional = route.doc.request_optional || route.method == Method::PATCH;
    Some(json!({ "required": !optional, "content": { media_type: content } }))
}

/// The forms of a file: an array in JSON, text in any other.
fn file_content(upload: Upload, item: Value) -> Value {
    let forms = upload.media_types.iter().map(|media_type| {
        let content = if *media_type == JSON {
            json!({
                "schema": { "type": "array", "items": item["schema"] },
                "example": item["example"],
            })
        } else {
            json!({ "schema": { "type": "string" } })
        };
        ((*media_type).to_owned(), content)
    });
    Value::Object(forms.collect())
}

/// What the shape of a route alone says of it.
impl Route {
    pub(super) fn is_authenticated(&self) -> bool {
        self.need != Need::Nothing
    }

    pub(super) fn is_write(&self) -> bool {
        matches!(
            self.run,
            Run::Write(_) | Run::AppWrite(_) | Run::Ask(_) | Run::Import(..)
        )
    }

    /// A POST that is carried out once per idempotency key: one with a caller.
    pub(super) fn is_post(&self) -> bool {
        self.method == Method::POST && self.is_authenticated()
    }

    /// One whose answer goes on.
    pub(super) fn is_stream(&self) -> bool {
        matches!(self.run, Run::Stream(_))
    }

    /// One of signing in.
    pub(super) fn is_auth(&self) -> bool {
        matches!(self.run, Run::Auth(_))
    }

    /// A body is read of these methods, even where no field of it is known.
    pub(super) fn reads_body(&self) -> bool {
        [Method::POST, Method::PATCH, Method::PUT].contains(&self.method)
    }

    /// The object may have changed since the caller read it.
    pub(super) fn heeds_if_match(&self) -> bool {
        let tagged = self.method == Method::PATCH && self.doc.tagged;
        (tagged || self.method == Method::DELETE) && self.is_authenticated()
    }

    pub(super) fn heeds_if_none_match(&self) -> bool {
        self.method == Method::GET && self.doc.tagged
    }

    pub(super) fn is_paged(&self) -> bool {
        self.doc
            .query
            .iter()
            .any(|parameter| parameter.name == CURSOR.name)
    }

    /// The names of the path's parameters.
    pub(super) fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }
}
