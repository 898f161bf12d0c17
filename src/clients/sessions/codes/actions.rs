//! What can be done with codes: send one, come back by it, end them.

use super::{CODE_MS, Code, Proof, Returning, may_come_back, store};
use crate::app::App;
use crate::caller::Tenant;
use crate::clients::sessions::{self, ClientSession};
use crate::clients::{self, Client};
use crate::clock::{MINUTE_MS, Timestamp};
use crate::db::{Reader, Tx};
use crate::error::{Code as ErrorCode, Error, Result};
use crate::ids::ClientId;
use crate::outbox::Fate;
use crate::outbox::actions::{Envelope, Sealed, enqueue, seal};
use crate::outbox::templates::Fill;
use crate::secrets::{Secret, code};

/// The refusal of a code, whatever is wrong with it.
pub fn refusal() -> Error {
    let message = "This code does not work here. It may be mistyped, older than ten minutes, used, \
        replaced by a newer one, or asked for in another browser. After five tries ask for a new one.";
    Error::with(ErrorCode::AuthInvalid, message)
        .extra("reason", "unknown")
        .extra("credential", "sign_in_code")
}

/// Everybody of an address who may come back, in whatever tenant.
pub fn who_may_come_back(conn: &Reader, email_key: &str) -> Result<Vec<Returning>> {
    let mut found = Vec::new();
    for (home, id) in store::find_by_email(conn, email_key)? {
        let Some(client) = clients::store::find(conn, home.tenant, id)? else {
            continue;
        };
        let consents = sessions::store::consents(conn, home.tenant, id)?;
        if may_come_back(&client, &consents) {
            let places = sessions::store::places(conn, home.tenant, id)?;
            found.push(Returning {
                home,
                client,
                places,
            });
        }
    }
    Ok(found)
}

/// A code that is not written yet, with the mail that carries it.
pub struct Draft {
    tenant: Tenant,
    code: Code,
    email_key: String,
    mail: Sealed,
}

/// Draws a code for a client, to be used in the browser that holds this, and seals its mail.
pub fn draft(app: &App, returning: &Returning, browser: &Secret) -> Result<Draft> {
    let (tenant, client) = (returning.home.tenant, &returning.client);
    let drawn = code::draw()?;
    let now = app.clock.now_of(&tenant);
    let fill = Fill::ClientCode {
        workspace: returning.home.workspace.clone(),
        client: client.profile.name.clone(),
        code: code::shown(&drawn),
        minutes: CODE_MS / MINUTE_MS,
    };
    let to = Envelope {
        recipient: client.profile.email.clone(),
        client_id: Some(client.id.to_string()),
        expires_at: Some(now.plus_ms(CODE_MS)),
    };
    let fate = Fate::of_notice(&app.config, tenant.mode().is_live());
    let mail = seal(&app.sealing, tenant, now, to, &fill, &fate)?;
    Ok(Draft {
        tenant,
        code: Code {
            client_id: client.id,
            proof: Proof::of(browser, &drawn),
            mail_id: mail.id(),
            expires_at: app.clock.now().plus_ms(CODE_MS),
        },
        email_key: client.profile.email_key.clone(),
        mail,
    })
}

/// The client, if he or she may come back and still has this address.
fn returning(
    tx: &Tx<'_>,
    tenant: Tenant,
    id: ClientId,
    email_key: Option<&str>,
) -> Result<Option<Client>> {
    let Some(client) = clients::store::find(tx, tenant, id)? else {
        return Ok(None);
    };
    let consents = sessions::store::consents(tx, tenant, id)?;
    let same = email_key.is_none_or(|key| key == client.profile.email_key);
    Ok((same && may_come_back(&client, &consents)).then_some(client))
}

/// Keeps a code and sends its mail. The code that the browser had asked for before ends.
pub fn keep(tx: &Tx<'_>, draft: &Draft) -> Result<()> {
    let (tenant, code) = (draft.tenant, &draft.code);
    // What happened since it was read: nobody is sent what does not work.
    if returning(tx, tenant, code.client_id, Some(&draft.email_key))?.is_none() {
        return Ok(());
    }
    store::put(tx, tenant, code)?;
    enqueue(tx, tenant, &draft.mail)
}

/// Lets a client in by a code, if it works; none is a refusal. The try is counted in any case.
///
/// The code and the browser's cookie are the permission: nobody else stands behind the call.
pub fn come_back(
    tx: &Tx<'_>,
    proof: &Proof,
    found: Option<(Tenant, sessions::actions::Draft)>,
    email_key: Option<&str>,
    now: Timestamp,
) -> Result<Option<(Client, ClientSession)>> {
    let tries = store::count_try(tx, &proof.browser, now.plus_ms(CODE_MS))?;
    let Some((tenant, draft)) = found else {
        return Ok(None);
    };
    let id = draft.client_id();
    if !store::works(tx, tenant, id, proof, (now, tries))? {
        return Ok(None);
    }
    let Some(client) = returning(tx, tenant, id, email_key)? else {
        return Ok(None);
    };
    end_all(tx, tenant, id)?;
    let session = sessions::actions::begin(tx, tenant, &draft)?;
    Ok(Some((client, session)))
}

/// Ends every code of a client.
pub fn end_all(tx: &Tx<'_>, tenant: Tenant, client: ClientId) -> Result<()> {
    store::delete_of_client(tx, tenant, client)
}

/// Removes codes that ended; gives their number.
pub fn sweep(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep(tx, now, limit)
}

/// Removes counts of tries that nobody needs any more; gives their number.
pub fn sweep_tries(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep_tries(tx, now, limit)
}
