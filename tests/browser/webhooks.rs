//! Webhooks as a developer meets them: one is registered, its secret shown once, it is tried out, fails,
//! recovers, is rotated, paused, disabled and deleted; and what happens is seen while it happens.

use serde_json::json;

use crate::chromium::{Chromium, DESK, DESK_DARK, PHONE, PHONE_DARK};
use crate::journeys::{holds_no_trace, set_up};
use crate::needs_browser;
use crate::place::Place;

/// The page is sound by day and at night, on a desk and on the narrowest phone.
#[track_caller]
fn is_accessible_in_every_look(browser: &Chromium, what: &str) {
    for look in [DESK_DARK, PHONE_DARK, PHONE, DESK] {
        browser.look(look);
        browser.assert_accessible(&format!("{what} in {look:?}"));
    }
}

/// The secret that the open window shows.
fn shown_secret(browser: &Chromium) -> String {
    browser.see("Store this secret now");
    let secret = browser.value_of("Signing secret");
    assert!(secret.starts_with("whsec_"), "{secret}");
    secret
}

/// What the test inbox is to answer, set on its page.
fn inbox_answers(browser: &Chromium, place: &Place, answer: &str) {
    browser.go(&format!("{}/dashboard/test/webhooks/inbox", place.origin()));
    browser.see("It answers");
    browser.click(answer);
    browser.see("From now on it answers");
}

/// Registers a webhook for the test inbox; its page.
fn register(browser: &Chromium, place: &Place) -> String {
    browser.go(&format!("{}/dashboard/test/webhooks/new", place.origin()));
    browser.click("Use the test inbox");
    browser.until(
        "the inbox's address",
        "return [...document.querySelectorAll('input')].some((e) => e.value.endsWith('/v1/test/inbox'))",
        &[],
    );
    browser.click("Register the webhook");
    let secret = shown_secret(browser);
    is_accessible_in_every_look(browser, "a secret shown once");
    browser.click("I have stored it");
    browser.see("Nothing was sent yet");
    holds_no_trace(browser, &secret);
    place.assert_nowhere(&secret);
    browser.url()
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one story, told once: a start takes long"
)]
fn a_webhook_is_registered_tried_out_rotated_paused_disabled_and_deleted() {
    needs_browser!();
    let place = Place::start();
    let browser = Chromium::open(DESK);
    set_up(&browser, &place);
    browser.go(&format!("{}/dashboard/test/webhooks", place.origin()));
    browser.see("Register your first webhook");
    is_accessible_in_every_look(&browser, "no webhooks");
    browser.click("Register a webhook");
    browser.at("/dashboard/test/webhooks/new");
    browser.click("Chosen types");
    browser.see("client.archived");
    browser.click("client.*");
    browser.see("10 types");
    browser.fill("Endpoint", "http://169.254.169.254/latest/meta-data");
    browser.click("Register the webhook");
    browser.see("One field is invalid");
    is_accessible_in_every_look(&browser, "an address that may not be called");
    let page = register(&browser, &place);

    browser.go(&format!("{page}?tab=test"));
    browser.click("Send a ping");
    browser.see("The body that was sent");
    browser.see("Delivered");
    is_accessible_in_every_look(&browser, "a ping");
    browser.click("Make it happen");
    browser.see("client.created");
    browser.click("Deliveries");
    browser.see("ping");

    browser.click("Secret");
    browser.click("Rotate the secret");
    browser.click("In an hour");
    is_accessible_in_every_look(&browser, "asking how long the old secret signs");
    browser.click_last("Rotate the secret");
    browser.see("The old secret still signs as well");
    let second = shown_secret(&browser);
    browser.click("I have stored it");
    browser.see("A rotation is under way");
    holds_no_trace(&browser, &second);

    inbox_answers(&browser, &place, "500");
    browser.go(&format!("{page}?tab=test"));
    browser.click("Send a ping");
    browser.see("Failed, tried again");
    browser.click("The delivery");
    browser.see("it is signed and sent in one line");
    browser.see("Refused");
    is_accessible_in_every_look(&browser, "a delivery that failed");
    let delivery = browser.url();
    browser.go(&page);
    browser.see("It takes nothing");
    is_accessible_in_every_look(&browser, "a webhook that fails");
    inbox_answers(&browser, &place, "200");
    is_accessible_in_every_look(&browser, "the test inbox");
    browser.go(&delivery);
    browser.click("Try again now");
    browser.see("Send again");
    browser.see("Taken");

    browser.go(&page);
    browser.click("Pause");
    browser.see("Its deliveries wait");
    is_accessible_in_every_look(&browser, "a paused webhook");
    browser.click("Resume");
    browser.see("It is told again");
    browser.see("Replay");

    inbox_answers(&browser, &place, "410");
    browser.go(&format!("{page}?tab=test"));
    browser.click("Make it happen");
    browser.see("the receiver answered 410");
    is_accessible_in_every_look(&browser, "a disabled webhook");
    let notice = browser.ask(
        "api.js",
        "await module.get('/v1/notices', {}, { mode: 'test' })",
    );
    let leads = notice["data"][0]["action"]["href"].as_str().unwrap();
    assert!(page.ends_with(leads), "{leads}");
    inbox_answers(&browser, &place, "200");
    browser.go(&page);
    browser.click("Enable and replay from then");
    browser.see("What it missed is sent");
    browser.see("5 delivered, 0 pending, 0 failed");

    let host = place.origin().replace("http://", "");
    browser.click(&format!("Actions for {host}"));
    browser.click("Delete");
    browser.click("Delete the test webhook");
    browser.see("to say that you mean this webhook");
    is_accessible_in_every_look(&browser, "asking before a webhook is deleted");
    browser.fill_first(&host);
    browser.click("Delete the test webhook");
    browser.see("Register your first webhook");
    browser.assert_clean(&place.origin(), &[400, 401]);
}

