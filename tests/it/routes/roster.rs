//! `GET /v1/clients?expand=standing`

use serde_json::{Value, json};

use crate::support::{Caller, Coach, Server};

const STANDINGS: &str = "/v1/clients?expand=standing&sort=name";

struct Roster {
    server: Server,
    coach: Coach,
    key: Caller,
    ana: String,
}

impl Roster {
    /// Ana follows a program, trained once and has sent a check-in; Ben was only added.
    fn open() -> Self {
        let server = Server::start();
        let coach = server.coach("coach@example.com");
        let key = server.key(coach, &[]);
        let client = |name: &str| {
            let email = format!("{name}@example.com");
            let new = json!({ "name": name, "email": email, "send_invite": false });
            key.post("/v1/clients", &new).expect(201).member("id")
        };
        let (ana, _) = (client("Ana"), client("Ben"));
        let session = json!([{ "day": 1, "name": "A", "groups": [] }]);
        let plan = json!({ "name": "Base", "blocks": [{ "weeks": 3, "sessions": session }] });
        let path = format!("/v1/clients/{ana}");
        let program = key.post(&format!("{path}/programs"), &plan).expect(201);
        let program = program.member("id");
        let activate = format!("/v1/programs/{program}/activate");
        key.act(&activate).expect(200);
        let place = json!({ "block": 1, "week": 1, "session": 1 });
        let done = json!({ "session": place, "exercises": [{ "exercise": "plank", "sets": [] }] });
        key.post(&format!("{path}/workout-logs"), &done).expect(201);
        let sent = json!({ "notes": "Slept badly." });
        key.post(&format!("{path}/checkins"), &sent).expect(201);
        Self {
            server,
            coach,
            key,
            ana,
        }
    }

    fn standings(&self) -> Vec<Value> {
        standings(&self.key)
    }

    fn first(&self, list: &str) -> Value {
        let path = format!("/v1/clients/{}/{list}", self.ana);
        self.key.get(&path).expect(200).json()["data"][0].clone()
    }
}

fn data(caller: &Caller, path: &str) -> Vec<Value> {
    let list = caller.get(path).expect(200).json();
    list["data"].as_array().expect("a list").clone()
}

fn standings(caller: &Caller) -> Vec<Value> {
    let all = data(caller, STANDINGS);
    all.iter()
        .map(|client| client["standing"].clone())
        .collect()
}

#[test]
fn a_list_says_how_each_client_stands_if_it_is_asked() {
    let roster = Roster::open();
    roster.server.advance_ms(7 * 86_400_000);
    let adherence = format!("/v1/clients/{}/adherence", roster.ana);
    let adherence = roster.key.get(&adherence).expect(200).json();
    let month = &adherence["windows"][1];
    assert_eq!(
        (&month["days"], &month["percent"]),
        (&json!(30), &json!(100))
    );
    let standings = roster.standings();
    assert_eq!(
        standings[0],
        json!({
            "program": {
                "id": roster.first("programs")["id"], "name": "Base", "week": 2, "weeks": 3,
            },
            "adherence_30": month["percent"],
            "last_checkin_at": roster.first("checkins")["submitted_at"],
            "reason": "checkin_unreviewed",
        })
    );
    let nothing =
        json!({ "program": null, "adherence_30": null, "last_checkin_at": null, "reason": null });
    assert_eq!(standings[1], nothing);

    // Another day of the plan is over: what was not done counts.
    roster.server.advance_ms(86_400_000);
    assert_eq!(roster.standings()[0]["adherence_30"], 50);
}

#[test]
fn without_being_asked_a_list_is_as_it_was() {
    let roster = Roster::open();
    let plain = data(&roster.key, "/v1/clients?sort=name");
    let mut expanded = data(&roster.key, STANDINGS);
    for client in &mut expanded {
        let standing = client.as_object_mut().expect("a client").remove("standing");
        assert!(standing.is_some());
    }
    assert_eq!(plain, expanded);
}

#[test]
fn a_standing_is_of_now_whatever_was_answered_before() {
    let roster = Roster::open();
    let newest = "/v1/clients?expand=standing";
    let reason = || data(&roster.key, newest)[1]["standing"]["reason"].clone();
    assert_eq!(reason(), "checkin_unreviewed");
    let checkin = roster.first("checkins");
    let review = format!(
        "/v1/checkins/{}/review",
        checkin["id"].as_str().expect("an id")
    );
    roster.key.post(&review, &json!({})).expect(200);
    assert_eq!(reason(), Value::Null);
}

#[test]
fn a_reason_that_was_put_aside_is_not_told_in_the_list() {
    let roster = Roster::open();
    let dismiss = format!("/v1/today/{}/dismiss", roster.ana);
    let kind = json!({ "kind": "checkin_unreviewed" });
    roster.key.post(&dismiss, &kind).expect(200);
    assert_eq!(roster.standings()[0]["reason"], Value::Null);
}

#[test]
fn what_a_key_may_not_read_of_a_standing_is_null() {
    let roster = Roster::open();
    let reader = |scopes: &[&str]| roster.server.key(roster.coach, scopes);
    let of = |scopes: &[&str]| standings(&reader(scopes))[0].clone();
    let nothing =
        json!({ "program": null, "adherence_30": null, "last_checkin_at": null, "reason": null });
    assert_eq!(of(&["clients:read"]), nothing);
    let trains = of(&["clients:read", "programs:read"]);
    assert_eq!(trains["program"]["name"], "Base");
    assert_eq!(trains["adherence_30"], 100);
    assert_eq!(
        (&trains["last_checkin_at"], &trains["reason"]),
        (&Value::Null, &Value::Null)
    );
    let reviews = of(&["clients:read", "checkins:read"]);
    assert!(reviews["last_checkin_at"].is_string());
    assert_eq!(reviews["reason"], "checkin_unreviewed");
    assert_eq!(
        (&reviews["program"], &reviews["adherence_30"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn the_next_page_of_standings_has_standings_too() {
    let roster = Roster::open();
    let first = roster
        .key
        .get("/v1/clients?expand=standing&limit=1")
        .expect(200);
    let cursor = first.next_cursor().expect("a second page");
    let next = format!("/v1/clients?expand=standing&limit=1&cursor={cursor}");
    let next = data(&roster.key, &next);
    assert_eq!(next[0]["standing"]["program"]["name"], "Base");
}

#[test]
fn an_unknown_part_of_the_list_is_refused() {
    let roster = Roster::open();
    for word in ["everything", "standing,all", "none"] {
        let refused = roster.key.get(&format!("/v1/clients?expand={word}"));
        let fault = ("expand".to_owned(), "invalid_parameter".to_owned());
        assert_eq!(
            refused.refused(400, "invalid_parameter").faults(),
            [fault],
            "{word}"
        );
    }
}
