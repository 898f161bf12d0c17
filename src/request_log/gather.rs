//! What was gathered and is not written yet, in parts of which each thread fills its own.

use std::cell::Cell;
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};

use super::redact::{self, KEPT_BYTES, Keep};
use super::{Bodies, Counted, Counts, Details, Ended, Entry, LimitState, Line, who};
use crate::caller::{Credential, Mode, Tenant};
use crate::clock::{HOUR_MS, MINUTE_MS, Timestamp};
use crate::ids::RequestId;

/// Entries that wait to be written; with a write each second, what a second may bring.
const ENTRIES_MAX: usize = 2_048;
/// So many of them may be of requests that succeeded, so that there is room for failures.
const SUCCESSES_MAX: usize = ENTRIES_MAX / 4 * 3;
/// Bytes of their bodies.
const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Media types of bodies that hold files begin so.
const FORM_WITH_FILES: &str = "multipart/";
/// Media types of answers that are files.
const FILES: &[&str] = &["image/jpeg", "application/zip"];
/// Parts; more threads than these share.
const PARTS: usize = 16;

/// What one or few threads gathered. A cache line or two of its own, so that no other thread's part
/// is slowed by it.
#[derive(Default)]
#[repr(align(128))]
struct Part(Mutex<Gathered>);

#[derive(Default)]
struct Gathered {
    entries: Vec<Entry>,
    counts: HashMap<Counted, Counts>,
}

/// What is taken out to be written in one go.
#[derive(Debug, Default)]
pub struct Batch {
    /// Entries.
    pub entries: Vec<Entry>,
    /// Counts.
    pub counts: Vec<(Counted, Counts)>,
}

/// Requests that were answered and are not written yet.
pub struct RequestLog {
    parts: [Part; PARTS],
    entries: AtomicUsize,
    body_bytes: AtomicUsize,
    left_out: AtomicU64,
    /// False: nothing is gathered at all. For measuring what that costs.
    counts: bool,
    keeps: AtomicBool,
    watcher: OnceLock<mpsc::SyncSender<Line>>,
    forgotten: Mutex<Vec<Forgotten>>,
    refused: Mutex<Refused>,
}

/// What was refused in an hour, each by a hash.
#[derive(Default)]
struct Refused {
    hour: i64,
    seen: HashSet<u64>,
}

/// So many refusals are told apart in an hour; nobody is refused in that many ways but on purpose.
const REFUSALS_MAX: usize = 10_000;

/// Says of an entry's path, its query and its other texts whether they tell of somebody.
type Tells = Box<dyn Fn(&str, &str, &[&str]) -> bool + Send>;

/// Somebody who was forgotten: what was read of them before may be gathered after.
struct Forgotten {
    tenant: Tenant,
    at: Timestamp,
    by: RequestId,
    tells: Tells,
}

/// How long it is remembered who was forgotten: no request that came before is answered later.
const REMEMBERED_MS: i64 = 15 * MINUTE_MS;

/// Lines that may wait for who watches.
const WATCHED: usize = 4_096;

thread_local! {
    static PART: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Whether a body of this media type holds files among other things.
fn is_form_with_files(media_type: &str) -> bool {
    let start = media_type.trim_start().get(..FORM_WITH_FILES.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(FORM_WITH_FILES))
}

/// The part of this thread.
fn part() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    PART.with(|part| {
        part.get().unwrap_or_else(|| {
            let mine = NEXT.fetch_add(1, Ordering::Relaxed) % PARTS;
            part.set(Some(mine));
            mine
        })
    })
}

