//! Apps that act for coaches: from registration and consent to tokens and their end.
//!
//! Statements of the design stand as `T-…` beside the tests that hold them.

mod apps;
mod authorize;
mod catalogue;
mod client_library;
mod code;
mod consent;
mod cors;
mod cves;
mod discovery;
mod refresh;
mod revocation;
mod token;

use cadence::access::oauth::codes::challenge_of;
use cadence::caller::Mode;
use cadence::db::Options;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Coach, Server};

const FORM: &str = "application/x-www-form-urlencoded";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const OTHER_VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX";
const REDIRECT: &str = "https://diary.example/callback";
const SCOPES: &[&str] = &["clients:write", "checkins:read", "messages:read"];
/// The issuer of a test server.
const ISSUER: &str = "https://coach.example";

/// An app as its maker knows it.
#[derive(Clone, Debug)]
struct App {
    id: String,
    secret: Option<String>,
    redirect: String,
}

/// A server with a coach and two apps of hers.
struct World {
    server: Server,
    coach: Coach,
    app: App,
    confidential: App,
}

fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(format!("%{byte:02X}").chars());
        }
    }
    encoded
}

/// A form or a query of these parameters.
fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.join("&")
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        match (first, tail) {
            (b'%', [a, b, more @ ..]) => {
                let hex = [*a, *b];
                let hex = std::str::from_utf8(&hex).expect("hex");
                bytes.push(u8::from_str_radix(hex, 16).expect("hex"));
                rest = more;
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            (byte, _) => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// The parameters that an answer sends to the app; each must be there once.
fn sent_back(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let location = answer.header("location").expect("a location");
    let (_, query) = location.split_once('?').expect("a query");
    query
        .split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.to_owned(), decode(value))
        })
        .collect()
}

#[track_caller]
fn parameter(answer: &Answer, name: &str) -> String {
    let sent = sent_back(answer);
    let found: Vec<&String> = sent
        .iter()
        .filter(|(other, _)| other == name)
        .map(|(_, value)| value)
        .collect();
    assert_eq!(found.len(), 1, "{name} in {sent:?}");
    found[0].clone()
}

/// The value of a hidden field of a page.
fn hidden(page: &Answer, name: &str) -> String {
    let html = page.text();
    let field = format!("name=\"{name}\" value=\"");
    let at = html
        .find(&field)
        .unwrap_or_else(|| panic!("no {name}: {html}"));
    let rest = &html[at + field.len()..];
    rest[..rest.find('"').expect("a quote")].to_owned()
}

