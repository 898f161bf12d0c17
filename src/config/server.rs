//! Where the server listens, and by which address it is reached.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};

use super::sources::Sources;
use crate::values::AddressRange;

/// Seconds for which a connection may be silent between requests.
const DEFAULT_KEEP_ALIVE_S: u32 = 75;
const DEFAULT_LISTEN: &str = "127.0.0.1:4780";

pub(super) fn listen(from: &mut Sources) -> anyhow::Result<SocketAddr> {
    let text = from.text_or("", "listen", DEFAULT_LISTEN)?;
    // A bare port means loopback: nothing is opened to the network by leaving something out.
    let full = if text.contains(':') {
        text.clone()
    } else {
        format!("127.0.0.1:{text}")
    };
    full.parse().with_context(|| {
        format!("config: `listen` is `{text}`; set an address and port such as {DEFAULT_LISTEN}")
    })
}

/// Who set the public address. What stands outside of the database wins over Settings: there it
/// cannot be changed then, so that no edit goes unnoticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlSource {
    /// `--public-url`
    Flag,
    /// `CADENCE_PUBLIC_URL`
    Environment,
    /// `cadence.toml`
    File,
    /// `PATCH /v1/settings`
    Settings,
    /// Nobody.
    Default,
}

impl UrlSource {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::File => "file",
            Self::Settings => "settings",
            Self::Default => "default",
        }
    }

    /// True if Settings may change it.
    pub fn gives_way(self) -> bool {
        matches!(self, Self::Settings | Self::Default)
    }
}

pub(super) fn public_url(
    from: &mut Sources,
    listen: SocketAddr,
) -> anyhow::Result<(PublicUrl, UrlSource)> {
    let default = format!("http://localhost:{}", listen.port());
    let text = from.text_or("", "public_url", &default)?;
    let source = match from.origin_of("public_url") {
        origin if origin.starts_with("flag") => UrlSource::Flag,
        origin if origin.starts_with("environment") => UrlSource::Environment,
        "default" => UrlSource::Default,
        _ => UrlSource::File,
    };
    Ok((PublicUrl::parse(&text)?, source))
}

pub(super) fn trusted_proxies(from: &mut Sources) -> anyhow::Result<Vec<AddressRange>> {
    let texts = from.list("http", "trusted_proxies")?;
    texts
        .iter()
        .map(|text| {
            AddressRange::parse(text).with_context(|| {
                format!("config: `http.trusted_proxies` holds `{text}`; set addresses or blocks")
            })
        })
        .collect()
}

/// What webhooks may reach beyond public addresses. An environment is inherited and copied without a
/// look; this opens the network behind the server, so it has to be written down.
pub(super) fn allow_private(from: &mut Sources) -> anyhow::Result<Vec<SocketAddr>> {
    let texts = from.list("webhooks", "allow_private")?;
    if let Some(origin) = from
        .origin("webhooks.allow_private")
        .filter(|origin| origin.starts_with("environment"))
    {
        bail!(
            "config: `webhooks.allow_private` comes from the {origin}; set it in cadence.toml alone"
        );
    }
    texts
        .iter()
        .map(|text| {
            text.parse().with_context(|| {
                format!(
                    "config: `webhooks.allow_private` holds `{text}`; set addresses with their \
                     port such as 10.0.0.7:8443"
                )
            })
        })
        .collect()
}

/// Days for which events are kept where nothing else is set.
const EVENTS_KEEP_DAYS: u32 = 90;

pub(super) fn events_keep_days(from: &mut Sources) -> anyhow::Result<u32> {
    let days = from.number("events", "keep_days")?;
    let days = days.unwrap_or(EVENTS_KEEP_DAYS);
    if !(1..=3_650).contains(&days) {
        bail!("config: `events.keep_days` is {days}; set 1 to 3650");
    }
    Ok(days)
}

pub(super) fn workers(from: &mut Sources) -> anyhow::Result<usize> {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let workers = from
        .number("http", "workers")?
        .map_or(cores, |workers| workers as usize);
    if !(1..=256).contains(&workers) {
        bail!("config: `http.workers` is {workers}; set 1 to 256");
    }
    Ok(workers)
}

/// Nightly backups that are kept where nothing else is set.
const BACKUPS_KEPT: u32 = 7;
/// The hour of the day, UTC, in which they are made.
const BACKUP_HOUR: u32 = 3;

