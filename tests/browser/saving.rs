//! What is saved and what must not get lost: against somebody who was faster, on the way to another page,
//! and where the answer never came.

use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::coach::{call, client, read};
use crate::join::coach;
use crate::needs_browser;
use crate::place::Place;
use crate::wire::Wire;

fn count(browser: &Chromium, list: &str) -> usize {
    read(browser, list)["data"].as_array().unwrap().len()
}

/// Whether the browser would ask before it closes the page.
fn would_ask(browser: &Chromium) -> bool {
    let script = "const event = new Event('beforeunload', { cancelable: true });
        dispatchEvent(event); return event.defaultPrevented;";
    browser.run(script, vec![]).as_bool().unwrap()
}

/// Waits until it would not: what a page asks about is told after it is drawn.
fn until_it_would_not_ask(browser: &Chromium) {
    let script = "const event = new Event('beforeunload', { cancelable: true });
        dispatchEvent(event); return !event.defaultPrevented;";
    browser.until("a page that may be left", script, &[]);
}

#[test]
fn a_form_that_somebody_else_has_saved_is_not_saved_over_without_a_question() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let questions = json!([{ "id": "energy", "type": "scale", "question": "Energy?" }]);
    let new = json!({ "name": "Weekly", "questions": questions });
    let made = call(&browser, "POST", "/v1/checkin-forms", &new);
    let path = format!("/v1/checkin-forms/{}", made["id"].as_str().unwrap());
    let elsewhere = |patch: &Value| drop(call(&browser, "PATCH", &path, patch));
    browser.go(&format!(
        "{}/dashboard/test/{}",
        place.origin(),
        path.trim_start_matches("/v1/")
    ));
    browser.fill("Name", "Mine");
    elsewhere(&json!({ "name": "Theirs" }));
    browser.click("Save as version 2");
    browser.see("It has changed in the meantime");
    browser.see("“Theirs”");
    browser.assert_accessible("somebody was faster");
    browser.click("Go on editing");
    assert_eq!(browser.value_of("Name"), "Mine");
    assert_eq!(read(&browser, &path)["name"], "Theirs");
    browser.click("Save as version 2");
    browser.click("Save mine over it");
    browser.see("Save as version 4");
    assert_eq!(read(&browser, &path)["name"], "Mine");

    // Another part of it: both are kept, and nobody is asked.
    let second = json!({ "id": "sleep", "type": "text", "question": "Sleep?" });
    elsewhere(&json!({ "questions": [second] }));
    browser.fill("Name", "Mine, again");
    browser.click("Save as version 4");
    browser.see("Save as version 6");
    let kept = read(&browser, &path);
    assert_eq!(kept["name"], "Mine, again");
    assert_eq!(kept["questions"][0]["question"], "Sleep?");

    browser.fill("Name", "Lost");
    elsewhere(&json!({ "name": "Newer" }));
    browser.click("Save as version 6");
    browser.click("Load the newer one");
    browser.see("Save as version 7");
    assert_eq!(browser.value_of("Name"), "Newer");
    until_it_would_not_ask(&browser);
    browser.assert_clean(&place.origin(), &[401, 412]);
}

#[test]
fn settings_of_a_webhook_that_somebody_else_has_saved_are_not_saved_over_without_a_question() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let inbox = read(&browser, "/v1/test/inbox");
    let new = json!({ "url": inbox["url"], "events": ["*"] });
    let made = call(&browser, "POST", "/v1/webhooks", &new);
    let path = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
    let elsewhere = |patch: &Value| drop(call(&browser, "PATCH", &path, patch));
    browser.go(&format!(
        "{}/dashboard/test/{}?tab=settings",
        place.origin(),
        path.trim_start_matches("/v1/")
    ));
    browser.fill("Description", "Mine");
    elsewhere(&json!({ "description": "Theirs" }));
    browser.click("Save");
    browser.see("It has changed in the meantime");
    browser.assert_accessible("somebody was faster with a webhook");
    browser.click("Load the newer one");
    browser.until(
        "theirs",
        "return document.querySelector('[name=description]').value === 'Theirs'",
        &[],
    );
    browser.fill("Description", "Mine");
    elsewhere(&json!({ "description": "Theirs again", "events": ["client.*"] }));
    browser.click("Save");
    browser.click("Save mine over it");
    browser.see("Saved.");
    let kept = read(&browser, &path);
    assert_eq!(kept["description"], "Mine");
    assert_eq!(kept["events"], json!(["client.*"]));
    browser.assert_clean(&place.origin(), &[401, 412]);
}