fn lock(part: &Part) -> MutexGuard<'_, Gathered> {
    part.0.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RequestLog {
    /// Nothing gathered yet; with `on` false nothing ever is.
    pub fn new(on: bool) -> Self {
        Self {
            parts: Default::default(),
            entries: AtomicUsize::new(0),
            body_bytes: AtomicUsize::new(0),
            left_out: AtomicU64::new(0),
            counts: on,
            keeps: AtomicBool::new(on),
            watcher: OnceLock::new(),
            forgotten: Mutex::default(),
            refused: Mutex::default(),
        }
    }

    /// True of the first time in an hour that a credential was refused something for a reason. Whoever
    /// goes on trying is in the request log, and fills nothing else.
    pub fn is_first_refusal(&self, entry: &Entry) -> bool {
        let mut hasher = DefaultHasher::new();
        let (kind, id, _) = who(&entry.caller.credential);
        (entry.caller.tenant, entry.caller.account_id, kind, id).hash(&mut hasher);
        (&entry.method, entry.route, &entry.code).hash(&mut hasher);
        let hour = entry.received_at.as_ms().div_euclid(HOUR_MS);
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.hour != hour {
            *refused = Refused {
                hour,
                seen: HashSet::new(),
            };
        }
        refused.seen.len() < REFUSALS_MAX && refused.seen.insert(hasher.finish())
    }

    /// Says whether entries are kept at all; counts are in any case.
    pub fn keep_entries(&self, keep: bool) {
        self.keeps.store(keep && self.counts, Ordering::Relaxed);
    }

    /// Tells each request from now on; to the first who asks for it.
    pub fn watch(&self) -> mpsc::Receiver<Line> {
        let (watcher, lines) = mpsc::sync_channel(WATCHED);
        // A second one gets a channel that nobody sends on.
        drop(self.watcher.set(watcher));
        lines
    }

    /// Tells who watches, if somebody does.
    pub fn tell(&self, line: impl FnOnce() -> Line) {
        if let Some(watcher) = self.watcher.get() {
            // Whoever went away needs to be told nothing; whoever is slow misses lines, and holds up
            // neither requests nor memory.
            drop(watcher.try_send(line()));
        }
    }

    /// Counts a request that was answered, and keeps it if there is room.
    pub fn record<'a>(&self, ended: Ended<'a>, details: impl FnOnce() -> Details<'a>) {
        if !self.counts {
            return;
        }
        // A person who looks at the log would fill it with looking; what she changes is kept, and
        // nothing of hers counts, as it does not count against the limit.
        let by_session = matches!(ended.caller.credential, Credential::Session { .. });
        if by_session && ended.status < 400 && ended.method == Some("GET") {
            return;
        }
        let counted = Counted {
            tenant: ended.caller.tenant,
            key: ended.caller.credential.key_id(),
            hour: ended.created_at.as_ms().div_euclid(HOUR_MS),
            method: ended.method,
            route: ended.route,
        };
        let entry = self.has_room(ended.status).then(|| {
            self.entries.fetch_add(1, Ordering::Relaxed);
            self.entry(ended, &details())
        });
        let mut gathered = lock(&self.parts[part()]);
        if !by_session {
            let counts = gathered.counts.entry(counted).or_default();
            counts.add(&Counts::one(ended.status));
        }
        gathered.entries.extend(entry);
    }

    fn has_room(&self, status: u16) -> bool {
        if !self.keeps.load(Ordering::Relaxed) {
            return false;
        }
        let most = if status < 400 {
            SUCCESSES_MAX
        } else {
            ENTRIES_MAX
        };
        // Threads that look at the same moment may go over it by one each: it bounds memory.
        if self.entries.load(Ordering::Relaxed) < most {
            return true;
        }
        self.left_out.fetch_add(1, Ordering::Relaxed);
        false
    }

    fn entry(&self, ended: Ended<'_>, details: &Details<'_>) -> Entry {
        let answer = details.answer;
        let [request, answered] = match (ended.caller.tenant.mode(), ended.status) {
            (Mode::Test, _) => [Some(Keep::AllButSecrets); 2],
            (Mode::Live, 400..) => [Some(Keep::Structure), Some(Keep::StructureOfError)],
            (Mode::Live, _) => [None; 2],
        };
        // What files show is for nobody who looks at a log.
        let request = request.filter(|_| !details.content_type.is_some_and(is_form_with_files));
        let answered = answered.filter(|_| {
            answer
                .content_type
                .is_none_or(|kind| !FILES.contains(&kind))
        });
        // What is kept of the two is not longer than they are, but for short values' types.
        let bytes = details.body.len().min(KEPT_BYTES) + answer.body.len().min(KEPT_BYTES);
        let bodies = match request {
            Some(_) if !self.has_room_for(bytes) => Bodies::NotKept,
            Some(Keep::AllButSecrets) => Bodies::Kept,
            Some(_) => Bodies::Masked,
            None => Bodies::NotKept,
        };
        let kept = |bytes: &[u8], keep: Option<Keep>| {
            let keep = keep.filter(|_| bodies != Bodies::NotKept && !bytes.is_empty())?;
            Some(redact::body(bytes, keep))
        };
        Entry {
            id: details.id,
            caller: Arc::clone(ended.caller),
            received_at: details.received_at,
            created_at: ended.created_at,
            method: redact::line(details.method),
            path: redact::line(details.path),
            query: details.query.map(redact::query),
            route: ended.route,
            status: ended.status,
            duration_us: details.duration_us,
            code: code(details, ended.status),
            address: details.address,
            user_agent: details.user_agent.map(redact::line),
            idempotency_key: details.idempotency_key.map(redact::line),
            replayed: answer.replayed,
            limit: details.standing.map(|standing| LimitState {
                limit: standing.limit,
                remaining: standing.remaining(),
                reset_at: standing.reset_at,
            }),
            bodies,
            content_type: details.content_type.map(redact::line),
            body: kept(details.body, request),
            answer_type: answer.content_type,
            answer: kept(&answer.body, answered),
        }
    }

    fn has_room_for(&self, bytes: usize) -> bool {
        if self.body_bytes.load(Ordering::Relaxed) + bytes > BODY_BYTES_MAX {
            return false;
        }
        self.body_bytes.fetch_add(bytes, Ordering::Relaxed);
        true
    }

    /// Takes out what was gathered, up to so many entries, and all counts.
    ///
    /// Called under the writer, so that whoever writes later has waited for what was taken earlier.
    pub fn take(&self, most: usize) -> Batch {
        let mut batch = Batch::default();
        for part in &self.parts {
            let mut gathered = lock(part);
            let room = most - batch.entries.len();
            let from = gathered.entries.len().saturating_sub(room);
            batch.entries.extend(gathered.entries.drain(from..));
            batch.counts.extend(gathered.counts.drain());
        }
        for forgotten in self.forgotten().iter() {
            forgotten.empty(&mut batch.entries);
        }
        self.entries
            .fetch_sub(batch.entries.len(), Ordering::Relaxed);
        if batch.entries.len() < most {
            // The last of them: the next second has all the room for bodies again.
            self.body_bytes.store(0, Ordering::Relaxed);
        }
        batch
    }

    /// Empties what tells of somebody of a tenant: what waits now, and what is still to be gathered of
    /// requests that came before this moment of the server's time, but for the one `by` which this
    /// is.
    pub fn forget(
        &self,
        tenant: Tenant,
        (at, by): (Timestamp, RequestId),
        tells: impl Fn(&str, &str, &[&str]) -> bool + Send + 'static,
    ) {
        let tells = Box::new(tells);
        let mut all = self.forgotten();
        all.retain(|forgotten| forgotten.at > at.plus_ms(-REMEMBERED_MS));
        // What waits is looked at when it is taken.
        all.push(Forgotten {
            tenant,
            at,
            by,
            tells,
        });
    }

    fn forgotten(&self) -> MutexGuard<'_, Vec<Forgotten>> {
        let all = self.forgotten.lock();
        all.unwrap_or_else(PoisonError::into_inner)
    }

    /// True if there is nothing to take.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| {
            let gathered = lock(part);
            gathered.entries.is_empty() && gathered.counts.is_empty()
        })
    }

    /// How many entries were left out for want of room since this was last asked.
    pub fn take_left_out(&self) -> u64 {
        self.left_out.swap(0, Ordering::Relaxed)
    }
}