/// Has a client added, as a program would while somebody looks on.
fn add_client(browser: &Chromium, name: &str) {
    let new = json!({ "name": name, "email": format!("{name}@example.com") });
    browser.ask(
        "api.js",
        &format!("await module.post('/v1/clients', {new}, {{ mode: 'test' }})"),
    );
}

#[test]
fn what_happens_is_seen_as_it_happens_held_back_and_looked_into() {
    needs_browser!();
    let place = Place::start();
    let browser = Chromium::open(DESK);
    set_up(&browser, &place);
    browser.go(&format!("{}/dashboard/test/events", place.origin()));
    browser.see("Nothing has happened yet");
    browser.see("Live: each event as it happens");
    browser.run("window.same = true", vec![]);

    add_client(&browser, "first");
    browser.see("first");
    is_accessible_in_every_look(&browser, "the feed, live");
    browser.click("Live updates");
    browser.see("what comes is counted");
    add_client(&browser, "second");
    add_client(&browser, "third");
    browser.see("Show 2 new events");
    assert!(!browser.text().contains("third"), "{}", browser.text());
    is_accessible_in_every_look(&browser, "the feed, held");
    browser.click("Show 2 new events");
    browser.see("third");
    browser.see("what comes is counted");
    browser.click("Live updates");
    add_client(&browser, "fourth");
    browser.see("fourth");

    browser.click("JSON of client.created 4");
    browser.see("as curl");
    browser.see("fourth@example.com");
    is_accessible_in_every_look(&browser, "what is behind an event");
    browser.click("Close");
    let rows = browser.run(
        "return [window.same, document.querySelectorAll('tbody tr').length]",
        vec![],
    );
    assert_eq!(rows, json!([true, 4]), "no reload, and each once");

    browser.go(&format!("{}/dashboard/test/requests", place.origin()));
    browser.see("asked every three seconds");
    browser.run("window.same = true", vec![]);
    add_client(&browser, "fifth");
    browser.until(
        "the request",
        "return window.same && [...document.querySelectorAll('tbody tr.fresh')].some((row) => row.innerText.includes('/v1/clients'))",
        &[],
    );
    is_accessible_in_every_look(&browser, "the log, live");
    browser.click("JSON of POST /v1/clients");
    browser.see("duration_ms");
    is_accessible_in_every_look(&browser, "what is behind a request");
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn the_feed_goes_on_where_it_broke_off() {
    needs_browser!();
    let place = Place::start();
    let browser = Chromium::open(DESK);
    set_up(&browser, &place);
    browser.go(&format!("{}/dashboard/test/events", place.origin()));
    browser.see("Live: each event as it happens");
    add_client(&browser, "before");
    browser.see("before");
    // As a browser does to a page that nobody looks at, and back.
    let hide = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => arguments[0] });
        document.dispatchEvent(new Event('visibilitychange'));";
    browser.run(hide.replace("arguments[0]", "true").as_str(), vec![]);
    add_client(&browser, "meanwhile");
    browser.run(hide.replace("arguments[0]", "false").as_str(), vec![]);
    browser.see("meanwhile");
    add_client(&browser, "after");
    browser.see("after");
    let rows = browser.run(
        "return document.querySelectorAll('tbody tr').length",
        vec![],
    );
    assert_eq!(rows, json!(3));
}

#[test]
fn a_request_shows_what_was_told_of_it() {
    needs_browser!();
    let place = Place::start();
    let browser = Chromium::open(DESK);
    set_up(&browser, &place);
    let page = register(&browser, &place);
    add_client(&browser, "ana");
    browser.go(&page);
    browser.see("client.created");
    browser.see("Delivered");
    browser.go(&format!("{}/dashboard/test/requests", place.origin()));
    browser.click("POST /v1/clients");
    browser.see("Webhook delivery of client.created");
    browser.see("Delivered");
    browser.assert_accessible("a request with its deliveries");
    browser.click("Webhook delivery of client.created");
    browser.see("Tries");
    browser.see("webhook-signature");
}
