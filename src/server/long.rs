//! Carrying out a write that is too long for one transaction.

use std::sync::Arc;

use crate::api::route::Steps;
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::idempotency::{self, Answer, Claim, Progress};

/// Carries out the steps one after the other, each behind the requests that wait, and then saves
/// the answer. It goes on even if the caller goes away.
pub(super) async fn carry_out(
    app: App,
    steps: Steps,
    claim: Option<Claim>,
    render: impl Fn(&Error) -> Answer + Send + 'static,
) -> Result<Answer> {
    let run = run(app, steps, claim.map(Arc::new), render);
    let finished = actix_web::rt::spawn(run).await;
    // The panic's own message is in the log by the panic hook.
    finished.unwrap_or_else(|error| Err(Error::internal(error)))
}

async fn run(
    app: App,
    mut steps: Steps,
    claim: Option<Arc<Claim>>,
    render: impl Fn(&Error) -> Answer + Send + 'static,
) -> Result<Answer> {
    let mut outcomes = Vec::new();
    for number in 0..steps.count {
        let step = (steps.prepare)(number)?;
        let (claim, sealing) = (claim.clone(), Arc::clone(&app.sealing));
        let progress = app.db.write_background(move |tx| match claim {
            None => step(tx).map(Progress::Done),
            Some(claim) => idempotency::step(tx, &claim, &sealing, number, step),
        });
        match progress.await.map_err(|error| cut_off(error, number))? {
            Progress::Done(outcome) => outcomes.push(outcome),
            Progress::Answered(answer) => return Ok(answer),
        }
    }
    let answer = (steps.answer)(outcomes)?;
    let Some(claim) = claim else {
        return Ok(answer);
    };
    let sealing = Arc::clone(&app.sealing);
    let finished = app
        .db
        .write(move |tx| idempotency::finish(tx, &claim, &sealing, answer, render));
    finished.await.map_err(|error| cut_off(error, steps.count))
}

/// Says of a passing failure that it came in the middle.
fn cut_off(error: Error, done: u32) -> Error {
    if done == 0 || error.code().kind() != Kind::Unavailable {
        return error;
    }
    error.reword(
        "Part of the file was imported, then the server could not go on. Send the same request \
         again: what is there already is not added twice.",
    )
}
