//! `cadence dev`, as a developer runs it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use cadence::access::api_keys::SANDBOX_KEY;
use serde_json::Value;

use crate::process::{Connection, Directory, client, program, run};

/// A sandbox that has said how it is reached. It is killed when this is dropped.
struct Sandbox {
    child: Child,
    lines: BufReader<ChildStdout>,
    greeting: Vec<String>,
    address: SocketAddr,
}

impl Sandbox {
    /// Starts it on a free port; what it says first ends with this.
    fn start(directory: &Directory, arguments: &[&str], last: &str) -> Self {
        let mut child = program(&directory.path())
            .args(["dev", "--listen", "127.0.0.1:0", "--data"])
            .arg(directory.path())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = Vec::new();
        while !greeting.iter().any(|line: &String| line.contains(last)) {
            greeting.push(read(&mut lines).expect("it starts"));
        }
        if last == "curl" {
            greeting.push(read(&mut lines).expect("a blank line"));
        }
        let text = greeting.join("\n");
        let port = text.split("http://localhost:").nth(1).expect("an address");
        let port: String = port.chars().take_while(char::is_ascii_digit).collect();
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap())),
            child,
            lines,
            greeting,
        }
    }

    fn connect(&self) -> Connection {
        Connection::open(self.address, SANDBOX_KEY).unwrap()
    }

    fn next_line(&mut self) -> String {
        read(&mut self.lines).expect("a line for the request")
    }
}

fn read(lines: &mut BufReader<ChildStdout>) -> Option<String> {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    line.strip_suffix('\n').map(str::to_owned)
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn what_is_printed_can_be_pasted_and_each_request_is_a_line() {
    let directory = Directory::new();
    let mut sandbox = Sandbox::start(&directory, &[], "curl");

    assert!(sandbox.greeting.len() <= 20, "{:?}", sandbox.greeting);
    let text = sandbox.greeting.join("\n");
    assert!(
        text.contains(SANDBOX_KEY) && text.contains("/docs"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "no colours");
    let curl = text.lines().find(|line| line.trim().starts_with("curl "));
    let ran = run(Command::new("sh").args(["-c", curl.expect("a curl")]), "");
    let told: Value = serde_json::from_str(&ran.stdout).expect("an answer");
    assert_eq!(
        (&told["mode"], &told["object"]),
        (&"test".into(), &"whoami".into())
    );

    let line = sandbox.next_line();
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(words[..3], ["200", "GET", "/v1/whoami"], "{line}");
    assert_eq!(words[4..], ["ms", "key=sandbox"], "{line}");
    let mut caller = sandbox.connect();
    caller.post("/v1/clients", "one", "{}").unwrap();
    let line = sandbox.next_line();
    assert!(line.starts_with("400 POST /v1/clients "), "{line}");
    assert!(line.ends_with("key=sandbox validation_failed"), "{line}");
    let mut stranger = Connection::open(sandbox.address, "no key").unwrap();
    stranger.get("/v1/clients");
    let line = sandbox.next_line();
    assert!(line.starts_with("401 GET /v1/clients "), "{line}");
    assert!(line.ends_with(" ms auth_invalid"), "{line}");
}

#[test]
fn what_is_made_is_kept_and_no_server_takes_the_key() {
    let directory = Directory::new();
    let sandbox = Sandbox::start(&directory, &[], "curl");
    let made = sandbox
        .connect()
        .post("/v1/clients", "one", &client("kim@example.com"));
    assert_eq!(made.unwrap().status, 201);
    drop(sandbox);

    // The digest of the key is in this database, and still it opens nothing.
    let server = directory.serve();
    let refused = server.connect(SANDBOX_KEY).get("/v1/clients");
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["error"]["reason"], "unknown");
    drop(server);

    let again = Sandbox::start(&directory, &[], "curl");
    let clients = again.connect().get("/v1/clients").json();
    assert_eq!(clients["data"][0]["email"], "kim@example.com");
}

#[test]
fn a_sandbox_knows_test_mode_only() {
    let directory = Directory::new();
    let sandbox = Sandbox::start(&directory, &[], "curl");
    let workspace = sandbox.connect().get("/v1/whoami").json();
    let workspace = workspace["workspace_id"].as_str().unwrap().to_owned();
    let live = directory.json(&[
        "key",
        "create",
        "--mode",
        "live",
        "--name",
        "live",
        "--workspace",
        &workspace,
    ]);

    let mut caller =
        Connection::open(sandbox.address, live["plaintext"].as_str().unwrap()).unwrap();

    let refused = caller.get("/v1/clients");
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"]["code"], "auth_forbidden");
}

#[test]
fn an_address_of_another_computer_and_somebodys_own_data_are_refused() {
    let directory = Directory::new();
    for listen in ["0.0.0.0:0", "192.0.2.1:4780", "[::]:0"] {
        let ran = directory.cadence(&["dev", "--listen", listen]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains("this computer alone"), "{ran:?}");
    }
    for (flag, value) in [("--fail-rate", "101"), ("--latency", "60001")] {
        let ran = directory.cadence(&["dev", flag, value]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains(flag), "{ran:?}");
    }
    directory.account("ann@example.com");
    let path = directory.path();
    let path = path.to_str().unwrap();

    let ran = directory.cadence(&["dev", "--listen", "127.0.0.1:0", "--data", path]);

    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("somebody's own data"), "{ran:?}");
    let keys = directory.json(&["key", "list"]);
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(0), "{keys}");
}

#[test]
fn requests_are_delayed_and_fail_as_often_as_asked() {
    let directory = Directory::new();
    let arguments = ["--json", "--latency", "30", "--fail-rate", "20"];
    let mut sandbox = Sandbox::start(&directory, &arguments, "listening");
    let greeting: Value = serde_json::from_str(&sandbox.greeting[0]).expect("JSON");
    assert_eq!(greeting["key"], SANDBOX_KEY);
    let mut caller = sandbox.connect();

    let begun = Instant::now();
    let answers: Vec<_> = (0..20).map(|_| caller.get("/v1/whoami")).collect();
    let took = begun.elapsed();

    assert!(took >= Duration::from_millis(600), "{took:?}");
    let failed: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status != 200)
        .collect();
    assert_eq!(failed.len(), 4);
    for answer in failed {
        let code = answer.json()["error"]["code"].as_str().unwrap().to_owned();
        let (expected, retry) = match answer.status {
            503 => ("injected_unavailable", Some("1")),
            _ => ("injected_error", None),
        };
        assert_eq!(
            (code.as_str(), answer.header("retry-after")),
            (expected, retry)
        );
    }
    let line: Value = serde_json::from_str(&sandbox.next_line()).expect("JSON");
    assert_eq!(
        (&line["method"], &line["path"]),
        (&"GET".into(), &"/v1/whoami".into())
    );
    assert!(line["duration_us"].as_u64().unwrap() >= 30_000);
}
