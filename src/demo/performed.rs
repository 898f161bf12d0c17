//! What became of a planned session: sets with believable loads, or a reason why there are none.

use super::courses::{Effort, Shape};
use super::loads::{self, Strength};
use super::seed::Chance;
use super::stories::{Story, Turn};
use crate::exercises::catalogue::{Catalogue, Exercise, Pattern, Tag};
use crate::programs::model::{Amount, Prescription, Session, SetEntry, SetKind, WeightUnit};
use crate::values::Decimal;
use crate::workouts::{Content, LogStatus, LoggedExercise, LoggedSet, Weight};

/// Within so many days nobody but the one with a record lifts more than before: one record stands
/// out among fourteen people, and not fourteen.
const QUIET_DAYS: i64 = 8;

/// A session on its day.
pub(super) struct Day<'a> {
    /// What was planned.
    pub(super) session: &'a Session,
    /// Weeks since training began.
    pub(super) week: i64,
    /// Days before now.
    pub(super) ago: i64,
    /// The week of its block, from 1.
    pub(super) week_of_block: i64,
    /// Little was asked for on purpose.
    pub(super) deload: bool,
    /// The day of the record.
    pub(super) record: bool,
}

impl Day<'_> {
    /// Whether less is lifted than before, with as few repetitions as are asked for.
    fn is_quiet(&self) -> bool {
        self.ago < QUIET_DAYS && !self.record
    }
}

/// Whether a session has an exercise.
pub(super) fn holds(session: &Session, slug: &str) -> bool {
    let mut all = session.groups.iter().flat_map(|group| &group.prescriptions);
    all.any(|prescription| prescription.exercise == slug)
}

const EXCUSES: &[&str] = &[
    "Had a cold.",
    "Travelled for work.",
    "A child was ill.",
    "Slept three hours.",
];
const CUT_SHORT: &[&str] = &[
    "Ran out of time.",
    "The gym closed early.",
    "Was called away.",
    "Enough for today.",
];

fn excused(reason: &str) -> (LogStatus, Content) {
    let content = Content {
        skipped_reason: Some(reason.to_owned()),
        ..Content::default()
    };
    (LogStatus::Excused, content)
}

fn missed() -> (LogStatus, Content) {
    (LogStatus::Missed, Content::default())
}

/// What became of a session; none if nobody wrote anything down.
pub(super) fn perform(
    chance: &mut Chance,
    story: &Story,
    day: &Day<'_>,
) -> Option<(LogStatus, Content)> {
    let course = &story.course;
    let (luck, choice) = (chance.below(100), chance.below(100));
    let status = match course.shape {
        Shape::Away(days, why) if day.ago <= days => return Some(excused(why)),
        Shape::Slipping(days) if day.ago <= days => {
            return (choice < 30).then(missed);
        }
        Shape::Knee(days) if day.ago <= days => LogStatus::Partial,
        Shape::OnPlan
        | Shape::Record(..)
        | Shape::Plateau(_)
        | Shape::Slipping(_)
        | Shape::Knee(_)
        | Shape::Away(..) => {
            if !day.record && luck >= course.kept {
                return match choice % 3 {
                    0 => chance.pick(EXCUSES).map(|reason| excused(reason)),
                    1 => Some(missed()),
                    _ => None,
                };
            }
            if choice < 7 && !day.record {
                LogStatus::Partial
            } else {
                LogStatus::Done
            }
        }
    };
    Some(carried_out(chance, story, day, status))
}

fn carried_out(
    chance: &mut Chance,
    story: &Story,
    day: &Day<'_>,
    mut status: LogStatus,
) -> (LogStatus, Content) {
    let all = day
        .session
        .groups
        .iter()
        .flat_map(|group| &group.prescriptions);
    let mut exercises: Vec<LoggedExercise> = all
        .filter_map(|prescription| exercise(chance, story, day, prescription))
        .collect();
    let hurts = exercises
        .iter()
        .any(|done| done.sets.iter().any(|set| set.pain == Some(true)));
    let mut skipped_reason = None;
    if matches!(story.course.shape, Shape::Knee(days) if day.ago <= days) && !hurts {
        status = LogStatus::Done;
    }
    if status == LogStatus::Partial && !hurts {
        let kept = exercises.len().div_ceil(2);
        exercises.truncate(kept);
        skipped_reason = chance.pick(CUT_SHORT).map(|reason| (*reason).to_owned());
    }
    let minutes = u32::from(day.session.minutes.unwrap_or(45));
    let late = u32::try_from(chance.below(14)).unwrap_or(0);
    let minutes = if status == LogStatus::Partial {
        minutes * 6 / 10
    } else {
        minutes
    };
    let remark = (chance.below(5) == 0).then(|| turn(story.course.remarks, day.week));
    let rpe = if day.deload {
        5_000
    } else {
        6_500 + 500 * i64::try_from(chance.below(4)).unwrap_or(0)
    };
    let content = Content {
        name: None,
        duration_min: Some((minutes + late).saturating_sub(5).max(10)),
        session_rpe: Some(Decimal::from_thousandths(rpe)),
        notes: remark.flatten().map(|remark| (*remark).to_owned()),
        skipped_reason,
        exercises,
    };
    (status, content)
}

/// One after the other, so that nobody repeats what they have just said.
pub(super) fn turn<T>(from: &[T], number: i64) -> Option<&T> {
    let count = i64::try_from(from.len()).ok().filter(|count| *count > 0)?;
    from.get(usize::try_from(number.rem_euclid(count)).ok()?)
}

