//! Who has the data directory: a running server, which is asked, or nobody, and then this command.

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use serde_json::Value;

use super::logging;
use crate::clock::Clock;
use crate::config::Config;
use crate::control::socket::{self, Unanswered};
use crate::control::{self, Command, Holder};
use crate::db::Options;
use crate::db::lock::{DataLock, Held};
use crate::secrets::password::Cost;
use crate::server;

/// A server that is starting or ending, and a command that has the directory, are waited for, ten
/// seconds in all.
const PAUSES: u32 = 400;
const PAUSE: Duration = Duration::from_millis(25);

/// Who has the directory.
pub(super) enum Claim {
    /// This process.
    Ours(DataLock),
    /// A running server.
    Running(Holder),
}

/// What a command needs of the directory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// It may be made.
    Nothing,
    /// There must be a database in it.
    Database,
}

/// Takes the directory, or finds out which server has it.
pub(super) fn claim(directory: &Path) -> anyhow::Result<Claim> {
    let mut patience = Patience::new();
    loop {
        match DataLock::acquire(directory) {
            Ok(lock) => return Ok(Claim::Ours(lock)),
            Err(Held::Unusable(error)) => return Err(error.into()),
            Err(Held::By(text)) => {
                if let Ok(holder) = serde_json::from_str(&text) {
                    return Ok(Claim::Running(holder));
                }
            }
        }
        if !patience.pause() {
            bail!(
                "{}: another command or a starting server has this directory; try again",
                directory.display()
            );
        }
    }
}

/// Takes the directory for a process that needs it alone.
pub(super) fn claim_alone(directory: &Path) -> anyhow::Result<DataLock> {
    match claim(directory)? {
        Claim::Ours(lock) => Ok(lock),
        Claim::Running(holder) => bail!("already running at {holder}"),
    }
}

/// What came of a command.
pub(super) struct Performed {
    /// Its result.
    pub(super) value: Value,
    /// Where the server is reached, or would be if it ran.
    pub(super) public_url: String,
}

/// Carries out a command: through the running server, or here.
pub(super) fn perform(
    config: Config,
    command: &Command,
    needs: Needs,
) -> anyhow::Result<Performed> {
    let directory = config.data.clone();
    if needs == Needs::Database {
        require_database(&directory)?;
    }
    let foreign = foreign_owner(&directory)?;
    if let Some(owner) = foreign
        && !directory.join(DataLock::NAME).exists()
    {
        return Err(refuse_foreign(&directory, owner));
    }
    let mut patience = Patience::new();
    loop {
        let holder = match claim(&directory)? {
            Claim::Ours(lock) => {
                if let Some(owner) = foreign {
                    return Err(refuse_foreign(&directory, owner));
                }
                return here(config, command, lock);
            }
            Claim::Running(holder) => holder,
        };
        match socket::ask(&holder.socket, command) {
            Ok(value) => {
                let public_url = holder.public_url;
                return Ok(Performed { value, public_url });
            }
            Err(Unanswered::Failed(error)) => return Err(error),
            Err(Unanswered::NobodyThere) if patience.pause() => {}
            Err(Unanswered::NobodyThere) => {
                bail!("the server at {holder} does not answer commands: it may be ending")
            }
        }
    }
}

/// Refuses a directory without a database, rather than make one where a path was mistyped.
pub(super) fn require_database(directory: &Path) -> anyhow::Result<()> {
    if directory.join(server::DATABASE).exists() {
        return Ok(());
    }
    bail!(
        "{}: there is no Cadence database here: name its directory with --data, or make one with \
         `cadence serve` or `cadence account create`",
        directory.display()
    )
}

/// Refuses a directory of another user: what this process makes in it that user could not open.
pub(super) fn require_own(directory: &Path) -> anyhow::Result<()> {
    match foreign_owner(directory)? {
        None => Ok(()),
        Some(owner) => Err(refuse_foreign(directory, owner)),
    }
}

fn here(config: Config, command: &Command, lock: DataLock) -> anyhow::Result<Performed> {
    logging::start_quietly(&config)?;
    let options = Options {
        readers: 1,
        ..Options::default()
    };
    let app = server::open(config, Clock::system(), &options, Cost::default())?;
    let public_url = app.config.public_url.to_string();
    let outcome = control::execute(&app, command.clone());
    app.db.shutdown();
    // The last connection is closed before anybody else may open one.
    drop(app);
    drop(lock);
    Ok(Performed {
        value: outcome?,
        public_url,
    })
}

fn refuse_foreign(directory: &Path, owner: u32) -> anyhow::Error {
    anyhow!(
        "{}: this directory belongs to another user (number {owner}), whose server could not open \
         what is made here: run the command as that user",
        directory.display()
    )
}

/// The number of the directory's owner if that is another user.
fn foreign_owner(directory: &Path) -> anyhow::Result<Option<u32>> {
    let owner = match fs::metadata(directory) {
        Ok(metadata) => metadata.uid(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| directory.display().to_string()),
    };
    Ok((owner != own_user()?).then_some(owner))
}

/// The number of the user that this process runs as: the owner of a socket that it makes. The
/// standard library has no other way to ask.
fn own_user() -> anyhow::Result<u32> {
    let (one, _) = UnixStream::pair()?;
    Ok(File::from(OwnedFd::from(one)).metadata()?.uid())
}

/// Waits a little, again and again, but not for ever.
struct Patience {
    pauses: u32,
}

impl Patience {
    fn new() -> Self {
        Self { pauses: PAUSES }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "what is waited for happens in another process"
    )]
    fn pause(&mut self) -> bool {
        if self.pauses == 0 {
            return false;
        }
        self.pauses -= 1;
        std::thread::sleep(PAUSE);
        true
    }
}
