//! What can be done with webhooks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::body::WebhookBody;
use super::deliveries::Delivery;
use super::{
    Health, NewWebhook, Replay, SECRET_BYTES, SECRET_PREFIX, Status, WEBHOOKS_MAX, Webhook,
    WebhookPatch, deliveries, store, types,
};
use crate::access::audit::{self, Act};
use crate::access::oauth;
use crate::api::etag::IfMatch;
use crate::caller::{Credential, Permit, Scope, Scopes, Tenant, WebhooksWrite, insufficient_scope};
use crate::clock::{SECOND_MS, Timestamp};
use crate::db::{Reader, Topic, Tx};
use crate::error::{Code, Error, Result};
use crate::events::{self, EventType};
use crate::ids::{AppId, GrantId, WebhookId};
use crate::notices::{self, NoticeKind};
use crate::secrets::{SealingKey, Secret, random};

/// A secret that was made before the write.
pub struct Draft {
    /// The webhook's id, to which the sealed secret is bound.
    pub id: WebhookId,
    /// The text that is shown once.
    pub plaintext: Secret,
    /// The same, sealed.
    sealed: Vec<u8>,
}

/// Binds a sealed secret to its row.
pub fn context(tenant: Tenant, id: WebhookId) -> String {
    format!("webhooks:{}:{id}", tenant.number())
}

/// Makes a secret for a webhook.
pub fn draft(sealing: &SealingKey, tenant: Tenant, id: WebhookId) -> Result<Draft> {
    let bytes = zeroize::Zeroizing::new(random::bytes::<SECRET_BYTES>()?);
    let plaintext = Secret::new(format!("{SECRET_PREFIX}{}", STANDARD.encode(*bytes)));
    Ok(Draft {
        id,
        plaintext,
        sealed: sealing.seal(&context(tenant, id), &*bytes)?,
    })
}

/// An address as it was checked before the write.
#[derive(Clone, Debug)]
pub struct Address {
    /// The one form of it.
    pub url: String,
    /// True for the test inbox.
    pub inbox: bool,
}

/// The scopes that a webhook made by this caller is bounded by: none if it holds every one.
fn bounds(permit: &Permit<WebhooksWrite>) -> Option<Scopes> {
    let scopes = permit.caller().scopes;
    (!scopes.cover(Scopes::all())).then_some(scopes)
}

/// The app that a caller is, and the consent that it stands on.
fn app_of(permit: &Permit<WebhooksWrite>) -> Option<(AppId, Option<GrantId>)> {
    match &permit.caller().credential {
        Credential::AppToken {
            app_id, grant_id, ..
        } => Some((*app_id, *grant_id)),
        Credential::ApiKey { .. }
        | Credential::AccessToken { .. }
        | Credential::Session { .. }
        | Credential::CommandLine => None,
    }
}

/// What a webhook is told now: of one that an app made, only what the app and the consent that it
/// stood on allow at this moment.
pub fn told(conn: &Reader, tenant: Tenant, webhook: &Webhook) -> Result<Vec<EventType>> {
    let (caller, standing) = match webhook.app {
        None => return Ok(webhook.types()),
        Some((_, Some(grant))) => match oauth::grants::store::find_bearer(conn, tenant, grant)? {
            Some(bearer) => (bearer.caller, bearer.standing),
            None => return Ok(Vec::new()),
        },
        Some((app, None)) => match oauth::apps::store::find_itself(conn, tenant, app)? {
            Some((_, caller, standing)) => (caller, standing),
            None => return Ok(Vec::new()),
        },
    };
    if standing.revoked || standing.disabled {
        return Ok(Vec::new());
    }
    let mut types = webhook.types();
    types.retain(|kind| caller.scopes.allow(kind.scope()));
    Ok(types)
}

/// Refuses what the caller may not read itself. A pattern with a star asks only for what it may.
fn may_ask(permit: &Permit<WebhooksWrite>, patterns: &[String]) -> Result<()> {
    let scopes = permit.caller().scopes;
    let named = patterns.iter().filter_map(|name| EventType::parse(name));
    refuse(
        named
            .map(EventType::scope)
            .filter(|scope| !scopes.allow(*scope)),
    )?;
    if types(patterns, Some(scopes)).is_empty() {
        // Stars alone, and nothing behind them may be read.
        return refuse(types(patterns, None).into_iter().map(EventType::scope));
    }
    Ok(())
}

