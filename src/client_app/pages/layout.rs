//! What every page of the app has: its frame, its navigation, and how days and weights are written.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::form::Faults;
use crate::clock::Timestamp;
use crate::dashboard;
use crate::idempotency::Answer;
use crate::programs::model::{Amount, Load, LoadKind, SetEntry, WeightUnit};
use crate::values::{Date, TimeZone};
use crate::workouts::LoggedSet;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob:; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";

/// A part of the app, as the navigation names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// What there is to do.
    Today,
    /// The program.
    Program,
    /// Check-ins.
    CheckIns,
    /// Messages.
    Messages,
    /// Devices, consents, units.
    Me,
}

/// The parts, what leads there, and what is drawn beside the name.
const TABS: &[(Tab, &str, &str, &str)] = &[
    (
        Tab::Today,
        "/app/",
        "Today",
        "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4M9 15l2 2 4-4",
    ),
    (
        Tab::Program,
        "/app/program",
        "Program",
        "M3 9v6M6 7v10M6 12h12M18 7v10M21 9v6",
    ),
    (
        Tab::CheckIns,
        "/app/check-ins",
        "Check-ins",
        "M9 4h6v3H9zM15 5h4v16H5V5h4M9 13l2 2 4-4",
    ),
    (
        Tab::Messages,
        "/app/messages",
        "Messages",
        "M4 5h16v11H10l-4 4v-4H4z",
    ),
    (
        Tab::Me,
        "/app/me",
        "Me",
        "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.5-6 8-6s8 2 8 6",
    ),
];

/// What stands around a page's own content.
#[derive(Debug)]
pub struct Frame<'f> {
    /// What the page is called.
    pub title: &'f str,
    /// Which part it belongs to.
    pub tab: Option<Tab>,
    /// Whose app it is; none for whoever is not signed in.
    pub workspace: Option<&'f str>,
    /// False in test mode.
    pub live: bool,
    /// Messages that were not read.
    pub unread: u32,
}

impl Frame<'_> {
    /// The frame of a page for whoever is not signed in.
    pub fn outside(title: &str) -> Frame<'_> {
        Frame {
            title,
            tab: None,
            workspace: None,
            live: true,
            unread: 0,
        }
    }
}

fn icon(path: &str) -> Markup {
    html! {
        svg.tab-icon viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false" {
            path d=(path) fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" {}
        }
    }
}

fn navigation(frame: &Frame<'_>) -> Markup {
    html! {
        nav.tabs-bar aria-label="App" {
            @for (tab, href, name, path) in TABS {
                a href=(href) aria-current=[(frame.tab == Some(*tab)).then_some("page")] {
                    (icon(path))
                    span { (name) }
                    @if *tab == Tab::Messages && frame.unread > 0 {
                        span.tab-count { (frame.unread) span.unseen { " unread" } }
                    }
                }
            }
        }
    }
}

/// A page as it is answered.
pub fn answer(status: u16, frame: &Frame<'_>, content: &Markup) -> Answer {
    let assets = dashboard::assets().trim_end_matches('/');
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (frame.title) @if let Some(workspace) = frame.workspace { " · " (workspace) } }
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                meta name="referrer" content="no-referrer";
                link rel="icon" type="image/svg+xml" href={ (assets) "/icon.svg" };
                link rel="manifest" href={ (assets) "/client/app.webmanifest" };
                @for style in ["styles/tokens.css", "styles/base.css", "styles/components.css", "client/client.css", "client/app.css"] {
                    link rel="stylesheet" href={ (assets) "/" (style) };
                }
                script type="module" src={ (assets) "/client/app.js" } {}
            }
            body.client.app {
                @if frame.workspace.is_some() { a.skip href="#content" { "Skip to the content" } }
                @if let Some(workspace) = frame.workspace {
                    header.app-head {
                        span.app-name { (workspace) }
                        @if !frame.live { span.badge.mode-test { "TEST DATA" } }
                    }
                }
                main #content tabindex="-1" { (content) }
                @if frame.workspace.is_some() { (navigation(frame)) }
            }
        }
    };
    let mut answer = Answer::bytes(
        status,
        "text/html; charset=utf-8",
        page.into_string().into_bytes(),
    );
    let policy = ("Content-Security-Policy", POLICY.to_owned());
    answer.headers.push(policy);
    answer
        .headers
        .push(("Cache-Control", "no-store".to_owned()));
    answer
}

/// A redirect that is followed with a GET, whatever led to it.
pub fn see_other(location: impl Into<String>) -> Answer {
    let mut answer = Answer::no_content();
    answer.status = 303;
    answer.location = Some(location.into());
    answer
}

/// What is wrong with a form, above it.
pub fn faults(faults: &Faults) -> Markup {
    html! {
        @if faults.any() {
            div.note.danger role="alert" data-faults {
                p {
                    @match (&faults.whole, faults.count()) {
                        (Some(whole), _) => { (whole) }
                        (None, 1) => { "One field needs another look. What you entered is still there." }
                        (None, count) => { (count) " fields need another look. What you entered is still there." }
                    }
                }
            }
        }
    }
}

