//! Schedules of check-ins: by the client's clock, in whatever place, over whatever change of it.

use cadence::clock::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Coach, Server};

const ADVANCE: &str = "/v1/test/clock/advance";

struct Studio {
    server: Server,
    coach: Coach,
    key: Caller,
    client: String,
}

impl Studio {
    fn in_zone(zone: &str) -> Self {
        let server = Server::start();
        let coach = server.coach("coach@example.com");
        let key = server.key(coach, &[]);
        let client = add(&key, "ana@example.com", zone);
        Self {
            server,
            coach,
            key,
            client,
        }
    }

    fn schedule(&self, body: &Value) -> Value {
        set(&self.key, &self.client, body).expect(200).json()
    }

    /// Moves the test tenant's clock, and does what that made ready.
    fn advance(&self, to: &str) {
        self.key.post(ADVANCE, &json!({ "to": to })).expect(200);
        self.server.run_jobs();
    }

    fn submit(&self, body: &Value) -> Answer {
        self.key.post(&format!("{}/checkins", self.client), body)
    }

    /// The check-ins of a status, the last first.
    fn of(&self, status: &str) -> Vec<Value> {
        let path = format!("{}/checkins?status={status}&limit=100", self.client);
        let list = self.key.get(&path).expect(200).json();
        list["data"].as_array().expect("check-ins").clone()
    }

    fn due_times(&self, status: &str) -> Vec<String> {
        let all = self.of(status);
        let mut times: Vec<String> = all
            .iter()
            .map(|entry| entry["due_at"].as_str().expect("a time").to_owned())
            .collect();
        times.reverse();
        times
    }

    /// When each `checkin.overdue` happened, the first first.
    fn overdue_events(&self) -> Vec<String> {
        overdue_events(&self.key)
    }

    fn next_due_at(&self) -> Value {
        let path = format!("{}/checkin-schedule", self.client);
        self.key.get(&path).expect(200).json()["next_due_at"].clone()
    }
}

fn overdue_events(key: &Caller) -> Vec<String> {
    let list = key.get("/v1/events?type=checkin.overdue&limit=100");
    let mut times = list.expect(200).column("created_at");
    times.reverse();
    times
}

fn add(key: &Caller, email: &str, zone: &str) -> String {
    let new = json!({ "name": "Ana", "email": email, "send_invite": false, "timezone": zone });
    let id = key.post("/v1/clients", &new).expect(201).member("id");
    format!("/v1/clients/{id}")
}

fn set(key: &Caller, client: &str, body: &Value) -> Answer {
    let path = format!("{client}/checkin-schedule");
    key.send("PUT", &path, &[], Some(&body.to_string()))
}

fn sunday() -> Value {
    json!({ "weekday": "sunday", "time": "18:00" })
}

#[test]
fn a_check_in_is_pending_three_days_before_it_is_due_and_overdue_once() {
    let mut studio = Studio::in_zone("UTC");
    let none = studio
        .key
        .get(&format!("{}/checkin-schedule", studio.client));
    let none = none.expect(200).json();
    assert_eq!(
        (&none["active"], &none["next_due_at"]),
        (&json!(false), &Value::Null)
    );

    let set = studio.schedule(&sunday());

    assert_eq!(set["next_due_at"], "2026-06-07T18:00:00.000Z");
    assert_eq!(
        (&set["every_weeks"], &set["time"]),
        (&json!(1), &json!("18:00"))
    );
    studio.advance("2026-06-04T17:59:59.999Z");
    assert_eq!(studio.of("pending").len(), 0);
    studio.advance("2026-06-04T18:00:00Z");
    let pending = studio.of("pending");
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0]["due_at"], "2026-06-07T18:00:00.000Z");
    assert_eq!(pending[0]["local_date"], "2026-06-07");
    assert_eq!(pending[0]["created_at"], "2026-06-04T18:00:00.000Z");
    assert_eq!(
        pending[0]["period"],
        json!({ "from": "2026-06-01", "to": "2026-06-07" })
    );
    assert_eq!(pending[0]["form"]["version"], 1);
    assert_eq!(
        (&pending[0]["scheduled"], &pending[0]["source"]),
        (&json!(true), &Value::Null)
    );
    studio.advance("2026-06-07T17:59:59.999Z");
    assert_eq!(studio.overdue_events(), [""; 0]);

    studio.advance("2026-06-07T18:00:00Z");
    let overdue = studio.of("overdue");
    assert_eq!(overdue[0]["id"], pending[0]["id"]);
    studio.server.run_jobs();
    studio.server.restart();
    studio.key = studio.server.key(studio.coach, &[]);
    studio.server.run_jobs();
    studio.advance("2026-06-10T00:00:00Z");

    assert_eq!(studio.overdue_events(), ["2026-06-07T18:00:00.000Z"]);
    assert_eq!(studio.of("overdue").len(), 1);
    assert_eq!(studio.next_due_at(), "2026-06-14T18:00:00.000Z");
    let events = studio
        .key
        .get("/v1/events?type=checkin.overdue")
        .expect(200)
        .json();
    assert_eq!(events["data"][0]["data"]["object"]["status"], "overdue");
}

