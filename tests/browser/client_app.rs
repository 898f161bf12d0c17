//! A client's own pages on a phone: what there is to do, a training, a message, a check-in. Once with
//! the script that they bring, and once with scripts switched off.

use serde_json::{Value, json};

use crate::chromium::{Chromium, DESK, PHONE};
use crate::needs_browser;
use crate::place::Place;
use crate::process::PASSWORD;

/// A coach and a client of hers who has joined, each in a browser of their own.
struct Pair {
    place: Place,
    coach: Chromium,
    client: Chromium,
    id: String,
}

impl Pair {
    fn start() -> Self {
        let place = Place::start();
        place.directory.account("ana@example.com");
        let coach = Chromium::open(DESK);
        coach.go(&format!("{}/dashboard/sign-in", place.origin()));
        coach.fill("Email", "ana@example.com");
        coach.fill("Password", PASSWORD);
        coach.click("Sign in");
        coach.see("Coaching");
        let invited = coach.ask(
            "api.js",
            "await module.post('/v1/clients',
                { name: 'Jo Reyes', email: 'jo@example.com', timezone: 'UTC' }, { mode: 'test' })",
        );
        let link = invited["install_link"].as_str().unwrap();
        let client = Chromium::open(PHONE);
        client.go(link);
        client.see("Join your coach");
        client.run(
            "for (const box of document.querySelectorAll('#join input[required]')) box.click()",
            vec![],
        );
        client.click("Join");
        client.see("Hello, Jo");
        let id = invited["id"].as_str().unwrap().to_owned();
        Self {
            place,
            coach,
            client,
            id,
        }
    }

    /// What the coach is answered.
    fn coach_posts(&self, path: &str, body: &Value) -> Value {
        let path = path.replace(":id", &self.id);
        let call = format!("await module.post('{path}', {body}, {{ mode: 'test' }})");
        self.coach.ask("api.js", &call)
    }

    fn coach_gets(&self, path: &str) -> Value {
        let path = path.replace(":id", &self.id);
        let call = format!("await module.get('{path}', {{}}, {{ mode: 'test' }})");
        self.coach.ask("api.js", &call)
    }

    /// A program that begins today.
    fn give_program(&self) {
        let program = json!({ "name": "Base", "blocks": [{ "weeks": 2, "sessions": [
            { "day": 1, "name": "Lower body", "minutes": 45, "groups": [
                { "prescriptions": [{
                    "exercise": "back-squat", "rest_s": 120, "tempo": "3-1-1-0", "alternates": ["goblet-squat"],
                    "sets": [
                        { "kind": "warmup", "reps": 5, "load": { "kind": "absolute", "value": 40, "unit": "kg" } },
                        { "count": 2, "reps": { "min": 5, "max": 8 }, "load": { "kind": "rir", "value": 2 } },
                    ],
                }] },
                { "kind": "superset", "prescriptions": [
                    { "exercise": "push-up", "sets": [{ "count": 2, "reps": 10 }] },
                    { "exercise": "plank", "sets": [{ "count": 2, "seconds": 30 }] },
                ] },
            ] },
            { "day": 4, "name": "Upper body", "groups": [] },
        ] }] });
        let made = self.coach_posts("/v1/clients/:id/programs", &program);
        let id = made["id"].as_str().unwrap();
        self.coach_posts(&format!("/v1/programs/{id}/activate"), &json!({}));
    }

    /// Goes to a page of the client's.
    fn visit(&self, path: &str) {
        self.client.go(&format!("{}{path}", self.place.origin()));
    }

    /// Looks at the page from all sides.
    #[track_caller]
    fn look(&self, what: &str) {
        let faults = self.client.faults(what);
        assert!(faults.is_empty(), "{faults:#?}");
        self.client.look(PHONE);
    }
}

/// Sets the value of a field, and presses a box, as a person would.
pub(crate) fn enter(client: &Chromium, name: &str, value: &str) {
    client.run(
        "const field = document.getElementsByName(arguments[0])[0];
        field.scrollIntoView({ block: 'center' });
        if (field.type === 'checkbox') field.click();
        else if (field.type === 'radio')
            [...document.getElementsByName(arguments[0])].find((one) => one.value === arguments[1]).click();
        else { field.value = arguments[1]; field.dispatchEvent(new Event('input', { bubbles: true })); }",
        vec![json!(name), json!(value)],
    );
}

