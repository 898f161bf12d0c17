//! `/v1/events` and `/v1/event-types`

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Caller, Server};

fn add(key: &Caller, name: &str) -> String {
    let body = json!({ "name": name, "email": format!("{name}@example.com") });
    key.post("/v1/clients", &body).expect(201).member("id")
}

fn sequences(body: &Value) -> Vec<i64> {
    let data = body["data"].as_array().expect("a list");
    data.iter()
        .map(|event| event["sequence"].as_i64().expect("a number"))
        .collect()
}

#[test]
fn an_event_names_the_call_that_caused_it() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let body = json!({ "name": "Ana", "email": "ana@example.com" });
    let created = key
        .post_once("/v1/clients", "\"order-7\"", &body)
        .expect(201);

    let list = key.get("/v1/events?type=client.created").expect(200);

    let event = &list.json()["data"][0];
    assert_eq!(event["object"], "event");
    assert_eq!(event["livemode"], false);
    assert_eq!(event["created_at"], "2026-06-03T12:00:00.000Z");
    assert_eq!(event["request"]["idempotency_key"], "order-7");
    assert_eq!(
        event["request"]["id"].as_str(),
        created.header("x-request-id")
    );
    assert_eq!(event["data"]["object"]["id"], created.json()["id"]);
    assert!(event["data"].get("previous").is_none());
    assert!(
        !list.text().contains("cdnin_"),
        "no event holds an install link"
    );
    let id = event["id"].as_str().expect("an id");
    let read = key.get(&format!("/v1/events/{id}")).expect(200);
    assert_eq!(&read.json(), event);
    let tag = read.header("etag").expect("a tag");
    key.get_with(&format!("/v1/events/{id}"), &[("If-None-Match", tag)])
        .expect(304);
}

#[test]
fn the_feed_after_a_number_has_no_gap_and_no_repeat() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    for number in 0..7 {
        add(&key, &format!("c{number}"));
    }
    let mut seen = Vec::new();
    let mut after = 0;
    let mut added = 0;
    loop {
        let page = key.get(&format!("/v1/events?after={after}&limit=3"));
        let page = sequences(&page.expect(200).json());
        let Some(last) = page.last() else { break };
        after = *last;
        seen.extend(page);
        if added < 5 {
            added += 1;
            add(&key, &format!("late{added}"));
        }
    }
    // The key's own creation is the first event.
    assert_eq!(seen, (1..=13).collect::<Vec<i64>>());
    let end = key.get("/v1/events?after=13").expect(200).json();
    assert_eq!(end["has_more"], false);
    let ahead = key.get("/v1/events?after=1000").expect(200).json();
    assert_eq!(ahead["data"], json!([]));
}

#[test]
fn the_feed_after_a_number_is_paged_by_cursor_too() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    for number in 0..5 {
        add(&key, &format!("c{number}"));
    }
    let first = key.get("/v1/events?after=1&limit=2").expect(200);
    assert_eq!(sequences(&first.json()), [2, 3]);
    let cursor = first.next_cursor().expect("a second page");
    add(&key, "late");

    let second = key.get(&format!("/v1/events?after=1&limit=50&cursor={cursor}"));

    assert_eq!(sequences(&second.expect(200).json()), [4, 5, 6, 7]);
    key.get(&format!("/v1/events?after=2&cursor={cursor}"))
        .refused(400, "invalid_cursor");
}

#[test]
fn events_are_listed_newest_first() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    for number in 0..5 {
        add(&key, &format!("c{number}"));
        server.advance_ms(1_000);
    }
    let first = key.get("/v1/events?limit=4").expect(200);
    assert_eq!(sequences(&first.json()), [6, 5, 4, 3]);
    add(&key, "late");
    let cursor = first.next_cursor().expect("a second page");
    let second = key.get(&format!("/v1/events?limit=4&cursor={cursor}"));
    assert_eq!(sequences(&second.expect(200).json()), [2, 1]);
    let span = "created_after=2026-06-03T12:00:01Z&created_before=2026-06-03T12:00:04Z";
    let between = key.get(&format!("/v1/events?{span}")).expect(200);
    assert_eq!(sequences(&between.json()), [5, 4]);
}

#[test]
fn events_are_filtered_by_type_and_pattern() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let id = add(&key, "ana");
    key.act(&format!("/v1/clients/{id}/invite")).expect(200);
    let types = |kind: &str| {
        let list = key.get(&format!("/v1/events?type={kind}"));
        list.expect(200).column("type")
    };
    assert_eq!(types("client.created"), ["client.created"]);
    assert_eq!(types("client.*"), ["client.invited", "client.created"]);
    assert_eq!(types("api_key.*"), ["api_key.created"]);
    assert_eq!(types("*").len(), 3);
    assert_eq!(types("message.sent"), [""; 0]);
    for kind in ["client", "client*", "*.created", "cli.*", "nonsense", ""] {
        let refused = key.get(&format!("/v1/events?type={kind}"));
        let refused = refused.refused(400, "invalid_parameter");
        assert_eq!(refused.faults()[0].0, "type", "{kind}");
    }
    for after in ["-1", "abc", "1.5", ""] {
        let refused = key.get(&format!("/v1/events?after={after}"));
        let refused = refused.refused(400, "invalid_parameter");
        assert_eq!(refused.faults()[0].0, "after", "{after}");
    }
}

