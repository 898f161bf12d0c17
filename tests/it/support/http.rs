//! A small HTTP client: it sends exactly the bytes that a test wants, and nothing of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Far longer than any answer takes, also of 50,000 rows on a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// An answer as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header, in whatever case its name came.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {} {}", self.status, self.text()))
    }

    /// The stable code of an error body.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The same of an answer that may be none.
    pub(crate) fn code_or_none(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// A text member of the body.
    pub(crate) fn member(&self, name: &str) -> String {
        self.json()[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}: {}", self.text()))
            .to_owned()
    }

    /// What is invalid: JSON pointer or parameter, and code, of each entry of `errors`.
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let body = self.json();
        let entries = body["error"]["errors"].as_array().cloned();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let place = |entry: &Value| text(entry.get("pointer").unwrap_or(&entry["parameter"]));
        entries
            .unwrap_or_default()
            .iter()
            .map(|entry| (place(entry), text(&entry["code"])))
            .collect()
    }

    /// A member of each entry of a list's `data`.
    pub(crate) fn column(&self, name: &str) -> Vec<String> {
        let body = self.json();
        let data = body["data"]
            .as_array()
            .unwrap_or_else(|| panic!("no list: {body}"));
        data.iter()
            .map(|entry| entry[name].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The cursor of the next page, if there is one.
    pub(crate) fn next_cursor(&self) -> Option<String> {
        self.json()["next_cursor"].as_str().map(str::to_owned)
    }

    /// The same, if the status is the expected one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Asserts status and code of an error.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!(
            (self.status, self.code().as_str()),
            (status, code),
            "{}",
            self.text()
        );
        self
    }
}

/// Sends bytes on a fresh connection and reads one answer.
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    // A server that refuses early may close before it has read all: what it answered still counts.
    drop(stream.write_all(bytes));
    let mut received = Vec::new();
    let mut chunk = [0; 16 * 1024];
    while let Ok(read @ 1..) = stream.read(&mut chunk) {
        received.extend_from_slice(&chunk[..read]);
        // A stream goes on for ever: its beginning is what is asked for here.
        if received.len() < 4096 && has(&received, b": connected\n\n") {
            break;
        }
    }
    parse(&received)
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The same for a request that does not ask for the connection to be closed: reads one answer by its
/// length.
pub(crate) fn exchange_kept(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.write_all(bytes).expect("the server reads");
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).expect("the server answers");
        received.extend_from_slice(&chunk[..read]);
        let head_ended = received.windows(4).any(|window| window == b"\r\n\r\n");
        if !head_ended && read > 0 {
            continue;
        }
        let answer = parse(&received);
        let length = answer.header("content-length").map_or(0, |length| {
            length.parse::<usize>().expect("a length is a number")
        });
        if read == 0 || answer.body.len() >= length {
            return answer;
        }
    }
}

fn parse(received: &[u8]) -> Answer {
    let end = received.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no head: {}", String::from_utf8_lossy(received)));
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let body = received[end + 4..].to_vec();
    Answer {
        status: status.expect("a status"),
        headers,
        body,
    }
}

/// Somebody who calls the server.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) address: SocketAddr,
    pub(crate) authorization: Option<String>,
    /// Of a session: what its cookie header is, and which workspace and mode it names.
    pub(crate) session: Option<Session>,
}

/// What a person who signed in sends.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) cookie: String,
    pub(crate) workspace: String,
    pub(crate) mode: &'static str,
}

impl Caller {
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], Some(&body.to_string()))
    }

    pub(crate) fn act(&self, path: &str) -> Answer {
        self.send("POST", path, &[], None)
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, &[], Some(&body.to_string()))
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None)
    }

    /// A GET with headers.
    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, None)
    }

    /// A POST under an idempotency key.
    pub(crate) fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(
            "POST",
            path,
            &[("Idempotency-Key", key)],
            Some(&body.to_string()),
        )
    }

    /// Any request; a body is JSON unless a content type is among the headers.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        self.send_bytes(method, path, headers, body.map(str::as_bytes))
    }

    /// The same with a body that need not be text.
    pub(crate) fn send_bytes(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Answer {
        let has = |name: &str| {
            headers
                .iter()
                .any(|(other, _)| other.eq_ignore_ascii_case(name))
        };
        let mut head = vec![
            format!("{method} {path} HTTP/1.1"),
            "Connection: close".to_owned(),
        ];
        if !has("host") {
            head.push("Host: localhost".to_owned());
        }
        if let Some(authorization) = &self.authorization {
            head.push(format!("Authorization: {authorization}"));
        }
        if let Some(session) = &self.session {
            for (name, value) in [
                ("Cookie", session.cookie.as_str()),
                ("Sec-Fetch-Site", "same-origin"),
                ("Cadence-Workspace", &session.workspace),
                ("Cadence-Mode", session.mode),
            ] {
                if !has(&name.to_lowercase()) {
                    head.push(format!("{name}: {value}"));
                }
            }
        }
        head.extend(
            headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}")),
        );
        if let Some(body) = body {
            if !has("content-type") {
                head.push("Content-Type: application/json".to_owned());
            }
            if !has("content-length") && !has("transfer-encoding") {
                head.push(format!("Content-Length: {}", body.len()));
            }
        }
        let request = head.join("\r\n") + "\r\n\r\n";
        let mut request = request.into_bytes();
        request.extend_from_slice(body.unwrap_or_default());
        exchange(self.address, &request)
    }

    /// Sends a form as a browser does, from a page of this server.
    pub(crate) fn send_form(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let fields = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let body = fields.collect::<Vec<_>>().join("&");
        let headers = [
            ("Cookie", cookie),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        self.send("POST", path, &headers, Some(&body))
    }
}
