//! `GET /v1/today` and `POST /v1/today/{client_id}/dismiss`

use cadence::attention::KINDS;
use cadence::caller::Tenant;
use cadence::clock::{DAY_MS, HOUR_MS};
use cadence::ids::{ClientId, RequestId};
use cadence::{attention, messages};
use serde_json::{Value, json};

use crate::support::{Caller, Coach, Server};

struct Desk {
    server: Server,
    coach: Coach,
    key: Caller,
}

impl Desk {
    fn open() -> Self {
        let server = Server::start();
        let coach = server.coach("coach@example.com");
        let key = server.key(coach, &[]);
        // Puts what is done each night into the queue.
        server.run_jobs();
        Self { server, coach, key }
    }

    fn client(&self, name: &str) -> String {
        let email = format!("{name}@example.com");
        let new = json!({ "name": name, "email": email, "send_invite": false });
        self.key.post("/v1/clients", &new).expect(201).member("id")
    }

    fn tenant(&self) -> Tenant {
        let coach = self.coach;
        let tenants =
            self.server.app.db.read_now(|conn| {
                cadence::access::workspaces::store::tenants(conn, coach.workspace)
            });
        tenants.expect("a read").expect("tenants").test
    }

    /// A client writes.
    fn write(&self, client: &str, text: &'static str) {
        let (tenant, client) = (self.tenant(), ClientId::parse(client).expect("an id"));
        let at = self.server.app.clock.now_of(&tenant);
        let origin = cadence::caller::Origin {
            request_id: RequestId::new(at),
            idempotency_key: None,
            address: None,
            at,
        };
        let received = self.server.app.db.write_blocking(move |tx| {
            messages::actions::receive(tx, tenant, &origin, client, text).map(drop)
        });
        received.expect("a message");
    }

    fn answer(&self, client: &str) {
        let path = format!("/v1/clients/{client}/messages");
        self.key
            .post(&path, &json!({ "body": "Here I am." }))
            .expect(201);
    }

    fn pay(&self, client: &str, amount: i64) {
        let path = format!("/v1/clients/{client}/payments");
        let body = json!({ "amount": amount, "currency": "eur" });
        self.key.post(&path, &body).expect(201);
    }

    fn log(&self, client: &str, sets: &Value) {
        let path = format!("/v1/clients/{client}/workout-logs");
        let body = json!({ "exercises": [{ "exercise": "back-squat", "sets": sets }] });
        self.key.post(&path, &body).expect(201);
    }

    /// A program of some weeks, a session on each day, which is followed from a day on.
    fn follow(&self, client: &str, start: &str, weeks: u32) -> String {
        let sessions: Vec<Value> = (1..=7)
            .map(|day| json!({ "day": day, "groups": [] }))
            .collect();
        let body = json!({
            "name": "Base", "start_date": start,
            "blocks": [{ "weeks": weeks, "sessions": sessions }],
        });
        let path = format!("/v1/clients/{client}/programs");
        let id = self.key.post(&path, &body).expect(201).member("id");
        self.key
            .act(&format!("/v1/programs/{id}/activate"))
            .expect(200);
        id
    }

    fn today(&self) -> Value {
        self.key.get("/v1/today").expect(200).json()
    }

    /// Names, each with the kinds of its reasons.
    fn list(&self) -> Vec<(String, Vec<String>)> {
        let today = self.today();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let entries = today["data"].as_array().expect("entries").iter();
        let entries = entries.map(|entry| {
            let reasons = entry["reasons"].as_array().expect("reasons").iter();
            let kinds = reasons.map(|reason| text(&reason["kind"])).collect();
            (text(&entry["client"]["name"]), kinds)
        });
        entries.collect()
    }

    fn kinds(&self, name: &str) -> Vec<String> {
        let found = self.list().into_iter().find(|(client, _)| client == name);
        found.map(|(_, kinds)| kinds).unwrap_or_default()
    }

    fn words(&self) -> Vec<String> {
        let today = self.today();
        let entries = today["data"].as_array().expect("entries").iter();
        let reasons = entries.flat_map(|entry| entry["reasons"].as_array().expect("reasons"));
        reasons
            .map(|reason| reason["words"].as_str().expect("words").to_owned())
            .collect()
    }

