//! What there is to do today.

use std::sync::Arc;

use maud::{Markup, html};

use super::layout::{self, Tab, day, prescribed, relative, standing, time};
use super::{frame, session};
use crate::api::route::ClientCx;
use crate::check_ins::Status;
use crate::client_app::body::{AppSessionBody, PlannedSessionBody};
use crate::client_app::view::{self, Today};
use crate::error::Result;
use crate::idempotency::Answer;

pub(super) async fn show(cx: &ClientCx) -> Result<Answer> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let read = cx.app.db.read(move |conn| view::today(conn, &caller, now));
    let today = read.await?;
    let first_name = today.own.client.profile.name.split(' ').next();
    let content = html! {
        div.page-top {
            p.muted { (day(today.own.today)) }
            h1 { "Hello, " (first_name.unwrap_or("you")) }
        }
        (messages(today.unread))
        (checking_in(&today))
        (training(&today))
    };
    let frame = frame(cx, Tab::Today, "Today", today.unread);
    Ok(layout::answer(200, &frame, &content))
}

fn messages(unread: u32) -> Markup {
    html! {
        @if unread > 0 {
            a.card-link href="/app/messages" {
                span.card-title {
                    @if unread == 1 { "A new message from your coach" }
                    @else { (unread) " new messages from your coach" }
                }
                span.muted { "Read and answer" }
            }
        }
    }
}

fn checking_in(today: &Today) -> Markup {
    html! {
        @if let Some(whole) = &today.checkin {
            @let late = whole.checkin.status == Status::Overdue;
            section.panel-plain {
                div.row.between {
                    h2 { "Check-in" }
                    @if late { span.badge.warning { "Late" } } @else { span.badge.info { "Asked for" } }
                }
                p {
                    @if let Some(due) = whole.checkin.due_at {
                        @if late { "It was due " } @else { "Until " }
                        (time(due, &today.own.zone, today.own.today))
                        "."
                    }
                }
                a.button.primary.wide href="/app/check-in" { "Check in" }
            }
        }
        @if let Some(whole) = &today.answered {
            a.card-link href={ "/app/check-ins/" (whole.checkin.id) } {
                span.card-title { "Your coach replied to your check-in" }
                span.muted { "Of " (relative(whole.checkin.local_date, today.own.today)) }
            }
        }
    }
}

fn training(today: &Today) -> Markup {
    let Some(followed) = &today.followed else {
        return html! {
            section.panel-plain {
                h2 { "Training" }
                p { "Your coach has not given you a program yet." }
                p.muted { "It appears here when it is ready. Until then you can " a href="/app/messages" { "write to your coach" } "." }
            }
        };
    };
    let date = today.own.today;
    let ended = followed.program.end_date().is_some_and(|end| end < date);
    html! {
        @match &today.session {
            Some(session) => (of_today(session, today)),
            None => {
                section.panel-plain {
                    h2 { "Training" }
                    @if ended {
                        p { "“" (followed.program.name) "” is at its end. Your coach prepares what comes next." }
                    } @else {
                        p { "Nothing is planned for today." }
                    }
                }
            }
        }
        @if !today.open.is_empty() {
            section.stack.tight {
                h2 { "Still open this week" }
                ul.cards { @for planned in &today.open { li { (card(planned, today)) } } }
            }
        }
        @if let Some(next) = &today.next {
            section.stack.tight {
                h2 { "Next" }
                ul.cards { li { (card(next, today)) } }
            }
        }
        p { a href="/app/program" { "All of “" (followed.program.name) "”" } }
    }
}

/// A session as a card that leads to it.
pub(super) fn card(planned: &PlannedSessionBody, today: &Today) -> Markup {
    html! {
        a.card-link href=(session::path(planned.place)) {
            span.card-title { (planned.name) }
            span.muted {
                @if let Some(date) = planned.scheduled_on { (relative(date, today.own.today)) }
                @if let Some(minutes) = planned.minutes { ", " (minutes) " minutes" }
            }
        }
    }
}

fn of_today(session: &AppSessionBody, today: &Today) -> Markup {
    let planned = &session.planned;
    let exercises = session.groups.iter().flat_map(|group| &group.exercises);
    html! {
        section.panel-plain {
            div.row.between {
                h2 { (planned.name) }
                (standing(planned.status))
            }
            p.muted {
                "Week " (planned.week)
                @if let Some(minutes) = planned.minutes { ", about " (minutes) " minutes" }
                @if planned.deload { ", easy on purpose" }
            }
            ul.plain {
                @for exercise in exercises {
                    li {
                        strong { (exercise.name) }
                        @for set in &exercise.sets { br; span.muted { (prescribed(set)) } }
                    }
                }
            }
            @match &today.log {
                Some(log) => a.button.wide href={ "/app/training/" (log.id) } { "See what you logged" },
                None => a.button.primary.wide href=(session::path(planned.place)) { "Start training" },
            }
        }
    }
}
