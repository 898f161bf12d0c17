//! Reading an address to call, so that it can mean one thing only.
//!
//! Programs differ in how they read `http://0x7f.1/`, `http://good.example@127.0.0.1/` or
//! `http://127.0.0.1\@good.example/`. What differs is refused: an address here has a scheme, a host in
//! its plain spelling, perhaps a port, a path and a query, all in visible ASCII, and nothing else.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::values::Invalid;

/// The longest address, in characters.
pub const URL_MAX: usize = 2_048;
/// The longest name of a host (RFC 1035).
const NAME_MAX: usize = 253;
/// The longest part of a name.
const LABEL_MAX: usize = 63;

/// Whom a call is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name to be resolved, in lower case.
    Name(String),
    /// An address as such.
    Address(IpAddr),
}

/// An address that can be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// True for https.
    pub tls: bool,
    /// Whom it is for.
    pub host: Host,
    /// The port, also where the address leaves it out.
    pub port: u16,
    /// Path and query as sent; at least `/`.
    pub path: String,
}

fn refuse(message: &'static str) -> Invalid {
    Invalid::new("invalid_url", message)
}

impl Target {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("required", "This is required."));
        }
        if text.len() > URL_MAX {
            let message = format!("An address has at most {URL_MAX} characters.");
            return Err(Invalid::new("too_long", message));
        }
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if !visible || text.contains(['\\', '"', '<', '>', '^', '`', '{', '|', '}']) {
            let invalid = refuse(
                "An address has visible ASCII characters only, and none of \\ \" < > ^ ` { | }.",
            );
            return Err(
                invalid.fix("Write names in their ASCII form (xn--…) and encode the rest as %XX.")
            );
        }
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| not_an_address().fix("Use the form https://example.com/webhooks."))?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(not_an_address().fix("Use https.")),
        };
        if rest.contains('#') {
            return Err(refuse("An address to call has no fragment (#…)."));
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            let invalid = refuse("An address to call has no user name or password in it.");
            return Err(invalid.fix("Verify the signature instead: each delivery carries one."));
        }
        let (host, port) = split(authority)?;
        let port = match port {
            None if tls => 443,
            None => 80,
            Some(text) => read_port(text)?,
        };
        let path = match path.as_bytes().first() {
            None => "/".to_owned(),
            Some(b'/') => path.to_owned(),
            Some(_) => format!("/{path}"),
        };
        let host = read_host(host)?;
        Ok(Self {
            tls,
            host,
            port,
            path,
        })
    }

    /// Host and port as the `Host` header names them: the port only where it is not the usual one.
    pub fn authority(&self) -> String {
        let usual = if self.tls { 443 } else { 80 };
        if self.port == usual {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// True for a name that means this machine wherever it is asked.
    pub fn names_loopback(&self) -> bool {
        match &self.host {
            Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Address(address) => address.is_loopback(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// IPv6 stands in brackets.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

fn not_an_address() -> Invalid {
    refuse("Not an address that can be called.")
}

/// Host and port of an authority; IPv6 keeps its brackets.
fn split(authority: &str) -> Result<(&str, Option<&str>), Invalid> {
    let after = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']').ok_or_else(not_an_address)? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at(after);
    match rest.strip_prefix(':') {
        Some(port) => Ok((host, Some(port))),
        None if rest.is_empty() => Ok((host, None)),
        None => Err(not_an_address()),
    }
}

fn read_port(text: &str) -> Result<u16, Invalid> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let port = text.parse().ok().filter(|_| plain);
    port.ok_or_else(|| refuse("The port is a number from 1 to 65535."))
}

fn read_host(text: &str) -> Result<Host, Invalid> {
    if let Some(inside) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        // `parse` takes no zone (`%eth0`).
        let address: Option<Ipv6Addr> = inside.parse().ok();
        return match address {
            Some(address) => Ok(Host::Address(address.into())),
            None => Err(not_an_address()),
        };
    }
    let name = text.to_ascii_lowercase();
    let labels = || name.split('.');
    let letters = |label: &str| {
        let known = label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        known && (1..=LABEL_MAX).contains(&label.len())
    };
    if name.len() > NAME_MAX || !labels().all(letters) {
        return Err(refuse("The host is not a name."));
    }
    // Whatever ends in a number is an address to some resolver: 2130706433, 127.1, 0x7f.0.0.1.
    let last = labels().next_back().unwrap_or_default();
    let hexadecimal = last
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if hexadecimal || last.bytes().all(|byte| byte.is_ascii_digit()) {
        let address: Option<Ipv4Addr> = name.parse().ok();
        return match address {
            Some(address) => Ok(Host::Address(address.into())),
            None => Err(
                refuse("The host is a number in a form that is read in different ways.")
                    .fix("Write an address as four decimal numbers, or use a name."),
            ),
        };
    }
    Ok(Host::Name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Target::parse(text).expect(text).to_string()
    }

    #[test]
    fn addresses_are_shown_in_one_form() {
        for (text, form) in [
            ("https://Example.com", "https://example.com/"),
            ("HTTPS://example.com:443/a?b=c", "https://example.com/a?b=c"),
            ("https://example.com?b=c", "https://example.com/?b=c"),
            ("http://example.com:80/", "http://example.com/"),
            ("http://example.com:8080", "http://example.com:8080/"),
            ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
            (
                "https://[2606:4700::1111]:8443/",
                "https://[2606:4700::1111]:8443/",
            ),
            ("http://127.0.0.1:3000/hooks", "http://127.0.0.1:3000/hooks"),
            (
                "https://xn--bcher-kva.example/",
                "https://xn--bcher-kva.example/",
            ),
        ] {
            assert_eq!(shown(text), form);
            assert_eq!(shown(form), form);
        }
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        for text in [
            "",
            "example.com",
            "//example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://127.0.0.1:70/",
            "https:///path",
            "https://user@example.com/",
            "https://user:password@example.com/",
            "https://example.com@127.0.0.1/",
            "https://127.0.0.1\\@example.com/",
            "https://example.com/#fragment",
            "https://example.com./",
            "https://exa mple.com/",
            "https://exämple.com/",
            "https://example.com/\r\nHost: x",
            "https://example.com:0/",
            "https://example.com:65536/",
            "https://example.com:/",
            "https://example.com:+80/",
            "https://[::1/",
            "https://[::1]x/",
            "https://[fe80::1%25eth0]/",
            "https://%31%32%37.0.0.1/",
            "https://2130706433/",
            "https://017700000001/",
            "https://0x7f000001/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://127.0.1/",
            "https://127.0.0.0x1/",
            "https://127.0.0.01/",
            "https://127.0.0.1./",
            "https://1.2.3.4.5/",
            "https://①②⑦.0.0.1/",
            "https://127。0。0。1/",
        ] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }
}
