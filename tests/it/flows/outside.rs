//! What a webhook may reach: by whichever spelling, through whichever name, at whichever moment.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cadence::db::Options;
use cadence::outside::http::{Resolve, Resolving};
use serde_json::json;

use crate::support::{Receiver, Server};

/// Spellings of what no live webhook may reach.
const LITERALS: &[&str] = &[
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "0.0.0.0",
    "0",
    "0.0.0.1",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7F000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "0177.0.0.01",
    "127.0.0.0x1",
    "%31%32%37.0.0.1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "sub.localhost",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2a00::5efe:127.0.0.1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fd00:ec2::254]",
    "169.254.169.254",
    "10.0.0.1",
    "100.64.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "example.com@127.0.0.1",
    "127.0.0.1\\@example.com",
];

/// Names whose addresses change from one question to the next.
struct Changing {
    asked: AtomicUsize,
    answers: Vec<Vec<IpAddr>>,
}

impl Changing {
    fn of(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |text: &&str| text.parse().expect("an address");
        Arc::new(Self {
            asked: AtomicUsize::new(0),
            answers: answers
                .iter()
                .map(|answer| answer.iter().map(parse).collect())
                .collect(),
        })
    }
}

impl Resolve for Changing {
    fn resolve(&self, _: &str) -> Resolving {
        let asked = self.asked.fetch_add(1, Ordering::AcqRel);
        let answer = self.answers[asked.min(self.answers.len() - 1)].clone();
        Box::pin(async move { Ok(answer) })
    }
}

#[test]
fn no_spelling_of_an_inner_address_is_taken_for_a_live_webhook() {
    let server = Server::start();
    let live = server.live_key(server.coach("coach@example.com"));
    // A resolver that reads whatever looks like a number as this machine.
    server
        .app
        .outside
        .http
        .resolve_by(Changing::of(&[&["127.0.0.1"]]));

    assert!(LITERALS.len() >= 40);
    for literal in LITERALS {
        for port in ["", ":8443"] {
            let url = format!("https://{literal}{port}/hooks");
            let new = json!({ "url": url, "events": ["*"] });
            let refused = live
                .post("/v1/webhooks", &new)
                .refused(400, "validation_failed");
            assert_eq!(refused.faults()[0].0, "/url", "{url}");
        }
    }
    assert_eq!(server.rows("webhooks"), 0);
}

/// How the only delivery of a live webhook to a name with these addresses ends. The receiver is on
/// this machine, at the port that the webhook names.
fn outcome_of(answers: &[&[&str]]) -> String {
    let server = Server::start();
    let live = server.live_key(server.coach("coach@example.com"));
    let receiver = Receiver::start();
    server.app.outside.http.resolve_by(Changing::of(answers));
    let url = format!("https://flips.example:{}/hooks", receiver.address.port());
    let new = json!({ "url": url, "events": ["*"] });
    let webhook = live.post("/v1/webhooks", &new).expect(201).member("id");
    let path = format!("/v1/webhooks/{webhook}");
    let delivery = live.act(&format!("{path}/test")).expect(202).member("id");

    server.deliver();

    assert!(receiver.seen().is_empty());
    let delivery = live
        .get(&format!("/v1/deliveries/{delivery}"))
        .expect(200)
        .json();
    delivery["attempts"][0]["outcome"]
        .as_str()
        .expect("a try")
        .to_owned()
}

#[test]
fn a_name_that_turns_inward_after_it_was_checked_is_not_followed() {
    let public = "93.184.216.34";
    for inner in [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "0.0.0.0",
    ] {
        assert_eq!(outcome_of(&[&[public], &[inner]]), "blocked", "{inner}");
        assert_eq!(
            outcome_of(&[&[public], &[public, inner]]),
            "blocked",
            "{inner} among others"
        );
    }
}

#[test]
fn a_test_webhook_reaches_this_machine_only_while_nobody_came_through_a_proxy() {
    let server = Server::start();
    let caller = server.key(server.coach("coach@example.com"), &[]);
    let receiver = Receiver::start();
    let new = json!({ "url": receiver.url(), "events": ["*"] });
    let webhook = caller.post("/v1/webhooks", &new).expect(201).member("id");
    let test = format!("/v1/webhooks/{webhook}/test");
    caller.act(&test).expect(202);
    server.deliver();
    assert_eq!(receiver.seen().len(), 1);

    caller
        .get_with("/v1/whoami", &[("X-Forwarded-For", "203.0.113.9")])
        .expect(200);

    let again = caller.act(&test).expect(202).member("id");
    server.deliver();
    assert_eq!(receiver.seen().len(), 1, "the door is closed");
    let delivery = caller
        .get(&format!("/v1/deliveries/{again}"))
        .expect(200)
        .json();
    assert_eq!(delivery["attempts"][0]["outcome"], "blocked");
    caller
        .post("/v1/webhooks", &new)
        .refused(400, "validation_failed");
}

#[test]
fn a_live_webhook_reaches_what_the_operator_lists_and_its_answers_are_not_shown() {
    let receiver = Receiver::start();
    let listed = receiver.address;
    let server = Server::start_with(
        |config| config.allow_private = vec![listed],
        Options::default(),
    );
    let live = server.live_key(server.coach("coach@example.com"));
    let new = json!({ "url": receiver.url(), "events": ["*"] });
    let webhook = live.post("/v1/webhooks", &new).expect(201).member("id");
    let delivery = live
        .act(&format!("/v1/webhooks/{webhook}/test"))
        .expect(202)
        .member("id");

    server.deliver();

    assert_eq!(receiver.seen().len(), 1);
    let delivery = live
        .get(&format!("/v1/deliveries/{delivery}"))
        .expect(200)
        .json();
    assert_eq!(delivery["attempts"][0]["status"], 200);
    assert!(delivery["attempts"][0]["answer"].is_null());
    // Another port of the same address is not listed.
    let other = Receiver::start();
    let new = json!({ "url": other.url(), "events": ["*"] });
    live.post("/v1/webhooks", &new)
        .refused(400, "validation_failed");
}
