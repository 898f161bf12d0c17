//! Erasing a client: what was planted everywhere is found nowhere afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use cadence::access::workspaces;
use cadence::backup::{self, Place};
use cadence::caller::Mode;
use cadence::clock::Timestamp;
use cadence::ids::{ExportId, RequestId};
use cadence::overview::exports;
use cadence::request_log::{Details, Ended};
use serde_json::{Value, json};

use crate::support::{Answer, Behaviour, Caller, Receiver, Server, jpeg, logs, until};

const TELEPHONE: &str = "+351912777001";

/// The nth thing that is planted.
fn canary(n: u32) -> String {
    format!("canary{n:02}quz")
}

struct World {
    server: Server,
    key: Caller,
    client: String,
    at: String,
}

/// A body that holds canaries from one number on, one for each `?`.
fn planted(text: &str, first: u32) -> Value {
    let mut body = String::new();
    for (n, part) in (first..).zip(text.split('?')) {
        if n > first {
            body.push_str(&canary(n - 1));
        }
        body.push_str(part);
    }
    serde_json::from_str(&body).expect("JSON")
}

impl World {
    /// A client who is known by canaries, and by nothing else.
    fn start() -> Self {
        let server = Server::start();
        let key = server.key(server.coach("coach@example.com"), &[]);
        // The same coach has another client, who stays.
        let stays =
            json!({ "name": "Rui Costa", "email": "rui@example.com", "send_invite": false });
        key.post("/v1/clients", &stays).expect(201);
        let new = planted(
            r#"{"name":"? Quill","email":"?@example.com","goal":"?","tags":["?"],"coach_notes":"?",
                "metadata":{"k":"?"},"external_id":"?","phone":"+351912777001"}"#,
            1,
        );
        let made = key.post_once("/v1/clients", "make", &new).expect(201);
        let client = made.member("id");
        let world = Self {
            server,
            key,
            at: format!("/v1/clients/{client}"),
            client,
        };
        world.join(&made);
        world
    }

    /// The client joins by a browser that has a canary for a name, and writes.
    fn join(&self, made: &Answer) {
        let link = made.member("install_link");
        let token = link.split_once('#').expect("a fragment").1;
        let join = json!({ "token": token, "consents": { "terms": true, "health_data": true } });
        let agent = canary(8);
        let anyone = self.server.anyone();
        let headers = [("User-Agent", agent.as_str())];
        let body = join.to_string();
        let joined = anyone.send("POST", "/auth/client-sessions", &headers, Some(&body));
        let cookie = joined
            .expect(201)
            .header("set-cookie")
            .expect("a cookie")
            .to_owned();
        let cookie = cookie.split(';').next().expect("a cookie").to_owned();
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        let message = json!({ "body": canary(9) }).to_string();
        anyone
            .send("POST", "/v1/app/messages", &headers, Some(&message))
            .expect(201);
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.key
            .post(&format!("{}/{path}", self.at), body)
            .expect(201)
    }

    /// Canaries in everything that there is about a client; gives a part of the picture.
    fn plant(&self) -> Vec<u8> {
        let key = &self.key;
        let message = planted(r#"{"body":"?"}"#, 10);
        key.post_once(&format!("{}/messages", self.at), &canary(11), &message)
            .expect(201);
        key.patch(&self.at, &planted(r#"{"goal":"?"}"#, 12))
            .expect(200);
        let program = r#"{"name":"?","notes":"?","blocks":[{"sessions":[]}]}"#;
        let program = self.post("programs", &planted(program, 13)).member("id");
        let path = format!("/v1/programs/{program}");
        key.patch(&path, &planted(r#"{"notes":"?"}"#, 15))
            .expect(200);
        let log = r#"{"notes":"?","exercises":[{"exercise":"back-squat","note":"?","sets":
            [{"reps":5,"load":{"value":100,"unit":"kg"},"note":"?"}]}]}"#;
        self.post("workout-logs", &planted(log, 16));
        let checkin = r#"{"answers":[{"question":"How?","value":"nothing"}],"notes":"none",
            "measurements":[{"metric":"arm","value":33,"unit":"cm","site":"left"}]}"#;
        let mut checkin: Value = serde_json::from_str(checkin).expect("JSON");
        checkin["answers"][0]["value"] = canary(19).into();
        checkin["notes"] = canary(20).into();
        checkin["measurements"][0]["site"] = canary(21).into();
        let checkin = self.post("checkins", &checkin).member("id");
        let review = planted(r#"{"reply":"?","private_notes":"?"}"#, 22);
        key.post(&format!("/v1/checkins/{checkin}/review"), &review)
            .expect(200);
        let payment = planted(
            r#"{"amount":12000,"currency":"eur","method":"manual","description":"?",
                "metadata":{"k":"?"}}"#,
            24,
        );
        let payment = self.post("payments", &payment).member("id");
        let refund = planted(r#"{"amount":500,"reason":"?"}"#, 26);
        key.post(&format!("/v1/payments/{payment}/refund"), &refund)
            .expect(200);
        key.get(&format!("/v1/clients?q={}+quill", canary(1).to_uppercase()))
            .expect(200);
        let refused = planted(
            r#"{"name":"? Quill","email":"?@example.com","goal":"x"}"#,
            1,
        );
        key.post("/v1/clients", &refused)
            .refused(409, "already_exists");
        let photo = key
            .post_form(&format!("{}/photos", self.at), &[("file", &jpeg())])
            .expect(201);
        let shown = self
            .server
            .anyone()
            .get(&photo.member("url"))
            .expect(200)
            .body;
        shown[shown.len() / 2..][..48].to_vec()
    }

    /// A code by mail that is on its way to the client: what is kept of it.
    fn ask_code(&self) -> [Vec<u8>; 2] {
        let agent = canary(8);
        let headers = [("User-Agent", agent.as_str())];
        let body = planted(r#"{"email":"?@example.com"}"#, 2).to_string();
        let anyone = self.server.anyone();
        anyone
            .send("POST", "/auth/client-codes", &headers, Some(&body))
            .expect(202);
        until("the code", || self.server.rows("client_codes") == 1);
        let read = self.server.app.db.read_now(|conn| {
            let all = "SELECT browser, digest FROM client_codes";
            Ok(conn.query_row(all, [], |row| Ok([row.get(0)?, row.get(1)?]))?)
        });
        read.expect("a code")
    }

    /// All that is on the disk of the database.
    fn disk(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for name in ["cadence.db", "cadence.db-wal", "cadence.db-shm"] {
            all.extend(fs::read(self.server.data().join(name)).unwrap_or_default());
        }
        all
    }
}

fn holds(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

/// How many canaries there are.
const CANARIES: u32 = 28;

#[test]
fn nothing_of_an_erased_client_is_on_the_disk_or_in_the_log() {
    let world = World::start();
    let receiver = Receiver::of(Behaviour::Answers(
        200,
        String::new(),
        canary(27).into_bytes(),
    ));
    let hook = json!({ "url": receiver.url(), "events": ["*"] });
    world.key.post("/v1/webhooks", &hook).expect(201);
    let inbox = world.key.get("/v1/test/inbox").expect(200).member("url");
    world
        .key
        .post("/v1/webhooks", &json!({ "url": inbox, "events": ["*"] }))
        .expect(201);
    let picture = world.plant();
    let code = world.ask_code();
    world.post("messages", &planted(r#"{"body":"?"}"#, 28));
    world.server.run_jobs();
    world.server.deliver();
    world.server.write_uses();
    let before = world.disk();
    for n in 1..=CANARIES {
        assert!(
            holds(&before, canary(n).as_bytes()),
            "{} was not planted",
            canary(n)
        );
    }
    assert!(holds(&before, &picture) && holds(&before, TELEPHONE.as_bytes()));
    assert!(code.iter().all(|part| holds(&before, part)));
    let events = world.key.get("/v1/events?limit=100").expect(200);
    let told: Vec<String> = events.column("type");

    let erased = world
        .key
        .act(&format!("{}/erase", world.at))
        .expect(200)
        .json();

    assert_eq!(
        (&erased["id"], &erased["object"], &erased["erased"]),
        (&json!(world.client), &json!("client"), &json!(true))
    );
    let after = world.disk();
    world.server.write_uses();
    let later = world.disk();
    for all in [&after, &later, &logs().into_bytes()] {
        for n in 1..=CANARIES {
            assert!(
                !holds(all, canary(n).as_bytes()),
                "{} is still there",
                canary(n)
            );
            let upper = canary(n).to_uppercase();
            assert!(!holds(all, upper.as_bytes()), "{upper} is still there");
        }
        assert!(!holds(all, TELEPHONE.as_bytes()) && !holds(all, &picture));
        assert!(!code.iter().any(|part| holds(all, part)));
    }
    // The feed has no hole: what was told is told to have been.
    let list = world.key.get("/v1/events?limit=100").expect(200);
    assert_eq!(list.column("type")[0], "client.erased");
    assert_eq!(list.column("type")[1..], told);
    let list = list.json();
    let data = list["data"].as_array().expect("events");
    assert_eq!(data[0]["data"]["object"], erased);
    let emptied = data
        .iter()
        .filter(|event| event["data"] == json!({ "erased": true }));
    assert!(emptied.count() > 10, "{list}");
    let others = data
        .iter()
        .filter(|event| event["data"]["object"]["name"] == "Rui Costa");
    assert_eq!(others.count(), 1, "who stays is told of as before");
}

#[test]
fn what_stays_of_an_erased_client_are_payments_without_words() {
    let world = World::start();
    world.plant();
    let path = format!("{}/payments", world.at);
    let payment = world.key.get(&path).expect(200).json()["data"][0].clone();

    world.key.act(&format!("{}/erase", world.at)).expect(200);

    let id = payment["id"].as_str().expect("an id");
    let kept = world
        .key
        .get(&format!("/v1/payments/{id}"))
        .expect(200)
        .json();
    for field in [
        "amount",
        "currency",
        "amount_refunded",
        "status",
        "succeeded_at",
        "created_at",
    ] {
        assert_eq!(kept[field], payment[field], "{field}");
    }
    assert_eq!(
        (&kept["description"], &kept["metadata"]),
        (&Value::Null, &json!({}))
    );
    assert_eq!(kept["refunds"][0]["reason"], Value::Null);
    for path in [
        "",
        "/messages",
        "/programs",
        "/payments",
        "/checkins",
        "/photos",
        "/erase",
    ] {
        let path = format!("{}{path}", world.at);
        let answer = if path.ends_with("erase") {
            world.key.act(&path)
        } else {
            world.key.get(&path)
        };
        answer.refused(404, "not_found");
    }
    assert_eq!(
        world.key.get("/v1/clients").expect(200).column("name"),
        ["Rui Costa"]
    );
    // A retry of what made the client makes none again.
    let again = planted(
        r#"{"name":"? Quill","email":"?@example.com","goal":"?","tags":["?"],"coach_notes":"?",
            "metadata":{"k":"?"},"external_id":"?","phone":"+351912777001"}"#,
        1,
    );
    let replay = world
        .key
        .post_once("/v1/clients", "make", &again)
        .expect(201);
    assert_eq!(replay.header("idempotent-replayed"), Some("true"));
    assert_eq!(replay.json(), json!({ "erased": true }));
    // Whoever was erased may come back as somebody new.
    world.key.post("/v1/clients", &again).expect(201);
}

#[test]
fn a_person_has_to_enter_the_password_again() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);
    let new = json!({ "name": "Ana", "email": "ana@example.com" });
    let id = session.post("/v1/clients", &new).expect(201).member("id");

    server.advance_ms(6 * 60_000);

    let path = format!("/v1/clients/{id}/erase");
    session.act(&path).refused(403, "reauth_required");
    let narrow = server.key(coach, &["clients:write"]);
    narrow.act(&path).refused(403, "insufficient_scope");
    server.key(coach, &["clients:erase"]).act(&path).expect(200);
}

/// Restores a backup over what is there, as the command does.
fn restore(world: &mut World, from: &std::path::Path) {
    let data = world.server.data();
    let now = world.server.app.clock.now();
    world.server.stop();
    let place = Place {
        directory: &data,
        database: cadence::server::DATABASE,
        sealing_key: cadence::server::SEALING_KEY,
    };
    backup::restore(from, place, None, now).expect("a restore");
    world.server.restart();
    world.key.address = world.server.anyone().address;
}

#[test]
fn a_restored_backup_forgets_whom_it_should() {
    for loses_database in [false, true] {
        let mut world = World::start();
        world.plant();
        let app = world.server.app.clone();
        let from = world.server.data().with_file_name("one.backup");
        let now = app.clock.now();
        backup::make(&app.db, &app.sealing, &from, None, now).expect("a backup");
        drop(app);
        world.key.act(&format!("{}/erase", world.at)).expect(200);
        if loses_database {
            // The note beside the database is enough.
            world.server.stop();
            fs::write(world.server.data().join("cadence.db"), "lost").expect("a file");
        }

        restore(&mut world, &from);

        world.key.get(&world.at).refused(404, "not_found");
        assert_eq!(
            world.key.get("/v1/clients").expect(200).column("name"),
            ["Rui Costa"]
        );
        let all = world.disk();
        for n in 1..=26 {
            assert!(
                !holds(&all, canary(n).as_bytes()),
                "{} came back",
                canary(n)
            );
        }
        let told = world.key.get("/v1/events?type=client.erased").expect(200);
        assert_eq!(told.column("type").len(), 1);
    }
}

/// What the tables in which traces are looked for hold, by table and key.
fn rows(server: &Server) -> BTreeMap<String, String> {
    let tables = [
        "SELECT 'event ' || sequence, id || type || coalesce(idempotency_key, '') || data
            FROM events",
        "SELECT 'mail ' || id, recipient || status FROM outbox",
        "SELECT 'answer ' || id, status || coalesce(etag, '') || hex(body) FROM saved_answers",
        "SELECT 'request ' || number, path || coalesce(query, '') || bodies
            || coalesce(idempotency_key, '') || coalesce(request_body, '')
            || coalesce(answer_body, '') FROM requests",
        "SELECT 'notice ' || id, title || message FROM notices",
        "SELECT 'audit ' || id, coalesce(detail, '') FROM audit_log",
        "SELECT 'inbox ' || id, body FROM inbox_messages",
        "SELECT 'job ' || id, payload FROM jobs WHERE recurring = 0",
    ];
    server.write_uses();
    let read = |conn: &cadence::db::Reader| {
        let mut all = BTreeMap::new();
        for sql in tables {
            let mut statement = conn.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                all.insert(row.get(0)?, row.get(1)?);
            }
        }
        Ok(all)
    };
    server.app.db.read_now(read).expect("rows")
}

/// A client whose data holds what others are called.
fn joanna(server: &Server, key: &Caller) {
    let new = json!({
        "name": "Joanna Ann Lee", "email": "joanna@example.com", "goal": "Sleep; ask Ann, Lee",
        "external_id": "1001", "phone": "+351912777100", "metadata": { "kind": "Client", "n": "100" },
    });
    let made = key.post_once("/v1/clients", "joanna", &new).expect(201);
    let at = format!("/v1/clients/{}", made.member("id"));
    let link = made.member("install_link");
    let token = link.split_once('#').expect("a fragment").1;
    let join = json!({ "token": token, "consents": { "terms": true, "health_data": true } });
    let anyone = server.anyone();
    let joined = anyone.post("/auth/client-sessions", &join).expect(201);
    let cookie = joined.header("set-cookie").expect("a cookie");
    let cookie = cookie.split(';').next().expect("a cookie");
    let headers = [("Cookie", cookie), ("Sec-Fetch-Site", "same-origin")];
    anyone
        .send(
            "POST",
            "/v1/app/consents/health_data/withdraw",
            &headers,
            None,
        )
        .expect(200);
    let words = json!({ "body": "Lee and Ann sleep; so does ann@example.com, a Client of 100" });
    key.post_once(&format!("{at}/messages"), "words", &words)
        .expect(201);
    let payment = json!({
        "amount": 100, "currency": "eur", "method": "manual", "description": "Client",
        "metadata": { "name": "Lee" },
    });
    key.post_once(&format!("{at}/payments"), "payment", &payment)
        .expect(201);
    let exercise = json!({ "name": "Client", "pattern": "squat" });
    key.post("/v1/exercises", &exercise);
    for name in ["Lee", "Client", "Ann"] {
        key.post("/v1/webhooks", &json!({ "url": "not one", "name": name }));
    }
    key.get("/v1/clients?limit=100").expect(200);
    key.get("/v1/clients?q=joanna").expect(200);
}

#[test]
fn an_erasure_leaves_other_clients_as_they_are() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let inbox = key.get("/v1/test/inbox").expect(200).member("url");
    let hook = json!({ "url": inbox, "events": ["*"] });
    key.post("/v1/webhooks", &hook).expect(201);
    joanna(&server, &key);
    server.run_jobs();
    server.deliver();
    let of_others = rows(&server);
    for (kind, word) in [
        ("event", "leep"),
        ("event", "\"amount\":100"),
        ("mail", "joanna@"),
        ("answer", ""),
        ("request", "Lee"),
        ("notice", "Joanna Ann Lee"),
        ("inbox", "Client"),
    ] {
        let mut of_kind = of_others.iter().filter(|(key, _)| key.starts_with(kind));
        assert!(
            of_kind.any(|(_, text)| text.contains(word)),
            "{kind} {word}"
        );
    }
    let mut erased = Vec::new();
    for (name, email, external_id) in [
        ("Lee", "lee@example.com", "100"),
        ("Client", "client@example.com", "web"),
        ("Ann", "ann@example.com", "kind"),
        ("Ann Lee", "anna@example.com", "eur"),
    ] {
        let new = json!({ "name": name, "email": email, "external_id": external_id });
        let id = key.post("/v1/clients", &new).expect(201).member("id");
        let message = json!({ "body": format!("to {name} alone") });
        key.post(&format!("/v1/clients/{id}/messages"), &message)
            .expect(201);
        erased.push(id);
    }
    server.run_jobs();
    server.deliver();
    let before = rows(&server);

    for id in &erased {
        key.act(&format!("/v1/clients/{id}/erase")).expect(200);
    }

    let after = rows(&server);
    for key in of_others.keys() {
        let (before, after) = (before.get(key), after.get(key));
        let names_address = before.is_some_and(|text| text.contains("ann@example.com"));
        if key.starts_with("request") && names_address {
            continue; // The log keeps no address of the erased, in whatever request.
        }
        assert_eq!(before, after, "{key}");
    }
    let rest: Vec<&String> = after.values().collect();
    for id in &erased {
        let told = |text: &&&String| text.contains(id.as_str()) && text.contains("alone");
        assert_eq!(rest.iter().filter(told).count(), 0, "{id}");
    }
    assert_eq!(
        key.get("/v1/clients").expect(200).column("name"),
        ["Joanna Ann Lee"]
    );
}

