//! The part of the sample data that tells of training: programs, what was done of them, templates.

use std::collections::BTreeMap;

use super::courses::{Course, Shape};
use super::performed::{self, Day};
use super::seed::{Chance, PlannedClient, Seed};
use super::store::Kind;
use super::stories::{STORIES, Story, Turn};
use crate::api::etag::IfMatch;
use crate::caller::{ClientsWrite, ProgramsWrite};
use crate::clients;
use crate::clock::{HOUR_MS, Timestamp};
use crate::error::Result;
use crate::exercises::catalogue::Level;
use crate::ids::{ProgramId, TemplateId, WorkoutLogId};
use crate::overview::adherence;
use crate::programs::actions::Prepared;
use crate::programs::generator::policy::{Goal, Limitation};
use crate::programs::generator::{self, History, Plan};
use crate::programs::templates::{self, Template};
use crate::programs::{self, Activation, NewProgram, Program, Status, WholeProgram, wish};
use crate::values::Date;
use crate::workouts;

/// Templates: name, goal, experience, days a week, minutes, equipment.
const TEMPLATES: &[(&str, Goal, Level, u32, u32, &str)] = &[
    (
        "Full body, three days",
        Goal::General,
        Level::Beginner,
        3,
        45,
        "full_gym",
    ),
    (
        "Upper and lower, four days",
        Goal::Hypertrophy,
        Level::Intermediate,
        4,
        60,
        "full_gym",
    ),
    (
        "On the road: no equipment",
        Goal::General,
        Level::Beginner,
        3,
        30,
        "bodyweight",
    ),
];

/// Templates to begin with.
pub(super) fn templates(seed: &mut Seed<'_>) -> Result<()> {
    for (place, (name, goal, level, days, minutes, equipment)) in (0..).zip(TEMPLATES) {
        let input = generator::Input {
            level: *level,
            days_per_week: *days,
            session_minutes: *minutes,
            items: wish::items(&[(*equipment).to_owned()]).0,
            equipment: vec![(*equipment).to_owned()],
            ..generator::Input::new(*goal)
        };
        let plan = generator::generate(&input).map_err(wish::refusal)?;
        let blocks = Prepared::of(&plan.blocks)?;
        let at = seed.ago(115 - place, 2);
        let template = Template {
            id: TemplateId::new(at),
            name: (*name).to_owned(),
            notes: None,
            goal: Some(goal.name().to_owned()),
            cycles: blocks.cycles,
            version: 1,
            created_at: at,
            updated_at: at,
            blocks: blocks.json,
        };
        let permit = seed.permit::<ProgramsWrite>(at)?;
        seed.marks.push((Kind::Template, template.id.to_string()));
        seed.at(at, move |tx| {
            templates::actions::create(tx, &permit, &template)
        });
    }
    Ok(())
}

/// Programs and the logs of their sessions.
pub(super) fn training(seed: &mut Seed<'_>) -> Result<()> {
    for (story, client) in STORIES.iter().zip(seed.clients.clone()) {
        // On another day a client has other sessions; nobody else's shall change by that.
        seed.chance = Chance::of(story.email);
        let periods = follow(seed, story, &client)?;
        log(seed, story, &client, &periods)?;
        if let Shape::Knee(days) = story.course.shape {
            go_easy_on_the_knee(seed, &client, days - 1)?;
        }
        draft_next(seed, story, &client)?;
    }
    Ok(())
}

/// A program as it was followed.
struct Period {
    program: Program,
    plan: Plan,
    /// The last day of it.
    until: Date,
}

fn planned(story: &Story, client: &PlannedClient, goal: Goal, start: Option<Date>) -> Result<Plan> {
    let mut new = NewProgram {
        goal: Some(goal),
        preferred_days: Some(story.course.days.to_vec()),
        ..NewProgram::default()
    };
    if start.is_none() && matches!(story.course.shape, Shape::Knee(_)) {
        new.limitations = Some(vec![Limitation::Knee]);
    }
    let input = wish::input(&new, &client.client, start, History::default())?;
    generator::generate(&input).map_err(wish::refusal)
}

