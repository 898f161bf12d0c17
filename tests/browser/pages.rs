//! Every page there is, looked at from all sides. Pages are taken from the route table that the
//! server sends and from the contents of the documentation: a new one is looked at by being there.

use serde_json::{Value, json};

use crate::chromium::{Chromium, DESK};
use crate::needs_browser;
use crate::place::{Demo, Place};
use crate::process::PASSWORD;

/// Where the id comes from that a parameter of a route stands for.
const IDS: &[(&str, &str)] = &[
    (":key_id", "/v1/workspaces/:workspace/api-keys"),
    (":client_id", "/v1/clients?status=active&sort=created_at"),
    (":form_id", "/v1/checkin-forms"),
    (":request_id", "/v1/requests"),
    (":event_id", "/v1/events"),
    (":mail_id", "/v1/outbox"),
    (":app_id", "/v1/oauth/apps"),
    (":webhook_id", "/v1/webhooks"),
    (":delivery_id", "/v1/webhooks/:webhook/deliveries"),
    (":exercise_id", "/v1/exercises"),
    (":program_id", "/v1/programs"),
    (":template_id", "/v1/program-templates"),
];

/// Every entry of the navigation that is a list: what it says while nothing is in it.
const EMPTY: &[(&str, &str)] = &[
    ("api-keys", "Create your first key"),
    ("today", "Add your first client"),
    ("clients", "Add your first client"),
    ("checkins", "Nothing to review"),
    ("payments", "No payments yet"),
    ("programs", "Make your first program"),
    ("requests", "No requests yet"),
    ("events", "Nothing has happened yet"),
    ("webhooks", "Register your first webhook"),
    ("usage", "No requests in this time"),
    ("outbox", "No mail yet"),
    ("audit-log", "Nothing has been done yet"),
    ("apps", "Register your first app"),
    ("grants", "No app acts for you"),
];

/// An entry of the navigation that shows something in any case.
const NEVER_EMPTY: &[&str] = &["library", "settings"];

/// The table of routes, as the server sends it.
fn routes(browser: &Chromium) -> Vec<Value> {
    let routes = browser.ask(
        "routes.js",
        "module.routes.map(({ path, mode, access, nav }) =>
            ({ path, mode: mode === 'path', open: access === 'open', nav: Boolean(nav) }))",
    );
    routes.as_array().unwrap().clone()
}

/// The first id of a list.
fn first_id(browser: &Chromium, list: &str) -> String {
    let workspace = browser.ask("store.js", "module.workspace.peek().id");
    let mut list = list.replace(":workspace", workspace.as_str().unwrap());
    if list.contains(":webhook") {
        list = list.replace(":webhook", &first_id(browser, "/v1/webhooks"));
    }
    let answer = browser.ask(
        "api.js",
        &format!("await module.get('{list}', {{}}, {{ mode: 'test' }})"),
    );
    // The older lists name what they hold.
    let rows = answer.get("data").or_else(|| answer.get("keys"));
    let first = rows.and_then(|rows| rows[0]["id"].as_str());
    first
        .unwrap_or_else(|| panic!("{list} has no sample data: {answer}"))
        .to_owned()
}

/// Makes an app that asks coaches for access.
fn register_app(browser: &Chromium) -> Value {
    browser.ask(
        "api.js",
        "await module.post('/v1/oauth/apps', { name: 'Diary <b>sync</b>', client_type: 'public',
            redirect_uris: ['https://diary.example/callback'], scopes: ['clients:read'] },
            { mode: 'test' })",
    )
}

/// Generates a program for a client of the sample data, and keeps it as a template.
fn make_program(browser: &Chromium) {
    browser.ask(
        "api.js",
        "await (async () => {
            const there = { mode: 'test' };
            const client = (await module.get('/v1/clients', { status: 'active' }, there)).data[0].id;
            const wish = { ai_generate: true, goal: 'hypertrophy' };
            const program = await module.post(`/v1/clients/${client}/programs`, wish, there);
            await module.post('/v1/program-templates', { program_id: program.id }, there);
        })()",
    );
}

