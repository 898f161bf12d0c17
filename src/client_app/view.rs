//! What a client sees: read for one client, whose id comes with the session.

use std::collections::HashMap;

use super::body::{
    AppExerciseBody, AppGroupBody, AppSessionBody, LastTimeBody, NamedExerciseBody,
    PlannedSessionBody,
};
use super::plan::{self, Week};
use crate::api::route::ClientCaller;
use crate::check_ins::forms::{self, Form};
use crate::check_ins::{self, Whole};
use crate::clients::{self, Client};
use crate::clock::{DAY_MS, Timestamp};
use crate::db::Reader;
use crate::error::{Error, Result};
use crate::exercises;
use crate::exercises::catalogue::Catalogue;
use crate::ids::CheckinId;
use crate::programs::model::{Block, Session};
use crate::programs::{self, Program, today_of};
use crate::values::{Date, TimeZone};
use crate::workouts::{self, Place, WorkoutLog};

/// For so long a reply to a check-in stands among what there is to do.
const LATELY_MS: i64 = 4 * DAY_MS;
/// Logs that are looked through for what was done last time.
const LOOKED_THROUGH: u32 = 60;

/// A client on a day.
#[derive(Debug)]
pub struct Own {
    /// The client.
    pub client: Client,
    /// The day that it is for the client.
    pub today: Date,
    /// Where the client is.
    pub zone: TimeZone,
}

/// The client who asks.
pub fn own(conn: &Reader, caller: &ClientCaller, now: Timestamp) -> Result<Own> {
    let client = clients::store::find(conn, caller.tenant, caller.client_id)?;
    let client = client.ok_or_else(Error::not_found)?;
    let zone = client.profile.timezone.as_deref();
    let zone = TimeZone::parse(zone.unwrap_or(&caller.timezone));
    Ok(Own {
        today: today_of(&client, &caller.timezone, now),
        zone: zone.unwrap_or_else(|_| TimeZone::utc()),
        client,
    })
}

/// The program that a client follows.
#[derive(Debug)]
pub struct Followed {
    /// The program.
    pub program: Program,
    /// What it is made of.
    pub blocks: Vec<Block>,
    /// Its weeks, with what became of each session.
    pub weeks: Vec<Week>,
}

/// The program that a client follows; drafts are none.
pub fn followed(conn: &Reader, caller: &ClientCaller) -> Result<Option<Followed>> {
    let (tenant, client) = (caller.tenant, caller.client_id);
    let Some(whole) = programs::store::find_active(conn, tenant, client)? else {
        return Ok(None);
    };
    let blocks: Vec<Block> = serde_json::from_str(&whole.blocks).map_err(Error::internal)?;
    let program = whole.program;
    let logged = workouts::store::of_program(conn, tenant, client, program.id)?;
    let weeks = plan::weeks(&program, &blocks, &logged);
    Ok(Some(Followed {
        program,
        blocks,
        weeks,
    }))
}

/// What there is to do today.
#[derive(Debug)]
pub struct Today {
    /// The client.
    pub own: Own,
    /// The program.
    pub followed: Option<Followed>,
    /// The session of the day.
    pub session: Option<AppSessionBody>,
    /// What was logged of it.
    pub log: Option<WorkoutLog>,
    /// Sessions of this week that wait.
    pub open: Vec<PlannedSessionBody>,
    /// The next session after today.
    pub next: Option<PlannedSessionBody>,
    /// The check-in that a schedule asks for now.
    pub checkin: Option<Whole>,
    /// The last check-in, if the coach has answered it lately.
    pub answered: Option<Whole>,
    /// Messages of the coach that were not read.
    pub unread: u32,
}

/// What there is to do today.
pub fn today(conn: &Reader, caller: &ClientCaller, now: Timestamp) -> Result<Today> {
    let own = own(conn, caller, now)?;
    let followed = followed(conn, caller)?;
    let today = own.today;
    let (mut session, mut log, mut open, mut next) = (None, None, Vec::new(), None);
    if let Some(followed) = &followed {
        let agenda = plan::agenda(&followed.weeks, today);
        if let Some(planned) = agenda.session {
            session = self::session(conn, caller, followed, planned.place, today)?;
            log = match planned.log {
                Some((id, _)) => workouts::store::find(conn, caller.tenant, caller.client_id, id)?,
                None => None,
            };
        }
        let shown = |planned| PlannedSessionBody::of(planned, today);
        open = agenda.open.into_iter().map(shown).collect();
        next = agenda.next.map(shown);
    }
    let lately = now.plus_ms(-LATELY_MS);
    let last = check_ins::store::recent(conn, caller.tenant, caller.client_id, 1)?;
    let answered = last.into_iter().find(|checkin| {
        checkin.reply.is_some() && checkin.reviewed_at.is_some_and(|at| at > lately)
    });
    let whole = |checkin| check_ins::store::whole(conn, caller.tenant, checkin);
    Ok(Today {
        checkin: asked(conn, caller, now)?,
        answered: answered.map(whole).transpose()?,
        unread: crate::messages::store::unread(conn, caller.tenant, caller.client_id)?,
        own,
        followed,
        session,
        log,
        open,
        next,
    })
}

/// The check-in that a schedule asks a client for now.
pub fn asked(conn: &Reader, caller: &ClientCaller, now: Timestamp) -> Result<Option<Whole>> {
    let open = check_ins::store::open(conn, caller.tenant, caller.client_id, now)?;
    let whole = |checkin| check_ins::store::whole(conn, caller.tenant, checkin);
    open.map(whole).transpose()
}

