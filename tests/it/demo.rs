//! Sample data, and the demo that is full of it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use cadence::access::workspaces;
use cadence::config::RunKind;
use cadence::db::{Options, Tx};
use cadence::demo::actions;
use cadence::demo::happenings::HAPPENINGS;
use cadence::demo::store::Kind;
use serde_json::{Value, json};

use crate::process::{Directory, program};
use crate::support::{Answer, Caller, Receiver, Server, exchange, jpeg};

fn data(answer: &Answer) -> Vec<Value> {
    answer.json()["data"].as_array().expect("a list").clone()
}

fn clients(caller: &Caller) -> Vec<Value> {
    let mut all = data(&caller.get("/v1/clients").expect(200));
    let archived = caller.get("/v1/clients?status=archived").expect(200);
    all.extend(data(&archived));
    all
}

fn words(values: &[Value], name: &str) -> Vec<String> {
    let word = |value: &Value| value[name].as_str().unwrap_or_default().to_owned();
    values.iter().map(word).collect()
}

#[test]
fn sample_data_is_a_business_in_full_swing() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);

    let filled = session.act("/v1/sample-data").expect(200).json();

    assert_eq!(
        (&filled["clients"], &filled["api_keys"], &filled["webhooks"]),
        (&json!(14), &json!(7), &json!(2))
    );
    let clients = clients(&session);
    assert_eq!(clients.len(), 14);
    let statuses: BTreeSet<String> = words(&clients, "status").into_iter().collect();
    assert_eq!(statuses.len(), 4, "{statuses:?}");
    let keys = session.get(&coach.keys_path()).expect(200).json();
    let keys = keys["keys"].as_array().expect("keys").clone();
    let states: BTreeSet<String> = words(&keys, "status").into_iter().collect();
    let every = ["active", "disabled", "expired", "revoked", "rotating"];
    assert_eq!(states, every.map(str::to_owned).into());
    let mails = data(&session.get("/v1/outbox").expect(200));
    assert_eq!(
        mails.len(),
        3,
        "an invitation of each who has not come, and one again"
    );
    let usage = session.get("/v1/usage?group=key").expect(200).json();
    assert_eq!(usage["buckets"].as_array().map(Vec::len), Some(30));
    let spikes = usage["buckets"].as_array().expect("buckets").iter();
    let spikes = spikes.filter(|bucket| bucket["rate_limited"].as_u64() > Some(0));
    assert_eq!(spikes.count(), 1);
    let requests = data(&session.get("/v1/requests?limit=100").expect(200));
    assert!(requests.len() > 50, "{}", requests.len());
    assert!(words(&requests, "code").iter().any(|code| !code.is_empty()));
    // The feed is in order of time, as if it had happened.
    let (mut times, mut types, mut after) = (Vec::new(), BTreeSet::new(), 0);
    loop {
        let path = format!("/v1/events?after={after}&limit=100");
        let events = data(&session.get(&path).expect(200));
        let Some(last) = events.last() else {
            break;
        };
        after = last["sequence"].as_i64().expect("a number");
        times.extend(words(&events, "created_at"));
        types.extend(words(&events, "type"));
    }
    assert!(times.len() > 1_000 && times.is_sorted(), "{}", times.len());
    for kind in [
        "client.archived",
        "message.received",
        "api_key.rotated",
        "program.completed",
        "workout.logged",
        "personal_record.set",
        "checkin.submitted",
        "checkin.overdue",
        "checkin.reviewed",
        "payment.failed",
        "payment.refunded",
    ] {
        assert!(types.contains(kind), "{kind}: {types:?}");
    }
}

/// All entries of a list.
fn every(caller: &Caller, path: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut page = caller.get(&format!("{path}limit=100")).expect(200);
    loop {
        found.extend(data(&page));
        let Some(cursor) = page.next_cursor() else {
            return found;
        };
        page = caller
            .get(&format!("{path}limit=100&cursor={cursor}"))
            .expect(200);
    }
}

fn id_of(clients: &[Value], name: &str) -> String {
    let found = clients.iter().find(|client| client["name"] == name);
    let found = found.unwrap_or_else(|| panic!("no {name}"));
    found["id"].as_str().expect("an id").to_owned()
}

