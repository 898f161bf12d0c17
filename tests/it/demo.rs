//! Sample data, and the demo that is full of it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use cadence::config::RunKind;
use cadence::db::Options;
use cadence::demo::happenings::HAPPENINGS;
use serde_json::{Value, json};

use crate::process::{Directory, program};
use crate::support::{Answer, Caller, Server, exchange, jpeg};

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
    let events = session.get("/v1/events?after=0&limit=100").expect(200);
    let times = words(&data(&events), "created_at");
    assert!(times.len() > 50 && times.is_sorted(), "{times:?}");
    let types: BTreeSet<String> = words(&data(&events), "type").into_iter().collect();
    for kind in ["client.archived", "message.received", "api_key.rotated"] {
        assert!(types.contains(kind), "{types:?}");
    }
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