#[test]
fn a_profile_is_asked_about_only_where_both_changed_the_same() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let id = client(&browser, "Mira Okafor");
    let path = format!("/v1/clients/{id}");
    let elsewhere = |patch: &Value| drop(call(&browser, "PATCH", &path, patch));
    browser.go(&format!("{}/dashboard/test/clients/{id}", place.origin()));
    browser.click("Edit");
    browser.fill("Goal", "A pull-up");
    elsewhere(&json!({ "tags": ["online"] }));
    browser.click("Save");
    browser.see("A pull-up");
    browser.see("online");
    browser.click("Edit");
    browser.fill("Goal", "Two pull-ups");
    elsewhere(&json!({ "goal": "A marathon" }));
    browser.click("Save");
    browser.see("It has changed in the meantime");
    browser.click("Load the newer one");
    browser.until(
        "theirs",
        "return document.querySelector('dialog [name=goal]').value === 'A marathon'",
        &[],
    );
    browser.assert_clean(&place.origin(), &[401, 412]);
}

#[test]
fn a_reply_that_was_begun_is_kept_for_its_check_in_and_asked_about_before_it_is_lost() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let mut paths = Vec::new();
    for name in ["Mira Okafor", "Tomas Leal"] {
        let id = client(&browser, name);
        let body = json!({ "notes": format!("A word of {name}.") });
        let path = format!("/v1/clients/{id}/checkins");
        let made = call(&browser, "POST", &path, &body);
        paths.push((id, made["id"].as_str().unwrap().to_owned()));
    }
    browser.go(&format!("{}/dashboard/test/checkins", place.origin()));
    browser.see("A word of Mira Okafor.");
    browser.fill("Reply to Mira", "Rest on Thursday.");
    browser.click("Next check-in");
    browser.see("A word of Tomas Leal.");
    browser.see("Not sent yet");
    assert_eq!(browser.value_of("Reply to Tomas"), "");
    browser.press("k");
    browser.see("A word of Mira Okafor.");
    assert_eq!(browser.value_of("Reply to Mira"), "Rest on Thursday.");
    let faults = browser.faults("a reply that is not sent");
    assert!(faults.is_empty(), "{faults:#?}");

    assert!(would_ask(&browser));
    browser.click("Clients");
    browser.see("Leave without saving?");
    browser.assert_accessible("leaving with a reply that is not sent");
    browser.click("Stay here");
    browser.at("/dashboard/test/checkins");
    assert_eq!(browser.value_of("Reply to Mira"), "Rest on Thursday.");
    browser.click("Reviewed, next");
    browser.see("A word of Tomas Leal.");
    let kept = read(&browser, &format!("/v1/checkins/{}", paths[0].1));
    assert_eq!(kept["reply"], "Rest on Thursday.");
    until_it_would_not_ask(&browser);

    // The same on the page of a client.
    let (client, checkin) = &paths[1];
    browser.go(&format!(
        "{}/dashboard/test/clients/{client}/checkins?checkin={checkin}",
        place.origin()
    ));
    // The page takes the focus once, when it has what it shows.
    browser.until(
        "the check-in",
        "return document.activeElement.matches('[data-checkin-title]')",
        &[],
    );
    browser.fill("Private notes", "Ask about the knee.");
    browser.click("All check-ins");
    browser.see("Review not sent yet");
    browser.run("document.querySelector('.main-cell a').click()", vec![]);
    assert_eq!(browser.value_of("Private notes"), "Ask about the knee.");
    browser.click("Messages");
    browser.see("Leave without saving?");
    browser.click("Leave");
    browser.at(&format!("/dashboard/test/clients/{client}/messages"));
    until_it_would_not_ask(&browser);
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn a_click_repeated_after_a_lost_answer_is_the_same_act() {
    needs_browser!();
    let wire = Wire::new();
    let place = Place::behind(&wire);
    let browser = coach(&place);
    let clients = format!("{}/dashboard/test/clients", place.origin());
    browser.go(&format!("{clients}/new"));
    browser.fill("Name", "Mira Okafor");
    browser.fill("Email", "mira@example.com");
    wire.break_answer_to("POST /v1/clients ");
    browser.click_last("Add client");
    browser.see("The server cannot be reached");
    // She is there: what is lost is the answer.
    assert!(wire.has_broken());
    assert_eq!(count(&browser, "/v1/clients"), 1);
    browser.click_last("Add client");
    // The answer of the first, with the link that is shown once: a second act would have been refused.
    browser.see("Mira Okafor is added");
    assert!(browser.value_of("Install link").contains("/app/join#"));
    assert_eq!(count(&browser, "/v1/clients"), 1);

    // Of messages there may be two that say the same.
    let id = read(&browser, "/v1/clients")["data"][0]["id"].clone();
    let id = id.as_str().unwrap();
    let messages = format!("/v1/clients/{id}/messages");
    let shown = |number: u64| {
        browser.until(
            "the messages",
            "return document.querySelectorAll('.bubble').length === arguments[0]",
            &[json!(number)],
        );
    };
    browser.go(&format!("{clients}/{id}/messages"));
    browser.fill("Message to Mira", "Well done.");
    wire.break_answer_to(&format!("POST {messages} "));
    browser.click("Send");
    browser.see("The server cannot be reached");
    assert!(wire.has_broken());
    browser.click("Send");
    shown(1);
    assert_eq!(count(&browser, &messages), 1);
    // Said again after it was answered, it is another.
    browser.fill("Message to Mira", "Well done.");
    browser.click("Send");
    shown(2);
    assert_eq!(count(&browser, &messages), 2);
}