    /// Moves everybody's time and does what became due.
    fn days(&self, days: i64) {
        self.server.advance_ms(days * DAY_MS);
        self.server.run_jobs();
        // The numbers beside the rows are those of the rows, whatever happened.
        let tenant = self.tenant();
        let kept = self
            .server
            .app
            .db
            .read_now(|conn| attention::store::counts(conn, tenant));
        let mut kept = kept.expect("numbers");
        let counted = self.server.app.db.write_blocking(move |tx| {
            attention::actions::recount(tx, tenant)?;
            attention::store::counts(tx, tenant)
        });
        let mut counted = counted.expect("numbers");
        kept.retain(|(_, clients)| *clients != 0);
        counted.retain(|(_, clients)| *clients != 0);
        assert_eq!(kept, counted);
    }
}

#[test]
fn a_day_on_which_nobody_needs_anything_is_quiet() {
    let desk = Desk::open();
    desk.client("Ana");
    desk.client("Rui");

    let today = desk.today();

    assert_eq!(today["object"], "today");
    assert_eq!(today["livemode"], false);
    assert_eq!(today["date"], "2026-06-03");
    assert_eq!(today["data"], json!([]));
    assert_eq!(today["has_more"], false);
    assert_eq!(today["next_cursor"], Value::Null);
    assert_eq!(today["quiet"], 2);
    assert_eq!(today["counts"]["clients"], 2);
    let expected = json!({
        "client": true, "program": false, "invited": false, "check_in_schedule": false,
    });
    assert_eq!(today["checklist"], expected);
}

#[test]
fn who_wrote_last_waits_until_the_coach_answers() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    desk.client("Rui");
    desk.write(&ana, "Can we move tomorrow?");
    desk.server.advance_ms(2 * HOUR_MS);
    desk.write(&ana, "Hello?");

    let today = desk.today();

    let entry = &today["data"][0];
    assert_eq!(entry["object"], "today_entry");
    assert_eq!(
        entry["client"],
        json!({ "id": ana, "name": "Ana", "status": "active" })
    );
    assert_eq!(entry["rank"], 1);
    let reason = &entry["reasons"][0];
    assert_eq!(reason["kind"], "message_waiting");
    assert_eq!(
        reason["since"], "2026-06-03T12:00:00.000Z",
        "since the first"
    );
    assert_eq!(reason["words"], "Wrote 2 hours ago");
    let thread = desk.key.get(&format!("/v1/clients/{ana}/messages"));
    assert_eq!(
        reason["object_id"],
        thread.expect(200).column("id")[0].as_str()
    );
    assert_eq!(today["counts"]["messages_waiting"], 1);
    assert_eq!(today["quiet"], 1);
    desk.answer(&ana);
    assert_eq!(desk.list(), []);
    assert_eq!(desk.today()["counts"]["messages_waiting"], 0);
    assert_eq!(desk.today()["quiet"], 2);
}

#[test]
fn a_failed_payment_is_told_until_one_succeeds() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    desk.pay(&ana, 12_001);

    assert_eq!(
        desk.words(),
        ["Payment of 120.01 EUR failed. The card was declined."]
    );
    assert_eq!(desk.today()["counts"]["payments_failed"], 1);
    desk.pay(&ana, 12_000);
    assert_eq!(desk.list(), []);
    desk.pay(&ana, 12_002);
    let path = format!("/v1/clients/{ana}/payments");
    let cash = json!({ "amount": 12_002, "currency": "eur", "method": "manual" });
    desk.key.post(&path, &cash).expect(201);
    assert_eq!(desk.list(), []);
}

#[test]
fn pain_is_told_for_a_week() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    desk.log(&ana, &json!([{ "reps": 5 }, { "reps": 4, "pain": true }]));

    assert_eq!(desk.words(), ["Pain in back squat"]);
    desk.log(&ana, &json!([{ "reps": 5 }]));
    desk.days(6);
    assert_eq!(desk.kinds("Ana"), ["pain_reported"]);
    desk.days(2);
    assert_eq!(desk.list(), []);
    assert_eq!(desk.today()["quiet"], 1);
}

#[test]
fn a_best_that_is_beaten_is_told_for_a_week_and_a_first_one_is_not() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    let lift = |kg: u32| {
        desk.log(
            &ana,
            &json!([{ "reps": 5, "load": { "value": kg, "unit": "kg" } }]),
        );
    };
    lift(100);
    assert_eq!(desk.list(), []);

    lift(105);

    assert_eq!(desk.words(), ["New best: back squat, 105 kg × 5"]);
    desk.days(8);
    assert_eq!(desk.list(), []);
}