#[test]
fn a_retry_of_an_erasure_is_answered_as_the_first_time() {
    let world = World::start();
    let path = format!("{}/erase", world.at);
    let first = world.key.post_once(&path, "erase", &json!({})).expect(200);

    let retry = world.key.post_once(&path, "erase", &json!({})).expect(200);

    assert_eq!(retry.header("idempotent-replayed"), Some("true"));
    assert_eq!(retry.json(), first.json());
    assert_eq!(retry.json()["erased"], true);
    world.key.act(&path).refused(404, "not_found");
}

#[test]
fn an_erased_client_lives_on_in_no_export() {
    let world = World::start();
    let server = &world.server;
    let coach = server.coach("third@example.com");
    let key = server.key(coach, &[]);
    let session = server.session(coach);
    let folder = server.data().join("exports");
    let lying = || fs::read_dir(&folder).expect("the folder").count();
    let add = |name: &str| {
        let email = format!("{name}@example.com");
        let new = json!({ "name": name, "email": email, "send_invite": false });
        key.post("/v1/clients", &new).expect(201).member("id")
    };
    let erase = |id: &str| key.act(&format!("/v1/clients/{id}/erase")).expect(200);
    let (ana, bo, cy) = (add("ana"), add("bo"), add("cy"));
    let state = |path: &str| {
        let shown = session.get(path).expect(200).json();
        (shown["status"].clone(), shown["error"].clone())
    };
    let ask = || {
        let made = session.act("/v1/exports").expect(201);
        format!("/v1/exports/{}", made.member("id"))
    };
    let why = json!("A client was erased: ask for a new export.");

    let ready = ask();
    server.run_jobs();
    assert_eq!((state(&ready).0, lying()), (json!("ready"), 1));
    erase(&ana);
    assert_eq!(
        (state(&ready), lying()),
        ((json!("expired"), why.clone()), 0)
    );
    session
        .get(&format!("{ready}/file"))
        .refused(404, "not_found");

    // One that waits is not made any more.
    let waits = ask();
    erase(&bo);
    server.run_jobs();
    assert_eq!(
        (state(&waits), lying()),
        ((json!("failed"), why.clone()), 0)
    );

    // One that is being written ends as failed, however far it is, and is handed to nobody.
    let runs = ask();
    let id = ExportId::parse(runs.rsplit('/').next().expect("an id")).expect("an id");
    exports::files::begin(&server.data(), id).expect("a file");
    let (app, now) = (server.app.clone(), server.app.clock.now());
    let tenants = app
        .db
        .read_now(|conn| workspaces::store::tenants(conn, coach.workspace))
        .expect("a read");
    let tenant = tenants.expect("tenants").test;
    let note = || {
        let progress = "1 of 1 client".to_owned();
        let write =
            move |tx: &cadence::db::Tx<'_>| exports::actions::note(tx, tenant, id, progress, now);
        app.db.write_blocking(write).expect("a write")
    };
    assert!(note());
    assert_eq!(state(&runs).0, json!("running"));
    erase(&cy);
    assert!(!note(), "whoever writes it is told to stop");
    assert_eq!((state(&runs), lying()), ((json!("failed"), why), 0));
    // It was written to the end all the same.
    exports::files::begin(&server.data(), id).expect("a file");
    assert!(exports::files::end(&server.data(), id).expect("a file"));
    let app = server.app.clone();
    let made = exports::Made {
        clients: 1,
        bytes: 0,
    };
    let ready = server
        .app
        .db
        .write_blocking(move |tx| exports::actions::ready(tx, &app, tenant, id, (made, now)));
    ready.expect("a write");
    assert_eq!((state(&runs).0, lying()), (json!("failed"), 0));
}

