//! The form that all mails have, as text and as HTML.
//!
//! HTML is plain: no image, nothing loaded, readable in every mail program, light or dark. Colours
//! stand in the elements themselves, since many programs drop style sheets; the sheet turns them
//! around where a program keeps it and the reader's screen is dark.

use maud::{DOCTYPE, PreEscaped, html};

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

/// What a mail says, part by part.
#[derive(Debug, Default)]
pub(super) struct Letter<'a> {
    /// In whose name it is written: a workspace, or the program where none is meant.
    pub(super) sender: Option<&'a str>,
    pub(super) subject: String,
    pub(super) greeting: String,
    pub(super) lines: Vec<String>,
    /// A code to be typed elsewhere.
    pub(super) code: Option<&'a str>,
    /// Names and values that are easier to read below each other.
    pub(super) facts: Vec<(String, String)>,
    /// What the button says, and where it leads.
    pub(super) link: Option<(&'static str, &'a str)>,
    pub(super) closing: String,
}

const FONT: &str =
    "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/// For programs that keep style sheets, on dark screens. `!important` since the elements' own styles
/// would win otherwise.
const DARK: &str = "\
    :root{color-scheme:light dark;supported-color-schemes:light dark}\
    @media (prefers-color-scheme:dark){\
    .page{background:#12161c!important;color:#e8ecf1!important}\
    .card{background:#1c222b!important;border-color:#303947!important}\
    .quiet{color:#a3afbe!important}\
    .fact{border-color:#303947!important}\
    .button{background:#8fb0ff!important;color:#0c1522!important}}";

impl Letter<'_> {
    pub(super) fn render(self) -> Rendered {
        Rendered {
            text: self.text(),
            html: self.html(),
            subject: self.subject,
        }
    }

    fn text(&self) -> String {
        let mut parts = vec![self.greeting.clone()];
        parts.extend(self.lines.iter().cloned());
        parts.extend(self.code.map(|code| format!("  {code}")));
        if !self.facts.is_empty() {
            let facts = self.facts.iter();
            let facts: Vec<String> = facts
                .map(|(name, value)| format!("  {name}: {value}"))
                .collect();
            parts.push(facts.join("\n"));
        }
        parts.extend(self.link.map(|(_, link)| link.to_owned()));
        parts.push(self.closing.clone());
        // The mark that mail programs know a signature by.
        parts.push(format!("-- \n{}", self.sender.unwrap_or("Cadence")));
        parts.join("\n\n") + "\n"
    }

    fn html(&self) -> String {
        let page = format!(
            "margin:0;padding:24px 12px;background:#f3f5f8;color:#1b2330;{FONT};font-size:16px;\
             line-height:1.55"
        );
        let markup = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="supported-color-schemes" content="light dark";
                    title { (self.subject) }
                    style { (PreEscaped(DARK)) }
                }
                body class="page" style=(page) {
                    div style="max-width:34rem;margin:0 auto" {
                        p class="quiet" style="margin:0 4px 12px;font-size:14px;font-weight:600;color:#55606f" {
                            (self.sender.unwrap_or("Cadence"))
                        }
                        div class="card" style="padding:28px 24px;background:#ffffff;border:1px solid #dfe4ea;border-radius:14px" {
                            h1 style="margin:0 0 18px;font-size:20px;line-height:1.3" { (self.subject) }
                            p style="margin:0 0 14px" { (self.greeting) }
                            @for line in &self.lines { p style="margin:0 0 14px" { (line) } }
                            @if let Some(code) = self.code {
                                p style="margin:22px 0;font-family:ui-monospace,SFMono-Regular,Consolas,monospace;font-size:28px;font-weight:700;letter-spacing:.08em;white-space:nowrap" { (code) }
                            }
                            (self.fact_rows())
                            @if let Some((label, link)) = self.link {
                                p style="margin:22px 0" {
                                    a class="button" href=(link) style="display:inline-block;padding:13px 22px;background:#1d4ed8;color:#ffffff;border-radius:9px;font-weight:600;text-decoration:none" { (label) }
                                }
                                p class="quiet" style="margin:0 0 14px;font-size:13px;color:#55606f;word-break:break-all" { (link) }
                            }
                        }
                        p class="quiet" style="margin:14px 4px 0;font-size:13px;color:#55606f" { (self.closing) }
                    }
                }
            }
        };
        markup.into_string()
    }

    fn fact_rows(&self) -> maud::Markup {
        html! {
            @if !self.facts.is_empty() {
                table role="presentation" style="width:100%;margin:4px 0 16px;border-collapse:collapse;font-size:14px" {
                    @for (name, value) in &self.facts {
                        tr {
                            td class="fact quiet" style="padding:7px 12px 7px 0;border-top:1px solid #dfe4ea;color:#55606f;vertical-align:top;white-space:nowrap" { (name) }
                            td class="fact" style="padding:7px 0;border-top:1px solid #dfe4ea;word-break:break-word" { (value) }
                        }
                    }
                }
            }
        }
    }
}
