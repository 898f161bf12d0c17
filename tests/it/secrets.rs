//! Canaries: secrets that are used in every way that there is, right and wrong, and then looked for
//! in all that the server keeps, logs and answers.

#![expect(
    clippy::expect_used,
    reason = "a test that finds nothing to check must fail"
)]

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cadence::access::accounts;
use cadence::caller::{Mode, Origin};
use cadence::ids::RequestId;
use cadence::secrets::Secret;
use cadence::values::Email;
use rusqlite::types::ValueRef;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server, exchange, logs};

/// The random characters of a credential, without its prefix and checksum: what must be seen
/// nowhere, of a mistyped one neither.
fn core(credential: &str) -> String {
    let random = credential.rsplit('_').next().unwrap_or_default();
    assert_eq!(random.len(), 36, "{credential} is no credential");
    random[..30].to_owned()
}

/// A text that must not be found.
struct Canary {
    what: &'static str,
    forms: Vec<String>,
}

impl Canary {
    fn new(what: &'static str, text: &str) -> Self {
        let forms = vec![
            text.to_owned(),
            STANDARD.encode(text),
            URL_SAFE_NO_PAD.encode(text),
            hex(text),
        ];
        Self { what, forms }
    }

    fn of_credential(what: &'static str, credential: &str) -> Self {
        Self::new(what, &core(credential))
    }

    /// The whole header value of HTTP Basic, whose base64 does not contain that of the key alone.
    fn and(mut self, form: String) -> Self {
        self.forms.push(form);
        self
    }

    #[track_caller]
    fn is_not_in(&self, bytes: &[u8], place: &str) {
        for form in &self.forms {
            if holds(bytes, form) {
                let text = String::from_utf8_lossy(bytes);
                let line = text.lines().find(|line| line.contains(form.as_str()));
                panic!("{} is in {place}: {}", self.what, line.unwrap_or_default());
            }
        }
    }
}

fn hex(text: &str) -> String {
    let digits = text.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// Every byte of an answer.
fn bytes_of(answer: &Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in &answer.headers {
        bytes.extend_from_slice(format!("{name}: {value}\n").as_bytes());
    }
    bytes.extend_from_slice(&answer.body);
    bytes
}

fn read_files(directory: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).expect("the data directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_files(&path, found);
        } else {
            let bytes = std::fs::read(&path).expect("a file");
            found.push((path.display().to_string(), bytes));
        }
    }
}

/// Every value of every table: what files hold in pieces stands here whole.
fn values(server: &Server) -> Vec<u8> {
    let read = server.app.db.read_now(|conn| {
        let mut tables = conn.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
        let tables = tables.query_map([], |row| row.get::<_, String>(0))?;
        let mut values = Vec::new();
        for table in tables {
            let mut all = conn.prepare(&format!("SELECT * FROM \"{}\"", table?))?;
            let columns = all.column_count();
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                for column in 0..columns {
                    if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = row.get_ref(column)? {
                        values.extend_from_slice(bytes);
                        values.push(b'\n');
                    }
                }
            }
        }
        Ok(values)
    });
    read.expect("the tables")
}

/// Looks for the canaries in all that the server keeps and logs; `control` must be found there.
fn search(server: &mut Server, canaries: &[Canary], control: &str) {
    server.write_uses();
    let values = values(server);
    assert!(holds(&values, control), "the tables were not read");
    for round in ["while the server runs", "after it stopped"] {
        let mut files = Vec::new();
        read_files(&server.data(), &mut files);
        let found = files.iter().any(|(_, bytes)| holds(bytes, control));
        assert!(found, "the files were not read");
        for canary in canaries {
            canary.is_not_in(&values, "a table");
            for (file, bytes) in &files {
                canary.is_not_in(bytes, &format!("{file} {round}"));
            }
        }
        server.stop();
    }
    let logs = logs();
    for canary in canaries {
        canary.is_not_in(logs.as_bytes(), "the log");
    }
}

/// Every answer that was given, to be looked through at the end.
#[derive(Default)]
struct Answers(Vec<(String, Answer)>);

impl Answers {
    fn keep(&mut self, what: impl Into<String>, answer: Answer) -> Answer {
        self.0.push((what.into(), answer.clone()));
        answer
    }

    fn search(&self, canaries: &[Canary]) {
        for (what, answer) in &self.0 {
            for canary in canaries {
                canary.is_not_in(&bytes_of(answer), &format!("the answer to {what}"));
            }
        }
    }
}

