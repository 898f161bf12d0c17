//! How a command reaches the running server: a Unix socket that its owner alone can open.
//!
//! One JSON line in, one JSON line out: `{"ok": …}` or `{"error": {"code", "message"}}`. The socket
//! stands in the data directory. Where that path is too long for a socket it stands in a directory
//! of its own for temporary files; either way the server publishes it in the lock.
//!
//! Invariant: whoever listens holds the lock of the data directory, so a socket that is already
//! there was left by a server that was killed.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;

use super::{Command, execute, sentence};
use crate::app::App;
use crate::config;
use crate::error::{Code, Error, Kind};

const NAME: &str = "control.sock";

/// The kernel keeps the path in 104 to 108 bytes, by system.
const PATH_LIMIT_BYTES: usize = 100;
/// A command is a few hundred bytes.
const COMMAND_LIMIT_BYTES: u64 = 64 * 1024;
/// An answer lists at most all keys of all workspaces.
const ANSWER_LIMIT_BYTES: u64 = 256 * 1024 * 1024;
/// Commands at once; more wait to be accepted.
const PLACES: u32 = 16;
/// How long a command's line may take to arrive.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// How long commands under way are waited for at the end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long an answer is waited for: longer than any command takes.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);

/// What comes back for a command.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Reply {
    Ok(Value),
    Error(Failure),
}

#[derive(Deserialize, Serialize)]
struct Failure {
    code: String,
    message: String,
}

/// The listening socket; it is gone when this is dropped.
pub struct Socket {
    path: PathBuf,
    /// The directory that was made for it, where it is not in the data directory.
    made: Option<PathBuf>,
    places: Arc<Semaphore>,
    accepting: tokio::task::JoinHandle<()>,
}

/// Listens for commands. The caller holds the data directory's lock and is in an async runtime.
pub fn listen(app: &App) -> anyhow::Result<Socket> {
    let (path, made) = place(&app.config.data)?;
    let listener = UnixListener::bind(&path)
        .and_then(|listener| {
            // The directory is closed to others already; this also says so on the file itself.
            fs::set_permissions(&path, Permissions::from_mode(0o600))?;
            Ok(listener)
        })
        .with_context(|| format!("{}: cannot listen for commands", path.display()))?;
    let places = Arc::new(Semaphore::new(PLACES as usize));
    let accepting = tokio::spawn(accept(app.clone(), listener, Arc::clone(&places)));
    Ok(Socket {
        path,
        made,
        places,
        accepting,
    })
}

