//! A program as its client goes through it: weeks of days, and what became of each session.

use std::collections::BTreeMap;

use crate::ids::WorkoutLogId;
use crate::programs::Program;
use crate::programs::model::{Block, BlockKind};
use crate::values::Date;
use crate::workouts::{LogStatus, Place};

/// One run of a cycle.
#[derive(Clone, Debug)]
pub struct Week {
    /// Its number in the program, from 1.
    pub number: u32,
    /// What its block is called.
    pub block_name: Option<String>,
    /// What its block is for.
    pub block_kind: Option<BlockKind>,
    /// Its first day and its last, if the program has a start.
    pub days: Option<(Date, Date)>,
    /// Its sessions, in the order of the days.
    pub sessions: Vec<Planned>,
}

impl Week {
    /// Whether a day is in it.
    pub fn holds(&self, day: Date) -> bool {
        self.days
            .is_some_and(|(first, last)| (first..=last).contains(&day))
    }
}

/// A session on its day.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its place in the program.
    pub place: Place,
    /// The number of its week in the program, from 1.
    pub week: u32,
    /// The day that it is meant for, if the program has a start.
    pub scheduled_on: Option<Date>,
    /// What it is called.
    pub name: String,
    /// How long it is meant to take.
    pub minutes: Option<u16>,
    /// True in a deload.
    pub deload: bool,
    /// The last log of it.
    pub log: Option<(WorkoutLogId, LogStatus)>,
}

impl Planned {
    /// Where it stands on a day: what became of it, or `due` (today), `open` (earlier) or `planned`.
    pub fn standing(&self, today: Date) -> &'static str {
        if let Some((_, status)) = self.log {
            return status.name();
        }
        match self.scheduled_on {
            Some(day) if day == today => "due",
            Some(day) if day < today => "open",
            _ => "planned",
        }
    }
}

/// The weeks of a program, with the last log of each session.
pub fn weeks(
    program: &Program,
    blocks: &[Block],
    logged: &[(Place, WorkoutLogId, LogStatus)],
) -> Vec<Week> {
    // A later log of a session takes the place of an earlier one.
    let logs: BTreeMap<Place, (WorkoutLogId, LogStatus)> = logged
        .iter()
        .map(|(place, id, status)| (*place, (*id, *status)))
        .collect();
    let mut weeks = Vec::new();
    let (mut number, mut first) = (0, program.start_date);
    for (of_block, block) in (1..).zip(blocks) {
        let days = i64::from(block.cycle_days());
        for week in 1..=block.weeks() {
            number += 1;
            let sessions = (1..).zip(block.week(week)).map(|(session, (day, index))| {
                let place = Place {
                    block: of_block,
                    week,
                    session,
                };
                let written = block.sessions.get(index);
                let name = written.and_then(|session| session.name.clone());
                Planned {
                    place,
                    week: number,
                    scheduled_on: first.map(|first| first.plus_days(i64::from(day) - 1)),
                    name: name.unwrap_or_else(|| format!("Session {session}")),
                    minutes: written.and_then(|session| session.minutes),
                    deload: block.is_deload(),
                    log: logs.get(&place).copied(),
                }
            });
            weeks.push(Week {
                number,
                block_name: block.name.clone(),
                block_kind: block.kind,
                days: first.map(|first| (first, first.plus_days(days - 1))),
                sessions: sessions.collect(),
            });
            first = first.map(|first| first.plus_days(days));
        }
    }
    weeks
}

/// What there is to do on a day.
#[derive(Clone, Debug, Default)]
pub struct Agenda<'w> {
    /// The session of the day: the first that is not logged, or else the last that is.
    pub session: Option<&'w Planned>,
    /// Sessions of this week whose day has passed, and that are not logged.
    pub open: Vec<&'w Planned>,
    /// The next session after this day.
    pub next: Option<&'w Planned>,
}

