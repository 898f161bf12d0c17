//! Joining by the install link, the client's own view, and the devices of a client.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::actions::{self, Token};
use super::body::{ClientSessionBody, ConsentBody, JoinedBody, OwnProfileBody};
use super::{
    CONSENTS, ClientSession, ConsentText, clear_cookie, codes, extract, set_cookie, store,
};
use crate::api::json::{Fields, FromBody, boolean, object, read_body, text};
use crate::api::query::{NoQuery, read_query};
use crate::api::route::{ClientCaller, ClientCx, Cx, Incoming, Method, Route, Work, work};
use crate::caller::{ClientsRead, ClientsWrite, Origin};
use crate::clients;
use crate::error::{Code, Error, Kind, Result};
use crate::idempotency::Answer;
use crate::ids::{ClientId, ClientSessionId};
use crate::secrets::Secret;
use crate::values::{Email, line};

/// An install link and what is agreed to, or a code by mail.
#[derive(Debug, ToSchema)]
pub struct Join {
    /// What stands behind the `#` of the install link; goes with `consents`.
    #[schema(value_type = Option<String>)]
    pub token: Option<String>,
    /// What is agreed to. `terms` and `health_data` are needed, `messages` is free.
    #[schema(value_type = Option<Object>)]
    pub consents: Option<Vec<&'static ConsentText>>,
    /// The code that came by mail, in place of both; the cookie of the browser that asked goes with it.
    #[schema(value_type = Option<String>, example = "K7QM-2XPA")]
    pub code: Option<Secret>,
    /// The address that it was asked for; goes with `code`.
    #[schema(value_type = Option<String>, format = "email")]
    pub email: Option<Email>,
}

impl FromBody for Join {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        if fields.has("code") || fields.has("email") {
            let code = fields.required("code", text(|text| line(text, 1, 40).map(Secret::new)));
            let email = fields.required("email", text(Email::parse));
            return Some(Self {
                token: None,
                consents: None,
                code: Some(code?),
                email: Some(email?),
            });
        }
        let token = fields.required("token", text(|text| line(text, 1, 200)));
        let consents = fields.required("consents", object(consents));
        Some(Self {
            token: Some(token?),
            consents: Some(consents?),
            code: None,
            email: None,
        })
    }
}

