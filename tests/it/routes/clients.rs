//! `/v1/clients`

use cadence::caller::Mode;
use cadence::ids::ClientId;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server};

fn client(name: &str) -> Value {
    json!({ "name": name, "email": format!("{name}@example.com") })
}

/// Adds a client without an invite, who is active at once.
fn active(name: &str) -> Value {
    let mut body = client(name);
    body["send_invite"] = false.into();
    body
}

fn add(key: &Caller, body: &Value) -> String {
    key.post("/v1/clients", body).expect(201).member("id")
}

fn names(list: Answer) -> Vec<String> {
    list.expect(200).column("name")
}

#[test]
fn create_client_then_read_it_back() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);

    let created = key
        .post(
            "/v1/clients",
            &json!({ "name": "Ana", "email": "Ana@Example.com" }),
        )
        .expect(201);

    let id = created.member("id");
    let path = format!("/v1/clients/{id}");
    assert_eq!(created.header("location"), Some(path.as_str()));
    assert_eq!(created.header("etag"), Some("\"1\""));
    assert_eq!(created.header("cache-control"), Some("no-store"));
    let mut profile = created.json();
    let link = profile["install_link"].take();
    let link = link.as_str().expect("a link");
    assert!(link.starts_with("http://localhost"), "{link}");
    assert!(link.contains(&format!("/app/join#1.{id}.cdnin_")), "{link}");
    profile
        .as_object_mut()
        .expect("an object")
        .remove("install_link");
    profile["current_program"] = Value::Null;
    profile["recent_checkins"] = json!([]);
    profile["payment_history"] = json!([]);
    assert_eq!(key.get(&path).expect(200).json(), profile);
    assert_eq!(profile["object"], "client");
    assert_eq!(profile["livemode"], false);
    assert_eq!(profile["status"], "invited");
    assert_eq!(profile["email"], "Ana@Example.com");
    assert_eq!(profile["created_at"], "2026-06-03T12:00:00.000Z");
    assert_eq!(
        profile["invite"],
        json!({
            "status": "off",
            "reason": "Test mode sends no mail. Read it in the outbox.",
            "expires_at": "2026-06-17T12:00:00.000Z",
        })
    );
}

#[test]
fn create_client_with_every_field() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let body = json!({
        "name": "Ana Prado",
        "email": "ana@example.com",
        "phone": "+351912345678",
        "timezone": "Europe/Lisbon",
        "units": "imperial",
        "goal": "hypertrophy",
        "experience": "intermediate",
        "days_per_week": 4,
        "session_minutes": 75,
        "equipment": ["barbell", "rack"],
        "limitations": ["knee", "no_impact"],
        "tags": ["online", "vip 👩‍👩‍👧"],
        "check_in_day": "sunday",
        "coach_notes": "Two lines.\nKnee since May.",
        "external_id": "crm-1",
        "metadata": { "crm_id": "1", "note": " two\nlines " },
    });

    let created = key.post("/v1/clients", &body).expect(201).json();

    let path = format!("/v1/clients/{}", created["id"].as_str().expect("an id"));
    let read = key.get(&path).expect(200).json();
    for (name, value) in body.as_object().expect("an object") {
        assert_eq!(&created[name], value, "{name} as created");
        assert_eq!(&read[name], value, "{name} as read");
    }
    assert_eq!(read["sms_consent"], "unknown");
    assert_eq!(read["past_due"], false);
    assert_eq!(read["joined_at"], Value::Null);
    assert_eq!(read["archived_at"], Value::Null);
}

#[test]
fn create_client_without_email() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);

    let refused = key.post("/v1/clients", &json!({ "name": "Ana" }));

    assert_eq!(
        refused.refused(400, "validation_failed").faults(),
        [("/email".to_owned(), "required".to_owned())]
    );
    assert_eq!(server.rows("clients"), 0);
}

#[test]
fn create_client_in_live_mode_holds_the_mail_on_loopback() {
    let server = Server::start();
    let key = server.live_key(server.coach("coach@example.com"));

    let created = key.post("/v1/clients", &client("ana")).expect(201).json();

    assert_eq!(created["livemode"], true);
    assert_eq!(created["invite"]["status"], "held");
    assert_eq!(
        created["invite"]["reason"],
        "The link opens only on this computer. Set the public address first."
    );
    assert!(created["install_link"].is_string());
}

