//! What whoever is not signed in sees, and the way back in by a code.
//!
//! Asking for a code and typing it are two forms, so that both work without a script. The first leads
//! to the second, whatever the address was; the second says no more than that the code does not work.

use maud::{Markup, html};

use super::At;
use super::form::{Faults, Form};
use super::layout::{self, Frame, described, fault, see_other};
use crate::api::route::Incoming;
use crate::clients::sessions::codes::routes::{ask, enter, has_asked, sends_mail};
use crate::clients::sessions::codes::{CODE_MS, TRIES_MAX};
use crate::clients::sessions::{clear_cookie, routes::slowed};
use crate::clock::MINUTE_MS;
use crate::error::{Error, Kind, Result};
use crate::idempotency::Answer;
use crate::values::Email;

const SIGN_IN: &str = "/app/sign-in";
/// Where a code is typed.
const TYPE_CODE: &str = "/app/sign-in?code";
/// Fields of forms that somebody may have spent time on.
const WRITTEN: [&str; 3] = ["body", "notes", "skipped_reason"];

/// The page of whoever is not signed in. A form that was sent is shown again, so that nothing that
/// was written is lost.
pub(super) async fn answer(at: At, sends: bool, incoming: &Incoming) -> Result<Answer> {
    match (at, sends) {
        (At::SignIn, false) => show(incoming),
        (At::SignIn, true) => signing_in(incoming).await,
        (At::SignOut, true) => {
            let mut answer = see_other("/app/sign-in?left");
            let gone = clear_cookie(incoming.head.https);
            answer.headers.push(("Set-Cookie", gone));
            Ok(answer)
        }
        (At::Nothing, _) => Err(Error::not_found()),
        (_, false) => Ok(see_other(SIGN_IN)),
        (_, true) => {
            let form = Form::read(&incoming.body).unwrap_or_default();
            let written: Vec<&str> = WRITTEN.iter().filter_map(|name| form.get(name)).collect();
            let content = signed_out(incoming, &written, &Asked::default())?;
            Ok(layout::answer(
                401,
                &Frame::outside("You are signed out"),
                &content,
            ))
        }
    }
}

fn show(incoming: &Incoming) -> Result<Answer> {
    if incoming.head.query.as_deref() == Some("code") {
        let content = typing(&Faults::default());
        let frame = Frame::outside("Type your code");
        return Ok(layout::answer(200, &frame, &content));
    }
    let content = signed_out(incoming, &[], &Asked::default())?;
    let frame = Frame::outside("You are not signed in here");
    Ok(layout::answer(200, &frame, &content))
}

/// One of the two forms was sent: an address, or a code.
async fn signing_in(incoming: &Incoming) -> Result<Answer> {
    let form = Form::read(&incoming.body)?;
    if form.has("code") {
        return by_code(incoming, form.get("code").unwrap_or_default()).await;
    }
    let typed = form.get("email").unwrap_or_default();
    let email = match Email::parse(typed) {
        Ok(email) => email,
        Err(invalid) => {
            let asked = Asked {
                email: typed,
                wrong: Faults::of("email", invalid.message),
            };
            let content = signed_out(incoming, &[], &asked)?;
            let frame = Frame::outside("You are not signed in here");
            return Ok(layout::answer(400, &frame, &content));
        }
    };
    let cookie = ask(incoming, email)?;
    let mut answer = see_other(TYPE_CODE);
    answer.headers.push(cookie);
    Ok(answer)
}

async fn by_code(incoming: &Incoming, typed: &str) -> Result<Answer> {
    match slowed(incoming, enter(incoming, typed, None).await) {
        Ok(back) => {
            let mut answer = see_other("/app/");
            answer.headers.extend(back.cookies);
            Ok(answer)
        }
        Err(error) if error.code().kind() == Kind::Authentication => {
            let content = typing(&Faults::of("code", error.message()));
            let frame = Frame::outside("Type your code");
            Ok(layout::answer(400, &frame, &content))
        }
        Err(error) => Err(error),
    }
}