fn basic(server: &Server, user: &str, password: &str) -> Caller {
    Caller {
        authorization: Some(format!("Basic {}", basic_value(user, password))),
        ..server.anyone()
    }
}

fn basic_value(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

fn authorized(server: &Server, value: String) -> Caller {
    Caller {
        authorization: Some(value),
        ..server.anyone()
    }
}

/// Shows a credential in every way in which it is not accepted.
fn misuse_as_credential(server: &Server, id: &str, key: &str, answers: &mut Answers) {
    let cut = &key[..key.len() - 1];
    let typo = format!("{cut}{}", if key.ends_with('0') { '1' } else { '0' });
    let prefix = key.replacen("cdnsk", "cdnat", 1);
    let wrong = [
        ("a typing error", format!("Bearer {typo}")),
        ("a character too few", format!("Bearer {cut}")),
        ("a character too many", format!("Bearer {key}0")),
        ("another kind", format!("Bearer {prefix}")),
        ("no scheme", key.to_owned()),
        ("another scheme", format!("Digest {key}")),
        ("bare Basic", format!("Basic {key}")),
        ("two words", format!("Bearer {key} {key}")),
        ("a comma", format!("Bearer {key},{key}")),
        (
            "Basic without a colon",
            format!("Basic {}", STANDARD.encode(key)),
        ),
        (
            "Basic with the key as user",
            format!("Basic {}", basic_value(key, "")),
        ),
        (
            "Basic with another user",
            format!("Basic {}", basic_value("key_nobody", key)),
        ),
        (
            "Basic with a typing error",
            format!("Basic {}", basic_value(id, &typo)),
        ),
    ];
    for (what, value) in wrong {
        let answer = authorized(server, value).get("/v1/whoami");
        answers.keep(what, answer).expect(401);
    }
    let twice = server
        .bearer(key)
        .send("GET", "/v1/whoami", &[("Authorization", key)], None);
    answers
        .keep("two credentials", twice)
        .refused(400, "ambiguous_credentials");
    let cookie = server.anyone().send(
        "GET",
        "/v1/whoami",
        &[("Cookie", &format!("session={key}"))],
        None,
    );
    answers
        .keep("a cookie", cookie)
        .refused(401, "auth_missing");
    let query = server
        .anyone()
        .get(&format!("/v1/whoami?access_token={key}"));
    answers
        .keep("a token in the query", query)
        .refused(401, "auth_missing");
}

/// Puts a text where it does not belong, in every part of a request that is read.
fn misplace(caller: &Caller, keys_path: &str, text: &str, answers: &mut Answers) {
    let paths = [
        format!("/v1/{text}"),
        format!("/v1/clients/{text}"),
        format!("/v1/clients/{text}/messages"),
        format!("/v1/events/{text}"),
        format!("/v1/outbox/{text}"),
        format!("{keys_path}/{text}"),
        format!("/v1/workspaces/{text}"),
        format!("/v1/workspaces/{text}/api-keys"),
        format!("/{text}"),
        format!("/app/join/{text}"),
        format!("/app/join?token={text}"),
        format!("/.well-known/{text}"),
        format!("/v1/clients?api_key={text}"),
        format!("/v1/clients?{text}=1"),
        format!("/v1/clients?{text}"),
        format!("/v1/clients?limit={text}"),
        format!("/v1/clients?cursor={text}"),
        format!("/v1/clients?status={text}"),
        format!("/v1/clients?sort={text}"),
        format!("/v1/clients?created_after={text}"),
        format!("/v1/clients?q={text}&limit={text}"),
        format!("/v1/clients?limit=1&limit={text}"),
        format!("/v1/clients?{text}=%ff"),
        format!("/v1/events?type={text}"),
        format!("/v1/events?after={text}"),
        format!("/v1/clients/cl_1?expand={text}"),
        format!("/v1/{text}/{}", "x".repeat(9_000)),
    ];
    for path in &paths {
        for accept in ["application/json", "application/problem+json"] {
            let answer = caller.send("GET", path, &[("Accept", accept)], None);
            // A page is a page whatever its query says; everything else refuses.
            let page = path.starts_with("/app/join?") && answer.status == 200;
            assert!(page || answer.status >= 400, "{path}: {}", answer.text());
            answers.keep(format!("GET {path}"), answer);
        }
        for method in ["HEAD", "POST", "PUT", "DELETE", "TRACE"] {
            let answer = caller.send(method, path, &[], None);
            answers.keep(format!("{method} {path}"), answer);
        }
    }
    misplace_in_bodies(caller, keys_path, text, answers);
    misplace_in_headers(caller, text, answers);
}

fn misplace_in_bodies(caller: &Caller, keys_path: &str, text: &str, answers: &mut Answers) {
    let good = json!({ "name": "Ana", "email": "never@example.com" });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body.to_string()
    };
    let clients = [
        text.to_owned(),
        format!("{{\"{text}"),
        format!("{{\"name\": {text}}}"),
        format!("{{\"name\": \"{text}\", }}"),
        format!("{{\"name\": \"{text}\"}} {text}"),
        format!("\"{text}\""),
        format!("[\"{text}\"]"),
        format!("{{\"name\": \"Ana\", \"name\": \"{text}\"}}"),
        format!("{{\"{text}\": 1, \"{text}\": 2}}"),
        with(text, json!(1)),
        with("metadata", json!({ text: 1 })),
        with("metadata", json!({ "a": { text: text } })),
        with("email", json!(text)),
        with("phone", json!(text)),
        with("timezone", json!(text)),
        with("units", json!(text)),
        with("goal", json!(format!("{text}\u{0}"))),
        with("experience", json!(text)),
        with("check_in_day", json!(text)),
        with("days_per_week", json!(text)),
        with("limitations", json!([text])),
        with("tags", json!([format!("{text}{text}")])),
        with("send_invite", json!(text)),
    ];
    for body in &clients {
        let answer = caller.send("POST", "/v1/clients", &[], Some(body));
        answers
            .keep(format!("the client {body}"), answer)
            .expect(400);
    }
    let keys = [
        json!({ "name": "x", "scopes": [text] }),
        json!({ "name": "x", "mode": text }),
        json!({ "name": "x", "expires_at": text }),
        json!({ "name": "x", "allowed_ips": [text] }),
        json!({ "name": "x", "plaintext": text }),
        json!({ "name": "x", text: text }),
    ];
    for body in &keys {
        let answer = caller.post(keys_path, body);
        answers.keep(format!("the key {body}"), answer).expect(400);
    }
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = caller.send("POST", "/v1/clients", &form, Some(&format!("key={text}")));
    answers.keep("a form", answer).expect(415);
    let large = format!("{{\"name\": \"{}\"}}", text.repeat(8_000));
    let answer = caller.send("POST", "/v1/clients", &[], Some(&large));
    answers.keep("a large body", answer).expect(413);
}

