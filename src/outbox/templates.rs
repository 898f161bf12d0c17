//! The mails that there are, as text and as HTML.
//!
//! A template is filled from JSON that was sealed beside it, so that a mail shows what was true
//! when it was written. What all mails look like is in `letter.rs`.

use serde::{Deserialize, Serialize};

use super::letter::Letter;
pub use super::letter::Rendered;
use super::to_client::{client_code, invite};
use crate::error::{Error, Result};

/// What a mail is filled with, by template.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Fill {
    /// A client is asked to install the app.
    Invite {
        /// What the workspace is called.
        workspace: String,
        /// What the client is called.
        client: String,
        /// The install link.
        link: String,
        /// The last day of the link, `YYYY-MM-DD`.
        last_day: String,
    },
    /// A client comes back by a code.
    ClientCode {
        /// What the workspace is called.
        workspace: String,
        /// What the client is called.
        client: String,
        /// The code, as people read it.
        code: String,
        /// For how long it works.
        minutes: i64,
    },
    /// An account nears its hourly limit.
    RateLimit {
        /// What the account is called.
        name: String,
        /// What the workspace is called.
        workspace: String,
        /// Requests in this window.
        used: u32,
        /// Requests of a window.
        limit: u32,
        /// When the window ends.
        reset_at: String,
        /// The keys that used most, with their requests.
        top_keys: Vec<(String, u32)>,
    },
    /// An API key ends soon.
    KeyExpiring {
        /// What the account is called.
        name: String,
        /// What the workspace is called.
        workspace: String,
        /// What the key is called.
        key: String,
        /// Its last four characters, behind an ellipsis.
        hint: String,
        /// `test` or `live`.
        mode: String,
        /// When it ends.
        expires_at: String,
        /// Whole days until then, rounded up.
        days: i64,
        /// Where it is rotated.
        link: String,
    },
    /// A webhook takes nothing, was disabled for it, or takes everything again.
    Webhook {
        /// What the account is called.
        name: String,
        /// What the workspace is called.
        workspace: String,
        /// `test` or `live`.
        mode: String,
        /// `failing`, `disabled`, `gone` or `recovered`.
        news: String,
        /// Where it is told.
        url: String,
        /// Its first failure.
        since: String,
        /// Where its log is.
        link: String,
    },
    /// The nightly backup was not made.
    BackupFailed {
        /// What the owner is called.
        name: String,
        /// The address of the server.
        server: String,
        /// What went wrong.
        why: String,
        /// When the last backup was made, if one was.
        last_backup_at: Option<String>,
    },
    /// Somebody wants to know whether mail works.
    Test {
        /// The address of the server.
        server: String,
        /// The mail server that it went through.
        mail_server: String,
    },
    /// Somebody asked for a new password.
    PasswordReset {
        /// What the account is called.
        name: String,
        /// Where a new one is set.
        link: String,
        /// For how long the link works.
        minutes: i64,
    },
    /// A refresh token of an app was used twice.
    TokenReuse {
        /// What the account is called.
        name: String,
        /// What the app is called.
        app: String,
        /// What the workspace is called.
        workspace: String,
        /// When.
        at: String,
        /// From where, if that is known.
        address: Option<String>,
    },
    /// Something was done to the account that its owner should know of.
    Security {
        /// What the account is called.
        name: String,
        /// What was done, such as `The password was changed`.
        what: String,
        /// When.
        at: String,
        /// From where, if that is known.
        address: Option<String>,
        /// With which program, if that is known.
        user_agent: Option<String>,
    },
}