/// The heaviest load of each training with an exercise, the oldest first.
fn loads(logs: &[Value], exercise: &str) -> Vec<f64> {
    let heaviest = |log: &Value| {
        let done = log["exercises"].as_array()?.iter();
        let done = done.filter(|done| done["exercise"] == exercise);
        let sets = done.flat_map(|done| done["sets"].as_array().cloned().unwrap_or_default());
        sets.filter_map(|set| set["load"]["value"].as_f64())
            .max_by(f64::total_cmp)
    };
    logs.iter().rev().filter_map(heaviest).collect()
}

#[test]
fn sample_clients_train_each_as_the_story_says() {
    let server = Server::start();
    let session = server.session(server.coach("coach@example.com"));
    let filled = session.act("/v1/sample-data").expect(200).json();
    let clients = clients(&session);
    let of = |name: &str, part: &str| format!("/v1/clients/{}/{part}", id_of(&clients, name));
    let percent = |name: &str| {
        let seen = session.get(&of(name, "adherence")).expect(200).json();
        seen["windows"][1]["percent"].as_u64()
    };

    // On plan, with what comes next in a drawer; most loads have grown since the beginning.
    let programs = words(
        &data(&session.get(&of("Mira Okafor", "programs")).expect(200)),
        "status",
    );
    assert_eq!(programs, ["draft", "active", "completed"]);
    assert!(percent("Mira Okafor") > Some(85));
    let logs = every(&session, &of("Mira Okafor", "workout-logs?"));
    assert!(logs.len() > 30, "{}", logs.len());
    let grown = loads(&logs, "seated-cable-row");
    assert!(grown.last() > grown.first(), "{grown:?}");
    // A record this week.
    let records = every(
        &session,
        &of("Dario Conti", "personal-records?exercise=back-squat&"),
    );
    let best = records.iter().find(|record| record["reps"] == 2);
    let best = best.expect("a double");
    assert_eq!(best["load"], json!({ "value": 172.5, "unit": "kg" }));
    // Hardly there any more.
    assert!(percent("Ben Achterberg") < Some(60));
    // A knee, and a draft that spares it.
    let logs = every(&session, &of("Tomás Leal", "workout-logs?"));
    let hurt = logs
        .iter()
        .filter(|log| log.to_string().contains("\"pain\":true"));
    assert!(hurt.count() > 0);
    let drafts = data(
        &session
            .get(&of("Tomás Leal", "programs?status=draft"))
            .expect(200),
    );
    let draft = format!("/v1/programs/{}", drafts[0]["id"].as_str().expect("an id"));
    let inputs = session.get(&draft).expect(200).json()["generation"]["inputs"].clone();
    assert_eq!(inputs["limitations"], json!(["knee"]));
    // On holiday, and excused.
    let excused = every(
        &session,
        &of("Elena Petrova", "workout-logs?status=excused&"),
    );
    assert!(excused.len() > 2, "{excused:?}");
    // Who waits for a physician has a draft that waits too.
    let drafts = data(&session.get(&of("Samuel Boateng", "programs")).expect(200));
    let path = format!(
        "/v1/programs/{}/activate",
        drafts[0]["id"].as_str().expect("an id")
    );
    session
        .post(&path, &json!({}))
        .refused(409, "state_conflict");
    let templates = data(&session.get("/v1/program-templates").expect(200));
    assert_eq!(templates.len(), 3);
    assert_eq!(filled["workout_logs"], server.rows("workout_logs"));
    assert_eq!(filled["programs"], server.rows("programs"));
}

