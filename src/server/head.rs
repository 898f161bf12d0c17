//! Checks of a request's head that need no credential: sizes, the host, where it came from.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT, HOST, HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH, ORIGIN,
};

use crate::access::extract::{Cookies, MODE_HEADER, Named, WORKSPACE_HEADER};
use crate::access::sessions::origin::{Says, is_own};
use crate::api::error_body::Form;
use crate::api::respond::PROBLEM_JSON;
use crate::api::route::Head;
use crate::config::{Config, PublicUrl, split_port};
use crate::error::{Code, Error, Result};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Path and query together.
const URI_LIMIT_BYTES: usize = 8 * 1024;
/// All header names and values together.
const HEADERS_LIMIT_BYTES: usize = 32 * 1024;

/// The address of this machine that a connection came in at.
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalAddress(pub(super) Option<IpAddr>);

/// Refuses heads that are too large.
pub(super) fn check_sizes(request: &HttpRequest) -> Result<()> {
    let uri = request.uri();
    if uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len())
        > URI_LIMIT_BYTES
    {
        return Err(Error::new(Code::UriTooLong));
    }
    let headers = request.headers();
    let size: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if size > HEADERS_LIMIT_BYTES {
        return Err(Error::new(Code::HeadersTooLarge));
    }
    Ok(())
}

/// The names under which this server may be addressed.
///
/// Any other `Host` means that a browser was led here under a foreign name (DNS rebinding). The host
/// of the public address is one too; it may change, and is asked for at each request.
pub(super) struct Hosts {
    names: Vec<String>,
}

impl Hosts {
    pub(super) fn of(config: &Config, listening: SocketAddr) -> Self {
        let mut names = vec!["localhost".to_owned()];
        names.extend(
            config
                .extra_hosts
                .iter()
                .map(|host| host.to_ascii_lowercase()),
        );
        names.push(listening.ip().to_string());
        let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let hostname = hostname.trim().to_ascii_lowercase();
        if !hostname.is_empty() {
            names.push(format!("{hostname}.local"));
        }
        Self { names }
    }

    pub(super) fn check(&self, request: &HttpRequest, public: &PublicUrl) -> Result<()> {
        let local = request
            .conn_data::<LocalAddress>()
            .and_then(|local| local.0);
        let mut hosts = request.headers().get_all(HOST);
        let host = hosts
            .next()
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let target = request
            .uri()
            .authority()
            .map(actix_web::http::uri::Authority::as_str);
        let accepted = hosts.next().is_none()
            && self.accepts(host, local, public)
            && target.is_none_or(|target| self.accepts(target, local, public));
        if accepted {
            Ok(())
        } else {
            Err(Error::new(Code::HostNotAllowed))
        }
    }

    fn accepts(&self, authority: &str, local: Option<IpAddr>, public: &PublicUrl) -> bool {
        let Some((host, _)) = split_port(authority) else {
            return false;
        };
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = literal.parse::<IpAddr>() {
            let address = address.to_canonical();
            let own = local.is_some_and(|local| local.to_canonical() == address);
            let named = public.host() == host || self.names.iter().any(|name| name == host);
            return address.is_loopback() || own || named;
        }
        if public.host().eq_ignore_ascii_case(host) {
            return true;
        }
        self.names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// Where a request came from: the peer, or what a trusted proxy says of it.
///
/// Of `X-Forwarded-For` the rightmost address counts that no trusted proxy has: whatever stands
/// further left, the client may have written itself.
pub(super) fn address_of(config: &Config, request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical())?;
    let trusted = |address: IpAddr| config.trusted_proxies.iter().any(|r| r.contains(address));
    if config.trusted_proxies.is_empty() || !trusted(peer) {
        return Some(peer);
    }
    let lines = request.headers().get_all("x-forwarded-for");
    let listed: Vec<&str> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .collect();
    let mut address = peer;
    for text in listed.iter().rev() {
        let Ok(next) = text.trim().parse::<IpAddr>() else {
            break;
        };
        address = next.to_canonical();
        if !trusted(address) {
            break;
        }
    }
    Some(address)
}

/// How a browser reached this server.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scheme {
    /// It used https.
    pub(super) https: bool,
    /// Nobody on the way could read along: https, or this very computer. Browsers treat such an
    /// origin as trustworthy.
    pub(super) encrypted: bool,
}

/// How a browser reached this server: as a trusted proxy says, and otherwise by the scheme of the
/// public address if that is what it asked for. The server itself speaks plain http.
pub(super) fn scheme_of(config: &Config, public: &PublicUrl, request: &HttpRequest) -> Scheme {
    let host = host_of(request);
    let forwarded = forwarded_proto(config, request);
    let public_host = public
        .as_str()
        .split_once("://")
        .map_or("", |(_, rest)| rest);
    let asked_for_public = host.eq_ignore_ascii_case(public_host);
    let https = forwarded.unwrap_or(asked_for_public && public.is_https());
    let encrypted = https || is_this_computer(host);
    Scheme { https, encrypted }
}

/// What a trusted proxy says of the scheme; nobody else is asked.
fn forwarded_proto(config: &Config, request: &HttpRequest) -> Option<bool> {
    let peer = request.peer_addr()?.ip().to_canonical();
    if !config
        .trusted_proxies
        .iter()
        .any(|range| range.contains(peer))
    {
        return None;
    }
    // The nearest proxy writes last.
    let lines = request.headers().get_all("x-forwarded-proto");
    let last = lines.filter_map(|line| line.to_str().ok()).last()?;
    let proto = last.rsplit(',').next()?.trim();
    Some(proto.eq_ignore_ascii_case("https"))
}

