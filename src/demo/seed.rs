//! How sample data is put together: parts plan steps, and the steps are carried out in order of time.

use std::sync::Arc;

use super::actions::Marks;
use super::check_ins;
use super::filling::Filled;
use super::home;
use super::hooks;
use super::money;
use super::parts;
use super::pictures;
use super::store::Kind;
use super::traffic;
use super::training;
use crate::app::App;
use crate::caller::{Access, Caller, Permit};
use crate::clients::Client;
use crate::clock::{DAY_MS, HOUR_MS, Timestamp};
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{KeyId, WebhookId};
use crate::values::{Date, TimeZone};

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
        name: "templates",
        plan: training::templates,
    },
    Part {
        name: "training",
        plan: training::training,
    },
    Part {
        name: "check-in schedules",
        plan: check_ins::schedules,
    },
    Part {
        name: "check-ins",
        plan: check_ins::check_ins,
    },
    Part {
        name: "photos",
        plan: pictures::photos,
    },
    Part {
        name: "payments",
        plan: money::payments,
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
#[derive(Clone, Debug)]
pub struct PlannedClient {
    /// The client as added.
    pub client: Client,
    /// Where the client lives.
    pub zone: TimeZone,
    /// When the client is added.
    pub added_at: Timestamp,
    /// When the client is archived, if that happens.
    pub archived_at: Option<Timestamp>,
}

impl PlannedClient {
    /// The day that it is for the client.
    pub fn day(&self, time: Timestamp) -> Date {
        Date::at(time, &self.zone)
    }

    /// A time of the client's day; where summer time leaves it out, the one after it.
    pub fn at(&self, day: Date, hour: i8, minute: i8) -> Timestamp {
        let local = day.civil().at(hour, minute, 0, 0);
        let time = self.zone.rules().to_timestamp(local).unwrap_or_default();
        Timestamp::from_ms(time.as_millisecond())
    }
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
    /// What else there is that belongs to no client.
    pub marks: Marks,
    /// What there is so far.
    pub filled: Filled,
    steps: Vec<Step>,
}

/// Sample data that is ready to be written.
pub struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) marks: Marks,
    pub(super) filled: Filled,
}

/// Plans all parts. Draws secrets and seals mail, so it is done before the write.
pub fn plan(app: &App, caller: Arc<Caller>, now: Timestamp) -> Result<Plan> {
    let mut seed = Seed {
        app,
        caller,
        now,
        chance: Chance::of(""),
        clients: Vec::new(),
        keys: Vec::new(),
        webhooks: Vec::new(),
        marks: Marks::new(),
        filled: Filled::default(),
        steps: Vec::new(),
    };
    for part in PARTS {
        // Each part has its own chance, so that what one draws is nothing to the others.
        seed.chance = Chance::of(part.name);
        (part.plan)(&mut seed)?;
    }
    let mut steps = seed.steps;
    // Stable: what happens at the same moment happens in the order in which it was planned.
    steps.sort_by_key(|step| step.at);
    let clients = seed.clients.iter().map(|client| client.client.id);
    let clients = clients.map(|id| (Kind::Client, id.to_string()));
    let keys = seed.keys.iter();
    let keys = keys.map(|key| (Kind::ApiKey, key.id.to_string()));
    let webhooks = seed.webhooks.iter();
    let webhooks = webhooks.map(|id| (Kind::Webhook, id.to_string()));
    let filled = Filled {
        clients: seed.clients.len(),
        keys: seed.keys.len(),
        webhooks: seed.webhooks.len(),
        ..seed.filled
    };
    Ok(Plan {
        steps,
        marks: clients
            .chain(keys)
            .chain(webhooks)
            .chain(seed.marks)
            .collect(),
        filled,
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
    /// That of a name.
    pub fn of(name: &str) -> Self {
        let mixed = name.bytes().fold(20_260_603_u64, |mixed, byte| {
            mixed.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
        });
        Self(mixed)
    }

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
