//! The real program as a process of its own, and a small HTTP client to talk to it.
//!
//! Nothing here waits for time to pass: a server is ready when it says so on its standard output.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

/// Nothing here takes as long, so whatever does is stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// A password that nobody guesses first.
pub(crate) const PASSWORD: &str = "winding river seven lamps";

/// A data directory that is not made yet, and gone when this is dropped.
pub(crate) struct Directory {
    root: tempfile::TempDir,
}

impl Directory {
    pub(crate) fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.root.path().join("data")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// A command on this directory.
    pub(crate) fn cadence(&self, arguments: &[&str]) -> Ran {
        self.cadence_reading(arguments, "")
    }

    /// A command on this directory, and what it reads.
    pub(crate) fn cadence_reading(&self, arguments: &[&str], input: &str) -> Ran {
        run(program(&self.path()).args(arguments), input)
    }

    /// A command whose result is data.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.cadence(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap()
    }

    /// Makes an account and returns the id of its workspace.
    pub(crate) fn account(&self, email: &str) -> String {
        let arguments = [
            "account",
            "create",
            "--name",
            "Ann",
            "--password-stdin",
            "--json",
            "--email",
            email,
        ];
        let ran = self.cadence_reading(&arguments, PASSWORD);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let made: Value = serde_json::from_str(&ran.stdout).unwrap();
        made["workspace_id"].as_str().unwrap().to_owned()
    }

    /// Makes a key for test data and returns it as the command printed it.
    pub(crate) fn key(&self, workspace: &str) -> Value {
        let arguments = [
            "key",
            "create",
            "--mode",
            "test",
            "--name",
            "first",
            "--workspace",
        ];
        self.json(&[&arguments[..], &[workspace]].concat())
    }

    /// Starts the server on a free port.
    pub(crate) fn serve(&self) -> Running {
        Running::start(&mut program(&self.path()), &["--listen", "127.0.0.1:0"])
    }
}

/// The program with an environment of its own, so that the tests' own variables do not reach it.
pub(crate) fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cadence"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CADENCE_") {
            command.env_remove(name);
        }
    }
    command.env("CADENCE_DATA", data);
    command.env("CADENCE_LIMITS_REQUESTS_PER_HOUR", "0");
    command
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command, input: &str) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may be gone already.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A server that has said that it listens. It is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
    /// What it printed before the line that says where it listens.
    pub(crate) first_line: String,
    /// Kept open, so that the server can go on printing.
    _stdout: BufReader<ChildStdout>,
    stderr: mpsc::Receiver<String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command, arguments: &[&str]) -> Self {
        let mut child = command
            .arg("serve")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut errors = child.stderr.take().unwrap();
        let (send, stderr) = mpsc::channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            drop(errors.read_to_string(&mut text));
            drop(send.send(text));
        });
        let (mut first_line, mut line) = (String::new(), String::new());
        stdout.read_line(&mut first_line).unwrap();
        stdout.read_line(&mut line).unwrap();
        let Some(address) = line.trim_end().strip_prefix("listening on http://") else {
            let said = stderr.recv_timeout(PATIENCE).unwrap_or_default();
            panic!("the server did not start: {first_line}{line}{said}");
        };
        Self {
            address: address.parse().unwrap(),
            first_line: first_line.trim_end().to_owned(),
            _stdout: stdout,
            stderr,
            child,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as nothing else does: without a chance to write anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it has ended; returns how, and what it printed on standard error.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        // The pipe ends with the process.
        let said = self.stderr.recv_timeout(PATIENCE).expect("it ends");
        (self.child.wait().unwrap(), said)
    }

    pub(crate) fn connect(&self, key: &str) -> Connection {
        Connection::open(self.address, key).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A connection that is kept open between requests.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    key: String,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr, key: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            key: key.to_owned(),
        })
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None, "").unwrap()
    }

    pub(crate) fn post(&mut self, path: &str, once: &str, body: &str) -> io::Result<Answer> {
        self.send("POST", path, Some(once), body)
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        once: Option<&str>,
        body: &str,
    ) -> io::Result<Answer> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n",
            self.key,
            body.len()
        );
        if let Some(once) = once {
            request.extend(["Idempotency-Key: ", once, "\r\n"]);
        }
        request.extend(["\r\n", body]);
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.receive()
    }

    fn receive(&mut self) -> io::Result<Answer> {
        let cut_off = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|text| text.parse().ok());
        let status = status.ok_or_else(cut_off)?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(": ").ok_or_else(cut_off)?;
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(0, |(_, value)| value.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// The body of a client that is told from all others by its address.
pub(crate) fn client(email: &str) -> String {
    format!(r#"{{"name":"Kim Client","email":"{email}"}}"#)
}

/// The mode bits of a file.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

/// Sets the mode bits of a file.
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
