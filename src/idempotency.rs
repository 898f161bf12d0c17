//! Exactly once: an idempotency key, what it was used for, and the answer saved with the change.
//!
//! [`once`] runs inside the writer's transaction. The first request with a key carries out its
//! operation and saves the answer beside the change; both commit or neither. A later request with
//! the same key and the same fingerprint gets that answer byte for byte; one with another
//! fingerprint is refused. Since one thread writes, fifty equal requests at once need no lock: the
//! first decides and the others find its answer.
//!
//! Saved are successes and what the operation itself decided ([`Code::is_decision`]); a failure of
//! ours or of the request's form leaves the key free. A key lasts 24 hours of its tenant's time.
//! Bodies that hold a secret are sealed and overwritten when they are swept.
//!
//! A write that has to ask somebody outside is three steps: [`intend`] keeps what it is about under
//! the key, nobody is asked inside a transaction, and [`conclude`] saves the answer with the outcome.
//! Meanwhile the key is in progress ([`InProgress`]). What a crash leaves in the middle is taken up by
//! the next request with the key or by the operation's own job, whichever comes first.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::caller::{Principal, Tenant};
use crate::clock::{DAY_MS, Timestamp};
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::secrets::{Digest, SealingKey};

/// How long an answer is replayed.
pub const KEPT_MS: i64 = DAY_MS;

/// Of a key's digest so much is kept: 128 bits, so that the random rows stay narrow.
const KEY_DIGEST_BYTES: usize = 16;

/// What a request is answered with, whatever carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The media type of the body; without one there is no body.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
    /// Where a created object is found.
    pub location: Option<String>,
    /// The version of the object in the body.
    pub etag: Option<String>,
    /// True if the body holds a secret that is shown only once.
    pub secret: bool,
    /// Further headers, which are not saved.
    pub headers: Vec<(&'static str, String)>,
    /// True if this is a saved answer.
    pub replayed: bool,
    /// The tenant's time at the answer, if the operation moved its clock.
    pub answered_at: Option<Timestamp>,
}

/// A request that carries an idempotency key.
#[derive(Debug)]
pub struct Claim {
    /// Whose key it is.
    pub tenant: Tenant,
    /// Who in that tenant.
    pub principal: Principal,
    /// SHA-256 of the key.
    pub key: Digest,
    /// SHA-256 of method, path with query, content type and body.
    pub fingerprint: Digest,
    /// The tenant's time.
    pub now: Timestamp,
    /// The server's time.
    pub server_now: Timestamp,
    /// True if only a saved answer may be given: the credential no longer allows more.
    pub replay_only: bool,
}

impl Claim {
    fn key_bytes(&self) -> [u8; KEY_DIGEST_BYTES] {
        let mut bytes = [0; KEY_DIGEST_BYTES];
        bytes.copy_from_slice(&self.key.as_bytes()[..KEY_DIGEST_BYTES]);
        bytes
    }

    /// The claim as a job keeps it that carries a cut-off write to its end; digests, no secret.
    pub fn to_json(&self) -> Value {
        json!({
            "principal": self.principal.to_text(),
            "key": self.key.as_bytes().as_slice(),
            "fingerprint": self.fingerprint.as_bytes().as_slice(),
        })
    }

    /// Reads what [`Claim::to_json`] gave.
    pub fn from_json(
        kept: &Value,
        tenant: Tenant,
        now: Timestamp,
        server_now: Timestamp,
    ) -> Option<Self> {
        let digest = |name: &str| -> Option<Digest> {
            let bytes: Vec<u8> = serde_json::from_value(kept[name].clone()).ok()?;
            Some(Digest::from_bytes(bytes.try_into().ok()?))
        };
        Some(Self {
            tenant,
            principal: Principal::from_text(kept["principal"].as_str()?)?,
            key: digest("key")?,
            fingerprint: digest("fingerprint")?,
            now,
            server_now,
            replay_only: false,
        })
    }

