//! A session, to be trained and logged.

use std::sync::Arc;

use maud::{Markup, html};

use super::form::{Faults, Form, ONCE, fresh, once};
use super::layout::{self, Tab, faults, relative, see_other, standing};
use super::session_form::{Sheet, sheet};
use super::{frame, mend};
use crate::api::json::read_body;
use crate::api::route::{ClientCx, work};
use crate::client_app::actions;
use crate::client_app::body::AppSessionBody;
use crate::client_app::view::{self, Own};
use crate::error::{Error, Result};
use crate::idempotency::Answer;
use crate::messages;
use crate::workouts::actions::unit_of;
use crate::workouts::{self, NewWorkoutLog, Place};

/// Where a session is.
pub(super) fn path(place: Place) -> String {
    format!(
        "/app/sessions/{}/{}/{}",
        place.block, place.week, place.session
    )
}

struct Training {
    own: Own,
    session: AppSessionBody,
    unread: u32,
}

async fn read(cx: &ClientCx, place: Place) -> Result<Training> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let read = cx.app.db.read(move |conn| {
        let own = view::own(conn, &caller, now)?;
        let followed = view::followed(conn, &caller)?.ok_or_else(Error::not_found)?;
        let session = view::session(conn, &caller, &followed, place, own.today)?;
        Ok(Training {
            session: session.ok_or_else(Error::not_found)?,
            unread: messages::store::unread(conn, caller.tenant, caller.client_id)?,
            own,
        })
    });
    read.await
}

pub(super) async fn show(cx: &ClientCx, place: Place) -> Result<Answer> {
    let training = read(cx, place).await?;
    let (form, right) = (Form::default(), Faults::default());
    Ok(page(cx, 200, &training, (&form, &right)))
}

/// Logs the session, or that it was not trained.
pub(super) async fn log(cx: &ClientCx, place: Place, form: Form) -> Result<Answer> {
    let training = read(cx, place).await?;
    let unit = unit_of(&training.own.client);
    let sent = Sheet::read(&form, &training.session, unit);
    let kept = match &sent {
        Ok(sheet) => keep(cx, &training, &form, sheet).await,
        Err(faults) => return Ok(page(cx, 400, &training, (&form, faults))),
    };
    let error = match kept {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    let faults = Faults::read(error, |pointer| sent.as_ref().ok()?.field(pointer))?;
    Ok(page(cx, 400, &training, (&form, &faults)))
}

async fn keep(cx: &ClientCx, training: &Training, form: &Form, sheet: &Sheet) -> Result<Answer> {
    let new: NewWorkoutLog = read_body(sheet.json.to_string().as_bytes())?;
    let zone = cx.client.timezone.as_str();
    let (tenant, now) = (cx.tenant(), cx.now());
    let client = (&training.own.client, zone);
    let log = workouts::actions::draft(&cx.app, tenant, client, now, new)?;
    let (caller, origin) = (Arc::clone(&cx.client), Arc::clone(&cx.origin));
    let work = work(move |tx| {
        let (log, _) = actions::log(tx, &caller, &origin, log)?;
        Ok(see_other(format!("/app/training/{}", log.id)))
    })?;
    once(cx, form, work).await
}

fn page(
    cx: &ClientCx,
    status: u16,
    training: &Training,
    (typed, wrong): (&Form, &Faults),
) -> Answer {
    let session = &training.session;
    let planned = &session.planned;
    let today = training.own.today;
    // Whoever logged it before opens the form on purpose.
    let folded = planned.workout_log_id.is_some() && !wrong.any() && cx.asked("again").is_none();
    let content = html! {
        p { a.back href="/app/program" { "Program" } }
        div.page-top {
            div.row.between { h1 { (planned.name) } (standing(planned.status)) }
            p.muted {
                "Week " (planned.week)
                @if let Some(date) = planned.scheduled_on { ", for " (relative(date, today)) }
                @if let Some(minutes) = planned.minutes { ", about " (minutes) " minutes" }
                @if planned.deload { ", easy on purpose" }
            }
        }
        @if let Some(notes) = &session.notes { p.pre { (notes) } }
        @if let Some(id) = planned.workout_log_id {
            div.note.good {
                div.note-body {
                    p { "You logged this session. " a href={ "/app/training/" (id) } { "See what you logged" } }
                    p { "Something is wrong? " a href=(mend::path(id)) { "Change what you logged" } "." }
                }
            }
        }
        (faults(wrong))
        @if folded {
            details { summary { "Log it again" } (form(cx, training, typed, wrong)) }
        } @else {
            (form(cx, training, typed, wrong))
        }
    };
    let frame = frame(cx, Tab::Program, &planned.name, training.unread);
    layout::answer(status, &frame, &content)
}

fn form(cx: &ClientCx, training: &Training, typed: &Form, wrong: &Faults) -> Markup {
    let unit = unit_of(&training.own.client);
    let path = path(training.session.planned.place);
    html! {
        form.training method="post" action=(path) data-keep data-training novalidate {
            input type="hidden" name=(ONCE) value=(fresh(cx));
            (sheet(&training.session, unit, typed, wrong))
            button.button.primary.wide type="submit" { "Save the training" }
        }
        details.not-trained {
            summary { "You did not train?" }
            form method="post" action=(path) data-keep {
                input type="hidden" name=(ONCE) value=(fresh(cx));
                fieldset {
                    legend { "What happened" }
                    label.pick { input type="radio" name="status" value="missed" checked[typed.get("status") != Some("excused")]; span { "I missed it" } }
                    label.pick { input type="radio" name="status" value="excused" checked[typed.get("status") == Some("excused")]; span { "I was ill, hurt or away" } }
                }
                div.field {
                    label for="skipped_reason" { "Anything your coach should know" }
                    textarea.control #skipped_reason name="skipped_reason" rows="2" maxlength="1000" { (typed.get("skipped_reason").unwrap_or_default()) }
                }
                button.button.wide type="submit" { "Save" }
            }
        }
    }
}