#[test]
fn create_client_without_an_invite() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);

    let created = key.post("/v1/clients", &active("ana")).expect(201).json();

    assert_eq!(created["status"], "active");
    assert_eq!(created["install_link"], Value::Null);
    assert_eq!(created["invite"]["status"], "off");
    assert_eq!(created["invite"]["expires_at"], Value::Null);
    assert_eq!(server.rows("outbox"), 0);
}

#[test]
fn create_client_with_an_email_that_is_taken_in_other_capitals() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let id = add(
        &key,
        &json!({ "name": "Ana", "email": "ana@example.com", "external_id": "1" }),
    );
    let before = server.all_rows();

    let again = key
        .post(
            "/v1/clients",
            &json!({ "name": "Ann", "email": "ANA@Example.COM" }),
        )
        .refused(409, "already_exists");

    assert_eq!(again.json()["error"]["existing_id"], id);
    assert_eq!(again.header("x-should-retry"), Some("false"));
    assert_eq!(server.all_rows(), before);
}

#[test]
fn one_email_in_two_workspaces_and_two_modes_is_four_clients() {
    let server = Server::start();
    for email in ["one@example.com", "two@example.com"] {
        let coach = server.coach(email);
        for mode in [Mode::Test, Mode::Live] {
            let key = server.bearer(&server.new_key(coach, mode, &[]).1);
            add(&key, &client("ana"));
            assert_eq!(names(key.get("/v1/clients")), ["ana"]);
        }
    }
    assert_eq!(server.rows("clients"), 4);
}

#[test]
fn clients_of_another_tenant_are_answered_like_missing_ones() {
    let server = Server::start();
    let coach = server.coach("one@example.com");
    let key = server.key(coach, &[]);
    let id = add(&key, &client("ana"));
    let others = [
        server.key(server.coach("two@example.com"), &[]),
        server.live_key(coach),
    ];
    let strip = |answer: Answer| {
        let mut body = answer.refused(404, "not_found").json();
        body["error"]["request_id"].take();
        body
    };
    for other in others {
        let missing = strip(other.get("/v1/clients/cl_01jzkd6v8q9xw2m4n6p8r0t2v4"));
        let path = format!("/v1/clients/{id}");
        assert_eq!(strip(other.get(&path)), missing);
        assert_eq!(strip(other.get("/v1/clients/nonsense")), missing);
        assert_eq!(strip(other.patch(&path, &json!({ "goal": "x" }))), missing);
        for act in ["archive", "unarchive", "pause", "resume", "invite"] {
            assert_eq!(strip(other.act(&format!("{path}/{act}"))), missing, "{act}");
        }
        assert_eq!(strip(other.get(&format!("{path}/messages"))), missing);
        let message = other.post(&format!("{path}/messages"), &json!({ "body": "Hello" }));
        assert_eq!(strip(message), missing);
        assert_eq!(names(other.get("/v1/clients?limit=100")), [""; 0]);
    }
}

#[test]
fn the_roster_leaves_out_archived_clients() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    add(&key, &client("invited"));
    add(&key, &active("active"));
    for (name, act) in [("paused", "pause"), ("archived", "archive")] {
        let id = add(&key, &active(name));
        key.act(&format!("/v1/clients/{id}/{act}")).expect(200);
    }

    let roster = names(key.get("/v1/clients"));

    assert_eq!(roster, ["paused", "active", "invited"]);
    for status in ["invited", "active", "paused", "archived"] {
        let filtered = names(key.get(&format!("/v1/clients?status={status}")));
        assert_eq!(filtered, [status]);
    }
}

