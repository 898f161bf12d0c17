//! `/oauth/authorize`, and the style sheet of its pages.

use std::sync::Arc;

use super::page::{self, Consent, ICON, ICON_PATH, STYLE, STYLE_PATH};
use super::sign_in;
use super::{Asked, Request, client_id, open_ticket, read, ticket};
use crate::access::accounts;
use crate::access::extract;
use crate::access::oauth::codes::Ticket;
use crate::access::oauth::codes::actions::{NewCode, allow, deny};
use crate::access::oauth::error::{OAuthCode, Refusal};
use crate::access::oauth::form::Form;
use crate::access::oauth::grants::actions::Consent as Decision;
use crate::access::oauth::{NO_ISSUER, apps, issuer};
use crate::api::route::{Incoming, Method, Route};
use crate::app::{App, CachedSession};
use crate::caller::{Caller, Mode, Origin, Scopes};
use crate::error::{Error, Result};
use crate::idempotency::Answer;
use crate::ids::{AppId, GrantId, WorkspaceId};
use crate::secrets::{TokenKind, digest, generate};

/// The query as it was sent: the ticket is bound to it to the byte.
pub(super) fn query(incoming: &Incoming) -> &str {
    incoming.head.query.as_deref().unwrap_or("")
}

/// The session that asks, if it is one.
pub(super) fn session(incoming: &Incoming) -> Option<Arc<CachedSession>> {
    let cookie = incoming.head.cookie.as_deref()?;
    extract::session(&incoming.app, cookie).ok()
}

/// A redirect that is followed with a GET, whatever led to it.
pub(super) fn see_other(location: String) -> Answer {
    let mut answer = Answer {
        content_type: None,
        ..Answer::bytes(303, "text/html", Vec::new())
    };
    answer.location = Some(location);
    answer
        .headers
        .push(("Cache-Control", "no-store".to_owned()));
    answer
}

/// The request that a query is, or the page that says why it is none.
pub(super) fn request(incoming: &Incoming) -> Result<Result<(Request, String), Answer>> {
    let app = &incoming.app;
    let public = app.public_address();
    let Some(issuer) = issuer(&public.url).map(str::to_owned) else {
        return Ok(Err(page::dead_end(400, NO_ISSUER, None)));
    };
    let dead = |dead: super::Dead| Ok(Err(page::dead_end(400, dead.words(), None)));
    let Ok(form) = Form::of_page(query(incoming).as_bytes()) else {
        return dead(super::Dead::Malformed);
    };
    let Some(id) = client_id(&form).and_then(AppId::parse) else {
        return dead(super::Dead::UnknownApp);
    };
    let client = app.db.read_now(|conn| apps::store::find_client(conn, id))?;
    let Some(client) = client else {
        return dead(super::Dead::UnknownApp);
    };
    match read(&form, client, &issuer) {
        Ok(request) => Ok(Ok((request, issuer))),
        Err(reason) => dead(reason),
    }
}

async fn show(incoming: Incoming) -> Result<Answer> {
    let (request, issuer) = match request(&incoming)? {
        Ok(request) => request,
        Err(page) => return Ok(page),
    };
    let Some(session) = session(&incoming) else {
        return Ok(see_other(sign_in::path(query(&incoming))));
    };
    match &request.asked {
        Ok(asked) => ask(&incoming, &session, &request, asked, None),
        Err(refusal) => Ok(see_other(request.refused(refusal, &issuer))),
    }
}

/// The coach in each workspace that she may choose, in the app's mode.
fn places<'s>(app: &App, session: &'s CachedSession, mode: Mode) -> Vec<&'s Arc<Caller>> {
    let in_mode = session.callers.iter().map(|(_, test, live)| match mode {
        Mode::Test => test,
        Mode::Live => live,
    });
    // An app could not do anything where the plan has no API access.
    in_mode
        .filter(|caller| app.plan_of(caller).is_none_or(|plan| plan.api_access))
        .collect()
}

