//! What holds for every route there is: the tests walk the server's own table.
//!
//! A new route is tested by being in the table. Where it needs something that is not known here (a
//! new kind of id, a state to be in first) the tests say so. Lists of exceptions may only shrink.

use std::collections::BTreeSet;

use cadence::access::workspaces;
use cadence::api::route::Route;
use cadence::caller::{Mode, Need, Scope};
use cadence::clock::{DAY_MS, Timestamp};
use cadence::ids::{
    AppId, CheckinId, ClientId, ClientSessionId, DeliveryId, EventId, ExerciseId, ExportId, FormId,
    GrantId, InboxMessageId, JobId, KeyId, MailId, MessageId, NoticeId, PaymentId, PhotoId,
    ProgramId, RequestId, TemplateId, WebhookId, WorkoutLogId, WorkspaceId,
};
use cadence::jobs::{self, NewJob};
use cadence::notices::{self, NoticeKind, Severity, Told};
use cadence::overview::exports;
use cadence::server::table::routes;
use serde_json::json;

use crate::support::{Answer, Caller, Coach, Server, form, form_type, jpeg};

/// Where there is no demo these answer 404; `demo.rs` tests them where there is one.
const IN_A_DEMO: &[&str] = &["make_happen"];

/// What these answer is longer by the request before: a HEAD cannot have the length of the GET.
const TELLS_OF_REQUESTS: &[&str] = &["list_requests", "get_usage"];
/// What asks for a person: at the dashboard, or in the client app.
const FOR_PEOPLE: &[Need] = &[Need::Session, Need::Client];

/// Answers to methods that a path may lack.
const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
];

/// What is no id of anything.
const MALFORMED: &[&str] = &[
    "nope",
    "1",
    "%00",
    "..%2F..",
    "%27%20OR%201=1",
    "CL_01JZKD6V8Q9XW2M4N6P8R0T2V4",
    "cl_01jzkd6v8q9xw2m4n6p8r0t2v4x",
    "usr_01jzkd6v8q9xw2m4n6p8r0t2v4",
    "~",
];

/// A route under one of its paths.
struct Call {
    route: Route,
    path: &'static str,
}

/// Every route under every path.
fn calls() -> Vec<Call> {
    let mut calls = Vec::new();
    // A route holds closures and cannot be cloned: each alias takes it from a table of its own.
    let most = routes().iter().map(|route| route.aliases.len()).max();
    for turn in 0..=most.unwrap_or(0) {
        for route in routes() {
            let path = match turn {
                0 => Some(route.path),
                _ => route.aliases.get(turn - 1).copied(),
            };
            calls.extend(path.map(|path| Call { route, path }));
        }
    }
    assert!(calls.len() > 25, "only {} calls were found", calls.len());
    calls
}

/// The calls that ask for a credential.
fn guarded() -> impl Iterator<Item = Call> {
    calls()
        .into_iter()
        .filter(|call| call.route.need != Need::Nothing)
}

/// The guarded calls that a coach can make, by a key or signed in.
fn for_coaches() -> impl Iterator<Item = Call> {
    guarded().filter(|call| call.route.need != Need::Client)
}

/// The guarded calls that a key can make.
fn for_keys() -> impl Iterator<Item = Call> {
    guarded().filter(|call| !FOR_PEOPLE.contains(&call.route.need))
}

impl Call {
    fn method(&self) -> &str {
        self.route.method.as_str()
    }

    fn id(&self) -> &'static str {
        self.route.doc.id
    }

    fn named(&self) -> String {
        format!("{} {}", self.method(), self.path)
    }

    /// The names of the path's parameters.
    fn parameters(&self) -> Vec<&'static str> {
        let parts = self.path.split('/');
        parts
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect()
    }

    /// The path with these objects in it.
    fn filled(&self, objects: &Objects) -> String {
        let mut path = self.path.to_owned();
        for name in self.parameters() {
            path = path.replace(&format!("{{{name}}}"), objects.of(name));
        }
        path
    }

    /// A body that the route takes from this caller.
    fn body(&self, caller: &Caller) -> Option<Vec<u8>> {
        let mut body = self.route.doc.request_example.clone()?;
        if self.route.form.is_some() {
            return Some(form_of(&body));
        }
        // The one body that has to hold a secret which exists: the caller's own key is one.
        let own = caller.authorization.as_deref().unwrap_or_default();
        if let Some(key) = own.strip_prefix("Bearer cdnsk_")
            && self.route.doc.id == "identify_api_key"
        {
            body["plaintext"] = format!("cdnsk_{key}").into();
        }
        Some(body.to_string().into_bytes())
    }

    /// Any request with this body, of the media type that the route takes.
    fn send_body(
        &self,
        caller: &Caller,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Answer {
        let media_type = form_type();
        let mut all = headers.to_vec();
        if self.route.form.is_some() {
            all.push(("Content-Type", media_type.as_str()));
        }
        caller.send_bytes(self.method(), path, &all, body)
    }

    fn send(&self, caller: &Caller, path: &str) -> Answer {
        self.send_with(caller, path, &[])
    }

    fn send_with(&self, caller: &Caller, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send_body(caller, path, headers, self.body(caller).as_deref())
    }
}