/// What was found on all pages that were looked at.
struct Round<'b> {
    browser: &'b Chromium,
    origin: &'b str,
    faults: Vec<String>,
    seen: usize,
}

impl<'b> Round<'b> {
    fn new(browser: &'b Chromium, origin: &'b str) -> Self {
        // What led here is not what is looked at.
        drop(browser.complaints(&[origin], &[]));
        Self {
            browser,
            origin,
            faults: Vec::new(),
            seen: 0,
        }
    }

    /// Goes to a page of a mould of which another was looked at from all sides.
    fn glance(&mut self, path: &str) {
        self.browser.go(&format!("{}{path}", self.origin));
        self.seen += 1;
        self.faults.extend(self.browser.faults_at_a_glance(path));
        self.note(path, &[]);
    }

    /// Goes to a page and looks at it. `expected` are statuses that it is meant to get.
    fn visit(&mut self, path: &str, expected: &[u16]) {
        self.browser.go(&format!("{}{path}", self.origin));
        self.look(path, expected);
    }

    /// Looks at what is shown.
    fn look(&mut self, what: &str, expected: &[u16]) {
        self.seen += 1;
        self.faults.extend(self.browser.faults(what));
        self.note(what, expected);
    }

    /// Takes down what the browser complains about.
    fn note(&mut self, what: &str, expected: &[u16]) {
        let mut expected = expected.to_vec();
        if what.ends_with("/events") {
            // A stream of a page that was left has its place for some seconds yet, and a tenant has few:
            // the page says so and tries again.
            expected.push(429);
        }
        let noted = self.browser.complaints(&[self.origin], &expected);
        let noted = noted.into_iter().map(|text| format!("{what}: {text}"));
        self.faults.extend(noted);
    }

    /// Looks at each tab of the page that is shown but the first, which was seen.
    fn look_at_tabs(&mut self, what: &str) {
        let count = "return document.querySelectorAll('[role=tab]').length";
        for at in 1..self.browser.run(count, vec![]).as_u64().unwrap() {
            let name = self.browser.run(
                "const tab = document.querySelectorAll('[role=tab]')[arguments[0]];
                tab.click(); return tab.innerText;",
                vec![json!(at)],
            );
            self.look(&format!("{what}, {name}"), &[]);
        }
    }

    #[track_caller]
    fn assert_sound(self, at_least: usize) {
        assert!(self.seen >= at_least, "only {} pages", self.seen);
        assert!(
            self.faults.is_empty(),
            "{} of {} pages: {:#?}",
            self.faults.len(),
            self.seen,
            self.faults
        );
    }
}

#[test]
fn every_page_of_the_dashboard_is_sound_with_sample_data() {
    needs_browser!();
    let demo = Demo::start();
    let browser = Chromium::open(DESK);
    browser.go(demo.sign_in_link());
    browser.at("/dashboard/live/today");
    browser.see("Nothing is kept");
    // The sample data has no app.
    register_app(&browser);
    make_program(&browser);
    let mut round = Round::new(&browser, demo.origin());
    for route in routes(&browser) {
        if route["open"] == json!(true) {
            continue;
        }
        let path = route["path"].as_str().unwrap();
        // They are the tabs of the page before them.
        if ["settings/:section", "clients/:client_id/:tab"].contains(&path) {
            continue;
        }
        let mode = if route["mode"] == json!(true) {
            "test/"
        } else {
            ""
        };
        let mut at = format!("/dashboard/{mode}{path}");
        for part in path.split('/').filter(|part| part.starts_with(':')) {
            let list = IDS.iter().find(|(known, _)| *known == part);
            let list = list.unwrap_or_else(|| panic!("{path}: say in IDS where {part} comes from"));
            at = at.replace(part, &first_id(&browser, list.1));
        }
        round.visit(&at, &[]);
        round.look_at_tabs(&at);
    }
    round.assert_sound(25);
}

