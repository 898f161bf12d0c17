//! The windows of all accounts, in memory, and what is counted in them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use moka::sync::Cache;

use super::{Counted, Owner, Standing, Window, standing, store, warn_at};
use crate::caller::{Caller, Plan};
use crate::clock::Timestamp;
use crate::db::Db;

/// Windows kept in memory.
const WINDOWS_KEPT: u64 = 50_000;

/// The windows of all accounts.
pub struct Limits {
    db: Db,
    windows: Cache<Owner, Arc<Mutex<Window>>>,
    /// Windows that left memory before they were written.
    evicted: Arc<Mutex<HashMap<Owner, Window>>>,
}

/// What `plan` allows in a window; none if it is unlimited.
pub(super) fn allowance(plan: &Plan) -> Option<(u32, u32)> {
    let limit = plan.requests_per_hour;
    let burst = u64::from(limit) * u64::from(plan.burst_percent) / 100;
    (limit > 0).then(|| (limit, u32::try_from(burst).unwrap_or(u32::MAX)))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Limits {
    /// No windows yet; those that were written are read when they are asked for.
    pub fn new(db: Db) -> Self {
        let evicted: Arc<Mutex<HashMap<Owner, Window>>> = Arc::default();
        let rescue = Arc::clone(&evicted);
        let windows = Cache::builder()
            .max_capacity(WINDOWS_KEPT)
            .eviction_listener(move |owner: Arc<Owner>, window: Arc<Mutex<Window>>, _| {
                let window = lock(&window).clone();
                if window.dirty {
                    lock(&rescue).insert(*owner, window);
                }
            })
            .build();
        Self {
            db,
            windows,
            evicted,
        }
    }

    fn window(&self, owner: Owner, now: Timestamp) -> Arc<Mutex<Window>> {
        // `get_with` runs the loader once for all who ask at the same moment.
        self.windows.get_with(owner, || {
            if let Some(window) = lock(&self.evicted).remove(&owner) {
                return Arc::new(Mutex::new(window));
            }
            let kept = self
                .db
                .read_now(|conn| store::find(conn, owner))
                .unwrap_or_else(|error| {
                    tracing::warn!(?error, "a rate window could not be read; it begins anew");
                    None
                });
            Arc::new(Mutex::new(kept.unwrap_or_else(|| Window::open(now))))
        })
    }

    /// Counts a request of a caller; none where the account's limit is off.
    pub fn count(&self, caller: &Caller, plan: &Plan, now: Timestamp) -> Option<Counted> {
        let (limit, burst) = allowance(plan)?;
        let window = self.window((caller.account_id, caller.tenant.mode()), now);
        let mut window = lock(&window);
        // Asking where the account stands opens no window: the first request that counts does.
        if window.used == 0 || !window.covers(now) {
            *window = Window::open(now);
        }
        let allowed = window.used < limit.saturating_add(burst);
        if allowed {
            window.used += 1;
            window.dirty = true;
            if let Some(key) = caller.credential.key_id() {
                *window.by_key.entry(key).or_insert(0) += 1;
            }
        }
        let tells = !window.warned && u64::from(window.used) >= warn_at(limit);
        window.warned |= tells;
        let crossed = tells.then_some(window.opened_at);
        let top = !allowed || tells;
        Some(Counted {
            standing: standing(&window, (limit, burst), now, top),
            allowed,
            crossed,
        })
    }

    /// Where a caller's account stands, without counting.
    pub fn peek(&self, caller: &Caller, plan: &Plan, now: Timestamp) -> Option<Standing> {
        let allowance = allowance(plan)?;
        let window = self.window((caller.account_id, caller.tenant.mode()), now);
        let mut window = lock(&window);
        if window.used == 0 || !window.covers(now) {
            *window = Window::open(now);
        }
        Some(standing(&window, allowance, now, true))
    }

    /// Forgets the test window of an account: its tenant begins anew.
    pub fn forget(&self, owner: Owner) {
        self.windows.invalidate(&owner);
        lock(&self.evicted).remove(&owner);
    }

    /// Takes windows back that could not be written, so that they are written later.
    pub fn give_back(&self, windows: Vec<(Owner, Window)>) {
        for (owner, window) in windows {
            if let Some(kept) = self.windows.get(&owner) {
                lock(&kept).dirty = true;
            } else {
                let dirty = Window {
                    dirty: true,
                    ..window
                };
                lock(&self.evicted).entry(owner).or_insert(dirty);
            }
        }
    }

    /// The windows that changed since they were last written.
    pub fn take_dirty(&self) -> Vec<(Owner, Window)> {
        let mut dirty: Vec<(Owner, Window)> = lock(&self.evicted).drain().collect();
        for (owner, window) in &self.windows {
            let mut window = lock(&window);
            if std::mem::take(&mut window.dirty) {
                dirty.push((*owner, window.clone()));
            }
        }
        dirty
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::{Credential, Mode, Principal, Scopes, Tenant, WorkspaceSettings};
    use crate::clock::HOUR_MS;
    use crate::db::Options;
    use crate::ids::{AccountId, WorkspaceId};
    use crate::limits::actions;

    struct Fixture {
        limits: Limits,
        db: Db,
        caller: Caller,
        plan: Plan,
        _directory: tempfile::TempDir,
    }

    impl Fixture {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("data/cadence.db");
            let db = Db::open(&file, &Options::default()).unwrap();
            let account_id = AccountId::new(at(0));
            let tenant = Tenant::new(1, Mode::Test);
            db.write_blocking(move |tx| {
                let sql = "INSERT INTO accounts
                    (id, email, email_key, name, password_hash, role, plan, created_at, updated_at)
                    VALUES (?1, 'a', 'a', 'a', '-', 'owner', 'p', 0, 0)";
                Ok(tx.prepare_cached(sql)?.execute([account_id.to_string()])?)
            })
            .unwrap();
            let text = String::new;
            let caller = Caller {
                account_id,
                workspace_id: WorkspaceId::new(at(0)),
                workspace: WorkspaceSettings {
                    name: text(),
                    timezone: text(),
                    units: text(),
                },
                tenant,
                test_tenant: tenant,
                principal: Principal::Coach,
                credential: Credential::CommandLine,
                scopes: Scopes::all(),
                allowed_ips: None,
                expires_at: None,
                plan: text(),
            };
            let plan = Plan {
                name: text(),
                requests_per_hour: 10,
                burst_percent: 20,
                api_access: true,
            };
            Self {
                limits: Limits::new(db.clone()),
                db,
                caller,
                plan,
                _directory: directory,
            }
        }

        fn count(&self, ms: i64) -> Counted {
            self.limits.count(&self.caller, &self.plan, at(ms)).unwrap()
        }

        /// Pushes the window out of memory, as many other accounts do.
        fn evict(&self) {
            self.limits
                .windows
                .invalidate(&(self.caller.account_id, Mode::Test));
            self.limits.windows.run_pending_tasks();
            assert_eq!(self.limits.windows.iter().count(), 0);
        }

        fn write(&self) -> usize {
            let windows = self.limits.take_dirty();
            let written = windows.len();
            self.db
                .write_blocking(move |tx| actions::save(tx, &windows))
                .unwrap();
            written
        }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(1_780_488_000_000 + ms)
    }

    #[test]
    fn a_window_that_was_evicted_before_it_was_written_is_not_lost() {
        let fixture = Fixture::new();
        for _ in 0..7 {
            fixture.count(0);
        }
        fixture.evict();

        let counted = fixture.count(5);

        assert_eq!(counted.standing.used, 8);
        assert_eq!(counted.standing.reset_at, at(HOUR_MS));
        fixture.evict();
        assert_eq!(fixture.write(), 1);
        assert_eq!(fixture.count(6).standing.used, 9);
    }

    #[test]
    fn a_window_that_was_evicted_is_read_back() {
        let fixture = Fixture::new();
        for _ in 0..12 {
            assert!(fixture.count(0).allowed);
        }
        assert_eq!(fixture.write(), 1);
        assert_eq!(fixture.write(), 0);
        fixture.evict();

        let refused = fixture.count(HOUR_MS - 1);

        assert!(!refused.allowed);
        assert_eq!(refused.standing.reset_at, at(HOUR_MS));
        assert!(fixture.count(HOUR_MS).allowed);
    }

    #[test]
    fn what_could_not_be_written_is_written_later() {
        let fixture = Fixture::new();
        fixture.count(0);
        let failed = fixture.limits.take_dirty();
        fixture.limits.give_back(failed);
        fixture.count(1);
        let failed = fixture.limits.take_dirty();
        assert_eq!(failed.len(), 1);
        fixture.evict();
        fixture.limits.give_back(failed);
        assert_eq!(fixture.write(), 1);
        fixture.evict();
        assert_eq!(fixture.count(2).standing.used, 3);
    }

    #[test]
    fn the_account_is_told_by_one_request_alone() {
        let fixture = Fixture::new();
        let told: Vec<bool> = (0..14)
            .map(|_| fixture.count(0).crossed.is_some())
            .collect();
        let first = told.iter().position(|told| *told);
        assert_eq!(first, Some(7), "the eighth of ten is 80 %");
        assert_eq!(told.iter().filter(|told| **told).count(), 1);
    }
}