/// The form of an example: its texts, and a picture where it has a file.
fn form_of(example: &serde_json::Value) -> Vec<u8> {
    let picture = jpeg();
    let fields = example.as_object().expect("fields").iter();
    let parts = fields.map(|(name, value)| match name.as_str() {
        "file" => (name.as_str(), &picture[..]),
        name => (name, value.as_str().expect("a text").as_bytes()),
    });
    form(&parts.collect::<Vec<_>>())
}

/// One object of every kind that a path names.
#[derive(Clone, Debug)]
struct Objects {
    workspace: String,
    client: String,
    client_session: String,
    key: String,
    event: String,
    mail: String,
    message: String,
    job: String,
    notice: String,
    request: String,
    app: String,
    grant: String,
    exercise: String,
    program: String,
    template: String,
    workout_log: String,
    photo: String,
    payment: String,
    checkin: String,
    checkin_form: String,
    export: String,
    webhook: String,
    delivery: String,
    /// Of the test tenant; live ones have no inbox.
    inbox_message: String,
}

impl Objects {
    fn of(&self, parameter: &str) -> &str {
        match parameter {
            "workspace_id" => &self.workspace,
            "client_id" => &self.client,
            "client_session_id" => &self.client_session,
            "key_id" => &self.key,
            "event_id" => &self.event,
            "mail_id" => &self.mail,
            "message_id" => &self.message,
            "job_id" => &self.job,
            "notice_id" => &self.notice,
            "request_id" => &self.request,
            "app_id" => &self.app,
            "grant_id" => &self.grant,
            "exercise_id" => &self.exercise,
            "program_id" => &self.program,
            "template_id" => &self.template,
            "workout_log_id" => &self.workout_log,
            "photo_id" => &self.photo,
            "payment_id" => &self.payment,
            "checkin_id" => &self.checkin,
            "checkin_form_id" => &self.checkin_form,
            "export_id" => &self.export,
            "happening" => "client-message",
            "place" => "1.1.1",
            "consent" => "messages",
            "webhook_id" => &self.webhook,
            "delivery_id" => &self.delivery,
            "inbox_message_id" => &self.inbox_message,
            "session_id" => "ses_01jzkd6v8q9xw2m4n6p8r0t2v4",
            other => panic!("tests/it/coverage.rs does not know what a {other} is"),
        }
    }

    fn with(&self, parameter: &str, id: &str) -> Self {
        let mut objects = self.clone();
        let place = match parameter {
            "workspace_id" => &mut objects.workspace,
            "client_id" => &mut objects.client,
            "client_session_id" => &mut objects.client_session,
            "key_id" => &mut objects.key,
            "event_id" => &mut objects.event,
            "mail_id" => &mut objects.mail,
            "message_id" => &mut objects.message,
            "job_id" => &mut objects.job,
            "notice_id" => &mut objects.notice,
            "request_id" => &mut objects.request,
            "app_id" => &mut objects.app,
            "grant_id" => &mut objects.grant,
            "exercise_id" => &mut objects.exercise,
            "program_id" => &mut objects.program,
            "template_id" => &mut objects.template,
            "workout_log_id" => &mut objects.workout_log,
            "photo_id" => &mut objects.photo,
            "payment_id" => &mut objects.payment,
            "checkin_id" => &mut objects.checkin,
            "checkin_form_id" => &mut objects.checkin_form,
            "export_id" => &mut objects.export,
            "webhook_id" => &mut objects.webhook,
            "delivery_id" => &mut objects.delivery,
            "inbox_message_id" => &mut objects.inbox_message,
            other => panic!("tests/it/coverage.rs does not know what a {other} is"),
        };
        id.clone_into(place);
        objects
    }

    /// Well-formed ids of nothing.
    fn missing(server: &Server) -> Self {
        let now = server.app.clock.now();
        Self {
            workspace: WorkspaceId::new(now).to_string(),
            client: ClientId::new(now).to_string(),
            client_session: ClientSessionId::new(now).to_string(),
            key: KeyId::new(now).to_string(),
            event: EventId::new(now).to_string(),
            mail: MailId::new(now).to_string(),
            message: MessageId::new(now).to_string(),
            job: JobId::new(now).to_string(),
            notice: NoticeId::new(now).to_string(),
            request: RequestId::new(now).to_string(),
            app: AppId::new(now).to_string(),
            grant: GrantId::new(now).to_string(),
            exercise: ExerciseId::new(now).to_string(),
            program: ProgramId::new(now).to_string(),
            template: TemplateId::new(now).to_string(),
            workout_log: WorkoutLogId::new(now).to_string(),
            photo: PhotoId::new(now).to_string(),
            payment: PaymentId::new(now).to_string(),
            checkin: CheckinId::new(now).to_string(),
            checkin_form: FormId::new(now).to_string(),
            export: ExportId::new(now).to_string(),
            webhook: WebhookId::new(now).to_string(),
            delivery: DeliveryId::new(now).to_string(),
            inbox_message: InboxMessageId::new(now).to_string(),
        }
    }

