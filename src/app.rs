//! What every handler and job is given: configuration, clock, database, secrets, caches.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZero;
use std::ops::Deref;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use moka::sync::Cache;
use tokio::sync::watch;

use crate::bounded::Bounded;
use crate::caller::{Caller, Plan, Tenant};
use crate::clock::{Clock, Timestamp};
use crate::config::{Config, PublicUrl, UrlSource};
use crate::db::Db;
use crate::error::Result;
use crate::idempotency::{Answer, InProgress};
use crate::ids::{AccountId, ClientSessionId, GrantId, KeyId, SessionId, WorkspaceId};
use crate::limits::{
    AddressGuard, Connections, FailureGuard, Limits, SessionGuard, SignInGuard, Streams,
};
use crate::outside::Outside;
use crate::request_log::RequestLog;
use crate::secrets::{Digest, Hasher, SealingKey};

/// Credentials kept in memory. Losing one costs a point read, never an answer.
const CREDENTIALS_KEPT: u64 = 20_000;

/// Tenants whose number of clients is kept in memory.
const CLIENT_COUNTS_KEPT: u64 = 10_000;
/// Sessions kept in memory.
const SESSIONS_KEPT: u64 = 10_000;
/// Requests a minute of one session.
const SESSION_REQUESTS_PER_MINUTE: u32 = 1_200;
/// Requests a minute of one client's session.
const CLIENT_REQUESTS_PER_MINUTE: u32 = 300;
/// Failures a minute of an address to join by an install link.
const JOIN_FAILURES_PER_MINUTE: u32 = 20;

/// Requests a minute that an address may send without an accepted credential.
const STRANGERS_PER_MINUTE: u32 = 600;
/// Failures a minute of an address at the token endpoint.
const TOKEN_FAILURES_PER_MINUTE: u32 = 20;

/// Pictures that may wait to be decoded.
const PICTURES_WAITING: usize = 16;

/// Pictures that are decoded at the same time: the other cores are for requests.
fn pictures_at_once() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    (cores / 2).clamp(1, 2)
}

