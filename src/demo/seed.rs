//! How sample data is put together: parts plan steps, and the steps are carried out in order of time.

use std::sync::Arc;

use super::home;
use super::hooks;
use super::parts;
use super::traffic;
use crate::app::App;
use crate::caller::{Access, Caller, Permit};
use crate::clock::{DAY_MS, HOUR_MS, Timestamp};
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{ClientId, KeyId, WebhookId};

/// A part of the sample data.
pub struct Part {
    /// What it is called.
    pub name: &'static str,
    /// Plans its steps. It may look at what the parts before it have planned.
    pub plan: fn(&mut Seed<'_>) -> Result<()>,
}

/// Every part, in the order in which they are planned. Each feature adds its own.
pub const PARTS: &[Part] = &[
    Part {
        name: "clients",
        plan: parts::clients,
    },
    Part {
        name: "messages",
        plan: parts::messages,
    },
    Part {
        name: "keys",
        plan: parts::keys,
    },
    Part {
        name: "calls",
        plan: traffic::calls,
    },
    // The last: it tells of what the others have planned.
    Part {
        name: "webhooks",
        plan: hooks::webhooks,
    },
];

/// What a step does, in the transaction that makes all of the sample data.
pub type Run = Box<dyn FnOnce(&Tx<'_>) -> Result<()> + Send>;

/// Something that happens at a time of the tenant.
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// What.
    pub run: Run,
}

/// A client that is planned.
#[derive(Clone, Copy, Debug)]
pub struct PlannedClient {
    /// The id.
    pub id: ClientId,
    /// When the client is added.
    pub added_at: Timestamp,
    /// When the client is archived, if that happens.
    pub archived_at: Option<Timestamp>,
}

/// A key that is planned.
#[derive(Clone, Debug)]
pub struct PlannedKey {
    /// The id.
    pub id: KeyId,
    /// The name.
    pub name: String,
}

/// Sample data that is being planned.
pub struct Seed<'a> {
    /// The program.
    pub app: &'a App,
    /// Who does it all: the coach, in the test tenant.
    pub caller: Arc<Caller>,
    /// The tenant's time.
    pub now: Timestamp,
    /// Chance, the same each time.
    pub chance: Chance,
    /// The clients so far, in the order of their stories.
    pub clients: Vec<PlannedClient>,
    /// The keys so far.
    pub keys: Vec<PlannedKey>,
    /// The webhooks so far.
    pub webhooks: Vec<WebhookId>,
    steps: Vec<Step>,
}

/// Sample data that is ready to be written.
pub struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) clients: Vec<ClientId>,
    pub(super) keys: Vec<KeyId>,
    pub(super) webhooks: Vec<WebhookId>,
}

/// Plans all parts. Draws secrets and seals mail, so it is done before the write.
pub fn plan(app: &App, caller: Arc<Caller>, now: Timestamp) -> Result<Plan> {
    let mut seed = Seed {
        app,
        caller,
        now,
        chance: Chance(20_260_603),
        clients: Vec::new(),
        keys: Vec::new(),
        webhooks: Vec::new(),
        steps: Vec::new(),
    };
    for part in PARTS {
        (part.plan)(&mut seed)?;
    }
    let mut steps = seed.steps;
    // Stable: what happens at the same moment happens in the order in which it was planned.
    steps.sort_by_key(|step| step.at);
    Ok(Plan {
        steps,
        clients: seed.clients.iter().map(|client| client.id).collect(),
        keys: seed.keys.iter().map(|key| key.id).collect(),
        webhooks: seed.webhooks,
    })
}

impl Seed<'_> {
    /// Some days and hours before now.
    pub fn ago(&self, days: i64, hours: i64) -> Timestamp {
        self.now.plus_ms(-(days * DAY_MS + hours * HOUR_MS))
    }

    /// The coach's right to act at a time.
    pub fn permit<A: Access>(&self, at: Timestamp) -> Result<Permit<A>> {
        home::permit(&self.caller, at)
    }

    /// When something happens of what is planned so far, each moment once.
    pub fn moments(&self) -> Vec<Timestamp> {
        let mut moments: Vec<_> = self.steps.iter().map(|step| step.at).collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// Plans a step.
    pub fn at(&mut self, at: Timestamp, run: impl FnOnce(&Tx<'_>) -> Result<()> + Send + 'static) {
        let run = Box::new(run);
        self.steps.push(Step { at, run });
    }
}

/// A sequence of numbers that looks like chance and is the same each time (`SplitMix64`).
#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    /// A number below `bound`, which is above nought.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// One of several.
    pub fn pick<'s, T>(&mut self, from: &'s [T]) -> Option<&'s T> {
        let most = u64::try_from(from.len()).ok().filter(|most| *most > 0)?;
        from.get(usize::try_from(self.below(most)).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_the_same_each_time_and_reaches_all() {
        let draw = || {
            let mut chance = Chance(1);
            (0..1_000).map(|_| chance.below(10)).collect::<Vec<_>>()
        };

        assert_eq!(draw(), draw());
        let mut seen = draw();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (0..10).collect::<Vec<_>>());
        assert_eq!(Chance(1).pick::<u8>(&[]), None);
    }
}
