//! Forgotten passwords: asking for the link, and using it.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::requests::{PasswordReset, PasswordResetConfirmation};
use super::{nothing_else, security};
use crate::access::accounts;
use crate::access::accounts::mail::{self, Notice};
use crate::access::sessions::{Dead, actions, store};
use crate::api::json::read_body;
use crate::api::route::Incoming;
use crate::app::App;
use crate::caller::Origin;
use crate::error::{Error, Place, Result};
use crate::idempotency::Answer;
use crate::secrets::{TokenKind, password};
use crate::values::Email;

/// What becomes of a reset.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordResetBody {
    /// Always `password_reset`.
    object: &'static str,
    /// `accepted` or `done`.
    status: &'static str,
}

pub(super) async fn ask(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let request: PasswordReset = read_body(&incoming.body)?;
    let (app, origin) = (&incoming.app, &incoming.origin);
    let admitted = app
        .sign_ins
        .admit_reset(&request.email.key(), origin.address, origin.at);
    if admitted {
        // Beside the answer, which is the same for an address that nobody has, and as fast.
        let (app, origin) = (app.clone(), Arc::clone(origin));
        tokio::spawn(async move {
            if let Err(error) = send_reset(app, origin, request.email).await {
                tracing::warn!(?error, "a password reset was not sent");
            }
        });
    }
    let mut answer = Answer::ok(&PasswordResetBody {
        object: "password_reset",
        status: "accepted",
    })?;
    answer.status = 202;
    Ok(answer)
}

async fn send_reset(app: App, origin: Arc<Origin>, email: Email) -> Result<()> {
    let account = app
        .db
        .read_now(|conn| accounts::store::find_by_email(conn, &email))?;
    let Some(account) = account.filter(|account| account.status == "active") else {
        return Ok(());
    };
    let link = actions::draw_reset(origin.at)?;
    let url = app.public_address().url.to_string();
    let notice = Notice::PasswordReset {
        link: format!("{url}/dashboard/reset#{}", link.token.reveal()),
        expires_at: link.expires_at,
    };
    let notice = mail::draft(&app, &account, notice, origin.at)?;
    app.db
        .write_background(move |tx| {
            accounts::actions::ask_reset(tx, &origin, account.id, &link, &notice)
        })
        .await
}

pub(super) async fn confirm(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let request: PasswordResetConfirmation = read_body(&incoming.body)?;
    let link = actions::one_time(&request.token, TokenKind::Reset)?;
    let (app, origin) = (&incoming.app, Arc::clone(&incoming.origin));
    let account = app.db.read_now(|conn| {
        let id = store::find_reset(conn, &link, origin.at)?;
        let id = id.map_err(|dead| dead.refusal(TokenKind::Reset))?;
        accounts::store::find(conn, id)
    })?;
    let account = account.ok_or_else(|| Dead::Unknown.refusal(TokenKind::Reset))?;
    let email = Email::parse(&account.email).map_err(Error::internal)?;
    // Only now it is known whose name it must not be made of.
    password::check(&request.password, Some(&email)).map_err(|invalid| {
        let place = Place::Pointer("/password".to_owned());
        Error::invalid(vec![invalid.at(place)])
    })?;
    let notice = security(&incoming, &account, "The password was set anew")?;
    let hash = app.hasher.hash(request.password).await?;
    app.db
        .write(move |tx| accounts::actions::confirm_reset(tx, &origin, &link, &hash, &notice))
        .await?;
    app.sign_ins.forgive(&email.key(), incoming.origin.address);
    Answer::ok(&PasswordResetBody {
        object: "password_reset",
        status: "done",
    })
}
