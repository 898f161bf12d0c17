//! What can be done to API keys.

use serde_json::json;

use super::body::KeyBody;
use super::store::{self, Ending};
use super::{ApiKey, FIRST_USE_LIMIT_MS, KeyPatch, MAX_KEYS, NewKey, Reach, Retire, Status};
use crate::access::audit::{self, Act};
use crate::api::etag::IfMatch;
use crate::app::Use;
use crate::caller::{Caller, Credential, KeysWrite, Mode, Origin, Permit, Scope, Tenant};
use crate::clock::Timestamp;
use crate::db::{Reader, Topic, Tx};
use crate::error::{Code, Error, Result};
use crate::events::{self, EventType};
use crate::ids::KeyId;
use crate::secrets::{Secret, digest, hint};

/// The secret half of a new key, drawn before the write.
#[derive(Debug)]
pub struct Draft {
    /// The id.
    pub id: KeyId,
    /// The plaintext, shown once.
    pub plaintext: Secret,
    /// The time of the key's tenant.
    pub now: Timestamp,
}

/// Finds a key among those that the caller manages; any other does not exist.
pub fn find_managed(conn: &Reader, caller: &Caller, id: KeyId) -> Result<ApiKey> {
    for tenant in caller.managed_tenants() {
        if let Some(key) = store::find(conn, tenant, id)? {
            return Ok(key);
        }
    }
    Err(Error::not_found())
}

/// Finds a key by its text among those that the caller manages; any other does not exist.
pub fn find_by_text(conn: &Reader, caller: &Caller, text: &Secret) -> Result<ApiKey> {
    let found = store::find_credential(conn, &digest(text.reveal()))?;
    let id = found.and_then(|(owner, _)| owner.credential.key_id());
    find_managed(conn, caller, id.ok_or_else(Error::not_found)?)
}

/// The tenant in which a new key is made.
pub fn tenant_for(caller: &Caller, mode: Option<Mode>) -> Result<Tenant> {
    let mode = mode.unwrap_or(caller.tenant.mode());
    caller.managed_tenant(mode).ok_or_else(|| {
        Error::with(
            Code::AuthForbidden,
            "A test credential can make test keys only.",
        )
    })
}

/// An app makes and changes no keys: they would outlive the consent that it acts by.
fn refuse_apps(caller: &Caller) -> Result<()> {
    if matches!(caller.credential, Credential::AppToken { .. }) {
        let message = "Keys are for a person signed in or an API key, not for an app.";
        return Err(Error::with(Code::AuthForbidden, message));
    }
    Ok(())
}

/// Makes a key.
pub fn create(
    tx: &Tx<'_>,
    permit: &Permit<KeysWrite>,
    new: &NewKey,
    draft: &Draft,
) -> Result<ApiKey> {
    refuse_apps(permit.caller())?;
    let tenant = tenant_for(permit.caller(), new.mode)?;
    if store::count_usable(tx, tenant)? >= MAX_KEYS {
        let message = format!("A workspace has at most {MAX_KEYS} keys a mode; revoke one first.");
        return Err(Error::with(Code::StateConflict, message));
    }
    let key = ApiKey {
        id: draft.id,
        tenant,
        hint: hint(draft.plaintext.reveal()),
        name: new.name.clone(),
        description: new.description.clone(),
        scopes: new.scopes,
        allowed_ips: new.allowed_ips.clone(),
        expires_at: new.expires_at,
        disabled_at: None,
        revoked_at: None,
        rotated_at: None,
        works_until: None,
        rotated_from: None,
        last_used_at: None,
        last_used_ip: None,
        version: 1,
        created_at: draft.now,
        updated_at: draft.now,
    };
    refuse_more(permit.caller(), permit.now(), &key.reach())?;
    store::insert(tx, &key, &digest(draft.plaintext.reveal()))?;
    told(tx, permit, &key, draft.now, EventType::ApiKeyCreated)?;
    Ok(key)
}

