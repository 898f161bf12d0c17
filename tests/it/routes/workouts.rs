//! `/v1/clients/{client_id}/workout-logs`, `…/personal-records` and `…/adherence`

use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server};

const DAY_MS: i64 = 86_400_000;

struct Gym {
    server: Server,
    key: Caller,
    client: String,
}

impl Gym {
    fn open(units: &str) -> Self {
        let server = Server::start();
        let key = server.key(server.coach("coach@example.com"), &[]);
        let new = json!({ "name": "Ana", "email": "ana@example.com", "send_invite": false, "units": units });
        let client = key.post("/v1/clients", &new).expect(201).member("id");
        Self {
            server,
            key,
            client: format!("/v1/clients/{client}"),
        }
    }

    fn log(&self, body: &Value) -> Answer {
        self.key
            .post(&format!("{}/workout-logs", self.client), body)
    }

    fn squat(&self, sets: &Value) -> Answer {
        self.log(&json!({ "exercises": [{ "exercise": "back-squat", "sets": sets }] }))
    }

    fn active_program(&self, blocks: &Value) -> String {
        let body = json!({ "name": "Plan", "blocks": blocks });
        let id = self
            .key
            .post(&format!("{}/programs", self.client), &body)
            .expect(201)
            .member("id");
        self.key
            .act(&format!("/v1/programs/{id}/activate"))
            .expect(200);
        id
    }

    fn windows(&self) -> Vec<(u64, u64, u64, u64, Value)> {
        let body = self
            .key
            .get(&format!("{}/adherence", self.client))
            .expect(200)
            .json();
        let number = |window: &Value, name: &str| window[name].as_u64().expect("a number");
        let windows = body["windows"].as_array().expect("windows").iter();
        windows
            .map(|w| {
                (
                    number(w, "due"),
                    number(w, "done"),
                    number(w, "missed"),
                    number(w, "excused"),
                    w["percent"].clone(),
                )
            })
            .collect()
    }
}

#[test]
fn what_was_done_reads_back_as_it_was_entered() {
    let gym = Gym::open("metric");
    let exercises = json!([
        {
            "exercise": "goblet-squat",
            "substituted_for": "back-squat",
            "note": "Rack taken",
            "sets": [
                { "kind": "warmup", "reps": 8, "load": { "value": 12, "unit": "kg" } },
                { "reps": 10, "load": { "value": 52.5, "unit": "lb" }, "rpe": 8.5 },
                { "reps": 9, "load": { "value": 52.5, "unit": "lb" }, "rir": 0.5, "pain": true, "note": "Knee" },
                { "skipped_reason": "Knee" },
            ],
        },
        { "exercise": "plank", "sets": [{ "seconds": 45 }], },
        { "exercise": "farmer-carry", "sets": [], "skipped_reason": "Out of time" },
    ]);
    let body = json!({ "performed_on": "2026-06-02", "status": "partial", "session_rpe": 7, "duration_min": 50, "notes": "Tired", "exercises": exercises });

    let made = gym.log(&body).expect(201);

    let read = gym
        .key
        .get(made.header("location").expect("a location"))
        .expect(200)
        .json();
    for field in [
        "performed_on",
        "status",
        "session_rpe",
        "duration_min",
        "notes",
        "exercises",
    ] {
        assert_eq!(read[field], body[field], "{field}");
    }
    assert_eq!(read["pain"], true);
    let path = format!("{}/workout-logs", gym.client);
    let today = gym.squat(&json!([{ "reps": 5 }])).expect(201);
    assert_eq!(today.member("performed_on"), "2026-06-03");
    let ids = |query: &str| {
        gym.key
            .get(&format!("{path}?{query}"))
            .expect(200)
            .column("id")
    };
    assert_eq!(ids("to=2026-06-02"), [made.member("id")]);
    assert_eq!(ids("from=2026-06-03"), [today.member("id")]);
    assert_eq!(ids("status=partial"), [made.member("id")]);
    let told = gym
        .key
        .get("/v1/events?type=workout.logged")
        .expect(200)
        .json();
    assert_eq!(told["data"][1]["data"]["object"], read);
}

