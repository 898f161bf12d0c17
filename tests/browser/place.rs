//! A server of its own for a test, and what can be known of it from outside the browser.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Connection, Directory, Running, program};
use crate::wire::Wire;

/// The real program on a fresh directory.
pub(crate) struct Place {
    pub(crate) directory: Directory,
    server: Running,
    host: String,
    /// Of its public address.
    port: u16,
}

impl Place {
    /// A server that browsers of this machine reach.
    pub(crate) fn start() -> Self {
        Self::named("localhost")
    }

    /// A server that is known by a name.
    pub(crate) fn named(host: &str) -> Self {
        let directory = Directory::new();
        // The name has to be known before the port is: it is asked for first, and given back.
        let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = probe.local_addr().unwrap().port();
        drop(probe);
        Self::on(directory, &format!("127.0.0.1:{port}"), (host, port))
    }

    /// A server that is reached over a wire alone.
    pub(crate) fn behind(wire: &Wire) -> Self {
        let place = Self::on(Directory::new(), "127.0.0.1:0", ("localhost", wire.port()));
        wire.lead_to(place.address());
        place
    }

    fn on(directory: Directory, listen: &str, (host, port): (&str, u16)) -> Self {
        let mut command = program(&directory.path());
        command.env("CADENCE_PUBLIC_URL", format!("http://{host}:{port}"));
        let server = Running::start(&mut command, &["--listen", listen]);
        Self {
            directory,
            server,
            host: host.to_owned(),
            port,
        }
    }

    /// What every address of it begins with.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}:{}", self.host, self.port)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address
    }

    pub(crate) fn ip(&self) -> String {
        self.server.address.ip().to_string()
    }

    /// The one-time link to the owner's account.
    pub(crate) fn set_up_link(&self) -> String {
        let ran = self.directory.cadence(&["setup-link"]);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        let token = said
            .split_whitespace()
            .find_map(|word| word.split_once("/dashboard/set-up#"))
            .unwrap_or_else(|| panic!("no link: {said}"))
            .1;
        format!("{}/dashboard/set-up#{token}", self.origin())
    }

    /// Neither the database, nor its log, nor anything else of the directory holds the text.
    #[track_caller]
    pub(crate) fn assert_nowhere(&self, text: &str) {
        for entry in std::fs::read_dir(self.directory.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                let found = bytes
                    .windows(text.len())
                    .any(|part| part == text.as_bytes());
                assert!(!found, "{} holds the key", path.display());
            }
        }
    }
}

/// `serve --demo`: a server full of sample data. It is gone when this is dropped.
pub(crate) struct Demo {
    server: Child,
    origin: String,
    link: String,
    /// Kept open, so that the server can go on printing.
    _stdout: BufReader<ChildStdout>,
    _temporary: TempDir,
}

impl Demo {
    pub(crate) fn start() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cadence"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CADENCE_") {
                command.env_remove(name);
            }
        }
        let mut server = command
            .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--json"])
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(server.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).expect("the demo says where it is");
        let text = |name: &str| said[name].as_str().unwrap().to_owned();
        Self {
            server,
            origin: text("listening"),
            link: text("sign_in"),
            _stdout: stdout,
            _temporary: temporary,
        }
    }

    /// What every address of it begins with.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The link that signs in, once.
    pub(crate) fn sign_in_link(&self) -> &str {
        &self.link
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

/// What a program is told that uses this key.
pub(crate) fn status_of(place: &Place, key: &str) -> u16 {
    Connection::open(place.address(), key)
        .unwrap()
        .get("/v1/whoami")
        .status
}
