//! What only a test tenant can do: move its clock, and begin anew.
//!
//! A test tenant's clock runs ahead of the server's by an offset that is kept with the tenant.
//! Expiries, windows, idempotency and schedules follow it. It is moved forward only: going back
//! would make what has ended work again.
//!
//! A reset empties the tenant of everything but its API keys and its audit log, and sets its clock
//! to the server's. Live tenants have neither.

use rusqlite::named_params;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::access::audit::{self, Act};
use crate::api::json::{Fields, FromBody, text};
use crate::api::route::{Cx, Route, Work, work};
use crate::app::App;
use crate::caller::{Mode, Permit, Tenant, WorkspaceWrite};
use crate::clock::{DAY_MS, Timestamp};
use crate::db::{Topic, Tx};
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::idempotency::Answer;
use crate::limits;
use crate::values::Invalid;

/// The furthest that a clock runs ahead: ten years.
const FURTHEST_MS: i64 = 3_653 * DAY_MS;

/// What to move the clock to.
#[derive(Debug, ToSchema)]
pub struct Advance {
    /// A time after the tenant's own, at most ten years after the server's.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
}

impl FromBody for Advance {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let to = fields.required(
            "to",
            text(|value| {
                Timestamp::parse(value).ok_or_else(|| {
                    Invalid::new("invalid_time", "Not a time.")
                        .fix("Use the form 2026-06-03T12:00:00Z.")
                })
            }),
        );
        Some(Self { to: to? })
    }
}

/// The clock of a test tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestClockBody {
    /// Always `test_clock`.
    object: &'static str,
    /// Always false.
    livemode: bool,
    /// The tenant's time.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
    /// Milliseconds by which it runs ahead of the server's.
    offset_ms: i64,
}

fn body(now: Timestamp, offset_ms: i64) -> TestClockBody {
    TestClockBody {
        object: "test_clock",
        livemode: false,
        now,
        offset_ms,
    }
}

fn refuse_live(permit: &Permit<WorkspaceWrite>) -> Result<Tenant> {
    let tenant = permit.tenant();
    if tenant.mode() == Mode::Live {
        let message = "Only a test credential can do this: live time and data are real.";
        return Err(Error::with(Code::AuthForbidden, message));
    }
    Ok(tenant)
}

fn set_offset(app: &App, tx: &Tx<'_>, tenant: Tenant, offset_ms: i64) -> Result<()> {
    tx.prepare_cached("UPDATE tenants SET clock_offset_ms = :offset_ms WHERE id = :tenant_id")?
        .execute(named_params! { ":tenant_id": tenant.number(), ":offset_ms": offset_ms })?;
    let app = app.clone();
    tx.after_commit(move || app.clock.set_offset(&tenant, offset_ms));
    Ok(())
}

async fn advance(cx: Cx<WorkspaceWrite>, to: Advance) -> Result<Work> {
    let tenant = refuse_live(&cx.permit)?;
    let (app, permit) = (cx.app, cx.permit);
    let offset_ms = to.to.since_ms(app.clock.now());
    if to.to < permit.now() || offset_ms > FURTHEST_MS {
        return Err(Error::invalid(vec![FieldError {
            place: Place::Pointer("/to".to_owned()),
            code: "out_of_range",
            message: format!(
                "The clock moves forward only, at most ten years ahead; it stands at {}.",
                permit.now()
            ),
            fix: None,
        }]));
    }
    work(move |tx| {
        set_offset(&app, tx, tenant, offset_ms)?;
        let act = Act {
            action: "test_clock.advanced",
            target: to.to.to_string(),
            detail: None,
        };
        audit::record(tx, tenant, permit.caller(), permit.origin(), &act)?;
        Answer::ok(&body(to.to, offset_ms))
    })
}

/// Everything of a test tenant that a reset removes, children before parents.
const RESET: &[&str] = &[
    "DELETE FROM messages WHERE tenant_id = :tenant_id",
    "DELETE FROM clients WHERE tenant_id = :tenant_id",
    "DELETE FROM outbox WHERE tenant_id = :tenant_id",
    "DELETE FROM events WHERE tenant_id = :tenant_id",
    "DELETE FROM saved_answers WHERE id IN (
        SELECT answer_id FROM idempotency_keys WHERE tenant_id = :tenant_id
    )",
    "DELETE FROM idempotency_keys WHERE tenant_id = :tenant_id",
    "DELETE FROM access_tokens WHERE tenant_id = :tenant_id",
    "UPDATE tenants SET event_sequence = 0 WHERE id = :tenant_id",
];

/// The number that a reset gives back.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestResetBody {
    /// Always `test_reset`.
    object: &'static str,
    /// Always false.
    livemode: bool,
    /// Rows removed.
    removed: usize,
    /// The tenant's time, which is the server's again.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
}

async fn reset(cx: Cx<WorkspaceWrite>) -> Result<Work> {
    let tenant = refuse_live(&cx.permit)?;
    let (app, permit) = (cx.app, cx.permit);
    let now = app.clock.now();
    work(move |tx| {
        let mut removed = 0;
        for sql in RESET {
            removed += tx
                .prepare_cached(sql)?
                .execute(named_params! { ":tenant_id": tenant.number() })?;
        }
        let owner = (permit.caller().account_id, Mode::Test);
        limits::store::delete(tx, owner)?;
        set_offset(&app, tx, tenant, 0)?;
        let act = Act {
            action: "test.reset",
            target: permit.caller().workspace_id.to_string(),
            detail: None,
        };
        audit::record(tx, tenant, permit.caller(), permit.origin(), &act)?;
        tx.changed(Topic::Credentials);
        let forgetting = app.clone();
        tx.after_commit(move || forgetting.limits.forget(owner));
        Answer::ok(&TestResetBody {
            object: "test_reset",
            livemode: false,
            removed: removed - 1,
            now,
        })
    })
}

/// The routes of the sandbox.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/test/clock/advance", advance)
            .named("Test mode", "advance_test_clock", "Move the test clock forward")
            .describe("Expiries, windows, idempotency and schedules of this test tenant follow. For test credentials only; a live one gets 403 `auth_forbidden`.")
            .answers::<TestClockBody>()
            .codes(&[Code::AuthForbidden])
            .example(json!({ "to": "2027-01-01T00:00:00Z" })),
        Route::action("/v1/test/reset", reset)
            .named("Test mode", "reset_test_data", "Empty the test tenant")
            .describe("Removes everything but API keys and the audit log, and sets the clock to the server's. For test credentials only.")
            .answers::<TestResetBody>()
            .codes(&[Code::AuthForbidden]),
    ]
}
