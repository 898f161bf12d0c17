//! From a new server to a key that is refused, as a person goes: by mouse, by keyboard alone, on the
//! narrowest phone, in the dark, and on plain http under a name of the local network.

use serde_json::json;

use crate::chromium::{Chromium, DESK, DESK_DARK, ENTER, Look, PHONE, PHONE_DARK};
use crate::needs_browser;
use crate::place::{Place, status_of};

pub(crate) const PASSWORD: &str = "winding river seven lamps";

/// The plaintext that the open window shows.
fn shown_key(browser: &Chromium) -> String {
    let key = browser.value_of("API key");
    assert!(key.starts_with("cdnsk_test_"), "{key}");
    key
}

/// Neither the page, nor its storage, nor its address holds the text.
#[track_caller]
pub(crate) fn holds_no_trace(browser: &Chromium, key: &str) {
    let held = browser.run(
        "const key = arguments[0];
        const places = {
            page: document.documentElement.outerHTML,
            fields: [...document.querySelectorAll('input, textarea')].map((e) => e.value).join(' '),
            address: location.href,
            history: JSON.stringify(history.state),
            local: JSON.stringify(localStorage),
            session: JSON.stringify(sessionStorage),
            cookies: document.cookie,
            name: window.name,
        };
        return Object.entries(places).filter(([, text]) => (text || '').includes(key)).map(([name]) => name);",
        vec![json!(key)],
    );
    assert_eq!(held, json!([]), "the key is still held");
}

/// Fills what set-up asks.
pub(crate) fn set_up(browser: &Chromium, place: &Place) {
    browser.go(&place.set_up_link());
    browser.see("Welcome");
    browser.fill("Your name", "Ana Prado");
    browser.fill("Email", "ana@example.com");
    browser.fill("Password", PASSWORD);
    browser.click("Create the account");
    browser.see("How do you want to begin?");
}

/// Set-up, key, curl, detail, rotation, revocation.
fn from_set_up_to_a_revoked_key(look: Look) {
    let place = Place::start();
    let browser = Chromium::open(look);
    set_up(&browser, &place);
    browser.assert_accessible("what to begin with");
    browser.click("Start empty");
    browser.see("Add your first client");
    browser.assert_accessible("no clients");
    browser.go(&format!("{}/dashboard/api-keys", place.origin()));
    browser.see("Create your first key");
    browser.assert_accessible("no keys");

    browser.click("Create API key");
    browser.at("/dashboard/api-keys/new");
    browser.assert_accessible("a new key");
    browser.fill("Name", "Booking site");
    browser.click_last("Create API key");
    browser.see("Store this key now");
    browser.assert_accessible("a key shown once");
    let first = shown_key(&browser);
    browser.click("Send a test request");
    browser.see("200 in");
    assert_eq!(status_of(&place, &first), 200);
    browser.click("I have stored it");
    browser.see("Audit trail");
    holds_no_trace(&browser, &first);
    browser.assert_accessible("a key");
    browser.reload();
    browser.see("Audit trail");
    holds_no_trace(&browser, &first);
    browser.back();
    browser.see("API keys");
    holds_no_trace(&browser, &first);

    browser.go(&format!("{}/dashboard/api-keys", place.origin()));
    browser.click("Booking site");
    browser.see("Audit trail");
    browser.click("Rotate");
    browser.click("Now");
    browser.click("Rotate the key");
    browser.see("Store this key now");
    let second = shown_key(&browser);
    assert_ne!(first, second);
    assert_eq!(status_of(&place, &first), 401);
    assert_eq!(status_of(&place, &second), 200);
    browser.click("I have stored it");
    browser.see("Audit trail");
    holds_no_trace(&browser, &second);

    browser.click("Actions for Booking site");
    browser.click("Revoke");
    browser.see("This cannot be undone");
    browser.assert_accessible("asking before a key is revoked");
    browser.fill_first("Booking site");
    browser.click("Revoke the test key");
    browser.see("is revoked");
    assert_eq!(status_of(&place, &second), 401);
    browser.assert_clean(&place.origin(), &[401]);
    drop(browser);
    for key in [first, second] {
        place.assert_nowhere(&key);
    }
}

#[test]
fn from_set_up_to_a_revoked_key_at_a_desk() {
    needs_browser!();
    from_set_up_to_a_revoked_key(DESK);
}

#[test]
fn from_set_up_to_a_revoked_key_at_a_desk_in_the_dark() {
    needs_browser!();
    from_set_up_to_a_revoked_key(DESK_DARK);
}

#[test]
fn from_set_up_to_a_revoked_key_on_a_phone() {
    needs_browser!();
    from_set_up_to_a_revoked_key(PHONE);
}