#[test]
fn filters_find_what_they_name() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    for (number, name) in ["Ana", "Bo", "Ço"].iter().enumerate() {
        let body = json!({
            "name": name,
            "email": format!("Client{number}@Example.com"),
            "phone": format!("+35191234567{number}"),
            "external_id": format!("crm-{number}"),
            "tags": ["all", format!("tag {number}")],
        });
        add(&key, &body);
        server.advance_ms(1_000);
    }
    let found = |query: &str| names(key.get(&format!("/v1/clients?{query}")));

    assert_eq!(found("q=AN"), ["Ana"]);
    assert_eq!(found("q=%C3%A7"), ["Ço"]);
    assert_eq!(found("q=client1@"), ["Bo"]);
    assert_eq!(found("q=%2B351912345672"), ["Ço"]);
    assert_eq!(found("q=crm-0"), ["Ana"]);
    assert_eq!(found("q=%25"), [""; 0], "a wildcard is a character");
    assert_eq!(found("tag=all"), ["Ço", "Bo", "Ana"]);
    assert_eq!(found("tag=tag+1"), ["Bo"]);
    assert_eq!(found("tag=ALL"), [""; 0]);
    assert_eq!(found("email=CLIENT2@example.com"), ["Ço"]);
    assert_eq!(found("email=nobody@example.com"), [""; 0]);
    assert_eq!(found("external_id=crm-1"), ["Bo"]);
    assert_eq!(found("external_id=crm"), [""; 0]);
    assert_eq!(
        found("created_after=2026-06-03T12:00:00.000Z"),
        ["Ço", "Bo"]
    );
    assert_eq!(found("created_after=2026-06-03T14:00:01%2B02:00"), ["Ço"]);
    assert_eq!(found("created_before=2026-06-03T12:00:01Z"), ["Ana"]);
    assert_eq!(found("updated_after=2026-06-03T12:00:01Z"), ["Ço"]);
    assert_eq!(found("tag=all&q=b&status=invited"), ["Bo"]);
    assert_eq!(found("email=client1@example.com&status=active"), [""; 0]);
}

/// Walks a list to its end; between two pages clients come and go.
fn walk_while_it_changes(sort: &str) {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let mut surviving = Vec::new();
    for number in 0..14 {
        // Names repeat, and so do times: the id decides among equals.
        let name = format!("Client {}", (number * 5) % 7);
        let email = format!("client{number}@example.com");
        surviving.push(add(&key, &json!({ "name": name, "email": email })));
        server.advance_ms(i64::from(number % 3));
    }
    let mut seen: Vec<String> = Vec::new();
    let mut added = 0;
    let mut path = format!("/v1/clients?sort={sort}&limit=3");
    loop {
        let page = key.get(&path).expect(200);
        let ids = page.column("id");
        seen.extend(ids.iter().cloned());
        let Some(cursor) = page.next_cursor() else {
            assert_eq!(page.json()["has_more"], false);
            assert_eq!(page.header("link"), None);
            break;
        };
        let next = format!("/v1/clients?limit=3&sort={sort}&cursor={cursor}");
        let link = page.header("link").expect("a link to the next page");
        assert_eq!(
            link.replace("%2D", "-").replace("%5F", "_"),
            format!("<{next}>; rel=\"next\"")
        );
        path = next;
        for name in ["AAA", "Client 3", "zzz"] {
            added += 1;
            let email = format!("new{added}@example.com");
            add(&key, &json!({ "name": name, "email": email }));
        }
        // The row that the cursor names goes, and one that was not shown yet.
        let last = ids.last().expect("a row").clone();
        let unseen = surviving.iter().rfind(|id| !seen.contains(id)).cloned();
        server.delete_client(&last);
        surviving.retain(|id| *id != last);
        if let Some(unseen) = unseen {
            key.act(&format!("/v1/clients/{unseen}/archive"))
                .expect(200);
            surviving.retain(|id| *id != unseen);
        }
        assert!(added < 60, "the list does not end");
    }
    let mut distinct = seen.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), seen.len(), "{sort}: a row came twice");
    for id in surviving {
        assert!(seen.contains(&id), "{sort}: a row was skipped");
    }
}

#[test]
fn a_list_newest_first_survives_changes_between_pages() {
    walk_while_it_changes("-created_at");
}

#[test]
fn a_list_oldest_first_survives_changes_between_pages() {
    // What is added comes last here, so the walk ends only once it is slower than the additions.
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let ids: Vec<String> = (0..9)
        .map(|n| add(&key, &client(&format!("c{n}"))))
        .collect();
    let first = key.get("/v1/clients?sort=created_at&limit=4").expect(200);
    assert_eq!(first.column("id"), ids[..4]);
    server.delete_client(&ids[3]);
    server.delete_client(&ids[5]);
    let late = add(&key, &client("late"));

    let cursor = first.next_cursor().expect("a second page");
    let second = key
        .get(&format!(
            "/v1/clients?sort=created_at&limit=100&cursor={cursor}"
        ))
        .expect(200);

    let rest = [&ids[4], &ids[6], &ids[7], &ids[8], &late];
    assert_eq!(second.column("id"), rest.map(Clone::clone));
}

