//! The part of the sample data that tells of calls: a month of usage, a day of the request log.

use std::sync::Arc;

use super::seed::{PlannedKey, Seed};
use crate::caller::{Caller, Credential};
use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use crate::error::{Code, Result};
use crate::ids::RequestId;
use crate::request_log::redact::Kept;
use crate::request_log::{Batch, Bodies, Counted, Counts, Entry};
use crate::requests;

/// Days of usage.
const DAYS: i64 = 30;
/// So many days ago a script went wild.
const SPIKE_DAYS_AGO: i64 = 9;

/// A call that is made often: method, route, the path of an example, status, microseconds.
type Call = (&'static str, &'static str, &'static str, u16, u64);

const CALLS: &[Call] = &[
    ("GET", "/v1/clients", "/v1/clients", 200, 1_900),
    ("GET", "/v1/clients/{client_id}", "/v1/clients/{}", 200, 800),
    (
        "POST",
        "/v1/clients/{client_id}/messages",
        "/v1/clients/{}/messages",
        201,
        3_400,
    ),
    ("GET", "/v1/events", "/v1/events", 200, 1_200),
];

/// Calls that fail, with their codes.
const FAILURES: &[(Call, Code)] = &[
    (
        ("POST", "/v1/clients", "/v1/clients", 400, 700),
        Code::ValidationFailed,
    ),
    (
        (
            "GET",
            "/v1/clients/{client_id}",
            "/v1/clients/cl_01jwtq3xg0e8k9c3v5r7t9w1y3",
            404,
            500,
        ),
        Code::NotFound,
    ),
    (
        ("POST", "/v1/clients", "/v1/clients", 409, 2_100),
        Code::AlreadyExists,
    ),
];

/// A caller that used a key.
pub(super) fn with_key(caller: &Caller, key: &PlannedKey) -> Arc<Caller> {
    let credential = Credential::ApiKey {
        id: key.id,
        name: key.name.clone(),
    };
    Arc::new(Caller {
        credential,
        ..caller.clone()
    })
}

fn body(code: Option<Code>) -> Option<Kept> {
    let code = code?;
    let text = format!(
        r#"{{"error":{{"type":"{}","code":"{}","message":"{}"}}}}"#,
        code.kind().name(),
        code.name(),
        code.sentence()
    );
    Some(Kept {
        text,
        truncated: false,
    })
}

/// A request as the log would have kept it.
pub(super) fn entry(
    caller: &Arc<Caller>,
    (method, route, path, status, duration_us): Call,
    path_id: &str,
    at: Timestamp,
    code: Option<Code>,
) -> Entry {
    Entry {
        id: RequestId::new(at),
        caller: Arc::clone(caller),
        received_at: at,
        created_at: at,
        method: method.to_owned(),
        path: path.replace("{}", path_id),
        query: None,
        route: Some(route),
        status,
        duration_us,
        code: code.map(|code| code.name().to_owned()),
        address: Some(std::net::Ipv4Addr::new(203, 0, 113, 7).into()),
        user_agent: Some("sample/1.0".to_owned()),
        idempotency_key: None,
        replayed: false,
        limit: None,
        bodies: Bodies::Kept,
        content_type: None,
        body: None,
        answer_type: Some("application/json"),
        answer: body(code),
    }
}

fn counted(caller: &Caller, call: &Call, at: Timestamp) -> Counted {
    Counted {
        tenant: caller.tenant,
        key: caller.credential.key_id(),
        hour: at.as_ms().div_euclid(HOUR_MS),
        method: Some(call.0),
        route: Some(call.1),
    }
}

/// A month of usage with one spike, and the requests of the last day.
#[expect(clippy::unnecessary_wraps, reason = "a part may fail, as others do")]
pub(super) fn calls(seed: &mut Seed<'_>) -> Result<()> {
    let key = |name: &str| seed.keys.iter().find(|key| key.name == name);
    let (Some(website), Some(nightly)) = (key("Website"), key("Nightly sync")) else {
        return Ok(());
    };
    let website = with_key(&seed.caller, website);
    let nightly = with_key(&seed.caller, nightly);
    let mut batch = Batch::default();
    for day in (0..DAYS).rev() {
        for hour in [1, 3, 5, 8, 10, 12, 14, 17] {
            let at = seed.ago(day, hour);
            for call in CALLS {
                let busy = 4 + seed.chance.below(24);
                let failed = busy / 12;
                let counts = Counts {
                    requests: busy,
                    succeeded: busy - failed,
                    client_errors: failed,
                    ..Counts::default()
                };
                batch.counts.push((counted(&website, call, at), counts));
            }
        }
        let at = seed.ago(day, 11);
        let pages = 60 + seed.chance.below(40);
        let counts = Counts {
            requests: pages,
            succeeded: pages,
            ..Counts::default()
        };
        batch
            .counts
            .push((counted(&nightly, &CALLS[0], at), counts));
    }
    let spike = Counts {
        requests: 3_162,
        succeeded: 2_750,
        rate_limited: 412,
        ..Counts::default()
    };
    let at = seed.ago(SPIKE_DAYS_AGO, 6);
    batch.counts.push((counted(&nightly, &CALLS[3], at), spike));
    last_day(seed, &website, &mut batch);
    let at = seed.now;
    seed.at(at, move |tx| requests::actions::write(tx, &batch));
    Ok(())
}

fn last_day(seed: &mut Seed<'_>, website: &Arc<Caller>, batch: &mut Batch) {
    let mut at = seed.now.plus_ms(-DAY_MS);
    loop {
        let minutes = 4 + seed.chance.below(24);
        at = at.plus_ms(i64::try_from(minutes).unwrap_or(4) * MINUTE_MS);
        if at >= seed.now {
            return;
        }
        let client = seed
            .chance
            .pick(&seed.clients)
            .map(|client| client.client.id);
        let client = client.map(|id| id.to_string()).unwrap_or_default();
        let (mut call, code) = if seed.chance.below(12) == 0 {
            let failure = seed.chance.pick(FAILURES).copied();
            failure.map_or((CALLS[0], None), |(call, code)| (call, Some(code)))
        } else {
            (seed.chance.pick(CALLS).copied().unwrap_or(CALLS[0]), None)
        };
        call.4 += seed.chance.below(900);
        batch.entries.push(entry(website, call, &client, at, code));
    }
}
