//! What a caller sends beside the body: ids in the path, the query, headers.

use serde_json::{Value, json};

use super::reference;
use crate::api::choices::Choices;
use crate::api::page::{
    CREATED_AFTER, CREATED_BEFORE, DEFAULT_LIMIT, LIMIT, MAX_LIMIT, UPDATED_AFTER,
};
use crate::api::query::Parameter;
use crate::api::route::Route;
use crate::clients::sessions::CONSENTS;
use crate::demo::happenings::HAPPENINGS;
use crate::ids::{
    AppId, CheckinId, ClientId, ClientSessionId, DeliveryId, EventId, ExerciseId, ExportId, FormId,
    GrantId, InboxMessageId, JobId, KeyId, MailId, MessageId, NoticeId, PaymentId, PhotoId,
    ProgramId, RequestId, SessionId, TemplateId, WebhookId, WorkoutLogId, WorkspaceId,
};

/// The ids that stand in paths and queries: name, prefix, what they name.
const IDS: &[(&str, &str, &str)] = &[
    (
        "workspace_id",
        WorkspaceId::PREFIX,
        "The workspace; it must be the credential's own.",
    ),
    ("key_id", KeyId::PREFIX, "The API key."),
    ("app_id", AppId::PREFIX, "The app."),
    ("grant_id", GrantId::PREFIX, "The grant."),
    ("client_id", ClientId::PREFIX, "The client."),
    (
        "client_session_id",
        ClientSessionId::PREFIX,
        "The client's device.",
    ),
    ("event_id", EventId::PREFIX, "The event."),
    (
        "exercise_id",
        ExerciseId::PREFIX,
        "The exercise; its slug is taken as well.",
    ),
    ("program_id", ProgramId::PREFIX, "The program."),
    ("template_id", TemplateId::PREFIX, "The template."),
    (
        "workout_log_id",
        WorkoutLogId::PREFIX,
        "The workout log, of this client.",
    ),
    ("photo_id", PhotoId::PREFIX, "The photo."),
    ("payment_id", PaymentId::PREFIX, "The payment."),
    ("checkin_id", CheckinId::PREFIX, "The check-in."),
    ("checkin_form_id", FormId::PREFIX, "The form of check-ins."),
    ("job_id", JobId::PREFIX, "The job."),
    ("export_id", ExportId::PREFIX, "The export."),
    ("webhook_id", WebhookId::PREFIX, "The webhook."),
    ("delivery_id", DeliveryId::PREFIX, "The delivery."),
    (
        "inbox_message_id",
        InboxMessageId::PREFIX,
        "What the test inbox received.",
    ),
    ("mail_id", MailId::PREFIX, "The mail."),
    ("notice_id", NoticeId::PREFIX, "The notice."),
    ("request_id", RequestId::PREFIX, "The request."),
    ("session_id", SessionId::PREFIX, "The session."),
    (
        "message_id",
        MessageId::PREFIX,
        "The message, of this client's thread.",
    ),
];

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
const HAPPENING: &str = "happening";
const PLACE: &str = "place";
const CONSENT: &str = "consent";
const FORCE: &str = "Cadence-Force";
const IF_MATCH: &str = "If-Match";
const IF_NONE_MATCH: &str = "If-None-Match";
const LAST_EVENT_ID: &str = "Last-Event-ID";