#[test]
fn a_list_by_name_survives_changes_between_pages() {
    walk_while_it_changes("name");
}

#[test]
fn a_list_by_name_backward_survives_changes_between_pages() {
    walk_while_it_changes("-name");
}

#[test]
fn a_list_last_changed_first_survives_changes_between_pages() {
    walk_while_it_changes("-updated_at");
}

#[test]
fn a_list_longest_unchanged_first_survives_changes_between_pages() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let ids: Vec<String> = (0..6)
        .map(|n| add(&key, &client(&format!("c{n}"))))
        .collect();
    server.advance_ms(5);
    let change = json!({ "goal": "strength" });
    key.patch(&format!("/v1/clients/{}", ids[0]), &change)
        .expect(200);
    let first = key.get("/v1/clients?sort=updated_at&limit=2").expect(200);
    assert_eq!(first.column("id"), ids[1..3]);
    server.delete_client(&ids[2]);
    let late = add(&key, &client("late"));

    let cursor = first.next_cursor().expect("a second page");
    let second = key
        .get(&format!("/v1/clients?sort=updated_at&cursor={cursor}"))
        .expect(200);

    let rest = [&ids[3], &ids[4], &ids[5], &ids[0], &late];
    assert_eq!(second.column("id"), rest.map(Clone::clone));
}

#[test]
fn list_clients_by_name_ignores_capitals() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    for name in ["bo", "Ana", "Élise", "ANNE"] {
        let email = format!("{}@example.com", name.len());
        let email = email.replace('@', &format!("{}@", name.chars().count()));
        let email = format!("{}{email}", name.to_lowercase().replace('é', "e"));
        add(&key, &json!({ "name": name, "email": email }));
    }

    assert_eq!(
        names(key.get("/v1/clients?sort=name")),
        ["Ana", "ANNE", "bo", "Élise"]
    );
}

#[test]
fn list_clients_with_a_limit_out_of_range() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    for limit in [
        "0",
        "101",
        "abc",
        "-1",
        "%2B5",
        "1.5",
        "",
        "99999999999999999999",
    ] {
        let refused = key
            .get(&format!("/v1/clients?limit={limit}"))
            .refused(400, "invalid_parameter");
        let fault = ("limit".to_owned(), "invalid_parameter".to_owned());
        assert_eq!(refused.faults(), [fault], "{limit}");
    }
    for limit in ["1", "100"] {
        key.get(&format!("/v1/clients?limit={limit}")).expect(200);
    }
}

#[test]
fn list_clients_with_a_cursor_of_something_else() {
    let server = Server::start();
    let coach = server.coach("one@example.com");
    let key = server.key(coach, &[]);
    let other = server.key(server.coach("two@example.com"), &[]);
    for number in 0..3 {
        add(&key, &client(&format!("c{number}")));
        add(&other, &client(&format!("c{number}")));
    }
    let page = key.get("/v1/clients?limit=1&tag=").status;
    assert_eq!(page, 400, "an empty filter is refused");
    let page = key.get("/v1/clients?limit=1").expect(200);
    let cursor = page.next_cursor().expect("a second page");
    let own = format!("/v1/clients?limit=2&cursor={cursor}");
    assert_eq!(names(key.get(&own)), ["c1", "c0"]);

    let refused = |caller: &Caller, path: &str| {
        let answer = caller.get(path).refused(400, "invalid_cursor");
        let fault = ("cursor".to_owned(), "invalid_cursor".to_owned());
        assert_eq!(answer.faults(), [fault], "{path}");
    };
    refused(&other, &own);
    refused(&server.live_key(coach), &own);
    refused(&key, &format!("{own}&status=invited"));
    refused(&key, &format!("{own}&sort=name"));
    refused(&key, &format!("/v1/events?cursor={cursor}"));
    refused(&key, "/v1/clients?cursor=nonsense!");
    refused(&key, "/v1/clients?cursor=AAAA");
    refused(&key, "/v1/clients?cursor=");
}

