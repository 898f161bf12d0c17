//! A Chromium of its own for a test, driven over `WebDriver` as a person would use it: by what is
//! written on buttons and labels, by mouse or by keyboard.
//!
//! What the browser itself noted (console, violations of the content security policy, every request
//! that left it) is read when the test is done with it, and has to be clean.

use std::cell::Cell;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Nothing here takes as long, so whatever does is stuck.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a page is asked whether it is there yet.
const EVERY: Duration = Duration::from_millis(25);
/// Two browsers keep two cores busy.
const AT_ONCE: usize = 2;

const AXE: &str = include_str!("axe.min.js");

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) dark: bool,
}

/// A desk by day.
pub(crate) const DESK: Look = Look {
    width: 1280,
    dark: false,
};
/// A desk at night.
pub(crate) const DESK_DARK: Look = Look {
    width: 1280,
    dark: true,
};
/// The narrowest phone, by day.
pub(crate) const PHONE: Look = Look {
    width: 320,
    dark: false,
};
/// The narrowest phone, at night.
pub(crate) const PHONE_DARK: Look = Look {
    width: 320,
    dark: true,
};

/// Why no browser test can run here; CI has to be able to.
pub(crate) fn missing() -> Option<String> {
    let absent: Vec<&str> = ["chromium", "chromedriver"]
        .into_iter()
        .filter(|name| {
            let asked = Command::new(name)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            !asked.is_ok_and(|status| status.success())
        })
        .collect();
    if absent.is_empty() {
        return None;
    }
    let said = format!("not installed: {}", absent.join(", "));
    assert!(std::env::var_os("CI").is_none(), "{said}");
    Some(said)
}

/// Lets a test stop where there is no browser, and says so.
#[macro_export]
macro_rules! needs_browser {
    () => {
        if let Some(why) = $crate::chromium::missing() {
            eprintln!("SKIPPED, this test did not run: {why}");
            return;
        }
    };
}

static OPEN: Mutex<usize> = Mutex::new(0);
static CLOSED: Condvar = Condvar::new();

thread_local! {
    static OF_THIS_TEST: Cell<usize> = const { Cell::new(0) };
}

/// A turn of one of the few tests that have a browser at once. A test that opens a second browser has
/// its turn already: were it to wait for another, two such tests would wait for each other.
struct Turn;

impl Turn {
    fn take() -> Self {
        if OF_THIS_TEST.replace(OF_THIS_TEST.get() + 1) == 0 {
            let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
            while *open >= AT_ONCE {
                open = CLOSED.wait(open).unwrap_or_else(PoisonError::into_inner);
            }
            *open += 1;
        }
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let left = OF_THIS_TEST.get() - 1;
        OF_THIS_TEST.set(left);
        if left == 0 {
            *OPEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
            CLOSED.notify_one();
        }
    }
}

/// A running browser with one page.
pub(crate) struct Chromium {
    client: Option<Client>,
    runtime: Runtime,
    driver: Child,
    _profile: TempDir,
    _turn: Turn,
}

/// A command that `WebDriver` itself does not have.
#[derive(Debug)]
struct Extra {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extra {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or(""), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

impl Chromium {
    /// Opens a browser that looks so.
    pub(crate) fn open(look: Look) -> Self {
        Self::open_with(look, &[])
    }

    /// The same with further switches of Chromium.
    pub(crate) fn open_with(look: Look, switches: &[&str]) -> Self {
        let turn = Turn::take();
        let profile = tempfile::tempdir().unwrap();
        let (driver, port) = start_driver();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let mut arguments: Vec<String> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--lang=en-GB",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.push(format!("--window-size={},900", look.width.max(500)));
        arguments.extend(switches.iter().map(|switch| (*switch).to_owned()));
        let Value::Object(capabilities) = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        }) else {
            unreachable!("an object");
        };
        let client = runtime
            .block_on(
                ClientBuilder::new(hyper_connector())
                    .capabilities(capabilities)
                    .connect(&format!("http://127.0.0.1:{port}")),
            )
            .expect("a browser");
        let browser = Self {
            client: Some(client),
            runtime,
            driver,
            _profile: profile,
            _turn: turn,
        };
        browser.look(look);
        browser
    }

