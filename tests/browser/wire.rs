//! The line between a browser and a server, which can break in the middle of an answer.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// How the request begins whose answer is to be lost.
type Breaks = Arc<Mutex<Option<String>>>;

/// A line that carries everything as it is, until it is told to break.
pub(crate) struct Wire {
    listener: TcpListener,
    breaks: Breaks,
}

impl Wire {
    /// A line that leads nowhere yet, so that its end is known before there is a server.
    pub(crate) fn new() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            breaks: Breaks::default(),
        }
    }

    /// Where browsers find it.
    pub(crate) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// Leads to a server from now on.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        let listener = self.listener.try_clone().unwrap();
        let breaks = Arc::clone(&self.breaks);
        thread::spawn(move || {
            for browser in listener.incoming().flatten() {
                let breaks = Arc::clone(&breaks);
                thread::spawn(move || carry(&browser, server, &breaks));
            }
        });
    }

    /// The next request that begins so reaches the server, and of the answer only the head comes back.
    pub(crate) fn break_answer_to(&self, request: &str) {
        *self.lock() = Some(request.to_owned());
    }

    /// Whether it broke as it was told.
    pub(crate) fn has_broken(&self) -> bool {
        self.lock().is_none()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.breaks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries one connection until either end closes it. A connection that was cut off is nobody's fault.
fn carry(browser: &TcpStream, server: SocketAddr, breaks: &Breaks) {
    let Ok(upstream) = TcpStream::connect(server) else {
        return;
    };
    let broken = Arc::new(AtomicBool::new(false));
    let (Ok(answers), Ok(back)) = (upstream.try_clone(), browser.try_clone()) else {
        return;
    };
    let is_broken = Arc::clone(&broken);
    let answering = thread::spawn(move || carry_answers(answers, back, &is_broken));
    let (mut browser, mut upstream) = (browser, &upstream);
    let mut bytes = vec![0; 65_536];
    while let Ok(read @ 1..) = browser.read(&mut bytes) {
        let mut breaks = breaks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(request) = breaks.as_deref()
            && bytes[..read].starts_with(request.as_bytes())
        {
            *breaks = None;
            broken.store(true, Ordering::SeqCst);
        }
        drop(breaks);
        if upstream.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    drop(upstream.shutdown(Shutdown::Both));
    drop(answering.join());
}

fn carry_answers(mut server: TcpStream, mut browser: TcpStream, broken: &AtomicBool) {
    let mut head = Vec::new();
    let mut bytes = vec![0; 65_536];
    while let Ok(read @ 1..) = server.read(&mut bytes) {
        if !broken.load(Ordering::SeqCst) {
            if browser.write_all(&bytes[..read]).is_err() {
                break;
            }
            continue;
        }
        head.extend_from_slice(&bytes[..read]);
        let end = head.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            drop(browser.write_all(&head[..end + 4]));
            break;
        }
    }
    drop(browser.shutdown(Shutdown::Both));
    drop(server.shutdown(Shutdown::Both));
}