fn whole(
    client: &PlannedClient,
    (plan, name): (&Plan, String),
    start_date: Option<Date>,
    at: Timestamp,
) -> Result<WholeProgram> {
    let blocks = Prepared::of(&plan.blocks)?;
    let generation = serde_json::to_string(&plan.generation);
    Ok(WholeProgram {
        program: Program {
            id: ProgramId::new(at),
            client_id: client.client.id,
            status: Status::Draft,
            name,
            notes: Some(plan.notes.clone()),
            goal: Some(plan.generation.inputs.goal.name().to_owned()),
            start_date,
            cycles: blocks.cycles,
            template_id: None,
            metadata: Vec::new(),
            generated: true,
            activated_at: None,
            completed_at: None,
            archived_at: None,
            version: 1,
            created_at: at,
            updated_at: at,
        },
        generation: Some(generation.map_err(crate::error::Error::internal)?),
        blocks: blocks.json,
    })
}

/// When each program began, the last one last; those that would have begun before the client came
/// are left out.
fn starts(
    story: &Story,
    client: &PlannedClient,
    (today, added): (Date, Date),
) -> Result<Vec<(&'static str, Plan, Date)>> {
    let Course {
        programs, weeks_in, ..
    } = &story.course;
    let monday = |day: Date| day.plus_days(-i64::from(day.weekday()));
    let mut start = monday(today).plus_days(-7 * (weeks_in - 1));
    let mut found = Vec::new();
    for (place, (name, goal)) in programs.iter().enumerate().rev() {
        let mut plan = planned(story, client, *goal, Some(start))?;
        let days = i64::from(Prepared::of(&plan.blocks)?.cycles.days());
        if place + 1 < programs.len() {
            start = start.plus_days(-days);
            if let Turn::CameBack(..) = story.turn {
                // What was followed before the break has nothing to do with what came after it.
                start = monday(added).plus_days(7);
            }
        }
        if start <= added {
            break;
        }
        (*name).clone_into(&mut plan.name);
        found.push((*name, plan, start));
    }
    found.reverse();
    Ok(found)
}

/// Makes and activates each program in its time.
fn follow(seed: &mut Seed<'_>, story: &Story, client: &PlannedClient) -> Result<Vec<Period>> {
    let (today, added) = (client.day(seed.now), client.day(client.added_at));
    let mut periods: Vec<Period> = Vec::new();
    for (name, plan, start) in starts(story, client, (today, added))? {
        let activated_at = client.at(start, 5, 30);
        let made_at = client
            .at(start.plus_days(-3), 19, 10)
            .max(client.added_at.plus_ms(HOUR_MS));
        let whole = whole(client, (&plan, name.to_owned()), Some(start), made_at)?;
        let program = whole.program.clone();
        seed.filled.programs += 1;
        let permit = seed.permit::<ProgramsWrite>(made_at)?;
        seed.at(made_at, move |tx| {
            programs::actions::create(tx, &permit, &whole)
        });
        let (id, permit) = (program.id, seed.permit::<ProgramsWrite>(activated_at)?);
        seed.at(activated_at, move |tx| {
            let activation = Activation {
                start_date: None,
                acknowledge_warnings: Some(true),
            };
            programs::actions::activate(tx, &permit, id, &activation).map(drop)
        });
        if let Some(former) = periods.last_mut() {
            former.until = start.plus_days(-1).min(former.until);
        }
        periods.push(Period {
            program,
            plan,
            until: today,
        });
    }
    let ended = match story.turn {
        Turn::CameBack(left, _) => periods.first_mut().map(|first| (first, seed.ago(left, 4))),
        Turn::Left(left) => periods.last_mut().map(|last| (last, seed.ago(left, 4))),
        Turn::Active | Turn::Invited | Turn::Paused(_) | Turn::AskedAgain(_) => None,
    };
    if let Some((period, at)) = ended {
        period.until = client.day(at).plus_days(-1);
        let (id, permit) = (period.program.id, seed.permit::<ProgramsWrite>(at)?);
        seed.at(at, move |tx| {
            programs::actions::complete(tx, &permit, id).map(drop)
        });
    }
    Ok(periods)
}