impl Fill {
    /// The name of the template.
    pub fn template(&self) -> &'static str {
        match self {
            Self::Invite { .. } => "invite",
            Self::ClientCode { .. } => "client_code",
            Self::RateLimit { .. } => "rate_limit",
            Self::KeyExpiring { .. } => "key_expiring",
            Self::Webhook { .. } => "webhook",
            Self::BackupFailed { .. } => "backup_failed",
            Self::Test { .. } => "test",
            Self::PasswordReset { .. } => "password_reset",
            Self::TokenReuse { .. } => "token_reuse",
            Self::Security { .. } => "security",
        }
    }

    /// Reads what was sealed.
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(Error::internal)
    }

    /// The same with its links and codes taken out, for readers who must not use them.
    #[must_use]
    pub fn masked(self) -> Self {
        match self {
            Self::Invite {
                workspace,
                client,
                link,
                last_day,
            } => Self::Invite {
                workspace,
                client,
                link: format!("{}#…", link.split('#').next().unwrap_or_default()),
                last_day,
            },
            Self::ClientCode {
                workspace,
                client,
                code: _,
                minutes,
            } => Self::ClientCode {
                workspace,
                client,
                code: "····-····".to_owned(),
                minutes,
            },
            Self::PasswordReset {
                name,
                link,
                minutes,
            } => Self::PasswordReset {
                name,
                link: format!("{}#…", link.split('#').next().unwrap_or_default()),
                minutes,
            },
            other @ (Self::RateLimit { .. }
            | Self::KeyExpiring { .. }
            | Self::Webhook { .. }
            | Self::BackupFailed { .. }
            | Self::Test { .. }
            | Self::TokenReuse { .. }
            | Self::Security { .. }) => other,
        }
    }

    /// In whose name it is sent: that of a workspace, where it is of one.
    pub fn sender(&self) -> Option<&str> {
        match self {
            Self::Invite { workspace, .. } | Self::ClientCode { workspace, .. } => Some(workspace),
            Self::RateLimit { .. }
            | Self::KeyExpiring { .. }
            | Self::Webhook { .. }
            | Self::BackupFailed { .. }
            | Self::Test { .. }
            | Self::PasswordReset { .. }
            | Self::TokenReuse { .. }
            | Self::Security { .. } => None,
        }
    }

    /// The mail as somebody reads it.
    pub fn render(&self) -> Rendered {
        self.letter().render()
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm a template, each a few sentences: they read best below each other"
    )]
    fn letter(&self) -> Letter<'_> {
        match self {
            Self::Invite {
                workspace,
                client,
                link,
                last_day,
            } => invite(workspace, client, link, last_day),
            Self::ClientCode {
                workspace,
                client,
                code,
                minutes,
            } => client_code(workspace, client, code, *minutes),
            Self::RateLimit {
                name,
                workspace,
                used,
                limit,
                reset_at,
                top_keys,
            } => Letter {
                sender: Some(workspace),
                subject: format!("{workspace}: 80 % of the hourly API limit is used"),
                greeting: format!("Hello {name},"),
                lines: vec![
                    format!(
                        "Apps of {workspace} have made {used} of {limit} requests in the hour that \
                         ends at {}. Nothing is refused yet: a burst above the limit is \
                         still served.",
                        readable(reset_at)
                    ),
                    "Past the burst, requests are answered with 429 until the hour ends."
                        .to_owned(),
                ],
                code: None,
                facts: top_keys
                    .iter()
                    .map(|(key, requests)| (key.clone(), format!("{requests} requests")))
                    .collect(),
                link: None,
                closing: "This is told once an hour at most.".to_owned(),
            },
            Self::KeyExpiring { .. } => self.key_expiring(),
            Self::Webhook { .. } => self.webhook(),
            Self::BackupFailed {
                name,
                server,
                why,
                last_backup_at,
            } => Letter {
                sender: None,
                subject: "The nightly backup was not made".to_owned(),
                greeting: format!("Hello {name},"),
                lines: vec![
                    "Cadence could not make the nightly backup. Your data is untouched, but it has \
                     no fresh copy."
                        .to_owned(),
                    "See to the cause, then make a backup by hand: on the server, run `cadence \
                     backup`, and `cadence doctor` to look at the rest."
                        .to_owned(),
                ],
                code: None,
                facts: vec![
                    ("Server".to_owned(), server.clone()),
                    ("What happened".to_owned(), why.clone()),
                    (
                        "Last backup".to_owned(),
                        last_backup_at
                            .as_deref()
                            .map_or("none".to_owned(), readable),
                    ),
                ],
                link: None,
                closing: "This is told once a night for as long as it lasts.".to_owned(),
            },
            Self::Test {
                server,
                mail_server,
            } => Letter {
                sender: None,
                subject: "Mail works".to_owned(),
                greeting: "Hello,".to_owned(),
                lines: vec![
                    "This is the test mail that somebody asked for. That you read it means that \
                     invites and notices reach people."
                        .to_owned(),
                ],
                code: None,
                facts: vec![
                    ("Server".to_owned(), server.clone()),
                    ("Sent through".to_owned(), mail_server.clone()),
                ],
                link: None,
                closing: "If you did not ask for it, ignore it.".to_owned(),
            },
            Self::PasswordReset {
                name,
                link,
                minutes,
            } => Letter {
                sender: None,
                subject: "Set a new password".to_owned(),
                greeting: format!("Hello {name},"),
                lines: vec![
                    "Somebody asked for a new password for your account. Set it here:".to_owned(),
                ],
                code: None,
                facts: Vec::new(),
                link: Some(("Set a new password", link)),
                closing: format!(
                    "The link works once, for {minutes} minutes. If it was not you, ignore this \
                     mail: your password stays as it is."
                ),
            },
            Self::TokenReuse {
                name,
                app,
                workspace,
                at,
                address,
            } => {
                let mut facts = vec![
                    ("App".to_owned(), app.clone()),
                    ("Workspace".to_owned(), workspace.clone()),
                    ("When".to_owned(), at.clone()),
                ];
                let address = address.clone();
                facts.extend(address.map(|address| ("From the address".to_owned(), address)));
                Letter {
                    sender: None,
                    subject: format!("A sign-in of {app} was ended for safety"),
                    greeting: format!("Hello {name},"),
                    lines: vec![
                        "Somebody used a refresh token of this app a second time. A token is good \
                         for one use, so two parties hold a copy of it, and one of them may be a \
                         thief."
                            .to_owned(),
                        "What that sign-in could do has ended: the app has to ask you again."
                            .to_owned(),
                    ],
                    code: None,
                    facts,
                    link: None,
                    closing: "If you do not use this app any more, take its permission back in \
                        the dashboard, under Apps with access."
                        .to_owned(),
                }
            }
            Self::Security {
                name,
                what,
                at,
                address,
                user_agent,
            } => {
                let mut facts = vec![("When".to_owned(), readable(at))];
                let address = address.clone();
                facts.extend(address.map(|address| ("From the address".to_owned(), address)));
                let agent = user_agent.clone();
                facts.extend(agent.map(|agent| ("With".to_owned(), agent)));
                Letter {
                    sender: None,
                    subject: what.clone(),
                    greeting: format!("Hello {name},"),
                    lines: vec![format!("{what}.")],
                    code: None,
                    facts,
                    link: None,
                    closing: "If it was not you, set a new password now; that ends every session."
                        .to_owned(),
                }
            }
        }
    }

    fn webhook(&self) -> Letter<'_> {
        let Self::Webhook {
            name,
            workspace,
            mode,
            news,
            url,
            since,
            link,
        } = self
        else {
            return Letter::default();
        };
        let (subject, line, closing) = match news.as_str() {
            "recovered" => (
                "A webhook takes deliveries again",
                "Everything that waited for it is on its way, in order.",
                "There is nothing to do.",
            ),
            "gone" => (
                "A webhook was disabled: its receiver says that it is gone",
                "It answered 410. Nothing more is sent there.",
                "Enable it again if that was a mistake, and replay what it missed.",
            ),
            "disabled" => (
                "A webhook was disabled after three days of failure",
                "Nothing more is sent there, and what waited was cancelled.",
                "Enable it again once its receiver is well, and replay what it missed.",
            ),
            _ => (
                "A webhook takes no deliveries",
                "It is tried every five minutes. Everything waits for it, and goes out in order \
                 once it takes one. After three days it is disabled.",
                "This is told once, and again when it recovers.",
            ),
        };
        Letter {
            sender: Some(workspace),
            subject: subject.to_owned(),
            greeting: format!("Hello {name},"),
            lines: vec![line.to_owned()],
            code: None,
            facts: vec![
                ("Address".to_owned(), url.clone()),
                ("Workspace".to_owned(), format!("{workspace}, {mode} mode")),
                ("Fails since".to_owned(), since.clone()),
            ],
            link: Some(("Look at its log", link)),
            closing: closing.to_owned(),
        }
    }

    fn key_expiring(&self) -> Letter<'_> {
        let Self::KeyExpiring {
            name,
            workspace,
            key,
            hint,
            mode,
            expires_at,
            days,
            link,
        } = self
        else {
            return Letter::default();
        };
        let when = match days {
            1 => "tomorrow".to_owned(),
            days => format!("in {days} days"),
        };
        Letter {
            sender: Some(workspace),
            subject: format!("The {mode} API key “{key}” ends {when}"),
            greeting: format!("Hello {name},"),
            lines: vec![
                "From then on, requests with it are refused. Rotate it: the new key takes over its \
                 settings, and the old one can go on for a while until every app has the new one."
                    .to_owned(),
            ],
            code: None,
            facts: vec![
                ("Key".to_owned(), format!("{key} ({hint})")),
                ("Workspace".to_owned(), format!("{workspace}, {mode} mode")),
                ("Ends at".to_owned(), readable(expires_at)),
            ],
            link: Some(("Open API keys", link)),
            closing: "This is told 30, 7 and 1 days before a key ends.".to_owned(),
        }
    }
}