#[test]
fn sample_clients_tell_of_sixteen_weeks_and_pay() {
    let server = Server::start();
    let session = server.session(server.coach("coach@example.com"));
    let filled = session.act("/v1/sample-data").expect(200).json();
    let clients = clients(&session);
    let of = |name: &str, part: &str| format!("/v1/clients/{}/{part}", id_of(&clients, name));

    let told = every(&session, &of("Mira Okafor", "checkins?"));
    assert_eq!(told.len(), 16);
    let replies = words(&told, "reply")
        .into_iter()
        .filter(|reply| !reply.is_empty());
    assert!(replies.count() > 12);
    let mut said = BTreeSet::new();
    for checkin in &told {
        said.insert(checkin["answers"].to_string());
    }
    assert_eq!(said.len(), told.len(), "no two weeks are alike");
    let weights = every(&session, &of("Mira Okafor", "measurements?metric=weight&"));
    let kilograms: Vec<f64> = weights
        .iter()
        .filter_map(|weight| weight["value"].as_f64())
        .collect();
    assert_eq!(kilograms.len(), 16);
    assert!(
        kilograms.iter().all(|kg| (60.0..72.0).contains(kg)),
        "{kilograms:?}"
    );
    let waists = every(&session, &of("Mira Okafor", "measurements?metric=waist&"));
    assert_eq!(waists.len(), 4);
    // Pounds for whom thinks in pounds, and two ways to measure the heart for who changed the watch.
    let weights = every(
        &session,
        &of("Aaliyah Haddad", "measurements?metric=weight&"),
    );
    assert!(words(&weights, "unit").iter().all(|unit| unit == "lb"));
    let worn = every(&session, &of("Ingrid Solheim", "wearables?"));
    let methods: BTreeSet<String> = worn
        .iter()
        .filter_map(|day| day["summary"]["hrv_method"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(methods.len(), 2, "{methods:?}");
    assert!(worn.len() < 16, "there are gaps");
    // Two check-ins of his did not come.
    let overdue = every(&session, &of("Ben Achterberg", "checkins?status=overdue&"));
    assert_eq!(overdue.len(), 2);
    let waiting = every(&session, "/v1/checkins?status=submitted&");
    assert!((1..=8).contains(&waiting.len()), "{}", waiting.len());
    let notes: Vec<Value> = every(&session, "/v1/checkins?status=reviewed&");
    assert!(
        words(&notes, "private_notes")
            .iter()
            .any(|note| !note.is_empty())
    );
    // Photos from three sides on three dates.
    let photos = data(&session.get(&of("Mira Okafor", "photos")).expect(200));
    assert_eq!(photos.len(), 9);
    let dates: BTreeSet<String> = words(&photos, "taken_on").into_iter().collect();
    assert_eq!(dates.len(), 3);
    let payments = every(&session, "/v1/payments?");
    let count = |status: &str| {
        payments
            .iter()
            .filter(|payment| payment["status"] == status)
            .count()
    };
    assert_eq!((count("failed"), count("pending")), (1, 1));
    assert_eq!((count("refunded"), count("partially_refunded")), (1, 1));
    assert!(count("succeeded") > 30, "{}", count("succeeded"));
    for (member, table) in [
        ("checkins", "checkins"),
        ("photos", "photos"),
        ("payments", "payments"),
    ] {
        assert!(
            filled[member].as_i64() <= Some(server.rows(table)),
            "{member}"
        );
    }
}

#[test]
fn today_knows_who_of_the_sample_clients_needs_the_coach_and_why() {
    let server = Server::start();
    let session = server.session(server.coach("coach@example.com"));
    session.act("/v1/sample-data").expect(200);

    let today = data(&session.get("/v1/today?limit=100").expect(200));

    let mut kinds = BTreeSet::new();
    let of = |name: &str| {
        let entry = today.iter().find(|entry| entry["client"]["name"] == name);
        let reasons = entry.map(|entry| entry["reasons"].clone());
        words(
            reasons.unwrap_or_default().as_array().unwrap_or(&vec![]),
            "kind",
        )
    };
    assert!(of("Tomás Leal").contains(&"pain_reported".to_owned()));
    assert!(of("Ben Achterberg").contains(&"checkin_overdue".to_owned()));
    assert!(of("Ben Achterberg").contains(&"adherence_down".to_owned()));
    assert!(of("Grace Muthoni").contains(&"payment_failed".to_owned()));
    assert!(of("Dario Conti").contains(&"personal_record".to_owned()));
    for entry in &today {
        kinds.extend(words(entry["reasons"].as_array().expect("reasons"), "kind"));
    }
    assert_eq!(kinds.len(), 8, "each kind of reason: {kinds:?}");
    assert!(today.len() < 13, "somebody is quiet");
}

#[test]
fn sample_data_that_cannot_be_put_there_whole_is_not_put_there_at_all() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);
    let own = json!({ "name": "Own", "email": "oskar.lindqvist@sample.example" });
    session.post("/v1/clients", &own).expect(201);
    let before = server.all_rows();

    session
        .act("/v1/sample-data")
        .refused(409, "already_exists");

    for ((table, before), (_, after)) in before.iter().zip(server.all_rows()) {
        if ["events", "audit_log", "idempotency_keys", "saved_answers"].contains(table) {
            assert!(after >= *before, "{table}");
        } else {
            assert_eq!(after, *before, "{table}");
        }
    }
}

