//! The mails that there are, as text and as HTML.
//!
//! A template is filled from JSON that was sealed beside it, so that a mail shows what was true
//! when it was written. HTML is plain: it has to be readable in every mail program, without images.

use maud::{DOCTYPE, html};
use serde::{Deserialize, Serialize};

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
    /// Somebody asked for a new password.
    PasswordReset {
        /// What the account is called.
        name: String,
        /// Where a new one is set.
        link: String,
        /// For how long the link works.
        minutes: i64,
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

/// A mail as somebody reads it.
#[derive(Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
}

impl Fill {
    /// The name of the template.
    pub fn template(&self) -> &'static str {
        match self {
            Self::Invite { .. } => "invite",
            Self::RateLimit { .. } => "rate_limit",
            Self::PasswordReset { .. } => "password_reset",
            Self::Security { .. } => "security",
        }
    }

    /// Reads what was sealed.
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(Error::internal)
    }

    /// The same with its links taken out, for readers who must not use them.
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
            Self::PasswordReset {
                name,
                link,
                minutes,
            } => Self::PasswordReset {
                name,
                link: format!("{}#…", link.split('#').next().unwrap_or_default()),
                minutes,
            },
            other @ (Self::RateLimit { .. } | Self::Security { .. }) => other,
        }
    }

    /// The mail as somebody reads it.
    pub fn render(&self) -> Rendered {
        match self {
            Self::Invite { workspace, client, link, last_day } => Letter {
                subject: format!("{workspace} invites you to your training app"),
                greeting: format!("Hello {client},"),
                lines: vec![
                    format!("{workspace} will coach you with Cadence: programs, check-ins and messages in one place."),
                    "Open this link on your phone to get in:".to_owned(),
                ],
                link: Some(("Join now", link)),
                closing: format!("The link is yours alone and works until {last_day}. If you did not expect this mail, ignore it."),
            }
            .render(),
            Self::RateLimit {
                name,
                workspace,
                used,
                limit,
                reset_at,
                top_keys,
            } => {
                let mut lines = vec![
                    format!(
                        "Apps of {workspace} have made {used} of {limit} requests in the hour \
                        that ends at {reset_at}. Nothing is refused yet: a burst above the limit \
                        is still served."
                    ),
                    "Past the burst, requests are answered with 429 until the hour ends."
                        .to_owned(),
                ];
                for (key, requests) in top_keys {
                    lines.push(format!("{key}: {requests} requests"));
                }
                Letter {
                    subject: format!("{workspace}: 80 % of the hourly API limit is used"),
                    greeting: format!("Hello {name},"),
                    lines,
                    link: None,
                    closing: "This is told once an hour at most.".to_owned(),
                }
                .render()
            }
            Self::PasswordReset { name, link, minutes } => Letter {
                subject: "Set a new password".to_owned(),
                greeting: format!("Hello {name},"),
                lines: vec!["Somebody asked for a new password for your account. Set it here:".to_owned()],
                link: Some(("Set a new password", link)),
                closing: format!("The link works once, for {minutes} minutes. If it was not you, ignore this mail: your password stays as it is."),
            }
            .render(),
            Self::Security { name, what, at, address, user_agent } => {
                let mut lines = vec![format!("{what} at {at}.")];
                lines.extend(address.as_ref().map(|address| format!("From the address {address}.")));
                lines.extend(user_agent.as_ref().map(|agent| format!("With {agent}.")));
                Letter {
                    subject: what.clone(),
                    greeting: format!("Hello {name},"),
                    lines,
                    link: None,
                    closing: "If it was not you, set a new password now; that ends every session.".to_owned(),
                }
                .render()
            }
        }
    }
}

/// The form that all mails have.
struct Letter<'a> {
    subject: String,
    greeting: String,
    lines: Vec<String>,
    link: Option<(&'static str, &'a str)>,
    closing: String,
}

impl Letter<'_> {
    fn render(self) -> Rendered {
        let mut text = format!("{}\n\n", self.greeting);
        for line in &self.lines {
            text.push_str(line);
            text.push_str("\n\n");
        }
        if let Some((_, link)) = self.link {
            text.push_str(link);
            text.push_str("\n\n");
        }
        text.push_str(&self.closing);
        text.push('\n');
        let html = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.subject) }
                }
                body style="margin:0;padding:24px;background:#f6f7f9;color:#1c2430;font:16px/1.5 system-ui,sans-serif" {
                    div style="max-width:520px;margin:0 auto;padding:24px;background:#ffffff;border-radius:12px" {
                        p { (self.greeting) }
                        @for line in &self.lines { p { (line) } }
                        @if let Some((label, link)) = self.link {
                            p { a href=(link) style="display:inline-block;padding:12px 20px;background:#1f5eff;color:#ffffff;border-radius:8px;text-decoration:none" { (label) } }
                            p style="font-size:13px;color:#5a6575;word-break:break-all" { (link) }
                        }
                        p style="font-size:13px;color:#5a6575" { (self.closing) }
                    }
                }
            }
        };
        Rendered {
            subject: self.subject,
            text,
            html: html.into_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite(workspace: &str) -> Fill {
        Fill::Invite {
            workspace: workspace.to_owned(),
            client: "Ana".to_owned(),
            link: "https://coach.example/app/join#secret".to_owned(),
            last_day: "2026-06-17".to_owned(),
        }
    }

    #[test]
    fn names_are_text_in_html() {
        let mail = invite("<script>alert(1)</script>").render();

        assert!(!mail.html.contains("<script>"));
        assert!(mail.html.contains("&lt;script&gt;"));
        assert!(mail.text.contains("https://coach.example/app/join#secret"));
    }

    #[test]
    fn a_masked_mail_holds_no_secret() {
        let mail = invite("North Street").masked().render();

        assert!(!mail.text.contains("secret") && !mail.html.contains("secret"));
        assert!(mail.text.contains("https://coach.example/app/join#…"));
    }
}
