//! OAuth as a coach and a maker of apps see it: an app is registered in the dashboard, a coach lets
//! it in on the consent page, the browser goes back to the app, and the coach takes it all back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::chromium::{Chromium, DESK, DESK_DARK, ENTER, PHONE, PHONE_DARK};
use crate::journeys::{PASSWORD, holds_no_trace, set_up};
use crate::needs_browser;
use crate::place::{Place, status_of};
use crate::process::Connection;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const STATE: &str = "a+b %&=é\"<";
const PATIENCE: Duration = Duration::from_secs(30);

/// The app's own little server: where the browser comes back to.
struct App {
    origin: String,
    came: Receiver<String>,
}

impl App {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (tell, came) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut line = String::new();
                let read = BufReader::new(&stream).read_line(&mut line);
                let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
                let page = "<!doctype html><html lang=en><title>App</title>\
                    <link rel=icon href=\"data:,\"><h1>Back in the app</h1>";
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\
                     Connection: close\r\n\r\n{page}",
                    page.len()
                );
                // A connection that the browser opened in advance says nothing.
                if read.is_err()
                    || target.is_empty()
                    || stream.write_all(answer.as_bytes()).is_err()
                {
                    continue;
                }
                if tell.send(target).is_err() {
                    return;
                }
            }
        });
        Self { origin, came }
    }

    fn callback(&self) -> String {
        format!("{}/callback", self.origin)
    }

    /// What came with the browser, once it is back.
    #[track_caller]
    fn came_back(&self, browser: &Chromium) -> Vec<(String, String)> {
        browser.see("Back in the app");
        let target = self.came.recv_timeout(PATIENCE).unwrap();
        let url = url::Url::parse(&format!("{}{target}", self.origin)).unwrap();
        assert_eq!(url.path(), "/callback");
        url.query_pairs().into_owned().collect()
    }
}

/// Where the app sends a coach.
fn authorize(place: &Place, app: &App, client_id: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(VERIFIER));
    let mut url = url::Url::parse(&format!("{}/oauth/authorize", place.origin())).unwrap();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", &app.callback())
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .append_pair("state", STATE);
    url.to_string()
}

/// Sends a form as a program would.
fn post_form(address: SocketAddr, members: &[(&str, &str)], basic: Option<&str>) -> (u16, Value) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(members)
        .finish();
    let basic = basic.map(|pair| STANDARD.encode(pair));
    let basic = basic.map_or_else(String::new, |pair| {
        format!("Authorization: Basic {pair}\r\n")
    });
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\n{basic}Connection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status, serde_json::from_str(body).unwrap())
}

/// What an app obtains for itself with a secret.
fn by_secret(place: &Place, client_id: &str, secret: &str) -> (u16, Value) {
    let pair = format!("{client_id}:{secret}");
    post_form(
        place.address(),
        &[("grant_type", "client_credentials")],
        Some(&pair),
    )
}

/// Registers an app in the dashboard, as far as the press of the button.
fn register(browser: &Chromium, place: &Place, name: &str, kind: &str, redirect: &str) {
    browser.go(&format!("{}/dashboard/apps/new", place.origin()));
    browser.fill("Name", name);
    browser.click(kind);
    browser.fill("Redirect URIs", redirect);
    browser.click("Register the app");
}

/// The client identifier of the app whose page is shown.
fn client_id(browser: &Chromium) -> String {
    browser.see("Audit trail");
    let url = browser.url();
    let id = url.rsplit('/').next().unwrap();
    assert!(id.starts_with("app_"), "{url}");
    id.to_owned()
}

/// The page is sound by day and at night, on a desk and on the narrowest phone.
#[track_caller]
fn is_accessible_in_every_look(browser: &Chromium, what: &str) {
    for look in [DESK_DARK, PHONE_DARK, PHONE, DESK] {
        browser.look(look);
        browser.assert_accessible(&format!("{what} in {look:?}"));
    }
}

