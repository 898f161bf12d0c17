//! How a client shows who it is.

use std::sync::Arc;

use crate::access::extract::{self, Shown};
use crate::access::oauth::apps::{self, ClientType, OAuthApp};
use crate::access::oauth::error::{OAuthCode, Refusal};
use crate::access::oauth::form::ClientShown;
use crate::api::route::Incoming;
use crate::caller::{Caller, Credential};
use crate::error::{Kind, Result};
use crate::ids::AppId;
use crate::secrets::digest;

/// A client that is authenticated.
#[derive(Debug)]
pub(super) enum Client {
    /// An API key.
    Key(Arc<Caller>),
    /// An app; of a confidential one, which of its secrets it showed.
    App(Box<OAuthApp>, Option<i64>),
}

/// Who the client is. Whatever is wrong with it reads the same.
pub(super) async fn authenticate(
    incoming: &Incoming,
    shown: ClientShown,
) -> Result<Result<Client, Refusal>> {
    let basic = shown.basic;
    if incoming.head.cross_origin && AppId::parse(&shown.id).is_none() {
        let words = "API keys are not for browsers: register an app.";
        return Ok(Err(Refusal::new(OAuthCode::InvalidRequest, words)));
    }
    let found = match AppId::parse(&shown.id) {
        Some(id) => app(incoming, id, &shown)?,
        None => key(incoming, shown).await?,
    };
    Ok(found.ok_or_else(|| Refusal::client(basic)))
}

fn app(incoming: &Incoming, id: AppId, shown: &ClientShown) -> Result<Option<Client>> {
    let app = &incoming.app;
    // The digest is made whether there is such an app or not.
    let secret = shown.secret.as_ref().map(|secret| digest(secret.reveal()));
    let found = app.db.read_now(|conn| apps::store::find_client(conn, id))?;
    let Some(found) = found else {
        return Ok(None);
    };
    let number = match (found.client_type, secret) {
        (ClientType::Public, None) => None,
        (ClientType::Confidential, Some(secret)) => {
            let now = app.clock.now_of(&found.tenant);
            let Some(number) = found.secret_number(&secret, now) else {
                return Ok(None);
            };
            Some(number)
        }
        // A secret that a public app sends proves nothing; without one a confidential app is nobody.
        (ClientType::Public, Some(_)) | (ClientType::Confidential, None) => return Ok(None),
    };
    Ok(Some(Client::App(Box::new(found), number)))
}

async fn key(incoming: &Incoming, shown: ClientShown) -> Result<Option<Client>> {
    let Some(secret) = shown.secret else {
        return Ok(None);
    };
    let address = incoming.origin.address;
    let shown = Shown::client(shown.id, secret.reveal().to_owned());
    match extract::authenticate(&incoming.app, &shown, address).await {
        Ok(accepted) => {
            let here = address.is_none_or(|address| accepted.caller.allows_address(address));
            let is_key = matches!(accepted.caller.credential, Credential::ApiKey { .. });
            let caller = Some(accepted.caller).filter(|_| here && is_key);
            Ok(caller.map(Client::Key))
        }
        Err(refused) if refused.error.code().kind() == Kind::Authentication => Ok(None),
        Err(refused) => Err(refused.error),
    }
}

/// Counts a failure of a client, for its address and for its identifier.
pub(super) fn count_failure(incoming: &Incoming, client_id: Option<&str>) -> Result<()> {
    let app = &incoming.app;
    let now = app.clock.now();
    let by_client = match client_id {
        Some(id) => app.client_failures.fail(digest(id), now),
        None => Ok(()),
    };
    let by_address = match incoming.origin.address {
        Some(address) => app.token_failures.fail(address, now),
        None => Ok(()),
    };
    by_client.and(by_address)
}
