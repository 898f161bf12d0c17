//! Pictures of the main pages: `keys`, `client` and `reference` (as `docs`) are in `pictures/` for the
//! README, the others are for whoever changes how a page looks.
//!
//! `CADENCE_PICTURES=/tmp/pictures cargo test --test browser -- --ignored pictures`

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use serde_json::json;

use crate::chromium::{Chromium, DESK, Look};
use crate::place::Demo;

/// Name and address below the origin; `:client` and `:request` are the first of their lists.
const PAGES: &[(&str, &str)] = &[
    ("keys", "/dashboard/api-keys"),
    ("today", "/dashboard/test/today"),
    ("check-ins", "/dashboard/test/checkins"),
    ("payments", "/dashboard/test/payments"),
    ("clients", "/dashboard/test/clients"),
    ("client", "/dashboard/test/clients/:client"),
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
    let first = |list: &str| {
        let question = format!("(await module.get('{list}', {{}}, {{ mode: 'test' }})).data[0].id");
        let id = browser.ask("api.js", &question);
        id.as_str().unwrap().to_owned()
    };
    let (client, request) = (first("/v1/clients"), first("/v1/requests"));
    for (name, path) in PAGES {
        let path = path
            .replace(":client", &client)
            .replace(":request", &request);
        for (width, dark) in [(1280, false), (1280, true), (360, false), (360, true)] {
            browser.look(Look { width, dark });
            browser.go(&format!("{}{path}", demo.origin()));
            browser.settle();
            let shot = browser.devtools("Page.captureScreenshot", json!({ "format": "png" }));
            let png = base64::engine::general_purpose::STANDARD
                .decode(shot["data"].as_str().unwrap())
                .unwrap();
            let theme = if dark { "dark" } else { "light" };
            fs::write(directory.join(format!("{name}-{width}-{theme}.png")), png).unwrap();
        }
    }
}
