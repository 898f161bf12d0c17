//! Parts of the dashboard that compute something, asked in the browser that they run in.

use cadence::api::choices::words;
use cadence::api::json::FromBody as _;
use cadence::attention::ReasonKind;
use cadence::clients::{LIMITATIONS, NewClient};
use cadence::exercises::catalogue::{Item, Joint, Level, LoadType, Muscle, Pattern, Tag};
use cadence::files::Pose;
use cadence::programs::generator::policy::Goal;
use cadence::programs::model::{BlockKind, GroupKind, LoadKind, ProgressionKind, SetKind};
use cadence::{check_ins, payments};
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::chromium::{Chromium, DESK};
use crate::needs_browser;
use crate::process::Directory;

/// A browser on the sign-in page, and where its modules are.
fn opened(origin: &str) -> (Chromium, String) {
    let browser = Chromium::open(DESK);
    browser.go(&format!("{origin}/dashboard/sign-in"));
    browser.see("This server is new");
    let icon = browser.run(
        "return document.querySelector('link[rel=icon]').href",
        vec![],
    );
    let assets = icon.as_str().unwrap().replace("icon.svg", "");
    (browser, assets)
}

/// What an expression over a module's exports gives.
fn ask(browser: &Chromium, module: &str, expression: &str) -> Value {
    let script = format!(
        "window.asked = undefined; import(arguments[0]).then((module) => {{ window.asked = \
         {{ is: ({expression}) }}; }}, (error) => {{ window.asked = {{ failed: String(error) }}; }})"
    );
    browser.run(&script, vec![json!(module)]);
    browser.until("the module", "return window.asked !== undefined", &[]);
    let asked = browser.run("return window.asked", vec![]);
    assert!(asked.get("failed").is_none(), "{asked}");
    asked["is"].clone()
}

/// Codes that other encoders make of the same texts: side, and SHA-256 over rows of 0 and 1.
const CODES: &[(&str, usize, usize, &str)] = &[
    ("A", 1, 21, "a3196dc801b55f45c46ca02b41e3fd1b"),
    ("é✓ 日本", 1, 21, "6302d66e48553fc6a919bb188c476538"),
    (
        "https://coach.example/app/join#cdnin_3kT9vQ2mXb7Lr5WzH8sYd4NcPf6GjA0e1UiO",
        1,
        37,
        "fb374e2ce8e0743f50666cbccd088593",
    ),
    ("x", 300, 69, "3efd2aaeab519e378ead906863b11e2d"),
];

#[test]
fn qr_codes_are_the_known_ones() {
    needs_browser!();
    let directory = Directory::new();
    let server = directory.serve();
    let (browser, assets) = opened(&format!("http://{}", server.address));
    let module = format!("{assets}ui/qr-code.js");
    for (text, times, side, expected) in CODES {
        let text = json!(text.repeat(*times));
        let expression = format!(
            "module.qr({text}).map((row) => row.map((on) => (on ? '1' : '0')).join('') + '\\n')"
        );
        let rows = ask(&browser, &module, &expression);
        let rows: Vec<&str> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row.as_str().unwrap())
            .collect();
        assert_eq!(rows.len(), *side, "{text}");
        let digest = sha2::Sha256::digest(rows.concat().as_bytes());
        let hex = digest
            .iter()
            .take(16)
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        assert_eq!(hex, *expected, "{text}");
    }
    let too_long = "(() => { try { module.qr('x'.repeat(667)); return 'made'; } catch (error) { return error.name; } })()";
    assert_eq!(ask(&browser, &module, too_long), "RangeError");
}

#[test]
fn sign_in_leads_to_this_origin_and_nowhere_else() {
    needs_browser!();
    let directory = Directory::new();
    let server = directory.serve();
    let (browser, assets) = opened(&format!("http://{}", server.address));
    let module = format!("{assets}router.js");
    for (next, leads) in [
        (
            "/dashboard/api-keys?show=all",
            Some("/dashboard/api-keys?show=all"),
        ),
        (
            "/oauth/authorize?client_id=a",
            Some("/oauth/authorize?client_id=a"),
        ),
        ("//evil.example", None),
        ("/.//evil.example", None),
        ("/\\evil.example", None),
        ("/a\\b", None),
        ("\\\\evil.example", None),
        ("https://evil.example/", None),
        ("javascript:alert(1)", None),
        ("dashboard", None),
        ("", None),
        ("/\u{9}/evil.example", None),
        ("/dashboard\nx", None),
    ] {
        let answer = ask(
            &browser,
            &module,
            &format!("module.safeNext({})", json!(next)),
        );
        assert_eq!(answer.as_str(), leads, "{next:?}");
    }
}

/// The days on which a client can be asked for a check-in.
fn weekdays() -> Vec<String> {
    let all = NewClient::VOCABULARIES;
    let found = all.iter().find(|(field, _)| *field == "check_in_day");
    found.unwrap().1()
}

/// Lists of words in the pages: module, list, and what the server takes.
fn lists() -> Vec<(&'static str, &'static str, Vec<String>)> {
    const LIBRARY: &str = "pages/library/shape.js";
    const CLIENTS: &str = "pages/clients/shape.js";
    const PROGRAMS: &str = "pages/programs/words.js";
    vec![
        (LIBRARY, "patterns", words(Pattern::CHOICES)),
        (LIBRARY, "muscles", words(Muscle::CHOICES)),
        (LIBRARY, "items", words(Item::CHOICES)),
        (LIBRARY, "levels", words(Level::CHOICES)),
        (LIBRARY, "loadTypes", words(LoadType::CHOICES)),
        (LIBRARY, "tags", words(Tag::CHOICES)),
        (LIBRARY, "joints", words(Joint::CHOICES)),
        (CLIENTS, "levels", words(Level::CHOICES)),
        (CLIENTS, "limits", words(LIMITATIONS)),
        (CLIENTS, "weekdays", weekdays()),
        (PROGRAMS, "goals", words(Goal::CHOICES)),
        (PROGRAMS, "blockKinds", words(BlockKind::CHOICES)),
        (PROGRAMS, "groupKinds", words(GroupKind::CHOICES)),
        (PROGRAMS, "setKinds", words(SetKind::CHOICES)),
        (PROGRAMS, "loadKinds", words(LoadKind::CHOICES)),
        (
            PROGRAMS,
            "progressionKinds",
            words(ProgressionKind::CHOICES),
        ),
        ("pages/checkins/shape.js", "poses", words(Pose::CHOICES)),
        (
            "pages/checkins/shape.js",
            "statusWords",
            words(check_ins::Status::CHOICES),
        ),
        (
            "pages/payments/shape.js",
            "statusWords",
            words(payments::Status::CHOICES),
        ),
        (
            "pages/today/reasons.js",
            "looks",
            words(ReasonKind::CHOICES),
        ),
    ]
}

#[test]
fn pages_offer_the_words_that_the_server_takes_and_no_others() {
    needs_browser!();
    let directory = Directory::new();
    let server = directory.serve();
    let (browser, assets) = opened(&format!("http://{}", server.address));
    for (module, list, mut expected) in lists() {
        // Pairs of word and name, or names by their words; nothing chosen is no word.
        let offered = format!(
            "(Array.isArray(module.{list}) ? module.{list}.map(([word]) => word) : Object.keys(module.{list}))
                .filter(Boolean).sort()"
        );
        let offered = ask(&browser, &format!("{assets}{module}"), &offered);
        expected.sort_unstable();
        assert_eq!(offered, json!(expected), "{list} of {module}");
    }
}
