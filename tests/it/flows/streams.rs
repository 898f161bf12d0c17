//! `GET /v1/events/stream`: what is told, to whom, and when it ends.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use cadence::caller::Mode;
use cadence::db::Options;
use serde_json::json;

use crate::support::{Caller, Server};

/// An open stream.
struct Stream {
    socket: TcpStream,
    text: String,
}

impl Stream {
    fn open(address: SocketAddr, token: &str, target: &str, head: &str) -> Self {
        let mut socket = TcpStream::connect(address).expect("the server listens");
        let patience = Duration::from_secs(20);
        socket.set_read_timeout(Some(patience)).expect("a timeout");
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{head}\r\n"
        );
        socket
            .write_all(request.as_bytes())
            .expect("the server reads");
        Self {
            socket,
            text: String::new(),
        }
    }

    /// Reads on until this was said; false if the stream ended before.
    fn says(&mut self, what: &str) -> bool {
        let mut chunk = [0; 4096];
        while !self.text.contains(what) {
            match self.socket.read(&mut chunk) {
                Ok(read @ 1..) => self.text.push_str(&String::from_utf8_lossy(&chunk[..read])),
                Ok(_) => return false,
                Err(error) => panic!("{what} does not come ({error}): {}", self.text),
            }
        }
        true
    }

    /// Reads on until the stream ends.
    fn ends(&mut self) {
        assert!(self.says("\r\n0\r\n\r\n"), "{}", self.text);
    }

    fn ids(&self) -> Vec<i64> {
        let lines = self.text.lines();
        lines
            .filter_map(|line| line.strip_prefix("id: ")?.parse().ok())
            .collect()
    }
}

fn add(caller: &Caller, name: &str) {
    let new = json!({ "name": name, "email": format!("{name}@example.com") });
    caller.post("/v1/clients", &new).expect(201);
}

const PATH: &str = "/v1/events/stream";

#[test]
fn what_happens_is_told_as_it_happens_and_nothing_before() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (_, token) = server.new_key(coach, Mode::Test, &[]);
    let caller = server.bearer(&token);
    add(&caller, "before");

    let mut stream = Stream::open(server.address, &token, PATH, "");
    assert!(stream.says(": connected"));
    add(&caller, "after");

    assert!(stream.says("\"name\":\"after\""));
    assert!(stream.text.contains("content-type: text/event-stream"));
    assert!(stream.text.contains("event: client.created"));
    assert!(!stream.text.contains("before@"));
}

#[test]
fn a_stream_goes_on_behind_what_was_received() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (_, token) = server.new_key(coach, Mode::Test, &[]);
    let caller = server.bearer(&token);
    let names: Vec<String> = (0..70).map(|number| format!("client{number}")).collect();
    for name in &names {
        add(&caller, name);
    }

    let mut stream = Stream::open(server.address, &token, PATH, "Last-Event-ID: 5\r\n");
    assert!(stream.says("client69@"));
    let first = stream.ids();
    assert!(
        first.iter().copied().eq(6..=*first.last().expect("an id")),
        "{first:?}"
    );

    let bad = caller.get_with(PATH, &[("Last-Event-ID", "evt_x")]);
    bad.refused(400, "invalid_parameter");
}

#[test]
fn a_reader_is_told_only_what_it_may_read_and_asked_for() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let scopes = ["events:read", "clients:read", "clients:write"];
    let (_, narrow) = server.new_key(coach, Mode::Test, &scopes);
    let caller = server.key(coach, &[]);

    let mut stream = Stream::open(server.address, &narrow, PATH, "");
    let asked = format!("{PATH}?type=client.archived");
    let mut archived = Stream::open(server.address, &narrow, &asked, "");
    assert!(stream.says(": connected") && archived.says(": connected"));
    let key = caller.post(&coach.keys_path(), &json!({ "name": "unseen" }));
    key.expect(201);
    let new = json!({ "name": "Ana", "email": "ana@example.com" });
    let client = caller.post("/v1/clients", &new).expect(201).member("id");
    caller
        .act(&format!("/v1/clients/{client}/archive"))
        .expect(200);

    assert!(stream.says("client.archived") && archived.says("client.archived"));
    assert!(!stream.text.contains("api_key.created"));
    assert!(!archived.text.contains("client.created"));
}

#[test]
fn a_stream_ends_when_its_key_does() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (id, token) = server.new_key(coach, Mode::Test, &[]);
    let caller = server.key(coach, &[]);
    let mut stream = Stream::open(server.address, &token, PATH, "");
    assert!(stream.says(": connected"));

    caller
        .delete(&format!("{}/{id}", coach.keys_path()))
        .expect(204);
    add(&caller, "unseen");

    stream.ends();
    assert!(!stream.text.contains("unseen"));
}

#[test]
fn at_a_stop_streams_end_with_a_hint_when_to_come_back() {
    let mut server = Server::start();
    let coach = server.coach("coach@example.com");
    let (_, token) = server.new_key(coach, Mode::Test, &[]);
    let mut stream = Stream::open(server.address, &token, PATH, "");
    assert!(stream.says(": connected"));
    let begun = Instant::now();

    let reading = std::thread::spawn(move || {
        stream.ends();
        (stream.text, begun.elapsed())
    });
    server.stop();

    let (text, took) = reading.join().expect("the stream ends");
    assert!(text.contains("retry: 1000"), "{text}");
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_tenant_has_twenty_streams_and_gets_one_back_when_one_ends() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (_, token) = server.new_key(coach, Mode::Test, &[]);
    let caller = server.bearer(&token);
    let mut streams: Vec<Stream> = (0..20)
        .map(|_| Stream::open(server.address, &token, PATH, ""))
        .collect();
    for stream in &mut streams {
        assert!(stream.says(": connected"));
    }

    let refused = caller.get(PATH).refused(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), Some("5"));
    // Live and test are apart.
    let live = server.live_key(coach);
    assert_eq!(live.get(PATH).status, 200);
}

#[test]
fn a_stream_that_has_nothing_to_say_is_not_cut_off() {
    let quick = |config: &mut cadence::config::Config| config.keep_alive = Duration::from_secs(1);
    let server = Server::start_with(quick, Options::default());
    let coach = server.coach("coach@example.com");
    let (_, token) = server.new_key(coach, Mode::Test, &[]);
    let mut stream = Stream::open(server.address, &token, PATH, "");
    assert!(stream.says(": connected"));

    // Longer than a silent connection lives, by what the comment takes to come.
    assert!(stream.says(": heartbeat"));
    add(&server.bearer(&token), "still");
    assert!(stream.says("still@"));
}