    /// Makes one of each, through the API.
    fn make(server: &Server, caller: &Caller, coach: Coach) -> Self {
        let new = json!({ "name": "Ana Prado", "email": "made@example.com" });
        let invited = caller.post("/v1/clients", &new).expect(201);
        let client = invited.member("id");
        let link = invited.member("install_link");
        let token = link.split_once('#').expect("a fragment").1;
        let join = json!({ "token": token, "consents": { "terms": true, "health_data": true } });
        let anyone = Caller {
            authorization: None,
            ..caller.clone()
        };
        let joined = anyone.post("/auth/client-sessions", &join).expect(201);
        let thread = format!("/v1/clients/{client}/messages");
        let message = caller.post(&thread, &json!({ "body": "Hello" }));
        let key = caller.post(&coach.keys_path(), &json!({ "name": "made" }));
        let new = json!({
            "name": "made", "client_type": "confidential",
            "redirect_uris": ["https://made.example/callback"],
        });
        let app = caller.post("/v1/oauth/apps", &new).expect(201);
        let live = app.json()["livemode"] == true;
        let app = app.member("id");
        let grant = server.grant(coach, &app, live);
        let exercise = json!({ "name": "Made", "pattern": "squat", "primary": ["quads"] });
        let exercise = caller.post("/v1/exercises", &exercise).expect(201);
        let blocks = json!({ "name": "Made", "blocks": [{ "sessions": [] }] });
        let programs = format!("/v1/clients/{client}/programs");
        let program = caller.post(&programs, &blocks).expect(201);
        let template = caller.post("/v1/program-templates", &blocks).expect(201);
        let logs = format!("/v1/clients/{client}/workout-logs");
        let log = caller
            .post(&logs, &json!({ "status": "excused" }))
            .expect(201);
        let photos = format!("/v1/clients/{client}/photos");
        let photo = caller.post_form(&photos, &[("file", &jpeg())]).expect(201);
        let payments = format!("/v1/clients/{client}/payments");
        let paid = json!({ "amount": 12_000, "currency": "eur", "method": "manual" });
        let payment = caller.post(&payments, &paid).expect(201);
        // In test mode this one is declined, and so a reason of today.
        let declined = json!({ "amount": 9_901, "currency": "eur" });
        caller.post(&payments, &declined).expect(201);
        let checkins = format!("/v1/clients/{client}/checkins");
        let checkin = caller
            .post(&checkins, &json!({ "notes": "Made" }))
            .expect(201);
        let checkin_form = first_id(caller, "/v1/checkin-forms");
        let inbox = caller.get("/v1/test/inbox");
        let inbox = (inbox.status == 200).then(|| inbox.member("url"));
        let url = inbox.as_deref().unwrap_or("https://example.com/webhooks");
        let hook = caller.post("/v1/webhooks", &json!({ "url": url, "events": ["*"] }));
        let webhook = hook.expect(201).member("id");
        let delivery = caller.act(&format!("/v1/webhooks/{webhook}/test"));
        let inbox_message = if inbox.is_some() {
            server.deliver();
            first_id(caller, "/v1/test/inbox/messages")
        } else {
            InboxMessageId::new(server.app.clock.now()).to_string()
        };
        Self {
            webhook,
            delivery: delivery.expect(202).member("id"),
            inbox_message,
            workspace: coach.workspace.to_string(),
            client,
            client_session: joined.member("id"),
            key: key.expect(201).member("id"),
            event: first_id(caller, "/v1/events"),
            mail: first_id(caller, "/v1/outbox"),
            message: message.expect(201).member("id"),
            // No call of a caller's makes these: see `furnished`.
            export: ExportId::new(Timestamp::default()).to_string(),
            job: JobId::new(Timestamp::default()).to_string(),
            notice: NoticeId::new(Timestamp::default()).to_string(),
            request: first_id(caller, "/v1/requests"),
            app,
            grant,
            exercise: exercise.member("id"),
            program: program.member("id"),
            template: template.member("id"),
            workout_log: log.member("id"),
            photo: photo.member("id"),
            payment: payment.member("id"),
            checkin: checkin.member("id"),
            checkin_form,
        }
    }