#[test]
fn a_submission_fulfils_what_is_asked_for_and_no_more() {
    let studio = Studio::in_zone("UTC");
    studio.schedule(&sunday());
    let early = studio.submit(&json!({})).expect(201).json();
    assert_eq!(early["scheduled"], false);
    studio.advance("2026-06-06T12:00:00Z");
    let asked = studio.of("pending")[0].clone();

    let made = studio
        .submit(&json!({ "notes": "A day early" }))
        .expect(201)
        .json();

    assert_eq!(made["id"], asked["id"]);
    assert_eq!(
        (&made["status"], &made["scheduled"]),
        (&json!("submitted"), &json!(true))
    );
    assert_eq!(
        (&made["due_at"], &made["period"]),
        (&asked["due_at"], &asked["period"])
    );
    assert_eq!(made["local_date"], "2026-06-06");
    let second = studio.submit(&json!({})).expect(201).json();
    assert_eq!(second["scheduled"], false);
    studio.advance("2026-06-08T12:00:00Z");
    assert_eq!(studio.overdue_events(), [""; 0]);

    // The next is late, and is fulfilled all the same.
    studio.advance("2026-06-16T12:00:00Z");
    let late = studio.of("overdue")[0].clone();
    let made = studio.submit(&json!({})).expect(201).json();
    assert_eq!(
        (&made["id"], &made["status"]),
        (&late["id"], &json!("submitted"))
    );
    assert_eq!(studio.overdue_events(), ["2026-06-14T18:00:00.000Z"]);

    // Of one that was missed altogether nothing is left but its name, once the next is there.
    studio.advance("2026-06-26T12:00:00Z");
    let missed = studio.of("overdue")[0].clone();
    let next = studio.of("pending")[0].clone();
    let made = studio.submit(&json!({})).expect(201).json();
    assert_eq!(made["id"], next["id"]);
    let named = json!({ "checkin_id": missed["id"] });
    assert_eq!(studio.submit(&named).expect(201).json()["id"], missed["id"]);
    studio.submit(&named).refused(409, "state_conflict");
}