/// The running program, shared by all of it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of an [`App`].
pub struct Parts {
    /// Everything that can be set.
    pub config: Config,
    /// The time of the server and of each tenant.
    pub clock: Clock,
    /// The database.
    pub db: Db,
    /// The key under which readable secrets are sealed at rest.
    pub sealing: Arc<SealingKey>,
    /// Password hashing, bounded.
    pub hasher: Hasher,
    /// Decoding of pictures, bounded: one takes up to some hundred megabytes of memory.
    pub pictures: Bounded,
    /// Credentials by digest; see [`CachedCredential`].
    pub credentials: Cache<Digest, Arc<CachedCredential>>,
    /// Sessions by digest of their cookie, as credentials are.
    pub sessions: Cache<Digest, Arc<CachedSession>>,
    /// Uses of sessions that are not written yet.
    pub session_uses: SessionUses,
    /// Requests of each session.
    pub session_guard: SessionGuard,
    /// Requests of each client's session.
    pub client_guard: SessionGuard<ClientSessionId>,
    /// Install links that did not work, per address.
    pub join_failures: AddressGuard,
    /// Wrong passwords.
    pub sign_ins: SignInGuard,
    /// Where people reach the server; see [`App::public_address`].
    public_address: RwLock<Arc<PublicAddress>>,
    /// Pages of lists as they were answered; see [`CachedPage`].
    pub pages: Pages,
    /// How many clients there are in the roster, and active ones, with the tenant's epoch before
    /// they were counted.
    pub client_counts: Cache<Tenant, (u64, ClientCounts)>,
    /// Uses of keys that are not written yet.
    pub uses: Uses,
    /// Uses of grants that are not written yet.
    pub grant_uses: GrantUses,
    /// The rate windows of all accounts.
    pub limits: Limits,
    /// Requests that were answered and are not written yet.
    pub request_log: RequestLog,
    /// Requests without an accepted credential, per address.
    pub strangers: AddressGuard,
    /// Failures of clients at the token endpoint, per address.
    pub token_failures: AddressGuard,
    /// The same per client identifier.
    pub client_failures: FailureGuard<Digest>,
    /// Open connections, per address.
    pub connections: Connections,
    /// Idempotency keys whose requests are being carried out in several steps.
    pub in_progress: InProgress,
    /// What the program can speak to.
    pub outside: Outside,
    /// Open streams, per tenant.
    pub streams: Streams,
    /// Exports that are made or handed out, per tenant.
    pub exports: Streams,
    /// True once the server stops.
    closing: watch::Sender<bool>,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        config: Config,
        clock: Clock,
        db: Db,
        sealing: Arc<SealingKey>,
        hasher: Hasher,
    ) -> Result<Self> {
        let credentials = Cache::new(CREDENTIALS_KEPT);
        let public_address = PublicAddress {
            url: config.public_url.clone(),
            source: config.public_url_source,
        };
        Ok(Self(Arc::new(Parts {
            outside: Outside::new(&config)?,
            streams: Streams::of_events(),
            exports: Streams::of_exports(),
            in_progress: InProgress::default(),
            closing: watch::Sender::new(false),
            sessions: Cache::new(SESSIONS_KEPT),
            session_uses: SessionUses::default(),
            session_guard: SessionGuard::new(SESSION_REQUESTS_PER_MINUTE),
            client_guard: SessionGuard::new(CLIENT_REQUESTS_PER_MINUTE),
            join_failures: AddressGuard::new(JOIN_FAILURES_PER_MINUTE),
            sign_ins: SignInGuard::new(),
            public_address: RwLock::new(Arc::new(public_address)),
            limits: Limits::new(db.clone()),
            strangers: AddressGuard::new(STRANGERS_PER_MINUTE),
            token_failures: AddressGuard::new(TOKEN_FAILURES_PER_MINUTE),
            client_failures: FailureGuard::new(TOKEN_FAILURES_PER_MINUTE),
            connections: Connections::default(),
            pages: Pages::new(),
            client_counts: Cache::new(CLIENT_COUNTS_KEPT),
            uses: Uses::default(),
            grant_uses: GrantUses::default(),
            request_log: RequestLog::new(config.request_log),
            config,
            clock,
            db,
            sealing,
            hasher,
            pictures: Bounded::new(pictures_at_once(), PICTURES_WAITING),
            credentials,
        })))
    }

    /// Wakes when the server stops.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Says that the server stops: streams end.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Where people and apps reach the server now: every link is made from it. It may change while
    /// the server runs, so ask each time.
    pub fn public_address(&self) -> Arc<PublicAddress> {
        let address = self.public_address.read();
        Arc::clone(&address.unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another address in place; after it is committed.
    pub fn set_public_address(&self, address: PublicAddress) {
        let mut place = self
            .public_address
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        self.outside
            .http
            .guard()
            .public_address_is(&address.url, address.source);
        *place = Arc::new(address);
    }

    /// The plan of a caller's account.
    pub fn plan_of(&self, caller: &Caller) -> Option<&Plan> {
        self.config.plan(&caller.plan)
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Where people and apps reach the server, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicAddress {
    /// The address.
    pub url: PublicUrl,
    /// Who said so.
    pub source: UrlSource,
}

/// A session as it was read, with the epoch that was read before its row was; see
/// [`CachedCredential`]. How long it may be silent is checked at each use.
#[derive(Debug)]
pub struct CachedSession {
    /// The epoch of the credentials before the row was read.
    pub epoch: u64,
    /// The session.
    pub id: SessionId,
    /// Who is signed in.
    pub account_id: AccountId,
    /// When it began.
    pub created_at: Timestamp,
    /// Its last use, in milliseconds.
    pub last_seen_ms: AtomicI64,
    /// It was ended, or the account was.
    pub revoked: bool,
    /// The account in each of its workspaces, oldest first: in test mode and in live mode.
    pub callers: Vec<(WorkspaceId, Arc<Caller>, Arc<Caller>)>,
}

impl CachedSession {
    /// Its last use.
    pub fn last_seen_at(&self) -> Timestamp {
        Timestamp::from_ms(self.last_seen_ms.load(Ordering::Acquire))
    }
}

/// Uses of sessions, gathered here and written together by the background lane.
#[derive(Debug, Default)]
pub struct SessionUses(Mutex<HashMap<SessionId, Timestamp>>);

impl SessionUses {
    /// Remembers a use.
    pub fn note(&self, id: SessionId, at: Timestamp) {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.insert(id, at);
    }

    /// The use of a session that is not written yet.
    pub fn pending(&self, id: SessionId) -> Option<Timestamp> {
        let gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.get(&id).copied()
    }

    /// Takes all uses out, to be written.
    pub fn take(&self) -> Vec<(SessionId, Timestamp)> {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *gathered).into_iter().collect()
    }
}

/// How many clients a tenant has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientCounts {
    /// Invited, active and paused.
    pub roster: i64,
    /// Active.
    pub active: i64,
}

/// Bytes of answered pages that are kept in memory.
const PAGES_KEPT_BYTES: u64 = 16 * 1024 * 1024;

/// A page of a list as it was answered, with the tenant's epoch before its rows were read: any
/// write to what is listed moves that epoch after its commit, which makes the page a miss.
#[derive(Clone)]
pub struct CachedPage {
    epoch: u64,
    answer: Arc<Answer>,
}

/// Pages of lists as they were answered, by tenant, path and query.
///
/// An integration that polls asks for the same page again and again.
pub struct Pages(Cache<(Tenant, String), CachedPage>);

impl Pages {
    fn new() -> Self {
        let weigh = |(_, target): &(Tenant, String), page: &CachedPage| {
            let bytes = target.len() + page.answer.body.len() + 256;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(
            Cache::builder()
                .max_capacity(PAGES_KEPT_BYTES)
                .weigher(weigh)
                .build(),
        )
    }

    /// The page as it was answered, or as `read` answers it now.
    pub fn get(
        &self,
        db: &Db,
        tenant: Tenant,
        target: String,
        read: impl FnOnce() -> Result<Answer>,
    ) -> Result<Answer> {
        let epoch = db.tenant_epoch(tenant);
        let key = (tenant, target);
        if let Some(page) = self.0.get(&key).filter(|page| page.epoch == epoch) {
            return Ok((*page.answer).clone());
        }
        let answer = read()?;
        let page = CachedPage {
            epoch,
            answer: Arc::new(answer.clone()),
        };
        self.0.insert(key, page);
        Ok(answer)
    }
}

/// A credential as it was read, with the epoch that was read before its row was.
///
/// Any write to a credential moves the epoch after its commit, so an entry that a slow load put
/// here after a revocation is of an older epoch, and a miss. Time, address and grace are checked at
/// each use against the clock: the cache bounds memory only.
#[derive(Debug)]
pub struct CachedCredential {
    /// The epoch of the credentials before the row was read.
    pub epoch: u64,
    /// Who it is.
    pub caller: Arc<Caller>,
    /// What can be said against it.
    pub standing: Standing,
}

/// What can be said against a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It was revoked.
    pub revoked: bool,
    /// It was switched off.
    pub disabled: bool,
    /// It has a successor.
    pub rotated: Option<Rotated>,
    /// Its first use is awaited by the key that it replaces.
    pub first_use_awaited: bool,
}

/// What is known of a key that has a successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// When it was rotated.
    pub at: Timestamp,
    /// It is refused from here on.
    pub works_until: Timestamp,
    /// True if it asked for its own rotation.
    pub by_itself: bool,
}

