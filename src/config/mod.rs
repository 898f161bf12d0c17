//! The configuration: the only reader of flags, environment and `cadence.toml`.
//!
//! Each value comes from the first of: flag, environment, `cadence.toml` in the data directory,
//! default; `cadence config` prints each with its origin. Names are `[section] key` in the file and
//! `CADENCE_<SECTION>_<KEY>` in the environment; `listen`, `data` and `public_url` have no section.
//! A secret can also stand in a file that `…_FILE` names. What nobody asks for is refused with a
//! sentence, so that a mistyped name does not go unnoticed.

mod mail;
mod plans;
mod server;
mod sources;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};

pub use mail::{MailFrom, Smtp, Tls};
pub use plans::DEFAULT as DEFAULT_PLAN;
pub use server::{PublicUrl, UrlSource, split_port};
use sources::Sources;
pub use sources::{Flags, Setting};

use crate::caller::Plan;
use crate::secrets::Secret;
use crate::values::AddressRange;

/// What is logged where nothing else is asked for. Not what the HTTP library says of its threads; nor
/// what it says of connections: it calls each request that it cannot parse an error, so strangers
/// could fill the log with them. What is parsed is logged by this program itself.
const DEFAULT_LOG: &str = "info,actix_server=warn,actix_http=off";

/// How long handing over one mail may take.
const MAIL_TIMEOUT: Duration = Duration::from_mins(1);
/// What the program was started as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunKind {
    /// `serve`: somebody's own data.
    #[default]
    Serve,
    /// `serve --demo`: seeded data that nobody keeps.
    Demo,
    /// `dev`: a developer's sandbox.
    Dev,
}

impl RunKind {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Demo => "demo",
            Self::Dev => "dev",
        }
    }
}

/// Where a server is that was started without configuration.
const DEFAULT_BASE_URL: &str = "http://127.0.0.1:4780";

/// What `cadence dev` puts in the way of each request of an accepted credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hindrance {
    /// Milliseconds that each waits.
    pub latency_ms: u32,
    /// How many of a hundred fail.
    pub fail_percent: u32,
}

/// Everything that can be set.
#[derive(Debug)]
pub struct Config {
    /// What the program was started as; the command line decides it.
    pub kind: RunKind,
    /// What is put in the way of requests; nothing but under `cadence dev`.
    pub hindrance: Hindrance,
    /// Where the server listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The data directory, absolute.
    pub data: PathBuf,
    /// Where people and apps reach the server: every link is made from it.
    ///
    /// What the server began with: while it runs, ask `App::public_address`.
    pub public_url: PublicUrl,
    /// Who said so.
    pub public_url_source: UrlSource,
    /// Further names that the `Host` header may have.
    pub extra_hosts: Vec<String>,
    /// Proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<AddressRange>,
    /// Addresses that are not public and that webhooks may be sent to all the same, each with its
    /// port. They come from the configuration file alone.
    pub allow_private: Vec<SocketAddr>,
    /// Days for which events and the deliveries of them are kept.
    pub events_keep_days: u32,
    /// HTTP worker threads.
    pub workers: usize,
    /// How long a request's body may take; a large one gets a second more for each KiB of it.
    pub body_timeout: Duration,
    /// How long a connection may be silent between requests.
    pub keep_alive: Duration,
    /// How long an access token lives that an app obtains on behalf of a coach, in seconds.
    pub access_token_s: i64,
    /// Plans by name.
    pub plans: BTreeMap<String, Plan>,
    /// What replaces the hourly limit of every plan; 0 switches the limit off.
    pub requests_per_hour: Option<u32>,
    /// Where mail is handed over; without it mail stays in the outbox.
    pub smtp_url: Option<Secret>,
    /// Whom mail is from.
    pub mail_from: Option<String>,
    /// Further certificates, as PEM, that a mail server may prove itself with.
    pub mail_ca_file: Option<PathBuf>,
    /// How long handing over one mail may take.
    pub mail_timeout: Duration,
    /// Nightly backups that are kept; 0 makes none.
    pub backups_kept: u32,
    /// The hour of the day, UTC, in which the nightly backup is made.
    pub backup_hour: u32,
    /// Who owns a server that has no account yet.
    pub owner_email: Option<String>,
    /// What that owner signs in with.
    pub owner_password: Option<Secret>,
    /// What is logged, in the form of `tracing`'s environment filter.
    pub log: String,
    /// True: log lines are JSON objects.
    pub log_json: bool,
    /// Whether a write is on the disk before it is answered. For tests only: `[storage] synchronous
    /// = "normal"` shows what the durability test finds without it.
    pub synced: bool,
    /// Whether requests are counted and logged. For measuring what that costs only: `[requests] log
    /// = "off"`.
    pub request_log: bool,
    /// Each value with its origin; secrets masked.
    pub settings: Vec<Setting>,
}