#[test]
fn a_program_that_ends_within_a_week_is_told_at_once_or_by_night() {
    let desk = Desk::open();
    let (ana, rui) = (desk.client("Ana"), desk.client("Rui"));
    desk.follow(&ana, "2026-05-30", 1);
    desk.follow(&rui, "2026-05-30", 3);

    assert_eq!(
        desk.list(),
        [("Ana".to_owned(), vec!["program_ending".to_owned()])]
    );
    assert_eq!(desk.words(), ["“Base” ends in 2 days"]);
    // The third week of Rui's ends on June 19.
    desk.days(8);
    assert_eq!(desk.kinds("Rui"), Vec::<String>::new());
    desk.days(1);
    assert!(desk.kinds("Rui").contains(&"program_ending".to_owned()));
    assert!(
        desk.words()
            .contains(&"“Base” ended 7 days ago, and no other program is followed".to_owned())
    );
    desk.follow(&ana, "2026-06-12", 8);
    assert!(!desk.kinds("Ana").contains(&"program_ending".to_owned()));
}

#[test]
fn who_ended_a_program_and_follows_no_other_is_told() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    let program = desk.follow(&ana, "2026-06-01", 8);
    assert_eq!(desk.list(), []);

    desk.key
        .act(&format!("/v1/programs/{program}/complete"))
        .expect(200);

    assert_eq!(
        desk.words(),
        ["“Base” has ended, and no other program is followed"]
    );
    desk.follow(&ana, "2026-06-03", 8);
    assert_eq!(desk.list(), []);
}

#[test]
fn adherence_that_falls_by_twenty_points_is_told_by_night_until_it_rises() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    let program = desk.follow(&ana, "2026-06-03", 12);
    let logs = format!("/v1/clients/{ana}/workout-logs");
    let train = |day: u32| {
        let place = json!({ "block": 1, "week": day / 7 + 1, "session": day % 7 + 1 });
        let sets = json!([{ "exercise": "plank", "sets": [{ "seconds": 45 }] }]);
        let done = json!({ "program_id": program, "session": place, "exercises": sets });
        desk.key.post(&logs, &done).expect(201);
    };
    // On which day a session was done does not matter: it is done for the day that it was due on.
    (0..20).for_each(train);
    desk.days(20);
    let down = "adherence_down".to_owned();
    assert!(!desk.kinds("Ana").contains(&down));

    desk.days(7);

    let today = desk.today();
    let reason = &today["data"][0]["reasons"][0];
    assert_eq!(reason["kind"], "adherence_down");
    assert_eq!(reason["object_id"], Value::Null);
    let words = reason["words"].as_str().expect("words");
    assert!(words.starts_with("Did "), "{words}");
    let since = reason["since"].clone();
    desk.days(1);
    assert_eq!(desk.today()["data"][0]["reasons"][0]["since"], since);
    (20..28).for_each(train);
    desk.days(1);
    assert!(!desk.kinds("Ana").contains(&down));
}

#[test]
fn who_needs_the_coach_most_stands_first() {
    let desk = Desk::open();
    let ids = ["Ana", "Bea", "Cem", "Dia"].map(|name| desk.client(name));
    let [ana, bea, cem, dia] = &ids;
    desk.pay(ana, 1_001);
    desk.server.advance_ms(HOUR_MS);
    desk.write(bea, "Hello");
    desk.server.advance_ms(HOUR_MS);
    desk.write(cem, "Hello");
    desk.pay(cem, 1_001);
    desk.log(dia, &json!([{ "reps": 5, "pain": true }]));

    let named = |name: &str, kinds: &[&str]| {
        let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        (name.to_owned(), kinds)
    };
    let expected = [
        named("Dia", &["pain_reported"]),
        named("Bea", &["message_waiting"]),
        named("Cem", &["message_waiting", "payment_failed"]),
        named("Ana", &["payment_failed"]),
    ];
    assert_eq!(desk.list(), expected);
    // Answered, Cem stands where the payment puts him.
    desk.answer(cem);
    let names: Vec<String> = desk.list().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Dia", "Bea", "Ana", "Cem"]);
}

#[test]
fn pages_go_on_where_the_last_ended() {
    let desk = Desk::open();
    for name in ["Ana", "Bea", "Cem", "Dia", "Eva"] {
        let client = desk.client(name);
        desk.write(&client, "Hello");
        desk.server.advance_ms(HOUR_MS);
    }

    let (mut path, mut seen) = ("/v1/today?limit=2".to_owned(), Vec::new());
    loop {
        let page = desk.key.get(&path).expect(200).json();
        for entry in page["data"].as_array().expect("entries") {
            seen.push((
                entry["rank"].as_i64().expect("a rank"),
                entry["client"]["name"].as_str().expect("a name").to_owned(),
            ));
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            assert_eq!(page["has_more"], false);
            break;
        };
        path = format!("/v1/today?limit=2&cursor={cursor}");
    }

    let expected = [(1, "Ana"), (2, "Bea"), (3, "Cem"), (4, "Dia"), (5, "Eva")];
    let expected = expected.map(|(rank, name)| (rank, name.to_owned()));
    assert_eq!(seen, expected);
    desk.key
        .get("/v1/today?cursor=nope")
        .refused(400, "invalid_cursor");
}