#[test]
fn every_wrong_part_of_a_log_is_named_by_its_place() {
    let gym = Gym::open("metric");
    let wrong = json!([
        {},
        { "reps": 5, "skipped_reason": "no" },
        { "reps": 5, "rpe": 8, "rir": 2 },
        { "reps": 5, "rpe": 8.2 },
        { "reps": 5, "load": { "value": 60 } },
    ]);

    let faults = gym.squat(&wrong).refused(400, "validation_failed").faults();

    let places: Vec<&str> = faults.iter().map(|(place, _)| place.as_str()).collect();
    let sets = "/exercises/0/sets";
    let expected = [
        format!("{sets}/0/reps"),
        format!("{sets}/1/reps"),
        format!("{sets}/2/rir"),
        format!("{sets}/3/rpe"),
        format!("{sets}/4/load/unit"),
    ];
    for place in &expected {
        assert!(places.contains(&place.as_str()), "{place} of {places:?}");
    }
    for (body, place) in [
        (json!({}), "/exercises"),
        (
            json!({ "exercises": [{ "exercise": "no-such", "sets": [] }] }),
            "/exercises/0/exercise",
        ),
        (
            json!({ "status": "missed", "session": { "block": 1, "week": 1, "session": 1 } }),
            "/program_id",
        ),
        (
            json!({ "status": "missed", "program_id": "prg_01jzkd6v8q9xw2m4n6p8r0t2v4" }),
            "/program_id",
        ),
    ] {
        assert_eq!(
            gym.log(&body).refused(400, "validation_failed").faults()[0].0,
            place,
            "{body}"
        );
    }
    gym.active_program(&json!([{ "sessions": [{ "groups": [] }] }]));
    let beyond = json!({ "status": "missed", "session": { "block": 1, "week": 2, "session": 1 } });
    assert_eq!(
        gym.log(&beyond).refused(400, "validation_failed").faults()[0].0,
        "/session"
    );
}

#[test]
fn new_bests_are_told_once_each() {
    let gym = Gym::open("metric");
    let set = |kg: i64, reps: i64| json!([{ "reps": reps, "load": { "value": kg, "unit": "kg" } }]);
    let records = |answer: Answer| -> Vec<(String, Value, Value, Value)> {
        let body = answer.expect(201).json();
        let records = body["personal_records"]
            .as_array()
            .expect("records")
            .clone();
        records
            .iter()
            .map(|r| {
                (
                    r["kind"].as_str().expect("a kind").to_owned(),
                    r["reps"].clone(),
                    r["load"]["value"].clone(),
                    r["previous"]["value"].clone(),
                )
            })
            .collect()
    };

    let first = records(gym.squat(&set(100, 5)));
    let same = records(gym.squat(&set(100, 5)));
    let better = records(gym.squat(&set(105, 5)));
    let easier = records(gym.squat(&set(60, 15)));

    let rep_max = "rep_max".to_owned();
    let estimate = "estimated_1rm".to_owned();
    assert_eq!(
        first,
        [
            (estimate.clone(), Value::Null, json!(116.7), Value::Null),
            (rep_max.clone(), json!(5), json!(100), Value::Null),
        ]
    );
    assert_eq!((same.len(), easier.len()), (0, 0));
    assert_eq!(
        better,
        [
            (estimate, Value::Null, json!(122.5), json!(116.7)),
            (rep_max, json!(5), json!(105), json!(100)),
        ]
    );
    let told = gym
        .key
        .get("/v1/events?type=personal_record.set")
        .expect(200)
        .json();
    assert_eq!(told["data"].as_array().map(Vec::len), Some(4));
    let list = gym
        .key
        .get(&format!("{}/personal-records", gym.client))
        .expect(200);
    assert_eq!(list.column("id"), ["back-squat:0", "back-squat:5"]);
    let page = gym
        .key
        .get(&format!("{}/personal-records?limit=1", gym.client));
    let next = format!(
        "{}/personal-records?limit=1&cursor={}",
        gym.client,
        page.next_cursor().expect("more")
    );
    assert_eq!(gym.key.get(&next).column("id"), ["back-squat:5"]);
    let other = gym
        .key
        .get(&format!("{}/personal-records?exercise=plank", gym.client));
    assert_eq!(other.column("id"), [""; 0]);
}