    fn client(&self) -> &Client {
        self.client.as_ref().unwrap()
    }

    /// Changes how it is looked at.
    pub(crate) fn look(&self, look: Look) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": look.width, "height": 900, "deviceScaleFactor": 1, "mobile": false }),
        );
        let scheme = if look.dark { "dark" } else { "light" };
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": [
                { "name": "prefers-color-scheme", "value": scheme },
                // Nothing to wait for, and nothing that axe sees half-way.
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ] }),
        );
    }

    /// A command of the developer protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.extra(
            "goog/cdp/execute",
            json!({ "cmd": command, "params": parameters }),
        )
    }

    fn extra(&self, path: &'static str, body: Value) -> Value {
        self.runtime
            .block_on(self.client().issue_cmd(Extra { path, body }))
            .unwrap()
    }

    /// Goes to an address.
    pub(crate) fn go(&self, url: &str) {
        self.runtime.block_on(self.client().goto(url)).unwrap();
    }

    /// Loads the page again.
    pub(crate) fn reload(&self) {
        self.runtime.block_on(self.client().refresh()).unwrap();
    }

    /// One step back in the history.
    pub(crate) fn back(&self) {
        self.runtime.block_on(self.client().back()).unwrap();
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        self.runtime
            .block_on(self.client().current_url())
            .unwrap()
            .to_string()
    }

    /// Runs a script in the page: the body of a function.
    pub(crate) fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.runtime
            .block_on(self.client().execute(script, arguments))
            .unwrap_or_else(|error| panic!("{error}: {script}"))
    }

    /// Waits until a script says yes.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, script: &str, arguments: &[Value]) {
        let since = Instant::now();
        loop {
            let asked = self
                .runtime
                .block_on(self.client().execute(script, arguments.to_vec()));
            // A page that is being left has no answer.
            if asked.is_ok_and(|answer| answer.as_bool() == Some(true)) {
                return;
            }
            assert!(
                since.elapsed() < PATIENCE,
                "{what} did not come; at {} the page reads:\n{}",
                self.url(),
                self.text()
            );
            std::thread::sleep(EVERY);
        }
    }

    /// What a person can read.
    pub(crate) fn text(&self) -> String {
        let text = self.run(
            "return document.body ? document.body.innerText : ''",
            vec![],
        );
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until something can be read.
    #[track_caller]
    pub(crate) fn see(&self, text: &str) {
        self.until(
            &format!("“{text}”"),
            "return document.body.innerText.toLowerCase().includes(arguments[0].toLowerCase())",
            &[json!(text)],
        );
    }

    /// Waits until it is at a path.
    #[track_caller]
    pub(crate) fn at(&self, path: &str) {
        self.until(
            path,
            "return location.pathname === arguments[0]",
            &[json!(path)],
        );
    }

    /// Clicks what bears this name, as a person would: it has to be visible and not covered.
    #[track_caller]
    pub(crate) fn click(&self, name: &str) {
        let found = "return pick(arguments[0]) !== null";
        let script = format!("{PICK}\n{found}");
        self.until(&format!("a control “{name}”"), &script, &[json!(name)]);
        let marked = format!(
            "{PICK}\nconst found = pick(arguments[0]);
            document.querySelectorAll('[data-picked]').forEach((e) => e.removeAttribute('data-picked'));
            if (found) found.setAttribute('data-picked', '');"
        );
        let since = Instant::now();
        loop {
            self.run(&marked, vec![json!(name)]);
            let clicked = self.runtime.block_on(async {
                let element = self.client().find(Locator::Css("[data-picked]")).await?;
                element.click().await
            });
            match clicked {
                Ok(()) => return,
                // It was drawn anew, or something is just moving out of its way.
                Err(_) if since.elapsed() < PATIENCE => std::thread::sleep(EVERY),
                Err(error) => panic!("“{name}” cannot be clicked: {error}"),
            }
        }
    }

    /// Fills the field with this label.
    #[track_caller]
    pub(crate) fn fill(&self, label: &str, text: &str) {
        self.focus_field(label);
        self.run(
            "const field = document.activeElement; if (field.select) field.select();",
            vec![],
        );
        if text.is_empty() {
            self.press("\u{e003}");
        } else {
            self.press(text);
        }
    }

    #[track_caller]
    fn focus_field(&self, label: &str) {
        let script = format!(
            "{PICK}\nconst found = field(arguments[0]);
            if (!found) return false; found.focus(); return document.activeElement === found;"
        );
        self.until(&format!("a field “{label}”"), &script, &[json!(label)]);
    }

    /// Types into whatever has the focus.
    pub(crate) fn press(&self, keys: &str) {
        let typed = self.runtime.block_on(async {
            let focused = self.client().active_element().await?;
            focused.send_keys(keys).await
        });
        typed.unwrap_or_else(|error| panic!("cannot type: {error}"));
    }

    /// Presses Tab until what bears this name has the focus; nothing else is touched.
    #[track_caller]
    pub(crate) fn tab_to(&self, name: &str) {
        let here = format!(
            "{PICK}\nconst e = document.activeElement; return e !== document.body && named(e, arguments[0]);"
        );
        self.tab_until(name, &here);
    }

    /// The same for what only contains the text, such as a button of several lines.
    #[track_caller]
    pub(crate) fn tab_to_text(&self, text: &str) {
        let here = "return document.activeElement.innerText.includes(arguments[0])
            && document.activeElement !== document.body";
        self.tab_until(text, here);
    }

    /// Presses Tab until a radio button of this group has the focus.
    #[track_caller]
    pub(crate) fn tab_to_radio_group(&self, legend: &str) {
        let here = "const e = document.activeElement;
            return e.type === 'radio' && e.closest('fieldset')?.innerText.includes(arguments[0])";
        self.tab_until(legend, here);
    }

    /// Presses the arrow until a radio button of this label is chosen.
    #[track_caller]
    pub(crate) fn arrow_to_radio(&self, label: &str) {
        let here = "const e = document.activeElement;
            return e.type === 'radio' && e.checked
                && (e.labels[0]?.innerText ?? '').trim().startsWith(arguments[0])";
        self.press_until(DOWN, label, here);
    }

    /// Presses the arrow until this entry of a menu has the focus.
    #[track_caller]
    pub(crate) fn arrow_to(&self, entry: &str) {
        let here = "const e = document.activeElement;
            return /^menuitem/.test(e.getAttribute('role') ?? '')
                && e.innerText.trim().startsWith(arguments[0])";
        self.press_until(DOWN, entry, here);
    }

    #[track_caller]
    fn tab_until(&self, name: &str, here: &str) {
        self.press_until(TAB, name, here);
    }

    #[track_caller]
    fn press_until(&self, key: &str, name: &str, here: &str) {
        for _ in 0..120 {
            if self.run(here, vec![json!(name)]).as_bool() == Some(true) {
                return;
            }
            self.press(key);
        }
        panic!(
            "“{name}” is never reached; the page reads:\n{}",
            self.text()
        );
    }

    /// What a field with this label holds.
    #[track_caller]
    pub(crate) fn value_of(&self, label: &str) -> String {
        let script = format!("{PICK}\nreturn field(arguments[0]) !== null");
        self.until(&format!("a field “{label}”"), &script, &[json!(label)]);
        let script = format!("{PICK}\nreturn field(arguments[0]).value");
        let value = self.run(&script, vec![json!(label)]);
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Fills the only field of the open window, if it has one.
    pub(crate) fn fill_first(&self, text: &str) {
        let found = self.run(
            "const field = document.querySelector('dialog[open] input[type=text]');
            field?.focus(); return field !== null;",
            vec![],
        );
        if found.as_bool() == Some(true) {
            self.press(text);
        }
    }

    /// Gives a file to the page's field for files.
    #[track_caller]
    pub(crate) fn choose_file(&self, path: &std::path::Path) {
        let there = "return document.querySelector('input[type=file]') !== null";
        self.until("a field for files", there, &[]);
        let given = self.runtime.block_on(async {
            let field = self.client().find(Locator::Css("input[type=file]")).await?;
            field.send_keys(&path.display().to_string()).await
        });
        given.unwrap_or_else(|error| panic!("{} cannot be chosen: {error}", path.display()));
    }

    /// Sends the form whose button bears this name, where a link above it may too.
    #[track_caller]
    pub(crate) fn click_last(&self, name: &str) {
        let script = format!(
            "{PICK}\nconst all = [...top().querySelectorAll('button[type=submit]')]
                .filter((e) => seen(e) && named(e, arguments[0]));
            all.at(-1)?.setAttribute('data-submit', ''); return all.length > 0;"
        );
        self.until(&format!("a button “{name}”"), &script, &[json!(name)]);
        let clicked = self.runtime.block_on(async {
            let element = self.client().find(Locator::Css("[data-submit]")).await?;
            element.click().await
        });
        clicked.unwrap_or_else(|error| panic!("“{name}” cannot be clicked: {error}"));
    }

    /// Asserts that axe finds nothing serious and that nothing scrolls sideways.
    #[track_caller]
    pub(crate) fn assert_accessible(&self, what: &str) {
        let found = self.violations();
        assert!(found.is_empty(), "{what} at {}: {found:#?}", self.url());
        self.reflows();
    }

    /// The violations of WCAG 2.2 AA that axe calls serious or critical.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.violations_of(json!([
            "wcag2a",
            "wcag2aa",
            "wcag21a",
            "wcag21aa",
            "wcag22aa",
            "best-practice"
        ]))
    }

    /// The serious violations of some rules or groups of rules, as axe's `runOnly` names them.
    pub(crate) fn violations_of(&self, rules: Value) -> Vec<String> {
        self.run(&format!("if (!window.axe) {{ {AXE} }}"), vec![]);
        let script = "const [rules, done] = arguments;
            axe.run(document, { runOnly: rules, resultTypes: ['violations'] })
                .then((r) => done(r.violations), (e) => done([{ id: String(e), impact: 'critical', nodes: [] }]));";
        let found = self
            .runtime
            .block_on(self.client().execute_async(script, vec![rules]))
            .unwrap();
        let found = found.as_array().cloned().unwrap_or_default();
        found
            .iter()
            .filter(|entry| matches!(entry["impact"].as_str(), Some("serious" | "critical")))
            .map(|entry| {
                let nodes = entry["nodes"].as_array().cloned().unwrap_or_default();
                let places: Vec<String> = nodes
                    .iter()
                    .take(4)
                    .map(|node| format!("{} {}", node["html"], node["failureSummary"]))
                    .collect();
                format!("{}: {}", entry["id"], places.join(" | "))
            })
            .collect()
    }

    /// Asserts that nothing is wider than the page.
    #[track_caller]
    pub(crate) fn reflows(&self) {
        let wide = self.wide();
        assert!(wide.is_null(), "{} scrolls sideways: {wide}", self.url());
    }

    /// What is wider than the page; null if nothing is.
    pub(crate) fn wide(&self) -> Value {
        self.run(
            "const root = document.documentElement;
            return root.scrollWidth > root.clientWidth
                ? [...document.querySelectorAll('body *')]
                    .filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1)
                    .slice(0, 5).map((e) => e.outerHTML.slice(0, 120))
                : null;",
            vec![],
        )
    }

    /// Asserts that the browser has nothing to complain about, and asked nobody but this origin.
    /// `expected` are statuses that the page was meant to get.
    #[track_caller]
    pub(crate) fn assert_clean(&self, origin: &str, expected: &[u16]) {
        self.assert_clean_among(&[origin], expected);
    }

    /// The same where the browser was led to other origins too.
    #[track_caller]
    pub(crate) fn assert_clean_among(&self, origins: &[&str], expected: &[u16]) {
        let wrong = self.complaints(origins, expected);
        assert!(wrong.is_empty(), "the browser noted: {wrong:#?}");
    }

    /// What the browser has to complain about since it was last asked, and whom else it asked.
    pub(crate) fn complaints(&self, origins: &[&str], expected: &[u16]) -> Vec<String> {
        let mut wrong = Vec::new();
        for entry in self.log("browser") {
            let message = entry["message"].as_str().unwrap_or_default().to_owned();
            let meant = expected
                .iter()
                .any(|status| message.contains(&format!("status of {status} ")));
            // Signing out has it forget what it kept, and it notes, sooner or later, that it did.
            let forgot = message.contains("Clear-Site-Data header on")
                && message.contains("Cleared data types");
            if !meant && !forgot {
                wrong.push(message);
            }
        }
        for entry in self.log("performance") {
            let entry = entry["message"].as_str().unwrap_or_default();
            let message: Value = serde_json::from_str(entry).unwrap_or_default();
            let message = &message["message"];
            let url = match message["method"].as_str() {
                Some("Network.requestWillBeSent") => &message["params"]["request"]["url"],
                Some("Network.webSocketCreated") => &message["params"]["url"],
                _ => continue,
            };
            let url = url.as_str().unwrap_or_default();
            let own = origins
                .iter()
                .any(|origin| url.starts_with(&format!("{origin}/")))
                || ["data:", "blob:", "about:", "chrome:"]
                    .iter()
                    .any(|scheme| url.starts_with(scheme));
            if !own {
                wrong.push(format!("asked {url}"));
            }
        }
        wrong
    }

    /// What the browser noted since it was last asked.
    pub(crate) fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.extra("se/log", json!({ "type": kind }));
        entries.as_array().cloned().unwrap_or_default()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(self.runtime.block_on(client.close()));
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

