//! Redirect URIs: what may be registered, what matches, and how an answer is put into one.
//!
//! What may be registered is an allow-list: `https`, `http` on this computer, and private-use
//! schemes with a dot in them (RFC 8252). What is asked for must be what was registered, byte for
//! byte; only the port of a loopback address is free, since a command-line program cannot choose
//! its own in advance. Nothing is normalised, so there is no second way to write an address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::values::Invalid;

/// The longest redirect URI.
pub const MAX_LENGTH: usize = 1_000;

/// The loopback addresses whose port is free; a name could be made to lead elsewhere.
const LOOPBACK: &[&str] = &["http://127.0.0.1", "http://[::1]"];

/// Everything but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The scheme and the rest, behind the colon.
fn split(uri: &str) -> Option<(&str, &str)> {
    uri.split_once(':')
}

/// Host and port of an `http` or `https` URI, and what follows them.
fn authority(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.strip_prefix("//")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    Some(rest.split_at(end))
}

fn is_port(text: &str) -> bool {
    let digits = !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
    digits && !text.starts_with('0') && text.parse::<u16>().is_ok()
}

/// Splits a host from its port; none if either is malformed.
fn host_and_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(end);
    if port.is_empty() {
        return Some((host, None));
    }
    let port = port.strip_prefix(':').filter(|port| is_port(port))?;
    Some((host, Some(port)))
}

fn is_host(host: &str) -> bool {
    if let Some(literal) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return literal.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

/// Characters that RFC 3986 allows in a path or a query, with well-formed escapes.
fn is_well_formed(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escape = bytes.get(at + 1..at + 3);
        match byte {
            b'%' if escape.is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => at += 3,
            b'%' => return false,
            _ if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(byte) => at += 1,
            _ => return false,
        }
    }
    true
}

/// Whether a path climbs: `.` or `..` as a segment, also escaped or with parameters behind.
fn climbs(path: &str) -> bool {
    let path = path
        .split('?')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let path = path
        .replace("%2e", ".")
        .replace("%2f", "/")
        .replace("%5c", "/");
    path.split('/').any(|segment| {
        let name = segment.split(';').next().unwrap_or_default();
        matches!(name, "." | "..")
    })
}

/// Whether a scheme is one of an app's own, such as `com.example.coach`.
fn is_private_use(scheme: &str) -> bool {
    let mut labels = scheme.split('.');
    scheme.contains('.')
        && scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && labels.all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}

/// Checks a redirect URI that is to be registered.
pub fn check(uri: &str) -> Result<String, Invalid> {
    let refuse = |message: &'static str| {
        Err(Invalid::new("invalid_redirect_uri", message)
            .fix("Use https://app.example/callback, http://127.0.0.1/callback or com.example.app:/callback."))
    };
    if uri.len() > MAX_LENGTH {
        return refuse("Longer than 1,000 characters.");
    }
    if uri.contains('#') {
        return refuse("A redirect URI has no fragment.");
    }
    let Some((scheme, rest)) = split(uri) else {
        return refuse("Not an absolute URI.");
    };
    if is_private_use(scheme) {
        let path = rest.strip_prefix("//").unwrap_or(rest);
        let sound = rest.starts_with('/') && is_well_formed(path) && !climbs(path);
        return if sound {
            Ok(uri.to_owned())
        } else {
            refuse("Write a private-use scheme as com.example.app:/callback.")
        };
    }
    if !matches!(scheme, "https" | "http") {
        return refuse(
            "The scheme must be https, http on this computer, or one of the app's own with a dot in it.",
        );
    }
    let Some((authority, path)) = authority(rest) else {
        return refuse("Not an absolute URI.");
    };
    let Some((host, _)) = host_and_port(authority).filter(|(host, _)| is_host(host)) else {
        return refuse("The host must be a plain name or address in lower case, without a user.");
    };
    if scheme == "http" && !matches!(host, "127.0.0.1" | "[::1]" | "localhost") {
        return refuse(
            "Without https the address must be on this computer: 127.0.0.1, [::1] or localhost.",
        );
    }
    if !is_well_formed(path) || climbs(path) {
        return refuse(
            "The path has characters or segments that do not belong into a redirect URI.",
        );
    }
    Ok(uri.to_owned())
}

