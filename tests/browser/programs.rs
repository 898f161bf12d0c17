//! A program from the draft that the rules make to the one that a client follows: by mouse, by keyboard
//! alone, and against somebody who was faster.

use serde_json::{Value, json};

use crate::chromium::{Chromium, DESK, ENTER, PHONE};
use crate::needs_browser;
use crate::place::Place;
use crate::process::PASSWORD;

const ALT: &str = "\u{e00a}";
const CONTROL: &str = "\u{e009}";
const RIGHT: &str = "\u{e014}";
const LEFT: &str = "\u{e012}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";
const DELETE: &str = "\u{e017}";
const ESCAPE: &str = "\u{e00c}";
/// Lets go of what is held.
const NONE: &str = "\u{e000}";

/// A coach who is signed in, and a client of hers.
struct Desk {
    place: Place,
    browser: Chromium,
    client: String,
}

impl Desk {
    fn open() -> Self {
        let place = Place::start();
        place.directory.account("ana@example.com");
        let browser = Chromium::open(DESK);
        browser.go(&format!("{}/dashboard/sign-in", place.origin()));
        browser.fill("Email", "ana@example.com");
        browser.fill("Password", PASSWORD);
        browser.click("Sign in");
        browser.until(
            "the navigation",
            "return document.querySelector('nav[aria-label=Main]') !== null",
            &[],
        );
        let client = browser.ask(
            "api.js",
            "await module.post('/v1/clients', { name: 'Mira Okafor', email: 'mira@example.com',
                experience: 'intermediate', days_per_week: 3, send_invite: false }, { mode: 'live' })",
        );
        let client = client["id"].as_str().unwrap().to_owned();
        Self {
            place,
            browser,
            client,
        }
    }

    fn go(&self, path: &str) {
        let origin = self.place.origin();
        self.browser.go(&format!("{origin}/dashboard/live/{path}"));
    }

    /// A generated draft, by the API.
    fn draft(&self) -> String {
        let made = self.browser.ask(
            "api.js",
            &format!(
                "await module.post('/v1/clients/{}/programs',
                    {{ ai_generate: true, goal: 'hypertrophy' }}, {{ mode: 'live' }})",
                self.client
            ),
        );
        made["id"].as_str().unwrap().to_owned()
    }

    fn read(&self, program: &str) -> Value {
        self.browser.ask(
            "api.js",
            &format!("await module.get('/v1/programs/{program}', {{}}, {{ mode: 'live' }})"),
        )
    }

    /// Opens a draft in its grid.
    fn opened(&self) -> String {
        let id = self.draft();
        self.go(&format!("programs/{id}"));
        self.browser.see("Full body A");
        id
    }
}

/// Types over what the first field of this label holds; a choice that offers the word is none.
fn type_over(browser: &Chromium, label: &str, text: &str) {
    browser.until(
        label,
        "const label = [...document.querySelectorAll('dialog[open] label')]
            .find((one) => one.innerText === arguments[0]);
        const field = label && document.getElementById(label.htmlFor);
        if (!field) return false;
        field.focus();
        field.select();
        return document.activeElement === field;",
        &[json!(label)],
    );
    browser.press(text);
}

/// Waits until everything is saved.
fn saved(browser: &Chromium) {
    browser.until(
        "a saved program",
        "return document.querySelector('.editing-bar').innerText.includes('Saved')",
        &[],
    );
}

/// Waits until what is called so has the focus.
fn focused(browser: &Chromium, name: &str) {
    browser.until(
        name,
        "return document.activeElement.getAttribute('aria-label') === arguments[0]",
        &[json!(name)],
    );
}

/// The id in the address of a program's page.
fn shown(browser: &Chromium) -> String {
    let url = browser.url();
    let last = url.split('/').next_back().unwrap();
    last.split('?').next().unwrap().to_owned()
}