/// Changes a key's name, scopes, expiry or addresses.
pub fn update(
    tx: &Tx<'_>,
    permit: &Permit<KeysWrite>,
    id: KeyId,
    if_match: &IfMatch,
    patch: KeyPatch,
    now: Timestamp,
) -> Result<ApiKey> {
    refuse_apps(permit.caller())?;
    let mut key = find_managed(tx, permit.caller(), id)?;
    if_match.check(key.version)?;
    if key.revoked_at.is_some() {
        return Err(state(&key, now, "A revoked key cannot be changed."));
    }
    let former = key.clone();
    key.name = patch.name.unwrap_or(key.name);
    key.description = patch.description.apply(key.description);
    key.scopes = patch.scopes.apply(key.scopes);
    key.expires_at = patch.expires_at.apply(key.expires_at);
    key.allowed_ips = patch.allowed_ips.apply(key.allowed_ips);
    refuse_more(permit.caller(), permit.now(), &key.reach())?;
    if key != former {
        save(tx, permit, &mut key, now, "api_key.updated")?;
    }
    Ok(key)
}

/// Switches a key off, or on again.
pub fn set_disabled(
    tx: &Tx<'_>,
    permit: &Permit<KeysWrite>,
    id: KeyId,
    now: Timestamp,
    switch: Switch,
) -> Result<ApiKey> {
    let mut key = find_managed(tx, permit.caller(), id)?;
    if key.revoked_at.is_some() || key.rotated_at.is_some() {
        return Err(state(
            &key,
            now,
            "Only a key that is neither revoked nor replaced can be switched.",
        ));
    }
    let (disabled_at, action) = match switch {
        Switch::Off => (key.disabled_at.or(Some(now)), "api_key.disabled"),
        Switch::On => (None, "api_key.enabled"),
    };
    if disabled_at != key.disabled_at {
        key.disabled_at = disabled_at;
        save(tx, permit, &mut key, now, action)?;
    }
    Ok(key)
}

/// Which way a key is switched.
#[derive(Clone, Copy, Debug)]
pub enum Switch {
    /// It works again.
    On,
    /// It is refused until it is switched on.
    Off,
}

/// Revokes a key for good. Revoking it again changes nothing.
pub fn revoke(
    tx: &Tx<'_>,
    permit: &Permit<KeysWrite>,
    id: KeyId,
    if_match: &IfMatch,
    now: Timestamp,
) -> Result<ApiKey> {
    let mut key = find_managed(tx, permit.caller(), id)?;
    if_match.check(key.version)?;
    if key.revoked_at.is_none() {
        key.revoked_at = Some(now);
        key.version += 1;
        key.updated_at = now;
        store::update(tx, &key)?;
        tx.changed(Topic::Credentials);
        told(tx, permit, &key, now, EventType::ApiKeyRevoked)?;
    }
    Ok(key)
}

/// Replaces a key by a new one with the same settings.
pub fn rotate(
    tx: &Tx<'_>,
    permit: &Permit<KeysWrite>,
    id: KeyId,
    retire: Retire,
    draft: &Draft,
) -> Result<(ApiKey, Timestamp)> {
    refuse_apps(permit.caller())?;
    let old = find_managed(tx, permit.caller(), id)?;
    let now = draft.now;
    if old.status(now) != Status::Active {
        return Err(state(&old, now, "Only an active key can be rotated."));
    }
    refuse_more(permit.caller(), permit.now(), &old.reach())?;
    let (works_until, successor_grace_ms) = match retire {
        Retire::Now => (now, None),
        Retire::After(grace_ms) => (now.plus_ms(grace_ms), None),
        Retire::OnFirstUse(grace_ms) => (now.plus_ms(FIRST_USE_LIMIT_MS), Some(grace_ms)),
    };
    let rotated_by = permit.caller().credential.key_id();
    let ending = Ending {
        rotated_at: now,
        works_until,
        successor_grace_ms,
        rotated_by,
    };
    store::set_rotated(tx, old.tenant, old.id, &ending)?;
    let new = ApiKey {
        id: draft.id,
        hint: hint(draft.plaintext.reveal()),
        rotated_from: Some(old.id),
        last_used_at: None,
        last_used_ip: None,
        version: 1,
        created_at: now,
        updated_at: now,
        ..old
    };
    store::insert(tx, &new, &digest(draft.plaintext.reveal()))?;
    tx.changed(Topic::Credentials);
    told(tx, permit, &new, now, EventType::ApiKeyRotated)?;
    Ok((new, works_until))
}

