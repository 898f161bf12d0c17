//! What whoever is not signed in sees.

use maud::{Markup, html};

use super::At;
use super::form::Form;
use super::layout::{self, Frame, see_other};
use crate::api::route::Incoming;
use crate::clients::sessions::clear_cookie;
use crate::error::{Error, Result};
use crate::idempotency::Answer;

const SIGN_IN: &str = "/app/sign-in";
/// Fields of forms that somebody may have spent time on.
const WRITTEN: [&str; 3] = ["body", "notes", "skipped_reason"];

/// The page of whoever is not signed in. A form that was sent is shown again, so that nothing that
/// was written is lost.
pub(super) fn answer(at: At, sends: bool, incoming: &Incoming) -> Result<Answer> {
    match (at, sends) {
        (At::SignIn, false) => Ok(layout::answer(
            200,
            &Frame::outside("You are not signed in here"),
            &signed_out(incoming.head.query.as_deref() == Some("left"), &[]),
        )),
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
            let content = signed_out(false, &written);
            Ok(layout::answer(
                401,
                &Frame::outside("You are signed out"),
                &content,
            ))
        }
    }
}

fn signed_out(left: bool, written: &[&str]) -> Markup {
    html! {
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
        h2 { "How to get in" }
        ul {
            li { "Open the link that your coach sent you. It works once, on one device." }
            li { "If it was used already, or is older than 14 days, ask your coach for a new one. It takes them a moment, and nothing of yours is lost." }
        }
    }
}