#[test]
fn from_a_generated_draft_to_an_active_program() {
    needs_browser!();
    let desk = Desk::open();
    let browser = &desk.browser;
    desk.go("programs");
    browser.see("Make your first program");
    browser.click("Generate for a client");
    browser.click("Mira Okafor Active");
    browser.see("A rule-based draft");
    browser.assert_accessible("what a program is made from");
    browser.click("Generate the draft");
    browser.see("Choose what training is for");
    browser.fill("Goal", "Hypertrophy");
    browser.click("Generate the draft");
    browser.see("Why each exercise is there");
    browser.see("cadence-rules 1.");
    browser.see("The first staple of its pattern");
    browser.assert_accessible("a generated draft");
    browser.click("Open the draft");
    browser.see("Full body A");
    let id = shown(browser);
    let before = desk.read(&id);

    browser.click("Full body A, week 1, day 1 of Accumulation");
    browser.see("Notes of the session");
    browser.assert_accessible("a session");
    type_over(browser, "Reps", "5-7");
    browser.click("Done");
    browser.see("5–7");
    browser.see("Not saved yet");
    browser.click("Undo");
    saved(browser);
    assert!(!browser.text().contains("5–7"));
    browser.click("Redo");
    browser.see("5–7");
    browser.click("Save");
    saved(browser);
    browser.reload();
    browser.see("5–7");

    // Nothing but the one set is another than before.
    let after = desk.read(&id);
    let mut expected = before["blocks"].clone();
    let changed = expected[0]["sessions"][0]["groups"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .flat_map(|group| group["prescriptions"].as_array_mut().unwrap())
        .find(|one| one["sets"][0].get("reps").is_some());
    changed.unwrap()["sets"][0]["reps"] = json!({ "min": 5, "max": 7 });
    assert_eq!(after["blocks"], expected);
    assert_eq!(after["generation"], before["generation"]);

    browser.click("Actions for week 1 of Accumulation");
    browser.click("Duplicate, a step harder");
    browser.see("Each a step harder");
    browser.click("Duplicate");
    browser.see("Week 1 is duplicated");
    let longer = desk.read(&id);
    assert_eq!(
        longer["weeks"].as_u64(),
        before["weeks"].as_u64().map(|weeks| weeks + 1)
    );

    browser.click("Activate");
    browser.see("First day");
    browser.click("Activate");
    browser.see("is what Mira Okafor follows now");
    assert_eq!(desk.read(&id)["status"], "active");
    browser.assert_clean(&desk.place.origin(), &[401]);
}

#[test]
fn the_grid_is_changed_by_keyboard_alone() {
    needs_browser!();
    let desk = Desk::open();
    let browser = &desk.browser;
    let id = desk.opened();
    browser.tab_to("Full body A, week 1, day 1 of Accumulation");
    browser.press(&format!("{ALT}{RIGHT}{NONE}"));
    browser.see("Full body A: week 1, day 2");
    // The focus went with it.
    browser.press(&format!("{ALT}{DOWN}{NONE}"));
    browser.see("Full body A: week 2, day 2");
    browser.press(&format!("{CONTROL}z{NONE}"));
    browser.see("Undone: move Full body A");
    // The session is elsewhere now: the focus is on the day that it left.
    focused(browser, "Add a session: week 2, day 2 of Accumulation");
    browser.press(&format!("{CONTROL}z{NONE}"));
    saved(browser);

    browser.press(UP);
    browser.press(LEFT);
    focused(browser, "Full body A, week 1, day 1 of Accumulation");
    browser.press(ENTER);
    browser.see("Notes of the session");
    browser.press(ESCAPE);
    focused(browser, "Full body A, week 1, day 1 of Accumulation");
    browser.press(&format!("{CONTROL}c{NONE}"));
    browser.see("Copied: Full body A");
    browser.press(RIGHT);
    browser.press(&format!("{CONTROL}v{NONE}"));
    browser.see("Pasted in week 1, day 2: Full body A");
    browser.press(RIGHT);
    browser.press(DELETE);
    browser.see("Removed: Full body B");
    browser.press(LEFT);
    browser.press(DOWN);
    focused(browser, "Add a session: week 2, day 2 of Accumulation");
    browser.press(&format!("{CONTROL}s{NONE}"));
    saved(browser);
    let days = |week: u64| -> Vec<(u64, String)> {
        let program = desk.read(&id);
        let sessions = program["blocks"][0]["sessions"].as_array().unwrap().clone();
        let own = sessions.iter().filter(|session| session["week"] == week);
        let mut days: Vec<_> = own
            .map(|session| {
                (
                    session["day"].as_u64().unwrap(),
                    session["name"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        days.sort();
        days
    };
    saved(browser);
    assert_eq!(
        days(1),
        [
            (1, "Full body A".to_owned()),
            (2, "Full body A".to_owned()),
            (5, "Full body C".to_owned())
        ]
    );
    assert_eq!(days(2).len(), 3);
    browser.assert_clean(&desk.place.origin(), &[401]);
}

#[test]
fn who_was_slower_is_told_and_loses_nothing() {
    needs_browser!();
    let desk = Desk::open();
    let browser = &desk.browser;
    let id = desk.opened();
    browser.click("Details");
    browser.fill("Name", "Mine");
    browser.click("Done");
    browser.see("Not saved yet");
    browser.ask(
        "api.js",
        &format!(
            "await module.patch('/v1/programs/{id}', {{ name: 'Theirs' }}, {{ mode: 'live' }})"
        ),
    );
    browser.click("Save");
    browser.see("It has changed in the meantime");
    browser.assert_accessible("a conflict");
    browser.click("Load the newer one");
    browser.see("“Undo” brings yours back");
    browser.until(
        "their name",
        "return document.querySelector('h1').innerText === 'Theirs'",
        &[],
    );
    browser.click("Undo");
    browser.until(
        "my name",
        "return document.querySelector('h1').innerText === 'Mine'",
        &[],
    );
    browser.click("Save");
    saved(browser);
    assert_eq!(desk.read(&id)["name"], "Mine");
    browser.assert_clean(&desk.place.origin(), &[401, 412]);
}

#[test]
fn what_is_not_saved_is_asked_about_before_it_is_left() {
    needs_browser!();
    let desk = Desk::open();
    let browser = &desk.browser;
    let id = desk.opened();
    let first = "Full body A, week 1, day 1 of Accumulation";
    browser.click(&format!("Actions for {first}"));
    browser.click("A day later");
    browser.see("Not saved yet");
    browser.click("Clients");
    browser.see("Leave without saving?");
    browser.click("Stay");
    browser.see("Not saved yet");
    browser.click("Clients");
    browser.see("Leave without saving?");
    browser.click("Save and leave");
    browser.at("/dashboard/live/clients");
    let sessions = desk.read(&id)["blocks"][0]["sessions"].clone();
    assert_eq!(sessions[0]["day"], 2);
}

#[test]
fn on_a_phone_the_grid_is_a_list_of_days() {
    needs_browser!();
    let desk = Desk::open();
    let browser = &desk.browser;
    desk.opened();
    browser.look(PHONE);
    browser.see("Day 1");
    browser.until(
        "a list",
        "return document.querySelector('.day-list') && !document.querySelector('table.grid')",
        &[],
    );
    browser.assert_accessible("a program on a phone");
    browser.click("Full body A, week 1, day 1 of Accumulation");
    browser.see("Notes of the session");
    browser.assert_accessible("a session on a phone");
}

#[test]
fn a_wish_that_cannot_be_met_is_told_by_its_field() {
    needs_browser!();
    let desk = Desk::open();
    let browser = &desk.browser;
    desk.go(&format!("clients/{}", desk.client));
    desk.go("programs");
    browser.click("Generate for a client");
    browser.click("Mira Okafor Active");
    browser.fill("Goal", "Strength");
    for group in ["must be in it", "must not be in it"] {
        browser.click(&format!("Add to {group}"));
        browser.fill("Search exercises", "high-bar");
        browser.see("1 exercise");
        browser.press(ENTER);
        browser.until(
            "the chosen exercise",
            "return [...document.querySelectorAll('.chips')].some((chips) =>
                chips.getAttribute('aria-label').toLowerCase() === arguments[0]
                    && chips.innerText.includes('Back squat'))",
            &[json!(group)],
        );
    }
    browser.click("Generate the draft");
    browser.see("There is no such program: Must be in it");
    browser.see("Take an exercise out of “Must be in it”");
    browser.assert_accessible("a wish that cannot be met");
    browser.assert_clean(&desk.place.origin(), &[401, 422]);
}

#[test]
fn the_library_is_searched_and_takes_exercises_of_the_coachs_own() {
    needs_browser!();
    let desk = Desk::open();
    let browser = &desk.browser;
    desk.go("library");
    browser.see("Ab wheel rollout");
    browser.fill("Search exercises", "low-bar");
    browser.until(
        "what is found by its alias",
        "const rows = [...document.querySelectorAll('tbody tr:not(.ghost)')];
        return rows.length === 1 && rows[0].innerText.includes('Back squat')",
        &[],
    );
    browser.click("Back squat");
    browser.see("What it asks of the body");
    browser.see("Goblet squat");
    desk.go("library");
    browser.click("Add exercise");
    browser.see("An exercise of your own");
    browser.assert_accessible("a new exercise");
    browser.fill("Name", "Zercher squat from pins");
    browser.fill("Pattern", "Squat");
    browser.click("Quads");
    browser.click("Add the exercise");
    browser.at("/dashboard/live/library/zercher-squat-from-pins");
    browser.see("Your own");
    browser.click("Edit");
    browser.fill("Cue", "Elbows up before you stand up.");
    browser.click("Save");
    browser.see("Elbows up before you stand up.");
    browser.click("Actions for Zercher squat from pins");
    browser.click("Remove");
    browser.see("It cannot be chosen any more");
    browser.click("Remove");
    browser.at("/dashboard/live/library");
    browser.assert_clean(&desk.place.origin(), &[401]);
}

#[test]
fn what_a_client_trained_stands_on_the_training_tab_with_its_pain_and_records() {
    needs_browser!();
    let desk = Desk::open();
    let browser = &desk.browser;
    let client = desk.client.clone();
    desk.go(&format!("clients/{client}/training"));
    browser.see("follows no program");
    browser.see("Nothing logged yet");
    browser.assert_accessible("no training yet");
    let program = desk.draft();
    browser.ask(
        "api.js",
        &format!(
            "await (async () => {{
                const there = {{ mode: 'live' }};
                await module.post('/v1/programs/{program}/activate', undefined, there);
                return module.post('/v1/clients/{client}/workout-logs', {{ name: 'Squat day', exercises: [{{
                    exercise: 'back-squat', sets: [
                        {{ kind: 'warmup', reps: 5, load: {{ value: 60, unit: 'kg' }} }},
                        {{ reps: 5, load: {{ value: 102.5, unit: 'kg' }}, rpe: 8.5 }},
                        {{ reps: 4, load: {{ value: 102.5, unit: 'kg' }}, pain: true, note: 'Left knee' }},
                    ] }}] }}, there);
            }})()"
        ),
    );
    browser.reload();
    browser.see("1 of 5");
    browser.see("Pain reported");
    browser.see("Estimated 1RM");
    browser.see("119.6 kg");
    browser.see("2 sets of work in the last week");
    browser.assert_accessible("a training tab");
    let today = browser.run(
        "return [...document.querySelectorAll('button')].find((one) => one.innerText.startsWith('Sets')).innerText.replace(/\\s+/g, ' ')",
        vec![],
    );
    browser.click(today.as_str().unwrap());
    browser.see("102.5 kg × 5, RPE 8.5");
    browser.see("Left knee");
    browser.assert_accessible("a training set by set");
    browser.assert_clean(&desk.place.origin(), &[401]);
}