impl Forgotten {
    /// Empties what tells of who was forgotten.
    fn empty(&self, entries: &mut [Entry]) {
        let concerns = |entry: &&mut Entry| {
            entry.caller.tenant == self.tenant
                && entry.received_at <= self.at
                && entry.id != self.by
        };
        for entry in entries.iter_mut().filter(concerns) {
            let text = |kept: &Option<redact::Kept>| kept.as_ref().map(|kept| kept.text.clone());
            let texts = [
                text(&entry.body),
                text(&entry.answer),
                entry.idempotency_key.clone(),
            ]
            .map(Option::unwrap_or_default);
            let query = entry.query.as_deref().unwrap_or_default();
            if (self.tells)(&entry.path, query, &texts.each_ref().map(String::as_str)) {
                entry.path = entry.route.unwrap_or_default().to_owned();
                entry.query = None;
                entry.idempotency_key = None;
                entry.body = None;
                entry.answer = None;
                entry.bodies = Bodies::NotKept;
            }
        }
    }
}

/// The code of what went wrong. A refusal that the operation itself decided was rendered where it was
/// saved: its code stands in the body alone.
fn code(details: &Details<'_>, status: u16) -> Option<String> {
    if let Some(code) = details.code {
        return Some(code.name().to_owned());
    }
    if status < 400 {
        return None;
    }
    let body: serde_json::Value = serde_json::from_slice(&details.answer.body).ok()?;
    let code = body["error"].get("code").or_else(|| body.get("code"))?;
    Some(redact::line(code.as_str()?))
}