/// The form that asks for a code, as it was sent.
#[derive(Default)]
struct Asked<'a> {
    email: &'a str,
    wrong: Faults,
}

fn signed_out(incoming: &Incoming, written: &[&str], asked: &Asked<'_>) -> Result<Markup> {
    let left = incoming.head.query.as_deref() == Some("left");
    let sends = sends_mail(&incoming.app)?;
    Ok(html! {
        h1 { @if left { "You are signed out" } @else { "You are not signed in here" } }
        @if left {
            p { "This device shows nothing of yours any more." }
        }
        @if !written.is_empty() {
            div.note.warning role="alert" {
                div.note-body {
                    p.note-title { "What you wrote was not sent." }
                    @for text in written { p.pre { (text) } }
                    p { "Copy it, so that you can send it again." }
                }
            }
        }
        @if has_asked(incoming) {
            p { "Have you got a code? " a href=(TYPE_CODE) { "Type it here" } "." }
        }
        @if sends {
            section.stack.tight aria-labelledby="by-code" {
                h2 #by-code { "Have you used the app before?" }
                (asking(asked))
            }
        } @else {
            div.note.info {
                div.note-body {
                    p.note-title { "No mail leaves this server" }
                    p { "So no code can be sent to you. Ask your coach for a new link." }
                    details open[asked.wrong.any()] {
                        summary { "Are you trying the app out in test mode?" }
                        p { "There the mail stays in your coach’s outbox, where the code can be read." }
                        (asking(asked))
                    }
                }
            }
        }
        h2 { "With a link from your coach" }
        ul {
            li { "Open the link that your coach sent you. It works once, on one device." }
            li { "If it was used already, or is older than 14 days, ask your coach for a new one. It takes them a moment, and nothing of yours is lost." }
        }
    })
}

/// The form that asks for a code.
fn asking(asked: &Asked<'_>) -> Markup {
    html! {
        p { "We send a code to the email address that your coach knows you by." }
        form method="post" action=(SIGN_IN) novalidate {
            div.field {
                label for="email" { "Your email address" }
                input.control #email type="email" name="email" autocomplete="email" inputmode="email"
                    value=(asked.email) aria-invalid=[asked.wrong.get("email").map(|_| "true")]
                    aria-describedby=[described(&asked.wrong, "email")];
                (fault(&asked.wrong, "email"))
            }
            button.button.primary.wide type="submit" { "Send me a code" }
        }
    }
}

/// The form that takes a code. It says the same for every address.
fn typing(wrong: &Faults) -> Markup {
    let minutes = CODE_MS / MINUTE_MS;
    html! {
        h1 { "Type your code" }
        p { "If a client with this address is coached here, a code is on its way by mail. It works for " (minutes) " minutes, once, and in this browser only." }
        form method="post" action=(SIGN_IN) novalidate {
            div.field {
                label for="code" { "Code" }
                input.control.sign-in-code #code type="text" name="code" autocomplete="one-time-code"
                    autocapitalize="characters" spellcheck="false" maxlength="20" placeholder="XXXX-XXXX"
                    aria-invalid=[wrong.get("code").map(|_| "true")]
                    aria-describedby=[described(wrong, "code")];
                (fault(wrong, "code"))
            }
            button.button.primary.wide type="submit" { "Sign in" }
        }
        h2 { "No code?" }
        ul {
            li { "Look among the unwanted mail, and wait a minute or two." }
            li { a href=(SIGN_IN) { "Ask for another one" } ", or check the address. A few an hour are sent. After " (TRIES_MAX) " wrong tries you need a new one." }
            li { "If you are coached in more than one place, each sends a code of its own: the mail says whose it is." }
            li { "If you never joined, open the link of your invitation. Or ask your coach for a new link." }
        }
    }
}