#[test]
fn read_client_with_chosen_parts() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let path = format!("/v1/clients/{}", add(&key, &client("ana")));
    let parts = ["current_program", "recent_checkins", "payment_history"];
    let shown = |query: &str| -> Vec<&str> {
        let body = key.get(&format!("{path}{query}")).expect(200).json();
        assert_eq!(body["name"], "ana");
        let has = |part: &&str| body.get(*part).is_some();
        parts.into_iter().filter(has).collect()
    };

    assert_eq!(shown(""), parts);
    assert_eq!(shown("?expand=none"), [""; 0]);
    for part in parts {
        assert_eq!(shown(&format!("?expand={part}")), [part]);
    }
    assert_eq!(
        shown("?expand=payment_history,current_program"),
        ["current_program", "payment_history"]
    );
    for query in ["programs", "none,current_program", ""] {
        let refused = key.get(&format!("{path}?expand={query}"));
        assert_eq!(
            refused.refused(400, "invalid_parameter").faults()[0].0,
            "expand"
        );
    }
}

#[test]
fn entity_tags_save_a_transfer_and_refuse_a_stale_change() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let path = format!("/v1/clients/{}", add(&key, &client("ana")));
    let whole = key.get(&path).expect(200);
    let whole = whole.header("etag").expect("a tag").to_owned();
    let profile = format!("{path}?expand=none");
    assert_eq!(key.get(&profile).expect(200).header("etag"), Some("\"1\""));
    let (version, hash) = whole
        .trim_matches('"')
        .split_once('.')
        .expect("version and hash");
    assert_eq!((version, hash.len()), ("1", 16));

    for (path, tag) in [
        (path.as_str(), whole.as_str()),
        (&profile, "\"1\""),
        (&path, "*"),
        (&profile, "\"7\", W/\"1\""),
    ] {
        let known = key.get_with(path, &[("If-None-Match", tag)]).expect(304);
        assert!(known.body.is_empty());
        assert!(known.header("etag").is_some());
    }
    key.get_with(&path, &[("If-None-Match", "\"1\"")])
        .expect(200);

    let set_goal = |tag: &str, goal: &str| {
        let body = json!({ "goal": goal }).to_string();
        key.send("PATCH", &path, &[("If-Match", tag)], Some(&body))
    };
    assert_eq!(
        set_goal(&whole, "one").expect(200).header("etag"),
        Some("\"2\"")
    );
    set_goal(&whole, "two").refused(412, "etag_mismatch");
    set_goal("\"1\"", "two").refused(412, "etag_mismatch");
    set_goal("W/\"2\"", "two").refused(412, "etag_mismatch");
    set_goal("\"é\"", "two").refused(412, "etag_mismatch");
    let two_lines = [("If-Match", "\"1\""), ("If-Match", "\"2\"")];
    let body = json!({ "goal": "one" }).to_string();
    key.send("PATCH", &path, &two_lines, Some(&body))
        .expect(200);
    set_goal("\"2\"", "two").expect(200);
    set_goal("*", "three").expect(200);
    assert_eq!(key.get(&path).json()["goal"], "three");
}

#[test]
fn patch_client_with_null_empties_and_absent_keeps() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let mut body = client("ana");
    body["phone"] = "+351912345678".into();
    body["goal"] = "strength".into();
    body["tags"] = json!(["a", "b"]);
    body["metadata"] = json!({ "a": "1", "b": "2" });
    let path = format!("/v1/clients/{}", add(&key, &body));
    server.advance_ms(1_000);

    let patched = key
        .patch(
            &path,
            &json!({ "phone": null, "tags": null, "metadata": { "c": "3" }, "sms_consent": "opted_in" }),
        )
        .expect(200);

    assert_eq!(patched.header("etag"), Some("\"2\""));
    let patched = patched.json();
    assert_eq!(patched["phone"], Value::Null);
    assert_eq!(patched["tags"], json!([]));
    assert_eq!(patched["metadata"], json!({ "c": "3" }));
    assert_eq!(patched["goal"], "strength");
    assert_eq!(patched["sms_consent"], "opted_in");
    assert_eq!(patched["updated_at"], "2026-06-03T12:00:01.000Z");
    assert_eq!(patched["created_at"], "2026-06-03T12:00:00.000Z");
    assert!(
        patched.get("recent_checkins").is_none(),
        "the profile alone"
    );
    let event = &key.get("/v1/events?type=client.updated").json()["data"][0];
    assert_eq!(event["data"]["object"], patched);
    assert_eq!(
        event["data"]["previous"],
        json!({
            "phone": "+351912345678", "tags": ["a", "b"], "metadata": { "a": "1", "b": "2" },
            "sms_consent": "unknown",
        })
    );
    for name in ["name", "email", "units", "sms_consent"] {
        let refused = key.patch(&path, &json!({ name: null }));
        assert_eq!(
            refused.refused(400, "validation_failed").faults(),
            [(format!("/{name}"), "required".to_owned())]
        );
    }
}