    /// Those that belong to one mode.
    fn of_one_mode(&self) -> [&str; 20] {
        [
            &self.client,
            &self.client_session,
            &self.key,
            &self.event,
            &self.mail,
            &self.message,
            &self.request,
            &self.app,
            &self.grant,
            &self.exercise,
            &self.program,
            &self.template,
            &self.workout_log,
            &self.photo,
            &self.payment,
            &self.checkin,
            &self.checkin_form,
            &self.webhook,
            &self.delivery,
            &self.inbox_message,
        ]
    }
}

fn first_id(caller: &Caller, path: &str) -> String {
    let list = caller.get(path).expect(200).json();
    let id = list["data"][0]["id"].as_str();
    id.unwrap_or_else(|| panic!("nothing in {path}: {list}"))
        .to_owned()
}

/// Who can make the call: a key, or where a person is asked for a session.
fn fitting(server: &Server, call: &Call, key: &Caller, coach: Coach) -> Caller {
    if call.route.need == Need::Session {
        server.session(coach)
    } else {
        key.clone()
    }
}

/// A coach with a test key that may do everything, and one object of each kind.
fn furnished(server: &Server, email: &str) -> (Caller, Objects, Coach) {
    let coach = server.coach(email);
    let caller = server.key(coach, &[]);
    let mut objects = Objects::make(server, &caller, coach);
    objects.job = waiting_job(server);
    objects.notice = told_notice(server, coach);
    objects.export = ready_export(server, coach);
    (caller, objects, coach)
}

/// A job that is due in a day.
fn waiting_job(server: &Server) -> String {
    let now = server.app.clock.now();
    let later = now.plus_ms(DAY_MS);
    let job = NewJob {
        due_at: later,
        ready_at: later,
        ..NewJob::now(now, "server")
    };
    let id = job.id.to_string();
    let kind = &cadence::upkeep::CHECK_DISK;
    let queued = server
        .app
        .db
        .write_blocking(move |tx| jobs::actions::enqueue(tx, kind, &job, now));
    queued.expect("a job");
    id
}

/// An export of the test tenant that is ready, with a file.
fn ready_export(server: &Server, coach: Coach) -> String {
    let app = server.app.clone();
    let now = app.clock.now();
    let id = ExportId::new(now);
    exports::files::begin(&server.data(), id).expect("a file");
    assert!(exports::files::end(&server.data(), id).expect("a file"));
    let written = server.app.db.write_blocking(move |tx| {
        let tenant = workspaces::store::tenants(tx, coach.workspace)?
            .expect("tenants")
            .test;
        exports::actions::begin_anew(tx, tenant, id, now)?;
        let made = exports::Made {
            clients: 0,
            bytes: 0,
        };
        exports::actions::ready(tx, &app, tenant, id, (made, now))
    });
    written.expect("an export");
    id.to_string()
}

/// A notice of the test tenant that a feature told.
fn told_notice(server: &Server, coach: Coach) -> String {
    let now = server.app.clock.now();
    let told = Told {
        id: NoticeId::new(now),
        kind: NoticeKind::WebhookFailing,
        subject: "an endpoint".to_owned(),
        stage: "15 minutes".to_owned(),
        severity: Severity::Warning,
        title: "An endpoint does not answer".to_owned(),
        message: "See to it.".to_owned(),
        action: None,
        created_at: now,
    };
    let id = told.id.to_string();
    let written = server.app.db.write_blocking(move |tx| {
        let tenants = workspaces::store::tenants(tx, coach.workspace)?.expect("tenants");
        notices::actions::tell(tx, tenants.test, &told)
    });
    assert!(written.expect("a notice"));
    id
}

/// An answer without what differs from request to request.
fn essence(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let request = answer.header("x-request-id").unwrap_or("no request id");
    let changing = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["date", "x-request-id", "x-wx-trace"].contains(&name.as_str())
            || name.starts_with("x-ratelimit")
            || name.starts_with("ratelimit")
    };
    let headers = answer.headers.iter().filter(|(name, _)| !changing(name));
    let mut headers: Vec<(String, String)> = headers.cloned().collect();
    headers.sort();
    (
        answer.status,
        headers,
        answer.text().replace(request, "req_"),
    )
}

#[test]
fn every_route_is_named_once_and_shows_what_it_takes() {
    let mut names = BTreeSet::new();
    for route in routes() {
        let (id, at) = (route.doc.id, route.path);
        assert!(names.insert(id), "{id} names two routes");
        assert!(
            !id.is_empty() && !route.doc.summary.is_empty(),
            "{at} is not named"
        );
        let takes = route.doc.request.is_some();
        let shows = route.doc.request_example.is_some();
        assert_eq!(
            takes, shows,
            "{id} takes a body and shows none, or the other way round"
        );
    }
}

