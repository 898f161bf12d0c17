//! What only a test tenant can do: move its clock, and begin anew.
//!
//! A test tenant's clock runs ahead of the server's by an offset that is kept with the tenant.
//! Expiries, windows, idempotency and schedules follow it. It is moved forward only: going back
//! would make what has ended work again.
//!
//! A reset empties the tenant of everything but its API keys and its audit log, and sets its clock
//! to the server's. Live tenants have neither.

pub mod actions;
pub mod routes;
pub mod store;

use crate::clock::DAY_MS;

/// The furthest that a clock runs ahead: ten years.
pub const FURTHEST_MS: i64 = 3_653 * DAY_MS;