/// What there is to do on a day.
pub fn agenda(weeks: &[Week], today: Date) -> Agenda<'_> {
    let all = || weeks.iter().flat_map(|week| &week.sessions);
    let of_today = |planned: &&Planned| planned.scheduled_on == Some(today);
    let waits = |planned: &&Planned| planned.log.is_none();
    let this_week = weeks.iter().filter(|week| week.holds(today));
    Agenda {
        session: all()
            .filter(of_today)
            .find(waits)
            .or_else(|| all().rfind(of_today)),
        open: this_week
            .flat_map(|week| &week.sessions)
            .filter(|planned| planned.standing(today) == "open")
            .collect(),
        next: all().find(|planned| planned.standing(today) == "planned"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::ids::{ClientId, ProgramId};
    use crate::programs::Status;
    use crate::programs::model::{Cycles, Session};

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    /// Two weeks of sessions on day 1 and day 3, from Monday, the first of June.
    fn program() -> (Program, Vec<Block>) {
        let session = |day| Session {
            day: Some(day),
            ..Session::default()
        };
        let blocks = vec![Block {
            weeks: Some(2),
            sessions: vec![session(3), session(1)],
            ..Block::default()
        }];
        let now = Timestamp::default();
        let program = Program {
            id: ProgramId::new(now),
            client_id: ClientId::new(now),
            status: Status::Active,
            name: "P".to_owned(),
            notes: None,
            goal: None,
            start_date: Some(date("2026-06-01")),
            cycles: Cycles::of(&blocks),
            template_id: None,
            metadata: Vec::new(),
            generated: false,
            activated_at: Some(now),
            completed_at: None,
            archived_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        (program, blocks)
    }

    fn place(week: u16, session: u16) -> Place {
        Place {
            block: 1,
            week,
            session,
        }
    }

    fn on(day: &str, logged: &[(Place, LogStatus)]) -> (Option<Place>, Vec<Place>, Option<Place>) {
        let (program, blocks) = program();
        let id = WorkoutLogId::new(Timestamp::default());
        let logged: Vec<_> = logged
            .iter()
            .map(|(place, status)| (*place, id, *status))
            .collect();
        let weeks = weeks(&program, &blocks, &logged);
        let agenda = agenda(&weeks, date(day));
        let place = |planned: &Planned| planned.place;
        (
            agenda.session.map(place),
            agenda.open.into_iter().map(place).collect(),
            agenda.next.map(place),
        )
    }

    #[test]
    fn the_session_of_a_day_is_the_one_that_is_meant_for_it() {
        assert_eq!(
            on("2026-06-01", &[]),
            (Some(place(1, 1)), vec![], Some(place(1, 2)))
        );
        assert_eq!(
            on("2026-06-10", &[]),
            (Some(place(2, 2)), vec![place(2, 1)], None)
        );
        assert_eq!(on("2026-05-31", &[]), (None, vec![], Some(place(1, 1))));
        assert_eq!(on("2026-06-15", &[]), (None, vec![], None));
    }

    #[test]
    fn what_was_not_done_stays_open_until_the_week_ends() {
        assert_eq!(
            on("2026-06-02", &[]),
            (None, vec![place(1, 1)], Some(place(1, 2)))
        );
        let excused = [(place(1, 1), LogStatus::Excused)];
        assert_eq!(
            on("2026-06-02", &excused),
            (None, vec![], Some(place(1, 2)))
        );
        assert_eq!(
            on("2026-06-08", &[]),
            (Some(place(2, 1)), vec![], Some(place(2, 2)))
        );
    }

    #[test]
    fn a_session_that_was_done_is_still_that_of_the_day_and_one_that_was_done_early_is_not_next() {
        let done = [
            (place(1, 1), LogStatus::Done),
            (place(1, 2), LogStatus::Done),
        ];

        assert_eq!(
            on("2026-06-01", &done),
            (Some(place(1, 1)), vec![], Some(place(2, 1)))
        );
    }
}
