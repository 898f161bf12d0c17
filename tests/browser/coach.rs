//! What a coach does in a week: payments, the queue of check-ins, schedules, measurements, photos.

use serde_json::{Value, json};

use crate::chromium::{Chromium, DESK, ENTER, PHONE};
use crate::join::coach;
use crate::needs_browser;
use crate::place::{Demo, Place};

/// A call of the API in test mode, as the dashboard makes it.
pub(crate) fn call(browser: &Chromium, method: &str, path: &str, body: &Value) -> Value {
    let expression = format!(
        "(await module.send({{ method: '{method}', path: '{path}', body: {body}, mode: 'test' }})).data"
    );
    browser.ask("api.js", &expression)
}

/// What a path holds in test mode.
pub(crate) fn read(browser: &Chromium, path: &str) -> Value {
    browser.ask(
        "api.js",
        &format!("await module.get('{path}', {{}}, {{ mode: 'test' }})"),
    )
}

/// A client without an invite; her id.
pub(crate) fn client(browser: &Chromium, name: &str) -> String {
    let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
    let body =
        json!({ "name": name, "email": email, "units": "metric", "timezone": "Europe/Lisbon" });
    let made = call(browser, "POST", "/v1/clients", &body);
    made["id"].as_str().unwrap().to_owned()
}

/// A photo of one colour, made by the browser itself, for a client.
fn photo(browser: &Chromium, client: &str, day: &str, colour: &str) -> String {
    let made = browser.ask(
        "api.js",
        &format!(
            "await (async () => {{
                const canvas = document.createElement('canvas');
                canvas.width = 200;
                canvas.height = 300;
                const brush = canvas.getContext('2d');
                brush.fillStyle = '{colour}';
                brush.fillRect(0, 0, 200, 300);
                const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg'));
                const body = new FormData();
                body.set('pose', 'front');
                body.set('taken_on', '{day}');
                body.set('file', blob, 'front.jpg');
                return (await module.send({{ method: 'POST', path: '/v1/clients/{client}/photos', body, raw: true, mode: 'test' }})).data;
            }})()"
        ),
    );
    made["id"].as_str().unwrap().to_owned()
}

/// Waits until every photo of the page is there, and says how many they are.
#[track_caller]
fn photos_are_drawn(browser: &Chromium, selector: &str, count: u64) {
    browser.until(
        "the photos",
        "const all = [...document.querySelectorAll(arguments[0])];
        all.forEach((e) => { e.loading = 'eager'; });
        return all.length === arguments[1] && all.every((e) => e.complete && e.naturalWidth > 0)",
        &[json!(selector), json!(count)],
    );
}