/// Refuses a caller that may not read all that a webhook is told.
fn may_lead(permit: &Permit<WebhooksWrite>, webhook: &Webhook) -> Result<()> {
    let scopes = permit.caller().scopes;
    let told = webhook.types().into_iter().map(EventType::scope);
    refuse(told.filter(|scope| !scopes.allow(*scope)))
}

fn refuse(missing: impl Iterator<Item = Scope>) -> Result<()> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in missing {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        Ok(())
    } else {
        Err(insufficient_scope(&scopes))
    }
}

fn note(
    tx: &Tx<'_>,
    permit: &Permit<WebhooksWrite>,
    action: &'static str,
    webhook: &Webhook,
) -> Result<()> {
    let act = Act {
        action,
        target: webhook.id.to_string(),
        detail: Some(json!({ "url": webhook.url, "status": webhook.status.name() })),
    };
    tx.changed(Topic::Webhooks);
    audit::record(tx, permit.tenant(), permit.caller(), permit.origin(), &act)
}

/// Registers a webhook. It is told of what happens from now on.
pub fn register(
    tx: &Tx<'_>,
    permit: &Permit<WebhooksWrite>,
    new: NewWebhook,
    address: Address,
    draft: &Draft,
) -> Result<Webhook> {
    may_ask(permit, &new.events)?;
    let (tenant, now) = (permit.tenant(), permit.now());
    let known = store::count(tx, tenant)?;
    if known >= WEBHOOKS_MAX {
        let message = format!("A workspace has at most {WEBHOOKS_MAX} webhooks in each mode.");
        return Err(Error::with(Code::StateConflict, message));
    }
    let happened = store::last_event(tx, tenant)?;
    let webhook = Webhook {
        id: draft.id,
        url: address.url,
        inbox: address.inbox,
        description: new.description,
        events: new.events,
        scopes: bounds(permit),
        app: app_of(permit),
        secret: draft.sealed.clone(),
        former: None,
        status: Status::Enabled,
        disabled_reason: None,
        first_sequence: happened,
        last_sequence: 0,
        health: Health::default(),
        told: None,
        replay_since: None,
        replay: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, tenant, &webhook)?;
    if store::cursor(tx, tenant)?.is_none() {
        store::set_cursor(tx, tenant, Some(happened))?;
    }
    note(tx, permit, "webhook.created", &webhook)?;
    Ok(webhook)
}

/// Changes a webhook. Enabling one that was disabled begins with what happens from now on.
pub fn patch(
    tx: &Tx<'_>,
    permit: &Permit<WebhooksWrite>,
    id: WebhookId,
    if_match: &IfMatch,
    change: (WebhookPatch, Option<Address>),
) -> Result<Webhook> {
    let (tenant, now) = (permit.tenant(), permit.now());
    let mut webhook = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    if_match.check(webhook.version)?;
    let (patch, address) = change;
    if let Some(events) = patch.events {
        may_ask(permit, &events)?;
        webhook.events = events;
        webhook.scopes = bounds(permit);
        webhook.app = app_of(permit);
    }
    may_lead(permit, &webhook)?;
    let before = webhook.url.clone();
    if let Some(address) = address {
        webhook.url = address.url;
        webhook.inbox = address.inbox;
    }
    webhook.description = patch.description.apply(webhook.description);
    if before != webhook.url || patch.status == Some(Status::Enabled) {
        // Another receiver, or a new beginning: what is known of the former says nothing of it.
        webhook.health = Health::default();
        webhook.told = None;
        let subject = id.to_string();
        notices::actions::end(tx, tenant, NoticeKind::WebhookFailing, &subject, now)?;
    }
    if let Some(status) = patch.status {
        if webhook.status == Status::Disabled {
            webhook.first_sequence = store::last_event(tx, tenant)?;
        }
        webhook.status = status;
        webhook.disabled_reason = None;
    }
    webhook.version += 1;
    webhook.updated_at = now;
    store::update(tx, tenant, &webhook)?;
    note(tx, permit, "webhook.updated", &webhook)?;
    Ok(webhook)
}