/// A picture as a file.
pub(crate) fn picture(place: &Place) -> std::path::PathBuf {
    let path = place.directory.path().join("front.png");
    let picture = image::RgbImage::from_pixel(60, 80, image::Rgb([120, 160, 190]));
    picture.save(&path).unwrap();
    path
}

#[test]
fn a_client_trains_writes_and_checks_in_on_a_phone_and_reads_the_reply() {
    needs_browser!();
    let pair = Pair::start();
    trains(&pair);
    writes(&pair);
    checks_in(&pair);
    looks_around_and_leaves(&pair);
    pair.client.assert_clean(&pair.place.origin(), &[400]);
}

fn trains(pair: &Pair) {
    let client = &pair.client;
    client.see("has not given you a program yet");
    client.see("TEST DATA");
    pair.look("a day without a program");
    pair.give_program();
    let hello = json!({ "body": "Hello <b>Jo</b>, ready?" });
    pair.coach_posts("/v1/clients/:id/messages", &hello);

    pair.visit("/app/");
    client.see("A new message from your coach");
    client.see("Back squat");
    pair.look("today");
    client.click("Start training");
    client.at("/app/sessions/1/1/1");
    client.see("Superset");
    pair.look("a session");
    client.click("Save the training");
    client.see("Tick the sets that you did");
    enter(client, "e0.s0.done", "");
    client.see("Rest 2:00");
    client.see("Skip the rest");
    client.click("Skip the rest");
    enter(client, "e0.s1.done", "");
    enter(client, "e0.s1.reps", "6");
    enter(client, "e0.s1.load", "62,5");
    // What was typed stands there again, also after the page was left.
    pair.visit("/app/");
    client.see("Hello, Jo");
    pair.visit("/app/sessions/1/1/1");
    client.until(
        "what was typed",
        "return document.getElementsByName('e0.s1.load')[0].value === '62,5'
            && document.getElementsByName('e0.s1.done')[0].checked",
        &[],
    );
    client.click("Save the training");
    client.see("New bests");
    client.see("6 × 62.5 kg");
    pair.look("what was logged");
    let logs = pair.coach_gets("/v1/clients/:id/workout-logs");
    assert_eq!(logs["data"][0]["status"], "partial");
    assert_eq!(logs["data"].as_array().unwrap().len(), 1);
}

fn writes(pair: &Pair) {
    let client = &pair.client;
    client.click("Messages");
    client.see("Hello <b>Jo</b>, ready?");
    // The script says that it was read.
    client.until(
        "no button",
        "return !document.querySelector('[data-mark-read]')",
        &[],
    );
    pair.look("messages");
    client.fill("Write to your coach", "Ready & set");
    client.click("Send");
    client.see("Ready & set");
    let thread = pair.coach_gets("/v1/clients/:id/messages");
    assert_eq!(thread["data"][0]["body"], "Ready & set");
    assert!(thread["data"][1]["read_at"].is_string());
}

fn checks_in(pair: &Pair) {
    let client = &pair.client;
    client.click("Check-ins");
    client.see("You have not checked in yet");
    pair.look("check-ins, none yet");
    client.click("Check in");
    client.see("How was your energy this week?");
    pair.look("a check-in");
    client.click("Send the check-in");
    client.see("fields need another look");
    for (name, value) in [
        ("q.energy", "4"),
        ("q.stress", "2"),
        ("q.nutrition", "3"),
        ("q.sleep", "7.5"),
        ("q.training", "Most of it"),
        ("q.pain", "No"),
        ("q.week", "Fine"),
        ("weight", "70"),
    ] {
        enter(client, name, value);
    }
    client.choose_file(&picture(&pair.place));
    client.click("Send the check-in");
    client.see("Your coach has not answered yet");
    let sent = pair.coach_gets("/v1/clients/:id/checkins");
    let id = sent["data"][0]["id"].as_str().unwrap().to_owned();
    let review = json!({ "reply": "Well done, Jo", "private_notes": "never shown" });
    pair.coach_posts(&format!("/v1/checkins/{id}/review"), &review);
    pair.visit("/app/");
    client.see("Your coach replied to your check-in");
    pair.look("today, with a reply");
    client.click("Your coach replied to your check-in");
    client.see("Well done, Jo");
    client.until(
        "the photo",
        "const photo = document.querySelector('.photos img'); return photo && photo.naturalWidth > 0",
        &[],
    );
    assert!(!client.text().contains("never shown"));
    pair.look("a check-in with its reply");
}