#[test]
fn from_set_up_to_a_revoked_key_on_a_phone_in_the_dark() {
    needs_browser!();
    from_set_up_to_a_revoked_key(PHONE_DARK);
}

#[test]
fn from_set_up_to_a_revoked_key_by_keyboard_alone() {
    needs_browser!();
    let place = Place::start();
    let browser = Chromium::open(DESK);
    browser.go(&place.set_up_link());
    browser.see("Welcome");
    for (label, text) in [
        ("Your name", "Ana Prado"),
        ("Email", "ana@example.com"),
        ("Password", PASSWORD),
    ] {
        browser.tab_to(label);
        browser.press(text);
    }
    browser.tab_to("Create the account");
    browser.press(ENTER);
    browser.see("How do you want to begin?");
    browser.tab_to_text("Start empty");
    browser.press(ENTER);
    browser.see("Add your first client");
    browser.tab_to("API keys");
    browser.press(ENTER);
    browser.at("/dashboard/api-keys");
    browser.see("Create your first key");
    browser.tab_to("Create API key");
    browser.press(ENTER);
    browser.at("/dashboard/api-keys/new");
    browser.tab_to("Name");
    browser.press("Booking site");
    // Enter in a field sends the form.
    browser.press(ENTER);
    browser.see("Store this key now");
    let first = shown_key(&browser);
    assert_eq!(status_of(&place, &first), 200);
    browser.tab_to("I have stored it");
    browser.press(ENTER);
    browser.see("Audit trail");

    browser.tab_to("Rotate");
    browser.press(ENTER);
    browser.see("The old key stops working");
    browser.tab_to_radio_group("The old key stops working");
    browser.arrow_to_radio("Now");
    browser.tab_to("Rotate the key");
    browser.press(ENTER);
    browser.see("Store this key now");
    let second = shown_key(&browser);
    assert_eq!(status_of(&place, &first), 401);
    browser.tab_to("I have stored it");
    browser.press(ENTER);
    browser.see("Audit trail");

    browser.tab_to("Actions for Booking site");
    browser.press(ENTER);
    browser.arrow_to("Revoke");
    browser.press(ENTER);
    browser.see("This cannot be undone");
    browser.tab_to("Revoke the test key");
    browser.press(ENTER);
    browser.see("is revoked");
    assert_eq!(status_of(&place, &second), 401);
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn on_plain_http_of_a_local_network_signing_in_and_copying_work_and_a_banner_warns() {
    needs_browser!();
    let place = Place::named("coach.lan");
    let rule = format!("--host-resolver-rules=MAP coach.lan {}", place.ip());
    let browser = Chromium::open_with(DESK, &[&rule]);
    set_up(&browser, &place);
    browser.see("Not encrypted");
    browser.click("Start empty");
    browser.click("API keys");
    browser.see("Create your first key");
    browser.click("Create API key");
    browser.fill("Name", "Booking site");
    browser.click_last("Create API key");
    browser.see("Store this key now");
    let key = shown_key(&browser);
    // This origin has no `navigator.clipboard`: the old way copies, or the text is left selected.
    assert_eq!(
        browser.run("return Boolean(navigator.clipboard)", vec![]),
        json!(false)
    );
    browser.click("Copy API key");
    browser.until(
        "the copy",
        "return /Copied|Selected: press/.test(document.querySelector('dialog[open]').innerText)
            && getSelection().toString() === arguments[0]",
        &[json!(key)],
    );
    browser.click("I have stored it");
    browser.see("Audit trail");

    browser.click("Account: Ana Prado");
    browser.click("Sign out");
    browser.see("Sign in");
    browser.fill("Email", "ana@example.com");
    browser.fill("Password", PASSWORD);
    browser.click("Sign in");
    browser.see("Add your first client");
    browser.assert_clean(&place.origin(), &[401]);
}

#[test]
fn where_the_old_way_of_copying_fails_too_the_text_is_left_selected_with_a_hint() {
    needs_browser!();
    let place = Place::named("coach.lan");
    let rule = format!("--host-resolver-rules=MAP coach.lan {}", place.ip());
    let browser = Chromium::open_with(PHONE, &[&rule]);
    set_up(&browser, &place);
    browser.click("Start empty");
    browser.see("Add your first client");
    browser.go(&format!("{}/dashboard/api-keys", place.origin()));
    browser.click("Create API key");
    browser.fill("Name", "Booking site");
    browser.click_last("Create API key");
    browser.see("Store this key now");
    let key = shown_key(&browser);
    browser.run("document.execCommand = () => false", vec![]);
    browser.click("Copy API key");
    browser.see("Selected: press Ctrl+C");
    let selected = browser.run("return getSelection().toString()", vec![]);
    assert_eq!(selected, json!(key));
}