impl Socket {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes no further command and waits for those under way.
    pub async fn close(self) {
        self.accepting.abort();
        let all = self.places.acquire_many(PLACES);
        if tokio::time::timeout(CLOSE_TIMEOUT, all).await.is_err() {
            tracing::warn!("stopped while a command at the control socket was still open");
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.accepting.abort();
        // What is left is replaced at the next start.
        drop(fs::remove_file(&self.path));
        if let Some(made) = &self.made {
            drop(fs::remove_dir(made));
        }
    }
}

/// Chooses the path and clears it of what a killed server left.
fn place(data: &Path) -> anyhow::Result<(PathBuf, Option<PathBuf>)> {
    let path = data.join(NAME);
    if fits(&path) {
        clear(&path)?;
        return Ok((path, None));
    }
    let name = format!("cadence-{}", std::process::id());
    let directory = [config::temporary_directory(), PathBuf::from("/tmp")]
        .into_iter()
        .map(|parent| parent.join(&name))
        .find(|directory| fits(&directory.join(NAME)))
        .context("there is no directory for temporary files with a short path")?;
    let path = directory.join(NAME);
    // Of a killed server whose process had this number; anybody else's directory does not yield.
    if directory.symlink_metadata().is_ok() {
        clear(&path)?;
        drop(fs::remove_dir(&directory));
    }
    // It must be new: in a directory that others can write to, a known one may be another's.
    DirBuilder::new()
        .mode(0o700)
        .create(&directory)
        .with_context(|| format!("{}: cannot be made", directory.display()))?;
    Ok((path, Some(directory)))
}

fn fits(path: &Path) -> bool {
    path.as_os_str().len() <= PATH_LIMIT_BYTES
}

fn clear(path: &Path) -> anyhow::Result<()> {
    match path.symlink_metadata() {
        Ok(found) if found.file_type().is_socket() => {
            fs::remove_file(path).with_context(|| format!("{}: cannot be replaced", path.display()))
        }
        Ok(_) => bail!("{}: this is not a socket: move it away", path.display()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("{}", path.display())),
    }
}

async fn accept(app: App, listener: UnixListener, places: Arc<Semaphore>) {
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let app = app.clone();
                tokio::spawn(async move {
                    if let Err(error) = converse(&app, stream).await {
                        tracing::debug!(%error, "a command at the control socket broke off");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely: trying at once would only spin.
                tracing::warn!(%error, "the control socket cannot accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn converse(app: &App, stream: UnixStream) -> anyhow::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = Vec::new();
    let mut read = tokio::io::BufReader::new(read).take(COMMAND_LIMIT_BYTES);
    tokio::time::timeout(READ_TIMEOUT, read.read_until(b'\n', &mut line)).await??;
    let reply = answer(app, &line).await;
    let mut text = serde_json::to_vec(&reply)?;
    text.push(b'\n');
    write.write_all(&text).await?;
    write.shutdown().await?;
    Ok(())
}

async fn answer(app: &App, line: &[u8]) -> Reply {
    if line.last() != Some(&b'\n') {
        return failure(Code::BodyTooLarge, "The command is cut off or too long.");
    }
    let Ok(command) = serde_json::from_slice::<Command>(line) else {
        // Two programs of different versions, since both ends are this one.
        return failure(
            Code::UnknownField,
            "The running server does not know this command: it is another version of Cadence. \
             Use the program that it was started with, or restart it with this one.",
        );
    };
    let app = app.clone();
    let outcome = tokio::task::spawn_blocking(move || execute(&app, command)).await;
    // The panic's own message is in the log by the panic hook.
    let outcome = outcome.unwrap_or_else(|_| Err(Error::bug("a command panicked")));
    match outcome {
        Ok(value) => Reply::Ok(value),
        Err(error) => {
            if error.code().kind() == Kind::Internal {
                tracing::error!(?error, "a command failed");
            }
            failure(error.code(), &sentence(&error))
        }
    }
}

fn failure(code: Code, message: &str) -> Reply {
    Reply::Error(Failure {
        code: code.name().to_owned(),
        message: message.to_owned(),
    })
}

/// Why a command has no result.
#[derive(Debug)]
pub enum Unanswered {
    /// Nobody listens: the server is ending, or it is gone already.
    NobodyThere,
    /// The server refused it, or broke off.
    Failed(anyhow::Error),
}

/// Asks the server that listens there. Blocks.
pub fn ask(path: &Path, command: &Command) -> Result<Value, Unanswered> {
    let stream = BlockingStream::connect(path).map_err(|error| {
        let gone = [io::ErrorKind::NotFound, io::ErrorKind::ConnectionRefused];
        if gone.contains(&error.kind()) {
            return Unanswered::NobodyThere;
        }
        let place = format!("{}: cannot be reached", path.display());
        Unanswered::Failed(anyhow!(error).context(place))
    })?;
    let broken_off = |error: anyhow::Error| {
        Unanswered::Failed(error.context(
            "the server ended before it answered: look whether the command was done before you \
             repeat it",
        ))
    };
    let line = exchange(&stream, command).map_err(broken_off)?;
    match serde_json::from_slice(&line) {
        Ok(Reply::Ok(value)) => Ok(value),
        Ok(Reply::Error(failure)) => Err(Unanswered::Failed(anyhow!(failure.message))),
        Err(error) => Err(broken_off(error.into())),
    }
}

fn exchange(mut stream: &BlockingStream, command: &Command) -> anyhow::Result<Vec<u8>> {
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
    let mut text = serde_json::to_vec(command)?;
    text.push(b'\n');
    stream.write_all(&text)?;
    let mut line = Vec::new();
    BufReader::new(stream.take(ANSWER_LIMIT_BYTES)).read_until(b'\n', &mut line)?;
    Ok(line)
}