#[test]
fn patch_client_that_changes_nothing() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let path = format!("/v1/clients/{}", add(&key, &client("ana")));
    server.advance_ms(1_000);
    let before = server.all_rows();

    for body in [
        json!({}),
        json!({ "name": "ana", "phone": null, "tags": [] }),
    ] {
        let same = key.patch(&path, &body).expect(200);
        assert_eq!(same.header("etag"), Some("\"1\""));
        assert_eq!(same.json()["updated_at"], "2026-06-03T12:00:00.000Z");
    }

    assert_eq!(server.all_rows(), before);
}

#[test]
fn patch_client_to_an_email_that_is_taken() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let ana = add(&key, &client("ana"));
    let bo = format!("/v1/clients/{}", add(&key, &client("bo")));

    let refused = key.patch(&bo, &json!({ "email": "ANA@example.com" }));

    let refused = refused.refused(409, "already_exists");
    assert_eq!(refused.json()["error"]["existing_id"], ana);
    assert_eq!(key.get(&bo).json()["email"], "bo@example.com");
    key.patch(&bo, &json!({ "email": "BO@example.com" }))
        .expect(200);
}

/// A state with the event that tells of it.
type Outcome = (&'static str, &'static str);

/// From a state, by an action, to an outcome; none is refused.
const STEPS: &[(&str, &str, Option<Outcome>)] = &[
    ("invited", "archive", Some(("archived", "client.archived"))),
    ("invited", "unarchive", None),
    ("invited", "pause", None),
    ("invited", "resume", None),
    ("invited", "invite", Some(("invited", "client.invited"))),
    ("active", "archive", Some(("archived", "client.archived"))),
    ("active", "unarchive", None),
    ("active", "pause", Some(("paused", "client.paused"))),
    ("active", "resume", None),
    ("active", "invite", Some(("active", "client.invited"))),
    ("paused", "archive", Some(("archived", "client.archived"))),
    ("paused", "unarchive", None),
    ("paused", "pause", None),
    ("paused", "resume", Some(("active", "client.resumed"))),
    ("paused", "invite", Some(("paused", "client.invited"))),
    ("archived", "archive", None),
    ("archived", "unarchive", Some(("active", "client.updated"))),
    ("archived", "pause", None),
    ("archived", "resume", None),
    ("archived", "invite", None),
];

#[test]
fn every_step_from_every_state_leads_where_the_table_says() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    for (number, (from, act, expected)) in STEPS.iter().enumerate() {
        let mut body = active(&format!("c{number}"));
        body["send_invite"] = (*from == "invited").into();
        let path = format!("/v1/clients/{}", add(&key, &body));
        for (state, step) in [("paused", "pause"), ("archived", "archive")] {
            if state == *from {
                key.act(&format!("{path}/{step}")).expect(200);
            }
        }
        let before = server.all_rows();
        let answer = key.act(&format!("{path}/{act}"));
        let Some((status, event)) = expected else {
            let refused = answer.refused(409, "state_conflict");
            assert_eq!(
                refused.json()["error"]["current_status"],
                *from,
                "{from} {act}"
            );
            assert_eq!(server.all_rows(), before, "{from} {act}");
            continue;
        };
        let body = answer.expect(200).json();
        assert_eq!(body["status"], *status, "{from} {act}");
        assert_eq!(body["archived_at"].is_string(), *status == "archived");
        let last = key.get("/v1/events?limit=1").json();
        assert_eq!(last["data"][0]["type"], *event, "{from} {act}");
    }
}

#[test]
fn unarchive_leads_back_to_where_the_client_was() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let invited = format!("/v1/clients/{}", add(&key, &client("invited")));
    let paused = format!("/v1/clients/{}", add(&key, &active("paused")));
    key.act(&format!("{paused}/pause")).expect(200);
    for (path, status) in [(invited, "invited"), (paused, "paused")] {
        key.act(&format!("{path}/archive")).expect(200);

        let back = key.act(&format!("{path}/unarchive")).expect(200).json();

        assert_eq!(back["status"], status);
        assert_eq!(back["archived_at"], Value::Null);
    }
}