#[test]
fn what_is_put_aside_stays_away_until_something_new_happens() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    desk.write(&ana, "Hello");
    let path = format!("/v1/today/{ana}/dismiss");
    let message = json!({ "kind": "message_waiting" });

    let aside = desk.key.post(&path, &message).expect(200).json();

    assert_eq!(aside["object"], "today_reason");
    assert_eq!(aside["dismissed"], true);
    assert_eq!(aside["client_id"], ana.as_str());
    assert_eq!(desk.list(), []);
    assert_eq!(desk.today()["counts"]["messages_waiting"], 0);
    assert_eq!(desk.today()["quiet"], 1);
    desk.write(&ana, "Hello?");
    assert_eq!(desk.kinds("Ana"), ["message_waiting"]);
    let failed = json!({ "kind": "payment_failed" });
    desk.key.post(&path, &failed).refused(404, "not_found");
}

#[test]
fn a_client_in_the_archive_needs_nobody_and_a_paused_one_is_not_quiet() {
    let desk = Desk::open();
    let (ana, rui) = (desk.client("Ana"), desk.client("Rui"));
    desk.write(&ana, "Hello");
    desk.write(&rui, "Hello");
    assert_eq!(desk.today()["quiet"], 0);

    desk.key
        .act(&format!("/v1/clients/{ana}/archive"))
        .expect(200);
    assert_eq!(desk.kinds("Ana"), Vec::<String>::new());
    let step = |step: &str| {
        desk.key
            .act(&format!("/v1/clients/{rui}/{step}"))
            .expect(200)
    };
    step("pause");
    let today = desk.today();
    assert_eq!(today["data"][0]["client"]["status"], "paused");
    assert_eq!(today["quiet"], 0);
    assert_eq!(today["counts"]["clients"], 1);
    step("resume");
    desk.answer(&rui);
    assert_eq!(desk.today()["quiet"], 1);
    desk.days(0);
}

#[test]
fn a_check_in_waits_for_its_review_since_the_oldest() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    let path = format!("/v1/clients/{ana}/checkins");
    let submit = || {
        let made = desk.key.post(&path, &json!({ "notes": "Good week" }));
        made.expect(201).member("id")
    };
    let first = submit();
    desk.server.advance_ms(3 * HOUR_MS);
    let second = submit();
    let reason = || desk.today()["data"][0]["reasons"][0].clone();
    let review = |id: &str| {
        let reply = json!({ "reply": "Well done" });
        desk.key
            .post(&format!("/v1/checkins/{id}/review"), &reply)
            .expect(200);
    };

    assert_eq!(reason()["kind"], "checkin_unreviewed");
    assert_eq!(reason()["since"], "2026-06-03T12:00:00.000Z");
    assert_eq!(reason()["words"], "Check-in sent 3 hours ago");
    assert_eq!(reason()["object_id"], second.as_str());
    assert_eq!(desk.today()["counts"]["checkins_unreviewed"], 1);
    review(&first);
    assert_eq!(reason()["since"], "2026-06-03T15:00:00.000Z");
    review(&second);
    assert_eq!(desk.list(), []);
    assert_eq!(desk.today()["counts"]["checkins_unreviewed"], 0);
}

#[test]
fn a_late_check_in_is_told_until_it_comes() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    let schedule = json!({ "weekday": "thursday", "time": "09:00" });
    let path = format!("/v1/clients/{ana}/checkin-schedule");
    desk.key
        .send("PUT", &path, &[], Some(&schedule.to_string()))
        .expect(200);
    assert_eq!(desk.today()["checklist"]["check_in_schedule"], true);
    desk.server.run_jobs();
    assert_eq!(desk.list(), []);

    desk.days(3);

    assert_eq!(desk.words(), ["Check-in 2 days overdue"]);
    assert_eq!(desk.today()["counts"]["checkins_overdue"], 1);
    let path = format!("/v1/clients/{ana}/checkins");
    desk.key.post(&path, &json!({})).expect(201);
    assert_eq!(desk.kinds("Ana"), ["checkin_unreviewed"]);
    assert_eq!(desk.today()["counts"]["checkins_overdue"], 0);
}

