//! The log: on standard error, as text or as JSON, one line an entry whatever is logged.
//!
//! A value that came from outside could hold a line feed, an escape sequence of a terminal or a
//! character that turns the direction of writing, and so make up entries or hide them. All control
//! characters but the one line feed at the end are therefore written as `\u…`, which in JSON is the
//! character itself.

use std::io::{self, Write};

use anyhow::{Context, anyhow};
use tracing_subscriber::EnvFilter;

use crate::config::Config;

/// What a command that is no server logs, unless the configuration asks for more.
const QUIET: &str = "warn";

/// Starts the log of the server, and has panics logged in it.
pub(super) fn start(config: &Config) -> anyhow::Result<()> {
    start_with(config, &config.log)?;
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let message = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let location = panic.location().map(ToString::to_string);
        tracing::error!(message = message.unwrap_or("panicked"), location, "panic");
    }));
    Ok(())
}

/// Starts the log of a command, which says nothing unless something is wrong.
pub(super) fn start_quietly(config: &Config) -> anyhow::Result<()> {
    let chosen = config
        .settings
        .iter()
        .any(|setting| setting.name == "log.filter" && setting.origin != "default");
    start_with(config, if chosen { &config.log } else { QUIET })
}

fn start_with(config: &Config, filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| {
        format!("config: `log.filter` is `{filter}`; set it to a level such as info")
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(|| Escaped(io::stderr()));
    let started = if config.log_json {
        log.json().flatten_event(true).try_init()
    } else {
        log.try_init()
    };
    started.map_err(|error| anyhow!(error).context("the log cannot be started"))
}

/// Writes entries on, each in one piece and in one line.
struct Escaped<W>(W);

impl<W: Write> Write for Escaped<W> {
    /// An entry comes whole, in one call.
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        self.0
            .write_all(escape(&String::from_utf8_lossy(entry)).as_bytes())?;
        Ok(entry.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn escape(entry: &str) -> String {
    let line = entry.strip_suffix('\n').unwrap_or(entry);
    let mut escaped = String::with_capacity(entry.len());
    for character in line.chars() {
        if is_safe(character) {
            escaped.push(character);
        } else {
            // All of these are in the first plane, so four digits name them.
            let digits = format!("{:04x}", u32::from(character));
            escaped.extend(["\\u", &digits]);
        }
    }
    escaped.push('\n');
    escaped
}

fn is_safe(character: char) -> bool {
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !character.is_control() && !turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line_without_control_characters() {
        assert_eq!(escape("a plain entry ü…\n"), "a plain entry ü…\n");
        assert_eq!(
            escape("name=x\n2026 ERROR made up\u{1b}[2J\u{202e}\r\n"),
            "name=x\\u000a2026 ERROR made up\\u001b[2J\\u202e\\u000d\n"
        );
    }
}
