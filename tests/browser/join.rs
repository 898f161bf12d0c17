//! A client joins by the link, and many come out of a file.

use serde_json::{Value, json};

use crate::chromium::{Chromium, DESK, PHONE};
use crate::coach::{call, client};
use crate::needs_browser;
use crate::place::Place;
use crate::process::PASSWORD;

/// Text that would be markup wherever it is not shown as text.
const HOSTILE: &str = "Jo <img src=x onerror=\"document.title='owned'\"> <b>Bold</b>";

/// A browser in which the coach is signed in.
pub(crate) fn coach(place: &Place) -> Chromium {
    place.directory.account("ana@example.com");
    let browser = Chromium::open(DESK);
    browser.go(&format!("{}/dashboard/sign-in", place.origin()));
    browser.fill("Email", "ana@example.com");
    browser.fill("Password", PASSWORD);
    browser.click("Sign in");
    browser.see("Add your first client");
    browser
}

/// Nothing of the text became a part of the page.
#[track_caller]
fn shown_as_text(browser: &Chromium, text: &str) {
    browser.until(
        text,
        "return document.body.textContent.includes(arguments[0])",
        &[json!(text)],
    );
    let made = browser.run(
        "return document.querySelectorAll('img[src=x], main b').length + (document.title === 'owned' ? 1 : 0)",
        vec![],
    );
    assert_eq!(made, json!(0), "{text} became markup");
}

fn joins_in(mode: &str) {
    let place = Place::start();
    let origin = place.origin();
    let coach = coach(&place);
    coach.go(&format!("{origin}/dashboard/{mode}/clients/new"));
    coach.fill("Name", HOSTILE);
    coach.fill("Email", "jo@example.com");
    coach.click_last("Add client");
    coach.see("is added");
    shown_as_text(&coach, HOSTILE);
    let link = coach.value_of("Install link");
    assert!(link.starts_with(&format!("{origin}/app/join#")), "{link}");
    let faults = coach.faults("a link into the app");
    assert!(faults.is_empty(), "{faults:#?}");

    let client = Chromium::open(PHONE);
    client.go(&link);
    client.see("Join your coach");
    client.assert_accessible("what a client agrees to");
    client.click("Join");
    client.see("Nobody can join without this");
    client.assert_accessible("consents that are missing");
    client.run(
        "for (const box of document.querySelectorAll('#join input[required]')) box.click()",
        vec![],
    );
    client.click("Join");
    client.see("Hello, Jo");
    client.at("/app/");
    client.go(&format!("{origin}/app/me"));
    client.see("What you agreed to");
    shown_as_text(&client, HOSTILE);
    client.assert_accessible("a client who has joined");
    let test = client.text().contains("TEST DATA");
    assert_eq!(test, mode == "test");

    client.go(&link);
    client.see("Join your coach");
    client.run(
        "for (const box of document.querySelectorAll('#join input[required]')) box.click()",
        vec![],
    );
    client.click("Join");
    client.see("This link does not work any more");
    client.see("You are signed in on this device");
    client.assert_accessible("a link that was used");
    client.assert_clean(&origin, &[401]);
    drop(client);

    coach.go(&format!("{origin}/dashboard/{mode}/clients"));
    coach.see("Active");
    shown_as_text(&coach, HOSTILE);
    coach.assert_clean(&origin, &[401]);
}

#[test]
fn a_client_joins_on_a_phone_by_the_link_that_the_coach_made_and_the_link_works_once() {
    needs_browser!();
    joins_in("live");
}

#[test]
fn a_test_client_joins_by_the_link_and_is_told_that_nothing_is_real() {
    needs_browser!();
    joins_in("test");
}

/// A file as spreadsheets and strangers make them: a byte order mark, formulas, markup, the same
/// address twice, rows that cannot be taken.
const FILE: &str = "\u{feff}Name,E-mail,Shoe size\r\n\
    Ann Ames,ann@example.com,38\r\n\
    \"=HYPERLINK(\"\"https://evil.example\"\",\"\"x\"\")\",formula@example.com,39\r\n\
    <img src=x onerror=document.title='owned'><b>Bo</b>,bo@example.com,40\r\n\
    Ann Again,ANN@example.com,41\r\n\
    No Address,,42\r\n\
    Bad Address,not an address,43\r\n";