#[test]
fn an_answer_that_something_hurts_is_told() {
    let desk = Desk::open();
    let (ana, rui) = (desk.client("Ana"), desk.client("Rui"));
    let submit = |client: &str, answer: &str| {
        let answers = json!([{ "question": "pain", "type": "text", "value": answer }]);
        let path = format!("/v1/clients/{client}/checkins");
        desk.key
            .post(&path, &json!({ "answers": answers }))
            .expect(201);
    };
    submit(&ana, "A little");
    submit(&rui, "No");

    assert_eq!(desk.kinds("Ana"), ["pain_reported", "checkin_unreviewed"]);
    assert_eq!(desk.kinds("Rui"), ["checkin_unreviewed"]);
    assert!(
        desk.words()
            .contains(&"Pain reported in a check-in".to_owned())
    );
}

#[test]
fn a_key_is_told_what_its_scopes_let_it_read() {
    let desk = Desk::open();
    let (ana, rui) = (desk.client("Ana"), desk.client("Rui"));
    desk.write(&ana, "Hello");
    desk.pay(&ana, 1_001);
    desk.pay(&rui, 1_001);
    let narrow = desk
        .server
        .key(desk.coach, &["clients:write", "messages:read"]);

    let today = narrow.get("/v1/today").expect(200).json();

    let entries = today["data"].as_array().expect("entries");
    assert_eq!(entries.len(), 1);
    let reasons = entries[0]["reasons"].as_array().expect("reasons");
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0]["kind"], "message_waiting");
    assert_eq!(today["counts"]["messages_waiting"], 1);
    assert_eq!(today["counts"]["payments_failed"], Value::Null);
    // What is told of all kinds together would tell that Rui has a reason of some kind.
    assert_eq!(today["counts"]["needing_attention"], Value::Null);
    assert_eq!(today["quiet"], Value::Null);
    assert_eq!(entries[0]["rank"], Value::Null);
    let failed = json!({ "kind": "payment_failed" });
    narrow
        .post(&format!("/v1/today/{rui}/dismiss"), &failed)
        .refused(404, "not_found");
}

#[test]
fn the_list_of_another_tenant_shows_nobody() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    desk.write(&ana, "Hello");
    let other = desk.server.coach("other@example.com");
    let other = desk.server.key(other, &[]);

    assert_eq!(other.get("/v1/today").expect(200).json()["data"], json!([]));
    other
        .post(
            &format!("/v1/today/{ana}/dismiss"),
            &json!({ "kind": "message_waiting" }),
        )
        .refused(404, "not_found");
    assert_eq!(desk.kinds("Ana"), ["message_waiting"]);
}

#[test]
fn a_reset_leaves_no_reason_behind() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    desk.write(&ana, "Hello");

    desk.key.act("/v1/test/reset").expect(200);

    assert_eq!(desk.server.rows("attention"), 0);
    assert_eq!(desk.server.rows("attention_counts"), 0);
    desk.days(1);
}

#[test]
fn the_documentation_lists_the_kinds_in_the_order_of_their_rank() {
    let server = Server::start();
    let document = server.anyone().get("/openapi.json").expect(200).json();

    let words = document["paths"]["/v1/today"]["get"]["description"]
        .as_str()
        .expect("a description");

    let places: Vec<usize> = KINDS
        .iter()
        .map(|ranked| words.find(ranked.name).expect(ranked.name))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn who_catches_up_with_the_plan_leaves_today_at_once() {
    let desk = Desk::open();
    let ana = desk.client("Ana");
    let program = desk.follow(&ana, "2026-06-03", 12);
    let logs = format!("/v1/clients/{ana}/workout-logs");
    let train = |day: u32| {
        let place = json!({ "block": 1, "week": day / 7 + 1, "session": day % 7 + 1 });
        let sets = json!([{ "exercise": "plank", "sets": [{ "seconds": 45 }] }]);
        let done = json!({ "program_id": program, "session": place, "exercises": sets });
        desk.key.post(&logs, &done).expect(201);
    };
    let waiting = || {
        let sql = "jobs WHERE kind = 'today.look_again' AND status = 'queued'";
        desk.server.rows(sql)
    };
    (0..20).for_each(train);
    assert_eq!(waiting(), 0, "there is nothing to look at anew");
    desk.days(27);
    let down = "adherence_down".to_owned();
    assert!(desk.kinds("Ana").contains(&down));

    (20..22).for_each(train);
    desk.server.run_jobs();
    assert!(
        desk.kinds("Ana").contains(&down),
        "two of seven are too few"
    );
    (22..27).for_each(train);
    assert_eq!(waiting(), 1, "several logs are looked at once");
    desk.server.run_jobs();

    assert!(!desk.kinds("Ana").contains(&down));
    // Nothing is left to be looked at.
    train(26);
    assert_eq!(waiting(), 0);
}
