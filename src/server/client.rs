//! Requests of the client app, its calls and its pages: by the client's own cookie.

use std::rc::Rc;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use actix_web::web::{Bytes, Payload};

use super::body;
use super::claim::{fingerprint, idempotency_key};
use super::edge::{Arrival, Edge, Known};
use super::head::{self, head_of, takes_body, text};
use super::log::log_failure;
use crate::access::extract;
use crate::api::route::{ClientCaller, Head, Incoming, Run};
use crate::caller::{Origin, Principal};
use crate::client_app::pages::{self, At};
use crate::clients::sessions;
use crate::error::{Code, Error, Result};
use crate::idempotency::{Answer, Claim};
use crate::secrets::digest;

/// Requests that a client's own cookie is asked for; one with a credential in its head is not among
/// them: that always wins over a cookie.
pub(super) fn asks(request: &HttpRequest) -> bool {
    request.path().starts_with("/v1/app/") && !request.headers().contains_key(AUTHORIZATION)
}

impl Edge {
    /// A call of the client app: by the client's own cookie, in the order of checks of every call.
    pub(super) async fn serve_app(
        &self,
        request: &HttpRequest,
        payload: Payload,
        arrival: &Arrival,
        known: &mut Known,
    ) -> Result<Answer> {
        let scheme = arrival.scheme;
        let cookies = extract::cookies(request.headers(), scheme.https)?;
        let Some(cookie) = cookies.client.as_deref() else {
            return Err(self.stranger(arrival, Error::new(Code::AuthMissing)));
        };
        known.by_origin = true;
        head::check_origin(request, &cookies, &arrival.public.url, scheme)?;
        let client = sessions::extract::client(&self.app, cookie)
            .map_err(|refusal| self.stranger(arrival, refusal))?;
        let now = self.app.clock.now();
        self.app.client_guard.count(client.session_id, now)?;
        let (route, parameters) = self.route(request)?;
        let body = self.take_in(request, payload, route).await?;
        let key = if *request.method() == Method::POST {
            idempotency_key(request.headers())?
        } else {
            None
        };
        let tenant_now = self.app.clock.now_of(&client.tenant);
        let claim = key.as_deref().map(|key| Claim {
            tenant: client.tenant,
            principal: Principal::Client(client.client_id),
            key: digest(key),
            fingerprint: fingerprint(request, &body),
            now: tenant_now,
            server_now: now,
            replay_only: false,
        });
        let mut head = head_of(request, parameters);
        head.content_type = text(request, &CONTENT_TYPE);
        let incoming = Incoming {
            app: self.app.clone(),
            caller: None,
            origin: Arc::new(Origin {
                request_id: arrival.id,
                idempotency_key: key,
                address: arrival.address,
                at: tenant_now,
            }),
            client: Some(Arc::clone(&client)),
            head: Rc::new(head),
            body,
        };
        let answer = match &route.run {
            Run::App(run) => run(incoming).await?,
            Run::AppWrite(prepare) => {
                let work = prepare(incoming).await?;
                self.write(work, claim, arrival).await?
            }
            Run::Open(_)
            | Run::OpenForm(..)
            | Run::Page(_)
            | Run::Auth(_)
            | Run::Read(_)
            | Run::Stream(_)
            | Run::Download(_)
            | Run::Write(_)
            | Run::Ask(_)
            | Run::Import(..) => return Err(Error::bug("a route of the app is none for clients")),
        };
        self.renewed(answer, client, cookie, arrival).await
    }

    /// A page of the client app, or what a form on it sends. Whoever is not signed in is shown what
    /// to do, and a failure is a page too.
    pub(super) async fn serve_page(
        &self,
        at: At,
        request: &HttpRequest,
        payload: Payload,
        arrival: &Arrival,
        known: &mut Known,
    ) -> Result<Answer> {
        let method = match *request.method() {
            Method::HEAD => "GET",
            _ => request.method().as_str(),
        };
        if !at.methods().contains(&method) {
            return Err(Error::new(Code::MethodNotAllowed).extra("allowed", at.allowed()));
        }
        known.by_origin = true;
        let served = self.page(at, request, payload, arrival).await;
        served.or_else(|error| {
            log_failure(&error, request, arrival.id);
            pages::failure(&error, arrival.id)
        })
    }

    async fn page(
        &self,
        at: At,
        request: &HttpRequest,
        payload: Payload,
        arrival: &Arrival,
    ) -> Result<Answer> {
        let scheme = arrival.scheme;
        let cookies = extract::cookies(request.headers(), scheme.https)?;
        head::check_origin(request, &cookies, &arrival.public.url, scheme)?;
        let mut client = None;
        if let Some(cookie) = cookies.client.as_deref() {
            match sessions::extract::client(&self.app, cookie) {
                Ok(known) => client = Some(known),
                // Past the address's limit it is another refusal.
                Err(refusal) => {
                    let refusal = self.stranger(arrival, refusal);
                    if refusal.code() == Code::RateLimited {
                        return Err(refusal);
                    }
                }
            }
        }
        let now = self.app.clock.now();
        if let Some(client) = &client {
            self.app.client_guard.count(client.session_id, now)?;
        }
        let body = if takes_body(request.method()) {
            let allowed = self.allowed(at.body_limit_bytes(client.is_some()));
            let read = body::read(payload, allowed, request).await;
            match client {
                Some(_) => read?,
                // Whoever was signed out meanwhile is told so, and not that the photos are too large.
                None => read.unwrap_or_default(),
            }
        } else {
            Bytes::new()
        };
        let at_now = client
            .as_ref()
            .map_or(now, |client| self.app.clock.now_of(&client.tenant));
        let head = Head {
            content_type: text(request, &CONTENT_TYPE),
            user_agent: text(request, &USER_AGENT),
            client_cookie: cookies.client.clone(),
            code_cookie: cookies.code,
            https: scheme.https,
            ..head_of(request, Vec::new())
        };
        let incoming = Incoming {
            app: self.app.clone(),
            caller: None,
            origin: Arc::new(Origin {
                request_id: arrival.id,
                idempotency_key: None,
                address: arrival.address,
                at: at_now,
            }),
            client: client.clone(),
            head: Rc::new(head),
            body,
        };
        let sends = *request.method() == Method::POST;
        let answer = pages::answer(at, sends, incoming).await?;
        match (client, cookies.client) {
            (Some(client), Some(cookie)) => self.renewed(answer, client, &cookie, arrival).await,
            _ => Ok(answer),
        }
    }

    /// Moves the end of a session that was silent for a day, here and in the browser.
    async fn renewed(
        &self,
        mut answer: Answer,
        client: Arc<ClientCaller>,
        cookie: &str,
        arrival: &Arrival,
    ) -> Result<Answer> {
        let now = self.app.clock.now();
        let sets_cookie = answer.headers.iter().any(|(name, _)| *name == "Set-Cookie");
        if sets_cookie || now.since_ms(client.last_seen_at) < sessions::SEEN_EVERY_MS {
            return Ok(answer);
        }
        let seen = self
            .app
            .db
            .write_background(move |tx| sessions::actions::seen(tx, &client, now));
        if let Err(error) = seen.await {
            // What was asked for is done; the end moves with the next request.
            tracing::warn!(?error, "the last use of a client's session was not written");
            return Ok(answer);
        }
        let kept = sessions::set_cookie(cookie, arrival.scheme.https);
        answer.headers.push(("Set-Cookie", kept));
        Ok(answer)
    }
}
