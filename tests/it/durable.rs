//! An answered write is on the disk: watched from outside, by the system calls of the real program.
//!
//! `strace` lists the calls in the order in which they began and ended. No byte of a 201 may leave
//! through a socket before a sync of the write-ahead log that began after the log held the client
//! and that has ended. The same judge must find fault with a server that does not sync, or it would
//! prove nothing.

#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::json;

use super::support::Caller;

const BINARY: &str = env!("CARGO_BIN_EXE_cadence");
const CALLS: &str = "trace=fdatasync,fsync,write,writev,sendto,sendmsg,pwrite64";
/// Callers at once, and creates of each.
const CALLERS: usize = 4;
const CREATES: usize = 10;

#[test]
fn no_byte_of_a_201_leaves_before_its_sync() {
    let Some(trace) = traced("full") else { return };

    let judged = judge(&trace);

    assert_eq!(judged.answers, CALLERS * CREATES);
    assert_eq!(judged.early, Vec::<String>::new());
}

#[test]
fn the_judge_finds_fault_with_a_server_that_does_not_sync() {
    let Some(trace) = traced("normal") else {
        return;
    };

    let judged = judge(&trace);

    assert_eq!(judged.answers, CALLERS * CREATES);
    assert!(!judged.early.is_empty(), "it found nothing");
}

/// What the judge found.
struct Judged {
    /// Answers to creates that were seen leaving.
    answers: usize,
    /// The clients whose answer left too early.
    early: Vec<String>,
}

/// One system call, from the line in which it began to that in which it ended.
struct Call<'t> {
    name: &'t str,
    rest: &'t str,
    began: usize,
    ended: Option<usize>,
}

/// Reads the calls out of a trace. One that another thread interrupted stands in two lines:
/// `12 fsync(3 <unfinished ...>` and `12 <... fsync resumed>) = 0`.
fn calls(trace: &str) -> Vec<Call<'_>> {
    let mut calls: Vec<(&str, Call<'_>)> = Vec::new();
    for (line, text) in trace.lines().enumerate() {
        let Some((thread, text)) = text.split_once(' ') else {
            continue;
        };
        let text = text.trim_start();
        if text.starts_with("<... ") {
            let open = calls
                .iter_mut()
                .rev()
                .find(|(other, call)| *other == thread && call.ended.is_none());
            if let Some((_, call)) = open {
                call.ended = Some(line);
            }
        } else if let Some((name, rest)) = text.split_once('(') {
            let ended = (!rest.ends_with("<unfinished ...>")).then_some(line);
            let call = Call {
                name,
                rest,
                began: line,
                ended,
            };
            calls.push((thread, call));
        }
    }
    calls.into_iter().map(|(_, call)| call).collect()
}

fn judge(trace: &str) -> Judged {
    let calls = calls(trace);
    let to_log = |call: &&Call<'_>| call.name == "pwrite64" && on_log(call);
    let syncs: Vec<(usize, usize)> = calls
        .iter()
        .filter(|call| matches!(call.name, "fsync" | "fdatasync") && on_log(call))
        .filter_map(|call| Some((call.began, call.ended?)))
        .collect();
    let mut judged = Judged {
        answers: 0,
        early: Vec::new(),
    };
    for answer in &calls {
        let leaves = matches!(answer.name, "write" | "writev" | "sendto" | "sendmsg");
        if !leaves || !answer.rest.contains("HTTP/1.1 201") {
            continue;
        }
        // An answer to several requests at once would hold several.
        for client in clients_in(answer.rest) {
            judged.answers += 1;
            let logged = calls
                .iter()
                .filter(to_log)
                .find(|call| call.rest.contains(&client))
                .and_then(|call| call.ended);
            let synced = logged.is_some_and(|logged| {
                syncs
                    .iter()
                    .any(|(began, ended)| *began > logged && *ended < answer.began)
            });
            if !synced {
                judged.early.push(client);
            }
        }
    }
    judged
}