/// Deletes a webhook and, by and by, its deliveries.
pub fn delete(
    tx: &Tx<'_>,
    permit: &Permit<WebhooksWrite>,
    id: WebhookId,
    if_match: &IfMatch,
) -> Result<()> {
    let tenant = permit.tenant();
    let webhook = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    if_match.check(webhook.version)?;
    store::delete(tx, tenant, id, permit.now())?;
    let subject = id.to_string();
    notices::actions::end(
        tx,
        tenant,
        NoticeKind::WebhookFailing,
        &subject,
        permit.now(),
    )?;
    if store::count(tx, tenant)? == 0 {
        store::set_cursor(tx, tenant, None)?;
    }
    note(tx, permit, "webhook.deleted", &webhook)
}

/// Puts another secret in the place of a webhook's; the former signs as well for the grace.
pub fn rotate_secret(
    tx: &Tx<'_>,
    permit: &Permit<WebhooksWrite>,
    draft: &Draft,
    grace_s: i64,
) -> Result<Webhook> {
    let (tenant, now) = (permit.tenant(), permit.now());
    let mut webhook = store::find(tx, tenant, draft.id)?.ok_or_else(Error::not_found)?;
    may_lead(permit, &webhook)?;
    let former = std::mem::replace(&mut webhook.secret, draft.sealed.clone());
    let until = now.plus_ms(grace_s * SECOND_MS);
    webhook.former = (grace_s > 0).then_some((former, until));
    webhook.version += 1;
    webhook.updated_at = now;
    store::update(tx, tenant, &webhook)?;
    note(tx, permit, "webhook.secret_rotated", &webhook)?;
    Ok(webhook)
}

/// Sends a webhook, and no other, a `ping`.
pub fn test(tx: &Tx<'_>, permit: &Permit<WebhooksWrite>, id: WebhookId) -> Result<Delivery> {
    let tenant = permit.tenant();
    let mut webhook = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    if webhook.status != Status::Enabled {
        let message = "The webhook is not enabled. Enable it first.";
        let error = Error::with(Code::StateConflict, message);
        return Err(error.extra("current_status", webhook.status.name()));
    }
    let body = WebhookBody::of(tenant, &webhook);
    events::record(tx, tenant, permit.origin(), EventType::Ping, &body)?;
    let sequence = store::last_event(tx, tenant)?;
    let mark = events::store::marks(tx, tenant, sequence - 1, 1)?;
    let mark = mark
        .first()
        .ok_or_else(|| Error::bug("the ping is not in the log"))?;
    let delivery = deliveries::actions::add(tx, tenant, &webhook, mark, permit.now())?;
    // Somebody looks at it: it does not wait for the next probe.
    webhook.health.hold_until = None;
    webhook.last_sequence = delivery.endpoint_sequence;
    store::update(tx, tenant, &webhook)?;
    Ok(delivery)
}

/// What a replay will send.
#[derive(Debug)]
pub struct Replayed {
    /// The first event that is looked at.
    pub from_sequence: i64,
    /// The last one.
    pub to_sequence: i64,
}

/// Begins to send a webhook again what happened since a time.
pub fn replay(
    tx: &Tx<'_>,
    permit: &Permit<WebhooksWrite>,
    id: WebhookId,
    since: Timestamp,
    all: bool,
) -> Result<Replayed> {
    let tenant = permit.tenant();
    let mut webhook = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    if webhook.status == Status::Disabled {
        let message = "The webhook is disabled. Enable it first.";
        let error = Error::with(Code::StateConflict, message);
        return Err(error.extra("current_status", webhook.status.name()));
    }
    let from = events::store::sequence_of(tx, tenant, since)?;
    let last = store::last_event(tx, tenant)?;
    let asked = Replay {
        next: from,
        last,
        from: since,
        all,
    };
    // One that is under way is made wider; what it has sent already may come twice.
    webhook.replay = (from <= last).then(|| match webhook.replay {
        Some(under_way) => Replay {
            next: asked.next.min(under_way.next),
            last: asked.last.max(under_way.last),
            from: asked.from.min(under_way.from),
            all: asked.all || under_way.all,
        },
        None => asked,
    });
    webhook.replay_since = None;
    store::update(tx, tenant, &webhook)?;
    note(tx, permit, "webhook.replayed", &webhook)?;
    Ok(Replayed {
        from_sequence: from,
        to_sequence: last,
    })
}
