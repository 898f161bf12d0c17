//! The check-ins that there were, and what the coach said to them.

use std::sync::Arc;

use maud::{Markup, html};

use super::frame;
use super::layout::{self, Tab, relative, time};
use crate::api::route::ClientCx;
use crate::check_ins::forms::{Answer as Answered, AnswerValue, QuestionType};
use crate::check_ins::store::recent;
use crate::check_ins::{Checkin, Status, Whole};
use crate::client_app::view::{self, Own};
use crate::error::Result;
use crate::files::Pose;
use crate::files::link::LinkKey;
use crate::idempotency::Answer;
use crate::ids::CheckinId;
use crate::messages;

/// Check-ins of the list: two years of weeks.
const SHOWN: u32 = 104;

pub(super) async fn list(cx: &ClientCx) -> Result<Answer> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let read = cx.app.db.read(move |conn| {
        let (tenant, client) = (caller.tenant, caller.client_id);
        let unread = messages::store::unread(conn, tenant, client)?;
        let own = view::own(conn, &caller, now)?;
        let asked = view::asked(conn, &caller, now)?;
        Ok((own, asked, recent(conn, tenant, client, SHOWN)?, unread))
    });
    let (own, asked, past, unread) = read.await?;
    let content = html! {
        h1 { "Check-ins" }
        section.stack.tight {
            @match asked.as_ref().and_then(|whole| whole.checkin.due_at) {
                Some(due) => p { "Your coach asks for one until " (time(due, &own.zone, own.today)) "." },
                None => p.muted { "Nothing is asked for now. You can check in all the same." },
            }
            a.button.primary.wide href="/app/check-in" { "Check in" }
        }
        @if past.is_empty() {
            p { "You have not checked in yet. Your coach reads each check-in, and the reply stands here." }
        } @else {
            ul.cards { @for checkin in &past { li { (card(checkin, &own)) } } }
        }
    };
    let frame = frame(cx, Tab::CheckIns, "Check-ins", unread);
    Ok(layout::answer(200, &frame, &content))
}

fn card(checkin: &Checkin, own: &Own) -> Markup {
    html! {
        a.card-link href={ "/app/check-ins/" (checkin.id) } {
            span.row.between {
                span.card-title { (relative(checkin.local_date, own.today)) }
                @match (checkin.status, &checkin.reply) {
                    (Status::Reviewed, Some(_)) => span.badge.good { "Replied" },
                    (Status::Reviewed, None) => span.badge.good { "Read" },
                    _ => span.badge { "Sent" },
                }
            }
            @if let Some(reply) = &checkin.reply { span.muted.clip { (reply) } }
        }
    }
}

pub(super) async fn show(cx: &ClientCx, id: CheckinId) -> Result<Answer> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let read = cx.app.db.read(move |conn| {
        let unread = messages::store::unread(conn, caller.tenant, caller.client_id)?;
        let own = view::own(conn, &caller, now)?;
        Ok((own, view::checkin(conn, &caller, id)?, unread))
    });
    let (own, whole, unread) = read.await?;
    let checkin = &whole.checkin;
    let title = format!("Check-in, {}", relative(checkin.local_date, own.today));
    let content = html! {
        p { a.back href="/app/check-ins" { "Check-ins" } }
        div.page-top data-outcome-of="/app/check-in" {
            h1 { (title) }
            @if let Some(at) = checkin.submitted_at {
                p.muted { "Sent " (time(at, &own.zone, own.today)) }
            }
        }
        (reply(checkin, &own))
        @if checkin.submitted_at.is_none() {
            p { "It was not filled in yet." }
            p { a.button.primary.wide href="/app/check-in" { "Check in" } }
        }
        (answers(checkin))
        (measured(&whole))
        (photos(cx, &whole))
        @if let Some(notes) = &checkin.content.notes {
            section.stack.tight { h2 { "Notes" } p.pre { (notes) } }
        }
    };
    let frame = frame(cx, Tab::CheckIns, &title, unread);
    Ok(layout::answer(200, &frame, &content))
}

fn reply(checkin: &Checkin, own: &Own) -> Markup {
    html! {
        @match (&checkin.reply, checkin.reviewed_at) {
            (Some(reply), at) => {
                section.note.good aria-labelledby="reply" {
                    div.note-body {
                        h2 #reply { "Your coach’s reply" }
                        p.pre { (reply) }
                        @if let Some(at) = at { p.small { (time(at, &own.zone, own.today)) } }
                    }
                }
            }
            (None, Some(_)) => p { "Your coach has read it." },
            (None, None) if checkin.submitted_at.is_some() => p.muted { "Your coach has not answered yet." },
            (None, None) => {},
        }
    }
}

fn answers(checkin: &Checkin) -> Markup {
    let written = |answer: &&Answered| answer.kind != QuestionType::Photo;
    let answers: Vec<_> = checkin.content.answers.iter().filter(written).collect();
    html! {
        @if !answers.is_empty() {
            dl.answers {
                @for answer in answers {
                    div {
                        dt { (answer.question) }
                        dd.pre {
                            @match &answer.value {
                                AnswerValue::Number(number) => (number),
                                AnswerValue::Text(text) => (text),
                            }
                        }
                    }
                }
            }
        }
    }
}

fn measured(whole: &Whole) -> Markup {
    html! {
        @if !whole.measured.is_empty() {
            section.stack.tight {
                h2 { "Measured" }
                ul.plain {
                    @for one in &whole.measured {
                        li {
                            (one.metric.replace('_', " "))
                            @if let Some(site) = &one.site { " (" (site) ")" }
                            ": " (one.value) " " (one.unit)
                        }
                    }
                }
            }
        }
    }
}

/// From which side, in words.
pub(super) fn side(pose: Pose) -> &'static str {
    match pose {
        Pose::Front => "from the front",
        Pose::Side => "from the side",
        Pose::Back => "from behind",
        Pose::Other => "another view",
    }
}

fn photos(cx: &ClientCx, whole: &Whole) -> Markup {
    let key = LinkKey::of(&cx.app.sealing);
    html! {
        @if !whole.photos.is_empty() {
            section.stack.tight {
                h2 { "Photos" }
                ul.photos {
                    @for photo in &whole.photos {
                        li {
                            img src=(key.sign(cx.tenant(), photo.id, cx.now()).url) width=(photo.width)
                                height=(photo.height) alt={ "You, " (side(photo.pose)) };
                        }
                    }
                }
                p.muted.small { "Only you and your coach see them. Load the page again if they are not shown any more." }
            }
        }
    }
}