#[test]
fn without_a_credential_every_route_answers_the_same_401() {
    let server = Server::start();
    let (_, objects, _) = furnished(&server, "coach@example.com");
    let anyone = server.anyone();
    let unknown = essence(
        &anyone
            .get("/v1/there-is-no-such-path")
            .refused(401, "auth_missing"),
    );

    for call in guarded() {
        let answer = call.send(&anyone, &call.filled(&objects));

        assert_eq!(
            (answer.status, answer.code()),
            (401, "auth_missing".to_owned()),
            "{}",
            call.named()
        );
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        assert!(
            challenge.starts_with("Bearer"),
            "{}: {challenge}",
            call.named()
        );
        assert!(
            !challenge.contains("error="),
            "{}: {challenge}",
            call.named()
        );
        assert_eq!(
            essence(&answer),
            unknown,
            "{} can be told from no path",
            call.named()
        );
    }
}

#[test]
fn a_key_that_lacks_only_the_needed_scope_is_told_which() {
    let server = Server::start();
    let (_, objects, coach) = furnished(&server, "coach@example.com");

    for call in for_keys() {
        let Need::Scope(needed) = call.route.need else {
            continue;
        };
        let others: Vec<&str> = Scope::ALL
            .iter()
            .filter(|scope| !brings(**scope, needed))
            .map(|scope| scope.name())
            .collect();
        let caller = server.key(coach, &others);

        let answer = call.send(&caller, &call.filled(&objects));

        assert_eq!(
            (answer.status, answer.code()),
            (403, "insufficient_scope".to_owned()),
            "{}",
            call.named()
        );
        assert_eq!(
            answer.json()["error"]["scopes"],
            json!([needed.name()]),
            "{}",
            call.named()
        );
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        let named = format!("error=\"insufficient_scope\", scope=\"{}\"", needed.name());
        assert!(challenge.ends_with(&named), "{}: {challenge}", call.named());
    }
}

/// Whether holding one scope is holding the other.
fn brings(held: Scope, needed: Scope) -> bool {
    let held: cadence::caller::Scopes = std::iter::once(held).collect();
    held.allow(needed)
}

#[test]
fn a_key_with_just_the_needed_scope_may_read() {
    let server = Server::start();
    let (_, objects, coach) = furnished(&server, "coach@example.com");

    for call in for_keys().filter(|call| call.method() == "GET") {
        let scope = match call.route.need {
            Need::Scope(needed) => needed,
            // The event shown is of a client: any other scope would do for these.
            Need::Nothing | Need::Credential | Need::Session | Need::Client => Scope::SpacesRead,
        };
        // An event is shown to who may read what it tells of.
        let scopes = match call.id() {
            "get_event" => vec![
                scope.name(),
                "clients:read",
                "messages:read",
                "keys:read",
                "webhooks:read",
                "programs:read",
                "payments:read",
                "checkins:read",
            ],
            "export_client" => vec![scope.name(), "checkins:read"],
            _ => vec![scope.name()],
        };
        let caller = server.key(coach, &scopes);

        let answer = call.send(&caller, &call.filled(&objects));

        assert_eq!(answer.status, 200, "{}: {}", call.named(), answer.text());
    }
}

#[test]
fn no_key_may_do_what_is_for_a_person_at_the_dashboard() {
    let server = Server::start();
    let (caller, objects, _) = furnished(&server, "coach@example.com");

    for call in guarded().filter(|call| FOR_PEOPLE.contains(&call.route.need)) {
        let answer = call.send(&caller, &call.filled(&objects));

        answer.refused(403, "auth_forbidden");
    }
}

#[test]
fn what_belongs_to_somebody_else_answers_like_what_does_not_exist() {
    let server = Server::start();
    let (caller, own, coach) = furnished(&server, "coach@example.com");
    let live = server.bearer(&server.new_key(coach, Mode::Live, &[]).1);
    let (other, others, other_coach) = furnished(&server, "other@example.com");
    let other_live = server.bearer(&server.new_key(other_coach, Mode::Live, &[]).1);
    let foreign = [
        ("another coach's", &other, others),
        (
            "another coach's live",
            &other_live,
            Objects::make(&server, &other_live, other_coach),
        ),
        (
            "the live tenant's",
            &live,
            Objects::make(&server, &live, coach),
        ),
    ];
    let missing = Objects::missing(&server);
    let before: Vec<_> = foreign
        .iter()
        .map(|(_, owner, of)| seen(owner, of))
        .collect();
    let mut compared = 0;

    for call in for_keys() {
        for parameter in call.parameters() {
            let (status, code) = refusal(parameter);
            let nothing = own.with(parameter, missing.of(parameter));
            let expected = call.send(&caller, &call.filled(&nothing));
            assert_eq!(
                (expected.status, expected.code()),
                (status, code.to_owned()),
                "{}",
                call.named()
            );
            for (whose, _, of) in &foreign {
                if of.of(parameter) == own.of(parameter) {
                    // Both modes share a workspace.
                    continue;
                }
                let path = call.filled(&own.with(parameter, of.of(parameter)));
                let answer = call.send(&caller, &path);
                assert_eq!(
                    essence(&answer),
                    essence(&expected),
                    "{whose} at {}",
                    call.named()
                );
                compared += 1;
            }
        }
    }

    assert!(compared > 50, "only {compared} comparisons");
    let after: Vec<_> = foreign
        .iter()
        .map(|(_, owner, of)| seen(owner, of))
        .collect();
    assert_eq!(before, after, "something of somebody else was changed");
    // The same calls reach what is the caller's own: the refusals above were for the ids.
    for call in for_keys() {
        let answer = call.send(&caller, &call.filled(&own));
        let reached = answer.status < 400 || answer.status == 409;
        assert!(reached, "{}: {}", call.named(), answer.text());
    }
}