pub(crate) const TAB: &str = "\u{e004}";
pub(crate) const ENTER: &str = "\u{e007}";
/// The arrow down.
const DOWN: &str = "\u{e015}";

/// Finds controls by what a person calls them.
const PICK: &str = r"
const seen = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
const plain = (text) => (text || '').replace(/\s+/g, ' ').trim();
const labels = (e) => {
    const by = (e.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean)
        .map((id) => document.getElementById(id)?.textContent).join(' ');
    const own = e.labels ? [...e.labels].map((l) => plain(l.textContent)) : [];
    const first = (e.innerText || '').trim().split('\n')[0];
    return [plain(e.getAttribute('aria-label')), plain(by), plain(e.innerText), plain(first),
        plain(e.title), ...own, ...[...(e.labels ?? [])].map((l) => plain(l.innerText.trim().split('\n')[0]))];
};
const named = (e, name) => labels(e).some((text) => text === name
    || text.replace(/ ?(\*|\(required\)|\(optional\)|optional|required)$/i, '') === name);
const top = () => [...document.querySelectorAll('dialog[open]')].pop() || document;
const pick = (name) => {
    const all = top().querySelectorAll(
        'button, a[href], summary, input[type=radio], input[type=checkbox], [role=tab], [role=menuitem], [role=option], label');
    const found = [...all].filter((e) => seen(e) && named(e, name) && !e.disabled);
    return found.find((e) => e.tagName !== 'LABEL') || found[0] || null;
};
const field = (name) => [...top().querySelectorAll('input, textarea, select')]
    .find((e) => seen(e) && named(e, name) && !e.disabled) || null;
";

fn hyper_connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}

/// Starts chromedriver and learns its port. The port that it picks may be taken by another the moment
/// before it listens: it ends then, and is started again.
fn start_driver() -> (Child, u16) {
    let started = (0..5).find_map(|_| try_driver());
    started.expect("chromedriver says where it listens")
}

fn try_driver() -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver starts");
    let mut said = BufReader::new(driver.stdout.take().unwrap());
    let mut line = String::new();
    let port = loop {
        line.clear();
        if said.read_line(&mut line).unwrap() == 0 {
            driver.wait().unwrap();
            return None;
        }
        let found = line.trim_end().trim_end_matches('.');
        let found = found.split_once("successfully on port ");
        if let Some(port) = found.and_then(|(_, port)| port.parse().ok()) {
            break port;
        }
    };
    // What else it says is not kept, but has to go somewhere.
    std::thread::spawn(move || drop(std::io::copy(&mut said, &mut std::io::sink())));
    Some((driver, port))
}
