//! The pages under `/app/`: made on the server, readable and usable without a script.
//!
//! A page is a GET and changes nothing; a form is a POST that is carried out once for its hidden key
//! ([`form::once`]) and answered with 303 to where its outcome is shown. A form that is wrong comes
//! back with what was typed, and says at each field what is the matter.
//!
//! Whoever is not signed in is led to `/app/sign-in`, where a code can be asked for by mail.

pub mod form;
pub mod layout;
mod check_in;
mod check_ins;
mod me;
mod mend;
mod messages;
mod outside;
mod program;
mod session;
mod session_form;
mod today;
mod training;

use maud::html;

use self::form::Form;
use self::layout::{Frame, see_other};
use crate::api::route::{ClientCx, Incoming};
use crate::clients::sessions::ConsentText;
use crate::error::{Code, Error, Kind, Result};
use crate::idempotency::Answer;
use crate::ids::{CheckinId, ClientSessionId, RequestId, WorkoutLogId};
use crate::workouts::Place;

/// The largest form without files.
const FORM_LIMIT_BYTES: usize = 256 * 1024;
/// What is read of whoever is not signed in, so that what was typed can be given back.
const OUTSIDE_LIMIT_BYTES: usize = 64 * 1024;

/// A page, or what a form is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// What there is to do.
    Today,
    /// The program, week by week.
    Program,
    /// A session, to be trained and logged.
    Session(Place),
    /// What was logged.
    Training(WorkoutLogId),
    /// The same, to be changed.
    Mend(WorkoutLogId),
    /// The same, to be removed.
    Remove(WorkoutLogId),
    /// A check-in, to be filled in.
    CheckIn,
    /// The check-ins there were.
    CheckIns,
    /// One of them.
    OneCheckIn(CheckinId),
    /// The thread with the coach.
    Messages,
    /// Up to where it was read.
    MessagesRead,
    /// Devices, consents, units.
    Me,
    /// The units.
    Units,
    /// A device of one's own, to be signed out.
    Device(ClientSessionId),
    /// A consent, to be given (true) or taken back.
    Consent(&'static ConsentText, bool),
    /// The way out.
    SignOut,
    /// What whoever is not signed in sees.
    SignIn,
    /// A page of the app that there is not.
    Nothing,
}

/// Where a path leads; none if it is no page of the app.
pub fn at(path: &str) -> Option<At> {
    let rest = path.strip_prefix("/app/")?;
    let parts: Vec<&str> = rest.split('/').collect();
    Some(match parts.as_slice() {
        [""] => At::Today,
        ["program"] => At::Program,
        ["sessions", block, week, session] => {
            let place = Place::parse(&format!("{block}.{week}.{session}"));
            place.map_or(At::Nothing, At::Session)
        }
        ["training", id] => WorkoutLogId::parse(id).map_or(At::Nothing, At::Training),
        ["training", id, "edit"] => WorkoutLogId::parse(id).map_or(At::Nothing, At::Mend),
        ["training", id, "delete"] => WorkoutLogId::parse(id).map_or(At::Nothing, At::Remove),
        ["check-in"] => At::CheckIn,
        ["check-ins"] => At::CheckIns,
        ["check-ins", id] => CheckinId::parse(id).map_or(At::Nothing, At::OneCheckIn),
        ["messages"] => At::Messages,
        ["messages", "read"] => At::MessagesRead,
        ["me"] => At::Me,
        ["me", "units"] => At::Units,
        ["me", "devices", id] => ClientSessionId::parse(id).map_or(At::Nothing, At::Device),
        ["me", "consents", kind, act @ ("give" | "withdraw")] => {
            let text = ConsentText::of(kind);
            text.map_or(At::Nothing, |text| At::Consent(text, *act == "give"))
        }
        ["sign-out"] => At::SignOut,
        ["sign-in"] => At::SignIn,
        _ => return None,
    })
}

impl At {
    /// What it can be asked with; a HEAD is a GET.
    pub fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Session(_) | Self::Mend(_) | Self::CheckIn | Self::Messages | Self::SignIn => {
                &["GET", "POST"]
            }
            Self::Remove(_)
            | Self::MessagesRead
            | Self::Units
            | Self::Device(_)
            | Self::Consent(..)
            | Self::SignOut => &["POST"],
            Self::Today
            | Self::Program
            | Self::Training(_)
            | Self::CheckIns
            | Self::OneCheckIn(_)
            | Self::Me
            | Self::Nothing => &["GET"],
        }
    }

    /// The same as the `Allow` header names it.
    pub fn allowed(self) -> String {
        let methods = self.methods().join(", ");
        methods.replace("GET", "GET, HEAD")
    }

    /// How large a form may be.
    pub fn body_limit_bytes(self, signed_in: bool) -> usize {
        match (signed_in, self) {
            (false, _) => OUTSIDE_LIMIT_BYTES,
            (true, Self::CheckIn) => check_in::FORM_LIMIT_BYTES,
            (true, _) => FORM_LIMIT_BYTES,
        }
    }
}