/// A request of an app, with these parameters put in place of the usual ones; an empty value takes
/// one out.
fn query(app: &App, changes: &[(&str, &str)]) -> String {
    let challenge = challenge_of(VERIFIER);
    let usual = [
        ("response_type", "code"),
        ("client_id", app.id.as_str()),
        ("redirect_uri", app.redirect.as_str()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("state", "xyz"),
    ];
    let mut pairs: Vec<(&str, &str)> = usual
        .iter()
        .map(|(name, value)| {
            let changed = changes.iter().find(|(other, _)| other == name);
            (*name, changed.map_or(*value, |(_, value)| *value))
        })
        .collect();
    let further = changes
        .iter()
        .filter(|(name, _)| !usual.iter().any(|(other, _)| other == name));
    pairs.extend(further.copied());
    pairs.retain(|(_, value)| !value.is_empty());
    form(&pairs)
}

impl World {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut cadence::config::Config)) -> Self {
        Self::on(change, Options::default())
    }

    fn on(change: impl FnOnce(&mut cadence::config::Config), options: Options) -> Self {
        let server = Server::start_with(
            |config| {
                config.public_url = cadence::config::PublicUrl::parse(ISSUER).expect("an address");
                change(config);
            },
            options,
        );
        let coach = server.coach("coach@example.com");
        let app = Self::register(&server, coach, Mode::Test, "public");
        let confidential = Self::register(&server, coach, Mode::Test, "confidential");
        Self {
            server,
            coach,
            app,
            confidential,
        }
    }

    fn register(server: &Server, coach: Coach, mode: Mode, kind: &str) -> App {
        Self::register_with(server, coach, mode, &json!({ "client_type": kind }))
    }

    fn register_with(server: &Server, coach: Coach, mode: Mode, more: &Value) -> App {
        let key = server.bearer(&server.new_key(coach, mode, &[]).1);
        let mut new = json!({
            "name": "Runner's <diary>",
            "client_type": "public",
            "redirect_uris": [REDIRECT],
            "scopes": SCOPES,
        });
        for (name, value) in more.as_object().expect("an object") {
            new[name] = value.clone();
        }
        let made = key.post("/v1/oauth/apps", &new).expect(201).json();
        App {
            id: made["id"].as_str().expect("an id").to_owned(),
            secret: made["client_secret"].as_str().map(str::to_owned),
            redirect: new["redirect_uris"][0].as_str().expect("a URI").to_owned(),
        }
    }

    /// The coach's browser, just signed in.
    fn browser(&self) -> Caller {
        self.server.session(self.coach)
    }

    /// The consent page of a request.
    #[expect(clippy::unused_self, reason = "it reads as what is done in this world")]
    fn page(&self, browser: &Caller, query: &str) -> Answer {
        browser.get(&format!("/oauth/authorize?{query}"))
    }

    /// Answers a consent page; with no scopes named, with all that it shows.
    fn answer(
        &self,
        browser: &Caller,
        query: &str,
        page: &Answer,
        (decision, scopes): (&str, &[&str]),
    ) -> Answer {
        let ticket = hidden(page, "ticket");
        let workspace = self.coach.workspace.to_string();
        let mut pairs = vec![
            ("ticket", ticket.as_str()),
            ("workspace", workspace.as_str()),
            ("decision", decision),
        ];
        pairs.extend(scopes.iter().map(|scope| ("scope", *scope)));
        self.post_page(browser, &format!("/oauth/authorize?{query}"), &form(&pairs))
    }

    #[expect(clippy::unused_self, reason = "it reads as what is done in this world")]
    fn post_page(&self, browser: &Caller, path: &str, body: &str) -> Answer {
        browser.send("POST", path, &[("Content-Type", FORM)], Some(body))
    }

    /// What the coach's consent to a request leads to.
    fn allow(&self, app: &App, changes: &[(&str, &str)]) -> Answer {
        self.allow_some(app, changes, SCOPES)
    }

    fn allow_some(&self, app: &App, changes: &[(&str, &str)], scopes: &[&str]) -> Answer {
        let (browser, query) = (self.browser(), query(app, changes));
        let page = self.page(&browser, &query).expect(200);
        self.answer(&browser, &query, &page, ("allow", scopes))
    }

    /// A code that the app may redeem.
    fn code(&self, app: &App) -> String {
        parameter(&self.allow(app, &[]), "code")
    }

    fn token(&self, pairs: &[(&str, &str)]) -> Answer {
        self.send_form("/oauth/token", pairs)
    }

    fn send_form(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let body = form(pairs);
        let media = [("Content-Type", FORM)];
        self.server.anyone().send("POST", path, &media, Some(&body))
    }

    /// The parameters by which an app shows itself in the body.
    fn shown(app: &App) -> Vec<(&str, &str)> {
        let mut pairs = vec![("client_id", app.id.as_str())];
        pairs.extend(
            app.secret
                .as_deref()
                .map(|secret| ("client_secret", secret)),
        );
        pairs
    }

    fn redeem(&self, app: &App, code: &str) -> Answer {
        self.redeem_with(app, code, &[("code_verifier", VERIFIER)])
    }

    fn redeem_with(&self, app: &App, code: &str, more: &[(&str, &str)]) -> Answer {
        let mut pairs = Self::shown(app);
        pairs.extend([("grant_type", "authorization_code"), ("code", code)]);
        pairs.extend(more);
        self.token(&pairs)
    }

    fn refresh(&self, app: &App, token: &str) -> Answer {
        self.refresh_with(app, token, &[])
    }

    fn refresh_with(&self, app: &App, token: &str, more: &[(&str, &str)]) -> Answer {
        let mut pairs = Self::shown(app);
        pairs.extend([("grant_type", "refresh_token"), ("refresh_token", token)]);
        pairs.extend(more);
        self.token(&pairs)
    }

    /// The tokens of a fresh consent.
    fn tokens(&self, app: &App) -> Tokens {
        let code = self.code(app);
        Tokens::of(&self.redeem(app, &code))
    }

    fn revoke(&self, app: &App, token: &str) -> Answer {
        let mut pairs = Self::shown(app);
        pairs.push(("token", token));
        self.send_form("/oauth/revoke", &pairs)
    }

    fn introspect(&self, app: &App, token: &str) -> Answer {
        let mut pairs = Self::shown(app);
        pairs.push(("token", token));
        self.send_form("/oauth/introspect", &pairs)
    }

    /// A request of an app for a token of its own.
    fn client_pairs(app: &App) -> Vec<(&str, &str)> {
        let mut pairs = Self::shown(app);
        pairs.push(("grant_type", "client_credentials"));
        pairs
    }

    fn client_token(&self) -> String {
        let pairs = Self::client_pairs(&self.confidential);
        self.token(&pairs).expect(200).member("access_token")
    }

    fn boss(&self) -> Caller {
        self.server.key(self.coach, &[])
    }

    /// The actions of the audit log, newest first.
    fn audit(&self, action: &str) -> usize {
        let path = format!("/v1/audit-log?action={action}&limit=100");
        self.boss().get(&path).expect(200).column("id").len()
    }

    fn works(&self, token: &str) -> bool {
        let answer = self.server.bearer(token).get("/v1/clients");
        assert!(matches!(answer.status, 200 | 401), "{}", answer.text());
        answer.status == 200
    }
}

/// What a consent gave.
#[derive(Clone, Debug)]
struct Tokens {
    access: String,
    refresh: String,
    scope: String,
}

impl Tokens {
    #[track_caller]
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text());
        Self {
            access: answer.member("access_token"),
            refresh: answer.member("refresh_token"),
            scope: answer.member("scope"),
        }
    }
}

/// Asserts an error in OAuth's own form, of the token endpoint and its kin.
#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (status, Some(error)),
        "{}",
        answer.text()
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

/// Runs something on many threads at once.
fn at_once<T: Send>(count: usize, run: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = std::sync::Barrier::new(count);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|number| {
                let (barrier, run) = (&barrier, &run);
                scope.spawn(move || {
                    barrier.wait();
                    run(number)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a thread"))
            .collect()
    })
}