fn looks_around_and_leaves(pair: &Pair) {
    let client = &pair.client;
    client.click("Program");
    client.see("Week 1 (now)");
    pair.look("the program");
    client.click("Me");
    client.see("Jo Reyes");
    pair.look("oneself");
    client.click("Sign out on this device");
    client.see("You are signed out");
    pair.look("signed out");
    pair.visit("/app/messages");
    client.see("You are not signed in here");
}

#[test]
fn a_client_without_scripts_reads_trains_writes_and_checks_in() {
    needs_browser!();
    let pair = Pair::start();
    let (client, origin) = (&pair.client, pair.place.origin());
    pair.give_program();
    let hello = json!({ "body": "Ready?" });
    pair.coach_posts("/v1/clients/:id/messages", &hello);
    client.devtools(
        "Emulation.setScriptExecutionDisabled",
        json!({ "value": true }),
    );

    pair.visit("/app/");
    client.click("Start training");
    client.at("/app/sessions/1/1/1");
    enter(client, "e0.s1.done", "");
    let bar = client.run(
        "return document.querySelectorAll('.rest-bar').length",
        vec![],
    );
    assert_eq!(bar, json!(0), "scripts are not switched off");
    enter(client, "e0.s1.reps", "lots");
    client.click("Save the training");
    client.see("This must be a whole number");
    enter(client, "e0.s1.reps", "7");
    enter(client, "e0.s1.load", "60");
    client.click("Save the training");
    client.see("New bests");

    pair.visit("/app/messages");
    client.see("Ready?");
    client.click("I have read this");
    client.until(
        "no button",
        "return !document.querySelector('[data-mark-read]')",
        &[],
    );
    client.fill("Write to your coach", "Yes");
    client.click("Send");
    client.until(
        "the message",
        "return document.querySelectorAll('.talk .mine').length === 1",
        &[],
    );

    pair.visit("/app/check-in");
    for (name, value) in [
        ("q.energy", "5"),
        ("q.stress", "1"),
        ("q.nutrition", "3"),
        ("q.sleep", "8"),
        ("q.training", "All of it"),
        ("q.pain", "No"),
    ] {
        enter(client, name, value);
    }
    client.choose_file(&picture(&pair.place));
    client.click("Send the check-in");
    client.see("Your coach has not answered yet");
    let sent = pair.coach_gets("/v1/clients/:id/checkins");
    assert_eq!(sent["data"][0]["photos"].as_array().unwrap().len(), 1);

    pair.visit("/app/me");
    client.run(
        "document.querySelector('[name=units][value=imperial]').click()",
        vec![],
    );
    client.click("Save the units");
    client.see("Pounds and inches");
    let profile = pair.coach_gets("/v1/clients/:id");
    assert_eq!(profile["units"], "imperial");
    client.assert_clean(&origin, &[400]);
}

#[test]
fn a_coach_ends_a_device_and_the_next_page_is_signed_out() {
    needs_browser!();
    let pair = Pair::start();
    let devices = pair.coach_gets("/v1/clients/:id/sessions");
    let device = devices["data"][0]["id"].as_str().unwrap();
    let path = format!("/v1/clients/{}/sessions/{device}", pair.id);
    let call = format!("await module.remove('{path}', {{ mode: 'test' }})");
    pair.coach.ask("api.js", &call);

    pair.client.click("Me");

    pair.client.see("You are not signed in here");
    pair.client.see("ask your coach for a new one");
}
