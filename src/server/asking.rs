//! Carrying out a write that asks somebody outside.

use std::sync::Arc;

use crate::api::asking::Asking;
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::idempotency::{self, Answer, Claim, Intent};

/// Carries out the three steps. It goes on even if the caller goes away: what was asked for outside
/// has to be recorded.
pub(super) async fn carry_out(
    app: App,
    asking: Asking,
    claim: Option<Claim>,
    render: impl Fn(&Error) -> Answer + Clone + Send + 'static,
) -> Result<Answer> {
    let run = run(app, asking, claim.map(Arc::new), render);
    let finished = actix_web::rt::spawn(run).await;
    // The panic's own message is in the log by the panic hook.
    finished.unwrap_or_else(|error| Err(Error::internal(error)))
}

async fn run(
    app: App,
    asking: Asking,
    claim: Option<Arc<Claim>>,
    render: impl Fn(&Error) -> Answer + Clone + Send + 'static,
) -> Result<Answer> {
    let Asking { intend, ask } = asking;
    // A claim that is held by nobody and left its intent behind was cut off: this request takes it up.
    let turn = claim.as_deref().map(|claim| app.in_progress.enter(claim));
    let _turn = turn.transpose()?;
    let intended = app.db.write({
        let (claim, sealing, render) = (claim.clone(), Arc::clone(&app.sealing), render.clone());
        move |tx| match claim.as_deref() {
            None => intend(tx, None),
            Some(claim) => {
                let work = |tx: &Tx<'_>| intend(tx, Some(claim));
                idempotency::intend(tx, claim, &sealing, work, render)
            }
        }
    });
    let id = match intended.await? {
        Intent::Answered(answer) => return Ok(answer),
        Intent::Ask(id) => id,
    };
    let record = ask(id).await?;
    let sealing = Arc::clone(&app.sealing);
    let concluded = app.db.write(move |tx| match claim {
        None => record(tx),
        Some(claim) => idempotency::conclude(tx, &claim, &sealing, record, render),
    });
    concluded.await
}
