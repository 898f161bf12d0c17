//! What only a test tenant can do: move its clock, and begin anew.
//!
//! A test tenant's clock runs ahead of the server's by an offset that is kept with the tenant.
//! Expiries, windows, idempotency and schedules follow it. It is moved forward only: going back
//! would make what has ended work again.
//!
//! Moving it makes ready whatever is due up to the new time. The queue does it at once, one after the
//! other in the order of the due times, each as of its own: a schedule that comes once a day runs once
//! for each day that was passed over, and what it writes carries that day. The answer to the move does
//! not wait for it; it says how much there is, and `GET /v1/test/clock?wait=true` answers when it is
//! done. What is done, and in which order, is the same each time.
//!
//! A reset empties the tenant of everything but its API keys and its audit log, and sets its clock
//! to the server's. Live tenants have neither.

pub mod actions;
pub mod routes;
pub mod store;

use crate::clock::DAY_MS;
use crate::jobs::Kind;
use crate::{mailing, notices, overview};

/// What is done again and again in each tenant, by its own clock.
pub const SCHEDULES: &[&Kind] = &[
    &mailing::jobs::EXPIRE,
    &notices::jobs::KEYS_EXPIRING,
    &overview::jobs::LOOK,
];

/// The furthest that a clock runs ahead: ten years.
pub const FURTHEST_MS: i64 = 3_653 * DAY_MS;