/// The consent page.
fn ask(
    incoming: &Incoming,
    session: &CachedSession,
    request: &Request,
    asked: &Asked,
    wrong: Option<&str>,
) -> Result<Answer> {
    let app = &incoming.app;
    let places = places(app, session, request.app.tenant.mode());
    if places.is_empty() {
        let words = "The plan of your account has no API access, so no app can act for you.";
        return Ok(page::dead_end(403, words, None));
    }
    let workspaces: Vec<(String, String)> = places
        .iter()
        .map(|caller| {
            (
                caller.workspace_id.to_string(),
                caller.workspace.name.clone(),
            )
        })
        .collect();
    let (account, registrar) = app.db.read_now(|conn| {
        let account = accounts::store::find(conn, session.account_id)?;
        Ok((account, apps::store::registrar(conn, request.app.tenant)?))
    })?;
    let account = account.ok_or_else(|| Error::bug("a session without an account"))?;
    let (workspace, owner) = registrar.ok_or_else(|| Error::bug("an app of nobody"))?;
    let ticket = ticket(&app.sealing, session.id, query(incoming), app.clock.now())?;
    let shown = Consent {
        query: query(incoming),
        ticket: &ticket,
        person: (&account.name, &account.email),
        registrar: (&owner, &workspace),
        workspaces: &workspaces,
        scopes: asked.scopes,
        wrong,
    };
    let status = if wrong.is_some() { 400 } else { 200 };
    Ok(page::consent(status, request, &shown))
}

async fn decide(incoming: Incoming) -> Result<Answer> {
    let (request, issuer) = match request(&incoming)? {
        Ok(request) => request,
        Err(page) => return Ok(page),
    };
    let Some(session) = session(&incoming) else {
        return Ok(see_other(sign_in::path(query(&incoming))));
    };
    let asked = match &request.asked {
        Ok(asked) => asked,
        Err(refusal) => return Ok(see_other(request.refused(refusal, &issuer))),
    };
    let Ok(form) = sign_in::form(&incoming) else {
        return Ok(page::dead_end(400, super::Dead::Malformed.words(), None));
    };
    let app = &incoming.app;
    let again = format!("/oauth/authorize?{}", query(&incoming));
    let now = app.clock.now();
    let text = form.get("ticket").unwrap_or("");
    let Some(ticket) = open_ticket(&app.sealing, session.id, query(&incoming), text, now) else {
        return Ok(answered_before(&again));
    };
    let places = places(app, &session, request.app.tenant.mode());
    let chosen = form.get("workspace").and_then(WorkspaceId::parse);
    let place = places
        .iter()
        .find(|caller| Some(caller.workspace_id) == chosen);
    let Some(coach) = place.copied().map(Arc::clone) else {
        let wrong = "Choose one of your workspaces.";
        return ask(&incoming, &session, &request, asked, Some(wrong));
    };
    let origin = Origin {
        at: app.clock.now_of(&coach.tenant),
        ..(*incoming.origin).clone()
    };
    let made = Made {
        session: &session,
        request: &request,
        asked,
        issuer: &issuer,
        form: &form,
    };
    carry_out(&incoming, made, (coach, origin, ticket)).await
}

/// A page that was answered, with all that it was about.
struct Made<'m> {
    session: &'m CachedSession,
    request: &'m Request,
    asked: &'m Asked,
    issuer: &'m str,
    form: &'m Form,
}