/// Logs what was done of each session that has come.
fn log(
    seed: &mut Seed<'_>,
    story: &Story,
    client: &PlannedClient,
    periods: &[Period],
) -> Result<()> {
    let Some(first) = periods.first().and_then(|period| period.program.start_date) else {
        return Ok(());
    };
    let today = client.day(seed.now);
    let mut days = Vec::new();
    for period in periods {
        let sessions = sessions(&period.plan);
        for due in adherence::planned(&period.program, &period.plan.blocks, period.until) {
            let Some(session) = sessions.get(&due.place).copied() else {
                continue;
            };
            days.push((due, session, period.program.id));
        }
    }
    let last_of = |slug: &str| {
        let mut latest = days.iter().rev().filter(|(due, ..)| due.day < today);
        latest
            .find(|(_, session, _)| performed::holds(session, slug))
            .map(|(due, ..)| due.day)
    };
    let record_on = if let Shape::Record(slug, ..) = story.course.shape {
        last_of(slug)
    } else {
        None
    };
    for (due, session, program) in &days {
        let minute = i8::try_from(seed.chance.below(50)).unwrap_or(0);
        let at = client.at(due.day, story.course.hour, minute);
        let day = Day {
            session,
            week: first.days_until(due.day) / 7,
            ago: due.day.days_until(today),
            week_of_block: i64::from(due.place.week),
            deload: due.deload,
            record: record_on == Some(due.day),
        };
        let made = performed::perform(&mut seed.chance, story, &day);
        let Some((status, content)) = made.filter(|_| at < seed.now) else {
            continue;
        };
        let log = workouts::WorkoutLog {
            id: WorkoutLogId::new(at),
            client_id: client.client.id,
            performed_on: due.day,
            status,
            program_id: Some(*program),
            place: Some(due.place),
            content,
            version: 1,
            created_at: at,
            updated_at: at,
        };
        let permit = seed.permit::<ProgramsWrite>(at)?;
        seed.filled.workout_logs += 1;
        seed.at(at, move |tx| {
            workouts::actions::log(tx, &permit, log).map(drop)
        });
    }
    Ok(())
}

/// The sessions of a plan by their places.
fn sessions(plan: &Plan) -> BTreeMap<workouts::Place, &programs::model::Session> {
    let mut found = BTreeMap::new();
    for (number, block) in (1..).zip(&plan.blocks) {
        for week in 1..=block.weeks() {
            for (session, (_, index)) in (1..).zip(block.week(week)) {
                let place = workouts::Place {
                    block: number,
                    week,
                    session,
                };
                found.extend(block.sessions.get(index).map(|session| (place, session)));
            }
        }
    }
    found
}

/// The coach notes the knee in the profile.
fn go_easy_on_the_knee(seed: &mut Seed<'_>, client: &PlannedClient, days_ago: i64) -> Result<()> {
    let (id, at) = (client.client.id, seed.ago(days_ago, 1));
    let permit = seed.permit::<ClientsWrite>(at)?;
    seed.at(at, move |tx| {
        let patch = clients::ClientPatch {
            limitations: crate::api::json::Patch::Set(vec!["knee"]),
            ..clients::ClientPatch::default()
        };
        clients::actions::update(tx, &permit, id, &IfMatch::default(), patch).map(drop)
    });
    Ok(())
}

/// The draft of what comes next, which waits for the coach.
fn draft_next(seed: &mut Seed<'_>, story: &Story, client: &PlannedClient) -> Result<()> {
    let Some(goal) = story.course.next else {
        return Ok(());
    };
    let at = seed.ago(0, 20).max(client.added_at.plus_ms(HOUR_MS));
    let plan = planned(story, client, goal, None)?;
    let name = plan.name.clone();
    let whole = whole(client, (&plan, name), None, at)?;
    seed.filled.programs += 1;
    let permit = seed.permit::<ProgramsWrite>(at)?;
    seed.at(at, move |tx| programs::actions::create(tx, &permit, &whole));
    Ok(())
}
