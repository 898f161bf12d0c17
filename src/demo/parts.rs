//! The parts of the sample data: clients, their threads, keys.

use super::home;
use super::seed::{PlannedClient, PlannedKey, Seed};
use super::stories::{STORIES, Story, Turn};
use crate::access::api_keys::actions::{Draft, Switch};
use crate::access::api_keys::{self, NewKey, Retire};
use crate::api::etag::IfMatch;
use crate::app::Use;
use crate::caller::{ClientsWrite, KeysWrite, MessagesWrite, Mode, Scopes};
use crate::clients::actions::Step;
use crate::clients::{self, NewClient};
use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use crate::error::{Error, Result};
use crate::ids::{KeyId, MessageId};
use crate::messages::{self, Channel, NewMessage};
use crate::secrets::{TokenKind, generate};
use crate::values::{Email, TimeZone};

fn new_client(story: &Story) -> Result<NewClient> {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Ok(NewClient {
        name: story.name.to_owned(),
        email: Email::parse(story.email)
            .ok()
            .ok_or_else(|| Error::bug("a story without an address"))?,
        phone: None,
        timezone: TimeZone::parse(story.timezone).ok(),
        units: Some(story.units),
        goal: Some(story.goal.to_owned()),
        experience: Some(story.experience),
        days_per_week: Some(story.days_per_week),
        session_minutes: Some(story.session_minutes),
        equipment: Some(owned(story.equipment)),
        limitations: Some(story.limitations.to_vec()),
        tags: Some(owned(story.tags)),
        check_in_day: Some(story.check_in_day),
        coach_notes: Some(story.notes.to_owned()),
        external_id: None,
        metadata: None,
        send_invite: Some(matches!(story.turn, Turn::Invited | Turn::AskedAgain(_))),
    })
}

/// Clients, each where the story has led.
pub(super) fn clients(seed: &mut Seed<'_>) -> Result<()> {
    for story in STORIES {
        let minutes = i64::try_from(seed.chance.below(600)).unwrap_or(0);
        let added_at = seed
            .ago(story.added_days_ago, 0)
            .plus_ms(-minutes * MINUTE_MS);
        let permit = seed.permit::<ClientsWrite>(added_at)?;
        let draft = clients::actions::draft(seed.app, &permit, new_client(story)?)?;
        let client = draft.client.clone();
        let id = client.id;
        seed.at(added_at, move |tx| {
            clients::actions::create(tx, &permit, &draft)
        });
        let mut archived_at = None;
        match story.turn {
            Turn::Invited | Turn::Active => {}
            Turn::Paused(days) => take(seed, id, Step::Pause, seed.ago(days, 3))?,
            Turn::CameBack(from, until) => {
                take(seed, id, Step::Pause, seed.ago(from, 3))?;
                take(seed, id, Step::Resume, seed.ago(until, 1))?;
            }
            Turn::Left(days) => {
                let left_at = seed.ago(days, 2);
                archived_at = Some(left_at);
                take(seed, id, Step::Archive, left_at)?;
            }
            Turn::AskedAgain(days) => {
                let at = seed.ago(days, 4);
                let permit = seed.permit::<ClientsWrite>(at)?;
                let profile = clients::actions::draft(seed.app, &permit, new_client(story)?)?;
                let profile = profile.client.profile;
                let invitation = clients::actions::invite(seed.app, &permit, id, &profile)?;
                seed.at(at, move |tx| {
                    clients::actions::reinvite(tx, &permit, id, &invitation).map(drop)
                });
            }
        }
        seed.clients.push(PlannedClient {
            zone: TimeZone::parse(story.timezone).unwrap_or_else(|_| TimeZone::utc()),
            client,
            added_at,
            archived_at,
        });
    }
    Ok(())
}

fn take(seed: &mut Seed<'_>, id: crate::ids::ClientId, step: Step, at: Timestamp) -> Result<()> {
    let permit = seed.permit::<ClientsWrite>(at)?;
    let server_now = seed.app.clock.now();
    seed.at(at, move |tx| {
        clients::actions::step(tx, &permit, id, step, server_now).map(drop)
    });
    Ok(())
}

/// What coach and clients wrote to each other.
pub(super) fn messages(seed: &mut Seed<'_>) -> Result<()> {
    for (story, client) in STORIES.iter().zip(seed.clients.clone()) {
        for (place, (days, by_client, text)) in story.thread.iter().enumerate() {
            let minutes = i64::try_from(place).unwrap_or(0) * 47;
            let at = seed.ago(*days, 13).plus_ms(minutes * MINUTE_MS);
            let at = at.max(client.added_at.plus_ms(HOUR_MS));
            let gone = client.archived_at.is_some_and(|gone| at >= gone);
            if at > seed.now || gone {
                continue;
            }
            let id = client.client.id;
            if *by_client {
                let (tenant, origin) = (seed.caller.tenant, home::origin(at));
                seed.at(at, move |tx| {
                    messages::actions::receive(tx, tenant, &origin, id, text).map(drop)
                });
            } else {
                let permit = seed.permit::<MessagesWrite>(at)?;
                let new = NewMessage {
                    body: (*text).to_owned(),
                    channel: Some(Channel::App),
                };
                let message = MessageId::new(at);
                seed.at(at, move |tx| {
                    messages::actions::send(tx, &permit, id, message, new).map(drop)
                });
            }
        }
    }
    Ok(())
}