/// Does what the button says.
async fn carry_out(
    incoming: &Incoming,
    made: Made<'_>,
    (coach, origin, ticket): (Arc<Caller>, Origin, Ticket),
) -> Result<Answer> {
    let Made {
        session,
        request,
        asked,
        issuer,
        form,
    } = made;
    let app = &incoming.app;
    let again = format!("/oauth/authorize?{}", query(incoming));
    match form.get("decision") {
        Some("deny") => {
            let id = request.app.id;
            let noted = app
                .db
                .write(move |tx| deny(tx, &coach, &origin, ticket, id))
                .await?;
            if !noted {
                return Ok(answered_before(&again));
            }
            let words = "The coach said no.";
            let refusal = Refusal::new(OAuthCode::AccessDenied, words);
            Ok(see_other(request.refused(&refusal, issuer)))
        }
        Some("allow") => {
            let allowed = allowed(form, asked.scopes);
            if allowed == Scopes::default() {
                let wrong = "Leave at least one permission ticked, or deny.";
                return ask(incoming, session, request, asked, Some(wrong));
            }
            let code = generate(TokenKind::Code)?;
            let new = NewCode {
                consent: Decision {
                    id: GrantId::new(origin.at),
                    account_id: session.account_id,
                    app_id: request.app.id,
                    asked: asked.scopes,
                    allowed,
                },
                digest: digest(code.reveal()),
                session: session.id,
                redirect_uri: request.redirect_uri.clone(),
                challenge: asked.challenge.clone(),
                resource: asked.resource.clone(),
            };
            let noted = app
                .db
                .write(move |tx| allow(tx, &coach, &origin, ticket, &new))
                .await?;
            if !noted {
                return Ok(answered_before(&again));
            }
            Ok(see_other(request.answered(code.reveal(), issuer)))
        }
        _ => {
            let wrong = "Press Allow or Deny.";
            ask(incoming, session, request, asked, Some(wrong))
        }
    }
}

/// What was left ticked of what was asked for: a form cannot add to it.
fn allowed(form: &Form, asked: Scopes) -> Scopes {
    let ticked = form.all("scope");
    asked
        .iter()
        .filter(|scope| ticked.contains(&scope.name()))
        .collect()
}

fn answered_before(again: &str) -> Answer {
    let words = "This page was answered before, belongs to another sign-in, or is too old. \
        Nothing was done.";
    page::dead_end(400, words, Some(again))
}

fn file(media_type: &'static str, text: &str) -> Answer {
    let mut answer = Answer::bytes(200, media_type, text.as_bytes().to_vec());
    let kept = "public, max-age=3600".to_owned();
    answer.headers.push(("Cache-Control", kept));
    answer
}

async fn style(_: App) -> Result<Answer> {
    Ok(file("text/css; charset=utf-8", STYLE))
}

async fn icon(_: App) -> Result<Answer> {
    Ok(file("image/svg+xml", ICON))
}

/// The routes of the authorization endpoint.
pub fn routes() -> Vec<Route> {
    vec![
        Route::page(Method::GET, "/oauth/authorize", show)
            .named("OAuth", "authorize", "Ask a coach for permission")
            .describe("Opened in the coach's browser, with `response_type=code`, `client_id`, `redirect_uri`, `code_challenge`, `code_challenge_method=S256` and, if wanted, `scope`, `state`, `resource`. Leads to signing in and to a consent page, and from there back to the app with `code`, `state` and `iss`, or with `error`. An unknown app or redirect URI is told on a page and sent nowhere.")
            .answers_with("text/html"),
        Route::page(Method::POST, "/oauth/authorize", decide)
            .named("OAuth", "decide_authorization", "Answer the consent page")
            .describe("Sent by the consent page alone: it carries a ticket that is bound to the session and the request and works once.")
            .answers_with("text/html"),
        Route::page(Method::GET, sign_in::PATH, sign_in::show)
            .named("OAuth", "show_sign_in", "The sign-in form before a consent page")
            .answers_with("text/html"),
        Route::page(Method::POST, sign_in::PATH, sign_in::submit)
            .named("OAuth", "submit_sign_in", "Sign in before a consent page")
            .answers_with("text/html"),
        Route::open(ICON_PATH, icon)
            .named("OAuth", "get_oauth_icon", "The icon of these pages")
            .answers_with("image/svg+xml"),
        Route::open(STYLE_PATH, style)
            .named("OAuth", "get_oauth_style", "The style sheet of these pages")
            .answers_with("text/css"),
    ]
}