fn consents(fields: &mut Fields<'_>) -> Option<Vec<&'static ConsentText>> {
    let mut given = Vec::new();
    let mut valid = true;
    for consent in CONSENTS {
        match fields.optional(consent.kind, boolean()) {
            Some(Some(true)) => given.push(consent),
            Some(_) if consent.required => {
                let message = "Nobody can join without this consent.";
                fields.refuse(consent.kind, "consent_required", message);
                valid = false;
            }
            Some(_) => {}
            None => valid = false,
        }
    }
    valid.then_some(given)
}

/// Refuses a query: these routes have none.
fn nothing_else(incoming: &Incoming) -> Result<()> {
    read_query::<NoQuery>(incoming.head.query.as_deref()).map(drop)
}

async fn join(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let request: Join = read_body(&incoming.body)?;
    let joined = match &request {
        Join {
            code: Some(code),
            email: Some(email),
            ..
        } => back(&incoming, code, email).await,
        _ => let_in(&incoming, &request).await,
    };
    slowed(&incoming, joined)
}

/// What became of a try to get in, or past the address's failures that refusal.
pub fn slowed<T>(incoming: &Incoming, tried: Result<T>) -> Result<T> {
    let (app, address) = (&incoming.app, incoming.origin.address);
    match tried {
        Err(error) if error.code().kind() == Kind::Authentication => {
            let now = app.clock.now();
            let slowed = address.map_or(Ok(()), |address| app.join_failures.fail(address, now));
            Err(slowed.err().unwrap_or(error))
        }
        other => other,
    }
}

async fn back(incoming: &Incoming, code: &Secret, email: &Email) -> Result<Answer> {
    let back = codes::routes::enter(incoming, code.reveal(), Some(email)).await?;
    let body = JoinedBody::of(&back.home, &back.client, &back.session);
    let mut answer = Answer::created("/v1/app/me".to_owned(), &body)?;
    answer.headers.extend(back.cookies);
    Ok(answer)
}

async fn let_in(incoming: &Incoming, request: &Join) -> Result<Answer> {
    let app = &incoming.app;
    let token = Token::parse(request.token.as_deref().unwrap_or_default())?;
    let agreed = request.consents.clone().unwrap_or_default();
    let home = app
        .db
        .read_now(|conn| store::find_home(conn, token.tenant))?;
    let home = home.ok_or_else(|| actions::refusal("unknown"))?;
    let tenant = home.tenant;
    let origin = Origin {
        at: app.clock.now_of(&tenant),
        ..(*incoming.origin).clone()
    };
    let device = (origin.address, incoming.head.user_agent.as_deref());
    let draft = actions::draft(token.client, device, app.clock.now())?;
    let cookie = set_cookie(draft.cookie.reveal(), incoming.head.https);
    let written = app
        .db
        .write(move |tx| actions::join(tx, tenant, &origin, (&token, &agreed), &draft));
    let (client, session) = written.await?;
    let body = JoinedBody::of(&home, &client, &session);
    let mut answer = Answer::created("/v1/app/me".to_owned(), &body)?;
    answer.headers.push(("Set-Cookie", cookie));
    Ok(answer)
}

/// Takes the cookie away in any case, and ends whatever is left of its session.
async fn sign_out(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let app = &incoming.app;
    if let Some(cookie) = &incoming.head.client_cookie
        && let Ok(client) = extract::client(app, cookie)
    {
        let now = app.clock.now();
        app.db
            .write(move |tx| actions::sign_out(tx, &client, now))
            .await?;
    }
    let mut answer = Answer::no_content();
    let gone = clear_cookie(incoming.head.https);
    answer.headers.push(("Set-Cookie", gone));
    // Not the cookies: a coach may be signed in to the dashboard in the same browser.
    let forget = "\"cache\", \"storage\"".to_owned();
    answer.headers.push(("Clear-Site-Data", forget));
    Ok(answer)
}

/// The client whose cookie came; none if it lets nobody in.
fn asking(incoming: &Incoming) -> Option<Arc<ClientCaller>> {
    let cookie = incoming.head.client_cookie.as_deref()?;
    extract::client(&incoming.app, cookie).ok()
}

/// The client's own devices. Whoever is not in has none: a page can ask without a failure.
async fn own_devices(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let app = &incoming.app;
    let mut sessions = Vec::new();
    let caller = asking(&incoming);
    if let Some(caller) = &caller {
        let (tenant, id) = (caller.tenant, caller.client_id);
        sessions = app.db.read_now(|conn| store::of_client(conn, tenant, id))?;
    }
    let livemode = caller
        .as_ref()
        .is_some_and(|caller| caller.tenant.mode().is_live());
    let own = caller.as_ref().map(|caller| caller.session_id);
    let now = app.clock.now();
    let live = sessions.iter().filter(|session| session.is_live(now));
    let bodies = live.map(|session| ClientSessionBody::of(livemode, session, own));
    whole_list(&incoming.head.path, bodies.collect())
}

/// Ends one of the client's own devices.
async fn end_own(incoming: Incoming) -> Result<Answer> {
    nothing_else(&incoming)?;
    let caller = asking(&incoming).ok_or_else(|| Error::new(Code::AuthMissing))?;
    let parameters = &incoming.head.parameters;
    let named = parameters
        .iter()
        .find(|(name, _)| name == "client_session_id");
    let id = named.and_then(|(_, id)| ClientSessionId::parse(id));
    let id = id.ok_or_else(Error::not_found)?;
    if id == caller.session_id {
        return sign_out(incoming).await;
    }
    let (app, now) = (&incoming.app, incoming.app.clock.now());
    app.db
        .write(move |tx| actions::end_own(tx, &caller, id, now))
        .await?;
    Ok(Answer::no_content())
}

async fn me(cx: ClientCx, _: NoQuery) -> Result<Answer> {
    let (tenant, id) = (cx.tenant(), cx.client_id());
    let (client, consents) = cx.app.db.read_now(|conn| {
        let client = clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
        Ok((client, store::consents(conn, tenant, id)?))
    })?;
    Answer::ok(&OwnProfileBody::of(&cx.client, &client, &consents))
}

/// A whole list: it is short.
fn whole_list(path: &str, data: Vec<impl Serialize>) -> Result<Answer> {
    Answer::ok(&json!({
        "object": "list",
        "data": data,
        "has_more": false,
        "next_cursor": null,
        "url": path,
    }))
}

async fn list(cx: Cx<ClientsRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant) = (cx.id::<ClientId>("client_id")?, cx.tenant());
    let sessions: Vec<ClientSession> = cx.app.db.read_now(|conn| {
        clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
        store::of_client(conn, tenant, id)
    })?;
    let now = cx.app.clock.now();
    let live = sessions.iter().filter(|session| session.is_live(now));
    let bodies = live.map(|session| ClientSessionBody::of(tenant.mode().is_live(), session, None));
    whole_list(cx.path(), bodies.collect())
}

