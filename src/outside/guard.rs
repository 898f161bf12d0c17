//! Who may call which address.
//!
//! A live call goes to public addresses, by https. What the operator lists in `webhooks.allow_private`
//! (an address and a port, in the configuration file alone) it may reach as well. A test call may reach
//! this machine too, so that a sandbox works without any configuration, but only while nobody but this
//! machine can have asked for it: the server listens on loopback, has no public address and no trusted
//! proxy, and no request has ever carried a header of a proxy. The first that does closes the door until
//! the next start: whoever comes through a proxy brings it along in the very request with which they
//! would register an address.
//!
//! Never reached: this server itself, and the metadata services of clouds.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use super::address::{Place, place_of};
use super::target::{Host, Target};
use crate::caller::Mode;
use crate::config::{Config, PublicUrl, UrlSource};
use crate::values::Invalid;

/// By which right an address is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// It is public.
    Public,
    /// It is this machine, and the call is one of the sandbox.
    Sandbox,
    /// The operator allows it.
    Operator,
}

/// The rules of this server.
#[derive(Debug)]
pub struct Guard {
    /// What the operator allows.
    allowed: Vec<SocketAddr>,
    /// Where the server is reached.
    public: RwLock<PublicUrl>,
    /// True if the server listens on loopback and trusts no proxy.
    on_its_own: bool,
    /// True if somebody gave the server a public address.
    has_address: AtomicBool,
    /// True once a request carried a header of a proxy.
    forwarded: AtomicBool,
    /// Where the server listens, once it does.
    listening: OnceLock<SocketAddr>,
}

impl Guard {
    /// The rules that a configuration makes.
    pub fn of(config: &Config) -> Self {
        let listens_here = config.listen.ip().to_canonical().is_loopback();
        let on_its_own = listens_here && config.trusted_proxies.is_empty();
        Self {
            allowed: config.allow_private.clone(),
            public: RwLock::new(config.public_url.clone()),
            on_its_own,
            has_address: AtomicBool::new(config.public_url_source != UrlSource::Default),
            forwarded: AtomicBool::new(false),
            listening: OnceLock::new(),
        }
    }

    /// Remembers where the server listens. It listens once.
    pub fn listens_at(&self, address: SocketAddr) {
        self.listening.get_or_init(|| address);
    }

    /// Remembers where the server is reached now.
    pub fn public_address_is(&self, url: &PublicUrl, source: UrlSource) {
        let given = source != UrlSource::Default;
        self.has_address.store(given, Ordering::Release);
        *self.public.write().unwrap_or_else(PoisonError::into_inner) = url.clone();
    }

    /// Remembers that a request came through a proxy.
    pub fn saw_proxy(&self) {
        if !self.forwarded.swap(true, Ordering::AcqRel) && self.on_its_own {
            tracing::info!(
                "a request came through a proxy: test webhooks no longer reach this machine"
            );
        }
    }

    /// Whether test calls reach this machine.
    pub fn sandbox_is_open(&self) -> bool {
        let opened = self.has_address.load(Ordering::Acquire);
        self.on_its_own && !opened && !self.forwarded.load(Ordering::Acquire)
    }

    /// What the operator allows beyond public addresses.
    pub fn allowed(&self) -> &[SocketAddr] {
        &self.allowed
    }

    /// Checks what can be seen without resolving a name: the scheme, our own name, a literal address.
    pub fn check_target(&self, target: &Target, mode: Mode) -> Result<(), Invalid> {
        if self.is_public_address(target) {
            return Err(blocked("The address is this server's own."));
        }
        if let Host::Address(address) = target.host {
            self.check(address, target, mode)?;
            return Ok(());
        }
        // A name by plain http is for the sandbox, or for what the operator lists: its addresses tell.
        let sandbox = mode == Mode::Test && self.sandbox_is_open();
        if !target.tls && !sandbox && self.allowed.is_empty() {
            return Err(not_https());
        }
        Ok(())
    }

    /// Whether this address may be reached on behalf of a tenant of this mode, and by which right.
    pub fn check(&self, address: IpAddr, target: &Target, mode: Mode) -> Result<Right, Invalid> {
        let address = address.to_canonical();
        let place = place_of(address);
        if place == Place::Metadata {
            return Err(blocked(
                "The address is that of a cloud's metadata service.",
            ));
        }
        if self.is_own(address, target.port) {
            return Err(blocked("The address is this server's own."));
        }
        if self
            .allowed
            .contains(&SocketAddr::new(address, target.port))
        {
            return Ok(Right::Operator);
        }
        match place {
            Place::Public if target.tls => Ok(Right::Public),
            Place::Public => Err(not_https()),
            Place::Loopback if mode == Mode::Test && self.sandbox_is_open() => Ok(Right::Sandbox),
            Place::Loopback if mode == Mode::Test => Err(blocked("The address is this machine.").fix(
                "Test webhooks reach it only while the server listens on loopback and is behind no \
                 proxy. Use `cadence listen`, or the test inbox.",
            )),
            Place::Loopback => Err(blocked("The address is this machine.")),
            Place::Reserved(words) => Err(blocked_as(words)),
            Place::Metadata => Err(blocked("The address is not public.")),
        }
    }

    /// Whether an address is the one under which people reach this server, perhaps through a proxy.
    fn is_public_address(&self, target: &Target) -> bool {
        let public = self.public.read().unwrap_or_else(PoisonError::into_inner);
        let same = Target::parse(public.as_str())
            .is_ok_and(|public| (&public.host, public.port) == (&target.host, target.port));
        // On this machine the port tells, and that is looked at for each of its addresses.
        same && !target.names_loopback()
    }

    /// Whether the address and port are those at which this server listens.
    fn is_own(&self, address: IpAddr, port: u16) -> bool {
        let Some(own) = self.listening.get().filter(|own| own.port() == port) else {
            return false;
        };
        // A socket can be bound only to an address of this machine; none is sent anything by this.
        own.ip().to_canonical() == address
            || (own.ip().is_unspecified() && UdpSocket::bind((address, 0)).is_ok())
            || (own.ip().is_loopback() && address.is_loopback())
    }
}

fn blocked(message: &'static str) -> Invalid {
    Invalid::new("blocked_address", message)
        .fix("Use an address that is reached over the internet.")
}

fn blocked_as(words: &'static str) -> Invalid {
    let message = format!("The address is not public: it is {words}.");
    Invalid::new("blocked_address", message).fix(
        "Use an address that is reached over the internet. The operator of the server can list \
         others in `webhooks.allow_private`.",
    )
}

fn not_https() -> Invalid {
    Invalid::new("insecure_url", "The address is not https.").fix("Use https.")
}
