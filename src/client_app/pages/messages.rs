//! The thread with the coach.

use std::sync::Arc;

use maud::{Markup, html};

use super::form::{Faults, Form, ONCE, fresh, once};
use super::frame;
use super::layout::{self, Tab, described, fault, faults, see_other, time};
use crate::api::json::read_body;
use crate::api::route::{ClientCx, work};
use crate::client_app::routes::NewOwnMessage;
use crate::client_app::view::{self, Own};
use crate::error::{Error, Result};
use crate::idempotency::Answer;
use crate::ids::MessageId;
use crate::messages::store::Filter;
use crate::messages::{self, BODY_MAX, Message};

const PATH: &str = "/app/messages";
/// Messages of a page.
const SHOWN: u32 = 30;

struct Thread {
    own: Own,
    /// Oldest first.
    messages: Vec<Message>,
    /// What the page before ends with, if there is one.
    earlier: Option<MessageId>,
    unread: u32,
}

async fn read_thread(cx: &ClientCx, before: Option<String>) -> Result<Thread> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let read = cx.app.db.read(move |conn| {
        let (tenant, client) = (caller.tenant, caller.client_id);
        let (all, before) = (Filter::default(), before.as_deref());
        let mut found = messages::store::page(conn, tenant, client, &all, before, SHOWN + 1)?;
        let more = found.len() > SHOWN as usize;
        found.truncate(SHOWN as usize);
        let earlier = found.last().filter(|_| more).map(|message| message.id);
        found.reverse();
        Ok(Thread {
            own: view::own(conn, &caller, now)?,
            messages: found,
            earlier,
            unread: messages::store::unread(conn, tenant, client)?,
        })
    });
    read.await
}

pub(super) async fn show(cx: &ClientCx) -> Result<Answer> {
    let before = cx.asked("before").and_then(MessageId::parse);
    let thread = read_thread(cx, before.map(|id| id.to_string())).await?;
    let form = Form::default();
    Ok(page(cx, 200, &thread, (&form, &Faults::default())))
}

pub(super) async fn send(cx: &ClientCx, form: Form) -> Result<Answer> {
    let typed = serde_json::json!({ "body": form.get("body").unwrap_or_default() });
    let sent = match read_body::<NewOwnMessage>(typed.to_string().as_bytes()) {
        Ok(new) => {
            let (tenant, id, origin) = (cx.tenant(), cx.client_id(), Arc::clone(&cx.origin));
            let work = work(move |tx| {
                let message = messages::actions::receive(tx, tenant, &origin, id, &new.body)?;
                Ok(see_other(format!("{PATH}#{}", message.id)))
            })?;
            once(cx, &form, work).await
        }
        Err(error) => Err(error),
    };
    let error = match sent {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    let faults = match form.get("body") {
        Some(_) => Faults::read(error, |_| Some("body".to_owned()))?,
        None => Faults::of("body", "Write something first."),
    };
    let thread = read_thread(cx, None).await?;
    Ok(page(cx, 400, &thread, (&form, &faults)))
}

pub(super) async fn read(cx: &ClientCx, form: Form) -> Result<Answer> {
    let last = form.get("last").and_then(MessageId::parse);
    let last = last.ok_or_else(Error::not_found)?;
    let (client, origin) = (Arc::clone(&cx.client), Arc::clone(&cx.origin));
    cx.app
        .db
        .write(move |tx| messages::actions::read(tx, &client, &origin, last))
        .await?;
    Ok(see_other(PATH))
}

fn page(cx: &ClientCx, status: u16, thread: &Thread, (typed, wrong): (&Form, &Faults)) -> Answer {
    let content = html! {
        h1 { "Messages" }
        @if thread.messages.is_empty() {
            p { "Nothing was written yet. Say hello, or ask what is on your mind." }
        }
        @if let Some(id) = thread.earlier {
            p { a href={ (PATH) "?before=" (id) } { "Earlier messages" } }
        }
        ol.talk {
            @for message in &thread.messages { (self::message(message, &thread.own)) }
        }
        (mark_read(thread))
        (writing(cx, typed, wrong))
    };
    let frame = frame(cx, Tab::Messages, "Messages", thread.unread);
    layout::answer(status, &frame, &content)
}

fn message(message: &Message, own: &Own) -> Markup {
    let mine = message.direction == "to_coach";
    let new = !mine && message.read_at.is_none();
    html! {
        li.mine[mine] #(message.id) {
            p.talk-head.muted.small {
                @if mine { "You" } @else { "Your coach" }
                ", " (time(message.created_at, &own.zone, own.today))
                @if new { " " span.badge.info { "New" } }
            }
            p.bubble.pre { (message.body) }
        }
    }
}

/// A button that says that all was read; a script presses it.
fn mark_read(thread: &Thread) -> Markup {
    let from_coach = |message: &&Message| message.direction == "to_client";
    let last = thread.messages.iter().rfind(from_coach);
    let unread = last.filter(|message| message.read_at.is_none());
    html! {
        @if let Some(message) = unread {
            form method="post" action="/app/messages/read" data-mark-read {
                input type="hidden" name="last" value=(message.id);
                button.button type="submit" { "I have read this" }
            }
        }
    }
}

fn writing(cx: &ClientCx, typed: &Form, wrong: &Faults) -> Markup {
    html! {
        form.writing method="post" action=(PATH) data-keep {
            (faults(wrong))
            input type="hidden" name=(ONCE) value=(fresh(cx));
            div.field {
                label for="body" { "Write to your coach" }
                textarea.control #body name="body" rows="3" maxlength=(BODY_MAX) required
                    aria-invalid=[wrong.get("body").map(|_| "true")]
                    aria-describedby=[described(wrong, "body")] { (typed.get("body").unwrap_or_default()) }
                (fault(wrong, "body"))
            }
            button.button.primary.wide type="submit" { "Send" }
        }
    }
}
