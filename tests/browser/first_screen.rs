//! What the first screen costs: bytes over the wire, and time on a slow computer.

use serde_json::{Value, json};

use crate::chromium::{Chromium, DESK};
use crate::needs_browser;
use crate::place::Place;
use crate::process::PASSWORD;

/// The most that the first screen may cost over the wire, with everything that it loads.
const MOST_BYTES: f64 = 120_000.0;
/// How much slower than this computer a phone is taken to be.
const SLOWER: u32 = 4;

/// The milliseconds since the page was asked for, once its title can be read and takes the focus.
const INTERACTIVE: &str = "
    const title = [...document.querySelectorAll('h1')].find((e) => e.getClientRects().length > 0);
    if (!title || document.querySelector('.waiting')) return null;
    title.focus();
    return document.activeElement === title ? performance.now() : null;";

/// The bytes that came over the wire since the browser was last asked.
fn bytes(browser: &Chromium) -> f64 {
    let entries = browser.log("performance");
    let sizes = entries.iter().filter_map(|entry| {
        let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
        let message = &message["message"];
        let is_end = message["method"].as_str() == Some("Network.loadingFinished");
        is_end.then(|| message["params"]["encodedDataLength"].as_f64())?
    });
    sizes.sum()
}

/// Loads a page with an empty cache on a slow computer; returns the milliseconds and the bytes.
fn load(browser: &Chromium, url: &str) -> (f64, f64) {
    browser.go("about:blank");
    browser.devtools("Network.clearBrowserCache", json!({}));
    browser.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": SLOWER }));
    drop(browser.log("performance"));
    browser.go(url);
    let mut ms = Value::Null;
    while ms.is_null() {
        ms = browser.run(INTERACTIVE, vec![]);
    }
    browser.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": 1 }));
    browser.settle();
    (ms.as_f64().unwrap(), bytes(browser))
}

#[test]
fn the_first_screen_costs_at_most_120_kb_over_the_wire() {
    needs_browser!();
    let place = Place::start();
    let origin = place.origin();
    place.directory.account("ana@example.com");
    let browser = Chromium::open(DESK);
    let measure = |what: &str, path: &str| {
        let (ms, bytes) = load(&browser, &format!("{origin}{path}"));
        println!("{what}: {bytes} bytes, interactive after {ms:.0} ms at 1/{SLOWER} of the speed");
        assert!(bytes > 10_000.0, "{what}: {bytes} bytes were counted");
        assert!(bytes <= MOST_BYTES, "{what} costs {bytes} bytes");
    };
    measure("sign-in", "/dashboard/sign-in");
    browser.fill("Email", "ana@example.com");
    browser.fill("Password", PASSWORD);
    browser.click("Sign in");
    browser.see("Add your first client");
    measure("API keys", "/dashboard/api-keys");
    measure("today", "/dashboard/live/today");
    measure("clients", "/dashboard/live/clients");
    measure("check-ins", "/dashboard/live/checkins");
    measure("payments", "/dashboard/live/payments");
}