/// What is wrong with a field, beside it.
pub fn fault(faults: &Faults, field: &str) -> Markup {
    html! {
        @if let Some(message) = faults.get(field) {
            p.field-fault id=(fault_id(field)) { (message) }
        }
    }
}

/// The id of what is wrong with a field.
pub fn fault_id(field: &str) -> String {
    format!("fault-{}", field.replace('.', "-"))
}

/// The id, if something is wrong: what a field is described by.
pub fn described(faults: &Faults, field: &str) -> Option<String> {
    faults.get(field).map(|_| fault_id(field))
}

/// `Monday, 1 June`.
pub fn day(date: Date) -> String {
    let civil = date.civil();
    let weekday = WEEKDAYS[usize::from(date.weekday()) % 7];
    format!("{weekday}, {} {}", civil.day(), month(date))
}

/// `1 June`.
pub fn short_day(date: Date) -> String {
    format!("{} {}", date.civil().day(), month(date))
}

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn month(date: Date) -> &'static str {
    let number = usize::from(date.civil().month().unsigned_abs());
    MONTHS[number.saturating_sub(1) % 12]
}

/// A day as one says it: `today`, `yesterday`, `tomorrow`, or the day.
pub fn relative(date: Date, today: Date) -> String {
    match today.days_until(date) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        _ if date.civil().year() != today.civil().year() => {
            format!("{} {}", short_day(date), date.civil().year())
        }
        _ => day(date),
    }
}

/// A time as a `time` element, in the client's own zone.
pub fn time(at: Timestamp, zone: &TimeZone, today: Date) -> Markup {
    let date = Date::at(at, zone);
    let instant = crate::values::dates::civil_time(at, zone);
    html! {
        time datetime=(at) {
            (relative(date, today)) ", " (instant)
        }
    }
}

/// `6–8`, or `5`.
pub fn amount(amount: Amount) -> String {
    match amount {
        Amount::Exact(number) => number.to_string(),
        Amount::Range { min, max } => format!("{min}–{max}"),
    }
}

/// How heavy, in words.
pub fn load(load: Load) -> String {
    let unit = load.unit.map_or("kg", WeightUnit::name);
    match load.kind {
        LoadKind::Absolute => format!("{} {unit}", load.value),
        LoadKind::Percent1rm => format!("{} % of your best single", load.value),
        LoadKind::Rpe => format!("RPE {}", load.value),
        LoadKind::Rir => format!("{} in reserve", load.value),
        LoadKind::LastPlusIncrement => format!("last time + {} {unit}", load.value),
    }
}

/// A prescribed set, or several alike: `3 × 6–8, 2 in reserve`.
pub fn prescribed(set: &SetEntry) -> String {
    let mut what = Vec::new();
    what.extend(set.reps.map(amount));
    what.extend(set.seconds.map(|seconds| format!("{} s", amount(seconds))));
    what.extend(set.metres.map(|metres| format!("{} m", amount(metres))));
    let what = what.join(", ");
    let mut text = match (set.count(), what.is_empty()) {
        (1, true) => "1 set".to_owned(),
        (count, true) => format!("{count} sets"),
        (count, false) => format!("{count} × {what}"),
    };
    if let Some(load) = set.load {
        text.push_str(", ");
        text.push_str(&self::load(load));
    }
    text
}

/// A set as it was done: `8 × 60 kg, RPE 8`.
pub fn performed(set: &LoggedSet) -> String {
    let mut text = Vec::new();
    let reps = set.reps.map(|reps| reps.to_string());
    let seconds = set.seconds.map(|seconds| format!("{seconds} s"));
    let metres = set.metres.map(|metres| format!("{metres} m"));
    let done: Vec<String> = [reps, seconds, metres].into_iter().flatten().collect();
    let done = done.join(", ");
    match set.load {
        Some(load) => text.push(format!("{done} × {} {}", load.value, load.unit.name())),
        None if set.reps.is_some() => text.push(format!("{done} reps")),
        None if done.is_empty() => text.push("skipped".to_owned()),
        None => text.push(done),
    }
    text.extend(set.rpe.map(|rpe| format!("RPE {rpe}")));
    text.extend(set.rir.map(|rir| format!("{rir} in reserve")));
    if set.pain == Some(true) {
        text.push("it hurt".to_owned());
    }
    text.join(", ")
}

/// What became of a session, in a word.
pub fn standing(status: &str) -> Markup {
    let (kind, words) = match status {
        "done" => ("badge good", "Done"),
        "partial" => ("badge good", "Done in part"),
        "missed" => ("badge", "Missed"),
        "excused" => ("badge", "Excused"),
        "due" => ("badge info", "Today"),
        "open" => ("badge warning", "Open"),
        _ => return PreEscaped(String::new()),
    };
    html! { span class=(kind) { (words) } }
}
