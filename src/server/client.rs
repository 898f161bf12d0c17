//! One request of the client app: by the client's own cookie.

use std::rc::Rc;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::web::Payload;

use super::edge::{Arrival, Edge, Known, text};
use super::head;
use super::head::head_of;
use crate::access::extract;
use crate::api::route::{Incoming, Run};
use crate::caller::Origin;
use crate::clients;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;

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
        let client = clients::sessions::extract::client(&self.app, cookie)
            .map_err(|refusal| self.stranger(arrival, refusal))?;
        let now = self.app.clock.now();
        self.app.client_guard.count(client.session_id, now)?;
        let (route, parameters) = self.route(request)?;
        let Run::App(run) = &route.run else {
            return Err(Error::bug("a route of the app is none for clients"));
        };
        let body = self.take_in(request, payload, route).await?;
        let mut head = head_of(request, parameters);
        head.content_type = text(request, &CONTENT_TYPE);
        head.https = scheme.https;
        head.client_cookie.clone_from(&cookies.client);
        run(Incoming {
            app: self.app.clone(),
            caller: None,
            origin: Arc::new(Origin {
                request_id: arrival.id,
                idempotency_key: None,
                address: arrival.address,
                at: self.app.clock.now_of(&client.tenant),
            }),
            client: Some(client),
            head: Rc::new(head),
            body,
        })
        .await
    }
}