#[test]
fn a_new_invite_ends_the_link_before_it() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let created = key.post("/v1/clients", &client("ana")).expect(201);
    let id = created.member("id");
    let works = |link: &str| {
        let (number, digest): (i64, Vec<u8>) = server
            .app
            .db
            .read_now(|conn| {
                let sql = "SELECT tenant_id, invite_digest FROM clients WHERE id = ?1";
                Ok(conn.query_row(sql, [&id], |row| Ok((row.get(0)?, row.get(1)?)))?)
            })
            .expect("a client");
        let fragment = link.split_once('#').expect("a fragment").1;
        let secret = fragment
            .strip_prefix(&format!("{number}.{id}."))
            .expect("tenant and client");
        digest == cadence::secrets::digest(secret).as_bytes()
    };
    let old = created.member("install_link");
    assert!(works(&old));
    server.advance_ms(86_400_000);

    let again = key.act(&format!("/v1/clients/{id}/invite")).expect(200);

    let new = again.member("install_link");
    assert!(works(&new) && !works(&old));
    assert_eq!(
        again.json()["invite"]["expires_at"],
        "2026-06-18T12:00:00.000Z"
    );
    assert_eq!(server.rows("outbox"), 2);
    assert!(ClientId::parse(&id).is_some());
    let shown = key.get(&format!("/v1/clients/{id}")).text();
    assert!(!shown.contains("cdnin_"), "the link is shown once");
}

#[test]
fn clients_need_their_scopes() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let id = add(&server.key(coach, &[]), &client("ana"));
    let path = format!("/v1/clients/{id}");
    let reader = server.key(coach, &["clients:read"]);
    let writer = server.key(coach, &["clients:write"]);
    let stranger = server.key(coach, &["messages:write"]);

    reader.get(&path).expect(200);
    writer.get(&path).expect(200);
    let refused = reader.post("/v1/clients", &client("bo"));
    let refused = refused.refused(403, "insufficient_scope");
    assert_eq!(refused.json()["error"]["scopes"], json!(["clients:write"]));
    assert!(
        refused
            .header("www-authenticate")
            .is_some_and(|challenge| challenge.contains("scope=\"clients:write\""))
    );
    stranger.get(&path).refused(403, "insufficient_scope");
    stranger
        .get("/v1/clients")
        .refused(403, "insufficient_scope");
}

#[test]
fn tags_and_external_ids_are_found_by_what_was_stored_of_them() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let new = json!({
        "name": "Ana",
        "email": "ana@example.com",
        "tags": ["vip", " vip ", "online", "vip"],
        "external_id": " crm-1 ",
    });
    let ana = key.post("/v1/clients", &new).expect(201);
    assert_eq!(ana.json()["tags"], json!(["vip", "online"]));
    let path = format!("/v1/clients/{}", ana.member("id"));

    for filter in ["tag=%20vip%20", "external_id=+crm-1+", "tag=vip"] {
        let found = key.get(&format!("/v1/clients?{filter}")).expect(200);
        assert_eq!(found.column("name"), ["Ana"], "{filter}");
    }
    for filter in ["tag=%20", "external_id=+"] {
        key.get(&format!("/v1/clients?{filter}"))
            .refused(400, "invalid_parameter");
    }

    let changed = key.patch(&path, &json!({ "tags": ["b", "a", "b"] }));
    assert_eq!(changed.expect(200).json()["tags"], json!(["b", "a"]));
}

#[test]
fn a_plus_in_a_time_that_is_not_escaped_is_explained() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let message = |time: &str| {
        let path = format!("/v1/clients?created_after={time}");
        let refused = key.get(&path).refused(400, "invalid_parameter");
        refused.json()["error"]["message"].to_string()
    };

    let unescaped = message("2026-06-03T12:00:00+01:00");

    assert!(unescaped.contains("%2B"), "{unescaped}");
    for other in ["yesterday", "2026-06-03", "last+week"] {
        assert!(!message(other).contains("%2B"), "{other}");
    }
    key.get("/v1/clients?created_after=2026-06-03T12:00:00%2B01:00")
        .expect(200);
}
