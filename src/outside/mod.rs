//! All that leaves the process.
//!
//! Whoever may name an address for this server to call could point it at what only this server can
//! reach: its own machine, its network, the metadata service of its cloud. So addresses that came
//! from a caller go through a [`guard`]: a name is resolved once, every address it has is checked as
//! a number, and the connection is made to one that was checked, never to the name again. There are
//! no redirects, no proxies of the environment, no cookies and no decompression, and whatever the
//! other side does, it has 15 seconds and 64 KiB.
//!
//! - [`target`] reads an address and refuses every spelling that could mean another;
//! - [`address`] knows which addresses are public;
//! - [`guard`] decides who may reach which;
//! - [`http`] connects and asks;
//! - [`api`] is the other way round: the client of a Cadence server, for the command line.

pub mod address;
pub mod target;
pub mod guard;
pub mod http;
pub mod api;

