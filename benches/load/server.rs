//! The release binary on a directory of its own, looked after by its own command line.

use std::fs::{self, DirBuilder, File};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The address that the account signs in with, and its password.
pub(crate) const EMAIL: &str = "owner@load.example";
pub(crate) const PASSWORD: &str = "a long pass phrase for the load benchmark";

/// A limit that counts and has its headers, and that no run comes near.
const NEVER_REACHED: &str = "4000000000";

/// A running server; ends when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
}

/// An API key.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) plaintext: String,
}

/// Makes a private data directory under a temporary one.
pub(crate) fn data_in(root: &Path, name: &str) -> Result<PathBuf> {
    let data = root.join(name);
    DirBuilder::new().mode(0o700).create(&data)?;
    Ok(data)
}

fn command(binary: &Path, data: &Path) -> Command {
    let mut command = Command::new(binary);
    command
        .arg("--data")
        .arg(data)
        .arg("--json")
        .env("CADENCE_LIMITS_REQUESTS_PER_HOUR", NEVER_REACHED);
    command
}

impl Server {
    /// Starts it and waits until it listens. Its log is in the directory.
    pub(crate) fn start(binary: &Path, data: &Path) -> Result<Self> {
        Self::start_with(binary, data, &[])
    }

    /// The same with settings of its own.
    pub(crate) fn start_with(
        binary: &Path,
        data: &Path,
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let mut child = command(binary, data)
            .envs(environment.iter().copied())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(data.join("server.log"))?)
            .spawn()
            .with_context(|| format!("{} cannot be started", binary.display()))?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line).with_context(|| {
            let log = fs::read_to_string(data.join("server.log")).unwrap_or_default();
            format!("the server did not start: {log}")
        })?;
        let url = said["listening"].as_str().context("no address")?;
        let address = url.trim_start_matches("http://").parse()?;
        Ok(Self { address, child })
    }

    /// Processor time that it has used, of all its threads, in ticks of 10 ms.
    pub(crate) fn ticks(&self) -> Result<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // Behind the name, which is in brackets: state first, then numbers.
        let (_, fields) = stat.rsplit_once(')').context("no name")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let number = |place: usize| -> Result<u64> {
            Ok(fields.get(place).context("too few fields")?.parse()?)
        };
        Ok(number(11)? + number(12)?)
    }

    /// Memory that it holds, in kB.
    pub(crate) fn resident_kb(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .context("no VmRSS")?;
        Ok(line
            .split_whitespace()
            .nth(1)
            .context("no number")?
            .parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs a command of the program and gives what it printed.
fn run(binary: &Path, data: &Path, arguments: &[&str], input: &str) -> Result<Value> {
    let mut child = command(binary, data)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    child
        .stdin
        .take()
        .context("no standard input")?
        .write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{arguments:?} failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Starts a backup beside a running server.
pub(crate) fn start_backup(binary: &Path, data: &Path) -> Result<Child> {
    Ok(command(binary, data)
        .arg("backup")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?)
}

/// Makes an account; gives the id of its workspace.
pub(crate) fn make_account(binary: &Path, data: &Path) -> Result<String> {
    let arguments = [
        "account",
        "create",
        "--email",
        EMAIL,
        "--name",
        "Load",
        "--password-stdin",
    ];
    let made = run(binary, data, &arguments, PASSWORD)?;
    Ok(made["workspace_id"]
        .as_str()
        .context("no workspace")?
        .to_owned())
}

/// Makes a key that may do everything.
pub(crate) fn make_key(binary: &Path, data: &Path, workspace: &str, mode: &str) -> Result<Key> {
    let arguments = [
        "key",
        "create",
        "--workspace",
        workspace,
        "--mode",
        mode,
        "--name",
        "load",
    ];
    let key = run(binary, data, &arguments, "")?;
    let member = |name: &str| -> Result<String> {
        let text = key[name].as_str().with_context(|| format!("no {name}"))?;
        Ok(text.to_owned())
    };
    Ok(Key {
        id: member("id")?,
        plaintext: member("plaintext")?,
    })
}