impl Config {
    /// Reads all sources.
    pub fn load(flags: Flags) -> anyhow::Result<Self> {
        let sources = Sources::gather(flags)?;
        Self::from_sources(sources)
    }

    #[expect(clippy::too_many_lines, reason = "a table of settings")]
    fn from_sources(mut from: Sources) -> anyhow::Result<Self> {
        let data = from.data.clone();
        let listen = server::listen(&mut from)?;
        let (public_url, public_url_source) = server::public_url(&mut from, listen)?;
        let extra_hosts = from.list("http", "hosts")?;
        let trusted_proxies = server::trusted_proxies(&mut from)?;
        let allow_private = server::allow_private(&mut from)?;
        let events_keep_days = server::events_keep_days(&mut from)?;
        let workers = server::workers(&mut from)?;
        let body_timeout = server::body_timeout(&mut from)?;
        let keep_alive = server::keep_alive(&mut from)?;
        let access_token_s = server::access_token_s(&mut from)?;
        let requests_per_hour = from.number("limits", "requests_per_hour")?;
        let plans = plans::read(&mut from, requests_per_hour)?;
        let mail = mail::read(&mut from)?;
        let (backups_kept, backup_hour) = server::backups(&mut from)?;
        let owner_email = from.text("owner", "email")?;
        let owner_password = from.secret("owner", "password")?;
        if owner_email.is_some() != owner_password.is_some() {
            bail!("config: `owner.email` and `owner.password` go together; set both or neither");
        }
        let log = from.text_or("log", "filter", DEFAULT_LOG)?;
        let log_json = match from.text_or("log", "format", "text")?.as_str() {
            "text" => false,
            "json" => true,
            other => bail!("config: `log.format` is `{other}`; set it to text or json"),
        };
        let synced = match from.hidden("storage", "synchronous")?.as_deref() {
            None | Some("full") => true,
            Some("normal") => false,
            Some(other) => {
                bail!("config: `storage.synchronous` is `{other}`; remove it (it is for tests)")
            }
        };
        let request_log = match from.hidden("requests", "log")?.as_deref() {
            None | Some("on") => true,
            Some("off") => false,
            Some(other) => {
                bail!("config: `requests.log` is `{other}`; remove it (it is for benchmarks)")
            }
        };
        let settings = from.finish().context("config")?;
        Ok(Self {
            kind: RunKind::default(),
            hindrance: Hindrance::default(),
            listen,
            data,
            public_url,
            public_url_source,
            extra_hosts,
            trusted_proxies,
            allow_private,
            events_keep_days,
            workers,
            body_timeout,
            keep_alive,
            access_token_s,
            plans,
            requests_per_hour,
            smtp_url: mail.smtp_url,
            mail_from: mail.from,
            mail_ca_file: mail.ca_file.map(PathBuf::from),
            mail_timeout: MAIL_TIMEOUT,
            backups_kept,
            backup_hour,
            owner_email,
            owner_password,
            log,
            log_json,
            synced,
            request_log,
            settings,
        })
    }

    /// A configuration of defaults on a directory, for tests.
    pub fn for_directory(data: PathBuf) -> anyhow::Result<Self> {
        let flags = Flags {
            data: Some(data),
            listen: Some("127.0.0.1:0".to_owned()),
            public_url: None,
        };
        Self::from_sources(Sources::of(flags, BTreeMap::new(), toml::Table::new())?)
    }

    /// Takes away whatever could open a connection to elsewhere or let one in from there, and says
    /// so where the address is not of this computer: for what runs without anybody's own data.
    pub fn keep_to_this_computer(&mut self) -> anyhow::Result<()> {
        if !self.listen.ip().is_loopback() {
            bail!(
                "{} is not of this computer alone: listen on 127.0.0.1 or ::1",
                self.listen
            );
        }
        self.smtp_url = None;
        self.mail_from = None;
        self.owner_email = None;
        self.owner_password = None;
        self.extra_hosts.clear();
        self.trusted_proxies.clear();
        self.public_url = PublicUrl::parse(&format!("http://localhost:{}", self.listen.port()))?;
        self.public_url_source = UrlSource::Default;
        Ok(())
    }

    /// Whether a link may sign somebody in: where there is nothing to protect.
    pub fn allows_sign_in_links(&self) -> bool {
        self.kind != RunKind::Serve
    }

    /// The plan of that name. One that was taken out of the configuration since counts as the
    /// default plan, so that nobody is locked out by an edit.
    pub fn plan(&self, name: &str) -> Option<&Plan> {
        self.plans
            .get(name)
            .or_else(|| self.plans.get(plans::DEFAULT))
    }
}