/// How an id that does not exist is refused.
fn refusal(parameter: &str) -> (u16, &'static str) {
    match parameter {
        // The workspace of the path says whom the caller means to be: it is not looked up.
        "workspace_id" => (403, "auth_forbidden"),
        _ => (404, "not_found"),
    }
}

/// The objects as their owner sees them.
fn seen(owner: &Caller, objects: &Objects) -> Vec<String> {
    let paths = [
        format!("/v1/clients/{}", objects.client),
        format!("/v1/clients/{}/messages", objects.client),
        format!("/v1/exercises/{}", objects.exercise),
        format!("/v1/programs/{}", objects.program),
        format!("/v1/program-templates/{}", objects.template),
        format!("/v1/clients/{}/workout-logs", objects.client),
        format!("/v1/clients/{}/photos?limit=1", objects.client),
        format!("/v1/payments/{}", objects.payment),
        format!(
            "/v1/workspaces/{}/api-keys/{}",
            objects.workspace, objects.key
        ),
        format!("/v1/workspaces/{}", objects.workspace),
        format!("/v1/outbox/{}", objects.mail),
    ];
    paths
        .iter()
        .map(|path| owner.get(path).expect(200).text())
        .collect()
}

#[test]
fn lists_hold_nothing_of_somebody_else() {
    let server = Server::start();
    let (caller, own, coach) = furnished(&server, "coach@example.com");
    let live = server.bearer(&server.new_key(coach, Mode::Live, &[]).1);
    let siblings = Objects::make(&server, &live, coach);
    let (_, others, _) = furnished(&server, "other@example.com");

    for call in for_keys().filter(|call| call.method() == "GET") {
        let answer = call.send(&caller, &call.filled(&own)).expect(200).text();

        for objects in [&siblings, &others] {
            for id in objects.of_one_mode() {
                assert!(!answer.contains(id), "{} shows {id}", call.named());
            }
        }
        assert!(!answer.contains(&others.workspace), "{}", call.named());
    }
}

#[test]
fn a_malformed_id_answers_like_a_missing_one() {
    let server = Server::start();
    let (caller, own, _) = furnished(&server, "coach@example.com");
    let missing = Objects::missing(&server);

    for call in for_keys() {
        for parameter in call.parameters() {
            let expected = call.filled(&own.with(parameter, missing.of(parameter)));
            let expected = essence(&call.send(&caller, &expected));
            for malformed in MALFORMED {
                let path = call.filled(&own.with(parameter, malformed));
                let answer = call.send(&caller, &path);
                assert_eq!(
                    essence(&answer),
                    expected,
                    "{} with {malformed}",
                    call.named()
                );
            }
        }
    }
}

/// Brings the objects into the state that a route starts from.
fn prepare(call: &Call, caller: &Caller, objects: &Objects) -> Objects {
    let act = |objects: &Objects, what: &str| {
        let path = format!("/v1/clients/{}/{what}", objects.client);
        caller.act(&path).expect(200);
    };
    let coached = || {
        let new = json!({ "name": "Rui", "email": "rui@example.com", "send_invite": false });
        let id = caller.post("/v1/clients", &new).expect(201).member("id");
        objects.with("client_id", &id)
    };
    match call.id() {
        "unarchive_client" => {
            act(objects, "archive");
            objects.clone()
        }
        "pause_client" => coached(),
        "complete_program" => {
            caller
                .act(&format!("/v1/programs/{}/activate", objects.program))
                .expect(200);
            objects.clone()
        }
        "resume_client" => {
            let objects = coached();
            act(&objects, "pause");
            objects
        }
        _ => objects.clone(),
    }
}