/// What becomes of a key.
enum Fate {
    /// It is used up to so many minutes ago.
    Used(i64),
    /// It is replaced so many hours ago, with a week of grace.
    Rotated(i64),
    /// It is switched off so many days ago.
    Disabled(i64),
    /// It ended by itself so many days ago.
    Expired(i64),
    /// It is revoked so many days ago.
    Revoked(i64),
}

const KEYS: &[(&str, &str, &str, i64, Fate)] = &[
    (
        "Website",
        "Shows free places and takes enquiries.",
        "clients:write messages:write",
        92,
        Fate::Used(7),
    ),
    (
        "Nightly sync",
        "Copies clients into the accounting sheet.",
        "clients:read events:read",
        75,
        Fate::Used(680),
    ),
    ("CRM", "The customer database.", "", 60, Fate::Rotated(20)),
    (
        "Automation trial",
        "Tried for a week.",
        "clients:read",
        50,
        Fate::Disabled(31),
    ),
    (
        "Contractor, spring",
        "For the designer of the website.",
        "clients:read",
        45,
        Fate::Expired(15),
    ),
    (
        "Laptop script",
        "Was committed by mistake.",
        "",
        33,
        Fate::Revoked(32),
    ),
];

fn draft(at: Timestamp) -> Result<Draft> {
    Ok(Draft {
        id: KeyId::new(at),
        plaintext: generate(TokenKind::KeyTest)?,
        now: at,
    })
}

/// Keys in every state.
pub(super) fn keys(seed: &mut Seed<'_>) -> Result<()> {
    for (name, description, scopes, days, fate) in KEYS {
        let made_at = seed.ago(*days, 5);
        let permit = seed.permit::<KeysWrite>(made_at)?;
        let new = NewKey {
            name: (*name).to_owned(),
            description: Some((*description).to_owned()),
            mode: Some(Mode::Test),
            scopes: (!scopes.is_empty()).then(|| Scopes::from_text(scopes)),
            expires_at: match fate {
                Fate::Expired(days) => Some(seed.ago(*days, 0)),
                Fate::Used(_) | Fate::Rotated(_) | Fate::Disabled(_) | Fate::Revoked(_) => None,
            },
            allowed_ips: None,
        };
        let drawn = draft(made_at)?;
        let id = drawn.id;
        seed.at(made_at, move |tx| {
            api_keys::actions::create(tx, &permit, &new, &drawn).map(drop)
        });
        plan_fate(seed, id, name, fate)?;
        let name = (*name).to_owned();
        seed.keys.push(PlannedKey { id, name });
    }
    Ok(())
}

fn plan_fate(seed: &mut Seed<'_>, id: KeyId, name: &str, fate: &Fate) -> Result<()> {
    match fate {
        Fate::Used(minutes) => {
            let at = seed.now.plus_ms(-minutes * MINUTE_MS);
            let used = Use {
                tenant: seed.caller.tenant,
                key: id,
                at,
                address: Some(std::net::Ipv4Addr::new(203, 0, 113, 7).into()),
            };
            seed.at(at, move |tx| api_keys::actions::write_uses(tx, &[used]));
        }
        Fate::Rotated(hours) => {
            let at = seed.now.plus_ms(-hours * HOUR_MS);
            let permit = seed.permit::<KeysWrite>(at)?;
            let successor = draft(at)?;
            let name = name.to_owned();
            seed.keys.push(PlannedKey {
                id: successor.id,
                name,
            });
            seed.at(at, move |tx| {
                let retire = Retire::After(7 * DAY_MS);
                api_keys::actions::rotate(tx, &permit, id, retire, &successor).map(drop)
            });
        }
        Fate::Disabled(days) => {
            let at = seed.ago(*days, 0);
            let permit = seed.permit::<KeysWrite>(at)?;
            seed.at(at, move |tx| {
                api_keys::actions::set_disabled(tx, &permit, id, at, Switch::Off).map(drop)
            });
        }
        Fate::Expired(_) => {}
        Fate::Revoked(days) => {
            let at = seed.ago(*days, 0);
            let permit = seed.permit::<KeysWrite>(at)?;
            seed.at(at, move |tx| {
                let any = IfMatch::default();
                api_keys::actions::revoke(tx, &permit, id, &any, at).map(drop)
            });
        }
    }
    Ok(())
}
