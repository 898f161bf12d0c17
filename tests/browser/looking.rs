//! A page looked at from all sides: on a phone and at a desk, by day and at night.

use serde_json::json;

use crate::chromium::{Chromium, DESK, DESK_DARK, Look, PHONE, PHONE_DARK};

/// What a reader must not meet on a page that has what it shows.
const FAULTS: &str = "
    const seen = (e) => e.getClientRects().length > 0;
    const titles = [...document.querySelectorAll('h1')].filter(seen);
    const faults = [...document.querySelectorAll('[role=alert]')].filter(seen)
        .map((e) => e.innerText.trim()).filter(Boolean).map((text) => `says: ${text}`);
    if (titles.length !== 1) faults.push(`has ${titles.length} titles`);
    if (/page has failed|could not be loaded|no such page/i.test(document.body.innerText)) faults.push(document.body.innerText);
    return faults;";

/// Whether everything that the page wanted has come: it is asked twice, and nothing may have changed.
const SETTLED: &str = "
    const waits = document.querySelector('.skeleton, .waiting, [aria-busy=true]');
    const title = [...document.querySelectorAll('h1')].some((e) => e.getClientRects().length > 0);
    const now = [location.href, performance.getEntriesByType('resource').length,
        document.querySelectorAll('*').length].join(' ');
    const was = window.settling;
    window.settling = now;
    return document.readyState === 'complete' && title && !waits && was === now;";

impl Chromium {
    /// Waits until the page has what it shows.
    #[track_caller]
    pub(crate) fn settle(&self) {
        self.run("window.settling = null", vec![]);
        self.until("the page", SETTLED, &[]);
    }

    /// Everything that is wrong with the page that is shown, at both widths and in both themes.
    #[track_caller]
    pub(crate) fn faults(&self, what: &str) -> Vec<String> {
        let mut faults = Vec::new();
        for (light, dark) in [(DESK, DESK_DARK), (PHONE, PHONE_DARK)] {
            let note = |text: String| format!("{what}, {} px wide: {text}", light.width);
            self.look(light);
            self.settle();
            faults.extend(self.said().into_iter().map(note));
            faults.extend(self.violations().into_iter().map(note));
            faults.extend(self.pale_at(dark).into_iter().map(note));
        }
        self.look(DESK);
        faults
    }

    /// The same for a page of a mould of which another was looked at from all sides: every rule at a
    /// desk, and on a phone the colours of the night and the width.
    #[track_caller]
    pub(crate) fn faults_at_a_glance(&self, what: &str) -> Vec<String> {
        let note = |text: String| format!("{what}: {text}");
        self.look(DESK);
        self.settle();
        let mut faults = self.said();
        faults.extend(self.violations());
        faults.extend(self.pale_at(PHONE_DARK));
        faults.extend(self.said());
        self.look(DESK);
        faults.into_iter().map(note).collect()
    }

    /// The themes differ in their colours and in nothing else.
    fn pale_at(&self, dark: Look) -> Vec<String> {
        self.look(dark);
        let pale = self.violations_of(json!({ "type": "rule", "values": ["color-contrast"] }));
        let note = |text: String| format!("dark: {text}");
        pale.into_iter().map(note).collect()
    }

    /// What the page itself says is wrong, and what is wider than it.
    fn said(&self) -> Vec<String> {
        let said = self.run(FAULTS, vec![]);
        let said = said.as_array().cloned().unwrap_or_default();
        let mut said: Vec<String> = said.iter().map(ToString::to_string).collect();
        let wide = self.wide();
        if !wide.is_null() {
            said.push(format!("scrolls sideways: {wide}"));
        }
        said
    }

    /// Forgets who is signed in.
    pub(crate) fn forget_cookies(&self) {
        self.devtools("Network.clearBrowserCookies", json!({}));
    }

    /// The addresses of a page's links that a selector finds, each once.
    pub(crate) fn links(&self, selector: &str) -> Vec<String> {
        let found = self.run(
            "return [...new Set([...document.querySelectorAll(arguments[0])].map((e) => e.pathname))]",
            vec![json!(selector)],
        );
        let found = found.as_array().cloned().unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        found.iter().map(text).collect()
    }

    /// Where the page's modules are.
    pub(crate) fn assets(&self) -> String {
        let icon = self.run(
            "return document.querySelector('link[rel=icon]').href",
            vec![],
        );
        icon.as_str().unwrap().replace("icon.svg", "")
    }

    /// What an expression over the exports of one of the page's modules gives, once it is there.
    #[track_caller]
    pub(crate) fn ask(&self, module: &str, expression: &str) -> serde_json::Value {
        let script = format!(
            "window.asked = undefined;
            import(arguments[0]).then(async (module) => ({expression}))
                .then((is) => {{ window.asked = {{ is }}; }}, (e) => {{ window.asked = {{ failed: String(e) }}; }})"
        );
        self.run(&script, vec![json!(format!("{}{module}", self.assets()))]);
        self.until("the module", "return window.asked !== undefined", &[]);
        let asked = self.run("return window.asked", vec![]);
        assert!(asked.get("failed").is_none(), "{asked}");
        asked["is"].clone()
    }
}
