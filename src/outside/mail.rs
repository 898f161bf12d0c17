//! Mail, handed over to the one mail server that the configuration names.
//!
//! One connection a message. A coach sends tens of mails a day: a pool would mostly hold connections
//! that the other side has closed meanwhile, and its failures would have to be told from the mail's.
//! A bulk of invites costs a handshake each, several at a time.
//!
//! What goes wrong before the mail is offered (no connection, no TLS, a refused password) is the
//! server's trouble and passes, whatever number it comes with; so is a 4xx. Only a 5xx to the mail
//! itself is final.

use std::future::Future;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};

use crate::clock::Timestamp;
use crate::config::{Config, MailFrom, Smtp, Tls};
use crate::values::Email;

/// How long a polite end of a connection may take: the mail is gone by then.
const GOODBYE: Duration = Duration::from_secs(2);
/// Of a mail server's answer so much is kept.
const REPLY_CHARACTERS: usize = 300;

/// The way to the mail server.
#[derive(Debug)]
pub struct Mailer {
    smtp: Smtp,
    from: MailFrom,
    /// The domain of message ids, and what we call ourselves in the greeting.
    domain: String,
    authorities: Vec<Vec<u8>>,
    timeout: Duration,
}

/// A mail that is ready to go.
#[derive(Debug)]
pub struct Letter {
    /// The mail's id: the message id is made of it, so every attempt carries the same.
    pub id: String,
    /// When it was written.
    pub at: Timestamp,
    /// Whom it is to.
    pub to: String,
    /// In whose name it is sent; the configured one if none.
    pub sender: Option<String>,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
}

/// Why a mail was not handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It may be taken later.
    Passing(String),
    /// It will never be taken.
    Final(String),
}

impl Trouble {
    /// What happened, in a sentence.
    pub fn sentence(&self) -> &str {
        match self {
            Self::Passing(why) | Self::Final(why) => why,
        }
    }
}