#[test]
fn an_app_is_registered_let_in_for_less_than_it_asked_used_and_revoked() {
    needs_browser!();
    let (place, app) = (Place::start(), App::start());
    let browser = Chromium::open(DESK);
    set_up(&browser, &place);
    browser.go(&format!("{}/dashboard/apps", place.origin()));
    browser.see("Register your first app");
    is_accessible_in_every_look(&browser, "no apps");
    browser.go(&format!("{}/dashboard/apps/new", place.origin()));
    browser.click("Register the app");
    browser.see("Name at least one address");
    is_accessible_in_every_look(&browser, "what is missing of an app");
    // Registered without a port: that of a loopback address is free.
    register(
        &browser,
        &place,
        "Diary",
        "Public",
        "http://127.0.0.1/callback",
    );
    let id = client_id(&browser);
    is_accessible_in_every_look(&browser, "an app");

    browser.devtools("Network.clearBrowserCookies", json!({}));
    browser.go(&authorize(&place, &app, &id));
    browser.at("/oauth/sign-in");
    is_accessible_in_every_look(&browser, "signing in");
    browser.fill("E-mail", "ana@example.com");
    browser.fill("Password", PASSWORD);
    browser.click("Sign in");
    browser.see("Allow Diary to act for you?");
    browser.see("The answer goes to a program on this computer");
    is_accessible_in_every_look(&browser, "consent");
    browser.click("Read the feed of events");
    browser.click("Allow");
    let came = app.came_back(&browser);
    let names: Vec<&str> = came.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!(came[1].1, STATE);
    assert_eq!(came[2].1, place.origin());

    let members = [
        ("grant_type", "authorization_code"),
        ("client_id", id.as_str()),
        ("code", came[0].1.as_str()),
        ("code_verifier", VERIFIER),
        ("redirect_uri", &app.callback()),
    ];
    let (status, tokens) = post_form(place.address(), &members, None);
    assert_eq!(status, 200, "{tokens}");
    let scopes: Vec<&str> = tokens["scope"].as_str().unwrap().split(' ').collect();
    assert!(scopes.contains(&"clients:read"), "{scopes:?}");
    assert!(!scopes.contains(&"events:read"), "{scopes:?}");
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(status_of(&place, token), 200);
    let mut connection = Connection::open(place.address(), token).unwrap();
    assert_eq!(connection.get("/v1/clients").status, 200);
    assert_eq!(connection.get("/v1/events").status, 403);

    browser.go(&format!("{}/dashboard/grants", place.origin()));
    browser.see("just now");
    is_accessible_in_every_look(&browser, "apps with access");
    browser.click("Revoke the access of Diary");
    browser.see("Its next request is refused");
    is_accessible_in_every_look(&browser, "asking before an app is revoked");
    browser.click("Revoke access");
    browser.see("no longer acts for you");
    browser.see("No app acts for you");
    assert_eq!(status_of(&place, token), 401);
    browser.assert_clean_among(&[&place.origin(), &app.origin], &[]);
}

#[test]
fn by_keyboard_alone_a_coach_signs_in_and_denies_and_nothing_is_granted() {
    needs_browser!();
    let (place, app) = (Place::start(), App::start());
    let browser = Chromium::open(DESK);
    set_up(&browser, &place);
    register(&browser, &place, "Diary", "Public", &app.callback());
    let id = client_id(&browser);
    browser.devtools("Network.clearBrowserCookies", json!({}));
    browser.go(&authorize(&place, &app, &id));
    browser.see("Sign in");
    for (label, text) in [
        ("E-mail", "ana@example.com"),
        ("Password", "not her password"),
    ] {
        browser.tab_to(label);
        browser.press(text);
    }
    browser.press(ENTER);
    browser.see("do not go together");
    is_accessible_in_every_look(&browser, "a wrong password");
    browser.tab_to("Password");
    browser.press(PASSWORD);
    browser.press(ENTER);
    browser.see("Allow Diary to act for you?");
    browser.tab_to("Deny");
    browser.press(ENTER);
    let came = app.came_back(&browser);
    let names: Vec<&str> = came.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["error", "error_description", "state", "iss"]);
    assert_eq!(came[0].1, "access_denied");
    assert_eq!(came[2].1, STATE);
    assert_eq!(came[3].1, place.origin());

    browser.go(&format!("{}/dashboard/grants", place.origin()));
    browser.see("No app acts for you");
    is_accessible_in_every_look(&browser, "no apps with access");
    browser.assert_clean_among(&[&place.origin(), &app.origin], &[401]);
}