/// The form that a check-in is answered with: the one that was asked with, or else the default.
pub fn form(conn: &Reader, caller: &ClientCaller, asked: Option<&Whole>) -> Result<Form> {
    let tenant = caller.tenant;
    let named = asked.and_then(|whole| whole.checkin.form);
    if let Some(named) = named
        && let Some(form) = forms::store::find_version(conn, tenant, named.id, named.version)?
    {
        return Ok(form);
    }
    let default = forms::store::find(conn, tenant, forms::default_id(tenant))?;
    Ok(default.unwrap_or_else(|| forms::built_in(tenant)))
}

/// One check-in of the client's own.
pub fn checkin(conn: &Reader, caller: &ClientCaller, id: CheckinId) -> Result<Whole> {
    let found = check_ins::store::find(conn, caller.tenant, id)?;
    let own = found.filter(|checkin| checkin.client_id == caller.client_id);
    check_ins::store::whole(conn, caller.tenant, own.ok_or_else(Error::not_found)?)
}

/// A session of the program with the names of its exercises and what was done last time.
pub fn session(
    conn: &Reader,
    caller: &ClientCaller,
    followed: &Followed,
    place: Place,
    today: Date,
) -> Result<Option<AppSessionBody>> {
    let mut all = followed.weeks.iter().flat_map(|week| &week.sessions);
    let planned = all.find(|planned| planned.place == place);
    let Some((planned, written)) = planned.zip(place.within(&followed.blocks)) else {
        return Ok(None);
    };
    let names = Names::of(conn, caller, written)?;
    // What was logged of this very session is no last time.
    let own_log = planned.log.map(|(id, _)| id);
    let logs = recent(conn, caller)?;
    let last = |slug: &str| {
        let mut past = logs.iter().filter(|log| Some(log.id) != own_log);
        past.find_map(|log| last_of(log, slug))
    };
    let groups = written.groups.iter().map(|group| {
        let exercises = group.prescriptions.iter().map(|written| {
            let alternates = written.alternates.iter().flatten();
            let other = |slug: &String| NamedExerciseBody {
                exercise: slug.clone(),
                name: names.name(slug),
            };
            let (name, cue) = (names.name(&written.exercise), names.cue(&written.exercise));
            let last = last(&written.exercise);
            AppExerciseBody::of(written, (name, cue), alternates.map(other).collect(), last)
        });
        AppGroupBody::of(group, exercises.collect())
    });
    Ok(Some(AppSessionBody {
        object: "app_session",
        livemode: caller.tenant.mode().is_live(),
        program_id: followed.program.id,
        planned: PlannedSessionBody::of(planned, today),
        notes: written.notes.clone(),
        groups: groups.collect(),
    }))
}

/// The last trainings of a client.
pub fn recent(conn: &Reader, caller: &ClientCaller) -> Result<Vec<WorkoutLog>> {
    let everything = workouts::store::Filter::default();
    let (tenant, client) = (caller.tenant, caller.client_id);
    workouts::store::page(conn, tenant, client, &everything, None, LOOKED_THROUGH)
}

/// What was done of an exercise in a training, if anything was.
fn last_of(log: &WorkoutLog, slug: &str) -> Option<LastTimeBody> {
    let mut logged = log.content.exercises.iter();
    let logged = logged.find(|logged| logged.exercise == slug)?;
    let done = logged
        .sets
        .iter()
        .filter(|set| set.skipped_reason.is_none());
    let sets: Vec<_> = done.cloned().collect();
    (!sets.is_empty()).then_some(LastTimeBody {
        performed_on: log.performed_on,
        workout_log_id: log.id,
        sets,
    })
}

/// What exercises are called: those of the catalogue, and the coach's own.
#[derive(Debug)]
pub struct Names(HashMap<String, (String, Option<String>)>);

impl Names {
    /// The names that a session needs.
    fn of(conn: &Reader, caller: &ClientCaller, session: &Session) -> Result<Self> {
        let written = session.groups.iter().flat_map(|group| &group.prescriptions);
        let slugs = written.flat_map(|written| {
            let alternates = written.alternates.iter().flatten();
            std::iter::once(&written.exercise).chain(alternates)
        });
        Self::read(conn, caller, slugs.map(String::as_str))
    }

    /// The names of some exercises.
    pub fn read<'s>(
        conn: &Reader,
        caller: &ClientCaller,
        slugs: impl Iterator<Item = &'s str>,
    ) -> Result<Self> {
        let mut names = HashMap::new();
        for slug in slugs.filter(|slug| Catalogue::embedded().get(slug).is_none()) {
            if !names.contains_key(slug)
                && let Some(own) = exercises::store::find(conn, caller.tenant, slug)?
            {
                let known = (own.exercise.name, own.exercise.cue);
                names.insert(slug.to_owned(), known);
            }
        }
        Ok(Self(names))
    }

    /// What an exercise is called; one that is gone, by its slug.
    pub fn name(&self, slug: &str) -> String {
        let known = Catalogue::embedded().get(slug);
        known
            .map(|exercise| exercise.name.clone())
            .or_else(|| self.0.get(slug).map(|(name, _)| name.clone()))
            .unwrap_or_else(|| slug.replace('-', " "))
    }

    fn cue(&self, slug: &str) -> Option<String> {
        let known = Catalogue::embedded().get(slug);
        known
            .map(|exercise| exercise.cue.clone())
            .or_else(|| self.0.get(slug).map(|(_, cue)| cue.clone()))
            .flatten()
    }
}