/// A time for people: to the minute. What is no time of ours stays as it is.
fn readable(at: &str) -> String {
    match at.split_once('T') {
        Some((date, time)) if time.len() >= 5 => format!("{date} {} UTC", &time[..5]),
        _ => at.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invited(workspace: &str) -> Fill {
        Fill::Invite {
            workspace: workspace.to_owned(),
            client: "Ana".to_owned(),
            link: "https://coach.example/app/join#secret".to_owned(),
            last_day: "2026-06-17".to_owned(),
        }
    }

    #[test]
    fn names_are_text_in_html() {
        let mail = invited("<script>alert(1)</script>").render();

        assert!(!mail.html.contains("<script>"));
        assert!(mail.html.contains("&lt;script&gt;"));
        assert!(mail.text.contains("https://coach.example/app/join#secret"));
    }

    #[test]
    fn a_code_stands_in_its_mail_and_not_in_the_subject() {
        let fill = Fill::ClientCode {
            workspace: "North Street".to_owned(),
            client: "Ana".to_owned(),
            code: "K7QM-2XPA".to_owned(),
            minutes: 10,
        };
        let mail = fill.render();
        let masked = fill.masked().render();

        assert!(mail.text.contains("K7QM-2XPA") && mail.html.contains("K7QM-2XPA"));
        assert!(!mail.subject.contains("K7QM"));
        assert!(!masked.text.contains("K7QM") && !masked.html.contains("2XPA"));
    }

    #[test]
    fn a_masked_mail_holds_no_secret() {
        let mail = invited("North Street").masked().render();

        assert!(!mail.text.contains("secret") && !mail.html.contains("secret"));
        assert!(mail.text.contains("https://coach.example/app/join#…"));
    }
}