fn misplace_in_headers(caller: &Caller, text: &str, answers: &mut Answers) {
    let headers = [
        ("Host", text.to_owned()),
        ("Accept", text.to_owned()),
        ("Content-Type", text.to_owned()),
        ("Content-Encoding", text.to_owned()),
        ("If-Match", format!("\"{text}\"")),
        ("If-None-Match", text.to_owned()),
        ("Traceparent", text.to_owned()),
        ("User-Agent", text.to_owned()),
        ("Referer", format!("https://example.com/?key={text}")),
        ("Origin", format!("https://{text}.example.com")),
        ("X-Forwarded-For", text.to_owned()),
        ("X-Request-Id", text.to_owned()),
        ("X-Api-Key", text.to_owned()),
        ("X-Large", text.repeat(900)),
    ];
    for (name, value) in &headers {
        for (method, body) in [("GET", None), ("POST", Some("{}"))] {
            let answer = caller.send(method, "/v1/clients", &[(name, value)], body);
            answers.keep(format!("{method} with {name}"), answer);
        }
    }
    for head in [
        format!("{text}\r\n\r\n"),
        format!("GET {text} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        format!("{text} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\n{text}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\n{text}: 1\r\nConnection: close\r\n\r\n"),
    ] {
        let answer = exchange(caller.address, head.as_bytes());
        answers.keep(format!("the bare head {head}"), answer);
    }
}

/// The same without a credential: refused before any of it is read.
fn misplace_as_stranger(anyone: &Caller, text: &str, answers: &mut Answers) {
    for path in [
        format!("/v1/clients/{text}"),
        format!("/{text}"),
        format!("/health?{text}"),
    ] {
        let answer = anyone.get(&path);
        answers.keep(format!("a stranger's {path}"), answer);
    }
    let answer = anyone.post("/v1/clients", &json!({ text: text }));
    answers.keep("a stranger's body", answer).expect(401);
    misplace_in_headers(anyone, text, answers);
}

/// Reads everything that can be read.
fn read_all(caller: &Caller, keys_path: &str, answers: &mut Answers) {
    for path in [
        "/v1/whoami",
        "/v1/workspaces",
        "/v1/audit-log",
        "/v1/clients",
        "/v1/events",
        "/v1/event-types",
        "/v1/requests?limit=100",
        "/v1/usage?group=route",
        "/v1/usage?group=key",
        "/api/v1/cadreen/health",
        "/openapi.json",
        "/health",
        "/ready",
        keys_path,
    ] {
        let answer = caller.get(path).expect(200);
        answers.keep(path, answer);
    }
    for path in ["/", "/docs", "/dashboard/", "/app/join", "/status"] {
        let answer = caller.get(path);
        answers.keep(path, answer);
    }
}

#[test]
fn the_plaintext_of_a_key_is_in_the_answer_that_made_it_and_nowhere_else() {
    let mut server = Server::start();
    let coach = server.coach("coach@example.com");
    let (first_id, first) = server.new_key(coach, Mode::Test, &[]);
    let caller = server.bearer(&first);
    let path = coach.keys_path();
    let mut answers = Answers::default();

    let new = json!({ "name": "the control that is found" });
    let created = caller.post_once(&path, "create", &new).expect(201);
    let (second_id, second) = (created.member("id"), created.member("plaintext"));
    let rotate = format!("{path}/{second_id}/rotate");
    let later = json!({ "retire": "after", "grace_seconds": 60 });
    let rotated = caller.post_once(&rotate, "rotate", &later).expect(200);
    let (third_id, third) = (rotated.member("id"), rotated.member("plaintext"));

    for (id, key) in [
        (&first_id, &first),
        (&second_id, &second),
        (&third_id, &third),
    ] {
        answers
            .keep("Bearer", server.bearer(key).get("/v1/whoami"))
            .expect(200);
        answers
            .keep("Basic", basic(&server, id, key).get("/v1/whoami"))
            .expect(200);
        misuse_as_credential(&server, id, key, &mut answers);
    }
    misplace(&caller, &path, &second, &mut answers);
    misplace_as_stranger(&server.anyone(), &third, &mut answers);
    read_all(&caller, &path, &mut answers);

    // What was said once can be had again by who may, and only as it was.
    let replayed = caller.post_once(&path, "create", &new).expect(201);
    assert_eq!(replayed.header("idempotent-replayed"), Some("true"));
    assert_eq!(replayed.body, created.body);
    let replayed = caller.post_once(&rotate, "rotate", &later).expect(200);
    assert_eq!(replayed.body, rotated.body);
    let elsewhere = json!({ "name": "Ana", "email": "ana@example.com" });
    for (what, answer) in [
        (
            "another body",
            caller.post_once(&path, "create", &json!({ "name": "other" })),
        ),
        (
            "another path",
            caller.post_once("/v1/clients", "create", &elsewhere),
        ),
    ] {
        answers
            .keep(what, answer)
            .refused(409, "idempotency_key_reused");
    }

    let canaries = [
        Canary::of_credential("the caller's key", &first).and(basic_value(&first_id, &first)),
        Canary::of_credential("the new key", &second).and(basic_value(&second_id, &second)),
        Canary::of_credential("the successor", &third).and(basic_value(&third_id, &third)),
    ];
    answers.search(&canaries);
    server.write_uses();
    let kept = server.rows("requests");
    assert!(kept > 200, "the request log holds {kept} requests");
    search(&mut server, &canaries, "the control that is found");
    assert!(logs().contains(&created.header("x-request-id").expect("an id").to_owned()));
}

#[test]
fn a_key_that_ended_is_refused_without_a_word_of_what_it_was() {
    let mut server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.key(coach, &[]);
    let path = coach.keys_path();
    let mut answers = Answers::default();
    let new = json!({ "name": "the control that is found", "expires_at": "2026-06-03T13:00:00Z" });
    let made: Vec<(String, String)> = (0..4)
        .map(|_| caller.post(&path, &new).expect(201))
        .map(|answer| (answer.member("id"), answer.member("plaintext")))
        .collect();
    let [rotated, disabled, revoked, expired] = made.as_slice() else {
        panic!("four keys were made");
    };

    caller
        .act(&format!("{path}/{}/rotate", rotated.0))
        .expect(200);
    caller
        .act(&format!("{path}/{}/disable", disabled.0))
        .expect(200);
    caller.delete(&format!("{path}/{}", revoked.0)).expect(204);
    for ((id, key), code) in [
        (rotated, "auth_rotating"),
        (disabled, "auth_invalid"),
        (revoked, "auth_revoked"),
    ] {
        let answer = server.bearer(key).get("/v1/whoami");
        answers.keep(code, answer).refused(401, code);
        let answer = basic(&server, id, key).get("/v1/whoami");
        answers.keep(code, answer).refused(401, code);
    }
    server.advance_ms(3_600_000);
    let answer = server.bearer(&expired.1).get("/v1/whoami");
    answers.keep("expired", answer).refused(401, "auth_invalid");
    read_all(&caller, &path, &mut answers);

    let canaries: Vec<Canary> = made
        .iter()
        .map(|(_, key)| Canary::of_credential("an ended key", key))
        .collect();
    answers.search(&canaries);
    search(&mut server, &canaries, "the control that is found");
}

#[test]
fn an_install_link_is_shown_to_who_may_use_it_and_kept_sealed() {
    let mut server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.key(coach, &[]);
    let path = coach.keys_path();
    let mut answers = Answers::default();
    let secret = |answer: &Answer| {
        let link = answer.member("install_link");
        link.rsplit('.').next().unwrap_or_default().to_owned()
    };

    let new = json!({ "name": "the control that is found", "email": "ana@example.com" });
    let created = caller.post_once("/v1/clients", "create", &new).expect(201);
    let id = created.member("id");
    let invite = format!("/v1/clients/{id}/invite");
    let once = [("Idempotency-Key", "invite")];
    let invited = caller.send("POST", &invite, &once, None).expect(200);
    let (first, second) = (secret(&created), secret(&invited));
    assert_ne!(first, second);

    let again = caller.post_once("/v1/clients", "create", &new).expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.body, created.body);
    let again = caller.send("POST", &invite, &once, None).expect(200);
    assert_eq!(again.body, invited.body);

    // The outbox shows links to who could make one, and masks them for others.
    let mails = caller.get("/v1/outbox").expect(200);
    assert!(mails.text().contains(&first) && mails.text().contains(&second));
    let reader = server.key(coach, &["outbox:read", "clients:read"]);
    let shown = answers
        .keep("a reader's outbox", reader.get("/v1/outbox"))
        .expect(200);
    for mail in shown.json()["data"].as_array().expect("mails") {
        let path = format!("/v1/outbox/{}", mail["id"].as_str().expect("an id"));
        answers
            .keep("a reader's mail", reader.get(&path))
            .expect(200);
    }
    answers
        .keep("the client", caller.get(&format!("/v1/clients/{id}")))
        .expect(200);
    let change = json!({ "goal": "strength" });
    answers
        .keep(
            "a change",
            caller.patch(&format!("/v1/clients/{id}"), &change),
        )
        .expect(200);
    answers
        .keep("the same address", caller.post("/v1/clients", &new))
        .refused(409, "already_exists");
    misplace(&caller, &path, &second, &mut answers);
    read_all(&caller, &path, &mut answers);

    let canaries = [
        Canary::of_credential("the first link", &first),
        Canary::of_credential("the second link", &second),
    ];
    answers.search(&canaries);
    search(&mut server, &canaries, "the control that is found");
}

