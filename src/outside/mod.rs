//! All that leaves the process.
//!
//! Only jobs and commands that were asked to call this, never a transaction. Whatever is spoken to is
//! bounded in time, and what it answers is told in a sentence that holds no secret of ours.

pub mod mail;

use crate::config::Config;
use mail::Mailer;

/// What the program can speak to.
#[derive(Debug)]
pub struct Outside {
    /// The mail server, if one is set.
    pub mail: Option<Mailer>,
}

impl Outside {
    /// As the configuration says.
    pub fn new(config: &Config) -> Self {
        let mail = Mailer::of(config).unwrap_or_else(|error| {
            // The configuration was checked when it was read; only a file can have gone since.
            tracing::error!(error = %format!("{error:#}"), "mail cannot be sent");
            None
        });
        Self { mail }
    }
}
