//! What can be made to happen in the demo, on a button.

use std::sync::Arc;

use super::seed::PlannedKey;
use super::store::{self, Kind};
use super::{check_ins, home, money, traffic};
use crate::access::api_keys;
use crate::caller::{Caller, WebhooksWrite};
use crate::clients::{self, Status};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::ids::{CheckinId, ClientId, KeyId, WebhookId};
use crate::messages;
use crate::request_log::{Batch, Counted, Counts, Entry};
use crate::requests;
use crate::webhooks::{self, inbox};

/// Something that can be made to happen.
pub struct Happening {
    /// Its name in the path.
    pub name: &'static str,
    /// What happens, in a sentence.
    pub words: &'static str,
    /// Makes it happen; gives the id of what came of it.
    pub run: fn(&Tx<'_>, &Scene) -> Result<String>,
}

/// Everything that can be made to happen. Each feature adds its own.
pub const HAPPENINGS: &[Happening] = &[
    Happening {
        name: "client-message",
        words: "A client writes a message.",
        run: client_message,
    },
    Happening {
        name: "check-in",
        words: "A client checks in.",
        run: check_in,
    },
    Happening {
        name: "failed-payment",
        words: "A client's card is declined.",
        run: failed_payment,
    },
    Happening {
        name: "rate-limit-burst",
        words: "A script runs into the limit: forty requests are refused with 429.",
        run: rate_limit_burst,
    },
    Happening {
        name: "failing-request",
        words: "A request fails with 500.",
        run: failing_request,
    },
    Happening {
        name: "dying-webhook",
        words: "A receiver of webhooks dies: the test inbox answers 500, and what is told waits.",
        run: dying_webhook,
    },
];

/// Where it happens.
pub struct Scene {
    /// The coach.
    pub caller: Arc<Caller>,
    /// The tenant's time.
    pub now: Timestamp,
}

const LINES: &[&str] = &[
    "Just finished. The last set was hard, but it went.",
    "Can we move tomorrow to the afternoon?",
    "Slept badly, so I took the easy day. Right?",
    "New personal best today!",
];

const WILD: (&str, &str, &str, u16, u64) = ("GET", "/v1/events", "/v1/events", 429, 300);
const BROKEN: (&str, &str, &str, u16, u64) = ("GET", "/v1/clients", "/v1/clients", 500, 4_200);
const REFUSED: i64 = 40;

impl Scene {
    /// One of several, another one as time goes on.
    fn pick<'s, T>(&self, from: &'s [T]) -> Option<&'s T> {
        let turn = usize::try_from(self.now.as_ms() / 977).ok()?;
        from.get(turn.checked_rem(from.len())?)
    }
}

fn nobody() -> Error {
    let message = "There is no sample data for it to happen to.";
    Error::with(Code::StateConflict, message)
}

/// A sample client who is coached, another one as time goes on.
fn somebody(tx: &Tx<'_>, scene: &Scene) -> Result<ClientId> {
    let tenant = scene.caller.tenant;
    let mut active = Vec::new();
    for id in store::marked(tx, tenant, Kind::Client)? {
        let Some(id) = ClientId::parse(&id) else {
            continue;
        };
        let client = clients::store::find(tx, tenant, id)?;
        if client.is_some_and(|client| client.status == Status::Active) {
            active.push(id);
        }
    }
    scene.pick(&active).copied().ok_or_else(nobody)
}

fn check_in(tx: &Tx<'_>, scene: &Scene) -> Result<String> {
    let whose = (scene.caller.tenant, somebody(tx, scene)?);
    let when = (CheckinId::new(scene.now), scene.now);
    let id = check_ins::hand_in(tx, whose, when, check_ins::one_now())?;
    Ok(id.to_string())
}

fn failed_payment(tx: &Tx<'_>, scene: &Scene) -> Result<String> {
    let permit = home::permit(&scene.caller, scene.now)?;
    let client = somebody(tx, scene)?;
    Ok(money::decline(tx, &permit, (client, scene.now))?.to_string())
}

fn client_message(tx: &Tx<'_>, scene: &Scene) -> Result<String> {
    let (tenant, client) = (scene.caller.tenant, somebody(tx, scene)?);
    let line = scene.pick(LINES).ok_or_else(nobody)?;
    let origin = home::origin(scene.now);
    let message = messages::actions::receive(tx, tenant, &origin, client, line)?;
    Ok(message.id.to_string())
}

/// The first sample key, as one who calls with it.
fn key_caller(tx: &Tx<'_>, scene: &Scene) -> Result<Arc<Caller>> {
    let tenant = scene.caller.tenant;
    let ids = store::marked(tx, tenant, Kind::ApiKey)?;
    let id = ids.first().and_then(|id| KeyId::parse(id));
    let key = match id {
        Some(id) => api_keys::store::find(tx, tenant, id)?,
        None => None,
    };
    let key = key.ok_or_else(nobody)?;
    let key = PlannedKey {
        id: key.id,
        name: key.name,
    };
    Ok(traffic::with_key(&scene.caller, &key))
}

fn write(tx: &Tx<'_>, entries: Vec<Entry>) -> Result<String> {
    let counts = entries.iter().map(|entry| {
        let counted = Counted {
            tenant: entry.caller.tenant,
            key: entry.caller.credential.key_id(),
            hour: entry.created_at.as_ms().div_euclid(crate::clock::HOUR_MS),
            method: (entry.method == "GET").then_some("GET"),
            route: entry.route,
        };
        (counted, Counts::one(entry.status))
    });
    let counts = counts.collect();
    let last = entries.last().map(|entry| entry.id.to_string());
    requests::actions::write(tx, &Batch { entries, counts })?;
    last.ok_or_else(nobody)
}

fn rate_limit_burst(tx: &Tx<'_>, scene: &Scene) -> Result<String> {
    let caller = key_caller(tx, scene)?;
    let entries = (0..REFUSED).rev().map(|back| {
        let at = scene.now.plus_ms(-back * 50);
        traffic::entry(&caller, WILD, "", at, Some(Code::RateLimited))
    });
    write(tx, entries.collect())
}

fn failing_request(tx: &Tx<'_>, scene: &Scene) -> Result<String> {
    let caller = key_caller(tx, scene)?;
    let failed = traffic::entry(&caller, BROKEN, "", scene.now, Some(Code::InternalError));
    write(tx, vec![failed])
}

/// The sample webhook that goes to the test inbox, which is switched to 500, is told of a message.
fn dying_webhook(tx: &Tx<'_>, scene: &Scene) -> Result<String> {
    let tenant = scene.caller.tenant;
    let mut found = None;
    for id in store::marked(tx, tenant, Kind::Webhook)? {
        let webhook = match WebhookId::parse(&id) {
            Some(id) => webhooks::store::find(tx, tenant, id)?,
            None => None,
        };
        found = found.or(webhook.filter(|webhook| webhook.inbox));
    }
    let webhook = found.ok_or_else(nobody)?;
    let permit = home::permit::<WebhooksWrite>(&scene.caller, scene.now)?;
    inbox::actions::set_mood(tx, &permit, inbox::Mood::Error)?;
    client_message(tx, scene)?;
    Ok(webhook.id.to_string())
}