/// How long a request's body may take where nothing else is set.
const BODY_TIMEOUT_S: u32 = 10;

pub(super) fn keep_alive(from: &mut Sources) -> anyhow::Result<Duration> {
    let seconds = from.number("http", "keep_alive_seconds")?;
    let seconds = seconds.unwrap_or(DEFAULT_KEEP_ALIVE_S);
    if !(1..=3_600).contains(&seconds) {
        bail!("config: `http.keep_alive_seconds` is {seconds}; set 1 to 3600");
    }
    Ok(Duration::from_secs(seconds.into()))
}

/// How many nightly backups are kept, and the hour in which they are made.
pub(super) fn backups(from: &mut Sources) -> anyhow::Result<(u32, u32)> {
    let keep = from.number("backup", "keep")?.unwrap_or(BACKUPS_KEPT);
    let hour = from.number("backup", "hour")?.unwrap_or(BACKUP_HOUR);
    if keep > 1_000 {
        bail!("config: `backup.keep` is {keep}; set 0 to 1000");
    }
    if hour > 23 {
        bail!("config: `backup.hour` is {hour}; set an hour of the day in UTC, 0 to 23");
    }
    Ok((keep, hour))
}

pub(super) fn body_timeout(from: &mut Sources) -> anyhow::Result<Duration> {
    let seconds = from.number("http", "body_timeout_seconds")?;
    let seconds = seconds.unwrap_or(BODY_TIMEOUT_S);
    if !(1..=600).contains(&seconds) {
        bail!("config: `http.body_timeout_seconds` is {seconds}; set 1 to 600");
    }
    Ok(Duration::from_secs(u64::from(seconds)))
}

/// How long an app's access token lives where nothing else is set: an hour.
const ACCESS_TOKEN_S: u32 = 3_600;

pub(super) fn access_token_s(from: &mut Sources) -> anyhow::Result<i64> {
    let seconds = from.number("oauth", "access_token_seconds")?;
    let seconds = seconds.unwrap_or(ACCESS_TOKEN_S);
    if !(60..=86_400).contains(&seconds) {
        bail!("config: `oauth.access_token_seconds` is {seconds}; set 60 to 86400");
    }
    Ok(i64::from(seconds))
}

/// Scheme, host and port under which the server is reached, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    host: String,
    port: Option<u16>,
}

impl PublicUrl {
    /// Reads `http[s]://host[:port]`.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let wrong = || {
            format!(
                "config: `public_url` is `{text}`; set a form such as https://coach.example.com"
            )
        };
        let trimmed = text.strip_suffix('/').unwrap_or(text);
        let (scheme, authority) = trimmed.split_once("://").with_context(wrong)?;
        let known = matches!(scheme, "http" | "https");
        if !known || authority.is_empty() || authority.contains(['/', '?', '#', '@', ' ']) {
            bail!(wrong());
        }
        let (host, port) = split_port(authority).with_context(wrong)?;
        let literal = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let named = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_');
        let good = match literal {
            Some(literal) => literal.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(named),
        };
        if !good {
            bail!(wrong());
        }
        // Browsers leave the usual port out of `Origin` and `Host`.
        let usual = if scheme == "https" { 443 } else { 80 };
        let port = port.filter(|port| *port != usual);
        let text = match port {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Ok(Self {
            text,
            host: host.to_owned(),
            port,
        })
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// True for https.
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https://")
    }

    /// True where a link opens on this computer only.
    pub fn is_loopback(&self) -> bool {
        let literal = self.host.trim_start_matches('[').trim_end_matches(']');
        let address: Option<std::net::IpAddr> = literal.parse().ok();
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || address.is_some_and(|address| address.is_loopback())
    }

    /// The same address with the port that was really taken, where none was chosen.
    #[must_use]
    pub fn on_port(&self, port: u16) -> Self {
        if self.port == Some(0) {
            let text = self.text.replace(":0", &format!(":{port}"));
            return Self {
                text,
                host: self.host.clone(),
                port: Some(port),
            };
        }
        self.clone()
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Splits `host:port`; the brackets of an IPv6 literal stay.
pub fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        0
    };
    match authority[end..].rfind(':') {
        None => Some((authority, None)),
        Some(at) => {
            let port = authority[end + at + 1..].parse().ok()?;
            Some((&authority[..end + at], Some(port)))
        }
    }
}