#[test]
fn a_file_of_clients_is_looked_at_then_taken_and_stays_text() {
    needs_browser!();
    let place = Place::start();
    let origin = place.origin();
    let file = place.directory.path().join("clients.csv");
    std::fs::write(&file, FILE).unwrap();
    let browser = coach(&place);
    browser.go(&format!("{origin}/dashboard/live/clients"));
    browser.click("Import");
    browser.at("/dashboard/live/clients/import");
    browser.choose_file(&file);
    browser.see("6 rows looked at");
    browser.see("Nothing is added yet");
    browser.see("Columns that are not used: Shoe size");
    browser.see("Is here already");
    browser.see("2 rows cannot be taken as they are");
    shown_as_text(
        &browser,
        "<img src=x onerror=document.title='owned'><b>Bo</b>",
    );
    let faults = browser.faults("a file that was looked at");
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(
        clients(&browser),
        Vec::<String>::new(),
        "looking added some"
    );

    browser.click("Add 3 clients");
    browser.see("3 clients added");
    browser.click("Go to the clients");
    browser.see("Ann Ames");
    shown_as_text(
        &browser,
        "<img src=x onerror=document.title='owned'><b>Bo</b>",
    );
    shown_as_text(&browser, "=HYPERLINK(\"https://evil.example\",\"x\")");
    let mut names = clients(&browser);
    names.sort();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(names[2], "Ann Ames", "{names:?}");

    // Once more: everybody is here already.
    browser.go(&format!("{origin}/dashboard/live/clients/import"));
    browser.choose_file(&file);
    browser.see("4 rows are here already");
    browser.assert_clean(&origin, &[401]);
}

/// The names of all live clients.
fn clients(browser: &Chromium) -> Vec<String> {
    let all = browser.ask(
        "api.js",
        "(await module.get('/v1/clients', {}, { mode: 'live' })).data.map((one) => one.name)",
    );
    let text = |name: &Value| name.as_str().unwrap_or_default().to_owned();
    all.as_array().unwrap().iter().map(text).collect()
}

#[test]
fn a_file_that_is_none_is_refused_with_a_reason() {
    needs_browser!();
    let place = Place::start();
    let origin = place.origin();
    let file = place.directory.path().join("clients.csv");
    let browser = coach(&place);
    for (bytes, said) in [
        (
            &b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00"[..],
            "That did not work",
        ),
        (b"Colour,Size\r\nred,1\r\n", "That did not work"),
    ] {
        std::fs::write(&file, bytes).unwrap();
        browser.go(&format!("{origin}/dashboard/live/clients/import"));
        browser.see("Choose a file");
        browser.choose_file(&file);
        browser.see(said);
    }
    browser.assert_clean(&origin, &[400, 401, 415, 422]);
}

#[test]
fn the_list_of_clients_says_how_each_stands_and_leads_to_what_waits() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let id = client(&browser, "Mira Okafor");
    let path = format!("/v1/clients/{id}");
    let session = json!([{ "day": 1, "name": "A", "groups": [] }]);
    let plan = json!({ "name": "Base", "blocks": [{ "weeks": 3, "sessions": session }] });
    let made = call(&browser, "POST", &format!("{path}/programs"), &plan);
    let activate = format!("/v1/programs/{}/activate", made["id"].as_str().unwrap());
    call(&browser, "POST", &activate, &json!({}));
    let sent = json!({ "notes": "Slept badly." });
    call(&browser, "POST", &format!("{path}/checkins"), &sent);
    browser.go(&format!("{}/dashboard/test/clients", place.origin()));
    browser.see("Week 1 of 3");
    browser.see("Check-in to review");
    let faults = browser.faults("the list of clients");
    assert!(faults.is_empty(), "{faults:#?}");
    browser.click("Check-in to review");
    browser.at(&format!("/dashboard/test/clients/{id}/checkins"));
    browser.assert_clean(&place.origin(), &[401]);
}