fn on_log(call: &Call<'_>) -> bool {
    let descriptor = call.rest.split([',', ')', ' ']).next();
    descriptor.is_some_and(|descriptor| descriptor.contains("cadence.db-wal>"))
}

/// The addresses of clients in an answer.
fn clients_in(answer: &str) -> Vec<String> {
    let mut clients: Vec<String> = answer
        .split(r#"\"email\":\""#)
        .skip(1)
        .filter_map(|rest| rest.split_once('\\').map(|(email, _)| email.to_owned()))
        .collect();
    clients.dedup();
    clients
}

/// What a server with this setting did while clients were created; none without `strace`.
fn traced(synchronous: &str) -> Option<String> {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("SKIPPED: strace is not installed, so durability was not watched");
        return None;
    }
    let root = tempfile::tempdir().expect("a directory");
    let data = root.path().join("data");
    cadence::db::prepare_directory(&data).expect("a private directory");
    let made = command(
        &data,
        &["account", "create", "--email", "owner@example.com"],
    )
    .args(["--name", "North", "--password-stdin"])
    .stdin(password(root.path()))
    .output();
    let workspace = member(&made.expect("an account").stdout, "workspace_id");
    let made = command(&data, &["key", "create", "--workspace", &workspace])
        .args(["--mode", "live", "--name", "first"])
        .output();
    let key = member(&made.expect("a key").stdout, "plaintext");

    let trace = root.path().join("trace");
    let watched = Watched::start(&data, &trace, synchronous);
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let caller = Caller {
                address: watched.address,
                authorization: Some(format!("Bearer {key}")),
                session: None,
            };
            thread::spawn(move || create(&caller, number))
        })
        .collect();
    for caller in callers {
        caller.join().expect("the creates are answered");
    }
    watched.stop();
    Some(fs::read_to_string(trace).expect("a trace"))
}

fn create(caller: &Caller, number: usize) {
    for count in 0..CREATES {
        let key = format!("key-{number}-{count}");
        let email = format!("client-{number}-{count}@example.com");
        let body = json!({ "name": "Ada", "email": email });
        caller.post_once("/v1/clients", &key, &body).expect(201);
    }
}

fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command
        .arg("--data")
        .arg(data)
        .arg("--json")
        .args(arguments)
        .stdin(Stdio::null());
    command
}

fn password(root: &Path) -> fs::File {
    let path = root.join("password");
    fs::write(&path, "a long pass phrase for a test").expect("a file");
    fs::File::open(path).expect("a file")
}

fn member(json: &[u8], name: &str) -> String {
    let json: serde_json::Value = serde_json::from_slice(json).expect("JSON");
    json[name].as_str().expect("a text").to_owned()
}

/// The program under `strace`.
struct Watched {
    address: SocketAddr,
    strace: Child,
    lock: PathBuf,
}

impl Watched {
    fn start(data: &Path, trace: &Path, synchronous: &str) -> Self {
        let mut strace = Command::new("strace")
            .args(["-f", "-y", "-s", "16384", "-e", CALLS, "-o"])
            .arg(trace)
            .arg(BINARY)
            .arg("--data")
            .arg(data)
            .args(["--json", "serve", "--listen", "127.0.0.1:0"])
            .env("CADENCE_STORAGE_SYNCHRONOUS", synchronous)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("strace starts");
        let mut line = String::new();
        let stdout = strace.stdout.take().expect("standard output");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("the server listens");
        let url = member(line.as_bytes(), "listening");
        Self {
            address: url
                .trim_start_matches("http://")
                .parse()
                .expect("an address"),
            strace,
            lock: data.join("cadence.lock"),
        }
    }

    /// Ends the server as a supervisor does; `strace` ends with it.
    fn stop(mut self) {
        let holder = fs::read(&self.lock).expect("the server holds its directory");
        let holder: serde_json::Value = serde_json::from_slice(&holder).expect("JSON");
        let stopped = Command::new("kill").arg(holder["pid"].to_string()).status();
        assert!(stopped.expect("kill runs").success());
        self.strace.wait().expect("the server ends");
    }
}