/// Starts the grace of a replaced key: its successor was used for the first time.
pub fn note_first_use(tx: &Tx<'_>, tenant: Tenant, successor: KeyId, now: Timestamp) -> Result<()> {
    store::start_grace(tx, tenant, successor, now)?;
    tx.changed(Topic::Credentials);
    Ok(())
}

/// Writes gathered uses. They are no change to a credential: no epoch moves.
pub fn write_uses(tx: &Tx<'_>, uses: &[Use]) -> Result<()> {
    uses.iter().try_for_each(|used| store::set_used(tx, used))
}

fn save(
    tx: &Tx<'_>,
    permit: &Permit<KeysWrite>,
    key: &mut ApiKey,
    now: Timestamp,
    action: &'static str,
) -> Result<()> {
    key.version += 1;
    key.updated_at = now;
    store::update(tx, key)?;
    tx.changed(Topic::Credentials);
    let act = Act {
        action,
        target: key.id.to_string(),
        detail: None,
    };
    audit::record(tx, key.tenant, permit.caller(), &origin(permit, now), &act)
}

/// The call at the time of the key's tenant: a test key may run ahead of the live caller.
fn origin(permit: &Permit<KeysWrite>, now: Timestamp) -> Origin {
    Origin {
        at: now,
        ..permit.origin().clone()
    }
}

/// Records the event and the audit entry in the key's own tenant.
fn told(
    tx: &Tx<'_>,
    permit: &Permit<KeysWrite>,
    key: &ApiKey,
    now: Timestamp,
    kind: EventType,
) -> Result<()> {
    let body = KeyBody::of(key, permit.caller().workspace_id, now);
    let origin = origin(permit, now);
    events::record(tx, key.tenant, &origin, kind, &body)?;
    let detail = key
        .rotated_from
        .map(|old| json!({ "rotated_from": old.to_string() }));
    let act = Act {
        action: kind.name(),
        target: key.id.to_string(),
        detail,
    };
    audit::record(tx, key.tenant, permit.caller(), &origin, &act)
}

fn state(key: &ApiKey, now: Timestamp, message: &'static str) -> Error {
    Error::with(Code::StateConflict, message).extra("current_status", key.status(now).name())
}

/// Refuses a key that would be able to do more than the caller that asks for it.
///
/// A caller whose own time is over can only ask for an answer that was saved: it makes nothing.
pub fn refuse_more(caller: &Caller, now: Timestamp, wanted: &Reach<'_>) -> Result<()> {
    if caller.credential == Credential::CommandLine {
        return Ok(());
    }
    if !caller.scopes.cover(wanted.scopes) {
        let missing: Vec<Scope> = wanted
            .scopes
            .iter()
            .filter(|scope| !caller.scopes.allow(*scope))
            .collect();
        return Err(crate::caller::insufficient_scope(&missing));
    }
    let later = match (caller.expires_at, wanted.expires_at) {
        (None, _) => false,
        (Some(own), _) if own <= now => false,
        (Some(_), None) => true,
        (Some(own), Some(other)) => other > own,
    };
    if later {
        let message = "The key would outlive the credential that asks for it; set `expires_at`.";
        return Err(Error::with(Code::AuthForbidden, message));
    }
    let wider = match (&caller.allowed_ips, wanted.allowed_ips) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(own), Some(other)) => !other
            .iter()
            .all(|range| own.iter().any(|allowed| allowed.covers(range))),
    };
    if wider {
        let message = "The key could be used from more addresses than the credential that asks \
            for it; set `allowed_ips`.";
        return Err(Error::with(Code::AuthForbidden, message));
    }
    Ok(())
}
