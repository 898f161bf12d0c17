//! Receivers that fail, lie and come back.

use serde_json::{Value, json};

use crate::support::{Behaviour, Caller, Receiver, Server};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

struct World {
    server: Server,
    caller: Caller,
}

impl World {
    fn start() -> Self {
        let server = Server::start();
        let caller = server.key(server.coach("coach@example.com"), &[]);
        Self { server, caller }
    }

    fn register(&self, url: &str) -> String {
        let new = json!({ "url": url, "events": ["*"] });
        self.caller
            .post("/v1/webhooks", &new)
            .expect(201)
            .member("id")
    }

    fn happens(&self, name: &str) {
        let new = json!({ "name": name, "email": format!("{name}@example.com") });
        self.caller.post("/v1/clients", &new).expect(201);
    }

    /// Moves the clock in steps, and tells what becomes due at each.
    fn pass(&self, ms: i64, step_ms: i64) {
        for _ in 0..ms / step_ms {
            self.server.advance_ms(step_ms);
            self.server.deliver();
        }
    }

    fn webhook(&self, id: &str) -> Value {
        self.caller
            .get(&format!("/v1/webhooks/{id}"))
            .expect(200)
            .json()
    }

    /// The tries of a webhook's only delivery, oldest first.
    fn attempts(&self, id: &str) -> Vec<Value> {
        let list = self
            .caller
            .get(&format!("/v1/webhooks/{id}/deliveries"))
            .expect(200);
        let path = format!("/v1/deliveries/{}", list.column("id")[0]);
        let delivery = self.caller.get(&path).expect(200).json();
        let attempts = delivery["attempts"].as_array().expect("attempts");
        attempts.iter().rev().cloned().collect()
    }

    fn now_ms(&self) -> i64 {
        self.server.app.clock.now().as_ms()
    }
}

#[test]
fn a_delivery_is_tried_again_after_each_of_its_gaps() {
    let world = World::start();
    let mut receiver = Receiver::start();
    let url = receiver.url();
    receiver.close();
    let id = world.register(&url);
    world.happens("ana");
    world.server.deliver();
    let begun = world.now_ms();

    world.pass(12 * SECOND_MS, SECOND_MS);
    world.pass(10 * MINUTE_MS, 10 * SECOND_MS);
    world.pass(10 * HOUR_MS, 5 * MINUTE_MS);

    let times: Vec<i64> = world
        .attempts(&id)
        .iter()
        .map(|attempt| {
            let at = attempt["at"].as_str().expect("a time");
            let at: jiff::Timestamp = at.parse().expect("a time");
            at.as_millisecond() - begun
        })
        .collect();
    let gaps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let expected = [
        5 * SECOND_MS,
        5 * MINUTE_MS,
        30 * MINUTE_MS,
        2 * HOUR_MS,
        5 * HOUR_MS,
    ];
    assert_eq!(times[0], 0);
    for (gap, expected) in gaps.iter().zip(expected) {
        // A step of the clock and a place on the five minutes are added to the fifth.
        let most = expected * 6 / 5 + 5 * MINUTE_MS.min(expected);
        assert!(
            (expected * 4 / 5..=most).contains(gap),
            "{gap} for {expected}: {gaps:?}"
        );
    }
    assert!(gaps.len() >= 4, "{gaps:?}");
}

#[test]
fn whatever_waits_through_the_night_is_told_in_order_within_a_minute() {
    let world = World::start();
    let mut receiver = Receiver::start();
    let id = world.register(&receiver.url());
    // The clock stands at noon.
    world.pass(10 * HOUR_MS, HOUR_MS);
    receiver.close();
    let night = 9 * HOUR_MS;
    let mut happened = 0;
    for minute in 0..night / MINUTE_MS {
        if minute % 9 == 0 {
            happened += 1;
            world.happens(&format!("client{happened}"));
        }
        world.server.deliver();
        world.server.advance_ms(MINUTE_MS);
    }
    let tries: i64 = world.server.rows("delivery_attempts");
    receiver.reopen();
    world.server.deliver();
    world.pass(MINUTE_MS, 10 * SECOND_MS);

    let expected: Vec<i64> = (1..=happened).collect();
    assert_eq!(receiver.numbers(), expected);
    assert!(
        tries <= night / (5 * MINUTE_MS) + 3,
        "{tries} tries in nine hours"
    );
    assert!(world.webhook(&id)["failing_since"].is_null());
}

#[test]
fn a_receiver_that_refuses_everything_is_probed_and_then_told_everything() {
    let world = World::start();
    let receiver = Receiver::of(Behaviour::status(500));
    world.register(&receiver.url());
    for number in 0..10 {
        world.happens(&format!("client{number}"));
    }
    world.server.deliver();
    world.pass(HOUR_MS, MINUTE_MS);
    let tried = receiver.seen().len();
    assert!((12..=15).contains(&tried), "{tried} tries in an hour");

    receiver.behave(Behaviour::status(200));
    world.pass(6 * MINUTE_MS, MINUTE_MS);

    let mut told = receiver.numbers().split_off(tried);
    // The probe that was taken goes before the others, which come in order.
    assert!(told[1..].is_sorted(), "{told:?}");
    told.sort_unstable();
    assert_eq!(told, (1..=10).collect::<Vec<_>>());
}