#[test]
fn every_page_of_the_documentation_is_sound() {
    needs_browser!();
    let place = Place::start();
    let origin = place.origin();
    let browser = Chromium::open(DESK);
    browser.go(&format!("{origin}/docs"));
    let mut round = Round::new(&browser, &origin);
    let mut parts = 0;
    for path in browser.links(".docs-nav a[href]") {
        // The parts of the reference come out of one mould, and some are long.
        let is_part = path.starts_with("/docs/api/");
        parts += usize::from(is_part);
        if parts > 1 && is_part {
            round.glance(&path);
        } else {
            round.visit(&path, &[]);
        }
    }
    round.assert_sound(10);
}

#[test]
fn every_page_for_who_is_not_signed_in_is_sound() {
    needs_browser!();
    let place = Place::start();
    let origin = place.origin();
    let browser = Chromium::open(DESK);
    browser.go(&format!("{origin}/dashboard/sign-in"));
    browser.see("This server is new");
    let open: Vec<Value> = routes(&browser)
        .into_iter()
        .filter(|route| route["open"] == json!(true))
        .collect();
    let mut round = Round::new(&browser, &origin);
    let link = place.set_up_link();
    round.visit(link.strip_prefix(&origin).unwrap(), &[401]);
    round.visit("/dashboard/sign-in", &[401]);
    place.directory.account("ana@example.com");
    for route in open {
        let path = format!("/dashboard/{}", route["path"].as_str().unwrap());
        round.visit(&path, &[401]);
    }
    round.visit("/dashboard/reset#cdnpr_nothing", &[401]);
    // A link that did not come whole, one that did, and nobody.
    round.visit("/app/join", &[]);
    round.visit(
        &format!("/app/join#1.cl_{}.cdnin_{}", "0".repeat(26), "a".repeat(36)),
        &[],
    );
    round.visit("/app/", &[401]);
    round.assert_sound(8);
}

#[test]
fn asking_for_consent_is_sound() {
    needs_browser!();
    let place = Place::start();
    let origin = place.origin();
    place.directory.account("ana@example.com");
    let browser = Chromium::open(DESK);
    browser.go(&format!("{origin}/dashboard/sign-in"));
    browser.fill("Email", "ana@example.com");
    browser.fill("Password", PASSWORD);
    browser.click("Sign in");
    browser.see("Add your first client");
    let app = register_app(&browser);
    let id = app["client_id"].as_str().or(app["id"].as_str()).unwrap();
    let authorize = format!(
        "/oauth/authorize?response_type=code&client_id={id}\
         &redirect_uri=https%3A%2F%2Fdiary.example%2Fcallback&scope=clients%3Aread&state=s\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    );
    let mut round = Round::new(&browser, &origin);
    round.visit(&authorize, &[]);
    browser.see("Diary <b>sync</b>");
    browser.forget_cookies();
    round.visit(&authorize, &[]);
    browser.see("Sign in to decide");
    round.assert_sound(2);
}

#[test]
fn each_list_of_an_empty_server_says_what_belongs_there() {
    needs_browser!();
    let place = Place::start();
    let origin = place.origin();
    place.directory.account("ana@example.com");
    let browser = Chromium::open(DESK);
    browser.go(&format!("{origin}/dashboard/sign-in"));
    browser.fill("Email", "ana@example.com");
    browser.fill("Password", PASSWORD);
    browser.click("Sign in");
    browser.see("Add your first client");
    let mut round = Round::new(&browser, &origin);
    for route in routes(&browser) {
        let path = route["path"].as_str().unwrap();
        if route["nav"] != json!(true) || NEVER_EMPTY.contains(&path) {
            continue;
        }
        let title = EMPTY.iter().find(|(known, _)| *known == path);
        let title = title.unwrap_or_else(|| panic!("say in EMPTY what {path} says"));
        let at = if route["mode"] == json!(true) {
            format!("/dashboard/live/{path}")
        } else {
            format!("/dashboard/{path}")
        };
        round.glance(&at);
        browser.see(title.1);
    }
    round.assert_sound(EMPTY.len());
}