#[test]
fn a_secret_is_shown_once_rotated_and_ends_with_its_app() {
    needs_browser!();
    let place = Place::start();
    let browser = Chromium::open(DESK);
    set_up(&browser, &place);
    let redirect = "https://diary.example/callback";
    register(
        &browser,
        &place,
        "Diary",
        "Confidential",
        "https://diary.example/#part",
    );
    browser.see("Line 1: A redirect URI has no fragment");
    browser.fill("Redirect URIs", redirect);
    browser.click("Register the app");
    browser.see("Store this secret now");
    is_accessible_in_every_look(&browser, "a secret shown once");
    let first = browser.value_of("Client secret");
    assert!(first.starts_with("cdncs_"), "{first}");
    browser.click("I have stored it");
    let id = client_id(&browser);
    holds_no_trace(&browser, &first);
    assert_eq!(by_secret(&place, &id, &first).0, 200);

    browser.click("Rotate the secret");
    browser.click("In 24 hours");
    browser.click_last("Rotate the secret");
    browser.see("The old secret still works");
    let second = browser.value_of("Client secret");
    browser.click("I have stored it");
    browser.see("works until");
    holds_no_trace(&browser, &second);
    let (status, tokens) = by_secret(&place, &id, &second);
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(by_secret(&place, &id, &first).0, 200);
    browser.click("Rotate the secret");
    browser.click("Now");
    browser.click_last("Rotate the secret");
    browser.see("Store this secret now");
    let third = browser.value_of("Client secret");
    browser.click("I have stored it");
    browser.see("Secret rotated");
    for old in [&first, &second] {
        let (status, error) = by_secret(&place, &id, old);
        assert_eq!((status, &error["error"]), (401, &json!("invalid_client")));
    }
    let (status, tokens) = by_secret(&place, &id, &third);
    assert_eq!(status, 200, "{tokens}");
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(status_of(&place, token), 200);

    browser.click("Change");
    browser.fill("Name", "Training diary");
    is_accessible_in_every_look(&browser, "changing an app");
    browser.click("Save");
    browser.click("Actions for Training diary");
    browser.click("Delete");
    browser.click("Delete the test app");
    browser.see("to say that you mean this app");
    is_accessible_in_every_look(&browser, "asking before an app is deleted");
    browser.fill_first("Training diary");
    browser.click("Delete the test app");
    browser.see("Register your first app");
    assert_eq!(status_of(&place, token), 401);
    assert_eq!(by_secret(&place, &id, &third).0, 401);
    browser.assert_clean(&place.origin(), &[400]);
    drop(browser);
    for secret in [first, second, third] {
        place.assert_nowhere(&secret);
    }
}

#[test]
fn on_plain_http_of_a_local_network_the_pages_say_that_oauth_is_off_and_why() {
    needs_browser!();
    let (place, app) = (Place::named("coach.lan"), App::start());
    let rule = format!("--host-resolver-rules=MAP coach.lan {}", place.ip());
    let browser = Chromium::open_with(DESK, &[&rule]);
    set_up(&browser, &place);
    for page in ["apps", "apps/new", "grants"] {
        browser.go(&format!("{}/dashboard/{page}", place.origin()));
        browser.see("OAuth is off here");
        browser.see("tokens could be read on the way");
        is_accessible_in_every_look(&browser, page);
    }
    register(&browser, &place, "Diary", "Public", &app.callback());
    let id = client_id(&browser);
    browser.see("OAuth is off here");
    browser.go(&authorize(&place, &app, &id));
    browser.see("OAuth is off: the public address of this server is plain http");
    is_accessible_in_every_look(&browser, "a dead end");
    browser.assert_clean(&place.origin(), &[400]);
}