#[test]
fn one_event_that_is_refused_does_not_hold_up_the_others() {
    let world = World::start();
    let receiver = Receiver::of(Behaviour::ByType("client.archived", 422));
    let id = world.register(&receiver.url());
    let new = json!({ "name": "Ana", "email": "ana@example.com" });
    let client = world
        .caller
        .post("/v1/clients", &new)
        .expect(201)
        .member("id");
    world
        .caller
        .act(&format!("/v1/clients/{client}/archive"))
        .expect(200);
    for number in 0..5 {
        world.happens(&format!("client{number}"));
    }
    world.server.deliver();
    world.pass(MINUTE_MS, 5 * SECOND_MS);

    let others = receiver.numbers().into_iter().filter(|number| *number != 2);
    assert!(others.eq([1, 3, 4, 5, 6, 7]));
    world.happens("later");
    world.server.deliver();
    assert_eq!(receiver.numbers().last(), Some(&8));
    assert_eq!(world.webhook(&id)["status"], "enabled");
}

#[test]
fn one_dead_webhook_delays_no_other() {
    let world = World::start();
    let (mut dead, healthy) = (Receiver::start(), Receiver::start());
    world.register(&dead.url());
    dead.close();
    world.register(&healthy.url());
    for number in 0..20 {
        world.happens(&format!("client{number}"));
        world.server.deliver();
    }

    assert_eq!(healthy.numbers(), (1..=20).collect::<Vec<_>>());
}

#[test]
fn retry_after_is_heeded() {
    let world = World::start();
    let head = "Retry-After: 1200\r\n".to_owned();
    let receiver = Receiver::of(Behaviour::Answers(503, head, Vec::new()));
    world.register(&receiver.url());
    world.happens("ana");
    world.server.deliver();
    receiver.behave(Behaviour::status(200));

    world.pass(19 * MINUTE_MS, MINUTE_MS);
    assert_eq!(receiver.seen().len(), 1);
    world.pass(2 * MINUTE_MS, MINUTE_MS);
    assert_eq!(receiver.seen().len(), 2);
}

#[test]
fn a_receiver_that_is_gone_is_told_nothing_more() {
    let world = World::start();
    let receiver = Receiver::of(Behaviour::status(410));
    let id = world.register(&receiver.url());
    for name in ["ana", "bea", "cia"] {
        world.happens(name);
    }
    world.server.deliver();

    let webhook = world.webhook(&id);
    assert_eq!(webhook["status"], "disabled");
    assert_eq!(webhook["disabled_reason"], "gone");
    assert_eq!(receiver.seen().len(), 1);
    let path = format!("/v1/webhooks/{id}/deliveries?status=cancelled");
    assert_eq!(world.caller.get(&path).expect(200).column("id").len(), 3);
    let events = world
        .caller
        .get("/v1/events?type=webhook.disabled")
        .expect(200);
    assert_eq!(
        events.json()["data"][0]["data"]["object"]["id"],
        id.as_str()
    );
}

#[test]
fn three_days_of_nothing_but_failure_disable_a_webhook_and_a_replay_makes_up_for_them() {
    let world = World::start();
    let mut receiver = Receiver::start();
    let id = world.register(&receiver.url());
    let path = format!("/v1/webhooks/{id}");
    receiver.close();
    for name in ["ana", "bea"] {
        world.happens(name);
    }
    world.server.deliver();
    world.pass(71 * HOUR_MS, 30 * MINUTE_MS);
    assert_eq!(world.webhook(&id)["status"], "enabled");
    world.pass(2 * HOUR_MS, 30 * MINUTE_MS);
    let disabled = world.webhook(&id);
    assert_eq!(disabled["disabled_reason"], "failing");
    world.happens("meanwhile");
    receiver.reopen();
    world.server.deliver();
    assert!(receiver.seen().is_empty());

    world
        .caller
        .patch(&path, &json!({ "status": "enabled" }))
        .expect(200);
    world.happens("after");
    world.server.deliver();
    assert_eq!(receiver.seen().len(), 1);
    let since = disabled["replay_since"].as_str().expect("a time");
    let replay = json!({ "since": since, "delivered": false });
    world
        .caller
        .post(&format!("{path}/replay"), &replay)
        .expect(202);
    world.server.deliver();

    let names: Vec<_> = receiver
        .seen()
        .iter()
        .map(|seen| seen.json()["data"]["object"]["name"].clone())
        .collect();
    for name in ["ana", "bea", "meanwhile", "after"] {
        assert!(names.contains(&json!(name)), "{name}: {names:?}");
    }
}

