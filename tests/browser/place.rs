//! A server of its own for a test, and what can be known of it from outside the browser.

use std::net::SocketAddr;

use crate::process::{Connection, Directory, Running, program};

/// The real program on a fresh directory.
pub(crate) struct Place {
    pub(crate) directory: Directory,
    server: Running,
    host: String,
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
        let listen = format!("127.0.0.1:{port}");
        let mut command = program(&directory.path());
        command.env("CADENCE_PUBLIC_URL", format!("http://{host}:{port}"));
        let server = Running::start(&mut command, &["--listen", &listen]);
        Self {
            directory,
            server,
            host: host.to_owned(),
        }
    }

    /// What every address of it begins with.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}:{}", self.host, self.server.address.port())
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

/// What a program is told that uses this key.
pub(crate) fn status_of(place: &Place, key: &str) -> u16 {
    Connection::open(place.address(), key)
        .unwrap()
        .get("/v1/whoami")
        .status
}