/// Uses of keys, gathered here and written together by the background lane.
#[derive(Debug, Default)]
pub struct Uses(Mutex<HashMap<(i64, KeyId), Use>>);

/// Uses of grants, gathered here and written together by the background lane.
#[derive(Debug, Default)]
pub struct GrantUses(Mutex<HashMap<(i64, GrantId), (Tenant, Timestamp)>>);

impl GrantUses {
    /// Remembers a use.
    pub fn note(&self, tenant: Tenant, id: GrantId, at: Timestamp) {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.insert((tenant.number(), id), (tenant, at));
    }

    /// The use of a grant that is not written yet.
    pub fn pending(&self, tenant: Tenant, id: GrantId) -> Option<Timestamp> {
        let gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.get(&(tenant.number(), id)).map(|(_, at)| *at)
    }

    /// Takes all uses out, to be written.
    pub fn take(&self) -> Vec<(Tenant, GrantId, Timestamp)> {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gathered = std::mem::take(&mut *gathered);
        let uses = gathered.into_iter();
        uses.map(|((_, id), (tenant, at))| (tenant, id, at))
            .collect()
    }
}

/// The last use of a key.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// The key's tenant.
    pub tenant: Tenant,
    /// The key.
    pub key: KeyId,
    /// The tenant's time.
    pub at: Timestamp,
    /// From where.
    pub address: Option<IpAddr>,
}

impl Uses {
    /// Remembers a use.
    pub fn note(&self, used: Use) {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.insert((used.tenant.number(), used.key), used);
    }

    /// The use of a key that is not written yet.
    pub fn pending(&self, tenant: Tenant, key: KeyId) -> Option<Use> {
        let gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.get(&(tenant.number(), key)).copied()
    }

    /// Takes all uses out, to be written.
    pub fn take(&self) -> Vec<Use> {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *gathered).into_values().collect()
    }
}