fn host_of(request: &HttpRequest) -> &str {
    let host = request.headers().get(HOST);
    host.and_then(|host| host.to_str().ok()).unwrap_or("")
}

fn is_this_computer(authority: &str) -> bool {
    let host = split_port(authority).map_or("", |(host, _)| host);
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let literal: Option<IpAddr> = literal.parse().ok();
    host.eq_ignore_ascii_case("localhost")
        || host.to_ascii_lowercase().ends_with(".localhost")
        || literal.is_some_and(|address| address.to_canonical().is_loopback())
}

/// Whether a request is of no browser, or of a page of this server.
pub(super) fn is_own_origin(
    request: &HttpRequest,
    cookies: &Cookies,
    public: &PublicUrl,
    scheme: Scheme,
) -> bool {
    let headers = request.headers();
    let says = Says {
        fetch_site: only(headers, &HeaderName::from_static("sec-fetch-site")),
        origin: only(headers, &ORIGIN),
        has_cookie: cookies.any,
    };
    let protocol = if scheme.https { "https" } else { "http" };
    let here = format!("{protocol}://{}", host_of(request)).to_ascii_lowercase();
    is_own(says, &[public.as_str(), &here])
}

/// Refuses an unsafe request that a browser sent from another origin.
pub(super) fn check_origin(
    request: &HttpRequest,
    cookies: &Cookies,
    public: &PublicUrl,
    scheme: Scheme,
) -> Result<()> {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method()) {
        return Ok(());
    }
    if is_own_origin(request, cookies, public, scheme) {
        return Ok(());
    }
    Err(Error::new(Code::CrossOriginRefused))
}

/// The one value of a header; several are none that anybody accepts.
fn only<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Option<&'r str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().unwrap_or(Says::MANY);
    Some(if values.next().is_some() {
        Says::MANY
    } else {
        value
    })
}

/// The workspace and mode that a session's request names, and the query without them.
pub(super) fn named(request: &HttpRequest) -> Result<(Named, Option<String>)> {
    let headers = request.headers();
    let header = |name: &str| -> Result<Option<String>> {
        let mut values = headers.get_all(name);
        let value = values.next();
        if values.next().is_some() {
            let words = "The header is sent twice.";
            return Err(Error::parameter(Code::InvalidParameter, name, words));
        }
        Ok(value.map(|value| value.to_str().unwrap_or("").to_owned()))
    };
    let mut named = Named {
        workspace: header(WORKSPACE_HEADER)?,
        mode: header(MODE_HEADER)?,
    };
    let query = request.uri().query().map(str::to_owned);
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return Ok((named, query));
    }
    let mut rest = Vec::new();
    for pair in query
        .as_deref()
        .unwrap_or("")
        .split('&')
        .filter(|pair| !pair.is_empty())
    {
        let place = match pair.split_once('=') {
            Some(("workspace", value)) => (&mut named.workspace, value),
            Some(("mode", value)) => (&mut named.mode, value),
            _ => {
                rest.push(pair);
                continue;
            }
        };
        // A header wins: a page that shows another workspace must not be led astray by its own URL.
        place.0.get_or_insert_with(|| place.1.to_owned());
    }
    let rest = rest.join("&");
    Ok((named, (!rest.is_empty()).then_some(rest)))
}

/// Whether a request says that it came by way of somebody else.
pub(super) fn is_forwarded(headers: &HeaderMap) -> bool {
    const TOLD_BY_PROXIES: [&str; 6] = [
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
    ];
    TOLD_BY_PROXIES
        .iter()
        .any(|name| headers.contains_key(*name))
}

/// The form of error body that the caller wants.
pub(super) fn form_of(headers: &HeaderMap) -> Form {
    let wanted = headers
        .get_all(ACCEPT)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(wants_problem);
    if wanted {
        Form::Problem
    } else {
        Form::Envelope
    }
}

/// Whether a range of `Accept` is RFC 9457's type, with a weight above nought.
fn wants_problem(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let named = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case(PROBLEM_JSON));
    let refused = parts.any(|parameter| {
        parameter.split_once('=').is_some_and(|(name, weight)| {
            name.trim().eq_ignore_ascii_case("q") && weight.trim().parse() == Ok(0.0_f32)
        })
    });
    named && !refused
}

/// All lines of a list header as one (RFC 9110, section 5.3). What is no text stays in it and
/// matches nothing: left out, a condition would be taken for none.
pub(super) fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<_> = headers
        .get_all(name)
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// Whether a request of this method has a body.
pub(super) fn takes_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PATCH | Method::PUT)
}

/// A header's value, if it is text.
pub(super) fn text(request: &HttpRequest, name: &HeaderName) -> Option<String> {
    let value = request.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}

/// The `traceparent` of a request (W3C Trace Context), if it has the right form.
pub(super) fn trace_parent(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let hex = text
        .bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    (lengths == [2, 32, 16, 2] && hex).then_some(text)
}
/// What handlers see of a request's head.
pub(super) fn head_of(request: &HttpRequest, parameters: Vec<(String, String)>) -> Head {
    Head {
        path: request.path().to_owned(),
        parameters,
        query: request.uri().query().map(str::to_owned),
        if_match: joined(request.headers(), &IF_MATCH),
        if_none_match: joined(request.headers(), &IF_NONE_MATCH),
        last_event_id: joined(request.headers(), &LAST_EVENT_ID),
        ..Head::default()
    }
}