/// RFC 3834: nobody's "I am on holiday" should answer a machine.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Mailer {
    /// As the configuration says; none if it names no mail server.
    pub fn of(config: &Config) -> anyhow::Result<Option<Self>> {
        let Some(url) = &config.smtp_url else {
            return Ok(None);
        };
        let smtp = Smtp::parse(url)?;
        let from = match (&config.mail_from, &smtp.credentials) {
            (Some(text), _) => MailFrom::parse(text)?,
            // Most servers let an account send as itself only.
            (None, Some((user, _))) if Email::parse(user).is_ok() => MailFrom::parse(user)?,
            (None, _) => fallback(config.public_url.host())?,
        };
        let domain = from.address.as_str().rsplit('@').next();
        Ok(Some(Self {
            domain: domain.unwrap_or("localhost").to_owned(),
            authorities: authorities(config.mail_ca_file.as_deref())?,
            timeout: config.mail_timeout,
            smtp,
            from,
        }))
    }

    /// The server's name and port.
    pub fn server(&self) -> String {
        format!("{}:{}", self.smtp.host, self.smtp.port)
    }

    /// Whom mail is from.
    pub fn sender(&self) -> &str {
        self.from.address.as_str()
    }

    /// The `Message-ID` of the mail with this id.
    pub fn message_id(&self, id: &str) -> String {
        format!("<{id}@{}>", self.domain)
    }

    /// Hands a mail over; gives what the server said to it.
    pub async fn send(&self, letter: &Letter) -> Result<String, Trouble> {
        let (envelope, bytes) = self.compose(letter)?;
        let sending = async {
            let mut connection = self.connect().await?;
            let sent = connection.send(&envelope, &bytes).await;
            Ok((connection, sent.map_err(|error| refusal(&error))?))
        };
        let (mut connection, response) = self.in_time(sending).await?;
        let goodbye = tokio::time::timeout(GOODBYE, connection.quit()).await;
        tracing::trace!(?goodbye, "left the mail server");
        let said: Vec<&str> = response.message().collect();
        Ok(shortened(&format!(
            "{} {}",
            response.code(),
            said.join(" ")
        )))
    }

    /// Connects, encrypts and signs in, and sends nothing.
    pub async fn check(&self) -> Result<(), Trouble> {
        let mut connection = self.in_time(self.connect()).await?;
        let goodbye = tokio::time::timeout(GOODBYE, connection.quit()).await;
        tracing::trace!(?goodbye, "left the mail server");
        Ok(())
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        tokio::time::timeout(self.timeout, work)
            .await
            .unwrap_or_else(|_| {
                Err(Trouble::Passing(format!(
                    "{} did not answer within {} seconds.",
                    self.server(),
                    self.timeout.as_secs()
                )))
            })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Trouble> {
        let failed = |what: &str, error: &dyn std::error::Error| {
            Trouble::Passing(format!("{what} {}: {}", self.server(), chain(error)))
        };
        let hello = ClientId::Domain(self.domain.clone());
        let tls = match self.smtp.tls {
            Tls::None => None,
            Tls::StartTls | Tls::Implicit => {
                Some(self.tls().map_err(|e| failed("No TLS with", &e))?)
            }
        };
        let implicit = tls.clone().filter(|_| self.smtp.tls == Tls::Implicit);
        let address = (self.smtp.host.as_str(), self.smtp.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, None, &hello, implicit, None)
                .await
                .map_err(|e| failed("No connection to", &e))?;
        if self.smtp.tls == Tls::StartTls
            && let Some(tls) = tls
        {
            connection
                .starttls(tls, &hello)
                .await
                .map_err(|e| failed("No STARTTLS with", &e))?;
        }
        if let Some((user, password)) = &self.smtp.credentials {
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .await
                .map_err(|e| failed("Not signed in at", &e))?;
        }
        Ok(connection)
    }

    fn tls(&self) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let mut builder = TlsParametersBuilder::new(self.smtp.host.clone());
        for authority in &self.authorities {
            builder = builder.add_root_certificate(Certificate::from_der(authority.clone())?);
        }
        builder.build_rustls()
    }

    fn compose(&self, letter: &Letter) -> Result<(Envelope, Vec<u8>), Trouble> {
        let unfit = |error: &dyn std::error::Error| {
            Trouble::Final(format!("The mail cannot be written: {error}."))
        };
        let from: Address = self.from.address.as_str().parse().map_err(|e| unfit(&e))?;
        let to: Address = letter.to.parse().map_err(|e| unfit(&e))?;
        let name = letter.sender.clone().or_else(|| self.from.name.clone());
        let ms = u64::try_from(letter.at.as_ms()).unwrap_or(0);
        let plain = SinglePart::builder().header(ContentType::TEXT_PLAIN);
        let html = SinglePart::builder().header(ContentType::TEXT_HTML);
        // Made of the id as well: every attempt is the same mail to the byte.
        let body = MultiPart::builder()
            .kind(MultiPartKind::Alternative)
            .boundary(format!("part-{}", letter.id))
            .singlepart(plain.body(letter.text.clone()))
            .singlepart(html.body(letter.html.clone()));
        let message = Message::builder()
            .from(Mailbox::new(name, from.clone()))
            .to(Mailbox::new(None, to.clone()))
            .subject(letter.subject.clone())
            .date(UNIX_EPOCH + Duration::from_millis(ms))
            .message_id(Some(self.message_id(&letter.id)))
            .header(AutoSubmitted)
            .multipart(body)
            .map_err(|e| unfit(&e))?;
        let envelope = Envelope::new(Some(from), vec![to]).map_err(|e| unfit(&e))?;
        Ok((envelope, message.formatted()))
    }
}

fn fallback(host: &str) -> anyhow::Result<MailFrom> {
    MailFrom::parse(&format!("noreply@{host}"))
        .or_else(|_| MailFrom::parse("noreply@localhost.localdomain"))
}

/// The certificates of a PEM file, as DER.
fn authorities(path: Option<&Path>) -> anyhow::Result<Vec<Vec<u8>>> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let named = || format!("config: `mail.ca_file` names {}", path.display());
    let pem = std::fs::read_to_string(path).with_context(named)?;
    certificates(&pem).with_context(|| format!("{}: no PEM certificates", named()))
}

fn certificates(pem: &str) -> Option<Vec<Vec<u8>>> {
    use base64::Engine;
    let mut found = Vec::new();
    for block in pem.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let (body, _) = block.split_once("-----END CERTIFICATE-----")?;
        let body: String = body.split_ascii_whitespace().collect();
        let engine = base64::engine::general_purpose::STANDARD;
        found.push(engine.decode(body).ok()?);
    }
    (!found.is_empty()).then_some(found)
}

/// What a failure after the connection stood means for the mail.
fn refusal(error: &lettre::transport::smtp::Error) -> Trouble {
    let said = shortened(&chain(error));
    if error.is_permanent() {
        return Trouble::Final(format!("The mail server refused it: {said}"));
    }
    Trouble::Passing(format!("The mail server did not take it: {said}"))
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

/// What a stranger said: one line of a bounded length.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars()
        .filter(|c| !c.is_control())
        .take(REPLY_CHARACTERS)
        .collect()
}