#[test]
fn what_was_read_before_an_erasure_and_is_logged_after_it_tells_nothing() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (key_id, token) = server.new_key(coach, Mode::Test, &[]);
    let key = server.bearer(&token);
    let new = json!({ "name": "Ana Reis", "email": "ana@example.com" });
    let id = key.post("/v1/clients", &new).expect(201).member("id");
    let caller = Arc::new(server.caller(coach, Mode::Test, &key_id));
    let read = cadence::idempotency::Answer::ok(&key.get(&format!("/v1/clients/{id}")).json());
    let read = read.expect("an answer");
    let (now, path) = (server.app.clock.now(), format!("/v1/clients/{id}"));
    let log = |at: Timestamp| {
        let ended = Ended {
            caller: &caller,
            created_at: at,
            method: Some("GET"),
            route: Some("/v1/clients/{client_id}"),
            status: 200,
        };
        let request = RequestId::new(at);
        server.app.request_log.record(ended, || Details {
            id: request,
            received_at: at,
            duration_us: 1,
            method: "GET",
            path: &path,
            query: None,
            content_type: None,
            user_agent: None,
            idempotency_key: None,
            address: None,
            body: b"",
            standing: None,
            answer: &read,
            code: None,
        });
        server.write_uses();
        let line = key.get(&format!("/v1/requests/{request}")).expect(200);
        (line.member("path"), line.body)
    };
    key.act(&format!("{path}/erase")).expect(200);

    let (shown, line) = log(now);

    assert_eq!(shown, "/v1/clients/{client_id}");
    assert!(!holds(&line, b"ana@example.com") && !holds(&line, id.as_bytes()));
    // Whoever asks for the client afterwards is logged as ever.
    assert_eq!(log(now.plus_ms(1)).0, path);
}