/// Shows a list of made-up pages whose answers come when they are told to.
const HELD_BACK: &str = r"await (async () => {
    const { html, render } = await import('ASSETS/html.js');
    const asked = [];
    const real = window.fetch;
    window.fetch = (url, options) => (String(url).startsWith('/v1/things') ? new Promise((resolve) => {
        const answer = (ids, next) => resolve(new Response(JSON.stringify({ data: ids.map((id) => ({ id })), next_cursor: next })));
        asked.push({ url, answer });
    }) : real(url, options));
    const until = async (what) => {
        for (let turn = 0; turn < 500 && !what(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
        if (!what()) throw new Error(String(what));
    };
    let list;
    const Probe = () => { list = module.useList('/v1/things'); return null; };
    const box = document.createElement('div');
    render(html`<${Probe} />`, box);
    const ids = () => list.rows.map((row) => row.id).join(' ');
    await until(() => asked.length === 1);
    asked[0].answer(['a', 'b'], 'two');
    await until(() => ids() === 'a b');
    list.more();
    await until(() => asked.length === 2);
    list.reload();
    await until(() => asked.length === 3);
    asked[2].answer(['new', 'a'], 'other');
    await until(() => ids() === 'new a');
    asked[1].answer(['c'], null);
    // Longer than it takes to draw what came.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const kept = [ids(), list.hasMore, list.loadingMore];
    list.more();
    await until(() => asked.length === 4);
    asked[3].answer(['b'], null);
    await until(() => !list.hasMore);
    const whole = [asked[3].url, ids()];
    render(null, box);
    window.fetch = real;
    return [kept, whole];
})()";

#[test]
fn a_page_that_was_asked_for_before_a_reload_is_dropped() {
    needs_browser!();
    let place = Place::start();
    let browser = coach(&place);
    let assets = browser.assets();
    let script = HELD_BACK.replace("ASSETS", assets.trim_end_matches('/'));
    let seen = browser.ask("api.js", &script);
    assert_eq!(
        seen,
        json!([
            ["new a", true, false],
            ["/v1/things?cursor=other", "new a b"]
        ])
    );
}
