//! Pictures of the main pages: `today`, `client`, `program`, `keys` and `reference` (as `docs`) are in `pictures/` for
//! the README, the others are for whoever changes how a page looks.
//!
//! `CADENCE_PICTURES=/tmp/pictures cargo test --test browser -- --ignored pictures`

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde_json::json;

use crate::chromium::{Chromium, DESK, Look};
use crate::place::Demo;

/// Name and address below the origin; `:client` is one with photos, `:program` what she follows, and
/// `:request` the first of its list.
const PAGES: &[(&str, &str)] = &[
    ("keys", "/dashboard/api-keys"),
    ("today", "/dashboard/test/today"),
    ("check-ins", "/dashboard/test/checkins"),
    ("payments", "/dashboard/test/payments"),
    ("programs", "/dashboard/test/programs"),
    ("program", "/dashboard/test/programs/:program"),
    ("library", "/dashboard/test/library"),
    ("webhooks", "/dashboard/test/webhooks"),
    ("events", "/dashboard/test/events"),
    ("clients", "/dashboard/test/clients"),
    ("client", "/dashboard/test/clients/:client"),
    ("training", "/dashboard/test/clients/:client/training"),
    (
        "client-check-ins",
        "/dashboard/test/clients/:client/checkins",
    ),
    (
        "measurements",
        "/dashboard/test/clients/:client/measurements",
    ),
    ("photos", "/dashboard/test/clients/:client/photos"),
    ("messages", "/dashboard/test/clients/:client/messages"),
    ("requests", "/dashboard/test/requests"),
    ("request", "/dashboard/test/requests/:request"),
    ("usage", "/dashboard/test/usage"),
    ("outbox", "/dashboard/test/outbox"),
    ("settings", "/dashboard/settings"),
    ("docs", "/docs"),
    ("reference", "/docs/api/clients"),
    ("errors", "/docs/errors"),
    (
        "join",
        "/app/join#1.cl_00000000000000000000000000.cdnin_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ),
    ("sign-in", "/dashboard/reset"),
];

/// What the client sees, in the app.
const APP: &[(&str, &str)] = &[
    ("app-today", "/app/"),
    ("app-program", "/app/program"),
    ("app-session", "/app/sessions/1/1/1"),
    ("app-check-in", "/app/check-in"),
    ("app-check-ins", "/app/check-ins"),
    ("app-messages", "/app/messages"),
    ("app-me", "/app/me"),
];

/// Takes a page from all sides.
fn shoot(browser: &Chromium, directory: &Path, name: &str, address: &str) {
    for (width, dark) in [(1280, false), (1280, true), (360, false), (360, true)] {
        browser.look(Look { width, dark });
        browser.go(address);
        browser.settle();
        let shot = browser.devtools("Page.captureScreenshot", json!({ "format": "png" }));
        let png = base64::engine::general_purpose::STANDARD
            .decode(shot["data"].as_str().unwrap())
            .unwrap();
        let theme = if dark { "dark" } else { "light" };
        fs::write(directory.join(format!("{name}-{width}-{theme}.png")), png).unwrap();
    }
}

#[test]
#[ignore = "writes pictures; it asserts nothing"]
fn pictures_of_the_main_pages() {
    let Some(directory) = std::env::var_os("CADENCE_PICTURES").map(PathBuf::from) else {
        panic!("say in CADENCE_PICTURES where the pictures go");
    };
    fs::create_dir_all(&directory).unwrap();
    let demo = Demo::start();
    let browser = Chromium::open(DESK);
    browser.go(demo.sign_in_link());
    browser.at("/dashboard/live/today");
    browser.settle();
    let ask = |question: &str| browser.ask("api.js", question).as_str().map(str::to_owned);
    let first = |list: &str, member: &str| {
        let question =
            format!("(await module.get('{list}', {{}}, {{ mode: 'test' }})).data[0].{member}");
        ask(&question).unwrap()
    };
    let with_photos = "await (async () => {
        const there = { mode: 'test' };
        const clients = (await module.get('/v1/clients', { status: 'active' }, there)).data;
        for (const { id } of clients) {
            const { data } = await module.get(`/v1/clients/${id}/photos`, { limit: 1 }, there);
            if (data.length > 0) return id;
        }
        throw new Error('nobody has photos');
    })()";
    let client = ask(with_photos).unwrap();
    let program = first(
        &format!("/v1/clients/{client}/programs?status=active"),
        "id",
    );
    let request = first("/v1/requests", "id");
    for (name, path) in PAGES {
        let path = path
            .replace(":client", &client)
            .replace(":program", &program)
            .replace(":request", &request);
        shoot(
            &browser,
            &directory,
            name,
            &format!("{}{path}", demo.origin()),
        );
    }

    let link = ask(&format!(
        "(await module.post('/v1/clients/{client}/invite', {{}}, {{ mode: 'test' }})).install_link"
    ));
    let own = Chromium::open(DESK);
    own.go(&link.unwrap());
    own.see("Join your coach");
    own.run(
        "for (const box of document.querySelectorAll('#join input[required]')) box.click()",
        vec![],
    );
    own.click("Join");
    own.see("Hello");
    for (name, path) in APP {
        shoot(&own, &directory, name, &format!("{}{path}", demo.origin()));
    }
}