#[test]
fn a_replay_makes_up_for_what_waited_before_the_first_failure_too() {
    let world = World::start();
    let receiver = Receiver::of(Behaviour::status(410));
    let id = world.register(&receiver.url());
    world.happens("ana");
    // It is told a moment after it happened, as ever.
    world.server.advance_ms(20);
    world.server.deliver();
    let gone = world.webhook(&id);
    assert_eq!(gone["disabled_reason"], "gone");

    receiver.behave(Behaviour::status(200));
    let path = format!("/v1/webhooks/{id}");
    world
        .caller
        .patch(&path, &json!({ "status": "enabled" }))
        .expect(200);
    let replay = json!({ "since": gone["replay_since"], "delivered": false });
    world
        .caller
        .post(&format!("{path}/replay"), &replay)
        .expect(202);
    world.server.deliver();

    let told = receiver.seen();
    let told = told
        .iter()
        .skip(1)
        .map(|seen| seen.json()["type"].to_string());
    let told: Vec<_> = told.collect();
    assert!(told[0].contains("client.created"), "{told:?}");
}

#[test]
fn the_owner_is_told_after_a_quarter_of_an_hour_by_mail_after_an_hour_and_when_it_is_over() {
    let mut receiver = Receiver::start();
    let listed = receiver.address;
    let allow = |config: &mut cadence::config::Config| config.allow_private = vec![listed];
    let server = Server::start_with(allow, cadence::db::Options::default());
    let caller = server.live_key(server.coach("coach@example.com"));
    let world = World { server, caller };
    let id = world.register(&receiver.url());
    receiver.close();
    let new = json!({ "name": "ana", "email": "ana@example.com", "send_invite": false });
    world.caller.post("/v1/clients", &new).expect(201);
    world.server.deliver();
    let notices = || {
        let list = world.caller.get("/v1/notices").expect(200);
        let kinds = list.column("kind");
        kinds
            .iter()
            .filter(|kind| *kind == "webhook_failing")
            .count()
    };
    let mails = || {
        let list = world.caller.get("/v1/outbox").expect(200);
        list.column("template")
            .iter()
            .filter(|name| *name == "webhook")
            .count()
    };

    world.pass(14 * MINUTE_MS, MINUTE_MS);
    assert_eq!((notices(), mails()), (0, 0));
    // One delivery alone has its own schedule: another makes it probed.
    let new = json!({ "name": "bea", "email": "bea@example.com", "send_invite": false });
    world.caller.post("/v1/clients", &new).expect(201);
    world.pass(10 * MINUTE_MS, MINUTE_MS);
    assert_eq!((notices(), mails()), (1, 0));
    world.pass(50 * MINUTE_MS, MINUTE_MS);
    assert_eq!((notices(), mails()), (1, 1));
    receiver.reopen();
    world.pass(6 * MINUTE_MS, MINUTE_MS);

    assert!(world.webhook(&id)["failing_since"].is_null());
    assert_eq!((notices(), mails()), (0, 2));
}

#[test]
fn a_delivery_that_a_stop_cut_off_is_made_at_once_at_the_next_start() {
    let mut world = World::start();
    let receiver = Receiver::start();
    world.register(&receiver.url());
    world.happens("ana");

    world.server.restart();
    world.server.deliver();

    assert_eq!(receiver.numbers(), [1]);
}

#[test]
fn every_way_of_lying_ends_as_a_try_in_the_log() {
    let world = World::start();
    let gzip = {
        // The beginning of a long run of zeros, compressed: it is kept as it came.
        let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        bytes.extend([0xed, 0xc1, 1, 1, 0, 0, 0].repeat(20_000));
        bytes
    };
    let head = "Content-Encoding: gzip\r\n".to_owned();
    let port = world.server.address.port();
    let redirect = format!("Location: http://127.0.0.1:{port}/v1/clients\r\n");
    let lies = [
        (Behaviour::Endless, "delivered", Some(200)),
        (Behaviour::Answers(200, head, gzip), "delivered", Some(200)),
        (Behaviour::Drips, "delivered", Some(200)),
        (Behaviour::Resets, "delivered", Some(200)),
        (
            Behaviour::Answers(302, redirect, Vec::new()),
            "refused",
            Some(302),
        ),
        (Behaviour::Gibberish, "broken", None),
        (Behaviour::Silent, "timeout", None),
    ];
    let receivers: Vec<_> = lies
        .iter()
        .map(|(behaviour, ..)| Receiver::of(behaviour.clone()))
        .collect();
    let ids: Vec<_> = receivers
        .iter()
        .map(|receiver| world.register(&receiver.url()))
        .collect();
    // Somebody who speaks no TLS at an address that says https.
    let plain = Receiver::of(Behaviour::Gibberish);
    let wrong = world.register(&plain.url().replace("http://", "https://"));
    world.happens("ana");

    world.server.deliver();

    for ((behaviour, outcome, status), id) in lies.iter().zip(&ids) {
        let tries = world.attempts(id);
        assert_eq!(tries.len(), 1, "{behaviour:?}");
        assert_eq!(tries[0]["outcome"], *outcome, "{behaviour:?}: {}", tries[0]);
        assert_eq!(tries[0]["status"], json!(status), "{behaviour:?}");
        let shown = tries[0]["answer"]["body"].as_str().unwrap_or_default();
        assert!(shown.len() <= 3 * 4096, "{behaviour:?}: {}", shown.len());
    }
    assert_eq!(world.attempts(&wrong)[0]["outcome"], "tls");
}
