//! What was logged of a training.

use std::sync::Arc;

use maud::{Markup, html};

use super::layout::{self, Tab, performed, relative, standing};
use super::{frame, mend, session};
use crate::api::route::ClientCx;
use crate::client_app::actions::{MEND_DAYS, can_mend};
use crate::client_app::view::{self, Names};
use crate::error::{Error, Result};
use crate::idempotency::Answer;
use crate::ids::WorkoutLogId;
use crate::messages;
use crate::workouts::actions::unit_of;
use crate::workouts::records::{estimated, weight};
use crate::workouts::store::Kept;
use crate::workouts::{self, LogStatus, WorkoutLog};

/// Records that a client can have at most: far more than anybody has.
const RECORDS: u32 = 2_000;

pub(super) async fn show(cx: &ClientCx, id: WorkoutLogId) -> Result<Answer> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let read = cx.app.db.read(move |conn| {
        let (tenant, client) = (caller.tenant, caller.client_id);
        let log = workouts::store::find(conn, tenant, client, id)?.ok_or_else(Error::not_found)?;
        let slugs = log.content.exercises.iter();
        let slugs = slugs.map(|logged| logged.exercise.as_str());
        let names = Names::read(conn, &caller, slugs)?;
        let records = workouts::store::records(conn, tenant, client, (None, None), RECORDS)?;
        let records: Vec<Kept> = records.into_iter().filter(|r| r.log_id == id).collect();
        let unread = messages::store::unread(conn, tenant, client)?;
        let own = view::own(conn, &caller, now)?;
        Ok((log, names, records, own, unread))
    });
    let (log, names, records, own, unread) = read.await?;
    let title = log.content.name.clone();
    let title = title.unwrap_or_else(|| "Training".to_owned());
    let unit = unit_of(&own.client);
    let content = html! {
        p { a.back href="/app/program" { "Program" } }
        div.page-top {
            div.row.between { h1 { (title) } (standing(log.status.name())) }
            p.muted { "Logged for " (relative(log.performed_on, own.today)) }
        }
        @if !records.is_empty() {
            section.note.good aria-labelledby="bests" {
                div.note-body {
                    h2 #bests { "New bests" }
                    ul.plain {
                        @for record in &records {
                            li {
                                (names.name(&record.key.exercise)) ": "
                                @if record.key.reps == 0 {
                                    @let best = estimated(record.grams, unit);
                                    (best.value) " " (best.unit.name()) " (estimated for one repetition)"
                                } @else {
                                    @let best = weight(record.grams, unit);
                                    (record.key.reps) " × " (best.value) " " (best.unit.name())
                                }
                            }
                        }
                    }
                }
            }
        }
        (done(&log, &names))
        p data-outcome-of=[log.place.map(session::path)] { a.button.primary.wide href="/app/" { "Back to today" } }
        @if can_mend(&log, own.today) {
            p.muted.small { "Something is wrong? " a href=(mend::path(log.id)) { "Change it" } ", or remove it, within " (MEND_DAYS) " days." }
        } @else if let Some(place) = log.place {
            p.muted.small { "Something is wrong? " a href={ (session::path(place)) "?again=1" } { "Log it again" } "; the last one counts." }
        }
    };
    let frame = frame(cx, Tab::Program, &title, unread);
    Ok(layout::answer(200, &frame, &content))
}

fn done(log: &WorkoutLog, names: &Names) -> Markup {
    let content = &log.content;
    html! {
        @if matches!(log.status, LogStatus::Missed | LogStatus::Excused) {
            p { "You did not train." }
        }
        @if let Some(reason) = &content.skipped_reason { p.pre { (reason) } }
        @for logged in &content.exercises {
            section.stack.tight {
                h2 { (names.name(&logged.exercise)) }
                ol.sets-done { @for set in &logged.sets { li { (performed(set)) } } }
                @if let Some(note) = &logged.note { p.muted.pre { (note) } }
            }
        }
        @if content.duration_min.is_some() || content.session_rpe.is_some() {
            p {
                @if let Some(minutes) = content.duration_min { (minutes) " minutes. " }
                @if let Some(rpe) = content.session_rpe { "How hard: " (rpe) " of 10." }
            }
        }
        @if let Some(notes) = &content.notes { p.pre { (notes) } }
    }
}