#[test]
fn every_post_is_carried_out_once_per_idempotency_key() {
    let server = Server::start();
    let mut posts = 0;
    for (number, call) in for_coaches()
        .filter(|call| call.method() == "POST" && !IN_A_DEMO.contains(&call.id()))
        .enumerate()
    {
        let (caller, objects, coach) = furnished(&server, &format!("coach{number}@example.com"));
        // Some calls are for the owner of the server alone.
        server.make_owner(coach);
        let objects = prepare(&call, &caller, &objects);
        let caller = fitting(&server, &call, &caller, coach);
        let path = call.filled(&objects);
        let key = [("Idempotency-Key", "one and the same")];

        let first = call.send_with(&caller, &path, &key);
        let events = caller.get("/v1/events").expect(200).text();
        let second = call.send_with(&caller, &path, &key);

        let name = call.named();
        assert_eq!(
            first.status,
            call.route.doc.status,
            "{name}: {}",
            first.text()
        );
        assert_eq!(first.header("idempotent-replayed"), None, "{name}");
        assert_eq!(second.header("idempotent-replayed"), Some("true"), "{name}");
        assert_eq!(
            (first.status, &first.body),
            (second.status, &second.body),
            "{name}"
        );
        for header in ["content-type", "location", "etag", "cache-control"] {
            assert_eq!(
                first.header(header),
                second.header(header),
                "{name}: {header}"
            );
        }
        assert_ne!(
            first.header("x-request-id"),
            second.header("x-request-id"),
            "{name}"
        );
        let events_after = caller.get("/v1/events").expect(200).text();
        assert_eq!(events, events_after, "{name} happened twice");

        // The same values in other bytes are another request.
        let mut other = call.body(&caller).unwrap_or_else(|| b"{}".to_vec());
        other.push(b' ');
        let other = call.send_body(&caller, &path, &key, Some(&other));
        let other = other.refused(409, "idempotency_key_reused");
        assert_eq!(other.header("x-should-retry"), Some("false"), "{name}");
        assert_eq!(other.header("idempotent-replayed"), None, "{name}");
        let elsewhere = caller.send(
            "POST",
            "/v1/clients",
            &key,
            Some("{\"name\":\"A\",\"email\":\"a@b.co\"}"),
        );
        elsewhere.refused(409, "idempotency_key_reused");
        posts += 1;
    }
    assert!(posts > 10, "only {posts} calls were made");
}

#[test]
fn an_idempotency_key_of_another_tenant_is_another_key() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let test = server.key(coach, &[]);
    let live = server.bearer(&server.new_key(coach, Mode::Live, &[]).1);
    let other = server.key(server.coach("other@example.com"), &[]);
    let new = json!({ "name": "Ana", "email": "ana@example.com" });
    let mut ids = BTreeSet::new();

    for caller in [&test, &live, &other] {
        let answer = caller.post_once("/v1/clients", "same", &new).expect(201);

        assert_eq!(answer.header("idempotent-replayed"), None);
        ids.insert(answer.member("id"));
    }

    assert_eq!(ids.len(), 3);
}

#[test]
fn the_documented_changes_are_taken() {
    let server = Server::start();
    let (key, objects, coach) = furnished(&server, "coach@example.com");

    for call in for_coaches().filter(|call| call.method() == "PATCH") {
        let caller = fitting(&server, &call, &key, coach);
        let answer = call.send(&caller, &call.filled(&objects));

        assert_eq!(answer.status, 200, "{}: {}", call.named(), answer.text());
        assert_eq!(
            answer.header("etag").is_some(),
            call.route.doc.tagged,
            "{}",
            call.named()
        );
    }
}

#[test]
fn an_unknown_query_parameter_is_refused_everywhere() {
    let server = Server::start();
    let (key, objects, coach) = furnished(&server, "coach@example.com");

    for call in for_coaches() {
        let caller = fitting(&server, &call, &key, coach);
        let path = format!("{}?no_such_parameter=1", call.filled(&objects));
        let answer = call.send(&caller, &path);

        let name = call.named();
        assert_eq!(
            (answer.status, answer.code()),
            (400, "invalid_parameter".to_owned()),
            "{name}"
        );
        let fault = &answer.json()["error"]["errors"][0];
        assert_eq!(fault["parameter"], "no_such_parameter", "{name}");
    }
}

#[test]
fn an_unknown_field_is_refused_everywhere() {
    let server = Server::start();
    let (key, objects, coach) = furnished(&server, "coach@example.com");

    // A file's fields are judged row by row; its own tests look at them.
    let takes_fields = |call: &Call| call.route.upload().is_none();
    for call in for_keys()
        .filter(|call| ["POST", "PATCH"].contains(&call.method()))
        .filter(takes_fields)
    {
        let caller = fitting(&server, &call, &key, coach);
        let mut body = call.route.doc.request_example.clone().unwrap_or(json!({}));
        body["no_such_field"] = json!(1);
        let answer = caller.send(
            call.method(),
            &call.filled(&objects),
            &[],
            Some(&body.to_string()),
        );

        let name = call.named();
        assert_eq!(answer.status, 400, "{name}: {}", answer.text());
        let fault = &answer.json()["error"]["errors"][0];
        assert_eq!(fault["pointer"], "/no_such_field", "{name}");
    }
}