#[test]
fn a_narrow_caller_reads_the_types_of_its_scopes_only() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let all = server.key(coach, &[]);
    let id = add(&all, "ana");
    let thread = format!("/v1/clients/{id}/messages");
    all.post(&thread, &json!({ "body": "Hello" })).expect(201);
    let narrow = server.key(coach, &["events:read", "messages:read"]);

    let list = narrow.get("/v1/events").expect(200);

    assert_eq!(list.column("type"), ["message.sent"]);
    let none = narrow.get("/v1/events?type=client.*").expect(200);
    assert_eq!(none.column("type"), [""; 0]);
    let hidden = &all.get("/v1/events?type=client.created").column("id")[0];
    narrow
        .get(&format!("/v1/events/{hidden}"))
        .refused(404, "not_found");
    server
        .key(coach, &["clients:read"])
        .get("/v1/events")
        .refused(403, "insufficient_scope");
}

#[test]
fn events_of_another_tenant_do_not_exist() {
    let server = Server::start();
    let coach = server.coach("one@example.com");
    let key = server.key(coach, &[]);
    add(&key, "ana");
    let id = &key.get("/v1/events").column("id")[0];
    for other in [
        server.live_key(coach),
        server.key(server.coach("two@example.com"), &[]),
    ] {
        other
            .get(&format!("/v1/events/{id}"))
            .refused(404, "not_found");
        // Each tenant counts for itself, from one.
        let own = other.get("/v1/events").expect(200).json();
        assert_eq!(sequences(&own), [1]);
    }
}

#[test]
fn a_refused_change_leaves_no_hole_in_the_feed() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let id = add(&key, "ana");
    let body = json!({ "name": "Ann", "email": "ana@example.com" });
    key.post("/v1/clients", &body)
        .refused(409, "already_exists");
    key.act(&format!("/v1/clients/{id}/resume"))
        .refused(409, "state_conflict");
    add(&key, "bo");
    let feed = key.get("/v1/events?after=0").expect(200).json();
    assert_eq!(sequences(&feed), [1, 2, 3]);
}

#[test]
fn event_types_come_with_a_scope_and_a_sample() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &["clients:read"]);

    let types = key.get("/v1/event-types").expect(200).json();

    let data = types["data"].as_array().expect("a list");
    assert!(data.iter().any(|kind| kind["type"] == "client.created"));
    for kind in data {
        assert_eq!(kind["object"], "event_type");
        assert_eq!(kind.get("livemode"), Some(&Value::Null));
        assert_eq!(kind["sample"]["type"], kind["type"]);
        let scope = kind["scope"].as_str().expect("a scope");
        assert!(cadence::caller::Scope::parse(scope).is_some(), "{scope}");
    }
}

/// The members of an object, those of its own objects among them, by their paths.
fn members(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    let Value::Object(map) = value else {
        return;
    };
    for (name, value) in map {
        let path = format!("{path}/{name}");
        members(value, &path, found);
        found.insert(path);
    }
}

/// What an event tells of its object.
fn members_of(event: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    members(&event["data"]["object"], "", &mut found);
    found
}

#[test]
fn a_sample_has_the_members_of_what_really_happens() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let client = add(&key, "ana");
    let act = |path: &str| key.act(path).expect(200);
    let path = format!("/v1/clients/{client}");
    key.patch(&path, &json!({ "goal": "A first pull-up" }))
        .expect(200);
    let message = json!({ "body": "Hello" });
    key.post(&format!("{path}/messages"), &message).expect(201);
    let blocks = json!([{ "sessions": [{ "groups": [] }] }]);
    let program = json!({ "name": "Plan", "blocks": blocks });
    let program = key
        .post(&format!("{path}/programs"), &program)
        .expect(201)
        .member("id");
    for step in ["activate", "complete", "archive"] {
        act(&format!("/v1/programs/{program}/{step}"));
    }
    for kg in [100, 105] {
        let sets = json!([{ "reps": 5, "load": { "value": kg, "unit": "kg" }, "rpe": 8 }]);
        let log = json!({ "exercises": [{ "exercise": "back-squat", "sets": sets }] });
        key.post(&format!("{path}/workout-logs"), &log).expect(201);
    }
    let hook = json!({ "url": "https://example.com/hooks", "events": ["*"] });
    let hook = key.post("/v1/webhooks", &hook).expect(201).member("id");
    key.act(&format!("/v1/webhooks/{hook}/test")).expect(202);
    act(&format!("{path}/archive"));
    let types = key.get("/v1/event-types").expect(200).json();
    let events = key.get("/v1/events?limit=100").expect(200).json();

    let mut seen = BTreeSet::new();
    for event in events["data"].as_array().expect("a list") {
        let kind = event["type"].as_str().expect("a type");
        // The newest of each type: a first record has nothing before it.
        if !seen.insert(kind.to_owned()) {
            continue;
        }
        let types = types["data"].as_array().expect("a list").iter();
        let sample = types
            .clone()
            .find(|one| one["type"] == kind)
            .unwrap_or_else(|| panic!("{kind} has no sample"));
        let (mut real, mut shown) = (members_of(event), members_of(&sample["sample"]));
        // One record is an estimate and has no repetitions, and metadata is whatever it is.
        for set in [&mut real, &mut shown] {
            set.retain(|path| !path.contains("/previous") && !path.contains("/session/"));
        }
        assert_eq!(shown, real, "{kind}");
    }
    for kind in [
        "client.archived",
        "client.created",
        "client.updated",
        "message.sent",
        "personal_record.set",
        "ping",
        "program.activated",
        "program.archived",
        "program.completed",
        "program.created",
        "workout.logged",
    ] {
        assert!(seen.contains(kind), "{kind} did not happen: {seen:?}");
    }
}
