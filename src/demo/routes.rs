//! `/v1/sample-data` and `/v1/demo`.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::happenings::{HAPPENINGS, Scene};
use super::home::{self, Home};
use super::{actions, filling};
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{Caller, Mode, SessionOnly, Tenant};
use crate::config::RunKind;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::overview::exports;

/// What was put there.
/// A report and no object: it has neither an id nor a `created_at`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SampleDataBody {
    /// Always `sample_data`.
    object: &'static str,
    /// Always false: sample data is test data.
    livemode: bool,
    /// Clients that were added.
    clients: usize,
    /// API keys that were made. Nobody holds their plaintexts.
    api_keys: usize,
    /// Webhooks that were registered: one that is well, one that fails.
    webhooks: usize,
    /// Programs: completed, active and drafts.
    programs: usize,
    /// Trainings that were logged.
    workout_logs: usize,
    /// Check-ins that were submitted.
    checkins: usize,
    /// Photos: drawn silhouettes.
    photos: usize,
    /// Payments.
    payments: usize,
}

/// What happened.
/// A report and no object: it has neither an id nor a `created_at`.
#[derive(Debug, Serialize, ToSchema)]
pub struct HappeningBody {
    /// Always `happening`.
    object: &'static str,
    /// Always false: the demo has test data only.
    livemode: bool,
    /// Its name.
    name: &'static str,
    /// What happened, in a sentence.
    description: &'static str,
    /// The id of what came of it: a message, a check-in, a payment, a request, a webhook.
    result_id: String,
}

fn test_tenant(cx: &Cx<SessionOnly>) -> Result<Tenant> {
    let tenant = cx.tenant();
    if tenant.mode() == Mode::Live {
        let message = "Sample data is for test mode only: live clients are real.";
        return Err(Error::with(Code::AuthForbidden, message));
    }
    Ok(tenant)
}

/// The coach as the one who did it all.
fn coach(cx: &Cx<SessionOnly>) -> Result<Arc<Caller>> {
    let home = Home {
        account_id: cx.permit.caller().account_id,
        workspace_id: cx.permit.caller().workspace_id,
    };
    cx.app
        .db
        .read_now(|conn| home::caller(conn, home, Mode::Test))
}

async fn fill(cx: Cx<SessionOnly>) -> Result<Work> {
    test_tenant(&cx)?;
    let (app, coach, now) = (cx.app.clone(), coach(&cx)?, cx.permit.now());
    // Where it holds up nobody; it goes on if the caller goes away.
    let filling = tokio::task::spawn_blocking(move || {
        filling::fill(&app, coach, now, filling::BESIDE_OTHERS)
    });
    let filled = match filling.await.map_err(Error::internal)? {
        Ok(filled) => filled,
        // A decision: saved under an idempotency key like any other, if there is no answer yet.
        Err(error) if error.code().is_decision() => return work(move |_| Err(error)),
        Err(error) => return Err(error),
    };
    let answer = Answer::ok(&SampleDataBody {
        object: "sample_data",
        livemode: false,
        clients: filled.clients,
        api_keys: filled.keys,
        webhooks: filled.webhooks,
        programs: filled.programs,
        workout_logs: filled.workout_logs,
        checkins: filled.checkins,
        photos: filled.photos,
        payments: filled.payments,
    })?;
    work(move |_| Ok(answer))
}

async fn empty(cx: Cx<SessionOnly>) -> Result<Work> {
    test_tenant(&cx)?;
    let permit = home::permit(&coach(&cx)?, cx.permit.now())?;
    let app = cx.app;
    work(move |tx| {
        actions::empty(tx, &permit)?;
        let why = "The sample data was removed: ask for a new export.";
        exports::actions::withdraw(tx, &app, permit.tenant(), why)?;
        Ok(Answer::no_content())
    })
}

async fn happen(cx: Cx<SessionOnly>) -> Result<Work> {
    let name = cx.parameter("happening");
    let happening = HAPPENINGS.iter().find(|happening| happening.name == name);
    let Some(happening) = happening.filter(|_| cx.app.config.kind == RunKind::Demo) else {
        return Err(Error::not_found());
    };
    test_tenant(&cx)?;
    let scene = Scene {
        caller: coach(&cx)?,
        now: cx.permit.now(),
    };
    work(move |tx| {
        Answer::ok(&HappeningBody {
            object: "happening",
            livemode: false,
            name: happening.name,
            description: happening.words,
            result_id: (happening.run)(tx, &scene)?,
        })
    })
}

/// The routes of sample data and of the demo.
pub fn routes() -> Vec<Route> {
    vec![
        Route::action("/v1/sample-data", fill)
            .named("Test mode", "add_sample_data", "Fill the test tenant with sample data")
            .describe(
                "Clients with their stories: sixteen weeks of programs, trainings, check-ins and \
                 payments, drawn photos, threads; API keys in every state, two webhooks with their \
                 logs, a month of usage and a day of the request log. It takes some seconds, and \
                 until it is answered a part can be seen; if it cannot be put there whole, nothing \
                 of it stays. The coach's own webhooks are not told of it. Test mode only.",
            )
            .answers::<SampleDataBody>()
            .codes(&[Code::AuthForbidden, Code::StateConflict, Code::AlreadyExists]),
        Route::delete("/v1/sample-data", empty)
            .named("Test mode", "remove_sample_data", "Take the sample data away")
            .describe("With all that belongs to it; what the coach made herself stays, and so do the events that tell of it. Test mode only.")
            .codes(&[Code::AuthForbidden]),
        Route::action("/v1/demo/{happening}", happen)
            .named("Test mode", "make_happen", "Make something happen in the demo")
            .describe("Only under `cadence serve --demo`; anywhere else 404.")
            .answers::<HappeningBody>()
            .codes(&[Code::AuthForbidden, Code::StateConflict]),
    ]
}
