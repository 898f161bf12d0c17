//! What signing in says when it does not work, and the demo, which needs no password.

use serde_json::json;

use crate::chromium::{Chromium, DESK, PHONE};
use crate::needs_browser;
use crate::place::{Demo, Place};
use crate::process::PASSWORD;

#[test]
fn a_wrong_password_is_told_without_saying_which_half_is_wrong_and_many_are_slowed_down() {
    needs_browser!();
    let place = Place::start();
    let origin = place.origin();
    place.directory.account("ana@example.com");
    let browser = Chromium::open(PHONE);
    browser.go(&format!("{origin}/dashboard/sign-in"));
    let refused = "That address and password do not go together.";
    for email in ["ana@example.com", "nobody@example.com"] {
        browser.fill("Email", email);
        browser.fill("Password", "not the right words");
        browser.click("Sign in");
        browser.see(refused);
        browser.assert_accessible("a wrong password");
        browser.reload();
        browser.see("Forgotten your password?");
    }

    // A stranger tries on, faster than anybody types.
    let slowed = browser.ask(
        "api.js",
        "await (async () => {
            for (let at = 0; at < 60; at += 1) {
                try {
                    await module.post('/auth/sessions', { email: 'ana@example.com', password: `guess number ${at}` });
                    return 'was let in';
                } catch (error) {
                    if (error.status !== 401) return error.status;
                }
            }
            return 'never slowed down';
        })()",
    );
    assert_eq!(slowed, json!(429));
    browser.fill("Email", "ana@example.com");
    browser.fill("Password", "not the right words");
    browser.click("Sign in");
    browser.until(
        "word of when to try again",
        "return /try again|wait|seconds|minute/i.test(document.querySelector('[role=alert]')?.innerText ?? '')",
        &[],
    );
    browser.assert_accessible("slowed down");
    browser.assert_clean(&origin, &[401, 429]);
}

#[test]
fn an_address_that_leads_elsewhere_after_signing_in_is_not_followed() {
    needs_browser!();
    let place = Place::start();
    let origin = place.origin();
    place.directory.account("ana@example.com");
    let browser = Chromium::open(DESK);
    for next in [
        "//evil.example/",
        "https://evil.example/",
        "/%5Cevil.example",
        "javascript:alert(1)",
    ] {
        browser.go(&format!("{origin}/dashboard/sign-in?next={next}"));
        browser.fill("Email", "ana@example.com");
        browser.fill("Password", PASSWORD);
        browser.click("Sign in");
        browser.at("/dashboard/live/today");
        browser.forget_cookies();
    }
    browser.assert_clean(&origin, &[401]);
}

#[test]
fn without_mail_a_forgotten_password_names_the_command_that_sets_a_new_one() {
    needs_browser!();
    let place = Place::start();
    let origin = place.origin();
    place.directory.account("ana@example.com");
    let browser = Chromium::open(DESK);
    browser.go(&format!("{origin}/dashboard/sign-in"));
    browser.click("Forgotten your password?");
    browser.at("/dashboard/reset");
    browser.see("This server sends no mail");
    browser.see("cadence account reset-password");
    browser.assert_clean(&origin, &[401]);
}

#[test]
fn the_demo_signs_in_by_its_link_once_and_says_that_nothing_is_kept() {
    needs_browser!();
    let demo = Demo::start();
    let first = Chromium::open(DESK);
    first.go(demo.sign_in_link());
    first.see("Clients");
    first.see("Nothing is kept");
    let address = first.url();
    assert!(!address.contains('#'), "{address} holds the secret");
    drop(first);

    let second = Chromium::open(DESK);
    second.go(demo.sign_in_link());
    second.see("That link was used or has expired");
    second.assert_accessible("a sign-in link that was used");
    second.assert_clean(demo.origin(), &[401]);
}