#[test]
fn what_a_crash_has_cut_off_is_taken_away_at_the_next_start() {
    let mut server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let add = |name: &str| {
        let new = json!({ "name": name, "email": format!("{name}@example.com") });
        key.post("/v1/clients", &new).expect(201).member("id")
    };
    let (own, half) = (add("own"), add("half"));
    let begin = move |tx: &Tx<'_>| {
        let tenants = workspaces::store::tenants(tx, coach.workspace)?.expect("tenants");
        actions::begin(tx, tenants.test, "a run", &vec![(Kind::Client, half)])
    };
    server.app.db.write_blocking(begin).expect("begun");

    server.restart();

    let key = server.key(coach, &[]);
    assert_eq!(words(&clients(&key), "id"), [own]);
    assert_eq!(server.rows("sample_objects"), 0);
}

#[test]
fn the_coach_s_own_webhooks_are_told_of_nothing_that_is_made_up() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (session, receiver) = (server.session(coach), Receiver::start());
    let own = json!({ "url": receiver.url(), "events": ["*"] });
    session.post("/v1/webhooks", &own).expect(201);
    let client = json!({ "name": "Own", "email": "own@example.com" });
    let client = session
        .post("/v1/clients", &client)
        .expect(201)
        .member("id");

    session.act("/v1/sample-data").expect(200);
    let thread = format!("/v1/clients/{client}/messages");
    session
        .post(&thread, &json!({ "body": "Hello" }))
        .expect(201);
    server.deliver();

    let told: Vec<String> = receiver
        .seen()
        .iter()
        .map(|seen| seen.json()["type"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(told, ["client.created", "message.sent"]);
}

/// The webhook of the sample data with this description.
fn sample_webhook(session: &Caller, description: &str) -> Value {
    let webhooks = data(&session.get("/v1/webhooks").expect(200));
    let found = webhooks
        .iter()
        .find(|webhook| webhook["description"] == description);
    found
        .unwrap_or_else(|| panic!("no {description}: {webhooks:?}"))
        .clone()
}

#[test]
fn sample_data_has_a_webhook_that_is_well_and_one_that_fails_with_its_log() {
    let server = Server::start();
    let session = server.session(server.coach("coach@example.com"));

    session.act("/v1/sample-data").expect(200);

    let well = sample_webhook(&session, "Member site");
    assert!(well["failing_since"].is_null());
    assert_eq!(well["recent"]["failed"], 0);
    assert_eq!(well["recent"]["pending"], 0);
    assert!(well["recent"]["delivered"].as_u64() > Some(20), "{well}");
    let came = data(&session.get("/v1/test/inbox/messages?limit=100").expect(200));
    assert!(came.len() > 10, "{}", came.len());
    assert!(words(&came, "signature").iter().all(|word| word == "valid"));
    let broken = sample_webhook(&session, "Security log");
    assert_eq!(broken["status"], "enabled");
    assert!(broken["failing_since"].is_string());
    assert_eq!(broken["recent"]["last_day"]["delivered"], 0);
    assert!(
        broken["recent"]["delivered"].as_u64() > Some(0),
        "it was well once"
    );
    let id = broken["id"].as_str().expect("an id");
    let waiting = format!("/v1/webhooks/{id}/deliveries?status=pending");
    let waiting = data(&session.get(&waiting).expect(200));
    assert_eq!(waiting.len(), 1);
    let path = format!(
        "/v1/deliveries/{}",
        waiting[0]["id"].as_str().expect("an id")
    );
    let delivery = session.get(&path).expect(200).json();
    let tries = delivery["attempts"].as_array().expect("tries").clone();
    let outcomes: BTreeSet<String> = words(&tries, "outcome").into_iter().collect();
    let every = ["refused", "timeout", "unreachable"];
    assert_eq!(outcomes, every.map(str::to_owned).into());
    assert_eq!(tries.len(), 7, "{tries:?}");
    assert!(tries.last().expect("a try")["answer"]["body"].is_string());
    let notices = data(&session.get("/v1/notices").expect(200));
    let told = notices
        .iter()
        .filter(|notice| notice["kind"] == "webhook_failing");
    assert_eq!(told.count(), 1, "{notices:?}");
    // Nothing is due: nothing would be sent by looking at it.
    server.deliver();
    assert_eq!(session.get(&path).expect(200).json()["attempt_count"], 7);
}

#[test]
fn in_the_demo_a_webhook_dies_and_recovers_before_the_reader_s_eyes() {
    let server = Server::start_with(|config| config.kind = RunKind::Demo, Options::default());
    let session = server.session(server.coach("coach@example.com"));
    session.act("/v1/sample-data").expect(200);
    let happened = session.act("/v1/demo/dying-webhook").expect(200).json();
    let well = || sample_webhook(&session, "Member site");
    assert_eq!(happened["result_id"], well()["id"]);

    server.deliver();

    assert!(well()["failing_since"].is_string());
    assert_eq!(well()["recent"]["pending"], 1);
    let mood = json!({ "answer": "ok" });
    session.patch("/v1/test/inbox", &mood).expect(200);
    server.advance_ms(10_000);
    server.deliver();
    assert!(well()["failing_since"].is_null());
    assert_eq!(well()["recent"]["pending"], 0);
}

#[test]
fn sample_data_is_the_same_on_every_server() {
    let seen = || {
        let server = Server::start();
        let session = server.session(server.coach("coach@example.com"));
        session.act("/v1/sample-data").expect(200);
        let usage = session.get("/v1/usage?group=route").expect(200).json();
        let names = words(&clients(&session), "name");
        (
            names,
            usage["total"]["requests"].clone(),
            server.rows("messages"),
        )
    };

    assert_eq!(seen(), seen());
}

#[test]
fn sample_data_goes_without_what_the_coach_made_herself() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);
    let key = server.key(coach, &[]);
    let own = json!({ "name": "Own", "email": "own@example.com" });
    let own = key.post("/v1/clients", &own).expect(201).member("id");
    let thread = format!("/v1/clients/{own}/messages");
    key.post(&thread, &json!({ "body": "Hello" })).expect(201);
    let add = |part: &str, body: &Value| {
        let path = format!("/v1/clients/{own}/{part}");
        key.post(&path, body).expect(201);
    };
    add(
        "programs",
        &json!({ "ai_generate": true, "goal": "general" }),
    );
    add("workout-logs", &json!({ "status": "missed" }));
    add("checkins", &json!({ "notes": "Mine" }));
    add("payments", &json!({ "amount": 5_000, "currency": "eur" }));
    let schedule = format!("/v1/clients/{own}/checkin-schedule");
    let weekly = json!({ "weekday": "monday" });
    key.send("PUT", &schedule, &[], Some(&weekly.to_string()))
        .expect(200);
    let before = server.all_rows();
    session.act("/v1/sample-data").expect(200);
    session
        .act("/v1/sample-data")
        .refused(409, "state_conflict");
    let sample = clients(&session)[3]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let thread = format!("/v1/clients/{sample}/messages");
    session
        .post(&thread, &json!({ "body": "To a sample" }))
        .expect(201);
    let photos = format!("/v1/clients/{sample}/photos");
    session.post_form(&photos, &[("file", &jpeg())]).expect(201);

    session.delete("/v1/sample-data").expect(204);

    let growing = ["events", "audit_log"];
    for ((table, before), (_, after)) in before.iter().zip(server.all_rows()) {
        if growing.contains(table) {
            assert!(after >= *before, "{table}");
        } else {
            assert_eq!(after, *before, "{table}");
        }
    }
    assert_eq!(words(&clients(&key), "id"), [own]);
    assert_eq!(server.rows("sample_objects"), 0);
    let usage = key.get("/v1/usage").expect(200).json();
    assert!(usage["total"]["requests"].as_u64() < Some(20), "{usage}");
    session.delete("/v1/sample-data").expect(204);
    session.act("/v1/sample-data").expect(200);
}