/// The page, or what became of a form that `sends`.
pub async fn answer(at: At, sends: bool, incoming: Incoming) -> Result<Answer> {
    let Ok(cx) = ClientCx::of(&incoming) else {
        return outside::answer(at, sends, &incoming).await;
    };
    if !sends {
        return match at {
            At::Today => today::show(&cx).await,
            At::Program => program::show(&cx).await,
            At::Session(place) => session::show(&cx, place).await,
            At::Training(id) => training::show(&cx, id).await,
            At::Mend(id) => mend::show(&cx, id).await,
            At::CheckIn => check_in::show(&cx).await,
            At::CheckIns => check_ins::list(&cx).await,
            At::OneCheckIn(id) => check_ins::show(&cx, id).await,
            At::Messages => messages::show(&cx).await,
            At::Me => me::show(&cx).await,
            At::SignIn => Ok(see_other("/app/")),
            At::Remove(_)
            | At::MessagesRead
            | At::Units
            | At::Device(_)
            | At::Consent(..)
            | At::SignOut
            | At::Nothing => Err(Error::not_found()),
        };
    }
    if at == At::CheckIn {
        let media_type = incoming.head.content_type.as_deref().unwrap_or_default();
        return check_in::submit(&cx, media_type, incoming.body.clone()).await;
    }
    if at == At::SignIn {
        // Another window was faster.
        return Ok(see_other("/app/"));
    }
    let form = Form::read(&incoming.body)?;
    match at {
        At::Session(place) => session::log(&cx, place, form).await,
        At::Mend(id) => mend::save(&cx, id, form).await,
        At::Remove(id) => mend::remove(&cx, id, form).await,
        At::Messages => messages::send(&cx, form).await,
        At::MessagesRead => messages::read(&cx, form).await,
        At::Units => me::units(&cx, form).await,
        At::Device(id) => me::end_device(&cx, id).await,
        At::Consent(text, gives) => me::consent(&cx, form, text, gives).await,
        At::SignOut => me::sign_out(&cx, incoming.head.https).await,
        At::Today
        | At::Program
        | At::Training(_)
        | At::CheckIn
        | At::CheckIns
        | At::OneCheckIn(_)
        | At::Me
        | At::SignIn
        | At::Nothing => Err(Error::not_found()),
    }
}

/// What went wrong, for whoever is not interested in why.
fn explained(error: &Error) -> (&str, &str) {
    let code = error.code();
    if code == Code::CrossOriginRefused {
        return (
            "This was not sent from the app",
            "Another page sent this form, so nothing was done. Open the app and do it there.",
        );
    }
    if code == Code::RequestTimeout {
        return (
            "This did not arrive in time",
            "The connection was too slow, and nothing was done. Go back and send it again.",
        );
    }
    match code.kind() {
        Kind::NotFound => (
            "There is nothing here",
            "What you look for is not here any more, or never was.",
        ),
        Kind::Internal => (
            "Something went wrong here",
            "It is not your fault, and it is in the server’s log. Go back and try again.",
        ),
        Kind::Unavailable => (
            "The server is busy",
            "Nothing was done. Go back and send it again in a moment.",
        ),
        Kind::RateLimit => (
            "Too many requests",
            "Wait a minute, then load the page again.",
        ),
        Kind::InvalidRequest
        | Kind::Authentication
        | Kind::Permission
        | Kind::Conflict
        | Kind::Precondition
        | Kind::Unprocessable => ("This did not work", error.message()),
    }
}

/// A failure as a page.
pub fn failure(error: &Error, id: RequestId) -> Result<Answer> {
    let (title, words) = explained(error);
    let content = html! {
        h1 { (title) }
        p { (words) }
        p { a.button href="/app/" { "To the app" } }
        p.muted.small { "Reference: " code { (id) } }
    };
    let mut answer = layout::answer(error.code().status(), &Frame::outside(title), &content);
    if let Some(seconds) = error.retry_after_s() {
        answer.headers.push(("Retry-After", seconds.to_string()));
    }
    Ok(answer)
}

/// The frame of a page of a client who is signed in.
fn frame<'f>(cx: &'f ClientCx, tab: layout::Tab, title: &'f str, unread: u32) -> Frame<'f> {
    Frame {
        title,
        tab: Some(tab),
        workspace: Some(&cx.client.workspace),
        live: cx.tenant().mode().is_live(),
        unread,
    }
}
