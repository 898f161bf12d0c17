//! The program, week by week.

use std::sync::Arc;

use maud::{Markup, html};

use super::layout::{self, Tab, relative, short_day, standing};
use super::{frame, session};
use crate::api::route::ClientCx;
use crate::client_app::plan::Week;
use crate::client_app::view::{self, Followed, Own};
use crate::error::Result;
use crate::idempotency::Answer;
use crate::messages;

pub(super) async fn show(cx: &ClientCx) -> Result<Answer> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let read = cx.app.db.read(move |conn| {
        let unread = messages::store::unread(conn, caller.tenant, caller.client_id)?;
        let own = view::own(conn, &caller, now)?;
        Ok((own, view::followed(conn, &caller)?, unread))
    });
    let (own, followed, unread) = read.await?;
    let content = html! {
        @if let Some(followed) = &followed {
            (weeks(&own, followed))
        } @else {
            h1 { "Program" }
            p { "Your coach has not given you a program yet." }
            p.muted { "It appears here when it is ready." }
        }
    };
    let frame = frame(cx, Tab::Program, "Program", unread);
    Ok(layout::answer(200, &frame, &content))
}

fn weeks(own: &Own, followed: &Followed) -> Markup {
    let program = &followed.program;
    let total = program.cycles.weeks();
    let now = program.week_of(own.today);
    html! {
        div.page-top {
            h1 { (program.name) }
            p.muted {
                @match (now, program.start_date) {
                    (Some(week), _) => { "Week " (week) " of " (total) },
                    (None, Some(start)) if start > own.today => { (total) " weeks, from " (relative(start, own.today)) },
                    _ => { (total) " weeks" },
                }
            }
        }
        @if let Some(notes) = &program.notes { p.pre { (notes) } }
        @for week in &followed.weeks { (self::week(week, own, Some(week.number) == now)) }
    }
}

/// A week that is past is folded; so is one far ahead.
fn week(week: &Week, own: &Own, is_now: bool) -> Markup {
    let folded = !is_now
        && week
            .days
            .is_some_and(|(first, last)| last < own.today || own.today.days_until(first) > 7);
    let done = week.sessions.iter().filter(|one| {
        let standing = one.standing(own.today);
        ["done", "partial"].contains(&standing)
    });
    html! {
        details.week open[!folded] {
            summary {
                h2 { "Week " (week.number) @if is_now { " (now)" } }
                span.muted {
                    @if let Some((first, last)) = week.days { (short_day(first)) " to " (short_day(last)) ", " }
                    (done.count()) " of " (week.sessions.len()) " done"
                    @if let Some(name) = &week.block_name { ", " (name) }
                }
            }
            @if week.sessions.is_empty() { p.muted { "Nothing is planned in this week." } }
            ul.cards {
                @for planned in &week.sessions {
                    @let href = match planned.log {
                        Some((id, _)) => format!("/app/training/{id}"),
                        None => session::path(planned.place),
                    };
                    li {
                        a.card-link href=(href) {
                            span.row.between {
                                span.card-title { (planned.name) }
                                (standing(planned.standing(own.today)))
                            }
                            span.muted {
                                @if let Some(date) = planned.scheduled_on { (relative(date, own.today)) }
                                @if let Some(minutes) = planned.minutes { ", " (minutes) " minutes" }
                            }
                        }
                    }
                }
            }
        }
    }
}
