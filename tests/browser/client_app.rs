//! A client's own pages on a phone: what there is to do, a training, a message, a check-in. Once with
//! the script that they bring, and once with scripts switched off.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::chromium::{Chromium, PHONE};
use crate::needs_browser;
use crate::place::Place;
use crate::process::Connection;

/// A client who has joined, in a browser, and the client's coach, who uses a key: of browsers few
/// run at once.
struct Pair {
    place: Place,
    key: String,
    client: Chromium,
    id: String,
    posts: Cell<u32>,
}

impl Pair {
    fn start() -> Self {
        let place = Place::start();
        let workspace = place.directory.account("ana@example.com");
        let made = place.directory.key(&workspace);
        let mut pair = Self {
            key: made["plaintext"].as_str().unwrap().to_owned(),
            client: Chromium::open(PHONE),
            place,
            id: String::new(),
            posts: Cell::new(0),
        };
        let new = json!({ "name": "Jo Reyes", "email": "jo@example.com", "timezone": "UTC" });
        let invited = pair.coach_posts("/v1/clients", &new);
        invited["id"].as_str().unwrap().clone_into(&mut pair.id);
        pair.client.go(invited["install_link"].as_str().unwrap());
        pair.client.see("Join your coach");
        pair.client.run(
            "for (const box of document.querySelectorAll('#join input[required]')) box.click()",
            vec![],
        );
        pair.client.click("Join");
        pair.client.see("Hello, Jo");
        pair
    }

    fn coach(&self) -> Connection {
        Connection::open(self.place.address(), &self.key).unwrap()
    }

    /// What the coach is answered.
    #[track_caller]
    fn coach_posts(&self, path: &str, body: &Value) -> Value {
        let path = path.replace(":id", &self.id);
        self.posts.set(self.posts.get() + 1);
        let once = self.posts.get().to_string();
        let answer = self.coach().post(&path, &once, &body.to_string()).unwrap();
        assert!(answer.status < 300, "{path}: {}", answer.json());
        answer.json()
    }