/// The parameters that several operations share, by the name they are pointed at with.
pub(super) fn components() -> Vec<(String, Value)> {
    let ids = IDS.iter().map(|(name, prefix, words)| {
        let parameter = json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": words,
            "schema": id(prefix),
        });
        ((*name).to_owned(), parameter)
    });
    let headers = [
        (
            FORCE,
            "In test mode: gives this error, with its true status, headers and body, in the place of the answer, and does nothing else. Any other value is 400 `invalid_parameter`; so is the header itself in live mode.",
            reference("schemas", "ErrorCode"),
            "rate_limited",
        ),
        (
            IDEMPOTENCY_KEY,
            "Makes the request safe to send again: with the same key and the same request, the first answer comes again for 24 hours. Printable ASCII, bare or in quotes.",
            json!({ "type": "string", "minLength": 1, "maxLength": 255 }),
            "b7e3c1f0-2f5a-4a52-9c0e-6d1f0a7b9e55",
        ),
        (
            IF_MATCH,
            "Carries the change out only if the object still has this `ETag`; otherwise 412 `etag_mismatch`.",
            json!({ "type": "string" }),
            "\"3\"",
        ),
        (
            IF_NONE_MATCH,
            "Gives 304 without a body if the object still has this `ETag`.",
            json!({ "type": "string" }),
            "\"3\"",
        ),
        (
            LAST_EVENT_ID,
            "The `id` of the last event that was received: the stream goes on behind it.",
            json!({ "type": "string" }),
            "42",
        ),
    ];
    let headers = headers.map(|(name, words, schema, example)| {
        let parameter = json!({
            "name": name,
            "in": "header",
            "required": false,
            "description": words,
            "schema": schema,
            "example": example,
        });
        (name.to_owned(), parameter)
    });
    let words = words().map(|(name, parameter)| (name.to_owned(), parameter));
    ids.chain(words).chain(headers).collect()
}

/// What stands in paths and is no id.
fn words() -> [(&'static str, Value); 3] {
    let happenings: Vec<&str> = HAPPENINGS.iter().map(|happening| happening.name).collect();
    let happening = json!({
        "name": HAPPENING,
        "in": "path",
        "required": true,
        "description": "What is to happen.",
        "schema": { "type": "string", "enum": happenings },
    });
    let place = json!({
        "name": PLACE,
        "in": "path",
        "required": true,
        "description": "Block, week and session, each from 1.",
        "schema": { "type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$", "example": "1.2.3" },
    });
    let kinds: Vec<&str> = CONSENTS.iter().map(|consent| consent.kind).collect();
    let consent = json!({
        "name": CONSENT,
        "in": "path",
        "required": true,
        "description": "What was agreed to.",
        "schema": { "type": "string", "enum": kinds },
    });
    [(HAPPENING, happening), (PLACE, place), (CONSENT, consent)]
}

/// The parameters of a route.
pub(super) fn of(route: &Route) -> Vec<Value> {
    let shared = |name: &str| reference("parameters", name);
    let mut parameters: Vec<Value> = route.path_parameters().map(shared).collect();
    parameters.extend(route.doc.query.iter().map(query));
    let headers = [
        (FORCE, route.is_authenticated()),
        (IDEMPOTENCY_KEY, route.is_post()),
        (IF_MATCH, route.heeds_if_match()),
        (IF_NONE_MATCH, route.heeds_if_none_match()),
        (LAST_EVENT_ID, route.is_stream()),
    ];
    let heeded = headers.iter().filter(|(_, heeded)| *heeded);
    parameters.extend(heeded.map(|(name, _)| shared(name)));
    parameters
}

fn query(parameter: &Parameter) -> Value {
    let mut shown = json!({
        "name": parameter.name,
        "in": "query",
        "required": false,
        "description": parameter.words,
    });
    let one = |words: Vec<String>| json!({ "type": "string", "enum": words });
    shown["schema"] = match parameter.choices {
        Choices::Any => query_schema(parameter.name),
        Choices::One(vocabulary) => one(vocabulary()),
        Choices::Some(vocabulary) => {
            shown["style"] = json!("form");
            shown["explode"] = json!(false);
            json!({ "type": "array", "items": one(vocabulary()) })
        }
    };
    shown
}

fn query_schema(name: &str) -> Value {
    let times = [CREATED_AFTER.name, CREATED_BEFORE.name, UPDATED_AFTER.name];
    if name == LIMIT.name {
        json!({ "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT })
    } else if times.contains(&name) {
        json!({ "type": "string", "format": "date-time" })
    } else if name == "after" {
        json!({ "type": "integer", "format": "int64", "minimum": 0 })
    } else if let Some((_, prefix, _)) = IDS.iter().find(|(id, ..)| *id == name) {
        id(prefix)
    } else {
        json!({ "type": "string" })
    }
}

fn id(prefix: &str) -> Value {
    json!({
        "type": "string",
        "pattern": format!("^{prefix}_[0-9a-hjkmnp-tv-z]{{26}}$"),
        "example": format!("{prefix}_01jzkd6v8q9xw2m4n6p8r0t2v4"),
    })
}
