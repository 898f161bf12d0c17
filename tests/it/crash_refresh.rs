//! T-R7: the server is killed during refreshes at random moments.
//!
//! An app refreshes without a pause until the server is killed, and asks again after it was started
//! again. Within thirty seconds the token that it sent last gets an answer: the one that was lost, or
//! a first one. Never is there neither, and the family never forks.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use cadence::access::oauth::codes::challenge_of;
use serde_json::{Value, json};

use crate::process::{Directory, PASSWORD, Running};

const ROUNDS: usize = 4;
const LATEST_MS: u64 = 60;
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "https://diary.example/callback";

/// Sends a request; none if the server went away.
fn exchange(address: SocketAddr, request: &str) -> Option<(u16, String, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received).ok()?;
    let text = String::from_utf8(received).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = header(head, "content-length").map_or(0, |length| length.parse().unwrap());
    // A body that is cut off is no answer.
    (body.len() == length).then(|| (status, head.to_owned(), body.to_owned()))
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let found = lines.find(|(other, _)| other.eq_ignore_ascii_case(name))?;
    Some(found.1.to_owned())
}

fn post(address: SocketAddr, path: &str, more: &str, body: &str) -> Option<(u16, String, String)> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\
        {more}\r\n{body}",
        body.len()
    );
    exchange(address, &request)
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes()
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// An app that a coach let in, and its first refresh token.
fn let_in(server: &Running, key: &str, workspace: &str) -> (String, String) {
    let address = server.address;
    let new = json!({
        "name": "Diary", "client_type": "public", "redirect_uris": [REDIRECT],
        "scopes": ["clients:read"],
    });
    let more = format!("Authorization: Bearer {key}\r\nContent-Type: application/json\r\n");
    let (status, _, body) = post(address, "/v1/oauth/apps", &more, &new.to_string()).unwrap();
    assert_eq!(status, 201, "{body}");
    let app: Value = serde_json::from_str(&body).unwrap();
    let app = app["id"].as_str().unwrap().to_owned();
    let query = format!(
        "response_type=code&client_id={app}&redirect_uri={}&code_challenge={}&\
        code_challenge_method=S256",
        encode(REDIRECT),
        challenge_of(VERIFIER)
    );
    let form = format!("email=ann%40example.com&password={}", encode(PASSWORD));
    let path = format!("/oauth/sign-in?{query}");
    let (status, head, body) = post(address, &path, FORM, &form).unwrap();
    assert_eq!(status, 303, "{body}");
    let cookie = header(&head, "set-cookie").unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let request = format!(
        "GET /oauth/authorize?{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
        Cookie: {cookie}\r\n\r\n"
    );
    let (status, _, page) = exchange(address, &request).unwrap();
    assert_eq!(status, 200, "{page}");
    let ticket = page.split("name=\"ticket\" value=\"").nth(1).unwrap();
    let ticket = ticket.split('"').next().unwrap();
    let form = format!("ticket={ticket}&workspace={workspace}&scope=clients%3Aread&decision=allow");
    let more = format!("{FORM}Cookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n");
    let path = format!("/oauth/authorize?{query}");
    let (status, head, body) = post(address, &path, &more, &form).unwrap();
    assert_eq!(status, 303, "{body}");
    let location = header(&head, "location").unwrap();
    let code = location
        .split("code=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let form = format!(
        "grant_type=authorization_code&client_id={app}&code={code}&code_verifier={VERIFIER}"
    );
    let (status, _, body) = post(address, "/oauth/token", FORM, &form).unwrap();
    assert_eq!(status, 200, "{body}");
    (app, member(&body, "refresh_token"))
}

fn member(body: &str, name: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    body[name].as_str().unwrap().to_owned()
}

/// Refreshes; none if the server went away.
fn refresh(address: SocketAddr, app: &str, token: &str) -> Option<(u16, String)> {
    let form = format!("grant_type=refresh_token&client_id={app}&refresh_token={token}");
    let (status, _, body) = post(address, "/oauth/token", FORM, &form)?;
    Some((status, body))
}

/// A moment that differs from run to run and from round to round.
fn moment(round: usize) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one((round, Instant::now()));
    Duration::from_micros(random % (LATEST_MS * 1_000))
}

/// Refreshes until the server is killed; the token that was sent last, and how many answers came.
fn refresh_and_kill(server: Running, app: &str, token: String, round: usize) -> (String, usize) {
    let address = server.address;
    let (first, answered) = mpsc::channel();
    let app = app.to_owned();
    let refreshing = std::thread::spawn(move || {
        let (mut token, mut count) = (token, 0);
        while let Some((status, body)) = refresh(address, &app, &token) {
            assert_eq!(status, 200, "{body}");
            token = member(&body, "refresh_token");
            count += 1;
            if first.send(()).is_err() {
                break;
            }
        }
        (token, count)
    });
    answered.recv().expect("a refresh is answered");
    let until = Instant::now() + moment(round);
    let mut left = until.saturating_duration_since(Instant::now());
    while !left.is_zero() && answered.recv_timeout(left).is_ok() {
        left = until.saturating_duration_since(Instant::now());
    }
    server.kill();
    refreshing.join().unwrap()
}

#[test]
fn a_refresh_that_a_kill_cut_off_can_be_asked_for_again() {
    let directory = Directory::new();
    let workspace = directory.account("ann@example.com");
    let key = directory.key(&workspace);
    let key = key["plaintext"].as_str().unwrap();
    let server = directory.serve();
    let (app, mut token) = let_in(&server, key, &workspace);
    drop(server);
    let mut answers = 0;

    for round in 0..ROUNDS {
        let (sent, count) = refresh_and_kill(directory.serve(), &app, token, round);
        answers += count;
        let server = directory.serve();
        let (status, body) = refresh(server.address, &app, &sent).expect("an answer");
        assert_eq!(
            status, 200,
            "neither the old nor the new token works: {body}"
        );
        // Asked again, the same comes again: the lost rotation was not done twice.
        let again = refresh(server.address, &app, &sent).expect("an answer");
        assert_eq!(again, (200, body.clone()));
        let access = member(&body, "access_token");
        assert_eq!(server.connect(&access).get("/v1/clients").status, 200);
        token = member(&body, "refresh_token");
    }
    assert!(answers > ROUNDS, "only {answers} refreshes were answered");
}