#[test]
fn another_method_is_told_which_there_are() {
    let server = Server::start();
    let (caller, objects, _) = furnished(&server, "coach@example.com");
    let paths: BTreeSet<&str> = calls().iter().map(|call| call.path).collect();

    for path in paths {
        let here: Vec<Call> = calls()
            .into_iter()
            .filter(|call| call.path == path)
            .collect();
        let mut allowed: BTreeSet<&str> = here.iter().map(Call::method).collect();
        if allowed.contains("GET") {
            allowed.insert("HEAD");
        }
        for method in METHODS.iter().filter(|method| !allowed.contains(*method)) {
            let answer = caller.send(method, &here[0].filled(&objects), &[], None);

            assert_eq!(answer.status, 405, "{method} {path}");
            let told = answer.header("allow").unwrap_or_default();
            let told: BTreeSet<&str> = told.split(", ").collect();
            assert_eq!(told, allowed, "{method} {path}");
            if path.starts_with("/oauth") {
                continue; // Its errors have RFC 6749's form; tests of their own look at them.
            }
            if *method != "HEAD" {
                assert_eq!(answer.code(), "method_not_allowed", "{method} {path}");
            }
        }
    }
}

#[test]
fn a_head_has_the_headers_of_the_get_and_no_body() {
    let server = Server::start();
    let (caller, objects, _) = furnished(&server, "coach@example.com");
    let missing = Objects::missing(&server);

    for call in calls().into_iter().filter(|call| call.method() == "GET") {
        for caller in [&caller, &server.anyone()] {
            for objects in [&objects, &missing] {
                let path = call.filled(objects);
                let get = caller.get(&path);
                let head = caller.send("HEAD", &path, &[], None);

                assert_eq!(head.body, b"", "{}", call.named());
                let (mut get, mut head) = (essence(&get), essence(&head));
                if TELLS_OF_REQUESTS.contains(&call.id()) {
                    for answer in [&mut get, &mut head] {
                        answer.1.retain(|(name, _)| {
                            !["content-length", "link"].contains(&name.as_str())
                        });
                    }
                }
                assert_eq!((get.0, get.1), (head.0, head.1), "{}", call.named());
            }
        }
    }
}

#[test]
fn what_a_key_may_do_a_session_may_too() {
    let server = Server::start();
    let (key, objects, coach) = furnished(&server, "coach@example.com");
    let session = server.session(coach);

    for call in for_coaches().filter(|call| !IN_A_DEMO.contains(&call.id())) {
        // The body that the key would send: it holds the key's own text where one is asked for.
        let body = call.body(&key);
        let path = call.filled(&objects);
        let answer = call.send_body(&session, &path, &[], body.as_deref());

        let reached = answer.status < 400 || answer.status == 409;
        assert!(reached, "{}: {}", call.named(), answer.text());
        assert_eq!(answer.header("set-cookie"), None, "{}", call.named());
        assert_eq!(answer.header("vary"), Some("Sec-Fetch-Site, Origin"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("ratelimit"), None, "{}", call.named());
    }
}

#[test]
fn no_route_that_changes_something_takes_a_session_from_another_origin() {
    let server = Server::start();
    let (_, objects, coach) = furnished(&server, "coach@example.com");
    let session = server.session(coach);
    let before = server.all_rows();
    let foreign: [&[(&str, &str)]; 4] = [
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "")],
        &[
            ("Sec-Fetch-Site", "cross-site"),
            ("Origin", "http://localhost"),
        ],
    ];

    for call in for_coaches().filter(|call| call.method() != "GET") {
        for headers in foreign {
            let answer = call.send_with(&session, &call.filled(&objects), headers);

            let answer = answer.refused(403, "cross_origin_refused");
            assert_eq!(answer.header("vary"), Some("Sec-Fetch-Site, Origin"));
        }
    }

    assert_eq!(server.all_rows(), before);
}

#[test]
fn a_session_that_names_no_workspace_gets_no_tenants_data() {
    let server = Server::start();
    let (_, objects, coach) = furnished(&server, "coach@example.com");
    let other = server.coach("other@example.com").workspace.to_string();
    let whole = server.session(coach);
    let session = whole.session.as_ref().expect("a session");
    let cookie = [
        ("Cookie", session.cookie.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
    ];

    for call in for_coaches() {
        let path = call.filled(&objects);
        if !call.route.in_any_workspace {
            let answer = call.send_with(&server.anyone(), &path, &cookie);
            assert_eq!(answer.code(), "invalid_parameter", "{}", call.named());
        }
        let foreign = [("Cadence-Workspace", other.as_str())];
        let answer = call.send_with(&whole, &path, &foreign);
        answer.refused(403, "auth_forbidden");
        let twice = format!("{0}; {0}", session.cookie);
        let answer = call.send_with(&whole, &path, &[("Cookie", &twice)]);
        answer.refused(400, "ambiguous_credentials");
    }
}