/// Where the commands that call a server go, and with which key.
pub struct Remote {
    /// `CADENCE_BASE_URL`
    pub base_url: String,
    /// `CADENCE_API_KEY`
    pub key: Secret,
}

impl Remote {
    /// Reads the environment.
    pub fn load() -> anyhow::Result<Self> {
        let base_url = sources::variable("CADENCE_BASE_URL");
        let key = sources::variable("CADENCE_API_KEY");
        let key =
            key.context("CADENCE_API_KEY is not set; it holds the key to call the server with")?;
        Ok(Self {
            base_url: base_url.unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
            key: Secret::new(key),
        })
    }
}

/// Where the system wants files that nobody keeps (`TMPDIR`).
pub fn temporary_directory() -> PathBuf {
    std::env::temp_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)], file: &str) -> anyhow::Result<Config> {
        let environment = environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let flags = Flags {
            data: Some("/tmp/x".into()),
            ..Flags::default()
        };
        Config::from_sources(Sources::of(flags, environment, file.parse()?)?)
    }

    fn origin(config: &Config, name: &str) -> String {
        let setting = config.settings.iter().find(|setting| setting.name == name);
        setting
            .map(|setting| setting.origin.clone())
            .unwrap_or_default()
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
        let file = "listen = '127.0.0.1:1'\npublic_url = 'https://coach.example'";
        let config = load(&[("CADENCE_LISTEN", "127.0.0.1:2")], file).expect("loads");

        assert_eq!(config.listen.port(), 2);
        assert_eq!(origin(&config, "listen"), "environment CADENCE_LISTEN");
        assert_eq!(config.public_url.as_str(), "https://coach.example");
        assert_eq!(origin(&config, "public_url"), "cadence.toml");
        assert_eq!(origin(&config, "log.filter"), "default");
    }

    #[test]
    fn unknown_names_are_refused_with_a_sentence() {
        let error = load(&[], "[htpp]\nhosts = ['a']").expect_err("refused");
        assert!(format!("{error:#}").contains("htpp.hosts"), "{error:#}");

        let error = load(&[("CADENCE_LISTN", "x")], "").expect_err("refused");
        assert!(format!("{error:#}").contains("CADENCE_LISTN"), "{error:#}");
    }

    #[test]
    fn plans_can_be_added_and_one_number_overrides_them_all() {
        let file = "[plans.club]\nrequests_per_hour = 7\nburst_percent = 0\napi_access = true";
        let config = load(&[], file).expect("loads");
        assert_eq!(
            config.plan("club").map(|plan| plan.requests_per_hour),
            Some(7)
        );
        assert_eq!(
            config.plan("agency").map(|plan| plan.requests_per_hour),
            Some(10_000)
        );
        assert_eq!(
            config.plan("gone").map(|plan| plan.name.as_str()),
            Some("studio")
        );

        let config = load(&[("CADENCE_LIMITS_REQUESTS_PER_HOUR", "0")], file).expect("loads");
        assert_eq!(
            config.plan("club").map(|plan| plan.requests_per_hour),
            Some(0)
        );
    }

    #[test]
    fn writes_are_synced_and_the_setting_for_tests_is_not_shown_unless_set() {
        let usual = load(&[], "").expect("loads");
        let unsafe_one = load(&[], "[storage]\nsynchronous = 'normal'").expect("loads");

        assert!(usual.synced && origin(&usual, "storage.synchronous").is_empty());
        assert!(!unsafe_one.synced);
        assert_eq!(origin(&unsafe_one, "storage.synchronous"), "cadence.toml");
        assert!(load(&[("CADENCE_STORAGE_SYNCHRONOUS", "off")], "").is_err());
    }

    #[test]
    fn a_body_has_ten_seconds_where_nothing_else_is_set() {
        let seconds = |environment: &[(&str, &str)], file: &str| {
            load(environment, file).map(|config| config.body_timeout.as_secs())
        };

        assert_eq!(seconds(&[], "").expect("loads"), 10);
        let file = "[http]\nbody_timeout_seconds = 30";
        assert_eq!(seconds(&[], file).expect("loads"), 30);
        let variable = "CADENCE_HTTP_BODY_TIMEOUT_SECONDS";
        assert_eq!(seconds(&[(variable, "1")], file).expect("loads"), 1);
        let error = seconds(&[(variable, "0")], "").expect_err("refused");
        assert!(format!("{error:#}").contains("http.body_timeout_seconds"));
    }

    #[test]
    fn secrets_are_masked_where_the_configuration_is_shown() {
        let config = load(&[("CADENCE_MAIL_SMTP_URL", "smtp://u:canary@h:25")], "").expect("loads");

        assert!(!format!("{config:?}").contains("canary"));
        assert_eq!(config.smtp_url.map(|url| url.reveal().len()), Some(20));
    }
}