/// How strong the client is on a day.
fn strength(story: &Story, day: &Day<'_>) -> Strength {
    let course = &story.course;
    let a_week = match story.experience {
        "beginner" => 13,
        "intermediate" => 7,
        _ => 4,
    };
    let mut week = day.week;
    if let Shape::Plateau(days) = course.shape {
        week = week.min(day.week + (day.ago - days) / 7);
    }
    let mut gained = a_week * week.max(0);
    if matches!(story.turn, Turn::CameBack(_, until) if day.ago <= until) {
        gained = -150;
    }
    let share = match (day.deload, day.is_quiet()) {
        (true, _) => 78,
        (false, true) => 85,
        (false, false) => 90,
    };
    Strength {
        percent: course.strength,
        gained,
        share,
    }
}

fn amount(amount: Amount, week: i64) -> u32 {
    let (least, most) = (amount.min(), amount.max());
    let span = i64::from(most.saturating_sub(least)) + 1;
    let more = u32::try_from((week - 1).max(0) % span).unwrap_or(0);
    least + more
}

fn exercise(
    chance: &mut Chance,
    story: &Story,
    day: &Day<'_>,
    planned: &Prescription,
) -> Option<LoggedExercise> {
    let catalogue = Catalogue::embedded().get(&planned.exercise)?;
    let work: Vec<&SetEntry> = planned.sets.iter().filter(|set| set.is_work()).collect();
    if work.is_empty() {
        return None;
    }
    let sore = matches!(story.course.shape, Shape::Knee(days) if day.ago <= days);
    if sore && catalogue.tags.contains(&Tag::Run) {
        return Some(on_the_bike(planned, day));
    }
    let mut done = LoggedExercise {
        exercise: planned.exercise.clone(),
        sets: Vec::new(),
        substituted_for: None,
        skipped_reason: None,
        note: None,
    };
    let hurts = sore && matches!(catalogue.pattern, Pattern::Squat | Pattern::Lunge);
    if hurts && chance.below(2) == 0 {
        done.skipped_reason = Some("Knee.".to_owned());
        return Some(done);
    }
    for entry in work {
        for number in 0..entry.count() {
            done.sets
                .push(set(chance, story, (day, catalogue), entry, number));
        }
    }
    if hurts {
        done.sets.truncate(2);
        if let Some(last) = done.sets.last_mut() {
            last.pain = Some(true);
            last.note =
                Some("Left knee, below the cap, from the third repetition on. Stopped.".to_owned());
        }
    }
    if let Shape::Record(slug, thousandths, reps) = story.course.shape
        && day.record
        && slug == planned.exercise
        && let Some(top) = done.sets.first_mut()
    {
        top.kind = Some(SetKind::Top);
        top.reps = Some(reps);
        top.load = Some(Weight {
            value: Decimal::from_thousandths(thousandths),
            unit: WeightUnit::Kg,
        });
        top.rpe = Some(Decimal::from_thousandths(9_500));
        top.note = Some("The second one stood up by itself.".to_owned());
    }
    Some(done)
}

/// What is done instead of a run that would hurt.
fn on_the_bike(planned: &Prescription, day: &Day<'_>) -> LoggedExercise {
    let minutes = planned
        .sets
        .iter()
        .filter_map(|set| set.seconds)
        .map(Amount::max);
    LoggedExercise {
        exercise: "exercise-bike".to_owned(),
        sets: vec![LoggedSet {
            seconds: Some(minutes.max().unwrap_or(1_500)),
            ..LoggedSet::default()
        }],
        substituted_for: Some(planned.exercise.clone()),
        skipped_reason: None,
        note: (day.ago > 7).then(|| "The knee takes the bike better than the road.".to_owned()),
    }
}

fn set(
    chance: &mut Chance,
    story: &Story,
    (day, catalogue): (&Day<'_>, &Exercise),
    entry: &SetEntry,
    number: u32,
) -> LoggedSet {
    let week = if day.is_quiet() { 1 } else { day.week_of_block };
    let mut reps = entry.reps.map(|reps| amount(reps, week));
    let mut strength = strength(story, day);
    if entry.kind == Some(SetKind::Backoff) {
        strength.share -= 8;
    }
    let unit = if story.units == "imperial" {
        WeightUnit::Lb
    } else {
        WeightUnit::Kg
    };
    // The load is that of the most repetitions: they grow first, and then it does.
    let most = entry.reps.map(Amount::max);
    let load = most.and_then(|most| loads::load(catalogue, strength, most, unit));
    // The last sets are the ones where a repetition is missing.
    if number >= 2 && chance.below(3) == 0 {
        reps = reps.map(|reps| reps.saturating_sub(1).max(1));
    }
    let hard = day.week_of_block.min(4) + i64::from(number);
    let told = entry.reps.is_some() && !day.deload;
    LoggedSet {
        kind: entry.kind.filter(|kind| *kind != SetKind::Working),
        reps,
        seconds: entry.seconds.map(|seconds| amount(seconds, week)),
        metres: entry.metres.map(|metres| amount(metres, week)),
        load,
        rpe: (told && story.course.effort == Effort::Rpe)
            .then(|| Decimal::from_thousandths((6_500 + 500 * hard).min(9_500))),
        rir: (told && story.course.effort == Effort::Rir)
            .then(|| Decimal::whole((4 - hard / 2).max(0))),
        ..LoggedSet::default()
    }
}
