//! `cadence listen`, `trigger` and the tails, beside a real server.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::process::{Directory, Running, program, run};
use crate::support::{Receiver, until};

/// A command that goes on, and what it prints.
struct Following {
    child: Child,
    lines: std::sync::mpsc::Receiver<String>,
}

impl Following {
    fn start(directory: &Directory, server: &Running, key: &str, arguments: &[&str]) -> Self {
        let mut child = program(&directory.path())
            .env("CADENCE_API_KEY", key)
            .env("CADENCE_BASE_URL", format!("http://{}", server.address))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let stdout = BufReader::new(child.stdout.take().expect("its output"));
        let (send, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    fn line(&self) -> String {
        let patience = std::time::Duration::from_mins(1);
        self.lines.recv_timeout(patience).expect("a line")
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn events_are_forwarded_signed_and_printed() {
    let directory = Directory::new();
    let made = directory.key(&directory.account("ann@example.com"));
    let key = made["plaintext"].as_str().expect("a key");
    let server = directory.serve();
    let receiver = Receiver::start();
    let to = receiver.address.to_string();
    let listen = ["listen", "--json", "--forward-to", to.as_str()];
    let listening = Following::start(&directory, &server, key, &listen);
    let ready: Value = serde_json::from_str(&listening.line()).expect("JSON");
    let tail = ["events", "tail", "--json"];
    let tailing = Following::start(&directory, &server, key, &tail);
    let trigger = || {
        let mut command = program(&directory.path());
        command
            .env("CADENCE_API_KEY", key)
            .env("CADENCE_BASE_URL", format!("http://{}", server.address))
            .args(["trigger", "client.created", "--json"]);
        run(&mut command, "")
    };

    // The streams are open a moment after the first line.
    until("an event is forwarded", || {
        let triggered = trigger();
        assert_eq!(triggered.code, 0, "{}", triggered.stderr);
        !receiver.seen().is_empty()
    });

    let seen = receiver.seen().remove(0);
    let secret = ready["secret"].as_str().expect("a secret");
    assert!(seen.verifies(secret));
    assert_eq!(seen.json()["type"], "client.created");
    let told: Value = serde_json::from_str(&listening.line()).expect("JSON");
    assert_eq!(told["status"], 200);
    until("an event is printed", || {
        trigger();
        tailing
            .lines
            .try_recv()
            .is_ok_and(|line| line.contains("client.created"))
    });
    // The secret is the same in each run.
    let again = Following::start(&directory, &server, key, &listen);
    let ready: Value = serde_json::from_str(&again.line()).expect("JSON");
    assert_eq!(ready["secret"], secret);
}

#[test]
fn a_command_without_a_key_says_which_is_missing() {
    let directory = Directory::new();

    let ran = directory.cadence(&["events", "tail"]);

    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("CADENCE_API_KEY"), "{}", ran.stderr);
}