    /// Binds a sealed body to its row.
    fn context(&self) -> String {
        context_of(self.tenant, self.key_bytes())
    }
}

/// What the sealed answer of a key is bound to.
pub fn context_of(tenant: Tenant, key: [u8; KEY_DIGEST_BYTES]) -> String {
    let key = u128::from_be_bytes(key);
    format!("saved_answers:{}:{key:032x}", tenant.number())
}

/// Carries out an operation once for its key, or gives the answer that it had.
pub fn once(
    tx: &Tx<'_>,
    claim: &Claim,
    sealing: &SealingKey,
    operation: impl FnOnce(&Tx<'_>) -> Result<Answer>,
    render: impl FnOnce(&Error) -> Answer,
) -> Result<Answer> {
    if let Some(saved) = store::find(tx, claim)? {
        if saved.expires_at > claim.now {
            return replay(saved, claim, sealing);
        }
        store::delete(tx, claim, saved.id)?;
    }
    if claim.replay_only {
        return Err(Error::new(Code::AuthRotating));
    }
    let answer = match tx.savepoint(operation) {
        Ok(answer) => answer,
        Err(error) if error.code().is_decision() => render(&error),
        Err(error) => return Err(error),
    };
    let body = if answer.secret {
        Cow::Owned(sealing.seal(&claim.context(), &answer.body)?)
    } else {
        Cow::Borrowed(answer.body.as_slice())
    };
    store::insert(tx, claim, &answer, &body)?;
    Ok(answer)
}

/// What came of one step of a long write.
#[derive(Debug)]
pub enum Progress {
    /// What the step gave, now or when it was carried out.
    Done(Vec<u8>),
    /// The whole was answered before.
    Answered(Answer),
}

/// Carries out one step of a long write once for its key.
///
/// What a step gives commits with it, so whoever sends the request again, or at the same time, does
/// the steps that are left and no other; [`finish`] then saves the one answer.
pub fn step(
    tx: &Tx<'_>,
    claim: &Claim,
    sealing: &SealingKey,
    number: u32,
    work: impl FnOnce(&Tx<'_>) -> Result<Vec<u8>>,
) -> Result<Progress> {
    if let Some(saved) = store::find(tx, claim)?
        && saved.expires_at > claim.now
    {
        return replay(saved, claim, sealing).map(Progress::Answered);
    }
    if let Some((fingerprint, outcome)) = store::find_step(tx, claim, number)? {
        if !fingerprint.ct_eq(&claim.fingerprint) {
            return Err(Error::new(Code::IdempotencyKeyReused));
        }
        return Ok(Progress::Done(outcome));
    }
    let outcome = work(tx)?;
    store::insert_step(tx, claim, number, &outcome)?;
    Ok(Progress::Done(outcome))
}

/// Saves the answer of a long write whose steps are all done, or gives the one that was saved.
pub fn finish(
    tx: &Tx<'_>,
    claim: &Claim,
    sealing: &SealingKey,
    answer: Answer,
    render: impl FnOnce(&Error) -> Answer,
) -> Result<Answer> {
    let answer = once(tx, claim, sealing, |_| Ok(answer), render)?;
    store::delete_steps(tx, claim)?;
    Ok(answer)
}

/// The number under which a write that asks outside keeps what it intends. The sweep leaves it
/// alone: forgotten, the same key would ask a second time.
const INTENT: u32 = u32::MAX;

/// What came of the first of the three steps of a write that asks outside.
#[derive(Debug)]
pub enum Intent {
    /// Nobody has to be asked: this is the answer.
    Answered(Answer),
    /// Somebody is asked about what has this id.
    Ask(String),
}

/// Records what a write is about to ask outside, once for its key. Who comes after a crash in the
/// middle is given the same id: asking about it a second time must do no more than the first.
pub fn intend(
    tx: &Tx<'_>,
    claim: &Claim,
    sealing: &SealingKey,
    work: impl FnOnce(&Tx<'_>) -> Result<Intent>,
    render: impl Fn(&Error) -> Answer,
) -> Result<Intent> {
    if let Some((fingerprint, id)) = store::find_step(tx, claim, INTENT)? {
        if !fingerprint.ct_eq(&claim.fingerprint) {
            return Err(Error::new(Code::IdempotencyKeyReused));
        }
        let id = String::from_utf8(id).map_err(Error::internal)?;
        return Ok(Intent::Ask(id));
    }
    if let Some(saved) = store::find(tx, claim)?
        && saved.expires_at > claim.now
    {
        return replay(saved, claim, sealing).map(Intent::Answered);
    }
    let answer = match tx.savepoint(work) {
        Ok(Intent::Ask(id)) => {
            store::insert_step(tx, claim, INTENT, id.as_bytes())?;
            return Ok(Intent::Ask(id));
        }
        Ok(Intent::Answered(answer)) => answer,
        Err(error) if error.code().is_decision() => render(&error),
        Err(error) => return Err(error),
    };
    once(tx, claim, sealing, |_| Ok(answer), render).map(Intent::Answered)
}

/// Records what came of asking, and saves the answer; or gives the one that was saved.
pub fn conclude(
    tx: &Tx<'_>,
    claim: &Claim,
    sealing: &SealingKey,
    work: impl FnOnce(&Tx<'_>) -> Result<Answer>,
    render: impl FnOnce(&Error) -> Answer,
) -> Result<Answer> {
    let answer = once(tx, claim, sealing, work, render)?;
    store::delete_steps(tx, claim)?;
    Ok(answer)
}

/// The keys whose requests are being carried out in more than one step, now and in this process.
#[derive(Clone, Debug, Default)]
pub struct InProgress(Arc<Mutex<HashSet<Place>>>);

/// Whose key, and which.
type Place = (i64, Principal, Digest);

/// A key that is in progress until this is dropped.
#[derive(Debug)]
pub struct Turn {
    of: InProgress,
    place: Place,
}

impl InProgress {
    /// Takes the turn of a key, unless another request has it.
    pub fn enter(&self, claim: &Claim) -> Result<Turn> {
        let place = (claim.tenant.number(), claim.principal, claim.key);
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !places.insert(place) {
            return Err(Error::new(Code::IdempotencyInProgress).retry_after(1));
        }
        drop(places);
        let of = self.clone();
        Ok(Turn { of, place })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut places = self.of.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.remove(&self.place);
    }
}

fn replay(saved: store::Saved, claim: &Claim, sealing: &SealingKey) -> Result<Answer> {
    if !saved.fingerprint.ct_eq(&claim.fingerprint) {
        return Err(Error::new(Code::IdempotencyKeyReused));
    }
    let mut answer = saved.answer;
    if answer.secret {
        answer.body = sealing.open(&claim.context(), &answer.body)?.to_vec();
    }
    answer.replayed = true;
    Ok(answer)
}

/// Removes answers that ended; gives the number of those removed.
///
/// A test tenant's time never runs behind the server's, so what ended for the server ended for all.
pub fn sweep(tx: &Tx<'_>, server_now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep(tx, server_now.plus_ms(-KEPT_MS), limit)
}

/// Removes steps of long writes that nobody came back for; gives the number of those removed.
pub fn sweep_steps(tx: &Tx<'_>, server_now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep_steps(tx, server_now.plus_ms(-KEPT_MS), limit)
}

/// The media types that answers have: saved as text, given back as the constant they came from.
fn known_media_type(text: &str) -> Option<&'static str> {
    ["application/json", "application/problem+json"]
        .into_iter()
        .find(|known| *known == text)
}

mod store {
    use rusqlite::{OptionalExtension, Row, named_params};

    use super::{Answer, Claim, KEPT_MS, known_media_type};
    use crate::clock::Timestamp;
    use crate::db::{Tx, execute_in_order};
    use crate::error::Result;
    use crate::secrets::Digest;

    pub(super) struct Saved {
        pub(super) id: i64,
        pub(super) fingerprint: Digest,
        pub(super) expires_at: Timestamp,
        pub(super) answer: Answer,
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Saved> {
        let content_type: String = row.get("content_type")?;
        Ok(Saved {
            id: row.get("id")?,
            fingerprint: Digest::from_bytes(row.get("fingerprint")?),
            expires_at: row.get("expires_at")?,
            answer: Answer {
                status: row.get("status")?,
                content_type: known_media_type(&content_type),
                body: row.get("body")?,
                location: row.get("location")?,
                etag: row.get("etag")?,
                secret: row.get("sealed")?,
                headers: Vec::new(),
                replayed: false,
                answered_at: None,
            },
        })
    }

    pub(super) fn find(tx: &Tx<'_>, claim: &Claim) -> Result<Option<Saved>> {
        let mut statement = tx.prepare_cached(
            "SELECT
                a.id, a.fingerprint, a.expires_at, a.status, a.content_type, a.location, a.etag,
                a.sealed, a.body
            FROM idempotency_keys k JOIN saved_answers a ON a.id = k.answer_id
            WHERE k.tenant_id = :tenant_id AND k.principal = :principal AND k.key_digest = :key",
        )?;
        let found = statement.query_row(
            named_params! {
                ":tenant_id": claim.tenant.number(),
                ":principal": claim.principal.to_text(),
                ":key": claim.key_bytes(),
            },
            from_row,
        );
        Ok(found.optional()?)
    }

    pub(super) fn insert(tx: &Tx<'_>, claim: &Claim, answer: &Answer, body: &[u8]) -> Result<()> {
        let statement = tx.prepare_cached(
            "INSERT INTO saved_answers (
                tenant_id, principal, key_digest, fingerprint, saved_at, expires_at,
                status, content_type, location, etag, sealed, body
            ) VALUES (
                :tenant_id, :principal, :key, :fingerprint, :saved_at, :expires_at,
                :status, :content_type, :location, :etag, :sealed, :body
            )",
        )?;
        execute_in_order(
            statement,
            named_params! {
                ":tenant_id": claim.tenant.number(),
                ":principal": claim.principal.to_text(),
                ":key": claim.key_bytes(),
                ":fingerprint": claim.fingerprint.as_bytes().as_slice(),
                ":saved_at": claim.server_now,
                ":expires_at": answer.answered_at.unwrap_or(claim.now).plus_ms(KEPT_MS),
                ":status": answer.status,
                ":content_type": answer.content_type.unwrap_or(""),
                ":location": answer.location,
                ":etag": answer.etag,
                ":sealed": answer.secret,
                ":body": body,
            },
        )?;
        let statement = tx.prepare_cached(
            "INSERT INTO idempotency_keys (tenant_id, principal, key_digest, answer_id)
            VALUES (:tenant_id, :principal, :key, :answer_id)",
        )?;
        execute_in_order(
            statement,
            named_params! {
                ":tenant_id": claim.tenant.number(),
                ":principal": claim.principal.to_text(),
                ":key": claim.key_bytes(),
                ":answer_id": tx.last_insert_rowid(),
            },
        )?;
        Ok(())
    }

    pub(super) fn delete(tx: &Tx<'_>, claim: &Claim, answer_id: i64) -> Result<()> {
        tx.prepare_cached(
            "DELETE FROM idempotency_keys
            WHERE tenant_id = :tenant_id AND principal = :principal AND key_digest = :key",
        )?
        .execute(named_params! {
            ":tenant_id": claim.tenant.number(),
            ":principal": claim.principal.to_text(),
            ":key": claim.key_bytes(),
        })?;
        tx.prepare_cached("DELETE FROM saved_answers WHERE id = :id")?
            .execute(named_params! { ":id": answer_id })?;
        Ok(())
    }

    /// The fingerprint and the outcome of a step that was carried out.
    pub(super) fn find_step(
        tx: &Tx<'_>,
        claim: &Claim,
        number: u32,
    ) -> Result<Option<(Digest, Vec<u8>)>> {
        let mut statement = tx.prepare_cached(
            "SELECT fingerprint, outcome FROM saved_steps
            WHERE tenant_id = :tenant_id AND principal = :principal AND key_digest = :key
                AND step = :step",
        )?;
        let found = statement.query_row(
            named_params! {
                ":tenant_id": claim.tenant.number(),
                ":principal": claim.principal.to_text(),
                ":key": claim.key_bytes(),
                ":step": number,
            },
            |row| Ok((Digest::from_bytes(row.get(0)?), row.get(1)?)),
        );
        Ok(found.optional()?)
    }

    pub(super) fn insert_step(
        tx: &Tx<'_>,
        claim: &Claim,
        number: u32,
        outcome: &[u8],
    ) -> Result<()> {
        tx.prepare_cached(
            "INSERT INTO saved_steps (
                tenant_id, principal, key_digest, step, fingerprint, saved_at, outcome
            ) VALUES (
                :tenant_id, :principal, :key, :step, :fingerprint, :saved_at, :outcome
            )",
        )?
        .execute(named_params! {
            ":tenant_id": claim.tenant.number(),
            ":principal": claim.principal.to_text(),
            ":key": claim.key_bytes(),
            ":step": number,
            ":fingerprint": claim.fingerprint.as_bytes().as_slice(),
            ":saved_at": claim.server_now,
            ":outcome": outcome,
        })?;
        Ok(())
    }

    pub(super) fn delete_steps(tx: &Tx<'_>, claim: &Claim) -> Result<()> {
        tx.prepare_cached(
            "DELETE FROM saved_steps
            WHERE tenant_id = :tenant_id AND principal = :principal AND key_digest = :key",
        )?
        .execute(named_params! {
            ":tenant_id": claim.tenant.number(),
            ":principal": claim.principal.to_text(),
            ":key": claim.key_bytes(),
        })?;
        Ok(())
    }

    pub(super) fn sweep_steps(tx: &Tx<'_>, saved_until: Timestamp, limit: u32) -> Result<usize> {
        let removed = tx
            .prepare_cached(
                "DELETE FROM saved_steps WHERE (tenant_id, principal, key_digest, step) IN (
                    SELECT tenant_id, principal, key_digest, step
                    FROM saved_steps
                    WHERE saved_at <= :saved_until AND step <> :intent LIMIT :limit
                )",
            )?
            .execute(named_params! {
                ":saved_until": saved_until,
                ":intent": super::INTENT,
                ":limit": limit,
            })?;
        Ok(removed)
    }

    /// The rows stand in order of time: the oldest are looked at until one is too young.
    pub(super) fn sweep(tx: &Tx<'_>, saved_until: Timestamp, limit: u32) -> Result<usize> {
        tx.prepare_cached(
            "DELETE FROM idempotency_keys WHERE (tenant_id, principal, key_digest) IN (
                SELECT tenant_id, principal, key_digest FROM (
                    SELECT tenant_id, principal, key_digest, saved_at
                    FROM saved_answers ORDER BY id LIMIT :limit
                ) WHERE saved_at <= :saved_until
            )",
        )?
        .execute(named_params! { ":saved_until": saved_until, ":limit": limit })?;
        let removed = tx
            .prepare_cached(
                "DELETE FROM saved_answers WHERE id IN (
                    SELECT id FROM (SELECT id, saved_at FROM saved_answers ORDER BY id LIMIT :limit)
                    WHERE saved_at <= :saved_until
                )",
            )?
            .execute(named_params! { ":saved_until": saved_until, ":limit": limit })?;
        Ok(removed)
    }
}