#[test]
fn sample_data_is_for_a_person_in_test_mode() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let live = server.session_in(coach, "live");

    for caller in [&live, &server.key(coach, &[])] {
        caller.act("/v1/sample-data").refused(403, "auth_forbidden");
        caller
            .delete("/v1/sample-data")
            .refused(403, "auth_forbidden");
    }

    assert_eq!(server.rows("clients"), 0);
}

#[test]
fn in_the_demo_things_happen_and_elsewhere_they_do_not() {
    let elsewhere = Server::start();
    let session = elsewhere.session(elsewhere.coach("coach@example.com"));
    session.act("/v1/sample-data").expect(200);
    session
        .act("/v1/demo/client-message")
        .refused(404, "not_found");
    let server = Server::start_with(|config| config.kind = RunKind::Demo, Options::default());
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);
    for happening in HAPPENINGS {
        let path = format!("/v1/demo/{}", happening.name);
        session.act(&path).refused(409, "state_conflict");
    }
    session.act("/v1/sample-data").expect(200);
    let count = |path: &str| data(&session.get(path).expect(200)).len();
    let messages = server.rows("messages");

    for happening in HAPPENINGS {
        let path = format!("/v1/demo/{}", happening.name);
        let happened = session.act(&path).expect(200).json();
        assert_eq!(happened["description"], happening.words);
    }

    // Two happenings have a client write.
    assert_eq!(server.rows("messages"), messages + 2);
    assert_eq!(count("/v1/requests?status=429&limit=100"), 40);
    assert_eq!(count("/v1/requests?status=500"), 1);
    let usage = session.get("/v1/usage?by=hour").expect(200).json();
    assert_eq!(usage["total"]["rate_limited"], 40);
    assert_eq!(usage["total"]["server_errors"], 1);
    session
        .act("/v1/demo/no-such-thing")
        .refused(404, "not_found");
    let live = server.session_in(coach, "live");
    live.act("/v1/demo/client-message")
        .refused(403, "auth_forbidden");
    server
        .key(coach, &[])
        .act("/v1/demo/client-message")
        .refused(403, "auth_forbidden");
}

