//! A mail server on loopback that takes mail over real SMTP, and misbehaves as a test wants it to.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

/// What it does with a mail to an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Answers the recipient with this line, so many times.
    Answer(&'static str, usize),
    /// Says nothing to the whole mail until the connection or the server ends.
    Hang,
    /// Takes the mail, and never says that it did.
    TakeAndHang,
}

/// A mail that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// Whom it is to.
    pub(crate) to: String,
    /// Head and body.
    pub(crate) data: String,
}

impl Received {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> String {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default();
        let prefix = format!("{name}: ");
        let line = head.split("\r\n").find(|line| line.starts_with(&prefix));
        let line = line.unwrap_or_else(|| panic!("no {name}: {head}"));
        line[prefix.len()..].to_owned()
    }
}

#[derive(Default)]
struct State {
    manners: HashMap<String, Manner>,
    received: Vec<Received>,
    /// Mails to addresses that hang, with what keeps them waiting.
    hanging: Vec<Sender<()>>,
    connections: usize,
}

/// The mail server. It listens until the process ends.
#[derive(Clone)]
pub(crate) struct MailServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl MailServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Self {
            address: listener.local_addr().expect("an address"),
            state: Arc::default(),
        };
        let accepting = server.clone();
        let serve = move || {
            for stream in listener.incoming() {
                let server = accepting.clone();
                let talk = move || drop(server.talk(stream.expect("a connection")));
                std::thread::spawn(talk);
            }
        };
        std::thread::spawn(serve);
        server
    }

    /// What `mail.smtp_url` is set to.
    pub(crate) fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    fn with<T>(&self, run: impl FnOnce(&mut State) -> T) -> T {
        run(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How mail to an address is treated from now on.
    pub(crate) fn treat(&self, address: &str, manner: Manner) {
        self.with(|state| state.manners.insert(address.to_owned(), manner));
    }

    /// Everything that it took.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.with(|state| state.received.clone())
    }

    /// Whom it took mail for, in order.
    pub(crate) fn recipients(&self) -> Vec<String> {
        self.received().into_iter().map(|mail| mail.to).collect()
    }

    /// How many mails it keeps waiting.
    pub(crate) fn hanging(&self) -> usize {
        self.with(|state| state.hanging.len())
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.with(|state| state.connections)
    }

    fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        self.with(|state| state.connections += 1);
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut stream = stream;
        let mut say = |line: &str| write!(stream, "{line}\r\n");
        say("220 loopback")?;
        let mut to = String::new();
        let mut line = String::new();
        while reader.read_line(&mut line)? > 0 {
            let command = line.trim_end().to_owned();
            line.clear();
            let verb = command.split(' ').next().unwrap_or_default().to_uppercase();
            match verb.as_str() {
                "EHLO" => say("250-loopback\r\n250 8BITMIME")?,
                "MAIL" | "RSET" | "NOOP" => say("250 ok")?,
                "RCPT" => {
                    to = between(&command, '<', '>');
                    let answer = self.with(|state| answer(state, &to));
                    say(answer)?;
                }
                "DATA" => {
                    say("354 go on")?;
                    let data = data(&mut reader)?;
                    let hangs = self.hangs(&to);
                    if hangs
                        .as_ref()
                        .is_none_or(|(manner, _)| *manner == Manner::TakeAndHang)
                    {
                        let to = to.clone();
                        self.with(|state| state.received.push(Received { to, data }));
                    }
                    if let Some((_, waiting)) = hangs {
                        // Nothing is ever sent: it ends with the test.
                        waiting.recv().unwrap_or_default();
                        return Ok(());
                    }
                    say("250 taken")?;
                }
                "QUIT" => {
                    say("221 bye")?;
                    return Ok(());
                }
                _ => say("502 unknown")?,
            }
        }
        Ok(())
    }

    fn hangs(&self, to: &str) -> Option<(Manner, Receiver<()>)> {
        self.with(|state| {
            let manner = state.manners.get(to).cloned();
            let hangs = manner.filter(|manner| !matches!(manner, Manner::Answer(..)))?;
            let (hold, waiting) = mpsc::channel();
            state.hanging.push(hold);
            Some((hangs, waiting))
        })
    }
}

fn answer(state: &mut State, to: &str) -> &'static str {
    match state.manners.get_mut(to) {
        Some(Manner::Answer(line, times)) if *times > 0 => {
            *times -= 1;
            line
        }
        _ => "250 ok",
    }
}

fn between(text: &str, open: char, close: char) -> String {
    let inside = text
        .split(open)
        .nth(1)
        .and_then(|rest| rest.split(close).next());
    inside.unwrap_or_default().to_owned()
}

fn data(reader: &mut impl BufRead) -> std::io::Result<String> {
    let mut data = String::new();
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        if line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
        line.clear();
    }
    // The sender was killed halfway: a mail that did not come whole is none.
    Err(std::io::ErrorKind::UnexpectedEof.into())
}