#[test]
fn a_password_is_kept_as_a_hash_that_no_answer_and_no_log_holds() {
    const FIRST: &str = "canary-of-the-first-password";
    const SECOND: &str = "canary-of-another-password";
    let mut server = Server::start();
    let app = server.app.clone();
    let hash = |password: &str| {
        let password = Secret::new(password.to_owned());
        app.hasher.hash_blocking(&password).expect("a hash")
    };
    let (first, second) = (hash(FIRST), hash(SECOND));
    let origin = || Origin {
        request_id: RequestId::new(app.clock.now()),
        idempotency_key: None,
        address: None,
        at: app.clock.now(),
    };
    let email = Email::parse("canary@example.com").expect("an address");
    let new = accounts::NewAccount {
        email: email.clone(),
        name: "North Street Strength".to_owned(),
        password_hash: first.clone(),
        plan: "studio".to_owned(),
    };
    let made = {
        let origin = origin();
        app.db
            .write_blocking(move |tx| accounts::actions::create(tx, &origin, &new))
    };
    made.expect("an account");
    let kept = second.clone();
    let reset = {
        let origin = origin();
        app.db.write_blocking(move |tx| {
            accounts::actions::reset_password(tx, &origin, &email, &kept).map(drop)
        })
    };
    reset.expect("another password");
    for (password, fits) in [(SECOND, true), (FIRST, false)] {
        let password = Secret::new(password.to_owned());
        let verified = cadence::secrets::password::verify(&password, &second);
        assert_eq!(verified.expect("a verdict"), fits);
    }
    let coach = server.coach("coach@example.com");
    let caller = server.key(coach, &[]);
    let mut answers = Answers::default();
    for caller in [&caller, &server.live_key(coach)] {
        for body in [
            format!(r#"{{"name":"Ana","email":"a@b.co","password":"{FIRST}"}}"#),
            format!(r#"{{"account":{{"new_password":["{FIRST}"]}}}}"#),
            format!("{{'password': '{SECOND}'"),
            format!("{{password: {SECOND} {FIRST}"),
        ] {
            let answer = caller.send("POST", "/v1/clients", &[], Some(&body));
            answers.keep("a body with a password", answer).expect(400);
        }
        let answer = caller.get(&format!("/v1/clients?password={FIRST}"));
        answers.keep("a query with a password", answer).expect(400);
    }
    read_all(&caller, &coach.keys_path(), &mut answers);

    let passwords = [
        Canary::new("a password", FIRST),
        Canary::new("a password", SECOND),
    ];
    let hashes = [
        Canary::new("a hash", &first),
        Canary::new("a hash", &second),
    ];
    answers.search(&passwords);
    answers.search(&hashes);
    for canary in &hashes {
        canary.is_not_in(logs().as_bytes(), "the log");
    }
    // The hash in use is in the file, which shows that the passwords would have been found.
    search(&mut server, &passwords, &second);
}

/// The saved answers that are sealed: where each is, and its body.
fn sealed(server: &Server) -> Vec<(i64, Vec<u8>)> {
    let read = server.app.db.read_now(|conn| {
        let mut all =
            conn.prepare("SELECT id, body FROM saved_answers WHERE sealed = 1 ORDER BY id")?;
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    });
    read.expect("the saved answers")
}

fn write_bodies(server: &Server, bodies: Vec<(i64, Vec<u8>)>) {
    let written = server.app.db.write_blocking(move |tx| {
        for (id, body) in &bodies {
            tx.execute(
                "UPDATE saved_answers SET body = ?2 WHERE id = ?1",
                (id, body),
            )?;
        }
        Ok(())
    });
    written.expect("a write");
}

/// Asserts that a replay fails, says nothing, and is in the log.
#[track_caller]
fn fails_closed(answer: &Answer, secrets: &[&str]) {
    assert_eq!(
        (answer.status, answer.code()),
        (500, "internal".to_owned()),
        "{}",
        answer.text()
    );
    assert_eq!(answer.header("x-should-retry"), Some("false"));
    for secret in secrets {
        assert!(!holds(&bytes_of(answer), secret), "{}", answer.text());
    }
    let id = answer.header("x-request-id").expect("an id");
    let logs = logs();
    let line = logs
        .lines()
        .find(|line| line.contains(id) && line.contains("ERROR"));
    assert!(line.is_some(), "the failure of {id} was not logged");
}

#[test]
fn a_sealed_answer_put_in_the_place_of_another_is_not_opened() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let test = server.key(coach, &[]);
    let live = server.bearer(&server.new_key(coach, Mode::Live, &[]).1);
    let new = json!({ "name": "Ana", "email": "ana@example.com" });
    // Both answers are to the same request under the same key: only the tenant tells them apart.
    let callers = [&test, &live];
    let answers = callers.map(|caller| caller.post_once("/v1/clients", "same", &new).expect(201));
    let links = answers
        .each_ref()
        .map(|answer| answer.member("install_link"));
    let secrets = links.each_ref().map(|link| core(link));
    let secrets = secrets.each_ref().map(String::as_str);
    let saved = sealed(&server);
    assert_eq!(saved.len(), 2);

    let swapped = vec![
        (saved[0].0, saved[1].1.clone()),
        (saved[1].0, saved[0].1.clone()),
    ];
    write_bodies(&server, swapped);
    for caller in callers {
        let replay = caller.post_once("/v1/clients", "same", &new);
        fails_closed(&replay, &secrets);
        assert_eq!(replay.header("idempotent-replayed"), None);
    }

    write_bodies(&server, saved);
    for (caller, answer) in callers.iter().zip(&answers) {
        let replay = caller.post_once("/v1/clients", "same", &new).expect(201);
        assert_eq!(replay.body, answer.body);
    }
}

#[test]
fn a_sealed_answer_reached_by_another_idempotency_key_is_not_opened() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.key(coach, &[]);
    let path = coach.keys_path();
    let new = json!({ "name": "worker" });
    let keys = ["one", "two"];
    let answers = keys.map(|key| caller.post_once(&path, key, &new).expect(201));
    let secrets = answers
        .each_ref()
        .map(|answer| core(&answer.member("plaintext")));
    let secrets = secrets.each_ref().map(String::as_str);

    // The same request twice, so that the fingerprints are equal: only the seal is left to refuse.
    let swapped = server.app.db.write_blocking(|tx| {
        let swap = "UPDATE idempotency_keys SET answer_id =
            (SELECT min(answer_id) + max(answer_id) FROM idempotency_keys) - answer_id";
        Ok(tx.execute(swap, [])?)
    });
    assert_eq!(swapped.expect("a write"), 2);

    for key in keys {
        fails_closed(&caller.post_once(&path, key, &new), &secrets);
    }
}

