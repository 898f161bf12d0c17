//! Slow callers: each is cut off in time, and none is in another's way.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use cadence::config::Config;
use cadence::db::Options;
use serde_json::json;

use crate::support::{Caller, Server};

/// Nothing here takes as long, so whatever does is stuck.
const PATIENCE: Duration = Duration::from_secs(30);
/// The time that a body has in these tests.
const BODY_TIMEOUT: Duration = Duration::from_secs(1);

fn impatient(config: &mut Config) {
    config.body_timeout = BODY_TIMEOUT;
}

fn start() -> (Server, Caller) {
    let server = Server::start_with(impatient, Options::default());
    let key = server.key(server.coach("coach@example.com"), &[]);
    (server, key)
}

fn open(server: &Server, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_nodelay(true).expect("no delay");
    stream.write_all(bytes).expect("the server reads");
    stream
}

fn head(key: &Caller, path: &str, length: usize) -> String {
    let authorization = key.authorization.as_deref().unwrap_or("none");
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n\
        Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
}

/// Everything until the server closes the connection.
fn rest(stream: &mut TcpStream) -> String {
    let mut received = Vec::new();
    match stream.read_to_end(&mut received) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection stays open: {error}"),
    }
    String::from_utf8_lossy(&received).into_owned()
}

#[track_caller]
fn is_a_timeout(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
    assert!(answer.contains("x-request-id: req_"), "{answer}");
}

#[test]
fn a_body_that_stalls_is_answered_408_after_its_time_and_the_connection_ends() {
    let (server, key) = start();
    let begun = Instant::now();
    let mut stream = open(&server, head(&key, "/v1/clients", 100).as_bytes());
    stream.write_all(b"{\"name\":").expect("the server reads");

    let answer = rest(&mut stream);

    is_a_timeout(&answer);
    assert!(begun.elapsed() >= BODY_TIMEOUT, "{:?}", begun.elapsed());
    assert_eq!(server.rows("clients"), 0);
}

#[test]
fn a_token_request_that_stalls_is_answered_in_the_form_of_oauth() {
    let (server, key) = start();
    let head = head(&key, "/oauth/token", 100);
    let mut stream = open(&server, head.as_bytes());

    let answer = rest(&mut stream);

    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"error\":\"invalid_request\""), "{answer}");
}

#[test]
fn a_body_of_a_byte_now_and_then_is_cut_off_all_the_same() {
    let (server, key) = start();
    let mut stream = open(&server, head(&key, "/v1/clients", 100_000).as_bytes());
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .expect("a timeout");
    let (begun, mut received) = (Instant::now(), Vec::new());
    // Waiting for an answer is the pause between two bytes.
    while received.is_empty() {
        assert!(begun.elapsed() < PATIENCE, "bytes keep it open");
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk) {
            Ok(read) => received.extend_from_slice(&chunk[..read]),
            Err(_) => drop(stream.write_all(b" ")),
        }
    }
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    drop(stream.shutdown(Shutdown::Write));
    let answer = String::from_utf8_lossy(&received).into_owned() + &rest(&mut stream);
    is_a_timeout(&answer);
}

#[test]
fn a_stranger_who_stalls_is_refused_at_once_and_let_go() {
    let (server, _) = start();
    let stranger = server.anyone();
    let begun = Instant::now();
    let mut stream = open(&server, head(&stranger, "/v1/clients", 100_000).as_bytes());
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(begun.elapsed() < PATIENCE);
}

#[test]
fn a_body_that_is_too_large_and_stalls_is_let_go() {
    let (server, key) = start();
    let mut stream = open(&server, head(&key, "/v1/clients", 1_000_000).as_bytes());
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn a_head_that_stalls_is_closed() {
    let (server, _) = start();
    let mut one = open(&server, b"GET /v1/whoami HTTP/1.1\r\nHost: loc");
    let mut nothing = open(&server, b"");
    let answers = [rest(&mut one), rest(&mut nothing)];
    for answer in answers {
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
            "{answer}"
        );
    }
}

#[test]
fn a_body_that_comes_in_pieces_in_time_is_read() {
    let (server, key) = start();
    let body = json!({ "name": "Ana", "email": "ana@example.com" }).to_string();
    let mut stream = open(&server, head(&key, "/v1/clients", body.len()).as_bytes());
    for byte in body.as_bytes() {
        stream.write_all(&[*byte]).expect("the server reads");
    }
    let mut status = [0; 12];
    stream.read_exact(&mut status).expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 201");
}

#[test]
fn readers_that_never_read_are_in_nobodys_way() {
    let (server, key) = start();
    let request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let readers: Vec<TcpStream> = (0..20)
        .map(|_| {
            let stream = open(&server, request);
            stream.set_nonblocking(true).expect("no waiting");
            // More than the buffers of both sides hold: the server has to wait for this one.
            for _ in 0..200 {
                if (&stream).write_all(request).is_err() {
                    break;
                }
            }
            stream
        })
        .collect();
    for number in 0..50 {
        key.get("/v1/whoami").expect(200);
        let body = json!({ "name": "Ana", "email": format!("a{number}@example.com") });
        key.post("/v1/clients", &body).expect(201);
        server.anyone().get("/health").expect(200);
    }
    drop(readers);
}

#[test]
fn two_hundred_slow_connections_are_in_nobodys_way() {
    let (server, key) = start();
    let slow: Vec<TcpStream> = (0..200)
        .map(|number| match number % 4 {
            0 => open(&server, b"GET /v1/whoami HTTP/1.1\r\nHo"),
            1 => open(&server, head(&key, "/v1/clients", 1_000).as_bytes()),
            2 => open(
                &server,
                b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n",
            ),
            _ => open(&server, b""),
        })
        .collect();
    for number in 0..50 {
        key.get("/v1/clients?limit=1").expect(200);
        let body = json!({ "name": "Ana", "email": format!("a{number}@example.com") });
        key.post("/v1/clients", &body).expect(201);
        server
            .anyone()
            .get("/v1/whoami")
            .refused(401, "auth_missing");
    }
    drop(slow);
    assert_eq!(server.rows("clients"), 50);
}

#[test]
fn a_later_head_that_stalls_is_closed_like_a_connection_that_says_nothing() {
    let hasty = |config: &mut Config| config.keep_alive = Duration::from_secs(1);
    let server = Server::start_with(hasty, Options::default());
    let whole = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

    let mut stalled = open(&server, format!("{whole}GET /heal").as_bytes());
    let mut silent = open(&server, whole.as_bytes());

    for stream in [&mut stalled, &mut silent] {
        let answer = rest(stream);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}

#[test]
fn a_connection_that_goes_on_asking_is_kept() {
    let hasty = |config: &mut Config| config.keep_alive = Duration::from_secs(1);
    let server = Server::start_with(hasty, Options::default());
    let mut stream = open(&server, b"");
    let begun = Instant::now();

    let mut answered = 0;
    while begun.elapsed() < Duration::from_millis(2_500) {
        stream
            .write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .expect("the connection is open");
        let mut some = [0; 4_096];
        let read = stream.read(&mut some).expect("the connection is open");
        assert!(read > 0, "closed after {answered} answers");
        answered += 1;
    }

    assert!(answered > 10);
}