#[test]
fn records_are_shown_in_the_clients_unit() {
    let gym = Gym::open("imperial");

    let made = gym
        .squat(&json!([{ "reps": 1, "load": { "value": 225, "unit": "lb" } }]))
        .expect(201)
        .json();

    let load = &made["personal_records"][0]["load"];
    assert_eq!((&load["value"], &load["unit"]), (&json!(225), &json!("lb")));
    assert_eq!(made["personal_records"][1]["grams"], 102_058);
}

#[test]
fn adherence_counts_what_was_due_and_leaves_out_what_was_excused() {
    let gym = Gym::open("metric");
    let day = |day: u16| json!({ "day": day, "name": format!("Day {day}"), "groups": [] });
    let week = json!([day(1), day(3), day(5)]);
    gym.active_program(&json!([
        { "weeks": 2, "sessions": week },
        { "kind": "deload", "sessions": week },
        { "weeks": 8, "sessions": week },
    ]));
    let log = |block: u16, week: u16, session: u16, status: &str| {
        let place = json!({ "block": block, "week": week, "session": session });
        let body = json!({ "status": status, "session": place, "exercises": [{ "exercise": "plank", "sets": [] }] });
        gym.log(&body).expect(201)
    };
    // Nothing is due before it is done, or before the day is over.
    assert_eq!(gym.windows()[0], (0, 0, 0, 0, Value::Null));
    let first = log(1, 1, 1, "done");
    assert_eq!(first.member("name"), "Day 1");
    assert_eq!(gym.windows()[0], (1, 1, 0, 0, json!(100)));

    // A week and a day later: the second was done in part, the third excused, the fourth is of today.
    gym.server.advance_ms(7 * DAY_MS);
    log(1, 1, 2, "partial");
    log(1, 1, 3, "excused");
    let windows = gym.windows();
    assert_eq!(windows[0], (1, 0, 0, 1, json!(50)));
    assert_eq!(windows[1], (2, 1, 0, 1, json!(75)));

    // Two weeks later: a week was missed, the deload does not count.
    gym.server.advance_ms(14 * DAY_MS);
    assert_eq!(gym.windows()[1], (5, 1, 3, 1, json!(30)));
    // A session is done on whichever day.
    log(1, 2, 1, "done");
    assert_eq!(gym.windows()[1], (5, 2, 2, 1, json!(50)));

    // What comes after the end of a program is not due.
    let id = gym.key.get(&gym.client).json()["current_program"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    gym.key
        .act(&format!("/v1/programs/{id}/complete"))
        .expect(200);
    gym.server.advance_ms(30 * DAY_MS);
    assert_eq!(gym.windows()[1].0, 0);
    assert_eq!(gym.windows()[2], (5, 2, 2, 1, json!(50)));
}

#[test]
fn a_session_that_was_done_before_its_program_began_is_done() {
    let gym = Gym::open("metric");
    let session = json!([{ "day": 1, "name": "A", "groups": [] }]);
    let plan = json!({ "name": "Plan", "blocks": [{ "weeks": 2, "sessions": session }] });
    let programs = format!("{}/programs", gym.client);
    let id = gym.key.post(&programs, &plan).expect(201).member("id");
    // Three weeks from now.
    let start = json!({ "start_date": "2026-06-24" });
    let activate = format!("/v1/programs/{id}/activate");
    gym.key.post(&activate, &start).expect(200);
    let place = json!({ "block": 1, "week": 1, "session": 1 });
    let exercises = json!([{ "exercise": "plank", "sets": [] }]);
    gym.log(&json!({ "session": place, "exercises": exercises }))
        .expect(201);
    assert_eq!(gym.windows()[1].0, 0);
    gym.server.advance_ms(22 * DAY_MS);
    assert_eq!(gym.windows()[1], (1, 1, 0, 0, json!(100)));
}
