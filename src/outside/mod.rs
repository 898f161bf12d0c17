//! All that leaves the process.
//!
//! Only jobs, webhooks and commands that were asked to call this, never a transaction. Whatever is
//! spoken to is bounded in time, and what it answers is told in a sentence that holds no secret of
//! ours.
//!
//! Whoever may name an address for this server to call could point it at what only this server can
//! reach: its own machine, its network, the metadata service of its cloud. So addresses that came
//! from a caller go through a [`guard`]: a name is resolved once, every address it has is checked as
//! a number, and the connection is made to one that was checked, never to the name again. There are
//! no redirects, no proxies of the environment, no cookies and no decompression, and whatever the
//! other side does, it has 15 seconds and 64 KiB.
//!
//! - [`mail`] hands mail over;
//! - [`target`] reads an address and refuses every spelling that could mean another;
//! - [`address`] knows which addresses are public;
//! - [`guard`] decides who may reach which;
//! - [`http`] connects and asks;
//! - [`api`] is the other way round: the client of a Cadence server, for the command line.

pub mod mail;
pub mod address;
pub mod target;
pub mod guard;
pub mod http;
pub mod api;

use crate::config::Config;
use crate::error::Result;
use http::Client;
use mail::Mailer;

/// What the program can speak to.
pub struct Outside {
    /// The mail server, if one is set.
    pub mail: Option<Mailer>,
    /// Addresses that came from a caller.
    pub http: Client,
}

impl Outside {
    /// As the configuration says.
    pub fn new(config: &Config) -> Result<Self> {
        let mail = Mailer::of(config).unwrap_or_else(|error| {
            // The configuration was checked when it was read; only a file can have gone since.
            tracing::error!(error = %format!("{error:#}"), "mail cannot be sent");
            None
        });
        let http = Client::new(config)?;
        Ok(Self { mail, http })
    }
}
