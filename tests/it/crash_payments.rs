//! A payment is taken once, also when the server is killed between writing it down and hearing of it.

use std::thread;

use serde_json::{Value, json};

use crate::process::{Connection, Directory, Running};
use crate::support::until;

/// The simulated processor takes two seconds to answer about this amount.
const SLOW: &str = r#"{"amount": 9906, "currency": "eur"}"#;

/// A server that is killed while its processor is asked, and the path and key of the request.
fn killed_in_the_middle(directory: &Directory) -> (String, String) {
    let key = directory.key(&directory.account("ann@example.com"));
    let key = key["plaintext"].as_str().unwrap().to_owned();
    let server = directory.serve();
    let mut caller = server.connect(&key);
    let client = crate::process::client("ana@example.com");
    let client = caller.post("/v1/clients", "ana", &client).unwrap().json();
    let path = format!("/v1/clients/{}/payments", client["id"].as_str().unwrap());

    let mut sending = server.connect(&key);
    let asked = thread::spawn({
        let path = path.clone();
        move || sending.post(&path, "june", SLOW).ok()
    });
    until("the intent", || {
        let payments = payments(&mut caller, &path);
        payments
            .first()
            .is_some_and(|payment| payment["status"] == "pending")
    });
    server.kill();
    assert!(
        asked.join().unwrap().is_none(),
        "it was answered before the kill"
    );
    (path, key)
}

fn payments(caller: &mut Connection, path: &str) -> Vec<Value> {
    caller.get(path).json()["data"].as_array().unwrap().clone()
}

/// Ends well: one payment that succeeded, one event, and one answer under the key.
fn is_settled(server: &Running, key: &str, path: &str) {
    let mut caller = server.connect(key);
    let again = caller.post(path, "june", SLOW).unwrap();
    assert_eq!(again.status, 201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.json()["status"], "succeeded");
    let all = payments(&mut caller, path);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0], again.json());
    let events = caller.get("/v1/events?type=payment.*").json();
    assert_eq!(events["data"].as_array().unwrap().len(), 1);
    assert_eq!(events["data"][0]["type"], "payment.succeeded");
}

#[test]
fn a_payment_that_was_cut_off_is_settled_by_whoever_sends_it_again() {
    let directory = Directory::new();
    let (path, key) = killed_in_the_middle(&directory);

    let server = directory.serve();
    let mut caller = server.connect(&key);
    assert_eq!(payments(&mut caller, &path)[0]["status"], "pending");
    let again = caller.post(&path, "june", SLOW).unwrap();

    assert_eq!(again.status, 201);
    assert_eq!(again.json()["status"], "succeeded");
    is_settled(&server, &key, &path);
}

#[test]
fn a_payment_that_nobody_comes_back_for_is_settled_by_its_job() {
    let directory = Directory::new();
    let (path, key) = killed_in_the_middle(&directory);

    let server = directory.serve();
    let mut caller = server.connect(&key);
    let now = caller.get("/v1/test/clock").json();
    let now = cadence::clock::Timestamp::parse(now["now"].as_str().unwrap()).unwrap();
    let to = json!({ "to": now.plus_ms(120_000).to_string() }).to_string();
    let moved = caller.post("/v1/test/clock/advance", "clock", &to).unwrap();
    assert_eq!(moved.status, 200);
    until("the job", || {
        payments(&mut caller, &path)[0]["status"] == "succeeded"
    });

    is_settled(&server, &key, &path);
}