    fn coach_gets(&self, path: &str) -> Value {
        self.coach().get(&path.replace(":id", &self.id)).json()
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

/// Clicks what bears this name, in the middle of the page: the bar at its end covers nothing there.
#[track_caller]
fn press(client: &Chromium, name: &str) {
    client.run(
        "[...document.querySelectorAll('button, a')]
            .find((one) => one.innerText.includes(arguments[0]))?.scrollIntoView({ block: 'center' })",
        vec![json!(name)],
    );
    client.click(name);
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
    press(client, "Start training");
    client.at("/app/sessions/1/1/1");
    client.see("Superset");
    pair.look("a session");
    press(client, "Save the training");
    client.see("Tick the sets that you did");
    enter(client, "e0.s0.done", "");
    client.see("Rest 2:00");
    client.see("Skip the rest");
    press(client, "Skip the rest");
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
    press(client, "Save the training");
    client.see("New bests");
    client.see("6 × 62.5 kg");
    pair.look("what was logged");
    press(client, "Change it");
    client.see("Change “Lower body”");
    pair.look("a training to be changed");
    enter(client, "e0.s1.load", "60");
    press(client, "Save the change");
    client.see("6 × 60 kg");
    let logs = pair.coach_gets("/v1/clients/:id/workout-logs");
    assert_eq!(logs["data"][0]["status"], "partial");
    assert_eq!(logs["data"].as_array().unwrap().len(), 1);
}

fn writes(pair: &Pair) {
    let client = &pair.client;
    press(client, "Messages");
    client.see("Hello <b>Jo</b>, ready?");
    // The script says that it was read.
    client.until(
        "no button",
        "return !document.querySelector('[data-mark-read]')",
        &[],
    );
    pair.look("messages");
    client.fill("Write to your coach", "Ready & set");
    press(client, "Send");
    client.see("Ready & set");
    let thread = pair.coach_gets("/v1/clients/:id/messages");
    assert_eq!(thread["data"][0]["body"], "Ready & set");
    assert!(thread["data"][1]["read_at"].is_string());
}

fn checks_in(pair: &Pair) {
    let client = &pair.client;
    press(client, "Check-ins");
    client.see("You have not checked in yet");
    pair.look("check-ins, none yet");
    press(client, "Check in");
    client.see("How was your energy this week?");
    pair.look("a check-in");
    press(client, "Send the check-in");
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
    press(client, "Send the check-in");
    client.see("Your coach has not answered yet");
    let sent = pair.coach_gets("/v1/clients/:id/checkins");
    let id = sent["data"][0]["id"].as_str().unwrap().to_owned();
    let review = json!({ "reply": "Well done, Jo", "private_notes": "never shown" });
    pair.coach_posts(&format!("/v1/checkins/{id}/review"), &review);
    pair.visit("/app/");
    client.see("Your coach replied to your check-in");
    pair.look("today, with a reply");
    press(client, "Your coach replied to your check-in");
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
    press(client, "Program");
    client.see("Week 1 (now)");
    pair.look("the program");
    press(client, "Me");
    client.see("Jo Reyes");
    pair.look("oneself");
    press(client, "Sign out on this device");
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
    press(client, "Start training");
    client.at("/app/sessions/1/1/1");
    enter(client, "e0.s1.done", "");
    let bar = client.run(
        "return document.querySelectorAll('.rest-bar').length",
        vec![],
    );
    assert_eq!(bar, json!(0), "scripts are not switched off");
    enter(client, "e0.s1.reps", "lots");
    press(client, "Save the training");
    client.see("This must be a whole number");
    enter(client, "e0.s1.reps", "7");
    enter(client, "e0.s1.load", "60");
    press(client, "Save the training");
    client.see("New bests");

    pair.visit("/app/messages");
    client.see("Ready?");
    press(client, "I have read this");
    client.until(
        "no button",
        "return !document.querySelector('[data-mark-read]')",
        &[],
    );
    client.fill("Write to your coach", "Yes");
    press(client, "Send");
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
    press(client, "Send the check-in");
    client.see("Your coach has not answered yet");
    let sent = pair.coach_gets("/v1/clients/:id/checkins");
    assert_eq!(sent["data"][0]["photos"].as_array().unwrap().len(), 1);

    pair.visit("/app/me");
    client.run(
        "document.querySelector('[name=units][value=imperial]').click()",
        vec![],
    );
    press(client, "Save the units");
    client.see("Pounds and inches");
    let profile = pair.coach_gets("/v1/clients/:id");
    assert_eq!(profile["units"], "imperial");
    client.assert_clean(&origin, &[400]);
}

/// The code of the newest mail. It is written beside the answer, long before it can be typed.
fn mailed_code(pair: &Pair) -> String {
    let since = std::time::Instant::now();
    loop {
        let mails = pair.coach_gets("/v1/outbox");
        let mail = &mails["data"][0];
        if mail["template"] == "client_code" {
            let mut words = mail["text"].as_str().unwrap().split_whitespace();
            let code = words.find(|word| word.len() == 9 && word.as_bytes()[4] == b'-');
            return code.unwrap().to_owned();
        }
        assert!(since.elapsed().as_secs() < 60, "no code came: {mails}");
        // A look at the page takes as long as is waited for here.
        pair.client.text();
    }
}

#[test]
fn a_client_who_signed_out_comes_back_by_a_code_from_the_mail() {
    needs_browser!();
    let pair = Pair::start();
    let client = &pair.client;
    press(client, "Me");
    press(client, "Sign out on this device");
    client.see("You are signed out");
    // There is no mail server: the form is for test mode, and folded.
    client.see("No mail leaves this server");
    client.run("document.querySelector('details').open = true", vec![]);
    pair.look("the way back in");

    client.fill("Your email address", "jo@example.com");
    press(client, "Send me a code");
    client.see("Type your code");
    pair.look("where the code is typed");
    client.fill("Code", "0000-0000");
    press(client, "Sign in");
    client.see("This code does not work here");
    pair.look("a wrong code");
    let code = mailed_code(&pair);
    client.fill("Code", &code.to_lowercase());
    press(client, "Sign in");

    client.see("Hello, Jo");
    client.at("/app/");
    let devices = pair.coach_gets("/v1/clients/:id/sessions");
    assert_eq!(devices["data"].as_array().unwrap().len(), 1);
    client.assert_clean(&pair.place.origin(), &[400]);
}

#[test]
fn a_client_who_is_archived_is_signed_out_with_the_next_page() {
    needs_browser!();
    let pair = Pair::start();
    pair.coach_posts("/v1/clients/:id/archive", &json!({}));

    press(&pair.client, "Me");

    pair.client.see("You are not signed in here");
    pair.client.see("ask your coach for a new one");
}