#[test]
fn what_is_not_submitted_cannot_be_reviewed() {
    let studio = Studio::in_zone("UTC");
    studio.schedule(&sunday());
    studio.advance("2026-06-05T12:00:00Z");
    let id = studio.of("pending")[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let review = || studio.key.act(&format!("/v1/checkins/{id}/review"));

    let refused = review().refused(409, "state_conflict").json();
    assert_eq!(refused["error"]["current_status"], "pending");
    studio.advance("2026-06-08T12:00:00Z");
    let refused = review().refused(409, "state_conflict").json();
    assert_eq!(refused["error"]["current_status"], "overdue");
}

#[test]
fn answers_are_held_against_the_version_that_was_asked_with() {
    let studio = Studio::in_zone("UTC");
    let question = |words: &str| json!([{ "id": "q", "type": "text", "question": words }]);
    let form = json!({ "name": "F", "questions": question("One?") });
    let form = studio
        .key
        .post("/v1/checkin-forms", &form)
        .expect(201)
        .member("id");
    let mut weekly = sunday();
    weekly["form_id"] = json!(form);
    studio.schedule(&weekly);
    studio.advance("2026-06-05T12:00:00Z");
    let change = json!({ "questions": question("Two?") });
    studio
        .key
        .patch(&format!("/v1/checkin-forms/{form}"), &change)
        .expect(200);

    let answers = json!([{ "question": "q", "value": "x" }]);
    let made = studio
        .submit(&json!({ "form_id": form, "answers": answers }))
        .expect(201)
        .json();

    assert_eq!(made["form"], json!({ "id": form, "version": 1 }));
    assert_eq!(made["answers"][0]["question"], "One?");
    let unknown = json!({ "weekday": "friday", "form_id": "frm_01jzkd6v8q9xw2m4n6p8r0t2v4" });
    let refused = set(&studio.key, &studio.client, &unknown).refused(400, "validation_failed");
    assert_eq!(
        refused.faults(),
        [("/form_id".to_owned(), "unknown_form".to_owned())]
    );
}

#[test]
fn in_new_york_the_hour_stays_over_both_changes_of_the_clocks() {
    let studio = Studio::in_zone("America/New_York");
    studio.schedule(&json!({ "weekday": "sunday", "time": "09:00" }));

    studio.advance("2027-03-22T00:00:00Z");

    let due = studio.due_times("overdue");
    assert_eq!(due.len(), 42);
    let around = |time: &str| {
        let at = due.iter().position(|due| due == time).expect(time);
        [due[at - 1].as_str(), due[at + 1].as_str()]
    };
    assert_eq!(
        around("2026-11-01T14:00:00.000Z"),
        ["2026-10-25T13:00:00.000Z", "2026-11-08T14:00:00.000Z"]
    );
    assert_eq!(
        around("2027-03-14T13:00:00.000Z"),
        ["2027-03-07T14:00:00.000Z", "2027-03-21T13:00:00.000Z"]
    );
    assert_eq!(studio.overdue_events(), due);
}

#[test]
fn in_kathmandu_and_apia_the_year_ends_where_the_client_is() {
    for (zone, last, first) in [
        (
            "Asia/Kathmandu",
            "2026-12-25T01:15:00.000Z",
            "2027-01-01T01:15:00.000Z",
        ),
        (
            "Pacific/Apia",
            "2026-12-24T18:00:00.000Z",
            "2026-12-31T18:00:00.000Z",
        ),
    ] {
        let studio = Studio::in_zone(zone);
        studio.schedule(&json!({ "weekday": "friday", "time": "07:00" }));

        studio.advance("2027-01-02T00:00:00Z");

        let overdue = studio.of("overdue");
        assert_eq!(overdue[0]["local_date"], "2027-01-01", "{zone}");
        assert_eq!(overdue[0]["due_at"], first, "{zone}");
        assert_eq!(overdue[1]["local_date"], "2026-12-25", "{zone}");
        assert_eq!(overdue[1]["due_at"], last, "{zone}");
        let path = format!("{}/checkins?status=overdue&from=2027-01-01", studio.client);
        assert_eq!(studio.key.get(&path).expect(200).column("due_at"), [first]);
    }
}

#[test]
fn every_second_and_every_fourth_week_are_kept_over_the_end_of_a_year() {
    for (weeks, expected) in [
        (2, ["2026-12-07", "2026-12-21", "2027-01-04"]),
        (4, ["2026-11-23", "2026-12-21", "2027-01-18"]),
    ] {
        let studio = Studio::in_zone("Asia/Kathmandu");
        studio.schedule(&json!({ "weekday": "monday", "every_weeks": weeks, "time": "09:00" }));

        studio.advance("2027-01-19T00:00:00Z");

        let mut days: Vec<Value> = studio
            .of("overdue")
            .iter()
            .map(|entry| entry["local_date"].clone())
            .collect();
        days.reverse();
        assert_eq!(days[0], "2026-06-08");
        for day in expected {
            assert!(days.contains(&json!(day)), "{weeks}: {day} of {days:?}");
        }
        let period = &studio.of("overdue")[0]["period"];
        let from = if weeks == 2 {
            "2027-01-05"
        } else {
            "2026-12-22"
        };
        assert_eq!(period, &json!({ "from": from, "to": "2027-01-18" }));
        assert_eq!(studio.overdue_events().len(), days.len());
    }
}

#[test]
fn a_client_who_moves_is_asked_by_the_new_clock() {
    let studio = Studio::in_zone("America/New_York");
    studio.schedule(&sunday());
    studio.advance("2026-06-06T00:00:00Z");
    let asked = studio.of("pending")[0].clone();
    assert_eq!(asked["due_at"], "2026-06-07T22:00:00.000Z");

    let moved = json!({ "timezone": "Pacific/Apia" });
    studio.key.patch(&studio.client, &moved).expect(200);

    let pending = studio.of("pending")[0].clone();
    assert_eq!(pending["id"], asked["id"]);
    assert_eq!(pending["due_at"], "2026-06-07T05:00:00.000Z");
    assert_eq!(pending["local_date"], "2026-06-07");
    assert_eq!(studio.next_due_at(), "2026-06-07T05:00:00.000Z");
    studio.advance("2026-06-07T04:59:59.999Z");
    assert_eq!(studio.overdue_events(), [""; 0]);
    studio.advance("2026-06-07T22:00:00Z");
    assert_eq!(studio.overdue_events(), ["2026-06-07T05:00:00.000Z"]);

    // Before the next is there, only the schedule moves.
    studio
        .key
        .patch(&studio.client, &json!({ "timezone": "Asia/Kathmandu" }))
        .expect(200);
    assert_eq!(studio.next_due_at(), "2026-06-14T12:15:00.000Z");
    studio.advance("2026-06-15T00:00:00Z");
    assert_eq!(
        studio.overdue_events(),
        ["2026-06-07T05:00:00.000Z", "2026-06-14T12:15:00.000Z"]
    );
}

#[test]
fn one_who_moves_twice_after_checking_in_is_not_asked_again() {
    let studio = Studio::in_zone("America/New_York");
    studio.schedule(&sunday());
    studio.advance("2026-06-06T00:00:00Z");
    studio.submit(&json!({})).expect(201);

    for zone in ["Pacific/Apia", "Asia/Kathmandu", "America/New_York"] {
        studio
            .key
            .patch(&studio.client, &json!({ "timezone": zone }))
            .expect(200);
        assert_eq!(studio.of("pending").len(), 0, "{zone}");
    }
    studio.advance("2026-06-08T12:00:00Z");
    assert_eq!(studio.overdue_events(), [""; 0]);
}

#[test]
fn paused_and_archived_clients_are_asked_for_nothing() {
    let studio = Studio::in_zone("UTC");
    studio.schedule(&sunday());
    studio.advance("2026-06-05T12:00:00Z");
    assert_eq!(studio.of("pending").len(), 1);
    let act = |what: &str| {
        studio
            .key
            .act(&format!("{}/{what}", studio.client))
            .expect(200)
    };

    act("pause");
    assert_eq!(studio.of("pending").len(), 0);
    act("resume");
    assert_eq!(
        studio.of("pending")[0]["due_at"],
        "2026-06-07T18:00:00.000Z"
    );
    act("pause");
    studio.advance("2026-06-20T12:00:00Z");
    assert_eq!(
        (studio.of("pending").len(), studio.of("overdue").len()),
        (0, 0)
    );
    // Back while the next is being asked for.
    act("resume");
    assert_eq!(
        studio.of("pending")[0]["due_at"],
        "2026-06-21T18:00:00.000Z"
    );
    act("archive");
    studio.advance("2026-07-01T12:00:00Z");
    assert_eq!(
        (studio.of("pending").len(), studio.of("overdue").len()),
        (0, 0)
    );
    assert_eq!(studio.overdue_events(), [""; 0]);
    set(&studio.key, &studio.client, &sunday()).refused(409, "state_conflict");
    act("unarchive");
    studio.advance("2026-07-06T12:00:00Z");
    assert_eq!(studio.overdue_events(), ["2026-07-05T18:00:00.000Z"]);
}

#[test]
fn a_schedule_is_changed_and_ended_with_what_it_asked_for() {
    let studio = Studio::in_zone("UTC");
    let weekly = studio.schedule(&sunday());
    studio.advance("2026-06-05T12:00:00Z");
    let asked = studio.of("pending")[0]["id"].clone();

    assert_eq!(studio.schedule(&sunday()), weekly);
    assert_eq!(studio.of("pending")[0]["id"], asked);
    let monday = studio.schedule(&json!({ "weekday": "monday", "every_weeks": 2 }));
    assert_eq!(monday["next_due_at"], "2026-06-08T09:00:00.000Z");
    // It is there at once, since it is due within three days.
    assert_eq!(studio.due_times("pending"), ["2026-06-08T09:00:00.000Z"]);
    let ended = studio.schedule(&json!({ "active": false }));
    assert_eq!(
        (&ended["active"], &ended["next_due_at"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(ended["weekday"], "monday");
    studio.advance("2026-07-10T12:00:00Z");
    assert_eq!(
        (studio.of("pending").len(), studio.overdue_events().len()),
        (0, 0)
    );

    let fault = |body: Value| {
        let refused = set(&studio.key, &studio.client, &body);
        refused.refused(400, "validation_failed").faults()[0].clone()
    };
    let pair = |place: &str, code: &str| (place.to_owned(), code.to_owned());
    assert_eq!(
        fault(json!({ "weekday": "someday" })),
        pair("/weekday", "invalid_choice")
    );
    assert_eq!(
        fault(json!({ "every_weeks": 5 })),
        pair("/every_weeks", "out_of_range")
    );
    assert_eq!(
        fault(json!({ "time": "9:00" })),
        pair("/time", "invalid_time")
    );
    let other = add(&studio.key, "bo@example.com", "UTC");
    let refused = set(&studio.key, &other, &json!({})).refused(400, "validation_failed");
    assert_eq!(refused.faults(), [pair("/weekday", "required")]);
    studio
        .key
        .patch(&other, &json!({ "check_in_day": "tuesday" }))
        .expect(200);
    let by_profile = set(&studio.key, &other, &json!({})).expect(200).json();
    assert_eq!(by_profile["weekday"], "tuesday");
}

#[test]
fn more_clients_than_are_seen_to_at_once_are_all_asked_in_time() {
    let studio = Studio::in_zone("UTC");
    for number in 0..120 {
        let client = add(&studio.key, &format!("client-{number}@example.com"), "UTC");
        set(&studio.key, &client, &sunday()).expect(200);
    }
    studio.advance("2026-06-04T18:00:00Z");
    assert_eq!(studio.server.rows("checkins"), 120);

    studio.advance("2026-06-07T18:00:00Z");

    let overdue = studio.server.rows("checkins WHERE status = 'overdue'");
    assert_eq!(overdue, 120);
    assert_eq!(
        studio.server.rows("events WHERE type = 'checkin.overdue'"),
        120
    );
    assert_eq!(
        studio
            .server
            .rows("jobs WHERE kind = 'checkins.due' AND status = 'queued'"),
        1
    );
}

#[test]
fn each_tenant_goes_by_its_own_clock() {
    let studio = Studio::in_zone("UTC");
    let live = studio.server.live_key(studio.coach);
    let other = studio
        .server
        .key(studio.server.coach("other@example.com"), &[]);
    studio.schedule(&sunday());
    for key in [&live, &other] {
        let client = add(key, "ana@example.com", "UTC");
        set(key, &client, &sunday()).expect(200);
    }

    studio.advance("2026-06-08T00:00:00Z");
    assert_eq!(studio.overdue_events().len(), 1);
    for key in [&live, &other] {
        assert_eq!(overdue_events(key), [""; 0]);
    }

    // Sunday comes for everybody.
    studio.server.advance_ms(5 * DAY_MS);
    studio.server.run_jobs();
    for key in [&live, &other] {
        assert_eq!(overdue_events(key).len(), 1);
    }
    assert_eq!(studio.overdue_events().len(), 1);
}

#[test]
fn a_server_that_was_down_makes_up_for_the_last_check_in_alone() {
    let studio = Studio::in_zone("UTC");
    let live = studio.server.live_key(studio.coach);
    let client = add(&live, "ana@example.com", "UTC");
    set(&live, &client, &sunday()).expect(200);

    studio.server.advance_ms(31 * DAY_MS + HOUR_MS);
    studio.server.run_jobs();

    let due = |status: &str| {
        let path = format!("{client}/checkins?status={status}");
        live.get(&path).expect(200).column("due_at")
    };
    // The one that it was waiting for, and the last.
    assert_eq!(
        due("overdue"),
        ["2026-06-28T18:00:00.000Z", "2026-06-07T18:00:00.000Z"]
    );
    assert_eq!(due("pending"), ["2026-07-05T18:00:00.000Z"]);
    assert_eq!(overdue_events(&live).len(), 2);
}

#[test]
fn a_tenant_whose_job_is_gone_goes_on() {
    let studio = Studio::in_zone("UTC");
    studio.schedule(&sunday());
    let gone = studio.server.app.db.write_blocking(|tx| {
        let sql = "DELETE FROM jobs WHERE kind = 'checkins.due'";
        Ok(tx.prepare_cached(sql)?.execute([])?)
    });
    assert_eq!(gone.expect("a write"), 1);

    studio.server.advance_ms(5 * DAY_MS);
    studio.server.run_jobs();

    assert_eq!(studio.overdue_events().len(), 1);
}

#[test]
fn a_workspace_that_moves_takes_the_check_ins_of_clients_without_a_zone_of_their_own_along() {
    let studio = Studio::in_zone("Europe/Lisbon");
    let new = json!({ "name": "Bo", "email": "bo@example.com", "send_invite": false });
    let id = studio
        .key
        .post("/v1/clients", &new)
        .expect(201)
        .member("id");
    let without = format!("/v1/clients/{id}");
    let none = json!({ "timezone": null });
    studio.key.patch(&without, &none).expect(200);
    let due_of = |client: &str| {
        let path = format!("{client}/checkin-schedule");
        studio.key.get(&path).expect(200).json()["next_due_at"].clone()
    };
    studio.schedule(&sunday());
    set(&studio.key, &without, &sunday()).expect(200);
    let (own, by_utc) = (due_of(&studio.client), due_of(&without));
    assert!(by_utc.as_str().expect("a time").contains("T18:00:00"));
    let workspace = format!("/v1/workspaces/{}", studio.coach.workspace);
    let move_to = |zone: &str| {
        let moved = studio.key.patch(&workspace, &json!({ "timezone": zone }));
        moved.expect(200);
    };

    move_to("Asia/Kathmandu");
    studio.server.run_jobs();

    let moved = due_of(&without);
    assert!(
        moved.as_str().expect("a time").contains("T12:15:00"),
        "{moved}"
    );
    assert_eq!(due_of(&studio.client), own, "who has a zone stays there");
    // There and back before the job ran: nothing is asked for before its time.
    move_to("UTC");
    move_to("Asia/Kathmandu");
    studio.server.run_jobs();
    assert_eq!(due_of(&without), moved);
    let path = format!("{without}/checkins?status=pending");
    let asked = studio.key.get(&path).expect(200).column("id");
    assert!(asked.is_empty(), "{asked:?}");
    move_to("UTC");
    studio.server.run_jobs();
    assert_eq!(due_of(&without), by_utc);
}
