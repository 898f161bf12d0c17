//! `/v1/outbox/{mail_id}/send|drop` and `/v1/settings/test-mail`.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{actions, letters};
use crate::access::accounts;
use crate::api::json::{Fields, FromBody, text};
use crate::api::route::{Cx, Route, Work, work};
use crate::backup;
use crate::caller::{ClientsWrite, SessionOnly};
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::JobId;
use crate::outbox::routes::{MailBody, shown};
use crate::outside::mail::Mailer;
use crate::values::Email;

async fn send(cx: Cx<ClientsWrite>) -> Result<Work> {
    let id = cx.id("mail_id")?;
    let (app, permit) = (cx.app, cx.permit);
    let job = JobId::new(permit.now());
    work(move |tx| {
        let mail = actions::send(tx, &app, &permit, id, job)?;
        shown(&app.sealing, permit.tenant(), &mail)
    })
}

async fn drop_mail(cx: Cx<ClientsWrite>) -> Result<Work> {
    let id = cx.id("mail_id")?;
    let (app, permit) = (cx.app, cx.permit);
    work(move |tx| {
        let mail = actions::drop_mail(tx, &permit, id)?;
        shown(&app.sealing, permit.tenant(), &mail)
    })
}

/// Whom to send a test mail to.
#[derive(Debug, ToSchema)]
pub struct TestMail {
    /// An address; that of the account if left out.
    #[schema(value_type = Option<String>, example = "you@example.com")]
    to: Option<Email>,
}

impl FromBody for TestMail {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let to = fields.optional("to", text(Email::parse));
        Some(Self { to: to? })
    }
}

/// What happened to a test mail.
/// A report and no object: it has neither an id nor a `created_at`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestMailBody {
    /// Always `test_mail`.
    object: &'static str,
    /// Always null: it is of the server.
    livemode: Option<bool>,
    /// `sent`, or `failed`.
    status: &'static str,
    /// Whom it was for.
    to: String,
    /// Whom it was from; null without a mail server.
    from: Option<String>,
    /// The mail server, if one is set.
    server: Option<String>,
    /// What the mail server said, or why nothing was sent.
    message: String,
}

async fn test_mail(cx: Cx<SessionOnly>, body: TestMail) -> Result<Work> {
    let account_id = cx.permit.caller().account_id;
    let (account, quiet) = cx.app.db.read_now(|conn| {
        let account = accounts::store::find(conn, account_id)?;
        Ok((account, backup::quiet_since(conn)?.is_some()))
    })?;
    let account = account.ok_or_else(|| Error::bug("a caller without an account"))?;
    // It goes out in the name of whoever runs the server.
    if account.role != "owner" {
        return Err(Error::with(
            Code::AuthForbidden,
            "Only the owner of the server sends test mails.",
        ));
    }
    let app = cx.app;
    let to = body.to.map_or(account.email, |to| to.as_str().to_owned());
    let (status, message) = match (&app.outside.mail, quiet) {
        (_, true) => ("failed", QUIET.to_owned()),
        (None, _) => ("failed", NO_SERVER.to_owned()),
        (Some(mailer), false) => {
            let address = app.public_address();
            let now = app.clock.now();
            let letter = letters::test(address.url.as_str(), mailer, to.clone(), now);
            match mailer.send(&letter).await {
                Ok(reply) => ("sent", reply),
                Err(trouble) => ("failed", trouble.sentence().to_owned()),
            }
        }
    };
    let mailer = app.outside.mail.as_ref();
    let body = TestMailBody {
        object: "test_mail",
        livemode: None,
        status,
        to,
        from: mailer.map(|mailer| mailer.sender().to_owned()),
        server: mailer.map(Mailer::server),
        message,
    };
    work(move |_| Answer::ok(&body))
}

/// Why a restored copy sends no test mail.
const QUIET: &str = "This copy was restored and is quiet: nothing leaves it. Once it is the only one, \
                     run `cadence resume`.";
/// Why a server without a mail server sends none.
const NO_SERVER: &str =
    "No mail server is set up. Set CADENCE_MAIL_SMTP_URL and start the server again.";

/// The routes of what becomes of mail.
pub fn routes() -> Vec<Route> {
    vec![
        Route::action("/v1/outbox/{mail_id}/send", send)
            .named("Outbox", "send_mail", "Let a held mail go")
            .describe("One that is held, or that bounced. It is 409 `state_conflict` where it cannot leave: no mail server, an ended link, a public address that opens only on this computer. In test mode nothing is sent: the mail is answered as it stands.")
            .answers::<MailBody>()
            .codes(&[Code::StateConflict]),
        Route::action("/v1/outbox/{mail_id}/drop", drop_mail)
            .named("Outbox", "drop_mail", "Drop a mail that did not leave")
            .describe("Its link goes on working: it may have been passed on by hand.")
            .answers::<MailBody>()
            .codes(&[Code::StateConflict]),
        Route::post("/v1/settings/test-mail", test_mail)
            .named("Upkeep", "send_test_mail", "Send a test mail and say what happened")
            .describe("It is sent while you wait, and stands in no outbox.")
            .answers::<TestMailBody>()
            .body_optional()
            .codes(&[Code::AuthForbidden])
            .example(json!({ "to": "you@example.com" })),
    ]
}
