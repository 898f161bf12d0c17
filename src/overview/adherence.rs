//! How well a client follows the plan: what was done of what was due.
//!
//! A session is due on its day of the cycle, counted from the start of its program, while the program
//! was followed; today's counts once it is logged. On which day it was done does not matter. Left out
//! are excused sessions and those of a deload. A session that was done in part counts half.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Tenant;
use crate::clients::Client;
use crate::db::Reader;
use crate::error::{Error, Result};
use crate::ids::{ClientId, ProgramId};
use crate::programs::model::Block;
use crate::programs::{self, Program, WholeProgram, day_in};
use crate::values::{Date, TimeZone};
use crate::workouts::{self, LogStatus, Place};

/// The windows, in days.
pub const WINDOWS: [i64; 3] = [7, 30, 90];

/// A session of a plan on its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The day.
    pub day: Date,
    /// The program.
    pub program: ProgramId,
    /// The place in it.
    pub place: Place,
    /// True in a deload.
    pub deload: bool,
}

/// How much was done within some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Window {
    /// How many days, today included.
    pub days: i64,
    /// The first of them.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The last of them.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// Sessions that were due.
    pub due: u32,
    /// Of these, done.
    pub done: u32,
    /// Of these, done in part.
    pub partial: u32,
    /// Of these, neither.
    pub missed: u32,
    /// Sessions that were excused, and are not due.
    pub excused: u32,
    /// Done of due, a part counting half, in percent; null if nothing was due.
    pub percent: Option<u32>,
}

/// A session is looked for among what was done so many days before its program began, and later: whoever
/// was that early did something else.
const EARLY_DAYS: i64 = 31;

/// How well a client follows the plan, on the day that it is for the client.
pub fn of_client(
    conn: &Reader,
    tenant: Tenant,
    client: &Client,
    zone: &str,
    today: Date,
) -> Result<Vec<Window>> {
    let longest = WINDOWS.iter().max().copied().unwrap_or_default();
    let from = today.plus_days(1 - longest);
    let followed = followed(conn, tenant, client.id, from)?;
    let zone = client.profile.timezone.as_deref().unwrap_or(zone);
    let course = Course::read(conn, tenant, (client.id, zone), &followed, (from, today))?;
    Ok(WINDOWS.map(|days| course.window(days, today)).to_vec())
}

/// The programs that a client follows, or has followed on a day or later.
pub fn followed(
    conn: &Reader,
    tenant: Tenant,
    client: ClientId,
    from: Date,
) -> Result<Vec<WholeProgram>> {
    // Two days more, whatever the time zone.
    let since = TimeZone::utc().instant(from.plus_days(-2), 0);
    programs::store::followed(conn, tenant, client, since)
}

/// What was planned for a client, and what became of it.
#[derive(Debug, Default)]
pub struct Course {
    planned: Vec<Planned>,
    logged: BTreeMap<(ProgramId, Place), LogStatus>,
}

impl Course {
    /// What was planned up to `today` by the programs that were still followed on the day `from`.
    /// `zone` is the client's.
    pub fn read(
        conn: &Reader,
        tenant: Tenant,
        (client, zone): (ClientId, &str),
        followed: &[WholeProgram],
        (from, today): (Date, Date),
    ) -> Result<Self> {
        let mut course = Self::default();
        let mut first: Option<Date> = None;
        for whole in followed {
            let program = &whole.program;
            let until = followed_until(program, zone, today);
            let Some(until) = until.filter(|until| *until >= from) else {
                continue;
            };
            let blocks: Vec<Block> =
                serde_json::from_str(&whole.blocks).map_err(Error::internal)?;
            course.planned.extend(planned(program, &blocks, until));
            // A start that was put off does not make undone what was done before it.
            let made = day_in(zone, program.created_at);
            let begins = program.start_date.map_or(made, |start| start.min(made));
            first = Some(first.map_or(begins, |first| first.min(begins)));
        }
        if let Some(first) = first {
            let first = first.plus_days(-EARLY_DAYS);
            let logged = workouts::store::planned(conn, tenant, client, first)?;
            course.logged = logged.into_iter().collect();
        }
        Ok(course)
    }

    /// What was done in the days that end today.
    pub fn window(&self, days: i64, today: Date) -> Window {
        let from = today.plus_days(1 - days);
        let mut window = Window {
            days,
            from,
            to: today,
            due: 0,
            done: 0,
            partial: 0,
            missed: 0,
            excused: 0,
            percent: None,
        };
        for session in self
            .planned
            .iter()
            .filter(|session| (from..=today).contains(&session.day))
        {
            let status = self.logged.get(&(session.program, session.place));
            let not_yet = session.day == today && status.is_none();
            if session.deload || not_yet {
                continue;
            }
            match status {
                Some(LogStatus::Excused) => window.excused += 1,
                Some(LogStatus::Done) => window.done += 1,
                Some(LogStatus::Partial) => window.partial += 1,
                Some(LogStatus::Missed) | None => window.missed += 1,
            }
        }
        window.due = window.done + window.partial + window.missed;
        let halves = 2 * window.done + window.partial;
        window.percent = (window.due > 0).then(|| (halves * 50 + window.due / 2) / window.due);
        window
    }
}

/// The sessions of a program up to a day.
pub fn planned(program: &Program, blocks: &[Block], last: Date) -> Vec<Planned> {
    let Some(start) = program.start_date else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut first = start;
    for (number, block) in (1..).zip(blocks) {
        for week in 1..=block.weeks() {
            for (session, (day, _)) in (1..).zip(block.week(week)) {
                let day = first.plus_days(i64::from(day) - 1);
                let place = Place {
                    block: number,
                    week,
                    session,
                };
                let deload = block.is_deload();
                found.push(Planned {
                    day,
                    program: program.id,
                    place,
                    deload,
                });
            }
            first = first.plus_days(i64::from(block.cycle_days()));
            if first > last {
                found.retain(|planned| planned.day <= last);
                return found;
            }
        }
    }
    found.retain(|planned| planned.day <= last);
    found
}

/// The last day that a program was followed, if it was.
fn followed_until(program: &Program, zone: &str, today: Date) -> Option<Date> {
    program.activated_at?;
    let end = program.completed_at.or(program.archived_at);
    // On the day that it ended its session was not due any more.
    let end = end.map(|end| day_in(zone, end).plus_days(-1));
    Some(end.map_or(today, |end| end.min(today)))
}