/// What stands behind host and port of a URI on a loopback address.
fn loopback_rest(uri: &str) -> Option<(&'static str, &str)> {
    let (base, rest) = LOOPBACK
        .iter()
        .find_map(|base| uri.strip_prefix(base).map(|rest| (*base, rest)))?;
    let rest = match rest.strip_prefix(':') {
        Some(port) => {
            let end = port.find(['/', '?']).unwrap_or(port.len());
            let (port, rest) = port.split_at(end);
            is_port(port).then_some(rest)?
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((base, rest))
}

/// Whether an app that registered `registered` may be answered at `asked`.
pub fn matches(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    match (loopback_rest(registered), loopback_rest(asked)) {
        (Some(registered), Some(asked)) => registered == asked,
        _ => false,
    }
}

/// The URI with parameters added to whatever query it has.
pub fn with_parameters(uri: &str, parameters: &[(&str, &str)]) -> String {
    let mut text = uri.to_owned();
    for (name, value) in parameters {
        let joint = match text.find('?') {
            None => "?",
            Some(_) if text.ends_with(['?', '&']) => "",
            Some(_) => "&",
        };
        let value = utf8_percent_encode(value, ENCODED);
        text.push_str(joint);
        text.push_str(name);
        text.push('=');
        text.extend(value);
    }
    text
}

/// Scheme, host and port; none for the scheme of an app.
pub fn origin(uri: &str) -> Option<&str> {
    let (scheme, rest) = split(uri)?;
    let (authority, _) = authority(rest).filter(|_| matches!(scheme, "https" | "http"))?;
    uri.get(..scheme.len() + "://".len() + authority.len())
}

/// The origin as it is registered: a loopback address without its port, which is free.
pub fn registered_origin(origin: &str) -> &str {
    match loopback_rest(origin) {
        Some((base, "")) => base,
        _ => origin,
    }
}

/// What a browser is allowed to be led to from a page with a form (CSP `form-action`).
pub fn form_target(uri: &str) -> String {
    match origin(uri) {
        // A source of a policy cannot name an IPv6 address: the scheme has to do.
        Some(origin) if origin.contains('[') => {
            let end = origin.find("//").unwrap_or(0);
            origin[..end].to_owned()
        }
        Some(origin) => origin.to_owned(),
        None => format!("{}:", split(uri).map_or("", |(scheme, _)| scheme)),
    }
}

/// Whether the answer goes to a program on the coach's own computer.
pub fn is_on_this_computer(uri: &str) -> bool {
    let host = origin(uri).and_then(|origin| origin.strip_prefix("http://"));
    host.is_some()
}

/// Where an answer goes, in a word: the host, or the scheme of an app.
pub fn destination(uri: &str) -> String {
    match origin(uri) {
        Some(origin) => {
            let at = origin.find("://").map_or(0, |at| at + 3);
            origin[at..].to_owned()
        }
        None => form_target(uri),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_registered_is_on_the_allow_list() {
        for uri in [
            "https://app.example/callback",
            "https://app.example:8443/callback?from=cadence",
            "https://app.example",
            "https://[2001:db8::1]/cb",
            "http://127.0.0.1/callback",
            "http://127.0.0.1:7777/callback",
            "http://[::1]/callback",
            "http://localhost:3000/callback",
            "com.example.app:/callback",
            "com.example.app://callback/x",
        ] {
            assert_eq!(check(uri).as_deref(), Ok(uri));
        }
    }

    #[test]
    fn schemes_that_run_code_or_leak_are_not_registered_however_they_are_written() {
        for uri in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\tscript:alert(1)",
            "\u{1}javascript:alert(1)",
            " javascript:alert(1)",
            "javascript://app.example/%0aalert(1)",
            "data:text/html,x",
            "DATA:text/html,x",
            "vbscript:x",
            "blob:https://app.example/x",
            "file:///etc/passwd",
            "FILE:///etc/passwd",
            "ftp://app.example/",
            "myapp:/callback",
            "myapp://callback",
            "Com.example.app:/callback",
            ".example:/callback",
            "com..example:/callback",
            "com.example.app:callback",
            "com.example.app:/cb#x",
        ] {
            assert!(check(uri).is_err(), "{uri}");
        }
    }

    #[test]
    fn an_address_that_is_not_plain_is_not_registered() {
        for uri in [
            "",
            "/callback",
            "//app.example/callback",
            "app.example/callback",
            "http://app.example/callback",
            "http://127.0.0.1.evil.example/callback",
            "http://127.0.0.1@evil.example/callback",
            "http://127.1/callback",
            "http://0.0.0.0/callback",
            "https://app.example/callback#fragment",
            "https://app.example/callback#",
            "https://user@app.example/callback",
            "https://user:pass@app.example/callback",
            "https://App.example/callback",
            "HTTPS://app.example/callback",
            "https://*.example/callback",
            "https://app.example./callback",
            "https://app..example/callback",
            "https://app.example:/callback",
            "https://app.example:0/callback",
            "https://app.example:99999/callback",
            "https://app.example:08/callback",
            "https:///callback",
            "https:app.example/callback",
            "https://app.example\\@evil.example/",
            "https://app.example/a b",
            "https://app.example/a\tb",
            "https://app.example/a\nb",
            "https://app.example/\u{e9}",
            "https://app.example/../callback",
            "https://app.example/a/..;/callback",
            "https://app.example/a/%2e%2e/callback",
            "https://app.example/a%2f..%2fcallback",
            "https://app.example/%zz",
            "https://app.example/%2",
            "https://app.example/<script>",
            "https://app.example/\"",
        ] {
            assert!(check(uri).is_err(), "{uri}");
        }
        assert!(check(&format!("https://app.example/{}", "x".repeat(1_000))).is_err());
    }

    #[test]
    fn only_the_port_of_a_loopback_address_is_free() {
        let registered = "http://127.0.0.1:7777/callback?a=1";
        for asked in [
            "http://127.0.0.1:7777/callback?a=1",
            "http://127.0.0.1:1/callback?a=1",
            "http://127.0.0.1:65535/callback?a=1",
            "http://127.0.0.1/callback?a=1",
        ] {
            assert!(matches(registered, asked), "{asked}");
        }
        for asked in [
            "http://127.0.0.1:7777/callback",
            "http://127.0.0.1:7777/callback?a=2",
            "http://127.0.0.1:7777/callback/?a=1",
            "http://127.0.0.1:65536/callback?a=1",
            "http://127.0.0.1:/callback?a=1",
            "http://127.0.0.1:80@evil.example/callback?a=1",
            "http://127.0.0.1:80.evil.example/callback?a=1",
            "http://127.0.0.1.evil.example/callback?a=1",
            "http://localhost:7777/callback?a=1",
            "http://[::1]:7777/callback?a=1",
            "https://127.0.0.1:7777/callback?a=1",
        ] {
            assert!(!matches(registered, asked), "{asked}");
        }
        assert!(matches("http://[::1]/cb", "http://[::1]:9/cb"));
        assert!(!matches("http://localhost:1/cb", "http://localhost:2/cb"));
    }

    #[test]
    fn parameters_join_the_query_that_is_there() {
        let code = [("code", "a b"), ("state", "+%&\u{e9}")];
        let tail = "code=a%20b&state=%2B%25%26%C3%A9";
        for (uri, joint) in [
            ("https://a.example/cb", "?"),
            ("https://a.example/cb?x=1", "&"),
            ("https://a.example/cb?", ""),
            ("https://a.example/cb?x=1&", ""),
            ("com.example.app:/cb", "?"),
        ] {
            assert_eq!(with_parameters(uri, &code), format!("{uri}{joint}{tail}"));
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(origin("https://a.example/cb"), Some("https://a.example"));
        assert_eq!(origin("https://a.example?x"), Some("https://a.example"));
        assert_eq!(
            origin("http://[::1]:7/cb").map(registered_origin),
            Some("http://[::1]")
        );
        assert_eq!(origin("com.example.app:/cb"), None);
        assert_eq!(form_target("com.example.app:/cb"), "com.example.app:");
        assert_eq!(destination("https://a.example:8443/cb"), "a.example:8443");
        assert_eq!(
            registered_origin("https://a.example:1"),
            "https://a.example:1"
        );
    }
}