async fn end(cx: Cx<ClientsWrite>) -> Result<Work> {
    let (client, session) = (cx.id("client_id")?, cx.id("client_session_id")?);
    let (permit, now) = (cx.permit, cx.app.clock.now());
    work(move |tx| {
        actions::end(tx, &permit, client, session, now)?;
        Ok(Answer::no_content())
    })
}

async fn list_consents(cx: Cx<ClientsRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant) = (cx.id::<ClientId>("client_id")?, cx.tenant());
    let consents = cx.app.db.read_now(|conn| {
        clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
        store::consents(conn, tenant, id)
    })?;
    let shown = consents.iter();
    let shown = shown.map(|consent| ConsentBody::of(tenant, id, consent));
    whole_list(cx.path(), shown.collect())
}

/// The routes of client sessions.
pub fn routes() -> Vec<Route> {
    let example = json!({
        "token": "1.cl_01jwtq3xg0e8k9c3v5r7t9w1y3.cdnin_EXAMPLE",
        "consents": { "terms": true, "health_data": true, "messages": false },
    });
    let mut routes = codes::routes::routes();
    routes.extend([
        Route::auth(Method::POST, "/auth/client-sessions", join)
            .named("Client app", "join", "Join by an install link, or come back by a code")
            .describe("With `code` and `email` in place of the token and the consents a client comes back who joined before: see `POST /auth/client-codes`. Whatever is wrong with a code, the refusal is the same; after five tries a browser has to ask for a new one. The link's fragment is the token. It lets in once: the client is `active`, this device is signed in for 180 days after its last use, and what was agreed to is kept with the version of its words. A client has up to three devices; one more ends the one that was silent longest. After 20 failures a minute an address is refused.")
            .takes::<Join>()
            .creates::<JoinedBody<'_>>()
            .codes(&[Code::AuthInvalid, Code::RateLimited])
            .example(example),
        Route::auth(Method::GET, "/auth/client-sessions", own_devices)
            .named("Client app", "list_own_devices", "List one's own devices")
            .describe("Newest first, `current` on the one that asks. Empty where nobody is signed in.")
            .lists::<ClientSessionBody<'_>>(),
        Route::auth(
            Method::DELETE,
            "/auth/client-sessions/{client_session_id}",
            end_own,
        )
        .named("Client app", "end_own_device", "Sign another device of one's own out")
        .codes(&[Code::AuthMissing, Code::NotFound]),
        Route::auth(Method::DELETE, "/auth/client-sessions/current", sign_out)
            .named("Client app", "leave", "Sign this device out"),
        Route::app("/v1/app/me", me)
            .named("Client app", "get_own_profile", "Read one's own profile")
            .describe("What the coach keeps apart, such as notes and tags, is not in it.")
            .answers::<OwnProfileBody<'_>>(),
        Route::get("/v1/clients/{client_id}/sessions", list)
            .named("Clients", "list_client_sessions", "List a client's devices")
            .describe("Those on which the client is in the app now, newest first: at most three.")
            .lists::<ClientSessionBody<'_>>(),
        Route::delete("/v1/clients/{client_id}/sessions/{client_session_id}", end)
            .named("Clients", "end_client_session", "Sign a client's device out")
            .describe("The device is out at its next request. Deleting it again changes nothing."),
        Route::get("/v1/clients/{client_id}/consents", list_consents)
            .named("Clients", "list_client_consents", "List what a client agreed to")
            .describe("Oldest first, with the version of the words that were agreed to.")
            .lists::<ConsentBody<'_>>(),
    ]);
    routes
}
