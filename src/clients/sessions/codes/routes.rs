//! Asking for a code and coming back by it, for `/auth` and for the pages of the app.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::actions::{self, refusal};
use super::{Proof, clear_cookie, set_cookie, store};
use crate::api::json::{Fields, FromBody, read_body, text};
use crate::api::query::{NoQuery, read_query};
use crate::api::route::{Incoming, Method, Route};
use crate::app::App;
use crate::backup;
use crate::caller::Origin;
use crate::clients::Client;
use crate::clients::sessions::{self, ClientSession, Home};
use crate::error::{Code, Result};
use crate::idempotency::Answer;
use crate::limits::block_text;
use crate::secrets::{Secret, TokenKind, code, generate, recognise};
use crate::values::Email;

/// Who asks for a code.
#[derive(Debug, ToSchema)]
pub struct AskCode {
    /// The address that the coach knows the client by.
    #[schema(value_type = String, format = "email")]
    pub email: Email,
}

impl FromBody for AskCode {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", text(Email::parse));
        Some(Self { email: email? })
    }
}

/// What becomes of a code that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientCodeBody {
    /// Always `client_code`.
    object: &'static str,
    /// Always `accepted`.
    status: &'static str,
}

/// What the browser holds that asked for a code, if it is of ours.
fn held(incoming: &Incoming) -> Option<Secret> {
    let cookie = incoming.head.code_cookie.as_deref()?;
    let ours = recognise(cookie) == Ok(TokenKind::CodeRequest);
    ours.then(|| Secret::new(cookie.to_owned()))
}

/// Whether the browser has asked for a code lately.
pub fn has_asked(incoming: &Incoming) -> bool {
    held(incoming).is_some()
}

/// Whether a code can leave this server by mail: there is a mail server, and it is no restored copy
/// that keeps quiet.
pub fn sends_mail(app: &App) -> Result<bool> {
    let quiet = app.db.read_now(backup::quiet_since)?.is_some();
    Ok(app.outside.mail.is_some() && !quiet)
}

/// Sends a code to whoever has an address; gives the header that binds it to this browser. Everything
/// else comes after the answer, which is the same for an address that nobody has, and as fast.
pub fn ask(incoming: &Incoming, email: Email) -> Result<(&'static str, String)> {
    let (app, origin) = (incoming.app.clone(), Arc::clone(&incoming.origin));
    if let Some(address) = origin.address {
        app.strangers.fail(address, app.clock.now())?;
    }
    // The same again: a code that is on its way goes on working where no further one is sent.
    let browser = match held(incoming) {
        Some(held) => held,
        None => generate(TokenKind::CodeRequest)?,
    };
    let cookie = set_cookie(&browser, incoming.head.https);
    tokio::spawn(async move {
        if let Err(error) = send(app, &origin, &email, &browser).await {
            tracing::warn!(?error, "a code for a client was not sent");
        }
    });
    Ok(("Set-Cookie", cookie))
}

async fn send(app: App, origin: &Origin, email: &Email, browser: &Secret) -> Result<()> {
    let (key, now) = (email.key(), app.clock.now());
    let looked_for = key.clone();
    let found = app
        .db
        .read(move |conn| actions::who_may_come_back(conn, &looked_for))
        .await?;
    // What is asked for an address that nobody has takes nothing from anybody's allowance.
    let (here, leaves) = (block_text(origin.address), sends_mail(&app)?);
    for returning in &found {
        let tenant = returning.home.tenant;
        if tenant.mode().is_live() && !leaves {
            continue;
        }
        // For each tenant by itself: a client of one coach is nobody to another.
        let known = !here.is_empty() && returning.places.contains(&here);
        let whose = format!("{key} {}", tenant.number());
        if !app.sign_ins.admit_code(&whose, origin.address, known, now) {
            continue;
        }
        let draft = actions::draft(&app, returning, browser)?;
        app.db
            .write_background(move |tx| actions::keep(tx, &draft))
            .await?;
    }
    Ok(())
}

/// A client who came back.
pub struct Back {
    /// Where.
    pub home: Home,
    /// Who.
    pub client: Client,
    /// The device that is signed in now.
    pub session: ClientSession,
    /// The headers that hand the browser its session and take what it asked with.
    pub cookies: [(&'static str, String); 2],
}

/// Lets a client in by a code that was typed. The refusal is one and the same, whatever is wrong.
pub async fn enter(incoming: &Incoming, typed: &str, email: Option<&Email>) -> Result<Back> {
    let app = &incoming.app;
    let Some(browser) = held(incoming) else {
        return Err(refusal());
    };
    // Before the write: whatever looks like our cookie costs one.
    if let Some(address) = incoming.origin.address {
        app.strangers.fail(address, app.clock.now())?;
    }
    // What can be no code is a try like any other.
    let typed = code::read(typed).unwrap_or_else(|| Secret::new(String::new()));
    let (proof, now) = (Proof::of(&browser, &typed), app.clock.now());
    let found = app.db.read_now(|conn| store::find(conn, &proof, now))?;
    let device = (incoming.origin.address, incoming.head.user_agent.as_deref());
    let draft = match &found {
        Some((home, client)) => {
            let draft = sessions::actions::draft(*client, device, now)?;
            Some((home.tenant, draft))
        }
        None => None,
    };
    let https = incoming.head.https;
    let cookie = draft
        .as_ref()
        .map(|(_, draft)| sessions::set_cookie(draft.cookie.reveal(), https));
    let email_key = email.map(Email::key);
    let written = app
        .db
        .write(move |tx| actions::come_back(tx, &proof, draft, email_key.as_deref(), now));
    let back = written.await?;
    match (back, found, cookie) {
        (Some((client, session)), Some((home, _)), Some(cookie)) => Ok(Back {
            home,
            client,
            session,
            cookies: [("Set-Cookie", cookie), ("Set-Cookie", clear_cookie(https))],
        }),
        _ => Err(refusal()),
    }
}

async fn ask_route(incoming: Incoming) -> Result<Answer> {
    read_query::<NoQuery>(incoming.head.query.as_deref())?;
    let request: AskCode = read_body(&incoming.body)?;
    let cookie = ask(&incoming, request.email)?;
    let mut answer = Answer::ok(&ClientCodeBody {
        object: "client_code",
        status: "accepted",
    })?;
    answer.status = 202;
    answer.headers.push(cookie);
    Ok(answer)
}

/// The routes of codes by mail.
pub fn routes() -> Vec<Route> {
    vec![
        Route::auth(Method::POST, "/auth/client-codes", ask_route)
            .named("Client app", "ask_client_code", "Ask for a code to come back by")
            .describe("The same answer for every address. Each workspace in which a client of this address has joined, and is active or paused, mails a code of its own: eight characters that work for ten minutes, once, and only together with the cookie that this answer sets. A new one ends the one before it. From one place three an hour are sent to an address, and from places where the app was never used five in all. Where the server sends no mail, live clients get none; in test mode the mail stays in the outbox.")
            .takes::<AskCode>()
            .begins::<ClientCodeBody>()
            .codes(&[Code::RateLimited])
            .example(json!({ "email": "ana@example.com" })),
    ]
}