#[test]
fn a_changed_seal_is_not_opened_and_other_answers_are() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let caller = server.key(coach, &[]);
    let new = json!({ "name": "Ana", "email": "ana@example.com" });
    let made = caller.post_once("/v1/clients", "made", &new).expect(201);
    let archive = format!("/v1/clients/{}/archive", made.member("id"));
    let once = [("Idempotency-Key", "archive")];
    let archived = caller.send("POST", &archive, &once, None).expect(200);
    let mut saved = sealed(&server);
    assert_eq!(saved.len(), 1, "an answer without a secret needs no seal");

    let last = saved[0].1.last_mut().expect("a body");
    *last ^= 1;
    write_bodies(&server, saved);

    let secret = core(&made.member("install_link"));
    fails_closed(&caller.post_once("/v1/clients", "made", &new), &[&secret]);
    let replay = caller.send("POST", &archive, &once, None).expect(200);
    assert_eq!(replay.body, archived.body);
}

#[test]
fn what_signs_people_in_is_kept_nowhere() {
    let mut server = Server::start();
    let (anyone, mut answers) = (server.anyone(), Answers::default());
    let link = cadence::access::sessions::actions::mint_set_up_link(&server.app);
    let set_up = link.expect("a write").expect("a fresh server").token;
    let (password, wrong) = ("canary olive tractor nine", "canary of a wrong password");
    let owner = json!({
        "token": set_up.reveal(), "name": "Control", "email": "owner@example.com",
        "password": password,
    });
    let made = anyone.post("/auth/setup", &owner).expect(201);
    let cookie = made.header("set-cookie").expect("a cookie");
    let session = cookie.split([';', '=']).nth(1).expect("a value").to_owned();
    for (email, password) in [
        ("owner@example.com", wrong),
        ("nobody@example.com", password),
    ] {
        let body = json!({ "email": email, "password": password });
        let answer = anyone.post("/auth/sessions", &body);
        answers.keep("a wrong sign-in", answer).expect(401);
    }
    let brought = format!("cadence={session}");
    for (method, path) in [
        ("GET", "/v1/clients"),
        ("GET", "/v1/nothing"),
        ("POST", "/v1/clients"),
        ("GET", "/auth/sessions"),
        ("GET", "/auth/sessions/current"),
        ("TRACE", "/v1/clients"),
    ] {
        let answer = anyone.send(method, path, &[("Cookie", &brought)], None);
        answers.keep(format!("{method} {path}"), answer);
    }
    let misplaced = [
        format!("/auth/{session}"),
        format!("/auth/sessions?{session}=1"),
        format!("/v1/clients?workspace={session}"),
        format!("/dashboard/set-up?{}", set_up.reveal()),
    ];
    for path in misplaced {
        let answer = anyone.get_with(&path, &[("Cookie", &brought)]);
        answers.keep(path, answer);
    }
    let workspace = made.json()["workspaces"][0]["id"].clone();
    let named = [
        ("Cookie", brought.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
        ("Cadence-Workspace", workspace.as_str().expect("an id")),
        ("Cadence-Mode", "test"),
    ];
    // This one is kept in the request log, with its body.
    let patch = json!({ "account": { "password": wrong }, session.as_str(): set_up.reveal() });
    let answer = anyone.send("PATCH", "/v1/settings", &named, Some(&patch.to_string()));
    answers.keep("a wrong patch", answer).expect(400);
    let body = json!({ "email": "owner@example.com" });
    anyone.post("/auth/password-resets", &body).expect(202);
    crate::support::until("the reset", || server.rows("account_outbox") == 1);
    let held = server.app.db.read_now(|conn| {
        let id = made.json()["account"]["id"].as_str().map(str::to_owned);
        let id = cadence::ids::AccountId::parse(&id.expect("an id")).expect("an id");
        cadence::outbox::account::store::newest(conn, id, 1)
    });
    let held = held.expect("a read").remove(0);
    assert_eq!(held.status, "held", "there is no mail server");
    let fill = cadence::outbox::account::open(&server.app.sealing, &held).expect("opens");
    let text = fill.render().text;
    let reset = text.split('#').nth(1).expect("a link");
    let reset: String = reset.chars().take_while(|c| !c.is_whitespace()).collect();
    let random = |token: &str| token.split('_').nth(1).expect("a prefix")[..30].to_owned();

    let canaries = [
        Canary::new("a password", password),
        Canary::new("a wrong password", wrong),
        Canary::new("a session", &random(&session)),
        Canary::new("a set-up link", &random(set_up.reveal())),
        Canary::new("a reset link", &random(&reset)),
    ];
    answers.search(&canaries);
    search(&mut server, &canaries, "Control");
}

#[test]
fn a_code_by_mail_is_kept_nowhere_but_sealed_in_its_mail() {
    let mut server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let mut answers = Answers::default();
    let new = json!({ "name": "the control that is found", "email": "ana@example.com" });
    let link = key
        .post("/v1/clients", &new)
        .expect(201)
        .member("install_link");
    let token = link.split('#').nth(1).expect("a fragment");
    let join = json!({ "token": token, "consents": { "terms": true, "health_data": true } });
    let anyone = server.anyone();
    anyone.post("/auth/client-sessions", &join).expect(201);
    let ask = json!({ "email": "ana@example.com" });
    let asked = anyone.post("/auth/client-codes", &ask).expect(202);
    let cookie = asked.header("set-cookie").expect("a cookie");
    let cookie = cookie.split(';').next().expect("a pair").to_owned();
    let mails = || key.get("/v1/outbox").expect(200);
    crate::support::until("the code", || mails().text().contains("client_code"));
    let text = mails().json()["data"][0]["text"].clone();
    let mut words = text.as_str().expect("a text").split_whitespace();
    let code = words.find(|word| word.len() == 9 && word.as_bytes()[4] == b'-');
    let code = code.expect("a code").to_owned();

    let headers = [
        ("Cookie", cookie.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    for body in [
        json!({ "code": code, "email": "rui@example.com" }),
        json!({ "code": code, "email": "ana" }),
        json!({ "code": code, "token": token }),
        json!({ "code": [code], "email": "ana@example.com" }),
    ] {
        let answer = anyone.send(
            "POST",
            "/auth/client-sessions",
            &headers,
            Some(&body.to_string()),
        );
        assert!(answer.status >= 400, "{}", answer.text());
        answers.keep("a code in vain", answer);
    }
    // These are kept in the request log, with their bodies: they came with a key.
    for path in ["/auth/client-sessions", "/app/sign-in"] {
        let answer = key.post(path, &json!({ "code": code, "email": "ana@example.com" }));
        answers.keep(path, answer);
    }
    let form = [
        headers[0],
        headers[1],
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let entered = anyone.send("POST", "/app/sign-in", &form, Some(&format!("code={code}")));
    entered.expect(303);
    let reader = server.key(coach, &["outbox:read", "clients:read", "workspace:read"]);
    for path in ["/v1/outbox", "/v1/requests?limit=100", "/v1/clients"] {
        answers.keep(path, reader.get(path));
    }

    let canaries = [
        Canary::new("a code", &code),
        Canary::new("a code without its hyphen", &code.replace('-', "")),
        Canary::of_credential("what the browser held", &cookie),
    ];
    answers.search(&canaries);
    search(&mut server, &canaries, "the control that is found");
}
