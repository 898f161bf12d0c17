//! Where mail is handed over, and whom it is from.

use anyhow::{Context, bail};
use percent_encoding::percent_decode_str;

use super::server::split_port;
use super::sources::Sources;
use crate::secrets::Secret;
use crate::values::Email;

/// How a connection to the mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all; for a server on this machine.
    None,
    /// It begins in the clear and must turn to TLS before anything is said.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// A mail server, as `mail.smtp_url` names it.
#[derive(Debug)]
pub struct Smtp {
    /// Its name or address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Who signs in there, and with what.
    pub credentials: Option<(String, Secret)>,
}

/// The form that a mistake is answered with. The URL itself holds a password and is never shown.
const FORM: &str = "config: `mail.smtp_url` has to have the form \
                    smtp://user:password@host:port?tls=starttls (or implicit, or none on loopback)";

impl Smtp {
    /// Reads `smtp://[user:password@]host[:port][?tls=none|starttls|implicit]`; user and password
    /// percent-encoded. Without `tls` it is implicit on port 465 and STARTTLS on any other.
    pub fn parse(url: &Secret) -> anyhow::Result<Self> {
        let rest = url.reveal().strip_prefix("smtp://").context(FORM)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (sign_in, authority) = match rest.rsplit_once('@') {
            Some((sign_in, authority)) => (Some(sign_in), authority),
            None => (None, rest),
        };
        let (host, port) = split_port(authority).context(FORM)?;
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        if host.is_empty() || host.contains(['/', ' ']) {
            bail!(FORM);
        }
        let tls = match (query, port) {
            ("", Some(465)) | ("tls=implicit", _) => Tls::Implicit,
            ("" | "tls=starttls", _) => Tls::StartTls,
            ("tls=none", _) if is_loopback(&host) => Tls::None,
            ("tls=none", _) => bail!(
                "config: `mail.smtp_url` says tls=none, which is for a mail server on this machine: \
                 on the way to {host} anybody could read the mail; use starttls or implicit"
            ),
            _ => bail!(FORM),
        };
        let port = port.unwrap_or(match tls {
            Tls::None => 25,
            Tls::StartTls => 587,
            Tls::Implicit => 465,
        });
        Ok(Self {
            host,
            port,
            tls,
            credentials: sign_in.map(credentials).transpose()?,
        })
    }
}

fn credentials(sign_in: &str) -> anyhow::Result<(String, Secret)> {
    let (user, password) = sign_in.split_once(':').context(FORM)?;
    let decoded = |text: &str| -> anyhow::Result<String> {
        let text = percent_decode_str(text).decode_utf8();
        Ok(text.ok().context(FORM)?.into_owned())
    };
    Ok((decoded(user)?, Secret::new(decoded(password)?)))
}

fn is_loopback(host: &str) -> bool {
    let address: Option<std::net::IpAddr> = host.parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}

/// Whom mail is from: `name <address>` or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFrom {
    /// The name, if there is one.
    pub name: Option<String>,
    /// The address.
    pub address: Email,
}

impl MailFrom {
    /// Reads `Name <address>` or an address alone.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let (name, address) = match text.trim().strip_suffix('>') {
            Some(rest) => rest.split_once('<').map_or(("", rest), |(name, address)| {
                (name.trim().trim_matches('"'), address)
            }),
            None => ("", text.trim()),
        };
        let address = Email::parse(address).map_err(|invalid| {
            anyhow::anyhow!(
                "config: `mail.from` is `{text}`: {} Set it to a form such as North Street \
                 <hello@coach.example>",
                invalid.message
            )
        })?;
        Ok(Self {
            name: (!name.is_empty()).then(|| name.to_owned()),
            address,
        })
    }
}

/// What the section `[mail]` says.
pub(super) struct Mail {
    pub(super) smtp_url: Option<Secret>,
    pub(super) from: Option<String>,
    pub(super) ca_file: Option<String>,
}

pub(super) fn read(from: &mut Sources) -> anyhow::Result<Mail> {
    let smtp_url = from.secret("mail", "smtp_url")?;
    let sender = from.text("mail", "from")?;
    let ca_file = from.text("mail", "ca_file")?;
    if let Some(sender) = &sender {
        MailFrom::parse(sender)?;
    }
    if let Some(url) = &smtp_url {
        Smtp::parse(url)?;
    }
    Ok(Mail {
        smtp_url,
        from: sender,
        ca_file,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(url: &str) -> anyhow::Result<Smtp> {
        Smtp::parse(&Secret::new(url.to_owned()))
    }

    #[test]
    fn each_form_of_the_address_is_understood() {
        for (url, host, port, tls) in [
            ("smtp://mail.example", "mail.example", 587, Tls::StartTls),
            (
                "smtp://mail.example:465",
                "mail.example",
                465,
                Tls::Implicit,
            ),
            (
                "smtp://mail.example:2525",
                "mail.example",
                2525,
                Tls::StartTls,
            ),
            (
                "smtp://mail.example?tls=implicit",
                "mail.example",
                465,
                Tls::Implicit,
            ),
            ("smtp://localhost?tls=none", "localhost", 25, Tls::None),
            (
                "smtp://127.0.0.1:1025?tls=none",
                "127.0.0.1",
                1025,
                Tls::None,
            ),
            ("smtp://[::1]:1025/?tls=none", "::1", 1025, Tls::None),
        ] {
            let read = smtp(url).expect(url);
            assert_eq!((read.host.as_str(), read.port, read.tls), (host, port, tls));
        }
        let read = smtp("smtp://a%40b.example:p%3Aw%2F%C3%A9@h:587").expect("reads");
        let (user, password) = read.credentials.expect("credentials");
        assert_eq!((user.as_str(), password.reveal()), ("a@b.example", "p:w/é"));
    }

    #[test]
    fn what_would_send_in_the_clear_is_refused_and_no_password_is_shown() {
        for url in [
            "smtp://u:canary@mail.example:25?tls=none",
            "https://u:canary@mail.example",
            "smtp://u:canary@",
            "smtp://u:canary@mail.example?tls=maybe",
            "smtp://u:canary@mail.example:port",
            "smtp://canary@mail.example",
        ] {
            let error = format!("{:#}", smtp(url).expect_err(url));
            assert!(!error.contains("canary"), "{error}");
            assert!(error.contains("mail.smtp_url"), "{error}");
        }
    }

    #[test]
    fn a_sender_has_an_address_and_may_have_a_name() {
        let read = |text| MailFrom::parse(text).expect("reads");

        assert_eq!(read("a@b.example").name, None);
        let named = read("North Street <a@b.example>");
        assert_eq!(named.name.as_deref(), Some("North Street"));
        assert_eq!(named.address.as_str(), "a@b.example");
        assert!(MailFrom::parse("North Street").is_err());
    }
}
