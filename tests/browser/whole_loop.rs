//! The loop that all of it is for, as one story: a coach at a desk and a client on a phone. A client is
//! added, joins by the link, gets a generated program, trains, checks in with a photo, is reviewed, and
//! reads the reply.

use serde_json::{Value, json};

use crate::chromium::{Chromium, DESK, Look};
use crate::client_app::{enter, picture};
use crate::join::coach;
use crate::needs_browser;
use crate::place::Place;

/// A phone as most people have one.
const POCKET: Look = Look {
    width: 360,
    dark: false,
};

/// Nothing is wrong with the page that is shown, to the eye or to a screen reader.
#[track_caller]
fn in_order(browser: &Chromium, usual: Look, what: &str) {
    let faults = browser.faults(what);
    assert!(faults.is_empty(), "{faults:#?}");
    // It was looked at from all sides.
    browser.look(usual);
}

/// The coach adds a client and copies the link for her.
fn add_client(coach: &Chromium, origin: &str) -> String {
    coach.go(&format!("{origin}/dashboard/live/clients/new"));
    coach.fill("Name", "Mira Okafor");
    coach.fill("Email", "mira@example.com");
    coach.click_last("Add client");
    coach.see("is added");
    coach.value_of("Install link")
}

fn join(client: &Chromium, link: &str) {
    client.go(link);
    client.see("Join your coach");
    client.run(
        "for (const box of document.querySelectorAll('#join input[required]')) box.click()",
        vec![],
    );
    client.click("Join");
    client.see("Hello, Mira");
    client.see("has not given you a program yet");
}

/// The coach has a draft generated, reads why, and activates it.
fn give_program(coach: &Chromium, origin: &str) {
    coach.go(&format!("{origin}/dashboard/live/programs"));
    coach.click("Generate for a client");
    coach.click("Mira Okafor Active");
    coach.see("A rule-based draft");
    coach.fill("Goal", "Hypertrophy");
    coach.click("Generate the draft");
    coach.see("Why each exercise is there");
    coach.click("Open the draft");
    coach.see("Full body A");
    coach.click("Activate");
    coach.see("First day");
    coach.click("Activate");
    coach.see("is what Mira Okafor follows now");
}

/// The client opens the session of the day, and logs its first set that takes a load.
fn train(client: &Chromium, origin: &str) {
    client.go(&format!("{origin}/app/"));
    client.see("Full body A");
    in_order(client, POCKET, "the day");
    client.click("Start training");
    client.at("/app/sessions/1/1/1");
    let set = client.run(
        "return [...document.querySelectorAll('input[name$=\".load\"]')]
            .map((field) => field.name.replace(/\\.load$/, ''))
            .find((set) => ['done', 'reps'].every((name) => document.getElementsByName(`${set}.${name}`).length > 0))",
        vec![],
    );
    let set = set.as_str().unwrap();
    for (field, value) in [("reps", "8"), ("load", "40"), ("done", "")] {
        enter(client, &format!("{set}.{field}"), value);
    }
    // As a thumb would: out from behind the bar at the bottom.
    client.run(
        "document.querySelector('form.training [type=submit]').scrollIntoView({ block: 'center' })",
        vec![],
    );
    client.click("Save the training");
    client.see("New bests");
    client.see("8 × 40 kg");
    in_order(client, POCKET, "what was trained");
}

fn check_in(client: &Chromium, place: &Place) {
    client.click("Check-ins");
    client.click("Check in");
    client.see("How was your energy this week?");
    for (name, value) in [
        ("q.energy", "4"),
        ("q.stress", "2"),
        ("q.nutrition", "3"),
        ("q.sleep", "7.5"),
        ("q.training", "Most of it"),
        ("q.pain", "No"),
        ("q.week", "The thrusts went up, the knee is quiet."),
        ("weight", "64.2"),
    ] {
        enter(client, name, value);
    }
    client.choose_file(&picture(place));
    in_order(client, POCKET, "a check-in");
    client.click("Send the check-in");
    client.see("Your coach has not answered yet");
}

/// The coach finds the check-in in the queue, with its photo, and answers it.
fn review(coach: &Chromium, origin: &str) {
    coach.go(&format!("{origin}/dashboard/live/today"));
    coach.see("Mira Okafor");
    coach.go(&format!("{origin}/dashboard/live/checkins"));
    coach.see("1 to review");
    coach.see("The thrusts went up, the knee is quiet.");
    coach.see("64.2 kg");
    photo_is_drawn(coach);
    in_order(coach, DESK, "the queue");
    coach.fill("Reply to Mira", "Good week. Add 2.5 kg to the thrusts.");
    coach.fill("Private notes", "Ask about the knee again in two weeks.");
    coach.click("Reviewed, next");
    coach.see("Nothing is left to review");
}

#[track_caller]
fn photo_is_drawn(browser: &Chromium) {
    browser.until(
        "the photo",
        "return [...document.querySelectorAll('main img')].some((e) => e.complete && e.naturalWidth > 0)",
        &[],
    );
}

#[test]
fn from_a_new_client_to_the_reply_that_she_reads() {
    needs_browser!();
    let place = Place::start();
    let origin = place.origin();
    let coach = coach(&place);
    coach.look(DESK);
    let link = add_client(&coach, &origin);
    let client = Chromium::open(POCKET);
    join(&client, &link);
    give_program(&coach, &origin);
    train(&client, &origin);
    check_in(&client, &place);
    review(&coach, &origin);

    client.go(&format!("{origin}/app/"));
    client.see("Your coach replied to your check-in");
    client.click("Your coach replied to your check-in");
    client.see("Good week. Add 2.5 kg to the thrusts.");
    assert!(!client.text().contains("Ask about the knee"));
    photo_is_drawn(&client);
    in_order(&client, POCKET, "the reply");

    let whole: Value = coach.ask(
        "api.js",
        "await module.get('/v1/clients?email=mira@example.com', {}, { mode: 'live' })",
    );
    let id = whole["data"][0]["id"].as_str().unwrap();
    let call = format!("await module.get('/v1/clients/{id}', {{}}, {{ mode: 'live' }})");
    let whole = coach.ask("api.js", &call);
    assert_eq!(whole["status"], "active");
    assert_eq!(whole["current_program"]["week"], 1);
    assert_eq!(whole["recent_checkins"][0]["status"], "reviewed");
    let happened = coach.ask(
        "api.js",
        "(await module.get('/v1/events', { limit: 100 }, { mode: 'live' })).data.map((event) => event.type).reverse()",
    );
    let told = [
        "client.created",
        "client.joined",
        "program.created",
        "program.activated",
        "workout.logged",
        "checkin.submitted",
        "checkin.reviewed",
    ];
    let kinds: Vec<&Value> = happened
        .as_array()
        .unwrap()
        .iter()
        .filter(|kind| told.iter().any(|own| **kind == json!(own)))
        .collect();
    assert_eq!(
        kinds,
        told.iter()
            .map(|kind| json!(kind))
            .collect::<Vec<_>>()
            .iter()
            .collect::<Vec<_>>()
    );
    client.assert_clean(&origin, &[]);
    coach.assert_clean(&origin, &[401]);
}