#[test]
fn the_demo_signs_in_by_its_link_and_leaves_nothing_behind() {
    let directory = Directory::new();
    let temporary = directory.path();
    std::fs::create_dir_all(&temporary).unwrap();
    let mut child = program(&temporary.join("unused"))
        .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--json"])
        .env("TMPDIR", &temporary)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).expect("JSON");
    let url = said["listening"].as_str().expect("an address");
    let port = url.rsplit(':').next().expect("a port").parse().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let link = said["sign_in"].as_str().expect("a link");
    let (page, token) = link.split_once('#').expect("a fragment");
    assert_eq!(page, format!("{url}/dashboard/sign-in"));

    let post = |body: &str| {
        let head = format!(
            "POST /auth/sessions HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\
             Origin: {url}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        exchange(address, head.as_bytes())
    };
    let signed_in = post(&json!({ "token": token }).to_string()).expect(201);
    let cookie = signed_in.header("set-cookie").expect("a cookie");
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    let workspace = signed_in.json()["workspaces"][0]["id"].clone();
    let get = |path: &str| {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\
             Cookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
             Cadence-Workspace: {}\r\nCadence-Mode: test\r\n\r\n",
            workspace.as_str().expect("a workspace")
        );
        exchange(address, head.as_bytes())
    };
    assert_eq!(get("/auth/status").expect(200).json()["kind"], "demo");
    assert_eq!(data(&get("/v1/clients").expect(200)).len(), 13);
    post(&json!({ "token": token }).to_string()).refused(401, "auth_invalid");
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 1);

    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
    assert!(sent.unwrap().success());
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn the_demo_takes_no_directory_and_no_other_address() {
    let directory = Directory::new();
    for (arguments, sentence) in [
        (
            &["serve", "--demo", "--data", "/nowhere"][..],
            "keeps nothing",
        ),
        (
            &["serve", "--demo", "--listen", "0.0.0.0:0"],
            "this computer alone",
        ),
        (
            &["serve", "--demo", "--public-url", "https://a.example"],
            "this computer alone",
        ),
    ] {
        let ran = directory.cadence(arguments);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains(sentence), "{ran:?}");
    }
    let ran = directory.cadence(&["serve", "--open"]);
    assert_eq!(ran.code, 2, "{ran:?}");
}