#[test]
fn a_payment_is_recorded_and_given_back_in_parts() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let id = client(&browser, "Mira Okafor");
    browser.go(&format!(
        "{}/dashboard/test/clients/{id}/payments",
        place.origin()
    ));
    browser.see("No payments yet");
    browser.click("Record a payment");
    browser.fill("Amount", "twelve");
    browser.click("Record it");
    browser.see("Write an amount such as 120.00");
    browser.assert_accessible("a payment that is no number");
    browser.fill("Amount", "120.00");
    browser.fill("For what", "Coaching, May");
    browser.click("Record it");
    browser.see("€120.00 recorded");
    browser.see("Coaching, May");

    // Test amounts that end in .01 are declined.
    browser.click("Record a payment");
    browser.fill("Amount", "80,01");
    browser.click("Record it");
    browser.see("The card was declined");

    browser.click("Refund €120.00 of Mira Okafor, Coaching, May");
    browser.click("A part");
    browser.fill("Amount", "120.01");
    browser.click("Refund");
    browser.see("That is more than what is left of it, €120.00");
    browser.fill("Amount", "20");
    browser.see("€100.00 remain.");
    browser.assert_accessible("giving a part back");
    browser.click("Refund €20.00");
    browser.see("Refunded in part");
    browser.see("€20.00 given back");
    browser.reload();
    browser.see("€20.00 given back");
    browser.click("Refund €120.00 of Mira Okafor, Coaching, May");
    browser.see("€20.00 went back already");
    browser.click("Refund €100.00");
    browser.see("Nothing is left of it");

    browser.go(&format!("{}/dashboard/test/payments", place.origin()));
    browser.see("1 payment failed");
    browser.see("Of the 2 payments shown");
    browser.click("Show the failed ones");
    browser.see("Of the 1 payment shown");
    browser.see("€80.01 failed");
    let kept = read(&browser, &format!("/v1/clients/{id}/payments"));
    let paid = kept["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["amount"] == 12_000)
        .unwrap();
    assert_eq!(
        (&paid["status"], &paid["amount_refunded"]),
        (&json!("refunded"), &json!(12_000))
    );
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn the_queue_is_worked_through_by_keyboard_alone() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let mut ids = Vec::new();
    for (name, weight) in [
        ("Mira Okafor", 82.5),
        ("Tomas Leal", 91.0),
        ("Ingrid Solheim", 64.2),
    ] {
        let id = client(&browser, name);
        let body = json!({
            "answers": [{ "question": "energy", "type": "scale", "value": 4 }],
            "measurements": [{ "metric": "weight", "value": weight, "unit": "kg" }],
            "notes": format!("A word of {name}."), "rpe": 7.5,
        });
        let made = call(
            &browser,
            "POST",
            &format!("/v1/clients/{id}/checkins"),
            &body,
        );
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    browser.go(&format!("{}/dashboard/test/checkins", place.origin()));
    // Who waits longest comes first.
    browser.see("A word of Mira Okafor.");
    browser.see("3 to review");
    browser.press("?");
    browser.see("Reviewed, and to the next");
    browser.press(ENTER);
    browser.press("j");
    browser.see("A word of Tomas Leal.");
    browser.press("k");
    browser.see("A word of Mira Okafor.");
    browser.press("r");
    browser.until(
        "the reply",
        "return document.activeElement.name === 'reply'",
        &[],
    );
    browser.press("Well done. Rest on Thursday; jerk less.");
    browser.tab_to("Private notes");
    browser.press("Watch the knee.");
    browser.tab_to("Reviewed, next");
    browser.press(ENTER);
    browser.see("A word of Tomas Leal.");
    browser.see("Mira can read your reply.");
    browser.until(
        "the focus on the next",
        "return document.activeElement.matches('[data-checkin-title]')",
        &[],
    );
    browser.press("e");
    browser.see("A word of Ingrid Solheim.");
    browser.press("e");
    browser.see("Nothing is left to review");
    let faults = browser.faults("the queue");
    assert!(faults.is_empty(), "{faults:#?}");

    let first = read(&browser, &format!("/v1/checkins/{}", ids[0]));
    assert_eq!(
        first["reply"],
        json!("Well done. Rest on Thursday; jerk less.")
    );
    assert_eq!(first["private_notes"], json!("Watch the knee."));
    let states: Vec<Value> = ids
        .iter()
        .map(|id| read(&browser, &format!("/v1/checkins/{id}"))["status"].clone())
        .collect();
    assert_eq!(states, vec![json!("reviewed"); 3]);
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn single_keys_can_be_turned_off_and_stay_off() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    for name in ["Mira Okafor", "Tomas Leal"] {
        let id = client(&browser, name);
        let body = json!({ "notes": format!("A word of {name}.") });
        call(
            &browser,
            "POST",
            &format!("/v1/clients/{id}/checkins"),
            &body,
        );
    }
    browser.go(&format!("{}/dashboard/test/checkins", place.origin()));
    browser.see("A word of Mira Okafor.");
    browser.press("?");
    browser.click("Single keys");
    browser.click("Close");
    browser.reload();
    browser.see("A word of Mira Okafor.");
    browser.press("j");
    browser.press("?");
    // Both do nothing; what they would have done is there without a wait.
    let shown = browser.run(
        "return [document.querySelector('dialog[open]') === null, document.body.innerText.includes('A word of Mira Okafor.')]",
        vec![],
    );
    assert_eq!(shown, json!([true, true]));
    browser.click("Keyboard shortcuts");
    browser.click("Single keys");
    browser.click("Close");
    browser.press("j");
    browser.see("A word of Tomas Leal.");
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn a_check_in_day_is_set_in_the_time_of_the_client() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let id = client(&browser, "Mira Okafor");
    browser.go(&format!(
        "{}/dashboard/test/clients/{id}/checkins",
        place.origin()
    ));
    browser.see("No day is set");
    browser.click("Set a day");
    browser.see("In Europe/Lisbon");
    browser.assert_accessible("setting a check-in day");
    browser.run(
        "for (const [name, value] of [['weekday', 'thursday'], ['every_weeks', '2'], ['time', '07:30']]) {
            const field = document.querySelector(`dialog [name=${name}]`);
            field.value = value;
            field.dispatchEvent(new Event('input', { bubbles: true }));
        }",
        vec![],
    );
    browser.click("Save");
    browser.see("Every 2 weeks on Thursday at 07:30, Europe/Lisbon time.");
    let kept = read(&browser, &format!("/v1/clients/{id}/checkin-schedule"));
    assert_eq!(
        (
            &kept["active"],
            &kept["weekday"],
            &kept["every_weeks"],
            &kept["time"]
        ),
        (&json!(true), &json!("thursday"), &json!(2), &json!("07:30"))
    );
    browser.click("Change");
    browser.click("Ask for check-ins");
    browser.click("Save");
    browser.see("No day is set");
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn a_measurement_is_seen_in_the_chart_and_in_the_table() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let id = client(&browser, "Mira Okafor");
    let path = format!("/v1/clients/{id}/measurements");
    call(
        &browser,
        "POST",
        &path,
        &json!({ "metric": "weight", "value": 84, "unit": "kg", "measured_at": "2026-01-05T08:00:00Z" }),
    );
    browser.go(&format!(
        "{}/dashboard/test/clients/{id}/measurements",
        place.origin()
    ));
    browser.see("measured once");
    browser.click("Add a measurement");
    browser.fill("Value", "82,5");
    browser.assert_accessible("adding a measurement");
    browser.click("Add it");
    browser.see("Weight: 82.5 kg now, −1.5 kg in");
    let shown = browser.run(
        "const rows = [...document.querySelectorAll('figure.chart ~ *, .course table tbody tr')].filter((e) => e.tagName === 'TR');
        return [document.querySelectorAll('figure.chart circle').length, rows.length, rows[0].innerText.includes('82.5 kg')]",
        vec![],
    );
    assert_eq!(shown, json!([2, 2, true]));
    let faults = browser.faults("measurements");
    assert!(faults.is_empty(), "{faults:#?}");
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn two_photos_of_a_pose_are_compared_side_by_side_and_by_the_arrow_keys() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let id = client(&browser, "Mira Okafor");
    photo(&browser, &id, "2026-01-05", "#446688");
    photo(&browser, &id, "2026-02-02", "#668844");
    photo(&browser, &id, "2026-03-02", "#884466");
    browser.go(&format!(
        "{}/dashboard/test/clients/{id}/photos",
        place.origin()
    ));
    browser.see("Before, 5 Jan 2026");
    browser.see("After, 2 Mar 2026");
    photos_are_drawn(&browser, ".compare img", 2);
    photos_are_drawn(&browser, ".photo-row img", 3);
    browser.click("Slider");
    photos_are_drawn(&browser, ".slider img", 2);
    browser.tab_to("Where the later photo begins");
    for _ in 0..10 {
        browser.press("\u{e014}");
    }
    browser.until(
        "the line where it was moved to",
        "return document.activeElement.value === '60' && document.querySelectorAll('.slider img')[1].style.clipPath.includes('60%')",
        &[],
    );
    let faults = browser.faults("photos, by the slider");
    assert!(faults.is_empty(), "{faults:#?}");
    browser.click("Delete the photo of 2 Feb 2026, front");
    browser.click("Delete it");
    browser.see("The photo is deleted");
    photos_are_drawn(&browser, ".photo-row img", 2);
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn notes_are_saved_when_the_field_is_left_and_taken_back() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let id = client(&browser, "Mira Okafor");
    browser.go(&format!(
        "{}/dashboard/test/clients/{id}/notes",
        place.origin()
    ));
    browser.fill("Notes", "Left shoulder clicks overhead.");
    // Another tab is another place.
    browser.click("Messages");
    browser.see("Notes saved");
    let kept = || read(&browser, &format!("/v1/clients/{id}"))["coach_notes"].clone();
    assert_eq!(kept(), json!("Left shoulder clicks overhead."));
    browser.click("Undo");
    browser.see("Taken back");
    assert_eq!(kept(), Value::Null);
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn a_client_is_erased_once_the_name_is_typed() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let id = client(&browser, "Mira Okafor");
    browser.go(&format!("{}/dashboard/test/clients/{id}", place.origin()));
    browser.click("Actions for Mira Okafor");
    browser.click("Erase");
    browser.see("It cannot be undone");
    browser.assert_accessible("asking before a client is erased");
    browser.fill("Type “Mira Okafor”", "Mira");
    browser.click("Erase the test client");
    browser.see("Type Mira Okafor, as it is written above");
    browser.fill("Type “Mira Okafor”", "Mira Okafor");
    browser.click("Erase the test client");
    browser.see("Mira Okafor is erased");
    browser.see("Add your first client");
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn today_leads_from_an_empty_server_to_what_waits() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let today = format!("{}/dashboard/test/today", place.origin());
    browser.go(&today);
    browser.see("First steps");
    browser.see("0 of 4 done");
    browser.click("Put away");
    browser.see("Who needs you, and why, will stand here.");
    browser.click("Show the first steps");
    browser.see("0 of 4 done");
    let id = client(&browser, "Mira Okafor");
    let made = call(
        &browser,
        "POST",
        &format!("/v1/clients/{id}/checkins"),
        &json!({ "notes": "Slept badly." }),
    );
    browser.go(&today);
    browser.see("Mira Okafor");
    browser.see("with a check-in to review");
    let faults = browser.faults("today");
    assert!(faults.is_empty(), "{faults:#?}");
    // The reason leads to where it is dealt with.
    browser.run("document.querySelector('.today-reasons a').click()", vec![]);
    browser.at("/dashboard/test/checkins");
    browser.see("Slept badly.");
    assert!(
        browser.url().ends_with(made["id"].as_str().unwrap()),
        "{}",
        browser.url()
    );
    browser.click("Reviewed, next");
    browser.see("Nothing is left to review");
    browser.go(&today);
    browser.see("Nobody waits for you");
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn a_form_is_changed_by_buttons_and_previewed_as_the_client_sees_it() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    browser.look(PHONE);
    browser.go(&format!(
        "{}/dashboard/test/checkin-forms/new",
        place.origin()
    ));
    browser.fill("Name", "Short week");
    browser.click("Move question 2 up");
    browser.until(
        "the other order",
        "return [...document.querySelectorAll('.preview legend, .preview label[for]')].map((e) => e.innerText.trim())[0].startsWith('What should I know?')",
        &[],
    );
    browser.click_last("Make the form");
    browser.see("Save as version 2");
    browser.look(DESK);
    let kept = read(&browser, "/v1/checkin-forms");
    let made = kept["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "Short week")
        .unwrap();
    assert_eq!(made["questions"][0]["type"], json!("text"));
    assert_eq!(
        made["questions"][1]["question"],
        json!("How was your energy this week?")
    );
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn the_demo_makes_something_happen_on_a_button() {
    needs_browser!();
    let demo = Demo::start();
    let browser = Chromium::open(DESK);
    browser.go(demo.sign_in_link());
    browser.at("/dashboard/live/today");
    browser.click("Make something happen");
    browser.assert_accessible("what can be made to happen");
    browser.click("A client’s card is declined");
    browser.at("/dashboard/test/payments");
    browser.see("A client’s card is declined.");
    browser.see("payments failed");
    let types = read(&browser, "/v1/events?limit=1");
    assert_eq!(types["data"][0]["type"], "payment.failed");
}
