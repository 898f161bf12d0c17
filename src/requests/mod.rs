//! The request log and usage: what was asked of the API, and how it was answered.
//!
//! Every request of an accepted credential under `/v1` and its aliases is **kept** with its route,
//! status, time taken, caller and limit, for 7 days or 100,000 requests of the whole server,
//! whichever is less (both can be set). In test mode its bodies are kept too, without secrets and up
//! to 16 kB each; in live mode only those of failures, and of these only the structure. `Authorization`
//! and `Cookie` are never kept. A server that answers more than some 2,000 requests in a second
//! keeps a part of them, failures first.
//!
//! Of a person at the dashboard only changes and failures are kept: her looking at the log would fill
//! it.
//!
//! **Usage** counts all of them by the hour, per key and route, for 92 days, but those of the
//! dashboard, which do not count against the limit either.
//!
//! Both are gathered in memory ([`crate::request_log`]) and written every second by the background
//! lane, at shutdown, and before they are read: who asks for a request made a moment ago finds it.
//! What a crash loses is the last second. A caller with `logs:read` sees its own tenant.

pub mod actions;
pub mod body;
pub mod flush;
pub mod routes;
pub mod store;
mod usage;

use crate::clock::{DAY_MS, HOUR_MS, Timestamp};
use crate::request_log::{DEFAULT_DAYS, DEFAULT_ROWS};

/// The fact that says for how many days requests are kept.
pub const DAYS: &str = "request_log.days";
/// The fact that says how many requests are kept.
pub const ROWS: &str = "request_log.rows";
/// Days for which usage is kept.
pub const USAGE_DAYS: i64 = 92;

/// How long requests are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Days.
    pub days: u32,
    /// Requests of the whole server; 0 keeps none.
    pub rows: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            days: DEFAULT_DAYS,
            rows: DEFAULT_ROWS,
        }
    }
}

impl Retention {
    /// What came before this is no longer kept.
    pub fn until(self, now: Timestamp) -> Timestamp {
        now.plus_ms(-i64::from(self.days) * DAY_MS)
    }
}

/// Usage of hours before this is no longer kept.
fn usage_until(now: Timestamp) -> i64 {
    now.plus_ms(-USAGE_DAYS * DAY_MS)
        .as_ms()
        .div_euclid(HOUR_MS)
}

/// A request as the log has it.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The request's id.
    pub id: String,
    /// The tenant's time at which it came.
    pub created_at: Timestamp,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The path of its route.
    pub route: Option<String>,
    /// The status of its answer.
    pub status: u16,
    /// How long it took.
    pub duration_us: i64,
    /// The code of what went wrong.
    pub code: Option<String>,
    /// The kind of credential.
    pub caller_kind: String,
    /// Its id.
    pub caller_id: Option<String>,
    /// Its name at that time.
    pub caller_name: Option<String>,
    /// The address that it came from.
    pub address: Option<String>,
    /// True if the answer was a saved one.
    pub replayed: bool,
}

/// What a page of the log leaves out.
#[derive(Clone, Debug)]
pub struct LoggedDetail {
    /// Limit, what was left of it, and when the window ended.
    pub limit: Option<(u32, u32, Timestamp)>,
    /// The query string.
    pub query: Option<String>,
    /// What the caller calls itself.
    pub user_agent: Option<String>,
    /// The idempotency key.
    pub idempotency_key: Option<String>,
    /// `kept`, `masked` or `not_kept`.
    pub bodies: String,
    /// The body of the request.
    pub request: LoggedBody,
    /// The body of the answer.
    pub answer: LoggedBody,
}

/// A body as the log has it.
#[derive(Clone, Debug)]
pub struct LoggedBody {
    /// Its media type.
    pub content_type: Option<String>,
    /// The text.
    pub text: Option<String>,
    /// True if there was more of it.
    pub truncated: bool,
}

/// How the last requests of the same route and caller went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// How many there were, at most ten.
    pub calls: u32,
    /// How many of them were answered with 400 and above.
    pub failed: u32,
}
