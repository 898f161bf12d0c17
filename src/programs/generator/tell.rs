//! What is said about a plan: its name, its notes, its volume, what is missing, what to look at.

use super::pick::Chooser;
use super::policy::{self, Goal, Group};
use super::{Cardio, Day, Gap, Input, Stage, UNITS_OF_A_SET, Volume, Warning, volume};
use crate::exercises::catalogue::Level;
use crate::values::Decimal;

/// Weekly sets, aimed at and planned.
pub(super) fn volumes(chooser: &Chooser<'_>, input: &Input, days: &[Day]) -> Vec<Volume> {
    let targets = volume::told_targets(input);
    let planned = [Stage::First, Stage::Peak].map(|stage| volume::of_week(chooser, days, stage));
    let volumes = Group::CHOICES.iter().map(|(name, group)| {
        let group = *group as usize;
        Volume {
            muscle: (*name).to_owned(),
            target: [0, 1].map(|stage| targets[stage][group] / UNITS_OF_A_SET),
            planned: [0, 1]
                .map(|stage| Decimal::from_thousandths(i64::from(planned[stage][group]) * 500)),
        }
    });
    volumes.collect()
}

/// What of the targets is not reached.
pub(super) fn gaps(
    chooser: &Chooser<'_>,
    input: &Input,
    days: &[Day],
    cardio: &[Cardio],
    gaps: &mut Vec<Gap>,
) {
    let about = |kind: &str, muscle: Option<&str>, message| Gap {
        kind: kind.to_owned(),
        session: None,
        muscle: muscle.map(str::to_owned),
        message,
    };
    if input.days_per_week >= 2 {
        for group in policy::MAJOR {
            let times = volume::frequency(chooser, days, group);
            if times < 2 {
                let name = group.name();
                let often = if times == 0 {
                    "Never trained"
                } else {
                    "Trained once a week"
                };
                let message = format!("{often} instead of twice a week: {name}.");
                gaps.push(about("frequency", Some(name), message));
            }
        }
    }
    let [target, _] = volume::told_targets(input);
    let planned = volume::of_week(chooser, days, Stage::First);
    for (name, group) in Group::CHOICES {
        let (target, planned) = (target[*group as usize], planned[*group as usize]);
        if planned + UNITS_OF_A_SET <= target {
            let planned = Decimal::from_thousandths(i64::from(planned) * 500);
            let target = target / UNITS_OF_A_SET;
            let message = format!("{planned} sets of {target} in the first week: {name}.");
            gaps.push(about("volume", Some(name), message));
        }
    }
    if let Some(week) = cardio
        .first()
        .filter(|week| week.planned_minutes < week.target_minutes)
    {
        let (target, planned) = (week.target_minutes, week.planned_minutes);
        let message = format!(
            "{planned} of {target} minutes of cardio are in the sessions; the rest is for other days."
        );
        if policy::fills_with_conditioning(input.goal) {
            gaps.push(about("cardio", None, message));
        }
    }
}

pub(super) fn notes(input: &Input, cardio: &[Cardio]) -> String {
    let mut notes =
        vec!["A rule-based draft: a coach looks through it before it is activated.".to_owned()];
    if let (Some(first), Some(last)) = (cardio.first(), cardio.last()) {
        notes.push(format!(
            "Cardio: {} minutes in the first week, rising to {}, {} of them in the sessions; walk or cycle the rest on other days.",
            first.target_minutes, last.target_minutes, first.planned_minutes
        ));
    }
    if policy::weeks(input.goal, input.level as usize).1 == 0 && !input.is_easy() {
        notes.push(
            "No deload is planned: put in a light week when two weeks show much soreness, bad sleep or missed sessions.".to_owned(),
        );
    }
    notes.join(" ")
}

pub(super) fn warn(input: &Input, warnings: &mut Vec<Warning>) {
    if input.is_easy() {
        let message = "A physician has to agree before this program is activated. It is kept easy throughout: \
                       4 repetitions in reserve, no intervals, no growth.";
        warnings.insert(0, Warning::of_all("needs_clearance", true, message));
    } else if !input.limitations.is_empty() {
        let message =
            "Movements to avoid are left out. A coach is no physician: pain that stays is for one.";
        warnings.insert(0, Warning::of_all("limitations", false, message));
    }
    if input.level == Level::Beginner && input.days_per_week > policy::BEGINNER_LIFTING_DAYS {
        let message = "A beginner lifts on 4 days at most: the other days are easy.";
        warnings.push(Warning::of_all("lifting_days", false, message));
    }
}

pub(super) fn name(input: &Input) -> String {
    let goal = match input.goal {
        Goal::Hypertrophy => "Hypertrophy",
        Goal::Strength => "Strength",
        Goal::FatLoss => "Fat loss",
        Goal::Endurance => "Endurance",
        Goal::General => "General fitness",
    };
    let (load, deload) = policy::weeks(input.goal, input.level as usize);
    let days = match input.days_per_week {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    format!("{goal}, {days} a week, {} weeks", load + deload)
}
